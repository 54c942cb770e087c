"""E-invoices beside a ledger, and as a ledger: what is read, what is added, what must agree, and what is never asked for."""

from __future__ import annotations

import sys
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from facturx import xml_check_xsd
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.config import LedgerSettings, Seller, Settings
from generator.domain.ledger import InvoiceStatus, Kind, Severity, SourceRef
from generator.domain.money import Money
from generator.domain.policy import Policy
from generator.problems import format_problem
from generator.readers import read_ledger
from generator.readers.einvoices.model import EInvoice
from generator.readers.einvoices.parsing import parse
from tests.readers.einvoice_maker import (
    BRUN,
    LUMEN,
    OUR_IBAN,
    VERDIER,
    Bill,
    Someone,
    blank_pdf,
    cents,
    cii,
    facturx,
    put,
    ubl,
)
from tests.readers.folder import Read
from tests.support.effort import examples

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OURS = Seller(
    "Atelier Lumen",
    "compta@atelier-lumen.example",
    siren="303265045",
    vat_number="FR40303265045",
    iban=OUR_IBAN,
    terms="30",
)
CLIENTS = (
    "id;name;email;siren\n"
    "verdier;Studio Verdier SAS;bonjour@verdier.example;732829320\n"
    "brun;Atelier Brun;compta@brun.example;\n"
)
ROW = "number;client;issued;due;total\nF-2026-001;verdier;01/10/2026;31/10/2026;1200,00\n"
NO_ROWS = "number;client;issued;due;total\n"
BILL = Bill()
forms = pytest.mark.parametrize("form", [ubl, cii], ids=["ubl", "cii"])


def read(
    folder: Path,
    files: dict[str, bytes],
    *,
    form: str = "csv",
    seller: Seller = OURS,
    documents: str = "factures",
    **ledger: str,
) -> Read:
    """Reads a folder with these invoices in `factures/` and these CSV files."""
    put(folder, files)
    (folder / "factures").mkdir(exist_ok=True)
    for name, text in ledger.items():
        path = folder / "ledger" / f"{name}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    ledger_settings = LedgerSettings(format=form, documents=documents)
    policy = Policy(currency=seller.currency)
    return Read(*read_ledger(Settings(folder, seller, "https://payer.example", ledger_settings, policy)))


def beside(
    folder: Path, files: dict[str, bytes], *, invoices: str = ROW, clients: str = CLIENTS, **others: Any
) -> Read:
    """Reads a CSV ledger with these invoices beside it."""
    return read(folder, files, invoices=invoices, clients=clients, **others)


def alone(folder: Path, files: dict[str, bytes], **others: Any) -> Read:
    """Reads these invoices as the whole ledger."""
    return read(folder, files, form="documents", **others)


def parsed(bill: Bill, form: Callable[[Bill], bytes] = cii) -> EInvoice:
    found = parse(form(bill), "factures/F.xml")
    assert isinstance(found, EInvoice)
    return found


# What is read


@pytest.mark.parametrize(
    "data",
    [
        ubl(BILL.but(order="BC-1", reference="S", preceding=("F-0",), terms="30", payee="Factor", prepaid="1.00")),
        ubl(BILL.but(kind="381", due="")),
        cii(BILL.but(order="BC-1", reference="S", preceding=("F-0",), terms="30", payee="Factor", prepaid="1.00")),
        cii(BILL.but(kind="381", due="", vat=(("0", 5_000),))),
    ],
    ids=["UBL invoice", "UBL credit note", "CII invoice", "CII credit note"],
)
def test_the_samples_are_invoices_by_the_official_schemas(data: bytes) -> None:
    xml_check_xsd(data)


