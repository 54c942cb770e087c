"""How a problem is told: the entry of the catalogue it comes from, and the sentence that is printed.

A problem can only be made from an entry, so every code that an owner may meet is documented and reproduced in a test.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.domain.ledger import Problem, Severity, SourceRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Every entry, by its code.
CATALOGUE: dict[str, Entry] = {}

_LONGEST_EXCERPT = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of problem. `message` and `remedy` are sentences with places to fill: `{found}` is the text met."""

    code: str
    severity: Severity
    meaning: str
    message: str
    remedy: str

    def at(self, where: SourceRef, found: str = "", **details: object) -> Problem:
        """This problem, met at a place."""
        words = {name: printable(str(value)) for name, value in details.items()}
        words["found"] = quoted(found)
        return Problem(
            code=self.code,
            where=where,
            message=self.message.format_map(words),
            remedy=self.remedy.format_map(words),
            severity=self.severity,
            found=found,
        )

    def flaw(self, **details: object) -> Flaw:
        """This problem, seen in a text whose place only the caller knows."""
        return Flaw(self, details)


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a text, before it is known where the text stands."""

    entry: Entry
    details: Mapping[str, object]

    def at(self, where: SourceRef, found: str, **details: object) -> Problem:
        """The problem, now that its place is known."""
        return self.entry.at(where, found, **self.details, **details)


def error(code: str, meaning: str, message: str, remedy: str) -> Entry:
    """A kind of problem that stops the run before anything is written."""
    return _enter(Entry(code, Severity.ERROR, meaning, message, remedy))


def warning(code: str, meaning: str, message: str, remedy: str) -> Entry:
    """A kind of problem that is said, while the run goes on."""
    return _enter(Entry(code, Severity.WARNING, meaning, message, remedy))


def notice(code: str, meaning: str, message: str, remedy: str) -> Entry:
    """Something that was done or left out on purpose, and that the owner should know."""
    return _enter(Entry(code, Severity.NOTICE, meaning, message, remedy))


def problem(code: str, where: SourceRef, found: str = "", **details: object) -> Problem:
    """A problem by the code of its entry. KeyError for a code that the catalogue does not have: there is no such problem."""
    return CATALOGUE[code].at(where, found, **details)


def format_problem(problem: Problem) -> str:
    """One line: place, text found, what to do, and the code to look up in `docs/errors.md`."""
    severity = "" if problem.severity is Severity.ERROR else f"{problem.severity}: "
    return f"{_place(problem.where)}: {severity}{problem.message} {problem.remedy} [{problem.code}]"


def stops(problems: Iterable[Problem]) -> bool:
    """Whether one of them is an error, so that nothing may be written."""
    return any(problem.severity is Severity.ERROR for problem in problems)


def quoted(text: str) -> str:
    """A text of the owner's as it is shown in a message: in quotes, on one line, cut when it is long."""
    shown = printable(text[: _LONGEST_EXCERPT + 1])
    return f'"{shown[:_LONGEST_EXCERPT]}…"' if len(text) > _LONGEST_EXCERPT else f'"{shown}"'


def printable(text: str) -> str:
    """A text that cannot move the cursor, colour the terminal or hide: characters that cannot be seen are spelt out."""
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    return " " if unicodedata.category(character) == "Zs" else f"\\u{ord(character):04x}"


def _place(where: SourceRef) -> str:
    return printable(str(where))


def _enter(entry: Entry) -> Entry:
    if entry.code in CATALOGUE:
        raise ValueError(f"two entries of the catalogue are called {entry.code}")
    CATALOGUE[entry.code] = entry
    return entry
