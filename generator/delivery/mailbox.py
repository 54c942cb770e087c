"""The mailbox where clients answer, read and never changed: no message of it is marked, moved or deleted.

The folder is opened with EXAMINE and its messages are fetched with PEEK, so that the owner's own mail program still shows as
unread what nobody read. First the headings come, then only the messages that are not known yet, and of each the first part.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from base64 import b64encode
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from generator.checks import is_loopback
from generator.config_delivery import Security
from generator.delivery.own_words import one_line
from generator.delivery.reading import LARGEST, UNDATED, heading, parse_reply
from generator.errors import OutsideError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from generator.config_delivery import ImapSettings
    from generator.domain.replies import Reply

__all__ = ["LARGEST", "UNDATED", "MailRead", "parse_reply", "read_mailbox"]

_PATIENCE_IN_SECONDS = 30.0
_MOST = 2_000
_HEADING = 32_768
_ANSWER = 131_072
_AT_ONCE = 50
_REPORTS_AT_ONCE = 8
_LONGEST_WORDS = 240
_NO_MORE_THAN = 1_000_000_000  #: bytes in all: a server that sends more was not asked to
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HEADERS = "BODY.PEEK[HEADER.FIELDS (FROM SENDER TO DATE SUBJECT MESSAGE-ID CONTENT-TYPE)]"
_UID = re.compile(rb"\bUID (\d{1,10})\b")
_INTERNAL_DATE = re.compile(
    rb'INTERNALDATE "([ \d]\d)-([A-Z][a-z]{2})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"'
)
_ASCII_RUN = re.compile(r"[ -~]+|[^ -~]+")


@dataclass(frozen=True, slots=True)
class MailRead:
    """What a mailbox held. `left_out` counts older messages that were not looked at, `unreadable` what nothing can be made of."""

    replies: tuple[Reply, ...] = ()
    left_out: int = 0
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is asked of each message: whose answers are not answers, which are known, and where a day begins."""

    own: str
    known: frozenset[str]
    zone: tzinfo


def read_mailbox(
    settings: ImapSettings,
    password: str,
    since: date,
    *,
    own: str,
    known: Collection[str] = (),
    zone: tzinfo = UTC,
    context: ssl.SSLContext | None = None,
) -> MailRead:
    """What came in since that day and is not `known` by its id, oldest first; `own` is our own address, `zone` the seller's.

    Raises OutsideError when the mailbox cannot be read, in words for the owner in which no password stands. The password is
    tried once.
    """
    if settings.security is Security.NONE and not is_loopback(settings.host):
        raise ValueError("only a server on this machine may be spoken to without encryption")
    place = f"the mailbox at {settings.host}:{settings.port}"
    with _in_words(place, password):
        server = _Server.reached(settings, lambda: context or ssl.create_default_context(), place)
        try:
            server.log_in(settings.user, password)
            server.examine(settings.folder)
            return server.read(since, _Wanted(own, frozenset(known), zone))
        finally:
            server.leave()


@contextmanager
def _in_words(place: str, password: str) -> Iterator[None]:
    """Whatever goes wrong with the mailbox, in words for the owner."""
    try:
        yield
    except ssl.SSLCertVerificationError as wrong:
        reason = one_line(wrong.verify_message, _LONGEST_WORDS).rstrip(".")
        raise OutsideError(
            f"{place} shows a certificate that cannot be trusted ({reason}): no password was sent."
        ) from None
    except TimeoutError:
        raise OutsideError(f"{place} did not answer in time.") from None
    except ssl.SSLError as wrong:
        reason = one_line(wrong.reason or type(wrong).__name__, _LONGEST_WORDS)
        raise OutsideError(
            f"{place} could not agree with us on encryption ({reason}): look at security and port in portal.toml."
        ) from None
    except OSError as refused:
        reason = one_line(refused.strerror or type(refused).__name__, _LONGEST_WORDS)
        raise OutsideError(f"{place} cannot be reached: {reason}.") from None
    except imaplib.IMAP4.error as wrong:
        raise OutsideError(f"{place} cannot be read: {_said(wrong, password)}.") from None


