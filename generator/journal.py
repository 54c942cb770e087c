"""The journal: what relance did and offered, append-only, one file a run.

`journal/2026-11/20261122T060312Z-7f3a.jsonl`: JSON Lines, one event a line. The file of a run that decides once is there
whole or not at all; that of a run that sends grows by a line before and after each thing it does. No file ever changes
after its run: two runs cannot conflict in git. The order in which files are read means nothing (see `generator.domain.memory`).
"""

from __future__ import annotations

import os
import re
import secrets
from codecs import getincrementaldecoder
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import blake2b
from typing import TYPE_CHECKING

from generator.disk import make_folder, sync_folder, write_whole
from generator.domain.ledger import SourceRef
from generator.domain.memory import Event, Memory
from generator.errors import OutsideError
from generator.journal_records import NewerError, event_of, line_of
from generator.problems.run import JOURNAL_NEWER, JOURNAL_TORN, JOURNAL_UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from io import FileIO
    from pathlib import Path

    from generator.domain.ledger import Problem

_DIGEST = re.compile(r"[0-9a-f]{32}")


def read_journal(folder: Path) -> tuple[Memory, list[Problem]]:
    """All events of a journal folder. A line that cannot be read is a problem, whatever stands in the others."""
    events: list[Event] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob("*/*.jsonl")):
        name = f"{folder.name}/{path.parent.name}/{path.name}"
        try:
            text = _text(path.read_bytes())
        except (OSError, UnicodeDecodeError) as error:
            problems.append(JOURNAL_UNREADABLE.at(SourceRef(name), type(error).__name__))
            continue
        lines = text.split("\n")
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                events.append(event_of(line))
            except NewerError:
                problems.append(JOURNAL_NEWER.at(SourceRef(name, number), line))
            except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError):
                torn = number == len(
                    lines
                )  # no line end: the machine stopped while it was written, and nothing followed
                problem = JOURNAL_TORN if torn else JOURNAL_UNREADABLE
                problems.append(problem.at(SourceRef(name, number), line))
    return Memory.of(events), problems


def _text(content: bytes) -> str:
    """The text of a file; a letter that is cut off at its end, with the line it is in, is left out."""
    return getincrementaldecoder("utf-8")().decode(content)


def append(folder: Path, events: Sequence[Event], now: datetime) -> Path | None:
    """Writes the events of one run as one new file and returns it; no file for no event.

    Raises OutsideError when the disk refuses; then nothing of it is there.
    """
    if not events:
        return None
    path = _place(folder, now)
    try:
        write_whole(path, "".join(map(line_of, events)).encode())
    except OSError as error:
        raise OutsideError(
            f"the journal cannot be written in {path.parent}: {error.strerror}. Nothing was built."
        ) from error
    return path


def _place(folder: Path, now: datetime) -> Path:
    moment = now.astimezone(UTC)
    return folder / f"{moment:%Y-%m}" / f"{moment:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}.jsonl"


class JournalRun:
    """The journal of one run that must remember each thing before it does the next: its file grows line by line.

    What `write` returned from is on the disk, whatever happens next. The first refusal of the disk is final: what was
    refused is taken out again as far as it goes, and nothing more is written, so that no line ever follows a broken one.
    """

    def __init__(self, folder: Path, now: datetime) -> None:
        """No file is made before the first event."""
        self.path = _place(folder, now)
        self._file: FileIO | None = None
        self._safe = 0  #: so many bytes are on the disk
        self.broken = False

    def write(self, events: Sequence[Event]) -> None:
        """Appends the events, safe on disk when this returns. Raises OutsideError when they are not; then stop."""
        if self.broken:
            raise OutsideError(f"{self.path} could not be written before: nothing more is done.")
        data = "".join(map(line_of, events)).encode()
        try:
            self._file = self._file or self._open()
            left = memoryview(data)
            while left:
                left = left[self._file.write(left) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            self.broken = True
            self._take_back()
            raise OutsideError(f"the journal cannot be written: {error.strerror} ({self.path}).") from error

        self._safe += len(data)

    def _take_back(self) -> None:
        if self._file is not None:
            with suppress(OSError):  # else half a line is left, which is passed over, or one too many, which asks
                os.ftruncate(self._file.fileno(), self._safe)

    def _open(self) -> FileIO:
        make_folder(self.path.parent)
        file = self.path.open("xb", buffering=0)  # nothing is held back that could still be written when it is closed
        sync_folder(self.path.parent)
        return file

    def keep(self, content: bytes, suffix: str) -> str:
        """Keeps the bytes of a message beside the journal, and returns their digest. Raises OutsideError."""
        digest = blake2b(content, digest_size=16).hexdigest()
        path = kept_message(self.path.parent, digest, suffix)
        try:
            if not path.exists():
                write_whole(path, content)
        except OSError as error:
            self.broken = True
            raise OutsideError(f"the message cannot be kept: {error.strerror} ({path}).") from error
        return digest

    def close(self) -> None:
        """Closes the file; every line is on the disk already."""
        if self._file is not None:
            self._file.close()
            self._file = None


def read_kept(folder: Path, digest: str) -> tuple[str, bytes] | None:
    """The bytes of a message that was kept, and the ending of its file; None when they are not there, or not what they were."""
    if not _DIGEST.fullmatch(digest):
        return None
    for path in sorted(folder.glob(f"*/messages/{digest}.*")):
        try:
            content = path.read_bytes()
        except OSError:
            continue
        if blake2b(content, digest_size=16).hexdigest() == digest:
            return path.suffix, content
    return None


def kept_message(month: Path, digest: str, suffix: str) -> Path:
    """Where the bytes of a message that left are kept: in a folder of the journal's month, by their digest."""
    return month / "messages" / f"{digest}{suffix}"
