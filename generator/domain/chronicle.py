"""Everything that happened between a seller and one client, in the order of days: what is owed, paid, said and written.

It holds what both sides may read. The owner's own remarks are no part of it: notes on a client or a payment, and whatever
was kept as a note for the owner alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from generator.domain.account import HistoryKind
from generator.domain.claims import claimed_of, invoices_of
from generator.domain.delivery import Means, Outcome
from generator.domain.money import Money, is_currency
from generator.domain.policy import AGREEMENT_OVER, RECAP, RECEIPT
from generator.domain.recaps import amounts_told
from generator.domain.reconciliation import BANK_DISPUTE
from generator.domain.statement import draw_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date, tzinfo

    from generator.domain.account import Account, HistoryLine
    from generator.domain.delivery import Attempt, SentItem
    from generator.domain.facts import Facts
    from generator.domain.ledger import SourceRef
    from generator.domain.memory import ClientMemory, OfferMade


class EntryKind(StrEnum):
    """What a line is about; of two of one day, the one whose kind stands first here."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    FEES = "fees"
    FEES_WAIVED = "fees_waived"
    PAYMENT = "payment"
    REVERSAL = "reversal"
    DISCOUNT = "discount"
    IN_FLIGHT = "in_flight"
    OFFER = "offer"
    PREPARED = "prepared"
    APPROVED = "approved"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    REFUSED = "refused"
    BOUNCED = "bounced"
    CALL = "call"
    CALL_MISSED = "call_missed"
    ANSWER = "answer"
    PROMISE = "promise"
    PROMISED_DAY = "promised_day"
    DISPUTE = "dispute"
    SETTLED = "settled"
    AGREEMENT = "agreement"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. Which fields say something depends on its kind.

    `until` is the due date of an invoice, the promised day, or the last day of an offer; `parts` the instalments of an
    agreement, or the numbers of them in `counts` of what was proposed. `known_as` is the id of an answer, or the digest of
    the message that a line is about without showing it: what other clients have under the same name is theirs too. `text`
    are somebody's words: the subject of an invoice, the reason of a dispute, what was said in a call, an answer. `gone` are
    addresses that took no mail. `later`: what was offered is off the next invoice; `fees`: claimed late fees of its
    invoices are in it. `digest` is that of the message's bytes.
    `source` is None for what the journal tells.
    """

    on: date
    kind: EntryKind
    invoices: tuple[str, ...] = ()
    amounts: tuple[Money, ...] = ()
    text: str = ""
    until: date | None = None
    parts: tuple[tuple[date, Money], ...] = ()
    counts: tuple[int, ...] = ()
    step: str = ""
    channel: str = ""
    to: tuple[str, ...] = ()
    subject: str = ""
    gone: tuple[str, ...] = ()
    again: bool = False
    by_bank: bool = False
    later: bool = False
    fees: bool = False
    digest: str = ""
    known_as: str = ""
    source: SourceRef | None = None


@dataclass(frozen=True, slots=True)
class Chronicler:
    """One client's past as it is known on the day `today`: accounts and facts, one of each for each currency, and the journal."""

    accounts: Sequence[Account]
    facts: Sequence[Facts]
    memory: ClientMemory
    today: date
    zone: tzinfo
    _open: dict[date, dict[str, Money]] = field(default_factory=dict)

    def entries(self) -> tuple[Entry, ...]:
        """All of it, in order."""
        order = list(EntryKind)
        found = [*self._ledger(), *self._words(), *self._offers(), *self._messages(), *self._talks()]
        return tuple(
            sorted(
                (entry for entry in found if entry.on <= self.today),
                key=lambda entry: (entry.on, order.index(entry.kind)),
            )
        )

    def _ledger(self) -> Iterator[Entry]:
        """What the page of the client tells too: invoices, credit notes, money, agreements."""
        for account in self.accounts:
            due = {item.id: item.invoice.due for item in account.items}
            for line in account.history:
                yield Entry(
                    line.on,
                    EntryKind(line.kind.value),
                    line.invoices,
                    (line.amount,),
                    text=line.label,
                    until=due.get(line.invoices[0]) if line.kind is HistoryKind.INVOICE else None,
                    parts=_parts(account, line) if line.kind is HistoryKind.AGREEMENT else (),
                    source=line.source,
                )

    def _words(self) -> Iterator[Entry]:
        """Promises and disputes."""
        for promise in dict.fromkeys(promise for facts in self.facts for promise in facts.promises):
            amounts = (promise.amount,) if promise.amount is not None else ()
            yield Entry(
                promise.made_on, EntryKind.PROMISE, promise.invoices, amounts, until=promise.on, source=promise.source
            )
        for facts in self.facts:
            for dispute in facts.disputes:
                invoices, reason = (dispute.invoice,), dispute.reason
                yield from _dispute(dispute.opened_on, dispute.closed_on, invoices, reason, dispute.source)
            for invoice in facts.invoices:
                if invoice.promised_on is not None:
                    yield Entry(invoice.promised_on, EntryKind.PROMISED_DAY, (invoice.id,), source=invoice.source)
                if invoice.disputed_on is not None:
                    closed, reason = invoice.dispute_closed_on, invoice.dispute_reason
                    yield from _dispute(invoice.disputed_on, closed, (invoice.id,), reason, invoice.source)

    def _offers(self) -> Iterator[Entry]:
        """What was proposed, all plans of one day together; a discount by its percentage, or by the sum that it takes off."""
        made: dict[tuple[date, str, date, tuple[str, ...], object], list[OfferMade]] = {}
        for offer in self.memory.offers:
            off = None if offer.dates else (offer.percent, offer.amount_off, offer.voucher_days)
            made.setdefault((offer.made_on, offer.kind, offer.valid_until, offer.invoices, off), []).append(offer)
        for (on, _, until, invoices, _), offers in made.items():
            counts = tuple(sorted({len(offer.dates) for offer in offers if offer.dates}))
            first = offers[0]
            fixed = (Money(first.amount_off, first.currency),) if first.amount_off and not counts else ()
            percent = "" if counts or fixed else f"{first.percent.normalize():f}"
            yield Entry(
                on,
                EntryKind.OFFER,
                invoices_of(invoices),
                fixed,
                text=percent,
                until=until,
                counts=counts,
                later=bool(first.voucher_days),
                fees=any(map(claimed_of, invoices)),
            )

    def _messages(self) -> Iterator[Entry]:
        known = self.memory.deliveries
        for made in known.prepared:
            amounts = self._amounts(made.on, made.step, made.items, made.about)
            yield Entry(made.on, EntryKind.PREPARED, made.items, amounts, step=made.step, channel=made.channel)
        for word in known.approved:
            amounts = tuple(Money(minor, currency) for currency, minor in word.principal)
            yield Entry(word.on, EntryKind.APPROVED, word.items, amounts, step=word.step)
        for message in known.by_hand:
            invoices = _numbers(message.items)
            yield Entry(
                message.on,
                EntryKind.SENT,
                invoices,
                self._amounts(message.on, message.step, invoices, message.about),
                step=message.step,
                channel=message.channel,
                digest=message.digest,
            )
        for attempt in known.attempts:
            yield from self._attempt(attempt)

    def _attempt(self, attempt: Attempt) -> Iterator[Entry]:
        """What is known of a message handed to a mail server. One that the server put off did not leave, and is not told."""
        intent, outcomes = attempt.intent, {result.outcome: result for result in attempt.results}
        kind = next(
            (
                told
                for outcome, told in ((Outcome.SENT, EntryKind.SENT), (Outcome.REFUSED, EntryKind.REFUSED))
                if outcome in outcomes
            ),
            None if outcomes else EntryKind.UNCERTAIN,
        )
        if kind is None and Outcome.BOUNCED not in outcomes:
            return
        bounced = [result for result in attempt.results if result.outcome is Outcome.BOUNCED]
        later = {address for result in bounced for address in result.refused}
        invoices = _numbers(intent.items)
        yield Entry(
            intent.on,
            kind or EntryKind.SENT,
            invoices,
            self._amounts(intent.on, intent.step, invoices, intent.about),
            text=outcomes[Outcome.REFUSED].detail if kind is EntryKind.REFUSED else "",
            step=intent.step,
            channel=intent.channel,
            to=intent.to,
            subject=intent.subject,
            gone=tuple(address for address in intent.to if address in attempt.gone - later),
            again=attempt.again,
            digest=intent.digest,
        )
        for result in bounced:
            on = result.at.astimezone(self.zone).date()
            yield Entry(
                on,
                EntryKind.BOUNCED,
                invoices,
                text=result.detail,
                step=intent.step,
                subject=intent.subject,
                gone=result.refused,
                known_as=intent.digest,
            )

    def _talks(self) -> Iterator[Entry]:
        known = self.memory.deliveries
        for logged in known.logged:
            if logged.means is Means.CALL:
                kind = EntryKind.CALL if logged.reached else EntryKind.CALL_MISSED
                yield Entry(logged.on, kind, text=logged.text)
        for answer in known.answers:
            yield Entry(
                answer.on,
                EntryKind.ANSWER,
                text=answer.text,
                subject=answer.subject,
                to=(answer.sender,) if answer.sender else (),
                known_as=answer.id,
            )

    def _amounts(self, on: date, step: str, invoices: Sequence[str], about: Sequence[str]) -> tuple[Money, ...]:
        """What a message was about: what its receipts, instalments or agreement say, what was approved, else what was open then."""
        if step == RECEIPT:
            return _summed(_receipt(name) for name in about)
        if step == RECAP:
            return _summed(amounts_told(about))
        if about and step != AGREEMENT_OVER:
            parts = (
                part.amount
                for account in self.accounts
                for agreement in account.agreements
                for part in agreement.instalments
                if f"{agreement.id}@{part.due.isoformat()}" in about
            )
            return _summed(parts)
        for word in self.memory.deliveries.approved:
            if (word.step, word.items) == (step, tuple(invoices)) and word.on <= on:
                return tuple(Money(minor, currency) for currency, minor in word.principal)
        then = self._open_on(on)
        return _summed(then.get(number) for number in invoices)

    def _open_on(self, day: date) -> dict[str, Money]:
        """What was open of each invoice on a day, as the books say now."""
        if day not in self._open:
            self._open[day] = {}
            for facts in self.facts:
                offers = [offer for offer in self.memory.offers if offer.currency == facts.currency]
                items = draw_up(facts.until(day), offers, day).items
                self._open[day] |= {item.id: item.open for item in items}
        return self._open[day]


