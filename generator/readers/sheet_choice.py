"""Which sheets of a file are the ledger, and where their columns are named."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.checks import SUSPICIOUS, slug
from generator.domain.ledger import Problem, SourceRef
from generator.problems import sheets as problems
from generator.readers.files import read_text
from generator.readers.sheet_columns import NAMES, SHEET, find_headers, fits
from generator.readers.table import SEPARATOR_LINE, Table, records_of
from generator.readers.workbook import SUFFIXES, Sheet, Workbook, is_workbook, read_workbook

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

_SEPARATORS = (";", ",", "\t", "|")
_LOOKED_AT = 40  #: lines at the top of a text file
_NEEDED = "number, name, issued, total"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A sheet that is read: the place of the row that names its columns, and what the owner's word names in no sheet."""

    sheet: Sheet
    index: int
    headers: list[str]
    nowhere: frozenset[str] = frozenset()

    @property
    def line(self) -> int:
        """The line of that row."""
        return self.sheet.rows[self.index][0]


def open_sheets(path: Path, shown: str, mapping: Mapping[str, str]) -> Workbook | Problem:
    """The sheets of a workbook, or a text file as one sheet, or why it cannot be had. What it is, its content says."""
    if not path.exists():
        return problems.LEDGER_FILE_MISSING.at(SourceRef(shown))
    start = b""
    if path.is_file():
        with suppress(OSError), path.open("rb") as stream:
            start = stream.read(8)
    if is_workbook(start) or path.suffix.casefold() in SUFFIXES:
        return read_workbook(path, shown)
    text = read_text(path, shown)
    return text if isinstance(text, Problem) else Workbook([_text_sheet(text, shown, mapping)])


def _text_sheet(text: str, shown: str, mapping: Mapping[str, str]) -> Sheet:
    """A text file as one sheet, cut where most of our columns come to light; a broken row is told when the sheet is read."""
    sheet = Sheet("", shown, [])
    first = 1
    separators: Sequence[str] = _SEPARATORS
    if marked := SEPARATOR_LINE.match(text):
        text, first, separators = text[marked.end() :], 2, (marked[1],)
    known = NAMES | {slug(header) for header in mapping.values()}
    top = re.split(r"\r\n|\r|\n", text[:200_000], maxsplit=_LOOKED_AT)[:_LOOKED_AT]

    def shows(separator: str) -> int:
        return max(sum(slug(cell.strip('" ')) in known for cell in line.split(separator)) for line in top)

    table = Table(SHEET, shown)
    for line, following, cells in records_of(table, text, max(separators, key=shows), first):
        wary = following - line > 1 or SUSPICIOUS.search("".join(cells)) is not None
        sheet.rows.append((line, cells, wary))
    sheet.problems = table.problems
    return sheet


def choose(
    sheets: Sequence[Sheet], wanted: Collection[str], mapping: Mapping[str, str], file: str
) -> tuple[list[Chosen], list[Problem]]:
    """The sheets to read: those that the owner names, else all visible ones that hold invoices; and what there is to say."""
    told: list[Problem] = []
    known = {sheet.name: sheet for sheet in sheets}
    if not any(sheet.rows for sheet in sheets):
        return [], [problems.WORKBOOK_EMPTY.at(SourceRef(file), columns=_NEEDED)]
    if wanted and "" not in known:
        names = ", ".join(known)
        told += [problems.SHEET_UNKNOWN.at(SourceRef(file), name, known=names) for name in wanted if name not in known]
        found = [_with_headers(known[name], mapping) for name in wanted if name in known]
    else:
        found = [
            one
            for sheet in sheets
            if (one := _with_headers(sheet, mapping)) and not sheet.hidden and not lacks(one, mapping)
        ]
        if not found:
            found = _nearest(sheets, mapping)
        told += [
            _left_out(sheet, mapping) for sheet in sheets if sheet.rows and sheet not in [one.sheet for one in found]
        ]
    told += [_unfound(one.sheet) for one in found if one.index < 0]
    chosen = [one for one in found if one.index >= 0]
    nowhere = frozenset(
        column for column in mapping if not any(column in named_here(one.headers, mapping) for one in chosen)
    )
    return [Chosen(one.sheet, one.index, one.headers, nowhere) for one in chosen], told


def _with_headers(sheet: Sheet, mapping: Mapping[str, str]) -> Chosen:
    index = find_headers(sheet.rows, mapping)
    headers = [" ".join(cell.split()) for cell in sheet.rows[index][1]] if index >= 0 else []
    return Chosen(sheet, index, headers)


def lacks(chosen: Chosen, mapping: Mapping[str, str]) -> tuple[str, ...]:
    """What a sheet lacks to hold invoices."""
    return fits(chosen.headers, named_here(chosen.headers, mapping))


def named_here(headers: Sequence[str], mapping: Mapping[str, str], keep: Collection[str] = ()) -> dict[str, str]:
    """The owner's word as far as it is about this sheet: another one may call a column otherwise. `keep`: these all the same."""
    words = {slug(header) for header in headers}
    return {column: header for column, header in mapping.items() if slug(header) in words or column in keep}


def _nearest(sheets: Sequence[Sheet], mapping: Mapping[str, str]) -> list[Chosen]:
    """Where no sheet holds invoices, the one that comes nearest: what it lacks will be told."""
    found = [_with_headers(sheet, mapping) for sheet in sheets if sheet.rows and not sheet.hidden]
    return sorted(found, key=lambda one: (one.index < 0, len(lacks(one, mapping))))[:1]


def _unfound(sheet: Sheet) -> Problem:
    return problems.HEADER_UNFOUND.at(SourceRef(sheet.file), columns=_NEEDED)


def _left_out(sheet: Sheet, mapping: Mapping[str, str]) -> Problem:
    advice = f'To read it, name it in portal.toml, under [ledger]: sheets = ["{sheet.name}", …].'
    if sheet.hidden:
        return problems.SHEET_LEFT_OUT.at(SourceRef(sheet.file), reason="it is hidden", advice=advice)
    missing = ", ".join(lacks(_with_headers(sheet, mapping), mapping))
    reason = f"no row near its top names {missing}"
    return problems.SHEET_LEFT_OUT.at(
        SourceRef(sheet.file), reason=reason, advice="Nothing to do, if it holds no invoices."
    )
