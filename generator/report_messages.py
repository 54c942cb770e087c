"""The messages of the day as the owner's report shows them: by what the owner does about each, then by step."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Protocol

from generator.domain.facts import to_call
from generator.domain.ledger import Channel
from generator.report_parts import Noted, added, command, latest, option, page_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from generator.domain.account import Account, Item
    from generator.domain.due import DueReminder
    from generator.domain.ledger import Client, Contact
    from generator.domain.money import Money
    from generator.domain.policy import Step

SHOWN_TEXTS = 100  #: messages shown with their text
SHOWN_MESSAGES = 500  #: messages shown at all; the outbox has every one
_FEW = 10  #: clients that one command can name and still be read


class Prepared(Protocol):
    """A message as the report shows it: what leaves, to whom, and the file in the outbox."""

    @property
    def client(self) -> str:
        """The client's id; the first of them, when it is for several companies of one group."""

    @property
    def clients(self) -> tuple[str, ...]:
        """All clients whose debt it speaks of."""

    @property
    def to(self) -> str:
        """The address, postal address or telephone number."""

    @property
    def subject(self) -> str:
        """The subject line."""

    @property
    def step(self) -> str:
        """The step of the ladder."""

    @property
    def channel(self) -> Channel:
        """How it travels."""

    @property
    def language(self) -> str:
        """The language it is written in."""

    @property
    def text(self) -> str:
        """Its full text."""

    @property
    def file_name(self) -> str:
        """Its file in the outbox."""


class Way(StrEnum):
    """What the owner does about a message, what needs them most first.

    An email waits for their word, or leaves by their own hand where no mail server was named; they call, they post, and
    what is READY leaves with the next `relance send`.
    """

    APPROVE = "approve"
    BY_HAND = "by_hand"
    CALL = "call"
    LETTER = "letter"
    READY = "ready"


