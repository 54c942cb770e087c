"""A ledger in a folder of CSV files, as spreadsheets and invoicing programs export it."""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import PurePath
from typing import TYPE_CHECKING

from generator.at_rest import collector_at_rest
from generator.domain.ledger import Problem, SourceRef
from generator.problems import files
from generator.readers.clients import read_clients, read_contacts
from generator.readers.columns import CLIENTS, CONTACTS, FILES, INVOICES, PAYMENTS
from generator.readers.crossing import CHECKS
from generator.readers.facts import Facts
from generator.readers.invoices import read_invoices
from generator.readers.learnt import read_agreements, read_disputes, read_promises
from generator.readers.payments import read_payments
from generator.readers.table import read_table
from generator.readers.takings import read_takings

if TYPE_CHECKING:
    from pathlib import Path

    from generator.config import Settings
    from generator.domain.ledger import Ledger

#: The files whose columns the owner may name in `[ledger.columns]`; those of `relance/` are relance's own.
_OWNERS_FILES = {columns.name: columns for columns in (CLIENTS, CONTACTS, INVOICES, PAYMENTS)}


def read_csv_folder(settings: Settings) -> tuple[Ledger, list[Problem]]:
    """The whole ledger, and every problem in the order of the files. With an error among them, the ledger lacks the facts concerned."""
    with collector_at_rest():
        return _read(settings)


def _read(settings: Settings) -> tuple[Ledger, list[Problem]]:
    folder = settings.folder / settings.ledger.path
    shown = PurePath(settings.ledger.path).as_posix()
    mapping = settings.ledger.columns
    tables = {
        columns.name: read_table(
            folder / columns.file, f"{shown}/{columns.file}", columns, mapping.get(columns.name, {})
        )
        for columns in FILES
    }
    facts = Facts(settings.folder, settings.seller, tables, settings.policy.reminders)
    read_clients(facts)
    read_contacts(facts)
    read_invoices(facts)
    read_payments(facts)
    read_takings(facts)
    read_agreements(facts)
    read_promises(facts)
    read_disputes(facts)
    by_file = {table.file: table for table in tables.values()}
    for check in CHECKS:
        for problem in check(facts):
            by_file[problem.where.file].problems.append(problem)
    return facts.ledger(), [*_mapping_problems(mapping), *facts.problems(), *_unread(folder, shown)]


def _mapping_problems(mapping: dict[str, dict[str, str]]) -> list[Problem]:
    found = []
    for file, columns in mapping.items():
        known = _OWNERS_FILES.get(file)
        if known is None:
            advice = f"Write one of: {', '.join(f'[ledger.columns.{name}]' for name in _OWNERS_FILES)}."
            found.append(_unknown(f"ledger.columns.{file}", "a file", advice))
            continue
        for column in columns:
            if column not in known.aliases:
                close = get_close_matches(column, known.aliases, 1)
                advice = f"Did you mean {close[0]}?" if close else f"Write one of: {', '.join(known.aliases)}."
                found.append(_unknown(f"ledger.columns.{file}.{column}", "a column", advice))
    return found


def _unknown(key: str, what: str, advice: str) -> Problem:
    return files.COLUMN_MAPPING_UNKNOWN.at(SourceRef("portal.toml"), key, what=what, advice=advice)


def _unread(folder: Path, shown: str) -> list[Problem]:
    """The CSV files that nothing reads: a payments file under another name would have paid clients reminded."""
    if not os.path.isdir(folder):  # noqa: PTH112  (Path.is_dir raises for a name that is too long)
        return []
    known = [columns.file for columns in FILES]
    found = []
    for path in sorted((*folder.glob("*"), *folder.glob("relance/*"))):
        name = path.relative_to(folder).as_posix()
        if path.suffix.casefold() in {".csv", ".tsv"} and name not in known:
            stems = {file.removesuffix(".csv"): file for file in known}
            close = get_close_matches(path.stem.casefold(), stems, 1, cutoff=0.7)
            meant = _MEANS.get(path.stem.casefold()) or (stems[close[0]] if close else "")
            advice = f"Call it {meant} if that is what it is." if meant else f"The files it reads: {', '.join(known)}."
            found.append(files.FILE_UNKNOWN.at(SourceRef(f"{shown}/{name}"), advice=advice))
    return found


_MEANS = {
    "factures": "invoices.csv",
    "reglements": "payments.csv",
    "règlements": "payments.csv",
    "paiements": "payments.csv",
    "encaissements": "payments.csv",
    "interlocuteurs": "contacts.csv",
}
