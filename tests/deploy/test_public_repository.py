"""A ledger in a repository that anybody can read is not published; what cannot be seen is not taken for private."""

from __future__ import annotations

import io
import json
import os
import subprocess
from http.client import HTTPMessage
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.request import Request

import pytest

from generator.deploy import public
from generator.deploy.public import Seen, Visibility, all_fictional, refuse_public
from generator.errors import UserError
from generator.problems import format_problem

if TYPE_CHECKING:
    from pathlib import Path

    from generator.deploy.public import Ask

PRIVATE, PUBLIC, UNKNOWN = Visibility.PRIVATE, Visibility.PUBLIC, Visibility.UNKNOWN


def nobody(address: str) -> int | None:
    raise AssertionError(f"{address} was asked")


def answering(status: int | None) -> Ask:
    return lambda _: status


def repository(folder: Path, *urls: str) -> Path:
    """A repository with remotes."""
    subprocess.run(["git", "init", "-q", str(folder)], check=True)  # noqa: S603, S607
    for number, url in enumerate(urls):
        subprocess.run(["git", "-C", str(folder), "remote", "add", f"r{number}", url], check=True)  # noqa: S603, S607
    return folder


def workflow(folder: Path, **repository: object) -> dict[str, str]:
    """What a workflow of GitHub is told."""
    event = folder / "event.json"
    event.write_text(json.dumps({"repository": repository} if repository else {"schedule": "17 5 * * *"}))
    return {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(event)}


def environment(**more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], **more}


# What a workflow is told


@pytest.mark.parametrize(
    "said", [{"private": False}, {"visibility": "public"}, {"private": False, "visibility": "public"}]
)
def test_a_public_repository_of_github_is_refused_with_what_to_do(tmp_path: Path, said: dict[str, Any]) -> None:
    with pytest.raises(UserError) as caught:
        refuse_public(tmp_path, workflow(tmp_path, **said), ask=nobody)
    (problem,) = caught.value.problems
    assert problem.code == "repository-public"
    assert caught.value.exit_status == 1
    assert "Make it private now" in format_problem(problem)


def test_a_private_one_is_fine_whatever_else_it_has(tmp_path: Path) -> None:
    environ = workflow(tmp_path, private=True, visibility="private", has_pages=True)
    assert refuse_public(tmp_path, environ, ask=nobody).visibility is PRIVATE


def test_an_event_that_says_nothing_leaves_it_to_the_remotes(tmp_path: Path) -> None:
    repository(tmp_path, "https://github.com/lumen/compta")
    environ = environment(**workflow(tmp_path))
    assert refuse_public(tmp_path, environ, ask=answering(401)).visibility is PRIVATE
    (tmp_path / "event.json").write_text("[")
    assert refuse_public(tmp_path, environ, ask=answering(401)).visibility is PRIVATE
    with pytest.raises(UserError):
        refuse_public(tmp_path, environ, ask=answering(200))


@pytest.mark.parametrize(
    ("said", "host", "expected"),
    [
        ("public", "git.lumen.example", PUBLIC),
        ("internal", "gitlab.com", PUBLIC),
        ("internal", "git.lumen.example", PRIVATE),
        ("private", "gitlab.com", PRIVATE),
    ],
)
def test_what_gitlab_says_counts(tmp_path: Path, said: str, host: str, expected: Visibility) -> None:
    environ = {"CI_PROJECT_VISIBILITY": said, "CI_SERVER_HOST": host}
    assert public.visibility(tmp_path, environ, nobody).visibility is expected


# What a stranger sees


@pytest.mark.parametrize(
    ("remote", "asked"),
    [
        ("git@github.com:lumen/compta.git", "github.com/lumen/compta"),
        ("https://github.com/lumen/compta", "github.com/lumen/compta"),
        ("https://claire:token@GitHub.com/lumen/compta.git/", "github.com/lumen/compta"),
        ("ssh://git@ssh.github.com:443/lumen/compta.git", "github.com/lumen/compta"),
        ("git@gitlab.com:lumen/maison/compta.git", "gitlab.com/lumen/maison/compta"),
        ("https://codeberg.org/lumen/compta.git", "codeberg.org/lumen/compta"),
    ],
)
def test_the_host_of_a_remote_is_asked_as_a_stranger_would(tmp_path: Path, remote: str, asked: str) -> None:
    addresses = []

    def ask(address: str) -> int:
        addresses.append(address)
        return 401

    seen = refuse_public(repository(tmp_path, remote), environment(), ask=ask)
    assert seen == Seen(PRIVATE, f"{asked} shows it to nobody without a password")
    assert addresses == [f"https://{asked}.git/info/refs?service=git-upload-pack"]


