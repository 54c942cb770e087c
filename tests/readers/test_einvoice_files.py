"""The folder of invoices: what is hostile, broken, locked or too large, and which PDF belongs to which invoice."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.config import LedgerSettings, Settings
from generator.domain.ledger import Problem, Severity
from generator.domain.policy import Policy
from generator.readers import read_ledger
from generator.readers.einvoices import forms
from generator.readers.einvoices.forms import root_of
from generator.readers.einvoices.names import Numbers
from tests.readers.einvoice_maker import Bill, blank_pdf, cii, facturx, pdf_with, put, ubl
from tests.readers.folder import Read
from tests.readers.test_einvoices import OURS, ROW, alone, beside
from tests.support.effort import examples

if TYPE_CHECKING:
    from pathlib import Path

BILL = Bill()
BOMB = (
    b"""<?xml version="1.0"?><!DOCTYPE Invoice [<!ENTITY a "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa">"""
    + (
        b"".join(b"<!ENTITY %c '%s'>" % (98 + n, b"&%c;" % (97 + n) * 50) for n in range(9))
        + b"""]><Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" a="&j;">&j;</Invoice>"""
    )
)


def external(address: str) -> bytes:
    """An invoice whose number is what stands at an address."""
    root = ubl(BILL).replace(
        b"?><Invoice", f'?><!DOCTYPE Invoice [<!ENTITY e SYSTEM "{address}">]><Invoice'.encode(), 1
    )
    return root.replace(b"<cbc:ID>F-2026-001</cbc:ID>", b"<cbc:ID>F-&e;</cbc:ID>")


# What is hostile


@pytest.mark.parametrize(
    "data",
    [BOMB, external("file:///etc/passwd"), external("http://evil.example/x"), BOMB.decode().encode("utf-16")],
    ids=["bomb", "file", "network", "bomb in UTF-16"],
)
@pytest.mark.parametrize(
    "wrap", [lambda data: ("a.xml", data), lambda data: ("a.pdf", pdf_with("factur-x.xml", data))], ids=["XML", "PDF"]
)
def test_nothing_is_expanded_fetched_or_opened(tmp_path: Path, data: bytes, wrap: object) -> None:
    name, content = wrap(data)  # type: ignore[operator]
    before = time.perf_counter()
    found = alone(tmp_path, {name: content})
    assert found.codes() == ["einvoice-unsafe"]
    assert found.ledger.invoices == ()
    assert time.perf_counter() - before < 2


@pytest.mark.parametrize("data", [BOMB, external("file:///etc/passwd"), external("http://evil.example/x")])
def test_the_parser_is_a_second_wall(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(forms, "_DOCTYPE", re.compile(rb"(?!)"))
    found = root_of(data, "a.xml")
    assert isinstance(found, Problem)
    assert found.code in {"einvoice-unsafe", "einvoice-unreadable"}


def test_an_entity_of_a_file_is_not_read_even_by_its_parser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("SESAME")
    monkeypatch.setattr(forms, "_DOCTYPE", re.compile(rb"(?!)"))
    found = alone(tmp_path, {"a.xml": external(secret.as_uri())})
    assert found.codes() == ["einvoice-unsafe"]
    assert "SESAME" not in str(found.found)


@pytest.mark.parametrize(("name", "limit"), [("a.xml", 10), ("a.pdf", 50)])
def test_a_file_larger_than_any_invoice_is_not_opened(tmp_path: Path, name: str, limit: int) -> None:
    put(tmp_path, {name: b""})
    os.truncate(tmp_path / "factures" / name, limit * 1_000_000 + 1)
    found = alone(tmp_path, {})
    assert found.codes() == ["einvoice-too-large"]
    assert f"{limit + 1} MB" in found.found[0].message


@pytest.mark.parametrize("megabytes", [11, 90])
def test_an_attachment_that_swells_is_not_believed(tmp_path: Path, megabytes: int) -> None:
    bomb = pdf_with("factur-x.xml", bytes(megabytes * 1_000_000), compressed=True)
    assert len(bomb) < 1_000_000
    assert alone(tmp_path, {"a.pdf": bomb}).codes() == ["einvoice-unreadable"]


# What is broken, locked, or something else


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"no PDF", b"\0" * 5000], ids=["empty", "a head", "text", "zeros"])
def test_a_broken_pdf_stops_the_run_for_it_could_be_a_credit_note(tmp_path: Path, data: bytes) -> None:
    found = beside(tmp_path, {"F-2026-001.pdf": data})
    assert found.codes() == ["einvoice-unreadable"]
    assert found.found[0].severity is Severity.ERROR
    assert found.ledger.invoices[0].document == ""


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9, 0.99])
def test_a_torn_pdf_is_read_whole_or_told(tmp_path: Path, kept: float) -> None:
    whole = facturx(BILL)
    found = alone(tmp_path, {"a.pdf": whole[: int(len(whole) * kept)]})
    read = [(invoice.number, str(invoice.total)) for invoice in found.ledger.invoices]
    assert (found.codes(), read) in [(["einvoice-unreadable"], []), ([], [("F-2026-001", "1200.00")])]


