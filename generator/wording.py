"""Languages: money, dates and lists as people read them. Sentences are in `portal_templates/`, never here.

Formatting is Babel's (CLDR data); what French readers expect beyond it is added: "1er" for the first of a month.
Results are cached: a ledger repeats its dates and amounts.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal

from generator.domain.money import exponent

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from decimal import Decimal

    from generator.domain.money import Money

_NUMBERS_OF = {"fr": "fr_FR", "en": "en_GB"}
_LONG_DATE = {"fr": "d MMMM y", "en": "d MMMM y"}


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(_NUMBERS_OF.get(language, language.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en_GB")


@lru_cache(maxsize=65536)
def money(amount: Money, language: str) -> str:
    """`1 234,50 €` in French (with no-break spaces), `€1,234.50` in English; always the currency's own decimals."""
    digits = exponent(amount.currency)
    pattern = _locale(language).currency_formats["standard"].pattern
    fraction = "0" * digits
    pattern = ";".join(part.replace("0.00", f"0.{fraction}" if digits else "0") for part in pattern.split(";"))
    return str(
        format_currency(
            amount.decimal, amount.currency, format=pattern, locale=_locale(language), currency_digits=False
        )
    )


@lru_cache(maxsize=16384)
def long_date(day: date, language: str) -> str:
    """`1er décembre 2026`, `1 December 2026`."""
    locale = _locale(language)
    text = str(format_date(day, format=_LONG_DATE.get(language, "long"), locale=locale))
    return "1er" + text[1:] if language == "fr" and day.day == 1 else text


@lru_cache(maxsize=16384)
def day_month(day: date, language: str) -> str:
    """`1er décembre`, `1 December`: a date whose year is clear from the text."""
    locale = _locale(language)
    pattern = "d MMMM" if language in _LONG_DATE else locale.datetime_skeletons["MMMMd"].pattern
    text = str(format_date(day, format=pattern, locale=locale))
    return "1er" + text[1:] if language == "fr" and day.day == 1 else text


@lru_cache(maxsize=16384)
def short_date(day: date, language: str) -> str:
    """`22/11/2026`, `22/11/2026` (day first in British English too)."""
    return str(format_date(day, format="dd/MM/y" if language in _LONG_DATE else "short", locale=_locale(language)))


@lru_cache(maxsize=1024)
def percent(value: Decimal, language: str) -> str:
    """`5 %` in French (no-break space), `5%` in English; as many decimals as were given."""
    return str(_locale(language).percent_formats[None].pattern).replace("#,##0", number(value, language))


@lru_cache(maxsize=1024)
def rate(value: Decimal, language: str) -> str:
    """`12,40 %`: a rate of interest, with two decimals at least."""
    text = str(format_decimal(value.normalize(), format="#,##0.00####", locale=_locale(language)))
    return str(_locale(language).percent_formats[None].pattern).replace("#,##0", text)


@lru_cache(maxsize=1024)
def number(value: Decimal, language: str) -> str:
    """`10`, `7,5`: as many decimals as matter."""
    return str(format_decimal(value.normalize(), format="#,##0.######", locale=_locale(language)))


def listing(words: Iterable[str], language: str) -> str:
    """`a, b et c`, `a, b and c`."""
    return str(format_list(list(words), locale=_locale(language)))


def on_days(dates: Iterable[date], language: str) -> str:
    """`les 6 et 16 novembre 2026`, `le 30 octobre et les 6 et 16 novembre 2026`; in English `on 30 October and 6 and 16 November 2026`."""
    return listing(_months(dates, language), language) if language == "fr" else f"on {days(dates, language)}"


def days(dates: Iterable[date], language: str) -> str:
    """`6 et 16 novembre 2026`, `30 octobre et les 6 et 16 novembre 2026`: the same, where a template says the first word of it."""
    text = listing(_months(dates, language), language)
    return text.partition(" ")[2] if language == "fr" else text


def _months(dates: Iterable[date], language: str) -> list[str]:
    """Days share their month, months their year; in French, each month with the article of its days."""
    months = [list(month) for _, month in groupby(sorted(set(dates)), key=lambda day: (day.year, day.month))]
    words = []
    for month, following in zip(months, [*months[1:], None], strict=True):
        whole = day_month if following and following[0].year == month[0].year else long_date
        numbers = [day_month(day, language).split(" ")[0] for day in month[:-1]]
        article = ("les " if numbers else "le ") if language == "fr" else ""
        words.append(article + listing([*numbers, whole(month[-1], language)], language))
    return words


#: A contact who is no person, by the first word of their name.
_OFFICES = frozenset(
    {
        "accounting",
        "accounts",
        "achats",
        "admin",
        "administration",
        "administrative",
        "agence",
        "association",
        "billing",
        "bookkeeping",
        "bureau",
        "cabinet",
        "compta",
        "comptabilité",
        "comptable",
        "comptes",
        "daf",
        "department",
        "direction",
        "département",
        "facturation",
        "facture",
        "factures",
        "finance",
        "finances",
        "financial",
        "fournisseurs",
        "gestion",
        "invoices",
        "mairie",
        "office",
        "paiements",
        "payables",
        "payment",
        "payments",
        "purchasing",
        "règlements",
        "secrétariat",
        "service",
        "services",
        "siège",
        "standard",
        "team",
        "the",
        "treasury",
        "trésor",
        "trésorerie",
        "équipe",
    }
)


def person(name: str) -> str:
    """A contact's name when somebody can be greeted by it; empty for `Comptabilité` or `Accounts Payable`."""
    words = name.split()
    return name if words and words[0].casefold().strip(",.:") not in _OFFICES else ""


@lru_cache(maxsize=4096)
def iban(text: str) -> str:
    """An IBAN in groups of four, as it is printed on invoices."""
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))
