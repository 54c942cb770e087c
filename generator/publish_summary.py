"""One run of `relance publish` in Markdown, for the page of the CI job and for a comment: a line for a phone, then the rest.

It names clients, since the repository is private, but gives no address of a page: what follows a host is cut off. Whatever
came from outside is put in as text that does nothing.
"""

from __future__ import annotations

import shlex
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator import wording
from generator.commands.publish_outcome import Count, Fate, Phase, Status
from generator.domain.ledger import Severity
from generator.domain.money import Money, is_currency
from generator.domain.policy import PROPOSAL_ANSWERED, SERVICES
from generator.inert import inert, plain_line, without_addresses
from generator.problems import format_problem
from generator.publish_words import PublishWords

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from generator.commands.publish_outcome import MessageFate, PhaseOutcome, RunOutcome

MOST_CHARACTERS = 60_000  #: a comment on GitHub may have 65,536
_ROOM_FOR_THE_END = 600
MOST_ROWS = 200
MOST_NAMED = 20  #: clients that one command names and can still be read
_LONGEST_COMMAND = 2_000
_MOST_PROBLEMS = 40
_LONGEST_WORDS = 400
_REMINDERS_NOT = SERVICES | frozenset(PROPOSAL_ANSWERED.values())
#: What is wrong, what the owner has to do, then what went well: the order in which messages are told.
_ORDER = (
    Fate.UNCERTAIN, Fate.REFUSED, Fate.WITHHELD, Fate.LATER, Fate.WAITING, Fate.SENT, Fate.WOULD_LEAVE, Fate.BY_HAND
)  # fmt: skip
WRONG = (Fate.UNCERTAIN, Fate.REFUSED, Fate.WITHHELD, Fate.LATER)
_LOOKED = frozenset({Phase.CHECK, Phase.DECIDE})  #: what a dry run does as every run does
_WOULD = "would be done"
_OF_A_PHASE = (
    Count.PAID, Count.ANSWERED, Count.CLIENTS, Count.AGREED, Count.PAGES_NEW, Count.PAGES_CHANGED, Count.PAGES_REMOVED,
    Count.LINKS_CREATED, Count.LINKS_DOWN, Count.LINKS_FAILED, Count.FILES_CHANGED, Count.FILES_REMOVED, Count.PAGES_ASKED,
)  # fmt: skip


@dataclass(slots=True)
class RunWords(PublishWords):
    """The sentences of a summary."""

    def headline(self, outcome: RunOutcome) -> str:
        """All of it in a line without a client's name: `3 relances parties, 2 règlements reçus et 1 message attend votre accord`."""
        failed = outcome.failed
        parts = [self.say.stopped(self.say.phase(failed.phase.value))] if failed else []
        parts += [self.part(name, count) for name, count in _counted(outcome) if count]
        line = self.say.headline(parts, outcome.dry)
        return line[:1].upper() + line[1:]

    def part(self, name: str, count: int) -> str:
        """`2 règlements reçus`."""
        return self.say.part(name, count)

    def phase_detail(self, one: PhaseOutcome) -> str:
        """What a phase counted, in the owner's language; where it did not end well, why, in relance's own words."""
        told = [self.part(what.name.lower(), one.counts[what]) for what in _OF_A_PHASE if one.counts.get(what)]
        if one.status in {Status.LEFT_OUT, Status.PARTLY, Status.FAILED}:
            told.append(without_addresses(one.words))
        return ", ".join(told)

    def sums(self, message: MessageFate) -> str:
        """`1 200,00 € + 50,00 £`."""
        return " + ".join(self._sum(currency, amount) for currency, amount in message.amounts)

    def whom(self, outcome: RunOutcome, message: MessageFate) -> str:
        """The names of the clients of a message; the id of one whose name is not known."""
        return ", ".join(outcome.names.get(client, client) for client in message.clients)

    def _sum(self, currency: str, amount: str) -> str:
        if not is_currency(currency):
            return f"{amount} {currency}"
        return wording.money(Money.of(amount, currency), self.say.language)


