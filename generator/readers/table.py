"""The text of a CSV file → rows with their line numbers, under our names for the columns."""

from __future__ import annotations

import csv
import io
import os
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from generator.checks import SUSPICIOUS, Clean, clean, slug
from generator.domain.ledger import Problem, SourceRef
from generator.problems import cells as flaws
from generator.problems import files, quoted
from generator.readers.cells import amount_text
from generator.readers.columns import SEVERAL_LINES, FileColumns
from generator.readers.files import read_text
from generator.readers.placing import place
from generator.readers.row import SPOILT, Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SEPARATOR_LINE = re.compile(r"\s*\"?sep=(.)\"?[ \t]*(?:\r\n|\r|\n)", re.IGNORECASE)
_SEPARATORS = (";", ",", "\t")
TOTAL_WORDS = re.compile(
    r"(?:grand_|sous_|sub_?)?tota(?:l|ux)(?:_.*)?|somme(?:_.*)?|cumul(?:_.*)?|solde(?:_.*)?|nombre_de_.*|moyenne|average|sum|balance|a_reporter|report"
)
_ABSENT = -1  #: the place of every column that a file lacks: the empty cell at the end of each row
_MARKS = {",": "comma", ".": "point"}
_AMOUNT_COLUMNS = frozenset({"total", "amount"})


class Table:
    """One file of the ledger, read. `known` is whether all its rows could be seen: else nothing can be called unknown.

    A source that holds no such table by itself (entries of accounts, e-invoices) makes one with `of` and `add`: from then on
    its facts are read, checked and told of like everybody's.
    """

    def __init__(self, columns: FileColumns, file: str) -> None:
        """A table without rows, as of a file that is not there."""
        self.columns = columns
        self.file = file
        self.files = {file}
        self.at = dict.fromkeys(columns.aliases, _ABSENT)
        self.headers: list[str] = []
        self.rows: list[Row] = []
        self.problems: list[Problem] = []
        self.known = True
        self.separator = ""
        self._marks: dict[str, str] = {}

    @classmethod
    def of(cls, columns: FileColumns, file: str, named: Mapping[str, str]) -> Table:
        """A table without rows yet. `named` are those of our columns that its source can fill in, each as the source calls it."""
        table = cls(columns, file)
        table.headers = list(named.values())
        table.at |= {column: index for index, column in enumerate(named)}
        return table

    def add(self, line: int, values: Mapping[str, str], file: str = "") -> Row:
        """Adds a row: the text of each of our columns, as its source shows it. `file` is where it stands, if not in the table's."""
        cells = [""] * (len(self.headers) + 1)
        for column, text in values.items():
            cells[self.at[column]] = text.strip()
        cells[-1] = ""  # of every column that the source lacks
        row = Row(self, line, cells, file)
        text = "".join(cells)
        if "\n" in text or "\r" in text or SUSPICIOUS.search(text):
            _clean(row, {index: column for column, index in self.at.items() if index != _ABSENT})
        self.files.add(row.file)
        self.rows.append(row)
        return row

    def fill(self, row: Row, column: str, text: str) -> None:
        """Writes into a cell what another source knows of the same fact; a column that the file lacks is added to all its rows."""
        if not self.has(column):
            self.at[column] = len(self.headers)
            self.headers.append(column)
            for other in self.rows:
                other.cells.insert(-1, "")
        row.cells[self.at[column]] = text

    @property
    def called(self) -> str:
        """What remedies call it: its path in the ledger folder, or the source that it was made from."""
        return self.columns.file if self.file.endswith(self.columns.file) else self.file

    def header(self, column: str) -> str:
        """What the owner calls one of our columns; our own name for a column that is not there."""
        index = self.at.get(column, _ABSENT)
        return column if index == _ABSENT else self.headers[index]

    def has(self, column: str) -> bool:
        """Whether the file has one of our columns."""
        return self.at.get(column, _ABSENT) != _ABSENT

    def ref(self, line: int = 0, column: str = "") -> SourceRef:
        """A place in this file."""
        return SourceRef(self.file, line, self.header(column) if column else "")

    def mark(self, column: str) -> str:
        """The decimal mark of a column of amounts, as its cells show it: one column has one. Nothing when none of them tells."""
        if column not in self._marks:
            self._marks[column] = self._decide_mark(column)
        return self._marks[column]

    def _decide_mark(self, column: str) -> str:
        index = self.at[column]
        first: Row | None = None
        mark = ""
        for row in self.rows:
            amount = amount_text(row.cells[index]) if row.cells[index] else None
            if amount is None or amount.mark in {"", mark}:
                continue
            if first is None:
                first, mark = row, amount.mark
                continue
            self.problems.append(
                flaws.AMOUNT_STYLES_MIXED.at(
                    row.ref(column),
                    row.cells[index],
                    style=_MARKS[amount.mark],
                    other=quoted(first.cells[index]),
                    line=first.line,
                    other_style=_MARKS[mark],
                )
            )
            return ""
        return mark

    def refuse(self, problem: Problem) -> Table:
        """This table, of which a part could not be seen."""
        self.problems.append(problem)
        self.known = False
        return self


