"""Due dates: payment terms as people write them, payment days, business days.

`45 jours fin de mois` has two lawful readings (C. com. L441-10 I): 45 days and then the end of that month, or the
end of the month and then 45 days. The words decide: `45 fin de mois` is the first, `fin de mois 45` the second.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

_DAYS = r"(?:\+\s*)?(?P<{0}>\d{{1,3}})\s*(?:jours?|j|days?|d)?(?:\s+(?:nets?|calendaires?))?"
_EOM = r"(?:fin\s+(?:de|du)\s+mois|fdm|eom|end\s+of\s+(?:the\s+)?month)"
_ON = r"(?:[\s,]+(?:le|on(?:\s+the)?)\s+(?P<on>\d{1,2})(?:er|st|nd|rd|th)?)?"
_FORMS = tuple(
    re.compile(rf"(?:net\s+)?(?:à\s+|a\s+)?{form}{_ON}", re.IGNORECASE)
    for form in (
        rf"{_DAYS.format('after')}\s*,?\s*{_EOM}",
        rf"{_EOM}\s*{_DAYS.format('before')}",
        _DAYS.format("net"),
        rf"(?P<eom>{_EOM})",
    )
)
_CASH = re.compile(
    rf"(?:(?:au\s+)?comptant|(?:à|a)\s+r[ée]ception|(?:up)?on\s+receipt|immediate|cash){_ON}", re.IGNORECASE
)
_ONLY_ON = re.compile(r"(?:le|on(?:\s+the)?)\s+(?P<on>\d{1,2})(?:er|st|nd|rd|th)?", re.IGNORECASE)
LAST_DAY = 31


@dataclass(frozen=True, slots=True)
class Terms:
    """Net days, and what then happens: `then_month_end` (+days, end of month), `month_end_first`, the day `on` of a month."""

    days: int = 0
    then_month_end: bool = False
    month_end_first: bool = False
    on: int = 0


class BusinessCalendar(Protocol):
    """Which days are worked; the edges pass one in."""

    def is_business_day(self, day: date, /) -> bool:
        """Whether post, banks and people work that day."""


def parse_terms(text: str) -> Terms:
    """`30`, `30 fin de mois`, `fin de mois 30`, `45 jours fin de mois le 10`, `comptant`, `30 eom`, `eom 30`, `on 10`.

    Raises ValueError for anything else.
    """
    words = " ".join(text.split())
    if match := _CASH.fullmatch(words):
        return Terms(on=_day_of_month(match["on"]))
    if match := _ONLY_ON.fullmatch(words):
        return Terms(on=_day_of_month(match["on"]))
    for form in _FORMS:
        if match := form.fullmatch(words):
            found = match.groupdict()
            days = int(found.get("after") or found.get("before") or found.get("net") or 0)
            return Terms(
                days=days,
                then_month_end=found.get("after") is not None or found.get("eom") is not None,
                month_end_first=found.get("before") is not None,
                on=_day_of_month(found["on"]),
            )
    raise ValueError(f"not payment terms: {text!r}")


def _day_of_month(text: str | None) -> int:
    day = int(text or 0)
    if text is not None and not 1 <= day <= LAST_DAY:
        raise ValueError(f"no month has a day {day}")
    return day


def month_end(day: date) -> date:
    """The last day of that month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def add_months(day: date, months: int) -> date:
    """The same day `months` later; the last day of a shorter month stands in for a day that it lacks."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def next_day_of_month(day: date, days: Iterable[int]) -> date:
    """The first of these days of a month on or after `day`; a day that the month lacks is its last one. Without days: `day`."""
    wanted = sorted(set(days))
    if not wanted:
        return day
    for months in (0, 1):
        first = add_months(day.replace(day=1), months)
        last = month_end(first).day
        for number in wanted:
            found = first.replace(day=min(number, last))
            if found >= day:
                return found
    raise AssertionError("a later month always has one")


def due_date(issued: date, terms: Terms, payment_days: Iterable[int] = ()) -> date:
    """The day an invoice is due: terms from its date, then the client's contractual payment days."""
    due = month_end(issued) if terms.month_end_first else issued
    due += timedelta(days=terms.days)
    if terms.then_month_end:
        due = month_end(due)
    if terms.on:
        due = next_day_of_month(due, (terms.on,))
    return next_day_of_month(due, payment_days)


def next_business_day(day: date, business: BusinessCalendar | None) -> date:
    """`day` itself when it is worked, else the next one that is; `day` without a calendar."""
    while business is not None and not business.is_business_day(day):
        day += timedelta(days=1)
    return day


def previous_business_day(day: date, business: BusinessCalendar | None) -> date:
    """`day` itself when it is worked, else the last one before it that is; `day` without a calendar."""
    while business is not None and not business.is_business_day(day):
        day -= timedelta(days=1)
    return day


def business_days_between(start: date, end: date, business: BusinessCalendar) -> int:
    """How many business days lie after `start`, up to `end` included; 0 when `end` is not later."""
    days = (start + timedelta(days=offset) for offset in range(1, (end - start).days + 1))
    return sum(business.is_business_day(day) for day in days)
