"""`relance accept PROPOSAL`: what a client proposed becomes an agreement or a promise, and they are told so."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from typing import TYPE_CHECKING

from generator.commands import DONE, Context, agree, promise, say
from generator.commands.deciding import agreed, conclude, proposal_named
from generator.domain.proposals import ProposalKind, ProposalStatus
from generator.errors import UsageError
from generator.lock import exclusive

if TYPE_CHECKING:
    from datetime import date

    from generator.domain.proposals import Proposal
    from generator.workspace import Workspace


def run(context: Context, options: Namespace) -> int:
    """Raises UsageError for what cannot be agreed as it is; then nothing is recorded.

    The agreement is written before the word that the proposal was accepted: a run that dies between the two is run again.
    """
    workspace, today = context.open()
    context.refuse_future(today, workspace, "An answer to a proposal")
    proposal = proposal_named(workspace, options.proposal, ProposalStatus.ACCEPTED)
    if proposal is None:
        say(f"{options.proposal}: that was accepted already.")
        return DONE
    if options.override and proposal.kind is not ProposalKind.PLAN:
        raise UsageError("--override goes with a schedule of several payments. Nothing was recorded.")
    if proposal.kind is ProposalKind.PLAN and not _recorded(workspace, proposal):
        agree.run(context, agreed(workspace, today, proposal, options))
    elif proposal.kind is ProposalKind.DATE:
        promise.run(context, _promised(proposal, options))
    elif proposal.kind is ProposalKind.PAID:
        say(
            f"{proposal.client}: nothing is booked by this. The payment counts once it is in payments.csv (relance match)."
        )
    with exclusive(context.folder):
        _conclude(context, proposal, today)
    return DONE


def _conclude(context: Context, proposal: Proposal, today: date) -> None:
    workspace, _ = context.open()
    conclude(context, replace(proposal, status=ProposalStatus.ACCEPTED), workspace, today)


def _recorded(workspace: Workspace, proposal: Proposal) -> bool:
    """Whether the very schedule is agreed on with this client, by an earlier run or by hand."""
    return any(
        record.client == proposal.client and record.status == "active" and record.instalments == proposal.parts
        for record in workspace.ledger.agreements
        if record.signed_on >= proposal.received_on
    )


def _promised(proposal: Proposal, options: Namespace) -> Namespace:
    on, amount = proposal.parts[0]
    typed = None if amount is None else f"{amount.decimal:f} {amount.currency}"
    return Namespace(client=proposal.client, on=on, amount=typed, invoices=options.invoices)
