"""`relance resend CLIENT…`: the owner's word that messages did not arrive, so that they may go again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generator.commands import DONE, Context, say
from generator.commands.said import NOTHING, accounts_of, client_named, together, what_follows
from generator.domain.delivery import Resend, State
from generator.errors import UsageError
from generator.journal import append
from generator.lock import exclusive

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence

    from generator.domain.delivery import Attempt, Deliveries


def run(context: Context, options: Namespace) -> int:
    """Raises UsageError for a client of whom every message arrived as far as is known; then nothing is recorded at all."""
    with exclusive(context.folder):
        workspace, today = context.open()
        context.refuse_future(today, workspace, "Your word on a message")
        clients = dict.fromkeys(client_named(workspace, wanted).id for wanted in options.clients)
        lost = {client: _lost(workspace.memory.get(client).deliveries) for client in clients}
        if wrong := [client for client, attempts in lost.items() if not attempts]:
            raise UsageError(
                "\n".join([*(f"{client}: no message is uncertain or was refused" for client in wrong), NOTHING])
            )
        lost = together(workspace.memory, lost)
        events = [
            Resend(client, tuple(attempt.intent.attempt for attempt in attempts), today)
            for client, attempts in lost.items()
        ]
        append(context.folder / "journal", events, context.now)
        after = replace(workspace, memory=workspace.memory.plus(events)).decide(today)
    _tell(lost)
    for client in lost:
        for account in accounts_of(after, client)[:1]:
            say(f"{client}: {what_follows(account.reminders)}")
    return DONE


def _lost(known: Deliveries) -> list[Attempt]:
    """Attempts that are uncertain, were refused, or have shown an address to take no mail; the owner's earlier word counts."""
    return [
        attempt
        for attempt in known.attempts
        if not attempt.again and (attempt.state in {State.UNCERTAIN, State.REFUSED} or attempt.gone)
    ]


def _tell(lost: Mapping[str, Sequence[Attempt]]) -> None:
    for client, attempts in lost.items():
        for attempt in attempts:
            intent = attempt.intent
            name = f"{intent.step} of {intent.on.isoformat()} to {', '.join(intent.to)}"
            if attempt.state is State.SENT:
                say(
                    f"{client}: {name} arrived elsewhere and is not sent again; {', '.join(sorted(attempt.gone))} may be tried."
                )
            else:
                say(f"{client}: {name} did not arrive, and may be sent again.")
