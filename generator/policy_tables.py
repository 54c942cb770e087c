"""The tables of `portal.toml` that say what may be offered and when we write → the policy of the domain."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from generator.domain.money import exponent, is_currency
from generator.domain.negotiation import plan_dates
from generator.domain.policy import (
    DEFAULT_LADDER,
    Amounts,
    DiscountPolicy,
    FeeMode,
    Interval,
    OfferStart,
    PlanPolicy,
    Policy,
    StandingPolicy,
)
from generator.ladder_tables import LONGEST_DAYS, OFFER_TABLES, read_reminders
from generator.problems import policy as problems
from generator.problems import stops

if TYPE_CHECKING:
    from generator.domain.policy import Step
    from generator.policy_file import Section

_LONGEST_OFFER = 366
_LONGEST_ANSWER = 30
_LONGEST_PLAN = 3660  # ten years
_ANY_DAY = date(2025, 3, 1)  # no 29 February for three years: a plan that is too long from here always is, or nearly
_MOST_INSTALMENTS = 36
_LONGEST_LOOK_BACK = 120  #: months
_MOST_JUDGED = 100  #: invoices


def read_policy(root: Section, ledger: Section, currency: str) -> Policy:
    """The owner's will. A table of offers that is left out makes no such offer."""
    decimals = exponent(currency)
    offers = root.opened("offers")
    discount, plans = offers.section("discount"), offers.section("plans")
    answer_days = offers.number("answer_days", Policy().answer_days, 1, _LONGEST_ANSWER)
    offers.finish()
    policy = Policy(
        currency=currency,
        discount=_discount(discount, decimals) if discount else None,
        plans=_plans(plans, decimals) if plans else None,
        reminders=read_reminders(root.opened("reminders"), decimals),
        late_fees=_late_fees(root.opened("late_fees")),
        standing=_standing(root.opened("standing")),
        payments_up_to=ledger.day("payments_up_to"),
        stale_days=ledger.number("stale_days", 3, 0, LONGEST_DAYS),
        currencies=_currencies(root.opened("currencies"), currency),
        answer_days=answer_days,
    )
    if not stops(root.file.problems):  # a slip in the ladder would look like an offer that no step lists
        _check_listed(root, policy)
    if root.has("reminders"):
        _check_offers(root, policy)
    return policy


def _discount(section: Section, decimals: int) -> DiscountPolicy:
    percent = section.percent("percent")
    if not section.has("percent"):
        section.missing("percent", 'percent = "5"')
    elif percent in {Decimal(0), Decimal(100)}:
        section.wrong(
            "percent",
            percent,
            "Write a percentage that leaves something off and something to pay, or take the table out.",
        )
    found = DiscountPolicy(
        percent=percent or Decimal(0),
        days=section.number("days", 10, 0, _LONGEST_OFFER),
        minimum=section.amount("minimum", decimals),
        start=section.word("from", OfferStart, OfferStart.REMINDER, allowed=(OfferStart.REMINDER, OfferStart.ISSUED)),
        repeat=section.yes("repeat", default=False),
    )
    section.finish()
    return found


def _plans(section: Section, decimals: int) -> PlanPolicy:
    counts = section.items("counts", int, (2, 3, 4), "[2, 3, 4]")
    if not counts or len(set(counts)) < len(counts) or not all(2 <= count <= _MOST_INSTALMENTS for count in counts):  # noqa: PLR2004
        section.wrong(
            "counts",
            list(counts),
            f"Write each number of instalments once, from 2 to {_MOST_INSTALMENTS}, like [2, 3, 4].",
        )
    down_payment = section.percent("down_payment_percent", Decimal(0))
    if down_payment == 100:  # noqa: PLR2004
        section.wrong("down_payment_percent", "100", "A down payment leaves something to pay later.")
    found = PlanPolicy(
        counts=tuple(sorted(counts)),
        start=section.word("from", OfferStart, OfferStart.REMINDER),
        days=section.number("days", 10, 0, _LONGEST_OFFER),
        interval=section.word("interval", Interval, Interval.MONTH),
        first_after_days=section.number("first_after_days", 0, 0, _LONGEST_OFFER),
        down_payment_percent=down_payment or Decimal(0),
        minimum_debt=section.amount("minimum_debt", decimals),
        minimum_instalment=section.amount("minimum_instalment", decimals),
        horizon_days=section.number("horizon_days", 730, 1, _LONGEST_PLAN),
    )
    _check_horizon(section, found)
    section.finish()
    return found


