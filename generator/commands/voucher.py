"""`relance voucher CLIENT …`: what a client has off their next invoice, into `ledger/relance/vouchers.csv`.

What was earned by paying in time is there by itself; a row says what became of it, or that the owner gives one. A voucher moves no
balance: the invoice that it comes off, or a credit note, does.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from generator.commands import DONE, Context, say
from generator.commands.agree_terms import read_amount
from generator.commands.agree_words import money
from generator.commands.said import (
    LONGEST_REASON,
    NOTHING,
    accounts_named,
    accounts_of,
    item_named,
    plain_words,
    refuse_unreadable,
)
from generator.commands.show import close_to, voucher_line
from generator.domain.claims import real
from generator.domain.ledger import VoucherRecord
from generator.domain.money import Money
from generator.domain.offering import VOUCHER_DAYS
from generator.domain.references import code
from generator.domain.vouchers import VoucherStatus
from generator.errors import UsageError
from generator.lock import exclusive
from generator.problems import printable
from generator.readers.takings_file import append_voucher

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from datetime import date

    from generator.domain.account import Account
    from generator.domain.vouchers import Voucher
    from generator.workspace import Workspace

FILE = "ledger/relance/vouchers.csv"


def run(context: Context, options: Namespace) -> int:
    """Raises UsageError for what cannot be noted; then nothing is recorded."""
    _refuse_mixed(options)
    with exclusive(context.folder):
        workspace, today = context.open()
        context.refuse_future(today, workspace, "A voucher")
        accounts = accounts_named(workspace, today, options.client)
        client = accounts[0].client.id
        refuse_unreadable(workspace, client)
        if options.used is None and options.cancel is None and options.give is None:
            return _list(accounts)
        record = _given(workspace, options, accounts, today) if options.give is not None else _noted(options, accounts)
        if options.dry_run:
            say(f"{_told(record)}. {NOTHING} Without --dry-run it is.")
            return DONE
        append_voucher(workspace.folder / workspace.settings.ledger.path / "relance" / "vouchers.csv", record)
        workspace, _ = context.open()
        after = accounts_of(workspace.decide(today), client)
    say(f"{_told(record)}, noted in {FILE}.")
    _list(after)
    say("  Next: relance build, for their page.")
    return DONE


def _refuse_mixed(options: Namespace) -> None:
    """Options without the one that they go with."""
    wrong = []
    if options.invoice and options.used is None:
        wrong.append("--invoice goes with --used.")
    wrong += [
        f"--{name} goes with --give."
        for name in ("days", "currency")
        if getattr(options, name) and options.give is None
    ]
    if options.note is not None and options.used is None and options.cancel is None and options.give is None:
        wrong.append("--note goes with --used, --cancel or --give.")
    if wrong:
        raise UsageError(" ".join([*wrong, NOTHING]))


def _list(accounts: Sequence[Account]) -> int:
    client = accounts[0].client.id
    found = [voucher for account in accounts for voucher in account.vouchers]
    say(f"{client}:" if found else f"{client}: no voucher, earned or given.")
    for voucher in found:
        say(f"  {voucher_line(voucher)}")
    return DONE


def _noted(options: Namespace, accounts: Sequence[Account]) -> VoucherRecord:
    """What became of a voucher that is still to be taken off."""
    wanted = options.used if options.used is not None else options.cancel
    account, voucher = _named(wanted, accounts)
    if options.cancel is not None and voucher.status is VoucherStatus.CANCELLED:
        raise UsageError(f"{voucher.id} is cancelled already. {NOTHING}")
    if voucher.status is VoucherStatus.USED:
        on = f" on {', '.join(voucher.invoices)}" if voucher.invoices else ""
        raise UsageError(f"{voucher.id} was used already{on}; to correct that, correct its row in {FILE}. {NOTHING}")
    invoices: tuple[str, ...] = ()
    if options.invoice:
        invoices = (item_named(real(account.items), options.invoice, account.client.id).id,)
    status = VoucherStatus.USED if options.used is not None else VoucherStatus.CANCELLED
    note = voucher.note if options.note is None else plain_words(options.note, "the note", LONGEST_REASON)
    return VoucherRecord(
        *(voucher.id, account.client.id, voucher.amount, voucher.earned_on, voucher.valid_until, status, invoices, note)
    )


def _named(wanted: str, accounts: Sequence[Account]) -> tuple[Account, Voucher]:
    """The voucher of that id. Raises UsageError, with those that may have been meant."""
    known = {voucher.id: (account, voucher) for account in accounts for voucher in account.vouchers}
    for name, found in known.items():
        if name.casefold() == wanted.strip().casefold():
            return found
    raise UsageError(
        f"{printable(wanted)}: {accounts[0].client.id} has no such voucher. {close_to(wanted, list(known))} {NOTHING}"
    )


def _given(workspace: Workspace, options: Namespace, accounts: Sequence[Account], today: date) -> VoucherRecord:
    """A voucher of the owner's own, of this day."""
    account = _account(options, accounts)
    client, amount = account.client.id, read_amount("--give", options.give, account.currency)
    if amount <= Money(0, account.currency):
        raise UsageError(f"--give {printable(options.give)}: a voucher is worth more than nothing. {NOTHING}")
    policy = workspace.settings.policy.discount
    usual = (policy.voucher_days if policy else 0) or VOUCHER_DAYS
    until = today + timedelta(days=usual if options.days is None else options.days)
    taken = {record.id.casefold() for record in workspace.ledger.vouchers}
    number = 1
    while (name := code("voucher", client, today.isoformat(), str(number))).casefold() in taken:
        number += 1
    note = "" if options.note is None else plain_words(options.note, "the note", LONGEST_REASON)
    return VoucherRecord(name, client, amount, today, until, note=note)


def _account(options: Namespace, accounts: Sequence[Account]) -> Account:
    known = {account.currency: account for account in accounts}
    wanted = (options.currency or "").upper()
    if wanted and wanted not in known:
        raise UsageError(f"{accounts[0].client.id} was never invoiced in {printable(wanted)}. {NOTHING}")
    if not wanted and len(known) > 1:
        raise UsageError(f"{accounts[0].client.id} is invoiced in {' and '.join(known)}: say --currency. {NOTHING}")
    return known[wanted] if wanted else accounts[0]


def _told(record: VoucherRecord) -> str:
    off = f"{record.client}: {money(record.amount)} off the next invoice"
    if record.status == VoucherStatus.USED:
        on = f" on {', '.join(record.invoices)}" if record.invoices else ""
        return f"{off}, {record.id}, is used{on}"
    if record.status == VoucherStatus.CANCELLED:
        return f"{off}, {record.id}, is cancelled"
    until = f", until {record.valid_until.isoformat()}" if record.valid_until else ""
    return f"{off}{until}, {record.id}, is given"
