"""One row of a table, asked for values by our names of its columns. What is wrong is noted, and the row has then failed."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from generator.checks import slug
from generator.domain.ledger import SourceRef
from generator.problems import Flaw, cells
from generator.readers import cells as read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from generator.domain.ledger import Problem
    from generator.domain.money import Money
    from generator.readers.table import Table

T = TypeVar("T")

#: Stands in a cell whose text was refused, and told, already: it is not read, nor is it missing.
SPOILT = "\0"

_NOWHERE_ELSE: Mapping[str, SourceRef] = MappingProxyType({})
#: What a person calls the dates of the ledger, for remedies.
_DATES = {
    "issued": "invoice date",
    "due": "due date",
    "date": "payment date",
    "paid_on": "payment date",
    "on": "promised date",
    "promised_on": "promised date",
}


class Row:
    """The cells of one row: as many as the header has, then an empty one for every column that the file lacks.

    `failed`: it holds an error, so no fact can be made of it. `file` is the row's own, where a table gathers several; `places` are
    those of cells that stand elsewhere than in the row.
    """

    __slots__ = ("_at", "cells", "failed", "file", "line", "places", "table")

    def __init__(self, table: Table, line: int, cells: list[str], file: str = "") -> None:
        """A row that begins on `line`."""
        self.table = table
        self.file = file or table.file
        self.line = line
        self.cells = cells
        self.failed = False
        self.places: Mapping[str, SourceRef] = _NOWHERE_ELSE
        self._at = table.at

    def text(self, column: str) -> str:
        """What is written, without spaces around it; nothing in a column that the file does not have."""
        return self.cells[self._at[column]]

    def set(self, column: str, text: str) -> None:
        """Writes what other columns of the source say between them into one of ours, which its table has."""
        self.cells[self._at[column]] = text

    def ref(self, column: str) -> SourceRef:
        """The place of a cell, under the owner's own name for the column."""
        return self.places.get(column) or SourceRef(self.file, self.line, self.table.header(column))

    @property
    def source(self) -> SourceRef:
        """The place of the row."""
        return SourceRef(self.file, self.line)

    def fail(self, problem: Problem) -> None:
        """Notes what is wrong with the row."""
        self.failed = True
        self.table.problems.append(problem)

    def need(self, column: str) -> str:
        """What is written in a column that every row must fill in. A column that is missing as a whole was said once."""
        text = self.cells[self._at[column]]
        if not text:
            self.failed = True
            if self.table.has(column):
                self.table.problems.append(cells.CELL_MISSING.at(self.ref(column), file=self.table.called))
        return text

    def value(self, column: str, text: str, found: T | Flaw) -> T | None:
        """A value that was read from a cell; its flaw becomes a problem at this place."""
        if text == SPOILT:
            return None
        if isinstance(found, Flaw):
            self.fail(found.at(self.ref(column), text, what=_DATES.get(column, column.replace("_", " "))))
            return None
        return found

    def read(self, column: str, reader: Callable[[str], T | Flaw]) -> T | None:
        """A cell through its reader; None for an empty one."""
        text = self.cells[self._at[column]]
        return self.value(column, text, reader(text)) if text else None

    def day(self, column: str) -> date | None:
        """A date; None for an empty cell."""
        text = self.cells[self._at[column]]
        if not text:
            return None
        found = read.day(text)
        return self.value(column, text, found) if isinstance(found, Flaw) else found

    def word(self, column: str, words: Mapping[str, T], default: T, what: str) -> T:
        """One of a few words, in French or English; `default` for an empty cell."""
        text = self.cells[self._at[column]]
        if not text:
            return default
        if text == SPOILT:
            return default
        found = words.get(slug(text))
        if found is None:
            accepted = ", ".join(dict.fromkeys(str(word) for word in words.values()))
            self.fail(cells.WORD_UNKNOWN.at(self.ref(column), text, what=what, accepted=accepted))
            return default
        return found

    def yes(self, column: str) -> bool:
        """Yes or no; no for an empty cell."""
        return self.word(column, YES_OR_NO, "no", "yes or no") == "yes"

    def money(self, column: str, currency: str) -> Money | None:
        """An amount that every row must fill in, read in the style of its column."""
        text = self.need(column)
        if not text:
            return None
        return self.value(column, text, read.amount(text, currency, self.table.mark(column)))

    def currency(self, default: str, *, beside: str) -> str:
        """The row's currency: its own column, else what is written beside the amount in the column `beside`, else `default`."""
        text = self.text("currency")
        if text:
            return self.value("currency", text, read.currency_code(text)) or default
        found = read.amount_text(self.text(beside))
        return (found.currency if found else "") or default


def place_of(first: Row, seen_from: Row) -> str:
    """Where a row stands, for one who looks at another: `on line 3`, or the file as well when it is another one."""
    return f"on line {first.line}" if first.file == seen_from.file else f"in {first.source}"


YES_OR_NO = dict.fromkeys(["yes", "oui", "y", "o", "true", "vrai", "1", "x"], "yes") | dict.fromkeys(
    ["no", "non", "n", "false", "faux", "0"], "no"
)
