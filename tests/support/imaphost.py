"""A mailbox for tests: as much of IMAP4rev1 (RFC 3501) as a reader needs, and an eye on what it must never ask.

`with imaphost([mail(…)], security=Security.TLS) as host: …`; at the end the block fails if somebody tried to change anything.
"""

from __future__ import annotations

import re
import socketserver
import ssl
import threading
from base64 import b64decode
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import trustme

from generator.config_delivery import ImapSettings, Security
from tests.support.mailhost import HERE, authority

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

USER = "compta@atelier-lumen.example"
PASSWORD = "Sésame, ouvre-toi!"  # noqa: S105 - of a server that lives for one test
ARRIVED = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905
_LINE = re.compile(rb"(\S+) (?:(UID) )?([A-Z0-9]+)(?: (.*))?", re.IGNORECASE | re.DOTALL)
_PEEK = re.compile(r"BODY\.PEEK\[(HEADER(?:\.FIELDS \([^)]*\))?|TEXT|)\](?:<0\.(\d+)>)?", re.IGNORECASE)
#: Whatever changes a mailbox, or would mark a message as read.
_CHANGES = frozenset("SELECT STORE COPY MOVE APPEND EXPUNGE CLOSE CREATE DELETE RENAME SUBSCRIBE UNSUBSCRIBE".split())  # noqa: SIM905


@dataclass(frozen=True)
class Kept:
    """A message in the mailbox."""

    content: bytes
    arrived: datetime = ARRIVED

    @property
    def internal_date(self) -> str:
        return f"{self.arrived.day:2d}-{_MONTHS[self.arrived.month - 1]}-{self.arrived:%Y %H:%M:%S} +0000"


@dataclass
class Imaphost:
    """The server, and what it was asked. `greeting` and `told` stand in the place of its own words, as a broken one would say."""

    messages: list[Kept]
    security: Security = Security.NONE
    folder: str = "INBOX"
    starttls: bool = True
    plain: bool = True
    login: bool = True
    certificate: str = HERE
    stranger: bool = False
    greeting: bytes = b"* OK ready"
    told: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0

    def settings(self, **more: Any) -> ImapSettings:
        """How this server is reached."""
        known: dict[str, Any] = {
            "host": HERE, "port": self.port, "security": self.security, "user": USER, "folder": self.folder,
        }  # fmt: skip
        return ImapSettings(**(known | more))

    def context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        issuer = trustme.CA() if self.stranger else authority()
        issuer.issue_cert(self.certificate).configure_cert(context)
        return context


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    host: Imaphost
    context: ssl.SSLContext | None = None

    def handle_error(self, *_: object) -> None:
        """A client that leaves in the middle is no news."""


