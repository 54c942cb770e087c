"""`relance waive CLIENT [INVOICE …]`: late fees that the owner asks no more for, into `ledger/relance/fee_waivers.csv`.

All that is claimed on an invoice, and then nothing is ever claimed on it again; or an amount of it. Before any claim it says that none
will be made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.commands import DONE, Context, say
from generator.commands.agree_terms import read_amount
from generator.commands.agree_words import money
from generator.commands.said import (
    LONGEST_REASON,
    NOTHING,
    accounts_named,
    accounts_of,
    plain_words,
    refuse_unreadable,
)
from generator.commands.show import close_to
from generator.domain.claims import claimed_of, fee_id, real
from generator.domain.ledger import FeeWaiver
from generator.domain.money import Money, total
from generator.errors import UsageError
from generator.lock import exclusive
from generator.problems import printable
from generator.readers.takings_file import append_fee_waivers

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from datetime import date

    from generator.domain.account import Account, Item
    from generator.domain.claims import Claim
    from generator.workspace import Workspace

FILE = "ledger/relance/fee_waivers.csv"


def run(context: Context, options: Namespace) -> int:
    """Raises UsageError for what cannot be waived; then nothing is recorded."""
    with exclusive(context.folder):
        workspace, today = context.open()
        context.refuse_future(today, workspace, "A waiver")
        accounts = accounts_named(workspace, today, options.client)
        client = accounts[0].client.id
        refuse_unreadable(workspace, client)
        waivers = _waivers(options, workspace, accounts, today)
        new = [waiver for waiver in waivers if not _is_noted(workspace, waiver)]
        if options.dry_run:
            _tell(accounts, accounts, waivers, new, planned=True)
            return DONE
        path = workspace.folder / workspace.settings.ledger.path / "relance" / "fee_waivers.csv"
        append_fee_waivers(path, new)
        workspace, _ = context.open()
        after = accounts_of(workspace.decide(today), client)
    _tell(accounts, after, waivers, new)
    if new:
        _tell_next(workspace, new, accounts, after)
    return DONE


def _waivers(options: Namespace, workspace: Workspace, accounts: Sequence[Account], today: date) -> list[FeeWaiver]:
    """One for each invoice (or part): those named, or all on which something claimed is open."""
    client, every = accounts[0].client.id, real(item for account in accounts for item in account.items)
    reason = "" if options.reason is None else plain_words(options.reason, "the reason", LONGEST_REASON)
    claims = _claims(accounts)
    items = [item for item in every if (claim := claims.get(item.id)) is not None and claim.open]
    if options.invoices:
        items = list({item.id: item for wanted in options.invoices for item in _named(every, wanted, client)}.values())
    elif not items:
        raise UsageError(
            f"{client}: no late fees that were claimed are open. Name an invoice, and none is ever claimed on it. {NOTHING}"
        )
    if options.amount is None:
        for item in items:
            _refuse_settled(item, claims.get(item.id))
        return [FeeWaiver(client, item.id, today, None, reason) for item in items]
    if len(items) > 1:
        names = ", ".join(item.id for item in items)
        raise UsageError(
            f"--amount {printable(options.amount)}: of {names}, name the one that it is waived on. {NOTHING}"
        )
    part = FeeWaiver(client, items[0].id, today, _part(options.amount, items[0], claims.get(items[0].id)), reason)
    if not _is_noted(workspace, part):
        _refuse_more(part, claims[part.invoice])
    return [part]


def _named(items: Sequence[Item], wanted: str, client: str) -> list[Item]:
    """The invoice of that number, or all its parts; fees by their own name are those of their invoice."""
    text = wanted.strip().casefold()
    name = claimed_of(text) or text
    found = [item for item in items if name in {item.id.casefold(), item.invoice.number.casefold()}]
    if not found:
        close = close_to(wanted, [item.id for item in items])
        raise UsageError(f"{printable(wanted)}: {client} has no such invoice. {close} {NOTHING}")
    return found


def _refuse_settled(item: Item, claim: Claim | None) -> None:
    """Fees of an invoice that is paid with all that was claimed on it are not to be waived any more."""
    if item.open or (claim is not None and (claim.open or claim.waived)):
        return
    paid = "" if claim is None else f", and the {money(claim.total)} of late fees with it"
    raise UsageError(f"{item.id} is paid{paid}: nothing is left to waive. {NOTHING}")


def _part(text: str, item: Item, claim: Claim | None) -> Money:
    """So much of what is claimed on an invoice. Raises UsageError where nothing is, and for what is no part of it."""
    if claim is None:
        raise UsageError(
            f"{item.id}: no late fees are claimed on it, so there is no part to waive. Without --amount none ever are. {NOTHING}"
        )
    amount = read_amount("--amount", text, claim.total.currency)
    if amount <= Money(0, amount.currency):
        raise UsageError(f"--amount {printable(text)}: what is waived is more than nothing. {NOTHING}")
    return amount


def _refuse_more(waiver: FeeWaiver, claim: Claim) -> None:
    """No more can be waived than is open."""
    if waiver.amount is not None and claim.open < waiver.amount:
        asked, left = money(waiver.amount), money(claim.open)
        raise UsageError(f"{asked} is more than what is open of the late fees on {waiver.invoice}: {left}. {NOTHING}")


def _is_noted(workspace: Workspace, waiver: FeeWaiver) -> bool:
    """Whether the ledger says it already: all fees of an invoice on any day, a part on this day for this reason."""
    if waiver.amount is not None:
        return waiver in workspace.ledger.fee_waivers
    return any(
        known.amount is None and known.invoice == waiver.invoice and known.on <= waiver.on
        for known in workspace.ledger.fee_waivers
    )


def _tell(
    before: Sequence[Account],
    after: Sequence[Account],
    waivers: Sequence[FeeWaiver],
    new: Sequence[FeeWaiver],
    *,
    planned: bool = False,
) -> None:
    was, now = _claims(before), _claims(after)
    for waiver in waivers:
        planned_now = planned and waiver in new
        line = _line(waiver, was.get(waiver.invoice), now.get(waiver.invoice), planned=planned_now)
        say(f"{waiver.client}: {line}")
        if waiver not in new:
            say("  It was noted already.")
    if new:
        say(f"  {NOTHING} Without --dry-run it is." if planned else f"  Noted in {FILE}.")


def _line(waiver: FeeWaiver, was: Claim | None, now: Claim | None, *, planned: bool) -> str:
    """What was claimed, what is waived of it, and what is left; `planned`: it is not waived yet."""
    if was is None:
        return f"no late fees are ever claimed on {waiver.invoice}"
    parts = f"{money(was.interest)} interest and {money(was.indemnity)} indemnity"
    if now is None or (planned and waiver.amount is None and was.told_on is None):
        what = f"{money(was.total)} of late fees were to be claimed on {waiver.invoice} ({parts})"
        return f"{what}, by a message that has not left: nothing is claimed, now or ever"
    off = now.open if waiver.amount is None else waiver.amount
    waived = now.waived + off if planned else now.waived
    left = now.open - off if planned else now.open
    paid = f", {money(now.paid)} paid" if now.paid else ""
    rest = f"{money(left)} left" if left else "nothing left"
    never = ", and no more is ever claimed on it" if waiver.amount is None else ""
    what = f"{money(now.total)} of late fees claimed on {waiver.invoice} ({parts})"
    return f"{what}: {money(waived)} waived{paid}, {rest}{never}"


def _claims(accounts: Sequence[Account]) -> dict[str, Claim]:
    return {claim.invoice: claim for account in accounts for claim in account.claims}


def _tell_next(
    workspace: Workspace, new: Sequence[FeeWaiver], before: Sequence[Account], after: Sequence[Account]
) -> None:
    """What changes for the client, and the commands that carry it out."""
    changed = _asked(before) != _asked(after)
    for account in after if changed else ():
        fees = total((claim.open for claim in account.claims), account.currency)
        say(f"  To pay today: {money(account.totals.to_pay)}. Late fees still open: {money(fees)}.")
    names = {name for waiver in new for name in (waiver.invoice, fee_id(waiver.invoice))}
    for agreement in (one for account in after for one in account.agreements if one.holds and changed):
        if names.intersection(agreement.invoices):
            say(f"  Agreement {agreement.id} keeps its dates; so much less is asked at its end.")
    say("  Next: relance build shows it on their page.")
    if changed and workspace.settings.policy.links is not None:
        say("  relance links --apply takes down the links of the old sums and makes those of the new ones.")


def _asked(accounts: Sequence[Account]) -> list[object]:
    return [(account.totals.open, account.totals.to_pay) for account in accounts]
