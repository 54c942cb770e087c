"""GitHub Pages: nothing is sent from here; what the workflow uploads is fit for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from generator.config_deploy import DeploySettings, DeployTarget
from generator.deploy import Deployed, open_target
from generator.deploy.github_pages import GithubPages
from generator.errors import OutsideError
from tests.deploy.making import ADA, build, files_of

if TYPE_CHECKING:
    from pathlib import Path


def test_it_says_which_folder_the_workflow_uploads_and_leaves_it_as_it_is(tmp_path: Path) -> None:
    build(tmp_path / "output", ada="100")
    before, said = files_of(tmp_path), list[str]()
    target = open_target(DeploySettings(DeployTarget.GITHUB_PAGES), tmp_path, {})
    done = target.deploy(tmp_path / "output", said.append)
    assert done == Deployed(0, 0, 6, "the folder output/, which the workflow uploads to GitHub Pages", elsewhere=True)
    assert said == ["6 files in output/ are ready: the next step of the workflow uploads that folder, and no other"]
    assert files_of(tmp_path) == before


def test_a_site_that_is_too_large_is_told_before_github_refuses_it(tmp_path: Path) -> None:
    build(tmp_path / "output", ada="x" * 3_000_000)
    with pytest.raises(OutsideError, match="the site has 3 MB, and GitHub Pages takes 2"):
        GithubPages(largest=2_000_000).deploy(tmp_path / "output", lambda _: None)


@pytest.mark.parametrize("name", [".env", f"p/{ADA}/.hidden"])
def test_what_no_build_makes_is_not_uploaded(tmp_path: Path, name: str) -> None:
    build(tmp_path / "output", ada="100")
    (tmp_path / "output" / name).write_text("secret")
    with pytest.raises(OutsideError, match="is no file that a build makes"):
        GithubPages().deploy(tmp_path / "output", lambda _: None)


def test_a_link_is_not_uploaded(tmp_path: Path) -> None:
    build(tmp_path / "output", ada="100")
    (tmp_path / "output" / "ledger").symlink_to(tmp_path)
    with pytest.raises(OutsideError, match="is a symbolic link"):
        GithubPages().deploy(tmp_path / "output", lambda _: None)


def test_without_a_build_there_is_nothing_to_upload(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="run relance build first"):
        GithubPages().deploy(tmp_path / "output", lambda _: None)
