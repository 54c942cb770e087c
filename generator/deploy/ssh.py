"""ssh and rsync as commands: they never wait for a question, know nothing of our secrets, and what went wrong is said plainly."""

from __future__ import annotations

import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from generator.errors import OutsideError
from generator.processes import run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.processes import Ended

TIMEOUT = 1800.0
_SCRIPT = Path(__file__).with_name("remote.sh")
_KNOWN = re.compile(r"PATH|HOME|USER|LOGNAME|TMPDIR|TEMP|TMP|SSH_AUTH_SOCK|SSH_AGENT_PID|SYSTEMROOT|USERPROFILE")
_UNREACHED = 255  #: ssh itself failed, and not what it was to run
_SHELL = "shell"
_LAST_WORDS = 300
_NOT_THERE = r"no such file or directory"
#: What ssh and rsync say, and what that means for the owner; the first that fits.
_MEANINGS = (
    (
        r"identification has changed",
        "its host key is another one than before: somebody may stand in between. Ask who runs it, before anything else",
    ),
    (
        r"host key verification failed|no .* host key is known",
        "its host key is not known here: add it to known_hosts (ssh-keyscan shows it), after comparing it with what your host says",
    ),
    (
        r"permission denied \(|too many authentication",
        "it does not let us in: give it the public key of the key that ssh uses here",
    ),
    (r"could not resolve hostname|name or service not known", "there is no machine of this name"),
    (
        r"connection (?:refused|timed out|reset|closed)|no route to host|network is unreachable|operation timed out",
        "it does not answer",
    ),
    (r"rsync: (?:command )?not found|rsync: no such file|remote command not found", "rsync is not installed there"),
    (r"no space left|quota exceeded", "the disk there is full"),
    (
        r"permission denied|read-only file system|operation not permitted",
        "the folder around the site may not be written there",
    ),
    (_NOT_THERE, "the folder around the site is not there: make it once"),
)


class NotThereError(OutsideError):
    """A folder of the other machine is not there."""


@dataclass(frozen=True, slots=True)
class Ssh:
    """Another machine, as `[deploy]` names it."""

    host: str
    port: int
    environ: Mapping[str, str]
    timeout: float = TIMEOUT

    def script(self, what: str, path: str, number: int = 0, before: str = "") -> dict[str, list[str]] | None:
        """Runs our script there; what it says, by the first word of each line. None where no shell of ours may run.

        `before` stands before the script. Raises OutsideError when the machine is not reached, or the script fails.
        """
        words = ["ssh", *self._options(), "--", self.host, f"sh -s -- {what} {shlex.quote(path)} {number}"]
        ended = self._run(words, (before + _SCRIPT.read_text(encoding="utf-8")).encode())
        said: dict[str, list[str]] = {}
        for line in ended.out.decode("utf-8", "replace").splitlines():
            if line.startswith("relance:"):
                word, _, rest = line.removeprefix("relance:").partition(" ")
                said.setdefault(word, []).append(rest)
        if ended.status != _UNREACHED and _SHELL not in said:
            return None
        if ended.status:
            raise self._failed(ended)
        return said

    def rsync(self, *words: str) -> list[str]:
        """Runs rsync with the machine on one side; the lines that it prints. Raises OutsideError when it fails."""
        shell = shlex.join(["ssh", *self._options()])
        ended = self._run(["rsync", "-e", shell, *words])
        if ended.status:
            raise self._failed(ended)
        return ended.out.decode("utf-8", "replace").splitlines()

    def at(self, path: str) -> str:
        """A folder there, as rsync is told it."""
        return f"{self.host}:{path}/"

    def _options(self) -> list[str]:
        return ["-o", "BatchMode=yes", "-o", "ConnectTimeout=15", "-p", str(self.port)]

    def _run(self, words: Sequence[str], given: bytes = b"") -> Ended:
        known = {name: value for name, value in self.environ.items() if _KNOWN.fullmatch(name.upper())}
        try:
            return run(words, known | {"LC_ALL": "C"}, timeout=self.timeout, given=given)
        except FileNotFoundError as error:
            raise OutsideError(
                f"{words[0]} is not on this machine, or not where programs are looked for (PATH): install it"
            ) from error
        except OSError as error:
            raise OutsideError(f"{words[0]} cannot be started: {error.strerror}") from error
        except subprocess.TimeoutExpired as error:
            raise OutsideError(
                f"{words[0]} to {self.host} did not end within {self.timeout:g} seconds, and was stopped"
            ) from error

    def _failed(self, ended: Ended) -> OutsideError:
        lines = [line.strip() for line in ended.said.decode("utf-8", "replace").splitlines() if line.strip()]
        said = " ".join(lines).lower()
        sign, meaning = next((known for known in _MEANINGS if re.search(known[0], said)), ("", ""))
        last = re.sub(r"\bp/[A-Za-z0-9_-]{16,64}", "p/…", " / ".join(dict.fromkeys(lines[-3:])))[:_LAST_WORDS]
        words = f"{meaning} ({last})" if meaning and last else meaning or last or f"it ended with status {ended.status}"
        kind = NotThereError if sign == _NOT_THERE else OutsideError
        return kind(f"{self.host}: {words}. The site that was there stays")
