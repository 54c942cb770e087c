"""Problems of `[late_fees]`: the rates of half-years, and the rate of the contract."""

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
