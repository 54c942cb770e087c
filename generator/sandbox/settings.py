"""What an owner of the account has chosen, and what Stripe demands of amounts."""

from __future__ import annotations

from dataclasses import dataclass

from generator.domain.money import exponent, is_currency
from generator.sandbox.wire import StripeError

SYMBOLS = {"eur": "€", "gbp": "£", "usd": "$"}
#: Least amounts in minor units, from Stripe's page "Supported currencies"; any other currency has no minimum here.
MINIMA = {
    "usd": 50, "aed": 200, "aud": 50, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50,
    "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50,
    "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}  # fmt: skip
#: Currencies that Stripe counts otherwise than ISO 4217: with two decimals that must be zeros (ISK, UGX), or whole (MGA).
_BACKWARDS_COMPATIBLE = frozenset({"isk", "ugx"})
_WHOLE = frozenset({"mga"})
_MOST = 99_999_999
_THREE = 3


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """The account: a French workshop's in test mode, unless told otherwise."""

    id: str = "acct_SandboxRelance01"
    name: str = "Atelier Lumen"
    email: str | None = "compta@atelier-lumen.example"
    country: str = "FR"
    default_currency: str = "eur"
    created: int = 1_735_689_600
    livemode: bool = False
    charges_enabled: bool = True
    sepa_debit: bool = True
    #: The methods of a link that names none, as the Dashboard would have them.
    methods: tuple[str, ...] = ("card", "sepa_debit")


def decimals(currency: str) -> int:
    """How many decimals Stripe counts in a currency (lower case)."""
    if currency in _BACKWARDS_COMPATIBLE:
        return 2
    return 0 if currency in _WHOLE else exponent(currency.upper())


def check_unit(amount: int, currency: str, param: str) -> None:
    """Raises StripeError for a currency that Stripe does not know, and for an amount that it does not count so."""
    if currency != currency.lower() or not is_currency(currency.upper()):
        raise StripeError(f"Invalid currency: {currency}.", param=param.replace("unit_amount", "currency"))
    step = 10 if decimals(currency) == _THREE else 100 if currency in _BACKWARDS_COMPATIBLE else 1
    if amount % step:
        raise StripeError(
            f"Invalid integer: {amount}. Amounts in {currency} must be a multiple of {step}.",
            code="parameter_invalid_integer",
            param=param,
        )


def check_total(amount: int, currency: str) -> None:
    """Raises StripeError for less or more than Stripe takes at once."""
    least, places = MINIMA.get(currency, 1), decimals(currency)
    if amount < least:
        written = f"{least // 10**places}" + (f".{least % 10**places:0{places}d}" if places else "")
        raise StripeError(
            f"The Checkout Session's total amount due must add up to at least {SYMBOLS.get(currency, '')}{written} {currency}",
            code="amount_too_small",
        )
    if amount > _MOST:
        raise StripeError(
            f"The Checkout Session's total amount due must be no more than {_MOST} {currency}", code="amount_too_large"
        )
