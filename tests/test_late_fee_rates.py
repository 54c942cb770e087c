"""The table of rates by half-year: what ships, what an owner adds, and what cannot be added."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from generator.domain.rates import Confidence, Fault, Figure, HalfYear, RateTable, faults
from generator.rates import shipped_rates
from tests.support.world import day
from tests.test_config import SMALLEST, load, sound

if TYPE_CHECKING:
    from pathlib import Path

    from generator.domain.fee_rules import FeePolicy


def row(begins: str, ecb: str = "2.40", legal: str = "2.75") -> HalfYear:
    return HalfYear(day(begins), Figure(Decimal(ecb)), Figure(Decimal(legal)))


def rows(*given: tuple[str, str, str]) -> str:
    text = "".join(
        f'[[late_fees.rates]]\nfrom = "{begins}"\necb = "{ecb}"\nlegal = "{legal}"\n' for begins, ecb, legal in given
    )
    return f"{SMALLEST}{text}"


def fees(folder: Path, *given: tuple[str, str, str]) -> FeePolicy:
    return sound(folder, rows(*given)).policy.fees


def test_the_shipped_table_has_no_fault() -> None:
    shipped = shipped_rates()
    assert not list(faults(shipped.rows, RateTable()))
    assert (shipped.begins, shipped.ends) == (date(2019, 1, 1), date(2026, 12, 31))
    doubtful = [found.begins for found in shipped.rows if found.legal.confidence is not Confidence.HIGH]
    assert doubtful == [date(2026, 7, 1)]


@pytest.mark.parametrize(
    ("on", "begins"),
    [
        ("2018-12-31", None),
        ("2019-01-01", "2019-01-01"),
        ("2024-06-30", "2024-01-01"),
        ("2024-07-01", "2024-07-01"),
        ("2026-12-31", "2026-07-01"),
        ("2027-01-01", None),
    ],
)
def test_a_day_lies_in_one_half_year_or_in_none_that_is_known(on: str, begins: str | None) -> None:
    found = shipped_rates().at(day(on))
    assert (found and found.begins.isoformat()) == begins


def test_an_owner_adds_half_years_after_and_before(tmp_path: Path) -> None:
    table = fees(
        tmp_path, ("2018-07-01", "0.00", "0.88"), ("2027-01-01", "2.40", "2.75"), ("2027-07-01", "2.50", "2.90")
    ).rates
    assert (table.begins, table.ends) == (date(2018, 7, 1), date(2027, 12, 31))
    added = table.at(day("2027-08-15"))
    assert added is not None
    assert (added.ecb.percent, added.legal.percent, added.ecb.source) == (
        Decimal("2.50"),
        Decimal("2.90"),
        "portal.toml",
    )


def test_the_owner_s_figures_hold_over_the_shipped_ones(tmp_path: Path) -> None:
    given = rows(("2026-07-01", "2.40", "2.81"))
    assert load(tmp_path, given)[1] == ["rates-differ 8"]
    settings, _ = load(tmp_path, given)
    assert settings is not None
    found = settings.policy.fees.rates.at(day("2026-07-01"))
    assert found is not None
    assert found.legal.percent == Decimal("2.81")


def test_the_same_figures_again_say_nothing_else(tmp_path: Path) -> None:
    same = ("2026-07-01", "2.4", "2.75")
    assert load(tmp_path, rows(same, same))[1] == []


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    given = rows(
        ("2028-01-01", "2.40", "2.75"),
        ("2027-07-01", "2.40", "2.75"),
        ("2028-01-01", "2.45", "2.75"),
        ("2027-02-01", "2.40", "2.75"),
    )
    found, problems = load(tmp_path, given)
    assert found is None
    assert sorted(problems) == ["rates-gap 12", "rates-half-year 20", "rates-order 12", "rates-twice 16"]


def test_a_gap_is_told_of_the_row_after_it_or_of_the_one_that_stands_too_early() -> None:
    assert list(faults([row("2027-07-01")], shipped_rates())) == [(0, Fault.GAP, date(2027, 1, 1))]
    assert list(faults([row("2018-01-01")], shipped_rates())) == [(0, Fault.GAP, date(2018, 7, 1))]
    assert not list(faults([row("2027-01-01")], shipped_rates()))


def test_the_floor_is_that_of_the_last_half_year_that_is_known(tmp_path: Path) -> None:
    higher = rows(("2027-01-01", "2.40", "4.00"))
    contract = '[late_fees]\nrate = "11.99"\n'
    assert load(tmp_path, f"{SMALLEST}{contract}")[1] == []
    assert load(tmp_path, f"{SMALLEST}{contract}{higher.removeprefix(SMALLEST)}")[1] == ["rate-below-floor 8"]


def test_a_law_without_a_floor_takes_any_rate_of_a_contract(tmp_path: Path) -> None:
    belgian = SMALLEST.replace("[site]", 'country = "BE"\n[site]', 1)
    assert load(tmp_path, f'{belgian}[late_fees]\nrate = "1.00"\n')[1] == []
