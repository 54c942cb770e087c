"""What a recap, or an agreement on paper, may say of the agreement that it is about. No sentence is made here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from generator.domain.account import Status
from generator.domain.claims import claimed_of, real
from generator.domain.due import RecapKind
from generator.domain.money import total
from generator.domain.policy import AGREEMENT
from generator.fee_lines import AgreedFees, agreed_fees, fees_apart
from generator.message_payments import schedule_of
from generator.message_vat import vat_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from generator.domain.account import Item
    from generator.domain.claims import Claim
    from generator.domain.discount_vat import Computation
    from generator.domain.due import DueReminder, Recap
    from generator.domain.money import Money
    from generator.domain.policy import Policy
    from generator.message_payments import Part
    from generator.message_vat import InstalmentVat


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
class Ending:
    """How an agreement that was not kept ended: the instalment that was missed, and when we had written of it.

    `due_now` is what is to be paid at once, with the end of the agreement; `later` what its invoices do not ask for yet, each of
    which keeps its own date; `waived` is what would have been waived at its end, and is due after all. None where there is nothing
    of the kind.
    """

    missed: Part
    noticed_on: date | None
    due_now: Money | None
    later: Money | None
    waived: Money | None


@dataclass(frozen=True, slots=True)
class RecapFacts:
    """An agreement in writing. `kind`: as of its recap; of what is `paid`, `early` when that was before its last day.

    `sum` is what it is about, without what credit notes took off since (`credited`), of which `paid` came in and `left` is to
    come, not counting what is disputed (`aside`); nothing of all that once it is over and the ledger does not know it any more.
    `saving` is waived once it is kept, and `waiver` the same as long as that can come; `fallen` is what one that is over, or that
    this one takes the place of, was to waive, and waives no more. `told_on` is the day of the recap whose
    place this one takes. `dates`: how many days a calendar file puts down, or takes out; `grace_days`: how late an instalment
    may be, and `notice_days` how long after a written reminder of it; `warned`: whether relance writes these; `plain`: to
    somebody who is no business, in plain words. `replaces` are the days on which the agreements were signed whose place it
    takes; `vat` is what each instalment pays at each rate, for a business. `fees` are the claimed late fees that it comprises;
    those of its invoices that it does not comprise are in `fees_apart`: claimed after it was offered, asked for beside it.
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
    notice_days: int
    warned: bool
    plain: bool
    early: bool = False
    vat: tuple[InstalmentVat, ...] = ()
    replaces: tuple[date, ...] = ()
    ending: Ending | None = None
    saving: Money | None = None
    saved_on: date | None = None
    waiver: Money | None = None
    credited: Money | None = None
    aside: Money | None = None
    fallen: Money | None = None
    fees: AgreedFees | None = None
    fees_apart: Money | None = None

    @property
    def principal(self) -> Money | None:
        """What was owed of the invoices themselves."""
        return self.debt - self.fees.total if self.debt and self.fees else self.debt

    @property
    def debt(self) -> Money | None:
        """What was owed: the schedule, and what is waived once it is kept, or was."""
        waived = self.saving if self.saved_on else self.waiver
        return self.sum + waived if self.sum and waived else self.sum

    @property
    def in_force(self) -> bool:
        """Whether it is an agreement to keep, and not one that is over."""
        return self.kind in {RecapKind.MADE, RecapKind.CHANGED, RecapKind.RESUMED}


