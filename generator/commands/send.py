"""`relance send`: the emails of the outbox leave, each exactly once, after everything that could make them wrong was looked at."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from generator.claim_rates import refuse_missing_rates
from generator.commands import DONE, Context, say, tell_problems
from generator.commands.approving import word_on
from generator.commands.build import prepare_all
from generator.commands.progress import Progress
from generator.commands.replies import fetch_replies, tell
from generator.commands.send_mail import Mailing, Result
from generator.commands.send_plan import Letter, Plan, compare, letters, sort_out
from generator.commands.send_words import tell_plan, tell_result, tell_uncertain, tell_withheld
from generator.delivery.pages import check_pages, local_mark
from generator.delivery.repository import Repository
from generator.delivery.smtp import Post, Verdict
from generator.domain.ledger import Channel, SourceRef
from generator.errors import OutsideError, UsageError, UserError
from generator.journal import JournalRun, append
from generator.lock import exclusive
from generator.message_store import MessageStore
from generator.mime import wire
from generator.problems.run import OUTBOX_OLD, SMTP_MISSING
from generator.secrets_file import SMTP_PASSWORD, mail_password

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date

    from generator.commands.send_plan import Clients
    from generator.config_delivery import SmtpSettings
    from generator.domain.account import Account
    from generator.workspace import Workspace

JOURNAL = ("journal",)
RECORDED = "Journal of messages sent"  #: what the commits say


@dataclass(slots=True)
class Sending:
    """One call of the command."""

    context: Context
    options: Namespace
    workspace: Workspace
    today: date
    record: Callable[[], object] | None = None  #: puts the journal into the repository and pushes it

    @property
    def clients(self) -> Clients:
        """Today's accounts, by client."""
        return {accounts[0].client.id: accounts for accounts in self.workspace.decide(self.today).by_client()}


def run(context: Context, options: Namespace) -> int:
    """Raises UserError when the outbox or the ledger is wrong, UsageError for clients or a day that cannot be, OutsideError."""
    with exclusive(context.folder):
        workspace, today = context.open()
        tell_problems(workspace.problems)
        context.refuse_past(today, workspace, "send")
        context.refuse_future(today, workspace, "What leaves")
        if not options.dry_run:
            if workspace.settings.smtp is None:
                raise UserError([SMTP_MISSING.at(SourceRef("portal.toml"), "[smtp]")])
            workspace = with_answers(context, workspace, today)
        record = (lambda: Repository(context.folder).record(JOURNAL, RECORDED)) if options.push else None
        sending = Sending(context, options, workspace, today, record)
        plan = plan_for(sending)
        if options.dry_run:
            tell_plan(plan, dry=True)
            return DONE
        if (hours := closed(workspace, context.now)) is not None:
            say(hours)
            return DONE
        tell_plan(plan, dry=False)
        return _leave(sending, plan)


def plan_for(sending: Sending) -> Plan:
    """What may leave today and what stays, once the owner's word of this call is remembered; what is uncertain is told.

    Raises UserError when the outbox is not today's, UsageError for a client that cannot be meant.
    """
    clients = _named(sending, sending.clients)
    plan = _planned(sending, clients)
    tell_uncertain(clients.values())
    return plan


def with_answers(context: Context, workspace: Workspace, today: date) -> Workspace:
    """The workspace after the mailbox was read: who answered since yesterday is not written to today."""
    if workspace.settings.imap is None:
        return workspace
    tell(fetch_replies(workspace, today, context.now))  # also what is nobody's, which the owner alone can place
    return context.open()[0]


def _named(sending: Sending, clients: Clients) -> Clients:
    """The accounts, once the owner's word of this call is remembered. Raises UsageError for a client that cannot be meant."""
    options = sending.options
    unknown = [name for name in (*options.only, *options.approve) if name not in clients and name != "all"]
    if unknown:
        raise UsageError(
            "\n".join(
                [*(f"{name}: no such client with an invoice in the ledger" for name in unknown), "Nothing was sent."]
            )
        )
    if not options.approve:
        return clients
    wanted = list(clients) if "all" in options.approve else list(dict.fromkeys(options.approve))
    waiting = [name for name in wanted if (due := clients[name][0].reminders.due_today) and due.waits]
    named = [] if "all" in options.approve else options.approve
    if idle := [f"{name}: {why}" for name in named if (why := _why_not(clients[name][0], sending.today))]:
        raise UsageError("\n".join([*idle, "Nothing was sent."]))
    words = [word_on(clients[name], sending.today) for name in waiting]
    if words:
        _composed(sending, clients, waiting)  # the owner read the outbox: no word is kept about what it does not say
    smtp = sending.workspace.settings.smtp
    if words and not options.dry_run and not (smtp and smtp.test_to):  # a trial is forgotten, and the word for it too
        append(sending.workspace.folder / "journal", words, sending.context.now)
    sending.workspace = replace(sending.workspace, memory=sending.workspace.memory.plus(words))
    for name in () if options.dry_run else waiting:
        say(f"{name}: {_due_step(clients, name)} approved for what it says today.")
    return sending.clients


def _due_step(clients: Clients, name: str) -> str:
    due = clients[name][0].reminders.due_today
    return due.step.name if due else ""


def _why_not(account: Account, today: date) -> str:
    """Why the owner's word can be about nothing here; empty also for what was approved before, so that a command can be repeated."""
    due = account.reminders.due_today
    if due is None:
        begun = account.reminders.uncertain or any(message.on == today for message in account.reminders.sent)
        return "" if begun else "no message is due today"
    return "a call waits for nobody's word" if due.channel is Channel.PHONE else ""


def _planned(sending: Sending, clients: Clients) -> Plan:
    """What may leave now, so many as are wanted. Raises UserError when the outbox is not today's."""
    plan = _composed(sending, clients, sending.options.only)
    plan.limit(sending.options.limit)
    return plan


