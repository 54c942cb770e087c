"""Agreements that are made outside the page, by phone or in writing: their schedule, and what speaks against it.

A schedule by rule is split and dated as a plan on the page is. One of the client's own may have any amounts and dates, as long
as they add up to the debt: no agreement forgives a cent or asks for one more. The policy is the owner's own, who may go past it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import count, pairwise
from typing import TYPE_CHECKING

from generator.domain.accepted import dated_parts
from generator.domain.money import Money, share, total
from generator.domain.negotiation import dates_from
from generator.domain.policy import PlanPolicy
from generator.domain.references import code

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from generator.domain.policy import Interval, Policy
    from generator.domain.terms import BusinessCalendar

MOST_PARTS = 120  # ten years of months: more can only be a slip
LONGEST = timedelta(days=3660)  # what is further away is a slip of the year
_MARK_LENGTH = 4  # letters and digits that tell apart the agreements of one day

Schedule = tuple[tuple[date, Money], ...]


@dataclass(frozen=True, slots=True)
class EqualParts:
    """`count` payments as they are asked for. What is left out, None, is as the policy has it.

    `down` is the first of them, and the others are equal then; a `down` of nothing means that all are.
    """

    count: int
    first: date | None = None
    down: Money | None = None
    interval: Interval | None = None


def in_parts(
    debt: Money,
    wanted: EqualParts,
    policy: PlanPolicy,
    signed_on: date,
    business: BusinessCalendar | None,
    pays_on: Sequence[int] = (),
) -> Schedule:
    """The schedule of a plan over `debt`. Its dates move to the client's payment days, then to business days."""
    first = wanted.first or signed_on + timedelta(days=policy.first_after_days)
    days = pays_on or (policy.days_of_month if wanted.first is None else ())  # who names a day means it
    dates = dates_from(first, wanted.count, wanted.interval or policy.interval, business, days)
    down = wanted.down.minor if wanted.down is not None else share(debt.minor, policy.down_payment_percent)
    parts = dated_parts(dates, debt.minor, down if down and wanted.count > 1 else None)
    return tuple((due, Money(amount, debt.currency)) for due, amount in parts)


def surplus(schedule: Schedule, debt: Money) -> Money:
    """What the instalments add up to beyond the debt; less than nothing when some of it is missing."""
    return total((amount for _, amount in schedule), debt.currency) - debt


class Rule(StrEnum):
    """What the owner's policy says of plans and discounts. An owner who agrees to something else says why."""

    COUNT = "count"
    MINIMUM_DEBT = "minimum_debt"
    MINIMUM_INSTALMENT = "minimum_instalment"
    DOWN_PAYMENT = "down_payment"
    HORIZON = "horizon"
    PAST = "past"
    ORDER = "order"
    DISCOUNT = "discount"
    DISCOUNT_MINIMUM = "discount_minimum"
    COMBINED = "combined"


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that a schedule does not keep: the instalment that it is about, if any, and what the rule allows."""

    rule: Rule
    part: tuple[date, Money] | None = None
    amount: Money | None = None
    day: date | None = None
    counts: tuple[int, ...] = ()


def breaches(schedule: Schedule, debt: Money, signed_on: date, policy: Policy) -> tuple[Breach, ...]:
    """All that is not as the policy has it.

    `policy` is as it is for the client (`offer_policy.rules_for`). An owner without `[offers.plans]` has said nothing of
    counts and amounts; dates must make sense, and end some day, all the same.
    """
    return (*_against_amounts(schedule, debt, policy), *_against_dates(schedule, signed_on, policy))


def against_waiver(waived: Money, debt: Money, policy: Policy) -> Iterator[Breach]:
    """What the policy says against a discount on condition: a plan gives one where the owner's plans do."""
    usual = Money(share(debt.minor, policy.plans.discount_percent), debt.currency) if policy.plans else None
    if usual is not None and usual < waived:
        yield Breach(Rule.COMBINED, amount=usual)


def _against_amounts(schedule: Schedule, debt: Money, policy: Policy) -> Iterator[Breach]:
    plans = policy.plans
    if plans is None:
        return
    amounts = policy.amounts(debt.currency)
    if len(schedule) not in plans.lengths:
        yield Breach(Rule.COUNT, counts=plans.lengths)
    if amounts.plan_minimum_debt is not None and debt.decimal < amounts.plan_minimum_debt:
        yield Breach(Rule.MINIMUM_DEBT, amount=Money.of(amounts.plan_minimum_debt, debt.currency))
    smallest = min(schedule, key=lambda part: part[1])
    if amounts.plan_minimum_instalment is not None and smallest[1].decimal < amounts.plan_minimum_instalment:
        yield Breach(Rule.MINIMUM_INSTALMENT, smallest, Money.of(amounts.plan_minimum_instalment, debt.currency))
    down = Money(share(debt.minor, plans.down_payment_percent), debt.currency)
    if schedule[0][1] < down:
        yield Breach(Rule.DOWN_PAYMENT, schedule[0], down)


def _against_dates(schedule: Schedule, signed_on: date, policy: Policy) -> Iterator[Breach]:
    for part in schedule:
        if part[0] < signed_on:
            yield Breach(Rule.PAST, part, day=signed_on)
    for earlier, later in pairwise(schedule):
        if later[0] <= earlier[0]:
            yield Breach(Rule.ORDER, later, day=earlier[0])
    last = max(schedule, key=lambda part: part[0])
    end = (policy.plans or PlanPolicy()).ends_by(signed_on)
    if last[0] > end:
        yield Breach(Rule.HORIZON, last, day=end)


def paid_by_each(owed: Iterable[tuple[str, Money]], schedule: Schedule) -> list[list[tuple[str, Money]]]:
    """Which invoices each instalment pays, when every one is paid as agreed; `owed` stands oldest due first, as debts are paid."""
    waiting = [(number, amount.minor) for number, amount in owed]
    found: list[list[tuple[str, Money]]] = []
    for _, amount in schedule:
        left, pays = amount.minor, []
        while left and waiting:
            number, open_ = waiting[0]
            used = min(left, open_)
            pays.append((number, Money(used, amount.currency)))
            left -= used
            waiting[:1] = [(number, open_ - used)] if used < open_ else []
        found.append(pays)
    return found


def agreement_name(
    client: str, invoices: Sequence[str], signed_on: date, schedule: Schedule, taken: Collection[str]
) -> str:
    """A short id of an agreement's own, that none of `taken` is (in whatever letters): the day it was signed, and a mark."""
    known = {name.casefold() for name in taken}
    parts = [f"{due.isoformat()}={amount.minor}{amount.currency}" for due, amount in schedule]
    for attempt in count():
        mark = code(client, *invoices, signed_on.isoformat(), *parts, str(attempt))[:_MARK_LENGTH]
        name = f"A{signed_on:%y%m%d}-{mark}"
        if name.casefold() not in known:
            return name
    raise AssertionError("there is always another attempt")
