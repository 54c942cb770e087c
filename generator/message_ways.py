"""The ways to pay that a message may speak of: discounts, plans, and what a payment link takes at once.

They are those of the account's page, cut to what the message is about. No sentence is made here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING

from generator.domain.claims import real
from generator.domain.ledger import Channel
from generator.domain.linkplan import instalment_key, pay_url
from generator.domain.memory import OfferKind
from generator.domain.money import Money, total
from generator.message_fees import asked_with

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from generator.domain.account import Account, Item, Offer
    from generator.domain.due import DueReminder, InstalmentDue


@dataclass(frozen=True, slots=True)
class Discount:
    """Less to pay until a day, or a `voucher` for paying by then. `numbers` only when it is not for all that the message lists.

    `fees` are claimed late fees of its invoices that are asked for beside it: a discount is of invoices.
    """

    percent: object
    amount: Money
    saving: Money
    instead_of: Money
    valid_until: date | None
    before_due: bool
    own: bool
    numbers: tuple[str, ...]
    voucher: Money | None = None
    voucher_days: int = 0
    fees: Money | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The instalment plans for the same invoices: how many parts one may choose, and the longest as an example.

    `example` holds runs of equal instalments: 33.34 once, then 33.33 twice. Where there is no choice, `schedule` has each amount with
    its days; else it is empty. `saving` is waived once that is paid to its end. `fees`: what of it is claimed late fees.
    """

    counts: tuple[int, ...]
    example: tuple[tuple[int, Money], ...]
    valid_until: date | None
    numbers: tuple[str, ...]
    saving: Money | None = None
    schedule: tuple[tuple[Money, tuple[date, ...]], ...] = ()
    fees: Money | None = None


@dataclass(frozen=True, slots=True)
class OnlineWay:
    """One thing that can be paid online now. `count` is in how many instalments, of which this is the first; else 0.

    `numbers` only when it is not for all that the message lists.
    """

    kind: str
    amount: Money
    url: str
    count: int = 0
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Online:
    """What can be paid online now: all that the message asks for, the discounts, the first instalments of the plans."""

    full: tuple[OnlineWay, ...]
    discounts: tuple[OnlineWay, ...]
    plans: tuple[OnlineWay, ...]
    by_debit: bool

    @classmethod
    def of(cls, accounts: Sequence[Account], due: DueReminder) -> Online:
        """What the links of these accounts pay of what the message lists. A letter is on paper: it has none."""
        on_paper = due.channel is Channel.LETTER
        linked = [account for account in accounts if account.links and _listed(account, due) and not on_paper]
        if due.instalment is not None:
            ways = tuple(way for account in linked for way in _online_instalment(account, due.instalment))
            return cls(ways, (), (), _by_debit(linked))
        return cls(
            full=tuple(way for account in linked for way in _online_full(account, due)),
            discounts=tuple(way for account in linked for way in _online_offers(account, due, OfferKind.DISCOUNT)),
            plans=tuple(way for account in linked for way in _online_offers(account, due, OfferKind.PLAN)),
            by_debit=_by_debit(linked),
        )


def _by_debit(accounts: Iterable[Account]) -> bool:
    return any("sepa_debit" in link.methods for account in accounts for link in account.wanted)


def _about(account: Account, kind: OfferKind, items: Sequence[Item]) -> list[Offer]:
    """The open offers that concern what is listed."""
    listed = {item.id for item in items}
    return [offer for offer in account.offers_of(kind) if any(item.id in listed for item in offer.items)]


def _numbers(offer: Offer, due: DueReminder) -> tuple[str, ...]:
    """What the offer is for, when that is not all that the message lists."""
    asked = {item.id for item in (*due.items, *due.fees)}
    return () if {item.id for item in offer.items} == asked else tuple(item.id for item in real(offer.items))


def discounts_of(account: Account, items: Sequence[Item], due: DueReminder) -> Iterable[Discount]:
    """The open discounts on what is listed in one currency."""
    for offer in _about(account, OfferKind.DISCOUNT, items):
        yield Discount(
            percent=offer.percent,
            amount=offer.amount,
            saving=offer.saving,
            instead_of=offer.amount + offer.saving,
            valid_until=offer.valid_until,
            before_due=offer.before_due,
            own=offer.own,
            numbers=_numbers(offer, due),
            voucher=offer.voucher,
            voucher_days=offer.voucher_days,
            fees=_fees_of(asked_with(account, real(offer.items)), account.currency),
        )


def plans_of(account: Account, items: Sequence[Item], due: DueReminder) -> Iterable[Plan]:
    """The open plans for what is listed in one currency, those for the same invoices as one choice."""
    plans = sorted(_about(account, OfferKind.PLAN, items), key=_choice)
    for _, choice in groupby(plans, key=_choice):
        offers = list(choice)
        longest = max(offers, key=_count)
        yield Plan(
            counts=tuple(sorted({_count(offer) for offer in offers})),
            example=tuple(
                (len(list(run)), amount) for amount, run in groupby(part.amount for part in longest.instalments)
            ),
            valid_until=longest.valid_until,
            numbers=_numbers(longest, due),
            saving=longest.saving or None,
            schedule=tuple(
                (amount, tuple(max(part.due, account.as_of) for part in run))
                for amount, run in groupby(longest.instalments, key=lambda part: part.amount)
            )
            if len(offers) == 1
            else (),
            fees=_fees_of(longest.items, account.currency),
        )


def _fees_of(items: Iterable[Item], currency: str) -> Money | None:
    """What of these items is late fees; None when nothing is."""
    return total((item.open for item in items if item.fee_of), currency) or None


def _listed(account: Account, due: DueReminder) -> list[Item]:
    """What the message lists in one currency, with the late fees that were claimed beside it."""
    return asked_with(account, [item for item in real(due.items) if item.open.currency == account.currency])


def _online_full(account: Account, due: DueReminder) -> Iterable[OnlineWay]:
    """All that the message asks for in one currency, where one link pays exactly that."""
    items = _listed(account, due)
    asked, full = total((item.open for item in items), account.currency), account.full
    ways: list[Offer | Item] = list(items) if len(items) == 1 else []
    if full and {item.id for item in full.items} == {item.id for item in items} and full.amount == asked:
        ways.insert(0, full)
    url = next((found for way in ways if (found := pay_url(account, way))), "")
    if url:
        yield OnlineWay("full", asked, url)


def _online_instalment(account: Account, due: InstalmentDue) -> Iterable[OnlineWay]:
    """One instalment, where a link is for exactly what is open of it: links are made for the next one only."""
    key, asked = instalment_key(due.agreement), due.instalment.open
    url = account.links.get(key, "")
    exact = any(link.key == key and link.amount == asked and link.part == due.number for link in account.wanted)
    if url and exact:
        yield OnlineWay("instalment", asked, url)


def _online_offers(account: Account, due: DueReminder, kind: OfferKind) -> Iterable[OnlineWay]:
    """The offers that the message mentions and that a link takes, the plan of fewest instalments first."""
    for offer in sorted(_about(account, kind, _listed(account, due)), key=_count):
        url = pay_url(account, offer)
        if url:
            yield OnlineWay(str(kind), offer.pay_now, url, _count(offer), _numbers(offer, due))


def _choice(offer: Offer) -> tuple[tuple[str, ...], date]:
    """Plans for the same invoices that end on the same day are one choice of how many instalments."""
    return tuple(item.id for item in offer.items), offer.valid_until or date.max


def _count(offer: Offer) -> int:
    return len(offer.instalments)
