"""Plans in force: what was agreed, what has come in of it, and whether it still holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from generator.domain.discounts import to_settle
from generator.domain.following import Watch
from generator.domain.money import by_percents, share, split

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.domain.allocation import Position
    from generator.domain.disputes import Span
    from generator.domain.memory import OfferMade

_ONE_DAY = timedelta(days=1)


@dataclass(slots=True)
class Accepted:
    """A plan in force: what its invoices owed then, in all (`base`) and each (`owed`); its dated amounts (`parts`); in minor units.

    `watch` tells until when it stands. Once the client was told that it was broken it is so for good, since `broken_on`, for the
    instalment of `missed`; before that, paying what is late takes it up again (`lapsed`: that was so once). `replaces` are
    the days on which the agreements were signed whose place it took. `saving` is waived once all its parts are paid, which are
    so much less than `base`, if it held until then: on `saved_on`. Once the client was told that it had ended, it is `forgone`
    for good: an agreement that is taken up again then asks for it with its last part. Of the late fees among its invoices no part
    asks for what stands `beside` it: they were claimed after it was offered. `remitted` is what of those in it was waived since;
    `agreed` is what all its parts came to at first.
    """

    id: str
    reference: str
    signed_on: date
    positions: list[Position]
    parts: tuple[tuple[date, int], ...]
    base: int
    active: bool = True
    watch: Watch = field(default_factory=Watch, repr=False)
    replaces: tuple[date, ...] = ()
    saving: int = 0
    beside: int = 0
    owed: tuple[int, ...] = field(init=False)
    saved_on: date | None = field(default=None, init=False)
    broken_on: date | None = field(default=None, init=False)
    missed: date | None = field(default=None, init=False)
    lapsed: bool = field(default=False, init=False)
    forgone: bool = field(default=False, init=False)
    agreed: int = field(init=False)
    remitted: int = field(default=0, init=False)
    ended_on: date | None = field(default=None, init=False)
    _gone_through: date = field(default=date.min, init=False)
    _told: list[tuple[date, bool]] | None = field(default=None, init=False, repr=False)  # looked up once

    def __post_init__(self) -> None:
        """Remembers what is open of its invoices now, and in it."""
        self.agreed = sum(amount for _, amount in self.parts)
        left, owed = self.beside, list[int]()
        for position in reversed(self.positions):
            part = min(left, position.open) if position.invoice.fee_of else 0
            left -= part
            owed.append(position.open - part)
        self.owed = tuple(reversed(owed))

    @property
    def paid(self) -> int:
        """What came in on its invoices since."""
        return self.base - sum(position.open for position in self.positions)

    @property
    def settled(self) -> bool:
        """Whether nothing is open of its invoices."""
        return not any(position.open for position in self.positions)

    def waives_on(self, day: date) -> bool:
        """Whether what it waives is still to be had that day: nothing took its place, and the client was not told that it had ended."""
        return self.active and self.broken_on is None and not self.forgone and not self.watch.took_back(self.id, day)

    def holds_on(self, day: date) -> bool:
        """Whether it protects its invoices that day: no instalment is late beyond what the client was told."""
        if not self.active or (self.broken_on is not None and self.broken_on <= day):
            return False
        return not self.watch.following.notices or self._lapse(day) is None

    @property
    def items(self) -> frozenset[str]:
        """The ids of its invoices."""
        return frozenset(position.invoice.id for position in self.positions)

    def last_day(self, due: date, today: date) -> date | None:
        """Until when it stands though the instalment of `due` is late; were it not reminded of yet, were it today."""
        return self.watch.last_day(self.id, due, self.items, notice=today)

    def standing_on(self, day: date) -> tuple[date, date] | None:
        """Since when it is broken that day, and the instalment that was missed; None while it is not."""
        if self.broken_on is not None and self.missed is not None and self.broken_on <= day:
            return self.broken_on, self.missed
        return self._lapse(day) if self.active else None

    def pass_days(self, until: date, *, whole: bool = False) -> None:
        """The days before `until` are over, `whole`: that day too, and what was paid is here: what the client was told by then is final."""
        if not self.active or self.broken_on is not None:
            return
        if self._told is None:
            self._told = self.watch.told_over(self.id, self.items, self.signed_on)
        for on, by_ladder in self._told:
            if self._gone_through <= on and (on < until or (whole and on == until)):
                self._break(self._overlooked(on) if by_ladder else self._lapse(on, patient=on > self._patient_until))
                if not by_ladder:
                    self._forgo()
        self._gone_through = max(self._gone_through, until)
        self.lapsed = self.lapsed or (not self.settled and self._lapse(until) is not None)

    @property
    def _patient_until(self) -> date:
        """Until when nobody writes to the client: what they were told before that was said all the same."""
        return self.watch.following.patient_until

    def _forgo(self) -> None:
        """The client was told that it had ended: where it goes on all the same, what it would have waived is paid last."""
        if self.saving and self.saved_on is None and self.broken_on is None and not self.forgone:
            (*first, (due, amount)), self.forgone = self.parts, True
            self.parts = (*first, (due, amount + self.saving))

    def end(self, on: date) -> None:
        """Something took its place, or the owner called it off: if it was broken by then, it stays so."""
        self._break(self._lapse(on))
        self.active, self.ended_on = False, on

    def refigure(self, position: Position, change: int, *, waived: bool) -> None:
        """The late fees of one of its invoices are more or less than they were, and no money came in.

        What is claimed more stands beside it. What is waived, or no more claimed, comes off that first and then off the last parts.
        """
        waives = 0 if self.forgone else self.saving
        outside = max(0, self.base - waives - sum(part for _, part in self.parts))  # what its parts never asked for
        self.base += change
        if change >= 0:
            self.beside += change
            return
        apart = min(outside, -change)
        self.beside -= min(self.beside, apart)
        off = min(-change - apart, self.left)
        self.remitted += off if waived else 0
        self.owed = tuple(
            max(0, owed - off) if one is position else owed for one, owed in zip(self.positions, self.owed, strict=True)
        )
        paid, parts = self.paid, list[tuple[date, int]]()
        for due, amount in reversed(self.parts):
            before = sum(part for _, part in self.parts[: len(self.parts) - len(parts) - 1])
            cut = min(off, amount - max(0, min(amount, paid - before)))
            off -= cut
            parts.append((due, amount - cut))
        self.parts = tuple(part for part in reversed(parts) if part[1]) or ((self.parts[0][0], 0),)

    def held_on(self, today: date) -> Span | None:
        """The days on which it gave time: from the one after its signature on, until it was broken or, that day included, ended."""
        broken = self.standing_on(today)
        until = broken[0] if broken else (self.ended_on + _ONE_DAY if self.ended_on else None)
        if self.ended_on is None and not self.active:  # it was over when it was written down: nobody knows since when
            return None
        return self.signed_on + _ONE_DAY, until

    def _break(self, lapse: tuple[date, date] | None) -> None:
        if lapse is not None and self.broken_on is None:
            self.broken_on, self.missed = lapse

    def _lapse(self, day: date, *, patient: bool = True) -> tuple[date, date] | None:
        """The earliest end that a missed instalment brought by that day, and its date: as far as it is asked for and not paid."""
        ends = (
            (ended, due)
            for due in self._missed(day)
            if (ended := self.watch.ended_by(self.id, due, self.items, patient=patient)) is not None and ended <= day
        )
        return min(ends, default=None)

    def _overlooked(self, day: date) -> tuple[date, date] | None:
        """The end that a reminder of the ladder supposed: what was missed was late beyond the grace, and written of, when it left.

        One that nobody had written of says nothing of the agreement, which may have been written down only after it left.
        """
        grace = timedelta(days=self.watch.following.terms.grace_days)
        missed = (due for due in self._missed(day) if (told := self.watch.noticed_on(self.id, due)) and told < day)
        return next(((due + grace + _ONE_DAY, due) for due in missed if due + grace < day), None)

    def _missed(self, day: date) -> Iterator[date]:
        """The instalments before that day of which something is asked for: never more in all than is open and undisputed."""
        left = sum(
            position.open
            for position in self.positions
            if position.asked and not self.watch.disputed(position.invoice.id, day)
        )
        for due, amount in self.open_parts() if left else ():
            if due >= day or not left:
                return
            yield due
            left -= min(left, amount)

    def next_part(self) -> int:
        """What is left of the first instalment that is not wholly paid; 0 when all are."""
        return next((open_ for _, open_ in self.open_parts()), 0)

    @property
    def left(self) -> int:
        """What is left of all its instalments."""
        return sum(open_ for _, open_ in self.open_parts())

    def open_parts(self) -> list[tuple[date, int]]:
        """What is left of each instalment that is not wholly paid: money fills them in their order."""
        left, parts = self.paid, []
        for due, amount in self.parts:
            if left < amount:
                parts.append((due, amount - max(0, left)))
            left = max(0, left - amount)
        return parts


def fees_of(offer: OfferMade, positions: Sequence[Position]) -> tuple[int, int]:
    """What is open of the late fees among these that a plan is about, and how much of all that stands beside it."""
    fees = [position for position in positions if position.invoice.fee_of]
    left = sum(position.open for position in fees)
    beside = min(left, offer.fees_beside(sum(position.total for position in fees)))
    return left - beside, beside


def plan_parts(offer: OfferMade, base: int, before: int = 0, fees: int = 0) -> tuple[tuple[date, int], ...]:
    """The instalments of a plan over `base` on the offer's dates: as they were given, in percent, or the first is the down payment if any.

    They are less than `base` by what the plan waives once it is kept, also for what was paid of it `before`: nothing of the late
    `fees` that are in `base`.
    """
    base = to_settle(offer, base, before, fees)
    if offer.parts:
        return given_parts(offer.dates, base, offer.parts)
    if offer.shares:
        return tuple(zip(offer.dates, by_percents(base, offer.shares), strict=True))
    return dated_parts(offer.dates, base, share(base, offer.percent) if offer.percent else None)


def dated_parts(dates: Sequence[date], base: int, down: int | None) -> tuple[tuple[date, int], ...]:
    """`base` in equal parts on these dates; with `down`, that is the first of them and the rest is in equal parts."""
    shares = split(base, len(dates)) if down is None else (down, *split(base - down, len(dates) - 1))
    return tuple(zip(dates, shares, strict=True))


def given_parts(dates: Sequence[date], base: int, amounts: Sequence[int]) -> tuple[tuple[date, int], ...]:
    """`base` in the amounts that were given, the first ones before the last.

    What was paid since comes off the last ones, none of which is of nothing: a debt that the first ones cover has fewer dates.
    What more there is to pay is added to the last.
    """
    left, parts = base, []
    for due, amount in zip(dates, amounts, strict=True):
        part = min(left, amount)
        left -= part
        if part:
            parts.append((due, part))
    if left:
        due, amount = parts[-1]
        parts[-1] = (due, amount + left)
    return tuple(parts)
