"""Stripe's wire format: requests as forms with brackets, answers and errors as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum, auto
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The version of the API that the answers follow.
API_VERSION = "2026-10-28.endive"

#: A decoded form or JSON object: text on the way in, JSON values on the way out.
Json = dict[str, Any]

LONGEST_KEY = 255
_NOT_FOUND, _UNAUTHORISED, _FORBIDDEN, _CONFLICT, _TOO_MANY = 404, 401, 403, 409, 429
#: Deeper than any parameter of Stripe's; a form that nests further is nobody's honest mistake.
_DEEPEST = 10


class Fault(StrEnum):
    """What can go wrong between two machines, to be asked for one request at a time."""

    DROP_BEFORE = auto()  # the connection closes and nothing was done
    DROP_AFTER = auto()  # it was done, the connection closes without an answer
    RATE_LIMITED = auto()  # 429
    ERROR_500 = auto()  # 500, nothing was done, and a repetition is a new try
    SAVED_500 = auto()  # 500, nothing was done, and the same idempotency key gets it again
    SAVED_500_ACTED = auto()  # 500 although it was done, and the same idempotency key gets it again
    TIMEOUT = auto()  # done, but the answer comes later than the client waits


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. `target` is the path with its query; the names of headers are lower case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=lambda: {"host": "127.0.0.1"})
    body: bytes = b""

    @property
    def path(self) -> str:
        """The path without the query, decoded."""
        return unquote(self.target.split("?", 1)[0])

    @property
    def query(self) -> str:
        """The query as it was sent."""
        return self.target.split("?", 1)[1] if "?" in self.target else ""

    @property
    def form(self) -> str:
        """The parameters as they were sent: the query of a GET, the body of a POST."""
        return self.body.decode("utf-8", "replace") if self.method == "POST" else self.query


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP answer; `dropped` when the connection closes instead of it."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    dropped: bool = False

    @property
    def json(self) -> Json:
        """The body, decoded."""
        answer: Json = json.loads(self.body)
        return answer


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and what came of it: no response where nothing was done and the connection closed."""

    request: Request
    response: Response | None
    fault: Fault | None = None


class StripeError(Exception):
    """A refusal in Stripe's words and shape."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
    ) -> None:
        """`kind` is Stripe's `type` of error."""
        super().__init__(message)
        self.status = status
        self.error: Json = {"type": kind, "message": message}
        if code is not None:
            self.error |= {"code": code, "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"}
        if param is not None:
            self.error["param"] = param


def missing(kind: str, identifier: str, param: str, *, status: int = _NOT_FOUND) -> StripeError:
    """The object does not exist: 404 when the path names it, 400 when a parameter does."""
    return StripeError(f"No such {kind}: '{identifier}'", status=status, code="resource_missing", param=param)


def unauthorised(key: str) -> StripeError:
    """A key that is missing or wrong; of the key only the ends are repeated, as Stripe does."""
    if not key:
        return StripeError(
            "You did not provide an API key. You need to provide your API key in the Authorization header, "
            "using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
            status=_UNAUTHORISED,
        )
    return StripeError(f"Invalid API Key provided: {redacted(key)}", status=_UNAUTHORISED)


def forbidden(key: str, account: str, permission: str) -> StripeError:
    """A restricted key without a permission: Stripe names it (message seen in st-paywall issue 36 and many others)."""
    return StripeError(
        f"The provided key '{redacted(key)}' does not have the required permissions for this endpoint on account "
        f"'{account}'. Having the '{permission}' permission would allow this request to continue.",
        status=_FORBIDDEN,
    )


def too_long() -> StripeError:
    """An idempotency key beyond Stripe's limit."""
    return StripeError(f"Idempotency keys can be up to {LONGEST_KEY} characters long.")


def in_progress() -> StripeError:
    """Two requests with one idempotency key at the same time."""
    return StripeError(
        "There is currently another in-progress request using this Idempotent Key (that probably means you submitted "
        "twice, and the other request is still going through). Please try again later.",
        status=_CONFLICT,
        kind="idempotency_error",
        code="idempotency_key_in_use",
    )


def reused(key: str, first: str, now: str) -> StripeError:
    """An idempotency key that was used for something else; `first` and `now` are the two endpoints."""
    what = (
        "with the same parameters they were first used with"
        if first == now
        else f"for the same endpoint they were first used for ('{now}' vs '{first}')"
    )
    return StripeError(
        f"Keys for idempotent requests can only be used {what}. Try using a key other than '{key}' if you meant to "
        "execute a different request.",
        kind="idempotency_error",
    )


def too_many() -> StripeError:
    """More requests than the account may make."""
    return StripeError(
        "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.",
        status=_TOO_MANY,
        code="rate_limit",
    )


def broken() -> StripeError:
    """The service itself failed."""
    return StripeError(
        "An unknown error occurred while processing the request.", status=500, kind="api_error", code=None
    )


def redacted(key: str) -> str:
    """A key as Stripe repeats it: its kind and its last four characters."""
    head, tail = key[:8], key[-4:]
    return f"{head}{'*' * max(len(key) - 12, 4)}{tail}" if len(key) > len(head) + len(tail) else "*" * len(key)


def answer(status: int, value: Json, headers: Mapping[str, str]) -> Response:
    """A JSON answer."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, {"Content-Type": "application/json", "Stripe-Version": API_VERSION, **headers}, body)


def decode_form(text: str) -> Json:
    """`a[b][0][c]=v` as nested values: lists where all names are indexes, dicts elsewhere.

    Raises StripeError for names that contradict each other.
    """
    tree: Json = {}
    for position, (name, value) in enumerate(parse_qsl(text, keep_blank_values=True)):
        steps = _steps(name)
        place = tree
        for step in steps[:-1]:
            inner = place.setdefault(step or f"+{position}", {})
            if not isinstance(inner, dict):
                raise StripeError(f"Invalid request: {name} is given twice.", param=name)
            place = inner
        last = steps[-1] or f"+{position}"
        if last in place:
            raise StripeError(f"Invalid request: {name} is given twice.", param=name)
        place[last] = value
    decoded = _with_lists(tree)
    return decoded if isinstance(decoded, dict) else tree


def _steps(name: str) -> list[str]:
    first, bracket, rest = name.partition("[")
    steps = [first, *(rest.removesuffix("]").split("][") if bracket else [])]
    if len(steps) > _DEEPEST:
        raise StripeError("Invalid request: the parameters are nested too deeply.", param=first)
    return steps


def _with_lists(value: str | Json, *, top: bool = True) -> str | Json | list[Any]:
    if isinstance(value, str):
        return value
    parts = {name: _with_lists(part, top=False) for name, part in value.items()}
    counted = [str(index) for index in range(len(parts))]
    if not top and parts and (sorted(parts, key=len) == counted or all(name.startswith("+") for name in parts)):
        return list(parts.values())
    return parts
