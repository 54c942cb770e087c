"""A ledger in a database: SQLite, and PostgreSQL where a server can be had, read alike and never changed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from sqlalchemy import create_engine, make_url

from generator.config import LedgerSettings, Settings
from generator.config_sql import SqlSettings, is_one_question
from generator.domain.ledger import InvoiceStatus, SourceRef
from generator.domain.money import Money
from generator.domain.policy import Policy
from generator.errors import OutsideError
from generator.problems import format_problem
from generator.readers import files, read_ledger
from generator.readers.sql import text_of
from tests.readers.folder import SELLER, Read
from tests.support import postgres

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CLIENTS = "select id, name, email from clients order by id"
INVOICES = "select number, client, issued, due, total from invoices order by number"
PAYMENTS = "select paid_on as date, client, amount, invoice from payments order by paid_on"
TABLES = """
create table clients (id varchar(20), name varchar(100), email varchar(100), opt_out boolean);
create table invoices (
    number varchar(20), client varchar(20), issued date, due date, total numeric(12, 2), cents integer, state text, created timestamp
);
create table payments (paid_on date, client varchar(20), amount numeric(12, 3), invoice varchar(20));
insert into clients values ('brun', 'Atelier Brun', 'compta@brun.example', true), ('verdier', 'Élan Verdier', 'a@verdier.example', false);
insert into invoices values ('F-1', 'verdier', '2026-10-01', '2026-10-31', 1234.50, 123450, 'envoyée', '2026-10-01 09:30:00');
insert into invoices values ('F-2', 'brun', '2026-10-02', null, 120.00, 12000, 'annulée', '2026-10-02 00:00:00');
insert into payments values ('2026-10-20', 'verdier', 234.000, 'F-1');
"""


def settings(folder: Path, **changes: Any) -> Settings:
    """An owner's folder whose ledger is a database; `columns` are those of `[ledger.columns]`."""
    columns = changes.pop("columns", {})
    asked = SqlSettings(**{"clients": CLIENTS, "invoices": INVOICES, "payments": PAYMENTS} | changes)
    ledger = LedgerSettings(format="sql", columns=columns, sql=asked)
    return Settings(folder, SELLER, "https://payer.lumen.example", ledger, Policy(currency="EUR"))


def read(folder: Path, **changes: Any) -> Read:
    return Read(*read_ledger(settings(folder, **changes)))


def fill(path: Path, script: str = TABLES) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    return path


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    if reason := postgres.why_not():
        pytest.skip(reason)
    pytest.importorskip("psycopg")
    with postgres.server() as found:
        engine = create_engine(make_url(found.url).set(drivername="postgresql+psycopg", password=postgres.PASSWORD))
        with engine.begin() as connection:
            for statement in TABLES.strip().rstrip(";").split(";"):
                connection.exec_driver_sql(statement)
            forget = "delete from payments returning 1"
            connection.exec_driver_sql(f"create function forget() returns int language sql as '{forget}'")
        engine.dispose()
        yield found


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Read]:
    """Reads the same ledger from each kind of database."""
    if request.param == "sqlite":
        fill(tmp_path / "ledger.db")
        return partial(read, tmp_path)
    url = request.getfixturevalue("server").url
    monkeypatch.setenv("RELANCE_SQL_PASSWORD", postgres.PASSWORD)
    return partial(read, tmp_path, url=url)


# What is read


def test_three_queries_make_a_ledger(database: Callable[..., Read]) -> None:
    found = database()
    assert found.problems == []
    assert {client.id: client.name for client in found.ledger.clients.values()} == {
        "brun": "Atelier Brun",
        "verdier": "Élan Verdier",
    }
    first, second = found.ledger.invoices
    assert (first.number, first.client, first.issued, first.due) == (
        "F-1",
        "verdier",
        date(2026, 10, 1),
        date(2026, 10, 31),
    )
    assert first.total == Money.of("1234.50", "EUR")
    assert second.due == date(2026, 11, 1)  # by the seller's terms, as in any ledger
    (payment,) = found.ledger.payments
    assert (payment.amount, payment.date, payment.invoices) == (Money.of("234", "EUR"), date(2026, 10, 20), ("F-1",))


