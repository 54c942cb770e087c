"""What page templates can do besides Jinja: money and dates in their language, prepared emails, safe links."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from babel.numbers import get_currency_name
from markupsafe import Markup, escape

from generator import wording
from generator.domain.claims import real
from generator.rates import cited
from generator.site_documents import link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from generator.site_view import AccountView

_MAX_NAMED_INVOICES = 8  # in a prepared email: mail programs cut long addresses
_SIREN_GROUP = 3
_TURNING = re.compile(r"[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_LONGEST_WHOLE = 20


def filters(language: str) -> dict[str, Callable[..., Any]]:
    """The filters of one language."""

    def day(value: date, today: date | None = None) -> str:
        """A date; without its year when that is the year of `today`."""
        same_year = today is not None and today.year == value.year
        return wording.day_month(value, language) if same_year else wording.long_date(value, language)

    def listing(words: Iterable[str]) -> Markup:
        return Markup(wording.listing((str(whole(word)) for word in words), language))  # noqa: S704 - words are escaped

    return {
        "brief": brief,
        "currency": lambda code: get_currency_name(code, count=2, locale=language.replace("-", "_")),
        "day": day,
        "iban": wording.iban,
        "article": lambda article: cited(article, language),
        "lines": lines,
        "listing": listing,
        "long_date": lambda value: wording.long_date(value, language),
        "money": lambda amount: wording.money(amount, language),
        "number": lambda value: wording.number(value, language),
        "rate": lambda value: wording.rate(value, language),
        "percent": lambda value: wording.percent(value, language),
        "person": wording.person,
        "short_date": lambda value: wording.short_date(value, language),
        "siren": siren,
        "whole": whole,
    }


def brief(text: str, length: int = 120) -> str:
    """A text that nobody would read to its end, cut; and without the characters that turn the text after it around."""
    text = _TURNING.sub("", text)
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


@lru_cache(maxsize=4096)
def whole(number: str) -> Markup:
    """An invoice's number, kept on one line unless it is absurdly long."""
    number = brief(number)
    if len(number) > _LONGEST_WHOLE:
        return escape(number)
    return Markup(f'<span class="whole">{escape(number)}</span>')  # noqa: S704 - escaped here


def mailto(address: str, subject: Iterable[str] = (), paragraphs: Iterable[str] = ()) -> str:
    """The address of a prepared email. What is escaped for HTML, because a template made it, is taken back to what it says."""
    query = "&".join(
        f"{name}={text}"
        for name, text in (
            ("subject", "%20".join([_quoted(part) for part in subject])),
            ("body", "%0D%0A%0D%0A".join([_quoted(part) for part in paragraphs])),
        )
        if text
    )
    return f"mailto:{_quoted(address)}{'?' if query else ''}{query}"


@lru_cache(maxsize=1024)
def _quoted(text: str) -> str:
    return quote("\r\n".join(_lines_of(text)), safe="@")


def _lines_of(text: str) -> list[str]:
    plain = html.unescape(text) if isinstance(text, Markup) else text
    return [line.strip() for line in plain.strip().splitlines()]


def prepared(paragraphs: Iterable[str]) -> str:
    """The text of a prepared email, as it is completed on the page."""
    return "\n\n".join(["\n".join(_lines_of(text)) for text in paragraphs])


def tel(number: str) -> str:
    """The address of a phone number."""
    return "tel:" + "".join(char for char in number if char.isdecimal() or char == "+")


def first_invoices(views: Iterable[AccountView]) -> tuple[list[str], int]:
    """The invoices that a prepared email names, and how many more there are."""
    numbers = [
        brief(item.id, _LONGEST_WHOLE)
        for view in views
        for item in real([*view.overdue, *view.in_plan, *view.upcoming, *view.disputed])
    ]
    return numbers[:_MAX_NAMED_INVOICES], max(0, len(numbers) - _MAX_NAMED_INVOICES)


def lines(text: str) -> list[str]:
    """An address, line by line."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def siren(number: str) -> str:
    """`123 456 789`."""
    digits = "".join(number.split())
    return " ".join(digits[start : start + _SIREN_GROUP] for start in range(0, len(digits), _SIREN_GROUP))


HELPERS: dict[str, Callable[..., Any]] = {
    "first_invoices": first_invoices,
    "mailto": mailto,
    "document_link": link,
    "prepared": prepared,
    "tel": tel,
}
