"""The demo, handed over in each format that relance reads, is the same ledger: the same accounts on its day.

What "the same" means is said format by format. CSV files and a database can carry every fact: there everything that a
page, a message or the report is made from is equal, to the last offer.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import cycle
from typing import TYPE_CHECKING, NamedTuple

import pytest
from sqlalchemy import create_engine, make_url

from generator.domain.ledger import Severity, SourceRef
from generator.resources import bundled
from generator.workspace import open_workspace
from tests.readers import einvoice_maker
from tests.support import exports, postgres
from tests.support.fec_export import write_fec

if TYPE_CHECKING:
    from pathlib import Path

    from generator.domain.account import Account, Status
    from generator.domain.decide import Decision
    from generator.domain.money import Money
    from generator.workspace import Workspace

ATELIER = bundled("examples") / "atelier"
DAY = date(2026, 11, 23)
SELLER = einvoice_maker.Someone("Atelier Merle & Noyer", "123456782", "FR11123456782", town="Tours")
OUR_IBAN = "FR7699999000370001234567851"


@cache
def original() -> Decision:
    return open_workspace(ATELIER).decide(DAY)


@cache
def rows() -> exports.Rows:
    return exports.rows_of(open_workspace(ATELIER).ledger)


def handed_over(folder: Path, ledger: str) -> Path:
    """The demo's folder without the owner's files of its ledger, and with other words in `[ledger]` of its policy."""
    shutil.copytree(ATELIER, folder, dirs_exist_ok=True)
    for path in (folder / "ledger").glob("*.csv"):
        path.unlink()
    policy = (folder / "portal.toml").read_text(encoding="utf-8")
    policy = re.sub(r"^\[ledger\.columns\.invoices\]\n.*\n", f"{ledger}\n", policy, flags=re.MULTILINE)
    (folder / "portal.toml").write_text(policy, encoding="utf-8")
    return folder


def in_format(folder: Path, form: str, ledger: str) -> Path:
    handed_over(folder, ledger)
    policy = (folder / "portal.toml").read_text(encoding="utf-8")
    (folder / "portal.toml").write_text(
        policy.replace("[ledger]\n", f'[ledger]\nformat = "{form}"\n'), encoding="utf-8"
    )
    return folder


def without_places(accounts: tuple[Account, ...]) -> list[Account]:
    """Accounts but for the row that each guess was made about: another format has other rows."""
    nowhere = SourceRef("")
    return [
        replace(account, guesses=tuple(replace(guess, source=nowhere) for guess in account.guesses))
        for account in accounts
    ]


def is_the_same(workspace: Workspace) -> None:
    """Every fact has come across, and so every account, offer and reminder is equal."""
    assert workspace.problems == ()
    decision = workspace.decide(DAY)
    assert without_places(decision.accounts) == without_places(original().accounts)
    assert len(decision.events) == len(original().events)


def test_csv_as_a_french_spreadsheet_saves_it(tmp_path: Path) -> None:
    exports.write_csv(handed_over(tmp_path, "") / "ledger", rows())
    is_the_same(open_workspace(tmp_path))


def test_sqlite(tmp_path: Path) -> None:
    in_format(tmp_path, "sql", f"[ledger.sql]\n{exports.queries(rows())}")
    exports.write_sqlite(tmp_path / "ledger.db", rows())
    is_the_same(open_workspace(tmp_path))


def test_postgresql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if reason := postgres.why_not():
        pytest.skip(reason)
    monkeypatch.setenv("RELANCE_SQL_PASSWORD", postgres.PASSWORD)
    with postgres.server() as server:
        engine = create_engine(make_url(server.url).set(drivername="postgresql+psycopg", password=postgres.PASSWORD))
        with engine.begin() as connection:
            for statement in exports.statements(rows()):
                connection.exec_driver_sql(statement)
        engine.dispose()
        in_format(tmp_path, "sql", f'[ledger.sql]\nurl = "{server.url}"\n{exports.queries(rows())}')
        is_the_same(open_workspace(tmp_path))


def write_sheet(path: Path, sheet: list[exports.Row]) -> None:
    """One sheet, in the format that the name of the file says."""
    if path.suffix == ".xlsx":
        exports.write_xlsx(path, sheet)
    elif path.suffix == ".ods":
        exports.write_ods(path, sheet)
    else:
        exports.write_csv(path.parent, {path.stem: sheet})


@pytest.mark.parametrize("file", ["factures.xlsx", "factures.ods", "factures.csv"])
def test_one_sheet_with_the_payments_beside_it(tmp_path: Path, file: str) -> None:
    """Every fact but the terms of a client, which have no place in a row that has a due date, and the owner's notes on them."""
    in_format(tmp_path, "sheet", "")
    with_key(tmp_path, f'file = "{file}"')
    write_sheet(tmp_path / file, exports.one_sheet(rows()))
    beside = {name: rows()[name] for name in ("contacts", "payments")}
    exports.write_csv(tmp_path / "ledger", beside)
    workspace = open_workspace(tmp_path)
    assert workspace.problems == ()
    assert as_in_a_sheet(workspace.decide(DAY)) == as_in_a_sheet(original())


