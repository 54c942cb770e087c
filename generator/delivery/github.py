"""One issue of the owner's repository on GitHub, through their own `gh`: found, made, changed, closed.

`gh` is called with lists of words and a body on its input, never through a shell. Only an issue that this very account opened
under our label counts: nobody else's ticks are the owner's word.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.errors import OutsideError

if TYPE_CHECKING:
    from pathlib import Path

LABEL = "relance"
_TIMEOUT = 60.0
_LAST_WORDS = 300
_QUERY = """query($owner: String!, $name: String!, $label: String!) {
  repository(owner: $owner, name: $name) {
    issues(labels: [$label], states: OPEN, first: 100, orderBy: {field: CREATED_AT, direction: ASC}) {
      nodes { number title body url viewerDidAuthor }
    }
  }
}"""
#: What gh may know of our environment: never the keys of Stripe and the passwords of the mailboxes.
_KNOWN = re.compile(
    r"PATH|HOME|USER|LOGNAME|TMPDIR|TEMP|TMP|XDG_\w+|DBUS_SESSION_BUS_ADDRESS|SYSTEMROOT|COMSPEC|PATHEXT|(?:LOCAL)?APPDATA|USERPROFILE"
    r"|PROGRAMDATA|(?:HTTPS?|ALL|NO)_PROXY|SSL_CERT_(?:FILE|DIR)|GH_\w+|GITHUB_\w+|CI",
    re.IGNORECASE,
)
_SET = {"GH_PROMPT_DISABLED": "1", "GH_NO_UPDATE_NOTIFIER": "1", "NO_COLOR": "1", "LC_ALL": "C.UTF-8"}
_SECRET = re.compile(r"\b(?:gh[a-z]_|github_pat_)\w+")


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as it is now."""

    number: int
    body: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class GitHub:
    """The repository of a folder. Every call raises OutsideError when `gh` is not there, is not logged in, or is refused."""

    folder: Path
    timeout: float = _TIMEOUT

    def find(self, mark: str) -> Issue | None:
        """Our open issue whose body begins with this mark; the oldest of them."""
        where = ("-F", "owner={owner}", "-F", "name={repo}", "-f", f"label={LABEL}")
        said = self._gh("api", "graphql", "-f", f"query={_QUERY}", *where)
        for node in _nodes(said):
            body = node.get("body")
            if node.get("viewerDidAuthor") is True and isinstance(body, str) and body.lstrip().startswith(mark):
                return Issue(int(node["number"]), body, str(node.get("url") or ""))
        return None

    def create(self, title: str, body: str) -> str:
        """Opens an issue under our label; its address."""
        self._gh("label", "create", LABEL, "--force", "--description", "relance", "--color", "1d6f5c")
        said = self._gh("issue", "create", "--title", title, "--label", LABEL, "--body-file", "-", given=body)
        return said.strip().splitlines()[-1] if said.strip() else ""

    def edit(self, number: int, body: str) -> None:
        """Puts another body in its place."""
        self._gh("issue", "edit", str(number), "--body-file", "-", given=body)

    def close(self, number: int) -> None:
        """Closes it: nothing waits any more."""
        self._gh("issue", "close", str(number))

    def _gh(self, *words: str, given: str = "") -> str:
        known = {name: value for name, value in os.environ.items() if _KNOWN.fullmatch(name)}
        try:
            done = subprocess.run(  # noqa: S603 - gh, with our own words; what others wrote goes in by its input
                ["gh", *words],  # noqa: S607 - the owner's own gh, wherever it is
                cwd=self.folder,
                env=known | _SET,
                input=given.encode("utf-8", "replace"),
                capture_output=True,
                timeout=self.timeout,
                check=False,
            )
        except FileNotFoundError as error:
            raise OutsideError(
                "gh, the command of GitHub, is not on this machine: install it, or leave --github out"
            ) from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise OutsideError(f"gh {words[0]} did not end: {type(error).__name__}. Run again") from error
        if done.returncode:
            raise OutsideError(f"GitHub refused `gh {words[0]} {words[1]}`: {_last_words(done.stderr)}")
        return done.stdout.decode("utf-8", "replace")


def _nodes(said: str) -> list[dict[str, Any]]:
    try:
        nodes = json.loads(said)["data"]["repository"]["issues"]["nodes"]
        return [node for node in nodes if isinstance(node, dict) and isinstance(node.get("number"), int)]
    except (ValueError, KeyError, TypeError) as error:
        raise OutsideError("GitHub answered something else than the list of issues. Run again") from error


def _last_words(said: bytes) -> str:
    lines = [line.strip() for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
    words = " ".join(" / ".join(lines[-3:]).split())
    return _SECRET.sub("…", words)[:_LAST_WORDS] or "it gave no reason"
