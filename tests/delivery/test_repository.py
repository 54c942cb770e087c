"""What a run decided is committed and pushed before a client can see it, whoever else pushes and whatever refuses."""

from __future__ import annotations

import re
import stat
import subprocess
import threading
import time
from pathlib import Path

import pytest

from generator.delivery.git import Git
from generator.delivery.repository import OvertakenError, Recorded, Repository
from generator.errors import OutsideError
from tests.support.remote import without_settings

MONTH = "journal/2026-11"


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    without_settings(monkeypatch, tmp_path)


def git(folder: Path, *words: str, ok: bool = True) -> str:
    who = ("-c", "user.name=Claire Lumen", "-c", "user.email=claire@atelier-lumen.example")
    done = subprocess.run(["git", *who, *words], cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603, S607
    assert done.returncode == 0 or not ok, done.stderr
    return done.stdout.strip()


def put(folder: Path, name: str, content: str = "x\n") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """A bare repository in which the ledger of an owner was pushed once."""
    bare = tmp_path / "remote.git"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(bare))
    first = tmp_path / "first"
    git(tmp_path, "clone", "--quiet", str(bare), str(first))
    git(first, "switch", "--quiet", "--create", "main")
    put(first, ".gitignore", "/output/\n/outbox/\n/report/\n.env\n")
    put(first, "portal.toml")
    put(first, "ledger/invoices.csv", "number,client\nF-1,ada\n")
    put(first, "ledger/relance/payments.csv", "date,client\n")
    put(first, f"{MONTH}/0.jsonl", "{}\n")
    commit_all(first, "Premier jour")
    git(first, "push", "--quiet", "--set-upstream", "origin", "main")
    return bare


def commit_all(folder: Path, message: str) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)


def clone(remote: Path, name: str, *more: str) -> Path:
    folder = remote.parent / name
    git(remote.parent, "clone", "--quiet", *more, remote.as_uri(), str(folder))
    return folder


@pytest.fixture
def here(remote: Path) -> Path:
    return clone(remote, "here")


@pytest.fixture
def there(remote: Path) -> Path:
    """The same folder on another machine."""
    return clone(remote, "there")


def pushed(remote: Path) -> set[str]:
    """The files of the remote's main branch."""
    return set(git(remote, "ls-tree", "-r", "--name-only", "main").splitlines())


def committed(folder: Path, commit: str = "HEAD") -> list[str]:
    """The files of one commit."""
    return git(folder, "show", "--name-only", "--format=", commit).splitlines()


def untouched(folder: Path) -> bool:
    """Whether nothing is half done in a folder: no rebase, no conflict, no place aside, no stash."""
    left = [
        name
        for name in ("rebase-merge", "rebase-apply", "MERGE_HEAD", "index.lock")
        if (folder / ".git" / name).exists()
    ]
    aside = git(folder, "worktree", "list").splitlines()
    return (
        not left
        and len(aside) == 1
        and not git(folder, "stash", "list")
        and "UU" not in git(folder, "status", "--short")
    )


def hook(folder: Path, name: str, script: str) -> None:
    path = put(folder, name, f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


# What is committed


def test_what_a_run_decided_is_committed_and_pushed(here: Path, remote: Path) -> None:
    put(here, f"{MONTH}/1.jsonl")
    put(here, "ledger/relance/payments.csv", "date,client\n2026-11-22,ada\n")

    Repository(here).record(["journal", "ledger/relance"], "relance: 3 relances préparées")

    assert f"{MONTH}/1.jsonl" in pushed(remote)
    assert sorted(committed(here)) == [f"{MONTH}/1.jsonl", "ledger/relance/payments.csv"]
    assert git(remote, "log", "-1", "--format=%s", "main") == "relance: 3 relances préparées"
    assert git(here, "status", "--short", "--branch") == "## main...origin/main"


def test_nothing_else_goes_in_not_even_what_was_staged_by_hand(here: Path, remote: Path) -> None:
    for name in ("output/p/key/index.html", "outbox/a.eml", "report/index.html", ".env", "notes.md"):
        put(here, name)
    put(here, "ledger/invoices.csv", "half a line")
    git(here, "add", "--force", "output", "outbox", "report", ".env", "ledger")
    before = git(here, "status", "--short")
    put(here, f"{MONTH}/1.jsonl")

    Repository(here).record(["journal", "ledger/relance"], "x")

    assert committed(here) == [f"{MONTH}/1.jsonl"]
    assert pushed(remote).isdisjoint({".env", "notes.md", "outbox/a.eml", "report/index.html"})
    assert git(here, "status", "--short") == before  # still staged, still theirs to commit


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        "output",
        "outbox/a.eml",
        "report",
        "ledger",
        "ledger/clients.csv",
        ".",
        "journal/../.env",
        "/etc",
        "journals",
    ],
)
def test_only_the_journal_and_what_was_learnt_may_be_committed(here: Path, path: str) -> None:
    with pytest.raises(ValueError, match="not among what is committed"):
        Repository(here).record([path], "x")


