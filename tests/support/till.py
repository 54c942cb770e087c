"""The real `stripe` library and the sandbox in one process: no socket, no waiting, and whatever should go wrong goes wrong."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import stripe

from generator.sandbox import Fault, Request, Sandbox
from generator.stripe_links import Cashier

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

KEY = "rk_test_AtelierSable0123456789"
_UNANSWERED = frozenset({Fault.DROP_BEFORE, Fault.DROP_AFTER, Fault.TIMEOUT})


class Killed(BaseException):
    """The process is killed: nothing catches it, and nothing more goes out of this process."""


def unanswered() -> stripe.APIConnectionError:
    """What the library raises when a connection ends without an answer."""
    return stripe.APIConnectionError("nobody answers")  # type: ignore[no-untyped-call]


class InProcess(stripe.HTTPClient):
    """Hands each request to the sandbox, as the network would; `faults` says what goes wrong with it, and may raise Killed."""

    name = "in-process"

    def __init__(self, sandbox: Sandbox, faults: Callable[[Request], Fault | None] = lambda _: None) -> None:
        super().__init__()
        self.sandbox = sandbox
        self.faults = faults
        self.dead = False
        self._now = threading.local()
        sandbox.timeout = 0
        sandbox.faults = lambda _: self._now.fault

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, *, _usage: Any = None
    ) -> tuple[str, int, Mapping[str, str]]:
        if self.dead:
            raise Killed
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        said = {name.lower(): value for name, value in (headers or {}).items()} | {"host": "127.0.0.1"}
        request = Request(method.upper(), target, said, (post_data or "").encode())
        try:
            self._now.fault = self.faults(request)
        except Killed:
            self.dead = True
            raise
        response = self.sandbox.handle(request)
        if self.dead:
            raise Killed
        if self._now.fault in _UNANSWERED:
            raise unanswered()
        return response.body.decode(), response.status, response.headers

    def close(self) -> None:
        """Nothing to close."""


def cashier_of(
    sandbox: Sandbox, faults: Callable[[Request], Fault | None] = lambda _: None, ledger: str = "sable"
) -> Cashier:
    """A cashier of the real code that never waits and reaches a sandbox without a port."""
    return Cashier(KEY, ledger, rate=1e9, sleep=lambda _: None, transport=InProcess(sandbox, faults))
