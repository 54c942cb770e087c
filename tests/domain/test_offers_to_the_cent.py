"""Whoever takes an offer and pays it as it says owes nothing more of it: not a cent.

Random terms and random lives (`tests/support/lives.py`); then each offer of a day is taken, every time in a world of its own: by
transfer, through its link, at once or day by day, early or late within the grace.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from generator.domain.account import HistoryKind, Status
from generator.domain.ledger import AgreementRecord
from generator.domain.linkplan import LinkKind
from generator.domain.memory import OfferKind
from generator.domain.money import Money, total
from generator.domain.policy import INSTALMENT_LATE, INSTALMENT_SOON, FirstOffer
from tests.support.effort import examples
from tests.support.lives import Life, by_link, by_transfer, with_fact
from tests.support.reading import DISCOUNTING, discount, item, opened, plan
from tests.support.world import World, world

if TYPE_CHECKING:
    from generator.domain.account import Account, Agreement, Offer

WAYS = ("by day", "by link", "at once", "early", "late", "in a word", "all that is asked")


# what is taken


@dataclass
class Taker:
    """A client who takes an offer and keeps it, in a world of their own from that day on."""

    made: World
    today: date
    before: Account
    offer: Offer
    _payments: int = field(default=1000)

    @property
    def covered(self) -> set[str]:
        return {found.id for found in self.offer.items}

    def pay(self, on: date, amount: Money, reference: str, *, link: bool = False) -> None:
        self._payments += 1
        fact = by_link(self._payments, on, amount, reference) if link else by_transfer(on, amount, reference)
        self.made.ledger = with_fact(self.made.ledger, fact)

    def take(self, *, link: bool) -> Account:
        if link:
            found = next((one for one in self.before.wanted if one.key == self.offer.key), None)
            if found is not None:  # too small an amount has none
                assert found.amount == self.offer.pay_now
                assert found.reference == self.offer.reference
        self.pay(self.today, self.offer.pay_now, self.offer.reference, link=link)
        return self.made.on(self.today)

    def agreement(self, on: date) -> Agreement:
        return next(one for one in self.made.on(on).agreements if one.reference == self.offer.reference)

    def keep(self, way: str) -> date:
        """Pays the instalments after the first; says on which day the last came in."""
        agreement, day = self.agreement(self.today), self.today
        assert agreement.holds
        assert [(part.due, part.amount) for part in agreement.instalments] == [
            (part.due, part.amount) for part in self.offer.instalments
        ]
        if way == "at once":
            left = total([part.open for part in agreement.instalments], "EUR")
            self.pay(self.today, left, agreement.reference)
            return self.today
        for index, part in enumerate(agreement.instalments):
            if not index:
                continue
            shift = {"early": -5, "late": self.made.policy.agreements.grace_days}.get(way, 0)
            day = max(day, part.due + timedelta(days=shift))
            account = self.made.on(day)
            self.asked(account, index, part.due)
            self.pay_part(account, day, part.amount, way)
        return day

    def asked(self, account: Account, index: int, due: date) -> None:
        """Until then it is asked for, and nothing else of the offer."""
        agreement = self.agreement(account.as_of)
        assert agreement.holds
        assert [bool(part.open) for part in agreement.instalments] == [
            number >= index for number in range(len(agreement.instalments))
        ]
        mine = [found for found in account.items if found.id in self.covered and found.open]
        assert {found.status for found in mine} <= {Status.IN_PLAN}
        others = total([found.open for found in account.overdue], "EUR")
        come = total([part.open for part in agreement.instalments if part.due <= account.as_of], "EUR")
        if due <= account.as_of and len(account.agreements) == 1:
            assert account.totals.to_pay == others + come
        word = account.reminders.due_today
        if word is not None and word.step.name in {INSTALMENT_SOON, *INSTALMENT_LATE}:
            assert word.instalment is not None
        elif word is not None:
            assert not self.covered & {found.id for found in word.items if found.status is Status.OVERDUE}

    def pay_part(self, account: Account, day: date, amount: Money, way: str) -> None:
        agreement = self.agreement(day)
        if way == "by link":
            links = [one for one in account.wanted if one.reference == agreement.reference]
            link = next((one for one in links if one.kind is LinkKind.INSTALMENT), None)
            assert link is None or link.amount == amount
            self.pay(day, amount, agreement.reference, link=link is not None)
        elif way == "all that is asked" and account.full is not None and account.full.amount == amount:
            self.pay(day, account.full.amount, account.full.reference)
        elif way == "in a word" and len([one for one in account.agreements if one.holds and one.next]) == 1:
            self.pay(day, amount, "")
        else:
            self.pay(day, amount, agreement.reference)

    def settled(self, on: date) -> None:
        after = self.made.on(on)
        mine = [found for found in after.items if found.id in self.covered]
        assert [str(found.open) for found in mine if found.open] == []
        assert {found.status for found in mine} == {Status.PAID}
        assert after.totals.credit == self.before.totals.credit
        assert not after.full or not self.covered & {found.id for found in after.full.items}
        word = after.reminders.due_today
        assert word is None or not word.items or not self.covered & {found.id for found in word.items if found.open}
        self.nothing_later(on)

    def nothing_later(self, on: date) -> None:
        """Nor on any day after."""
        for days in (1, 12, 40):
            later = self.made.on(on + timedelta(days=days))
            assert {found.open.minor for found in later.items if found.id in self.covered} == {0}


def after_some_days(seed: int) -> tuple[World, Account] | None:
    """A world on a day on which something is offered and nothing is on its way, with all that came before."""
    life = Life(seed, busy=0.2)
    for _ in range(20 + seed % 50):
        life.day()
    for _ in range(15):
        account = life.day(quiet=True)
        if account is not None and not account.in_flight and len(account.offers) > 1:
            return life.made, account
    return None


@pytest.mark.parametrize("seed", range(examples(30)))
def test_whoever_takes_an_offer_and_keeps_it_owes_exactly_nothing_more_of_it(seed: int) -> None:
    found = after_some_days(seed)
    if found is None:
        return
    made, before = found
    for number, offer in enumerate(before.offers):
        way = WAYS[(seed + number) % len(WAYS)]
        taker = Taker(World(made.ledger, made.policy, list(made.events), made.region), before.as_of, before, offer)
        after = taker.take(link=way == "by link" and offer.kind is not OfferKind.FULL)
        if offer.kind is OfferKind.PLAN:
            taker.settled(taker.keep(way))
        elif offer.kind is OfferKind.DISCOUNT:
            lines = {line for line in after.history if line.kind is HistoryKind.DISCOUNT}
            new = lines - {line for line in before.history if line.kind is HistoryKind.DISCOUNT}
            assert sum(abs(line.amount.minor) for line in new) == offer.saving.minor
            taker.settled(before.as_of)
        elif offer.items and offer.amount == total([one.open for one in offer.items], "EUR"):
            taker.settled(before.as_of)


# what may cross


LATE = "invoice F-1 2026-10-02 due 2026-11-02 1000.00"
PLANS = replace(DISCOUNTING, plans=replace(DISCOUNTING.plans, counts=(2, 4)) if DISCOUNTING.plans else None)


def offered(more: str = "") -> tuple[World, Account]:
    """On 16 November, with the second reminder: 5 % less, 2 times 500.00 or 4 times 250.00 of what is open."""
    policy = replace(PLANS, offers=replace(PLANS.offers, first=FirstOffer.TOGETHER))
    made = world(f"{LATE}\nsent 2026-11-09 reminder-1 F-1\n{more}", policy)
    made.build("2026-11-16")
    return made, made.on("2026-11-16")


def parts_of(account: Account) -> list[list[str]]:
    """What is paid of each instalment of each agreement that holds."""
    return [[str(part.paid) for part in one.instalments] for one in account.agreements if one.holds]


class TestTwoFirstInstalments:
    def test_the_first_decides_and_the_second_is_paid_on_it(self) -> None:
        made, before = offered()
        made.add(f'payment 2026-11-17 250.00 ref="{plan(before, 4).reference}"')
        made.add(f'payment 2026-11-18 500.00 ref="{plan(before, 2).reference}"')
        after = made.on("2026-11-18")
        assert parts_of(after) == [["250.00", "250.00", "250.00", "0.00"]]
        assert (opened(after), str(after.totals.credit)) == ({"F-1": "250.00"}, "0.00")

    def test_paid_to_the_end_twice_the_rest_is_theirs(self) -> None:
        made, before = offered()
        made.add(f'payment 2026-11-17 500.00 ref="{plan(before, 2).reference}"')
        made.add(f'payment 2026-11-18 250.00 ref="{plan(before, 4).reference}"')
        made.add(f'payment 2026-12-16 500.00 ref="{plan(before, 2).reference}"')
        after = made.on("2026-12-16")
        assert (opened(after), str(after.totals.credit)) == ({"F-1": "0.00"}, "250.00")
        assert after.full is None


class TestAFirstInstalmentGivenBack:
    def test_there_was_no_agreement_and_the_plans_stand_as_they_stood(self) -> None:
        made, before = offered()
        reference = plan(before, 4).reference
        made.add(f'payment 2026-11-17 250.00 ref="{reference}"')
        assert made.on("2026-11-17").offers_of(OfferKind.PLAN) == ()
        made.add(f'payment 2026-11-19 -250.00 ref="{reference}"')
        after = made.on("2026-11-19")
        assert after.agreements == ()
        assert opened(after) == {"F-1": "1000.00"}
        assert [offer.key for offer in after.offers_of(OfferKind.PLAN)] == [
            offer.key for offer in before.offers_of(OfferKind.PLAN)
        ]
        made.add(f'payment 2026-11-20 250.00 ref="{reference}"')
        assert parts_of(made.on("2026-11-20")) == [["250.00", "0.00", "0.00", "0.00"]]

    @pytest.mark.parametrize("back", ["payment 2026-11-20 -100.00 F-1", "payment 2026-11-17 -100.00 F-1"])
    def test_a_payment_of_before_that_bounces_takes_no_agreement_with_it(self, back: str) -> None:
        made, before = offered("payment 2026-11-10 100.00 F-1")
        assert str(plan(before, 4).pay_now) == "225.00"
        made.add(f'payment 2026-11-17 225.00 ref="{plan(before, 4).reference}"')
        made.add(back)
        after = made.on("2026-11-20")
        assert parts_of(after) == [["225.00", "0.00", "0.00", "0.00"]]
        assert opened(after) == {"F-1": "775.00"}
        for on in ("2026-12-16", "2027-01-18", "2027-02-16"):
            made.add(f'payment {on} 225.00 ref="{plan(before, 4).reference}"')
        last = made.on("2027-02-16")
        assert opened(last) == {"F-1": "100.00"}
        assert item(last, "F-1").status is Status.OVERDUE


class TestAfterAPartPayment:
    def test_the_plan_is_about_the_rest(self) -> None:
        made, before = offered()
        made.add("payment 2026-11-17 300.00 F-1")
        now = plan(made.on("2026-11-17"), 4)
        assert (now.key, str(now.amount), str(now.pay_now)) == (plan(before, 4).key, "700.00", "175.00")
        made.add(f'payment 2026-11-18 175.00 ref="{now.reference}"')
        assert parts_of(made.on("2026-11-18")) == [["175.00", "0.00", "0.00", "0.00"]]

    def test_the_discount_is_of_the_rest(self) -> None:
        made, _ = offered()
        made.add("payment 2026-11-17 300.00 F-1")
        now = discount(made.on("2026-11-17"))
        made.add(f'payment 2026-11-18 {now.amount} ref="{now.reference}"')
        after = made.on("2026-11-18")
        assert (opened(after), str(after.totals.credit)) == ({"F-1": "0.00"}, "0.00")


@pytest.mark.parametrize("count", [2, 4])
def test_the_exact_amount_without_the_reference_is_a_part_payment_and_accepts_nothing(count: int) -> None:
    made, before = offered()
    made.add(f"payment 2026-11-17 {plan(before, count).pay_now}")
    after = made.on("2026-11-17")
    assert after.agreements == ()
    assert plan(after, count).amount == before.totals.open - plan(before, count).pay_now


def test_a_plan_that_was_replaced_is_not_offered_again_when_what_replaced_it_is_over() -> None:
    made, before = offered()
    taken = plan(before, 4)
    made.add(f'payment 2026-11-17 250.00 ref="{taken.reference}"')
    parts = ((date(2026, 12, 1), Money(75000, "EUR")),)
    record = AgreementRecord("P-1", "brun", ("F-1",), date(2026, 11, 18), parts, supersedes=taken.key)
    made.ledger = replace(made.ledger, agreements=(replace(record, status="cancelled"),))
    account = made.on("2026-11-19")
    assert item(account, "F-1").status is Status.OVERDUE
    assert taken.key not in {offer.key for offer in account.offers}
