"""Tables → facts: every format ends here, so that a rule about a row is written once, and its problems are told alike.

A reader of a format gives a `Source`: the tables of what it holds (`Table.of`, or `read_file` for a CSV file of the ledger
folder), several of one kind if need be, and what it has to say besides. `gather` makes facts of them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import PurePath
from typing import TYPE_CHECKING

from generator.domain.ledger import Problem, SourceRef
from generator.problems import files
from generator.readers.clients import read_clients, read_contacts
from generator.readers.columns import CLIENTS, CONTACTS, FILES, INVOICES, PAYMENTS
from generator.readers.crossing import CHECKS
from generator.readers.facts import Facts
from generator.readers.fee_waivers import read_fee_waivers
from generator.readers.invoices import read_invoices
from generator.readers.learnt import (
    read_agreements,
    read_bank_statements,
    read_disputes,
    read_promises,
    read_set_aside,
)
from generator.readers.once import count_once
from generator.readers.payments import read_payments
from generator.readers.proposals import read_proposals
from generator.readers.table import Table, read_table
from generator.readers.takings import read_takings
from generator.readers.vouchers import read_vouchers

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from generator.config import Settings
    from generator.readers.columns import FileColumns

#: The files that are the owner's, whose columns they may name in `[ledger.columns]`; those of `relance/` are relance's own.
OWNERS_FILES = (CLIENTS, CONTACTS, INVOICES, PAYMENTS)
LEARNT_FILES = tuple(columns for columns in FILES if columns not in OWNERS_FILES)

_MEANS = {
    "factures": "invoices.csv",
    "reglements": "payments.csv",
    "règlements": "payments.csv",
    "paiements": "payments.csv",
    "encaissements": "payments.csv",
    "interlocuteurs": "contacts.csv",
}


@dataclass(slots=True)
class Source:
    """What a format holds: the owner's tables, each kind under the name of its file; the problems to list before and after theirs."""

    tables: dict[str, list[Table]]
    before: list[Problem] = field(default_factory=list)
    after: list[Problem] = field(default_factory=list)


def unseen(why: list[Problem]) -> Source:
    """A source that could not be opened at all: nothing that is learnt of its clients and invoices can be called unknown."""
    tables = {columns.name: Table(columns, columns.file) for columns in OWNERS_FILES}
    for table in tables.values():
        table.known = False
    return Source({name: [table] for name, table in tables.items()}, before=why)


def shown_path(settings: Settings, file: str) -> str:
    """A file of the ledger folder, as problems and sources name it."""
    return f"{PurePath(settings.ledger.path).as_posix()}/{file}"


def read_file(settings: Settings, columns: FileColumns, mapping: Mapping[str, str]) -> Table:
    """One CSV file of the ledger folder; a table without rows when it is not there and need not be."""
    path = settings.folder / settings.ledger.path / columns.file
    return read_table(path, shown_path(settings, columns.file), columns, mapping)


def learnt_tables(settings: Settings) -> dict[str, list[Table]]:
    """What relance learnt, in `relance/`: beside a ledger of any format."""
    return {columns.name: [read_file(settings, columns, {})] for columns in LEARNT_FILES}


def gather(settings: Settings, tables: Mapping[str, Sequence[Table]]) -> Facts:
    """The facts of all these tables, each kind under its name, checked row by row and against each other."""
    by_name = {columns.name: list(tables.get(columns.name, ())) for columns in FILES}
    facts = Facts(settings.folder, settings.seller, by_name, settings.policy)
    facts.from_accounts = settings.ledger.format == "fec"
    read_clients(facts)
    read_contacts(facts)
    read_invoices(facts)
    read_payments(facts)
    read_takings(facts)
    if facts.from_accounts:
        count_once(facts)
    read_agreements(facts)
    read_promises(facts)
    read_disputes(facts)
    read_bank_statements(facts)
    read_set_aside(facts)
    read_proposals(facts)
    read_vouchers(facts)
    read_fee_waivers(facts)
    for check in CHECKS:
        for problem in check(facts):
            facts.tell(problem)
    return facts


def mapping_problems(mapping: Mapping[str, Mapping[str, str]], known: Sequence[FileColumns]) -> list[Problem]:
    """What `[ledger.columns]` names that is no file, or no column of ours, where the owner may name those of `known`."""
    by_name = {columns.name: columns for columns in known}
    found = []
    for file, columns in mapping.items():
        ours = by_name.get(file)
        if ours is None:
            advice = f"Write one of: {', '.join(f'[ledger.columns.{name}]' for name in by_name)}."
            found.append(_unknown(f"ledger.columns.{file}", "a file", advice))
            continue
        for column in columns:
            if column not in ours.aliases:
                close = get_close_matches(column, ours.aliases, 1)
                advice = f"Did you mean {close[0]}?" if close else f"Write one of: {', '.join(ours.aliases)}."
                found.append(_unknown(f"ledger.columns.{file}.{column}", "a column", advice))
    return found


def _unknown(key: str, what: str, advice: str) -> Problem:
    return files.COLUMN_MAPPING_UNKNOWN.at(SourceRef("portal.toml"), key, what=what, advice=advice)


def unread_files(settings: Settings, read: Sequence[FileColumns], besides: Collection[str] = ()) -> list[Problem]:
    """The CSV files of the ledger folder that nothing reads: a payments file under another name would have paid clients reminded.

    `besides` are the paths inside the folder of other files that are read.
    """
    folder = settings.folder / settings.ledger.path
    if not os.path.isdir(folder):  # noqa: PTH112  (Path.is_dir raises for a name that is too long)
        return []
    known = [columns.file for columns in read]
    found = []
    for path in sorted((*folder.glob("*"), *folder.glob("relance/*"))):
        name = path.relative_to(folder).as_posix()
        if path.suffix.casefold() in {".csv", ".tsv"} and name not in known and name not in besides:
            stems = {file.removesuffix(".csv"): file for file in known}
            close = get_close_matches(path.stem.casefold(), stems, 1, cutoff=0.7)
            meant = _MEANS.get(path.stem.casefold()) or (stems[close[0]] if close else "")
            advice = f"Call it {meant} if that is what it is." if meant else f"The files it reads: {', '.join(known)}."
            found.append(files.FILE_UNKNOWN.at(SourceRef(shown_path(settings, name)), advice=advice))
    return found
