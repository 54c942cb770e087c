"""Money is exact: integers of minor units, one currency at a time, and cuts that lose nothing."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.domain.money import (
    Money,
    exponent,
    is_currency,
    less_percent,
    round_half_up,
    share,
    split,
    total,
)

CURRENCIES = st.sampled_from(["EUR", "GBP", "JPY", "XPF", "TND", "KWD"])
AMOUNTS = st.integers(min_value=-(10**13), max_value=10**13)
PERCENTS = st.decimals(min_value=0, max_value=100, places=4)


class TestReadingAndPrinting:
    """An amount is read from plain text and printed with the decimals of its currency."""

    @pytest.mark.parametrize(
        ("text", "currency", "minor"),
        [
            ("12.30", "EUR", 1230),
            ("12.3", "EUR", 1230),
            ("12", "EUR", 1200),
            ("-0.05", "EUR", -5),
            ("12.300", "EUR", 1230),
            ("1250", "JPY", 1250),
            ("1.250", "TND", 1250),
            ("0", "EUR", 0),
        ],
    )
    def test_reads_a_decimal_exactly(self, text: str, currency: str, minor: int) -> None:
        assert Money.of(text, currency) == Money(minor, currency)

    @pytest.mark.parametrize(("text", "currency"), [("12.345", "EUR"), ("12.5", "JPY"), ("0.0001", "TND")])
    def test_refuses_more_decimals_than_the_currency_has(self, text: str, currency: str) -> None:
        with pytest.raises(ValueError, match=currency):
            Money.of(text, currency)

    @pytest.mark.parametrize("text", ["NaN", "sNaN", "douze", "", "1,5", "1E+999999999"])
    def test_refuses_what_is_not_a_number(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"amount|decimals"):
            Money.of(text, "EUR")

    @pytest.mark.parametrize("text", ["Infinity", "-Infinity"])
    def test_refuses_the_infinite(self, text: str) -> None:
        with pytest.raises((ValueError, OverflowError)):
            Money.of(text, "EUR")

    def test_refuses_an_amount_that_it_would_have_to_round(self) -> None:
        with pytest.raises(ValueError, match="not an amount"):
            Money.of("99999999999999999999999999999.99", "EUR")

    @pytest.mark.parametrize(
        ("money", "text"),
        [
            (Money(123450, "EUR"), "1234.50"),
            (Money(5, "EUR"), "0.05"),
            (Money(-5, "EUR"), "-0.05"),
            (Money(-123450, "GBP"), "-1234.50"),
            (Money(1250, "JPY"), "1250"),
            (Money(-1, "JPY"), "-1"),
            (Money(1, "TND"), "0.001"),
            (Money(0, "EUR"), "0.00"),
        ],
    )
    def test_prints_a_plain_decimal(self, money: Money, text: str) -> None:
        assert str(money) == text

    @given(minor=AMOUNTS, currency=CURRENCIES)
    def test_what_is_printed_is_read_back(self, minor: int, currency: str) -> None:
        money = Money(minor, currency)
        assert Money.of(str(money), currency) == money
        assert Money.of(money.decimal, currency) == money

    def test_a_large_amount_keeps_every_cent(self) -> None:
        assert Money.of("99999999999999999999999999.99", "EUR").minor == 9_999_999_999_999_999_999_999_999_999


class TestCurrencies:
    """A currency is an active ISO 4217 code, and amounts of two currencies never meet."""

    @pytest.mark.parametrize(("code", "digits"), [("EUR", 2), ("JPY", 0), ("TND", 3), ("XPF", 0), ("BHD", 3)])
    def test_knows_how_many_decimals_a_currency_has(self, code: str, digits: int) -> None:
        assert is_currency(code)
        assert exponent(code) == digits

    @pytest.mark.parametrize("code", ["FRF", "eur", "EURO", "", "€", "XXX"])
    def test_does_not_know_what_is_no_active_currency(self, code: str) -> None:
        assert not is_currency(code)
        with pytest.raises(KeyError):
            exponent(code)

    def test_two_currencies_are_never_added_subtracted_or_compared(self) -> None:
        euros, pounds = Money(100, "EUR"), Money(100, "GBP")
        with pytest.raises(ValueError, match="EUR and GBP"):
            euros + pounds
        with pytest.raises(ValueError, match="EUR and GBP"):
            euros - pounds
        with pytest.raises(ValueError, match="EUR and GBP"):
            assert euros < pounds
        with pytest.raises(ValueError, match="EUR and GBP"):
            assert euros <= pounds
        assert euros != pounds

    def test_nothing_at_all_is_false_in_any_currency(self) -> None:
        assert not Money(0, "EUR")
        assert Money(-1, "EUR")

    @given(minors=st.lists(AMOUNTS), currency=CURRENCIES)
    def test_a_total_is_the_sum_of_its_parts(self, minors: list[int], currency: str) -> None:
        assert total((Money(minor, currency) for minor in minors), currency) == Money(sum(minors), currency)

    def test_a_total_refuses_a_stranger(self) -> None:
        with pytest.raises(ValueError, match="do not add up"):
            total([Money(1, "EUR"), Money(1, "GBP")], "EUR")

    def test_order_negation_and_difference(self) -> None:
        assert Money(1, "EUR") < Money(2, "EUR")
        assert Money(2, "EUR") <= Money(2, "EUR")
        assert -Money(2, "EUR") == Money(-2, "EUR")
        assert Money(2, "EUR") - Money(3, "EUR") == Money(-1, "EUR")
        assert sorted([Money(3, "EUR"), Money(-1, "EUR")]) == [Money(-1, "EUR"), Money(3, "EUR")]


class TestRounding:
    """Halves go away from zero, as on an invoice."""

    @pytest.mark.parametrize(
        ("value", "rounded"),
        [
            (Fraction(1, 2), 1),
            (Fraction(-1, 2), -1),
            (Fraction(3, 2), 2),
            (Fraction(5, 2), 3),
            (Fraction(49, 100), 0),
            (Fraction(-49, 100), 0),
            (Fraction(7), 7),
        ],
    )
    def test_halves_go_away_from_zero(self, value: Fraction, rounded: int) -> None:
        assert round_half_up(value) == rounded

    @given(value=st.fractions())
    def test_never_moves_by_more_than_a_half(self, value: Fraction) -> None:
        assert abs(round_half_up(value) - value) <= Fraction(1, 2)

    @given(value=st.fractions())
    def test_is_the_same_on_both_sides_of_zero(self, value: Fraction) -> None:
        assert round_half_up(-value) == -round_half_up(value)


class TestPercentages:
    """A share is rounded half up; after a discount, the amount to pay is rounded and the saving is the rest."""

    @pytest.mark.parametrize(
        ("minor", "percent", "left"),
        [
            (120000, "5", 114000),
            (172505, "10", 155255),
            (1, "50", 1),
            (3, "50", 2),
            (100, "0", 100),
            (100, "100", 0),
            (99999, "2.5", 97499),
        ],
    )
    def test_less_a_percentage(self, minor: int, percent: str, left: int) -> None:
        assert less_percent(minor, Decimal(percent)) == left

    @pytest.mark.parametrize(
        ("minor", "percent", "part"),
        [(120000, "30", 36000), (10001, "50", 5001), (1, "49.99", 0), (115000, "60", 69000)],
    )
    def test_a_share(self, minor: int, percent: str, part: int) -> None:
        assert share(minor, Decimal(percent)) == part

    @given(minor=st.integers(min_value=0, max_value=10**13), percent=PERCENTS)
    def test_a_discount_asks_for_no_more_than_the_debt_and_no_less_than_nothing(
        self, minor: int, percent: Decimal
    ) -> None:
        left = less_percent(minor, percent)
        assert 0 <= left <= minor
        assert abs(left - Fraction(minor) * (100 - Fraction(percent)) / 100) <= Fraction(1, 2)

    @given(minor=AMOUNTS, percent=PERCENTS)
    def test_a_share_and_what_is_left_differ_from_the_whole_by_the_rounding_only(
        self, minor: int, percent: Decimal
    ) -> None:
        assert abs(share(minor, percent) + less_percent(minor, percent) - minor) <= 1


class TestSplitting:
    """Shares add up to the cent, differ by one unit at most, and the larger ones come first."""

    @pytest.mark.parametrize(
        ("minor", "count", "shares"),
        [
            (120000, 4, (30000, 30000, 30000, 30000)),
            (10000, 3, (3334, 3333, 3333)),
            (3, 2, (2, 1)),
            (2, 3, (1, 1, 0)),
            (0, 2, (0, 0)),
            (7, 1, (7,)),
        ],
    )
    def test_equal_shares(self, minor: int, count: int, shares: tuple[int, ...]) -> None:
        assert split(minor, count) == shares

    @given(minor=AMOUNTS, count=st.integers(min_value=1, max_value=120))
    def test_any_amount_in_any_count(self, minor: int, count: int) -> None:
        shares = split(minor, count)
        assert len(shares) == count
        assert sum(shares) == minor
        assert max(shares) - min(shares) <= 1
        assert list(shares) == sorted(shares, reverse=True)

    @given(
        minor=st.integers(min_value=0, max_value=10**13), count=st.integers(min_value=1, max_value=24), percent=PERCENTS
    )
    def test_a_down_payment_and_the_rest_add_up(self, minor: int, count: int, percent: Decimal) -> None:
        down = share(minor, percent)
        shares = split(minor - down, count)
        assert down + sum(shares) == minor
        assert all(part >= 0 for part in shares)

    @given(
        minor=st.integers(min_value=1, max_value=10**9),
        count=st.integers(min_value=1, max_value=12),
        currency=CURRENCIES,
    )
    def test_in_every_currency_the_printed_shares_add_up(self, minor: int, count: int, currency: str) -> None:
        printed = [Decimal(str(Money(part, currency))) for part in split(minor, count)]
        assert sum(printed) == Decimal(str(Money(minor, currency)))

    @pytest.mark.parametrize("count", [0, -1])
    def test_refuses_fewer_shares_than_one(self, count: int) -> None:
        with pytest.raises(ValueError, match="one share"):
            split(100, count)
