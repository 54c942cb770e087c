"""What relance learnt online, written into the files of `ledger/relance/` that the owner may correct: rows at their ends, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.readers.columns import DISPUTES, LEARNT_PAYMENTS
from generator.readers.sheet import append_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from generator.domain.ledger import Dispute, Taking
    from generator.readers.sheet import Value


def append_takings(path: Path, takings: Sequence[Taking]) -> None:
    """Adds a row for each to `relance/payments.csv`, all of them or none; makes the file when there is none.

    Raises UserError for a file that cannot be read as it is, OutsideError when the disk refuses.
    """
    append_rows(path, LEARNT_PAYMENTS, [_taking(taking) for taking in takings])


def append_disputes(path: Path, disputes: Sequence[Dispute]) -> None:
    """Adds a row for each to `relance/disputes.csv`, as `append_takings` does."""
    append_rows(path, DISPUTES, [_dispute(dispute) for dispute in disputes])


def _taking(taking: Taking) -> Mapping[str, Value]:
    payment = taking.payment
    return {
        "date": payment.date,
        "client": payment.client,
        "amount": payment.amount,
        "invoice": ", ".join(payment.invoices),
        "currency": payment.amount.currency,
        "method": payment.method,
        "reference": payment.reference,
        "note": payment.note,
        "status": taking.progress,
        "stripe": " ".join(payment.stripe),
        "undoes": payment.undoes,
        "link": payment.link,
        "fee": taking.fee,
    }


def _dispute(dispute: Dispute) -> Mapping[str, Value]:
    closed: Mapping[str, Value] = {"closed_on": dispute.closed_on} if dispute.closed_on else {}
    return {"invoice": dispute.invoice, "opened_on": dispute.opened_on, "reason": dispute.reason, **closed}
