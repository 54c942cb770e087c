"""Bank statements, in any of the formats that banks give: each file → its statements, or what is wrong with it.

To add a format: a module with one function from its text to `BankStatement`s, and its line in `read_statement`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from generator.domain.bank import same_account
from generator.domain.ledger import Problem, SourceRef
from generator.problems import bank as problems
from generator.problems import files
from generator.readers.bank.camt import read_camt
from generator.readers.bank.ofx import is_ofx, read_ofx
from generator.readers.bank.table import read_table
from generator.readers.bank.xml import BrokenXmlError
from generator.readers.files import MEGABYTE, decoded, looks_like

if TYPE_CHECKING:
    from pathlib import Path

    from generator.config import Seller
    from generator.domain.bank import BankStatement

LARGEST_STATEMENT = 50 * MEGABYTE  #: a busy account's year


def read_statement(path: Path, file: str, seller: Seller) -> tuple[list[BankStatement], list[Problem]]:
    """The statements of one file, which problems call `file`; with an error among the problems, none of them."""
    text = _text(path, file)
    if isinstance(text, Problem):
        return [], [text]
    start = text.lstrip()
    if not start:
        return [], [problems.NOT_A_STATEMENT.at(SourceRef(file), reason="it is empty")]
    try:
        if is_ofx(text):
            statements = read_ofx(text, file)
        elif start.startswith("<"):
            statements = read_camt(text, file, ZoneInfo(seller.timezone))
        else:
            statements, found = read_table(text, file, seller.currency)
            if found:
                return [], found
    except BrokenXmlError as broken:
        return [], [problems.STATEMENT_BROKEN.at(SourceRef(file, broken.line), reason=str(broken))]
    return statements, [problem for one in statements for problem in _doubts(one, seller)]


def _doubts(statement: BankStatement, seller: Seller) -> list[Problem]:
    """What is odd about a statement as a whole."""
    where, found = SourceRef(statement.file), []
    if seller.iban and statement.account and not same_account(seller.iban, statement.account):
        found.append(problems.ACCOUNT_OTHER.at(where, statement.account))
    if statement.currency and statement.currency != seller.currency:
        found.append(problems.CURRENCY_OTHER.at(where, statement.currency, currency=seller.currency))
    return found


def _text(path: Path, file: str) -> str | Problem:
    """The text of a file; unlike a ledger, it may be one long line."""
    try:
        if not path.is_file():
            return files.FILE_UNREADABLE.at(SourceRef(file), reason="there is no such file")
        with path.open("rb") as stream:
            data = stream.read(LARGEST_STATEMENT + 1)
    except OSError as refused:
        return files.FILE_UNREADABLE.at(SourceRef(file), reason=refused.strerror or type(refused).__name__)
    if len(data) > LARGEST_STATEMENT:
        return files.FILE_TOO_LARGE.at(
            SourceRef(file), size=path.stat().st_size // MEGABYTE, limit=LARGEST_STATEMENT // MEGABYTE
        )
    if kind := looks_like(data):
        return problems.NOT_A_STATEMENT.at(SourceRef(file), reason=f"it is {kind}")
    return decoded(data, file)
