"""One run at a time in an owner's folder: a second one leaves with a clear word instead of writing beside the first."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from generator.errors import OutsideError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

if sys.platform != "win32":
    import fcntl


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Holds the folder for one run; the system lets it go when the process ends, however it ends.

    Raises OutsideError when another run holds it, or when the folder cannot be written.
    """
    if not (folder / "portal.toml").is_file():  # no owner's folder: whoever reads it says so, and leaves nothing in it
        yield
        return
    path = folder / "report" / ".lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise OutsideError(f"{path.parent} cannot be written: {error.strerror}. Nothing was changed.") from error
    try:
        _take(handle, folder)
        yield
    finally:
        os.close(handle)


def _take(handle: int, folder: Path) -> None:
    if sys.platform != "win32":  # Windows has no flock: there nothing but the owner's care keeps two runs apart
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise OutsideError(f"another run of relance is at work in {folder}; wait for it to end.") from error
