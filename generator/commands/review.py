"""`relance review CLIENT…`: the owner has looked at debts that waited for it, and lets their reminders go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.commands import DONE, Context, plural, say
from generator.domain.memory import Reviewed
from generator.errors import UsageError
from generator.journal import append
from generator.lock import exclusive
from generator.report_gather import to_review

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence

    from generator.domain.account import Item


def run(context: Context, options: Namespace) -> int:
    """Without a client, lists what waits. Raises UsageError for a client with nothing to review."""
    with exclusive(context.folder):
        workspace, today = context.open()
        waiting = {
            accounts[0].client.id: to_review(accounts)
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
        released = {client: waiting[client] for client in options.clients}
        events = [Reviewed(client, today, tuple(item.id for item in items)) for client, items in released.items()]
        append(context.folder / "journal", events, context.now)
    for client, items in released.items():
        _tell(client, items)
    return DONE


def reason(item: Item) -> str:
    """Why an item waits, and what to do about it other than to release it."""
    if item.refunded_on is None:
        return "an old debt, or one that a client was written to about who is in the ledger no more"
    return f"refunded on {item.refunded_on.isoformat()}: was it a gesture? Then write a credit note; else release it"


def _list(waiting: Mapping[str, Sequence[Item]]) -> None:
    """Old debts together, since there may be many; a refund is a story of its own."""
    for client, items in waiting.items():
        if old := [item.id for item in items if not item.refunded_on]:
            say(f"{client}: {', '.join(old)}")
        for item in items:
            if item.refunded_on:
                say(f"{client}: {item.id}, {reason(item)}")
    say("Nothing waits for your review." if not waiting else "Let them be reminded with: relance review CLIENT…")


def _tell(client: str, items: Sequence[Item]) -> None:
    refunded = sum(item.refunded_on is not None for item in items)
    if old := len(items) - refunded:
        say(f"{client}: {plural(old, 'old debt')} reviewed; the reminders begin with the first one.")
    if refunded:
        say(f"{client}: {plural(refunded, 'refunded invoice')} reviewed; the reminders go on where they stood.")
