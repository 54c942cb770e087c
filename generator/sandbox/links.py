"""Payment links as the API makes and changes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.sandbox.params import (
    EXPAND,
    array,
    boolean,
    choice,
    group,
    integer,
    merged,
    metadata,
    metadata_or_none,
    or_unset,
    text,
    web_address,
)
from generator.sandbox.records import Line, Link
from generator.sandbox.settings import check_total, check_unit
from generator.sandbox.shapes import TEXTS
from generator.sandbox.wire import Json, StripeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.sandbox.store import Store

_MESSAGE = 500
_DESCRIPTOR = 22
_LINES = 20
_TEXT = 1200
_QUANTITY = 999_999

_COMPLETION_FIELDS = group(
    {
        "type": choice("hosted_confirmation", "redirect"),
        "hosted_confirmation": group({"custom_message": text(_MESSAGE)}),
        "redirect": group({"url": web_address}, ("url",)),
    },
    ("type",),
)


def _completion(value: Any, path: str) -> Json:  # noqa: ANN401 - decoded from a form
    """What follows a payment: a redirect needs its address."""
    given = _COMPLETION_FIELDS(value, path)
    if given["type"] == "redirect" and "redirect" not in given:
        raise StripeError(
            f"Missing required param: {path}[redirect].", code="parameter_missing", param=f"{path}[redirect]"
        )
    return given


_PRICE = group(
    {
        "currency": text(3),
        "unit_amount": integer(0),
        "product_data": group({"name": text(), "description": text(), "metadata": metadata}, ("name",)),
    },
    ("currency", "unit_amount", "product_data"),
)
_LINE = group({"price_data": _PRICE, "quantity": integer(1, _QUANTITY)}, ("price_data", "quantity"))
_RESTRICTIONS = group({"completed_sessions": group({"limit": integer(1)}, ("limit",))}, ("completed_sessions",))
_METHODS = array(
    choice("card", "sepa_debit", "link", "bancontact", "customer_balance", "eps", "ideal", "klarna", "paypal"), 20
)
_INTENT_DATA: dict[str, Callable[[Any, str], Any]] = {
    "description": text(),
    "metadata": metadata,
    "statement_descriptor": text(_DESCRIPTOR),
    "statement_descriptor_suffix": text(_DESCRIPTOR),
}
_ONE_TEXT = or_unset(group({"message": text(_TEXT)}, ("message",)))
_CHOICES: dict[str, Callable[[Any, str], Any]] = {
    **EXPAND,
    "metadata": metadata,
    "after_completion": _completion,
    "custom_text": group(dict.fromkeys(TEXTS, _ONE_TEXT)),
    "submit_type": choice("auto", "book", "donate", "pay", "subscribe"),
    "billing_address_collection": choice("auto", "required"),
    "customer_creation": choice("always", "if_required"),
}

CREATE = group(
    {
        **_CHOICES,
        "line_items": array(_LINE, _LINES),
        "inactive_message": text(_MESSAGE),
        "payment_intent_data": group(_INTENT_DATA),
        "payment_method_types": _METHODS,
        "restrictions": _RESTRICTIONS,
    },
    ("line_items",),
)
UPDATE = group(
    {
        **_CHOICES,
        "active": boolean,
        "inactive_message": or_unset(text(_MESSAGE)),
        "payment_intent_data": group(
            {**{name: or_unset(read) for name, read in _INTENT_DATA.items()}, "metadata": metadata_or_none}
        ),
        "payment_method_types": or_unset(_METHODS),
        "restrictions": or_unset(_RESTRICTIONS),
    }
)


def create(store: Store, parameters: Json, now: int, key: str | None) -> Link:
    """A new link, active. StripeError for an amount that Stripe does not take."""
    lines = parameters["line_items"]
    if not lines:
        raise StripeError("Missing required param: line_items.", code="parameter_missing", param="line_items")
    currencies = {each["price_data"]["currency"] for each in lines}
    if len(currencies) > 1:
        raise StripeError("All line items must have the same currency.", param="line_items")
    currency = currencies.pop()
    for index, each in enumerate(lines):
        check_unit(each["price_data"]["unit_amount"], currency, f"line_items[{index}][price_data][unit_amount]")
    check_total(sum(each["price_data"]["unit_amount"] * each["quantity"] for each in lines), currency)
    if currency != "eur" and "sepa_debit" in parameters.get("payment_method_types", ()):
        raise StripeError(
            f"The payment method `sepa_debit` cannot be used with the currency `{currency}`.",
            param="payment_method_types",
        )
    made_of = merged({}, parameters.get("metadata"))
    data = _intent_data(None, parameters)
    identifier = store.link_id(key)
    link = Link(
        id=identifier,
        created=now,
        currency=currency,
        lines=[_line(each, f"{identifier}:{index}", store) for index, each in enumerate(lines)],
        methods=parameters.get("payment_method_types"),
        limit=_limit(None, parameters),
        inactive_message=parameters.get("inactive_message"),
        custom_text=_texts({}, parameters),
        submit_type=parameters.get("submit_type", "auto"),
        billing_address_collection=parameters.get("billing_address_collection", "auto"),
        customer_creation=parameters.get("customer_creation", "if_required"),
        metadata=made_of,
        intent_data=data,
    )
    _complete(link, parameters)
    return store.add_link(link)


def update(link: Link, parameters: Json) -> None:
    """The changes of one request, all or none. The amount of a link never changes."""
    made_of = merged(link.metadata, parameters.get("metadata"))
    data = _intent_data(link.intent_data, parameters)
    limit = _limit(link.limit, parameters)
    if parameters.get("active") and limit is not None and link.count >= limit:
        # What Stripe answers here is not documented. Refusing is what a caller must be able to live with, and it brings to light
        # a caller that believes such a link can be paid again.
        raise StripeError("This payment link has reached its limit of completed sessions.", param="active")
    link.metadata, link.intent_data, link.limit = made_of, data, limit
    _complete(link, parameters)
    link.active = parameters.get("active", link.active)
    link.inactive_message = parameters.get("inactive_message", link.inactive_message)
    link.methods = parameters.get("payment_method_types", link.methods)
    link.custom_text = _texts(link.custom_text, parameters)
    link.submit_type = parameters.get("submit_type", link.submit_type)
    link.billing_address_collection = parameters.get("billing_address_collection", link.billing_address_collection)
    link.customer_creation = parameters.get("customer_creation", link.customer_creation)


def _line(given: Json, seed: str, store: Store) -> Line:
    price = given["price_data"]
    product = price["product_data"]
    return Line(
        id=store.new_id("li", seed),
        price=store.new_id("price", seed),
        product=store.new_id("prod", seed),
        name=product["name"],
        description=product.get("description"),
        currency=price["currency"],
        unit_amount=price["unit_amount"],
        quantity=given["quantity"],
        product_metadata=merged({}, product.get("metadata"), "line_items[0][price_data][product_data][metadata]"),
    )


def _complete(link: Link, parameters: Json) -> None:
    given = parameters.get("after_completion")
    if given is None:
        return
    if given["type"] == "redirect":
        link.redirect, link.confirmation = given["redirect"]["url"], None
    else:
        link.redirect, link.confirmation = None, given.get("hosted_confirmation", {}).get("custom_message")


def _texts(old: dict[str, str], parameters: Json) -> dict[str, str]:
    given = parameters.get("custom_text", {})
    kept = {name: words for name, words in old.items() if name not in given}
    return kept | {name: words["message"] for name, words in given.items() if words is not None}


def _limit(old: int | None, parameters: Json) -> int | None:
    if "restrictions" not in parameters:
        return old
    wanted: Json | None = parameters["restrictions"]
    return None if wanted is None else int(wanted["completed_sessions"]["limit"])


def _intent_data(old: Json | None, parameters: Json) -> Json | None:
    given = parameters.get("payment_intent_data")
    if given is None:
        return old
    kept = {**(old or {}), **{name: value for name, value in given.items() if name != "metadata"}}
    kept["metadata"] = merged((old or {}).get("metadata", {}), given.get("metadata"), "payment_intent_data[metadata]")
    return kept