@forms
def test_an_invoice_is_read_whole(tmp_path: Path, form: Callable[[Bill], bytes]) -> None:
    bill = BILL.but(vat=(("20.00", 100_000), ("5.50", 20_000)), order="BC-77", reference="SERVICE-1")
    found = alone(tmp_path, {"F-2026-001.xml": form(bill)})
    assert found.problems == []
    (invoice,) = found.ledger.invoices
    assert invoice.number == "F-2026-001"
    assert (invoice.issued, invoice.due) == (date(2026, 10, 1), date(2026, 10, 31))
    assert invoice.total == Money(141_100, "EUR")
    assert invoice.vat == ((Decimal(20), Decimal("1000.00")), (Decimal("5.5"), Decimal("200.00")))
    assert (invoice.order, invoice.subject) == ("BC-77", "Refonte du site")
    assert invoice.source == SourceRef("factures/F-2026-001.xml")
    client = found.ledger.clients[invoice.client]
    assert (client.id, client.name, client.email) == ("732829320", "Studio Verdier", "compta@verdier.example")
    assert (client.siren, client.vat_number, client.kind) == ("732829320", "FR44732829320", Kind.BUSINESS)
    assert (client.contact, client.address) == ("Anne Verdier", "Lyon")


def test_a_facturx_pdf_is_the_invoice_and_its_document(tmp_path: Path) -> None:
    found = alone(tmp_path, {"2026/facture 1.pdf": facturx(BILL)})
    assert found.problems == []
    (invoice,) = found.ledger.invoices
    assert (invoice.total, invoice.document) == (Money(120_000, "EUR"), "factures/2026/facture 1.pdf")


@forms
def test_both_forms_say_the_same(form: Callable[[Bill], bytes]) -> None:
    bill = BILL.but(order="BC-1", preceding=("F-0",), prepaid="200.00", payable="1000.00", terms="30 fin de mois")
    assert parsed(bill, form) == parsed(bill, cii)


def test_an_xml_alone_is_no_document_for_people(tmp_path: Path) -> None:
    found = alone(tmp_path, {"F-2026-001.xml": ubl(BILL)})
    assert found.ledger.invoices[0].document == ""


def test_the_pdf_beside_an_xml_is_its_document(tmp_path: Path) -> None:
    found = alone(tmp_path, {"F-2026-001.xml": ubl(BILL), "F-2026-001.pdf": blank_pdf()})
    assert found.problems == []
    assert found.ledger.invoices[0].document == "factures/F-2026-001.pdf"


def test_the_buyers_reference_stands_for_an_order(tmp_path: Path) -> None:
    found = alone(tmp_path, {"a.xml": ubl(BILL.but(reference="SERVICE-1"))})
    assert found.ledger.invoices[0].order == "SERVICE-1"


@pytest.mark.parametrize(("items", "subject"), [(("Une étagère",), "Une étagère"), (("Une étagère", "Pose"), "")])
def test_the_subject_is_the_only_thing_sold(tmp_path: Path, items: tuple[str, ...], subject: str) -> None:
    assert alone(tmp_path, {"a.xml": cii(BILL.but(items=items))}).ledger.invoices[0].subject == subject


@forms
def test_without_a_due_date_the_terms_count(tmp_path: Path, form: Callable[[Bill], bytes]) -> None:
    found = alone(tmp_path, {"a.xml": form(BILL.but(due="", terms="30 fin de mois"))})
    assert found.problems == []
    assert found.ledger.invoices[0].due == date(2026, 10, 31)


def test_terms_that_are_not_understood_are_told(tmp_path: Path) -> None:
    found = alone(tmp_path, {"a.xml": cii(BILL.but(due="", terms="à votre convenance"))})
    assert found.codes() == ["einvoice-terms-unread"]
    assert found.ledger.invoices[0].due == date(2026, 10, 31)  # the seller's 30 days


def test_nothing_is_asked_before_the_last_of_several_due_dates(tmp_path: Path) -> None:
    found = alone(tmp_path, {"a.xml": cii(BILL.but(due=("2026-10-15", "2026-11-15")))})
    assert found.codes() == ["einvoice-several-due-dates"]
    assert found.ledger.invoices[0].due == date(2026, 11, 15)


