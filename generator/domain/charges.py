"""What a card network's cashier can charge: amounts in Stripe's units, and why one cannot be paid online.

Stripe counts most currencies in their ISO 4217 minor units, but not all: these tables are those of its page on
currencies (https://docs.stripe.com/currencies).
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from generator.domain.money import Money, exponent

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Counted in whole units by Stripe whatever ISO 4217 says.
_WHOLE = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split())  # noqa: SIM905 - a table reads better as text
#: Have no decimals any more, and are still sent with two of them, both zero.
_PADDED = frozenset({"ISK", "UGX"})
#: Have three decimals, of which the last must be zero.
_THREE_DECIMALS = frozenset("BHD JOD KWD OMR TND".split())  # noqa: SIM905 - as above
_MINIMUM = {
    "AED": 200, "AUD": 50, "BRL": 50, "CAD": 50, "CHF": 50, "CZK": 1500, "DKK": 250, "EUR": 50, "GBP": 30, "HKD": 400,
    "HUF": 17500, "INR": 50, "JPY": 50, "MXN": 1000, "MYR": 200, "NOK": 300, "NZD": 50, "PLN": 200, "RON": 200,
    "SEK": 300, "SGD": 50, "THB": 1000, "USD": 50,
}  # fmt: skip
_MAXIMUM = 99_999_999
_DEBIT = "sepa_debit"


class NotPayable(StrEnum):
    """Why an amount gets no payment link; it can be paid by transfer all the same."""

    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    FRACTION = "fraction"
    NO_METHOD = "no_method"


def charge_units(amount: Money) -> int:
    """The amount as Stripe counts it. Raises ValueError for a fraction of a unit that it cannot charge."""
    currency, minor = amount.currency, amount.minor
    if currency in _WHOLE:
        whole: int = 10 ** exponent(currency)
        units, rest = divmod(minor, whole)
        if rest:
            raise ValueError(f"{amount} {currency} is no whole number of units")
        return units
    if currency in _PADDED:
        return minor * 100
    if currency in _THREE_DECIMALS and minor % 10:
        raise ValueError(f"{amount} {currency} ends in a thousandth that cannot be charged")
    return minor


def from_charge_units(units: int, currency: str) -> Money:
    """The amount that Stripe counts as `units`; `currency` in either case. Raises KeyError for no currency."""
    code = currency.upper()
    digits = exponent(code)
    if code in _WHOLE:
        return Money(units * 10**digits, code)
    if code in _PADDED:
        return Money(units // 100, code)
    return Money(units, code)


def methods_for(methods: Sequence[str], currency: str) -> tuple[str, ...]:
    """The payment methods that exist in a currency: SEPA debits are in euros only."""
    return tuple(method for method in methods if method != _DEBIT or currency == "EUR")


def not_payable(amount: Money, methods: Sequence[str]) -> NotPayable | None:
    """Why this amount gets no link; None when it can have one. A currency without a known minimum is for Stripe to judge."""
    if not methods_for(methods, amount.currency):
        return NotPayable.NO_METHOD
    try:
        units = charge_units(amount)
    except ValueError:
        return NotPayable.FRACTION
    if units < _MINIMUM.get(amount.currency, 1):
        return NotPayable.TOO_SMALL
    return NotPayable.TOO_LARGE if units > _MAXIMUM else None
