"""The bytes of an email → what it says to us: who answers what, or which message of ours came back.

Anybody can write to the mailbox, so every length is bounded before it is looked at, and headers are read as they stand:
the standard library's structured headers (`policy.default`) stumble over some that a hostile sender can make.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, tzinfo
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser, Parser
from email.utils import parseaddr, parsedate_to_datetime
from hashlib import blake2b
from typing import TYPE_CHECKING

from generator.delivery.own_words import all_of_html, one_line, own_words, text_of_html, whole_words
from generator.domain.replies import Failure, Reply, ReplyKind
from generator.mime import UnsendableError, server_address

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 1_000_000  #: bytes of a message that are looked at
UNDATED = date.max  #: the day of a message of which nobody says when it came
_LONGEST_HEADER = 16_000
_LONGEST_SUBJECT = 300
_LONGEST_ID = 250
_LONGEST_WORDS = 300
_LONGEST_SENDER = 1_000
_MOST_IDS = 50
_MOST_PARTS = 60
_MOST_BOUNDARIES = 500
_MOST_RECIPIENTS = 100

_IN_BRACKETS = re.compile(r"<([^<>\s]{1,250})>")
_BARE_ID = re.compile(r"[^<>\s@]{1,120}@[^<>\s@]{1,120}")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_CODE = re.compile(r"(?:^|[\s;])(5\d\d)[\s-]")
_RETURNED = frozenset({"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"})
_REPORTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_SYSTEM = frozenset({"mailer-daemon", "postmaster"})
_AUTOMATIC_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply-From", "X-Mail-Autoreply")
_AUTOMATIC_PRECEDENCE = frozenset({"bulk", "junk", "auto_reply"})
_AUTOMATIC_SUBJECT = re.compile(r"(?:automatic reply|réponse automatique|out of office)\s?:", re.IGNORECASE)
_TEXTUAL = ("text/plain", "text/html")
_UNTOLD = frozenset({"", "ascii", "us-ascii", "unknown-8bit"})
_NO_TEXT = frozenset(
    {"unicode-escape", "raw-unicode-escape", "idna", "punycode", "undefined"}
)  #: Python's, and nobody's mail
_UUENCODED = frozenset({"x-uuencode", "uuencode", "uue", "x-uue"})


def parse_reply(raw: bytes, own: str, *, received: datetime | None = None, zone: tzinfo = UTC) -> Reply | None:
    """What an email says; None when it is nothing to us: our own, from nobody, or a delivery that is still being tried.

    `own` is our address. `received` is when the mailbox took it; else the message's own word for it counts, else UNDATED.
    """
    message = _parsed(raw[:LARGEST])
    sender = _sender(message)
    report = _report(message)
    answers = _answers(message)
    ours = sender.casefold() == own.strip().casefold()
    if report is None and (ours or not (sender or answers)):
        return None
    kind = ReplyKind.AUTOMATIC if _automatic(message, sender) else ReplyKind.ANSWER
    failed: tuple[Failure, ...] = ()
    if report is not None:
        told = list(_recipients(report))
        if told and not any(action == "failed" for action, _ in told):
            return None
        failed = tuple(failure for action, failure in told if action == "failed" and failure.status.startswith("5"))
        kind = ReplyKind.BOUNCE if failed else ReplyKind.AUTOMATIC
    return Reply(
        id=message_id(message),
        kind=kind,
        sender=sender,
        subject=_subject(message),
        received_on=_received_on(message, received, zone),
        answers=answers,
        text="" if report is not None else own_words(_text(message)),
        failed=failed,
        original_id=_original_id(message) if report is not None else "",
        whole="" if report is not None else whole_words(*_forms(message)),
    )


def heading(raw: bytes) -> tuple[str, str, bool]:
    """The id and the sender that the first bytes of a message tell, and whether it is a report of delivery."""
    message = _headers_only(raw)
    return message_id(message), _sender(message), message.get_content_type() == "multipart/report"


def message_id(message: Message) -> str:
    """The Message-ID without its brackets; for a message without a usable one, a digest of what makes it itself."""
    found = _ids(_header(message, "Message-ID"))
    if found and found[0].isprintable():
        return found[0]
    told = (_header(message, name) for name in ("From", "To", "Date", "Subject"))
    return blake2b("\x1f".join(told).encode(errors="replace"), digest_size=16).hexdigest()


def _parsed(raw: bytes) -> Message:
    if raw.count(b"\n--") > _MOST_BOUNDARIES:
        return _headers_only(raw)
    try:
        return BytesParser().parsebytes(raw)
    except RecursionError:  # parts within parts within parts: nobody's program makes them
        return _headers_only(raw)


def _headers_only(raw: bytes) -> Message:
    return BytesParser().parsebytes(
        re.split(rb"\r?\n\r?\n", raw[:LARGEST], maxsplit=1)[0] + b"\r\n\r\n", headersonly=True
    )


def _header(message: Message, name: str) -> str:
    """The first header of this name, unfolded; letters of no known encoding as UTF-8."""
    folded = name.lower()
    raw = next((value for key, value in message.raw_items() if key.lower() == folded), "")
    text = str(raw)[:_LONGEST_HEADER].encode("ascii", "surrogateescape").decode("utf-8", "replace")
    return re.sub(r"[\r\n]+[ \t]*", " ", text).strip()


def _sender(message: Message) -> str:
    """The address that the message says it is from, in the form in which the ledger has it; empty without any."""
    for name in ("From", "Sender"):
        address = parseaddr(_header(message, name)[:_LONGEST_SENDER])[1]
        if "@" in address:
            try:
                return server_address(address)
            except UnsendableError:  # we would not write there, and somebody wrote from there
                return one_line(address, _LONGEST_ID)
    return ""


def _subject(message: Message) -> str:
    raw = _header(message, "Subject")[: _LONGEST_SUBJECT * 4]
    try:
        text = "".join(map(_word, decode_header(raw)))
    except (HeaderParseError, ValueError):
        text = raw
    return one_line(text, _LONGEST_SUBJECT)


def _word(part: tuple[bytes | str, str | None]) -> str:
    """A part of a header; what is not encoded in one that is elsewhere comes as bytes of Python's own (`decode_header`)."""
    content, charset = part
    if isinstance(content, str):
        return content
    return _decoded(content, charset) if charset else content.decode("raw-unicode-escape", "replace")


