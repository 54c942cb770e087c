"""What `relance send` would do today: which messages leave, which do not, and why. Nothing is written here."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from generator.domain.ledger import Channel, SourceRef
from generator.errors import UserError
from generator.outbox import MANIFEST
from generator.problems.run import MESSAGE_EDITED, OUTBOX_AMOUNTS, OUTBOX_OLD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date
    from pathlib import Path

    from generator.domain.account import Account
    from generator.domain.ledger import Problem
    from generator.message_store import Prepared

Clients = dict[str, tuple["Account", ...]]


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that may leave, with the accounts of every client it speaks of."""

    prepared: Prepared
    clients: tuple[tuple[Account, ...], ...]

    @property
    def names(self) -> str:
        """The clients' ids, for the owner."""
        return ", ".join(self.prepared.clients)

    @property
    def waits(self) -> bool:
        """Whether the owner's word is still missing for any client that it speaks of."""
        return bool(self.missing)

    @property
    def missing(self) -> list[str]:
        """The clients for whom the owner's word is still missing."""
        known = [accounts[0] for accounts in self.clients]
        return [account.client.id for account in known if (due := account.reminders.due_today) and due.waits]


@dataclass(slots=True)
class Plan:
    """Messages that may leave now, and those that stay, each with the reason."""

    ready: list[Letter] = field(default_factory=list)
    waiting: list[Letter] = field(default_factory=list)
    elsewhere: list[Letter] = field(default_factory=list)
    withheld: list[tuple[Letter, str]] = field(default_factory=list)
    left_over: int = 0

    def limit(self, most: int | None) -> None:
        """Keeps the first `most` messages; the others go with another run."""
        if most is not None and len(self.ready) > most:
            self.left_over = len(self.ready) - most
            del self.ready[most:]

    def withhold(self, reasons: Callable[[Letter], str]) -> None:
        """Takes out the messages for which there is a reason."""
        checked = [(letter, reasons(letter)) for letter in self.ready]
        self.withheld += [(letter, reason) for letter, reason in checked if reason]
        self.ready = [letter for letter, reason in checked if not reason]


def letters(messages: Iterable[Prepared], clients: Clients) -> list[Letter]:
    """The messages of the day with their accounts."""
    return [Letter(message, tuple(clients[client] for client in message.clients)) for message in messages]


def sort_out(found: Iterable[Letter], only: Sequence[str]) -> Plan:
    """Which messages may leave: emails that wait for nobody's word, of these clients when there are any."""
    plan = Plan()
    for letter in found:
        if only and not set(only) & set(letter.prepared.clients):
            continue
        if letter.prepared.channel is not Channel.EMAIL:
            plan.elsewhere.append(letter)
        elif letter.waits:
            plan.waiting.append(letter)
        else:
            plan.ready.append(letter)
    return plan


def compare(plan: Plan, outbox: Path, today: date) -> None:
    """Holds every message against the file that the owner could read. Raises UserError when one of them is not it.

    A message is composed again from today's ledger and templates; what is in the outbox must be the same, byte by byte.
    """
    if not (plan.ready or plan.waiting):
        return
    manifest = _manifest(outbox / MANIFEST)
    if manifest.get("date") != today.isoformat() or manifest.get("complete") is not True:
        found = str(manifest.get("date", "nothing"))
        raise UserError([OUTBOX_OLD.at(SourceRef("outbox"), found, today=f"messages of {today.isoformat()}")])
    said = {str(message["file"]): message for message in manifest["messages"]}
    problems = [
        problem
        for letter in (*plan.ready, *plan.waiting)
        if (problem := _difference(letter.prepared, outbox, said)) is not None
    ]
    if problems:
        raise UserError(problems)


def _manifest(path: Path) -> dict[str, Any]:
    """What the last build wrote of its outbox; nothing when it is gone or no longer what a build writes."""
    try:
        content = json.loads(path.read_bytes())
        sound = isinstance(content, dict) and all("file" in message for message in content["messages"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return content if sound else {}


def _difference(message: Prepared, outbox: Path, said: dict[str, dict[str, Any]]) -> Problem | None:
    where = SourceRef(f"outbox/{message.file_name}")
    then = said.get(message.file_name)
    if then is None:
        return OUTBOX_OLD.at(SourceRef("outbox"), "no message", today=f"one for {', '.join(message.clients)}")
    if then.get("amounts") != message.said["amounts"]:
        return OUTBOX_AMOUNTS.at(where, _sums(then.get("amounts")), now=_sums(message.said["amounts"]))
    path = outbox / message.file_name
    try:
        content = b"" if path.is_symlink() else path.read_bytes()
    except OSError:
        content = b""
    return None if content == message.content() else MESSAGE_EDITED.at(where, message.file_name)


def _sums(amounts: object) -> str:
    if not isinstance(amounts, list):
        return "?"
    return ", ".join(
        f"{amount.get('amount')} {amount.get('currency')}" for amount in amounts if isinstance(amount, dict)
    )