def way_of(due: DueReminder, *, sends: bool) -> Way:
    """What the owner does about it; `sends`: relance has a mail server to hand messages to."""
    if due.channel is Channel.PHONE:
        return Way.CALL
    if due.channel is Channel.LETTER:
        return Way.LETTER
    if not sends:
        return Way.BY_HAND
    return Way.APPROVE if due.waits else Way.READY


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message that would leave: why (items with their own steps, what was sent before, what was noted), and what to type.

    `others` are the other companies of the group that it is for too, `people` those to call, the first one first. Of the `amounts`,
    `fees` are late fees that it claims.
    """

    message: Prepared
    client: Client
    page: str
    due: DueReminder
    others: tuple[Client, ...]
    amounts: tuple[Money, ...]
    items: tuple[tuple[Item, str], ...]
    earlier: tuple[tuple[date, str], ...]
    notes: tuple[Noted, ...]
    people: tuple[Contact, ...]
    way: Way
    command: str
    fees: tuple[Money, ...] = ()


@dataclass(frozen=True, slots=True)
class Departures:
    """The messages of one step: `full` with their text, `brief` without. `command` records them all, when they are few."""

    step: str
    full: tuple[Outgoing, ...]
    brief: tuple[Outgoing, ...]
    count: int
    amounts: tuple[Money, ...]
    command: str

    @property
    def more(self) -> int:
        """How many are not shown at all."""
        return self.count - len(self.full) - len(self.brief)


@dataclass(frozen=True, slots=True)
class Leaving:
    """The messages about which the owner does one thing. `amounts` are asked for: what they confirm to have come in or to be agreed is not.

    `command` does it for all of them; empty where it is done one by one.
    """

    way: Way
    steps: tuple[Departures, ...]
    count: int
    amounts: tuple[Money, ...]
    command: str


def outgoing(
    messages: Sequence[Prepared],
    clients: Mapping[str, Sequence[Account]],
    ladder: Sequence[Step],
    *,
    sends: bool,
) -> list[Outgoing]:
    """Every message, in the order in which they are read: by way, then the gravest step, then the largest sum.

    Raises ValueError when a message that is due was not prepared: nothing may be missing here.
    """
    prepared = {client for message in messages for client in message.clients}
    for client, accounts in clients.items():
        if accounts[0].reminders.due_today and client not in prepared:
            raise ValueError(f"a message is due to {client} and none was prepared")
    steps, ways = {step.name: index for index, step in enumerate(ladder)}, list(Way)
    found = [_outgoing([clients[client] for client in message.clients], message, sends=sends) for message in messages]

    def reading_order(entry: Outgoing) -> tuple[object, ...]:
        step = entry.message.step
        return (
            ways.index(entry.way),
            -steps.get(step, -1),
            step,
            largest(entry.amounts),
            entry.client.name,
            entry.client.id,
        )

    return sorted(found, key=reading_order)


def largest(amounts: Sequence[Money]) -> object:
    """The largest figure first; for two currencies that is an order to read in, not a comparison of values."""
    return -max((amount.decimal for amount in amounts), default=0)


def leaving(messages: Sequence[Outgoing]) -> Iterator[Leaving]:
    """Messages in their order, put together; only the first ones are shown, each with its text at first."""
    shown = 0
    for way, same_way in groupby(messages, key=lambda entry: entry.way):
        entries, steps = list(same_way), []
        for step, same_step in groupby(entries, key=lambda entry: entry.message.step):
            group = tuple(same_step)
            texts, most = max(0, SHOWN_TEXTS - shown), max(0, SHOWN_MESSAGES - shown)
            shown += len(group)
            steps.append(
                Departures(step, group[:texts], group[texts:most], len(group), _sums(group), _recorded(way, group))
            )
        asking = [entry for entry in entries if not entry.due.receipts and entry.due.recap is None]
        yield Leaving(way, tuple(steps), len(entries), _sums(asking), _at_once(way, len(entries)))


def _sums(entries: Sequence[Outgoing]) -> tuple[Money, ...]:
    return added(amount for entry in entries for amount in entry.amounts)


def _recorded(way: Way, entries: Sequence[Outgoing]) -> str:
    """What notes several messages that the owner sent; no other way has such a command."""
    if way not in {Way.BY_HAND, Way.LETTER} or not 1 < len(entries) <= _FEW:
        return ""
    return command("sent", *(client for entry in entries for client in entry.message.clients))


def _at_once(way: Way, count: int) -> str:
    if way is Way.READY:
        return command("send")
    return command("send", option="--approve all") if way is Way.APPROVE and count > 1 else ""


def _command(way: Way, message: Prepared) -> str:
    """What the owner types about one message."""
    if way is Way.APPROVE:
        return command("send", option=option("--approve", *message.clients))
    if way is Way.READY:
        return command("send", option=option("--only", message.client))
    if way is Way.CALL:
        return command("log", message.client, option='--call "…"')
    return command("sent", *message.clients)


def _outgoing(together: Sequence[Sequence[Account]], message: Prepared, *, sends: bool) -> Outgoing:
    account, known = together[0][0], [accounts[0].reminders for accounts in together]
    dues = [reminders.due_today for reminders in known if reminders.due_today is not None]
    if len(dues) < len(together):
        raise ValueError(f"a message was prepared for {', '.join(message.clients)} and none is due")
    items = tuple((item, due.steps.get(item.id, "")) for due in dues for item in due.items)
    listed, about = {item.id for item, _ in items}, {name for due in dues for name in due.about}
    sent = (
        past
        for reminders in known
        for past in reminders.sent
        if about & set(past.about) or any(entry.invoice in listed for entry in past.items)
    )
    way = way_of(dues[0], sends=sends)
    return Outgoing(
        message=message,
        client=account.client,
        page=page_of(account),
        due=dues[0],
        others=tuple(accounts[0].client for accounts in together[1:]),
        amounts=added(amount for due in dues for amount in due.asked),
        items=items,
        earlier=tuple(sorted((past.on, past.step) for past in sent)),
        notes=latest(account.reminders.logged),
        people=to_call(account.people) if way is Way.CALL else (),
        way=way,
        command=_command(way, message),
        fees=added(item.open for due in dues for item in due.fees),
    )
