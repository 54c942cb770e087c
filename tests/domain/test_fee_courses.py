"""The course of a late item: what was open on each day, whatever came in, went back, was placed anew or agreed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.domain.account import Account, Status
from generator.domain.fee_rules import FeePolicy
from generator.domain.fees import account_fees
from generator.rates import shipped_rates
from tests.domain.test_decide_properties import accounts, ledgers, movements
from tests.support.effort import examples
from tests.support.world import day, world

if TYPE_CHECKING:
    from generator.domain.courses import Course

LAW = FeePolicy(rates=shipped_rates())


def course(text: str, today: str, item: str = "F-1") -> Course:
    return world(text).on(today).courses[item]


def holds_together(account: Account) -> None:
    """The course ends where the statement stands, and begins with what was invoiced."""
    for item in account.items:
        known = account.courses.get(item.id)
        if item.status is Status.OVERDUE:
            assert known is not None
        if known is None:
            continue
        assert item.invoice.due < account.as_of
        tomorrow = account.as_of + timedelta(days=1)
        assert known.open_on(tomorrow) == item.open.minor
        assert known.opening == item.total.minor
        balance = [known.open_on(account.as_of - timedelta(days=ago)) for ago in range(90)]
        assert all(0 <= cents <= item.total.minor for cents in balance)
    fees = account_fees(account, LAW)
    assert set(fees.items) == {item.id for item in account.items}
    for item in account.items:
        if item.id not in account.courses:
            assert not fees.items[item.id].total


@settings(max_examples=examples(30), deadline=None)
@given(text=ledgers(), days=st.integers(20, 120))
def test_the_course_ends_where_the_statement_stands(text: str, days: int) -> None:
    _, found = accounts(text, date(2026, 9, 1) + timedelta(days=days))
    for account in found:
        holds_together(account)


@settings(max_examples=examples(20), deadline=None)
@given(lines=movements())
def test_so_it_does_when_money_goes_back(lines: list[str]) -> None:
    head = "invoice F-1 2026-09-01 due 2026-10-01 100.00\ninvoice F-2 2026-09-01 due 2026-10-05 250.00\n"
    _, found = accounts(head + "\n".join(lines), date(2026, 12, 10))
    for account in found:
        holds_together(account)


def test_what_was_paid_on_its_due_date_has_none() -> None:
    paid = "invoice F-1 2026-01-01 due 2026-01-31 100.00\npayment {} 100.00 F-1"
    assert not world(paid.format("2026-01-31")).on("2026-06-30").courses
    assert course(paid.format("2026-02-01"), "2026-06-30").open_on(day("2026-02-01")) == 10_000


def test_a_payment_counts_from_the_next_day_and_a_credit_note_from_its_own() -> None:
    found = course(
        """invoice F-1 2026-01-01 due 2026-01-31 100.00
        payment 2026-02-10 30.00 F-1
        credit A-1 2026-02-20 20.00 F-1""",
        "2026-06-30",
    )
    assert [found.open_on(day(f"2026-02-{number}")) for number in (10, 11, 19, 20)] == [10_000, 7_000, 7_000, 5_000]


def test_a_credit_from_before_counts_from_the_beginning() -> None:
    found = course(
        "payment 2025-12-20 40.00\ninvoice F-1 2026-01-01 due 2026-01-31 100.00",
        "2026-06-30",
    )
    assert found.open_on(day("2026-02-01")) == 6_000


def test_money_that_went_back_counts_while_it_was_there() -> None:
    found = course(
        """invoice F-1 2026-01-01 due 2026-01-31 100.00
        payment 2026-02-10 60.00 F-1
        payment 2026-03-10 -60.00 F-1""",
        "2026-06-30",
    )
    days = ("2026-02-10", "2026-02-11", "2026-03-10", "2026-03-11")
    assert [found.open_on(day(text)) for text in days] == [10_000, 4_000, 4_000, 10_000]


def test_paid_on_time_and_given_back_later_is_late_from_then_on() -> None:
    fees = account_fees(
        world(
            """client brun kind=business
            invoice F-1 2026-01-01 due 2026-01-31 100.00
            payment 2026-01-20 100.00 F-1
            payment 2026-03-10 -100.00 F-1"""
        ).on("2026-06-30"),
        LAW,
    ).items["F-1"]
    assert fees.late_from == day("2026-03-11")


@pytest.mark.parametrize("number", ["F-1", "F-1/2"])
def test_a_dispute_is_about_the_invoice_or_one_part_of_it(number: str) -> None:
    text = f"""invoice F-1 2026-01-01 due 2026-01-31 100.00 part=1
    invoice F-1 2026-01-01 due 2026-02-10 100.00 part=2
    dispute {number} 2026-02-15 2026-03-01"""
    found = world(text).on("2026-06-30").courses
    within = day("2026-02-20")
    assert [found[item].disputed_on(within) for item in ("F-1/1", "F-1/2")] == [number == "F-1", True]
    assert [
        found["F-1/2"].disputed_on(day(text)) for text in ("2026-02-14", "2026-02-15", "2026-02-28", "2026-03-01")
    ] == [
        False,
        True,
        True,
        False,
    ]


def test_what_is_in_litigation_was_disputed_all_the_time() -> None:
    fees = account_fees(
        world("client brun kind=business\ninvoice F-1 2026-01-01 due 2026-01-31 100.00 status=litigation").on(
            "2026-06-30"
        ),
        LAW,
    )
    assert fees.items["F-1"].reason == "disputed"


AGREED = """client brun kind=business
invoice F-1 2026-01-01 due 2026-01-31 600.00
agreement A-1 2026-03-01 F-1 2026-03-15:300.00 2026-04-15:300.00
payment 2026-03-15 300.00 F-1
"""


def test_an_agreement_that_is_kept_bears_nothing() -> None:
    assert account_fees(world(AGREED).on("2026-04-10"), LAW).items["F-1"].reason == "agreement"
    kept = AGREED + "payment 2026-04-15 300.00 F-1"
    assert account_fees(world(kept).on("2026-05-30"), LAW).items["F-1"].reason == "agreement"


def test_of_one_that_was_not_kept_the_days_bear_nothing_on_which_it_held() -> None:
    missed = AGREED + "sent 2026-04-18 instalment-late about=A-1@2026-04-15\n"
    account = world(missed).on("2026-12-15")
    (found,) = account.agreements
    assert found.broken_on == day("2026-04-29")
    late = account_fees(account, LAW).items["F-1"]
    days = [(period.begins.isoformat(), period.ends.isoformat(), str(period.base)) for period in late.periods]
    assert days == [
        ("2026-02-01", "2026-03-01", "600.00"),
        ("2026-04-29", "2026-06-30", "300.00"),
        ("2026-07-01", "2026-12-15", "300.00"),
    ]
    assert late.indemnity


def test_the_days_of_two_agreements_one_after_the_other_bear_nothing() -> None:
    again = "agreement A-2 2026-03-20 F-1 2026-05-15:300.00 replaces=A-1\n"
    missed = AGREED + again + "sent 2026-05-18 instalment-late about=A-2@2026-05-15\n"
    late = account_fees(world(missed).on("2026-06-15"), LAW).items["F-1"]
    days = [(period.begins.isoformat(), str(period.base)) for period in late.periods]
    assert days == [("2026-02-01", "600.00"), ("2026-05-29", "300.00")]


def test_what_was_late_only_while_an_agreement_held_bears_nothing() -> None:
    early = AGREED.replace("A-1 2026-03-01", "A-1 2026-01-20") + "payment 2026-04-15 300.00 F-1"
    late = account_fees(world(early).on("2026-05-30"), LAW).items["F-1"]
    assert (late.reason, str(late.total)) == ("agreement", "0.00")
