"""Late fees that were claimed: what a message claimed for an invoice, frozen that day, and what became of it since.

A claim is an event of the journal. It counts once it was told: a client who paid, or was spared, before the message left
owes no fee. Of one invoice the claim of the latest step holds, in the place of the earlier ones. It never rises, and falls as soon as
less is owed: that is an event too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from generator.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence
    from decimal import Decimal

    from generator.domain.account import Item
    from generator.domain.fee_history import FeePaid, FeeWaived
    from generator.domain.ledger import FeeWaiver


@dataclass(frozen=True, slots=True)
class ClaimedPeriod:
    """Days with the same base and the same rate, both ends included; amounts in minor units.

    `basis` is how the rate follows from the law or the contract: `ecb + 10`. `article` is our id of its article.
    """

    begins: date
    ends: date
    base: int
    percent: Decimal
    year_days: int
    interest: int
    basis: str
    article: str

    @property
    def days(self) -> int:
        """How many days, both ends included."""
        return (self.ends - self.begins).days + 1


@dataclass(frozen=True, slots=True)
class FeesClaimed:
    """The message of a step claimed these late fees for one invoice: interest counted to `until`, that day included.

    Amounts are in minor units. `issued` and `total` recognise an invoice that was renumbered later. The indemnity is the
    invoice's: of several parts one has it. One that is `corrected_on` a day takes the place of the same claim from then on: less is
    owed than was claimed.
    """

    client: str
    currency: str
    invoice: str
    issued: date
    total: int
    step: str
    on: date
    until: date
    indemnity: int
    indemnity_article: str
    periods: tuple[ClaimedPeriod, ...]
    corrected_on: date | None = None

    @property
    def interest(self) -> int:
        """The interest of all its periods."""
        return sum(period.interest for period in self.periods)

    @property
    def amount(self) -> int:
        """Interest and indemnity together."""
        return self.interest + self.indemnity


@dataclass(frozen=True, slots=True)
class Claim:
    """What is claimed for one invoice: `invoice` is its item, `item` that of the fee. `claimed` are the claims in order, as they were told.

    `told_on` is the day on which the last of them was told; None while its message waits in the outbox. Of what they come
    to, `waived` was let go, `paid` came in (or was covered by a credit), and `open` is still asked for; `waivings` and
    `receipts` are those, one by one. `told` are the days on which its claims were told, one for each whose message has left.
    `corrections` are what its claims fell to since, in the order of days.
    """

    invoice: str
    item: str
    claimed: tuple[FeesClaimed, ...]
    told_on: date | None
    waived: Money
    paid: Money
    open: Money
    waivings: tuple[FeeWaived, ...] = ()
    receipts: tuple[FeePaid, ...] = ()
    told: tuple[date, ...] = ()
    corrections: tuple[FeesClaimed, ...] = ()

    @property
    def current(self) -> FeesClaimed:
        """The claim that holds, as low as it fell."""
        last = self.claimed[-1]
        return next((one for one in reversed(self.corrections) if (one.step, one.on) == (last.step, last.on)), last)

    @property
    def interest(self) -> Money:
        """Its interest."""
        return Money(self.current.interest, self.current.currency)

    @property
    def indemnity(self) -> Money:
        """Its indemnity."""
        return Money(self.current.indemnity, self.current.currency)

    @property
    def total(self) -> Money:
        """All that it claims, paid or waived or not."""
        return Money(self.current.amount, self.current.currency)


@dataclass(frozen=True, slots=True)
class Counted:
    """A claim that counts for an item of the ledger, since the day `on`: it was told then, or waits in the outbox today.

    An invoice that was renumbered since has another name than in its claim: `item` is that of today. A correction of a claim that
    was told before counts since its own day.
    """

    item: str
    claim: FeesClaimed
    on: date
    told_on: date | None = None

    @property
    def corrects(self) -> bool:
        """Whether it takes the place of the same claim, which was told higher."""
        return self.told_on is not None and self.on > self.told_on


@dataclass(frozen=True, slots=True)
class MissingRate:
    """A claim falls due and cannot be counted: nobody has written down the rate of the half-year that begins on `since`."""

    client: str
    invoice: str
    since: date


FEES = "fees"  #: what the name of a fee item ends with, after that of its invoice


def fee_id(invoice: str) -> str:
    """The name of the fee item of an invoice (or part of one): `F-2026-118/fees`."""
    return f"{invoice}/{FEES}"


def claimed_of(name: str) -> str:
    """The name of the invoice that the name of a fee item is about; empty when it is none."""
    invoice, _, rest = name.rpartition("/")
    return invoice if rest == FEES else ""


def invoices_of(names: Iterable[str]) -> tuple[str, ...]:
    """The invoices among these names, those whose fees are meant among them, each once."""
    return tuple(dict.fromkeys(claimed_of(name) or name for name in names))


def named_in(names: Iterable[str], known: Container[str]) -> list[str]:
    """The names of a payment as the book knows them: who pays fees that nobody claims means their invoice."""
    return [name if name in known else claimed_of(name) or name for name in names]


def merged(claims: Iterable[FeesClaimed]) -> tuple[FeesClaimed, ...]:
    """The claims of each invoice and step, whatever the order of the events: the earliest, and of one day the lowest.

    In the order of their days, each followed by its corrections: those of the same day that are lower than all before them, so that
    a claim never rises.
    """
    found: dict[tuple[str, str, str], list[FeesClaimed]] = {}
    for claim in claims:
        found.setdefault((claim.currency, claim.invoice, claim.step), []).append(claim)
    kept = [one for same in found.values() for one in _falling(same)]
    return tuple(sorted(kept, key=lambda claim: (claim.on, claim.invoice, claim.step)))


def _falling(claims: Sequence[FeesClaimed]) -> list[FeesClaimed]:
    kept: list[FeesClaimed] = []
    first = min(claims, key=_rank).on
    for claim in sorted((one for one in claims if one.on == first), key=_rank):
        if not kept or (claim.amount < kept[-1].amount and claim.corrected_on != kept[-1].corrected_on):
            kept.append(claim)
    return kept


def _rank(claim: FeesClaimed) -> tuple[object, ...]:
    periods = tuple((one.begins, one.ends, one.base, one.percent, one.interest, one.basis) for one in claim.periods)
    since = claim.corrected_on or date.min  # the claim itself comes before what it was corrected to
    return (claim.on, since, claim.amount, claim.until, claim.indemnity, claim.issued, claim.total, periods)


def spared_of(items: Iterable[Item], waivers: Iterable[FeeWaiver]) -> tuple[str, ...]:
    """The invoices of which the owner waived all fees, for good: nothing of the kind is said to be owed on them any more."""
    named = {waiver.invoice for waiver in waivers if waiver.amount is None}
    return tuple(item.id for item in items if named and not named.isdisjoint({item.id, item.invoice.number}))


def claimed_in(items: Iterable[Item]) -> int:
    """What was claimed of the late fees among items, and not waived, paid or not; in minor units."""
    return sum(item.total.minor for item in items if item.fee_of)


def real(items: Iterable[Item]) -> list[Item]:
    """The invoices among items, without the late fees that stand beside them."""
    return [item for item in items if not item.fee_of]
