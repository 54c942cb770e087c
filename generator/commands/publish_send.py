"""`send` of a publish: what may leave leaves, each message once, and the repository knows before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.commands import plural
from generator.commands.publish_outcome import Count, Fate, MessageFate, Phase, PhaseOutcome, Status
from generator.commands.publish_run import fates, stays
from generator.commands.send import RECORDED, Sending, closed, mail, plan_for, with_answers
from generator.commands.send_words import tell_plan
from generator.delivery.repository import OvertakenError

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.commands.publish_run import Publishing
    from generator.commands.send_mail import Result
    from generator.commands.send_plan import Plan


def send(run: Publishing) -> PhaseOutcome:
    """The emails that wait for nobody's word leave. What did not leave, and surely did not, goes with the next run."""
    smtp = run.workspace.settings.smtp
    if smtp is not None:
        run.workspace = with_answers(run.context, run.workspace, run.today)
    sending = Sending(run.context, run.sending, run.workspace, run.today, _recorder(run))
    plan = plan_for(sending)
    run.messages += _uncertain(sending)
    if smtp is None:
        run.messages += stays(plan, sends=False)
        return _left_out(run, "portal.toml has no [smtp]: the drafts are in outbox/")
    if (hours := closed(run.workspace, run.context.now)) is not None:
        run.messages += [*fates(plan.ready, Fate.LATER, hours), *stays(plan, sends=True)]
        return _left_out(run, hours)
    tell_plan(plan, dry=False)
    run.messages += stays(plan, sends=True)
    result = mail(sending, plan)
    run.reopen()
    if smtp.test_to:
        run.messages += fates(plan.ready, Fate.LATER, f"sent to {smtp.test_to} only (test mode)")
        return _left_out(
            run, f"test mode: {plural(len(result.sent), 'message')} sent to {smtp.test_to} and to no client"
        )
    run.messages += _became(result)
    _last_record(run)
    return _outcome(run, plan, result)


def _recorder(run: Publishing) -> Callable[[], object] | None:
    """What puts the journal into the repository before each batch leaves, and after it; nothing without a repository."""
    return (lambda: run.record(RECORDED)) if run.repository.exists else None


def _uncertain(sending: Sending) -> list[MessageFate]:
    """Messages of earlier runs of which nobody knows whether they left."""
    intents = (intent for accounts in sending.clients.values() for intent in accounts[0].reminders.uncertain)
    return [
        MessageFate((one.client,), one.step, one.channel, (), Fate.UNCERTAIN, f"of {one.on.isoformat()}")
        for one in dict.fromkeys(intents)
    ]


def _became(result: Result) -> list[MessageFate]:
    found = list(fates(result.sent, Fate.SENT))
    for fate, told in (
        (Fate.REFUSED, result.refused),
        (Fate.LATER, result.later),
        (Fate.UNCERTAIN, result.uncertain),
    ):
        for letter, words in told:
            found += fates([letter], fate, words)
    return found


def _last_record(run: Publishing) -> None:
    """Everything that became of this run is pushed; what others pushed meanwhile matters to the next one only."""
    try:
        run.record(RECORDED)
    except OvertakenError as error:
        run.tell(str(error))


def _left_out(run: Publishing, words: str) -> PhaseOutcome:
    """Nothing leaves by itself today; answers that were read are recorded all the same."""
    _last_record(run)
    return PhaseOutcome(Phase.SEND, Status.LEFT_OUT, words, _counts(run))


def _outcome(run: Publishing, plan: Plan, result: Result) -> PhaseOutcome:
    counts = _counts(run)
    waiting = f"; {counts[Count.WAITING]} waiting for your word" if counts[Count.WAITING] else ""
    words = f"{plural(len(result.sent), 'message')} sent{waiting}"
    if result.stopped:
        return PhaseOutcome(Phase.SEND, Status.PARTLY, f"{words}; stopped: {result.stopped}", counts)
    if not result.whole:
        return PhaseOutcome(Phase.SEND, Status.PARTLY, f"{words}; {counts[Count.FAILED]} did not leave", counts)
    if not plan.ready and not result.sent:
        return PhaseOutcome(Phase.SEND, Status.NOTHING, f"no message is to leave{waiting}", counts)
    return PhaseOutcome(Phase.SEND, Status.DONE, words, counts)


def _counts(run: Publishing) -> dict[Count, int]:
    fates_of = [one.fate for one in run.messages]
    failed = sum(fate in {Fate.REFUSED, Fate.LATER, Fate.UNCERTAIN} for fate in fates_of)
    return {
        Count.SENT: fates_of.count(Fate.SENT),
        Count.FAILED: failed,
        Count.WAITING: fates_of.count(Fate.WAITING),
        Count.BY_HAND: fates_of.count(Fate.BY_HAND),
    }