def read_table(path: Path, file: str, columns: FileColumns, mapping: Mapping[str, str]) -> Table:
    """One file of the ledger; `mapping` is the owner's word for which of their columns is which."""
    table = Table(columns, file)
    if not os.path.lexists(path):  # a link that leads nowhere is there, and is told
        if columns.optional_file:
            return table
        return table.refuse(files.FILE_MISSING.at(table.ref(), columns=", ".join(columns.required)))
    text = read_text(path, file)
    if isinstance(text, Problem):
        return table.refuse(text)
    first_line = 1
    if marked := SEPARATOR_LINE.match(text):
        text, first_line = text[marked.end() :], 2
    if not text.strip():
        return table.refuse(files.FILE_EMPTY.at(table.ref(), columns=", ".join(columns.required)))
    table.separator = marked[1] if marked else _separator(text, columns)
    records = records_of(table, text, table.separator, first_line)
    line, _, headers = next(records, (0, 0, []))
    if not headers:
        return table
    _name_columns(table, line, headers, mapping)
    _take_rows(table, records, wary=SUSPICIOUS.search(text) is not None)
    return table


def table_from(
    columns: FileColumns,
    file: str,
    mapping: Mapping[str, str],
    headers: list[str],
    records: Iterator[tuple[int, list[str], bool]],
    line: int = 0,
) -> Table:
    """A table of anything else that has named columns: ours are found among them as in a CSV file, and its rows judged alike.

    Each record comes with its number, and whether its texts need a closer look. `line` is where the headers stand.
    """
    table = Table(columns, file)
    _name_columns(table, line, headers, mapping)
    _take_rows(table, ((line, line + 1 + wary, cells) for line, cells, wary in records), wary=False)
    return table


def _separator(text: str, columns: FileColumns) -> str:
    """The separator that shows most of the columns we know; of equals, the one that cuts the first line into most cells."""
    line = next(line for line in io.StringIO(text, newline=None) if line.strip())
    names = {name for column, aliases in columns.aliases.items() for name in (column, *aliases)}

    def fits(separator: str) -> tuple[int, int]:
        cells = [slug(cell) for cell in line.split(separator)]
        return sum(cell in names for cell in cells), len(cells)

    return max(_SEPARATORS, key=fits)


