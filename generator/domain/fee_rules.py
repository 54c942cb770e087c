"""What the law says of late payment, as data: one set of rules for each law, and in it one rule for each kind of client.

Articles are named here by an id of ours; how an article is cited stands in `rates.toml`, since articles are renumbered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from generator.domain.ledger import Kind
from generator.domain.rates import RateTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.domain.rates import HalfYear


class Basis(StrEnum):
    """What a rate is counted from: the ECB's, the legal one, or nothing that changes."""

    ECB = "ecb"
    LEGAL = "legal"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate a year as a contract or a law words it: so many `times` its basis, and `points` on top, in percent."""

    basis: Basis
    points: Decimal = Decimal(0)
    times: int = 1

    def percent(self, known: HalfYear) -> Decimal:
        """What it comes to in a half-year."""
        if self.basis is Basis.FIXED:
            return self.points
        figure = known.ecb if self.basis is Basis.ECB else known.legal
        return figure.percent * self.times + self.points


class DayCount(IntEnum):
    """How many days a year has for the interest: always 365, or as many as it has."""

    FIXED = 365
    ACTUAL = 0


@dataclass(frozen=True, slots=True)
class InterestRule:
    """Interest on what is late.

    `from_notice`: it runs from the day after the formal notice only, else from the day after the due date. `whole_delay`: the
    half-year in which the delay began gives the rate of all of it. `after_receipt`: it never begins before so many days after
    the invoice was received, where the ledger knows that day. `contract`: a contract may set the rate, not below `floor`.
    """

    rate: Rate
    article: str
    from_notice: bool = False
    whole_delay: bool = False
    after_receipt: int | None = None
    contract: bool = False
    floor: Rate | None = None
    floor_article: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """What one kind of client owes for being late: interest, and the indemnity of each invoice where there is one."""

    interest: InterestRule
    indemnity: Decimal | None = None
    indemnity_article: str = ""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The law of late payment of a country. A kind without a rule owes nothing; the indemnity is in `currency`, and no other.

    What is not `national` binds states, and no client: it says what is owed at least, and nothing can be claimed by it.
    """

    name: str
    rules: Mapping[Kind, Rule]
    currency: str = "EUR"
    national: bool = True


#: What the law gives for each late invoice, without anything to be proved.
INDEMNITY = Decimal("40.00")

_EIGHT_POINTS = Rate(Basis.ECB, Decimal(8))
_THREE_TIMES_LEGAL = Rate(Basis.LEGAL, times=3)

FRANCE = RuleSet(
    "fr",
    {
        Kind.BUSINESS: Rule(
            InterestRule(
                Rate(Basis.ECB, Decimal(10)),
                "fr-business-interest",
                contract=True,
                floor=_THREE_TIMES_LEGAL,
                floor_article="fr-business-floor",
            ),
            INDEMNITY,
            "fr-business-indemnity",
        ),
        Kind.CONSUMER: Rule(InterestRule(Rate(Basis.LEGAL), "fr-consumer-interest", from_notice=True)),
        Kind.PUBLIC: Rule(
            InterestRule(_EIGHT_POINTS, "fr-public-interest", whole_delay=True, after_receipt=30),
            INDEMNITY,
            "fr-public-indemnity",
        ),
    },
)

#: What the directive on late payment asks of every law at least: some countries give more.
DIRECTIVE = RuleSet(
    "eu",
    {
        Kind.BUSINESS: Rule(InterestRule(_EIGHT_POINTS, "eu-interest", contract=True), INDEMNITY, "eu-indemnity"),
        Kind.PUBLIC: Rule(InterestRule(_EIGHT_POINTS, "eu-interest"), INDEMNITY, "eu-indemnity"),
    },
    national=False,
)

#: Countries of the euro, where the directive's reference rate is the ECB's.
_EURO = frozenset("AT BE BG CY DE EE ES FI GR HR IE IT LT LU LV MT NL PT SI SK".split())  # noqa: SIM905 - a table


def rules_for(country: str) -> RuleSet | None:
    """The rules of a seller's country; None where nobody has written them down."""
    if country == "FR":
        return FRANCE
    return DIRECTIVE if country in _EURO else None


@dataclass(frozen=True, slots=True)
class FeePolicy:
    """How late fees are counted: by which law, and what the contract says where it may.

    `rate` is the contract's, None: the law's. `indemnity` is what the owner takes of the law's, at most all of it.
    """

    law: RuleSet | None = FRANCE
    rate: Rate | None = None
    indemnity: Decimal = INDEMNITY
    day_count: DayCount = DayCount.FIXED
    rates: RateTable = field(default=RateTable(), compare=False)

    @property
    def claimable(self) -> bool:
        """Whether a claim has a law to stand on: that of a country, which binds clients."""
        return self.law is not None and self.law.national