def _said(wrong: Exception, password: str) -> str:
    """The server's words, on one line and without what is secret: it may repeat what it was told."""
    given = wrong.args[0] if wrong.args else b""
    text = given.decode("utf-8", "replace") if isinstance(given, bytes) else str(given)
    for secret in (password, b64encode(password.encode()).decode("ascii")):
        text = text.replace(secret, "…") if secret else text
    return one_line(text, _LONGEST_WORDS).rstrip(".") or "it says nothing more"


class _Bounded:
    """A connection on which a server cannot make us read without end what was never asked for."""

    left = _NO_MORE_THAN

    def read(self, size: int) -> bytes:
        """Raises IMAP4.abort for more than can have been asked for."""
        self.left -= size
        if size > 2 * LARGEST or self.left < 0:
            raise imaplib.IMAP4.abort("it sends more than it was asked for")
        return super().read(size)  # type: ignore[misc,no-any-return] # of the class that it is mixed with


class _Plain(_Bounded, imaplib.IMAP4):
    pass


class _Encrypted(_Bounded, imaplib.IMAP4_SSL):
    pass


@dataclass(slots=True)
class _Server:
    """A connection to the mailbox, as far as it goes."""

    imap: imaplib.IMAP4
    place: str
    password: str = field(default="", repr=False)

    @classmethod
    def reached(cls, settings: ImapSettings, trust: Callable[[], ssl.SSLContext], place: str) -> _Server:
        """Connected, and encrypted unless it is on this machine: nothing secret was said before.

        Whose certificates are believed is read only for a server that shows one: that takes longer than all the rest.
        """
        host, port = settings.host, settings.port
        if settings.security is Security.TLS:
            return cls(_Encrypted(host, port, ssl_context=trust(), timeout=_PATIENCE_IN_SECONDS), place)
        server = cls(_Plain(host, port, timeout=_PATIENCE_IN_SECONDS), place)
        if settings.security is Security.STARTTLS:
            try:
                server.encrypt(trust())
            except BaseException:
                server.leave()
                raise
        return server

    def encrypt(self, context: ssl.SSLContext) -> None:
        """Raises OutsideError for a server that would go on in the open."""
        if "STARTTLS" not in self.imap.capabilities or self.imap.state != "NONAUTH":
            raise OutsideError(
                f"{self.place} offers no encryption (STARTTLS): no password was sent. "
                'If it encrypts from the first byte on, write security = "tls".'
            )
        self.imap.starttls(context)

    def log_in(self, user: str, password: str) -> None:
        """One attempt, in one way: a second one would count as a second wrong password."""
        if self.imap.state != "NONAUTH":  # a server that greets us as somebody it knows
            return
        if not password.isprintable():
            raise OutsideError(
                "IMAP_PASSWORD holds a character that no password can have: look for a line break in it."
            )
        can = self.imap.capabilities
        try:
            if "AUTH=PLAIN" in can:
                self.imap.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
            elif "LOGINDISABLED" in can or not f"{user}{password}".isascii():
                raise OutsideError(f"{self.place} offers no way to log in that relance knows (AUTH=PLAIN).")
            else:
                self.imap.login(user, password)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as refused:
            raise OutsideError(
                f"{self.place} does not accept the password of {one_line(user, _LONGEST_WORDS)}: {_said(refused, password)}. "
                "It was tried once. Look at [imap] user and at IMAP_PASSWORD."
            ) from None

    def examine(self, folder: str) -> None:
        """Opens the folder for reading. Raises OutsideError when there is none of that name."""
        answer, words = self.imap.select(_folder(folder), readonly=True)
        if answer != "OK":
            reason = _said(imaplib.IMAP4.error(words[0] or b""), "")
            raise OutsideError(
                f"{self.place} has no folder {one_line(folder, _LONGEST_WORDS)} that can be read: {reason}. "
                "Look at [imap] folder."
            )

    def read(self, since: date, wanted: _Wanted) -> MailRead:
        """Everything since that day that is not known, the newest 2,000 messages of it."""
        every = self._search(since)
        numbers = every[-_MOST:]
        answers: list[int] = []
        reports: list[int] = []
        for number, _, head in self._fetch(numbers, _HEADERS, _HEADING, _AT_ONCE):
            ident, sender, is_report = heading(head)
            if ident not in wanted.known and sender.casefold() != wanted.own.casefold():
                (reports if is_report else answers).append(number)
        found: dict[int, Reply] = {}
        unreadable = 0
        for numbers, most, at_once in ((answers, _ANSWER, _AT_ONCE), (reports, LARGEST, _REPORTS_AT_ONCE)):
            for number, arrived, content in self._fetch(numbers, "BODY.PEEK[]", most, at_once):
                try:
                    reply = parse_reply(content, wanted.own, received=arrived, zone=wanted.zone)
                except Exception:  # noqa: BLE001 - whatever one message does to the parser, the others are read
                    unreadable += 1
                    continue
                if reply is not None:
                    found[number] = reply
        return MailRead(tuple(found[number] for number in sorted(found)), len(every) - len(every[-_MOST:]), unreadable)

    def _search(self, since: date) -> list[int]:
        """The numbers of the messages of these days, the oldest first. A day more: a server counts days in a zone of its own."""
        day = max(since, date(1970, 1, 2)) - timedelta(days=1)
        numbers = self._uid("SEARCH", "SINCE", f"{day.day}-{_MONTHS[day.month - 1]}-{day.year}")
        found = b" ".join(part for part in numbers if isinstance(part, bytes)).split()
        return sorted({int(number) for number in found if number.isdigit() and len(number) <= len("4294967295")})

    def _fetch(
        self, numbers: list[int], what: str, most: int, at_once: int
    ) -> Iterator[tuple[int, datetime | None, bytes]]:
        """The first bytes of each message, with the moment at which the server took it."""
        for start in range(0, len(numbers), at_once):
            batch = numbers[start : start + at_once]
            data = self._uid("FETCH", ",".join(map(str, batch)), f"(UID INTERNALDATE {what}<0.{most}>)")
            came = dict(_literals(data))
            for number in batch:
                if number in came:  # else it was deleted in between
                    about, content = came[number]
                    yield number, _moment(about), content[:most]

    def _uid(self, command: str, *arguments: str) -> list[Any]:
        answer, data = self.imap.uid(command, *arguments)
        if answer != "OK":
            raise imaplib.IMAP4.error(data[0] or b"")
        return list(data)

    def leave(self) -> None:
        """Takes leave, if the server still listens, and closes the connection in any case."""
        with suppress(imaplib.IMAP4.error, OSError):
            self.imap.logout()
        with suppress(OSError):
            self.imap.shutdown()


