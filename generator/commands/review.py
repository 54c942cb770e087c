"""`relance review CLIENT…`: the owner has looked at old debts and lets their reminders begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.commands import DONE, Context, plural, say
from generator.domain.memory import Reviewed
from generator.errors import UsageError
from generator.journal import append
from generator.lock import exclusive

if TYPE_CHECKING:
    from argparse import Namespace


def run(context: Context, options: Namespace) -> int:
    """Without a client, lists what waits. Raises UsageError for a client with nothing to review."""
    with exclusive(context.folder):
        workspace, today = context.open()
        waiting = {
            accounts[0].client.id: accounts[0].reminders.to_review
            for accounts in workspace.decide(today).by_client()
            if accounts[0].reminders.to_review
        }
        if not options.clients:
            _list(waiting)
            return DONE
        if wrong := [client for client in options.clients if client not in waiting]:
            raise UsageError(
                "\n".join([*(f"{client}: nothing to review" for client in wrong), "Nothing was recorded."])
            )
        events = [Reviewed(client, today, waiting[client]) for client in dict.fromkeys(options.clients)]
        append(context.folder / "journal", events, context.now)
    for event in events:
        say(
            f"{event.client}: {plural(len(event.invoices), 'old debt')} reviewed; the reminders begin with the first one."
        )
    return DONE


def _list(waiting: dict[str, tuple[str, ...]]) -> None:
    for client, invoices in waiting.items():
        say(f"{client}: {', '.join(invoices)}")
    say("Nothing waits for your review." if not waiting else "Let them be reminded with: relance review CLIENT…")
