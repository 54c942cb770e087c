"""`relance history CLIENT`: everything that happened between the seller and a client, as one would show it to a mediator."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from generator.commands import DONE, Context, plural, say
from generator.commands.said import accounts_of, client_named
from generator.domain.chronicle import Chronicler
from generator.domain.facts import facts_by_client
from generator.domain.following import Following
from generator.errors import UsageError
from generator.history import Historian, History
from generator.journal import read_kept
from generator.problems import printable

if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import date
    from pathlib import Path

    from generator.domain.memory import Memory
    from generator.history import Kept
    from generator.workspace import Workspace


def run(context: Context, options: Namespace) -> int:
    """Writes nothing but the file asked for. Raises UsageError for an unknown client, and for a file that is no place for it."""
    workspace, today = context.open()
    historian = _historian(context, workspace, today, options.client)
    if options.export is None:
        say(historian.text())
        return DONE
    _refuse_public(context.folder, options.export)
    count = historian.export(options.export)
    say(f"{options.export}: {plural(len(historian.lines), 'line')}, {plural(count, 'message')} attached.")
    say("It is about this client alone. Read it before you give it to anybody.")
    return DONE


def _historian(context: Context, workspace: Workspace, today: date, wanted: str) -> Historian:
    client, settings = client_named(workspace, wanted), workspace.settings
    accounts, memory = accounts_of(workspace.decide(today), client.id), workspace.memory.get(client.id)
    following = Following.of(settings.policy, client, memory.sent, today)
    found = facts_by_client(workspace.ledger, today).get(client.id, ())
    chronicler = Chronicler(
        accounts=accounts,
        facts=[replace(facts, following=following) for facts in found],
        memory=memory,
        today=today,
        zone=ZoneInfo(settings.seller.timezone),
    )
    entries = chronicler.entries()
    if not entries:
        raise UsageError(
            f"{client.id}: nothing is known of this client by {today.isoformat()}, neither invoice nor message."
        )
    history = History(
        seller=settings.seller,
        client=client,
        accounts=accounts,
        entries=entries,
        day=today,
        booked=settings.policy.booked_by(today),
    )
    journal = context.folder / "journal"

    def kept(digest: str) -> Kept | None:
        return read_kept(journal, digest)

    return Historian(history, kept, context.folder, _of_others(workspace.memory, client.id))


def _of_others(memory: Memory, client: str) -> frozenset[str]:
    """The digests of messages to any other client, and the ids of others' answers.

    A message to a group, and what is answered to it, is remembered of each of its companies.
    """
    others = (known.deliveries for name, known in memory.clients.items() if name != client)
    return frozenset(
        name
        for known in others
        for name in (
            *(one.digest for one in known.by_hand),
            *(one.intent.digest for one in known.attempts),
            *(one.id for one in known.answers),
        )
        if name
    )


def _refuse_public(folder: Path, path: Path) -> None:
    """The site is published as it stands in `output/`: what is private has no place there."""
    try:
        public = path.resolve().is_relative_to((folder / "output").resolve())
    except (OSError, ValueError, RuntimeError) as error:
        raise UsageError(f"{printable(str(path))} cannot be the name of a file.") from error
    if public:
        raise UsageError(f"{path} would be published with the site: name a file outside output/.")
