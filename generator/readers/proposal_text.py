"""The lines that a client filled in, found in a message whatever mail programs have made of it → payments and days.

The prepared messages of a page hold, between other words:

    [relance 1 plan RF18 5390 0754 7034]
    (1) montant : 300,00 €, le : 5 décembre 2026
    (2) montant : …, le : …
    [/relance]

Quotation marks, broken and joined lines, other spaces and added words change nothing. What could be read in two ways is
not read at all.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.domain.proposals import MOST_PARTS, Fault, ProposalKind
from generator.domain.references import compacted
from generator.problems import Flaw
from generator.problems import proposals as problems
from generator.readers.cells import amount, amount_text
from generator.readers.proposal_words import days_in, speaks_of_money, sums_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from generator.domain.ledger import Problem, SourceRef
    from generator.domain.money import Money
    from generator.domain.proposals import Part, Wrong
    from generator.problems import Entry

VERSION = 1
_MOST_BLOCKS = 10
_LONGEST = 60_000  #: characters of a message that are looked at
_MOST_LINES = 500

_HEAD = re.compile(r"\[\s*relance\s+(\d{1,3})\s+([a-z]{4})\s+([^\[\]]{1,120})\]", re.IGNORECASE)
_TAIL = re.compile(r"\[\s*/\s*relance\s*\]", re.IGNORECASE)
_SIGNATURE = re.compile(r"^--$", re.MULTILINE)
_NUMBERED = re.compile(r"\(\s*\d{1,2}\s*\)")
_QUOTING = str.maketrans(dict.fromkeys(">|*_\t", " "))

_NO_DAY = "it has no day that can be read, like 05/12/2026"
_NO_SUM = "it has no amount in figures, like 300,00"
_FAULTS = {
    Fault.TOO_MANY: f"more than {MOST_PARTS} payments",
    Fault.NOT_POSITIVE: "a payment is more than nothing",
    Fault.TOO_MUCH: "that is more than what is open, {owed}",
    Fault.NOTHING_OWED: "nothing is open",
    Fault.PAST: "that day was past when it came in, on {received}",
    Fault.TO_COME: "that day was still to come when it came in, on {received}",
    Fault.ORDER: "it does not come after the one before it",
    Fault.TOO_FAR: "that is too far away: the year may be wrong",
}


@dataclass(frozen=True, slots=True)
class Block:
    """The lines of one prepared message, as they came back. `closed`: with the sign that ends them."""

    version: int
    kind: str
    reference: str
    content: str
    closed: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """How the lines are read: in which currency, with the decimal mark of which language, when and where they came in."""

    currency: str
    language: str
    received_on: date
    place: SourceRef


def blocks(text: str) -> tuple[Block, ...]:
    """The blocks of a message, each once: mail programs send a message in two forms, and quote it again."""
    plain = _plain(text[:_LONGEST])
    heads = list(_HEAD.finditer(plain))[:_MOST_BLOCKS]
    found: dict[Block, None] = {}
    for head, following in zip(heads, [*heads[1:], None], strict=False):
        rest = plain[head.end() : following.start() if following else len(plain)]
        tail = _TAIL.search(rest)
        end = tail or _SIGNATURE.search(rest)
        content = rest[: end.start()] if end else rest
        reference = compacted(head[3])
        found[Block(int(head[1]), head[2].lower(), reference, content.strip(), tail is not None)] = None
    return tuple(found)


def _plain(text: str) -> str:
    """A text in one form of its letters and spaces, without what mail programs put before quoted lines."""
    text = unicodedata.normalize("NFKC", text.replace("\r\n", "\n").replace("\r", "\n")).translate(_QUOTING)
    text = "".join(character for character in text if unicodedata.category(character) != "Cf")
    return "\n".join(" ".join(line.split()) for line in text.split("\n"))


def read_block(block: Block, reading: Reading) -> tuple[ProposalKind, tuple[Part, ...]] | list[Problem]:
    """What the client filled in, or all that keeps it from being read."""
    if block.version != VERSION or block.kind not in set(ProposalKind):
        head = f"relance {block.version} {block.kind}"
        return [_unreadable(reading, head, "no page of this version of relance prepares such a message")]
    kind = ProposalKind(block.kind)
    lines = _lines(block.content, reading)
    mark = _mark(lines, reading)
    parts: list[Part] = []
    wrong: list[Problem] = []
    near = reading.received_on
    for line in lines[:_MOST_LINES]:
        found = _part(line, kind, mark, near, reading)
        if isinstance(found, list):
            wrong += found
        elif found is not None:
            parts.append(found)
            near = max(near, found[0])
    if kind is not ProposalKind.PAID and len(parts) > 1:
        wrong += [_unreadable(reading, written([part]), _NO_SUM) for part in parts if part[1] is None]
    if wrong:
        return wrong
    return (kind, tuple(parts)) if parts else [problems.UNFILLED.at(reading.place)]


def _lines(content: str, reading: Reading) -> list[str]:
    """What belongs together: what stands behind a number in brackets, or else on a line."""
    found: list[str] = []
    for piece in _NUMBERED.split(content):
        joined = " ".join(piece.split())
        several = len(days_in(joined, reading.received_on)[0]) > 1
        found += [line.strip() for line in re.split(r"[\n;]", piece)] if several else [joined]
    return [line for line in found if line]


def _mark(lines: Sequence[str], reading: Reading) -> str:
    """The decimal mark: the one that other amounts of the message show, else that of the client's language."""
    texts = [one.text for line in lines for one in sums_in(days_in(line, reading.received_on)[1])]
    shown = {told.mark for text in texts if (told := amount_text(text)) and told.mark}
    return shown.pop() if len(shown) == 1 else "." if reading.language.startswith("en") else ","


