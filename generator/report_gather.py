"""From the accounts of a day to the owner's report, in one pass over them."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from generator.domain.account import Ageing, How, Status, Totals
from generator.domain.due import QUIET, Held
from generator.domain.memory import OfferKind
from generator.domain.money import Money
from generator.report_attention import SHOWN_PAYERS, Attention
from generator.report_costs import cost_report
from generator.report_credits import waiting
from generator.report_fees import FeeFindings, fee_report
from generator.report_messages import largest, leaving, outgoing
from generator.report_parts import SHOWN_IN_GROUP, Bounded, added, command, latest, open_of, option, page_of
from generator.report_view import (
    Broken,
    Credit,
    Debts,
    Deduct,
    Flight,
    GuessRow,
    HeldGroup,
    OldDebts,
    Open,
    OpenOffer,
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
    from generator.report_messages import Outgoing, Prepared

SHOWN_ROWS = 300  #: clients of a table

#: Reasons that wait for the owner come first, those that pass by themselves last.
HELD_ORDER = (
    Held.UNREADABLE,
    Held.UNCERTAIN,
    Held.ANSWERED,
    Held.UNREACHABLE,
    Held.NO_ADDRESS,
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
    Held.CAP,
    Held.NOT_BUSINESS,
    Held.MINIMUM,
    Held.EXCLUDED,
    Held.OPTED_OUT,
    Held.INSOLVENT,
)
#: What a reason is about, where that is not what is late.
_HELD_ABOUT: dict[Held | None, Status] = {
    Held.DISPUTED: Status.DISPUTED,
    Held.AGREEMENT: Status.IN_PLAN,
    Held.IN_FLIGHT: Status.IN_FLIGHT,
}


@dataclass(slots=True)
class Gathered:
    """What the one pass over the accounts gathers, every entry of it. `messages` and `attention` are in reading order."""

    attention: Attention
    messages: list[Outgoing] = field(default_factory=list)
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
    vouchers: list[Deduct] = field(default_factory=list)
    flights: list[Flight] = field(default_factory=list)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    offers: list[OpenOffer] = field(default_factory=list)
    guesses: list[GuessRow] = field(default_factory=list)
    fees: FeeFindings = field(default_factory=FeeFindings)


def gather(
    settings: Settings, accounts_by_client: Iterable[Sequence[Account]], messages: Sequence[Prepared]
) -> Gathered:
    """All that the report of one day is about. Raises ValueError when a message that is due was not prepared."""
    found = Gathered(Attention(settings.seller.timezone))
    for accounts in accounts_by_client:
        found.clients[accounts[0].client.id] = accounts
        _gather(found, accounts)
        found.broken += _unwritten(accounts, settings.policy.agreements.grace_days)
        found.fees.gather(accounts, settings.policy, sends=settings.smtp is not None)
    found.attention = found.attention.in_order
    ladder, sends = settings.policy.reminders.steps, settings.smtp is not None
    found.messages = outgoing(messages, found.clients, ladder, sends=sends)
    found.held = {reason: sorted(found.held[reason], key=_rank) for reason in sorted(found.held, key=HELD_ORDER.index)}
    return found


def view_of(settings: Settings, found: Gathered, warnings: Sequence[Problem]) -> ReportView:
    """The page of one day: the first of every list, and how many there are besides."""
    first = next((accounts[0] for accounts in found.clients.values()), None)
    return ReportView(
        first=found.attention.first,
        departures=tuple(leaving(found.messages)),
        held=tuple(HeldGroup(reason, Bounded.of(clients, SHOWN_IN_GROUP)) for reason, clients in found.held.items()),
        quiet=found.quiet,
        review=Review(
            Bounded.of(sorted(found.old, key=_rank), SHOWN_IN_GROUP),
            Bounded.of(sorted(found.reopened, key=lambda entry: str(entry.item.refunded_on)), SHOWN_IN_GROUP),
            Bounded.of(sorted(found.broken, key=lambda entry: entry.missed.due), SHOWN_IN_GROUP),
            Bounded.of(sorted(found.promises, key=lambda entry: str(entry.item.promised_on)), SHOWN_IN_GROUP),
            Bounded.of(sorted(found.disputes, key=lambda entry: -entry.item.open.decimal), SHOWN_IN_GROUP),
            Bounded.of(sorted(found.credits, key=lambda entry: -entry.amount.decimal), SHOWN_IN_GROUP),
            Bounded.of(sorted(found.refunds, key=lambda entry: entry.on), SHOWN_IN_GROUP),
            Bounded.of(sorted(found.bank_disputes, key=lambda entry: -entry.item.open.decimal), SHOWN_IN_GROUP),
            Bounded.of(
                sorted(found.vouchers, key=lambda one: (not one.voucher.following, one.voucher.earned_on)),
                SHOWN_IN_GROUP,
            ),
            found.fees.review,
        ),
        guesses=Bounded.of(sorted(found.guesses, key=lambda row: row.guess.on, reverse=True), SHOWN_IN_GROUP),
        debts=tuple(
            _debts(currency, found.rows[currency]) for currency in in_order(found.rows, settings.seller.currency)
        ),
        costs=cost_report(settings, found.clients.values()),
        fees=fee_report(settings, found.clients.values()),
        credits_due=waiting(account for accounts in found.clients.values() for account in accounts),
        agreed=any(row.totals.in_plan for rows in found.rows.values() for row in rows),
        offers=Bounded.of(sorted(found.offers, key=attrgetter("valid_until")), SHOWN_IN_GROUP),
        flights=Bounded.of(sorted(found.flights, key=attrgetter("payment.date")), SHOWN_ROWS),
        payers=Bounded.of(found.attention.payers, SHOWN_PAYERS),
        warnings=Bounded.of(warnings, SHOWN_ROWS),
        payments_up_to=first.payments_up_to if first else None,
        stale=Held.STALE in found.held,
        sends=settings.smtp is not None,
        test_to=settings.smtp.test_to if settings.smtp else "",
    )


def in_order(currencies: Iterable[str], first: str) -> list[str]:
    """Currencies by their code, the seller's own before all others."""
    return sorted(currencies, key=lambda currency: (currency != first, currency))