def records_of(table: Table, text: str, separator: str, first_line: int) -> Iterator[tuple[int, int, list[str]]]:
    """Every row that is not blank, with the lines it begins on and ends before; a broken row is a problem and is passed over."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + first_line
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as broken:
            entry = files.LINE_TOO_LONG if "field limit" in str(broken) else files.QUOTE_BROKEN
            table.refuse(entry.at(table.ref(line)))
            continue
        if any(cells):
            yield line, reader.line_num + first_line, cells


def _name_columns(table: Table, line: int, headers: list[str], mapping: Mapping[str, str]) -> None:
    """Finds our columns among the owner's, and tells what is not found, or found more than once."""
    table.headers = headers
    found = place(table.columns, headers, mapping)
    table.at.update(found.at)
    for column, header in found.absent.items():
        known = ", ".join(filter(None, headers))
        told = {"column": column, "file": table.columns.name, "headers": known}
        table.refuse(files.COLUMN_MAPPED_ABSENT.at(table.ref(line), header, **told))
    for column, places in found.rivals.items():
        for other in places[1:]:
            table.refuse(_rivals(table, line, column, headers[places[0]], headers[other]))
    for column in table.columns.required:
        if not table.has(column) and column not in mapping:
            accepted = ", ".join((column, *table.columns.aliases[column][:5]))
            place_of = SourceRef(table.file, line, column)
            table.refuse(files.COLUMN_MISSING.at(place_of, accepted=accepted, column=column, file=table.columns.name))
    table.problems.extend(_unknown_column(table, line, headers[index], mapping) for index in found.left)


def _rivals(table: Table, line: int, column: str, first: str, other: str) -> Problem:
    where = SourceRef(table.file, line, other)
    if first == other:
        return files.COLUMN_TWICE.at(where, first, column=column)
    told = {"other": quoted(other), "column": column, "file": table.columns.name}
    return files.COLUMN_DUPLICATE.at(where, first, **told)


def _unknown_column(table: Table, line: int, header: str, mapping: Mapping[str, str]) -> Problem:
    lacking = {
        column: names
        for column, names in table.columns.aliases.items()
        if not table.has(column) and column not in mapping
    }
    free = [name for column, aliases in lacking.items() for name in (column, *aliases)]
    close = get_close_matches(slug(header), free, 1, cutoff=0.8)
    advice = f"Did you mean {close[0]}?" if close else "Nothing to do, if relance does not need it."
    return files.COLUMN_UNKNOWN.at(SourceRef(table.file, line, header), advice=advice)


def _take_rows(table: Table, records: Iterator[tuple[int, int, list[str]]], *, wary: bool) -> None:
    width = len(table.headers)
    required = [table.at[column] for column in table.columns.required if table.has(column)]
    identity = [index for index in required if index not in {table.at.get(column) for column in _AMOUNT_COLUMNS}]
    named = {index: column for column, index in table.at.items() if index != _ABSENT}
    add = table.rows.append
    for line, following, cells in records:
        if len(cells) > width:
            if extra := next(filter(None, cells[width:]), ""):  # its cells are not where they seem: none can be judged
                table.refuse(files.CELLS_EXTRA.at(table.ref(line), extra, count=len(cells), columns=width))
                continue
            del cells[width:]
        cells.extend([""] * (width - len(cells) + 1))
        row = Row(table, line, cells)
        if not all([cells[index] for index in required]) and (label := _total(cells, identity)):  # noqa: C419  (a list is faster here)
            needed = ", ".join(table.headers[index] for index in identity)
            table.problems.append(files.TOTAL_ROW.at(table.ref(line), label, columns=needed))
            continue
        if wary or following - line > 1:
            _clean(row, named)
        add(row)


def _total(cells: list[str], identity: list[int]) -> str:
    """What tells that a row adds up the others: it says so, or holds nothing but amounts. Nothing of what makes a row is there."""
    if not identity or any(cells[index] and not TOTAL_WORDS.fullmatch(slug(cells[index])) for index in identity):
        return ""
    filled = [cell for cell in cells if cell]
    if said := next((cell for cell in filled if TOTAL_WORDS.fullmatch(slug(cell))), ""):
        return said
    return filled[0] if all(amount_text(cell) for cell in filled) else ""


def _clean(row: Row, named: dict[int, str]) -> None:
    for index, column in named.items():
        text = row.cells[index]
        if not text:
            continue
        found = clean(text, lines=column in SEVERAL_LINES)
        if isinstance(found, Clean):
            row.cells[index] = found.text
            if found.flaw is not None:
                row.table.problems.append(found.flaw.at(row.ref(column), text))
        else:
            row.fail(found.at(row.ref(column), text))
            row.cells[index] = SPOILT
