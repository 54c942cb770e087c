"""Workbooks for tests, written by the libraries that people's programs use."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import openpyxl
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Style, TableCellProperties
from odf.table import Table, TableCell, TableRow
from odf.text import P

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    Rows = Sequence[Sequence[Any]]

HEADERS = ("N° facture", "Client", "E-mail", "Date", "Échéance", "TTC", "Payé le")
ROWS: Rows = (
    ("F-1", "Studio Verdier", "compta@verdier.example", date(2026, 10, 1), date(2026, 10, 31), 1234.56, None),
    ("F-2", "Atelier Brun", "compta@brun.example", date(2026, 10, 2), date(2026, 11, 2), 80, date(2026, 10, 30)),
)


def write_xlsx(path: Path, sheets: Mapping[str, Rows]) -> Path:
    """Each sheet with these rows; what begins with # is an error, as a formula that failed leaves it."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            if isinstance(cell.value, str) and cell.value.startswith("#"):
                cell.data_type = "e"
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def write_ods(path: Path, sheets: Mapping[str, Rows]) -> Path:
    """The same for LibreOffice."""
    book = OpenDocumentSpreadsheet()
    colour = Style(name="colour", family="table-cell")
    colour.addElement(TableCellProperties(backgroundcolor="#ffff00"))
    book.automaticstyles.addElement(colour)
    for name, rows in sheets.items():
        table = Table(name=name)
        for row in rows:
            line = TableRow()
            for value in row:
                line.addElement(_ods_cell(value))
            table.addElement(line)
        table.addElement(TableRow(numberrowsrepeated="1000"))  # as every file of LibreOffice ends
        book.spreadsheet.addElement(table)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(str(path))
    return path


def _ods_cell(value: object) -> TableCell:
    if value is None:
        return TableCell(stylename="colour")
    if isinstance(value, bool):
        return TableCell(valuetype="boolean", booleanvalue=str(value).lower())
    if isinstance(value, date):
        cell = TableCell(valuetype="date", datevalue=value.isoformat())
    elif isinstance(value, int | float):
        cell = TableCell(valuetype="float", value=repr(value))
    else:
        cell = TableCell(valuetype="string")
    cell.addElement(P(text=str(value)))
    return cell


def write_csv(
    path: Path, rows: Rows, *, separator: str = ";", encoding: str = "utf-8", decimal: str = ",", day: str = "%d/%m/%Y"
) -> Path:
    """The same as text, in one of the dialects that programs export."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator)
    for row in rows:
        writer.writerow([_text(value, decimal, day) for value in row])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def _text(value: object, decimal: str, day: str) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.strftime(day)
    if isinstance(value, float):
        return f"{value:.2f}".replace(".", decimal)
    return str(value)


def serial(day: date) -> int:
    """The number that Excel keeps for a day."""
    return (day - (date(1900, 1, 1) - timedelta(days=2))).days
