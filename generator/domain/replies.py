"""What comes back by email, and whose it is: an answer, an automatic reply, a message that could not be delivered.

A sender can write any name, so a reply is believed for little: an answer makes reminders wait until the owner has read
it, and a report of non-delivery counts only for a message of ours and an address that it was sent to.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from generator.domain.references import is_reference, spelt_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"))
_NUMBER_SIGNS = re.compile("[#°º№]")
_WORD = re.compile(r"[^\W_]+(?:[-/._]+[^\W_]+)*")
#: Words that say of the number after them that it is one of ours.
_NAMING = frozenset(
    {
        *("facture", "factures", "avoir", "n", "no", "nos", "num", "numero", "numéro", "ref", "réf", "reference"),
        *("référence", "invoice", "invoices", "number", "inv"),
    }
)
_LINKING = frozenset({"et", "ou", "and", "or"})
_TELLING_WITH_LETTERS = 4
_TELLING_DIGITS = 7
_REFERENCE_START = re.compile(r"rf\d\d[a-z0-9]*")


class ReplyKind(StrEnum):
    """What a message in the mailbox is. AUTOMATIC: written by a machine (out of office, received), so nobody has read ours."""

    ANSWER = "answer"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"


class Failure(NamedTuple):
    """An address that a mail server could not deliver to, for good: its status (RFC 3463) and the server's words."""

    address: str
    status: str = ""
    diagnostic: str = ""

    @property
    def reason(self) -> str:
        """Why, in one line; servers often say the status in their own words too."""
        if self.status in self.diagnostic:
            return self.diagnostic
        return f"{self.status} {self.diagnostic}".strip()


@dataclass(frozen=True, slots=True)
class Reply:
    """A message that came in. `id` and `answers` are Message-IDs without their brackets; `answers` begins with the nearest one.

    `text` is what its author wrote, without what they quoted; `whole` is all that can be read in it, in each form that it
    was sent in. Of a BOUNCE, `failed` are the addresses that it is about and
    `original_id` the message that came back.
    """

    id: str
    kind: ReplyKind
    sender: str
    subject: str
    received_on: date
    answers: tuple[str, ...] = ()
    text: str = ""
    failed: tuple[Failure, ...] = ()
    original_id: str = ""
    whole: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that we sent: its Message-ID without brackets, the addresses of its envelope, the attempt that the journal knows.

    A message about several clients is several of these; the beginning of a thread has no recipients and no attempt.
    """

    client: str
    message_id: str
    recipients: tuple[str, ...] = ()
    attempt: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What tells a client apart: the addresses of theirs, and the numbers and references of what they were asked for."""

    client: str
    addresses: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    group: str = ""


class Sign(StrEnum):
    """What tells whose a reply is, the surest first: the message it answers, a number or reference in it, its sender."""

    MESSAGE = "message"
    REFERENCE = "reference"
    SENDER = "sender"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Match:
    """Whose a reply is: several clients only where they are written to as one. `others` are those that a sign points to besides.

    A match without clients is nobody's; `others` are then those it may be of.
    """

    clients: tuple[str, ...] = ()
    how: Sign = Sign.NONE
    others: tuple[str, ...] = ()

    @property
    def certain(self) -> bool:
        """Whether no sign points elsewhere."""
        return bool(self.clients) and not self.others


