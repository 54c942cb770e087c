"""`pointage.csv`: payments that were allocated by guess, as a French spreadsheet opens them."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from generator.report_tables import inert
from tests.report.morning import morning

if TYPE_CHECKING:
    from generator.domain.ledger import Client

LEDGER = """
    client brun
    invoice F-1 2026-09-01 due 2026-10-01 1234.50
    invoice F-2 2026-09-05 due 2026-10-05 80.00
    payment 2026-10-08 1234.50
    payment 2026-10-12 100.00
    payment 2026-10-20 -1500.00
"""


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_it_begins_with_a_bom_and_separates_with_semicolons() -> None:
    content = morning(LEDGER).files()["pointage.csv"]
    assert content.startswith(b"\xef\xbb\xbfDate;Client;Nom;Montant;Devise;Facture;Rapprochement;Ligne du registre\r\n")


def test_each_guess_is_a_row_with_its_reason_in_words() -> None:
    ledger = "\n".join(LEDGER.strip().splitlines()[:-1])
    found = rows(morning(ledger).files()["pointage.csv"])
    assert [(row["Date"], row["Montant"], row["Facture"], row["Rapprochement"]) for row in found] == [
        ("2026-10-08", "1234,50", "F-1", "seule facture de ce montant"),
        ("2026-10-12", "20,00", "", "gardé en crédit\u00a0: aucune facture à couvrir"),
        ("2026-10-12", "80,00", "F-2", "plus ancienne échéance"),
    ]
    assert {row["Ligne du registre"] for row in found} == {"payments.csv"}


def test_a_negative_amount_stays_a_number() -> None:
    found = rows(morning(LEDGER).files()["pointage.csv"])
    assert ("-165,50", "remboursement sans règlement correspondant") in {
        (row["Montant"], row["Rapprochement"]) for row in found
    }


def test_in_english_the_decimals_follow_a_point() -> None:
    found = rows(morning(LEDGER, language="en").files()["pointage.csv"])
    assert found[-1]["Amount"] == "-165.50"


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x")', "+33 1", "-2+3", "@SUM(1)", "\t=1", "\r=1", " =1", "＝1+1"])
def test_no_name_is_a_formula(name: str) -> None:
    def rename(client: Client) -> Client:
        return replace(client, name=name)

    found = rows(morning(LEDGER, client=rename).files()["pointage.csv"])
    assert all(row["Nom"].startswith("'") for row in found)


@pytest.mark.parametrize("text", ["-12", "-12,50", "1234.50", "F-118", "Brun", "l'atelier = nous", ""])
def test_numbers_and_plain_texts_stay_as_they_are(text: str) -> None:
    assert inert(text) == text


def test_a_line_break_in_a_name_stays_inside_its_row() -> None:
    def rename(client: Client) -> Client:
        return replace(client, name='Brun\r\n"; & Fils\x00')

    found = rows(morning(LEDGER, client=rename).files()["pointage.csv"])
    assert {row["Nom"] for row in found} == {'Brun "; & Fils '}


def test_without_a_guess_the_file_has_its_head_only() -> None:
    assert rows(morning("invoice F-1 2026-09-01 due 2026-10-01 80.00").files()["pointage.csv"]) == []
