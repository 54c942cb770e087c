"""The phases of `relance publish` up to the one that makes the site public, each repeatable by itself.

What comes in is brought in, everything is checked, then decided; links and pages are made of it; and all of it is in the
repository before any client can see it.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

from generator.claim_rates import refuse_missing_rates
from generator.commands import plural, tell_problems
from generator.commands.build import build as build_everything
from generator.commands.cashier import open_cashier
from generator.commands.check import examine, in_order
from generator.commands.links import synchronise
from generator.commands.publish_gone import accepted, gone_problems, reminded_and_gone
from generator.commands.publish_outcome import Count, Phase, PhaseOutcome, Status
from generator.commands.publish_run import agreements
from generator.commands.reconcile import bring_in
from generator.commands.reconcile import tell as tell_money
from generator.commands.replies import fetch_replies
from generator.commands.replies import tell as tell_replies
from generator.config_deploy import PublicRepository
from generator.domain.linkplan import Action
from generator.domain.money import Money, total
from generator.errors import OutsideError, UserError
from generator.journal import append
from generator.workspace import published_keys

if TYPE_CHECKING:
    from generator.commands.links import Synchronised
    from generator.commands.publish_run import Publishing
    from generator.deploy import Target
    from generator.domain.decide import Decision
    from generator.domain.ledger import Problem
    from generator.workspace import Workspace

NO_REPOSITORY = "the folder is in no git repository: what is decided today is remembered on this machine only"
NO_REMOTE = "the branch has no remote: what was decided is committed, and remembered on this machine only"
NO_STRIPE = "portal.toml has no [stripe]: payments are those of the ledger"
NO_DEPLOY = "portal.toml has no [deploy]: put output/ online yourself"
UPLOADED = "another step uploads output/; when it has: relance publish --from verify"


def sound(workspace: Workspace, decision: Decision, *, accept_gone: bool) -> list[Problem]:
    """What is doubtful, when nothing is wrong.

    Raises UserError when something is, when the site would stand in the way of the ledger, or when reminded invoices have vanished.
    """
    refuse_missing_rates(decision.missing)
    _place(workspace)
    problems = examine(workspace, decision)
    gone = reminded_and_gone(workspace)
    if workspace.settings.ledger.open_only:
        return [*problems, *gone_problems(gone, settled=True)]
    if gone and not accept_gone:
        raise UserError([*gone_problems(gone), *problems])
    return problems


def refuse_readable_by_all(workspace: Workspace) -> str:
    """What nobody can see of who may read the owner's repository, in words; empty when it is private. Raises UserError when all can.

    Only a ledger in which nobody is real may be public, and only when its owner says so.
    """
    from generator.deploy.public import Visibility, all_fictional, refuse_public  # noqa: PLC0415 - asks the network: for those who publish

    deploy, ledger = workspace.settings.deploy, workspace.ledger
    addresses = [workspace.settings.seller.email, *(client.email for client in ledger.clients.values())]
    addresses += [contact.email for contact in ledger.contacts]
    said = deploy is not None and deploy.public_repository is PublicRepository.ALLOWED
    seen = refuse_public(workspace.folder, os.environ, allowed=said and all_fictional(addresses))
    return seen.words if seen.visibility is Visibility.UNKNOWN else ""


def reconcile(run: Publishing) -> PhaseOutcome:
    """What came in since the last time: payments at Stripe, answers in the mailbox."""
    settings = run.workspace.settings
    booked = answered = 0
    if settings.stripe is not None:
        with open_cashier(run.workspace) as cashier:
            found = bring_in(run.workspace, run.today, run.context.now, cashier)
        tell_money(found)
        booked = len(found.takings)
        run.reopen()
    if settings.imap is not None:
        replies = fetch_replies(run.workspace, run.today, run.context.now)
        tell_replies(replies)
        answered = len(replies.answers)
        run.reopen()
    if booked or answered:
        run.examined = None  # all is looked at again with what came in
    words = f"{plural(booked, 'row')} booked" if settings.stripe else NO_STRIPE
    if settings.imap is not None:
        words += f"; {plural(answered, 'answer')} read"
    status = Status.DONE if booked or answered else Status.NOTHING
    if settings.stripe is None and settings.imap is None:
        status = Status.LEFT_OUT
    return PhaseOutcome(Phase.RECONCILE, status, words, {Count.PAID: booked, Count.ANSWERED: answered})


def check(run: Publishing) -> PhaseOutcome:
    """Everything is in order, or the run ends here."""
    problems = run.examined
    if problems is None:
        problems = sound(run.workspace, run.workspace.decide(run.today), accept_gone=run.options.accept_gone)
    run.problems = tuple(problems)
    tell_problems(problems)
    if gone := reminded_and_gone(run.workspace):
        append(run.context.folder / "journal", accepted(gone, run.today), run.context.now)
        run.reopen()
        said = {} if run.workspace.settings.ledger.open_only else gone  # there it was a note, told above
        for client, invoices in said.items():
            run.tell(f"{client}: you said that {', '.join(invoices)} left the ledger on purpose; noted.")
    return PhaseOutcome(Phase.CHECK, Status.DONE, in_order(run.workspace.ledger, problems))


def decide(run: Publishing) -> PhaseOutcome:
    """Who owes what today, and who is written to. Nothing is remembered yet: the phases that show it do that first."""
    decision = run.workspace.decide(run.today)
    agreed = len(agreements(decision) - run.agreed_before)
    clients = decision.by_client()
    return PhaseOutcome(
        Phase.DECIDE, Status.DONE, decided(decision), {Count.CLIENTS: len(clients), Count.AGREED: agreed}
    )


def decided(decision: Decision) -> str:
    """`12 clients, 3 400.00 EUR to pay; due today: 3 reminder-1, 1 formal-notice`."""
    sums: dict[str, list[Money]] = {}
    for account in decision.accounts:
        sums.setdefault(account.currency, []).append(account.totals.to_pay)
    asked = ", ".join(f"{total(found, currency)} {currency}" for currency, found in sums.items())
    due = Counter(
        accounts[0].reminders.due_today.step.name
        for accounts in decision.by_client()
        if accounts[0].reminders.due_today is not None
    )
    steps = ", ".join(f"{count} {step}" for step, count in due.items())
    words = plural(len(decision.by_client()), "client") + (f", {asked} to pay" if asked else "")
    return f"{words}; due today: {steps or 'no message'}"


def links(run: Publishing) -> PhaseOutcome:
    """The links at Stripe are those that today's accounts call for."""
    if run.workspace.settings.stripe is None:
        return PhaseOutcome(Phase.LINKS, Status.LEFT_OUT, "portal.toml has no [stripe]: pages ask for transfers")
    with open_cashier(run.workspace) as cashier:
        done = synchronise(run.workspace, run.today, run.context.now, cashier)
    run.reopen()
    return links_outcome(done)


