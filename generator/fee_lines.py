"""Late fees as they are explained, line by line: the same view for the page, the letter, the email and the owner's report.

What the law gives (`domain/late_fees.py`) and what was claimed (`domain/claims.py`) are told in the same words. Nothing is
computed here but what a rate comes from, and no sentence is made: templates have those, and articles are data.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from generator.domain.fee_rules import DIRECTIVE, FRANCE, Basis
from generator.domain.money import Money, total
from generator.domain.rates import half_year

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from generator.domain.account import Agreement, Item
    from generator.domain.claims import Claim, ClaimedPeriod
    from generator.domain.late_fees import LateFees, Period

_BASIS = re.compile(r"(?P<name>ecb|legal)(?: x (?P<times>\d+))?(?: \+ (?P<points>\d+(?:\.\d+)?))?")
_FLOORS = {
    rule.interest.floor_article for law in (FRANCE, DIRECTIVE) for rule in law.rules.values() if rule.interest.floor
}
_WHOLE_DELAY = {
    rule.interest.article for law in (FRANCE, DIRECTIVE) for rule in law.rules.values() if rule.interest.whole_delay
}


@dataclass(frozen=True, slots=True)
class RateSource:
    """Where a rate comes from: `times` the `figure` of the ECB (`basis` "ecb") or the legal rate ("legal"), and `points` on top.

    `figure` is that of the half-year that begins on `since`. A rate by contract (`basis` "fixed") has neither; one that the
    contract set lower than the law allows is `floored`.
    """

    percent: Decimal
    basis: str
    figure: Decimal | None = None
    since: date | None = None
    times: int = 1
    points: Decimal = Decimal(0)
    floored: bool = False


@dataclass(frozen=True, slots=True)
class FeeLine:
    """The interest of the days from `begins` to `ends`, both included: `base` x `percent` x `days` / `year_days`."""

    begins: date
    ends: date
    base: Money
    percent: Decimal
    year_days: int
    interest: Money
    source: RateSource
    article: str

    @property
    def days(self) -> int:
        """How many days, both ends included."""
        return (self.ends - self.begins).days + 1


@dataclass(frozen=True, slots=True)
class InvoiceFees:
    """The late fees of one invoice (or part), explained. `until` is the day at which they are stopped.

    `known_until` is the last day that could be counted, where the table of rates ends before `until`. Of fees that were claimed,
    `claimed_days` are the days on which a message told of them, each claim in the place of the one before, and `waits` says that the
    last has not left; so much is `waived`, `paid` and still `open`.
    """

    invoice: str
    lines: tuple[FeeLine, ...]
    interest: Money
    indemnity: Money
    indemnity_article: str
    until: date
    known_until: date | None = None
    claimed_days: tuple[date, ...] = ()
    waits: bool = False
    waived: Money | None = None
    paid: Money | None = None
    open: Money | None = None

    @property
    def total(self) -> Money:
        """Interest and indemnity."""
        return self.interest + self.indemnity

    @property
    def left(self) -> Money:
        """What is asked of them: nothing less than all, as long as nothing was waived or paid."""
        return self.total if self.open is None else self.open

    @property
    def changed(self) -> bool:
        """Whether something was waived or paid, so that `left` is not the `total`."""
        return self.left != self.total

    @property
    def coming(self) -> Money:
        """What a debit on its way covers of them: neither paid nor asked for."""
        nothing = Money(0, self.total.currency)
        return self.total - (self.waived or nothing) - (self.paid or nothing) - self.left

    @property
    def articles(self) -> tuple[str, ...]:
        """Each article once: of the interest, then of the indemnity."""
        found = [line.article for line in self.lines] + [self.indemnity_article] * bool(self.indemnity)
        return tuple(dict.fromkeys(filter(None, found)))


@dataclass(frozen=True, slots=True)
class FeesTold:
    """The late fees that one text tells of, in one currency: `claimed`, or only what the law gives."""

    currency: str
    invoices: tuple[InvoiceFees, ...]
    claimed: bool

    @property
    def interest(self) -> Money:
        """The interest of all of them."""
        return total((one.interest for one in self.invoices), self.currency)

    @property
    def indemnity(self) -> Money:
        """The indemnities of all of them."""
        return total((one.indemnity for one in self.invoices), self.currency)

    @property
    def total(self) -> Money:
        """Both together."""
        return self.interest + self.indemnity

    @property
    def waived(self) -> Money:
        """What was waived of them."""
        return total((one.waived for one in self.invoices if one.waived), self.currency)

    @property
    def paid(self) -> Money:
        """What came in of them."""
        return total((one.paid for one in self.invoices if one.paid), self.currency)

    @property
    def left(self) -> Money:
        """What is asked of them."""
        return total((one.left for one in self.invoices), self.currency)

    @property
    def until(self) -> date:
        """The day at which they are stopped: the last, where they were claimed at several steps."""
        return max(one.until for one in self.invoices)

    @property
    def days(self) -> tuple[date, ...]:
        """Every day at which some of them are stopped."""
        return tuple(sorted({one.until for one in self.invoices}))

    @property
    def claimed_days(self) -> tuple[date, ...]:
        """Every day on which a message told of some of them."""
        return tuple(sorted({day for one in self.invoices for day in one.claimed_days}))

    @property
    def waits(self) -> bool:
        """Whether some of them are claimed by a message that has not left."""
        return any(one.waits for one in self.invoices)

    @property
    def known_until(self) -> date | None:
        """The last day that could be counted, where the table of rates ends too early."""
        return min((one.known_until for one in self.invoices if one.known_until), default=None)

    @property
    def sources(self) -> tuple[RateSource, ...]:
        """Each rate once, in the order of the days."""
        lines = sorted((line for one in self.invoices for line in one.lines), key=lambda line: line.begins)
        return tuple(dict.fromkeys(line.source for line in lines))

    @property
    def interest_articles(self) -> tuple[str, ...]:
        """The articles of the interest, each once."""
        return tuple(dict.fromkeys(line.article for one in self.invoices for line in one.lines))

    @property
    def indemnity_articles(self) -> tuple[str, ...]:
        """The articles of the indemnity, each once."""
        return tuple(dict.fromkeys(one.indemnity_article for one in self.invoices if one.indemnity))


@dataclass(frozen=True, slots=True)
class AgreedFees:
    """The claimed late fees that an agreement comprises, as they stood when it was made, and the days at which they are stopped."""

    interest: Money
    indemnity: Money
    days: tuple[date, ...]
    owed: tuple[tuple[str, Money], ...]  #: each invoice with its own

    @property
    def total(self) -> Money:
        """Both together."""
        return self.interest + self.indemnity


def agreed_fees(agreement: Agreement, claims: Iterable[Claim]) -> AgreedFees | None:
    """What an agreement comprises of late fees; None where it comprises none.

    Where something of them was paid or waived before, that was interest first.
    """
    known = {claim.item: claim for claim in claims}
    found = [
        (known[name], owed)
        for name, owed in zip(agreement.invoices, agreement.owed, strict=False)
        if name in known and owed
    ]
    if not found:
        return None
    currency = found[0][1].currency
    nothing = Money(0, currency)
    interest = total((max(nothing, owed - claim.indemnity) for claim, owed in found), currency)
    return AgreedFees(
        interest,
        total((owed for _, owed in found), currency) - interest,
        tuple(sorted({claim.current.until for claim, _ in found})),
        tuple((claim.invoice, owed) for claim, owed in found),
    )


def fees_apart(agreement: Agreement, items: Iterable[Item]) -> Money | None:
    """What of the late fees of its invoices stands beside an agreement that was offered before they were claimed, or before more was."""
    about = set(agreement.invoices)
    mine = [
        item.open for item in items if item.fee_of in about and item.id not in about and item.is_asked and item.open
    ]
    mine += [agreement.beside] if agreement.beside else []
    return total(mine, mine[0].currency) if mine else None


def told_of(currency: str, invoices: Iterable[InvoiceFees], *, claimed: bool) -> FeesTold | None:
    """The fees of several invoices in one view; None when they come to nothing."""
    found = tuple(one for one in invoices if one.total)
    return FeesTold(currency, found, claimed) if found else None


def by_law(invoice: str, fees: LateFees, until: date) -> InvoiceFees:
    """What the law gives for an invoice, counted to a day."""
    return InvoiceFees(
        invoice,
        tuple(_of_period(period) for period in fees.periods),
        fees.interest,
        fees.indemnity,
        fees.indemnity_article,
        until,
        fees.known_until,
    )


def _of_period(period: Period) -> FeeLine:
    terms, known = period.terms, period.known
    source = RateSource(period.percent, str(terms.basis))
    if terms.basis is not Basis.FIXED:
        figure = known.ecb if terms.basis is Basis.ECB else known.legal
        source = RateSource(
            period.percent, str(terms.basis), figure.percent, known.begins, terms.times, terms.points, period.floored
        )
    return FeeLine(
        period.begins,
        period.ends,
        period.base,
        period.percent,
        period.year_days,
        period.interest,
        source,
        period.article,
    )


def source_of(basis: str, percent: Decimal, article: str, since: date) -> RateSource:
    """Where a rate came from that was frozen with its `basis`: "ecb + 10", "legal x 3"; anything else is a contract's own."""
    found = _BASIS.fullmatch(basis.strip().lower())
    if found is None:
        return RateSource(percent, str(Basis.FIXED))
    times, points = int(found["times"] or 1), Decimal(found["points"] or 0)
    figure = (percent - points) / times
    return RateSource(percent, found["name"], figure, half_year(since), times, points, article in _FLOORS)


def as_claimed(claim: Claim) -> InvoiceFees:
    """What was claimed for an invoice, as it was frozen, and what became of it."""
    current = claim.current
    first = current.periods[0].begins if current.periods else current.until
    return InvoiceFees(
        claim.invoice,
        tuple(_of_claimed(period, first, current.currency) for period in current.periods),
        claim.interest,
        claim.indemnity,
        current.indemnity_article,
        current.until,
        claimed_days=claim.told,
        waits=claim.told_on is None,
        waived=claim.waived,
        paid=claim.paid,
        open=claim.open,
    )


def _of_claimed(period: ClaimedPeriod, first: date, currency: str) -> FeeLine:
    since = first if period.article in _WHOLE_DELAY else period.begins
    return FeeLine(
        period.begins,
        period.ends,
        Money(period.base, currency),
        period.percent,
        period.year_days,
        Money(period.interest, currency),
        source_of(period.basis, period.percent, period.article, since),
        period.article,
    )
