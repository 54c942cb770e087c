"""How a client has paid so far, from the ledger and the agreements alone: figures, each with how it came about, and a grade.

The grade is the worst of what three figures deserve, so that the owner can check it in the head: how many invoices were paid
by their due date, how late the money was, how often a given word was not kept. The client never sees it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.domain.allocation import Position
    from generator.domain.ledger import Promise
    from generator.domain.policy import StandingPolicy

_LAST = 3  #: invoices that tell whether a word before the due date is needed
_RECENT_MONTHS = 6
_USUAL_MONTHS = 12
_FEWEST_FOR_TREND = 2


class Grade(StrEnum):
    """How well a client pays: from A, on time, to D."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class Measure(StrEnum):
    """What a figure tells, and its unit."""

    ON_TIME = "on_time"  #: invoices paid by their due date, in percent of those that could have been
    DAYS_LATE = "days_late"  #: days late on average, weighed by amount
    RECENT_DAYS_LATE = "recent_days_late"  #: the same, of what came due in the last six months
    TREND = "trend"  #: days late lately, less days late before: above zero it gets worse
    BROKEN = "broken"  #: promises and agreements that were not kept
    EXPOSURE = "exposure"  #: what is open, in percent of what a usual month is invoiced
    MONTHS = "months"  #: how long we have worked together


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its value, from how many invoices (or words) it was computed, and what it deserves, if it is graded."""

    measure: Measure
    value: int
    of: int
    grade: Grade | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How the client has paid so far. `average_days_late` weighs invoices by amount; None without any paid.

    `grade` is None for a client of whom too few invoices can be judged: they are neither praised nor warned of.
    """

    paid_invoices: int
    paid_on_time: int
    last_three_on_time: bool
    average_days_late: int | None
    since: date | None
    grade: Grade | None = None
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class Conduct:
    """What a client did: with each invoice (`positions`), and with their own word.

    `excused` are unpaid items that are not held against them: disputed, in an agreement that holds, on their way.
    `broken_agreements` are the days on which agreements were broken, whatever became of them since, `kept_agreements` those on
    which the last of one was paid. Payments are known until `booked_by`.
    """

    positions: Sequence[Position] = ()
    excused: frozenset[str] = frozenset()
    promises: Sequence[Promise] = ()
    broken_agreements: Sequence[date] = field(default_factory=list)
    kept_agreements: Sequence[date] = field(default_factory=list)
    booked_by: date = date.max


def standing(conduct: Conduct, policy: StandingPolicy, today: date) -> Standing:
    """Paid invoices, those paid by their due date, the days late of what was paid, and the grade with its figures.

    `last_three_on_time` looks at the last three invoices that are paid or past due: one that is still unpaid after its
    date is not on time.
    """
    positions = conduct.positions
    paid = [position for position in positions if not position.open and position.closed_on is not None]
    judged = [position for position in positions if not position.open or position.invoice.due < today]
    last = sorted(judged, key=lambda position: (position.invoice.due, position.invoice.id))[-_LAST:]
    grade, figures = _grade(conduct, policy, today)
    return Standing(
        paid_invoices=len(paid),
        paid_on_time=sum(_on_time(position) for position in paid),
        last_three_on_time=len(last) == _LAST and all(_on_time(position) for position in last),
        average_days_late=_average(paid, today),
        since=min((position.invoice.issued for position in positions), default=None),
        grade=grade,
        figures=figures,
    )


def _grade(conduct: Conduct, policy: StandingPolicy, today: date) -> tuple[Grade | None, tuple[Figure, ...]]:
    """The figures of the last `months`, and the worst of what they deserve."""
    begin = today - span(policy.months)
    known = min(today, conduct.booked_by)
    judged = [position for position in conduct.positions if _is_judged(position, conduct.excused, begin, known)]
    figures: list[Figure] = []
    if judged:
        figures += _punctuality(judged, policy, today, known)
    broken = [day for day in _broken_promises(conduct) if begin <= day < known]
    broken += [day for day in conduct.broken_agreements if begin <= day <= today]
    kept = [day for day in conduct.kept_agreements if begin <= day <= today]
    words = len(broken) + len(kept) + len(_kept_promises(conduct, begin, known))
    if words:
        figures.append(Figure(Measure.BROKEN, len(broken), words, _at_most(len(broken), policy.broken)))
    figures += _size(conduct.positions, today)
    grades = [figure.grade for figure in figures if figure.grade is not None]
    return (max(grades) if grades and len(judged) >= policy.minimum_invoices else None), tuple(figures)


