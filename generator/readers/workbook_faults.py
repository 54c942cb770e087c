"""What the library that reads workbooks does not tell: cells whose formula failed, and a sheet whose corners lie too far apart.

It gives an empty cell, or a nought, for a formula that failed, and a nought in a ledger is a fact; and it makes room for every cell
between the first and the last, of which there may be more than any memory holds. Both are seen in the file itself, first.
"""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import IO, TYPE_CHECKING
from xml.etree import ElementTree as ET

from generator.readers.workbook_ods import failed_cells

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator

Place = tuple[int, int]  #: row and column, from 0

#: Unpacked, the largest workbook that is read: a hundred times the largest ledger.
MOST_UNPACKED = 2_000_000_000
MOST_CELLS = 16_000_000  #: more than a million invoices of twelve columns

_BLOCK = 4_000_000
_FAILED = re.compile(rb'<c\b([^>]*\bt="e"[^>]*)>(?:<f\b[^>]*/>|<f\b[^>]*>[^<]*</f>)?(?:<v>([^<]*)</v>)?')
_REF = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_FILLED = re.compile(rb'<c\b[^>]*\br="([A-Z]{1,3})([0-9]{1,7})"[^>/]*><(?:is\b|f\b|v>[^<])')
_DIMENSION = re.compile(rb'<dimension ref="([A-Z]{1,3})([0-9]{1,7})(?::([A-Z]{1,3})([0-9]{1,7}))?"')
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class TooLarge(Exception):  # noqa: N818  (a fact about the file, which its reader turns into a problem)
    """A workbook that no memory would hold."""


def faults(archive: zipfile.ZipFile) -> dict[str, dict[Place, str]]:
    """The cells of each sheet whose formula failed, with what they show. Raises TooLarge."""
    if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
        raise TooLarge
    names = set(archive.namelist())
    if "content.xml" in names:
        with archive.open("content.xml") as stream:
            return failed_cells(stream) if _holds(archive, "content.xml", b'value-type="error"') else {}
    found = {}
    for name, part in _sheets(archive, names):
        _measure(archive, part)
        if _holds(archive, part, b't="e"'):
            found[name] = dict(_failed(archive.read(part)))
    return found


def _sheets(archive: zipfile.ZipFile, names: set[str]) -> Iterator[tuple[str, str]]:
    """The sheets of an Excel workbook, with the part of the archive that each stands in."""
    book, relations = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
    if not {book, relations} <= names:
        return
    targets = {one.get("Id"): one.get("Target", "") for one in _parsed(archive, relations)}
    for sheet in _parsed(archive, book).findall(".//{*}sheet"):
        target = targets.get(sheet.get(_RELATION), "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if part in names:
            yield sheet.get("name", ""), part


def _parsed(archive: zipfile.ZipFile, part: str) -> ET.Element:
    return ET.fromstring(archive.read(part))  # noqa: S314  (the parser fetches nothing, and expands no bomb)


def _blocks(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """A part in blocks, each with the end of the one before, so that nothing is cut where it is looked for."""
    with archive.open(part) as stream:
        yield from _overlapping(stream)


def _overlapping(stream: IO[bytes]) -> Iterator[bytes]:
    before = b""
    while block := stream.read(_BLOCK):
        yield before + block
        before = block[-100:]


def _holds(archive: zipfile.ZipFile, part: str, words: bytes) -> bool:
    return any(words in block for block in _blocks(archive, part))


def _failed(text: bytes) -> Iterator[tuple[Place, str]]:
    for match in _FAILED.finditer(text):
        if where := _REF.search(match[1]):
            yield _place(where[1], where[2]), (match[2] or b"#N/A").decode("utf-8", "replace")


def _place(letters: bytes, figures: bytes) -> Place:
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return int(figures) - 1, column - 1


def _measure(archive: zipfile.ZipFile, part: str) -> None:
    """Raises TooLarge when the cells that hold something span more than can be read. Coloured ones alone do not count."""
    with archive.open(part) as stream:
        said = _DIMENSION.search(stream.read(4096))
    if said:
        first = _place(said[1], said[2])
        last = _place(said[3], said[4]) if said[3] else first
        if (last[0] - first[0] + 1) * (last[1] - first[1] + 1) <= MOST_CELLS:
            return
    rows = columns = 0
    for block in _blocks(archive, part):
        filled = _FILLED.findall(block)
        for letters, figures in zip_longest({one[0] for one in filled}, {one[1] for one in filled}, fillvalue=b""):
            row, column = _place(letters, figures or b"1")
            rows, columns = max(rows, row + 1), max(columns, column + 1)
    if rows * columns > MOST_CELLS:
        raise TooLarge
