"""What every part of the owner's report is made with: sums, commands to paste, ways to a page, the last things noted."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar
from urllib.parse import quote

from generator.domain.delivery import Means
from generator.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from generator.domain.account import Account, Item
    from generator.domain.delivery import Logged
    from generator.domain.ledger import Client

T = TypeVar("T")

SHOWN_IN_GROUP = 40  #: clients of one reason, guesses, offers
_SHOWN_NOTES = 2  #: of what was noted about a client, beside what is held; all of it is in `relance history`
_LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True)
class Bounded(Generic[T]):
    """The first of a list, and how many there are in all."""

    shown: tuple[T, ...]
    count: int

    @classmethod
    def of(cls, found: Sequence[T], most: int) -> Bounded[T]:
        """At most `most` of what was found."""
        return cls(tuple(found[:most]), len(found))

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.shown)


@dataclass(frozen=True, slots=True)
class Noted:
    """The first words of something that the owner noted; `call` is false for a note, `reached` when somebody answered."""

    on: date
    text: str
    call: bool
    reached: bool


@dataclass(frozen=True, slots=True)
class Person:
    """A client, with the way to their page."""

    client: Client
    page: str


def command(verb: str, *clients: str, option: str = "") -> str:
    """What to type, whatever an id is made of. `option` is said as it stands, after the ids where that can be read."""
    if any(client.startswith("-") for client in clients):
        words = [verb, option, "--", shlex.join(clients)]
    else:
        words = [verb, shlex.join(clients), option]
    return " ".join(["relance", *filter(None, words)])


def option(name: str, *clients: str) -> str:
    """An option with ids for its value, whatever an id is made of."""
    return f"{name}{'=' if clients[0].startswith('-') else ' '}{shlex.join(clients)}"


def page_of(account: Account) -> str:
    """The way from the report to a client's page on this disk; empty while the client has no key."""
    return f"../output/p/{quote(account.keys[0], safe='')}/index.html" if account.keys else ""


def open_of(items: Iterable[Item]) -> tuple[Money, ...]:
    """What is open of these items, in each of their currencies."""
    return added(item.open for item in items)


def added(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """One sum for each currency, in their order."""
    sums: dict[str, int] = {}
    for amount in amounts:
        sums[amount.currency] = sums.get(amount.currency, 0) + amount.minor
    return tuple(Money(minor, currency) for currency, minor in sorted(sums.items()))


def latest(logged: Sequence[Logged]) -> tuple[Noted, ...]:
    """The last calls and notes, newest first."""
    return tuple(
        Noted(note.on, first_words(note.text, _LONGEST_NOTE), note.means is Means.CALL, note.reached)
        for note in logged[: -_SHOWN_NOTES - 1 : -1]
    )


def first_words(text: str, most: int) -> str:
    """A text on one line, of about `most` characters at most, cut between two words."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    head, _, rest = line[:most].rpartition(" ")
    return f"{(head or rest).rstrip(' ,;:.')}…"
