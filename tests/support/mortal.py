"""`relance` in a process of its own that is killed at a chosen step: what `kill -9`, a full runner or a power cut leave behind.

    with mortal() as relance:
        end = relance.run("send", "--folder", str(folder), dies=Death("answer", 2))

One process reads all modules once and forks for each run, so that a run costs no more than what it does. The child reports
each step that it reaches just before taking it, and sends itself SIGKILL at the one it is to die at: nothing is caught, no
file is closed. With `power` the machine goes with it, and what the journal had not brought to the disk is lost.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from generator.domain.delivery import SendIntended

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from generator.domain.memory import Event
    from generator.journal import JournalRun

ROOT = Path(__file__).resolve().parent.parent.parent

#: What a run does with the mail server, as `Post.on_step` names it; each is told just before it is done.
PROTOCOL = ("connect", "mail", "rcpt", "data", "dot", "answer", "quit")
#: What it does with the journal. `unsynced`: written, and not yet on the disk; `torn`: half of it is written.
JOURNAL = (
    *(f"{what}: {when}" for what in ("intent", "result") for when in ("before", "torn", "unsynced", "after")),
    *(f"{what}: {when}" for what in ("kept", "decided") for when in ("before", "unsynced", "after")),
)
#: What it does with the repository, when it pushes.
REPOSITORY = tuple(f"{what}: {when}" for what in ("commit", "push") for when in ("before", "after"))
STEPS = (*PROTOCOL, *JOURNAL, *REPOSITORY)


@dataclass(frozen=True)
class Death:
    """The end of a run: at the `nth` time that it is about to take this step. `power`: the machine stops with it.

    With `until` it does not end there, it stands still until there is a file of that name.
    """

    step: str
    nth: int = 1
    power: bool = False
    until: str = ""


@dataclass(frozen=True)
class End:
    """How a run ended. `status` is minus the signal when it was killed; `steps` are those that it reached, in their order."""

    status: int
    said: str
    complained: str
    steps: tuple[str, ...]

    @property
    def killed(self) -> bool:
        return self.status == -signal.SIGKILL


class Mortal:
    """The process that forks."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, *arguments: str, now: datetime, dies: Death | None = None, largest: int = 0) -> End:
        """Runs `relance …` to its end, whichever comes first. No file may grow over `largest` bytes, when that is given."""
        return self._end(arguments, now, dies=asdict(dies) if dies else None, largest=largest, forks=True)

    def learn(self, *arguments: str, now: datetime) -> End:
        """Runs `relance …` in the process that forks, so that whatever it reads for the first time is known to all later runs."""
        return self._end(arguments, now, forks=False)

    def _end(self, arguments: Sequence[str], now: datetime, **how: object) -> End:
        order = {"arguments": arguments, "now": now.isoformat(), **how}
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        found = json.loads(self._process.stdout.readline())
        return End(found["status"], found["said"], found["complained"], tuple(found["steps"]))


