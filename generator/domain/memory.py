"""What relance did and offered: the events of the journal, and the memory that they add up to.

Every kind of event has a merge rule that needs no order, so that journals of two runs can be put side by side in any
order and mean the same (`Memory.of`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from generator.domain.claims import FeesClaimed, merged
from generator.domain.delivery import Deliveries, DeliveryEvent, deliveries
from generator.domain.policy import Interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from generator.domain.delivery import MessageSent


class OfferKind(StrEnum):
    """The ways out that can be proposed. FULL is always there and never journalled."""

    FULL = "full"
    DISCOUNT = "discount"
    PLAN = "plan"


@dataclass(frozen=True, slots=True)
class KeyMade:
    """A portal key was made for a client. The highest generation is the current one; all its keys stay published."""

    client: str
    key: str
    generation: int
    on: date


@dataclass(frozen=True, slots=True)
class OfferMade:
    """An offer, frozen: its invoices (item ids), its dates, its reference (ISO 11649), and how it is computed.

    `percent` is the discount, or the down payment of a plan; `dates` are the due dates of a plan's instalments.
    `amount_off` is a discount of a fixed sum, and `parts` are the instalments of a plan whose amounts were given: both in minor
    units, and empty where a percentage or an equal split says it. `waived` is the percentage of a discount that a plan gives once
    it is kept; `amount_off` may be that as well. `personal`: the owner made it to this one client. With `voucher_days` a discount
    is on the client's next invoice: paying all by its last day earns a voucher that can be used for so long. `note` is why the
    owner made it though the policy says otherwise, for their own eyes. `fees` is what was claimed of the late fees among its invoices
    when it was made, paid or not: what is claimed more stands beside it.
    """

    key: str
    kind: OfferKind
    client: str
    currency: str
    reference: str
    invoices: tuple[str, ...]
    made_on: date
    valid_until: date
    percent: Decimal = Decimal(0)
    dates: tuple[date, ...] = ()
    interval: Interval = Interval.MONTH
    debt: int = 0  #: what its invoices owed when it was made, in minor units; 0 when that was not noted
    amount_off: int = 0
    parts: tuple[int, ...] = ()
    shares: tuple[Decimal, ...] = ()  #: of a plan by percentages: the percent of each instalment, together 100
    personal: bool = False
    waived: Decimal = Decimal(0)
    voucher_days: int = 0
    note: str = ""
    fees: int = 0  #: in minor units; 0 when there were none, or that was not noted
    own: bool = False  #: the escompte printed on the invoice: it comes from the ledger and is never journalled

    def holds_on(self, day: date) -> bool:
        """Whether the offer can be taken that day; its last day counts."""
        return self.made_on <= day <= self.valid_until

    def fees_beside(self, claimed: int) -> int:
        """What stands beside a plan of all that is `claimed` of the late fees among its invoices: what was claimed since it was made."""
        return max(0, claimed - self.fees) if self.fees else 0


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The owner looked at debts that waited for it, and lets their reminders go."""

    client: str
    on: date
    invoices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GoneAccepted:
    """The owner knows that these invoices, of which the client had been reminded, are no longer in the ledger."""

    client: str
    on: date
    invoices: tuple[str, ...]


@dataclass(frozen=True, slots=True, order=True)
class LinksSeen:
    """The payment links of one account as Stripe had them at `at` (UTC): `links` are pairs of key and address.

    `fingerprint` stands for the links that were wanted then; an empty one says that they were about to be changed. The
    latest record of an account holds.
    """

    client: str
    currency: str
    at: datetime
    fingerprint: str = ""
    links: tuple[tuple[str, str], ...] = ()
    live: bool = False


