"""`avoirs-a-emettre.csv`: every discount that was taken, with the data of its credit note."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from generator.config import ReportSettings
from generator.domain.discount_vat import Computation
from tests.report.morning import Morning, morning
from tests.report.test_costs import with_vat
from tests.report.test_report_page import read

if TYPE_CHECKING:
    from generator.domain.ledger import Client

TAKEN = """
    client neuf
    invoice F-1 2026-11-02 due 2026-12-02 1200.00 client=neuf escompte=2/15
    payment 2026-11-10 1176.00 F-1 client=neuf
"""


def rows(found: Morning) -> list[dict[str, str]]:
    text = found.files()["avoirs-a-emettre.csv"].decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def computed(found: Morning, computation: Computation) -> Morning:
    return replace(found, settings=replace(found.settings, report=ReportSettings(discount_vat=computation)))


def test_a_row_has_all_that_the_credit_note_needs() -> None:
    (row,) = rows(with_vat(morning(TAKEN), F1="20"))
    reference = row.pop("Référence")
    assert reference.startswith("RF")
    assert row == {
        "Client": "neuf",
        "Nom": "Neuf",
        "Facture": "F-1",
        "Date": "2026-11-10",
        "Taux de TVA": "20",
        "Hors taxes": "20,00",
        "TVA": "4,00",
        "TTC": "24,00",
        "Devise": "EUR",
        "État": "avoir à émettre",
        "Texte de l’avoir": "Remise de 24,00\u00a0€ sur la facture F-1 du 2 novembre 2026, acquise le 10 novembre 2026 "
        f"par son règlement (référence {reference}).",
    }


def test_it_speaks_the_owners_language() -> None:
    (row,) = rows(with_vat(morning(TAKEN, language="en"), F1="20"))
    assert (row["Net"], row["VAT"], row["Gross"], row["State"]) == ("20.00", "4.00", "24.00", "credit note to issue")
    assert row["Text of the credit note"].startswith("Discount of €24.00 on invoice F-1 of 2 November 2026, earned on")


def test_where_the_rate_is_not_known_the_amount_stands_alone() -> None:
    (row,) = rows(morning(TAKEN))
    assert (row["Taux de TVA"], row["Hors taxes"], row["TVA"], row["TTC"]) == ("", "", "", "24,00")


def test_an_owner_whose_discounts_leave_the_vat_alone_says_so() -> None:
    (row,) = rows(computed(with_vat(morning(TAKEN), F1="20"), Computation.EXCLUDED))
    assert (row["Hors taxes"], row["TVA"], row["TTC"]) == ("24,00", "0,00", "24,00")
    assert row["Texte de l’avoir"].endswith("\u00a0; la TVA facturée est inchangée.")


@pytest.mark.parametrize(
    ("note", "state"),
    [
        ("24.00", "sans doute fait, au registre\u00a0: A-1"),
        ("20.00", "en partie au registre\u00a0: A-1\u00a0; il manque 4,00\u00a0€"),
        ("30.00", "sans doute fait, au registre\u00a0: A-1 (24,00\u00a0€ sur 30,00\u00a0€)"),
    ],
)
def test_what_the_ledger_has_is_told_and_never_left_out(note: str, state: str) -> None:
    (row,) = rows(morning(f"{TAKEN}\ncredit A-1 2026-11-12 {note} F-1 client=neuf"))
    assert (row["État"], row["TTC"]) == (state, "24,00")


def test_each_invoice_of_a_payment_and_each_rate_has_its_row() -> None:
    found = morning("""
    client brun
    invoice F-1 2026-11-02 due 2026-12-02 1255.00 client=brun escompte=2/15
    invoice F-2 2026-11-02 due 2026-12-02 99.99 client=brun escompte=2/15
    payment 2026-11-10 1327.89 F-1 F-2 client=brun
    """)
    (account,) = found.clients[0]
    told = ((Decimal(20), Decimal("1000.00")), (Decimal(10), Decimal("50.00")))
    items = tuple(
        replace(item, invoice=replace(item.invoice, vat=told)) if item.id == "F-1" else item for item in account.items
    )
    cut = rows(with_vat(replace(found, clients=[(replace(account, items=items),)]), F2="5.5"))
    assert [(row["Facture"], row["Taux de TVA"], row["Hors taxes"], row["TVA"], row["TTC"]) for row in cut] == [
        ("F-1", "20", "20,00", "4,00", "24,00"),
        ("F-1", "10", "1,00", "0,10", "1,10"),
        ("F-2", "5,5", "1,90", "0,10", "2,00"),
    ]


def test_the_page_counts_what_waits_and_links_the_table() -> None:
    page = read(morning(TAKEN).page())
    assert "avoirs-a-emettre.csv" in page.links()
    assert "1 remise acquise attend son avoir, TVA comprise" in page.text("owed").replace("\u00a0", " ")
    done = read(morning(f"{TAKEN}\ncredit A-1 2026-11-12 24.00 F-1 client=neuf").page())
    assert "Les remises acquises et leurs avoirs, TVA comprise" in done.text("owed")


def test_without_a_discount_there_is_nothing_to_link() -> None:
    found = morning("invoice F-1 2026-09-01 due 2026-10-01 80.00")
    assert rows(found) == []
    assert "avoirs-a-emettre.csv" not in read(found.page()).links()


@pytest.mark.parametrize("name", ["=1+1", "@SUM(1)", "+33", "-2+3"])
def test_no_cell_becomes_a_formula(name: str) -> None:
    def renamed(client: Client) -> Client:
        return replace(client, name=name)

    assert {row["Nom"] for row in rows(morning(TAKEN, client=renamed))} == {f"'{name}"}
