"""`relance fees INVOICE`: what the law gives for an invoice that is late or was paid late, line by line; asks for nothing."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from generator import wording
from generator.commands import DONE, Context, plural, say, speaks_unicode
from generator.commands.claimed import claim_story
from generator.commands.show import close_to
from generator.domain.account import Status
from generator.domain.fee_rules import Basis
from generator.domain.fees import AccountFees, account_fees
from generator.domain.late_fees import Nothing
from generator.domain.policy import FeeMode
from generator.domain.rates import Confidence
from generator.errors import UsageError
from generator.problems import printable
from generator.public_fees import fees_json, percent
from generator.rates import citation

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from datetime import date

    from generator.domain.account import Account, Item
    from generator.domain.late_fees import LateFees, Period
    from generator.domain.ledger import Invoice
    from generator.domain.money import Money
    from generator.domain.rates import Figure
    from generator.workspace import Workspace

_LANGUAGE = "en"  # the command line speaks English


def run(context: Context, options: Namespace) -> int:
    """Writes nothing. Raises UsageError for an invoice that is not there, or that nobody is asked to pay."""
    workspace, today = context.open()
    account, items = _found(workspace, today, options.invoice)
    fees = account_fees(account, workspace.settings.policy.fees)
    only = AccountFees(account.currency, {item.id: fees.items[item.id] for item in items})
    if options.json:
        told = _public(workspace, account, items, only)
        say(json.dumps(told, indent=2, ensure_ascii=not speaks_unicode()))
        return DONE
    kind = account.client.kind or "of a kind that the ledger does not tell"
    say(f"{printable(account.client.name)} ({account.client.id}), {kind}, as of {today.isoformat()}")
    for item in items:
        _tell(workspace, account, item, only.items[item.id])
    if len(items) > 1:
        say(f"All parts: {_money(only.interest)} interest and {_money(only.indemnity)} indemnity, {_money(only.total)}")
    say(_MODES[workspace.settings.policy.fee_mode(account.client)])
    return DONE


#: What becomes of it.
_MODES = {
    FeeMode.MENTION: "Nothing of this is asked for: your policy mentions late fees and claims none.",
    FeeMode.CLAIM: "Your policy claims late fees: what is claimed is frozen on the day of a reminder, and never more.",
    FeeMode.OFF: "Nothing of this is asked for: your policy leaves late fees out altogether.",
}


def _found(workspace: Workspace, today: date, wanted: str) -> tuple[Account, list[Item]]:
    """The account and the items of an invoice: one part when it is named, else all of them."""
    for account in workspace.decide(today).accounts:
        items = [item for item in account.items if wanted in (item.id, item.invoice.number) and not item.fee_of]
        if items:
            return account, items
    ledger = workspace.ledger
    known = [invoice for invoice in ledger.invoices if wanted in (invoice.id, invoice.number)]
    if known:
        raise UsageError(f"{wanted}: {_why_not_shown(workspace, known[0], today)}")
    if any(note.number == wanted for note in ledger.credit_notes):
        raise UsageError(f"{wanted} is a credit note: it bears no interest.")
    names = list(dict.fromkeys(name for invoice in ledger.invoices for name in (invoice.number, invoice.id)))
    raise UsageError(f"{wanted}: no such invoice. {close_to(wanted, names)}")


def _why_not_shown(workspace: Workspace, invoice: Invoice, today: date) -> str:
    if places := workspace.ledger.unreadable.get(invoice.client):
        return f"{invoice.client} is held back: see {', '.join(map(str, places))}, and relance check."
    if invoice.issued > today:
        return f"it is of {invoice.issued.isoformat()}, after {today.isoformat()}."
    words = invoice.status.replace("_", " ")
    return f"the ledger says that it is {words}: nobody is asked to pay it, and nothing is counted."


def _tell(workspace: Workspace, account: Account, item: Item, fees: LateFees) -> None:
    say(f"{item.id}  due {item.invoice.due.isoformat()}  open {_money(item.open)} of {_money(item.total)}")
    for period in fees.periods:
        say(f"  {_line(period)}")
        say(f"    {_rate(period)}; {citation(period.article)}")
    if fees.periods:
        _tell_left_out(account, item)
    for line in [*_ends(fees), *([_REASONS[fees.reason](workspace, account)] if fees.reason else [])]:
        say(f"  {line}")
    if fees.periods:
        say(f"  interest   {_money(fees.interest)}")
    if fees.indemnity:
        say(f"  indemnity  {_money(fees.indemnity)}  {citation(fees.indemnity_article)}")
    elif fees.late_from and not fees.indemnity_article and fees.reason is not Nothing.NO_NOTICE:
        say(f"  indemnity  {_no_indemnity(workspace, account)}")
    elif fees.indemnity_at:
        say(f"  indemnity  once for the invoice: it stands at {fees.indemnity_at}")
    if fees.periods and fees.indemnity:
        say(f"  together   {_money(fees.total)}")
    for line in claim_story(account, item, workspace.settings.policy, waived=_never_again(workspace, item)):
        say(f"  {printable(line)}")


def _tell_left_out(account: Account, item: Item) -> None:
    """The days that bear no interest."""
    if item.status is Status.DISPUTED:
        say("  disputed: those days bear no interest, until it is settled.")
    for begins, ends in account.courses[item.id].agreed:
        until = f"to {(ends - timedelta(days=1)).isoformat()}" if ends else "on"
        say(f"  in an agreement from {begins.isoformat()} {until}: those days bear no interest.")


def _never_again(workspace: Workspace, item: Item) -> bool:
    """Whether the owner let all fees of an item go."""
    return any(one.invoice == item.id and one.amount is None for one in workspace.ledger.fee_waivers)


def _no_indemnity(workspace: Workspace, account: Account) -> str:
    """Why an invoice that was late has none."""
    law = workspace.settings.policy.fees.law
    if law is not None and account.client.kind in law.rules and law.rules[account.client.kind].indemnity is not None:
        return f"none: the law gives it in {law.currency}, and this account is in {account.currency}."
    return f"none: a {account.client.kind} owes none."


def _line(period: Period) -> str:
    days = f"{period.begins.isoformat()} to {period.ends.isoformat()}"
    base = f"{_money(period.base)} x {percent(period.percent)} % x {period.days}/{period.year_days}"
    return f"{days}  {plural(period.days, 'day')}  {base} = {_money(period.interest)}"


def _rate(period: Period) -> str:
    """Where a rate comes from."""
    terms, known = period.terms, period.known
    since = f"half-year from {known.begins.isoformat()}"
    if terms.basis is Basis.FIXED:
        return f"{percent(terms.points)} % by your contract"
    figure, name = (known.ecb, "ECB") if terms.basis is Basis.ECB else (known.legal, "legal rate")
    text = f"{name} {percent(figure.percent)} %{_doubt(figure)}"
    if terms.times > 1:
        text = f"{terms.times} x {text}"
    if terms.points:
        text += f" + {terms.points.normalize():f} points"
    floored = ", the least that a contract may say" if period.floored else ""
    return f"{text}, {since}{floored}"


def _doubt(figure: Figure) -> str:
    """What the reader should know of a figure that no official text was seen for."""
    if figure.confidence is Confidence.OWN:
        return f" ({figure.source})"
    return "" if figure.confidence is Confidence.HIGH else f" (confidence {figure.confidence}: {figure.source})"


def _ends(fees: LateFees) -> list[str]:
    """Where the table of rates begins too late or ends too early."""
    lines = []
    if fees.known_from is not None:
        lines.append(
            f"known from {fees.known_from.isoformat()} only: no rate of an earlier day is known, and none is guessed."
        )
    if fees.known_until is not None:
        lines.append(
            f"known until {fees.known_until.isoformat()} only: a rate to come is never guessed. "
            "Add its half-year to portal.toml under [[late_fees.rates]]."
        )
    return lines


def _hold(_: Workspace, account: Account) -> str:
    until = account.client.hold_until
    return f"nothing: the client is on hold until {until.isoformat() if until else 'you say'}."


#: Why there is nothing, for the owner.
_REASONS = {
    Nothing.NO_LAW: lambda workspace, _: (
        "nothing: relance knows the law of late payment for France and the countries of the euro, "
        f"and your country is {workspace.settings.seller.country}."
    ),
    Nothing.KIND_UNKNOWN: lambda _, account: (
        f"nothing: is {account.client.id} a business, a consumer or a public body? Write it in the column kind of clients.csv. "
        "It is never guessed."
    ),
    Nothing.NO_RULE: lambda _, account: f"nothing: this law gives nothing against a {account.client.kind} client.",
    Nothing.INSOLVENT: lambda *_: "nothing: insolvency proceedings are open.",
    Nothing.HOLD: _hold,
    Nothing.UNDATED: lambda *_: "nothing: it is paid, and nobody noted on which day.",
    Nothing.NOT_DUE: lambda *_: "nothing: it is not late.",
    Nothing.ON_TIME: lambda *_: "nothing: it was paid on time.",
    Nothing.AGREEMENT: lambda *_: "nothing: it is, or was on every day since it was due, in an agreement that held.",
    Nothing.DISPUTED: lambda *_: "nothing: it was disputed on every day since it was due.",
    Nothing.NO_NOTICE: lambda *_: (
        "nothing: a consumer owes interest from the day after the formal notice only, and no such letter is in the journal."
    ),
    Nothing.NO_RATE: lambda *_: "no interest: no rate of these days is known.",
}


def _public(workspace: Workspace, account: Account, items: Sequence[Item], fees: AccountFees) -> dict[str, object]:
    return {
        "as_of": account.as_of.isoformat(),
        "currency": account.currency,
        "client": account.client.id,
        "kind": str(account.client.kind) or None,
        "mode": str(workspace.settings.policy.fee_mode(account.client)),
        "items": [
            {
                "invoice": item.id,
                "due": item.invoice.due.isoformat(),
                "total": str(item.total),
                "open": str(item.open),
                "status": str(item.status),
                "late_fees": fees_json(fees.items[item.id], account.claim_of(item.id)),
            }
            for item in items
        ],
        "interest": str(fees.interest),
        "indemnity": str(fees.indemnity),
        "late_fees": str(fees.total),
    }


def _money(amount: Money) -> str:
    return wording.money(amount, _LANGUAGE)
