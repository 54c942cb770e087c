"""A ledger in one sheet: an invoice a row, its client in the row, and what the owner says of its payment."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.config import LedgerSettings, Settings
from generator.config_ledger import Unreadable
from generator.domain.decide import decide
from generator.domain.ledger import InvoiceStatus, Severity
from generator.domain.memory import Memory
from generator.domain.money import Money
from generator.domain.policy import Policy
from generator.problems import format_problem
from generator.readers import read_ledger
from generator.readers.columns import CLIENTS, INVOICES
from generator.readers.sheet_columns import SHEET, propose
from tests.readers.folder import SELLER, Read
from tests.support.workbooks import HEADERS, ROWS, serial, write_csv, write_ods, write_xlsx

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from generator.domain.account import Account

TODAY = date(2026, 11, 23)
HEAD = "N° facture;Client;E-mail;Date;Échéance;TTC"
F1 = "F-1;Studio Verdier;compta@verdier.example;01/10/2026;31/10/2026;120,00"


def read_file(
    folder: Path,
    file: str,
    columns: Mapping[str, str] | None = None,
    sheets: tuple[str, ...] = (),
    unreadable: Unreadable = Unreadable.STOP,
) -> Read:
    mapping = {"sheet": dict(columns)} if columns else {}
    ledger = LedgerSettings(format="sheet", file=file, sheets=sheets, columns=mapping, unreadable=unreadable)
    return Read(*read_ledger(Settings(folder, SELLER, "https://payer.lumen.example", ledger, Policy(currency="EUR"))))


def read(folder: Path, text: str, columns: Mapping[str, str] | None = None, **beside: str) -> Read:
    """A sheet as CSV text, with files beside it."""
    for name, content in {"factures": text, **beside}.items():
        (folder / "ledger").mkdir(parents=True, exist_ok=True)
        (folder / "ledger" / f"{name}.csv").write_text(content, encoding="utf-8")
    return read_file(folder, "ledger/factures.csv", columns)


def book(folder: Path, contents: Mapping[str, Sequence[Sequence[Any]]], **options: Any) -> Read:
    write_xlsx(folder / "ledger" / "factures.xlsx", contents)
    return read_file(folder, "ledger/factures.xlsx", **options)


def paid(folder: Path, headers: str, cells: str) -> Read:
    """One invoice of 120.00, with columns about its payment."""
    return read(folder, f"{HEAD};{headers}\n{F1};{cells}\n")


def account(found: Read) -> Account:
    (only,) = decide(
        found.ledger, Policy(currency="EUR"), Memory(), TODAY, business=None, new_key=lambda: "k" * 26
    ).accounts
    return only


# Files


@pytest.mark.parametrize("kind", ["xlsx", "ods", "csv"])
def test_each_row_is_an_invoice_and_names_its_client(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "ledger" / f"factures.{kind}"
    if kind == "csv":
        write_csv(path, [HEADERS, *ROWS])
    else:
        (write_xlsx if kind == "xlsx" else write_ods)(path, {"2026": [HEADERS, *ROWS]})
    found = read_file(tmp_path, f"ledger/factures.{kind}")
    assert found.problems == []
    assert [(client.id, client.name, client.email) for client in found.ledger.clients.values()] == [
        ("studio-verdier", "Studio Verdier", "compta@verdier.example"),
        ("atelier-brun", "Atelier Brun", "compta@brun.example"),
    ]
    first, second = found.ledger.invoices
    assert (first.number, first.client, first.total) == ("F-1", "studio-verdier", Money(123456, "EUR"))
    assert (first.issued, first.due) == (date(2026, 10, 1), date(2026, 10, 31))
    assert (second.client, second.total) == ("atelier-brun", Money(8000, "EUR"))
    assert [(payment.date, payment.invoices) for payment in found.ledger.payments] == [(date(2026, 10, 30), ("F-2",))]
    name = f"ledger/factures.{kind}" + ("" if kind == "csv" else " [2026]")
    assert (first.source.file, first.source.line) == (name, 2)


_amounts = st.integers(1, 10**9)
_days = st.dates(date(2000, 1, 1), date(2090, 1, 1))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(_amounts, _days), min_size=1, max_size=5),
    st.fixed_dictionaries(
        {
            "separator": st.sampled_from(";,\t|"),
            "encoding": st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
            "decimal": st.sampled_from(",."),
            "day": st.sampled_from(["%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d", "%d-%m-%y"]),
        }
    ),
    st.lists(st.sampled_from([["Suivi des factures"], [], ["", "", "Année", "2026"]]), max_size=3),
)
def test_every_dialect_says_the_same(
    tmp_path: Path,
    facts: list[tuple[int, date]],
    dialect: dict[str, str],
    titles: list[list[str]],
) -> None:
    rows = [
        (f"F-{n}", "Éditions Verdier", "a@verdier.example", on, on, minor / 100) for n, (minor, on) in enumerate(facts)
    ]
    path = tmp_path / "ledger" / "factures.csv"
    write_csv(path, [*titles, HEADERS[:6], *rows], **dialect)
    found = read_file(tmp_path, "ledger/factures.csv")
    assert found.problems == []
    assert [(invoice.total.minor, invoice.issued) for invoice in found.ledger.invoices] == facts


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(_amounts, _days, st.booleans()), min_size=1, max_size=6),
    st.integers(0, 3),
    st.sampled_from(["xlsx", "ods"]),
)
def test_a_workbook_says_the_same_whatever_stands_around(
    tmp_path: Path, facts: list[tuple[int, date, bool]], titles: int, kind: str
) -> None:
    rows: list[list[Any]] = [["Factures 2026"]] * titles + [list(HEADERS[:6])]
    for n, (minor, on, bare) in enumerate(facts):
        rows.append([f"F-{n}", "Verdier", "a@verdier.example", serial(on) if bare else on, None, minor / 100])
        rows += [[None] * 6] if n % 2 else [list(HEADERS[:6])]
    rows.append(["Total", None, None, None, None, sum(minor for minor, _, _ in facts) / 100])
    (write_xlsx if kind == "xlsx" else write_ods)(tmp_path / "ledger" / f"f.{kind}", {"2026": rows})
    found = read_file(tmp_path, f"ledger/f.{kind}")
    assert found.codes() == ["total-row"]
    assert [(invoice.total.minor, invoice.issued) for invoice in found.ledger.invoices] == [
        (minor, on) for minor, on, _ in facts
    ]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert read_file(tmp_path, "ledger/factures.xlsx").codes() == ["ledger-file-missing"]


# Sheets, headers, rows that are no invoices


def test_a_sheet_a_year_is_read_and_the_others_are_listed(tmp_path: Path) -> None:
    sheets: dict[str, list[Any]] = {
        "2026": [["Factures"], [], HEADERS, ROWS[0]],
        "2025": [
            ("Client", "Numéro", "Mail", "Date facture", "Montant TTC"),
            ("Brun", "B-1", "b@brun.example", "02/01/2025", 5),
        ],
        "Clients": [["Nom", "Téléphone"], ["Studio Verdier", "01 99 00 12 34"]],
        "vide": [],
    }
    found = book(tmp_path, sheets)
    assert [(invoice.number, invoice.source.file) for invoice in found.ledger.invoices] == [
        ("F-1", "ledger/factures.xlsx [2026]"),
        ("B-1", "ledger/factures.xlsx [2025]"),
    ]
    assert [(problem.code, problem.where.file) for problem in found.found] == [
        ("sheet-left-out", "ledger/factures.xlsx [Clients]")
    ]


def test_sheets_that_are_named_are_read_and_no_others(tmp_path: Path) -> None:
    sheets = {"2026": [HEADERS, ROWS[0]], "2025": [HEADERS, ROWS[1]]}
    assert [invoice.number for invoice in book(tmp_path, sheets, sheets=("2025",)).ledger.invoices] == ["F-2"]
    found = book(tmp_path, sheets, sheets=("2024",))
    assert found.codes() == ["sheet-unknown"]
    assert "2026, 2025" in found.found[0].remedy


def test_a_hidden_sheet_is_read_when_it_is_named(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "ledger" / "f.xlsx", {"2026": [HEADERS, ROWS[0]], "copie": [HEADERS, ROWS[1]]})
    workbook = openpyxl.load_workbook(path)
    workbook["copie"].sheet_state = "hidden"
    workbook.save(path)
    found = read_file(tmp_path, "ledger/f.xlsx")
    assert (len(found.ledger.invoices), found.codes()) == (1, ["sheet-left-out"])
    assert len(read_file(tmp_path, "ledger/f.xlsx", sheets=("2026", "copie")).ledger.invoices) == 2


def test_headings_prepared_numbers_and_dragged_formulas_are_no_invoices(tmp_path: Path) -> None:
    found = read(tmp_path, f"{HEAD};Payé\n;Octobre;;;;;\n{F1};non\n;;;;;0,00;FAUX\nF-2;;;;;0,00;FAUX\nF-3;;;;;;\n")
    assert [invoice.number for invoice in found.ledger.invoices] == ["F-1"]
    assert found.problems == ["rows-unused 2"]
    assert "2 more" in found.found[0].message


def test_totals_and_subtotals_are_told_and_left_out(tmp_path: Path) -> None:
    found = read(tmp_path, f"{HEAD}\n{F1}\n;Total Studio Verdier;;;;120,00\nSous-total;;;;;120,00\n;;;;;120,00\n")
    assert [invoice.number for invoice in found.ledger.invoices] == ["F-1"]
    assert found.problems == ["total-row 3", "total-row 4", "total-row 5"]


def test_a_client_named_once_for_several_rows(tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "ledger" / "factures.xlsx",
        {
            "2026": [
                HEADERS[:6],
                *([f"F-{n}", "Verdier" if n == 1 else None, None, date(2026, 10, n), None, 5] for n in (1, 2, 3)),
            ]
        },
    )
    workbook = openpyxl.load_workbook(path)
    workbook["2026"].merge_cells("B2:B4")
    workbook.save(path)
    found = read_file(tmp_path, "ledger/factures.xlsx")
    assert [invoice.client for invoice in found.ledger.invoices] == ["verdier"] * 3
    assert found.codes() == ["email-missing"]


def test_two_columns_with_one_name_are_never_chosen_between(tmp_path: Path) -> None:
    text = "N°;Client;Mail;Date;TTC;TTC\nF-1;Verdier;a@verdier.example;01/10/2026;120,00;100,00\n"
    found = read(tmp_path, text)
    assert found.codes() == ["column-twice"]
    mapped = read(tmp_path, text, {"total": "TTC"})
    assert mapped.codes() == ["column-twice"]


def test_two_columns_of_one_name_that_is_nobodys_business_do_no_harm(tmp_path: Path) -> None:
    found = read(tmp_path, f"{HEAD};Remarque;Remarque\n{F1};;\n")
    assert set(found.codes()) == {"column-unknown"}


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ("TTC;Net à payer", "column-duplicate"),
        ("Total;TTC", "column-duplicate"),
        ("Montant;Montant HT", "total-unclear"),
    ],
)
def test_what_is_to_be_paid_is_asked_and_never_guessed(tmp_path: Path, headers: str, said: str) -> None:
    text = f"N°;Client;E-mail;Date;{headers}\nF-1;Verdier;a@verdier.example;01/10/2026;120,00;100,00\n"
    found = read(tmp_path, text)
    assert found.codes() == [said]
    first, second = headers.split(";")
    line = format_problem(found.found[0])
    assert f'total = "{first}"' in line
    assert second in line
    chosen = read(tmp_path, text, {"total": second})
    assert not [problem for problem in chosen.found if problem.severity is Severity.ERROR]
    assert chosen.ledger.invoices[0].total == Money(10000, "EUR")


def test_an_amount_before_tax_beside_one_with_tax_is_not_read(tmp_path: Path) -> None:
    found = read(tmp_path, f"{HEAD};HT\n{F1};100,00\n")
    assert (found.ledger.invoices[0].total, found.codes()) == (Money(12000, "EUR"), ["column-unknown"])


def test_a_sheet_that_lacks_something_says_what(tmp_path: Path) -> None:
    assert read(tmp_path, "N°;Date;TTC\nF-1;01/10/2026;120,00\n").problems == ["column-missing 1 name"]
    assert read(tmp_path, "Client;Date;TTC\nVerdier;01/10/2026;120,00\n").problems == ["column-missing 1 number"]
    assert read(tmp_path, "Bonjour;le;monde\n").codes() == ["header-unfound"]
    assert read(tmp_path, "\n\n").codes() == ["workbook-empty"]


def test_the_owners_word_is_taken_for_every_sheet_that_knows_it(tmp_path: Path) -> None:
    sheets = {
        "2026": [
            ("N°", "Chez", "E-mail", "Date", "À percevoir"),
            ("F-1", "Verdier", "a@verdier.example", "01/10/2026", 5),
        ],
        "2025": [("N°", "Client", "E-mail", "Date", "TTC"), ("F-0", "Verdier", "a@verdier.example", "01/10/2025", 5)],
    }
    found = book(tmp_path, sheets, columns={"name": "Chez", "total": "À percevoir"})
    assert (found.problems, len(found.ledger.invoices)) == ([], 2)
    wrong = book(tmp_path, sheets, columns={"name": "Chez", "total": "À percevoir", "due": "Pour le"})
    assert wrong.problems == ["column-mapped-absent 1"]


# Cells


def test_days_in_every_form(tmp_path: Path) -> None:
    forms = ["2026-12-31", "31/12/26", "31-déc.-26", "31 décembre 2026", str(serial(date(2026, 12, 31))), "31.12.2026"]
    rows = "".join(f"F-{n};Verdier;a@verdier.example;{form};;5,00\n" for n, form in enumerate(forms))
    found = read(tmp_path, f"{HEAD}\n{rows}")
    assert found.problems == []
    assert {invoice.issued for invoice in found.ledger.invoices} == {date(2026, 12, 31)}


@given(st.dates(date(1970, 1, 1), date(2099, 12, 31)))
def test_excel_counts_its_days_from_1900(day: date) -> None:
    from generator.readers.one_sheet import day_of_serial  # noqa: PLC0415

    assert day_of_serial(str(serial(day))) == day.isoformat()


def test_month_and_day_are_never_exchanged(tmp_path: Path) -> None:
    found = read(tmp_path, f"{HEAD}\nF-1;Verdier;a@verdier.example;12/31/2026;;5,00\n")
    assert found.problems == ["date-impossible 2 Date"]


def test_text_in_a_column_of_dates_is_told_row_by_row_and_holds_back_its_clients(tmp_path: Path) -> None:
    dates: list[Any] = [date(2026, 10, 1)] * 9
    dates[2] = dates[5] = dates[7] = "à voir"
    rows = [(f"F-{n}", f"Client {n}", f"c{n}@client.example", day, None, 5) for n, day in enumerate(dates)]
    found = book(tmp_path, {"2026": [HEADERS[:6], *rows]}, unreadable=Unreadable.HOLD)
    assert found.problems == [f"date-unreadable {line} Date" for line in (4, 7, 9)]
    assert all(problem.severity is Severity.WARNING for problem in found.found)
    assert set(found.ledger.unreadable) == {"client-2", "client-5", "client-7"}


def test_a_formula_that_failed_is_an_error_where_it_matters(tmp_path: Path) -> None:
    rows = [("F-1", "Verdier", "a@verdier.example", date(2026, 10, 1), "#N/A", "#REF!", None)]
    found = book(tmp_path, {"2026": [(*HEADERS[:6], "Remarque"), (*rows[0][:6], "#NAME?")]})
    assert set(found.problems) == {"column-unknown 1 Remarque", "formula-error 2 Échéance", "formula-error 2 TTC"}


def test_a_vat_not_rounded_is_told_and_not_rounded(tmp_path: Path) -> None:
    found = book(tmp_path, {"2026": [HEADERS[:6], (*ROWS[0][:5], 39.996)]})
    assert found.problems == ["amount-decimals 2 TTC"]


def test_a_rate_shown_as_a_percentage(tmp_path: Path) -> None:
    found = book(tmp_path, {"2026": [(*HEADERS[:6], "Taux TVA"), (*ROWS[0][:6], 0.2), (*ROWS[1][:6], 5.5)]})
    assert [str(invoice.vat[0][0]) for invoice in found.ledger.invoices] == ["20", "5.5"]


def test_amounts_typed_as_text_among_numbers(tmp_path: Path) -> None:
    rows = [ROWS[0][:6], (*ROWS[1][:5], "1 250,50 €")]
    found = book(tmp_path, {"2026": [HEADERS[:6], *rows]})
    assert [invoice.total.minor for invoice in found.ledger.invoices] == [123456, 125050]


# Payment


@pytest.mark.parametrize("word", ["oui", "x", "X", "réglé", "Payée", "OK", "✓", "☑", "1", "soldé"])
def test_paid_without_a_day_is_settled_and_says_nothing_of_when(tmp_path: Path, word: str) -> None:
    found = paid(tmp_path, "Payé", word)
    assert found.problems == []
    assert [invoice.status for invoice in found.ledger.invoices] == [InvoiceStatus.PAID]
    assert found.ledger.payments == ()
    assert [item.id for item in account(found).items] == []


@pytest.mark.parametrize("word", ["", "non", "Non réglée", "impayé", "en attente", "-", "☐", "0"])
def test_not_paid_is_asked_for(tmp_path: Path, word: str) -> None:
    found = paid(tmp_path, "Payé", word)
    assert found.problems == []
    assert account(found).totals.open == Money(12000, "EUR")


@pytest.mark.parametrize("day", ["30/10/2026", "30-oct.-26", "2026-10-30"])
def test_a_day_under_paid_is_the_day(tmp_path: Path, day: str) -> None:
    (payment,) = paid(tmp_path, "Payé", day).ledger.payments
    assert (payment.date, payment.amount) == (date(2026, 10, 30), Money(12000, "EUR"))


def test_an_amount_under_paid_is_what_came_in(tmp_path: Path) -> None:
    found = paid(tmp_path, "Réglé", "45,50")
    (item,) = account(found).items
    assert (item.paid, item.open) == (Money(4550, "EUR"), Money(7450, "EUR"))


def test_a_part_without_a_day_counts_and_no_day_is_ever_named_for_it(tmp_path: Path) -> None:
    found = paid(tmp_path, "Montant réglé", "45,50")
    assert found.ledger.payments == ()
    seen = account(found)
    assert (seen.items[0].paid, seen.totals.open) == (Money(4550, "EUR"), Money(7450, "EUR"))
    assert [line.kind.value for line in seen.history] == ["invoice"]


def test_a_part_with_a_day_is_a_payment(tmp_path: Path) -> None:
    (payment,) = paid(tmp_path, "Montant réglé;Payé le", "45,50;30/10/2026").ledger.payments
    assert (payment.date, payment.amount, payment.invoices) == (date(2026, 10, 30), Money(4550, "EUR"), ("F-1",))


def test_all_of_it_without_a_day_is_settled(tmp_path: Path) -> None:
    assert paid(tmp_path, "Montant réglé", "120,00").ledger.invoices[0].status is InvoiceStatus.PAID
    assert paid(tmp_path, "Montant réglé", "0,00").ledger.invoices[0].status is InvoiceStatus.OPEN


@pytest.mark.parametrize("others", ["oui", "30/10/2026", "45,50"])
def test_a_1_among_other_words_is_a_box_or_one_euro_and_is_asked(tmp_path: Path, others: str) -> None:
    text = f"{HEAD};Payé\n{F1};1\n{F1.replace('F-1', 'F-2')};{others}\n"
    assert read(tmp_path, text).problems == (["paid-unreadable 2 Payé"] if others == "45,50" else [])


@pytest.mark.parametrize("mapping", [None, {"paid": "Payé"}])
def test_of_two_columns_about_payment_the_one_of_amounts_is_what_came_in(
    tmp_path: Path, mapping: dict[str, str] | None
) -> None:
    rows = "".join(
        f"{F1.replace('F-1', f'F-{number}')};{paid}\n" for number, paid in enumerate(("oui;", "non;45,50", "non;"), 1)
    )
    found = read(tmp_path, f"{HEAD};Payé;Réglé\n{rows}", mapping)
    assert found.problems == []
    assert {item.invoice.id: item.open.minor for item in account(found).items} == {"F-2": 7450, "F-3": 12000}


def test_a_sum_is_no_invoice_whatever_its_row_repeats(tmp_path: Path) -> None:
    found = read(tmp_path, f"{HEAD}\n{F1}\nTotal;Studio Verdier;compta@verdier.example;31/10/2026;;120,00\n")
    assert [invoice.number for invoice in found.ledger.invoices] == ["F-1"]
    assert found.codes() == ["rows-unused"]


@pytest.mark.parametrize(("left", "open_"), [("120,00", 12000), ("50,00", 5000), ("0,00", 0)])
def test_what_is_left_alone_tells_how_much_was_paid(tmp_path: Path, left: str, open_: int) -> None:
    found = paid(tmp_path, "Reste à payer", left)
    assert found.problems == []
    assert account(found).totals.open.minor == open_


@pytest.mark.parametrize(
    ("headers", "cells"),
    [
        ("Montant réglé;Reste à payer", "45,50;74,50"),
        ("Montant réglé;Solde", ";120,00"),
        ("Payé le;Solde", "30/10/2026;0,00"),
        ("Payé;Solde", "oui;0"),
        ("Payé;Solde", "partiel;74,50"),
        ("Statut;Solde", "annulée;0,00"),
        ("Payé;Payé le", "oui;30/10/2026"),
        ("Payé;Montant réglé", "oui;120,00"),
        ("Payé;Montant réglé", "non;20,00"),
    ],
)
def test_columns_that_agree(tmp_path: Path, headers: str, cells: str) -> None:
    assert paid(tmp_path, headers, cells).problems == []


@pytest.mark.parametrize(
    ("headers", "cells", "said"),
    [
        ("Montant réglé;Reste à payer", "45,50;120,00", "balance-differs 2 Reste à payer"),
        ("Payé le;Solde", "30/10/2026;120,00", "balance-differs 2 Solde"),
        ("Reste à payer", "130,00", "balance-differs 2 Reste à payer"),
        ("Reste à payer", "-5,00", "balance-differs 2 Reste à payer"),
        ("Reste à payer", "", "cell-missing 2 Reste à payer"),
        ("Reste à payer", "rien", "amount-unreadable 2 Reste à payer"),
        ("Payé;Payé le", "non;30/10/2026", "paid-contradicted 2 Payé"),
        ("Payé;Payé le", "29/10/2026;30/10/2026", "paid-contradicted 2 Payé"),
        ("Payé;Montant réglé", "oui;45,50", "paid-contradicted 2 Payé"),
        ("Payé;Montant réglé", "non;120,00", "paid-contradicted 2 Payé"),
        ("Payé;Statut", "oui;annulée", "paid-contradicted 2 Payé"),
        ("Payé", "partiel", "paid-unreadable 2 Payé"),
        ("Payé", "chez le notaire", "paid-unreadable 2 Payé"),
        ("Montant réglé", "130,00", "paid-amount-wrong 2 Montant réglé"),
        ("Montant réglé;Payé le", "0,00;30/10/2026", "paid-amount-wrong 2 Montant réglé"),
        ("Montant réglé;Statut", "20,00;payée", "paid-amount-wrong 2 Montant réglé"),
        ("Montant réglé;Statut", "20,00;annulée", "paid-on-not-owed 2 Montant réglé"),
    ],
)
def test_columns_that_cannot_all_be_right_fail_their_row(tmp_path: Path, headers: str, cells: str, said: str) -> None:
    found = paid(tmp_path, headers, cells)
    assert found.problems == [said]
    assert found.ledger.invoices == ()


def test_a_credit_note_that_is_settled_is_no_credit(tmp_path: Path) -> None:
    text = f"{HEAD};Payé\nA-1;Verdier;a@verdier.example;01/10/2026;;-50,00;"
    assert len(read(tmp_path, f"{text}\n").ledger.credit_notes) == 1
    assert read(tmp_path, f"{text}oui\n").ledger.credit_notes == ()


def test_what_the_sheet_says_is_paid_is_not_paid_again_beside_it(tmp_path: Path) -> None:
    text = f"{HEAD};Montant réglé\n{F1};45,50\n"
    payments = "date;client;amount;invoice\n30/10/2026;studio-verdier;45,50;F-1\n"
    assert read(tmp_path, text, payments=payments).codes() == ["paid-so-far-and-payments"]


def test_an_unnamed_payment_of_something_settled_pays_nothing_else(tmp_path: Path) -> None:
    text = f"{HEAD};Payé\n{F1};oui\nF-2;Studio Verdier;;01/10/2026;31/10/2026;80,00;\n"
    payments = "date;client;amount\n30/10/2026;studio-verdier;120,00\n"
    (item,) = account(read(tmp_path, text, payments=payments)).items
    assert (item.id, item.open) == ("F-2", Money(8000, "EUR"))


def test_an_unnamed_payment_of_what_is_open_goes_there_first(tmp_path: Path) -> None:
    text = f"{HEAD};Payé\n{F1};oui\nF-2;Studio Verdier;;01/10/2026;31/10/2026;120,00;\n"
    payments = "date;client;amount\n05/11/2026;studio-verdier;120,00\n"
    assert account(read(tmp_path, text, payments=payments)).totals.open == Money(0, "EUR")


# Clients


def clients(found: Read) -> dict[str, tuple[str, str]]:
    return {client.id: (client.name, client.email) for client in found.ledger.clients.values()}


def people(folder: Path, *rows: str, headers: str = "", **beside: str) -> Read:
    """Rows of client, email and what `headers` adds, each with an invoice of its own."""
    numbers = count(1)
    lines = [f"F-{next(numbers)};01/10/2026;5,00;{row}" for row in rows]
    return read(folder, "\n".join([f"N°;Date;TTC;Client;E-mail{headers}", *lines, ""]), None, **beside)


def test_one_name_is_one_client_however_it_is_typed(tmp_path: Path) -> None:
    found = people(
        tmp_path, "Éditions Verdier;a@verdier.example", "EDITIONS  VERDIER;", "Editions-Verdier;A@verdier.example"
    )
    assert clients(found) == {"editions-verdier": ("Éditions Verdier", "a@verdier.example")}
    assert found.problems == []


@pytest.mark.parametrize("name", ["???", "CON", "Ζήνων", "x" * 300, "../etc", "株式会社"])
def test_every_name_gets_an_id_that_is_allowed_and_stays(tmp_path: Path, name: str) -> None:
    first, second = (people(tmp_path, f"{name};a@b.example") for _ in range(2))
    assert first.problems == []
    assert list(clients(first)) == list(clients(second))
    assert len(clients(first)) == 1


def test_ids_of_the_owner_are_used(tmp_path: Path) -> None:
    found = people(tmp_path, "Martin;p@martin.example;C-1", "Martin;a@martin.example;C-2", headers=";Code client")
    assert (list(clients(found)), found.problems) == (["C-1", "C-2"], [])


def test_a_row_without_the_id_is_that_of_its_name(tmp_path: Path) -> None:
    found = people(tmp_path, "Verdier;;", "Verdier;a@verdier.example;C-1", headers=";Code client")
    assert [invoice.client for invoice in found.ledger.invoices] == ["C-1", "C-1"]


def test_two_addresses_of_one_company_are_one_client(tmp_path: Path) -> None:
    found = people(tmp_path, "Verdier;anne@verdier.example", "Verdier;compta@verdier.example")
    assert clients(found) == {"verdier": ("Verdier", "compta@verdier.example")}
    assert found.problems == ["client-words-differ 3 E-mail"]
    assert "factures.csv:2" in found.found[0].message


@pytest.mark.parametrize("other", ["martin@brun.example", "martin.paul@gmail.com"])
def test_two_people_of_one_name_never_share_a_page(tmp_path: Path, other: str) -> None:
    found = people(tmp_path, "Martin;anne.martin@gmail.com", f"Martin;{other}", "Brun;b@b.example", "Zoé;z@z.example")
    assert found.problems == ["client-emails-differ 3 E-mail"]
    again = read_file(tmp_path, "ledger/factures.csv", unreadable=Unreadable.HOLD)
    assert set(again.ledger.unreadable) == {"martin"}


def test_clients_csv_settles_it(tmp_path: Path) -> None:
    beside = "name;email;kind\nMartin;anne.martin@gmail.com;particulier\n"
    found = people(tmp_path, "Martin;anne.martin@gmail.com", "Martin;martin@brun.example", clients=beside)
    assert (clients(found), found.problems) == ({"martin": ("Martin", "anne.martin@gmail.com")}, [])
    assert found.ledger.clients["martin"].kind.value == "consumer"


def test_one_address_under_two_names_is_two_clients(tmp_path: Path) -> None:
    found = people(tmp_path, "Verdier;compta@verdier.example", "Verdier Frères;compta@verdier.example")
    assert list(clients(found)) == ["verdier", "verdier-freres"]
    assert found.problems == ["client-email-shared 3 E-mail"]


def test_a_row_with_an_address_only_is_that_of_the_client_who_has_it(tmp_path: Path) -> None:
    found = people(tmp_path, "Verdier;compta@verdier.example", ";compta@verdier.example")
    assert [invoice.client for invoice in found.ledger.invoices] == ["verdier", "verdier"]


def test_a_row_of_nobody_stops_the_run(tmp_path: Path) -> None:
    found = people(tmp_path, "Verdier;compta@verdier.example", ";")
    assert found.problems == ["cell-missing 3 Client"]
    assert "factures.csv" in found.found[0].remedy


def test_columns_of_clients_go_to_the_client_and_differences_are_told_once(tmp_path: Path) -> None:
    rows = ["Verdier;a@v.example;01 99 00 12 34;entreprise", "Verdier;;0199001234;", "Verdier;;01 99 00 56 78;"]
    found = people(tmp_path, *rows, rows[0], headers=";Téléphone;Type client")
    client = found.ledger.clients["verdier"]
    assert (client.phone, client.kind.value) == ("01 99 00 12 34", "business")
    assert found.problems == ["client-words-differ 4 Téléphone"]


def test_what_is_wrong_with_a_client_is_told_where_it_stands(tmp_path: Path) -> None:
    found = people(tmp_path, "Verdier;a@v.example;", "Verdier;;123", headers=";SIRET")
    assert found.problems == ["siren-wrong 3 SIRET"]


def test_a_number_without_its_first_nought(tmp_path: Path) -> None:
    found = people(tmp_path, "Verdier;a@v.example;199001234", headers=";Téléphone")
    assert found.ledger.clients["verdier"].phone == "0199001234"


def test_first_names_tell_people_apart(tmp_path: Path) -> None:
    found = people(tmp_path, "Martin;a@m.example;Anne", "Martin;p@p.example;Paul", headers=";Prénom")
    assert clients(found) == {
        "anne-martin": ("Anne Martin", "a@m.example"),
        "paul-martin": ("Paul Martin", "p@p.example"),
    }


def test_clients_csv_completes_and_wins(tmp_path: Path) -> None:
    beside = "id;name;email;terms\nC-7;studio verdier;compta@verdier.example;60\nC-8;Brun;b@b.example;\n"
    text = "N°;Client;Mail;Date;TTC;Téléphone\nF-1;Studio Verdier;vieux@autre.example;01/10/2026;5,00;01 99 00 12 34\n"
    found = read(tmp_path, text, clients=beside)
    assert found.problems == []
    client = found.ledger.clients["C-7"]
    assert (client.name, client.email, client.phone) == ("studio verdier", "compta@verdier.example", "01 99 00 12 34")
    assert found.ledger.invoices[0].due == date(2026, 11, 30)
    assert list(found.ledger.clients) == ["C-7", "C-8"]


def test_a_name_that_two_rows_of_clients_csv_have_is_asked_about(tmp_path: Path) -> None:
    beside = "id;name;email\nM-1;Martin;a@m.example\nM-2;Martin;p@p.example\n"
    assert people(tmp_path, "Martin;", clients=beside).problems == ["client-named-twice 2 Client"]
    by_address = people(tmp_path, "Martin;p@p.example", clients=beside)
    assert (by_address.ledger.invoices[0].client, by_address.problems) == ("M-2", [])


def test_a_problem_of_clients_csv_is_told_there(tmp_path: Path) -> None:
    found = people(tmp_path, "Verdier;a@v.example", clients="name;siren\nVerdier;123\n")
    assert [(problem.code, problem.where.file) for problem in found.found] == [("siren-wrong", "ledger/clients.csv")]
    assert people(tmp_path, "Verdier;a@v.example", clients="siren\n123\n").codes() == ["column-missing"]


def test_contacts_and_payments_beside_it_are_read(tmp_path: Path) -> None:
    contacts = "client;name;role;email\nverdier;Anne;paie;anne@verdier.example\n"
    payments = "date;client;amount\n30/10/2026;verdier;5,00\n"
    found = people(tmp_path, "Verdier;", contacts=contacts, payments=payments)
    assert (found.problems, len(found.ledger.contacts), len(found.ledger.payments)) == ([], 1, 1)


def test_a_csv_that_nothing_reads_is_told_and_the_sheet_itself_is_not(tmp_path: Path) -> None:
    found = people(tmp_path, "Verdier;a@v.example", invoices="number\n")
    assert [(problem.code, problem.where.file) for problem in found.found] == [("file-unknown", "ledger/invoices.csv")]


# What is proposed


def test_what_no_name_tells_an_address_does() -> None:
    found = propose(["N°", "Client", "Écrire à", "Date", "TTC"], [["F-1", "Verdier", "a@v.example", "01/10/2026", "5"]])
    assert found.placed == {"name": "Client", "email": "Écrire à", "number": "N°", "issued": "Date", "total": "TTC"}
    assert (found.ambiguous, found.missing, found.unplaced) == ({}, (), ())


def test_what_could_be_two_things_is_said() -> None:
    found = propose(["N°", "Facture", "Date", "TTC", "Net à payer", "TVA"])
    assert found.ambiguous == {"number": ("N°", "Facture"), "total": ("TTC", "Net à payer")}
    assert (found.missing, found.unplaced) == (("name",), ("TVA",))


def test_every_column_of_invoices_and_clients_may_stand_in_the_sheet() -> None:
    assert set(INVOICES.aliases) - {"client"} <= set(SHEET.aliases)
    assert set(CLIENTS.aliases) - {"notes"} <= set(SHEET.aliases)


def test_no_name_means_two_columns() -> None:
    names = [name for column, aliases in SHEET.aliases.items() for name in (column, *aliases)]
    assert sorted(names) == sorted(set(names))


def test_many_clients_keep_their_invoices(tmp_path: Path) -> None:
    first = date(2024, 1, 1)
    rows = [
        (f"F-{n}", f"Client {n % 500}", f"c{n % 500}@client.example", first + timedelta(n % 700), None, n / 100)
        for n in range(1, 5001)
    ]
    write_csv(tmp_path / "ledger" / "f.csv", [HEADERS[:6], *rows])
    found = read_file(tmp_path, "ledger/f.csv")
    assert (len(found.ledger.invoices), len(found.ledger.clients), found.problems) == (5000, 500, [])
