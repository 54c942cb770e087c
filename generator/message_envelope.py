"""The headers of a message: who writes to whom, and which conversation it goes on with."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from generator.errors import UserError
from generator.mime import Envelope, Mailbox, UnsendableError, addresses, refuse_hostile, token
from generator.problems.run import UNSENDABLE_MESSAGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.config import Settings
    from generator.domain.account import Account
    from generator.domain.due import DueReminder

_MORNING = time(9, 0)


def envelope_of(
    settings: Settings, together: Sequence[tuple[Account, DueReminder]], subject: str, language: str
) -> Envelope:
    """The headers of the message that is due to these clients, who are several for companies of one group only.

    Raises UserError for what no header can carry.
    """
    seller, (account, due) = settings.seller, together[0]
    client, on = account.client, account.as_of
    names = {one.client.contact or one.client.name for one, _ in together}
    known = [one.client.id for one, _ in together]
    before = conversation(together)
    copies = {person.email.casefold(): person for _, one in together for person in one.copy_to}
    try:
        return _checked(
            Envelope(
                sender=Mailbox(seller.name, seller.email),
                to=tuple(
                    Mailbox(names.copy().pop() if len(names) == 1 else "", address)
                    for address in addresses(client.email)
                ),
                reply_to=Mailbox(seller.contact or seller.name, seller.email),
                subject=subject,
                date=datetime.combine(on, _MORNING, ZoneInfo(seller.timezone)),
                message_id=token(seller.email, *known, on.isoformat(), due.step.name, *due.about),
                thread=token(seller.email, *([client.id] if len(known) == 1 else ["group", client.group])),
                language=language,
                cc=tuple(Mailbox(person.name, person.email) for person in copies.values()),
                in_reply_to=before[-1] if before else "",
                references=before[:-1],
            )
        )
    except UnsendableError as error:
        problem = UNSENDABLE_MESSAGE.at(client.source, client.id, reason=error)
        raise UserError([problem]) from error


def conversation(together: Sequence[tuple[Account, DueReminder]]) -> tuple[str, ...]:
    """The Message-IDs of what left about the same invoices or the same instalment, oldest first: what this one goes on with."""
    found: dict[str, str] = {}
    for account, due in together:
        listed = {item.id for item in due.items} | {number for receipt in due.receipts for number in receipt.invoices}
        for message in account.reminders.sent:
            same = set(message.about) & set(due.about) or any(entry.invoice in listed for entry in message.items)
            if message.message_id and same:
                found[message.message_id] = message.on.isoformat()
    return tuple(sorted(found, key=lambda ident: found[ident]))


def _checked(envelope: Envelope) -> Envelope:
    """The envelope, when all of it can stand in headers."""
    if not envelope.to:
        raise UnsendableError("there is no address")
    for mailbox in (envelope.sender, envelope.reply_to, *envelope.to, *envelope.cc):
        _ = mailbox.header
    refuse_hostile(envelope.subject)
    return envelope
