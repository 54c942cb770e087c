"""What relance learnt, online or from its owner, into the files of `ledger/relance/`: rows at their ends, never changed.

The owner may correct them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.readers.columns import (
    AGREEMENTS,
    BANK_STATEMENTS,
    DISPUTES,
    FEE_WAIVERS,
    LEARNT_PAYMENTS,
    PROMISES,
    PROPOSALS,
    SET_ASIDE,
    VOUCHERS,
)
from generator.readers.sheet import append_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from generator.domain.bank import Movement
    from generator.domain.ledger import (
        AgreementRecord,
        BankPeriod,
        Dispute,
        FeeWaiver,
        Payment,
        Promise,
        Taking,
        VoucherRecord,
    )
    from generator.domain.money import Money
    from generator.domain.proposals import Part, Proposal
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


def append_agreement(path: Path, agreement: AgreementRecord) -> None:
    """Adds a row for each instalment to `relance/agreements.csv`, as `append_takings` does."""
    append_rows(path, AGREEMENTS, [_instalment(agreement, due, amount) for due, amount in agreement.instalments])


def append_transfers(path: Path, payments: Sequence[Payment]) -> None:
    """Adds a row for each payment of a bank statement to `relance/payments.csv`, as `append_takings` does."""
    append_rows(path, LEARNT_PAYMENTS, [_payment(payment) for payment in payments])


def append_bank_periods(path: Path, periods: Sequence[BankPeriod], today: date) -> None:
    """Adds a row for each to `relance/bank-statements.csv`, as `append_takings` does."""
    append_rows(path, BANK_STATEMENTS, [_period(period, today) for period in periods])


def append_set_aside(path: Path, movements: Sequence[Movement], today: date) -> None:
    """Adds a row for each to `relance/bank-set-aside.csv`, as `append_takings` does."""
    append_rows(path, SET_ASIDE, [_set_aside(movement, today) for movement in movements])


def append_proposals(path: Path, proposals: Sequence[Proposal]) -> None:
    """Adds a row for each payment of each to `relance/proposals.csv`, as `append_takings` does."""
    rows = [_proposed(proposal, part, proposal.received_on) for proposal in proposals for part in proposal.parts]
    append_rows(path, PROPOSALS, rows)


def append_voucher(path: Path, voucher: VoucherRecord) -> None:
    """Adds a row about a voucher to `relance/vouchers.csv`, as `append_takings` does."""
    until: Mapping[str, Value] = {"valid_until": voucher.valid_until} if voucher.valid_until else {}
    row: Mapping[str, Value] = {
        "voucher": voucher.id,
        "client": voucher.client,
        "amount": voucher.amount,
        "currency": voucher.amount.currency,
        "earned_on": voucher.earned_on,
        **until,
        "status": voucher.status,
        "invoices": ", ".join(voucher.invoices),
        "note": voucher.note,
    }
    append_rows(path, VOUCHERS, [row])


def append_fee_waivers(path: Path, waivers: Sequence[FeeWaiver]) -> None:
    """Adds a row for each to `relance/fee_waivers.csv`, as `append_takings` does."""
    append_rows(path, FEE_WAIVERS, [_waived(waiver) for waiver in waivers])


def _waived(waiver: FeeWaiver) -> Mapping[str, Value]:
    row: dict[str, Value] = {"date": waiver.on, "client": waiver.client, "invoice": waiver.invoice}
    if waiver.amount is not None:
        row |= {"amount": waiver.amount, "currency": waiver.amount.currency}
    return row | {"reason": waiver.reason}


def append_decision(path: Path, proposal: Proposal, on: date) -> None:
    """Adds what became of a proposal that day to `relance/proposals.csv`; a row for each payment of a counter-proposal."""
    rows = [_proposed(proposal, part, on) for part in (proposal.counter or (None,))]
    append_rows(path, PROPOSALS, [row | {"status": proposal.status, "note": proposal.reason} for row in rows])


def _proposed(proposal: Proposal, part: Part | None, on: date) -> dict[str, Value]:
    row: dict[str, Value] = {"proposal": proposal.id, "client": proposal.client, "on": on, "kind": proposal.kind}
    if part is not None:
        row |= {"due": part[0], "currency": proposal.currency}
        row |= {} if part[1] is None else {"amount": part[1]}
    return row | {"status": "waiting", "message": proposal.message, "sender": proposal.sender}


def _taking(taking: Taking) -> Mapping[str, Value]:
    payment = taking.payment
    return {
        **_payment(payment),
        "status": taking.progress,
        "stripe": " ".join(payment.stripe),
        "undoes": payment.undoes,
        "link": payment.link,
        "fee": taking.fee,
    }


def _payment(payment: Payment) -> Mapping[str, Value]:
    return {
        "date": payment.date,
        "client": payment.client,
        "amount": payment.amount,
        "invoice": ", ".join(payment.invoices),
        "currency": payment.amount.currency,
        "method": payment.method,
        "reference": payment.reference,
        "note": payment.note,
        "bank": payment.bank,
    }


def _period(period: BankPeriod, today: date) -> Mapping[str, Value]:
    balances = {"opening": period.opening, "closing": period.closing}
    told = {name: balance for name, balance in balances.items() if balance is not None}
    currency = next((balance.currency for balance in told.values()), "")
    waits: Mapping[str, Value] = {"waits_from": period.waits_from} if period.waits_from else {}
    row: Mapping[str, Value] = {"begins": period.begins, "ends": period.ends, "account": period.account}
    return {**row, **waits, **told, "currency": currency, "file": period.file, "read_on": today}


def _set_aside(movement: Movement, today: date) -> Mapping[str, Value]:
    return {
        "bank": movement.mark,
        "date": movement.on,
        "amount": movement.amount,
        "currency": movement.amount.currency,
        "payer": movement.party,
        "text": movement.text,
        "set_aside_on": today,
    }


def _dispute(dispute: Dispute) -> Mapping[str, Value]:
    closed: Mapping[str, Value] = {"closed_on": dispute.closed_on} if dispute.closed_on else {}
    return {"invoice": dispute.invoice, "opened_on": dispute.opened_on, "reason": dispute.reason, **closed}


def _instalment(agreement: AgreementRecord, due: date, amount: Money) -> Mapping[str, Value]:
    return {
        "agreement": agreement.id,
        "client": agreement.client,
        "invoices": ", ".join(agreement.invoices),
        "signed_on": agreement.signed_on,
        "due": due,
        "amount": amount,
        "currency": amount.currency,
        "status": agreement.status,
        "supersedes": agreement.supersedes,
        "note": agreement.note,
        **({"discount": agreement.discount} if agreement.discount else {}),
    }


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
