"""What is asked of an agreement: how much of each of its instalments, as things are.

Every page, message and calendar that asks for an instalment asks for this much of it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generator.domain.account import Status
from generator.domain.due import InstalmentDue
from generator.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from generator.domain.account import Agreement, Item


def asked_of(agreement: Agreement, items: Sequence[Item]) -> Iterator[InstalmentDue]:
    """The instalments of which something is asked: never more in all than their invoices still owe.

    A credit note that came since, or a dispute, takes from the last ones. The first of them that is late may end the agreement.
    """
    asking = {Status.IN_PLAN, Status.OVERDUE, Status.DUE, Status.NOT_DUE}
    left = sum(item.open.minor for item in items if item.id in agreement.invoices and item.status in asking)
    ends: date | None = None
    for number, part in enumerate(agreement.instalments, start=1):
        asked = min(left, part.open.minor)
        left -= asked
        if asked <= 0:
            continue
        less = Money(part.open.minor - asked, part.amount.currency)
        agreed, count = replace(part, amount=part.amount - less), len(agreement.instalments)
        ends = min((day for day in (ends, part.ends_on) if day), default=None)
        yield InstalmentDue(agreement, agreed, number, count, ends)


def set_aside(agreement: Agreement) -> dict[int, Money]:
    """What is not asked of each instalment as long as a dispute goes on, by its number: the last ones wait first."""
    found: dict[int, Money] = {}
    left = agreement.disputed.minor if agreement.disputed else 0
    for number, part in reversed(list(enumerate(agreement.instalments, start=1))):
        waits = min(left, part.open.minor)
        left -= waits
        if waits > 0:
            found[number] = Money(waits, part.amount.currency)
    return found
