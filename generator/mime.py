"""An email as bytes: `multipart/alternative`, quoted-printable, CRLF, ASCII throughout; with files, all of it in `multipart/mixed`.

One thing may be other than ASCII: what stands before the @ of an address, which has no other form. Such a message is in
UTF-8 there, and only a mail server that speaks SMTPUTF8 takes it (RFC 6531).

The headers are fixed, so they are written here one by one instead of through the standard library's header registry,
which costs five times as much. The tests read every message back with the strict policy of the standard library.

A name or a subject that could become a second header or hide an encoded word is refused (CVE-2024-6923): the reader of
the ledger refuses it first, this is the second lock.
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from dataclasses import dataclass
from email.utils import format_datetime
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

import idna

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

#: Controls, line and paragraph separators, marks that turn the direction of writing, and the start of an encoded word.
_HOSTILE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]|=\\?|\\?=")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_ASCII_OF_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]")
_ID = re.compile(rf"<?({_ATOM}(?:\.{_ATOM})*)(@[A-Za-z0-9.-]+)?>?")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]*")
_LINE = 76
_LONGEST_PLAIN_NAME = 60  #: longer ones are encoded, which folds anywhere
_LONGEST_LOCAL, _LONGEST_ADDRESS = 64, 254  #: in bytes: RFC 5321, 4.5.3.1
_LONGEST_ID = 250
_MOST_REFERENCES = 10
_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,60}")
_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+(?:; [a-z]+=[A-Za-z0-9-]+)*")


class UnsendableError(ValueError):
    """An address, a name or a subject that no header may carry. The text says which and why."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address with the name of who reads it."""

    name: str
    address: str

    @property
    def header(self) -> str:
        """`"Studio Vert, SARL" <compta@studio-vert.example>`, in ASCII, folded. Raises UnsendableError."""
        return _mailbox(self.name, self.address)


