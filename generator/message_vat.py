"""The VAT inside each instalment, as an agreement on paper may show it. No sentence is made here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.domain.claims import claimed_of
from generator.domain.discount_vat import agreed_by_rate
from generator.domain.vat import added_by_rate

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from decimal import Decimal

    from generator.domain.account import Agreement, Item
    from generator.domain.discount_vat import Computation
    from generator.domain.money import Money


@dataclass(frozen=True, slots=True)
class InstalmentVat:
    """What one instalment pays at one rate."""

    number: int
    due: date
    rate: Decimal
    net: Money
    vat: Money
    gross: Money


def vat_of(
    agreement: Agreement, items: Iterable[Item], computation: Computation, *, fees_first: bool = False
) -> tuple[InstalmentVat, ...]:
    """Every instalment by rate, its invoices together; nothing when the VAT of one of them is not known. Late fees bear none."""
    every = agreed_by_rate(agreement, items, computation, fees_first=fees_first)
    parts = [part for part in every if not claimed_of(part.invoice)]
    if not all(part.rates for part in parts):
        return ()
    rows: list[InstalmentVat] = []
    for number in dict.fromkeys(part.number for part in parts):
        mine = [part for part in parts if part.number == number]
        cuts = [cut for cut in added_by_rate(mine) if cut.gross]
        rows += [InstalmentVat(number, mine[0].due, cut.rate, cut.net, cut.vat, cut.gross) for cut in cuts]
    return tuple(rows)
