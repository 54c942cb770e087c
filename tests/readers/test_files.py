"""Files as spreadsheets really write them: encodings, separators, quotes, headers, and what is refused before it costs anything."""

from __future__ import annotations

import os
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from tests.readers.folder import CLIENTS, INVOICES, again, read

if TYPE_CHECKING:
    from pathlib import Path

NAMES = "id;name;email\nelan;Élan d'Été – “Nuit”;compta@elan.example\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_usual_encoding_gives_the_same_names(tmp_path: Path, encoding: str) -> None:
    found = read(tmp_path, clients=NAMES.encode(encoding), invoices="number;client;issued;total\n")
    assert found.problems == []
    assert found.ledger.clients["elan"].name == "Élan d'Été – “Nuit”"


def test_a_file_in_two_encodings_is_refused_with_the_line(tmp_path: Path) -> None:
    found = read(tmp_path, clients=NAMES.encode() + "brun;Brûn;a@brun.example\n".encode("cp1252"))
    assert found.problems[0] == "encoding-mixed 3"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_usual_separator_and_line_end(tmp_path: Path, separator: str, end: str) -> None:
    invoices = 'number;client;issued;total;subject\nF-1;verdier;01/10/2026;"120,00";"Refonte, site; blog"\n'
    if separator != ";":
        invoices = (
            invoices.replace('"Refonte, site; blog"', "@").replace(";", separator).replace("@", '"Refonte, site; blog"')
        )
    found = read(tmp_path, invoices=invoices.replace("\n", end))
    assert found.problems == []
    assert [(invoice.number, str(invoice.total), invoice.subject) for invoice in found.ledger.invoices] == [
        ("F-1", "120.00", "Refonte, site; blog")
    ]


def test_the_separator_line_of_a_spreadsheet_is_understood(tmp_path: Path) -> None:
    found = read(tmp_path, invoices="sep=;\r\n" + INVOICES.replace("120,00", "x"))
    assert found.problems == ["amount-unreadable 3 total"]


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    clients = 'id;name;email;notes\n\n;;;\nverdier;Verdier;a@verdier.example;"one\ntwo\nthree"\nbrun;Brun;wrong;\n'
    found = read(tmp_path, clients=clients)
    assert found.problems == ["email-wrong 7 email"]
    assert found.ledger.clients["verdier"].notes == "one\ntwo\nthree"
    assert found.ledger.clients["verdier"].source == ("ledger/clients.csv", 4, "")


def test_french_headers_in_any_order_with_columns_of_all_kinds(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        clients="Code client;E-mail;Raison sociale;Conditions de règlement\nC1;a@b.example;Éloi;30 fin de mois\n",
        invoices="Montant TTC;N° facture;Date d'émission;Code client;Échéance;Objet\n1 200,00 €;F-1;05/10/2026;C1;;Site\n",
        payments="Date de règlement;Montant;Code client;N° facture;Mode de paiement\n02/11/2026;200,00;C1;F-1;virement\n",
    )
    assert found.problems == []
    assert str(found.ledger.invoices[0].due) == "2026-11-30"
    assert found.ledger.payments[0].invoices == ("F-1",)
    assert found.ledger.payments[0].method == "virement"


def test_the_owners_word_for_a_column_goes_before_names_and_aliases(tmp_path: Path) -> None:
    invoices = "number;client;issued;total;Montant à payer\nF-1;verdier;01/10/2026;100,00;120,00\n"
    found = read(tmp_path, invoices=invoices, columns={"invoices": {"total": "Montant à payer"}})
    assert str(found.ledger.invoices[0].total) == "120.00"
    assert found.problems == ["column-unknown 1 total"]


def test_an_unknown_column_is_a_warning_and_an_empty_one_nothing(tmp_path: Path) -> None:
    found = read(tmp_path, clients="id;name;email;Couleur;;\nverdier;Verdier;a@b.example;bleu;;\n")
    assert found.problems == ["column-unknown 1 Couleur"]


def test_with_a_column_missing_the_other_cells_are_still_checked(tmp_path: Path) -> None:
    found = read(tmp_path, invoices="number;client;due;total\nF-1;verdier;31/02/2026;douze\n")
    assert found.problems == ["column-missing 1 issued", "amount-unreadable 2 total", "date-impossible 2 due"]


