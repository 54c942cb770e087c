"""The documents that stand behind the lines: invoices, each with a number of its own, whatever the accounts call their pieces."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.checks import fold
from generator.readers.fec.clusters import What

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from generator.readers.fec.entries import Line

_APART = re.compile(r"[,;\s]+")


@dataclass(slots=True, eq=False)
class Piece:
    """One invoice: the lines of one piece, of one client and day, add up. `left` is what nothing is known to have settled yet."""

    who: str
    issued: date
    currency: str
    lines: list[Line] = field(default_factory=list)
    number: str = ""
    status: str = ""
    left: int = 0

    @property
    def amount(self) -> int:
        """All of it, in its currency."""
        return sum(line.foreign for line in self.lines)


class Numbers:
    """Numbers that no two documents share. A piece that several clients have is told apart by the client's id."""

    def __init__(self, lines: Sequence[Line]) -> None:
        """`lines` are all that documents will be made of."""
        self._taken: set[str] = set()
        self._owners: dict[str, set[str]] = defaultdict(set)
        for line in lines:
            self._owners[fold(_wording(line))].add(line.who)

    def give(self, line: Line, client: str, also: str = "") -> str:
        """A number for the document that begins with a line; `also` is added where another document has it already."""
        number = _wording(line)
        if len(self._owners[fold(number)]) > 1:
            number = f"{number}-{client}"
        if also and fold(number) in self._taken:
            number = f"{number} ({also})"
        found, count = number, 1
        while fold(found) in self._taken:
            count += 1
            found = f"{number} ({count})"
        self._taken.add(fold(found))
        return found


def _wording(line: Line) -> str:
    """What the accounts call a piece; an opening balance that is none is called after its year."""
    piece = " ".join(filter(None, _APART.split(line.piece)))
    if line.opening and not any(character.isdigit() for character in piece):
        return f"AN-{line.day.year}"
    return piece or "-".join(filter(None, (line.entry[0], line.entry[-1])))


def pieces_of(
    lines: Sequence[Line], kinds: dict[int, What], numbers: Numbers, ids: Mapping[str, str]
) -> dict[int, Piece]:
    """The invoice behind each line that is part of one, by the line's identity.

    What is taken off again in the very entry of an invoice, under its piece, was never asked for.
    """
    found: dict[tuple[object, ...], Piece] = {}
    of: dict[int, Piece] = {}
    entered: dict[tuple[object, ...], Piece] = {}
    for line in sorted(lines, key=lambda line: (line.issued, line.file, line.number)):
        if kinds[id(line)] is not What.INVOICE:
            continue
        key = (line.who, line.piece or (line.file, line.entry), line.issued, line.currency, line.doubtful)
        piece = found.get(key)
        if piece is None:
            piece = found[key] = Piece(line.who, line.issued, line.currency)
            piece.number = numbers.give(line, ids[line.who])
        piece.lines.append(line)
        of[id(line)] = entered[_entry(line)] = piece
    for line in lines:
        if kinds[id(line)] is What.CREDIT_NOTE:
            same = entered.get(_entry(line))
            if same is not None and same.amount + line.foreign > 0:
                kinds[id(line)] = What.INVOICE
                same.lines.append(line)
                of[id(line)] = same
    for piece in found.values():
        piece.left = piece.amount
    return of


def _entry(line: Line) -> tuple[object, ...]:
    return (line.file, line.entry, line.who, line.piece, line.issued, line.currency)
