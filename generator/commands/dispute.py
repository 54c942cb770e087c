"""`relance dispute CLIENT INVOICE`: a client says that an invoice is wrong, into `ledger/relance/disputes.csv`.

Rows of that file are only ever added by relance: closing a dispute writes it again with the day, and the later row holds.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generator.commands import DONE, Context, say
from generator.commands.said import NOTHING, accounts_named, accounts_of, item_named, plain_words, what_follows
from generator.domain.account import Item, Status
from generator.domain.claims import real
from generator.domain.ledger import Dispute
from generator.errors import UsageError
from generator.lock import exclusive
from generator.readers.takings_file import append_disputes

if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import date

    from generator.domain.ledger import Ledger

LONGEST_REASON = 500  # characters: it is shown on a page, beside the invoice


def run(context: Context, options: Namespace) -> int:
    """Raises UsageError for what is no dispute, or is one already; then nothing is recorded."""
    if options.close and options.reason is not None:
        raise UsageError("A dispute is closed without a reason: say --close, or what is wrong. Not both.")
    with exclusive(context.folder):
        workspace, today = context.open()
        context.refuse_future(today, workspace, "A dispute")
        accounts = accounts_named(workspace, today, options.client)
        client = accounts[0].client.id
        item = item_named([item for account in accounts for item in real(account.items)], options.invoice, client)
        rows = _closed(workspace.ledger, item, today) if options.close else [_opened(options, item, today)]
        append_disputes(workspace.folder / workspace.settings.ledger.path / "relance" / "disputes.csv", rows)
        workspace, _ = context.open()
        accounts = accounts_of(workspace.decide(today), client)
    what = "settled" if options.close else "disputed"
    names = ", ".join(dict.fromkeys(row.invoice for row in rows))
    say(f"{client}: {names} is {what} from {today.isoformat()} on, noted in ledger/relance/disputes.csv.")
    item = item_named([item for account in accounts for item in real(account.items)], item.id, client)
    if options.close and item.status is Status.DISPUTED:
        say(_by_its_own_row(item))
    say(f"{client}: {what_follows(accounts[0].reminders)}")
    return DONE


def _opened(options: Namespace, item: Item, today: date) -> Dispute:
    if item.status is Status.DISPUTED:
        raise UsageError(f"{item.id} is disputed already; when that is settled: --close. {NOTHING}")
    if item.status is Status.PAID:
        raise UsageError(f"{item.id} is paid: there is nothing left to dispute. {NOTHING}")
    if options.reason is None:
        raise UsageError(f"Say what is wrong with {item.id}, in quotation marks, or --close. {NOTHING}")
    return Dispute(item.id, today, reason=plain_words(options.reason, "the reason", LONGEST_REASON))


def _closed(ledger: Ledger, item: Item, today: date) -> list[Dispute]:
    """The rows that close every dispute about the invoice that relance's own file holds open."""
    names = {item.id, item.invoice.number}
    rows = [
        replace(dispute, closed_on=today)
        for dispute in ledger.disputes
        if dispute.invoice in names
        and dispute.opened_on <= today
        and (dispute.closed_on is None or today < dispute.closed_on)
    ]
    if rows:
        return rows
    if item.status is Status.DISPUTED:
        raise UsageError(f"{_by_its_own_row(item)} {NOTHING}")
    raise UsageError(f"{item.id} is not disputed. {NOTHING}")


def _by_its_own_row(item: Item) -> str:
    """What to do about a dispute that stands in the owner's own file, which relance never changes."""
    where = f"{item.invoice.source.file}:{item.invoice.source.line}"
    return (
        f"{item.id} is disputed in {where}, which is yours to change: "
        "write the day into dispute_closed_on, or another status."
    )
