"""A folder of this machine: the web root. The site appears there all at once, and earlier ones can be put back."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from generator.deploy.files import Wanted, compose, digest_of, key_of, keys_of, site_files
from generator.deploy.shelf import Listed, Shelf
from generator.deploy.target import Deployed
from generator.domain.ledger import SourceRef
from generator.errors import OutsideError, UsageError, UserError
from generator.problems.policy import POLICY_WRONG_VALUE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from generator.config_deploy import DeploySettings
    from generator.deploy.target import EarlierBuild, Tell
    from generator.domain.ledger import Problem


class _Standing(NamedTuple):
    """The site that stands there now, and what its files are; `empty` when there is none."""

    folder: Path
    digests: dict[str, str]
    empty: bool = False


class FolderTarget:
    """The folder that `[deploy] path` names."""

    def __init__(self, settings: DeploySettings, folder: Path) -> None:
        """`folder` is the owner's. Raises UserError for a path where a site would be in the way of the ledger."""
        home = folder.resolve()
        wanted = folder.absolute() / settings.path
        self._path = (
            wanted.parent.resolve() / wanted.name
        )  # the last part may be a link: that one is switched, not followed
        self._keep = settings.keep
        self._in_place = self._path == home / "output"
        inside = self._path == home or home in self._path.parents or self._path in home.parents
        if inside and not self._in_place:
            raise UserError([_in_the_way(settings.path)])
        self._shelf = Shelf(self._path)

    def deploy(self, output: Path, tell: Tell) -> Deployed:
        """Puts the build in the place of the last site, in one step."""
        with _told(self._path):
            places = site_files(output)
            if self._in_place:
                tell(f"{self._path} is served as it stands: nothing has to be copied")
                return Deployed(0, 0, len(places), str(self._path))
            self._shelf.open()
            standing = self._standing()
            wanted: dict[str, Wanted] = {}
            for place in places:
                digest = digest_of(output / place)
                stood = standing.digests.get(place) == digest
                wanted[place] = Wanted((standing.folder if stood else output) / place, digest, stood)
            return self._take(wanted, standing, tell)

    def earlier(self) -> tuple[EarlierBuild, ...]:
        """The builds that can be put back. Raises UsageError where none is ever kept."""
        self._refuse_in_place()
        with _told(self._path):
            return self._shelf.earlier()

    def rollback(self, keys: Collection[str], tell: Tell, number: int = 0) -> Deployed:
        """Puts an earlier build back. Raises UsageError when there is none, or none of this number."""
        self._refuse_in_place()
        with _told(self._path):
            self._shelf.open()
            standing = self._standing()
            number = self._chosen(number)
            wanted = self._kept(number, keys)
            there = keys_of(wanted)
            for place, digest in standing.digests.items():
                if (key := key_of(place)) in keys and key not in there:
                    wanted[place] = Wanted(standing.folder / place, digest, stood=True)
            return self._take(wanted, standing, tell, number)

    def _refuse_in_place(self) -> None:
        if self._in_place:
            raise UsageError(
                f"{self._path} is the build itself, and no earlier one is kept: correct the ledger, run relance build"
            )

    def _standing(self) -> _Standing:
        folder = self._shelf.standing()
        if folder is None:
            return _Standing(self._path, {}, empty=True)
        places = self._shelf.listed(self._shelf.current()).files
        return _Standing(folder, {place: found for place in places if (found := digest_of(folder / place))})

    def _chosen(self, number: int) -> int:
        """The build that is meant: the last before the one that stands there, or before the one that that one puts back."""
        kept = [build.number for build in self._shelf.earlier()]
        current = self._shelf.current()
        before = self._shelf.listed(current).puts_back or current
        found = number or next((one for one in kept if not current or one < before), 0)
        if found not in kept:
            said = f"no build {number} is kept there" if number else "no earlier build is kept there"
            raise UsageError(f"{said}: relance rollback --list shows those that are")
        return found

    def _kept(self, number: int, keys: Collection[str]) -> dict[str, Wanted]:
        """The files of an earlier build, but for pages that nobody has any more."""
        folder = self._shelf.build(number)
        wanted = {}
        for place, digest in self._shelf.listed(number).files.items():
            key = key_of(place)
            if key and (key not in keys or not (folder / "p" / key).is_dir()):
                continue
            if digest_of(folder / place) != digest:
                raise OutsideError(
                    f"build {number} is not what it was: choose another one, relance rollback --list shows them"
                )
            wanted[place] = Wanted(folder / place, digest, stood=True)
        return wanted

    def _take(self, wanted: Mapping[str, Wanted], standing: _Standing, tell: Tell, puts_back: int = 0) -> Deployed:
        same = sum(standing.digests.get(place) == one.digest for place, one in wanted.items())
        changed, removed = len(wanted) - same, len(standing.digests.keys() - wanted.keys())
        if changed or removed or standing.empty:
            tell(f"{changed} of {len(wanted)} files change at {self._path}")
            compose(self._shelf.new, wanted)
            self._shelf.take(Listed({place: one.digest for place, one in wanted.items()}, puts_back))
        self._shelf.tidy(self._keep)
        return Deployed(changed, removed, same, str(self._path))


def _in_the_way(path: str) -> Problem:
    advice = "Write a folder outside of this one: only output/ of it may ever be public."
    return POLICY_WRONG_VALUE.at(SourceRef("portal.toml"), path, key="deploy.path", advice=advice)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What the system refuses, in words of the owner's."""
    try:
        yield
    except PermissionError as error:
        raise OutsideError(
            f"{error.filename or path} may not be written: {path.parent} has to belong to who publishes, "
            f"or {path} has to be a link into a folder that does. The site that was there stays"
        ) from error
    except OSError as error:
        if error.errno in {errno.EBUSY, errno.EXDEV}:
            raise OutsideError(
                f"{path} is a disk of its own, which cannot change places with another folder: "
                f'name a folder in it, like "{path.name}/site". The site that was there stays'
            ) from error
        if not path.parent.is_dir():
            raise OutsideError(
                f"{path.parent} is not there: make that folder, and {path} is made in it by itself"
            ) from error
        raise OutsideError(
            f"{path} could not be written: {error.strerror or error}. The site that was there stays"
        ) from error