def test_the_files_of_one_run_alone_can_be_named(here: Path) -> None:
    mine, other = put(here, f"{MONTH}/mine [1].jsonl"), put(here, f"{MONTH}/mine 1.jsonl")
    Repository(here).record([mine], "x")

    assert committed(here) == [f"{MONTH}/mine [1].jsonl"]
    assert git(here, "status", "--short") == f'?? "{other.relative_to(here)}"'


def test_what_was_being_written_when_a_run_died_is_left_out(here: Path) -> None:
    put(here, f"{MONTH}/1.jsonl")
    put(here, f"{MONTH}/2.tmp")
    Repository(here).record(["journal"], "x")
    assert committed(here) == [f"{MONTH}/1.jsonl"]


def test_without_anything_new_there_is_no_commit(here: Path) -> None:
    before = git(here, "rev-parse", "HEAD")
    Repository(here).record(["journal", "ledger/relance"], "x")
    Repository(here).record([], "x")
    Repository(here).record(["journal/2027-01/gone.jsonl"], "x")
    assert git(here, "rev-parse", "HEAD") == before


def test_a_folder_inside_a_larger_repository(remote: Path) -> None:
    whole = clone(remote, "whole")
    put(whole, "shops/lumen/journal/2026-11/1.jsonl")
    put(whole, "journal/2026-11/of-another.jsonl")
    shop = whole / "shops" / "lumen"

    assert Repository(shop).exists
    Repository(shop).record(["journal"], "x")
    assert committed(whole) == ["shops/lumen/journal/2026-11/1.jsonl"]


def test_a_journal_that_gitignore_leaves_out_is_told(here: Path) -> None:
    put(here, ".gitignore", "*.jsonl\n")
    put(here, f"{MONTH}/1.jsonl")
    with pytest.raises(OutsideError, match=rf"\.gitignore leaves out {MONTH}/1\.jsonl"):
        Repository(here).record(["journal"], "x")


@pytest.mark.parametrize("known", [True, False])
def test_the_author_is_that_of_git_or_else_relance(here: Path, known: bool) -> None:  # noqa: FBT001
    if known:
        git(here, "config", "user.name", "Élise Lumen")
        git(here, "config", "user.email", "elise@atelier-lumen.example")
    put(here, f"{MONTH}/1.jsonl")
    Repository(here).record(["journal"], "x")

    expected = "Élise Lumen <elise@atelier-lumen.example>" if known else "relance <relance@relance.invalid>"
    assert git(here, "log", "-1", "--format=%an <%ae>") == expected
    assert git(here, "log", "-1", "--format=%cn <%ce>") == expected


