"""What is written in one cell → a value, or the flaw that keeps it from being one. Pure, and cached: ledgers repeat themselves."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from generator.checks import fold, slug
from generator.domain.money import Money, exponent, is_currency
from generator.domain.terms import Terms, parse_terms
from generator.problems import Flaw, cells

_CACHE = 65_536
_MOST_DIGITS = 15
FIRST_YEAR, LAST_YEAR = 1970, 2199
_MONTHS = 12
_NAMES_OF_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "janvier janv jan january",
            "fevrier fevr fev february feb",
            "mars mar march",
            "avril avr april apr",
            "mai may",
            "juin june jun",
            "juillet juil july jul",
            "aout aou august aug",
            "septembre sept sep september",
            "octobre oct october",
            "novembre nov november",
            "decembre dec december",
        ),
        start=1,
    )
    for name in names.split()
}
_SHORT_YEAR = 2
_THOUSANDS = 3  #: so many decimals may be a thousand's separator misread
_SURELY_PADDING = (
    4  #: so many decimals and all zeros beyond the currency's: a database wrote them, nobody meant thousands
)

_AMOUNT = re.compile(
    r"(?P<open>\()? ?(?P<sign>[-+−])? ?(?P<before>€|£|\$|[A-Za-z]{3})? ?(?P<sign2>[-+−])? ?"
    r"(?P<number>[0-9](?:[0-9 .,'’]*[0-9])?)"
    r" ?(?P<trailing>-)? ?(?P<after>€|£|\$|[A-Za-z]{3,5})? ?(?P<close>\))?"
)
_USUAL = re.compile(r"(-?[0-9]{1,3}(?: [0-9]{3}){0,3}|-?[0-9]{4,12})(?:([.,])([0-9]{1,2}))?( ?€)?")
_GROUPED = re.compile(r"[0-9]{1,3}(?:[ '’][0-9]{3})+(?:(?P<mark>[.,])(?P<fraction>[0-9]+))?")
_DOTS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+,(?P<fraction>[0-9]+)|[0-9]{1,3}(?:\.[0-9]{3}){2,}")
_COMMAS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+\.(?P<fraction>[0-9]+)|[0-9]{1,3}(?:,[0-9]{3}){2,}")
_ONE_MARK = re.compile(r"(?P<whole>[0-9]+)(?P<mark>[.,])(?P<fraction>[0-9]+)")
_EITHER = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
_SIGNS = {"€": "EUR", "£": "GBP", "$": "USD", "EURO": "EUR", "EUROS": "EUR"}

_DAY_FIRST = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})(?: 0?0:00(?::00)?)?")
_NAMED_MONTH = re.compile(
    r"([0-9]{1,2})(?:er|st|nd|rd|th)?[ .-]{0,2}([^\W\d_]{3,9})\.?[ ,.-]{0,2}([0-9]{4}|[0-9]{2})", re.IGNORECASE
)
_ISO = re.compile(r"([0-9]{4})([-/])([0-9]{1,2})\2([0-9]{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?")

_RATE = r"[0-9]{1,3}(?:[.,][0-9]{1,4})?"
_PERCENT = re.compile(rf"({_RATE}) ?%?")
_NET = r"-?[0-9]{1,12}(?:[.,][0-9]{1,3})?"
_RATE_AND_NET = re.compile(rf"({_RATE}) ?%? ?: ?({_NET})")
_DAYS_APART = re.compile(r"[\s,;/&+]+(?:et |and )?|\bet\b|\band\b")
_ID = re.compile(r"[\w](?:[\w .&'’()@+#-]*[\w)])?")
_LONGEST_ID = 100
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)


class AmountText(NamedTuple):
    """An amount as it is written. `mark` is its decimal mark as far as it can be told: `,` `.`, `` when it has none to tell.

    `either` is the only mark of an amount like `1,234`, whose meaning the rest of its column decides.
    """

    digits: int
    decimals: int
    mark: str = ""
    either: str = ""
    currency: str = ""


@lru_cache(maxsize=_CACHE)
def amount_text(text: str) -> AmountText | None:
    """An amount taken apart; None when it is not one. Brackets are a minus, as accountants write it."""
    usual = _USUAL.fullmatch(text)
    words = text if usual else " ".join(text.split())
    if usual := usual or _USUAL.fullmatch(words):
        whole, mark, fraction, euro = usual.groups()
        figures = whole.replace(" ", "") + (fraction or "")
        return AmountText(int(figures), len(fraction or ""), mark or "", "", "EUR" if euro else "")
    match = _AMOUNT.fullmatch(words)
    if not match or bool(match["open"]) != bool(match["close"]):
        return None
    signs = [sign for sign in (match["open"], match["sign"], match["sign2"], match["trailing"]) if sign]
    currencies = [word for word in (match["before"], match["after"]) if word]
    if len(signs) > 1 or len(currencies) > 1:
        return None
    currency = ""
    if currencies:
        currency = _SIGNS.get(currencies[0].upper(), currencies[0].upper())
        if not is_currency(currency):
            return None
    number = _number(match["number"])
    if number is None:
        return None
    digits = -number.digits if signs and signs[0] != "+" else number.digits
    return number._replace(digits=digits, currency=currency)


def unmistakable(text: str) -> str:
    """An amount whose three decimals could be thousands, with a nought that settles it; any other as it is."""
    told = amount_text(text)
    return f"{text}0" if told and told.either else text


def _number(text: str) -> AmountText | None:
    figures = "".join(figure for figure in text if figure.isdigit())
    if len(figures) > _MOST_DIGITS:
        return None
    digits = int(figures)
    if figures == text:
        return AmountText(digits, 0)
    for form, mark in ((_GROUPED, ""), (_DOTS, ","), (_COMMAS, "."), (_ONE_MARK, "")):
        if match := form.fullmatch(text):
            found = match.groupdict()
            decimals = len(found["fraction"] or "")
            if _EITHER.fullmatch(text):
                return AmountText(digits, decimals, either=found["mark"])
            return AmountText(digits, decimals, mark or found["mark"] or "")
    return None


@lru_cache(maxsize=_CACHE)
def amount(text: str, currency: str, mark: str) -> Money | Flaw:
    """An amount in `currency`, in a column whose decimal mark is `mark` (nothing when no cell of it tells)."""
    found = amount_text(text)
    if found is None:
        return cells.AMOUNT_UNREADABLE.flaw()
    if found.currency and found.currency != currency:
        return cells.AMOUNT_CURRENCY.flaw(written=found.currency, currency=currency)
    decimals, figures = found.decimals, found.digits
    if found.either:
        if not mark:
            whole, fraction = divmod(abs(figures), 10**decimals)
            return cells.AMOUNT_AMBIGUOUS.flaw(whole=abs(figures), fraction=f"{whole}.{fraction:0{decimals}d}")
        if found.either != mark:
            decimals = 0
    digits = exponent(currency)
    if decimals <= digits:
        return Money(figures * 10 ** (digits - decimals), currency)
    exact, rest = divmod(abs(figures), 10 ** (decimals - digits))
    if rest or decimals == _THOUSANDS or (digits and decimals < _SURELY_PADDING):
        few = f"{digits or 'no'} decimal{'s' if digits > 1 else ''}"
        return cells.AMOUNT_DECIMALS.flaw(currency=currency, decimals=few)
    return Money(exact if figures >= 0 else -exact, currency)


@lru_cache(maxsize=_CACHE)
def day(text: str) -> date | Flaw:
    """A date, day first or ISO; its month in figures, or by its French or English name (`31-déc.-26`).

    A day that does not exist comes back with the one that was probably meant.
    """
    words = " ".join(text.split())
    if match := _ISO.fullmatch(words):
        year, month, number = int(match[1]), int(match[3]), int(match[4])
    elif match := _DAY_FIRST.fullmatch(words):
        number, month, year = int(match[1]), int(match[3]), int(match[4])
        year += 2000 if len(match[4]) == _SHORT_YEAR else 0
    elif (match := _NAMED_MONTH.fullmatch(words)) and (named := _NAMES_OF_MONTHS.get(slug(match[2]))):
        number, month, year = int(match[1]), named, int(match[3])
        year += 2000 if len(match[3]) == _SHORT_YEAR else 0
    else:
        return cells.DATE_UNREADABLE.flaw()
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return cells.DATE_UNLIKELY.flaw()
    try:
        return date(year, month, number)
    except ValueError:
        meant = _meant(year, month, number)
        return cells.DATE_IMPOSSIBLE.flaw(example=f"{meant:%d/%m/%Y} or {meant:%Y-%m-%d}")


def _meant(year: int, month: int, number: int) -> date:
    if 1 <= month <= _MONTHS:
        return date(year, month, min(max(number, 1), monthrange(year, month)[1]))
    if 1 <= number <= _MONTHS and 1 <= month <= monthrange(year, number)[1]:
        return date(year, number, month)
    return date(year, 12, 31)


@lru_cache(maxsize=1024)
def percent(text: str) -> Decimal | Flaw:
    """`5`, `5,5`, `5.5 %`: between 0 and 100."""
    match = _PERCENT.fullmatch(" ".join(text.split()))
    value = Decimal(match[1].replace(",", ".")) if match else Decimal(-1)
    return value if 0 <= value <= 100 else cells.PERCENT_UNREADABLE.flaw()  # noqa: PLR2004


@lru_cache(maxsize=4096)
def vat(text: str) -> tuple[tuple[Decimal, Decimal | None], ...] | Flaw:
    """One rate (`20`), or each rate with its net amount (`20:1000.00 10:50.00`)."""
    words = " ".join(text.split())
    alone = percent(words)
    if isinstance(alone, Decimal):
        return ((alone, None),)
    pairs = []
    for part in re.split(r"[;|] ?| (?=[0-9.,]+ ?%? ?:)", words):
        match = _RATE_AND_NET.fullmatch(part.strip())
        rate = percent(match[1]) if match else None
        if match is None or not isinstance(rate, Decimal):
            return cells.VAT_UNREADABLE.flaw()
        pairs.append((rate, Decimal(match[2].replace(",", "."))))
    return tuple(pairs)


@lru_cache(maxsize=1024)
def whole(text: str, low: int, high: int) -> int | Flaw:
    """A whole number of days."""
    if re.fullmatch(r"[0-9]{1,6}", text) and low <= int(text) <= high:
        return int(text)
    return cells.NUMBER_UNREADABLE.flaw(low=low, high=high)


@lru_cache(maxsize=1024)
def days_of_month(text: str) -> tuple[int, ...] | Flaw:
    """`10`, `10 25`, `10, 25`, `le 10 et le 25`, `fin` (the last day)."""
    words = re.sub(r"\b(?:fin (?:de|du) mois|fin|end)\b", "31", text.casefold())
    words = re.sub(r"\b(?:le|les|the)\b ?", "", words).strip()
    days = set()
    for word in filter(None, (part.strip() for part in _DAYS_APART.split(words))):
        number = "1" if word == "1er" else word
        if not re.fullmatch(r"[0-9]{1,2}", number) or not 1 <= int(number) <= 31:  # noqa: PLR2004
            return cells.DAYS_OF_MONTH_UNREADABLE.flaw()
        days.add(int(number))
    return tuple(sorted(days)) if days else cells.DAYS_OF_MONTH_UNREADABLE.flaw()


@lru_cache(maxsize=4096)
def terms(text: str) -> Terms | Flaw:
    """Terms of payment, as the domain reads them."""
    try:
        return parse_terms(text)
    except ValueError:
        return cells.TERMS_UNREADABLE.flaw()


@lru_cache(maxsize=1024)
def currency_code(text: str) -> str | Flaw:
    """An ISO 4217 code, also written small, or as its sign where only one currency has it."""
    code = {"€": "EUR", "£": "GBP", "EURO": "EUR", "EUROS": "EUR"}.get(text.upper(), text.upper())
    return code if is_currency(code) else cells.CURRENCY_UNKNOWN.flaw()


def client_id(text: str) -> Flaw | None:
    """What keeps a text from being the id of a client: ids stand in commands and in the names of files."""
    if len(text) > _LONGEST_ID:
        return cells.ID_REFUSED.flaw(reason=f"it is longer than {_LONGEST_ID} characters")
    if _DEVICES.fullmatch(fold(text)):
        return cells.ID_REFUSED.flaw(reason="some systems keep that name for a device")
    if not _ID.fullmatch(text) or ".." in text:
        return cells.ID_REFUSED.flaw(
            reason="it holds a character, or begins or ends with one, that file names do not take"
        )
    return None


@lru_cache(maxsize=_CACHE)
def listed(text: str) -> tuple[str, ...]:
    """The parts of a list separated by commas, semicolons or line breaks."""
    return tuple(filter(None, (part.strip() for part in re.split(r"[,;\n]", text))))
