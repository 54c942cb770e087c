"""Claimed late fees in the book: each claimed invoice has an item of its own for them, beside it.

Its position begins at nothing; a claim raises (or lowers) it as the day on which it was told begins, and a waiver lets go of
what is open of it. What was paid of a claim that falls since is the client's again.
Amounts in this module are minor units of the account's one currency.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from generator.domain.account import How, Item
from generator.domain.allocation import Position, Put, Spare
from generator.domain.claims import FEES, Claim, Counted
from generator.domain.fee_history import FeePaid, FeeWaived
from generator.domain.ledger import InvoiceStatus
from generator.domain.money import Money, total

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from generator.domain.accepted import Accepted
    from generator.domain.allocation import Book
    from generator.domain.facts import Facts
    from generator.domain.ledger import FeeWaiver, Invoice


@dataclass(slots=True)
class FeePosition(Position):
    """The late fees of one invoice while money is put on them: `open` = `claimed` - `waived` - `paid` - `credited`.

    `counted` are the claims that made it, and their corrections; `waivings` what was waived and when. `returned` is what was taken off
    all that covers it as a claim fell, with the day on which it did.
    """

    claimed: int = 0
    waived: int = 0
    counted: list[Counted] = field(default_factory=list)
    waivings: list[tuple[Put, FeeWaiver]] = field(default_factory=list)
    returned: list[tuple[date, int, Put]] = field(default_factory=list)
    _waiting: list[list[object]] = field(
        default_factory=list, repr=False
    )  # waivers, and what they have still to let go

    @property
    def total(self) -> int:
        """All that is or was to be paid of them."""
        return self.claimed - self.waived


def fee_positions(facts: Facts) -> list[FeePosition]:
    """A position for each invoice on which fees were claimed, at nothing."""
    days: dict[str, date] = {}
    for one in facts.claims:
        days[one.item] = min(one.on, days.get(one.item, one.on))
    return [FeePosition(_fee_invoice(one, days[one.id]), 0) for one in (*facts.invoices, *facts.void) if one.id in days]


def _fee_invoice(parent: Invoice, on: date) -> Invoice:
    """What stands for the fees where invoices stand. Of an invoice that is settled on a day unknown they are still asked for."""
    return replace(
        parent,
        part=f"{parent.part}/{FEES}" if parent.part else FEES,
        fee_of=parent.id,
        issued=on,
        total=Money(0, parent.total.currency),
        status=InvoiceStatus.OPEN if parent.status is InvoiceStatus.PAID else parent.status,
        vat=(),
        document="",
        value="",
        paid_undated=None,
        promised_on=None,
        discount_percent=None,
        disputed_on=None,
        dispute_closed_on=None,
    )


@dataclass(frozen=True, slots=True)
class FeeStep:
    """Something that happens to fees on a day: a claim counts, or its correction does, or the owner waives."""

    positions: tuple[FeePosition, ...]
    on: date
    claim: Counted | None = None
    waiver: FeeWaiver | None = None

    def happen(self, book: Book, agreements: Sequence[Accepted]) -> None:
        """What it does. What agreements are about goes up and down with their fees, so that nobody takes that for a payment."""
        before = [position.open for position in self.positions]
        if self.waiver is not None:
            _waive(book, self.positions, self.waiver, self.on)
        if (claim := self.claim) is not None:
            for position in self.positions:
                position.counted.append(claim)
                _charge(book, position, claim.claim.amount, self.on)
        for position, was in zip(self.positions, before, strict=True):
            for agreement in agreements if position.open != was else ():
                if any(one is position for one in agreement.positions):
                    agreement.refigure(position, position.open - was, waived=self.waiver is not None)


def fee_steps(facts: Facts, book: Book) -> tuple[list[tuple[date, int, FeeStep]], list[FeeStep]]:
    """What happens to fees, each with its day and its place in it; and what happens last, once the day's money is here."""
    fees = [position for position in book.positions.values() if isinstance(position, FeePosition)]
    by_parent = {position.invoice.fee_of: position for position in fees}
    steps, last = [], []
    for one in sorted(facts.claims, key=lambda one: (one.on, one.claim.on, one.claim.step)):
        step = FeeStep((by_parent[one.item],), one.on, claim=one)
        if one.told_on is None:
            last.append(step)
        else:
            steps.append((one.on, -2, step))
    for waiver in facts.fee_waivers:
        about = tuple(fee for fee in fees if waiver.invoice in {fee.invoice.fee_of, fee.invoice.number})
        if about:
            steps.append((waiver.on, _place(waiver, about, facts), FeeStep(about, waiver.on, waiver=waiver)))
    return steps, last


def _place(waiver: FeeWaiver, about: Iterable[FeePosition], facts: Facts) -> int:
    """As its day begins; after the signature of that day of an agreement that names the fees: it was written with them in it."""
    names = {position.invoice.id for position in about}
    signed = (record for record in facts.agreements if record.signed_on == waiver.on)
    return 1 if any(not names.isdisjoint(record.invoices) for record in signed) else -1


def credited_on(invoice: Invoice, facts: Facts) -> date | None:
    """The day on which credit notes had taken back all of an invoice, with all of its parts where they name the whole."""
    number, parent = invoice.number, invoice.id
    parts = [one for one in facts.invoices if one.number == number]
    sums, limits = {number: 0, parent: 0}, {number: sum(one.total.minor for one in parts)}
    limits[parent] = sum(one.total.minor for one in parts if parent in {one.id, number})
    for note in sorted(facts.credit_notes, key=lambda note: note.issued):
        if note.invoice in sums:
            sums[note.invoice] += note.amount.minor
            if sums[note.invoice] >= limits[note.invoice]:
                return note.issued
    return None


