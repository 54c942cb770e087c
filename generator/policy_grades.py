"""`[offers.grades.A]` to `D`, and `new`, of `portal.toml` → what is offered otherwise to clients of one grade."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from generator.domain.offer_policy import plans_by
from generator.domain.policy import NO_GRADE, GradeRules
from generator.domain.standing import Grade
from generator.policy_plans import LONGEST_OFFER, check_horizon, read_counts, read_down_payment

if TYPE_CHECKING:
    from generator.domain.policy import DiscountPolicy, PlanPolicy, Policy
    from generator.policy_file import Section

_OF_PLANS = ("plans", "counts", "first_after_days", "down_payment_percent", "minimum_debt")
_OF_DISCOUNTS = ("discount", "discount_percent", "discount_days")


def read_grades(
    section: Section, discount: DiscountPolicy | None, plans: PlanPolicy | None, decimals: int
) -> dict[str, GradeRules]:
    """The rules of each grade that the owner wrote some for; `discount` and `plans` are those of everybody."""
    found = {}
    for name in (*Grade, NO_GRADE):
        table = section.section(name)
        if table is None:
            continue
        rules = found[str(name)] = _rules(table, decimals)
        _check_used(table, _OF_DISCOUNTS, "[offers.discount]", made=discount is not None)
        _check_used(table, _OF_PLANS, "[offers.plans]", made=plans is not None)
        if plans is not None:
            _check_plans(table, plans_by(plans, rules))
        table.finish()
    section.finish()
    return found


def _rules(table: Section, decimals: int) -> GradeRules:
    return GradeRules(
        discount=table.said("discount"),
        plans=table.said("plans"),
        from_step=table.text("from_step"),
        counts=read_counts(table, (), none=not table.has("counts")) or None,
        first_after_days=table.whole("first_after_days", 0, LONGEST_OFFER),
        down_payment_percent=read_down_payment(table, None),
        minimum_debt=table.amount("minimum_debt", decimals),
        discount_percent=_percent_off(table),
        discount_days=table.whole("discount_days", 0, LONGEST_OFFER),
    )


def _percent_off(table: Section) -> Decimal | None:
    percent = table.percent("discount_percent")
    if percent in {Decimal(0), Decimal(100)}:
        advice = "Write a percentage that leaves something off and something to pay, or discount = false."
        table.wrong("discount_percent", percent, advice)
        return None
    return percent


def _check_used(table: Section, keys: tuple[str, ...], rule: str, *, made: bool) -> None:
    """A key about offers that nobody is made is told."""
    for key in keys:
        if table.has(key) and not made and table.table[key] is not False:
            advice = (
                f"There is no table {rule}, so nothing of the kind is offered to anybody: add it, or take the key out."
            )
            table.wrong(key, table.table[key], advice)


def _check_plans(table: Section, plans: PlanPolicy) -> None:
    """The plans that are left for the grade are some, and end in time."""
    changed = [key for key in ("counts", "first_after_days", "down_payment_percent") if table.has(key)]
    if changed and not plans.lengths:
        advice = "None of the plans is left for this grade. If that is meant, write plans = false."
        table.wrong(changed[-1], table.table[changed[-1]], advice)
    elif changed:
        check_horizon(table, plans, changed[0])


def check_steps(section: Section, policy: Policy) -> None:
    """The step from which a grade is offered something is one of a ladder."""
    ladders = (policy.reminders.steps, *policy.reminders.ladders.values())
    names = list(dict.fromkeys(step.name for ladder in ladders for step in ladder))
    for grade, rules in policy.offers.grades.items():
        if rules.from_step and rules.from_step not in names:
            table = section.opened(grade)
            table.wrong("from_step", rules.from_step, f"Write the name of a step: {', '.join(names)}.")
