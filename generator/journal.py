"""The journal: what relance did and offered, append-only, one file a run.

`journal/2026-11/20261122T060312Z-7f3a.jsonl`: JSON Lines, one event a line. A file is written aside, synced to disk and
renamed into place, so it is there whole or not at all, and never changes afterwards: two runs cannot conflict in git.
The order in which files are read means nothing (see `generator.domain.memory`).
"""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from generator.domain.ledger import SourceRef
from generator.domain.memory import (
    Event,
    KeyMade,
    LinksSeen,
    Memory,
    MessageSent,
    MoneyMoved,
    OfferKind,
    OfferMade,
    Reconciled,
    Reviewed,
    SentItem,
)
from generator.domain.policy import Interval
from generator.errors import OutsideError
from generator.problems.run import JOURNAL_UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from generator.domain.ledger import Problem

_KINDS: dict[str, type[Event]] = {
    "key": KeyMade,
    "offer": OfferMade,
    "sent": MessageSent,
    "reviewed": Reviewed,
    "links": LinksSeen,
    "money": MoneyMoved,
    "reconciled": Reconciled,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_DATES = frozenset({"on", "made_on", "valid_until", "issued"})
_TEXTS = frozenset(
    {"client", "key", "currency", "reference", "step", "channel", "fingerprint", "stripe", "status", "fee"}
)
_NEVER_WRITTEN: dict[type, frozenset[str]] = {OfferMade: frozenset({"own"}), Reconciled: frozenset({"client"})}


def read_journal(folder: Path) -> tuple[Memory, list[Problem]]:
    """All events of a journal folder. A line that cannot be read is a problem, whatever stands in the others."""
    events: list[Event] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob("*/*.jsonl")):
        name = f"{folder.name}/{path.parent.name}/{path.name}"
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            problems.append(JOURNAL_UNREADABLE.at(SourceRef(name), type(error).__name__))
            continue
        for number, line in enumerate(text.split("\n"), start=1):
            if not line.strip():
                continue
            try:
                events.append(_event(json.loads(line)))
            except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation, RecursionError):
                problems.append(JOURNAL_UNREADABLE.at(SourceRef(name, number), line))
    return Memory.of(events), problems


def append(folder: Path, events: Sequence[Event], now: datetime) -> Path | None:
    """Writes the events of one run as one new file and returns it; no file for no event.

    Raises OutsideError when the disk refuses; then nothing of it is there.
    """
    if not events:
        return None
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    month = folder / now.astimezone(UTC).strftime("%Y-%m")
    path = month / f"{stamp}-{secrets.token_hex(4)}.jsonl"
    aside = path.with_suffix(".tmp")
    data = "".join(json.dumps(_record(event), ensure_ascii=False, separators=(",", ":")) + "\n" for event in events)
    try:
        month.mkdir(parents=True, exist_ok=True)
        with aside.open("w", encoding="utf-8", newline="\n") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.rename(path)
        _sync(month)
    except OSError as error:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise OutsideError(f"the journal cannot be written in {month}: {error.strerror}. Nothing was built.") from error
    return path


def _sync(folder: Path) -> None:
    """Makes the rename itself last; some systems cannot sync a folder, and then the file alone is safe."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _record(event: Event) -> dict[str, Any]:
    return {"event": _NAMES[type(event)], **_plain(event)}


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
            field.name: _plain(getattr(value, field.name)) for field in fields(value) if field.name not in unwritten
        }
    return value


def _event(record: dict[str, Any]) -> Event:
    """The event of one line. Raises ValueError, KeyError or TypeError for anything that is not one."""
    values = dict(record)
    kind = _KINDS[values.pop("event")]
    for name, value in values.items():
        if name in _TEXTS and not isinstance(value, str):
            raise TypeError(name)
        if name in _DATES:
            values[name] = date.fromisoformat(value)
        elif name in _READERS:
            values[name] = _READERS[name](value)
    if kind is OfferMade:
        values["kind"] = OfferKind(values["kind"])
        values["percent"] = Decimal(values.get("percent", "0"))
        values["interval"] = Interval(values.get("interval", "month"))
        values["dates"] = tuple(date.fromisoformat(day) for day in values.get("dates", ()))
    event = kind(**values)
    if not _is_sound(event):
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
    return True


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


def _texts(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(str(value) for value in values)


#: How a field is read that is no text and no date, by its name: the same in every kind of event.
_READERS: dict[str, Callable[[Any], object]] = {
    "at": _moment,
    "up_to": _moment,
    "links": _links,
    "items": _sent_items,
    "invoices": _texts,
}