def _charge(book: Book, position: FeePosition, wanted: int, on: date) -> None:
    """Fees are claimed anew, in the place of what was claimed before. What was paid beyond that is a credit."""
    more, position.claimed = wanted - position.claimed, wanted
    if more > 0:
        position.open += more
        position.closed_on = None
        _let_go(book, position, on)
        return
    back = -more - position.open
    position.open = max(0, position.open + more)
    if back > 0:
        back -= _give_back(book, position, back, on)
        for put, _ in reversed(position.waivings):  # what was waived of it is not claimed any more
            part = min(put.amount, back)
            put.amount -= part
            position.waived -= part
            back -= part
            position.returned.append((on, part, put))
    if not position.open:
        position.closed_on = on


def _give_back(book: Book, position: FeePosition, wanted: int, on: date) -> int:
    """Takes so much of what covers fees off them, the last first: it is the client's again. Returns how much it was."""
    waived = {id(put) for put, _ in position.waivings}
    left = wanted
    for put in reversed(book.puts):
        if put.position is not position or id(put) in waived or not left:
            continue
        part = min(put.amount, left)
        put.amount -= part
        left -= part
        if put.payment is None:
            position.credited -= part
        else:
            position.paid -= part
        if part:
            position.returned.append((on, part, put))
            book.spare.append(Spare(put.on, part, put.source, put.payment, put.number))
    return wanted - left


def _waive(book: Book, positions: Iterable[FeePosition], waiver: FeeWaiver, on: date) -> None:
    """Lets go of what is open, up to the waiver's amount; what it has more than that is for what is claimed later."""
    left: list[object] = [waiver, None if waiver.amount is None else waiver.amount.minor]
    for position in positions:
        position._waiting.append(left)  # noqa: SLF001 - one waiver of several parts, shared by them
        _let_go(book, position, on)


def _let_go(book: Book, position: FeePosition, on: date) -> None:
    for entry in position._waiting:  # noqa: SLF001 - as above
        waiver, amount = entry
        part = position.open if amount is None else min(position.open, amount)  # type: ignore[call-overload]
        if not part:
            continue
        if amount is not None:
            entry[1] = amount - part  # type: ignore[operator]
        position.open -= part
        position.waived += part
        put = Put(on, position, part, How.CREDIT, waiver.source, None)  # type: ignore[attr-defined]
        book.puts.append(put)
        position.waivings.append((put, waiver))  # type: ignore[arg-type]
        if not position.open:
            position.closed_on = on


def settled(book: Book) -> list[Position]:
    """The invoices with claimed fees that their owner says are settled: no client is shown them, and their fees are asked for."""
    fees = [position for position in book.positions.values() if isinstance(position, FeePosition)]
    parents = (book.positions.get(fee.invoice.fee_of) for fee in fees)
    return [position for position in parents if position and position.invoice.status is InvoiceStatus.PAID]


def with_totals(items: Iterable[Item]) -> tuple[Item, ...]:
    """The items, those of fees with what they come to: all that was paid, credited and is still to be paid."""
    return tuple(_with_total(item) if item.fee_of else item for item in items)


def _with_total(item: Item) -> Item:
    parts = [item.paid, item.credited, item.open, *([item.in_flight] if item.in_flight else [])]
    whole = total(parts, item.open.currency)
    return replace(item, invoice=replace(item.invoice, total=whole), total=whole)


def claims_of(book: Book, items: Sequence[Item], currency: str) -> Iterator[Claim]:
    """What became of every claim, oldest invoice first; one that fell to nothing before it was told is none."""
    by_id = {item.id: item for item in items}
    for position in book.positions.values():
        if not isinstance(position, FeePosition) or not any(one.claim.amount for one in position.counted):
            continue
        item = by_id.get(position.invoice.id)
        claimed = [one for one in position.counted if not one.corrects]
        waivings, receipts = _came_off(book, position, currency)
        yield Claim(
            invoice=position.invoice.fee_of,
            item=position.invoice.id,
            claimed=tuple(one.claim for one in claimed),
            told_on=claimed[-1].told_on,
            told=tuple(one.told_on for one in claimed if one.told_on is not None),
            corrections=tuple(one.claim for one in position.counted if one.corrects),
            waived=Money(position.claimed - item.total.minor if item else position.waived, currency),
            paid=item.paid + item.credited if item else Money(position.paid + position.credited, currency),
            open=item.open if item else Money(0, currency),
            waivings=waivings,
            receipts=receipts,
        )


def _came_off(book: Book, position: FeePosition, currency: str) -> tuple[tuple[FeeWaived, ...], tuple[FeePaid, ...]]:
    """What was waived, and what came in: each as it was then, and as less than nothing what was taken back as a claim fell."""
    back: Counter[int] = Counter()
    for _, amount, put in position.returned:
        back[id(put)] += amount
    owner = {id(put): waiver for put, waiver in position.waivings}
    mine = [put for put in book.puts if put.position is position]
    moves = [(put.on, put.amount + back[id(put)], put) for put in mine]
    moves += [(on, -amount, put) for on, amount, put in position.returned]
    waived = (
        FeeWaived(on, Money(amount, currency), owner[id(put)].reason, owner[id(put)].source)
        for on, amount, put in moves
        if amount and id(put) in owner
    )
    paid = (
        FeePaid(on, Money(amount, currency), put.payment)
        for on, amount, put in moves
        if amount and id(put) not in owner
    )
    return tuple(waived), tuple(paid)