def summary_markdown(outcome: RunOutcome, language: str, home: Path | None = None) -> str:
    """The run as it is read on the page of a job or in a comment. `home` is the owner's folder, for sentences of their own."""
    return in_words(lambda words: _summary(outcome, words), language, home)


def _summary(outcome: RunOutcome, words: RunWords) -> str:
    page = _Page()
    page.add(f"## {inert(words.headline(outcome), _LONGEST_WORDS)}", "", f"relance · {words.say.day(outcome.day)}", "")
    for block in (_wrong, _waiting, _messages, _planned, _phases, _notes):
        page.block(block(outcome, words))
    return "\n".join([*page.lines, f"<sub>{words.say.private()}</sub>", ""])


def in_words(tell: Callable[[RunWords], str], language: str, home: Path | None) -> str:
    """What is told in the owner's own sentences; in those that ship where theirs are wrong: a run is told in any case."""
    try:
        return tell(RunWords(language, home))
    except Exception:
        if home is None:
            raise
        return tell(RunWords(language))


@dataclass(slots=True)
class _Page:
    """Lines, as long as there is room for them."""

    lines: list[str] = field(default_factory=list)
    room: int = MOST_CHARACTERS - _ROOM_FOR_THE_END

    def add(self, *lines: str) -> bool:
        """Whether they found room, all of them or none."""
        size = sum(len(line) + 1 for line in lines)
        if size > self.room:
            return False
        self.room -= size
        self.lines += lines
        return True

    def block(self, lines: Iterator[str]) -> None:
        """As many lines of a block as there is room for, and a sign where it was cut."""
        for line in lines:
            if not self.add(line):
                self.lines += ["", "…"]
                self.room = 0
                return
        if self.lines[-1]:
            self.add("")


def _counted(outcome: RunOutcome) -> list[tuple[str, int]]:
    """What the headline counts, what matters most first."""
    fates = Counter(message.fate for message in outcome.messages)
    left = outcome.of(Fate.WOULD_LEAVE if outcome.dry else Fate.SENT)
    reminders = sum(message.step not in _REMINDERS_NOT for message in left)
    asked = ("would_remind", "would_tell") if outcome.dry else ("reminders", "others")
    wrong = [
        (name, fates[fate]) for name, fate in zip(("uncertain", "refused", "withheld", "later"), WRONG, strict=True)
    ]
    sent = [(asked[0], reminders), (asked[1], len(left) - reminders)]
    came = [("paid", outcome.count(Count.PAID)), ("agreed", outcome.count(Count.AGREED))]
    came.append(("answered", outcome.count(Count.ANSWERED)))
    stays = [("waiting", fates[Fate.WAITING]), ("by_hand", fates[Fate.BY_HAND])]
    if not outcome.dry:
        return [*wrong, *sent, *came, *stays]
    pages = (Count.PAGES_NEW, Count.PAGES_CHANGED, Count.PAGES_REMOVED, Count.LINKS_CREATED, Count.LINKS_DOWN)
    shown = [(what.name.lower(), outcome.count(what)) for what in pages]
    return [*wrong, *shown[:3], *sent, *shown[3:], *came, *stays]


def _wrong(outcome: RunOutcome, words: RunWords) -> Iterator[str]:
    """What did not work, and what to do about it."""
    bad = [one for one in outcome.phases if one.status in {Status.FAILED, Status.PARTLY}]
    errors = [problem for problem in outcome.problems if problem.severity is Severity.ERROR]
    uncertain = outcome.of(Fate.UNCERTAIN)
    if not (bad or errors or uncertain):
        return
    yield from (f"### {words.say.wrong_title()}", "")
    for one in bad:
        yield f"- **{words.say.phase(one.phase.value)}**{words.say.colon()} {_safe(one.words)}"
    yield from (f"- {_safe(format_problem(problem))}" for problem in errors[:_MOST_PROBLEMS])
    if len(errors) > _MOST_PROBLEMS:
        yield f"- {words.say.more_rows(len(errors) - _MOST_PROBLEMS)}"
    if uncertain:
        yield f"- {words.say.uncertain_help()}"
    if outcome.repeat:
        yield from ("", f"{words.say.again()} {_safe(outcome.repeat)}")


