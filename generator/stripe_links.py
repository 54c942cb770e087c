"""Stripe: the only module that speaks to it. Payment links out, what was paid through them in, as values of the domain.

Links are known by their metadata, which names no client: an account is a code. Every request goes through one throttle;
what Stripe refuses for a moment is asked again, and what it refuses for good ends the run with its reason.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import stripe
from stripe import StripeClient

from generator.domain.charges import charge_units
from generator.errors import OutsideError
from generator.stripe_objects import dispute_of, notes_of, notes_on, receipt_of, refund_of, seen_link
from generator.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator
    from datetime import datetime
    from types import TracebackType
    from typing import Self

    from stripe.checkout import Session
    from stripe.params import (
        DisputeListParams,
        PaymentLinkCreateParams,
        PaymentLinkListParams,
        RefundListParams,
    )
    from stripe.params.checkout import SessionListParams

    from generator.domain.linkplan import Seen, Wanted
    from generator.domain.reconciliation import Receipt, Returned
    from generator.stripe_objects import Words

T = TypeVar("T")
Found = TypeVar("Found", bound=stripe.StripeObject)

API = stripe.DEFAULT_API_BASE
REQUESTS_A_SECOND = 18  # Stripe allows 25 on one endpoint: https://docs.stripe.com/rate-limits
AT_ONCE = 8
_ATTEMPTS = 6
_PAGE = 100
_WITH_FEE = "data.payment_intent.latest_charge.balance_transaction"
_TIMEOUT = 30
_SERVER_ERROR = 500
_CONFLICT = 409

stripe.enable_telemetry = False


class LinkNotMadeError(OutsideError):
    """Stripe may or may not have made the link: only a look at the links tells."""


class NotOpenError(OutsideError):
    """The checkout is over: paid, on its way to be, or expired."""


class RefusedError(OutsideError):
    """Stripe refuses for good; asking again would not help."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose Stripe account it is, as far as the key may tell."""

    id: str
    country: str
    currency: str


