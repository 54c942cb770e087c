"""`relance build`: site, messages and report for one day, after what was decided is in the journal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.at_rest import collector_at_rest
from generator.commands import DONE, Context, plural, say, tell_problems
from generator.domain.ledger import SourceRef
from generator.errors import UserError
from generator.journal import append
from generator.lock import exclusive
from generator.messages import Message, MessageTemplates, check_templates, compose
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
    from generator.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Built:
    """What one build made."""

    clients: tuple[tuple[Account, ...], ...]
    messages: tuple[Message, ...]
    site: SiteResult
    problems: tuple[Problem, ...]


def run(context: Context, _options: Namespace) -> int:
    """Raises UserError when something must be corrected, OutsideError when the disk refuses; the old site then stays."""
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
    ]


def build(workspace: Workspace, today: date, now: datetime) -> Built:
    """Decides, renders aside, remembers, then shows: what a client can see is in the journal before it is there."""
    with collector_at_rest():
        return _build(workspace, today, now)


def _build(workspace: Workspace, today: date, now: datetime) -> Built:
    decision = workspace.decide(today)
    clients = tuple(decision.by_client())
    settings, folder = workspace.settings, workspace.folder
    messages = _compose_all(workspace, clients)
    report = render_report(settings, clients, messages, workspace.problems, today)
    site = build_site(
        settings,
        clients,
        today=today,
        output=folder / "output",
        state=folder / "report" / ".build.json",
        before_swap=lambda: append(folder / "journal", decision.events, now),
    )
    outbox = write_outbox(messages, folder / "outbox", today)
    write_files(report, folder / "report")
    return Built(clients, messages, site, (*workspace.problems, *site.notes, *_foreign(outbox.foreign)))


def _foreign(names: Sequence[str]) -> list[Problem]:
    return [OUTBOX_FOREIGN.at(SourceRef(f"outbox/{name}"), name) for name in names]


def _compose_all(workspace: Workspace, clients: Sequence[Sequence[Account]]) -> tuple[Message, ...]:
    """The messages of the day. Raises UserError with each mistake once, whoever meets it."""
    templates = MessageTemplates(workspace.settings)
    messages: list[Message] = []
    problems: dict[Problem, None] = {}
    for accounts in clients:
        try:
            message = compose(workspace.settings, accounts, templates)
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
    say(f"report  {folder / 'report' / 'index.html'}  (start here)")
