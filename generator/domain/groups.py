"""Clients of one group: when several would be written to at the very same address on one day, they get one message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.domain.ledger import Channel
from generator.domain.policy import Anchor

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from generator.domain.account import Account
    from generator.domain.policy import ReminderPolicy

_SEVERAL = re.compile(r"[;,\s]+")


def grouped(clients: Iterable[Sequence[Account]]) -> list[list[Sequence[Account]]]:
    """The clients, those who get one message together side by side; in their order, a group where its first client stands.

    One message for companies of the same group, in the same language, to exactly the same addresses, those who read along
    included: nobody is shown what another company owes because of their own. What is late never
    stands beside what is not due, and a formal notice, a letter, a call or a word about an agreement or a payment goes alone.
    """
    found: dict[Hashable, list[Sequence[Account]]] = {}
    for accounts in clients:
        found.setdefault(_together(accounts) or accounts[0].client.id, []).append(accounts)
    return list(found.values())


def _together(accounts: Sequence[Account]) -> tuple[Hashable, ...]:
    """What the clients of one message have in common; nothing for one who is written to alone."""
    client, due = accounts[0].client, accounts[0].reminders.due_today
    if not client.group or due is None or due.channel is not Channel.EMAIL:
        return ()
    if due.step.formal or due.instalment is not None or due.recap is not None or not due.items:
        return ()
    read_by = (client.email, *(person.email for person in due.copy_to))
    addresses, *copies = (frozenset(filter(None, _SEVERAL.split(text.casefold()))) for text in read_by)
    return client.group, client.language, addresses, frozenset(copies), due.step.before_due


def gravest(clients: Sequence[Sequence[Account]], policy: ReminderPolicy) -> int:
    """Which of these clients has the highest step: its words are for all of them. The first, of several."""

    def height(place: int) -> tuple[int, int]:
        accounts = clients[place]
        due = accounts[0].reminders.due_today
        if due is None:
            return -1, 0
        ladder = [step.name for step in policy.steps_for(accounts[0].client)]
        days = due.step.days if due.step.anchor is Anchor.DUE else 0
        return (ladder.index(due.step.name) if due.step.name in ladder else -1), days

    return max(range(len(clients)), key=height)
