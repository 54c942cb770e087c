"""From the accounts of a day to the owner's report, in one pass over them."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from generator.domain.account import Ageing, Held, How, Status, Totals
from generator.domain.memory import OfferKind
from generator.domain.money import Money
from generator.report_view import (
    Bounded,
    Broken,
    Credit,
    Debts,
    Departures,
    Flight,
    GuessRow,
    HeldGroup,
    OldDebts,
    Open,
    OpenOffer,
    Outgoing,
    Refund,
    Reopened,
    ReportView,
    Review,
    Row,
    Waiting,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from generator.config import Settings
    from generator.domain.account import Account, Item, Offer
    from generator.domain.ledger import Problem
    from generator.report_view import Prepared

SHOWN_TEXTS = 100  #: messages shown with their text
SHOWN_MESSAGES = 500  #: messages shown at all; the outbox has every one
SHOWN_ROWS = 300  #: clients of a table
SHOWN_IN_GROUP = 40  #: clients of one reason, guesses, offers

#: Reasons that wait for the owner come first, those that pass by themselves last.
HELD_ORDER = (
    Held.STALE,
    Held.LADDER_DONE,
    Held.REVIEW,
    Held.DISPUTED,
    Held.HOLD,
    Held.PROMISED,
    Held.IN_FLIGHT,
    Held.AGREEMENT,
    None,
    Held.GAP,
    Held.NOT_BUSINESS,
    Held.MINIMUM,
    Held.OPTED_OUT,
    Held.INSOLVENT,
)
#: What a reason is about, where that is not what is late.
_HELD_ABOUT: dict[Held | None, Status] = {
    Held.DISPUTED: Status.DISPUTED,
    Held.AGREEMENT: Status.IN_PLAN,
    Held.IN_FLIGHT: Status.IN_FLIGHT,
}
_FEW = 10  #: clients that one command can name and still be read


@dataclass(slots=True)
class _Found:
    """What the one pass over the accounts gathers."""

    clients: dict[str, Sequence[Account]] = field(default_factory=dict)
    held: dict[Held | None, list[Waiting]] = field(default_factory=dict)
    quiet: int = 0
    old: list[OldDebts] = field(default_factory=list)
    reopened: list[Reopened] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    promises: list[Open] = field(default_factory=list)
    disputes: list[Open] = field(default_factory=list)
    credits: list[Credit] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    bank_disputes: list[Open] = field(default_factory=list)
    flights: list[Flight] = field(default_factory=list)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    offers: list[OpenOffer] = field(default_factory=list)
    guesses: list[GuessRow] = field(default_factory=list)


def view_of(
    settings: Settings,
    accounts_by_client: Iterable[Sequence[Account]],
    messages: Sequence[Prepared],
    warnings: Sequence[Problem],
) -> ReportView:
    """The report of one day. Raises ValueError when a message that is due was not prepared: nothing may be missing here."""
    found = _Found()
    first: Account | None = None
    for accounts in accounts_by_client:
        first = first or accounts[0]
        found.clients[accounts[0].client.id] = accounts
        _gather(found, accounts)
    prepared = {message.client for message in messages}
    for client, accounts in found.clients.items():
        if accounts[0].reminders.due_today and client not in prepared:
            raise ValueError(f"a message is due to {client} and none was prepared")
    return ReportView(
        departures=tuple(_departures(settings, found, messages)),
        held=tuple(
            HeldGroup(reason, Bounded.of(_largest(found.held[reason]), SHOWN_IN_GROUP))
            for reason in sorted(found.held, key=HELD_ORDER.index)
        ),
        quiet=found.quiet,
        review=Review(
            Bounded.of(_largest(found.old), SHOWN_IN_GROUP),
            Bounded.of(sorted(found.reopened, key=lambda entry: str(entry.item.refunded_on)), SHOWN_IN_GROUP),
            Bounded.of(sorted(found.broken, key=lambda entry: entry.missed.due), SHOWN_IN_GROUP),
            Bounded.of(sorted(found.promises, key=lambda entry: str(entry.item.promised_on)), SHOWN_IN_GROUP),
            Bounded.of(sorted(found.disputes, key=lambda entry: -entry.item.open.decimal), SHOWN_IN_GROUP),
            Bounded.of(sorted(found.credits, key=lambda entry: -entry.amount.decimal), SHOWN_IN_GROUP),
            Bounded.of(sorted(found.refunds, key=lambda entry: entry.on), SHOWN_IN_GROUP),
            Bounded.of(sorted(found.bank_disputes, key=lambda entry: -entry.item.open.decimal), SHOWN_IN_GROUP),
        ),
        guesses=Bounded.of(sorted(found.guesses, key=lambda row: row.guess.on, reverse=True), SHOWN_IN_GROUP),
        debts=tuple(
            _debts(currency, found.rows[currency]) for currency in in_order(found.rows, settings.seller.currency)
        ),
        offers=Bounded.of(sorted(found.offers, key=attrgetter("valid_until")), SHOWN_IN_GROUP),
        flights=Bounded.of(sorted(found.flights, key=attrgetter("payment.date")), SHOWN_ROWS),
        warnings=Bounded.of(warnings, SHOWN_ROWS),
        payments_up_to=first.payments_up_to if first else None,
        stale=Held.STALE in found.held,
    )


def in_order(currencies: Iterable[str], first: str) -> list[str]:
    """Currencies by their code, the seller's own before all others."""
    return sorted(currencies, key=lambda currency: (currency != first, currency))


