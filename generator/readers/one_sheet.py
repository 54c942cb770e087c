"""A ledger in one sheet: a workbook or a CSV file with one invoice a row, the client's name and email in the row.

Each sheet becomes a table under our names for its columns; its rows then part into invoices and clients, which are read and judged
like everybody's. The files beside it (`clients.csv`, `contacts.csv`, `payments.csv`) are read as ever.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING

from generator.domain.ledger import Problem, SourceRef
from generator.problems import files, quoted
from generator.problems import sheets as problems
from generator.readers.assembly import Source, mapping_problems, read_file, unread_files, unseen
from generator.readers.cells import amount_text, currency_code
from generator.readers.columns import CLIENTS, CONTACTS, FILES, INVOICES, PAYMENTS
from generator.readers.placing import place
from generator.readers.presets import names as presets
from generator.readers.presets import preset
from generator.readers.row import SPOILT, Row
from generator.readers.sheet_choice import choose, named_here, open_sheets
from generator.readers.sheet_columns import OF_CLIENTS, SHEET, WHO, told_apart, unclear_total
from generator.readers.sheet_money import Settling
from generator.readers.sheet_people import People, Person, names_of_clients
from generator.readers.sheet_rows import invoice_rows
from generator.readers.table import Table, table_from

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.config import Settings
    from generator.readers.sheet_choice import Chosen

_BESIDE = (CLIENTS, CONTACTS, PAYMENTS)
_DATES = ("issued", "due", "received_on", "paid_on", "promised_on", "disputed_on", "dispute_closed_on")
_CLIENTS_DATES = ("hold_until", "insolvent_since")
_SERIAL = re.compile(r"([2-7][0-9]{4})(?:[.,][0-9]+)?")
_FIRST_SERIAL, _LAST_SERIAL = 25_569, 73_050  #: 1 January 1970 and 31 December 2099
_BEFORE_SERIALS = 693_594  #: the ordinal of the day that Excel counts from, in its system of 1900
_FRACTION = re.compile(r"0[.,][0-9]+")
_LARGEST_DISCOUNT = Decimal("0.2")
_SHORT_PHONE = re.compile(r"[1-9][0-9]{8}")


def read_one_sheet(settings: Settings) -> Source:
    """Invoices and their clients from the sheets, and what stands beside them."""
    mapping = settings.ledger.columns
    before = mapping_problems(mapping, (SHEET, *_BESIDE))
    file = settings.ledger.file
    words = mapping.get(SHEET.name, {})
    known = preset(settings.ledger.preset) if settings.ledger.preset in presets() else None
    opened = open_sheets(settings.folder / file, file, known.hints(words) if known else words)
    if isinstance(opened, Problem):
        return unseen([*before, opened])
    if known:
        words = known.apply([sheet.rows for sheet in opened.sheets], words)
    chosen, told = choose(opened.sheets, settings.ledger.sheets, words, file)
    before += [*opened.problems, *told]
    if not chosen:
        return unseen(before)
    beside = _clients_beside(settings, mapping.get(CLIENTS.name, {}))
    tables = [_table(one, words, first=one is chosen[0]) for one in chosen]
    invoices, clients = _part(tables, beside, settings)
    return Source(
        {
            CLIENTS.name: [clients],
            CONTACTS.name: [read_file(settings, CONTACTS, mapping.get(CONTACTS.name, {}))],
            INVOICES.name: invoices,
            PAYMENTS.name: [read_file(settings, PAYMENTS, mapping.get(PAYMENTS.name, {}))],
        },
        before=before,
        after=unread_files(settings, [columns for columns in FILES if columns is not INVOICES], _itself(settings)),
    )


def _itself(settings: Settings) -> list[str]:
    """The sheet's own path inside the ledger folder, if it is there."""
    return [os.path.relpath(settings.folder / settings.ledger.file, settings.folder / settings.ledger.path)]


def _clients_beside(settings: Settings, mapping: Mapping[str, str]) -> Table | None:
    """clients.csv, if there is one: it needs no more than what tells whom a row is about."""
    if not os.path.lexists(settings.folder / settings.ledger.path / CLIENTS.file):
        return None
    table = read_file(settings, replace(CLIENTS, required=()), mapping)
    if table.known and not any(table.has(column) for column in WHO):
        accepted = ", ".join(("name", *CLIENTS.aliases["name"][:5]))
        table.refuse(files.COLUMN_MISSING.at(table.ref(1), accepted=accepted, column="name", file=CLIENTS.name))
        table.rows.clear()
    return table


def _table(chosen: Chosen, mapping: Mapping[str, str], *, first: bool) -> Table:
    """One sheet under our names for its columns, with all that is to be said of its headers and rows."""
    sheet, headers = chosen.sheet, chosen.headers
    words = named_here(headers, mapping, keep=chosen.nowhere if first else ())
    words = told_apart(headers, (cells for _, cells, _ in islice(sheet.rows, chosen.index + 1, None)), words)
    found = place(SHEET, headers, words)
    unused: list[Problem] = []
    records = invoice_rows(chosen, found.at, unused)
    table = table_from(SHEET, sheet.file, words, headers, records, chosen.line)
    table.problems += unused
    for problem in sheet.problems:
        table.refuse(problem)
    if not any(table.has(column) for column in WHO):
        accepted = ", ".join(("name", *SHEET.aliases["name"][:5]))
        where = SourceRef(sheet.file, chosen.line, "name")
        table.refuse(files.COLUMN_MISSING.at(where, accepted=accepted, column="name", file=SHEET.name))
    if unclear := unclear_total(headers, words, found):
        total, *others = (headers[index] for index in unclear)
        table.problems = [problem for problem in table.problems if problem.where.column not in others]  # told here
        where = SourceRef(sheet.file, chosen.line, total)
        table.refuse(problems.TOTAL_UNCLEAR.at(where, total, other=quoted(others[0])))
    return table


