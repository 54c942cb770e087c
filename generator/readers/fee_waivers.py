"""`ledger/relance/fee_waivers.csv`: late fees that the owner asks no more for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.domain.ledger import FeeWaiver
from generator.domain.money import Money
from generator.problems import cells as flaws
from generator.problems import facts as problems
from generator.problems import fees as fee_problems

if TYPE_CHECKING:
    from generator.readers.facts import Facts
    from generator.readers.row import Row


def read_fee_waivers(facts: Facts) -> None:
    """Every waiver, of one invoice or part each; rows that are alike in everything are one.

    All fees of an invoice may be waived by its number, or those of several in one row; an amount is of one invoice or part.
    """
    known: dict[FeeWaiver, None] = {}
    for row in facts.rows("relance-fee_waivers"):
        for waiver in _read(facts, row):
            known.setdefault(waiver)
    facts.fee_waivers.extend(known)


def _read(facts: Facts, row: Row) -> list[FeeWaiver]:
    on = row.day("date") if row.need("date") else None
    client = facts.client(row)
    row.need("invoice")
    names = facts.names(row, "invoice", problems.INVOICE_UNKNOWN)
    for name in names:
        if name in facts.credit_numbers:
            advice = "It is the number of a credit note, which bears no late fees: name the invoice."
            row.fail(problems.INVOICE_UNKNOWN.at(row.ref("invoice"), name, advice=advice))
    items = [invoice.id for invoice in facts.named(names)]
    amount = _amount(facts, row, names) if row.text("amount") else None
    if amount is not None and len(items) > 1:
        parts = ", ".join(items)
        row.fail(fee_problems.WAIVER_OF_SEVERAL.at(row.ref("amount"), row.text("amount"), items=parts))
    if row.failed or on is None:
        return []
    return [FeeWaiver(client, item, on, amount, row.text("reason"), row.source) for item in items]


def _amount(facts: Facts, row: Row, names: tuple[str, ...]) -> Money | None:
    """What is waived: in the currency of the invoice, unless the row says another, which is told where files are compared."""
    owed = [invoice.total.currency for invoice in facts.named(names)]
    currency = row.currency(owed[0] if owed else facts.seller.currency, beside="amount")
    found = row.money("amount", currency)
    if found is not None and found <= Money(0, currency):
        row.fail(flaws.AMOUNT_NOT_POSITIVE.at(row.ref("amount"), row.text("amount")))
    return found
