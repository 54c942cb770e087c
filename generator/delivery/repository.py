"""The git repository of an owner's folder: what a run decided is committed and pushed before a client can see it.

Only the journal and what relance learnt go in, whatever else lies in the folder or was staged by hand. Where somebody
else pushed first, our commits are moved onto theirs in a place aside: in the owner's folder nothing is ever half done,
and edits that are not committed stay untouched.
"""

from __future__ import annotations

import re
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from generator.delivery.git import TIMEOUT, Answer, Git
from generator.errors import OutsideError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

#: The only places of an owner's folder that relance commits.
KEPT = ("journal", "ledger/relance")
_NOBODY = {"user.name": "relance", "user.email": "relance@relance.invalid"}
#: Habits of the owner's that would reach beyond the commits that are moved.
_PLAIN_REBASE = {"rebase.autoStash": "false", "rebase.updateRefs": "false", "rebase.autoSquash": "false"}
_BEING_WRITTEN = ".tmp"  #: what a run leaves that died while it wrote
_UNFINISHED = {
    "MERGE_HEAD": "a merge",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
}
_COMMIT_HOOKS = ("pre-commit", "prepare-commit-msg", "commit-msg")
#: What a remote says when somebody else was first, also when both arrived in the same moment.
_MOVED = re.compile(r"fetch first|non-fast-forward|stale info|needs force|cannot lock ref|incorrect old value")


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where a branch is pushed to: a remote, and the name of the branch there."""

    remote: str
    ref: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """What one call did: whether there was anything to commit, and anything to push."""

    committed: bool = False
    pushed: bool = False


class OvertakenError(OutsideError):
    """Others had pushed first. Ours is pushed too, after theirs; but it was decided without what they wrote.

    `changed` are the files that they had changed, from the folder on.
    """

    def __init__(self, words: str, changed: Sequence[str] = ()) -> None:
        """With the words for the owner."""
        super().__init__(words)
        self.changed = tuple(changed)


class Repository:
    """The repository that a folder is in, if it is in one."""

    def __init__(self, folder: Path, *, kept: Sequence[str] = KEPT, timeout: float = TIMEOUT) -> None:
        """`kept` are the places in the folder that may be committed; `timeout` is in seconds, for each command of git."""
        self._folder = folder
        self._kept = tuple(PurePosixPath(place) for place in kept)
        self._git = Git(folder, timeout)

    @property
    def exists(self) -> bool:
        """Whether the folder is in a git repository, also on a machine without git."""
        folder = self._folder.resolve()
        return any((place / ".git").exists() for place in (folder, *folder.parents))

    @property
    def is_pushed(self) -> bool:
        """Whether the branch has a remote that it is pushed to. Raises OutsideError for a folder on no branch."""
        return self._upstream(self._branch()) is not None

    def record(self, paths: Iterable[Path | str], message: str, *, push: bool = True) -> Recorded:
        """Commits these paths, and nothing else, and pushes the branch. Commits that an earlier run could not push go too.

        Raises OvertakenError when others had pushed meanwhile: everything is pushed and in the folder then, and has to be
        decided again before anything is done about it, since two may have decided the same. Raises OutsideError, with what to do,
        when it cannot be committed or pushed; what was committed then waits in the branch for the next time. Raises
        ValueError for a path that is not one to commit.
        """
        wanted = [self._place(path) for path in paths]
        branch = self._branch()
        upstream = self._upstream(branch)
        if push and upstream is None:
            raise OutsideError(
                f"the branch {branch} has no remote to be pushed to: add one and push once with git push -u origin {branch}"
            )
        self._refuse_unfinished()
        committed = self._commit(wanted, message)
        pushed = bool(push and upstream and self._push_all(branch, upstream))
        return Recorded(committed, pushed)

    def news(self) -> tuple[str, ...]:
        """The files, from the folder on, that others pushed and this folder does not have yet; none where there is no remote.

        Raises OutsideError when the remote does not answer.
        """
        upstream = self._upstream(self._branch())
        theirs = self._fetch(upstream) if upstream else ""
        return self._changed_by(theirs) if theirs else ()

    def is_behind(self) -> bool:
        """Whether somebody pushed what is not in this folder yet. False where there is no remote.

        Raises OutsideError when the remote does not answer.
        """
        upstream = self._upstream(self._branch())
        theirs = self._fetch(upstream) if upstream else ""
        return bool(theirs) and not self._git("merge-base", "--is-ancestor", theirs, "HEAD").ok

    # What is committed

    def _place(self, path: Path | str) -> str:
        """A path as git is told it, from the folder on."""
        inside = (self._folder / path).absolute()
        try:
            place = PurePosixPath(inside.relative_to(self._folder.absolute()).as_posix())
        except ValueError:
            place = PurePosixPath()
        if ".." in place.parts or not any(place.is_relative_to(kept) for kept in self._kept):
            raise ValueError(f"{path} is not among what is committed: {', '.join(map(str, self._kept))}")
        return str(place)

    def _commit(self, places: Sequence[str], message: str) -> bool:
        """Whether there was anything to commit."""
        there = [place for place in dict.fromkeys(places) if (self._folder / place).exists()]
        if not there:
            return False
        self._refuse_ignored(there)
        top = Git(Path(self._git.one("rev-parse", "--show-toplevel") or self._folder), self._git.timeout)
        changed = self._changed(there)
        if not changed:
            return False
        added = top("add", "--all", files=changed)
        if not added.ok:
            raise OutsideError(f"the journal could not be committed: {added.why}")
        made = top("commit", "--quiet", f"--message={message}", "--only", files=changed, settings=self._author())
        if not made.ok:
            hook = self._hook(_COMMIT_HOOKS)
            by = f"the repository's hook {hook} may have refused: " if hook else ""
            raise OutsideError(
                f"the journal could not be committed: {by}{made.why}. It is in the folder, and nothing was pushed"
            )
        return True

    def _changed(self, places: Sequence[str]) -> list[str]:
        """What is new in these places, from the top of the repository on."""
        seen = self._git("status", "--porcelain", "-z", "--untracked-files=all", "--no-renames", "--", *places)
        if not seen.ok:
            raise OutsideError(f"nothing could be committed: {seen.why}")
        names = [line[3:] for line in seen.out.split("\0") if line]  # two letters say how it has changed
        return [name for name in names if not name.endswith(_BEING_WRITTEN)]

    def _refuse_ignored(self, places: Sequence[str]) -> None:
        found = self._git("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--", *places)
        for name in found.out.split("\0"):
            last = PurePosixPath(name).name
            if last and not last.startswith(".") and not last.endswith(_BEING_WRITTEN):
                raise OutsideError(f".gitignore leaves out {_listed([name])}, which has to be committed: correct it")

    def _refuse_unfinished(self) -> None:
        asked = [word for name in _UNFINISHED for word in ("--git-path", name)]
        for place, what in zip(self._git.one("rev-parse", *asked).splitlines(), _UNFINISHED.values(), strict=False):
            if (self._folder / place).exists():
                raise OutsideError(f"{what} is not finished in the folder: finish it, or abort it, and run again")

    def _author(self) -> dict[str, str]:
        """Who commits, where git's settings do not say it; what the environment says goes before both."""
        return {name: who for name, who in _NOBODY.items() if not self._git.one("config", name)}

    def _hook(self, names: Sequence[str]) -> str:
        """The first of these hooks that the repository has."""
        hooks = self._folder / (self._git.one("rev-parse", "--git-path", "hooks") or ".git/hooks")
        return next((name for name in names if (hooks / name).is_file()), "")

    # Where it is pushed

    def _branch(self) -> str:
        answer = self._git("symbolic-ref", "--quiet", "--short", "HEAD")
        if answer.ok:
            return answer.out.strip()
        if answer.said:
            raise OutsideError(f"nothing could be committed: {answer.why}")
        raise OutsideError(
            "the folder is on no branch (a detached HEAD), where a commit is easily lost: git switch to a branch, and run again"
        )

    def _upstream(self, branch: str) -> Upstream | None:
        remote, ref = (self._git.one("config", f"branch.{branch}.{name}") for name in ("remote", "merge"))
        return Upstream(remote, ref) if remote and ref and remote != "." else None

    def _push_all(self, branch: str, upstream: Upstream) -> bool:
        """Pushes what the remote does not have; whether there was anything."""
        if self._git.one("rev-list", "--count", f"{branch}@{{upstream}}..HEAD") == "0" or not self._head():
            return False
        if self._push(upstream, "HEAD"):
            return True
        theirs = self._fetch(upstream)
        changed = self._changed_by(theirs)
        with self._moved(theirs) as moved:
            if not self._push(upstream, moved):
                raise OutsideError(
                    "others push to the remote at the same time: what was decided is committed here and not pushed; run again"
                )
        taken = self._git("checkout", "--quiet", "-B", branch, moved, "--")
        if not taken.ok:
            raise OutsideError(
                "everything is pushed, but what others had pushed before could not be taken into the folder: "
                f"{taken.why}. Commit or undo your changes, run git pull --rebase, and run again"
            )
        raise OvertakenError(
            "others had pushed to the repository meanwhile: everything is there now, and has to be decided again with what they "
            "wrote. Run again",
            changed,
        )

    def _changed_by(self, theirs: str) -> tuple[str, ...]:
        """The files that a commit of others changed since ours and theirs were one, from the folder on."""
        answer = self._git("diff", "--name-only", "--no-renames", "-z", "--relative", f"HEAD...{theirs}")
        if "no merge base" in answer.said:
            raise OutsideError(
                "the remote has another history now, with nothing in common with the one here: somebody forced a push. Look at "
                "theirs (git log @{upstream}), settle which one holds, and run again"
            )
        if not answer.ok:
            raise OutsideError(f"what others pushed cannot be compared with what is here: {answer.why}")
        return tuple(name for name in answer.out.split("\0") if name)

    def _head(self) -> str:
        return self._git.one("rev-parse", "--verify", "--quiet", "HEAD")

    def _push(self, upstream: Upstream, commit: str) -> bool:
        """Whether the remote took it; False when it was ahead. Raises OutsideError for any other refusal."""
        pushed = self._git("push", "--porcelain", upstream.remote, f"{commit}:{upstream.ref}")
        if pushed.ok:
            return True
        refused = next((_listed([line]) for line in pushed.out.splitlines() if line.startswith("!")), "")
        if _MOVED.search(refused) or (not refused and _MOVED.search(pushed.said)):
            return False
        raise OutsideError(f"what was decided is committed, but could not be pushed: {self._refusal(refused, pushed)}")

    def _refusal(self, refused: str, pushed: Answer) -> str:
        if "[remote rejected]" in refused:
            reason = refused.rpartition("(")[2].rstrip(")")
            said = " / ".join(
                line.removeprefix("remote:").strip() for line in pushed.said.splitlines() if line.startswith("remote:")
            )
            return f"the remote refuses it, {reason}{f': {said[:300]}' if said else ''}"
        hook = "" if refused else self._hook(("pre-push",))
        return f"{f'the hook {hook} may have refused: ' if hook else ''}{pushed.why}"

    def _fetch(self, upstream: Upstream) -> str:
        """The remote's last commit; empty when it has none yet."""
        fetched = self._git("fetch", "--quiet", upstream.remote, upstream.ref)
        if not fetched.ok and "couldn't find remote ref" in fetched.said:
            return ""
        if not fetched.ok:
            raise OutsideError(f"what others pushed could not be fetched: {fetched.why}")
        return self._git.one("rev-parse", "--verify", "--quiet", "FETCH_HEAD")

    @contextmanager
    def _moved(self, onto: str) -> Iterator[str]:
        """Our commits after theirs, made in a place aside that is gone at the end: the last of them."""
        self._git("worktree", "prune")
        with tempfile.TemporaryDirectory(prefix="relance-", ignore_cleanup_errors=True) as scratch:
            aside = Path(scratch) / "aside"
            made = self._git("worktree", "add", "--quiet", "--detach", str(aside), "HEAD")
            try:
                if not made.ok:
                    raise OutsideError(f"ours could not be put after what others pushed: {made.why}")
                yield self._rebased(Git(aside, self._git.timeout), onto)
            finally:
                self._git("worktree", "remove", "--force", str(aside))

    def _rebased(self, git: Git, onto: str) -> str:
        done = git("rebase", "--quiet", onto, settings=self._author() | _PLAIN_REBASE)
        if done.ok:
            return git.one("rev-parse", "HEAD")
        both = [name for name in git("diff", "--name-only", "--diff-filter=U", "-z").out.split("\0") if name]
        git("rebase", "--abort")
        if not both:
            raise OutsideError(
                f"ours could not be put after what others pushed: {done.why}. Nothing is lost, nothing was pushed"
            )
        raise OutsideError(
            f"{_listed(both)} changed here and at the remote: nothing is lost, nothing was pushed. "
            "Run git pull --rebase, settle it, and run again"
        )


def _listed(names: Sequence[str]) -> str:
    """The first of these files, and how many more there are."""
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{names[0].encode('utf-8', 'replace').decode()}{more}"