@forms
def test_a_date_that_no_calendar_has_is_told_like_any_other(tmp_path: Path, form: Callable[[Bill], bytes]) -> None:
    found = alone(tmp_path, {"a.xml": form(BILL.but(issued="2026-13-32"))})
    assert found.codes() == ["date-impossible"]
    assert found.found[0].where == SourceRef("factures/a.xml", 0, "BT-2 issue date")
    assert found.found[0].found == "2026-13-32"


@pytest.mark.parametrize("written", ["2026-10-31Z", "2026-10-31+02:00"])
def test_a_date_with_a_time_zone_is_that_day(written: str) -> None:
    assert parsed(BILL.but(due=written), ubl).last_due == "2026-10-31"


@pytest.mark.parametrize("total", ["1e3", "NaN", "INF", "-", "9" * 40])
def test_a_total_that_is_no_amount_is_refused(tmp_path: Path, total: str) -> None:
    found = alone(tmp_path, {"a.xml": ubl(BILL.but(total=total))})
    assert (found.codes(), found.ledger.invoices) == (["amount-unreadable"], ())


def test_three_decimals_are_never_thousands(tmp_path: Path) -> None:
    found = alone(tmp_path, {"a.xml": ubl(BILL.but(vat=(("0", 123),), total="1.234"))})
    assert found.codes() == ["amount-decimals"]


MINOR = st.integers(1, 10**9)
RATES = st.sampled_from(["0.00", "2.10", "5.50", "10", "20.00", "8.5"])


@settings(max_examples=examples(60))
@given(
    vat=st.lists(st.tuples(RATES, MINOR), min_size=1, max_size=4, unique_by=lambda pair: float(pair[0])),
    paid=st.integers(0, 100),
    issued=st.dates(date(2000, 1, 1), date(2098, 12, 31)),
    currency=st.sampled_from(["EUR", "CHF"]),
    form=st.sampled_from([ubl, cii]),
)
def test_amounts_rates_and_dates_come_back_as_they_were(
    vat: list[tuple[str, int]], paid: int, issued: date, currency: str, form: Callable[[Bill], bytes]
) -> None:
    bill = BILL.but(vat=tuple(vat), issued=issued.isoformat(), currency=currency)
    total = bill.net + bill.tax
    prepaid = total * paid // 100
    found = parsed(bill.but(prepaid=cents(prepaid), payable=cents(total - prepaid)), form)
    assert found.total == cents(total)
    assert found.prepaid == (cents(prepaid) if prepaid else "")
    assert (found.issued, found.currency) == (issued.isoformat(), currency)
    pairs = [part.split(":") for part in found.vat.split()]
    assert [(Decimal(rate), net) for rate, net in pairs] == [(Decimal(rate), cents(net)) for rate, net in vat]


# Beside a ledger


def test_the_row_of_the_ledger_is_completed(tmp_path: Path) -> None:
    rows = "number;client;issued;total\nF-2026-001;verdier;01/10/2026;1200,00\n"
    bill = BILL.but(due="2026-11-15", order="BC-77")
    found = beside(tmp_path, {"F-2026-001.pdf": facturx(bill)}, invoices=rows)
    assert found.problems == []
    (invoice,) = found.ledger.invoices
    assert (invoice.due, invoice.order, invoice.subject) == (date(2026, 11, 15), "BC-77", "Refonte du site")
    assert invoice.vat == ((Decimal(20), Decimal("1000.00")),)
    assert invoice.document == "factures/F-2026-001.pdf"
    assert invoice.source == SourceRef("ledger/invoices.csv", 2)


def test_what_the_ledger_says_is_never_overwritten(tmp_path: Path) -> None:
    rows = "number;client;issued;due;total;order;document\nF-2026-001;verdier;01/10/2026;31/10/2026;1200,00;MINE;https://f.example/1\n"
    found = beside(tmp_path, {"x.pdf": facturx(BILL.but(order="THEIRS"))}, invoices=rows)
    assert found.codes() == ["pdf-not-linked"]
    assert (found.ledger.invoices[0].order, found.ledger.invoices[0].document) == ("MINE", "https://f.example/1")