def _part(tables: list[Table], beside: Table | None, settings: Settings) -> tuple[list[Table], Table]:
    """Every row of the sheets as an invoice, and their clients, each in one row."""
    people = People(beside)
    for table in tables:
        for row in table.rows if table.has("id") else ():
            people.announce(row, row.text("id"), _name(row))
    invoices, owners = [], []
    for table in tables:
        people.next_sheet()
        parted = Table.of(INVOICES, table.file, _names_of_invoices(table))
        columns = tuple(column for column in OF_CLIENTS if table.has(column) or column == "name")
        taking = _taking(table, parted)
        money = Settling(table)
        for said in table.rows:
            person = people.of(said, _told(said, columns, settings), columns)
            owners.append(person)
            row = _invoice(said, parted, taking)
            parted.rows.append(row)
        for said, row in zip(table.rows, parted.rows, strict=True):
            if money.needed and (currency := _currency(said, settings.seller.currency)):
                money.settle(said, row, currency)
        parted.problems += table.problems
        parted.known = table.known
        invoices.append(parted)
    _write_ids([row for parted in invoices for row in parted.rows], owners)
    clients = people.table(Table.of(CLIENTS, tables[0].file, names_of_clients(tables, beside)))
    clients.known = clients.known and all(table.known for table in tables)
    return invoices, clients


def _write_ids(rows: list[Row], owners: list[Person | None]) -> None:
    """Once everybody is known: an id may have been learnt from a later row."""
    for row, person in zip(rows, owners, strict=True):
        if not row.table.has("client"):
            continue
        if person is not None:
            row.set("client", person.id)
        elif row.failed:  # and told why
            row.set("client", SPOILT)


def _names_of_invoices(table: Table) -> dict[str, str]:
    """The columns of invoices.csv that a sheet fills in, as it calls them; what its other columns come to stands under these."""
    found = {column: table.header(column) for column in INVOICES.aliases if table.has(column)}
    if who := next((column for column in WHO if table.has(column)), ""):
        found["client"] = table.header(who)
    saying = next((column for column in ("paid", "balance") if table.has(column)), "")
    if saying:
        found = dict.fromkeys(("status", "paid_on", "paid_amount"), table.header(saying)) | found
    return found


def _taking(table: Table, parted: Table) -> list[tuple[int, int, Callable[[str], str] | None]]:
    """Which cell of a row goes where, and what it must be made into."""
    making: dict[str, Callable[[str], str]] = dict.fromkeys(_DATES, day_of_serial)
    making |= {"vat": rate_of_fraction, "discount_percent": discount_of_fraction}
    return [
        (table.at[column], parted.at[column], making.get(column))
        for column in INVOICES.aliases
        if column != "client" and table.has(column)
    ]


def _invoice(said: Row, parted: Table, taking: list[tuple[int, int, Callable[[str], str] | None]]) -> Row:
    cells = [""] * (len(parted.headers) + 1)
    for source, target, make in taking:
        text = said.cells[source]
        cells[target] = make(text) if make is not None and text else text
    row = Row(parted, said.line, cells)
    row.failed = said.failed
    return row


def _told(row: Row, columns: tuple[str, ...], settings: Settings) -> tuple[str, ...]:
    """What a row says of its client."""
    told = [_name(row) if column == "name" else row.text(column) for column in columns]
    for index, column in enumerate(columns):
        if column in _CLIENTS_DATES:
            told[index] = day_of_serial(told[index])
        elif column == "phone" and settings.seller.country == "FR" and _SHORT_PHONE.fullmatch(told[index]):
            told[index] = f"0{told[index]}"  # a number typed as a number loses its first nought
    return tuple(told)


def _name(row: Row) -> str:
    first = row.text("first_name")
    return " ".join(filter(None, (first, row.text("name")))) if first else row.text("name")


def _currency(said: Row, default: str) -> str:
    """The currency of a row; nothing when its cell cannot be read, as will be told."""
    if text := said.text("currency"):
        code = currency_code(text)
        return code if isinstance(code, str) else ""
    found = amount_text(said.text("total"))
    return (found.currency if found else "") or default


def day_of_serial(text: str) -> str:
    """The day that a bare number stands for in a column of dates: spreadsheets count days from 1900."""
    match = _SERIAL.fullmatch(text)
    if match and _FIRST_SERIAL <= int(match[1]) <= _LAST_SERIAL:
        return date.fromordinal(_BEFORE_SERIALS + int(match[1])).isoformat()
    return text


def rate_of_fraction(text: str) -> str:
    """A rate of VAT that a spreadsheet shows as 20 % and holds as 0.2: none is below one percent."""
    return f"{(Decimal(text.replace(',', '.')) * 100).normalize():f}" if _FRACTION.fullmatch(text) else text


def discount_of_fraction(text: str) -> str:
    """The same of a discount, where the number can be nothing else."""
    if _FRACTION.fullmatch(text) and Decimal(text.replace(",", ".")) < _LARGEST_DISCOUNT:
        return rate_of_fraction(text)
    return text
