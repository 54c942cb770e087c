"""A FEC as text → lines cut into cells: encoding, separator and columns as its first line shows them.

The law asks for tabs or |, in ASCII, ISO 8859-15 or UTF-8; programs write Windows-1252 and marks too, put quotation marks around
cells or not, end lines with a separator, and leave separators inside labels. What can be put right for certain is put right.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import combinations_with_replacement, islice
from typing import TYPE_CHECKING

from generator.checks import slug
from generator.domain.ledger import Problem, SourceRef
from generator.problems import fec as problems
from generator.problems import files
from generator.readers.cells import amount_text
from generator.readers.files import LONGEST_LINE, MEGABYTE, looks_like

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

#: Entries are read one by one, so this is no matter of memory: a file of this size holds three million of them.
LARGEST_FILE = 500 * MEGABYTE
#: The columns of the law, and those of the variants for cash accounts.
COLUMNS = tuple(
    """JournalCode JournalLib EcritureNum EcritureDate CompteNum CompteLib CompAuxNum CompAuxLib PieceRef PieceDate
    EcritureLib Debit Credit EcritureLet DateLet ValidDate Montantdevise Idevise""".split()  # noqa: SIM905 - a list of names
)
_REQUIRED = ("JournalCode", "EcritureNum", "EcritureDate", "CompteNum", "PieceRef")
_OTHER_NAMES = {
    "JournalLib": ("journallibelle",),
    "CompteLib": ("comptelibelle",),
    "CompAuxNum": ("compteauxnum", "comptauxnum"),
    "CompAuxLib": ("compauxlibelle", "compteauxlib", "comptauxlib"),
    "EcritureLib": ("ecriturelibelle",),
    "EcritureLet": ("ecriturelettrage", "lettrage"),
    "DateLet": ("datelettrage", "ecrituredatelet"),
    "Idevise": ("devise", "codedevise"),
    "Montant": (),
    "Sens": (),
    "DateRglt": ("datereglement",),
    "ModeRglt": ("modereglement",),
    "NatOp": ("natureoperation",),
    "IdClient": (),
}
_NAMES = {name.casefold(): name for name in (*COLUMNS, *_OTHER_NAMES)} | {
    other: name for name, others in _OTHER_NAMES.items() for other in others
}
_SEPARATORS = ("\t", "|", ";")
_ENOUGH_NAMES = 4  #: so many known columns, and a file means to be a FEC
_SAMPLE = 5_000
_MOST_EXTRA = 5  #: separators inside the labels of one line
_LABELS = ("JournalLib", "CompteLib", "CompAuxLib", "PieceRef", "EcritureLib")
#: What a line means must not hang on where in its labels a separator stood.
_TELLING = tuple(
    """JournalCode EcritureNum EcritureDate CompteNum CompAuxNum PieceRef PieceDate Debit Credit Montant Sens EcritureLet
    Idevise Montantdevise""".split()  # noqa: SIM905 - a list of names
)
_DATE = re.compile(r"\d{8}|\d{4}-\d\d-\d\d|\d\d/\d\d/\d{4}")
_AMOUNT = re.compile(r"[-+]?[\d\s.,]*\d[\d\s.,]*[-+]?")
_ACCOUNT = re.compile(r"\d{3}\w*")
_SIDE = re.compile(r"[DC]|[-+]?1", re.IGNORECASE)
_CURRENCY = re.compile(r"[A-Za-z]{3}|€")
_SHAPES: dict[str, tuple[re.Pattern[str], bool]] = {  # whether the cell must be filled
    "EcritureDate": (_DATE, True),
    "PieceDate": (_DATE, False),
    "DateLet": (_DATE, False),
    "ValidDate": (_DATE, False),
    "DateRglt": (_DATE, False),
    "CompteNum": (_ACCOUNT, True),
    "Debit": (_AMOUNT, False),
    "Credit": (_AMOUNT, False),
    "Montant": (_AMOUNT, True),
    "Sens": (_SIDE, True),
    "Montantdevise": (_AMOUNT, False),
    "Idevise": (_CURRENCY, False),
}
_UTF8_PAIR = re.compile(rb"[\xc2\xc3][\x80-\xbf]|\xe2[\x80-\x82][\x80-\xbf]")
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_WINDOWS = bytes(range(0x80, 0xA0))  #: letters and signs in Windows-1252, nothing in ISO 8859-15
_BLANK = " \t|;\ufeff\x1a\xa0"


@dataclass(slots=True)
class FecText:
    """One file whose first line was understood. `at` has the place of each column, `mark` is its decimal mark.

    `trailing`: its first line ends with a separator, as its entries then do.
    `broken` gathers the lines that cannot be cut into cells for certain, as `lines` meets them.
    """

    path: Path
    file: str
    codec: str
    separator: str
    at: dict[str, int]
    width: int
    first_line: int
    trailing: bool = False
    mark: str = ""
    broken: list[tuple[int, list[str]]] = field(default_factory=list)

    def has(self, column: str) -> bool:
        """Whether the file has a column."""
        return column in self.at

    def lines(self) -> Iterator[tuple[int, list[str]]]:
        """Every entry's line with its number, cut into as many cells as there are columns."""
        date, account = self.at["EcritureDate"], self.at["CompteNum"]
        usual, separator = self.width + self.trailing, self.separator
        with self.path.open(encoding=self.codec, errors="replace") as stream:
            pending: tuple[int, str] | None = None
            for number, text in enumerate(islice(stream, self.first_line, None), self.first_line + 1):
                line = text.rstrip("\n")
                cells = line.split(separator)
                if (
                    pending is None
                    and len(cells) == usual
                    and (not self.trailing or not cells[-1].strip())
                    and '"' not in line
                    and len(cells[date].strip()) == 8  # noqa: PLR2004 - as the law writes a date
                    and cells[account].strip()[:3].isdigit()
                ):
                    yield number, cells
                    continue
                if not line.strip(_BLANK):
                    continue
                pending = yield from self._mended(number, line, pending)
            if pending is not None:
                self.broken.append((pending[0], pending[1].split(separator)))

    def _mended(
        self, number: int, line: str, pending: tuple[int, str] | None
    ) -> Generator[tuple[int, list[str]], None, tuple[int, str] | None]:
        """A line that is not as it should be, put right, or with the end of the one before: a label had a line break in it.

        Returns a line that may go on in the next one.
        """
        whole = self.cut(line)
        if pending is not None:
            joined = self.cut(f"{pending[1]} {line}") if whole is None else None
            if joined is not None:
                yield pending[0], joined
                return None
            self.broken.append((pending[0], pending[1].split(self.separator)))
        if whole is not None:
            yield number, whole
            return None
        if line.count(self.separator) < self.width - 1:
            return number, line
        self.broken.append((number, line.split(self.separator)))
        return None

    def cut(self, line: str) -> list[str] | None:
        """One line as cells; None when it cannot be told for certain which cell is which."""
        found = self._fitted(line.split(self.separator))
        if '"' in line:
            quoted = self._fitted(_unquoted(line, self.separator))
            if quoted is not None and (found is None or self._fits(quoted) or not self._fits(found)):
                return quoted
        return found

    def _fitted(self, cells: list[str]) -> list[str] | None:
        if len(cells) < self.width:
            short = len(cells)
            cells += [""] * (self.width - short)
            return cells if self._reaches(short) and self._fits(cells) else None
        kept = len(cells)
        while kept > self.width and not cells[kept - 1].strip():
            kept -= 1
        whole = kept == self.width and (self._fits(cells[:kept]) or len(cells) == self.width + self.trailing)
        if whole or len(cells) == self.width:
            return cells[: self.width]  # a cell that is not as it should be is its reader's to tell
        ways = (self._realigned(cells[:count]) for count in range(len(cells), max(kept, self.width + 1) - 1, -1))
        return next(filter(None, ways), None)

    def shows_account(self, cells: list[str]) -> bool:
        """Whether an account stands somewhere that separators in labels may have pushed it to, in a line that cannot be put right."""
        at = self.at["CompteNum"]
        here = cells[at : at + max(len(cells) - self.width, 0) + 1]
        return any(_ACCOUNT.fullmatch(text) and not _DATE.fullmatch(text) for text in here)

    def _reaches(self, count: int) -> bool:
        """Whether so many cells hold all that a receivable needs: only what is often left empty was left out."""
        return all(
            self.at[name] < count for name in ("Debit", "Credit", "Montant", "Sens", *_REQUIRED) if name in self.at
        )

    def _fits(self, cells: list[str]) -> int:
        """How many dates, amounts and accounts stand in the columns for them; nothing when one stands where it cannot be."""
        filled = 0
        for name, (shape, needed) in _SHAPES.items():
            if name in self.at:
                text = cells[self.at[name]].strip()
                if not shape.fullmatch(text) if text else needed:
                    return 0
                filled += bool(text)
        return filled

    def _realigned(self, cells: list[str]) -> list[str] | None:
        """The one way in which separators inside the labels let the most cells stand where they can be; none of several.

        Several that differ only in what is of no matter are one.
        """
        extra = len(cells) - self.width
        if extra > _MOST_EXTRA:
            return None
        labels = [self.at[name] for name in _LABELS if name in self.at]
        telling = [self.at[name] for name in _TELLING if name in self.at]
        ways: dict[int, dict[tuple[str, ...], list[str]]] = {}
        for places in combinations_with_replacement(labels, extra):
            more, start, merged = Counter(places), 0, []
            for index in range(self.width):
                end = start + 1 + more[index]
                merged.append(" ".join(cells[start:end]))
                start = end
            if filled := self._fits(merged):
                ways.setdefault(filled, {}).setdefault(tuple(merged[index] for index in telling), merged)
        best = list(ways[max(ways)].values()) if ways else []
        return best[0] if len(best) == 1 else None

    def find_mark(self) -> None:
        """Notes the decimal mark, as the first entries show it; nothing when they show two."""
        amounts = [self.at[name] for name in ("Debit", "Credit", "Montant") if name in self.at]
        marks = set()
        for _, cells in islice(self.lines(), _SAMPLE):
            for index in amounts:
                found = amount_text(cells[index].strip())
                if found is not None and found.mark:
                    marks.add(found.mark)
        self.broken.clear()
        self.mark = marks.pop() if len(marks) == 1 else ""


