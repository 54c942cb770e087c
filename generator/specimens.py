"""Invented clients on whom templates are tried, so that a mistake shows before a real message or page meets it.

Together they take every branch that a template may have: one invoice or many, one currency or two, part-paid, promised,
with and without offers, links to pay them, debits on their way, earlier messages, a name to greet, or a kind.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from generator.domain.account import (
    Account,
    Ageing,
    Agreement,
    DueReminder,
    HistoryKind,
    HistoryLine,
    Instalment,
    Item,
    Offer,
    Reminders,
    Standing,
    Status,
    Totals,
)
from generator.domain.ledger import Channel, Client, Invoice, Kind, Payment
from generator.domain.linkplan import with_links
from generator.domain.memory import MessageSent, OfferKind, SentItem
from generator.domain.money import Money, split, total
from generator.domain.policy import LinkPolicy, Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TODAY = date(2026, 11, 22)
_MANY = 70
_LINKS = LinkPolicy("specimen", "https://portal.example", "Claire Lumen", ("card", "sepa_debit"))


def _business(language: str) -> Client:
    return Client(
        id="specimen",
        name="Studio Verdier",
        email="jeanne@studio-verdier.example",
        contact="Jeanne Verdier",
        salutation="Madame Verdier",
        phone="04 72 00 11 22",
        language=language,
        kind=Kind.BUSINESS,
        address="8 quai Saint-Vincent\n69001 Lyon",
    )


def specimens(step: Step, channel: Channel, language: str) -> Iterator[tuple[Account, ...]]:
    """The accounts of each invented client to whom `step` is due today."""
    full = _business(language)
    bare = Client(id="specimen", name="Paul Roux", email="paul@roux.example", language=language, kind=Kind.CONSUMER)
    unknown = Client(id="specimen", name="Mairie de Brume", email="mairie@brume.example", language=language)
    one, part = _item(step, 1, "1200.00"), _item(step, 2, "450.00", paid="50.00", order="C-7", promised=True)
    offered = _accounts(step, channel, full, [one], offers=True, history=(Channel.EMAIL,))
    yield offered
    yield _linked(offered)
    yield _accounts(
        step, channel, full, [one, part, _item(step, 3, "300.00", "GBP")], offers=True, history=tuple(Channel)
    )
    yield _accounts(step, channel, bare, [part], offers=False, history=(Channel.PHONE,))
    yield _accounts(step, channel, unknown, [_item(step, 4, "80.00", subject="")], offers=False, history=())
    yield _accounts(
        step, channel, full, [_item(step, number, "10.00") for number in range(_MANY)], offers=False, history=()
    )


def page_specimens(language: str) -> Iterator[tuple[Account, ...]]:
    """The accounts of clients who can pay everything online, with a debit on its way beside it or alone."""
    client, step = _business(language), Step("specimen", 14)
    part, agreed = _item(step, 2, "450.00", paid="50.00"), _item(step, 3, "300.00")
    covered = _item(step, 4, "80.00", paid="80.00")
    debits = [_debit(part, "100.00"), _debit(covered, "80.00")]
    listed = [
        _item(step, 1, "1200.00"),
        replace(part, open=part.open - debits[0].amount, in_flight=debits[0].amount),
        replace(agreed, status=Status.IN_PLAN),
        replace(covered, status=Status.IN_FLIGHT, paid=Money(0, "EUR"), in_flight=debits[1].amount),
    ]
    (account,) = _accounts(step, Channel.EMAIL, client, listed, offers=True, history=())
    shares = [Instalment(TODAY + timedelta(days=30 * n), Money(15000, "EUR"), Money(0, "EUR")) for n in range(2)]
    agreement = Agreement("EC-1", account.reference, TODAY, (agreed.id,), tuple(shares), holds=True)
    yield _linked([_flying(replace(account, agreements=(agreement,)), debits)])
    (alone,) = _accounts(step, Channel.EMAIL, client, listed[-1:], offers=False, history=())
    yield (_flying(alone, debits[-1:]),)


def _debit(item: Item, amount: str) -> Payment:
    return Payment("specimen", TODAY, Money.of(amount, "EUR"), (item.id,), method="sepa_debit", stripe=("pi_specimen",))


def _flying(account: Account, debits: Sequence[Payment]) -> Account:
    coming = total((debit.amount for debit in debits), account.currency)
    lines = tuple(HistoryLine(debit.date, HistoryKind.IN_FLIGHT, debit.amount, debit.invoices) for debit in debits)
    totals = replace(account.totals, in_flight=coming)
    return replace(account, totals=totals, history=lines, in_flight=tuple(debits))


def _linked(accounts: Sequence[Account]) -> tuple[Account, ...]:
    """The accounts, with an address for every link that they call for."""
    known = [with_links(account, _LINKS, None) for account in accounts]
    return tuple(
        replace(account, links={link.key: f"https://pay.example/{link.key}" for link in account.wanted})
        for account in known
    )


def _item(
    step: Step,
    number: int,
    amount: str,
    currency: str = "EUR",
    *,
    paid: str = "0",
    subject: str = "refonte du site",
    order: str = "",
    promised: bool = False,
) -> Item:
    due = TODAY + timedelta(days=3 if step.before_due else -30)
    whole, settled = Money.of(amount, currency), Money.of(paid, currency)
    issued = due - timedelta(days=30)
    return Item(
        invoice=Invoice(f"F-{number}", "specimen", issued, due, whole, subject=subject, order=order),
        status=Status.NOT_DUE if step.before_due else Status.OVERDUE,
        total=whole,
        paid=settled,
        credited=Money(0, currency),
        open=whole - settled,
        days_overdue=max(0, (TODAY - due).days),
        promised_on=TODAY - timedelta(days=5) if promised else None,
    )


def _accounts(
    step: Step, channel: Channel, client: Client, items: Sequence[Item], *, offers: bool, history: Sequence[Channel]
) -> tuple[Account, ...]:
    listed = tuple(
        SentItem(item.id, "reminder-1", item.invoice.issued, item.total.minor, item.total.currency) for item in items
    )
    sent = tuple(
        MessageSent(client.id, "reminder-1", way, TODAY - timedelta(days=7 * number), listed)
        for number, way in enumerate(history, start=1)
    )
    due = DueReminder(step, channel, tuple(items), {item.id: step.name for item in items})
    reminders = Reminders(sent=sent, due_today=due)
    booked = TODAY - timedelta(days=2) if client.contact else None
    currencies = dict.fromkeys(item.open.currency for item in items)
    return tuple(_account(client, currency, items, reminders, booked, offers=offers) for currency in currencies)


def _account(
    client: Client, currency: str, items: Sequence[Item], reminders: Reminders, booked: date | None, *, offers: bool
) -> Account:
    own = tuple(item for item in items if item.open.currency == currency)
    nothing, whole = Money(0, currency), total((item.open for item in own), currency)
    return Account(
        client=client,
        currency=currency,
        as_of=TODAY,
        payments_up_to=booked,
        keys=("specimen-specimen-specimen",),
        reference="RF18539007547034",
        items=own,
        totals=Totals(
            whole, whole, nothing, nothing, nothing, nothing, whole, Ageing(whole, nothing, nothing, nothing), nothing
        ),
        offers=tuple(_offers(own[:1], currency)) if offers else (),
        agreements=(),
        history=(),
        guesses=(),
        standing=Standing(0, 0, last_three_on_time=False, average_days_late=None, since=None),
        reminders=reminders,
    )


def _offers(items: tuple[Item, ...], currency: str) -> Iterator[Offer]:
    whole, nothing = total((item.open for item in items), currency), Money(0, currency)
    until = TODAY + timedelta(days=10)
    saving = Money(whole.minor // 20, currency)
    for own in (False, True):
        yield Offer(
            f"discount-{own}",
            OfferKind.DISCOUNT,
            whole - saving,
            saving,
            items,
            "RF18539007547034",
            until,
            Decimal(5),
            own=own,
        )
    for count in (2, 3, 7):
        shares = [Money(share, currency) for share in split(whole.minor, count)]
        parts = tuple(
            Instalment(TODAY + timedelta(days=30 * number), share, nothing) for number, share in enumerate(shares)
        )
        yield Offer(
            f"plan-{count}", OfferKind.PLAN, whole, nothing, items, "RF18539007547034", until, instalments=parts
        )
