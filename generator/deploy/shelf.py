"""Where a folder's earlier builds stand: beside it, in a folder of their own that no web server shows.

Beside `payer` stands `.payer.relance`: in it `builds/7` (a build that stood there), `lists/7.json` (what it held, and the digest of
each file), `state.json` (which one stands there now), and, while something is done, `new` (being made) and `gone` (being
deleted). After a crash at any point `settle` finds out which site stands, and clears the rest away.

Where the path is a symbolic link, the site stands among the builds and the link is switched; else it is a folder, and the two
change places in one step where the system can.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import shutil
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from generator.deploy.files import files_below, keys_of, shown
from generator.deploy.target import EarlierBuild
from generator.disk import sync_folder, write_whole
from generator.errors import OutsideError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_VERSION = 1
_HERE = -100  # AT_FDCWD of Linux
_EXCHANGE = 2
_CANNOT_EXCHANGE = {errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP}
_CLOSED = 0o700  #: nobody but the owner
_PASSED_THROUGH = 0o711  #: a web server that follows a link has to pass through; it can list nothing


@dataclass(frozen=True, slots=True)
class Listed:
    """What a build holds: the digest of each file by its place. `puts_back` is the number of the build that it puts back, else 0."""

    files: dict[str, str] = field(default_factory=dict)
    puts_back: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """Which build stands there (0: none of ours), and which was about to take its place, as the folder with this inode."""

    current: int = 0
    coming: int = 0
    inode: int = 0


@dataclass(frozen=True, slots=True)
class Shelf:
    """The builds of the site at `path`."""

    path: Path

    @property
    def folder(self) -> Path:
        """Where all of it stands."""
        return self.path.with_name(f".{self.path.name}.relance")

    @property
    def new(self) -> Path:
        """The build that is being made."""
        return self.folder / "new"

    @property
    def is_link(self) -> bool:
        """Whether the site is reached through a symbolic link that is switched."""
        return self.path.is_symlink()

    def build(self, number: int) -> Path:
        """Where a build stands that is not at the path itself."""
        return self.folder / "builds" / str(number)

    def listed(self, number: int) -> Listed:
        """What a build holds; nothing when that is not known any more. Raises OSError when the disk does not say."""
        try:
            stored = json.loads(self._list(number).read_text(encoding="utf-8"))
            files = {str(place): str(digest) for place, digest in stored["files"].items()}
            return Listed(files, int(stored["puts_back"]))
        except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
            return Listed()

    def _list(self, number: int) -> Path:
        return self.folder / "lists" / f"{number}.json"

    # Which site stands

    def current(self) -> int:
        """The number of the build that stands at the path; 0 when none of ours does."""
        if self.is_link:
            led = self.path.readlink().as_posix()
            home, _, number = led.rpartition("/")
            ours = home == f"{self.folder.name}/builds" and number.isdecimal() and self.build(int(number)).is_dir()
            return int(number) if ours else 0
        return self._state().current if self.path.is_dir() and any(self.path.iterdir()) else 0

    def standing(self) -> Path | None:
        """The folder whose files are seen at the path; None when nothing of ours stands there.

        Raises OutsideError when somebody else's files do, all or some of them: they would be lost.
        """
        number = self.current()
        if not number:
            there = self.path.exists()
            if there and (not self.path.is_dir() or any(self.path.iterdir())):
                raise OutsideError(
                    f"{self.path} holds what relance did not put there: name another folder, or empty this one yourself"
                )
            return None
        site = self.build(number) if self.is_link else self.path
        ours = self.listed(number).files
        foreign = sorted(place for place, _ in files_below(site) if place not in ours)
        if foreign:
            more = f" and {len(foreign) - 1} more" if len(foreign) > 1 else ""
            raise OutsideError(
                f"{self.path} holds files that relance did not put there ({shown(foreign[0])}{more}): move them away, they would be lost"
            )
        return site

    # One site takes the place of another

    def open(self) -> None:
        """Makes the folder, and ends what an interrupted run began. Raises OSError."""
        for folder in (self.folder, self.folder / "builds", self.folder / "lists"):
            folder.mkdir(exist_ok=True)
            folder.chmod(_PASSED_THROUGH if self.is_link and folder.name != "lists" else _CLOSED)
        guard = self.folder / ".htaccess"  # should the folder around it be served by mistake
        if not guard.exists():
            guard.write_text("Require all denied\n", encoding="ascii")
        self.settle()

    def take(self, listed: Listed) -> None:
        """Puts the new build in the place of the one that stands there. Raises OSError; then the old one stands."""
        last = self.current()
        number = max([last, self._state().current, *self._numbers()]) + 1
        stored = {"version": _VERSION, "puts_back": listed.puts_back, "files": listed.files}
        write_whole(self._list(number), json.dumps(stored, indent=0, sort_keys=True).encode())
        if self.is_link:
            self._switch(number)
        else:
            self._remember(State(last, number, self.new.stat().st_ino))
            try:
                self._change_places(last)
            except OSError:
                self.settle()
                raise
            self.settle()

    def _switch(self, number: int) -> None:
        link = self.folder / "link"
        link.unlink(missing_ok=True)
        self.new.rename(self.build(number))
        link.symlink_to(f"{self.folder.name}/builds/{number}")
        link.replace(self.path)
        sync_folder(self.path.parent)
        self._remember(State(number))

    def _change_places(self, last: int) -> None:
        if not os.path.lexists(self.path):
            self.new.rename(self.path)
        elif not exchange(self.new, self.path):
            if last:
                self.path.rename(self.build(last))
            else:
                self.path.rmdir()
            self.new.rename(self.path)
        sync_folder(self.path.parent)

    def settle(self) -> None:
        """Ends what an interrupted run began: afterwards the old site stands, or the new one, and nothing half made is left."""
        state = self._state()
        if not self.is_link and state.coming:
            came = self.path.is_dir() and self.path.stat().st_ino == state.inode
            if came and state.current and self.new.is_dir():
                self.new.rename(self.build(state.current))
            if not came and state.current and not os.path.lexists(self.path) and self.build(state.current).is_dir():
                self.build(state.current).rename(self.path)
            self._remember(State(state.coming if came else state.current))
        for half in [self.folder / "link", *self.folder.glob("*.tmp"), *(self.folder / "lists").glob("*.tmp")]:
            half.unlink(missing_ok=True)
        for rest in (self._gone, self.new):
            if rest.is_dir():
                shutil.rmtree(rest)
        current = self.current()
        for number in self._numbers():
            if number > current > 0:  # made, and never seen
                self._drop(number)

    def tidy(self, keep: int) -> None:
        """Keeps so many earlier builds, and of none of them a page that is not there any more: what is gone stays gone."""
        current = self.current()
        earlier = [number for number in self._numbers() if number != current]
        for number in sorted(earlier)[: max(0, len(earlier) - keep)]:
            self._drop(number)
        self._forget_pages(keys_of(self.listed(current).files), current)
        for file in (self.folder / "lists").iterdir():
            if file.stem != str(current) and not (self.folder / "builds" / file.stem).is_dir():
                file.unlink()

    def _forget_pages(self, keys: Collection[str], current: int) -> None:
        for number in self._numbers():
            pages = self.build(number) / "p"
            if number == current or not pages.is_dir():
                continue
            for page in [page for page in pages.iterdir() if page.name not in keys]:
                self._discard(page)

    # What can be put back

    def earlier(self) -> tuple[EarlierBuild, ...]:
        """The builds that are kept, the one that stood there last first."""
        current = self.current()
        found = []
        for number in sorted(self._numbers(), reverse=True):
            pages = self.build(number) / "p"
            if number != current and self._list(number).is_file():
                came = datetime.fromtimestamp(self._list(number).stat().st_mtime, UTC)
                found.append(EarlierBuild(number, came, len(list(pages.iterdir())) if pages.is_dir() else 0))
        return tuple(found)

    # The state and the numbers

    def _numbers(self) -> list[int]:
        """The builds that stand in the shelf."""
        builds = self.folder / "builds"
        return [int(entry.name) for entry in builds.iterdir() if entry.name.isdecimal()] if builds.is_dir() else []

    def _drop(self, number: int) -> None:
        self._discard(self.build(number))
        self._list(number).unlink(missing_ok=True)

    @property
    def _gone(self) -> Path:
        return self.folder / "gone"

    def _discard(self, folder: Path) -> None:
        """Deletes a folder under another name, so that half of it is never taken for the whole."""
        if self._gone.is_dir():
            shutil.rmtree(self._gone)
        folder.rename(self._gone)
        shutil.rmtree(self._gone)

    def _state(self) -> State:
        try:
            stored = json.loads((self.folder / "state.json").read_text(encoding="utf-8"))
            return State(int(stored["current"]), int(stored["coming"]), int(stored["inode"]))
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return State()

    def _remember(self, state: State) -> None:
        stored = {"version": _VERSION, "current": state.current, "coming": state.coming, "inode": state.inode}
        write_whole(self.folder / "state.json", json.dumps(stored).encode())


def exchange(one: Path, other: Path) -> bool:
    """Two folders change places in one step, so that nobody finds neither; False where the system cannot. Raises OSError."""
    if not sys.platform.startswith("linux"):
        return False
    with suppress(AttributeError):
        swap = ctypes.CDLL(None, use_errno=True).renameat2
        if swap(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0:
            return True
        number = ctypes.get_errno()
        if number not in _CANNOT_EXCHANGE:
            raise OSError(number, os.strerror(number), str(other))
    return False
