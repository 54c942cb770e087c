"""A session with the owner's mail server: reached, encrypted as the policy says, logged in. Whatever fails here ends the run.

Nothing of a message is spoken before the session stands, and a password only after the server has shown a certificate that
is its own (or is on this very machine).
"""

from __future__ import annotations

import re
import socket
import ssl
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.checks import is_loopback
from generator.config_delivery import Security
from generator.delivery.smtp_wire import Reply, Wire, WireError, one_line
from generator.errors import OutsideError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.config_delivery import SmtpSettings

_READY = 220
_GO_ON = 334
_EXTENSION = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)[ =]?(.*)")


class PasswordRefusedError(OutsideError):
    """The server does not let us in. Asking again with the same password would only lock the account."""


@dataclass(frozen=True, slots=True)
class Session:
    """A connection on which messages can be handed over. `extensions` by their names in capitals."""

    wire: Wire
    extensions: Mapping[str, str]


def open_session(settings: SmtpSettings, password: str, trust: Callable[[], ssl.SSLContext]) -> Session:
    """A session as `[smtp]` says, or an OutsideError in words for the owner, in which no password stands."""
    if settings.security is Security.NONE and not is_loopback(settings.host):
        raise ValueError("only a server on this machine may be spoken to without encryption")
    place = f"the mail server {settings.host}:{settings.port}"
    if settings.user and not password:
        raise UsageError("SMTP_PASSWORD is not set: write it in the environment, or in .env beside portal.toml.")
    secrets = _secret_forms(settings.user, password)
    try:
        connected = socket.create_connection((settings.host, settings.port), settings.timeout_seconds)
    except OSError as refused:
        reason = "it did not answer in time" if isinstance(refused, TimeoutError) else _why(refused)
        raise OutsideError(f"{place} cannot be reached: {reason}.") from None
    wire = Wire(connected, settings.timeout_seconds, secrets)
    try:
        return Session(wire, _prepared(wire, settings, password, place, trust))
    except WireError as lost:
        wire.close()
        raise OutsideError(f"{place} cannot be used: {lost}.") from None
    except BaseException:
        wire.close()
        raise


def _prepared(
    wire: Wire, settings: SmtpSettings, password: str, place: str, trust: Callable[[], ssl.SSLContext]
) -> Mapping[str, str]:
    if settings.security is Security.TLS:
        _encrypt(wire, settings.host, place, trust)
    greeting = wire.reply()
    if greeting.code != _READY:
        raise OutsideError(f"{place} takes no messages now: {greeting.words}.")
    extensions = _greet(wire, place)
    if settings.security is Security.STARTTLS:
        if "STARTTLS" not in extensions:
            raise OutsideError(
                f"{place} offers no encryption (STARTTLS): nothing was sent, and no password. "
                'If it encrypts from the first byte on, write security = "tls".'
            )
        reply = wire.command("STARTTLS")
        if reply.code != _READY:
            raise OutsideError(f"{place} does not begin to encrypt: {reply.words}. Nothing was sent, and no password.")
        wire.refuse_early_words()  # what is slipped in before encryption would be believed after it
        _encrypt(wire, settings.host, place, trust)
        extensions = _greet(wire, place)
    if settings.user:
        _log_in(wire, settings.user, password, place, extensions)
    return extensions


def _encrypt(wire: Wire, host: str, place: str, trust: Callable[[], ssl.SSLContext]) -> None:
    try:
        wire.encrypt(trust(), host)
    except ssl.SSLCertVerificationError as wrong:
        reason = one_line(wrong.verify_message).rstrip(".")
        raise OutsideError(
            f"{place} shows a certificate that cannot be trusted ({reason}): nothing was sent, and no password."
        ) from None
    except TimeoutError:
        raise OutsideError(f"{place} did not begin to encrypt in time.") from None
    except OSError as wrong:
        raise OutsideError(
            f"{place} could not agree with us on encryption ({_why(wrong)}): look at security and port in portal.toml."
        ) from None


def _greet(wire: Wire, place: str) -> dict[str, str]:
    """What the server can do, as it says now: what it said before encryption is forgotten."""
    reply = wire.command(f"EHLO {wire.own_name}")
    if not reply.positive:
        raise OutsideError(f"{place} does not greet back: {reply.words}.")
    extensions: dict[str, str] = {}
    for line in reply.lines[1:]:
        if found := _EXTENSION.fullmatch(line):
            name = found[1].upper()
            extensions[name] = f"{extensions.get(name, '')} {found[2]}".strip()
    return extensions


def _log_in(wire: Wire, user: str, password: str, place: str, extensions: Mapping[str, str]) -> None:
    """One attempt, in one way: a second one would count as a second wrong password."""
    ways = extensions.get("AUTH", "").upper().split()
    if "PLAIN" in ways:
        reply = wire.command(f"AUTH PLAIN {_encoded(f'{chr(0)}{user}{chr(0)}{password}')}")
    elif "LOGIN" in ways:
        reply = wire.command("AUTH LOGIN")
        for part in (user, password):
            if reply.code == _GO_ON:
                reply = wire.command(_encoded(part))
    else:
        offered = one_line(", ".join(ways)) or "none"
        raise OutsideError(
            f"{place} offers no way to log in that relance knows, PLAIN or LOGIN (it offers: {offered})."
        )
    if not reply.positive:
        raise _not_let_in(reply, user, place)


def _not_let_in(reply: Reply, user: str, place: str) -> OutsideError:
    if reply.temporary:
        return OutsideError(f"{place} lets nobody in at the moment: {reply.words}.")
    return PasswordRefusedError(
        f"{place} does not accept the password of {one_line(user)}: {reply.words}. It was tried once, and nothing was sent. "
        "Look at [smtp] user and at SMTP_PASSWORD."
    )


def _secret_forms(user: str, password: str) -> tuple[str, ...]:
    """A password as it is, and as it travels: a server may say either back to us."""
    if not password:
        return ()
    return (_encoded(f"\0{user}\0{password}"), _encoded(password), password)


def _encoded(text: str) -> str:
    return b64encode(text.encode()).decode("ascii")


def _why(refused: OSError) -> str:
    return one_line(refused.strerror or type(refused).__name__)