def _punctuality(judged: Sequence[Position], policy: StandingPolicy, today: date, known: date) -> list[Figure]:
    """How many were on time, and how late the money was: of all, and of those that came due lately, if these are enough."""
    lately = today - span(_RECENT_MONTHS)
    recent = [position for position in judged if position.invoice.due >= lately]
    before = [position for position in judged if position.invoice.due < lately]
    share = 100 * sum(_on_time(position) for position in judged) // len(judged)
    late = _average(judged, known) or 0
    found = [
        Figure(Measure.ON_TIME, share, len(judged), _at_least(share, policy.on_time_percent)),
        Figure(Measure.DAYS_LATE, late, len(judged), _at_most(late, policy.days_late)),
    ]
    if min(len(recent), len(before)) >= _FEWEST_FOR_TREND:
        now, then = _average(recent, known) or 0, _average(before, known) or 0
        found.append(Figure(Measure.RECENT_DAYS_LATE, now, len(recent), _at_most(now, policy.days_late)))
        found.append(Figure(Measure.TREND, now - then, len(judged)))
    return found


def _size(positions: Sequence[Position], today: date) -> list[Figure]:
    """What is open against a usual month, in the currency of most invoices, and how long we have worked together."""
    if not positions:
        return []
    currencies = [position.invoice.total.currency for position in positions]
    usual = max(sorted(set(currencies)), key=currencies.count)
    own = [position for position in positions if position.invoice.total.currency == usual]
    first = min(position.invoice.issued for position in positions)
    age = max(1, min(_USUAL_MONTHS, _months(first, today)))
    year = [position for position in own if position.invoice.issued > today - span(age)]
    invoiced = sum(position.invoice.total.minor for position in year)
    still_open = sum(position.open for position in own)
    found = [Figure(Measure.EXPOSURE, 100 * still_open * age // invoiced, len(year))] if invoiced else []
    return [*found, Figure(Measure.MONTHS, _months(first, today), len(positions))]


def span(months: int) -> timedelta:
    """About so many months: 1,461 days are 48 of them."""
    return timedelta(days=months * 1461 // 48)


def _months(first: date, today: date) -> int:
    """The months between two days, to the nearest."""
    return ((today - first).days * 96 + 1461) // 2922


def _is_judged(position: Position, excused: frozenset[str], begin: date, known: date) -> bool:
    """Whether an invoice says something of how its client pays: paid on a day we know, or not paid by its due date."""
    if not begin <= position.invoice.due:
        return False
    if not position.open:
        return position.closed_on is not None
    return position.invoice.due < known and position.invoice.id not in excused


def _on_time(position: Position) -> bool:
    return position.closed_on is not None and not position.open and position.closed_on <= position.invoice.due


def _average(positions: Sequence[Position], known: date) -> int | None:
    """Days late on average, weighed by amount; what is unpaid is late until the last day that is known."""
    weight = sum(position.invoice.total.minor for position in positions)
    late = sum(_days_late(position, known) * position.invoice.total.minor for position in positions)
    return late // weight if weight else None


def _days_late(position: Position, known: date) -> int:
    until = known if position.open or position.closed_on is None else position.closed_on
    return max(0, (until - position.invoice.due).days)


def _broken_promises(conduct: Conduct) -> list[date]:
    """The days of promises that were not kept; one that was put off in time by another is not broken."""
    return [promise.on for promise in conduct.promises if not _was_kept(promise, conduct)]


def _kept_promises(conduct: Conduct, begin: date, known: date) -> list[Promise]:
    return [promise for promise in conduct.promises if begin <= promise.on < known and _was_kept(promise, conduct)]


def _was_kept(promise: Promise, conduct: Conduct) -> bool:
    if any(_puts_off(later, promise) for later in conduct.promises):
        return True
    return all(
        position.closed_on is not None and not position.open and position.closed_on <= promise.on
        for position in conduct.positions
        if _is_about(promise, position)
        and position.invoice.id not in conduct.excused
        and not (position.closed_on and not position.open and position.closed_on < promise.made_on)
    )


def _puts_off(later: Promise, promise: Promise) -> bool:
    return promise.made_on < later.made_on <= promise.on < later.on and set(later.invoices) >= set(promise.invoices)


def _is_about(promise: Promise, position: Position) -> bool:
    """Whether a promise is about an invoice: named, else due when the promise was made."""
    invoice = position.invoice
    if promise.invoices:
        return bool({invoice.id, invoice.number} & set(promise.invoices))
    return invoice.due <= promise.made_on


def _at_least(value: int, limits: Sequence[int]) -> Grade:
    return next((grade for grade, limit in zip(Grade, limits, strict=False) if value >= limit), Grade.D)


def _at_most(value: int, limits: Sequence[int]) -> Grade:
    return next((grade for grade, limit in zip(Grade, limits, strict=False) if value <= limit), Grade.D)
