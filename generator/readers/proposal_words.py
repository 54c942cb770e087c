"""The days and amounts in a line that a person typed, wherever they stand in it, between whatever other words."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from generator.domain.money import is_currency
from generator.readers.cells import day

if TYPE_CHECKING:
    from generator.problems import Flaw

_MONTHS = (
    "janvier|january|janv|jan|février|fevrier|february|févr|fevr|fév|fev|feb|mars|march|avril|april|avr|apr|mai|may|juin|june|"
    "jun|juillet|juil|july|jul|août|aout|august|aug|septembre|september|sept|sep|octobre|october|oct|novembre|november|nov|"
    "décembre|decembre|december|déc|dec"
)
_DAYS = re.compile(
    r"(?P<iso>(?<![\w/.,-])[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}(?![0-9]))"
    r"|(?P<figures>(?<![\w/.,-])[0-9]{1,2} ?(?P<mark>[/.-]) ?[0-9]{1,2} ?(?P=mark) ?(?:[0-9]{4}|[0-9]{2})(?![0-9]))"
    rf"|(?P<named>(?<![\w/.,-])(?P<number>[0-9]{{1,2}})(?:er|st|nd|rd|th)? ?(?:of |de )?(?P<month>{_MONTHS})\b\.?"
    r"(?:,? (?P<year>20[0-9]{2})\b(?! ?(?:[€£$]|eur)))?)"
    rf"|(?P<turned>\b(?P<month2>{_MONTHS})\b\.? (?P<number2>[0-9]{{1,2}})(?:st|nd|rd|th)?(?![\w.,/]*[0-9])(?! ?(?:[€£$]|eur))"
    r"(?:,? (?P<year2>20[0-9]{2})\b(?! ?(?:[€£$]|eur)))?)"
    r"|(?P<short>(?<![\w/.,-])[0-9]{1,2}/[0-9]{1,2}(?![0-9/]))",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[0-9](?:[0-9 .,'’]*[0-9])?")
_SIGNS = "€£$"
_MINUS = "-−"
_SPELT = frozenset({"eur", "euro", "euros"})
#: Of an amount that is written out: nothing else says that there is one.
_IN_WORDS = re.compile(r"[€£$]|\b(?:eur|euros?|pounds?|cents?|mille|hundred|thousand)\b", re.IGNORECASE)
_NOT_PLAIN = re.compile(r"(?<![\w-])[0-9][0-9.,]*(?: ?%|[^\W\d_])")


class Day(NamedTuple):
    """A day in a text, as it is written there; `value` is a flaw when it is none of the calendar."""

    text: str
    value: date | Flaw


class Sum(NamedTuple):
    """An amount in a text, as `readers.cells` reads it; `named`: with its currency."""

    text: str
    named: bool


def days_in(text: str, near: date, *, past: bool = False) -> tuple[list[Day], str]:
    """The days in a line, and the line without them. A day without its year is the next one from `near` on, or the `past` one."""
    found = [Day(match[0], _day(match, near, past=past)) for match in _DAYS.finditer(text)]
    return found, _DAYS.sub(" | ", text)


def _day(match: re.Match[str], near: date, *, past: bool) -> date | Flaw:
    if match["iso"]:
        return day(match["iso"])
    if match["figures"]:
        return day(match["figures"].replace(" ", ""))
    if match["short"]:
        written = f"{match['short']}/"
    else:
        written = f"{match['number'] or match['number2']} {match['month'] or match['month2']} "
        if year := match["year"] or match["year2"]:
            return day(f"{written}{year}")
    years = (near.year, near.year - 1) if past else (near.year, near.year + 1)
    candidates = [day(f"{written}{candidate}") for candidate in years]
    fitting = [one for one in candidates if isinstance(one, date) and (one <= near if past else one >= near)]
    return fitting[0] if fitting else candidates[0]


def sums_in(text: str) -> list[Sum]:
    """The amounts in a line without its days; numbers that are parts of a name, a code or a percentage are none."""
    return [found for match in _NUMBER.finditer(text) if (found := _sum(text, match)) is not None]


def _sum(text: str, match: re.Match[str]) -> Sum | None:
    before, after = text[: match.start()], text[match.end() :]
    sign = before[-1:] if before[-1:] in _MINUS and before else ""
    before = before[: -len(sign)] if sign else before
    if before[-1:].isalnum() or before[-1:] in {"_", "/", "#", "°"} or after[:1] in {"_", "/"}:
        return None
    if before[-1:] and before[-1:] in _MINUS:
        return None
    if after.lstrip().startswith("%") or re.match(r"-\w", after):
        return None
    letters = re.match(r"( ?)([^\W\d_]+)", after)
    word = letters[2].casefold() if letters else ""
    currency = word if word in _SPELT or (letters and letters[2].isupper() and is_currency(letters[2])) else ""
    if letters and not letters[1] and not currency:
        return None  # 300k, 2nd
    if after.lstrip()[:1] and after.lstrip()[:1] in _SIGNS:
        currency = after.lstrip()[0]
    if not currency and before.rstrip()[-1:] and before.rstrip()[-1:] in _SIGNS:
        currency = before.rstrip()[-1]
    leading = re.search(r"\b([A-Z]{3}) ?$", before)
    if not currency and leading and is_currency(leading[1]):
        currency = leading[1]
    return Sum(f"{sign}{match[0]} {currency}".strip(), bool(currency))


def speaks_of_money(text: str) -> bool:
    """Whether a line without an amount that can be read has one all the same: `trois cents euros`, `0,3k`, `30 %`."""
    return bool(_IN_WORDS.search(text) or _NOT_PLAIN.search(text))
