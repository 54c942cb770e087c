"""What an agreement waives once it is kept: a discount on condition, a credit of the day on which the last instalment is paid.

Until then all of the debt is owed, and the instalments ask for less of it. When the agreement ends before, or the client was
told that it has ended, nothing is waived: what is left of the debt is due, the discount with it, though a payment of that very day
may take the agreement up again. Nor is a debt waived that is no more than the discount: something is always to be paid.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from generator.domain.account import How
from generator.domain.money import fitting, prorata
from generator.domain.written_down import of_that_day

if TYPE_CHECKING:
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

    Who paid more than was asked has the rest of it back as a credit. A credit note of that very day for what is waived comes after it.
    """
    if not agreement.saving or agreement.saved_on is not None or agreement.forgone:
        return None
    asked = min(sum(amount for _, amount in agreement.parts), agreement.base - agreement.saving)
    if agreement.paid < asked:
        return None
    numbers = agreement.items
    on = max((put.on for put in book.puts if put.position.invoice.id in numbers and put.amount), default=date.min)
    on = max(on, agreement.signed_on)
    if not agreement.waives_on(on):
        return None
    written = of_that_day(book, agreement.positions, on)
    noted = sum(note.amount for note in written)
    is_it = noted == agreement.saving and agreement.paid - noted >= asked
    notes = book.take_off(put for note in written if is_it for put in note.puts)
    about = [position for position in agreement.positions if not position.invoice.fee_of] or agreement.positions
    missing = agreement.saving - sum(position.open for position in about)
    if missing > 0:
        book.give_back(about, missing)
        _pay_fees(agreement, book)
    room = [position.open for position in about]
    saving = min(agreement.saving, sum(room))
    for position, part in zip(about, fitting(prorata(saving, room), room), strict=True):
        book.discount(position, part, on, agreement.reference)
    book.put_again(notes)
    agreement.saved_on = on
    return DiscountTaken(tuple(position.invoice.id for position in agreement.positions), on, saving) if saving else None


def _pay_fees(agreement: Accepted, book: Book) -> None:
    """A discount is of invoices: the money that it sets free there pays the late fees of the same agreement."""
    for fee in (position for position in agreement.positions if position.invoice.fee_of):
        for money in reversed(book.spare):
            money.amount -= book.put(fee, money.amount, money, How.NAMED)
