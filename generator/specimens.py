"""Invented clients on whom message templates are tried, so that a mistake shows before a real message meets it.

Together they take every branch that a template may have: one invoice or many, one currency or two, part-paid, promised,
with and without offers, earlier messages, a name to greet, or a kind.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from generator.domain.account import (
    Account,
    Ageing,
    DueReminder,
    Instalment,
    Item,
    Offer,
    Reminders,
    Standing,
    Status,
    Totals,
)
from generator.domain.ledger import Channel, Client, Invoice, Kind
from generator.domain.memory import MessageSent, OfferKind, SentItem
from generator.domain.money import Money, split, total

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.domain.policy import Step

TODAY = date(2026, 11, 22)
_MANY = 70


def specimens(step: Step, channel: Channel, language: str) -> Iterator[tuple[Account, ...]]:
    """The accounts of each invented client to whom `step` is due today."""
    full = Client(
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
    bare = Client(id="specimen", name="Paul Roux", email="paul@roux.example", language=language, kind=Kind.CONSUMER)
    unknown = Client(id="specimen", name="Mairie de Brume", email="mairie@brume.example", language=language)
    one, part = _item(step, 1, "1200.00"), _item(step, 2, "450.00", paid="50.00", order="C-7", promised=True)
    yield _accounts(step, channel, full, [one], offers=True, history=(Channel.EMAIL,))
    yield _accounts(
        step, channel, full, [one, part, _item(step, 3, "300.00", "GBP")], offers=True, history=tuple(Channel)
    )
    yield _accounts(step, channel, bare, [part], offers=False, history=(Channel.PHONE,))
    yield _accounts(step, channel, unknown, [_item(step, 4, "80.00", subject="")], offers=False, history=())
    yield _accounts(
        step, channel, full, [_item(step, number, "10.00") for number in range(_MANY)], offers=False, history=()
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
            whole, whole, nothing, nothing, nothing, nothing, whole, Ageing(whole, nothing, nothing, nothing)
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