def _literals(data: Iterable[Any]) -> Iterator[tuple[int, tuple[bytes, bytes]]]:
    """Each message of an answer: its number, what is said about it, its content. Servers say some of it after the content."""
    about, content = b"", None
    for part in [*data, (b"", b"")]:
        if isinstance(part, tuple):
            if content is not None and (found := _UID.search(about)):
                yield int(found[1]), (about, content)
            about, content = part[0], part[1]
        elif isinstance(part, bytes):
            about += b" " + part


def _moment(about: bytes) -> datetime | None:
    found = _INTERNAL_DATE.search(about)
    if not found:
        return None
    day, month, year, hour, minute, second, sign, hours, minutes = (part.decode("ascii") for part in found.groups())
    try:
        moment = datetime(
            int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), min(int(second), 59), tzinfo=UTC
        )
        off = timedelta(hours=int(hours), minutes=int(minutes))
        return moment + off if sign == "-" else moment - off
    except (ValueError, OverflowError):
        return None


def _folder(name: str) -> str:
    """The name of a folder as IMAP writes it: quoted, other letters than ASCII in its own UTF-7 (RFC 3501, 5.1.3)."""
    runs = (
        run if run.isascii() and run.isprintable() else _utf7(run)
        for run in _ASCII_RUN.findall(name.replace("&", "&-"))
    )
    text = "".join(runs).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _utf7(run: str) -> str:
    return "&" + b64encode(run.encode("utf-16-be", "replace")).decode("ascii").rstrip("=").replace("/", ",") + "-"
