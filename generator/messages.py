"""The accounts of one client → the message that is due to them today: an email, a letter or a call sheet.

An email is sent as it is. A letter is printed, signed and posted; a call sheet stays with the owner, in the owner's
language: both are pages made for paper.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, time
from hashlib import blake2b
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from markupsafe import Markup

from generator.domain.ledger import Channel
from generator.domain.policy import Anchor, Step
from generator.errors import UserError
from generator.message_values import facts
from generator.mime import Envelope, Mailbox, UnsendableError, addresses, message, refuse_hostile, token
from generator.problems.run import UNSENDABLE_MESSAGE
from generator.resources import bundled
from generator.specimens import specimens
from generator.templates import Frame, MessageTemplate, Room

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from generator.config import Settings
    from generator.domain.account import Account, DueReminder
    from generator.domain.ledger import Client, Problem
    from generator.domain.money import Money
    from generator.message_values import Facts

_ROOMS = {Channel.EMAIL: "emails", Channel.LETTER: "letters", Channel.PHONE: "calls"}
_FRAMES = {"emails": "email", "letters": "letter", "calls": "letter"}
_OWNER_NOTE = "_owner"
_MORNING = time(9, 0)
_LONGEST_SLUG = 40


@dataclass(frozen=True, slots=True)
class Message:
    """One prepared message. `amounts` are what it asks for, one for each currency; `items` the listed ones, each with its own step."""

    client: str
    to: str
    subject: str
    step: str
    channel: Channel
    language: str
    text: str
    html: str
    stem: str
    page: str
    amounts: tuple[Money, ...]
    items: tuple[tuple[str, str], ...]
    envelope: Envelope | None = None

    @property
    def file_name(self) -> str:
        """Where it goes in the outbox: a draft that a double click opens, or a page to print."""
        return f"{self.stem}.eml" if self.envelope else f"{self.stem}.html"

    def eml(self) -> bytes:
        """The email, ready for any mail program. Raises ValueError for a letter or a call sheet."""
        if self.envelope is None:
            raise ValueError(f"{self.stem} is not an email")
        return message(self.envelope, self.text, self.html)

    def content(self) -> bytes:
        """The bytes of the file."""
        return self.eml() if self.envelope else self.html.encode()

    def summary(self) -> dict[str, object]:
        """The message in the outbox's manifest."""
        return {
            "file": self.file_name,
            "client": self.client,
            "step": self.step,
            "channel": str(self.channel),
            "language": self.language,
            "to": self.to,
            "subject": self.subject,
            "amounts": [{"currency": amount.currency, "amount": str(amount)} for amount in self.amounts],
            "page": self.page,
            "items": [{"invoice": invoice, "step": step} for invoice, step in self.items],
        }


def _roots(settings: Settings) -> tuple[Path, ...]:
    return settings.folder / "portal_templates", bundled("portal_templates")


def _themes(settings: Settings) -> tuple[Path, ...]:
    return settings.folder / "theme", bundled("theme")


def template_folders(settings: Settings) -> list[Path]:
    """Every folder in which anything of a message may be found."""
    frames = sorted(set(_FRAMES.values()))
    return [root / room for root in _roots(settings) for room in _FRAMES] + [
        theme / frame for theme in _themes(settings) for frame in frames
    ]


class MessageTemplates:
    """All templates of messages: the owner's folder first, then what ships with relance."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is compiled yet. Raises UserError when a frame is missing."""
        roots = _roots(settings)
        frames = {name: Frame.read([theme / name for theme in _themes(settings)]) for name in set(_FRAMES.values())}
        self.rooms = {name: Room(name, roots, frames[frame], settings.folder) for name, frame in _FRAMES.items()}
        self.notes = Room("letters", roots, replace(frames["letter"], bare=True), settings.folder)

    def room(self, channel: Channel) -> Room:
        """The templates of the messages that travel like this."""
        return self.rooms[_ROOMS[channel]]


def compose(settings: Settings, accounts: Sequence[Account], templates: MessageTemplates) -> Message | None:
    """The message that is due today to the client of `accounts` (all of theirs, one for each currency); None when none is.

    Raises UserError for a mistake in a template and for an address or a name that no email can carry.
    """
    due = accounts[0].reminders.due_today
    if due is None:
        return None
    known = facts(settings, accounts, due)
    client = accounts[0].client
    language = settings.seller.language if due.channel is Channel.PHONE else client.language
    room = templates.room(due.channel)
    template = room.get(language, due.step.name, generic=not due.step.formal or due.channel is Channel.PHONE)
    values = known.values()
    values["language"] = template.language
    if due.channel is Channel.LETTER:
        values["owner_note"] = _owner_note(templates.notes, settings.seller.language, values)
    words = template.render(values)
    on = accounts[0].as_of
    envelope = _envelope(settings, known, words.subject, template) if due.channel is Channel.EMAIL else None
    return Message(
        client=client.id,
        to=_recipient(client, due.channel),
        subject=words.subject,
        step=due.step.name,
        channel=due.channel,
        language=template.language,
        text=words.text,
        html=words.html,
        stem=f"{on.isoformat()}-{slug(client.id)}-{slug(due.step.name)}",
        page=settings.portal_url(accounts[0].keys[0]),
        amounts=tuple(section.sum for section in known.sections),
        items=_items(due),
        envelope=envelope,
    )


