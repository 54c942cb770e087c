"""Recaps: an agreement told to the client in writing, once when it is made and once for each change of it.

What a client was told is in the names of the recaps that left: every instalment with its day and its amount. So a change
is seen without anything else to remember, and dates that fell away can be taken out of the client's calendar even when the
ledger knows nothing of them any more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from generator.domain.account import Status
from generator.domain.due import CalendarEntry, Recap, RecapKind
from generator.domain.following import BROKEN
from generator.domain.money import Money, is_currency
from generator.domain.policy import AGREEMENT_OVER, RECAP

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from generator.domain.account import Agreement, Item
    from generator.domain.delivery import MessageSent

#: An agreement that was made longer ago is not told of any more: the first run writes to nobody about old ones.
RECAP_DAYS = 14

#: One dated instalment in the name of a recap: the agreement, the day, the amount.
_Part = tuple[date, Money]
_NAME = re.compile(r"(.+)@(\d{4}-\d{2}-\d{2})/([A-Z]{3})/(\d+)", re.DOTALL)
_OVER = "@over"
_ASKED = frozenset({Status.IN_PLAN, Status.OVERDUE, Status.DUE, Status.NOT_DUE})


@dataclass(frozen=True, slots=True)
class _Told:
    """What the client was last told of an agreement: its dates (none once it is over), the invoices, and how often anything."""

    id: str
    on: date
    times: int
    parts: tuple[_Part, ...]
    invoices: frozenset[str]


def recaps(
    agreements: Sequence[Agreement],
    items: Sequence[Item],
    sent: Iterable[MessageSent],
    today: date,
    *,
    thanks: bool = False,
) -> Iterator[Recap]:
    """What is to be told today of all the agreements of one client: those in force first, in their order.

    An agreement that takes the place of another takes its dates out of the calendar too: that is one message. With `thanks`, one
    that was kept to its last day is told of once more, though no calendar needs to know.
    """
    told = _told(sent)
    asked = {item.id: item.open.minor for item in items if item.status in _ASKED}
    past = {known.id: known for known in told.values() if _ahead(known, today)}
    for agreement in agreements:
        before = told.get(agreement.id)
        if not agreement.holds or agreement.next is None or not any(asked.get(one) for one in agreement.invoices):
            continue
        past.pop(agreement.id, None)
        if (before.parts == _parts(agreement)) if before else not _fresh(agreement, today):
            continue
        gone = [known for known in past.values() if _gave_way(known, agreement, agreements)]
        for known in gone:
            del past[known.id]
        yield _in_force(agreement, before, gone, today)
    by_id = {agreement.id: agreement for agreement in agreements}
    if thanks:
        kept = (known for known in told.values() if known.parts and _just_kept(by_id.get(known.id), today))
        past |= {known.id: known for known in kept}
    yield from (recap for known in past.values() if (recap := _ended(known, by_id.get(known.id), today)))


def endings(agreements: Sequence[Agreement], sent: Iterable[MessageSent], today: date) -> Iterator[Recap]:
    """What is to be told of agreements that were not kept: once each, whatever the client was told of them before."""
    known = _told(sent)
    for agreement in agreements:
        if agreement.broken and not agreement.told:
            before = known.get(agreement.id)
            calendar = tuple(_taken_out(before, agreement.signed_on, today)) if before else ()
            told_on = before.on if before else None
            yield Recap(RecapKind.BROKEN, agreement.id, agreement, agreement.invoices, calendar, told_on)


def names(recap: Recap) -> tuple[str, ...]:
    """What is remembered of a recap once it has left: see `_told`."""
    if recap.kind is RecapKind.BROKEN:
        return (f"{recap.id}{BROKEN}",)
    replaced = dict.fromkeys(entry.agreement for entry in recap.calendar if entry.agreement != recap.id)
    over = tuple(f"{name}{_OVER}" for name in replaced)
    if recap.agreement is None or recap.kind in {RecapKind.PAID, RecapKind.OVER}:
        return (f"{recap.id}{_OVER}", *over)
    return (*(_name(recap.id, due, amount) for due, amount in _parts(recap.agreement)), *over)


def amounts_told(about: Iterable[str]) -> Iterator[Money]:
    """The instalments in the names of a recap."""
    yield from (part[1] for name in about if (part := _part(name)[1]))


def announced(sent: Iterable[MessageSent], instalment: str, since: date) -> bool:
    """Whether a recap named this instalment (`EC-1@2026-11-26`) on that day or later: nobody needs a reminder the day after."""
    return any(
        message.step == RECAP and since <= message.on and name.startswith(f"{instalment}/")
        for message in sent
        for name in message.about
    )


def _name(agreement: str, due: date, amount: Money) -> str:
    return f"{agreement}@{due.isoformat()}/{amount.currency}/{amount.minor}"


def _part(name: str) -> tuple[str, _Part | None]:
    """The agreement that a name of a recap is about, and the instalment; empty for what is about a payment."""
    for end in (_OVER, BROKEN):
        if name.endswith(end):
            return name.removesuffix(end), None
    found = _NAME.fullmatch(name)
    try:
        due = date.fromisoformat(found[2]) if found else None
    except ValueError:
        due = None
    if found is None or due is None or not is_currency(found[3]):
        return "", None
    return found[1], (due, Money(int(found[4]), found[3]))


def _parts(agreement: Agreement) -> tuple[_Part, ...]:
    return tuple((part.due, part.amount) for part in agreement.instalments)


def _told(sent: Iterable[MessageSent]) -> dict[str, _Told]:
    """What was said of each agreement, from the recaps that left, in their order."""
    found: dict[str, _Told] = {}
    for message in sent:
        if message.step not in {RECAP, AGREEMENT_OVER}:
            continue
        known: dict[str, list[_Part]] = {}
        for name in message.about:
            agreement, part = _part(name)
            if agreement:
                known.setdefault(agreement, []).extend([part] if part else [])
        invoices = frozenset(entry.invoice for entry in message.items)
        for agreement, parts in known.items():
            times = found[agreement].times + 1 if agreement in found else 1
            found[agreement] = _Told(agreement, message.on, times, tuple(parts), invoices)
    return found


def _fresh(agreement: Agreement, today: date) -> bool:
    """Whether it can still be told that it was made: lately, and before a date of it was missed, which is spoken of otherwise."""
    missed = any(part.open and part.due < today for part in agreement.instalments)
    return not missed and (today - agreement.signed_on).days <= RECAP_DAYS


def _ahead(known: _Told, today: date) -> bool:
    """Whether the client's calendar holds a date of it that is still to come. What is paid on its last day needs no word."""
    return any(due > today for due, _ in known.parts)