def test_a_fact_knows_the_query_and_the_row_that_it_came_from(database: Callable[..., Read]) -> None:
    assert database().ledger.invoices[1].source == SourceRef("sql invoices", 2)


def test_columns_are_found_by_alias_and_by_the_owners_word(database: Callable[..., Read]) -> None:
    found = database(
        invoices='select number as numero, client, issued as date_emission, total as "À percevoir", state from invoices order by 1',
        columns={"invoices": {"total": "À percevoir", "status": "state"}},
    )
    assert found.problems == []
    assert [invoice.status for invoice in found.ledger.invoices] == [InvoiceStatus.OPEN, InvoiceStatus.VOID]


def test_a_yes_is_one_in_any_database(database: Callable[..., Read]) -> None:
    clients = database(clients="select id, name, email, opt_out from clients").ledger.clients
    assert (clients["brun"].opt_out, clients["verdier"].opt_out) == (True, False)


def test_a_time_of_day_is_no_date_but_midnight_is_one(database: Callable[..., Read]) -> None:
    found = database(invoices="select number, client, created as issued, total from invoices order by number")
    assert found.problems == ["date-unreadable 1 issued"]
    assert [(invoice.number, invoice.issued) for invoice in found.ledger.invoices] == [("F-2", date(2026, 10, 2))]


def test_what_is_learnt_stands_in_the_folder_as_beside_any_ledger(
    database: Callable[..., Read], tmp_path: Path
) -> None:
    learnt = tmp_path / "ledger" / "relance" / "promises.csv"
    learnt.parent.mkdir(parents=True)
    learnt.write_text("client;made_on;on;invoices\nverdier;2026-11-01;2026-12-01;F-1\n", encoding="utf-8")
    found = database()
    assert found.problems == []
    assert [promise.client for promise in found.ledger.promises] == ["verdier"]


def test_the_lists_of_a_folder_that_is_read_no_more_are_told(database: Callable[..., Read], tmp_path: Path) -> None:
    (tmp_path / "ledger").mkdir()
    (tmp_path / "ledger" / "payments.csv").write_text("date;client;amount\n", encoding="utf-8")
    assert database().codes() == ["file-unknown"]


def test_payments_may_be_left_out(database: Callable[..., Read]) -> None:
    found = database(payments="")
    assert found.problems == []
    assert found.ledger.payments == ()


# What is wrong with the queries


def test_a_column_that_is_missing_is_told_with_its_query(database: Callable[..., Read]) -> None:
    found = database(invoices="select number, client, issued from invoices")
    assert found.codes() == ["column-missing"]
    assert format_problem(found.found[0]).startswith("sql invoices, column total: ")


def test_each_query_that_cannot_be_is_told_and_the_others_are_read(database: Callable[..., Read]) -> None:
    found = database(clients="select id, name, e_mail from clients", payments="select 1 as date from nowhere")
    assert found.codes() == ["database-query-failed", "database-query-failed"]
    assert [problem.found for problem in found.found] == ["ledger.sql.clients", "ledger.sql.payments"]
    assert "e_mail" in found.found[0].message
    assert "nowhere" in found.found[1].message


def test_two_columns_of_one_name_are_not_chosen_between(database: Callable[..., Read]) -> None:
    found = database(invoices="select number, client, issued, total, total from invoices")
    assert found.codes() == ["column-twice"]


@pytest.mark.parametrize(
    "query",
    [
        "with gone as (delete from payments returning paid_on as date, client, amount) select * from gone",
        "with t as (select 1) delete from payments",
    ],
)
def test_nothing_in_the_database_can_be_changed(database: Callable[..., Read], query: str) -> None:
    assert "database-query-failed" in database(payments=query).codes()
    assert len(database().ledger.payments) == 1


