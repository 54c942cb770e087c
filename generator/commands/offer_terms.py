"""What `relance offer` is asked to offer, as typed → an offer; or why that cannot be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from generator.commands.agree_terms import Draft, schedule_of, subject_of, waived_of
from generator.commands.agree_words import each_breach, money, sum_is_wrong
from generator.commands.said import NOTHING
from generator.domain.agreeing import against_waiver, breaches, surplus
from generator.domain.claims import real
from generator.domain.money import Money, less_percent, total
from generator.domain.offering import VOUCHER_DAYS, against_discount, discount_for, equal_plan_for, plan_for
from generator.domain.policy import DiscountPolicy, Interval, PlanPolicy
from generator.errors import UsageError
from generator.problems import Flaw, printable
from generator.readers.cells import percent

if TYPE_CHECKING:
    from datetime import date

    from generator.commands.agree_terms import Subject, Talk
    from generator.domain.memory import OfferMade

_WHOLE = 100  #: percent
_BEGUN = "the offer is made"  #: an offer is signed by nobody


@dataclass(frozen=True, slots=True)
class Proposed:
    """An offer before it is recorded, as a schedule (that of a discount is one payment), and what the policy says against it."""

    offer: OfferMade
    draft: Draft
    against: tuple[str, ...] = ()


def drawn_up(talk: Talk) -> Proposed:
    """The offer that was asked for. Raises UsageError for one that cannot be, whatever the policy."""
    subject = subject_of(talk, talk.workspace.ledger)
    _refuse_agreed(talk, subject)
    by_plan = talk.options.plan is not None or talk.options.instalment
    return _plan(talk, subject) if by_plan else _discount(talk, _without_fees(talk, subject))


def _without_fees(talk: Talk, subject: Subject) -> Subject:
    """What a discount can be of: invoices. Late fees are waived instead."""
    items = tuple(real(subject.items))
    if not any(item.open for item in items):
        raise UsageError(
            f"A discount is of invoices. Late fees are let go of: relance waive {talk.client.id}. {NOTHING}"
        )
    return replace(subject, items=items, debt=total([item.open for item in items], subject.account.currency))


def _refuse_agreed(talk: Talk, subject: Subject) -> None:
    """Raises UsageError for invoices that an agreement is about: as long as it holds, nothing else could be taken."""
    numbers = {item.id for item in subject.items}
    for agreement in subject.account.agreements:
        shared = [number for number in agreement.invoices if number in numbers]
        if shared and agreement.holds and agreement.next is not None:
            raise UsageError(
                f"{', '.join(shared)}: in the agreement {agreement.id}, which holds. When you agree on something else: "
                f"relance agree {talk.client.id} --replaces {agreement.id}. {NOTHING}"
            )


@dataclass(frozen=True, slots=True)
class _Off:
    """What is taken off: in percent, or else a fixed sum; `amount` is what that is today."""

    percent: Decimal
    fixed: int
    amount: Money


def _off(talk: Talk, debt: Money) -> _Off:
    """What `--discount` says; nothing, when it is not there. Raises UsageError for what leaves all of the debt, or nothing of it."""
    text = talk.options.discount
    if text is None:
        return _Off(Decimal(0), 0, Money(0, debt.currency))
    if "%" in text:
        share = percent(text)
        if isinstance(share, Flaw) or not 0 < share < _WHOLE:
            raise UsageError(f"--discount {printable(text)}: write it as 5% or 50,00. {NOTHING}")
        off = _Off(share, 0, Money(debt.minor - less_percent(debt.minor, share), debt.currency))
    else:
        amount = waived_of(talk, debt)
        return _Off(Decimal(0), amount.minor, amount)
    if not Money(0, debt.currency) < off.amount < debt:
        raise UsageError(f"--discount {printable(text)}: a discount is a part of {money(debt)}. {NOTHING}")
    return off


def _discount(talk: Talk, subject: Subject) -> Proposed:
    """Less to pay by a day; or with `--voucher` all of it, for so much off the next invoice."""
    usual, debt = subject.policy.discount, subject.debt
    last, off = _last_day(talk, (usual or DiscountPolicy(Decimal(0))).days), _off(talk, debt)
    days = ((usual.voucher_days if usual else 0) or VOUCHER_DAYS) if talk.options.voucher else 0
    offer = discount_for(
        subject.account, subject.items, last, percent=off.percent, amount_off=off.fixed, voucher_days=days
    )
    found = tuple(against_discount(offer, subject.policy))
    asked = debt if days else debt - off.amount
    draft = Draft(talk.client.id, talk.today, subject.items, debt, ((last, asked),), found)
    return Proposed(offer, draft, tuple(each_breach(draft, _BEGUN)))


def _plan(talk: Talk, subject: Subject) -> Proposed:
    """Several payments, which add up to the debt, or to what is left of it when something is waived at their end."""
    policy, options, debt = subject.policy, talk.options, subject.debt
    rules, off = policy.plans or PlanPolicy(), _off(talk, subject.principal)
    asked, last = debt - off.amount, _last_day(talk, rules.days)
    schedule = tuple(sorted(schedule_of(talk, subject, off.amount), key=lambda part: part[0]))
    if over := surplus(schedule, asked):
        raise UsageError(f"{sum_is_wrong(schedule, asked, over, subject.items)} {NOTHING}")
    if len(schedule) == 1:
        raise UsageError(f"One payment is no plan: for less to pay by a day, --discount alone. {NOTHING}")
    if options.plan is not None and options.down is None:
        offer = equal_plan_for(
            *(subject.account, subject.items, last, tuple(due for due, _ in schedule)),
            down=rules.down_payment_percent,
            interval=Interval(options.every) if options.every else rules.interval,
            waived=off.percent,
            amount_off=off.fixed,
        )
    else:
        offer = plan_for(subject.account, subject.items, last, schedule, amount_off=off.amount.minor)
    found = (*breaches(schedule, debt, talk.today, policy), *against_waiver(off.amount, subject.principal, policy))
    draft = Draft(
        *(talk.client.id, talk.today, subject.items, debt, schedule, found),
        by_hand=options.plan is None,
        waived=off.amount or None,
    )
    return Proposed(offer, draft, tuple(each_breach(draft, _BEGUN)))


def _last_day(talk: Talk, usual: int) -> date:
    days = talk.options.days
    return talk.today + timedelta(days=usual if days is None else days)
