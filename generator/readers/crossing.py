"""Checks between the rows and the files of a ledger: each a small function, all in the one list at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks import fold
from generator.domain.claims import claimed_of
from generator.domain.fee_rules import INDEMNITY
from generator.domain.money import Money, total
from generator.domain.policy import NO_LADDER
from generator.domain.references import is_code
from generator.problems import facts as problems
from generator.readers.claiming import CLAIM_CHECKS
from generator.readers.clients import is_written_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from generator.domain.ledger import Payment, Problem, SourceRef
    from generator.readers.facts import Facts


def clients_can_be_written_to(facts: Facts) -> Iterator[Problem]:
    """Who has invoices and is written to by email has an address, or someone there has."""
    if facts.from_accounts:  # told once for all of them, by the reader of that format
        return
    reachable = {contact.client for contact in facts.contacts if contact.email}
    invoiced = {invoice.client for invoice in facts.invoices}
    for client in facts.clients.values():
        if client.id in invoiced and is_written_to(client) and not client.email and client.id not in reachable:
            yield problems.EMAIL_MISSING.at(facts.place(client.source, "email"), client.name)


def ladders_are_known(facts: Facts) -> Iterator[Problem]:
    """A client is reminded by a ladder of the policy, and spared steps that it has."""
    policy = facts.policy.reminders
    for client in facts.clients.values():
        if client.ladder and client.ladder != NO_LADDER and client.ladder not in policy.ladders:
            known = ", ".join([*policy.ladders, NO_LADDER])
            yield problems.LADDER_UNKNOWN.at(facts.place(client.source, "ladder"), client.ladder, known=known)
            continue
        names = [step.name for step in policy.ladders.get(client.ladder, policy.steps)]
        for step in client.skip_steps:
            if step not in names:
                place = facts.place(client.source, "skip_steps")
                yield problems.STEP_UNKNOWN.at(place, step, known=", ".join(names))


def credit_notes_match(facts: Facts) -> Iterator[Problem]:
    """A credit note is about the same client and currency as its invoice."""
    for note in facts.credit_notes:
        for invoice in facts.by_name.get(note.invoice, ()):
            difference = ""
            if invoice.client != note.client:
                difference = f"is {invoice.client}'s"
            elif invoice.total.currency != note.amount.currency:
                difference = f"is in {invoice.total.currency}"
            if difference:
                yield problems.CREDIT_OTHER.at(
                    facts.place(note.source, "credit_of"), note.invoice, difference=difference
                )
                break
        else:
            if note.invoice in facts.credit_numbers:
                advice = "It is the number of a credit note: name the invoice."
                yield problems.INVOICE_UNKNOWN.at(facts.place(note.source, "credit_of"), note.invoice, advice=advice)


def invoices_are_paid_in_one_way(facts: Facts) -> Iterator[Problem]:
    """An invoice paid by `paid_on`, or in part by `paid_amount`, is not paid again by a payment that names it."""
    if not facts.paid_on and not facts.paid_so_far:
        return
    for payment in facts.payments:
        for invoice in facts.named(payment.invoices):
            source = facts.paid_on.get(invoice.id)
            if source is not None:
                place = facts.place(payment.source, "invoice")
                yield problems.PAID_ON_AND_PAYMENTS.at(place, invoice.id, source=source)
            elif source := facts.paid_so_far.get(invoice.id):
                place = facts.place(payment.source, "invoice")
                yield problems.PAID_SO_FAR_AND_PAYMENTS.at(place, invoice.id, source=source)


def payments_match(facts: Facts) -> Iterator[Problem]:
    """A payment names invoices of its own client, in its own currency, and no credit notes."""
    for payment in facts.payments:
        for name in payment.invoices:
            if name in facts.credit_numbers:
                yield problems.PAYMENT_OF_CREDIT_NOTE.at(facts.place(payment.source, "invoice"), name)
            owner = facts.spoilt_invoices.get(name, payment.client)
            if owner != payment.client:  # its row is wrong elsewhere, and says whose it is
                place = facts.place(payment.source, "invoice")
                yield problems.PAYMENT_OTHER_CLIENT.at(place, name, owner=owner, client=payment.client)
            for invoice in facts.by_name.get(name, ())[:1]:
                if invoice.client != payment.client:
                    place = facts.place(payment.source, "invoice")
                    yield problems.PAYMENT_OTHER_CLIENT.at(place, name, owner=invoice.client, client=payment.client)
                elif invoice.total.currency != payment.amount.currency:
                    place, paid, owed = (
                        facts.place(payment.source, "invoice"),
                        payment.amount.currency,
                        invoice.total.currency,
                    )
                    yield problems.PAYMENT_OTHER_CURRENCY.at(place, name, currency=paid, owed=owed)


def payments_fit_the_debt(facts: Facts) -> Iterator[Problem]:
    """Payments that name the same invoices do not pay more than these; more is kept as a credit, which is said."""
    paid: dict[tuple[str, ...], list[Payment]] = {}
    for payment in (*facts.stood_for, *facts.payments):
        if payment.invoices:
            paid.setdefault(payment.invoices, []).append(payment)
    for names, payments in paid.items():
        invoices = facts.named(names)
        currency = payments[0].amount.currency
        amounts = [payment.amount for payment in payments]
        totals = [invoice.total for invoice in invoices]
        if not invoices or (len(payments) > 1 and any(invoice.id in facts.paid_on for invoice in invoices)):
            continue  # nothing to compare, or told already as paid twice
        if any(amount.currency != currency for amount in (*amounts, *totals)):
            continue
        owed, sum_paid = total(totals, currency), total(amounts, currency)
        if owed + _fees_at_most(facts, payments[0].client, names, owed) < sum_paid:
            last = [payment for payment in payments if payment.amount.minor > 0][-1]
            place = facts.place(last.source, "invoice")
            yield problems.PAYMENT_EXCEEDS_DEBT.at(place, ", ".join(names), paid=sum_paid, owed=owed, currency=currency)


def payments_are_booked_once(facts: Facts) -> Iterator[Problem]:
    """Two payments that are alike in everything are most often one, booked twice."""
    seen: dict[tuple[object, ...], Payment] = {}
    for payment in facts.payments:
        alike = (
            payment.client,
            payment.date,
            payment.amount,
            payment.invoices,
            payment.reference,
            payment.method,
            payment.note,
        )
        first = seen.setdefault(alike, payment)
        named = (first.stripe and payment.stripe) or (
            first.bank and payment.bank
        )  # names at Stripe or the bank's marks
        if first is not payment and not named:  # that tell two payments apart
            yield problems.PAYMENT_TWICE.at(
                facts.place(payment.source, "amount"), f"{payment.amount} {payment.amount.currency}", place=first.source
            )


def _fees_at_most(facts: Facts, client: str, names: tuple[str, ...], owed: Money) -> Money:
    """The late fees that may be in what is paid or agreed, where they are named or claimed from the client.

    The journal has them; here the indemnity of each invoice and as much interest as the debt itself are more than any years before it
    lapses can bring.
    """
    known = facts.clients.get(client)
    if not any(map(claimed_of, names)) and (known is None or not facts.policy.claims_from(known)):
        return Money(0, owed.currency)
    numbers = {invoice.number for invoice in facts.named(names)}
    return owed + Money.of(str(INDEMNITY * len(numbers)), "EUR") if owed.currency == "EUR" else owed


def promises_match(facts: Facts) -> Iterator[Problem]:
    """A promise is about invoices of the client who made it, in the currency promised."""
    for promise in facts.promises:
        yield from _about_the_same(facts, promise.source, promise.client, promise.invoices, promise.amount)


def agreements_match(facts: Facts) -> Iterator[Problem]:
    """An agreement is about invoices of its client, in the currency of its instalments."""
    for agreement in facts.agreements:
        amount = agreement.instalments[0][1]
        yield from _about_the_same(facts, agreement.source, agreement.client, agreement.invoices, amount)


def agreements_fit_the_debt(facts: Facts) -> Iterator[Problem]:
    """Instalments, and what is waived once they are paid, add up to what the invoices are at most."""
    for agreement in facts.agreements:
        amounts = [amount for _, amount in agreement.instalments]
        amounts += [agreement.discount] if agreement.discount else []
        currency = amounts[0].currency
        totals = [invoice.total for invoice in facts.named(agreement.invoices)]
        if not totals or any(amount.currency != currency for amount in (*amounts, *totals)):
            continue  # told already
        agreed, owed = total(amounts, currency), total(totals, currency)
        if owed + _fees_at_most(facts, agreement.client, agreement.invoices, owed) < agreed:
            place = facts.place(agreement.source, "amount")
            yield problems.AGREEMENT_EXCEEDS_DEBT.at(place, agreement.id, agreed=agreed, owed=owed, currency=currency)


def agreements_are_one_at_a_time(facts: Facts) -> Iterator[Problem]:
    """Of two agreements about one invoice, one has ended: it was superseded, or its status says so."""
    ended = {fold(agreement.supersedes) for agreement in facts.agreements}
    first: dict[str, str] = {}
    for agreement in facts.agreements:
        if agreement.status != "active" or fold(agreement.id) in ended:
            continue
        names = [invoice.id for invoice in facts.named(agreement.invoices)]
        if taken := next((name for name in names if name in first), ""):
            place = facts.place(agreement.source, "invoices")
            yield problems.AGREEMENT_TWICE.at(place, agreement.id, invoice=taken, other=first[taken])
        for name in names:
            first.setdefault(name, agreement.id)


def agreements_replace_known_ones(facts: Facts) -> Iterator[Problem]:
    """What an agreement supersedes is another agreement; one that was accepted on a page has the name of its offer."""
    known = {fold(agreement.id): agreement.id for agreement in facts.agreements}
    for agreement in facts.agreements:
        if is_code(agreement.supersedes) and fold(agreement.supersedes) not in known:
            continue  # the journal tells whether there is one
        if agreement.supersedes and known.get(fold(agreement.supersedes), agreement.id) == agreement.id:
            yield problems.AGREEMENT_UNKNOWN.at(facts.place(agreement.source, "supersedes"), agreement.supersedes)


def vouchers_match(facts: Facts) -> Iterator[Problem]:
    """A voucher is taken off invoices of its client, in its currency."""
    for voucher in facts.vouchers:
        yield from _about_the_same(facts, voucher.source, voucher.client, voucher.invoices, voucher.amount)


def fee_waivers_match(facts: Facts) -> Iterator[Problem]:
    """A waiver is about an invoice of its client, in the currency of the invoice."""
    told: set[SourceRef] = set()
    for waiver in facts.fee_waivers:
        if waiver.source not in told:  # a row may have waived the fees of every part of an invoice
            told.add(waiver.source)
            yield from _about_the_same(
                facts, waiver.source, waiver.client, (waiver.invoice,), waiver.amount, column="invoice"
            )


def _about_the_same(
    facts: Facts,
    source: SourceRef,
    client: str,
    names: tuple[str, ...],
    amount: Money | None,
    *,
    column: str = "invoices",
) -> Iterator[Problem]:
    place = facts.place(source, column)
    for name in names:
        if name in facts.credit_numbers:
            yield problems.INVOICE_UNKNOWN.at(place, name, advice="It is the number of a credit note.")
        for invoice in facts.by_name.get(name, ())[:1]:
            if invoice.client != client:
                yield problems.INVOICE_OF_OTHER_CLIENT.at(place, name, owner=invoice.client, client=client)
            elif amount is not None and invoice.total.currency != amount.currency:
                yield problems.CURRENCIES_MIXED.at(place, name, currency=amount.currency, owed=invoice.total.currency)


CHECKS: tuple[Callable[[Facts], Iterable[Problem]], ...] = (
    clients_can_be_written_to,
    ladders_are_known,
    credit_notes_match,
    invoices_are_paid_in_one_way,
    payments_match,
    payments_fit_the_debt,
    payments_are_booked_once,
    promises_match,
    agreements_match,
    agreements_fit_the_debt,
    agreements_are_one_at_a_time,
    agreements_replace_known_ones,
    vouchers_match,
    fee_waivers_match,
    *CLAIM_CHECKS,
)
