"""What came of what was done about late money: discounts that were given, agreements that were made, reminders and what followed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from generator.domain.account import HistoryKind
from generator.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from generator.domain.account import Account, Agreement

PAID_WITHIN_DAYS = 10


class Outcome(StrEnum):
    """What became of an agreement so far."""

    KEPT = "kept"  #: paid to the end
    UNDER_WAY = "under_way"
    BROKEN = "broken"
    ENDED = "ended"  #: another took its place, or the owner says that it is over


@dataclass(frozen=True, slots=True)
class Tally:
    """How many there were, and what they add up to."""

    count: int = 0
    amount: Money | None = None

    def plus(self, amount: Money) -> Tally:
        """With one more."""
        return Tally(self.count + 1, amount if self.amount is None else self.amount + amount)


@dataclass(frozen=True, slots=True)
class Followed:
    """A step of the ladder: in how many invoices it was `told` of, and how many of these were `paid` within `PAID_WITHIN_DAYS`."""

    step: str
    told: int
    paid: int


@dataclass(frozen=True, slots=True)
class Window:
    """The days after `begins`, up to `ends`."""

    begins: date
    ends: date

    def holds(self, day: date) -> bool:
        """Whether it is one of them."""
        return self.begins < day <= self.ends


def given(accounts: Iterable[Account], window: Window) -> Tally:
    """The discounts that were taken."""
    found = Tally()
    for account in accounts:
        for line in account.history:
            if line.kind is HistoryKind.DISCOUNT and window.holds(line.on):
                found = found.plus(line.amount)
    return found


def agreed(accounts: Iterable[Account], window: Window) -> dict[Outcome, Tally]:
    """The agreements that were made, with the sums that they were about, by what became of them."""
    found: dict[Outcome, Tally] = {}
    for account in accounts:
        for agreement in account.agreements:
            if agreement.instalments and window.holds(agreement.signed_on):
                whole = Money(sum(part.amount.minor for part in agreement.instalments), account.currency)
                outcome = outcome_of(agreement)
                found[outcome] = found.get(outcome, Tally()).plus(whole)
    return {outcome: found[outcome] for outcome in Outcome if outcome in found}


def outcome_of(agreement: Agreement) -> Outcome:
    """What became of one."""
    if agreement.broken_on is not None:
        return Outcome.BROKEN
    if agreement.ended:
        return Outcome.ENDED
    return Outcome.KEPT if agreement.paid else Outcome.UNDER_WAY


def followed(clients: Iterable[Sequence[Account]], window: Window) -> dict[str, Followed]:
    """The reminders of what was late, by the step of each invoice. One that left lately is not judged yet.

    An invoice counts as paid when nothing of it was left within `PAID_WITHIN_DAYS` of the message; not as told when it was paid
    before. That the message was the reason, nobody can know.
    """
    told: dict[str, int] = {}
    paid: dict[str, int] = {}
    last = window.ends - timedelta(days=PAID_WITHIN_DAYS)
    for accounts in clients:
        sent = [message for message in accounts[0].reminders.sent if window.begins < message.on <= last]
        items = {item.id: item for account in accounts for item in account.items} if sent else {}
        for message in sent:
            for entry in message.items:
                item = items.get(entry.invoice)
                if item is None or not entry.step or message.on <= item.invoice.due:
                    continue
                if item.closed_on is not None and item.closed_on < message.on:
                    continue
                told[entry.step] = told.get(entry.step, 0) + 1
                if item.closed_on is not None and item.closed_on <= message.on + timedelta(days=PAID_WITHIN_DAYS):
                    paid[entry.step] = paid.get(entry.step, 0) + 1
    return {step: Followed(step, count, paid.get(step, 0)) for step, count in told.items()}
