"""Credit notes that put a discount in writing: the same money as the discount, which counts once.

A discount lowers the price, and the seller owes a credit note for that. Once it is in the ledger, naming an invoice of the
discount, it takes nothing more off: it is noted beside what the discount took off already. What it has more than that is a
credit note like any other. One that is dated before the discount was taken lowered the debt first, and is one of its own.
Amounts in this module are minor units of the account's one currency.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.domain.account import How
from generator.domain.discounts import saved
from generator.domain.money import Money, fitting, prorata

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from generator.domain.allocation import Book, Position, Put, Spare
    from generator.domain.memory import OfferMade


@dataclass(frozen=True, slots=True)
class Written:
    """A credit note of the ledger that puts a discount in writing: `part` of it does, of the `whole`."""

    number: str
    part: Money
    whole: Money


@dataclass(frozen=True, slots=True)
class CreditDue:
    """What a discount took off one invoice, or a plan once it was kept: the seller owes a credit note for it.

    `reference` is that of the offer or the agreement. `notes` are the credit notes of the ledger that say so already.
    """

    on: date
    invoice: str
    amount: Money
    reference: str
    notes: tuple[Written, ...] = ()

    @property
    def left(self) -> Money:
        """What no credit note says yet."""
        return Money(self.amount.minor - sum(note.part.minor for note in self.notes), self.amount.currency)


@dataclass(slots=True)
class Saving:
    """What one discount took off one invoice. `notes` are the credit notes that say so, each with what it says of this one."""

    on: date
    position: Position
    amount: int
    reference: str
    notes: list[tuple[str, int]] = field(default_factory=list)

    @property
    def left(self) -> int:
        """What no credit note says yet."""
        return self.amount - sum(part for _, part in self.notes)


def is_the_discount(savings: Sequence[Saving], positions: Sequence[Position], amount: int) -> bool:
    """Whether a credit note of these positions is exactly what discounts took off: of one, of all, or of what it was taken with."""
    own, others = _waiting(savings, positions)
    whole = sum(saving.left for saving in (*own, *others))
    return amount in {*(saving.left for saving in own), sum(saving.left for saving in own), whole} - {0}


def write_down(savings: Sequence[Saving], positions: Sequence[Position], amount: int, number: str) -> int:
    """Notes that a credit note of these positions is about discounts that were taken; how much of it is.

    A discount on several invoices is one: a credit note of all of it may name any, and the cents may be shared out differently.
    """
    own, others = _waiting(savings, positions)
    own.sort(key=lambda saving: saving.left != amount)
    more = amount - sum(saving.left for saving in own)
    shared = more == sum(saving.left for saving in others) or more <= len(others)
    used = 0
    for saving in (*own, *(others if shared else ())):
        part = min(amount - used, saving.left)
        if part > 0:
            saving.notes.append((number, part))
            saving.position.discounted -= part
            used += part
    return used


def _waiting(savings: Sequence[Saving], positions: Sequence[Position]) -> tuple[list[Saving], list[Saving]]:
    """What is not in writing yet: of these positions, and of others that had their part of the same discounts."""
    named = {id(position) for position in positions}
    taken = {(saving.reference, saving.on) for saving in savings if id(saving.position) in named}
    waiting = [saving for saving in savings if saving.left and (saving.reference, saving.on) in taken]
    own = [saving for saving in waiting if id(saving.position) in named]
    return own, [saving for saving in waiting if id(saving.position) not in named]


@dataclass(slots=True)
class Noted:
    """A credit note that covers something of the positions that it names, and what it put on each."""

    number: str
    puts: list[Put]

    @property
    def amount(self) -> int:
        """All of that."""
        return sum(put.amount for put in self.puts)


def of_that_day(book: Book, positions: Sequence[Position], on: date) -> list[Noted]:
    """The credit notes of that day that name these positions, or other parts of their invoices, and cover something there."""
    numbers = {position.invoice.number for position in positions}
    found: dict[str, Noted] = {}
    for put in book.puts:
        named = put.payment is None and put.on == on and put.amount and put.how is How.NAMED
        if named and put.position.invoice.number in numbers:
            found.setdefault(put.number, Noted(put.number, [])).puts.append(put)
    return list(found.values())


def set_aside(
    book: Book, offer: OfferMade, positions: Sequence[Position], so_far: Mapping[str, int], money: Spare
) -> list[Spare]:
    """Credit notes of the very day on which this money takes a discount, of exactly what it takes off: they come after it.

    Nobody says which was first, and credits are applied before payments; but such a credit note is about the discount. They are
    taken off the positions; the book puts them back (`put_again`). `so_far` is what was paid for the offer before, by item.
    """
    notes = of_that_day(book, positions, money.on)
    for before in ({}, so_far) if notes else ():  # it is as large as was shown that day, or as was shown first
        if about := _about_it(offer, positions, so_far, before, notes, money):
            return book.take_off(put for note in about for put in note.puts)
    return []


def _about_it(
    offer: OfferMade,
    positions: Sequence[Position],
    so_far: Mapping[str, int],
    before: Mapping[str, int],
    notes: Sequence[Noted],
    money: Spare,
) -> Sequence[Noted]:
    """Those of the credit notes that are what the discount takes off when they have not lowered the debt."""
    while notes:
        back = {id(position): 0 for position in positions}
        for put in (put for note in notes for put in note.puts if id(put.position) in back):
            back[id(put.position)] += put.amount
        room = [position.open + back[id(position)] for position in positions]
        saving = saved(offer, sum(room) + sum(before.values()))
        if money.amount < sum(room) - saving:
            return ()
        weights = [space + so_far.get(position.invoice.id, 0) for space, position in zip(room, positions, strict=True)]
        shares = fitting(prorata(saving, weights), room)
        about = [note for note in notes if note.amount in _sums(note, positions, shares)]
        if len(about) == len(notes) or sum(note.amount for note in notes) == saving:
            return notes
        notes = about
    return ()


def _sums(note: Noted, positions: Sequence[Position], shares: Sequence[int]) -> set[int]:
    """What a credit note of a discount may be of: the share of one part of its invoice, of all of them, the whole discount."""
    numbers = {put.position.invoice.number for put in note.puts}
    mine = [part for position, part in zip(positions, shares, strict=True) if position.invoice.number in numbers]
    return {*mine, sum(mine), sum(shares)}
