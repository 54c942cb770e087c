"""Files written so that they are there whole or not at all, also after the machine stops."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file aside, syncs it and puts it into place. Raises OSError; then nothing of it is there, and an earlier one stays."""
    aside = path.with_suffix(".tmp")
    try:
        make_folder(path.parent)
        with aside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
        sync_folder(path.parent)
    except OSError:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise


def make_folder(folder: Path) -> None:
    """The folder, with its own entry safe where it stands. Raises OSError."""
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Makes a rename itself last; some systems cannot sync a folder, and then the file alone is safe."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
