"""A small ledger written as text, so that a test reads like a specification.

    client atelier-brun kind=business
    invoice F-1 2026-10-01 due 2026-10-31 1200.00
    credit A-1 2026-10-05 100.00 F-1
    payment 2026-11-03 400.00 F-1 ref="RF.."
    debit 2026-11-20 300.00 F-1
    refund 2026-11-25 100.00 of=pi_1
    sent 2026-11-07 reminder-1 F-1

The first client is the one that lines without a client are about.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any

from generator.calendars import calendar
from generator.domain.decide import Decision, decide
from generator.domain.ledger import (
    AgreementRecord,
    Channel,
    Client,
    CreditNote,
    Dispute,
    Invoice,
    InvoiceStatus,
    Kind,
    Ledger,
    Payment,
    Progress,
    Promise,
    Taking,
)
from generator.domain.memory import Event, Memory, MessageSent, Reviewed, SentItem
from generator.domain.money import Money
from generator.domain.policy import DiscountPolicy, PlanPolicy, Policy
from generator.domain.reminders import message_sent

if TYPE_CHECKING:
    from generator.domain.account import Account


def day(text: str) -> date:
    """A date as ISO writes it."""
    return date.fromisoformat(text)


def numbered_keys() -> Any:
    """Keys that tests can read: k1, k2, …"""
    numbers = count(1)
    return lambda: f"k{next(numbers)}"


GENEROUS = Policy(
    discount=DiscountPolicy(percent=Decimal(5), days=10),
    plans=PlanPolicy(minimum_debt=Decimal(300), minimum_instalment=Decimal(50)),
)


@dataclass
class World:
    """A ledger, a policy and what is remembered; `on` decides a day, `remember` keeps its events."""

    ledger: Ledger
    policy: Policy = GENEROUS
    events: list[Event] = field(default_factory=list)
    region: str = ""

    def decide(self, today: str | date) -> Decision:
        """Decides that day, as `relance show` does."""
        when = day(today) if isinstance(today, str) else today
        memory = Memory.of(self.events)
        return decide(
            self.ledger, self.policy, memory, when, business=calendar("FR", self.region), new_key=numbered_keys()
        )

    def on(self, today: str | date, currency: str = "EUR") -> Account:
        """The first client's account that day."""
        first = next(iter(self.ledger.clients))
        accounts = self.decide(today).accounts
        return next(found for found in accounts if found.client.id == first and found.currency == currency)

    def build(self, today: str | date) -> Decision:
        """Decides and remembers, as `relance build` does."""
        decision = self.decide(today)
        self.events += decision.events
        return decision

    def send(self, today: str | date, currency: str = "EUR") -> str | None:
        """Sends what is due to the first client that day, and says which step it was."""
        self.build(today)
        account = self.on(today, currency)
        message = message_sent(account, self.policy.reminders.steps)
        if message is None:
            return None
        self.events.append(message)
        return message.step

    def add(self, text: str) -> None:
        """More facts come into the ledger."""
        more = world(text, clients=self.ledger.clients)
        self.ledger = replace(
            self.ledger,
            clients=self.ledger.clients | more.ledger.clients,
            **{
                name: getattr(self.ledger, name) + getattr(more.ledger, name)
                for name in (
                    "invoices",
                    "credit_notes",
                    "payments",
                    "promises",
                    "disputes",
                    "agreements",
                    "takings",
                )
            },
        )
        self.events += more.events


def world(text: str, policy: Policy = GENEROUS, clients: dict[str, Client] | None = None) -> World:
    """The world that the text describes."""
    builder = _Builder(dict(clients or {}))
    for line in text.strip().splitlines():
        if line.strip():
            builder.read(shlex.split(line))
    facts: dict[str, Any] = {name: tuple(found) for name, found in builder.facts.items()}
    ledger = Ledger(clients=builder.clients, **facts)
    return World(ledger, policy, builder.events)


