"""What can be wrong beyond the ledger and the policy: the journal, the templates, an owner's folder that is not one."""

from __future__ import annotations

from generator.problems.entry import error, warning

JOURNAL_UNREADABLE = error(
    "journal-unreadable",
    "A line of the journal cannot be read: what was already sent or offered is not known for sure.",
    "{found} is not an event of the journal.",
    "Restore the file from git: relance does nothing without knowing what it did before.",
)
JOURNAL_NEWER = error(
    "journal-newer",
    "A line of the journal was written by a later version of relance: this one cannot know what it did.",
    "{found} was written by a later version of relance.",
    "Update relance: pip install --upgrade relance. Nothing is built or sent by a version that does not know what was done.",
)
JOURNAL_TORN = warning(
    "journal-torn",
    "The last line of a journal file is cut off: the machine stopped while it was written, so what it tells was not done yet.",
    "{found} is cut off, and left out.",
    "Nothing needs to be done. The file may stay as it is.",
)
TEMPLATE_ERROR = error(
    "template-error",
    "A template of a page, an email or a letter cannot be rendered.",
    "{reason}.",
    "Correct the template, or delete your copy of it to use the one that ships with relance.",
)
JOURNAL_CLIENT_GONE = warning(
    "journal-client-gone",
    "The journal knows a client who is no longer in the ledger, and who was sent a page or a reminder.",
    "{found} was written to, and is not in the ledger any more.",
    "Put it back if that is a mistake: the page of this client is gone from the site. If it is a client under another id or name "
    "now, give them their id back in clients.csv; until then what they were written about waits for relance review.",
)
JOURNAL_KEY_UNSAFE = error(
    "journal-key-unsafe",
    "A portal key of the journal is too short to be unguessable, or two clients have the same one.",
    "The portal key of {found} {reason}.",
    "Give the client a new one: relance rotate {client}",
)
UNSENDABLE_MESSAGE = error(
    "unsendable-message",
    "A name, an address or a subject cannot stand in the header of an email as it is.",
    "No email can be written to {found}: {reason}.",
    "Correct the name or the address in the ledger, or the subject in your template.",
)
JOURNAL_LOST = error(
    "journal-lost",
    "The last build published pages whose keys are not in the journal: the journal was lost, with all that was promised.",
    "Pages of the last build ({count}) are not known to the journal.",
    "Restore journal/ from git. To begin anew on purpose, with new addresses for everybody, delete output/ first.",
)
OUTBOX_FOREIGN = warning(
    "outbox-foreign",
    "A file of the outbox looks like a message and is not one that relance prepared for today, nor remembers.",
    "{found} is not a message of today.",
    "Do not send it: it may be an old draft for somebody who has paid since. Delete it, or move it elsewhere.",
)
BOOKED_AHEAD = warning(
    "booked-ahead",
    "payments_up_to is a day to come: what is said of it stops at today.",
    "payments_up_to is {found}, after {today}.",
    "Write the last day whose payments are in the ledger.",
)
BOOKED_LONG_AGO = warning(
    "booked-long-ago",
    "Payments are booked up to a day that is more than stale_days business days ago: every reminder waits, since payments may be missing.",
    "{what} {found}, {days} business days ago (more than {limit}): no reminder leaves.",
    "Bring the ledger up to date: {how}.",
)
JOURNAL_LINK_UNSAFE = error(
    "journal-link-unsafe",
    "The journal holds the address of a payment link that is not one of Stripe's: clients would be sent somewhere else.",
    "a payment link of {client} leads to {found}: {reason}.",
    "Restore journal/ from git and find out who changed it; if the links have a domain of your own, name it in portal.toml: "
    "[stripe] pay_host.",
)
LINKS_IN_TEST_MODE = warning(
    "links-in-test-mode",
    "The payment links of the last run were made with a test key: the buttons of the pages take no money.",
    "the payment links of {found}{others} were made with a test key, and take no money.",
    "Run relance links --apply with the live key before you publish, or take [stripe] out of portal.toml.",
)
STRIPE_BASE_REFUSED = error(
    "stripe-base-refused",
    "STRIPE_API_BASE is an address that a secret key must not be sent to.",
    "STRIPE_API_BASE cannot be {found}: {reason}.",
    "Leave it out to speak to Stripe itself; a stand-in may be anywhere over https, or on this machine.",
)
SECRETS_NOT_IGNORED = warning(
    "secrets-not-ignored",
    "The folder has a file .env with secrets in it, which git may keep: its .gitignore does not list it.",
    "this file holds secrets, and .gitignore does not list it.",
    "Write a line .env into .gitignore; if the file was committed already, make new keys.",
)
SECRETS_UNREADABLE = error(
    "secrets-unreadable",
    "The folder's .env is there and cannot be read.",
    "it cannot be read ({reason}).",
    "Make it a plain file that you may read, or delete it and set the variables in the environment.",
)
REMINDED_LEFT = warning(
    "reminded-left",
    "Publish: invoices of which a client was reminded left a ledger that holds open invoices only: they are taken as settled.",
    "{client} was reminded of {invoices}: not in the ledger any more, taken as settled.",
    "Nothing needs to be done. If they were not paid, bring them back: your program may have exported a part only.",
)
REPOSITORY_PUBLIC = error(
    "repository-public",
    "The repository that the owner's folder is in can be read by anybody: with it the names, debts and page addresses of all clients.",
    "the repository of this folder is public ({reason}): everybody can read who owes what, and every page.",
    "Make it private now, then give every client a new page: relance rotate CLIENT. {advice}",
)
OUTBOX_OLD = error(
    "outbox-old",
    "The outbox is not that of today's ledger: its messages may say what is no longer true.",
    "the outbox holds {found}, and today's ledger asks for {today}.",
    "Run relance build, look at the messages, publish the site, then send.",
)
OUTBOX_AMOUNTS = error(
    "outbox-amounts",
    "A message of the outbox asks for another amount than the ledger of today.",
    "the message asks for {found}; the account says {now}.",
    "Run relance build, look at the message, publish the site, then send.",
)
MESSAGE_EDITED = error(
    "message-edited",
    "A message of the outbox is not the one that relance would write now: the file, a template or the ledger changed since.",
    "{found} is not what today's ledger and templates say.",
    "Run relance build to prepare it anew. If you have put a word of your own into it, send it from your mail program and note it: "
    "relance sent CLIENT.",
)
SMTP_MISSING = error(
    "smtp-missing",
    "relance send has no mail server to speak to.",
    "there is no {found} table.",
    'Add [smtp] with host, security = "starttls" and user, and put SMTP_PASSWORD into the environment or .env. '
    "Without a server, send the drafts of outbox/ by hand and note them: relance sent CLIENT.",
)
REMINDED_GONE = error(
    "reminded-gone",
    "Publish: invoices of which a client was reminded are no longer in the ledger; their page and messages would forget them.",
    "{client} was reminded of {invoices}: not in the ledger any more.",
    "Bring them back (git log -- ledger tells who took them out: a forced push, an export that was cut short). A paid invoice stays "
    "in the ledger, with its payment. If they left on purpose, say so once: relance publish --accept-gone",
)
