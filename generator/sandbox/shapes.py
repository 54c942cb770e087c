"""Links, sessions and the account as Stripe shows them: what the sandbox remembers, among all the fields that Stripe has.

Fields and values follow Stripe's OpenAPI document, and the contract test compares every answer with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.sandbox.wire import Json  # noqa: TC001 - constants are annotated with it

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.sandbox.records import Line, Link, Session
    from generator.sandbox.settings import AccountSettings

#: Where the seller's own words may stand on the payment page.
TEXTS = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")


def listing(url: str, data: list[Json], *, has_more: bool) -> Json:
    """One page of a list."""
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def link(record: Link, url: str, *, livemode: bool) -> Json:
    """A payment link."""
    limit = record.limit
    return {
        "id": record.id,
        "object": "payment_link",
        "active": record.active,
        "after_completion": _after_completion(record),
        "allow_promotion_codes": False,
        "application": None,
        "application_fee_amount": None,
        "application_fee_percent": None,
        "automatic_tax": {"enabled": False, "liability": None},
        "billing_address_collection": record.billing_address_collection,
        "consent_collection": None,
        "currency": record.currency,
        "custom_fields": [],
        "custom_text": _texts(record.custom_text),
        "customer_creation": record.customer_creation,
        "inactive_message": record.inactive_message,
        "invoice_creation": {"enabled": False, "invoice_data": None},
        "livemode": livemode,
        "metadata": record.metadata,
        "on_behalf_of": None,
        "optional_items": None,
        "payment_intent_data": _intent_data(record),
        "payment_method_collection": "always",
        "payment_method_options": None,
        "payment_method_types": record.methods,
        "phone_number_collection": {"enabled": False},
        "restrictions": None if limit is None else {"completed_sessions": {"count": record.count, "limit": limit}},
        "shipping_address_collection": None,
        "shipping_options": [],
        "submit_type": record.submit_type,
        "subscription_data": None,
        "tax_id_collection": {"enabled": False, "required": "never"},
        "transfer_data": None,
        "url": url,
    }


def _after_completion(record: Link) -> Json:
    if record.redirect is not None:
        return {"type": "redirect", "redirect": {"url": record.redirect}}
    return {"type": "hosted_confirmation", "hosted_confirmation": {"custom_message": record.confirmation}}


def _intent_data(record: Link) -> Json | None:
    if record.intent_data is None:
        return None
    return {
        "capture_method": None,
        "description": None,
        "setup_future_usage": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "transfer_group": None,
        **record.intent_data,
        "metadata": record.intent_data.get("metadata", {}),
    }


def _texts(given: Mapping[str, str]) -> Json:
    return {name: {"message": given[name]} if name in given else None for name in TEXTS}


def line_items(owner: str, lines: list[Line], created: int, *, livemode: bool) -> Json:
    """What a link or a session sells, as a list of its own; `owner` is the address of that."""
    data = [_line(each, created, livemode=livemode) for each in lines]
    return listing(f"{owner}/line_items", data, has_more=False)


def _line(record: Line, created: int, *, livemode: bool) -> Json:
    return {
        "id": record.id,
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": record.total,
        "amount_tax": 0,
        "amount_total": record.total,
        "currency": record.currency,
        "description": record.name,
        "metadata": None,
        "price": {
            "id": record.price,
            "object": "price",
            "active": False,  # a price that was given inline serves once
            "billing_scheme": "per_unit",
            "created": created,
            "currency": record.currency,
            "custom_unit_amount": None,
            "livemode": livemode,
            "lookup_key": None,
            "metadata": {},
            "nickname": None,
            "product": record.product,
            "recurring": None,
            "tax_behavior": "unspecified",
            "tiers_mode": None,
            "transform_quantity": None,
            "type": "one_time",
            "unit_amount": record.unit_amount,
            "unit_amount_decimal": str(record.unit_amount),
        },
        "quantity": record.quantity,
    }


def product(record: Line, created: int, *, livemode: bool) -> Json:
    """What a line sells: the words that were given with the price."""
    return {
        "id": record.product,
        "object": "product",
        "active": False,
        "created": created,
        "default_price": None,
        "description": record.description,
        "images": [],
        "livemode": livemode,
        "marketing_features": [],
        "metadata": record.product_metadata,
        "name": record.name,
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "unit_label": None,
        "updated": created,
        "url": None,
    }


def session(record: Session, url: str, texts: Mapping[str, str], *, livemode: bool) -> Json:
    """A visit to a payment page; `texts` are those that the link shows on it."""
    return {
        **_SESSION,
        "id": record.id,
        "object": "checkout.session",
        "amount_subtotal": record.amount,
        "amount_total": record.amount,
        "created": record.created,
        "currency": record.currency,
        "expires_at": record.expires_at,
        "custom_text": _texts(texts),
        "livemode": livemode,
        "metadata": record.metadata,
        "payment_intent": record.intent,
        "payment_link": record.link,
        "payment_method_types": record.methods,
        "payment_status": record.payment_status,
        "status": record.status,
        "success_url": record.success_url,
        "url": url if record.status == "open" else None,
    }


_SESSION: Json = {
    "adaptive_pricing": {"enabled": False},
    "after_expiration": None,
    "allowed_payment_method_types": None,
    "allow_promotion_codes": False,
    "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
    "billing_address_collection": "auto",
    "cancel_url": None,
    "client_reference_id": None,
    "client_secret": None,
    "collected_information": None,
    "consent": None,
    "consent_collection": None,
    "currency_conversion": None,
    "custom_fields": [],
    "customer": None,
    "customer_account": None,
    "customer_creation": "if_required",
    "customer_details": None,
    "customer_email": None,
    "discounts": [],
    "invoice": None,
    "invoice_creation": None,
    "locale": "auto",
    "mode": "payment",
    "origin_context": None,
    "payment_method_collection": "always",
    "payment_method_configuration_details": None,
    "payment_method_options": {},
    "permissions": None,
    "phone_number_collection": {"enabled": False},
    "recovered_from": None,
    "saved_payment_method_options": None,
    "setup_intent": None,
    "shipping_address_collection": None,
    "shipping_cost": None,
    "shipping_options": [],
    "submit_type": "auto",
    "subscription": None,
    "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
    "ui_mode": "hosted_page",
    "wallet_options": None,
}


def account(settings: AccountSettings) -> Json:
    """The seller's account."""
    abilities: dict[str, Any] = {
        "card_payments": "active",
        "sepa_debit_payments": "active" if settings.sepa_debit else "inactive",
        "transfers": "active",
    }
    return {
        "id": settings.id,
        "object": "account",
        "business_profile": None,
        "business_type": "company",
        "capabilities": abilities,
        "charges_enabled": settings.charges_enabled,
        "country": settings.country,
        "created": settings.created,
        "default_currency": settings.default_currency,
        "details_submitted": True,
        "email": settings.email,
        "metadata": {},
        "payouts_enabled": settings.charges_enabled,
        "settings": {
            "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
            "card_payments": {"statement_descriptor_prefix": None},
            "dashboard": {"display_name": settings.name, "timezone": "Europe/Paris"},
            "payments": {"statement_descriptor": "RELANCE SANDBOX"},
        },
        "type": "standard",
    }
