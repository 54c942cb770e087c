"""Payments as Stripe shows them: intents, charges, refunds, disputes and movements of the account.

Fields and values follow Stripe's OpenAPI document, and the contract test compares every answer with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.sandbox.wire import Json  # noqa: TC001 - constants are annotated with it

if TYPE_CHECKING:
    from generator.sandbox.records import Balance, Charge, Dispute, Intent, Refund

_CARD = {
    "amount_authorized": None,
    "brand": "visa",
    "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
    "country": "FR",
    "exp_month": 12,
    "exp_year": 2034,
    "fingerprint": "SandboxCard0001",
    "funding": "credit",
    "installments": None,
    "last4": "4242",
    "mandate": None,
    "network": "visa",
    "three_d_secure": None,
    "wallet": None,
}
_DEBIT = {
    "bank_code": "20041",
    "branch_code": "01005",
    "country": "FR",
    "fingerprint": "SandboxDebit001",
    "last4": "2606",
    "mandate": "mandate_Sandbox",
}


def intent(record: Intent, *, livemode: bool) -> Json:
    """The attempt to get paid."""
    return {
        "id": record.id,
        "object": "payment_intent",
        "allowed_payment_method_types": None,
        "amount": record.amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": record.amount if record.status == "succeeded" else 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{record.id}_secret_sandbox",
        "confirmation_method": "automatic",
        "created": record.created,
        "currency": record.currency,
        "customer": None,
        "customer_account": None,
        "description": record.description,
        "excluded_payment_method_types": None,
        "last_payment_error": record.last_error,
        "latest_charge": record.charge,
        "livemode": livemode,
        "metadata": record.metadata,
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": record.method,
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": record.methods,
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": record.status,
        "transfer_data": None,
        "transfer_group": None,
    }


def charge(record: Charge, *, livemode: bool) -> Json:
    """One try to take the money."""
    succeeded, failed = record.status == "succeeded", record.status == "failed"
    return {
        "id": record.id,
        "object": "charge",
        "amount": record.amount,
        "amount_captured": record.amount if succeeded else 0,
        "amount_refunded": record.refunded,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": record.balance,
        "billing_details": {"address": _NO_ADDRESS, "email": None, "name": None, "phone": None, "tax_id": None},
        "calculated_statement_descriptor": "RELANCE SANDBOX",
        "captured": succeeded,
        "created": record.created,
        "currency": record.currency,
        "customer": None,
        "description": record.description,
        "disputed": record.disputed,
        "failure_balance_transaction": None,
        "failure_code": record.failure_code,
        "failure_message": record.failure_message,
        "fraud_details": {},
        "livemode": livemode,
        "metadata": record.metadata,
        "on_behalf_of": None,
        "outcome": _outcome(record, failed=failed),
        "paid": not failed,
        "payment_intent": record.intent,
        "payment_method": record.method,
        "payment_method_details": _method_details(record),
        "receipt_email": None,
        "receipt_number": None,
        "receipt_url": None,
        "refunded": succeeded and record.refunded == record.amount,  # false for a part, as Stripe has it
        "review": None,
        "shipping": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": record.status,
        "transfer_data": None,
        "transfer_group": None,
    }


_NO_ADDRESS = {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None}


def _method_details(record: Charge) -> Json:
    return {"type": record.kind, record.kind: dict(_CARD if record.kind == "card" else _DEBIT)}


def _outcome(record: Charge, *, failed: bool) -> Json:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "declined_by_network" if failed else "approved_by_network",
        "reason": record.failure_code if failed else None,
        "risk_level": "not_assessed",
        "seller_message": "The bank did not return any further details with this decline."
        if failed
        else "Payment complete.",
        "type": "issuer_declined" if failed else "authorized",
    }


def refund(record: Refund) -> Json:
    """Money given back."""
    return {
        "id": record.id,
        "object": "refund",
        "amount": record.amount,
        "balance_transaction": record.balance,
        "charge": record.charge,
        "created": record.created,
        "currency": record.currency,
        "metadata": {},
        "payment_intent": record.intent,
        "reason": record.reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": record.status,
        "transfer_reversal": None,
    }


def dispute(record: Dispute, movements: list[Json], *, livemode: bool) -> Json:
    """A contested payment; `movements` are those of the account, which Stripe shows in full."""
    shown: Json = {
        "id": record.id,
        "object": "dispute",
        "amount": record.amount,
        "balance_transactions": movements,
        "charge": record.charge,
        "created": record.created,
        "currency": record.currency,
        "enhanced_eligibility_types": [],
        "evidence": {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": record.created + 7 * 24 * 3600,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": livemode,
        "metadata": {},
        "payment_intent": record.intent,
        "reason": record.reason,
        "status": record.status,
    }
    if record.kind == "card":
        shown["payment_method_details"] = {
            "type": "card",
            "card": {"brand": "visa", "case_type": "chargeback", "network_reason_code": "10.4"},
        }
    return shown


def balance_transaction(record: Balance) -> Json:
    """A movement of the account."""
    fees = [
        {
            "amount": record.fee,
            "application": None,
            "currency": record.currency,
            "description": "Stripe processing fees",
            "type": "stripe_fee",
        }
    ]
    return {
        "id": record.id,
        "object": "balance_transaction",
        "amount": record.amount,
        "available_on": record.available_on,
        "balance_type": "payments",
        "created": record.created,
        "currency": record.currency,
        "description": record.description,
        "exchange_rate": None,
        "fee": record.fee,
        "fee_details": fees if record.fee else [],
        "net": record.net,
        "reporting_category": record.category,
        "source": record.source,
        "status": "pending" if record.available_on > record.created else "available",
        "type": record.kind,
    }
