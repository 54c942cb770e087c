"""`relance build`: site, messages and report for one day, after what was decided is in the journal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.at_rest import collector_at_rest
from generator.commands import DONE, Context, plural, say, tell_problems
from generator.domain.ledger import SourceRef
from generator.errors import UserError
from generator.journal import append
from generator.link_words import link_word_problems
from generator.lock import exclusive
from generator.message_store import MessageStore
from generator.messages import check_templates
from generator.outbox import write_outbox
from generator.problems.run import OUTBOX_FOREIGN
from generator.report import render_report, write_files
from generator.site import SiteResult, build_site, check_site_templates
from generator.summary import summary_table

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from datetime import date, datetime

    from generator.domain.account import Account
    from generator.domain.decide import Decision
    from generator.domain.ledger import Problem
    from generator.message_store import Prepared
    from generator.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Built:
    """What one build made."""

    clients: tuple[tuple[Account, ...], ...]
    messages: tuple[Prepared, ...]
    site: SiteResult
    problems: tuple[Problem, ...]


def run(context: Context, _options: Namespace) -> int:
    """Raises UserError when something must be corrected, OutsideError when the disk refuses; the old site then stays."""
    with collector_at_rest():  # from the first row that is read: what it would look through is all in use
        with exclusive(context.folder):
            workspace, today = context.open()
            built = build(workspace, today, context.now)
        tell_problems(built.problems)
        tell(workspace, built)
    return DONE


def template_problems(workspace: Workspace, decision: Decision) -> list[Problem]:
    """What is wrong with the templates of messages and of pages."""
    return [
        *check_templates(workspace.settings),
        *check_site_templates(workspace.settings, decision.by_client()),
        *(link_word_problems(workspace.settings) if workspace.settings.stripe else ()),
    ]


def build(workspace: Workspace, today: date, now: datetime) -> Built:
    """Decides, renders aside, remembers, then shows: what a client can see is in the journal before it is there."""
    with collector_at_rest():
        return _build(workspace, today, now)


def _build(workspace: Workspace, today: date, now: datetime) -> Built:
    decision = workspace.decide(today)
    clients = tuple(decision.by_client())
    settings, folder = workspace.settings, workspace.folder
    store = MessageStore(settings, folder / "outbox", folder / "report" / ".messages.json")
    messages = _prepare_all(store, clients)
    compiled = folder / "report" / ".templates"
    report = render_report(settings, clients, messages, workspace.problems, today, compiled)
    site = build_site(
        settings,
        clients,
        today=today,
        output=folder / "output",
        state=folder / "report" / ".build.json",
        before_swap=lambda: append(folder / "journal", decision.events, now),
    )
    outbox = write_outbox(messages, folder / "outbox", today)
    store.remember()
    write_files(report, folder / "report")
    return Built(clients, messages, site, (*workspace.problems, *site.notes, *_foreign(outbox.foreign)))


def _foreign(names: Sequence[str]) -> list[Problem]:
    return [OUTBOX_FOREIGN.at(SourceRef(f"outbox/{name}"), name) for name in names]


def _prepare_all(store: MessageStore, clients: Sequence[Sequence[Account]]) -> tuple[Prepared, ...]:
    """The messages of the day. Raises UserError with each mistake once, whoever meets it."""
    messages: list[Prepared] = []
    problems: dict[Problem, None] = {}
    for accounts in clients:
        try:
            message = store.prepare(accounts)
        except UserError as error:
            problems.update(dict.fromkeys(error.problems))
        else:
            messages += [message] if message else []
    if problems:
        raise UserError(list(problems))
    return tuple(messages)


def tell(workspace: Workspace, built: Built) -> None:
    """The morning in the terminal, and where to look."""
    say(summary_table(built.clients, "en") or "No invoice in the ledger yet: nothing to build but the public pages.")
    folder, site = workspace.folder, built.site
    say()
    say(
        f"site    {folder / 'output'}  ({plural(site.written, 'page')} written, {site.kept} unchanged, {site.removed} removed)"
    )
    say(f"outbox  {folder / 'outbox'}  ({plural(len(built.messages), 'message')} ready: none leaves by itself)")
    if workspace.settings.stripe is not None:
        _tell_links(built)
    say(f"report  {folder / 'report' / 'index.html'}  (start here)")


def _tell_links(built: Built) -> None:
    """Whether what is asked can be paid online: only if the last run of `links` saw exactly today's links active."""
    asking = [account for accounts in built.clients for account in accounts if account.wanted]
    ready = sum(bool(account.links) for account in asking)
    hint = "" if ready == len(asking) else "; the others by transfer only, until the next `relance links --apply`"
    say(f"links   {ready} of {plural(len(asking), 'account')} can pay online{hint}")
