"""`relance show [CLIENT]`: accounts as relance sees them today, and why; writes nothing."""

from __future__ import annotations

import json
from difflib import get_close_matches
from typing import TYPE_CHECKING

from generator import wording
from generator.commands import DONE, Context, say, speaks_unicode, tell_problems
from generator.commands.review import reason
from generator.errors import UsageError
from generator.public_json import account_json
from generator.report_gather import command, to_review
from generator.summary import summary_table

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from generator.domain.account import Account, Instalment, Item, Offer, Reminders
    from generator.workspace import Workspace

_LANGUAGE = "en"  # the command line speaks English; pages and messages speak the client's language


def run(context: Context, options: Namespace) -> int:
    """Raises UsageError for a client without an account."""
    workspace, today = context.open()
    clients = workspace.decide(today).by_client()
    if options.client:
        known = [accounts[0].client.id for accounts in clients]
        clients = [accounts for accounts in clients if accounts[0].client.id == options.client]
        if not clients:
            raise UsageError(f"{options.client}: no such client with an invoice. {_close(options.client, known)}")
    if options.json:
        shown = [_public(workspace, account) for accounts in clients for account in accounts]
        say(json.dumps(shown, ensure_ascii=not speaks_unicode(), indent=2))
        return DONE
    tell_problems(workspace.problems)
    if options.client:
        for account in clients[0]:
            _tell(workspace, account)
    else:
        say(summary_table(clients, _LANGUAGE) or "No invoice in the ledger yet: nothing to show.")
    return DONE


def _public(workspace: Workspace, account: Account) -> dict[str, object]:
    return account_json(account, _page(workspace, account))


def _close(wanted: str, known: Sequence[str]) -> str:
    """Ids that may have been meant: the same in other letters first."""
    folded = {name.casefold(): name for name in known}
    near = get_close_matches(wanted.casefold(), folded, 3)
    return (
        f"Did you mean {' or '.join(folded[name] for name in near)}?"
        if near
        else f"Known: {', '.join(known[:20]) or 'none'}."
    )


def _page(workspace: Workspace, account: Account) -> str | None:
    """The address of the client's page; None before a build has made one, since only a build makes keys."""
    keys = workspace.memory.get(account.client.id).current_keys
    return workspace.settings.portal_url(keys[0]) if keys else None


def _tell(workspace: Workspace, account: Account) -> None:
    """One account in full."""
    client, totals = account.client, account.totals
    say(f"{client.name} ({client.id}), {account.currency}, as of {account.as_of.isoformat()}")
    say(f"  page      {_page(workspace, account) or 'none yet: the first build makes it'}")
    say(f"  to pay    {wording.money(totals.to_pay, _LANGUAGE)}   overdue {wording.money(totals.overdue, _LANGUAGE)}")
    if totals.credit:
        say(f"  credit    {wording.money(totals.credit, _LANGUAGE)}")
    say(f"  reminders {_reminders(account.reminders)}")
    _section("Items", [_item(item) for item in account.items if item.open or item.in_flight])
    release = command("review", client.id)
    _section("To review", [f"{item.id}  {reason(item)}: {release}" for item in to_review([account])])
    _section("Offers", [_offer(offer) for offer in account.offers])
    for agreement in account.agreements:
        parts = [_instalment(part) for part in agreement.instalments]
        _section(f"Agreement {agreement.id}, {'holds' if agreement.holds else 'broken'}", parts)
    _section(
        "Placed by guess",
        [f"{g.on.isoformat()}  {g.amount}  {g.invoice or 'credit'}  ({g.how})" for g in account.guesses],
    )
    say()


def _section(title: str, lines: Sequence[str]) -> None:
    if lines:
        say(f"  {title}:")
        for line in lines:
            say(f"    {line}")


def _item(item: Item) -> str:
    late = f", {item.days_overdue} days late" if item.days_overdue else ""
    coming = f", {item.in_flight} on its way" if item.in_flight else ""
    return (
        f"{item.id}  due {item.invoice.due.isoformat()}  open {item.open} of {item.total}  {item.status}{late}{coming}"
    )


def _instalment(part: Instalment) -> str:
    coming = f", {part.in_flight} on its way" if part.in_flight else ""
    return f"{part.due.isoformat()}  {part.amount} ({part.paid} paid{coming})"


def _offer(offer: Offer) -> str:
    until = f" until {offer.valid_until.isoformat()}" if offer.valid_until else ""
    parts = " + ".join(f"{part.amount} on {part.due.isoformat()}" for part in offer.instalments)
    saving = f", {offer.saving} less" if offer.saving else ""
    return f"{offer.kind}  {offer.amount}{saving}{until}  reference {offer.reference}{': ' + parts if parts else ''}"


def _reminders(reminders: Reminders) -> str:
    if reminders.due_today:
        return f"{reminders.due_today.step.name} is due today by {reminders.due_today.channel}"
    held = ""
    if reminders.held:
        until = f" until {reminders.until.isoformat()}" if reminders.until else ""
        held = f"none today: {reminders.held.replace('_', ' ')}{until}"
    following = f"next {reminders.next.step} on {reminders.next.on.isoformat()}" if reminders.next else ""
    return "; ".join(part for part in (held, following) if part) or "none"
