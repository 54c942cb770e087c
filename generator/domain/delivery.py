"""What became of messages: intended, sent, refused, uncertain; what was said on the telephone; what clients answered.

These are events of the journal. Each has a meaning that needs no order: an attempt to send is an intent and whatever
results were ever written of it, in whichever file they stand. An intent without a result is uncertain: the message may
have left, so it is never sent again before the owner has said what became of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

T = TypeVar("T")


@dataclass(frozen=True, slots=True, order=True)
class SentItem:
    """One item listed in a message. `step` is the item's own step, empty when none was due for it yet.

    The day of issue and the total recognise an invoice that was renumbered later. `final`: the step was the last of the
    ladder that day, so that a step which is added later does not write to everybody about old invoices.
    """

    invoice: str
    step: str
    issued: date
    total: int
    currency: str
    final: bool = False


@dataclass(frozen=True, slots=True)
class MessageSent:
    """A message left, by hand or otherwise. `about` names what it was about other than items: instalments, payments received.

    `message_id` is that of the email, without its angle brackets; empty for a letter, a call, or what was sent by hand.
    `digest` is that of its bytes, kept beside the journal; empty when they were not kept.
    """

    client: str
    step: str
    channel: str
    on: date
    items: tuple[SentItem, ...]
    about: tuple[str, ...] = ()
    message_id: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class SendIntended:
    """A message is about to be handed to the mail server: written, and safe on disk, before the first byte of it leaves.

    `attempt` is this attempt's own name; `digest` that of the bytes handed over, kept beside the journal; `to` are the
    addresses of the envelope; `at` a moment in UTC.
    """

    client: str
    attempt: str
    step: str
    channel: str
    on: date
    items: tuple[SentItem, ...]
    to: tuple[str, ...]
    subject: str
    at: datetime
    about: tuple[str, ...] = ()
    message_id: str = ""
    digest: str = ""

    @property
    def as_sent(self) -> MessageSent:
        """What is remembered of it once it is known to have left."""
        return MessageSent(
            self.client, self.step, self.channel, self.on, self.items, self.about, self.message_id, self.digest
        )


class Outcome(StrEnum):
    """What a mail server said of a message, then or later.

    LATER and REFUSED: it surely did not take it, for now or for good. BOUNCED: it took it, and could not deliver it.
    """

    SENT = "sent"
    LATER = "later"
    REFUSED = "refused"
    BOUNCED = "bounced"


@dataclass(frozen=True, slots=True)
class SendResult:
    """What became of an attempt. `refused` are the addresses of it that do not take mail; `detail` the server's words."""

    client: str
    attempt: str
    outcome: Outcome
    at: datetime
    refused: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Resend:
    """The owner's word on attempts that are uncertain or were refused: they did not arrive, and may be made again."""

    client: str
    attempts: tuple[str, ...]
    on: date


@dataclass(frozen=True, slots=True)
class MessagePrepared:
    """A message was put before the owner: a call sheet of that day, or a draft that waits to be sent."""

    client: str
    step: str
    channel: str
    on: date
    items: tuple[str, ...]
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Approved:
    """The owner's word that a message may leave. It is for exactly this: step, items, and what they leave to pay.

    `principal` is in minor units, by currency.
    """

    client: str
    step: str
    on: date
    items: tuple[str, ...]
    principal: tuple[tuple[str, int], ...]
    about: tuple[str, ...] = ()


class Means(StrEnum):
    """How the owner and a client spoke of a debt."""

    CALL = "call"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Logged:
    """What the owner noted: a call (`reached`: somebody answered), or anything else worth keeping."""

    client: str
    id: str
    on: date
    means: Means
    text: str
    reached: bool = True


@dataclass(frozen=True, slots=True)
class Answered:
    """A client answered: nothing more is written to them until the owner has read it. `id` is that of the message, or made up.

    `how` says how it found its client: `message`, `reference`, `sender`, or `noted` by the owner.
    """

    client: str
    id: str
    on: date
    how: str
    sender: str = ""
    subject: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class AnswersRead:
    """The owner has read these answers, so reminders may go on."""

    client: str
    on: date
    ids: tuple[str, ...]


DeliveryEvent = (
    MessageSent | SendIntended | SendResult | Resend | MessagePrepared | Approved | Logged | Answered | AnswersRead
)
DELIVERY_EVENTS = (
    MessageSent,
    SendIntended,
    SendResult,
    Resend,
    MessagePrepared,
    Approved,
    Logged,
    Answered,
    AnswersRead,
)


