"""The endpoints of Stripe's that relance uses: what each takes, needs and does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.sandbox import shapes
from generator.sandbox.links import CREATE, UPDATE, create, update
from generator.sandbox.money import NotPossibleError
from generator.sandbox.params import EXPAND, PAGE, boolean, choice, group, span, text
from generator.sandbox.wire import Json, StripeError, missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from generator.sandbox.expand import View
    from generator.sandbox.money import Payments
    from generator.sandbox.settings import AccountSettings
    from generator.sandbox.store import Store, Table

_ORDINARY_PAGE = 10


@dataclass(frozen=True, slots=True)
class Call:
    """One request under way: who does it, with what, when."""

    store: Store
    payments: Payments
    view: View
    settings: AccountSettings
    now: int
    parameters: Json
    identifier: str = ""
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method and a path: the permission of a restricted key that it needs, what it shows, its parameters and its work."""

    method: str
    path: str
    permission: str
    shows: str
    parameters: Callable[[Any, str], Json]
    work: Callable[[Call], Json]

    @property
    def pattern(self) -> re.Pattern[str]:
        """The path as an expression; what stands in braces is the identifier."""
        return re.compile(re.sub(r"\{\w+\}", "([^/]+)", self.path))


def find(method: str, path: str) -> tuple[Endpoint, str]:
    """The endpoint of a request, and the identifier in its path. StripeError where there is none."""
    for endpoint, pattern in _ROUTES:
        match = pattern.fullmatch(path)
        if match and endpoint.method == method:
            return endpoint, match[1] if match.groups() else ""
    raise StripeError(
        f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at "
        "https://support.stripe.com/.",
        status=404,
    )


def _one(kind: str, param: str) -> Callable[[Call], Json]:
    def work(call: Call) -> Json:
        return _shown(call, kind, _row(call.store.table(kind), call.identifier, param))

    return work


def _row(rows: Table[Any], identifier: str, param: str) -> Any:  # noqa: ANN401 - a record of any table
    record = rows.get(identifier)
    if record is None:
        raise missing(rows.name, identifier, param)
    return record


def _shown(call: Call, kind: str, record: object) -> Json:
    return call.view.expanded(call.view.object(kind, record), call.parameters.get("expand", ()))


def _many(kind: str, url: str, filters: Mapping[str, str]) -> Callable[[Call], Json]:
    def work(call: Call) -> Json:
        page, more = _page(call.store.table(kind), _wanted(call.parameters, filters), call.parameters)
        data = [call.view.object(kind, record) for record in page]
        return call.view.expanded(shapes.listing(url, data, has_more=more), call.parameters.get("expand", ()))

    return work


def _page(rows: Table[Any], wanted: Callable[[Any], bool], parameters: Json) -> tuple[list[Any], bool]:
    """The records of one page, newest first, and whether more follow in the direction of reading."""
    limit = parameters.get("limit", _ORDINARY_PAGE)
    after, before = parameters.get("starting_after"), parameters.get("ending_before")
    if after is not None and before is not None:
        raise StripeError("You can only specify one of these parameters: starting_after, ending_before.")
    for name, identifier in (("starting_after", after), ("ending_before", before)):
        if identifier is not None and identifier not in rows:
            raise missing(rows.name, identifier, name, status=400)
    found, more = _first(rows.newer(before) if before is not None else rows.older(after), wanted, limit)
    return (found[::-1] if before is not None else found), more


def _first(records: Iterable[Any], wanted: Callable[[Any], bool], limit: int) -> tuple[list[Any], bool]:
    found: list[Any] = []
    for record in records:
        if not wanted(record):
            continue
        if len(found) == limit:
            return found, True
        found.append(record)
    return found, False


def _wanted(parameters: Json, filters: Mapping[str, str]) -> Callable[[Any], bool]:
    exact = {field: parameters[name] for name, field in filters.items() if name in parameters}
    bounds: Json = parameters.get("created", {})

    def wanted(record: Any) -> bool:  # noqa: ANN401 - a record of any table
        return all(getattr(record, field) == value for field, value in exact.items()) and all(
            _within(record.created, name, bound) for name, bound in bounds.items()
        )

    return wanted


