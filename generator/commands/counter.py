"""`relance counter PROPOSAL …`: another schedule than the one that a client proposed, for them to say yes to.

It is an offer as well, so that their yes may be the first payment, by the link or the reference that their page then shows.
"""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from generator.commands import DONE, Context, say
from generator.commands.agree_terms import Talk, draw_up
from generator.commands.agree_words import tell_breaches, tell_schedule
from generator.commands.deciding import conclude, proposal_named
from generator.commands.offer import stands
from generator.commands.said import LONGEST_REASON, NOTHING, accounts_of, plain_words
from generator.domain.offering import plan_for
from generator.domain.policy import PlanPolicy
from generator.domain.proposals import ProposalKind, ProposalStatus
from generator.errors import UsageError
from generator.journal import append
from generator.lock import exclusive

if TYPE_CHECKING:
    from datetime import date

    from generator.commands.agree_terms import Draft
    from generator.domain.memory import OfferMade
    from generator.domain.money import Money
    from generator.domain.proposals import Proposal
    from generator.workspace import Workspace


def run(context: Context, options: Namespace) -> int:
    """Raises UsageError for a schedule that could not be agreed on; then nothing is recorded."""
    with exclusive(context.folder):
        workspace, today = context.open()
        context.refuse_future(today, workspace, "An answer to a proposal")
        context.refuse_past(today, workspace, "An offer")
        reason = "" if options.reason is None else plain_words(options.reason, "the reason", LONGEST_REASON)
        proposal = proposal_named(workspace, options.proposal, ProposalStatus.COUNTERED)
        if proposal is None:
            say(f"{options.proposal}: that was answered with another proposal already.")
            return DONE
        client = workspace.ledger.clients[proposal.client]
        draft = draw_up(Talk(workspace, client, today, today, _asked(proposal, options)), workspace.ledger)
        _refuse_wrong(proposal, draft)
        tell_schedule(draft, workspace.business)
        offer = _offer(workspace, today, draft)
        if offer is not None and stands(workspace, offer) is None:
            append(context.folder / "journal", [offer], context.now)
        answer = replace(proposal, status=ProposalStatus.COUNTERED, reason=reason, counter=_in_order(draft))
        conclude(context, answer, workspace, today)
    if offer is not None:
        say(
            f"{proposal.client}: they may also accept it on their page until {offer.valid_until.isoformat()}, "
            f"reference {offer.reference}: relance build puts it there."
        )
    say(f"{proposal.client}: when they say yes: {_agreeing(proposal, draft, offer)}")
    return DONE


def _offer(workspace: Workspace, today: date, draft: Draft) -> OfferMade | None:
    """The same schedule as an offer that can be taken; one payment of all is a promise, and none."""
    if len(draft.schedule) == 1:
        return None
    account = next(
        account
        for account in accounts_of(workspace.decide(today), draft.client)
        if account.currency == draft.debt.currency
    )
    rules = workspace.settings.policy.plans or PlanPolicy()
    return plan_for(account, draft.items, today + timedelta(days=rules.days), draft.schedule)


def _asked(proposal: Proposal, options: Namespace) -> Namespace:
    """The schedule as `relance agree` would be asked for it."""
    if options.plan is None and (wrong := [name for name in ("first", "down", "every") if getattr(options, name)]):
        raise UsageError(" ".join([*(f"--{name} goes with --plan." for name in wrong), NOTHING]))
    kept = {name: getattr(options, name) for name in ("plan", "instalment", "first", "down", "every", "invoices")}
    nothing = dict.fromkeys(("offer", "end", "signed", "replaces", "override", "discount"))
    return Namespace(client=proposal.client, currency=proposal.currency, **kept, **nothing)


def _refuse_wrong(proposal: Proposal, draft: Draft) -> None:
    if proposal.kind is ProposalKind.PAID:
        raise UsageError(f"{proposal.id}: they say that they have paid, which no schedule answers. {NOTHING}")
    if draft.breaches:
        told = "\n".join(tell_breaches(draft).splitlines()[:-1])
        raise UsageError(f"{told}\nWhat you propose yourself is as your policy has it. {NOTHING}")


def _in_order(draft: Draft) -> tuple[tuple[date, Money], ...]:
    return tuple(sorted(draft.schedule, key=lambda part: part[0]))


def _agreeing(proposal: Proposal, draft: Draft, offer: OfferMade | None) -> str:
    """As the offer that it is, it keeps the reference and the link that the client was given."""
    if offer is not None:
        return f"relance agree {proposal.client} --offer {offer.reference}"
    parts = " ".join(f"--instalment {due.isoformat()}={amount}" for due, amount in _in_order(draft))
    return f"relance agree {proposal.client} {parts}"
