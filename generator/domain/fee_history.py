"""What became of the late fees that were claimed, one dated move after another: claimed, corrected, waived, collected.

Of what comes off, whether waived or paid, the interest goes first and then the indemnity. Each move is the difference that
it made, so that the moves of a claim add up to the claim. A claim that fell stays where it stood, and a move of its own day
takes off what is too much: no day that is over changes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import zip_longest
from typing import TYPE_CHECKING

from generator.domain.account import HistoryKind, HistoryLine
from generator.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from generator.domain.claims import Claim
    from generator.domain.ledger import Payment, SourceRef

#: The label of the line of a claim that took the place of another.
AGAIN = "again"


@dataclass(frozen=True, slots=True)
class FeePaid:
    """Money that was put on the fees of an invoice; `payment` is None where a credit of the client's was."""

    on: date
    amount: Money
    payment: Payment | None = None


@dataclass(frozen=True, slots=True)
class FeeWaived:
    """What a waiver took off: never more than was open then."""

    on: date
    amount: Money
    reason: str = ""
    source: SourceRef | None = None


class Act(StrEnum):
    """What a move is; of two of one day, the one that stands first here came first."""

    CLAIMED = "claimed"
    CORRECTED = "corrected"
    WAIVED = "waived"
    COLLECTED = "collected"


@dataclass(frozen=True, slots=True)
class FeeMove:
    """One move, split; of a claim that took the place of another, what it added. `open` is what was left after it.

    `until` is the day to which the interest of a claim is counted, `step` the one that claimed it; `told` is False while its
    message has not left. A correction is less than nothing, and so is what it gave back of what was waived or collected; `cancelled`
    when nothing is left of the claim.
    """

    act: Act
    on: date
    interest: Money
    indemnity: Money
    open: Money
    step: str = ""
    until: date | None = None
    reason: str = ""
    payment: Payment | None = None
    source: SourceRef | None = None
    told: bool = True
    cancelled: bool = False

    @property
    def amount(self) -> Money:
        """Interest and indemnity together."""
        return self.interest + self.indemnity


@dataclass(slots=True)
class _Side:
    """Interest and indemnity, in minor units."""

    interest: int = 0
    indemnity: int = 0

    @property
    def total(self) -> int:
        return self.interest + self.indemnity

    def take(self, amount: int) -> tuple[int, int]:
        """Takes so much off: interest first, then the indemnity; what neither has room for is interest that is claimed later."""
        interest = min(amount, max(0, self.interest))
        indemnity = min(amount - interest, max(0, self.indemnity))
        interest = amount - indemnity
        self.interest -= interest
        self.indemnity -= indemnity
        return interest, indemnity

    def give_back(self, amount: int) -> tuple[int, int]:
        """Puts so much back where more was taken than there is."""
        indemnity = min(amount, max(0, -self.indemnity))
        self.interest += amount - indemnity
        self.indemnity += indemnity
        return amount - indemnity, indemnity


def fee_moves(claim: Claim) -> tuple[FeeMove, ...]:
    """Every move of one claim, in the order of days.

    Money that was there before covers a claim on the day of the claim: no more is ever collected than was claimed by then.
    """
    left, found, early = _Side(), list[FeeMove](), list[FeeMove]()
    for move in _unsplit(claim):
        if move.act in {Act.WAIVED, Act.COLLECTED}:
            early += _taken(move, left, found) if move.amount.minor > 0 else _returned(move, left, found)
            continue
        left.interest += move.interest.minor
        left.indemnity += move.indemnity.minor
        found.append(replace(move, open=Money(left.total, claim.open.currency)))
        early = [rest for one in early for rest in _taken(replace(one, on=max(one.on, move.on)), left, found)]
    for move in early:
        _taken(move, left, found, move.interest.minor)
    return tuple(found)


