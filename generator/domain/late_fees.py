"""Late fees of one item: interest by day, and the indemnity. Nothing is asked here; it is only counted.

Each day from the one after the due date to that of the payment, both included, bears interest on what was open as it
began; a credit note counts on its own day already. Days on which it was disputed bear none, nor do those on which an agreement held:
the seller gave time for it. Days with the same base and the same
rate make a period, cut at each half-year. A period's interest is exact to its end and rounded once, half a cent up;
the sum of the periods is the total. No interest bears interest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from generator.domain.fee_rules import DayCount
from generator.domain.ledger import Kind
from generator.domain.money import Money, round_half_up
from generator.domain.rates import following, half_year

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from generator.domain.courses import Course
    from generator.domain.fee_rules import FeePolicy, InterestRule, Rate, Rule
    from generator.domain.rates import HalfYear

_DAY = timedelta(days=1)


class Nothing(StrEnum):
    """Why there is nothing to count, or nothing but what is counted: the first reason that holds."""

    NO_LAW = "no_law"
    KIND_UNKNOWN = "kind_unknown"
    NO_RULE = "no_rule"
    INSOLVENT = "insolvent"
    HOLD = "hold"
    UNDATED = "undated"
    NOT_DUE = "not_due"
    ON_TIME = "on_time"
    AGREEMENT = "agreement"
    DISPUTED = "disputed"
    NO_NOTICE = "no_notice"
    NO_RATE = "no_rate"


@dataclass(frozen=True, slots=True)
class Debt:
    """One item as late fees see it: its dates, its course where it was late, and the day of its formal notice."""

    due: date
    currency: str
    course: Course | None
    received_on: date | None = None
    noticed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """Days on which the same was open at the same rate. `known` are the rates it comes from; `terms` how it follows from them.

    `floored`: the contract's rate was below what the law allows, so that is what counts.
    """

    begins: date
    ends: date
    base: Money
    percent: Decimal
    year_days: int
    interest: Money
    terms: Rate
    known: HalfYear
    article: str
    floored: bool = False

    @property
    def days(self) -> int:
        """How many days, both ends included."""
        return (self.ends - self.begins).days + 1


@dataclass(frozen=True, slots=True)
class LateFees:
    """What the law gives for one item, and why there is nothing where there is nothing.

    `known_until` is the last day that could be counted where the table of rates ends before; `known_from` the first where it
    begins later. `indemnity_at` is the other part of the same invoice at which its one indemnity stands.
    """

    interest: Money
    indemnity: Money
    periods: tuple[Period, ...] = ()
    reason: Nothing | None = None
    known_from: date | None = None
    known_until: date | None = None
    late_from: date | None = None
    indemnity_article: str = ""
    indemnity_at: str = ""

    @property
    def total(self) -> Money:
        """Both together."""
        return self.interest + self.indemnity


def no_fees(currency: str, reason: Nothing | None) -> LateFees:
    """Nothing, and why."""
    return LateFees(Money(0, currency), Money(0, currency), reason=reason)


def late_fees(debt: Debt, kind: Kind, policy: FeePolicy, until: date) -> LateFees:
    """What being late costs by the law of the policy, counted to `until`, that day included."""
    if policy.law is None:
        return no_fees(debt.currency, Nothing.NO_LAW)
    if kind is Kind.UNKNOWN:
        return no_fees(debt.currency, Nothing.KIND_UNKNOWN)
    rule = policy.law.rules.get(kind)
    if rule is None:
        return no_fees(debt.currency, Nothing.NO_RULE)
    if debt.course is None:
        return no_fees(debt.currency, Nothing.NOT_DUE if debt.due >= until else Nothing.ON_TIME)
    allowed = _allowed_until(debt, rule.interest) + _DAY
    stretches = list(_stretches(debt.course, allowed, until))
    if not stretches:
        return no_fees(debt.currency, _why_never_late(debt.course, allowed, until))
    indemnity, article = _indemnity(rule, policy, debt.currency)
    begins = stretches[0][0]
    if rule.interest.from_notice:
        stretches = (
            [] if debt.noticed_on is None else list(_stretches(debt.course, max(begins, debt.noticed_on + _DAY), until))
        )
    periods = tuple(_priced(stretches, rule.interest, policy, debt.currency))
    known_from, known_until = _known(stretches, rule.interest, policy)
    reason = None
    if rule.interest.from_notice and not stretches:
        reason = Nothing.NO_NOTICE
    elif stretches and not periods:
        reason = Nothing.NO_RATE
    return LateFees(
        Money(sum(period.interest.minor for period in periods), debt.currency),
        indemnity,
        periods,
        reason,
        known_from,
        known_until,
        begins,
        article,
    )


def first_late_day(debt: Debt, kind: Kind, policy: FeePolicy) -> date:
    """The first day on which paying a debt is late; where no law is known, the day after the due date."""
    rule = policy.law.rules.get(kind) if policy.law else None
    return (debt.due if rule is None else _allowed_until(debt, rule.interest)) + _DAY


def was_late(course: Course, begins: date, until: date) -> bool:
    """Whether something bore interest on one of these days."""
    return any(_stretches(course, begins, until))


def _allowed_until(debt: Debt, rule: InterestRule) -> date:
    """The last day on which paying is on time: the due date, or later where the law counts from the receipt."""
    if rule.after_receipt is None or debt.received_on is None:
        return debt.due
    return max(debt.due, debt.received_on + timedelta(days=rule.after_receipt))


def _why_never_late(course: Course, begins: date, until: date) -> Nothing:
    """Open, and still nothing: not yet, disputed or in an agreement on every day, or paid in the time that the law gives."""
    if begins > until:
        return Nothing.NOT_DUE
    days = sorted({begins} | {day for day in course.turns() if begins < day <= until})
    waited = [day for day in days if course.open_on(day) > 0]
    if not waited:
        return Nothing.ON_TIME
    return Nothing.DISPUTED if all(course.disputed_on(day) for day in waited) else Nothing.AGREEMENT


#: First day, last day, and what was open on each of them (minor units).
Stretch = tuple[date, date, int]


def _stretches(course: Course, begins: date, until: date) -> Iterator[Stretch]:
    """The days on which something open bore interest, cut wherever the base or the half-year changes."""
    if begins > until:
        return
    turns = {begins} | {day for day in course.turns() if begins < day <= until}
    cut = following(half_year(begins))
    while cut <= until:
        turns.add(cut)
        cut = following(cut)
    days = sorted(turns)
    pending: Stretch | None = None
    for first, after in zip(days, [*days[1:], until + _DAY], strict=True):
        base = course.counted_on(first)
        if pending is not None and pending[2] == base and half_year(pending[0]) == half_year(first):
            pending = (pending[0], after - _DAY, base)  # a turn that changed nothing in the end
            continue
        if pending is not None and pending[2] > 0:
            yield pending
        pending = (first, after - _DAY, base)
    if pending is not None and pending[2] > 0:
        yield pending


def _priced(stretches: list[Stretch], rule: InterestRule, policy: FeePolicy, currency: str) -> Iterator[Period]:
    """Each stretch whose rate is known, with its interest."""
    for first, last, base in stretches:
        known = policy.rates.at(stretches[0][0] if rule.whole_delay else first)
        if known is None:
            continue
        terms, floored = _terms(rule, policy, known)
        percent = terms.percent(known)
        year = _days_of_year(first.year) if policy.day_count is DayCount.ACTUAL else DayCount.FIXED.value
        days = (last - first).days + 1
        interest = round_half_up(Fraction(percent) * base * days / (100 * year))
        yield Period(
            first,
            last,
            Money(base, currency),
            percent,
            year,
            Money(interest, currency),
            terms,
            known,
            rule.floor_article if floored else rule.article,
            floored,
        )


def _terms(rule: InterestRule, policy: FeePolicy, known: HalfYear) -> tuple[Rate, bool]:
    """The law's rate, or the contract's where the law lets it, and at least the floor."""
    if policy.rate is None or not rule.contract:
        return rule.rate, False
    if rule.floor is not None and policy.rate.percent(known) < rule.floor.percent(known):
        return rule.floor, True
    return policy.rate, False


def _indemnity(rule: Rule, policy: FeePolicy, currency: str) -> tuple[Money, str]:
    """The fixed indemnity: in the currency in which the law gives it, and in no other."""
    law = policy.law
    if rule.indemnity is None or law is None or law.currency != currency:
        return Money(0, currency), ""
    return Money.of(min(rule.indemnity, policy.indemnity), currency), rule.indemnity_article


def _known(stretches: list[Stretch], rule: InterestRule, policy: FeePolicy) -> tuple[date | None, date | None]:
    """From when and until when rates are known, where some of the days lie before or after."""
    table = policy.rates
    if not stretches or table.begins is None or table.ends is None:
        return None, None
    first, last = stretches[0][0], stretches[0][0] if rule.whole_delay else stretches[-1][1]
    return table.begins if first < table.begins else None, table.ends if last > table.ends else None


def _days_of_year(year: int) -> int:
    return (date(year + 1, 1, 1) - date(year, 1, 1)).days
