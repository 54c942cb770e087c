"""`relance init FOLDER`: an owner's folder that builds at once; made aside, then moved into place. `--from FILE`: with their ledger."""

from __future__ import annotations

import shlex
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from generator.commands import DONE, Context, say
from generator.errors import OutsideError, UsageError
from generator.resources import bundled

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

#: Files that packaging tools drop or read themselves go by another name in the scaffold.
_RENAMED = {"gitignore": ".gitignore"}


def run(_context: Context, options: Namespace) -> int:
    """Raises UsageError for a folder that is not empty."""
    folder: Path = options.new_folder
    if options.source is not None:
        from generator.commands.init_from import bring  # noqa: PLC0415  (what it needs, only it needs)

        return bring(folder, options.source, yes=options.yes)
    if options.yes:
        raise UsageError("--yes goes with --from FILE: there is nothing else to ask.")
    scaffold(folder)
    say(f"Your folder is ready in {folder}. Next:")
    say(f"  1. write your name, address and IBAN in {folder / 'portal.toml'}")
    say(f"  2. put your clients, invoices and payments in {folder / 'ledger'}")
    there = shlex.quote(str(folder))
    say(f"  3. relance check --folder {there}   then   relance build --folder {there}")
    say("It builds at once with its sample lines. On a weekend or a public holiday no message is due.")
    return DONE


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
            shutil.copytree(bundled("portal_templates") / "scaffold", made)
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
