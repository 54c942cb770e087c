"""Agreements on paper: for each one that holds, a page to print, for two signatures. The owner's, like all of `report/`.

Nothing leaves with it, and nothing is remembered of it. It says what was agreed and not how far that has come, so that it
stays the same file from one build to the next.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from generator.domain.due import DueReminder, Recap, RecapKind
from generator.domain.ledger import Channel
from generator.domain.policy import AGREEMENT, Step
from generator.errors import OutsideError
from generator.messages import compose, slug
from generator.paper import pdf

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from generator.config import Settings
    from generator.domain.account import Account, Agreement
    from generator.messages import MessageTemplates

FOLDER = "agreements"
_OURS = re.compile(r"[a-z0-9-]+-[0-9a-f]{8}\.(?:html|pdf)")


def agreements_on_paper(
    settings: Settings, clients: Iterable[Sequence[Account]], templates: MessageTemplates, folder: Path
) -> dict[str, bytes]:
    """The files of `folder` by name: every agreement that holds and of which something is left to pay.

    A PDF that is there already is drawn again only when the page is another one. Raises UserError for a mistake in a
    template, OutsideError as `pdf` does.
    """
    files: dict[str, bytes] = {}
    for account, agreement in _in_force(clients):
        message = compose(settings, [_for_paper(account, agreement)], templates)
        if message is None:
            raise ValueError(f"nothing came of the agreement {agreement.id} of {account.client.id}")
        stem, page = file_stem(account, agreement), message.html.encode()
        files[f"{stem}.html"] = page
        if settings.letters_as_pdf:
            drawn = _read(folder / f"{stem}.pdf") if _read(folder / f"{stem}.html") == page else b""
            files[f"{stem}.pdf"] = drawn or pdf(message.html)
    return files


def file_stem(account: Account, agreement: Agreement) -> str:
    """The name of its files without their ending; a few hexadecimal digits keep apart what else would be called alike."""
    return slug(f"{account.client.id} {agreement.id}")


def clear_away(folder: Path, keep: Collection[str]) -> None:
    """Removes the agreements that hold no more. Raises OutsideError when the disk does not let us."""
    try:
        for path in folder.iterdir() if folder.is_dir() else ():
            if _OURS.fullmatch(path.name) and path.name not in keep:
                path.unlink()
    except OSError as error:
        raise OutsideError(f"{folder} cannot be written: {error.strerror or error}") from error


def _in_force(clients: Iterable[Sequence[Account]]) -> Iterator[tuple[Account, Agreement]]:
    for accounts in clients:
        for account in accounts:
            if not account.client.insolvent_on(account.as_of):
                for agreement in account.agreements:
                    if agreement.holds and agreement.next is not None:
                        yield account, agreement


def _for_paper(account: Account, agreement: Agreement) -> Account:
    """The account as if the agreement were due to it by letter, which it never is: one template and one way to fill it."""
    listed = tuple(item for item in account.items if item.id in agreement.invoices)
    recap = Recap(RecapKind.MADE, agreement.id, agreement, agreement.invoices)
    due = DueReminder(Step(AGREEMENT, 0), Channel.LETTER, listed, {}, recap=recap)
    return replace(account, reminders=replace(account.reminders, due_today=due))


def _read(path: Path) -> bytes:
    try:
        return b"" if path.is_symlink() else path.read_bytes()
    except OSError:
        return b""
