"""`relance answered CLIENT…`: the owner has read what these clients answered, so that their messages go on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generator.commands import DONE, Context, plural, say
from generator.commands.said import NOTHING, accounts_of, what_follows
from generator.domain.delivery import AnswersRead
from generator.errors import UsageError
from generator.journal import append
from generator.lock import exclusive
from generator.problems import printable, quoted

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence

    from generator.domain.delivery import Answered


def run(context: Context, options: Namespace) -> int:
    """Without a client, lists what waits to be read. Raises UsageError for a client of whom nothing does."""
    with exclusive(context.folder):
        workspace, today = context.open()
        context.refuse_future(today, workspace, "What you have read")
        waiting = {
            client: known.deliveries.unread
            for client, known in sorted(workspace.memory.clients.items())
            if known.deliveries.unread
        }
        if not options.clients:
            _list(waiting)
            return DONE
        clients = list(dict.fromkeys(options.clients))
        if wrong := [client for client in clients if client not in waiting]:
            raise UsageError("\n".join([*map(_nothing_waits, wrong), NOTHING]))
        events = [AnswersRead(client, today, tuple(answer.id for answer in waiting[client])) for client in clients]
        append(context.folder / "journal", events, context.now)
        decision = replace(workspace, memory=workspace.memory.plus(events)).decide(today)
    for client in clients:
        accounts = accounts_of(decision, client)
        follows = f"; {what_follows(accounts[0].reminders)}" if accounts else ""
        say(f"{client}: {plural(len(waiting[client]), 'answer')} read{follows}.")
    return DONE


def _nothing_waits(client: str) -> str:
    name = printable(client)
    return f'{name}: no answer waits to be read. To note one: relance log {name} --answer "…"'


def _list(waiting: Mapping[str, Sequence[Answered]]) -> None:
    for client, answers in waiting.items():
        for answer in answers:
            sender = f" from {printable(answer.sender)}" if answer.sender else ""
            say(f"{client}: {answer.on.isoformat()}, {quoted(answer.subject or ' '.join(answer.text.split()))}{sender}")
    say("No answer waits to be read." if not waiting else "Once you have read them: relance answered CLIENT…")
