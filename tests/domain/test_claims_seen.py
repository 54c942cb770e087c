"""Late fees of which a client knows though their message has not left: they stood on the page, and were paid or agreed on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from generator.domain.due import Held
from generator.domain.policy import RECAP, ReminderPolicy
from tests.domain.test_claims import CLAIMING, LATE, NOTICE
from tests.support.reading import still_open
from tests.support.world import World, day, world

if TYPE_CHECKING:
    from generator.domain.account import Account

#: Two invoices whose formal notice waits; 55.29 and 47.64 of fees are on the page with it.
TWO = """invoice F-1 2026-08-01 due 2026-08-31 1000.00
invoice F-2 2026-08-01 due 2026-08-31 500.00
sent 2026-09-07 reminder-1 F-1 F-2
sent 2026-09-14 reminder-2 F-1 F-2
sent 2026-09-30 reminder-3 F-1 F-2
"""


def waiting(text: str = LATE, more: str = "") -> World:
    """The formal notice waits for its owner since its day; then comes more."""
    made = world(text, CLAIMING)
    made.build(NOTICE)
    if more:
        made.add(more)
    return made


def told(account: Account) -> dict[str, str]:
    return {claim.invoice: str(claim.told_on) for claim in account.claims if claim.told_on is not None}


def test_fees_that_are_disputed_with_their_invoice_are_no_part_of_what_another_payment_meets() -> None:
    made = waiting(LATE + "invoice F-2 2026-10-01 due 2026-10-20 500.00", "dispute F-1 2026-10-16")
    for words in ("F-2", ""):
        again = World(made.ledger, made.policy, list(made.events))
        again.add(f"payment 2026-10-28 500.00 {words}")
        account = again.on("2026-10-29")
        assert not account.claims
        assert still_open(account) == {"F-1": "1000.00"}


def test_who_pays_all_that_is_asked_has_seen_what_is_asked_and_not_what_is_disputed() -> None:
    made = waiting(TWO, "dispute F-2 2026-10-16\npayment 2026-10-16 1055.29")
    account = made.on("2026-10-16")
    assert told(account) == {"F-1": "2026-10-16"}
    assert still_open(account) == {"F-2": "500.00"}


def test_fees_that_are_paid_one_by_one_are_all_seen() -> None:
    account = waiting(TWO, "payment 2026-10-16 55.29 F-1/fees\npayment 2026-10-17 47.64 F-2/fees").on("2026-10-19")
    assert told(account) == {"F-1": "2026-10-16", "F-2": "2026-10-17"}
    assert still_open(account) == {"F-1": "1000.00", "F-2": "500.00"}


@pytest.mark.parametrize("names", ["F-1", "F-1,F-1/fees"])
def test_who_agrees_on_fees_while_their_message_waits_has_been_told(names: str) -> None:
    made = waiting(more=f"agreement E-1 2026-10-16 {names} 2026-11-16:527.65 2026-12-15:527.64")
    account = made.on("2026-10-19")
    assert told(account) == {"F-1": "2026-10-16"}
    assert account.agreement is not None
    assert sum(owed.minor for owed in account.agreement.owed) == 105_529
    made.add("payment 2026-11-16 527.65 F-1\npayment 2026-12-15 527.64 F-1")
    account = made.on("2026-12-16")
    assert account.agreement is not None
    assert account.agreement.paid
    assert account.agreement.kept_on == day("2026-12-15")
    assert not account.totals.credit


def test_an_agreement_on_the_invoice_alone_has_no_fees_of_a_message_that_did_not_leave() -> None:
    account = waiting(more="agreement E-1 2026-10-16 F-1 2026-11-16:500.00 2026-12-15:500.00").on("2026-10-19")
    assert not account.claims
    assert still_open(account) == {"F-1": "1000.00"}


def test_once_the_invoice_is_paid_no_later_payment_has_seen_its_fees_but_one_that_names_them() -> None:
    made = waiting(more="payment 2026-10-16 1000.00 F-1\ninvoice F-3 2026-10-01 due 2026-10-20 500.00")
    made.add("payment 2026-10-22 555.29")  # what the page would ask for, had it still claimed them
    assert not made.on("2026-10-23").claims
    made.add("payment 2026-10-22 55.29 F-1/fees")
    assert told(made.on("2026-10-23")) == {"F-1": "2026-10-22"}


# --- A message that is ready and waits for its day


def test_fees_stay_on_the_page_over_the_weekend() -> None:
    made = waiting()
    for today in ("2026-10-16", "2026-10-17", "2026-10-18", "2026-10-19"):
        assert str(made.on(today).totals.to_pay) == "1055.29"
        assert not made.decide(today).events


def test_on_a_weekend_nothing_new_is_claimed() -> None:
    assert not world(LATE, CLAIMING).on("2026-10-17").claims


def test_fees_stay_while_payments_are_not_booked() -> None:
    made = waiting()
    made.policy = replace(made.policy, payments_up_to=day("2026-10-15"), stale_days=3)
    account = made.on("2026-10-23")
    assert account.reminders.held is Held.STALE
    assert str(account.totals.to_pay) == "1055.29"


def test_fees_stay_while_another_message_of_the_day_goes_first() -> None:
    policy = replace(CLAIMING, reminders=ReminderPolicy())
    made = world(LATE + "invoice F-2 2026-09-01 due 2026-10-30 400.00", policy)
    made.build(NOTICE)
    made.add("agreement E-1 2026-10-16 F-2 2026-11-02:200.00 2026-12-02:200.00")
    account = made.on("2026-10-16")
    assert account.reminders.due_today is not None
    assert account.reminders.due_today.step.name == RECAP
    assert str(account.totals.to_pay) == "1055.29"


def test_on_a_day_without_mail_who_promises_is_asked_for_no_fees() -> None:
    assert not waiting(more="promise 2026-10-17 2026-10-30 F-1").on("2026-10-17").claims
