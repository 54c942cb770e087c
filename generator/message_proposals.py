"""What a client proposed, and what was answered, as templates of messages speak of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.domain.memory import OfferKind
from generator.domain.proposals import ProposalStatus

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from generator.domain.account import Account
    from generator.domain.money import Money
    from generator.domain.proposals import Proposal


@dataclass(frozen=True, slots=True)
class Dated:
    """One payment: its day and amount; without an amount, all that is owed."""

    due: date
    amount: Money | None


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal and the owner's answer: what the client named, what they are offered `instead`, and why.

    `until` is the last day on which that can be taken on their page; None where it cannot.
    """

    kind: str
    received_on: date
    payments: tuple[Dated, ...]
    instead: tuple[Dated, ...]
    reason: str
    until: date | None = None


def proposed(proposal: Proposal, accounts: Iterable[Account]) -> Proposed:
    """The proposal in the words of a template, with the offers of these accounts."""
    plans = (offer for account in accounts for offer in account.offers_of(OfferKind.PLAN))
    ends = (
        offer.valid_until
        for offer in plans
        if tuple((part.due, part.amount) for part in offer.instalments) == proposal.counter
    )
    countered = proposal.status is ProposalStatus.COUNTERED
    return Proposed(
        kind=str(proposal.kind),
        received_on=proposal.received_on,
        payments=tuple(Dated(due, amount) for due, amount in proposal.parts),
        instead=tuple(Dated(due, amount) for due, amount in proposal.counter) if countered else (),
        reason="" if proposal.status is ProposalStatus.ACCEPTED else proposal.reason,
        until=next(ends, None) if countered else None,
    )
