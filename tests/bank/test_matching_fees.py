"""Late fees that were claimed, among the amounts that money on the bank account is held against."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from generator.domain.matching import payment_of
from tests.bank.test_matching import came, judge, told
from tests.report.claiming import made
from tests.support.world import World, world

if TYPE_CHECKING:
    from generator.domain.bank import Movement

#: 46.12 of late fees were claimed on the first invoice, and told on 9 November.
LEDGER = """
client verdier
client brun
invoice F-2026-118 2026-10-01 due 2026-10-31 1200.00 client=verdier
invoice F-2026-119 2026-10-05 due 2026-12-04 300.00 client=verdier
sent 2026-11-09 formal-notice F-2026-118 by=letter client=verdier
"""
CLAIMED = replace(made("F-2026-118", "2026-11-09", "3.26", "42.86"), client="verdier")


def claimed(text: str = LEDGER) -> World:
    known = world(text)
    known.events.append(CLAIMED)
    return known


@pytest.mark.parametrize(
    ("movement", "expected", "invoices"),
    [
        (came("1246.12", "F-2026-118"), "certain number verdier", ("F-2026-118", "F-2026-118/fees")),
        (came("1200.00", "F-2026-118"), "certain number verdier", ("F-2026-118",)),
        (came("46.12", "F-2026-118"), "certain number verdier", ("F-2026-118/fees",)),
        (came("46.12", "penalites F-2026-118/fees"), "certain number verdier", ("F-2026-118/fees",)),
        (came("1246.12", party="VERDIER"), "certain name verdier", ()),
        (came("46.12", party="VERDIER"), "certain name verdier", ()),
        (came("46.12"), "doubtful amount_only verdier", ("F-2026-118/fees",)),
        (
            came("1246.12", "F-2026-118", on="2026-11-05"),
            "doubtful before_issued verdier",
            ("F-2026-118", "F-2026-118/fees"),
        ),
        (came("1240.00", "F-2026-118"), "doubtful amount_differs verdier", ("F-2026-118", "F-2026-118/fees")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_fees_are_an_amount_that_is_asked_for(movement: Movement, expected: str, invoices: tuple[str, ...]) -> None:
    found = judge(movement, claimed())
    assert (told(found), found.invoices) == (expected, invoices)


def test_what_is_booked_pays_the_invoice_and_its_fees() -> None:
    known = claimed()
    found = judge(came("1246.12", "F-2026-118"), known)
    known.ledger = replace(known.ledger, payments=(payment_of(found),))
    account = known.on("2026-11-16")
    (claim,) = account.claims
    assert (str(claim.paid), str(claim.open), str(account.totals.to_pay)) == ("46.12", "0.00", "300.00")


def test_once_they_are_waived_they_are_no_amount_of_anybodys() -> None:
    assert (
        told(judge(came("46.12"), claimed(f"{LEDGER}\nwaive 2026-11-10 F-2026-118 client=verdier")))
        == "doubtful nobody"
    )


def test_what_nobody_was_told_of_is_no_amount_either() -> None:
    untold = "\n".join(line for line in LEDGER.splitlines() if not line.startswith("sent"))
    assert told(judge(came("46.12"), claimed(untold))) == "doubtful nobody"
