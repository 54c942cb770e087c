"""`payments.csv` and `relance/payments.csv`: money that came in, or went back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.domain.ledger import Payment
from generator.problems import facts as problems

if TYPE_CHECKING:
    from generator.readers.facts import Facts


def read_payments(facts: Facts, name: str) -> None:
    """Every payment of one file; a row of nothing at all (0,00) changes nothing and makes none."""
    for row in facts.tables[name].rows:
        day = row.day("date") if row.need("date") else None
        client = facts.client(row)
        amount = row.money("amount", row.currency(facts.seller.currency, beside="amount"))
        invoices = facts.names(row, "invoice", problems.PAYMENT_UNKNOWN_INVOICE)
        if row.failed or day is None or not amount:
            continue
        facts.payments.append(
            Payment(
                client=client,
                date=day,
                amount=amount,
                invoices=invoices,
                method=row.text("method"),
                reference=row.text("reference"),
                note=row.text("note"),
                source=row.source,
            )
        )
