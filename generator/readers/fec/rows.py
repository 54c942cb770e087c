"""What was made of a FEC → rows of invoices and payments that know their places, with what is wrong with the lines behind them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from generator.domain.ledger import SourceRef
from generator.domain.money import Money
from generator.problems import Flaw
from generator.problems import fec as problems
from generator.readers.cells import currency_code, day
from generator.readers.columns import INVOICES, PAYMENTS
from generator.readers.fec.words import iso, read_amount, side
from generator.readers.row import SPOILT
from generator.readers.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.config_fec import FecSettings
    from generator.readers.fec.entries import Adrift, Spoilt, Uneven, Year
    from generator.readers.fec.people import People
    from generator.readers.fec.receivables import Booked, Receivables
    from generator.readers.row import Row

#: Our columns, as a FEC calls what they are made of.
_INVOICES = {
    "number": "PieceRef",
    "client": "CompAuxNum",
    "issued": "PieceDate",
    "total": "Debit",
    "currency": "Idevise",
    "status": "CompteNum",
    "credit_of": "EcritureLet",
}
_PAYMENTS = {
    "date": "EcritureDate",
    "client": "CompAuxNum",
    "amount": "Credit",
    "invoice": "EcritureLet",
    "currency": "Idevise",
    "reference": "EcritureLib",
    "note": "EcritureLib",
}


class Rows:
    """The tables of invoices and of payments. `sides`: the file has columns for debits and credits, not one amount and its side."""

    def __init__(self, people: People, currency: str, file: str, *, sides: bool) -> None:
        """`file` is the one that stands for all, where several are read."""
        self.people = people
        self.currency = currency
        self.sides = sides
        both = {} if sides else {"total": "Montant", "amount": "Montant"}
        self.invoices = Table.of(INVOICES, file, {name: both.get(name, their) for name, their in _INVOICES.items()})
        self.payments = Table.of(PAYMENTS, file, {name: both.get(name, their) for name, their in _PAYMENTS.items()})
        self._by_line: dict[tuple[str, int], list[Row]] = defaultdict(list)
        self._by_client: dict[str, Row] = {}

    def book(self, found: Receivables) -> None:
        """Adds all rows, in the order of the lines."""
        for table, booked, amount, usual in (
            (self.invoices, found.invoices, "total", False),
            (self.payments, found.payments, "amount", True),
        ):
            for entry in sorted(booked, key=lambda entry: (entry.line.file, entry.line.number)):
                row = self._add(table, entry)
                if self.sides and entry.credit is not usual:
                    column = "Credit" if entry.credit else "Debit"
                    row.places = {amount: SourceRef(row.file, row.line, column)}

    def _add(self, table: Table, entry: Booked) -> Row:
        row = table.add(entry.line.number, entry.values, entry.line.file)
        self._by_line[row.file, row.line].append(row)
        self._by_client.setdefault(entry.values["client"], row)
        if entry.astray:
            where, client = SourceRef(row.file, row.line, "EcritureLib"), entry.values["client"]
            found = entry.values["invoice"]
            row.fail(problems.PAYMENT_ASTRAY.at(where, found, owner=entry.astray, client=client))
        return row

    def tell_of(self, year: Year, settings: FecSettings) -> None:
        """All that is wrong with the lines of one file; what is about a client is wrong with a row of theirs."""
        unread = list(year.unread)
        for number, cells in year.text.broken:
            texts = [cell.strip() for cell in cells]
            prefixes = (*settings.accounts, *settings.doubtful)
            if any(text.startswith(prefixes) for text in texts) or not year.text.shows_account(texts):
                self._broken(year, number, texts)
            else:
                unread.append((number, " ".join(texts)))
        for spoilt in year.spoilt:
            self._spoilt(year, spoilt)
        for adrift in year.adrift:
            self._adrift(year, adrift)
        self._uneven(year)
        if unread:
            number, text = min(unread)
            where = SourceRef(year.file, number)
            self.invoices.problems.append(problems.LINE_ELSEWHERE.at(where, text, count=_lines(len(unread))))
        if year.uncounted[0]:
            count, entries = year.uncounted
            self.invoices.problems.append(
                problems.ENTRIES_UNTOLD.at(SourceRef(year.file), count=count, entries=entries)
            )

    def _failing(self, year: Year, number: int, who: str) -> Row:
        """A row for a line that nothing can be made of."""
        return self._failing_of(year, number, self.people.ids.get(who) or who.lstrip("\0"))

    def _failing_of(self, year: Year, number: int, client: str) -> Row:
        values = {"client": client, "number": f"{year.file}:{number}"}
        row = self.invoices.add(number, values, year.file)
        row.set("issued", SPOILT)
        row.set("total", SPOILT)
        return row

    def _broken(self, year: Year, number: int, texts: list[str]) -> None:
        told = {"count": len(texts), "columns": year.text.width}
        shown = " ".join(filter(None, texts))
        called = {account: who for who, account in self.people.accounts.items()}
        known = {called[text] for text in texts if text in called}
        if len(known) == 1:
            row = self._failing(year, number, known.pop())
            row.fail(problems.LINE_BROKEN.at(row.source, shown, **told))
        else:
            self.invoices.refuse(problems.LINE_BROKEN.at(SourceRef(year.file, number), shown, **told))

    def _adrift(self, year: Year, adrift: Adrift) -> None:
        """A line of no account: a problem of every client whom it could be about by its auxiliary account or name, else of all."""
        where = SourceRef(year.file, adrift.number, "CompteNum")
        found = problems.ACCOUNT_UNREADABLE.at(where, adrift.cells["CompteNum"] or " ".join(adrift.cells.values()))
        rows = [self._failing_of(year, adrift.number, client) for client in _whom(self.people, adrift)]
        if not rows:
            self.invoices.refuse(found)
        for row in rows:
            row.failed = True
        for row in rows[:1]:
            row.fail(found)

    def _spoilt(self, year: Year, spoilt: Spoilt) -> None:
        """Every cell of a line that cannot be read, each told as in any other file."""
        row = self._failing(year, spoilt.number, spoilt.who)
        cells = spoilt.cells
        flaws: list[tuple[str, str, object]] = [("EcritureDate", "issued", day(iso(cells["EcritureDate"])))]
        if text := cells.get("PieceDate", ""):
            flaws.append(("PieceDate", "issued", day(iso(text))))
        if "Montant" in cells and "Sens" in cells:
            flaws.append(("Montant", "total", read_amount(cells["Montant"], self.currency, year.text.mark)))
            if not side(cells["Sens"]):
                where = SourceRef(row.file, row.line, "Sens")
                row.fail(problems.SIDE_UNKNOWN.at(where, cells["Sens"]))
        else:
            flaws += [
                (name, "total", read_amount(cells[name], self.currency, year.text.mark)) for name in ("Debit", "Credit")
            ]
        if code := cells.get("Idevise", ""):
            currency = currency_code(code)
            flaws.append(("Idevise", "currency", currency))
            if isinstance(currency, str):
                amount = read_amount(cells.get("Montantdevise", ""), currency, year.text.mark)
                flaws.append(("Montantdevise", "total", amount))
        for name, column, flaw in flaws:
            if isinstance(flaw, Flaw):
                row.places = {column: SourceRef(row.file, row.line, name)}
                row.value(column, cells.get(name, ""), flaw)

    def _uneven(self, year: Year) -> None:
        """Entries that do not balance: a problem of every client in them."""
        concerned: dict[tuple[str, ...], dict[str, int]] = defaultdict(dict)
        for line in year.lines:
            if line.entry in year.uneven:
                concerned[line.entry].setdefault(self.people.ids[line.who], line.number)
        for adrift in year.adrift:
            for client in _whom(self.people, adrift):
                concerned[adrift.entry].setdefault(client, adrift.number)
        elsewhere: list[Uneven] = []
        for key, uneven in year.uneven.items():
            if uneven.money and len(concerned.get(key, {})) != 1 and not _broken_in(year, key):
                where = SourceRef(year.file, uneven.line)
                self.invoices.refuse(problems.MONEY_UNBALANCED.at(where, uneven.name, **self._sums(uneven)))
                continue
            rows = [self._row_of(year, client, number) for client, number in concerned.get(key, {}).items()]
            for row in filter(None, rows):
                row.fail(problems.UNBALANCED.at(row.source, uneven.name, **self._sums(uneven)))
            if not any(rows):
                elsewhere.append(uneven)
        if elsewhere:
            first = min(elsewhere, key=lambda uneven: uneven.line)
            where, count = SourceRef(year.file, first.line), len(elsewhere)
            entries = f"{count} entries" if count > 1 else "1 entry"
            self.invoices.problems.append(
                problems.UNBALANCED_ELSEWHERE.at(where, first.name, count=entries, **self._sums(first))
            )

    def _row_of(self, year: Year, client: str, number: int) -> Row | None:
        """The row that a line of a client went into, else another one of theirs."""
        here: Iterable[Row] = self._by_line.get((year.file, number), ())
        return next((row for row in here if row.text("client") == client), self._by_client.get(client))

    def _sums(self, uneven: Uneven) -> dict[str, Money]:
        return {"debit": Money(uneven.debit, self.currency), "credit": Money(uneven.credit, self.currency)}


def _whom(people: People, adrift: Adrift) -> list[str]:
    """The clients whom a line without an account names."""
    return people.named(adrift.cells.get("CompAuxNum", ""), adrift.cells.get("CompAuxLib", ""))


def _broken_in(year: Year, key: tuple[str, ...]) -> bool:
    """Whether a line that could not be cut into cells, and was told, is of this entry: it is what the entry lacks."""
    parts = set(filter(None, key))
    return any(parts <= {cell.strip() for cell in cells} for _, cells in year.text.broken)


def _lines(count: int) -> str:
    return f"{count} lines" if count > 1 else "1 line"
