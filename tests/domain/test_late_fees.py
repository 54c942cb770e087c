"""Late fees: worked examples from ledger to cent, held against a second count that goes day by day in exact fractions."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.domain.courses import Course, Move
from generator.domain.decide import decide
from generator.domain.delivery import MessageSent, SentItem
from generator.domain.fee_rules import DIRECTIVE, FRANCE, Basis, DayCount, FeePolicy, Rate, rules_for
from generator.domain.fees import AccountFees, account_fees
from generator.domain.late_fees import Debt, LateFees, late_fees
from generator.domain.ledger import Client, CreditNote, Dispute, Invoice, Kind, Ledger, Payment
from generator.domain.memory import Memory
from generator.domain.money import Money
from generator.domain.policy import Policy
from generator.rates import citation, shipped_rates
from tests.support import fee_oracle as oracle
from tests.support.effort import examples
from tests.support.world import day, world

Case = dict[str, Any]
CASES: list[Case] = json.loads((Path(__file__).parents[1] / "cases" / "late_fees.json").read_text("utf-8"))
LAW = FeePolicy(rates=shipped_rates())
each_case = pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])


def contract(words: str) -> Rate:
    """`12.00`, `ecb + 10`, `legal x 3`."""
    basis, _, number = words.rpartition(" ")
    if basis.startswith("legal"):
        return Rate(Basis.LEGAL, times=int(number))
    return Rate(Basis.ECB if basis else Basis.FIXED, Decimal(number))


def policy_of(case: Case) -> FeePolicy:
    return FeePolicy(
        law=DIRECTIVE if case.get("law") == "eu" else FRANCE,
        rate=contract(case["rate"]) if "rate" in case else None,
        indemnity=Decimal(case.get("indemnity", "40.00")),
        day_count=DayCount.ACTUAL if case.get("day_count") == "actual" else DayCount.FIXED,
        rates=shipped_rates(),
    )


def ledger_of(case: Case) -> Ledger:
    currency, due = case.get("currency", "EUR"), day(case["due"])
    received = day(case["received"]) if "received" in case else None
    return Ledger(
        clients={"C-1": Client("C-1", "Librairie des Halles", "compta@librairie.example", kind=Kind(case["kind"]))},
        invoices=(
            Invoice(
                "F-1", "C-1", due - timedelta(days=60), due, Money.of(case["total"], currency), received_on=received
            ),
        ),
        payments=tuple(
            Payment("C-1", day(on), Money.of(amount, currency), ("F-1",)) for on, amount in case.get("payments", ())
        ),
        credit_notes=tuple(
            CreditNote(f"A-{index}", "C-1", day(on), Money.of(amount, currency), "F-1")
            for index, (on, amount) in enumerate(case.get("credit_notes", ()))
        ),
        disputes=tuple(
            Dispute("F-1", day(begins), day(ends) if ends else None) for begins, ends in case.get("disputes", ())
        ),
    )


def fees_of(case: Case) -> LateFees:
    """From the ledger to the fees of its one invoice, as `relance fees` counts them."""
    ledger, until = ledger_of(case), day(case["until"])
    (invoice,) = ledger.invoices
    sent = []
    if "notice" in case:
        entry = SentItem("F-1", "formal-notice", invoice.issued, invoice.total.minor, invoice.total.currency)
        sent.append(MessageSent("C-1", "formal-notice", "letter", day(case["notice"]), (entry,)))
    decision = decide(ledger, Policy(), Memory.of(sent), until, business=None, new_key=lambda: "k")
    return account_fees(decision.accounts[0], policy_of(case)).items["F-1"]


@each_case
def test_a_worked_example(case: Case) -> None:
    fees, expected = fees_of(case), case["expect"]
    found = [[str(one.begins), str(one.ends), str(one.base), str(one.interest)] for one in fees.periods]
    assert found == expected["periods"]
    assert (str(fees.interest), str(fees.indemnity)) == (expected["interest"], expected["indemnity"])
    assert (fees.reason or "") == expected.get("reason", "")
    assert str(fees.known_from or "") == expected.get("known_from", "")
    assert str(fees.known_until or "") == expected.get("known_until", "")


@each_case
def test_the_second_count_agrees_day_by_day(case: Case) -> None:
    fees = fees_of(case)
    if fees.reason in {"kind_unknown", "no_rule"}:
        return
    counted = oracle.lines(case)
    assert [(one.begins, one.ends, one.base.minor, one.interest.minor) for one in fees.periods] == [
        (first, last, base, oracle.rounded(interest)) for first, last, base, interest in counted
    ]
    assert abs(fees.interest.minor - oracle.exact(case)) <= Fraction(len(counted), 2)


@each_case
def test_the_lines_add_up_and_follow_each_other(case: Case) -> None:
    fees = fees_of(case)
    assert fees.interest.minor == sum(period.interest.minor for period in fees.periods)
    for period in fees.periods:
        assert period.days == (period.ends - period.begins).days + 1 > 0
        assert oracle.half_of(period.begins) == oracle.half_of(period.ends)
        assert citation(period.article)
    for earlier, later in zip(fees.periods, fees.periods[1:], strict=False):
        assert earlier.ends < later.begins


def test_there_are_examples_of_every_year_and_of_everything_that_changes_a_base() -> None:
    assert len(CASES) >= 60
    years = {day(period[0]).year for case in CASES for period in case["expect"]["periods"]}
    assert years >= set(range(2019, 2027))
    for what in ("payments", "credit_notes", "disputes", "notice", "received", "rate", "day_count"):
        assert sum(what in case for case in CASES) >= 2, what


def test_the_shipped_table_is_the_one_that_was_looked_up() -> None:
    rows = shipped_rates().rows
    assert {
        (row.begins.year, 1 if row.begins.month == 1 else 2): (row.ecb.percent, row.legal.percent) for row in rows
    } == {half: (Decimal(ecb), Decimal(legal)) for half, (ecb, legal) in oracle.RATES.items()}
    assert all(row.ecb.source and row.legal.source for row in rows)


def test_every_article_of_every_rule_can_be_cited() -> None:
    for law in (FRANCE, DIRECTIVE):
        for rule in law.rules.values():
            articles = (rule.interest.article, rule.interest.floor_article, rule.indemnity_article)
            assert all(citation(article) for article in articles if article)


def test_a_country_has_its_own_rules_those_of_the_directive_or_none() -> None:
    assert (rules_for("FR"), rules_for("DE"), rules_for("CH")) == (FRANCE, DIRECTIVE, None)
    none = fees_of(CASES[0] | {"expect": {}})
    assert none.interest
    debt = Debt(day("2026-01-31"), "EUR", Course(100_00))
    assert late_fees(debt, Kind.BUSINESS, replace(LAW, law=None), day("2026-03-31")).reason == "no_law"


# Properties


days_of_history = st.integers(0, 900).map(lambda number: date(2023, 11, 15) + timedelta(days=number))


@st.composite
def debts(draw: st.DrawFn) -> Debt:
    """A debt of some years, with parts paid and disputes in any order."""
    total = draw(st.integers(1, 5_000_000))
    left, moves = total, []
    for on in sorted(draw(st.lists(days_of_history, max_size=4))):
        part = draw(st.integers(0, left))
        moves.append(Move(on, part))
        left -= part
    spans = draw(st.lists(st.tuples(days_of_history, st.integers(0, 90) | st.none()), max_size=2))
    disputed = [(begins, None if length is None else begins + timedelta(days=length)) for begins, length in spans]
    return Debt(date(2023, 11, 30), "EUR", Course(total, tuple(moves), tuple(disputed)))


policies = st.builds(
    FeePolicy,
    law=st.sampled_from([FRANCE, DIRECTIVE]),
    rate=st.sampled_from([None, contract("12.00"), contract("legal x 4")]),
    day_count=st.sampled_from(DayCount),
    rates=st.just(shipped_rates()),
)
kinds = st.sampled_from([Kind.BUSINESS, Kind.PUBLIC])


@settings(max_examples=examples(40), deadline=None)
@given(debts(), kinds, policies, days_of_history)
def test_slicing_changes_the_total_by_half_a_cent_a_line_at_most(
    debt: Debt, kind: Kind, policy: FeePolicy, until: date
) -> None:
    fees = late_fees(debt, kind, policy, until)
    course = debt.course
    assert course is not None
    exact = Fraction(0)
    for period in fees.periods:
        for number in range(period.days):
            on = period.begins + timedelta(days=number)
            assert course.counted_on(on) == period.base.minor
            exact += Fraction(period.percent) * course.counted_on(on) / (100 * period.year_days)
    assert abs(fees.interest.minor - exact) <= Fraction(len(fees.periods), 2)
    covered = sum(period.days for period in fees.periods)
    bearing = (debt.due + timedelta(days=number) for number in range(1, (until - debt.due).days + 1))
    assert covered == sum(course.counted_on(on) > 0 for on in bearing)


@settings(max_examples=examples(40), deadline=None)
@given(debts(), kinds, policies, days_of_history, st.integers(0, 200))
def test_a_longer_delay_never_costs_less(debt: Debt, kind: Kind, policy: FeePolicy, until: date, more: int) -> None:
    shorter, longer = (late_fees(debt, kind, policy, day) for day in (until, until + timedelta(days=more)))
    assert shorter.interest <= longer.interest
    assert shorter.indemnity <= longer.indemnity


@settings(max_examples=examples(40), deadline=None)
@given(debts(), kinds, policies, days_of_history, st.integers(0, 1_000_000))
def test_a_larger_debt_never_costs_less(debt: Debt, kind: Kind, policy: FeePolicy, until: date, more: int) -> None:
    assert debt.course is not None
    larger = replace(debt, course=replace(debt.course, opening=debt.course.opening + more))
    assert late_fees(debt, kind, policy, until).interest <= late_fees(larger, kind, policy, until).interest


# Whole accounts


def account_fees_of(text: str, today: str, policy: FeePolicy = LAW) -> AccountFees:
    return account_fees(world(text).on(today), policy)


def test_one_indemnity_for_an_invoice_whatever_its_parts() -> None:
    fees = account_fees_of(
        """client brun kind=business
        invoice F-1 2026-01-01 due 2026-02-28 300.00 part=1
        invoice F-1 2026-01-01 due 2026-01-31 300.00 part=2
        invoice F-1 2026-01-01 due 2026-12-31 300.00 part=3
        invoice F-2 2026-01-01 due 2026-02-28 300.00""",
        "2026-03-31",
    )
    assert {item: str(found.indemnity) for item, found in fees.items.items()} == {
        "F-1/1": "0.00",
        "F-1/2": "40.00",
        "F-1/3": "0.00",
        "F-2": "40.00",
    }
    assert (fees.items["F-1/1"].indemnity_at, fees.items["F-1/3"].indemnity_at) == ("F-1/2", "")
    assert fees.items["F-1/1"].interest == fees.items["F-2"].interest
    assert str(fees.indemnity) == "80.00"


def test_insolvency_stops_all_of_it() -> None:
    text = "client brun kind=business insolvent=2026-03-01\ninvoice F-1 2026-01-01 due 2026-01-31 300.00"
    assert account_fees_of(text, "2026-02-28").total
    found = account_fees_of(text, "2026-03-01").items["F-1"]
    assert (found.reason, str(found.total)) == ("insolvent", "0.00")


def test_a_hold_stops_all_of_it_until_its_day_has_passed() -> None:
    text = "client brun kind=business hold=2026-03-01\ninvoice F-1 2026-01-01 due 2026-01-31 300.00"
    assert account_fees_of(text, "2026-03-01").items["F-1"].reason == "hold"
    assert account_fees_of(text, "2026-03-02").items["F-1"].periods[0].begins == day("2026-02-01")


def test_a_held_client_who_is_not_late_is_not_late() -> None:
    text = "client brun kind=business hold=2026-03-01\ninvoice F-1 2026-01-01 due 2026-03-31 300.00"
    assert account_fees_of(text, "2026-03-01").items["F-1"].reason == "not_due"


def test_money_counts_where_it_went_in_the_end() -> None:
    """A transfer without a word went to F-1, until another named F-1: then the first had been F-2's all the time."""
    text = """client brun kind=business
    invoice F-1 2026-01-01 due 2026-01-31 300.00
    invoice F-2 2026-01-02 due 2026-02-01 500.00
    payment 2026-02-10 300.00"""
    before = account_fees_of(text, "2026-03-31").items
    assert (before["F-1"].periods[-1].ends, before["F-2"].periods[0].base) == (day("2026-02-10"), Money(50000, "EUR"))
    after = account_fees_of(text + "\npayment 2026-03-20 300.00 F-1", "2026-03-31").items
    assert after["F-1"].periods[-1].ends == day("2026-03-20")
    assert [str(period.base) for period in after["F-2"].periods] == ["500.00", "200.00"]


