"""The promise behind every payment link: paid as it is, and booked as it is, it settles what it says and nothing else.

The random lives are those of the transfers (`test_pay_what_is_asked`), with agreements and parts of invoices among them;
then every link that an account calls for is paid, each in a world of its own, and booked from what Stripe tells of it.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest

from generator.domain.account import Status
from generator.domain.ledger import Progress
from generator.domain.linkplan import LinkKind
from generator.domain.negotiation import OfferMaker
from generator.domain.offer_policy import OfferRules
from generator.domain.policy import LinkPolicy, OfferStart
from generator.domain.reconciliation import Receipt, reconcile
from tests.domain.test_pay_what_is_asked import START, any_ledger, any_policy
from tests.support.effort import examples
from tests.support.reading import DISCOUNTING
from tests.support.world import GENEROUS, World, world

if TYPE_CHECKING:
    from generator.domain.account import Account, Item
    from generator.domain.linkplan import Wanted
    from generator.domain.memory import OfferMade

LINKS = LinkPolicy("sable", "https://payer.atelier-sable.example", "Nora Sable")
NOON = time(12)


def any_agreement(chance: random.Random) -> str:
    """One over the first invoice, or the first two, of some length; it may be kept, broken or over."""
    signed = date(2026, 9, 20) + timedelta(days=chance.randint(0, 40))
    numbers = chance.choice(["F-1", "F-1,F-2"])
    interval = chance.choice([7, 30])
    parts = " ".join(
        f"{signed + timedelta(days=interval * index)}:{chance.choice(['50', '100', '250', '333.33'])}"
        for index in range(chance.randint(1, 5))
    )
    return f"agreement P-1 {signed} {numbers} {parts}"


def lived(seed: int) -> tuple[World, date]:
    """A world some weeks on."""
    chance = random.Random(seed)
    text = any_ledger(chance)
    if chance.random() < 0.6:
        text += "\n" + any_agreement(chance)
    if chance.random() < 0.3:
        text += "\ninvoice F-9 2026-08-20 due 2026-09-30 300 part=1\ninvoice F-9 2026-08-20 due 2026-10-30 200 part=2"
    made, today = world(text, replace(any_policy(chance), links=LINKS)), START
    for _ in range(chance.randint(20, 60)):
        today += timedelta(days=1)
        made.build(today)
        if chance.random() < 0.7 and made.decide(today).accounts:
            made.send(today)
    return made, today


def paid_through(made: World, link: Wanted, today: date, progress: Progress = Progress.PAID) -> Account:
    """The account once this link was paid, and the payment brought in from Stripe."""
    at = datetime.combine(today, NOON, UTC)
    receipt = Receipt(
        ids=("pi_1", "ch_1", "cs_1"),
        link="plink_1",
        account=link.account,
        reference=link.reference,
        amount=link.amount,
        progress=progress,
        at=at,
        begun=at,
    )
    (taking,) = reconcile([receipt], [], made.ledger, today, UTC).takings
    paid = (taking.payment,) if progress is Progress.PAID else ()
    ledger = replace(made.ledger, takings=(*made.ledger.takings, taking), payments=(*made.ledger.payments, *paid))
    return World(ledger, made.policy, list(made.events)).on(today)


def owed(account: Account, but: tuple[str, ...] = ()) -> dict[str, str]:
    return {item.id: str(item.open) for item in account.items if item.id not in but}


def of(account: Account, numbers: tuple[str, ...]) -> list[Item]:
    return [item for item in account.items if item.id in numbers]


def check(before: Account, after: Account, link: Wanted) -> None:
    assert after.totals.credit == before.totals.credit
    if link.kind is LinkKind.FULL:
        _everything(before, after)
        return
    assert owed(after, link.invoices) == owed(before, link.invoices)
    if link.kind in {LinkKind.INVOICE, LinkKind.DISCOUNT}:
        assert [str(item.open) for item in of(after, link.invoices) if item.open] == []
        return
    paid = sum(item.open.minor for item in of(before, link.invoices)) - sum(
        item.open.minor for item in of(after, link.invoices)
    )
    assert paid == link.amount.minor
    agreement = next(found for found in after.agreements if found.reference == link.reference)
    assert agreement.holds
    assert not agreement.instalments[link.part - 1].open or not [item for item in of(after, link.invoices) if item.open]
    if link.kind is LinkKind.PLAN:
        (offer,) = [found for found in before.offers if found.key == link.key]
        assert [(part.due, part.amount) for part in agreement.instalments] == [
            (part.due, part.amount) for part in offer.instalments
        ]
        assert {item.status for item in of(after, link.invoices)} <= {Status.IN_PLAN, Status.IN_FLIGHT, Status.PAID}


def _everything(before: Account, after: Account) -> None:
    """What was asked is asked no more: the items that were shown, and the instalments whose day has come."""
    assert before.full is not None
    numbers = tuple(item.id for item in before.full.items)
    assert [str(item.open) for item in of(after, numbers) if item.open] == []
    in_plan = {number for found in before.agreements for number in found.invoices}
    assert {item.id for item in after.overdue} <= in_plan, "only the rest of a debt whose agreement is paid to the end"
    held = {found.id for found in before.agreements if found.holds}
    late = [
        part for found in after.agreements if found.id in held for part in found.instalments if part.due <= after.as_of
    ]
    if after.with_status(Status.IN_PLAN):
        assert [part for part in late if part.open] == []
    assert owed(after, (*numbers, *in_plan)) == owed(before, (*numbers, *in_plan))


@pytest.mark.parametrize("seed", range(examples(40)))
def test_a_link_that_is_paid_settles_what_it_says(seed: int) -> None:
    made, today = lived(seed)
    if not made.decide(today).accounts:
        return
    before = made.on(today)
    for link in before.wanted:
        check(before, paid_through(made, link, today), link)
        check(before, paid_through(made, link, today, Progress.IN_FLIGHT), link)


def link_of(account: Account, kind: LinkKind) -> Wanted:
    return next(link for link in account.wanted if link.kind is kind)


class TestAllThatIsAsked:
    """A late invoice and an instalment whose day has come: no invoice number says that."""

    def mixed(self) -> World:
        text = """
            client brun
            invoice F-1 2026-09-02 due 2026-10-02 1000.00
            invoice F-5 2026-09-20 due 2026-10-20 200.00
            invoice F-6 2026-10-25 due 2026-11-25 450.00
            agreement P-1 2026-10-05 F-1 2026-11-05:250 2026-12-05:250 2027-01-05:250 2027-02-05:250
        """
        return world(text, replace(GENEROUS, links=LINKS))

    def settled(self, account: Account) -> None:
        assert [str(item.open) for item in of(account, ("F-1", "F-5", "F-6"))] == ["750.00", "0.00", "450.00"]
        assert account.agreement is not None
        assert [str(part.paid) for part in account.agreement.instalments] == ["250.00", "0.00", "0.00", "0.00"]
        assert account.overdue == ()

    def test_its_link_settles_the_one_and_the_other_and_no_invoice_of_that_amount(self) -> None:
        made, today = self.mixed(), date(2026, 11, 6)
        link = link_of(made.on(today), LinkKind.FULL)
        assert (str(link.amount), link.reference) == ("450.00", made.on(today).reference)
        self.settled(paid_through(made, link, today))

    def test_a_transfer_of_it_with_its_reference_does_too(self) -> None:
        made = self.mixed()
        made.add(f'payment 2026-11-06 450 ref="{made.on("2026-11-06").reference}"')
        self.settled(made.on("2026-11-06"))

    def test_a_transfer_of_another_amount_goes_where_one_without_a_word_does(self) -> None:
        made = self.mixed()
        made.add(f'payment 2026-11-06 200 ref="{made.on("2026-11-06").reference}"')
        assert [str(item.open) for item in of(made.on("2026-11-06"), ("F-5",))] == ["0.00"]

    def test_its_link_is_about_the_invoices_of_the_agreement_too(self) -> None:
        assert link_of(self.mixed().on("2026-11-06"), LinkKind.FULL).invoices == ("F-5", "F-1")


class TestAllThatIsLeft:
    """An agreement can be paid to its end at any time."""

    TEXT = """
        client brun
        invoice F-1 2026-09-02 due 2026-10-02 1000.00
        agreement P-1 2026-10-05 F-1 2026-10-05:250 2026-11-05:250 2026-12-05:250 2027-01-05:250
        payment 2026-10-05 250 F-1
    """

    def test_its_link_closes_every_instalment_and_no_other_link_is_left(self) -> None:
        made = world(self.TEXT, replace(GENEROUS, links=LINKS))
        link = link_of(made.on("2026-10-20"), LinkKind.REST)
        assert (str(link.amount), link.invoices) == ("750.00", ("F-1",))
        after = paid_through(made, link, date(2026, 10, 20))
        assert [str(part.open) for part in after.agreements[0].instalments] == ["0.00"] * 4
        assert (after.agreements[0].kept_on, after.wanted) == (date(2026, 10, 20), ())
        assert not after.totals.credit

    def test_so_does_a_transfer_with_the_reference_of_the_agreement(self) -> None:
        made = world(self.TEXT, replace(GENEROUS, links=LINKS))
        reference = made.on("2026-10-20").agreements[0].reference
        made.add(f'payment 2026-10-21 750 ref="{reference}"')
        assert made.on("2026-10-21").agreements[0].next is None


class TestAgreedForMoreThanIsOwed:
    """Part of the invoice had been paid before it was cut into instalments."""

    def test_no_more_is_asked_for_than_is_open(self) -> None:
        text = """
            client brun
            invoice F-1 2026-09-02 due 2026-10-02 1000.00
            payment 2026-09-15 600 F-1
            agreement P-1 2026-10-05 F-1 2026-10-05:250 2026-11-05:250 2026-12-05:250 2027-01-05:250
            payment 2026-10-05 250 F-1
        """
        account = world(text, replace(GENEROUS, links=LINKS)).on("2026-10-20")
        assert str(account.totals.to_pay) == str(account.totals.open) == "150.00"
        assert [(link.kind, str(link.amount)) for link in account.wanted] == [("instalment", "150.00")]


class TestOffersOfOneDebt:
    """Two late invoices, with a discount on both and plans for both."""

    def offered(self) -> World:
        text = """
            client brun
            invoice F-1 2026-10-02 due 2026-11-02 1000.00
            invoice F-2 2026-10-02 due 2026-11-02 1000.00
            sent 2026-11-09 reminder-1 F-1 F-2
        """
        made = world(text, replace(DISCOUNTING, links=LINKS))
        assert made.send("2026-11-16") == "reminder-2"
        return made

    def test_a_discount_paid_after_a_transfer_crossed_with_it_is_earned_and_the_rest_is_theirs(self) -> None:
        made = self.offered()
        link = link_of(made.on("2026-11-17"), LinkKind.DISCOUNT)
        made.add("payment 2026-11-17 500 F-1")
        account = paid_through(made, link, date(2026, 11, 18))
        assert [str(item.credited) for item in account.items] == ["37.50", "37.50"]  # 5 % of what was open then
        assert str(account.totals.credit) == "475.00"

    def test_a_discount_paid_through_its_link_settles_what_is_disputed_since_too(self) -> None:
        made = self.offered()
        link = link_of(made.on("2026-11-17"), LinkKind.DISCOUNT)
        assert str(link.amount) == "1900.00"
        made.add("dispute F-2 2026-11-17")
        account = paid_through(made, link, date(2026, 11, 18))
        assert [str(item.open) for item in account.items] == ["0.00", "0.00"]
        assert [str(item.credited) for item in account.items] == ["50.00", "50.00"]
        assert str(account.totals.credit) == "0.00"

    def test_a_plan_over_an_invoice_that_found_another_agreement_since_is_paid_on_the_others(self) -> None:
        made = self.offered()
        link = next(link for link in made.on("2026-11-17").wanted if link.kind is LinkKind.PLAN and link.parts == 2)
        made.add("agreement P-1 2026-11-17 F-1 2026-12-01:500 2027-01-01:500")
        account = paid_through(made, link, date(2026, 11, 18))
        assert [str(item.open) for item in account.items] == ["1000.00", "0.00"]
        (other,) = [found for found in account.agreements if found.id == "P-1"]
        assert [str(part.paid) for part in other.instalments] == ["0.00", "0.00"]

    def test_a_plan_that_is_accepted_earns_no_discount_of_one_of_its_invoices(self) -> None:
        text = """
            client brun
            invoice F-1 2026-10-04 due 2026-10-04 1000.00
            invoice F-2 2026-11-01 due 2026-11-12 100.00 escompte=5/30
        """
        made = world(text, replace(GENEROUS, links=LINKS))
        made.events.extend(self.plan_of(made))
        account = made.on("2026-11-14")
        link = next(link for link in account.wanted if link.kind is LinkKind.PLAN and link.parts == 2)
        assert link.invoices == ("F-1", "F-2")
        after = paid_through(made, link, date(2026, 11, 14))
        assert [str(item.credited) for item in after.items] == ["0.00", "0.00"]
        assert after.agreement is not None
        assert [str(part.paid) for part in after.agreement.instalments] == ["550.00", "0.00"]

    @staticmethod
    def plan_of(made: World) -> list[OfferMade]:
        items = made.on("2026-11-13").items
        assert made.policy.plans is not None
        policy = replace(made.policy, plans=replace(made.policy.plans, start=OfferStart.DUE))
        return OfferMaker(OfferRules(policy), "brun", "EUR", (), date(2026, 11, 13), None).by_date(items)
