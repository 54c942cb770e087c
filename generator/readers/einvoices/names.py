"""Which invoice a PDF for people only is about, by its name: `Facture F-2026-012 Verdier.pdf`.

A wrong answer would show one client the invoice of another. So a number must stand alone in the name: `F-1` is not in `F-12.pdf`,
nor in `2026-F-1.pdf` or `F-1-3.pdf`, whose own numbers may be longer; and a number without letters (`2026-12` is a month, too)
must be all of the name, or stand behind a word like `facture`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from generator.checks import slug

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_TOKEN = re.compile(r"[a-z]+|[0-9]+")
_JOINTS = frozenset("-/.+")
_WORDS = frozenset("facture fact fac invoice inv avoir credit note numero num no n".split())  # noqa: SIM905 - a list of words
_LONGEST_NUMBER = 12  #: in runs of letters or of digits


class _Token(NamedTuple):
    text: str
    start: int
    end: int


def _tokens(text: str) -> list[_Token]:
    return [_Token(match[0], match.start(), match.end()) for match in _TOKEN.finditer(text)]


def bare(text: str) -> str:
    """A text in small letters without accents, its punctuation kept: what names of files and numbers have in common."""
    return "".join(slug(character) or character for character in text.casefold())


def key(number: str) -> tuple[str, ...]:
    """The runs of letters and digits of a number: what is left of it in the name of a file."""
    return tuple(token.text for token in _tokens(bare(number)))


class Numbers:
    """The numbers of all invoices, to be found in names of files."""

    def __init__(self, numbers: Iterable[str]) -> None:
        """From the numbers as the ledger writes them."""
        self._by_key: dict[tuple[str, ...], list[str]] = {}
        for number in dict.fromkeys(numbers):
            if found := key(number):
                self._by_key.setdefault(found, []).append(number)

    def within(self, stem: str) -> tuple[str, ...]:
        """The numbers that the name of a file could be about: of those that overlap, the longest."""
        name = bare(stem)
        tokens = _tokens(name)
        spans = [
            (first, last)
            for first in range(len(tokens))
            for last in range(first + 1, min(first + _LONGEST_NUMBER, len(tokens)) + 1)
            if tuple(token.text for token in tokens[first:last]) in self._by_key
            and _stands_alone(name, tokens, first, last)
        ]
        longest = [span for span in spans if not any(_covers(other, span) and other != span for other in spans)]
        keys = dict.fromkeys(tuple(token.text for token in tokens[first:last]) for first, last in longest)
        return tuple(number for found in keys for number in self._by_key[found])


def is_exactly(stem: str, number: str) -> bool:
    """Whether a name is the number, and nothing besides."""
    return key(stem) == key(number)


def _covers(outer: tuple[int, int], inner: tuple[int, int]) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _stands_alone(name: str, tokens: Sequence[_Token], first: int, last: int) -> bool:
    before = name[tokens[first - 1].end : tokens[first].start] if first else " "
    after = name[tokens[last - 1].end : tokens[last].start] if last < len(tokens) else " "
    if not before or not after:  # letters or digits touch it
        return False
    if first and before in _JOINTS and tokens[first - 1].text.isdigit():
        return False
    if last < len(tokens) and after in _JOINTS and tokens[last].text.isdigit():
        return False
    if any(not token.text.isdigit() for token in tokens[first:last]):
        return True
    whole = first == 0 and last == len(tokens)
    named = first > 0 and tokens[first - 1].text in _WORDS
    return whole or (named and not (last < len(tokens) and tokens[last].text.isdigit()))
