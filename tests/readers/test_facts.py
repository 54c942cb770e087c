"""Rows become facts: what may be left empty, what comes instead, and what cannot be true together."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from generator.domain.ledger import Channel, InvoiceStatus, Kind
from generator.domain.money import Money
from tests.readers.folder import CLIENTS, INVOICES, again, read, seller

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "number;client;issued;due;total"


def euros(text: str) -> Money:
    return Money.of(text, "EUR")


def test_a_client_with_everything(tmp_path: Path) -> None:
    head = "id;nom;email;interlocuteur;langue;type;canal;siren;tva intracommunautaire;adresse;conditions"
    row = "verdier;Studio Verdier;a@verdier.example;Mme Verdier;anglais;Professionnel;téléphone;303 265 045;FR 40 303265045"
    row += ';"1 rue X\n69000 Lyon";45 jours fin de mois;10 25;15;5;31/12/2026;oui'
    clients = f"{head};payment_days;paie_le;grace_days;hold_until;opt_out\n{row}\n"
    found = read(tmp_path, clients=clients)
    assert found.problems == []
    client = found.ledger.clients["verdier"]
    assert (client.language, client.kind, client.channel) == ("en", Kind.BUSINESS, Channel.PHONE)
    assert (client.siren, client.vat_number) == ("303265045", "FR40303265045")
    assert (client.payment_days, client.pays_on, client.grace_days) == ((10, 25), (15,), 5)
    assert (client.hold_until, client.opt_out) == (date(2026, 12, 31), True)
    assert client.address == "1 rue X\n69000 Lyon"


def test_what_a_client_does_not_say_is_left_open(tmp_path: Path) -> None:
    client = read(tmp_path, seller=seller(language="en")).ledger.clients["verdier"]
    assert (client.kind, client.channel, client.language, client.grace_days) == (Kind.UNKNOWN, None, "en", None)


@pytest.mark.parametrize("twin", ["VERDIER", "verdier", "Verdier", "ｖｅｒｄｉｅｒ"])
def test_ids_that_people_would_call_the_same_collide(tmp_path: Path, twin: str) -> None:
    found = read(tmp_path, clients=f"{CLIENTS}{twin};Autre;x@autre.example\n")
    assert found.problems == ["client-duplicate 4 id"]


def test_ids_are_found_whatever_their_unicode_form(tmp_path: Path) -> None:
    clients = "id;name;email\ne\u0301lan;Élan;a@elan.example\n"
    found = read(tmp_path, clients=clients, invoices=f"{HEAD}\nF-1;ÉLAN;01/10/2026;;120\n")
    assert found.problems == []
    assert list(found.ledger.clients) == ["élan"]
    assert found.ledger.invoices[0].client == "élan"


def test_an_address_is_asked_for_only_where_one_is_needed(tmp_path: Path) -> None:
    clients = "id;name;email;channel\nverdier;Verdier;;\nbrun;Brun;;letter\nclos;Clos;;\ndune;Dune;;\n"
    invoices = f"{HEAD}\nF-1;verdier;01/10/2026;;120\nF-2;brun;01/10/2026;;120\nF-3;dune;01/10/2026;;120\n"
    contacts = "client;name;role;email\ndune;Paul;comptabilité;paul@dune.example\n"
    found = read(tmp_path, clients=clients, invoices=invoices, contacts=contacts)
    assert found.problems == ["email-missing 2 email"]
    assert found.ledger.contacts[0].role == "pays"


def test_the_due_date_comes_from_the_invoice_the_client_or_the_seller(tmp_path: Path) -> None:
    clients = "id;name;email;terms;payment_days\nverdier;Verdier;a@verdier.example;45 fin de mois;\nbrun;Brun;a@brun.example;;10\n"
    rows = [
        "F-1;verdier;10/03/2026;20/03/2026;;1",
        "F-2;verdier;10/03/2026;;comptant;1",
        "F-3;verdier;10/03/2026;;;1",
        "F-4;brun;10/03/2026;;;1",
        "F-5;brun;10/03/2026;11/04/2026;;1",
    ]
    found = read(tmp_path, clients=clients, invoices="number;client;issued;due;terms;total\n" + "\n".join(rows))
    assert found.problems == []
    assert [str(invoice.due) for invoice in found.ledger.invoices] == [
        "2026-03-20",
        "2026-03-10",
        "2026-04-30",
        "2026-04-10",
        "2026-04-11",
    ]


def test_without_terms_anywhere_a_due_date_is_asked_for(tmp_path: Path) -> None:
    invoices = f"{HEAD};status\nF-1;verdier;01/10/2026;;120;\nF-2;verdier;01/10/2026;;120;brouillon\n"
    found = read(tmp_path, invoices=invoices, seller=seller(terms=""))
    assert found.problems == ["due-missing 2 due"]
    assert [invoice.number for invoice in found.ledger.invoices] == ["F-2"]


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("", "open"),
        ("Envoyée", "open"),
        ("impayée", "open"),
        ("Brouillon", "draft"),
        ("annulée", "void"),
        ("Passée en perte", "written_off"),
        ("en litige", "litigation"),
        ("cédée", "factored"),
    ],
)
def test_the_status_in_the_owners_words(tmp_path: Path, word: str, status: str) -> None:
    found = read(tmp_path, invoices=f"{HEAD};statut\nF-1;verdier;01/10/2026;;120;{word}\n")
    assert [invoice.status for invoice in found.ledger.invoices] == [InvoiceStatus(status)]


def test_a_draft_without_a_number_is_no_invoice_yet(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        invoices=f"{INVOICES.strip()}\n".replace("total", "total;status") + ";verdier;02/10/2026;;80;brouillon\n",
    )
    assert found.problems == []
    assert len(found.ledger.invoices) == 1


def test_a_negative_total_is_a_credit_note_even_before_its_invoice(tmp_path: Path) -> None:
    rows = [
        "A-1;verdier;05/10/2026;;-20,00;f-1;;Rabais",
        "F-1;verdier;01/10/2026;;120,00;;;",
        "A-2;verdier;06/10/2026;;-5,00;;annulée;",
    ]
    found = read(tmp_path, invoices=f"{HEAD};credit_of;status;subject\n" + "\n".join(rows))
    assert found.problems == []
    assert [(note.number, note.amount, note.invoice, note.subject) for note in found.ledger.credit_notes] == [
        ("A-1", euros("20.00"), "F-1", "Rabais")
    ]


def test_paid_on_is_a_payment_in_full_that_names_its_invoice(tmp_path: Path) -> None:
    rows = [
        "F-1;verdier;01/10/2026;;120,00;30/10/2026;",
        "F-2;verdier;01/10/2026;;80,00;31/10/2026;2",
        "A-1;verdier;02/10/2026;;-20,00;03/10/2026;",
    ]
    found = read(tmp_path, invoices=f"{HEAD};payée le;part\n" + "\n".join(rows))
    assert found.problems == []
    assert [(payment.date.day, str(payment.amount), payment.invoices) for payment in found.ledger.payments] == [
        (30, "120.00", ("F-1",)),
        (31, "80.00", ("F-2/2",)),
        (3, "-20.00", ()),
    ]


def test_parts_share_a_number_and_nothing_else_does(tmp_path: Path) -> None:
    rows = [
        "F-1;verdier;01/10/2026;;100;1",
        "F-1;verdier;01/10/2026;;100;2",
        "F-1;verdier;01/10/2026;;100;2",
        "F-1;brun;01/10/2026;;100;3",
        "F-1/1;verdier;01/10/2026;;100;",
    ]
    found = read(tmp_path, invoices=f"{HEAD};part\n" + "\n".join(rows))
    assert found.problems == ["invoice-duplicate 4 number", "invoice-duplicate 5 number", "invoice-duplicate 6 number"]


def test_a_payment_names_invoices_as_people_write_them(tmp_path: Path) -> None:
    invoices = f"{HEAD}\n" + "".join(
        f"{number};verdier;01/10/2026;;100\n" for number in ("F-1", "F-2", "FA 2026 3", "2026/4")
    )
    named = ["F-1", "f-1 F-2", "F-1, F-2", "F-1;F-2", "FA 2026 3", "FA 2026 3, F-1", "2026/4", ""]
    payments = "date,client,amount,invoice\n" + "".join(
        f'2026-11-{day:02},verdier,10,"{names}"\n' for day, names in enumerate(named, 1)
    )
    found = read(tmp_path, invoices=invoices, payments=payments)
    assert found.problems == []
    assert [payment.invoices for payment in found.ledger.payments] == [
        ("F-1",),
        ("F-1", "F-2"),
        ("F-1", "F-2"),
        ("F-1", "F-2"),
        ("FA 2026 3",),
        ("FA 2026 3", "F-1"),
        ("2026/4",),
        (),
    ]


def test_the_currency_is_written_or_the_sellers_and_a_payment_has_its_invoices(tmp_path: Path) -> None:
    invoices = f"{HEAD};devise\nF-1;verdier;01/10/2026;;120;GBP\nF-2;verdier;01/10/2026;;120 £;\nF-3;verdier;01/10/2026;;120;\n"
    payments = "date;client;amount;invoice;devise\n02/11/2026;verdier;50;F-1;GBP\n03/11/2026;verdier;50;F-2;\n"
    found = read(tmp_path, invoices=invoices, payments=payments)
    assert [invoice.total.currency for invoice in found.ledger.invoices] == ["GBP", "GBP", "EUR"]
    assert found.problems == ["payment-other-currency 3 invoice"]


def test_a_bounced_cheque_and_an_overpayment_are_fine(tmp_path: Path) -> None:
    payments = "date;client;amount;invoice\n02/11/2026;verdier;120,00;F-1\n05/11/2026;verdier;-120,00;F-1\n09/11/2026;verdier;150,00;F-1\n"
    found = read(tmp_path, payments=payments)
    assert found.problems == ["payment-exceeds-debt 4 invoice"]
    assert [payment.amount.minor for payment in found.ledger.payments] == [12000, -12000, 15000]


def test_one_slip_is_told_once(tmp_path: Path) -> None:
    """A client or invoice whose row has an error is not unknown to the other files as well."""
    clients = CLIENTS.replace("compta@verdier.example", "compta@")
    invoices = INVOICES.replace("120,00", "douze")
    found = read(
        tmp_path, clients=clients, invoices=invoices, payments="date;client;amount;invoice\n02/11/2026;verdier;50;F-1\n"
    )
    assert found.problems == ["email-wrong 2 email", "amount-unreadable 2 total"]
    unreadable = read(tmp_path, clients=b"PK\x03\x04", invoices=INVOICES)
    assert unreadable.problems[0] == "file-binary 0"
    assert "client-unknown" not in unreadable.codes()


def test_everything_is_told_at_once_in_the_order_of_the_files(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        clients=f"{CLIENTS}CON;Console;nowhere\n",
        invoices=f"{INVOICES}F-1;nobody;31/02/2026;;abc\n",
        payments="date;client;amount;invoice\nhier;verdier;;F-9\n",
    )
    assert found.problems == [
        "id-refused 4 id",
        "email-wrong 4 email",
        "invoice-duplicate 3 number",
        "client-unknown 3 client",
        "date-impossible 3 issued",
        "amount-unreadable 3 total",
        "date-unreadable 2 date",
        "cell-missing 2 amount",
        "payment-unknown-invoice 2 invoice",
    ]


def test_rows_that_end_an_agreement_take_the_place_of_those_in_force(tmp_path: Path) -> None:
    head = "agreement;client;invoices;signed_on;due;amount;status;note"
    first, second = "E-1;verdier;F-1;2026-11-02;2026-12-01;60", "E-1;verdier;F-1;2026-11-02;2027-01-01;60"
    rows = [f"{second};annulé;parti", f"{first};;six fois", f"{second};actif;six fois", f"{first};annulé;parti"]
    found = read(tmp_path, relance_agreements=f"{head}\n" + "\n".join(rows))
    (agreement,) = found.ledger.agreements
    assert (agreement.status, agreement.note) == ("cancelled", "parti\nsix fois")
    assert [str(amount) for _, amount in agreement.instalments] == ["60.00", "60.00"]


@pytest.mark.parametrize("other", ["2026-12-01", "2027-01-01"])
def test_an_agreement_is_not_ended_in_part(tmp_path: Path, other: str) -> None:
    head = "agreement;client;invoices;signed_on;due;amount;status"
    first, second = "E-1;verdier;F-1;2026-11-02;2026-12-01;60", f"E-1;verdier;F-1;2026-11-02;{other};60"
    found = read(tmp_path, relance_agreements=f"{head}\n{first};\n{second};\n{second};annulé")
    assert [problem.split()[0] for problem in found.problems] == ["agreement-inconsistent"]


def test_an_agreement_is_made_of_its_rows(tmp_path: Path) -> None:
    head = "agreement;client;invoices;signed_on;due;amount;status"
    rows = ["E-1;verdier;F-1;02/11/2026;01/01/2027;60,00;actif", "E-1;verdier;f-1;02/11/2026;01/12/2026;60,00;"]
    found = read(tmp_path, relance_agreements=f"{head}\n" + "\n".join(rows))
    assert found.problems == []
    (agreement,) = found.ledger.agreements
    assert agreement.invoices == ("F-1",)
    assert agreement.instalments == ((date(2026, 12, 1), euros("60.00")), (date(2027, 1, 1), euros("60.00")))
    assert (agreement.status, agreement.signed_on) == ("active", date(2026, 11, 2))


def test_promises_and_disputes(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        relance_promises="client;made_on;on;invoices;amount\nverdier;02/11/2026;12/11/2026;F-1;60,00\nverdier;02/11/2026;12/11/2026;;\n",
        relance_disputes='invoice;opened_on;closed_on;reason\nF-1;02/11/2026;;"two\nlines"\n',
    )
    assert found.problems == []
    assert [(promise.invoices, promise.amount) for promise in found.ledger.promises] == [
        (("F-1",), euros("60.00")),
        ((), None),
    ]
    assert [(dispute.invoice, dispute.reason) for dispute in found.ledger.disputes] == [("F-1", "two\nlines")]


def test_an_invoice_with_everything(tmp_path: Path) -> None:
    head = f"{HEAD};objet;commande;vat;document;received_on;promised_on"
    head += ";discount_percent;discount_days;disputed_on;dispute_reason"
    row = "F-1;verdier;01/10/2026;31/10/2026;1 260,00;Refonte;BC-7;20:1000,00 10:54,55;https://verdier.example/f1.pdf;03/10/2026;12/11/2026;2;8;05/11/2026;quantité"
    (invoice,) = read(tmp_path, invoices=f"{head}\n{row}\n").ledger.invoices
    assert (invoice.subject, invoice.order, invoice.document) == ("Refonte", "BC-7", "https://verdier.example/f1.pdf")
    assert invoice.vat == ((Decimal(20), Decimal("1000.00")), (Decimal(10), Decimal("54.55")))
    assert (invoice.discount_percent, invoice.discount_days) == (Decimal(2), 8)
    assert (invoice.received_on, invoice.promised_on, invoice.disputed_on) == (
        date(2026, 10, 3),
        date(2026, 11, 12),
        date(2026, 11, 5),
    )


def test_a_document_is_https_or_a_file_inside_the_folder(tmp_path: Path) -> None:
    (tmp_path / "factures").mkdir()
    (tmp_path / "factures/F-1.pdf").write_bytes(b"%PDF")
    (tmp_path / "out").symlink_to("/etc")
    links = [
        "factures/F-1.pdf",
        "factures/F-2.pdf",
        "https://a.example/f?id=1#p",
        "http://a.example/f",
        "HTTPS://u:p@a.example/",
        "https://a.example\\@b.example/",
        "javascript:alert(1)",
        "data:x",
        "//a.example/f",
        "/etc/passwd",
        "../x",
        "factures/../../x",
        "out/passwd",
        "file:///etc/passwd",
        "https://",
        "~/x",
        "c:\\x",
    ]
    rows = "".join(f"F-{number};verdier;01/10/2026;;1;{link}\n" for number, link in enumerate(links, 1))
    found = read(tmp_path, invoices=f"{HEAD};document\n{rows}")
    assert [invoice.document for invoice in found.ledger.invoices] == [
        "factures/F-1.pdf",
        "",
        "https://a.example/f?id=1#p",
    ]
    assert found.codes() == ["document-missing"] + ["document-refused"] * 14


def test_html_in_a_name_is_the_pages_business(tmp_path: Path) -> None:
    found = read(tmp_path, clients="id;name;email\nverdier;<script>alert(1)</script>;a@verdier.example\n")
    assert found.problems == []
    assert found.ledger.clients["verdier"].name == "<script>alert(1)</script>"


def test_an_unknown_format_is_a_problem_of_the_policy(tmp_path: Path) -> None:
    found = again(tmp_path, form="excel")
    assert found.ledger.clients == {}
    assert found.codes() == ["ledger-format-unknown"]