class Cashier:
    """A Stripe account as one ledger sees it. Close it, or use it in a `with` statement."""

    def __init__(
        self,
        key: str,
        ledger: str,
        *,
        base: str = API,
        rate: float = REQUESTS_A_SECOND,
        timeout: float = _TIMEOUT,
        sleep: Callable[[float], None] = time.sleep,
        transport: stripe.HTTPClient | None = None,
    ) -> None:
        """`ledger` marks our links among all those of the account; `transport` carries the requests, if not the network does."""
        self.ledger = ledger
        self.base = base
        self.live = "_live_" in key
        self.restricted = key.startswith("rk_")
        self.foreign = 0
        self.throttle = Throttle(rate, AT_ONCE, sleep=sleep)
        if transport is None and base.startswith("http:"):  # a stand-in on this machine: no proxy is on the way
            transport = stripe.RequestsClient(timeout=timeout, proxy={"http": "", "https": ""})
        self._http = transport or stripe.RequestsClient(timeout=timeout)
        client = StripeClient(key, base_addresses={"api": base}, max_network_retries=0, http_client=self._http)
        self._api = client.v1

    def __enter__(self) -> Self:
        """The cashier itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes the connections."""
        self._http.close()  # type: ignore[no-untyped-call]

    # Links

    def links(self) -> Iterator[Seen]:
        """Every link of this ledger, the newest first; the others are counted in `foreign` and left alone."""
        self.foreign = 0

        def page(after: str) -> stripe.ListObject[stripe.PaymentLink]:
            params: PaymentLinkListParams = {"limit": _PAGE, "expand": ["data.line_items"]}
            if after:
                params["starting_after"] = after
            return self._api.payment_links.list(params)

        for link in self._each(page):
            if notes_of(link.metadata).get("ledger") == self.ledger:
                yield seen_link(link)
            else:
                self.foreign += 1

    def create(self, wanted: Wanted, words: Words, generation: int) -> Seen:
        """A new link. Asked again with the same generation, it is the same link: never a second one."""
        params = _creation(self.ledger, wanted, words, generation)
        key = f"relance-{self.ledger}-{wanted.key}-{wanted.fingerprint}-{generation}"
        for attempt in range(_ATTEMPTS):
            with suppress(LinkNotMadeError):
                options: stripe.RequestOptions = {"idempotency_key": f"{key}-{attempt}" if attempt else key}
                link = self._ask(lambda: self._api.payment_links.create(params, options), once=True)  # noqa: B023
                if not _is_repeated(link):
                    return seen_link(link, wanted)
            if (made := self._find(wanted, generation)) is not None:
                return made
            self.throttle.sleep(_backoff(attempt))
        raise OutsideError(
            f"Stripe could not make the link for {wanted.amount} {wanted.amount.currency}: try again later."
        )

    def _find(self, wanted: Wanted, generation: int) -> Seen | None:
        """The link, if an answer that was lost had made it: it is among the newest."""
        newest = self._ask(lambda: self._api.payment_links.list({"limit": _PAGE, "expand": ["data.line_items"]}))
        for link in newest.data:
            if notes_of(link.metadata).get("ledger") == self.ledger:
                seen = seen_link(link)
                if (seen.key, seen.fingerprint, seen.generation) == (wanted.key, wanted.fingerprint, generation):
                    return seen
        return None

    def activate(self, link: str) -> Seen:
        """An old link can be paid again: whoever still has its address pays the right amount."""
        return seen_link(self._ask(lambda: self._api.payment_links.update(link, {"active": True})))

    def deactivate(self, link: str) -> bool:
        """Takes a link down and ends its open checkouts. False when a payment came in before: then nothing may replace it yet."""
        free = not seen_link(self._ask(lambda: self._api.payment_links.update(link, {"active": False}))).used

        def page(after: str) -> stripe.ListObject[Session]:
            params: SessionListParams = {"limit": _PAGE, "payment_link": link}  # all: one may be paid at this moment
            if after:
                params["starting_after"] = after
            return self._api.checkout.sessions.list(params)

        for session in self._each(page):
            if session.status == "complete" or (session.status == "open" and not self._expire(session.id)):
                free = False
        return free

    def close_checkouts(self, but: Container[str]) -> bool:
        """Ends the open checkouts of our links, `but` of some. False when one of them was paid in the meantime.

        A run that was interrupted may have left them open, and so does a link that was paid in another checkout.
        """

        def page(after: str) -> stripe.ListObject[Session]:
            params: SessionListParams = {"limit": _PAGE, "status": "open"}
            if after:
                params["starting_after"] = after
            return self._api.checkout.sessions.list(params)

        strays = [
            session.id
            for session in self._each(page)
            if notes_of(session.metadata).get("ledger") == self.ledger and session.payment_link not in but
        ]
        closed = [self._expire(session) for session in strays]
        return all(closed)

    def _expire(self, session: str) -> bool:
        try:
            self._ask(lambda: self._api.checkout.sessions.expire(session))
        except NotOpenError:
            return self._ask(lambda: self._api.checkout.sessions.retrieve(session)).status == "expired"
        return True

    # Money

    def receipts(self, since: datetime | None) -> Iterator[Receipt]:
        """What was paid through links of this ledger in checkouts opened since then; all of it for None."""

        def page(after: str) -> stripe.ListObject[Session]:
            params: SessionListParams = {
                "limit": _PAGE,
                "status": "complete",
                "created": {"gte": _from(since)},
                "expand": [_WITH_FEE],
            }
            if after:
                params["starting_after"] = after
            return self._api.checkout.sessions.list(params)

        for session in self._each(page):
            if notes_of(session.metadata).get("ledger") == self.ledger and session.payment_link:
                yield receipt_of(session)

    def returned(self, since: datetime | None, disputed_since: datetime | None = None) -> Iterator[Returned]:
        """Refunds of payments of this ledger, begun since then; disputes begun since another moment, as they last longer."""

        def refunds(after: str) -> stripe.ListObject[stripe.Refund]:
            expand = ["data.payment_intent", "data.balance_transaction"]
            params: RefundListParams = {"limit": _PAGE, "created": {"gte": _from(since)}, "expand": expand}
            if after:
                params["starting_after"] = after
            return self._api.refunds.list(params)

        def disputes(after: str) -> stripe.ListObject[stripe.Dispute]:
            expand = ["data.payment_intent"]
            params: DisputeListParams = {"limit": _PAGE, "created": {"gte": _from(disputed_since)}, "expand": expand}
            if after:
                params["starting_after"] = after
            return self._api.disputes.list(params)

        for refund in self._each(refunds):
            if self._ours(refund.payment_intent):
                yield refund_of(refund)
        for dispute in self._each(disputes):
            if self._ours(dispute.payment_intent) and not dispute.status.startswith("warning_"):
                yield dispute_of(dispute)

    def _ours(self, intent: Any) -> bool:  # noqa: ANN401 - an id, an object or nothing
        return notes_of(getattr(intent, "metadata", None)).get("ledger") == self.ledger

    # The account

    def owner(self) -> Owner | None:
        """Whose account it is; None when the key may not tell."""
        try:
            account = self._ask(self._api.accounts.retrieve_current)
        except RefusedError:
            return None
        return Owner(account.id, account.country or "", (account.default_currency or "").upper())

    def permissions(self) -> dict[str, str]:
        """What relance needs, each with the reason why the key may not do it; empty for what it may."""
        nobody = "plink_relance_doctor"
        asked: dict[str, Callable[[], object]] = {
            "Payment Links: read": lambda: self._api.payment_links.list({"limit": 1}),
            "Payment Links: write": lambda: self._api.payment_links.update(nobody, {"active": False}),
            "Checkout Sessions: read": lambda: self._api.checkout.sessions.list({"limit": 1}),
            "Checkout Sessions: write": lambda: self._api.checkout.sessions.expire("cs_relance_doctor"),
            "PaymentIntents: read": lambda: self._api.payment_intents.list({"limit": 1}),
            "Balance transaction sources: read": lambda: self._api.checkout.sessions.list(
                {"limit": 1, "status": "complete", "expand": [_WITH_FEE]}
            ),
            "Charges and Refunds: read": lambda: self._api.refunds.list({"limit": 1}),
            "Disputes: read": lambda: self._api.disputes.list({"limit": 1}),
        }
        found = {}
        for name, ask in asked.items():
            found[name] = ""
            try:
                self._ask(ask)
            except NotOpenError:
                pass  # it is not there, and the key may ask for it
            except RefusedError as error:
                found[name] = str(error)
        return found

    # Requests

    def _each(self, ask: Callable[[str], stripe.ListObject[Found]]) -> Iterator[Found]:
        """What a list holds, page by page: only one is ever in memory."""
        after = ""
        while True:
            page = self._ask(lambda: ask(after))  # noqa: B023 - asked before it changes
            yield from page.data
            if not page.has_more or not page.data:
                return
            after = str(page.data[-1]["id"])

    def _ask(self, ask: Callable[[], T], *, once: bool = False) -> T:
        """One request, again after a pause when Stripe was not able to answer. `once`: not when it may have acted."""
        for attempt in range(_ATTEMPTS):
            try:
                with self.throttle:
                    return ask()
            except stripe.RateLimitError as error:
                self.throttle.pause(_retry_after(error) or _backoff(attempt))
                reason = "it is asked too often"
            except stripe.APIConnectionError:
                reason = "it cannot be reached"
            except stripe.StripeError as error:
                _end(error, once=once)
                reason = f"it failed ({error.http_status})"
            self.throttle.sleep(_backoff(attempt))
        where = "" if self.base == API else f" at {self.base} (STRIPE_API_BASE)"
        raise OutsideError(f"Stripe did not answer{where}: {reason}. Nothing more was done; run the command again.")


