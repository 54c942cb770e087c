"""A year of many clients by chance: every day, nobody is written to who should not be, and whoever should be is.

`tests/support/year.py` are the clients, `seller.py` the runs, the owner and the mail server, `year_rules.py` what must hold.
`make test` lives through small years; `make soak` through years of 200 clients. A failure names the client and the day.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from generator.domain.due import Held
from generator.domain.policy import Amounts, Anchor, Approval, Policy, ReminderPolicy, Step
from tests.support.effort import SOAK
from tests.support.seller import Seller

if TYPE_CHECKING:
    from collections import Counter

LOYAL = (Step("reminder-1", 20), Step("reminder-2", 10, anchor=Anchor.PREVIOUS), Step("reminder-3", 60))
REMINDERS = ReminderPolicy(ladders={"loyal": LOYAL}, most_per_month=3, receipts=True, onboarding=True)
TRUSTING = Policy(
    reminders=replace(REMINDERS, approve=Approval.NONE), currencies={"GBP": Amounts(minimum_amount=Decimal("5.00"))}
)
#: Payments are booked up to a day, formal notices wait for the owner, and reminders may follow each other sooner.
CAREFUL = replace(
    TRUSTING,
    payments_up_to=date(2026, 1, 4),
    reminders=replace(REMINDERS, approve=Approval.NOTICES, minimum_gap_days=6),
)
POLICIES = ((TRUSTING, ""), (CAREFUL, "alsace-moselle"))
SEEDS = range(12) if SOAK else (6,)
CLIENTS = 200 if SOAK else 14

#: How often a year must at least have met each thing that could go wrong; a year without it would prove nothing of it.
LEAST = {
    **dict.fromkeys(("email: courtesy", "email: reminder-1", "email: receipt", "call sheets", "calls", "promise"), 5),
    **dict.fromkeys(("email: reminder-2", "email: reminder-3", "email: instalment", "letter: formal-notice"), 2),
    **dict.fromkeys(("email: instalment-late", "email: agreement-over", "email: recap"), 1),
    **dict.fromkeys(("email: onboarding", "email after a call sheet"), 1),
    **dict.fromkeys(("calls that reached nobody", "uncertain, and had left", "uncertain, made again"), 1),
    **dict.fromkeys(("attempt: later", "attempt: refused", "attempt: bounced", "attempt: None"), 2),
    **dict.fromkeys(("another address", "the address is tried again", "refund", "two currencies in one message"), 1),
    **dict.fromkeys(("agreement", "dispute", "debit", "hold", "bounced payment"), 3),
    **dict.fromkeys(("days away", "days that only built", "days run twice"), 10),
}
#: Each of these held somebody. A credit that covers everything is too rare to count on; these clients' rows can all be read, and
#: all have an address.
HELD = set(Held) - {Held.STALE, Held.CREDIT, Held.UNREADABLE, Held.NO_ADDRESS}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_year(seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    policy, region = POLICIES[seed % len(POLICIES)]
    seller = Seller(seed, policy, CLIENTS, region)
    seller.year()
    _tell(seed, seller.met, capsys)
    assert {name: seller.met[name] for name, least in LEAST.items() if seller.met[name] < least} == {}
    held = HELD | ({Held.STALE} if policy.payments_up_to else set())
    assert {str(reason) for reason in held if not seller.met[f"held: {reason}"]} == set()
    ends = seller.met["email: agreement-over"] + seller.met["letter: agreement-over"]
    assert seller.met["waits"] == 0 or ends or policy.reminders.approve is not Approval.NONE


def _tell(seed: int, met: Counter[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The long run says what it met."""
    if SOAK:
        with capsys.disabled():
            sys.stdout.write(f"\nyear {seed}: {', '.join(f'{name} {count}' for name, count in sorted(met.items()))}\n")
