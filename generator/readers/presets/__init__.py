"""Exports of invoicing programs, as data: which of their columns is which of ours, and what their words for a status mean.

A preset is one TOML file of this folder, made from the program's own source; `docs/how-to/exports.md` says from which. What a file
does not have is looked for under our own names and aliases, and the owner's word comes before all.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from generator.checks import slug
from generator.domain.ledger import SourceRef
from generator.problems import policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from generator.config import Settings
    from generator.domain.ledger import Problem

FORMAT = "sheet"  #: the format of a ledger that a preset is for
_SETTLED = frozenset({"draft", "paid", "void"})  #: nothing is left to pay, whatever a column says
_WITHOUT = "without"
_LOOKED_AT = 40  #: rows at the top of a sheet
_FEWEST = 3  #: names that a row of headers has

SheetRow = tuple[int, list[str], bool]  #: its line, its cells, and whether they need a closer look


@dataclass(frozen=True, slots=True)
class Preset:
    """One program's export of invoices.

    `columns`: ours → the names that it may have there, as bare words. `amounts`: columns of amounts that belong together; the
    first set that is whole counts, unless a column that it must stand `without` is there. `words`: what stands in the status
    column → our word. `besides`: what is not read.
    """

    columns: Mapping[str, tuple[str, ...]]
    amounts: tuple[Mapping[str, tuple[str, ...]], ...]
    words: Mapping[str, str]
    besides: frozenset[str]

    def hints(self, owners: Mapping[str, str]) -> dict[str, str]:
        """Every name that may stand in the file, as a mapping, for what only asks which words name columns."""
        together = (*self.columns.items(), *(pair for one in self.amounts for pair in one.items()))
        return {f"{column} {place}": name for column, names in together for place, name in enumerate(names)} | dict(
            owners
        )

    def apply(self, sheets: Iterable[list[SheetRow]], owners: Mapping[str, str]) -> dict[str, str]:
        """Rewrites the rows of these sheets in our words. Our columns → their headers, as `[ledger.columns]` would say it.

        `owners` is what it does say, and comes before all.
        """
        found: dict[str, str] = {}
        for rows in sheets:
            index = self._find_headers(rows)
            if index < 0:
                continue
            headers = rows[index][1]
            mapping = self.mapping(headers, owners)
            named = {slug(header) for header in mapping.values()}
            for place, header in enumerate(headers):
                if slug(header) in self.besides - named:
                    headers[place] = ""  # known, and not read: no alias shall take it for another
            words = [slug(header) for header in headers]
            at = {column: words.index(word) for column, header in mapping.items() if (word := slug(header)) in words}
            for _, cells, _ in rows[index + 1 :]:
                self.translate(cells, at)
            found = mapping | found
        return found | dict(owners)

    def mapping(self, headers: Sequence[str], owners: Mapping[str, str]) -> dict[str, str]:
        """Our columns → the headers of one sheet."""
        there = {slug(header): header for header in reversed(headers) if header}
        found = {column: header for column, names in self.columns.items() if (header := _first(names, there))}
        for together in self.amounts:
            whole = {column: _first(names, there) for column, names in together.items() if column != _WITHOUT}
            if all(whole.values()) and not _first(together.get(_WITHOUT, ()), there):
                found |= whole
                break
        return found | {column: header for column, header in owners.items() if slug(header) in there}

    def translate(self, cells: list[str], at: Mapping[str, int]) -> None:
        """Rewrites the status of a row in our words, and its balance with the sign of its total."""
        place = at.get("status", -1)
        word = self.words.get(slug(cells[place]), "") if 0 <= place < len(cells) else ""
        if word:
            cells[place] = word
        balance, total = at.get("balance", -1), at.get("total", -1)
        if not 0 <= balance < len(cells):
            return
        if word in _SETTLED:
            cells[balance] = ""
        elif 0 <= total < len(cells) and cells[total].startswith("-") and cells[balance][:1].isdigit():
            cells[balance] = f"-{cells[balance]}"

    def _find_headers(self, rows: Sequence[SheetRow]) -> int:
        """The place of the row near the top that has most of the names; -1 when none has enough."""
        known = {slug(name) for name in self.hints({}).values()}
        counts = [len({slug(cell) for cell in cells} & known) for _, cells, _ in rows[:_LOOKED_AT]]
        most = max(counts, default=0)
        return counts.index(most) if most >= _FEWEST else -1


def _first(names: Iterable[str], there: Mapping[str, str]) -> str:
    return next((there[name] for name in names if name in there), "")


@cache
def names() -> tuple[str, ...]:
    """The programs whose exports are known."""
    return tuple(
        sorted(path.name.removesuffix(".toml") for path in files(__name__).iterdir() if path.name.endswith(".toml"))
    )


@cache
def preset(name: str) -> Preset:
    """A preset by its name, which is one of `names`."""
    data = tomllib.loads(files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    return Preset(
        columns=_bare(data["columns"]),
        amounts=tuple(_bare(together) for together in data["amounts"]),
        words=data["words"],
        besides=frozenset(map(slug, data["besides"])),
    )


def preset_problems(settings: Settings) -> list[Problem]:
    """What is wrong with the preset that the policy names: none is called so, or the ledger is no export of invoices."""
    ledger = settings.ledger
    if not ledger.preset or (ledger.preset in names() and ledger.format == FORMAT):
        return []
    advice = f"Write one of: {', '.join(names())}."
    if ledger.preset in names():
        advice = f'A preset is about an export in one file: write format = "{FORMAT}" and file = "…", or take the preset out.'
    return [policy.POLICY_WRONG_VALUE.at(SourceRef("portal.toml"), ledger.preset, key="ledger.preset", advice=advice)]


def _bare(columns: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {column: tuple(map(slug, headers)) for column, headers in columns.items()}
