"""What became of claimed late fees, move by move, and the lines of it that a history shows."""

from __future__ import annotations

from generator.domain.account import HistoryKind, HistoryLine
from generator.domain.fee_history import AGAIN, Act, fee_lines, fee_moves, with_fee_lines
from tests.report.claiming import claim, day, euros, made, paid, waived

FIRST = made("F-090", "2026-11-02", "2.00", step="reminder-3")
SECOND = made("F-090", "2026-11-16", "6.12")


def test_a_claim_that_was_never_replaced_is_one_move() -> None:
    (move,) = fee_moves(claim(FIRST))
    assert (move.act, str(move.interest), str(move.indemnity), str(move.open)) == (
        Act.CLAIMED,
        "2.00",
        "40.00",
        "42.00",
    )
    assert (move.step, move.until, move.told) == ("reminder-3", day("2026-11-01"), True)


def test_on_one_day_the_claim_comes_before_the_waiver_and_that_before_the_money() -> None:
    one = claim(FIRST, waivings=[waived("2026-11-02", "1.00")], receipts=[paid("2026-11-02", "41.00")])
    assert [(move.act, str(move.open)) for move in fee_moves(one)] == [
        ("claimed", "42.00"),
        ("waived", "41.00"),
        ("collected", "0.00"),
    ]


def test_what_came_in_beyond_a_claim_that_was_lowered_is_interest() -> None:
    one = claim(SECOND, made("F-090", "2026-11-20", "0.00", step="later"), receipts=[paid("2026-11-17", "40.00")])
    first, came, lowered = fee_moves(one)
    assert (str(came.interest), str(came.indemnity)) == ("6.12", "33.88")
    assert (str(lowered.amount), str(lowered.open), str(first.open)) == ("-6.12", "0.00", "46.12")


def test_a_history_tells_of_claims_by_what_they_added_and_of_waivers_and_leaves_the_money_to_the_payments() -> None:
    one = claim(FIRST, SECOND, waivings=[waived("2026-11-17", "5.00")], receipts=[paid("2026-11-18", "20.00")])
    assert [(line.kind, str(line.amount), line.invoices, line.label) for line in fee_lines([one])] == [
        (HistoryKind.FEES, "42.00", ("F-090",), ""),
        (HistoryKind.FEES, "4.12", ("F-090",), AGAIN),
        (HistoryKind.FEES_WAIVED, "5.00", ("F-090",), ""),
    ]


def test_a_claim_that_changed_nothing_or_was_not_told_is_no_line() -> None:
    assert [str(line.amount) for line in fee_lines([claim(FIRST, SECOND, told=False)])] == ["42.00"]
    assert [str(line.amount) for line in fee_lines([claim(FIRST, made("F-090", "2026-11-16", "2.00"))])] == ["42.00"]


def test_the_lines_stand_in_the_order_of_days_before_the_money_of_their_day() -> None:
    money = HistoryLine(day("2026-11-02"), HistoryKind.PAYMENT, euros("10.00"), ("F-090",))
    lines = with_fee_lines((money,), [claim(FIRST, waivings=[waived("2026-10-30", "1.00")])])
    assert [line.kind for line in lines] == [HistoryKind.FEES, HistoryKind.FEES_WAIVED, HistoryKind.PAYMENT]
    assert with_fee_lines((money,), []) == (money,)
