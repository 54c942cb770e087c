"""What every place of a site can do: take the last build, say which earlier builds it keeps, put one back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from pathlib import Path

#: Told in words, as it happens, what is being done.
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Deployed:
    """What became of the files of a site: how many are new or others than before, are gone, stayed. `where` is the place, in words.

    With `elsewhere` nothing has left yet: another step of the workflow uploads it, and the counts are those of the build alone.
    """

    changed: int
    removed: int
    unchanged: int
    where: str
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class EarlierBuild:
    """A site that stood there before, and can be put back: the number it had, when it came, how many clients' pages it has."""

    number: int
    came: datetime
    pages: int


class Target(Protocol):
    """A place where the site stands. Each raises OutsideError, with what to do, when it cannot; then the last site stands there, whole."""

    def deploy(self, output: Path, tell: Tell) -> Deployed:
        """Puts the build in the place of the last site. What stands there already is left; a build that does is not put there again."""

    def earlier(self) -> tuple[EarlierBuild, ...]:
        """The builds that can be put back, the one that stood there last first."""

    def rollback(self, keys: Collection[str], tell: Tell, number: int = 0) -> Deployed:
        """Puts an earlier build back: the one before, or that of a number.

        Only pages of these keys are put back: those that clients have now. A page that the earlier build lacks stays as it is.
        """
