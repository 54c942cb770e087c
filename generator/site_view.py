"""What a page shows of an account, sorted out before any template sees it: templates choose words, not facts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from generator.domain.account import Status
from generator.domain.memory import OfferKind
from generator.transfer import transfer_to

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.config import Seller
    from generator.domain.account import Account, Agreement, HistoryLine, Instalment, Item, Offer
    from generator.transfer import Transfer


class Situation(StrEnum):
    """What the first sentence of a page is about."""

    OVERDUE = "overdue"  #: something is late and asked for
    INSTALMENT = "instalment"  #: nothing is late but a part of an agreement
    UPCOMING = "upcoming"  #: nothing is late, something comes due
    ON_HOLD = "on_hold"  #: something is open and nothing is asked for
    DISPUTED = "disputed"  #: all that is open is disputed
    SETTLED = "settled"  #: nothing is open


@dataclass(frozen=True, slots=True)
class Way:
    """One offer, with the bank transfer that takes it (None: the seller has no IBAN)."""

    offer: Offer
    transfer: Transfer | None


@dataclass(frozen=True, slots=True)
class AccountView:
    """One account of the page. `anchor` tells the parts of two accounts apart; `named_by` is the heading of one of several."""

    account: Account
    anchor: str
    named_by: str
    situation: Situation
    overdue: tuple[Item, ...]
    upcoming: tuple[Item, ...]
    disputed: tuple[Item, ...]
    in_plan: tuple[Item, ...]
    full: Way | None
    discounts: tuple[Way, ...]
    plans: tuple[Way, ...]
    agreements: tuple[Agreement, ...]
    late_instalments: tuple[Instalment, ...]
    history: tuple[HistoryLine, ...]

    @property
    def asked(self) -> tuple[Item, ...]:
        """The items that the first sentence names: what is late, else what the `full` offer is about."""
        return self.overdue or (self.full.offer.items if self.full else ())

    @property
    def next_instalment(self) -> Instalment | None:
        """The first unpaid part of the agreements that hold."""
        holding = (agreement.next for agreement in self.agreements if agreement.holds)
        return min((part for part in holding if part), key=lambda part: part.due, default=None)

    @property
    def plan_counts(self) -> tuple[int, ...]:
        """In how many instalments one can pay."""
        return tuple(sorted({len(way.offer.instalments) for way in self.plans}))

    @property
    def plan_groups(self) -> tuple[tuple[tuple[Item, ...], tuple[Way, ...]], ...]:
        """The plans by the debt that they are about."""
        groups: dict[tuple[str, ...], list[Way]] = {}
        for way in self.plans:
            groups.setdefault(tuple(item.id for item in way.offer.items), []).append(way)
        return tuple((ways[0].offer.items, tuple(ways)) for ways in groups.values())


def view_of(account: Account, seller: Seller, *, alone: bool = True) -> AccountView:
    """One account, sorted for its page: oldest debts first, latest facts first.

    A client in insolvency proceedings may not pay old debts: their page states them and asks for nothing.
    """
    insolvent = account.client.insolvent_on(account.as_of)
    ways = {
        kind: () if insolvent else tuple(_way(offer, seller) for offer in account.offers_of(kind)) for kind in OfferKind
    }
    agreements = _agreements(account)
    parts = [part for agreement in agreements if agreement.holds for part in agreement.instalments]
    late = tuple(part for part in parts if part.open and part.due <= account.as_of)
    return AccountView(
        account=account,
        anchor=account.currency.lower(),
        named_by="" if alone else f"account-{account.currency.lower()} ",
        situation=_situation(account, asked=bool(ways[OfferKind.FULL]), late=bool(late)),
        overdue=_by_due(account.overdue),
        upcoming=_by_due(account.upcoming),
        disputed=_by_due(account.with_status(Status.DISPUTED)),
        in_plan=_by_due(account.with_status(Status.IN_PLAN)),
        full=next(iter(ways[OfferKind.FULL]), None),
        discounts=ways[OfferKind.DISCOUNT],
        plans=ways[OfferKind.PLAN],
        agreements=agreements,
        late_instalments=late,
        history=tuple(sorted(account.history, key=lambda line: line.on, reverse=True)),
    )


def _agreements(account: Account) -> tuple[Agreement, ...]:
    """The agreements that still matter: those that hold, else the last one, when it was broken and is not paid."""
    unpaid = [agreement for agreement in account.agreements if agreement.next]
    holding = tuple(agreement for agreement in unpaid if agreement.holds)
    return holding or tuple(unpaid[-1:] if account.overdue else ())


def _way(offer: Offer, seller: Seller) -> Way:
    return Way(offer, transfer_to(seller, offer.pay_now, offer.reference) if offer.pay_now.minor > 0 else None)


def _by_due(items: Sequence[Item]) -> tuple[Item, ...]:
    return tuple(sorted(items, key=lambda item: (item.invoice.due, item.invoice.issued, item.id)))


def _situation(account: Account, *, asked: bool, late: bool) -> Situation:
    if not any(item.open for item in account.items):
        return Situation.SETTLED
    if not asked:
        disputed = all(item.status is Status.DISPUTED for item in account.items if item.open)
        return Situation.DISPUTED if disputed else Situation.ON_HOLD
    if account.overdue:
        return Situation.OVERDUE
    return Situation.INSTALMENT if late else Situation.UPCOMING