def links_outcome(done: Synchronised) -> PhaseOutcome:
    """How the links stand. Raises OutsideError when it is not single accounts that Stripe refuses, but Stripe that is not there."""
    created = len(done.plan.of(Action.CREATE, Action.REACTIVATE))
    down = len(done.plan.of(Action.DEACTIVATE))
    failed = len(done.errors)
    alone = all(type(error).__name__ == "RefusedError" for error in done.errors)  # Stripe's module loads slowly
    if failed and not alone:
        raise OutsideError(str(done.errors[0]))
    if failed:
        words = f"{plural(failed, 'account')} refused by Stripe: asked by transfer only, until the next run"
        counts = {Count.LINKS_FAILED: failed}
        return PhaseOutcome(Phase.LINKS, Status.PARTLY, words, counts)
    status = Status.DONE if created or down else Status.NOTHING
    words = f"{created} put up, {down} taken down, {len(done.plan.of(Action.KEEP))} kept"
    return PhaseOutcome(Phase.LINKS, status, words, {Count.LINKS_CREATED: created, Count.LINKS_DOWN: down})


def build(run: Publishing) -> PhaseOutcome:
    """Site, messages and report of the day; what they promise is in the journal before they are there."""
    before = set(published_keys(run.context.folder))
    built = build_everything(run.workspace, run.today, run.context.now)
    run.reopen()
    tell_problems(problem for problem in built.problems if problem not in run.problems)
    run.problems = tuple(dict.fromkeys((*run.problems, *built.problems)))
    new = len(set(published_keys(run.context.folder)) - before)
    site = built.site
    counts = {
        Count.PAGES_NEW: new,
        Count.PAGES_CHANGED: max(0, site.written - new),
        Count.PAGES_REMOVED: site.removed,
    }
    status = Status.DONE if site.written or site.removed or not before else Status.NOTHING
    words = f"{plural(site.written, 'page')} written, {site.kept} unchanged, {site.removed} removed; "
    return PhaseOutcome(Phase.BUILD, status, words + f"{plural(len(built.messages), 'message')} ready", counts)


def record(run: Publishing) -> PhaseOutcome:
    """What was decided is where another machine finds it, before a client can see it."""
    repository = run.repository
    if not repository.exists:
        return PhaseOutcome(Phase.RECORD, Status.LEFT_OUT, NO_REPOSITORY)
    done = run.record(f"Decided for {run.today.isoformat()}")
    status = Status.DONE if done.committed or done.pushed else Status.NOTHING
    if not repository.is_pushed:
        return PhaseOutcome(Phase.RECORD, status, NO_REMOTE)
    return PhaseOutcome(
        Phase.RECORD, status, "committed and pushed" if status is Status.DONE else "everything was pushed before"
    )


def _place(workspace: Workspace) -> Target | None:
    """Where the site goes, if relance knows; nothing is touched yet. Raises UserError for a place inside the owner's folder."""
    settings = workspace.settings.deploy
    if settings is None:
        return None
    from generator.deploy import open_target  # noqa: PLC0415 - what a run without [deploy] does not load

    return open_target(settings, workspace.folder, os.environ)


def deploy(run: Publishing) -> PhaseOutcome:
    """The site is where clients look for it."""
    target = _place(run.workspace)
    if target is None:
        return PhaseOutcome(Phase.DEPLOY, Status.LEFT_OUT, NO_DEPLOY)
    run.refuse_behind()  # another machine may have put a newer site there since ours was recorded
    done = target.deploy(run.context.folder / "output", run.tell)
    run.where, run.deployed, run.elsewhere = done.where, True, done.elsewhere
    if done.elsewhere:
        return PhaseOutcome(Phase.DEPLOY, Status.LEFT_OUT, UPLOADED)
    status = Status.DONE if done.changed or done.removed else Status.NOTHING
    words = f"{plural(done.changed, 'file')} changed, {done.removed} removed, {done.unchanged} as they were, in {done.where}"
    counts = {Count.FILES_CHANGED: done.changed, Count.FILES_REMOVED: done.removed}
    return PhaseOutcome(Phase.DEPLOY, status, words, counts)