def _end(error: stripe.StripeError, *, once: bool) -> None:
    """Raises what no second request would change; returns for what it may."""
    if error.http_status == _CONFLICT:
        return  # locked by another request, maybe our own that nobody waited for: it is asked again, with the same key
    if once and (isinstance(error, stripe.IdempotencyError) or (error.http_status or 0) >= _SERVER_ERROR):
        raise LinkNotMadeError(str(error.user_message or error)) from error  # saved under this idempotency key
    if (error.http_status or 0) >= _SERVER_ERROR:
        return
    if isinstance(error, stripe.AuthenticationError):
        raise OutsideError("Stripe does not know this key: look at STRIPE_API_KEY, or make a new one.") from error
    if isinstance(error, stripe.PermissionError):
        raise RefusedError(f"The key may not do this. Stripe says: {error.user_message or error}") from error
    if isinstance(error, stripe.InvalidRequestError) and (
        error.code == "resource_missing" or "status" in str(error) or error.param == "session"
    ):
        raise NotOpenError(str(error.user_message or error)) from error
    raise RefusedError(f"Stripe refuses: {error.user_message or error}") from error


def _is_repeated(link: stripe.PaymentLink) -> bool:
    """Whether an answer is one that was given before: it says what was true then, and the link may have changed since."""
    return link.last_response is not None and link.last_response.headers.get("Idempotent-Replayed") == "true"


def _retry_after(error: stripe.StripeError) -> float:
    text = (error.headers or {}).get("Retry-After", "")
    return float(text) if text.isdecimal() else 0.0


def _backoff(attempt: int) -> float:
    return float(min(0.5 * 2**attempt, 8))


def _from(since: datetime | None) -> int:
    """The first second that is read; 0: from the beginning."""
    return 0 if since is None else int(since.timestamp())


def _creation(ledger: str, wanted: Wanted, words: Words, generation: int) -> PaymentLinkCreateParams:
    """A link that can be paid once, for one amount, with our notes on it and on its payment."""
    notes = notes_on(ledger, wanted, generation)
    params: PaymentLinkCreateParams = {
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": wanted.amount.currency.lower(),
                    "unit_amount": charge_units(wanted.amount),
                    "product_data": {"name": words.title},
                },
            }
        ],
        "restrictions": {"completed_sessions": {"limit": 1}},
        "payment_method_types": list(wanted.methods),
        "inactive_message": words.inactive_message,
        "after_completion": {"type": "redirect", "redirect": {"url": wanted.return_url}},
        "metadata": notes,
        "payment_intent_data": {"metadata": notes, "description": words.title},
        "expand": ["line_items"],
    }
    if words.note:
        params["custom_text"] = {"submit": {"message": words.note}}
    if words.description:
        params["line_items"][0]["price_data"]["product_data"]["description"] = words.description
    return params
