"""Problems of late fees: the rates of half-years, the rate of the contract, from whom they are claimed, what is waived."""

from __future__ import annotations

from generator.problems.entry import error, warning

RATES_HALF_YEAR = error(
    "rates-half-year",
    "A row of [[late_fees.rates]] begins on a day that is neither 1 January nor 1 July.",
    "{found} is not the first day of a half-year.",
    "Write the rates of a half-year from its first day: 1 January or 1 July.",
)
RATES_ORDER = error(
    "rates-order",
    "The rows of [[late_fees.rates]] are not in the order of their days.",
    "the half-year from {found} stands after a later one.",
    "Write the half-years in their order, the oldest first.",
)
RATES_TWICE = error(
    "rates-twice",
    "The same half-year stands twice in [[late_fees.rates]], with different rates.",
    "the half-year from {found} stands here for the second time, with other rates.",
    "Keep the right row and take the other out.",
)
RATES_GAP = error(
    "rates-gap",
    "Between two half-years of the table of rates one is missing.",
    "the half-year from {found} is missing beside this one.",
    "Add it too: [[late_fees.rates]] with from, ecb and legal.",
)
RATES_DIFFER = warning(
    "rates-differ",
    "A row of [[late_fees.rates]] has other rates than relance knows for that half-year: the row counts.",
    "for {found} relance knows ECB {ecb} and legal {legal}, not what stands here.",
    "Keep the row if you are sure: it counts. Else take it out.",
)
RATE_BELOW_FLOOR = error(
    "rate-below-floor",
    "The contract's rate of late fees is below three times the legal rate, which French law does not allow between businesses.",
    "{found} comes to {percent} % for the half-year from {half_year}, and the law's floor is {floor} %.",
    'Write at least that, or rate = "statutory" for the law\'s own rate.',
)
RATE_UNUSUAL = warning(
    "rate-unusual",
    "The contract's rate of late fees is so high that a judge may reduce it.",
    "{found} comes to {percent} % a year, more than a judge may leave as it is (C. civ. 1231-5).",
    "Check it against your terms of sale.",
)
RATE_MISSING = error(
    "rate-missing",
    "Late fees are to be claimed for days of a half-year whose rates are in no table: none is guessed, so nothing is written.",
    "the late fees of {found} fall due to be claimed, and nobody has written down the rates of the half-year from {half_year}.",
    'Add them to portal.toml: [[late_fees.rates]] with from = "{half_year}", ecb and legal, from the ECB and the Journal officiel. '
    'Or claim nothing: mode = "mention"; from one client, late_fees = mention in clients.csv; on one invoice, relance waive.',
)
CLAIM_STEP_SPARED = warning(
    "claim-step-spared",
    "Late fees are to be claimed from clients whom no reminder reaches that claims any: nothing is ever claimed from them.",
    "nothing is ever claimed from {found}: {reason}.",
    "Nothing to do, if that is meant; else write another claim_from under [late_fees], or give them another ladder.",
)
CLAIM_FROM_CONSUMER = warning(
    "claim-from-consumer",
    "Late fees are to be claimed from a consumer: the law gives none of what a business owes, so nothing is ever claimed.",
    "{found} is a consumer: no late fees are ever claimed from them.",
    "Leave the cell empty; if it is a company, write kind = business.",
)
CLAIM_KIND_MISSING = warning(
    "claim-kind-missing",
    "Late fees are to be claimed, and nobody says what kind of client it is: nothing is claimed until the ledger does.",
    "nothing is claimed from {found}: the ledger does not say what kind of client they are.",
    "Write it in the column kind of clients.csv: business, consumer or public.",
)
CLAIM_WITHOUT_LAW = error(
    "claim-without-law",
    "Late fees are to be claimed in a country whose law of late payment relance does not know.",
    "late fees cannot be claimed from {whom}: relance does not know the law of late payment of {country} well enough.",
    'Write "mention" or "off" under [late_fees], and leave the cell in clients.csv empty. Claims are made by the law of France only.',
)
PART_RESERVED = error(
    "part-reserved",
    "An invoice or a part of one has the name that relance gives to the late fees of another.",
    "{found} would be the name of the late fees of {invoice}.",
    "Call the part or the invoice otherwise.",
)
WAIVER_OF_SEVERAL = error(
    "waiver-of-several",
    "A row of relance/fee_waivers.csv waives an amount of several invoices, or of an invoice in parts: nobody can tell of which.",
    "{found} is waived of {items}: of which of them?",
    "Give each its own row with its own amount, or leave the amount empty to waive all fees of all of them.",
)
