"""A database, opened to be read: nothing in it can be changed, all that is read is of one moment, and no query runs for ever."""

from __future__ import annotations

import sqlite3
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    InternalError,
    NoSuchModuleError,
    OperationalError,
    ResourceClosedError,
    SQLAlchemyError,
)
from sqlalchemy.pool import NullPool

from generator.errors import OutsideError
from generator.problems import databases as problems

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import URL, Connection, CursorResult, Engine

    from generator.domain.ledger import Problem, SourceRef

_AS_IT_STANDS = {"no_parameters": True, "yield_per": 2_000}  #: without a look for places to fill; rows a part at a time
_STEPS = 50_000  #: of SQLite's own machine between two looks at the clock
_SHORT_NAMES = {"postgresql", "postgres"}
#: Classes of SQLSTATE that tell of the server, the moment or the connection, and not of the query.
_OUTSIDE = frozenset({"08", "40", "53", "55", "57", "58", "F0", "XX"})
#: What SQLite says of a query or of the file; everything else it says tells of the moment.
_MISTAKES = frozenset({"ERROR", "READONLY", "AUTH", "NOTADB", "TOOBIG", "MISMATCH", "RANGE", "CORRUPT"})


class Refused(Exception):  # noqa: N818 - the owner's mistake, which is a problem and no error
    """The database cannot be opened as the owner names it."""

    def __init__(self, problem: Problem) -> None:
        """With what is to be told."""
        super().__init__(problem.message)
        self.problem = problem


class Database:
    """An open database, in a transaction that changes nothing."""

    def __init__(self, connection: Connection, wait: int, password: str) -> None:
        """In a transaction that was begun."""
        self._connection = connection
        self._wait = wait
        self._password = password

    def ask(self, query: str) -> CursorResult[tuple[object, ...]]:
        """The rows of a query, fetched as they are taken. What goes wrong is for `reason` to say."""
        if self._connection.dialect.name == "sqlite":
            _stop_after(self._connection, self._wait)
        return self._connection.exec_driver_sql(query, execution_options=_AS_IT_STANDS)

    def reason(self, error: SQLAlchemyError) -> str:
        """Why the database refuses a query, which the owner can correct. Raises OutsideError for what nobody wrote wrong."""
        if isinstance(error, ResourceClosedError):
            return "it gives no rows"
        said = _sentence(error, self._password)
        if not isinstance(error, DBAPIError) or _is_outside(error):
            raise OutsideError(f"the database did not finish: {said}. Nothing was written; run it again.") from None
        self._connection.rollback()
        _begin(self._connection, self._wait)
        return said


@contextmanager
def opened(folder: Path, address: str, password: str, wait: int, where: SourceRef) -> Iterator[Database]:
    """A database for as long as it is read. `wait` are the seconds after which a query has taken too long.

    Raises Refused for an address that cannot be, OutsideError when nobody answers there.
    """
    engine = _engine(folder, address, password, wait, where)
    hidden = engine.url.password or password
    try:
        with _connected(engine, str(hidden or "")) as connection:
            _begin(connection, wait)
            yield Database(connection, wait, str(hidden or ""))
            connection.rollback()
    finally:
        engine.dispose()


@contextmanager
def _connected(engine: Engine, password: str) -> Iterator[Connection]:
    try:
        connection = engine.connect()
    except SQLAlchemyError as refused:
        said = _sentence(refused, password)
        raise OutsideError(f"the database does not answer: {said}. Nothing was written; run it again.") from None
    with connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        yield connection


def _begin(connection: Connection, wait: int) -> None:
    """One moment for all queries, on the databases where we know how."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")
    elif connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {wait * 1000}")


def _engine(folder: Path, address: str, password: str, wait: int, where: SourceRef) -> Engine:
    try:
        url = make_url(address)
        if url.get_backend_name() == "sqlite":
            return _sqlite(folder, url, wait, where)
        if url.drivername in _SHORT_NAMES:
            url = url.set(drivername="postgresql+psycopg")
        if password:
            url = url.set(password=password)
        patience = {"connect_timeout": wait} if url.get_driver_name() in {"psycopg", "psycopg2"} else {}
        return create_engine(url, poolclass=NullPool, connect_args=patience)
    except (ArgumentError, ValueError) as wrong:
        if isinstance(wrong, NoSuchModuleError):
            how = "SQLAlchemy's list of dialects says what it is called"
            raise Refused(problems.DRIVER_MISSING.at(where, url.drivername, how=how)) from None
        raise Refused(problems.URL_WRONG.at(where, where.column or "ledger.sql.url")) from None
    except ImportError as missing:
        raise Refused(_missing(where, missing.name or url.get_driver_name())) from None


def _missing(where: SourceRef, library: str) -> Problem:
    how = 'pip install "relance[postgresql]"' if library == "psycopg" else f"pip install {library}"
    return problems.DRIVER_MISSING.at(where, library, how=how)


def _sqlite(folder: Path, url: URL, wait: int, where: SourceRef) -> Engine:
    """A file of the owner's folder, opened such that SQLite itself writes nothing."""
    name = url.database or ""
    path = folder / name
    reason = _not_a_database(path) if name and name != ":memory:" else "is no file"
    if reason:
        raise Refused(problems.UNREADABLE.at(where, name, reason=reason))

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=wait, isolation_level=None)
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        return connection

    return create_engine("sqlite+pysqlite://", creator=connect, poolclass=NullPool)


def _not_a_database(path: Path) -> str:
    try:
        if not path.is_file():
            return "is not there" if not path.exists() else "is no file"
        with path.open("rb") as file:
            beginning = file.read(16)
    except (OSError, ValueError) as refused:
        return f"cannot be read ({getattr(refused, 'strerror', None) or 'its name cannot be'})"
    return "" if beginning == b"SQLite format 3\0" else "is not a SQLite database"


def _stop_after(connection: Connection, wait: int) -> None:
    """Has SQLite look at the clock while it works."""
    end = time.monotonic() + wait
    raw: Any = connection.connection.dbapi_connection
    raw.set_progress_handler(lambda: int(time.monotonic() > end), _STEPS)


def _is_outside(error: DBAPIError) -> bool:
    """Whether an error tells of the server, the disk or the moment, so that the same query may be answered later."""
    state = str(getattr(error.orig, "sqlstate", "") or "")
    if error.connection_invalidated:
        return True
    if state:
        return state[:2] in _OUTSIDE
    code = str(getattr(error.orig, "sqlite_errorname", "") or "")
    if code:
        return code.split("_")[1] not in _MISTAKES
    return isinstance(error, OperationalError | InterfaceError | InternalError)


def _sentence(error: SQLAlchemyError, password: str) -> str:
    """What the database says, on one line, without the password."""
    origin = getattr(error, "orig", None) or error
    if getattr(origin, "sqlite_errorname", "") == "SQLITE_INTERRUPT" or getattr(origin, "sqlstate", "") == "57014":
        return "a query took longer than timeout_seconds in [ledger.sql]"
    diagnosis = getattr(getattr(origin, "diag", None), "message_primary", None)
    said = next(iter(str(diagnosis or origin).strip().splitlines()), "") or type(origin).__name__
    return (said.replace(password, "…") if password else said).rstrip(".")