def _unquoted(line: str, separator: str) -> list[str]:
    """The cells of a line some of which stand in quotation marks, where a mark of the text is written twice."""
    cells, start = [], 0
    while start <= len(line):
        if line.startswith('"', start) and (match := _QUOTED.match(line, start)):
            end = match.end()
            if end == len(line) or line.startswith(separator, end):
                cells.append(match[1].replace('""', '"'))
                start = end + 1
                continue
        end = line.find(separator, start)
        end = len(line) if end < 0 else end
        cells.append(line[start:end])
        start = end + 1
    return cells


_QUOTED = re.compile(r'"((?:[^"]|"")*)"')


def open_fec(path: Path, file: str) -> FecText | Problem:
    """A FEC whose first line names its columns, or why it is none."""
    codec = _codec(path, file)
    if isinstance(codec, Problem):
        return codec
    with path.open(encoding=codec, errors="replace") as stream:
        number, header = next(
            ((number, line) for number, line in enumerate(stream, 1) if line.strip(_BLANK + "\n")), (1, "")
        )
    if not header:
        return files.FILE_EMPTY.at(SourceRef(file), columns=", ".join(COLUMNS))
    header = header.strip("\n\x1a").lstrip("\ufeff")
    separator = max(_SEPARATORS, key=lambda sign: (sum(map(bool, map(_name, header.split(sign)))), header.count(sign)))
    headers = header.split(separator)
    while len(headers) > 1 and not headers[-1].strip():
        headers.pop()
    names = [_name(text) for text in headers]
    where = SourceRef(file, number)
    if len([name for name in names if name]) < _ENOUGH_NAMES:
        entry = any(_DATE.fullmatch(text.strip()) for text in headers) and any(map(_ACCOUNT.fullmatch, headers))
        return (problems.HEADER_MISSING if entry else problems.NOT_A_FEC).at(where, header.replace(separator, " "))
    text = FecText(path, file, codec, separator, {}, len(headers), number, header.endswith(separator))
    return _with_columns(text, names, where)


