"""The VAT inside a discount that was taken: what its credit note takes off, net, VAT and gross at each rate, to the cent.

Invoices have three ways to compute a discount for early payment. The usual one, and the French rule, is that both the
net and its VAT fall once it is taken, and that the invoice is rectified then. What a client pays does not depend on this:
our discounts are always a part of the total, and what was not paid of it was taken off.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from generator.domain.money import Money
from generator.domain.vat import VatPart, apportion, instalments_by_rate, rates_of, split_gross

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from generator.domain.account import Agreement, Item
    from generator.domain.vat import PaidPart, Told
    from generator.domain.written_down import CreditDue

_WHOLE = Decimal(100)


class Computation(StrEnum):
    """What a discount does to the VAT.

    INCLUDED: it falls with the net once the discount is taken. EXCLUDED: the discount is on the net alone, the VAT stays as
    invoiced. MIXED: the same, since the VAT was invoiced on the discounted net from the start, taken or not.
    """

    INCLUDED = "included"
    EXCLUDED = "excluded"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class CreditByRate:
    """What a discount took off one invoice, and at which rates; no `rates` where the invoice's VAT is not known."""

    due: CreditDue
    item: Item
    rates: tuple[VatPart, ...]


def credits_by_rate(
    due: Iterable[CreditDue], items: Iterable[Item], computation: Computation
) -> Iterator[CreditByRate]:
    """Each discount that was taken, by the rates of its invoice."""
    by_id = {item.id: item for item in items}
    for one in due:
        item = by_id[one.invoice]
        rates = invoiced(item.total, item.invoice.vat, computation, item.invoice.discount_percent)
        yield CreditByRate(one, item, taken_off(one.amount, rates, computation))


def agreed_by_rate(
    agreement: Agreement, items: Iterable[Item], computation: Computation, *, fees_first: bool = False
) -> tuple[PaidPart, ...]:
    """Every instalment of an agreement by invoice and rate, next to the credit note for what is waived once it is kept."""
    return instalments_by_rate(
        agreement, items, lambda saving, rates: taken_off(saving, rates, computation), fees_first=fees_first
    )


def invoiced(total: Money, told: Told, computation: Computation, percent: Decimal | None = None) -> tuple[VatPart, ...]:
    """An invoice cut by rate; empty when its ledger does not tell, or tells of other amounts than its total.

    With a MIXED computation, the VAT of one that prints a discount of `percent` is that of the discounted net.
    """
    if computation is not Computation.MIXED or not percent:
        return rates_of(total, told)
    lowered = {rate: rate * (_WHOLE - percent) / _WHOLE for rate, _ in told}
    by_lowered = {lower: rate for rate, lower in lowered.items()}
    parts = rates_of(total, tuple((lowered[rate], net) for rate, net in told))
    return tuple(VatPart(by_lowered[part.rate], part.net, part.vat) for part in parts)


def taken_off(saving: Money, rates: Sequence[VatPart], computation: Computation) -> tuple[VatPart, ...]:
    """What a discount takes off at each rate of an invoice: together `saving`, to the cent; empty without rates."""
    if computation is Computation.INCLUDED or not rates:
        return split_gross(saving, rates)
    nets = [part.net.minor for part in rates]
    if saving.minor > sum(nets):
        return ()
    none = Money(0, saving.currency)
    shares = apportion(saving.minor, nets)
    return tuple(VatPart(part.rate, Money(net, saving.currency), none) for part, net in zip(rates, shares, strict=True))