def _ids(text: str) -> list[str]:
    """The Message-IDs in a header; one that somebody wrote without its brackets is understood too."""
    found = _IN_BRACKETS.findall(text)
    return found or ([text] if _BARE_ID.fullmatch(text) else [])


def _answers(message: Message) -> tuple[str, ...]:
    """What it answers, then what that answered, and so on."""
    before = reversed(_ids(_header(message, "References")))
    return tuple(dict.fromkeys([*_ids(_header(message, "In-Reply-To")), *before]))[:_MOST_IDS]


def _received_on(message: Message, received: datetime | None, zone: tzinfo) -> date:
    arrived = _header(message, "Received").rpartition(";")[2]
    for text in (arrived, _header(message, "Date")):
        if received is None and text.strip():
            try:
                received = parsedate_to_datetime(text.strip()[:100])
            except (ValueError, TypeError, OverflowError):
                continue
    if received is None:
        return UNDATED
    try:
        return (received if received.tzinfo else received.replace(tzinfo=UTC)).astimezone(zone).date()
    except (ValueError, OverflowError):  # a day at the edge of the calendar
        return UNDATED


def _automatic(message: Message, sender: str) -> bool:
    """Whether a machine wrote it (RFC 3834, and what was done before it).

    A mailbox may itself be a mailing list, whose messages say so: that alone does not make one automatic.
    """
    submitted = _header(message, "Auto-Submitted").partition(";")[0].strip().lower()
    return (
        submitted not in {"", "no"}
        or _header(message, "Precedence").lower() in _AUTOMATIC_PRECEDENCE
        or any(_header(message, name) for name in _AUTOMATIC_HEADERS)
        or _header(message, "Return-Path") == "<>"
        or message.get_content_type() == "multipart/report"
        or sender.partition("@")[0].lower() in _SYSTEM
        or bool(_AUTOMATIC_SUBJECT.match(_subject(message)))
    )


# Reports of delivery (RFC 3464)


def _report(message: Message) -> Message | None:
    """The part for machines of a report of delivery. One that a person forwards stands deeper, and is an answer."""
    if message.get_content_type() != "multipart/report":
        return None
    return next((part for part in _children(message) if part.get_content_type() in _REPORTS), None)