def _parts(account: Account, line: HistoryLine) -> tuple[tuple[date, Money], ...]:
    """The instalments of the agreement that a line is about."""
    for agreement in account.agreements:
        if (agreement.signed_on, invoices_of(agreement.invoices)) == (line.on, line.invoices):
            return tuple((part.due, part.amount) for part in agreement.instalments)
    return ()


def _dispute(
    opened: date, closed: date | None, invoices: tuple[str, ...], reason: str, source: SourceRef
) -> Iterator[Entry]:
    by_bank = reason.startswith(f"{BANK_DISPUTE} d")
    text = "" if by_bank else reason
    yield Entry(opened, EntryKind.DISPUTE, invoices, text=text, by_bank=by_bank, source=source)
    if closed is not None:
        yield Entry(closed, EntryKind.SETTLED, invoices, source=source)


def _numbers(items: Sequence[SentItem]) -> tuple[str, ...]:
    return tuple(item.invoice for item in items)


def _receipt(name: str) -> Money | None:
    """The amount in the name of a receipt, `2026-11-02/EUR/120000/1`."""
    _, currency, minor = [*name.split("/"), "", ""][:3]
    return Money(int(minor), currency) if is_currency(currency) and minor.isdecimal() else None


def _summed(amounts: Iterable[Money | None]) -> tuple[Money, ...]:
    """One sum for each currency; nothing of nothing."""
    sums: dict[str, Money] = {}
    for amount in amounts:
        if amount:
            sums[amount.currency] = sums[amount.currency] + amount if amount.currency in sums else amount
    return tuple(sums[currency] for currency in sorted(sums))
