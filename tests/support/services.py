"""Accounts made by hand to whom something else than a reminder is due: about an instalment, money that came in, a first word."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from generator.domain.account import Account, Agreement, Instalment, Item, Status
from generator.domain.due import CalendarEntry, DueReminder, InstalmentDue, Recap, RecapKind, Receipt, Reminders
from generator.domain.ledger import Channel
from generator.domain.money import Money
from generator.domain.policy import AGREEMENT, ONBOARDING, RECAP, RECEIPT, Step, Tone
from tests.support.accounts import accounts, item

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.domain.delivery import MessageSent
    from generator.domain.ledger import Client

GRACE = timedelta(days=10)


def euros(amount: str) -> Money:
    """An amount in euros."""
    return Money.of(amount, "EUR")


def agreed(*parts: tuple[date, str, str], holds: bool = True) -> Agreement:
    """An agreement on invoice F-2026-118: the day, the amount and what is paid of each instalment."""
    instalments = tuple(Instalment(due, euros(amount), euros(paid)) for due, amount, paid in parts)
    return Agreement("EC-1", "RF45EC1", date(2026, 10, 16), ("F-2026-118",), instalments, holds)


def about_instalment(
    step: str,
    number: int,
    agreement: Agreement,
    *,
    who: Client | None = None,
    channel: Channel | None = None,
    history: Sequence[MessageSent] = (),
) -> tuple[Account, ...]:
    """The account of a client to whom `step` is due for one instalment of their agreement."""
    paid = sum(part.paid.minor for part in agreement.instalments)
    one = replace(item(), status=Status.IN_PLAN, paid=Money(paid, "EUR"), open=Money(120000 - paid, "EUR"))
    known = Step(step, 0, tone=Tone.WARM if step == "instalment" else Tone.PLAIN)
    part = agreement.instalments[number - 1]
    due = DueReminder(
        known,
        channel or Channel.EMAIL,
        (one,),
        {},
        about=(f"EC-1@{part.due.isoformat()}",),
        instalment=InstalmentDue(agreement, part, number, len(agreement.instalments), part.due + GRACE),
    )
    (account,) = accounts(known, one, who=who)
    totals = replace(account.totals, overdue=euros("0"), in_plan=one.open, open=one.open)
    reminders = Reminders(sent=tuple(history), due_today=due)
    return (replace(account, totals=totals, agreements=(agreement,), reminders=reminders),)


def thanked(
    *receipts: Receipt, items: Sequence[Item] = (), who: Client | None = None, disputed: str = "0"
) -> tuple[Account, ...]:
    """The account of a client whose payments are confirmed; `items` as they stand now."""
    shown = tuple(items) or (replace(item(paid="1200.00"), status=Status.PAID),)
    (account,) = accounts("receipt", *shown, who=who)
    due = DueReminder(
        Step(RECEIPT, 0, tone=Tone.WARM), Channel.EMAIL, (), {}, about=("2026-11-20/EUR/1",), receipts=receipts
    )
    totals = replace(account.totals, disputed=euros(disputed))
    return (replace(account, totals=totals, reminders=Reminders(due_today=due)),)


def welcomed(who: Client | None = None) -> tuple[Account, ...]:
    """The account of a new client who is asked who pays."""
    (account,) = accounts("onboarding", item(due=date(2026, 12, 20)), who=who)
    due = DueReminder(Step(ONBOARDING, 0, tone=Tone.WARM), Channel.EMAIL, (), {}, about=(ONBOARDING,))
    return (replace(account, reminders=Reminders(due_today=due)),)


def calendar(agreement: Agreement, *, sequence: int = 0, gone: bool = False) -> tuple[CalendarEntry, ...]:
    """The dates of an agreement of which something is open, to be put down or taken out."""
    parts = agreement.instalments
    return tuple(
        CalendarEntry(
            agreement.id, number, len(parts), part.due, part.amount, sequence, agreement.signed_on, cancelled=gone
        )
        for number, part in enumerate(parts, start=1)
        if part.open
    )


def confirmed(
    recap: Recap, *, items: Sequence[Item] = (), who: Client | None = None, receipts: Sequence[Receipt] = ()
) -> tuple[Account, ...]:
    """The account of a client to whom an agreement is told in writing."""
    shown = tuple(items) or (replace(item(), status=Status.IN_PLAN),)
    known = Step(RECAP, 0, tone=Tone.WARM)
    (account,) = accounts(known, *shown, who=who)
    due = DueReminder(known, Channel.EMAIL, shown, {}, about=("EC-1@…",), recap=recap, receipts=tuple(receipts))
    agreements = (recap.agreement,) if recap.agreement else ()
    return (replace(account, agreements=agreements, reminders=Reminders(due_today=due)),)


def made(agreement: Agreement, **changes: object) -> Recap:
    """The recap of an agreement that was made, or whatever `changes` say."""
    known = Recap(RecapKind.MADE, agreement.id, agreement, agreement.invoices, calendar(agreement))
    return replace(known, **changes)  # type: ignore[arg-type]


def on_paper(recap: Recap, *, items: Sequence[Item] = (), who: Client | None = None) -> tuple[Account, ...]:
    """The same agreement, to be printed and signed."""
    (account,) = confirmed(recap, items=items, who=who)
    due = account.reminders.due_today
    assert due is not None
    letter = replace(due, step=Step(AGREEMENT, 0), channel=Channel.LETTER)
    return (replace(account, reminders=Reminders(due_today=letter)),)
