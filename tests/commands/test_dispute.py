"""`relance dispute`: an invoice that a client says is wrong stands apart until that is settled; the others go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from generator.lock import exclusive
from tests.support.owner import INVOICES as USUAL
from tests.support.owner import Owner, new_owner

if TYPE_CHECKING:
    from pathlib import Path

INVOICES = USUAL.replace("20/11/2026;20/12/2026", "10/11/2026;10/12/2026")  # all of them issued by the day of the tests


@pytest.fixture
def owner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    made = new_owner(tmp_path / "sable", capsys)
    made.write("ledger/invoices.csv", INVOICES)
    return made


def rows(owner: Owner) -> list[str]:
    return (owner.folder / "ledger/relance/disputes.csv").read_text("utf-8").removeprefix("\ufeff").splitlines()


def account(owner: Owner, date: str = "2026-11-16") -> dict[str, Any]:
    (found,) = owner.show("verdier", date=date)
    return found


def statuses(owner: Owner, date: str = "2026-11-16") -> dict[str, str]:
    return {item["invoice"]: item["status"] for item in account(owner, date)["items"]}


def test_a_dispute_is_a_row_of_the_ledger_and_stops_the_reminders_of_its_invoice(owner: Owner) -> None:
    assert owner.run("dispute", "verdier", "f-2026-118", "Deux pages manquent") == 0, owner.complained
    assert rows(owner) == ["invoice;opened_on;closed_on;reason", "F-2026-118;2026-11-16;;Deux pages manquent"]
    assert "none today: disputed" in owner.said
    assert statuses(owner) == {"F-2026-118": "disputed", "F-2026-121": "not_due"}


def test_it_is_closed_by_a_later_row_that_holds_from_its_day_on(owner: Owner) -> None:
    owner.run("dispute", "verdier", "F-2026-118", "Deux pages manquent")
    assert owner.run("dispute", "verdier", "F-2026-118", "--close", date="2026-11-20") == 0, owner.complained
    assert rows(owner)[1:] == [
        "F-2026-118;2026-11-16;;Deux pages manquent",
        "F-2026-118;2026-11-16;2026-11-20;Deux pages manquent",
    ]
    assert statuses(owner, "2026-11-19")["F-2026-118"] == "disputed"
    assert statuses(owner, "2026-11-20")["F-2026-118"] == "overdue"
    assert account(owner, "2026-11-20")["reminders"]["due_today"]["step"] == "reminder-1"


def test_what_was_settled_can_be_disputed_anew(owner: Owner) -> None:
    owner.run("dispute", "verdier", "F-2026-118", "Deux pages manquent")
    owner.run("dispute", "verdier", "F-2026-118", "--close", date="2026-11-18")
    assert owner.run("dispute", "verdier", "F-2026-118", "Une page manque", date="2026-11-19") == 0, owner.complained
    assert statuses(owner, "2026-11-19")["F-2026-118"] == "disputed"
    assert owner.run("dispute", "verdier", "F-2026-118", "--close", date="2026-11-20") == 0, owner.complained
    assert statuses(owner, "2026-11-20")["F-2026-118"] == "overdue"


def test_opened_and_closed_on_one_day_is_over(owner: Owner) -> None:
    owner.run("dispute", "verdier", "F-2026-118", "Erreur")
    assert owner.run("dispute", "verdier", "F-2026-118", "--close") == 0, owner.complained
    assert statuses(owner)["F-2026-118"] == "overdue"


def test_a_row_of_the_owner_about_two_invoices_is_closed_for_one(owner: Owner) -> None:
    owner.write("ledger/relance/disputes.csv", 'facture;ouverte le\n"F-2026-118, F-2026-121";10/11/2026\n')
    assert owner.run("dispute", "verdier", "F-2026-118", "--close") == 0, owner.complained
    assert rows(owner)[-1] == "F-2026-118;10/11/2026;16/11/2026"
    assert statuses(owner) == {"F-2026-118": "overdue", "F-2026-121": "disputed"}


def test_a_dispute_in_the_owners_own_file_is_theirs_to_close(owner: Owner) -> None:
    text = (
        INVOICES.replace("ttc\n", "ttc;contestée le\n")
        .replace("00,00\n", "00,00;12/11/2026\n")
        .replace("150,00\n", "150,00;\n")
    )
    owner.write("ledger/invoices.csv", text)
    assert owner.run("dispute", "verdier", "F-2026-118", "--close") == 2
    assert "ledger/invoices.csv:2" in owner.complained
    assert "dispute_closed_on" in owner.complained
    owner.write("ledger/relance/disputes.csv", "invoice;opened_on\nF-2026-118;2026-11-13\n")
    assert owner.run("dispute", "verdier", "F-2026-118", "--close") == 0, owner.complained
    assert "is disputed in ledger/invoices.csv:2" in owner.said


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("nobody", "F-2026-118", "x"), "no such client"),
        (("verdier", "F-2026-120", "x"), "verdier has no such invoice"),
        (("verdier", "F-2026-118"), "Say what is wrong"),
        (("verdier", "F-2026-118", " "), "the reason is empty"),
        (("verdier", "F-2026-118", "x" * 10_000), "10000 characters, of 500 at most"),
        (("verdier", "F-2026-118", "a\x1b[2J"), "control"),
        (("verdier", "F-2026-118", "=HYPERLINK(1)"), "formula"),
        (("verdier", "F-2026-118", "--close"), "F-2026-118 is not disputed"),
        (("verdier", "F-2026-118", "x", "--close"), "Not both"),
        (("verdier", "F-2026-118", "x", "--date", "2026-11-17"), "cannot be of a day to come"),
    ],
)
def test_what_is_no_dispute_is_refused_and_nothing_is_recorded(
    owner: Owner, arguments: tuple[str, ...], why: str
) -> None:
    before = owner.files()
    assert owner.run("dispute", *arguments) == 2
    assert why in owner.complained
    assert "\x1b" not in owner.complained
    assert owner.files() == before


def test_what_is_disputed_or_paid_is_not_disputed_again(owner: Owner) -> None:
    owner.run("dispute", "verdier", "F-2026-118", "x")
    assert owner.run("dispute", "verdier", "F-2026-118", "y") == 2
    assert "disputed already" in owner.complained
    owner.write("ledger/payments.csv", "date;client;montant;facture\n02/11/2026;kite;800,00;F-2026-120\n")
    assert owner.run("dispute", "kite", "F-2026-120", "x") == 2
    assert "is paid" in owner.complained


def test_a_reason_may_have_quotation_marks_semicolons_and_lines(owner: Owner) -> None:
    reason = 'Le « devis » ; "le prix"\net la date'
    assert owner.run("dispute", "verdier", "F-2026-118", reason) == 0, owner.complained
    assert owner.run("dispute", "verdier", "F-2026-118", "--close") == 0, owner.complained
    assert statuses(owner)["F-2026-118"] == "overdue"


def test_two_runs_at_once_do_not_write_beside_each_other(owner: Owner) -> None:
    with exclusive(owner.folder):
        assert owner.run("dispute", "verdier", "F-2026-118", "x") == 3
    assert not (owner.folder / "ledger/relance").exists()


def test_a_folder_that_cannot_be_written_is_told(owner: Owner) -> None:
    owner.write("ledger/relance", "no folder")
    assert owner.run("dispute", "verdier", "F-2026-118", "x") == 3
