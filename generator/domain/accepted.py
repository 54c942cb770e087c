"""Plans in force: what was agreed, what has come in of it, and whether it still holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from generator.domain.money import share, split

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from generator.domain.allocation import Position
    from generator.domain.memory import OfferMade

AGREEMENT_GRACE_DAYS = 10  # an instalment later than this ends the protection of an agreement


@dataclass(slots=True)
class Accepted:
    """A plan in force: what its invoices owed then, in all (`base`) and each (`owed`); its dated amounts (`parts`); in minor units."""

    id: str
    reference: str
    signed_on: date
    positions: list[Position]
    parts: tuple[tuple[date, int], ...]
    base: int
    active: bool = True
    owed: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Remembers what is open of its invoices now."""
        self.owed = tuple(position.open for position in self.positions)

    @property
    def paid(self) -> int:
        """What came in on its invoices since."""
        return self.base - sum(position.open for position in self.positions)

    def holds_on(self, day: date) -> bool:
        """Whether no instalment is late beyond the grace that day."""
        grace = timedelta(days=AGREEMENT_GRACE_DAYS)
        due_by_now = sum(amount for due, amount in self.parts if due + grace < day)
        return self.active and self.paid >= min(due_by_now, self.base)

    def next_part(self) -> int:
        """What is left of the first instalment that is not wholly paid; 0 when all are."""
        return next((open_ for _, open_ in self.open_parts()), 0)

    def open_parts(self) -> list[tuple[date, int]]:
        """What is left of each instalment that is not wholly paid: money fills them in their order."""
        left, parts = self.paid, []
        for due, amount in self.parts:
            if left < amount:
                parts.append((due, amount - max(0, left)))
            left = max(0, left - amount)
        return parts


def plan_parts(offer: OfferMade, base: int) -> tuple[tuple[date, int], ...]:
    """The instalments of a plan over `base` on the offer's dates: the first is the down payment when there is one."""
    return dated_parts(offer.dates, base, share(base, offer.percent) if offer.percent else None)


def dated_parts(dates: Sequence[date], base: int, down: int | None) -> tuple[tuple[date, int], ...]:
    """`base` in equal parts on these dates; with `down`, that is the first of them and the rest is in equal parts."""
    shares = split(base, len(dates)) if down is None else (down, *split(base - down, len(dates) - 1))
    return tuple(zip(dates, shares, strict=True))
