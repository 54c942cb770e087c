"""What a client may be thanked for, only where it is true: invoices that were paid by their due date, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from generator.domain.account import Item

#: Invoices in a row that make up for one that was paid late before them.
IN_A_ROW = 3


def on_time(item: Item) -> bool:
    """Whether the client paid an invoice, all of it, by its due date. What a credit note settled was not paid."""
    return item.closed_on is not None and not item.open and bool(item.paid) and item.closed_on <= item.invoice.due


def nothing_late(items: Collection[Item], today: date) -> bool:
    """Whether nothing is open past its due date, for whatever reason."""
    return not any(item.open and item.invoice.due < today for item in items)


def punctual(items: Collection[Item], today: date) -> int:
    """How many invoices in a row, back from the last, were paid on time; 0 as soon as anything is open past its due date.

    Fewer than `IN_A_ROW` after one that was late are none yet. An invoice that is not due does not count; nor does one that no
    money was asked for, or whose day of payment nobody knows.
    """
    if not nothing_late(items, today):
        return 0
    paid = [item for item in items if not item.open and item.paid and item.closed_on is not None]
    count = 0
    for item in sorted(paid, key=lambda item: (item.invoice.due, item.invoice.issued, item.id), reverse=True):
        if not on_time(item):
            return count if count >= IN_A_ROW else 0
        count += 1
    return count
