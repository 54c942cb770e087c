"""The accounts of one client → the message that is due to them today: an email, a letter or a call sheet.

An email is sent as it is. A letter is printed, signed and posted; a call sheet stays with the owner, in the owner's
language: both are pages made for paper.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING

from markupsafe import Markup

from generator.domain.claims import real
from generator.domain.facts import to_call
from generator.domain.ledger import Channel
from generator.domain.policy import INSTALMENT_SOON
from generator.message_calendar import calendar_of
from generator.message_envelope import envelope_of
from generator.message_groups import GROUP, Group
from generator.message_values import facts
from generator.mime import addresses, message
from generator.resources import bundled
from generator.templates import GENERIC, Frame, Room

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from generator.config import Settings
    from generator.domain.account import Account
    from generator.domain.due import DueReminder
    from generator.domain.money import Money
    from generator.mime import Attachment, Envelope
    from generator.templates import MessageTemplate

ROOMS = {Channel.EMAIL: "emails", Channel.LETTER: "letters", Channel.PHONE: "calls"}
FRAMES = {"emails": "email", "letters": "letter", "calls": "letter"}
_OWNER_NOTE = "_owner"
_EVENT = "_event"
_LONGEST_SLUG = 40


@dataclass(frozen=True, slots=True)
class Message:
    """One prepared message. `amounts` are what it asks for, one for each currency; `items` the listed ones, each with its own step."""

    clients: tuple[str, ...]
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
    copy: tuple[str, ...] = ()
    envelope: Envelope | None = None
    markdown: str = ""
    pdf: bytes = b""
    attachments: tuple[Attachment, ...] = ()

    @property
    def client(self) -> str:
        """The client that it is about; the first of them when it is for several companies of one group."""
        return self.clients[0]

    @property
    def file_name(self) -> str:
        """Where it goes in the outbox: a draft that a double click opens, or a page to print."""
        return f"{self.stem}.eml" if self.envelope else f"{self.stem}.html"

    def eml(self) -> bytes:
        """The email, ready for any mail program. Raises ValueError for a letter or a call sheet."""
        if self.envelope is None:
            raise ValueError(f"{self.stem} is not an email")
        return message(self.envelope, self.text, self.html, attachments=self.attachments)

    def content(self) -> bytes:
        """The bytes of the file."""
        return self.eml() if self.envelope else self.html.encode()

    def beside(self) -> dict[str, bytes]:
        """Other files: a call sheet as Markdown, a letter as PDF; what goes with an email, for who sends it from elsewhere."""
        forms = {".md": self.markdown.encode(), ".pdf": self.pdf}
        forms |= {f".{one.name.rpartition('.')[2]}": one.content for one in self.attachments}
        return {f"{self.stem}{suffix}": content for suffix, content in forms.items() if content}

    def summary(self) -> dict[str, object]:
        """The message in the outbox's manifest."""
        return {
            "file": self.file_name,
            "beside": sorted(self.beside()),
            "client": self.client,
            "clients": list(self.clients),
            "step": self.step,
            "channel": str(self.channel),
            "language": self.language,
            "to": self.to,
            "copy": list(self.copy),
            "subject": self.subject,
            "amounts": [{"currency": amount.currency, "amount": str(amount)} for amount in self.amounts],
            "page": self.page,
            "recipients": list(self.envelope.recipients) if self.envelope else [],
            "message_id": self.envelope.whole_id if self.envelope else "",
            "items": [{"invoice": invoice, "step": step} for invoice, step in self.items],
        }


def _roots(settings: Settings) -> tuple[Path, ...]:
    return settings.folder / "portal_templates", bundled("portal_templates")


def _themes(settings: Settings) -> tuple[Path, ...]:
    return settings.folder / "theme", bundled("theme")


def template_folders(settings: Settings) -> list[Path]:
    """Every folder in which anything of a message may be found."""
    frames = sorted(set(FRAMES.values()))
    return [root / room for root in _roots(settings) for room in FRAMES] + [
        theme / frame for theme in _themes(settings) for frame in frames
    ]


