"""The rates that ship with relance, and how articles of law are cited: `rates.toml`."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.domain.rates import Confidence, Figure, HalfYear, RateTable

if TYPE_CHECKING:
    from collections.abc import Mapping

_FILE = Path(__file__).with_name("rates.toml")


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


@cache
def shipped_rates() -> RateTable:
    """Every half-year that is known to this version."""
    sources: Mapping[str, str] = _data()["sources"]
    return RateTable(
        tuple(
            HalfYear(row["from"], _figure(row["ecb"], sources), _figure(row["legal"], sources))
            for row in _data()["half_years"]
        )
    )


def _figure(cell: Mapping[str, str], sources: Mapping[str, str]) -> Figure:
    return Figure(Decimal(cell["percent"]), sources[cell["source"]], Confidence(cell["confidence"]))


def citation(article: str) -> str:
    """How an article is cited. KeyError for an id that the table does not have."""
    found: str = _data()["articles"][article]
    return found


@cache
def cited(article: str, language: str) -> str:
    """An article in the words of a letter to a client; in English where nobody wrote it in their language."""
    words: Mapping[str, Mapping[str, str]] = _data()["cited"]
    names = (language, language.split("-", maxsplit=1)[0], "en")
    return next(words[name] for name in names if name in words)[article]
