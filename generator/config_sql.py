"""A ledger that a database holds: `[ledger.sql]` of `portal.toml`, where it is and what to ask it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from generator.problems import databases as problems

if TYPE_CHECKING:
    from generator.policy_file import Section

PASSWORD_VARIABLE, URL_VARIABLE = "RELANCE_SQL_PASSWORD", "RELANCE_SQL_URL"
LONGEST_WAIT = 3600

_URL = re.compile(r"[A-Za-z][\w+]*://.*")
_HOLDS_PASSWORD = re.compile(r"[\w+]+://[^:/]*:[^@]*@")
_PASSWORD_KEYS = frozenset(
    {"password", "passwd", "pass", "pwd", "secret", "sslpassword", "mot_de_passe", "relance_sql_password"}
)
_ASKS = re.compile(r"(?:select|with)\b", re.IGNORECASE)
#: What is no statement: a comment, or a text in which a semicolon ends nothing.
_ASIDE = re.compile(
    r"(?P<comment>--[^\n]*|/\*.*?\*/)"
    r"|\b[eE]'(?:[^'\\]|\\.)*'|'[^']*'|\"[^\"]*\"|`[^`]*`|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$",
    re.DOTALL,
)
_EXAMPLES = {
    "clients": 'clients = "select id, name, email from clients"',
    "invoices": 'invoices = "select number, client, issued, due, total from invoices"',
}


@dataclass(frozen=True, slots=True)
class SqlSettings:
    """Where the database is, and one query for each list of the ledger; an empty one: the database has no such list."""

    url: str = "sqlite:///ledger.db"
    clients: str = ""
    invoices: str = ""
    payments: str = ""
    contacts: str = ""
    timeout_seconds: int = 30


def read_sql_settings(section: Section, *, used: bool) -> SqlSettings:
    """Every key of the table. `used`: the ledger is in that format, so the queries that it cannot do without must be there."""
    for key in [key for key in section.table if key.lower() in _PASSWORD_KEYS]:
        section.known.append(key)
        section.note(problems.PASSWORD_IN_POLICY.at(section.where(key), section.shown(key)))
    defaults = SqlSettings()
    address = _url(section, defaults.url)
    for key, example in _EXAMPLES.items():
        if used and not section.table.get(key):
            section.missing(key, example)
    settings = SqlSettings(
        url=address,
        clients=_query(section, "clients"),
        invoices=_query(section, "invoices"),
        payments=_query(section, "payments"),
        contacts=_query(section, "contacts"),
        timeout_seconds=section.number("timeout_seconds", defaults.timeout_seconds, 1, LONGEST_WAIT),
    )
    section.finish()
    return settings


def _url(section: Section, default: str) -> str:
    """The address of the database. One that holds a password, or may hold one, is never shown."""
    written = section.table.get("url")
    if isinstance(written, str) and _holds_password(written):
        wrong = problems.PASSWORD_IN_POLICY
    elif isinstance(written, str) and not _URL.fullmatch(written.strip()):
        wrong = problems.URL_WRONG
    else:
        return section.text("url", default)
    section.known.append("url")
    section.note(wrong.at(section.where("url"), section.shown("url")))
    return default


def _holds_password(url: str) -> bool:
    """Whether an address carries a password, before its host or among its options."""
    options = parse_qsl(url.partition("?")[2], keep_blank_values=True)
    return bool(_HOLDS_PASSWORD.match(url)) or any(key.lower() in _PASSWORD_KEYS for key, _ in options)


def _query(section: Section, key: str) -> str:
    text = section.text(key, lines=True, example=_EXAMPLES["clients"].partition("= ")[2])
    if text and not is_one_question(text):
        section.note(problems.QUERY_REFUSED.at(section.where(key), section.shown(key)))
        return ""
    return text


def is_one_question(text: str) -> bool:
    """Whether a text is one statement, and one that asks: what else it might do is for the database to refuse."""
    statement = _ASIDE.sub(lambda match: " " if match["comment"] else "''", text).strip().rstrip("; \t\n")
    return ";" not in statement and _ASKS.match(statement.lstrip("( \t\n")) is not None
