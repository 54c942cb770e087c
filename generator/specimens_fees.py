"""Invented late fees on which templates are tried: claimed, paid in part and waived in part; or only given by the law."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from generator.domain.account import Instalment, Item, Status
from generator.domain.claims import FEES, Claim, ClaimedPeriod, FeesClaimed, fee_id
from generator.domain.courses import Course
from generator.domain.money import Money, total

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from generator.domain.account import Account
    from generator.domain.policy import Step

_INDEMNITY = 4000


def claimed_from(accounts: Sequence[Account], step: Step, today: date) -> tuple[Account, ...]:
    """The same accounts with late fees beside each invoice: of the first, a part was paid; of the second, a part waived.

    A formal notice claims them; of any other text, an earlier message of the same day did.
    """
    return tuple(_claimed(account, step, today) for account in accounts)


def _claimed(account: Account, step: Step, today: date) -> Account:
    claims, fees = [], []
    for number, item in enumerate(item for item in account.items if item.total.minor > _INDEMNITY):
        off = Money(500, account.currency)
        nothing = Money(0, account.currency)
        claim = _claim(account, item, step, today, waived=off if number else nothing, paid=nothing if number else off)
        claims.append(claim)
        fees.append(_fee(item, claim, today))
    more = total((fee.open for fee in fees), account.currency)
    known, due = account.totals, account.reminders.due_today
    totals = replace(known, open=known.open + more, overdue=known.overdue + more, to_pay=known.to_pay + more, fees=more)
    if due is not None and due.items:
        listed = {item.id for item in due.items}
        due = replace(due, fees=tuple(fee for fee in fees if fee.fee_of in listed))
    return replace(
        account,
        items=(*account.items, *fees),
        claims=tuple(claims),
        totals=totals,
        reminders=replace(account.reminders, due_today=due),
    )


def _claim(account: Account, item: Item, step: Step, today: date, *, waived: Money, paid: Money) -> Claim:
    """Interest of two periods, since a part was paid between them or might have been, and the indemnity."""
    due, base = item.invoice.due, item.total.minor
    first = ClaimedPeriod(
        due + timedelta(days=1),
        due + timedelta(days=10),
        base,
        Decimal("12.40"),
        365,
        base * 124 * 10 // 365_000,
        "ecb + 10",
        "fr-business-interest",
    )
    then = replace(
        first,
        begins=due + timedelta(days=11),
        ends=today,
        base=item.open.minor,
        interest=item.open.minor * 124 * ((today - due).days - 10) // 365_000,
    )
    event = FeesClaimed(
        account.client.id,
        account.currency,
        item.id,
        item.invoice.issued,
        base,
        step.name,
        today,
        today,
        _INDEMNITY,
        "fr-business-indemnity",
        (first, then),
    )
    whole = Money(event.amount, account.currency)
    told_on = None if step.formal else today
    told = () if told_on is None else (told_on,)
    return Claim(item.id, fee_id(item.id), (event,), told_on, waived, paid, whole - waived - paid, told=told)


def _fee(item: Item, claim: Claim, today: date) -> Item:
    part = f"{item.invoice.part}/{FEES}" if item.invoice.part else FEES
    invoice = replace(
        item.invoice, part=part, fee_of=item.id, issued=today, total=claim.total, order="", value="", vat=()
    )
    return Item(
        invoice, Status.OVERDUE, claim.total, claim.paid, claim.waived, claim.open, (today - item.invoice.due).days
    )


def late_in_law(accounts: Sequence[Account]) -> tuple[Account, ...]:
    """The same accounts with all of each invoice open since it was due, so that there is something for the law to give."""
    return tuple(
        replace(account, courses={item.id: Course(item.total.minor) for item in account.items}) for account in accounts
    )


def with_agreed_fees(account: Account, step: Step, today: date) -> Account:
    """The same account, its agreement also about late fees: one more instalment pays them."""
    due = account.reminders.due_today
    if due is None or due.recap is None or due.recap.agreement is None:
        raise ValueError("no agreement is told of")
    (found,) = claimed_from([account], step, today)
    agreement, claim = due.recap.agreement, found.claims[0]
    last = agreement.instalments[-1]
    more = Instalment(last.due + timedelta(days=30), claim.open, Money(0, account.currency))
    agreement = replace(
        agreement,
        invoices=(*agreement.invoices, claim.item),
        owed=(*agreement.owed, claim.open),
        instalments=(*agreement.instalments, more),
    )
    items = tuple(replace(item, status=Status.IN_PLAN) for item in found.items)
    recap = replace(due.recap, agreement=agreement, invoices=agreement.invoices)
    due = replace(due, recap=recap, items=tuple(item for item in items if item.id in agreement.invoices))
    return replace(found, items=items, reminders=replace(found.reminders, due_today=due))
