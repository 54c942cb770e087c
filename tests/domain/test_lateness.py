"""What late money costs: the same as adding up, day by day, what was missing."""

from __future__ import annotations

import os
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.domain.facts import Facts
from generator.domain.lateness import WINDOW_DAYS, Lateness, measured, together
from generator.domain.ledger import CreditNote, Invoice, Payment
from generator.domain.money import Money, round_half_up
from generator.domain.statement import draw_up
from tests.support.world import world

TODAY = date(2026, 11, 23)


def late(text: str, today: str = "2026-11-23") -> Lateness:
    found = world(text).on(today).lateness
    assert found is not None
    return found


# The figures, by hand


def test_a_thousand_euros_ten_days_late_are_ten_thousand_euro_days() -> None:
    found = late("""
        invoice F-1 2026-08-01 due 2026-08-31 1000.00
        payment 2026-09-10 1000.00 F-1
    """)
    assert (found.late, found.granted) == (100_000 * 10, 100_000 * 30)
    assert (found.days_late, found.best_days, found.real_days) == (10, 30, 40)
    assert found.days == 114  # a ledger that begins on 1 August is no year old
    assert found.average_overdue == Money(round_half_up(Fraction(1_000_000, 114)), "EUR")


def test_the_day_of_the_payment_counts_and_the_due_date_does_not() -> None:
    assert late("invoice F-1 2026-08-01 due 2026-11-22 10.00").late == 1000
    assert late("invoice F-1 2026-08-01 due 2026-11-23 10.00").late == 0


def test_each_part_is_late_until_its_own_day() -> None:
    found = late("""
        invoice F-1 2026-08-01 due 2026-08-31 1000.00
        payment 2026-08-20 400.00 F-1
        payment 2026-09-10 100.00 F-1
    """)
    assert found.late == 10_000 * 10 + 50_000 * (TODAY - date(2026, 8, 31)).days


def test_what_is_open_is_late_as_far_as_payments_are_known() -> None:
    ledger = world("invoice F-1 2026-08-01 due 2026-11-10 10.00")
    ledger.policy = type(ledger.policy)(payments_up_to=date(2026, 11, 20))
    found = ledger.on("2026-11-23").lateness
    assert found is not None
    assert (found.until, found.late) == (date(2026, 11, 20), 10_000)


def test_what_was_late_before_the_window_counts_for_its_days_inside_only() -> None:
    begins = TODAY - timedelta(days=WINDOW_DAYS)
    found = late(f"""
        invoice F-1 2025-01-01 due 2025-02-01 100.00
        payment {begins + timedelta(days=7)} 100.00 F-1
        invoice F-2 2025-01-01 due 2025-02-01 100.00
        payment {begins} 100.00 F-2
    """)
    assert found.late == 10_000 * 7
    assert (found.sales, found.matured, found.days_late, found.real_days, found.best_days) == (0, 0, None, None, None)
    assert found.days == WINDOW_DAYS


def test_early_money_costs_nothing_and_shortens_the_wait() -> None:
    found = late("""
        invoice F-1 2026-08-01 due 2026-08-31 1000.00
        payment 2026-08-11 1000.00 F-1
    """)
    assert (found.late, found.days_late, found.best_days, found.real_days) == (0, 0, 10, 10)


def test_only_money_counts_not_what_a_credit_note_or_a_discount_took_away() -> None:
    found = late("""
        invoice F-1 2026-08-01 due 2026-08-31 1000.00
        credit A-1 2026-10-01 600.00 F-1
        payment 2026-09-10 400.00 F-1
        invoice F-2 2026-08-01 due 2026-08-31 100.00 escompte=2/10
        payment 2026-08-05 98.00 F-2
    """)
    assert (found.late, found.sales) == (40_000 * 10, 40_000 + 9_800)


def test_what_is_disputed_is_left_out_and_said() -> None:
    found = late("""
        invoice F-1 2026-08-01 due 2026-08-31 1000.00 disputed=2026-09-05
        invoice F-2 2026-08-01 due 2026-08-31 500.00
        payment 2026-09-01 500.00 F-2
    """)
    assert (found.late, found.sales, found.contested) == (50_000, 50_000, 100_000)


def test_what_is_in_an_agreement_is_missing_all_the_same() -> None:
    found = late("""
        invoice F-1 2026-08-01 due 2026-08-31 1000.00
        agreement EC-1 2026-11-01 F-1 2026-11-30:500.00 2026-12-31:500.00
    """)
    assert found.late == 100_000 * (TODAY - date(2026, 8, 31)).days


