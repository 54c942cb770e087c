"""The promise behind every page: whoever pays exactly what it asks, with its reference, owes nothing more of it.

Random ledgers live for some weeks (payments by guess, bounced cheques, refunds, credit notes, disputes, reminders sent or
not); then every offer that is open is paid as shown, each in a world of its own.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from generator.domain.account import Status
from generator.domain.memory import OfferKind
from generator.domain.policy import DEFAULT_LADDER, OfferStart, Policy, ReminderPolicy
from tests.support.effort import examples
from tests.support.world import GENEROUS, World, world

if TYPE_CHECKING:
    from generator.domain.account import Account, Offer

START = date(2026, 9, 20)
LADDER = tuple(
    replace(step, offers=("discount", "plan")) if step.name == "reminder-2" else step for step in DEFAULT_LADDER
)
AMOUNTS = ("100", "500", "500", "1000", "1200", "333.33", "0.07")


def any_policy(chance: random.Random) -> Policy:
    assert GENEROUS.discount
    assert GENEROUS.plans
    return replace(
        GENEROUS,
        discount=replace(
            GENEROUS.discount,
            start=chance.choice([OfferStart.REMINDER, OfferStart.ISSUED]),
            repeat=chance.random() < 0.3,
        ),
        plans=replace(
            GENEROUS.plans,
            start=chance.choice(list(OfferStart)),
            down_payment_percent=Decimal(chance.choice([0, 0, 30])),
            minimum_debt=Decimal(100),
        ),
        reminders=ReminderPolicy(steps=LADDER, review_after_days=999),
    )


def any_ledger(chance: random.Random) -> str:
    lines = ["client brun"]
    count = chance.randint(1, 5)
    for number in range(1, count + 1):
        issued = date(2026, 8, 1) + timedelta(days=chance.randint(0, 100))
        due = issued + timedelta(days=chance.choice([0, 15, 30]))
        own = " escompte=2/20" if chance.random() < 0.1 else ""
        lines.append(f"invoice F-{number} {issued} due {due} {chance.choice(AMOUNTS)}{own}")
    for _ in range(chance.randint(0, 3)):
        on = date(2026, 9, 15) + timedelta(days=chance.randint(0, 60))
        amount = chance.choice(["50", "100", "500", "333.33", "700"])
        named = f" F-{chance.randint(1, count)}" if chance.random() < 0.4 else ""
        lines.append(f"payment {on} {amount}{named}")
        if chance.random() < 0.2:
            back = on + timedelta(days=chance.randint(0, 9))
            lines.append(f"payment {back} -{chance.choice([amount, '30'])}{named if chance.random() < 0.5 else ''}")
    if chance.random() < 0.3:
        lines.append(
            f"credit A-1 2026-10-{chance.randint(1, 28):02} {chance.choice(['40', '120'])} {chance.choice(['', 'F-1'])}"
        )
    if chance.random() < 0.2:
        lines.append(f"dispute F-{chance.randint(1, count)} 2026-10-{chance.randint(1, 28):02} 2026-11-20")
    return "\n".join(lines)


def lived(seed: int) -> tuple[World, date]:
    """A world some weeks on."""
    chance = random.Random(seed)
    made, today = world(any_ledger(chance), any_policy(chance)), START
    for _ in range(chance.randint(20, 60)):
        today += timedelta(days=1)
        made.build(today)
        assert not made.build(today).events, "a second build on one day decides nothing"
        if chance.random() < 0.7 and made.decide(today).accounts:
            made.send(today)
    return made, today


def paid_as_shown(made: World, offer: Offer, today: date) -> Account:
    after = World(made.ledger, made.policy, list(made.events))
    after.add(f'payment {today} {offer.pay_now} ref="{offer.reference}"')
    return after.on(today)


@pytest.mark.parametrize("seed", range(examples(80)))
def test_paying_exactly_what_is_asked_settles_exactly_that(seed: int) -> None:
    made, today = lived(seed)
    if not made.decide(today).accounts:
        return
    before = made.on(today)
    for offer in before.offers:
        after = paid_as_shown(made, offer, today)
        numbers = {item.id for item in offer.items}
        mine = [item for item in after.items if item.id in numbers]
        others = {item.id: item.open for item in after.items if item.id not in numbers}
        assert others == {item.id: item.open for item in before.items if item.id not in numbers}, offer
        assert after.totals.credit == before.totals.credit
        if offer.kind is OfferKind.PLAN:
            agreement = next(found for found in after.agreements if found.reference == offer.reference)
            assert agreement.holds
            assert [(part.due, part.amount) for part in agreement.instalments] == [
                (part.due, part.amount) for part in offer.instalments
            ]
            assert not agreement.instalments[0].open
            assert {item.status for item in mine} <= {Status.IN_PLAN, Status.PAID}
        else:
            assert [str(item.open) for item in mine if item.open] == [], offer