@pytest.mark.parametrize("data", [b"", b"<Invoice", b"not XML", ubl(BILL)[:-20], b"\xff\xfe<\0"])
def test_a_broken_xml_is_told(tmp_path: Path, data: bytes) -> None:
    assert alone(tmp_path, {"a.xml": data}).codes() == ["einvoice-unreadable"]


@settings(max_examples=examples(40))
@given(cut=st.integers(0, 6000), byte=st.integers(0, 255), form=st.sampled_from([ubl, cii]))
def test_any_damage_gives_problems_and_no_traceback(
    tmp_path_factory: pytest.TempPathFactory, cut: int, byte: int, form: object
) -> None:
    data = bytearray(form(BILL))  # type: ignore[operator]
    data[cut % len(data)] = byte
    folder = tmp_path_factory.mktemp("damaged")
    found = alone(folder, {"a.xml": bytes(data)})
    assert len(found.ledger.invoices) <= 1


def test_an_unreadable_file_makes_nothing_else_unknown(tmp_path: Path) -> None:
    payments = "date;client;amount;invoice\n05/11/2026;verdier;200,00;F-LOST\n"
    assert beside(tmp_path, {"F-LOST.xml": b"<"}, payments=payments).codes() == ["einvoice-unreadable"]


def test_a_locked_pdf_is_told_and_found_by_its_name(tmp_path: Path) -> None:
    locked = pdf_with("factur-x.xml", cii(BILL), "sesame", encrypted=True)
    found = beside(tmp_path, {"F-2026-001.pdf": locked})
    assert found.codes() == ["einvoice-locked"]
    assert found.ledger.invoices[0].document == "factures/F-2026-001.pdf"


def test_a_pdf_that_opens_without_a_password_is_read_though_encrypted(tmp_path: Path) -> None:
    found = alone(tmp_path, {"a.pdf": pdf_with("factur-x.xml", cii(BILL), encrypted=True)})
    assert [invoice.number for invoice in found.ledger.invoices] == ["F-2026-001"]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'/>", "urlset"),
        (ubl(BILL).replace(b"ubl:schema:xsd:Invoice-2", b"ubl:schema:xsd:Invoice-3"), "another namespace than UBL 2.1"),
        (
            cii(BILL).replace(b"CrossIndustryInvoice:100", b"CrossIndustryInvoice:999"),
            "CII document of another namespace",
        ),
        (b"<r:CrossIndustryDocument xmlns:r='urn:ferd:CrossIndustryDocument:invoice:1p0'/>", "ZUGFeRD 1"),
    ],
    ids=["a sitemap", "UBL 3", "CII 999", "ZUGFeRD 1"],
)
def test_an_xml_that_is_no_invoice_is_left_out(tmp_path: Path, data: bytes, what: str) -> None:
    found = beside(tmp_path, {"a.xml": data})
    assert found.codes() == ["einvoice-other"]
    assert what in found.found[0].message


