"""The expressions of a workflow (`${{ … }}`), as far as ours use them: read and worked out as the service documents it.

Comparing is loose as there: nothing, false, zero and the empty text are one when types differ; texts compare without case.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][\w-]*)|(?P<sign>\|\||&&|==|!=|[!().,*\[\]]))"
)
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}
_EMBEDDED = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_STATUS = re.compile(r"\b(?:always|cancelled|success|failure)\s*\(")


@dataclass
class Contexts:
    """What an expression may name, and how the job stands: `github`, `inputs`, `secrets`, `steps`, `needs`, `env`, `runner`."""

    values: Mapping[str, Any]
    failed: bool = False
    cancelled: bool = False


def asks_for_the_status(condition: str) -> bool:
    """Whether a condition says itself what a failure before means; else it has `success()` before it."""
    return bool(_STATUS.search(condition))


def holds(condition: str, contexts: Contexts) -> bool:
    """Whether an `if:` holds: with or without the marks around it, and for a step that may run after those before it."""
    bare = _EMBEDDED.fullmatch(condition.strip())
    text = bare[1] if bare else condition
    value = truth(worked_out(text, contexts)) if text.strip() else True
    return value and (asks_for_the_status(text) or not (contexts.failed or contexts.cancelled))


def filled(text: str, contexts: Contexts) -> str:
    """A text with its expressions worked out."""
    return _EMBEDDED.sub(lambda found: shown(worked_out(found[1], contexts)), text)


def worked_out(text: str, contexts: Contexts) -> Any:
    """The value of one expression."""
    reading = _Reading(_tokens(text), contexts)
    value = reading.either()
    assert reading.peek() == "", f"not understood: {text}"
    return value


def shown(value: Any) -> str:
    """A value as it stands in a text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value)


def truth(value: Any) -> bool:
    """What counts as true."""
    return value not in (None, False, 0, "")


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        assert match, f"not understood: {text[at:]}"
        found.append(match[0].strip())
        at = match.end()
    return found


@dataclass
class _Reading:
    tokens: list[str]
    contexts: Contexts
    at: int = field(default=0)

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, wanted: str = "") -> str:
        token = self.peek()
        assert token, "the expression ends too early"
        assert wanted in {"", token}, f"{wanted} was expected, not {token}"
        self.at += 1
        return token

    def either(self) -> Any:
        value = self.both()
        while self.peek() == "||":
            self.take()
            other = self.both()
            value = value if truth(value) else other
        return value

    def both(self) -> Any:
        value = self.same()
        while self.peek() == "&&":
            self.take()
            other = self.same()
            value = other if truth(value) else value
        return value

    def same(self) -> Any:
        value = self.opposite()
        while self.peek() in {"==", "!="}:
            sign, other = self.take(), self.opposite()
            value = _equal(value, other) == (sign == "==")
        return value

    def opposite(self) -> Any:
        if self.peek() == "!":
            self.take()
            return not truth(self.opposite())
        return self.reached()

    def reached(self) -> Any:
        value = self.named()
        while self.peek() in {".", "["}:
            if self.take() == "[":
                value = _within(value, self.either())
                self.take("]")
            elif self.peek() == "*":
                self.take()
                value = [*value.values()] if isinstance(value, dict) else value
            else:
                name = self.take()
                value = [_within(one, name) for one in value] if isinstance(value, list) else _within(value, name)
        return value

    def named(self) -> Any:
        word = self.take()
        if word == "(":
            value = self.either()
            self.take(")")
            return value
        if word.startswith("'"):
            return word[1:-1].replace("''", "'")
        if word[0].isdigit():
            return float(word)
        if self.peek() == "(":
            return self.called(word)
        return _WORDS[word] if word in _WORDS else self.contexts.values.get(word)

    def called(self, name: str) -> Any:
        self.take("(")
        given = []
        while self.peek() != ")":
            given.append(self.either())
            if self.peek() == ",":
                self.take()
        self.take(")")
        functions: dict[str, Callable[..., Any]] = {
            "contains": _contains,
            "startsWith": lambda text, begin: shown(text).lower().startswith(shown(begin).lower()),
            "format": lambda text, *words: text.format(*map(shown, words)),
            "always": lambda: True,
            "cancelled": lambda: self.contexts.cancelled,
            "failure": lambda: self.contexts.failed,
            "success": lambda: not (self.contexts.failed or self.contexts.cancelled),
        }
        return functions[name](*given)


def _within(value: Any, name: Any) -> Any:
    if isinstance(value, dict):
        return value.get(name)
    return value[int(name)] if isinstance(value, list) and isinstance(name, float) else None


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    if type(one) is type(other):
        return bool(one == other)
    first, second = _number(one), _number(other)
    return first is not None and first == second


def _number(value: Any) -> float | None:
    try:
        return float(value or 0)
    except (TypeError, ValueError):
        return None


def _contains(where: Any, what: Any) -> bool:
    if isinstance(where, list):
        return any(_equal(one, what) for one in where)
    return shown(what).lower() in shown(where).lower()
