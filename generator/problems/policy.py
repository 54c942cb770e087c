"""Problems of `portal.toml`."""

from __future__ import annotations

from generator.problems.entry import error, notice, warning

POLICY_MISSING = error(
    "policy-missing",
    "The folder has no portal.toml, so it is not an owner's folder.",
    "there is no such file.",
    "Go to the folder that holds it, name it with --folder, or make a new one: relance init FOLDER.",
)
POLICY_UNREADABLE = error(
    "policy-unreadable",
    "portal.toml is there, but is not a text in UTF-8 that we may read.",
    "it cannot be read ({reason}).",
    "Save it as a plain text in UTF-8.",
)
POLICY_SYNTAX = error(
    "policy-syntax",
    "portal.toml is not written as TOML.",
    "this is not TOML: {reason}.",
    'Texts stand in quotation marks: name = "Atelier Lumen".',
)
POLICY_UNKNOWN_KEY = error(
    "policy-unknown-key",
    "A key or table that portal.toml does not have: most often a slip.",
    "{found} is not a key that relance knows.",
    "{advice}",
)
POLICY_MISSING_KEY = error(
    "policy-missing-key",
    "A key that relance cannot do without is not there.",
    "the key {found} is missing.",
    "Add it: {example}",
)
POLICY_WRONG_TYPE = error(
    "policy-wrong-type",
    "A key holds something of the wrong type: a number where a text belongs, and so on.",
    "{found} must be {wanted}, and is {given}.",
    "Write for example {example}",
)
POLICY_WRONG_VALUE = error(
    "policy-wrong-value",
    "A key holds something of the right type that cannot be.",
    "{key} cannot be {found}.",
    "{advice}",
)
POLICY_NOT_USED = notice(
    "policy-not-used",
    "A key that has no effect on what this version does with the rest of the policy.",
    "{found} has no effect here.",
    "{advice}",
)
SECRET_IN_POLICY = error(
    "secret-in-policy",
    "A secret key stands in portal.toml, a file that is kept in git and read by others.",
    "{found} holds a secret, and this file is no place for one.",
    "Take it out, make another key in Stripe's Dashboard (roll this one: it may have been seen), and give relance the new "
    "one as STRIPE_API_KEY in the environment or in a git-ignored .env.",
)
PASSWORD_IN_POLICY = error(
    "password-in-policy",
    "The password of a mail server stands in portal.toml, a file that is kept in git and read by others.",
    "{found} is a password, and this file is no place for one.",
    "Take it out, change it at your mail provider (it may have been seen), and give relance the new one as {variable} in the "
    "environment or in a git-ignored .env.",
)
STEP_WITHOUT_OFFER = warning(
    "step-without-offer",
    "A step of the ladder lists an offer that the policy does not make.",
    "this step lists {found}, and portal.toml has no table {table}.",
    "Add the table, or take the offer off the step.",
)
OFFER_WITHOUT_STEP = warning(
    "offer-without-step",
    "An offer is to be made with a reminder, and no step of the ladder lists it: it is never made.",
    "no step of the ladder lists the offer of {found}, so it is never made.",
    'Write the steps under [[reminders.steps]], one of them with offers = ["{offer}"], or write from = "issued" here.',
)
OFFER_WITHOUT_TURN = notice(
    "offer-without-turn",
    "An offer is listed by a step only together with the kind that comes first, and by no later one: few clients are ever made it.",
    "steps list the offer of {found} only beside one that comes first, so it is made only where that cannot be.",
    'List it in a later step too, or write first = "together" under [offers].',
)
IBAN_WRONG = error(
    "iban-wrong",
    "The seller's IBAN (or BIC) has wrong check digits or a wrong length: clients could not pay.",
    "{found} is not {what}.",
    "Copy it from your bank's own document, check digits included.",
)
URL_REFUSED = error(
    "url-refused",
    "The address of the site is not one that private pages can live at.",
    "{found} cannot be the address of the site: {reason}.",
    "Write it like https://payer.atelier-lumen.example.",
)
FORM_ENDPOINT_REFUSED = error(
    "form-endpoint-refused",
    "The address that answers are sent to is not one that what a client writes may be sent to.",
    "{found} cannot be where answers are sent: {reason}.",
    "Write the address that your form service gives you, like https://forms.example/f/k3xq, or take the key out: answers then come "
    "by email.",
)
LEDGER_FORMAT_UNKNOWN = error(
    "ledger-format-unknown",
    "The ledger is said to be in a format that relance does not read.",
    "{found} is not a format that relance reads.",
    'Write format = "csv" (a folder of CSV files), "sheet", "fec", "sql" or "documents".',
)
