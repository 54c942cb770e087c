"""The files of several fiscal years → one list of lines: what a year opens with is what the year before ended with, and counts once.

The file of the later year knows best what is open. Where it opens with the very lines of the year before, or with their balance,
these lines stay, with their dates and numbers; where it opens with anything else, they go.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from generator.readers.fec.entries import Line, Year


@dataclass(slots=True)
class Books:
    """The lines of all years, each once. `differing` are clients who begin a year with another balance, by the file that says so."""

    lines: list[Line] = field(default_factory=list)
    differing: dict[str, list[str]] = field(default_factory=dict)


def join_years(years: Sequence[Year]) -> Books:
    """Puts years together, the earliest first."""
    books = Books()
    for index, year in enumerate(sorted(years, key=lambda year: (year.last, year.file))):
        _name_groups(year.lines, index)
        if not index or not any(line.opening for line in year.lines):
            books.lines += year.lines
            continue
        _carry_over(books, year)
    _reunite(books.lines, len(years) - 1)
    return books


def _reunite(lines: Sequence[Line], last: int) -> None:
    """Joins a lettering that goes on in another year. What was lettered in an earlier one with nothing that is there is open."""
    halves: dict[tuple[str, str, str], dict[str, list[Line]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        if line.group:
            halves[line.account, line.who, line.code][line.group].append(line)
    for groups in halves.values():
        single = [members for members in groups.values() if len({line.amount > 0 for line in members}) == 1]
        if len(single) == 2 and not sum(line.amount for members in single for line in members):  # noqa: PLR2004 - halves
            for line in single[0]:
                line.group = single[1][0].group
            continue
        for members in single:
            if members[0].amount > 0 and int(members[0].group.split()[0]) < last:
                for line in members:
                    line.group = ""


def _name_groups(lines: Iterable[Line], index: int) -> None:
    """A lettering is that of one account in one year. One code that was used again on another day is another lettering."""
    by_code: dict[tuple[str, str, str], list[Line]] = defaultdict(list)
    for line in lines:
        if line.code:
            by_code[line.account, line.who, line.code].append(line)
    for (account, who, code), members in by_code.items():
        by_day: Counter[str] = Counter()
        for line in members:
            by_day[str(line.code_day)] += line.amount
        again = len(by_day) > 1 and not any(by_day.values())
        for line in members:
            line.group = f"{index} {account} {who} {code} {line.code_day if again else ''}"


def _carry_over(books: Books, year: Year) -> None:
    """Adds a year that opens with balances of its own."""
    sums: Counter[str] = Counter()
    for line in books.lines:
        sums[line.group] += line.amount
    carried: dict[str, list[Line]] = defaultdict(list)
    for line in books.lines:
        if not line.group or sums[line.group]:
            carried[line.who].append(line)
    opened: dict[str, list[Line]] = defaultdict(list)
    for line in year.lines:
        if line.opening:
            opened[line.who].append(line)
    gone: set[int] = set()
    for who in dict.fromkeys([*carried, *opened]):
        before, now = carried.get(who, []), opened.get(who, [])
        if _continued(before, now):
            gone.update(map(id, now))
        else:
            gone.update(map(id, before))
            if sum(line.amount for line in before) != sum(line.amount for line in now):
                books.differing.setdefault(year.file, []).append(who)
    books.lines = [line for line in (*books.lines, *year.lines) if id(line) not in gone]


def _continued(before: Sequence[Line], now: Sequence[Line]) -> bool:
    """Whether a client's year opens with what was open, line by line or as one balance; these lines then take its lettering."""
    if not now:
        return not before or not sum(line.amount for line in before)
    left: dict[tuple[str, int], list[Line]] = defaultdict(list)
    for line in before:
        left[line.piece, line.amount].append(line)
    pairs = [(line, left[line.piece, line.amount].pop(0)) for line in now if left[line.piece, line.amount]]
    rest = [line for lines in left.values() for line in lines]
    if len(pairs) == len(now) and not sum(line.amount for line in rest):
        for line, same in pairs:
            _take_lettering(same, line)
        return True
    balance = sum(line.amount for line in before) == sum(line.amount for line in now)
    if not balance or (len(now) > 1 and any(line.group for line in now)):
        return False
    if now[0].group:
        for line in before:
            _take_lettering(line, now[0])
    return True


def _take_lettering(line: Line, later: Line) -> None:
    if not later.group:
        return
    line.group, line.code, line.code_day = later.group, later.code, later.code_day
