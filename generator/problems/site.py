"""What can be wrong with what is published: the prose, stray files, and the seller's data in a bank transfer."""

from __future__ import annotations

from generator.problems.entry import error, warning

STRAY_FILE = error(
    "stray-file",
    "The site would publish a file that is neither a page nor a style sheet, a script, an image, a font or a PDF.",
    "{found} does not belong in a published site.",
    "Take it out of content/images/ or theme/static/.",
)
CONTENT_WRONG = error(
    "content-wrong",
    "A page of prose in content/pages/ cannot be read.",
    "{reason}.",
    "Correct the page, or take it out of content/pages/.",
)
CONTENT_DOUBTFUL = warning(
    "content-doubtful",
    "A page of prose in content/pages/ can be read, and something in it is probably not as you meant it.",
    "{reason}.",
    "Look at the page, and correct it if that is a mistake.",
)
HOLDER_TOO_LONG = error(
    "holder-too-long",
    "The seller's name is longer than the 70 characters that a bank transfer can carry.",
    "{found} is too long for the account holder of a bank transfer.",
    "Write the name as your bank does, in 70 characters at most.",
)
DOCUMENT_KIND = error(
    "document-kind",
    "The file of an invoice is of a kind that clients cannot open, or that is never published.",
    "{found} is not a PDF, an image or an office document.",
    "Give the PDF of the invoice, or an address that begins with https://.",
)
