"""A claim of late fees falls as soon as less is owed than was claimed; it never rises, and what was booked of it stays booked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from generator.domain.claims import FeesClaimed, merged
from generator.domain.fee_history import Act, fee_moves
from generator.domain.ledger import InvoiceStatus, Kind
from generator.domain.memory import Memory
from generator.domain.policy import FeeMode
from tests.domain.test_claims import CLAIMING, FEES, NOTICE, asked, claim, claims_made, late, noticed
from tests.support.reading import still_open
from tests.support.world import World, day, world

if TYPE_CHECKING:
    from generator.domain.account import Account

#: Half of the invoice had come in after 30 of the 45 days: noted on 20 October, after the notice had left.
BACKDATED = "payment 2026-09-30 500.00 F-1"


def rows(account: Account, item: str = "F-1") -> list[tuple[str, str, str]]:
    return [(move.act.value, str(move.on), str(move.amount)) for move in fee_moves(claim(account, item))]


def ill(made: World, status: InvoiceStatus) -> World:
    """Another invoice, so that there is an account still, and this status for the first one."""
    made.add("invoice F-2 2026-10-01 due 2026-12-31 50.00")
    first, other = made.ledger.invoices
    made.ledger = replace(made.ledger, invoices=(replace(first, status=status), other))
    return made


# --- At once, and as an event


def test_a_payment_that_was_noted_late_lowers_the_claim_at_once() -> None:
    account = noticed(BACKDATED).on("2026-10-20")
    found = claim(account)
    assert (str(found.interest), str(found.indemnity), str(found.open)) == ("12.74", "40.00", "52.74")
    assert [(period.days, period.base) for period in found.current.periods] == [(30, 100_000), (15, 50_000)]
    assert (str(found.current.until), str(found.told_on)) == (NOTICE, NOTICE)
    assert asked(account) == "552.74"


def test_what_it_falls_to_is_remembered_and_a_second_build_decides_nothing() -> None:
    made = noticed(BACKDATED)
    (event,) = made.build("2026-10-20").events
    assert isinstance(event, FeesClaimed)
    assert (event.step, str(event.on), str(event.corrected_on), event.amount) == (
        "formal-notice",
        NOTICE,
        "2026-10-20",
        5274,
    )
    before = made.on("2026-10-20")
    assert not made.decide("2026-10-20").events
    assert made.on("2026-10-20") == before
    assert not made.decide("2026-11-20").events


def test_it_never_rises_again() -> None:
    made = noticed(BACKDATED)
    made.build("2026-10-20")
    made.ledger = replace(made.ledger, payments=())
    assert str(claim(made.on("2026-10-21")).open) == "52.74"


def test_of_several_corrections_the_lowest_holds_in_whatever_order_they_come() -> None:
    made = noticed()
    (told,) = claims_made(made)
    lower = replace(told, indemnity=0, corrected_on=date(2026, 10, 22))
    lowest = replace(told, periods=(), indemnity=0, corrected_on=date(2026, 10, 25))
    higher = replace(told, periods=(), corrected_on=date(2026, 10, 26))
    for events in permutations([told, lower, lowest, higher]):
        assert merged(events) == (told, lower, lowest)
        assert Memory.of(events).get("brun").claims == (told, lower, lowest)


def test_a_claim_of_another_day_is_not_corrected_by_it() -> None:
    (told,) = claims_made(noticed())
    other = replace(told, on=date(2026, 10, 16), periods=(), corrected_on=date(2026, 10, 20))
    assert merged([other, told]) == (told,)


def test_another_policy_or_another_rate_changes_no_claim() -> None:
    made = noticed()
    made.policy = replace(CLAIMING, fees=replace(CLAIMING.fees, law=None))
    assert asked(made.on("2026-10-21")) == "1055.29"


def test_until_a_dispute_is_settled_nothing_falls_and_its_days_bear_nothing_then() -> None:
    made = noticed("dispute F-1 2026-09-16 2026-11-20")
    assert not made.build("2026-10-20").events
    account = made.on("2026-11-20")
    assert str(claim(account).interest) == "5.10"  # 15 of the 45 days
    assert asked(account) == "1045.10"


def test_what_a_debit_under_way_would_change_waits_for_it() -> None:
    made = noticed("debit 2026-10-10 400.00 F-1")
    assert str(claim(made.on("2026-10-20")).total) == FEES


# --- Wholly


@pytest.mark.parametrize("more", ["payment 2026-08-20 1000.00 F-1", "credit A-1 2026-10-20 1000.00 F-1"])
def test_an_invoice_that_was_paid_in_time_or_is_wholly_credited_owes_nothing(more: str) -> None:
    account = noticed(more).on("2026-10-21")
    assert not still_open(account)
    assert not account.totals.to_pay
    assert str(claim(account).total) == "0.00"


@pytest.mark.parametrize("kind", [Kind.CONSUMER, Kind.UNKNOWN])
def test_neither_does_a_consumer_nor_who_may_be_one_and_it_stays_so(kind: Kind) -> None:
    made = noticed()
    made.change(kind=kind)
    assert asked(made.on("2026-10-20")) == "1000.00"
    made.build("2026-10-20")
    made.change(kind=Kind.BUSINESS)
    assert asked(made.on("2026-10-21")) == "1000.00"


@pytest.mark.parametrize("status", [InvoiceStatus.WRITTEN_OFF, InvoiceStatus.FACTORED, InvoiceStatus.VOID])
def test_neither_does_an_invoice_that_is_not_asked_for(status: InvoiceStatus) -> None:
    made = ill(noticed(), status)
    account = made.on("2026-10-21")
    assert still_open(account) == {"F-2": "50.00"}
    assert rows(account) == [("claimed", NOTICE, FEES), ("corrected", "2026-10-21", f"-{FEES}")]
    made.build("2026-10-21")
    assert not made.decide("2026-10-22").events


def test_what_was_claimed_of_a_client_who_was_insolvent_already_is_not_asked() -> None:
    made = noticed()
    made.change(insolvent_since=date(2026, 10, 10))
    assert str(claim(made.on("2026-10-20")).total) == "0.00"
    made = noticed()
    made.change(insolvent_since=date(2026, 10, 16))
    assert str(claim(made.on("2026-10-20")).total) == FEES


def test_an_invoice_that_is_settled_on_a_day_that_nobody_noted_keeps_its_claim() -> None:
    account = ill(noticed(), InvoiceStatus.PAID).on("2026-10-21")
    assert still_open(account) == {"F-1/fees": FEES, "F-2": "50.00"}


def test_one_that_is_settled_by_a_payment_in_time_does_not() -> None:
    account = ill(noticed("payment 2026-08-20 1000.00 F-1"), InvoiceStatus.PAID).on("2026-10-21")
    assert still_open(account) == {"F-2": "50.00"}


# --- What was paid of it


def test_what_was_paid_above_it_pays_principal_first() -> None:
    made = noticed(f"payment 2026-10-16 {FEES} F-1/fees")
    made.build("2026-10-16")
    made.add(BACKDATED)
    account = made.on("2026-10-20")
    assert still_open(account) == {"F-1": "497.45"}
    assert str(claim(account).paid) == "52.74"


def test_else_it_is_a_credit_to_be_given_back_and_a_refund_takes_it() -> None:
    made = noticed("payment 2026-10-16 1055.29 F-1")
    made.build("2026-10-16")
    made.add("credit A-1 2026-10-20 1000.00 F-1")
    account = made.on("2026-10-20")
    assert not still_open(account)
    assert str(account.totals.credit) == "1055.29"
    made.add("payment 2026-10-21 -1055.29 F-1")
    account = made.on("2026-10-22")
    assert not still_open(account)
    assert not account.totals.credit


def test_refunding_what_was_claimed_in_error_asks_for_nothing_again() -> None:
    made = noticed(f"payment 2026-10-16 {FEES} F-1/fees")
    made.build("2026-10-16")
    made.add("payment 2026-08-20 1000.00 F-1")
    assert str(made.on("2026-10-20").totals.credit) == FEES
    made.build("2026-10-20")
    made.add(f"payment 2026-10-21 -{FEES} F-1")
    account = made.on("2026-10-22")
    assert not account.totals.to_pay
    assert not account.totals.credit


# --- What was booked stays booked


def test_the_claim_stays_on_its_day_and_its_correction_stands_on_its_own() -> None:
    account = noticed(BACKDATED).on("2026-10-20")
    assert rows(account) == [("claimed", NOTICE, FEES), ("corrected", "2026-10-20", "-2.55")]
    assert fee_moves(claim(account))[-1].open == claim(account).open


def test_money_that_became_a_credit_is_taken_back_on_the_day_of_the_correction() -> None:
    made = noticed(f"payment 2026-10-16 {FEES} F-1/fees")
    before = rows(made.on("2026-10-19"))
    made.add("credit A-1 2026-10-19 1000.00 F-1")
    account = made.on("2026-10-20")
    assert rows(account) == [
        *before,
        ("corrected", "2026-10-20", f"-{FEES}"),
        ("collected", "2026-10-20", f"-{FEES}"),
    ]
    split = [(str(move.interest), str(move.indemnity)) for move in fee_moves(claim(account))]
    assert split == [("15.29", "40.00")] * 2 + [("-15.29", "-40.00")] * 2
    assert [move.cancelled for move in fee_moves(claim(account)) if move.act is Act.CORRECTED] == [True]


def test_what_was_paid_of_the_claim_on_an_invoice_that_is_void_now_is_the_clients_again() -> None:
    made = noticed(f"payment 2026-10-16 {FEES} F-1/fees")
    made.build("2026-10-16")
    account = ill(made, InvoiceStatus.VOID).on("2026-10-21")
    assert [row[:2] for row in rows(account)][2:] == [("corrected", "2026-10-21"), ("collected", "2026-10-21")]
    assert (still_open(account), str(account.totals.credit)) == ({}, "5.29")  # F-2 was 50.00


def test_what_was_waived_of_it_is_taken_back_too() -> None:
    account = noticed("waive 2026-10-16 F-1\ncredit A-1 2026-10-19 1000.00 F-1").on("2026-10-20")
    assert [row[0] for row in rows(account)] == ["claimed", "waived", "corrected", "waived"]
    assert sum(move.amount.minor for move in fee_moves(claim(account)) if move.act is Act.WAIVED) == 0


def test_the_history_of_the_page_tells_it_once() -> None:
    account = noticed(BACKDATED).on("2026-10-20")
    told = [(line.kind.value, str(line.on), str(line.amount)) for line in account.history if line.kind == "fees"]
    assert told == [("fees", NOTICE, FEES), ("fees", "2026-10-20", "-2.55")]


# --- The one indemnity of an invoice


PARTS = """invoice F-1 2026-07-01 due 2026-08-31 500.00 part=1
    invoice F-1 2026-07-01 due 2026-09-02 500.00 part=2
    sent 2026-09-10 reminder-1 F-1/1 F-1/2
    sent 2026-09-17 reminder-2 F-1/1 F-1/2
    sent 2026-10-01 reminder-3 F-1/1 F-1/2
    """


def parts(more: str, today: str = "2026-10-19") -> World:
    made = world(PARTS + more, CLAIMING)
    assert made.send(today) == "formal-notice"
    return made


def test_it_stands_at_the_first_part_that_is_claimed_though_another_was_late_before() -> None:
    account = parts("payment 2026-10-05 500.00 F-1/1").on("2026-10-20")
    assert {one.invoice: str(one.indemnity) for one in account.claims} == {"F-1/2": "40.00"}


def test_where_the_part_that_had_it_is_credited_the_next_claim_has_it() -> None:
    made = world(PARTS, replace(CLAIMING, claim_from="reminder-3"))
    made.events = [event for event in made.events if getattr(event, "on", None) != day("2026-10-01")]
    assert made.send("2026-10-01") == "reminder-3"
    first = made.on("2026-10-02")
    assert {one.invoice: str(one.indemnity) for one in first.claims} == {"F-1/1": "40.00", "F-1/2": "0.00"}
    made.add("credit A-1 2026-10-05 500.00 F-1/1")
    made.build("2026-10-06")
    assert made.send("2026-10-19") == "formal-notice"
    account = made.on("2026-10-20")
    assert {one.invoice: str(one.indemnity) for one in account.claims} == {"F-1/1": "0.00", "F-1/2": "40.00"}


def test_where_the_part_that_would_have_it_is_spared_no_other_has_it() -> None:
    account = parts("payment 2026-10-05 500.00 F-1/1\nwaive 2026-09-20 F-1/1").on("2026-10-20")
    assert {one.invoice: str(one.indemnity) for one in account.claims} == {"F-1/2": "0.00"}


# --- Before it was told


@pytest.mark.parametrize("mode", [FeeMode.OFF, FeeMode.MENTION])
def test_what_the_owner_no_longer_claims_when_the_message_leaves_is_not_claimed_by_it(mode: FeeMode) -> None:
    made = late()
    made.build(NOTICE)
    made.change(late_fees=mode)
    assert made.send(NOTICE) == "formal-notice"
    account = made.on("2026-10-16")
    assert not account.claims
    assert asked(account) == "1000.00"


def test_what_was_waived_before_the_message_left_was_never_claimed() -> None:
    made = late()
    made.build(NOTICE)
    made.add(f"waive {NOTICE} F-1")
    assert made.send(NOTICE) == "formal-notice"
    account = made.on("2026-10-16")
    assert not account.claims
    assert not any("fees" in line.kind.value for line in account.history)


def test_an_invoice_that_stands_in_the_message_of_another_before_its_own_turn_is_asked_for_without_fees() -> None:
    made = world(
        """invoice F-1 2026-08-01 due 2026-08-31 1000.00
        invoice F-2 2026-08-20 due 2026-09-19 500.00
        sent 2026-09-07 reminder-1 F-1
        """,
        replace(CLAIMING, claim_from="reminder-2"),
    )
    assert made.send("2026-09-21") == "reminder-2"
    assert set(still_open(made.on("2026-09-22"))) == {"F-1", "F-1/fees", "F-2"}
