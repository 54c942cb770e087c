"""What is proposed, to whom and until when: an offer is frozen when it is made, and gone after its last day."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.domain.memory import OfferKind
from generator.domain.policy import DEFAULT_LADDER, Anchor, Interval, OfferStart, ReminderPolicy, Step
from generator.domain.references import is_reference
from tests.support.effort import examples
from tests.support.reading import (
    BARE,
    DISCOUNTING,
    amounts,
    dates,
    days,
    discount,
    discounting,
    five_percent,
    plan,
    planning,
    reminding,
)
from tests.support.world import World, world

if TYPE_CHECKING:
    from generator.domain.policy import Policy

REMINDED = "invoice F-1 2026-10-02 due 2026-11-02 {total}\nsent 2026-11-09 reminder-1 F-1"


def reminded(total: str, policy: Policy, today: str = "2026-11-16") -> World:
    """On 16 November the second reminder is due; it is the one that makes offers."""
    made = world(REMINDED.format(total=total), policy)
    made.build(today)
    return made


def counts(made: World, today: str = "2026-11-16") -> list[int]:
    return sorted(len(offer.instalments) for offer in made.on(today).offers_of(OfferKind.PLAN))


class TestFull:
    def test_it_asks_for_all_that_is_overdue_and_for_nothing_else(self) -> None:
        account = world(
            """
            invoice F-1 2026-10-02 due 2026-11-02 100.00
            invoice F-2 2026-10-02 due 2026-11-05 50.00
            invoice F-3 2026-11-02 due 2026-12-02 900.00
            """
        ).on("2026-11-06")
        assert account.full is not None
        assert str(account.full.amount) == str(account.totals.to_pay) == "150.00"
        assert [found.id for found in account.full.items] == ["F-1", "F-2"]

    def test_on_its_due_date_an_invoice_is_not_overdue_yet(self) -> None:
        account = world(
            """
            invoice F-1 2016-01-01 due 2016-01-01 115.00
            invoice F-2 2016-01-01 due 2016-01-06 345.00
            invoice F-3 2016-01-01 due 2016-01-11 690.00
            """
        ).on("2016-01-06")
        assert str(account.totals.to_pay) == "115.00"

    def test_when_nothing_is_overdue_it_asks_for_what_is_due_next(self) -> None:
        account = world(
            """
            invoice F-2 2026-11-02 due 2026-12-05 50.00
            invoice F-1 2026-11-02 due 2026-12-02 100.00
            """
        ).on("2026-11-06")
        assert account.full is not None
        assert str(account.full.amount) == "100.00"
        assert [found.id for found in account.full.items] == ["F-1"]

    def test_what_is_disputed_is_not_asked_for(self) -> None:
        account = world(
            """
            invoice F-1 2026-10-02 due 2026-11-02 100.00
            invoice F-2 2026-10-02 due 2026-11-05 50.00
            dispute F-1 2026-11-05
            """
        ).on("2026-11-06")
        assert str(account.totals.to_pay) == "50.00"
        assert str(account.totals.disputed) == "100.00"

    def test_when_all_is_disputed_there_is_nothing_to_ask_for(self) -> None:
        account = world("invoice F-1 2026-10-02 due 2026-11-02 100.00\ndispute F-1 2026-11-05").on("2026-11-06")
        assert account.full is None
        assert not account.totals.to_pay

    def test_when_all_is_paid_there_is_nothing_to_ask_for(self) -> None:
        account = world("invoice F-1 2026-10-02 due 2026-11-02 100.00\npayment 2026-11-02 100.00 F-1").on("2026-11-06")
        assert account.full is None
        assert account.offers == ()

    @pytest.mark.parametrize("status", ["draft", "void", "written_off", "factored"])
    def test_only_open_invoices_are_asked_for(self, status: str) -> None:
        made = world(
            f"invoice F-1 2026-10-02 due 2026-11-02 100.00 status={status}\ninvoice F-2 2026-10-02 due 2026-11-02 7.00"
        )
        assert str(made.on("2026-11-06").totals.to_pay) == "7.00"

    def test_an_invoice_before_the_court_is_shown_as_disputed(self) -> None:
        account = world("invoice F-1 2026-10-02 due 2026-11-02 100.00 status=litigation").on("2026-11-06")
        assert (str(account.totals.disputed), str(account.totals.to_pay)) == ("100.00", "0.00")


class TestPlans:
    def test_twelve_hundred_in_four_is_three_hundred_each(self) -> None:
        assert amounts(plan(reminded("1200.00", planning()).on("2026-11-16"), 4)) == ["300.00"] * 4

    def test_a_hundred_in_three_adds_up_to_the_cent(self) -> None:
        assert amounts(plan(reminded("100.00", planning()).on("2026-11-16"), 3)) == ["33.34", "33.33", "33.33"]

    def test_one_plan_for_each_count_of_the_policy(self) -> None:
        assert counts(reminded("1200.00", planning())) == [2, 3, 4]
        assert counts(reminded("1200.00", planning(counts=(2, 6)))) == [2, 6]

    @pytest.mark.parametrize(("total", "found"), [("299.99", []), ("300.00", [2, 3, 4])])
    def test_the_minimum_debt_is_enough(self, total: str, found: list[int]) -> None:
        assert counts(reminded(total, planning(minimum_debt=Decimal(300)))) == found

    def test_a_plan_whose_instalments_would_be_too_small_is_not_proposed(self) -> None:
        policy = planning(minimum_instalment=Decimal(50))
        assert counts(reminded("149.99", policy)) == [2]
        assert counts(reminded("150.00", policy)) == [2, 3]

    def test_the_down_payment_comes_first_and_the_rest_is_shared_out(self) -> None:
        offer = plan(reminded("1000.00", planning(counts=(4,), down_payment_percent=Decimal(40))).on("2026-11-16"), 4)
        assert amounts(offer) == ["400.00", "200.00", "200.00", "200.00"]
        assert str(offer.pay_now) == "400.00"

    def test_the_first_instalment_is_due_the_day_of_the_proposal_and_the_others_month_by_month(self) -> None:
        offer = plan(reminded("1200.00", planning()).on("2026-11-16"), 4)
        assert dates(offer) == ["2026-11-16", "2026-12-16", "2027-01-18", "2027-02-16"]

    def test_an_instalment_on_a_sunday_or_a_holiday_moves_to_the_next_business_day_and_the_later_ones_do_not(
        self,
    ) -> None:
        offer = plan(reminded("1200.00", planning(first_after_days=9, counts=(3,))).on("2026-11-16"), 3)
        assert dates(offer) == ["2026-11-25", "2026-12-28", "2027-01-25"]

    def test_the_first_instalment_can_be_later(self) -> None:
        offer = plan(reminded("1200.00", planning(first_after_days=14)).on("2026-11-16"), 2)
        assert dates(offer) == ["2026-11-30", "2026-12-30"]

    @pytest.mark.parametrize(
        ("interval", "found"),
        [
            (Interval.WEEK, ["2026-11-16", "2026-11-23", "2026-11-30"]),
            (Interval.FORTNIGHT, ["2026-11-16", "2026-11-30", "2026-12-14"]),
            (Interval.MONTH, ["2026-11-16", "2026-12-16", "2027-01-18"]),
        ],
    )
    def test_instalments_can_be_a_week_a_fortnight_or_a_month_apart(self, interval: Interval, found: list[str]) -> None:
        assert dates(plan(reminded("1200.00", planning(interval=interval)).on("2026-11-16"), 3)) == found

    def test_from_the_31st_shorter_months_give_their_last_day_and_longer_ones_the_31st_again(self) -> None:
        made = world("invoice F-1 2026-02-02 due 2026-03-17 1200.00\nsent 2026-03-24 reminder-1 F-1", planning())
        made.build("2026-03-31")
        assert dates(plan(made.on("2026-03-31"), 4)) == ["2026-03-31", "2026-04-30", "2026-06-01", "2026-06-30"]

    def test_from_the_31st_over_february(self) -> None:
        made = world("invoice F-1 2026-11-02 due 2026-12-02 1200.00\nsent 2026-12-09 reminder-1 F-1", planning())
        made.build("2026-12-31")
        assert dates(plan(made.on("2026-12-31"), 4)) == ["2026-12-31", "2027-02-01", "2027-03-01", "2027-03-31"]

    def test_it_costs_nothing(self) -> None:
        for offer in reminded("1200.00", planning()).on("2026-11-16").offers_of(OfferKind.PLAN):
            assert (str(offer.amount), str(offer.saving)) == ("1200.00", "0.00")

    def test_a_part_payment_lowers_the_instalments_and_moves_no_date(self) -> None:
        made = reminded("1200.00", planning())
        made.add("payment 2026-11-17 400.00 F-1")
        offer = plan(made.on("2026-11-18"), 4)
        assert amounts(offer) == ["200.00"] * 4
        assert dates(offer) == ["2026-11-16", "2026-12-16", "2027-01-18", "2027-02-16"]

    @settings(max_examples=examples(40), deadline=None)
    @given(
        minor=st.integers(min_value=1, max_value=10**9),
        count=st.integers(min_value=2, max_value=12),
        percent=st.sampled_from(["0", "10", "33.3", "50", "90"]),
        currency=st.sampled_from(["EUR", "JPY", "TND"]),
    )
    def test_instalments_add_up_and_all_but_the_down_payment_differ_by_a_cent_at_most(
        self, minor: int, count: int, percent: str, currency: str
    ) -> None:
        decimals = {"EUR": 2, "JPY": 0, "TND": 3}[currency]
        total = Decimal(minor).scaleb(-decimals)
        reminders = ReminderPolicy(minimum_amount=None)
        policy = replace(
            planning(counts=(count,), down_payment_percent=Decimal(percent)), currency=currency, reminders=reminders
        )
        made = world(
            f"invoice F-1 2026-10-02 due 2026-11-02 {total} currency={currency}\nsent 2026-11-09 reminder-1 F-1", policy
        )
        made.build("2026-11-16")
        found = made.on("2026-11-16", currency).offers_of(OfferKind.PLAN)
        for offer in found:
            shares = [part.amount.minor for part in offer.instalments]
            assert sum(shares) == minor
            assert all(share > 0 for share in shares)
            rest = shares[1:] if Decimal(percent) else shares
            assert max(rest) - min(rest) <= 1
        assert found or minor < count * 100


class TestDiscount:
    def test_five_percent_less_within_ten_days_the_tenth_included(self) -> None:
        made = reminded("1200.00", discounting())
        offer = discount(made.on("2026-11-16"))
        assert (str(offer.amount), str(offer.saving), str(offer.valid_until)) == ("1140.00", "60.00", "2026-11-26")
        assert not offer.own
        assert not offer.before_due

    def test_it_is_there_on_its_last_day_and_gone_the_next(self) -> None:
        made = reminded("1200.00", discounting())
        assert discount(made.on("2026-11-26"))
        assert made.on("2026-11-27").offers_of(OfferKind.DISCOUNT) == ()

    def test_no_day_passes_without_a_build_and_still_it_is_gone(self) -> None:
        made = reminded("1200.00", discounting())
        made.build("2026-11-27")
        assert made.on("2026-11-27").offers_of(OfferKind.DISCOUNT) == ()

    @pytest.mark.parametrize(("total", "offered"), [("99.99", False), ("100.00", True)])
    def test_the_minimum_is_enough(self, total: str, offered: bool) -> None:  # noqa: FBT001
        made = reminded(total, discounting(minimum=Decimal(100)))
        assert bool(made.on("2026-11-16").offers_of(OfferKind.DISCOUNT)) is offered

    def test_once_over_it_is_never_made_again_for_the_same_invoices(self) -> None:
        made = reminded("1200.00", discounting())
        for day in days("2026-11-17", "2027-01-31"):
            made.send(day)
            if day.isoformat() > "2026-11-26":
                assert made.on(day).offers_of(OfferKind.DISCOUNT) == ()

    def test_with_repeat_the_next_step_that_lists_it_makes_it_again(self) -> None:
        made = world(REMINDED.format(total="1200.00"), discounting(repeat=True))
        assert made.send("2026-11-16") == "reminder-2"
        assert made.send("2026-12-02") == "reminder-3"
        assert str(discount(made.on("2026-12-02")).valid_until) == "2026-12-12"

    def test_the_step_that_asks_first_offers_nothing(self) -> None:
        made = world("invoice F-1 2026-10-02 due 2026-11-02 1200.00", DISCOUNTING)
        assert made.send("2026-11-09") == "reminder-1"
        assert {offer.kind for offer in made.on("2026-11-09").offers} == {OfferKind.FULL}

    def test_without_the_table_there_is_none(self) -> None:
        made = reminded("1200.00", BARE)
        assert {offer.kind for offer in made.on("2026-11-16").offers} == {OfferKind.FULL}

    def test_the_fraction_of_a_cent_is_rounded_to_what_is_paid(self) -> None:
        offer = discount(reminded("33.33", discounting()).on("2026-11-16"))
        assert (str(offer.amount), str(offer.saving)) == ("31.66", "1.67")

    @settings(max_examples=examples(40), deadline=None)
    @given(minor=st.integers(min_value=500, max_value=10**9), percent=st.integers(min_value=1, max_value=9999))
    def test_amount_and_saving_make_up_the_debt(self, minor: int, percent: int) -> None:
        made = reminded(str(Decimal(minor) / 100), discounting(percent=Decimal(percent) / 100))
        found = made.on("2026-11-16").offers_of(OfferKind.DISCOUNT)
        assert found or minor * percent < 10_000
        for offer in found:
            assert offer.amount.minor + offer.saving.minor == minor
            assert offer.saving.minor > 0


class TestWhichItems:
    def test_what_is_not_due_yet_is_not_part_of_it(self) -> None:
        made = reminded("1200.00", DISCOUNTING)
        made = world(REMINDED.format(total="1200.00") + "\ninvoice F-2 2026-11-02 due 2026-12-02 500.00", DISCOUNTING)
        made.build("2026-11-16")
        account = made.on("2026-11-16")
        for offer in (discount(account), plan(account, 4)):
            assert [found.id for found in offer.items] == ["F-1"]
            assert str(offer.amount + offer.saving) == "1200.00"

    def test_what_is_disputed_is_not_part_of_it(self) -> None:
        text = (
            REMINDED.format(total="1200.00") + "\ninvoice F-2 2026-10-02 due 2026-11-02 500.00\ndispute F-2 2026-11-10"
        )
        made = world(text, DISCOUNTING)
        made.build("2026-11-16")
        assert [found.id for found in discount(made.on("2026-11-16")).items] == ["F-1"]

    def test_an_invoice_disputed_later_leaves_the_offer(self) -> None:
        text = REMINDED.format(total="1200.00") + "\ninvoice F-2 2026-10-02 due 2026-11-02 500.00"
        made = world(text, DISCOUNTING)
        made.build("2026-11-16")
        made.add("dispute F-2 2026-11-18")
        account = made.on("2026-11-18")
        for offer in account.offers_of(OfferKind.DISCOUNT):
            assert "F-2" not in [found.id for found in offer.items]


class TestFrozen:
    def test_ninety_builds_never_move_an_offer(self) -> None:
        made = world("invoice F-1 2026-10-02 due 2026-11-02 1200.00", DISCOUNTING)
        seen: dict[str, object] = {}
        for day in days("2026-10-02", "2026-12-31"):
            made.send(day)
            for offer in made.on(day).offers:
                if offer.kind is not OfferKind.FULL:
                    frozen = (
                        offer.reference,
                        offer.valid_until,
                        dates(offer),
                        amounts(offer),
                        offer.percent,
                        str(offer.amount),
                    )
                    assert seen.setdefault(offer.key, frozen) == frozen
                    assert offer.valid_until is not None
                    assert day <= offer.valid_until
        assert len(seen) >= 4

    def test_a_build_tomorrow_shows_the_same_deadline(self) -> None:
        made = reminded("1200.00", DISCOUNTING)
        made.build("2026-11-17")
        assert str(discount(made.on("2026-11-17")).valid_until) == "2026-11-26"

    def test_another_policy_changes_no_offer_that_was_made(self) -> None:
        made = reminded("1200.00", DISCOUNTING)
        before = [
            (offer.key, str(offer.amount), offer.valid_until, dates(offer)) for offer in made.on("2026-11-18").offers
        ]
        made.policy = replace(discounting(percent=Decimal(9), days=30), plans=planning(counts=(5,)).plans)
        after = [
            (offer.key, str(offer.amount), offer.valid_until, dates(offer)) for offer in made.on("2026-11-18").offers
        ]
        assert [offer for offer in after if offer in before] == before

    def test_every_offer_has_its_own_valid_reference(self) -> None:
        account = reminded("1200.00", DISCOUNTING).on("2026-11-16")
        references = [offer.reference for offer in account.offers if offer.kind is not OfferKind.FULL]
        assert len(set(references)) == len(references) == 4
        assert all(is_reference(reference) for reference in references)

    def test_two_clients_with_the_same_debt_have_different_references(self) -> None:
        text = """
            client brun
            client morel
            invoice F-1 2026-10-02 due 2026-11-02 1200.00
            invoice G-1 2026-10-02 due 2026-11-02 1200.00 client=morel
            sent 2026-11-09 reminder-1 F-1
            sent 2026-11-09 reminder-1 G-1 client=morel
            """
        made = world(text, DISCOUNTING)
        made.build("2026-11-16")
        accounts = made.decide("2026-11-16").accounts
        references = [
            offer.reference for account in accounts for offer in account.offers if offer.kind is not OfferKind.FULL
        ]
        assert len(set(references)) == len(references) == 8

    def test_deciding_again_the_same_day_makes_nothing_new(self) -> None:
        made = reminded("1200.00", DISCOUNTING)
        again = made.decide("2026-11-16")
        assert again.events == ()
        assert again.accounts == made.decide("2026-11-16").accounts


class TestWhenOffersAreMade:
    def test_from_issued_a_discount_runs_from_the_date_of_the_invoice(self) -> None:
        policy = replace(BARE, discount=five_percent(start=OfferStart.ISSUED))
        made = world("invoice F-1 2026-11-02 due 2026-12-02 1200.00", policy)
        made.build("2026-11-02")
        offer = discount(made.on("2026-11-02"))
        assert (str(offer.amount), str(offer.valid_until)) == ("1140.00", "2026-11-12")
        assert offer.before_due
        assert made.on("2026-11-13").offers_of(OfferKind.DISCOUNT) == ()

    def test_from_issued_days_without_a_build_give_no_more_time(self) -> None:
        policy = replace(BARE, discount=five_percent(start=OfferStart.ISSUED))
        made = world("invoice F-1 2026-11-02 due 2026-12-02 1200.00", policy)
        made.build("2026-11-06")
        assert str(discount(made.on("2026-11-06")).valid_until) == "2026-11-12"

    def test_from_issued_an_invoice_that_is_already_old_gets_none(self) -> None:
        policy = replace(BARE, discount=five_percent(start=OfferStart.ISSUED))
        made = world("invoice F-1 2026-10-01 due 2026-12-02 1200.00", policy)
        made.build("2026-11-06")
        assert made.on("2026-11-06").offers_of(OfferKind.DISCOUNT) == ()

    def test_from_issued_it_is_taken_like_any_other(self) -> None:
        policy = replace(BARE, discount=five_percent(start=OfferStart.ISSUED))
        made = world("invoice F-1 2026-11-02 due 2026-12-02 1200.00", policy)
        made.build("2026-11-02")
        made.add("payment 2026-11-12 1140.00 F-1")
        assert not made.on("2026-11-12").totals.open

    def test_from_due_a_plan_is_there_as_soon_as_the_invoice_is_overdue(self) -> None:
        made = world("invoice F-1 2026-10-02 due 2026-11-02 1200.00", planning(start=OfferStart.DUE))
        made.build("2026-11-03")
        assert counts(made, "2026-11-03") == [2, 3, 4]

    def test_from_due_there_is_none_before(self) -> None:
        made = world("invoice F-1 2026-10-02 due 2026-11-02 1200.00", planning(start=OfferStart.DUE))
        made.build("2026-10-30")
        assert counts(made, "2026-10-30") == []

    def test_a_presentation_offers_the_discount_from_the_day_of_the_invoice(self) -> None:
        presentation = Step("presentation", 0, anchor=Anchor.ISSUED, offers=("discount",))
        policy = replace(reminding(presentation, *DEFAULT_LADDER), discount=five_percent())
        made = world("invoice F-1 2026-11-02 due 2026-12-02 1200.00", policy)
        assert made.send("2026-11-02") == "presentation"
        offer = discount(made.on("2026-11-02"))
        assert (str(offer.amount), str(offer.valid_until), offer.before_due) == ("1140.00", "2026-11-12", True)

    def test_from_reminder_nothing_is_made_before_the_step_falls_due(self) -> None:
        made = world(REMINDED.format(total="1200.00"), DISCOUNTING)
        made.build("2026-11-13")
        assert {offer.kind for offer in made.on("2026-11-13").offers} == {OfferKind.FULL}

    def test_a_debt_put_on_hold_makes_no_offer(self) -> None:
        made = world("client brun hold=2026-11-30\n" + REMINDED.format(total="1200.00"), DISCOUNTING)
        made.build("2026-11-16")
        assert {offer.kind for offer in made.on("2026-11-16").offers} == {OfferKind.FULL}
