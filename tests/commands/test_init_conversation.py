"""`relance init FOLDER` as a conversation: short, checked on the spot, and nothing is written before its end."""

from __future__ import annotations

import io
import sys
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from generator.cli import INTERRUPTED, main

if TYPE_CHECKING:
    from pathlib import Path

IBAN = "FR7630006000011234567890189"
#: One answer for each question, in their order.
ALL = [
    "Atelier Lumen",
    "compta@lumen.example",
    "123 456 782",
    "FR76 3000 6000 0112 3456 7890 189",
    "https://payer.lumen.example",
]
ALL += ["en", "y", "smtp.lumen.example", "github", "github-pages"]


class Terminal(io.StringIO):
    """Somebody who answers, and who gives up where a text says so."""

    def isatty(self) -> bool:
        return True

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]
        line = super().readline(size)
        if line == "^C\n":
            raise KeyboardInterrupt
        return line


class Run:
    """The command on one folder, with what is typed at the terminal; `said` and `complained` are what it wrote."""

    def __init__(self, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.place, self.folder = place, place / "maison"
        self.patch, self.capsys = monkeypatch, capsys
        self.said = self.complained = ""

    def __call__(self, *options: str, answers: list[str] | None = None) -> int:
        typed = io.StringIO() if answers is None else Terminal("".join(f"{line}\n" for line in answers))
        self.patch.setattr(sys, "stdin", typed)
        status = main(["init", str(self.folder), *options])
        written = self.capsys.readouterr()
        self.said, self.complained = written.out, written.err
        return status

    def policy(self) -> dict[str, Any]:
        return tomllib.loads((self.folder / "portal.toml").read_text("utf-8"))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(tmp_path, monkeypatch, capsys)


def test_every_answer_is_in_the_policy_and_the_folder_is_in_order(run: Run) -> None:
    # that it builds and publishes at once is seen where the tutorial is followed, tests/ci/test_tutorial.py
    assert run(answers=ALL) == 0, run.complained
    policy = run.policy()
    assert policy["seller"] == {
        "name": "Atelier Lumen",
        "email": "compta@lumen.example",
        "siren": "123 456 782",
        "iban": "FR76 3000 6000 0112 3456 7890 189",
        "language": "en",
        "terms": "30",
    }
    assert policy["site"] == {"url": "https://payer.lumen.example"}
    assert policy["stripe"] == {"ledger": "atelier-lumen"}
    assert policy["smtp"] == {"host": "smtp.lumen.example", "user": "compta@lumen.example"}
    assert policy["deploy"] == {"target": "github-pages"}
    assert (run.folder / ".github" / "workflows" / "relance.yml").is_file()
    assert main(["check", "--folder", str(run.folder), "--date", "2026-11-23"]) == 0


def test_empty_answers_take_what_is_shown_and_make_what_was_always_made(run: Run) -> None:
    assert run(answers=[""] * 10) == 0
    asked = {path.relative_to(run.folder): path.read_bytes() for path in run.folder.rglob("*") if path.is_file()}
    assert "[Votre maison]" in run.said
    run.folder = run.place / "ailleurs"
    assert run() == 0
    made = {path.relative_to(run.folder): path.read_bytes() for path in run.folder.rglob("*") if path.is_file()}
    assert made == asked


@pytest.mark.parametrize("options", [(), ("--yes",)])
def test_where_nobody_can_answer_nothing_is_asked(run: Run, options: tuple[str, ...]) -> None:
    assert run(*options) == 0
    assert "?" not in run.said
    assert run.policy()["seller"]["name"] == "Votre maison"


def test_yes_asks_nothing_at_a_terminal_either(run: Run) -> None:
    assert run("--yes", answers=["never read"]) == 0
    assert run.policy()["seller"]["name"] == "Votre maison"


def test_it_asks_when_it_is_told_to(run: Run) -> None:
    run.patch.setattr(Terminal, "isatty", lambda _: False)
    assert run("--ask", answers=["Atelier Lumen", *[""] * 9]) == 0
    assert run.policy()["seller"]["name"] == "Atelier Lumen"


@pytest.mark.parametrize(
    ("place", "wrong", "remedy"),
    [
        (0, "=HYPERLINK(1)", "formula"),
        (1, "compta", 'it has no "@"'),
        (2, "123 456 789", "Copy the nine digits"),
        (3, "FR76 3000 6000 0112 3456 7890 180", "check digits included"),
        (4, "http://payer.lumen.example", "https only"),
        (5, "de", "Write one of: fr, en."),
        (6, "maybe", "Write y or n."),
        (7, "smtp lumen", "smtp.atelier-lumen.example"),
        (8, "jenkins", "Write one of: none, github, gitlab."),
        (9, "ftp", "Write one of: folder, rsync, github-pages."),
    ],
)
def test_a_wrong_answer_is_told_with_what_to_do_and_asked_again(run: Run, place: int, wrong: str, remedy: str) -> None:
    assert run(answers=[*ALL[:place], wrong, *ALL[place:]]) == 0
    told = [line for line in run.said.splitlines() if remedy in line]
    assert len(told) == 1, run.said
    assert "portal.toml:" not in run.said, "a file that is not written yet is no place to look"
    assert run.policy()["seller"]["name"] == "Atelier Lumen"


def test_the_words_are_those_of_check(run: Run) -> None:
    assert run(answers=[*ALL[:2], "123 456 789", *ALL[2:]]) == 0
    asked = next(line.rpartition(":   ")[2] for line in run.said.splitlines() if "nine digits from" in line)
    file = run.folder / "portal.toml"
    file.write_text(file.read_text("utf-8").replace("123 456 782", "123 456 789"), encoding="utf-8")
    assert main(["check", "--folder", str(run.folder)]) == 1
    assert asked in run.capsys.readouterr().err


@pytest.mark.parametrize("count", range(11))
def test_leaving_in_the_middle_leaves_nothing_behind(run: Run, count: int) -> None:
    if count < 10:
        assert run(answers=[*ALL[:count], "^C"]) == INTERRUPTED
        assert list(run.place.iterdir()) == []
    assert run(answers=ALL[:count]) == (2 if count < 10 else 0)
    assert list(run.place.iterdir()) == ([] if count < 10 else [run.folder])


def test_what_an_option_says_is_not_asked(run: Run) -> None:
    options = ["--name", "Atelier Lumen", "--email", "compta@lumen.example", "--siren", "123456782", "--iban", IBAN]
    options += [
        "--url",
        "https://payer.lumen.example",
        "--language",
        "en",
        "--no-stripe",
        "--smtp",
        "smtp.lumen.example",
    ]
    assert (
        run(
            *options, "--ci", "gitlab", "--deploy", "rsync", "--to", "www.lumen.example:/srv/payer", "--ask", answers=[]
        )
        == 0
    )
    policy = run.policy()
    assert policy["deploy"] == {"target": "rsync", "host": "www.lumen.example", "path": "/srv/payer"}
    assert "stripe" not in policy


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--siren", "12"], "--siren"),
        (["--iban", "FR76"], "--iban"),
        (["--email", "x"], "--email"),
        (["--url", "payer.lumen.example"], "--url"),
        (["--smtp", "a b"], "--smtp"),
        (["--deploy", "folder"], "--to"),
        (["--deploy", "folder", "--to", "/"], "--to"),
        (["--deploy", "rsync", "--to", "/srv/payer"], "--to"),
        (["--deploy", "github-pages", "--to", "/srv"], "--to"),
        (["--to", "/srv"], "--to"),
        (["--ci", "gitlab", "--deploy", "github-pages"], "--ci gitlab"),
    ],
)
def test_an_option_that_cannot_be_is_refused_and_nothing_written(run: Run, options: list[str], word: str) -> None:
    assert run(*options) == 2
    assert word in run.complained
    assert "Nothing was written" in run.complained
    assert not run.folder.exists()


def test_a_place_on_another_machine_is_asked_for_and_checked(run: Run) -> None:
    answers = [*ALL[:8], "none", "rsync", "/srv/payer", "-oProxyCommand=x:/srv", "payer@www.lumen.example:/srv/payer"]
    assert run(answers=answers) == 0
    assert run.policy()["deploy"] == {"target": "rsync", "host": "payer@www.lumen.example", "path": "/srv/payer"}


def test_a_name_with_quotes_and_signs_is_kept_as_it_is(run: Run) -> None:
    name = 'L\'Atelier "Lumen" \\ #1 & fils'
    assert run("--yes", "--name", name, "--stripe") == 0
    assert run.policy()["seller"]["name"] == name
    assert run.policy()["stripe"]["ledger"] == "l-atelier-lumen-1-fils"


def test_comments_of_the_policy_stay(run: Run) -> None:
    assert run("--yes", "--siren", "123456782", "--iban", IBAN) == 0
    lines = (run.folder / "portal.toml").read_text("utf-8").splitlines()
    assert 'siren = "123456782"                 # neuf chiffres ; les espaces ne gênent pas' in lines
    assert any(line.startswith(f'iban = "{IBAN}"  # ') for line in lines)
