"""Several currencies of one client: an account each, never added together; amounts of the policy are the seller's currency's."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from generator.domain.memory import OfferKind
from generator.domain.policy import Amounts, Policy
from tests.support.reading import BARE, DISCOUNTING, discounting, due_step, opened, plan, planning, still_open
from tests.support.world import World, world

BOTH = """
    invoice F-1 2026-10-02 due 2026-11-02 1200.00
    invoice G-1 2026-10-02 due 2026-11-02 1200.00 currency=GBP
    sent 2026-11-09 reminder-1 F-1 G-1
    """


def built(policy: Policy) -> World:
    made = world(BOTH, policy)
    made.build("2026-11-16")
    return made


def kinds(made: World, currency: str) -> set[OfferKind]:
    return {offer.kind for offer in made.on("2026-11-16", currency).offers}


class TestAccounts:
    def test_there_is_one_for_each_currency(self) -> None:
        accounts = world(BOTH).decide("2026-11-16").accounts
        assert sorted((account.currency, str(account.totals.open)) for account in accounts) == [
            ("EUR", "1200.00"),
            ("GBP", "1200.00"),
        ]

    def test_money_never_crosses_from_one_to_the_other(self) -> None:
        made = world(BOTH)
        made.add("payment 2026-11-10 1500.00 currency=GBP")
        assert opened(made.on("2026-11-16")) == {"F-1": "1200.00"}
        pounds = made.on("2026-11-16", "GBP")
        assert (still_open(pounds), str(pounds.totals.credit)) == ({}, "300.00")

    def test_a_credit_note_stays_in_its_currency(self) -> None:
        made = world(BOTH)
        made.add("credit A-1 2026-11-10 200.00 currency=GBP")
        assert str(made.on("2026-11-16").totals.open) == "1200.00"
        assert str(made.on("2026-11-16", "GBP").totals.open) == "1000.00"

    def test_currencies_without_cents_and_with_three_decimals(self) -> None:
        made = world(
            """
            invoice F-1 2026-10-02 due 2026-11-02 100000 currency=JPY
            invoice F-2 2026-10-02 due 2026-11-02 100.005 currency=TND
            payment 2026-11-05 33333 F-1 currency=JPY
            payment 2026-11-05 0.006 F-2 currency=TND
            """
        )
        assert str(made.on("2026-11-16", "JPY").totals.to_pay) == "66667"
        assert str(made.on("2026-11-16", "TND").totals.to_pay) == "99.999"

    def test_one_page_and_one_key_for_both(self) -> None:
        made = built(DISCOUNTING)
        assert made.on("2026-11-16").keys == made.on("2026-11-16", "GBP").keys

    def test_reminders_are_the_clients_one_message_for_both(self) -> None:
        made = built(BARE)
        euros, pounds = made.on("2026-11-16").reminders, made.on("2026-11-16", "GBP").reminders
        assert euros == pounds
        assert euros.due_today is not None
        assert sorted(found.id for found in euros.due_today.items) == ["F-1", "G-1"]


class TestAmountsOfThePolicy:
    def test_a_plan_with_a_minimum_is_not_proposed_in_another_currency(self) -> None:
        policy = planning(minimum_debt=Decimal(300), minimum_instalment=Decimal(50))
        assert kinds(built(policy), "EUR") == {OfferKind.FULL, OfferKind.PLAN}
        assert kinds(built(policy), "GBP") == {OfferKind.FULL}

    def test_it_is_with_amounts_of_that_currency(self) -> None:
        amounts = Amounts(plan_minimum_debt=Decimal(300), plan_minimum_instalment=Decimal(400))
        policy = replace(
            planning(minimum_debt=Decimal(300), minimum_instalment=Decimal(50)), currencies={"GBP": amounts}
        )
        made = built(policy)
        assert kinds(made, "GBP") == {OfferKind.FULL, OfferKind.PLAN}
        assert str(plan(made.on("2026-11-16", "GBP"), 3).pay_now) == "400.00"
        with pytest.raises(StopIteration):
            plan(made.on("2026-11-16", "GBP"), 4)

    def test_a_discount_with_a_minimum_is_not_proposed_in_another_currency(self) -> None:
        assert kinds(built(discounting(minimum=Decimal(100))), "GBP") == {OfferKind.FULL}

    def test_it_is_with_a_minimum_of_that_currency(self) -> None:
        policy = replace(discounting(minimum=Decimal(100)), currencies={"GBP": Amounts(discount_minimum=Decimal(80))})
        assert kinds(built(policy), "GBP") == {OfferKind.FULL, OfferKind.DISCOUNT}

    def test_the_minimum_amount_of_reminders_does_not_apply_to_another_currency(self) -> None:
        made = world("invoice G-1 2026-10-02 due 2026-11-02 3.00 currency=GBP", BARE)
        assert due_step(made.on("2026-11-09", "GBP")) == "reminder-1"

    def test_it_does_with_an_amount_of_that_currency(self) -> None:
        policy = replace(BARE, currencies={"GBP": Amounts(minimum_amount=Decimal(4))})
        made = world("invoice G-1 2026-10-02 due 2026-11-02 3.00 currency=GBP", policy)
        assert due_step(made.on("2026-11-09", "GBP")) is None

    def test_the_escompte_of_an_invoice_needs_no_amount(self) -> None:
        made = world("invoice G-1 2026-10-02 due 2026-11-02 100.00 currency=GBP escompte=2/10", BARE)
        (offer,) = made.on("2026-10-05", "GBP").offers_of(OfferKind.DISCOUNT)
        assert str(offer.amount) == "98.00"
