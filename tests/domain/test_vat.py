"""VAT inside what is paid: at every rate the parts of an invoice add up to what was invoiced, to the cent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.domain.account import Agreement, Instalment, Item, Status
from generator.domain.discount_vat import Computation, agreed_by_rate
from generator.domain.ledger import Invoice
from generator.domain.money import Money, split, total
from generator.domain.vat import (
    PaidPart,
    Told,
    VatPart,
    added_by_rate,
    apportion,
    instalments_by_rate,
    rates_of,
    split_gross,
)
from tests.support.effort import examples

TWENTY, TEN, LOW, NONE = Decimal(20), Decimal(10), Decimal("5.5"), Decimal(0)
DAY = date(2026, 11, 23)


def euros(text: str) -> Money:
    return Money.of(text, "EUR")


def said(parts: tuple[VatPart, ...]) -> list[tuple[str, str, str, str]]:
    """Rate, net, VAT and gross."""
    return [(str(part.rate), str(part.net), str(part.vat), str(part.gross)) for part in parts]


# An invoice


def test_one_rate_alone_is_for_all_of_the_invoice() -> None:
    assert said(rates_of(euros("1200.00"), ((TWENTY, None),))) == [("20", "1000.00", "200.00", "1200.00")]
    assert said(rates_of(euros("100.00"), ((LOW, None),))) == [("5.5", "94.79", "5.21", "100.00")]
    assert said(rates_of(euros("80.00"), ((NONE, None),))) == [("0", "80.00", "0.00", "80.00")]


def test_each_rate_with_its_net_gives_its_vat() -> None:
    parts = rates_of(euros("1255.00"), ((TWENTY, Decimal("1000.00")), (TEN, Decimal("50.00"))))
    assert said(parts) == [("20", "1000.00", "200.00", "1200.00"), ("10", "50.00", "5.00", "55.00")]


def test_the_same_rate_twice_is_one_rate() -> None:
    parts = rates_of(euros("120.00"), ((TWENTY, Decimal("60.00")), (TWENTY, Decimal("40.00"))))
    assert said(parts) == [("20", "100.00", "20.00", "120.00")]


def test_a_cent_of_rounding_is_put_on_the_largest_vat() -> None:
    parts = rates_of(euros("1255.01"), ((TWENTY, Decimal("1000.00")), (TEN, Decimal("50.00"))))
    assert said(parts) == [("20", "1000.00", "200.01", "1200.01"), ("10", "50.00", "5.00", "55.00")]


@pytest.mark.parametrize(
    "told",
    [
        (),
        ((TWENTY, Decimal("900.00")),),  # another amount than the total
        ((TWENTY, None), (TEN, Decimal("50.00"))),
        ((TWENTY, Decimal("-1000.00")), (TEN, Decimal("2000.00"))),
        ((TWENTY, Decimal("1000.005")),),
        ((NONE, Decimal("1199.99")),),  # no VAT to round
    ],
)
def test_what_does_not_make_the_total_is_not_known(told: Told) -> None:
    assert rates_of(euros("1200.00"), told) == ()


# A part of it


def test_a_part_pays_each_rate_in_proportion_to_its_gross() -> None:
    whole = rates_of(euros("1255.00"), ((TWENTY, Decimal("1000.00")), (TEN, Decimal("50.00"))))
    assert said(split_gross(euros("627.50"), whole)) == [
        ("20", "500.00", "100.00", "600.00"),
        ("10", "25.00", "2.50", "27.50"),
    ]


def test_a_discounted_invoice_is_cut_alike() -> None:
    whole = rates_of(euros("1200.00"), ((TWENTY, None),))
    assert said(split_gross(euros("1140.00"), whole)) == [("20", "950.00", "190.00", "1140.00")]


def test_without_rates_nothing_is_told() -> None:
    assert split_gross(euros("10.00"), ()) == ()


def test_more_than_the_whole_is_a_bug() -> None:
    whole = rates_of(euros("1200.00"), ((TWENTY, None),))
    with pytest.raises(ValueError, match="not a part"):
        split_gross(euros("200.01"), whole, euros("1000.00"))
    with pytest.raises(ValueError, match="not a part"):
        split_gross(euros("-1.00"), whole)


weights = st.lists(st.integers(0, 5_000), min_size=1, max_size=6).filter(any)


@settings(max_examples=examples(60))
@given(weights)
def test_units_are_dealt_one_by_one_and_never_taken_back(each: list[int]) -> None:
    whole = sum(each)
    before = [0] * len(each)
    for amount in sorted({*range(0, whole, max(1, whole // 40)), *range(max(0, whole - 5), whole + 1)}):
        now = apportion(amount, each)
        assert sum(now) == amount
        assert all(earlier <= share for earlier, share in zip(before, now, strict=True))
        assert all(
            abs(share * whole - amount * weight) < whole * len(each) for share, weight in zip(now, each, strict=True)
        )
        before = now
    assert before == each


def test_the_shares_found_at_once_are_those_of_dealing_from_the_first() -> None:
    each = [3, 1, 7, 1, 1, 20, 1]
    dealt = [0] * len(each)
    for amount in range(sum(each) + 1):
        assert apportion(amount, each) == dealt
        behind = max(range(len(each)), key=lambda index: (each[index] / (2 * dealt[index] + 1), -index))
        dealt[behind] += 1


rates = st.sampled_from([NONE, Decimal("2.1"), LOW, TEN, TWENTY])
tolds = st.dictionaries(rates, st.integers(0, 300_000), min_size=1).filter(lambda nets: any(nets.values()))


@settings(max_examples=examples(60))
@given(tolds, st.lists(st.integers(1, 50), min_size=1, max_size=12))
def test_whatever_the_payments_every_rate_adds_up_to_what_was_invoiced(
    nets: dict[Decimal, int], shares: list[int]
) -> None:
    told = tuple((rate, Money(net, "EUR").decimal) for rate, net in nets.items())
    gross = sum(net + round(Decimal(net) * rate / 100) for rate, net in nets.items())
    whole = rates_of(Money(gross, "EUR"), told)
    assert whole
    assert total((part.gross for part in whole), "EUR").minor == gross
    cuts, reached = [], 0
    for share in shares:
        upto = gross if share is shares[-1] else min(gross, reached + gross * share // sum(shares))
        cuts.append(split_gross(Money(upto - reached, "EUR"), whole, Money(reached, "EUR")))
        assert sum(part.gross.minor for part in cuts[-1]) == upto - reached
        reached = upto
    cuts.append(split_gross(Money(gross - reached, "EUR"), whole, Money(reached, "EUR")))
    for index, part in enumerate(whole):
        mine = [cut[index] for cut in cuts]
        assert sum(cut.net.minor for cut in mine) == part.net.minor
        assert sum(cut.vat.minor for cut in mine) == part.vat.minor
        assert all(cut.net.minor >= 0 and cut.vat.minor >= 0 for cut in mine)


# The instalments of an agreement


def item(number: str, amount: str, *told: tuple[Decimal, Decimal | None], open_: str = "", due: int = 0) -> Item:
    whole, zero = euros(amount), euros("0")
    invoice = Invoice(number, "brun", date(2026, 9, 1), date(2026, 10, 1) + timedelta(days=due), whole, vat=told)
    left = euros(open_) if open_ else whole
    return Item(invoice, Status.IN_PLAN, whole, whole - left, zero, left, 0)


def agreement(items: list[Item], *amounts: str) -> Agreement:
    parts = tuple(
        Instalment(DAY + timedelta(days=30 * number), euros(amount), euros("0"))
        for number, amount in enumerate(amounts)
    )
    return Agreement(
        "EC-1", "RF1", DAY, tuple(one.id for one in items), parts, holds=True, owed=tuple(one.open for one in items)
    )


def test_each_instalment_is_told_by_invoice_and_rate() -> None:
    items = [item("F-2", "55.00", (TEN, None), due=9), item("F-1", "1200.00", (TWENTY, None))]
    found = instalments_by_rate(agreement(items, "800.00", "455.00"), items)

    assert [(part.number, part.invoice, str(part.amount), said(part.rates)) for part in found] == [
        (1, "F-1", "800.00", [("20", "666.67", "133.33", "800.00")]),
        (2, "F-1", "400.00", [("20", "333.33", "66.67", "400.00")]),
        (2, "F-2", "55.00", [("10", "50.00", "5.00", "55.00")]),
    ]
    assert said(added_by_rate(found)) == [
        ("10", "50.00", "5.00", "55.00"),
        ("20", "1000.00", "200.00", "1200.00"),
    ]


def test_what_was_paid_before_the_agreement_has_paid_its_share() -> None:
    items = [item("F-1", "1200.00", (TWENTY, None), open_="900.01")]
    found = instalments_by_rate(agreement(items, "450.01", "450.00"), items)

    already = split_gross(euros("299.99"), rates_of(euros("1200.00"), ((TWENTY, None),)))[0]
    assert already.vat + found[0].rates[0].vat + found[1].rates[0].vat == euros("200.00")


def test_an_invoice_without_vat_keeps_its_amount_and_tells_no_rate() -> None:
    items = [item("F-1", "1200.00"), item("F-2", "55.00", (TEN, None), due=9)]
    found = instalments_by_rate(agreement(items, "1200.00", "55.00"), items)

    assert [(part.invoice, str(part.amount), len(part.rates)) for part in found] == [
        ("F-1", "1200.00", 0),
        ("F-2", "55.00", 1),
    ]
    assert added_by_rate(found) == ()


def test_an_agreement_about_another_sum_than_its_invoices_is_not_told_by_rate() -> None:
    items = [item("F-1", "1200.00", (TWENTY, None))]
    for found in (
        instalments_by_rate(agreement(items, "600.00", "500.00"), items),
        instalments_by_rate(agreement(items, "600.00", "500.00"), []),
    ):
        assert [(part.number, part.invoice, str(part.amount), part.rates) for part in found] == [
            (1, "", "600.00", ()),
            (2, "", "500.00", ()),
        ]
        assert added_by_rate(found) == ()


def test_what_is_waived_in_the_end_is_paid_by_no_instalment_and_its_credit_note_takes_the_rest() -> None:
    items = [item("F-2", "100.00", (TEN, None), due=9), item("F-1", "1200.00", (TWENTY, None))]
    made = replace(agreement(items, "800.00", "460.00"), saving=euros("40.00"))
    found = instalments_by_rate(made, items)

    assert [(part.number, part.invoice, said(part.rates)) for part in found] == [
        (1, "F-1", [("20", "666.67", "133.33", "800.00")]),
        (2, "F-1", [("20", "333.33", "66.67", "400.00")]),
        (2, "F-2", [("10", "54.55", "5.45", "60.00")]),
    ]
    note = split_gross(euros("40.00"), rates_of(euros("100.00"), ((TEN, None),)))
    assert said(note) == [("10", "36.36", "3.64", "40.00")], "together 90.91 and 9.09, as it was invoiced"
    most = replace(agreement(items, "1150.00"), saving=euros("150.00"))
    assert [(part.invoice, str(part.amount)) for part in instalments_by_rate(most, items)] == [("F-1", "1150.00")]


def test_once_that_is_asked_for_after_all_nothing_is_taken_off() -> None:
    items = [item("F-1", "1200.00", (TWENTY, None))]
    made = replace(agreement(items, "600.00", "600.00"), saving=euros("40.00"))
    assert instalments_by_rate(made, items) == instalments_by_rate(replace(made, saving=None), items)


def test_where_a_discount_leaves_the_vat_as_it_is_the_instalments_pay_all_of_it() -> None:
    items = [item("F-1", "1200.00", (TWENTY, None))]
    made = replace(agreement(items, "580.00", "580.00"), saving=euros("40.00"))
    found = agreed_by_rate(made, items, Computation.EXCLUDED)
    assert said(added_by_rate(found)) == [("20", "960.00", "200.00", "1160.00")]


@settings(max_examples=examples(60))
@given(st.lists(tolds, min_size=1, max_size=4), st.integers(1, 12), st.sampled_from([0, 1, 4_999, 200_000]))
def test_over_a_whole_agreement_no_cent_of_vat_is_lost(
    invoices: list[dict[Decimal, int]], count: int, waived: int
) -> None:
    items = []
    for number, nets in enumerate(invoices):
        gross = sum(net + round(Decimal(net) * rate / 100) for rate, net in nets.items())
        told = tuple((rate, Money(net, "EUR").decimal) for rate, net in nets.items())
        items.append(item(f"F-{number}", str(Money(gross, "EUR")), *told, due=number))
    owed = sum(one.open.minor for one in items)
    waived = max(0, min(waived, owed - count))
    made = agreement(items, *(str(Money(part, "EUR")) for part in split(owed - waived, count)))
    made = replace(made, saving=Money(waived, "EUR"))
    found = instalments_by_rate(made, items)

    for number, instalment in enumerate(made.instalments, start=1):
        mine = [part for part in found if part.number == number]
        assert total((cut.gross for part in mine for cut in part.rates), "EUR") == instalment.amount
    for one in items:
        mine = [part for part in found if part.invoice == one.id]
        whole = rates_of(one.total, one.invoice.vat)
        off = one.total - total((part.amount for part in mine), "EUR")
        mine.append(PaidPart(0, DAY, one.id, off, split_gross(off, whole)))
        waived -= off.minor
        assert added_by_rate(mine) == tuple(sorted(whole, key=lambda part: part.rate))
    assert waived == 0
