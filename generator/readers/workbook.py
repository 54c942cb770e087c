"""A workbook (Excel, LibreOffice) or a CSV file → its sheets, as rows of text with their line numbers.

What a file is, its content says, and not its name. Every cell becomes the text that the readers of cells understand: a date its ISO
form, a number its figures, exactly. A spreadsheet counts in binary, and what it computes carries dust far behind the cents: that is
taken off, the cents are never touched.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from generator.checks import SUSPICIOUS
from generator.domain.ledger import Problem, SourceRef
from generator.problems import files, sheets
from generator.readers.cells import amount_text
from generator.readers.files import LARGEST_FILE, MEGABYTE, looks_like
from generator.readers.workbook_faults import faults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SUFFIXES = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"})

_ZIP, _COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_DUST = Decimal("0.000001")  #: beyond the smallest unit of any currency
_MOST_EXACT = 10**15  #: a spreadsheet keeps fifteen figures
_THOUSANDS = 3  #: so many decimals could be read as thousands
_CENTS = 2
_WEB = (b"<html", b"<!doctype", b"<table", b"<?xml")

#: What ends the reading of a workbook, by the names of the library and of our own look at it.
_REASONS = {
    "PasswordError": sheets.WORKBOOK_LOCKED,
    "TooLarge": sheets.WORKBOOK_TOO_LARGE,
    "MemoryError": sheets.WORKBOOK_TOO_LARGE,
}
_PANIC = "PanicException"  #: how the library, which is no Python, breaks off

SheetRow = tuple[int, list[str], bool]  #: its line, its cells, and whether they need a closer look


@dataclass(slots=True)
class Sheet:
    """One sheet: the rows that hold something. `file` is how problems name it: `ledger/factures.xlsx [2026]`.

    `merged`: by line and column, the text of a cell that was merged downwards, for the cells that it covers. `problems` are those of
    rows that could not be cut into cells.
    """

    name: str
    file: str
    rows: list[SheetRow]
    hidden: bool = False
    merged: dict[int, dict[int, str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class Workbook:
    """The sheets of a file in their order, and what there is to say of it as a whole."""

    sheets: list[Sheet]
    problems: list[Problem] = field(default_factory=list)


def is_workbook(data: bytes) -> bool:
    """Whether a file begins like a workbook, whatever it is called."""
    return data.startswith((_ZIP, _COMPOUND))


def read_workbook(path: Path, shown: str) -> Workbook | Problem:
    """All the sheets of a workbook, or why there are none."""
    where = SourceRef(shown)
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            return files.FILE_TOO_LARGE.at(where, size=size // MEGABYTE, limit=LARGEST_FILE // MEGABYTE)
        data = path.read_bytes()
    except OSError as refused:
        return files.FILE_UNREADABLE.at(where, reason=refused.strerror or type(refused).__name__)
    if not is_workbook(data):
        return _no_workbook(where, data)
    try:
        return _opened(data, shown)
    except BaseException as broken:
        entry = _REASONS.get(type(broken).__name__)
        if entry is not None:
            return entry.at(where)
        if not isinstance(broken, Exception) and type(broken).__name__ != _PANIC:
            raise
        return _damaged(where, "it seems damaged")


def _no_workbook(where: SourceRef, data: bytes) -> Problem:
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not data.strip():
        return _damaged(where, "it is empty")
    if start.startswith(_WEB):
        return _damaged(where, "it is a web page")
    kind = looks_like(data)
    if kind:
        return _damaged(where, f"it is {kind}")
    advice = 'It is a text file: give it a name that ends with .csv, and write that name in portal.toml, under [ledger]: file = "…".'
    return sheets.WORKBOOK_UNREADABLE.at(where, reason="it is a text file", advice=advice)


def _damaged(where: SourceRef, reason: str) -> Problem:
    advice = "Open it in your spreadsheet and save it again as .xlsx, or export it as CSV."
    return sheets.WORKBOOK_UNREADABLE.at(where, reason=reason, advice=advice)


def _opened(data: bytes, shown: str) -> Workbook:
    from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum  # noqa: PLC0415  (for those who need it)

    failed: dict[str, dict[tuple[int, int], str]] = {}
    old = data.startswith(_COMPOUND)
    if old and _ENCRYPTED in data:
        raise PasswordError
    if not old:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            failed = faults(archive)
            old = "xl/workbook.bin" in archive.namelist()
    found: list[Sheet] = []
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        for about in book.sheets_metadata:
            if about.typ != SheetTypeEnum.WorkSheet:
                continue
            inner = book.get_sheet_by_name(about.name)
            sheet = Sheet(about.name, f"{shown} [{about.name}]", [], about.visible != SheetVisibleEnum.Visible)
            _take(sheet, inner, failed.get(about.name, {}))
            found.append(sheet)
    return Workbook(found, [sheets.WORKBOOK_OLD.at(SourceRef(shown))] if old else [])


def _take(sheet: Sheet, inner: Any, failed: dict[tuple[int, int], str]) -> None:  # noqa: ANN401  (the library's own class)
    """Makes text of a sheet's cells. Lines are those of the sheet; columns are counted from its first that holds something."""
    if inner.start is None:
        return
    shift = inner.start[1]
    errors: dict[int, dict[int, str]] = {}
    for (row, column), text in failed.items():
        errors.setdefault(row, {})[column - shift] = text
    raw: list[tuple[int, list[Any]]] = []
    for index, values in enumerate(inner.iter_rows()):
        for column, text in errors.get(index, {}).items():
            if 0 <= column < len(values):
                values[column] = text
        if any(values):
            raw.append((index, values))
    marks = _commas(raw)
    for index, values in raw:
        cells = [_SHOWN[type(value)](value) for value in values]
        for column in marks:
            if type(values[column]) is float:
                cells[column] = cells[column].replace(".", ",")
        joined = "".join(cells)
        wary = "\n" in joined or "\r" in joined or SUSPICIOUS.search(joined) is not None
        sheet.rows.append((index + 1, cells, wary))
    sheet.merged = _merged(inner.merged_cell_ranges or [], dict(raw), shift)


