"""Which relance another machine installs: a name where there is one, else this very one, packed."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from generator import own_wheel
from generator.own_wheel import EXTRAS, description, named, origin, packed
from tests.support.effort import SOAK

ROOT = Path(__file__).resolve().parents[1]


def test_a_release_has_a_name() -> None:
    assert named("1.4.0", None) == "relance==1.4.0"


def test_a_version_of_a_repository_has_its_commit() -> None:
    noted = {"url": "https://git.example/lumen/relance", "vcs_info": {"vcs": "git", "commit_id": "c0ffee"}}
    assert named("1.4.0", json.dumps(noted)) == "relance @ git+https://git.example/lumen/relance@c0ffee"


@pytest.mark.parametrize(
    "noted",
    [
        {"url": "file:///home/nora/relance", "dir_info": {"editable": True}},
        {"url": "file:///home/nora/relance-1.4.0-py3-none-any.whl", "archive_info": {}},
        {"url": "ssh://git@git.example/relance", "vcs_info": {"vcs": "git", "commit_id": "c0ffee"}},
    ],
)
def test_what_nobody_else_can_reach_has_none(noted: dict[str, Any]) -> None:
    assert named("1.4.0", json.dumps(noted)) is None


def test_a_clone_is_handed_over_as_a_file() -> None:
    assert origin() is None


def test_what_is_packed_runs_alone_and_brings_all_that_ships(tmp_path: Path) -> None:
    name, content = packed()
    wheel = tmp_path / name
    wheel.write_bytes(content)
    code = (
        f"import sys; sys.path.insert(0, {str(wheel)!r})\n"
        "import generator.resources\n"
        "from importlib.metadata import version\n"
        "print(version('relance'), generator.resources.__file__.startswith(sys.path[0]))\n"
    )
    if SOAK:
        code += "from generator.arguments import make_parser\nmake_parser().parse_args(['check'])\n"
    ran = subprocess.run([sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)  # noqa: S603
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert ran.stdout.split() == [version, "True"]
    files = set(zipfile.ZipFile(io.BytesIO(content)).namelist())
    assert {
        "generator/bundled/theme/static/page.css",
        "generator/bundled/portal_templates/scaffold/portal.toml",
    } <= files
    assert {path.relative_to(ROOT).as_posix() for path in (ROOT / "generator").rglob("*.py")} <= files
    assert not any("__pycache__" in name or name.startswith("tests/") for name in files)


def test_what_is_packed_is_a_wheel_to_the_letter() -> None:
    archive = zipfile.ZipFile(io.BytesIO(packed()[1]))
    (record,) = (name for name in archive.namelist() if name.endswith("/RECORD"))
    rows = dict(line.split(",", 1) for line in archive.read(record).decode().splitlines())
    assert set(rows) == set(archive.namelist())
    for name, row in rows.items():
        if name != record:
            content = archive.read(name)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            assert row == f"sha256={digest},{len(content)}"


def test_the_same_files_make_the_same_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    files = [("generator/__init__.py", b'"""Ours."""\n'), ("generator/bundled/theme/page.css", b"p {}\n" * 100)]
    wheels = set()
    for found in (files, files[::-1]):
        monkeypatch.setattr(own_wheel, "_files", lambda known=found: iter(known))
        wheels.add(packed.__wrapped__())
    assert len(wheels) == 1


def test_what_an_owner_may_ask_for_besides_comes_with_it() -> None:
    text = description(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"])
    assert all(f"Provides-Extra: {extra}\n" in text for extra in EXTRAS)
    assert "Requires-Dist: weasyprint>=70,<71 ; extra == 'pdf'\n" in text
    assert "Requires-Dist: tzdata>=2026.1; platform_system == 'Windows'\n" in text
    assert "pytest" not in text
