"""What stands on Stripe's side of a link: short, in the client's language, and nothing that is the client's own."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from generator.domain.linkplan import LinkKind, Wanted, wanted_links
from generator.domain.policy import OfferStart
from generator.errors import UserError
from generator.link_words import LinkWords, link_word_problems, link_words
from generator.resources import bundled
from tests.support.accounts import seller, settings
from tests.support.links import CARD_ONLY, LINKS
from tests.support.world import GENEROUS, world

if TYPE_CHECKING:
    from generator.config import Settings
    from generator.domain.policy import LinkPolicy

NOWHERE = Path("no-such-folder")
assert GENEROUS.plans
OFFERING = replace(GENEROUS, plans=replace(GENEROUS.plans, start=OfferStart.DUE))
LEDGER = """
client verdier
invoice F-1 2026-09-30 due 2026-10-30 1200.00
invoice F-2 2026-10-01 due 2026-10-31 400.00
"""
AGREED = """
client verdier
invoice F-1 2026-07-01 due 2026-07-31 1200.00
agreement EC-1 2026-10-20 F-1 2026-10-20:300.00 2026-11-25:300.00 2026-12-20:300.00 2027-01-20:300.00
payment 2026-10-20 300.00 F-1
"""


def links_of(ledger: str, policy: LinkPolicy = LINKS) -> list[Wanted]:
    """The links that the first client's account calls for, offers made."""
    there = world(ledger, policy=OFFERING)
    there.build("2026-11-22")
    account = there.on("2026-11-22")
    return list(wanted_links(replace(account, keys=("secret-key",)), policy)[0])


def words_of(kind: LinkKind, /, ledger: str = LEDGER, known: Settings | None = None, **changes: object) -> LinkWords:
    """The words of the first link of a kind."""
    wanted = next(link for link in links_of(ledger) if link.kind is kind)
    return link_words(replace(wanted, **changes), known or settings(NOWHERE))  # type: ignore[arg-type]


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("kind", "ledger", "language", "title"),
    [
        (LinkKind.INVOICE, LEDGER, "fr", "Facture F-1 · Atelier Lumen"),
        (LinkKind.FULL, LEDGER, "fr", "Factures F-1 et F-2 · Atelier Lumen"),
        (LinkKind.PLAN, LEDGER, "fr", "Première échéance sur 2, factures F-1 et F-2 · Atelier Lumen"),
        (LinkKind.INSTALMENT, AGREED, "fr", "Échéance 2 sur 4 de notre échéancier, facture F-1 · Atelier Lumen"),
        (LinkKind.INVOICE, LEDGER, "en", "Invoice F-1 · Atelier Lumen"),
        (LinkKind.FULL, LEDGER, "en", "Invoices F-1 and F-2 · Atelier Lumen"),
        (LinkKind.PLAN, LEDGER, "en", "First of 2 instalments, invoices F-1 and F-2 · Atelier Lumen"),
        (LinkKind.INSTALMENT, AGREED, "en", "Instalment 2 of 4 of our schedule, invoice F-1 · Atelier Lumen"),
        (LinkKind.REST, AGREED, "fr", "Solde de notre échéancier, facture F-1 · Atelier Lumen"),
        (LinkKind.REST, AGREED, "en", "The rest of our schedule, invoice F-1 · Atelier Lumen"),
    ],
)
def test_the_title_says_what_is_paid_and_to_whom(kind: LinkKind, ledger: str, language: str, title: str) -> None:
    assert words_of(kind, ledger, language=language).title == title