@pytest.mark.parametrize("file", ["factures.xlsx", "factures.ods", "factures.csv"])
def test_one_sheet_that_says_what_is_left_to_pay(tmp_path: Path, file: str) -> None:
    """Without payments and credit notes: all that is open, whose it is and since when.

    Nobody says when the rest was paid: an invoice that is paid is no item. An agreement stands until its client was warned in writing.
    """
    in_format(tmp_path, "sheet", "")
    with_key(tmp_path, f'file = "{file}"')
    left = {item.id: exports.decimal(item.open) for account in original().accounts for item in account.items}
    bills = [row for row in exports.one_sheet(rows()) if not str(row["total"]).startswith("-")]
    write_sheet(tmp_path / file, [row | {"balance": left.get(str(row["number"]))} for row in bills])
    exports.write_csv(tmp_path / "ledger", {"contacts": rows()["contacts"]})
    workspace = open_workspace(tmp_path)
    assert workspace.problems == ()
    assert what_is_open(workspace.decide(DAY)) == what_is_open(original())


def with_key(folder: Path, line: str) -> None:
    """One more line in `[ledger]`."""
    policy = (folder / "portal.toml").read_text(encoding="utf-8")
    (folder / "portal.toml").write_text(policy.replace("[ledger]\n", f"[ledger]\n{line}\n"), encoding="utf-8")


def as_in_a_sheet(decision: Decision) -> dict[tuple[str, str], Account]:
    return {
        (account.client.id, account.currency): replace(account, client=replace(account.client, terms="", notes=""))
        for account in without_places(decision.accounts)
    }


def test_e_invoices(tmp_path: Path) -> None:
    """What an invoice says stands in its file, Factur-X, UBL and CII in turns; clients, payments and what was learnt beside it.

    Everything that is open is the same; but a discount for early payment, which these invoices do not print, stays open.
    """
    in_format(tmp_path, "documents", "")
    with_key(tmp_path, 'documents = "factures"')
    clients = {str(row["id"]): row for row in rows()["clients"]}
    makers = (("pdf", einvoice_maker.facturx), ("xml", einvoice_maker.ubl), ("xml", einvoice_maker.cii))
    (tmp_path / "factures").mkdir()
    sent = [row for row in rows()["invoices"] if row.get("status") in {None, "open"}]
    for row, (suffix, make) in zip(sent, cycle(makers), strict=False):
        written = make(bill_of(row, clients[str(row["client"])]))
        (tmp_path / "factures" / f"{row['number']}.{suffix}").write_bytes(written)
    exports.write_csv(tmp_path / "ledger", {name: rows()[name] for name in ("clients", "contacts", "payments")})
    exports.write_csv(tmp_path / "ledger" / "relance", learnt_of_invoices())
    workspace = open_workspace(tmp_path)
    assert workspace.problems == ()
    assert but_for_discounts(what_is_open(workspace.decide(DAY))) == what_is_open(original())


