"""Who may be called at a client and what was said to them so far, as a call sheet shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.domain.delivery import Means
from generator.domain.facts import to_call

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from generator.domain.account import Account, Agreement

#: What was said longer ago is in `relance history`.
_LATEST = 12


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at the client. `role`: `pays`, `approves`, `orders`, or nothing for the client's own entry; `first`: to be called first."""

    name: str
    role: str
    phone: str
    email: str
    first: bool


@dataclass(frozen=True, slots=True)
class Past:
    """One thing that was said: a message that left (`email`, `letter`, `phone`, with its `step`), or what was noted (`call`, `note`).

    `reached`: somebody answered the call.
    """

    on: date
    how: str
    step: str
    text: str
    reached: bool


def spoken_to(account: Account) -> tuple[Person, ...]:
    """Those who have a telephone number in the order in which to call them, then those who can only be written to."""
    client = account.client
    numbered = to_call(account.people)
    others = tuple(person for person in account.people if not person.phone)
    return tuple(
        Person(person.name or client.name, person.role, person.phone, person.email, first=person in numbered[:1])
        for person in (*numbered, *others)
    )


def past_of(account: Account) -> tuple[Past, ...]:
    """What was written and said to the client lately, oldest first."""
    reminders = account.reminders
    found = [Past(message.on, message.channel, message.step, "", reached=True) for message in reminders.sent]
    found += [
        Past(
            note.on, str(note.means), "", " ".join(note.text.split()), reached=note.reached or note.means is Means.NOTE
        )
        for note in reminders.logged
    ]
    return tuple(sorted(found, key=lambda entry: entry.on)[-_LATEST:])


def broken(accounts: Sequence[Account]) -> Iterable[Agreement]:
    """The agreements that were not kept, and of which something is still open."""
    for account in accounts:
        yield from (agreement for agreement in account.agreements if agreement.broken)
