"""Everything that goes over the wire is as Stripe's own document has it."""

from __future__ import annotations

import importlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from generator.sandbox import Exchange, Request, Response
from generator.sandbox.endpoints import ENDPOINTS
from tests.support.contract import NEWER, check, document, operation_of
from tests.support.sandbox import LOOPBACK, Running, line

if TYPE_CHECKING:
    import stripe

pytestmark = LOOPBACK


def exercise(at: Running) -> None:
    """Every endpoint, with every parameter and every state of the money."""
    v1 = at.client.v1
    links(v1)
    paid = at.sandbox.pay(at.create(metadata={"relance_offer": "o1"}).id)
    at.sandbox.refund(paid, 500)
    at.sandbox.refund(paid)
    cleared = at.sandbox.pay(at.create().id, method="sepa_debit")
    at.sandbox.clear(cleared)
    at.sandbox.dispute(cleared)
    at.sandbox.fail(at.sandbox.pay(at.create().id, method="sepa_debit"))
    at.sandbox.pay(at.create().id, method="sepa_debit")
    at.sandbox.refuse(at.sandbox.open_session(at.create().id))
    contested = at.sandbox.pay(at.create().id)
    at.sandbox.close_dispute(at.sandbox.dispute(contested).id, won=True)
    read(v1, paid)
    closing = at.sandbox.open_session(at.create().id)
    v1.checkout.sessions.expire(closing, {"expand": ["line_items", "payment_link"]})


def links(v1: stripe.V1Services) -> None:
    """All that can be said of a link."""
    link = v1.payment_links.create(
        {
            "line_items": [
                {
                    "price_data": {
                        "currency": "eur",
                        "unit_amount": 4_000,
                        "product_data": {"name": "Facture", "description": "Maintenance", "metadata": {"a": "b"}},
                    },
                    "quantity": 3,
                }
            ],
            "restrictions": {"completed_sessions": {"limit": 1}},
            "after_completion": {
                "type": "redirect",
                "redirect": {"url": "https://payer.atelier-sable.example/c/x/?ok"},
            },
            "inactive_message": "Ce lien n’est plus actif. Écrivez à Nora Sable.",
            "metadata": {"relance_offer": "o1", "relance_client": "verdier"},
            "payment_intent_data": {"description": "Facture F-2026-118", "metadata": {"relance_offer": "o1"}},
            "payment_method_types": ["card", "sepa_debit"],
            "submit_type": "pay",
            "custom_text": {"submit": {"message": "Offre valable jusqu’au 2 décembre."}},
            "expand": ["line_items"],
        },
        {"idempotency_key": "o1-1"},
    )
    v1.payment_links.update(link.id, {"active": False, "metadata": {"relance_offer": "", "superseded": "true"}})
    v1.payment_links.update(
        link.id,
        {
            "active": True,
            "inactive_message": "",
            "custom_text": {"submit": "", "after_submit": {"message": "À bientôt"}},
            "restrictions": "",
            "payment_method_types": "",
            "after_completion": {"type": "hosted_confirmation", "hosted_confirmation": {"custom_message": "Merci !"}},
            "payment_intent_data": {"metadata": "", "description": "Autre"},
            "expand": ["line_items.data.price.product"],
        },
    )
    v1.payment_links.list({"active": True, "limit": 100, "expand": ["data.line_items"]})
    v1.payment_links.list({"limit": 1, "starting_after": link.id})
    v1.payment_links.list({"limit": 1, "ending_before": link.id})
    v1.payment_links.retrieve(link.id, {"expand": ["line_items"]})


