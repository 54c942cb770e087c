"""Creditor references (ISO 11649): what a bank transfer carries so that we know which offer it takes."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

T = TypeVar("T")

_DIGITS = "0123456789"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUES = {char: str(value) for value, char in enumerate(_DIGITS + _LETTERS)}
_UNMISTAKABLE = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0/O, 1/I: people copy references by hand
_TWO_LETTERS = [low + high for high in _UNMISTAKABLE for low in _UNMISTAKABLE]  # 5 bits each
_ALLOWED = frozenset(_VALUES)
_MAX_PAYLOAD = 21
_PREFIX = 4
_CODE_LENGTH = 10


def _number(text: str) -> int:
    """The number that ISO 7064 checks: letters count from 10 (A) to 35 (Z). KeyError for any other character."""
    return int("".join([_VALUES[char] for char in text]))


def make_reference(payload: str) -> str:
    """`RF` + two check digits + the payload in upper case (ISO 11649, mod 97-10).

    Raises ValueError for an empty payload, one of more than 21 characters, or with anything but letters and digits.
    """
    text = payload.upper()
    if not 1 <= len(text) <= _MAX_PAYLOAD or not _ALLOWED.issuperset(text):
        raise ValueError(f"a reference has 1 to {_MAX_PAYLOAD} letters and digits: {payload!r}")
    return f"RF{98 - _number(text + 'RF00') % 97:02d}{text}"


def compacted(text: str) -> str:
    """As references are compared: without spaces, in upper case."""
    return "".join(text.split()).upper()


def is_reference(text: str) -> bool:
    """Whether `text` is a creditor reference with right check digits; spaces do not count."""
    compact = compacted(text)
    if not compact.startswith("RF") or not _PREFIX < len(compact) <= _PREFIX + _MAX_PAYLOAD:
        return False
    if not compact[2:_PREFIX].isdecimal() or not _ALLOWED.issuperset(compact):
        return False
    return _number(compact[_PREFIX:] + compact[:_PREFIX]) % 97 == 1


def spelt_by(words: Iterable[str], known: Mapping[str, T]) -> T | None:
    """What the reference stands for that these words begin with, as banks print one: in groups of four, or otherwise cut."""
    compact = ""
    for word in words:
        compact += word
        if len(compact) > _PREFIX + _MAX_PAYLOAD:
            return None
        if compact in known:
            return known[compact]
    return None


def code(*parts: str) -> str:
    """Ten letters and digits that stand for these parts: the same parts always give the same code."""
    digest = hashlib.blake2b("\x1f".join(parts).encode(), digest_size=8).digest()
    number = int.from_bytes(digest)
    return "".join([_TWO_LETTERS[number >> bits & 1023] for bits in range(0, 5 * _CODE_LENGTH, 10)])


def is_code(text: str) -> bool:
    """Whether a text could be such a code; those of small letters are not."""
    return len(text) == _CODE_LENGTH and set(text) <= set(_UNMISTAKABLE)


def account_reference(client: str, currency: str) -> str:
    """The reference of an account itself: for all that is asked of it, when no invoice can be named."""
    return make_reference(code("account", client, currency))


def agreement_reference(name: str) -> str:
    """The reference of an agreement that the owner wrote down."""
    return make_reference(code("agreement", name))


def mentioned(text: str, numbers: Iterable[str]) -> list[str]:
    """The numbers that a transfer's wording holds; the longest first, so that F-1-2 does not name F-1 too.

    Most wordings hold none or one of them: a search for the bare text comes first, and no pattern is ever compiled.
    """
    wording, found = text.upper(), []
    likely = [number for number in numbers if number.upper() in wording]
    for number in sorted(likely, key=len, reverse=True):
        rest = _without(wording, number.upper())
        if rest != wording:
            found.append(number)
            wording = rest
    return found


def _without(wording: str, number: str) -> str:
    """A wording from which a number was taken out wherever it stands between other signs than letters and figures."""
    start = wording.find(number)
    while start >= 0:
        end = start + len(number)
        if not (wording[start - 1 : start].isalnum() or wording[end : end + 1].isalnum()):
            wording, end = f"{wording[:start]}\0{wording[end:]}", start + 1
        else:
            end = start + 1
        start = wording.find(number, end)
    return wording
