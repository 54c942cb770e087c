"""When items are disputed: the days that the ledger tells, beside the invoice or in a file of their own."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from generator.domain.ledger import InvoiceStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.domain.ledger import Dispute, Invoice

#: From the first day to the day after the last; None: it goes on.
Span = tuple[date, date | None]


def is_open(opened: date | None, closed: date | None, day: date) -> bool:
    """Whether a dispute of these days goes on that day: no more on the day on which it is closed."""
    return opened is not None and opened <= day and (closed is None or day < closed)


def spans_of(invoices: Iterable[Invoice], disputes: Iterable[Dispute]) -> dict[str, list[Span]]:
    """When each of these items was disputed, by its id; the others are not in it. One in litigation has no day: all the time."""
    found: dict[str, list[Span]] = {}
    names: dict[str, list[str]] = {}
    for invoice in invoices:
        for name in {invoice.id, invoice.number}:
            names.setdefault(name, []).append(invoice.id)
        if invoice.status is InvoiceStatus.LITIGATION:
            found.setdefault(invoice.id, []).append((date.min, None))
        if invoice.disputed_on is not None:
            found.setdefault(invoice.id, []).append((invoice.disputed_on, invoice.dispute_closed_on))
    for dispute in disputes:
        for item in names.get(dispute.invoice, ()):
            found.setdefault(item, []).append((dispute.opened_on, dispute.closed_on))
    return found