def test_what_nobody_asks_for_costs_nobody_anything() -> None:
    found = late("""
        invoice F-1 2026-08-01 due 2026-08-31 1000.00 status=written_off
        invoice F-2 2026-08-01 due 2026-08-31 1000.00 status=factored
        invoice F-3 2026-11-01 due 2026-12-31 10.00
    """)
    assert (found.late, found.sales) == (0, 1000)


def test_a_debit_on_its_way_has_not_come() -> None:
    found = late("""
        invoice F-1 2026-08-01 due 2026-11-13 100.00
        debit 2026-11-20 100.00 F-1
    """)
    assert found.late == 10_000 * 10


def test_the_cost_is_at_the_owners_rate_for_the_days_that_it_was_missing() -> None:
    found = Lateness("EUR", TODAY, date(2020, 1, 1), late=365 * 425_000)
    assert str(found.average_overdue) == "4250.00"
    assert str(found.cost(Decimal(8))) == "340.00"
    assert str(found.cost(Decimal("7.25"))) == "308.13"  # 308.125, rounded as invoices are


def test_sums_are_added_in_one_currency_only() -> None:
    one = Lateness("EUR", TODAY, date(2026, 1, 1), 5, 6, 7, 8, 9, 10)
    other = Lateness("EUR", TODAY, date(2025, 1, 1), 1, 1, 1, 1, 1, 1)
    assert together([one, other], "EUR", TODAY) == Lateness("EUR", TODAY, date(2025, 1, 1), 6, 7, 8, 9, 10, 11)
    assert together([], "EUR", TODAY) == Lateness("EUR", TODAY)
    with pytest.raises(ValueError, match="do not add up"):
        together([one, Lateness("GBP", TODAY)], "EUR", TODAY)


def test_accounts_in_two_currencies_have_each_their_own() -> None:
    found = world("""
        invoice F-1 2026-08-01 due 2026-11-13 100.00
        invoice F-2 2026-08-01 due 2026-11-13 40.00 currency=GBP
    """)
    sums = {account.currency: account.lateness.late for account in found.decide(TODAY).accounts if account.lateness}
    assert sums == {"EUR": 10_000 * 10, "GBP": 4_000 * 10}


# Day by day

days = st.integers(-500, 0).map(lambda back: TODAY + timedelta(days=back))
invoices = st.lists(
    st.tuples(
        days, st.integers(0, 90), st.integers(1, 100_000), st.lists(st.tuples(days, st.integers(1, 100)), max_size=3)
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=500 if os.environ.get("RELANCE_SOAK") else 40, deadline=None)
@given(invoices, st.integers(0, 30), st.sampled_from([Decimal(8), Decimal("3.75")]))
def test_it_is_what_adding_up_the_days_gives(
    told: list[tuple[date, int, int, list[tuple[date, int]]]], booked_back: int, rate: Decimal
) -> None:
    until = TODAY - timedelta(days=booked_back)
    facts = Facts("brun", "EUR")
    paid: dict[str, list[tuple[date, int]]] = {}
    for number, (issued, terms, amount, shares) in enumerate(told):
        name = f"F-{number}"
        facts.invoices.append(Invoice(name, "brun", issued, issued + timedelta(days=terms), Money(amount, "EUR")))
        left, paid[name] = amount, []
        for on, share in sorted(shares):
            part = amount * share // 101
            if on >= issued and 0 < part <= left and share % 7 != 0:
                facts.payments.append(Payment("brun", on, Money(part, "EUR"), (name,)))
                paid[name].append((on, part))
                left -= part
            elif on >= issued and 0 < part <= left:
                facts.credit_notes.append(CreditNote(f"A-{number}", "brun", on, Money(part, "EUR"), name))
                paid[name].append((issued - timedelta(days=1), part))  # never missing
                left -= part

    found = measured(draw_up(facts, [], TODAY), "EUR", until)

    missing = granted = 0
    for back in range(WINDOW_DAYS):
        day = until - timedelta(days=back)
        for invoice in facts.invoices:
            open_ = invoice.total.minor - sum(part for on, part in paid[invoice.number] if on < day)
            missing += open_ if day > invoice.due else 0
            granted += open_ if invoice.issued < day <= invoice.due else 0
    assert (found.late, found.granted) == (missing, granted)
    assert found.cost(rate).minor == round_half_up(Fraction(missing, 365) * Fraction(rate) / 100)
    assert found.average_overdue.minor == round_half_up(Fraction(missing, found.days))
