"""The account: all that a page, an email, a letter or the public JSON may show of one client in one currency.

Everything a client reads is rendered from these records and from nothing else, so that two texts cannot disagree.
Amounts are `Money`; dates are days in the seller's time zone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from generator.domain.memory import OfferKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from generator.domain.claims import Claim
    from generator.domain.courses import Course
    from generator.domain.due import Reminders
    from generator.domain.lateness import Lateness
    from generator.domain.ledger import Client, Contact, Invoice, Payment, SourceRef
    from generator.domain.linkplan import Wanted
    from generator.domain.money import Money
    from generator.domain.offer_policy import Withheld
    from generator.domain.proposals import Pending
    from generator.domain.standing import Standing
    from generator.domain.vouchers import Voucher
    from generator.domain.written_down import CreditDue


class Status(StrEnum):
    """Where an item stands today."""

    NOT_DUE = "not_due"
    DUE = "due"
    OVERDUE = "overdue"
    DISPUTED = "disputed"
    IN_PLAN = "in_plan"
    IN_FLIGHT = "in_flight"
    PAID = "paid"


#: The reason of a dispute that the client's bank raised about a payment: its id at Stripe.
_BANK_DISPUTE = re.compile(r"Stripe (d[up]_\w+)")


@dataclass(frozen=True, slots=True)
class Item:
    """One invoice (or part of one) of the statement: `total` = `paid` + `credited` + `in_flight` + `open`.

    `in_flight` is covered by a debit that was ordered and has not arrived: it is neither paid nor asked for.
    `refunded_on` is the day of the last refund of an online payment that opened it again, `closed_on` the day nothing was left
    of it; None while something is, and where nobody knows the day.
    """

    invoice: Invoice
    status: Status
    total: Money
    paid: Money
    credited: Money
    open: Money
    days_overdue: int
    promised_on: date | None = None
    dispute_reason: str = ""
    in_flight: Money | None = None
    refunded_on: date | None = None
    closed_on: date | None = None

    @property
    def id(self) -> str:
        """The invoice's number, with its part."""
        return self.invoice.id

    @property
    def fee_of(self) -> str:
        """The item whose late fees these are, claimed beside it; empty for an invoice."""
        return self.invoice.fee_of

    @property
    def is_asked(self) -> bool:
        """Whether something of it is open that can be paid by itself: neither disputed, nor in an agreement, nor on its way."""
        return self.status in {Status.OVERDUE, Status.DUE, Status.NOT_DUE}

    @property
    def bank_dispute(self) -> str:
        """The id of the dispute that the client's bank raised about a payment of it; empty for any other, or none."""
        found = _BANK_DISPUTE.fullmatch(self.dispute_reason)
        return found[1] if found else ""


