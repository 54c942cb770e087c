"""`relance show [CLIENT]`: accounts as relance sees them today, and why; writes nothing."""

from __future__ import annotations

import json
from difflib import get_close_matches
from textwrap import wrap
from typing import TYPE_CHECKING

from generator import wording
from generator.claim_rates import refuse_missing_rates
from generator.commands import DONE, Context, say, speaks_unicode, tell_problems, terminal_width
from generator.commands.claimed import claim_lines
from generator.commands.review import reason
from generator.domain.delivery import Means
from generator.domain.fees import account_fees
from generator.domain.offer_policy import Why
from generator.domain.policy import NO_GRADE, FeeMode
from generator.domain.standing import Measure
from generator.errors import UsageError
from generator.public_json import account_json
from generator.report_gather import to_review
from generator.report_messages import Way, way_of
from generator.report_parts import command, first_words, option
from generator.summary import printable, summary

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from decimal import Decimal

    from generator.domain.account import Account, Instalment, Item, Offer
    from generator.domain.delivery import Answered, Logged, SendIntended
    from generator.domain.due import DueReminder, Reminders
    from generator.domain.lateness import Lateness
    from generator.domain.offer_policy import Withheld
    from generator.domain.standing import Figure
    from generator.domain.vouchers import Voucher
    from generator.domain.written_down import CreditDue
    from generator.workspace import Workspace

_LAST_NOTES, _WORDS = 3, 240  # what was noted lately, and how much of it
_INDENT = " " * len("2026-11-23  ")
_LANGUAGE = "en"  # the command line speaks English; pages and messages speak the client's language


def run(context: Context, options: Namespace) -> int:
    """Raises UsageError for a client without an account."""
    workspace, today = context.open()
    decision = workspace.decide(today)
    refuse_missing_rates(decision.missing)  # as a build of today would: what it cannot count is not shown either
    clients = decision.by_client()
    if options.client:
        known = [accounts[0].client.id for accounts in clients]
        clients = [accounts for accounts in clients if accounts[0].client.id == options.client]
        if not clients and (places := workspace.ledger.unreadable.get(options.client)):
            raise UsageError(f"{options.client} is held back: see {', '.join(map(str, places))}, and relance check.")
        if not clients:
            raise UsageError(f"{options.client}: no such client with an invoice. {close_to(options.client, known)}")
    if options.json:
        found = [_public(workspace, account) for accounts in clients for account in accounts]
        say(json.dumps(found, ensure_ascii=not speaks_unicode(), indent=2))
        return DONE
    tell_problems(workspace.problems)
    if options.client:
        for account in clients[0]:
            _tell(workspace, account)
    else:
        shown = summary(clients, _LANGUAGE, sends=workspace.settings.smtp is not None, width=terminal_width())
        if shown or not workspace.ledger.unreadable:
            say(shown or "No invoice in the ledger yet: nothing to show.")
        if held := workspace.ledger.unreadable:
            say(f"Held back, for a row that cannot be read: {', '.join(printable(client) for client in held)}")
    return DONE


def _public(workspace: Workspace, account: Account) -> dict[str, object]:
    policy = workspace.settings.policy
    off = policy.fee_mode(account.client) is FeeMode.OFF and not account.claims
    fees = None if off else account_fees(account, policy.fees)
    return account_json(account, _page(workspace, account), fees)


