"""What a recap, or an agreement on paper, may say of the agreement that it is about. No sentence is made here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.domain.accepted import AGREEMENT_GRACE_DAYS
from generator.domain.due import RecapKind
from generator.domain.money import total
from generator.message_payments import Part

if TYPE_CHECKING:
    from datetime import date

    from generator.domain.account import Item
    from generator.domain.due import DueReminder, Recap
    from generator.domain.money import Money
    from generator.domain.policy import Policy


@dataclass(frozen=True, slots=True)
class Owed:
    """One invoice of the agreement, and what was open of it the day it was made; nothing where that does not make up its sum."""

    number: str
    subject: str
    issued: date
    due: date
    total: Money
    open: Money | None


@dataclass(frozen=True, slots=True)
class RecapFacts:
    """An agreement in writing. `kind`: `made`, `changed`, `paid` (before its last day) or `over`.

    `sum` is what it is about, of which `paid` came in and `left` is to come; nothing of all that once it is over and the
    ledger does not know it any more. `told_on` is the day of the recap whose place this one takes. `dates`: how many days a
    calendar file puts down, or takes out; `grace_days`: how late an instalment may be; `warned`: whether one that is late
    is written of before that; `plain`: to somebody who is no business, in plain words.
    """

    kind: str
    id: str
    signed_on: date | None
    told_on: date | None
    reference: str
    invoices: tuple[Owed, ...]
    numbers: tuple[str, ...]
    schedule: tuple[Part, ...]
    sum: Money | None
    paid: Money | None
    left: Money | None
    dates: int
    grace_days: int
    warned: bool
    plain: bool

    @property
    def in_force(self) -> bool:
        """Whether it is an agreement to keep, and not one that is over."""
        return self.kind in {RecapKind.MADE, RecapKind.CHANGED}


def recap_of(recap: Recap, due: DueReminder, policy: Policy, *, plain: bool) -> RecapFacts:
    """The facts of the recap that is due."""
    agreement = recap.agreement
    parts = agreement.instalments if agreement else ()
    schedule = tuple(
        Part(number, one.due, one.amount, one.paid, one.open, one.in_flight, current=False)
        for number, one in enumerate(parts, start=1)
    )
    currency = parts[0].amount.currency if parts else ""
    whole = total((one.amount for one in parts), currency) if parts else None
    return RecapFacts(
        kind=str(recap.kind),
        id=recap.id,
        signed_on=agreement.signed_on if agreement else None,
        told_on=recap.told_on,
        reference=agreement.reference if agreement else "",
        invoices=tuple(_owed(recap, due.items, whole)),
        numbers=recap.invoices,
        schedule=schedule,
        sum=whole,
        paid=total((one.paid for one in parts), currency) if parts else None,
        left=total((one.open for one in parts), currency) if parts else None,
        dates=sum(not entry.cancelled for entry in recap.calendar) or len(recap.calendar),
        grace_days=AGREEMENT_GRACE_DAYS,
        warned=bool(policy.reminders.instalment_after_days),
        plain=plain,
    )


def _owed(recap: Recap, items: tuple[Item, ...], whole: Money | None) -> list[Owed]:
    """The invoices of the agreement that are known, oldest first."""
    agreement = recap.agreement
    open_then = dict(zip(agreement.invoices, agreement.owed, strict=False)) if agreement and agreement.owed else {}
    adds_up = whole is not None and sum(amount.minor for amount in open_then.values()) == whole.minor
    return [
        Owed(
            item.id,
            " ".join(item.invoice.subject.split()),
            item.invoice.issued,
            item.invoice.due,
            item.total,
            open_then.get(item.id) if adds_up else None,
        )
        for item in sorted(items, key=lambda one: (one.invoice.due, one.id))
    ]