def test_an_invoice_under_another_name_in_a_pdf_is_found(tmp_path: Path) -> None:
    found = alone(
        tmp_path, {"a.pdf": pdf_with("XRechnung.xml", ubl(BILL)), "b.pdf": pdf_with("other.XML", cii(Bill("F-2")))}
    )
    assert [invoice.number for invoice in found.ledger.invoices] == ["F-2026-001", "F-2"]


def test_a_pdf_with_another_xml_is_one_for_people(tmp_path: Path) -> None:
    found = beside(tmp_path, {"F-2026-001.pdf": pdf_with("notes.xml", b"<notes/>")})
    assert found.problems == []
    assert found.ledger.invoices[0].document == "factures/F-2026-001.pdf"


# Where files may stand


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    away = tmp_path / "away"
    away.mkdir()
    (away / "F-2026-001.pdf").write_bytes(facturx(BILL))
    home = tmp_path / "home"
    (home / "factures").mkdir(parents=True)
    (home / "factures" / "F-2026-001.pdf").symlink_to(away / "F-2026-001.pdf")
    (home / "factures" / "more").symlink_to(away)
    found = beside(home, {})
    assert found.codes() == ["documents-link-refused"] * 2
    assert found.ledger.invoices[0].document == ""


def test_the_folder_itself_may_not_lead_elsewhere(tmp_path: Path) -> None:
    away, home = tmp_path / "away", tmp_path / "home"
    put(away, {"a.xml": ubl(BILL)})
    home.mkdir()
    (home / "factures").symlink_to(away / "factures")
    assert alone(home, {}).codes() == ["documents-link-refused"]


def test_a_link_inside_the_folder_is_a_file_like_others(tmp_path: Path) -> None:
    put(tmp_path, {"a.pdf": facturx(BILL)})
    (tmp_path / "factures" / "b.pdf").symlink_to("a.pdf")
    assert len(alone(tmp_path, {}).ledger.invoices) == 1


def test_a_link_to_nothing_is_told(tmp_path: Path) -> None:
    put(tmp_path, {})
    (tmp_path / "factures").mkdir()
    (tmp_path / "factures" / "a.pdf").symlink_to("gone.pdf")
    assert alone(tmp_path, {}).codes() == ["file-unreadable"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    ledger = LedgerSettings(format="documents", documents="factures")
    found = Read(*read_ledger(Settings(tmp_path, OURS, "https://payer.example", ledger, Policy(currency="EUR"))))
    assert found.codes() == ["documents-missing"]


def test_what_a_system_leaves_behind_is_passed_over(tmp_path: Path) -> None:
    rubbish = {
        "._F-1.pdf": b"rubbish",
        ".trash/a.xml": b"rubbish",
        "~$a.xml": b"rubbish",
        "notes.txt": b"a",
        "a.PDF": facturx(BILL),
    }
    found = alone(tmp_path, rubbish)
    assert (found.problems, len(found.ledger.invoices)) == ([], 1)


def test_a_folder_that_may_not_be_listed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, {"closed/a.xml": ubl(BILL)})
    listing = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return listing(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = alone(tmp_path, {})
    assert found.codes() == ["file-unreadable"]
    assert found.found[0].where.file == "factures/closed"


# Whose PDF it is


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("F-2026-001", ("F-2026-001",)),
        ("Facture F-2026-001 Studio Verdier", ("F-2026-001",)),
        ("facture_f2026-001_verdier", ("F-2026-001",)),
        ("2026-11-02 F-2026-001", ("F-2026-001",)),
        ("F-2026-001 (1)", ("F-2026-001",)),
        ("F_2026_001_signée", ("F-2026-001",)),
        ("F-2026-0012", ()),
        ("F-2026-001-2", ()),
        ("F-2026-001b", ()),
        ("AF-2026-001", ()),
        ("7-F-2026-001", ()),
        ("F-2026-001 et F-2026-002", ("F-2026-001", "F-2026-002")),
        ("F-2026-001-A", ("F-2026-001-A",)),
        ("2026-12", ("2026-12",)),
        ("Facture 2026-12", ("2026-12",)),
        ("facture n° 2026-12 Brun", ("2026-12",)),
        ("relevé 2026-12", ()),
        ("2026-12 relevé Brun", ()),
        ("Facture 2026-12-01", ()),
        ("2026-12-01", ()),
        ("12", ("12",)),
        ("Facture 12", ("12",)),
        ("12 novembre", ()),
        ("Numéro 12 bis", ("12",)),
        ("conditions générales", ()),
        ("FACTURE É-7", ("é-7",)),
        ("", ()),
    ],
)
def test_the_number_of_an_invoice_stands_alone_in_a_name(name: str, numbers: tuple[str, ...]) -> None:
    known = Numbers(["F-2026-001", "F-2026-002", "F-2026-001-A", "2026-12", "12", "é-7"])
    assert known.within(name) == numbers


