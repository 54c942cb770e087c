"""Rates by half-year: a table that is passed in, never guessed past its ends.

The law slices interest at 1 January and at 1 July: the rate of that day holds for the half-year. Percentages are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from decimal import Decimal

_JULY = 7


class Confidence(StrEnum):
    """How sure a figure is: from an official text, from several other sources, from one; or the owner's own word."""

    HIGH = "H"
    MEDIUM = "M"
    LOW = "L"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Figure:
    """A percentage, where it comes from, and how sure that is."""

    percent: Decimal
    source: str = ""
    confidence: Confidence = Confidence.OWN


@dataclass(frozen=True, slots=True)
class HalfYear:
    """The rates of one half-year: of the ECB's main refinancing operations, and the legal rate for all other creditors."""

    begins: date
    ecb: Figure
    legal: Figure

    @property
    def ends(self) -> date:
        """Its last day."""
        return following(self.begins) - timedelta(days=1)


def half_year(day: date) -> date:
    """The first day of the half-year that a day lies in."""
    return date(day.year, _JULY if day.month >= _JULY else 1, 1)


def following(begins: date) -> date:
    """The first day of the half-year after that which begins on this day."""
    return date(begins.year, _JULY, 1) if begins.month == 1 else date(begins.year + 1, 1, 1)


@dataclass(frozen=True, slots=True)
class RateTable:
    """Half-years in their order, none left out."""

    rows: tuple[HalfYear, ...] = ()

    def at(self, day: date) -> HalfYear | None:
        """The half-year of a day; None when the table does not have it."""
        begins = half_year(day)
        return next((row for row in self.rows if row.begins == begins), None)

    @property
    def begins(self) -> date | None:
        """The first day that is known."""
        return self.rows[0].begins if self.rows else None

    @property
    def ends(self) -> date | None:
        """The last day that is known."""
        return self.rows[-1].ends if self.rows else None

    def extended(self, rows: Iterable[HalfYear]) -> RateTable:
        """With these half-years too; where one is there already, the new one takes its place."""
        known = {row.begins: row for row in (*self.rows, *rows)}
        return RateTable(tuple(known[begins] for begins in sorted(known)))


class Fault(StrEnum):
    """What is wrong with a row of a table of rates, as it was written."""

    NOT_A_HALF_YEAR = "not_a_half_year"
    OUT_OF_ORDER = "out_of_order"
    TWICE = "twice"
    GAP = "gap"


def faults(written: Sequence[HalfYear], known: RateTable) -> Iterator[tuple[int, Fault, date]]:
    """What is wrong with rows that are to extend a table: the index of each, what it is, and the half-year it is about.

    The same half-year twice with the same figures is no fault: it says nothing else. A gap is told of the row after it.
    """
    seen: dict[date, HalfYear] = {}
    for index, row in enumerate(written):
        if row.begins != half_year(row.begins):
            yield index, Fault.NOT_A_HALF_YEAR, row.begins
            continue
        if (before := seen.get(row.begins)) is not None:
            if (before.ecb.percent, before.legal.percent) != (row.ecb.percent, row.legal.percent):
                yield index, Fault.TWICE, row.begins
        elif seen and row.begins < max(seen):
            yield index, Fault.OUT_OF_ORDER, row.begins
        seen.setdefault(row.begins, row)
    whole = [row.begins for row in known.extended(seen.values()).rows]
    for earlier, later in pairwise(whole):
        if (missing := following(earlier)) != later:
            place = later if later in seen else earlier
            yield next(index for index, row in enumerate(written) if row.begins == place), Fault.GAP, missing