def command(verb: str, *clients: str) -> str:
    """What to type, whatever an id is made of."""
    end = ["--"] if any(client.startswith("-") for client in clients) else []
    return shlex.join(["relance", verb, *end, *clients])


def to_review(accounts: Sequence[Account]) -> list[Item]:
    """What waits for the owner's word before anybody is reminded of it: old debts, and what a refund (`refunded_on`) opened."""
    wanted = set(accounts[0].reminders.to_review)
    return [item for account in accounts for item in account.items if item.id in wanted]


def _gather(found: _Found, accounts: Sequence[Account]) -> None:
    client, reminders, page = accounts[0].client, accounts[0].reminders, _page(accounts[0])
    if reminders.due_today is None:
        if reminders.held is Held.NOTHING_OVERDUE or (reminders.held is None and reminders.next is None):
            found.quiet += 1
        else:
            found.held.setdefault(reminders.held, []).append(_waiting(accounts, page))
    if reminders.to_review:
        review, items = command("review", client.id), to_review(accounts)
        found.reopened += [Reopened(client, page, item, review) for item in items if item.refunded_on]
        if old := tuple(item for item in items if not item.refunded_on):
            found.old.append(OldDebts(client, page, old, _open(old), review))
    for account in accounts:
        late = [item.invoice.due for item in account.overdue]
        found.rows.setdefault(account.currency, []).append(
            Row(client, page, account.totals, min(late, default=None), reminders)
        )
        found.guesses += [GuessRow(client, guess) for guess in account.guesses]
        found.offers += _open_offers(account, page)
        found.flights += [Flight(client, page, payment) for payment in account.in_flight]
        refunds = [
            Refund(client, page, guess.amount, guess.on, guess.stripe)
            for guess in account.guesses
            if guess.stripe and guess.how is How.CREDIT
        ]
        found.refunds += refunds
        kept = account.totals.credit.minor - sum(refund.amount.minor for refund in refunds)
        if kept > 0:
            found.credits.append(Credit(client, page, Money(kept, account.currency)))
        _gather_agreements_and_items(found, account, page)


def _gather_agreements_and_items(found: _Found, account: Account, page: str) -> None:
    unpaid = {item.id for item in account.items if item.open}
    for agreement in account.agreements:
        if not agreement.holds and agreement.next and unpaid & set(agreement.invoices):
            found.broken.append(Broken(account.client, page, agreement, agreement.next))
    for item in account.items:
        if item.status is Status.DISPUTED:
            listed = found.bank_disputes if item.bank_dispute else found.disputes
            listed.append(Open(account.client, page, item))
        elif item.status is Status.OVERDUE and _passed(item.promised_on, account):
            found.promises.append(Open(account.client, page, item))


def _passed(promised: date | None, account: Account) -> bool:
    """Whether a promise was not kept, as far as payments are booked."""
    booked = account.payments_up_to
    return promised is not None and promised < account.as_of and (booked is None or promised <= booked)


def _waiting(accounts: Sequence[Account], page: str) -> Waiting:
    reminders = accounts[0].reminders
    items = [item for account in accounts for item in account.items]
    late = [item for item in items if item.status is Status.OVERDUE]
    about = _HELD_ABOUT.get(reminders.held, Status.OVERDUE)
    holding = [agreement for account in accounts for agreement in account.agreements if agreement.holds]
    parts = [agreement.next for agreement in holding if agreement.next]
    return Waiting(
        client=accounts[0].client,
        page=page,
        amounts=_amounts(accounts, about),
        until=reminders.until,
        next=reminders.next,
        promised=min((item.promised_on for item in late if item.promised_on), default=None),
        instalment=min(parts, key=attrgetter("due"), default=None),
        reason=next((item.dispute_reason for item in items if item.dispute_reason), ""),
        refunded=max((item.refunded_on for item in to_review(accounts) if item.refunded_on), default=None),
    )


def _amounts(accounts: Sequence[Account], about: Status) -> tuple[Money, ...]:
    """What a reason is about, else all that is open; of debits on their way, their own amounts."""
    if about is Status.IN_FLIGHT:
        return _added(payment.amount for account in accounts for payment in account.in_flight)
    items = [item for account in accounts for item in account.items]
    return _open(item for item in items if item.status is about) or _open(items)


