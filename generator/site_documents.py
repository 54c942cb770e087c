"""The invoices themselves: a link to where the owner keeps them online, or a copy in the client's own folder.

A copy stands below the portal key, so that only those who know the page can find it, under the name that the owner
gave the file.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from generator.problems.site import DOCUMENT_KIND

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from generator.domain.account import Account, Item
    from generator.domain.ledger import Problem

#: What a client can open, and what a site may hold.
KINDS = frozenset({".pdf", ".png", ".jpg", ".jpeg", ".webp", ".xml", ".docx", ".odt"})
_HTTPS_PORTS = frozenset({None, 443})


def link(document: str) -> str:
    """What the page links to: the address over https, or the place of the copy beside the page; empty for neither."""
    if is_local(document):
        return place(document)
    try:
        parts = urlsplit(document)
        usable = parts.scheme == "https" and parts.hostname and "@" not in parts.netloc and parts.port in _HTTPS_PORTS
    except ValueError:
        return ""
    return document if usable and not re.search(r"[\s\\<>\"'`\x00-\x1f]", document) else ""


def is_local(document: str) -> bool:
    """Whether this is the path of a file in the owner's folder: no scheme, and nowhere else to go."""
    return (
        bool(document)
        and ":" not in document
        and not document.startswith(("/", "\\", "~"))
        and ".." not in document.split("/")
    )


def place(document: str) -> str:
    """Where the copy stands beside the page: two files of the same name in two folders stay apart."""
    digest = hashlib.blake2b(document.encode(errors="surrogatepass"), digest_size=4).hexdigest()
    path = PurePosixPath(document)
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem).strip("-")[:80] or "document"
    return f"{digest}/{name}{path.suffix.lower()}"


def local_documents(accounts: Sequence[Account]) -> list[Item]:
    """The items of a client whose invoice is a file of the owner's folder."""
    return [item for account in accounts for item in account.items if is_local(item.invoice.document)]


def document_problems(clients: Iterable[Sequence[Account]]) -> list[Problem]:
    """Files of a kind that is never published: a ledger, a program, a page."""
    items = [item for accounts in clients for item in local_documents(accounts)]
    wrong = [item.invoice for item in items if PurePosixPath(item.invoice.document).suffix.lower() not in KINDS]
    return [DOCUMENT_KIND.at(invoice.source._replace(column="document"), invoice.document) for invoice in wrong]


def copy_document(source: Path, home: Path, target: Path, previous: Path | None) -> None:
    """Copies a file of the owner's folder, or links the copy of the last build when it is still the same.

    Raises OSError when the file is gone, or leads out of the folder.
    """
    real = source.resolve(strict=True)
    if not real.is_relative_to(home.resolve()) or not real.is_file():
        raise PermissionError(1, "this file is outside of the folder", str(source))
    target.parent.mkdir(parents=True, exist_ok=True)
    if previous is not None and _same(previous, real):
        try:
            os.link(previous, target)
        except OSError:  # a file system without hard links: copied below
            target.unlink(missing_ok=True)
        else:
            return
    shutil.copy2(real, target)


def _same(copy: Path, source: Path) -> bool:
    try:
        was, now = copy.lstat(), source.stat()
    except OSError:
        return False
    return stat.S_ISREG(was.st_mode) and (was.st_size, was.st_mtime_ns) == (now.st_size, now.st_mtime_ns)
