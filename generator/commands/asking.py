"""Questions to the person at the terminal. What nobody answers is not done."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from generator.commands import say
from generator.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_YES, _NO = frozenset({"y", "yes", "o", "oui"}), frozenset({"n", "no", "non"})


def can_answer() -> bool:
    """Whether somebody sits at the terminal."""
    return sys.stdin is not None and sys.stdin.isatty()


def answer(prompt: str) -> str:
    """What is typed. Raises UsageError when no answer comes."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(prompt.encode(encoding, "replace").decode(encoding))
    sys.stdout.flush()
    line = sys.stdin.readline()
    if not line:
        raise UsageError("No answer came: nothing was written.")
    return line.strip()


def ask(question: str, default: str, check: Callable[[str], Sequence[str]]) -> str:
    """An answer in which `check` finds nothing wrong; an empty one takes the default, in which nothing is looked for."""
    while True:
        given = answer(f"{question}{f' [{default}]' if default else ''}: ")
        wrong = check(given) if given else ()
        if not wrong:
            return given or default
        for line in wrong:
            say(f"  {line}")


def choose(question: str, choices: Sequence[str], default: str) -> str:
    """One of a few words."""

    def wrong(given: str) -> tuple[str, ...]:
        return () if given.casefold() in choices else (f"Write one of: {', '.join(choices)}.",)

    return ask(f"{question} ({', '.join(choices)})", default, wrong).casefold()


def agree(question: str) -> bool:
    """Yes or no, in either language; no unless it is said."""

    def wrong(given: str) -> tuple[str, ...]:
        return () if given.casefold() in _YES | _NO else ("Write y or n.",)

    return ask(f"{question} (y/n)", "n", wrong).casefold() in _YES
