"""What the phases of one `relance publish` share: the folder as it was last read, the day, the repository, what was found."""

from __future__ import annotations

import time
from argparse import Namespace
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from generator.commands import plural
from generator.commands.publish_outcome import Fate, MessageFate
from generator.delivery.repository import OvertakenError, Recorded, Repository
from generator.errors import OutsideError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date

    from generator.commands import Context
    from generator.commands.send_plan import Letter, Plan
    from generator.domain.decide import Decision
    from generator.domain.ledger import Problem
    from generator.workspace import Workspace

JOURNAL = "journal"
#: What others may push at any time: nothing of it is decided from.
_ASIDE = frozenset({"docs", "LICENSE"})


@dataclass(slots=True)
class Publishing:
    """One run. `sleep` waits for so many seconds; `tell` says what goes on."""

    context: Context
    options: Namespace
    workspace: Workspace
    today: date
    tell: Callable[[str], None]
    sleep: Callable[[float], None] = time.sleep
    agreed_before: frozenset[tuple[str, str]] = frozenset()
    examined: list[Problem] | None = None  #: what was doubtful when all was looked at, as long as nothing has come in
    problems: tuple[Problem, ...] = ()
    messages: list[MessageFate] = field(default_factory=list)
    deployed: bool = False  #: by this run, or by what went before it: the pages may need a while to answer
    elsewhere: bool = False  #: another step puts output/ online
    where: str = ""

    def __post_init__(self) -> None:
        """The agreements that there are before anything comes in."""
        self.agreed_before = agreements(self.workspace.decide(self.today))

    @property
    def sending(self) -> Namespace:
        """The run as `relance send` is asked for it: everything that may leave, whose pages were asked before."""
        return Namespace(only=[], approve=[], limit=None, dry_run=False, push=True, offline_pages=True)

    @property
    def names(self) -> dict[str, str]:
        """What the clients are called, by their ids."""
        return {client.id: client.name for client in self.workspace.ledger.clients.values()}

    def reopen(self) -> None:
        """The folder as it is now. Raises UserError when something in it is wrong."""
        self.workspace, self.today = self.context.open()

    # The repository

    @property
    def repository(self) -> Repository:
        """The repository of the folder, which may be in none."""
        return Repository(self.context.folder, kept=self.kept)

    @property
    def kept(self) -> tuple[str, ...]:
        """What is committed: the journal, and what relance learnt, when that is in the folder."""
        learnt = PurePosixPath(self.workspace.settings.ledger.path) / "relance"
        inside = not learnt.is_absolute() and ".." not in learnt.parts
        return (JOURNAL, str(learnt)) if inside else (JOURNAL,)

    def record(self, words: str) -> Recorded:
        """Commits what was decided and learnt, and pushes it where there is a remote. Nothing without a repository.

        Raises OvertakenError when others had pushed something that is decided from, OutsideError when it could not be done.
        """
        repository = self.repository
        if not repository.exists:
            return Recorded()
        try:
            return repository.record(self.kept, words, push=repository.is_pushed)
        except OvertakenError as error:
            if moved := decided_from(error.changed):
                raise OvertakenError(f"{error} ({_listed(moved)})", error.changed) from error
            return Recorded(committed=True, pushed=True)

    def refuse_behind(self) -> None:
        """Raises OutsideError when others pushed something that this folder lacks and that is decided from."""
        repository = self.repository
        if repository.exists and (moved := decided_from(repository.news())):
            raise OutsideError(
                f"others pushed {_listed(moved)} meanwhile, which is not in this folder yet: git pull --rebase, and run again"
            )


def decided_from(names: Iterable[str]) -> list[str]:
    """Of these files of the folder those that matter to what is decided: not those of a workflow, and no notes beside."""
    return [name for name in names if not _is_aside(PurePosixPath(name))]


def _is_aside(name: PurePosixPath) -> bool:
    first = name.parts[0] if name.parts else ""
    notes = len(name.parts) == 1 and name.suffix == ".md"
    return first.startswith(".") or first in _ASIDE or notes


def agreements(decision: Decision) -> frozenset[tuple[str, str]]:
    """Every agreement that was ever reached, by client and id."""
    return frozenset(
        (account.client.id, agreement.id) for account in decision.accounts for agreement in account.agreements
    )


def fates(letters: Iterable[Letter], fate: Fate, words: str = "") -> Iterator[MessageFate]:
    """What became of these messages."""
    for letter in letters:
        said = letter.prepared
        yield MessageFate(said.clients, said.step, said.channel.value, said.amounts, fate, words)


def stays(plan: Plan, *, sends: bool) -> list[MessageFate]:
    """The messages of the day that no mail server gets today."""
    if not sends:
        return list(fates((*plan.ready, *plan.waiting, *plan.elsewhere), Fate.BY_HAND))
    return [*fates(plan.waiting, Fate.WAITING), *fates(plan.elsewhere, Fate.BY_HAND)]


def _listed(names: list[str]) -> str:
    return names[0] + (f" and {plural(len(names) - 1, 'other file')}" if names[1:] else "")
