"""Messages kept from the last build: one about which there is no news is not composed again.

A message is kept when all that it is made of is as it was (the accounts, the settings, every template, this program)
and its file in the outbox still is, byte by byte, what was written then. Any other is composed.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.domain.ledger import Channel
from generator.errors import OutsideError
from generator.fingerprint import fingerprint, stamp_of
from generator.messages import Message, MessageTemplates, compose, compose_group, template_folders
from generator.paper import pdf

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.config import Settings
    from generator.domain.account import Account

_VERSION = 2


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message that is ready, composed or kept: what the manifest says of it, its words, and the bytes of its file.

    `others` are the same in another form, by the names of their files.
    """

    said: dict[str, Any]
    text: str
    file: bytes
    others: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, message: Message) -> Prepared:
        """A message that was just composed, encoded once."""
        return cls(message.summary(), message.text, message.content(), message.beside())

    @property
    def client(self) -> str:
        """The client's id."""
        return str(self.said["client"])

    @property
    def to(self) -> str:
        """The address, postal address or telephone number."""
        return str(self.said["to"])

    @property
    def subject(self) -> str:
        """The subject line."""
        return str(self.said["subject"])

    @property
    def step(self) -> str:
        """The step of the ladder."""
        return str(self.said["step"])

    @property
    def channel(self) -> Channel:
        """How it travels."""
        return Channel(self.said["channel"])

    @property
    def language(self) -> str:
        """The language it is written in."""
        return str(self.said["language"])

    @property
    def clients(self) -> tuple[str, ...]:
        """All clients whose debt it speaks of: several only for one group."""
        return tuple(self.said["clients"])

    @property
    def recipients(self) -> tuple[str, ...]:
        """The addresses that a mail server is given; none for what does not travel as an email."""
        return tuple(self.said["recipients"])

    @property
    def message_id(self) -> str:
        """The Message-ID of an email, without its angle brackets."""
        return str(self.said["message_id"])

    @property
    def amounts(self) -> tuple[tuple[str, str], ...]:
        """What it asks for, as pairs of currency and amount."""
        return tuple((amount["currency"], amount["amount"]) for amount in self.said["amounts"])

    @property
    def file_name(self) -> str:
        """Its file in the outbox."""
        return str(self.said["file"])

    def content(self) -> bytes:
        """The bytes of the file."""
        return self.file

    def beside(self) -> Mapping[str, bytes]:
        """Other files with the same in another form."""
        return self.others

    def summary(self) -> dict[str, object]:
        """The message in the outbox's manifest."""
        return self.said


@dataclass(slots=True)
class MessageStore:
    """The messages of one build. `outbox` holds those of the last one, `state` what is known of them.

    The state says who is written to and what: only the owner may read it, and it stands outside of what is published.
    """

    settings: Settings
    outbox: Path
    state: Path
    _templates: MessageTemplates = field(init=False)
    _stamp: str = field(init=False)
    _known: dict[str, Any] = field(init=False)
    _now: dict[str, dict[str, object]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises UserError when a frame of the templates is missing."""
        self._templates = MessageTemplates(self.settings, self.state.with_name(".templates"))
        anywhere = replace(self.settings, folder=Path())  # no message says where the owner's folder is
        self._stamp = stamp_of(anywhere, template_folders(self.settings))
        self._known = _read(self.state)

    @property
    def templates(self) -> MessageTemplates:
        """The templates of this build, for what else is made of them."""
        return self._templates

    def prepare(self, clients: Sequence[Sequence[Account]]) -> Prepared | None:
        """The one message that is due today to these clients (`grouped`), kept or composed; None when none is due.

        Raises UserError as `compose` does.
        """
        if clients[0][0].reminders.due_today is None:
            return None
        client, made_of = clients[0][0].client.id, fingerprint(self._stamp, clients)
        kept = self._kept(client, made_of)
        if kept is not None:
            self._now[client] = self._known[client]
            return kept
        message = self._composed(clients)
        if message is None:
            return None
        ready = Prepared.of(message)
        digest = _digest(ready)
        self._now[client] = {"made_of": made_of, "digest": digest, "text": ready.text, "said": ready.said}
        return ready

    def _composed(self, clients: Sequence[Sequence[Account]]) -> Message | None:
        if len(clients) > 1:
            return compose_group(self.settings, clients, self._templates)
        message = compose(self.settings, clients[0], self._templates)
        if message is None or message.channel is not Channel.LETTER or not self.settings.letters_as_pdf:
            return message
        return replace(message, pdf=pdf(message.html))

    def _kept(self, client: str, made_of: str) -> Prepared | None:
        try:
            known = self._known[client]
            if known["made_of"] != made_of:
                return None
            said = known["said"]
            content, *others = (self._read(name) for name in (said["file"], *said["beside"]))
            kept = Prepared(said, known["text"], content, dict(zip(said["beside"], others, strict=True)))
            return kept if _digest(kept) == known["digest"] else None
        except (OSError, KeyError, TypeError, ValueError):
            return None  # gone, or not what we wrote: the message is composed

    def _read(self, name: str) -> bytes:
        path = self.outbox / name
        return b"" if path.is_symlink() else path.read_bytes()

    def remember(self) -> None:
        """Writes what the next build may keep, all at once. Raises OutsideError when the disk does not let us."""
        self._templates.keep()
        try:
            self._remember()
        except OSError as error:
            raise OutsideError(f"{self.state} cannot be written: {error.strerror or error}") from error

    def _remember(self) -> None:
        text = json.dumps({"version": _VERSION, "messages": self._now})
        if _text(self.state) == text:
            return
        self.state.parent.mkdir(parents=True, exist_ok=True)
        new = self.state.with_name(f"{self.state.name}.new")
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        new.replace(self.state)


def _text(state: Path) -> str:
    try:
        return state.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def _read(state: Path) -> dict[str, Any]:
    """What the last build knew; nothing when there is no state or it cannot be understood."""
    try:
        stored = json.loads(_text(state) or "{}")
        known = stored["messages"] if stored["version"] == _VERSION else {}
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return known if isinstance(known, dict) else {}


def _digest(ready: Prepared) -> str:
    """That of all files of a message."""
    digest = blake2b(ready.file, digest_size=16)
    for name, content in sorted(ready.others.items()):
        digest.update(f"\0{name}\0".encode() + content)
    return digest.hexdigest()
