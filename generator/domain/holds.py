"""Why a message that is ready may not leave today, whatever it says: one list of reasons, in the order in which they are told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from generator.domain.due import Held
from generator.domain.ledger import Channel
from generator.domain.policy import SERVICES
from generator.domain.terms import business_days_between, next_business_day

if TYPE_CHECKING:
    from generator.domain.account import Item
    from generator.domain.delivery import Deliveries
    from generator.domain.due import DueReminder
    from generator.domain.ledger import Client
    from generator.domain.memory import ClientMemory
    from generator.domain.policy import Policy
    from generator.domain.terms import BusinessCalendar

#: A reason, and the last day of it when that is known.
Reason = tuple[Held | None, date | None]
FREE: Reason = (None, None)
#: So long the owner's word on a message holds: one that did not leave in a month is to be read again.
WORD_HOLDS_DAYS = 30
_SEVERAL = re.compile(r"[;,\s]+")


@dataclass(frozen=True, slots=True)
class Holds:
    """What stands between one client and a message on one day. `business` is the seller's calendar, where there is one."""

    policy: Policy
    client: Client
    memory: ClientMemory
    today: date
    business: BusinessCalendar | None

    def silent(self) -> Held | None:
        """Reasons for which nobody writes at all, however long it takes."""
        if self.client.insolvent_on(self.today):
            return Held.INSOLVENT
        return Held.OPTED_OUT if self.client.opt_out else None

    def standing(self) -> Reason:
        """What holds every message, and stays so until somebody does something."""
        known = self.memory.deliveries
        if known.uncertain:
            return Held.UNCERTAIN, None
        if known.unread:
            return Held.ANSWERED, None
        if self.client.hold_until is not None and self.today <= self.client.hold_until:
            return Held.HOLD, self.client.hold_until
        return FREE

    def undelivered(self, channel: Channel) -> Reason:
        """An email without an address, or to addresses that take none, does not go; a letter or a call does."""
        if channel is not Channel.EMAIL:
            return FREE
        if not self.client.email:
            return Held.NO_ADDRESS, None
        return (Held.UNREACHABLE, None) if self.unreachable else FREE

    @property
    def unreachable(self) -> tuple[str, ...]:
        """The client's addresses, when none of them takes mail."""
        addresses = tuple(filter(None, _SEVERAL.split(self.client.email)))
        gone = self.memory.deliveries.unreachable if addresses else frozenset()
        return addresses if gone and all(address.casefold() in gone for address in addresses) else ()

    def of_service(self) -> Reason:
        """Why a message that asks for nothing late may not go today."""
        if (reason := self.standing()) != FREE:
            return reason
        if self.wrote_today:
            return Held.GAP, self.today
        return self._closed()

    def of_reminder(self) -> Reason:
        """Why a reminder may not go today."""
        if (reason := self.standing()) != FREE:
            return reason
        if self.stale():
            return Held.STALE, None
        if self.today < (free := self.gap_ends()):
            return Held.GAP, free - timedelta(days=1)
        if self.today < (month := self.cap_ends()):
            return Held.CAP, month - timedelta(days=1)
        return self._closed()

    def promised(self, item: Item) -> bool:
        """Whether a promise may still be kept: until its day has passed, and until payments of that day are booked."""
        if item.promised_on is None:
            return False
        booked = self.policy.payments_up_to
        return self.today <= item.promised_on or (booked is not None and booked < item.promised_on)

    def given_back(self, item: Item) -> bool:
        """Whether a refund opened it again and the owner has not looked since: it may have been a gesture."""
        seen = self.memory.reviewed.get(item.id)
        return item.refunded_on is not None and (seen is None or seen < item.refunded_on)

    @property
    def first_run(self) -> date:
        """The day on which relance first saw this client: that of their first page."""
        return min((key.on for key in self.memory.keys), default=self.today)

    def _closed(self) -> Reason:
        if self.policy.reminders.business_days and self.business and not self.business.is_business_day(self.today):
            return Held.NOT_BUSINESS, next_business_day(self.today, self.business) - timedelta(days=1)
        return FREE

    @property
    def wrote_today(self) -> bool:
        """Whether a message left today: one a day is enough."""
        return any(message.on >= self.today for message in self.memory.sent)

    def gap_ends(self) -> date:
        """The first day on which the client may be reminded again; a day gone by when nothing was ever sent."""
        gap = max(1, self.policy.reminders.minimum_gap_days)
        return max(
            (
                message.on + timedelta(days=1 if message.step in SERVICES else gap)  # one message a day in any case
                for message in self.memory.sent
            ),
            default=date.min,
        )

    def cap_ends(self) -> date:
        """The first day of next month when the client was reminded as often as may be this month; else a day gone by."""
        first = self.today.replace(day=1)
        told = sum(message.on >= first for message in self.memory.sent if message.step not in SERVICES)
        if told < self.policy.reminders.most_per_month:
            return date.min
        return (first + timedelta(days=31)).replace(day=1)

    def stale(self) -> bool:
        """Whether payments are booked too long ago to accuse anybody of not paying."""
        known = self.policy.payments_up_to
        if known is None or self.business is None:
            return known is not None and (self.today - known).days > self.policy.stale_days
        return business_days_between(known, self.today, self.business) > self.policy.stale_days


def is_approved(message: DueReminder, known: Deliveries, today: date) -> bool:
    """Whether the owner said, not too long ago, that exactly this may leave: the step, the items, and what is to be paid."""
    items = tuple(item.id for item in message.items)
    said = (message.step.name, items, message.about, message.principal)
    fresh = (word for word in known.approved if (today - word.on).days <= WORD_HOLDS_DAYS)
    return any((word.step, word.items, word.about, word.principal) == said for word in fresh)
