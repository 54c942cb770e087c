"""`relance sent CLIENT…`: records that a message left: today's, sent by hand, or one of which nobody knew whether it had."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from generator.commands import DONE, Context, plural, say
from generator.commands.said import NOTHING, accounts_of, client_named, together
from generator.domain.delivery import Outcome, SendResult
from generator.domain.groups import grouped
from generator.domain.ledger import Channel
from generator.domain.reminders import message_sent
from generator.errors import UsageError
from generator.journal import JournalRun, append
from generator.lock import exclusive
from generator.outbox import draft_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence

    from generator.domain.decide import Decision
    from generator.domain.delivery import Attempt, MessageSent
    from generator.domain.due import Reminders
    from generator.domain.memory import Event
    from generator.workspace import Workspace

_BY_HAND = "noted by hand"  #: stands for a mail server's words where the owner's word is the result


def run(context: Context, options: Namespace) -> int:
    """Raises UsageError for a client who is unknown or has no such message; then nothing is recorded at all."""
    with exclusive(context.folder):
        workspace, today = context.open()
        context.refuse_future(today, workspace, "A message that left")
        decision = workspace.decide(today)
        wanted = _wanted(options, workspace, decision)
        doubtful = together(workspace.memory, {client: _uncertain(workspace, client) for client in wanted})
        results = [
            SendResult(client, attempt.intent.attempt, Outcome.SENT, context.now, detail=_BY_HAND)
            for client, attempts in doubtful.items()
            for attempt in attempts
        ]
        by_hand = [client for client, attempts in doubtful.items() if not attempts]
        messages = _messages(context, workspace, decision, by_hand)
        made: list[Event] = [event for event in decision.events if event.client in by_hand]
        append(context.folder / "journal", [*made, *messages, *results], context.now)
    if not wanted:
        say("No message is due today: nothing was recorded.")
    for message in messages:
        left = plural(len(message.items), "invoice")
        say(f"{message.client}: {message.step} recorded as sent on {today.isoformat()} ({left}).")
    _tell_doubtful(doubtful, decision)
    _tell_left_out(options, workspace)
    if wanted:
        say("Run `relance build` to bring the pages, the outbox and the report up to date.")
    return DONE


def _wanted(options: Namespace, workspace: Workspace, decision: Decision) -> list[str]:
    if options.all and options.clients:
        raise UsageError("Name clients, or say --all: not both.")
    if options.all:
        return [accounts[0].client.id for accounts in decision.by_client() if accounts[0].reminders.due_today]
    if not options.clients:
        raise UsageError("Name the clients whose message was sent, or say --all.")
    wrong = []
    for wanted in dict.fromkeys(options.clients):
        if _uncertain(workspace, wanted):
            continue
        accounts = accounts_of(decision, wanted)
        if not accounts:
            wrong.append(_unknown(workspace, wanted))
        elif accounts[0].reminders.due_today is None:
            wrong.append(f"{wanted}: no message is due today ({_why(accounts[0].reminders)})")
    if wrong:
        raise UsageError("\n".join([*wrong, NOTHING]))
    return list(dict.fromkeys(name for wanted in options.clients for name in _told_with(decision, wanted)))


def _told_with(decision: Decision, client: str) -> list[str]:
    """The clients of the message that is due to this one: a group's draft cannot leave for one company alone."""
    for group in grouped(decision.by_client()):
        names = [accounts[0].client.id for accounts in group]
        if client in names:
            return names
    return [client]


def _unknown(workspace: Workspace, wanted: str) -> str:
    try:
        return f"{client_named(workspace, wanted).id}: no such client with an invoice in the ledger"
    except UsageError as error:
        return str(error).removesuffix(f" {NOTHING}")


def _uncertain(workspace: Workspace, client: str) -> tuple[Attempt, ...]:
    return workspace.memory.get(client).deliveries.uncertain


def _messages(context: Context, workspace: Workspace, decision: Decision, clients: Sequence[str]) -> list[MessageSent]:
    """Today's messages of these clients as they are remembered, with the bytes of their drafts kept beside the journal."""
    run = JournalRun(context.folder / "journal", context.now)
    found = []
    for client in clients:
        account = accounts_of(decision, client)[0]
        message = message_sent(account, workspace.settings.policy.reminders.steps_for(account.client))
        if message is not None:
            found.append(replace(message, digest=_kept(run, context, message)))
    return found


def _kept(run: JournalRun, context: Context, message: MessageSent) -> str:
    """The digest of the draft that was sent; none of a call sheet, which is the owner's own, or where there is no draft."""
    draft = draft_of(context.folder / "outbox", message.client, message.step, [item.invoice for item in message.items])
    if draft is None or message.channel == Channel.PHONE:
        return ""
    name, content = draft
    return run.keep(content, PurePath(name).suffix)


def _tell_doubtful(doubtful: Mapping[str, Sequence[Attempt]], decision: Decision) -> None:
    for client, attempts in doubtful.items():
        for attempt in attempts:
            say(
                f"{client}: {attempt.intent.step} of {attempt.intent.on.isoformat()}, which was uncertain, recorded as sent."
            )
        for account in accounts_of(decision, client)[:1] if attempts else ():
            if due := account.reminders.due_today:
                say(f"{client}: {due.step.name}, which is due today, is not recorded: run this again once it has left.")


def _tell_left_out(options: Namespace, workspace: Workspace) -> None:
    """`--all` is about today's messages: what became of the uncertain ones is for the owner to say one by one."""
    for client in workspace.ledger.clients if options.all else ():
        for attempt in _uncertain(workspace, client):
            say(
                f"{client}: {attempt.intent.step} of {attempt.intent.on.isoformat()} is uncertain. Did it leave? "
                f"relance sent {client}; else: relance resend {client}"
            )


def _why(reminders: Reminders) -> str:
    if reminders.held is not None:
        return reminders.held.value.replace("_", " ")
    return f"next: {reminders.next.step} on {reminders.next.on.isoformat()}" if reminders.next else "nothing is open"
