"""The sums of an account, and the offer to pay all that is asked today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.domain.account import Item, Offer, Status, Totals
from generator.domain.memory import OfferKind
from generator.domain.money import Money
from generator.domain.references import code
from generator.domain.statement import ageing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from generator.domain.account import Agreement as AgreementView
    from generator.domain.statement import Statement

TRANSFER_TEXT_LENGTH = 140  # characters of remittance information in a SEPA transfer (EPC069-12)


def totals_of(
    statement: Statement, agreements: Iterable[AgreementView], currency: str
) -> tuple[Totals, tuple[Item, ...]]:
    """The sums, and the items that `to_pay` is about."""
    unpaid = [item for item in statement.items if item.open]

    def summed(*statuses: Status) -> Money:
        return Money(sum(item.open.minor for item in unpaid if item.status in statuses), currency)

    today = [item for item in unpaid if item.status is Status.OVERDUE]
    late_parts, next_parts = _instalments_asked(agreements, statement)
    asked: tuple[Item, ...] = tuple(today)
    to_pay = sum(item.open.minor for item in today) + late_parts
    if not to_pay:
        upcoming = [item for item in unpaid if item.status in {Status.DUE, Status.NOT_DUE}]
        dates = [item.invoice.due for item in upcoming] + [due for due, _ in next_parts]
        if dates:
            first = min(dates)
            asked = tuple(item for item in upcoming if item.invoice.due == first)
            to_pay = sum(item.open.minor for item in asked)
            to_pay += sum(amount for due, amount in next_parts if due == first)
    totals = Totals(
        open=Money(sum(item.open.minor for item in unpaid), currency),
        overdue=summed(Status.OVERDUE),
        upcoming=summed(Status.DUE, Status.NOT_DUE),
        disputed=summed(Status.DISPUTED),
        in_plan=summed(Status.IN_PLAN),
        credit=statement.credit,
        to_pay=Money(to_pay, currency),
        ageing=ageing(unpaid, currency),
        in_flight=Money(sum(item.in_flight.minor for item in statement.items if item.in_flight), currency),
        fees=Money(sum(item.open.minor for item in unpaid if item.fee_of), currency) if statement.claims else None,
    )
    return totals, asked


def _instalments_asked(agreements: Iterable[AgreementView], statement: Statement) -> tuple[int, list[tuple[date, int]]]:
    """Of the agreements that hold: what is due of their instalments by today, and the next ones to come."""
    in_plan = {item.id: item.open.minor for item in statement.items if item.status is Status.IN_PLAN}
    due, following = 0, []
    for agreement in agreements:
        owed = sum(in_plan.get(number, 0) for number in agreement.invoices)
        if not agreement.holds or not owed:
            continue
        parts = [part for part in agreement.instalments if part.open]
        come = min(owed, sum(part.open.minor for part in parts if part.due <= statement.as_of))
        due += come
        left = owed - come  # less than was agreed, when a credit note came since
        following += [(part.due, min(part.open.minor, left)) for part in parts if part.due > statement.as_of and left][
            :1
        ]
    return due, following


def full_offer(to_pay: Money, asked: Sequence[Item], agreements: Sequence[AgreementView], reference: str) -> Offer:
    """The offer to pay what is asked today. A transfer names the invoices themselves when that fits."""
    text = " ".join(dict.fromkeys(item.fee_of or item.id for item in asked))
    if sum(item.open.minor for item in asked) != to_pay.minor:  # an instalment is in it
        holding = [agreement.reference for agreement in agreements if agreement.holds and agreement.next]
        text = holding[0] if len(holding) == 1 and not asked else reference
    return Offer(
        key=code("full", reference),
        kind=OfferKind.FULL,
        amount=to_pay,
        saving=Money(0, to_pay.currency),
        items=tuple(asked),
        reference=text if 0 < len(text) <= TRANSFER_TEXT_LENGTH else reference,
        before_due=all(item.status is not Status.OVERDUE for item in asked),
    )
