"""Late fees on a page: a quiet line beside their invoice, each figure explained, in every sum; and nothing of it otherwise."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from generator.domain.account import Status
from generator.domain.fee_rules import FeePolicy
from generator.domain.ledger import Kind
from generator.domain.policy import DiscountPolicy, FeeMode, PlanPolicy, Policy
from generator.rates import shipped_rates
from generator.site import check_site_templates
from generator.site_view import view_of
from generator.specimens import claimed_specimens
from tests.messages.reading import flat
from tests.site.building import clients_of, page_of, read
from tests.support.accounts import seller, settings
from tests.support.reading import BARE
from tests.support.world import world

if TYPE_CHECKING:
    from pathlib import Path

    from tests.site.building import Page
    from tests.support.world import World

CLAIMING = replace(BARE, late_fees=FeeMode.CLAIM, claim_from="reminder-3", fees=FeePolicy(rates=shipped_rates()))
#: 1,000 € due on 24 October; the third reminder falls due on 23 November, 30 days late at 12.40 %: 10.19 € and 40.00 €.
TODAY = "2026-11-23"
LATE = """client brun kind={kind}
invoice F-1 2026-09-24 due 2026-10-24 1000.00
sent 2026-10-31 reminder-1 F-1
sent 2026-11-07 reminder-2 F-1
"""


def late(more: str = "", kind: str = "business", policy: Policy = CLAIMING) -> World:
    return world(LATE.format(kind=kind) + more, policy)


def told(more: str = "") -> World:
    """The third reminder has left on its day."""
    made = late()
    assert made.send(TODAY) == "reminder-3"
    if more:
        made.add(more)
    return made


def text_of(page: Page) -> str:
    return flat(page.text)


def test_a_claimed_fee_is_a_line_of_its_own_beside_its_invoice(tmp_path: Path) -> None:
    text = text_of(page_of(late(), tmp_path, TODAY))
    assert "Reste à régler 1 000,00 €" in text
    assert "Pénalités de retard intérêts et indemnité arrêtés au 23 novembre 50,19 €" in text
    assert "Ensemble 1 050,19 €" in text
    assert "F-1/fees" not in text
    assert text.count("Émise le") == 1


def test_every_figure_of_it_is_explained(tmp_path: Path) -> None:
    page = page_of(late(), tmp_path, TODAY)
    assert "details" in {tag for tag, _ in page.elements}
    for words in (
        "Comment ce montant est calculé",
        "Du 25 octobre au 23 novembre 2026, 30 jours : 1 000,00 € × 12,40 % × 30/365",
        "Taux annuel : celui de la BCE au 1er juillet 2026 (2,40 %), majoré de 10 points",
        "article L441-10, II, du code de commerce 10,19 €",
        "Indemnité forfaitaire pour frais de recouvrement, une fois par facture",
        "articles L441-10, II, et D441-5 du code de commerce 40,00 €",
    ):
        assert words in text_of(page)


def test_it_is_in_the_first_sentence_in_the_transfer_and_in_the_code(tmp_path: Path) -> None:
    made = late()
    text = text_of(page_of(made, tmp_path, TODAY))
    assert "il reste 1 050,19 €, dont 50,19 € de pénalités de retard, à régler à Atelier Lumen : facture F-1" in text
    assert "Montant 1 050,19 €" in text
    way = view_of(clients_of(made, TODAY)[0][0], seller()).full
    assert way is not None
    assert way.transfer is not None
    assert (way.transfer.epc or "").split("\n")[7] == "EUR1050.19"


def test_it_is_in_the_plans_that_are_offered_after_it(tmp_path: Path) -> None:
    plans = PlanPolicy()
    text = text_of(page_of(late(policy=replace(CLAIMING, plans=plans)), tmp_path, TODAY))
    assert "Pour 1 050,19 € (facture F-1), choisissez le rythme" in text
    assert "Pénalités de retard comprises : 50,19 €." in text
    assert "Payer en plusieurs fois, sans frais supplémentaires" in text
    assert "Total, sans frais supplémentaires 1 050,19 €" in text
    assert not re.search(r"sans (aucun )?frais(?! supplémentaires)", text, re.IGNORECASE)


def test_beside_a_discount_of_the_invoice_they_are_said_to_be_left(tmp_path: Path) -> None:
    steps = tuple(replace(step, offers=("discount",)) for step in CLAIMING.reminders.steps)
    reminders = replace(CLAIMING.reminders, steps=steps)
    policy = replace(CLAIMING, discount=DiscountPolicy(Decimal(5)), reminders=reminders)
    text = text_of(page_of(late(policy=policy), tmp_path, TODAY))
    assert "Régler 950,00 € avec la remise, jusqu’au 3 décembre (hors pénalités de retard)" in text
    assert "Les pénalités de retard, 50,19 €, n’y sont pas comprises : elles restent à régler." in text


def test_an_agreement_that_was_offered_before_them_says_that_they_stand_beside_it(tmp_path: Path) -> None:
    made = told("agreement EC-1 2026-11-24 F-1 2026-12-01:500.00 2027-01-04:500.00")
    accounts = [
        replace(
            account,
            items=tuple(replace(item, status=Status.OVERDUE) if item.fee_of else item for item in account.items),
            agreements=tuple(replace(one, invoices=("F-1",), owed=one.owed[:1]) for one in account.agreements),
        )
        for account in clients_of(made, "2026-11-25")[0]
    ]
    text = text_of(read(tuple(accounts), settings(tmp_path)))
    assert (
        "Les pénalités de retard déjà réclamées, 50,19 €, n’en font pas partie : elles restent à régler à part." in text
    )


def test_what_was_waived_and_paid_of_it_is_said(tmp_path: Path) -> None:
    text = text_of(page_of(told("waive 2026-11-24 F-1 10.00\npayment 2026-11-24 1005.00 F-1"), tmp_path, "2026-11-25"))
    assert "Remise accordée −10,00 €" in text
    assert "Déjà réglé −5,00 €" in text
    assert "Reste à régler 35,19 €" in text


def test_when_only_fees_are_left_the_page_thanks_first(tmp_path: Path) -> None:
    page = page_of(told("payment 2026-11-24 1000.00 F-1"), tmp_path, "2026-11-25")
    text = text_of(page)
    assert "la facture F-1 est réglée, merci. Il reste 50,19 € de pénalités de retard, réclamées le 23 novembre" in text
    assert "Une question, une objection ? Dites-le-nous." in text
    assert "Facture F-1 réclamées le 23 novembre" in text
    assert "Factures : F-1/fees" not in page.source


@pytest.mark.parametrize("kind", ["consumer", "unknown"])
def test_a_consumer_and_a_client_of_unknown_kind_see_nothing_of_it(tmp_path: Path, kind: str) -> None:
    made = late(kind="" if kind == "unknown" else kind)
    text = text_of(page_of(made, tmp_path, TODAY))
    assert not re.search(r"pénalit|BCE|indemnit|intérêts|40,00", text, re.IGNORECASE)


def test_where_they_are_mentioned_only_a_page_has_no_figure(tmp_path: Path) -> None:
    text = text_of(page_of(late(policy=replace(CLAIMING, late_fees=FeeMode.MENTION)), tmp_path, TODAY))
    assert not re.search(r"pénalit|BCE|indemnit|intérêts|40,00", text, re.IGNORECASE)


def test_in_english_too(tmp_path: Path) -> None:
    text = text_of(page_of(late(), tmp_path, TODAY, language="en"))
    assert "€1,050.19, €50.19 of it late fees, is left to pay to Atelier Lumen: invoice F-1" in text
    assert "25 October to 23 November 2026, 30 days: €1,000.00 × 12.40% × 30/365" in text
    assert not re.search(r"[éèàç]", text)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_invented_clients_try_every_sentence_of_it(tmp_path: Path, language: str) -> None:
    for accounts in claimed_specimens(language):
        page = read(accounts, settings(tmp_path))
        assert ("Comment ce montant est calculé" if language == "fr" else "How this amount is calculated") in page.text


def test_an_own_sentence_that_fails_is_told_where_fees_are_claimed(tmp_path: Path) -> None:
    own = tmp_path / "portal_templates" / "pages" / "fr" / "fees.html"
    own.parent.mkdir(parents=True)
    own.write_text("{% macro stopped(told, today) %}{{ told.nothing_of_the_kind }}{% endmacro %}\n", encoding="utf-8")
    quiet = clients_of("invoice F-1 2026-11-01 due 2026-12-01 10.00")
    known = settings(tmp_path)
    assert check_site_templates(known, quiet) == []
    claiming = replace(known, policy=replace(known.policy, late_fees=FeeMode.CLAIM))
    business = [
        tuple(replace(one, client=replace(one.client, kind=Kind.BUSINESS)) for one in accounts) for accounts in quiet
    ]
    assert {problem.code for problem in check_site_templates(claiming, business)} == {"template-error"}
