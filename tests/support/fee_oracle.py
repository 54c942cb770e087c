"""Late fees counted a second time, by somebody who never saw the first: one day after the other, in exact fractions.

It knows nothing of periods: it asks for each day what was open, whether that day bears interest, and at which rate. Only to
round as relance says it does, days that follow each other with the same base in the same half-year are added up first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Year and half → ECB, legal.
RATES = {
    (2019, 1): ("0.00", "0.86"),
    (2019, 2): ("0.00", "0.87"),
    (2020, 1): ("0.00", "0.87"),
    (2020, 2): ("0.00", "0.84"),
    (2021, 1): ("0.00", "0.79"),
    (2021, 2): ("0.00", "0.76"),
    (2022, 1): ("0.00", "0.76"),
    (2022, 2): ("0.00", "0.77"),
    (2023, 1): ("2.50", "2.06"),
    (2023, 2): ("4.00", "4.22"),
    (2024, 1): ("4.50", "5.07"),
    (2024, 2): ("4.25", "4.92"),
    (2025, 1): ("3.15", "3.71"),
    (2025, 2): ("2.15", "2.76"),
    (2026, 1): ("2.15", "2.62"),
    (2026, 2): ("2.40", "2.75"),
}


@dataclass(frozen=True)
class Day:
    """One day that bears interest: cents that were open as it began, and the interest of that day alone, in cents."""

    on: date
    base: int
    half: tuple[int, int]
    interest: Fraction


def half_of(day: date) -> tuple[int, int]:
    return day.year, 1 if (day.month, day.day) < (7, 1) else 2


def cents(text: str) -> int:
    value = Fraction(text) * 100
    assert value.denominator == 1
    return int(value)


def days(case: dict[str, Any]) -> Iterator[Day]:
    """Every day that bears interest, by the words of the case alone."""
    on, until = date.fromisoformat(case["due"]) + timedelta(days=1), date.fromisoformat(case["until"])
    if "received" in case and case["kind"] == "public" and case.get("law") != "eu":
        on = max(on, date.fromisoformat(case["received"]) + timedelta(days=31))
    began: tuple[int, int] | None = None
    while on <= until:
        base = _open(case, on)
        if base and (case["kind"] != "consumer" or _noticed(case, on)):
            began = began or half_of(on)
            rate = _rate(case, half_of(on), began)
            if rate is not None:
                yield Day(on, base, half_of(on), base * rate / 100 / _year(case, on))
        on += timedelta(days=1)


def exact(case: dict[str, Any]) -> Fraction:
    """The whole interest in cents, not rounded at all."""
    return sum((day.interest for day in days(case)), Fraction(0))


def lines(case: dict[str, Any]) -> list[tuple[date, date, int, Fraction]]:
    """First day, last day, base and interest of the days that follow each other alike."""
    found = list(days(case))
    numbered = [(day, day.on.toordinal() - index) for index, day in enumerate(found)]
    groups = [[day for day, _ in run] for _, run in groupby(numbered, lambda one: (one[0].half, one[0].base, one[1]))]
    return [(run[0].on, run[-1].on, run[0].base, sum((day.interest for day in run), Fraction(0))) for run in groups]


def rounded(value: Fraction) -> int:
    """To the cent, half a cent up."""
    return int(value + Fraction(1, 2))


def _open(case: dict[str, Any], on: date) -> int:
    """What bears interest that day: payments of that very day have not come yet, a credit note of it has."""
    for begins, ends in case.get("disputes", []):
        if date.fromisoformat(begins) <= on and (ends is None or on < date.fromisoformat(ends)):
            return 0
    paid = sum(cents(amount) for day, amount in case.get("payments", []) if date.fromisoformat(day) < on)
    credited = sum(cents(amount) for day, amount in case.get("credit_notes", []) if date.fromisoformat(day) <= on)
    return cents(case["total"]) - paid - credited


def _noticed(case: dict[str, Any], on: date) -> bool:
    return "notice" in case and date.fromisoformat(case["notice"]) < on


def _rate(case: dict[str, Any], half: tuple[int, int], began: tuple[int, int]) -> Fraction | None:
    """Percent a year; None where no rate is known."""
    known = RATES.get(began if case["kind"] == "public" and case.get("law") != "eu" else half)
    if known is None:
        return None
    ecb, legal = map(Fraction, known)
    if case["kind"] == "consumer":
        return legal
    if case["kind"] == "public" or (case.get("law") == "eu" and "rate" not in case):
        return ecb + 8
    if "rate" not in case:
        return ecb + 10
    words = case["rate"].split()
    contract = Fraction(words[-1])
    if words[0] == "ecb":
        contract = ecb + contract
    elif words[0] == "legal":
        contract = legal * contract
    return contract if case.get("law") == "eu" else max(contract, 3 * legal)


def _year(case: dict[str, Any], on: date) -> int:
    leap = on.year % 4 == 0 and (on.year % 100 != 0 or on.year % 400 == 0)
    return 366 if leap and case.get("day_count") == "actual" else 365
