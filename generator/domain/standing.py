"""How a client has paid so far, from the ledger alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.domain.account import Standing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from generator.domain.allocation import Position

_RECENT = 3


def standing(positions: Sequence[Position], today: date) -> Standing:
    """Paid invoices, those paid by their due date, and the days late of what was paid, weighed by amount.

    `last_three_on_time` looks at the last three invoices that are paid or past due: one that is still unpaid after its
    date is not on time.
    """
    paid = [position for position in positions if not position.open and position.closed_on is not None]
    judged = [position for position in positions if not position.open or position.invoice.due < today]
    recent = sorted(judged, key=lambda position: (position.invoice.due, position.invoice.id))[-_RECENT:]
    weight = sum(position.invoice.total.minor for position in paid)
    late = sum(_days_late(position) * position.invoice.total.minor for position in paid)
    return Standing(
        paid_invoices=len(paid),
        paid_on_time=sum(_on_time(position) for position in paid),
        last_three_on_time=len(recent) == _RECENT and all(_on_time(position) for position in recent),
        average_days_late=late // weight if weight else None,
        since=min((position.invoice.issued for position in positions), default=None),
    )


def _on_time(position: Position) -> bool:
    return position.closed_on is not None and not position.open and position.closed_on <= position.invoice.due


def _days_late(position: Position) -> int:
    return max(0, (position.closed_on - position.invoice.due).days) if position.closed_on else 0
