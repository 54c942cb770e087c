"""Plans of invoices that have late fees beside them: the fees are in the instalments, and no part of what a plan waives."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.domain.fee_rules import FeePolicy
from generator.domain.memory import OfferKind
from generator.domain.policy import FeeMode, Policy
from generator.rates import shipped_rates
from tests.support.reading import planning, still_open
from tests.support.world import World, world

if TYPE_CHECKING:
    from generator.domain.account import Account, Offer

DAY = "2026-09-30"  #: the third reminder falls due, 30 days late: it claims, and offers plans


ACCEPTED = date(2026, 10, 2)


def claiming(**plans: object) -> Policy:
    fees = FeePolicy(rates=shipped_rates())
    return replace(planning(**plans), late_fees=FeeMode.CLAIM, fees=fees, claim_from="reminder-3")


def claimed(policy: Policy, total: str = "1000.00", more: str = "") -> World:
    """The third reminder has left, with its claim of 10.19 € and 40.00 € on 1,000 €."""
    made = world(
        f"""invoice F-1 2026-08-01 due 2026-08-31 {total}
        sent 2026-09-07 reminder-1 F-1
        sent 2026-09-14 reminder-2 F-1
        """,
        policy,
    )
    assert made.send(DAY) == "reminder-3"
    if more:
        made.add(more)
    return made


def plans_of(account: Account) -> tuple[Offer, ...]:
    return account.offers_of(OfferKind.PLAN)


def kept(made: World, offer: Offer) -> Account:
    """Every instalment of a plan is paid on its day."""
    for part in offer.instalments:
        made.add(f"payment {max(part.due, ACCEPTED).isoformat()} {part.amount} ref={offer.reference}")
    return made.on((offer.instalments[-1].due + timedelta(days=5)).isoformat())


# --- What a plan waives is of the invoices


def test_a_plan_waives_nothing_of_the_fees() -> None:
    offer = plans_of(claimed(claiming(discount_percent=Decimal(10))).on("2026-10-01"))[0]
    assert (str(offer.amount), str(offer.saving)) == ("950.19", "100.00")
    assert sum(part.amount.minor for part in offer.instalments) == 95_019


def test_what_it_waives_is_the_same_once_it_is_accepted_and_once_it_is_kept() -> None:
    made = claimed(claiming(discount_percent=Decimal(10)))
    offer = plans_of(made.on("2026-10-01"))[0]
    account = kept(made, offer)
    assert account.agreement is not None
    assert account.agreement.paid
    assert str(account.agreement.saving) == "100.00"
    assert not still_open(account)
    (note,) = account.credits_due
    assert str(note.amount) == "100.00"


def test_a_sum_that_the_owner_waives_is_of_the_invoices_too() -> None:
    made = claimed(claiming(discount_percent=Decimal(10)), more="payment 2026-10-01 500.00 F-1")
    offer = plans_of(made.on("2026-10-02"))[0]
    assert (str(offer.amount), str(offer.saving)) == ("500.19", "50.00")


@settings(max_examples=12, deadline=None)
@given(
    cents=st.integers(min_value=40_000, max_value=900_000),
    percent=st.sampled_from(["0", "0.5", "3", "10", "33.33"]),
    paid=st.integers(min_value=0, max_value=20_000),
)
def test_offer_acceptance_and_credit_note_agree_whatever_the_amounts(cents: int, percent: str, paid: int) -> None:
    made = claimed(claiming(discount_percent=Decimal(percent)), f"{cents // 100}.{cents % 100:02d}")
    if paid:
        made.add(f"payment 2026-10-01 {paid // 100}.{paid % 100:02d} F-1")
    account = made.on("2026-10-01")
    principal = sum(item.open.minor for item in account.items if not item.fee_of)
    fees = sum(item.open.minor for item in account.items if item.fee_of)
    assert fees
    offer = plans_of(account)[0]
    assert abs(offer.saving.minor - principal * Decimal(percent) / 100) < 1
    assert offer.amount.minor + offer.saving.minor == principal + fees
    assert sum(part.amount.minor for part in offer.instalments) == offer.amount.minor
    account = kept(made, offer)
    assert account.agreement is not None
    assert (account.agreement.saving.minor if account.agreement.saving else 0) == offer.saving.minor
    assert not still_open(account)
    assert sum(note.amount.minor for note in account.credits_due) == offer.saving.minor
    assert all(not item.credited or not item.fee_of for item in account.items)


# --- No plan of fees alone


def test_once_the_invoice_is_paid_no_plan_is_offered_for_its_fees() -> None:
    made = claimed(claiming(), more="payment 2026-10-01 1000.00 F-1")
    account = made.on("2026-10-02")
    assert still_open(account) == {"F-1/fees": "50.19"}
    assert plans_of(account) == ()


def test_its_reference_then_begins_none() -> None:
    made = claimed(claiming())
    offer = plans_of(made.on("2026-10-01"))[0]
    made.add(f"payment 2026-10-01 1000.00 F-1\npayment 2026-10-02 50.19 ref={offer.reference}")
    account = made.on("2026-10-03")
    assert account.agreements == ()
    assert not still_open(account)


@pytest.mark.parametrize(
    ("rule", "total"), [({"minimum_debt": Decimal(300)}, "280.00"), ({"minimum_instalment": Decimal(160)}, "310.00")]
)
def test_fees_make_no_small_debt_large_enough_for_a_plan(rule: dict[str, object], total: str) -> None:
    usual = {"minimum_debt": Decimal(0), "minimum_instalment": Decimal(0), "counts": (2,)}
    assert plans_of(claimed(claiming(**usual), total).on("2026-10-01"))
    assert plans_of(claimed(claiming(**{**usual, **rule}), total).on("2026-10-01")) == ()
