"""What the owner sees before anything else: sends that may or may not have left, answers to read, proposals to decide.

Then the addresses that take no mail.

And, less pressing, the clients of whom nobody knows who pays their invoices.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from generator.domain.facts import PAYS
from generator.domain.ledger import Kind
from generator.report_parts import SHOWN_IN_GROUP, Bounded, Person, command, first_words, page_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from generator.domain.account import Account
    from generator.domain.delivery import Answered, SendIntended
    from generator.domain.ledger import Client
    from generator.domain.proposals import Proposal

SHOWN_PAYERS = 300  #: clients whose payer is unknown
_LONGEST_EXCERPT = 280


@dataclass(frozen=True, slots=True)
class Doubt:
    """An attempt to send of which nobody knows whether the message left; `at` in the seller's time zone.

    `sent` is the command that says it did, `resend` the one that says it did not.
    """

    client: Client
    page: str
    intent: SendIntended
    at: datetime
    sent: str
    resend: str


@dataclass(frozen=True, slots=True)
class Unread:
    """An answer that the owner has not read: its first words, all of it when that is more, and what says that it was read."""

    client: Client
    page: str
    answer: Answered
    excerpt: str
    rest: str
    command: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A client none of whose addresses takes mail, and the command that tries again."""

    client: Client
    page: str
    addresses: tuple[str, ...]
    command: str


@dataclass(frozen=True, slots=True)
class Suggested:
    """What a client proposes and waits to hear about, the day by which to answer, and the commands that do."""

    client: Client
    page: str
    proposal: Proposal
    until: date
    accept: str
    refuse: str


@dataclass(frozen=True, slots=True)
class First:
    """What comes before anything else."""

    doubts: Bounded[Doubt]
    answers: Bounded[Unread]
    proposals: Bounded[Suggested]
    refused: Bounded[Refused]

    @property
    def count(self) -> int:
        """How many there are in all."""
        return self.doubts.count + self.answers.count + self.proposals.count + self.refused.count


@dataclass(slots=True)
class Attention:
    """All of this, gathered client by client."""

    zone: str
    doubts: list[Doubt] = field(default_factory=list)
    answers: list[Unread] = field(default_factory=list)
    proposals: list[Suggested] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    payers: list[Person] = field(default_factory=list)

    def gather(self, accounts: Sequence[Account]) -> None:
        """What one client brings to it."""
        client, page, reminders = accounts[0].client, page_of(accounts[0]), accounts[0].reminders
        sent, resend, read = (command(verb, client.id) for verb in ("sent", "resend", "answered"))
        for intent in reminders.uncertain:
            self.doubts.append(Doubt(client, page, intent, intent.at.astimezone(ZoneInfo(self.zone)), sent, resend))
        for answer in reminders.unread:
            excerpt = first_words(answer.text, _LONGEST_EXCERPT)
            rest = answer.text.strip() if excerpt.endswith("…") and len(answer.text) > _LONGEST_EXCERPT else ""
            self.answers.append(Unread(client, page, answer, excerpt, rest, read))
        for known in (one for account in accounts for one in account.proposals):
            accept, refuse = (command(verb, known.proposal.id) for verb in ("accept", "refuse"))
            self.proposals.append(Suggested(client, page, known.proposal, known.answer_by, accept, refuse))
        if reminders.unreachable:
            self.refused.append(Refused(client, page, reminders.unreachable, resend))
        if payer_unknown(accounts):
            self.payers.append(Person(client, page))

    @property
    def in_order(self) -> Attention:
        """The same, the oldest first; clients by their names."""
        return Attention(
            self.zone,
            sorted(self.doubts, key=lambda doubt: (doubt.at, doubt.client.id)),
            sorted(self.answers, key=lambda unread: (unread.answer.on, unread.client.id, unread.answer.id)),
            sorted(self.proposals, key=lambda one: (one.until, one.client.id, one.proposal.id)),
            sorted(self.refused, key=lambda refused: (refused.client.name, refused.client.id)),
            sorted(self.payers, key=lambda person: (person.client.name, person.client.id)),
        )

    @property
    def first(self) -> First:
        """What the page shows of it, before anything else."""
        return First(
            Bounded.of(self.doubts, SHOWN_IN_GROUP),
            Bounded.of(self.answers, SHOWN_IN_GROUP),
            Bounded.of(self.proposals, SHOWN_IN_GROUP),
            Bounded.of(self.refused, SHOWN_IN_GROUP),
        )


def payer_unknown(accounts: Sequence[Account]) -> bool:
    """Whether an organisation owes something and nobody noted who pays there. A consumer pays themselves."""
    organisation = accounts[0].client.kind in {Kind.BUSINESS, Kind.PUBLIC}
    owes = any(item.open for account in accounts for item in account.items)
    return organisation and owes and not any(person.role == PAYS for person in accounts[0].people)
