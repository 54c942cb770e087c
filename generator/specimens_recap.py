"""Invented agreements on which the templates of recaps, and of the agreement on paper, are tried."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from generator.domain.account import Agreement, Instalment, Status
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
    """Agreements that were made (with the first part paid; in the place of another), changed, paid early or to their day, or over."""
    four, share = _parts(one.open, 4, today), Money(one.open.minor // 4, one.open.currency)
    begun = (replace(four[0], paid=share), *four[1:])
    agreement = Agreement(_ID, _REFERENCE, today, (one.id,), begun, holds=True, owed=(one.open,))
    gone, card = _dates(agreement, gone=True), Receipt(today, share, (one.id,), "card")
    made = Recap(RecapKind.MADE, _ID, agreement, agreement.invoices, _dates(agreement))
    yield Case((one,), made, (card,))
    less = replace(agreement, saving=Money(5000, one.open.currency))
    yield Case((one,), replace(made, agreement=less), plain=True)
    both = replace(agreement, invoices=(one.id, other.id), instalments=_parts(one.open, 1, today))
    new = Recap(RecapKind.MADE, "EC-2", both, both.invoices, (*_dates(both), *gone), today)
    yield Case((one, other), new, plain=True)
    flying = replace(agreement, instalments=(replace(four[0], in_flight=share), *four[1:]))
    changed = replace(made, kind=RecapKind.CHANGED, agreement=flying, calendar=_dates(flying), told_on=today)
    yield Case((one,), changed, (card, card), plain=True)
    noted = (begun[0], replace(four[1], paid=share, credited=share), *four[2:])
    less_of_it = replace(agreement, instalments=noted, disputed=share)
    yield Case((one,), replace(changed, agreement=less_of_it, calendar=_dates(less_of_it)))
    again = replace(agreement, saving=Money(5000, one.open.currency), saving_lost=True)
    yield Case((one,), replace(changed, kind=RecapKind.RESUMED, agreement=again, calendar=_dates(again)))
    settled = replace(agreement, instalments=tuple(replace(part, paid=part.amount) for part in four))
    all_paid = tuple(replace(entry, paid=True) for entry in gone)
    paid = replace(made, kind=RecapKind.PAID, agreement=settled, calendar=all_paid, told_on=today)
    yield Case((one,), paid, (card,))
    last = settled.instalments[-1].due
    kept = replace(settled, kept_on=last, saving=Money(5000, one.open.currency), saved_on=last)
    yield Case((one,), replace(paid, agreement=kept, calendar=()))
    over = replace(paid, kind=RecapKind.OVER, calendar=gone, agreement=replace(agreement, holds=False, ended=True))
    yield Case((one,), over)
    yield Case((one,), replace(over, agreement=None, calendar=gone[:1]))
    yield from _broken_cases(agreement, one, other, gone, today)


def _broken_cases(
    agreement: Agreement, one: Item, other: Item, gone: tuple[CalendarEntry, ...], today: date
) -> Iterator[Case]:
    """Agreements that were not kept: of one invoice with a part paid; of two, without a date in a calendar; not all due yet."""
    first, *rest = (replace(part, due=part.due - timedelta(days=40)) for part in agreement.instalments)
    parts = (first, replace(rest[0], noticed_on=today - timedelta(days=14)), *rest[1:])
    ended = replace(agreement, instalments=parts, holds=False, broken_on=today, missed=parts[1].due)
    broken = Recap(RecapKind.BROKEN, _ID, ended, ended.invoices, gone, today - timedelta(days=60))
    late = (replace(one, status=Status.OVERDUE), replace(other, status=Status.OVERDUE))
    yield Case(late[:1], broken)
    both = replace(ended, invoices=(one.id, other.id), saving=Money(5000, one.open.currency))
    yield Case(late, replace(broken, agreement=both, invoices=both.invoices, calendar=()), plain=True)
    yield Case(
        (*late[:1], replace(other, status=Status.NOT_DUE)), replace(broken, agreement=both, invoices=both.invoices)
    )
    yield Case((replace(one, status=Status.NOT_DUE),), broken)


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
