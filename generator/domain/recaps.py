"""Recaps: an agreement told to the client in writing, once when it is made and once for each change of it.

What a client was told is in the names of the recaps that left: every instalment with its day and its amount, without what
credit notes took off, and whether it was paid already. So a change is seen without anything else to remember, and dates that
fell away can be taken out of the client's calendar even when the ledger knows nothing of them any more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from generator.domain.account import Status
from generator.domain.due import CalendarEntry, Recap, RecapKind
from generator.domain.following import BROKEN
from generator.domain.money import Money, is_currency, total
from generator.domain.policy import AGREEMENT_OVER, RECAP

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from generator.domain.account import Agreement, Item
    from generator.domain.delivery import MessageSent

#: An agreement that was made longer ago is not told of any more: the first run writes to nobody about old ones.
RECAP_DAYS = 14

#: One dated instalment in the name of a recap: the agreement, the day, the amount.
_Part = tuple[date, Money]
_NAME = re.compile(r"(.+)@(\d{4}-\d{2}-\d{2})/([A-Z]{3})/(\d+)(?:/paid)?", re.DOTALL)
_OVER, _PAID = "@over", "/paid"
_ASKED = frozenset({Status.IN_PLAN, Status.OVERDUE, Status.DUE, Status.NOT_DUE})


@dataclass(frozen=True, slots=True)
class _Told:
    """What the client was last told of an agreement: its dates (none once it is over), the invoices, and how often anything.

    `settled` are the numbers of those that were no date to keep any more. `last` are the dates that they were told before it was
    over, on the day of `shown_on`.
    """

    id: str
    on: date
    times: int
    parts: tuple[_Part, ...]
    settled: frozenset[int]
    invoices: frozenset[str]
    last: tuple[_Part, ...]
    shown_on: date

    @property
    def dates(self) -> Iterator[tuple[int, date, Money]]:
        """Those that were put in the client's calendar, each with its number."""
        for number, (due, amount) in enumerate(self.parts, start=1):
            if amount and number not in self.settled:
                yield number, due, amount


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
    told, by_id = _told(sent), {agreement.id: agreement for agreement in agreements}
    asked = {item.id: item.open.minor for item in items if item.status in _ASKED}
    past = {known.id: known for known in told.values() if _ahead(known, today)}
    for agreement in agreements:
        before = told.get(agreement.id)
        if not agreement.holds or agreement.next is None or not any(asked.get(one) for one in agreement.invoices):
            continue
        past.pop(agreement.id, None)
        if _says_so(before, agreement, today) if before else not _fresh(agreement, today):
            continue
        gone = [known for known in past.values() if _gave_way(known, agreement, agreements)]
        for known in gone:
            del past[known.id]
        fallen = None if agreement.waiver else _fallen(by_id[known.id] for known in gone if known.id in by_id)
        yield replace(_in_force(agreement, before, gone, today), fallen=fallen)
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
            calendar = tuple(_taken_out(before, agreement.signed_on, today, agreement)) if before else ()
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
    dated = {entry.number for entry in recap.calendar if entry.agreement == recap.id and not entry.cancelled}
    parts = enumerate(_parts(recap.agreement), start=1)
    told = tuple(_name(recap.id, *part) + ("" if number in dated else _PAID) for number, part in parts)
    return (*told, *over)


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
    """Every instalment, without what credit notes took off: what was paid of it since changes nothing."""
    return tuple((part.due, part.net) for part in agreement.instalments)


def _says_so(before: _Told, agreement: Agreement, today: date) -> bool:
    """Whether the client was told this. What a credit note took off need not be told of a date that has passed, or that is paid."""
    if before.parts == _parts(agreement):
        return True
    agreed = tuple((part.due, part.amount) for part in agreement.instalments)
    coming = [part for part in agreement.instalments if part.due >= today and (part.open or not part.received)]
    return before.parts == agreed and not any(part.credited for part in coming)


