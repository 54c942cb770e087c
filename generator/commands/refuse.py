"""`relance refuse PROPOSAL`: what a client proposed cannot be; they are told so, with what can be done instead."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generator.commands import DONE, Context, say
from generator.commands.deciding import conclude, proposal_named
from generator.commands.said import LONGEST_REASON, plain_words
from generator.domain.proposals import ProposalStatus
from generator.lock import exclusive

if TYPE_CHECKING:
    from argparse import Namespace


def run(context: Context, options: Namespace) -> int:
    """Raises UsageError when no such proposal waits."""
    with exclusive(context.folder):
        workspace, today = context.open()
        context.refuse_future(today, workspace, "An answer to a proposal")
        reason = "" if options.reason is None else plain_words(options.reason, "the reason", LONGEST_REASON)
        proposal = proposal_named(workspace, options.proposal, ProposalStatus.REFUSED)
        if proposal is None:
            say(f"{options.proposal}: that was refused already.")
            return DONE
        conclude(context, replace(proposal, status=ProposalStatus.REFUSED, reason=reason), workspace, today)
    return DONE
