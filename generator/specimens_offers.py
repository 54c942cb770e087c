"""Invented offers and vouchers, on which the templates that tell of them are tried."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from generator.domain.account import Instalment, Offer
from generator.domain.memory import OfferKind
from generator.domain.money import Money, split, total
from generator.domain.vouchers import Voucher

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from generator.domain.account import Item


def some_vouchers(currency: str, today: date) -> tuple[Voucher, ...]:
    """One that was earned today, and one to be taken off an invoice already."""
    until, amount = today + timedelta(days=365), Money(4200, currency)
    earned = Voucher("V1", amount, today, until, paid=("F-1",))
    return earned, Voucher("V2", amount, today - timedelta(days=40), None, following="F-2")


def some_offers(items: tuple[Item, ...], currency: str, today: date) -> Iterator[Offer]:
    """A discount of ours and one of the invoice's own, a voucher, and plans."""
    whole, nothing = total((item.open for item in items), currency), Money(0, currency)
    until = today + timedelta(days=10)
    saving = Money(whole.minor // 20, currency)
    for own in (False, True):
        yield Offer(
            f"discount-{own}",
            OfferKind.DISCOUNT,
            whole - saving,
            saving,
            items,
            "RF18539007547034",
            until,
            Decimal(5),
            own=own,
        )
    yield Offer(
        "voucher",
        *(OfferKind.DISCOUNT, whole, nothing, items, "RF18539007547034", until, Decimal(5)),
        voucher=saving,
        voucher_days=365,
    )
    for count in (2, 3, 7):
        shares = [Money(share, currency) for share in split(whole.minor, count)]
        parts = tuple(
            Instalment(today + timedelta(days=30 * number), share, nothing) for number, share in enumerate(shares)
        )
        yield Offer(
            f"plan-{count}", OfferKind.PLAN, whole, nothing, items, "RF18539007547034", until, instalments=parts
        )
