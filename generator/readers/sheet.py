"""A CSV file of the ledger that rows are added to, as its owner's spreadsheet would: every byte that was there stays.

Encoding, separator, line endings, the order and the names of the columns, the decimal mark and the style of dates are
the file's own. What is to be written is read again, by the reader of the ledger, before it takes the old file's place.
"""

from __future__ import annotations

import codecs
import csv
import io
import os
import re
import secrets
import shutil
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from generator.checks import presentable
from generator.disk import sync_folder
from generator.domain.money import Money
from generator.errors import OutsideError, UserError
from generator.problems import stops
from generator.readers.cells import unmistakable
from generator.readers.columns import SEVERAL_LINES
from generator.readers.files import decoded
from generator.readers.table import SEPARATOR_LINE, Table, read_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from generator.readers.columns import FileColumns

Value = str | date | Money

_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_DATE = re.compile(r"([0-9]{1,4})([-/.])[0-9]{1,2}\2([0-9]{1,4})")
_YEAR_FIRST, _SHORT_YEAR = 4, 2  #: so many digits
_CENTURY = range(2000, 2100)  #: the years that two digits stand for


def append_rows(path: Path, columns: FileColumns, rows: Sequence[Mapping[str, Value]]) -> None:
    """Adds rows at the end of a file of the ledger, all of them or none; makes the file when there is none.

    A column that the file lacks is added at the end of its lines. Raises UserError for a file that cannot be read as it is,
    OutsideError when the disk refuses.
    """
    if not rows:
        return
    shown = "/".join(path.parts[-3:])
    try:
        path = path.resolve()
        data = path.read_bytes() if path.is_file() else codecs.BOM_UTF8  # with its mark, spreadsheets read its accents
        text = decoded(data, shown)
        sheet = _Sheet(_table(path, columns, shown, text), text if isinstance(text, str) else "")
        sheet.add(rows)
        _replace(path, _encoded(sheet.text, data), sheet)
    except OSError as refused:
        reason = refused.strerror or type(refused).__name__
        raise OutsideError(f"{shown} cannot be written: {reason}. Nothing was added to it.") from refused


def lines_to_append(path: Path, columns: FileColumns, rows: Sequence[Mapping[str, Value]]) -> bytes:
    """What added at the end of a file, byte by byte, are these rows in its own columns and style; what these cannot hold is left out.

    Raises UserError for a file that cannot be read as it is, OutsideError when its encoding has no letters for a row.
    """
    shown = "/".join(path.parts[-3:])
    columns = replace(columns, required=("id",), optional_file=False)
    try:
        data = path.read_bytes() if path.is_file() else b""
    except OSError as refused:
        raise OutsideError(f"{shown} cannot be read: {refused.strerror or type(refused).__name__}.") from refused
    text = decoded(data, shown)
    sheet = _Sheet(_table(path, columns, shown, text), text if isinstance(text, str) else "")
    sheet.add([{column: value for column, value in row.items() if column in sheet.at} for row in rows])
    whole = _encoded(sheet.text, data)
    if not whole.startswith(data):
        raise OutsideError(f'{shown} has no letters for some names in its encoding: save it once as "CSV UTF-8".')
    return whole[len(data) :]


def _table(path: Path, columns: FileColumns, shown: str, text: object) -> Table:
    """The file as its reader sees it; one without any line has no columns yet. Raises UserError when the reader refuses it."""
    if isinstance(text, str) and not SEPARATOR_LINE.sub("", text, count=1).strip():
        table = Table(columns, shown)
        marked = SEPARATOR_LINE.match(text)
        table.separator = marked[1] if marked else ";"
        return table
    table = read_table(path, shown, columns, {})
    if "amount" in columns.aliases:
        table.mark("amount")
    if stops(table.problems):
        raise UserError(table.problems)
    return table