def _within(second: int, name: str, bound: int) -> bool:
    return {"gt": second > bound, "gte": second >= bound, "lt": second < bound, "lte": second <= bound}[name]


def _create_link(call: Call) -> Json:
    link = create(call.store, call.parameters, call.now, call.idempotency_key)
    return _shown(call, "payment_link", link)


def _update_link(call: Call) -> Json:
    link = _row(call.store.links, call.identifier, "payment_link")
    update(link, call.parameters)
    return _shown(call, "payment_link", link)


def _expire(call: Call) -> Json:
    session = _row(call.store.sessions, call.identifier, "session")
    try:
        call.payments.expire(session)
    except NotPossibleError as error:  # the words: Sylius/PayumStripePlugin issue 70
        raise StripeError(
            'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of `{session.status}`."
        ) from error
    return _shown(call, "checkout.session", session)


def _account(call: Call) -> Json:
    return shapes.account(call.settings)


def _reading(path: str, permission: str, kind: str, param: str) -> Endpoint:
    """One object by its identifier."""
    return Endpoint("GET", path, permission, kind, group(EXPAND), _one(kind, param))


def _listing(
    path: str, permission: str, kind: str, parameters: dict[str, Callable[[Any, str], Any]], **filters: str
) -> Endpoint:
    """A list of objects, a page at a time; `filters` are the parameters that compare a field of the record."""
    return Endpoint(
        "GET", path, permission, f"list of {kind}", group({**PAGE, **parameters}), _many(kind, path, filters)
    )


_LINK = "/v1/payment_links/{payment_link}"
_EXPIRE = "/v1/checkout/sessions/{session}/expire"
_BY_CHARGE: dict[str, Callable[[Any, str], Any]] = {"created": span, "charge": text(), "payment_intent": text()}

#: Everything there is. The names of permissions are those of Stripe's own refusals and of its links to the page that makes restricted
#: keys, as public reports quote them; refunds fall under the charges' permission.
ENDPOINTS = (
    Endpoint("GET", "/v1/account", "rak_accounts_kyc_basic_read", "account", group(EXPAND), _account),
    Endpoint("POST", "/v1/payment_links", "rak_payment_link_write", "payment_link", CREATE, _create_link),
    Endpoint("POST", _LINK, "rak_payment_link_write", "payment_link", UPDATE, _update_link),
    _reading(_LINK, "rak_payment_link_read", "payment_link", "payment_link"),
    _listing("/v1/payment_links", "rak_payment_link_read", "payment_link", {"active": boolean}, active="active"),
    Endpoint("POST", _EXPIRE, "rak_checkout_session_write", "checkout.session", group(EXPAND), _expire),
    _reading("/v1/checkout/sessions/{session}", "rak_checkout_session_read", "checkout.session", "session"),
    _listing(
        "/v1/checkout/sessions",
        "rak_checkout_session_read",
        "checkout.session",
        {
            "created": span,
            "payment_link": text(),
            "payment_intent": text(),
            "status": choice("complete", "expired", "open"),
        },
        payment_link="link",
        payment_intent="intent",
        status="status",
    ),
    _reading("/v1/payment_intents/{intent}", "rak_payment_intent_read", "payment_intent", "intent"),
    _listing("/v1/payment_intents", "rak_payment_intent_read", "payment_intent", {"created": span}),
    _reading("/v1/charges/{charge}", "rak_charge_read", "charge", "charge"),
    _listing(
        "/v1/charges",
        "rak_charge_read",
        "charge",
        {"created": span, "payment_intent": text()},
        payment_intent="intent",
    ),
    _listing("/v1/refunds", "rak_charge_read", "refund", _BY_CHARGE, charge="charge", payment_intent="intent"),
    _listing("/v1/disputes", "rak_dispute_read", "dispute", _BY_CHARGE, charge="charge", payment_intent="intent"),
)
_ROUTES = tuple((endpoint, endpoint.pattern) for endpoint in ENDPOINTS)
