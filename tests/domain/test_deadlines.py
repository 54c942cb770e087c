"""Until which day a reminder asks for an answer, and that no formal notice leaves before it is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from generator.domain.deadlines import answer_by, notices_from
from generator.domain.memory import Memory, OfferKind, OfferMade
from generator.domain.policy import Anchor, Step
from tests.support.reading import BARE, due_step, sent_between
from tests.support.world import day, world

LATE = "invoice F-1 2026-09-02 due 2026-10-02 1200.00"
#: A ladder in a hurry: the notice could follow the last reminder after a week.
HURRY = (
    Step("reminder-1", 5),
    Step("reminder-2", 7, anchor=Anchor.PREVIOUS),
    Step("formal-notice", 7, anchor=Anchor.PREVIOUS),
)
QUICK = replace(BARE, reminders=replace(BARE.reminders, steps=HURRY))


@pytest.mark.parametrize(
    ("on", "ends", "until"),
    [
        ("2027-01-11", (), "2027-01-21"),
        ("2026-12-09", (), "2026-12-21"),  # ten days later is a Saturday
        ("2026-12-10", (), "2026-12-21"),  # or a Sunday
        ("2027-01-11", ("2027-01-25", "2027-01-19"), "2027-01-19"),
        ("2027-01-11", ("2027-01-17", "2027-01-26"), "2027-01-21"),  # too short, too long
    ],
)
def test_the_first_end_of_an_offer_that_is_about_as_long_else_ten_days(
    on: str, ends: tuple[str, ...], until: str
) -> None:
    assert answer_by(day(on), map(day, ends)) == day(until)


def test_the_notice_waits_until_that_day_is_over() -> None:
    made = world(LATE, QUICK)
    assert sent_between(made, "2026-11-02", "2026-12-31") == [
        ("2026-11-02", "reminder-1"),
        ("2026-11-09", "reminder-2"),
        ("2026-11-20", "formal-notice"),
    ]
    assert answer_by(day("2026-11-09"), ()) == day("2026-11-19")


def test_the_next_message_is_announced_for_that_day() -> None:
    made = world(f"{LATE}\nsent 2026-11-02 reminder-1 F-1\nsent 2026-11-09 reminder-2 F-1", QUICK)
    account = made.on("2026-11-17")
    assert (due_step(account), account.reminders.next and account.reminders.next.on) == (None, day("2026-11-20"))


def test_a_call_gives_no_day_in_writing() -> None:
    made = world(f"{LATE}\nsent 2026-11-02 reminder-1 F-1\nsent 2026-11-09 reminder-2 F-1 by=phone", QUICK)
    assert due_step(made.on("2026-11-16")) == "formal-notice"


@pytest.mark.parametrize("length", [6, 7, 12, 14, 15])
def test_it_never_leaves_before_the_day_that_was_written_whichever_offer_was_told_of(length: int) -> None:
    made = world(f"{LATE}\nsent 2026-11-09 reminder-2 F-1", QUICK)
    sent = Memory.of(made.events).get("brun").sent
    until = day("2026-11-09") + timedelta(days=length)
    offer = OfferMade(
        *("K1", OfferKind.DISCOUNT, "brun", "EUR", "RF1", ("F-1",)), day("2026-11-09"), until, percent=Decimal(5)
    )
    first = notices_from({}, sent, [offer])["F-1"]
    assert first > max(answer_by(day("2026-11-09"), ends) for ends in ((), (until,)))
    assert notices_from({"F-1": day("2027-01-01")}, sent, [offer])["F-1"] == day("2027-01-01")
