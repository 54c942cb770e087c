"""A copy of an owner's folder in which a day is played through: what would happen is done there, and seen."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from generator.domain.linkplan import Seen
from generator.errors import OutsideError
from generator.workspace import published_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Sequence

    from generator.config import Settings
    from generator.domain.account import Account
    from generator.domain.linkplan import Wanted
    from generator.stripe_links import Cashier
    from generator.stripe_objects import Words

#: What a build makes anew, and what no copy is ever made of.
_LEFT_OUT = frozenset({".git", ".env", "output", "outbox", "report", ".output.new", ".output.old", ".output.gone"})
_DEPTH = ("a", "b", "c", "d", "folder")  #: a ledger that stands beside the folder has its place beside the copy


@contextmanager
def copied(folder: Path, settings: Settings) -> Iterator[Path]:
    """The copy, which is gone at the end; only its owner may read it. Raises OutsideError when it cannot be made."""
    with tempfile.TemporaryDirectory(prefix="relance-", ignore_cleanup_errors=True) as scratch:
        root = Path(scratch)
        copy = root.joinpath(*_DEPTH)
        try:
            shutil.copytree(folder, copy, ignore=_generated(folder), ignore_dangling_symlinks=True)
            for place in _beside(settings):
                _copy(folder / place, Path(os.path.normpath(copy / place)), root)
        except (OSError, shutil.Error) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else "some files cannot be read"
            raise OutsideError(f"no copy of {folder} to try the day in can be made: {reason}.") from error
        yield copy


def holds_ledger(copy: Path, settings: Settings) -> bool:
    """Whether what is learnt about the ledger would be written into the copy, and not into the owner's own files."""
    place = Path(os.path.normpath(copy / settings.ledger.path))
    return place.is_relative_to(copy.parents[len(_DEPTH) - 1])


def _generated(folder: Path) -> Callable[[str, list[str]], set[str]]:
    top = str(folder)

    def left_out(place: str, names: list[str]) -> set[str]:
        return (
            {name for name in names if name in _LEFT_OUT}
            if place == top
            else {name for name in names if name == ".git"}
        )

    return left_out


def _beside(settings: Settings) -> list[str]:
    """The places of the ledger that are said from the folder on and lead out of it."""
    said = (settings.ledger.path, settings.ledger.file, settings.ledger.documents)
    return [place for place in said if place and not Path(place).is_absolute() and ".." in Path(place).parts]


def _copy(source: Path, target: Path, root: Path) -> None:
    if not target.is_relative_to(root) or target.exists() or not source.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore_dangling_symlinks=True)
    else:
        shutil.copy2(source, target)


@dataclass(frozen=True, slots=True)
class Pages:
    """The clients' pages of one build: a digest of each, by client; and of all its other files, by name."""

    digests: dict[str, bytes]
    others: dict[str, bytes]

    @classmethod
    def of(cls, folder: Path, clients: Sequence[Sequence[Account]]) -> Pages:
        """Those that stand in the folder's `output/`."""
        found = {accounts[0].client.id: _page(folder, accounts[0].keys) for accounts in clients}
        return cls({client: digest for client, digest in found.items() if digest is not None}, _others(folder))


@dataclass(frozen=True, slots=True)
class PageChanges:
    """Whose pages would be new, be others, be gone; clients' ids, or keys where nobody knows whose they were."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    others: int = 0  #: files that are no client's: the public pages, the look

    @classmethod
    def between(cls, before: Pages, after: Pages) -> PageChanges:
        """From one build to the other."""
        old, new = before.digests, after.digests
        return cls(
            tuple(client for client in new if client not in old),
            tuple(client for client in new if client in old and old[client] != new[client]),
            tuple(client for client in old if client not in new),
            len({name for name, _ in before.others.items() ^ after.others.items()}),
        )


def last_build(folder: Path, owners: dict[str, str]) -> Pages:
    """The pages of the folder's last build; `owners` says whose each key is."""
    found: dict[str, bytes] = {}
    for key in published_keys(folder):
        digest = _page(folder, (key,))
        if digest is not None and key in owners:
            found.setdefault(owners[key], digest)
    return Pages(found, _others(folder))


def _others(folder: Path) -> dict[str, bytes]:
    """Every file of a build that is no client's."""
    output = folder / "output"
    names = (path.relative_to(output) for path in output.rglob("*") if path.is_file())
    return {name.as_posix(): _digest(output / name) for name in names if name.parts[0] != "p"}


def _digest(path: Path) -> bytes:
    return blake2b(path.read_bytes(), digest_size=16).digest()


def _page(folder: Path, keys: Sequence[str]) -> bytes | None:
    path = folder / "output" / "p" / keys[0] / "index.html" if keys else None
    try:
        return _digest(path) if path else None
    except OSError:
        return None


class Rehearsal:
    """A Stripe account that is only looked at: what would be made there is made up, and nothing is taken down."""

    def __init__(self, cashier: Cashier, host: str) -> None:
        """`host` is where links of the account lead."""
        self._cashier = cashier
        self._host = host
        self._seen: dict[str, Seen] = {}
        self.live = cashier.live
        self.foreign = 0

    def links(self) -> Iterator[Seen]:
        """Every link of this ledger, as Stripe has it."""
        for link in self._cashier.links():
            self._seen[link.id] = link
            yield link
        self.foreign = self._cashier.foreign

    def close_checkouts(self, but: Container[str]) -> bool:
        """As if none of them had been paid."""
        del but
        return True

    def create(self, wanted: Wanted, words: Words, generation: int) -> Seen:
        """As Stripe would have it."""
        del words
        url = f"https://{self._host}/rehearsal{len(self._seen)}"
        made = Seen(
            id=f"plink_rehearsal{len(self._seen)}",
            url=url,
            active=True,
            used=False,
            key=wanted.key,
            fingerprint=wanted.fingerprint,
            generation=generation,
            account=wanted.account,
            amount=wanted.amount,
        )
        self._seen[made.id] = made
        return made

    def activate(self, link: str) -> Seen:
        """As if it were up again."""
        return replace(self._seen[link], active=True)

    def deactivate(self, link: str) -> bool:
        """As if it had been free."""
        del link
        return True