def test_the_author_of_the_environment_goes_first(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Robot")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "robot@ci.example")
    put(here, f"{MONTH}/1.jsonl")
    Repository(here).record(["journal"], "x")
    assert git(here, "log", "-1", "--format=%an %ae %cn") == "Robot robot@ci.example Robot"


# Who was first


def test_whoever_comes_second_is_put_after_the_first_and_told(here: Path, there: Path, remote: Path) -> None:
    put(here, f"{MONTH}/here.jsonl", "here\n")
    put(there, f"{MONTH}/there.jsonl", "there\n")

    Repository(there).record(["journal"], "there")
    with pytest.raises(OvertakenError, match="decided again"):
        Repository(here).record(["journal"], "here")

    assert {f"{MONTH}/here.jsonl", f"{MONTH}/there.jsonl"} <= pushed(remote)
    assert git(remote, "log", "--format=%s", "main").splitlines() == ["here", "there", "Premier jour"]
    assert (here / MONTH / "there.jsonl").read_text() == "there\n"  # the folder has both
    assert git(here, "status", "--short", "--branch") == "## main...origin/main"
    assert untouched(here)


def test_a_journal_that_is_being_written_goes_on_in_the_same_file(here: Path, there: Path, remote: Path) -> None:
    put(there, f"{MONTH}/there.jsonl")
    Repository(there).record(["journal"], "there")
    with put(here, f"{MONTH}/here.jsonl", "").open("a", encoding="utf-8") as journal:
        journal.write("intent\n")
        journal.flush()
        with pytest.raises(OvertakenError):
            Repository(here).record(["journal"], "intents")
        journal.write("result\n")
        journal.flush()
        Repository(here).record(["journal"], "results")
    assert git(remote, "show", f"main:{MONTH}/here.jsonl") == "intent\nresult"


def test_a_ledger_that_moved_on_is_taken_in(here: Path, there: Path, remote: Path) -> None:
    put(there, "ledger/invoices.csv", "number,client\nF-1,ada\nF-2,bea\n")
    commit_all(there, "Une facture")
    git(there, "push", "--quiet")
    put(here, f"{MONTH}/here.jsonl")

    with pytest.raises(OvertakenError, match="decided again"):
        Repository(here).record(["journal"], "here")
    assert "F-2" in (here / "ledger/invoices.csv").read_text()
    assert f"{MONTH}/here.jsonl" in pushed(remote)


def test_edits_that_are_not_committed_stay_as_they_are(here: Path, there: Path, remote: Path) -> None:
    put(there, "ledger/relance/promises.csv")
    commit_all(there, "Une promesse")
    git(there, "push", "--quiet")
    put(here, "ledger/invoices.csv", "being edited")
    put(here, "portal.toml", "staged")
    git(here, "add", "portal.toml")
    before = git(here, "status", "--short")
    put(here, f"{MONTH}/here.jsonl")

    with pytest.raises(OvertakenError, match="decided again"):
        Repository(here).record(["journal"], "here")
    assert git(here, "status", "--short") == before
    assert (here / "ledger/invoices.csv").read_text() == "being edited"
    assert (here / "ledger/relance/promises.csv").exists()
    assert "being edited" not in git(remote, "show", "main:ledger/invoices.csv")


def test_edits_in_the_way_of_what_others_pushed_are_kept_and_told(here: Path, there: Path, remote: Path) -> None:
    put(there, "ledger/invoices.csv", "theirs\n")
    commit_all(there, "Le leur")
    git(there, "push", "--quiet")
    put(here, "ledger/invoices.csv", "mine\n")
    put(here, f"{MONTH}/here.jsonl")

    with pytest.raises(OutsideError, match=r"everything is pushed.*ledger/invoices\.csv.*git pull --rebase"):
        Repository(here).record(["journal"], "here")
    assert f"{MONTH}/here.jsonl" in pushed(remote)
    assert (here / "ledger/invoices.csv").read_text() == "mine\n"
    assert untouched(here)

    git(here, "checkout", "--quiet", "ledger/invoices.csv")  # the owner gives their edit up
    with pytest.raises(OvertakenError, match="decided again"):
        Repository(here).record(["journal"], "again")
    assert git(remote, "log", "--format=%s", "main").splitlines() == ["here", "Le leur", "Premier jour"]
    assert git(here, "status", "--short", "--branch") == "## main...origin/main"


def test_the_same_file_changed_on_both_sides_is_told_and_nothing_is_lost(here: Path, there: Path, remote: Path) -> None:
    learnt = "ledger/relance/payments.csv"
    put(there, learnt, "date,client\n2026-11-22,theirs\n")
    commit_all(there, "Le leur")
    git(there, "push", "--quiet")
    put(here, learnt, "date,client\n2026-11-22,ours\n")
    put(here, f"{MONTH}/here.jsonl")

    with pytest.raises(
        OutsideError, match=rf"{learnt} changed here and at the remote: nothing is lost, nothing was pushed"
    ):
        Repository(here).record(["journal", "ledger/relance"], "here")
    assert "ours" in (here / learnt).read_text()
    assert committed(here) == [f"{MONTH}/here.jsonl", learnt]
    assert "theirs" in git(remote, "show", f"main:{learnt}")
    assert untouched(here)


def test_many_at_once_all_end_up_in_the_repository(remote: Path) -> None:
    folders = [clone(remote, f"runner-{number}") for number in range(4)]
    start, outcome = threading.Barrier(len(folders)), dict.fromkeys(folders, "")

    def run(folder: Path) -> None:
        put(folder, f"{MONTH}/{folder.name}.jsonl")
        start.wait()
        for _ in range(8):  # the next run starts again from where this one ended
            try:
                Repository(folder).record(["journal"], folder.name)
            except OvertakenError:
                outcome[folder] = "pushed"
                return
            except OutsideError as error:
                outcome[folder] = str(error)
            else:
                outcome[folder] = "pushed"
                return

    threads = [threading.Thread(target=run, args=(folder,)) for folder in folders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(outcome.values()) == {"pushed"}
    assert {f"{MONTH}/{folder.name}.jsonl" for folder in folders} <= pushed(remote)
    assert git(remote, "rev-list", "--count", "main") == "5"
    assert all(untouched(folder) for folder in folders)


def test_who_loses_the_race_twice_is_told_and_goes_next_time(
    here: Path, there: Path, remote: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(there, f"{MONTH}/there.jsonl")
    Repository(there).record(["journal"], "there")
    fetch = Repository._fetch

    def overtaken(repository: Repository, upstream: object) -> str:
        found = fetch(repository, upstream)  # type: ignore[arg-type] # whatever it is given
        put(there, f"{MONTH}/once-more.jsonl")
        Repository(there).record(["journal"], "once more")
        return found

    put(here, f"{MONTH}/here.jsonl")
    with monkeypatch.context() as patch:
        patch.setattr(Repository, "_fetch", overtaken)
        with pytest.raises(OutsideError, match="others push to the remote at the same time"):
            Repository(here).record(["journal"], "here")
    assert committed(here) == [f"{MONTH}/here.jsonl"]
    assert untouched(here)

    with pytest.raises(OvertakenError, match="decided again"):
        Repository(here).record([], "nothing new")
    assert git(remote, "log", "--format=%s", "main").splitlines() == ["here", "once more", "there", "Premier jour"]


def test_a_clone_without_history_can_push_too(remote: Path, there: Path) -> None:
    shallow = clone(remote, "shallow", "--depth=1")
    put(there, f"{MONTH}/there.jsonl")
    Repository(there).record(["journal"], "there")
    put(shallow, f"{MONTH}/shallow.jsonl")

    with pytest.raises(OvertakenError, match="decided again"):
        Repository(shallow).record(["journal"], "shallow")
    assert {f"{MONTH}/there.jsonl", f"{MONTH}/shallow.jsonl"} <= pushed(remote)


def test_what_an_earlier_run_could_not_push_goes_with_the_next(here: Path, remote: Path) -> None:
    put(here, f"{MONTH}/1.jsonl")
    away = remote.rename(remote.with_name("away.git"))
    with pytest.raises(OutsideError, match="committed, but could not be pushed: the remote cannot be reached"):
        Repository(here).record(["journal"], "first")
    away.rename(remote)

    Repository(here).record([], "nothing new")
    assert f"{MONTH}/1.jsonl" in pushed(remote)


def test_another_branch_is_pushed_to_where_it_comes_from(here: Path, remote: Path) -> None:
    git(here, "switch", "--quiet", "--create", "mine")
    git(here, "push", "--quiet", "--set-upstream", "origin", "mine:theirs")
    put(here, f"{MONTH}/1.jsonl")
    Repository(here).record(["journal"], "x")

    assert f"{MONTH}/1.jsonl" in git(remote, "ls-tree", "-r", "--name-only", "theirs")
    assert f"{MONTH}/1.jsonl" not in pushed(remote)


def test_the_very_first_commit_of_a_repository(tmp_path: Path) -> None:
    bare, folder = tmp_path / "empty.git", tmp_path / "new"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(bare))
    git(tmp_path, "clone", "--quiet", str(bare), str(folder))
    git(folder, "symbolic-ref", "HEAD", "refs/heads/main")
    for name, value in (("remote", "origin"), ("merge", "refs/heads/main")):
        git(folder, "config", f"branch.main.{name}", value)
    put(folder, f"{MONTH}/1.jsonl")

    assert Repository(folder).is_behind() is False
    Repository(folder).record([], "nothing")
    Repository(folder).record(["journal"], "x")
    assert pushed(bare) == {f"{MONTH}/1.jsonl"}


# Whether others were first


def test_a_folder_is_behind_once_others_have_pushed(here: Path, there: Path) -> None:
    ours = Repository(here)
    assert ours.is_behind() is False
    put(there, f"{MONTH}/there.jsonl")
    Repository(there).record(["journal"], "there")
    assert ours.is_behind() is True
    git(here, "pull", "--quiet", "--rebase")
    assert ours.is_behind() is False


def test_a_folder_that_is_ahead_is_not_behind(here: Path) -> None:
    put(here, f"{MONTH}/1.jsonl")
    Repository(here).record(["journal"], "x", push=False)
    assert Repository(here).is_behind() is False


def test_a_remote_that_does_not_answer_is_told(here: Path, remote: Path) -> None:
    remote.rename(remote.with_name("away.git"))
    with pytest.raises(OutsideError, match="could not be fetched: the remote cannot be reached"):
        Repository(here).is_behind()


# What refuses


def test_without_a_remote_it_is_committed_only_when_nothing_is_to_be_pushed(tmp_path: Path) -> None:
    folder = tmp_path / "alone"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    put(folder, f"{MONTH}/1.jsonl")

    with pytest.raises(OutsideError, match=r"the branch main has no remote.*git push -u origin main"):
        Repository(folder).record(["journal"], "x")
    assert git(folder, "status", "--short") == "?? journal/"
    assert Repository(folder).is_behind() is False
    Repository(folder).record(["journal"], "x", push=False)
    assert committed(folder) == [f"{MONTH}/1.jsonl"]


@pytest.mark.parametrize("push", [True, False])
def test_a_folder_on_no_branch_is_told_and_nothing_is_committed(here: Path, push: bool) -> None:  # noqa: FBT001
    git(here, "checkout", "--quiet", "--detach")
    put(here, f"{MONTH}/1.jsonl")
    before = git(here, "rev-parse", "HEAD")
    with pytest.raises(OutsideError, match="on no branch"):
        Repository(here).record(["journal"], "x", push=push)
    assert git(here, "rev-parse", "HEAD") == before
    with pytest.raises(OutsideError, match="on no branch"):
        Repository(here).is_behind()


def test_a_folder_in_no_repository(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    put(tmp_path / "plain", f"{MONTH}/1.jsonl")
    ours = Repository(tmp_path / "plain")
    assert not ours.exists
    with pytest.raises(OutsideError, match="in no git repository"):
        ours.record(["journal"], "x")


def test_a_repository_is_seen_without_git_and_the_missing_git_is_told(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(here / "nothing"))
    assert Repository(here).exists
    with pytest.raises(OutsideError, match="git is not on this machine"):
        Repository(here).record(["journal"], "x")


def test_a_merge_that_is_not_finished_is_told(here: Path, there: Path) -> None:
    put(there, "ledger/invoices.csv", "theirs\n")
    commit_all(there, "Le leur")
    git(there, "push", "--quiet")
    put(here, "ledger/invoices.csv", "ours\n")
    commit_all(here, "Le nôtre")
    git(here, "pull", "--quiet", "--no-rebase", ok=False)
    put(here, f"{MONTH}/1.jsonl")
    with pytest.raises(OutsideError, match="a merge is not finished"):
        Repository(here).record(["journal"], "x")


def test_a_hook_that_refuses_the_commit_is_named(here: Path, remote: Path) -> None:
    hook(here, ".git/hooks/pre-commit", "echo 'le vendredi, on ne touche à rien' >&2; exit 1")
    put(here, f"{MONTH}/1.jsonl")
    with pytest.raises(
        OutsideError, match=r"hook pre-commit may have refused: le vendredi, on ne touche à rien.*nothing was pushed"
    ):
        Repository(here).record(["journal"], "x")
    assert (here / MONTH / "1.jsonl").exists()
    assert f"{MONTH}/1.jsonl" not in pushed(remote)


def test_a_hook_that_refuses_the_push_is_named(here: Path) -> None:
    hook(here, ".git/hooks/pre-push", "echo 'pas maintenant' >&2; exit 1")
    put(here, f"{MONTH}/1.jsonl")
    with pytest.raises(
        OutsideError, match="committed, but could not be pushed: the hook pre-push may have refused: pas maintenant"
    ):
        Repository(here).record(["journal"], "x")
    assert committed(here) == [f"{MONTH}/1.jsonl"]


def test_a_remote_that_refuses_is_quoted(here: Path, remote: Path) -> None:
    hook(remote, "hooks/pre-receive", "echo 'branche protégée' >&2; exit 1")
    put(here, f"{MONTH}/1.jsonl")
    with pytest.raises(OutsideError, match="the remote refuses it, pre-receive hook declined: branche protégée"):
        Repository(here).record(["journal"], "x")


def test_a_commit_that_cannot_be_signed_is_told(here: Path) -> None:
    git(here, "config", "commit.gpgSign", "true")
    git(here, "config", "gpg.program", "false")
    put(here, f"{MONTH}/1.jsonl")
    with pytest.raises(OutsideError, match="could not be committed: the commit could not be signed"):
        Repository(here).record(["journal"], "x")


def test_another_git_at_work_is_told(here: Path) -> None:
    put(here, ".git/index.lock")
    put(here, f"{MONTH}/1.jsonl")
    with pytest.raises(OutsideError, match=r"another git command is at work .* delete /.*/\.git/index\.lock"):
        Repository(here).record(["journal"], "x")


def _ends(process: int) -> bool:
    """Whether it is over within ten seconds: what is killed still takes its turn of the processor to end."""
    state = Path(f"/proc/{process}/stat")
    for _ in range(200):
        try:
            if state.read_text().rpartition(")")[2].split()[0] in "ZX":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


def test_what_does_not_end_is_stopped_with_all_that_it_started(here: Path, tmp_path: Path) -> None:
    hook(here, ".git/hooks/pre-commit", f"sleep 60 & echo $! > {tmp_path}/child; wait")
    put(here, f"{MONTH}/1.jsonl")
    began = time.monotonic()
    with pytest.raises(OutsideError, match="git commit did not end within 1 seconds, and was stopped"):
        Repository(here, timeout=1).record(["journal"], "x")
    assert time.monotonic() - began < 20
    child = int((tmp_path / "child").read_text())
    assert _ends(child)
    assert not (here / ".git" / "index.lock").exists()  # git took it away when it was asked to end


def test_git_never_asks_and_a_remote_that_wants_a_password_is_told(here: Path) -> None:
    git(here, "config", "credential.helper", "")
    asked = Git(here)("credential", "fill")  # as it does for a remote that wants a password
    assert not asked.ok
    answer = "fatal: could not read Username for 'https://me:secret@git.example/x': terminal prompts disabled"
    assert type(asked)(128, "", answer).why == (
        "the remote does not let us in: give git a key or a token that may push "
        "(could not read Username for 'https://git.example/x': terminal prompts disabled)"
    )


def test_no_secret_reaches_a_hook_and_no_other_repository_git(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRIPE_API_KEY", "rk_live_word")
    monkeypatch.setenv("SMTP_PASSWORD", "pass-word")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "another"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    hook(here, ".git/hooks/pre-commit", f"env > {tmp_path}/seen")
    put(here, f"{MONTH}/1.jsonl")
    Repository(here).record(["journal"], "x")

    seen = (tmp_path / "seen").read_text()
    assert "rk_live_word" not in seen
    assert "pass-word" not in seen
    assert re.search(r"^GIT_TERMINAL_PROMPT=0$", seen, re.MULTILINE)
    assert re.search(r"^HOME=", seen, re.MULTILINE)


# What others pushed


def test_it_says_what_it_did_and_what_others_pushed_from_the_folder_on(here: Path, there: Path) -> None:
    repository = Repository(here)
    assert repository.is_pushed
    assert repository.news() == ()
    put(here, f"{MONTH}/1.jsonl")
    assert repository.record(["journal"], "One") == Recorded(committed=True, pushed=True)
    assert repository.record(["journal"], "One") == Recorded()
    git(there, "pull", "--quiet")
    put(there, "ledger/invoices.csv", "number,client\n")
    put(there, "docs/notes.md")
    commit_all(there, "Deux")
    git(there, "push", "--quiet")
    assert repository.news() == ("docs/notes.md", "ledger/invoices.csv")
    put(here, f"{MONTH}/2.jsonl")
    with pytest.raises(OvertakenError) as overtaken:
        repository.record(["journal"], "Two")
    assert overtaken.value.changed == ("docs/notes.md", "ledger/invoices.csv")
    assert repository.news() == ()


def test_a_branch_without_a_remote_is_not_pushed(here: Path) -> None:
    git(here, "remote", "remove", "origin")
    assert not Repository(here).is_pushed
    assert Repository(here).news() == ()
