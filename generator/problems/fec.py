"""Problems of a FEC, the export of a company's accounts (LPF A47 A-1). Nobody corrects it by hand: the remedies say what to ask for."""

from __future__ import annotations

from generator.problems.entry import error, notice, warning

MISSING = error(
    "fec-missing",
    "The FEC that `[ledger] file` names is not there.",
    "there is no such file.",
    "Put the FEC of your accountant there, or correct file in [ledger]: a pattern like ledger/*FEC*.txt reads those of several years.",
)
NOT_A_FEC = error(
    "fec-not-one",
    "The file is no FEC: its first line names none of the columns that the law gives it.",
    "this is not a FEC: its first line begins with {found}.",
    "Ask your accountant for the FEC as a text file, its columns separated by tabs or |.",
)
HEADER_MISSING = error(
    "fec-header-missing",
    "The file holds entries of accounts, but no first line that names the columns; their order is not the same everywhere.",
    "the first line does not name the columns, it is an entry already: {found}.",
    "Ask for the FEC with its header (JournalCode, JournalLib, EcritureNum, …): columns are never guessed.",
)
COLUMN_MISSING = error(
    "fec-column-missing",
    "A FEC lacks a column that receivables cannot be told without.",
    "the file has no column {found}.",
    "Ask for the FEC with all the columns of the law: {columns}.",
)
COLUMN_TWICE = error(
    "fec-column-twice",
    "Two columns of a FEC have one name.",
    "two columns are called {found}.",
    "Ask for the FEC again: relance does not choose between them.",
)
LINE_BROKEN = error(
    "fec-line-broken",
    "A line about a client has more or fewer cells than there are columns, and which cell is which cannot be told for certain.",
    "this line has {count} cells for {columns} columns: a separator inside a label, most often.",
    "Take the separator out of the label of that entry ({found}), and export the FEC again.",
)
LINE_ELSEWHERE = warning(
    "fec-line-elsewhere",
    "Lines that are not about a client cannot be read.",
    "{count} that cannot be read, and of no client as far as can be seen; the first begins with {found}.",
    "Nothing to do if your clients' balances are right.",
)
SIDE_UNKNOWN = error(
    "fec-side-unknown",
    "The column Sens of an entry says neither debit nor credit.",
    "{found} is neither a debit nor a credit.",
    "Write D or C there (or 1 and -1), and export the FEC again.",
)
UNBALANCED = error(
    "fec-entry-unbalanced",
    "The debits and credits of an entry about a client differ: a line is missing, or an amount is wrong.",
    "the entry {found} has debits of {debit} and credits of {credit}.",
    "Have the entry corrected in the accounts, and export the FEC again.",
)
UNBALANCED_ELSEWHERE = warning(
    "fec-entry-elsewhere",
    "The debits and credits of an entry differ; no client stands in it, but the line that is missing could be one's.",
    "{count} whose debits and credits differ, without a client; the first is {found}: debits {debit}, credits {credit}.",
    "Have it looked at in the accounts: a client's invoice or payment may be missing.",
)
MONEY_UNBALANCED = error(
    "fec-money-unbalanced",
    "Money came in by an entry that does not balance, and the line that is missing could be the payment of any client.",
    "the entry {found} has debits of {debit} and credits of {credit}, and money in it: any client's payment may be missing.",
    "Have the entry corrected in the accounts, and export the FEC again: nobody shall be reminded of what they paid.",
)
ACCOUNT_UNREADABLE = error(
    "fec-account-unreadable",
    "A line of the FEC has an amount and no account: it could be any client's invoice or payment.",
    "the account of this line cannot be read: {found}.",
    "Have the account of that entry corrected, and export the FEC again.",
)
PAYMENT_ASTRAY = error(
    "fec-payment-astray",
    "A payment that nothing is lettered with stands on the account of one client and names the invoice of another.",
    "this payment of {client} names {found}, which is an invoice of {owner}.",
    "Have it booked on the right account, or lettered with what it pays, and export the FEC again.",
)
ENTRIES_UNTOLD = warning(
    "fec-entries-untold",
    "The numbers of entries do not tell which lines belong together, so that no entry can be checked.",
    "by the column EcritureNum, {count} of {entries} entries do not balance: it does not tell which lines belong together.",
    "Nothing to do if your clients' balances are right: what is a payment is told from the journals instead.",
)
ACCOUNT_COLLECTIVE = warning(
    "fec-account-collective",
    "Entries stand on an account that gathers several clients, without the auxiliary account that tells them apart.",
    "{count} on the account {found}, without an auxiliary account: all of them count as one client.",
    "Give that client no address, or have the entries put on the accounts of the clients they are about.",
)
NO_RECEIVABLES = warning(
    "fec-no-receivables",
    "No entry of the FEC stands on an account of clients.",
    "no entry stands on an account that begins with {found}.",
    'Say in portal.toml how these accounts begin: [ledger.fec] accounts = ["411"].',
)
UNLETTERED = notice(
    "fec-unlettered",
    "Payments carry no lettering and name no invoice: which ones they pay is a guess, listed for the owner.",
    "{count} of {clients} without lettering, and without the number of an invoice.",
    "To be checked: report/pointage.csv says where each one went; lettering them in the accounts settles it.",
)
LETTERED_ELSEWHERE = warning(
    "fec-lettered-elsewhere",
    "Invoices are lettered, and what they are lettered with is not in the file: they were paid after its last day, most often.",
    "{count} lettered with something that the file does not hold; the first is {found}.",
    "They count as paid. If they are not, have their lettering taken off.",
)
DOUBTFUL = notice(
    "fec-doubtful",
    "What stands on an account of doubtful or disputed debts is shown as disputed, and nobody is reminded of it.",
    "{count} on an account of doubtful debts ({found}); nobody is reminded of them.",
    "To ask for them all the same, put the beginning of that account into accounts: [ledger.fec].",
)
RETENTION = notice(
    "fec-retention",
    "Retentions (account 4117) are due at the end of a guarantee whose date the FEC does not tell: they are left out.",
    "{count} of retention on the account {found}; nobody is asked for them.",
    'To ask for them all the same: [ledger.fec] accounts = ["411", "4117"].',
)
OPENING_DIFFERS = warning(
    "fec-opening-differs",
    "A fiscal year opens with other balances of clients than those that the FEC of the year before ends with; the later file counts.",
    "{count} with another balance than the one that the year before ends with; the first is {found}. What this file says counts.",
    "Export the year before again: it was closed since.",
)
YEARS_OVERLAP = error(
    "fec-years-overlap",
    "Two FEC that are read together speak of the same days: what stands in both would count twice.",
    "this file and {found} both speak of {day}.",
    "Keep one FEC for each fiscal year: the later export of the two.",
)
BOOKED_TOO = notice(
    "fec-booked-too",
    "Payments that relance booked, from the bank or from Stripe, stand in the accounts as well: they count once.",
    "{count} of this file also in the accounts, with the same client, amount and days: each counts once.",
    "Nothing to do, if it is so.",
)
BOOKED_TWICE = error(
    "fec-booked-twice",
    "A payment that relance booked, from the bank or from Stripe, may stand in the accounts in another way: it would count twice.",
    "{found} of {day} may be money that the accounts have as well: {amount} of {booked_day} ({place}).",
    "If it is the same money, take this row away; if it is not, empty its cells bank, stripe and link: it then counts besides.",
)
NO_ADDRESS = warning(
    "clients-without-address",
    "Clients who owe something have no email address, and nothing is sent to them.",
    "{count} without an email address, though something is owed: nothing is sent there.",
    "relance clients --missing lists them, ready to fill in as clients.csv.",
)
TERMS_MISSING = error(
    "fec-terms-missing",
    "A FEC does not say when an invoice is due, and nobody says what your terms are.",
    "an entry of accounts says when an invoice was made, and not when it is due; terms are missing for {count}.",
    'Write your usual terms in portal.toml: [seller] terms = "30"; those of a client go into clients.csv.',
)
BOOKED_UNTIL = notice(
    "fec-booked-until",
    "How far payments are booked can be told from the FEC, and portal.toml does not say it.",
    "the last money that this file knows of came in on {found}.",
    'Write payments_up_to = "{found_day}" in [ledger], and change it with each export: nobody is then reminded on old news.',
)
