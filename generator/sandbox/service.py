"""The sandbox: Stripe's API for one account, answered from memory."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import threading
import time
from contextlib import contextmanager
from hashlib import blake2b
from typing import TYPE_CHECKING

from generator.sandbox import endpoints, pages
from generator.sandbox.expand import View, check
from generator.sandbox.money import CARD, Payments
from generator.sandbox.records import Saved
from generator.sandbox.settings import AccountSettings
from generator.sandbox.store import Keeper, Store
from generator.sandbox.wire import (
    LONGEST_KEY,
    Exchange,
    Fault,
    Request,
    Response,
    StripeError,
    answer,
    broken,
    decode_form,
    forbidden,
    in_progress,
    reused,
    too_long,
    too_many,
    unauthorised,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from generator.sandbox.records import Charge, Dispute, Link, Refund, Session

#: The permissions of a key that may do everything.
EVERYTHING = frozenset({"*"})
#: Stripe forgets idempotency keys after a day.
_REMEMBERED = 24 * 3600
_MISDIRECTED = 421


class Sandbox:
    """A stand-in for Stripe: no real money, the same wire format.

    `clock` says when it is; `state` is the file to keep everything in (none: memory only); `keys` are the API keys with their
    permissions (none given: any test key may do everything); `faults` says what goes wrong with which request; `rate_limit` is how
    many requests a second are answered; `base_url` is where the payment pages are said to be, when that is not where it is served;
    `record` keeps every exchange with the API in `log`, for tests.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        state: Path | None = None,
        account: AccountSettings | None = None,
        keys: Mapping[str, frozenset[str]] | None = None,
        faults: Callable[[Request], Fault | None] | None = None,
        rate_limit: int | None = None,
        base_url: str | None = None,
        record: bool = True,
    ) -> None:
        """ValueError when `state` is a file of something else."""
        self.clock = clock
        self.account = account or AccountSettings()
        self.keys = keys
        self.faults = faults
        self.rate_limit = rate_limit
        self.base_url = base_url
        self.served_at = "http://127.0.0.1"
        #: How many seconds an answer is late when that is asked for.
        self.timeout = 1.0
        self.record = record
        self.log: list[Exchange] = []
        #: What every form of a page carries, so that no other site can send it.
        self.token = secrets.token_urlsafe(24)
        self.lock = threading.RLock()
        self.store = Store()
        if state is not None and state.exists():
            self.store = Store.load(state.read_text(encoding="utf-8"))
        self._keeper = Keeper(state, self.store.dump, self.lock) if state is not None else None
        self.payments = Payments(self.store, self.account)
        self.view = View(self.store, self.account, lambda: self.address)
        self._under_way: set[str] = set()
        self._bucket = (0.0, time.monotonic())

    @property
    def address(self) -> str:
        """Where the payment pages are, without a slash at the end."""
        return (self.base_url or self.served_at).rstrip("/")

    @property
    def now(self) -> int:
        """The second on the clock."""
        return int(self.clock().timestamp())

    def handle(self, request: Request) -> Response:
        """The answer to a request: the API's under `/v1`, else a page."""
        if not pages.ours(self, request):
            return Response(
                _MISDIRECTED, {"Content-Type": "text/plain"}, b"This sandbox answers on this machine only.\n"
            )
        if not request.path.startswith("/v1/"):
            return pages.handle(self, request)
        fault = self.faults(request) if self.faults is not None else None
        response = self._api(request, fault)
        if self.record:
            with self.lock:
                acted = None if fault is Fault.DROP_BEFORE else response
                self.log.append(Exchange(request, acted, fault))
        if fault is Fault.DROP_AFTER:
            return Response(response.status, response.headers, response.body, dropped=True)
        return response

    # --- what a client, a bank or the owner does -----------------------------------------------------------------

    def open_session(self, link: str) -> str:
        """A client opens a link: the identifier of the session. NotPossibleError when it is not active."""
        with self._changing():
            return self.payments.open_session(self._link(link), self.now).id

    def pay_session(self, session: str, *, method: str = CARD) -> str:
        """The client pays on an open page: the identifier of the charge, pending for a debit."""
        with self._changing():
            self.payments.pay(self._session(session), method, self.now)
            return self.charge_of(session).id

    def pay(self, link: str, *, method: str = CARD) -> str:
        """Opens a link and pays: the identifier of the session."""
        with self._changing():
            session = self.open_session(link)
            self.pay_session(session, method=method)
            return session

    def refuse(self, session: str) -> None:
        """The client's card is refused; the page stays open."""
        with self._changing():
            self.payments.refuse(self._session(session), self.now)

    def clear(self, payment: str) -> None:
        """The debit of a charge or session arrives."""
        with self._changing():
            self.payments.clear(self.charge_of(payment), self.now)

    def fail(self, payment: str) -> None:
        """The debit of a charge or session is not paid."""
        with self._changing():
            self.payments.fail(self.charge_of(payment))

    def refund(self, payment: str, amount: int | None = None) -> Refund:
        """The owner gives back `amount` minor units of a charge or session, or what is left of it."""
        with self._changing():
            return self.payments.refund(self.charge_of(payment), amount, self.now)

    def dispute(self, payment: str, reason: str = "fraudulent") -> Dispute:
        """The client's bank contests a charge or session."""
        with self._changing():
            return self.payments.dispute(self.charge_of(payment), self.now, reason)

    def close_dispute(self, dispute: str, *, won: bool) -> None:
        """The bank decides."""
        with self._changing():
            self.payments.close(self.store.disputes[dispute], self.now, won=won)

    def charge_of(self, payment: str) -> Charge:
        """The charge of that identifier, or the latest one of a session. KeyError when there is none."""
        if payment in self.store.charges:
            return self.store.charges[payment]
        intent = self._session(payment).intent
        return self.store.charges[self.store.intents[intent or ""].charge or ""]

    def flush(self) -> None:
        """Writes to the state file what is not there yet. Raises OSError when the disk refuses."""
        if self._keeper is not None:
            self._keeper.flush()

    def _link(self, identifier: str) -> Link:
        return self.store.links[identifier]

    def _session(self, identifier: str) -> Session:
        return self.store.sessions[identifier]

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """A change under the lock, kept afterwards."""
        with self.lock:
            self.payments.lapse(self.now)
            try:
                yield
            finally:
                if self._keeper is not None:
                    self._keeper.changed()

    # --- the API -----------------------------------------------------------------------------------------------------

    def _api(self, request: Request, fault: Fault | None) -> Response:
        """The answer, with what goes wrong on the way."""
        if fault is Fault.DROP_BEFORE:
            return Response(0, dropped=True)
        with self.lock:
            request_id = self.store.new_id("req")
            key = request.headers.get("idempotency-key") if request.method == "POST" else None
            headers = {"Request-Id": request_id} | ({"Idempotency-Key": key} if key else {})
            try:
                self._admit(fault)
                self._authorise(request)
                if key is not None and len(key) > LONGEST_KEY:
                    raise too_long()
                if key in self._under_way:
                    raise in_progress()
            except StripeError as error:
                return self._refusal(error, headers)
            if key is not None:
                self._under_way.add(key)
        try:
            response = self._once(request, key, headers, fault)
            if fault is Fault.TIMEOUT:
                time.sleep(self.timeout)  # it is done; meanwhile the key is in use
        finally:
            with self.lock:
                self._under_way.discard(key or "")
        return response

    def _once(self, request: Request, key: str | None, headers: dict[str, str], fault: Fault | None) -> Response:
        """Does the request, unless its key was used before."""
        with self._changing() if request.method == "POST" else self.lock:
            if fault is Fault.ERROR_500:
                return self._refusal(broken(), headers)
            saved = self._remembered(key)
            endpoint_name = f"{request.method} {request.path}"
            digest = blake2b(_sorted(request.form), digest_size=16).hexdigest()
            if saved is not None and key is not None:
                if (saved.endpoint, saved.parameters) != (endpoint_name, digest):
                    return self._refusal(reused(key, saved.endpoint.split()[-1], request.path), headers)
                again = {**headers, "Idempotent-Replayed": "true", "Original-Request": saved.request_id}
                return answer(saved.status, json.loads(saved.body), again)
            response, begun = self._work(request, key, headers, acted=fault is not Fault.SAVED_500)
            if fault in (Fault.SAVED_500, Fault.SAVED_500_ACTED):
                response, begun = self._refusal(broken(), headers), True
            if key is not None and begun:
                self.store.saved[key] = Saved(
                    at=self.now,
                    endpoint=endpoint_name,
                    parameters=digest,
                    request_id=headers["Request-Id"],
                    status=response.status,
                    body=response.body.decode(),
                )
            return response

    def _work(
        self, request: Request, key: str | None, headers: dict[str, str], *, acted: bool
    ) -> tuple[Response, bool]:
        """The answer, and whether the work was begun: only then does Stripe save it under the key."""
        begun = False
        try:
            endpoint, identifier = endpoints.find(request.method, request.path)
            parameters = endpoint.parameters(decode_form(request.form), "")
            check(endpoint.shows, parameters.get("expand", ()))
            begun = True
            if not acted:
                return self._refusal(broken(), headers), begun
            self.payments.lapse(self.now)
            call = endpoints.Call(
                self.store, self.payments, self.view, self.account, self.now, parameters, identifier, key
            )
            return answer(200, endpoint.work(call), headers), begun
        except StripeError as error:
            return self._refusal(error, headers), begun

    def _refusal(self, error: StripeError, headers: dict[str, str]) -> Response:
        logs = f"https://dashboard.stripe.com/test/logs/{headers['Request-Id']}"
        more = {"Stripe-Should-Retry": "true", "Retry-After": "1"} if error.status == 429 else {}  # noqa: PLR2004
        return answer(error.status, {"error": error.error | {"request_log_url": logs}}, headers | more)

    def _remembered(self, key: str | None) -> Saved | None:
        saved = self.store.saved.get(key or "")
        if saved is not None and saved.at + _REMEMBERED <= self.now:
            del self.store.saved[key or ""]
            return None
        return saved

    def _admit(self, fault: Fault | None) -> None:
        """Counts the request against the rate; StripeError when there are too many."""
        if fault is Fault.RATE_LIMITED:
            raise too_many()
        if self.rate_limit is None:
            return
        level, then = self._bucket
        now = time.monotonic()
        level = max(0.0, level - (now - then) * self.rate_limit)
        self._bucket = (level, now)
        if level + 1 > self.rate_limit:
            raise too_many()
        self._bucket = (level + 1, now)

    def _authorise(self, request: Request) -> None:
        key = _key(request.headers.get("authorization", ""))
        if self.keys is None:
            mode = "live" if self.account.livemode else "test"
            if not key.startswith((f"sk_{mode}_", f"rk_{mode}_")):
                raise unauthorised(key)
            return
        known = next((each for each in self.keys if hmac.compare_digest(each.encode(), key.encode())), None)
        if known is None:
            raise unauthorised(key)
        permissions = self.keys[known]
        if permissions == EVERYTHING:
            return
        endpoint, _ = endpoints.find(request.method, request.path)
        needed = endpoint.permission
        if needed not in permissions and needed.replace("_read", "_write") not in permissions:
            raise forbidden(key, self.account.id, needed)


def _key(authorization: str) -> str:
    """The API key of a request: bearer, or the user name of basic authentication."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[0]
        except ValueError:
            return ""
    return ""


def _sorted(form: str) -> bytes:
    """The same parameters in another order are the same request."""
    return "&".join(sorted(form.split("&"))).encode()
