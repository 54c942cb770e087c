"""What one client owes on one day, item by item, and how they have paid so far."""

from __future__ import annotations

import pytest

from generator.domain.account import HistoryKind, Status
from tests.support.reading import BARE, item, opened
from tests.support.world import day, world

ONE = "invoice F-1 2026-10-02 due 2026-11-02 1200.00"


class TestStatus:
    @pytest.mark.parametrize(
        ("today", "status", "late"),
        [
            ("2026-11-01", Status.NOT_DUE, 0),
            ("2026-11-02", Status.DUE, 0),
            ("2026-11-03", Status.OVERDUE, 1),
            ("2026-12-02", Status.OVERDUE, 30),
        ],
    )
    def test_an_invoice_is_overdue_from_the_day_after_its_due_date(self, today: str, status: Status, late: int) -> None:
        found = item(world(ONE).on(today), "F-1")
        assert (found.status, found.days_overdue) == (status, late)

    def test_a_paid_one_is_never_overdue(self) -> None:
        found = item(world(f"{ONE}\npayment 2026-11-20 1200.00 F-1").on("2026-12-02"), "F-1")
        assert (found.status, found.days_overdue) == (Status.PAID, 0)

    def test_a_part_paid_one_is_overdue_for_the_rest(self) -> None:
        found = item(world(f"{ONE}\npayment 2026-11-20 1199.99 F-1").on("2026-12-02"), "F-1")
        assert (found.status, str(found.open)) == (Status.OVERDUE, "0.01")

    @pytest.mark.parametrize(
        ("today", "status"),
        [
            ("2026-11-09", Status.OVERDUE),
            ("2026-11-10", Status.DISPUTED),
            ("2026-11-19", Status.DISPUTED),
            ("2026-11-21", Status.OVERDUE),
        ],
    )
    @pytest.mark.parametrize(
        "text",
        [f"{ONE} disputed=2026-11-10 closed=2026-11-20", f"{ONE}\ndispute F-1 2026-11-10 2026-11-20"],
        ids=["in the invoices", "in the disputes"],
    )
    def test_a_dispute_lasts_until_it_is_closed(self, text: str, today: str, status: Status) -> None:
        assert item(world(text).on(today), "F-1").status is status

    def test_the_reason_of_a_dispute_is_kept(self) -> None:
        found = item(world(f"{ONE}\ndispute F-1 2026-11-10 reason='deux heures en trop'").on("2026-11-10"), "F-1")
        assert found.dispute_reason == "deux heures en trop"

    def test_disputing_an_invoice_in_parts_disputes_its_parts(self) -> None:
        account = world(
            """
            invoice F-1 2026-09-01 due 2026-10-01 60.00 part=a
            invoice F-1 2026-09-01 due 2026-11-01 100.00 part=b
            dispute F-1 2026-11-05
            """
        ).on("2026-11-06")
        assert [found.status for found in account.items] == [Status.DISPUTED, Status.DISPUTED]

    def test_a_promise_is_told_beside_its_item_and_changes_no_status(self) -> None:
        found = item(world(f"{ONE}\npromise 2026-11-10 2026-11-25 F-1").on("2026-11-12"), "F-1")
        assert (found.status, found.promised_on) == (Status.OVERDUE, day("2026-11-25"))

    @pytest.mark.parametrize("status", ["draft", "void"])
    def test_a_draft_or_void_invoice_does_not_exist_for_the_client(self, status: str) -> None:
        account = world(f"{ONE}\ninvoice F-2 2026-10-02 due 2026-11-02 50.00 status={status}").on("2026-11-10")
        assert "F-2" not in opened(account)

    @pytest.mark.parametrize("status", ["written_off", "factored"])
    def test_a_written_off_or_factored_invoice_is_owed_to_us_no_more(self, status: str) -> None:
        account = world(f"{ONE}\ninvoice F-2 2026-10-02 due 2026-11-02 50.00 status={status}").on("2026-11-10")
        assert str(account.totals.open) == str(account.totals.overdue) == "1200.00"

    def test_money_that_names_a_void_invoice_is_not_lost(self) -> None:
        text = f"{ONE}\ninvoice F-2 2026-10-02 due 2026-11-02 50.00 status=void\npayment 2026-11-05 50.00 F-2"
        account = world(text).on("2026-11-10")
        assert str(account.totals.open - account.totals.credit) == "1150.00"


