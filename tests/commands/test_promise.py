"""`relance promise`: a day that a client named, noted in the ledger; nobody is reminded before it has passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from generator.cli import main
from generator.lock import exclusive
from tests.support.owner import INVOICES as USUAL
from tests.support.owner import Owner, new_owner

if TYPE_CHECKING:
    from pathlib import Path

BOM = "\ufeff"
INVOICES = USUAL.replace("20/11/2026;20/12/2026", "10/11/2026;10/12/2026")  # all of them issued by the day of the tests


@pytest.fixture
def owner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    made = new_owner(tmp_path / "sable", capsys)
    made.write("ledger/invoices.csv", INVOICES)
    return made


def rows(owner: Owner) -> list[str]:
    return (owner.folder / "ledger/relance/promises.csv").read_text("utf-8").removeprefix(BOM).splitlines()


def test_a_promise_is_a_row_of_the_ledger_and_holds_the_reminders(owner: Owner) -> None:
    assert owner.run("promise", "verdier", "2026-11-27") == 0, owner.complained
    assert rows(owner) == ["client;made_on;on;invoices;amount;currency", "verdier;2026-11-16;2026-11-27;;;"]
    assert "payment promised for 2026-11-27, noted in ledger/relance/promises.csv" in owner.said
    assert "promised until 2026-11-27" in owner.said
    for day in ("2026-11-16", "2026-11-27"):
        assert owner.show("verdier", date=day)[0]["reminders"]["held"] == "promised"
    assert owner.show("verdier", date="2026-11-30")[0]["reminders"]["due_today"]["step"] == "reminder-1"


def test_an_amount_and_invoices_are_kept_with_it(owner: Owner) -> None:
    arguments = ("verdier", "2026-11-27", "450,00", "--invoices", "f-2026-118", "F-2026-121")
    assert owner.run("promise", *arguments) == 0, owner.complained
    assert rows(owner)[1] == "verdier;2026-11-16;2026-11-27;F-2026-118, F-2026-121;450,00;EUR"
    assert owner.run("check") == 0, owner.complained


def test_a_promise_before_anything_is_late_names_what_is_open(owner: Owner) -> None:
    assert owner.run("promise", "verdier", "2026-10-28", "--date", "2026-10-15") == 0, owner.complained
    assert rows(owner)[1].startswith("verdier;2026-10-15;2026-10-28;F-2026-118")


def test_invoices_may_be_listed_with_commas(owner: Owner) -> None:
    assert owner.run("promise", "verdier", "2026-11-27", "--invoices", "F-2026-118,F-2026-121") == 0, owner.complained
    assert rows(owner)[1] == "verdier;2026-11-16;2026-11-27;F-2026-118, F-2026-121;;"


def test_it_is_added_to_the_owners_own_rows_in_their_style(owner: Owner) -> None:
    owner.write("ledger/relance/promises.csv", "Client,Faite le,Pour le\nkite,02/11/2026,09/11/2026\n")
    assert owner.run("promise", "verdier", "2026-11-27") == 0, owner.complained
    assert rows(owner) == ["Client,Faite le,Pour le", "kite,02/11/2026,09/11/2026", "verdier,16/11/2026,27/11/2026"]


def test_the_same_promise_is_noted_once(owner: Owner) -> None:
    for _ in range(2):
        assert owner.run("promise", "verdier", "2026-11-27", "450") == 0, owner.complained
    assert "was noted already" in owner.said
    assert len(rows(owner)) == 2


def test_today_can_be_promised(owner: Owner) -> None:
    assert owner.run("promise", "kite", "2026-11-16", "500") == 0, owner.complained


def test_yesterdays_promise_is_dated_of_its_day(owner: Owner) -> None:
    assert owner.run("promise", "verdier", "2026-11-27", "--date", "2026-11-13") == 0, owner.complained
    assert rows(owner)[1].startswith("verdier;2026-11-13;2026-11-27")


def test_what_is_owed_in_two_currencies_is_promised_in_one_of_them(owner: Owner) -> None:
    owner.write(
        "ledger/invoices.csv",
        INVOICES.replace("ttc\n", "ttc;devise\n").replace("00,00\n", "00,00;EUR\n").replace("150,00\n", "150,00;GBP\n"),
    )
    assert owner.run("promise", "verdier", "2026-11-27", "100") == 2
    assert "EUR and GBP: write the currency too" in owner.complained
    assert owner.run("promise", "verdier", "2026-11-27", "100 GBP") == 0, owner.complained
    assert owner.run("promise", "verdier", "2026-11-28", "151 GBP") == 2
    assert owner.run("promise", "verdier", "2026-11-28", "100", "--invoices", "F-2026-121") == 0, owner.complained
    assert [row.split(";", 3)[3] for row in rows(owner)[1:]] == [";100,00;GBP", "F-2026-121;100,00;GBP"]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("nobody", "2026-11-27"), "nobody: no such client"),
        (("verdier", "2026-11-15"), "2026-11-15 is past"),
        (("verdier", "2062-11-27"), "is the year right?"),
        (("verdier", "2026-11-27", "1350,01"), "1350.01 EUR is more than what is open: 1350.00 EUR"),
        (("verdier", "2026-11-27", "1200.01", "--invoices", "F-2026-118"), "more than what is open: 1200.00 EUR"),
        (("verdier", "2026-11-27", "0"), "more than nothing"),
        (("verdier", "2026-11-27", "beaucoup"), "is not an amount"),
        (("verdier", "2026-11-27", "1,234"), "could be"),
        (("verdier", "2026-11-27", "10 GBP"), "more than what is open: 0.00 GBP"),
        (("verdier", "2026-11-27", "9" * 10_000), "is not an amount"),
        (("verdier", "2026-11-27", "--invoices", "F-2026-120"), "verdier has no such invoice"),
        (("verdier", "2026-11-27", "--invoices", "F-2026-119"), "Did you mean"),
        (("verdier", "2026-11-27", "--invoices", "x\x1b[2J"), "no such invoice"),
        (("verdier", "2026-11-27", "--date", "2026-11-17"), "cannot be of a day to come"),
    ],
)
def test_what_cannot_be_promised_is_refused_and_nothing_is_recorded(
    owner: Owner, arguments: tuple[str, ...], why: str
) -> None:
    before = owner.files()
    assert owner.run("promise", *arguments) == 2
    assert why in owner.complained
    assert "\x1b" not in owner.complained
    assert owner.files() == before


def test_what_is_paid_is_not_promised(owner: Owner) -> None:
    owner.write("ledger/payments.csv", "date;client;montant;facture\n02/11/2026;verdier;1 200,00;F-2026-118\n")
    assert owner.run("promise", "verdier", "2026-11-27", "--invoices", "F-2026-118") == 2
    assert "nothing of this invoice is open" in owner.complained
    owner.write("ledger/payments.csv", "date;client;montant\n02/11/2026;verdier;1 350,00\n")
    assert owner.run("promise", "verdier", "2026-11-27") == 2
    assert "nothing is open" in owner.complained


def test_a_day_that_is_none_is_wrong_usage(owner: Owner) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["promise", "--folder", str(owner.folder), "verdier", "31/02/2026"])


def test_two_runs_at_once_do_not_write_beside_each_other(owner: Owner) -> None:
    with exclusive(owner.folder):
        assert owner.run("promise", "verdier", "2026-11-27") == 3
    assert not (owner.folder / "ledger/relance").exists()


def test_a_folder_that_cannot_be_written_is_told(owner: Owner) -> None:
    owner.write("ledger/relance", "no folder")
    assert owner.run("promise", "verdier", "2026-11-27") == 3
    assert "cannot be written" in owner.complained


def test_a_file_that_cannot_be_read_is_left_alone(owner: Owner) -> None:
    path = owner.write("ledger/relance/promises.csv", "client;made_on\nverdier;hier\n")
    before = path.read_bytes()
    assert owner.run("promise", "verdier", "2026-11-27") == 1
    assert path.read_bytes() == before
