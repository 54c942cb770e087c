"""git as a command: never waits for a question, tells no secret to a hook, and says in plain words what went wrong."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.errors import OutsideError
from generator.processes import run

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

TIMEOUT = 120.0
_LAST_WORDS = 300

#: What git and what it calls may know of our environment: where they are, who the owner is, how to reach the remote.
#: Not where another repository is (as in a hook), nor our keys and passwords.
_KNOWN = re.compile(
    r"""PATH|HOME|USER|LOGNAME|EMAIL|TMPDIR|TEMP|TMP|XDG_(?:CONFIG_HOME|RUNTIME_DIR)|SSH_(?:AUTH_SOCK|AGENT_PID)|GNUPGHOME
    |SYSTEMROOT|COMSPEC|PATHEXT|(?:LOCAL)?APPDATA|USERPROFILE|PROGRAMDATA
    |(?:HTTPS?|ALL|NO)_PROXY|SSL_CERT_(?:FILE|DIR)|CURL_CA_BUNDLE
    |GIT_(?:SSH(?:_COMMAND|_VARIANT)?|ASKPASS|SSL_CA(?:INFO|PATH)|EXEC_PATH|(?:AUTHOR|COMMITTER)_(?:NAME|EMAIL))
    |GIT_CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+)""",
    re.VERBOSE | re.IGNORECASE,
)
_SET = {
    "GIT_TERMINAL_PROMPT": "0",
    "GCM_INTERACTIVE": "never",
    "SSH_ASKPASS_REQUIRE": "never",
    "GIT_EDITOR": ":",
    "GIT_SEQUENCE_EDITOR": ":",
    "GIT_MERGE_AUTOEDIT": "no",
    "GIT_PAGER": "cat",
    "LC_ALL": "C.UTF-8",  # its words are read here, and file names are not all ASCII
}

#: What git leaves behind when the machine stops in the middle of a command, and never takes away itself.
_LOCK = re.compile(r"'([^'\n]+\.lock)': File exists")
_PASSWORD = re.compile(r"//[^/@\s]+@")
#: What git says, and what that means for the owner.
_MEANINGS = {
    "git does not touch the folder because it belongs to another user (see git's safe.directory)": r"dubious\ ownership",
    "the remote does not let us in: give git a key or a token that may push": r"""prompts\ disabled
        |could\ not\ read\ (?:username|password)|authentication\ failed|permission\ denied\ \(|access\ denied
        |host\ key\ verification\ failed|returned\ error:\ 40[13]|permission\ to\ .*\ denied""",
    "the remote cannot be reached": r"""could\ not\ resolve\ host|failed\ to\ connect|network\ is\ unreachable
        |connection\ (?:refused|timed\ out|reset|closed)|operation\ timed\ out|unable\ to\ access|repository\ .*not\ found
        |could\ not\ read\ from\ remote|does\ not\ appear\ to\ be\ a\ git\ repository""",
    "the commit could not be signed": r"failed\ to\ sign|signing\ failed|gpg\ failed|signingkey|load\ public\ key",
    "another git command is at work in the folder": r"another\ git\ process",
    "git cannot write to the disk": r"no\ space\ left|read-only\ file\ system|unable\ to\ write|insufficient\ permission",
    "the folder is in no git repository": r"not\ a\ git\ repository",
}


class GitNotFoundError(OutsideError):
    """There is no git on this machine, or not where programs are looked for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How a git command ended."""

    status: int
    out: str
    said: str

    @property
    def ok(self) -> bool:
        """Whether it did what it was asked to."""
        return self.status == 0

    @property
    def why(self) -> str:
        """What went wrong, for the owner: what it means, when that is known, and git's own last words."""
        if lock := _LOCK.search(self.said):
            return (
                "another git command is at work in the folder, or was cut off in the middle: when none is at work, "
                f"delete {lock[1]}"
            )
        words = _last_words(self.said)
        meaning = next(
            (meaning for meaning, said in _MEANINGS.items() if re.search(said, self.said, re.IGNORECASE | re.VERBOSE)),
            "",
        )
        return (
            f"{meaning} ({words})" if meaning and words else meaning or words or f"git ended with status {self.status}"
        )


@dataclass(frozen=True, slots=True)
class Git:
    """git in one folder."""

    folder: Path
    timeout: float = TIMEOUT

    def __call__(
        self, *words: str, settings: Mapping[str, str] | None = None, files: Iterable[str] | None = None
    ) -> Answer:
        """Runs one command; `settings` go before those of git's configuration, `files` are what it is about.

        Names of files mean themselves, whatever they hold.

        Raises OutsideError when there is no git, or when it does not end.
        """
        given = [part for name, value in (settings or {}).items() for part in ("-c", f"{name}={value}")]
        listed = "\0".join(files or ()).encode(errors="surrogateescape")
        named = ["--pathspec-from-file=-", "--pathspec-file-nul"] if files is not None else []
        try:
            ended = run(
                ["git", "--literal-pathspecs", *given, *words, *named],  # what others wrote stands after `--`
                _environment(),
                timeout=self.timeout,
                folder=self.folder,
                given=listed,
            )
        except FileNotFoundError as error:
            if not self.folder.is_dir():
                raise OutsideError(f"{self.folder} is not there any more") from error
            raise GitNotFoundError(
                "git is not on this machine, or not where programs are looked for (PATH): install it"
            ) from error
        except OSError as error:
            raise OutsideError(f"git cannot be started: {error.strerror}") from error
        except subprocess.TimeoutExpired as error:
            raise OutsideError(
                f"git {words[0]} did not end within {self.timeout:g} seconds, and was stopped"
            ) from error
        return Answer(ended.status, ended.out.decode("utf-8", "surrogateescape"), ended.said.decode("utf-8", "replace"))

    def one(self, *words: str) -> str:
        """The line that a command prints; empty when it fails."""
        answer = self(*words)
        return answer.out.strip() if answer.ok else ""


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if _KNOWN.fullmatch(name)} | _SET


def _last_words(said: str) -> str:
    """The lines that say why, without advice and progress, and without the password that an address may hold."""
    lines = [line.strip() for line in said.replace("\r", "\n").splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith(("hint:", "To ", "Everything up-to-date"))]
    words = " / ".join(dict.fromkeys(line.removeprefix("fatal: ").removeprefix("error: ") for line in telling[-4:]))
    words = _PASSWORD.sub("//", words)
    return words if len(words) <= _LAST_WORDS else f"{words[:_LAST_WORDS]}…"
