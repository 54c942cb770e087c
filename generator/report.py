"""The owner's report, "À faire ce matin": what would leave today, what is held and why, what to look at, who owes what.

It names every client and every debt: it stands in `report/`, readable by its owner only, never in `output/`.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from generator.errors import OutsideError
from generator.report_credits import credit_notes
from generator.report_gather import gather, view_of
from generator.report_penalties import penalties
from generator.report_tables import messages as messages_table
from generator.report_tables import pointage
from generator.report_vat import instalments
from generator.report_words import Page, Words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from generator.config import Settings
    from generator.domain.account import Account
    from generator.domain.ledger import Problem
    from generator.report_messages import Prepared

INDEX = "index.html"
MESSAGES = "messages.csv"
POINTAGE = "pointage.csv"
VAT = "echeances-tva.csv"
CREDITS = "avoirs-a-emettre.csv"
PENALTIES = "penalites.csv"


def write_report(
    settings: Settings,
    accounts_by_client: Sequence[Sequence[Account]],
    messages: Sequence[Prepared],
    warnings: Sequence[Problem],
    folder: Path,
    today: date,
) -> None:
    """Writes `index.html` and its tables in `folder`, each whole or not at all; what did not change is left alone.

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
    words = Words(settings.seller.language, today, settings.folder, compiled)
    found = gather(settings, accounts_by_client, messages)
    view = view_of(settings, found, warnings)
    page = Page(words, settings.folder, compiled).render(view=view, seller=settings.seller, today=today)
    guesses = [
        (account.client, guess) for accounts in accounts_by_client for account in accounts for guess in account.guesses
    ]
    every = [account for accounts in accounts_by_client for account in accounts]
    return {
        POINTAGE: pointage(guesses, words),
        MESSAGES: messages_table(found, words),
        VAT: instalments(every, settings.report.discount_vat, words, fees_first=settings.policy.interest_first),
        CREDITS: credit_notes(every, settings.report.discount_vat, words),
        PENALTIES: penalties(every, words),
        INDEX: page.encode(),
    }


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