def test_terms_of_the_ledger_are_not_overruled_by_a_date(tmp_path: Path) -> None:
    rows = "number;client;issued;total;terms\nF-2026-001;verdier;01/10/2026;1200,00;60\n"
    assert beside(tmp_path, {"a.xml": ubl(BILL)}, invoices=rows).ledger.invoices[0].due == date(2026, 11, 30)


def test_a_number_written_with_other_signs_is_the_same_invoice(tmp_path: Path) -> None:
    found = beside(tmp_path, {"a.xml": ubl(BILL.but(number="F2026/001"))})
    assert [invoice.number for invoice in found.ledger.invoices] == ["F-2026-001"]


@pytest.mark.parametrize(
    ("changes", "column", "text"),
    [
        ({"vat": (("20", 90_000),)}, "total", 'the total is "1200,00" here, and 1080.00 EUR in factures/a.xml'),
        ({"currency": "CHF"}, "", ""),
        ({"issued": "2026-10-02"}, "issued", 'the invoice date is "01/10/2026" here, and 2026-10-02 in factures/a.xml'),
        ({"due": "2026-11-30"}, "due", 'the due date is "31/10/2026" here, and 2026-11-30 in factures/a.xml'),
        ({"buyer": BRUN}, "client", 'the client is "verdier" here, and Atelier Brun (552100554) in factures/a.xml'),
    ],
    ids=["total", "currency filled in", "date", "due too early", "buyer"],
)
def test_a_contradiction_names_both_places(tmp_path: Path, changes: dict[str, object], column: str, text: str) -> None:
    found = beside(tmp_path, {"a.xml": ubl(BILL.but(**changes))})
    if not column:
        assert found.ledger.invoices[0].total == Money(120_000, "CHF")
        return
    assert found.problems == [f"einvoice-differs 2 {column}"]
    assert found.found[0].where.file == "ledger/invoices.csv"
    assert text in format_problem(found.found[0])
    assert found.ledger.invoices == ()


def test_an_invoice_of_another_client_is_shown_to_nobody(tmp_path: Path) -> None:
    buyer = Someone("Atelier Brun")  # by the name alone
    found = beside(tmp_path, {"F-2026-001.pdf": facturx(BILL.but(buyer=buyer))})
    assert found.problems == ["einvoice-differs 2 client"]
    assert 'the client is "verdier" here, and Atelier Brun in factures/F-2026-001.pdf' in found.found[0].message


def test_another_spelling_of_a_name_is_no_contradiction(tmp_path: Path) -> None:
    found = beside(tmp_path, {"a.xml": ubl(BILL.but(buyer=Someone("S.A.S. Verdier, Studio")))})
    assert found.problems == []


def test_another_currency_than_the_ledger_says_is_a_contradiction(tmp_path: Path) -> None:
    rows = "number;client;issued;due;total;currency\nF-2026-001;verdier;01/10/2026;31/10/2026;1200,00;EUR\n"
    found = beside(tmp_path, {"a.xml": ubl(BILL.but(currency="CHF"))}, invoices=rows)
    assert found.codes() == ["einvoice-differs"]


def test_more_time_in_the_ledger_is_only_a_warning(tmp_path: Path) -> None:
    found = beside(tmp_path, {"a.xml": ubl(BILL.but(due="2026-10-15"))})
    assert found.codes() == ["einvoice-due-later"]
    assert found.ledger.invoices[0].due == date(2026, 10, 31)


def test_the_parts_of_an_invoice_share_its_document(tmp_path: Path) -> None:
    rows = (
        "number;part;client;issued;due;total\nF-2026-001;1;verdier;01/10/2026;31/10/2026;700,00\n"
        "F-2026-001;2;verdier;01/10/2026;30/11/2026;500,00\n"
    )
    found = beside(tmp_path, {"F-2026-001.pdf": facturx(BILL)}, invoices=rows)
    assert found.problems == []
    assert [invoice.document for invoice in found.ledger.invoices] == ["factures/F-2026-001.pdf"] * 2
    assert [invoice.due for invoice in found.ledger.invoices] == [date(2026, 10, 31), date(2026, 11, 30)]