def _children(message: Message) -> list[Message]:
    parts = message.get_payload()
    return [part for part in parts[:_MOST_PARTS] if isinstance(part, Message)] if isinstance(parts, list) else []


def _recipients(report: Message) -> Iterator[tuple[str, Failure]]:
    """What was done for each recipient. The address that we wrote and the one it led to may both be told."""
    for block in _blocks(report)[:_MOST_RECIPIENTS]:
        action = _header(block, "Action").partition(" ")[0].lower()
        diagnostic = _header(block, "Diagnostic-Code").partition(";")[2].strip() or _header(block, "Diagnostic-Code")
        status = _status(_header(block, "Status"), diagnostic)
        told = (_header(block, name).rpartition(";")[2].strip() for name in ("Original-Recipient", "Final-Recipient"))
        for address in dict.fromkeys(text.strip("<>").strip()[:_LONGEST_ID] for text in told):
            if address:
                yield action, Failure(one_line(address, _LONGEST_ID), status, one_line(diagnostic, _LONGEST_WORDS))


def _blocks(report: Message) -> list[Message]:
    """The groups of fields of a report. The standard library takes only the older kind apart; of the other the rest is text."""
    found: list[Message] = []
    for block in _children(report):
        found.append(block)
        rest = block.get_payload()
        if isinstance(rest, str) and rest.strip():
            groups = re.split(r"(?:\r?\n){2,}", rest.strip())[:_MOST_RECIPIENTS]
            found += [Parser().parsestr(group, headersonly=True) for group in groups]
    return found


def _status(text: str, diagnostic: str) -> str:
    """The status of a recipient; of a report that gives none, what the server's code amounts to."""
    found = _STATUS.match(text)
    if found:
        return found[0]
    return "5.0.0" if _CODE.search(f" {diagnostic[:_LONGEST_WORDS]} ") else ""


def _original_id(message: Message) -> str:
    """The Message-ID of the message that came back, whole or only its headers."""
    for part in _children(message):
        if part.get_content_type() in _RETURNED:
            inner = next(iter(_children(part)), None)
            if inner is None:
                text = _decoded(_content(part), "").lstrip()
                inner = Parser().parsestr(text[:_LONGEST_HEADER], headersonly=True)
            return next(iter(_ids(_header(inner, "Message-ID"))), "")
    return ""


# Texts


def _text(message: Message) -> str:
    """The text of the message: as plain text if it has that, else that of its HTML."""
    for kind, content in _textual(message):
        text = text_of_html(content) if kind == "text/html" else content
        if text.strip():
            return text
    return ""


def _forms(message: Message) -> list[str]:
    """The text of the message in each of its forms, with what it quotes."""
    return [all_of_html(content) if kind == "text/html" else content for kind, content in _textual(message)]


def _textual(message: Message) -> Iterator[tuple[str, str]]:
    """The first part of each kind that holds text, the plainest first."""
    found = {
        kind: part for part in reversed(list(_parts(message))) for kind in _TEXTUAL if part.get_content_type() == kind
    }
    for kind in _TEXTUAL:
        if kind in found:
            charset = _CHARSET.search(_header(found[kind], "Content-Type"))
            yield kind, _decoded(_content(found[kind]), charset[1] if charset else "")


def _parts(message: Message) -> Iterator[Message]:
    """The parts in their order that are no attachment, without those of messages within the message."""
    waiting, seen = [message], 0
    while waiting and seen < _MOST_PARTS:
        part = waiting.pop()
        seen += 1
        if _header(part, "Content-Disposition").lower().startswith("attachment"):
            continue
        if part.get_content_maintype() == "multipart":
            waiting += reversed(_children(part))
        elif not part.is_multipart():
            yield part


def _content(part: Message) -> bytes:
    if _header(part, "Content-Transfer-Encoding").lower() in _UUENCODED:
        return b""
    try:
        content = part.get_payload(decode=True)
    except ValueError:
        return b""
    return content if isinstance(content, bytes) else b""


def _decoded(content: bytes, charset: str) -> str:
    """Text of the encoding that it names, or of the likeliest when it names none; what cannot be read is replaced."""
    name = charset.lower().replace("_", "-")
    if name in _UNTOLD or name in _NO_TEXT:
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError:
            return content.decode("cp1252", "replace")
    try:
        return content.decode("cp1252" if name == "iso-8859-1" else name, "replace")
    except (LookupError, ValueError):
        return content.decode("utf-8", "replace")
