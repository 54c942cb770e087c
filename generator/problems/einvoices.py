"""Problems of the folder of invoices: PDF files, and e-invoices that a program can read."""

from __future__ import annotations

from generator.problems.entry import error, notice, warning

DOCUMENTS_MISSING = error(
    "documents-missing",
    "The folder of invoices that `[ledger] documents` names is not there.",
    "there is no folder {found} in yours.",
    "Correct documents in [ledger], or make that folder.",
)
LINK_REFUSED = warning(
    "documents-link-refused",
    "The folder of invoices holds a link to a file elsewhere, or to a folder; it is not followed.",
    "{found} is a link that {reason}, and is not followed.",
    "Put the files themselves there.",
)
LIBRARY_MISSING = error(
    "einvoice-library-missing",
    "The library that reads e-invoices is not installed beside relance.",
    "reading the invoices of {found} needs the library factur-x, which is not installed.",
    "Install it where relance is installed: pip install 'relance[einvoice]'.",
)
TOO_LARGE = error(
    "einvoice-too-large",
    "A file of the folder of invoices is far larger than any invoice, and was not opened.",
    "the file is {size} MB large; the limit is {limit} MB.",
    "Take it out of the folder of invoices, or save it smaller.",
)
UNREADABLE = error(
    "einvoice-unreadable",
    "A file of the folder of invoices is broken, or what it says cannot be understood: it could be a credit note.",
    "this file cannot be read as an invoice: {reason}.",
    "Export it again, or take it out of the folder of invoices.",
)
UNSAFE = error(
    "einvoice-unsafe",
    "An XML file declares a document type (DOCTYPE), by which files are made to swell or to fetch others. No e-invoice needs one.",
    "this XML declares a document type (DOCTYPE), which no e-invoice does; nothing of it was used.",
    "Take it out of the folder of invoices, and ask yourself where it came from.",
)
LOCKED = warning(
    "einvoice-locked",
    "A PDF opens with a password only, so that no e-invoice can be looked for in it.",
    "this PDF opens with a password only: what it holds was not read.",
    "Save it without a password.",
)
NOT_AN_INVOICE = warning(
    "einvoice-other",
    "An XML file is no invoice that relance reads (UBL 2.1, CII, Factur-X or ZUGFeRD 2), or one that asks for no money.",
    "this is {what}, not an invoice to be paid; it was left out.",
    "Nothing to do if it is not one; otherwise export it as Factur-X, UBL 2.1 or CII.",
)
OTHER_SELLER = warning(
    "einvoice-other-seller",
    "An e-invoice is in the name of another seller than yours: nobody is asked for its money.",
    "the seller of this invoice is {found}, not {seller}; it was left out.",
    "{advice}",
)
RECEIVED = notice(
    "einvoice-received",
    "An e-invoice is one that you received: nobody is asked for its money.",
    "this is an invoice from {found} to you; it was left out.",
    "Nothing to do.",
)
OTHER_IBAN = warning(
    "einvoice-other-iban",
    "E-invoices in your name ask for money on another account than the one in portal.toml: a former account, a factor's, or a fraud.",
    "{count}: to be paid to {found}{payee}, while portal.toml says {iban}, which the pages of your clients show.",
    "If it is a factor's account, give these invoices the status factored; if you know nothing of it, do not send anything before you do.",
)
TOTALS_WRONG = error(
    "einvoice-totals-wrong",
    "The totals of an e-invoice do not add up: nobody knows what it asks for.",
    "the totals of {file} do not add up: {reason}.",
    "Correct the invoice where it was made and export it again, or take it out of the folder of invoices.",
)
DIFFERS = error(
    "einvoice-differs",
    "A row of the ledger and the e-invoice of the same number contradict each other: total, date, client or status.",
    "the {what} is {found} here, and {written} in {file}.",
    "Correct the one that is wrong; a file that is not this invoice belongs elsewhere.",
)
TWIN = error(
    "einvoice-twin",
    "An e-invoice is of the same client, day and total as an invoice of the ledger under another number, and may be that one.",
    "{found} may be {other} of {place}: the same client, the same day, the same total.",
    "Write the number of the e-invoice in the ledger's row; if these are two invoices, add a row for this one.",
)
DUE_LATER = warning(
    "einvoice-due-later",
    "The ledger gives a client more time than the e-invoice says: the ledger counts.",
    "this invoice is due on {found} here, and on {written} in {file}: the later day counts.",
    "Nothing to do, if you granted it.",
)
SEVERAL_DUE = warning(
    "einvoice-several-due-dates",
    "An e-invoice has several due dates; nothing is asked before the last one.",
    "this invoice has several due dates: only the last one, {found}, counts.",
    "To follow each, give its parts a row each in your ledger (column part).",
)
TERMS_UNREAD = warning(
    "einvoice-terms-unread",
    "An e-invoice has no due date, and its terms of payment are not understood: those of the client or yours count.",
    "this invoice has no due date, and its terms are not understood: {found}.",
    "Check that the terms of this client, or yours in portal.toml, are the same.",
)
BUYER_UNKNOWN = error(
    "einvoice-buyer-unknown",
    "The buyer of an e-invoice that is in no row of the ledger is not among the clients.",
    "the buyer {found} is not among your clients, by SIREN, VAT number, email or name.",
    "Give them a row in your list of clients{hint}, or correct that row.",
)
BUYER_AMBIGUOUS = error(
    "einvoice-buyer-ambiguous",
    "The buyer of an e-invoice that is in no row of the ledger could be several of the clients.",
    "the buyer {found} could be {clients}.",
    "Tell them apart by SIREN, VAT number, email or name, or give the invoice a row of its own in your ledger.",
)
BUYER_DIFFERS = warning(
    "einvoice-buyer-differs",
    "Nothing in an e-invoice says that its buyer is the client whose row has the same number: its PDF is not shown to them.",
    "this invoice is of {client} here, and of {found} in {file}, by neither number, email nor name the same.",
    "Write the {sign} of the invoice in the row of that client, if they are the same; otherwise correct the client or the number.",
)
ADDED = notice(
    "einvoice-added",
    "E-invoices whose numbers are in no row of the ledger were added to it.",
    "{count}: {found}, each with its buyer and the client whose it became.",
    "Nothing to do, if they are theirs and still to be paid; book what was paid, or take old invoices out of this folder.",
)
PREPAID = notice(
    "einvoice-prepaid",
    "An e-invoice says that a part of it was paid before: that part counts as paid on its day.",
    "{paid} of {total} were paid before this invoice, as it says: {asked}.",
    "If you book that payment too, name the invoice in its row: then it counts once.",
)
PREPAID_DOUBTFUL = error(
    "einvoice-prepaid-doubtful",
    "A payment may be the one that an e-invoice says was made before it: counted twice, it would hide a debt.",
    "{found} may be a part of the {prepaid} that were paid before {number}, as {file} says; it would count twice.",
    "If it is, date it {issued} or earlier; if not, book what was paid before too, so dated. Name {number} alone in each row.",
)
CREDITED_UNKNOWN = warning(
    "einvoice-credits-unknown",
    "A credit note among the e-invoices credits an invoice that is not in the ledger, or several: it counts for its client as a whole.",
    "it credits {found}, {reason}: the credit goes to the client's oldest debts.",
    "Nothing to do, if it is so.",
)
CORRECTED = notice(
    "einvoice-corrected",
    "A corrected invoice takes the place of an earlier one, which is not asked for any more.",
    "this invoice corrects {found}, which counts as void.",
    "Nothing to do, if it is so.",
)
CORRECTS_OTHER = error(
    "einvoice-corrects-other",
    "A corrected invoice says that it takes the place of an invoice of another client: neither is asked for.",
    "{number} ({file}) is an invoice of {client} and corrects {found}, which is one of {other}; nothing counts as void.",
    "Correct the client or the invoice that it names, or give the earlier one the status void and take this file out of the folder.",
)
CORRECTS_PAID = error(
    "einvoice-corrects-paid",
    "A corrected invoice takes the place of one that the ledger says was paid: it would be asked for again.",
    "this invoice was paid, says {found}, and {number} ({file}) takes its place: the money would be asked for again.",
    "Empty this cell, and book what was paid in payments.csv, naming {number}.",
)
PDF_AMBIGUOUS = warning(
    "pdf-ambiguous",
    "The name of a PDF could be about several invoices, or several PDFs about one: none is shown to a client.",
    "{found} could be the PDF of {choice}; it is linked to none.",
    "Give each PDF the number of its own invoice as its name.",
)
PDF_NOT_LINKED = notice(
    "pdf-not-linked",
    "A PDF of the folder of invoices is shown to no client: no invoice has its number, or that invoice has another document.",
    "this PDF is not linked: {reason}.",
    "Nothing to do, if it is not an invoice's.",
)
