"""The owner's word on messages of today: who waits for it, and the events that it becomes, however it was given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.approval_list import Matter, Waiting
from generator.commands.build import prepare_all
from generator.domain.delivery import Approved
from generator.domain.groups import grouped
from generator.domain.ledger import Channel
from generator.domain.memory import Reviewed
from generator.domain.money import Money
from generator.message_store import MessageStore
from generator.report_gather import to_review

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from generator.domain.account import Account
    from generator.domain.memory import Event
    from generator.message_store import Prepared
    from generator.sentences import Sentences
    from generator.workspace import Workspace


def word_on(accounts: Sequence[Account], today: date) -> Approved:
    """That today's message of a client may leave: for exactly what it says. Raises ValueError when none is due."""
    client, due = accounts[0].client.id, accounts[0].reminders.due_today
    if due is None:
        raise ValueError(f"no message is due to {client}")
    return Approved(client, due.step.name, today, tuple(item.id for item in due.items), due.principal, due.about)


def released(accounts: Sequence[Account], today: date) -> Reviewed:
    """That reminders of what waited for the owner's review may go."""
    return Reviewed(accounts[0].client.id, today, tuple(item.id for item in to_review(accounts)))


def waiting_for_word(workspace: Workspace, clients: Sequence[Sequence[Account]]) -> list[Waiting]:
    """Every email that leaves only with the owner's word, given already or not, and all that waits for a review.

    Without a mail server no email waits: the owner sends each by hand. Raises UserError for a mistake in a template.
    """
    found = _messages(workspace, clients) if workspace.settings.smtp is not None else []
    for accounts in clients:
        if items := to_review(accounts):
            facts = (f"{item.id} {item.invoice.due} {item.open.minor} {item.refunded_on or ''}" for item in items)
            found.append(
                Waiting(
                    Matter.REVIEW,
                    (accounts[0].client.id,),
                    (accounts[0].client.name,),
                    _added(item.open for item in items),
                    subject=", ".join(item.id for item in items),
                    facts=tuple(facts),
                )
            )
    return found


def events_of(taken: Iterable[Waiting], clients: Sequence[Sequence[Account]], today: date) -> list[Event]:
    """What is remembered of boxes that were ticked; of a message to several, one word for each who still lacked it."""
    by_id = {accounts[0].client.id: accounts for accounts in clients}
    events: list[Event] = []
    for one in taken:
        for accounts in (by_id[client] for client in one.clients):
            if one.matter is Matter.REVIEW:
                events.append(released(accounts, today))
            elif (due := accounts[0].reminders.due_today) is not None and due.waits:
                events.append(word_on(accounts, today))
    return events


def beyond_boxes(clients: Sequence[Sequence[Account]], say: Sentences, step: Sentences) -> list[str]:
    """What needs the owner and cannot be settled by a tick, a line each: doubtful sends, answers, proposals, refusing addresses."""
    lines: list[str] = []
    for accounts in clients:
        name, reminders = accounts[0].client.name, accounts[0].reminders
        lines += [say.also_doubt(name, step.step(intent.step), intent.on) for intent in reminders.uncertain]
        lines += [say.also_answer(name, answer.on) for answer in reminders.unread]
        known = (one for account in accounts for one in account.proposals)
        lines += [say.also_proposal(name, one.proposal.id, one.answer_by) for one in known]
        lines += [say.also_refused(name)] if reminders.unreachable else []
    return lines


def _messages(workspace: Workspace, clients: Sequence[Sequence[Account]]) -> list[Waiting]:
    policy, folder = workspace.settings.policy.reminders, workspace.folder

    def held(accounts: Sequence[Account]) -> bool:
        due = accounts[0].reminders.due_today
        return (
            due is not None and due.channel is Channel.EMAIL and (due.waits or policy.needs_word(due.step, due.channel))
        )

    wanted = [accounts for together in grouped(clients) if any(map(held, together)) for accounts in together]
    store = MessageStore(workspace.settings, folder / "outbox", folder / "report" / ".messages.json")
    by_id = {accounts[0].client.id: accounts for accounts in wanted}
    return [_shown(message, [by_id[client] for client in message.clients]) for message in prepare_all(store, wanted)]


def _shown(message: Prepared, clients: Sequence[Sequence[Account]]) -> Waiting:
    """A message as its box shows it."""
    dues = [due for accounts in clients if (due := accounts[0].reminders.due_today) is not None]
    items = (f"{item.id} {item.invoice.due} {item.open.minor}" for due in dues for item in due.items)
    about = (f"about {one}" for due in dues for one in due.about)
    return Waiting(
        Matter.MESSAGE,
        message.clients,
        tuple(accounts[0].client.name for accounts in clients),
        tuple(Money.of(amount, currency) for currency, amount in message.amounts),
        step=message.step,
        subject=message.subject,
        text=message.text,
        facts=(*message.recipients, *items, *about),
        given=not any(due.waits for due in dues),
    )


def _added(amounts: Iterable[Money]) -> tuple[Money, ...]:
    sums: dict[str, Money] = {}
    for amount in amounts:
        sums[amount.currency] = sums[amount.currency] + amount if amount.currency in sums else amount
    return tuple(sums[currency] for currency in sorted(sums))
