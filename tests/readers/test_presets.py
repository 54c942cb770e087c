"""Exports of invoicing programs, as their own source makes them, read without a mapping."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from generator.config import LedgerSettings, Settings
from generator.domain.ledger import InvoiceStatus
from generator.domain.money import Money
from generator.domain.policy import Policy
from generator.problems import format_problem
from generator.readers import read_ledger
from generator.readers.presets import names, preset
from generator.readers.sheet_columns import SHEET
from tests.readers.folder import SELLER, Read

if TYPE_CHECKING:
    from pathlib import Path

ODOO_FR = """\
Numéro,Nom d'affichage du partenaire de la facture,Date de facturation,Date d'échéance,Total signé en devises,Montant dû,Devise,\
Statut,Statut du paiement
FAC/2026/00041,Studio Verdier,2026-10-01,2026-10-31,1200.0,450.5,EUR,Comptabilisé,Partiellement payé
FAC/2026/00042,Kite & Sons,2026-10-02,2026-11-01,800.0,0.0,GBP,Comptabilisé,Payé
RFAC/2026/00003,Studio Verdier,2026-10-05,2026-10-05,-120.0,120.0,EUR,Comptabilisé,Non payé
,Studio Verdier,2026-10-06,2026-11-05,90.0,90.0,EUR,Brouillon,Non payé
FAC/2026/00043,Studio Verdier,2026-10-07,2026-11-06,60.0,0.0,EUR,Annulé,Non payé
"""
ODOO_TECHNICAL = """\
name,invoice_partner_display_name,invoice_date,invoice_date_due,amount_total_signed,amount_residual_signed,amount_total,\
state,payment_state
FAC/2026/00041,Studio Verdier,2026-10-01,2026-10-31,1200.0,450.5,1200.0,posted,partial
RFAC/2026/00003,Studio Verdier,2026-10-05,2026-10-05,-120.0,-120.0,120.0,posted,not_paid
"""
DOLIBARR = """\
Code client;Raison sociale;Réf. facture;Date facturation;Date échéance;Total TTC;Créance;Statut facture;Facture payée
CU2601-0007;Studio Verdier;FA2610-0012;2026-10-01;2026-10-31;1200.00000000;450.5;1;0
CU2601-0007;Studio Verdier;FA2610-0013;2026-10-02;2026-11-01;800.00000000;40;2;1
CU2601-0008;Atelier Brun;(PROV14);2026-10-03;2026-11-02;90.00000000;90;0;0
CU2601-0008;Atelier Brun;FA2610-0014;2026-10-03;2026-11-02;60.00000000;60;3;0
"""
NINJA = """\
"Client Name","Client Currency","Invoice Invoice Number","Invoice Amount","Invoice Balance","Invoice Paid to Date","Invoice PO Number",\
"Invoice Date","Invoice Due Date","Invoice Terms","Invoice Status","Contact Email"
"Studio Verdier",EUR,0041,1200,450.5,749.5,"BC 12",2026-10-01,2026-10-31,"Net 30",Partial,compta@verdier.example
"Studio Verdier",EUR,0042,800,0,800,,2026-10-02,2026-11-01,,Paid,compta@verdier.example
"Atelier Brun",EUR,0043,60,60,0,,2026-10-03,2026-11-02,,Cancelled,compta@brun.example
"""
NINJA_FR = """\
"Client Nom","Client Devise","Facture Numéro de facture","Facture Montant","Facture Solde","Facture Date",\
"Facture Date d'échéance","Facture Statut"
"Studio Verdier",EUR,0041,1200,1200,2026-10-01,2026-10-31,Envoyé
"""


def read(folder: Path, name: str, text: str, *, columns: dict[str, str] | None = None, form: str = "sheet") -> Read:
    """Reads an export that lies in an owner's folder."""
    (folder / "export.csv").write_text(text, encoding="utf-8")
    ledger = LedgerSettings(form, file="export.csv", columns={"sheet": columns} if columns else {}, preset=name)
    return Read(*read_ledger(Settings(folder, SELLER, "https://payer.lumen.example", ledger, Policy(currency="EUR"))))


def left(found: Read) -> dict[str, str]:
    """What is left to pay of every invoice; what it is, when nothing is asked for."""
    return {
        invoice.number: str(invoice.total - (invoice.paid_undated or Money(0, invoice.total.currency)))
        if invoice.status is InvoiceStatus.OPEN
        else invoice.status.value
        for invoice in found.ledger.invoices
    }


def codes_besides_emails(found: Read) -> list[str]:
    return [code for code in found.codes() if code != "email-missing"]


