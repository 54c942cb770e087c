"""The files of a site: which there are, whose page each belongs to, and whether it is what it was."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from typing import TYPE_CHECKING, NamedTuple

from generator.errors import OutsideError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_PAGE = re.compile(r"p/([^/]+)/")
_ALWAYS = ("_headers", "index.html")


class Wanted(NamedTuple):
    """A file as it has to stand in a site: where it comes from, its digest, and whether it stood in a site of ours already."""

    source: Path
    digest: str
    stood: bool


def site_files(output: Path) -> list[str]:
    """Every file of a build, by its place there. Raises OutsideError for what is no build of ours, or holds what must not be public."""
    if not all((output / name).is_file() for name in _ALWAYS):
        raise OutsideError(f"{output.name}/ holds no site: run relance build first. Nothing was published")
    places = []
    for place, mode in files_below(output):
        if not stat.S_ISREG(mode) or any(part.startswith(".") for part in place.split("/")):
            what = "a symbolic link" if stat.S_ISLNK(mode) else "no file that a build makes"
            raise OutsideError(
                f"{output.name}/{shown(place)} is {what}: run relance build again. Nothing was published"
            )
        places.append(place)
    return sorted(places)


def files_below(folder: Path) -> Iterator[tuple[str, int]]:
    """Every file below a folder, by its place there, and its mode; no link is followed."""
    return _below(str(folder), "")


def _below(folder: str, place: str) -> Iterator[tuple[str, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _below(entry.path, f"{place}{entry.name}/")
            else:
                yield f"{place}{entry.name}", entry.stat(follow_symlinks=False).st_mode


def key_of(place: str) -> str:
    """The key of the client whose page a file belongs to; empty for what belongs to nobody."""
    found = _PAGE.match(place)
    return found[1] if found else ""


def keys_of(places: Iterable[str]) -> frozenset[str]:
    """The keys of all clients who have a page among these files."""
    return frozenset(key for place in places if (key := key_of(place)))


def shown(place: str) -> str:
    """A place as it may be told: the key of a page is not."""
    key = key_of(place)
    return place.replace(key, "…", 1) if key else place


def digest_of(path: Path) -> str:
    """The digest of a file that stands there itself; empty when there is none. No link is followed."""
    try:
        return digest(read_plain(path))
    except OSError:
        return ""


def read_plain(path: Path) -> bytes:
    """What a file holds. Raises OSError also for a link."""
    with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
        return file.read()


def digest(content: bytes) -> str:
    """What tells a file from any other."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def compose(folder: Path, wanted: Mapping[str, Wanted]) -> None:
    """Makes a site in a new folder, readable for any web server. What stood already is linked: it costs no room and no time."""
    folder.mkdir()
    folder.chmod(0o755)
    made = {folder}
    for place, (source, right, stood) in wanted.items():
        path = folder / place
        for parent in [parent for parent in reversed(path.parents) if parent.is_relative_to(folder)]:
            if parent not in made:
                parent.mkdir()
                parent.chmod(0o755)
                made.add(parent)
        if not (stood and _linked(source, path)):
            _copy(source, path, right)


def _linked(source: Path, path: Path) -> bool:
    try:
        os.link(source, path, follow_symlinks=False)
    except OSError:  # a file system without hard links, or too many of them: the file is copied
        return False
    return True


def _copy(source: Path, path: Path, right: str) -> None:
    content = read_plain(source)
    if digest(content) != right:
        raise OutsideError("a page changed while it was published: let the build end, and publish again")
    with path.open("xb") as file:
        file.write(content)
    path.chmod(0o644)
