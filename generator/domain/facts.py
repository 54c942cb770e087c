"""The facts of a ledger sorted out: those of one client in one currency, known by one day."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from generator.domain.following import Following
from generator.domain.ledger import Contact, InvoiceStatus, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet
    from datetime import date

    from generator.domain.claims import Counted
    from generator.domain.ledger import (
        AgreementRecord,
        Client,
        CreditNote,
        Dispute,
        FeeWaiver,
        Invoice,
        Ledger,
        Payment,
        Promise,
        VoucherRecord,
    )


@dataclass(slots=True)
class Facts:
    """The facts of one client in one currency, none of them dated after the day of the statement.

    `following` is what is known of how their agreements are followed: without it no missed instalment ends one. `claims` are the
    late fees that the journal knows to count; with `interest_first` a payment covers those of an invoice before the invoice. `void`
    are invoices that exist for nobody any more but the claims that were made on them.
    """

    client: str
    currency: str
    invoices: list[Invoice] = field(default_factory=list)
    credit_notes: list[CreditNote] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    in_flight: list[Payment] = field(default_factory=list)
    agreements: list[AgreementRecord] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    vouchers: list[VoucherRecord] = field(default_factory=list)
    fee_waivers: list[FeeWaiver] = field(default_factory=list)
    following: Following = field(default_factory=Following)
    claims: tuple[Counted, ...] = ()
    interest_first: bool = False
    void: list[Invoice] = field(default_factory=list)

    def until(self, day: date) -> Facts:
        """These facts without what moved the account after that day."""
        return replace(
            self,
            credit_notes=[note for note in self.credit_notes if note.issued <= day],
            payments=[payment for payment in self.payments if payment.date <= day],
            agreements=[record for record in self.agreements if record.signed_on <= day],
            fee_waivers=[waiver for waiver in self.fee_waivers if waiver.on <= day],
            claims=tuple(claim for claim in self.claims if claim.on <= day),
        )


class _Sorter:
    """Facts on their way to their client and currency; each is looked at once."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.found: defaultdict[str, dict[str, Facts]] = defaultdict(dict)
        self.owner: dict[str, Facts] = {}

    def of(self, client: str, currency: str) -> Facts:
        by_currency = self.found[client]
        if currency not in by_currency:
            by_currency[currency] = Facts(client, currency)
        return by_currency[currency]

    def sort_invoices(self, ledger: Ledger) -> None:
        """Drafts and void invoices do not exist for anybody but the owner."""
        for invoice in ledger.invoices:
            if invoice.issued <= self.today and invoice.status not in {InvoiceStatus.DRAFT, InvoiceStatus.VOID}:
                facts = self.of(invoice.client, invoice.total.currency)
                facts.invoices.append(invoice)
                self.owner[invoice.number] = self.owner[invoice.id] = facts
        for invoice in ledger.invoices:
            known = self.found[invoice.client].get(invoice.total.currency)
            if known is not None and invoice.issued <= self.today and invoice.status is InvoiceStatus.VOID:
                known.void.append(invoice)

    def sort_money(self, ledger: Ledger) -> None:
        for note in ledger.credit_notes:
            if note.issued <= self.today:
                self.of(note.client, note.amount.currency).credit_notes.append(note)
        for payment in ledger.payments:
            if payment.date <= self.today:
                self.of(payment.client, payment.amount.currency).payments.append(payment)
        for payment in ledger.in_flight:
            if payment.date <= self.today:
                self.of(payment.client, payment.amount.currency).in_flight.append(payment)

    def sort_words(self, ledger: Ledger) -> None:
        """Agreements, disputes and promises; a promise is about all currencies."""
        for record in ledger.agreements:
            if record.signed_on <= self.today:
                self.of(record.client, record.instalments[0][1].currency).agreements.append(record)
        for dispute in ledger.disputes:
            if dispute.opened_on <= self.today and dispute.invoice in self.owner:
                self.owner[dispute.invoice].disputes.append(dispute)
        for promise in ledger.promises:
            if promise.made_on <= self.today:
                for facts in self.found[promise.client].values():
                    facts.promises.append(promise)

    def sort_favours(self, ledger: Ledger) -> None:
        """Vouchers and waived late fees. A voucher alone makes no account."""
        for voucher in ledger.vouchers:
            known = self.found[voucher.client].get(voucher.amount.currency)
            if known is not None and voucher.earned_on <= self.today:
                known.vouchers.append(voucher)
        for waiver in ledger.fee_waivers:
            if waiver.on <= self.today and waiver.invoice in self.owner:
                self.owner[waiver.invoice].fee_waivers.append(waiver)


#: The parts that people play in a payment, as contacts.csv names them; the client's own entry has none.
PAYS, APPROVES, ORDERS, OWN = "pays", "approves", "orders", ""


def addressee(client: Client, contacts: Sequence[Contact]) -> Client:
    """The client as they are written to: at the address of who pays, else at their own, else of whoever has one.

    Who pays is written to by name and in their own language where it is given; a salutation is for the one it names.
    """
    reachable = [contact for contact in contacts if contact.email]
    person = next((contact for contact in reachable if contact.role == PAYS), None)
    if person is None and not client.email:
        person = next(iter(reachable), None)
    if person is None:
        return client
    return replace(
        client,
        email=person.email,
        contact=person.name,
        salutation=client.salutation if person.name.casefold() == client.contact.casefold() else "",
        language=person.language or client.language,
        channel=client.channel or person.channel,
    )


def people_of(client: Client, contacts: Sequence[Contact]) -> tuple[Contact, ...]:
    """Everybody at the client who can be reached: the client's own entry first, which has no role, then contacts.csv's."""
    own = Contact(
        client.id, client.contact, OWN, client.email, client.phone, client.channel, client.language, client.source
    )
    return tuple(person for person in (own, *contacts) if person.email or person.phone)


def second_person(
    client: Client, people: Sequence[Contact], gone: AbstractSet[str] = frozenset()
) -> tuple[Contact, ...]:
    """Who reads along when a step says so, one at most: who approves, else who orders, else the client's own address.

    `client` is the one written to (`addressee`); nobody is told twice, and no address that takes no mail (`gone`, in
    small letters) is tried again. What a consumer owes is nobody else's business.
    """
    if client.kind is Kind.CONSUMER:
        return ()
    told = _addresses(client.email) | gone
    for role in (APPROVES, ORDERS, OWN):
        for person in people:
            if person.role == role and person.email and not _addresses(person.email) <= told:
                return (person,)
    return ()


def to_call(people: Sequence[Contact]) -> tuple[Contact, ...]:
    """Those who have a telephone number, the one to call first before the others: who pays, the client's own, who approves."""
    order = (PAYS, OWN, APPROVES, ORDERS)
    numbered = [person for person in people if person.phone]
    return tuple(sorted(numbered, key=lambda person: order.index(person.role) if person.role in order else len(order)))


def _addresses(text: str) -> set[str]:
    return {address for address in re.split(r"[;,\s]+", text.casefold()) if address}


def facts_by_client(ledger: Ledger, today: date) -> dict[str, list[Facts]]:
    """The facts known by that day, by client in the ledger's order, then by currency."""
    sorter = _Sorter(today)
    sorter.sort_invoices(ledger)
    sorter.sort_money(ledger)
    sorter.sort_words(ledger)
    sorter.sort_favours(ledger)
    return {
        client: sorted(sorter.found[client].values(), key=lambda facts: facts.currency)
        for client in ledger.clients
        if sorter.found.get(client)
    }
