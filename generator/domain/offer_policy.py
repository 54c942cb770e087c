"""What one client is offered without the owner's own word, and why not more.

The owner's rules go by who the client is, how they have paid so far, and whether they kept what was agreed. They are asked only when
an offer would be made: one that was made stands, whatever becomes of the grade. The escompte printed on an invoice is none of theirs.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from generator.domain.ledger import Kind
from generator.domain.memory import OfferKind
from generator.domain.policy import NO_GRADE, DiscountPolicy, GradeRules
from generator.domain.standing import span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from generator.domain.account import Agreement
    from generator.domain.ledger import Client
    from generator.domain.policy import PlanPolicy, Policy, StandingPolicy, Step
    from generator.domain.standing import Grade

T = TypeVar("T")
_EVERYBODY = GradeRules()


class Why(StrEnum):
    """Why something is not offered."""

    PUBLIC = "public"  #: the client is a public body
    GRADE = "grade"  #: how they have paid so far
    BROKEN = "broken"  #: they have not kept an agreement, and still owe what it was about
    STEP = "step"  #: no step has come yet that may offer them anything


@dataclass(frozen=True, slots=True)
class Withheld:
    """What a client is not offered, and why: for the owner's eyes.

    `least` is the grade from which it is offered, None where the rules of the client's own grade say no. `since` is when the
    agreement was broken, `step` the first one that offers them something.
    """

    kind: OfferKind
    why: Why
    grade: Grade | None = None
    least: Grade | None = None
    since: date | None = None
    step: str = ""


@dataclass(frozen=True, slots=True)
class OfferRules:
    """The rules for one client: `policy` has the numbers of their grade, `quiet` are the steps that offer them nothing.

    What the owner offers or agrees to in person goes by the same numbers, and is not `withheld`.
    """

    policy: Policy
    withheld: tuple[Withheld, ...] = ()
    quiet: frozenset[str] = frozenset()

    @property
    def discount(self) -> DiscountPolicy | None:
        """The discount that they are offered."""
        return None if self._is_withheld(OfferKind.DISCOUNT) else self.policy.discount

    @property
    def plans(self) -> PlanPolicy | None:
        """The plans that they are offered."""
        return None if self._is_withheld(OfferKind.PLAN) else self.policy.plans

    def of_step(self, step: Step) -> tuple[str, ...]:
        """What a step offers them, of what it lists."""
        return () if step.name in self.quiet else step.offers

    def _is_withheld(self, kind: OfferKind) -> bool:
        return any(one.kind is kind and one.why is not Why.STEP for one in self.withheld)


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The owner's rules for all clients of a day: those of clients who are alike are worked out once."""

    policy: Policy
    _known: dict[tuple[object, ...], OfferRules] = field(default_factory=dict, repr=False, compare=False)

    def of(self, client: Client, grade: Grade | None, broken: date | None = None) -> OfferRules:
        """As `rules_for`."""
        alike = (client.kind, client.ladder, client.pays_on, grade, broken)  # all of a client that a rule looks at
        if alike not in self._known:
            self._known[alike] = rules_for(self.policy, client, grade, broken)
        return self._known[alike]


def rules_for(policy: Policy, client: Client, grade: Grade | None, broken: date | None = None) -> OfferRules:
    """The rules for a client of this grade, who has `broken` an agreement that day and still owes it (None: has not)."""
    rules = policy.offers.grades.get(grade or NO_GRADE, _EVERYBODY)
    made = replace(
        policy,
        discount=discount_by(policy.discount, rules) if policy.discount else None,
        plans=_plans(policy, client, grade, rules),
    )
    ladder = policy.reminders.ladders.get(client.ladder, policy.reminders.steps)
    names = [step.name for step in ladder]
    quiet = frozenset(names[: names.index(rules.from_step)] if rules.from_step in names else ())
    return OfferRules(made, tuple(_withheld(made, client, grade, broken, rules, quiet)), quiet)


def plans_by(plans: PlanPolicy, rules: GradeRules) -> PlanPolicy:
    """Plans by the rules of a grade. One by percentages that begins with less than the down payment is none for it."""
    found = replace(
        plans,
        counts=plans.counts if rules.counts is None else rules.counts,
        first_after_days=_else(rules.first_after_days, plans.first_after_days),
        down_payment_percent=_else(rules.down_payment_percent, plans.down_payment_percent),
        minimum_debt=_else(rules.minimum_debt, plans.minimum_debt),
    )
    shapes = tuple(
        shares
        for shares in plans.percentages
        if (rules.counts is None or len(shares) in rules.counts) and shares[0] >= found.down_payment_percent
    )
    return replace(found, percentages=shapes)


def discount_by(discount: DiscountPolicy, rules: GradeRules) -> DiscountPolicy:
    """A discount by the rules of a grade, whose percentage stands in the place of a fixed sum too."""
    return replace(
        discount,
        percent=_else(rules.discount_percent, discount.percent),
        amount=discount.amount if rules.discount_percent is None else None,
        days=_else(rules.discount_days, discount.days),
    )


def not_kept_since(agreements: Iterable[Agreement], policy: StandingPolicy, today: date) -> date | None:
    """When an agreement was broken that is still owed and in whose place none came, the last of them; None without any.

    Only as far back as the standing looks: a client is not held to something that their grade has forgotten.
    """
    begin = today - span(policy.months)
    broken = [agreement.broken_on for agreement in agreements if agreement.broken and agreement.broken_on]
    return max((day for day in broken if begin <= day), default=None)


def _plans(policy: Policy, client: Client, grade: Grade | None, rules: GradeRules) -> PlanPolicy | None:
    """The client's plans, on their own payment days: a date on which nobody there pays is missed for nothing.

    What a plan takes off at its end is a discount too, and goes to nobody who is offered none for how they have paid.
    """
    if policy.plans is None:
        return None
    found = plans_by(policy.plans, rules)
    least = (policy.discount or DiscountPolicy(Decimal(0))).lowest_grade
    return replace(
        found,
        days_of_month=client.pays_on or found.days_of_month,
        discount_percent=Decimal(0) if _is_below(grade, least, rules.discount) else found.discount_percent,
    )


def _is_below(grade: Grade | None, least: Grade, said: bool | None) -> bool:  # noqa: FBT001 - the owner's yes or no
    """Whether a grade is too low; what was `said` of this very grade is worth more, and who has none is not."""
    return not said if said is not None else grade is not None and grade > least


def _withheld(
    policy: Policy, client: Client, grade: Grade | None, broken: date | None, rules: GradeRules, quiet: frozenset[str]
) -> Iterator[Withheld]:
    """The first reason that there is, for each kind of offer that the owner makes."""
    asked = (
        (OfferKind.DISCOUNT, policy.discount, rules.discount),
        (OfferKind.PLAN, policy.plans, rules.plans),
    )
    for kind, offer, said in asked:
        if offer is None:
            continue
        if client.kind is Kind.PUBLIC and not policy.offers.public_bodies:
            yield Withheld(kind, Why.PUBLIC)
        elif _is_below(grade, offer.lowest_grade, said):
            yield Withheld(kind, Why.GRADE, grade, offer.lowest_grade if said is None else None)
        elif broken is not None and kind is OfferKind.PLAN and policy.plans and not policy.plans.after_broken:
            yield Withheld(kind, Why.BROKEN, since=broken)
        elif quiet:
            yield Withheld(kind, Why.STEP, grade, step=rules.from_step)


def _else(said: T | None, usual: T) -> T:
    return usual if said is None else said
