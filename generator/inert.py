"""Text that others wrote, put into Markdown so that it stays text: no element, link, mention, tick, table cell or line of its own."""

from __future__ import annotations

import re
import unicodedata

MOST = 200  #: characters of one such text that are shown
_JOINER = "\u2060"  #: no width and no break: it parts what a reader of Markdown would join to a link
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "<span>$</span>"}
_SIGNS = {sign: f"\\{sign}" for sign in "\\`*_{}[]()#+-!|~="}
#: What GitHub and others turn into a link or a notice without being asked: mentions, issues, addresses of the web and of mail.
_JOINED = re.compile(r"(?:@|://|\bwww(?=\.)|\bGH(?=-\d)|#(?=\d)|:(?=[a-z0-9_+-]+:))", re.IGNORECASE)
_ESCAPED, _IN_ELEMENT = str.maketrans(_ENTITIES | _SIGNS), str.maketrans(_ENTITIES)
_WRAPPED = 76  #: the columns of a message in plain text
_NUMBERED = re.compile(r"^(\d+)\.")  #: where a line begins, the first of a list
_LONGEST_LINE = 1000
_ADDRESS = re.compile(r"(https?://[^/\s<>\"']+)/[^\s<>\"']*", re.IGNORECASE)
_HIDDEN = frozenset({"Cf", "Cs", "Co", "Cn"})
_BLANK = frozenset({"Cc", "Zl", "Zp"})


def inert(text: str, most: int = MOST) -> str:
    """One line that reads as `text` and does nothing, wherever it is put in a document of Markdown or a cell of a table."""
    return _parted(plain_line(text, most)).translate(_ESCAPED)


def inert_in_element(text: str, most: int = MOST) -> str:
    """The same for inside an element of HTML, where no sign of Markdown has a meaning."""
    return _parted(plain_line(text, most)).translate(_IN_ELEMENT)


def quoted_lines(text: str) -> list[str]:
    """Text of several lines as a quotation: every line of it begins with a `>`, so that none begins a list or a comment."""
    lines = [_NUMBERED.sub(r"\1\\.", inert(line, _LONGEST_LINE)) for line in _unwrapped(text)]
    return [f"> {line}  " if line else ">" for line in lines]


def without_addresses(text: str) -> str:
    """The same with every web address cut after its host: what comes behind may be the key of a page."""
    return _ADDRESS.sub(r"\1/…", text)


def plain_line(text: str, most: int = MOST) -> str:
    """One line of plain text: nothing in it moves a cursor, turns the direction of writing or hides."""
    return _cut(_plain(text), most)


def _unwrapped(text: str) -> list[str]:
    """The lines of a text, those that were broken for want of room in one again: a telephone breaks them where it has to."""
    lines: list[str] = []
    last = ""
    for line in text.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n"):
        word = line.partition(" ")[0]
        if last and word and len(last) + 1 + len(word) > _WRAPPED:
            lines[-1] += f" {line}"
        else:
            lines.append(line)
        last = line
    return lines


def _parted(text: str) -> str:
    return _JOINED.sub(lambda found: found[0] + _JOINER, text)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _plain(text: str) -> str:
    """Nothing that moves a cursor, turns the direction of writing or hides; one blank where there were several."""
    kept = []
    for char in unicodedata.normalize("NFC", text):
        category = unicodedata.category(char)
        if category in _BLANK:
            kept.append(" ")
        elif category not in _HIDDEN:
            kept.append(char)
    return re.sub(" {2,}", " ", "".join(kept)).strip()
