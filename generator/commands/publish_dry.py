"""`relance publish --dry-run`: everything that would happen, as a plan that a person can approve; nothing is written anywhere.

The day is played through in a copy of the folder, by the very functions that would do it. Stripe is read and never written
to; git's remote, the place of the site, the mailbox and the mail server are not spoken to at all.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from generator.commands import plural, say, tell_problems
from generator.commands import publish_phases as phases
from generator.commands.build import build
from generator.commands.cashier import open_cashier
from generator.commands.check import in_order
from generator.commands.links import synchronise
from generator.commands.publish_copy import PageChanges, Pages, Rehearsal, copied, holds_ledger, last_build
from generator.commands.publish_outcome import Count, Fate, MessageFate, Phase, PhaseOutcome, RunOutcome, Status
from generator.commands.publish_plan import compared, link_lines, message_lines, page_lines, promised
from generator.commands.publish_run import agreements, fates, stays
from generator.commands.reconcile import bring_in
from generator.commands.reconcile import tell as tell_money
from generator.commands.send_plan import letters, sort_out
from generator.errors import OutsideError, UsageError
from generator.journal import append
from generator.recorded_links import STRIPE_HOST

if TYPE_CHECKING:
    from argparse import Namespace

    from generator.commands import Context
    from generator.commands.build import Built
    from generator.commands.send_plan import Plan
    from generator.domain.ledger import Problem
    from generator.domain.linkplan import Step, Wanted
    from generator.domain.memory import KeyMade
    from generator.stripe_links import Cashier
    from generator.workspace import Workspace


@dataclass(slots=True)
class Rehearsed:
    """A day as it was played through in a copy of a folder."""

    workspace: Workspace  #: the folder's own, as it stands
    phases: list[PhaseOutcome] = field(default_factory=list)
    problems: tuple[Problem, ...] = ()
    steps: tuple[Step, ...] = ()  #: what would be done about links at Stripe, where that could be asked
    wanted: tuple[Wanted, ...] = ()
    built: Built | None = None
    pages: Pages = field(default_factory=lambda: Pages({}, {}))
    plan: Plan | None = None
    keys: tuple[KeyMade, ...] = ()  #: every client's page address, those made in the copy too

    @property
    def messages(self) -> list[MessageFate]:
        """What would become of every message of the day."""
        if self.plan is None:
            return []
        sends = self.workspace.settings.smtp is not None
        return [*(fates(self.plan.ready, Fate.WOULD_LEAVE) if sends else ()), *stays(self.plan, sends=sends)]


def rehearse(context: Context, options: Namespace) -> RunOutcome:
    """What the command would do, told and as values. Raises UserError or UsageError where it would not begin at all."""
    with ExitStack() as stack:
        if options.against is None:
            here = play(context, options, stack, ask_stripe=True)
            owners = {key.key: client for client, known in here.workspace.memory.clients.items() for key in known.keys}
            changes = PageChanges.between(last_build(here.workspace.folder, owners), here.pages)
            planned = [*page_lines(changes), *link_lines(here.steps), *message_lines(here.messages)]
            verdict = ""
        else:
            before = play(replace(context, folder=options.against), options, stack, ask_stripe=False)
            here = play(context, options, stack, ask_stripe=False, keys=before.keys)
            changes = PageChanges.between(before.pages, here.pages)
            verdict, planned = compared(changes, (before.messages, here.messages), (before.wanted, here.wanted))
    here.phases += [_built(here, changes), *promised(here.workspace, changes, here.messages)]
    tell_problems(here.problems)
    for outcome in here.phases:
        say(f"{outcome.phase:<11}{outcome.words}")
    for line in [*planned, *filter(None, [verdict])]:
        say(line)
    say("Nothing was written, made or sent.")
    return RunOutcome(
        day=context.open()[1],
        began=context.now,
        ended=context.now,
        dry=True,
        phases=tuple(here.phases),
        messages=tuple(here.messages),
        problems=here.problems,
        planned=(*filter(None, [verdict]), *planned),
        names={client.id: client.name for client in here.workspace.ledger.clients.values()},
    )


def play(
    context: Context, options: Namespace, stack: ExitStack, *, ask_stripe: bool, keys: tuple[KeyMade, ...] = ()
) -> Rehearsed:
    """The day in a copy, which lasts as long as `stack`. `keys` are addresses that another copy made for the same clients."""
    workspace, today = context.open()
    phases.refuse_readable_by_all(workspace)  # what is told of clients may end in a comment there
    played = Rehearsed(workspace)
    phases.sound(workspace, workspace.decide(today), accept_gone=options.accept_gone)
    there = replace(context, folder=stack.enter_context(copied(workspace.folder, workspace.settings)), day=today)
    missing = [key for key in keys if not workspace.memory.get(key.client).keys]
    append(there.folder / "journal", [key for key in missing if key.client in workspace.ledger.clients], context.now)
    cashier, why = _cashier(workspace, stack) if ask_stripe else (None, "Stripe is not asked")
    played.phases.append(_reconciled(there, cashier, why))
    within, _ = there.open()
    before = agreements(workspace.decide(today))
    decision = within.decide(today)
    played.problems = tuple(phases.sound(within, decision, accept_gone=True))
    counts = {Count.CLIENTS: len(decision.by_client()), Count.AGREED: len(agreements(decision) - before)}
    played.phases += [
        PhaseOutcome(Phase.CHECK, Status.DONE, in_order(within.ledger, played.problems)),
        PhaseOutcome(Phase.DECIDE, Status.DONE, phases.decided(decision), counts),
        _linked(there, played, cashier, why),
    ]
    within, _ = there.open()
    played.built = build(within, today, context.now)
    clients = {accounts[0].client.id: accounts for accounts in played.built.clients}
    played.wanted = tuple(link for accounts in clients.values() for account in accounts for link in account.wanted)
    played.pages = Pages.of(there.folder, played.built.clients)
    played.plan = sort_out(letters(played.built.messages, clients), ())
    played.keys = tuple(key for known in there.open()[0].memory.clients.values() for key in known.keys)
    return played


def _cashier(workspace: Workspace, stack: ExitStack) -> tuple[Cashier | None, str]:
    """The Stripe account, or why it cannot be asked."""
    if workspace.settings.stripe is None:
        return None, phases.NO_STRIPE
    try:
        return stack.enter_context(open_cashier(workspace)), ""
    except (OutsideError, UsageError) as error:
        return None, f"Stripe could not be asked: {error}"


def _reconciled(there: Context, cashier: Cashier | None, why: str) -> PhaseOutcome:
    if cashier is None:
        return PhaseOutcome(Phase.RECONCILE, Status.LEFT_OUT, why)
    workspace, today = there.open()
    if not holds_ledger(there.folder, workspace.settings):
        return PhaseOutcome(
            Phase.RECONCILE, Status.LEFT_OUT, "the ledger is outside of the folder: nothing is brought in"
        )
    try:
        found = bring_in(workspace, today, there.now, cashier)
    except OutsideError as error:
        return PhaseOutcome(Phase.RECONCILE, Status.LEFT_OUT, f"Stripe could not be asked: {error}")
    tell_money(found)
    booked = len(found.takings)
    status = Status.DONE if booked else Status.NOTHING
    return PhaseOutcome(Phase.RECONCILE, status, f"{plural(booked, 'row')} would be booked", {Count.PAID: booked})


def _linked(there: Context, played: Rehearsed, cashier: Cashier | None, why: str) -> PhaseOutcome:
    stripe = played.workspace.settings.stripe
    if cashier is None or stripe is None:
        return PhaseOutcome(Phase.LINKS, Status.LEFT_OUT, why)
    workspace, today = there.open()
    try:
        done = synchronise(workspace, today, there.now, Rehearsal(cashier, stripe.pay_host or STRIPE_HOST))
    except OutsideError as error:
        return PhaseOutcome(Phase.LINKS, Status.LEFT_OUT, f"Stripe could not be asked: {error}")
    played.steps = done.plan.steps
    outcome = phases.links_outcome(done)
    return replace(outcome, words=f"would be: {outcome.words}")


def _built(here: Rehearsed, changes: PageChanges) -> PhaseOutcome:
    counts = {
        Count.PAGES_NEW: len(changes.new),
        Count.PAGES_CHANGED: len(changes.changed),
        Count.PAGES_REMOVED: len(changes.removed),
    }
    status = Status.DONE if any(counts.values()) or changes.others else Status.NOTHING
    words = f"clients' pages: {len(changes.new)} new, {len(changes.changed)} changed, {len(changes.removed)} gone"
    if changes.others:
        words += f"; {plural(changes.others, 'other file')}"
    if here.built is not None:
        words += f"; {plural(len(here.built.messages), 'message')} ready"
    return PhaseOutcome(Phase.BUILD, status, words, counts)
