"""`relance counter PROPOSAL …`: another schedule than the one that a client proposed, for them to say yes to."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from typing import TYPE_CHECKING

from generator.commands import DONE, Context, say
from generator.commands.agree_terms import Talk, draw_up
from generator.commands.agree_words import tell_breaches, tell_schedule
from generator.commands.deciding import conclude, proposal_named
from generator.commands.refuse import LONGEST_REASON
from generator.commands.said import NOTHING, plain_words
from generator.domain.proposals import ProposalKind, ProposalStatus
from generator.errors import UsageError
from generator.lock import exclusive

if TYPE_CHECKING:
    from datetime import date

    from generator.commands.agree_terms import Draft
    from generator.domain.money import Money
    from generator.domain.proposals import Proposal


def run(context: Context, options: Namespace) -> int:
    """Raises UsageError for a schedule that could not be agreed on; then nothing is recorded."""
    with exclusive(context.folder):
        workspace, today = context.open()
        context.refuse_future(today, workspace, "An answer to a proposal")
        reason = "" if options.reason is None else plain_words(options.reason, "the reason", LONGEST_REASON)
        proposal = proposal_named(workspace, options.proposal, ProposalStatus.COUNTERED)
        if proposal is None:
            say(f"{options.proposal}: that was answered with another proposal already.")
            return DONE
        client = workspace.ledger.clients[proposal.client]
        draft = draw_up(Talk(workspace, client, today, today, _asked(proposal, options)), workspace.ledger)
        _refuse_wrong(proposal, draft)
        tell_schedule(draft, workspace.business)
        answer = replace(proposal, status=ProposalStatus.COUNTERED, reason=reason, counter=_in_order(draft))
        conclude(context, answer, workspace, today)
    say(f"{proposal.client}: when they say yes: {_agreeing(proposal, draft)}")
    return DONE


def _asked(proposal: Proposal, options: Namespace) -> Namespace:
    """The schedule as `relance agree` would be asked for it."""
    if options.plan is None and (wrong := [name for name in ("first", "down", "every") if getattr(options, name)]):
        raise UsageError(" ".join([*(f"--{name} goes with --plan." for name in wrong), NOTHING]))
    kept = {name: getattr(options, name) for name in ("plan", "instalment", "first", "down", "every", "invoices")}
    nothing = dict.fromkeys(("offer", "end", "signed", "replaces", "override"))
    return Namespace(client=proposal.client, currency=proposal.currency, **kept, **nothing)


def _refuse_wrong(proposal: Proposal, draft: Draft) -> None:
    if proposal.kind is ProposalKind.PAID:
        raise UsageError(f"{proposal.id}: they say that they have paid, which no schedule answers. {NOTHING}")
    if draft.breaches:
        told = "\n".join(tell_breaches(draft).splitlines()[:-1])
        raise UsageError(f"{told}\nWhat you propose yourself is as your policy has it. {NOTHING}")


def _in_order(draft: Draft) -> tuple[tuple[date, Money], ...]:
    return tuple(sorted(draft.schedule, key=lambda part: part[0]))


def _agreeing(proposal: Proposal, draft: Draft) -> str:
    parts = " ".join(f"--instalment {due.isoformat()}={amount}" for due, amount in _in_order(draft))
    return f"relance agree {proposal.client} {parts}"
