"""A small ledger written as text, so that a test reads like a specification.

    client atelier-brun kind=business
    invoice F-1 2026-10-01 due 2026-10-31 1200.00
    credit A-1 2026-10-05 100.00 F-1
    payment 2026-11-03 400.00 F-1 ref="RF.."
    debit 2026-11-20 300.00 F-1
    refund 2026-11-25 100.00 of=pi_1
    sent 2026-11-07 reminder-1 F-1
    attempt a1 2026-11-16 reminder-2 F-1 outcome=refused gone=brun@client.example
    call 2026-11-16 "Madame Roy paie lundi" reached=no
    answer m1 2026-11-17

The first client is the one that lines without a client are about.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any

from generator.calendars import calendar
from generator.domain.decide import Decision, decide
from generator.domain.delivery import (
    Answered,
    AnswersRead,
    Approved,
    Logged,
    Means,
    MessagePrepared,
    MessageSent,
    Outcome,
    Resend,
    SendIntended,
    SendResult,
    SentItem,
)
from generator.domain.ledger import (
    AgreementRecord,
    Channel,
    Client,
    Contact,
    CreditNote,
    Dispute,
    FeeWaiver,
    Invoice,
    InvoiceStatus,
    Kind,
    Ledger,
    Payment,
    Progress,
    Promise,
    Taking,
    VoucherRecord,
)
from generator.domain.memory import Event, Memory, Reviewed
from generator.domain.money import Money
from generator.domain.policy import DiscountPolicy, FirstOffer, OfferPolicy, PlanPolicy, Policy, ReminderPolicy
from generator.domain.reminders import message_prepared, message_sent

if TYPE_CHECKING:
    from generator.domain.account import Account


def day(text: str) -> date:
    """A date as ISO writes it."""
    return date.fromisoformat(text)


def numbered_keys() -> Any:
    """Keys that tests can read: k1, k2, …"""
    numbers = count(1)
    return lambda: f"k{next(numbers)}"


#: Without recaps, which have tests of their own: the message of an agreement's first day would stand before what a test is about.
GENEROUS = Policy(
    discount=DiscountPolicy(percent=Decimal(5), days=10),
    plans=PlanPolicy(minimum_debt=Decimal(300), minimum_instalment=Decimal(50)),
    offers=OfferPolicy(first=FirstOffer.TOGETHER),
    reminders=ReminderPolicy(recaps=False),
)


@dataclass
class World:
    """A ledger, a policy and what is remembered; `on` decides a day, `remember` keeps its events."""

    ledger: Ledger
    policy: Policy = GENEROUS
    events: list[Event] = field(default_factory=list)
    region: str = ""
    _asked: tuple[object, ...] = field(default=(), init=False, repr=False, compare=False)
    _about: tuple[object, ...] = field(default=(), init=False, repr=False, compare=False)
    _decided: Decision | None = field(default=None, init=False, repr=False, compare=False)

    def decide(self, today: str | date) -> Decision:
        """Decides that day, as `relance show` does. Nothing but what it is given decides: asked the same, it is asked once."""
        when = day(today) if isinstance(today, str) else today
        about, asked = (self.ledger, self.policy), (when, self.region, list(self.events))
        same = asked == self._asked and all(now is before for now, before in zip(about, self._about, strict=True))
        if self._decided is None or not same:
            memory, business = Memory.of(self.events), calendar("FR", self.region)
            self._decided = decide(self.ledger, self.policy, memory, when, business=business, new_key=numbered_keys())
            self._asked, self._about = asked, about
        return self._decided

    def on(self, today: str | date, currency: str = "EUR") -> Account:
        """The first client's account that day."""
        first = next(iter(self.ledger.clients))
        accounts = self.decide(today).accounts
        return next(found for found in accounts if found.client.id == first and found.currency == currency)

    def build(self, today: str | date) -> Decision:
        """Decides and remembers, as `relance build` does: also what was put before the owner."""
        decision, memory = self.decide(today), Memory.of(self.events)
        self.events += decision.events
        for accounts in decision.by_client():
            prepared = message_prepared(accounts[0], memory.get(accounts[0].client.id).deliveries)
            self.events += [prepared] if prepared else []
        return decision

    def send(self, today: str | date, currency: str = "EUR") -> str | None:
        """Sends what is due to the first client that day, and says which step it was."""
        self.build(today)
        account = self.on(today, currency)
        message = message_sent(account, self.policy.reminders.steps_for(account.client))
        if message is None:
            return None
        self.events.append(message)
        return message.step

    def hand_over(self, today: str | date, name: str, outcome: str = "", gone: tuple[str, ...] = ()) -> str | None:
        """Tries to send what is due to the first client by email: an attempt, and what the server said of it, if anything."""
        self.build(today)
        account = self.on(today)
        message = message_sent(account, self.policy.reminders.steps_for(account.client))
        if message is None:
            return None
        self.events += _attempt(message, name, (account.client.email,), outcome, gone)
        return message.step

    def approve(self, today: str | date) -> None:
        """The owner's word on what is due to the first client."""
        due = self.on(today).reminders.due_today
        if due is None:
            raise ValueError("nothing is due")
        when = day(today) if isinstance(today, str) else today
        items = tuple(found.id for found in due.items)
        self.events.append(
            Approved(next(iter(self.ledger.clients)), due.step.name, when, items, due.principal, due.about)
        )

    def change(self, **changes: object) -> None:
        """The owner changes the first client's row of `clients.csv`."""
        first = next(iter(self.ledger.clients.values()))
        changed = replace(first, **changes)  # type: ignore[arg-type]
        self.ledger = replace(self.ledger, clients=self.ledger.clients | {first.id: changed})

    def add(self, text: str) -> None:
        """More facts come into the ledger."""
        more = world(text, clients=self.ledger.clients, invoices=self.ledger.invoices)
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
                    "contacts",
                    "vouchers",
                    "fee_waivers",
                )
            },
        )
        self.events += more.events


