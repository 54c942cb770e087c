"""A ledger in a folder of CSV files, as spreadsheets and invoicing programs export it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.readers.assembly import OWNERS_FILES, Source, mapping_problems, read_file, unread_files
from generator.readers.columns import FILES

if TYPE_CHECKING:
    from generator.config import Settings


def read_csv_folder(settings: Settings) -> Source:
    """The four files of the owner."""
    mapping = settings.ledger.columns
    return Source(
        {columns.name: [read_file(settings, columns, mapping.get(columns.name, {}))] for columns in OWNERS_FILES},
        before=mapping_problems(mapping, OWNERS_FILES),
        after=unread_files(settings, FILES),
    )
