"""A ledger that is the accounts' own export: `[ledger.fec]` of `portal.toml`, which of its accounts are clients'."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.policy_file import Section

_PREFIX = re.compile(r"[0-9]{3,12}[0-9A-Z]{0,8}")


@dataclass(frozen=True, slots=True)
class FecSettings:
    """The beginnings of account numbers: `accounts` hold what is asked for, `doubtful` what nobody is asked for any more.

    Of two beginnings that fit an account the longer one counts.
    """

    accounts: tuple[str, ...] = ("411",)
    doubtful: tuple[str, ...] = ("416",)


def read_fec_settings(section: Section) -> FecSettings:
    """Every key of the table."""
    usual = FecSettings()
    accounts = _prefixes(section, "accounts", usual.accounts)
    doubtful = _prefixes(section, "doubtful", usual.doubtful)
    if not accounts:
        section.wrong("accounts", "[]", 'Write the beginnings of your clients\' accounts, like ["411"].')
    if both := sorted({*accounts} & {*doubtful}):
        section.wrong("doubtful", both[0], "It is in accounts already: an account is asked for, or it is not.")
    return FecSettings(accounts or usual.accounts, doubtful)


def _prefixes(section: Section, key: str, usual: tuple[str, ...]) -> tuple[str, ...]:
    found: tuple[str, ...] = section.items(key, str, usual, str(list(usual)).replace("'", '"'))
    for prefix in found:
        if not _PREFIX.fullmatch(prefix):
            section.wrong(key, prefix, 'Write the first figures of an account, three at least, like "411".')
            return usual
    return found
