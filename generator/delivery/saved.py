"""Messages as people keep them: an email in a file, a whole mailbox in one (mbox), or text that was copied out of one."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING

from generator.delivery.own_words import one_line, own_words, whole_words
from generator.delivery.reading import LARGEST, UNDATED, parse_reply
from generator.domain.replies import Reply, ReplyKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

LARGEST_FILE = 50_000_000  #: bytes: a folder of answers, not the mail of ten years
_MOST = 2_000
_LONGEST_SUBJECT = 80
_BETWEEN = re.compile(rb"(?:\A|\r?\n\r?\n)From [^\r\n]{1,300}\r?\n(?=[A-Za-z-]{1,60}:)")
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)
_HEADER = re.compile(rb"[A-Za-z][A-Za-z0-9-]{0,60}:[ \t\r\n]")
_TELLING = re.compile(rb"^(?:from|message-id|received|return-path|mime-version):", re.IGNORECASE | re.MULTILINE)


def saved_replies(data: bytes, own: str, zone: tzinfo) -> Iterator[Reply | None]:
    """Each message of a file; None for one that says nothing to us: our own, or of a delivery that is still being tried.

    Text without the headings of an email is somebody's answer all the same: of whom, and when, only its words can tell.
    """
    if _BETWEEN.match(data):
        for one in _BETWEEN.split(data)[1 : _MOST + 1]:
            yield parse_reply(_ESCAPED.sub(rb"\1", one[:LARGEST]), own, zone=zone)
    elif _is_email(data):
        yield parse_reply(data[:LARGEST], own, zone=zone)
    else:
        yield _copied(data[:LARGEST])


def _is_email(data: bytes) -> bool:
    head = re.split(rb"\r?\n\r?\n", data.lstrip()[:LARGEST], maxsplit=1)[0]
    return bool(_HEADER.match(head) and _TELLING.search(head))


def _copied(data: bytes) -> Reply | None:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    words = own_words(text)
    if not words:
        return None
    ident = blake2b(" ".join(text.split()).encode(), digest_size=16).hexdigest()
    subject = one_line(words, _LONGEST_SUBJECT)
    return Reply(ident, ReplyKind.ANSWER, "", subject, UNDATED, text=words, whole=whole_words(text))
