"""What can be doubtful in the words of templates: how they sound, and what they leave out."""

from __future__ import annotations

from generator.problems.entry import warning

TONE_DOUBTFUL = warning(
    "tone-doubtful",
    "A template's wording threatens, presses, shames or jokes, claims what may not be so, or sounds like a court or a bailiff.",
    "{found} {verdict}. {reason}",
    "{instead} If you mean it as it is, allow it in portal_templates/tone/{language}.toml and say why.",
)
MESSAGE_INCOMPLETE = warning(
    "message-incomplete",
    "A message made of a template lacks an amount, an invoice number, a due date, the page's address, or somebody to answer to.",
    "the message {found}, tried on {whom}, does not say {missing}.",
    "Add it to the template: a client should be able to check and to answer without looking for anything.",
)
OFFER_UNTOLD = warning(
    "offer-untold",
    "A step makes an offer, and the template of its message says nothing of it: its days begin before anybody was told.",
    "the message of the step {found} does not tell of {what}, which it makes.",
    'Tell of it in the template (docs/reference/templates.md: plans, discounts), give the step template = "reminder" in portal.toml, '
    "which does, or take it out of the step's offers.",
)
TONE_LIST_WRONG = warning(
    "tone-list-wrong",
    "An entry of a word list in portal_templates/tone/ cannot be read, and is left out.",
    "{reason}.",
    "Correct the entry: docs/how-to/words-and-look.md shows how one is written.",
)
