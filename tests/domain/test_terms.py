"""Payment terms as people write them, and the day that an invoice is due."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.domain.terms import (
    Terms,
    add_months,
    business_days_between,
    due_date,
    month_end,
    next_business_day,
    next_day_of_month,
    parse_terms,
)

DAYS = st.dates(min_value=date(1999, 1, 1), max_value=date(2099, 12, 31))
DAYS_OF_MONTH = st.integers(min_value=1, max_value=31)
TERMS = st.builds(
    Terms,
    days=st.integers(min_value=0, max_value=120),
    then_month_end=st.booleans(),
    month_end_first=st.booleans(),
    on=st.integers(min_value=0, max_value=31),
)

NET = Terms(days=30)
DAYS_THEN_MONTH_END = Terms(days=45, then_month_end=True)
MONTH_END_THEN_DAYS = Terms(days=45, month_end_first=True)


class TestWords:
    """French and English words, in the spellings that invoices really carry."""

    @pytest.mark.parametrize(
        "text",
        [
            "30",
            "30 jours",
            "30 jours nets",
            "30j",
            "30 J",
            "à 30 jours",
            "net 30",
            "30 days",
            "30 days net",
            " 30  jours ",
            "+30",
        ],
    )
    def test_net_days(self, text: str) -> None:
        assert parse_terms(text) == NET

    @pytest.mark.parametrize(
        "text",
        [
            "45 fin de mois",
            "45 jours fin de mois",
            "45 jours, fin de mois",
            "45j fdm",
            "45 FIN DE MOIS",
            "à 45 jours fin de mois",
            "45 eom",
            "45 days end of month",
            "45\u00a0jours fin\u00a0de mois",
        ],
    )
    def test_days_and_then_the_end_of_that_month(self, text: str) -> None:
        assert parse_terms(text) == DAYS_THEN_MONTH_END

    @pytest.mark.parametrize(
        "text",
        [
            "fin de mois 45",
            "fin de mois + 45 jours",
            "fin de mois 45 jours",
            "fin du mois 45 j",
            "eom 45",
            "end of the month 45 days",
        ],
    )
    def test_the_end_of_the_month_and_then_days(self, text: str) -> None:
        assert parse_terms(text) == MONTH_END_THEN_DAYS

    @pytest.mark.parametrize("text", ["fin de mois", "fin du mois", "fdm", "eom", "end of month", "0 fin de mois"])
    def test_the_end_of_the_month_alone(self, text: str) -> None:
        assert parse_terms(text) == Terms(then_month_end=True)

    @pytest.mark.parametrize(
        "text",
        [
            "comptant",
            "au comptant",
            "Comptant",
            "à réception",
            "a reception",
            "on receipt",
            "upon receipt",
            "immediate",
            "cash",
            "0",
        ],
    )
    def test_at_once(self, text: str) -> None:
        assert parse_terms(text) == Terms()

    @pytest.mark.parametrize(
        ("text", "terms"),
        [
            ("30 fin de mois le 10", Terms(days=30, then_month_end=True, on=10)),
            ("30 jours fin de mois, le 10", Terms(days=30, then_month_end=True, on=10)),
            ("fin de mois 30 le 15", Terms(days=30, month_end_first=True, on=15)),
            ("30 le 10", Terms(days=30, on=10)),
            ("fin de mois le 1er", Terms(then_month_end=True, on=1)),
            ("30 eom on the 10th", Terms(days=30, then_month_end=True, on=10)),
            ("on 10", Terms(on=10)),
            ("le 31", Terms(on=31)),
            ("comptant le 5", Terms(on=5)),
        ],
    )
    def test_a_day_of_the_month(self, text: str, terms: Terms) -> None:
        assert parse_terms(text) == terms

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "bientôt",
            "30 fin",
            "-30",
            "30.5",
            "1000",
            "le 0",
            "le 32",
            "30 le 35",
            "30 60",
            "fin de mois fin de mois",
            "30 semaines",
            "le",
        ],
    )
    def test_anything_else_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"terms|month"):
            parse_terms(text)


class TestTheTwoReadingsOfEndOfMonth:
    """`45 jours fin de mois` has two lawful readings; the order of the words decides."""

    def test_ten_march_is_the_example_of_the_law(self) -> None:
        issued = date(2026, 3, 10)
        assert due_date(issued, parse_terms("45 fin de mois")) == date(2026, 4, 30)
        assert due_date(issued, parse_terms("fin de mois 45")) == date(2026, 5, 15)

    def test_a_leap_february(self) -> None:
        assert due_date(date(2024, 1, 31), parse_terms("fin de mois 29")) == date(2024, 2, 29)
        assert due_date(date(2024, 1, 15), parse_terms("30 fin de mois")) == date(2024, 2, 29)
        assert due_date(date(2025, 1, 15), parse_terms("30 fin de mois")) == date(2025, 2, 28)

    def test_across_the_end_of_the_year(self) -> None:
        assert due_date(date(2026, 12, 5), parse_terms("30 fin de mois")) == date(2027, 1, 31)
        assert due_date(date(2026, 12, 31), parse_terms("30")) == date(2027, 1, 30)

    def test_then_the_next_tenth_the_same_day_counting(self) -> None:
        assert due_date(date(2026, 9, 14), parse_terms("30 fin de mois le 10")) == date(2026, 11, 10)
        assert due_date(date(2026, 10, 11), parse_terms("30 le 10")) == date(2026, 11, 10)
        assert due_date(date(2026, 10, 12), parse_terms("30 le 10")) == date(2026, 12, 10)


class TestPaymentDays:
    """The days of the month on which a client pays by contract: the first of them on or after the terms' day."""

    @pytest.mark.parametrize(
        ("day", "days", "found"),
        [
            (date(2026, 11, 4), [5, 20], date(2026, 11, 5)),
            (date(2026, 11, 5), [5, 20], date(2026, 11, 5)),
            (date(2026, 11, 6), [20, 5], date(2026, 11, 20)),
            (date(2026, 11, 21), [5, 20], date(2026, 12, 5)),
            (date(2026, 12, 21), [5, 20], date(2027, 1, 5)),
            (date(2026, 2, 10), [31], date(2026, 2, 28)),
            (date(2024, 2, 10), [30], date(2024, 2, 29)),
            (date(2026, 2, 28), [31], date(2026, 2, 28)),
            (date(2026, 1, 31), [30], date(2026, 2, 28)),
            (date(2026, 11, 4), [], date(2026, 11, 4)),
        ],
    )
    def test_the_first_on_or_after(self, day: date, days: list[int], found: date) -> None:
        assert next_day_of_month(day, days) == found

    def test_they_come_after_the_terms(self) -> None:
        assert due_date(date(2026, 9, 14), parse_terms("30 fin de mois"), [15]) == date(2026, 11, 15)

    @given(day=DAYS, wanted=st.sets(DAYS_OF_MONTH, min_size=1))
    def test_never_earlier_never_more_than_a_month_and_a_bit_later(self, day: date, wanted: set[int]) -> None:
        found = next_day_of_month(day, wanted)
        assert day <= found <= day + timedelta(days=31)
        assert found.day in wanted or found == month_end(found)
        assert next_day_of_month(found, wanted) == found