def recap_of(
    recap: Recap,
    due: DueReminder,
    items: Iterable[Item],
    policy: Policy,
    computation: Computation,
    *,
    plain: bool,
    claims: Iterable[Claim] = (),
) -> RecapFacts:
    """The facts of the recap that is due to a client with these items and these claimed late fees."""
    agreement = recap.agreement
    if agreement and due.step.name == AGREEMENT:  # on paper stands what was agreed, whatever came since
        undone = tuple(replace(one, credited=None) for one in agreement.instalments)
        agreement = replace(agreement, instalments=undone, disputed=None)
    parts = agreement.instalments if agreement else ()
    schedule = schedule_of(agreement) if agreement else ()
    currency, aside = parts[0].amount.currency if parts else "", agreement.disputed if agreement else None
    agreed = total((one.amount for one in parts), currency) if parts else None
    credited = total((one.credited for one in parts if one.credited), currency) if parts else None
    left = total((one.open for one in schedule), currency) if parts else None
    return RecapFacts(
        kind=str(recap.kind),
        id=recap.id,
        signed_on=agreement.signed_on if agreement else None,
        told_on=recap.told_on,
        reference=agreement.reference if agreement else "",
        invoices=tuple(_owed(recap, due.items, agreed)),
        numbers=tuple(name for name in recap.invoices if not claimed_of(name)),
        schedule=schedule,
        sum=total((one.amount for one in schedule), currency) if parts else None,
        paid=total((one.paid for one in schedule), currency) if parts else None,
        left=left - aside if left and aside else left,
        dates=sum(not entry.cancelled for entry in recap.calendar) or len(recap.calendar),
        grace_days=policy.agreements.grace_days,
        notice_days=policy.agreements.notice_days,
        warned=bool(policy.reminders.instalment_after_days),
        plain=plain,
        early=_early(recap),
        vat=vat_of(agreement, due.items, computation, fees_first=policy.interest_first)
        if agreement and not plain
        else (),
        replaces=agreement.replaces if agreement else (),
        saving=agreement.saving if agreement else None,
        saved_on=agreement.saved_on if agreement else None,
        waiver=agreement.waiver if agreement else None,
        credited=credited or None,
        aside=aside,
        fallen=recap.fallen,
        fees=agreed_fees(agreement, claims) if agreement else None,
        fees_apart=fees_apart(agreement, items) if agreement else None,
        ending=_ending(recap, due, schedule, items) if recap.kind is RecapKind.BROKEN else None,
    )


def _ending(recap: Recap, due: DueReminder, schedule: Sequence[Part], items: Iterable[Item]) -> Ending | None:
    """The instalment that ended it, as it stands now, and what of its invoices is asked for at once and later."""
    agreement = recap.agreement
    missed = next((part for part in schedule if agreement and part.due == agreement.missed), None)
    if agreement is None or missed is None:
        return None
    noticed = {one.due: one.noticed_on for one in agreement.instalments}
    later = [item.open for item in items if item.id in recap.invoices and item.status is Status.NOT_DUE]
    return Ending(
        missed,
        noticed[missed.due],
        total((item.open for item in (*due.items, *due.fees)), missed.amount.currency) if due.items else None,
        total(later, missed.amount.currency) if later else None,
        agreement.saving,
    )


def _early(recap: Recap) -> bool:
    """Whether the last of it came before its last day."""
    agreement = recap.agreement
    if agreement is None or agreement.kept_on is None:
        return bool(recap.calendar)
    return agreement.kept_on < max(part.due for part in agreement.instalments)


def _owed(recap: Recap, items: tuple[Item, ...], whole: Money | None) -> list[Owed]:
    """The invoices of the agreement that are known, oldest first."""
    agreement = recap.agreement
    open_then = dict(zip(agreement.invoices, agreement.owed, strict=False)) if agreement and agreement.owed else {}
    waived = agreement.saving.minor if agreement and agreement.saving and not agreement.saving_lost else 0
    adds_up = whole is not None and sum(amount.minor for amount in open_then.values()) == whole.minor + waived
    return [
        Owed(
            item.id,
            " ".join(item.invoice.subject.split()),
            item.invoice.issued,
            item.invoice.due,
            item.total,
            open_then.get(item.id) if adds_up else None,
        )
        for item in sorted(real(items), key=lambda one: (one.invoice.due, one.id))
    ]