@dataclass(frozen=True, slots=True)
class Envelope:
    """All that stands in the headers of a message.

    `message_id` and `thread` are the parts before the @. `in_reply_to` is the Message-ID of the last message of the same
    debt and `references` are those before it, oldest first: whole ones, since the seller's domain may have changed, or
    the parts before the @ where it has not.
    """

    sender: Mailbox
    to: tuple[Mailbox, ...]
    reply_to: Mailbox
    subject: str
    date: datetime
    message_id: str
    thread: str
    language: str
    cc: tuple[Mailbox, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()

    @property
    def whole_id(self) -> str:
        """The Message-ID without its angle brackets, as the journal keeps it."""
        return f"{self.message_id}@{self.domain}"

    @property
    def recipients(self) -> tuple[str, ...]:
        """Where the message goes, each address once, in the form that mail servers take. Raises UnsendableError."""
        return tuple(server_address(one.address) for one in _by_address((*self.to, *self.cc)).values())

    @property
    def domain(self) -> str:
        """The seller's, in ASCII: that of every Message-ID that is made here."""
        return server_address(self.sender.address).rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message: `type` is its Content-Type without the name, `name` small letters, digits and hyphens."""

    name: str
    type: str
    content: bytes


def token(*parts: str) -> str:
    """A name that looks random and is the same for the same parts: for Message-IDs, which must tell nothing of a client."""
    return blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()


def addresses(text: str) -> tuple[str, ...]:
    """The addresses of a ledger field, which may hold several (`a@x.example; b@x.example`), each once."""
    found: dict[str, str] = {}
    for address in re.split(r"[;,\s]+", text.strip()):
        if address:
            found.setdefault(address.casefold(), address)
    return tuple(found.values())


def message(envelope: Envelope, text: str, html: str, *, attachments: Sequence[Attachment] = ()) -> bytes:
    """The whole message. Raises UnsendableError when a header could not be written as it is meant."""
    kind, parts = _words(envelope, text, html)
    if attachments:
        around = _boundary(envelope, "mixed")
        files = (_file(one, around) for one in attachments)
        parts = [f"--{around}\r\n{kind}\r\n\r\n".encode("ascii"), *parts, b"\r\n", *files, _end(around)]
        kind = f'Content-Type: multipart/mixed;\r\n boundary="{around}"'
    to = _by_address(envelope.to)
    if not to:
        raise UnsendableError("there is no address")
    copies = [mailbox for address, mailbox in _by_address(envelope.cc).items() if address not in to]
    head = [
        f"From: {envelope.sender.header}",
        f"To: {_mailboxes(to.values())}",
        *([f"Cc: {_mailboxes(copies)}"] if copies else []),
        f"Reply-To: {envelope.reply_to.header}",
        f"Subject: {_text(envelope.subject, len('Subject: '))}",
        f"Date: {format_datetime(envelope.date)}",
        f"Message-ID: <{envelope.whole_id}>",
        *([f"In-Reply-To: {_bracketed(envelope.in_reply_to, envelope)}"] if envelope.in_reply_to else []),
        f"References: {_thread(envelope)}",
        f"Content-Language: {envelope.language}",
        "Auto-Submitted: auto-generated",
        "X-Unsent: 1",
        "MIME-Version: 1.0",
        kind,
    ]
    headers = "\r\n".join(head).encode("utf-8" if needs_smtputf8(envelope) else "ascii")
    return b"".join((headers, b"\r\n\r\n", *parts))


def _words(envelope: Envelope, text: str, html: str) -> tuple[str, list[bytes]]:
    """What a reader reads, once as text and once as HTML: the header that says so, and the bytes."""
    boundary = _boundary(envelope, "boundary")
    kind = f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"'
    return kind, [_part("plain", text, boundary), _part("html", html, boundary), _end(boundary)]


def _boundary(envelope: Envelope, place: str) -> str:
    return f"=_{token(envelope.message_id, place)[:24]}"


def _end(boundary: str) -> bytes:
    return f"--{boundary}--\r\n".encode("ascii")


def _file(attachment: Attachment, boundary: str) -> bytes:
    """A file as it is, byte by byte. Raises UnsendableError for a name or a type that no header may carry."""
    if not _FILE_NAME.fullmatch(attachment.name) or not _TYPE.fullmatch(attachment.type):
        raise UnsendableError(
            f"{attachment.name[:60]!r} ({attachment.type[:60]!r}) is no file that goes with a message"
        )
    head = (
        f'--{boundary}\r\nContent-Type: {attachment.type};\r\n name="{attachment.name}"\r\n'
        f'Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="{attachment.name}"\r\n\r\n'
    )
    return head.encode("ascii") + base64.encodebytes(attachment.content).replace(b"\n", b"\r\n")


def needs_smtputf8(envelope: Envelope) -> bool:
    """Whether only a mail server that speaks SMTPUTF8 can take the message. Raises UnsendableError for a wrong address."""
    everybody = (envelope.sender, envelope.reply_to, *envelope.to, *envelope.cc)
    return not all(server_address(mailbox.address).isascii() for mailbox in everybody)


def wire(eml: bytes, *, date: datetime | None = None) -> bytes:
    """What goes to the mail server of a file of the outbox: no longer a draft, dated when it leaves, else byte for byte the same.

    Without `date` it keeps its own. Raises ValueError when these are not the bytes of a message with one Date.
    """
    head, end, body = eml.partition(b"\r\n\r\n")
    fields = re.split(rb"\r\n(?![ \t])", head)  # a line that begins with a space goes on with the field before it
    dated = [number for number, field in enumerate(fields) if field[:5].lower() == b"date:"]
    if not end or len(dated) != 1:
        raise ValueError("these are not the bytes of a prepared message")
    if date is not None:
        fields[dated[0]] = f"Date: {format_datetime(date)}".encode("ascii")
    return b"\r\n".join(field for field in fields if field[:9].lower() != b"x-unsent:") + end + body


def _thread(envelope: Envelope) -> str:
    """The root of the debt, then the last of the messages that are known of it, the one that is answered at the end."""
    root, *known = (
        _bracketed(one, envelope) for one in (envelope.thread, *envelope.references, envelope.in_reply_to) if one
    )
    newest_first = dict.fromkeys(one for one in reversed(known) if one != root)
    return "\r\n ".join([root, *reversed(list(newest_first)[:_MOST_REFERENCES])])


def _bracketed(ident: str, envelope: Envelope) -> str:
    found = _ID.fullmatch(ident)
    if found is None or len(ident) > _LONGEST_ID or _HOSTILE.search(ident):
        raise UnsendableError(f"{ident[:60]!r} is not the Message-ID of an email")
    return f"<{found[1]}{found[2] or f'@{envelope.domain}'}>"


def _part(subtype: str, content: str, boundary: str) -> bytes:
    head = f'--{boundary}\r\nContent-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    lines = content.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
    encoded = binascii.b2a_qp(lines.encode(), istext=True).replace(b"\n", b"\r\n")
    return head.encode("ascii") + encoded + b"\r\n"  # the line end before a boundary belongs to the boundary


@lru_cache(maxsize=1024)
def _mailbox(name: str, address: str) -> str:
    address = server_address(address)
    refuse_hostile(name)
    name = " ".join(name.split())
    if not name or "@" in name:  # a name that looks like another address is what frauds do: the address alone says it
        return address
    if not name.isascii() or len(name) > _LONGEST_PLAIN_NAME:
        words = _encoded(name, len("Reply-To: "))
    elif _PLAIN_NAME.fullmatch(name):
        words = name
    else:
        words = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    last = len(words.rpartition("\n")[2])
    between = "\r\n " if last + len(address) + len("Reply-To: <>") > _LINE else " "
    return f"{words}{between}<{address}>"


def _by_address(mailboxes: Iterable[Mailbox]) -> dict[str, Mailbox]:
    """The first mailbox of each address, by the address in small letters."""
    found: dict[str, Mailbox] = {}
    for mailbox in mailboxes:
        found.setdefault(server_address(mailbox.address).casefold(), mailbox)
    return found


def _mailboxes(mailboxes: Iterable[Mailbox]) -> str:
    return ",\r\n ".join(mailbox.header for mailbox in mailboxes)


@lru_cache(maxsize=1024)
def server_address(address: str) -> str:
    """An address in the form that mail servers take: its domain in ASCII (IDNA). Raises UnsendableError for what is none.

    Before the @ it is as it was written, composed (NFC): letters other than ASCII need SMTPUTF8.
    """
    refuse_hostile(address)
    local, at, domain = unicodedata.normalize("NFC", address.strip()).rpartition("@")
    if not at or not _is_local(local) or len(local.encode()) > _LONGEST_LOCAL:
        raise UnsendableError(f"{address[:80]!r} is not an address that mail servers take")
    try:
        found = f"{local}@{idna.encode(domain, uts46=True).decode('ascii')}"
    except (idna.IDNAError, UnicodeError) as error:
        raise UnsendableError(f"{domain[:80]!r} is not a domain: {error}") from error
    if found.endswith(".") or len(found.encode()) > _LONGEST_ADDRESS:
        raise UnsendableError(f"{address[:80]!r} is not an address that mail servers take")
    return found


def _is_local(local: str) -> bool:
    """Whether this may stand before an @: no sign or space that only looks like a part of a header (RFC 6532 lets all pass)."""
    if local.isascii():
        return bool(_LOCAL.fullmatch(local))
    return all(local.split(".")) and all(
        unicodedata.category(character)[0] in "LMN" if character > "\x7f" else _ASCII_OF_LOCAL.match(character)
        for character in local
    )


def refuse_hostile(text: str) -> None:
    """Raises UnsendableError for what would break out of a header."""
    if found := _HOSTILE.search(text):
        raise UnsendableError(f"{text[:60]!r} holds {found[0]!r}, which no header may carry")


def _text(words: str, used: int) -> str:
    refuse_hostile(words)
    return words if words.isascii() and len(words) <= _LINE - used else _encoded(words, used)


def _encoded(words: str, used: int) -> str:
    """RFC 2047: as many encoded words as lines are needed, none of them cutting a character."""
    chunks, chunk, room = [], b"", _chunk(_LINE - used)
    for character in words:
        more = character.encode()
        if len(chunk) + len(more) > room:
            chunks.append(chunk)
            chunk, room = b"", _chunk(_LINE - 1)
        chunk += more
    encoded = (binascii.b2a_base64(part, newline=False).decode("ascii") for part in [*chunks, chunk])
    return "\r\n ".join(f"=?utf-8?b?{part}?=" for part in encoded)


def _chunk(columns: int) -> int:
    """How many bytes an encoded word can hold in so many columns."""
    return (columns - len("=?utf-8?b??=")) // 4 * 3
