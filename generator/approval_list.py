"""What waits for the owner's word as a checklist in Markdown, to be ticked on a phone; and the ticks that came back.

A box is tied to what was shown beside it: the line ends with a comment that holds a digest of it. A tick counts only where
exactly that still waits, in a line that stands as it was written: what changed in between has to be looked at again.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from generator import wording
from generator.inert import inert, inert_in_element, quoted_lines, without_addresses
from generator.publish_words import PublishWords

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from generator.domain.money import Money

MARK = "<!-- relance:approvals 1 -->"  #: the first line of a checklist, by which it is known again
MOST_CHARACTERS = 60_000  #: a body on GitHub may have 65,536
MOST_READ = 1_000_000  #: characters of a body that are read; no list of ours is as long
_LONGEST_TEXT = 4_000
_ROOM_FOR_THE_END = 2_000
_SHOWN_NAMES = 3
_YES, _NO = "yes", "no"
_BOX = re.compile(r"^- \[([ xX])\] (.*) <!-- relance:([a-z]+):([^:\s]+):([^:\s]*):([0-9a-f]{32}) -->[ \t]*$")
_ANY_TIE = re.compile(r"relance:(?:message|review):")
_TICKED = re.compile(r"^\s*[-*+]\s*\[\s*[xX]\s*\]")
_MONTHS = (
    "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|"
    "january|february|march|april|may|june|july|august|september|october|november|december"
)
#: What a message says otherwise tomorrow though nothing has happened: days, and how many have passed.
_DAYS = re.compile(
    rf"\b\d{{1,2}}(?:er|st|nd|rd|th)? (?:{_MONTHS})\b(?: \d{{4}}\b)?|\b\d{{4}}-\d\d-\d\d\b|\b\d{{1,2}}/\d{{1,2}}/\d{{2,4}}\b"
    r"|\b\d+ (?:jours?|days?)\b",
    re.IGNORECASE,
)


class Matter(StrEnum):
    """What the owner's word is about: a message that may leave, or old debts whose reminders may begin."""

    MESSAGE = "message"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits for the owner's word, as it is shown.

    `clients` are ids, `names` what they are called; `facts` say what it is exactly, beyond what the line shows: addressees,
    invoices, dates. `given`: the owner has said so already, and it has not left yet.
    """

    matter: Matter
    clients: tuple[str, ...]
    names: tuple[str, ...]
    amounts: tuple[Money, ...]
    step: str = ""
    subject: str = ""
    text: str = ""
    facts: tuple[str, ...] = ()
    given: bool = False

    @property
    def about(self) -> tuple[Matter, tuple[str, ...]]:
        """What it is about, whatever it says."""
        return self.matter, self.clients

    @property
    def digest(self) -> str:
        """Stands for all that is shown, but for days that go by: an address is its host, a date is a date."""
        sums = [[amount.currency, amount.minor] for amount in self.amounts]
        said = [
            *(str(self.matter), self.clients, self.names, self.step, sums, self.facts),
            *(_lasting(self.subject), _lasting(self.text)),
        ]
        return blake2b(json.dumps(said).encode(), digest_size=16).hexdigest()

    @property
    def tie(self) -> str:
        """The comment that ties a box to it."""
        clients = "+".join(map(_quoted, self.clients))
        return f"<!-- relance:{self.matter}:{clients}:{_quoted(self.step)}:{self.digest} -->"


@dataclass(frozen=True, slots=True)
class Box:
    """A ticked box whose tick does not count, as far as it can be told what it was about."""

    clients: tuple[str, ...] = ()
    step: str = ""


@dataclass(frozen=True, slots=True)
class Ticks:
    """What the boxes of a checklist say. `taken`: ticked, and exactly this waits now.

    `known`: ticked, and the word was given before. `changed`: what waits for these clients is something else by now. `gone`:
    nothing waits for them any more. `doubtful`: lines that are not as they were written, or that contradict each other.
    """

    taken: tuple[Waiting, ...] = ()
    known: tuple[Waiting, ...] = ()
    changed: tuple[Box, ...] = ()
    gone: tuple[Box, ...] = ()
    doubtful: tuple[Box, ...] = ()

    @property
    def digests(self) -> frozenset[str]:
        """Those of the boxes that are rightly ticked."""
        return frozenset(one.digest for one in (*self.taken, *self.known))


@dataclass(slots=True)
class ListWords(PublishWords):
    """The sentences of the list."""

    def line(self, one: Waiting) -> str:
        """What stands beside a box: who, what, how much, the subject. It says the same every day."""
        shown = [inert(name, 80) for name in one.names[:_SHOWN_NAMES]]
        more = len(one.names) - len(shown)
        who = ", ".join(shown) + (f" {self.say.more(more)}" if more > 0 else "")
        ids = ", ".join(inert(client, 40) for client in one.clients[:_SHOWN_NAMES])
        what = self.say.box_review() if one.matter is Matter.REVIEW else inert(self.report.step(one.step), 60)
        sums = " + ".join(inert(wording.money(amount, self.say.language)) for amount in one.amounts)
        parts = [f"**{who}** ({ids})", what, sums, self.say.quoted(inert(one.subject, 120)) if one.subject else ""]
        return " · ".join(filter(None, parts))


def checklist(
    waiting: Sequence[Waiting],
    language: str,
    *,
    also: Sequence[str] = (),
    ticked: Iterable[str] = (),
    home: Path | None = None,
) -> str:
    """The whole list. `also` are lines about what no tick can settle; `ticked` the digests of boxes that are to stay ticked.

    First every box, then the messages in full, as many as there is room for.
    """
    words, keep = ListWords(language, home), frozenset(ticked)
    lines = [MARK, "", words.say.checklist_intro() if waiting else words.say.checklist_empty(), ""]
    room = MOST_CHARACTERS - _ROOM_FOR_THE_END - sum(map(len, lines)) - sum(len(line) + 4 for line in also)
    shown: list[Waiting] = []
    for one in waiting:
        line = f"- [{'x' if one.given or one.digest in keep else ' '}] {words.line(one)} {one.tie}"
        room -= len(line) + 1
        if room < 0:
            break
        shown.append(one)
        lines.append(line)
    if len(shown) < len(waiting):
        lines += ["", words.say.checklist_more(len(waiting) - len(shown))]
    if also:
        lines += ["", f"**{words.say.also()}**", "", *(f"- {inert(line, 400)}" for line in also)]
    lines += _texts(shown, words, room)
    return "\n".join(lines) + "\n"


def _texts(shown: Sequence[Waiting], words: ListWords, room: int) -> Iterator[str]:
    """The messages, each folded away under its line."""
    for one in shown:
        if not one.text:
            continue
        text = without_addresses(one.text)
        cut = text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"
        summary = inert_in_element(f"{', '.join(one.names[:_SHOWN_NAMES])} · {one.subject}", 160)
        block = ["", f"<details><summary>{summary}</summary>", "", *quoted_lines(cut), "", "</details>"]
        room -= sum(len(line) + 1 for line in block)
        if room < 0:
            yield from ("", words.say.texts_left_out())
            return
        yield from block


def read_ticks(text: str, waiting: Sequence[Waiting], language: str = "fr", home: Path | None = None) -> Ticks:
    """Which of these the owner ticked in a checklist that came back, and which ticks do not count.

    A box counts where it stands in a line of ours, letter by letter. The same box twice counts once; ticked here and
    not there, it does not count.
    """
    words = ListWords(language, home)
    by_digest = {one.digest: one for one in waiting}
    said: dict[str, set[str]] = {}
    boxes: dict[str, Box] = {}
    doubtful: dict[Box, None] = {}
    for line in text[:MOST_READ].lstrip("\ufeff").splitlines():
        found = _BOX.match(line)
        if found is None:
            if _TICKED.match(line) and _ANY_TIE.search(line):
                doubtful[Box()] = None
            continue
        tick, label, matter, clients, step, digest = found.groups()
        box = Box(tuple(map(unquote, clients.split("+"))), unquote(step))
        now = by_digest.get(digest)
        ours = now is None or (f"{label} {line[found.end(2) + 1 :].rstrip()}" == f"{words.line(now)} {now.tie}")
        if not ours or matter not in set(Matter):
            doubtful.update({box: None} if tick != " " else {})
            said.setdefault(digest, set()).add(_NO)
            continue
        boxes[digest] = box
        said.setdefault(digest, set()).add(_NO if tick == " " else _YES)
    return _sorted_out(said, boxes, by_digest, doubtful)


def _sorted_out(
    said: dict[str, set[str]], boxes: dict[str, Box], by_digest: dict[str, Waiting], doubtful: dict[Box, None]
) -> Ticks:
    alive = {client for one in by_digest.values() for client in one.clients}
    taken: list[Waiting] = []
    known: list[Waiting] = []
    changed: dict[Box, None] = {}
    gone: dict[Box, None] = {}
    for digest, answers in said.items():
        if _YES not in answers:
            continue
        now, box = by_digest.get(digest), boxes[digest]
        if _NO in answers:
            doubtful[box] = None
        elif now is not None:
            (known if now.given else taken).append(now)
        elif alive & set(box.clients):
            changed[box] = None
        else:
            gone[box] = None
    return Ticks(tuple(taken), tuple(known), tuple(changed), tuple(gone), tuple(doubtful))


def _lasting(text: str) -> str:
    return _DAYS.sub("…", " ".join(without_addresses(text).split()))


def _quoted(text: str) -> str:
    """For inside a comment: nothing that could end it, or part it otherwise."""
    return quote(text, safe="").replace("--", "%2D%2D")
