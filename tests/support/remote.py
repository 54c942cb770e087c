"""An owner's folder under git, and the repository that it is pushed to: a bare one in the folder beside."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

IGNORED = "/output/\n/outbox/\n/report/\n.env\n"


def git(folder: Path, *words: str) -> str:
    """What git says, in a folder of the owner's."""
    who = ("-c", "user.name=Nora Sable", "-c", "user.email=nora@atelier-sable.example")
    done = subprocess.run(["git", *who, *words], cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603, S607
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def pushed(folder: Path) -> Path:
    """Puts a folder under git and pushes it for the first time; the repository that it went to."""
    remote = folder.parent / "remote.git"
    git(folder.parent, "init", "--quiet", "--bare", "--initial-branch=main", remote.name)
    (folder / ".gitignore").write_text(IGNORED, encoding="utf-8")
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "remote", "add", "origin", str(remote))
    push_all(folder, "--set-upstream", "origin", "main")
    return remote


def push_all(folder: Path, *options: str) -> None:
    """Commits and pushes all that there is, as an owner does by hand."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Le jour")
    git(folder, "push", "--quiet", *options)


def cloned(remote: Path, name: str) -> Path:
    """Another machine's folder: what was pushed, and nothing else."""
    folder = remote.parent / name
    git(remote.parent, "clone", "--quiet", str(remote), str(folder))
    return folder


def without_settings(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """git as on a machine on which nobody has set anything."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
