"""Short ways to read an account, and the policies that tests speak of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from generator.domain.memory import OfferKind
from generator.domain.policy import DEFAULT_LADDER, DiscountPolicy, PlanPolicy, Policy, ReminderPolicy, Step
from tests.support.world import GENEROUS, World

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.domain.account import Account, Item, Offer
    from generator.domain.due import DueReminder

#: No offer but to pay in full, and no recaps.
BARE = Policy(reminders=ReminderPolicy(recaps=False))
#: The ladder of the demo: 5 % less within 10 days from the second reminder on, beside the plans.
DISCOUNTING = replace(
    GENEROUS,
    reminders=ReminderPolicy(
        steps=tuple(
            replace(step, offers=("discount", "plan")) if step.name in {"reminder-2", "reminder-3"} else step
            for step in DEFAULT_LADDER
        ),
        recaps=False,
    ),
)


def discounting(**changes: object) -> Policy:
    """The demo's policy, with another discount."""
    assert DISCOUNTING.discount is not None
    return replace(DISCOUNTING, discount=replace(DISCOUNTING.discount, **changes))  # type: ignore[arg-type]


def planning(**changes: object) -> Policy:
    """Plans by these rules, proposed in the second reminder, and no discount."""
    plans = replace(PlanPolicy(), **changes)  # type: ignore[arg-type]
    return replace(BARE, plans=plans)


def reminding(*steps: Step, **changes: object) -> Policy:
    """No offers, and reminders by these rules; without steps, those of the usual ladder. No recaps, unless asked for."""
    made = replace(BARE.reminders, **changes)  # type: ignore[arg-type]
    return Policy(reminders=replace(made, steps=steps) if steps else made)


def five_percent(**changes: object) -> DiscountPolicy:
    """5 % within 10 days."""
    return replace(DiscountPolicy(Decimal(5)), **changes)  # type: ignore[arg-type]


def item(account: Account, number: str) -> Item:
    """One item of the account."""
    return next(found for found in account.items if found.id == number)


def opened(account: Account) -> dict[str, str]:
    """What is open of each item, those that are settled included."""
    return {found.id: str(found.open) for found in account.items}


def still_open(account: Account) -> dict[str, str]:
    """What is open of each item that is not settled."""
    return {found.id: str(found.open) for found in account.items if found.open}


def offers(account: Account, kind: OfferKind) -> list[Offer]:
    """The offers of one kind."""
    return list(account.offers_of(kind))


def discount(account: Account) -> Offer:
    """The only discount that is open."""
    (found,) = account.offers_of(OfferKind.DISCOUNT)
    return found


def plan(account: Account, count: int) -> Offer:
    """The plan in so many instalments."""
    return next(found for found in account.offers_of(OfferKind.PLAN) if len(found.instalments) == count)


def amounts(offer: Offer) -> list[str]:
    """What each instalment asks for."""
    return [str(part.amount) for part in offer.instalments]


def dates(offer: Offer) -> list[str]:
    """When each instalment is due."""
    return [part.due.isoformat() for part in offer.instalments]


def days(first: str, last: str) -> Iterator[date]:
    """Every day from the first to the last."""
    day, end = date.fromisoformat(first), date.fromisoformat(last)
    while day <= end:
        yield day
        day += timedelta(days=1)


def sent_between(made: World, first: str, last: str, *, skipping: Iterable[str] = ()) -> list[tuple[str, str]]:
    """What leaves when the owner builds and sends every day but those skipped: the days and the steps."""
    skipped = set(skipping)
    found = []
    for day in days(first, last):
        step = None if day.isoformat() in skipped else made.send(day)
        if step:
            found.append((day.isoformat(), step))
    return found


def due_step(account: Account) -> str | None:
    """The step that is due today."""
    due = account.reminders.due_today
    return due.step.name if due else None


def listed(account: Account) -> dict[str, str]:
    """The items of the message that is due today, each with its own step."""
    due = account.reminders.due_today
    return {found.id: due.steps.get(found.id, "") for found in due.items} if due else {}


def due_now(account: Account) -> DueReminder:
    """The message that is due today; there is one."""
    due = account.reminders.due_today
    if due is None:
        raise AssertionError(f"nothing is due, held: {account.reminders.held}")
    return due
