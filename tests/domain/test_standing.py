"""How a client has paid: figures that can be checked by hand, and a grade that is the worst of what they deserve."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.domain.policy import Policy, StandingPolicy
from generator.domain.standing import Figure, Grade, Measure, Standing
from tests.support.effort import examples
from tests.support.world import world

#: Four invoices of 100 euros, due on the first of four months.
FOUR = """
    client brun
    invoice F-1 2026-05-02 due 2026-06-01 100.00
    invoice F-2 2026-06-02 due 2026-07-01 100.00
    invoice F-3 2026-07-02 due 2026-08-01 100.00
    invoice F-4 2026-08-02 due 2026-09-01 100.00
"""
TODAY = "2026-11-16"


def how(text: str, today: str = TODAY, **changes: object) -> Standing:
    policy = Policy(standing=replace(StandingPolicy(), **changes))  # type: ignore[arg-type]
    return world(text, policy).on(today).standing


def figure(found: Standing, measure: Measure) -> tuple[int, int, str] | None:
    """A figure: value, from how many, and what it deserves."""
    return next(((one.value, one.of, str(one.grade or "")) for one in found.figures if one.measure is measure), None)


def paid(*days: str) -> str:
    """The four invoices, each paid that day."""
    return FOUR + "".join(f"payment {day} 100.00 F-{number}\n" for number, day in enumerate(days, 1))


class TestGrades:
    def test_who_pays_on_time_is_an_a(self) -> None:
        found = how(paid("2026-06-01", "2026-06-28", "2026-08-01", "2026-09-01"))
        assert found.grade is Grade.A
        assert figure(found, Measure.ON_TIME) == (100, 4, "A")
        assert figure(found, Measure.DAYS_LATE) == (0, 4, "A")

    def test_the_worst_of_the_figures_is_the_grade(self) -> None:
        found = how(paid("2026-06-01", "2026-06-28", "2026-08-01", "2026-09-21"))
        assert figure(found, Measure.ON_TIME) == (75, 4, "B")
        assert figure(found, Measure.DAYS_LATE) == (5, 4, "A")
        assert found.grade is Grade.B

    def test_what_is_unpaid_is_late_until_today(self) -> None:
        found = how(paid("2026-06-01", "2026-06-28", "2026-08-01"))
        assert figure(found, Measure.DAYS_LATE) == (76 // 4, 4, "B")

    def test_or_until_payments_are_booked(self) -> None:
        policy = Policy(payments_up_to=world(FOUR, Policy()).ledger.invoices[3].due)
        account = world(paid("2026-06-01", "2026-06-28", "2026-08-01"), policy).on(TODAY)
        assert figure(account.standing, Measure.ON_TIME) == (100, 3, "A")

    def test_days_are_weighed_by_amount(self) -> None:
        found = how("""
            client brun
            invoice F-1 2026-05-02 due 2026-06-01 900.00
            invoice F-2 2026-06-02 due 2026-07-01 100.00
            invoice F-3 2026-06-02 due 2026-07-01 100.00
            payment 2026-06-01 900.00 F-1
            payment 2026-09-09 100.00 F-2
            payment 2026-07-01 100.00 F-3
        """)
        assert figure(found, Measure.DAYS_LATE) == (70 * 100 // 1100, 3, "B")

    def test_getting_worse_lately_counts_by_itself(self) -> None:
        early = "".join(
            f"invoice E-{month} 2026-0{month}-01 due 2026-0{month}-20 100.00\npayment 2026-0{month}-20 100.00 E-{month}\n"
            for month in range(1, 5)
        )
        found = how(f"{paid('2026-06-01', '2026-07-31', '2026-08-31', '2026-10-01')}{early}")
        assert figure(found, Measure.DAYS_LATE) == (90 // 8, 8, "B")
        assert figure(found, Measure.RECENT_DAYS_LATE) == (22, 4, "C")
        assert figure(found, Measure.TREND) == (22, 8, "")
        assert found.grade is Grade.C

    def test_a_new_client_is_neutral(self) -> None:
        found = how(
            "client brun\ninvoice F-1 2026-05-02 due 2026-06-01 100.00\ninvoice F-2 2026-11-02 due 2026-12-02 1.00"
        )
        assert found.grade is None
        assert figure(found, Measure.ON_TIME) == (0, 1, "C")

    def test_the_thresholds_are_the_owners(self) -> None:
        late = paid("2026-06-01", "2026-06-28", "2026-08-01", "2026-09-21")
        assert how(late, on_time_percent=(70, 50, 30)).grade is Grade.A
        assert how(late, days_late=(0, 1, 2)).grade is Grade.D
        assert how(late, minimum_invoices=5).grade is None

    def test_what_is_long_ago_is_forgiven(self) -> None:
        late = "invoice O-1 2023-05-02 due 2023-06-01 100.00\npayment 2024-06-01 100.00 O-1\n"
        found = how(f"{paid('2026-06-01', '2026-06-28', '2026-08-01', '2026-09-01')}{late}")
        assert found.grade is Grade.A


class TestWhatIsNotHeldAgainstThem:
    def test_what_is_disputed(self) -> None:
        found = how(f"{paid('2026-06-01', '2026-06-28', '2026-08-01')}dispute F-4 2026-09-02")
        assert (found.grade, figure(found, Measure.ON_TIME)) == (Grade.A, (100, 3, "A"))

    def test_what_is_on_its_way(self) -> None:
        found = how(f"{paid('2026-06-01', '2026-06-28', '2026-08-01')}debit 2026-11-14 100.00 F-4")
        assert figure(found, Measure.ON_TIME) == (100, 3, "A")

    def test_what_is_not_due_yet(self) -> None:
        found = how(
            f"{paid('2026-06-01', '2026-06-28', '2026-08-01', '2026-09-01')}invoice F-5 2026-11-02 due 2026-12-02 9.00"
        )
        assert figure(found, Measure.ON_TIME) == (100, 4, "A")


class TestWords:
    GOOD = paid("2026-06-01", "2026-06-28", "2026-08-01", "2026-09-01")

    def test_a_promise_that_was_not_kept(self) -> None:
        late = paid("2026-06-01", "2026-06-28", "2026-08-01", "2026-10-01")
        found = how(f"{late}promise 2026-09-05 2026-09-12 F-4")
        assert figure(found, Measure.BROKEN) == (1, 1, "B")

    def test_one_that_was_kept(self) -> None:
        late = paid("2026-06-01", "2026-06-28", "2026-08-01", "2026-09-12")
        assert figure(how(f"{late}promise 2026-09-05 2026-09-12 F-4"), Measure.BROKEN) == (0, 1, "A")

    def test_one_that_was_put_off_in_time_and_then_kept(self) -> None:
        late = paid("2026-06-01", "2026-06-28", "2026-08-01", "2026-09-20")
        found = how(f"{late}promise 2026-09-05 2026-09-12 F-4\npromise 2026-09-10 2026-09-20 F-4")
        assert figure(found, Measure.BROKEN) == (0, 2, "A")

    def test_one_whose_day_has_not_passed(self) -> None:
        assert figure(how(f"{self.GOOD}promise 2026-11-10 2026-11-16 F-4"), Measure.BROKEN) is None

    def test_a_general_one_is_about_what_was_due_then(self) -> None:
        late = paid("2026-06-01", "2026-06-28", "2026-08-01", "2026-09-12")
        found = how(f"{late}promise 2026-09-05 2026-09-12\ninvoice F-5 2026-09-07 due 2026-09-08 50.00")
        assert figure(found, Measure.BROKEN) == (0, 1, "A")

    def test_without_any_word_there_is_no_figure_of_it(self) -> None:
        assert figure(how(self.GOOD), Measure.BROKEN) is None


class TestSize:
    def test_what_is_open_against_a_usual_month(self) -> None:
        found = how(f"{paid('2026-06-01', '2026-06-28', '2026-08-01')}invoice F-5 2026-11-02 due 2026-12-02 50.00")
        # 450 euros in the 7 months since the first invoice, 150 of them open
        assert figure(found, Measure.EXPOSURE) == (100 * 150 * 7 // 450, 5, "")

    def test_how_long_we_have_worked_together(self) -> None:
        assert figure(how(paid("2026-06-01", "2026-06-28", "2026-08-01", "2026-09-01")), Measure.MONTHS) == (7, 4, "")

    def test_nobody_is_judged_by_it(self) -> None:
        found = how(paid("2026-06-01", "2026-06-28", "2026-08-01", "2026-09-01"))
        assert {one.measure for one in found.figures if one.grade is None} == {Measure.EXPOSURE, Measure.MONTHS}


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.integers(-20, 90), min_size=3, max_size=8), st.data())
def test_paying_one_invoice_later_never_makes_the_grade_better(delays: list[int], data: st.DataObject) -> None:
    which = data.draw(st.integers(0, len(delays) - 1))
    later = [delay + 7 * (number == which) for number, delay in enumerate(delays)]
    before, after = (how(_history(found), "2027-03-31") for found in (delays, later))
    assert before.grade is not None
    assert after.grade is not None
    assert after.grade >= before.grade


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(st.integers(-20, 90), min_size=1, max_size=6))
def test_every_grade_is_the_worst_of_its_figures(delays: list[int]) -> None:
    found = how(_history(delays), "2027-03-31", minimum_invoices=1)
    assert found.grade == max(one.grade for one in found.figures if one.grade)
    assert all(isinstance(one, Figure) and one.of > 0 for one in found.figures)


def _history(delays: list[int]) -> str:
    """Invoices of a year, each paid so many days after its due date."""
    lines = ["client brun"]
    for number, delay in enumerate(delays):
        due = date(2026, 2, 1) + timedelta(days=30 * number)
        lines.append(f"invoice F-{number} {due - timedelta(days=30)} due {due} {100 + number}.00")
        lines.append(f"payment {due + timedelta(days=delay)} {100 + number}.00 F-{number}")
    return "\n".join(lines)
