"""Whether anybody can read the owner's repository, and with it who owes what: what can be seen of that, from here.

Three things tell: the event that started a workflow of GitHub, a variable of GitLab, and the host of a remote, which is asked
what it shows to somebody without a password. Where none of them tells, that is said: unknown is not private.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from generator.domain.ledger import SourceRef
from generator.errors import UserError
from generator.problems.run import REPOSITORY_PUBLIC
from generator.processes import run

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from http.client import HTTPMessage
    from typing import IO

_TIMEOUT = 10.0
_LARGEST_EVENT = 5_000_000
_MOST_REMOTES = 4
_HOSTS = ("github.com", "gitlab.com", "codeberg.org", "bitbucket.org")
_REMOTE = re.compile(
    rf"(?:ssh://|https://|git://)?(?:[^@/\s]+@)?(?:www\.|ssh\.|altssh\.)?({'|'.join(map(re.escape, _HOSTS))})"
    r"(?::\d+)?[:/]+(?P<path>[\w.~/-]+?)(?:\.git)?/?",
    re.IGNORECASE,
)
_CLOSED = frozenset({401, 403, 404, 410})  #: what a host answers to a stranger about what is not for everybody
_FICTIONAL = re.compile(r".+@(?:.+\.)?(?:example(?:\.(?:com|net|org))?|test|invalid)")


class Visibility(StrEnum):
    """Who can read a repository."""

    PUBLIC = "public"
    PRIVATE = "private"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a repository, and where."""

    visibility: Visibility
    words: str


#: What a stranger gets at an address: a status; None when it does not answer.
Ask = Callable[[str], int | None]


def refuse_public(folder: Path, environ: Mapping[str, str], *, allowed: bool = False, ask: Ask | None = None) -> Seen:
    """What can be seen of the repository that a folder is in. `allowed`: it may be public, since nobody in the ledger is real.

    Raises UserError, with what to do, when it is public and may not be.
    """
    seen = visibility(folder, environ, ask or _ask)
    if seen.visibility is Visibility.PUBLIC and not allowed:
        advice = 'A repository of fictional clients says so: [deploy] public_repository = "allowed".'
        raise UserError([REPOSITORY_PUBLIC.at(SourceRef("portal.toml"), reason=seen.words, advice=advice)])
    return seen


def all_fictional(addresses: Iterable[str]) -> bool:
    """Whether nobody can be behind these addresses: all of them are under names that are kept for examples, and there is one."""
    known = [address for address in addresses if address]
    return bool(known) and all(_FICTIONAL.fullmatch(address.lower()) for address in known)


def visibility(folder: Path, environ: Mapping[str, str], ask: Ask) -> Seen:
    """What tells first: what the workflow was told, then the hosts of the remotes."""
    told = _github(environ) or _gitlab(environ)
    if told is not None:
        return told
    unsure: list[str] = []
    closed: list[str] = []
    for name, address in _remotes(folder, environ):
        status = ask(address)
        if status is not None and status < 300:  # noqa: PLR2004 - it is handed over
            return Seen(Visibility.PUBLIC, f"{name} shows it to everybody")
        (closed if status in _CLOSED else unsure).append(name)
    if unsure:
        return Seen(
            Visibility.UNKNOWN, f"whether {unsure[0]} is public could not be seen: it did not answer. Look yourself"
        )
    if closed:
        return Seen(Visibility.PRIVATE, f"{closed[0]} shows it to nobody without a password")
    return Seen(Visibility.UNKNOWN, "whether the repository is public cannot be seen from here")


def _github(environ: Mapping[str, str]) -> Seen | None:
    """What the event that started a workflow says of its repository."""
    if not environ.get("GITHUB_ACTIONS") or not environ.get("GITHUB_EVENT_PATH"):
        return None
    try:
        path = Path(environ["GITHUB_EVENT_PATH"])
        event = json.loads(path.read_bytes()) if path.stat().st_size < _LARGEST_EVENT else {}
        repository = event["repository"]
        private, visible = repository.get("private"), repository.get("visibility")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    if private is False or visible == "public":
        return Seen(Visibility.PUBLIC, "GitHub says so of this workflow's repository")
    if private is True:
        return Seen(Visibility.PRIVATE, "GitHub says so of this workflow's repository")
    return None


def _gitlab(environ: Mapping[str, str]) -> Seen | None:
    """What GitLab says; on its own site, `internal` is everybody who has an account there."""
    said = environ.get("CI_PROJECT_VISIBILITY", "")
    if said not in {"public", "internal", "private"}:
        return None
    everybody = said == "public" or (said == "internal" and environ.get("CI_SERVER_HOST") == "gitlab.com")
    return Seen(Visibility.PUBLIC if everybody else Visibility.PRIVATE, f"CI_PROJECT_VISIBILITY is {said}")


def _remotes(folder: Path, environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """The remotes at hosts where repositories are often public: each with its name for people, and where a stranger would ask."""
    known = {name: environ[name] for name in ("PATH", "HOME") if name in environ} | {"LC_ALL": "C.UTF-8"}
    words = ["git", "config", "--get-regexp", r"^remote\..*\.(push)?url$"]
    try:
        ended = run(words, known, timeout=_TIMEOUT, folder=folder)
    except (OSError, subprocess.TimeoutExpired):
        return []
    found: dict[str, str] = {}
    for line in ended.out.decode("utf-8", "replace").splitlines():
        address = _REMOTE.fullmatch(line.partition(" ")[2].strip())
        if address:
            place = f"{address[1].lower()}/{address['path'].strip('/')}"
            found[place] = f"https://{place}.git/info/refs?service=git-upload-pack"
    return list(found.items())[:_MOST_REMOTES]


class _SameHost(HTTPRedirectHandler):
    """A repository that has moved is found at its new name; a page to log in is not an answer."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        """Only to another repository of the same host."""
        there = f"https://{req.host}/"
        if not newurl.startswith(there) or "/info/refs" not in newurl:
            raise HTTPError(req.full_url, 401, "a page to log in", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _ask(address: str) -> int | None:
    """What a stranger who clones it is answered."""
    opener = build_opener(_SameHost())
    try:
        with opener.open(Request(address, headers={"User-Agent": "git/2.0 (relance)"}), timeout=_TIMEOUT) as answer:  # noqa: S310 - https only: see _remotes
            return int(answer.status)
    except HTTPError as error:
        error.close()
        return error.code
    except (OSError, HTTPException, ValueError):
        return None
