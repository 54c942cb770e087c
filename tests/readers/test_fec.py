"""A ledger that is the accounts themselves: what a FEC says of invoices, payments and clients, however a program writes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.config import LedgerSettings, Settings
from generator.config_fec import FecSettings
from generator.config_ledger import Unreadable
from generator.domain.facts import facts_by_client
from generator.domain.ledger import InvoiceStatus, Severity
from generator.domain.money import Money
from generator.domain.policy import Policy
from generator.domain.references import account_reference
from generator.domain.statement import Statement, draw_up
from generator.readers import read_ledger
from tests.readers.fec_maker import COLUMNS, Accounts, Dialect, days_after, shuffled, text_of
from tests.readers.folder import SELLER, Read
from tests.support.effort import examples

if TYPE_CHECKING:
    from pathlib import Path

    from generator.domain.ledger import Problem

FILE = "ledger/123456789FEC20261231.txt"
JANUARY, OCTOBER, NOVEMBER = date(2026, 1, 1), date(2026, 10, 1), date(2026, 11, 2)
END = date(2027, 12, 31)
QUIET = {"clients-without-address", "fec-booked-until"}


def euros(amount: str) -> Money:
    return Money.of(amount, "EUR")


def read(
    folder: Path,
    *contents: bytes,
    file: str = FILE,
    fec: FecSettings | None = None,
    unreadable: Unreadable = Unreadable.STOP,
    terms: str = "30",
    **beside: str,
) -> Read:
    """Reads these FEC, one for each year, and files beside them."""
    (folder / "ledger").mkdir(exist_ok=True)
    for index, content in enumerate(contents):
        (folder / "ledger" / f"123456789FEC{2026 + index}1231.txt").write_bytes(content)
    for name, text in beside.items():
        path = folder / "ledger" / f"{name.replace('relance_', 'relance/')}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    file = file if len(contents) < 2 else "ledger/*FEC*.txt"
    ledger = LedgerSettings(format="fec", file=file, fec=fec or FecSettings(), unreadable=unreadable)
    seller = replace(SELLER, terms=terms)
    return Read(*read_ledger(Settings(folder, seller, "https://payer.example.org", ledger, Policy(currency="EUR"))))


def told(found: Read) -> list[str]:
    return [problem.removesuffix(" 0") for problem in found.problems if problem.split()[0] not in QUIET]


def errors(found: Read) -> list[Problem]:
    return [problem for problem in found.found if problem.severity is Severity.ERROR]


def statements(found: Read, today: date = END) -> dict[str, Statement]:
    """The statement of every client, of those who owe in one currency."""
    by_client = facts_by_client(found.ledger, today)
    return {client: draw_up(facts[0], [], today) for client, facts in by_client.items()}


def open_items(found: Read, client: str = "C001") -> dict[str, str]:
    """What is open of each invoice."""
    return {item.id: str(item.open) for item in statements(found)[client].items if item.open}


def payments(found: Read) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(str(paid.date), str(paid.amount), paid.invoices) for paid in found.ledger.payments]


def balance(statement: Statement) -> int:
    return sum(item.open.minor for item in statement.items) - statement.credit.minor


def one_invoice() -> Accounts:
    accounts = Accounts({"C001": "Studio Vérdier"})
    accounts.invoice("C001", "F-1", OCTOBER, 120_000)
    return accounts


# What a line on an account of a client is


def test_an_invoice_is_a_debit_of_its_client(tmp_path: Path) -> None:
    found = read(tmp_path, one_invoice().write())
    assert told(found) == []
    (invoice,) = found.ledger.invoices
    assert (invoice.number, invoice.client, invoice.issued, invoice.due, invoice.total, invoice.subject) == (
        "F-1",
        "C001",
        OCTOBER,
        date(2026, 10, 31),
        euros("1200.00"),
        "",  # words of accounts are not for a client's eyes
    )
    assert (str(invoice.source), found.ledger.clients["C001"].name) == (f"{FILE}:2", "Studio Vérdier")


def test_lines_of_one_piece_add_up(tmp_path: Path) -> None:
    accounts = Accounts()
    lines = ("411000", "C001", 70_000, ""), ("411000", "C001", 50_000, "A"), ("706000", "", -120_000, "")
    accounts.entry("VE", OCTOBER, "F-1", "Facture F-1", *lines)
    accounts.payment("C001", NOVEMBER, 50_000, "A")
    found = read(tmp_path, accounts.write())
    assert [str(invoice.total) for invoice in found.ledger.invoices] == ["1200.00"]
    assert open_items(found) == {"F-1": "700.00"}


def test_a_lettered_payment_names_its_invoice_and_settles_it_on_its_day(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.invoice("C001", "F-1", OCTOBER, 120_000, "A")
    accounts.invoice("C001", "F-2", OCTOBER, 120_000)
    accounts.payment("C001", NOVEMBER, 120_000, "A")
    found = read(tmp_path, accounts.write())
    assert payments(found) == [("2026-11-02", "1200.00", ("F-1",))]
    assert open_items(found) == {"F-2": "1200.00"}
    assert statements(found)["C001"].positions[0].closed_on == NOVEMBER
    assert statements(found)["C001"].guesses == ()


def test_lettering_that_does_not_balance_is_a_part_payment(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.invoice("C001", "F-1", OCTOBER, 120_000, "a")
    accounts.payment("C001", NOVEMBER, 50_000, "a")
    assert open_items(read(tmp_path, accounts.write())) == {"F-1": "700.00"}


def test_of_many_that_are_lettered_together_equal_amounts_go_together(tmp_path: Path) -> None:
    accounts = Accounts()
    for piece, minor in (("F-1", 10_000), ("F-2", 20_000), ("F-3", 5_000), ("F-4", 5_500)):
        accounts.invoice("C001", piece, OCTOBER, minor, "A")
    accounts.payment("C001", NOVEMBER, 20_000, "A")
    accounts.payment("C001", NOVEMBER, 20_500, "A")
    assert [names for _, _, names in payments(read(tmp_path, accounts.write()))] == [("F-2",), ("F-1", "F-3", "F-4")]


def test_without_lettering_the_rules_of_allocation_guess_and_the_owner_is_told(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.invoice("C001", "F-1", OCTOBER, 120_000)
    accounts.payment("C001", NOVEMBER, 50_000)
    found = read(tmp_path, accounts.write())
    assert told(found) == ["fec-unlettered 6"]
    (guess,) = statements(found)["C001"].guesses
    assert (guess.invoice, str(guess.amount), str(guess.source)) == ("F-1", "500.00", f"{FILE}:6")


def test_a_payment_whose_words_surely_name_an_invoice_is_no_guess(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.invoice("C001", "F2026-118", OCTOBER, 10_000)
    accounts.invoice("C001", "F2026-119", OCTOBER, 10_000)
    accounts.payment("C001", NOVEMBER, 10_000, label="VIR SEPA VERDIER FACT F2026-119")
    found = read(tmp_path, accounts.write())
    assert (told(found), open_items(found)) == ([], {"F2026-118": "100.00"})


def test_a_date_among_the_words_names_no_invoice(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.invoice("C001", "11", OCTOBER, 10_000)
    accounts.payment("C001", NOVEMBER, 4_000, label="REGLT DU 02/11")
    assert payments(read(tmp_path, accounts.write())) == [("2026-11-02", "40.00", ())]


def test_our_reference_in_the_words_of_a_transfer_is_kept(tmp_path: Path) -> None:
    accounts, ours = one_invoice(), account_reference("C001", "EUR")
    accounts.payment("C001", NOVEMBER, 4_000, label=f"VIR {ours[:4]} {ours[4:8]} {ours[8:]} VERDIER")
    accounts.payment("C001", NOVEMBER, 4_000, label="VIR RF00 ABCD EFGH JK")
    right, wrong = read(tmp_path, accounts.write()).ledger.payments
    assert (right.reference, wrong.reference) == (ours, "")
    assert wrong.note == "BQ 3 VIR RF00 ABCD EFGH JK"


def test_a_credit_of_a_sale_is_a_credit_note_on_the_invoice_it_is_lettered_with(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.invoice("C001", "F-1", OCTOBER, 120_000, "A")
    accounts.invoice("C001", "F-0", JANUARY, 30_000)
    accounts.credit_note("C001", "AV-1", NOVEMBER, 20_000, "A")
    accounts.payment("C001", NOVEMBER, 100_000, "A")
    found = read(tmp_path, accounts.write())
    (note,) = found.ledger.credit_notes
    assert (note.number, str(note.amount), note.invoice) == ("AV-1", "200.00", "F-1")
    assert open_items(found) == {"F-0": "300.00"}


def test_a_credit_note_larger_than_any_of_its_invoices_is_cut(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.invoice("C001", "F-0", JANUARY, 30_000)
    accounts.invoice("C001", "F-1", OCTOBER, 10_000, "A")
    accounts.invoice("C001", "F-2", OCTOBER, 10_000, "A")
    accounts.credit_note("C001", "AV-1", NOVEMBER, 15_000, "A")
    found = read(tmp_path, accounts.write())
    assert [(note.number, str(note.amount), note.invoice) for note in found.ledger.credit_notes] == [
        ("AV-1", "100.00", "F-1"),
        ("AV-1 (avoir)", "50.00", "F-2"),
    ]
    assert open_items(found) == {"F-0": "300.00", "F-2": "50.00"}


def test_an_invoice_cancelled_under_its_own_piece_is_credited(tmp_path: Path) -> None:
    accounts = one_invoice()
    accounts.credit_note("C001", "F-1", NOVEMBER, 120_000, label="Annulation F-1")
    found = read(tmp_path, accounts.write())
    assert [(note.number, note.invoice) for note in found.ledger.credit_notes] == [("F-1 (avoir)", "")]
    assert open_items(found) == {}


def test_what_is_taken_off_in_the_entry_of_an_invoice_was_never_asked_for(tmp_path: Path) -> None:
    accounts = Accounts()
    lines = ("411000", "C001", 120_000, ""), ("411000", "C001", -6_000, ""), ("706000", "", -114_000, "")
    accounts.entry("VE", OCTOBER, "F-1", "Facture F-1", *lines)
    found = read(tmp_path, accounts.write())
    assert ([str(invoice.total) for invoice in found.ledger.invoices], found.ledger.credit_notes) == (["1140.00"], ())


def test_a_cheque_that_bounces_opens_its_invoice_again(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.invoice("C001", "F-1", OCTOBER, 120_000, "A")
    accounts.payment("C001", NOVEMBER, 120_000, "A", "CHQ 12")
    accounts.payment("C001", days_after(NOVEMBER, 5), -120_000, label="IMPAYE CHQ 12")
    found = read(tmp_path, accounts.write())
    assert [payment.amount for payment in found.ledger.payments] == [euros("1200.00"), euros("-1200.00")]
    assert open_items(found) == {"F-1": "1200.00"}


def test_a_cheque_of_last_year_that_bounces_is_owed_by_itself(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.payment("C001", JANUARY, -120_000, label="IMPAYE CHQ 12")
    assert open_items(read(tmp_path, accounts.write())) == {"BQ-1": "1200.00"}


def test_money_given_back_comes_off_what_was_paid_too_much(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.invoice("C001", "F-1", OCTOBER, 120_000, "A")
    accounts.payment("C001", NOVEMBER, 130_000, "A")
    accounts.payment("C001", days_after(NOVEMBER, 5), -10_000, label="Remboursement trop percu")
    found = statements(read(tmp_path, accounts.write()))["C001"]
    assert ([item.open.minor for item in found.items], found.credit.minor) == ([0], 0)


def test_what_is_paid_too_much_is_money_on_account(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.invoice("C001", "F-1", OCTOBER, 120_000, "A")
    accounts.payment("C001", NOVEMBER, 130_000, "A")
    found = statements(read(tmp_path, accounts.write()))["C001"]
    assert ([item.open.minor for item in found.items], found.credit) == ([0], euros("100.00"))


def test_lines_that_settle_each_other_without_an_invoice_are_left_out(tmp_path: Path) -> None:
    accounts = one_invoice()
    accounts.payment("C001", NOVEMBER, 10_000, "B")
    accounts.payment("C001", NOVEMBER, -10_000, "B")
    found = read(tmp_path, accounts.write())
    assert (found.ledger.payments, open_items(found)) == ((), {"F-1": "1200.00"})


def test_an_invoice_lettered_with_something_of_after_the_file_was_paid(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.invoice("C001", "F-1", OCTOBER, 120_000, "A", DateLet="20270115")
    found = read(tmp_path, accounts.write())
    assert (told(found), payments(found)) == (["fec-lettered-elsewhere 2"], [("2027-01-15", "1200.00", ("F-1",))])


def test_an_unlettered_payment_does_not_go_to_an_invoice_that_its_own_lettering_settles(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.invoice("C001", "F2026-118", OCTOBER, 10_000, "A")
    accounts.payment("C001", NOVEMBER, 10_000, "A")
    accounts.invoice("C001", "F2026-119", OCTOBER, 10_000)
    accounts.payment("C001", NOVEMBER, 10_000, label="SOLDE F2026-118")
    assert open_items(read(tmp_path, accounts.write())) == {}


def test_a_difference_of_cents_settles_with_the_rest(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.invoice("C001", "F-1", OCTOBER, 120_000, "A")
    accounts.payment("C001", NOVEMBER, 119_998, "A")
    accounts.entry("OD", NOVEMBER, "", "Ecart", ("411000", "C001", -2, "A"), ("658000", "", 2, ""))
    found = read(tmp_path, accounts.write())
    assert (open_items(found), statements(found)["C001"].credit.minor) == ({}, 0)


def test_a_debt_that_was_given_up_is_written_off_and_never_called_a_credit_note(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.invoice("C001", "F-1", OCTOBER, 120_000, "A")
    accounts.payment("C001", NOVEMBER, 20_000, "A")
    loss = ("411000", "C001", -100_000, "A"), ("654000", "", 83_333, ""), ("445710", "", 16_667, "")
    accounts.entry("OD", NOVEMBER, "", "Perte", *loss)
    found = read(tmp_path, accounts.write())
    assert [invoice.status for invoice in found.ledger.invoices] == [InvoiceStatus.WRITTEN_OFF]
    assert found.ledger.credit_notes == ()


# Doubtful debts, retentions, bills


def doubtful() -> Accounts:
    accounts = Accounts()
    accounts.invoice("C001", "F-1", OCTOBER, 120_000, "A")
    accounts.invoice("C001", "F-2", NOVEMBER, 60_000)
    moved = ("416000", "C001", 120_000, ""), ("411000", "C001", -120_000, "A")
    accounts.entry("OD", NOVEMBER, "OD-7", "Client douteux", *moved)
    return accounts


def test_what_goes_to_the_account_of_doubtful_debts_is_disputed_and_not_paid(tmp_path: Path) -> None:
    found = read(tmp_path, doubtful().write())
    assert [(invoice.number, invoice.status) for invoice in found.ledger.invoices] == [
        ("F-1", InvoiceStatus.LITIGATION),
        ("F-2", InvoiceStatus.OPEN),
    ]
    assert (found.ledger.payments, told(found)) == ((), ["fec-doubtful 2"])


def test_what_is_moved_without_lettering_is_found_by_its_amount(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.invoice("C001", "F-1", OCTOBER, 120_000)
    accounts.invoice("C001", "F-2", OCTOBER, 60_000)
    moved = ("416000", "C001", 60_000, ""), ("411000", "C001", -60_000, "")
    accounts.entry("OD", NOVEMBER, "OD-7", "Client douteux", *moved)
    found = read(tmp_path, accounts.write())
    assert {invoice.number: invoice.status for invoice in found.ledger.invoices} == {
        "F-1": InvoiceStatus.OPEN,
        "F-2": InvoiceStatus.LITIGATION,
    }


def test_what_is_paid_of_a_doubtful_debt_is_paid_on_its_invoice(tmp_path: Path) -> None:
    accounts = doubtful()
    accounts.entry("BQ", NOVEMBER, "", "VIR", ("512000", "", 50_000, ""), ("416000", "C001", -50_000, ""))
    accounts.lines[6] = (accounts.lines[6][0] | {"EcritureLet": "B"}, accounts.lines[6][1])
    accounts.lines[9] = (accounts.lines[9][0] | {"EcritureLet": "B"}, accounts.lines[9][1])
    found = read(tmp_path, accounts.write())
    assert payments(found) == [("2026-11-02", "500.00", ("F-1",))]
    assert open_items(found) == {"F-1": "700.00", "F-2": "600.00"}


def test_the_owner_may_ask_for_doubtful_debts(tmp_path: Path) -> None:
    found = read(tmp_path, doubtful().write(), fec=FecSettings(("411", "416"), ()))
    assert {invoice.status for invoice in found.ledger.invoices} == {InvoiceStatus.OPEN}
    assert open_items(found) == {"F-1": "1200.00", "F-2": "600.00"}


def test_a_doubtful_account_without_auxiliary_is_the_same_clients(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.entry("VE", OCTOBER, "F-1", "Facture", ("411BRUN", "", 120_000, "A"), ("706000", "", -120_000, ""))
    accounts.entry("OD", NOVEMBER, "", "Douteux", ("416BRUN", "", 120_000, ""), ("411BRUN", "", -120_000, "A"))
    found = read(tmp_path, accounts.write())
    assert [(invoice.client, invoice.status) for invoice in found.ledger.invoices] == [
        ("411BRUN", InvoiceStatus.LITIGATION)
    ]


def test_retentions_are_left_out_and_told(tmp_path: Path) -> None:
    accounts = Accounts()
    lines = ("411000", "C001", 114_000, ""), ("411700", "C001", 6_000, ""), ("706000", "", -120_000, "")
    accounts.entry("VE", OCTOBER, "F-1", "Situation 1", *lines)
    found = read(tmp_path, accounts.write())
    assert (told(found), open_items(found)) == (["fec-retention"], {"F-1": "1140.00"})
    asked = read(tmp_path, accounts.write(), fec=FecSettings(("411", "4117"), ("416",)))
    assert open_items(asked) == {"F-1": "1200.00"}


def test_a_bill_that_was_accepted_settles_until_it_comes_back(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.invoice("C001", "F-1", OCTOBER, 120_000, "A")
    bill = ("413000", "C001", 120_000, ""), ("411000", "C001", -120_000, "A")
    accounts.entry("OD", NOVEMBER, "LCR-1", "LCR", *bill)
    assert open_items(read(tmp_path, accounts.write())) == {}


# What relance booked itself


LEARNT = "date,client,amount,invoice,bank,stripe,link\n"


def paid_in_parts() -> Accounts:
    accounts = one_invoice()
    accounts.payment("C001", NOVEMBER, 30_000, label="VIR")
    accounts.payment("C001", days_after(NOVEMBER, 9), 30_000, label="VIR")
    return accounts


def test_what_was_booked_from_the_bank_counts_once_when_the_accounts_have_it(tmp_path: Path) -> None:
    learnt = f"{LEARNT}2026-11-01,C001,300.00,F-1,m1,,\n2026-11-13,C001,300.00,,m2,,\n"
    found = read(tmp_path, paid_in_parts().write(), relance_payments=learnt)
    assert ("fec-booked-too", 2) in [(problem.code, problem.where.line) for problem in found.found]
    assert open_items(found) == {
        "F-1": "300.00"
    }  # the second came after the last day of the accounts: it is another one
    assert [(paid.date, paid.invoices, paid.bank) for paid in found.ledger.payments] == [
        (date(2026, 11, 1), ("F-1",), "m1"),
        (date(2026, 11, 11), (), ""),
        (date(2026, 11, 13), (), "m2"),
    ]


@pytest.mark.parametrize(
    ("row", "count"),
    [
        ("2026-11-02,C001,300.00,,m1,,", 2),
        ("2026-11-02,C001,300.00,,,pi_1AbcDefGhi,plink_1", 2),
        ("2026-11-02,C001,300.00,,,,", 3),  # by hand: the owner knows why
        ("2026-11-12,C001,300.00,,m1,,", 3),  # after all that the accounts know of
        ("2026-10-01,C001,300.00,,m1,,", 3),  # too long before
        ("2026-11-02,C001,301.00,,m1,,", 3),
    ],
)
def test_only_the_same_money_counts_once(row: str, count: int, tmp_path: Path) -> None:
    found = read(tmp_path, paid_in_parts().write(), relance_payments=f"{LEARNT}{row}\n")
    assert errors(found) == []
    assert len(found.ledger.payments) == count


def test_a_refund_of_stripe_undoes_the_payment_that_the_accounts_have(tmp_path: Path) -> None:
    learnt = (
        f"{LEARNT[:-1]},undoes,status\n2026-11-02,C001,300.00,F-1,,pi_1AbcDefGhi,,,\n"
        "2026-11-12,C001,-300.00,,,re_1AbcDefGhi,,pi_1AbcDefGhi,\n"
    )
    found = read(tmp_path, paid_in_parts().write(), relance_payments=learnt)
    assert open_items(found) == {"F-1": "900.00"}


def three_clients(*booked: tuple[int, int, str]) -> Accounts:
    """Two invoices of C001, 1200 and 400, and its payments: days after the second of November, cents, lettering."""
    accounts = Accounts()
    letter = next((code for _, _, code in booked if code), "")
    accounts.invoice("C001", "F-2026-118", OCTOBER, 120_000, letter)
    accounts.invoice("C001", "F-2026-119", OCTOBER, 40_000)
    for client in ("C002", "C003"):
        accounts.invoice(client, f"G-2026-{client}", OCTOBER, 10_000)
    for days, minor, code in booked:
        accounts.payment("C001", days_after(NOVEMBER, days), minor, code, label="REMISE")
    accounts.payment("C002", days_after(NOVEMBER, 60), 100)  # the accounts go on
    return accounts


FROM_BANK = "2026-11-02,C001,1200.00,F-2026-118,m1,,\n"


@pytest.mark.parametrize(
    ("booked", "learnt"),
    [
        ([(8, 120_000, "")], FROM_BANK),  # booked more than a week later
        ([(-20, 120_000, "")], FROM_BANK),
        ([(10, 120_000, "A")], FROM_BANK),  # and lettered
        (
            [(8, 120_000, "")],
            FROM_BANK.replace("m1,,", ",pi_1AbcDefGhi,").replace("-02,", "-01,").replace("11-", "10-"),
        ),
        ([(0, 125_000, "")], FROM_BANK),  # grouped with something else: more than was owed in all
        ([(45, 125_000, "")], FROM_BANK),
        ([(3, 50_000, ""), (9, 70_000, "")], FROM_BANK),  # in parts
        ([(1, 130_000, "")], f"{FROM_BANK}2026-11-03,C001,100.00,,m2,,\n"),  # two in one
    ],
)
def test_money_that_the_accounts_may_have_in_another_way_holds_back_its_client(
    booked: list[tuple[int, int, str]], learnt: str, tmp_path: Path
) -> None:
    content = three_clients(*booked).write()
    found = errors(read(tmp_path, content, relance_payments=LEARNT + learnt))
    assert {(problem.code, problem.where.file) for problem in found} == {
        ("fec-booked-twice", "ledger/relance/payments.csv")
    }
    assert f"{FILE}:" in found[0].message  # both places
    held = read(tmp_path, content, relance_payments=LEARNT + learnt, unreadable=Unreadable.HOLD)
    assert (list(held.ledger.unreadable), errors(held)) == (["C001"], [])


@pytest.mark.parametrize(
    ("booked", "learnt"),
    [
        ([(1, 120_000, "")], FROM_BANK),  # one and the same, surely
        ([(8, 40_000, "")], FROM_BANK),  # what is owed besides
        ([(8, 120_000, "")], FROM_BANK.replace("m1", "")),  # by hand: the owner knows why
        ([(-40, 40_000, "")], FROM_BANK.replace("1200.00", "400.00")),  # another month's
    ],
)
def test_money_that_is_surely_one_or_surely_two_holds_back_nobody(
    booked: list[tuple[int, int, str]], learnt: str, tmp_path: Path
) -> None:
    assert errors(read(tmp_path, three_clients(*booked).write(), relance_payments=LEARNT + learnt)) == []


def test_a_credit_note_is_taken_off_what_was_owed(tmp_path: Path) -> None:
    accounts = three_clients((8, 30_000, ""))
    assert errors(read(tmp_path, accounts.write(), relance_payments=LEARNT + FROM_BANK)) == []
    accounts.credit_note("C001", "AV-1", NOVEMBER, 20_000)
    found = errors(read(tmp_path, accounts.write(), relance_payments=LEARNT + FROM_BANK))
    assert [problem.code for problem in found] == ["fec-booked-twice"]


def until(found: Read) -> list[str]:
    return [problem.found for problem in found.found if problem.code == "fec-booked-until"]


def test_how_far_payments_are_booked_is_told_unless_a_bank_statement_tells_it_better(tmp_path: Path) -> None:
    content = paid_in_parts().write()
    assert until(read(tmp_path, content)) == ["2026-11-11"]
    earlier = "begins,ends\n2026-10-01,2026-11-10\n"
    statements_read = tmp_path / "ledger" / "relance" / "bank-statements.csv"
    statements_read.parent.mkdir()
    statements_read.write_text(earlier)
    assert until(read(tmp_path, content)) == ["2026-11-11"]
    statements_read.write_text(f"{earlier}2026-11-11,2026-11-20\n")
    assert until(read(tmp_path, content)) == []


# Clients


def test_a_client_without_auxiliary_is_their_account(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.entry("VE", OCTOBER, "F-1", "Facture", ("411BRUN", "", 120_000, ""), ("706000", "", -120_000, ""))
    found = read(tmp_path, accounts.write())
    assert {client.id: client.name for client in found.ledger.clients.values()} == {"411BRUN": "Clients"}


def test_entries_on_the_account_of_all_clients_are_told(tmp_path: Path) -> None:
    accounts = one_invoice()
    accounts.invoice("", "F-9", OCTOBER, 10_000)
    assert told(read(tmp_path, accounts.write())) == ["fec-account-collective"]


def test_an_account_that_is_no_id_becomes_one_that_stays(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.invoice("CLI/12*", "F-1", OCTOBER, 10_000)
    (client,) = read(tmp_path, accounts.write()).ledger.clients
    assert (client, told(read(tmp_path, accounts.write()))) == ("cli-12-3dd4f0", [])


def test_accounts_that_differ_by_case_are_two_clients(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.invoice("abc", "F-1", OCTOBER, 10_000)
    accounts.invoice("ABC", "F-2", OCTOBER, 20_000)
    found = read(tmp_path, accounts.write())
    assert (len(found.ledger.clients), errors(found)) == (2, [])


def test_clients_csv_says_how_to_reach_them_by_id_or_by_account(tmp_path: Path) -> None:
    accounts = Accounts({"C001": "STUDIO VERDIER", "C002": "BRUN"})
    accounts.invoice("C001", "F-1", OCTOBER, 10_000)
    accounts.invoice("C002", "F-2", OCTOBER, 10_000)
    accounts.invoice("C003", "F-3", OCTOBER, 10_000)
    clients = (
        "id;name;email;terms;account\nc001;;compta@verdier.example;60;\nbrun;Atelier Brun;b@brun.example;;C002,C9\n"
    )
    found = read(tmp_path, accounts.write(), clients=clients)
    assert {client.id: (client.name, client.email) for client in found.ledger.clients.values()} == {
        "c001": ("STUDIO VERDIER", "compta@verdier.example"),
        "brun": ("Atelier Brun", "b@brun.example"),
        "C003": ("C003", ""),
    }
    assert [(invoice.client, str(invoice.due)) for invoice in found.ledger.invoices] == [
        ("c001", "2026-11-30"),
        ("brun", "2026-10-31"),
        ("C003", "2026-10-31"),
    ]


def test_clients_csv_may_be_short_or_empty(tmp_path: Path) -> None:
    assert errors(read(tmp_path, one_invoice().write(), clients="id\nC001\nelsewhere\n")) == []
    assert errors(read(tmp_path, one_invoice().write(), clients="")) == []


@pytest.mark.parametrize(
    ("clients", "contacts"),
    [
        ("id,email\nC001,compta@verdier.example\n", "client,name,role\n"),
        ("id,channel\nC001,courrier\n", "client,name,role\n"),
        ("", "client,name,role,email\nC001,Anne,paie,a@verdier.example\n"),
    ],
)
def test_who_can_be_reached_is_not_missed(clients: str, contacts: str, tmp_path: Path) -> None:
    assert "clients-without-address" in read(tmp_path, one_invoice().write()).codes()
    found = read(tmp_path, one_invoice().write(), clients=clients, contacts=contacts)
    assert "clients-without-address" not in found.codes()


def test_nobody_who_owes_nothing_is_missed(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.invoice("C001", "F-1", OCTOBER, 10_000, "A")
    accounts.payment("C001", NOVEMBER, 10_000, "A")
    assert "clients-without-address" not in read(tmp_path, accounts.write()).codes()


def test_terms_are_asked_for_once(tmp_path: Path) -> None:
    accounts = one_invoice()
    accounts.invoice("C002", "F-2", OCTOBER, 10_000)
    found = read(tmp_path, accounts.write(), terms="")
    assert [(problem.code, problem.message) for problem in errors(found)] == [
        (
            "fec-terms-missing",
            "an entry of accounts says when an invoice was made, and not when it is due; terms are missing for 2 clients.",
        )
    ]
    clients = "id,terms\nC001,30\nC002,60\n"
    assert errors(read(tmp_path, accounts.write(), terms="", clients=clients)) == []


# Pieces and their numbers


def test_a_piece_of_several_clients_has_a_number_for_each(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.invoice("C001", "OCT", OCTOBER, 10_000)
    accounts.invoice("C002", "OCT", OCTOBER, 20_000)
    found = read(tmp_path, accounts.write())
    assert [invoice.number for invoice in found.ledger.invoices] == ["OCT-C001", "OCT-C002"]


def test_a_piece_of_two_days_is_two_invoices(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.invoice("C001", "7", OCTOBER, 10_000)
    accounts.invoice("C001", "7", NOVEMBER, 20_000)
    accounts.invoice("C001", "", NOVEMBER, 30_000)
    found = read(tmp_path, accounts.write())
    assert {invoice.number: str(invoice.total) for invoice in found.ledger.invoices} == {
        "7": "100.00",
        "7 (2)": "200.00",
        "VE-3": "300.00",
    }


def test_a_number_that_holds_a_comma_is_named_all_the_same(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.invoice("C001", "F,1;A", OCTOBER, 10_000, "A")
    accounts.invoice("C001", "F 2", OCTOBER, 10_000, "A")
    accounts.payment("C001", NOVEMBER, 19_000, "A")
    assert payments(read(tmp_path, accounts.write())) == [("2026-11-02", "190.00", ("F 1 A", "F 2"))]


# Currencies


def test_an_invoice_in_another_currency_is_in_that_currency(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.invoice("C001", "F-1", OCTOBER, 90_000, "A", Montantdevise="1000,00", Idevise="USD")
    accounts.payment("C001", NOVEMBER, 46_000, "A", Montantdevise="-500,00", Idevise="usd")
    found = read(tmp_path, accounts.write())
    assert [invoice.total for invoice in found.ledger.invoices] == [Money.of("1000.00", "USD")]
    assert open_items(found) == {"F-1": "500.00"}


def test_a_difference_of_exchange_pays_nothing(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.invoice("C001", "F-1", OCTOBER, 90_000, "A", Montantdevise="1000,00", Idevise="USD")
    accounts.payment("C001", NOVEMBER, 92_000, "A", Montantdevise="1000,00", Idevise="USD")
    accounts.entry("OD", NOVEMBER, "", "Gain de change", ("411000", "C001", 2_000, "A"), ("766000", "", -2_000, ""))
    found = read(tmp_path, accounts.write())
    assert [payment.amount for payment in found.ledger.payments] == [Money.of("1000.00", "USD")]
    assert open_items(found) == {}


def test_the_currency_of_the_accounts_written_beside_an_amount_changes_nothing(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.invoice("C001", "F-1", OCTOBER, 90_000, Montantdevise="900,00", Idevise="EUR")
    assert [invoice.total for invoice in read(tmp_path, accounts.write()).ledger.invoices] == [euros("900.00")]


# Several years


def first_year() -> Accounts:
    accounts = Accounts()
    accounts.invoice("C001", "F-1", OCTOBER, 120_000)
    accounts.invoice("C001", "F-2", NOVEMBER, 60_000)
    accounts.payment("C001", NOVEMBER, 20_000)
    return accounts


def second_year(*balances: tuple[str, str, int, str]) -> Accounts:
    accounts = Accounts()
    accounts.opening(date(2027, 1, 1), *balances)
    return accounts


def test_opening_balances_of_one_file_are_invoices(tmp_path: Path) -> None:
    year = second_year(("C001", "F-1", 120_000, ""), ("C002", "", 5_000, ""), ("C002", "", -1_000, ""))
    found = read(tmp_path, year.write())
    assert {(invoice.number, str(invoice.issued)) for invoice in found.ledger.invoices} == {
        ("F-1", "2027-01-01"),
        ("AN-2027", "2027-01-01"),
    }
    assert balance(statements(found)["C002"]) == 4_000


@pytest.mark.parametrize(
    "balances",
    [
        (("C001", "F-1", 120_000, ""), ("C001", "F-2", 60_000, ""), ("C001", "", -20_000, "")),
        (("C001", "SOLDE", 160_000, ""),),
    ],
    ids=["line by line", "one balance"],
)
def test_a_year_that_opens_with_what_was_open_counts_it_once(
    balances: tuple[tuple[str, str, int, str], ...], tmp_path: Path
) -> None:
    found = read(tmp_path, first_year().write(), second_year(*balances).write())
    assert [(invoice.number, invoice.issued) for invoice in found.ledger.invoices] == [
        ("F-1", OCTOBER),
        ("F-2", NOVEMBER),
    ]
    assert (balance(statements(found)["C001"]), told(found)) == (160_000, ["fec-unlettered 9"])


def test_what_is_lettered_in_the_next_year_is_paid_on_the_invoice_of_the_first(tmp_path: Path) -> None:
    year = second_year(("C001", "F-1", 120_000, "A"), ("C001", "F-2", 60_000, ""), ("C001", "", -20_000, "A"))
    year.payment("C001", date(2027, 1, 5), 100_000, "A")
    found = read(tmp_path, first_year().write(), year.write())
    assert payments(found) == [("2026-11-02", "200.00", ("F-1",)), ("2027-01-05", "1000.00", ("F-1",))]
    assert open_items(found) == {"F-2": "600.00"}


def test_a_year_that_opens_with_other_balances_knows_better(tmp_path: Path) -> None:
    year = second_year(("C001", "F-2", 60_000, ""))
    found = read(tmp_path, first_year().write(), year.write())
    assert (open_items(found), told(found)) == ({"F-2": "600.00"}, ["fec-opening-differs"])


def test_a_year_without_opening_balances_goes_on(tmp_path: Path) -> None:
    year = Accounts()
    year.payment("C001", date(2027, 1, 5), 160_000)
    found = read(tmp_path, first_year().write(), year.write())
    assert open_items(found) == {}


def test_a_lettering_that_goes_on_in_the_next_year_is_one(tmp_path: Path) -> None:
    first, year = Accounts(), second_year(("C001", "F-1", 120_000, ""), ("C001", "F-2", 60_000, ""))
    first.invoice("C001", "F-1", OCTOBER, 120_000, "AB", DateLet="20270105")
    first.invoice("C001", "F-2", OCTOBER, 60_000)
    year.payment("C001", date(2027, 1, 5), 120_000, "AB")
    found = read(tmp_path, first.write(), year.write())
    assert (open_items(found), told(found)) == ({"F-2": "600.00"}, [])


def test_one_code_for_two_letterings_is_two(tmp_path: Path) -> None:
    accounts = Accounts()
    for piece, day in (("F-1", "20261003"), ("F-2", "20261104")):
        accounts.invoice("C001", piece, OCTOBER, 12_000, "A", DateLet=day)
        accounts.payment("C001", NOVEMBER, 12_000, "A", DateLet=day)
    found = read(tmp_path, accounts.write())
    assert [names for _, _, names in payments(found)] == [("F-1",), ("F-2",)]


def test_two_files_of_the_same_days_are_refused(tmp_path: Path) -> None:
    found = read(tmp_path, first_year().write(), first_year().write())
    assert [problem.code for problem in errors(found)] == ["fec-years-overlap"]


# What is wrong


def test_an_entry_that_does_not_balance_holds_back_its_client(tmp_path: Path) -> None:
    accounts = one_invoice()
    for number in range(2, 5):
        accounts.invoice(f"C00{number}", f"F-{number}", OCTOBER, 10_000)
    content = text_of(accounts, ("|1200,00|0,00|", "|1020,00|0,00|"))
    found = read(tmp_path, content)
    assert [(problem.code, problem.where.line, problem.message) for problem in errors(found)] == [
        ("fec-entry-unbalanced", 2, 'the entry "VE 1" has debits of 1020.00 and credits of 1200.00.')
    ]
    held = read(tmp_path, content, unreadable=Unreadable.HOLD)
    assert (list(held.ledger.unreadable), errors(held)) == (["C001"], [])


def test_an_entry_that_does_not_balance_without_a_client_is_told(tmp_path: Path) -> None:
    accounts = one_invoice()
    accounts.entry("OD", OCTOBER, "", "Loyer", ("613000", "", 5_000, ""), ("401000", "", -4_000, ""))
    accounts.entry("OD", OCTOBER, "", "Loyer", ("613000", "", 5_000, ""), ("401000", "", -5_000, ""))
    found = read(tmp_path, accounts.write())
    assert (told(found), errors(found)) == (["fec-entry-elsewhere 5"], [])


def four_clients() -> Accounts:
    """An invoice of each of four clients; the last entry, of lines 14 and 15, is a payment of the fourth."""
    accounts = Accounts({"C004": "Petit EURL"})
    for number in range(1, 5):
        accounts.invoice(f"C00{number}", f"F-{number}", OCTOBER, 10_000)
    accounts.payment("C004", NOVEMBER, 5_000, label="VIR")
    return accounts


PAYMENT_LINE = "BQ|Banque|5|20261102|411000|Clients|C004|Petit EURL||20261102|VIR|0,00|50,00|||20261102||"


@pytest.mark.parametrize("account", ["", "4", "4I1000", "client"])
@pytest.mark.parametrize("amount", ["50,00", "5O,00"])
@pytest.mark.parametrize(
    ("named", "held"),
    [
        ("C004|Petit EURL", ["C004"]),
        ("C004|", ["C004"]),
        ("|Petit EURL", ["C004"]),
        ("C001|Petit EURL", ["C001", "C004"]),
        ("|", []),
        ("|Petit", []),
        ("C09|", []),
    ],
)
def test_a_line_of_no_readable_account_holds_back_whom_it_names_and_else_stops_the_run(
    account: str, amount: str, named: str, held: list[str], tmp_path: Path
) -> None:
    line = PAYMENT_LINE.replace("411000", account).replace("C004|Petit EURL", named).replace("50,00", amount)
    found = read(tmp_path, text_of(four_clients(), (PAYMENT_LINE, line)), unreadable=Unreadable.HOLD)
    assert sorted(found.ledger.unreadable) == held
    assert [(problem.code, problem.where.line) for problem in errors(found)] == (
        [] if held else [("fec-account-unreadable", 15)]
    )


def test_a_line_of_no_account_and_no_amount_is_nothing(tmp_path: Path) -> None:
    accounts = four_clients()
    accounts.entry("OD", NOVEMBER, "", "Note", ("", "", 0, ""))
    assert errors(read(tmp_path, accounts.write())) == []


def test_money_of_an_entry_that_does_not_balance_could_be_any_clients(tmp_path: Path) -> None:
    found = read(tmp_path, text_of(four_clients(), (f"{PAYMENT_LINE}\r\n", "")), unreadable=Unreadable.HOLD)
    assert [(problem.code, problem.where.line) for problem in errors(found)] == [("fec-money-unbalanced", 14)]
    assert not found.ledger.unreadable


def test_money_of_several_clients_that_does_not_balance_could_be_another_ones(tmp_path: Path) -> None:
    accounts = four_clients()
    paid = ("512000", "", 9_000, ""), ("411000", "C001", -5_000, ""), ("411000", "C002", -3_000, "")
    accounts.entry("BQ", NOVEMBER, "", "REMISE", *paid)
    found = read(tmp_path, accounts.write(), unreadable=Unreadable.HOLD)
    assert [problem.code for problem in errors(found)] == ["fec-money-unbalanced"]


def test_money_of_one_client_that_does_not_balance_is_theirs(tmp_path: Path) -> None:
    wrong = PAYMENT_LINE.replace("50,00", "55,00")
    found = read(tmp_path, text_of(four_clients(), (PAYMENT_LINE, wrong)), unreadable=Unreadable.HOLD)
    assert (list(found.ledger.unreadable), errors(found)) == (["C004"], [])


@pytest.mark.parametrize("label", ["VIR|hier|demain", "VIR|"])
def test_a_broken_line_that_tells_its_client_is_what_its_entry_lacks(label: str, tmp_path: Path) -> None:
    broken = PAYMENT_LINE.replace("|VIR|", f"|{label}|") + "|x"
    found = read(tmp_path, text_of(four_clients(), (PAYMENT_LINE, broken)), unreadable=Unreadable.HOLD)
    assert (list(found.ledger.unreadable), errors(found)) == (["C004"], [])


def test_a_broken_line_without_an_account_could_be_any_clients(tmp_path: Path) -> None:
    broken = PAYMENT_LINE.replace("|411000|Clients|C004|", "||Cli|ents||").replace("|50,00|", "|5O,00|")
    found = read(tmp_path, text_of(four_clients(), (PAYMENT_LINE, broken)), unreadable=Unreadable.HOLD)
    assert ("fec-line-broken", 15) in [(problem.code, problem.where.line) for problem in errors(found)]


@pytest.mark.parametrize("label", ["VIR F-2026-5", "VIR facture F-3"])
def test_a_payment_that_names_another_clients_invoice_holds_back_both(label: str, tmp_path: Path) -> None:
    accounts = four_clients()
    for number in range(5, 7):
        accounts.invoice(f"C00{number}", f"F-2026-{number}", OCTOBER, 10_000)
    line = accounts.payment("C001", NOVEMBER, 10_000, label=label) + 1
    found = read(tmp_path, accounts.write())
    assert [(problem.code, problem.where.line) for problem in errors(found)] == [("fec-payment-astray", line)]
    held = read(tmp_path, accounts.write(), unreadable=Unreadable.HOLD)
    assert (sorted(held.ledger.unreadable), errors(held)) == (["C001", "C005" if "5" in label else "C003"], [])


def test_a_payment_that_names_anothers_invoice_is_theirs_where_the_accounts_say_so(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.invoice("C001", "F-2026-1", OCTOBER, 10_000, "A")
    accounts.invoice("C002", "F-2026-2", OCTOBER, 10_000)
    accounts.invoice("C003", "F-2026-3", OCTOBER, 10_000)
    accounts.payment("C001", NOVEMBER, 10_000, "A", label="VIR F-2026-2")  # lettered
    accounts.payment("C003", NOVEMBER, 1_000, label="VIR F-2026-3 F-2026-2")  # their own too
    both = ("411000", "C002", -2_000, ""), ("411000", "C003", -1_000, "")
    accounts.entry("BQ", NOVEMBER, "", "VIR F-2026-2", ("512000", "", 3_000, ""), *both)  # one transfer of both
    assert errors(read(tmp_path, accounts.write())) == []


def test_entries_numbered_line_by_line_are_told_by_their_pieces(tmp_path: Path) -> None:
    accounts = one_invoice()
    accounts.invoice("C002", "F-2", NOVEMBER, 10_000)
    accounts.lines = [(line | {"EcritureNum": str(at)}, minor) for at, (line, minor) in enumerate(accounts.lines)]
    found = read(tmp_path, accounts.write())
    assert (told(found), len(found.ledger.invoices)) == ([], 2)


def test_entries_that_nothing_tells_apart_are_not_checked(tmp_path: Path) -> None:
    accounts = one_invoice()
    accounts.payment("C001", NOVEMBER, 10_000)
    accounts.lines = [
        (line | {"EcritureNum": str(at), "PieceRef": f"P-{at}"}, minor)
        for at, (line, minor) in enumerate(accounts.lines)
    ]
    found = read(tmp_path, accounts.write())
    assert (told(found), open_items(found)) == (["fec-entries-untold", "fec-unlettered 6"], {"P-0": "1100.00"})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("VE|Ventes|1|20261001|411000", "VE|Ventes|1|20261301|411000"), ["date-impossible 2 EcritureDate"]),
        (("F-1|20261001|Facture F-1|1200,00", "F-1|hier|Facture F-1|1200,00"), ["date-unreadable 2 PieceDate"]),
        (("|1200,00|0,00|", "|12OO,00|0,00|"), ["amount-unreadable 2 Debit"]),
        (("|1200,00|0,00|", "|1200,00|zéro|"), ["amount-unreadable 2 Credit"]),
        (("|1200,00|0,00|", "|1200,005|0,00|"), ["amount-decimals 2 Debit"]),
    ],
)
def test_a_line_of_a_client_that_cannot_be_read_is_theirs(
    change: tuple[str, str], expected: list[str], tmp_path: Path
) -> None:
    accounts = one_invoice()
    accounts.invoice("C002", "F-2", NOVEMBER, 10_000)
    found = read(tmp_path, text_of(accounts, change))
    assert [problem for problem in told(found) if not problem.startswith("fec-entry")] == expected
    held = read(tmp_path, text_of(accounts, change), unreadable=Unreadable.HOLD)
    assert (list(held.ledger.unreadable), errors(held)) == (["C001"], [])


def test_an_amount_of_no_side_is_told(tmp_path: Path) -> None:
    content = one_invoice().write(Dialect(separator="|", sides=("D", "C"))).decode()
    found = read(tmp_path, content.replace("|1200,00|D|", "|1200,00|X|").encode())
    assert told(found) == ["fec-side-unknown 2 Sens"]


def test_an_unknown_currency_is_told(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.invoice("C001", "F-1", OCTOBER, 90_000, Montantdevise="900,00", Idevise="ZZZ")
    assert told(read(tmp_path, accounts.write())) == ["currency-unknown 2 Idevise"]


def test_a_separator_in_a_label_is_put_right_where_that_is_certain(tmp_path: Path) -> None:
    accounts = one_invoice()
    accounts.payment("C001", NOVEMBER, 1_000)
    changes = ("F-1|20261001|Facture F-1|1200,00", "F-1|20261001|Facture | F-1 || bis|1200,00")
    found = read(tmp_path, text_of(accounts, changes))
    assert (told(found), open_items(found)) == (["fec-unlettered 6"], {"F-1": "1190.00"})


def test_a_line_that_cannot_be_put_right_is_its_clients_where_their_account_tells(tmp_path: Path) -> None:
    accounts = one_invoice()
    accounts.invoice("C001", "F-2", NOVEMBER, 60_000)
    accounts.invoice("C002", "F-3", NOVEMBER, 10_000)
    broken = ("|411000|Clients|C001|Studio Vérdier|F-2|20261102|", "|411000|Cli|ents|C001|Studio|F-2|20261102|hier|")
    content = text_of(accounts, broken)
    assert [problem for problem in told(read(tmp_path, content)) if "entry" not in problem] == ["fec-line-broken 5"]
    held = read(tmp_path, content, unreadable=Unreadable.HOLD)
    assert (list(held.ledger.unreadable), errors(held)) == (["C001"], [])


def test_a_line_that_could_be_any_clients_stops_the_run(tmp_path: Path) -> None:
    accounts = one_invoice()
    accounts.invoice("C002", "F-2", NOVEMBER, 60_000)
    content = text_of(accounts, ("|C002|C002|F-2|20261102|", "|C0|02|C002|hier|F-2|20261102|demain|"))
    held = read(tmp_path, content, unreadable=Unreadable.HOLD)
    assert [problem.code for problem in errors(held)] == ["fec-line-broken"]


def test_lines_about_no_client_that_cannot_be_read_are_told_once(tmp_path: Path) -> None:
    accounts = one_invoice()
    accounts.entry("OD", OCTOBER, "", "Loyer", ("613000", "", 5_000, ""), ("401000", "", -5_000, ""))
    content = text_of(accounts, ("|50,00|0,00|", "|cinquante|0,00|"), ("|0,00|50,00|", "|0,00|0,00|50,00|60|"))
    found = read(tmp_path, content)
    assert (told(found), errors(found)) == (["fec-line-elsewhere 5"], [])


def test_a_line_break_in_a_label_is_put_right(tmp_path: Path) -> None:
    content = text_of(one_invoice(), ("|Facture F-1|1200,00", "|Facture\nF-1|1200,00"))
    assert open_items(read(tmp_path, content)) == {"F-1": "1200.00"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"id;name;email\nverdier;Studio Verdier;a@b.example\n", "fec-not-one"),
        (b"<?xml version='1.0'?><comptabilite/>", "fec-not-one"),
        (b"", "file-empty"),
        (b"\n\n", "file-empty"),
        (b"PK\x03\x04rest of a workbook", "file-binary"),
        (one_invoice().write().split(b"\n", 1)[1], "fec-header-missing"),
        (one_invoice().write().replace(b"CompteNum", b"Compte"), "fec-column-missing"),
        (one_invoice().write().replace(b"Credit", b"Avoir"), "fec-column-missing"),
        (one_invoice().write().replace(b"Idevise", b"Debit"), "fec-column-twice"),
        (one_invoice().write() + "é".encode() + "é".encode("cp1252"), "encoding-mixed"),
        (b"x" * 1_500_000, "line-too-long"),
    ],
)
def test_what_is_no_fec_is_refused(content: bytes, code: str, tmp_path: Path) -> None:
    assert read(tmp_path, content).codes() == [code]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert read(tmp_path).codes() == ["fec-missing"]
    assert read(tmp_path, file="ledger/*FEC*.txt").codes() == ["fec-missing"]
    (tmp_path / FILE).mkdir()
    assert read(tmp_path).codes() == ["file-unreadable"]


def test_a_fec_without_clients_is_told(tmp_path: Path) -> None:
    accounts = Accounts()
    accounts.entry("OD", OCTOBER, "", "Loyer", ("613000", "", 5_000, ""), ("401000", "", -5_000, ""))
    assert told(read(tmp_path, accounts.write())) == ["fec-no-receivables"]


def test_other_files_beside_it_are_not_read_and_told(tmp_path: Path) -> None:
    found = read(tmp_path, one_invoice().write(), payments="date;client;amount\n")
    assert told(found) == ["file-unknown"]


def test_a_formula_in_the_accounts_stays_a_text(tmp_path: Path) -> None:
    accounts = Accounts({"C001": "=HYPERLINK(1)\u202e"})
    accounts.invoice("C001", "=F-1", OCTOBER, 10_000)
    found = read(tmp_path, accounts.write())
    assert errors(found) == []
    assert (found.ledger.clients["C001"].name, found.ledger.invoices[0].number) == ("'=HYPERLINK(1)", "'=F-1")


# Dialects

dialects = st.builds(
    Dialect,
    separator=st.sampled_from(["\t", "|", ";"]),
    encoding=st.sampled_from(["ascii", "iso8859-15", "cp1252", "utf-8", "utf-8-sig", "utf-16"]),
    mark=st.sampled_from([",", "."]),
    sides=st.sampled_from([None, ("D", "C"), ("d", "c"), ("1", "-1"), ("+1", "-1")]),
    padding=st.sampled_from(["", " ", "0"]),
    trailing=st.booleans(),
    trailing_header=st.booleans(),
    negative_credits=st.booleans(),
    sign_after=st.booleans(),
    quotes=st.booleans(),
    newline=st.sampled_from(["\r\n", "\n", "\r"]),
    more=st.sampled_from([0, 3, 4]),
    blank_lines=st.booleans(),
)


def story(letters: str) -> Accounts:
    names = {"C001": f"Stu{letters}dio", "C002": 'Le "Bistrot"'}
    accounts = Accounts(names)
    accounts.invoice("C001", "F-1", OCTOBER, 120_000, "A")
    accounts.invoice("C002", "F-2", OCTOBER, 1_234_567)
    accounts.payment("C001", NOVEMBER, 120_000, "A")
    accounts.credit_note("C002", "AV-1", NOVEMBER, 50)
    accounts.invoice("C002", "F-3", NOVEMBER, 5)
    return accounts


@settings(max_examples=examples(60), deadline=None)
@given(dialect=dialects, data=st.data())
def test_every_dialect_says_the_same(
    dialect: Dialect, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    letters = {"ascii": "", "iso8859-15": "é-Œ-€", "cp1252": "é-Œ-€-–"}.get(dialect.encoding, "éŒ€–日")
    order = data.draw(st.permutations(range(len(dialect.columns()))))
    folder = tmp_path_factory.mktemp("fec")
    found = read(folder, story(letters).write(shuffled(dialect, order)))
    assert told(found) == []
    assert {client.id: client.name for client in found.ledger.clients.values()} == {
        "C001": f"Stu{letters}dio",
        "C002": 'Le "Bistrot"',
    }
    assert payments(found) == [("2026-11-02", "1200.00", ("F-1",))]
    assert open_items(found, "C002") == {"F-2": "12345.17", "F-3": "0.05"}
    assert balance(statements(found)["C001"]) == 0


# Any story: what is open for each client is what the accounts say

moves = st.lists(
    st.tuples(
        st.sampled_from(["invoice", "invoice", "pay", "pay part", "pay some", "note", "bounce", "back"]),
        st.sampled_from(["C001", "C002"]),
        st.integers(1, 50_000),
        st.booleans(),
        st.integers(0, 20),
    ),
    max_size=25,
)


class Story:
    """Clients who are invoiced and pay, as they come, and an accountant who letters some of it."""

    def __init__(self) -> None:
        self.accounts = Accounts()
        self.on = JANUARY
        self.owed = {"C001": 0, "C002": 0}
        self.open: dict[str, list[list[int]]] = {"C001": [], "C002": []}  # [line, left]
        self.lettered: set[str] = set()
        self.codes = 0
        self.came: list[tuple[str, int]] = []

    def happen(self, what: str, client: str, minor: int, *, letters: bool, days: int) -> None:
        self.on = days_after(self.on, days)
        mine = self.open[client]
        if what == "invoice":
            line = self.accounts.invoice(client, f"F{len(self.accounts.lines):04d}", self.on, minor)
            self.owed[client] += minor
            mine.append([line - 2, minor])
        elif what == "note":
            line = self.accounts.credit_note(client, f"AV{len(self.accounts.lines):04d}", self.on, minor)
            self.owed[client] -= minor
            self._letter(line - 2, minor, mine, letters=letters)
        elif what in {"pay", "pay part", "pay some"} and mine:
            minor = mine[0][1] if what == "pay" else sum(left for _, left in mine) if what == "pay some" else minor
            line = self.accounts.payment(client, self.on, minor)
            self.owed[client] -= minor
            self.came.append((client, minor))
            self._letter(line - 1, minor, mine, letters=letters)
        elif what == "bounce" and self.came:
            client, minor = self.came.pop()
            self.accounts.payment(client, self.on, -minor, label="IMPAYE")
            self.owed[client] += minor
        elif what == "back" and self.owed[client] < 0:
            self.accounts.payment(client, self.on, self.owed[client], label="REMBOURSEMENT")
            self.owed[client] = 0
            self.came = [entry for entry in self.came if entry[0] != client]  # what is given back cannot bounce as well

    def _letter(self, line: int, minor: int, mine: list[list[int]], *, letters: bool) -> None:
        """Letters a credit with the debts that it pays as a whole, if it does that."""
        exact = next((count for count in range(1, len(mine) + 1) if sum(left for _, left in mine[:count]) == minor), 0)
        if letters and exact:
            self.codes += 1
            members = [line, *(debt for debt, _ in mine[:exact])]
            for member in members:
                cells, amount = self.accounts.lines[member]
                self.lettered.add(cells["PieceRef"])
                self.accounts.lines[member] = (cells | {"EcritureLet": f"L{self.codes}"}, amount)
            del mine[:exact]


@settings(max_examples=examples(120), deadline=None)
@given(happened=moves)
def test_what_is_open_is_what_the_accounts_say(
    happened: list[tuple[str, str, int, bool, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    story_ = Story()
    for what, client, minor, letters, days in happened:
        story_.happen(what, client, minor, letters=letters, days=days)
    found = read(tmp_path_factory.mktemp("fec"), story_.accounts.write())
    assert errors(found) == []
    balances = {client: balance(statement) for client, statement in statements(found).items()}
    assert {client: balances.get(client, 0) for client in story_.owed} == story_.owed
    if not any(what == "bounce" for what, *_ in happened):
        for statement in statements(found).values():
            assert not [item.id for item in statement.items if item.id in story_.lettered and item.open]


def test_the_columns_of_the_law_are_eighteen() -> None:
    assert len(COLUMNS) == 18
