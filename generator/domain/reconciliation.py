"""What Stripe says was paid, held against what the ledger knows: the rows that are missing, each exactly once.

A payment through a link is booked as a transfer that never forgets its reference: what it settles is then found out by
the same rules. Nothing is decided here about what a client owes, and nothing is ever given back by itself.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from generator.domain.claims import invoices_of
from generator.domain.ledger import Dispute, Payment, Progress, Taking
from generator.domain.linkplan import account_code
from generator.domain.memory import MoneyMoved

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime, tzinfo

    from generator.domain.ledger import Ledger
    from generator.domain.money import Money

OVERLAP = timedelta(hours=48)  # a checkout lives for a day: what was begun before the last reading may end after it
LOOK_BACK = timedelta(days=30)  # a refund that was accepted may still fail for a while
DISPUTE_LOOK_BACK = timedelta(days=365)  # a bank takes months to decide, and what was won comes back
BANK_DISPUTE = "Stripe"  # how the reason of a dispute begins that came from a bank


@dataclass(frozen=True, slots=True)
class Receipt:
    """One payment through a link of ours, as Stripe tells it now. `ids`: the payment's own, its charge's, its checkout's.

    `at` is when the money was charged (or the debit ordered), `begun` when the checkout was opened; both in UTC.
    """

    ids: tuple[str, ...]
    link: str
    account: str
    reference: str
    amount: Money
    progress: Progress
    at: datetime
    begun: datetime
    method: str = ""
    fee: str = ""
    invoices: tuple[str, ...] = ()


class Why(StrEnum):
    """Why money went back."""

    REFUND = "refund"
    DISPUTE = "dispute"


@dataclass(frozen=True, slots=True)
class Returned:
    """Money of a payment of ours that went back: a refund, or what a bank took back for a client who disputes the charge.

    `of` is the id of the payment. CANCELLED: it did not go back after all.
    """

    id: str
    of: str
    why: Why
    amount: Money
    progress: Progress
    at: datetime
    invoices: tuple[str, ...] = ()
    fee: str = ""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What is to be added: rows, disputes of invoices, events for the journal.

    `unknown` are payments whose client is not in the ledger; `ahead` is whether Stripe dated something after today.
    """

    takings: tuple[Taking, ...]
    disputes: tuple[Dispute, ...] = ()
    events: tuple[MoneyMoved, ...] = ()
    unknown: tuple[Receipt, ...] = ()
    ahead: bool = False


def read_since(up_to: datetime | None, ledger: Ledger, zone: tzinfo) -> datetime | None:
    """From when on checkouts are read again; None: all of them. What is still in flight is always read again."""
    if up_to is None:
        return None
    waiting = [taking.payment.date for taking in ledger.takings if taking.progress is Progress.IN_FLIGHT]  # by hand too
    since = up_to
    if waiting:
        first = up_to.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        first -= timedelta(days=max(0, (first.date() - min(waiting)).days))
        since = min(since, first)
    return since - OVERLAP


def accounts_of(ledger: Ledger) -> dict[str, str]:
    """Whose account each code stands for."""
    currencies: defaultdict[str, set[str]] = defaultdict(set)
    for invoice in ledger.invoices:
        currencies[invoice.client].add(invoice.total.currency)
    return {account_code(client, currency): client for client, found in currencies.items() for currency in found}


def reconcile(
    receipts: Iterable[Receipt], returned: Iterable[Returned], ledger: Ledger, today: date, zone: tzinfo
) -> Reconciliation:
    """The rows that the ledger lacks. Run again on what it gave, it gives nothing: each thing is booked once."""
    books = _Books(ledger, today, zone)
    for receipt in sorted(receipts, key=lambda receipt: (receipt.at, receipt.ids)):
        books.receive(receipt)
    for back in sorted(returned, key=lambda back: (back.at, back.id)):
        books.give_back(back)
    return Reconciliation(
        takings=tuple(books.new),
        disputes=tuple(books.disputes),
        events=tuple(money_moved(taking) for taking in books.new),
        unknown=tuple(books.unknown),
        ahead=books.ahead,
    )


