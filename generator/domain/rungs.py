"""Where an item stands on the ladder: what it has been told, and which step is its next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from generator.domain.account import Item
    from generator.domain.policy import Step


@dataclass(frozen=True, slots=True)
class Record:
    """What an item has been told: the index in the ladder of its last step (-1: nothing), that day, how many late reminders.

    `finished`: its last step was the last of the ladder then. A step that is added later is not for it.
    """

    last: int = -1
    on: date | None = None
    late: int = 0
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item, its own next step, and the first day on which that step may go."""

    item: Item
    index: int
    step: Step
    on: date
    record: Record
