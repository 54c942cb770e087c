"""Problems of a ledger that a database holds."""

from __future__ import annotations

from generator.problems.entry import error

PASSWORD_IN_POLICY = error(
    "database-password-in-policy",
    "The password of a database stands in portal.toml, a file that is kept in git and read by others.",
    "{found} holds the password of a database, and this file is no place for one.",
    "Take it out, change it in the database (it may have been seen), and give relance the new one as RELANCE_SQL_PASSWORD, or "
    "the whole address as RELANCE_SQL_URL, in the environment or in a git-ignored .env.",
)
URL_WRONG = error(
    "database-url-wrong",
    "The address of the database is not written as one.",
    "what {found} holds is not the address of a database.",
    "Write it like sqlite:///ledger.db (a file of your folder) or postgresql://user@host/name.",
)
QUERY_REFUSED = error(
    "database-query-refused",
    "A query of `[ledger.sql]` is more than one statement, or one that does not ask but change.",
    "{found} must be one query that begins with SELECT or WITH.",
    "relance only reads your database: write one query, without a semicolon inside it.",
)
DRIVER_MISSING = error(
    "database-driver-missing",
    "The library that reads this kind of database is not installed beside relance.",
    "reading this database needs {found}, which is not installed.",
    "Install it where relance is installed: {how}.",
)
UNREADABLE = error(
    "database-unreadable",
    "The file that `[ledger.sql]` names is not there, or is no SQLite database.",
    "{found} {reason}.",
    'Correct url in [ledger.sql]: its path begins in your folder, like "sqlite:///ledger.db".',
)
QUERY_FAILED = error(
    "database-query-failed",
    "The database does not understand a query of `[ledger.sql]`, or does not allow it.",
    "the database refuses the query {found}: {reason}.",
    "Correct it in [ledger.sql]; try it first in the tool that you use for this database.",
)
ANSWER_TOO_LARGE = error(
    "database-answer-too-large",
    "A query gives over 100 MB, or a million rows, far more than any ledger needs.",
    "the query gives more than {limit} MB.",
    "Ask for the clients and invoices of the last years only.",
)
