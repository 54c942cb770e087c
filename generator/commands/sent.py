"""`relance sent CLIENT…`: records that today's message of these clients was sent by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.commands import DONE, Context, plural, say
from generator.domain.reminders import message_sent
from generator.errors import UsageError
from generator.journal import append
from generator.lock import exclusive

if TYPE_CHECKING:
    from argparse import Namespace

    from generator.domain.account import Account, Reminders
    from generator.domain.memory import Event


def run(context: Context, options: Namespace) -> int:
    """Raises UsageError for a client that is unknown or has no message today; then nothing is recorded at all."""
    with exclusive(context.folder):
        workspace, today = context.open()
        decision = workspace.decide(today)
        by_client = {accounts[0].client.id: accounts for accounts in decision.by_client()}
        wanted = _wanted(options, by_client)
        ladder = workspace.settings.policy.reminders.steps
        messages = (message_sent(by_client[client][0], ladder) for client in wanted)
        events = [message for message in messages if message is not None]
        made: list[Event] = [event for event in decision.events if event.client in wanted]
        append(context.folder / "journal", [*made, *events], context.now)
    if not events:
        say("No message is due today: nothing was recorded.")
        return DONE
    for event in events:
        say(
            f"{event.client}: {event.step} recorded as sent on {today.isoformat()} ({plural(len(event.items), 'invoice')})."
        )
    say("Run `relance build` to bring the pages, the outbox and the report up to date.")
    return DONE


def _wanted(options: Namespace, by_client: dict[str, tuple[Account, ...]]) -> list[str]:
    if options.all and options.clients:
        raise UsageError("Name clients, or say --all: not both.")
    if options.all:
        return [client for client, accounts in by_client.items() if accounts[0].reminders.due_today]
    wrong = []
    for client in options.clients:
        if client not in by_client:
            wrong.append(f"{client}: no such client with an invoice in the ledger")
        elif by_client[client][0].reminders.due_today is None:
            wrong.append(f"{client}: no message is due today ({_why(by_client[client][0].reminders)})")
    if wrong:
        raise UsageError("\n".join([*wrong, "Nothing was recorded."]))
    if not options.clients:
        raise UsageError("Name the clients whose message was sent, or say --all.")
    return list(dict.fromkeys(options.clients))


def _why(reminders: Reminders) -> str:
    if reminders.held is not None:
        return reminders.held.value.replace("_", " ")
    return f"next: {reminders.next.step} on {reminders.next.on.isoformat()}" if reminders.next else "nothing is open"