@dataclass(frozen=True, slots=True)
class Ageing:
    """What is overdue, by how long: 1 to 30 days, 31 to 60, 61 to 90, more."""

    up_to_30: Money
    up_to_60: Money
    up_to_90: Money
    older: Money


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of a statement.

    `to_pay` is what the `full` offer asks for: what is overdue and not disputed, with the instalments of an agreement
    whose date has come; when there is none of it, what is due next. `upcoming` is not due yet. `credit` is money of
    theirs that covers nothing. `in_flight` is covered by debits on their way, and counted in none of the others.
    """

    open: Money
    overdue: Money
    upcoming: Money
    disputed: Money
    in_plan: Money
    credit: Money
    to_pay: Money
    ageing: Ageing
    in_flight: Money
    fees: Money | None = None  #: claimed late fees that are open, counted in the others; None where none ever were


@dataclass(frozen=True, slots=True)
class Instalment:
    """One dated part of a plan or an agreement; `paid`, and `in_flight` by a debit under way, only ever in an agreement.

    Of what is `paid`, credit notes have `credited` so much, since the agreement was made. Of one that is late, `noticed_on` is the day
    of the first written reminder of it, and `ends_on` the last day on which its being late leaves the agreement standing: were it
    reminded of today, if it was not.
    """

    due: date
    amount: Money
    paid: Money
    in_flight: Money | None = None
    noticed_on: date | None = None
    ends_on: date | None = None
    credited: Money | None = None

    @property
    def net(self) -> Money:
        """What it comes to, without what credit notes took off."""
        return self.amount - self.credited if self.credited else self.amount

    @property
    def received(self) -> Money:
        """What came in of it."""
        return self.paid - self.credited if self.credited else self.paid

    @property
    def open(self) -> Money:
        """What is still to be paid of it."""
        return self.amount - self.paid if self.in_flight is None else self.amount - self.paid - self.in_flight


@dataclass(frozen=True, slots=True)
class Offer:
    """A way out that is open today. `amount` is what settles it: the whole plan for a plan, the rest after `saving` for a discount.

    `reference` is what a bank transfer must carry; `before_due` tells a discount for early payment from one for a late debt.
    A discount without a `percent` is of a fixed sum, which is its `saving`. `personal`: the owner made it to this client.
    A discount with a `voucher` saves nothing now: who pays all of it in time has so much off their next invoice.
    """

    key: str
    kind: OfferKind
    amount: Money
    saving: Money
    items: tuple[Item, ...]
    reference: str
    valid_until: date | None = None
    percent: Decimal = Decimal(0)
    instalments: tuple[Instalment, ...] = ()
    shares: tuple[Decimal, ...] = ()  #: the percents of a plan whose instalments are not equal
    before_due: bool = False
    own: bool = False
    personal: bool = False
    new: bool = False
    voucher: Money | None = None
    voucher_days: int = 0  #: how long that can be used

    @property
    def pay_now(self) -> Money:
        """What is to be transferred today to take the offer: the first instalment of a plan, else all of it."""
        return self.instalments[0].amount if self.instalments else self.amount

    @property
    def uneven(self) -> bool:
        """Whether the instalments of a plan are not just equal, to the cent that is left over."""
        amounts = [part.amount.minor for part in self.instalments]
        return bool(amounts) and max(amounts) - min(amounts) > 1


@dataclass(frozen=True, slots=True)
class Agreement:
    """A plan that was accepted. It `holds` until an instalment stays unpaid after the grace and a written reminder; then it is broken.

    `ended`: another took its place, or the owner says that it is over. It holds no more, and was not broken for that.
    `owed` is what was open of each of its invoices when it was made; `replaces` are the days on which the agreements were
    signed whose place it took. `broken_on` is the first day on which it was broken, also when it ended since, and `missed` the
    day of the instalment that was not paid; `told`: the client was told so, and paying what was missed does not take it up again.
    `kept_on` is the day on which all of it was paid, if it was kept. `saving` is waived then, which the instalments do not ask
    for: `saved_on` when that has come, `saving_lost` once it holds no more, unless what is late is paid before the client was told.
    `disputed` is what of its instalments is not asked for as long as a dispute goes on; `remitted` are late fees in it that were waived
    since: its last instalments are so much less. What was claimed of them since it was offered stands `beside` it while it holds.
    """

    id: str
    reference: str
    signed_on: date
    invoices: tuple[str, ...]
    instalments: tuple[Instalment, ...]
    holds: bool
    ended: bool = False
    owed: tuple[Money, ...] = ()
    replaces: tuple[date, ...] = ()
    broken_on: date | None = None
    missed: date | None = None
    told: bool = False
    kept_on: date | None = None
    saving: Money | None = None
    saved_on: date | None = None
    saving_lost: bool = False
    disputed: Money | None = None
    remitted: Money | None = None
    beside: Money | None = None

    @property
    def waiver(self) -> Money | None:
        """What is still to be waived, once it is kept."""
        return self.saving if self.holds and self.saved_on is None and not self.saving_lost else None

    @property
    def next(self) -> Instalment | None:
        """The first instalment that is not wholly paid."""
        return next((part for part in self.instalments if part.open), None)

    @property
    def paid(self) -> bool:
        """Whether every instalment is wholly paid, with money that arrived."""
        return all(part.paid >= part.amount for part in self.instalments)

    @property
    def broken(self) -> bool:
        """Whether it was not kept, something of it is still open, and nothing took its place."""
        return not self.holds and not self.ended and self.next is not None


class HistoryKind(StrEnum):
    """What a line of the history is about."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    FEES = "fees"
    FEES_WAIVED = "fees_waived"
    PAYMENT = "payment"
    REVERSAL = "reversal"
    DISCOUNT = "discount"
    AGREEMENT = "agreement"
    IN_FLIGHT = "in_flight"


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One dated fact, as the client may read it: what it is, the invoices concerned, the amount, and the means of a payment.

    `source` is where the ledger says so; nowhere for what follows from the journal.
    """

    on: date
    kind: HistoryKind
    amount: Money
    invoices: tuple[str, ...] = ()
    label: str = ""
    source: SourceRef | None = field(default=None, compare=False)


class How(StrEnum):
    """How a payment found its invoice. All but NAMED are guesses that the owner is shown."""

    NAMED = "named"
    EXACT = "exact"
    SUM = "sum"
    OLDEST = "oldest"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class Guess:
    """A payment that named no invoice, and where it was put; `invoice` is empty for what is left over as a credit.

    `stripe` is the payment's id at Stripe, when it came from there.
    """

    client: str
    on: date
    amount: Money
    invoice: str
    how: How
    source: SourceRef
    stripe: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """Statement, offers, agreement and reminders of one client in one currency, on the day `as_of`.

    `in_flight` are debits that were ordered and have not arrived. `wanted` are the payment links that all this calls
    for; `links` the addresses at which it can be paid online now, by key, and empty unless exactly these were seen active.
    `proposals` are those of the client's that wait for the owner's answer.
    `courses` tell how much was open when, of the items that were not paid by their due date, by item.
    `people` are all who can be reached at the client; `client` itself is as it is written to, at whoever pays.
    `punctual` is how many of their last invoices were paid on time, for which they may be thanked; `lateness`, what late money
    cost, is the owner's alone.
    """

    client: Client
    currency: str
    as_of: date
    payments_up_to: date | None
    keys: tuple[str, ...]
    reference: str
    items: tuple[Item, ...]
    totals: Totals
    offers: tuple[Offer, ...]
    agreements: tuple[Agreement, ...]
    history: tuple[HistoryLine, ...]
    guesses: tuple[Guess, ...]
    standing: Standing
    reminders: Reminders
    in_flight: tuple[Payment, ...] = ()
    wanted: tuple[Wanted, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    people: tuple[Contact, ...] = ()
    proposals: tuple[Pending, ...] = ()
    withheld: tuple[Withheld, ...] = ()  #: what they are not offered, and why: the owner's alone too
    courses: Mapping[str, Course] = field(default_factory=dict)
    punctual: int = 0
    lateness: Lateness | None = None
    vouchers: tuple[Voucher, ...] = ()  #: earned or given, the used ones too
    credits_due: tuple[CreditDue, ...] = ()  #: of every discount that was taken: the owner's alone
    claims: tuple[Claim, ...] = ()  #: late fees claimed beside invoices, each with what became of it
    spared: tuple[str, ...] = ()  #: the invoices of which the owner waived all late fees, for good

    def claim_of(self, item: str) -> Claim | None:
        """What was claimed for an invoice, by the invoice's name or by that of the fee beside it."""
        return next((claim for claim in self.claims if item in {claim.invoice, claim.item}), None)

    def with_status(self, *statuses: Status) -> tuple[Item, ...]:
        """The items that stand like this."""
        return tuple(item for item in self.items if item.status in statuses)

    @property
    def overdue(self) -> tuple[Item, ...]:
        """What is late, oldest first."""
        return self.with_status(Status.OVERDUE)

    @property
    def payable(self) -> tuple[Item, ...]:
        """What can be paid item by item: neither disputed, nor in an agreement."""
        return self.with_status(Status.OVERDUE, Status.DUE, Status.NOT_DUE)

    @property
    def upcoming(self) -> tuple[Item, ...]:
        """What is due today or later."""
        return self.with_status(Status.DUE, Status.NOT_DUE)

    def offers_of(self, kind: OfferKind) -> tuple[Offer, ...]:
        """The open offers of one kind."""
        return tuple(offer for offer in self.offers if offer.kind is kind)

    @property
    def full(self) -> Offer | None:
        """The offer to pay all that is asked for today; None when nothing is."""
        return next(iter(self.offers_of(OfferKind.FULL)), None)

    @property
    def agreement(self) -> Agreement | None:
        """The agreement that holds, or else the last one that was broken; None without any."""
        holding = [agreement for agreement in self.agreements if agreement.holds]
        return next(iter(holding or self.agreements[::-1]), None)
