"""`relance build`: site, messages and report for one day, after what was decided is in the journal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.at_rest import collector_at_rest
from generator.claim_rates import refuse_missing_rates
from generator.commands import DONE, Context, plural, say, tell_problems, terminal_width
from generator.commands.claimed import still_asked
from generator.domain.groups import grouped
from generator.domain.ledger import Channel, SourceRef
from generator.domain.reminders import message_prepared
from generator.errors import UserError
from generator.journal import append
from generator.link_words import link_word_problems
from generator.lock import exclusive
from generator.message_agreement import FOLDER, agreements_on_paper, clear_away
from generator.message_checks import incomplete_messages
from generator.message_offer_checks import untold_offers
from generator.message_store import MessageStore
from generator.message_trials import try_templates
from generator.outbox import write_outbox
from generator.problems.run import OUTBOX_FOREIGN
from generator.report import render_report, write_files
from generator.site import SiteResult, build_site, check_site_templates
from generator.summary import summary
from generator.tone import Spoken, tone_problems

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from datetime import date, datetime

    from generator.domain.account import Account
    from generator.domain.decide import Decision
    from generator.domain.ledger import Problem
    from generator.domain.memory import Event
    from generator.message_store import Prepared
    from generator.message_trials import Trial
    from generator.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Built:
    """What one build made; `agreements` is how many there are to print."""

    clients: tuple[tuple[Account, ...], ...]
    messages: tuple[Prepared, ...]
    site: SiteResult
    problems: tuple[Problem, ...]
    agreements: int = 0


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
    """What is wrong with the templates of messages and of pages, and what is doubtful in their words."""
    settings = workspace.settings
    tried = try_templates(settings, workspace.ledger.clients.values())
    return [
        *dict.fromkeys(problem for trial in tried for problem in trial.problems),
        *incomplete_messages(tried),
        *untold_offers(settings, {accounts[0].client.language for accounts in decision.by_client()}),
        *tone_problems(settings, spoken(tried)),
        *check_site_templates(workspace.settings, decision.by_client()),
        *(link_word_problems(workspace.settings) if workspace.settings.stripe else ()),
    ]


def spoken(tried: Sequence[Trial]) -> list[Spoken]:
    """The messages of a trial as clients would read them; call sheets are for the owner."""
    return [
        Spoken(
            trial.where,
            message.language,
            trial.template,
            f"{message.subject}\n\n{message.text}",
            trial.firm,
            trial.claimed,
        )
        for trial in tried
        if (message := trial.message) is not None and trial.as_it_is and message.channel is not Channel.PHONE
    ]


def build(workspace: Workspace, today: date, now: datetime) -> Built:
    """Decides, renders aside, remembers, then shows: what a client can see is in the journal before it is there."""
    with collector_at_rest():
        return _build(workspace, today, now)


def _build(workspace: Workspace, today: date, now: datetime) -> Built:
    decision = workspace.decide(today)
    refuse_missing_rates(decision.missing)
    clients = tuple(decision.by_client())
    settings, folder = workspace.settings, workspace.folder
    store = MessageStore(settings, folder / "outbox", folder / "report" / ".messages.json")
    messages = prepare_all(store, clients)
    paper = folder / "report" / FOLDER
    agreements = agreements_on_paper(settings, clients, store.templates, paper)
    compiled = folder / "report" / ".templates"
    report = render_report(settings, clients, messages, workspace.problems, today, compiled)
    site = build_site(
        settings,
        clients,
        today=today,
        output=folder / "output",
        state=folder / "report" / ".build.json",
        before_swap=lambda: append(
            folder / "journal", [*decision.events, *_put_before_the_owner(workspace, clients)], now
        ),
    )
    outbox = write_outbox(messages, folder / "outbox", today)
    store.remember()
    write_files(report, folder / "report")
    write_files(agreements, paper)
    clear_away(paper, agreements)
    problems = (*workspace.problems, *site.notes, *_foreign(outbox.foreign))
    return Built(clients, messages, site, problems, sum(name.endswith(".html") for name in agreements))


def _put_before_the_owner(workspace: Workspace, clients: Sequence[Sequence[Account]]) -> list[Event]:
    """What is remembered of the messages of the day: that they were prepared, each once."""
    prepared = (
        message_prepared(accounts[0], workspace.memory.get(accounts[0].client.id).deliveries) for accounts in clients
    )
    return [event for event in prepared if event is not None]


def _foreign(names: Sequence[str]) -> list[Problem]:
    return [OUTBOX_FOREIGN.at(SourceRef(f"outbox/{name}"), name) for name in names]


def prepare_all(store: MessageStore, clients: Sequence[Sequence[Account]]) -> tuple[Prepared, ...]:
    """The messages of the day. Raises UserError with each mistake once, whoever meets it."""
    messages: list[Prepared] = []
    problems: dict[Problem, None] = {}
    for together in grouped(clients):
        try:
            message = store.prepare(together)
        except UserError as error:
            problems.update(dict.fromkeys(error.problems))
        else:
            messages += [message] if message else []
    if problems:
        raise UserError(list(problems))
    return tuple(messages)


def tell(workspace: Workspace, built: Built) -> None:
    """The morning in the terminal, and where to look."""
    folder, site, sends = workspace.folder, built.site, workspace.settings.smtp is not None
    compiled = folder / "report" / ".templates"
    shown = summary(built.clients, "en", sends=sends, width=terminal_width(), compiled=compiled)
    say(shown or "No invoice in the ledger yet: nothing to build but the public pages.")
    say()
    say(
        f"site    {folder / 'output'}  ({plural(site.written, 'page')} written, {site.kept} unchanged, {site.removed} removed)"
    )
    say(f"outbox  {folder / 'outbox'}  ({plural(len(built.messages), 'message')} ready: none leaves by itself)")
    if workspace.settings.stripe is not None:
        _tell_links(built)
    if built.agreements:
        say(
            f"paper   {folder / 'report' / FOLDER}  ({plural(built.agreements, 'agreement')} to print, if you want them signed)"
        )
    say(f"report  {folder / 'report' / 'index.html'}  (start here)")
    for line in still_asked((account for accounts in built.clients for account in accounts), workspace.settings.policy):
        say(line)


def _tell_links(built: Built) -> None:
    """Whether what is asked can be paid online: only if the last run of `links` saw exactly today's links active."""
    asking = [account for accounts in built.clients for account in accounts if account.wanted]
    ready = sum(bool(account.links) for account in asking)
    hint = "" if ready == len(asking) else "; the others by transfer only, until the next `relance links --apply`"
    say(f"links   {ready} of {plural(len(asking), 'account')} can pay online{hint}")