@contextmanager
def mortal(module: str = "tests.support.mortal", **environment: str) -> Iterator[Mortal]:
    """Such a process, while the block lasts. Its git has no settings but its own, and its SMTP_PASSWORD is not ours.

    `module` is what it runs: this one, or another one that calls its `main`; `environment` is what it knows besides.
    """
    known = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "SMTP_"))}
    with tempfile.TemporaryDirectory() as home:
        known |= {"HOME": home, "XDG_CONFIG_HOME": home, "GIT_CONFIG_NOSYSTEM": "1", **environment}
        command = [sys.executable, "-m", module]
        with subprocess.Popen(  # noqa: S603 - our own words
            command, cwd=ROOT, env=known, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            yield Mortal(process)
            assert process.stdin
            process.stdin.close()


# In the process that forks


def main(verbs: Sequence[str] = ("build", "send", "sent", "resend"), watch: type[Watch] | None = None) -> None:
    """Does what it is told on its standard input, one run for each line; `watch` looks at each."""
    for name in verbs:
        import_module(f"generator.commands.{name}")
    for line in sys.stdin:
        order = json.loads(line)
        answer = _fork(order, watch or Watch) if order["forks"] else _stay(order)
        print(json.dumps(answer), flush=True)  # noqa: T201 - the answer


def _stay(order: dict[str, Any]) -> dict[str, Any]:
    from generator.cli import main as relance  # noqa: PLC0415 - read already

    with redirect_stdout(StringIO()) as said, redirect_stderr(StringIO()) as wrong:
        status = relance(order["arguments"], now=datetime.fromisoformat(order["now"]))
    return {"status": status, "said": said.getvalue(), "complained": wrong.getvalue(), "steps": []}


def _fork(order: dict[str, Any], watch: type[Watch]) -> dict[str, Any]:
    gc.freeze()  # what is known already is shared with the child, and not copied to be looked through
    reading, writing = os.pipe()
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as said,
        tempfile.TemporaryFile("w+", encoding="utf-8") as wrong,
    ):
        child = os.fork()
        if child == 0:
            os.close(reading)
            os._exit(_live(order, writing, said, wrong, watch))
        os.close(writing)
        with os.fdopen(reading, encoding="ascii") as pipe:
            steps = pipe.read().splitlines()
        _, status = os.waitpid(child, 0)
        words = []
        for file in (said, wrong):
            file.seek(0)
            words.append(file.read())
    return {"status": os.waitstatus_to_exitcode(status), "said": words[0], "complained": words[1], "steps": steps}


# In the child


def _live(order: dict[str, Any], pipe: int, said: TextIO, wrong: TextIO, watch: type[Watch]) -> int:
    from generator.cli import main as relance  # noqa: PLC0415 - read already

    os.dup2(said.fileno(), 1)
    os.dup2(wrong.fileno(), 2)
    os.set_inheritable(pipe, False)  # noqa: FBT003 - git outlives us, and would keep it open
    if order["largest"]:
        import resource  # noqa: PLC0415 - not on every system

        resource.setrlimit(resource.RLIMIT_FSIZE, (order["largest"], order["largest"]))
    watch(pipe, Death(**order["dies"]) if order["dies"] else None).begin()
    try:
        status = relance(order["arguments"], now=datetime.fromisoformat(order["now"]))
    except SystemExit as wrong_usage:
        status = int(str(wrong_usage.code or 0))
    sys.stdout.flush()
    sys.stderr.flush()
    return status