def _departures(settings: Settings, found: _Found, messages: Sequence[Prepared]) -> Iterator[Departures]:
    """By step, the gravest first, the largest debts first in each."""
    steps = {step.name: index for index, step in enumerate(settings.policy.reminders.steps)}
    leaving = [_outgoing(found.clients[message.client], message) for message in messages]
    leaving.sort(key=lambda entry: (-steps.get(entry.message.step, -1), entry.message.step, _rank(entry)))
    shown = 0
    for step, group in groupby(leaving, key=lambda entry: entry.message.step):
        entries = tuple(group)
        texts, most = max(0, SHOWN_TEXTS - shown), max(0, SHOWN_MESSAGES - shown)
        shown += len(entries)
        yield Departures(
            step=step,
            full=entries[:texts],
            brief=entries[texts:most],
            count=len(entries),
            amounts=_added(amount for entry in entries for amount in entry.amounts),
            command=command("sent", *(entry.client.id for entry in entries)) if 1 < len(entries) <= _FEW else "",
        )


def _outgoing(accounts: Sequence[Account], message: Prepared) -> Outgoing:
    client, reminders = accounts[0].client, accounts[0].reminders
    due = reminders.due_today
    items = tuple((item, due.steps.get(item.id, "")) for item in due.items) if due else ()
    listed = {item.id for item, _ in items}
    sent = (past for past in reminders.sent if any(entry.invoice in listed for entry in past.items))
    return Outgoing(
        message=message,
        client=client,
        page=_page(accounts[0]),
        amounts=_open(item for item, _ in items),
        items=items,
        earlier=tuple((past.on, past.step) for past in sent),
        command=command("sent", client.id),
    )


def _debts(currency: str, rows: Sequence[Row]) -> Debts:
    """One currency: its sums, and those who owe something in it or have something with us, most overdue first."""
    owing = [row for row in rows if row.totals.open or row.totals.credit]
    owing.sort(key=lambda row: (-row.totals.overdue.minor, -row.totals.open.minor, row.client.name, row.client.id))
    totals = add_totals([row.totals for row in rows], currency)
    return Debts(currency, totals, Bounded.of(owing, SHOWN_ROWS), len(rows) - len(owing))


def add_totals(many: Sequence[Totals], currency: str) -> Totals:
    """The sums of several statements in one currency."""

    def summed(name: str) -> Money:
        read = attrgetter(name)
        return Money(sum(read(totals).minor for totals in many), currency)

    ageing = Ageing(*(summed(f"ageing.{name}") for name in ("up_to_30", "up_to_60", "up_to_90", "older")))
    names = ("open", "overdue", "upcoming", "disputed", "in_plan", "credit", "to_pay", "in_flight")
    return Totals(**{name: summed(name) for name in names}, ageing=ageing)


def _open_offers(account: Account, page: str) -> Iterator[OpenOffer]:
    """The offers with a last day; plans for the same invoices until the same day differ by their count only."""

    def alike(offer: Offer) -> tuple[object, ...]:
        own = offer.key if offer.kind is not OfferKind.PLAN else ""
        return offer.kind, str(offer.valid_until), tuple(item.id for item in offer.items), own

    dated = [offer for offer in account.offers if offer.kind is not OfferKind.FULL and offer.valid_until is not None]
    for _, group in groupby(sorted(dated, key=alike), key=alike):
        offers = list(group)
        if (last := offers[0].valid_until) is not None:
            yield OpenOffer(account.client, page, offers[0], tuple(sorted(len(o.instalments) for o in offers)), last)


def _page(account: Account) -> str:
    """The way from the report to a client's page on this disk; empty while the client has no key."""
    return f"../output/p/{quote(account.keys[0], safe='')}/index.html" if account.keys else ""


def _open(items: Iterable[Item]) -> tuple[Money, ...]:
    """What is open of these items, in each of their currencies."""
    return _added(item.open for item in items)


def _added(amounts: Iterable[Money]) -> tuple[Money, ...]:
    sums: dict[str, int] = {}
    for amount in amounts:
        sums[amount.currency] = sums.get(amount.currency, 0) + amount.minor
    return tuple(Money(minor, currency) for currency, minor in sorted(sums.items()))


_Entry = TypeVar("_Entry", Outgoing, Waiting, OldDebts)


def _largest(entries: Iterable[_Entry]) -> list[_Entry]:
    return sorted(entries, key=_rank)


def _rank(entry: Outgoing | Waiting | OldDebts) -> tuple[object, ...]:
    """The largest figure first; for two currencies that is an order to read in, not a comparison of values."""
    return -max((amount.decimal for amount in entry.amounts), default=0), entry.client.name, entry.client.id