@dataclass(frozen=True, slots=True)
class MoneyMoved:
    """A payment, refund or dispute at Stripe was brought into the ledger: `status` is how far it had come, `amount` in minor units."""

    client: str
    stripe: str
    status: str
    on: date
    amount: int
    currency: str
    fee: str = ""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Everything that Stripe recorded until `up_to` (its own clock, UTC) is in the ledger. About no client in particular."""

    up_to: datetime
    client: str = ""


Event = (
    KeyMade | OfferMade | FeesClaimed | Reviewed | GoneAccepted | LinksSeen | MoneyMoved | Reconciled | DeliveryEvent
)


@dataclass(frozen=True, slots=True)
class ClientMemory:
    """What is remembered of one client. `reviewed` are the items that the owner looked at, each with the last day of that.

    `gone` are invoices of which the owner knows that they are no longer in the ledger. `before` are messages to the same client under
    another id, which told of some of the claims.
    """

    keys: tuple[KeyMade, ...] = ()
    offers: tuple[OfferMade, ...] = ()
    deliveries: Deliveries = field(default_factory=Deliveries)
    reviewed: Mapping[str, date] = field(default_factory=dict)
    links: tuple[LinksSeen, ...] = ()
    gone: frozenset[str] = frozenset()
    claims: tuple[FeesClaimed, ...] = ()
    before: tuple[MessageSent, ...] = ()

    def links_in(self, currency: str) -> LinksSeen | None:
        """The last record of the links of the account in this currency."""
        return next((seen for seen in self.links if seen.currency == currency), None)

    @property
    def sent(self) -> tuple[MessageSent, ...]:
        """Every message that left, by hand or through a mail server, in order."""
        return self.deliveries.sent

    @property
    def generation(self) -> int:
        """The current generation of portal keys; 0 when there is none yet."""
        return max((key.generation for key in self.keys), default=0)

    @property
    def current_keys(self) -> tuple[str, ...]:
        """The keys whose pages are published, the one that new messages use first."""
        now = self.generation
        return tuple(sorted({key.key for key in self.keys if key.generation == now}))

    def plus(self, events: Iterable[Event]) -> ClientMemory:
        """This memory with more events of the same client."""
        known = [*self.keys, *self.offers, *self.claims, *self.links, *self.deliveries.events]
        found = _remember([*known, *events], self.reviewed)
        return replace(found, gone=found.gone | self.gone, before=self.before)


@dataclass(frozen=True, slots=True)
class Memory:
    """The whole journal, by client."""

    clients: dict[str, ClientMemory] = field(default_factory=dict)
    reconciled_up_to: datetime | None = None
    moved: frozenset[tuple[str, str]] = frozenset()  #: ids at Stripe, each with a status that it came to

    @classmethod
    def of(cls, events: Iterable[Event]) -> Memory:
        """The memory that events add up to, in whatever order they come and however often."""
        by_client: dict[str, list[Event]] = {}
        up_to: list[datetime] = []
        moved: set[tuple[str, str]] = set()
        for event in events:
            if isinstance(event, Reconciled):
                up_to.append(event.up_to)
            elif isinstance(event, MoneyMoved):
                moved.add((event.stripe, event.status))
            else:
                by_client.setdefault(event.client, []).append(event)
        clients = {client: _remember(found, {}) for client, found in by_client.items()}
        return cls(clients, max(up_to, default=None), frozenset(moved))

    def plus(self, events: Iterable[Event]) -> Memory:
        """This memory with more events about clients."""
        new: dict[str, list[Event]] = {}
        for event in events:
            new.setdefault(event.client, []).append(event)
        clients = {client: self.get(client).plus(found) for client, found in new.items()}
        return replace(self, clients=self.clients | clients)

    def get(self, client: str) -> ClientMemory:
        """What is remembered of a client; nothing, for a new one."""
        return self.clients.get(client, _NOTHING)


_NOTHING = ClientMemory()


def _rank(offer: OfferMade) -> tuple[object, ...]:
    """Of two records of one offer the greater holds, in whatever order they are met."""
    terms = (offer.percent, offer.dates, offer.amount_off, offer.parts, offer.shares, offer.waived, offer.note)
    return (offer.valid_until, offer.debt, *terms)


def _remember(events: list[Event], reviewed: Mapping[str, date]) -> ClientMemory:
    offers: dict[str, OfferMade] = {}
    for event in events:
        if isinstance(event, OfferMade):
            known = offers.get(event.key)
            if known is None or _rank(known) < _rank(event):
                offers[event.key] = event
    keys = {event for event in events if isinstance(event, KeyMade)}
    looked_at = dict(reviewed)
    for event in events:
        if isinstance(event, Reviewed):
            looked_at |= {number: max(event.on, looked_at.get(number, event.on)) for number in event.invoices}
    links: dict[str, LinksSeen] = {}
    for event in sorted(event for event in events if isinstance(event, LinksSeen)):
        links[event.currency] = event
    return ClientMemory(
        keys=tuple(sorted(keys, key=lambda made: (made.generation, made.key, made.on))),
        offers=tuple(
            sorted(offers.values(), key=lambda offer: (offer.made_on, offer.kind, len(offer.dates), offer.key))
        ),
        deliveries=deliveries(events),
        reviewed=looked_at,
        gone=frozenset(gone for event in events if isinstance(event, GoneAccepted) for gone in event.invoices),
        links=tuple(links.values()),
        claims=merged(event for event in events if isinstance(event, FeesClaimed)),
    )