class _Builder:
    def __init__(self, clients: dict[str, Client]) -> None:
        self.clients = clients
        self.events: list[Event] = []
        self.facts: dict[str, list[Any]] = {}

    def read(self, words: list[str]) -> None:
        """One line."""
        options = dict(word.split("=", 1) for word in words if "=" in word)
        plain = [word for word in words if "=" not in word]
        getattr(self, plain[0])(options, *plain[1:])

    def _client(self, options: dict[str, str]) -> str:
        return options.get("client") or next(iter(self.clients), "") or self._default()

    def _default(self) -> str:
        self.client({}, "brun")
        return "brun"

    def _add(self, kind: str, fact: object) -> None:
        self.facts.setdefault(kind, []).append(fact)

    def client(self, options: dict[str, str], name: str) -> None:
        """client NAME kind= grace= hold= pays_on= channel= …"""
        made = Client(name, name.title(), f"{name}@client.example", kind=Kind(options.get("kind", "business")))
        if "grace" in options:
            made = replace(made, grace_days=int(options["grace"]))
        if "hold" in options:
            made = replace(made, hold_until=day(options["hold"]))
        if "insolvent" in options:
            made = replace(made, insolvent_since=day(options["insolvent"]))
        if "opt_out" in options:
            made = replace(made, opt_out=True)
        if "pays_on" in options:
            made = replace(made, pays_on=tuple(int(part) for part in options["pays_on"].split(",")))
        if "channel" in options:
            made = replace(made, channel=Channel(options["channel"]))
        self.clients[name] = made

    def invoice(self, options: dict[str, str], number: str, issued: str, _due: str, due: str, total: str) -> None:
        """invoice NUMBER ISSUED due DUE TOTAL currency= part= status= promised= disputed= closed= escompte=2/10"""
        percent, _, days = options.get("escompte", "").partition("/")
        self._add(
            "invoices",
            Invoice(
                number,
                self._client(options),
                day(issued),
                day(due),
                Money.of(total, options.get("currency", "EUR")),
                part=options.get("part", ""),
                status=InvoiceStatus(options.get("status", "open")),
                promised_on=_maybe(options.get("promised")),
                disputed_on=_maybe(options.get("disputed")),
                dispute_closed_on=_maybe(options.get("closed")),
                discount_percent=Decimal(percent) if percent else None,
                discount_days=int(days or 0),
            ),
        )

    def credit(self, options: dict[str, str], number: str, issued: str, amount: str, invoice: str = "") -> None:
        """credit NUMBER DATE AMOUNT [INVOICE]"""
        currency = options.get("currency", "EUR")
        self._add(
            "credit_notes", CreditNote(number, self._client(options), day(issued), Money.of(amount, currency), invoice)
        )

    def payment(self, options: dict[str, str], on: str, amount: str, *invoices: str) -> None:
        """payment DATE AMOUNT [INVOICE…] ref="…" currency="""
        currency = options.get("currency", "EUR")
        made = Payment(
            self._client(options), day(on), Money.of(amount, currency), invoices, reference=options.get("ref", "")
        )
        self._add("payments", made)

    def debit(self, options: dict[str, str], on: str, amount: str, *invoices: str) -> None:
        """debit DATE AMOUNT [INVOICE…] ref="…" link= state=in_flight|paid|failed|cancelled currency="""
        currency = options.get("currency", "EUR")
        made = Payment(
            self._client(options),
            day(on),
            Money.of(amount, currency),
            invoices,
            method="sepa_debit",
            reference=options.get("ref", ""),
            stripe=(f"pi_{len(self.facts.get('takings', [])) + 1}",),
            link=options.get("link", ""),
        )
        progress = Progress(options.get("state", "in_flight"))
        self._add("takings", Taking(progress, made))
        if progress is Progress.PAID:
            self._add("payments", made)

    def refund(self, options: dict[str, str], on: str, amount: str) -> None:
        """refund DATE AMOUNT of=pi_1 why=refund|dispute currency=: money that Stripe gave back."""
        made = Payment(
            self._client(options),
            day(on),
            -Money.of(amount, options.get("currency", "EUR")),
            method=options.get("why", "refund"),
            stripe=(f"re_{len(self.facts.get('payments', [])) + 1}",),
            undoes=options["of"],
        )
        self._add("takings", Taking(Progress.PAID, made))
        self._add("payments", made)

    def promise(self, options: dict[str, str], made_on: str, on: str, *invoices: str) -> None:
        """promise MADE ON [INVOICE…]"""
        self._add("promises", Promise(self._client(options), day(made_on), day(on), invoices))

    def dispute(self, options: dict[str, str], invoice: str, opened: str, closed: str = "") -> None:
        """dispute INVOICE OPENED [CLOSED]"""
        self._add("disputes", Dispute(invoice, day(opened), _maybe(closed), options.get("reason", "")))

    def agreement(self, options: dict[str, str], name: str, signed: str, invoices: str, *parts: str) -> None:
        """agreement NAME SIGNED F-1,F-2 DATE:AMOUNT…"""
        instalments = tuple((day(part.split(":")[0]), Money.of(part.split(":")[1], "EUR")) for part in parts)
        made = AgreementRecord(name, self._client(options), tuple(invoices.split(",")), day(signed), instalments)
        self._add("agreements", made)

    def sent(self, options: dict[str, str], on: str, step: str, *invoices: str) -> None:
        """sent DATE STEP INVOICE…"""
        by_id = {invoice.id: invoice for invoice in self.facts.get("invoices", [])}
        items = tuple(
            SentItem(number, step, by_id[number].issued, by_id[number].total.minor, by_id[number].total.currency)
            for number in invoices
        )
        self.events.append(MessageSent(self._client(options), step, "email", day(on), items))

    def reviewed(self, options: dict[str, str], on: str, *invoices: str) -> None:
        """reviewed DATE INVOICE…"""
        self.events.append(Reviewed(self._client(options), day(on), invoices))


def _maybe(text: str | None) -> date | None:
    return day(text) if text else None
