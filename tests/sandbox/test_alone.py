"""The sandbox ships with relance and knows nothing of it."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

SANDBOX = Path(__file__).resolve().parent.parent.parent / "generator" / "sandbox"
ALLOWED = ("generator.sandbox", "generator.domain.money")


def imported() -> set[str]:
    names = set()
    for path in SANDBOX.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                names.add(str(node.module))
    return names


def test_it_needs_the_standard_library_and_our_money_only() -> None:
    foreign = {name for name in imported() if not name.startswith(ALLOWED)}
    assert {name.split(".")[0] for name in foreign} <= sys.stdlib_module_names
    assert foreign, "the check reads something"
