"""`relance/payments.csv`: money taken online, of which several rows may tell how far it has come."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from generator.domain.ledger import Progress
from tests.readers.folder import Read, read

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "date;client;amount;invoice;reference;status;stripe;undoes;link;fee"
PAID = "02/11/2026;verdier;120,00;F-1;RF18;paid;pi_1 ch_1 cs_1;;plink_1;1,65"
IN_FLIGHT = "01/11/2026;verdier;120,00;F-1;RF18;in_flight;pi_1 cs_1;;plink_1;"
FAILED = "05/11/2026;verdier;120,00;F-1;RF18;failed;pi_1 ch_1 cs_1;;plink_1;"


def takings(folder: Path, *rows: str, head: str = HEAD, **others: str) -> Read:
    return read(folder, relance_payments="\n".join([head, *rows, ""]), **others)  # type: ignore[arg-type]


def test_money_that_arrived_is_a_payment_which_knows_its_names_at_stripe(tmp_path: Path) -> None:
    found = takings(tmp_path, PAID)
    assert found.problems == []
    (taking,) = found.ledger.takings
    assert (taking.progress, taking.id, taking.fee) == (Progress.PAID, "pi_1", "1,65")
    assert found.ledger.payments == (taking.payment,)
    payment = taking.payment
    assert (payment.stripe, payment.link, payment.undoes) == (("pi_1", "ch_1", "cs_1"), "plink_1", "")
    assert (payment.client, payment.invoices, payment.reference) == ("verdier", ("F-1",), "RF18")
    assert str(payment.source) == "ledger/relance/payments.csv:2"


@pytest.mark.parametrize(
    ("words", "progress"),
    [
        (["in_flight", "In flight", "en cours", "EN COURS"], Progress.IN_FLIGHT),
        (["paid", "payé", "Payée", "réglé", ""], Progress.PAID),
        (["failed", "échoué", "Échouée", "rejeté"], Progress.FAILED),
        (["cancelled", "canceled", "annulé", "Annulée"], Progress.CANCELLED),
    ],
)
def test_how_far_it_has_come_is_said_in_french_or_english(tmp_path: Path, words: list[str], progress: Progress) -> None:
    found = takings(tmp_path, *(f"02/11/2026;verdier;1{n};;;{word};pi_{n};;;" for n, word in enumerate(words)))
    assert found.problems == []
    assert {taking.progress for taking in found.ledger.takings} == {progress}
    assert len(found.ledger.takings) == len(words)
    assert len(found.ledger.payments) == (len(words) if progress is Progress.PAID else 0)
    assert len(found.ledger.in_flight) == (len(words) if progress is Progress.IN_FLIGHT else 0)


@pytest.mark.parametrize("rows", list(itertools.permutations([IN_FLIGHT, FAILED, PAID])))
def test_of_several_rows_about_the_same_money_the_furthest_holds_in_any_order(tmp_path: Path, rows: tuple[str]) -> None:
    found = takings(tmp_path, *rows)
    assert found.problems == []
    assert [taking.progress for taking in found.ledger.takings] == [Progress.PAID]
    assert (len(found.ledger.payments), found.ledger.in_flight) == (1, ())
    assert found.ledger.takings[0].payment.source.line == rows.index(PAID) + 2


def test_of_two_rows_that_came_as_far_the_last_holds(tmp_path: Path) -> None:
    found = takings(tmp_path, PAID, PAID.replace("120,00", "119,00"), IN_FLIGHT)
    assert [str(payment.amount) for payment in found.ledger.payments] == ["119.00"]


def test_a_refund_is_a_negative_payment_that_says_what_it_undoes(tmp_path: Path) -> None:
    found = takings(tmp_path, PAID, "09/11/2026;verdier;-20,00;F-1;;;re_1;pi_1;;")
    assert found.problems == []
    assert [(str(payment.amount), payment.undoes) for payment in found.ledger.payments] == [
        ("120.00", ""),
        ("-20.00", "pi_1"),
    ]


def test_rows_without_a_stripe_id_are_payments_like_any_other(tmp_path: Path) -> None:
    found = takings(tmp_path, "02/11/2026;verdier;50,00;F-1;;;;;;", PAID, "03/11/2026;verdier;10,00;;;payé;;;;")
    assert found.problems == ["payment-exceeds-debt 3 invoice"]
    assert [(str(payment.amount), payment.stripe[:1]) for payment in found.ledger.payments] == [
        ("50.00", ()),
        ("120.00", ("pi_1",)),
        ("10.00", ()),
    ]
    assert len(found.ledger.takings) == 1


@pytest.mark.parametrize("status", ["in_flight", "échoué", "annulé"])
def test_what_is_no_payment_yet_has_a_name_at_stripe(tmp_path: Path, status: str) -> None:
    found = takings(tmp_path, f"02/11/2026;verdier;50,00;F-1;;{status};;;;")
    assert found.problems == ["status-without-stripe 2 status"]


@pytest.mark.parametrize(
    ("cells", "column"),
    [("pi;;", "stripe"), ("pi_1 1,5;;", "stripe"), ("1,00E+15;;", "stripe"), ("re_1;ch 1;", "undoes"),
     ("pi_1;;https://buy.stripe.com/x", "link"), ("pi_1;;plink_a plink_b", "link")],
)  # fmt: skip
def test_what_is_no_name_at_stripe_is_told(tmp_path: Path, cells: str, column: str) -> None:
    found = takings(tmp_path, f"02/11/2026;verdier;50,00;F-1;;paid;{cells};")
    assert found.problems == [f"stripe-id-wrong 2 {column}"]


def test_the_owners_spreadsheet_may_rename_the_columns(tmp_path: Path) -> None:
    found = takings(
        tmp_path,
        "02/11/2026;verdier;120,00;F-1;En cours;pi_1, cs_1;;plink_1;",
        head="Date;Client;Montant;Facture;Statut;Identifiant Stripe;Rembourse;Lien de paiement;Frais",
    )
    assert found.problems == []
    assert [payment.stripe for payment in found.ledger.in_flight] == [("pi_1", "cs_1")]


@pytest.mark.parametrize("row", [PAID, IN_FLIGHT])
@pytest.mark.parametrize("cell", ["reference", "note"])
@pytest.mark.parametrize("cited", ["pi_1", "STRIPE pi_1/F-1", "virement Stripe (cs_1), net"])
def test_what_the_owner_booked_too_counts_once(tmp_path: Path, row: str, cell: str, cited: str) -> None:
    payments = f"date;client;amount;invoice;{cell}\n04/11/2026;verdier;120,00;F-1;{cited}\n"
    found = takings(tmp_path, row, payments=payments)
    assert found.problems == ["payment-by-hand-too 2 stripe"]
    assert "ledger/payments.csv:2" in found.found[0].message
    assert [payment.date.day for payment in found.ledger.payments] == [4]
    assert found.ledger.in_flight == ()
    assert [taking.id for taking in found.ledger.takings] == ["pi_1"]
    assert found.ledger.by_hand == {"pi_1"}


def test_a_failed_debit_that_the_owner_booked_is_told(tmp_path: Path) -> None:
    payments = "date;client;amount;invoice;reference\n04/11/2026;verdier;120,00;F-1;Stripe pi_1\n"
    found = takings(tmp_path, FAILED, payments=payments)
    assert found.problems == ["payment-by-hand-failed 2 status"]
    assert "failed" in found.found[0].message
    assert [str(payment.amount) for payment in found.ledger.payments] == ["120.00"]


def test_booked_net_of_the_fee_it_counts_so_and_the_owner_is_warned(tmp_path: Path) -> None:
    payments = "date;client;amount;invoice;reference\n04/11/2026;verdier;118,35;F-1;Stripe pi_1\n"
    found = takings(tmp_path, PAID, payments=payments)
    assert found.problems == ["payment-by-hand-differs 2 stripe"]
    assert "118.35 EUR" in found.found[0].message
    assert "120.00 EUR" in found.found[0].message
    assert [str(payment.amount) for payment in found.ledger.payments] == ["118.35"]


@pytest.mark.parametrize(
    ("amount", "cited"),
    [("120,00", "pi_12"), ("120,00", "plink_1"), ("120,00", "api_1"), ("120,00", "F-1"), ("-120,00", "pi_1")],
)
def test_another_name_or_the_way_back_is_other_money(tmp_path: Path, amount: str, cited: str) -> None:
    payments = f"date;client;amount;reference\n04/11/2026;verdier;{amount};{cited}\n"
    found = takings(tmp_path, PAID, payments=payments)
    assert "payment-by-hand-too" not in found.codes()
    assert len(found.ledger.payments) == 2


def test_a_refund_that_the_owner_booked_by_the_payments_name_counts_once(tmp_path: Path) -> None:
    refund = "09/11/2026;verdier;-120,00;F-1;;paid;re_1;pi_1;;"
    payments = "date;client;amount;invoice;reference\n10/11/2026;verdier;-120,00;F-1;remboursement re_1\n"
    found = takings(tmp_path, PAID, refund, payments=payments)
    assert found.problems == ["payment-by-hand-too 3 stripe"]
    assert [str(payment.amount) for payment in found.ledger.payments] == ["-120.00", "120.00"]


def test_a_refund_that_the_owner_booked_too_is_still_a_refund(tmp_path: Path) -> None:
    rows = [f"{PAID};card", "09/11/2026;verdier;-120,00;F-1;;paid;re_1;pi_1;;;refund"]
    payments = "date;client;amount;method;note\n10/11/2026;verdier;-120,00;geste;re_1\n"
    back, paid = takings(tmp_path, *rows, head=f"{HEAD};method", payments=payments).ledger.payments
    assert (back.method, back.undoes, back.source.file) == ("refund", "pi_1", "ledger/payments.csv")
    assert paid.method == "card"


def test_two_that_are_alike_but_for_their_names_are_two(tmp_path: Path) -> None:
    invoices = "number;client;issued;due;total\nF-1;verdier;01/10/2026;31/10/2026;240,00\n"
    again = PAID.replace("pi_1 ch_1 cs_1", "pi_2 ch_2 cs_2")
    assert takings(tmp_path, PAID, again, invoices=invoices).problems == []


def test_one_that_is_like_a_row_without_a_name_may_be_the_same(tmp_path: Path) -> None:
    invoices = "number;client;issued;due;total\nF-1;verdier;01/10/2026;31/10/2026;360,00\n"
    payments = "date;client;amount;invoice;reference\n02/11/2026;verdier;120,00;F-1;RF18\n"
    found = takings(tmp_path, PAID, invoices=invoices, payments=payments)
    assert found.problems == ["payment-twice 2 amount"]


def test_what_has_not_arrived_is_not_held_against_the_debt(tmp_path: Path) -> None:
    payments = "date;client;amount;invoice\n02/11/2026;verdier;120,00;F-1\n"
    assert takings(tmp_path, IN_FLIGHT, payments=payments).problems == []


def test_nothing_at_all_is_no_payment_but_is_known(tmp_path: Path) -> None:
    found = takings(tmp_path, "02/11/2026;verdier;0,00;F-1;;paid;pi_1;;;")
    assert (found.problems, found.ledger.payments) == ([], ())
    assert [taking.id for taking in found.ledger.takings] == ["pi_1"]
