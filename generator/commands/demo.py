"""`relance demo [FOLDER]`: the fictional workshop, built offline on its own day, to look around in."""

from __future__ import annotations

import shlex
import shutil
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from generator.commands import DONE, Context, say
from generator.commands.build import build, tell
from generator.commands.cashier import SANDBOX_RATE
from generator.commands.links import synchronise
from generator.commands.sandbox import KEY, sandbox_for
from generator.commands.serve import preview
from generator.errors import OutsideError, UsageError
from generator.lock import exclusive
from generator.resources import bundled

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

_MARK = "DEMO.md"  # only a folder that holds it is ever replaced


def run(context: Context, options: Namespace) -> int:
    """Raises UsageError for a folder that holds something else than a demo."""
    folder: Path = options.demo_folder
    _copy(folder)
    there = replace(context, folder=folder)
    with exclusive(folder):
        _make_links(there)
        workspace, today = there.open()
        built = build(workspace, today, there.now)
    say(f"A fictional workshop, on {today.isoformat()}:")
    tell(workspace, built)
    if options.serve:
        return preview(there, options.port)
    command = "relance" if shutil.which("relance") else sys.argv[0]
    say(f"Look around with: {command} serve --folder {shlex.quote(str(folder))}")
    return DONE


def _make_links(there: Context) -> None:
    """The payment links of the day, made in the demo's own sandbox: nothing leaves this machine."""
    workspace, today = there.open()
    stripe = workspace.settings.stripe
    if stripe is None:
        return
    with sandbox_for(workspace.settings, today, port=0) as address:
        from generator.stripe_links import Cashier  # noqa: PLC0415 - a slow import

        with Cashier(KEY, stripe.ledger, base=address, rate=SANDBOX_RATE) as cashier:
            synchronise(workspace, today, there.now, cashier)


def _copy(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()) and not (folder / _MARK).is_file():
        raise UsageError(f"{folder} is not empty and is no demo: nothing was written. Name a new folder.")
    try:
        if folder.exists():
            shutil.rmtree(folder)
        shutil.copytree(bundled("examples") / "atelier", folder)
    except OSError as error:
        raise OutsideError(f"{folder} cannot be written: {error.strerror}.") from error