def _check_horizon(section: Section, plans: PlanPolicy) -> None:
    """A plan that no day could make, since it would end too late, is not left out in silence."""
    longest = max((count for count in plans.counts if count <= _MOST_INSTALMENTS), default=0)
    if longest and plan_dates(plans, longest, _ANY_DAY, None)[-1] > plans.ends_by(_ANY_DAY):
        advice = f"A plan in {longest} instalments ends later than that: write a longer time, or take {longest} out of counts."
        section.wrong("horizon_days" if section.has("horizon_days") else "counts", plans.horizon_days, advice)


def _standing(section: Section) -> StandingPolicy:
    usual = StandingPolicy()
    found = StandingPolicy(
        months=section.number("months", usual.months, 1, _LONGEST_LOOK_BACK),
        minimum_invoices=section.number("minimum_invoices", usual.minimum_invoices, 1, _MOST_JUDGED),
        on_time_percent=_limits(section, "on_time_percent", usual.on_time_percent, falling=True),
        days_late=_limits(section, "days_late", usual.days_late),
        broken=_limits(section, "broken", usual.broken),
    )
    section.finish()
    return found


def _limits(section: Section, key: str, usual: tuple[int, ...], *, falling: bool = False) -> tuple[int, ...]:
    """The limits of A, B and C, from the best to the worst."""
    example = f"[{', '.join(map(str, usual))}]"
    found = section.items(key, int, usual, example)
    highest = 100 if falling else LONGEST_DAYS
    if (
        len(found) != len(usual)
        or list(found) != sorted(found, reverse=falling)
        or not all(0 <= limit <= highest for limit in found)
    ):
        order = "from the highest to the lowest" if falling else "from the lowest to the highest"
        section.wrong(key, list(found), f"Write the limits of A, B and C, {order}, like {example}.")
        return usual
    return found


def _late_fees(section: Section) -> FeeMode:
    mode = FeeMode.MENTION
    if section.table.get("mode") == "claim":
        section.known.append("mode")
        advice = 'Write mode = "mention" (one true sentence, no figure) or mode = "off".'
        section.note(problems.POLICY_NOT_AVAILABLE.at(section.where("mode"), "late_fees.mode = claim", advice=advice))
    else:
        mode = section.word("mode", FeeMode, FeeMode.MENTION)
    for key in ("rate", "indemnity", "day_count"):
        section.known.append(key)
        if section.has(key):
            advice = "Late fees are mentioned without figures in this version; the key may stay for a later one."
            section.note(problems.POLICY_NOT_USED.at(section.where(key), section.name(key), advice=advice))
    section.finish()
    return mode


def _check_listed(root: Section, policy: Policy) -> None:
    """An offer that waits for a step is listed by one."""
    listed = {offer for _, step in _steps(policy) for offer in step.offers}
    for offer, rule in (("discount", policy.discount), ("plan", policy.plans)):
        if rule is not None and rule.start is OfferStart.REMINDER and offer not in listed:
            table = OFFER_TABLES[offer]
            root.note(problems.OFFER_WITHOUT_STEP.at(root.where(table.strip("[]")), table, offer=offer))


def _check_offers(root: Section, policy: Policy) -> None:
    """A step that the owner wrote lists only offers that the owner makes."""
    made = {"discount": policy.discount is not None, "plan": policy.plans is not None}
    for place, step in _steps(policy):
        for offer in step.offers:
            if place and not made.get(offer, True):
                root.note(
                    problems.STEP_WITHOUT_OFFER.at(root.where(f"{place}.offers"), offer, table=OFFER_TABLES[offer])
                )


def _steps(policy: Policy) -> list[tuple[str, Step]]:
    """Every step of every ladder, with its place in the file; those of the usual ladder have none."""
    ladders = {"reminders": policy.reminders.steps} | {
        f"reminders.ladders.{name}": steps for name, steps in policy.reminders.ladders.items()
    }
    return [
        ("" if ladder is DEFAULT_LADDER else f"{place}.steps.{index}", step)
        for place, ladder in ladders.items()
        for index, step in enumerate(ladder)
    ]


def _currencies(section: Section, own: str) -> dict[str, Amounts]:
    """The amounts of the rules in other currencies; a rule without its amount does not apply there."""
    found: dict[str, Amounts] = {}
    for code in section.table:
        table = section.section(code)
        if not is_currency(code):
            section.wrong(code, code, "Write the code of a currency in three capital letters, like [currencies.GBP].")
            continue
        if code == own:
            section.wrong(code, code, "The amounts of the seller's own currency stand in [offers] and [reminders].")
        if table:
            decimals = exponent(code)
            found[code] = Amounts(
                discount_minimum=table.amount("discount_minimum", decimals),
                plan_minimum_debt=table.amount("plan_minimum_debt", decimals),
                plan_minimum_instalment=table.amount("plan_minimum_instalment", decimals),
                minimum_amount=table.amount("minimum_amount", decimals),
            )
            table.finish()
    return found
