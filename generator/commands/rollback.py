"""`relance rollback`: puts an earlier build of the site back, without a page that nobody may see any more."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from generator.commands import DONE, Context, plural, say
from generator.deploy import open_target
from generator.errors import UsageError
from generator.lock import exclusive

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from generator.deploy import EarlierBuild, Target
    from generator.workspace import Workspace

#: What going back does not undo, said before and after.
_NOT_UNDONE = (
    (
        "Only pages go back. Messages that left have left, and payment links stay as they are: a page of that build may show an "
        "amount or a button that is no longer right."
    ),
    "The next relance publish puts the present state there again: correct first what was wrong with it.",
)


def run(context: Context, options: Namespace) -> int:
    """Without `--yes` it says what it would do. Raises UsageError when there is nothing to go back to, OutsideError when it fails."""
    with exclusive(context.folder):
        workspace, _ = context.open()
        if workspace.settings.deploy is None:
            raise UsageError("portal.toml has no [deploy]: relance does not know where the site is.")
        target = open_target(workspace.settings.deploy, context.folder, os.environ)
        if options.list:
            _tell_builds(workspace, target.earlier())
            return DONE
        if not options.yes:
            _tell_plan(workspace, target, options.to)
            return DONE
        done = target.rollback(keys_now(workspace), say, options.to or 0)
    say(
        f"{done.where}: {plural(done.changed, 'file')} put back, {done.removed} taken away, {done.unchanged} as they were."
    )
    for words in _NOT_UNDONE:
        say(words)
    return DONE


def keys_now(workspace: Workspace) -> frozenset[str]:
    """The keys of the pages that clients have today: not those that were rotated, nor those of clients who are gone."""
    known = workspace.memory
    return frozenset(key for client in workspace.ledger.clients for key in known.get(client).current_keys)


def _tell_builds(workspace: Workspace, builds: Sequence[EarlierBuild]) -> None:
    if not builds:
        say("No earlier build is kept: there is nothing that relance could put back.")
    zone = ZoneInfo(workspace.settings.seller.timezone)
    for build in builds:
        say(f"{build.number:>5}  {build.came.astimezone(zone):%Y-%m-%d %H:%M}  {plural(build.pages, 'client page')}")


def _tell_plan(workspace: Workspace, target: Target, number: int | None) -> None:
    builds = target.earlier()
    if not builds:
        raise UsageError("no earlier build is kept there yet: nothing was put in the place of another one so far.")
    _tell_builds(workspace, builds)
    for words in _NOT_UNDONE:
        say(words)
    which = f"build {number}" if number else "the build before the present one"
    say(f"Pages of rotated keys and of removed clients stay away. Nothing was changed: add --yes to put {which} back.")
