"""`relance approvals`: what waits for the owner's word as a list to tick, on a phone too, and the ticks that come back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from generator.approval_list import MARK, MOST_READ, ListWords, Matter, Ticks, checklist, read_ticks
from generator.commands import DONE, Context, plural, say, tell_problems
from generator.commands.approving import beyond_boxes, events_of, waiting_for_word
from generator.commands.publish_phases import refuse_readable_by_all
from generator.delivery.github import GitHub
from generator.errors import OutsideError, UsageError
from generator.journal import append
from generator.lock import exclusive
from generator.problems import printable

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Sequence
    from datetime import date
    from pathlib import Path

    from generator.approval_list import Box, Waiting
    from generator.domain.account import Account
    from generator.workspace import Workspace

_LONGEST_SUBJECT = 60


@dataclass(slots=True)
class Approving:
    """One call of the command: what waits on this day, and for whom."""

    context: Context
    workspace: Workspace
    today: date
    clients: tuple[tuple[Account, ...], ...] = ()
    waiting: tuple[Waiting, ...] = ()
    also: tuple[str, ...] = ()

    def look(self) -> None:
        """What waits now. Raises UserError for a mistake in a template."""
        words = self.words
        self.clients = tuple(self.workspace.decide(self.today).by_client())
        self.waiting = tuple(waiting_for_word(self.workspace, self.clients))
        self.also = tuple(beyond_boxes(self.clients, words.say, words.report))

    @property
    def words(self) -> ListWords:
        """The sentences of the list, in the owner's language."""
        return ListWords(self.workspace.settings.seller.language, self.workspace.folder)

    @property
    def empty(self) -> bool:
        """Whether nothing waits for the owner at all."""
        return not (self.waiting or self.also)

    def written(self, ticked: Iterable[str] = ()) -> str:
        """The list; empty when nothing waits."""
        language, home = self.workspace.settings.seller.language, self.workspace.folder
        return "" if self.empty else checklist(self.waiting, language, also=self.also, ticked=ticked, home=home)

    def take(self, body: str) -> Ticks:
        """What the ticks of a list say; those that count are in the journal when this returns."""
        ticks = self.ticks(body)
        events = events_of(ticks.taken, self.clients, self.today)
        smtp = self.workspace.settings.smtp
        if events and smtp is not None and smtp.test_to:
            say(f"A trial ([smtp] test_to): {plural(len(ticks.taken), 'tick')} read, and nothing is recorded.")
            return ticks
        if events:
            append(self.workspace.folder / "journal", events, self.context.now)
            self.workspace = replace(self.workspace, memory=self.workspace.memory.plus(events))
            tell_ticks(ticks)
            self.look()
        else:
            tell_ticks(ticks)
        return ticks

    def ticks(self, body: str) -> Ticks:
        """The same, and nothing is remembered."""
        return read_ticks(body, self.waiting, self.workspace.settings.seller.language, self.workspace.folder)


def run(context: Context, options: Namespace) -> int:
    """Raises UsageError for a file that cannot be read, UserError for a wrong ledger or a public repository, OutsideError for GitHub."""
    body = _body(options.read) if options.read else None
    with exclusive(context.folder):
        workspace, today = context.open()
        tell_problems(workspace.problems)
        if body is not None or options.github:
            context.refuse_past(today, workspace, "Your word")
            context.refuse_future(today, workspace, "Your word")
        approving = Approving(context, workspace, today)
        approving.look()
        if body is not None:
            approving.take(body)
        if options.github:
            refuse_readable_by_all(workspace)  # the issue names clients and what they owe
            _on_github(approving, GitHub(context.folder))
        if options.markdown:
            _write(options.markdown, approving.written())
        if body is None and not (options.github or options.markdown):
            _list(approving)
    return DONE


def _on_github(approving: Approving, github: GitHub) -> None:
    """The issue says what waits. Its ticks are read first; what was ticked since then stays ticked, for the next run."""
    issue = github.find(MARK)
    if issue is not None:
        approving.take(issue.body)
        issue = github.find(MARK)  # somebody may be ticking right now
    if issue is None:
        if not approving.empty:
            where = github.create(approving.words.say.issue_title(), approving.written())
            say(f"{_boxes(approving)} to tick: {where}")
        return
    if approving.empty:
        github.close(issue.number)
        say(f"Nothing waits for your word: issue {issue.number} is closed.")
        return
    now = approving.written(approving.ticks(issue.body).digests)
    if now.split() != issue.body.split():
        github.edit(issue.number, now)
    say(f"{_boxes(approving)} to tick: {issue.url or f'issue {issue.number}'}")


def _boxes(approving: Approving) -> str:
    count = len(approving.waiting)
    return f"{count} box{'' if count == 1 else 'es'}"


def tell_ticks(ticks: Ticks) -> None:
    """What became of each tick."""
    for one in ticks.taken:
        what = "reminders may begin" if one.matter is Matter.REVIEW else f"{one.step} approved for what it says today"
        say(f"{', '.join(one.clients)}: {what}.")
    for one in ticks.known:
        say(f"{', '.join(one.clients)}: {one.step} was approved before, and has not left yet.")
    for box in ticks.changed:
        say(f"{_whose(box)}: changed since you ticked it: look again. It was not taken.")
    for box in ticks.gone:
        say(f"{_whose(box)}: nothing waits for your word there any more.")
    for box in ticks.doubtful:
        say(f"{_whose(box)}: the line is not as it was written, or is there twice and ticked once. It was not taken.")
    if ticks == Ticks():
        say("No box is ticked.")


def _whose(box: Box) -> str:
    """What a box was about, as far as it says it: it comes from outside."""
    clients = ", ".join(printable(client)[:40] for client in box.clients[:5]) or "a ticked box"
    return f"{clients}, {printable(box.step)[:40]}" if box.step else clients


def _list(approving: Approving) -> None:
    for one in approving.waiting:
        sums = ", ".join(f"{amount.decimal:f} {amount.currency}" for amount in one.amounts)
        what = "old debt, reminders to begin" if one.matter is Matter.REVIEW else one.step
        subject = printable(one.subject)[:_LONGEST_SUBJECT]
        state = "approved" if one.given else "waits"
        say(f"{state:<9} {', '.join(one.clients)}: {what}, {sums}, {subject}")
    for line in approving.also:
        say(f"besides   {printable(line)}")
    if approving.empty:
        say("Nothing waits for your word.")
    _tell_commands(approving.waiting)


def _tell_commands(waiting: Sequence[Waiting]) -> None:
    open_ones = [one for one in waiting if not one.given]
    for matter, command in ((Matter.MESSAGE, "send --approve"), (Matter.REVIEW, "review")):
        if names := [client for one in open_ones if one.matter is matter for client in one.clients]:
            say(f"Let them go with: relance {command} {' '.join(dict.fromkeys(names))}")


def _body(path: Path) -> str:
    """A list that came back. Raises UsageError when there is none."""
    try:
        with path.open("rb") as file:  # a pipe or a device says nothing of its size
            content = file.read(MOST_READ + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}. Nothing was recorded.") from error
    if len(content) > MOST_READ:
        raise UsageError(f"{path}: this is no list of ours, it is too large. Nothing was recorded.")
    return content.decode("utf-8-sig", "replace")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutsideError(f"{path} cannot be written: {error.strerror}") from error
