"""`relance init FOLDER --ci SERVICE`: what a service needs to publish, in a new folder or beside what is the owner's already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from generator.ci_files import is_untouched
from generator.cli import main
from tests.support.remote import git
from tests.support.workflow import read_workflow, read_yaml

if TYPE_CHECKING:
    from pathlib import Path

RELANCE, PREVIEW = ".github/workflows/relance.yml", ".github/workflows/relance-preview.yml"


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """An owner's folder that goes to GitHub Pages."""
    made = tmp_path / "maison"
    assert main(["init", str(made), "--yes", "--deploy", "github-pages"]) == 0
    capsys.readouterr()
    return made


def everything(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts}


def add(folder: Path, service: str = "github") -> int:
    return main(["init", str(folder), "--ci", service])


def policy(folder: Path, *lines: str) -> None:
    file = folder / "portal.toml"
    file.write_text(file.read_text("utf-8") + "\n".join(lines), encoding="utf-8")


def test_a_new_folder_comes_with_its_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = tmp_path / "maison"
    assert main(["init", str(made), "--yes", "--ci", "github", "--stripe", "--smtp", "smtp.lumen.example"]) == 0
    assert 'target = "github-pages"' in (made / "portal.toml").read_text("utf-8")
    flow = read_workflow((made / RELANCE).read_text("utf-8"))
    wheel = flow.jobs["publish"].env["RELANCE"]
    assert (made / wheel).is_file()
    assert (made / PREVIEW).is_file()
    said = capsys.readouterr().out
    assert "gh secret set STRIPE_API_KEY" in said
    assert "gh secret set SMTP_PASSWORD" in said
    assert "IMAP" not in said


def test_a_folder_without_a_service_has_none_of_them(folder: Path) -> None:
    assert not (folder / ".github").exists()
    assert not (folder / "ci").exists()


def test_an_owners_folder_gets_the_files_and_nothing_else_changes(folder: Path) -> None:
    before = everything(folder)
    assert add(folder) == 0
    after = everything(folder)
    assert {path: after[path] for path in before} == before
    added = {str(path.relative_to(folder)) for path in after if path not in before}
    assert {RELANCE, PREVIEW} < added
    assert all(name.startswith("ci/relance-") for name in added - {RELANCE, PREVIEW})


def test_again_there_is_nothing_to_do_and_it_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert add(folder) == 0
    before = everything(folder)
    capsys.readouterr()
    assert add(folder) == 0
    assert "Nothing to do" in capsys.readouterr().out
    assert everything(folder) == before


def test_a_file_that_the_owner_changed_is_theirs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert add(folder) == 0
    changed = folder / PREVIEW
    changed.write_text(changed.read_text("utf-8") + "# ours\n", encoding="utf-8")
    before = everything(folder)
    assert add(folder) == 2
    assert f"{PREVIEW} is not as relance wrote it" in capsys.readouterr().err
    assert everything(folder) == before


def test_a_file_that_relance_never_wrote_is_theirs(folder: Path) -> None:
    text = (
        (folder / "portal.toml")
        .read_text("utf-8")
        .replace('target = "github-pages"', 'target = "folder"\npath = "/srv/payer"')
    )
    (folder / "portal.toml").write_text(text, encoding="utf-8")
    (folder / ".gitlab-ci.yml").write_text("test:\n  script: make\n")
    assert add(folder, "gitlab") == 2
    assert (folder / ".gitlab-ci.yml").read_text() == "test:\n  script: make\n"
    (folder / ".gitlab-ci.yml").unlink()
    assert add(folder, "gitlab") == 0
    assert is_untouched((folder / ".gitlab-ci.yml").read_text("utf-8"))


def test_what_nobody_changed_follows_the_policy(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert add(folder) == 0
    file = folder / "portal.toml"
    text = file.read_text("utf-8").replace('#timezone = "Europe/Paris"', 'timezone = "America/Guadeloupe"')
    text = text.replace('#send_between = ""', 'send_between = "09:00-18:00"')
    file.write_text(text, encoding="utf-8")
    (folder / "ci" / "relance-0.0.1-py3-none-any.whl").write_bytes(b"an older one")
    capsys.readouterr()
    assert add(folder) == 0
    assert f"Written: {RELANCE}." in capsys.readouterr().out
    schedule = read_workflow((folder / RELANCE).read_text("utf-8")).triggers["schedule"]
    assert schedule == [{"cron": "7 9 * * *", "timezone": "America/Guadeloupe"}]
    assert len(list((folder / "ci").iterdir())) == 1


def test_it_publishes_the_branch_that_the_owner_is_on(folder: Path) -> None:
    git(folder, "init", "--quiet", "--initial-branch=paie")
    assert add(folder) == 0
    assert read_workflow((folder / RELANCE).read_text("utf-8")).triggers["push"]["branches"] == ["paie"]


def test_a_branch_that_could_be_taken_for_something_else_is_refused(folder: Path) -> None:
    git(folder, "init", "--quiet", "--initial-branch=a$(id)")
    assert add(folder) == 2
    assert not (folder / ".github").exists()


def test_a_folder_inside_a_repository_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(folder.parent, "init", "--quiet")
    assert add(folder) == 2
    assert "at its top only" in capsys.readouterr().err
    assert main(["init", str(folder.parent / "neuf"), "--yes", "--ci", "github"]) == 2
    assert not (folder.parent / "neuf").exists()


def test_where_the_site_goes_has_to_be_said_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = tmp_path / "maison"
    assert main(["init", str(made), "--yes"]) == 0
    assert add(made) == 2
    assert "[deploy]" in capsys.readouterr().err


def test_gitlab_does_not_publish_to_github(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert add(folder, "gitlab") == 2
    assert "rsync" in capsys.readouterr().err
    assert main(["init", str(folder.parent / "neuf"), "--yes", "--ci", "gitlab"]) == 2
    assert not (folder.parent / "neuf").exists()


def test_answers_do_not_change_what_is_the_owners(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(folder), "--ci", "github", "--name", "Lumen", "--no-stripe"]) == 2
    assert "Leave out --name, --stripe" in capsys.readouterr().err


def test_a_wrong_policy_is_told_first(folder: Path) -> None:
    policy(folder, "[unknown]", "")
    assert add(folder) == 1
    assert not (folder / ".github").exists()


def test_what_the_policy_needs_is_installed_there_too(folder: Path) -> None:
    policy(folder, "[letters]", "pdf = true", "[imap]", 'host = "imap.lumen.example"', 'user = "a@lumen.example"', "")
    assert add(folder) == 0
    job = read_workflow((folder / RELANCE).read_text("utf-8")).jobs["publish"]
    assert job.env["RELANCE"].endswith(".whl[pdf]")
    assert "libpango-1.0-0" in next(step.run for step in job.steps if "pip install" in step.run)


def test_a_server_of_ones_own_asks_for_its_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = tmp_path / "maison"
    words = ["--deploy", "rsync", "--to", "payer@www.lumen.example:/srv/payer", "--ci", "gitlab", "--language", "en"]
    assert main(["init", str(made), "--yes", *words]) == 0
    assert "DEPLOY_SSH_KEY, DEPLOY_KNOWN_HOSTS" in capsys.readouterr().out
    data = read_yaml((made / ".gitlab-ci.yml").read_text("utf-8"))
    assert "rsync" in str(data[".relance"]["before_script"])
    assert data["variables"]["UNTIL"]["description"] == "How far to go"
