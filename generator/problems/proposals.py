"""Problems of what clients propose in the prepared messages of their page, and of the file that it is kept in."""

from __future__ import annotations

from generator.problems.entry import error, warning

NOT_OURS = warning(
    "proposal-reference",
    "The reference in a client's proposal was changed, or is another client's: nobody's proposal is taken from it.",
    "the reference {found} {reason}.",
    "Nothing was noted of this proposal. Read the message, and write to the client if it is theirs.",
)
UNFILLED = warning(
    "proposal-unfilled",
    "A client sent the prepared message without filling in the amounts and days.",
    "the message has no day filled in.",
    "Nothing was noted of it as a proposal. Answer the client, or note what they say elsewhere in it.",
)
UNREADABLE = warning(
    "proposal-unreadable",
    "A line of a client's proposal is not one amount in figures and one day.",
    "{found}: {reason}.",
    "Nothing was noted of this proposal. If you understand it, record it with relance agree or relance promise.",
)
IMPOSSIBLE = warning(
    "proposal-impossible",
    "A client's proposal cannot be meant as it is written: days gone by, more than is owed, too many payments, nothing or less.",
    "{found}: {reason}.",
    "Nothing was noted of this proposal. Ask the client what they mean.",
)
INCONSISTENT = error(
    "proposal-inconsistent",
    "A row about a proposal does not go with the first row of it: another client, or no such proposal.",
    "{found} {reason}.",
    "Correct the id, or take the row away.",
)
