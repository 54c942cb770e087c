"""Readers: one for each format in which a ledger may be kept; all give the same tables, and so the same facts and problems.

To add a format: a module with one function `Settings → Source`, and its line in `FORMATS`. A module that needs a library of
its own is imported when its format is asked for.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from generator.at_rest import collector_at_rest
from generator.config_ledger import DOCUMENTS, Unreadable
from generator.domain.ledger import Ledger, Problem, SourceRef
from generator.problems import databases, policy
from generator.readers.assembly import Source, gather, learnt_tables, unseen
from generator.readers.csv_folder import read_csv_folder
from generator.readers.einvoices import add_documents, read_documents
from generator.readers.fec import read_fec
from generator.readers.holding import hold_back
from generator.readers.one_sheet import read_one_sheet
from generator.readers.presets import preset_problems

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.config import Settings
    from generator.domain.ledger import Payment
    from generator.readers.facts import Facts
    from generator.readers.table import Table


def _read_sql(settings: Settings) -> Source:
    try:
        from generator.readers.sql import read_sql  # noqa: PLC0415  (a library of its own)
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] != "sqlalchemy":
            raise
        how = 'pip install "relance[sql]"'
        return unseen([databases.DRIVER_MISSING.at(SourceRef("portal.toml"), "SQLAlchemy", how=how)])
    return read_sql(settings, os.environ)


FORMATS: dict[str, Callable[[Settings], Source]] = {
    "csv": read_csv_folder,
    "sheet": read_one_sheet,
    "sql": _read_sql,
    "fec": read_fec,
    DOCUMENTS: read_documents,
}


def read_ledger(settings: Settings) -> tuple[Ledger, list[Problem]]:
    """The ledger that the settings point to, with every problem found in it, in the order of the files.

    Facts of any date are read; which of them count today is the domain's to say. With an error among the problems, the
    ledger lacks the facts concerned.
    """
    reader = FORMATS.get(settings.ledger.format)
    if reader is None:
        return Ledger({}), [policy.LEDGER_FORMAT_UNKNOWN.at(SourceRef("portal.toml"), settings.ledger.format)]
    with collector_at_rest():
        source, facts = _gathered(reader, settings)
        if settings.ledger.unreadable is Unreadable.HOLD:
            hold_back(facts)
    return facts.ledger(), [*preset_problems(settings), *source.before, *facts.problems(), *source.after]


def read_further(settings: Settings, table: Table) -> tuple[list[Payment], list[Problem]]:
    """What further rows of a file of payments are, beside the ledger as it is, and what is wrong with them; writes nothing."""
    with collector_at_rest():
        _, facts = _gathered(FORMATS[settings.ledger.format], settings, table)
    payments = [payment for payment in facts.payments if payment.source.file in table.files]
    return payments, [problem for problem in facts.problems() if problem.where.file in table.files]


def _gathered(
    reader: Callable[[Settings], Source], settings: Settings, further: Table | None = None
) -> tuple[Source, Facts]:
    """What the reader of a format gives, and the facts of it and of all that was learnt besides."""
    source = reader(settings)
    if settings.ledger.documents:
        add_documents(settings, source)
    tables = {**source.tables, **learnt_tables(settings)}
    if further is not None:
        tables[further.columns.name] = [*tables[further.columns.name], further]
    return source, gather(settings, tables)
