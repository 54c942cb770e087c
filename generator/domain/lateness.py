"""What late money costs: how much was missing for how long, counted day by day from what was really paid, and when.

Everything is in two exact integers: minor units, and minor units times days (`amount × days`), the area under a balance. Only
money counts, paid or still open: what a credit note or a discount took away was never missing. What is disputed today is left
out, what is in an agreement is not: it is missing all the same. The client never sees any of it.

A day counts from the day after the invoice (or after its due date) to the day the money came, that day included, as late
fees count days. The window is the `WINDOW_DAYS` days that end with the last day up to which payments are booked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from generator.domain.account import Status
from generator.domain.money import Money, round_half_up

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from decimal import Decimal

    from generator.domain.statement import Statement

WINDOW_DAYS = 365


@dataclass(frozen=True, slots=True)
class Lateness:
    """The sums of one account, or of several in one currency, over the window that ends on `until`.

    `sales`: what was invoiced in the window. `granted` and `late`: amount × days between invoice and due date, and after it.
    `matured`: what came due in the window, and `matured_late`: amount × days late of that alone. `contested`: what is left out,
    disputed. `since` is the day of the first invoice. Amounts are minor units of `currency`.
    """

    currency: str
    until: date
    since: date | None = None
    sales: int = 0
    granted: int = 0
    late: int = 0
    matured: int = 0
    matured_late: int = 0
    contested: int = 0

    @property
    def days(self) -> int:
        """How long the window really is: a younger ledger has fewer days than `WINDOW_DAYS`."""
        return WINDOW_DAYS if self.since is None else max(1, min(WINDOW_DAYS, (self.until - self.since).days))

    @property
    def average_overdue(self) -> Money:
        """What was overdue on a usual day: amount × days late ÷ days."""
        return self.spread(self.late)

    def spread(self, late: int) -> Money:
        """Some amount × days as the balance of a usual day of this window."""
        return self.money(round_half_up(Fraction(late, self.days)))

    def money(self, minor: int) -> Money:
        """An amount in this currency."""
        return Money(minor, self.currency)

    @property
    def days_late(self) -> int | None:
        """How late a euro that came due was paid, on average, in whole days; what is open is late until `until`. None: none came due."""
        return round_half_up(Fraction(self.matured_late, self.matured)) if self.matured else None

    @property
    def best_days(self) -> int | None:
        """The days of sales that would wait to be paid if nobody were late: amount × days granted ÷ sales. None without sales."""
        return round_half_up(Fraction(self.granted, self.sales)) if self.sales else None

    @property
    def real_days(self) -> int | None:
        """The days of sales that do wait, on a usual day: amount × days granted and late ÷ sales. None without sales."""
        return round_half_up(Fraction(self.granted + self.late, self.sales)) if self.sales else None

    def cost(self, percent: Decimal) -> Money:
        """What the late money cost at `percent` a year: amount × days late × rate ÷ 365, over the window and not over a year."""
        return self.money(round_half_up(self.late * Fraction(percent) / 36_500))


def measured(statement: Statement, currency: str, until: date) -> Lateness:
    """One account, in one pass over what was put on its invoices. `until`: payments are booked so far."""
    first = (until - timedelta(days=WINDOW_DAYS)).toordinal()
    last = until.toordinal()
    disputed = {item.id for item in statement.items if item.status is Status.DISPUTED}
    counted = {id(position): position for position in statement.positions if position.invoice.id not in disputed}
    money = [(position.invoice, position.open, last) for position in counted.values() if position.open]
    money += [
        (put.position.invoice, put.amount, put.on.toordinal())
        for put in statement.puts
        if put.payment is not None and put.amount and id(put.position) in counted
    ]
    sales = granted = late = matured = matured_late = 0
    for invoice, amount, on in money:
        issued, due, paid = invoice.issued.toordinal(), invoice.due.toordinal(), min(on, last)
        if paid > first:
            granted += amount * max(0, min(due, paid) - max(issued, first))
            late += amount * max(0, paid - max(due, first))
        if first < issued <= last:
            sales += amount
        if first < due <= last:
            matured += amount
            matured_late += amount * max(0, paid - due)
    return Lateness(
        currency,
        until,
        min((position.invoice.issued for position in statement.positions), default=None),
        sales,
        granted,
        late,
        matured,
        matured_late,
        sum(item.open.minor for item in statement.items if item.status is Status.DISPUTED and not item.fee_of),
    )


def together(many: Iterable[Lateness], currency: str, until: date) -> Lateness:
    """The sums of several accounts in one currency."""
    sales = granted = late = matured = matured_late = contested = 0
    since: date | None = None
    for one in many:
        if one.currency != currency:
            raise ValueError(f"{currency} and {one.currency} do not add up")
        sales += one.sales
        granted += one.granted
        late += one.late
        matured += one.matured
        matured_late += one.matured_late
        contested += one.contested
        since = min(filter(None, (since, one.since)), default=None)
    return Lateness(currency, until, since, sales, granted, late, matured, matured_late, contested)
