"""Up to which day payments are booked, by the bank statements that were read."""

from __future__ import annotations

from itertools import permutations

import pytest

from generator.calendars import calendar
from generator.domain.bank import booked_until, same_account
from generator.domain.ledger import BankPeriod
from generator.domain.money import Money
from tests.bank.makers import IBAN
from tests.support.world import day

BUSINESS = calendar("FR")


def period(
    begins: str, ends: str, waits: str = "", account: str = IBAN, opening: int = 0, closing: int = 0
) -> BankPeriod:
    before, after = (Money(minor, "EUR") if minor else None for minor in (opening, closing))
    return BankPeriod(account, day(begins), day(ends), day(waits) if waits else None, before, after)


def until(*periods: BankPeriod, known: str = "", iban: str = IBAN) -> str:
    """The same whatever the order in which they were read."""
    found = {booked_until(order, iban, day(known) if known else None, BUSINESS) for order in permutations(periods)}
    assert len(found) == 1
    (reached,) = found
    return reached.isoformat() if reached else ""


@pytest.mark.parametrize(
    ("periods", "known", "expected"),
    [
        ([], "", ""),
        ([], "2026-10-31", "2026-10-31"),
        ([period("2026-11-02", "2026-11-06")], "", "2026-11-06"),
        ([period("2026-11-02", "2026-11-06"), period("2026-11-07", "2026-11-10")], "", "2026-11-10"),
        ([period("2026-11-02", "2026-11-06"), period("2026-11-04", "2026-11-05")], "", "2026-11-06"),
        ([period("2026-11-02", "2026-11-06"), period("2026-11-09", "2026-11-10")], "", "2026-11-10"),  # a weekend
        ([period("2026-11-02", "2026-11-05"), period("2026-11-09", "2026-11-10")], "", "2026-11-05"),  # and a Friday
        ([period("2026-11-02", "2026-11-06")], "2026-10-31", "2026-11-06"),  # All Saints' Sunday
        ([period("2026-11-04", "2026-11-06")], "2026-10-31", "2026-10-31"),
        ([period("2026-11-04", "2026-11-06")], "2026-11-12", "2026-11-12"),
        ([period("2026-11-02", "2026-11-10", "2026-11-05")], "", "2026-11-04"),
        ([period("2026-11-02", "2026-11-10", "2026-11-02")], "", ""),
        ([period("2026-11-02", "2026-11-10", "2026-11-02")], "2026-10-31", "2026-10-31"),
        ([period("2026-11-02", "2026-11-10", "2026-11-05"), period("2026-11-11", "2026-11-13")], "", "2026-11-04"),
        (
            [period("2026-11-02", "2026-11-03", closing=5), period("2026-11-05", "2026-11-06", opening=5)],
            "",
            "2026-11-06",
        ),
        (
            [period("2026-11-02", "2026-11-03", closing=5), period("2026-11-05", "2026-11-06", opening=6)],
            "",
            "2026-11-03",
        ),
        ([period("2026-11-02", "2026-11-06", account="")], "", "2026-11-06"),
        ([period("2026-11-02", "2026-11-06", account="DE99")], "", ""),
    ],
)
def test_statements_reach_as_far_as_they_follow_each_other(
    periods: list[BankPeriod], known: str, expected: str
) -> None:
    assert until(*periods, known=known) == expected


def test_without_an_iban_the_account_that_was_read_least_far_decides() -> None:
    both = (period("2026-11-02", "2026-11-10", account="A"), period("2026-11-02", "2026-11-06", account="B"))
    assert until(*both, iban="") == "2026-11-06"


@pytest.mark.parametrize(
    ("account", "same"),
    [
        (IBAN, True),
        ("30006 00001 12345678901", True),
        ("12345678901", True),
        ("30004 00001 12345678901", False),
        ("30006", False),
        ("", False),
    ],
)
def test_an_account_is_told_by_the_numbers_inside_its_iban(account: str, *, same: bool) -> None:
    assert same_account(IBAN, account) is same