class TestMonths:
    """The same day of a later month; a shorter month's last day stands in for a day that it lacks."""

    @pytest.mark.parametrize(
        ("day", "months", "found"),
        [
            (date(2026, 1, 31), 1, date(2026, 2, 28)),
            (date(2024, 1, 31), 1, date(2024, 2, 29)),
            (date(2026, 11, 30), 3, date(2027, 2, 28)),
            (date(2026, 12, 15), 1, date(2027, 1, 15)),
            (date(2024, 2, 29), 12, date(2025, 2, 28)),
            (date(2026, 5, 4), 0, date(2026, 5, 4)),
            (date(2026, 1, 31), -1, date(2025, 12, 31)),
        ],
    )
    def test_months_later(self, day: date, months: int, found: date) -> None:
        assert add_months(day, months) == found

    def test_instalments_on_the_31st_come_back_to_the_31st(self) -> None:
        first = date(2026, 12, 31)
        assert [add_months(first, count) for count in range(4)] == [
            date(2026, 12, 31),
            date(2027, 1, 31),
            date(2027, 2, 28),
            date(2027, 3, 31),
        ]

    @given(day=DAYS, months=st.integers(min_value=0, max_value=60))
    def test_stays_on_its_day_or_on_the_last_one(self, day: date, months: int) -> None:
        later = add_months(day, months)
        assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
        assert later.day == min(day.day, calendar.monthrange(later.year, later.month)[1])


class TestDueDates:
    """What holds for any terms."""

    @given(issued=DAYS, terms=TERMS, payment_days=st.sets(DAYS_OF_MONTH))
    def test_never_before_the_invoice(self, issued: date, terms: Terms, payment_days: set[int]) -> None:
        assert due_date(issued, terms, payment_days) >= issued

    @given(issued=DAYS, terms=TERMS, payment_days=st.sets(DAYS_OF_MONTH))
    def test_a_later_invoice_is_never_due_earlier(self, issued: date, terms: Terms, payment_days: set[int]) -> None:
        assert due_date(issued, terms, payment_days) <= due_date(issued + timedelta(days=1), terms, payment_days)

    @given(issued=DAYS, days=st.integers(min_value=0, max_value=90))
    def test_both_readings_of_end_of_month_are_later_than_net_days(self, issued: date, days: int) -> None:
        net = issued + timedelta(days=days)
        assert due_date(issued, Terms(days=days, then_month_end=True)) == month_end(net)
        assert due_date(issued, Terms(days=days, month_end_first=True)) == month_end(issued) + timedelta(days=days)


class WeekdaysButArmistice:
    """Monday to Friday, without 11 November."""

    def is_business_day(self, day: date, /) -> bool:
        """Whether that day is worked."""
        return day.weekday() < 5 and (day.month, day.day) != (11, 11)


class TestBusinessDays:
    """Weekends and holidays come from a calendar that is passed in."""

    @pytest.mark.parametrize(
        ("day", "found"),
        [
            (date(2026, 11, 20), date(2026, 11, 20)),
            (date(2026, 11, 21), date(2026, 11, 23)),
            (date(2026, 11, 11), date(2026, 11, 12)),
        ],
    )
    def test_the_next_one_is_the_day_itself_when_it_is_worked(self, day: date, found: date) -> None:
        assert next_business_day(day, WeekdaysButArmistice()) == found

    def test_without_a_calendar_every_day_is_as_good(self) -> None:
        assert next_business_day(date(2026, 11, 22), None) == date(2026, 11, 22)

    @pytest.mark.parametrize(
        ("start", "end", "count"),
        [
            (date(2026, 11, 20), date(2026, 11, 23), 1),
            (date(2026, 11, 20), date(2026, 11, 22), 0),
            (date(2026, 11, 9), date(2026, 11, 13), 3),
            (date(2026, 11, 23), date(2026, 11, 23), 0),
            (date(2026, 11, 23), date(2026, 11, 20), 0),
        ],
    )
    def test_how_many_lie_between(self, start: date, end: date, count: int) -> None:
        assert business_days_between(start, end, WeekdaysButArmistice()) == count
