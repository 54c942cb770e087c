"""What the sandbox remembers from one day to the next."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from generator.sandbox import Request, Sandbox
from tests.support.sandbox import KEY, LOOPBACK, Clock, running

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = LOOPBACK


def test_what_the_demo_began_is_continued(tmp_path: Path) -> None:
    state = tmp_path / "state" / "sandbox.json"
    with running(state=state) as before:
        link = before.create(key="k", metadata={"relance_offer": "o1"}, payment_intent_data={"metadata": {"a": "b"}})
        debited = before.sandbox.pay(before.create().id, method="sepa_debit")
        refunded = before.sandbox.pay(before.create().id)
        before.sandbox.refund(refunded, 100)
        before.sandbox.dispute(before.sandbox.pay(before.create().id))
        opened = before.sandbox.open_session(link.id)
        store = before.sandbox.store.dump()
    with running(state=state) as after:
        assert after.sandbox.store.dump() == store
        assert (
            after.create(key="k", metadata={"relance_offer": "o1"}, payment_intent_data={"metadata": {"a": "b"}}).id
            == link.id
        )
        after.sandbox.clear(debited)
        after.sandbox.refund(refunded)
        after.sandbox.pay_session(opened)
        assert len(after.client.v1.checkout.sessions.list({"status": "complete"}).data) == 4
        sold = after.client.v1.payment_links.retrieve(link.id, {"expand": ["line_items.data.price.product"]})
        assert sold.line_items is not None
        assert len({each.id for each in after.sandbox.store.charges}) == 4


def test_the_file_is_whole_at_every_moment(tmp_path: Path) -> None:
    state = tmp_path / "sandbox.json"
    at = Sandbox(clock=Clock(), state=state)
    headers = {"host": "127.0.0.1", "authorization": f"Bearer {KEY}"}
    body = (
        b"line_items[0][price_data][currency]=eur&line_items[0][price_data][unit_amount]=1200&line_items[0][quantity]=1"
    )
    body += b"&line_items[0][price_data][product_data][name]=Facture"
    for number in range(1, 30):
        assert at.handle(Request("POST", "/v1/payment_links", headers, body)).status == 200
        kept = json.loads(state.read_text())["links"]
        assert 1 <= len(kept) <= number
    at.flush()
    assert len(json.loads(state.read_text())["links"]) == 29
    assert [path.name for path in tmp_path.iterdir()] == ["sandbox.json"]


def test_what_waits_is_written_a_little_later_by_itself(tmp_path: Path) -> None:
    state = tmp_path / "sandbox.json"
    with running(state=state) as at:
        for number in range(5):
            at.create(1_000 + number)
        for _ in range(200):
            if len(json.loads(state.read_text())["links"]) == 5:
                break
            time.sleep(0.02)
        assert len(json.loads(state.read_text())["links"]) == 5


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 2}', '{"format": 1, "links": [{"id": "x"}]}'])
def test_a_file_of_something_else_is_refused(tmp_path: Path, text: str) -> None:
    state = tmp_path / "sandbox.json"
    state.write_text(text)
    with pytest.raises(ValueError, match=r"\w"):
        Sandbox(clock=Clock(), state=state)
    assert state.read_text() == text


def test_reading_writes_nothing(tmp_path: Path) -> None:
    state = tmp_path / "sandbox.json"
    with running(state=state) as at:
        at.client.v1.payment_links.list()
        assert not state.exists()