class _Session(socketserver.StreamRequestHandler):
    server: _Server
    timeout = 10
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.host = self.server.host
        self.encrypted = self.host.security is Security.NONE  # as good as: it is on this machine
        self.opened = False
        if self.host.security is Security.TLS:
            self._encrypt()
        self._say(self.host.greeting)
        with suppress(OSError):
            while line := self.rfile.readline():
                found = _LINE.fullmatch(line.strip())
                if found is None:
                    self._say(b"* BAD what?")
                    continue
                tag, uid, verb, rest = found[1], bool(found[2]), found[3].decode().upper(), (found[4] or b"").decode()
                if not self._answer(tag, verb, rest, uid=uid):
                    return

    def finish(self) -> None:
        """An encrypted line is an object of its own, which nobody else closes."""
        with suppress(OSError):
            super().finish()
        self.connection.close()

    def _say(self, text: bytes) -> None:
        self.wfile.write(text + b"\r\n")

    def _encrypt(self) -> None:
        assert self.server.context is not None
        self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)
        self.encrypted = True

    def _answer(self, tag: bytes, verb: str, rest: str, *, uid: bool) -> bool:
        """Answers one command; False at the end."""
        self.host.asked.append(f"{'UID ' if uid else ''}{verb} {rest}".strip() if verb != "LOGIN" else verb)
        if verb in _CHANGES or (verb == "FETCH" and re.search(r"BODY\[|RFC822(?!\.SIZE)", rest, re.IGNORECASE)):
            self.host.changes.append(f"{verb} {rest}")
            self._say(tag + b" NO this mailbox is not to be changed")
            return True
        if verb in self.host.told:
            self._say(self.host.told[verb].replace(b"TAG", tag))
            return True
        handle = getattr(self, f"_{verb.lower()}", None)
        if handle is None:
            self._say(tag + b" BAD unknown")
            return True
        return handle(tag, rest) is not False

    def _capability(self, tag: bytes, _: str) -> None:
        open_to_login = self.encrypted
        words = ["IMAP4rev1"]
        if not self.encrypted and self.host.starttls:
            words.append("STARTTLS")
        if open_to_login and self.host.plain:
            words.append("AUTH=PLAIN")
        if not open_to_login or not self.host.login:
            words.append("LOGINDISABLED")
        self._say(f"* CAPABILITY {' '.join(words)}".encode())
        self._say(tag + b" OK done")

    def _starttls(self, tag: bytes, _: str) -> None:
        self._say(tag + b" OK begin")
        self._encrypt()

    def _login(self, tag: bytes, rest: str) -> None:
        quoted = r'(?:"((?:[^"\\]|\\.)*)"|(\S+))'
        found = re.fullmatch(f"{quoted} {quoted}", rest)
        assert found is not None, rest
        user, password = (
            re.sub(r"\\(.)", r"\1", one or other) for one, other in ((found[1], found[2]), (found[3], found[4]))
        )
        self._let_in(tag, user, password)

    def _authenticate(self, tag: bytes, rest: str) -> None:
        assert rest == "PLAIN", rest
        self._say(b"+ ")
        _, user, password = b64decode(self.rfile.readline()).decode().split("\0")
        self._let_in(tag, user, password)

    def _let_in(self, tag: bytes, user: str, password: str) -> None:
        if not self.encrypted:
            self.host.changes.append("a password in the open")
        self.host.logins.append((user, password))
        if (user, password) == (USER, PASSWORD):
            self._say(tag + b" OK welcome")
        else:  # it says the password back, so that a test sees who repeats it
            self._say(tag + f" NO [AUTHENTICATIONFAILED] {user}, your password {password} is wrong".encode())

    def _examine(self, tag: bytes, rest: str) -> None:
        if rest != f'"{self.host.folder}"':
            self._say(tag + b" NO [NONEXISTENT] no such folder")
            return
        self.opened = True
        self._say(f"* {len(self.host.messages)} EXISTS".encode())
        self._say(tag + b" OK [READ-ONLY] opened")

    def _search(self, tag: bytes, rest: str) -> None:
        found = re.fullmatch(r"SINCE (\d{1,2})-([A-Z][a-z]{2})-(\d{4})", rest)
        assert self.opened, "nothing is open"
        assert found is not None, rest
        since = datetime(int(found[3]), _MONTHS.index(found[2]) + 1, int(found[1]), tzinfo=UTC)
        numbers = [str(number) for number, kept in self._numbered() if kept.arrived >= since]
        self._say(f"* SEARCH {' '.join(numbers)}".rstrip().encode())
        self._say(tag + b" OK done")

    def _fetch(self, tag: bytes, rest: str) -> None:
        numbers, _, what = rest.partition(" ")
        found = _PEEK.search(what)
        assert found is not None, what
        wanted = {int(number) for number in numbers.split(",")}
        for place, (number, kept) in enumerate(self._numbered(), start=1):
            if number in wanted:
                part = self._part(kept.content, found[1])[: int(found[2]) if found[2] else None]
                name = f"BODY[{found[1]}]<0>"
                after = number % 2  # servers say the rest before or after the content
                about = f'UID {number} INTERNALDATE "{kept.internal_date}"'
                self._say(f"* {place} FETCH ({'' if after else about + ' '}{name} {{{len(part)}}}".encode())
                self.wfile.write(part)
                self._say(f"{' ' + about if after else ''})".encode())
        self._say(b"* 1 FETCH (FLAGS (\\Seen))")  # somebody else reads the mailbox at the same time
        self._say(tag + b" OK done")

    @staticmethod
    def _part(content: bytes, name: str) -> bytes:
        head, end, text = content.partition(b"\r\n\r\n")
        if not name:
            return content
        if name.upper() == "TEXT":
            return text
        lines = re.split(rb"\r\n(?![ \t])", head)
        if wanted := re.search(r"\(([^)]*)\)", name):
            names = {word.lower().encode() for word in wanted[1].split()}
            lines = [line for line in lines if line.partition(b":")[0].lower() in names]
        return b"\r\n".join(lines) + (end or b"\r\n\r\n")

    def _logout(self, tag: bytes, _: str) -> bool:
        self._say(b"* BYE bye")
        self._say(tag + b" OK done")
        return False

    def _numbered(self) -> list[tuple[int, Kept]]:
        """Each message by its UID, which has gaps in a mailbox that lives."""
        return [(3 + 7 * place, kept) for place, kept in enumerate(self.host.messages)]


@contextmanager
def imaphost(messages: Sequence[bytes | Kept] = (), **how: Any) -> Iterator[Imaphost]:
    """A server in this process, while the block lasts. Fails when it was asked to change anything."""
    host = Imaphost([kept if isinstance(kept, Kept) else Kept(kept) for kept in messages], **how)
    with _Server((HERE, 0), _Session) as server:
        server.host = host
        server.context = host.context() if host.security is not Security.NONE else None
        host.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield host
        finally:
            server.shutdown()
            thread.join(5)
    assert host.changes == [], "the mailbox is only ever read, and no password told in the open"


def crlf(text: str) -> bytes:
    """A message as it travels."""
    return "\r\n".join(text.lstrip("\n").split("\n")).encode()
