"""`relance` as a command on somebody's path that costs no more than what it does: read once, and forked for each call.

    with ready(folder, now) as relance:
        relance.put_into(bin_)  # bin_/relance, to be called by any shell

The words, the folder, the environment and the three channels are those of the caller; the clock is `RELANCE_NOW` of their
environment. It is the same program, in a process of its own. What never differs is done once, for a first folder: templates are
compiled and tried, and the certificates of the machine are not read, since no page of the tests has one. With RELANCE_SOAK each call
is an interpreter of its own, and does all of it.
"""

from __future__ import annotations

import gc
import json
import os
import re
import select
import socket
import ssl
import subprocess
import sys
import tempfile
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.effort import SOAK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.domain.decide import Decision
    from generator.domain.ledger import Problem
    from generator.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
VERBS = ("publish", "approvals", "build", "check")
_LENGTH = 8
_CALLER = """#!{python} -SEs
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as line:
    line.connect({door!r})
    order = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
    socket.send_fds(line, [len(order).to_bytes({length}, "big")], [0, 1, 2])
    line.sendall(order)
    answer = line.recv(1)
sys.exit(answer[0] if answer else 134)
"""
_ALONE = """#!{python}
import os, sys
from datetime import datetime
sys.path.insert(0, {root!r})
from generator.cli import main
sys.exit(main(sys.argv[1:], now=datetime.fromisoformat(os.environ["RELANCE_NOW"])))
"""


@dataclass(frozen=True, slots=True)
class Ready:
    """The process that waits to be called."""

    door: Path

    def put_into(self, folder: Path) -> None:
        """A file called `relance` there."""
        text = _ALONE if SOAK else _CALLER
        file = folder / "relance"
        file.write_text(
            text.format(python=sys.executable, door=str(self.door), length=_LENGTH, root=str(ROOT)), encoding="utf-8"
        )
        file.chmod(0o755)


@contextmanager
def ready(folder: Path, now: datetime) -> Iterator[Ready]:
    """Such a process, while the block lasts, which has checked and built a first folder."""
    with tempfile.TemporaryDirectory(prefix="relance-") as scratch:  # a path that is short enough for a socket
        door = Path(scratch) / "door"
        command = [sys.executable, "-m", "tests.support.ready", str(door), str(folder), now.isoformat()]
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own words
            assert process.stdin
            assert process.stdout
            assert process.stdout.readline(), "it did not start"
            yield Ready(door)
            process.stdin.close()


# In the process that forks


def main(door: str, folder: str, now: str) -> None:
    """Answers every call until whoever started it is gone."""
    import generator.stripe_links  # noqa: F401, PLC0415 - what each call would read anew
    from generator.cli import main as relance  # noqa: PLC0415

    for verb in VERBS:
        import_module(f"generator.commands.{verb}")
    _remember()
    with redirect_stdout(StringIO()):
        for verb, *options in (
            ["check"],
            ["build"],
            ["approvals"],
            ["publish", "--dry-run", "--summary", f"{door}.md"],
        ):
            assert relance([verb, "--folder", folder, *options], now=datetime.fromisoformat(now)) == 0, verb
    with socket.socket(socket.AF_UNIX) as waiting:
        waiting.bind(door)
        waiting.listen()
        gc.freeze()  # what is known already is shared with each call, and not copied to be looked through
        print("ready", flush=True)  # noqa: T201 - the answer
        while waiting in select.select([waiting, sys.stdin], [], [])[0]:
            line, _ = waiting.accept()
            with suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass  # how a call ended is known to its caller
            with line:
                if os.fork() == 0:
                    waiting.close()
                    line.sendall(bytes([_call(line)]))
                    os._exit(0)


def _remember() -> None:
    """What was tried once with a policy is known, and certificates are those of nobody."""
    import generator.deploy  # noqa: F401, PLC0415
    from generator.commands import check  # noqa: PLC0415
    from generator.commands.build import template_problems as trial  # noqa: PLC0415

    tried: dict[str, list[Problem]] = {}

    def once(workspace: Workspace, decision: Decision) -> list[Problem]:
        policy = re.sub(
            r"\d{4,5}|(?:path|wait_seconds) = .*", "", (workspace.folder / "portal.toml").read_text(encoding="utf-8")
        )
        policy = "\n".join(filter(None, policy.splitlines()))
        if policy not in tried:
            tried[policy] = trial(workspace, decision)
        return tried[policy]

    setattr(check, "template_problems", once)  # noqa: B010 - as a test takes a name's place
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    setattr(ssl, "create_default_context", lambda: trust)  # noqa: B010


def _call(line: socket.socket) -> int:
    from generator.cli import main as relance  # noqa: PLC0415 - read already

    length, channels, *_ = socket.recv_fds(line, _LENGTH, 3)
    with line.makefile("rb") as file:
        words, folder, environ = json.loads(file.read(int.from_bytes(length, "big")))
    for number, channel in enumerate(channels):
        os.dup2(channel, number)
        os.close(channel)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    try:
        status = relance(words, now=datetime.fromisoformat(environ["RELANCE_NOW"]))
    except SystemExit as wrong_usage:
        status = int(str(wrong_usage.code or 0))
    sys.stdout.flush()
    sys.stderr.flush()
    return status % 256


if __name__ == "__main__":
    main(*sys.argv[1:])
