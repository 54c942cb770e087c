"""A sandbox on a port of its own, and the real `stripe` library speaking to it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import stripe

from generator.sandbox import Sandbox, serve
from tests.support.contract import check

if TYPE_CHECKING:
    from collections.abc import Iterator

#: For `pytestmark`: this machine may be spoken to, and no other.
LOOPBACK = pytest.mark.allow_hosts(["127.0.0.1"])
KEY = "sk_test_AtelierSable0123456789"


@dataclass
class Clock:
    """A clock that a test turns."""

    at: datetime = field(default_factory=lambda: datetime(2026, 11, 22, 9, 30, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, **time: int) -> None:
        """Time passes: `clock.pass_(hours=2)`."""
        self.at += timedelta(**time)


@dataclass
class Running:
    """A sandbox that is served, and a client of the real library."""

    sandbox: Sandbox
    url: str
    client: stripe.StripeClient
    clock: Clock

    def create(self, minor: int = 12_000, *, key: str | None = None, **more: Any) -> stripe.PaymentLink:
        """A link as relance makes them."""
        parameters: Any = {"line_items": [line(minor)], "restrictions": {"completed_sessions": {"limit": 1}}, **more}
        return self.client.v1.payment_links.create(parameters, {"idempotency_key": key} if key else None)


def line(minor: int, currency: str = "eur", name: str = "Facture F-2026-118", quantity: int = 1) -> dict[str, Any]:
    """A line of a link, price included."""
    price = {"currency": currency, "unit_amount": minor, "product_data": {"name": name}}
    return {"price_data": price, "quantity": quantity}


@contextmanager
def running(*, key: str = KEY, contract: bool = True, **settings: Any) -> Iterator[Running]:
    """A sandbox while the block lasts; everything that was said is held against the contract at its end."""
    clock = settings.setdefault("clock", Clock())
    sandbox = Sandbox(**settings)
    transport = stripe.RequestsClient(timeout=5)
    with serve(sandbox) as served:
        client = stripe.StripeClient(key, base_addresses={"api": served.url}, http_client=transport)
        try:
            yield Running(sandbox, served.url, client, clock)
        finally:
            transport.close()  # type: ignore[no-untyped-call] # the library's
    if contract:
        check(sandbox.log)
