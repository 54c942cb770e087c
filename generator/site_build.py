"""A site appears all at once: built aside, checked, then swapped in; what was there before stays whole until then.

Beside `output` stand, during a build only: `.output.new` (being built), `.output.old` (the last site, for the moment
between two renames) and `.output.gone` (being deleted). After a crash at any point `recover` finds out from these names
alone which of the two sites is whole, and puts it back.

A page whose facts have not changed is not rendered again but hard-linked from the last site. What is known of the last
site stands in a state file outside of it; a page that is not exactly what the state says is rendered again.
"""

from __future__ import annotations

import hashlib
import json
import os
import posixpath
import re
import shutil
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.domain.ledger import SourceRef
from generator.errors import OutsideError, UserError
from generator.problems.site import STRAY_FILE
from generator.site_documents import copy_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from generator.domain.ledger import Problem

_VERSION = 1
_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
#: The only kinds of file that a published folder may hold.
_SUFFIXES = frozenset(
    {
        ".html",
        ".css",
        ".js",
        ".txt",
        ".svg",
        ".png",
        ".jpg",
        ".jpeg",
        ".gif",
        ".webp",
        ".avif",
        ".ico",
        ".pdf",
        ".woff2",
    }
)
_WITHOUT_SUFFIX = frozenset({"_headers"})


@dataclass(frozen=True, slots=True)
class SiteResult:
    """How many client pages were written, kept from the last build, and removed; `notes` are warnings about the prose."""

    written: int
    kept: int
    removed: int
    notes: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What the last build knew of one page: what it was made from, and what it was."""

    fingerprint: str
    digest: str


@dataclass(slots=True)
class PageStore:
    """The client pages of one build: taken over from `previous` when they can be, written to `target` else."""

    target: Path
    previous: Path | None = None
    known: dict[str, Known] = field(default_factory=dict)
    pages: dict[str, Known] = field(default_factory=dict)
    documents: set[str] = field(default_factory=set)
    written: int = 0
    finished: bool = False

    def put(self, key: str, fingerprint: str, render: Callable[[], bytes]) -> None:
        """Publishes a page under its key; renders it only when it has changed."""
        if not _KEY.fullmatch(key) or key in self.pages:
            raise ValueError("a portal key is unguessable, is safe as a folder's name, and names one page")
        page = self._folder_for(key)
        known = self.known.get(key)
        if known is not None and known.fingerprint == fingerprint and self._take_over(key, page, known.digest):
            self.pages[key] = known
            return
        content = render()
        digest = _digest(content)
        self.pages[key] = Known(fingerprint, digest)
        if known is not None and known.digest == digest and self._take_over(key, page, digest):
            return
        with open(page, "wb") as file:  # noqa: PTH123 - see _folder_for
            file.write(content)
        self.written += 1

    def _folder_for(self, key: str) -> str:
        """Makes the folder of a page and returns where the page goes: a plain text, since paths cost more than disks here."""
        folder = f"{self.target}/p/{key}"
        try:
            os.mkdir(folder)  # noqa: PTH102
        except FileNotFoundError:
            os.makedirs(folder)  # noqa: PTH103
        return f"{folder}/index.html"

    def attach(self, key: str, name: str, source: Path, home: Path) -> None:
        """Puts a file of the owner's folder beside a page."""
        target = self.target / "p" / key / name
        self.documents.add(f"p/{key}/{name}")
        if not target.exists():
            copy_document(source, home, target, self.previous / "p" / key / name if self.previous else None)

    def _take_over(self, key: str, place: str, digest: str) -> bool:
        """Links the page of the last site into this one, if it still is what it was. No symbolic link is followed."""
        if self.previous is None:
            return False
        pages = f"{self.previous}/p"
        folder = f"{pages}/{key}"
        page = f"{folder}/index.html"
        try:
            real = all(stat.S_ISDIR(os.lstat(part).st_mode) for part in (pages, folder))
            if not real or not stat.S_ISREG(os.lstat(page).st_mode) or _digest(_read(page)) != digest:
                return False
            os.link(page, place)
        except OSError:  # gone, unreadable, or a file system without hard links: the page is written
            return False
        return True

    @property
    def result(self) -> SiteResult:
        """What this build did to the pages."""
        return SiteResult(self.written, len(self.pages) - self.written, len(self.known.keys() - self.pages.keys()))


