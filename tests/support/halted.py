"""`relance publish` in a process that ends, or stands still, at any step: of a phase, Stripe, git, a mail server, or a file.

    with mortal("tests.support.halted") as relance:
        end = relance.run("publish", "--folder", str(folder), now=noon, dies=Death(ANY, 120))

Every file that is opened to be written, moved, linked or deleted is a step of its own: Python tells them (`sys.addaudithook`).
`phase | kind: what` is what a step is called.
"""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.commands.publish_outcome import Phase
from tests.support import mortal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from generator.commands.publish import Work
    from generator.commands.publish_outcome import PhaseOutcome
    from generator.commands.publish_run import Publishing

ANY = "*"  #: for the name of a step: the `nth` step of the run, whatever it is
#: Those of git that write, and may be cut off in the middle of it.
CUT = ("fetch", "add", "commit", "push")
PLACE = "TEST_PLACE"  #: names the folder in the environment below which files count
VERBS = ("publish", "send", "sent", "resend", "build")
_FILES = {
    "os.rename": "move",
    "os.remove": "delete",
    "os.mkdir": "make folder",
    "os.rmdir": "delete folder",
    "os.link": "link",
    "os.symlink": "link",
}
_FOLDERS = {"journal", "ledger", "output", "outbox", "report", "builds", "lists", "new", ".web.relance", ".output.new"}
_ENDINGS = {".html", ".css", ".json", ".jsonl", ".tmp", ".new", ".part", ".csv", ".eml"}
_WRITING = os.O_WRONLY | os.O_RDWR


def boundary(phase: Phase) -> str:
    """The step just before a phase begins."""
    return f"{phase} | begins"


class PublishWatch(mortal.Watch):
    """Looks over the shoulder of a publish."""

    def __init__(self, pipe: int, dies: mortal.Death | None) -> None:
        super().__init__(pipe, dies)
        self.phase = "start"
        self.count = 0
        self.place = os.environ[PLACE]

    def begin(self) -> None:
        """Takes the places of what the run calls."""
        import stripe  # noqa: PLC0415 - read already

        from generator import link_sync  # noqa: PLC0415
        from generator.commands import check, publish  # noqa: PLC0415
        from generator.deploy import shelf  # noqa: PLC0415

        super().begin()
        setattr(link_sync, "AT_ONCE", 1)  # noqa: B010 - the same steps each time
        setattr(check, "template_problems", lambda *_: [])  # noqa: B010 - the same for all runs, and slow
        setattr(ssl, "create_default_context", _trust)  # noqa: B010 - no page has a certificate here
        for phase, work in list(publish.WORK.items()):
            publish.WORK[phase] = self._over_phase(phase, work)  # type: ignore[index] # a dict as it is
        client = stripe.RequestsClient
        client.request = self._over("stripe", client.request, lambda _, method, url, *__: f"{method} {_place(url)}")  # type: ignore[method-assign]
        setattr(shelf, "exchange", self._over("file", shelf.exchange, lambda *_: "change places"))  # noqa: B010
        sys.addaudithook(self._heard)

    def reaches(self, name: str) -> bool:
        """Whether this step, which is told with its phase, is the one that is never taken."""
        self.count += 1
        return super().reaches(name if " | " in name else f"{self.phase} | {name}")

    def _is_now(self, name: str) -> bool:
        if self.dies is not None and self.dies.step == ANY:
            return self.count == self.dies.nth
        return super()._is_now(name)

    def _over_phase(self, phase: Phase, work: Work) -> Work:
        def watched(run: Publishing) -> PhaseOutcome:
            self.step(boundary(phase))
            self.phase = phase.value
            return work(run)

        return watched

    def _over(self, kind: str, call: Callable[..., Any], what: Callable[..., str]) -> Callable[..., Any]:
        def watched(*given: Any, **more: Any) -> Any:
            self.step(f"{kind}: {what(*given)}: before")
            answer = call(*given, **more)
            self.step(f"{kind}: {what(*given)}: after")
            return answer

        return watched

    def _over_git(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(git: Any, *words: str, **more: Any) -> Any:
            name = f"git: {words[0]}"
            self.step(f"{name}: before")
            if words[0] in CUT:
                self._cut(name)
            answer = call(git, *words, **more)
            self.step(f"{name}: after")
            return answer

        return watched

    def _cut(self, name: str) -> None:
        """git is in the middle of it when the machine goes: it ends a moment after it began, and we with it."""
        from generator import processes  # noqa: PLC0415 - read already

        if self.reaches(f"{name}: within"):
            if self.dies is not None and self.dies.until:  # it stands still: git goes on as soon as it does
                self._die()
                return
            turn = self.count

            def cut_off(*given: Any, **more: Any) -> None:
                git = subprocess.Popen(*given, **more)  # noqa: S603 - the command of the run itself
                time.sleep(0.001 * (1 + turn % 12))
                git.kill()
                git.wait()
                self._die()

            setattr(processes, "subprocess", _With(subprocess, Popen=cut_off))  # noqa: B010

    def _heard(self, event: str, given: Sequence[Any]) -> None:
        """What Python is about to do."""
        if event == "open":
            if isinstance(given[2], int) and given[2] & _WRITING and self._is_ours(given[0]):
                self.step(f"file: write {_kind(given[0])}")
        elif event in _FILES and self._is_ours(given[0]):
            self.step(f"file: {_FILES[event]} {_kind(given[0])}")
        elif event in _FILES and given[-1] != -1:  # in a folder that is held open: one of many that go
            self.step(f"file: {_FILES[event]}")
        elif event == "socket.connect" and self.phase == Phase.VERIFY:
            self.step("web: connect")

    def _is_ours(self, path: object) -> bool:
        """Whether it is in the owner's folder, or beside it."""
        return isinstance(path, str | Path) and str(path).startswith(self.place)


class _With:
    """A module with something else in it."""

    def __init__(self, module: object, **other: object) -> None:
        self._module = module
        self.__dict__ |= other

    def __getattr__(self, name: str) -> object:
        return getattr(self._module, name)


def _place(url: str) -> str:
    """`/v1/payment_links`: what is asked at Stripe, whatever its id."""
    return "/".join(url.partition("?")[0].split("/")[3:5])


def _kind(path: object) -> str:
    """Which file it is, as far as that is the same each time."""
    name = Path(str(path))
    return (
        next((part for part in reversed(name.parts[:-1]) if part in _FOLDERS), "folder")
        + f"/*{name.suffix if name.suffix in _ENDINGS else ''}"
    )


@cache
def _trust() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def main() -> None:
    """As `mortal` does."""

    mortal.main(VERBS, PublishWatch)


if __name__ == "__main__":
    main()
