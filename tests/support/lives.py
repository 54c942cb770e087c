"""Lives by chance of one client: whatever owners offer, clients answer and banks do, one day after the other.

A life is its seed: `Life(seed)` draws the owner's terms, then each day its facts from what the page shows that day, builds, and
sends what is due. Every fact that came into the ledger stands in `told` with its day: what a failure is made of.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from generator.domain.ledger import (
    AgreementRecord,
    Client,
    CreditNote,
    Dispute,
    FeeWaiver,
    Invoice,
    Kind,
    Ledger,
    Payment,
    Progress,
    Promise,
    Taking,
)
from generator.domain.memory import OfferKind
from generator.domain.money import Money, total
from generator.domain.policy import (
    DEFAULT_LADDER,
    AgreementPolicy,
    Approval,
    DiscountPolicy,
    FirstOffer,
    Interval,
    LinkPolicy,
    OfferPolicy,
    OfferStart,
    PlanPolicy,
    Policy,
    ReminderPolicy,
)
from generator.domain.standing import Grade
from tests.support.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from generator.domain.account import Account, Offer

Fact = Invoice | Payment | CreditNote | Dispute | Promise | Taking | AgreementRecord | FeeWaiver

START = date(2026, 9, 1)
ONE_DAY = timedelta(days=1)
LINKS = LinkPolicy("sable", "https://payer.atelier-sable.example", "Nora Sable")
_TOTALS = ("1200.00", "500.00", "500.00", "333.33", "100.01", "999.99", "60.00", "7.13", "0.07")
_PERCENTS = ("1", "2.5", "5", "5", "10", "33.33", "50")


def euros(text: str) -> Money:
    """An amount in euros."""
    return Money.of(text, "EUR")


def any_terms(chance: random.Random) -> Policy:
    """What an owner may write under `[offers]` and `[reminders]`, sensible or not."""
    discount = DiscountPolicy(
        percent=Decimal(chance.choice(_PERCENTS)),
        days=chance.choice([0, 3, 10, 10, 30]),
        minimum=chance.choice([None, None, Decimal("100.00")]),
        start=chance.choice([OfferStart.REMINDER, OfferStart.REMINDER, OfferStart.ISSUED]),
        repeat=chance.random() < 0.3,
        lowest_grade=chance.choice([Grade.B, Grade.D]),
        amount=chance.choice([None, None, Decimal("15.00"), Decimal("60.00")]),
    )
    plans = PlanPolicy(
        counts=chance.choice([(2, 3, 4), (2, 3, 4), (3,), (2, 6, 12), (7,)]),
        start=chance.choice(list(OfferStart)),
        days=chance.choice([0, 5, 10, 30]),
        interval=chance.choice(list(Interval)),
        first_after_days=chance.choice([0, 0, 5, 15, 45]),
        down_payment_percent=Decimal(chance.choice(["0", "0", "10", "33.3", "60"])),
        minimum_debt=chance.choice([None, Decimal("50.00"), Decimal("300.00")]),
        minimum_instalment=chance.choice([None, Decimal("10.00"), Decimal("50.00")]),
        horizon_days=chance.choice([730, 730, 365, 92, 45]),
        after_broken=chance.random() < 0.5,
        percentages=chance.choice([(), (), ((Decimal(60), Decimal(20), Decimal(20)), (Decimal(50), Decimal(50)))]),
        days_of_month=chance.choice([(), (), (10,), (5, 20)]),
        discount_percent=Decimal(chance.choice(["0", "0", "5", "12.5"])),
    )
    steps = tuple(
        replace(step, offers=("discount", "plan")) if step.name in {"reminder-2", "reminder-3"} else step
        for step in DEFAULT_LADDER
    )
    return Policy(
        discount=chance.choice([discount, discount, None]),
        plans=chance.choice([plans, plans, plans, None]),
        reminders=ReminderPolicy(
            steps=steps,
            review_after_days=999,
            minimum_gap_days=chance.choice([3, 7]),
            approve=Approval.NONE,
            recaps=chance.random() < 0.5,
            receipts=chance.random() < 0.3,
        ),
        links=LINKS,
        offers=OfferPolicy(first=chance.choice(list(FirstOffer))),
        agreements=AgreementPolicy(grace_days=chance.choice([0, 3, 10]), notice_days=chance.choice([5, 10])),
    )


def with_fact(ledger: Ledger, fact: Fact) -> Ledger:
    """The ledger with one more fact; a dispute or an agreement that it knows is written anew, and money that came in is a payment."""
    if isinstance(fact, Dispute):
        others = tuple(
            known for known in ledger.disputes if (known.invoice, known.opened_on) != (fact.invoice, fact.opened_on)
        )
        return replace(ledger, disputes=(*others, fact))
    if isinstance(fact, AgreementRecord):
        others_ = tuple(known for known in ledger.agreements if known.id != fact.id)
        return replace(ledger, agreements=(*others_, fact))
    if isinstance(fact, Taking):
        before = tuple(known for known in ledger.takings if known.id != fact.id)
        paid = (fact.payment,) if fact.progress is Progress.PAID else ()
        return replace(ledger, takings=(*before, fact), payments=(*ledger.payments, *paid))
    names = {
        Invoice: "invoices",
        CreditNote: "credit_notes",
        Promise: "promises",
        Payment: "payments",
        FeeWaiver: "fee_waivers",
    }
    name = names[type(fact)]
    more: dict[str, Any] = {name: (*getattr(ledger, name), fact)}
    return replace(ledger, **more)


def by_transfer(on: date, amount: Money, reference: str = "", invoices: Iterable[str] = ()) -> Payment:
    """Money that the bank says came in."""
    return Payment("brun", on, amount, tuple(invoices), reference=reference)


def by_link(number: int, on: date, amount: Money, reference: str, progress: Progress = Progress.PAID) -> Taking:
    """Money that Stripe took through a link of ours, as `reconcile` books it."""
    paid = Payment("brun", on, amount, reference=reference, stripe=(f"pi_{number}",), link=f"plink_{number}")
    return Taking(progress, paid)


@dataclass
class Life:
    """One client of one owner; `day()` lives a day and shows the account of its evening, None while there is none."""

    seed: int
    policy: Policy | None = None
    told: list[tuple[date, Fact]] = field(default_factory=list)
    busy: float = 0.25  #: how often a day brings something
    today: date = START - ONE_DAY
    account: Account | None = None

    def __post_init__(self) -> None:
        """The owner's terms and the client's own ways."""
        self.chance = random.Random(self.seed)
        policy = any_terms(self.chance)
        pays_on = self.chance.choice([(), (), (), (10,), (5, 20), (31,)])
        brun = Client("brun", "Brun", "brun@client.example", kind=Kind.BUSINESS, pays_on=pays_on)
        region = self.chance.choice(["", "alsace-moselle"])
        self.made = World(Ledger({"brun": brun}), self.policy or policy, region=region)
        self._numbers = 0

    # living

    def learn(self, fact: Fact) -> None:
        """A fact comes into the ledger."""
        self.told.append((self.today, fact))
        self.made.ledger = with_fact(self.made.ledger, fact)

    def day(self, *, quiet: bool = False) -> Account | None:
        """The next day: what happens, what is built, what is sent. A `quiet` one brings nothing new."""
        self.today += ONE_DAY
        if not quiet:
            self._happens()
        self.build()
        return self.account

    def build(self) -> None:
        """What the owner does every day, or nearly."""
        self.made.build(self.today)
        if not self.made.decide(self.today).accounts:
            return
        self.before_sending = self.made.on(self.today)
        if random.Random(f"{self.seed} {self.today}").random() < 0.85:
            self.made.send(self.today)
        self.account = self.made.on(self.today)

    # what happens

    def _happens(self) -> None:
        if not self.account or (not self.account.totals.open and self.chance.random() < 0.4):
            self._invoice()
            self._invoice()
        while self.chance.random() < self.busy:
            kinds: list[Callable[[], None]] = [self._pays] * 3 + [self._takes] * 6 + [self._instalment] * 4
            kinds += [self._invoice, self._goes_back, self._goes_back, self._disputes, self._credit, self._promises]
            kinds += [self._agrees, self._agrees, self._ends, self._debit, self._debit_ends]
            self.chance.choice(kinds)()

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers

    def _invoice(self) -> None:
        if len(self.made.ledger.invoices) > 15:
            return
        issued = self.today - timedelta(days=self.chance.choice([0, 0, 1, 20]))
        due = issued + timedelta(days=self.chance.choice([0, 10, 15, 30]))
        made = Invoice(f"F-{self._number()}", "brun", issued, due, euros(self.chance.choice(_TOTALS)))
        if self.chance.random() < 0.15:
            made = replace(made, discount_percent=Decimal(self.chance.choice(_PERCENTS)), discount_days=10)
        self.learn(made)

    def _booked(self) -> date:
        return self.today - timedelta(days=self.chance.choice([0, 0, 0, 0, 1, 4]))

    def _pay(self, amount: Money, reference: str = "", invoices: Iterable[str] = ()) -> None:
        if amount.minor <= 0:
            return
        if reference and self.chance.random() < 0.4:
            self.learn(by_link(self._number(), self._booked(), amount, reference))
            return
        self.learn(by_transfer(self._booked(), amount, reference, invoices))

    def _about(self, amount: Money) -> Money:
        """That amount, mostly; else a part of it, or too much."""
        other = self.chance.choice([0, 0, 0, -1, 1, 5000, -amount.minor // 2])
        return Money(max(1, amount.minor + other), amount.currency)

    def _pays(self) -> None:
        """An invoice, or all that is asked; said or not."""
        found = [item for item in self.account.items if item.open] if self.account else []
        if not found or self.account is None:
            return
        item = self.chance.choice(found)
        ways: list[Callable[[], None]] = [
            lambda: self._pay(self._about(item.open), "", (item.id,)),
            lambda: self._pay(self._about(item.open)),
            lambda: self._pay(euros(self.chance.choice(_TOTALS))),
        ]
        asked = self.account
        if asked.full is not None:
            full = asked.full
            ways += [lambda: self._pay(self._about(full.amount), full.reference)]
        self.chance.choice(ways)()

    def _takes(self) -> None:
        """An offer, as it asks or nearly; with its reference or not."""
        found = [offer for offer in self.account.offers if offer.kind is not OfferKind.FULL] if self.account else []
        if found:
            offer: Offer = self.chance.choice(found)
            amount = self.chance.choice([offer.pay_now, offer.pay_now, self._about(offer.pay_now), offer.amount])
            self._pay(amount, self.chance.choice([offer.reference, offer.reference, offer.reference, ""]))

    def _instalment(self) -> None:
        """One of an agreement: the next, or all that is left; with its reference, with an invoice's number, or without a word."""
        found = [agreement for agreement in self.account.agreements if agreement.next] if self.account else []
        if not found:
            return
        agreement = self.chance.choice(found)
        left = total([part.open for part in agreement.instalments], "EUR")
        part = next(part for part in agreement.instalments if part.open)
        amount = self.chance.choice([part.open, part.open, self._about(part.open), left])
        said = self.chance.choice(["reference", "reference", "invoices", ""])
        self._pay(
            amount, agreement.reference if said == "reference" else "", agreement.invoices if said == "invoices" else ()
        )

    def _goes_back(self) -> None:
        """A payment, or a part of it: bounced, refunded by transfer, or by Stripe."""
        ledger = self.made.ledger
        back = {payment.undoes for payment in ledger.payments if payment.undoes}
        for payment in ledger.payments:
            if payment.amount.minor < 0 and not payment.undoes:
                back |= {payment.note}
        came = [
            (index, payment)
            for index, payment in enumerate(ledger.payments)
            if payment.amount.minor > 0
            and not {f"row {index}", *payment.stripe} & back
            and payment.date >= self.today - timedelta(days=40)
        ]
        if not came:
            return
        index, payment = self.chance.choice(came)
        part = self.chance.choice([payment.amount.minor] * 3 + [max(1, payment.amount.minor // 3)])
        amount = Money(-part, payment.amount.currency)
        if payment.stripe:
            undone = replace(
                payment, date=self.today, amount=amount, stripe=(f"re_{self._number()}",), undoes=payment.stripe[0]
            )
            self.learn(Taking(Progress.PAID, replace(undone, link="", method="refund")))
        else:
            self.learn(replace(payment, date=self.today, amount=amount, note=f"row {index}"))

    def _disputes(self) -> None:
        """One is opened, or the open one is closed."""
        still = [dispute for dispute in self.made.ledger.disputes if dispute.closed_on is None]
        if still:
            self.learn(replace(still[0], closed_on=self.today))
        elif self.made.ledger.invoices:
            invoice = self.chance.choice(self.made.ledger.invoices)
            if not any((one.invoice, one.opened_on) == (invoice.id, self.today) for one in self.made.ledger.disputes):
                self.learn(Dispute(invoice.id, self.today, reason="Montant"))

    def _credit(self) -> None:
        """A credit note, of an invoice or of none."""
        invoice = self.chance.choice(self.made.ledger.invoices)
        amount = Money(max(1, self.chance.choice([invoice.total.minor, 4000, 1, invoice.total.minor // 2])), "EUR")
        named = self.chance.choice([invoice.id, invoice.id, ""])
        self.learn(CreditNote(f"A-{self._number()}", "brun", self.today, amount, named))

    def _promises(self) -> None:
        on = self.today + timedelta(days=self.chance.randint(0, 15))
        self.learn(Promise("brun", self.today, on))

    def _agrees(self) -> None:
        """By phone: a schedule of any parts over what is late, now and then in the place of an agreement."""
        if self.account is None:
            return
        earlier = [agreement for agreement in self.account.agreements if agreement.next and not agreement.ended]
        items = [item for item in self.account.overdue if item.open]
        replaced = ""
        if earlier and self.chance.random() < 0.6:
            agreement = self.chance.choice(earlier)
            replaced = agreement.id
            items = [item for item in self.account.items if item.id in agreement.invoices and item.open]
        debt = total([item.open for item in items], "EUR").minor
        waived = euros("2.00") if debt > 1000 and self.chance.random() < 0.2 else None
        debt -= waived.minor if waived else 0
        if not debt:
            return
        cuts = sorted(self.chance.sample(range(1, debt), min(self.chance.randint(0, 4), debt - 1)))
        shares = [end - start for start, end in zip([0, *cuts], [*cuts, debt], strict=True)]
        days = sorted(self.chance.sample(range(70), len(shares)))
        parts = tuple(
            (self.today + timedelta(days=on), Money(part, "EUR")) for on, part in zip(days, shares, strict=True)
        )
        numbers = tuple(item.id for item in items)
        self.learn(
            AgreementRecord(
                f"P-{self._number()}", "brun", numbers, self.today, parts, supersedes=replaced, discount=waived
            )
        )

    def _ends(self) -> None:
        """The owner ends an agreement."""
        found = [agreement for agreement in self.account.agreements if not agreement.ended] if self.account else []
        if not found or self.chance.random() < 0.5:
            return
        agreement = self.chance.choice(found)
        known = next((one for one in self.made.ledger.agreements if one.id == agreement.id), None)
        parts = tuple((part.due, part.amount) for part in agreement.instalments)
        made = known or AgreementRecord(agreement.id, "brun", agreement.invoices, agreement.signed_on, parts)
        self.learn(replace(made, status="cancelled"))

    def _debit(self) -> None:
        """A debit is ordered through a link."""
        links = self.account.wanted if self.account else ()
        if links:
            link = self.chance.choice(links)
            self.learn(by_link(self._number(), self.today, link.amount, link.reference, Progress.IN_FLIGHT))

    def _debit_ends(self) -> None:
        """It arrives, or fails."""
        waiting = [taking for taking in self.made.ledger.takings if taking.progress is Progress.IN_FLIGHT]
        if waiting:
            progress = self.chance.choice([Progress.PAID, Progress.PAID, Progress.FAILED])
            self.learn(replace(self.chance.choice(waiting), progress=progress))
