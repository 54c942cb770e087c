"""`relance init FOLDER --from FILE`: the ledger that is there is understood aloud, asked about, and written down; or nothing is."""

from __future__ import annotations

import io
import sys
import tomllib
from datetime import date
from typing import TYPE_CHECKING

import pytest

from generator.cli import main
from generator.readers import FORMATS
from generator.readers.assembly import unseen
from generator.workspace import open_workspace
from tests.support.workbooks import HEADERS, ROWS, write_csv, write_xlsx

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any

DOUBTFUL = ("N°", "Client", "Mail", "Date", "TTC", "Net à payer", "TVA")
DOUBT = ("F-1", "Verdier", "a@verdier.example", date(2026, 10, 1), 120, 100, 20)


class Terminal(io.StringIO):
    """Somebody who answers."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(tmp_path, monkeypatch, capsys)


class Run:
    """The command on one file, with what is typed at the terminal; `said` and `complained` are what it wrote."""

    def __init__(self, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.place, self.folder = place, place / "maison"
        self.patch, self.capsys = monkeypatch, capsys
        self.said = self.complained = ""

    def workbook(self, *rows: Sequence[Any], name: str = "Factures 2026.xlsx") -> Path:
        return write_xlsx(self.place / name, {"2026": rows})

    def __call__(self, source: Path, *options: str, answers: str | None = None) -> int:
        self.patch.setattr(sys, "stdin", io.StringIO() if answers is None else Terminal(answers))
        status = main(["init", str(self.folder), "--from", str(source), *options])
        written = self.capsys.readouterr()
        self.said, self.complained = written.out, written.err
        return status

    def policy(self) -> dict[str, Any]:
        found: dict[str, Any] = tomllib.loads((self.folder / "portal.toml").read_text("utf-8"))["ledger"]
        return found


def test_what_is_certain_is_taken_and_written_down(run: Run) -> None:
    source = run.workbook(["Factures"], [], [*HEADERS, "Remarque"], *ROWS)
    assert run(source, "--yes") == 0, run.complained
    assert run.policy() == {
        "format": "sheet",
        "file": "ledger/Factures 2026.xlsx",
        "columns": {
            "sheet": {
                "name": "Client",
                "email": "E-mail",
                "number": "N° facture",
                "issued": "Date",
                "total": "TTC",
                "due": "Échéance",
                "paid_on": "Payé le",
            }
        },
    }
    assert [path.name for path in (run.folder / "ledger").iterdir()] == ["Factures 2026.xlsx"]
    assert (run.folder / "ledger" / "Factures 2026.xlsx").read_bytes() == source.read_bytes()


def test_it_says_how_the_first_rows_are_understood_and_what_is_not_read(run: Run) -> None:
    assert run(run.workbook([*HEADERS, "Remarque"], *ROWS), "--yes") == 0
    said = " ".join(run.said.split())
    assert "Studio Verdier F-1 2026-10-01 2026-10-31 1234.56 no" in said
    assert "Atelier Brun F-2 2026-10-02 2026-11-02 80.00 80.00 on 2026-10-30" in said
    assert "Not read: Remarque." in said
    assert "2 invoices of 2 clients" in said


def test_the_folder_is_read_at_once_by_every_command(run: Run) -> None:
    assert run(run.workbook(HEADERS, *ROWS), "--yes") == 0
    workspace = open_workspace(run.folder)
    assert [problem.code for problem in workspace.problems] == []
    assert [invoice.number for invoice in workspace.ledger.invoices] == ["F-1", "F-2"]
    assert main(["build", "--folder", str(run.folder), "--date", "2026-11-23"]) == 0


def test_a_csv_is_taken_as_well(run: Run) -> None:
    source = write_csv(run.place / "export.csv", [HEADERS, *ROWS], encoding="cp1252")
    assert run(source, "--yes") == 0
    assert run.policy()["file"] == "ledger/export.csv"


def test_an_accounting_export_is_told_by_its_columns(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FORMATS, "fec", lambda _: unseen([]))
    source = run.place / "123456782FEC20261231.txt"
    source.write_text("JournalCode|JournalLib|EcritureNum|EcritureDate|CompteNum|CompteLib|Debit|Credit\n")
    assert run(source, "--yes") == 0, run.complained
    assert run.policy() == {"format": "fec", "file": "ledger/123456782FEC20261231.txt"}


def test_a_file_called_like_one_that_is_read_beside_it_gets_another_name(run: Run) -> None:
    assert run(write_csv(run.place / "clients.csv", [HEADERS, *ROWS]), "--yes") == 0
    assert run.policy()["file"] == "ledger/factures.csv"


def test_what_is_not_certain_is_refused_where_nothing_may_be_asked(run: Run) -> None:
    assert run(run.workbook(DOUBTFUL, DOUBT), "--yes") == 2
    assert 'could be "TTC" or "Net à payer"' in run.complained
    assert not run.folder.exists()


def test_what_is_not_certain_is_asked(run: Run) -> None:
    assert run(run.workbook(DOUBTFUL, DOUBT), answers="7\nwhat?\n2\ny\n") == 0, run.complained
    assert "Which column is what is to be paid, VAT included?" in run.said
    assert run.policy()["columns"]["sheet"]["total"] == "Net à payer"
    assert str(open_workspace(run.folder).ledger.invoices[0].total) == "100.00"


def test_what_is_missing_is_asked_among_what_is_left(run: Run) -> None:
    source = run.workbook(
        ("Pièce jointe", "Client", "Mail", "Le", "TTC"), ("F-1", "Verdier", "a@v.example", date(2026, 10, 1), 5)
    )
    assert run(source, answers="1\n1\noui\n") == 0, run.complained
    assert run.policy()["columns"]["sheet"] == {
        "name": "Client",
        "email": "Mail",
        "number": "Pièce jointe",
        "issued": "Le",
        "total": "TTC",
    }


@pytest.mark.parametrize("answers", ["n\n", "\n", ""])
def test_no_or_no_answer_writes_nothing(run: Run, answers: str) -> None:
    assert run(run.workbook(HEADERS, *ROWS), answers=answers) == 2
    assert "othing was written" in run.complained
    assert [path.name for path in run.place.iterdir()] == ["Factures 2026.xlsx"]


def test_where_nobody_can_answer_nothing_is_asked(run: Run) -> None:
    assert run(run.workbook(HEADERS, *ROWS)) == 2
    assert "--yes" in run.complained
    assert not run.folder.exists()


def test_problems_of_the_ledger_are_shown_and_left_to_be_corrected(run: Run) -> None:
    source = run.workbook([*HEADERS[:6], "Solde"], (*ROWS[0][:6], 1234.56), (*ROWS[1][:6], 500))
    assert run(source, "--yes") == 0
    assert "[balance-differs]" in run.said
    assert "relance check lists it" in run.said


def test_a_file_that_cannot_be_read_is_told_as_ever(run: Run) -> None:
    (run.place / "f.xlsx").write_text("number;client\n")
    assert run(run.place / "f.xlsx", "--yes") == 1
    assert "[workbook-unreadable]" in run.complained
    assert run(run.workbook(["Bonjour"]), "--yes") == 1
    assert "[header-unfound]" in run.complained
    assert run(run.place / "nowhere.xlsx", "--yes") == 2
    assert not run.folder.exists()


def test_a_full_folder_is_refused_before_anything_is_asked(run: Run) -> None:
    run.folder.mkdir()
    (run.folder / "letter.txt").write_text("dear")
    assert run(run.workbook(DOUBTFUL, DOUBT), answers="") == 2
    assert "not empty" in run.complained
    assert run.said == ""


def test_what_options_say_of_the_owner_goes_with_it(run: Run) -> None:
    assert run(run.workbook(HEADERS, *ROWS), "--yes", "--name", "Atelier Lumen", "--siren", "123 456 782") == 0
    text = (run.folder / "portal.toml").read_text("utf-8")
    assert tomllib.loads(text)["seller"]["name"] == "Atelier Lumen"
    assert run.policy()["format"] == "sheet"


def test_words_that_toml_would_trip_over(run: Run) -> None:
    headers = ("N°", 'Client "final"', "Mail", "Date", "TTC \\ net")
    row = ("F-1", "Verdier", "a@v.example", date(2026, 10, 1), 5)
    assert run(run.workbook(headers, row), answers="1\n1\ny\n") == 0, run.complained
    assert run.policy()["columns"]["sheet"]["name"] == 'Client "final"'
    assert run.policy()["columns"]["sheet"]["total"] == "TTC \\ net"
