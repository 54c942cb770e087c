"""Of a client about whom something could not be read nothing is decided: no sum, no offer, no link, no message."""

from __future__ import annotations

from dataclasses import replace

from generator.domain.due import Held
from generator.domain.ledger import SourceRef
from generator.domain.memory import KeyMade
from generator.domain.policy import LinkPolicy
from tests.support.reading import DISCOUNTING
from tests.support.world import World, day, world

PLACE = SourceRef("ledger/invoices.csv", 4)
POLICY = replace(DISCOUNTING, links=LinkPolicy("sable", "https://payer.atelier-sable.example", "Nora Sable", ("card",)))
LATE = """
    client brun
    invoice F-1 2026-10-02 due 2026-11-02 1000.00
    payment 2026-11-05 1500.00
    invoice F-2 2026-10-03 due 2026-11-03 900.00
    answer m1 2026-11-06
"""


def unreadable(*, known: bool) -> World:
    """Brun, whose row 4 could not be read, with or without a page already."""
    made = world(LATE, POLICY)
    made.ledger = replace(made.ledger, unreadable={"brun": (PLACE,)})
    if known:
        made.events.append(KeyMade("brun", "k" * 26, 1, day("2026-10-02")))
    return made


def test_the_account_says_nothing_but_why() -> None:
    made = unreadable(known=True)
    account = made.on("2026-11-16")
    assert (account.items, account.offers, account.agreements, account.history, account.guesses) == ((),) * 5
    assert (account.wanted, account.in_flight) == ((), ())
    assert {account.totals.open.minor, account.totals.to_pay.minor, account.totals.credit.minor} == {0}
    assert account.reminders.held is Held.UNREADABLE
    assert (account.reminders.due_today, account.reminders.next) == (None, None)


def test_it_keeps_its_page_and_what_the_client_answered() -> None:
    account = unreadable(known=True).on("2026-11-16")
    assert account.keys == ("k" * 26,)
    assert len(account.reminders.unread) == 1


def test_nothing_is_to_be_remembered_of_it() -> None:
    assert unreadable(known=True).decide("2026-11-16").events == ()


def test_without_a_page_there_is_no_account() -> None:
    decision = unreadable(known=False).decide("2026-11-16")
    assert (decision.accounts, decision.events) == ((), ())


def test_a_client_without_invoices_whose_row_is_wrong_keeps_the_page_too() -> None:
    made = unreadable(known=True)
    made.ledger = replace(made.ledger, invoices=(), payments=())
    assert made.on("2026-11-16").reminders.held is Held.UNREADABLE
