"""What became of one `relance publish`, phase by phase: plain values, from which its summary and the owner's email are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from generator.domain.ledger import Problem


class Phase(StrEnum):
    """The steps of a run, in their order."""

    RECONCILE = "reconcile"
    CHECK = "check"
    DECIDE = "decide"
    LINKS = "links"
    BUILD = "build"
    RECORD = "record"
    DEPLOY = "deploy"
    VERIFY = "verify"
    SEND = "send"


class Status(StrEnum):
    """How a phase ended. LEFT_OUT: nothing is set up for it, or somebody else does it; PARTLY: what failed is for the next run."""

    DONE = "done"
    NOTHING = "nothing to do"
    LEFT_OUT = "left out"
    PARTLY = "partly done"
    FAILED = "failed"


class Count(StrEnum):
    """What the phases count. In a dry run: what would be."""

    PAID = "paid"  #: rows of Stripe that were booked
    ANSWERED = "answered"  #: answers of clients that were read
    AGREED = "agreed"  #: agreements that began with what came in
    CLIENTS = "clients"
    PAGES_NEW = "pages new"
    PAGES_CHANGED = "pages changed"
    PAGES_REMOVED = "pages removed"
    LINKS_CREATED = "links created"
    LINKS_DOWN = "links down"
    LINKS_FAILED = "accounts whose links failed"
    FILES_CHANGED = "files changed"  #: at the place where the site is
    FILES_REMOVED = "files removed"
    PAGES_ASKED = "pages asked"  #: whether they answer with the mark of this build
    SENT = "sent"
    FAILED = "failed"
    WAITING = "waiting"  #: for the owner's word
    BY_HAND = "by hand"  #: calls, letters, and emails where there is no mail server


class Fate(StrEnum):
    """What became of one message of the day."""

    SENT = "sent"
    WOULD_LEAVE = "would leave"
    WAITING = "waits for you"
    BY_HAND = "by hand"
    WITHHELD = "kept back"
    LATER = "not yet"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class MessageFate:
    """One message: to which clients (their ids), at which step, by which channel, for which sums, and what became of it.

    `amounts` are pairs of currency and sum, as in the message; `words` say why, where it did not leave.
    """

    clients: tuple[str, ...]
    step: str
    channel: str
    amounts: tuple[tuple[str, str], ...]
    fate: Fate
    words: str = ""


@dataclass(frozen=True, slots=True)
class PhaseOutcome:
    """How one phase ended: `words` is one sentence for a person."""

    phase: Phase
    status: Status
    words: str
    counts: Mapping[Count, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """A whole run, or as far as it came. `exit_status` is that of the command.

    `planned` are lines of a dry run that say what would happen, client by client; `repeat` says what the same command
    does the next time, where something failed. `where` is the place where the site is, when there is one. `names` are those
    of the clients that are spoken of, by their ids; `checklist` is where the owner ticks what waits, when that is known.
    """

    day: date
    began: datetime
    ended: datetime
    dry: bool = False
    phases: tuple[PhaseOutcome, ...] = ()
    messages: tuple[MessageFate, ...] = ()
    problems: tuple[Problem, ...] = ()
    planned: tuple[str, ...] = ()
    where: str = ""
    repeat: str = ""
    exit_status: int = 0
    names: Mapping[str, str] = field(default_factory=dict)
    checklist: str = ""

    @property
    def failed(self) -> PhaseOutcome | None:
        """The phase that ended the run, if one did."""
        return next((one for one in self.phases if one.status is Status.FAILED), None)

    def count(self, what: Count) -> int:
        """How many there are of it in all phases."""
        return sum(one.counts.get(what, 0) for one in self.phases)

    def of(self, *fates: Fate) -> tuple[MessageFate, ...]:
        """The messages that this became of."""
        return tuple(one for one in self.messages if one.fate in fates)

    def by_step(self, *fates: Fate) -> dict[str, int]:
        """How many messages of each step this became of."""
        counts: dict[str, int] = {}
        for message in self.of(*fates):
            counts[message.step] = counts.get(message.step, 0) + 1
        return counts
