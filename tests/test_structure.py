"""The house rules that no reviewer should have to check by eye."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted((ROOT / "generator").rglob("*.py"))
MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 60


def test_imports_keep_to_the_contract() -> None:
    linted = subprocess.run(  # in a process of its own: it silences every logger of the one it runs in
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-cache"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr
    assert "broken" in linted.stdout


def test_no_module_is_two_modules() -> None:
    long = {path.name: lines for path in MODULES if (lines := len(path.read_text().splitlines())) > MOST_LINES}
    assert not long


def test_functions_fit_a_screen() -> None:
    long = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > MOST_LINES_OF_A_FUNCTION:
                    long.append(f"{path.name}:{node.lineno} {node.name} has {lines} lines")
    assert not long


def test_the_domain_has_no_float() -> None:
    found = []
    for path in sorted((ROOT / "generator" / "domain").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            is_float = isinstance(node, ast.Constant) and isinstance(node.value, float)
            if is_float or (isinstance(node, ast.Name) and node.id == "float"):
                found.append(f"{path.name}:{getattr(node, 'lineno', 0)}")
    assert not found


def test_nothing_is_left_for_later() -> None:
    words = re.compile("|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "NotImplemented" + "Error"]))
    left = [path.name for path in MODULES if words.search(path.read_text())]
    assert not left
