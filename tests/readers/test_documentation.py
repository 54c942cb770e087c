"""Every file, column and alias of the ledger is documented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from generator.checks import slug
from generator.readers.columns import FILES, LEARNT_PAYMENTS, PAYMENTS, FileColumns

LEDGER = Path(__file__).resolve().parent.parent.parent / "docs" / "reference" / "ledger.md"


def section(columns: FileColumns) -> str:
    found = re.search(
        rf"^## `{re.escape(columns.file)}`\n(.*?)(?=^## |\Z)",
        LEDGER.read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    assert found, columns.file
    return found[1]


@pytest.mark.parametrize("columns", FILES, ids=lambda columns: str(columns.name))
def test_every_column_is_documented_with_its_aliases(columns: FileColumns) -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+?) \|$", section(columns), re.MULTILINE)
    shared = PAYMENTS.aliases if columns is LEARNT_PAYMENTS else {}
    assert [name for name, _ in rows] == [name for name in columns.aliases if name not in shared]
    for name, text in rows:
        assert ("**Required.**" in text) == (name in columns.required), name
        aliases = re.search(r"<br>\*(.+)\*$", text)
        assert tuple(aliases[1].split(", ") if aliases else ()) == columns.aliases[name], name


def test_the_payments_that_relance_learnt_are_documented() -> None:
    assert "the same columns" in section(LEARNT_PAYMENTS)


@pytest.mark.parametrize("columns", FILES, ids=lambda columns: str(columns.name))
def test_no_name_means_two_columns(columns: FileColumns) -> None:
    names = [name for column, aliases in columns.aliases.items() for name in (column, *aliases)]
    assert len(set(names)) == len(names)
    assert all(slug(name) == name for name in names)
    assert set(columns.required) <= set(columns.aliases)
