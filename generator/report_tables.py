"""The tables of the owner's report, for a spreadsheet: the messages of the day with what holds the others, and what was guessed.

Semicolons and a BOM, which a French spreadsheet opens rightly. A text that one would take for a formula is marked as text;
amounts are numbers, negative ones too.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from generator.domain.account import Guess
    from generator.domain.ledger import Channel, Client
    from generator.domain.money import Money
    from generator.report_attention import Attention
    from generator.report_gather import Gathered
    from generator.report_messages import Way
    from generator.report_words import Words

_FORMULA = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r]")
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class _Line:
    """One thing about a client's messages: what it is, about what and to whom, in more words, and what to type."""

    what: str
    client: Client
    step: str = ""
    channel: str = ""
    to: str = ""
    detail: str = ""
    command: str = ""
    amounts: Sequence[Money] = ()


def messages(found: Gathered, words: Words) -> bytes:
    """What the owner does about messages today, in the order of the page; then everybody to whom nothing goes, and why.

    What is about several currencies has a row for each.
    """
    head = [
        words.what_(),
        words.client(),
        words.client_name(),
        words.step_(),
        words.channel_(),
        words.amount(),
        words.currency(),
        words.to_(),
        words.detail_(),
        words.command_(),
    ]
    return table(head, _rows(_lines(found, words), words.language))


def _rows(lines: Iterable[_Line], language: str) -> Iterator[list[str]]:
    for line in lines:
        before = [inert(text) for text in (line.what, line.client.id, line.client.name, line.step, line.channel)]
        after = [inert(text) for text in (line.to, line.detail, line.command)]
        for amount in line.amounts or (None,):
            yield [*before, *([figure(amount, language), amount.currency] if amount else ["", ""]), *after]


def _lines(found: Gathered, words: Words) -> Iterator[_Line]:
    yield from _first(found.attention, words)

    @cache
    def kind(way: Way, step: str, channel: Channel) -> tuple[str, str, str]:
        """What is done, the step and the means in words: the same few, over and over."""
        return words.way(way), words.step(step), words.channel(channel)

    for entry in found.messages:
        sent = entry.message
        what, step, channel = kind(entry.way, sent.step, sent.channel)
        yield _Line(what, entry.client, step, channel, sent.to, sent.subject, entry.command, entry.amounts)
    payers = words.payers_title()
    for reason, clients in found.held.items():
        name = words.held_name(reason)
        for held in clients:
            told = [words.held_detail(held, reason), *(words.noted(note) for note in held.notes)]
            yield _Line(name, held.client, detail=" · ".join(filter(None, told)), amounts=held.amounts)
    for person in found.attention.payers:
        yield _Line(payers, person.client, to=person.client.email)


def _first(attention: Attention, words: Words) -> Iterator[_Line]:
    for doubt in attention.doubts:
        intent, what = doubt.intent, words.doubts_title()
        step, channel, to = words.step(intent.step), words.channel(intent.channel), ", ".join(intent.to)
        commands = f"{doubt.sent} / {doubt.resend}"
        yield _Line(what, doubt.client, step, channel, to, f"{words.doubt(doubt)} · {intent.subject}", commands)
    for unread in attention.answers:
        said = " · ".join(filter(None, (words.answer(unread), unread.answer.subject, unread.excerpt)))
        yield _Line(words.answers_title(), unread.client, to=unread.answer.sender, detail=said, command=unread.command)
    for refused in attention.refused:
        addresses = ", ".join(refused.addresses)
        yield _Line(words.refused_title(), refused.client, to=addresses, command=refused.command)


def pointage(guesses: Iterable[tuple[Client, Guess]], words: Words) -> bytes:
    """Payments allocated by guess."""
    head = [
        words.date_(),
        words.client(),
        words.client_name(),
        words.amount(),
        words.currency(),
        words.invoice(),
        words.how_(),
        words.source(),
    ]

    def rows() -> Iterator[list[str]]:
        for client, guess in sorted(guesses, key=lambda row: (row[1].on, row[0].id, row[1].invoice)):
            place = f"{guess.source.file}:{guess.source.line}" if guess.source.line else guess.source.file
            yield [
                guess.on.isoformat(),
                inert(client.id),
                inert(client.name),
                figure(guess.amount, words.language),
                guess.amount.currency,
                inert(guess.invoice),
                inert(words.how(guess)),
                inert(place),
            ]

    return table(head, rows())


def inert(text: str) -> str:
    """A text that no spreadsheet takes for a formula, on one line; a plain number, negative or not, stays one."""
    marked = f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text
    return _CONTROL.sub(" ", marked)


def figure(amount: Money, language: str) -> str:
    """An amount as a number of the reader's spreadsheet."""
    return str(amount).replace(".", ",") if language.startswith("fr") else str(amount)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A file of these columns and rows."""
    output = io.StringIO()
    writer = csv.writer(output, delimiter=";", lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(rows)
    return output.getvalue().encode("utf-8-sig")
