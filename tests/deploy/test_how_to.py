"""The how-to pages of `[deploy]` are followed to the letter: each command that they show is run, and does what they say."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import stat
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from generator.cli import main
from generator.commands import publish_verify
from generator.commands.init import scaffold
from generator.delivery.waiting import Seen

if TYPE_CHECKING:
    from collections.abc import Iterable

HOW_TO = Path(__file__).resolve().parents[2] / "docs" / "how-to"
NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)


class Reader:
    """Somebody who types what a page shows, in a new owner's folder; `/var/www` and the other machine are folders of theirs."""

    def __init__(self, place: Path, page: str) -> None:
        self.text = (HOW_TO / page).read_text(encoding="utf-8")
        self.folder, self.www, self.programs = place / "maison", place / "var-www", place / "programs"
        self.place = place
        scaffold(self.folder)
        self.programs.mkdir()
        portal = self.folder / "portal.toml"
        deploy = re.findall(r"^```toml\n(\[deploy\].*?)^```", self.text, re.MULTILINE | re.DOTALL)[:1]
        portal.write_text(portal.read_text("utf-8") + "\n" + self.here("".join(deploy)), encoding="utf-8")
        self.typed: list[str] = []

    def here(self, text: str) -> str:
        return text.replace("/var/www", str(self.www))

    @property
    def lines(self) -> list[str]:
        return re.findall(r"^ {4}(\S.*)$", self.text, re.MULTILINE)

    def stand_in(self, name: str, script: str) -> None:
        program = self.programs / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    def type(self, lines: Iterable[str]) -> None:
        for line in lines:
            words = shlex.split(self.here(line))
            if words[0] == "relance":
                assert main([*words[1:], "--folder", str(self.folder)], now=NOON) == 0, line
            else:
                subprocess.run(words, check=True, cwd=self.place, env=dict(os.environ))  # noqa: S603
            self.typed.append(line)

    @property
    def pages(self) -> dict[str, bytes]:
        return {path.parent.name: path.read_bytes() for path in (self.www / "payer").glob("p/*/index.html")}


@pytest.fixture(autouse=True)
def _sites_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The site of the example is on no machine: what is asked of it has tests of its own."""
    monkeypatch.setattr(publish_verify, "wait_for_pages", lambda _site, pages, *_, **__: Seen(asked=len(pages)))


def test_a_folder_of_this_machine(tmp_path: Path) -> None:
    reader = Reader(tmp_path, "deploy-folder.md")
    relance = [line for line in reader.lines if line.startswith("relance")]
    tools = [line for line in reader.lines if line not in relance]
    reader.type(tools)
    reader.type(relance)
    assert (reader.www / "payer").is_symlink()
    assert len(reader.pages) == 2


@pytest.mark.skipif(shutil.which("rsync") is None, reason="rsync is not installed here")
def test_another_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(tmp_path, "deploy-rsync.md")
    reader.www.mkdir()
    monkeypatch.setenv("PATH", f"{reader.programs}{os.pathsep}{os.environ['PATH']}")
    reader.stand_in(
        "ssh", 'while case $1 in -o|-p|-l|-i) shift;; --) ;; *) break;; esac; do shift; done; shift; exec sh -c "$*"'
    )
    reader.stand_in("ssh-keygen", "exit 0")
    reader.stand_in("ssh-copy-id", "exit 0")
    tools = [line for line in reader.lines if not line.startswith("relance")]
    reader.type(tools)
    dry, *relance = [line for line in reader.lines if line.startswith("relance")]
    assert dry in (HOW_TO / "deploy-folder.md").read_text(encoding="utf-8")  # and was run there
    reader.type(relance)
    assert (reader.www / "payer").is_symlink()
    assert len(reader.pages) == 2


def test_github_pages(tmp_path: Path) -> None:
    reader = Reader(tmp_path, "deploy-github-pages.md")
    reader.type(reader.lines)
    assert len(list((reader.folder / "output" / "p").iterdir())) == 2


def test_the_build_before(tmp_path: Path) -> None:
    reader = Reader(tmp_path, "deploy-folder.md")
    reader.www.mkdir()
    reader.type(["relance publish"])
    right = reader.pages
    mine = reader.folder / "portal_templates" / "pages" / "fr"
    mine.mkdir(parents=True)
    (mine / "history.html").write_text('{% set title = "Wrong" %}{% macro line(entry) %}x{% endmacro %}')
    reader.type(["relance publish"])
    assert reader.pages != right
    reader.text = (HOW_TO / "rollback.md").read_text(encoding="utf-8")
    back = [line.replace("--to 12", "--to 1") for line in reader.lines if line.startswith("relance rollback")]
    reader.type(back[:1])
    assert reader.pages != right
    reader.type(back[1:2])
    assert reader.pages == right
    reader.type(back[2:])
    assert reader.pages == right
    (mine / "history.html").unlink()
    reader.type(line for line in reader.lines if line.startswith("relance publish"))
    assert reader.pages == right
