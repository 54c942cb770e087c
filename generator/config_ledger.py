"""Where the ledger is, in which format, and how its columns are called: `[ledger]` of `portal.toml`."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from generator.config_sql import SqlSettings, read_sql_settings

if TYPE_CHECKING:
    from generator.policy_file import Section


class Unreadable(StrEnum):
    """What a row that cannot be read does: stop the run, as the owner can correct it at once, or hold back its own client."""

    STOP = "stop"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class LedgerSettings:
    """The `[ledger]` table. `path` is the folder of the ledger's CSV files and, in any format, of what relance learns (`relance/`).

    `columns` are the owner's names for our columns, file by file; whether these exist is for the reader of the format to say.
    """

    format: str = "csv"
    path: str = "ledger"
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    unreadable: Unreadable = Unreadable.STOP
    sql: SqlSettings = field(default_factory=SqlSettings)


def read_ledger_settings(section: Section) -> LedgerSettings:
    """Every key of the table but those that are policy (`payments_up_to`, `stale_days`)."""
    mapped = section.opened("columns")
    columns: dict[str, dict[str, str]] = {}
    for file in mapped.table:
        names = mapped.opened(file)
        columns[file] = {column: header for column in names.table if (header := names.text(column))}
    path = section.text("path", "ledger").rstrip("/")
    form = section.text("format", "csv")
    usual = Unreadable.STOP if form == "csv" else Unreadable.HOLD  # what is typed by hand is soon corrected
    return LedgerSettings(
        format=form,
        path=path or "ledger",
        columns=columns,
        unreadable=section.word("unreadable", Unreadable, usual),
        sql=read_sql_settings(section.opened("sql"), used=form == "sql"),
    )