def to_review(accounts: Sequence[Account]) -> list[Item]:
    """What waits for the owner's word before anybody is reminded of it: old debts, and what a refund (`refunded_on`) opened."""
    wanted = set(accounts[0].reminders.to_review)
    return [item for account in accounts for item in account.items if item.id in wanted]


def _gather(found: Gathered, accounts: Sequence[Account]) -> None:
    client, reminders, page = accounts[0].client, accounts[0].reminders, page_of(accounts[0])
    found.attention.gather(accounts)
    if reminders.due_today is None:
        if reminders.held in QUIET or (reminders.held is None and reminders.next is None):
            found.quiet += 1
        else:
            found.held.setdefault(reminders.held, []).append(_waiting(accounts, page))
    if reminders.to_review:
        review, items = command("review", client.id), to_review(accounts)
        found.reopened += [Reopened(client, page, item, review) for item in items if item.refunded_on]
        if old := tuple(item for item in items if not item.refunded_on):
            found.old.append(OldDebts(client, page, old, open_of(old), review))
    if reminders.held is Held.UNREADABLE:
        return  # nothing is known of their sums
    for account in accounts:
        late = [item.invoice.due for item in account.overdue]
        found.rows.setdefault(account.currency, []).append(
            Row(client, page, account.totals, min(late, default=None), reminders, account.standing)
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
        for voucher in (one for one in account.vouchers if one.open):
            used = command("voucher", client.id, option=option("--used", voucher.id))
            found.vouchers.append(Deduct(client, page, voucher, used))
        _gather_agreements_and_items(found, account, page)


def _gather_agreements_and_items(found: Gathered, account: Account, page: str) -> None:
    unpaid = {item.id for item in account.items if item.open}
    for agreement in account.agreements:
        if agreement.broken and (missed := agreement.next) and unpaid & set(agreement.invoices):
            found.broken.append(Broken(account.client, page, agreement, missed))
    for item in account.items:
        if item.fee_of:
            continue  # it follows its invoice
        if item.status is Status.DISPUTED:
            listed = found.bank_disputes if item.bank_dispute else found.disputes
            listed.append(Open(account.client, page, item))
        elif item.status is Status.OVERDUE and _passed(item.promised_on, account):
            found.promises.append(Open(account.client, page, item))


def _unwritten(accounts: Sequence[Account], grace_days: int) -> Iterator[Broken]:
    """Agreements of which an instalment is late beyond the grace and nobody wrote: they end with the owner's word only."""
    for account in accounts:
        for agreement in account.agreements:
            missed = agreement.next if agreement.holds else None
            if missed is None or missed.noticed_on or (account.as_of - missed.due).days <= grace_days:
                continue
            if any(item.id in agreement.invoices for item in account.with_status(Status.IN_PLAN)):
                yield Broken(account.client, page_of(account), agreement, missed)


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
        reminders=reminders,
        promised=min((item.promised_on for item in late if item.promised_on), default=None),
        instalment=min(parts, key=attrgetter("due"), default=None),
        reason=next((item.dispute_reason for item in items if item.dispute_reason), ""),
        refunded=max((item.refunded_on for item in to_review(accounts) if item.refunded_on), default=None),
        notes=latest(reminders.logged),
    )


def _amounts(accounts: Sequence[Account], about: Status) -> tuple[Money, ...]:
    """What a reason is about, else all that is open; of debits on their way, their own amounts."""
    if about is Status.IN_FLIGHT:
        return added(payment.amount for account in accounts for payment in account.in_flight)
    items = [item for account in accounts for item in account.items]
    return open_of(item for item in items if item.status is about) or open_of(items)


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


def _rank(entry: Waiting | OldDebts) -> tuple[object, ...]:
    return largest(entry.amounts), entry.client.name, entry.client.id
