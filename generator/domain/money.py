"""Money: integer minor units of one ISO 4217 currency, and the exact ways to cut it.

No float ever comes near an amount. Adding two currencies is a bug and raises.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from fractions import Fraction

#: ISO 4217 active currencies with two decimals (the other ones stand below).
_TWO_DECIMALS = frozenset(
    # a table reads better as text than as a hundred and fifty quoted words
    """AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC
    CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD
    KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO
    NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL
    THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG""".split()  # noqa: SIM905 - see above
)
_EXPONENTS = (
    dict.fromkeys(_TWO_DECIMALS, 2)
    | dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(), 0)  # noqa: SIM905 - as above
    | dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3)  # noqa: SIM905 - as above
)

#: Reading an amount never rounds it: one with more digits than this is refused.
_EXACT = Context(prec=28, traps=[Inexact, InvalidOperation, Overflow])


def is_currency(code: str) -> bool:
    """Whether `code` is an active ISO 4217 currency (upper case)."""
    return code in _EXPONENTS


def exponent(currency: str) -> int:
    """The number of decimals of a currency: 2 for EUR, 0 for JPY, 3 for TND (ISO 4217).

    Raises KeyError for a code that is not an active currency.
    """
    return _EXPONENTS[currency]


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount: `minor` units (cents, for the euro) of `currency`."""

    minor: int
    currency: str

    @classmethod
    def of(cls, text: str | Decimal, currency: str) -> Money:
        """`Money.of("12.30", "EUR")`. Raises ValueError for no amount, and when there are more decimals than the currency has."""
        try:
            scaled = Decimal(text).scaleb(exponent(currency), _EXACT)
        except ArithmeticError as error:
            raise ValueError(f"{text} is not an amount") from error
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{text} has more decimals than {currency} allows")
        return cls(int(scaled), currency)

    def __add__(self, other: Money) -> Money:
        """The sum; ValueError when the currencies differ."""
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        """The difference; ValueError when the currencies differ."""
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        """The same amount the other way round."""
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        """Whether this is the smaller amount; ValueError when the currencies differ."""
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        """Whether this is not the larger amount; ValueError when the currencies differ."""
        return self.minor <= self._same(other)

    def __bool__(self) -> bool:
        """False for nothing at all."""
        return self.minor != 0

    def __str__(self) -> str:
        """The amount as a plain decimal with the currency's decimals, as in the public JSON: `1234.50`."""
        digits = exponent(self.currency)
        sign, units = ("-" if self.minor < 0 else ""), abs(self.minor)
        if not digits:
            return f"{sign}{units}"
        return f"{sign}{units // 10**digits}.{units % 10**digits:0{digits}d}"

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, exact."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")
        return other.minor


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum of amounts that are all in `currency`; zero for none."""
    minor = 0
    for amount in amounts:  # adding integers makes no Money in between
        if amount.currency != currency:
            raise ValueError(f"{currency} and {amount.currency} do not add up")
        minor += amount.minor
    return Money(minor, currency)


def round_half_up(value: Fraction) -> int:
    """To the nearest integer, halves away from zero: how invoices are rounded."""
    return _rounded(value.numerator, value.denominator)


def _rounded(numerator: int, denominator: int) -> int:
    """The same of a quotient, in integers: fractions take ten times as long."""
    half_up = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -half_up if numerator < 0 else half_up


def less_percent(minor: int, percent: Decimal) -> int:
    """What is left to pay of `minor` units after `percent` off: the amount paid is rounded half up, the saving is the rest."""
    part, whole = percent.as_integer_ratio()
    return _rounded(minor * (100 * whole - part), 100 * whole)


def share(minor: int, percent: Decimal) -> int:
    """`percent` of `minor` units, rounded half up."""
    part, whole = percent.as_integer_ratio()
    return _rounded(minor * part, 100 * whole)


def split(minor: int, count: int) -> tuple[int, ...]:
    """`count` shares of `minor` units that add up exactly and differ by one unit at most, the larger ones first."""
    if count < 1:
        raise ValueError("an amount is cut into one share at least")
    quotient, rest = divmod(minor, count)
    return tuple(quotient + (index < rest) for index in range(count))


def by_percents(minor: int, percents: Sequence[Decimal]) -> tuple[int, ...]:
    """`minor` units in shares of so many percent, which are 100 together: exactly, each within one unit of its own percent.

    Units that rounding down leaves over go to the shares that lost most by it, the first ones where it is the same, so that
    equal percentages give what `split` gives.
    """
    weights = [percent * minor for percent in percents]
    shares = [int(weight // 100) for weight in weights]
    lost = sorted(range(len(shares)), key=lambda index: 100 * shares[index] - weights[index])
    for index in lost[: minor - sum(shares)]:
        shares[index] += 1
    return tuple(shares)


def prorata(amount: int, weights: Sequence[int]) -> list[int]:
    """`amount` cut in proportion to `weights`, exactly: running totals are rounded down, so no share is above its weight."""
    whole, reached, given, shares = sum(weights), 0, 0, []
    for weight in weights:
        reached += weight
        upto = amount * reached // whole if whole else 0
        shares.append(upto - given)
        given = upto
    return shares


def fitting(shares: Sequence[int], room: Sequence[int]) -> list[int]:
    """The shares, with what does not fit in one room moved to the next ones; the rooms hold the sum."""
    fitted, over = [], 0
    for share_, space in zip(shares, room, strict=True):
        part = min(share_ + over, space)
        over += share_ - part
        fitted.append(part)
    for index, space in enumerate(room):
        more = min(over, space - fitted[index])
        fitted[index] += more
        over -= more
    return fitted
