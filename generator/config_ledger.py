"""Where the ledger is, in which format, and how its columns are called: `[ledger]` of `portal.toml`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.policy_file import Section


@dataclass(frozen=True, slots=True)
class LedgerSettings:
    """The `[ledger]` table. `path` is the folder of the ledger's CSV files and, in any format, of what relance learns (`relance/`).

    `columns` are the owner's names for our columns, file by file; whether these exist is for the reader of the format to say.
    """

    format: str = "csv"
    path: str = "ledger"
    columns: dict[str, dict[str, str]] = field(default_factory=dict)


def read_ledger_settings(section: Section) -> LedgerSettings:
    """Every key of the table but those that are policy (`payments_up_to`, `stale_days`)."""
    mapped = section.opened("columns")
    columns: dict[str, dict[str, str]] = {}
    for file in mapped.table:
        names = mapped.opened(file)
        columns[file] = {column: header for column in names.table if (header := names.text(column))}
    path = section.text("path", "ledger").rstrip("/")
    return LedgerSettings(format=section.text("format", "csv"), path=path or "ledger", columns=columns)