def read(v1: stripe.V1Services, paid: str) -> None:
    """Every list and every single object, expanded as far as it goes."""
    since: stripe.params.checkout.SessionListParamsCreated = {"gte": 0, "lte": 4_000_000_000}
    money = "data.payment_intent.latest_charge.balance_transaction"
    v1.checkout.sessions.list(
        {"created": since, "limit": 100, "expand": [money, "data.payment_link", "data.line_items"]}
    )
    session = v1.checkout.sessions.retrieve(paid, {"expand": ["payment_intent"]})
    v1.checkout.sessions.list({"payment_link": str(session.payment_link), "status": "complete"})
    intent = session.payment_intent
    assert intent is not None
    assert not isinstance(intent, str)
    v1.checkout.sessions.list({"payment_intent": intent.id})
    v1.payment_intents.list({"created": 1, "limit": 3})
    v1.payment_intents.list({"created": {"gt": 1, "lt": 4_000_000_000}, "expand": ["data.latest_charge"]})
    v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge.balance_transaction"]})
    charge = str(intent.latest_charge)
    v1.charges.list({"payment_intent": intent.id, "expand": ["data.refunds", "data.payment_intent"]})
    v1.charges.list({"limit": 100, "created": {"gte": 5}})
    v1.charges.retrieve(charge, {"expand": ["balance_transaction", "refunds"]})
    v1.refunds.list({"charge": charge, "expand": ["data.charge", "data.balance_transaction", "data.payment_intent"]})
    v1.refunds.list({"payment_intent": intent.id, "created": {"gte": 0}})
    v1.disputes.list({"expand": ["data.charge", "data.payment_intent"], "created": {"gte": 0}})
    v1.disputes.list({"charge": charge})
    v1.disputes.list({"payment_intent": intent.id})
    v1.accounts.retrieve_current()


def test_every_request_and_every_response_keeps_to_the_document(sandbox: Running) -> None:
    exercise(sandbox)
    log = sandbox.sandbox.log
    assert all(exchange.response and exchange.response.status == 200 for exchange in log)
    assert check(log) == len(log)
    operations = {operation_of(exchange.request.method, exchange.request.path)["operationId"] for exchange in log}  # type: ignore[index]
    offered = {
        operation_of(each.method, each.path.replace("{", "").replace("}", ""))["operationId"]  # type: ignore[index]
        for each in ENDPOINTS
    }
    assert operations == offered, "each endpoint of the sandbox is exercised"


def test_refusals_keep_to_the_document_as_well(sandbox: Running) -> None:
    sandbox.client.v1.payment_links.list()
    (good,) = sandbox.sandbox.log
    for request in (
        Request("GET", "/v1/payment_links?limit=101", good.request.headers),
        Request("GET", "/v1/payment_links/plink_none", good.request.headers),
        Request("GET", "/v1/customers", good.request.headers),
        Request("GET", "/v1/payment_links"),
        Request("POST", "/v1/payment_links", good.request.headers, b"line_items[0][quantity]=x&surprise=1"),
    ):
        assert sandbox.sandbox.handle(request).status >= 400
    assert check(sandbox.sandbox.log) == 6


@pytest.mark.parametrize(
    ("form", "complaint"),
    [
        ("active=maybe", "maybe"),
        ("surprise=1", "surprise"),
        ("metadata[a][b]=c", "string"),
        ("restrictions[completed_sessions][limit]=one", "limit"),
        ("inactive_message=" + "x" * 501, "inactive_message"),
    ],
)
def test_a_wrong_request_is_found(sandbox: Running, form: str, complaint: str) -> None:
    link = sandbox.create()
    sandbox.client.v1.payment_links.update(link.id, {"active": False})
    good = sandbox.sandbox.log[-1]
    with pytest.raises(AssertionError, match=complaint):
        check([replace(good, request=replace(good.request, body=form.encode()))])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"active":true', b'"active":"yes"'),
        (b'"active":true', b'"active":true,"surprise":1'),
        (b'"currency":"eur",', b""),
        (b'"submit_type":"auto"', b'"submit_type":"beg"'),
        (b'"count":0', b'"count":0,"left":1'),
    ],
)
def test_a_wrong_response_is_found(sandbox: Running, old: bytes, new: bytes) -> None:
    sandbox.create()
    (good,) = sandbox.sandbox.log
    assert good.response is not None
    assert old in good.response.body
    wrong = Response(200, good.response.headers, good.response.body.replace(old, new))
    with pytest.raises(AssertionError):
        check([Exchange(good.request, wrong)])


def test_what_is_newer_than_the_document_is_what_the_library_has_and_the_document_lacks() -> None:
    for each in NEWER:
        module, _, name = each.read_from.rpartition(".")
        assert each.field in getattr(importlib.import_module(module), name).__annotations__
        assert each.field not in document()["components"]["schemas"][each.component]["properties"]


def test_the_document_is_the_one_that_was_read_when_this_was_written() -> None:
    assert document()["info"]["version"] == "2026-05-27.dahlia"


def test_a_line_of_a_link_is_shown_with_its_price(sandbox: Running) -> None:
    link = sandbox.create(line_items=[line(4_000, quantity=3)], expand=["line_items"])
    assert link.line_items is not None
    assert [each.amount_total for each in link.line_items.data] == [12_000]
