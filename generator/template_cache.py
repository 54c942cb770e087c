"""Compiled templates, kept from one build to the next: compiling them takes longer than the pages of a hundred clients.

A template is compiled again when its text changes (Jinja sees to that), and all are when this program or a library does.
Jinja works out at once what never changes, so that a filter of one language may be in the code: each has its own cache.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from hashlib import blake2b
from typing import TYPE_CHECKING

from jinja2 import BytecodeCache

from generator.fingerprint import stamp_of

if TYPE_CHECKING:
    from pathlib import Path

    from jinja2.bccache import Bucket


class TemplateCache(BytecodeCache):
    """The compiled templates of one language, in a folder that only the owner can read or write.

    It can only save time: what cannot be read is compiled, what cannot be written is not kept.
    """

    def __init__(self, folder: Path, language: str) -> None:
        """`folder` holds nothing else: what an earlier version of this program left there is removed."""
        self._language = language
        self._folder = folder / stamp_of("", [])
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for other in folder.iterdir():
                if other != self._folder:
                    shutil.rmtree(other, ignore_errors=True)

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """A template of the owner's has another file name than ours, which it replaces."""
        return blake2b("\0".join((self._language, name, filename or "")).encode(), digest_size=16).hexdigest()

    def load_bytecode(self, bucket: Bucket) -> None:
        """Jinja compares the text of the template and the versions of Python and of its own."""
        with suppress(OSError), (self._folder / bucket.key).open("rb") as file:
            bucket.load_bytecode(file)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Whole or not at all."""
        aside = self._folder / f"{bucket.key}.new"
        with suppress(OSError):
            with aside.open("wb") as file:
                bucket.write_bytecode(file)
            aside.replace(self._folder / bucket.key)
