"""The tables of `portal.toml` that say what may be offered and when we write → the policy of the domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.domain.money import exponent, is_currency
from generator.domain.policy import (
    DEFAULT_LADDER,
    AgreementPolicy,
    Amounts,
    FirstOffer,
    OfferStart,
    Policy,
    StandingPolicy,
)
from generator.fee_tables import check_claims, read_fees
from generator.ladder_tables import LONGEST_DAYS, OFFER_TABLES, read_reminders
from generator.policy_grades import check_steps
from generator.policy_offers import NO_DISCOUNT, is_no_discount, read_offers
from generator.problems import policy as problems
from generator.problems import stops

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.domain.policy import Step
    from generator.policy_file import Section

_LONGEST_LOOK_BACK = 120  #: months
_SHORTEST_NOTICE, _LONGEST_WAIT = 7, 366  #: days
_MOST_JUDGED = 100  #: invoices


def read_policy(root: Section, ledger: Section, currency: str, country: str) -> Policy:
    """The owner's will. A table of offers that is left out makes no such offer."""
    decimals = exponent(currency)
    offers = read_offers(root.opened("offers"), decimals)
    agreements = _agreements(root.opened("agreements"))
    fees = read_fees(root.opened("late_fees"), country)
    policy = Policy(
        currency=currency,
        discount=offers.discount,
        plans=offers.plans,
        offers=offers.manners,
        reminders=read_reminders(root.opened("reminders"), decimals, agreements),
        late_fees=fees.mode,
        claim_from=fees.claim_from,
        interest_first=fees.interest_first,
        fees=fees.counting,
        standing=_standing(root.opened("standing")),
        agreements=agreements,
        payments_up_to=ledger.day("payments_up_to"),
        stale_days=ledger.number("stale_days", 3, 0, LONGEST_DAYS),
        currencies=_currencies(root.opened("currencies"), currency),
        answer_days=offers.answer_days,
    )
    if not stops(root.file.problems):  # a slip in the ladder would look like an offer that no step lists
        _check_listed(root, policy)
        check_claims(root.opened("late_fees"), policy)
        check_steps(root.opened("offers").opened("grades"), policy)
    if root.has("reminders"):
        _check_offers(root, policy)
    return policy


def _agreements(section: Section) -> AgreementPolicy:
    """When an agreement that is not kept ends. Less notice than a week is none."""
    usual = AgreementPolicy()
    found = AgreementPolicy(
        grace_days=section.number("grace_days", usual.grace_days, 0, _LONGEST_WAIT),
        notice_days=section.number("notice_days", usual.notice_days, _SHORTEST_NOTICE, _LONGEST_WAIT),
    )
    section.finish()
    return found


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


def _check_listed(root: Section, policy: Policy) -> None:
    """An offer that waits for a step is listed by one."""
    listed = {offer for _, step in _steps(policy) for offer in step.offers}
    for offer, rule in (("discount", policy.discount), ("plan", policy.plans)):
        if rule is not None and rule.start is OfferStart.REMINDER and offer not in listed:
            table = OFFER_TABLES[offer]
            root.note(problems.OFFER_WITHOUT_STEP.at(root.where(table.strip("[]")), table, offer=offer))
        elif rule is not None and listed >= set(OFFER_TABLES) and not _has_turn(policy, offer):
            table = OFFER_TABLES[offer]
            root.note(problems.OFFER_WITHOUT_TURN.at(root.where(table.strip("[]")), table))


def _has_turn(policy: Policy, offer: str) -> bool:
    """Whether some step may make an offer that is not the first: one that lists it alone, or after the first was made."""
    by_steps = [rule is not None and rule.start is OfferStart.REMINDER for rule in (policy.discount, policy.plans)]
    if policy.offers.first in {FirstOffer.TOGETHER, offer} or not all(by_steps):
        return True
    ladders = (policy.reminders.steps, *policy.reminders.ladders.values())
    return any(
        offer in step.offers and not (policy.offers.first in step.offers and not _listed_before(ladder, index, policy))
        for ladder in ladders
        for index, step in enumerate(ladder)
    )


def _listed_before(ladder: Sequence[Step], index: int, policy: Policy) -> bool:
    return any(policy.offers.first in step.offers for step in ladder[:index])


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
            minimum, fixed = table.amount("discount_minimum", decimals), table.amount("discount_amount", decimals)
            if fixed is not None and is_no_discount(fixed, minimum):
                table.wrong("discount_amount", fixed, NO_DISCOUNT)
            found[code] = Amounts(
                discount_minimum=minimum,
                plan_minimum_debt=table.amount("plan_minimum_debt", decimals),
                plan_minimum_instalment=table.amount("plan_minimum_instalment", decimals),
                minimum_amount=table.amount("minimum_amount", decimals),
                discount_amount=fixed,
            )
            table.finish()
    return found