class TestTotals:
    def test_overdue_upcoming_disputed_and_in_plan_make_up_what_is_open(self) -> None:
        totals = (
            world(
                """
                invoice F-1 2026-10-02 due 2026-11-02 100.00
                invoice F-2 2026-10-02 due 2026-11-02 200.00
                invoice F-3 2026-10-02 due 2026-11-02 400.00
                invoice F-4 2026-11-02 due 2026-12-02 800.00
                dispute F-2 2026-11-05
                agreement E-1 2026-11-05 F-3 2026-12-02:400.00
                """
            )
            .on("2026-11-10")
            .totals
        )
        assert [str(totals.overdue), str(totals.disputed), str(totals.in_plan), str(totals.upcoming)] == [
            "100.00",
            "200.00",
            "400.00",
            "800.00",
        ]
        assert str(totals.open) == "1500.00"

    def test_ageing_by_thirty_days(self) -> None:
        text = "\n".join(
            f"invoice F-{late} 2026-01-02 due {day('2026-11-16').fromordinal(day('2026-11-16').toordinal() - late)} {amount}.00"
            for late, amount in [(0, 1), (1, 2), (30, 4), (31, 8), (60, 16), (61, 32), (90, 64), (91, 128)]
        )
        ageing = world(text).on("2026-11-16").totals.ageing
        assert [str(part) for part in (ageing.up_to_30, ageing.up_to_60, ageing.up_to_90, ageing.older)] == [
            "6.00",
            "24.00",
            "96.00",
            "128.00",
        ]

    def test_what_is_overdue_stands_oldest_first(self) -> None:
        account = world(
            """
            invoice F-1 2026-10-02 due 2026-11-05 100.00
            invoice F-2 2026-10-03 due 2026-11-02 200.00
            """
        ).on("2026-11-10")
        assert [found.id for found in account.overdue] == ["F-2", "F-1"]

    def test_a_client_without_any_invoice_has_no_account(self) -> None:
        assert world("client brun\ninvoice F-1 2026-11-02 due 2026-12-02 100.00").decide("2026-11-01").accounts == ()


class TestHistory:
    def test_every_fact_is_a_line_in_the_order_of_its_day(self) -> None:
        account = world(
            f"""
            {ONE}
            payment 2026-11-05 500.00 F-1
            payment 2026-11-10 -500.00 F-1
            credit A-1 2026-10-20 200.00 F-1
            """
        ).on("2026-11-12")
        assert [(str(line.on), line.kind) for line in account.history] == [
            ("2026-10-02", HistoryKind.INVOICE),
            ("2026-10-20", HistoryKind.CREDIT_NOTE),
            ("2026-11-05", HistoryKind.PAYMENT),
            ("2026-11-10", HistoryKind.REVERSAL),
        ]

    def test_it_holds_nothing_dated_after_today(self) -> None:
        account = world(f"{ONE}\npayment 2026-11-05 500.00 F-1").on("2026-11-04")
        assert [line.kind for line in account.history] == [HistoryKind.INVOICE]


class TestStanding:
    def test_a_client_who_pays_on_the_due_date_pays_on_time(self) -> None:
        standing = world(f"{ONE}\npayment 2026-11-02 1200.00 F-1", BARE).on("2026-11-10").standing
        assert (standing.paid_invoices, standing.paid_on_time, standing.average_days_late) == (1, 1, 0)

    def test_late_by_ten_days(self) -> None:
        standing = world(f"{ONE}\npayment 2026-11-12 1200.00 F-1", BARE).on("2026-11-20").standing
        assert (standing.paid_invoices, standing.paid_on_time, standing.average_days_late) == (1, 0, 10)

    def test_days_late_weigh_by_amount(self) -> None:
        standing = (
            world(
                """
                invoice F-1 2026-10-02 due 2026-11-02 900.00
                invoice F-2 2026-10-02 due 2026-11-02 100.00
                payment 2026-11-02 900.00 F-1
                payment 2026-12-02 100.00 F-2
                """,
                BARE,
            )
            .on("2026-12-10")
            .standing
        )
        assert standing.average_days_late == 3

    def test_without_any_paid_invoice_nothing_is_said(self) -> None:
        assert world(ONE).on("2026-11-10").standing.average_days_late is None

    def test_the_last_three_tell_a_good_payer(self) -> None:
        paid = "\n".join(
            f"invoice F-{n} 2026-0{n}-01 due 2026-0{n}-28 100.00\npayment 2026-0{n}-{'28' if n > 1 else '29'} 100.00 F-{n}"
            for n in (1, 3, 4, 5)
        )
        assert world(paid).on("2026-06-15").standing.last_three_on_time
        assert not world("\n".join(paid.splitlines()[:6])).on("2026-06-15").standing.last_three_on_time
