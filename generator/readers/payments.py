"""`payments.csv`, and one row of it or of `relance/payments.csv`: money that came in, or went back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.domain.ledger import Payment
from generator.problems import facts as problems

if TYPE_CHECKING:
    from generator.readers.facts import Facts
    from generator.readers.row import Row


def read_payments(facts: Facts) -> None:
    """Every payment that the owner booked; a row of nothing at all (0,00) changes nothing and makes none."""
    for row in facts.rows("payments"):
        payment = read_payment(facts, row)
        if payment is not None and payment.amount:
            facts.payments.append(payment)


def read_payment(facts: Facts, row: Row) -> Payment | None:
    """The payment of one row; None when something is wrong with it."""
    day = row.day("date") if row.need("date") else None
    client = facts.client(row)
    amount = row.money("amount", row.currency(facts.seller.currency, beside="amount"))
    invoices = facts.names_with_fees(row, "invoice", problems.PAYMENT_UNKNOWN_INVOICE)
    if row.failed or day is None or amount is None:
        return None
    return Payment(
        client=client,
        date=day,
        amount=amount,
        invoices=invoices,
        method=row.text("method"),
        reference=row.text("reference"),
        note=row.text("note"),
        source=row.source,
    )
