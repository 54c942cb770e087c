"""The command line: parses, reads the clock once, dispatches, and turns what went wrong into an exit status."""

from __future__ import annotations

import argparse
import sys
import traceback
from datetime import UTC, date, datetime
from importlib import import_module, metadata
from pathlib import Path
from typing import TYPE_CHECKING

from generator.commands import Context, complain, counted, tell_problems
from generator.errors import RelanceError, UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130
DEFAULT_PORT = 8000
HIGHEST_PORT = 65535


def main(arguments: Sequence[str] | None = None, *, now: datetime | None = None) -> int:
    """Runs one command and returns its exit status (see `generator.errors`). The clock is read once, here; `now` stands for it."""
    parser = make_parser()
    options = parser.parse_args(arguments)
    context = Context(folder=options.folder, now=now or datetime.now(UTC), day=options.date)
    try:
        command = import_module(f"generator.commands.{options.command}")
        return int(command.run(context, options))
    except UserError as error:
        tell_problems(error.problems)
        complain(f"{counted(error.problems)}: correct them and run again. Nothing was written.")
        return error.exit_status
    except RelanceError as error:
        complain(f"relance: {error}")
        return error.exit_status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception:  # noqa: BLE001 - whatever it is, it is ours, and the status must say so
        traceback.print_exc()
        complain("relance: this is a bug of relance, not a mistake of yours. Nothing more was done.")
        return RelanceError.exit_status


def make_parser() -> argparse.ArgumentParser:
    """Every command and option; the reference page in `docs/` is tested against it."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--folder", type=Path, default=Path(), help="the owner's folder (default: here)")
    shared.add_argument(
        "--date", type=_date, help="the day to work for, as 2026-11-22 (default: today in the seller's time zone)"
    )
    parser = argparse.ArgumentParser(
        prog="relance",
        description="Private payment pages and courteous reminders, from an invoice ledger kept in plain files.",
        epilog="Exit status: 0 done, 1 the ledger or policy is wrong, 2 wrong usage, 3 something outside failed, 4 a bug.",
    )
    parser.add_argument("--version", action="version", version=f"relance {_version()}")
    verbs = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def verb(name: str, text: str) -> argparse.ArgumentParser:
        return verbs.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".", parents=[shared])

    demo = verb("demo", "build the fictional workshop, offline, to look around in")
    demo.add_argument(
        "demo_folder", metavar="FOLDER", nargs="?", type=Path, default=Path("demo"), help="where (default: demo)"
    )
    demo.add_argument("--serve", action="store_true", help="open the preview afterwards")
    demo.add_argument("--port", type=_port, default=DEFAULT_PORT, help=f"port of the preview (default: {DEFAULT_PORT})")
    init = verb("init", "make an owner's folder that builds at once")
    init.add_argument("new_folder", metavar="FOLDER", type=Path, help="a new or empty folder")
    verb("check", "validate ledger, policy, journal and templates, and list every problem")
    show = verb("show", "accounts as relance sees them today, and why; writes nothing")
    show.add_argument("client", metavar="CLIENT", nargs="?", help="the id of one client (default: a table of all)")
    show.add_argument("--json", action="store_true", help="the public, stable form")
    verb("build", "site, messages and report for today")
    sent = verb("sent", "record that today's message of these clients was sent by hand")
    sent.add_argument("clients", metavar="CLIENT", nargs="*", help="the ids of clients")
    sent.add_argument("--all", action="store_true", help="every client with a message today")
    review = verb(
        "review", "release debts that wait for your review (old ones, refunded ones), so that their reminders go"
    )
    review.add_argument("clients", metavar="CLIENT", nargs="*", help="the ids of clients (default: list what waits)")
    rotate = verb("rotate", "give clients a new page address; the old page goes")
    rotate.add_argument("clients", metavar="CLIENT", nargs="+", help="the ids of clients")
    links = verb("links", "payment links: what is to be created, kept and taken down at Stripe")
    links.add_argument("--apply", action="store_true", help="do it (default: print the plan)")
    links.add_argument("--force", action="store_true", help="also when many links would be taken down")
    links.add_argument("--close", action="store_true", help="none is wanted any more: take all of them down")
    verb("reconcile", "bring payments, refunds and disputes from Stripe into the ledger")
    verb("doctor", "check the Stripe key, its permissions and the account, and say what to do")
    serve = verb("serve", "preview the site, the outbox and the report on this machine")
    serve.add_argument(
        "--port", type=_port, default=DEFAULT_PORT, help=f"port (default: {DEFAULT_PORT}; 0: any free one)"
    )
    return parser


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day; write it as 2026-11-22") from error


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; write a number from 0 to {HIGHEST_PORT}")
    return int(text)


def _version() -> str:
    try:
        return metadata.version("relance")
    except metadata.PackageNotFoundError:
        return "(not installed)"
