"""The board: what a bank, a client and the owner would do to payments, done by hand."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from html import escape
from itertools import islice
from typing import TYPE_CHECKING

from generator.sandbox.markup import button, page, redirect
from generator.sandbox.money import CARD, NotPossibleError
from generator.sandbox.settings import decimals
from generator.sandbox.words import amount, moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.sandbox.records import Charge, Dispute, Link
    from generator.sandbox.service import Sandbox
    from generator.sandbox.wire import Response

_SHOWN = 50
_REFUSED = 422
#: An amount on the page is short; what is longer is no amount.
_DIGITS = 16


def show(sandbox: Sandbox, words: Mapping[str, str], *, problem: bool = False) -> Response:
    """All payments and links, the newest first, with what can be done to each."""
    with sandbox.lock:
        contested = {dispute.charge: dispute for dispute in sandbox.store.disputes}
        charges = sandbox.store.charges
        payments = "".join(
            _payment(sandbox, charge, contested.get(charge.id), words) for charge in islice(charges.older(None), _SHOWN)
        )
        active = [link for link in sandbox.store.links.older(None) if link.active]
        links = "".join(_link(link, words) for link in active[:_SHOWN])
        body = (
            f'<h1>{escape(words["board"])}</h1><p class="lead">{escape(words["board_lead"])}</p>'
            + (f'<p class="note" role="alert">{escape(words["impossible"])}</p>' if problem else "")
            + _section(words, "payments", payments, len(charges))
            + _section(words, "links", links, len(active))
        )
    return page(words, words["board"], body, status=_REFUSED if problem else 200)


def act(sandbox: Sandbox, form: Mapping[str, str], words: Mapping[str, str]) -> Response:
    """Does what a button says, then shows the board again."""
    try:
        _do(sandbox, form.get("act", ""), form.get("payment", ""), form.get("amount", ""))
    except (NotPossibleError, LookupError):
        return show(sandbox, words, problem=True)
    return redirect("/sandbox")


def _do(sandbox: Sandbox, act: str, payment: str, written: str) -> None:
    """Raises NotPossibleError or LookupError where it cannot be done."""
    charge = sandbox.store.charges[payment]
    if act == "clear":
        sandbox.clear(payment)
    elif act == "fail":
        sandbox.fail(payment)
    elif act == "refund":
        sandbox.refund(payment, _minor(written, charge.currency))
    elif act == "dispute":
        sandbox.dispute(payment)
    elif act in ("won", "lost"):
        dispute = next((each for each in sandbox.store.disputes if each.charge == payment), None)
        if dispute is None:
            raise NotPossibleError(payment)
        sandbox.close_dispute(dispute.id, won=act == "won")
    else:
        raise NotPossibleError(act)


def _minor(written: str, currency: str) -> int | None:
    """The amount as written, in minor units; None for nothing written. Raises NotPossibleError for no amount."""
    plain = "".join(written.split()).replace(",", ".").strip("€$£")
    if not plain:
        return None
    try:
        scaled = Decimal(plain[:_DIGITS]).scaleb(decimals(currency))
        minor = int(scaled)
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise NotPossibleError(written) from error
    if scaled != minor or len(plain) > _DIGITS:
        raise NotPossibleError(written)
    return minor


def _section(words: Mapping[str, str], name: str, cards: str, total: int) -> str:
    some = f'<p class="soft">{escape(words["more"].format(count=_SHOWN, total=total))}</p>' if total > _SHOWN else ""
    inside = f"<ul>{cards}</ul>" if cards else f'<p class="soft">{escape(words[f"no_{name}"])}</p>'
    return f"<h2>{escape(words[name])}</h2>{some}{inside}"


def _link(link: Link, words: Mapping[str, str]) -> str:
    total = escape(amount(link.total, link.currency, words["language"]))
    names = escape(", ".join(line.name for line in link.lines))
    return (
        f'<li class="card"><div class="row"><h3 id="name-{escape(link.id)}">{names}</h3><span class="sum">{total}</span></div>'
        f'<div class="acts"><a class="button" href="/pay/{escape(link.id)}" id="open-{escape(link.id)}" '
        f'aria-labelledby="open-{escape(link.id)} name-{escape(link.id)}">{escape(words["open"])}</a></div></li>'
    )


def _payment(sandbox: Sandbox, charge: Charge, dispute: Dispute | None, words: Mapping[str, str]) -> str:
    link = sandbox.store.links[sandbox.store.sessions[sandbox.store.intents[charge.intent].session].link]
    language = words["language"]
    when = moment(charge.created, sandbox.clock().tzinfo, language)
    names = escape(", ".join(line.name for line in link.lines))
    total = escape(amount(charge.amount, charge.currency, language))
    return (
        f'<li class="card"><div class="row"><h3 id="name-{escape(charge.id)}">{names}</h3><span class="sum">{total}</span></div>'
        f"<p><strong>{escape(_state(charge, dispute, words))}</strong></p>"
        f'<p class="soft">{escape(when)}, {escape(words[f"by_{charge.kind}"])}</p>'
        f"{_acts(sandbox, charge, dispute, words)}</li>"
    )


def _state(charge: Charge, dispute: Dispute | None, words: Mapping[str, str]) -> str:
    if dispute is not None:
        return words[f"state_{dispute.status}"]
    if charge.refunded:
        given = amount(charge.refunded, charge.currency, words["language"])
        return words["state_refunded"] if charge.refunded == charge.amount else words["state_part"].format(amount=given)
    if charge.status == "failed" and charge.kind == CARD:
        return words["state_failed_card"]
    return words[f"state_{charge.status}"]


def _acts(sandbox: Sandbox, charge: Charge, dispute: Dispute | None, words: Mapping[str, str]) -> str:
    if charge.status == "pending":
        names = ["clear", "fail"]
    elif dispute is not None:
        names = ["won", "lost"] if dispute.status == "needs_response" else []
    elif charge.status == "succeeded" and charge.refunded < charge.amount:
        names = ["dispute"]
    else:
        names = []
    forms = "".join(button(words, sandbox.token, "/sandbox", {"act": name, "payment": charge.id}) for name in names)
    if not names:
        return ""
    refund = _refund(sandbox, charge, words) if names == ["dispute"] else ""
    return f'<div class="acts" role="group" aria-labelledby="name-{escape(charge.id)}">{refund}{forms}</div>'


def _refund(sandbox: Sandbox, charge: Charge, words: Mapping[str, str]) -> str:
    field = f"amount-{escape(charge.id)}"
    return (
        f'<form method="post" action="/sandbox" class="acts"><input type="hidden" name="act" value="refund">'
        f'<input type="hidden" name="payment" value="{escape(charge.id)}">'
        f'<input type="hidden" name="token" value="{escape(sandbox.token)}">'
        f'<div><label for="{field}">{escape(words["refund_amount"])} '
        f'<span class="soft">({escape(words["refund_hint"])})</span></label>'
        f'<input type="text" id="{field}" name="amount" inputmode="decimal" autocomplete="off"></div>'
        f"<button>{escape(words['refund'])}</button></form>"
    )
