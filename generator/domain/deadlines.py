"""Until which day a reminder asks for an answer: the one rule for what is written, and for what must wait until that day is over.

A formal notice never leaves before the day has passed that the last reminder gave in writing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from generator.domain.ledger import Channel
from generator.domain.policy import AGREEMENT_OVER, INSTALMENT_LATE, SERVICES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from generator.domain.delivery import MessageSent
    from generator.domain.memory import OfferMade

_DAYS = 10
_SHORTEST, _LONGEST = 7, 14
_SATURDAY = 5
_ONE_DAY = timedelta(days=1)
#: Messages that give no such day for the invoices that they list.
_WITHOUT = SERVICES | {*INSTALMENT_LATE, AGREEMENT_OVER}


def answer_by(on: date, ends: Iterable[date]) -> date:
    """Until when a reminder of that day asks for an answer: the first last day of its offers that is about as long, else ten days."""
    return min(_fitting(on, ends), default=_in_ten_days(on))


def notices_from(told: Mapping[str, date], sent: Sequence[MessageSent], offers: Sequence[OfferMade]) -> dict[str, date]:
    """The first day of a formal notice for each item: never before that of `told`, and after the day that its last reminder gave.

    Which of the offers of that day a message told of is not remembered: it is the latest day that it may have given.
    """
    last: dict[str, date] = {}
    for message in sent:  # in their order
        if message.step not in _WITHOUT and message.channel != Channel.PHONE:
            last |= {entry.invoice: message.on for entry in message.items if entry.step}
    found = dict(told)
    for item, on in last.items():
        ends = [offer.valid_until for offer in offers if item in offer.invoices and offer.holds_on(on)]
        first = max([_in_ten_days(on), *_fitting(on, ends)]) + _ONE_DAY
        found[item] = max(first, found.get(item, first))
    return found


def _fitting(on: date, ends: Iterable[date]) -> list[date]:
    return [end for end in ends if _SHORTEST <= (end - on).days <= _LONGEST]


def _in_ten_days(on: date) -> date:
    """Ten days later, or the Monday after that: never on a weekend."""
    day = on + timedelta(days=_DAYS)
    return day + timedelta(days=7 - day.weekday()) if day.weekday() >= _SATURDAY else day
