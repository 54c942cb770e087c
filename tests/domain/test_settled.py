"""What is paid on a day that nobody wrote down: it counts, nobody is asked, and no day is made up for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from generator.domain.account import HistoryKind, Status
from generator.domain.facts import Facts
from generator.domain.ledger import CreditNote, Invoice, InvoiceStatus, Payment
from generator.domain.money import Money
from generator.domain.statement import Statement, draw_up

TODAY = date(2026, 11, 23)


def euros(amount: int) -> Money:
    return Money(amount * 100, "EUR")


def invoice(number: str, amount: int = 120, *, paid: int | None = None, settled: bool = False) -> Invoice:
    found = Invoice(number, "verdier", date(2026, 9, 1), date(2026, 10, 1), euros(amount))
    status = InvoiceStatus.PAID if settled else InvoiceStatus.OPEN
    return replace(found, status=status, paid_undated=None if paid is None else euros(paid))


def payment(amount: int, *names: str) -> Payment:
    return Payment("verdier", date(2026, 10, 5), euros(amount), names)


def drawn(*invoices: Invoice, payments: tuple[Payment, ...] = (), notes: tuple[CreditNote, ...] = ()) -> Statement:
    facts = Facts("verdier", "EUR", list(invoices), list(notes), list(payments))
    return draw_up(facts, (), TODAY)


def open_items(statement: Statement) -> dict[str, int]:
    return {item.id: item.open.minor // 100 for item in statement.items}


def test_what_is_settled_is_asked_of_nobody_and_shown_to_nobody() -> None:
    found = drawn(invoice("F-1", settled=True), invoice("F-2", 80))
    assert open_items(found) == {"F-2": 80}
    assert [line.invoices for line in found.history] == [("F-2",)]


def test_it_says_nothing_of_how_a_client_pays() -> None:
    assert drawn(invoice("F-1", settled=True)).positions == ()


def test_a_part_without_a_day_leaves_the_rest_and_no_line_of_history() -> None:
    found = drawn(invoice("F-1", paid=50))
    (item,) = found.items
    assert (item.paid, item.open, item.status) == (euros(50), euros(70), Status.OVERDUE)
    assert [line.kind for line in found.history] == [HistoryKind.INVOICE]


def test_payments_after_it_pay_what_it_left() -> None:
    found = drawn(invoice("F-1", paid=50), payments=(payment(100, "F-1"),))
    assert (found.items[0].open, found.items[0].paid, found.credit) == (euros(0), euros(120), euros(30))


def test_a_payment_that_names_what_is_settled_stays_there() -> None:
    found = drawn(invoice("F-1", settled=True), invoice("F-2"), payments=(payment(120, "F-1"),))
    assert (open_items(found), found.credit) == ({"F-2": 120}, euros(0))


@pytest.mark.parametrize(
    ("amount", "left", "why"),
    [
        (80, 120, "the exact amount of what is settled, and of nothing open"),
        (120, 0, "the exact amount of what is open comes first"),
        (70, 50, "of no exact amount: the open debt first, as ever"),
        (200, 0, "what covers more than the open debt is no credit while something settled lacks its payment"),
    ],
)
def test_a_payment_without_a_word(amount: int, left: int, why: str) -> None:
    found = drawn(invoice("F-1", 80, settled=True), invoice("F-2"), payments=(payment(amount),))
    assert open_items(found) == {"F-2": left}, why
    assert found.credit == euros(0), why


def test_a_real_credit_stays_one() -> None:
    found = drawn(invoice("F-1", 80, settled=True), payments=(payment(100),))
    assert found.credit == euros(20)


def test_a_credit_note_on_what_is_settled_is_the_clients_money() -> None:
    note = CreditNote("A-1", "verdier", date(2026, 10, 10), euros(30), "F-1")
    found = drawn(invoice("F-1", settled=True), invoice("F-2"), notes=(note,))
    assert open_items(found) == {"F-2": 90}