@pytest.mark.parametrize(
    "remote", ["/srv/git/compta.git", "git@git.lumen.example:compta.git", "https://github.com.evil.example/a/b"]
)
def test_other_remotes_are_not_asked_and_unknown_is_not_private(tmp_path: Path, remote: str) -> None:
    seen = refuse_public(repository(tmp_path, remote), environment(), ask=nobody)
    assert seen == Seen(UNKNOWN, "whether the repository is public cannot be seen from here")


def test_one_public_remote_of_several_is_enough(tmp_path: Path) -> None:
    repository(tmp_path, "git@github.com:lumen/compta.git", "git@codeberg.org:lumen/compta.git")
    with pytest.raises(UserError, match=r"codeberg\.org/lumen/compta shows it to everybody"):
        refuse_public(tmp_path, environment(), ask=lambda address: 200 if "codeberg" in address else 401)


@pytest.mark.parametrize("status", [None, 429, 503])
def test_no_answer_is_said_as_unknown(tmp_path: Path, status: int | None) -> None:
    seen = refuse_public(repository(tmp_path, "git@github.com:lumen/compta.git"), environment(), ask=answering(status))
    assert seen.visibility is UNKNOWN
    assert "could not be seen: it did not answer. Look yourself" in seen.words


def test_without_git_or_a_repository_nothing_is_known(tmp_path: Path) -> None:
    assert refuse_public(tmp_path, environment(), ask=nobody).visibility is UNKNOWN
    assert refuse_public(tmp_path, {"PATH": str(tmp_path)}, ask=nobody).visibility is UNKNOWN


class Opener:
    """What stands for the network: answers one thing."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def open(self, _: object, *, timeout: float) -> Any:
        assert timeout <= 10
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Answer(io.BytesIO):
    status = 200


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (Answer(), 200),
        (HTTPError("https://github.com/", 404, "Not Found", HTTPMessage(), None), 404),
        (URLError("no route"), None),
        (TimeoutError(), None),
    ],
)
def test_what_is_answered_counts_and_silence_is_silence(
    monkeypatch: pytest.MonkeyPatch, answer: object, status: int | None
) -> None:
    monkeypatch.setattr(public, "build_opener", lambda *_: Opener(answer))
    assert public._ask("https://github.com/lumen/compta.git/info/refs?service=git-upload-pack") == status


@pytest.mark.parametrize(
    ("leads", "follows"),
    [
        ("https://github.com/lumen/maison.git/info/refs?service=git-upload-pack", True),
        ("https://github.com/login", False),
        ("https://evil.example/a.git/info/refs", False),
    ],
)
def test_a_page_to_log_in_is_no_public_repository(leads: str, *, follows: bool) -> None:
    request = Request("https://github.com/lumen/compta.git/info/refs")
    redirect = public._SameHost()
    if follows:
        assert redirect.redirect_request(request, io.BytesIO(), 301, "Moved", HTTPMessage(), leads) is not None
    else:
        with pytest.raises(HTTPError) as caught:
            redirect.redirect_request(request, io.BytesIO(), 302, "Found", HTTPMessage(), leads)
        assert caught.value.code == 401
        caught.value.close()


# A ledger of nobody


def test_a_fictional_ledger_may_be_public_when_the_owner_says_so(tmp_path: Path) -> None:
    assert refuse_public(tmp_path, workflow(tmp_path, private=False), allowed=True, ask=nobody).visibility is PUBLIC


@pytest.mark.parametrize(
    ("addresses", "fictional"),
    [
        (["a@lumen.example", "B@Verdier.EXAMPLE", "", "c@example.com", "d@sub.test", "e@nowhere.invalid"], True),
        (["a@lumen.example", "claire@lumen.fr"], False),
        (["a@example.fr"], False),
        (["a@myexample.com"], False),
        ([""], False),
        ([], False),
    ],
)
def test_a_ledger_is_fictional_when_nobody_can_be_behind_any_address(addresses: list[str], *, fictional: bool) -> None:
    assert all_fictional(addresses) is fictional
