"""A row that cannot be read holds back its own client, when the owner wants it so, and nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.owner import CLIENTS, INVOICES, PAYMENTS, Owner, new_owner

if TYPE_CHECKING:
    from pathlib import Path

MORE_CLIENTS = """brun;Atelier Brun;compta@brun.example;;;;fr
dune;Maison Dune;compta@dune.example;;;;fr
orme;Menuiserie Orme;compta@orme.example;;;;fr
"""
MORE_INVOICES = """F-2026-122;brun;01/10/2026;31/10/2026;Étagères;210,00
F-2026-123;dune;01/10/2026;31/10/2026;Table;640,00
F-2026-124;orme;01/10/2026;31/10/2026;Banc;95,00
"""
WRONG = "F-2026-130;kite;01/10/2026;31/02/2026;Oak table;500,00\n"


@pytest.fixture
def owner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    """Five clients with a page each, one of them with a payment; rows that cannot be read hold back their clients."""
    made = new_owner(tmp_path / "sable", capsys)
    made.write("ledger/clients.csv", CLIENTS + MORE_CLIENTS)
    made.write("ledger/invoices.csv", INVOICES + MORE_INVOICES)
    made.write("portal.toml", (made.folder / "portal.toml").read_text("utf-8") + '\n[ledger]\nunreadable = "hold"\n')
    assert made.run("build") == 0, made.complained
    return made


def messages(owner: Owner) -> str:
    return " ".join(path.name for path in (owner.folder / "outbox").rglob("*.eml"))


def wrong(owner: Owner) -> None:
    owner.write("ledger/invoices.csv", INVOICES + MORE_INVOICES + WRONG)


def test_by_itself_a_wrong_row_stops_everything(owner: Owner) -> None:
    text = (owner.folder / "portal.toml").read_text("utf-8")
    owner.write("portal.toml", text.replace('unreadable = "hold"', ""))
    wrong(owner)
    assert owner.run("check") == 1
    assert "31/02/2026" in owner.complained


def test_the_row_is_listed_with_its_place_and_who_waits_for_it(owner: Owner) -> None:
    wrong(owner)
    assert owner.run("check") == 0, owner.complained
    told = " ".join((owner.said + owner.complained).split())
    assert "ledger/invoices.csv:8, column échéance" in told
    assert "Until then nothing is shown or sent to kite." in told


def test_their_page_says_that_it_is_checked_and_shows_no_amount(owner: Owner) -> None:
    before = owner.page("kite")
    assert "F-2026-120" in before
    wrong(owner)
    assert owner.run("build") == 0, owner.complained
    after = owner.page("kite")
    assert "We are checking your statement just now" in after
    assert "Kite &amp; Sons" in after
    for shown in ("F-2026-120", "500", "800", "300", "€", "All is settled", "Earlier"):
        assert shown not in after.partition("<main")[2], shown


def test_nobody_writes_to_them_and_the_others_are_written_to(owner: Owner) -> None:
    assert "kite" in messages(owner)
    wrong(owner)
    assert owner.run("build") == 0, owner.complained
    assert "kite" not in messages(owner)
    assert "brun" in messages(owner)


def test_the_others_pages_stay_as_they_are(owner: Owner) -> None:
    before = owner.page("dune")
    wrong(owner)
    owner.run("build")
    assert owner.page("dune") == before


def test_the_public_json_says_why_and_nothing_else(owner: Owner) -> None:
    wrong(owner)
    [account] = owner.show("kite")
    assert account["reminders"]["held"] == "unreadable"
    assert (account["items"], account["offers"], account.get("history", [])) == ([], [], [])


def test_the_report_tells_it_first_of_all_that_is_held_and_does_not_call_them_paid(owner: Owner) -> None:
    wrong(owner)
    owner.run("build")
    report = (owner.folder / "report" / "index.html").read_text("utf-8")
    assert "Une ligne n’a pu être lue" in report
    assert "ledger/invoices.csv:8" in report


def test_the_table_of_the_terminal_shows_no_sum(owner: Owner) -> None:
    wrong(owner)
    assert owner.run("show") == 0, owner.complained
    [line] = [line for line in owner.said.splitlines() if line.startswith("Kite")]
    assert line.split()[3:] == ["–", "–", "unreadable", "row"]


def test_once_the_row_is_right_everything_is_back(owner: Owner) -> None:
    before = owner.page("kite")
    wrong(owner)
    owner.run("build")
    owner.write("ledger/invoices.csv", INVOICES + MORE_INVOICES)
    owner.run("build")
    assert owner.page("kite") == before
    assert "kite" in messages(owner)


def test_a_new_client_whose_first_row_is_wrong_has_no_page_yet(owner: Owner) -> None:
    owner.write("ledger/clients.csv", CLIENTS + MORE_CLIENTS + "neuf;Neuf;n@neuf.example;;;;fr\n")
    owner.write("ledger/invoices.csv", INVOICES + MORE_INVOICES + "F-9;neuf;01/10/2026;?;Banc;95,00\n")
    assert owner.run("build") == 0, owner.complained
    assert len(list((owner.folder / "output" / "p").iterdir())) == 5


def test_show_names_who_is_held_back_with_a_page_or_without(owner: Owner) -> None:
    owner.write("ledger/clients.csv", CLIENTS + MORE_CLIENTS + "neuf;Neuf;n@neuf.example;;;;fr\n")
    owner.write("ledger/invoices.csv", INVOICES + MORE_INVOICES + WRONG + "F-9;neuf;01/10/2026;?;Banc;95,00\n")
    assert owner.run("show") == 0, owner.complained
    assert owner.said.splitlines()[-1] == "Held back, for a row that cannot be read: kite, neuf"
    assert owner.run("show", "neuf") == 2
    assert "neuf is held back: see ledger/invoices.csv:9, column échéance" in owner.complained


def test_a_clients_own_row_that_is_wrong_holds_them_back(owner: Owner) -> None:
    owner.write("ledger/clients.csv", (CLIENTS + MORE_CLIENTS).replace("accounts@kite.example", "accounts@@kite"))
    assert owner.run("build") == 0, owner.complained
    assert "checking your statement" in owner.page("kite")


def test_a_payment_of_one_client_for_an_invoice_of_another_holds_back_both(owner: Owner) -> None:
    owner.write("ledger/payments.csv", PAYMENTS + "05/11/2026;kite;210,00;F-2026-122\n")
    assert owner.run("check") == 0, owner.complained
    assert [owner.show(client)[0]["reminders"]["held"] for client in ("kite", "brun")] == ["unreadable"] * 2
    assert owner.show("dune")[0]["reminders"]["held"] != "unreadable"


def test_so_does_one_for_an_invoice_that_cannot_be_read(owner: Owner) -> None:
    wrong(owner)
    owner.write("ledger/payments.csv", PAYMENTS + "05/11/2026;brun;210,00;F-2026-130\n")
    assert owner.run("check") == 0, owner.complained
    assert [owner.show(client)[0]["reminders"]["held"] for client in ("kite", "brun")] == ["unreadable"] * 2


def test_a_row_that_is_nobodys_stops_the_run(owner: Owner) -> None:
    owner.write("ledger/invoices.csv", INVOICES + MORE_INVOICES + "F-9;nobody;01/10/2026;31/10/2026;Banc;95,00\n")
    assert owner.run("check") == 1
    assert "nobody" in owner.complained


def test_rows_of_more_than_half_of_the_clients_are_a_wrong_file(owner: Owner) -> None:
    owner.write("ledger/invoices.csv", INVOICES + MORE_INVOICES.replace("31/10/2026", "31 du mois"))
    assert owner.run("check") == 1
    assert "Until then" not in owner.complained


def test_a_dispute_that_cannot_be_read_holds_back_who_disputes(owner: Owner) -> None:
    owner.write("ledger/relance/disputes.csv", "invoice;opened_on\nF-2026-123;hier\n")
    assert owner.run("check") == 0, owner.complained
    assert owner.show("dune")[0]["reminders"]["held"] == "unreadable"
