"""A new owner's answers, written into the commented `portal.toml` that they will read from then on."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from generator.config import read_settings
from generator.domain.ledger import Severity
from generator.policy_file import PolicyFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.domain.ledger import Problem

LANGUAGES = ("fr", "en")  #: those that relance speaks from the beginning
_COMMENT = re.compile(r"\s+#.*$")
_COLUMN = 36  #: where the comments of the scaffold begin


class Draft:
    """The text of a `portal.toml` to be, changed key by key; its comments stay."""

    def __init__(self, text: str) -> None:
        """From the scaffold, or a part of it that is filled in already."""
        self._lines = text.split("\n")

    @property
    def text(self) -> str:
        """As it would be written."""
        return "\n".join(self._lines)

    def say(self, table: str, key: str, value: str) -> None:
        """Gives a key of a table its value, also where it stood in a comment; so does the head of the table."""
        head = self._head(table)
        if self._lines[head].startswith("#"):
            self._lines[head] = self._lines[head].removeprefix("#")
        said = f"{key} = {_quoted(value)}"
        line = self._line(head, key)
        comment = _COMMENT.search(self._lines[line]) if line else None
        shown = f"{said:<{_COLUMN - 2}}  {comment[0].strip()}" if comment else said
        if line:
            self._lines[line] = shown
        else:
            self._lines.insert(head + 1, shown)

    def value(self, table: str, key: str) -> str:
        """What a key says now, in a comment or not; empty when it is not there."""
        line = self._line(self._head(table), key)
        found = re.search(r'= "([^"]*)"', self._lines[line]) if line else None
        return found[1] if found else ""

    def _head(self, table: str) -> int:
        for number, line in enumerate(self._lines):
            if re.match(rf"#?\[{re.escape(table)}\]", line):
                return number
        raise AssertionError(f"the scaffold has no place for [{table}]")

    def _line(self, head: int, key: str) -> int:
        """The line of a key below a head; 0 when the table has none."""
        for number in range(head + 1, len(self._lines)):
            line = self._lines[number]
            if re.match(r"#?\[", line):
                break
            if re.match(rf"#?{re.escape(key)} = ", line):
                return number
        return 0

    def wrong_with(self, *paths: str) -> list[Problem]:
        """What `relance check` would say of these keys, errors only: each is `table.key`."""
        file = PolicyFile(self.text)
        read_settings(Path(), file)
        lines = {file.line(path) for path in paths}
        return [one for one in file.problems if one.severity is Severity.ERROR and one.where.line in lines]


def said_of(problems: Sequence[Problem]) -> list[str]:
    """Each problem without its place in a file that is not written yet: what is wrong, and what to do."""
    return [f"{problem.message} {problem.remedy}".strip() for problem in problems]


def _quoted(text: str) -> str:
    """As TOML writes it; a JSON text is one, but for DEL, which neither tool needs bare."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