class State(StrEnum):
    """Where an attempt stands. NOT_SENT: it surely did not leave, and may be made again."""

    SENT = "sent"
    NOT_SENT = "not_sent"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Attempt:
    """An intent with all that was ever learnt of it."""

    intent: SendIntended
    results: tuple[SendResult, ...] = ()
    again: bool = False

    @property
    def gone(self) -> frozenset[str]:
        """The addresses of it that turned out to take no mail."""
        return frozenset(address for result in self.results for address in result.refused)

    @property
    def state(self) -> State:
        """What the results say together, in whatever order they came.

        That a server took it outweighs the owner's word that it did not arrive, unless it bounced from every address. What
        bounced from one of several was taken, whoever heard it.
        """
        found = {result.outcome for result in self.results}
        lost = Outcome.REFUSED in found or bool(Outcome.BOUNCED in found and self.gone >= set(self.intent.to))
        if found & {Outcome.SENT, Outcome.BOUNCED} and not lost:
            return State.SENT
        if self.again:
            return State.NOT_SENT
        if lost:
            return State.REFUSED
        return State.NOT_SENT if found else State.UNCERTAIN


@dataclass(frozen=True, slots=True)
class Deliveries:
    """All that is remembered of one client's messages, calls and answers; `events` are what it was made of."""

    by_hand: tuple[MessageSent, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    prepared: tuple[MessagePrepared, ...] = ()
    approved: frozenset[Approved] = frozenset()
    logged: tuple[Logged, ...] = ()
    answers: tuple[Answered, ...] = ()
    read: frozenset[str] = frozenset()
    sent: tuple[MessageSent, ...] = ()  #: all that left, by hand or through a mail server, in order
    events: frozenset[DeliveryEvent] = frozenset()

    @property
    def uncertain(self) -> tuple[Attempt, ...]:
        """Attempts of which nobody knows whether the message left."""
        return tuple(attempt for attempt in self.attempts if attempt.state is State.UNCERTAIN)

    @property
    def unread(self) -> tuple[Answered, ...]:
        """Answers that the owner has not read."""
        return tuple(answer for answer in self.answers if answer.id not in self.read)

    @property
    def unreachable(self) -> frozenset[str]:
        """Addresses that refused mail for good, in small letters, until the owner says to try again."""
        return frozenset(
            address.casefold()
            for attempt in self.attempts
            if not attempt.again
            for address in (attempt.gone or (attempt.intent.to if attempt.state is State.REFUSED else ()))
        )


def deliveries(events: Iterable[object]) -> Deliveries:
    """What these events add up to, in whatever order they come and however often; others than of delivery are passed over."""
    ours = {event for event in events if isinstance(event, DELIVERY_EVENTS)}
    if not ours:
        return Deliveries()
    again = {attempt for event in _of(Resend, ours) for attempt in event.attempts}
    results: dict[str, list[SendResult]] = {}
    for result in sorted(_of(SendResult, ours), key=_told):
        results.setdefault(result.attempt, []).append(result)
    attempts = tuple(
        Attempt(intent, tuple(results.get(intent.attempt, ())), intent.attempt in again)
        for intent in sorted(_of(SendIntended, ours), key=lambda intent: (intent.at, intent.attempt))
    )
    left = {attempt.intent.as_sent for attempt in attempts if attempt.state is State.SENT} | set(_of(MessageSent, ours))
    return Deliveries(
        by_hand=tuple(sorted(_of(MessageSent, ours), key=_in_order)),
        attempts=attempts,
        prepared=tuple(
            sorted(_of(MessagePrepared, ours), key=lambda made: (made.on, made.step, made.channel, made.items))
        ),
        approved=frozenset(_of(Approved, ours)),
        logged=tuple(sorted(_of(Logged, ours), key=lambda note: (note.on, note.id))),
        answers=tuple(sorted(_of(Answered, ours), key=lambda answer: (answer.on, answer.id))),
        read=frozenset(number for event in _of(AnswersRead, ours) for number in event.ids),
        sent=tuple(sorted(left, key=_in_order)),
        events=frozenset(ours),
    )


def _of(kind: type[T], events: Iterable[object]) -> list[T]:
    return [event for event in events if isinstance(event, kind)]


def _told(result: SendResult) -> tuple[datetime, str]:
    return result.at, result.outcome


def _in_order(message: MessageSent) -> tuple[object, ...]:
    return message.on, message.step, message.channel, message.items, message.about, message.message_id, message.digest
