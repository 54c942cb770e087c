"""E-invoices: a folder of Factur-X or ZUGFeRD PDFs, UBL 2.1 and CII files, and of PDFs for people, beside a ledger or as one.

An e-invoice whose number the ledger has completes its row, and must agree with it; one that it has not becomes a row. PDFs become
the document of their invoice. Whatever is odd, the answer is the one that asks for less: a supplier's invoice, one that was
replaced, or what was prepaid is never asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.domain.ledger import SourceRef
from generator.problems import einvoices as problems
from generator.readers.assembly import LEARNT_FILES, Source, mapping_problems, read_file, unread_files
from generator.readers.columns import CLIENTS, CONTACTS, INVOICES, PAYMENTS
from generator.readers.table import Table

if TYPE_CHECKING:
    from generator.config import Settings

_FILES = (CLIENTS, CONTACTS, PAYMENTS)


def read_documents(settings: Settings) -> Source:
    """A ledger that is nothing but its e-invoices: what they do not tell may stand in clients.csv, contacts.csv and payments.csv."""
    mapping = settings.ledger.columns
    home = settings.folder / settings.ledger.path
    tables = {
        columns.name: [read_file(settings, columns, mapping.get(columns.name, {}))]
        for columns in _FILES
        if columns.optional_file or (home / columns.file).exists()
    }
    return Source(tables, mapping_problems(mapping, _FILES), unread_files(settings, (*_FILES, *LEARNT_FILES)))


def add_documents(settings: Settings, source: Source) -> None:
    """Adds to a ledger what the folder of invoices holds."""
    try:
        import facturx  # noqa: F401, PLC0415  (an extra, and slow to load)
    except ModuleNotFoundError as missing:
        if missing.name != "facturx":
            raise
        source.before.append(problems.LIBRARY_MISSING.at(SourceRef("portal.toml"), settings.ledger.documents))
        unseen = Table(INVOICES, settings.ledger.documents)
        unseen.known = False  # what names an invoice of the folder is not wrong for that
        source.tables["invoices"] = [*source.tables.get("invoices", ()), unseen]
        return
    from generator.readers.einvoices.joining import join  # noqa: PLC0415  (what it needs is an extra)

    join(settings, source)
