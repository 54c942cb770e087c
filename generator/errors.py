"""Everything that can end a run, and its exit status.

    RelanceError
    ├── UserError        1  the ledger, the policy or a template is wrong; carries every problem found
    ├── UsageError       2  the command line is wrong
    ├── OutsideError     3  something outside failed (disk, lock, network); the run can be repeated
    └── (anything else)  4  a bug of relance

A mistake in the owner's files is a `Problem`, a value that readers collect in a list; only the command that cannot go
on turns the list into a `UserError`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.domain.ledger import Problem


class RelanceError(Exception):
    """What relance itself raises; `exit_status` is what the command ends with."""

    exit_status = 4


class UserError(RelanceError):
    """The owner's files are wrong. Nothing was written, nothing was sent."""

    exit_status = 1

    def __init__(self, problems: Sequence[Problem]) -> None:
        """With every problem that was found, at least one of them an error."""
        super().__init__("; ".join(f"{problem.where}: {problem.message}" for problem in problems))
        self.problems = tuple(problems)


class UsageError(RelanceError):
    """The command was called in a way that cannot work."""

    exit_status = 2


class OutsideError(RelanceError):
    """Something outside failed; what was there before is still there, and the run can be repeated."""

    exit_status = 3
