"""Messages on their way, each exactly once: an intent on disk before, the result on disk after.

A run that dies in between leaves an intent without a result. The message is then uncertain: it is told to the owner, and
never repeated by itself.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.delivery.repository import OvertakenError
from generator.delivery.smtp import Verdict
from generator.domain.delivery import Outcome, SendIntended, SendResult
from generator.domain.reminders import message_sent
from generator.errors import OutsideError
from generator.mime import wire

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from generator.commands.send_plan import Letter
    from generator.delivery.smtp import Answer, Post
    from generator.domain.policy import ReminderPolicy
    from generator.journal import JournalRun

    Announced = tuple[Letter, tuple[list[SendIntended], bytes]]

ROUNDS = 3  #: a message that was turned away for now is tried again so often in a run, the first time included
SLOWER = 4  #: each wait is so many times as long as the one before
_OUTCOMES = {Verdict.SENT: Outcome.SENT, Verdict.LATER: Outcome.LATER, Verdict.REFUSED: Outcome.REFUSED}
_LONGEST_DETAIL = 300
_UNTRIED = "not tried"
_UNWRITTEN = "the journal could not be written"


@dataclass(slots=True)
class Result:
    """What became of the messages of one run; `stopped` says why it ended before its time."""

    sent: list[Letter] = field(default_factory=list)
    refused: list[tuple[Letter, str]] = field(default_factory=list)
    later: list[tuple[Letter, str]] = field(default_factory=list)
    uncertain: list[tuple[Letter, str]] = field(default_factory=list)
    gone: list[tuple[Letter, str]] = field(default_factory=list)
    left_out: list[tuple[Letter, str, str]] = field(default_factory=list)  #: an address of it, and why it had to be
    stopped: str = ""

    @property
    def whole(self) -> bool:
        """Whether everything left that was to leave."""
        return not (self.refused or self.later or self.uncertain or self.stopped)

    def knows(self, letter: Letter) -> bool:
        """Whether something was said of this message."""
        told = (one for one, _ in (*self.refused, *self.later, *self.uncertain))
        return any(one is letter for one in (*self.sent, *told))


@dataclass(slots=True)
class Mailing:
    """One run of sending. `record` puts the journal where another machine finds it, before anything it announces leaves.

    Where others had put something there first nothing more leaves, since it was decided without that.
    `clock` tells the moment of each line; `pause` waits between rounds.
    """

    post: Post
    run: JournalRun
    sender: str
    policy: ReminderPolicy
    clock: Callable[[], datetime]
    pause: Callable[[float], None]
    wait_seconds: float = 30
    batch: int = 1
    record: Callable[[], object] | None = None
    told: Callable[[int], None] | None = None
    full: dict[int, dict[str, str]] = field(default_factory=dict)  #: who could not take a message for now, and why
    last_round: bool = False
    overtaken: str = ""

    def send(self, letters: Sequence[Letter]) -> Result:
        """Sends every message at most once. What is turned away for now is tried again when the others have gone."""
        result, todo = Result(), list(letters)
        for number in range(ROUNDS):
            self.last_round = number == ROUNDS - 1
            todo = self._round(todo, result)
            if not todo or result.stopped or self.last_round:
                break
            self.pause(self.wait_seconds * SLOWER**number)
            result.later.clear()
        return result

    def _round(self, letters: Sequence[Letter], result: Result) -> list[Letter]:
        """One try for each; returns those that may be tried again."""
        before = len(result.later)
        for start in range(0, len(letters), self.batch):
            batch = letters[start : start + self.batch]
            try:
                self.post.open()
                enough = self._batch(batch, result)
            except OutsideError as error:
                result.stopped = str(error)
                enough = True
            if enough:
                result.later += [(letter, _UNTRIED) for letter in letters[start:] if not result.knows(letter)]
                break
        return [letter for letter, _ in result.later[before:]]

    def _batch(self, batch: Sequence[Letter], result: Result) -> bool:
        """Announces these messages, then hands them over one by one, until the server has had enough for now.

        Raises OutsideError; what was not tried is then noted as such.
        """
        self._stop_if_overtaken()
        announced = [(letter, self._announce(letter)) for letter in batch]
        self.run.write([intent for _, (intents, _) in announced for intent in intents])
        untried, enough, pushed = list(announced), False, False
        try:
            self._push()
            pushed = True
            self._stop_if_overtaken()
            for letter, (intents, content) in announced:
                answer = self.post.send(self.sender, self._recipients(letter), content)
                untried.pop(0)
                self._note(letter, intents, answer, result)
                enough = answer.pause
                if enough:
                    break
        except OutsideError:
            # the journal refused, or the server did before the message: nothing of what is left was sent
            self._give_up(announced, untried, result)
            if pushed:  # another machine would only have to ask more often
                with suppress(OutsideError):
                    self._push()
            raise
        except BaseException:  # interrupted: the message that was on its way may have left
            self._untried(untried[1:])
            raise
        self._untried(untried)
        self._push()
        return enough

    def _push(self) -> None:
        """Raises OutsideError when the repository cannot be reached; that others were there first is remembered."""
        try:
            if self.record is not None:
                self.record()
        except OvertakenError as error:  # ours is there as well, so that what is noted next belongs there too
            self.overtaken = str(error)

    def _stop_if_overtaken(self) -> None:
        if self.overtaken:
            raise OutsideError(self.overtaken)

    def _give_up(self, announced: Sequence[Announced], untried: Sequence[Announced], result: Result) -> None:
        """What is left stays for another run, where the journal can still be told so; else the owner is asked about it."""
        if self.run.broken:
            result.uncertain += [(letter, _UNWRITTEN) for letter, _ in announced if not result.knows(letter)]
        else:
            self._untried(untried)

    def _recipients(self, letter: Letter) -> tuple[str, ...]:
        """Everybody; in the last round without those of a copy whose mailbox still cannot take it."""
        everybody = letter.prepared.recipients
        full = self.full.get(id(letter), {}) if self.last_round else {}
        if everybody[0] in full:
            return everybody
        return tuple(address for address in everybody if address not in full)

    def _announce(self, letter: Letter) -> tuple[list[SendIntended], bytes]:
        """The intents of one message, one for each client it speaks of; its bytes are on disk when this returns."""
        now = self.clock()
        content, attempt = wire(letter.prepared.content(), date=now), secrets.token_hex(8)
        digest = self.run.keep(content, ".eml")
        intents = []
        for accounts in letter.clients:
            sent = message_sent(accounts[0], self.policy.steps_for(accounts[0].client))
            if sent is None:
                raise ValueError(f"no message is due to {accounts[0].client.id}")
            intents.append(
                SendIntended(
                    client=sent.client,
                    attempt=attempt,
                    step=sent.step,
                    channel=sent.channel,
                    on=sent.on,
                    items=sent.items,
                    to=self._recipients(letter),
                    subject=letter.prepared.subject,
                    at=now,
                    about=sent.about,
                    message_id=letter.prepared.message_id,
                    digest=digest,
                )
            )
        return intents, content

    def _note(self, letter: Letter, intents: Sequence[SendIntended], answer: Answer, result: Result) -> None:
        """Puts the answer on disk; an answer that leaves it open is none, so that the intent stays uncertain."""
        detail = answer.text[:_LONGEST_DETAIL]
        outcome = _OUTCOMES.get(answer.verdict)
        if outcome is not None:
            lost = tuple(address for address, _ in answer.refused) if outcome is not Outcome.LATER else ()
            at = self.clock()
            self.run.write([SendResult(one.client, one.attempt, outcome, at, lost, detail) for one in intents])
        if outcome is Outcome.SENT:
            result.sent.append(letter)
            result.gone += [(letter, f"{address}: {words}") for address, words in answer.refused]
            taken = {*intents[0].to}
            full = self.full.get(id(letter), {})
            result.left_out += [(letter, address, words) for address, words in full.items() if address not in taken]
        elif outcome is Outcome.REFUSED:
            result.refused.append((letter, detail))
        elif outcome is Outcome.LATER:
            result.later.append((letter, detail))
            self.full[id(letter)] = dict(answer.refused)
        else:
            result.uncertain.append((letter, detail))
        if self.told is not None:
            self.told(1)

    def _untried(self, announced: Sequence[Announced]) -> None:
        """Notes that nothing of these left; where the journal is what failed they stay uncertain, which is safe."""
        at = self.clock()
        events = [
            SendResult(intent.client, intent.attempt, Outcome.LATER, at, (), _UNTRIED)
            for _, (intents, _) in announced
            for intent in intents
        ]
        if events and not self.run.broken:
            self.run.write(events)
