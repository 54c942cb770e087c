"""`relance match`: what a bank statement holds, booked where it is certain, listed where it is not, each once."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from generator.domain.references import account_reference
from tests.bank.makers import IBAN, Line, camt, ofx, table
from tests.support.owner import PORTAL, Owner, new_owner

if TYPE_CHECKING:
    from pathlib import Path

BOM = "\ufeff"
VERDIER = "EDITIONS VERDIER ROUX"
NAMED = Line("2026-11-10", "1200.00", "HOLDING ROUX", "VIREMENT FACTURE F 2026 118", number="A1")
KITE = Line("2026-11-12", "500.00", "KITE AND SONS LTD", "thank you", number="A2")
RENT = Line("2026-11-12", "-900.00", "SCI DES DUNES", "LOYER NOVEMBRE", number="A3")
UNKNOWN = Line("2026-11-13", "77.00", "DGFIP", "REMBOURSEMENT TVA", number="A4")
DOUBTFUL = Line("2026-11-09", "400.00", VERDIER, "acompte", number="A5")


@pytest.fixture
def owner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    return new_owner(tmp_path / "sable", capsys)


def give(owner: Owner, *lines: Line, name: str = "releve.xml", **told: str) -> str:
    """Puts a statement into the folder and names it."""
    text = {"xml": camt, "ofx": ofx, "csv": table}[name.rsplit(".", 1)[1]](*lines, **told)  # type: ignore[operator]
    owner.write(name, text)
    return name


def rows(owner: Owner, name: str = "ledger/relance/payments.csv") -> list[dict[str, str]]:
    path = owner.folder / name
    if not path.exists():
        return []
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8").removeprefix(BOM)), delimiter=";"))


def booked(owner: Owner) -> list[tuple[str, str, str, str]]:
    return [(row["date"], row["client"], row["amount"], row["invoice"]) for row in rows(owner)]


def doubts(owner: Owner) -> list[dict[str, str]]:
    return rows(owner, "report/rapprochement.csv")


def test_what_is_certain_is_booked_with_its_words_and_its_place(owner: Owner) -> None:
    assert owner.run("match", give(owner, NAMED, KITE, RENT)) == 0, owner.complained
    assert booked(owner) == [
        ("2026-11-10", "verdier", "1200,00", "F-2026-118"),
        ("2026-11-12", "kite", "500,00", ""),
    ]
    first = rows(owner)[0]
    assert (first["method"], first["reference"]) == ("virement", "VIREMENT FACTURE F 2026 118")
    assert first["note"] == "releve.xml:3"
    assert "2 payments booked in ledger/relance/payments.csv." in owner.said
    assert "1 movement of money that left left out." in owner.said
    assert [item["status"] for item in owner.show("verdier")[0]["items"]] == ["paid"]
    assert owner.run("check") == 0, owner.complained


@pytest.mark.parametrize("name", ["releve.xml", "releve.ofx", "releve.csv"])
def test_every_form_of_statement_is_booked_once_however_often_it_is_read(owner: Owner, name: str) -> None:
    statement = give(owner, NAMED, KITE, RENT, UNKNOWN, name=name)
    assert owner.run("match", statement) == 0, owner.complained
    assert [row[1] for row in booked(owner)] == ["verdier", "kite"]
    before = owner.files()
    for _ in range(2):
        assert owner.run("match", statement, statement) == 0, owner.complained
        assert "Nothing new to book; 2 booked or set aside before." in owner.said
        assert owner.files() == before


def test_an_overlapping_statement_brings_only_what_is_new(owner: Owner) -> None:
    assert owner.run("match", give(owner, NAMED, ends="2026-11-11")) == 0, owner.complained
    assert owner.run("match", give(owner, NAMED, KITE, name="b.xml", begins="2026-11-08")) == 0, owner.complained
    assert [row[1] for row in booked(owner)] == ["verdier", "kite"]


def test_equal_transfers_of_one_day_are_told_apart_without_a_number(owner: Owner) -> None:
    owner.write(
        "ledger/invoices.csv",
        "number;client;issued;due;total\nF-1;kite;01/10/2026;31/10/2026;60,00\nF-2;kite;01/10/2026;31/10/2026;60,00\n",
    )
    owner.write("ledger/payments.csv", "date;client;amount\n")
    twice = Line("2026-11-10", "60.00", "KITE & SONS", "monthly")
    assert owner.run("match", give(owner, twice, name="a.csv")) == 0, owner.complained
    assert owner.run("match", give(owner, twice, twice, name="b.csv")) == 0, owner.complained
    assert [row[2] for row in booked(owner)] == ["60,00", "60,00"]


def test_our_reference_is_enough_whatever_the_amount(owner: Owner) -> None:
    reference = account_reference("verdier", "EUR")
    spaced = " ".join(reference[place : place + 4] for place in range(0, len(reference), 4))
    lines = (
        Line("2026-11-10", "10.00", "MARTIN DURAND", f"ACOMPTE {spaced.lower()}", number="1"),
        Line("2026-11-11", "5000.00", "", "", reference=reference, number="2"),
    )
    assert owner.run("match", give(owner, *lines)) == 0, owner.complained
    assert [row[:3] for row in booked(owner)] == [
        ("2026-11-10", "verdier", "10,00"),
        ("2026-11-11", "verdier", "5000,00"),
    ]


def test_what_is_doubtful_is_listed_with_its_reason_and_booked_when_it_is_ticked(owner: Owner) -> None:
    statement = give(owner, DOUBTFUL, UNKNOWN)
    assert owner.run("match", statement) == 0, owner.complained
    assert booked(owner) == []
    assert "2 doubtful in report/rapprochement.csv" in owner.said
    assert [(row["client"], row["montant"], row["pourquoi"]) for row in doubts(owner)] == [
        ("verdier", "400,00", "vient d’un client à qui ce montant n’était pas demandé"),
        ("", "77,00", "aucun client reconnu"),
    ]
    path = owner.folder / "report/rapprochement.csv"
    text = path.read_text("utf-8")
    path.write_text(text.replace("\n;verdier;;", "\noui;verdier;f-2026-118;").replace("\n;;;", "\nnon;;;"), "utf-8")
    assert owner.run("match", statement, "--accept", "report/rapprochement.csv") == 0, owner.complained
    assert booked(owner) == [("2026-11-09", "verdier", "400,00", "F-2026-118")]
    assert [row["text"] for row in rows(owner, "ledger/relance/bank-set-aside.csv")] == ["REMBOURSEMENT TVA"]
    assert doubts(owner) == []
    before = owner.files()
    assert owner.run("match", statement, "--accept", "report/rapprochement.csv") == 0, owner.complained
    assert owner.files() == before


def test_ticks_outlive_a_run_that_did_not_accept_them(owner: Owner) -> None:
    statement = give(owner, DOUBTFUL, UNKNOWN)
    assert owner.run("match", statement) == 0, owner.complained
    path = owner.folder / "report/rapprochement.csv"
    path.write_text(path.read_text("utf-8").replace("\n;verdier;;", "\noui;verdier;F-2026-118;"), "utf-8")
    assert owner.run("match", statement) == 0, owner.complained
    assert [(row["oui ou non"], row["facture"]) for row in doubts(owner)] == [("oui", "F-2026-118"), ("", "")]
    assert booked(owner) == []


@pytest.mark.parametrize(
    ("was", "ticked", "code"),
    [
        (";verdier;;", "oui;;;", "bank-tick-unsure"),
        (";verdier;;", "oui;nobody;;", "client-unknown"),
        (";verdier;;", "oui;kite;F-2026-118;", "payment-other-client"),
        (";verdier;;", "oui;verdier;F-9;", "payment-unknown-invoice"),
        (";verdier;;", "peut-être;verdier;;", "word-unknown"),
        ("camt-", "camt-X", "bank-tick-unknown"),
    ],
)
def test_a_line_that_cannot_be_booked_is_told_and_nothing_is_written(
    owner: Owner, was: str, ticked: str, code: str
) -> None:
    statement = give(owner, DOUBTFUL, NAMED, ends="2026-11-09")
    assert owner.run("match", give(owner, DOUBTFUL)) == 0, owner.complained
    path = owner.folder / "report/rapprochement.csv"
    text = path.read_text("utf-8").replace(was, ticked)
    path.write_text(text.replace("\n;verdier", "\noui;verdier"), "utf-8")
    give(owner, DOUBTFUL, NAMED)
    before = owner.files()
    assert owner.run("match", statement, "--accept", "report/rapprochement.csv") == 1
    assert f"[{code}]" in owner.complained
    assert owner.files() == before


@pytest.mark.parametrize("second", ["oui;kite;", "oui;verdier;", "non;;"])
def test_a_movement_that_two_lines_settle_is_told_and_nothing_is_written(owner: Owner, second: str) -> None:
    statement = give(owner, DOUBTFUL, NAMED, ends="2026-11-09")
    assert owner.run("match", give(owner, DOUBTFUL)) == 0, owner.complained
    path = owner.folder / "report/rapprochement.csv"
    head, line = path.read_text("utf-8").splitlines()
    lines = [head, line.replace(";verdier;", "oui;verdier;", 1), line.replace(";verdier;", second, 1)]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    give(owner, DOUBTFUL, NAMED)
    before = owner.files()
    for accept in (["--accept", "report/rapprochement.csv"], []):
        assert owner.run("match", statement, *accept) == 1
        assert "[bank-tick-twice]" in owner.complained
        assert owner.files() == before


def test_a_line_that_is_there_twice_and_ticked_once_keeps_its_tick(owner: Owner) -> None:
    statement = give(owner, DOUBTFUL)
    assert owner.run("match", statement) == 0, owner.complained
    path = owner.folder / "report/rapprochement.csv"
    head, line = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([head, line.replace(";verdier;", "oui;verdier;", 1), line]) + "\n", "utf-8")
    assert owner.run("match", statement) == 0, owner.complained
    assert [row["oui ou non"] for row in doubts(owner)] == ["oui"]


def test_an_invoice_that_the_owner_marked_as_paid_is_not_paid_again(owner: Owner) -> None:
    owner.write(
        "ledger/invoices.csv",
        "number;client;issued;due;total;paid_on\nF-1;kite;01/10/2026;31/10/2026;60,00;05/11/2026\n",
    )
    owner.write("ledger/payments.csv", "date;client;amount\n")
    statement = give(owner, Line("2026-11-06", "60.00", "KITE & SONS", "FACTURE F-1", number="1"))
    assert owner.run("match", statement) == 0, owner.complained
    assert [row["pourquoi"] for row in doubts(owner)] == ["la facture nommée est déjà payée"]
    path = owner.folder / "report/rapprochement.csv"
    path.write_text(path.read_text("utf-8").replace("\n;kite;;", "\noui;kite;F-1;"), "utf-8")
    assert owner.run("match", statement, "--accept", "report/rapprochement.csv") == 1
    assert "[paid-on-and-payments]" in owner.complained


def test_what_the_owner_booked_too_is_not_booked_again(owner: Owner) -> None:
    paid = "date;client;montant;facture\n11/11/2026;verdier;700,00;\n12/11/2026;verdier;500,00;\n"
    owner.write("ledger/payments.csv", paid)
    reference = account_reference("verdier", "EUR")
    statement = give(owner, Line("2026-11-10", "1200.00", VERDIER, "", reference=reference, number="1"))
    assert owner.run("match", statement) == 0, owner.complained
    assert booked(owner) == []
    assert [row["pourquoi"] for row in doubts(owner)] == ["peut-être déjà noté\u00a0: ledger/payments.csv:2"]


def test_the_same_money_in_two_forms_of_statement_is_booked_once(owner: Owner) -> None:
    assert owner.run("match", give(owner, NAMED, KITE)) == 0, owner.complained
    assert owner.run("match", give(owner, NAMED, KITE, name="releve.ofx")) == 0, owner.complained
    assert len(booked(owner)) == 2
    other = new_owner(owner.folder.parent / "autre", owner.capsys)
    names = [give(other, NAMED, KITE, name=name) for name in ("a.xml", "a.csv")]
    assert other.run("match", *names) == 0, other.complained
    assert len(booked(other)) == 2


def test_a_payout_of_stripe_is_no_payment(owner: Owner) -> None:
    statement = give(owner, Line("2026-11-10", "1200.00", "STRIPE TECHNOLOGY EUROPE", "STRIPE P3K", number="1"))
    assert owner.run("match", statement) == 0, owner.complained
    assert "1 payout of Stripe left out" in owner.said
    assert booked(owner) == []
    assert doubts(owner) == []


def test_a_payment_that_the_bank_takes_back_is_listed(owner: Owner) -> None:
    assert owner.run("match", give(owner, NAMED, ends="2026-11-11")) == 0, owner.complained
    back = Line("2026-11-13", "-1200.00", "", "REJET VIREMENT", number="B9", returned=True)
    assert owner.run("match", give(owner, NAMED, back, name="b.xml")) == 0, owner.complained
    (row,) = doubts(owner)
    assert (row["client"], row["facture"], row["montant"]) == ("verdier", "F-2026-118", "-1200,00")
    assert row["pourquoi"] == "un règlement rejeté ou rendu, semble-t-il\u00a0: verdier"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("releve.xml", "=?utf-8?q?x?= \u202egnp.exe"),
        ("releve.ofx", "=HYPERLINK(1) <b>{{7*7}}</b>"),
        ("releve.csv", '-A(1) "; drop \u202egnp.exe =?utf-8?q?x?='),
    ],
)
def test_hostile_words_are_kept_as_words_and_do_no_harm(owner: Owner, name: str, text: str) -> None:
    lines = (
        Line("2026-11-10", "1200.00", "X", f"{text} F-2026-118 {text}", number="1"),
        Line("2026-11-09", "400.00", VERDIER, text, number="2"),
    )
    statement = give(owner, *lines, name=name)
    assert owner.run("match", statement) == 0, owner.complained
    assert [row[1] for row in booked(owner)] == ["verdier"]
    path = owner.folder / "report/rapprochement.csv"
    path.write_text(path.read_text("utf-8").replace("\n;verdier;;", "\nnon;verdier;;"), "utf-8")
    assert owner.run("match", statement, "--accept", "report/rapprochement.csv") == 0, owner.complained
    assert len(rows(owner, "ledger/relance/bank-set-aside.csv")) == 1
    before = owner.files()
    assert owner.run("match", statement) == 0, owner.complained
    assert owner.files() == before
    assert "\u202e" not in owner.said
    assert owner.run("check") == 0, owner.complained


def test_a_dry_run_writes_nothing(owner: Owner) -> None:
    statement = give(owner, NAMED, UNKNOWN)
    before = owner.files()
    assert owner.run("match", statement, "--dry-run") == 0, owner.complained
    assert "verdier (F-2026-118): names the invoice, and the amount is right" in owner.said
    assert "Nothing was written." in owner.said
    assert owner.files() == before


# How far payments are booked


def reached(owner: Owner, *statements: str, date: str = "2026-11-16") -> str:
    assert owner.run("match", *statements, date=date) == 0, owner.complained
    line = next(line for line in owner.said.splitlines() if line.startswith("Payments are booked up to "))
    return line.removeprefix("Payments are booked up to ").split()[0].rstrip(".")


def test_payments_are_booked_up_to_the_last_day_of_the_statement(owner: Owner) -> None:
    assert reached(owner, give(owner, NAMED, ends="2026-11-13")) == "2026-11-13"
    assert owner.run("build") == 0, owner.complained
    assert "13 novembre" in owner.page("verdier")


def test_a_day_that_is_not_over_does_not_count(owner: Owner) -> None:
    assert reached(owner, give(owner, NAMED, ends="2026-11-16")) == "2026-11-15"


def test_the_later_of_the_owners_day_and_the_statements_holds(owner: Owner) -> None:
    owner.write("portal.toml", PORTAL + '\n[ledger]\npayments_up_to = "2026-10-31"\n')
    assert reached(owner, give(owner, NAMED, ends="2026-11-10")) == "2026-11-10"
    owner.write("portal.toml", PORTAL + '\n[ledger]\npayments_up_to = "2026-11-12"\n')
    assert reached(owner, give(owner, NAMED, ends="2026-11-10")) == "2026-11-12"


def test_days_that_are_missing_between_statements_are_told_and_stop_it(owner: Owner) -> None:
    first = give(owner, begins="2026-10-01", ends="2026-10-30", name="octobre.xml")
    assert reached(owner, first) == "2026-10-30"
    later = give(owner, NAMED, begins="2026-11-04", ends="2026-11-13", name="novembre.xml")
    assert reached(owner, later) == "2026-10-30"
    assert "[bank-statement-gap]" in owner.complained
    assert 'begins on "2026-11-04", and payments are booked up to 2026-10-30 only' in owner.complained
    assert [row[1] for row in booked(owner)] == ["verdier"]  # what is certain is booked all the same
    between = give(
        owner, begins="2026-11-02", ends="2026-11-05", name="entre.xml"
    )  # 31 October to 1 November: a weekend
    assert reached(owner, between) == "2026-11-13"
    assert "[bank-statement-gap]" not in owner.complained


def test_a_balance_that_did_not_change_leaves_no_gap(owner: Owner) -> None:
    monday = give(owner, begins="2026-11-02", ends="2026-11-02", closing=("2026-11-02", "100.00"), name="a.xml")  # type: ignore[arg-type]
    thursday = give(owner, begins="2026-11-05", ends="2026-11-05", opening=("2026-11-02", "100.00"), name="b.xml")  # type: ignore[arg-type]
    assert reached(owner, monday, thursday) == "2026-11-05"


def test_what_waits_for_the_owner_holds_it_back_until_it_is_settled(owner: Owner) -> None:
    statement = give(owner, DOUBTFUL, UNKNOWN)  # the second is nobody's: it holds nothing
    assert reached(owner, statement) == "2026-11-08"
    assert "what waits for your word holds it back" in owner.said
    path = owner.folder / "report/rapprochement.csv"
    path.write_text(path.read_text("utf-8").replace("\n;verdier;;", "\nnon;;;"), "utf-8")
    assert owner.run("match", statement, "--accept", "report/rapprochement.csv") == 0, owner.complained
    assert "Payments are booked up to 2026-11-15." in owner.said


def test_what_waits_in_another_statement_is_recalled(owner: Owner) -> None:
    first = give(owner, DOUBTFUL, ends="2026-11-10", name="debut.xml")
    assert reached(owner, first) == "2026-11-08"
    second = give(owner, KITE, begins="2026-11-11", name="fin.xml")
    assert reached(owner, second) == "2026-11-08"
    assert "movements of debut.xml wait for your word" in owner.complained


def test_the_advice_of_a_payment_says_nothing_of_the_day(owner: Owner) -> None:
    assert reached(owner, give(owner, NAMED, message="054")) == "no"
    assert [row[1] for row in booked(owner)] == ["verdier"]


def test_a_statement_of_another_account_is_booked_and_says_nothing_of_how_far(owner: Owner) -> None:
    other = give(owner, NAMED, account="FR7612345678901234567890123")
    assert reached(owner, other) == "no"
    assert "[bank-account-other]" in owner.complained
    assert [row[1] for row in booked(owner)] == ["verdier"]


def balances(opening: str, closing: str, ends: str = "2026-11-15") -> dict[str, tuple[str, str]]:
    return {"opening": ("2026-10-31", opening), "closing": (ends, closing)}


def test_a_statement_whose_balances_say_that_something_is_missing_moves_nothing(owner: Owner) -> None:
    short = give(owner, NAMED, RENT, **balances("1000.00", "9999.00"))  # type: ignore[arg-type]
    assert reached(owner, short) == "no"
    assert "[bank-statement-unbalanced]" in owner.complained
    assert "8699.00 EUR" in owner.complained
    assert [row[1] for row in booked(owner)] == ["verdier"]  # what is certain is booked all the same
    whole = give(owner, NAMED, RENT, **balances("1000.00", "1300.00"))  # type: ignore[arg-type]
    assert reached(owner, whole) == "2026-11-15"
    assert "[bank-statement-unbalanced]" not in owner.complained


def test_the_balance_of_the_statement_before_tells_what_is_missing_from_the_next(owner: Owner) -> None:
    balance = "</BANKTRANLIST><LEDGERBAL><BALAMT>{}<DTASOF>{}</LEDGERBAL>"

    def file(name: str, closing: str, *lines: Line, **days: str) -> str:
        text = ofx(*lines, **days).replace(  # type: ignore[arg-type]
            "</BANKTRANLIST>", balance.format(closing, days["ends"].replace("-", ""))
        )
        owner.write(name, text)
        return name

    first = file("a.ofx", "1000.00", begins="2026-11-01", ends="2026-11-09")
    assert reached(owner, first) == "2026-11-09"
    short = file("b.ofx", "2700.00", NAMED, begins="2026-11-10", ends="2026-11-13")
    assert reached(owner, short) == "2026-11-09"
    assert "[bank-statement-unbalanced]" in owner.complained
    overlapping = file("c.ofx", "2700.00", RENT, NAMED, KITE, begins="2026-11-05", ends="2026-11-13")
    assert reached(owner, overlapping) == "2026-11-09"
    whole = file("d.ofx", "2700.00", NAMED, KITE, begins="2026-11-10", ends="2026-11-13")
    assert reached(owner, whole) == "2026-11-13"
    assert "[bank-statement-unbalanced]" not in owner.complained


@pytest.mark.parametrize("newest_first", [False, True])
def test_the_balances_beside_the_movements_of_a_table_are_held_against_them(
    owner: Owner, *, newest_first: bool
) -> None:
    rows_ = [
        "10/11/2026;F-2026-118;1 200,00;2 200,00",
        "12/11/2026;LOYER;-900,00;1 300,00",
        "13/11/2026;EDF;-50,00;1 250,00",
    ]

    def file(*kept: str) -> str:
        owner.write("a.csv", "\n".join(["Date;Libellé;Montant;Solde", *(kept[::-1] if newest_first else kept)]) + "\n")
        return "a.csv"

    assert reached(owner, file(rows_[0], rows_[2])) == "no"
    assert "[bank-statement-unbalanced]" in owner.complained
    assert reached(owner, file(*rows_)) == "2026-11-13"
    assert "[bank-statement-unbalanced]" not in owner.complained


@pytest.mark.parametrize("balances_", [["1 250,00", "1 250,00", "1 250,00"], ["2 200,00", "", "9,00"]])
def test_balances_that_do_not_run_along_say_nothing(owner: Owner, balances_: list[str]) -> None:
    rows_ = ["10/11/2026;F-2026-118;1 200,00", "12/11/2026;LOYER;-900,00", "13/11/2026;EDF;-50,00"]
    lines = [f"{row};{balance}" for row, balance in zip(rows_, balances_, strict=True)]
    owner.write("a.csv", "\n".join(["Date;Libellé;Montant;Solde", *lines]) + "\n")
    assert reached(owner, "a.csv") == "2026-11-13"


def test_a_day_that_comes_from_statements_is_not_said_to_be_in_the_settings(owner: Owner) -> None:
    assert reached(owner, give(owner, DOUBTFUL)) == "2026-11-08"
    assert owner.run("check") == 0
    (line,) = [line for line in owner.complained.splitlines() if "[booked-long-ago]" in line]
    assert line.startswith("ledger/relance/bank-statements.csv:2: ")
    assert 'payments are booked up to "2026-11-08"' in line
    assert "releve.xml" in line
    assert "payments_up_to" not in line
    path = owner.folder / "report/rapprochement.csv"
    path.write_text(path.read_text("utf-8").replace("\n;verdier;;", "\nnon;;;"), "utf-8")
    assert owner.run("match", "releve.xml", "--accept", "report/rapprochement.csv") == 0, owner.complained
    assert owner.run("check", date="2026-11-30") == 0
    (line,) = [line for line in owner.complained.splitlines() if "[booked-long-ago]" in line]
    assert "read the next statement of your bank (relance match)" in line


def test_it_is_for_today(owner: Owner) -> None:
    statement = give(owner, NAMED)
    before = owner.files()
    for day in ("2026-11-15", "2026-11-17"):
        assert owner.run("match", statement, "--date", day) == 2
    assert owner.files() == before


def test_a_statement_may_lie_in_the_owners_folder_or_anywhere(owner: Owner, tmp_path: Path) -> None:
    statement = give(owner, NAMED)
    (tmp_path / "ailleurs.xml").write_bytes((owner.folder / statement).read_bytes())
    assert owner.run("match", str(tmp_path / "ailleurs.xml")) == 0, owner.complained
    assert owner.run("match", statement) == 0, owner.complained
    assert len(booked(owner)) == 1


def test_nothing_is_booked_of_a_client_of_whom_something_could_not_be_read(owner: Owner) -> None:
    owner.write("portal.toml", PORTAL + '\n[ledger]\nunreadable = "hold"\n')
    path = owner.folder / "ledger/payments.csv"
    path.write_text(path.read_text("utf-8") + "02/11/2026;verdier;beaucoup;F-2026-118\n", "utf-8")
    assert owner.run("match", give(owner, NAMED, KITE)) == 0, owner.complained
    assert [row[1] for row in booked(owner)] == ["kite"]
    assert [row["pourquoi"] for row in doubts(owner)] == ["quelque chose de ce client n’a pu être lu"]


def test_iban_of_the_tests_is_the_sellers() -> None:
    assert f'iban = "{IBAN}"' in PORTAL
