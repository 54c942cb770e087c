"""Where the site goes when it is published: `[deploy]` of `portal.toml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from generator import checks

if TYPE_CHECKING:
    from generator.policy_file import Section

_HIGHEST_PORT = 65_535
_MOST_BUILDS = 50
_LONGEST_WAIT = 3_600
#: What a shell, ssh and rsync all take for a part of a name and nothing else.
_REMOTE_PATH = re.compile(r"[A-Za-z0-9._@+/-]+")
_USER = re.compile(r"[A-Za-z_][A-Za-z0-9._-]{0,63}")
_MACHINE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")


class DeployTarget(StrEnum):
    """Where the site stands: a folder of this machine, a folder of another one over ssh, or GitHub Pages."""

    FOLDER = "folder"
    RSYNC = "rsync"
    GITHUB_PAGES = "github-pages"


class PublicRepository(StrEnum):
    """What happens when the owner's repository can be seen to be public; ALLOWED holds for a fictional ledger only."""

    REFUSED = "refused"
    ALLOWED = "allowed"


@dataclass(frozen=True, slots=True)
class DeploySettings:
    """Where the site goes: `[deploy]`. `path` is a folder, on this machine or on `host`; GitHub Pages has neither.

    `keep` earlier builds stay beside the site, to be put back. `wait_seconds` is how long a publish waits for its pages to
    answer. A relative `path` of this machine counts from the owner's folder, one of `host` from where ssh arrives.
    """

    target: DeployTarget
    path: str = ""
    host: str = ""
    port: int = 22
    keep: int = 3
    wait_seconds: int = 300
    public_repository: PublicRepository = PublicRepository.REFUSED


def read_deploy(section: Section) -> DeploySettings:
    """The `[deploy]` table."""
    defaults = DeploySettings(DeployTarget.FOLDER)
    if not section.has("target"):
        section.missing("target", f'target = "{DeployTarget.FOLDER}"')
    target = section.word("target", DeployTarget, DeployTarget.FOLDER)
    known = section.table.get("target") in set(DeployTarget)  # what goes with no target is not asked for
    found = DeploySettings(
        target=target,
        path=_path(section, target, known=known),
        host=_host(section, target, known=known),
        port=section.number("port", defaults.port, 1, _HIGHEST_PORT),
        keep=section.number("keep", defaults.keep, 0, _MOST_BUILDS),
        wait_seconds=section.number("wait_seconds", defaults.wait_seconds, 0, _LONGEST_WAIT),
        public_repository=section.word("public_repository", PublicRepository, defaults.public_repository),
    )
    section.finish()
    return found


def _path(section: Section, target: DeployTarget, *, known: bool) -> str:
    """A folder that a site may take the place of: never the root of a disk, somebody's home, or the way up from another."""
    text = section.text("path")
    if target is DeployTarget.GITHUB_PAGES:
        if text:
            section.wrong("path", text, "GitHub Pages has none: the workflow uploads output/. Take the line out.")
        return ""
    if not text:
        if known and (not section.has("path") or section.table["path"] == ""):
            section.missing("path", 'path = "/var/www/payer"')
        return ""
    remote = target is DeployTarget.RSYNC
    parts = [part for part in text.split("/") if part not in {"", "."}]
    if not parts or parts[-1] == ".." or text.startswith(("~", "-")):
        section.wrong("path", text, 'Write the folder that holds the site and nothing else, like "/var/www/payer".')
    elif remote and (not _REMOTE_PATH.fullmatch(text) or ".." in parts):
        section.wrong("path", text, 'Write letters, digits and ". _ - / @ +" only, like "/var/www/payer".')
    else:
        return text.rstrip("/")
    return ""


def _host(section: Section, target: DeployTarget, *, known: bool) -> str:
    """A machine as ssh is told it, with or without the name to log in with; never something that ssh takes for an option."""
    text = section.text("host")
    if target is not DeployTarget.RSYNC:
        if text and known:
            section.wrong("host", text, 'Only target = "rsync" has a host. Take the line out.')
        return ""
    if not text:
        if not section.has("host") or section.table["host"] == "":
            section.missing("host", 'host = "payer@www.atelier-lumen.example"')
        return ""
    user, at, machine = text.rpartition("@")
    right = _MACHINE.fullmatch(machine) or checks.is_loopback(machine)
    if not right or (at and not _USER.fullmatch(user)):
        advice = 'Write the name of the machine, and who logs in, like "payer@www.atelier-lumen.example".'
        section.wrong("host", text, advice)
        return ""
    return text
