"""`[offers]` of `portal.toml` → what the domain may propose, and to whom."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from generator.domain.offering import VOUCHER_DAYS
from generator.domain.policy import DiscountOn, DiscountPolicy, FirstOffer, OfferPolicy, OfferStart, Policy
from generator.domain.standing import Grade
from generator.policy_grades import read_grades
from generator.policy_plans import LONGEST_OFFER, read_plans

if TYPE_CHECKING:
    from generator.domain.policy import PlanPolicy
    from generator.policy_file import Section

_LONGEST_ANSWER = 30
_LONGEST_VOUCHER = 1830  # days
NO_DISCOUNT = "Write an amount above zero, and a minimum larger than it: the smallest debt that it may be taken off."


@dataclass(frozen=True, slots=True)
class Offers:
    """What `[offers]` and its tables say. A table of offers that is left out, None, makes no such offer."""

    discount: DiscountPolicy | None
    plans: PlanPolicy | None
    manners: OfferPolicy
    answer_days: int


def read_offers(section: Section, decimals: int) -> Offers:
    """All of `[offers]`."""
    tables = section.section("discount"), section.section("plans")
    discount = _discount(tables[0], decimals) if tables[0] else None
    plans = read_plans(tables[1], decimals) if tables[1] else None
    manners = OfferPolicy(
        first=section.word("first", FirstOffer, FirstOffer.PLAN),
        public_bodies=section.yes("public_bodies", default=False),
        grades=read_grades(section.opened("grades"), discount, plans, decimals),
    )
    answer_days = section.number("answer_days", Policy().answer_days, 1, _LONGEST_ANSWER)
    section.finish()
    return Offers(discount, plans, manners, answer_days)


def _discount(section: Section, decimals: int) -> DiscountPolicy:
    percent, amount = section.percent("percent"), section.amount("amount", decimals)
    minimum = section.amount("minimum", decimals)
    if not section.has("percent") and not section.has("amount"):
        section.missing("percent", 'percent = "5"')
    elif section.has("percent") and section.has("amount"):
        section.wrong("amount", amount, "Write a percentage or an amount, and take the other out.")
    elif percent in {Decimal(0), Decimal(100)}:
        section.wrong(
            "percent",
            percent,
            "Write a percentage that leaves something off and something to pay, or take the table out.",
        )
    elif amount is not None and is_no_discount(amount, minimum):
        section.wrong("amount", amount, NO_DISCOUNT)
    found = DiscountPolicy(
        percent=percent or Decimal(0),
        days=section.number("days", 10, 0, LONGEST_OFFER),
        minimum=minimum,
        start=section.word("from", OfferStart, OfferStart.REMINDER, allowed=(OfferStart.REMINDER, OfferStart.ISSUED)),
        repeat=section.yes("repeat", default=False),
        lowest_grade=section.word("lowest_grade", Grade, Grade.B),
        amount=amount,
        voucher_days=_voucher_days(section),
    )
    section.finish()
    return found


def is_no_discount(amount: Decimal, minimum: Decimal | None) -> bool:
    """Whether a fixed sum is nothing, or nearly all of some debt that it would be taken off."""
    return not amount or minimum is None or amount >= minimum


def _voucher_days(section: Section) -> int:
    """How long what is earned can be used; 0 where the discount is on the debt itself."""
    on = section.word("on", DiscountOn, DiscountOn.DEBT)
    days = section.number("voucher_days", VOUCHER_DAYS, 1, _LONGEST_VOUCHER)
    if on is DiscountOn.NEXT_INVOICE:
        return days
    if days != VOUCHER_DAYS:
        section.wrong(
            "voucher_days", days, 'Write on = "next-invoice" too, or take it out: there is no voucher otherwise.'
        )
    return 0
