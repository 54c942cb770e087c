"""A ledger with the rows that a reconciliation adds, as the reader of `relance/payments.csv` puts them together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generator.domain.ledger import Progress

if TYPE_CHECKING:
    from generator.domain.ledger import Ledger, Taking
    from generator.domain.reconciliation import Reconciliation


def booked(ledger: Ledger, found: Reconciliation) -> Ledger:
    """The ledger after the rows were written and read again: of two rows about the same money, the one further on holds."""
    held: dict[str, Taking] = {taking.id: taking for taking in ledger.takings}
    for taking in found.takings:
        before = held.get(taking.id)
        if before is None or before.progress.rank <= taking.progress.rank:
            held[taking.id] = taking
    theirs = {taking.id for taking in ledger.takings}
    payments = [payment for payment in ledger.payments if not set(payment.stripe[:1]) & theirs]
    payments += [taking.payment for taking in held.values() if taking.progress is Progress.PAID]
    return replace(
        ledger, takings=tuple(held.values()), payments=tuple(payments), disputes=(*ledger.disputes, *found.disputes)
    )
