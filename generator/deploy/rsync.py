"""A folder of another machine, over ssh: only what changed travels, and the site appears there all at once.

Where the machine lets us run a shell, the site is uploaded beside the one that stands there, unchanged files linked, and then
takes its place. Where it lets rsync in and nothing else, files go first, pages after, and what is gone is deleted last.
"""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from generator.deploy.files import shown, site_files
from generator.deploy.ssh import NotThereError, Ssh
from generator.deploy.target import Deployed, EarlierBuild
from generator.errors import OutsideError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from generator.config_deploy import DeploySettings
    from generator.deploy.target import Tell

#: Times are left out: a build on another machine has others, and a page is the same by its bytes.
_ALIKE = ("--recursive", "--checksum", "--perms", "--chmod=D755,F644", "--out-format=%i %n")
_SENT = "<f"
_DELETED = "*deleting"
_KEYS = "<<'END'"


class RsyncTarget:
    """The folder that `[deploy] host` and `path` name."""

    def __init__(self, settings: DeploySettings, environ: Mapping[str, str]) -> None:
        """`environ` is ours; ssh and rsync are told where they are and who we are, and no secret."""
        self._path = settings.path
        self._keep = settings.keep
        self._ssh = Ssh(settings.host, settings.port, environ)
        self._where = f"{settings.host}:{settings.path}"

    def deploy(self, output: Path, tell: Tell) -> Deployed:
        """Puts the build in the place of the last site."""
        places = site_files(output)
        opened = self._ssh.script("open", self._path)
        if opened is None:
            tell(
                f"{self._ssh.host} lets rsync in and no shell: files go first, pages after, what is gone is deleted last"
            )
            return self._in_order(output, len(places), tell)
        self._refuse_foreign(opened)
        return self._aside(output, len(places), standing=opened["current"] != ["0"], tell=tell)

    def earlier(self) -> tuple[EarlierBuild, ...]:
        """The builds that the machine keeps. Raises UsageError where it lets no shell in, so that it never keeps one."""
        said = self._ssh.script("earlier", self._path)
        if said is None:
            raise self._none_kept()
        rows = [[int(word) for word in line.split()] for line in said.get("build", [])]
        return tuple(
            EarlierBuild(number, datetime.fromtimestamp(came, UTC), pages) for number, came, pages in sorted(rows)[::-1]
        )

    def rollback(self, keys: Collection[str], tell: Tell, number: int = 0) -> Deployed:
        """Puts an earlier build back. Raises UsageError when there is none, or none of this number."""
        opened = self._ssh.script("open", self._path)
        if opened is None:
            raise self._none_kept()
        self._refuse_foreign(opened)
        chosen = self._chosen(number)
        name, shelf = PurePosixPath(self._path).name, PurePosixPath(self._path).parent
        kept = "\n".join(sorted(keys))
        before = f"cat > '{shelf / f'.{name}.relance'}/lists/keys' {_KEYS}\n{kept}\nEND\n"
        said = self._ssh.script("rollback", self._path, chosen, before) or {}
        changed, total = (int(word) for word in said["changed"][0].split())
        tell(f"{changed} of {total} files change at {self._where}")
        self._ssh.script("tidy", self._path, self._keep)
        return Deployed(changed, int(said["removed"][0]), total - changed, self._where)

    def _none_kept(self) -> UsageError:
        return UsageError(
            f"{self._ssh.host} lets rsync in and no shell, so that no earlier build is kept there: "
            "correct the ledger, then run relance publish"
        )

    def _chosen(self, number: int) -> int:
        """The build that is meant: the last before the one that stands there, or before the one that that one puts back."""
        said = self._ssh.script("earlier", self._path) or {}
        kept = sorted((int(line.split()[0]) for line in said.get("build", [])), reverse=True)
        current, back = int(said["current"][0]), int(said["back"][0])
        before = back or current
        found = number or next((one for one in kept if not current or one < before), 0)
        if found not in kept:
            what = f"no build {number} is kept there" if number else "no earlier build is kept there"
            raise UsageError(f"{what}: relance rollback --list shows those that are")
        return found

    def _refuse_foreign(self, opened: Mapping[str, list[str]]) -> None:
        if "foreign" not in opened:
            return
        place = opened["foreign"][0].removeprefix("./")
        what = f"files that relance did not put there ({shown(place)})" if place else "what relance did not put there"
        raise OutsideError(f"{self._where} holds {what}: name another folder, or move them away. Nothing was changed")

    def _aside(self, output: Path, total: int, *, standing: bool, tell: Tell) -> Deployed:
        """Uploads beside the site, then switches."""
        name, parent = PurePosixPath(self._path).name, PurePosixPath(self._path).parent
        new = self._ssh.at(str(parent / f".{name}.relance" / "new"))
        linked = [f"--link-dest=../../{name}/"] if standing else []
        lines = self._ssh.rsync(*_ALIKE, *linked, f"{output}/", new)
        changed = sum(line.startswith(_SENT) for line in lines)
        tell(f"{changed} of {total} files travelled to {self._where}")
        said = self._ssh.script("take", self._path, changed) or {}
        self._ssh.script("tidy", self._path, self._keep)
        return Deployed(changed, int(said["removed"][0]), total - changed, self._where)

    def _in_order(self, output: Path, total: int, tell: Tell) -> Deployed:
        """Uploads into the site itself: what pages need, then pages; a page that is gone, last. Nothing of anybody else is touched."""
        there = self._ssh.at(self._path)
        self._refuse_foreign_list(there)
        sent = self._ssh.rsync(*_ALIKE, "--exclude=*.html", f"{output}/", there)
        sent += self._ssh.rsync(*_ALIKE, f"{output}/", there)
        changed = sum(line.startswith(_SENT) for line in sent)
        tell(f"{changed} of {total} files travelled to {self._where}")
        with tempfile.TemporaryDirectory(prefix="relance-") as nothing:
            pages = output / "p" if (output / "p").is_dir() else nothing
            only_delete = ("--recursive", "--existing", "--ignore-existing", "--delete", "--out-format=%i %n")
            gone = self._ssh.rsync(*only_delete, f"{pages}/", self._ssh.at(f"{self._path}/p"))
        removed = sum(line.startswith(_DELETED) and not line.endswith("/") for line in gone)
        return Deployed(changed, removed, total - changed, self._where)

    def _refuse_foreign_list(self, there: str) -> None:
        """A folder with files in it is ours when it has the file that every build of ours has."""
        try:
            lines = self._ssh.rsync("--list-only", there)
        except NotThereError:
            return
        names = {line.split(None, 4)[-1] for line in lines}
        if names - {"."} and "_headers" not in names:
            self._refuse_foreign({"foreign": [""]})
