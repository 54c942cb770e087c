"""`[offers.plans]` of `portal.toml` → the plans that are proposed, each of which some day can make."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from generator.domain.negotiation import plan_dates
from generator.domain.policy import Interval, OfferStart, PlanPolicy
from generator.domain.standing import Grade
from generator.policy_file import percentage

if TYPE_CHECKING:
    from generator.policy_file import Section

LONGEST_OFFER = 366
_LONGEST_PLAN = 3660  # ten years
_ANY_DAY = date(2025, 3, 1)  # no 29 February for three years: a plan that is too long from here always is, or nearly
_FEWEST_INSTALMENTS, _MOST_INSTALMENTS = 2, 36
_LAST_DAY_OF_MONTH = 31
_WHOLE = 100  # percent


def read_plans(section: Section, decimals: int) -> PlanPolicy:
    """The plans of everybody. One that could never be made is told."""
    down_payment = read_down_payment(section, Decimal(0)) or Decimal(0)
    percentages = _percentages(section, down_payment)
    found = PlanPolicy(
        counts=read_counts(section, (2, 3, 4), none=bool(percentages)),
        start=section.word("from", OfferStart, OfferStart.REMINDER),
        days=section.number("days", 10, 0, LONGEST_OFFER),
        interval=section.word("interval", Interval, Interval.MONTH),
        first_after_days=section.number("first_after_days", 0, 0, LONGEST_OFFER),
        down_payment_percent=down_payment,
        minimum_debt=section.amount("minimum_debt", decimals),
        minimum_instalment=section.amount("minimum_instalment", decimals),
        horizon_days=section.number("horizon_days", 730, 1, _LONGEST_PLAN),
        lowest_grade=section.word("lowest_grade", Grade, Grade.D),
        after_broken=section.yes("after_broken", default=False),
        percentages=percentages,
        days_of_month=_days_of_month(section),
        discount_percent=_waived(section),
    )
    check_horizon(section, found, "horizon_days" if section.has("horizon_days") else "counts")
    section.finish()
    return found


def read_counts(section: Section, usual: tuple[int, ...], *, none: bool) -> tuple[int, ...]:
    """In how many instalments; `none`: in none is fine too, since there are other plans."""
    counts = section.items("counts", int, usual, "[2, 3, 4]")
    fits = all(_FEWEST_INSTALMENTS <= count <= _MOST_INSTALMENTS for count in counts)
    if not (counts or none) or len(set(counts)) < len(counts) or not fits:
        advice = (
            f"Write each number of instalments once, from {_FEWEST_INSTALMENTS} to {_MOST_INSTALMENTS}, like [2, 3, 4]."
        )
        section.wrong("counts", list(counts), advice)
    return tuple(sorted(counts))


def read_down_payment(section: Section, usual: Decimal | None) -> Decimal | None:
    """The first part of a plan, in percent."""
    found = section.percent("down_payment_percent", usual)
    if found == _WHOLE:
        section.wrong("down_payment_percent", "100", "A down payment leaves something to pay later.")
    return found


def _waived(section: Section) -> Decimal:
    """What a plan waives once it is kept: a plan is no discount, unless the owner says so."""
    found = section.percent("discount_percent", Decimal(0)) or Decimal(0)
    if found == _WHOLE:
        section.wrong("discount_percent", "100", "A plan leaves something to pay.")
    return found


def _percentages(section: Section, down_payment: Decimal) -> tuple[tuple[Decimal, ...], ...]:
    """Plans whose parts are not equal, each as the percents of its parts."""
    example = '[["50", "50"], ["40", "30", "30"]]'
    found: list[tuple[Decimal, ...]] = []
    for row in section.items("percentages", list, (), example):
        texts = [text for text in row if isinstance(text, str)]
        shares = tuple(share for text in texts if (share := percentage(text)))
        together = sum(shares, Decimal(0))
        if len(shares) < len(row) or not _FEWEST_INSTALMENTS <= len(row) <= _MOST_INSTALMENTS:
            wants = f"{_FEWEST_INSTALMENTS} to {_MOST_INSTALMENTS} percentages in quotation marks, each more than 0"
            section.wrong("percentages", row, f"Write {wants}, like {example}.")
        elif together != _WHOLE:
            section.wrong("percentages", row, f"Its parts add up to {together.normalize():f}, and must to 100.")
        elif shares in found:
            section.wrong("percentages", row, "Write each plan once.")
        elif shares[0] < down_payment:
            advice = f"It begins with less than down_payment_percent, {down_payment.normalize():f}: change one of them."
            section.wrong("percentages", row, advice)
        else:
            found.append(shares)
    return tuple(found)


def _days_of_month(section: Section) -> tuple[int, ...]:
    """The days of the month on which instalments are due."""
    days = section.items("days_of_month", int, (), "[5, 20]")
    if len(set(days)) < len(days) or not all(1 <= day <= _LAST_DAY_OF_MONTH for day in days):
        section.wrong("days_of_month", list(days), "Write each day once, from 1 to 31, like [5, 20].")
        return ()
    return tuple(sorted(days))


def check_horizon(section: Section, plans: PlanPolicy, key: str) -> None:
    """A plan that no day could make, since it would end too late, is not left out in silence."""
    longest = max((count for count in plans.lengths if count <= _MOST_INSTALMENTS), default=0)
    if longest and plan_dates(plans, longest, _ANY_DAY, None)[-1] > plans.ends_by(_ANY_DAY):
        place = "counts" if longest in plans.counts else "percentages"
        advice = f"A plan in {longest} instalments ends later than that: write a longer time, or take {longest} out of {place}."
        section.wrong(key, plans.horizon_days, advice)
