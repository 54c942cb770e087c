"""What accepting, refusing and countering have in common: which proposal it is, what is written down, the courteous answer."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from generator.commands import say
from generator.commands.agree_terms import Talk, draw_up
from generator.commands.agree_words import each_breach
from generator.commands.proposing import FILE, proposed, waits
from generator.commands.said import NOTHING, accounts_of, what_follows
from generator.disk import write_whole
from generator.domain.account import Status
from generator.domain.claims import real
from generator.domain.delivery import AnswersRead
from generator.domain.due import DueReminder
from generator.domain.ledger import Channel
from generator.domain.money import total
from generator.domain.policy import PROPOSAL_ANSWERED, PlanPolicy, Step
from generator.domain.proposals import Proposal, ProposalKind, ProposalStatus, open_of, standing, waiting
from generator.errors import OutsideError, UsageError
from generator.journal import append
from generator.messages import MessageTemplates, compose, slug
from generator.problems import printable
from generator.readers.cells import amount_text
from generator.readers.takings_file import append_decision

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from generator.commands import Context
    from generator.domain.account import Account
    from generator.domain.money import Money
    from generator.workspace import Workspace

_WHAT = {
    ProposalStatus.ACCEPTED: "was accepted already",
    ProposalStatus.REFUSED: "was refused already",
    ProposalStatus.COUNTERED: "was answered with another one already",
    ProposalStatus.REPLACED: "gave way to a later one of theirs",
}


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the owner's policy says of a proposal; None: it has nothing to say."""

    within: bool | None
    reasons: tuple[str, ...] = ()


def proposal_named(workspace: Workspace, wanted: str, becomes: ProposalStatus) -> Proposal | None:
    """The proposal that waits and is meant; None when that very one has become this already. Raises UsageError."""
    found = waits(waiting(workspace.ledger.proposals), wanted)
    if len(found) == 1:
        return found[0]
    name = printable(wanted)
    if found:
        names = "; ".join(f"{one.id} ({proposed(one)})" for one in found)
        raise UsageError(f"{name} made several proposals: {names}. Say which by its id. {NOTHING}")
    decided = waits(standing(workspace.ledger.proposals), wanted)
    if not decided:
        raise UsageError(f"{name}: no proposal of that id or client waits. See relance proposals. {NOTHING}")
    last = decided[-1]
    if last.status is becomes:
        return None
    raise UsageError(f"{last.id} of {last.client} {_WHAT[last.status]}. {NOTHING}")


def opinion_on(workspace: Workspace, today: date, proposal: Proposal) -> Opinion:
    """Whether it is as the policy has it, and if not, why."""
    if proposal.kind is ProposalKind.PAID:
        return Opinion(None)
    if proposal.client not in workspace.ledger.clients:
        return Opinion(within=False, reasons=("this client is no longer in the ledger",))
    if proposal.kind is ProposalKind.DATE:
        reasons = tuple(_against_date(workspace, today, proposal))
        return Opinion(not reasons, reasons)
    client = workspace.ledger.clients[proposal.client]
    try:
        draft = draw_up(Talk(workspace, client, today, today, agreed(workspace, today, proposal)), workspace.ledger)
    except UsageError as wrong:
        return Opinion(within=False, reasons=tuple(str(wrong).replace(NOTHING, "").strip().splitlines()))
    reasons = tuple(each_breach(draft))
    return Opinion(not reasons, reasons)


def _against_date(workspace: Workspace, today: date, proposal: Proposal) -> list[str]:
    (on, amount), reasons = proposal.parts[0], []
    last = (workspace.settings.policy.plans or PlanPolicy()).ends_by(today)
    owed = _open(workspace, today, proposal)
    if on < today:
        reasons.append(f"{on.isoformat()} is past.")
    if on > last:
        reasons.append(f"{on.isoformat()} is too late: your policy has plans end by {last.isoformat()}.")
    if amount is not None and owed is not None and owed < amount:
        reasons.append(f"{amount} {amount.currency} is more than what is open: {owed} {owed.currency}.")
    return reasons


def _open(workspace: Workspace, today: date, proposal: Proposal) -> Money | None:
    accounts = accounts_of(workspace.decide(today), proposal.client)
    return next((open_of(account) for account in accounts if account.currency == proposal.currency), None)


