"""The command that does everything in order, and its options; the reference page in `docs/` is tested against them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from generator.commands.publish_outcome import Phase

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable


def publishing(verb: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Adds `relance publish`."""
    publish = verb(
        "publish", "everything in order: bring in payments, build, push, deploy, verify, send; can be repeated"
    )
    publish.add_argument(
        "--until",
        metavar="PHASE",
        type=str,
        choices=[phase.value for phase in Phase],
        help="stop after this phase: " + ", ".join(phase.value for phase in Phase),
    )
    publish.add_argument(
        "--from",
        dest="start",
        choices=[Phase.VERIFY.value],
        help="go on where somebody else put output/ online: ask whether it answers, then send",
    )
    publish.add_argument(
        "--dry-run", action="store_true", help="say everything that would happen; nothing is written, made or sent"
    )
    publish.add_argument(
        "--against",
        metavar="FOLDER",
        type=Path,
        help="with --dry-run: what differs from another state of this folder, as before a change",
    )
    publish.add_argument(
        "--summary", metavar="FILE", type=Path, help="also add what was done to this file, in Markdown"
    )
    publish.add_argument(
        "--accept-gone",
        action="store_true",
        help="your word that invoices of which clients were reminded left the ledger on purpose",
    )


def going_back(verb: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Adds `relance rollback`."""
    rollback = verb("rollback", "put an earlier build of the site back; says what it would do, and does it with --yes")
    rollback.add_argument("--list", action="store_true", help="the builds that are kept, and nothing else")
    rollback.add_argument(
        "--to", metavar="BUILD", type=int, help="a build of that list (default: the one before the present one)"
    )
    rollback.add_argument("--yes", action="store_true", help="do it")


def approving(verb: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Adds `relance approvals`."""
    approvals = verb(
        "approvals", "what waits for your word, as a list to tick on a phone, and the ticks that come back"
    )
    approvals.add_argument(
        "--markdown", metavar="FILE", type=Path, help="write the list to this file; empty when nothing waits"
    )
    approvals.add_argument(
        "--read", metavar="FILE", type=Path, help="a list that came back: what is ticked in it has your word"
    )
    approvals.add_argument(
        "--github", action="store_true", help="keep the list in an issue of your repository, by gh, and read its ticks"
    )
