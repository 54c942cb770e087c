"""`relance log CLIENT`: a call and what came of it, an answer, or a note, kept in the journal.

A call in which somebody was reached stands for the message of that day, where that message was a call or began with one.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from generator.commands import DONE, Context, say
from generator.commands.said import accounts_of, client_named, plain_words, what_follows
from generator.domain.delivery import Answered, Logged, Means
from generator.domain.due import Held
from generator.domain.ledger import Channel
from generator.domain.reminders import message_sent
from generator.errors import UsageError
from generator.journal import append
from generator.lock import exclusive

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from datetime import date

    from generator.domain.account import Account
    from generator.domain.decide import Decision
    from generator.domain.delivery import MessageSent
    from generator.domain.ledger import Client
    from generator.domain.memory import Event
    from generator.domain.policy import Policy
    from generator.workspace import Workspace

NOTED = "noted"  #: how an answer came to be known that the owner noted


def run(context: Context, options: Namespace) -> int:
    """Raises UsageError for an unknown client, a day to come, or words that cannot be kept; then nothing is recorded."""
    if options.not_reached and options.call is None:
        raise UsageError("--not-reached is about a call: say what happened with --call.")
    with exclusive(context.folder):
        workspace, today = context.open()
        context.refuse_future(today, workspace, "What was said")
        client = client_named(workspace, options.client)
        said = _said(options, client, today)
        decision = _decided(workspace, client, today)
        accounts = accounts_of(decision, client.id)
        done = _done_by_phone(accounts, workspace.settings.policy) if _reached(said) else None
        events: list[Event] = [said]
        if done is not None:
            made = (event for event in decision.events if event.client == client.id)
            events = [*made, said, done]
        append(context.folder / "journal", events, context.now)
    _tell(said, done)
    _tell_next(workspace, today, client, events)
    return DONE


def _said(options: Namespace, client: Client, today: date) -> Logged | Answered:
    name = secrets.token_hex(8)
    if options.answer is not None:
        return Answered(client.id, name, today, NOTED, text=plain_words(options.answer, "the answer"))
    if options.note is not None:
        return Logged(client.id, name, today, Means.NOTE, plain_words(options.note, "the note"))
    words = plain_words(options.call, "what was said")
    return Logged(client.id, name, today, Means.CALL, words, reached=not options.not_reached)


def _decided(workspace: Workspace, client: Client, today: date) -> Decision:
    """What is due that day, also on one on which no mail would leave: a call of a Saturday has been made all the same."""
    decision = workspace.decide(today)
    accounts = accounts_of(decision, client.id)
    if not accounts or accounts[0].reminders.held is not Held.NOT_BUSINESS:
        return decision
    policy = workspace.settings.policy
    any_day = replace(policy, reminders=replace(policy.reminders, business_days=False))
    return replace(workspace, settings=replace(workspace.settings, policy=any_day)).decide(today)


def _reached(said: Logged | Answered) -> bool:
    return isinstance(said, Logged) and said.means is Means.CALL and said.reached


def _done_by_phone(accounts: Sequence[Account], policy: Policy) -> MessageSent | None:
    """The message of that day as done by telephone; None when none is due, or when a call is no part of it."""
    due = accounts[0].reminders.due_today if accounts else None
    if due is None or not (due.channel is Channel.PHONE or (due.channel is Channel.EMAIL and due.step.call_first)):
        return None
    message = message_sent(accounts[0], policy.reminders.steps_for(accounts[0].client))
    return None if message is None else replace(message, channel=Channel.PHONE)


def _tell(said: Logged | Answered, done: MessageSent | None) -> None:
    day = said.on.isoformat()
    if isinstance(said, Answered):
        say(f"{said.client}: answer of {day} noted; nothing more is written to them until you have read it.")
        say(f"Once you have: relance answered {said.client}")
    elif said.means is Means.NOTE:
        say(f"{said.client}: note of {day} kept.")
    else:
        say(f"{said.client}: call of {day} noted{'' if said.reached else ', nobody reached'}.")
    if done is not None:
        say(f"{done.client}: {done.step} counts as done by telephone.")


def _tell_next(workspace: Workspace, today: date, client: Client, events: Sequence[Event]) -> None:
    after = replace(workspace, memory=workspace.memory.plus(events))
    if accounts := accounts_of(after.decide(today), client.id):
        say(f"{client.id}: {what_follows(accounts[0].reminders)}")
