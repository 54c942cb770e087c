"""Which page answers, and who may ask."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from generator.sandbox import board, checkout
from generator.sandbox.markup import message, redirect
from generator.sandbox.words import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.sandbox.service import Sandbox
    from generator.sandbox.wire import Request, Response

_NOT_FOUND, _FORBIDDEN = 404, 403
_OURS = frozenset({"127.0.0.1", "localhost", "::1"})


def ours(sandbox: Sandbox, request: Request) -> bool:
    """Whether the request was meant for this machine: a foreign name that leads here is another site's trick (DNS rebinding)."""
    try:
        host = urlsplit(f"//{request.headers.get('host', '')}").hostname
    except ValueError:
        return False
    return host in _OURS or (sandbox.base_url is not None and host == urlsplit(sandbox.base_url).hostname)


def handle(sandbox: Sandbox, request: Request) -> Response:
    """The page of a path; a form only from one of our pages."""
    said = words(request.headers.get("accept-language", ""))
    steps = [step for step in request.path.split("/") if step]
    if request.method == "POST":
        form = dict(parse_qsl(request.form, keep_blank_values=True))
        if not hmac.compare_digest(form.get("token", "").encode(), sandbox.token.encode()):
            return message(said, said["foreign"], status=_FORBIDDEN)
        return _done(sandbox, steps, form, said)
    return _read(sandbox, steps, said)


def _read(sandbox: Sandbox, steps: list[str], said: Mapping[str, str]) -> Response:
    match steps:
        case []:
            return redirect("/sandbox")
        case ["sandbox"]:
            return board.show(sandbox, said)
        case ["pay", link]:
            return checkout.open_link(sandbox, link, said)
        case ["c", "pay", session]:
            return checkout.show(sandbox, session, said)
    return message(said, said["not_found"], status=_NOT_FOUND)


def _done(sandbox: Sandbox, steps: list[str], form: Mapping[str, str], said: Mapping[str, str]) -> Response:
    match steps:
        case ["sandbox"]:
            return board.act(sandbox, form, said)
        case ["c", "pay", session]:
            return checkout.pay(sandbox, session, form.get("method", ""), said)
    return message(said, said["not_found"], status=_NOT_FOUND)
