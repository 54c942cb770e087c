"""A plan that waives something once it is kept: owed until the last instalment is paid, a credit then, and lost with the agreement."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from generator.domain.account import HistoryKind, Status
from generator.domain.ledger import AgreementRecord
from generator.domain.memory import OfferKind
from generator.domain.money import Money, total
from tests.support.reading import item, planning, still_open
from tests.support.world import World, day, world

if TYPE_CHECKING:
    from generator.domain.account import Account, Agreement, Offer

LATE = "invoice F-1 2026-10-02 due 2026-11-02 1200.00"
KIND = planning(counts=(4,), minimum_debt=Decimal(100), discount_percent=Decimal(3))
DATES = ("2026-11-16", "2026-12-16", "2027-01-18", "2027-02-16")


def offered(invoices: str = LATE) -> World:
    """On 16 November, with the second reminder: four times 291.00, and 36.00 waived once they are paid."""
    numbers = " ".join(line.split()[1] for line in invoices.splitlines())
    made = world(f"{invoices}\nsent 2026-11-09 reminder-1 {numbers}", KIND)
    made.build("2026-11-16")
    return made


def plan_of(account: Account) -> Offer:
    (found,) = account.offers_of(OfferKind.PLAN)
    return found


def agreement_of(account: Account) -> Agreement:
    assert account.agreement is not None
    return account.agreement


def accepted(invoices: str = LATE) -> tuple[World, str]:
    made = offered(invoices)
    plan = plan_of(made.on("2026-11-16"))
    made.add(f'payment 2026-11-16 {plan.pay_now} ref="{plan.reference}"')
    return made, plan.reference


def adds_up(account: Account) -> bool:
    return all(found.paid + found.credited + found.open == found.total for found in account.items)


class TestOffered:
    def test_its_instalments_are_the_debt_less_what_it_waives(self) -> None:
        plan = plan_of(offered().on("2026-11-16"))
        assert [str(part.amount) for part in plan.instalments] == ["291.00"] * 4
        assert (str(plan.amount), str(plan.saving)) == ("1164.00", "36.00")

    def test_it_follows_the_debt(self) -> None:
        made = offered()
        made.add("payment 2026-11-17 200.00 F-1")
        plan = plan_of(made.on("2026-11-17"))
        assert (str(plan.amount), str(plan.saving)) == ("970.00", "30.00")


class TestKept:
    def test_until_the_last_instalment_all_of_it_is_owed(self) -> None:
        made, reference = accepted()
        made.add("\n".join(f'payment {on} 291.00 ref="{reference}"' for on in DATES[1:3]))
        account = made.on("2027-02-01")
        assert still_open(account) == {"F-1": "327.00"}
        assert str(agreement_of(account).saving) == "36.00"
        assert agreement_of(account).saved_on is None
        assert str(account.totals.to_pay) == "291.00"

    def test_the_last_one_leaves_exactly_nothing(self) -> None:
        made, reference = accepted()
        made.add("\n".join(f'payment {on} 291.00 ref="{reference}"' for on in DATES[1:]))
        account = made.on("2027-02-20")
        found = item(account, "F-1")
        assert (str(found.paid), str(found.credited), str(found.open)) == ("1164.00", "36.00", "0.00")
        assert agreement_of(account).saved_on == day("2027-02-16")
        assert [str(line.amount) for line in account.history if line.kind is HistoryKind.DISCOUNT] == ["36.00"]
        assert not account.totals.credit

    def test_paying_the_rest_early_earns_it_too(self) -> None:
        made, reference = accepted()
        made.add(f'payment 2026-11-30 873.00 ref="{reference}"')
        account = made.on("2026-12-01")
        assert still_open(account) == {}
        assert agreement_of(account).saved_on == day("2026-11-30")

    def test_the_rest_without_a_word_is_known_by_its_amount(self) -> None:
        made, _ = accepted()
        made.add("payment 2026-11-30 873.00")
        assert still_open(made.on("2026-12-01")) == {}

    def test_who_pays_all_that_stands_on_the_invoice_has_the_difference_back(self) -> None:
        made, _ = accepted()
        made.add("payment 2026-11-30 909.00 F-1")
        account = made.on("2026-12-01")
        found = item(account, "F-1")
        assert (str(found.paid), str(found.credited), str(account.totals.credit)) == ("1164.00", "36.00", "36.00")

    def test_a_payment_that_goes_back_takes_it_along(self) -> None:
        made, reference = accepted()
        made.add(f'payment 2026-11-30 873.00 ref="{reference}"\npayment 2026-12-05 -873.00 ref="{reference}"')
        account = made.on("2026-12-06")
        assert still_open(account) == {"F-1": "909.00"}
        assert agreement_of(account).saved_on is None


class TestLost:
    def test_with_an_agreement_that_ends_all_is_due(self) -> None:
        made, reference = accepted()
        made.add(f'payment 2026-12-16 291.00 ref="{reference}"')
        record = AgreementRecord(
            agreement_of(made.on("2026-12-17")).id,
            *("brun", ("F-1",), day("2027-01-05"), ((day("2027-02-16"), Money(29100, "EUR")),)),
            status="cancelled",
        )
        made.ledger = replace(made.ledger, agreements=(record,))
        account = made.on("2027-01-06")
        assert str(account.totals.overdue) == "618.00"
        assert [found.status for found in account.items] == [Status.OVERDUE]
        assert all(found.saving_lost for found in account.agreements if found.saving)
        made.add("payment 2027-01-10 582.00 F-1")
        assert still_open(made.on("2027-01-11")) == {"F-1": "36.00"}


class TestByWord:
    def record(self, *parts: tuple[str, int], discount: int) -> AgreementRecord:
        dated = tuple((day(on), Money(amount, "EUR")) for on, amount in parts)
        return AgreementRecord("A-1", "brun", ("F-1",), day("2026-11-16"), dated, discount=Money(discount, "EUR"))

    def test_a_schedule_of_less_than_the_debt(self) -> None:
        made = world(LATE, KIND)
        made.ledger = replace(
            made.ledger, agreements=(self.record(("2026-11-30", 70000), ("2026-12-31", 44000), discount=6000),)
        )
        made.add("payment 2026-11-30 700.00 F-1")
        assert still_open(made.on("2026-12-01")) == {"F-1": "500.00"}
        made.add("payment 2026-12-31 440.00 F-1")
        account = made.on("2027-01-01")
        assert still_open(account) == {}
        assert str(item(account, "F-1").credited) == "60.00"

    def test_a_payment_of_the_same_day_before_it_is_told_by_the_sum(self) -> None:
        made = world(LATE, KIND)
        made.add("payment 2026-11-16 200.00 F-1")
        made.ledger = replace(
            made.ledger, agreements=(self.record(("2026-11-30", 50000), ("2026-12-31", 44000), discount=6000),)
        )
        assert str(agreement_of(made.on("2026-11-17")).next.open) == "500.00"  # type: ignore[union-attr]
        made.add("payment 2026-11-30 500.00 F-1\npayment 2026-12-31 440.00 F-1")
        assert still_open(made.on("2027-01-01")) == {}


@pytest.mark.parametrize("seed", range(15))
def test_accepting_it_and_paying_what_is_asked_leaves_exactly_nothing(seed: int) -> None:
    """Whatever the amounts, in whatever portions, in time: never more than was asked, and not a cent is lost."""
    chance = random.Random(seed)
    lines = [
        f"invoice F-{number} 2026-10-0{number} due 2026-11-0{number} {Decimal(chance.randrange(20_000, 90_001)) / 100:.2f}"
        for number in range(1, chance.randrange(2, 5))
    ]
    made, reference = accepted("\n".join(lines))
    owed = total([found.total for found in made.on("2026-11-16").items], "EUR")
    expected = sum(part.amount.minor for part in agreement_of(made.on("2026-11-16")).instalments)
    for on in DATES[1:]:
        account = made.on(on)
        assert adds_up(account)
        if not account.totals.to_pay:
            break
        left = account.totals.to_pay.minor
        while left:
            part = min(left, chance.choice([left, left, chance.randrange(1, left + 1)]))
            made.add(f'payment {on} {Money(part, "EUR")} ref="{reference}"')
            left -= part
        if chance.random() < 0.2:
            rest = sum(part.open.minor for part in agreement_of(made.on(on)).instalments)
            made.add(f'payment {on} {Money(rest, "EUR")} ref="{reference}"' if rest else "")
    account = made.on("2027-02-16")
    assert still_open(account) == {}
    assert adds_up(account)
    assert not account.totals.credit
    paid = total([found.paid for found in account.items], "EUR")
    assert paid.minor == expected
    assert paid + total([found.credited for found in account.items], "EUR") == owed
