"""`ledger/relance/`: what was learnt about the ledger, which is the owner's to correct.

Agreements, promises, disputes; the bank statements that were read, and what of them is not to be booked.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.checks import fold
from generator.domain.ledger import AgreementRecord, BankPeriod, Dispute, Promise
from generator.domain.money import Money
from generator.problems import bank as bank_problems
from generator.problems import cells as flaws
from generator.problems import facts as problems
from generator.readers import cells as read
from generator.readers.words import AGREEMENT_STATUSES

if TYPE_CHECKING:
    from datetime import date

    from generator.readers.facts import Facts
    from generator.readers.row import Row


def read_promises(facts: Facts) -> None:
    """Every promise to pay on a day."""
    for row in facts.rows("relance-promises"):
        client = facts.client(row)
        made_on = row.day("made_on") if row.need("made_on") else None
        on = row.day("on") if row.need("on") else None
        invoices = facts.names(row, "invoices", problems.INVOICE_UNKNOWN)
        amount = _positive(row, _currency(facts, row, invoices)) if row.text("amount") else None
        if not row.failed and made_on and on:
            facts.promises.append(Promise(client, made_on, on, invoices, amount, row.source))


def read_disputes(facts: Facts) -> None:
    """Every dispute about one invoice; several invoices in one row are as many disputes.

    Two rows with the same invoice, day and reason are one dispute: the later row holds, so that a row at the end can close it.
    """
    known: dict[tuple[str, date, str], Dispute] = {}
    for row in facts.rows("relance-disputes"):
        row.need("invoice")
        invoices = facts.names(row, "invoice", problems.INVOICE_UNKNOWN)
        opened_on = row.day("opened_on") if row.need("opened_on") else None
        closed_on = row.day("closed_on")
        if opened_on and closed_on and closed_on < opened_on:
            place, typed = row.ref("closed_on"), row.text("closed_on")
            row.fail(problems.DISPUTE_CLOSED_EARLY.at(place, typed, opened=row.text("opened_on")))
        if not row.failed and opened_on:
            reason = row.text("reason")
            for invoice in invoices:
                known[invoice, opened_on, reason] = Dispute(invoice, opened_on, closed_on, reason, row.source)
    facts.disputes.extend(known.values())


def read_bank_statements(facts: Facts) -> None:
    """The days of every bank statement that was read; of rows about the same days of one account the later holds."""
    known: dict[tuple[str, date, date], BankPeriod] = {}
    for row in facts.rows("relance-bank-statements"):
        begins = row.day("begins") if row.need("begins") else None
        ends = row.day("ends") if row.need("ends") else None
        waits_from = row.day("waits_from")
        currency = row.currency(facts.seller.currency, beside="closing")
        opening, closing = (_balance(row, column, currency) for column in ("opening", "closing"))
        if begins and ends and ends < begins:
            place, first = row.ref("ends"), row.text("begins")
            row.fail(bank_problems.PERIOD_REVERSED.at(place, row.text("ends"), begins=first))
        if not row.failed and begins and ends:
            account, file = row.text("account"), row.text("file")
            known[account, begins, ends] = BankPeriod(
                account, begins, ends, waits_from, opening, closing, file, row.source
            )
    facts.bank_periods.extend(known.values())


def _balance(row: Row, column: str, currency: str) -> Money | None:
    text = row.text(column)
    return row.value(column, text, read.amount(text, currency, row.table.mark(column))) if text else None


def read_set_aside(facts: Facts) -> None:
    """Every movement of the bank account that is not to be booked."""
    for row in facts.rows("relance-bank-set-aside"):
        if row.need("bank") and not row.failed:
            facts.set_aside.add(row.text("bank"))


@dataclass(slots=True)
class _Instalment:
    """One row of an agreement: `shared` is what all its rows must say alike."""

    row: Row
    agreement: str
    shared: dict[str, object]
    due: date
    amount: Money


def read_agreements(facts: Facts) -> None:
    """Every agreement, made of its rows; its instalments in the order of their dates.

    A row that ends its agreement takes the place of the one with the same date and amount that was in force, wherever it stands.
    """
    rows = [instalment for row in facts.rows("relance-agreements") if (instalment := _instalment(facts, row))]
    agreements: dict[str, list[_Instalment]] = {}
    for instalment in rows:
        agreements.setdefault(fold(instalment.agreement), []).append(instalment)
    for own in agreements.values():
        notes = dict.fromkeys(note for part in own if (note := part.row.text("note")))
        instalments = _in_force(own)
        first = instalments[0]
        for other in instalments[1:]:
            _compare(first, other)
        row = first.row
        facts.agreements.append(
            AgreementRecord(
                id=first.agreement,
                client=str(first.shared["client"]),
                invoices=facts.names_with_fees(row, "invoices", problems.INVOICE_UNKNOWN),
                signed_on=row.day("signed_on") or first.due,
                instalments=tuple(sorted(((part.due, part.amount) for part in instalments), key=lambda part: part[0])),
                status=str(first.shared["status"]),
                supersedes=row.text("supersedes"),
                note="\n".join(notes),
                discount=discount if isinstance(discount := first.shared["discount"], Money) else None,
                source=row.source,
            )
        )


def _in_force(rows: list[_Instalment]) -> list[_Instalment]:
    """The rows of one agreement, without those that later ones have ended."""
    ending = [row for row in rows if row.shared["status"] != "active"]
    if len(ending) in {0, len(rows)}:
        return rows
    ended = Counter((row.due, row.amount) for row in ending)
    kept = []
    for row in rows:
        if row.shared["status"] == "active" and ended[row.due, row.amount]:
            ended[row.due, row.amount] -= 1
        else:
            kept.append(row)
    return kept


def _instalment(facts: Facts, row: Row) -> _Instalment | None:
    agreement, client = row.need("agreement"), facts.client(row)
    row.need("invoices")
    invoices = facts.names_with_fees(row, "invoices", problems.INVOICE_UNKNOWN)
    signed_on = row.day("signed_on") if row.need("signed_on") else None
    due = row.day("due") if row.need("due") else None
    currency = _currency(facts, row, invoices)
    amount = _positive(row, currency)
    discount = _discount(row, currency)
    status = row.word("status", AGREEMENT_STATUSES, "active", "status of an agreement")
    if row.failed or due is None or amount is None:
        return None
    shared: dict[str, object] = {
        "client": client,
        "invoices": invoices,
        "signed_on": signed_on,
        "status": status,
        "supersedes": row.text("supersedes"),
        "currency": currency,
        "discount": discount,
    }
    return _Instalment(row, agreement, shared, due, amount)


def _compare(first: _Instalment, other: _Instalment) -> None:
    for column, value in first.shared.items():
        if other.shared[column] != value:
            place = other.row.ref(column)
            other.row.fail(
                problems.AGREEMENT_INCONSISTENT.at(place, other.agreement, what=place.column, line=first.row.line)
            )


def _currency(facts: Facts, row: Row, invoices: tuple[str, ...]) -> str:
    """The currency that is written, else the invoices' own, else the seller's."""
    named = facts.named(invoices)
    return row.currency(named[0].total.currency if named else facts.seller.currency, beside="amount")


def _discount(row: Row, currency: str) -> Money | None:
    """What an agreement waives once it is kept; None for nothing."""
    if not row.text("discount"):
        return None
    amount = row.money("discount", currency)
    if amount is not None and amount < Money(0, currency):
        row.fail(flaws.AMOUNT_NOT_POSITIVE.at(row.ref("discount"), row.text("discount")))
    return amount or None


def _positive(row: Row, currency: str) -> Money | None:
    amount = row.money("amount", currency)
    if amount is not None and amount <= Money(0, currency):
        row.fail(flaws.AMOUNT_NOT_POSITIVE.at(row.ref("amount"), row.text("amount")))
    return amount