def close_to(wanted: str, known: Sequence[str]) -> str:
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
    say(f"  reminders {reminders_line(account.reminders)}")
    _tell_said(account, sends=workspace.settings.smtp is not None)
    _section("Items", [_item(item) for item in account.items if item.open or item.in_flight])
    release = command("review", client.id)
    _section("To review", [f"{item.id}  {reason(item)}: {release}" for item in to_review([account])])
    _section("Late fees claimed", claim_lines(account))
    _section("Credit notes to issue", [_credit_due(due) for due in account.credits_due if due.left])
    notes = {offer.key: offer.note for offer in workspace.memory.get(client.id).offers}
    _section("Offers", [line for offer in account.offers for line in (_offer(offer), *_note(notes.get(offer.key, "")))])
    _section("Not offered", [_not_offered(one) for one in account.withheld] if account.payable else [])
    _section("Vouchers", [voucher_line(voucher) for voucher in account.vouchers])
    for agreement in account.agreements:
        parts = [*map(_instalment, agreement.instalments), *_note(notes.get(agreement.id, ""))]
        stands = "ended" if agreement.ended else "holds" if agreement.holds else "broken"
        _section(f"Agreement {agreement.id}, {stands}", parts)
    _section(f"Standing {account.standing.grade or '(too few invoices)'}", list(map(_figure, account.standing.figures)))
    if account.lateness is not None and account.lateness.late:
        _section("Lateness", _lateness(account.lateness, workspace.settings.report.money_costs_percent))
    _section(
        "Placed by guess",
        [f"{g.on.isoformat()}  {g.amount}  {g.invoice or 'credit'}  ({g.how})" for g in account.guesses],
    )
    say()


def _lateness(lateness: Lateness, percent: Decimal | None) -> list[str]:
    average = wording.money(lateness.average_overdue, _LANGUAGE)
    lines = [f"{average} overdue on a usual day, of the {lateness.days} up to {lateness.until.isoformat()}"]
    if percent is not None:
        cost = wording.money(lateness.cost(percent), _LANGUAGE)
        lines.append(f"{cost} is what that cost you, at {wording.percent(percent, _LANGUAGE)} a year")
    return lines


#: A figure in words: the value, and from how many it was computed.
_FIGURES = {
    Measure.ON_TIME: "{value} % of {of} invoices paid by their due date",
    Measure.DAYS_LATE: "{value} days late on average, over {of} invoices, weighed by amount",
    Measure.RECENT_DAYS_LATE: "{value} days late on average, over the {of} that came due in the last six months",
    Measure.TREND: "{value:+} days lately, compared with before",
    Measure.BROKEN: "{value} of {of} promises and agreements not kept",
    Measure.EXPOSURE: "{value} % of a usual month is open, going by {of} invoices",
    Measure.MONTHS: "{value} months of work together",
}


def _figure(figure: Figure) -> str:
    return f"{figure.grade or ' '}  {_FIGURES[figure.measure].format(value=figure.value, of=figure.of)}"


def _tell_said(account: Account, *, sends: bool) -> None:
    """What waits for the owner, what today's message is about beside items, and what was said lately."""
    client, reminders = account.client.id, account.reminders
    _section("Perhaps sent", [_doubt(intent) for intent in reminders.uncertain])
    _section("Answers to read", [line for answer in reminders.unread for line in _answer(answer)])
    if reminders.unreachable:
        _section("Takes no mail", [f"{', '.join(reminders.unreachable)}: correct it, or {command('resend', client)}"])
    due = reminders.due_today
    waiting = f"waits   for your word: {command('send', option=option('--approve', client))}"
    waits = due is not None and way_of(due, sends=sends) is Way.APPROVE
    _section("Today", [*(_today(due) if due else []), *([waiting] if waits else [])])
    _section("Noted", [line for note in reminders.logged[: -_LAST_NOTES - 1 : -1] for line in _noted(note)])


def _doubt(intent: SendIntended) -> str:
    left, lost = command("sent", intent.client), command("resend", intent.client)
    return f"{intent.on.isoformat()}  {intent.step} to {', '.join(intent.to)}: {left} (it left), or {lost} (it did not)"


def _answer(answer: Answered) -> list[str]:
    about = printable(": ".join(filter(None, (answer.sender, answer.subject)))) or "noted by you"
    read = f"{_INDENT}once read: {command('answered', answer.client)}"
    return [f"{answer.on.isoformat()}  {about}", *_words(answer.text), read]


def _words(text: str) -> list[str]:
    """The first words of what somebody said, on lines that fit the terminal."""
    width = terminal_width() - 2 * len(_INDENT)
    return [f"{_INDENT}{line}" for line in wrap(printable(first_words(text, _WORDS)), width)]