def _commas(raw: list[tuple[int, list[Any]]]) -> list[int]:
    """The columns of numbers in which some amounts were typed as text, with a decimal comma: one column has one mark."""
    width = max((len(values) for _, values in raw), default=0)
    found = []
    for column in range(width):
        kinds = {type(values[column]) for _, values in raw}
        if float in kinds and str in kinds:
            texts = (values[column] for _, values in raw if type(values[column]) is str and values[column])
            amounts = (amount_text(text) for text in texts)
            if any(amount is not None and amount.mark == "," for amount in amounts):
                found.append(column)
    return found


def number(value: float) -> str:
    """A number as a spreadsheet shows it: `1234.5`. Three decimals are written as four, which nobody takes for thousands."""
    if value.is_integer() and abs(value) < _MOST_EXACT:
        return str(int(value))
    text = repr(value)
    if len(text.partition(".")[2]) <= _CENTS and "e" not in text:
        return text
    if not abs(value) < _MOST_EXACT:
        return text
    exact = Decimal(text).quantize(_DUST).normalize() or Decimal(0)  # and no sign before a nought
    return f"{exact:f}0" if exact.as_tuple().exponent == -_THOUSANDS else f"{exact:f}"


def _yes_or_no(value: bool) -> str:  # noqa: FBT001  (a cell)
    return "oui" if value else "non"


#: What a cell of each kind shows, as the readers of cells take it; of a moment, its day.
_SHOWN: dict[type, Callable[[Any], str]] = {
    str: str.strip,
    float: number,
    bool: _yes_or_no,
    date: date.isoformat,
    datetime: lambda moment: str(moment.date()),
    time: str,
    timedelta: str,
    int: str,
}


def _merged(
    ranges: list[tuple[tuple[int, int], tuple[int, int]]], raw: dict[int, list[Any]], shift: int
) -> dict[int, dict[int, str]]:
    found: dict[int, dict[int, str]] = {}
    for line, column, text in _covered(ranges, raw, shift):
        found.setdefault(line, {})[column] = text
    return found


def _covered(
    ranges: list[tuple[tuple[int, int], tuple[int, int]]], raw: dict[int, list[Any]], shift: int
) -> Iterator[tuple[int, int, str]]:
    """The cells below the first one of those that are merged downwards, with its text."""
    for (top, left), (bottom, _) in ranges:
        column = left - shift
        values = raw.get(top, [])
        if bottom > top and 0 <= column < len(values) and values[column]:
            text = values[column]
            for row in range(top + 1, bottom + 1):
                if row in raw:
                    yield row + 1, column, _SHOWN[type(text)](text)
