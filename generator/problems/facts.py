"""Problems between cells, rows and files: each is fine by itself, together they cannot be true."""

from __future__ import annotations

from generator.problems.entry import error, notice, warning

CLIENT_DUPLICATE = error(
    "client-duplicate",
    "Two clients have the same id, or ids that differ by case or accents' encoding only.",
    "{found} is the id of the client {place} already.",
    "Give each client an id of its own.",
)
CLIENT_UNKNOWN = error(
    "client-unknown",
    "A row names a client that clients.csv does not have.",
    "{found} is not the id of a client.",
    "{advice}",
)
LADDER_UNKNOWN = error(
    "ladder-unknown",
    "A client is to be reminded by a ladder that portal.toml does not have.",
    "{found} is not a ladder of portal.toml.",
    "Write one of: {known}; or add [[reminders.ladders.NAME.steps]] to portal.toml. Empty: the usual ladder.",
)
STEP_UNKNOWN = error(
    "step-unknown",
    "A client is to be spared a step that their ladder does not have.",
    "{found} is not a step of this client's ladder.",
    "Its steps are: {known}. Several are separated by spaces or commas.",
)
EMAIL_MISSING = error(
    "email-missing",
    "A client who has invoices is written to by email, and no address is known.",
    "{found} has invoices and no email address.",
    "Write one here or in contacts.csv, or set the channel to phone or letter.",
)
INVOICE_DUPLICATE = error(
    "invoice-duplicate",
    "Two invoices have the same number, of one client or of two.",
    "{found} is the number of {place} already.",
    "Give each invoice its own number; when it is paid in parts, tell them apart in the column part.",
)
DUE_MISSING = error(
    "due-missing",
    "Nothing says when an invoice is due: no date, no terms on the invoice, the client or the seller.",
    "nothing says when this invoice is due.",
    'Write its due date, or terms here, for the client, or for everyone in portal.toml: [seller] terms = "30".',
)
DUE_BEFORE_ISSUE = error(
    "due-before-issue",
    "An invoice is due before it was issued.",
    "{found} is before the invoice's own date, {issued}.",
    "Correct one of the two dates.",
)
CREDIT_OF_INVOICE = error(
    "credit-of-invoice",
    "A row says which invoice it credits, but its total is not negative.",
    "this row credits {found}, but its total is not negative.",
    "A credit note has a negative total; an invoice leaves credit_of empty.",
)
PART_OF_CREDIT = error(
    "part-of-credit",
    "A credit note is cut into parts, which only invoices can be.",
    "a credit note has no parts, and this one is part {found}.",
    "Leave the column part empty, and name the invoice's part in credit_of.",
)
CREDIT_OTHER = error(
    "credit-other",
    "A credit note names an invoice of another client, or in another currency.",
    "the invoice {found} {difference}.",
    "Correct the client, the currency or the number.",
)
INVOICE_UNKNOWN = error(
    "invoice-unknown",
    "A credit note, promise, dispute, agreement or waiver names an invoice that is not in the ledger.",
    "{found} is not the number of an invoice.",
    "{advice}",
)
INVOICE_OF_OTHER_CLIENT = error(
    "invoice-of-other-client",
    "A promise, an agreement or a waiver names an invoice of another client.",
    "the invoice {found} is {owner}'s, and this row is about {client}.",
    "Correct the client or the number.",
)
PAID_ON_AND_PAYMENTS = error(
    "paid-on-and-payments",
    "An invoice is said to be paid in full on a day, and has payments of its own as well.",
    "{found} is paid in full already, by paid_on in {source}.",
    "Keep one of the two.",
)
PAID_SO_FAR_AND_PAYMENTS = error(
    "paid-so-far-and-payments",
    "What was paid on an invoice stands beside it, and it has payments of its own as well: they would count twice.",
    "what was paid on {found} stands in {source} already.",
    "Keep one of the two.",
)
PAID_AMOUNT_WRONG = error(
    "paid-amount-wrong",
    "The amount that is said to be paid on an invoice cannot be true beside its total, its status or its day.",
    "{found} is paid here, {reason}.",
    "Correct the amount, or book the payments in payments.csv.",
)
PAID_ON_NOT_OWED = error(
    "paid-on-not-owed",
    "An invoice that nobody owes you (draft, void, written off, factored) is said to be paid.",
    "this invoice is {status}, yet paid: {found}.",
    "Leave one of the two empty; book money that came in all the same in payments.csv.",
)
DISCOUNT_INCOMPLETE = error(
    "discount-incomplete",
    "An invoice's own discount needs both a percentage and a number of days.",
    "{present} is given without {absent}.",
    "Fill in both, or neither.",
)
DISPUTE_UNDATED = error(
    "dispute-undated",
    "A dispute has a reason or an end, but no day on which it began.",
    "a dispute without the day it began.",
    "Write that day in disputed_on.",
)
DISPUTE_CLOSED_EARLY = error(
    "dispute-closed-early",
    "A dispute ends before it began.",
    "{found} is before the day the dispute began, {opened}.",
    "Correct one of the two dates.",
)
PAYMENT_UNKNOWN_INVOICE = error(
    "payment-unknown-invoice",
    "A payment names an invoice that is not in the ledger.",
    "{found} is not the number of an invoice.",
    "{advice}",
)
PAYMENT_OTHER_CLIENT = error(
    "payment-other-client",
    "A payment of one client names an invoice of another.",
    "the invoice {found} is {owner}'s, and this payment is {client}'s.",
    "Correct the client or the number; if one paid for the other, write the invoice's client.",
)
PAYMENT_OTHER_CURRENCY = error(
    "payment-other-currency",
    "A payment is not in the currency of the invoice that it names.",
    "this payment is in {currency}, and the invoice {found} is in {owed}.",
    "Write {owed} in the column currency and the amount in {owed}, or leave the invoice out.",
)
PAYMENT_OF_CREDIT_NOTE = error(
    "payment-of-credit-note",
    "A payment names a credit note, which nobody owes.",
    "{found} is a credit note.",
    "Name the invoices that were paid; for money given back, leave the column invoice empty.",
)
PAYMENT_EXCEEDS_DEBT = notice(
    "payment-exceeds-debt",
    "More was paid than the invoices that the payment names; the rest is kept as a credit.",
    "with this payment, {found} is paid {paid} of {owed} {currency}; the rest is a credit.",
    "Nothing to do, if it is so.",
)
PAYMENT_TWICE = warning(
    "payment-twice",
    "The same payment seems to be booked twice: same client, day, amount, invoices and reference.",
    "{found} of the same day and client is booked already: {place}.",
    "Take one away, or give them different references.",
)
PAYMENT_BY_HAND_TOO = notice(
    "payment-by-hand-too",
    "A payment that came through a payment link is booked by hand as well, under its Stripe id: your own row counts.",
    "{found} is booked in {place} too: that row counts, this one does not.",
    "Nothing to do, if it is so; otherwise take the Stripe id out of that row.",
)
PAYMENT_BY_HAND_DIFFERS = warning(
    "payment-by-hand-differs",
    "A payment that came through a payment link is booked by hand as well, for another amount or another client: your own row counts.",
    "{found}, {taken} of {client}, is booked in {place} for {booked} of {other}: that row counts.",
    "If Stripe's fee was taken off there, write the whole amount: the client has paid it; the fee is an expense of yours.",
)
PAYMENT_BY_HAND_FAILED = warning(
    "payment-by-hand-failed",
    "A row of payments.csv cites a payment or refund of Stripe's that failed or was cancelled: it counts as money all the same.",
    "{found} is booked in {place}, and Stripe says: {outcome}.",
    "Take that row out, unless the money moved in another way; then take the Stripe id out of it.",
)
STATUS_WITHOUT_STRIPE = error(
    "status-without-stripe",
    "A row of relance/payments.csv is no payment by its status, and has no Stripe id to tell what it is about.",
    "this row is {found}, and names nothing at Stripe.",
    "Write the Stripe id (pi_…) in the column stripe, or take the row away.",
)
STRIPE_ID_WRONG = error(
    "stripe-id-wrong",
    "A cell that holds Stripe ids holds something else: perhaps a spreadsheet changed it.",
    "{found} is not {what}.",
    "Copy it from Stripe's Dashboard, or restore the file from git.",
)
CURRENCIES_MIXED = error(
    "currencies-mixed",
    "An agreement, a promise, a voucher or a waiver is not in the currency of the invoices that it names.",
    "this row is in {currency}, and the invoice {found} is in {owed}.",
    "Give each currency rows of its own.",
)
AGREEMENT_INCONSISTENT = error(
    "agreement-inconsistent",
    "Two rows of one agreement differ in what they must share: client, invoices, day signed, status, currency.",
    "the agreement {found} has another {what} on line {line}.",
    "Write the same on all its rows; only due and amount may differ.",
)
AGREEMENT_EXCEEDS_DEBT = error(
    "agreement-exceeds-debt",
    "The instalments of an agreement add up to more than its invoices: the page would ask for more than is owed.",
    "the instalments of {found} add up to {agreed} {currency}, and its invoices to {owed}.",
    "Correct the amounts, or name every invoice that the agreement is about.",
)
AGREEMENT_TWICE = error(
    "agreement-twice",
    "Two agreements are in force for one invoice: the page would ask for it twice.",
    "the agreement {found} is about the invoice {invoice}, which {other} is about too.",
    "Name the earlier one in the column supersedes, or give it a status of its own (completed, broken, cancelled).",
)
AGREEMENT_UNKNOWN = error(
    "agreement-unknown",
    "An agreement says that it replaces one that is not there.",
    "{found} is not an agreement of this file.",
    "Correct the column supersedes, or leave it empty.",
)
VOUCHER_INCONSISTENT = error(
    "voucher-inconsistent",
    "A row about a voucher does not go with itself or with an earlier row of the same id: client, currency, days.",
    "{found} {reason}.",
    "Correct it, or give the voucher an id of its own.",
)