def _today(due: DueReminder) -> list[str]:
    """Today's message in more words than its step."""
    lines = [f"asks    {' + '.join(wording.money(amount, _LANGUAGE) for amount in due.asked)}"] if due.asked else []
    if due.fees:
        lines.append(
            f"fees    {' + '.join(wording.money(item.open, _LANGUAGE) for item in due.fees)} of it: late fees that it claims"
        )
    if due.instalment is not None:
        part = due.instalment
        lines.append(f"about   instalment {part.number} of {part.count}, due {part.instalment.due.isoformat()}")
    if due.recap is not None:
        lines.append(f"about   agreement {due.recap.id}, {due.recap.kind}")
    lines += [f"about   {receipt.amount} received on {receipt.on.isoformat()}" for receipt in due.receipts]
    lines += [f"copy    {person.email}" for person in due.copy_to]
    if due.call_first:
        lines.append("first   a call; without one that is noted, the email goes on the next business day")
    return lines


def _noted(note: Logged) -> list[str]:
    how = "note" if note.means is Means.NOTE else "call" if note.reached else "call, nobody answered"
    return [f"{note.on.isoformat()}  {how}", *_words(note.text)]


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


def _credit_due(due: CreditDue) -> str:
    written = f" of {due.amount}" if due.notes else ""
    return f"{due.invoice}  {due.left}{written}, a discount taken on {due.on.isoformat()} ({due.reference})"


def _offer(offer: Offer) -> str:
    until = f" until {offer.valid_until.isoformat()}" if offer.valid_until else ""
    parts = " + ".join(f"{part.amount} on {part.due.isoformat()}" for part in offer.instalments)
    saving = f", {offer.saving} less" if offer.saving else ""
    if offer.voucher:
        saving = f", {offer.voucher} off the next invoice"
    return f"{offer.kind}  {offer.amount}{saving}{until}  reference {offer.reference}{': ' + parts if parts else ''}"


def _note(text: str) -> list[str]:
    """Why the owner offered it though their policy says otherwise."""
    return _words(f"because: {text}") if text else []


def voucher_line(voucher: Voucher) -> str:
    """One voucher: its id, what it is worth, since when and until when, and what became of it."""
    until = f" until {voucher.valid_until.isoformat()}" if voucher.valid_until else ""
    if voucher.invoices:
        became = f"{voucher.status} on {', '.join(voucher.invoices)}"
    elif voucher.following:
        became = f"to take off {voucher.following}, or to credit"
    else:
        became = "to take off the next invoice" if voucher.open else str(voucher.status)
    how = f"earned by paying {', '.join(voucher.paid)}" if voucher.paid else "given"
    return f"{voucher.id}  {voucher.amount}  {voucher.earned_on.isoformat()}{until}  {how}: {became}"


def _not_offered(withheld: Withheld) -> str:
    """Why the policy keeps something from the client by itself, with the key that says so."""
    grade = f"grade {withheld.grade}" if withheld.grade else "no grade yet"
    table = f"offers.grades.{withheld.grade or NO_GRADE}"
    match withheld.why:
        case Why.PUBLIC:
            why = "a public body (offers.public_bodies)"
        case Why.BROKEN:
            why = f"the agreement broken on {withheld.since} is not paid (offers.plans.after_broken)"
        case Why.STEP:
            why = f"{grade}, nothing before {withheld.step} ({table})"
        case Why.GRADE:
            why = f"{grade} ({withheld.kind}s from {withheld.least})" if withheld.least else f"{grade} ({table})"
    return f"{withheld.kind}: {why}"


def reminders_line(reminders: Reminders) -> str:
    """What goes today, else why nothing does and what comes next."""
    if reminders.due_today:
        return f"{reminders.due_today.step.name} is due today by {reminders.due_today.channel}"
    held = ""
    if reminders.held:
        until = f" until {reminders.until.isoformat()}" if reminders.until else ""
        held = f"none today: {reminders.held.replace('_', ' ')}{until}"
    following = f"next {reminders.next.step} on {reminders.next.on.isoformat()}" if reminders.next else ""
    return "; ".join(part for part in (held, following) if part) or "none"
