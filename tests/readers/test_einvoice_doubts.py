"""E-invoices that could be anybody's, or ask for nobody knows what: who is whom, what adds up, and what is counted only once."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from generator.domain.ledger import InvoiceStatus, Severity
from generator.domain.money import Money
from generator.problems import format_problem
from tests.readers.einvoice_maker import BRUN, Bill, Someone, blank_pdf, cii, facturx, ubl
from tests.readers.test_einvoices import CLIENTS, ROW, alone, beside

if TYPE_CHECKING:
    from pathlib import Path

    from tests.readers.folder import Read

BILL = Bill()
JEAN = Someone("Jean Dupont", email="j@a.example")
ADDRESSLESS = Someone("Jean Dupont")
PAID = "date;client;amount;invoice\n"
CORRECTED = Bill("F-10", "2026-10-10", kind="384", preceding=("F-2026-001",))


def bills(*buyers: Someone) -> dict[str, bytes]:
    """One invoice for each of these buyers: F-1, F-2, ..."""
    return {
        f"{place}.xml": cii(Bill(f"F-{place}", f"2026-10-{place:02}", buyer=buyer))
        for place, buyer in enumerate(buyers, start=1)
    }


def owners(found: Read) -> dict[str, str]:
    """The client of each invoice."""
    return {invoice.number: invoice.client for invoice in found.ledger.invoices}


def errors(found: Read) -> list[str]:
    """What stops the run, or holds somebody back."""
    return [problem.code for problem in found.found if problem.severity is Severity.ERROR]


# Who is whom, without a list of clients


def test_one_name_with_two_addresses_is_two_people(tmp_path: Path) -> None:
    found = alone(tmp_path, bills(JEAN, Someone("Jean Dupont", email="j@b.example")))
    assert found.problems == []
    assert owners(found) == {"F-1": "j@a.example", "F-2": "j@b.example"}


def test_one_address_with_two_names_is_two_people_whose_ids_tell_them_apart(tmp_path: Path) -> None:
    buyers = (JEAN, Someone("Marie Durand", email="J@a.example"))
    found = owners(alone(tmp_path / "first", bills(*buyers)))
    assert found["F-1"].startswith("jean-dupont-")
    assert found["F-2"].startswith("marie-durand-")
    again = owners(alone(tmp_path / "again", bills(*reversed(buyers), *buyers)))
    assert again == {"F-1": found["F-2"], "F-2": found["F-1"], "F-3": found["F-1"], "F-4": found["F-2"]}


@pytest.mark.parametrize(
    "buyers",
    [
        (JEAN, Someone("M. Jean DUPONT", email="J@A.example")),
        (ADDRESSLESS, Someone("JEAN  DUPONT")),
        (JEAN, Someone("Dupont", email="j@a.example")),
        (Someone("Any", "732829320", email="a@a.example"), Someone("Other", "732829320", email="b@b.example")),
        (Someone("Any", vat_number="BE0403019261"), Someone("Other", vat_number="BE0403019261", email="b@b.example")),
        (Someone("B & Z", email="j@a.example"), Someone("b & z", email="j@a.example")),
    ],
    ids=["name and address", "no address on either", "a shorter name", "SIREN", "VAT number", "a name of short words"],
)
def test_who_is_one_client_without_doubt(tmp_path: Path, buyers: tuple[Someone, ...]) -> None:
    found = alone(tmp_path, bills(*buyers))
    assert "einvoice-buyer-ambiguous" not in found.codes()
    assert set(owners(found)) == {"F-1", "F-2"}
    assert len(set(owners(found).values())) == 1


@pytest.mark.parametrize(
    ("buyers", "doubted"),
    [
        ((JEAN, ADDRESSLESS), {"F-2"}),
        ((JEAN, Someone("Jean Dupont", email="j@b.example"), ADDRESSLESS), {"F-3"}),
        ((Someone("Studio Verdier", "732829320", email="v@a.example"), Someone("STUDIO VERDIER")), {"F-2"}),
        ((JEAN, Someone("Marie Dupont", email="j@a.example"), Someone("Dupont", email="j@a.example")), {"F-3"}),
        (
            (Someone("Studio V", "732829320", email="c@c.example"), Someone("Studio V", "552100554", email="c@c.example"),
             Someone("Studio V", email="c@c.example")),
            {"F-3"},
        ),
    ],
    ids=["address or none", "two addresses or none", "number or nothing", "half of two names", "two companies"],
)  # fmt: skip
def test_a_buyer_of_whom_it_cannot_be_told_stops_the_run(
    tmp_path: Path, buyers: tuple[Someone, ...], doubted: set[str]
) -> None:
    for place, order in enumerate(permutations(zip(buyers, (f"F-{n}" for n in range(1, 9)), strict=False))):
        files = {f"{file}.xml": cii(Bill(number, buyer=buyer)) for file, (buyer, number) in enumerate(order)}
        found = alone(tmp_path / str(place), files)
        assert errors(found) == ["einvoice-buyer-ambiguous"] * len(doubted)
        assert doubted.isdisjoint(owners(found))
        assert len(set(owners(found).values())) == len(buyers) - len(doubted)


def test_what_tells_the_others_apart_is_said(tmp_path: Path) -> None:
    found = alone(tmp_path, bills(JEAN, ADDRESSLESS))
    assert (
        'the buyer "Jean Dupont" could be Jean Dupont (j@a.example) or another of that name.' in found.found[0].message
    )


def test_a_namesake_of_a_listed_client_with_another_address_is_asked_about(tmp_path: Path) -> None:
    listed = "id;name;email\njean;Jean Dupont;j@a.example\n"
    assert owners(alone(tmp_path / "own", bills(JEAN, ADDRESSLESS), clients=listed)) == {"F-1": "jean", "F-2": "jean"}
    other = alone(tmp_path / "other", bills(Someone("Jean Dupont", email="j@b.example")), clients=listed)
    assert (errors(other), owners(other)) == (["einvoice-buyer-ambiguous"], {})
    contacts = "client;name;role;email\njean;Jean;billing;j@b.example\n"
    told = alone(
        tmp_path / "told", bills(Someone("Jean Dupont", email="j@b.example")), clients=listed, contacts=contacts
    )
    assert owners(told) == {"F-1": "jean"}


def test_an_address_that_is_the_id_of_a_listed_client_is_not_enough_either(tmp_path: Path) -> None:
    listed = "id;name;email\nj@a.example;Jean Dupont;j@a.example\n"
    found = owners(alone(tmp_path, bills(JEAN, Someone("Marie Durand", email="j@a.example")), clients=listed))
    assert found["F-1"] == "j@a.example"
    assert found["F-2"].startswith("marie-durand-")


# Corrected invoices and credit notes are about their own client's invoices


def test_a_corrected_invoice_of_another_client_voids_nothing(tmp_path: Path) -> None:
    found = beside(tmp_path, {"a.xml": ubl(CORRECTED.but(buyer=BRUN))})
    assert errors(found) == ["einvoice-corrects-other"] * 2
    assert {problem.where.file for problem in found.found} == {"ledger/invoices.csv", "factures/a.xml"}
    assert 'F-10 (factures/a.xml) is an invoice of brun and corrects "F-2026-001", which is one of verdier' in (
        found.found[0].message
    )
    assert all(invoice.status is not InvoiceStatus.VOID for invoice in found.ledger.invoices)


def test_a_corrected_invoice_of_the_same_client_still_takes_its_place(tmp_path: Path) -> None:
    found = beside(tmp_path, {"a.xml": ubl(CORRECTED)})
    assert errors(found) == []
    assert {one.number: one.status for one in found.ledger.invoices} == {
        "F-2026-001": InvoiceStatus.VOID,
        "F-10": InvoiceStatus.OPEN,
    }


def test_a_corrected_invoice_of_nobody_known_voids_nothing(tmp_path: Path) -> None:
    found = beside(tmp_path, {"a.xml": ubl(CORRECTED.but(buyer=Someone("Inconnu")))})
    assert errors(found) == ["einvoice-buyer-unknown"]
    assert [invoice.status for invoice in found.ledger.invoices] == [InvoiceStatus.OPEN]


@pytest.mark.parametrize(
    ("column", "text"), [("paid_on", "02/11/2026"), ("paid_amount", "300,00"), ("status", "payée")]
)
def test_a_corrected_invoice_of_one_that_was_paid_is_named(tmp_path: Path, column: str, text: str) -> None:
    rows = f"number;client;issued;due;total;{column}\nF-2026-001;verdier;01/10/2026;31/10/2026;1200,00;{text}\n"
    found = beside(tmp_path, {"a.xml": ubl(CORRECTED)}, invoices=rows)
    assert [(one.code, one.where.column) for one in found.found if one.severity is Severity.ERROR] == [
        ("einvoice-corrects-paid", column)
    ]
    assert "F-10 (factures/a.xml) takes its place" in found.found[0].message


def test_one_that_was_paid_may_be_corrected_by_one_that_is_paid(tmp_path: Path) -> None:
    rows = (
        "number;client;issued;due;total;status\nF-2026-001;verdier;01/10/2026;31/10/2026;1200,00;payée\n"
        "F-10;verdier;10/10/2026;31/10/2026;1200,00;payée\n"
    )
    assert beside(tmp_path, {"a.xml": ubl(CORRECTED)}, invoices=rows).problems == []


def test_a_credit_note_of_another_client_credits_nobody(tmp_path: Path) -> None:
    note = Bill("A-1", "2026-10-10", due="", kind="381", buyer=BRUN, preceding=("F-2026-001",))
    found = beside(tmp_path, {"a.xml": ubl(note)})
    assert errors(found) == ["credit-other"]
    assert "verdier's" in found.found[-1].message or "verdier's" in found.found[0].message


@pytest.mark.parametrize("net", [10_000, 100_000], ids=["a part", "all of it"])
def test_a_credit_note_with_the_number_of_an_invoice_is_one_error(tmp_path: Path, net: int) -> None:
    note = Bill(
        "F-2026-001", "2026-10-10", due="", kind="381", buyer=BRUN, vat=(("20", net),), preceding=("F-2026-001",)
    )
    found = beside(tmp_path, {"a.xml": ubl(note)})
    assert found.codes() == ["invoice-duplicate"]
    assert found.found[0].where.file == "factures/a.xml"
    assert "an invoice of verdier in ledger/invoices.csv:2" in found.found[0].message


# Whose it is, when the ledger has its number


def test_a_buyer_who_has_nothing_of_the_client_of_the_row_is_told(tmp_path: Path) -> None:
    clients = CLIENTS.replace("732829320", "")
    stranger = Someone("Garage Untel", "404833048", email="x@untel.example")
    found = beside(tmp_path, {"F-2026-001.pdf": facturx(BILL.but(buyer=stranger))}, clients=clients)
    assert found.problems == ["einvoice-buyer-differs 2 client"]
    assert 'is of verdier (Studio Verdier SAS) here, and of "Garage Untel" in factures/F-2026-001.pdf' in (
        found.found[0].message
    )
    assert "SIREN 404833048" in found.found[0].remedy
    assert found.ledger.invoices[0].document == ""


@pytest.mark.parametrize(
    "buyer",
    [Someone("Verdier"), Someone("Autre nom", email="bonjour@verdier.example"), Someone("Autre nom", "732829320")],
    ids=["name", "address", "number"],
)
def test_anything_that_speaks_for_the_client_is_enough(tmp_path: Path, buyer: Someone) -> None:
    found = beside(tmp_path, {"F-2026-001.pdf": facturx(BILL.but(buyer=buyer))})
    assert found.problems == []
    assert found.ledger.invoices[0].document == "factures/F-2026-001.pdf"


# Totals


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"total": "12000.00"}, "1000.00 without VAT and 200.00 of VAT are not 12000.00"),
        ({"total": "1200.02"}, "1000.00 without VAT and 200.00 of VAT are not 1200.02"),
        ({"payable": "1500.00"}, "1200.00 less 0 paid before is not the 1500.00 to be paid"),
        ({"prepaid": "300.00", "payable": "1200.00"}, "1200.00 less 300.00 paid before is not the 1200.00 to be paid"),
        (
            {"rounding": "0.50", "payable": "1200.00"},
            "1200.00 less 0 paid before, rounded by 0.50, is not the 1200.00 to be paid",
        ),
        ({"kind": "381", "due": "", "total": "12000.00"}, "1000.00 without VAT and 200.00 of VAT are not 12000.00"),
    ],
)
@pytest.mark.parametrize("form", [ubl, cii])
def test_totals_that_do_not_add_up_are_not_believed(
    tmp_path: Path, changes: dict[str, str], reason: str, form: type
) -> None:
    found = alone(tmp_path, {"a.xml": form(BILL.but(**changes))})
    assert found.codes() == ["einvoice-totals-wrong"]
    assert f"the totals of factures/a.xml do not add up: {reason}." in format_problem(found.found[0])
    assert (found.ledger.invoices, found.ledger.credit_notes, found.ledger.payments) == ((), (), ())


def test_totals_may_differ_by_a_cent_for_each_rate(tmp_path: Path) -> None:
    bill = BILL.but(vat=(("20", 100_000), ("10", 10_000)), total="1310.02")
    assert alone(tmp_path / "two", {"a.xml": ubl(bill)}).problems == []
    assert alone(tmp_path / "more", {"a.xml": ubl(bill.but(total="1310.03"))}).codes() == ["einvoice-totals-wrong"]


def test_the_row_of_an_invoice_whose_totals_do_not_add_up_fails_too(tmp_path: Path) -> None:
    found = beside(tmp_path, {"a.xml": ubl(BILL.but(total="12000.00"))})
    assert found.problems == ["einvoice-totals-wrong 2 total"]
    assert found.ledger.invoices == ()


def test_totals_of_an_invoice_that_is_not_ours_are_not_our_affair(tmp_path: Path) -> None:
    found = beside(tmp_path, {"a.xml": ubl(BILL.but(seller=BRUN, number="X-1", total="12000.00"))})
    assert found.codes() == ["einvoice-other-seller"]


def test_a_corrected_invoice_whose_totals_do_not_add_up_voids_nothing(tmp_path: Path) -> None:
    found = beside(tmp_path, {"a.xml": ubl(CORRECTED.but(total="12000.00"))})
    assert errors(found) == ["einvoice-totals-wrong"]
    assert [invoice.status for invoice in found.ledger.invoices] == [InvoiceStatus.OPEN]


# What was paid before


@pytest.mark.parametrize(
    ("prepaid", "rows"),
    [
        ("1200.00", "10/10/2026;verdier;400,00;F-2026-001\n"),
        ("300.00", "10/10/2026;verdier;300,00;F-2026-001\n"),
        ("300.00", "10/10/2026;verdier;100,00;F-2026-001\n"),
        ("600.00", "10/10/2026;verdier;600,00;F-2026-001\n"),
        ("300.00", "10/10/2026;verdier;1000,00;F-2026-001\n"),
        ("300.00", "15/09/2026;verdier;300,00;F-2026-001 F-2\n"),
    ],
    ids=["more than is left", "as much", "a part", "half of all", "more than the rest", "with another invoice"],
)
def test_a_payment_that_may_be_the_prepayment_is_asked_about_and_nothing_counts_twice(
    tmp_path: Path, prepaid: str, rows: str
) -> None:
    payable = f"{1200 - float(prepaid):.2f}"
    invoices = ROW + "F-2;verdier;01/10/2026;31/10/2026;50,00\n"
    found = beside(
        tmp_path,
        {"a.xml": ubl(BILL.but(prepaid=prepaid, payable=payable))},
        invoices=invoices,
        payments=PAID + rows,
    )
    assert found.problems == ["einvoice-prepaid-doubtful 2 amount"]
    assert found.found[0].where.file == "ledger/payments.csv"
    assert len(found.ledger.payments) == 1


@pytest.mark.parametrize(
    "rows",
    [
        "10/10/2026;verdier;900,00;F-2026-001\n",
        "10/10/2026;verdier;500,00;F-2026-001\n",
        "10/10/2026;verdier;100,00;F-2026-001\n11/10/2026;verdier;800,00;F-2026-001\n",
    ],
    ids=["all that is left", "more than the prepayment", "all that is left, in two parts"],
)
def test_a_payment_that_cannot_be_the_prepayment_counts_beside_it(tmp_path: Path, rows: str) -> None:
    found = beside(tmp_path, {"a.xml": ubl(BILL.but(prepaid="300.00", payable="900.00"))}, payments=PAID + rows)
    assert found.codes() == ["einvoice-prepaid"]
    assert Money(30_000, "EUR") in [payment.amount for payment in found.ledger.payments]


def test_a_prepayment_booked_with_its_own_day_is_no_longer_in_doubt(tmp_path: Path) -> None:
    rows = "15/09/2026;verdier;600,00;F-2026-001\n10/10/2026;verdier;600,00;F-2026-001\n"
    found = beside(tmp_path, {"a.xml": ubl(BILL.but(prepaid="600.00", payable="600.00"))}, payments=PAID + rows)
    assert found.problems == []
    assert len(found.ledger.payments) == 2


def test_a_prepayment_that_the_ledger_took_off_already_is_not_booked_besides(tmp_path: Path) -> None:
    found = beside(
        tmp_path,
        {"a.xml": ubl(BILL.but(prepaid="300.00", payable="900.00"))},
        invoices=ROW.replace("1200", "900"),
        payments=PAID + "15/09/2026;verdier;300,00;F-2026-001\n",
    )
    assert errors(found) == ["einvoice-prepaid-doubtful"]


def test_payments_that_relance_learnt_count_as_booked(tmp_path: Path) -> None:
    (tmp_path / "ledger" / "relance").mkdir(parents=True)
    (tmp_path / "ledger" / "relance" / "payments.csv").write_text(
        "date;client;amount;invoice;bank\n2026-09-15;verdier;300.00;F-2026-001;r1\n", encoding="utf-8"
    )
    found = beside(tmp_path, {"a.xml": ubl(BILL.but(prepaid="300.00", payable="900.00"))})
    assert errors(found) == []
    assert [payment.amount.minor for payment in found.ledger.payments] == [30_000]


def test_of_an_invoice_paid_in_full_before_nothing_is_said_to_be_asked(tmp_path: Path) -> None:
    found = alone(tmp_path, {"a.xml": ubl(BILL.but(prepaid="1200.00", payable="0.00")), "F-2026-001.pdf": blank_pdf()})
    assert found.codes() == ["einvoice-prepaid"]
    assert "1200.00 EUR of 1200.00 EUR were paid before this invoice, as it says: nothing more is asked for it." in (
        found.found[0].message
    )
