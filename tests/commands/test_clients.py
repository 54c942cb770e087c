"""`relance clients`: who the clients are and how each is reached, and the list of those nobody can write to."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.readers.fec_maker import Accounts
from tests.support.owner import CLIENTS, INVOICES, PAYMENTS, PORTAL, Owner

if TYPE_CHECKING:
    from pathlib import Path

FEC = '\n[ledger]\nformat = "fec"\nfile = "ledger/FEC.txt"\npayments_up_to = "2026-11-13"\n'
SEPTEMBER, OCTOBER = date(2026, 9, 30), date(2026, 10, 1)
HEAD = "id;name;email;contact;kind;phone;channel;terms"


def accounts() -> Accounts:
    books = Accounts({"C001": "Éditions Verdier-Roux", "C002": "Kite & Sons", "C003": "Brun"})
    books.invoice("C001", "F-2026-118", SEPTEMBER, 120_000)
    books.invoice("C002", "F-2026-120", OCTOBER, 80_000)
    books.invoice("C003", "F-2026-121", OCTOBER, 5_000, "A")
    books.payment("C003", OCTOBER, 5_000, "A")
    return books


@pytest.fixture
def owner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    (tmp_path / "ledger").mkdir()
    (tmp_path / "portal.toml").write_text(PORTAL + FEC, encoding="utf-8")
    (tmp_path / "ledger" / "FEC.txt").write_bytes(accounts().write())
    return Owner(tmp_path, capsys)


def put(owner: Owner, name: str, content: str | bytes) -> None:
    data = content if isinstance(content, bytes) else content.encode()
    (owner.folder / "ledger" / name).write_bytes(data)


def lines(owner: Owner) -> list[str]:
    return owner.said.removeprefix("\ufeff").splitlines()


def test_whom_nobody_can_write_to_is_listed_ready_to_fill_in(owner: Owner) -> None:
    assert owner.run("clients", "--missing") == 0
    assert owner.said.startswith("\ufeff")
    assert lines(owner) == [HEAD, "C001;Éditions Verdier-Roux;;;;;;", "C002;Kite & Sons;;;;;;"]


def test_those_who_owe_nothing_are_listed_when_asked_for(owner: Owner) -> None:
    assert owner.run("clients", "--missing", "--all") == 0
    assert [line.split(";")[0] for line in lines(owner)] == ["id", "C003", "C001", "C002"]


def test_the_list_filled_in_is_the_clients_file(owner: Owner) -> None:
    owner.run("clients", "--missing")
    put(owner, "clients.csv", owner.said.replace("Roux;;;", "Roux;compta@verdier.example;;business"))
    assert owner.run("clients", "--missing") == 0
    assert lines(owner) == [HEAD, "C002;Kite & Sons;;;;;;"]
    assert owner.show("C001")[0]["client"]["kind"] == "business"


def test_a_shell_makes_the_file_empty_before_the_list_is_made(owner: Owner) -> None:
    put(owner, "clients.csv", "")
    assert owner.run("clients", "--missing") == 0
    assert len(lines(owner)) == 3


def test_lines_to_append_are_in_the_columns_of_the_file_that_is_there(owner: Owner, tmp_path: Path) -> None:
    before = "Nom,Code,Courriel,Remarques\nKite,C002,,à appeler".encode("cp1252")
    put(owner, "clients.csv", before)
    assert owner.run("clients", "--missing", "--append", "--output", str(tmp_path / "more.csv")) == 0
    assert (tmp_path / "more.csv").read_bytes() == "\nÉditions Verdier-Roux,C001,,\n".encode("cp1252")
    assert "1 client in clients.csv already" in owner.complained


def test_lines_to_append_make_the_file_whole(owner: Owner, tmp_path: Path) -> None:
    put(owner, "clients.csv", "Nom;Code;Courriel\nBrun;C003;b@brun.example\n")
    assert owner.run("clients", "--missing", "--append", "--output", str(tmp_path / "more.csv")) == 0
    more = (tmp_path / "more.csv").read_bytes()
    put(owner, "clients.csv", (owner.folder / "ledger" / "clients.csv").read_bytes() + more)
    assert owner.run("check") == 0
    assert owner.run("clients", "--missing", "--append") == 0
    assert "2 clients in clients.csv already" in owner.complained


def test_names_that_the_encoding_of_the_file_lacks_are_not_appended(owner: Owner) -> None:
    books = accounts()
    books.invoice("C004", "F-2026-130", OCTOBER, 5_000)
    books.lines[-3][0]["CompAuxLib"] = "Łódź"
    put(owner, "FEC.txt", books.write())
    put(owner, "clients.csv", "id;name;email\nC003;Éa;b@brun.example\n".encode("cp1252"))
    assert owner.run("clients", "--missing", "--append") == 3
    assert "CSV UTF-8" in owner.complained


def test_a_list_is_never_written_over_something(owner: Owner, tmp_path: Path) -> None:
    target = tmp_path / "list.csv"
    assert owner.run("clients", "--missing", "--output", str(target)) == 0
    assert target.read_bytes().startswith(b"\xef\xbb\xbfid;name;email")
    assert owner.run("clients", "--missing", "--output", str(target)) == 2
    assert "relance does not write over it" in owner.complained
    assert owner.run("clients", "--missing", "--output", str(tmp_path / "no" / "list.csv")) == 3
    assert owner.run("clients", "--append") == 2


def test_everybody_is_listed_with_how_they_are_reached(owner: Owner) -> None:
    clients = "id;email;phone;channel\nC001;compta@verdier.example;;\nC002;;01 99 00 12 34;\nC003;;;courrier\n"
    put(owner, "clients.csv", clients)
    assert owner.run("clients", "--all") == 0
    assert [line.split("  ")[0] for line in lines(owner)] == ["CLIENT", "C003", "C001", "C002"]
    brun, verdier, kite = lines(owner)[1:]
    assert "letters" in brun
    assert brun.endswith("–")
    assert "compta@verdier.example" in verdier
    assert verdier.endswith("€1,200.00")
    assert "calls 01 99 00 12 34, no address" in kite


def test_without_an_address_nothing_is_sent_and_the_report_says_why(owner: Owner) -> None:
    assert owner.run("build") == 0
    assert owner.show("C001")[0]["reminders"]["held"] == "no_address"
    assert not list((owner.folder / "outbox").glob("*.eml"))
    report = (owner.folder / "report" / "index.html").read_text(encoding="utf-8")
    assert "Pas d’adresse email" in report
    assert "clients --missing" in report
    assert list((owner.folder / "output" / "p").iterdir()), "they have their page all the same"


def test_without_an_address_but_with_a_telephone_the_owner_calls(owner: Owner) -> None:
    put(owner, "clients.csv", "id;phone\nC001;01 99 00 12 34\n")
    assert owner.show("C001")[0]["reminders"]["due_today"]["channel"] == "phone"


def test_in_any_other_format_an_address_is_asked_for_as_ever(owner: Owner) -> None:
    (owner.folder / "portal.toml").write_text(PORTAL, encoding="utf-8")
    put(owner, "clients.csv", CLIENTS)
    put(owner, "invoices.csv", INVOICES)
    put(owner, "payments.csv", PAYMENTS)
    assert owner.run("clients", "--missing") == 0
    assert lines(owner) == [HEAD]
    put(owner, "clients.csv", CLIENTS.replace("accounts@kite.example", ""))
    assert owner.run("clients") == 1
    assert "[email-missing]" in owner.complained
