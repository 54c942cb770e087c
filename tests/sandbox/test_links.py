"""Payment links: made, changed, listed, as Stripe does it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
import stripe

from generator.sandbox import AccountSettings, NotPossibleError, Request, Sandbox
from tests.support.sandbox import KEY, LOOPBACK, Clock, Running, line, running

pytestmark = LOOPBACK


def test_a_new_link_is_active_and_has_counted_nothing(sandbox: Running) -> None:
    link = sandbox.create(metadata={"relance_offer": "o1"}, payment_method_types=["card", "sepa_debit"])
    assert link.active
    assert link.url == f"{sandbox.url}/pay/{link.id}"
    assert link.restrictions is not None
    assert (link.restrictions.completed_sessions.count, link.restrictions.completed_sessions.limit) == (0, 1)
    assert link.payment_method_types == ["card", "sepa_debit"]
    assert dict(link.metadata.to_dict()) == {"relance_offer": "o1"}


def test_the_identifier_follows_from_the_idempotency_key_on_every_machine() -> None:
    with running() as one, running() as other:
        other.create(1_000)
        assert one.create(key="lumen:o1:1").id == other.create(key="lumen:o1:1").id
        assert one.create(key="lumen:o1:2").id != other.create(key="lumen:o1:1").id


def test_the_same_key_a_day_later_is_another_link(sandbox: Running) -> None:
    first = sandbox.create(key="o1")
    sandbox.clock.pass_(hours=23)
    assert sandbox.create(key="o1").id == first.id
    sandbox.clock.pass_(hours=1)
    assert sandbox.create(key="o1").id != first.id
    assert len(sandbox.sandbox.store.links) == 2


def test_metadata_is_merged_and_an_empty_value_unsets_a_key(sandbox: Running) -> None:
    link = sandbox.create(metadata={"a": "1", "b": "2"})
    changed = sandbox.client.v1.payment_links.update(link.id, {"metadata": {"b": "", "c": "3"}})
    assert changed.metadata.to_dict() == {"a": "1", "c": "3"}


def test_words_of_the_seller_are_kept_and_taken_away(sandbox: Running) -> None:
    link = sandbox.create(custom_text={"submit": {"message": "Jusqu’au 2 décembre"}})
    assert link.custom_text.submit is not None
    assert link.custom_text.submit.message == "Jusqu’au 2 décembre"
    changed = sandbox.client.v1.payment_links.update(link.id, {"custom_text": {"submit": ""}})
    assert changed.custom_text.submit is None


def test_the_amount_of_a_link_cannot_change(sandbox: Running) -> None:
    link = sandbox.create()
    with pytest.raises(stripe.InvalidRequestError, match="unknown parameter: line_items"):
        sandbox.client.v1.payment_links.update(link.id, {"line_items": [{"id": "li_1", "quantity": 2}]})


@pytest.mark.parametrize(
    ("wrong", "code", "param"),
    [
        ({"surprise": "1"}, "parameter_unknown", "surprise"),
        ({"expand": ["surprise"]}, None, "expand[0]"),
        ({"active": True}, "parameter_unknown", "active"),
        ({"after_completion": {"type": "redirect"}}, "parameter_missing", "after_completion[redirect]"),
        ({"after_completion": {"type": "redirect", "redirect": {"url": "payer"}}}, "url_invalid", None),
        ({"inactive_message": ""}, "parameter_invalid_empty", "inactive_message"),
        ({"inactive_message": "x" * 501}, None, "inactive_message"),
        ({"metadata": {"k" * 41: "v"}}, None, "metadata"),
        ({"metadata": {"k": "v" * 501}}, None, "metadata[k]"),
        ({"metadata": {f"k{number}": "v" for number in range(51)}}, None, "metadata"),
        ({"restrictions": {"completed_sessions": {"limit": 0}}}, "parameter_invalid_integer", None),
        ({"payment_method_types": ["cheque"]}, None, "payment_method_types[0]"),
    ],
)
def test_what_stripe_refuses_is_refused(sandbox: Running, wrong: dict[str, object], code: str, param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.create(**wrong)  # type: ignore[arg-type]
    assert refused.value.http_status == 400
    assert refused.value.code == code
    assert param is None or refused.value.param == param
    assert str(refused.value.request_id).startswith("req_")
    assert not len(sandbox.sandbox.store.links)


@pytest.mark.parametrize(
    ("minor", "currency", "code"),
    [
        (49, "eur", "amount_too_small"),
        (29, "gbp", "amount_too_small"),
        (49, "jpy", "amount_too_small"),
        (12_345, "tnd", "parameter_invalid_integer"),  # three decimals: the last must be a zero
        (12_345, "isk", "parameter_invalid_integer"),  # counted with two decimals that must be zeros
        (12_000, "EUR", None),
        (12_000, "xxx", None),
        (100_000_000, "eur", "amount_too_large"),
    ],
)
def test_amounts_that_stripe_does_not_take(sandbox: Running, minor: int, currency: str, code: str | None) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.create(line_items=[line(minor, currency)])
    assert refused.value.code == code


def test_debits_are_for_euros(sandbox: Running) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="sepa_debit"):
        sandbox.create(line_items=[line(900, "gbp")], payment_method_types=["card", "sepa_debit"])
    in_pounds = sandbox.create(line_items=[line(900, "gbp")])
    with pytest.raises(NotPossibleError):
        sandbox.sandbox.pay(in_pounds.id, method="sepa_debit")


@pytest.mark.parametrize(("minor", "currency"), [(50, "eur"), (30, "gbp"), (5_000, "jpy"), (12_340, "tnd"), (1, "xof")])
def test_amounts_that_stripe_takes(sandbox: Running, minor: int, currency: str) -> None:
    link = sandbox.create(line_items=[line(minor, currency)], expand=["line_items"])
    assert link.currency == currency
    assert link.line_items is not None
    assert link.line_items.data[0].amount_total == minor


def test_a_link_that_is_not_there(sandbox: Running) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="No such payment_link: 'plink_none'") as refused:
        sandbox.client.v1.payment_links.retrieve("plink_none")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


def test_pages_run_from_the_newest_to_the_oldest_and_back(sandbox: Running) -> None:
    made = [sandbox.create(1_000 + number).id for number in range(7)]
    links = sandbox.client.v1.payment_links
    first = links.list({"limit": 3})
    assert [link.id for link in first.data] == made[:3:-1]
    assert first.has_more
    last = links.list({"limit": 4, "starting_after": first.data[-1].id})
    assert [link.id for link in last.data] == made[3::-1]
    assert not last.has_more
    back = links.list({"limit": 2, "ending_before": made[3]})
    assert [link.id for link in back.data] == [made[5], made[4]]
    assert back.has_more
    assert [link.id for link in links.list({"limit": 3}).auto_paging_iter()] == made[::-1]


def test_only_the_active_ones_are_listed_when_asked(sandbox: Running) -> None:
    made = [sandbox.create(1_000 + number).id for number in range(4)]
    for identifier in made[1:3]:
        sandbox.client.v1.payment_links.update(identifier, {"active": False})
    links = sandbox.client.v1.payment_links
    assert [link.id for link in links.list({"active": True}).data] == [made[3], made[0]]
    assert [link.id for link in links.list({"active": False}).data] == [made[2], made[1]]


@pytest.mark.parametrize(
    "wrong", [{"limit": 101}, {"limit": 0}, {"starting_after": "plink_none"}, {"expand": ["data.surprise"]}]
)
def test_a_page_that_stripe_refuses(sandbox: Running, wrong: stripe.params.PaymentLinkListParams) -> None:
    sandbox.create()
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.client.v1.payment_links.list(wrong)
    assert refused.value.http_status == 400


def test_line_items_come_only_when_they_are_asked_for(sandbox: Running) -> None:
    sandbox.create()
    links = sandbox.client.v1.payment_links
    assert "line_items" not in links.list().data[0]
    items = links.list({"expand": ["data.line_items"]}).data[0].line_items
    assert items is not None
    assert items.data[0].description == "Facture F-2026-118"


def test_ten_thousand_links_are_made_and_listed_in_no_time() -> None:
    at = Sandbox(clock=Clock(), record=False)
    headers = {"host": "127.0.0.1", "authorization": f"Bearer {KEY}"}
    body = (
        b"line_items[0][price_data][currency]=eur&line_items[0][price_data][unit_amount]=1200&line_items[0][quantity]=1"
    )
    body += b"&line_items[0][price_data][product_data][name]=Facture"
    took = []
    for _ in range(4):
        began = time.perf_counter()
        for _ in range(2_500):
            assert at.handle(Request("POST", "/v1/payment_links", headers, body)).status == 200
        took.append(time.perf_counter() - began)
    assert all(later < 4 * earlier for earlier, later in pairwise(took)), f"slower as it grows: {took}"
    began, after, seen = time.perf_counter(), "", 0
    while page := at.handle(Request("GET", f"/v1/payment_links?limit=100{after}", headers)).json["data"]:
        seen += len(page)
        after = f"&starting_after={page[-1]['id']}"
    assert seen == 10_000
    assert time.perf_counter() - began < 10


def test_many_at_once_are_all_made(sandbox: Running) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda number: sandbox.create(1_000 + number, key=f"k{number}").id, range(80)))
    assert len(set(made)) == 80
    assert {link.id for link in sandbox.client.v1.payment_links.list({"limit": 100}).data} == set(made)


def test_an_account_has_its_country_and_currency() -> None:
    with running(account=AccountSettings(country="GB", default_currency="gbp")) as at:
        account = at.client.v1.accounts.retrieve_current()
        assert (account.country, account.default_currency) == ("GB", "gbp")
