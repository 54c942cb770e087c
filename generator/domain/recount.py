"""What became of claims of late fees that came out too high, and what the next step would claim.

A claim falls by itself as soon as less is owed (`correcting`): here is what the owner is told of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from generator.domain.account import Status
from generator.domain.claiming import claims_at
from generator.domain.fee_history import Act, fee_moves
from generator.domain.fees import account_fees
from generator.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from generator.domain.account import Account, Item
    from generator.domain.claims import Claim
    from generator.domain.policy import Policy

#: So long the owner is told of a claim that fell; of one that leaves something to give back, until it is given back.
TOLD_FOR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Fallen:
    """A claim that fell: on which day last, how much less it is than it was told to be, and how much of that is still to be given back."""

    claim: Claim
    on: date
    less: Money
    to_return: Money

    @property
    def was(self) -> Money:
        """What was claimed before."""
        return self.claim.total + self.less


def fallen(account: Account) -> Iterator[Fallen]:
    """The claims that fell lately, or left something to give back."""
    credit = account.totals.credit
    for claim in account.claims:
        moves = [move for move in fee_moves(claim) if move.told]
        down = [move for move in moves if move.act is Act.CORRECTED]
        if not down:
            continue
        days = {move.on for move in down}
        taken = [
            move.amount.minor
            for move in moves
            if move.act is Act.COLLECTED and move.amount.minor < 0 and move.on in days
        ]
        to_return = Money(min(credit.minor, -sum(taken)), account.currency)
        credit -= to_return
        if to_return or account.as_of - max(days) <= TOLD_FOR:
            less = Money(-sum(move.amount.minor for move in down), account.currency)
            yield Fallen(claim, max(days), less, to_return)


@dataclass(frozen=True, slots=True)
class NextClaim:
    """What the client's next message would claim of one item, if nothing changed before its day."""

    step: str
    on: date
    amount: Money


def next_claim(account: Account, item: Item, policy: Policy) -> NextClaim | None:
    """None where the next message claims nothing of it: not from this client, not at that step, or the item is not asked for."""
    following = account.reminders.next
    if following is None or item.status not in {Status.OVERDUE, Status.DUE, Status.NOT_DUE}:
        return None
    steps = policy.reminders.steps_for(account.client)
    step = next((step for step in steps if step.name == following.step), None)
    if step is None or not claims_at(policy, account.client, step):
        return None
    then = account_fees(replace(account, as_of=following.on), policy.fees).items[item.id]
    counted = (
        then.total and then.known_until is None and then.known_from is None
    )  # what needs another rate claims nothing
    return NextClaim(following.step, following.on, then.total) if counted else None
