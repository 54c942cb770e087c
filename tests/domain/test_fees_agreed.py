"""Late fees in plans and agreements: what was written stays as it was written, and what is waived comes off its end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from generator.domain.discount_vat import Computation, agreed_by_rate
from generator.domain.fee_rules import FeePolicy
from generator.domain.memory import OfferKind, OfferMade
from generator.domain.money import Money
from generator.domain.policy import FeeMode, Policy
from generator.fee_lines import fees_apart
from generator.journal_records import event_of, line_of
from generator.rates import shipped_rates
from tests.domain.test_claims import CLAIMING, noticed
from tests.support.reading import planning, still_open
from tests.support.world import World, day, world

if TYPE_CHECKING:
    from generator.domain.account import Account, Agreement, Offer

#: Plans that can still be taken when the next reminder has claimed again.
EARLY = replace(
    planning(days=40), late_fees=FeeMode.CLAIM, fees=FeePolicy(rates=shipped_rates()), claim_from="reminder-1"
)


def claimed_twice(policy: Policy = EARLY) -> tuple[World, Offer]:
    """A reminder claimed fees and offered plans; two weeks later the next claims more. Returns the plan in two as it was offered."""
    made = world("invoice F-1 2026-08-01 due 2026-08-31 1000.00", policy)
    offer = None
    for today in ("2026-09-07", "2026-09-14", "2026-09-30"):
        made.send(today)
        plans = made.on(today).offers_of(OfferKind.PLAN)
        offer = offer or next((one for one in plans if len(one.instalments) == 2), None)
    assert offer is not None
    return made, offer


def plan(account: Account, like: Offer) -> Offer:
    return next(one for one in account.offers_of(OfferKind.PLAN) if one.reference == like.reference)


def parts(found: Offer | Agreement) -> list[str]:
    return [str(part.amount) for part in found.instalments]


def agreement(account: Account) -> Agreement:
    assert account.agreement is not None
    return account.agreement


# --- A plan that was offered stays as it was


def test_a_later_claim_does_not_raise_the_instalments_of_a_plan() -> None:
    made, offer = claimed_twice()
    account = made.on("2026-10-01")
    (found,) = account.claims
    assert len(found.claimed) > 1
    assert sum(part.amount.minor for part in offer.instalments) < account.totals.open.minor
    assert parts(plan(account, offer)) == parts(offer)


def test_its_first_instalment_accepts_it_as_it_was_written() -> None:
    made, offer = claimed_twice()
    made.add(f"payment 2026-10-01 {offer.pay_now} ref={offer.reference}")
    found = agreement(made.on("2026-10-02"))
    assert parts(found) == parts(offer)
    assert sum(owed.minor for owed in found.owed) == offer.amount.minor
    assert found.beside is not None


def test_what_was_claimed_since_stands_beside_it_and_is_asked_for_once_it_is_kept() -> None:
    made, offer = claimed_twice()
    more = made.on("2026-10-01").totals.open - offer.amount
    for part in offer.instalments:
        made.add(f"payment {max(part.due, day('2026-10-01'))} {part.amount} ref={offer.reference}")
    during = made.on("2026-10-02")
    assert during.totals.to_pay != during.totals.open
    assert agreement(during).beside == more
    assert fees_apart(agreement(during), during.items) == more
    account = made.on("2026-12-20")
    assert agreement(account).paid
    assert agreement(account).kept_on is not None
    assert still_open(account) == {"F-1/fees": str(more)}
    assert account.totals.to_pay == more
    assert fees_apart(agreement(account), account.items) == more
    made.add(f"payment 2026-12-21 {more} F-1/fees")
    assert fees_apart(agreement(made.on("2026-12-22")), made.on("2026-12-22").items) is None


def test_the_word_of_the_owner_accepts_the_same_plan() -> None:
    made, offer = claimed_twice()
    written = " ".join(f"{part.due}:{part.amount}" for part in offer.instalments)
    made.add(f"agreement {offer.key} 2026-10-01 F-1,F-1/fees {written}")
    found = agreement(made.on("2026-10-02"))
    assert found.reference == offer.reference
    assert sum(owed.minor for owed in found.owed) == offer.amount.minor


def test_a_waiver_lowers_a_plan_that_was_offered() -> None:
    made, offer = claimed_twice()
    made.add("waive 2026-10-01 F-1")
    assert str(plan(made.on("2026-10-01"), offer).amount) == "1000.00"


def test_the_fees_of_a_plan_are_in_the_journal_and_an_older_line_has_none() -> None:
    made, offer = claimed_twice()
    event = next(one for one in made.events if isinstance(one, OfferMade) and one.reference == offer.reference)
    assert event.fees == offer.amount.minor - 100_000
    assert event_of(line_of(event)) == event
    assert '"fees"' not in line_of(replace(event, fees=0))
    with pytest.raises(ValueError, match="offer"):
        event_of(line_of(replace(event, fees=-1)))


# --- A waiver inside an agreement

#: All of 1,055.29 € in two parts.
AGREED = "agreement EC-1 2026-10-20 F-1,F-1/fees 2026-11-01:527.65 2026-12-01:527.64\n"


@pytest.mark.parametrize("on", ["2026-10-20", "2026-10-21", "2026-11-10"])
def test_fees_that_are_waived_come_off_the_last_instalment(on: str) -> None:
    account = noticed(AGREED + f"waive {on} F-1").on("2026-11-12" if on > "2026-11-01" else on)
    found = agreement(account)
    assert parts(found) == ["527.65", "472.35"]
    assert str(found.remitted) == "55.29"
    assert [str(owed) for owed in found.owed] == ["1000.00", "0.00"]
    assert all(part.credited is None and not part.paid for part in found.instalments)


@pytest.mark.parametrize("on", ["2026-10-20", "2026-10-21", "2026-11-10"])
def test_it_is_kept_when_the_rest_is_paid(on: str) -> None:
    made = noticed(AGREED + f"waive {on} F-1\npayment 2026-11-01 527.65 F-1\npayment 2026-12-01 472.35 F-1")
    account = made.on("2026-12-02")
    assert agreement(account).kept_on == day("2026-12-01")
    assert agreement(account).paid
    assert not still_open(account)
    assert not account.totals.credit


def test_a_part_that_is_waived_wholly_is_asked_for_no_more() -> None:
    written = "agreement EC-1 2026-10-20 F-1,F-1/fees 2026-11-01:500.00 2026-12-01:500.00 2027-01-04:55.29\n"
    made = noticed(written + "waive 2026-10-21 F-1\npayment 2026-11-01 500.00 F-1\npayment 2026-12-01 500.00 F-1")
    account = made.on("2026-12-02")
    assert parts(agreement(account)) == ["500.00", "500.00"]
    assert agreement(account).kept_on == day("2026-12-01")


def test_of_what_is_paid_nothing_is_taken_off() -> None:
    made = noticed(AGREED + "payment 2026-11-01 1040.00 F-1\nwaive 2026-11-02 F-1")
    account = made.on("2026-11-03")
    assert parts(agreement(account)) == ["527.65", "512.35"]
    assert agreement(account).kept_on is not None
    assert not still_open(account)


def test_the_history_tells_the_agreement_as_it_was_signed() -> None:
    account = noticed(AGREED + "waive 2026-10-21 F-1").on("2026-10-22")
    assert [str(line.amount) for line in account.history if line.kind == "agreement"] == ["1055.29"]


def test_fees_that_its_parts_never_asked_for_are_waived_without_touching_them() -> None:
    made = noticed("agreement EC-1 2026-10-20 F-1 2026-11-01:500.00 2026-12-01:500.00\nwaive 2026-10-21 F-1\n")
    account = made.on("2026-10-25")
    assert parts(agreement(account)) == ["500.00", "500.00"]
    assert str(account.totals.open) == "1000.00"
    made.add("payment 2026-11-01 500.00 F-1\npayment 2026-12-01 500.00 F-1")
    assert still_open(made.on("2026-12-02")) == {}


# --- The days of an agreement bear no interest


def test_days_on_which_an_agreement_held_are_in_no_later_claim() -> None:
    """Fees of 30 days are in an agreement whose second instalment is missed; the next reminder claims for the days since its end."""
    made = world("invoice F-1 2026-08-01 due 2026-08-31 1000.00", replace(CLAIMING, claim_from="reminder-3"))
    for today in ("2026-09-07", "2026-09-14", "2026-09-30"):
        made.send(today)
    assert str(made.on("2026-09-30").totals.fees) == "50.19"
    made.add(
        "agreement EC-1 2026-10-01 F-1,F-1/fees 2026-10-05:500.00 2026-11-05:550.19\npayment 2026-10-05 500.00 F-1"
    )
    seen = {made.send(f"2026-{month:02d}-{on:02d}") for month in (11, 12) for on in range(6, 29)}
    assert {"instalment-late", "formal-notice"} <= seen
    account = made.on("2026-12-28")
    (broken,) = account.agreements
    (claim,) = account.claims
    assert broken.broken_on is not None
    held = [(one.begins, one.ends) for one in claim.current.periods if one.ends > day("2026-10-01")]
    assert held[0][0] == broken.broken_on
    assert all(one.base == 50_000 for one in claim.current.periods if one.begins >= broken.broken_on)


# --- What an instalment pays

TWO = "invoice F-2 2026-09-01 due 2026-09-30 300.00\n"
BOTH = "agreement EC-1 2026-10-20 F-1,F-1/fees,F-2 2026-11-01:500.00 2026-12-01:855.29\n"


@pytest.mark.parametrize("interest_first", [False, True])
def test_an_instalment_pays_what_money_is_booked_on(*, interest_first: bool) -> None:
    """As the accountant reads it before, and as it is booked when the money is here."""
    made = noticed(TWO + BOTH, replace(CLAIMING, interest_first=interest_first))
    account = made.on("2026-10-21")
    told = agreed_by_rate(agreement(account), account.items, Computation.INCLUDED, fees_first=interest_first)
    first = {part.invoice: str(part.amount) for part in told if part.number == 1}
    assert first == ({"F-1/fees": "55.29", "F-1": "444.71"} if interest_first else {"F-1": "500.00"})
    assert sum(part.amount.minor for part in told) == 135_529
    made.add("payment 2026-11-01 500.00 F-1,F-2")
    booked = {item.id: str(item.paid) for item in made.on("2026-11-02").items if item.paid}
    assert booked == first


def test_what_is_waived_at_the_end_is_taken_off_the_invoice_and_not_off_its_fees() -> None:
    account = noticed("agreement EC-1 2026-10-20 F-1,F-1/fees 2026-11-01:500.00 2026-12-01:455.29").on("2026-10-21")
    waiving = replace(agreement(account), saving=Money(10_000, "EUR"))
    told = agreed_by_rate(waiving, account.items, Computation.INCLUDED)
    assert [(part.number, part.invoice, str(part.amount)) for part in told] == [
        (1, "F-1", "500.00"),
        (2, "F-1", "400.00"),
        (2, "F-1/fees", "55.29"),
    ]