def _composed(sending: Sending, clients: Clients, only: Sequence[str]) -> Plan:
    """The messages to these clients, held against the outbox. Raises UserError when the outbox is not today's."""
    settings, folder = sending.workspace.settings, sending.workspace.folder
    decision = sending.workspace.decide(sending.today)
    refuse_missing_rates(decision.missing)
    if decision.events:  # something begins today that no build has shown yet
        raise UserError([OUTBOX_OLD.at(SourceRef("outbox"), "what was true before", today="something new")])
    store = MessageStore(settings, folder / "outbox", folder / "report" / ".messages.json")
    plan = sort_out(letters(prepare_all(store, tuple(clients.values())), clients), only)
    compare(plan, folder / "outbox", sending.today)
    return plan


def closed(workspace: Workspace, now: datetime) -> str | None:
    """Why no mail leaves at this hour; None when it may."""
    hours = workspace.settings.policy.reminders.send_between
    here = now.astimezone(ZoneInfo(workspace.settings.seller.timezone)).time()
    if hours is None or hours[0] <= here < hours[1]:
        return None
    return f"Nothing leaves now ({here:%H:%M}): portal.toml sends between {hours[0]:%H:%M} and {hours[1]:%H:%M}."


def _leave(sending: Sending, plan: Plan) -> int:
    """Everything that may leave, leaves. Raises OutsideError when something outside kept a message back."""
    if not sending.options.offline_pages:
        _check_pages(sending, plan)
    return _end(sending, plan, mail(sending, plan))


def mail(sending: Sending, plan: Plan) -> Result:
    """Everything that may leave, leaves, and is told; nothing does without a mail server."""
    smtp = sending.workspace.settings.smtp
    if not plan.ready or smtp is None:
        return Result()
    result = _mail(sending, plan, smtp)
    tell_result(result, test_to=smtp.test_to)
    return result


def _check_pages(sending: Sending, plan: Plan) -> None:
    """No message before the page it leads to is online, as the last build made it."""
    settings = sending.workspace.settings
    pages = pages_of(sending.workspace, (accounts for letter in plan.ready for accounts in letter.clients))
    wrong = check_pages(pages) if pages else {}

    def reason(letter: Letter) -> str:
        urls = (settings.portal_url(accounts[0].keys[0]) for accounts in letter.clients)
        return next((f"the page: {wrong[url]}" for url in urls if url in wrong), "")

    plan.withhold(reason)
    tell_withheld(plan)


def pages_of(workspace: Workspace, clients: Iterable[Sequence[Account]]) -> dict[str, str | None]:
    """The page that each of these clients is led to, with the mark that the last build gave it."""
    output, settings = workspace.folder / "output" / "p", workspace.settings
    keys = (accounts[0].keys[0] for accounts in clients)
    return {settings.portal_url(key): local_mark(output / key / "index.html") for key in keys}


def _mail(sending: Sending, plan: Plan, smtp: SmtpSettings) -> Result:
    folder, settings = sending.workspace.folder, sending.workspace.settings
    record = sending.record
    progress = Progress(len(plan.ready))
    run = JournalRun(folder / "journal", sending.context.now)
    password = mail_password(folder, os.environ, SMTP_PASSWORD) if smtp.user else ""
    try:
        with stopped_gently(), Post(smtp, password) as post:
            if smtp.test_to:
                return _test(post, settings.seller.email, plan.ready)
            return Mailing(
                post=post,
                run=run,
                sender=settings.seller.email,
                policy=settings.policy.reminders,
                clock=_clock(sending.context.now),
                pause=time.sleep,
                wait_seconds=smtp.retry_after_seconds,
                batch=smtp.batch if record else 1,
                record=record,
                told=progress.step,
            ).send(plan.ready)
    finally:
        run.close()


@contextmanager
def stopped_gently() -> Iterator[None]:
    """A run that is told to stop (SIGTERM: a job that was cancelled) stops as with Ctrl-C, and notes what it did not begin."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _clock(start: datetime) -> Callable[[], datetime]:
    """The moment of the call, going on: what is written down never lies before the day that was decided for."""
    begun = time.monotonic()
    return lambda: start.astimezone(UTC) + timedelta(seconds=time.monotonic() - begun)


def _test(post: Post, sender: str, ready: Sequence[Letter]) -> Result:
    """Everything goes to the address of the test mode; nothing is remembered, since no client was written to."""
    result = Result()
    for letter in ready:
        answer = post.send(sender, letter.prepared.recipients, wire(letter.prepared.content()))
        if answer.verdict is Verdict.SENT:
            result.sent.append(letter)
        else:
            result.later.append((letter, answer.text))
    return result


def _end(sending: Sending, plan: Plan, result: Result) -> int:
    """The exit status. Raises OutsideError when a message was kept back by something outside."""
    if result.sent and not (sending.workspace.settings.smtp and sending.workspace.settings.smtp.test_to):
        say("Run `relance build` to bring the outbox and the report up to date.")
    if result.stopped:
        raise OutsideError(f"sending stopped: {result.stopped}")
    if plan.withheld or not result.whole:
        raise OutsideError("not everything left: see above. What surely did not leave goes with the next run.")
    if doubtful := _doubtful(sending):
        raise OutsideError(f"of earlier messages nobody knows whether they left ({', '.join(doubtful)}): see above.")
    return DONE


def _doubtful(sending: Sending) -> list[str]:
    """The clients, of those that this call is about, to whom a message may or may not have left in an earlier run."""
    wanted = set(sending.options.only) or set(sending.clients)
    return [name for name, accounts in sending.clients.items() if accounts[0].reminders.uncertain and name in wanted]
