"""What relance learnt, online or from its owner, into the files of `ledger/relance/`: rows at their ends, never changed.

The owner may correct them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.readers.columns import DISPUTES, LEARNT_PAYMENTS, PROMISES
from generator.readers.sheet import append_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from generator.domain.ledger import Dispute, Promise, Taking
    from generator.readers.sheet import Value


def append_takings(path: Path, takings: Sequence[Taking]) -> None:
    """Adds a row for each to `relance/payments.csv`, all of them or none; makes the file when there is none.

    Raises UserError for a file that cannot be read as it is, OutsideError when the disk refuses.
    """
    append_rows(path, LEARNT_PAYMENTS, [_taking(taking) for taking in takings])


def append_disputes(path: Path, disputes: Sequence[Dispute]) -> None:
    """Adds a row for each to `relance/disputes.csv`, as `append_takings` does."""
    append_rows(path, DISPUTES, [_dispute(dispute) for dispute in disputes])


def append_promises(path: Path, promises: Sequence[Promise]) -> None:
    """Adds a row for each to `relance/promises.csv`, as `append_takings` does."""
    append_rows(path, PROMISES, [_promise(promise) for promise in promises])


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


def _promise(promise: Promise) -> Mapping[str, Value]:
    row: dict[str, Value] = {
        "client": promise.client,
        "made_on": promise.made_on,
        "on": promise.on,
        "invoices": ", ".join(promise.invoices),
    }
    if promise.amount is not None:
        row |= {"amount": promise.amount, "currency": promise.amount.currency}
    return row
