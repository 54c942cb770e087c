"""Attempts to send, as a run of `relance send` writes them into the journal of an owner's folder."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from generator.domain.delivery import Outcome, SendIntended, SendResult, SentItem
from generator.journal import append

if TYPE_CHECKING:
    from pathlib import Path

    from generator.domain.memory import Event

ITEM = SentItem("F-2026-118", "reminder-1", date(2026, 9, 30), 120_000, "EUR")
DAY = date(2026, 11, 16)


def attempt(
    folder: Path,
    *outcomes: Outcome,
    client: str = "verdier",
    to: tuple[str, ...] = ("compta@verdier.example",),
    refused: tuple[str, ...] = (),
    on: date = DAY,
    digest: str = "",
    item: SentItem = ITEM,
) -> str:
    """An attempt and what a mail server said of it, an hour apart; its name. Without an outcome nobody knows."""
    name, at = f"{client}-{on.isoformat()}", datetime.combine(on, time(9), UTC)
    subject = "Facture F-2026-118 : un mot"
    events: list[Event] = [
        SendIntended(
            client,
            name,
            item.step,
            "email",
            on,
            (item,),
            to,
            subject,
            at,
            message_id=f"{name}@sable.example",
            digest=digest,
        )
    ]
    for hours, outcome in enumerate(outcomes, start=1):
        said = "550 no such user" if refused or outcome is Outcome.REFUSED else ""
        events.append(SendResult(client, name, outcome, at + timedelta(hours=hours), refused, said))
    append(folder / "journal", events, at)
    return name