# Who the buyer is


@pytest.mark.parametrize(
    ("buyer", "client"),
    [
        (Someone("Anything at all", siren="732829320"), "verdier"),
        (Someone("Anything at all", vat_number="FR44732829320"), "verdier"),
        (Someone("Atelier Brun & fils", email="Compta@Brun.example"), "brun"),
        (Someone("ATELIER  BRUN"), "brun"),
    ],
    ids=["SIREN", "VAT number", "email", "name"],
)
def test_an_invoice_in_no_row_is_added_for_its_client(tmp_path: Path, buyer: Someone, client: str) -> None:
    found = beside(tmp_path, {"a.xml": cii(BILL.but(buyer=buyer))}, invoices=NO_ROWS)
    assert found.codes() == ["einvoice-added"]
    assert [(invoice.number, invoice.client) for invoice in found.ledger.invoices] == [("F-2026-001", client)]


@pytest.mark.parametrize("name", ["Garage du Port", "Atelier Blanc"])
def test_an_address_alone_names_nobody_for_an_accountant_reads_the_mail_of_many(tmp_path: Path, name: str) -> None:
    buyer = Someone(name, email="compta@brun.example")
    found = beside(tmp_path, {"a.xml": cii(BILL.but(buyer=buyer))}, invoices=NO_ROWS)
    assert "einvoice-buyer-unknown" in found.codes()
    assert found.ledger.invoices == ()


def test_a_name_is_not_enough_when_the_numbers_differ(tmp_path: Path) -> None:
    buyer = Someone("Studio Verdier SAS", siren="552100554")
    found = beside(tmp_path, {"a.xml": cii(BILL.but(buyer=buyer))}, invoices=NO_ROWS)
    assert "einvoice-buyer-unknown" in found.codes()
    assert found.ledger.invoices == ()


def test_an_unknown_buyer_is_told_with_the_number_to_write(tmp_path: Path) -> None:
    clients = "id;name;email\nverdier;Studio V.;bonjour@verdier.example\n"
    found = beside(tmp_path, {"a.xml": cii(BILL)}, invoices=NO_ROWS, clients=clients)
    (unknown,) = [problem for problem in found.found if problem.severity is Severity.ERROR]
    assert unknown.code == "einvoice-buyer-unknown"
    assert "SIREN 732829320" in unknown.remedy


def test_a_buyer_who_could_be_two_clients_is_not_guessed(tmp_path: Path) -> None:
    clients = CLIENTS + "verdier-lyon;Verdier Lyon;lyon@verdier.example;732829320\n"
    found = beside(
        tmp_path, {"a.xml": cii(BILL.but(buyer=Someone("V.", "732829320")))}, invoices=NO_ROWS, clients=clients
    )
    assert "einvoice-buyer-ambiguous" in found.codes()
    assert "verdier or verdier-lyon" in found.found[0].message
    chosen = beside(
        tmp_path,
        {"a.xml": cii(BILL.but(buyer=Someone("Verdier Lyon", "732829320")))},
        invoices=NO_ROWS,
        clients=clients,
    )
    assert chosen.ledger.invoices[0].client == "verdier-lyon"


def test_a_client_made_of_buyers_is_one_however_they_are_written(tmp_path: Path) -> None:
    bills = {
        "1.xml": cii(Bill("F-1", buyer=Someone("Studio Verdier"))),
        "2.xml": cii(Bill("F-2", buyer=Someone("VERDIER", email="compta@verdier.example", siren="732829320"))),
        "3.xml": cii(Bill("F-3", "2026-10-20", buyer=Someone("Studio Verdier", siren="732829320"))),
        "4.xml": cii(Bill("F-4", buyer=Someone("Verdier", email="compta@verdier.example"))),
    }
    found = alone(tmp_path, bills)
    assert found.problems == []
    assert {invoice.client for invoice in found.ledger.invoices} == {"732829320"}
    (client,) = found.ledger.clients.values()
    assert (client.name, client.email) == ("Studio Verdier", "compta@verdier.example")


