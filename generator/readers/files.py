"""A file's bytes → its text: what is too large or not text is refused before it costs anything."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from generator.domain.ledger import SourceRef
from generator.problems import files

if TYPE_CHECKING:
    from pathlib import Path

    from generator.domain.ledger import Problem

MEGABYTE = 1_000_000
#: Far above the largest ledger there is: 100,000 invoices take about 10 MB.
LARGEST_FILE = 100 * MEGABYTE
#: A block of this size without one line break is no ledger.
LONGEST_LINE = MEGABYTE

_BLOCKED_SHARE = 20  #: one control character in so many, and the file is not text
_LOOKED_AT = 65_536
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\x0b\x0c"))
_BEGINNINGS = {
    b"PK\x03\x04": "a workbook or another zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"\x1f\x8b": "a compressed file",
    b"SQLite format 3": "a database",
}
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_UTF8_PAIR = re.compile(rb"[\xc2\xc3][\x80-\xbf]|\xe2[\x80-\x82][\x80-\xbf]")


def read_text(path: Path, file: str) -> str | Problem:
    """The text of a file in UTF-8, UTF-16 (with its mark) or Windows-1252, or why it cannot be had."""
    try:
        if not path.is_file():
            return files.FILE_UNREADABLE.at(SourceRef(file), reason="it is not a plain file")
        size = path.stat().st_size
        if size > LARGEST_FILE:
            return files.FILE_TOO_LARGE.at(SourceRef(file), size=size // MEGABYTE, limit=LARGEST_FILE // MEGABYTE)
        data = _blocks(path, file)
    except OSError as refused:
        return files.FILE_UNREADABLE.at(SourceRef(file), reason=refused.strerror or type(refused).__name__)
    return decoded(data, file) if isinstance(data, bytes) else data


def _blocks(path: Path, file: str) -> bytes | Problem:
    lines = 1
    blocks: list[bytes] = []
    with path.open("rb") as stream:
        while block := stream.read(LONGEST_LINE):
            if not blocks and (kind := looks_like(block)):
                return files.FILE_BINARY.at(SourceRef(file), looks_like=kind)
            if len(block) == LONGEST_LINE and b"\n" not in block and b"\r" not in block:
                return files.LINE_TOO_LONG.at(SourceRef(file, lines))
            lines += block.count(b"\n")
            blocks.append(block)
            if len(blocks) * LONGEST_LINE > LARGEST_FILE:  # a file that grows while it is read
                return files.FILE_TOO_LARGE.at(SourceRef(file), size=len(blocks), limit=LARGEST_FILE // MEGABYTE)
    return b"".join(blocks)


def looks_like(data: bytes) -> str:
    """What a file is that is not text; nothing for a text."""
    for beginning, kind in _BEGINNINGS.items():
        if data.startswith(beginning):
            return kind
    start = data[:_LOOKED_AT]
    if start[:2] in _UTF16:
        return ""
    controls = len(start) - len(start.translate(None, _CONTROLS))
    if controls * _BLOCKED_SHARE > len(start):
        return "UTF-16 without its mark, or no text at all" if b"\0" in start else "no text at all"
    return ""


def decoded(data: bytes, file: str) -> str | Problem:
    """Bytes as text. Windows-1252 only for a file that has no trace of UTF-8: a mix of both would spoil names."""
    mark = _UTF16.get(data[:2])
    try:
        return data[2:].decode(mark) if mark else data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = data.count(b"\n", 0, wrong.start) + 1
    if mark:
        return files.FILE_BINARY.at(SourceRef(file), looks_like="broken UTF-16")
    if _UTF8_PAIR.search(data):
        return files.ENCODING_MIXED.at(SourceRef(file, line))
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return files.ENCODING_MIXED.at(SourceRef(file, line))
