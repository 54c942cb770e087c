"""Offers that the owner makes to one client: their amounts stay what was said, and beside those of the policy each can be taken."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal

import pytest

from generator.domain.accepted import given_parts
from generator.domain.memory import OfferKind, OfferMade
from generator.domain.money import Money
from generator.domain.negotiation import last_day
from generator.domain.offering import discount_for, equal_plan_for, plan_for
from generator.journal_records import event_of, line_of
from tests.support.reading import BARE, DISCOUNTING, still_open
from tests.support.world import World, day, world

LATE = "invoice F-1 2026-10-02 due 2026-11-02 1200.00"
DATES = tuple(map(day, ("2026-11-20", "2026-12-20", "2027-01-20")))


def parts(*amounts: int, base: int) -> list[int]:
    return [amount for _, amount in given_parts(DATES[: len(amounts)], base, amounts)]


def offer_plan(made: World, *amounts: int, off: int = 0) -> OfferMade:
    account = made.on("2026-11-16")
    schedule = tuple((due, Money(amount, "EUR")) for due, amount in zip(DATES, amounts, strict=False))
    offer = plan_for(account, account.items, day("2026-11-26"), schedule, amount_off=off)
    made.events.append(offer)
    return offer


def offer_discount(made: World, percent: str, until: str) -> OfferMade:
    account = made.on("2026-11-16")
    offer = discount_for(account, account.items, day(until), percent=Decimal(percent))
    made.events.append(offer)
    return offer


class TestGivenAmounts:
    def test_less_to_pay_comes_off_the_last_ones(self) -> None:
        assert parts(70000, 30000, 20000, base=120000) == [70000, 30000, 20000]
        assert parts(70000, 30000, 20000, base=105000) == [70000, 30000, 5000]
        assert parts(70000, 30000, 20000, base=100000) == [70000, 30000]
        assert parts(70000, 30000, 20000, base=80000) == [70000, 10000]
        assert parts(70000, 30000, 20000, base=69999) == [69999]

    def test_more_to_pay_is_added_to_the_last_one(self) -> None:
        assert parts(70000, 30000, 20000, base=120001) == [70000, 30000, 20001]

    def test_a_debt_that_the_first_payment_covers_is_no_plan_any_more(self) -> None:
        made = world(LATE, BARE)
        offer_plan(made, 70000, 50000)
        made.add("payment 2026-11-17 500.00 F-1")
        assert made.on("2026-11-17").offers_of(OfferKind.PLAN) == ()
        made.add("payment 2026-11-18 700.00 F-1")
        assert still_open(made.on("2026-11-18")) == {}


class TestLastDay:
    """Nobody who takes a plan in time is late with its second payment that day: the rule of the plans that the policy makes."""

    def test_it_ends_before_the_second_date_however_long_it_was_to_stand(self) -> None:
        account = world(LATE, BARE).on("2026-11-16")
        plan = equal_plan_for(account, account.items, day("2027-01-22"), DATES, down=Decimal(0))
        assert plan.valid_until == day("2026-12-19")
        assert offer_plan(world(LATE, BARE), 70000, 50000).valid_until == day("2026-11-26")
        assert last_day(DATES, day("2027-06-01")) == day("2026-12-19")

    def test_it_can_be_taken_on_its_first_date(self) -> None:
        account = world(LATE, BARE).on("2026-11-16")
        assert equal_plan_for(account, account.items, day("2026-11-17"), DATES, down=Decimal(0)).valid_until == DATES[0]

    def test_one_payment_that_is_left_for_less_than_is_owed_stands_until_then(self) -> None:
        made = world(LATE, BARE)
        offer = offer_plan(made, 40000, 40000, 30000, off=10000)
        made.add("payment 2026-11-17 800.00 F-1")
        [left] = made.on("2026-11-18").offers_of(OfferKind.DISCOUNT)
        assert (str(left.amount), str(left.saving), left.reference) == ("300.00", "100.00", offer.reference)
        assert made.on("2026-11-26").offers_of(OfferKind.DISCOUNT)
        assert not made.on("2026-11-27").offers_of(OfferKind.DISCOUNT)
        made.add(f'payment 2026-11-26 300.00 ref="{offer.reference}"')
        assert still_open(made.on("2026-11-26")) == {}
        assert not made.on("2026-11-26").totals.credit


class TestBesideOthers:
    def test_the_policy_makes_no_second_one_of_its_kind(self) -> None:
        made = world(f"{LATE}\nsent 2026-11-09 reminder-1 F-1", DISCOUNTING)
        offer_discount(made, "3", "2026-11-20")
        made.build("2026-11-16")
        assert [str(offer.amount) for offer in made.on("2026-11-16").offers_of(OfferKind.DISCOUNT)] == ["1164.00"]

    def test_of_two_discounts_a_payment_takes_the_one_that_it_reaches(self) -> None:
        made = world(LATE, BARE)
        offer_discount(made, "2", "2026-12-06")
        offer_discount(made, "5", "2026-11-20")
        assert len(made.on("2026-11-16").offers_of(OfferKind.DISCOUNT)) == 2
        made.add("payment 2026-11-19 1140.00 F-1")
        assert still_open(made.on("2026-11-20")) == {}

    def test_once_the_better_one_is_over_the_other_still_stands(self) -> None:
        made = world(LATE, BARE)
        offer_discount(made, "2", "2026-12-06")
        offer_discount(made, "5", "2026-11-20")
        made.add("payment 2026-11-25 1176.00 F-1")
        assert still_open(made.on("2026-11-25")) == {}


class TestFrozen:
    def test_the_journal_gives_every_form_back(self) -> None:
        account = world(LATE, BARE).on("2026-11-16")
        last, made = day("2026-11-26"), []
        made.append(discount_for(account, account.items, last, amount_off=5000))
        made.append(equal_plan_for(account, account.items, last, DATES, down=Decimal(0), waived=Decimal("2.5")))
        made.append(plan_for(account, account.items, last, ((DATES[0], Money(1, "EUR")), (DATES[1], Money(9, "EUR")))))
        assert [event_of(line_of(offer)) for offer in made] == made

    def test_a_line_of_before_there_were_such_offers_is_read(self) -> None:
        line = line_of(replace(offer_discount(world(LATE, BARE), "5", "2026-11-26"), personal=False))
        assert not {"amount_off", "parts", "personal", "waived"} & set(line.split('"'))
        assert isinstance(event_of(line), OfferMade)

    @pytest.mark.parametrize(
        "wrong",
        [
            *('"parts":[1]', '"parts":["1","2","3"]', '"parts":[0,1,2]', '"amount_off":-1', '"debt":"1"', '"debt":-1'),
            *(
                f'"{name}":{value}'
                for name in ("waived", "percent")
                for value in ('"-5"', '"250"', '"NaN"', '"Infinity"', "5")
            ),
            *('"shares":["NaN","50","50"]', '"shares":["-50","75","75"]', '"note":5'),
        ],
    )
    def test_what_is_no_amount_is_no_offer(self, wrong: str) -> None:
        account = world(LATE, BARE).on("2026-11-16")
        plan = equal_plan_for(account, account.items, day("2026-11-26"), DATES, down=Decimal(0))
        with pytest.raises((ValueError, TypeError, ArithmeticError)):
            event_of(line_of(plan).rstrip()[:-1] + f",{wrong}}}")


@pytest.mark.parametrize("seed", range(15))
def test_taking_it_and_paying_what_is_asked_leaves_exactly_nothing(seed: int) -> None:
    """A plan of given amounts, with or without something waived, whatever was paid or credited before it is taken."""
    chance = random.Random(seed)
    total = chance.randrange(30_000, 200_000)
    made = world(LATE.replace("1200.00", f"{Decimal(total) / 100:.2f}"), BARE)
    off = chance.choice([0, 0, chance.randrange(1, 5_000)])
    first = chance.randrange(1, (total - off) // 2)
    second = chance.randrange(1, (total - off - first))
    offer = offer_plan(made, first, second, total - off - first - second, off=off)
    for number in range(chance.randrange(3)):
        amount = f"{Decimal(chance.randrange(1, total // 5)) / 100:.2f}"
        made.add(
            chance.choice([f"payment 2026-11-1{7 + number} {amount} F-1", f"credit A-{number} 2026-11-17 {amount} F-1"])
        )
    offers = made.on("2026-11-19").offers_of(OfferKind.PLAN)
    if not offers:
        return
    assert sum(part.amount.minor for part in offers[0].instalments) == offers[0].amount.minor
    assert offers[0].amount + offers[0].saving == made.on("2026-11-19").totals.open
    made.add(f'payment 2026-11-20 {offers[0].pay_now} ref="{offer.reference}"')
    for on in ("2026-12-20", "2027-01-20"):
        to_pay = made.on(on).totals.to_pay
        if to_pay:
            made.add(f'payment {on} {to_pay} ref="{offer.reference}"')
    account = made.on("2027-01-20")
    assert still_open(account) == {}
    assert not account.totals.credit
    assert all(found.paid + found.credited == found.total for found in account.items)
