"""Whether the totals of an e-invoice add up: of one whose own sums contradict each other, nobody knows what it asks for."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NONE = Decimal(0)


class Totals(NamedTuple):
    """The sums of an e-invoice, as far as it says them. `vat` are the VAT in total, and that of each rate, added up.

    `rates` is how many rates it has: each may be rounded by itself. `bare`: its profile has no place for what was paid before.
    """

    net: Decimal | None
    vat: Sequence[Decimal]
    gross: Decimal
    prepaid: Decimal | None
    rounding: Decimal
    payable: Decimal | None
    rates: int
    bare: bool

    def contradictions(self, unit: Decimal) -> Iterator[str]:
        """What does not add up, in words; `unit` is the smallest amount of the currency."""
        allowed = unit * max(1, self.rates)
        if self.net is not None and self.vat and all(abs(self.net + vat - self.gross) > allowed for vat in self.vat):
            yield f"{self.net} without VAT and {self.vat[0]} of VAT are not {self.gross}"
        if self.payable is None or (self.bare and self.prepaid is None):
            return
        prepaid = self.prepaid or _NONE
        if self.gross - prepaid + self.rounding != self.payable:
            rounded = f", rounded by {self.rounding}," if self.rounding else ""
            yield f"{self.gross} less {prepaid} paid before{rounded} is not the {self.payable} to be paid"