@pytest.mark.parametrize(
    ("kind", "invoices", "language", "title", "description"),
    [
        (
            LinkKind.FULL,
            ("F-1", "F-1/fees"),
            "fr",
            "Facture F-1 et ses pénalités de retard · Atelier Lumen",
            "Tout ce qui vous est demandé à ce jour, pénalités de retard comprises.",
        ),
        (
            LinkKind.FULL,
            ("F-1", "F-2", "F-1/fees"),
            "fr",
            "Factures F-1 et F-2, pénalités de retard comprises · Atelier Lumen",
            "Tout ce qui vous est demandé à ce jour, pénalités de retard comprises.",
        ),
        (
            LinkKind.INVOICE,
            ("F-1/fees",),
            "fr",
            "Pénalités de retard, facture F-1 · Atelier Lumen",
            "Pour solder ces pénalités de retard.",
        ),
        (LinkKind.INVOICE, ("F-1",), "fr", "Facture F-1 · Atelier Lumen", "Pour solder cette facture."),
        (
            LinkKind.FULL,
            ("F-1/fees", "F-2/1/fees"),
            "fr",
            "Pénalités de retard, factures F-1 et F-2/1 · Atelier Lumen",
            "Tout ce qui vous est demandé à ce jour.",
        ),
        (
            LinkKind.PLAN,
            ("F-1", "F-1/fees"),
            "fr",
            "Première échéance sur 2, facture F-1, pénalités de retard comprises · Atelier Lumen",
            "Ce premier versement vaut accord",
        ),
        (
            LinkKind.FULL,
            ("F-1", "F-1/fees"),
            "en",
            "Invoice F-1 and its late fees · Atelier Lumen",
            "All that is asked of you today, late fees included.",
        ),
        (
            LinkKind.INVOICE,
            ("F-1/fees",),
            "en",
            "Late fees, invoice F-1 · Atelier Lumen",
            "Settles these late fees.",
        ),
    ],
)
def test_late_fees_in_the_sum_are_named_and_no_invoice_is_named_for_them(
    kind: LinkKind, invoices: tuple[str, ...], language: str, title: str, description: str
) -> None:
    words = words_of(kind, invoices=invoices, language=language)
    assert words.title == title
    assert flat(words.description).startswith(description)
    assert "/fees" not in words.title + words.description + words.note


def test_a_discount_is_called_one() -> None:
    words = words_of(LinkKind.FULL, kind=LinkKind.DISCOUNT)
    assert words.title == "Règlement avec remise, factures F-1 et F-2 · Atelier Lumen"
    assert flat(words.description).startswith("Remise déduite :")


def test_the_first_instalment_is_said_to_be_an_agreement_before_it_is_paid() -> None:
    assert "vaut accord sur l’échéancier" in words_of(LinkKind.PLAN).description


def test_the_reference_is_there_for_whoever_books_the_payment() -> None:
    for wanted in (*links_of(LEDGER), *links_of(AGREED)):
        assert wanted.reference in link_words(wanted, settings(NOWHERE)).description


def test_a_debit_is_spoken_of_only_where_there_is_one() -> None:
    by_card = links_of(LEDGER, CARD_ONLY)[0]
    assert "2 à 14 jours" in words_of(LinkKind.INVOICE).note
    assert "prélèvement" not in link_words(by_card, settings(NOWHERE)).note


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_closed_link_names_a_person_to_write_to(language: str) -> None:
    text = words_of(LinkKind.INVOICE, language=language).inactive_message
    for words in ("Claire Lumen", "Atelier Lumen", "compta@atelier-lumen.example", "01 86 95 00 12"):
        assert words in text


@pytest.mark.parametrize("language", ["fr", "en"])
def test_nothing_of_the_client_and_no_secret_address_is_told_to_stripe(language: str) -> None:
    for wanted in (*links_of(LEDGER), *links_of(AGREED)):
        words = link_words(replace(wanted, language=language), settings(NOWHERE))
        said = f"{words.title} {words.description} {words.note} {words.inactive_message}".lower()
        assert "secret-key" not in said
        assert "https://" not in said
        assert "verdier" not in said
        assert "client.example" not in said


