"""Compiled templates, kept from one build to the next: compiling them takes longer than the pages of a hundred clients.

A template is compiled again when its text changes, and all are when this program or a library does. What was compiled
once is also known to the rest of the same run: emails, letters and call sheets have parts in common.
Jinja works out at once what never changes, so that a filter of one language may be in the code: each has its own cache.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING

from jinja2 import BytecodeCache

from generator.fingerprint import stamp_of

if TYPE_CHECKING:
    from pathlib import Path
    from types import CodeType

    from jinja2 import Environment
    from jinja2.bccache import Bucket

_MOST = 500


@cache
def _known() -> dict[tuple[str, str], CodeType]:
    """What this run compiled or read, by the key and the text of each template; never very much of it."""
    return {}


class TemplateCache(BytecodeCache):
    """The compiled templates of one environment, in a folder that only the owner can read or write.

    It can only save time: what cannot be read is compiled, what cannot be written is not kept. Without a folder, it is
    for this run only.
    """

    def __init__(self, folder: Path | None, kind: str, room: str = "", *, at_once: bool = True) -> None:
        """`folder` holds nothing else: what an earlier version of this program left there is removed.

        `kind` says in what one environment differs from another: its language, what it escapes. Those of the same kind
        compile the same text alike; their `room` tells them apart when they read different texts under one name.
        What is not to be written `at_once` waits for `keep`.
        """
        self._kind = kind
        self._room = room
        self._folder = folder / stamp_of("", []) if folder else None
        self._at_once = at_once
        self._new: list[Bucket] = []

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """A template of the owner's has another file name than ours, which it replaces."""
        return blake2b("\0".join((self._kind, name, filename or "")).encode(), digest_size=16).hexdigest()

    def compiled(self, environment: Environment, source: str, name: str, filename: str, piece: str = "") -> CodeType:
        """The code of a file that no loader reads, or of a `piece` of it. Raises TemplateSyntaxError."""
        bucket = self.get_bucket(environment, f"{name}\0{piece}", filename, source)
        if bucket.code is None:
            bucket.code = environment.compile(source, name, filename)
            self.set_bucket(bucket)
        return bucket.code

    def load_bytecode(self, bucket: Bucket) -> None:
        """Jinja compares the text of the template and the versions of Python and of its own."""
        path = self._path(bucket)
        bucket.code = _known().get((bucket.key, bucket.checksum))
        if bucket.code is None and path:
            _read(path, bucket)
        elif path and not path.exists():
            self._write(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Whole or not at all."""
        _remember(bucket)
        self._write(bucket)

    def keep(self) -> None:
        """Writes what was not to be written at once."""
        for bucket in self._new:
            self._write_now(bucket)
        self._new.clear()

    def _path(self, bucket: Bucket) -> Path | None:
        return self._folder / f"{self._room}{bucket.key}" if self._folder else None

    def _write(self, bucket: Bucket) -> None:
        if self._at_once:
            self._write_now(bucket)
        else:
            self._new.append(bucket)

    def _write_now(self, bucket: Bucket) -> None:
        path = self._path(bucket)
        if path is None:
            return
        with suppress(OSError):
            _make_room(path.parent)
            aside = path.with_name(f"{path.name}.new")
            with aside.open("wb") as file:
                bucket.write_bytecode(file)
            aside.replace(path)


def _read(path: Path, bucket: Bucket) -> None:
    try:
        with path.open("rb") as file:
            bucket.load_bytecode(file)
    except Exception:  # noqa: BLE001 - not there, or not what we wrote: Jinja lets whatever comes of it through
        bucket.reset()
    _remember(bucket)


def _remember(bucket: Bucket) -> None:
    if bucket.code is not None:
        _known()[bucket.key, bucket.checksum] = bucket.code
    if len(_known()) > _MOST:
        _known.cache_clear()


def _make_room(folder: Path) -> None:
    """A folder for what this version of the program compiles, and none for any other."""
    if folder.is_dir():
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for other in folder.parent.iterdir():
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