def test_a_list_of_clients_says_what_invoices_do_not(tmp_path: Path) -> None:
    found = alone(
        tmp_path,
        {"a.xml": ubl(BILL), "b.xml": ubl(Bill("F-2", buyer=BRUN))},
        clients=CLIENTS.replace("brun;", "autre;"),
    )
    assert {invoice.number: invoice.client for invoice in found.ledger.invoices} == {
        "F-2026-001": "verdier",
        "F-2": "autre",
    }
    assert found.ledger.clients["verdier"].email == "bonjour@verdier.example"


@pytest.mark.parametrize(
    ("buyer", "kind"),
    [(VERDIER, Kind.BUSINESS), (Someone("Mairie", "217500016", email="a@mairie.example"), Kind.PUBLIC)],
)
def test_the_kind_of_a_buyer_is_what_their_numbers_prove(tmp_path: Path, buyer: Someone, kind: Kind) -> None:
    (client,) = alone(tmp_path, {"a.xml": ubl(BILL.but(buyer=buyer))}).ledger.clients.values()
    assert client.kind is kind


def test_a_buyer_without_numbers_is_addressed_as_a_consumer(tmp_path: Path) -> None:
    (client,) = alone(
        tmp_path, {"a.xml": ubl(BILL.but(buyer=Someone("Madame Loup", email="l@loup.example")))}
    ).ledger.clients.values()
    assert (client.kind, client.id) == (Kind.UNKNOWN, "l@loup.example")


def test_payments_beside_a_ledger_of_e_invoices_are_read(tmp_path: Path) -> None:
    payments = "date;client;amount;invoice\n05/11/2026;732829320;200,00;F-2026-001\n"
    found = alone(tmp_path, {"a.xml": ubl(BILL)}, payments=payments)
    assert found.problems == []
    assert [payment.amount for payment in found.ledger.payments] == [Money(20_000, "EUR")]


# What is not asked for


def test_a_prepaid_part_counts_as_paid(tmp_path: Path) -> None:
    found = alone(tmp_path, {"a.xml": ubl(BILL.but(prepaid="300.00", payable="900.00"))})
    assert found.codes() == ["einvoice-prepaid"]
    assert found.ledger.invoices[0].total == Money(120_000, "EUR")
    (payment,) = found.ledger.payments
    assert (payment.amount, payment.invoices, payment.date) == (
        Money(30_000, "EUR"),
        ("F-2026-001",),
        date(2026, 10, 1),
    )


def test_what_is_due_for_payment_counts_in_a_profile_without_prepaid_amounts(tmp_path: Path) -> None:
    smallest = cii(BILL.but(payable="900.00")).replace(b"urn:cen.eu:en16931:2017", b"urn:factur-x.eu:1p0:minimum")
    found = alone(tmp_path, {"a.xml": smallest})
    assert [payment.amount for payment in found.ledger.payments] == [Money(30_000, "EUR")]


def test_a_prepayment_booked_before_the_invoice_counts_once(tmp_path: Path) -> None:
    payments = (
        "date;client;amount;invoice\n15/09/2026;verdier;100,00;F-2026-001\n10/10/2026;verdier;250,00;F-2026-001\n"
    )
    bill = ubl(BILL.but(prepaid="300.00", payable="900.00"))
    found = beside(tmp_path, {"a.xml": bill}, payments=payments)
    assert sorted(payment.amount.minor for payment in found.ledger.payments) == [10_000, 20_000, 25_000]