@settings(max_examples=examples(50))
@given(
    number=st.from_regex(r"[A-Z]{1,3}-[0-9]{1,4}", fullmatch=True), more=st.from_regex(r"[0-9A-Z]{1,3}", fullmatch=True)
)
def test_a_longer_number_is_never_taken_for_a_shorter_one(number: str, more: str) -> None:
    known = Numbers([number])
    assert known.within(f"Facture {number}") == (number,)
    assert known.within(f"Facture {number}{more}") == ()
    assert known.within(f"Facture {more}{number}") == ()


def test_a_pdf_named_after_two_invoices_is_linked_to_none(tmp_path: Path) -> None:
    rows = ROW + "F-2026-002;brun;01/10/2026;31/10/2026;50,00\n"
    found = beside(tmp_path, {"F-2026-001 et F-2026-002.pdf": blank_pdf()}, invoices=rows)
    assert found.codes() == ["pdf-ambiguous"]
    assert [invoice.document for invoice in found.ledger.invoices] == ["", ""]


def test_of_two_pdfs_the_one_that_is_called_like_the_invoice_is_its_own(tmp_path: Path) -> None:
    found = beside(tmp_path, {"F-2026-001.pdf": blank_pdf(), "F-2026-001 devis.pdf": pdf_with("a.txt", b"a")})
    assert found.codes() == ["pdf-not-linked"]
    assert found.ledger.invoices[0].document == "factures/F-2026-001.pdf"


def test_two_different_pdfs_of_one_name_are_linked_to_none(tmp_path: Path) -> None:
    found = beside(tmp_path, {"a/F-2026-001.pdf": blank_pdf(), "b/F-2026-001.pdf": pdf_with("a.txt", b"a")})
    assert found.codes() == ["pdf-ambiguous"] * 2
    assert found.ledger.invoices[0].document == ""


def test_two_copies_of_one_pdf_are_one(tmp_path: Path) -> None:
    found = beside(tmp_path, {"a/F-2026-001.pdf": blank_pdf(), "b/F-2026-001.pdf": blank_pdf()})
    assert found.problems == []
    assert found.ledger.invoices[0].document == "factures/a/F-2026-001.pdf"


def test_a_pdf_that_is_nobodys_is_only_noted(tmp_path: Path) -> None:
    found = beside(tmp_path, {"conditions.pdf": blank_pdf()})
    assert found.codes() == ["pdf-not-linked"]
    assert found.found[0].severity is Severity.NOTICE


def test_a_name_that_no_link_can_have_is_not_linked(tmp_path: Path) -> None:
    found = beside(tmp_path, {"F-2026-001 : copie.pdf": blank_pdf()})
    assert found.codes() == ["pdf-not-linked"]