def test_a_row_with_a_stray_separator_is_not_guessed_at(tmp_path: Path) -> None:
    found = read(tmp_path, payments="date,client,amount\n2026-11-02,verdier,1200,50\n")
    assert found.problems == ["cells-extra 2"]
    assert found.ledger.payments == ()


@pytest.mark.parametrize(
    "total", ["Total;;;;240,00", ";;Total TTC;;240,00", ";SOUS-TOTAL;;;240,00", ";;;;240,00", "Total général;;;;"]
)
def test_a_row_that_adds_up_the_others_is_left_out_with_a_notice(tmp_path: Path, total: str) -> None:
    found = read(tmp_path, invoices=f"{INVOICES}{total}\n")
    assert found.problems == ["total-row 3"]
    assert len(found.ledger.invoices) == 1


def test_a_client_called_total_is_no_total(tmp_path: Path) -> None:
    clients = "id;name;email\nTOTAL;Total Lumière;compta@total-lumiere.example\n"
    found = read(tmp_path, clients=clients, invoices="client;number;issued;total\nTOTAL;F-1;01/10/2026;120,00\n")
    assert found.problems == []
    assert found.ledger.invoices[0].client == "TOTAL"


def test_one_column_writes_its_amounts_in_one_way(tmp_path: Path) -> None:
    rows = ["1.234,50", "1,234.50", "1,234"]
    invoices = "number;client;issued;total\n" + "".join(
        f"F-{n};verdier;01/10/2026;{text}\n" for n, text in enumerate(rows)
    )
    assert read(tmp_path, invoices=invoices).problems == ["amount-styles-mixed 3 total", "amount-ambiguous 4 total"]


def test_the_column_tells_what_a_lone_group_of_three_means(tmp_path: Path) -> None:
    invoices = "number;client;issued;total\nF-1;verdier;01/10/2026;1,234\nF-2;verdier;01/10/2026;99.50\n"
    assert str(read(tmp_path, invoices=invoices).ledger.invoices[0].total) == "1234.00"


def test_files_that_may_be_missing_and_files_that_may_not(tmp_path: Path) -> None:
    assert read(tmp_path).problems == []
    (tmp_path / "ledger/clients.csv").unlink()
    (tmp_path / "ledger/invoices.csv").unlink()
    assert again(tmp_path).codes() == ["file-missing", "file-missing"]
    assert read(tmp_path, clients="", invoices=" \r\n").codes() == ["file-empty", "file-empty"]
    assert read(tmp_path, clients="id;name;email\n", invoices="number;client;issued;total\n").problems == []


def test_a_payments_file_under_another_name_is_not_overlooked(tmp_path: Path) -> None:
    found = read(tmp_path, payements="date;client;amount\n")
    assert found.codes() == ["file-unknown"]
    assert "Call it payments.csv" in found.found[0].remedy


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04rest",
        b"%PDF-1.7",
        b"\x89PNG\r\n\x1a\n",
        bytes(range(256)) * 4,
        CLIENTS.encode("utf-16-le"),
        b"\xff\xfea",
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    assert read(tmp_path, clients=content).codes() == ["file-binary"]


@pytest.mark.parametrize(("size", "code"), [(200_000_000, "file-too-large"), (99_000_000, "file-binary")])
def test_a_huge_file_is_refused_without_being_loaded(tmp_path: Path, size: int, code: str) -> None:
    read(tmp_path)
    os.truncate(tmp_path / "ledger/invoices.csv", 0)
    os.truncate(tmp_path / "ledger/invoices.csv", size)
    tracemalloc.start()
    try:
        found = again(tmp_path).codes()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found == [code]
    assert peak < 20_000_000


def test_a_line_of_many_megabytes_is_refused_early(tmp_path: Path) -> None:
    found = read(tmp_path, invoices=b"number;client;issued;total\n" + b"x" * 5_000_000)
    assert found.codes() == ["line-too-long"]


def test_a_link_that_leads_nowhere_is_no_missing_file(tmp_path: Path) -> None:
    read(tmp_path)
    (tmp_path / "ledger/payments.csv").symlink_to(tmp_path / "nowhere.csv")
    assert again(tmp_path).codes() == ["file-unreadable"]


@pytest.mark.parametrize("path", ["nowhere", "x" * 5000, "ledger/clients.csv"])
def test_a_ledger_folder_that_is_none_is_told(tmp_path: Path, path: str) -> None:
    read(tmp_path)
    assert again(tmp_path, path=path).codes() == ["file-missing", "file-missing"]