@dataclass(frozen=True, slots=True)
class Stage:
    """The folders of one build, all beside `output`."""

    output: Path

    @property
    def new(self) -> Path:
        """The site that is being built."""
        return self.output.with_name(f".{self.output.name}.new")

    @property
    def old(self) -> Path:
        """The last site, while the new one takes its place."""
        return self.output.with_name(f".{self.output.name}.old")

    @property
    def gone(self) -> Path:
        """What is being deleted."""
        return self.output.with_name(f".{self.output.name}.gone")

    def recover(self) -> None:
        """Ends what an interrupted build began: afterwards there is `output` or nothing, and it is whole."""
        if os.path.lexists(self.old):
            if not os.path.lexists(self.output):
                self.old.rename(self.output)
            else:
                self._discard(self.old)
        for folder in (self.gone, self.new):
            if os.path.lexists(folder):
                _delete(folder)

    def begin(self) -> Path:
        """An empty folder to build in. Refuses to replace a folder that is not a site of ours."""
        if self.output.is_symlink():
            raise OutsideError(
                f"{self.output.name} is a symbolic link: remove it, so that the site is not written elsewhere"
            )
        if self.output.is_dir() and any(self.output.iterdir()) and not (self.output / "_headers").is_file():
            raise OutsideError(
                f"{self.output.name} holds files that relance did not make: move them away, or delete the folder"
            )
        if self.output.exists() and not self.output.is_dir():
            raise OutsideError(f"{self.output.name} is a file: a folder has to stand there")
        self.output.parent.mkdir(parents=True, exist_ok=True)
        self.new.mkdir()
        return self.new

    def swap(self) -> None:
        """Puts the new site in the place of the last one."""
        if os.path.lexists(self.output):
            self.output.rename(self.old)
        try:
            self.new.rename(self.output)
        except OSError:
            if os.path.lexists(self.old):
                self.old.rename(self.output)
            raise
        if os.path.lexists(self.old):
            with suppress(OSError):  # the new site stands; what cannot be deleted now is deleted by the next build
                self._discard(self.old)

    def abandon(self) -> None:
        """Removes what was built in vain, as far as that is possible."""
        with suppress(OSError):
            self.recover()

    def _discard(self, folder: Path) -> None:
        """Deletes a folder under another name, so that half of it is never taken for a whole site."""
        if os.path.lexists(self.gone):
            _delete(self.gone)
        folder.rename(self.gone)
        _delete(self.gone)


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def verify(site: Path, store: PageStore) -> None:
    """Looks at a site before it is published: every page is there, and nothing that does not belong."""
    expected = {f"p/{key}/index.html" for key in store.pages} | {"index.html", "404.html", "robots.txt", "_headers"}
    expected |= store.documents
    strays: list[Problem] = []
    found = set()
    for place, is_link in _files(str(site)):
        found.add(place)
        hidden = place.startswith(".") or "/." in place
        suffix = posixpath.splitext(place)[1].lower()
        allowed = suffix in _SUFFIXES or place in _WITHOUT_SUFFIX or place in store.documents
        outside = place.startswith("p/") and place not in expected
        if hidden or not allowed or outside or is_link:
            strays.append(STRAY_FILE.at(SourceRef(f"output/{place}"), place))
    if strays:
        raise UserError(sorted(strays, key=lambda problem: problem.where))
    if missing := expected - found:
        raise OutsideError(f"{len(missing)} pages were not written; the site that was there stays")


def _files(folder: str, place: str = "") -> Iterator[tuple[str, bool]]:
    """Every file below a folder by its place there, and whether it is a symbolic link; no link to a folder is followed."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(entry.path, f"{place}{entry.name}/")
            else:
                yield f"{place}{entry.name}", entry.is_symlink()


def read_state(path: Path) -> dict[str, Known]:
    """What the last build knew; nothing when there is no state or it cannot be understood: then all pages are rendered."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        if stored["version"] != _VERSION:
            return {}
        return {str(key): Known(str(made), str(was)) for key, (made, was) in stored["pages"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def write_state(path: Path, pages: dict[str, Known]) -> None:
    """Remembers the pages of this build, all at once; only the owner can read the file, since it holds the portal keys."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = {key: [page.fingerprint, page.digest] for key, page in sorted(pages.items())}
    text = json.dumps({"version": _VERSION, "pages": rows}, indent=0)
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)


def _read(path: str) -> bytes:
    with open(path, "rb") as file:  # noqa: PTH123 - see PageStore._folder_for
        return file.read()


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()
