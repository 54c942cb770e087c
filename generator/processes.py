"""Other programs, run to their end: nobody can ask a question in them, and none outlives the run that started it."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_GRACE = 5.0


class Ended(NamedTuple):
    """How a program ended: its status, what it wrote, and what it said of itself."""

    status: int
    out: bytes
    said: bytes


def run(
    words: Sequence[str], environ: Mapping[str, str], *, timeout: float, folder: Path | None = None, given: bytes = b""
) -> Ended:
    """Runs one program, found by the PATH of `environ`, and hands it what is `given`.

    Raises OSError when it cannot be started, TimeoutExpired when it does not end; then it is ended, with all that it started.
    """
    process = subprocess.Popen(  # noqa: S603 - the caller's own words, and no shell
        words,
        cwd=folder,
        env=dict(environ),
        stdin=subprocess.PIPE,  # nobody can answer there
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # no terminal: what it calls cannot ask there either, and all of it can be ended
    )
    try:
        out, said = process.communicate(given, timeout=timeout)
    finally:
        _end(process)
    return Ended(process.returncode, out, said)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends what still runs, with all that it started: politely, so that it takes its locks away, then for good."""
    if process.poll() is None:
        for last, end in enumerate((signal.SIGTERM, signal.SIGKILL)):
            try:
                os.killpg(process.pid, end)
                process.wait(None if last else _GRACE)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue
            break
    for pipe in (process.stdin, process.stdout, process.stderr):
        with suppress(OSError):  # a pipe that nobody reads any more cannot be emptied
            if pipe:
                pipe.close()
    process.wait()
