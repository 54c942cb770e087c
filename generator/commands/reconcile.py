"""`relance reconcile`: what was paid, refunded and disputed at Stripe, into `ledger/relance/payments.csv`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from generator.commands import DONE, Context, complain, plural, say, tell_problems
from generator.commands.cashier import open_cashier
from generator.domain.ledger import Progress
from generator.domain.memory import Reconciled
from generator.domain.reconciliation import DISPUTE_LOOK_BACK, LOOK_BACK, money_moved, read_since, reconcile
from generator.journal import append
from generator.lock import exclusive
from generator.readers.takings_file import append_disputes, append_takings

if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import date, datetime

    from generator.domain.ledger import Taking
    from generator.domain.memory import MoneyMoved
    from generator.domain.reconciliation import Receipt, Reconciliation
    from generator.stripe_links import Cashier
    from generator.workspace import Workspace

_WORDS = {
    Progress.IN_FLIGHT: "on its way",
    Progress.PAID: "paid",
    Progress.FAILED: "failed",
    Progress.CANCELLED: "cancelled",
}


def run(context: Context, _options: Namespace) -> int:
    """Raises UsageError without Stripe, OutsideError when it does not answer; then nothing was written."""
    with exclusive(context.folder):
        workspace, today = context.open()
        context.refuse_past(today, workspace, "reconcile")
        with open_cashier(workspace) as cashier:
            found = bring_in(workspace, today, context.now, cashier)
    tell_problems(workspace.problems)
    if not found.takings:
        say("Nothing new.")
    tell(found)
    return DONE


def tell(found: Reconciliation) -> None:
    """What was booked, a line each; nothing of nothing."""
    for taking in found.takings:
        say(_line(taking))
    if found.takings:
        say(f"{plural(len(found.takings), 'row')} added to ledger/relance/payments.csv.")
    _warn(found)


def bring_in(workspace: Workspace, today: date, now: datetime, cashier: Cashier) -> Reconciliation:
    """Reads Stripe from a little before the last time, and books what the ledger lacks: the file first, then the journal."""
    zone = ZoneInfo(workspace.settings.seller.timezone)
    before = workspace.memory.reconciled_up_to
    since = read_since(before, workspace.ledger, zone)
    receipts = list(cashier.receipts(since))
    earlier = (since - LOOK_BACK, since - DISPUTE_LOOK_BACK) if since else (None, None)
    returned = list(cashier.returned(*earlier))
    found = reconcile(receipts, returned, workspace.ledger, today, zone)
    folder = workspace.folder / workspace.settings.ledger.path / "relance"
    append_disputes(folder / "disputes.csv", found.disputes)  # first: they are found again only with a new row
    append_takings(folder / "payments.csv", found.takings)
    up_to = _read_up_to(before, receipts, found.unknown)
    last = [Reconciled(up_to)] if up_to is not None and (before is None or up_to > before) else []
    append(workspace.folder / "journal", [*_untold(workspace), *found.events, *last], now)
    return found


def _untold(workspace: Workspace) -> list[MoneyMoved]:
    """What the ledger knows and the journal does not: a run that died between the two had written one of them only."""
    told = workspace.memory.moved
    return [money_moved(taking) for taking in workspace.ledger.takings if (taking.id, taking.progress) not in told]


def _read_up_to(before: datetime | None, receipts: list[Receipt], unknown: tuple[Receipt, ...]) -> datetime | None:
    """Until when everything is booked, by Stripe's own clock; a payment that nobody can be given keeps it back."""
    moments = [receipt.begun for receipt in receipts]
    latest = max([*moments, *([before] if before else [])], default=None)
    waiting = min((receipt.begun for receipt in unknown), default=None)
    return min(latest, waiting) if latest and waiting else latest


def _line(taking: Taking) -> str:
    payment = taking.payment
    amount = f"{payment.amount} {payment.amount.currency}"
    return (
        f"{payment.date.isoformat()}  {amount:>16}  {payment.client:<12} {payment.method:<11} {_WORDS[taking.progress]}"
    )


def _warn(found: Reconciliation) -> None:
    for receipt in found.unknown:
        complain(
            f"warning: {receipt.amount} {receipt.amount.currency} ({receipt.ids[0]}) was paid by a client who is not in the "
            f"ledger (account {receipt.account}, reference {receipt.reference or 'none'}). Put the client back, or book it in "
            "payments.csv with this id in its reference."
        )
    for dispute in found.disputes:
        complain(f"warning: a bank disputes the payment of {dispute.invoice}: answer it in the Stripe Dashboard.")
    if found.ahead:
        complain("warning: Stripe dates a payment after today. Look at this machine's clock; the payment counts today.")
