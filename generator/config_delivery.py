"""How messages leave and answers arrive: `[smtp]` and `[imap]` of `portal.toml`. Passwords never stand there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from typing import TYPE_CHECKING

from generator import checks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.policy_file import Section

_HIGHEST_PORT = 65_535
_FASTEST = 6_000
_LARGEST_BATCH = 500
_LONGEST_WAIT = 600
_LONGEST_LOOK_BACK = 366


class Security(StrEnum):
    """How a mail server is spoken to: encrypted after a first word, from the first byte on, or not at all (this machine only)."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


_SMTP_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}
_IMAP_PORTS = {Security.TLS: 993, Security.STARTTLS: 143, Security.NONE: 143}


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """The server that takes our messages: `[smtp]`. An empty `user` does not log in.

    `batch` is how many messages are announced to the journal at a time, when it is pushed before they leave. A message that
    is turned away for now is tried again in the same run, first after `retry_after_seconds`, then after four times that.
    With `test_to`, every message goes to that address and to no client.
    """

    host: str
    port: int = 587
    security: Security = Security.STARTTLS
    user: str = ""
    per_minute: int = 60
    batch: int = 10
    timeout_seconds: float = 30
    retry_after_seconds: int = 30
    test_to: str = ""


@dataclass(frozen=True, slots=True)
class ImapSettings:
    """The mailbox where clients answer, only ever read: `[imap]`. `days` is how far back it is looked through."""

    host: str
    port: int = 993
    security: Security = Security.TLS
    user: str = ""
    folder: str = "INBOX"
    days: int = 30


def read_smtp(section: Section) -> SmtpSettings:
    """The `[smtp]` table."""
    defaults = SmtpSettings("")
    host = _host(section, "smtp")
    security = section.word("security", Security, defaults.security)
    found = SmtpSettings(
        host=host,
        port=_port(section, _SMTP_PORTS, security),
        security=_allowed(section, host, security),
        user=section.text("user"),
        per_minute=section.number("per_minute", defaults.per_minute, 1, _FASTEST),
        batch=section.number("batch", defaults.batch, 1, _LARGEST_BATCH),
        timeout_seconds=section.number("timeout_seconds", int(defaults.timeout_seconds), 1, _LONGEST_WAIT),
        retry_after_seconds=section.number("retry_after_seconds", defaults.retry_after_seconds, 0, _LONGEST_WAIT),
        test_to=section.checked("test_to", checks.email),
    )
    section.finish()
    return found


def read_imap(section: Section) -> ImapSettings:
    """The `[imap]` table."""
    defaults = ImapSettings("")
    host = _host(section, "imap")
    security = section.word("security", Security, defaults.security)
    if not section.table.get("user") and (not section.has("user") or section.table["user"] == ""):
        section.missing("user", 'user = "compta@atelier-lumen.example"')
    found = ImapSettings(
        host=host,
        port=_port(section, _IMAP_PORTS, security),
        security=_allowed(section, host, security),
        user=section.text("user"),
        folder=section.text("folder", defaults.folder) or defaults.folder,
        days=section.number("days", defaults.days, 1, _LONGEST_LOOK_BACK),
    )
    section.finish()
    return found


def _host(section: Section, service: str) -> str:
    """The name of a server, as the network writes it; what stands before an @ is never shown, it may be a password."""
    if not section.has("host") or section.table["host"] == "":
        section.missing("host", f'host = "{service}.atelier-lumen.example"')
    text = section.text("host")
    if not text or checks.is_loopback(text) or _is_ip(text):
        return text
    host = checks.internet_host(text)
    if host is None:
        shown = text.rpartition("@")[2]
        section.wrong("host", shown, f'Write the name of the server alone, like "{service}.atelier-lumen.example".')
    return host or ""


def _is_ip(text: str) -> bool:
    try:
        return bool(ip_address(text))
    except ValueError:
        return False


def _port(section: Section, ports: Mapping[Security, int], security: Security) -> int:
    """The port as written, else the usual one for this kind of encryption."""
    port = section.number("port", next(iter(ports.values())), 1, _HIGHEST_PORT)
    return port if section.has("port") else ports[security]


def _allowed(section: Section, host: str, security: Security) -> Security:
    """Without encryption, passwords and debts would travel where anybody on the way can read them."""
    if security is Security.NONE and host and not checks.is_loopback(host):
        advice = 'Only a server on this machine may be spoken to without encryption: write "starttls" or "tls".'
        section.wrong("security", security.value, advice)
    return security