@pytest.mark.parametrize("kind", list(LinkKind))
@pytest.mark.parametrize("count", [0, 1, 2, 40, 400])
@pytest.mark.parametrize("name", ["Atelier Lumen", "Société " * 60])
def test_no_text_is_longer_than_stripe_takes(kind: LinkKind, count: int, name: str) -> None:
    numbers = tuple(f"F-2026-{number:05}" for number in range(count))
    owner = replace(settings(NOWHERE), seller=seller(name=name, contact=name))
    base = links_of(LEDGER)[0]
    for language in ("fr", "en"):
        words = link_words(replace(base, kind=kind, invoices=numbers, language=language, part=1, parts=4), owner)
        assert 0 < len(words.title) <= 250
        assert len(words.description) <= 500
        assert len(words.note) <= 1200
        assert len(words.inactive_message) <= 500
        assert "compta@atelier-lumen.example" in words.inactive_message or len(name) > 250


def test_many_invoices_are_named_while_there_is_room_and_then_counted() -> None:
    numbers = tuple(f"F-2026-{number:05}" for number in range(40))
    title = words_of(LinkKind.FULL, invoices=numbers).title
    assert re.fullmatch(r"Factures (F-2026-\d{5}, )+F-2026-\d{5} et \d+ autres · Atelier Lumen", title)
    named = len(re.findall("F-2026", title))
    assert f"{40 - named} autres" in title


def test_a_number_that_would_break_the_line_stays_on_it() -> None:
    assert words_of(LinkKind.INVOICE, invoices=("F\n1\u202e",)).title == "Facture F 1 · Atelier Lumen"


def test_another_language_reads_english() -> None:
    assert words_of(LinkKind.INVOICE, language="de").title.startswith("Invoice F-1")
    assert words_of(LinkKind.INVOICE, language="fr-CA").title.startswith("Facture F-1")


def test_both_languages_have_the_same_sentences() -> None:
    french, english = (
        re.findall(r"macro (\w+)\((.*?)\)", (bundled("portal_templates") / "links" / name / "words.jinja").read_text())
        for name in ("fr", "en")
    )
    assert french == english


def own(folder: Path, text: str, language: str = "fr") -> Settings:
    """Settings whose owner has sentences of their own."""
    file = folder / "portal_templates" / "links" / language / "words.jinja"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return settings(folder)


def test_the_owner_changes_one_sentence_and_keeps_the_others(tmp_path: Path) -> None:
    known = own(tmp_path, "{% macro note(way, seller) %}Merci, {{ way.amount|money }} !{% endmacro %}")
    words = words_of(LinkKind.INVOICE, known=known)
    assert words.note == "Merci, 1\u202f200,00\u00a0€\u00a0!"
    assert words.title == "Facture F-1 · Atelier Lumen"
    assert link_word_problems(known) == []


def test_a_sentence_that_was_changed_is_read_again(tmp_path: Path) -> None:
    known = own(tmp_path, "{% macro title(way, seller) %}Un{% endmacro %}")
    assert words_of(LinkKind.INVOICE, known=known).title == "Un"
    file = tmp_path / "portal_templates" / "links" / "fr" / "words.jinja"
    before = file.stat()
    file.write_text("{% macro title(way, seller) %}Deux{% endmacro %}")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert words_of(LinkKind.INVOICE, known=known).title == "Deux"


@pytest.mark.parametrize(
    "text",
    [
        "{% macro title(way, seller) %}\n{{ way.client }}{% endmacro %}",
        "{% macro title(way, seller) %}\n{% if %}{% endmacro %}",
        "{% macro inactive(seller) %}\n{{ page }}{% endmacro %}",
    ],
)
def test_a_mistake_in_the_owners_sentences_is_said_with_its_place(tmp_path: Path, text: str) -> None:
    known = own(tmp_path, text)
    with pytest.raises(UserError) as caught:
        words_of(LinkKind.INVOICE, known=known)
    (problem,) = caught.value.problems
    assert (problem.where.file, problem.where.line) == ("portal_templates/links/fr/words.jinja", 2)
    assert link_word_problems(known) == [problem]
