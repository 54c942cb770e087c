"""`relance offer CLIENT …`: an offer that the owner makes to one client, on their page with the next build.

It is an event of the journal, like the offers that the policy makes: frozen from the day it is made, and never taken back.
"""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from typing import TYPE_CHECKING

from generator.commands import DONE, Context, say
from generator.commands.agree_terms import Talk
from generator.commands.agree_words import money, tell_schedule
from generator.commands.offer_terms import Proposed, drawn_up
from generator.commands.said import (
    LONGEST_REASON,
    NOTHING,
    accounts_of,
    client_named,
    plain_words,
    refuse_unreadable,
    what_follows,
)
from generator.domain.discounts import worth
from generator.domain.memory import OfferKind
from generator.domain.money import Money
from generator.errors import UsageError
from generator.journal import append
from generator.lock import exclusive

if TYPE_CHECKING:
    from datetime import date

    from generator.domain.memory import OfferMade
    from generator.workspace import Workspace


def run(context: Context, options: Namespace) -> int:
    """Raises UsageError for what cannot be offered, or is not as the policy has it; then nothing is recorded."""
    _refuse_mixed(options)
    with exclusive(context.folder):
        workspace, today = context.open()
        context.refuse_future(today, workspace, "An offer")
        context.refuse_past(today, workspace, "An offer")
        client = client_named(workspace, options.client)
        refuse_unreadable(workspace, client.id)
        typed = Namespace(**vars(options) | dict.fromkeys(("offer", "end", "signed", "replaces")))
        found = drawn_up(Talk(workspace, client, today, today, typed))
        if found.against and options.override is None:
            told = [*found.against, 'If you offer it all the same: --override "the reason".', NOTHING]
            raise UsageError("\n".join(told))
        reason = "" if options.override is None else plain_words(options.override, "the reason", LONGEST_REASON)
        _tell(workspace, found)
        if options.dry_run:
            say(f"{NOTHING} Without --dry-run it is.")
            return DONE
        return _record(context, workspace, today, found, reason)


def _refuse_mixed(options: Namespace) -> None:
    """Options that say two things at once."""
    of_plan = {"--first": options.first, "--down": options.down, "--every": options.every}
    if options.discount is None and options.plan is None and not options.instalment:
        raise UsageError(f"Say what is offered: --discount, --plan or --instalment. {NOTHING}")
    if options.voucher and (options.discount is None or options.plan is not None or options.instalment):
        raise UsageError(f"--voucher goes with --discount, and with no plan: say what it is worth. {NOTHING}")
    wrong = [f"{name} goes with --plan." for name, value in of_plan.items() if value and options.plan is None]
    if wrong:
        raise UsageError(" ".join([*wrong, NOTHING]))


def _record(context: Context, workspace: Workspace, today: date, found: Proposed, reason: str) -> int:
    client, offer = found.draft.client, found.offer
    earlier = [one.note for one in workspace.memory.get(client).offers if one.key == offer.key]
    offer = replace(offer, note=reason or next(iter(earlier), ""))
    known = stands(workspace, offer)
    if known is None:
        append(context.folder / "journal", [offer], context.now)
        workspace, _ = context.open()
        if reason:
            told = f"Not as your policy has it, because: {reason}" if found.against else f"Note: {reason}"
            say(f"  {told} (relance show {client} tells you again; nobody else reads it)")
    tell_offered(workspace, known or offer, again=known is not None)
    say(f"{client}: {what_follows(accounts_of(workspace.decide(today), client)[0].reminders)}")
    return DONE


def stands(workspace: Workspace, offer: OfferMade) -> OfferMade | None:
    """The same offer, made earlier today, which stands as long at least."""
    made = workspace.memory.get(offer.client).offers
    return next((one for one in made if one.key == offer.key and one.valid_until >= offer.valid_until), None)


def _tell(workspace: Workspace, found: Proposed) -> None:
    offer, draft = found.offer, found.draft
    if offer.kind is OfferKind.PLAN:
        tell_schedule(draft, workspace.business)
        return
    numbers = ", ".join(offer.invoices)
    asked = draft.schedule[0][1]
    if offer.voucher_days:
        off = money(Money(worth(offer, draft.debt.minor), asked.currency))
        say(
            f"{draft.client}: {money(asked)} for {numbers}, and {off} off the next invoice within {offer.voucher_days} days"
        )
        return
    less = Money(draft.debt.minor - asked.minor, asked.currency)
    say(f"{draft.client}: {money(asked)} instead of {money(draft.debt)} for {numbers}, {money(less)} less")


def tell_offered(workspace: Workspace, offer: OfferMade, *, again: bool) -> None:
    """How the client takes it, how long it stands, and what is to be done for them to see it."""
    made = "was made already" if again else "noted in the journal"
    say(
        f"{offer.client}: offer {offer.reference}, {made}. It stands until {offer.valid_until.isoformat()}, that day included."
    )
    if offer.kind is OfferKind.PLAN:
        say("  The first payment with that reference accepts it. If they say yes otherwise:")
        say(f"  relance agree {offer.client} --offer {offer.reference}")
    elif offer.voucher_days:
        say("  Whoever pays all of it by then, in whatever way, has earned it: the report says so, and their page.")
    else:
        say("  A transfer with that reference takes it, or one that names what it is for.")
    say("  What was offered is kept: it cannot be taken back before its last day.")
    say("  Next: relance build shows it on their page.")
    if workspace.settings.policy.links is not None and not offer.voucher_days:
        say("  relance links --apply makes its payment link.")
