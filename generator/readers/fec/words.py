"""What stands in the cells of a FEC → amounts, days and names: its own ways of writing, brought to those that every file has."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from generator.checks import SUSPICIOUS, presentable
from generator.domain.money import Money
from generator.readers.cells import amount, day

if TYPE_CHECKING:
    from generator.problems import Flaw

_FIRST_FIGURES = 3  #: of an account without auxiliaries: 411DURAND and 416DURAND are one client's
_DAYS = re.compile(r"(\d{4})(\d\d)(\d\d)")
_ZEROS = re.compile(r"\A([-+]?)0+(?=\d)")
_SPACES = re.compile(r"[\s\u00a0\u202f]+")


def whose(account: str) -> str:
    """What tells the client of an account without auxiliaries: all of it but its first figures, where there is more."""
    own = len(account.rstrip("0")) > _FIRST_FIGURES
    return f"\0{account[_FIRST_FIGURES:]}" if own else account  # the sign keeps it from being an auxiliary account


SIDES = {
    "D": 1,
    "C": -1,
    "1": 1,
    "+1": 1,
    "-1": -1,
    "DEBIT": 1,
    "CREDIT": -1,
    "DÉBIT": 1,
    "CRÉDIT": -1,
    "+": 1,
    "-": -1,
}


def side(text: str) -> int:
    """1 for a debit, -1 for a credit, 0 for what is neither."""
    return SIDES.get(text.strip().upper(), 0)


def read_amount(text: str, currency: str, mark: str) -> Money | Flaw:
    """An amount as accounts write it: filled up with zeros or spaces, its sign before or after it."""
    words = _ZEROS.sub(r"\1", _SPACES.sub(" ", text).strip())
    if not words:
        return Money(0, currency)
    bare = words.lstrip("+-")
    if bare[:1] in {",", "."}:
        words = f"{words[: len(words) - len(bare)]}0{bare}"
    if words.endswith("+"):
        words = words[:-1].rstrip()
    return amount(words, currency, mark)


def iso(text: str) -> str:
    """A date of a FEC in the way that other files write it; what is none stays as it is."""
    match = _DAYS.fullmatch(text)
    return f"{match[1]}-{match[2]}-{match[3]}" if match else text


@lru_cache(maxsize=8192)
def read_day(text: str) -> date | None:
    """A day of a FEC; None for what is none."""
    words = text.strip()
    found = day(iso(words)) if words else None
    return found if isinstance(found, date) else None


def clean(text: str) -> str:
    """A text of the accounts as a person may be shown it: nobody can correct there what no keyboard types."""
    words = " ".join(text.split())
    return presentable(words) if SUSPICIOUS.search(words) else words
