"""What late money cost, and what came of what was done about it: a part of the owner's report, and of nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from heapq import nlargest
from typing import TYPE_CHECKING

from generator.domain.lateness import WINDOW_DAYS, Lateness, together
from generator.domain.outcomes import PAID_WITHIN_DAYS, Outcome, Window, agreed, followed, given
from generator.report_parts import Bounded, page_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from generator.config import Settings
    from generator.domain.account import Account
    from generator.domain.ledger import Client
    from generator.domain.money import Money
    from generator.domain.outcomes import Followed, Tally

SHOWN_CLIENTS = 5


@dataclass(frozen=True, slots=True)
class CostlyClient:
    """One of those whose late money cost most. `share` is in percent of all that was late in the currency."""

    client: Client
    page: str
    lateness: Lateness
    average: Money
    share: int
    cost: Money | None


@dataclass(frozen=True, slots=True)
class Costs:
    """One currency. `cost` is None while the owner does not say what money costs them."""

    lateness: Lateness
    cost: Money | None
    contested: Money | None
    clients: Bounded[CostlyClient]
    discounts: Tally
    agreements: Mapping[Outcome, Tally]

    @property
    def currency(self) -> str:
        """The one currency."""
        return self.lateness.currency

    @property
    def agreed(self) -> int:
        """How many agreements were made."""
        return sum(tally.count for tally in self.agreements.values())


@dataclass(frozen=True, slots=True)
class CostReport:
    """All currencies, each for itself. `percent` is what money costs the owner a year, as far as they say so."""

    currencies: tuple[Costs, ...]
    followed: tuple[Followed, ...]
    until: date
    percent: Decimal | None
    within: int = PAID_WITHIN_DAYS

    @property
    def late(self) -> bool:
        """Whether anything was late at all."""
        return any(found.lateness.late for found in self.currencies)


def cost_report(settings: Settings, clients: Collection[Sequence[Account]]) -> CostReport | None:
    """What the last year's lateness cost; None where nothing was invoiced or due in it."""
    by_currency: dict[str, list[Account]] = {}
    for accounts in clients:
        for account in accounts:
            if account.lateness is not None:
                by_currency.setdefault(account.currency, []).append(account)
    if not by_currency:
        return None
    until = max(account.lateness.until for found in by_currency.values() for account in found if account.lateness)
    window = Window(until - timedelta(days=WINDOW_DAYS), until)
    first = settings.seller.currency
    costs = [
        _costs(currency, by_currency[currency], window, settings.report.money_costs_percent)
        for currency in sorted(by_currency, key=lambda currency: (currency != first, currency))
    ]
    told = [found for found in costs if found.lateness.sales or found.lateness.late or found.lateness.matured]
    if not told:
        return None
    ladder = {step.name: place for place, step in enumerate(settings.policy.reminders.steps)}
    steps = sorted(followed(clients, window).values(), key=lambda one: (ladder.get(one.step, len(ladder)), one.step))
    return CostReport(tuple(told), tuple(steps), until, settings.report.money_costs_percent)


def _costs(currency: str, accounts: Sequence[Account], window: Window, percent: Decimal | None) -> Costs:
    known = [(account, account.lateness) for account in accounts if account.lateness is not None]
    every = together((lateness for _, lateness in known), currency, window.ends)
    late = [(account, lateness) for account, lateness in known if lateness.late]
    worst = nlargest(SHOWN_CLIENTS, late, key=lambda one: (one[1].late, one[0].client.id))
    shown = tuple(_costly(account, lateness, every, percent) for account, lateness in worst)
    return Costs(
        lateness=every,
        cost=every.cost(percent) if percent is not None else None,
        contested=every.money(every.contested) if every.contested else None,
        clients=Bounded(shown, len(late)),
        discounts=given(accounts, window),
        agreements=agreed(accounts, window),
    )


def _costly(account: Account, lateness: Lateness, every: Lateness, percent: Decimal | None) -> CostlyClient:
    """A client's share is counted over the days of all, so that the shares add up."""
    return CostlyClient(
        account.client,
        page_of(account),
        lateness,
        every.spread(lateness.late),
        (200 * lateness.late + every.late) // (2 * every.late),
        lateness.cost(percent) if percent is not None else None,
    )
