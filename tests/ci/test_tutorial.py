"""The tutorial and the how-tos of CI, followed word for word: every command that they show is given, in the order shown.

`gh` is a stand-in that notes what it is asked, and makes the repository that it is asked to make; the two commands that wait
for somebody (`serve`, and `init` without options) are the one parsed, the other answered.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import threading
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from generator.arguments import make_parser
from generator.cli import main
from generator.commands import check
from tests.commands.test_init_conversation import ALL, Terminal
from tests.support.remote import git
from tests.support.sandbox import LOOPBACK
from tests.support.workflow import read_workflow

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS = Path(__file__).resolve().parents[2] / "docs"
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
URL = "https://payer.atelier-lumen.example"
GH = """#!/bin/bash
echo "gh $*" >> "$CALLS"
if [ "$1 $2" = "repo create" ]; then
  git init --quiet --bare --initial-branch=main ../remote.git
  git remote add origin ../remote.git
  git push --quiet --set-upstream origin main
fi
"""


def commands(text: str) -> list[str]:
    """What a page shows to be typed."""
    return re.findall(r"^ {4}(\S.*)$", text, re.MULTILINE)


def read_tree(folder: Path) -> set[str]:
    """The files of a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


class Reader:
    """Somebody who types what the page says, in a folder of theirs."""

    def __init__(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.place, self.patch = place, monkeypatch
        self.calls = place / "calls"
        (place / "bin").mkdir()
        for name in ("gh", "ssh-keygen"):
            (place / "bin" / name).write_text(GH if name == "gh" else '#!/bin/bash\necho key > "${@: -1}"\n')
            (place / "bin" / name).chmod(0o755)
        who = {"GIT_CONFIG_GLOBAL": str(place / "gitconfig"), "CALLS": str(self.calls), "HOME": str(place)}
        (place / ".ssh").mkdir()
        (place / "gitconfig").write_text("[user]\n\tname = Nora Sable\n\temail = nora@lumen.example\n")
        for name, value in {**who, "PATH": f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}"}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(place)

    def types(self, line: str) -> None:
        """One line. It has to succeed."""
        words = shlex.split(line)
        if words[0] == "cd":
            self.patch.chdir(words[1])
        elif words[:2] == ["relance", "serve"]:
            make_parser().parse_args(words[1:])
        elif words == ["relance", "init", "relances"]:
            self.patch.setattr(sys, "stdin", Terminal("".join(f"{answer}\n" for answer in ALL)))
            assert main(words[1:]) == 0
        elif words[:3] == ["relance", "init", "relances"] and Path("relances").exists():
            words[2] = "in-one-line"  # the same once more; what was asked for is what the reader goes on with
            assert main(words[1:]) == 0
            assert read_tree(Path("in-one-line")) == read_tree(Path("relances"))
        elif words[0] == "relance":
            assert main(words[1:], now=NOW) == 0, line
        else:
            subprocess.run(["bash", "-ec", line], check=True)  # noqa: S603, S607


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    return Reader(tmp_path, monkeypatch)


def parts() -> tuple[str, str]:
    """The tutorial: with GitHub, and the other way."""
    first, second = (DOCS / "tutorial" / "live-in-15-minutes.md").read_text("utf-8").split("\n## The other way")
    return first, second


@pytest.mark.usefixtures("_templates_tried_elsewhere")
def test_the_tutorial_works_as_it_is_written(reader: Reader) -> None:
    shown = commands(parts()[0])
    assert {line.split()[0] for line in shown} == {"relance", "cd", "git", "gh"}
    for line in shown:
        reader.types(line)
        if line.startswith("git pull"):
            Path("ledger", "export.csv").write_text("the week's invoices\n")
    asked = reader.calls.read_text("utf-8").splitlines()
    assert "gh repo create relances --private --source . --push" in asked
    assert git(reader.place / "remote.git", "log", "--format=%s", "main").splitlines() == [
        "Factures de la semaine",
        "Premier jour",
    ]
    flow = read_workflow(Path(".github/workflows/relance.yml").read_text("utf-8"))
    for call in (call for call in asked if call.startswith("gh workflow run")):
        _, file, *fields = call.removeprefix("gh ").split()[1:]
        assert Path(".github/workflows", file).is_file()
        given = {field.partition("=")[0] for field in fields if field != "--field"}
        assert given <= set(flow.triggers["workflow_dispatch"]["inputs"])
    assert flow.triggers["push"]["branches"] == ["main"]
    kept = git(Path.cwd(), "ls-files").splitlines()
    assert ".github/workflows/relance.yml" in kept
    assert not any(name.startswith(("output/", "outbox/", "report/")) for name in kept)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The address at which a folder of the test is shown to the world."""
    (tmp_path / "www").mkdir()
    handler = partial(_Quiet, directory=str(tmp_path / "www"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    """Says nothing, and lists no folder, as the page asks for."""

    def list_directory(self, path: str | os.PathLike[str]) -> None:
        del path
        self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        del format, args


@pytest.fixture
def _templates_tried_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that ship are tried with a new folder's policy by tests/commands/test_init_conversation.py; it takes long."""
    monkeypatch.setattr(check, "template_problems", lambda *_: [])


@pytest.mark.usefixtures("_templates_tried_elsewhere")
@LOOPBACK
def test_the_other_way_works_as_it_is_written(reader: Reader, served: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown = commands(parts()[1])
    assert sum(line.startswith("relance publish") for line in shown) == 2
    for line in shown:
        reader.types(
            line.replace(URL, f"{served}/payer").replace("/var/www/payer", str(reader.place / "www" / "payer"))
        )
    said = capsys.readouterr().out
    assert len(list((reader.place / "www" / "payer" / "p").iterdir())) == 2
    assert re.search(r"^verify +2 pages", said, re.MULTILINE), said


@pytest.mark.parametrize(
    ("page", "options"),
    [
        ("how-to/ci-github.md", ["--deploy", "github-pages"]),
        ("how-to/ci-gitlab.md", ["--deploy", "rsync", "--to", "www.lumen.example:/srv/payer"]),
    ],
)
def test_the_how_tos_work_as_they_are_written(page: str, options: list[str], reader: Reader) -> None:
    assert main(["init", "relances", "--yes", *options]) == 0
    reader.types("cd relances")
    for line in ("git init --quiet --initial-branch=main", "git add --all", "git commit --quiet -m Avant"):
        reader.types(line)
    reader.types("gh repo create relances --private --source . --push")
    shown = commands((DOCS / page).read_text("utf-8"))
    for line in shown:
        if line.startswith("relance send"):
            make_parser().parse_args(shlex.split(line)[1:])  # what it sends is tested with a mail server
        else:
            reader.types(line)
    assert Path(".gitlab-ci.yml" if "gitlab" in page else ".github/workflows/relance.yml").is_file()
    secrets = {line.split()[3] for line in shown if line.startswith("gh secret set")}
    assert secrets <= {"STRIPE_API_KEY", "SMTP_PASSWORD", "IMAP_PASSWORD", "DEPLOY_SSH_KEY"}
