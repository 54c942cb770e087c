"""`portal.toml` as a text with lines, and its tables as something that can be asked for typed values.

Every key that is asked for is remembered, so that what nobody asked for is an unknown key; every slip is collected
with its line, and the default stands in for it so that the rest can be checked too.
"""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from generator.checks import Clean, clean
from generator.domain.ledger import SourceRef
from generator.problems import Flaw, policy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from generator.domain.ledger import Problem

FILE = "portal.toml"
Word = TypeVar("Word", bound=StrEnum)
T = TypeVar("T")

_TABLE = re.compile(r"\s*(\[\[?)([^\[\]#]+)\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")
_KEY_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")
_AMOUNT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,3})?")
_PERCENT = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,4})?")
_HUNDRED = 100
_KINDS = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "a table",
    date: "a date",
}


class PolicyFile:
    """One portal.toml: where its keys stand, what was asked for, and what is wrong with it."""

    def __init__(self, text: str) -> None:
        """From the text of the file. A text that is not TOML is one problem, and then has no keys."""
        self.problems: list[Problem] = []
        self.asked: dict[str, object] = {}
        self.lines = key_lines(text)
        self.data: dict[str, Any] = {}
        try:
            self.data = tomllib.loads(text.replace("\r\n", "\n"))
        except RecursionError:
            self.problems.append(policy.POLICY_SYNTAX.at(SourceRef(FILE), reason="it is nested too deeply"))
        except ValueError as wrong:
            self.problems.append(_syntax(str(wrong), text))

    def root(self) -> Section:
        """The file as a whole."""
        return Section(self, "", self.data)

    def line(self, path: str) -> int:
        """The line of a key, or of the nearest table around it."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path.rpartition(".")[0]
        return 0


def _syntax(message: str, text: str) -> Problem:
    found = re.search(r"^(.*?)\s*\(at (?:line (\d+), column \d+|end of document)\)$", message, re.DOTALL)
    if not found:
        return policy.POLICY_SYNTAX.at(SourceRef(FILE), reason="a value is out of all bounds")
    line = int(found[2]) if found[2] else text.count("\n") + 1
    return policy.POLICY_SYNTAX.at(SourceRef(FILE, line), reason=found[1][:1].lower() + found[1][1:])


def key_lines(text: str) -> dict[str, int]:
    """The line of every table and key, by its dotted path; tables of a list are numbered from 0 (`reminders.steps.0.name`)."""
    lines: dict[str, int] = {}
    counts: dict[str, int] = {}
    table = ""
    open_quote = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if open_quote:
            open_quote = "" if open_quote in line else open_quote
            continue
        if match := _TABLE.fullmatch(line.rstrip("\r")):
            table = _path(match[2])
            if match[1] == "[[":
                count = counts.get(table, 0)
                counts[table] = count + 1
                lines.setdefault(table, number)
                table = f"{table}.{count}"
            lines.setdefault(table, number)
        elif match := _KEY.match(line):
            lines.setdefault(f"{table}.{_path(match[1])}".lstrip("."), number)
            quote = next((mark for mark in ('"""', "'''") if line.count(mark) == 1), "")
            open_quote = quote
    return lines


def _path(text: str) -> str:
    return ".".join(part.strip("\"'") for part in _KEY_PART.findall(text))


def percentage(text: str) -> Decimal | None:
    """A percentage from 0 to 100 as it is written, exact; None for anything else."""
    return Decimal(text) if _PERCENT.fullmatch(text) and Decimal(text) <= _HUNDRED else None


