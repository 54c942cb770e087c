"""A mail server for tests, with encryption and login, which keeps what it takes in a folder and fails on command.

In this process:  `with mailhost(box, Trouble(Fault.GREY, first=1), security=Security.TLS) as host: …`
In another one:   `python -m tests.support.mailhost BOX --fault grey --first 1 --port-file PORT`, or `with apart(box, …) as port`

What it took is what a client would have got: one file for each message and one for its envelope, there before the server
says yes, so that they tell the truth whoever is killed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword, syntax

from generator.config_delivery import Security, SmtpSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aiosmtpd.smtp import Envelope, Session

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = "127.0.0.1"
USER = "relance@atelier-lumen.example"
PASSWORD = "Sésame, ouvre-toi!"  # noqa: S105 - of a server that lives for one test


class Fault(StrEnum):
    """What goes wrong."""

    GREY = "grey"  #: 451 for a recipient: come back later
    GONE = "gone"  #: 550 for a recipient: no such person
    FULL = "full"  #: 452 for a recipient: no room
    SPAM = "spam"  #: 554 once the content is read
    BUSY = "busy"  #: 451 once the content is read
    QUOTA = "quota"  #: 550 once the content is read, because we sent too much
    RATE = "rate"  #: 421 at MAIL, and the line is cut
    CUT_BEFORE_DOT = "cut-before-dot"  #: not taken, in the middle of the content
    CUT_AFTER_DOT = "cut-after-dot"  #: not taken, without an answer
    LOST = "lost"  #: taken, without an answer
    STALL = "stall"  #: taken, with an answer that comes too late
    NONSENSE = "nonsense"  #: taken, with an answer that is none
    SLOW = "slow"  #: every answer takes a moment
    LEAVE = "leave"  #: taken, and the line is cut after the answer
    CLOSED = "closed"  #: 421 instead of a greeting
    NO_STARTTLS = "no-starttls"
    BAD_CERTIFICATE = "bad-certificate"
    WRONG_HOST = "wrong-host"
    WRONG_PASSWORD = "wrong-password"  # noqa: S105 - no password


_AT_RECIPIENT = {
    Fault.GREY: "451 4.7.1 Greylisted, try again in five minutes",
    Fault.GONE: "550 5.1.1 No such user here",
    Fault.FULL: "452 4.2.2 Mailbox full",
}
_AT_CONTENT = {
    Fault.SPAM: "554 5.7.1 Looks like spam",
    Fault.BUSY: "451 4.3.0 Try again later",
    Fault.QUOTA: "550 5.4.5 Daily user sending quota exceeded",
}


@dataclass(frozen=True)
class Trouble:
    """A fault, and when it strikes: for everybody or one recipient; always, on one attempt, or on the first so many of each."""

    fault: Fault
    address: str = ""
    attempt: int = 0
    first: int = 0


@dataclass(frozen=True)
class Taken:
    """A message that the server took, with its envelope."""

    sender: str
    recipients: list[str]
    options: list[str]
    content: bytes


def taken(box: Path) -> list[Taken]:
    """All that a server has taken into its folder, in their order."""
    found = []
    for path in sorted(box.glob("*.eml")):
        envelope = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        found.append(Taken(**envelope, content=path.read_bytes()))
    return found


class Mailhost:
    """The server, and what it saw. `logins` are the passwords it was given; `attempts` the messages that were begun."""

    def __init__(
        self,
        box: Path,
        *troubles: Trouble,
        security: Security = Security.NONE,
        login: bool = False,
        smtputf8: bool = False,
        size: int = 2_000_000,
        seconds: float = 0.05,
    ) -> None:
        self.box = box
        self.troubles = list(troubles)
        self.security = security
        self.login = login
        self.smtputf8 = smtputf8
        self.size = size
        self.seconds = seconds
        self.port = 0
        self.attempts = 0
        self.connections = 0
        self.logins: list[tuple[str, str]] = []
        self.said: list[str] = []
        self._struck: Counter[tuple[Trouble, str]] = Counter()
        self._sessions: list[_Session] = []
        self._stop: Callable[[], object] = list
        box.mkdir(parents=True, exist_ok=True)

    @property
    def taken(self) -> list[Taken]:
        return taken(self.box)

    @property
    def idle(self) -> bool:
        """Whether every connection is over, so that nothing more will be taken of what was begun."""
        return all(session.over for session in self._sessions)

    def settings(self, **more: Any) -> SmtpSettings:
        """How this server is reached, with little patience."""
        known: dict[str, Any] = {
            "host": HERE,
            "port": self.port,
            "security": self.security,
            "user": USER if self.login else "",
            "per_minute": 60_000,
            "timeout_seconds": 2,
        }
        return SmtpSettings(**(known | more))

    def strikes(self, fault: Fault, *recipients: str) -> bool:
        """Whether this goes wrong now."""
        for trouble in self.troubles:
            if trouble.fault is not fault or trouble.attempt not in {0, self.attempts}:
                continue
            if trouble.address and trouble.address not in recipients:
                continue
            key = (trouble, ",".join(recipients))
            if not trouble.first or self._struck[key] < trouble.first:
                self._struck[key] += 1
                return True
        return False

    def keep(self, envelope: Envelope) -> None:
        """One file for the envelope, one for the message; the second one's appearance is the taking."""
        name = f"{len(list(self.box.glob('*.eml'))) + 1:04d}"
        words = {"sender": envelope.mail_from, "recipients": envelope.rcpt_tos, "options": envelope.mail_options}
        (self.box / f"{name}.json").write_text(json.dumps(words), encoding="utf-8")
        part = self.box / f"{name}.part"
        part.write_bytes(envelope.original_content or b"")
        part.rename(self.box / f"{name}.eml")

    async def handle_MAIL(  # noqa: N802 - a hook of aiosmtpd, as the others
        self, server: _Session, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.login and not session.authenticated:
            return "530 5.7.0 Authentication required"
        self.attempts += 1
        if self.strikes(Fault.RATE):
            server.leaving = True
            return "421 4.7.0 Too many messages, closing"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: _Session, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        for fault, answer in _AT_RECIPIENT.items():
            if self.strikes(fault, address):
                return answer
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802
        self, server: _Session, _session: Session, envelope: Envelope
    ) -> str:
        recipients = envelope.rcpt_tos
        for fault, answer in _AT_CONTENT.items():
            if self.strikes(fault, *recipients):
                return answer
        if self.strikes(Fault.CUT_AFTER_DOT, *recipients):
            server.cut()
            return "451 heard by nobody"
        self.keep(envelope)
        if self.strikes(Fault.LOST, *recipients):
            server.cut()
        if self.strikes(Fault.STALL, *recipients):
            await asyncio.sleep(60)
        if self.strikes(Fault.NONSENSE, *recipients):
            return "Merci bien"
        server.leaving = self.strikes(Fault.LEAVE, *recipients)
        return f"250 2.0.0 Queued as {self.attempts:04d}"

    def authenticate(
        self, _server: object, _session: Session, _envelope: Envelope, _way: str, given: LoginPassword
    ) -> AuthResult:
        """The one user of the server."""
        user, password = given.login.decode(), given.password.decode()
        self.logins.append((user, password))
        fine = (user, password) == (USER, PASSWORD) and not self.strikes(Fault.WRONG_PASSWORD)
        # It says the password back to us, so that a test can see who repeats it.
        message = None if fine else f"535 5.7.8 {user}, your password {password} is wrong"
        return AuthResult(success=fine, handled=False, message=message)

    def start(self, port: int = 0) -> None:
        """Serves from a thread of its own; returns once it listens."""
        started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(port, started)), daemon=True)
        self._thread.start()
        if not started.wait(10):
            raise RuntimeError("the mail server did not start")

    def stop(self) -> None:
        """Cuts every line."""
        self._stop()
        self._thread.join(10)

    async def _serve(self, port: int, started: threading.Event) -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, _context: None)  # lines are cut here on purpose
        over = asyncio.Event()
        self._stop = lambda: loop.call_soon_threadsafe(over.set)
        tls = _certificate(self.troubles) if self.security is not Security.NONE else None
        outer = tls if self.security is Security.TLS else None
        server = await loop.create_server(lambda: self._session(loop, tls), HERE, port, ssl=outer)
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        await over.wait()
        server.close()
        for session in self._sessions:
            session.cut()
        await asyncio.sleep(0)

    def _session(self, loop: asyncio.AbstractEventLoop, tls: ssl.SSLContext | None) -> _Session:
        self.connections += 1
        offered = self.security is Security.STARTTLS and not self.strikes(Fault.NO_STARTTLS)
        session = _Session(
            self,
            loop=loop,
            hostname="mail.example",
            ident="for tests",
            enable_SMTPUTF8=self.smtputf8,
            data_size_limit=self.size,
            tls_context=tls if offered else None,
            auth_require_tls=self.security is Security.STARTTLS,
            authenticator=self.authenticate,
        )
        session.host = self
        self._sessions.append(session)
        return session


