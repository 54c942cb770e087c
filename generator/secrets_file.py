"""Secrets, which never stand in a file that git keeps: from the environment, else from the folder's own `.env`.

`.env` holds lines `NAME=value`, as the shell would read them: `export`, quotes and comments are understood, nothing is
replaced or run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator import checks
from generator.domain.ledger import SourceRef
from generator.errors import UserError
from generator.problems import run as problems

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from generator.domain.ledger import Problem

SMTP_PASSWORD, IMAP_PASSWORD = "SMTP_PASSWORD", "IMAP_PASSWORD"
STRIPE_API = "https://api.stripe.com"
_FILE = ".env"
_KEY, _BASE = "STRIPE_API_KEY", "STRIPE_API_BASE"
_LINE = re.compile(
    r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?:'([^']*)'|\"([^\"]*)\"|([^\s#'\"]\S*)?)\s*(?:#.*)?"
)
_IGNORED = frozenset({".env", "/.env", "**/.env", ".env*", "*.env"})
_LARGEST = 65_536


@dataclass(frozen=True, slots=True)
class StripeAccess:
    """How Stripe is reached. An empty key: nobody said. The key is never shown, not even to a debugger."""

    key: str = field(default="", repr=False)
    base: str = STRIPE_API


def stripe_environment(folder: Path, environ: Mapping[str, str]) -> StripeAccess:
    """STRIPE_API_KEY and STRIPE_API_BASE, each from the environment, else from `.env`; what is empty counts as not there.

    Raises UserError for an address that a key must not travel to.
    """
    access, found = _access(folder, environ)
    if found:
        raise UserError(found)
    return access


def mail_password(folder: Path, environ: Mapping[str, str], name: str) -> str:
    """SMTP_PASSWORD or IMAP_PASSWORD: see `secret`."""
    return secret(folder, environ, name)


def secret(folder: Path, environ: Mapping[str, str], name: str) -> str:
    """A secret by its name, from the environment, else from `.env`; empty when nobody said.

    Raises UserError for a `.env` that cannot be read.
    """
    written, found = _read(folder / _FILE)
    if found:
        raise UserError(found)
    return environ.get(name, "").strip("\r\n") or written.get(name, ("", 0))[0]


def secret_problems(folder: Path, environ: Mapping[str, str]) -> list[Problem]:
    """What is wrong with where the secrets stand, and where they would be sent."""
    found = _access(folder, environ)[1]
    if (folder / _FILE).exists() and not _is_ignored(folder):
        found.append(problems.SECRETS_NOT_IGNORED.at(SourceRef(_FILE)))
    return found


def _access(folder: Path, environ: Mapping[str, str]) -> tuple[StripeAccess, list[Problem]]:
    written, found = _read(folder / _FILE)
    where = SourceRef("environment")
    base = environ.get(_BASE, "").strip()
    if not base and _BASE in written:
        base, line = written[_BASE]
        where = SourceRef(_FILE, line)
    reason = _refused(base) if base else ""
    if reason:
        found.append(problems.STRIPE_BASE_REFUSED.at(where, base, reason=reason))
    key = environ.get(_KEY, "").strip() or written.get(_KEY, ("", 0))[0]
    return StripeAccess(key, base.rstrip("/") or STRIPE_API), found


def _read(path: Path) -> tuple[dict[str, tuple[str, int]], list[Problem]]:
    """Every name of the file with its value and line; the last one holds, as in a shell."""
    if not path.exists():
        return {}, []
    if not path.is_file():
        return {}, [problems.SECRETS_UNREADABLE.at(SourceRef(_FILE), reason="it is not a plain file")]
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST).decode("utf-8-sig", "replace")
    except OSError as refused:
        reason = refused.strerror or type(refused).__name__
        return {}, [problems.SECRETS_UNREADABLE.at(SourceRef(_FILE), reason=reason)]
    found: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _LINE.fullmatch(line):
            value = next((part for part in match.groups()[1:] if part is not None), "")
            found[match[1]] = (value.strip(), number)
    return found, []


def _refused(base: str) -> str:
    """Why a key must not be sent to this address; empty when it may."""
    parts = checks.split_url(base)
    if isinstance(parts, str):
        return parts
    host = parts.hostname or ""
    if "?" in base or "#" in base:
        return 'it holds "?" or "#"'
    if checks.is_loopback(host):
        return ""
    if parts.scheme != "https":
        return "a key travels over https only, but for a stand-in on this machine"
    return "" if checks.internet_host(host) else "its domain cannot be"


def _is_ignored(folder: Path) -> bool:
    """Whether the folder's own .gitignore names `.env` on a line of its own."""
    try:
        text = (folder / ".gitignore").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    lines = {line.strip() for line in text.splitlines()}
    return bool(lines & _IGNORED) and not lines & {f"!{name}" for name in _IGNORED}