def _part(line: str, kind: ProposalKind, mark: str, near: date, reading: Reading) -> Part | list[Problem] | None:
    """One payment; None for a line that was left as it was."""
    paid = kind is ProposalKind.PAID
    days, rest = days_in(line, reading.received_on if paid else near, past=paid)
    sums = [one for one in sums_in(rest) if one.named] or sums_in(rest)
    if not days and not sums and not speaks_of_money(rest):
        return None
    why = ""
    if not days:
        why = _NO_DAY
    elif len(days) > 1:
        why = "it has several days"
    elif len(sums) > 1:
        why = "it has several numbers that may be the amount"
    elif not sums and (kind is ProposalKind.PLAN or speaks_of_money(rest)):
        why = _NO_SUM
    if why:
        return [_unreadable(reading, line, why)]
    on = days[0].value
    if isinstance(on, Flaw):
        return [_unreadable(reading, days[0].text, "no such day")]
    money = amount(sums[0].text, reading.currency, mark) if sums else None
    if isinstance(money, Flaw):
        told = money.at(reading.place, sums[0].text).message.rstrip(".")
        return [_unreadable(reading, line, told)]
    return on, money


def _unreadable(reading: Reading, line: str, reason: str) -> Problem:
    return problems.UNREADABLE.at(reading.place, line, reason=reason)


def told(wrong: Sequence[Wrong], parts: Sequence[Part], owed: Money | None, reading: Reading) -> list[Problem]:
    """Why what was read cannot be meant, each reason once for each payment."""
    entry: Entry = problems.IMPOSSIBLE
    words = {
        "owed": f"{owed} {owed.currency}" if owed is not None else "",
        "received": reading.received_on.isoformat(),
    }
    found = []
    for one in wrong:
        shown = written([one.part] if one.part else parts[:3])
        found.append(
            entry.at(
                reading.place, shown + ("" if one.part else _more(parts)), reason=_FAULTS[one.fault].format(**words)
            )
        )
    return found


def written(parts: Sequence[Part]) -> str:
    """Payments in a few words: `300.00 EUR on 2026-12-05`."""
    return ", ".join(
        f"{f'{amount} {amount.currency}' if amount is not None else 'all'} on {due.isoformat()}"
        for due, amount in parts
    )


def _more(parts: Sequence[Part]) -> str:
    return f" and {len(parts) - 3} more" if len(parts) > 3 else ""  # noqa: PLR2004 - as many as are written