def money_moved(taking: Taking) -> MoneyMoved:
    """What the journal remembers of a taking."""
    payment = taking.payment
    return MoneyMoved(
        client=payment.client,
        stripe=taking.id,
        status=taking.progress,
        on=payment.date,
        amount=payment.amount.minor,
        currency=payment.amount.currency,
        fee=taking.fee,
    )


@dataclass(slots=True)
class _Books:
    """What is known of money taken online, while more is learnt."""

    ledger: Ledger
    today: date
    zone: tzinfo
    new: list[Taking] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)
    unknown: list[Receipt] = field(default_factory=list)
    ahead: bool = False
    known: dict[str, Taking] = field(init=False)
    clients: Mapping[str, str] = field(init=False)
    _by_hand: set[str] = field(init=False)  # words of the owner's own rows that may be ids of Stripe

    def __post_init__(self) -> None:
        self.known = {taking.id: taking for taking in self.ledger.takings}
        self.clients = accounts_of(self.ledger)
        words = (word for payment in self.ledger.payments for word in f"{payment.reference} {payment.note}".split())
        self._by_hand = {word for word in words if "_" in word}

    def receive(self, receipt: Receipt) -> None:
        before = self.known.get(receipt.ids[0])
        if before is not None and before.progress.rank >= receipt.progress.rank:
            return
        client = before.payment.client if before else self._client_of(receipt)
        if not client:
            if not self._by_hand & set(receipt.ids):
                self.unknown.append(receipt)
            return
        on = self._day(receipt.at)
        if before is not None:  # whom and what it is for is the owner's to correct
            payment = replace(before.payment, date=on, amount=receipt.amount, stripe=receipt.ids, link=receipt.link)
        else:
            payment = Payment(
                client=client,
                date=on,
                amount=receipt.amount,
                method=receipt.method,
                reference=receipt.reference,
                stripe=receipt.ids,
                link=receipt.link,
            )
        self._add(Taking(receipt.progress, payment, receipt.fee))

    def _client_of(self, receipt: Receipt) -> str:
        """Whose account the code stands for; after a client was renamed or merged, whose the invoices are now."""
        if known := self.clients.get(receipt.account, ""):
            return known
        currency, numbers = receipt.amount.currency, set(invoices_of(receipt.invoices))
        found = [invoice for invoice in self.ledger.invoices if invoice.id in numbers]
        owners = {invoice.client for invoice in found if invoice.total.currency == currency}
        return owners.pop() if len(owners) == 1 and len(found) == len(numbers) else ""

    def give_back(self, back: Returned) -> None:
        """Only what was paid can go back; what was not booked yet is met again at the next reading."""
        before, original = self.known.get(back.id), self.known.get(back.of)
        if original is None or original.progress is not Progress.PAID:
            return
        if before is None and back.progress is Progress.CANCELLED:
            return
        if before is not None and before.progress.rank >= back.progress.rank:
            return
        payment = Payment(
            client=original.payment.client,
            date=before.payment.date if before else self._day(back.at),
            amount=-back.amount,
            invoices=original.payment.invoices,
            method=back.why,
            reference=original.payment.reference,
            stripe=(back.id,),
            undoes=back.of,
        )
        self._add(Taking(back.progress, payment, back.fee))
        if back.why is Why.DISPUTE and before is None:
            self._contest(back, payment)

    def _contest(self, back: Returned, payment: Payment) -> None:
        """Whoever disputes a charge disputes the debt: nobody is reminded of it until the owner has looked."""
        ours = {invoice.id for invoice in self.ledger.invoices if invoice.client == payment.client}
        reason = f"{BANK_DISPUTE} {back.id}"
        told = {dispute.invoice for dispute in self.ledger.disputes if dispute.reason == reason}
        for invoice in invoices_of(back.invoices):
            if invoice in ours - told:
                self.disputes.append(Dispute(invoice, payment.date, reason=reason))

    def _day(self, at: datetime) -> date:
        """The day for the seller. What Stripe has seen cannot be to come: a clock that is behind must not hide a payment."""
        day = at.astimezone(self.zone).date()
        if day > self.today:
            self.ahead = True
        return min(day, self.today)

    def _add(self, taking: Taking) -> None:
        self.known[taking.id] = taking
        self.new.append(taking)
