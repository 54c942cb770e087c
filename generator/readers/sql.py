"""A ledger that a database holds: one query for each list, whose columns are found by name as those of a CSV file are.

What fails outside (no server, a lock, a query that takes too long) ends the run, which can be repeated; what the owner
wrote wrong is a problem like any other.
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from types import NoneType
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError

from generator.checks import SUSPICIOUS
from generator.config_sql import PASSWORD_VARIABLE, URL_VARIABLE
from generator.domain.ledger import SourceRef
from generator.problems import databases as problems
from generator.readers import files
from generator.readers.assembly import LEARNT_FILES, OWNERS_FILES, Source, mapping_problems, unread_files, unseen
from generator.readers.sql_engine import Refused, opened
from generator.readers.table import Table, table_from
from generator.secrets_file import secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from generator.config import Settings
    from generator.readers.columns import FileColumns
    from generator.readers.sql_engine import Database

_ROW_BY_ITSELF = 100  #: what a row weighs besides its text
_SURE_DIGITS = 15  #: so many significant digits of a decimal number survive in a float
_THOUSANDS = 3


def read_sql(settings: Settings, environ: Mapping[str, str]) -> Source:
    """The lists that the queries of `[ledger.sql]` give. Raises OutsideError when the database does not answer."""
    sql, mapping = settings.ledger.sql, settings.ledger.columns
    elsewhere = secret(settings.folder, environ, URL_VARIABLE)
    password = secret(settings.folder, environ, PASSWORD_VARIABLE)
    where = SourceRef("environment", 0, URL_VARIABLE) if elsewhere else SourceRef("portal.toml")
    source = Source({}, mapping_problems(mapping, OWNERS_FILES), unread_files(settings, LEARNT_FILES))
    try:
        with opened(settings.folder, elsewhere or sql.url, password, sql.timeout_seconds, where) as database:
            for columns in OWNERS_FILES:
                query: str = getattr(sql, columns.name)
                table = _table(database, columns, query, mapping.get(columns.name, {})) if query else _none(columns)
                source.tables[columns.name] = [table]
    except Refused as refused:
        return unseen([*source.before, refused.problem])
    return source


def _none(columns: FileColumns) -> Table:
    """The table of a query that there is not, or that gives nothing to read."""
    return Table(columns, f"sql {columns.name}")


def _table(database: Database, columns: FileColumns, query: str, mapping: Mapping[str, str]) -> Table:
    """The rows of one query. One that the database refuses, or that gives far too much, gives none."""
    nothing = _none(columns)
    try:
        with database.ask(query) as result:
            table = table_from(columns, nothing.file, mapping, list(result.keys()), _records(result))
    except SQLAlchemyError as error:
        reason = database.reason(error)
        return nothing.refuse(problems.QUERY_FAILED.at(nothing.ref(), f"ledger.sql.{columns.name}", reason=reason))
    except _TooLarge:
        limit = files.LARGEST_FILE // files.MEGABYTE
        return nothing.refuse(problems.ANSWER_TOO_LARGE.at(nothing.ref(), limit=limit))
    return table


class _TooLarge(Exception):  # noqa: N818 - a way out of a loop
    """What a query gives is no ledger."""


def _records(rows: Iterable[Iterable[object]]) -> Iterator[tuple[int, list[str], bool]]:
    """Every row by its number, as texts, and whether one of these needs a closer look."""
    weight = 0
    for number, row in enumerate(rows, start=1):
        cells = [value.strip() if type(value) is str else text_of(value) for value in row]
        whole = "".join(cells)
        weight += len(whole) + _ROW_BY_ITSELF
        if weight > files.LARGEST_FILE:
            raise _TooLarge
        yield number, cells, "\n" in whole or "\r" in whole or SUSPICIOUS.search(whole) is not None


def text_of(value: object) -> str:
    """A value as text, exactly: what it means is for the reader of its column to say."""
    return _WRITTEN.get(type(value), str)(value).strip()


def _number(value: Decimal) -> str:
    """A number with three decimals gets a fourth, a zero: nobody shall take its point for that of thousands."""
    text = format(value, "f")
    return f"{text}0" if len(text.partition(".")[2]) == _THOUSANDS else text


def _float(value: float) -> str:
    return _number(Decimal(f"{value:.{_SURE_DIGITS}g}"))  # 0.1 + 0.2 is 0.3


def _moment(value: datetime) -> str:
    """The day alone when the time is midnight, as databases write a day; any other time is shown, and refused as a date."""
    return value.date().isoformat() if value.time() == time.min else value.isoformat(" ", "seconds")


def _bytes(value: bytes | memoryview) -> str:
    return bytes(value).decode("utf-8", "replace")  # what is no text is seen to be none, and refused


def _list(value: Iterable[object]) -> str:
    return ", ".join(map(text_of, value))


_WRITTEN: dict[type, Callable[[Any], str]] = {
    NoneType: lambda _: "",
    bool: lambda value: str(value).lower(),
    float: _float,
    Decimal: _number,
    datetime: _moment,
    date: date.isoformat,
    bytes: _bytes,
    memoryview: _bytes,
    list: _list,
    tuple: _list,
}
