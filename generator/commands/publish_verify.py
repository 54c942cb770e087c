"""`verify` of a publish: clients see the pages of this build, and not those that a cache has kept, before anybody is written to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.commands import plural
from generator.commands.build import build
from generator.commands.publish_outcome import Count, Phase, PhaseOutcome, Status
from generator.commands.send import pages_of
from generator.delivery.waiting import pauses, wait_for_pages
from generator.domain.ledger import SourceRef
from generator.errors import OutsideError, UserError
from generator.problems.run import OUTBOX_OLD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.commands.publish_run import Publishing
    from generator.domain.account import Account

#: Of the clients to whom nothing is due today, so many pages are asked for: a host that serves these serves the others.
SAMPLE = 40


def verify(run: Publishing) -> PhaseOutcome:
    """Every page that a message of today leads to, and some others, answer with the mark that this build gave them.

    Asked again for as long as `[deploy]` waits, with longer and longer pauses. Raises OutsideError when they do not.
    """
    pages = pages_to_ask(run)
    if not pages:
        return PhaseOutcome(Phase.VERIFY, Status.NOTHING, "no client has a page yet")
    settings = run.workspace.settings
    patience = float(settings.deploy.wait_seconds) if settings.deploy is not None and run.deployed else 0.0
    seen = wait_for_pages(settings.site_url, pages, pages_gone(run), pauses(patience), run.tell, sleep=run.sleep)
    for note in seen.notes:
        run.tell(note)
    if not seen.right:
        how = "" if run.deployed else " Put output/ online first."
        raise OutsideError(f"{seen.words}{how} Then: relance publish --from verify")
    words = f"{plural(len(pages), 'page')} online as this build made them"
    return PhaseOutcome(Phase.VERIFY, Status.DONE, words, {Count.PAGES_ASKED: len(pages)})


def pages_gone(run: Publishing) -> list[str]:
    """Pages that were taken away: of keys that were rotated, and of clients who are not in the ledger any more; the last ones."""
    memory, clients = run.workspace.memory, run.workspace.ledger.clients
    gone = [
        made
        for client, known in memory.clients.items()
        for made in known.keys
        if client not in clients or made.key not in known.current_keys
    ]
    last = sorted(gone, key=lambda made: (made.on, made.key))[-SAMPLE:]
    return [run.workspace.settings.portal_url(made.key) for made in last]


def pages_to_ask(run: Publishing) -> dict[str, str | None]:
    """The pages that are asked for, each with its mark: first all of those to whom something is due."""
    clients: list[Sequence[Account]] = [
        accounts for accounts in run.workspace.decide(run.today).by_client() if accounts[0].keys
    ]
    due = [accounts for accounts in clients if accounts[0].reminders.due_today is not None]
    others = [accounts for accounts in clients if accounts[0].reminders.due_today is None]
    return pages_of(run.workspace, (*due, *others[:SAMPLE]))


def take_up(run: Publishing) -> None:
    """Goes on with a site that another step put online: `output/` is the build of this journal and this day, or is made so.

    Where the folder has no such build any more (another machine, a runner's next job), it is made again: the same journal,
    ledger and day give the same pages. Raises UserError when today's ledger would decide something that no build has shown.
    """
    if run.workspace.decide(run.today).events:
        raise UserError([OUTBOX_OLD.at(SourceRef("outbox"), "what was true before", today="something new")])
    site = build(run.workspace, run.today, run.context.now).site
    run.reopen()
    run.deployed = True
    if site.written or site.removed:
        run.tell(
            f"output/ was not the build of this journal and {run.today.isoformat()}: {plural(site.written, 'page')} made again, "
            f"{site.removed} removed. What is online has to be the same."
        )
    else:
        run.tell(f"output/ is the build of this journal and {run.today.isoformat()}.")