def _items(due: DueReminder) -> tuple[tuple[str, str], ...]:
    return tuple((item.id, due.steps.get(item.id, "")) for item in due.items)


def _recipient(client: Client, channel: Channel) -> str:
    if channel is Channel.EMAIL:
        return ", ".join(addresses(client.email))
    return client.phone if channel is Channel.PHONE else " ".join(client.address.split())


def _owner_note(notes: Room, language: str, values: Mapping[str, object]) -> dict[str, str]:
    """What the owner must know before the letter leaves; it is on the screen and never on paper."""
    note = notes.get(language, _OWNER_NOTE, generic=False)
    words = note.render({**values, "language": note.language})
    return {"title": words.subject, "html": Markup(words.html)}  # noqa: S704  (rendered with autoescape)


def _envelope(settings: Settings, known: Facts, subject: str, template: MessageTemplate) -> Envelope:
    seller, account = settings.seller, known.accounts[0]
    client, on = account.client, account.as_of
    try:
        return _checked(
            Envelope(
                sender=Mailbox(seller.name, seller.email),
                to=tuple(Mailbox(client.contact or client.name, address) for address in addresses(client.email)),
                reply_to=Mailbox(seller.contact or seller.name, seller.email),
                subject=subject,
                date=datetime.combine(on, _MORNING, ZoneInfo(seller.timezone)),
                message_id=token(seller.email, client.id, on.isoformat(), known.due.step.name),
                thread=token(seller.email, client.id),
                language=template.language,
            )
        )
    except UnsendableError as error:
        problem = UNSENDABLE_MESSAGE.at(client.source, client.id, reason=error)
        raise UserError([problem]) from error


def _checked(envelope: Envelope) -> Envelope:
    """The envelope, when all of it can stand in headers."""
    if not envelope.to:
        raise UnsendableError("there is no address")
    for mailbox in (envelope.sender, envelope.reply_to, *envelope.to):
        _ = mailbox.header
    refuse_hostile(envelope.subject)
    return envelope


def slug(name: str) -> str:
    """A name as a part of a file name, safe on every system; a few hexadecimal digits more when something was lost."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    short = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_SLUG].strip("-")
    if short == name:
        return short
    return f"{short or 'x'}-{blake2b(name.encode(errors='surrogatepass'), digest_size=4).hexdigest()}"


def check_templates(settings: Settings, *, shipped: bool = False) -> list[Problem]:
    """Every template that the owner's files have a part in, compiled and tried on invented clients; all problems at once.

    Tried are the steps of the ladder and each file that is there. What ships untouched was tried by our own tests;
    `shipped` tries it again.
    """
    try:
        templates = MessageTemplates(settings)
    except UserError as error:
        return list(error.problems)
    found: dict[Problem, None] = {}
    for channel, name in _ROOMS.items():
        room = templates.rooms[name]
        for language in room.languages:
            if shipped or _has_own(settings, name, language):
                for step in _steps(settings, room, language):
                    found.update(dict.fromkeys(_try(settings, templates, channel, language, step)))
    return list(found)


def _has_own(settings: Settings, room: str, language: str) -> bool:
    """Whether a file of the owner's is used by the messages of a room in a language."""
    own = settings.folder / "portal_templates"
    folders = (own / room / language, own / "emails" / language, settings.folder / "theme" / _FRAMES[room])
    return any(folder.is_dir() and any(folder.iterdir()) for folder in folders)


def _steps(settings: Settings, room: Room, language: str) -> list[Step]:
    """The steps to try: those of the ladder, and those that only have a file."""
    ladder = {step.name: step for step in settings.policy.reminders.steps}
    early = {"presentation": Step("presentation", 0, Anchor.ISSUED), "courtesy": Step("courtesy", -3)}
    return list(ladder.values()) + [
        early.get(name, Step(name, 30)) for name in room.names(language) if name not in ladder
    ]


def _try(settings: Settings, templates: MessageTemplates, channel: Channel, language: str, step: Step) -> list[Problem]:
    """The first problem of one template, if it has one."""
    owner = replace(settings.seller, language=language)
    for accounts in specimens(step, channel, language):
        for seller in (owner, replace(owner, contact="", phone="", address="", siren="", iban="", bic="")):
            try:
                compose(replace(settings, seller=seller), accounts, templates)
            except UserError as error:
                return list(error.problems)
    return []