def test_a_function_that_changes_something_is_refused(
    server: postgres.Server, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setenv("RELANCE_SQL_PASSWORD", postgres.PASSWORD)
    found = read(tmp_path, url=server.url, contacts="select forget() as client, '' as name, '' as role")
    assert found.codes() == ["database-query-failed"]
    assert "read-only" in found.found[0].message


def test_far_too_many_rows_are_refused_and_not_kept(
    database: Callable[..., Read], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LARGEST_FILE", 1_000)
    numbers = "with recursive n(i) as (select 1 union all select i + 1 from n)"
    endless = numbers + " select '2026-10-01' as date, 'brun' as client, i as amount from n"  # noqa: S608
    assert database(payments=endless).codes() == ["database-answer-too-large"]


# What is wrong outside


def test_no_server_is_told_and_can_be_tried_again(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    url = f"postgresql://reader@/ledger?host={tmp_path}"
    with pytest.raises(OutsideError, match=r"the database does not answer: .*Nothing was written; run it again\.$"):
        read(tmp_path, url=url)


def test_a_wrong_password_is_told_and_not_shown(server: postgres.Server, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("RELANCE_SQL_PASSWORD", "bookkeeper-3")
    with pytest.raises(OutsideError, match="password authentication failed") as raised:
        read(tmp_path, url=server.url)
    assert "bookkeeper-3" not in str(raised.value)


def test_a_query_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    fill(tmp_path / "ledger.db")
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) as date from n"
    with pytest.raises(OutsideError, match="longer than timeout_seconds"):
        read(tmp_path, payments=endless, timeout_seconds=1)


def test_so_it_is_by_a_server(server: postgres.Server, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("RELANCE_SQL_PASSWORD", postgres.PASSWORD)
    with pytest.raises(OutsideError, match="longer than timeout_seconds"):
        read(tmp_path, url=server.url, payments="select pg_sleep(30)", timeout_seconds=1)


def test_a_database_that_somebody_writes_to_is_waited_for_and_then_left(tmp_path: Path) -> None:
    with closing(sqlite3.connect(fill(tmp_path / "ledger.db"), isolation_level=None)) as other:
        other.execute("begin exclusive")
        with pytest.raises(OutsideError, match="database is locked"):
            read(tmp_path, timeout_seconds=1)


# Where the database is


def test_the_whole_address_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setenv("RELANCE_SQL_URL", f"sqlite:///{fill(tmp_path / 'elsewhere' / 'books.sqlite')}")
    assert read(tmp_path, url="sqlite:///ledger.db").problems == []


def test_or_from_the_file_of_secrets(tmp_path: Path) -> None:
    fill(tmp_path / "books.sqlite")
    (tmp_path / ".env").write_text("RELANCE_SQL_URL=sqlite:///books.sqlite\n", encoding="utf-8")
    assert read(tmp_path).problems == []


def test_a_wrong_address_in_the_environment_is_told_there_and_not_shown(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("RELANCE_SQL_URL", "postgresql://a:Hush@host:port/db")
    (problem,) = read(tmp_path).found
    assert problem.code == "database-url-wrong"
    assert problem.where == SourceRef("environment", 0, "RELANCE_SQL_URL")
    assert "Hush" not in format_problem(problem)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:///elsewhere.db", "is not there"),
        ("sqlite://", "is no file"),
        ("sqlite:///:memory:", "is no file"),
        ("sqlite:///folder", "is no file"),
        ("sqlite:///notes.txt", "is not a SQLite database"),
    ],
)
def test_a_file_that_cannot_be_read_is_the_owners_to_correct(tmp_path: Path, url: str, said: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "notes.txt").write_text("clients", encoding="utf-8")
    found = read(tmp_path, url=url)
    assert found.codes() == ["database-unreadable"]
    assert said in found.found[0].message


@pytest.mark.parametrize(
    ("url", "library"), [("mysql+oursql://a@host/db", "mysql+oursql"), ("oracle+cx_oracle://a@host/db", "cx_Oracle")]
)
def test_a_library_that_is_missing_is_named(tmp_path: Path, url: str, library: str) -> None:
    (problem,) = read(tmp_path, url=url).found
    assert problem.code == "database-driver-missing"
    assert problem.found == library


def test_when_nothing_can_be_seen_nothing_is_called_unknown(tmp_path: Path) -> None:
    learnt = tmp_path / "ledger" / "relance" / "promises.csv"
    learnt.parent.mkdir(parents=True)
    learnt.write_text("client;made_on;on;invoices\nverdier;2026-11-01;2026-12-01;F-1\n", encoding="utf-8")
    assert read(tmp_path).codes() == ["database-unreadable"]


# Values as text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (" F-1 ", "F-1"),
        (12, "12"),
        (True, "true"),
        (Decimal("1234.50"), "1234.50"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1234.567"), "1234.5670"),
        (Decimal("NaN"), "NaN"),
        (0.1 + 0.2, "0.3"),
        (1234.5, "1234.5"),
        (99999999999.99, "99999999999.99"),
        (1.234, "1.2340"),
        (float("inf"), "Infinity"),
        (date(2026, 2, 28), "2026-02-28"),
        (datetime(2026, 2, 28, tzinfo=UTC), "2026-02-28"),
        (datetime(2026, 2, 28, 9, 30, tzinfo=UTC), "2026-02-28 09:30:00+00:00"),
        ("é".encode(), "é"),
        (b"\xff", "\ufffd"),
        (["F-1", "F-2"], "F-1, F-2"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ],
)
def test_a_value_is_written_exactly(value: object, text: str) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize(("total", "problems"), [(1.234, ["amount-decimals 1 total"]), (1234.5, []), ("1 234,50", [])])
def test_the_point_of_a_number_is_never_that_of_thousands(tmp_path: Path, total: object, problems: list[str]) -> None:
    fill(tmp_path / "ledger.db", TABLES.partition("insert into invoices")[0])
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as connection:
        connection.execute("create table bills (total)")
        connection.execute("insert into bills values (?)", (total,))
        connection.commit()
    invoices = "select 'F-1' as number, 'brun' as client, '2026-10-01' as issued, total from bills"
    assert read(tmp_path, invoices=invoices, payments="").problems == problems


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("'a' || char(10) || 'b'", "header-unsafe"),
        ("'=cmd(1)'", "formula"),
        ("'a' || char(0)", "header-unsafe"),
        ("cast(x'61ff' as text)", "header-unsafe"),
    ],
)
def test_a_text_that_could_deceive_is_refused_as_in_any_ledger(tmp_path: Path, name: str, code: str) -> None:
    fill(tmp_path / "ledger.db")
    clients = f"select id, {name} as name, email from clients where id = 'brun'"  # noqa: S608
    assert read(tmp_path, clients=clients, invoices=f"{INVOICES} limit 0", payments="").codes() == [code]


# One question


@pytest.mark.parametrize(
    "query",
    [
        "select 1",
        "SELECT 1;",
        "  -- the clients\nselect 1 ;\n",
        "/* all; of them */ with a as (select 1) select * from a",
        "(select 1) union (select 2)",
        "select ';', \"a;b\", `c;d`, $$e;f$$, $x$ g;h $x$, E'it\\'s; ' -- ; ;\n",
    ],
)
def test_one_question_is_taken(query: str) -> None:
    assert is_one_question(query)


@pytest.mark.parametrize(
    "query",
    [
        "delete from clients",
        "select 1; delete from clients",
        "select ';'; drop table clients",
        "-- select\nupdate clients set name = ''",
        "selected",
        "pragma writable_schema = 1",
        "select E'\\''; delete from clients; select '",
    ],
)
def test_anything_else_is_not(query: str) -> None:
    assert not is_one_question(query)
