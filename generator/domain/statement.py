"""What one client owes in one currency on one day: the money is put on the invoices, and each item gets its status."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from generator.domain.account import (
    Ageing,
    Guess,
    HistoryKind,
    HistoryLine,
    How,
    Item,
    Status,
)
from generator.domain.allocation import Book, Kept, Position, Spare, net_of_reversals
from generator.domain.claims import fee_id, invoices_of
from generator.domain.courses import courses
from generator.domain.discounts import own_discounts
from generator.domain.disputes import is_open
from generator.domain.fee_history import with_fee_lines
from generator.domain.fee_items import FeePosition, FeeStep, claims_of, fee_positions, fee_steps, with_totals
from generator.domain.following import Watch
from generator.domain.in_flight import told_apart
from generator.domain.ledger import AgreementRecord, InvoiceStatus
from generator.domain.money import Money
from generator.domain.reconciliation import Why
from generator.domain.references import account_reference
from generator.domain.settlements import Settlements
from generator.domain.vouchers import Earning, Voucher
from generator.domain.written_down import CreditDue, Written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from generator.domain.accepted import Accepted
    from generator.domain.allocation import Put
    from generator.domain.claims import Claim
    from generator.domain.courses import Course
    from generator.domain.facts import Facts
    from generator.domain.ledger import CreditNote, Payment, Promise
    from generator.domain.memory import OfferMade

#: Of two facts of one day, the one whose kind stands first.
_ORDER = tuple(HistoryKind)
#: Invoices that nobody is asked to pay to us, whatever their balance.
NOT_OURS_TO_ASK = frozenset(
    {
        InvoiceStatus.DRAFT,
        InvoiceStatus.PAID,
        InvoiceStatus.VOID,
        InvoiceStatus.WRITTEN_OFF,
        InvoiceStatus.FACTORED,
    }
)


@dataclass(frozen=True, slots=True)
class Statement:
    """The result: items oldest due first, what is left over, and how it came about.

    `accepted` are agreements as they stand with the debits under way; `arrived` is what was really paid on each, by id.
    `vouchers` are those that payments have earned. `courses` are those of the items that were not paid by their due date, by item.
    `positions` and `puts`, the money on them, are without those debits.
    """

    as_of: date
    items: tuple[Item, ...]
    positions: tuple[Position, ...]
    puts: Sequence[Put]
    credit: Money
    accepted: tuple[Accepted, ...]
    arrived: Mapping[str, int]
    own_offers: tuple[OfferMade, ...]
    history: tuple[HistoryLine, ...]
    guesses: tuple[Guess, ...]
    courses: Mapping[str, Course]
    vouchers: tuple[Voucher, ...]
    credits_due: tuple[CreditDue, ...]
    claims: tuple[Claim, ...] = ()


def draw_up(facts: Facts, offers: Sequence[OfferMade], today: date) -> Statement:
    """The statement of one account. `offers` are those of the journal for this client and currency."""
    own = own_discounts(invoice for invoice in facts.invoices if invoice.status not in NOT_OURS_TO_ASK)
    disputes = _disputes(facts, today)
    settlements = _settled(facts, [*own, *offers], today, disputes, facts.payments)
    book = settlements.book
    soon = settlements
    if facts.in_flight:  # what they are for is asked for no more, as if they had arrived
        soon = _settled(facts, [*own, *offers], today, disputes, [*facts.payments, *facts.in_flight])
    in_plan = soon.bound_on(today)  # once credits are on the instalments
    credit = Money(sum(money.amount for money in book.spare), facts.currency)
    shown = _shown(soon.book)
    items = tuple(_item(position, today, disputes, in_plan, facts.promises) for position in (*shown, *_fees(soon.book)))
    if soon is not settlements:
        items, spare = told_apart(items, book, soon.book, facts.in_flight)
        credit = Money(spare, facts.currency)
    if refunds := [payment for payment in facts.payments if payment.undoes and payment.method == Why.REFUND]:
        opened = _opened_by(refunds, facts, [*own, *offers], items)
        items = tuple(replace(item, refunded_on=opened.get(item.id)) for item in items)
    claims: tuple[Claim, ...] = ()
    if facts.claims:
        items = with_totals(items)
        claims = tuple(claims_of(book, items, facts.currency))
    return Statement(
        as_of=today,
        items=items,
        positions=_shown(book),
        puts=book.puts,
        credit=credit,
        accepted=tuple(soon.accepted),
        arrived={found.id: found.paid for found in settlements.accepted},
        own_offers=tuple(own),
        history=with_fee_lines(_history(facts, settlements), claims),
        guesses=_guesses(facts.client, book, facts.currency),
        courses=courses(soon.book, facts, today, _before_reversals(facts, [*own, *offers]), shown, soon.accepted),
        vouchers=tuple(
            settlements.earning.vouchers(book.puts, {item for one in settlements.taken for item in one.invoices})
        ),
        credits_due=_credits_due(book, facts),
        claims=claims,
    )


def _credits_due(book: Book, facts: Facts) -> tuple[CreditDue, ...]:
    """Every discount that was taken, by invoice, in the order of days; with the credit notes that say so."""
    wholes = {note.number: note.amount for note in facts.credit_notes}
    found = (
        CreditDue(
            saving.on,
            saving.position.invoice.id,
            Money(saving.amount, facts.currency),
            saving.reference,
            tuple(Written(number, Money(part, facts.currency), wholes[number]) for number, part in saving.notes),
        )
        for saving in book.savings
        if saving.amount and not saving.position.invoice.fee_of  # no credit note gives back what no invoice asked for
    )
    return tuple(sorted(found, key=lambda due: (due.on, due.invoice)))


def _before_reversals(facts: Facts, offers: Sequence[OfferMade]) -> Iterator[tuple[date, Book]]:
    """The book as it stood before money went back, for each day on which it did; drawn up only where somebody asks."""
    for on in sorted({payment.date for payment in facts.payments if payment.amount.minor < 0}):
        eve = on - timedelta(days=1)
        known = facts.until(eve)
        yield on, _settled(known, offers, eve, _disputes(known, eve), known.payments).book


def _settled(
    facts: Facts, offers: Sequence[OfferMade], today: date, disputes: dict[str, str], payments: Sequence[Payment]
) -> Settlements:
    """The money of these payments on the invoices, with the offers that it takes."""
    reference, watch = account_reference(facts.client, facts.currency), Watch.of(facts.following, facts, offers)
    book = Book.of(facts.invoices, fee_positions(facts), fees_first=facts.interest_first)
    settlements = Settlements(book, offers, reference, watch, earning=Earning.of(offers))
    _go_through(facts, settlements, payments)
    settlements.pass_days(today, whole=True)
    settlements.book.apply_spare(today, settlements.bound_on(today), frozenset(disputes))
    settlements.earn()
    return settlements


def _opened_by(
    refunds: Sequence[Payment], facts: Facts, offers: Sequence[OfferMade], items: Sequence[Item]
) -> dict[str, date]:
    """The open items that a refund opened again, each with the day of the last one that did.

    Those are the items of which less would have been open that day without it. Where the refunded payment had been put
    does not tell: once it is gone, the payments after it may cover other invoices, and a discount may go with it.
    What else arrived on that day counts as arriving after it: an invoice that is refunded and paid again on one day has
    not opened the others, which the second payment would else have covered.
    """
    found: dict[str, date] = {}
    refunded = {refund.undoes for refund in refunds}
    for refund in sorted(refunds, key=lambda payment: payment.date, reverse=True):
        on = refund.date
        waiting = [item.id for item in items if item.open and item.invoice.issued <= on and item.id not in found]
        if not waiting:
            continue
        known = facts.until(on)
        disputes = _disputes(known, on)
        payments = [
            payment
            for payment in known.payments
            if payment.date < on or payment.undoes or not refunded.isdisjoint(payment.stripe)
        ]
        without = [payment for payment in payments if payment is not refund]
        after = _settled(known, offers, on, disputes, payments).book.positions
        before = _settled(known, offers, on, disputes, without).book.positions
        found |= dict.fromkeys((item for item in waiting if after[item].open > before[item].open), on)
    return found


def _shown(book: Book) -> tuple[Position, ...]:
    """The invoices that the client is shown; the others are in the book so that what was paid on them stays on them."""
    every = (position for position in book.positions.values() if not position.invoice.fee_of)
    return tuple(position for position in every if position.invoice.status not in NOT_OURS_TO_ASK)


def _fees(book: Book) -> tuple[Position, ...]:
    """The late fees that the client is shown beside their invoices."""
    every = (position for position in book.positions.values() if isinstance(position, FeePosition) and position.total)
    return tuple(position for position in every if position.invoice.status not in NOT_OURS_TO_ASK)


def _go_through(facts: Facts, settlements: Settlements, payments: Sequence[Payment]) -> None:
    """Credit notes, signatures and payments in the order of their dates; on one day, in this order.

    Credits are applied before each payment: what the client was asked that day is what the payment is held against.
    """
    book = settlements.book
    netted = net_of_reversals(payments)
    book.refunds, book.guessed_reversals = netted.rest, netted.guessed
    settlements.undone = netted.undone
    steps: list[tuple[date, int, CreditNote | AgreementRecord | Kept | FeeStep]] = [
        *((note.issued, 0, note) for note in facts.credit_notes),
        *((record.signed_on, 1, record) for record in facts.agreements),
        *((entry.payment.date, 2, entry) for entry in netted.kept),
    ]
    of_fees, last = fee_steps(facts, book) if facts.claims else ([], [])
    steps += of_fees
    contested = bool(facts.disputes) or any(
        invoice.disputed_on or invoice.status is InvoiceStatus.LITIGATION for invoice in facts.invoices
    )
    days = {entry.payment.date for entry in netted.kept}
    disputed = frozenset[str]()
    for on, _, fact in sorted(steps, key=lambda step: step[:2]):
        disputed = frozenset(_disputes(facts, on)) if contested else disputed
        settlements.catch_up(on, disputed)
        settlements.pass_days(on)
        if isinstance(fact, FeeStep):
            fact.happen(book, settlements.accepted)
            continue
        if (book.spare or book.refunds) and not isinstance(fact, AgreementRecord):
            book.apply_spare(on, settlements.bound_on(on), disputed)
        if isinstance(fact, Kept):
            settlements.receive(fact.payment, fact.amount, disputed)
        elif isinstance(fact, AgreementRecord):
            settlements.sign(fact, disputed, payments_follow=on in days)
        else:
            money = Spare(fact.issued, fact.amount.minor, fact.source, None, fact.number)
            if positions := book.named([fact.invoice]):
                book.put_named(positions, money)
            else:
                book.spare.append(money)
        settlements.earn(on, disputed)
    settlements.catch_up(date.max, disputed)
    for step in last:
        step.happen(book, settlements.accepted)


def _disputes(facts: Facts, today: date) -> dict[str, str]:
    """The items that are disputed today, each with the reason given."""
    by_number = {
        dispute.invoice: dispute for dispute in facts.disputes if is_open(dispute.opened_on, dispute.closed_on, today)
    }
    found = {}
    for invoice in facts.invoices:
        dispute = (by_number.get(invoice.id) or by_number.get(invoice.number)) if by_number else None
        if invoice.status is InvoiceStatus.LITIGATION or is_open(invoice.disputed_on, invoice.dispute_closed_on, today):
            found[invoice.id] = invoice.dispute_reason
        elif dispute is not None:
            found[invoice.id] = dispute.reason
    return found | {fee_id(one.item): found[one.item] for one in facts.claims if one.item in found}


def _item(
    position: Position, today: date, disputes: dict[str, str], in_plan: frozenset[str], promises: Sequence[Promise]
) -> Item:
    invoice, currency = position.invoice, position.invoice.total.currency
    if not position.open:
        status = Status.PAID
    elif invoice.id in disputes:
        status = Status.DISPUTED
    elif invoice.id in in_plan:
        status = Status.IN_PLAN
    elif invoice.due >= today:
        status = Status.DUE if invoice.due == today else Status.NOT_DUE
    else:
        status = Status.OVERDUE
    promised = [invoice.promised_on] if invoice.promised_on else []
    if promises and not invoice.fee_of:
        names = {invoice.number, invoice.id}
        promised += [
            promise.on
            for promise in promises  # without invoices it is about what was due when it was made, and nothing since
            if names & set(promise.invoices) or (not promise.invoices and invoice.due <= promise.made_on)
        ]
    return Item(
        invoice=invoice,
        status=status,
        total=invoice.total,
        paid=Money(position.paid, currency),
        credited=Money(position.credited, currency),
        open=Money(position.open, currency),
        days_overdue=max(0, (today - invoice.due).days) if position.open else 0,
        promised_on=max(promised, default=None),
        dispute_reason=disputes.get(invoice.id, ""),
        closed_on=None if position.open else position.closed_on,
    )


def _history(facts: Facts, settlements: Settlements) -> tuple[HistoryLine, ...]:
    """Every fact as its reader knows it, in the order of dates."""
    book, currency = settlements.book, facts.currency
    lines = [
        HistoryLine(
            position.invoice.issued,
            HistoryKind.INVOICE,
            position.invoice.total,
            (position.invoice.id,),
            position.invoice.subject,
            position.invoice.source,
        )
        for position in _shown(book)
    ]
    lines += [
        HistoryLine(
            note.issued,
            HistoryKind.CREDIT_NOTE,
            note.amount,
            (note.invoice,) if note.invoice else (),
            note.number,
            note.source,
        )
        for note in facts.credit_notes
    ]
    named: dict[int, list[str]] = {}
    for put in book.puts:
        if put.payment is not None and put.amount:
            named.setdefault(id(put.payment), []).append(put.position.invoice.fee_of or put.position.invoice.id)
    for payment in facts.payments:
        kind = HistoryKind.PAYMENT if payment.amount.minor > 0 else HistoryKind.REVERSAL
        numbers = tuple(dict.fromkeys(named.get(id(payment)) or invoices_of(payment.invoices)))
        lines.append(HistoryLine(payment.date, kind, payment.amount, numbers, payment.method, payment.source))
    lines += [
        HistoryLine(
            payment.date,
            HistoryKind.IN_FLIGHT,
            payment.amount,
            invoices_of(payment.invoices),
            payment.method,
            payment.source,
        )
        for payment in facts.in_flight
    ]
    lines += [
        HistoryLine(taken.on, HistoryKind.DISCOUNT, Money(taken.saving, currency), taken.invoices)
        for taken in settlements.taken
    ]
    for agreement in settlements.accepted:
        numbers = invoices_of(position.invoice.id for position in agreement.positions)
        source = next((record.source for record in facts.agreements if record.id == agreement.id), None)
        amount = Money(agreement.agreed, currency)  # what it waives is not agreed to be paid
        lines.append(HistoryLine(agreement.signed_on, HistoryKind.AGREEMENT, amount, numbers, source=source))
    return tuple(sorted(lines, key=lambda line: (line.on, _ORDER.index(line.kind))))


def _guesses(client: str, book: Book, currency: str) -> tuple[Guess, ...]:
    """Payments that we placed without being told where; a credit note that finds its own way is no guess."""
    found = [
        Guess(client, put.on, Money(put.amount, currency), put.position.invoice.id, put.how, put.source)
        for put in book.puts
        if put.payment is not None and put.how is not How.NAMED and put.amount
    ]
    found += [
        Guess(client, money.on, Money(money.amount, currency), "", How.CREDIT, money.source, _stripe_id(money.payment))
        for money in book.spare
        if money.payment is not None
    ]
    found += [
        Guess(client, reversal.date, reversal.amount, "", How.OLDEST, reversal.source)
        for reversal in book.guessed_reversals
    ]
    found += [
        Guess(client, refund.payment.date, Money(-refund.amount, currency), "", How.CREDIT, refund.payment.source)
        for refund in book.refunds
        if refund.amount
    ]
    return tuple(sorted(found, key=lambda guess: (guess.on, guess.invoice)))


def _stripe_id(payment: Payment) -> str:
    return next(iter(payment.stripe), "")


def ageing(items: Sequence[Item], currency: str) -> Ageing:
    """What is overdue, by how long."""
    sums = [0, 0, 0, 0]
    for item in items:
        if item.status is Status.OVERDUE:
            days = item.days_overdue
            sums[(days > 30) + (days > 60) + (days > 90)] += item.open.minor  # noqa: PLR2004 - the usual bounds of an ageing
    return Ageing(*(Money(amount, currency) for amount in sums))
