"""Accounts made by hand, for tests of what is rendered from them: a few words say what matters, the rest is ordinary."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from generator.config import LedgerSettings, Seller, Settings
from generator.domain.account import Account, Ageing, Instalment, Item, Offer, Status, Totals
from generator.domain.delivery import MessageSent, SentItem
from generator.domain.due import DueReminder, Reminders
from generator.domain.facts import people_of
from generator.domain.ledger import Channel, Client, Contact, Invoice, Kind
from generator.domain.memory import OfferKind
from generator.domain.money import Money, split, total
from generator.domain.policy import DEFAULT_LADDER, Anchor, FeeMode, Policy, Step
from generator.domain.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

TODAY = date(2026, 11, 22)
BOOKED = date(2026, 11, 20)
KEY = "q7Hn2vXwT4mKc9RzLd8sYb"
STEPS = {step.name: step for step in (*DEFAULT_LADDER, Step("presentation", 0, Anchor.ISSUED, offers=("discount",)))}
_NEVER = Standing(paid_invoices=0, paid_on_time=0, last_three_on_time=False, average_days_late=None, since=None)


def seller(**changes: str) -> Seller:
    """Atelier Lumen, a workshop that has filled in everything."""
    known = {
        "name": "Atelier Lumen",
        "email": "compta@atelier-lumen.example",
        "contact": "Claire Lumen",
        "phone": "01 86 95 00 12",
        "address": "12 rue des Tanneurs\n69001 Lyon",
        "siren": "732 829 320",
        "iban": "FR1420041010050500013M02606",
        "bic": "PSSTFRPPXXX",
    }
    return Seller(**{**known, **changes})


def settings(folder: Path, *, fees: FeeMode = FeeMode.MENTION, owner: Seller | None = None) -> Settings:
    """The settings of Atelier Lumen, its folder at `folder`."""
    return Settings(
        folder=folder,
        seller=owner or seller(),
        site_url="https://payer.atelier-lumen.example",
        ledger=LedgerSettings(),
        policy=Policy(late_fees=fees),
    )


def client(**changes: object) -> Client:
    """Studio Verdier, a business that is written to in French."""
    verdier = Client(
        id="verdier",
        name="Studio Verdier",
        email="jeanne@studio-verdier.example",
        contact="Jeanne Verdier",
        salutation="Madame Verdier",
        phone="04 72 00 11 22",
        kind=Kind.BUSINESS,
        address="8 quai Saint-Vincent\n69001 Lyon",
    )
    return replace(verdier, **changes)  # type: ignore[arg-type]


def item(
    number: str = "F-2026-118",
    amount: str = "1200.00",
    *,
    subject: str = "refonte du site",
    currency: str = "EUR",
    due: date = date(2026, 10, 30),
    paid: str = "0",
    promised_on: date | None = None,
    order: str = "",
) -> Item:
    """One invoice of 30 days, late when its due date is over."""
    whole, settled = Money.of(amount, currency), Money.of(paid, currency)
    invoice = Invoice(
        number=number,
        client="verdier",
        issued=due - timedelta(days=30),
        due=due,
        total=whole,
        subject=subject,
        order=order,
    )
    late = max(0, (TODAY - due).days)
    return Item(
        invoice=invoice,
        status=Status.OVERDUE if late else Status.NOT_DUE,
        total=whole,
        paid=settled,
        credited=Money(0, currency),
        open=whole - settled,
        days_overdue=late,
        promised_on=promised_on,
    )


def discount(items: Sequence[Item], percent: str = "5", *, until: date = date(2026, 12, 2), own: bool = False) -> Offer:
    """`percent` off all of `items` until a day."""
    whole = total((part.open for part in items), items[0].open.currency)
    saving = Money(whole.minor * int(percent) // 100, whole.currency)
    return Offer(
        key="D",
        kind=OfferKind.DISCOUNT,
        amount=whole - saving,
        saving=saving,
        items=tuple(items),
        reference="RF18D",
        valid_until=until,
        percent=Decimal(percent),
        before_due=all(part.status is Status.NOT_DUE for part in items),
        own=own,
    )


def plans(items: Sequence[Item], counts: Iterable[int] = (2, 3, 4), *, until: date = date(2026, 12, 2)) -> list[Offer]:
    """Monthly plans for all of `items`, from today on."""
    whole = total((part.open for part in items), items[0].open.currency)
    days = [TODAY, date(2026, 12, 22), date(2027, 1, 22), date(2027, 2, 22)]
    nothing = Money(0, whole.currency)
    return [
        Offer(
            key=f"P{count}",
            kind=OfferKind.PLAN,
            amount=whole,
            saving=nothing,
            items=tuple(items),
            reference=f"RF18P{count}",
            valid_until=until,
            instalments=tuple(
                Instalment(day, Money(part, whole.currency), nothing)
                for day, part in zip(days, split(whole.minor, count), strict=False)
            ),
        )
        for count in counts
    ]


def sent(step: str, on: date, items: Iterable[Item], channel: str = "email") -> MessageSent:
    """A message that left, and what it listed."""
    entries = tuple(
        SentItem(part.id, step, part.invoice.issued, part.total.minor, part.total.currency) for part in items
    )
    return MessageSent("verdier", step, channel, on, entries)


def accounts(
    step: str | Step,
    *items: Item,
    who: Client | None = None,
    offers: Sequence[Offer] = (),
    history: Sequence[MessageSent] = (),
    channel: Channel | None = None,
    booked: date | None = BOOKED,
    people: Sequence[Contact] = (),
) -> tuple[Account, ...]:
    """All accounts of one client to whom `step` is due today for `items`, one for each of their currencies."""
    who = who or client()
    known = STEPS.get(step) or Step(step, 20) if isinstance(step, str) else step
    channel = channel or who.channel or known.channel
    due = DueReminder(known, channel, items, {part.id: known.name for part in items})
    reminders = Reminders(sent=tuple(history), due_today=due)
    return tuple(
        _account(who, currency, items, offers, reminders, booked, people=people)
        for currency in dict.fromkeys(part.open.currency for part in items)
    )


def _account(
    who: Client,
    currency: str,
    items: Sequence[Item],
    offers: Sequence[Offer],
    reminders: Reminders,
    booked: date | None,
    *,
    people: Sequence[Contact],
) -> Account:
    own = tuple(part for part in items if part.open.currency == currency)
    nothing = Money(0, currency)
    whole = total((part.open for part in own), currency)
    late = total((part.open for part in own if part.status is Status.OVERDUE), currency)
    return Account(
        client=who,
        currency=currency,
        as_of=TODAY,
        payments_up_to=booked,
        keys=(KEY,),
        reference="RF61VERDIER" + currency,
        items=own,
        totals=Totals(
            whole,
            late,
            whole - late,
            nothing,
            nothing,
            nothing,
            whole,
            Ageing(late, nothing, nothing, nothing),
            nothing,
        ),
        offers=tuple(offer for offer in offers if offer.amount.currency == currency),
        agreements=(),
        history=(),
        guesses=(),
        standing=_NEVER,
        reminders=reminders,
        people=people_of(who, people),
    )