class Correspondence:
    """What we sent and whom we know, arranged so that a reply finds its client."""

    def __init__(self, sent: Iterable[Sent], known: Iterable[Known]) -> None:
        """Everything is looked at once, so that thousands of replies cost little."""
        self._sent: dict[str, list[Sent]] = {}
        self._addresses: dict[str, set[str]] = {}
        self._numbers: dict[tuple[str, ...], set[str]] = {}
        self._references: dict[str, set[str]] = {}
        self._groups: dict[str, str] = {}
        for message in sent:
            if message.message_id:
                self._sent.setdefault(message.message_id, []).append(message)
        for client in known:
            self._groups[client.client] = client.group
            for address in client.addresses:
                self._addresses.setdefault(_folded(address), set()).add(client.client)
            for reference in client.references:
                self._learn(reference, client.client)
        self._most_words = max(map(len, self._numbers), default=0)

    def _learn(self, reference: str, client: str) -> None:
        if is_reference(reference):
            self._references.setdefault("".join(reference.split()).lower(), set()).add(client)
        elif any(character.isdigit() for character in reference) and (words := tuple(_words(reference))):
            self._numbers.setdefault(words, set()).add(client)

    def match(self, reply: Reply) -> Match:
        """Whose this reply is.

        The message it answers decides. Else the numbers in it do, of clients whom the sender can write for; and where
        they are another's, the sender: a number is sooner copied wrongly than an address.
        """
        if reply.kind is ReplyKind.BOUNCE:
            return self._returned(reply)
        named, writing = self._named(f"{reply.subject}\n{reply.text}"), self._writing(reply)
        answered = next((self._sent[number] for number in reply.answers if number in self._sent), [])
        if answered:
            clients, how = {message.client for message in answered}, Sign.MESSAGE
        elif named and (not writing or named & writing):
            clients, how = self._together(named & writing or named), Sign.REFERENCE
        else:
            clients, how = self._together(writing), Sign.SENDER
        elsewhere = named - clients | (writing if writing.isdisjoint(clients) else set())
        return Match(tuple(sorted(clients)), how if clients else Sign.NONE, tuple(sorted(elsewhere)))

    def returned(self, reply: Reply) -> list[tuple[Sent, tuple[Failure, ...]]]:
        """The messages of ours that did not arrive, each with those of its addresses that take no mail."""
        messages = self._sent.get(reply.original_id, []) if reply.kind is ReplyKind.BOUNCE else []
        return [(message, lost) for message in messages if (lost := _lost(message, reply))]

    def _returned(self, reply: Reply) -> Match:
        clients = sorted({message.client for message, _ in self.returned(reply)})
        return Match(tuple(clients), Sign.MESSAGE if clients else Sign.NONE)

    def _writing(self, reply: Reply) -> set[str]:
        """The clients that the sender may write for."""
        return set(self._addresses.get(_folded(reply.sender), ())) if reply.sender else set()

    def _together(self, clients: set[str]) -> set[str]:
        """These clients, when they are one, or companies of one group; else nobody."""
        groups = {self._groups.get(client, "") for client in clients}
        return clients if len(clients) == 1 or (len(groups) == 1 and groups != {""}) else set()

    def _named(self, text: str) -> set[str]:
        """The clients whose numbers or references stand in a text as words of their own."""
        words = list(_words(text))
        found: set[str] = set()
        place, naming = 0, False
        while place < len(words):
            word = words[place]
            if _REFERENCE_START.fullmatch(word):
                found |= spelt_by(islice(words, place, None), self._references) or set()
            number = self._number_at(words, place, naming=naming)
            found |= self._numbers.get(number, set())
            naming = word in _NAMING or (naming and (word in _LINKING or word[-1].isdigit()))
            place += len(number) or 1
        return found

    def _number_at(self, words: list[str], place: int, *, naming: bool) -> tuple[str, ...]:
        """The longest of our numbers that begins at this place; empty when none does."""
        for count in range(self._most_words, 0, -1):
            number = tuple(words[place : place + count])
            if number in self._numbers and (naming or _telling(number)):
                return number
        return ()


def _lost(message: Sent, reply: Reply) -> tuple[Failure, ...]:
    """The addresses of a message that a report says take no mail, spelt as we wrote them."""
    told = {_folded(failure.address): failure for failure in reversed(reply.failed)}
    return tuple(
        told[_folded(address)]._replace(address=address) for address in message.recipients if _folded(address) in told
    )


def _telling(number: tuple[str, ...]) -> bool:
    """Whether a number can be nothing else wherever it stands; `118` or `A4` are only numbers of ours after a word that says so."""
    text = "".join(number)
    digits = sum(character.isdigit() for character in text)
    if any(character.isalpha() for character in text):
        return len(text) >= _TELLING_WITH_LETTERS
    return digits >= _TELLING_DIGITS


def _words(text: str) -> Iterator[str]:
    """The words of a text, in small letters: a number with its inner dashes, strokes and points is one."""
    spaced = _NUMBER_SIGNS.sub(" n ", text)
    plain = unicodedata.normalize("NFKC", spaced).translate(_DASHES).casefold()
    return (found[0] for found in _WORD.finditer(plain))


def _folded(address: str) -> str:
    return address.strip().casefold()
