"""What relance booked from the bank or from Stripe is in the accounts too, sooner or later: the same money counts once.

Two payments that are alike are one. Where the accounts may have the money in another way, later or grouped, nobody can tell: the
client is held back.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from generator.domain.ledger import InvoiceStatus
from generator.problems import fec as problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from generator.domain.ledger import Payment
    from generator.readers.facts import Facts

#: A bank's day and the day of its entry differ by a few; a payout of Stripe may wait for a fortnight.
_DAYS, _DAYS_ONLINE = 7, 14
#: Accounts that are kept once a month have a payment so many days late, at most, and perhaps with others in one sum.
_DAYS_LATE = 30
_MOST_SUMS = 4096  #: of a few payments, that are tried


def count_once(facts: Facts) -> None:
    """Makes one of two payments of a client that are alike: the entry's, with what relance knew of it besides.

    Only what lies within the days that the accounts know of: a payment of after them is not in them yet.
    """
    learnt_in = {table.file for table in facts.tables["relance-payments"]}
    booked = [payment for payment in facts.payments if payment.source.file not in learnt_in]
    learnt = [payment for payment in facts.payments if payment.source.file in learnt_in]
    last = max((payment.date for payment in booked), default=None)
    if last is None or not learnt:
        return
    alike: dict[tuple[str, object], list[int]] = {}
    for place, payment in enumerate(booked):
        alike.setdefault((payment.client, payment.amount), []).append(place)
    kept, twice, found = [], [], set[int]()
    for payment in learnt:
        places = alike.get((payment.client, payment.amount), []) if payment.bank or payment.stripe else []
        reach = _DAYS_ONLINE if payment.stripe else _DAYS
        near = [place for place in places if abs((booked[place].date - payment.date).days) <= reach]
        if payment.date > last or not near:
            kept.append(payment)
            continue
        place = min((abs((booked[place].date - payment.date).days), place) for place in near)[1]
        places.remove(place)
        found.add(place)
        booked[place] = _both(booked[place], payment)
        twice.append(payment)
    facts.payments = [*booked, *kept]
    if twice:
        count = f"{len(twice)} payments" if len(twice) > 1 else "1 payment"
        facts.tell(problems.BOOKED_TOO.at(twice[0].source, count=count))
    within = [paid for paid in kept if (paid.bank or paid.stripe) and paid.amount.minor > 0 and paid.date <= last]
    others = [payment for place, payment in enumerate(booked) if place not in found and payment.amount.minor > 0]
    for payment, other in _perhaps_twice(facts, within, others):
        found_text = f"{payment.amount} {payment.amount.currency}"
        facts.tell(
            problems.BOOKED_TWICE.at(
                payment.source,
                found_text,
                day=payment.date.isoformat(),
                amount=other.amount,
                booked_day=other.date.isoformat(),
                place=other.source,
            )
        )


def _both(entry: Payment, learnt: Payment) -> Payment:
    return replace(
        entry,
        date=min(entry.date, learnt.date),
        invoices=entry.invoices or learnt.invoices,
        reference=learnt.reference or entry.reference,
        method=entry.method or learnt.method,
        stripe=learnt.stripe,
        undoes=learnt.undoes,
        link=learnt.link,
        bank=learnt.bank,
    )


def _perhaps_twice(
    facts: Facts, learnt: Sequence[Payment], booked: Sequence[Payment]
) -> Iterator[tuple[Payment, Payment]]:
    """Payments that relance booked, each with one of the accounts that may be the same money: no two of them are alike.

    It may be when one is the sum of others about these days, or when all that the client paid is more than they owed.
    """
    over = _paid_too_much(facts) if learnt else set()
    for payment in learnt:
        purse = payment.client, payment.amount.currency
        mine = [other for other in booked if (other.client, other.amount.currency) == purse]
        near = _near(payment, mine)
        parts = [other for other in near if _adds_up(payment, other, near)]
        own = [other for other in learnt if (other.client, other.amount.currency) == purse]
        whole = [other for other in near if _adds_up(other, payment, _near(other, own))]
        after = [other for other in mine if other.date >= payment.date - timedelta(days=_DAYS)] if purse in over else []
        if same := [*whole, *parts, *after]:
            yield payment, min(same, key=lambda other: abs((other.date - payment.date).days))


def _near(payment: Payment, others: Iterable[Payment]) -> list[Payment]:
    return [other for other in others if abs((other.date - payment.date).days) <= _DAYS_LATE]


def _adds_up(whole: Payment, part: Payment, others: Sequence[Payment]) -> bool:
    """Whether a payment is the sum of another one and of some of those about it, or of it alone."""
    left = whole.amount.minor - part.amount.minor
    sums = {0}
    for other in others:
        if other is not part and len(sums) < _MOST_SUMS:
            sums |= {before + other.amount.minor for before in sums if before + other.amount.minor <= left}
    return left in sums


def _paid_too_much(facts: Facts) -> set[tuple[str, str]]:
    """The clients, each in one currency, whose payments come to more than their invoices."""
    balances: Counter[tuple[str, str]] = Counter()
    for invoice in facts.invoices:
        if invoice.status is not InvoiceStatus.VOID:
            balances[invoice.client, invoice.total.currency] += invoice.total.minor
    for note in facts.credit_notes:
        balances[note.client, note.amount.currency] -= note.amount.minor
    for payment in (*facts.payments, *facts.stood_for):
        balances[payment.client, payment.amount.currency] -= payment.amount.minor
    return {purse for purse, left in balances.items() if left < 0}