def _just_kept(agreement: Agreement | None, today: date) -> bool:
    """Whether the last of it came in lately, and it was kept."""
    if agreement is None or agreement.kept_on is None:
        return False
    return (today - agreement.kept_on).days <= RECAP_DAYS


def _gave_way(known: _Told, new: Agreement, agreements: Sequence[Agreement]) -> bool:
    """Whether a new agreement takes the place of one that the client was told of: about the same invoices, and over."""
    return bool(known.invoices & set(new.invoices)) and not any(
        one.id == known.id and not one.ended and one.next for one in agreements
    )


def _in_force(agreement: Agreement, before: _Told | None, gone: Sequence[_Told], today: date) -> Recap:
    """The recap of an agreement that holds. What is paid already needs no date in a calendar."""
    count, times = len(agreement.instalments), before.times if before else 0
    entries = [
        CalendarEntry(agreement.id, number, count, part.due, part.amount, times, agreement.signed_on)
        for number, part in enumerate(agreement.instalments, start=1)
        if part.open
    ]
    if before is not None:
        kept = {entry.number for entry in entries}
        entries += [entry for entry in _taken_out(before, agreement.signed_on, today) if entry.number not in kept]
    for known in gone:
        entries += _taken_out(known, agreement.signed_on, today)
    told_on = max((known.on for known in (before, *gone) if known is not None), default=None)
    kind = RecapKind.MADE if before is None else RecapKind.CHANGED
    return Recap(kind, agreement.id, agreement, agreement.invoices, tuple(entries), told_on)


def _ended(known: _Told, agreement: Agreement | None, today: date) -> Recap | None:
    """The recap of an agreement of which a date is still in the client's calendar and should not be; None when it should."""
    if agreement is not None and all(part.paid >= part.amount for part in agreement.instalments):
        kind = RecapKind.PAID
    elif agreement is None or agreement.ended:
        kind = RecapKind.OVER
    else:
        return None
    made_on = known.on if agreement is None else agreement.signed_on
    invoices = tuple(sorted(known.invoices)) if agreement is None else agreement.invoices
    return Recap(kind, known.id, agreement, invoices, tuple(_taken_out(known, made_on, today)), known.on)


def _taken_out(known: _Told, made_on: date, today: date) -> list[CalendarEntry]:
    """The dates that the client was told of, from today on, to be taken out of their calendar."""
    return [
        CalendarEntry(known.id, number, len(known.parts), due, amount, known.times, made_on, cancelled=True)
        for number, (due, amount) in enumerate(known.parts, start=1)
        if due >= today
    ]