class _Sheet:
    """A file while rows are added to it: `text` is all of it, `at` where each of our columns stands."""

    def __init__(self, table: Table, text: str) -> None:
        """The file as it is."""
        self.table = table
        self.text = text
        self.headers = list(table.headers)
        self.at = {column: index for column, index in table.at.items() if table.has(column)}
        self.added: list[list[str]] = []
        ending = re.search(r"\r\n|\r|\n", text)
        self._ending = ending[0] if ending else "\n"
        self.mark = table.mark("amount") if "amount" in self.at else ""
        self._mark = self.mark or ("." if table.separator == "," else ",")
        self._day = ""

    def add(self, rows: Sequence[Mapping[str, Value]]) -> None:
        """Adds rows, after the columns that they need and the file lacks; a file without any gets them all."""
        needed = [name for name in self.table.columns.aliases if not self.headers or any(row.get(name) for row in rows)]
        self._widen([name for name in needed if name not in self.at])
        self._day = self._written_day({name for row in rows for name, value in row.items() if isinstance(value, date)})
        for row in rows:
            cells = [""] * len(self.headers)
            for column, value in row.items():
                if value or isinstance(value, Money):
                    cells[self.at[column]] = self._cell(column, value)
            self.added.append(cells)
            self._append(cells)

    def is_read_back(self, written: Table) -> bool:
        """Whether a file says all that this one did, then what was added, and nothing else."""
        before = [row.cells[: len(self.table.headers)] for row in self.table.rows]
        width, count = len(self.headers), len(before)
        after = [row.cells[:width] for row in written.rows]
        return (
            not stops(written.problems)
            and written.headers == self.headers
            and [cells[: len(self.table.headers)] for cells in after[:count]] == before
            and after[count:] == self.added
            and ("amount" not in self.at or written.mark("amount") in {self._mark, self.mark})
        )

    def _widen(self, more: list[str]) -> None:
        """Adds columns at the end of the first line and, empty, of every other."""
        first = len(self.headers)
        self.headers += more
        self.at.update({column: first + index for index, column in enumerate(more)})
        if not first:
            self._append(more)
        elif more:
            self.text = self._wider(more)

    def _wider(self, more: list[str]) -> str:
        marked = SEPARATOR_LINE.match(self.text)
        start = marked.end() if marked else 0
        lines = list(io.StringIO(self.text[start:], newline=""))
        reader = csv.reader(lines, delimiter=self.table.separator, strict=True)
        missing = more
        for cells in reader:
            if any(cell.strip() for cell in cells):
                last = lines[reader.line_num - 1]
                end = len(last.rstrip("\r\n"))
                new = missing or [""] * (len(self.headers) - len(cells))
                lines[reader.line_num - 1] = (
                    last[:end] + "".join(self.table.separator + cell for cell in new) + last[end:]
                )
                missing = []
        return self.text[:start] + "".join(lines)

    def _append(self, cells: Sequence[str]) -> None:
        separator = self.table.separator
        special = {separator, '"', "\r", "\n"}
        line = separator.join('"' + cell.replace('"', '""') + '"' if special & {*cell} else cell for cell in cells)
        between = self._ending if self.text and not self.text.endswith(("\r", "\n")) else ""
        self.text += f"{between}{line}{self._ending}"

    def _cell(self, column: str, value: Value) -> str:
        if isinstance(value, Money):
            return unmistakable(str(value).replace(".", self._mark))
        if isinstance(value, date):
            return _like(value, self._day)
        return presentable(value, lines=column in SEVERAL_LINES)

    def _written_day(self, columns: set[str]) -> str:
        """The last date that the file holds, as it is written; empty when it holds none."""
        cells = (row.text(column) for row in reversed(self.table.rows) for column in columns)
        return next((text for text in cells if _DATE.match(text)), "")


def _like(day: date, written: str) -> str:
    """A day in the style of another one."""
    match = _DATE.match(written)
    if match is None:
        return day.isoformat()
    first, mark, last = match.groups()
    if len(first) == _YEAR_FIRST:
        return f"{day:%Y}{mark}{day:%m}{mark}{day:%d}"
    year = f"{day:%y}" if len(last) == _SHORT_YEAR and day.year in _CENTURY else f"{day:%Y}"
    return f"{day:%d}{mark}{day:%m}{mark}{year}"


def _encoded(text: str, before: bytes) -> bytes:
    """The text in the encoding that the file had; in UTF-8, with its mark, where Windows-1252 has no letters for it."""
    for mark, codec in _MARKS.items():
        if before.startswith(mark):
            return mark + text.encode(codec)
    try:
        before.decode()
    except UnicodeDecodeError:
        with suppress(UnicodeEncodeError):
            data = text.encode("cp1252")
            if decoded(data, "") == text:
                return data
        return codecs.BOM_UTF8 + text.encode()
    return text.encode()


def _replace(path: Path, data: bytes, sheet: _Sheet) -> None:
    """Puts the new file in the old one's place, once it is on the disk and reads as it should."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(f".{path.name}.*.tmp"):  # by a run that died: the folder has one run at a time
        left.unlink()
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, aside)
        if not sheet.is_read_back(read_table(aside, sheet.table.file, sheet.table.columns, {})):
            raise OutsideError(
                f"{sheet.table.file} cannot be added to without changing what it says. Nothing was added to it. "
                "Save it once from a spreadsheet, as CSV in UTF-8."
            )
        aside.replace(path)
        sync_folder(path.parent)
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
