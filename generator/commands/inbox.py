"""`relance inbox FILE…`: messages that clients sent from their page, from files or as they were copied, made into proposals.

Each is an answer like any other too: nothing more is written to that client until the owner has read it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from generator.commands import DONE, Context, complain
from generator.commands.proposing import tell_taken
from generator.commands.replies import note_replies, tell
from generator.delivery.mailbox import MailRead
from generator.delivery.saved import LARGEST_FILE, saved_replies
from generator.errors import UsageError
from generator.lock import exclusive

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from pathlib import Path

    from generator.domain.replies import Reply
    from generator.workspace import Workspace

STDIN = "-"


def run(context: Context, options: Namespace) -> int:
    """Raises UsageError for a file that cannot be read; then nothing is recorded."""
    with exclusive(context.folder):
        workspace, today = context.open()
        context.refuse_past(today, workspace, "the inbox")
        replies, places = _read(workspace, options.files)
        found = note_replies(workspace, today, context.now, MailRead(tuple(replies)), places)
    tell(found)
    tell_taken(workspace, found.taken)
    return DONE


def _read(workspace: Workspace, paths: Sequence[Path]) -> tuple[list[Reply], dict[str, str]]:
    """Every message of these files, and where each stands."""
    seller = workspace.settings.seller
    replies: list[Reply] = []
    places: dict[str, str] = {}
    for path in paths:
        shown = "standard input" if str(path) == STDIN else path.name
        found = list(saved_replies(_bytes(workspace.folder, path), seller.email, ZoneInfo(seller.timezone)))
        read = [(number, reply) for number, reply in enumerate(found, start=1) if reply is not None]
        if not read:
            complain(f"{shown}: no email of somebody else's, or a delivery that is still being tried.")
        for number, reply in read:
            replies.append(reply)
            places.setdefault(reply.id, f"{shown} [{number}]" if len(found) > 1 else shown)
    return replies, places


def _bytes(folder: Path, path: Path) -> bytes:
    try:
        if str(path) == STDIN:
            data = sys.stdin.buffer.read(LARGEST_FILE + 1)
        else:
            with (path if path.exists() else folder / path).open("rb") as file:
                data = file.read(LARGEST_FILE + 1)
    except OSError as refused:
        raise UsageError(f"{path} cannot be read: {refused.strerror}. Nothing was recorded.") from refused
    if len(data) > LARGEST_FILE:
        raise UsageError(f"{path} is too large: save the answers alone, not a whole mailbox. Nothing was recorded.")
    return data
