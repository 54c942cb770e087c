"""`relance rotate CLIENT…`: a new portal key; the old page goes with the next build."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.commands import DONE, Context, say
from generator.domain.memory import KeyMade
from generator.errors import UsageError
from generator.journal import append
from generator.lock import exclusive
from generator.workspace import new_key

if TYPE_CHECKING:
    from argparse import Namespace


def run(context: Context, options: Namespace) -> int:
    """Raises UsageError for a client who is not in the ledger; then no key is changed."""
    with exclusive(context.folder):
        workspace, today = context.open()
        if wrong := [client for client in options.clients if client not in workspace.ledger.clients]:
            raise UsageError(
                "\n".join([*(f"{client}: no such client in the ledger" for client in wrong), "No key was changed."])
            )
        events = [
            KeyMade(client, new_key(), workspace.memory.get(client).generation + 1, today)
            for client in dict.fromkeys(options.clients)
        ]
        append(context.folder / "journal", events, context.now)
    for event in events:
        say(f"{event.client}: new page address {workspace.settings.portal_url(event.key)}")
    runs = "`relance links --apply`, then `relance build`" if workspace.settings.stripe else "`relance build`"
    say(f"Run {runs} and publish: the old page is removed then. Tell the client the new address.")
    return DONE
