"""What the owner's report shows: who is written to, who is not and why, what to look at, who owes what.

Lists are bounded, each with the count of what is left out, so that the report of five thousand clients opens as fast as
that of five. Amounts of two currencies never meet.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from generator.domain.account import Ageing

if TYPE_CHECKING:
    from datetime import date

    from generator.domain.account import Agreement, Guess, Instalment, Item, Offer, Totals
    from generator.domain.due import Held, NextReminder, Reminders
    from generator.domain.ledger import Client, Payment, Problem
    from generator.domain.money import Money
    from generator.domain.standing import Standing
    from generator.domain.vouchers import Voucher
    from generator.report_attention import First
    from generator.report_costs import CostReport
    from generator.report_fees import FeeReport, FeeReview
    from generator.report_messages import Leaving
    from generator.report_parts import Bounded, Noted, Person


@dataclass(frozen=True, slots=True)
class Waiting:
    """A client to whom nothing goes today, with what explains it, and what was noted of them last.

    `refunded` is the day of a refund that waits for review.
    """

    client: Client
    page: str
    amounts: tuple[Money, ...]
    reminders: Reminders
    promised: date | None
    instalment: Instalment | None
    reason: str
    refunded: date | None
    notes: tuple[Noted, ...]

    @property
    def until(self) -> date | None:
        """When the reason ends by itself."""
        return self.reminders.until

    @property
    def next(self) -> NextReminder | None:
        """What would go next."""
        return self.reminders.next


@dataclass(frozen=True, slots=True)
class HeldGroup:
    """The clients of one reason; `reason` is None when the next step simply has a later day."""

    reason: Held | None
    clients: Bounded[Waiting]


@dataclass(frozen=True, slots=True)
class OldDebts:
    """Debts that wait for the owner's word before the first reminder, and the command that gives it."""

    client: Client
    page: str
    items: tuple[Item, ...]
    amounts: tuple[Money, ...]
    command: str


@dataclass(frozen=True, slots=True)
class Reopened:
    """An item that a refund opened again and that waits for the owner's word, and the command that gives it."""

    client: Client
    page: str
    item: Item
    command: str


@dataclass(frozen=True, slots=True)
class Broken:
    """An agreement that was not kept, and the instalment that is missing. It holds still where nobody wrote of that."""

    client: Client
    page: str
    agreement: Agreement
    missed: Instalment


@dataclass(frozen=True, slots=True)
class Open:
    """One item of a client: a dispute, or a promise that was not kept."""

    client: Client
    page: str
    item: Item


@dataclass(frozen=True, slots=True)
class Credit:
    """Money of a client's that covers nothing."""

    client: Client
    page: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that came through Stripe and covers nothing. `stripe` is the id under which it is found there."""

    client: Client
    page: str
    amount: Money
    on: date
    stripe: str


@dataclass(frozen=True, slots=True)
class Deduct:
    """A voucher that is to be taken off an invoice, and the command that says that it was."""

    client: Client
    page: str
    voucher: Voucher
    command: str


@dataclass(frozen=True, slots=True)
class Flight:
    """A debit that was ordered and has not arrived."""

    client: Client
    page: str
    payment: Payment


@dataclass(frozen=True, slots=True)
class Review:
    """What only the owner can decide."""

    old: Bounded[OldDebts]
    reopened: Bounded[Reopened]
    broken: Bounded[Broken]
    promises: Bounded[Open]
    disputes: Bounded[Open]
    credits: Bounded[Credit]
    refunds: Bounded[Refund]
    bank_disputes: Bounded[Open]
    vouchers: Bounded[Deduct]
    fees: FeeReview

    @property
    def count(self) -> int:
        """How many there are in all."""
        about_debts = (self.old, self.reopened, self.broken, self.promises, self.disputes)
        about_money = (self.credits, self.refunds, self.bank_disputes)
        deducted = sum(bool(entry.voucher.following) for entry in self.vouchers.shown)  # the others wait for an invoice
        return sum(found.count for found in (*about_debts, *about_money, self.fees)) + deducted


@dataclass(frozen=True, slots=True)
class Row:
    """One account in the table of who owes what. `since` is the oldest due date that has passed."""

    client: Client
    page: str
    totals: Totals
    since: date | None
    reminders: Reminders
    standing: Standing


@dataclass(frozen=True, slots=True)
class Debts:
    """Who owes what in one currency."""

    currency: str
    totals: Totals
    rows: Bounded[Row]
    settled: int

    @property
    def ages(self) -> tuple[tuple[str, Money], ...]:
        """What is overdue, by how long, with the name of each age."""
        return tuple((age.name, getattr(self.totals.ageing, age.name)) for age in fields(Ageing))


@dataclass(frozen=True, slots=True)
class OpenOffer:
    """An offer with a deadline; plans of several counts for the same invoices are one."""

    client: Client
    page: str
    offer: Offer
    counts: tuple[int, ...]
    valid_until: date


@dataclass(frozen=True, slots=True)
class GuessRow:
    """A payment that we allocated without being told where."""

    client: Client
    guess: Guess


@dataclass(frozen=True, slots=True)
class ReportView:
    """The whole report. `agreed`: instalments are to come. `test_to`: the address to which everything goes on a trial.

    `credits_due`: how many discounts have no credit note yet; None when none was ever taken.
    """

    first: First
    departures: tuple[Leaving, ...]
    held: tuple[HeldGroup, ...]
    quiet: int
    review: Review
    guesses: Bounded[GuessRow]
    debts: tuple[Debts, ...]
    costs: CostReport | None
    fees: FeeReport | None
    agreed: bool
    credits_due: int | None
    offers: Bounded[OpenOffer]
    flights: Bounded[Flight]
    payers: Bounded[Person]
    warnings: Bounded[Problem]
    payments_up_to: date | None
    stale: bool
    sends: bool
    test_to: str

    @property
    def leaving(self) -> int:
        """How many messages would leave today."""
        return sum(group.count for group in self.departures)

    @property
    def holding(self) -> int:
        """How many clients are held."""
        return sum(group.clients.count for group in self.held)

    @property
    def todo(self) -> tuple[tuple[str, int], ...]:
        """What there is for the owner to do, by its name, with how often; first what comes first."""
        counts = {
            "doubts": self.first.doubts.count,
            "answers": self.first.answers.count,
            "proposals": self.first.proposals.count,
            "refused": self.first.refused.count,
        }
        counts |= {str(group.way): group.count for group in self.departures}
        counts["review"] = self.review.count
        return tuple((name, count) for name, count in counts.items() if count)
