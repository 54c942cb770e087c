"""The account as the public JSON of `relance show --json`: a stable shape that other programs may rely on.

The shape is documented in `docs/reference/json.md`. Amounts are texts with the currency's decimals, days are ISO 8601;
keys are never removed or renamed, and always come in the same order.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from generator.domain.linkplan import pay_url
from generator.domain.money import Money
from generator.domain.reckoning import reckoning
from generator.public_fees import fees_json

if TYPE_CHECKING:
    from datetime import date, datetime

    from generator.domain.account import Account, Agreement, Item, Offer, Totals
    from generator.domain.delivery import Answered, MessageSent, SendIntended
    from generator.domain.due import DueReminder, NextReminder, Reminders
    from generator.domain.fees import AccountFees
    from generator.domain.lateness import Lateness
    from generator.domain.ledger import Client
    from generator.domain.standing import Standing
    from generator.domain.vouchers import Voucher


def account_json(account: Account, portal_url: str | None, fees: AccountFees | None = None) -> dict[str, object]:
    """One account, ready for `json.dumps`. `portal_url` is the address of the client's page; without `fees` late fees are off."""
    return {
        "as_of": _day(account.as_of),
        "currency": account.currency,
        "client": _client(account.client),
        "portal_url": portal_url,
        "items": [_item(account, item, fees) for item in account.items],
        "totals": _totals(account.totals, fees),
        "offers": [_offer(account, offer) for offer in account.offers],
        "agreement": _agreement(account, account.agreement) if account.agreement else None,
        "vouchers": [_voucher(voucher) for voucher in account.vouchers],
        "standing": _standing(account.standing),
        "lateness": _lateness(account.lateness) if account.lateness else None,
        "reminders": _reminders(account.reminders),
    }


def _client(client: Client) -> dict[str, object]:
    return {
        "id": client.id,
        "name": client.name,
        "language": client.language,
        "kind": str(client.kind) or None,
        "channel": str(client.channel) if client.channel else None,
    }


def _item(account: Account, item: Item, fees: AccountFees | None) -> dict[str, object]:
    """One item; of late fees that were claimed, `fees_of` says for which: they bear none themselves."""
    counted = fees.items.get(item.id) if fees and not item.fee_of else None
    return {
        "invoice": item.id,
        "issued": _day(item.invoice.issued),
        "due": _day(item.invoice.due),
        "total": str(item.total),
        "paid": str(item.paid),
        "credited": str(item.credited),
        "in_flight": str(item.in_flight or Money(0, item.open.currency)),
        "open": str(item.open),
        "days_overdue": item.days_overdue,
        "status": str(item.status),
        "late_fees": fees_json(counted, account.claim_of(item.id)) if counted else None,
        "fees_of": item.fee_of or None,
    }


def _totals(totals: Totals, fees: AccountFees | None) -> dict[str, object]:
    return {
        "open": str(totals.open),
        "overdue": str(totals.overdue),
        "in_flight": str(totals.in_flight),
        "credit": str(totals.credit),
        "late_fees": str(fees.total) if fees else None,
        "claimed_fees": str(totals.fees or Money(0, totals.open.currency)),
        "to_pay": str(totals.to_pay),
    }


def _offer(account: Account, offer: Offer) -> dict[str, object]:
    return {
        "key": offer.key,
        "kind": str(offer.kind),
        "amount": str(offer.amount),
        "saving": str(offer.saving),
        "valid_until": _day(offer.valid_until),
        "instalments": [{"due": _day(part.due), "amount": str(part.amount)} for part in offer.instalments],
        "pay_url": pay_url(account, offer) or None,
        "voucher": str(offer.voucher) if offer.voucher else None,
    }


def _voucher(voucher: Voucher) -> dict[str, object]:
    return {
        "id": voucher.id,
        "amount": str(voucher.amount),
        "earned_on": _day(voucher.earned_on),
        "valid_until": _day(voucher.valid_until),
        "status": str(voucher.status),
        "paid": list(voucher.paid),
        "invoices": list(voucher.invoices),
        "following": voucher.following or None,
    }


