"""A plan whose parts are not equal is called by the first of them, and shown with all its dates and amounts."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from generator.domain.policy import OfferStart, PlanPolicy
from tests.site.building import page_of
from tests.support.world import GENEROUS, world

if TYPE_CHECKING:
    from pathlib import Path

UNEVEN = PlanPolicy(
    counts=(3,), start=OfferStart.DUE, percentages=((Decimal(40), Decimal(30), Decimal(30)),), first_after_days=3
)
LATE = "invoice F-1 2026-10-02 due 2026-11-02 1000.01"


@pytest.mark.parametrize(
    ("language", "titles"),
    [
        ("fr", ("En 3 fois À accepter", "En 3 fois, dont 400,01 € d’abord À accepter")),
        ("en", ("In 3 instalments To be accepted", "In 3 instalments, €400.01 first To be accepted")),
    ],
)
def test_its_title_says_what_comes_first(tmp_path: Path, language: str, titles: tuple[str, str]) -> None:
    text = page_of(world(LATE, replace(GENEROUS, plans=UNEVEN)), tmp_path, "2026-11-23", language=language)
    words = text.section("plans-eur").text
    assert [words.count(title) for title in titles] == [1, 1]
    assert words.count("300,00") + words.count("300.00") == 2
