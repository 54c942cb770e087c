"""What a client proposes themselves: to pay in parts, to pay on another day; or says that they have paid.

Nothing is agreed by it. A proposal is checked for what cannot be meant (a day gone by, more than is owed), and then waits
for the owner, who accepts, refuses or proposes something else.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import count, pairwise
from typing import TYPE_CHECKING

from generator.domain.account import Status
from generator.domain.agreeing import LONGEST
from generator.domain.ledger import SourceRef
from generator.domain.money import Money, total
from generator.domain.references import code
from generator.domain.terms import next_business_day

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from generator.domain.account import Account
    from generator.domain.terms import BusinessCalendar

MOST_PARTS = 36
_LONGEST_PROMISE = timedelta(days=366)  # a slip of the year would keep a client from ever being reminded
_MARK_LENGTH = 4  # letters and digits that tell apart the proposals of one day

Part = tuple[date, Money | None]


class ProposalKind(StrEnum):
    """What a client says: several payments, one on another day, or one that was made."""

    PLAN = "plan"
    DATE = "date"
    PAID = "paid"


class ProposalStatus(StrEnum):
    """What became of it. REPLACED: the client proposed something else before it was decided."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    COUNTERED = "countered"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposal. A part without an amount is about all that is owed. `message` is the id of the message that it came in.

    `counter` is what the owner proposed instead, `reason` what they gave as one.
    """

    id: str
    client: str
    received_on: date
    kind: ProposalKind
    currency: str
    parts: tuple[Part, ...]
    message: str = ""
    sender: str = ""
    status: ProposalStatus = ProposalStatus.WAITING
    decided_on: date | None = None
    reason: str = ""
    counter: tuple[tuple[date, Money], ...] = ()
    source: SourceRef = field(default=SourceRef("proposals.csv"), compare=False)

    @property
    def sum(self) -> Money | None:
        """What its parts add up to; None when one of them is about all that is owed."""
        amounts = [amount for _, amount in self.parts if amount is not None]
        return total(amounts, self.currency) if len(amounts) == len(self.parts) else None

    def says_the_same(self, other: Proposal) -> bool:
        """Whether the same client says the same in both."""
        return (self.client, self.kind, self.currency, self.parts) == (
            other.client,
            other.kind,
            other.currency,
            other.parts,
        )


@dataclass(frozen=True, slots=True)
class Pending:
    """A proposal that waits for the owner, and the day by which the client can expect an answer."""

    proposal: Proposal
    answer_by: date


class Fault(StrEnum):
    """Why a proposal cannot be meant as it is written."""

    TOO_MANY = "too_many"
    NOT_POSITIVE = "not_positive"
    TOO_MUCH = "too_much"
    NOTHING_OWED = "nothing_owed"
    PAST = "past"
    TO_COME = "to_come"
    ORDER = "order"
    TOO_FAR = "too_far"


@dataclass(frozen=True, slots=True)
class Wrong:
    """A fault, with the part that it is in, if it is one's."""

    fault: Fault
    part: Part | None = None


def open_of(account: Account) -> Money:
    """All that is open and not disputed: the most that a client can propose to pay."""
    return total((item.open for item in account.items if item.status is not Status.DISPUTED), account.currency)


def kind_of(said: ProposalKind, parts: Sequence[Part]) -> ProposalKind:
    """What is proposed, by the number of its payments, whichever of the prepared messages the client filled in."""
    if said is ProposalKind.PAID:
        return said
    return ProposalKind.DATE if len(parts) == 1 else ProposalKind.PLAN


def faults(kind: ProposalKind, parts: Sequence[Part], owed: Money | None, received_on: date) -> tuple[Wrong, ...]:
    """All that is wrong with a proposal that came in on this day, when `owed` was open (None: that is not known for certain)."""
    if len(parts) > MOST_PARTS:
        return (Wrong(Fault.TOO_MANY),)
    return (*_of_amounts(kind, parts, owed), *_of_dates(kind, parts, received_on))


def _of_amounts(kind: ProposalKind, parts: Sequence[Part], owed: Money | None) -> Iterator[Wrong]:
    amounts = [amount for _, amount in parts if amount is not None]
    yield from (Wrong(Fault.NOT_POSITIVE, part) for part in parts if part[1] is not None and part[1].minor <= 0)
    if kind is ProposalKind.PAID or owed is None:  # what was paid may be booked already
        return
    if owed.minor <= 0:
        yield Wrong(Fault.NOTHING_OWED)
    elif owed < total(amounts, owed.currency):
        yield Wrong(Fault.TOO_MUCH)