def bill_of(row: exports.Row, client: exports.Row) -> einvoice_maker.Bill:
    """The e-invoice of a row, without tax so that its amounts need no rounding; a credit note says what it takes back."""
    minor = int(Decimal(str(row["total"])).scaleb(2))
    buyer = einvoice_maker.Someone(
        str(client["name"]), str(client["siren"]), contact=str(client["contact"]), email=str(client["email"])
    )
    return einvoice_maker.Bill(
        number=str(row["number"]),
        issued=str(row["issued"]),
        due=str(row.get("due") or ""),
        vat=(("0.00", abs(minor)),),
        seller=SELLER,
        buyer=buyer,
        kind="381" if minor < 0 else "380",
        currency=str(row["currency"]),
        order=str(row.get("order") or ""),
        iban=OUR_IBAN,
        preceding=(str(row["credit_of"]),) if row.get("credit_of") else (),
        items=(str(row["subject"]),),
    )


def learnt_of_invoices() -> exports.Rows:
    """What became of an invoice after it was sent, in the files of what relance learns."""
    bills = rows()["invoices"]
    disputes = [
        {"invoice": row["number"], "opened_on": row["disputed_on"], "reason": row["dispute_reason"]}
        for row in bills
        if row.get("disputed_on")
    ]
    promises = [
        {"client": row["client"], "made_on": row["issued"], "on": row["promised_on"], "invoices": row["number"]}
        for row in bills
        if row.get("promised_on")
    ]
    return {"disputes": disputes, "promises": promises}


def test_the_accountants_export(tmp_path: Path) -> None:
    """A FEC has the amounts in euros and their letters: what is open of each invoice, and since when it was issued.

    It has no due dates, no terms of a single invoice and nothing of another currency; clients are in clients.csv beside it. What
    happened to an invoice besides (a dispute, a promise, a printed discount) is not in it either.
    """
    in_format(tmp_path, "fec", "")
    file = "ledger/123456782FEC20261231.txt"
    with_key(tmp_path, f'file = "{file}"')
    write_fec(tmp_path / file, rows())
    exports.write_csv(tmp_path / "ledger", {name: rows()[name] for name in ("clients", "contacts")})
    workspace = open_workspace(tmp_path)
    assert not [problem for problem in workspace.problems if problem.severity is Severity.ERROR]
    assert in_euros(but_for_discounts(what_is_open(workspace.decide(DAY)))) == in_euros(what_is_open(original()))


def but_for_discounts(found: dict[tuple[str, str], Open]) -> dict[tuple[str, str], Open]:
    """Without the invoices on which a discount was printed and taken: where it is not said, it stays open."""
    discounted = {(row["client"], row["number"]) for row in rows()["invoices"] if row.get("discount_percent")}
    assert len(discounted) == 1
    return {key: one for key, one in found.items() if key not in discounted}


def in_euros(found: dict[tuple[str, str], Open]) -> dict[tuple[str, str], tuple[date, Money, Money]]:
    """Of each invoice its day, its total and what is open."""
    return {key: (one.issued, one.total, one.open) for key, one in found.items() if one.total.currency == "EUR"}


class Open(NamedTuple):
    """Of an invoice that is not paid, what every format can say."""

    issued: date
    due: date
    total: Money
    open: Money
    status: Status


def what_is_open(decision: Decision) -> dict[tuple[str, str], Open]:
    """By client and invoice."""
    return {
        (account.client.id, item.id): Open(item.invoice.issued, item.invoice.due, item.total, item.open, item.status)
        for account in decision.accounts
        for item in account.items
        if item.open
    }
