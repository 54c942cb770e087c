"""The folder of invoices: every PDF and XML file in it and below, none from elsewhere, none too large to be an invoice."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from generator.domain.ledger import SourceRef
from generator.problems import einvoices as problems
from generator.problems import files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.domain.ledger import Problem

_MEGABYTE = 1_000_000
_LIMITS = {".pdf": 50, ".xml": 10}
LARGEST_XML = _LIMITS[".xml"] * _MEGABYTE


class Found(NamedTuple):
    """A file to read, under its path inside the owner's folder."""

    path: Path
    file: str

    @property
    def is_pdf(self) -> bool:
        """Whether people can read it."""
        return self.path.suffix.casefold() == ".pdf"


def found_files(home: Path, folder: str) -> Iterator[Found | Problem]:
    """The invoices of a folder, in the order of their names, and what keeps others from being read."""
    top = home / folder
    if not top.is_dir():
        yield problems.DOCUMENTS_MISSING.at(SourceRef("portal.toml"), folder)
        return
    inside = home.resolve()
    refused: list[Problem] = []

    def unread(error: OSError) -> None:
        place = Path(error.filename).relative_to(home).as_posix()
        refused.append(files.FILE_UNREADABLE.at(SourceRef(place), reason=error.strerror or type(error).__name__))

    if not top.resolve().is_relative_to(inside):
        yield problems.LINK_REFUSED.at(SourceRef(folder), folder, reason="leads out of your folder")
        return
    for base, folders, names in os.walk(top, onerror=unread):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in folders:
            path = Path(base, name)
            if path.is_symlink():
                yield problems.LINK_REFUSED.at(SourceRef(_shown(path, home)), name, reason="leads to a folder")
        for name in sorted(names):
            path = Path(base, name)
            if not name.startswith((".", "~$")) and path.suffix.casefold() in _LIMITS:
                yield _checked(path, home, inside)
    yield from refused


def _shown(path: Path, home: Path) -> str:
    return path.relative_to(home).as_posix()


def _checked(path: Path, home: Path, inside: Path) -> Found | Problem:
    file = _shown(path, home)
    try:
        if path.is_symlink() and not path.resolve(strict=True).is_relative_to(inside):
            return problems.LINK_REFUSED.at(SourceRef(file), path.name, reason="leads out of your folder")
        if not path.is_file():
            return files.FILE_UNREADABLE.at(SourceRef(file), reason="it is not a plain file")
        limit = _LIMITS[path.suffix.casefold()]
        size = path.stat().st_size
        if size > limit * _MEGABYTE:
            return problems.TOO_LARGE.at(SourceRef(file), size=-(-size // _MEGABYTE), limit=limit)
    except OSError as wrong:
        return files.FILE_UNREADABLE.at(SourceRef(file), reason=wrong.strerror or type(wrong).__name__)
    return Found(path, file)


def content(found: Found) -> bytes | Problem:
    """The bytes of a file."""
    try:
        return found.path.read_bytes()
    except OSError as wrong:
        return files.FILE_UNREADABLE.at(SourceRef(found.file), reason=wrong.strerror or type(wrong).__name__)
