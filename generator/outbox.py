"""The outbox: the prepared messages as files, and a manifest that says what each of them is.

Writing is repeatable and safe to interrupt. Everything is first written aside, so that a full disk changes nothing; then
what is no longer due goes, what is new comes, each file at once; the manifest is last. Files that did not change are not
touched, and a file that is not ours is never removed. After an interruption every file is whole, none is forgotten, and
the next build finishes the work.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from generator.errors import OutsideError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

MANIFEST = "manifest.json"
_OURS = re.compile(r"\d{4}-\d{2}-\d{2}-[a-z0-9-]+\.(?:eml|html|ics|md|pdf)")
_ASIDE = re.compile(r"\.relance-.+\.part")


class Prepared(Protocol):
    """What the outbox needs to know of a message."""

    @property
    def file_name(self) -> str:
        """The name of its file, safe on every system."""

    def content(self) -> bytes:
        """The bytes of its file."""

    def beside(self) -> Mapping[str, bytes]:
        """Other files with the same in another form, by their names."""

    def summary(self) -> dict[str, object]:
        """What the manifest says of it."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a build did to the outbox, by file name. `foreign` files look like messages but were not written by relance."""

    new: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    foreign: tuple[str, ...]


def write_outbox(messages: Sequence[Prepared], folder: Path, on: date) -> Written:
    """Makes `folder` hold exactly these messages, beside whatever the owner keeps there.

    Raises OutsideError when the folder cannot be written; what was there before is then still there.
    """
    files = _files(messages)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        return _Outbox(folder, on).hold(files, [message.summary() for message in messages])
    except OSError as error:
        raise OutsideError(f"{folder.name}/ cannot be written: {error.strerror or error} ({error.filename})") from error


def draft_of(folder: Path, client: str, step: str, items: Sequence[str]) -> tuple[str, bytes] | None:
    """The file of a client's message in the outbox, its name and what it holds; None when there is none about these items.

    A message to several clients lists the items of all of them.
    """
    try:
        content = json.loads((folder / MANIFEST).read_bytes())
        for said in content["messages"]:
            name, listed = said["file"], [item["invoice"] for item in said["items"]]
            whole = (said["step"], listed) == (step, list(items))
            part = len(said["clients"]) > 1 and {*items} <= {*listed}
            if client in said["clients"] and (whole or part) and _OURS.fullmatch(name):
                path = folder / name
                return None if path.is_symlink() else (name, path.read_bytes())
    except (OSError, ValueError, KeyError, TypeError):
        return None  # no draft that could be told to be this message
    return None


def _files(messages: Iterable[Prepared]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for message in messages:
        for name, content in {message.file_name: message.content(), **message.beside()}.items():
            if not _OURS.fullmatch(name):
                raise ValueError(f"{name!r} is not a name for a file of the outbox")
            if name in files:
                raise ValueError(f"two messages would be {name}")
            files[name] = content
    return files


class _Outbox:
    def __init__(self, folder: Path, on: date) -> None:
        self.folder = folder
        self.on = on
        self.before = _listed(folder / MANIFEST)

    def hold(self, files: dict[str, bytes], summaries: list[dict[str, object]]) -> Written:
        """Stages, then changes."""
        changed = {name: content for name, content in files.items() if not _same(self.folder / name, content)}
        stale = sorted(name for name in self.before - files.keys() if os.path.lexists(self.folder / name))
        manifest = self._manifest(summaries, sorted(files), complete=True)
        if changed or stale or not _same(self.folder / MANIFEST, manifest):
            self._change(changed, stale, files, manifest)
        foreign = {path.name for path in self.folder.iterdir() if _OURS.fullmatch(path.name)} - files.keys()
        unchanged = tuple(sorted(files.keys() - changed.keys()))
        return Written(tuple(sorted(changed)), unchanged, tuple(stale), tuple(sorted(foreign)))

    def _change(self, changed: dict[str, bytes], stale: list[str], files: dict[str, bytes], manifest: bytes) -> None:
        staged = [
            (_aside(self.folder / name, content), self.folder / name) for name, content in sorted(changed.items())
        ]
        last = _aside(self.folder / MANIFEST, manifest)
        if changed or stale:
            known = sorted(self.before | files.keys())
            _aside(self.folder / "interim", self._manifest([], known, complete=False)).replace(self.folder / MANIFEST)
        for name in stale:
            (self.folder / name).unlink()
        for ready, place in staged:
            ready.replace(place)
        last.replace(self.folder / MANIFEST)

    def _manifest(self, messages: list[dict[str, object]], files: list[str], *, complete: bool) -> bytes:
        """`files` are those that relance wrote and may remove; an interrupted build leaves `complete` false."""
        content = {"date": self.on.isoformat(), "complete": complete, "messages": messages, "files": files}
        return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def _listed(manifest: Path) -> set[str]:
    """The files that an earlier build wrote, as its manifest says; names that cannot be ours are not believed."""
    try:
        content = json.loads(manifest.read_bytes())
    except (FileNotFoundError, ValueError):
        return set()  # lost or not ours any more: the files stay, and are reported as foreign
    names = content.get("files") if isinstance(content, dict) else None
    if not isinstance(names, list):
        return set()
    return {name for name in names if isinstance(name, str) and _OURS.fullmatch(name)}


def _same(path: Path, content: bytes) -> bool:
    try:
        return not path.is_symlink() and path.stat().st_size == len(content) and path.read_bytes() == content
    except FileNotFoundError:
        return False


def _aside(place: Path, content: bytes) -> Path:
    path = place.with_name(f".relance-{place.name}.part")
    path.write_bytes(content)
    return path


def _sweep(folder: Path) -> None:
    """What an interrupted build had written aside."""
    for path in folder.iterdir():
        if _ASIDE.fullmatch(path.name):
            path.unlink()
