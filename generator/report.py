"""The owner's report, "À faire ce matin": what would leave today, what is held and why, what to look at, who owes what.

It names every client and every debt: it stands in `report/`, readable by its owner only, never in `output/`.
"""

from __future__ import annotations

import csv
import io
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from generator.errors import OutsideError
from generator.report_gather import view_of
from generator.report_words import Page, Words
from generator.summary import summary_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from generator.config import Settings
    from generator.domain.account import Account, Guess
    from generator.domain.ledger import Client, Problem
    from generator.domain.money import Money
    from generator.report_view import Prepared

__all__ = ["render_report", "summary_table", "write_report"]

INDEX = "index.html"
POINTAGE = "pointage.csv"
_FORMULA = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r]")
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def write_report(
    settings: Settings,
    accounts_by_client: Sequence[Sequence[Account]],
    messages: Sequence[Prepared],
    warnings: Sequence[Problem],
    folder: Path,
    today: date,
) -> None:
    """Writes `index.html` and `pointage.csv` in `folder`, each whole or not at all; what did not change is left alone.

    Raises OutsideError when the disk does not let us, UserError for a mistake in the owner's own templates.
    """
    write_files(render_report(settings, accounts_by_client, messages, warnings, today), folder)


def write_files(files: Mapping[str, bytes], folder: Path) -> None:
    """Writes a rendered report. Raises OutsideError when the disk does not let us."""
    for name, content in files.items():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _write(folder / name, content)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise OutsideError(f"the report cannot be written: {folder / name}: {reason}") from error


def render_report(
    settings: Settings,
    accounts_by_client: Sequence[Sequence[Account]],
    messages: Sequence[Prepared],
    warnings: Sequence[Problem],
    today: date,
    compiled: Path | None = None,
) -> dict[str, bytes]:
    """The files of the report by name. `messages` are all that were prepared, `warnings` what reading had to say.

    In the folder `compiled`, templates may be kept as they are once compiled.
    """
    words = Words(settings.seller.language, today, settings.folder)
    view = view_of(settings, accounts_by_client, messages, warnings)
    page = Page(words, settings.folder, compiled).render(view=view, seller=settings.seller, today=today)
    guesses = [
        (account.client, guess) for accounts in accounts_by_client for account in accounts for guess in account.guesses
    ]
    return {POINTAGE: pointage(guesses, words), INDEX: page.encode()}


def pointage(guesses: Iterable[tuple[Client, Guess]], words: Words) -> bytes:
    """Payments allocated by guess, for a spreadsheet: semicolons and a BOM, which a French one opens rightly.

    A text that a spreadsheet would take for a formula is marked as text; amounts are numbers, negative ones too.
    """
    output = io.StringIO()
    table = csv.writer(output, delimiter=";", lineterminator="\r\n")
    table.writerow(
        [
            words.date_(),
            words.client(),
            words.client_name(),
            words.amount(),
            words.currency(),
            words.invoice(),
            words.how_(),
            words.source(),
        ]
    )
    for client, guess in sorted(guesses, key=lambda row: (row[1].on, row[0].id, row[1].invoice)):
        place = f"{guess.source.file}:{guess.source.line}" if guess.source.line else guess.source.file
        table.writerow(
            [
                guess.on.isoformat(),
                inert(client.id),
                inert(client.name),
                _figure(guess.amount, words.language),
                guess.amount.currency,
                inert(guess.invoice),
                inert(words.how(guess)),
                inert(place),
            ]
        )
    return output.getvalue().encode("utf-8-sig")


def inert(text: str) -> str:
    """A text that no spreadsheet takes for a formula, on one line; a plain number, negative or not, stays one."""
    marked = f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text
    return _CONTROL.sub(" ", marked)


def _figure(amount: Money, language: str) -> str:
    return str(amount).replace(".", ",") if language.startswith("fr") else str(amount)


def _write(path: Path, content: bytes) -> None:
    """Replaces a file at once, unless it says the same already. What is written can be read by its owner only."""
    if not path.is_symlink() and path.is_file() and path.read_bytes() == content:
        return
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
