"""`relance publish`: from a ledger to a live site and sent reminders, in the one order that keeps every promise.

What a client can see is in the repository before; who is written to can open their page before. Each phase can be
repeated: a run that ended anywhere is begun again by the same command, and nothing is done twice.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from generator.commands import DONE, complain, counted, say, tell_problems
from generator.commands import publish_phases as phases
from generator.commands.publish_dry import rehearse
from generator.commands.publish_outcome import Phase, PhaseOutcome, RunOutcome, Status
from generator.commands.publish_report import checklist_address, report_by_email
from generator.commands.publish_run import Publishing
from generator.commands.publish_send import send
from generator.commands.publish_verify import take_up, verify
from generator.config import load_settings
from generator.errors import OutsideError, RelanceError, UsageError, UserError
from generator.lock import exclusive
from generator.publish_summary import summary_markdown

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping

    from generator.commands import Context
    from generator.domain.ledger import Problem

    Work = Callable[[Publishing], PhaseOutcome]

#: What each phase does, in the order of the phases.
WORK: Mapping[Phase, Work] = {
    Phase.RECONCILE: phases.reconcile,
    Phase.CHECK: phases.check,
    Phase.DECIDE: phases.decide,
    Phase.LINKS: phases.links,
    Phase.BUILD: phases.build,
    Phase.RECORD: phases.record,
    Phase.DEPLOY: phases.deploy,
    Phase.VERIFY: verify,
    Phase.SEND: send,
}
#: What is done in every run, whether or not there is news.
_ALWAYS = frozenset({Phase.CHECK, Phase.DECIDE, Phase.VERIFY})
_ORDER = list(Phase)
_WIDTH = max(len(phase) for phase in Phase) + 2


@dataclass(slots=True)
class _Log:
    """What is known of a run so far, and the clock that it began by."""

    context: Context
    begun: float = field(default_factory=time.monotonic)
    run: Publishing | None = None
    phases: list[PhaseOutcome] = field(default_factory=list)
    problems: tuple[Problem, ...] = ()
    status: int = DONE

    def ended(self, outcome: PhaseOutcome) -> None:
        """A phase has ended, and its line is told."""
        self.phases.append(outcome)
        if outcome.status is Status.PARTLY:
            self.status = self.status or OutsideError.exit_status
        if outcome.status is not Status.FAILED:
            say(line(outcome))

    def failed(self, phase: Phase, error: RelanceError) -> None:
        """A phase ended the run."""
        self.status = error.exit_status
        words = str(error)
        if isinstance(error, UserError):
            self.problems = error.problems
            words = counted(error.problems)
        self.phases.append(PhaseOutcome(phase, Status.FAILED, words))

    def outcome(self) -> RunOutcome:
        """The whole run."""
        run, now = self.run, self.context.now
        problems = (*self.problems, *(run.problems if run else ()))
        failed = self.phases and self.phases[-1].status is Status.FAILED
        return RunOutcome(
            day=run.today if run else self.context.day or now.date(),
            began=now,
            ended=now + timedelta(seconds=time.monotonic() - self.begun),
            phases=tuple(self.phases),
            messages=tuple(run.messages) if run else (),
            problems=tuple(dict.fromkeys(problems)),
            where=run.where if run else "",
            repeat=_repeat(self.phases[-1].phase, begun=run is not None) if failed else "",
            exit_status=self.status,
            names=run.names if run else {},
        )


def run(context: Context, options: Namespace) -> int:
    """Raises UsageError for options that do not go together, OutsideError when another run is at work; else says it by its status."""
    _refuse_wrong(options)
    if options.dry_run:
        outcome = _rehearsed(context, options)
    else:
        with exclusive(context.folder):
            outcome = publish(context, options)
    _tell_end(outcome)
    return conclude(context, outcome, options)


def _rehearsed(context: Context, options: Namespace) -> RunOutcome:
    try:
        return rehearse(context, options)
    except UsageError:
        raise
    except RelanceError as error:
        log = _Log(context)
        log.failed(Phase.CHECK, error)
        return replace(log.outcome(), dry=True)


def publish(context: Context, options: Namespace, work: Mapping[Phase, Work] = WORK) -> RunOutcome:
    """One run, phase by phase, as far as it comes; what ended it is in the outcome. The caller holds the lock of the folder."""
    log = _Log(context)
    try:
        log.run = prepared(context, options)
    except UsageError:
        raise
    except RelanceError as error:
        log.failed(Phase.CHECK, error)
        return log.outcome()
    for phase in wanted(options):
        try:
            outcome = work[phase](log.run)
        except RelanceError as error:
            log.failed(phase, error)
            break
        log.ended(outcome)
        if log.run.elsewhere and phase is Phase.DEPLOY:
            break  # nothing more can be asked of a site that nobody has uploaded yet
    return log.outcome()


def prepared(context: Context, options: Namespace) -> Publishing:
    """A run that may begin: everything is in order as it stands, and nobody has pushed anything that is not here.

    Raises UserError, UsageError for a day that cannot be, OutsideError; then nothing was written.
    """
    workspace, today = context.open()
    context.refuse_past(today, workspace, "publish")
    context.refuse_future(today, workspace, "What is published")
    found = Publishing(context, options, workspace, today, tell)
    found.examined = phases.sound(workspace, workspace.decide(today), accept_gone=options.accept_gone)
    unknown = phases.refuse_readable_by_all(workspace)
    if unknown and found.repository.exists and found.repository.is_pushed:
        found.tell(f"{unknown}; it has to be private.")
    found.refuse_behind()
    if options.start:
        take_up(found)
    return found


def wanted(options: Namespace) -> list[Phase]:
    """The phases of this call, in order."""
    first = _ORDER.index(Phase(options.start)) if options.start else 0
    last = _ORDER.index(Phase(options.until)) if options.until else len(_ORDER) - 1
    return _ORDER[first : last + 1]


def tell(words: str) -> None:
    """What goes on within a phase."""
    say(f"{'':{_WIDTH}}{words}")


def line(outcome: PhaseOutcome) -> str:
    """`build      3 pages written, …`: how a phase ended, in a line."""
    how = "" if outcome.status in {Status.DONE, Status.NOTHING} else f"{outcome.status}: "
    return f"{outcome.phase:<{_WIDTH}}{how}{outcome.words}"


def conclude(context: Context, outcome: RunOutcome, options: Namespace) -> int:
    """Hands the outcome on to whoever wanted it written down; the exit status of the run."""
    settings, _ = load_settings(context.folder)
    outcome = replace(outcome, checklist=outcome.checklist or checklist_address(os.environ))
    if options.summary is not None:
        text = summary_markdown(outcome, settings.seller.language if settings else "fr", context.folder)
        try:
            with options.summary.open("a", encoding="utf-8") as file:  # the page of a job is one file for all its steps
                file.write(text)
        except OSError as error:
            complain(f"warning: {options.summary} cannot be written: {error.strerror}. All else is done as said.")
    if settings is not None and (words := report_by_email(outcome, settings)):
        tell(words)
    return outcome.exit_status


def _refuse_wrong(options: Namespace) -> None:
    if not wanted(options):
        raise UsageError(f"--from {options.start} begins after --until {options.until}. Nothing was done.")
    if options.against is not None and not options.dry_run:
        raise UsageError("--against goes with --dry-run: it says what would differ. Nothing was done.")
    if options.start and options.dry_run:
        raise UsageError("--dry-run is of a whole run: leave --from out. Nothing was done.")


def _tell_end(outcome: RunOutcome) -> None:
    """What a person needs to know who looks at the last lines only."""
    failed = outcome.failed
    if failed is not None:
        _tell_failure(outcome, failed)
        return
    idle = {Status.NOTHING, Status.LEFT_OUT}
    if not outcome.dry and all(one.phase in _ALWAYS or one.status in idle for one in outcome.phases):
        say("Nothing was to be done: everything is as the last run left it.")


def _tell_failure(outcome: RunOutcome, failed: PhaseOutcome) -> None:
    if outcome.exit_status == UserError.exit_status:
        tell_problems(outcome.problems)
    complain(f"relance: {failed.phase} failed: {failed.words}")
    before = [one.phase.value for one in outcome.phases[:-1]]
    if before:
        complain(f"Done before that: {', '.join(before)}.")
    complain(outcome.repeat)


def _repeat(failed: Phase, *, begun: bool) -> str:
    """What stands as it was, and what the same command does the next time."""
    again = "The same command begins again; what is done is not done twice."
    if not begun:
        return "Nothing was written, pushed, put online or sent. Set it right, and run the same command again."
    if _ORDER.index(failed) < _ORDER.index(Phase.DEPLOY):
        return f"Nothing new is online and no message has left. {again}"
    if failed is Phase.DEPLOY:
        return f"What was decided is recorded, the last site stands, and no message has left. {again}"
    if failed is Phase.VERIFY:
        return (
            "The site is where it goes, and no message has left. Once its pages answer: the same command, or relance publish "
            "--from verify."
        )
    return f"The site is online. What left is recorded and does not leave again. {again}"
