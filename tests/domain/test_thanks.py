"""Thanks are for what is true: invoices paid by their due date, and nothing that is open past it."""

from __future__ import annotations

from dataclasses import replace

from tests.support.world import GENEROUS, World, world

ON_TIME = """
    invoice F-1 2026-06-01 due 2026-06-30 100.00
    payment 2026-06-30 100.00 F-1
    invoice F-2 2026-07-01 due 2026-07-31 100.00
    payment 2026-07-20 100.00 F-2
"""


def punctual(text: str) -> int:
    return world(text).on("2026-11-23").punctual


def test_invoices_paid_by_their_due_date_are_counted_back_from_the_last() -> None:
    assert punctual(ON_TIME) == 2


def test_two_are_no_row_yet_after_one_that_was_late() -> None:
    late = "invoice F-0 2026-05-01 due 2026-05-31 100.00\npayment 2026-06-01 100.00 F-0\n"
    third = "\ninvoice F-3 2026-08-01 due 2026-08-31 100.00\npayment 2026-08-31 100.00 F-3"
    assert punctual(late + ON_TIME) == 0
    assert punctual(late + ON_TIME + third) == 3


def test_a_day_late_is_late() -> None:
    late = "invoice F-3 2026-08-01 due 2026-08-31 100.00\npayment 2026-09-01 100.00 F-3"
    assert punctual(f"{ON_TIME}\n{late}") == 0


def test_nobody_is_thanked_while_anything_is_open_past_its_date() -> None:
    assert punctual(f"{ON_TIME}\ninvoice F-0 2026-01-01 due 2026-01-31 10.00") == 0
    assert punctual(f"{ON_TIME}\ninvoice F-0 2026-01-01 due 2026-01-31 10.00 disputed=2026-02-01") == 0
    assert punctual(f"{ON_TIME}\ninvoice G-1 2026-10-01 due 2026-10-31 10.00 currency=GBP") == 0
    assert punctual(f"{ON_TIME}\ninvoice F-9 2026-11-01 due 2026-12-01 10.00") == 2


def test_a_payment_that_went_back_has_paid_nothing() -> None:
    assert punctual(f"{ON_TIME}\npayment 2026-08-05 -100.00 F-2") == 0


def test_what_was_credited_or_settled_on_an_unknown_day_tells_nothing() -> None:
    assert punctual("invoice F-1 2026-06-01 due 2026-06-30 100.00\ncredit A-1 2026-06-10 100.00 F-1") == 0
    assert punctual("invoice F-1 2026-06-01 due 2026-06-30 100.00 status=paid") == 0


def test_a_debit_on_its_way_is_no_payment_yet() -> None:
    flying = "invoice F-3 2026-10-25 due 2026-11-24 100.00\ndebit 2026-11-20 100.00 F-3"
    assert punctual(f"{ON_TIME}\n{flying}") == 2
    assert punctual(flying) == 0


def test_an_owner_may_thank_nobody() -> None:
    found: World = world(ON_TIME, replace(GENEROUS, reminders=replace(GENEROUS.reminders, thanks=False)))
    assert found.on("2026-11-23").punctual == 0