@pytest.mark.parametrize(
    "rows",
    [
        "number;client;issued;due;total\nF-2026-001;verdier;01/10/2026;31/10/2026;900,00\n",
        "number;client;issued;due;total;paid_on\nF-2026-001;verdier;01/10/2026;31/10/2026;1200,00;02/11/2026\n",
        "number;client;issued;due;total;status\nF-2026-001;verdier;01/10/2026;31/10/2026;1200,00;annulée\n",
        "number;client;issued;due;total;paid_amount\nF-2026-001;verdier;01/10/2026;31/10/2026;1200,00;300,00\n",
    ],
    ids=["the ledger has the rest", "paid since", "void", "a part noted beside it"],
)
def test_a_prepayment_is_not_counted_where_the_ledger_knows_better(tmp_path: Path, rows: str) -> None:
    found = beside(tmp_path, {"a.xml": ubl(BILL.but(prepaid="300.00", payable="900.00"))}, invoices=rows)
    assert found.problems == []
    assert [payment.amount.minor for payment in found.ledger.payments] in ([], [120_000])


def test_more_due_than_the_total_is_not_asked(tmp_path: Path) -> None:
    found = alone(tmp_path, {"a.xml": ubl(BILL.but(prepaid="-300.00", payable="1500.00"))})
    assert (found.ledger.invoices[0].total, found.ledger.payments) == (Money(120_000, "EUR"), ())


def test_a_rounding_is_part_of_the_total(tmp_path: Path) -> None:
    found = alone(tmp_path, {"a.xml": cii(BILL.but(vat=(("20", 100_002),), rounding="-0.02", payable="1200.00"))})
    assert (found.ledger.invoices[0].total, found.ledger.payments) == (Money(120_000, "EUR"), ())


@forms
def test_a_credit_note_credits_the_invoice_it_names(tmp_path: Path, form: Callable[[Bill], bytes]) -> None:
    note = Bill("A-1", "2026-10-10", due="", kind="381", vat=(("20", 10_000),), preceding=("F-2026-001",))
    found = beside(tmp_path, {"A-1.xml": form(note)})
    assert found.codes() == ["einvoice-added"]
    (credit,) = found.ledger.credit_notes
    assert (credit.number, credit.amount, credit.invoice) == ("A-1", Money(12_000, "EUR"), "F-2026-001")


@pytest.mark.parametrize("preceding", [("F-OLD",), ("F-2026-001", "F-OLD")])
def test_a_credit_of_what_is_not_there_goes_to_the_client(tmp_path: Path, preceding: tuple[str, ...]) -> None:
    note = Bill("A-1", "2026-10-10", due="", kind="381", preceding=preceding)
    found = beside(tmp_path, {"A-1.xml": ubl(note)})
    assert "einvoice-credits-unknown" in found.codes()
    assert [(credit.client, credit.invoice) for credit in found.ledger.credit_notes] == [("verdier", "")]


def test_an_invoice_of_less_than_nothing_is_a_credit_note(tmp_path: Path) -> None:
    found = beside(tmp_path, {"A-1.xml": ubl(Bill("A-1", vat=(("20", -10_000),)))})
    assert [credit.amount for credit in found.ledger.credit_notes] == [Money(12_000, "EUR")]


def test_a_corrected_invoice_takes_the_place_of_the_first(tmp_path: Path) -> None:
    corrected = Bill("F-2", "2026-10-05", kind="384", vat=(("20", 90_000),), preceding=("F-2026-001",))
    found = alone(tmp_path, {"1.xml": ubl(BILL), "2.xml": ubl(corrected)})
    assert found.codes() == ["einvoice-corrected"]
    assert {invoice.number: invoice.status for invoice in found.ledger.invoices} == {
        "F-2026-001": InvoiceStatus.VOID,
        "F-2": InvoiceStatus.OPEN,
    }


def test_a_corrected_invoice_that_the_ledger_still_asks_for_is_a_contradiction(tmp_path: Path) -> None:
    rows = "number;client;issued;due;total;status\nF-2026-001;verdier;01/10/2026;31/10/2026;1200,00;émise\n"
    corrected = Bill("F-2", "2026-10-05", kind="384", preceding=("F-2026-001",))
    found = beside(tmp_path, {"2.xml": ubl(corrected)}, invoices=rows)
    assert "einvoice-differs 2 status" in found.problems


