"""What happens between two machines: keys, repetitions, permissions, limits, and all that can go wrong."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
import stripe

from generator.sandbox import EVERYTHING, AccountSettings, Fault, Request
from generator.sandbox.wire import decode_form
from tests.support.sandbox import LOOPBACK, Running, line, running

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = LOOPBACK


def once(fault: Fault, method: str = "POST") -> Callable[[Request], Fault | None]:
    """The fault for the first request of that method, and for no other."""
    left = [fault]
    return lambda request: left.pop() if left and request.method == method else None


def wait_for(condition: Callable[[], bool]) -> None:
    """Two threads meet here; five seconds are more than any machine needs."""
    for _ in range(500):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError


def test_the_same_key_and_parameters_get_the_same_answer(sandbox: Running) -> None:
    first = sandbox.create(key="k")
    again = sandbox.create(key="k")
    assert again.id == first.id
    assert len(sandbox.sandbox.store.links) == 1
    assert first.last_response is not None
    assert again.last_response is not None
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert again.last_response.headers["Original-Request"] == first.last_response.headers["Request-Id"]


def test_a_repeated_answer_is_the_old_one_even_when_the_link_changed_since(sandbox: Running) -> None:
    link = sandbox.create(key="k")
    sandbox.client.v1.payment_links.update(link.id, {"active": False})
    assert sandbox.create(key="k").active  # as at Stripe: it says what was true then


def test_the_same_key_with_other_parameters_is_refused(sandbox: Running) -> None:
    link = sandbox.create(1_000, key="k")
    with pytest.raises(stripe.IdempotencyError, match="same parameters") as refused:
        sandbox.create(2_000, key="k")
    assert refused.value.http_status == 400
    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        sandbox.client.v1.payment_links.update(link.id, {"active": False}, {"idempotency_key": "k"})


def test_a_request_that_was_wrong_does_not_use_up_its_key(sandbox: Running) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.create(key="k", surprise="1")
    assert sandbox.create(key="k").active


def test_a_key_that_is_too_long(sandbox: Running) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="255"):
        sandbox.create(key="k" * 256)
    assert sandbox.create(key="k" * 255).id


def test_two_at_once_with_one_key(sandbox: Running) -> None:
    sandbox.sandbox.timeout = 0.5
    sandbox.sandbox.faults = once(Fault.TIMEOUT)
    first = threading.Thread(target=sandbox.create, kwargs={"key": "k"})
    first.start()
    wait_for(lambda: len(sandbox.sandbox.store.links) == 1)
    with pytest.raises(stripe.StripeError, match="another in-progress request") as refused:
        sandbox.create(key="k")
    assert refused.value.http_status == 409
    first.join()
    assert sandbox.create(key="k").id
    assert len(sandbox.sandbox.store.links) == 1


@pytest.mark.parametrize(
    ("fault", "error", "made"),
    [
        (Fault.DROP_BEFORE, stripe.APIConnectionError, 0),
        (Fault.DROP_AFTER, stripe.APIConnectionError, 1),
        (Fault.RATE_LIMITED, stripe.RateLimitError, 0),
        (Fault.ERROR_500, stripe.APIError, 0),
        (Fault.SAVED_500, stripe.APIError, 0),
        (Fault.SAVED_500_ACTED, stripe.APIError, 1),
    ],
)
def test_what_was_done_when_something_went_wrong(fault: Fault, error: type[stripe.StripeError], made: int) -> None:
    with running(faults=once(fault)) as at:
        with pytest.raises(error):
            at.create(key="k")
        assert len(at.sandbox.store.links) == made
        if fault in (Fault.SAVED_500, Fault.SAVED_500_ACTED):
            with pytest.raises(stripe.APIError) as again:
                at.create(key="k")
            assert again.value.headers is not None
            assert again.value.headers["Idempotent-Replayed"] == "true"
            at.create(key="another")
        else:
            assert at.create(key="k").active
            made = 0
        assert len(at.sandbox.store.links) == made + 1


def test_a_timeout_is_an_answer_that_comes_too_late() -> None:
    with running(faults=once(Fault.TIMEOUT)) as at:
        at.sandbox.timeout = 0.4
        transport = stripe.RequestsClient(timeout=0.1)
        hasty = stripe.StripeClient("sk_test_hasty0123456789", base_addresses={"api": at.url}, http_client=transport)
        with pytest.raises(stripe.APIConnectionError):
            hasty.v1.payment_links.create({"line_items": [line(900)]}, {"idempotency_key": "k"})  # type: ignore[list-item]
        transport.close()  # type: ignore[no-untyped-call] # the library's
        wait_for(lambda: len(at.sandbox.store.links) == 1)


def test_a_fault_on_a_reading_request_is_not_kept() -> None:
    with running(faults=once(Fault.SAVED_500, "GET")) as at:
        with pytest.raises(stripe.APIError):
            at.client.v1.payment_links.list()
        assert at.client.v1.payment_links.list().data == []


def test_a_wrong_key() -> None:
    with running(key="pk_live_0123456789abcd") as at, pytest.raises(stripe.AuthenticationError) as refused:
        at.client.v1.payment_links.list()
    assert refused.value.http_status == 401
    assert "Invalid API Key provided: pk_live_" in str(refused.value)
    assert "0123456789" not in str(refused.value)


def test_a_live_key_on_a_test_account_and_the_other_way_round() -> None:
    with running(key="sk_live_0123456789abcd") as at, pytest.raises(stripe.AuthenticationError):
        at.client.v1.payment_links.list()
    with running(key="rk_live_0123456789abcd", account=AccountSettings(livemode=True)) as at:
        assert at.create().livemode


def test_a_restricted_key_without_a_permission_is_told_which() -> None:
    keys = {"rk_test_reader0123456789": frozenset({"rak_payment_link_read", "rak_checkout_session_write"})}
    with running(key="rk_test_reader0123456789", keys=keys) as at:
        assert at.client.v1.payment_links.list().data == []
        assert at.client.v1.checkout.sessions.list().data == []  # to write includes to read
        with pytest.raises(stripe.PermissionError) as refused:
            at.create()
        assert refused.value.http_status == 403
        assert "permissions for this endpoint on account 'acct_" in str(refused.value)
        assert "Having the 'rak_payment_link_write' permission would allow this request to continue." in str(
            refused.value
        )
        with pytest.raises(stripe.PermissionError, match="rak_accounts_kyc_basic_read"):
            at.client.v1.accounts.retrieve_current()


def test_only_the_keys_that_are_known() -> None:
    with running(keys={"sk_test_owner01234567890": EVERYTHING}) as at, pytest.raises(stripe.AuthenticationError):
        at.client.v1.payment_links.list()


def test_too_many_requests_are_refused_and_later_ones_answered() -> None:
    with running(rate_limit=2) as at:
        refused = []
        for _ in range(12):
            try:
                at.client.v1.payment_links.list()
            except stripe.RateLimitError as error:
                refused.append(error)
        assert refused
        assert {error.http_status for error in refused} == {429}
        assert refused[0].headers is not None
        assert refused[0].headers["Stripe-Should-Retry"] == "true"
        assert refused[0].headers["Retry-After"] == "1"
        time.sleep(0.6)
        at.client.v1.payment_links.list()


def test_an_address_that_stripe_does_not_have(sandbox: Running) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL"):
        sandbox.client.v1.customers.list()


def test_the_log_can_be_switched_off() -> None:
    with running(record=False) as at:
        at.create()
        assert at.sandbox.log == []


def test_stopping_does_not_wait_for_clients_that_keep_their_connection() -> None:
    began = time.monotonic()
    with running() as at:
        at.create()
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("", {}),
        ("a=1&b=x%20y", {"a": "1", "b": "x y"}),
        ("a[b][0][c]=1&a[b][1][c]=2", {"a": {"b": [{"c": "1"}, {"c": "2"}]}}),
        ("expand[]=x&expand[]=y", {"expand": ["x", "y"]}),
        ("m[2026]=a", {"m": {"2026": "a"}}),
        ("0=a", {"0": "a"}),
        ("a=", {"a": ""}),
    ],
)
def test_forms_are_read_as_nested_values(form: str, value: dict[str, Any]) -> None:
    assert decode_form(form) == value


def test_ten_and_more_members_of_an_array_keep_their_order() -> None:
    form = "&".join(f"a[{index}]={index}" for index in range(12))
    assert decode_form(form) == {"a": [str(index) for index in range(12)]}
