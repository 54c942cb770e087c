"""The owner's policy: what may be offered, when we write, and to whom we do not. Read from `portal.toml` by the edges."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from generator.domain.fee_rules import FeePolicy
from generator.domain.ledger import Channel, Kind
from generator.domain.standing import Grade

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, time

    from generator.domain.ledger import Client


class Anchor(StrEnum):
    """What the days of a step are counted from."""

    DUE = "due"
    ISSUED = "issued"
    PREVIOUS = "previous"


class OfferStart(StrEnum):
    """When an offer is made: as a step that lists it falls due, from the invoice's date, or from its due date."""

    REMINDER = "reminder"
    ISSUED = "issued"
    DUE = "due"


class Interval(StrEnum):
    """The time between two instalments."""

    WEEK = "week"
    FORTNIGHT = "fortnight"
    MONTH = "month"


class FirstOffer(StrEnum):
    """Which of the two a step that lists both makes first; the other then comes with the next step that lists it."""

    PLAN = "plan"
    DISCOUNT = "discount"
    TOGETHER = "together"


class FeeMode(StrEnum):
    """Late fees: never spoken of, mentioned in one true sentence, or claimed."""

    OFF = "off"
    MENTION = "mention"
    CLAIM = "claim"


class Approval(StrEnum):
    """What waits for the owner's word before it is sent: every message, formal notices only, or nothing."""

    ALL = "all"
    NOTICES = "notices"
    NONE = "none"


class DiscountOn(StrEnum):
    """What a discount is taken off."""

    DEBT = "debt"
    NEXT_INVOICE = "next-invoice"


@dataclass(frozen=True, slots=True)
class DiscountPolicy:
    """`percent` off, or a fixed `amount`, when paid within `days` (that day included), for debts of `minimum` or more.

    With `voucher_days` it is taken off the client's next invoice instead, if that is issued within so many days.
    """

    percent: Decimal
    days: int = 10
    minimum: Decimal | None = None
    start: OfferStart = OfferStart.REMINDER
    repeat: bool = False
    lowest_grade: Grade = Grade.B  #: who pays late by habit is not rewarded for it
    amount: Decimal | None = None
    voucher_days: int = 0


@dataclass(frozen=True, slots=True)
class PlanPolicy:
    """Instalment plans: how many parts, how far apart, how long the proposal can be taken (`days`, that day included).

    A plan ends within `horizon_days` of the day it is made: two years at most may a judge grant (C. civ. 1343-5).
    `percentages` are plans whose parts are not equal, each as the percents of its parts. `days_of_month`: its dates fall on these
    days, unless the client has payment days of their own. `after_broken`: also for who has not kept an agreement and still owes it.
    """

    counts: tuple[int, ...] = (2, 3, 4)
    start: OfferStart = OfferStart.REMINDER
    days: int = 10
    interval: Interval = Interval.MONTH
    first_after_days: int = 0
    down_payment_percent: Decimal = Decimal(0)
    minimum_debt: Decimal | None = None
    minimum_instalment: Decimal | None = None
    horizon_days: int = 730
    lowest_grade: Grade = Grade.D
    after_broken: bool = False
    percentages: tuple[tuple[Decimal, ...], ...] = ()
    days_of_month: tuple[int, ...] = ()
    discount_percent: Decimal = Decimal(0)  #: waived once a plan is kept to its end

    @property
    def lengths(self) -> tuple[int, ...]:
        """In how many instalments there are plans."""
        return tuple(sorted({*self.counts, *map(len, self.percentages)}))

    def ends_by(self, made_on: date) -> date:
        """The last day on which a plan that is made that day may end."""
        return made_on + timedelta(days=self.horizon_days)


@dataclass(frozen=True, slots=True)
class GradeRules:
    """What is otherwise for the clients of one grade. None, or an empty `from_step`: as for everybody.

    `discount` and `plans` say whether they are offered any, whatever the lowest grade. `from_step`: no step before this one
    offers them anything. `counts` also says which plans by percentages there are: those of as many parts.
    """

    discount: bool | None = None
    plans: bool | None = None
    from_step: str = ""
    counts: tuple[int, ...] | None = None
    first_after_days: int | None = None
    down_payment_percent: Decimal | None = None
    minimum_debt: Decimal | None = None
    discount_percent: Decimal | None = None
    discount_days: int | None = None


NO_GRADE = "new"  #: the rules of clients of whom too little is known for a grade


@dataclass(frozen=True, slots=True)
class OfferPolicy:
    """What comes first, whether public bodies are offered anything, and what is otherwise by grade (`A` to `D`, `new`)."""

    first: FirstOffer = FirstOffer.PLAN
    public_bodies: bool = False
    grades: Mapping[str, GradeRules] = field(default_factory=dict)


