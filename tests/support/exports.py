"""The facts of a ledger as rows again, and these in the forms in which other programs would hand them over."""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape
from zipfile import ZipFile

from generator.domain.money import Money, exponent
from generator.readers.assembly import OWNERS_FILES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from generator.domain.ledger import Client, Contact, Invoice, Ledger, Payment

Value = str | int | bool | date | Decimal | None
Row = dict[str, Value]
Rows = dict[str, list[Row]]


def rows_of(ledger: Ledger) -> Rows:
    """The rows of each file of the owner's, under our names, with everything that the ledger knows."""
    notes = [
        {"number": note.number, "client": note.client, "issued": note.issued, **money("total", -note.amount)}
        | {"credit_of": note.invoice, "subject": note.subject}
        for note in ledger.credit_notes
    ]
    return {
        "clients": [_client(client) for client in ledger.clients.values()],
        "contacts": [_contact(contact) for contact in ledger.contacts],
        "invoices": [*map(_invoice, ledger.invoices), *notes],
        "payments": [_payment(payment) for payment in ledger.payments],
    }


def money(column: str, amount: Money) -> Row:
    """An amount, and its currency beside it."""
    return {column: decimal(amount), "currency": amount.currency}


def decimal(amount: Money) -> Decimal:
    """An amount as a number of its currency's decimals."""
    return Decimal(amount.minor).scaleb(-exponent(amount.currency))


def _client(client: Client) -> Row:
    names = ("id", "name", "email", "contact", "salutation", "phone", "language", "kind", "group", "channel", "siren")
    more = (
        "vat_number",
        "address",
        "terms",
        "grace_days",
        "hold_until",
        "insolvent_since",
        "opt_out",
        "ladder",
        "late_fees",
        "notes",
    )
    lists = {name: " ".join(map(str, getattr(client, name))) for name in ("payment_days", "pays_on", "skip_steps")}
    return {name: _plain(getattr(client, name)) for name in (*names, *more)} | lists


def _contact(contact: Contact) -> Row:
    names = ("client", "name", "role", "email", "phone", "channel", "language")
    return {name: _plain(getattr(contact, name)) for name in names}


def _invoice(invoice: Invoice) -> Row:
    names = (
        "number",
        "client",
        "issued",
        "due",
        "subject",
        "value",
        "order",
        "document",
        "part",
        "received_on",
        "status",
    )
    more = ("promised_on", "discount_percent", "disputed_on", "dispute_reason", "dispute_closed_on")
    row: Row = {name: _plain(getattr(invoice, name)) for name in (*names, *more)}
    vat = " ".join(f"{rate}" if net is None else f"{rate}:{net}" for rate, net in invoice.vat)
    return row | money("total", invoice.total) | {"vat": vat, "discount_days": invoice.discount_days or None}


def _payment(payment: Payment) -> Row:
    row: Row = {name: _plain(getattr(payment, name)) for name in ("client", "date", "method", "reference", "note")}
    return row | money("amount", payment.amount) | {"invoice": ", ".join(payment.invoices)}


def _plain(value: Value | Enum) -> Value:
    return value.value if isinstance(value, Enum) else value


def write_csv(folder: Path, rows: Rows) -> None:
    """The files of a ledger as a French spreadsheet writes them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, found in rows.items():
        with (folder / f"{name}.csv").open("w", encoding="cp1252", newline="") as file:
            writer = csv.DictWriter(file, _columns(found), restval="", delimiter=";")
            writer.writeheader()
            writer.writerows({column: french(value) for column, value in row.items()} for row in found)


def french(value: Value) -> str:
    """A value as a French spreadsheet shows it."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, Decimal):
        return f"{value:,f}".replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return "" if value is None else str(value)


def statements(rows: Rows) -> list[str]:
    """SQL that makes a table of each list, its columns of the types that databases have for them."""
    made = []
    for name, found in rows.items():
        columns = _columns(found)
        typed = ", ".join(f'"{column}" {_type(found, column)}' for column in columns)
        made.append(f"create table {name} ({typed})")
        cells = [f"({', '.join(_literal(row.get(column)) for column in columns)})" for row in found]
        if cells:
            made.append(f"insert into {name} values {', '.join(cells)}")  # noqa: S608 - our own words
    return made


def write_sqlite(path: Path, rows: Rows) -> None:
    """A database in a file."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(";\n".join(statements(rows)))


def queries(rows: Rows) -> str:
    """The queries that ask for all of it, as lines of `[ledger.sql]`."""
    names = [columns.name for columns in OWNERS_FILES if rows.get(columns.name)]
    return "".join(f'{name} = "select * from {name}"\n' for name in names)  # noqa: S608 - our own words


#: What is said of a client or an invoice, and has no column in one sheet: it is the id that tells whose an invoice is.
NOT_IN_A_SHEET = ("client", "terms", "notes")


def one_sheet(rows: Rows) -> list[Row]:
    """Every invoice with all that is known of its client in the same row, as one sheet holds it."""
    clients = {row["id"]: row for row in rows["clients"]}
    whole = [clients[row["client"]] | row for row in rows["invoices"]]
    return [{column: value for column, value in row.items() if column not in NOT_IN_A_SHEET} for row in whole]


def write_xlsx(path: Path, rows: Sequence[Row]) -> None:
    """A workbook with dates that are dates and amounts that are numbers."""
    from openpyxl import Workbook  # noqa: PLC0415  (only the tests of one format need it)

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in _grid(rows):
        sheet.append(cells)
    book.save(path)


def write_ods(path: Path, rows: Sequence[Row]) -> None:
    """The same for LibreOffice: the least that its format asks for, written by hand."""
    lines = "".join(f"<table:table-row>{''.join(map(_ods_cell, cells))}</table:table-row>" for cells in _grid(rows))
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {names} office:version="1.3"><office:body>'
        f'<office:spreadsheet><table:table table:name="Factures">{lines}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest manifest:version="1.3" '
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    with ZipFile(path, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", content)


def _grid(rows: Sequence[Row]) -> list[list[Value]]:
    columns = _columns(rows)
    return [list(columns), *([row.get(column) for column in columns] for row in rows)]


def _ods_cell(value: Value) -> str:
    if value is None or value == "":
        return "<table:table-cell/>"
    if isinstance(value, bool):
        kind = f'office:value-type="boolean" office:boolean-value="{str(value).lower()}"'
    elif isinstance(value, int | Decimal):
        kind = f'office:value-type="float" office:value="{value}"'
    elif isinstance(value, date):
        kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    else:
        kind = 'office:value-type="string"'
    text = "".join(f"<text:p>{escape(line)}</text:p>" for line in french(value).split("\n"))
    return f"<table:table-cell {kind}>{text}</table:table-cell>"


def _columns(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(column for row in rows for column in row))


def _type(rows: Sequence[Row], column: str) -> str:
    kinds = {bool: "boolean", int: "integer", date: "date", Decimal: "numeric(14, 3)"}
    found = next((row[column] for row in rows if row.get(column) is not None), "")
    return kinds.get(type(found), "varchar(500)")


def _literal(value: Value) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool | int | Decimal):
        return str(value)
    text = value.isoformat() if isinstance(value, date) else value
    return "'{}'".format(text.replace("'", "''"))
