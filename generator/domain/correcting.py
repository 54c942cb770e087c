"""Claims of late fees that fall: nothing is asked for that today's facts no longer give.

A payment, a credit note or a dispute that was noted late may leave less to be owed than was claimed. A claim is counted again on its
own days, at the rates that it was frozen with: another policy or table of rates changes none. It never rises. Where it comes to
less, the lower one takes its place from today on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from generator.domain.account import Status
from generator.domain.fee_items import credited_on
from generator.domain.late_fees import Debt, first_late_day, was_late
from generator.domain.ledger import InvoiceStatus, Kind
from generator.domain.money import round_half_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from generator.domain.account import Item
    from generator.domain.claims import ClaimedPeriod, Counted, FeesClaimed
    from generator.domain.courses import Course
    from generator.domain.facts import Facts
    from generator.domain.fee_rules import FeePolicy
    from generator.domain.ledger import Client, Invoice

#: From whom late fees may be claimed: a consumer owes interest from the formal notice only, and no plan may carry it.
PROFESSIONAL = frozenset({Kind.BUSINESS, Kind.PUBLIC})
#: Nobody is asked to pay these to us any more, nor anything beside them.
_GIVEN_UP = frozenset({InvoiceStatus.VOID, InvoiceStatus.WRITTEN_OFF, InvoiceStatus.FACTORED})
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Correcting:
    """The claims of one account held against what is known of it today."""

    client: Client
    policy: FeePolicy
    facts: Facts
    items: Sequence[Item]
    courses: Mapping[str, Course]
    today: date

    def fallen(self, counted: Iterable[Counted]) -> Iterator[FeesClaimed]:
        """What to remember of those that hold and were told: each that comes to less, as it is from today on."""
        for one in holding(one for one in counted if one.claim.currency == self.facts.currency):
            if (lower := self.lowered(one.claim, one.item)) != one.claim:
                yield lower

    def lowered(self, claim: FeesClaimed, item: str) -> FeesClaimed:
        """The claim as it is owed today where that is less; else as it is.

        What is disputed is settled first, and what a debit under way will change waits for it: a claim that fell does not rise again.
        """
        every = (*self.facts.invoices, *self.facts.void)
        invoice = next((one for one in every if one.id == item), None)
        disputed = any(one.id == item and one.status is Status.DISPUTED for one in self.items)
        if invoice is None or disputed or any(one.date <= claim.until for one in self.facts.in_flight):
            return claim
        if self._given_up(invoice, claim):
            return self._corrected(claim, (), 0)
        if self.courses.get(item) is None and invoice.paid_undated is not None:  # nobody knows when it was paid
            return claim
        periods = self._periods(invoice, claim)
        if sum(period.interest for period in periods) >= claim.interest:
            periods = claim.periods
        return self._corrected(claim, periods, self._indemnity(invoice, claim))

    def _corrected(self, claim: FeesClaimed, periods: tuple[ClaimedPeriod, ...], indemnity: int) -> FeesClaimed:
        if (periods, indemnity) == (claim.periods, claim.indemnity):
            return claim
        article = claim.indemnity_article if indemnity else ""
        return replace(claim, periods=periods, indemnity=indemnity, indemnity_article=article, corrected_on=self.today)

    def _given_up(self, invoice: Invoice, claim: FeesClaimed) -> bool:
        """Whether nothing of it may be asked for: of nobody but professionals, and of none who was insolvent when it was claimed."""
        if self.client.kind not in PROFESSIONAL or self.client.insolvent_on(claim.on):
            return True
        return invoice.status in _GIVEN_UP or credited_on(invoice, self.facts) is not None

    def _periods(self, invoice: Invoice, claim: FeesClaimed) -> tuple[ClaimedPeriod, ...]:
        course = self.courses.get(invoice.id)
        if course is None:
            return ()
        begins = self._late_from(invoice)
        return tuple(part for period in claim.periods for part in _again(period, course, begins))

    def _indemnity(self, invoice: Invoice, claim: FeesClaimed) -> int:
        """It stands as long as one part of its invoice was late at all."""
        parts = (one for one in self.facts.invoices if one.number == invoice.number)
        late = any(
            was_late(course, self._late_from(part), claim.until)
            for part in parts
            if (course := self.courses.get(part.id)) is not None
        )
        return claim.indemnity if late else 0

    def _late_from(self, invoice: Invoice) -> date:
        debt = Debt(invoice.due, self.facts.currency, self.courses.get(invoice.id), invoice.received_on)
        return first_late_day(debt, self.client.kind, self.policy)


def holding(counted: Iterable[Counted]) -> list[Counted]:
    """Of each item the claim that holds among those that were told, as low as it fell."""
    by_item: dict[str, Counted] = {}
    for one in counted:
        known = by_item.get(one.item)
        if known is None or _place(one) > _place(known):
            by_item[one.item] = one
    return list(by_item.values())


def _place(one: Counted) -> tuple[object, ...]:
    return one.told_on, one.claim.on, one.on, -one.claim.amount


def without_outdated(counted: Sequence[Counted]) -> list[Counted]:
    """Without corrections of claims in whose place another stood already when they fell."""
    firsts = [one for one in counted if one.told_on is not None and not one.corrects]
    return [
        one
        for one in counted
        if not one.corrects
        or not any(
            other.item == one.item and _place(other) > (one.told_on, one.claim.on) and other.on <= one.on
            for other in firsts
            if (other.claim.step, other.claim.on) != (one.claim.step, one.claim.on)
        )
    ]


def _again(period: ClaimedPeriod, course: Course, begins: date) -> Iterator[ClaimedPeriod]:
    """The days of a period on which something was open, at its own rate."""
    first = max(period.begins, begins)
    if first > period.ends:
        return
    turns = sorted({first} | {day for day in course.turns() if first < day <= period.ends})
    stretches: list[tuple[date, date, int]] = []
    for day, after in zip(turns, [*turns[1:], period.ends + _ONE_DAY], strict=True):
        base = course.counted_on(day)
        if stretches and stretches[-1][2] == base:
            stretches[-1] = (stretches[-1][0], after - _ONE_DAY, base)
        else:
            stretches.append((day, after - _ONE_DAY, base))
    for day, last, base in stretches:
        if base > 0:
            days = (last - day).days + 1
            interest = round_half_up(Fraction(period.percent) * base * days / (100 * period.year_days))
            yield replace(period, begins=day, ends=last, base=base, interest=interest)
