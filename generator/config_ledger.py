"""Where the ledger is, in which format, and how its columns are called: `[ledger]` of `portal.toml`."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from generator.config_fec import FecSettings, read_fec_settings
from generator.config_sql import SqlSettings, read_sql_settings

if TYPE_CHECKING:
    from generator.policy_file import Section

#: The format of a ledger that is nothing but a folder of e-invoices.
DOCUMENTS = "documents"
_GENERATED = frozenset({"output", "outbox", "report", "journal"})


#: The formats that are one file, with an example of how to name it.
_ONE_FILE = {"sheet": 'file = "ledger/factures.xlsx"', "fec": 'file = "ledger/FEC.txt"'}


class Unreadable(StrEnum):
    """What a row that cannot be read does: stop the run, as the owner can correct it at once, or hold back its own client."""

    STOP = "stop"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class LedgerSettings:
    """The `[ledger]` table. `path` is the folder of the ledger's CSV files and, in any format, of what relance learns (`relance/`).

    `file` is the one file of a format that has one, from the owner's folder; `sheets` are the sheets of a workbook that are read,
    when not all that fit are. `columns` are the owner's names for our columns, file by file; whether these exist is for the reader
    of the format to say.
    `preset` names the program whose export the file is. `documents` is a folder of invoices, PDFs and e-invoices; empty: none.
    `open_only`: the export holds open invoices only, so that one that left it was settled.
    """

    format: str = "csv"
    path: str = "ledger"
    file: str = ""
    sheets: tuple[str, ...] = ()
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    unreadable: Unreadable = Unreadable.STOP
    sql: SqlSettings = field(default_factory=SqlSettings)
    fec: FecSettings = field(default_factory=FecSettings)
    preset: str = ""
    documents: str = ""
    open_only: bool = False


def read_ledger_settings(section: Section) -> LedgerSettings:
    """Every key of the table but those that are policy (`payments_up_to`, `stale_days`)."""
    mapped = section.opened("columns")
    columns: dict[str, dict[str, str]] = {}
    for file in mapped.table:
        names = mapped.opened(file)
        columns[file] = {column: header for column in names.table if (header := names.text(column))}
    path = section.text("path", "ledger").rstrip("/")
    form = section.text("format", "csv")
    if form in _ONE_FILE and not section.table.get("file"):
        section.missing("file", _ONE_FILE[form])
    usual = Unreadable.STOP if form == "csv" else Unreadable.HOLD  # what is typed by hand is soon corrected
    return LedgerSettings(
        format=form,
        path=path or "ledger",
        file=section.text("file"),
        sheets=section.items("sheets", str, (), '["2026", "2025"]'),
        columns=columns,
        unreadable=section.word("unreadable", Unreadable, usual),
        sql=read_sql_settings(section.opened("sql"), used=form == "sql"),
        fec=read_fec_settings(section.opened("fec")),
        preset=section.text("preset"),
        documents=_documents(section, needed=form == DOCUMENTS),
        open_only=section.yes("open_only", default=False),
    )


def _documents(section: Section, *, needed: bool) -> str:
    """A folder inside the owner's, and none that relance writes: a page would come back as an invoice."""
    written = section.text("documents", example='"factures"')
    if not written:
        if needed:
            section.missing("documents", 'documents = "factures"')
        return ""
    parts = PurePosixPath(written).parts
    elsewhere = written.startswith(("/", "~")) or ".." in parts or ":" in written or "\\" in written
    if elsewhere or not parts or parts[0].casefold() in _GENERATED:
        section.wrong("documents", written, 'Write the name of a folder inside yours, like "factures".')
        return ""
    return PurePosixPath(written).as_posix()
