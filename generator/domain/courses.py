"""How much of an item was open on each day since it was due: the history that interest is counted on.

Money counts where it stands now: what was placed by a guess and has given way since is counted where it went. A debit
under way counts from its day, as it will when it arrives. Money that came in and was given back, or taken back,
counts while it was there: nobody pays interest for days on which the seller had the money.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from generator.domain.disputes import is_open, spans_of
from generator.domain.fee_items import settled

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from generator.domain.accepted import Accepted
    from generator.domain.allocation import Book, Position
    from generator.domain.disputes import Span
    from generator.domain.facts import Facts
    from generator.domain.ledger import Invoice

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Move:
    """`amount` (minor units) is open no more, from the day `since` on: the day after a payment, the very day of a credit note."""

    since: date
    amount: int


@dataclass(frozen=True, slots=True)
class Course:
    """What became of an item that was not paid by its due date.

    `opening` is what was open at first, in minor units; `disputed` when it was disputed, and `agreed` when an agreement gave time for it.
    `before` is how things stood until
    the day on which money went back: that day, and the moves that counted until then.
    """

    opening: int
    moves: tuple[Move, ...] = ()
    disputed: tuple[Span, ...] = ()
    before: tuple[tuple[date, tuple[Move, ...]], ...] = ()
    agreed: tuple[Span, ...] = ()

    def open_on(self, day: date) -> int:
        """What was open as that day began, dispute or not."""
        views = [self.moves, *(moves for until, moves in self.before if day <= until)]
        return min(self.opening - sum(move.amount for move in moves if move.since <= day) for moves in views)

    def disputed_on(self, day: date) -> bool:
        """Whether it was disputed that day."""
        return any(is_open(begins, ends, day) for begins, ends in self.disputed)

    def agreed_on(self, day: date) -> bool:
        """Whether it was payable later by consent that day: an agreement held."""
        return any(is_open(begins, ends, day) for begins, ends in self.agreed)

    def counted_on(self, day: date) -> int:
        """What interest is counted on that day."""
        return 0 if self.disputed_on(day) or self.agreed_on(day) else self.open_on(day)

    def turns(self) -> set[date]:
        """The days on which something may be different from the day before."""
        days = {move.since for moves in (self.moves, *(moves for _, moves in self.before)) for move in moves}
        days |= {until + _DAY for until, _ in self.before}
        return days | {day for span in (*self.disputed, *self.agreed) for day in span if day is not None}


def courses(
    book: Book,
    facts: Facts,
    today: date,
    earlier: Iterable[tuple[date, Book]],
    shown: Sequence[Position],
    agreements: Sequence[Accepted] = (),
) -> dict[str, Course]:
    """The course of every item that was not paid by its due date, by its id; the others have none.

    Of those that are not shown, the ones whose late fees are still asked for have theirs.

    `earlier` are the books as they stood before money went back, each with the day on which it did; `agreements` all that were made.
    """
    touched = {id(put.position) for put in book.puts if put.on > put.position.invoice.due}
    late = [pos for pos in (*shown, *settled(book)) if pos.invoice.due < today and (pos.open or id(pos) in touched)]
    if not late:  # as nearly always
        return {}
    moves, disputed = _moves(book, late), spans_of((position.invoice for position in late), facts.disputes)
    agreed = [(found.items, span) for found in agreements if (span := found.held_on(today)) is not None]
    past = [(on, _moves(view, [view.positions[position.invoice.id] for position in late])) for on, view in earlier]
    return {
        position.invoice.id: Course(
            _opening(position.invoice),
            own,
            tuple(disputed.get(position.invoice.id, ())),
            tuple((on, views[index]) for on, views in past),
            tuple(span for about, span in agreed if position.invoice.id in about),
        )
        for index, (position, own) in enumerate(zip(late, moves, strict=True))
        if position.open or any(move.since > position.invoice.due + _DAY for move in own)
    }


def _opening(invoice: Invoice) -> int:
    return invoice.total.minor - (invoice.paid_undated.minor if invoice.paid_undated else 0)


def _moves(book: Book, positions: Sequence[Position]) -> list[tuple[Move, ...]]:
    """What came off each of these positions, in the order of days."""
    found: dict[int, list[Move]] = {id(position): [] for position in positions}
    for put in book.puts:
        moves = found.get(id(put.position))
        if moves is not None and put.amount:
            moves.append(Move(put.on if put.payment is None else put.on + _DAY, put.amount))
    for saving in book.savings:  # a discount comes with the payment that takes it
        if (moves := found.get(id(saving.position))) is not None:
            moves.append(Move(saving.on + _DAY, saving.amount))
    return [tuple(sorted(found[id(position)], key=lambda move: move.since)) for position in positions]
