"""What clients owe while money is being booked: the open amounts that a movement of the bank account is held against."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from generator.domain.account import Item, Status
from generator.domain.allocation import only_set
from generator.domain.claiming import with_claims
from generator.domain.discounts import own_discounts
from generator.domain.facts import facts_by_client
from generator.domain.following import Following
from generator.domain.ledger import Ledger
from generator.domain.memory import OfferKind
from generator.domain.money import total
from generator.domain.naming import Mentions, Payers
from generator.domain.negotiation import open_offers
from generator.domain.policy import Policy
from generator.domain.references import account_reference, agreement_reference
from generator.domain.statement import draw_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from generator.domain.account import Offer
    from generator.domain.bank import Movement
    from generator.domain.ledger import AgreementRecord, CreditNote, Dispute, FeeWaiver, Invoice, Payment, Taking
    from generator.domain.memory import Memory
    from generator.domain.money import Money
    from generator.domain.naming import Named
    from generator.domain.statement import Statement

_LARGEST_SEARCH = 12  #: payments; of more than so many near one day no sums are looked for


class Books:
    """Every client's statement, drawn up when it is asked for; `book` puts a payment into it."""

    def __init__(self, ledger: Ledger, memory: Memory, today: date) -> None:
        """What is known before anything is booked."""
        self.today = today
        self.memory = memory
        self.mentions = Mentions()
        self.payers = Payers()
        self._slices = _by_client(ledger)
        self._drawn: dict[str, dict[tuple[date, str], Statement | None]] = {}
        self._received: dict[Money, list[Payment]] = {}
        self._owed: dict[str, set[Money]] = {}
        self._owing: dict[Money, set[str]] = {}
        self._uncounted = set(ledger.clients)  # whose amounts are not among these, or are no longer as they were
        for client in ledger.clients.values():
            self.payers.learn(client.name, client.id)
            self.payers.learn_person(client.contact, client.id)
        for contact in ledger.contacts:
            self.payers.learn_person(contact.name, contact.client)
        for payment in ledger.payments:
            self._received.setdefault(payment.amount, []).append(payment)
        self._learn_invoices(ledger)
        self._learn_offers(ledger)

    def _learn_invoices(self, ledger: Ledger) -> None:
        for invoice in ledger.invoices:
            currency = invoice.total.currency
            for number in {invoice.number, invoice.id}:
                self.mentions.learn_number(number, invoice.client, currency)
            self.mentions.learn_reference(account_reference(invoice.client, currency), invoice.client, currency)
        for offer in own_discounts(ledger.invoices):
            self.mentions.learn_reference(offer.reference, offer.client, offer.currency)

    def _learn_offers(self, ledger: Ledger) -> None:
        for client in ledger.clients:
            for offer in self.memory.get(client).offers:
                self.mentions.learn_reference(offer.reference, client, offer.currency)
        for agreement in ledger.agreements:
            currency = agreement.instalments[0][1].currency
            self.mentions.learn_reference(agreement_reference(agreement.id), agreement.client, currency)

    def book(self, payment: Payment) -> None:
        """From now on, this payment is in the ledger."""
        own = self._slices[payment.client]
        self._slices[payment.client] = replace(own, payments=(*own.payments, payment))
        self._received.setdefault(payment.amount, []).append(payment)
        self._drawn.pop(payment.client, None)
        self._uncounted.add(payment.client)

    def paid(self, client: str) -> tuple[Payment, ...]:
        """All that is booked of a client."""
        return self._slices[client].payments

    def received(self, amount: Money) -> list[Payment]:
        """The payments of exactly this amount, the earliest first."""
        return sorted(self._received.get(amount, ()), key=lambda payment: payment.date)

    def open_named(self, named: Iterable[Named], movement: Movement) -> tuple[str, ...]:
        """Of the invoices that are named, those with something open, oldest due first."""
        numbers = {one.number for one in named}
        clients = {one.client for one in named}
        return tuple(
            item.id
            for client in clients
            for item in self._items(client, movement)
            if item.id in numbers or item.invoice.number in numbers
        )

    def exactly(self, client: str, numbers: Sequence[str], movement: Movement) -> tuple[str, ...]:
        """The invoices that a movement pays, where it is exactly what is open of those named.

        Of all of them, of some, of everything the client owes, or what a discount for them asked that day.
        """
        every = self._items(client, movement)
        named = [item for item in every if item.id in numbers]
        amounts = [item.open.minor for item in named]
        wanted = movement.amount.minor
        if sum(amounts) == wanted:
            return tuple(item.id for item in named)
        if chosen := _exact(named, wanted):
            return chosen
        if sum(item.open.minor for item in every) == wanted:
            return tuple(item.id for item in every)
        for offer in self._offers(client, movement):
            items = {item.id for item in offer.items}
            if offer.kind is OfferKind.DISCOUNT and offer.amount == movement.amount and items == set(numbers):
                return tuple(numbers)
        return ()

    def billed(self, client: str, currency: str) -> bool:
        """Whether anything was ever invoiced to a client in that currency."""
        return any(invoice.total.currency == currency for invoice in self._slices[client].invoices)

    def issued(self, client: str, numbers: Sequence[str], movement: Movement) -> bool:
        """Whether all these invoices had been issued on the day of a movement."""
        return all(item.invoice.issued <= movement.on for item in self._items(client, movement) if item.id in numbers)

    def existed(self, client: str, movement: Movement) -> bool:
        """Whether a client had been invoiced anything on the day of a movement, in its currency."""
        currency = movement.amount.currency
        return any(
            invoice.issued <= movement.on
            for invoice in self._slices[client].invoices
            if invoice.total.currency == currency
        )

    def covers(self, client: str, numbers: Sequence[str], movement: Movement) -> bool:
        """Whether the invoices named owe at least as much as a movement brings."""
        owed = sum(item.open.minor for item in self._items(client, movement) if item.id in numbers)
        return movement.amount.minor <= owed

    def asked(self, client: str, movement: Movement, *, ever: bool = False) -> bool:
        """Whether a movement is of an amount that the client was asked for; `ever`: even by an invoice issued after it.

        What is open of one invoice, of the only invoices with that sum, of what is late, of all; an instalment of an
        agreement; what an offer asked for that day.
        """
        items = [item for item in self._items(client, movement) if ever or item.invoice.issued <= movement.on]
        late = [item for item in items if item.status is Status.OVERDUE]
        wanted = movement.amount.minor
        sums = {*(item.open.minor for item in items), sum(item.open.minor for item in late)}
        sums.add(sum(item.open.minor for item in items))
        if wanted in sums or only_set([item.open.minor for item in items], wanted):
            return True
        now = self._statement(client, movement.amount.currency, self.today)
        agreed = now.accepted if now is not None else ()
        return any(plan.holds_on(movement.on) and plan.next_part() == wanted for plan in agreed) or any(
            offer.pay_now == movement.amount for offer in self._offers(client, movement)
        )

    def fitting(self, client: str, movement: Movement) -> tuple[str, ...]:
        """The invoices to propose: the only one, or the only ones, with exactly that open."""
        return _exact(self._items(client, movement), movement.amount.minor)

    def owing(self, movement: Movement) -> list[str]:
        """Every client who owes exactly this amount: on one invoice, or in all."""
        for client in self._uncounted:
            for amount in self._owed.pop(client, ()):
                self._owing[amount].discard(client)
            self._owed[client] = self._amounts(client)
            for amount in self._owed[client]:
                self._owing.setdefault(amount, set()).add(client)
        self._uncounted.clear()
        return sorted(self._owing.get(movement.amount, ()))

    def _amounts(self, client: str) -> set[Money]:
        """What is open of each invoice, and in all."""
        found: set[Money] = set()
        for currency in {invoice.total.currency for invoice in self._slices[client].invoices}:
            now = self._statement(client, currency, self.today)
            amounts = [item.open for item in now.items if item.open] if now is not None else []
            found |= {*amounts, total(amounts, currency)} if amounts else set()
        return found

    def _items(self, client: str, movement: Movement) -> list[Item]:
        """What is open today, later payments counted, in the currency of a movement."""
        now = self._statement(client, movement.amount.currency, self.today)
        return [item for item in now.items if item.open] if now is not None else []

    def _offers(self, client: str, movement: Movement) -> list[Offer]:
        """What could be taken on the day of a movement, of what is still open as it was then."""
        currency, on = movement.amount.currency, min(movement.on, self.today)
        then = self._statement(client, currency, on)
        if then is None:
            return []
        now = {item.id: item.open for item in self._items(client, movement)}
        made = [offer for offer in self.memory.get(client).offers if offer.currency == currency]
        offers = open_offers([*then.own_offers, *made], then.items, on)
        return [offer for offer in offers if all(now.get(item.id) == item.open for item in offer.items)]

    def _statement(self, client: str, currency: str, on: date) -> Statement | None:
        if client not in self._slices:
            return None
        drawn = self._drawn.setdefault(client, {})
        if (on, currency) not in drawn:
            drawn[on, currency] = self._draw(client, currency, on)
        return drawn[on, currency]

    def _draw(self, client: str, currency: str, on: date) -> Statement | None:
        memory = self.memory.get(client)
        offers = [offer for offer in memory.offers if offer.currency == currency]
        for facts in facts_by_client(self._slices[client], on).get(client, ()):
            if facts.currency == currency:
                followed = replace(facts, following=self._following(client, on))
                known = with_claims(followed, Policy(), self._slices[client].clients[client], memory)
                return draw_up(known.until(on), offers, on)
        return None

    def _following(self, client: str, on: date) -> Following:
        """What the client was told of their agreements, by the usual terms: what was asked is only ever guessed from here."""
        return Following.of(Policy(), self._slices[client].clients[client], self.memory.get(client).sent, on)