def _waiting(outcome: RunOutcome, words: RunWords) -> Iterator[str]:
    """What waits for the owner's word, and how to give it."""
    if not (waiting := outcome.of(Fate.WAITING)):
        return
    yield from (f"### {words.say.waiting_title()}", "", words.say.waiting_help(), "", f"    {approve_command(waiting)}")
    if outcome.checklist:
        yield from ("", f"[{words.say.checklist_link()}](<{outcome.checklist}>)")


def approve_command(waiting: Sequence[MessageFate]) -> str:
    """What is typed to let these messages leave, on one line."""
    clients = dict.fromkeys(client for message in waiting for client in message.clients)
    named = " ".join(map(shlex.quote, clients)) if len(clients) <= MOST_NAMED else "all"
    return plain_line(f"relance send --approve {named}", _LONGEST_COMMAND)


def in_order(messages: Sequence[MessageFate]) -> list[MessageFate]:
    """What went wrong first, then what waits, then what left."""
    return sorted(messages, key=lambda message: _ORDER.index(message.fate))


def _messages(outcome: RunOutcome, words: RunWords) -> Iterator[str]:
    if not outcome.messages:
        return
    say = words.say
    head = [say.client_column(), say.step_column(), say.sum_column(), say.fate_column()]
    yield from (f"### {say.messages()}", "", _row(head), "|---|---|---:|---|")
    for message in in_order(outcome.messages)[:MOST_ROWS]:
        fate = say.fate(message.fate.value)
        why = f"{fate}{words.say.colon()} {_safe(message.words)}" if message.words and message.fate in WRONG else fate
        whom = inert(words.whom(outcome, message), 80)
        yield _row([whom, inert(words.report.step(message.step), 60), inert(words.sums(message)), why])
    if len(outcome.messages) > MOST_ROWS:
        yield from ("", say.more_rows(len(outcome.messages) - MOST_ROWS))


def _planned(outcome: RunOutcome, words: RunWords) -> Iterator[str]:
    if not outcome.planned:
        return
    yield from (f"### {words.say.planned_title()}", "")
    yield from (f"- {_safe(line)}" for line in outcome.planned[:MOST_ROWS])
    if len(outcome.planned) > MOST_ROWS:
        yield from ("", words.say.more_rows(len(outcome.planned) - MOST_ROWS))


def _phases(outcome: RunOutcome, words: RunWords) -> Iterator[str]:
    if not outcome.phases:
        return
    say = words.say
    yield from (f"### {say.phases()}", "", _row([say.phase_column(), say.status_column(), say.detail_column()]))
    yield "|---|---|---|"
    for one in outcome.phases:
        would = outcome.dry and one.status is Status.DONE and one.phase not in _LOOKED
        status = _WOULD if would else one.status.value
        yield _row([say.phase(one.phase.value), say.status(status), _safe(words.phase_detail(one))])


def _notes(outcome: RunOutcome, words: RunWords) -> Iterator[str]:
    """Warnings: worth knowing, and nothing is stopped by them."""
    notes = [problem for problem in outcome.problems if problem.severity is Severity.WARNING]
    if not notes:
        return
    yield from (f"<details><summary>{words.say.notes_title()} ({len(notes)})</summary>", "")
    yield from (f"- {_safe(format_problem(problem))}" for problem in notes[:_MOST_PROBLEMS])
    if len(notes) > _MOST_PROBLEMS:
        yield f"- {words.say.more_rows(len(notes) - _MOST_PROBLEMS)}"
    yield from ("", "</details>")


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _safe(text: str) -> str:
    return inert(without_addresses(text), _LONGEST_WORDS)


def whole(outcome: RunOutcome) -> bool:
    """Whether the run came to its end, or to where it could go no further: nothing else will speak of it."""
    return outcome.failed is not None or any(one.phase is Phase.SEND for one in outcome.phases)
