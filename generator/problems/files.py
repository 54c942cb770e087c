"""Problems of a file as a whole, and of its columns and rows."""

from __future__ import annotations

from generator.problems.entry import error, notice, warning

FILE_MISSING = error(
    "file-missing",
    "A file that the ledger cannot do without is not there.",
    "there is no such file.",
    "Export it from your spreadsheet as CSV, with at least the columns {columns}.",
)
FILE_UNREADABLE = error(
    "file-unreadable",
    "A file is there, but the system does not let us read it, or it is not a plain file.",
    "it cannot be read ({reason}).",
    "Check that it is a plain file and that you may read it.",
)
FILE_UNKNOWN = warning(
    "file-unknown",
    "A CSV file of the ledger folder has a name that relance does not know, and is not read.",
    "relance does not read a file of that name.",
    "{advice}",
)
FILE_EMPTY = error(
    "file-empty",
    "A file holds nothing, not even the names of its columns.",
    "the file is empty.",
    "Its first line must name the columns: {columns}.",
)
FILE_BINARY = error(
    "file-binary",
    "A file that should be text is something else: a workbook, a PDF, an image.",
    "this is not a text file ({looks_like}).",
    'Save it from your spreadsheet as "CSV UTF-8".',
)
FILE_TOO_LARGE = error(
    "file-too-large",
    "A file is over 100 MB, far more than any ledger needs.",
    "the file is {size} MB large, the limit is {limit} MB.",
    "Export only the clients and invoices of the last years.",
)
LINE_TOO_LONG = error(
    "line-too-long",
    "A line, or one cell, is far longer than any invoice needs.",
    "a line here is too long to be a row of a ledger.",
    "Check that this is the right file, and that its lines end where a row ends.",
)
ENCODING_MIXED = error(
    "encoding-mixed",
    "A file mixes two encodings, so its accents would come out wrong on the pages of clients.",
    "UTF-8 and another encoding are mixed in this file, first on this line.",
    'Open it in your spreadsheet, check the accents, and save it as "CSV UTF-8".',
)
QUOTE_BROKEN = error(
    "quote-broken",
    "A cell begins with a quotation mark that is not closed at its end.",
    "a quotation mark opens a cell in this row and does not close it properly.",
    'Write a mark that belongs to the text twice (""), or take it away.',
)
COLUMN_MISSING = error(
    "column-missing",
    "A file lacks a column that relance cannot do without.",
    "the file has no such column.",
    'Call it {accepted}, or say in portal.toml which column it is: [ledger.columns.{file}] {column} = "…".',
)
COLUMN_MAPPED_ABSENT = error(
    "column-mapped-absent",
    "`[ledger.columns]` of portal.toml names a column that the file does not have.",
    "portal.toml says that {column} is called {found}, and no column here is.",
    "Correct [ledger.columns.{file}]; the columns of the file are: {headers}.",
)
COLUMN_MAPPING_UNKNOWN = error(
    "column-mapping-unknown",
    "`[ledger.columns]` of portal.toml is about a file or a column that relance does not have.",
    "{found} is not {what} of the ledger.",
    "{advice}",
)
COLUMN_DUPLICATE = error(
    "column-duplicate",
    "Two columns of a file mean the same thing, and relance does not choose between them.",
    "{found} and {other} both mean {column}.",
    "Take one away, or choose in portal.toml: [ledger.columns.{file}] {column} = {found}.",
)
COLUMN_TWICE = error(
    "column-twice",
    "Two columns of a file have one and the same name, and relance does not choose between them.",
    "two columns are called {found}, and either could be {column}.",
    "Give one of them another name.",
)
COLUMN_UNKNOWN = warning(
    "column-unknown",
    "A column that relance does not know; it is not read.",
    "relance does not know this column and does not read it.",
    "{advice}",
)
CELLS_EXTRA = error(
    "cells-extra",
    "A row has more cells than the file has columns: most often a separator inside a text or an amount.",
    "this row has {count} cells for {columns} columns; the first one too many is {found}.",
    "Put quotation marks around a text or an amount that holds the separator.",
)
TOTAL_ROW = notice(
    "total-row",
    "A row that only adds up the others was left out.",
    "{found} looks like a total and was left out.",
    "If it is not one, fill in its {columns}.",
)