def _agreement(account: Account, agreement: Agreement) -> dict[str, object]:
    sums = reckoning(agreement)
    return {
        "id": agreement.id,
        "reference": agreement.reference,
        "signed_on": _day(agreement.signed_on),
        "invoices": list(agreement.invoices),
        "holds": agreement.holds,
        "instalments": [
            {
                "due": _day(part.due),
                "amount": str(part.amount),
                "paid": str(part.received),
                "credited": str(part.credited or Money(0, part.amount.currency)),
                "in_flight": str(part.in_flight or Money(0, part.amount.currency)),
            }
            for part in agreement.instalments
        ],
        "pay_url": pay_url(account, agreement) or None,
        "saving": str(agreement.saving) if agreement.saving else None,
        "saved_on": _day(agreement.saved_on),
        "saving_lost": agreement.saving_lost,
        "disputed": str(sums.disputed),
        "left": str(sums.left),
    }


def _standing(standing: Standing) -> dict[str, object]:
    return {
        "paid_invoices": standing.paid_invoices,
        "paid_on_time": standing.paid_on_time,
        "last_three_on_time": standing.last_three_on_time,
        "average_days_late": standing.average_days_late,
        "since": _day(standing.since),
        "grade": str(standing.grade) if standing.grade else None,
        "figures": [
            {
                "measure": str(figure.measure),
                "value": figure.value,
                "of": figure.of,
                "grade": str(figure.grade) if figure.grade else None,
            }
            for figure in standing.figures
        ],
    }


def _lateness(lateness: Lateness) -> dict[str, object]:
    return {
        "until": _day(lateness.until),
        "days": lateness.days,
        "average_overdue": str(lateness.average_overdue),
        "days_late": lateness.days_late,
        "amount_days": str(lateness.money(lateness.late)),
        "disputed": str(lateness.money(lateness.contested)),
    }


def _reminders(reminders: Reminders) -> dict[str, object]:
    return {
        "sent": [_sent(message) for message in reminders.sent],
        "due_today": _due(reminders.due_today) if reminders.due_today else None,
        "next": _next(reminders.next) if reminders.next else None,
        "held": str(reminders.held) if reminders.held else None,
        "held_until": _day(reminders.until),
        "to_review": list(reminders.to_review),
        "uncertain": [_uncertain(intent) for intent in reminders.uncertain],
        "answers": [_answer(answer) for answer in reminders.unread],
        "unreachable": list(reminders.unreachable),
    }


def _sent(message: MessageSent) -> dict[str, object]:
    return {
        "step": message.step,
        "date": _day(message.on),
        "channel": str(message.channel),
        "invoices": [entry.invoice for entry in message.items],
        "message_id": message.message_id or None,
    }


def _uncertain(intent: SendIntended) -> dict[str, object]:
    """An attempt of which nobody knows whether the message left: as one that was sent, and how to find out."""
    return {
        **_sent(intent.as_sent),
        "attempt": intent.attempt,
        "at": _moment(intent.at),
        "to": list(intent.to),
        "subject": intent.subject,
    }


def _answer(answer: Answered) -> dict[str, object]:
    return {
        "id": answer.id,
        "date": _day(answer.on),
        "how": answer.how,
        "sender": answer.sender or None,
        "subject": answer.subject or None,
        "text": answer.text,
    }


def _due(due: DueReminder) -> dict[str, object]:
    """An item that is listed without a step of its own has none: null."""
    return {
        "step": due.step.name,
        "channel": str(due.channel),
        "items": [{"invoice": item.id, "step": due.steps.get(item.id)} for item in due.items],
        "waits": due.waits,
        "about": list(due.about),
        "asked": [{"currency": amount.currency, "amount": str(amount)} for amount in due.asked],
    }


def _next(following: NextReminder) -> dict[str, object]:
    return {"step": following.step, "date": _day(following.on), "channel": str(following.channel)}


def _moment(moment: datetime) -> str:
    """A moment in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