class MessageTemplates:
    """All templates of messages: the owner's folder first, then what ships with relance."""

    def __init__(self, settings: Settings, compiled: Path | None = None) -> None:
        """Nothing is compiled yet; `compiled` is where it may stay once it is. Raises UserError when a frame is missing."""
        roots, home = _roots(settings), settings.folder
        frames = {name: Frame.read([theme / name for theme in _themes(settings)]) for name in set(FRAMES.values())}
        self.rooms = {name: Room(name, roots, frames[frame], home, compiled) for name, frame in FRAMES.items()}
        self.notes = Room("letters", roots, replace(frames["letter"], bare=True), home, compiled)

    def keep(self) -> None:
        """Keeps what was compiled for the next build."""
        for room in (*self.rooms.values(), self.notes):
            room.keep()

    def room(self, channel: Channel) -> Room:
        """The templates of the messages that travel like this."""
        return self.rooms[ROOMS[channel]]


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
    template = room.get(language, due.step.template_name, stand_in(due))
    values = known.values()
    values["language"] = template.language
    if due.channel is Channel.LETTER:
        values["owner_note"] = _owner_note(templates.notes, settings.seller.language, values)
    words = template.render(values)
    on = accounts[0].as_of
    envelope = None
    attachments: tuple[Attachment, ...] = ()
    if due.channel is Channel.EMAIL:
        envelope = envelope_of(settings, [(accounts[0], due)], words.subject, template.language)
        if due.recap is not None:
            event = room.get(language, _EVENT, _EVENT)
            attachments = calendar_of(settings.seller, client.id, due.recap, event, values)
    return Message(
        clients=(client.id,),
        to=_recipient(accounts[0], due.channel),
        copy=tuple(person.email for person in due.copy_to) if due.channel is Channel.EMAIL else (),
        subject=words.subject,
        step=due.step.name,
        channel=due.channel,
        language=template.language,
        text=words.text,
        html=words.html,
        markdown=words.markdown,
        stem=f"{on.isoformat()}-{slug(client.id)}-{slug(due.step.name)}",
        page=settings.portal_url(accounts[0].keys[0]),
        amounts=due.asked,
        items=_items(due),
        envelope=envelope,
        attachments=attachments,
    )


def compose_group(settings: Settings, clients: Sequence[Sequence[Account]], templates: MessageTemplates) -> Message:
    """One message for what is due to several companies of one group: a section for each, and the sum of all.

    Raises UserError as `compose` does.
    """
    group = Group.of(settings, clients)
    first, due = clients[0][0], group.together[group.top][1]
    template = templates.room(Channel.EMAIL).get(first.client.language, GROUP, GROUP)
    words = template.render({**group.values(), "language": template.language})
    together = [(accounts[0], one) for accounts, one in group.together]
    envelope = envelope_of(settings, together, words.subject, template.language)
    return Message(
        clients=tuple(account.client.id for account, _ in together),
        to=_recipient(first, Channel.EMAIL),
        copy=tuple(mailbox.address for mailbox in envelope.cc),
        subject=words.subject,
        step=due.step.name,
        channel=Channel.EMAIL,
        language=template.language,
        text=words.text,
        html=words.html,
        stem=f"{first.as_of.isoformat()}-{slug(first.client.id)}-{GROUP}-{slug(due.step.name)}",
        page=settings.portal_url(first.keys[0]),
        amounts=group.asked,
        items=tuple(item for _, one in together for item in _items(one)),
        envelope=envelope,
    )


def template_of(templates: MessageTemplates, accounts: Sequence[Account]) -> MessageTemplate:
    """The template of the message that is due to them."""
    due = due_to(accounts)
    return templates.room(due.channel).get(accounts[0].client.language, due.step.template_name, stand_in(due))


def due_to(accounts: Sequence[Account]) -> DueReminder:
    """What is due to a client on whom templates are tried. Raises ValueError for any other, to whom nothing is."""
    due = accounts[0].reminders.due_today
    if due is None:
        raise ValueError("nothing is due to a client on whom templates are tried")
    return due


def stand_in(due: DueReminder) -> str:
    """The template for messages of this kind, where the step has none of its own. A formal notice has no stand-in.

    A call sheet is a form: one will do.
    """
    if due.channel is Channel.PHONE:
        return GENERIC
    if due.instalment is not None:
        return INSTALMENT_SOON
    return due.step.template_name if due.step.formal or due.recap is not None or not due.items else GENERIC


def _items(due: DueReminder) -> tuple[tuple[str, str], ...]:
    return tuple((item.id, due.steps.get(item.id, "")) for item in real(due.items))


def _recipient(account: Account, channel: Channel) -> str:
    """The addresses, the number to call first, or where a letter goes."""
    if channel is Channel.EMAIL:
        return ", ".join(addresses(account.client.email))
    if channel is Channel.PHONE:
        return next((person.phone for person in to_call(account.people)), "")
    return " ".join(account.client.address.split())


def _owner_note(notes: Room, language: str, values: Mapping[str, object]) -> dict[str, str]:
    """What the owner must know before the letter leaves; it is on the screen and never on paper."""
    note = notes.get(language, _OWNER_NOTE, _OWNER_NOTE)
    words = note.render({**values, "language": note.language})
    return {"title": words.subject, "html": Markup(words.html)}  # noqa: S704  (rendered with autoescape)


def slug(name: str) -> str:
    """A name as a part of a file name, safe on every system; a few hexadecimal digits more when something was lost."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    short = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_SLUG].strip("-")
    if short == name:
        return short
    return f"{short or 'x'}-{blake2b(name.encode(errors='surrogatepass'), digest_size=4).hexdigest()}"