def adds_up(amounts: Sequence[int], wanted: int) -> bool:
    """Whether one of these amounts, or some of them together, are exactly `wanted`."""
    if wanted in amounts:
        return True
    sums = {0}
    for amount in amounts[:_LARGEST_SEARCH]:
        sums |= {reached + amount for reached in sums}
    return wanted in sums and wanted != 0


def _exact(items: Sequence[Item], wanted: int) -> tuple[str, ...]:
    """The only item with that open, or the only ones with that sum."""
    exact = [item.id for item in items if item.open.minor == wanted]
    if exact:
        return tuple(exact) if len(exact) == 1 else ()
    chosen = only_set([item.open.minor for item in items], wanted)
    return tuple(items[index].id for index in chosen)


@dataclass(slots=True)
class _Slice:
    """The facts of one client, on their way into a ledger of its own."""

    invoices: list[Invoice] = field(default_factory=list)
    credit_notes: list[CreditNote] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    agreements: list[AgreementRecord] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)
    takings: list[Taking] = field(default_factory=list)
    fee_waivers: list[FeeWaiver] = field(default_factory=list)


def _by_client(ledger: Ledger) -> dict[str, Ledger]:
    """A ledger of its own for each client, of all that a statement is made of."""
    found = {client: _Slice() for client in ledger.clients}
    owners = {name: invoice.client for invoice in ledger.invoices for name in (invoice.number, invoice.id)}
    for invoice in ledger.invoices:
        found[invoice.client].invoices.append(invoice)
    for note in ledger.credit_notes:
        found[note.client].credit_notes.append(note)
    for payment in ledger.payments:
        found[payment.client].payments.append(payment)
    for agreement in ledger.agreements:
        found[agreement.client].agreements.append(agreement)
    for taking in ledger.takings:
        found[taking.payment.client].takings.append(taking)
    for waiver in ledger.fee_waivers:
        found[waiver.client].fee_waivers.append(waiver)
    for dispute in ledger.disputes:
        if dispute.invoice in owners:
            found[owners[dispute.invoice]].disputes.append(dispute)
    return {
        client: Ledger(
            clients={client: ledger.clients[client]},
            invoices=tuple(own.invoices),
            credit_notes=tuple(own.credit_notes),
            payments=tuple(own.payments),
            agreements=tuple(own.agreements),
            disputes=tuple(own.disputes),
            takings=tuple(own.takings),
            fee_waivers=tuple(own.fee_waivers),
            by_hand=ledger.by_hand,
        )
        for client, own in found.items()
    }
