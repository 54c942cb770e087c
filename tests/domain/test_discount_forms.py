"""A discount of a fixed sum: what it takes off stays what was said, whatever is paid, credited or paid back meanwhile."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from generator.domain.discounts import saved, to_settle
from generator.domain.memory import OfferKind, OfferMade
from generator.domain.offering import discount_for
from generator.domain.policy import Amounts
from tests.support.reading import BARE, discount, discounting, item, opened, still_open
from tests.support.world import World, day, world

if TYPE_CHECKING:
    from generator.domain.policy import Policy

LATE = "invoice F-1 2026-10-02 due 2026-11-02 1200.00"
#: 60.00 off within 10 days, from the second reminder on.
SIXTY = discounting(percent=Decimal(0), amount=Decimal("60.00"), minimum=Decimal("100.00"))


def offered(policy: Policy = SIXTY, invoice: str = LATE) -> World:
    """On 16 November, with the second reminder: 1,140.00 until the 26th."""
    made = world(f"{invoice}\nsent 2026-11-09 reminder-1 F-1", policy)
    made.build("2026-11-16")
    return made


def made(percent: str = "0", amount_off: int = 0) -> OfferMade:
    return OfferMade(
        *("k", OfferKind.DISCOUNT, "brun", "EUR", "RF", ("F-1",), day("2026-11-16"), day("2026-11-26")),
        percent=Decimal(percent),
        amount_off=amount_off,
    )


class TestWhatItIsWorth:
    @pytest.mark.parametrize(
        ("debt", "left"), [(120000, 114000), (6001, 1), (6000, 6000), (5999, 5999), (1, 1), (0, 0)]
    )
    def test_a_fixed_sum_leaves_something_to_pay_or_is_nothing(self, debt: int, left: int) -> None:
        assert to_settle(made(amount_off=6000), debt) == left
        assert saved(made(amount_off=6000), debt) == debt - left

    def test_a_percentage_that_rounds_to_all_or_to_nothing_is_nothing(self) -> None:
        assert (saved(made("60"), 1), saved(made("5"), 9), saved(made("5"), 10)) == (0, 0, 0)
        assert saved(made("5"), 11) == 1


class TestOffered:
    def test_it_is_so_much_less_for_the_whole_debt(self) -> None:
        offer = discount(offered().on("2026-11-16"))
        assert (str(offer.amount), str(offer.saving), str(offer.percent)) == ("1140.00", "60.00", "0")
        assert offer.valid_until == day("2026-11-26")

    def test_it_is_frozen_whatever_the_policy_says_later(self) -> None:
        later = offered()
        later.policy = discounting(percent=Decimal(0), amount=Decimal("10.00"))
        assert str(discount(later.on("2026-11-20")).saving) == "60.00"

    def test_a_debt_that_it_would_take_all_of_gets_none(self) -> None:
        always = discounting(percent=Decimal(0), amount=Decimal("60.00"))
        tiny = offered(always, LATE.replace("1200.00", "60.00"))
        assert tiny.on("2026-11-16").offers_of(OfferKind.DISCOUNT) == ()

    def test_in_another_currency_it_needs_its_own_amount(self) -> None:
        invoice = f"{LATE} currency=GBP"
        assert offered(SIXTY, invoice).on("2026-11-16", "GBP").offers_of(OfferKind.DISCOUNT) == ()
        here = replace(SIXTY, currencies={"GBP": Amounts(Decimal("90.00"), discount_amount=Decimal("50.00"))})
        assert str(discount(offered(here, invoice).on("2026-11-16", "GBP")).amount) == "1150.00"


class TestTaken:
    def test_paying_it_leaves_nothing_open(self) -> None:
        paid = offered()
        paid.add("payment 2026-11-26 1140.00 F-1")
        found = item(paid.on("2026-11-27"), "F-1")
        assert (str(found.paid), str(found.credited), str(found.open)) == ("1140.00", "60.00", "0.00")

    def test_a_cent_less_is_a_part_payment_and_a_cent_settles_it(self) -> None:
        paid = offered()
        paid.add("payment 2026-11-20 1139.99 F-1")
        assert still_open(paid.on("2026-11-20")) == {"F-1": "60.01"}
        assert str(discount(paid.on("2026-11-20")).amount) == "0.01"
        paid.add("payment 2026-11-21 0.01 F-1")
        assert still_open(paid.on("2026-11-21")) == {}

    def test_parts_that_reach_it_take_it_once(self) -> None:
        paid = offered()
        paid.add("payment 2026-11-18 500.00 F-1\npayment 2026-11-25 640.00 F-1")
        assert still_open(paid.on("2026-11-26")) == {}

    def test_the_day_after_nothing_is_taken_off(self) -> None:
        paid = offered()
        paid.add("payment 2026-11-27 1140.00 F-1")
        assert still_open(paid.on("2026-11-27")) == {"F-1": "60.00"}

    def test_who_pays_all_has_paid_all(self) -> None:
        paid = offered()
        paid.add("payment 2026-11-20 1200.00 F-1")
        found = item(paid.on("2026-11-20"), "F-1")
        assert (str(found.paid), str(found.credited), str(found.open)) == ("1200.00", "0.00", "0.00")

    def test_a_payment_that_goes_back_takes_the_discount_with_it(self) -> None:
        paid = offered()
        paid.add("payment 2026-11-20 1140.00 F-1\npayment 2026-11-24 -1140.00 F-1")
        assert still_open(paid.on("2026-11-24")) == {"F-1": "1200.00"}


class TestGone:
    def test_of_what_a_credit_note_leaves_it_takes_its_share(self) -> None:
        credited = offered()
        credited.add("credit A-1 2026-11-18 1140.00 F-1")
        assert still_open(credited.on("2026-11-18")) == {"F-1": "60.00"}
        assert str(discount(credited.on("2026-11-18")).saving) == "3.00"

    def test_where_its_share_is_less_than_a_cent_it_is_gone(self) -> None:
        credited = offered()
        credited.add("credit A-1 2026-11-18 1199.81 F-1")
        assert still_open(credited.on("2026-11-18")) == {"F-1": "0.19"}
        assert credited.on("2026-11-18").offers_of(OfferKind.DISCOUNT) == ()


class TestOfSeveralInvoices:
    """90.00 off 100.00 and 1,000.00: of the hundred alone that would be nearly all."""

    TWO = "invoice F-1 2026-10-02 due 2026-11-02 100.00\ninvoice F-2 2026-10-02 due 2026-11-02 1000.00"

    def offered(self, then: str) -> World:
        both = world(self.TWO, BARE)
        account = both.on("2026-11-10")
        both.events.append(discount_for(account, account.items, day("2026-11-30"), amount_off=9000))
        both.add(then)
        return both

    @pytest.mark.parametrize(
        "then",
        [
            "dispute F-2 2026-11-12",
            "credit A-1 2026-11-12 1000.00 F-2",
            "agreement E-1 2026-11-12 F-2 2026-12-01:500.00 2027-01-01:500.00",
        ],
    )
    def test_what_is_left_of_them_has_its_share_of_it(self, then: str) -> None:
        assert str(discount(self.offered(then).on("2026-11-15")).amount) == "91.82"

    def test_ten_euros_do_not_settle_a_hundred(self) -> None:
        both = self.offered("dispute F-2 2026-11-12\npayment 2026-11-14 10.00 F-1")
        assert opened(both.on("2026-11-15"))["F-1"] == "90.00"

    def test_what_was_paid_while_it_stood_has_not_lost_its_part(self) -> None:
        both = self.offered("payment 2026-11-12 1000.00 F-2")
        assert str(discount(both.on("2026-11-15")).amount) == "10.00"
        both.add("payment 2026-11-16 10.00 F-1")
        assert still_open(both.on("2026-11-16")) == {}

    def test_nor_has_what_was_paid_without_a_word(self) -> None:
        both = self.offered("payment 2026-11-12 600.00")
        asked = discount(both.on("2026-11-15"))
        assert (str(asked.amount), str(asked.saving)) == ("410.00", "90.00")
        both.add(f'payment 2026-11-16 410.00 ref="{asked.reference}"')
        assert still_open(both.on("2026-11-16")) == {}


@pytest.mark.parametrize("seed", range(20))
def test_paying_what_is_shown_always_leaves_exactly_nothing(seed: int) -> None:
    """Whatever was paid or credited on the way, in any order."""
    chance = random.Random(seed)
    total, off = chance.randrange(10_000, 200_000), chance.randrange(1, 9_999)
    policy = discounting(percent=Decimal(0), amount=Decimal(off) / 100, minimum=None)
    found = offered(policy, LATE.replace("1200.00", f"{Decimal(total) / 100:.2f}"))
    for number in range(chance.randrange(4)):
        amount = f"{Decimal(chance.randrange(1, total // 4)) / 100:.2f}"
        when = f"2026-11-{17 + number}"
        found.add(chance.choice([f"payment {when} {amount} F-1", f"credit A-{number} {when} {amount} F-1"]))
    account = found.on("2026-11-22")
    offers = account.offers_of(OfferKind.DISCOUNT)
    to_pay = offers[0].amount if offers else account.totals.open
    assert 0 <= to_pay.minor <= account.totals.open.minor
    if to_pay:
        found.add(f"payment 2026-11-22 {to_pay} F-1")
    assert still_open(found.on("2026-11-22")) == {}
    after = item(found.on("2026-11-22"), "F-1")
    assert after.paid + after.credited + after.open == after.total
    assert not found.on("2026-11-22").totals.credit
