"""An email as bytes: `multipart/alternative`, quoted-printable, CRLF, ASCII throughout.

The headers are fixed, so they are written here one by one instead of through the standard library's header registry,
which costs five times as much. The tests read every message back with the strict policy of the standard library.

A name or a subject that could become a second header or hide an encoded word is refused (CVE-2024-6923): the reader of
the ledger refuses it first, this is the second lock.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from email.utils import format_datetime
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

import idna

if TYPE_CHECKING:
    from datetime import datetime

#: Controls, line and paragraph separators, marks that turn the direction of writing, and the start of an encoded word.
_HOSTILE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]|=\\?|\\?=")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]*")
_LINE = 76
_LONGEST_PLAIN_NAME = 60  #: longer ones are encoded, which folds anywhere


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
    """All that stands in the headers of a message. `message_id` and `thread` are the parts before the @."""

    sender: Mailbox
    to: tuple[Mailbox, ...]
    reply_to: Mailbox
    subject: str
    date: datetime
    message_id: str
    thread: str
    language: str


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


def message(envelope: Envelope, text: str, html: str) -> bytes:
    """The whole message. Raises UnsendableError when a header could not be written as it is meant."""
    domain = _address(envelope.sender.address).rpartition("@")[2]
    boundary = f"=_{token(envelope.message_id, 'boundary')[:24]}"
    head = [
        f"From: {envelope.sender.header}",
        f"To: {_folded([mailbox.header for mailbox in envelope.to])}",
        f"Reply-To: {envelope.reply_to.header}",
        f"Subject: {_text(envelope.subject, len('Subject: '))}",
        f"Date: {format_datetime(envelope.date)}",
        f"Message-ID: <{envelope.message_id}@{domain}>",
        f"References: <{envelope.thread}@{domain}>",
        f"Content-Language: {envelope.language}",
        "Auto-Submitted: auto-generated",
        "X-Unsent: 1",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"',
    ]
    parts = (_part("plain", text, boundary), _part("html", html, boundary))
    return b"".join(("\r\n".join(head).encode("ascii"), b"\r\n\r\n", *parts, f"--{boundary}--\r\n".encode("ascii")))


def _part(subtype: str, content: str, boundary: str) -> bytes:
    head = f'--{boundary}\r\nContent-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    lines = content.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
    encoded = binascii.b2a_qp(lines.encode(), istext=True).replace(b"\n", b"\r\n")
    return head.encode("ascii") + encoded + b"\r\n"  # the line end before a boundary belongs to the boundary


@lru_cache(maxsize=1024)
def _mailbox(name: str, address: str) -> str:
    address = _address(address)
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


def _folded(mailboxes: list[str]) -> str:
    return ",\r\n ".join(mailboxes)


@lru_cache(maxsize=1024)
def _address(address: str) -> str:
    local, at, domain = address.strip().rpartition("@")
    if not at or not _LOCAL.fullmatch(local):
        raise UnsendableError(f"{address!r} is not an address that every mail server takes")
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode('ascii')}"
    except (idna.IDNAError, UnicodeError) as error:
        raise UnsendableError(f"{domain!r} is not a domain: {error}") from error


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