class Watch:
    """Looks over the shoulder of a run, and ends it."""

    def __init__(self, pipe: int, dies: Death | None) -> None:
        self.pipe = pipe
        self.dies = dies
        self.reached: Counter[str] = Counter()
        self.writing = ""  #: what of the journal is being written
        self.synced: dict[int, int] = {}  #: how much of each file is on the disk, by inode
        self.journal: Path | None = None
        self.older: set[int] = set()  #: files of earlier runs, which the disk has had time for

    def begin(self) -> None:
        """Takes the places of what the run calls."""
        from generator import disk, journal  # noqa: PLC0415 - read already
        from generator.commands import send  # noqa: PLC0415
        from generator.delivery import smtp  # noqa: PLC0415
        from generator.delivery.git import Git  # noqa: PLC0415

        setattr(smtp, "_PATIENCE", 0.5)  # noqa: B010 - a server that stalls costs half of its time
        setattr(send, "Post", partial(smtp.Post, on_step=self.step))  # noqa: B010
        journal.JournalRun.write = self._over_write(journal.JournalRun.write)  # type: ignore[method-assign]
        setattr(journal, "write_whole", self._over_write_whole(disk.write_whole))  # noqa: B010
        Git.__call__ = self._over_git(Git.__call__)  # type: ignore[method-assign]
        os.fsync = self._over_fsync(os.fsync)  # type: ignore[assignment]

    def step(self, name: str) -> None:
        """Just before a step: told, and perhaps never taken."""
        if self.reaches(name):
            self._die()

    def reaches(self, name: str) -> bool:
        """Whether this step, which is told, is the one that is never taken."""
        os.write(self.pipe, f"{name}\n".encode())
        self.reached[name] += 1
        return self._is_now(name)

    def _is_now(self, name: str) -> bool:
        return self.dies is not None and (self.dies.step, self.dies.nth) == (name, self.reached[name])

    def _die(self) -> None:
        if self.dies is not None and self.dies.until:
            self._stand_still(Path(self.dies.until))
            return
        if self.dies is not None and self.dies.power and self.journal is not None:
            self._lose_power(self.journal)
        os.kill(os.getpid(), signal.SIGKILL)

    def _stand_still(self, until: Path) -> None:
        """Whoever waits for it is told by another file beside that one."""
        until.with_suffix(".reached").touch()
        while not until.exists():
            time.sleep(0.002)

    def _lose_power(self, journal: Path) -> None:
        """Of what this run wrote, only what was synced is left."""
        for path in [path for path in journal.rglob("*") if path.is_file()]:
            known = path.stat()
            if known.st_ino in self.older:
                continue
            if known.st_ino in self.synced:
                os.truncate(path, self.synced[known.st_ino])
            else:
                path.unlink()

    def _opened(self, path: Path) -> None:
        """The journal that is written to, found by the first of its files."""
        if self.journal is None:
            self.journal = next(folder for folder in path.parents if folder.name == "journal")
            self.older = {file.stat().st_ino for file in self.journal.rglob("*") if file.is_file()}

    @contextmanager
    def _as(self, what: str) -> Iterator[None]:
        self.step(f"{what}: before")
        self.writing = what
        yield
        self.writing = ""
        self.step(f"{what}: after")

    def _over_write(self, write: Callable[[JournalRun, Sequence[Event]], None]) -> Callable[..., None]:
        def watched(run: JournalRun, events: Sequence[Event]) -> None:
            self._opened(run.path)
            what = "intent" if any(isinstance(event, SendIntended) for event in events) else "result"
            with self._as(what):
                if self.reaches(f"{what}: torn"):
                    self._tear(run, events)
                write(run, events)

        return watched

    def _tear(self, run: JournalRun, events: Sequence[Event]) -> None:
        """Half of the lines reach the disk, cut wherever it falls: in the middle of a letter, perhaps."""
        from generator.journal_records import line_of  # noqa: PLC0415

        lines = "".join(map(line_of, events)).encode()
        odd = next((at for at, byte in enumerate(lines) if byte > 127), len(lines) // 2)
        cut = odd + 1 if self.dies is not None and self.dies.nth % 2 else len(lines) // 2
        run.path.parent.mkdir(parents=True, exist_ok=True)
        if run._file is not None:
            run._file.flush()
        with run.path.open("ab") as file:
            file.write(lines[:cut])
            file.flush()
            os.fsync(file.fileno())
        self._die()

    def _over_write_whole(self, write_whole: Callable[[Path, bytes], None]) -> Callable[[Path, bytes], None]:
        def watched(path: Path, content: bytes) -> None:
            self._opened(path)
            with self._as("decided" if path.suffix == ".jsonl" else "kept"):
                write_whole(path, content)

        return watched

    def _over_git(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(git: Any, *words: str, **more: Any) -> Any:
            known = words[0] in {"commit", "push"}
            if known:
                self.step(f"{words[0]}: before")
            answer = call(git, *words, **more)
            if known:
                self.step(f"{words[0]}: after")
            return answer

        return watched

    def _over_fsync(self, fsync: Callable[[int], None]) -> Callable[[int], None]:
        def watched(handle: int) -> None:
            if self.writing:
                self.step(f"{self.writing}: unsynced")
            fsync(handle)
            known = os.fstat(handle)
            self.synced[known.st_ino] = known.st_size

        return watched


if __name__ == "__main__":
    main()