def _taken(move: FeeMove, left: _Side, found: list[FeeMove], most: int | None = None) -> list[FeeMove]:
    """Takes a move off what is `left`, as far as it goes, and returns what is over of it; the move comes all as interest."""
    wanted, currency = move.interest.minor, move.interest.currency
    part = min(wanted, max(0, left.total) if most is None else most)
    if part:
        interest, indemnity = left.take(part)
        split = replace(move, interest=Money(interest, currency), indemnity=Money(indemnity, currency))
        found.append(replace(split, open=Money(left.total, currency)))
    return [replace(move, interest=Money(wanted - part, currency))] if wanted > part else []


def _returned(move: FeeMove, left: _Side, found: list[FeeMove]) -> list[FeeMove]:
    """What a correction gave back: of the side of which more had come off than is claimed now."""
    interest, indemnity = left.give_back(-move.interest.minor)
    currency = move.interest.currency
    split = replace(move, interest=Money(-interest, currency), indemnity=Money(-indemnity, currency))
    found.append(replace(split, open=Money(left.total, currency)))
    return []


def _unsplit(claim: Claim) -> list[FeeMove]:
    """The moves as they come: a claim by what it added and a correction by what it took off, the others all as interest."""
    currency = claim.open.currency
    nothing = Money(0, currency)
    found = list(_claimed(claim))
    found += [
        FeeMove(Act.WAIVED, waived.on, waived.amount, nothing, nothing, reason=waived.reason, source=waived.source)
        for waived in claim.waivings
    ]
    found += [
        FeeMove(Act.COLLECTED, paid.on, paid.amount, nothing, nothing, payment=paid.payment) for paid in claim.receipts
    ]
    order = tuple(Act)
    return sorted(found, key=lambda move: (move.on, order.index(move.act), move.amount.minor > 0))


def _claimed(claim: Claim) -> Iterator[FeeMove]:
    """The claims on the days on which they were told, and their corrections."""
    currency = claim.open.currency
    days = [told_on or one.on for one, told_on in zip_longest(claim.claimed, claim.told[: len(claim.claimed)])]
    if not claim.told and claim.told_on is not None:
        days[-1] = claim.told_on
    made = [(on, Act.CLAIMED, one) for on, one in zip(days, claim.claimed, strict=True)]
    made += [(one.corrected_on or one.on, Act.CORRECTED, one) for one in claim.corrections]
    interest = indemnity = 0
    for on, act, one in sorted(made, key=lambda entry: entry[0]):
        added, more = Money(one.interest - interest, currency), Money(one.indemnity - indemnity, currency)
        interest, indemnity = one.interest, one.indemnity
        told = claim.told_on is not None or one is not claim.claimed[-1]
        until, gone = one.until if one.amount else None, not one.amount
        yield FeeMove(act, on, added, more, Money(0, currency), step=one.step, until=until, told=told, cancelled=gone)


def fee_lines(claims: Iterable[Claim]) -> Iterator[HistoryLine]:
    """The claims that were told and the waivers, as lines of the history; payments have lines of their own.

    A claim that took the place of another has the difference that it made, and `AGAIN` for its label.
    """
    for claim in claims:
        moves = fee_moves(claim)
        for move in moves:
            if move.act is Act.COLLECTED or not move.amount or not move.told:
                continue
            if move.act is Act.WAIVED and move.amount.minor < 0:  # its correction says so
                continue
            waived = move.act is Act.WAIVED
            kind = HistoryKind.FEES_WAIVED if waived else HistoryKind.FEES
            again = move.act in {Act.CLAIMED, Act.CORRECTED} and move is not moves[0]
            yield HistoryLine(move.on, kind, move.amount, (claim.invoice,), AGAIN if again else "", move.source)


def with_fee_lines(history: Sequence[HistoryLine], claims: Sequence[Claim]) -> tuple[HistoryLine, ...]:
    """A history with the lines of these claims, in the order of days."""
    if not claims:
        return tuple(history)
    order = tuple(HistoryKind)
    return tuple(sorted([*history, *fee_lines(claims)], key=lambda line: (line.on, order.index(line.kind))))
