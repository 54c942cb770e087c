"""Problems of a bank's statement, and of what is booked from it."""

from __future__ import annotations

from generator.problems.entry import error, warning

NOT_A_STATEMENT = error(
    "bank-not-a-statement",
    "A file is no bank statement that relance reads: neither CAMT, nor OFX, nor a CSV file.",
    "this is not a bank statement that relance reads: {reason}.",
    "Download it from your bank as CAMT.053, OFX or CSV.",
)
STATEMENT_BROKEN = error(
    "bank-statement-broken",
    "A bank statement cannot be read to its end, or holds what no bank writes: some payments might be missing.",
    "the statement cannot be read: {reason}.",
    "Download it again from your bank, and do not open it in another program before.",
)
COLUMNS_UNCLEAR = error(
    "bank-columns-unclear",
    "A CSV file of a bank has no line that names a date, words and an amount, so nothing in it can be understood.",
    "no line of the file names {missing}.",
    "Call the columns date, label and amount (or debit and credit); your bank may also offer CAMT.053 or OFX.",
)
AMOUNT_TWICE = error(
    "bank-amount-twice",
    "A line of a bank's CSV file has an amount both as debit and as credit.",
    "{found} is a debit, and the line has a credit too.",
    "Download the statement again; if your bank writes it like that, use CAMT.053 or OFX.",
)
ACCOUNT_OTHER = warning(
    "bank-account-other",
    "A bank statement is of another account than the one that clients are asked to pay to.",
    "the statement is of the account {found}, and portal.toml names another IBAN.",
    "What it holds is booked all the same. Payments count as booked up to a day only by statements of the account of portal.toml.",
)
CURRENCY_OTHER = warning(
    "bank-currency-other",
    "A bank statement is in another currency than the ledger.",
    "the statement is in {found}, and your currency is {currency}.",
    "Only invoices in that currency are looked at for it.",
)
STATEMENT_GAP = warning(
    "bank-statement-gap",
    "Between two bank statements days are missing, on which a client may have paid.",
    "the statement begins on {found}, and payments are booked up to {until} only.",
    "Read the statement of the days between too: until then payments count as booked up to {until}.",
)
STATEMENT_UNBALANCED = warning(
    "bank-statement-unbalanced",
    "The balances of a bank statement do not follow from its movements: some are missing, and a client's may be among them.",
    "the balance before and the movements miss the balance after by {apart}.",
    "Download it again, whole and without a filter: until then no payments count as booked by it. What is certain is booked all the same.",
)
PERIOD_REVERSED = error(
    "bank-period-reversed",
    "A row about a bank statement ends before it begins.",
    "{found} is before the first day of the statement, {begins}.",
    "Correct one of the two dates.",
)
TICK_UNKNOWN = error(
    "bank-tick-unknown",
    "A line that the owner ticked is about a movement that does not wait in the statements given.",
    "{found} does not wait in these statements.",
    "Name the statement that it stands in too; or take the line away.",
)
TICK_UNSURE = error(
    "bank-tick-unsure",
    "A line is ticked to be booked, and does not say of one client whose it is.",
    "the line is to be booked, and does not say for which client.",
    "Write the client's id.",
)
TICK_TWICE = error(
    "bank-tick-twice",
    "Two lines of the owner's list are ticked for one movement, which can be booked once only.",
    "{found} is ticked on line {line} already, and one movement is booked once.",
    "Keep one of the two lines. A transfer that pays for two clients is set aside with no, and written in payments.csv as two payments.",
)
