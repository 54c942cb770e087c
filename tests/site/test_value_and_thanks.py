"""On the page: what the work brought, thanks where all was paid on time, and what instalments bring to both sides."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from generator.domain.policy import OfferStart
from tests.site.building import clients_of, page_of, read
from tests.support.accounts import settings
from tests.support.world import GENEROUS, world

if TYPE_CHECKING:
    from pathlib import Path

    from tests.site.building import Page

LATE = "invoice F-1 2026-09-30 due 2026-10-30 1200.00"
ON_TIME = "invoice F-1 2026-09-30 due 2026-10-30 100.00\npayment 2026-10-30 100.00 F-1"
VISITS = "le site a reçu 12 000 visites depuis"
GAIN = "Vous répartissez la dépense dans le temps, et nous savons sur quelles dates compter : chacun s’y retrouve."


def page_with(value: str, folder: Path, ledger: str = LATE) -> Page:
    account = clients_of(ledger)[0][0]
    items = tuple(replace(item, invoice=replace(item.invoice, value=value)) for item in account.items)
    return read([replace(account, items=items)], settings(folder))


def test_it_stands_under_the_invoice(tmp_path: Path) -> None:
    assert f"Facture F-1 {VISITS} Émise le 30 septembre" in page_with(VISITS, tmp_path)


def test_a_long_one_is_cut(tmp_path: Path) -> None:
    page = page_with("mot " * 200, tmp_path)
    assert "mot…" in page
    assert page.text.count("mot") < 40


def test_not_under_what_the_client_contests(tmp_path: Path) -> None:
    assert VISITS not in page_with(VISITS, tmp_path, f"{LATE} disputed=2026-11-01")


@pytest.mark.parametrize(
    "value", ["<script>alert(1)</script>", "{{7*7}}", '"><img src=x onerror=alert(1)>', "</title>"]
)
def test_a_hostile_one_is_text(tmp_path: Path, value: str) -> None:
    page = page_with(value, tmp_path)
    assert value in page.text
    assert "<img src=x" not in page.source
    assert "<script>alert" not in page.source


@pytest.mark.parametrize(
    ("ledger", "thanked"),
    [
        (ON_TIME, True),
        (ON_TIME.replace("payment 2026-10-30", "payment 2026-10-31"), False),
        (f"{ON_TIME}\ninvoice F-0 2026-01-01 due 2026-01-31 10.00\npayment 2026-03-01 10.00 F-0", False),
    ],
)
def test_once_all_is_paid_who_paid_on_time_is_thanked_for_it(tmp_path: Path, ledger: str, *, thanked: bool) -> None:
    page = page_of(ledger, tmp_path)
    assert "tout est réglé. Atelier Lumen vous remercie de votre confiance" in page
    assert ("de votre confiance et de votre ponctualité." in page) is thanked


def test_an_owner_may_thank_nobody(tmp_path: Path) -> None:
    quiet = replace(GENEROUS, reminders=replace(GENEROUS.reminders, thanks=False))
    assert "ponctualité" not in page_of(world(ON_TIME, policy=quiet), tmp_path)


def test_plans_say_what_both_sides_gain(tmp_path: Path) -> None:
    assert GENEROUS.plans
    at_once = replace(GENEROUS, plans=replace(GENEROUS.plans, start=OfferStart.DUE))
    assert page_of(world(LATE, policy=at_once), tmp_path).text.count(GAIN) == 1
    assert GAIN not in page_of(LATE, tmp_path)


def test_what_lateness_costs_and_how_a_client_pays_are_on_no_page(tmp_path: Path) -> None:
    page = page_of(LATE, tmp_path)
    for words in ("retard moyen", "coûte", "Part", "Attente", "note"):
        assert words not in page.text