def _with_columns(text: FecText, names: list[str], where: SourceRef) -> FecText | Problem:
    for index, name in enumerate(names):
        if name and name in text.at:
            return problems.COLUMN_TWICE.at(where, name)
        if name:
            text.at[name] = index
    sums = ("Debit", "Credit") if not {"Montant", "Sens"} <= text.at.keys() else ("Montant", "Sens")
    for name in (*_REQUIRED, *sums):
        if name not in text.at:
            return problems.COLUMN_MISSING.at(where, name, columns=", ".join(COLUMNS))
    text.find_mark()
    return text


def _name(header: str) -> str:
    """The column of the law that a header names; nothing when it names none."""
    return _NAMES.get(slug(header.strip('"')).replace("_", ""), "")


def _codec(path: Path, file: str) -> str | Problem:
    """How the bytes of a file are letters; the whole file is looked at, one block after another."""
    where = SourceRef(file)
    try:
        if not path.is_file():
            return files.FILE_UNREADABLE.at(where, reason="it is not a plain file")
        if (size := path.stat().st_size) > LARGEST_FILE:
            return files.FILE_TOO_LARGE.at(where, size=size // MEGABYTE, limit=LARGEST_FILE // MEGABYTE)
        return _looked_through(path, file)
    except OSError as refused:
        return files.FILE_UNREADABLE.at(where, reason=refused.strerror or type(refused).__name__)


def _looked_through(path: Path, file: str) -> str | Problem:
    decoder, pair, windows, line = codecs.getincrementaldecoder("utf-8")(), 0, False, 1
    utf8 = True
    with path.open("rb") as stream:
        for block in iter(lambda: stream.read(LONGEST_LINE), b""):
            if line == 1 and not pair and (found := _beginning(block, file)):
                return found
            if len(block) == LONGEST_LINE and b"\n" not in block and b"\r" not in block:
                return files.LINE_TOO_LONG.at(SourceRef(file, line))
            utf8 = utf8 and _decodes(decoder, block)
            if not pair and (match := _UTF8_PAIR.search(block)):
                pair = line + block.count(b"\n", 0, match.start())
            windows = windows or len(block.translate(None, _WINDOWS)) < len(block)
            line += block.count(b"\n")
    if utf8 and _decodes(decoder, b"", final=True):
        return "utf-8"
    if pair:
        return files.ENCODING_MIXED.at(SourceRef(file, pair))
    return "cp1252" if windows else "iso8859-15"


def _beginning(block: bytes, file: str) -> str | Problem | None:
    """What the first bytes of a file tell: an encoding, or that it is no text."""
    if kind := looks_like(block):
        return files.FILE_BINARY.at(SourceRef(file), looks_like=kind)
    return next((codec for mark, codec in _MARKS.items() if block.startswith(mark)), None)


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(block, final=final)
    except UnicodeDecodeError:
        return False
    return True
