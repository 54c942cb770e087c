"""The payment page of a link, for a person with a browser."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from generator.sandbox.markup import button, footer, message, page, redirect
from generator.sandbox.money import CARD, DEBIT, NotPossibleError
from generator.sandbox.words import amount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.sandbox.records import Session
    from generator.sandbox.service import Sandbox
    from generator.sandbox.wire import Response

_NOT_FOUND, _GONE = 404, 410
REFUSED = "refused"


def open_link(sandbox: Sandbox, identifier: str, words: Mapping[str, str]) -> Response:
    """Visiting a link opens a new page for this visitor, as at Stripe; an inactive one says so in the owner's words."""
    link = sandbox.store.links.get(identifier)
    if link is None:
        return message(words, words["not_found"], status=_NOT_FOUND)
    try:
        session = sandbox.open_session(identifier)
    except NotPossibleError:
        return message(words, words["inactive"], link.inactive_message or "", status=_GONE)
    return redirect(f"/c/pay/{session}")


def show(sandbox: Sandbox, identifier: str, words: Mapping[str, str]) -> Response:
    """The page of one visitor: what is paid and how, or what became of it."""
    with sandbox.lock:
        sandbox.payments.lapse(sandbox.now)
    session = sandbox.store.sessions.get(identifier)
    if session is None:
        return message(words, words["not_found"], status=_NOT_FOUND)
    total = amount(session.amount, session.currency, words["language"])
    if session.status == "expired":
        return message(words, words["expired"], words["expired_more"], status=_GONE)
    if session.status == "complete":
        outcome = "paid" if session.payment_status == "paid" else "on_its_way"
        said = sandbox.store.links[session.link].confirmation or words[f"{outcome}_more"].format(amount=total)
        return message(words, words[outcome], said)
    return _form(sandbox, session, total, words)


def _form(sandbox: Sandbox, session: Session, total: str, words: Mapping[str, str]) -> Response:
    title = words["pay"].format(amount=total)
    failed = session.intent is not None and sandbox.store.intents[session.intent].last_error is not None
    note = f'<p class="note" role="alert">{escape(words["was_refused"])}</p>' if failed else ""
    ways = [each for each in (CARD, DEBIT) if each in session.methods] + [REFUSED] * (CARD in session.methods)
    buttons = "".join(
        button(words, sandbox.token, f"/c/pay/{session.id}", {"method": way}, "wide main" if way == ways[0] else "wide")
        for way in ways
    )
    body = (
        f'<h1>{escape(title)}</h1><p class="lead">{escape(words["to"].format(seller=sandbox.account.name))}</p>'
        f'{note}<div class="card">{_lines(sandbox, session, words)}</div>'
        f"<h2>{escape(words['choose'])}</h2>{buttons}{_note(sandbox, session)}{footer(words)}"
    )
    return page(words, f"{title} {words['to'].format(seller=sandbox.account.name)}", body, leads_to=session.success_url)


def _note(sandbox: Sandbox, session: Session) -> str:
    said = sandbox.store.links[session.link].custom_text.get("submit")
    return f'<p class="soft">{escape(said)}</p>' if said else ""


def _lines(sandbox: Sandbox, session: Session, words: Mapping[str, str]) -> str:
    rows = []
    for line in sandbox.store.links[session.link].lines:
        description = f'<br><span class="soft">{escape(line.description)}</span>' if line.description else ""
        times = f" × {line.quantity}" if line.quantity > 1 else ""
        sum_ = amount(line.total, line.currency, words["language"])
        rows.append(
            f'<div class="row"><div>{escape(line.name)}{times}{description}</div><div class="sum">{escape(sum_)}</div></div>'
        )
    if len(rows) > 1:
        total = amount(session.amount, session.currency, words["language"])
        rows.append(f'<div class="row"><div>{escape(words["total"])}</div><div class="sum">{escape(total)}</div></div>')
    return "".join(rows)


def pay(sandbox: Sandbox, identifier: str, method: str, words: Mapping[str, str]) -> Response:
    """What the visitor chose, then back to where the seller wants them. What is no longer possible shows the page as it is now."""
    session = sandbox.store.sessions.get(identifier)
    if session is None:
        return message(words, words["not_found"], status=_NOT_FOUND)
    here = redirect(f"/c/pay/{identifier}")
    try:
        if method == REFUSED:
            sandbox.refuse(identifier)
            return here
        sandbox.pay_session(identifier, method=method)
    except NotPossibleError:
        return here
    if session.success_url is None:
        return here
    return redirect(session.success_url.replace("{CHECKOUT_SESSION_ID}", identifier))
