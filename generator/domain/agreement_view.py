"""Agreements as they are shown, from what is known of each while payments were gone through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.domain.account import Agreement, Instalment
from generator.domain.money import Money

if TYPE_CHECKING:
    from datetime import date

    from generator.domain.accepted import Accepted


def agreement_view(found: Accepted, arrived: int, currency: str, today: date) -> Agreement:
    """An agreement as it is shown: what came in fills its instalments in order, and what is on its way the next ones."""
    parts = tuple(_instalments(found, arrived, currency, today))
    broken, holds = found.standing_on(today), found.holds_on(today)
    waived = bool(found.saving) and found.saved_on is None and holds and found.waives_on(today)
    return Agreement(
        id=found.id,
        reference=found.reference,
        signed_on=found.signed_on,
        invoices=tuple(position.invoice.id for position in found.positions),
        instalments=parts,
        holds=holds,
        ended=not found.active,
        owed=tuple(Money(amount, currency) for amount in found.owed),
        replaces=found.replaces,
        broken_on=broken[0] if broken else None,
        missed=broken[1] if broken else None,
        told=found.broken_on is not None,
        kept_on=_kept_on(found, parts) if broken is None else None,
        saving=Money(found.saving, currency) if found.saving else None,
        saved_on=found.saved_on,
        saving_lost=bool(found.saving) and found.saved_on is None and not waived,
        remitted=Money(found.remitted, currency) if found.remitted else None,
        beside=_beside(found, currency) if holds else None,
        disputed=_disputed(found, found.saving if waived else 0, currency, today),
    )


def _beside(found: Accepted, currency: str) -> Money | None:
    """What is open of late fees that no instalment asks for."""
    fees = sum(position.open for position in found.positions if position.invoice.fee_of)
    return Money(min(found.beside, fees), currency) if found.beside and fees else None


def _disputed(found: Accepted, waived: int, currency: str, today: date) -> Money | None:
    """What of the instalments is about what is disputed that day: what is waived at the end comes off that last."""
    contested = sum(position.open for position in found.positions if found.watch.disputed(position.invoice.id, today))
    return Money(contested - waived, currency) if contested > waived else None


def _instalments(found: Accepted, arrived: int, currency: str, today: date) -> list[Instalment]:
    left, here, parts = found.paid, arrived, []
    for due, amount in found.parts:
        covered = max(0, min(left, amount))
        paid = max(0, min(here, covered))
        left -= covered
        here -= paid
        late = found.active and due < today and covered < amount
        parts.append(
            Instalment(
                due,
                Money(amount, currency),
                Money(paid, currency),
                Money(covered - paid, currency) if covered > paid else None,
                found.watch.noticed_on(found.id, due) if late else None,
                found.last_day(due, today) if late else None,
            )
        )
    return parts


def _kept_on(found: Accepted, parts: tuple[Instalment, ...]) -> date | None:
    """The day on which the last of it arrived; of one that lapsed, was ended or is not wholly paid there is none."""
    if found.lapsed or not found.active or not parts or any(part.paid < part.amount for part in parts):
        return None
    return max((position.closed_on for position in found.positions if position.closed_on), default=None)
