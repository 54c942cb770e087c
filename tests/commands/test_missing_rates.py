"""A claim of late fees needs the rates of a half-year that no table holds: nothing is guessed, and nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.owner import CLIENTS, SELLER, Owner, new_owner

if TYPE_CHECKING:
    from pathlib import Path

DAY = "2027-01-11"  #: the first business day on which the usual example is late and a half-year has begun that nobody knows
CLAIMING = SELLER + '\n[late_fees]\nmode = "claim"\nclaim_from = "reminder-1"\n'
RATES = '[[late_fees.rates]]\nfrom = "2027-01-01"\necb = "2.40"\nlegal = "2.75"\n'
INVOICES = """number;client;issued;due;total
F-2026-130;verdier;15/11/2026;15/12/2026;1 200,00
F-2026-131;kite;15/11/2026;15/12/2026;800,00
"""


@pytest.fixture
def owner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    """The first reminder of both falls due in January, and claims from the day after the due date."""
    made = new_owner(tmp_path / "sable", capsys)
    made.write("portal.toml", CLAIMING)
    made.write("ledger/clients.csv", CLIENTS)
    made.write("ledger/invoices.csv", INVOICES)
    (made.folder / "ledger/payments.csv").unlink()
    return made


@pytest.mark.parametrize("command", ["build", "check", "show"])
def test_the_half_year_to_add_is_named_and_nothing_is_written(owner: Owner, command: str) -> None:
    before = owner.files()
    assert owner.run(command, date=DAY) == 1
    assert "F-2026-130, F-2026-131" in owner.complained
    assert '[[late_fees.rates]] with from = "2027-01-01"' in owner.complained
    assert "[rate-missing]" in owner.complained
    assert owner.files() == before


def test_in_the_half_years_that_are_known_it_is_claimed(owner: Owner) -> None:
    assert owner.run("build", date="2026-12-28") == 0, owner.complained
    assert owner.show("verdier", date="2026-12-28")[0]["totals"]["to_pay"] == "1245.30"  # 13 days of 12.40 %, and 40 €


def test_once_the_rates_are_added_everything_goes_on(owner: Owner) -> None:
    owner.write("portal.toml", CLAIMING + RATES)
    assert owner.run("build", date=DAY) == 0, owner.complained
    # 16 days of 2026 are 6.522… → 6.52, 11 days of 2027 are 4.484… → 4.48
    assert owner.show("verdier", date=DAY)[0]["totals"]["to_pay"] == "1251.00"


@pytest.mark.parametrize("mode", ["mention", "off"])
def test_who_claims_nothing_needs_no_rate(owner: Owner, mode: str) -> None:
    owner.write("portal.toml", CLAIMING.replace('"claim"', f'"{mode}"'))
    assert owner.run("build", date=DAY) == 0, owner.complained


def test_an_invoice_whose_fees_are_waived_needs_none(owner: Owner) -> None:
    assert owner.run("waive", "verdier", "F-2026-130", date=DAY) == 0, owner.complained
    assert owner.run("waive", "kite", "F-2026-131", date=DAY) == 0, owner.complained
    assert owner.run("build", date=DAY) == 0, owner.complained


def test_what_a_client_says_is_still_noted(owner: Owner) -> None:
    assert owner.run("promise", "verdier", "2027-01-20", date=DAY) == 0, owner.complained
    assert owner.run("build", date=DAY) == 1  # for the other one
    assert "F-2026-130" not in owner.complained
    assert "F-2026-131" in owner.complained