class Tone(StrEnum):
    """How a step speaks when its template leaves room for it."""

    WARM = "warm"
    PLAIN = "plain"
    FIRM = "firm"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the ladder. `offers`: `discount`, `plan`. Its template has its name, unless `template` names another.

    `confirm`: it waits for the owner's word; None: as a formal notice does and others do not. `call_first`: where a
    telephone number is known, the owner is given a call sheet, and the message leaves on the next business day when no
    call was noted. `copy`: a second person at the client is written to as well.
    """

    name: str
    days: int
    anchor: Anchor = Anchor.DUE
    channel: Channel = Channel.EMAIL
    offers: tuple[str, ...] = ()
    template: str = ""
    tone: Tone = Tone.PLAIN
    confirm: bool | None = None
    call_first: bool = False
    copy: bool = False

    @property
    def template_name(self) -> str:
        """The name of its template."""
        return self.template or self.name

    @property
    def before_due(self) -> bool:
        """Whether this step speaks of something that is not due yet: a courtesy, not a reminder of lateness."""
        return (self.anchor is Anchor.DUE and self.days < 0) or self.anchor is Anchor.ISSUED

    @property
    def formal(self) -> bool:
        """Whether this is the formal notice (mise en demeure)."""
        return self.name == FORMAL_NOTICE


FORMAL_NOTICE = "formal-notice"
REMINDERS_BEFORE_FORMAL = 2  # a formal notice lists only items already reminded this often
COURTESY = "courtesy"

DEFAULT_LADDER = (
    Step(COURTESY, -3, tone=Tone.WARM),
    Step("reminder-1", 7, tone=Tone.WARM),
    Step("reminder-2", 14, offers=("plan",), call_first=True),
    Step("reminder-3", 30, offers=("plan",), tone=Tone.FIRM, copy=True),
    Step(FORMAL_NOTICE, 45, channel=Channel.LETTER, tone=Tone.FIRM),
)

#: Messages that are no step of a ladder: before and after an instalment of an agreement, when money came in, to a new client,
#: when an agreement was made.
INSTALMENT_SOON = "instalment"
INSTALMENT_LATE = ("instalment-late", "instalment-last")
RECEIPT = "receipt"
ONBOARDING = "onboarding"
RECAP = "recap"
AGREEMENT = "agreement"  #: the same on paper, for two signatures: a page for the owner, never a message of its own
AGREEMENT_OVER = "agreement-over"  #: an agreement ended because it was not kept
#: A service to the client, which asks for nothing late: neither the gap nor the cap of reminders is about these.
SERVICES = frozenset({INSTALMENT_SOON, RECEIPT, ONBOARDING, RECAP})
#: The answers to what a client proposed, by what became of it.
PROPOSAL_ANSWERED = {
    "accepted": "proposal-accepted",
    "refused": "proposal-refused",
    "countered": "proposal-countered",
}
NO_LADDER = "none"  #: the name of the ladder of clients who are never reminded


@dataclass(frozen=True, slots=True)
class ReminderPolicy:
    """The ladder and its manners; days are calendar days.

    `most_per_month`: reminders to one client in a calendar month. `ladders`: others, by name, for clients who are treated
    otherwise. `instalment_before_days` and `instalment_after_days`: when we write of an instalment of an agreement.
    `thanks`: whether clients are thanked for what they paid on time, and for an agreement that was kept.
    `send_between`: the hours in which mail leaves, in the seller's time zone.
    """

    steps: tuple[Step, ...] = DEFAULT_LADDER
    minimum_gap_days: int = 7
    review_after_days: int = 60
    grace_days: int = 0
    business_days: bool = True
    minimum_amount: Decimal | None = Decimal("5.00")
    approve: Approval = Approval.ALL
    most_per_month: int = 4
    ladders: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)
    instalment_before_days: int = 3
    instalment_after_days: tuple[int, ...] = (3, 10)
    recaps: bool = True
    thanks: bool = True
    receipts: bool = False
    onboarding: bool = False
    send_between: tuple[time, time] | None = None

    def steps_for(self, client: Client) -> tuple[Step, ...]:
        """The ladder of a client: their own or everybody's, without the steps they are spared."""
        steps = () if client.ladder == NO_LADDER else self.ladders.get(client.ladder, self.steps)
        return tuple(step for step in steps if step.name not in client.skip_steps)

    def needs_word(self, step: Step, channel: Channel) -> bool:
        """Whether a message of this step leaves only with the owner's word. A call is the owner's own doing."""
        if channel is Channel.PHONE:
            return False
        if self.approve is Approval.ALL or step.confirm:
            return True
        return self.approve is Approval.NOTICES and step.formal and step.confirm is None


