"""What Stripe's objects mean: its payment links, checkouts, refunds and disputes as values of the domain, and back.

Nothing here speaks to Stripe. Our notes on its objects (metadata) name no client: an account is a code.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from generator.domain.charges import from_charge_units
from generator.domain.ledger import Progress
from generator.domain.linkplan import Seen
from generator.domain.reconciliation import Receipt, Returned, Why

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.domain.linkplan import Wanted
    from generator.domain.money import Money

MARK = "relance_"
_LONGEST_METADATA = 500  # characters of one value: https://docs.stripe.com/api/metadata
_MOST_NOTES = 40  # of the fifty that an object may have
_BETWEEN = "; "


class Words(Protocol):
    """What the client reads at Stripe."""

    @property
    def title(self) -> str:
        """What is paid."""

    @property
    def description(self) -> str:
        """More about it, or nothing."""

    @property
    def note(self) -> str:
        """A word near the button, or nothing."""

    @property
    def inactive_message(self) -> str:
        """What stands in the place of a link that was taken down."""


def notes_of(metadata: Any) -> Mapping[str, str]:  # noqa: ANN401 - an object of the library, or nothing
    """What relance noted on an object, by name."""
    found = metadata.to_dict() if metadata is not None else {}
    return {name.removeprefix(MARK): str(text) for name, text in found.items() if name.startswith(MARK)}


def notes_on(ledger: str, wanted: Wanted, generation: int) -> dict[str, str]:
    """What relance notes on a link and on its payment, to know them again without any record of its own."""
    noted = {
        "ledger": ledger,
        "key": wanted.key,
        "kind": str(wanted.kind),
        "fingerprint": wanted.fingerprint,
        "generation": str(generation),
        "account": wanted.account,
        "reference": wanted.reference,
        **_numbers(wanted.invoices),
    }
    return {f"{MARK}{name}": text for name, text in noted.items() if 0 < len(text) <= _LONGEST_METADATA}


def _numbers(invoices: tuple[str, ...]) -> dict[str, str]:
    """All the invoices, in as many notes as it takes; none at all when even these do not hold them."""
    notes = [""]
    for number in invoices:
        longer = f"{notes[-1]}{_BETWEEN}{number}" if notes[-1] else number
        if len(longer) <= _LONGEST_METADATA:
            notes[-1] = longer
        else:
            notes.append(number)
    if len(notes) > _MOST_NOTES or any(len(note) > _LONGEST_METADATA for note in notes):
        return {}
    return {f"invoices{f'_{place}' if place else ''}": note for place, note in enumerate(notes)}


def _invoices(noted: Mapping[str, str]) -> tuple[str, ...]:
    """The invoices that a link was made for; nothing when they were not noted."""
    texts = [noted.get("invoices", ""), *(noted.get(f"invoices_{place}", "") for place in range(1, _MOST_NOTES))]
    return tuple(number for text in texts for number in text.split(_BETWEEN) if number)


def _when(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def seen_link(link: Any, wanted: Wanted | None = None) -> Seen:  # noqa: ANN401 - an object of the library
    """A link as Stripe has it. `wanted` is what it was made for a moment ago."""
    noted = notes_of(link.metadata)
    limit = link.restrictions.completed_sessions if link.restrictions else None
    return Seen(
        id=link.id,
        url=link.url,
        active=link.active,
        used=limit is not None and limit.count >= limit.limit,
        key=noted.get("key", ""),
        fingerprint=noted.get("fingerprint", ""),
        generation=int(noted["generation"]) if noted.get("generation", "").isdecimal() else 0,
        account=noted.get("account", ""),
        amount=wanted.amount if wanted else _charged(link) if limit is not None and limit.limit == 1 else None,
        invoices=frozenset(_invoices(noted)),
        kind=noted.get("kind", ""),
    )


def _charged(link: Any) -> Money | None:  # noqa: ANN401 - an object of the library
    """What a link charges: one line, once. Anything else was edited by hand."""
    found = getattr(link, "line_items", None)
    lines = found.data if found else []
    if len(lines) != 1 or lines[0].quantity != 1:
        return None
    return from_charge_units(lines[0].amount_total, lines[0].currency)


def receipt_of(session: Any) -> Receipt:  # noqa: ANN401 - an object of the library
    """A complete checkout session, its intent and charge expanded."""
    noted, intent = notes_of(session.metadata), session.payment_intent
    charge = getattr(intent, "latest_charge", None)
    if session.payment_status == "paid":
        progress = Progress.PAID
    elif intent is not None and intent.status == "processing":
        progress = Progress.IN_FLIGHT
    else:
        progress = Progress.FAILED
    ids = (*((intent.id,) if intent else ()), *((charge.id,) if charge else ()), session.id)
    means = getattr(getattr(charge, "payment_method_details", None), "type", "")
    return Receipt(
        ids=ids,
        link=session.payment_link if isinstance(session.payment_link, str) else session.payment_link.id,
        account=noted.get("account", ""),
        reference=noted.get("reference", ""),
        amount=from_charge_units(session.amount_total, session.currency),
        progress=progress,
        at=_when(charge.created if charge else session.created),
        begun=_when(session.created),
        method=means,
        fee=_fee(getattr(charge, "balance_transaction", None)),
        invoices=_invoices(noted),
    )


def refund_of(refund: Any) -> Returned:  # noqa: ANN401 - an object of the library
    """A refund, its intent expanded."""
    gone = refund.status in {"succeeded", "pending", "requires_action"}
    return Returned(
        id=refund.id,
        of=refund.payment_intent.id,
        why=Why.REFUND,
        amount=from_charge_units(refund.amount, refund.currency),
        progress=Progress.PAID if gone else Progress.CANCELLED,
        at=_when(refund.created),
        invoices=_invoices(notes_of(refund.payment_intent.metadata)),
        fee=_fee(refund.balance_transaction),
    )


def dispute_of(dispute: Any) -> Returned:  # noqa: ANN401 - an object of the library
    """A dispute, its intent expanded."""
    back = dispute.status in {"won", "prevented"}
    return Returned(
        id=dispute.id,
        of=dispute.payment_intent.id,
        why=Why.DISPUTE,
        amount=from_charge_units(dispute.amount, dispute.currency),
        progress=Progress.CANCELLED if back else Progress.PAID,
        at=_when(dispute.created),
        invoices=_invoices(notes_of(dispute.payment_intent.metadata)),
    )


def _fee(transaction: Any) -> str:  # noqa: ANN401 - a balance transaction, its id, or nothing
    """What Stripe kept of it, in the currency of the owner's account."""
    if not getattr(transaction, "fee", 0):
        return ""
    fee = from_charge_units(transaction.fee, transaction.currency)
    return f"{fee} {fee.currency}"
