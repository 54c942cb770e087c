"""One file per verb. A command reads the folder, calls the domain, hands values to the edges, and says what it did."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from generator.domain.ledger import Severity
from generator.errors import UsageError
from generator.problems import format_problem
from generator.workspace import Workspace, day_problems, demo_day, errors_first, open_workspace, today_in

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime
    from pathlib import Path

    from generator.domain.ledger import Problem

DONE = 0
_NARROWEST, _WIDEST = 60, 100


@dataclass(frozen=True, slots=True)
class Context:
    """What every command is given: the owner's folder, the moment of the call, and the day asked for with `--date`."""

    folder: Path
    now: datetime
    day: date | None = None

    def open(self) -> tuple[Workspace, date]:
        """The owner's folder and the day it is decided for. Raises UserError with every problem found."""
        workspace = open_workspace(self.folder)
        today = self.day or demo_day(self.folder) or today_in(workspace.settings, self.now)
        return replace(workspace, problems=(*workspace.problems, *day_problems(workspace, today))), today

    def refuse_past(self, today: date, workspace: Workspace, what: str) -> None:
        """Raises UsageError for a day gone by, where it would be written down for good. A demo lives on its own day."""
        really = today_in(workspace.settings, self.now)
        if today < really and demo_day(self.folder) is None:
            raise UsageError(
                f"{what} is for today ({really.isoformat()}), not for {today.isoformat()}: leave --date out."
            )

    def refuse_future(self, today: date, workspace: Workspace, what: str) -> None:
        """Raises UsageError for a day to come, where something is written down that has happened. A demo lives on its own day."""
        really = demo_day(self.folder) or today_in(workspace.settings, self.now)
        if today > really:
            raise UsageError(
                f"{what} cannot be of a day to come ({today.isoformat()}): today is {really.isoformat()}. "
                "Nothing was recorded."
            )


def say(text: str = "") -> None:
    """A line for the person at the terminal, who may have asked for an encoding that lacks a sign."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding) + "\n")


def terminal_width() -> int:
    """The columns of the terminal, as far as a table makes use of them; a log or a pipe takes all of them."""
    return min(_WIDEST, max(_NARROWEST, shutil.get_terminal_size((_WIDEST, 0)).columns))


def speaks_unicode() -> bool:
    """Whether every letter can be written where this command writes; JSON spells them out elsewhere."""
    return (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf8")


def complain(text: str) -> None:
    """A line about something wrong."""
    encoding = sys.stderr.encoding or "utf-8"
    sys.stderr.write(text.encode(encoding, "replace").decode(encoding) + "\n")


def tell_problems(problems: Iterable[Problem]) -> None:
    """Every problem on a line of its own, errors first."""
    for problem in errors_first(tuple(problems)):
        complain(format_problem(problem))


def counted(problems: Iterable[Problem]) -> str:
    """`2 errors, 1 warning, 3 notices`; empty without any."""
    counts = dict.fromkeys(Severity, 0)
    for problem in problems:
        counts[problem.severity] += 1
    return ", ".join(plural(count, severity.value) for severity, count in counts.items() if count)


def plural(count: int, word: str) -> str:
    """`1 client`, `3 clients`."""
    return f"{count} {word}{'' if count == 1 else 's'}"