@dataclass(frozen=True, slots=True)
class AgreementPolicy:
    """When an agreement that is not kept ends.

    An instalment is late by more than `grace_days`, and still unpaid `notice_days` after a written reminder of it.
    """

    grace_days: int = 10
    notice_days: int = 10


@dataclass(frozen=True, slots=True)
class StandingPolicy:
    """When a client's way of paying is an A, a B or a C; anything worse is a D.

    `months` is how far back is looked, `minimum_invoices` how many must be judged before there is a grade. `on_time_percent` is the
    least share of invoices paid by their due date, `days_late` the most days late on average, `broken` the most promises and
    agreements that were not kept.
    """

    months: int = 24
    minimum_invoices: int = 3
    on_time_percent: tuple[int, ...] = (80, 50, 0)
    days_late: tuple[int, ...] = (5, 20, 45)
    broken: tuple[int, ...] = (0, 1, 2)


@dataclass(frozen=True, slots=True)
class Amounts:
    """The amounts of the rules in one currency; None: the rule that needs it does not apply in that currency."""

    discount_minimum: Decimal | None = None
    plan_minimum_debt: Decimal | None = None
    plan_minimum_instalment: Decimal | None = None
    minimum_amount: Decimal | None = None
    discount_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class LinkPolicy:
    """What payment links are like: `ledger` marks ours among all those of a Stripe account; `contact` is who answers.

    `site` is the address of the portal, without a slash at its end.
    """

    ledger: str
    site: str
    contact: str
    methods: tuple[str, ...] = ("card",)

    def return_url(self, key: str) -> str:
        """Where the client comes back to after paying: their page, which then says thank you."""
        return f"{self.site}/p/{key}/#{RETURNED}"


RETURNED = "paid"  #: the part of a page that is shown to whoever comes back from paying


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything the rules need to know of the owner's will.

    `late_fees` is for clients who have no word of their own; `claim_from` the step from which fees are claimed; `interest_first`
    whether a payment covers the fees of an invoice before the invoice.
    """

    currency: str = "EUR"
    discount: DiscountPolicy | None = None
    plans: PlanPolicy | None = None
    offers: OfferPolicy = field(default_factory=OfferPolicy)
    reminders: ReminderPolicy = field(default_factory=ReminderPolicy)
    late_fees: FeeMode = FeeMode.MENTION
    claim_from: str = FORMAL_NOTICE
    interest_first: bool = False
    fees: FeePolicy = field(default_factory=FeePolicy)
    standing: StandingPolicy = field(default_factory=StandingPolicy)
    agreements: AgreementPolicy = field(default_factory=AgreementPolicy)
    payments_up_to: date | None = None
    stale_days: int = 3
    currencies: dict[str, Amounts] = field(default_factory=dict)
    links: LinkPolicy | None = None
    answer_days: int = 3

    def fee_mode(self, client: Client) -> FeeMode:
        """What becomes of a client's late fees: as their own column says, else as everybody's."""
        return self.late_fees if client.late_fees is None else client.late_fees

    def claims_from(self, client: Client) -> bool:
        """Whether late fees may be claimed from a client at all: never from a consumer, nor without their kind or a law."""
        known = client.kind in {Kind.BUSINESS, Kind.PUBLIC} and self.fees.claimable
        return known and self.fee_mode(client) is FeeMode.CLAIM

    def booked_by(self, today: date) -> date | None:
        """How far payments are booked, as far as anybody can know today; None when the owner does not say."""
        return None if self.payments_up_to is None else min(self.payments_up_to, today)

    def amounts(self, currency: str) -> Amounts:
        """The rules' amounts for accounts in `currency`: the seller's own, or its `[currencies.GBP]`.

        A rule that names an amount and has none in this currency does not apply (None); one that names none needs none.
        """
        own = Amounts(
            discount_minimum=self.discount.minimum if self.discount else None,
            plan_minimum_debt=self.plans.minimum_debt if self.plans else None,
            plan_minimum_instalment=self.plans.minimum_instalment if self.plans else None,
            minimum_amount=self.reminders.minimum_amount,
            discount_amount=self.discount.amount if self.discount else None,
        )
        here = own if currency == self.currency else self.currencies.get(currency, Amounts())

        def needed(amount: Decimal | None, in_own_currency: Decimal | None) -> Decimal | None:
            return Decimal(0) if in_own_currency is None else amount

        return Amounts(
            discount_minimum=needed(here.discount_minimum, own.discount_minimum),
            plan_minimum_debt=needed(here.plan_minimum_debt, own.plan_minimum_debt),
            plan_minimum_instalment=needed(here.plan_minimum_instalment, own.plan_minimum_instalment),
            minimum_amount=here.minimum_amount,
            discount_amount=needed(here.discount_amount, own.discount_amount),
        )
