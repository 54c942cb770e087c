"""One invoice under two numbers: the ledger's own, as accounting programs give it, and the one that the client reads on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks import fold
from generator.readers.einvoices.known import day, money, row_money

if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from datetime import date

    from generator.domain.money import Money
    from generator.readers.einvoices.model import EInvoice
    from generator.readers.row import Row


class Twins:
    """The invoices of the ledger by what two numbers of one invoice leave alike: client, day and total."""

    def __init__(self, rows: Iterable[Row], currency: str) -> None:
        """From the rows that the ledger has by itself; `currency` is that of rows which name none."""
        self.currency = currency
        self._by_facts: dict[tuple[str, date, Money], list[Row]] = {}
        for row in rows:
            issued, total = day(row.text("issued")), row_money(row, "total", currency)
            if issued and total:
                self._by_facts.setdefault((fold(row.text("client")), issued, total), []).append(row)

    def of(self, client: str, invoice: EInvoice, taken: Container[int]) -> Row | None:
        """A row that may be this e-invoice under another number; not one that has an e-invoice of its own (`taken`, by id)."""
        issued, total = day(invoice.issued), money(invoice.total, invoice.currency or self.currency)
        if issued is None or total is None:
            return None
        rows = self._by_facts.get((fold(client), issued, total), ())
        return next((row for row in rows if id(row) not in taken), None)