class Section:
    """One table of portal.toml, asked for its keys one by one."""

    def __init__(self, file: PolicyFile, path: str, table: Mapping[str, Any]) -> None:
        """A table at a dotted path; the whole file has none."""
        self.file = file
        self.path = path
        self.table = table
        self.known: list[str] = []

    def has(self, key: str) -> bool:
        """Whether the owner wrote this key."""
        return key in self.table

    def name(self, key: str) -> str:
        """The dotted path of a key, as it is shown: `offers.discount.percent`."""
        return f"{self.path}.{key}" if self.path else key

    def shown(self, key: str) -> str:
        """The path of a key as it is shown: the line tells which table of a list is meant."""
        return re.sub(r"\.\d+(?=\.|$)", "", self.name(key))

    def where(self, key: str = "") -> SourceRef:
        """The line of a key."""
        return SourceRef(FILE, self.file.line(self.name(key) if key else self.path))

    def wrong(self, key: str, found: object, advice: str) -> None:
        """Notes a value of the right type that cannot be."""
        self.note(policy.POLICY_WRONG_VALUE.at(self.where(key), str(found), key=self.shown(key), advice=advice))

    def note(self, problem: Problem) -> None:
        """Notes anything else that is wrong here."""
        self.file.problems.append(problem)

    def missing(self, key: str, example: str) -> None:
        """Notes that a required key is not there."""
        self.note(policy.POLICY_MISSING_KEY.at(self.where(), self.shown(key), example=example))

    def _value(self, key: str, default: object, kinds: tuple[type, ...], wanted: str, example: str) -> Any:  # noqa: ANN401
        self._ask(key, default)
        if key not in self.table:
            return None
        value = self.table[key]
        if isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool)):
            return value
        given = next((words for kind, words in _KINDS.items() if isinstance(value, kind)), "something else")
        example = f"{key} = {example}"
        self.note(
            policy.POLICY_WRONG_TYPE.at(self.where(key), self.shown(key), wanted=wanted, given=given, example=example)
        )
        return None

    def _ask(self, key: str, default: object) -> None:
        self.known.append(key)
        self.file.asked[self.shown(key)] = default

    def text(self, key: str, default: str = "", *, lines: bool = False, example: str = '"…"') -> str:
        """A text; `lines`: it may run over several."""
        value = self._value(key, default, (str,), "a text", example)
        if value is None:
            return default
        found = clean(value.strip(), lines=lines)
        if isinstance(found, Flaw):
            self.note(found.at(self.where(key), value))
            return default
        if isinstance(found, Clean) and found.flaw is not None:
            self.note(found.flaw.at(self.where(key), value))
        return found.text

    def checked(self, key: str, check: Callable[[str], str | Flaw], default: str = "") -> str:
        """A text that a check makes regular; an empty one is left as it is."""
        text = self.text(key, default)
        found = check(text) if text else text
        if isinstance(found, Flaw):
            self.note(found.at(self.where(key), text))
            return default
        return found

    def word(self, key: str, words: type[Word], default: Word, *, allowed: Sequence[Word] = ()) -> Word:
        """One word of a few."""
        choices = [word.value for word in allowed or words]
        value = self._value(key, default.value, (str,), f"one of {', '.join(choices)}", f'"{choices[0]}"')
        if value is None:
            return default
        if value not in choices:
            self.wrong(key, value, f"Write one of: {', '.join(choices)}.")
            return default
        return words(value)

    def one_of(self, key: str, choices: Sequence[int | str]) -> int | str:
        """One of a few values, numbers and texts side by side; the first unless the owner says."""
        shown = " or ".join(f'"{choice}"' if isinstance(choice, str) else str(choice) for choice in choices)
        value: int | str | None = self._value(key, choices[0], (int, str), shown, str(choices[0]))
        if value is None or value in choices:
            return choices[0] if value is None else value
        self.wrong(key, value, f"Write {shown}.")
        return choices[0]

    def number(self, key: str, default: int, low: int, high: int) -> int:
        """A whole number."""
        found = self._whole(key, default, low, high)
        return default if found is None else found

    def whole(self, key: str, low: int, high: int) -> int | None:
        """A whole number; None when the owner does not say."""
        return self._whole(key, None, low, high)

    def _whole(self, key: str, default: int | None, low: int, high: int) -> int | None:
        value = self._value(key, default, (int,), "a whole number", str(low if default is None else default))
        if value is not None and not low <= value <= high:
            self.wrong(key, value, f"Write a number from {low} to {high}.")
            return None
        return None if value is None else int(value)

    def yes(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self._value(key, default, (bool,), "true or false", str(default).lower())
        return default if value is None else bool(value)

    def said(self, key: str) -> bool | None:
        """True or false; None when the owner does not say."""
        value = self._value(key, None, (bool,), "true or false", "true")
        return None if value is None else bool(value)

    def day(self, key: str) -> date | None:
        """A date, in quotation marks or not."""
        value = self._value(key, None, (str, date), "a date", '"2026-11-20"')
        if isinstance(value, datetime):
            self.wrong(key, value, 'Write the day alone, like "2026-11-20".')
            return None
        if isinstance(value, str):
            try:
                return date.fromisoformat(value)
            except ValueError:
                self.wrong(key, value, 'Write it like "2026-11-20".')
        return value if isinstance(value, date) else None

    def amount(self, key: str, decimals: int, default: Decimal | None = None) -> Decimal | None:
        """An amount, as a text so that it stays exact."""
        value = self._value(key, default, (str,), "an amount in quotation marks", '"100.00"')
        if value is None:
            return default
        fraction = value.partition(".")[2]
        if not _AMOUNT.fullmatch(value) or len(fraction) > decimals:
            self.wrong(
                key,
                value,
                f'Write it with a decimal point and at most {decimals} decimals, like "{Decimal(100):.{decimals}f}".',
            )
            return default
        return Decimal(value)

    def percent(self, key: str, default: Decimal | None = None) -> Decimal | None:
        """A percentage, as a text so that it stays exact."""
        value = self._value(key, default, (str,), "a percentage in quotation marks", '"5"')
        if value is None:
            return default
        found = percentage(value)
        if found is None:
            self.wrong(key, value, 'Write it between 0 and 100, like "5" or "5.5".')
            return default
        return found

    def items(self, key: str, kind: type[T], default: tuple[T, ...], example: str) -> tuple[T, ...]:
        """A list of texts or of whole numbers."""
        value = self._value(key, list(default), (list,), "a list", example)
        if value is None:
            return default
        if any(not isinstance(item, kind) or isinstance(item, bool) for item in value):
            self.wrong(key, value, f"Write it like {key} = {example}.")
            return default
        return tuple(value)

    def section(self, key: str) -> Section | None:
        """A table inside this one; None when the owner left it out."""
        self.known.append(key)
        if key not in self.table:
            return None
        value = self.table[key]
        if isinstance(value, dict):
            return Section(self.file, self.name(key), value)
        problem = policy.POLICY_WRONG_TYPE
        example = f"[{self.name(key)}] on a line of its own, with its keys below."
        self.note(problem.at(self.where(key), self.name(key), wanted="a table", given="a value", example=example))
        return None

    def opened(self, key: str) -> Section:
        """A table inside this one, or an empty one in its place, so that its keys are known all the same."""
        return self.section(key) or Section(self.file, self.name(key), {})

    def sections(self, key: str) -> list[Section] | None:
        """A list of tables inside this one; None when the owner left it out."""
        self.known.append(key)
        value = self.table.get(key)
        if value is None:
            return None
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return [Section(self.file, f"{self.name(key)}.{index}", item) for index, item in enumerate(value)]
        problem = policy.POLICY_WRONG_TYPE
        example = f"[[{self.name(key)}]] on a line of its own, once for each."
        self.note(
            problem.at(
                self.where(key), self.name(key), wanted="a list of tables", given="something else", example=example
            )
        )
        return None

    def finish(self) -> None:
        """Notes every key that nobody asked for."""
        for key in self.table:
            if key not in self.known:
                close = get_close_matches(key, self.known, 1)
                advice = f"Did you mean {close[0]}?" if close else f"The keys here are: {', '.join(self.known)}."
                self.note(policy.POLICY_UNKNOWN_KEY.at(self.where(key), self.shown(key), advice=advice))
