"""Nobody is sent anywhere but to Stripe to pay, whatever stands in the journal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from generator.config import LedgerSettings, Seller, Settings, StripeSettings
from generator.domain.memory import LinksSeen, Memory
from generator.domain.policy import Policy
from generator.recorded_links import link_problems, unsafe

SETTINGS = Settings(
    Path("nowhere"),
    Seller("Sable", "a@sable.example"),
    "https://payer.sable.example",
    LedgerSettings(),
    Policy(),
    StripeSettings("sable"),
)
OWN_HOST = replace(SETTINGS, stripe=StripeSettings("sable", pay_host="pay.sable.example"))
SAFE = "https://buy.stripe.com/test_a1"
SEEN = LinksSeen("brun", "EUR", datetime(2026, 11, 22, tzinfo=UTC), "f", (("A", SAFE),), live=True)


def codes(seen: LinksSeen, settings: Settings = SETTINGS, *, published: bool = True) -> list[str]:
    return [problem.code for problem in link_problems(Memory.of([seen]), settings, published=published)]


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//buy.stripe.com/a1",
        "/a1",
        "",
        "http://buy.stripe.com/a1",
        "https://buy.stripe.com@evil.example/a1",
        "https://user@buy.stripe.com/a1",
        "https://buy.stripe.com.evil.example/a1",
        "https://evil.example/buy.stripe.com/a1",
        "https://buy.stripe.com:8443/a1",
        "https://buy.stripe.com:443/a1",
        "https://buy.stripe.com./a1",
        "https://buy.stripe.com",
        "https://buy.stripe.com/",
        "https://buy.stripe.com/../a1",
        "https://buy.stripe.com/a1#x",
        "https://buy.stripe.com/a1?prefilled_email=a@b.example",
        "https://buy.stripe.com\\@evil.example/a1",
        "https://buy.stripe.com/a1\n",
        "https://buy.stripe.com/a 1",
        'https://buy.stripe.com/a1">',
        "https://buy。stripe.com/a1",
        "https://buy.ｓtripe.com/a1",
        "https://pay.sable.example/b/a1",
        "https://api.stripe.com/a1",
        "http://localhost.evil.example:4242/a1",
        "http://127.0.0.1.evil.example/a1",
    ],
)
def test_an_address_that_is_not_stripes_stops_the_run(url: str, live: bool) -> None:  # noqa: FBT001
    assert "journal-link-unsafe" in codes(replace(SEEN, links=(("A", SAFE), ("B", url)), live=live))


@pytest.mark.parametrize("url", [SAFE, "https://buy.stripe.com/b/9AQ_x-1", "https://BUY.stripe.com/a1"])
def test_stripes_own_addresses_are_fine(url: str) -> None:
    assert codes(replace(SEEN, links=(("A", url),))) == []


def test_a_domain_of_the_owners_is_fine_once_it_is_named() -> None:
    own = replace(SEEN, links=(("A", "https://pay.sable.example/b/a1"), ("B", SAFE)))
    assert codes(own) == ["journal-link-unsafe"]
    assert codes(own, OWN_HOST) == []
    assert unsafe("http://pay.sable.example/b/a1", "pay.sable.example", live=True)


@pytest.mark.parametrize("host", ["127.0.0.1:4242", "localhost:4242", "[::1]:4242", "localhost"])
def test_a_stand_in_on_this_machine_is_for_test_links_only(host: str) -> None:
    sandbox = replace(SEEN, links=(("A", f"http://{host}/pay/plink_1"),), live=False)
    assert codes(sandbox, published=False) == []
    assert codes(replace(sandbox, live=True), published=False) == ["journal-link-unsafe"]


def test_test_links_on_pages_for_clients_are_said_once() -> None:
    test = replace(SEEN, live=False)
    memory = Memory.of([test, replace(test, client="clos"), replace(test, client="dune", currency="GBP")])
    (problem,) = link_problems(memory, SETTINGS, published=True)
    assert problem.code == "links-in-test-mode"
    assert '"brun" and 2 other clients' in problem.message


def test_test_links_are_fine_where_no_client_comes() -> None:
    test = replace(SEEN, live=False)
    assert codes(test, published=False) == []
    for here in ("http://localhost:8000", "http://127.0.0.1:8000/a", "http://[::1]"):
        assert codes(test, replace(SETTINGS, site_url=here)) == []
    assert codes(replace(test, links=())) == []


def test_without_stripe_no_page_has_a_button_and_nothing_is_asked() -> None:
    wrong = replace(SEEN, links=(("A", "javascript:alert(1)"),), live=False)
    assert codes(wrong, replace(SETTINGS, stripe=None)) == []
