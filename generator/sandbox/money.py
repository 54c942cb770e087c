"""The life of a payment: opened, paid, refused, debited, given back, contested.

What a client, a bank or the account's owner does; the API only ever shows the result.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from generator.domain.money import round_half_up
from generator.sandbox.records import Balance, Charge, Dispute, Intent, Refund, Session

if TYPE_CHECKING:
    from generator.sandbox.records import Link
    from generator.sandbox.settings import AccountSettings
    from generator.sandbox.store import Store
    from generator.sandbox.wire import Json

CARD, DEBIT = "card", "sepa_debit"
_DAY = 24 * 3600
#: Stripe closes a payment page after a day.
_OPEN_FOR = _DAY
_CARD_SHARE, _CARD_FIXED, _DEBIT_FIXED, _DISPUTE_FEE = Fraction(15, 1000), 25, 35, 2000


class NotPossibleError(Exception):
    """What was asked cannot happen to this payment as it stands."""


class Payments:
    """What happens to the money, at the second that is given."""

    def __init__(self, store: Store, settings: AccountSettings) -> None:
        """All that changes is in `store`."""
        self.store = store
        self.settings = settings

    def open_session(self, link: Link, now: int) -> Session:
        """A client opens the address of a link. NotPossibleError for a link that is inactive or used up."""
        if not link.active or link.used_up:
            raise NotPossibleError(f"the link {link.id} is not active")
        identifier = self.store.new_id(f"cs_{'live' if self.settings.livemode else 'test'}")
        redirect = link.redirect
        return self.store.add_session(
            Session(
                id=identifier,
                link=link.id,
                created=now,
                expires_at=now + _OPEN_FOR,
                amount=link.total,
                currency=link.currency,
                methods=self.methods(link),
                success_url=redirect,
                metadata=dict(link.metadata),  # Stripe copies those of the link to its sessions, and to nothing else
            )
        )

    def methods(self, link: Link) -> list[str]:
        """How a link can be paid: as it says, else as the account has it; debits are for euros."""
        listed = link.methods if link.methods is not None else [*self.settings.methods]
        return [each for each in listed if each != DEBIT or link.currency == "eur"]

    def lapse(self, now: int) -> None:
        """Closes the pages that have been open for a day."""
        for session in self.store.open_sessions(now):
            session.status = "expired"

    def expire(self, session: Session) -> None:
        """The owner closes a page before its time."""
        if session.status != "open":
            raise NotPossibleError(session.status)
        session.status = "expired"

    def pay(self, session: Session, kind: str, now: int) -> None:
        """The client confirms: a card is charged at once, a debit is on its way for days."""
        self._payable(session, kind)
        intent = self._intent(session, now)
        charge = self._charge(intent, kind, now, status="succeeded" if kind == CARD else "pending")
        intent.last_error = None
        session.status = "complete"
        if kind == CARD:
            self._settle(charge, now)
            intent.status = "succeeded"
            session.payment_status = "paid"
        else:
            intent.status = "processing"
        link = self.store.links[session.link]
        link.count += 1
        # "When the payment link reaches the limit, it automatically deactivates"; it is paid for "when a Checkout Session is
        # complete", thus also by a debit that may fail: docs.stripe.com/payment-links/customize, "Limit the number of times".
        # A page that was open already can still be paid here: the worse case for the caller.
        if link.used_up:
            link.active = False

    def refuse(self, session: Session, now: int) -> None:
        """The card is refused: the page stays open for another try."""
        self._payable(session, CARD)
        intent = self._intent(session, now)
        message = "Your card was declined."
        charge = self._charge(intent, CARD, now, status="failed", failure=("card_declined", message))
        intent.last_error = _last_error("card_error", "card_declined", message, charge) | {
            "decline_code": "generic_decline"
        }

    def clear(self, charge: Charge, now: int) -> None:
        """The debit arrives."""
        self._pending(charge)
        intent = self.store.intents[charge.intent]
        charge.status = intent.status = "succeeded"
        self.store.sessions[intent.session].payment_status = "paid"
        self._settle(charge, now)

    def fail(self, charge: Charge) -> None:
        """The client's bank does not pay the debit: the session stays complete and unpaid."""
        self._pending(charge)
        intent = self.store.intents[charge.intent]
        charge.status = "failed"
        charge.failure_code = "insufficient_funds"
        charge.failure_message = "The customer's account has insufficient funds to cover this payment."
        intent.status = "requires_payment_method"
        intent.method = None
        intent.last_error = _last_error("invalid_request_error", charge.failure_code, charge.failure_message, charge)

    def refund(self, charge: Charge, amount: int | None, now: int) -> Refund:
        """The owner gives back a part, or all that is left. Stripe keeps its fee."""
        left = charge.amount - charge.refunded
        amount = left if amount is None else amount
        if charge.status != "succeeded" or charge.disputed or not 0 < amount <= left:
            raise NotPossibleError(f"{amount} of {charge.id} cannot be given back")
        refund = self.store.refunds.add(
            Refund(
                id=self.store.new_id("re"),
                charge=charge.id,
                intent=charge.intent,
                created=now,
                amount=amount,
                currency=charge.currency,
                reason="requested_by_customer",
            )
        )
        charge.refunded += amount
        refund.balance = self._movement(-amount, charge.currency, 0, "refund", refund.id, now).id
        return refund

    def dispute(self, charge: Charge, now: int, reason: str = "fraudulent") -> Dispute:
        """The client's bank takes the money back. A card's can be answered; a debit's is lost at once, as in SEPA."""
        if charge.status != "succeeded" or charge.disputed:
            raise NotPossibleError(f"{charge.id} cannot be contested")
        charge.disputed = True
        dispute = self.store.disputes.add(
            Dispute(
                id=self.store.new_id("dp"),
                charge=charge.id,
                intent=charge.intent,
                created=now,
                amount=charge.amount - charge.refunded,
                currency=charge.currency,
                kind=charge.kind,
                reason=reason if charge.kind == CARD else "debit_not_authorized",
                status="needs_response" if charge.kind == CARD else "lost",
            )
        )
        taken = self._movement(-dispute.amount, dispute.currency, _DISPUTE_FEE, "dispute", dispute.id, now)
        dispute.balances.append(taken.id)
        return dispute

    def close(self, dispute: Dispute, now: int, *, won: bool) -> None:
        """The bank decides. What was won comes back, the fee with it."""
        if dispute.status != "needs_response":
            raise NotPossibleError(f"{dispute.id} is {dispute.status}")
        dispute.status = "won" if won else "lost"
        if won:
            back = self._movement(dispute.amount, dispute.currency, -_DISPUTE_FEE, "dispute_reversal", dispute.id, now)
            dispute.balances.append(back.id)

    def _payable(self, session: Session, kind: str) -> None:
        if session.status != "open":
            raise NotPossibleError(f"the page {session.id} is {session.status}")
        if kind not in session.methods or kind not in (CARD, DEBIT):
            raise NotPossibleError(f"the page {session.id} does not offer {kind}")

    @staticmethod
    def _pending(charge: Charge) -> None:
        if charge.status != "pending":
            raise NotPossibleError(f"{charge.id} is no debit on its way")

    def _intent(self, session: Session, now: int) -> Intent:
        """The intent of a session, made at the first try."""
        if session.intent is not None:
            return self.store.intents[session.intent]
        data = self.store.links[session.link].intent_data or {}
        intent = self.store.intents.add(
            Intent(
                id=self.store.new_id("pi"),
                session=session.id,
                created=now,
                amount=session.amount,
                currency=session.currency,
                methods=session.methods,
                description=data.get("description"),
                metadata=dict(data.get("metadata", {})),
            )
        )
        session.intent = intent.id
        return intent

    def _charge(
        self, intent: Intent, kind: str, now: int, *, status: str, failure: tuple[str, str] | None = None
    ) -> Charge:
        code, message = failure or (None, None)
        charge = self.store.charges.add(
            Charge(
                id=self.store.new_id("ch" if kind == CARD else "py"),
                intent=intent.id,
                created=now,
                amount=intent.amount,
                currency=intent.currency,
                method=self.store.new_id("pm"),
                kind=kind,
                description=intent.description,
                metadata=dict(intent.metadata),
                status=status,
                failure_code=code,
                failure_message=message,
            )
        )
        intent.charge = charge.id
        intent.method = None if status == "failed" else charge.method
        return charge

    def _settle(self, charge: Charge, now: int) -> None:
        """The money reaches the account, less the fee; a debit on its way has moved nothing yet."""
        fee = _DEBIT_FIXED
        if charge.kind == CARD:
            fee = round_half_up(charge.amount * _CARD_SHARE) + _CARD_FIXED
        charge.balance = self._movement(charge.amount, charge.currency, fee, "charge", charge.id, now).id

    def _movement(self, amount: int, currency: str, fee: int, category: str, source: str, now: int) -> Balance:
        """A movement in the currency of the payment: the account keeps one balance a currency."""
        kind = {"charge": "charge" if source.startswith("ch") else "payment", "refund": "refund"}.get(
            category, "adjustment"
        )
        return self.store.balances.add(
            Balance(
                id=self.store.new_id("txn"),
                created=now,
                available_on=now + 3 * _DAY if amount > 0 else now,
                amount=amount,
                currency=currency,
                fee=fee,
                kind=kind,
                source=source,
                category=category,
            )
        )


def _last_error(kind: str, code: str, message: str, charge: Charge) -> Json:
    return {
        "type": kind,
        "code": code,
        "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}",
        "message": message,
        "charge": charge.id,
    }
