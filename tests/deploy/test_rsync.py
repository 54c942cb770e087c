"""A site on another machine: only what changed travels, it appears at once, and what ssh refuses is said in plain words.

ssh is a stand-in that runs what it is told on this machine, as the other one would; rsync is the real one.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from generator.config_deploy import DeploySettings, DeployTarget
from generator.deploy import Deployed, open_target
from generator.errors import OutsideError, UsageError
from tests.deploy.making import ADA, BEA, KEYS, build, files_of, pages_of

if TYPE_CHECKING:
    from generator.deploy import Target

needs_rsync = pytest.mark.skipif(shutil.which("rsync") is None, reason="rsync is not installed here")
HOST = "payer@www.atelier-lumen.example"
#: Runs what it is told in the home folder of the other machine, and writes down how it was called.
SSH = """\
#!/bin/sh
echo "$*" >> "{log}"
while :; do
    case $1 in
        -o | -p | -l) shift 2 ;;
        --) shift ;;
        *) break ;;
    esac
done
case $1 in {host} | www.atelier-lumen.example) ;; *) echo "ssh: who is $1?" >&2; exit 255 ;; esac
shift
cd "{home}" || exit 1
{before}
exec sh -c "$*"
"""
ONLY_RSYNC = (
    """case $* in rsync\\ --server*) ;; *) echo "SSH_ORIGINAL_COMMAND does not run rsync" >&2; exit 1 ;; esac"""
)


class Machine:
    """Another machine, whose home folder is a folder here."""

    def __init__(self, place: Path) -> None:
        self.home = place / "www"
        self.home.mkdir()
        self.root = self.home / "payer"
        self.folder = place / "maison"
        self.output = self.folder / "output"
        self.output.mkdir(parents=True)
        self.programs = place / "programs"
        self.programs.mkdir()
        self.log = place / "log"
        self.said: list[str] = []
        self.stand_in()

    def stand_in(self, before: str = "") -> None:
        ssh = self.programs / "ssh"
        ssh.write_text(SSH.format(log=self.log, host=HOST, home=self.home, before=before))
        ssh.chmod(ssh.stat().st_mode | stat.S_IXUSR)

    def target(self, path: str = "payer", keep: int = 3, host: str = HOST) -> Target:
        environ = {"PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}", "SMTP_PASSWORD": "hidden"}
        settings = DeploySettings(DeployTarget.RSYNC, path=path, host=host, port=2222, keep=keep)
        return open_target(settings, self.folder, environ)

    def deploy(self, path: str = "payer", keep: int = 3, **pages: str) -> Deployed:
        build(self.output, **pages)
        return self.target(path, keep).deploy(self.output, self.said.append)


@pytest.fixture(params=[False, True], ids=["folder", "link"])
def machine(tmp_path: Path, request: pytest.FixtureRequest) -> Machine:
    made = Machine(tmp_path)
    if request.param:
        made.root.symlink_to("nowhere")
    return made


@pytest.fixture
def plain(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


WHERE = f"{HOST}:payer"


@needs_rsync
def test_only_what_changed_travels_and_what_is_gone_is_gone(machine: Machine) -> None:
    assert machine.deploy(ada="100", bea="200", cleo="300") == Deployed(8, 0, 0, WHERE)
    assert files_of(machine.root) == files_of(machine.output)
    same = (machine.root / "p" / ADA / "index.html").stat().st_ino
    assert machine.deploy(ada="100", bea="250") == Deployed(1, 1, 6, WHERE)
    assert pages_of(machine.root) == {"ada": "100", "bea": "250"}
    assert (machine.root / "p" / ADA / "index.html").stat().st_ino == same
    assert {path.name for path in machine.home.iterdir()} == {"payer", ".payer.relance"}
    assert machine.deploy(ada="100") == Deployed(0, 1, 6, WHERE)
    assert machine.deploy(ada="100") == Deployed(0, 0, 6, WHERE)
    assert [one.number for one in machine.target().earlier()] == [2, 1]


@needs_rsync
def test_the_site_can_be_read_by_any_web_server_and_its_lists_by_nobody_else(machine: Machine) -> None:
    machine.output.chmod(0o700)
    machine.deploy(ada="100")
    assert {path.stat().st_mode & 0o777 for path in machine.root.resolve().rglob("*")} == {0o755, 0o644}
    assert machine.root.stat().st_mode & 0o777 == 0o755
    beside = machine.home / ".payer.relance"
    assert (beside / "lists").stat().st_mode & 0o077 == 0
    assert beside.stat().st_mode & 0o066 == 0


@needs_rsync
def test_the_page_before_can_be_put_back_without_what_must_not_come_back(machine: Machine) -> None:
    machine.deploy(ada="100", bea="200")
    machine.deploy(ada="111", bea="222", cleo="333")
    done = machine.target().rollback(KEYS - {BEA}, machine.said.append)
    assert pages_of(machine.root) == {"ada": "100", "cleo": "333"}
    assert (done.changed, done.removed) == (1, 1)
    assert machine.target().rollback(KEYS, machine.said.append, 2).changed == 1
    assert pages_of(machine.root) == {"ada": "111", "cleo": "333"}
    with pytest.raises(UsageError, match="no build 17 is kept there"):
        machine.target().rollback(KEYS, machine.said.append, 17)


@needs_rsync
def test_so_many_builds_are_kept_and_of_none_of_them_a_page_that_is_gone(plain: Machine) -> None:
    for amount in ("1", "2", "3"):
        plain.deploy(keep=2, ada=amount, bea=amount)
    plain.deploy(keep=2, ada="4")
    assert [(one.number, one.pages) for one in plain.target().earlier()] == [(3, 1), (2, 1)]
    assert BEA not in "".join(str(path) for path in plain.home.rglob("*"))


@needs_rsync
@pytest.mark.parametrize("moment", ["coming", "moved", "placed"])
def test_a_switch_that_broke_off_is_ended_by_the_next_run(plain: Machine, moment: str) -> None:
    plain.deploy(ada="100")
    beside = plain.home / ".payer.relance"
    shutil.copytree(plain.root, beside / "new")
    (beside / "new" / "p" / ADA / "index.html").write_text("200")
    (beside / "lists" / "2").write_bytes((beside / "lists" / "1").read_bytes())
    (beside / "coming").write_text("2 1\n")
    if moment != "coming":
        plain.root.rename(beside / "builds" / "1")
    if moment == "placed":
        (beside / "new").rename(plain.root)
    plain.deploy(ada="300")
    assert pages_of(plain.root) == {"ada": "300"}
    assert not {"new", "coming", "gone"} & {path.name for path in beside.iterdir()}


@needs_rsync
def test_files_of_somebody_else_are_refused(plain: Machine) -> None:
    mine = plain.root
    mine.mkdir()
    (mine / "thesis.txt").write_text("ten years")
    with pytest.raises(OutsideError, match="holds what relance did not put there"):
        plain.deploy(ada="100")
    assert files_of(plain.root) == {"thesis.txt": b"ten years"}


@needs_rsync
def test_a_file_that_somebody_added_is_not_lost(plain: Machine) -> None:
    plain.deploy(ada="100")
    (plain.root / "p" / ADA / "note.txt").write_text("mine")
    with pytest.raises(OutsideError, match=r"\(p/…/note.txt\)") as caught:
        plain.deploy(ada="200")
    assert ADA not in str(caught.value)
    assert pages_of(plain.root)["ada"] in {"100", "mine"}


# A host that lets rsync in and nothing else


@needs_rsync
def test_without_a_shell_files_go_first_pages_after_and_what_is_gone_last(plain: Machine) -> None:
    plain.stand_in(ONLY_RSYNC)
    assert plain.deploy(ada="100", bea="200") == Deployed(7, 0, 0, WHERE)
    assert plain.deploy(ada="150") == Deployed(1, 1, 5, WHERE)
    assert files_of(plain.root) == files_of(plain.output)
    assert plain.deploy() == Deployed(0, 1, 5, WHERE)
    assert "lets rsync in and no shell" in plain.said[0]
    with pytest.raises(UsageError, match="no earlier build is kept there"):
        plain.target().earlier()
    with pytest.raises(UsageError, match="no earlier build is kept there"):
        plain.target().rollback(KEYS, plain.said.append)


@needs_rsync
def test_without_a_shell_nothing_of_anybody_else_is_deleted(plain: Machine) -> None:
    plain.stand_in(ONLY_RSYNC)
    plain.root.mkdir()
    (plain.root / "thesis.txt").write_text("ten years")
    with pytest.raises(OutsideError, match="holds what relance did not put there"):
        plain.deploy(ada="100")
    (plain.root / "thesis.txt").unlink()
    plain.deploy(ada="100")
    (plain.root / "thesis.txt").write_text("ten years")
    plain.deploy(bea="100")
    assert (plain.root / "thesis.txt").read_text() == "ten years"
    assert set(pages_of(plain.root)) == {"bea"}


# What goes wrong


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("Host key verification failed.", "its host key is not known here"),
        (
            "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\\nHost key verification failed.",
            "another one than before",
        ),
        ("payer@www: Permission denied (publickey).", "does not let us in"),
        ("ssh: connect to host www port 2222: Connection refused", "does not answer"),
        ("ssh: Could not resolve hostname www: Name or service not known", "no machine of this name"),
    ],
)
def test_what_ssh_refuses_is_said_in_plain_words(plain: Machine, said: str, word: str) -> None:
    plain.stand_in(f"printf '{said}\\n' >&2; exit 255")
    with pytest.raises(OutsideError, match=word) as caught:
        plain.deploy(ada="100")
    assert caught.value.exit_status == 3
    assert "The site that was there stays" in str(caught.value)


@needs_rsync
@pytest.mark.parametrize(
    ("before", "word"),
    [
        ("case $* in rsync*) echo 'sh: 1: rsync: not found' >&2; exit 127 ;; esac", "rsync is not installed there"),
        (
            "case $* in rsync*) ;; *) echo relance:shell; echo 'mkdir: Permission denied' >&2; exit 1 ;; esac",
            "may not be written there",
        ),
        (
            "case $* in rsync*) echo 'write failed: No space left on device' >&2; exit 11 ;; esac",
            "the disk there is full",
        ),
    ],
)
def test_what_the_other_machine_lacks_is_said(plain: Machine, before: str, word: str) -> None:
    plain.deploy(ada="100")
    plain.stand_in(before)
    with pytest.raises(OutsideError, match=word):
        plain.deploy(ada="200")
    assert pages_of(plain.root) == {"ada": "100"}
    plain.stand_in()
    plain.deploy(ada="200")
    assert pages_of(plain.root) == {"ada": "200"}


@pytest.mark.parametrize("missing", ["ssh", "rsync"])
def test_a_program_that_is_not_here_is_named(plain: Machine, missing: str) -> None:
    build(plain.output, ada="100")
    tools = plain.home.parent / "tools"
    tools.mkdir()
    for tool in ("sh", "ls", "mkdir", "chmod", "rm", "cat", "sort", "find", "head", "comm"):
        (tools / tool).symlink_to(shutil.which(tool) or tool)
    environ = {"PATH": f"{tools}" if missing == "ssh" else f"{plain.programs}{os.pathsep}{tools}"}
    settings = DeploySettings(DeployTarget.RSYNC, path="payer", host=HOST)
    with pytest.raises(OutsideError, match=f"{missing} is not on this machine"):
        open_target(settings, plain.folder, environ).deploy(plain.output, plain.said.append)


@needs_rsync
def test_ssh_never_asks_and_learns_no_secret(plain: Machine) -> None:
    plain.stand_in('[ -z "${SMTP_PASSWORD:-}" ] || exit 9')
    plain.deploy(ada="100")
    called = plain.log.read_text().splitlines()
    assert all("-o BatchMode=yes" in line and "-p 2222" in line for line in called)
    assert ADA not in plain.log.read_text()


@needs_rsync
def test_a_path_is_a_path_and_never_a_command(plain: Machine) -> None:
    plain.deploy(path="a/b+c@d/payer", ada="100")
    assert pages_of(plain.home / "a" / "b+c@d" / "payer") == {"ada": "100"}
    plain.deploy(path=str(plain.home / "whole"), ada="100")
    assert pages_of(plain.home / "whole") == {"ada": "100"}


def test_the_script_is_plain_sh() -> None:
    script = Path(__file__).resolve().parents[2] / "generator" / "deploy" / "remote.sh"
    assert subprocess.run(["sh", "-n", str(script)], check=False, capture_output=True).returncode == 0  # noqa: S603, S607