def agreed(workspace: Workspace, today: date, proposal: Proposal, options: Namespace | None = None) -> Namespace:
    """What `relance agree` would be asked for, to record exactly this."""
    invoices = list(options.invoices) if options else []
    return Namespace(
        client=proposal.client,
        instalment=[f"{due.isoformat()}={_typed(amount)}" for due, amount in proposal.parts if amount is not None],
        invoices=invoices or _meant(workspace, today, proposal),
        currency=proposal.currency,
        override=options.override if options else None,
        dry_run=False,
        **dict.fromkeys(("plan", "offer", "end", "first", "down", "every", "signed", "replaces", "discount")),
    )


def _meant(workspace: Workspace, today: date, proposal: Proposal) -> list[str]:
    """The invoices that it is about, when they are not just those that are late: all that can be paid, if its sum is theirs."""
    for account in accounts_of(workspace.decide(today), proposal.client):
        if account.currency == proposal.currency:
            late, payable = account.overdue, account.payable
            every = total((item.open for item in payable), account.currency)
            if not late or (proposal.sum == every != total((item.open for item in late), account.currency)):
                return [item.id for item in real(payable) if item.open and item.status is not Status.DISPUTED]
    return []


def _typed(amount: Money) -> str:
    """An amount as a person would type it, so that three decimals are not taken for thousands."""
    text = str(amount)
    told = amount_text(text)
    return f"{text}0" if told and told.either else text


def conclude(context: Context, proposal: Proposal, workspace: Workspace, today: date) -> None:
    """Writes down what became of a proposal, counts its message as read, and prepares the answer. The caller holds the lock."""
    answer = replace(proposal, decided_on=today)
    append_decision(workspace.folder / workspace.settings.ledger.path / "relance" / "proposals.csv", answer, today)
    unread = workspace.memory.get(proposal.client).deliveries.unread
    if any(one.id == proposal.message for one in unread):
        append(context.folder / "journal", [AnswersRead(proposal.client, today, (proposal.message,))], context.now)
    workspace, _ = context.open()
    accounts = accounts_of(workspace.decide(today), proposal.client)
    say(f"{proposal.client}: {proposal.id} {proposal.status}, noted in {FILE}.")
    _tell_draft(workspace, accounts, answer)
    say(f"{proposal.client}: {what_follows(accounts[0].reminders)}")


def _tell_draft(workspace: Workspace, accounts: Sequence[Account], answer: Proposal) -> None:
    client = answer.client
    if answer.kind is ProposalKind.PAID and answer.status is ProposalStatus.ACCEPTED:
        return  # a receipt is another message
    if not accounts[0].client.email:
        say(f"{client}: no email address is known, so no answer was prepared: tell them yourself.")
    elif not workspace.memory.get(client).current_keys:
        say(f"{client}: they have no page yet, so no answer was prepared: relance build makes it.")
    else:
        path = draft(workspace, accounts, answer)
        say(
            f"{client}: your answer is ready in {path.relative_to(workspace.folder).as_posix()}: open it, read it, send it."
        )


def draft(workspace: Workspace, accounts: Sequence[Account], answer: Proposal) -> Path:
    """The answer as a draft that a double click opens. Raises UserError for a mistake in its template, OutsideError for the disk."""
    step = Step(PROPOSAL_ANSWERED[answer.status], 0)
    due = DueReminder(step, Channel.EMAIL, (), {}, about=(answer.id,), proposal=answer)
    asked = [replace(account, reminders=replace(account.reminders, due_today=due)) for account in accounts]
    message = compose(workspace.settings, asked, MessageTemplates(workspace.settings))
    if message is None or message.envelope is None:
        raise AssertionError("an answer is an email")
    if "@" in answer.message:
        message = replace(message, envelope=replace(message.envelope, in_reply_to=answer.message))
    folder = workspace.folder / "outbox" / "answers"
    path = folder / f"{answer.decided_on}-{slug(answer.client)}-{answer.id.lower()}.eml"
    try:
        write_whole(path, message.content())
    except OSError as refused:
        raise OutsideError(f"outbox/answers cannot be written: {refused.strerror}.") from refused
    return path