def _told(sent: Iterable[MessageSent]) -> dict[str, _Told]:
    """What was said of each agreement, from the recaps that left, in their order."""
    found: dict[str, _Told] = {}
    for message in sent:
        if message.step not in {RECAP, AGREEMENT_OVER}:
            continue
        known: dict[str, list[_Part]] = {}
        settled: set[tuple[str, int]] = set()
        for name in message.about:
            agreement, part = _part(name)
            if agreement:
                known.setdefault(agreement, []).extend([part] if part else [])
            if part and name.endswith(_PAID):
                settled.add((agreement, len(known[agreement])))
        invoices = frozenset(entry.invoice for entry in message.items)
        for agreement, parts in known.items():
            before, told = found.get(agreement), tuple(parts)
            found[agreement] = _Told(
                agreement,
                message.on,
                before.times + 1 if before else 1,
                told,
                frozenset(number for name, number in settled if name == agreement),
                invoices,
                told or (before.last if before else ()),
                message.on if told or before is None else before.shown_on,
            )
    return found


def _fresh(agreement: Agreement, today: date) -> bool:
    """Whether it can still be told that it was made: lately, and before a date of it was missed, which is spoken of otherwise."""
    missed = any(part.open and part.due < today for part in agreement.instalments)
    return not missed and (today - agreement.signed_on).days <= RECAP_DAYS


def _ahead(known: _Told, today: date) -> bool:
    """Whether the client's calendar holds a date of it that is still to come. What is paid on its last day needs no word."""
    return any(due > today for _, due, _ in known.dates)


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
        CalendarEntry(agreement.id, number, count, part.due, part.open, times, agreement.signed_on)
        for number, part in enumerate(agreement.instalments, start=1)
        if part.open
    ]
    if before is not None:
        kept = {entry.number for entry in entries}
        gone_by = _taken_out(before, agreement.signed_on, today, agreement)
        entries += [entry for entry in gone_by if entry.number not in kept]
    for known in gone:
        entries += _taken_out(known, agreement.signed_on, today)
    kind = _kind(before, agreement)
    days = [known.on for known in gone]
    if before is not None:
        days.append(before.shown_on if kind is RecapKind.CHANGED else before.on)
    told_on = max(days, default=None)
    return Recap(kind, agreement.id, agreement, agreement.invoices, tuple(entries), told_on)


def _kind(before: _Told | None, agreement: Agreement) -> RecapKind:
    """What its recap tells, after what the client was told of it before."""
    if before is None:
        return RecapKind.MADE
    dates, parts = [due for due, _ in before.last], _parts(agreement)
    same = before.last in {(), parts} or (agreement.saving_lost and dates == [due for due, _ in parts])
    return RecapKind.RESUMED if same and not before.parts else RecapKind.CHANGED


def _ended(known: _Told, agreement: Agreement | None, today: date) -> Recap | None:
    """The recap of an agreement of which a date is still in the client's calendar and should not be; None when it should."""
    if agreement is not None and agreement.paid:
        kind = RecapKind.PAID
    elif agreement is None or agreement.ended:
        kind = RecapKind.OVER
    else:
        return None
    made_on = known.on if agreement is None else agreement.signed_on
    invoices = tuple(sorted(known.invoices)) if agreement is None else agreement.invoices
    entries = tuple(_taken_out(known, made_on, today, agreement))
    fallen = _fallen([agreement]) if agreement and kind is RecapKind.OVER else None
    return Recap(kind, known.id, agreement, invoices, entries, known.on, fallen)


def _fallen(agreements: Iterable[Agreement]) -> Money | None:
    """What these were to waive once they were kept, and waive no more."""
    lost = [agreement.saving for agreement in agreements if agreement.saving and agreement.saving_lost]
    return total(lost, lost[0].currency) if lost else None


def _taken_out(known: _Told, made_on: date, today: date, agreement: Agreement | None = None) -> Iterator[CalendarEntry]:
    """The dates that the client's calendar was given, from today on, to be taken out of it; with the `agreement`, as they stand in it."""
    parts = agreement.instalments if agreement else ()
    paid = {number for number, part in enumerate(parts, start=1) if part.paid >= part.amount and part.received}
    for number, due, amount in known.dates:
        if due >= today:
            count = len(known.parts)
            yield CalendarEntry(
                known.id, number, count, due, amount, known.times, made_on, cancelled=True, paid=number in paid
            )
