"""Debits under way: what they will pay, told apart on each item from what has arrived."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from generator.domain.account import Item, Status
from generator.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.domain.allocation import Book, Position
    from generator.domain.ledger import Payment


def told_apart(
    items: Sequence[Item], now: Book, soon: Book, under_way: Sequence[Payment]
) -> tuple[tuple[Item, ...], int]:
    """The items with what is in flight, and the credit (minor units).

    `items` are as they will be when all of it has arrived, as in the book `soon`; `now` is the book without it.
    """
    found = tuple(_until_then(item, now.positions[item.id]) for item in items)
    if all(item.in_flight is None or item.in_flight.minor > 0 for item in found):
        return found, sum(money.amount for money in now.spare)
    debits = {id(payment) for payment in under_way}
    brought = _brought(soon, under_way)
    moved = tuple(_as_it_will_be(item, now, soon, brought[item.id]) for item in items)
    return moved, sum(money.amount for money in soon.spare if id(money.payment) not in debits)


def _until_then(item: Item, now: Position) -> Item:
    """An item as it will be, of which what has arrived stands where it is today."""
    then = item.paid.minor + item.credited.minor  # what is open does not tell: fees may have been waived meanwhile
    in_flight = then - now.paid - now.credited
    if not in_flight:
        return item
    return _shown(item, now.paid, now.credited, in_flight)


def _as_it_will_be(item: Item, now: Book, soon: Book, brought: int) -> Item:
    """The same where debits will move other money too, such as a credit that their agreement leaves for another invoice.

    What has arrived then stands where it will be; in flight is what the debits bring, with the discount that they earn.
    """
    then = soon.positions[item.id]
    earned = min(then.credited, max(0, then.discounted - now.positions[item.id].discounted))
    return _shown(item, then.paid - brought, then.credited - earned, brought + earned)


def _brought(soon: Book, under_way: Sequence[Payment]) -> Counter[str]:
    """What debits put on each item. A refund that opens again what was paid last takes nothing of what has not come in."""
    debits = {id(payment) for payment in under_way}
    found: Counter[str] = Counter()
    left = sum(payment.amount.minor for payment in under_way)
    left -= sum(money.amount for money in soon.spare if id(money.payment) in debits)
    paid = [put for put in soon.puts[::-1] if put.payment is not None]
    for put in sorted(paid, key=lambda put: id(put.payment) not in debits):
        part = min(left, put.amount)
        found[put.position.invoice.id] += part
        left -= part
    return found


def _shown(item: Item, paid: int, credited: int, in_flight: int) -> Item:
    currency = item.open.currency
    return replace(
        item,
        status=Status.IN_FLIGHT if item.status is Status.PAID and in_flight else item.status,
        paid=Money(paid, currency),
        credited=Money(credited, currency),
        in_flight=Money(in_flight, currency) if in_flight else None,
    )
