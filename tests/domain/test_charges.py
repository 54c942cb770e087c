"""Amounts as a card network counts them: what can be charged, what cannot, and in which units."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.domain.charges import NotPayable, charge_units, from_charge_units, methods_for, not_payable
from generator.domain.money import Money, exponent

CARD = ("card",)
BOTH = ("card", "sepa_debit")
#: Currencies of every sort: two decimals, none, three, and those that Stripe counts in a way of its own.
SORTS = ("EUR", "GBP", "USD", "CHF", "JPY", "KRW", "XPF", "XOF", "ISK", "UGX", "MGA", "KWD", "BHD", "TND", "HUF")


class TestUnits:
    @pytest.mark.parametrize(
        ("amount", "currency", "units"),
        [
            ("1200.00", "EUR", 120_000),
            ("0.50", "EUR", 50),
            ("8.30", "GBP", 830),
            ("500", "JPY", 500),  # no decimals: the amount itself
            ("1000", "XPF", 1000),
            ("2500", "ISK", 250_000),  # no decimals any more, and still counted with two
            ("5000", "UGX", 500_000),
            ("12000.00", "MGA", 12_000),  # two decimals in ISO 4217, none at Stripe
            ("1.230", "KWD", 1230),  # three decimals, the last of them a zero
            ("1.230", "TND", 1230),
        ],
    )
    def test_an_amount_is_sent_as_stripe_counts_it(self, amount: str, currency: str, units: int) -> None:
        assert charge_units(Money.of(amount, currency)) == units
        assert from_charge_units(units, currency.lower()) == Money.of(amount, currency)

    @pytest.mark.parametrize(("amount", "currency"), [("1.234", "KWD"), ("0.001", "BHD"), ("10.50", "MGA")])
    def test_a_fraction_that_cannot_be_charged_is_refused_and_never_rounded(self, amount: str, currency: str) -> None:
        with pytest.raises(ValueError, match=currency):
            charge_units(Money.of(amount, currency))
        assert not_payable(Money.of(amount, currency), CARD) is NotPayable.FRACTION

    @given(st.sampled_from(SORTS), st.integers(1, 10**9))
    def test_what_is_charged_is_the_amount_to_the_last_unit(self, currency: str, minor: int) -> None:
        amount = Money(minor, currency)
        try:
            units = charge_units(amount)
        except ValueError:
            return
        assert from_charge_units(units, currency) == amount
        assert from_charge_units(units, currency.lower()) == amount

    @given(st.sampled_from(SORTS), st.integers(1, 10**6))
    def test_whole_amounts_can_always_be_charged(self, currency: str, whole: int) -> None:
        amount = Money(whole * 10 ** exponent(currency), currency)
        assert from_charge_units(charge_units(amount), currency) == amount

    def test_a_currency_that_is_none_is_no_amount(self) -> None:
        with pytest.raises(KeyError):
            from_charge_units(100, "zzz")


class TestWhatIsNotPayable:
    @pytest.mark.parametrize(
        ("amount", "currency"),
        [("0.49", "EUR"), ("0.29", "GBP"), ("49", "JPY"), ("2.99", "SEK"), ("174.99", "HUF"), ("0.49", "USD")],
    )
    def test_less_than_the_minimum_gets_no_link(self, amount: str, currency: str) -> None:
        assert not_payable(Money.of(amount, currency), CARD) is NotPayable.TOO_SMALL

    @pytest.mark.parametrize(
        ("amount", "currency"),
        [("0.50", "EUR"), ("0.30", "GBP"), ("50", "JPY"), ("3.00", "SEK"), ("175.00", "HUF"), ("0.50", "USD")],
    )
    def test_the_minimum_itself_does(self, amount: str, currency: str) -> None:
        assert not_payable(Money.of(amount, currency), CARD) is None

    def test_eight_figures_are_the_most(self) -> None:
        assert not_payable(Money.of("999999.99", "EUR"), CARD) is None
        assert not_payable(Money.of("1000000.00", "EUR"), CARD) is NotPayable.TOO_LARGE
        assert not_payable(Money.of("99999999", "JPY"), CARD) is None
        assert not_payable(Money.of("1000000", "ISK"), CARD) is NotPayable.TOO_LARGE  # counted with two decimals

    def test_a_currency_whose_minimum_nobody_knows_is_for_stripe_to_judge(self) -> None:
        assert not_payable(Money.of("1", "XPF"), CARD) is None


class TestMethods:
    def test_sepa_debits_are_in_euros_only(self) -> None:
        assert methods_for(BOTH, "EUR") == BOTH
        assert methods_for(BOTH, "GBP") == CARD
        assert methods_for(CARD, "EUR") == CARD

    def test_a_currency_without_any_method_has_no_link(self) -> None:
        assert not_payable(Money.of("100.00", "GBP"), ("sepa_debit",)) is NotPayable.NO_METHOD
        assert not_payable(Money.of("100.00", "EUR"), ("sepa_debit",)) is None