def test_odoo_in_french_and_in_several_currencies(tmp_path: Path) -> None:
    found = read(tmp_path, "odoo", ODOO_FR)
    assert codes_besides_emails(found) == []
    assert left(found) == {"FAC/2026/00041": "450.50", "FAC/2026/00042": "paid", "FAC/2026/00043": "void"}
    first, second, _ = found.ledger.invoices
    assert (first.issued, first.due, first.total) == (date(2026, 10, 1), date(2026, 10, 31), Money.of("1200", "EUR"))
    assert second.total == Money.of("800", "GBP")
    (note,) = found.ledger.credit_notes
    assert (note.number, note.amount) == ("RFAC/2026/00003", Money.of("120", "EUR"))
    assert {client.name for client in found.ledger.clients.values()} == {"Studio Verdier", "Kite & Sons"}


def test_odoo_by_the_names_of_its_fields(tmp_path: Path) -> None:
    found = read(tmp_path, "odoo", ODOO_TECHNICAL)
    assert codes_besides_emails(found) == []
    assert left(found) == {"FAC/2026/00041": "450.50"}
    assert [note.amount for note in found.ledger.credit_notes] == [Money.of("120", "EUR")]


def test_odoo_without_signs_is_not_read_since_a_credit_note_would_be_asked_for(tmp_path: Path) -> None:
    text = ODOO_FR.replace("Total signé en devises", "Total").replace("-120.0", "120.0")
    assert "column-missing" in read(tmp_path, "odoo", text).codes()


def test_odoo_in_the_companys_currency_is_not_read_beside_other_currencies(tmp_path: Path) -> None:
    text = ODOO_FR.replace("Total signé en devises,Montant dû", "Total signé,Montant dû signé")
    assert "column-missing" in read(tmp_path, "odoo", text).codes()
    alone = read(tmp_path, "odoo", text.replace(",Devise", ",Équipe").replace(",120.0", ",-120.0"))
    assert codes_besides_emails(alone) == ["column-unknown"]


def test_dolibarr(tmp_path: Path) -> None:
    found = read(tmp_path, "dolibarr", DOLIBARR)
    assert codes_besides_emails(found) == []
    assert left(found) == {"FA2610-0012": "450.50", "FA2610-0013": "paid", "(PROV14)": "draft", "FA2610-0014": "void"}
    assert set(found.ledger.clients) == {"CU2601-0007", "CU2601-0008"}


def test_invoice_ninja(tmp_path: Path) -> None:
    found = read(tmp_path, "invoice-ninja", NINJA)
    assert found.codes() == []
    assert left(found) == {"0041": "450.50", "0042": "paid", "0043": "void"}
    assert found.ledger.invoices[0].order == "BC 12"
    assert {client.email for client in found.ledger.clients.values()} == {
        "compta@verdier.example",
        "compta@brun.example",
    }


def test_invoice_ninja_in_french(tmp_path: Path) -> None:
    found = read(tmp_path, "invoice-ninja", NINJA_FR)
    assert codes_besides_emails(found) == []
    assert left(found) == {"0041": "1200.00"}


def test_the_owners_word_comes_before_that_of_the_preset(tmp_path: Path) -> None:
    text = NINJA_FR.replace("Facture Date d'échéance", "Échéance négociée").replace("2026-10-31", "2026-12-31")
    found = read(tmp_path, "invoice-ninja", text, columns={"due": "Échéance négociée"})
    assert [invoice.due for invoice in found.ledger.invoices] == [date(2026, 12, 31)]


def test_a_status_that_the_program_does_not_have_is_told(tmp_path: Path) -> None:
    found = read(tmp_path, "dolibarr", DOLIBARR.replace(";450.5;1;0", ";450.5;7;0"))
    assert codes_besides_emails(found) == ["word-unknown"]


@pytest.mark.parametrize(("name", "form"), [("oodo", "sheet"), ("odoo", "csv")])
def test_a_preset_that_cannot_be_is_told(tmp_path: Path, name: str, form: str) -> None:
    found = read(tmp_path, name, NINJA, form=form)
    assert found.codes()[0] == "policy-wrong-value"
    assert format_problem(found.found[0]).startswith(f'portal.toml: ledger.preset cannot be "{name}".')


@pytest.mark.parametrize("name", names())
def test_a_preset_speaks_of_columns_that_a_sheet_has_and_in_our_words(name: str) -> None:
    found = preset(name)
    columns = {*found.columns, *(column for together in found.amounts for column in together)} - {"without"}
    assert columns <= set(SHEET.aliases)
    assert {"number", "name", "issued", "due", "total", "balance", "status"} <= columns
    assert set(found.words.values()) <= {"draft", "open", "paid", "void"}


def test_no_two_columns_of_a_preset_share_a_name() -> None:
    for name in names():
        found = preset(name)
        for together in found.amounts:
            every = [*found.columns.values(), *(names for column, names in together.items() if column != "without")]
            flat = [word for names in every for word in names]
            assert len(set(flat)) == len(flat)
