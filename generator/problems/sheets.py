"""Problems of a workbook, and of a ledger that is kept in one sheet."""

from __future__ import annotations

from generator.problems.entry import error, notice, warning

LEDGER_FILE_MISSING = error(
    "ledger-file-missing",
    "The ledger is one file, and the one that portal.toml names is not there.",
    "there is no such file in your folder.",
    'Put it there, or write in portal.toml, under [ledger], where it is: file = "…".',
)
WORKBOOK_LOCKED = error(
    "workbook-locked",
    "A workbook opens with a password only; relance asks for none and keeps none.",
    "this workbook is protected by a password.",
    "Save a copy without the password where only you can read it, or export the sheet as CSV.",
)
WORKBOOK_UNREADABLE = error(
    "workbook-unreadable",
    "A file is called like a workbook and is none, or a damaged one.",
    "this is not a workbook that can be read ({reason}).",
    "{advice}",
)
WORKBOOK_TOO_LARGE = error(
    "workbook-too-large",
    "A workbook holds more than memory does: most often because of one cell written by accident far from the others.",
    "this workbook is too large to be read.",
    "Delete the rows and columns beyond your invoices (Ctrl+End goes to the last cell), or export the sheet as CSV.",
)
WORKBOOK_OLD = notice(
    "workbook-old",
    "In .xls and .xlsb files nothing tells a formula that failed from an empty cell.",
    "in a workbook of this kind, a formula that failed looks like an empty cell.",
    "Save it as .xlsx if it holds formulas.",
)
WORKBOOK_EMPTY = error(
    "workbook-empty",
    "A workbook holds nothing in any of its sheets.",
    "there is nothing in it.",
    "Check that it is the right file. One row must name the columns: {columns}.",
)
SHEET_LEFT_OUT = notice(
    "sheet-left-out",
    "A sheet of the workbook is not read: it is hidden, or no row of it names the columns of invoices.",
    "this sheet is not read: {reason}.",
    "{advice}",
)
SHEET_UNKNOWN = error(
    "sheet-unknown",
    "`[ledger] sheets` of portal.toml names a sheet that the workbook does not have.",
    "{found} is not a sheet of this workbook.",
    "Its sheets are: {known}.",
)
HEADER_UNFOUND = error(
    "header-unfound",
    "No row of a sheet names enough columns to be the one that names them all.",
    "no row near the top names the columns.",
    "One row must name at least these: {columns}.",
)
ROWS_UNUSED = notice(
    "rows-unused",
    "Rows that are a heading or a sum, or hold a number that waits for its invoice, were left out.",
    "{count} with {found}, or the like: no invoice; left out.",
    "Nothing to do, if they are headings or sums, or wait for invoices to come.",
)
TOTAL_UNCLEAR = error(
    "total-unclear",
    "Two columns of a sheet could be the amount to pay, and relance does not choose between them.",
    "{found} stands beside {other}, and does not say whether it includes VAT: what is to be paid is not certain.",
    "Say in portal.toml which it is: [ledger.columns.sheet] total = {found}, or total = {other}.",
)
PAID_UNREADABLE = error(
    "paid-unreadable",
    "The column that says whether an invoice is paid holds neither yes or no, nor a day, nor an amount.",
    "{found} does not say whether this invoice is paid.",
    "Write oui or non, the day it was paid, or the amount that came in.",
)
PAID_CONTRADICTED = error(
    "paid-contradicted",
    "What a row says about the payment of its invoice cannot all be true.",
    "{found} here, and {other} in the same row: both cannot be true.",
    "Correct one of the two.",
)
BALANCE_DIFFERS = error(
    "balance-differs",
    "What a row says is left to pay is not its total less what was paid.",
    "{found} is said to be left to pay, and total less payments gives {left}.",
    "Correct the total, the payments or what is left.",
)
CLIENT_WORDS_DIFFER = warning(
    "client-words-differ",
    "Two rows of one client say different things of them; the later row counts.",
    "{found} here and {other} {place}, for the same client: this one counts.",
    "Write the same in all rows of {client}, or the right one in clients.csv, which always wins.",
)
CLIENT_EMAILS_DIFFER = error(
    "client-emails-differ",
    "Two rows with one name have addresses that nothing connects: two people of one name would see each other's invoices.",
    "{found} here and {other} {place}, under one name: this could be one client or two.",
    "For one client, write the address in clients.csv under that name; for two, tell their names apart, or add a column with "
    "an id of their own.",
)
CLIENT_EMAIL_SHARED = warning(
    "client-email-shared",
    "One email address stands under two names: they are taken for two clients, each with a page of their own.",
    "{found} is the address of {other} too ({place}): they are two clients.",
    "If it is one client, write the name alike in all rows, or give both the same id.",
)
CLIENT_NAMED_TWICE = error(
    "client-named-twice",
    "A row of clients.csv has a name that several clients of the sheet have, and no id to tell which is meant.",
    "several clients are called {found}.",
    "Write the id of the one that is meant: {known}.",
)