def test_a_discount_that_was_taken_bears_no_interest_from_then_on() -> None:
    there = world("client brun kind=business\ninvoice F-1 2026-10-01 due 2026-10-31 1000.00 escompte=10/60")
    there.add("payment 2026-11-10 900.00 F-1")
    (period,) = account_fees(there.on("2026-12-31"), LAW).items["F-1"].periods
    assert (period.begins, period.ends, str(period.base)) == (day("2026-11-01"), day("2026-11-10"), "1000.00")


def test_a_debit_on_its_way_counts_from_its_day() -> None:
    there = world(
        "client brun kind=business\ninvoice F-1 2026-10-01 due 2026-10-31 1000.00\ndebit 2026-11-10 400.00 F-1"
    )
    periods = account_fees(there.on("2026-11-20"), LAW).items["F-1"].periods
    assert [(period.ends, str(period.base)) for period in periods] == [
        (day("2026-11-10"), "1000.00"),
        (day("2026-11-20"), "600.00"),
    ]


def test_nobody_pays_interest_for_days_on_which_the_seller_had_the_money() -> None:
    """Paid ten days late, and given back a month later: the days between bear none."""
    there = world(
        """client brun kind=business
        invoice F-1 2026-01-01 due 2026-01-31 1000.00
        payment 2026-02-10 1000.00 F-1
        payment 2026-03-10 -1000.00 F-1"""
    )
    periods = account_fees(there.on("2026-03-31"), LAW).items["F-1"].periods
    assert [(period.begins, period.ends) for period in periods] == [
        (day("2026-02-01"), day("2026-02-10")),
        (day("2026-03-11"), day("2026-03-31")),
    ]


def test_an_email_is_no_formal_notice_and_another_invoice_s_notice_neither() -> None:
    text = "client brun kind=consumer\ninvoice F-1 2026-01-01 due 2026-01-31 300.00\ninvoice F-2 2026-01-01 due 2026-01-31 300.00"
    there = world(text)
    entry = SentItem("F-2", "formal-notice", day("2026-01-01"), 30000, "EUR")
    there.events.append(MessageSent("brun", "formal-notice", "letter", day("2026-03-15"), (entry,)))
    mailed = replace(entry, invoice="F-1")
    there.events.append(MessageSent("brun", "formal-notice", "email", day("2026-03-15"), (mailed,)))
    fees = account_fees(there.on("2026-06-30"), LAW).items
    assert (fees["F-1"].reason, fees["F-2"].periods[0].begins) == ("no_notice", day("2026-03-16"))
    assert not fees["F-2"].indemnity
