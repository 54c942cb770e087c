"""Problems of one cell: what was written there cannot be, or cannot be understood for certain."""

from __future__ import annotations

from generator.problems.entry import error, warning

CELL_MISSING = error(
    "cell-missing",
    "A row lacks something that every such row must have.",
    "nothing is written here.",
    "Fill it in; every row of {file} needs it.",
)
FORMULA = error(
    "formula",
    "A cell holds a formula; relance reads what people see, and never computes what a file tells it to.",
    "{found} is a formula.",
    "Write its result, as a value.",
)
FORMULA_ERROR = error(
    "formula-error",
    "A cell shows that its formula failed (`#REF!`, `#N/A`, …): what should stand there is not known.",
    "{found} is what a spreadsheet shows where a formula failed.",
    "Correct the formula, or write its result as a value; where nothing is to be found, let it give an empty cell.",
)
HEADER_UNSAFE = error(
    "header-unsafe",
    "A text that reaches an email's header holds a line break, a control character or an encoded word (`=?…?=`).",
    "{found} holds {what}, which could forge the header of an email.",
    "Write it again on one line, as plain text.",
)
CONTROL_CHARACTER = error(
    "control-character",
    "A longer text holds a control character that no keyboard types.",
    "{found} holds {what}.",
    "Write it again as plain text; line breaks are welcome here.",
)
VALUE_NO_WORDS = warning(
    "value-no-words",
    "The column `value` holds an amount or a number; it is for what the work brought, in words that the client reads, and is not shown.",
    "{found} is no sentence, and is not shown.",
    "Write what the work brought in a few words, or give the column another name if it is about something else.",
)
CHARACTER_INVISIBLE = warning(
    "character-invisible",
    "A text holds characters that cannot be seen, or that turn the reading direction round; they were taken out.",
    "{found} holds {what}, which was taken out.",
    "Type it again instead of pasting it.",
)
AMOUNT_UNREADABLE = error(
    "amount-unreadable",
    "What is written is not an amount.",
    "{found} is not an amount.",
    "Write it as 1234.56 or 1 234,56.",
)
AMOUNT_AMBIGUOUS = error(
    "amount-ambiguous",
    "`1,234` is 1234 to some and 1.234 to others, and no other amount of its column tells which.",
    "{found} could be {whole} or {fraction}, and the other amounts of this column do not tell which.",
    "Write {whole}.00 if that is what is meant.",
)
AMOUNT_STYLES_MIXED = error(
    "amount-styles-mixed",
    "One column writes some amounts with a decimal comma and others with a decimal point.",
    "{found} has a decimal {style}, while {other} on line {line} has a decimal {other_style}.",
    "Write all amounts of this column in the same way.",
)
AMOUNT_DECIMALS = error(
    "amount-decimals",
    "An amount has more decimals than its currency.",
    "{found} has more decimals than {currency}, which has {decimals}.",
    "Write the exact amount that was invoiced or paid.",
)
AMOUNT_CURRENCY = error(
    "amount-currency",
    "The currency written beside an amount is not the one of its row.",
    "{found} is in {written}, and this row is in {currency}.",
    "Correct the amount or the column currency.",
)
AMOUNT_NOT_POSITIVE = error(
    "amount-not-positive",
    "An instalment or a promised amount must be more than zero.",
    "{found} is not more than zero.",
    "Write the amount that is to be paid on that day.",
)
DATE_UNREADABLE = error(
    "date-unreadable",
    "What is written is not a date.",
    "{found} is not a date.",
    "Write the {what} like 31/12/2026 or 2026-12-31.",
)
DATE_IMPOSSIBLE = error(
    "date-impossible",
    "A date that no calendar has.",
    "{found} is not a day of the calendar.",
    "Write the {what} as {example}.",
)
DATE_UNLIKELY = error(
    "date-unlikely",
    "A date before 1970 or after 2199, which can only be a slip.",
    "{found} is too far away to be meant.",
    "Write the {what} with the right year, like 31/12/2026 or 2026-12-31.",
)
PERCENT_UNREADABLE = error(
    "percent-unreadable",
    "What is written is not a percentage between 0 and 100.",
    "{found} is not a percentage between 0 and 100.",
    "Write it like 5 or 5.5.",
)
NUMBER_UNREADABLE = error(
    "number-unreadable",
    "A whole number of days was expected.",
    "{found} is not a whole number of days.",
    "Write it in figures, from {low} to {high}.",
)
DAYS_OF_MONTH_UNREADABLE = error(
    "days-of-month-unreadable",
    "One or several days of the month were expected.",
    "{found} is not a list of days of the month.",
    "Write them in figures from 1 to 31, like 10 or 10 25; 31 is the last day of every month.",
)
WORD_UNKNOWN = error(
    "word-unknown",
    "A column that takes a few words only (status, kind, channel, yes or no) holds another one.",
    "{found} is not a {what} that relance knows.",
    "Write one of: {accepted}.",
)
VAT_UNREADABLE = error(
    "vat-unreadable",
    "The column `vat` holds neither one rate nor a list of rates with their net amounts.",
    "{found} is not understood.",
    "Write one rate (20), or each rate with its net amount (20:1000.00 10:50.00).",
)
TERMS_UNREADABLE = error(
    "terms-unreadable",
    "The terms of payment are written in a way that relance does not know.",
    "{found} is not understood.",
    'Write for example 30, "30 fin de mois", "fin de mois 30", "30 le 10" or comptant.',
)
CURRENCY_UNKNOWN = error(
    "currency-unknown",
    "A currency code that ISO 4217 does not have.",
    "{found} is not a currency.",
    "Write its code of three letters, like EUR or CHF.",
)
EMAIL_WRONG = error(
    "email-wrong",
    "What is written is not the address of a mailbox.",
    "{found} is not an email address: {reason}.",
    "Write the bare address, like compta@atelier.example.",
)
EMAIL_SEVERAL = error(
    "email-several",
    "Several addresses stand where one is expected.",
    "{found} holds several addresses.",
    "Keep one here, and give the others a row each in contacts.csv.",
)
SIREN_WRONG = error(
    "siren-wrong",
    "A SIREN (or SIRET) whose digits do not add up.",
    "{found} is not a SIREN.",
    "Copy the nine digits from the register (annuaire-entreprises.data.gouv.fr), or leave it empty.",
)
VAT_NUMBER_WRONG = error(
    "vat-number-wrong",
    "A VAT number that its country would not issue.",
    "{found} is not a VAT number.",
    "Copy it from an invoice with the letters of its country, like FR40303265045, or leave it empty.",
)
DOCUMENT_REFUSED = error(
    "document-refused",
    "The link to an invoice is neither a page over https nor a file of the owner's folder.",
    "{found} cannot be linked: {reason}.",
    "Write an address that begins with https://, or the path of a file inside your folder.",
)
DOCUMENT_MISSING = warning(
    "document-missing",
    "The file of an invoice is not where the ledger says.",
    "there is no file {found} in your folder.",
    "Put it there, or correct the path.",
)
ID_REFUSED = error(
    "id-refused",
    "A client's id cannot name a file or stand in a command: `../x`, `CON`, `a%2fb`.",
    "{found} cannot be the id of a client: {reason}.",
    "Use letters, digits, spaces, hyphens and dots, like C-012.",
)
