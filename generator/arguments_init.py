"""The options of `relance init`, each of which answers a question that it asks at a terminal."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from generator.ci_files import Service
from generator.commands.init_policy import LANGUAGES
from generator.config_deploy import DeployTarget

if TYPE_CHECKING:
    from collections.abc import Callable


def initiating(verb: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Adds `relance init`."""
    init = verb("init", "make an owner's folder that builds at once, or add the files that let CI publish it")
    init.add_argument("new_folder", metavar="FOLDER", type=Path, help="a new or empty folder; with --ci also yours")
    init.add_argument(
        "--from",
        dest="source",
        metavar="FILE",
        type=Path,
        help="the ledger you already have, in one file: a workbook, a CSV file; says how it is understood, and asks",
    )
    asking = init.add_mutually_exclusive_group()
    asking.add_argument(
        "--ask", action="store_true", help="ask, also where no terminal is seen (default at a terminal)"
    )
    asking.add_argument("--yes", action="store_true", help="ask nothing; with --from, what is not certain is refused")
    init.add_argument("--name", metavar="NAME", help="your name, as on your invoices")
    init.add_argument("--email", metavar="ADDRESS", help="where clients write to you")
    init.add_argument("--siren", metavar="SIREN", help="your nine digits")
    init.add_argument("--iban", metavar="IBAN", help="the account that clients pay to")
    init.add_argument(
        "--url", metavar="ADDRESS", help="where the pages will be, as https://payer.atelier-lumen.example"
    )
    init.add_argument("--language", choices=LANGUAGES, help="what your clients read (default: fr)")
    init.add_argument(
        "--stripe", action=argparse.BooleanOptionalAction, help="payment links on the pages (default: none)"
    )
    init.add_argument("--smtp", metavar="HOST", help="the mail server that sends your messages (default: you do)")
    init.add_argument(
        "--ci", choices=[service.value for service in Service], help="write the files that let this service publish"
    )
    init.add_argument(
        "--deploy", choices=[target.value for target in DeployTarget], help="where the site goes when it is published"
    )
    init.add_argument(
        "--to",
        metavar="PLACE",
        help="with --deploy folder: its path; with --deploy rsync: the machine and the path, as payer@www.example:/var/www/payer",
    )
