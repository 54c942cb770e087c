"""What a template says, without what only shapes it: the words that a reader will see, each letter with its place in the file.

Jinja's tags and comments, HTML and Markdown are taken away, entities are read, and two forms are kept: `text` as it is
written, and `folded` without case, accents, no-break spaces and kinds of apostrophe, in which phrases are looked for.

A text in quotation marks inside a tag is wording too, since `{{ "a" if b else "c" }}` prints it and the sentences of pages
are `{% set … = "…" %}`; one that is only compared, included or looked up is not. Where a value will be printed nobody knows
the words: a character that belongs to no word stands for it.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: What may stand between two words of a phrase: spaces, hyphens, apostrophes, quotation marks, brackets.
BETWEEN = r"[\s\-'\"«»“”„()\[\]]"
_UNKNOWN = "\ufffc"  #: in place of a value that is known only when the template is filled in

_APOSTROPHES = "’‘ʼ´`‛′"
_HYPHENS = "\u2010\u2011"
_LETTERS = {"œ": "oe", "æ": "ae", "ß": "ss"} | dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys(_HYPHENS, "-")

_TAG = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_LITERAL = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'", re.DOTALL)
_ESCAPE = re.compile(r"\\.", re.DOTALL)
_ONLY_COMPARED_AFTER = re.compile(
    r"(?:[=!]=|\b(?:is|include|import|from|extends)|[\w\])]\[|\bin(?:\s*[(\[][^)\]]*)?)\s*$"
)
_ONLY_COMPARED_BEFORE = re.compile(r"\s*(?:[=!]=|:|in\b|not\s+in\b)")

_UNSEEN = re.compile(r"<!--.*?-->|<(style|script)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_ELEMENT = re.compile(r"</?[a-zA-Z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
_SAID_IN_ATTRIBUTE = re.compile(r"\b(?:alt|title|aria-label)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_BLOCK = re.compile(r"</?(?:br|p|div|li|ul|ol|td|th|tr|table|h[1-6]|section|header|footer)\b", re.IGNORECASE)
_MARKDOWN = re.compile(r"\{:[^}\n]*\}|\]\([^)\s]*(?:\s+\"([^\"]*)\")?\s*\)|^[ \t]*(?:>[ \t]?)+|[*_~`\\]", re.MULTILINE)
_ENTITY = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]*);")

#: What stays of a match: a part of it (from, to), or other characters instead.
_Piece = tuple[int, int] | str


@dataclass(frozen=True, slots=True)
class Plain:
    """Words with the place in the source of every letter. `seat` says where in `text` each letter of `folded` stands."""

    text: str
    place: tuple[int, ...]
    folded: str
    seat: tuple[int, ...]

    def words(self, start: int, end: int) -> str:
        """The words of a stretch of `folded`, as they are written."""
        written = self.text[self.seat[start] : self.seat[end - 1] + 1]
        return " ".join(written.replace(_UNKNOWN, "…").split())

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where in the source a stretch of `folded` begins and ends."""
        return self.place[self.seat[start]], self.place[self.seat[end - 1]] + 1


def readings(source: str) -> tuple[Plain, ...]:
    """The words of a template, read twice: once as if its tags were nothing, once as if each were a space.

    `im{# #}possible` is one word and `yes{% else %}no` are two: a phrase is found if either reading has it.
    """
    together, apart = _plain(source, ""), _plain(source, " ")
    return (together,) if together.folded == apart.folded else (together, apart)


def fold(text: str) -> str:
    """A text without case, accents, and kinds of spaces, apostrophes and hyphens."""
    return "".join(_folded(letter) for letter in text)


@cache
def _folded(letter: str) -> str:
    if letter.isascii():
        return " " if letter.isspace() else letter.lower()
    if letter in _LETTERS:
        return _LETTERS[letter]
    kind = unicodedata.category(letter)
    if kind == "Zs":
        return " "
    if kind in {"Cf", "Mn"}:  # soft hyphens, zero-width characters, loose accents
        return ""
    parts = unicodedata.normalize("NFKD", letter.casefold())
    return "".join(_LETTERS.get(part, part) for part in parts if not unicodedata.combining(part))


def _plain(source: str, between: str) -> Plain:
    text, place = source, list(range(len(source)))
    for pattern, instead in (
        (_TAG, lambda found: _of_tag(found, between)),
        (_UNSEEN, lambda _: [between]),
        (_ELEMENT, lambda found: _of_element(found, between)),
        (_MARKDOWN, _of_markdown),
        (_ENTITY, lambda found: [html.unescape(found[0])]),
    ):
        text, place = _replaced(text, place, pattern, instead)
    folded, seat = [], []
    for index, letter in enumerate(text):
        for part in _folded(letter):
            folded.append(part)
            seat.append(index)
    return Plain(text, tuple(place), "".join(folded), tuple(seat))


def _replaced(
    text: str,
    place: list[int],
    pattern: re.Pattern[str],
    instead: Callable[[re.Match[str]], Iterable[_Piece]],
) -> tuple[str, list[int]]:
    words, places, done = [], [], 0
    for found in pattern.finditer(text):
        words.append(text[done : found.start()])
        places += place[done : found.start()]
        for piece in instead(found):
            if isinstance(piece, str):
                words.append(piece)
                places += [place[found.start()]] * len(piece)
            else:
                start, end = piece
                words.append(text[start:end])
                places += place[start:end]
        done = found.end()
    return "".join([*words, text[done:]]), places + place[done:]


def _of_tag(found: re.Match[str], between: str) -> list[_Piece]:
    """What a tag may print: the texts in it; an unknown value for an expression."""
    tag = found[0]
    if tag.startswith("{#"):
        return [between]
    pieces: list[_Piece] = []
    loop = re.match(r"\{%[-+]?\s*for\b", tag) is not None
    for literal in _LITERAL.finditer(tag):
        before, after = tag[: literal.start()], tag[literal.end() :]
        only_compared = _ONLY_COMPARED_BEFORE.match(after) or (not loop and _ONLY_COMPARED_AFTER.search(before))
        if not only_compared:
            group = 1 if literal[1] is not None else 2
            pieces += [*_of_literal(tag, literal.span(group), found.start()), _UNKNOWN]
    if tag.startswith("{%"):
        return [_UNKNOWN, *pieces] if pieces else [between]
    alone = len(pieces) > 1 and _LITERAL.fullmatch(tag.strip("{}-+ \t\n")) is not None
    return pieces[:-1] if alone else [_UNKNOWN, *pieces]


def _of_literal(tag: str, span: tuple[int, int], offset: int) -> Iterable[_Piece]:
    start, end = span
    for escape in _ESCAPE.finditer(tag, start, end):
        yield from ((offset + start, offset + escape.start()), " " if escape[0][1].isalpha() else escape[0][1])
        start = escape.end()
    yield offset + start, offset + end


def _of_element(found: re.Match[str], between: str) -> list[_Piece]:
    pieces: list[_Piece] = [" " if _BLOCK.match(found[0]) else between]
    for said in _SAID_IN_ATTRIBUTE.finditer(found[0]):
        start, end = said.span(1 if said[1] is not None else 2)
        pieces += [_UNKNOWN, (found.start() + start, found.start() + end), _UNKNOWN]
    return pieces


def _of_markdown(found: re.Match[str]) -> list[_Piece]:
    if found[1] is not None:
        return [_UNKNOWN, found.span(1), _UNKNOWN]
    return [" "] if found[0].lstrip().startswith(">") else []
