"""`relance proposals`: what clients propose and wait to hear about, until when, and what the policy says of it."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from generator.commands import DONE, Context, plural, say, speaks_unicode
from generator.commands.deciding import Opinion, opinion_on
from generator.commands.proposing import proposed
from generator.domain.proposals import ProposalKind, decide_by, waiting
from generator.problems import printable

if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import date

    from generator.domain.proposals import Proposal
    from generator.workspace import Workspace


def run(context: Context, options: Namespace) -> int:
    """Writes nothing."""
    workspace, today = context.open()
    found = waiting(workspace.ledger.proposals)
    if options.json:
        told = [_public(workspace, today, proposal) for proposal in found]
        say(json.dumps(told, indent=2, ensure_ascii=not speaks_unicode()))
        return DONE
    for proposal in found:
        _tell(workspace, today, proposal)
    if not found:
        say("No proposal waits for you.")
    else:
        say(f"{plural(len(found), 'proposal')}. Nothing is agreed, and nobody was answered, until you decide.")
    return DONE


def _until(workspace: Workspace, proposal: Proposal) -> date:
    return decide_by(proposal.received_on, workspace.settings.policy.answer_days, workspace.business)


def _tell(workspace: Workspace, today: date, proposal: Proposal) -> None:
    until = _until(workspace, proposal)
    late = ", which has passed" if until < today else ", today" if until == today else ""
    say(f"{proposal.id}  {proposal.client}, {proposal.received_on.isoformat()}: {proposed(proposal)}")
    if proposal.sender:
        say(f"  from     {printable(proposal.sender)}")
    say(f"  answer   by {until.isoformat()}{late}")
    opinion = opinion_on(workspace, today, proposal)
    if opinion.within is None:
        say("  policy   has nothing to say: look for the payment in your bank account (relance match)")
    else:
        say(f"  policy   {'within it' if opinion.within else 'not as you have it:'}")
        for reason in opinion.reasons:
            say(f"           {reason}")
    for line in _commands(proposal, opinion):
        say(f"  {line}")
    say()


def _commands(proposal: Proposal, opinion: Opinion) -> list[str]:
    name = shlex.quote(proposal.id)
    override = ' --override "why"' if proposal.kind is ProposalKind.PLAN and not opinion.within else ""
    lines = [f"relance accept {name}{override}"]
    if proposal.kind is not ProposalKind.PAID:
        lines.append(f"relance counter {name} --plan 3")
    return [*lines, f'relance refuse {name} --reason "why"']


def _public(workspace: Workspace, today: date, proposal: Proposal) -> dict[str, object]:
    opinion = opinion_on(workspace, today, proposal)
    return {
        "id": proposal.id,
        "client": proposal.client,
        "received_on": proposal.received_on.isoformat(),
        "kind": str(proposal.kind),
        "currency": proposal.currency,
        "parts": [
            {"due": due.isoformat(), "amount": None if amount is None else str(amount)}
            for due, amount in proposal.parts
        ],
        "sum": None if proposal.sum is None else str(proposal.sum),
        "answer_by": _until(workspace, proposal).isoformat(),
        "within_policy": opinion.within,
        "reasons": list(opinion.reasons),
        "sender": proposal.sender,
    }
