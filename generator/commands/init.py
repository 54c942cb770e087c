"""`relance init FOLDER`: an owner's folder that builds at once; made aside, then moved into place.

At a terminal it asks who the owner is; `--from FILE` brings their ledger; `--ci` adds what a service needs to publish, also to a
folder that is the owner's already.
"""

from __future__ import annotations

import shlex
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from generator.ci_files import Service
from generator.commands import DONE, Context, say
from generator.commands.asking import can_answer
from generator.commands.init_ask import Answers, checked, converse, written
from generator.commands.init_ci import add, files_for, is_owners, refuse_inside, tell_next, write
from generator.config import load_settings
from generator.errors import OutsideError, UsageError, UserError
from generator.policy_file import FILE
from generator.resources import bundled

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from generator.config import Settings

#: Files that packaging tools drop or read themselves go by another name in the scaffold.
_RENAMED = {"gitignore": ".gitignore"}
_FILLED = ("ci",)  #: in the scaffold, but filled in and put elsewhere


def run(_context: Context, options: Namespace) -> int:
    """Raises UsageError for a folder that is not empty, and for an answer that cannot be."""
    folder: Path = options.new_folder
    answers = Answers.given(options)
    if answers.ci and is_owners(folder):
        if options.source or answers.about_policy:
            also = ", ".join([*(["--from"] if options.source else []), *answers.about_policy])
            raise UsageError(
                f"{folder} is yours already, and --ci alone goes with that: nothing was written. Leave out {also}."
            )
        return add(folder, Service(answers.ci))
    refuse_full(folder)
    if answers.ci:
        refuse_inside(folder)
    text = (bundled("portal_templates") / "scaffold" / FILE).read_text(encoding="utf-8")
    if options.source is None and (options.ask or (not options.yes and can_answer())):
        answers = converse(answers, text)
    answers = checked(answers, text)
    if options.source is not None:
        from generator.commands.init_from import bring  # noqa: PLC0415  (what it needs, only it needs)

        return bring(folder, options.source, lambda made: _furnish(made, answers), yes=options.yes)
    scaffold(folder, lambda made: _furnish(made, answers))
    say(f"Your folder is ready in {folder}. Next:")
    missing = (
        "your name, address and IBAN" if answers.name is None else "your address, and whatever else is not yours yet,"
    )
    say(f"  1. write {missing} in {folder / FILE}")
    say(f"  2. put your clients, invoices and payments in {folder / 'ledger'}")
    there = shlex.quote(str(folder))
    say(f"  3. relance check --folder {there}   then   relance build --folder {there}")
    say("It builds at once with its sample lines. On a weekend or a public holiday no message is due.")
    if answers.ci:
        tell_next(_opened(folder), Service(answers.ci))
    return DONE


def _furnish(made: Path, answers: Answers) -> None:
    """The owner's answers in what was made, and the files of the service that publishes."""
    file = made / FILE
    file.write_text(written(answers, file.read_text(encoding="utf-8")), encoding="utf-8")
    if answers.ci:
        write(made, files_for(_opened(made), Service(answers.ci)))


def _opened(folder: Path) -> Settings:
    settings, problems = load_settings(folder)
    if settings is None:
        raise UserError(problems)
    return settings


def refuse_full(folder: Path) -> None:
    """Raises UsageError for a folder that holds something."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not empty: nothing was written. Name a new folder.")


def scaffold(folder: Path, furnish: Callable[[Path], None] | None = None) -> None:
    """Fills an empty or new folder. Raises UsageError when it holds something, OutsideError when it cannot be written.

    `furnish` changes what was made while it still stands aside; when it raises, nothing was written.
    """
    refuse_full(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.resolve().parent, prefix=".relance-") as aside:
            made = Path(aside) / "folder"
            shutil.copytree(bundled("portal_templates") / "scaffold", made, ignore=shutil.ignore_patterns(*_FILLED))
            shutil.copytree(bundled("content"), made / "content", dirs_exist_ok=True)
            for name, real in _RENAMED.items():
                for path in sorted(made.rglob(name)):
                    path.rename(path.with_name(real))
            (made / "journal").mkdir(exist_ok=True)
            if furnish is not None:
                furnish(made)
            if folder.exists():  # an empty folder stays itself: it may be the one that the owner stands in
                for child in sorted(made.iterdir()):
                    child.rename(folder / child.name)
            else:
                made.rename(folder)
    except OSError as error:
        raise OutsideError(f"{folder} cannot be written: {error.strerror}. Nothing was left behind.") from error
