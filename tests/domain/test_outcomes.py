"""What came of discounts, agreements and reminders, counted for the owner."""

from __future__ import annotations

from datetime import date

from generator.domain.money import Money
from generator.domain.outcomes import Followed, Outcome, Tally, Window, agreed, followed, given
from tests.support.world import World, world

TODAY = "2026-11-23"
YEAR = Window(date(2025, 11, 23), date(2026, 11, 23))


def euros(text: str) -> Money:
    return Money.of(text, "EUR")


def steps(found: World) -> dict[str, Followed]:
    return followed(found.decide(TODAY).by_client(), YEAR)


def test_a_window_begins_after_its_first_day() -> None:
    assert [YEAR.holds(date(2025, 11, day)) for day in (22, 23, 24)] == [False, False, True]
    assert not YEAR.holds(date(2026, 11, 24))


def test_discounts_that_were_taken_are_counted_with_what_they_saved() -> None:
    found = world("""
        invoice F-0 2025-11-01 due 2025-12-01 100.00 escompte=2/10
        payment 2025-11-05 98.00 F-0
        invoice F-1 2026-08-01 due 2026-08-31 100.00 escompte=2/10
        payment 2026-08-05 98.00 F-1
        invoice F-2 2026-08-01 due 2026-08-31 300.00 escompte=2/10
        payment 2026-08-05 294.00 F-2
        invoice F-3 2026-08-01 due 2026-08-31 500.00 escompte=2/10
        payment 2026-08-30 500.00 F-3
    """)
    assert given(found.decide(TODAY).accounts, YEAR) == Tally(2, euros("8.00"))
    assert given(world("invoice F-1 2026-08-01 due 2026-08-31 100.00").decide(TODAY).accounts, YEAR) == Tally()


def test_agreements_are_counted_by_what_became_of_them() -> None:
    found = world("""
        client kept
        invoice F-1 2026-05-01 due 2026-05-31 100.00 client=kept
        agreement EC-1 2026-06-10 F-1 2026-06-20:50.00 2026-07-20:50.00 client=kept
        payment 2026-06-20 50.00 F-1 client=kept
        payment 2026-07-20 50.00 F-1 client=kept
        client going
        invoice F-2 2026-10-01 due 2026-10-31 200.00 client=going
        agreement EC-2 2026-11-10 F-2 2026-11-20:100.00 2026-12-20:100.00 client=going
        payment 2026-11-20 100.00 F-2 client=going
        client broken
        invoice F-3 2026-05-01 due 2026-05-31 400.00 client=broken
        agreement EC-3 2026-06-10 F-3 2026-06-20:200.00 2026-07-20:200.00 client=broken
        sent 2026-06-23 instalment-late F-3 about=EC-3@2026-06-20 client=broken
        client old
        invoice F-4 2025-05-01 due 2025-05-31 100.00 client=old
        agreement EC-4 2025-06-10 F-4 2025-06-20:100.00 client=old
    """)
    assert agreed(found.decide(TODAY).accounts, YEAR) == {
        Outcome.KEPT: Tally(1, euros("100.00")),
        Outcome.UNDER_WAY: Tally(1, euros("200.00")),
        Outcome.BROKEN: Tally(1, euros("400.00")),
    }


def test_an_invoice_counts_for_the_step_that_it_was_reminded_by() -> None:
    found = world("""
        invoice F-1 2026-08-01 due 2026-08-31 100.00
        sent 2026-09-07 reminder-1 F-1
        payment 2026-09-17 100.00 F-1
        invoice F-2 2026-08-01 due 2026-08-31 200.00
        sent 2026-09-07 reminder-1 F-2
        sent 2026-09-14 reminder-2 F-2
        payment 2026-09-20 200.00 F-2
        invoice F-3 2026-08-01 due 2026-08-31 300.00
        sent 2026-09-07 reminder-1 F-3
    """)
    assert steps(found) == {
        "reminder-1": Followed("reminder-1", 3, 1),
        "reminder-2": Followed("reminder-2", 1, 1),
    }


def test_a_part_payment_has_not_settled_it() -> None:
    found = world("""
        invoice F-1 2026-08-01 due 2026-08-31 100.00
        sent 2026-09-07 reminder-1 F-1
        payment 2026-09-09 60.00 F-1
    """)
    assert steps(found) == {"reminder-1": Followed("reminder-1", 1, 0)}


def test_what_is_too_fresh_too_old_paid_before_or_not_late_is_not_judged() -> None:
    found = world("""
        invoice F-1 2026-08-01 due 2026-08-31 100.00
        sent 2026-11-16 reminder-1 F-1
        invoice F-2 2026-08-01 due 2026-08-31 100.00
        payment 2026-09-05 100.00 F-2
        sent 2026-09-07 reminder-1 F-2
        invoice F-3 2026-08-01 due 2026-08-31 100.00
        sent 2026-08-28 courtesy F-3
        payment 2026-08-30 100.00 F-3
        invoice F-4 2025-08-01 due 2025-08-31 100.00
        sent 2025-09-07 reminder-1 F-4
    """)
    assert steps(found) == {}
