"""`ledger/relance/vouchers.csv`: the owner's word on vouchers, those that they give and what became of any; the last row of an id holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks import fold
from generator.domain.ledger import VoucherRecord
from generator.domain.money import Money
from generator.domain.vouchers import VoucherStatus
from generator.problems import cells as flaws
from generator.problems import facts as problems
from generator.readers.words import VOUCHER_STATUSES

if TYPE_CHECKING:
    from generator.readers.facts import Facts
    from generator.readers.row import Row


def read_vouchers(facts: Facts) -> None:
    """Every voucher, as the last row about it says; where one is wrong, none of it is guessed from those before."""
    known: dict[str, VoucherRecord] = {}
    for row in facts.rows("relance-vouchers"):
        _read(facts, row, known)
    facts.vouchers.extend(known.values())


def _read(facts: Facts, row: Row, known: dict[str, VoucherRecord]) -> None:
    name, client = row.need("voucher"), facts.client(row)
    earned_on = row.day("earned_on") if row.need("earned_on") else None
    valid_until = row.day("valid_until")
    status = row.word("status", VOUCHER_STATUSES, VoucherStatus.OPEN, "status of a voucher")
    invoices = facts.names(row, "invoices", problems.INVOICE_UNKNOWN)
    currency = row.currency(facts.seller.currency, beside="amount")
    amount = row.money("amount", currency)
    if amount is not None and amount <= Money(0, currency):
        row.fail(flaws.AMOUNT_NOT_POSITIVE.at(row.ref("amount"), row.text("amount")))
    if earned_on and valid_until and valid_until < earned_on:
        place, reason = row.ref("valid_until"), f"is over before {row.text('earned_on')}, the day that it is of"
        row.fail(problems.VOUCHER_INCONSISTENT.at(place, row.text("valid_until"), reason=reason))
    before = known.get(fold(name))
    if before is not None and not row.failed:
        if before.client != client:
            reason = f"is a voucher of {before.client} further up"
            row.fail(problems.VOUCHER_INCONSISTENT.at(row.ref("client"), name, reason=reason))
        elif before.amount.currency != currency:
            reason = f"is a voucher in {before.amount.currency} further up"
            row.fail(problems.VOUCHER_INCONSISTENT.at(row.ref("amount"), name, reason=reason))
    if not row.failed and earned_on and amount:
        known[fold(name)] = VoucherRecord(
            *(name, client, amount, earned_on, valid_until, status, invoices, row.text("note")), source=row.source
        )
