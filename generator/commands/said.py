"""What the commands that record a client's word have in common: whom it is about, what was said, and what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks import Clean, clean
from generator.commands import plural
from generator.commands.show import close_to, reminders_line
from generator.domain.ledger import SourceRef
from generator.errors import UsageError
from generator.problems import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from generator.domain.account import Account, Item
    from generator.domain.decide import Decision
    from generator.domain.delivery import Attempt
    from generator.domain.due import Reminders
    from generator.domain.ledger import Client
    from generator.domain.memory import Memory
    from generator.workspace import Workspace

LONGEST_WORDS = 4000  # characters of a note: a page and a half
LONGEST_REASON = 500  # characters
NOTHING = "Nothing was recorded."


def client_named(workspace: Workspace, wanted: str) -> Client:
    """The client of that id. Raises UsageError, with the ids that may have been meant."""
    client = workspace.ledger.clients.get(wanted)
    if client is None:
        close = close_to(wanted, list(workspace.ledger.clients))
        raise UsageError(f"{printable(wanted)}: no such client in the ledger. {close} {NOTHING}")
    return client


def refuse_unreadable(workspace: Workspace, client: str) -> None:
    """Raises UsageError for a client of whom not all could be read: what they owe is not known."""
    if client in workspace.ledger.unreadable:
        raise UsageError(f"{client}: not all that is known of them can be read; relance check says what. {NOTHING}")


def accounts_of(decision: Decision, client: str) -> tuple[Account, ...]:
    """The client's accounts, one for each currency; none before they have an invoice."""
    return tuple(account for account in decision.accounts if account.client.id == client)


def accounts_named(workspace: Workspace, today: date, wanted: str) -> tuple[Account, ...]:
    """The accounts of the client of that id. Raises UsageError for one who is unknown, or has no invoice."""
    accounts = accounts_of(workspace.decide(today), client_named(workspace, wanted).id)
    if not accounts:
        raise UsageError(f"{wanted}: this client has no invoice by {today.isoformat()}. {NOTHING}")
    return accounts


def item_named(items: Sequence[Item], wanted: str, client: str) -> Item:
    """The client's invoice of that number. Raises UsageError, with the numbers that may have been meant."""
    known = {item.id.casefold(): item for item in items}
    found = known.get(wanted.strip().casefold())
    if found is None:
        close = close_to(wanted, [item.id for item in items])
        raise UsageError(f"{printable(wanted)}: {client} has no such invoice. {close} {NOTHING}")
    return found


def plain_words(text: str, what: str, longest: int = LONGEST_WORDS) -> str:
    """What the owner wrote, as it is kept. Raises UsageError for nothing, for too much, and for what could deceive a reader."""
    if len(text) > longest:
        raise UsageError(f"{what} is too long: {len(text)} characters, of {longest} at most. {NOTHING}")
    found = clean(text.strip(), lines=True)
    if not isinstance(found, Clean):
        problem = found.at(SourceRef(what), text)
        raise UsageError(f"{what}: {problem.message} {problem.remedy} {NOTHING}")
    if not found.text:
        raise UsageError(f"{what} is empty: write what was said, in quotation marks. {NOTHING}")
    return found.text


def what_follows(reminders: Reminders) -> str:
    """What comes of it for the client's messages, on a line of its own."""
    unread = len(reminders.unread)
    waiting = f" ({plural(unread, 'answer')} to read)" if unread else ""
    return f"messages: {reminders_line(reminders)}{waiting}"


def together(memory: Memory, told: Mapping[str, Sequence[Attempt]]) -> dict[str, list[Attempt]]:
    """These attempts, with those of the other companies that the same messages were for: what became of one became of all."""
    names = {attempt.intent.attempt for attempts in told.values() for attempt in attempts}
    found = {client: list(attempts) for client, attempts in told.items()}
    for client, known in memory.clients.items():
        if client not in told and (
            same := [one for one in known.deliveries.attempts if one.intent.attempt in names and not one.again]
        ):
            found[client] = same
    return found
