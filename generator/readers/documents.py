"""The link to an invoice: a page over https, or a file of the owner's folder. Nothing that could lead elsewhere."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from generator.checks import internet_host, split_url
from generator.problems import Flaw, cells

if TYPE_CHECKING:
    from pathlib import Path


def document(text: str, folder: Path) -> str | Flaw:
    """The link, or the flaw for which it is refused; a file that is not there is only a warning."""
    if "://" in text or text.casefold().startswith(("http:", "https:")):
        return _page(text)
    if reason := _not_a_path(text):
        return cells.DOCUMENT_REFUSED.flaw(reason=reason)
    path = folder / text
    try:
        if not path.is_file():
            return cells.DOCUMENT_MISSING.flaw()
        inside = path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError):
        return cells.DOCUMENT_MISSING.flaw()
    return text if inside else cells.DOCUMENT_REFUSED.flaw(reason="it leads out of your folder")


def _page(text: str) -> str | Flaw:
    parts = split_url(text)
    if isinstance(parts, str):
        return cells.DOCUMENT_REFUSED.flaw(reason=parts)
    if parts.scheme != "https":
        return cells.DOCUMENT_REFUSED.flaw(reason="it does not begin with https://")
    if internet_host(parts.hostname or "") is None:
        return cells.DOCUMENT_REFUSED.flaw(reason="its domain cannot be")
    return text


def _not_a_path(text: str) -> str:
    """Why a text is not the path of a file inside a folder; nothing when it is."""
    if text.startswith(("/", "~")):
        return "it does not begin inside your folder"
    if ":" in text:
        return "it does not begin with https://"
    if "\\" in text:
        return 'folders are separated by "/"'
    if ".." in PurePosixPath(text).parts:
        return "it leads out of your folder"
    return "" if text.isprintable() else "it holds a character that file names do not take"
