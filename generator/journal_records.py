"""An event of the journal ↔ one line of JSON. Fields have the names that they have in `generator.domain`."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from generator.domain.claims import ClaimedPeriod, FeesClaimed
from generator.domain.delivery import (
    Answered,
    AnswersRead,
    Approved,
    Logged,
    Means,
    MessagePrepared,
    MessageSent,
    Outcome,
    Resend,
    SendIntended,
    SendResult,
    SentItem,
)
from generator.domain.memory import (
    Event,
    GoneAccepted,
    KeyMade,
    LinksSeen,
    MoneyMoved,
    OfferKind,
    OfferMade,
    Reconciled,
    Reviewed,
)
from generator.domain.money import is_currency
from generator.domain.policy import Interval

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_KINDS: dict[str, type[Event]] = {
    "key": KeyMade,
    "offer": OfferMade,
    "fees": FeesClaimed,
    "sent": MessageSent,
    "reviewed": Reviewed,
    "gone": GoneAccepted,
    "links": LinksSeen,
    "money": MoneyMoved,
    "reconciled": Reconciled,
    "prepared": MessagePrepared,
    "approved": Approved,
    "intent": SendIntended,
    "result": SendResult,
    "resend": Resend,
    "log": Logged,
    "answer": Answered,
    "answers-read": AnswersRead,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_YEARS = frozenset({365, 366})  #: days
_DATES = frozenset({"on", "made_on", "valid_until", "issued", "until", "corrected_on"})
_TEXTS = frozenset(
    {
        *("client", "key", "currency", "reference", "step", "channel", "fingerprint", "stripe", "status", "fee"),
        *("attempt", "message_id", "subject", "digest", "detail", "id", "text", "how", "sender", "note"),
        *("invoice", "indemnity_article"),
    }
)
#: Left out of a line when there is nothing in them, so that most lines stay as short as they were.
_OPTIONAL = frozenset(
    {
        *("about", "message_id", "digest", "refused", "detail"),
        *("amount_off", "parts", "shares", "personal", "waived", "voucher_days", "note", "fees", "corrected_on"),
    }
)
_WHOLE = 100  #: percent
_MOST_A_YEAR = 1000  #: percent of interest, of which no law and no contract has ever heard
_NEVER_WRITTEN: dict[type, frozenset[str]] = {OfferMade: frozenset({"own"}), Reconciled: frozenset({"client"})}


class NewerError(ValueError):
    """A line that a later version of relance wrote: an event or a field that this one does not know."""


def line_of(event: Event) -> str:
    """The line of an event, with its end."""
    record = {"event": _NAMES[type(event)], **_plain(event)}
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"


def event_of(line: str) -> Event:
    """The event of a line. Raises NewerError, or ValueError, KeyError, TypeError, AttributeError for what is none."""
    return _event(json.loads(line))


def _plain(value: Any) -> Any:  # noqa: ANN401 - the JSON form of any field of an event
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if hasattr(value, "__dataclass_fields__"):
        unwritten = _NEVER_WRITTEN.get(type(value), frozenset())
        return {
            field.name: _plain(found)
            for field in fields(value)
            if field.name not in unwritten and ((found := getattr(value, field.name)) or field.name not in _OPTIONAL)
        }
    return value


def _event(record: dict[str, Any]) -> Event:
    """The event of one line. Raises ValueError, KeyError or TypeError for anything that is not one."""
    values = dict(record)
    name = values.pop("event")
    kind = _KINDS.get(name) if isinstance(name, str) else None
    if kind is None or not values.keys() <= {field.name for field in fields(kind)}:
        raise NewerError(record)
    for name, value in values.items():
        if name in _TEXTS and not isinstance(value, str):
            raise TypeError(name)
        if name in _DATES:
            values[name] = date.fromisoformat(value)
        elif name == "items":
            values[name] = _items(kind, value)
        elif name in _READERS:
            values[name] = _READERS[name](value)
    if kind is OfferMade:
        values["kind"] = OfferKind(values["kind"])
        values["percent"], values["waived"] = _percents([values.get("percent", "0"), values.get("waived", "0")])
        values["interval"] = Interval(values.get("interval", "month"))
        values["dates"] = tuple(date.fromisoformat(day) for day in values.get("dates", ()))
    event = kind(**values)
    if not _is_sound(event) or (isinstance(event, OfferMade) and not _is_sound_offer(event)):
        raise ValueError(record)
    if isinstance(event, FeesClaimed) and not _is_sound_claim(event):
        raise ValueError(record)
    return event


def _is_sound(event: Event) -> bool:
    """Whether what has a type of its own is of it, and no key could leave its place in an address."""
    match event:
        case KeyMade():
            return event.key.isalnum() and event.key.isascii() and isinstance(event.generation, int)
        case LinksSeen():
            return isinstance(event.live, bool)
        case MoneyMoved():
            return type(event.amount) is int
        case Reconciled():
            return not event.client
        case Logged():
            return isinstance(event.reached, bool)
    return True


def _is_sound_offer(offer: OfferMade) -> bool:
    """Whether its amounts are whole minor units of more than nothing, and each that was given has its date."""
    given = len(offer.parts) in {0, len(offer.dates)} and all(part > 0 for part in offer.parts)
    shared = not offer.shares or (
        len(offer.shares) == len(offer.dates) and min(offer.shares) > 0 and sum(offer.shares) == _WHOLE
    )
    given = given and shared and not (offer.parts and offer.shares)
    counted = all(
        type(number) is int and number >= 0 for number in (offer.debt, offer.amount_off, offer.voucher_days, offer.fees)
    )
    later = not offer.voucher_days or offer.kind is OfferKind.DISCOUNT
    return counted and later and given and isinstance(offer.personal, bool)


def _is_sound_claim(claim: FeesClaimed) -> bool:
    """Whether its amounts are whole minor units of a currency, and its periods days one after the other until its own."""
    amounts = (claim.total, claim.indemnity, *(part for one in claim.periods for part in (one.base, one.interest)))
    days = [day for one in claim.periods for day in (one.begins, one.ends)]
    ordered = days == sorted(days) and all(day <= claim.until for day in days) and claim.until <= claim.on
    counted = all(type(amount) is int and amount >= 0 for amount in amounts)
    years = all(type(one.year_days) is int and one.year_days in _YEARS for one in claim.periods)
    later = claim.corrected_on is None or claim.on <= claim.corrected_on
    return counted and ordered and years and later and is_currency(claim.currency)


def _moment(text: str) -> datetime:
    """A moment in UTC that says so: one without its zone could be any of twenty-four."""
    moment = datetime.fromisoformat(text)
    if moment.utcoffset() != timedelta(0):
        raise ValueError(text)
    return moment.astimezone(UTC)


def _links(pairs: Any) -> tuple[tuple[str, str], ...]:  # noqa: ANN401 - whatever stands in the line
    if not isinstance(pairs, list) or not all(
        isinstance(pair, list) and [type(part) for part in pair] == [str, str] for pair in pairs
    ):
        raise TypeError(pairs)
    return tuple((key, url) for key, url in pairs)


def _sent_items(items: Any) -> tuple[SentItem, ...]:  # noqa: ANN401 - whatever stands in the line
    return tuple(
        SentItem(
            invoice=str(item["invoice"]),
            step=str(item["step"]),
            issued=date.fromisoformat(item["issued"]),
            total=int(item["total"]),
            currency=str(item["currency"]),
            final=item.get("final") is True,
        )
        for item in items
    )


def _items(kind: type[Event], items: Any) -> object:  # noqa: ANN401 - whatever stands in the line
    """What a message listed: with what recognises an invoice later, or by number alone."""
    return _texts(items) if kind in {MessagePrepared, Approved} else _sent_items(items)


def _sums(pairs: Any) -> tuple[tuple[str, int], ...]:  # noqa: ANN401 - whatever stands in the line
    if not all([type(part) for part in pair] == [str, int] for pair in pairs):
        raise TypeError(pairs)
    return tuple((currency, amount) for currency, amount in pairs)


def _minor(values: Any) -> tuple[int, ...]:  # noqa: ANN401 - whatever stands in the line
    if not isinstance(values, list) or not all(type(value) is int for value in values):
        raise TypeError(values)
    return tuple(values)


def _periods(values: Any) -> tuple[ClaimedPeriod, ...]:  # noqa: ANN401 - whatever stands in the line
    return tuple(_period(value) for value in values)


def _period(record: dict[str, Any]) -> ClaimedPeriod:
    if not record.keys() <= {field.name for field in fields(ClaimedPeriod)}:
        raise NewerError(record)
    values: dict[str, Any] = dict(record)
    for name in ("basis", "article", "percent"):
        if not isinstance(values[name], str):
            raise TypeError(name)
    for name in ("begins", "ends"):
        values[name] = date.fromisoformat(values[name])
    values["percent"] = Decimal(values["percent"])
    if not values["percent"].is_finite() or not 0 <= values["percent"] <= _MOST_A_YEAR:
        raise ValueError(record)
    return ClaimedPeriod(**values)


def _percents(values: Any) -> tuple[Decimal, ...]:  # noqa: ANN401 - whatever stands in the line
    if not isinstance(values, list) or not all(type(value) is str for value in values):
        raise TypeError(values)
    found = tuple(Decimal(value) for value in values)
    if not all(percent.is_finite() and 0 <= percent <= _WHOLE for percent in found):
        raise ValueError(values)
    return found


def _texts(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(str(value) for value in values)


#: How a field is read that is no text and no date, by its name: the same in every kind of event.
_READERS: dict[str, Callable[[Any], object]] = {
    "at": _moment,
    "up_to": _moment,
    "links": _links,
    "invoices": _texts,
    "about": _texts,
    "to": _texts,
    "attempts": _texts,
    "refused": _texts,
    "ids": _texts,
    "principal": _sums,
    "parts": _minor,
    "shares": _percents,
    "periods": _periods,
    "outcome": Outcome,
    "means": Means,
}
