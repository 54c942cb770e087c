"""The error catalogue: every kind of problem is documented, reproduced from files, and told in a sentence that helps."""

from __future__ import annotations

import ast
import os
import re
import shutil
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from generator.cli import main
from generator.config import load_settings
from generator.domain.ledger import Severity, SourceRef
from generator.problems import CATALOGUE, format_problem, problem
from generator.readers import read_ledger

if TYPE_CHECKING:
    from generator.domain.ledger import Problem

ROOT = Path(__file__).resolve().parent.parent
ERRORS = ROOT / "tests" / "errors"
SOUND = {
    "portal.toml": """\
[seller]
name = "Atelier Lumen"
email = "compta@atelier-lumen.example"
terms = "30"

[site]
url = "https://payer.atelier-lumen.example"
""",
    "ledger/clients.csv": "id;name;email\nverdier;Studio Verdier;compta@verdier.example\n",
    "ledger/invoices.csv": "number;client;issued;due;total\nF-1;verdier;01/10/2026;31/10/2026;120,00\n",
}
REWRITE = bool(os.environ.get("RELANCE_REWRITE"))


def make_folder(folder: Path, code: str) -> Path:
    """An owner's folder with the problem, everything else sound."""
    for name, text in SOUND.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    case = ERRORS / code
    shutil.copytree(case, folder, dirs_exist_ok=True)
    for recipe in folder.rglob("*.sparse"):
        os.truncate(recipe, int(recipe.read_text()))
        recipe.rename(recipe.with_suffix(""))
    for recipe in folder.rglob("*.repeated"):
        count, _, text = recipe.read_text().rstrip("\n").partition(" ")
        recipe.with_suffix("").write_text(text * int(count))
        recipe.unlink()
    for recipe in folder.rglob("*.link"):
        recipe.with_suffix("").symlink_to(recipe.read_text().rstrip("\n"))
        recipe.unlink()
    for recipe in folder.rglob("*.zipped"):
        with zipfile.ZipFile(recipe.with_suffix(""), "w") as archive:
            for part in sorted(path for path in recipe.rglob("*") if path.is_file()):
                archive.write(part, part.relative_to(recipe).as_posix())
        shutil.rmtree(recipe)
    if (folder / "removed.txt").exists():
        for name in (folder / "removed.txt").read_text().split():
            (folder / name).unlink()
    return folder


def problems_of(folder: Path) -> list[Problem]:
    settings, problems = load_settings(folder)
    return [*problems, *(read_ledger(settings)[1] if settings else [])]


def printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    command = folder / "command.txt"
    if not command.exists():
        return "".join(f"{format_problem(found)}\n" for found in problems_of(folder))
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    main([*command.read_text().split(), "--folder", str(folder), "--date", "2026-11-22"], now=noon)
    lines = capsys.readouterr().err.splitlines()
    return "".join(f"{line}\n" for line in lines if line.endswith("]"))


def test_the_sound_folder_has_no_problem(tmp_path: Path) -> None:
    for name, text in SOUND.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert problems_of(tmp_path) == []


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_problem_is_reproduced(
    code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (ERRORS / code).is_dir(), f"tests/errors/{code}/ reproduces it: see tests/errors/README.md"
    folder = make_folder(tmp_path, code)
    if (folder / "without.txt").exists():
        monkeypatch.setitem(sys.modules, (folder / "without.txt").read_text().strip(), None)
    if (folder / "environment.txt").exists():
        for line in (folder / "environment.txt").read_text().splitlines():
            monkeypatch.setenv(*line.split("=", 1))
    text = printed(folder, capsys)
    if REWRITE:
        (ERRORS / code / "expected.txt").write_text(text, encoding="utf-8")
    assert f"[{code}]" in text
    assert text == (ERRORS / code / "expected.txt").read_text(encoding="utf-8")


def test_every_folder_is_about_a_problem_of_the_catalogue() -> None:
    assert {path.name for path in ERRORS.iterdir() if path.is_dir()} == set(CATALOGUE)


def test_every_problem_has_its_line_in_the_documentation() -> None:
    lines = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8").splitlines()
    documented = [line for line in lines if line.startswith("| `")]
    assert sorted(documented) == sorted(
        f"| `{entry.code}` | {entry.severity} | {entry.meaning} |" for entry in CATALOGUE.values()
    )


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=str)
def test_every_entry_reads_well(entry: object) -> None:
    found = CATALOGUE[getattr(entry, "code")]  # noqa: B009
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", found.code)
    assert found.meaning.endswith(".")
    assert "  " not in f"{found.message} {found.remedy}"


def test_a_problem_outside_the_catalogue_cannot_be_made() -> None:
    with pytest.raises(KeyError):
        problem("no-such-code", SourceRef("ledger/invoices.csv"))


def test_no_module_makes_a_problem_by_hand() -> None:
    by_hand: list[str] = []
    for path in sorted((ROOT / "generator").rglob("*.py")):
        if path.parent.name == "problems":
            continue
        calls = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
        by_hand += [
            f"{path.name}:{call.lineno}" for call in calls if ast.unparse(call.func).split(".")[-1] == "Problem"
        ]
    assert not by_hand


def test_a_problem_says_place_text_and_remedy_on_one_line() -> None:
    found = problem(
        "date-impossible",
        SourceRef("ledger/invoices.csv", 12, "due"),
        "31/02/2026",
        what="due date",
        example="28/02/2026 or 2026-02-28",
    )
    assert format_problem(found) == (
        'ledger/invoices.csv:12, column due: "31/02/2026" is not a day of the calendar. '
        "Write the due date as 28/02/2026 or 2026-02-28. [date-impossible]"
    )
    assert found.severity is Severity.ERROR


def test_a_hostile_text_cannot_reach_the_terminal() -> None:
    found = problem("amount-unreadable", SourceRef("ledger/a\x1b[2J.csv", 2), "\x1b[31m\r\n\u202e" + "x" * 500)
    line = format_problem(found)
    assert line.isprintable()
    assert len(line) < 250