def world(
    text: str,
    policy: Policy = GENEROUS,
    clients: dict[str, Client] | None = None,
    invoices: tuple[Invoice, ...] = (),
) -> World:
    """The world that the text describes; `clients` and `invoices` are known already."""
    builder = _Builder(dict(clients or {}), invoices)
    for line in text.strip().splitlines():
        if line.strip():
            builder.read(shlex.split(line))
    facts: dict[str, Any] = {name: tuple(found) for name, found in builder.facts.items()}
    ledger = Ledger(clients=builder.clients, **facts)
    return World(ledger, policy, builder.events)


class _Builder:
    def __init__(self, clients: dict[str, Client], invoices: tuple[Invoice, ...] = ()) -> None:
        self.clients = clients
        self.known = invoices
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
        """client NAME kind= email= phone= grace= hold= insolvent= opt_out= pays_on= channel= ladder= skip= group="""
        made = Client(
            name,
            name.title(),
            options.get("email", f"{name}@client.example"),
            kind=Kind(options.get("kind", "business")),
            phone=options.get("phone", ""),
            ladder=options.get("ladder", ""),
            skip_steps=tuple(filter(None, options.get("skip", "").split(","))),
            group=options.get("group", ""),
        )
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

    def contact(self, options: dict[str, str], name: str) -> None:
        """contact "Jeanne Roy" role=pays|approves|orders email= phone= client="""
        contact = Contact(
            self._client(options), name, options["role"], options.get("email", ""), options.get("phone", "")
        )
        self._add("contacts", contact)

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

    def voucher(self, options: dict[str, str], name: str, on: str, amount: str, status: str = "open") -> None:
        """voucher NAME DATE AMOUNT [open|used|cancelled] until= invoice= note= currency= client="""
        made = VoucherRecord(
            name,
            self._client(options),
            Money.of(amount, options.get("currency", "EUR")),
            day(on),
            _maybe(options.get("until")),
            status,
            tuple(filter(None, options.get("invoice", "").split(","))),
            options.get("note", ""),
        )
        self._add("vouchers", made)

    def waive(self, options: dict[str, str], on: str, invoice: str, amount: str = "") -> None:
        """waive DATE INVOICE [AMOUNT] client=: late fees that the owner asks no more for; without an amount, all and for good."""
        money = Money.of(amount, options.get("currency", "EUR")) if amount else None
        self._add("fee_waivers", FeeWaiver(self._client(options), invoice, day(on), money))

    def _message(self, options: dict[str, str], on: str, step: str, invoices: tuple[str, ...]) -> MessageSent:
        by_id = {invoice.id: invoice for invoice in (*self.known, *self.facts.get("invoices", []))}
        items = tuple(
            SentItem(number, step, by_id[number].issued, by_id[number].total.minor, by_id[number].total.currency)
            for number in invoices
        )
        about = tuple(filter(None, options.get("about", "").split(",")))
        return MessageSent(self._client(options), step, options.get("by", "email"), day(on), items, about)

    def sent(self, options: dict[str, str], on: str, step: str, *invoices: str) -> None:
        """sent DATE STEP INVOICE… by=email|phone|letter about="""
        self.events.append(self._message(options, on, step, invoices))

    def attempt(self, options: dict[str, str], name: str, on: str, step: str, *invoices: str) -> None:
        """attempt NAME DATE STEP INVOICE… to=a@b,c@d outcome=sent|later|refused|bounced gone=a@b; no outcome: nobody knows."""
        message = self._message(options, on, step, invoices)
        to = tuple(options.get("to", f"{message.client}@client.example").split(","))
        gone = tuple(filter(None, options.get("gone", "").split(",")))
        self.events += _attempt(message, name, to, options.get("outcome", ""), gone)

    def result(self, options: dict[str, str], name: str, on: str, outcome: str) -> None:
        """result NAME DATE sent|later|refused|bounced gone=a@b: what a mail server said of an attempt, then or later."""
        gone = tuple(filter(None, options.get("gone", "").split(",")))
        self.events.append(SendResult(self._client(options), name, Outcome(outcome), _moment(on, 20), gone))

    def resend(self, options: dict[str, str], on: str, *names: str) -> None:
        """resend DATE ATTEMPT…: the owner says that they did not arrive."""
        self.events.append(Resend(self._client(options), names, day(on)))

    def prepared(self, options: dict[str, str], on: str, step: str, *invoices: str) -> None:
        """prepared DATE STEP INVOICE… by="""
        self.events.append(MessagePrepared(self._client(options), step, options.get("by", "email"), day(on), invoices))

    def call(self, options: dict[str, str], on: str, text: str) -> None:
        """call DATE "what was said" reached=no"""
        self._log(options, Means.CALL, on, text)

    def note(self, options: dict[str, str], on: str, text: str) -> None:
        """note DATE "what is worth keeping": no call."""
        self._log(options, Means.NOTE, on, text)

    def _log(self, options: dict[str, str], means: Means, on: str, text: str) -> None:
        reached = options.get("reached") != "no"
        self.events.append(Logged(self._client(options), f"l-{on}-{text}", day(on), means, text, reached))

    def answer(self, options: dict[str, str], name: str, on: str) -> None:
        """answer NAME DATE how= sender= subject= text="""
        told = {key: options.get(key, "") for key in ("sender", "subject", "text")}
        self.events.append(Answered(self._client(options), name, day(on), options.get("how", "message"), **told))

    def read_answer(self, options: dict[str, str], on: str, *names: str) -> None:
        """read_answer DATE NAME…: the owner has read them."""
        self.events.append(AnswersRead(self._client(options), day(on), names))

    def reviewed(self, options: dict[str, str], on: str, *invoices: str) -> None:
        """reviewed DATE INVOICE…"""
        self.events.append(Reviewed(self._client(options), day(on), invoices))


def _moment(on: str | date, hour: int) -> datetime:
    return datetime.combine(day(on) if isinstance(on, str) else on, time(hour), UTC)


def _attempt(
    message: MessageSent, name: str, to: tuple[str, ...], outcome: str, gone: tuple[str, ...] = ()
) -> list[Event]:
    """An attempt to send this, and what the server said, if anything: a refusal is of all addresses unless some are named."""
    at = _moment(message.on, 9)
    events: list[Event] = [
        SendIntended(
            message.client, name, message.step, message.channel, message.on, message.items, to, "…", at, message.about
        )
    ]
    if outcome:
        lost = gone or (to if outcome in {"refused", "bounced"} else ())
        events.append(SendResult(message.client, name, Outcome(outcome), at + timedelta(minutes=1), lost))
    return events


def _maybe(text: str | None) -> date | None:
    return day(text) if text else None