class _Session(SMTP):
    """One connection: what aiosmtpd does, and what it would never do."""

    host: Mailhost
    leaving = False

    @property
    def over(self) -> bool:
        """Whether nobody is served here any more."""
        return self._handler_coroutine is not None and self._handler_coroutine.done()

    def cut(self) -> None:
        """Ends the line without a word."""
        for transport in (self.transport, self._original_transport):
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()

    async def push(self, status: Any) -> None:
        """Everything that is said goes through here."""
        self.host.said.append(status if isinstance(status, str) else status.decode())
        if self.host.strikes(Fault.SLOW):
            await asyncio.sleep(self.host.seconds)
        if status[:3] == "220" and "mail.example" in status and self.host.strikes(Fault.CLOSED):
            self.leaving = True
            status = "421 4.3.2 Closed for the night"
        await super().push(status.encode() if isinstance(status, str) else status)
        if self.leaving and self.transport is not None:
            self.transport.close()

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - a hook of aiosmtpd
        recipients = self.envelope.rcpt_tos if self.envelope else []
        if self.host.strikes(Fault.CUT_BEFORE_DOT, *recipients):
            await self.push("354 Go on")
            await self._reader.readline()
            self.cut()
            return
        await super().smtp_DATA(arg)


@lru_cache
def authority() -> trustme.CA:
    """Whose certificates the tests trust."""
    return trustme.CA()