def _of_dates(kind: ProposalKind, parts: Sequence[Part], received_on: date) -> Iterator[Wrong]:
    paid = kind is ProposalKind.PAID
    furthest = _LONGEST_PROMISE if kind is ProposalKind.DATE else LONGEST
    for part in parts:
        if paid and part[0] > received_on:
            yield Wrong(Fault.TO_COME, part)
        elif not paid and part[0] < received_on:
            yield Wrong(Fault.PAST, part)
        elif part[0] - received_on > furthest:
            yield Wrong(Fault.TOO_FAR, part)
    if not paid:
        yield from (Wrong(Fault.ORDER, later) for earlier, later in pairwise(parts) if later[0] <= earlier[0])


def proposal_name(proposal: Proposal, taken: Collection[str]) -> str:
    """A short id of a proposal's own that none of `taken` is (in whatever letters): the day it came in, and a mark."""
    known = {name.casefold() for name in taken}
    parts = [f"{due.isoformat()}={amount.minor if amount else ''}" for due, amount in proposal.parts]
    for attempt in count():
        mark = code(proposal.client, proposal.kind, proposal.currency, *parts, str(attempt))[:_MARK_LENGTH]
        name = f"P{proposal.received_on:%y%m%d}-{mark}"
        if name.casefold() not in known:
            return name
    raise AssertionError("there is always another attempt")


def standing(proposals: Iterable[Proposal]) -> tuple[Proposal, ...]:
    """The same, where a client's later proposal takes the place of an earlier one that nobody has decided."""
    found: list[Proposal] = []
    for proposal in proposals:
        if proposal.kind is not ProposalKind.PAID:
            found = [
                replace(other, status=ProposalStatus.REPLACED) if _gives_way(other, proposal) else other
                for other in found
            ]
        found.append(proposal)
    return tuple(found)


def _gives_way(earlier: Proposal, later: Proposal) -> bool:
    same = (earlier.client, earlier.currency) == (later.client, later.currency)
    waits = earlier.status is ProposalStatus.WAITING
    return same and waits and earlier.kind is not ProposalKind.PAID


def waiting(proposals: Iterable[Proposal]) -> tuple[Proposal, ...]:
    """Those that the owner has to decide, the oldest first."""
    left = [proposal for proposal in standing(proposals) if proposal.status is ProposalStatus.WAITING]
    return tuple(sorted(left, key=lambda proposal: (proposal.received_on, proposal.client, proposal.id)))


def known_already(proposal: Proposal, known: Sequence[Proposal], *, quoted: bool) -> Proposal | None:
    """The proposal that this one is, when it was read before.

    The same words in a new message are a new proposal once the first was decided; but not when they are only quoted there.
    """
    for other in reversed(known):
        if not other.says_the_same(proposal):
            continue
        if quoted or other.message == proposal.message or other.status is ProposalStatus.WAITING:
            return other
    return None


def pending(
    proposals: Iterable[Proposal], business_days: int, business: BusinessCalendar | None
) -> tuple[Pending, ...]:
    """Those that the owner has to decide, each with its day."""
    return tuple(Pending(one, decide_by(one.received_on, business_days, business)) for one in waiting(proposals))


def decide_by(received_on: date, business_days: int, business: BusinessCalendar | None) -> date:
    """The day by which a client can expect an answer: so many business days after they wrote."""
    day = received_on
    for _ in range(business_days):
        day = next_business_day(day + timedelta(days=1), business)
    return day


def known_on(proposals: Iterable[Proposal], today: date) -> Iterator[Proposal]:
    """Those that had come in by this day, as they stood then."""
    for proposal in standing(one for one in proposals if one.received_on <= today):
        if proposal.decided_on is not None and proposal.decided_on > today:
            yield replace(proposal, status=ProposalStatus.WAITING, decided_on=None, reason="", counter=())
        else:
            yield proposal


def talks_until(proposals: Sequence[Proposal], business_days: int, business: BusinessCalendar | None) -> date | None:
    """The last day on which nobody is reminded for having proposed something; None while an answer is still ours to give.

    A client whose proposal could not be accepted has as long to come back to it as the owner had to answer. A day gone by
    when there is nothing to wait for.
    """
    if waiting(proposals):
        return None
    answered = (
        proposal.decided_on
        for proposal in proposals
        if proposal.decided_on and proposal.status in {ProposalStatus.REFUSED, ProposalStatus.COUNTERED}
    )
    return max((decide_by(day, business_days, business) for day in answered), default=date.min)
