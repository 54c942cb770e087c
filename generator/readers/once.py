"""What relance booked from the bank or from Stripe is in the accounts too, sooner or later: the same money counts once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generator.problems import fec as problems

if TYPE_CHECKING:
    from generator.domain.ledger import Payment
    from generator.readers.facts import Facts

#: A bank's day and the day of its entry differ by a few; a payout of Stripe may wait for a fortnight.
_DAYS, _DAYS_ONLINE = 7, 14


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
    kept, twice = [], []
    for payment in learnt:
        places = alike.get((payment.client, payment.amount), []) if payment.bank or payment.stripe else []
        reach = _DAYS_ONLINE if payment.stripe else _DAYS
        near = [place for place in places if abs((booked[place].date - payment.date).days) <= reach]
        if payment.date > last or not near:
            kept.append(payment)
            continue
        place = min((abs((booked[place].date - payment.date).days), place) for place in near)[1]
        places.remove(place)
        booked[place] = _both(booked[place], payment)
        twice.append(payment)
    if twice:
        facts.payments = [*booked, *kept]
        count = f"{len(twice)} payments" if len(twice) > 1 else "1 payment"
        facts.tell(problems.BOOKED_TOO.at(twice[0].source, count=count))


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
