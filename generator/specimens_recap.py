"""Invented agreements on which the templates of recaps, and of the agreement on paper, are tried."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from generator.domain.account import Agreement, Instalment
from generator.domain.due import CalendarEntry, Recap, RecapKind, Receipt
from generator.domain.money import Money, split

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from generator.domain.account import Item

_ID, _REFERENCE = "EC-1", "RF18539007547034"


class Case(NamedTuple):
    """One recap to try; `plain`: to somebody who is no business and of whom little is known."""

    items: tuple[Item, ...]
    recap: Recap
    received: tuple[Receipt, ...] = ()
    plain: bool = False


def recap_cases(one: Item, other: Item, today: date) -> Iterator[Case]:
    """Agreements that were made (with the first part paid; in the place of another), changed, paid early, or are over."""
    four, share = _parts(one.open, 4, today), Money(one.open.minor // 4, one.open.currency)
    begun = (replace(four[0], paid=share), *four[1:])
    agreement = Agreement(_ID, _REFERENCE, today, (one.id,), begun, holds=True, owed=(one.open,))
    gone, card = _dates(agreement, gone=True), Receipt(today, share, (one.id,), "card")
    made = Recap(RecapKind.MADE, _ID, agreement, agreement.invoices, _dates(agreement))
    yield Case((one,), made, (card,))
    both = replace(agreement, invoices=(one.id, other.id), instalments=_parts(one.open, 1, today))
    new = Recap(RecapKind.MADE, "EC-2", both, both.invoices, (*_dates(both), *gone), today)
    yield Case((one, other), new, plain=True)
    flying = replace(agreement, instalments=(replace(four[0], in_flight=share), *four[1:]))
    changed = replace(made, kind=RecapKind.CHANGED, agreement=flying, calendar=_dates(flying), told_on=today)
    yield Case((one,), changed, (card, card), plain=True)
    settled = replace(agreement, instalments=tuple(replace(part, paid=part.amount) for part in four))
    paid = replace(made, kind=RecapKind.PAID, agreement=settled, calendar=gone, told_on=today)
    yield Case((one,), paid, (card,))
    over = replace(paid, kind=RecapKind.OVER, agreement=replace(agreement, holds=False, ended=True))
    yield Case((one,), over)
    yield Case((one,), replace(over, agreement=None, calendar=gone[:1]))


def _parts(whole: Money, count: int, today: date) -> tuple[Instalment, ...]:
    nothing = Money(0, whole.currency)
    return tuple(
        Instalment(today + timedelta(days=30 * number), Money(share, whole.currency), nothing)
        for number, share in enumerate(split(whole.minor, count))
    )


def _dates(agreement: Agreement, *, gone: bool = False) -> tuple[CalendarEntry, ...]:
    parts = agreement.instalments
    return tuple(
        CalendarEntry(
            agreement.id, number, len(parts), part.due, part.amount, int(gone), agreement.signed_on, cancelled=gone
        )
        for number, part in enumerate(parts, start=1)
        if part.open
    )
