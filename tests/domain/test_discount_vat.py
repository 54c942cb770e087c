"""The VAT inside a discount: what its credit note takes off at each rate adds up, whatever the amounts."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.domain.discount_vat import Computation, invoiced, taken_off
from generator.domain.money import Money
from generator.domain.vat import VatPart
from tests.support.effort import examples

FIVE, TEN, TWENTY = Decimal("5.5"), Decimal(10), Decimal(20)


def euros(text: str) -> Money:
    return Money.of(text, "EUR")


def said(parts: tuple[VatPart, ...]) -> list[tuple[str, str, str]]:
    """Rate, net and VAT."""
    return [(str(part.rate), str(part.net), str(part.vat)) for part in parts]


@st.composite
def invoices(draw: st.DrawFn) -> tuple[VatPart, ...]:
    """Some rates, each with a net and its VAT."""
    rates = draw(st.lists(st.sampled_from([Decimal(0), FIVE, TEN, TWENTY]), min_size=1, max_size=4, unique=True))
    nets = [draw(st.integers(1, 10**7)) for _ in rates]
    return tuple(
        VatPart(rate, Money(net, "EUR"), Money(int(net * rate / 100), "EUR"))
        for rate, net in zip(rates, nets, strict=True)
    )


@settings(max_examples=examples(60), deadline=None)
@given(rates=invoices(), thousandths=st.integers(0, 1000), computation=st.sampled_from(Computation))
def test_not_a_cent_is_lost_or_made(rates: tuple[VatPart, ...], thousandths: int, computation: Computation) -> None:
    saving = Money(sum(part.net.minor for part in rates) * thousandths // 1000, "EUR")
    parts = taken_off(saving, rates, computation)
    assert sum(part.gross.minor for part in parts) == saving.minor
    for part, of in zip(parts, rates, strict=True):
        assert part.rate == of.rate
        assert 0 <= part.net.minor <= of.net.minor
        assert 0 <= part.vat.minor <= of.vat.minor
        assert computation is Computation.INCLUDED or not part.vat


def test_without_rates_nothing_is_guessed() -> None:
    assert [taken_off(euros("24.00"), (), computation) for computation in Computation] == [(), (), ()]


def test_more_than_the_net_is_no_discount_on_the_net() -> None:
    rates = invoiced(euros("120.00"), ((TWENTY, None),), Computation.EXCLUDED)
    assert taken_off(euros("110.00"), rates, Computation.EXCLUDED) == ()
    assert said(taken_off(euros("100.00"), rates, Computation.EXCLUDED)) == [("20", "100.00", "0.00")]


class TestAMixedInvoice:
    """Its VAT is that of the discounted net, taken or not."""

    def test_of_a_price_with_its_tax(self) -> None:
        """121.00 with 21 % of tax, 2 % off: 100.00 and 20.58, as Odoo has it."""
        parts = invoiced(euros("120.58"), ((Decimal(21), None),), Computation.MIXED, Decimal(2))
        assert said(parts) == [("21", "100.00", "20.58")]

    def test_of_several_rates(self) -> None:
        told = ((TWENTY, Decimal("1000.00")), (TEN, Decimal("50.00")))
        parts = invoiced(euros("1250.90"), told, Computation.MIXED, Decimal(2))
        assert said(parts) == [("20", "1000.00", "196.00"), ("10", "50.00", "4.90")]

    def test_without_a_printed_discount_it_is_as_any_other(self) -> None:
        parts = invoiced(euros("1200.00"), ((TWENTY, None),), Computation.MIXED)
        assert said(parts) == [("20", "1000.00", "200.00")]

    def test_an_invoice_with_the_usual_vat_is_not_one(self) -> None:
        told = ((TWENTY, Decimal("1000.00")),)
        assert invoiced(euros("1200.00"), told, Computation.MIXED, Decimal(10)) == ()
