"""What an agreement waives once it is kept: a discount on condition, a credit of the day on which the last instalment is paid.

Until then all of the debt is owed, and the instalments ask for less of it. When the agreement ends before, or the client was
told that it is broken, nothing is waived: what is left of the debt is due, the discount with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.domain.money import fitting, prorata

if TYPE_CHECKING:
    from datetime import date

    from generator.domain.accepted import Accepted
    from generator.domain.allocation import Book


@dataclass(frozen=True, slots=True)
class DiscountTaken:
    """A discount that was earned: the day, the invoices that it is for, and what it saved (minor units)."""

    invoices: tuple[str, ...]
    on: date
    saving: int


def earned(agreement: Accepted, book: Book) -> DiscountTaken | None:
    """What this agreement waives now that it is kept, written off; None while it is not, and once it was.

    Who paid more than was asked has the rest of it back as a credit.
    """
    if not agreement.saving or agreement.saved_on is not None or not agreement.keeps_saving:
        return None
    asked = min(sum(amount for _, amount in agreement.parts), agreement.base - agreement.saving)
    if agreement.paid < asked:
        return None
    numbers = agreement.items
    on = max(
        (put.on for put in book.puts if put.position.invoice.id in numbers and put.amount), default=agreement.signed_on
    )
    missing = agreement.saving - sum(position.open for position in agreement.positions)
    if missing > 0:
        book.give_back(agreement.positions, missing)
    room = [position.open for position in agreement.positions]
    saving = min(agreement.saving, sum(room))
    for position, part in zip(agreement.positions, fitting(prorata(saving, room), room), strict=True):
        book.discount(position, part, on)
    agreement.saved_on = on
    return DiscountTaken(tuple(position.invoice.id for position in agreement.positions), on, saving) if saving else None