@lru_cache
def _stranger() -> trustme.CA:
    return trustme.CA()


@lru_cache
def trusting() -> ssl.SSLContext:
    """A context that trusts the authority of the tests and no other, and checks as strictly as any."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority().configure_trust(context)
    return context


def _certificate(troubles: list[Trouble]) -> ssl.SSLContext:
    faults = {trouble.fault for trouble in troubles}
    issuer = _stranger() if Fault.BAD_CERTIFICATE in faults else authority()
    name = "elsewhere.example" if Fault.WRONG_HOST in faults else HERE
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issuer.issue_cert(name).configure_cert(context)
    return context


@contextmanager
def mailhost(box: Path, *troubles: Trouble, **how: Any) -> Iterator[Mailhost]:
    """A server in this process, while the block lasts."""
    host = Mailhost(box, *troubles, **how)
    host.start()
    try:
        yield host
    finally:
        host.stop()


@contextmanager
def apart(box: Path, *options: str) -> Iterator[int]:
    """A server in a process of its own, by its port: `apart(box, "--fault", "lost", "--attempt", "3")`."""
    box.mkdir(parents=True, exist_ok=True)
    port_file = box / "port"
    port_file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.support.mailhost", str(box), "--port-file", str(port_file), *options]
    with subprocess.Popen(command, cwd=ROOT) as process:  # noqa: S603 - our own words
        try:
            end = time.monotonic() + 20
            while not port_file.exists():
                if process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError("the mail server did not start")
                time.sleep(0.01)
            yield int(port_file.read_text(encoding="ascii"))
        finally:
            process.kill()


def main() -> None:
    """Serves until the process that started it ends."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("box", type=Path)
    parser.add_argument("--fault", choices=list(Fault), type=Fault)
    parser.add_argument("--address", default="", help="only for this recipient")
    parser.add_argument("--attempt", type=int, default=0, help="only for the Nth message that is begun")
    parser.add_argument("--first", type=int, default=0, help="only the first N times for each recipient")
    parser.add_argument("--security", choices=list(Security), type=Security, default=Security.NONE)
    parser.add_argument("--login", action="store_true", help="want the user and password of this module")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--port-file", type=Path)
    parser.add_argument("--ca-file", type=Path, help="where to write the authority to trust (as SSL_CERT_FILE)")
    given = parser.parse_args()
    troubles = [Trouble(given.fault, given.address, given.attempt, given.first)] if given.fault else []
    host = Mailhost(given.box, *troubles, security=given.security, login=given.login)
    if given.ca_file:
        authority().cert_pem.write_to_path(str(given.ca_file))
    parent = os.getppid()
    host.start(given.port)
    if given.port_file:
        part = given.port_file.with_suffix(".part")
        part.write_text(str(host.port), encoding="ascii")
        part.rename(given.port_file)
    while os.getppid() == parent:
        time.sleep(0.2)


if __name__ == "__main__":
    main()
