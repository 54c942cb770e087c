"""Vouchers: discounts on a client's next invoice, earned by paying an offer in time, or given by the owner.

Who pays all that an offer is about, by its last day, has earned its voucher on the day of the last payment that was needed; a payment
that goes back takes it away again. A voucher moves no balance: it comes off the next invoice when the owner takes it off there, or
writes a credit note, and the ledger says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from generator.domain.claims import real
from generator.domain.discounts import worth
from generator.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import date

    from generator.domain.account import Item
    from generator.domain.allocation import Book, Put
    from generator.domain.ledger import VoucherRecord
    from generator.domain.memory import OfferMade


class VoucherStatus(StrEnum):
    """What became of a voucher. EXPIRED: its last day is over, and nothing was invoiced by then."""

    OPEN = "open"
    USED = "used"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Voucher:
    """So much off the next invoice: `invoices` are those that it was taken off, `following` the first that it can be taken off.

    `paid` are the invoices whose payment earned it; none where the owner gave it.
    """

    id: str
    amount: Money
    earned_on: date
    valid_until: date | None
    status: VoucherStatus = VoucherStatus.OPEN
    paid: tuple[str, ...] = ()
    invoices: tuple[str, ...] = ()
    following: str = ""
    note: str = ""

    @property
    def open(self) -> bool:
        """Whether it is still to be taken off."""
        return self.status is VoucherStatus.OPEN


@dataclass(slots=True)
class Earning:
    """The offers of a voucher of one account while its money is gone through: what was reached, when, and which invoices count."""

    offers: Sequence[OfferMade]
    reached: dict[str, tuple[date, frozenset[str]]] = field(default_factory=dict)

    @classmethod
    def of(cls, offers: Iterable[OfferMade]) -> Earning:
        """Nothing is earned yet."""
        return cls([offer for offer in offers if offer.voucher_days])

    def look(self, on: date, book: Book, disputed: AbstractSet[str], agreed: AbstractSet[str]) -> None:
        """What is earned after a fact of that day. What is disputed is not asked for; what is `agreed` upon has found another way out."""
        for offer in self.offers:
            if not offer.holds_on(on):
                continue
            about = [book.positions[item] for item in offer.invoices if item in book.positions and item not in agreed]
            if any(position.asked and position.invoice.id not in disputed for position in about):
                continue
            closed = frozenset(position.invoice.id for position in about if not position.open)
            days = [put.on for put in _puts(offer, book.puts, closed)]
            _, before = self.reached.get(offer.key, (on, frozenset[str]()))
            if days and before < closed:
                first, _ = self.reached.get(offer.key, (max(days), before))
                self.reached[offer.key] = first, closed

    def vouchers(self, puts: Sequence[Put], discounted: AbstractSet[str]) -> list[Voucher]:
        """What was earned: one voucher for one payment, the first that was reached, and none beside a discount on the same invoices."""
        found: list[Voucher] = []
        counted: set[str] = set(discounted)
        for offer in sorted(self.offers, key=lambda one: (self._reached_on(one), -self._worth(one, puts), one.key)):
            amount = self._worth(offer, puts)
            if amount and counted.isdisjoint(offer.invoices):
                on, items = self.reached[offer.key]
                counted |= set(offer.invoices)
                paid = tuple(item for item in offer.invoices if item in items)
                until = on + timedelta(days=offer.voucher_days)
                found.append(Voucher(offer.key, Money(amount, offer.currency), on, until, paid=paid))
        return found

    def _reached_on(self, offer: OfferMade) -> date:
        return self.reached[offer.key][0] if offer.key in self.reached else offer.valid_until

    def _worth(self, offer: OfferMade, puts: Sequence[Put]) -> int:
        if offer.key not in self.reached:
            return 0
        _, items = self.reached[offer.key]
        return worth(offer, sum(put.amount for put in _puts(offer, puts, items)))


def paid_for(offers: Iterable[OfferMade], items: Sequence[Item], puts: Sequence[Put]) -> Mapping[str, int]:
    """What came in so far for each offer of a voucher or a fixed sum, by its key, on what is paid or still asked for."""
    counted = frozenset(item.id for item in real(items) if not item.open or item.is_asked)
    wanted = [offer for offer in offers if offer.voucher_days or offer.amount_off]
    return {offer.key: sum(put.amount for put in _puts(offer, puts, counted)) for offer in wanted}


def paid_so_far(offer: OfferMade, book: Book, aside: AbstractSet[str], items: AbstractSet[str]) -> int:
    """The same for these items of one offer while the money is gone through; what is in `aside` is not asked for, whatever is open."""
    about = [book.positions[item] for item in offer.invoices if item in items and item in book.positions]
    counted = {pos.invoice.id for pos in about if not pos.open or (pos.asked and pos.invoice.id not in aside)}
    return sum(put.amount for put in _puts(offer, book.puts, counted))


def _puts(offer: OfferMade, puts: Iterable[Put], counted: AbstractSet[str]) -> list[Put]:
    """The payments within the offer on those of its invoices that count; credit notes are none."""
    items = counted & set(offer.invoices)
    return [
        put
        for put in puts
        if put.payment is not None and put.amount and offer.holds_on(put.on) and put.position.invoice.id in items
    ]


def known_vouchers(
    earned: Iterable[Voucher], records: Iterable[VoucherRecord], items: Sequence[Item], today: date
) -> tuple[Voucher, ...]:
    """What was earned and what the owner gave, each as the owner's last word on it has it, oldest first."""
    found = {voucher.id.casefold(): voucher for voucher in earned}
    for record in records:
        known = found.get(record.id.casefold())
        found[record.id.casefold()] = Voucher(
            known.id if known else record.id,
            record.amount,
            record.earned_on,
            record.valid_until,
            VoucherStatus(record.status),
            known.paid if known else (),
            record.invoices,
            note=record.note,
        )
    dated = (_as_of(voucher, items, today) for voucher in found.values())
    return tuple(sorted(dated, key=lambda voucher: (voucher.earned_on, voucher.id)))


def _as_of(voucher: Voucher, items: Sequence[Item], today: date) -> Voucher:
    """With the first invoice that it can be taken off: one that was issued after it was earned, and by its last day."""
    if not voucher.open:
        return voucher
    later = [
        item.invoice
        for item in items
        if voucher.earned_on < item.invoice.issued
        and (voucher.valid_until is None or item.invoice.issued <= voucher.valid_until)
    ]
    if later:
        first = min(later, key=lambda invoice: (invoice.issued, invoice.id))
        return replace(voucher, following=first.id)
    over = voucher.valid_until is not None and voucher.valid_until < today
    return replace(voucher, status=VoucherStatus.EXPIRED) if over else voucher