def test_a_factored_invoice_is_owed_to_someone_else(tmp_path: Path) -> None:
    found = beside(tmp_path, {"a.xml": ubl(BILL.but(kind="393", iban="FR7612345987650123456789014"))})
    assert found.problems == []
    assert found.ledger.invoices[0].status is InvoiceStatus.FACTORED


@pytest.mark.parametrize("kind", ["325", "751"])
def test_what_asks_for_no_money_is_left_out(tmp_path: Path, kind: str) -> None:
    found = alone(tmp_path, {"a.xml": ubl(BILL.but(kind=kind))})
    assert (found.codes(), found.ledger.invoices) == (["einvoice-other"], ())


@pytest.mark.parametrize(
    ("bill", "code"),
    [
        (BILL.but(seller=VERDIER, buyer=LUMEN), "einvoice-received"),
        (BILL.but(seller=BRUN, buyer=VERDIER), "einvoice-other-seller"),
        (BILL.but(seller=Someone("Atelier Lumen", "552100554")), "einvoice-other-seller"),
    ],
    ids=["a supplier's", "a stranger's", "a namesake's"],
)
def test_an_invoice_in_another_sellers_name_is_never_asked_for(tmp_path: Path, bill: Bill, code: str) -> None:
    found = beside(tmp_path, {"F-2026-001.pdf": facturx(bill)})
    assert found.codes() == [code]
    assert (found.ledger.invoices[0].document, len(found.ledger.invoices)) == ("", 1)


def test_without_numbers_of_ours_the_name_decides(tmp_path: Path) -> None:
    nameless = Seller("Atelier  LUMEN", "compta@atelier-lumen.example", terms="30")
    assert len(alone(tmp_path, {"a.xml": ubl(BILL)}, seller=nameless).ledger.invoices) == 1
    other = Seller("Lumen & Cie", "compta@atelier-lumen.example", terms="30")
    found = alone(tmp_path, {"a.xml": ubl(BILL)}, seller=other)
    assert found.codes() == ["einvoice-other-seller"]
    assert 'siren = "303265045"' in found.found[0].remedy


def test_another_account_is_told_once_with_its_holder(tmp_path: Path) -> None:
    other = "FR7612345987650123456789014"
    bills = {f"{n}.xml": cii(Bill(f"F-{n}", iban=other, payee="Affacturage du Nord")) for n in range(3)}
    found = alone(tmp_path, bills)
    assert found.codes() == ["einvoice-other-iban"]
    assert "F-0 and 2 more" in found.found[0].message
    assert f'"{other}" (Affacturage du Nord)' in found.found[0].message
    assert OUR_IBAN in found.found[0].message


# Two files, one number


def test_the_same_invoice_in_two_forms_counts_once(tmp_path: Path) -> None:
    found = alone(tmp_path, {"F-1.xml": ubl(BILL), "F-1.pdf": facturx(BILL), "copy/F-1.pdf": facturx(BILL)})
    assert found.problems == []
    assert [invoice.document for invoice in found.ledger.invoices] == ["factures/F-1.pdf"]


def test_two_invoices_with_one_number_are_a_problem(tmp_path: Path) -> None:
    found = alone(tmp_path, {"a.xml": ubl(BILL), "b.xml": ubl(BILL.but(vat=(("20", 5_000),)))})
    assert found.codes() == ["invoice-duplicate"]
    assert "factures/a.xml" in found.found[0].message
    assert found.found[0].where.file == "factures/b.xml"


# Without the library


def test_without_the_library_it_is_told_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "facturx", None)
    payments = "date;client;amount;invoice\n05/11/2026;verdier;200,00;F-9\n"
    found = beside(tmp_path, {"a.xml": ubl(BILL)}, payments=payments)
    assert found.codes() == ["einvoice-library-missing"]
    assert "pip install 'relance[einvoice]'" in found.found[0].remedy


def test_a_ledger_without_documents_needs_no_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "facturx", None)
    assert read(tmp_path, {}, documents="", clients=CLIENTS, invoices=ROW).problems == []
