"""What is due to a client today, or why nothing is: a part of the account."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from generator.domain.money import total

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from generator.domain.account import Agreement, Instalment, Item
    from generator.domain.delivery import Answered, Logged, MessageSent, SendIntended
    from generator.domain.ledger import Channel, Contact
    from generator.domain.money import Money
    from generator.domain.policy import Step
    from generator.domain.proposals import Proposal


class Held(StrEnum):
    """Why no reminder goes to a client today."""

    NOTHING_OVERDUE = "nothing_overdue"
    UNREADABLE = "unreadable"
    HOLD = "hold"
    INSOLVENT = "insolvent"
    OPTED_OUT = "opted_out"
    STALE = "stale_ledger"
    DISPUTED = "disputed"
    PROMISED = "promised"
    IN_FLIGHT = "in_flight"
    AGREEMENT = "agreement"
    REVIEW = "review"
    MINIMUM = "minimum_amount"
    GAP = "minimum_gap"
    CAP = "monthly_cap"
    ANSWERED = "answered"
    UNCERTAIN = "uncertain"
    UNREACHABLE = "unreachable"
    NO_ADDRESS = "no_address"
    EXCLUDED = "excluded"
    PAID = "paid"
    CREDIT = "credit_covers"
    NOT_BUSINESS = "not_a_business_day"
    LADDER_DONE = "ladder_done"


#: Reasons that are none to speak of: there is nothing to ask for.
QUIET = frozenset({Held.NOTHING_OVERDUE, Held.PAID, Held.CREDIT})


@dataclass(frozen=True, slots=True)
class InstalmentDue:
    """The instalment that a message is about: the `number`-th of `count`, from 1.

    `ends_on` is the last day on which its being late leaves the agreement standing; None while it is not late, or where nothing ends it.
    """

    agreement: Agreement
    instalment: Instalment
    number: int
    count: int
    ends_on: date | None = None

    def stands_on(self, day: date) -> bool:
        """Whether the agreement is in force that day, and until when can be said."""
        return self.agreement.holds and self.ends_on is not None and day <= self.ends_on


class RecapKind(StrEnum):
    """What a recap tells of an agreement: it was made, it changed, all of it is paid, or it is over.

    RESUMED: the client was told that it was over, and it holds after all, with the same dates.
    BROKEN: an instalment was not paid, in spite of a written reminder, and that ended it.
    """

    MADE = "made"
    CHANGED = "changed"
    RESUMED = "resumed"
    PAID = "paid"
    OVER = "over"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One instalment as it is to stand in the client's calendar, or, `cancelled`, to be taken out of it.

    `number` is its place in the agreement, of `count`; an entry of the same place is the same entry, and the one with the
    higher `sequence` holds. `amount` is what is left of it. `made_on` is the day that it is stamped with. One that is taken out
    may be `paid`.
    """

    agreement: str
    number: int
    count: int
    due: date
    amount: Money
    sequence: int
    made_on: date
    cancelled: bool = False
    paid: bool = False


@dataclass(frozen=True, slots=True)
class Recap:
    """An agreement in writing. `agreement` is None when there is none of that `id` any more; `invoices` are those it is about.

    `told_on` is the day of the recap of which this one takes the place, of this agreement or of the one that it replaces.
    `fallen` is what an agreement that is over was to waive, and waives no more; nothing where the new one waives something.
    """

    kind: RecapKind
    id: str
    agreement: Agreement | None
    invoices: tuple[str, ...] = ()
    calendar: tuple[CalendarEntry, ...] = ()
    told_on: date | None = None
    fallen: Money | None = None

    @property
    def in_force(self) -> bool:
        """Whether it is an agreement to keep, and not one that is over."""
        return self.kind in {RecapKind.MADE, RecapKind.CHANGED, RecapKind.RESUMED}

    @property
    def asked(self) -> tuple[Money, ...]:
        """What the client is to pay by it in all; nothing once that is over."""
        if self.agreement is None or not self.in_force:
            return ()
        amounts = [part.net for part in self.agreement.instalments]
        return (total(amounts, amounts[0].currency),)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money that came in, as the client is told: the day, the amount, the invoices that it named, how it came."""

    on: date
    amount: Money
    invoices: tuple[str, ...]
    method: str


@dataclass(frozen=True, slots=True)
class DueReminder:
    """The message that is due today: its step, its channel, all items it lists, and the own step of each (by item id).

    A message that is no step of a ladder is about an `instalment`, a `recap`, `receipts` or a client's `proposal`; `about` then
    names what it was about. A recap tells of the payments that came in with it, too.
    `call_first`: it is a call sheet today, and an email next time when no call was noted. `copy_to`: the addresses of
    those who read along. `waits`: it leaves only once the owner has said so. `fees` are the late fees that are claimed for
    its items, which it asks for beside them.
    """

    step: Step
    channel: Channel
    items: tuple[Item, ...]
    steps: Mapping[str, str]
    about: tuple[str, ...] = ()
    instalment: InstalmentDue | None = None
    recap: Recap | None = None
    receipts: tuple[Receipt, ...] = ()
    proposal: Proposal | None = None
    call_first: bool = False
    copy_to: tuple[Contact, ...] = ()
    waits: bool = False
    fees: tuple[Item, ...] = ()

    @property
    def asked(self) -> tuple[Money, ...]:
        """What it speaks of paying, or of having been paid, one sum for each currency in their order."""
        if self.recap is not None and self.recap.kind is not RecapKind.BROKEN:
            return self.recap.asked
        amounts = [item.open for item in (*self.items, *self.fees)]
        if self.instalment is not None:
            amounts = [self.instalment.instalment.open]
        elif self.receipts:
            amounts = [receipt.amount for receipt in self.receipts]
        sums: dict[str, Money] = {}
        for amount in amounts:
            sums[amount.currency] = sums[amount.currency] + amount if amount.currency in sums else amount
        return tuple(sums[currency] for currency in sorted(sums))

    @property
    def principal(self) -> tuple[tuple[str, int], ...]:
        """The same in minor units: what the owner's word on it is bound to."""
        return tuple((amount.currency, amount.minor) for amount in self.asked)


@dataclass(frozen=True, slots=True)
class NextReminder:
    """What would go next, and when, if nothing changed."""

    step: str
    on: date
    channel: Channel


@dataclass(frozen=True, slots=True)
class Reminders:
    """One client's reminders: what went, what is due today, what comes next, or why nothing goes (`until`: when that ends by itself).

    `unread` are answers that the owner has not read, `uncertain` messages of which nobody knows whether they left,
    `unreachable` the client's addresses that take no mail, `logged` what the owner noted. `kept` is a reminder that is ready and only
    waits for its day: a business day, the end of the gap, payments that are booked, another message that goes first.
    """

    sent: tuple[MessageSent, ...] = ()
    due_today: DueReminder | None = None
    next: NextReminder | None = None
    held: Held | None = None
    until: date | None = None
    to_review: tuple[str, ...] = ()
    unread: tuple[Answered, ...] = ()
    uncertain: tuple[SendIntended, ...] = ()
    unreachable: tuple[str, ...] = ()
    logged: tuple[Logged, ...] = ()
    kept: DueReminder | None = None
