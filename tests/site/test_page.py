"""What a client reads on their page, situation by situation."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from generator.domain.ledger import Kind
from generator.domain.policy import AgreementPolicy, OfferStart, ReminderPolicy, Step
from generator.site_render import Renderer
from generator.site_view import last_moment
from tests.site.building import Page, clients_of, page_of, read
from tests.support.accounts import seller, settings
from tests.support.world import GENEROUS, World, world

if TYPE_CHECKING:
    from pathlib import Path

OVERDUE = """
client verdier
invoice F-1 2026-09-30 due 2026-10-30 1200.00
invoice F-2 2026-11-10 due 2026-12-10 360.00
payment 2026-11-05 200.00 F-1
"""
assert GENEROUS.plans
assert GENEROUS.discount
PLANS_AT_ONCE = replace(GENEROUS, plans=replace(GENEROUS.plans, start=OfferStart.DUE))


def with_plans() -> World:
    """The same ledger, with plans on offer."""
    return world(OVERDUE, policy=PLANS_AT_ONCE)


def test_the_first_sentence_says_the_sum_the_seller_the_invoice_and_since_when(tmp_path: Path) -> None:
    page = page_of(OVERDUE, tmp_path, salutation="Madame Verdier")
    assert "Bonjour Madame Verdier," in page
    assert (
        "Au 22 novembre 2026, il reste 1 000,00 € à régler à Atelier Lumen : facture F-1, échue le 30 octobre." in page
    )


def test_the_subject_of_the_work_stands_beside_the_number(tmp_path: Path) -> None:
    account = clients_of(OVERDUE)[0][0]
    items = tuple(replace(item, invoice=replace(item.invoice, subject="Refonte du site")) for item in account.items)
    offers = tuple(replace(offer, items=items[:1]) for offer in account.offers)
    page = read([replace(account, items=items, offers=offers)], settings(tmp_path))
    assert "facture F-1 (Refonte du site), échue le 30 octobre" in page
    assert "Refonte du site Facture F-1 Émise le" in page


def test_three_late_invoices_are_counted_and_the_oldest_is_named(tmp_path: Path) -> None:
    page = page_of(
        """
        client verdier
        invoice F-1 2026-07-01 due 2026-07-31 10.00
        invoice F-2 2026-08-01 due 2026-08-31 10.00
        invoice F-3 2026-09-01 due 2026-09-30 10.00
        """,
        tmp_path,
    )
    assert "3 factures, dont la plus ancienne, F-1, échue le 31 juillet." in page


def test_payments_are_said_to_be_booked_until_a_day_only_when_that_is_known(tmp_path: Path) -> None:
    booked = world(OVERDUE, policy=replace(GENEROUS, payments_up_to=date(2026, 11, 20)))
    assert "Règlements enregistrés jusqu’au 20 novembre." in page_of(booked, tmp_path)
    assert "Règlements enregistrés" not in page_of(OVERDUE, tmp_path)


def test_what_is_late_and_what_is_to_come_stand_apart_item_by_item(tmp_path: Path) -> None:
    page = page_of(OVERDUE, tmp_path)
    late, _, coming = page.text.partition("À venir")
    assert "Ce qui est échu Facture F-1 Émise le 30 septembre Échue le 30 octobre" in late
    assert "Total TTC 1 200,00 € Déjà réglé 200,00 € Reste à régler 1 000,00 €" in late
    assert coming.strip().startswith("Rien ne presse")
    assert "Facture F-2 Émise le 10 novembre Échéance 10 décembre Total TTC 360,00 € Reste à régler 360,00 €" in coming


def test_a_credit_note_is_shown_as_taken_off(tmp_path: Path) -> None:
    page = page_of("invoice F-1 2026-09-01 due 2026-10-01 500.00\ncredit A-1 2026-10-02 60.50 F-1", tmp_path)
    assert "Avoirs et remises 60,50 € Reste à régler 439,50 €" in page
    assert "Avoir A-1 sur F-1 60,50 €" in page


def test_nothing_left_to_pay_is_a_thank_you_and_asks_for_nothing(tmp_path: Path) -> None:
    page = page_of("invoice F-1 2026-09-01 due 2026-10-01 500.00\npayment 2026-10-01 550.00 F-1", tmp_path)
    assert "Au 22 novembre 2026, tout est réglé. Atelier Lumen vous remercie de votre confiance" in page
    assert "Vous disposez d’un crédit de 50,00 €" in page
    assert "IBAN FR14" not in page
    assert "J’ai payé" not in page.text


def test_what_is_not_late_is_not_pressed(tmp_path: Path) -> None:
    page = page_of("invoice F-1 2026-11-01 due 2026-12-01 500.00", tmp_path)
    assert (
        "vous êtes à jour. Prochain règlement pour Atelier Lumen : 500,00 €, facture F-1, à régler pour le 1er décembre."
        in page
    )
    assert "Si ce règlement est déjà prévu, vous n’avez rien à faire." in page


def test_an_invoice_due_today_is_due_today(tmp_path: Path) -> None:
    assert "qui arrive à échéance aujourd’hui" in page_of("invoice F-1 2026-10-22 due 2026-11-22 500.00", tmp_path)


def test_a_disputed_invoice_is_named_as_such_and_not_asked_for(tmp_path: Path) -> None:
    page = page_of(
        'invoice F-1 2026-09-01 due 2026-10-01 620.00\ndispute F-1 2026-10-12 "reason=dimensions différentes"', tmp_path
    )
    assert "rien ne vous est demandé : la facture F-1 est en discussion entre nous" in page
    assert "Motif noté : dimensions différentes" in page
    assert "En discussion 620,00 €" in page
    assert "Reste à régler" not in page
    assert "Régler par virement" not in page


def test_a_disputed_invoice_is_not_in_the_sum_that_is_asked(tmp_path: Path) -> None:
    page = page_of(OVERDUE + "invoice F-9 2026-09-01 due 2026-10-01 77.00\ndispute F-9 2026-10-12", tmp_path)
    assert "1 000,00 €" in page.section("pay-eur")
    assert "1 077,00" not in page.text


def test_a_promise_is_remembered_with_thanks_until_its_day(tmp_path: Path) -> None:
    promise = "invoice F-1 2026-09-01 due 2026-10-01 620.00\npromise 2026-11-20 2026-11-{} F-1"
    assert "Vous nous avez annoncé un règlement pour le 28 novembre. Merci." in page_of(promise.format(28), tmp_path)
    assert "Vous nous avez annoncé" not in page_of(promise.format(21), tmp_path)


def test_an_insolvent_client_is_asked_for_nothing(tmp_path: Path) -> None:
    page = page_of("client brun insolvent=2026-11-01\ninvoice F-1 2026-09-01 due 2026-10-01 620.00", tmp_path)
    assert "620,00 € figurent à votre compte" in page
    assert "Aucun règlement ne vous est demandé" in page
    assert "Régler par virement" not in page


def test_plans_show_their_whole_schedule_their_reference_and_how_to_accept(tmp_path: Path) -> None:
    there = with_plans()
    page = page_of(there, tmp_path)
    plans = {len(offer.instalments): offer for offer in clients_of(there)[0][0].offers if offer.instalments}
    section = page.section("plans-eur")
    assert "Payer en 2, 3 ou 4 fois" in page
    assert "23 novembre 333,34 € 22 décembre 333,33 € 22 janvier 2027 333,33 € Total, sans frais 1 000,00 €" in section
    assert all(plan.reference in section for plan in plans.values())
    assert all(
        f"Pour accepter : virement de {first}, référence RF" in section
        for first in ("500,00 €", "333,34 €", "250,00 €")
    )
    assert "Virer la première somme, avec la référence indiquée, vaut accord." in section
    assert "<svg" not in section.source, "several codes side by side: the camera would choose the plan"
    assert "À accepter au plus tard le 2 décembre" in section


def test_plans_state_their_terms_as_the_policy_has_them(tmp_path: Path) -> None:
    section = page_of(with_plans(), tmp_path).section("plans-eur")
    assert "Sans frais supplémentaires : vous réglez la somme due, et rien de plus." in section
    assert "nous ne vous relançons pas : un simple mot, 3 jours avant chacune." in section
    assert "Une date devient difficile ? Dites-le-nous avant qu’elle n’arrive" in section
    assert "encore impayée plus de 10 jours après sa date, et 10 jours après un rappel écrit, mettrait fin" in section
    assert "Vous pouvez payer plus tôt, en partie ou en totalité, quand vous le voulez." in section
    stricter = replace(
        PLANS_AT_ONCE,
        agreements=AgreementPolicy(grace_days=1, notice_days=0),
        reminders=replace(PLANS_AT_ONCE.reminders, instalment_before_days=1),
    )
    known = replace(settings(tmp_path), policy=stricter)
    page = Page(Renderer(known).client(clients_of(with_plans())[0]).decode())
    assert "un simple mot, la veille de chacune." in page
    assert "encore impayée plus de 1 jour après sa date, mettrait fin à l’échéancier" in page


def test_a_first_instalment_whose_day_has_passed_is_due_on_acceptance(tmp_path: Path) -> None:
    there = with_plans()
    there.build("2026-11-22")
    section = page_of(there, tmp_path, "2026-11-24").section("plans-eur")
    assert "à l’acceptation 333,34 €" in section
    assert "novembre 333,34" not in section


def test_a_discount_says_what_is_saved_until_when_and_under_which_name(tmp_path: Path) -> None:
    ladder = ReminderPolicy(steps=(Step("reminder-1", 7, offers=("discount",)),))
    reminding = world("invoice F-1 2026-09-30 due 2026-10-30 1200.00", policy=replace(GENEROUS, reminders=ladder))
    late = page_of(reminding, tmp_path, "2026-11-23")
    assert "Remise exceptionnelle si règlement avant le 3 décembre inclus 1 140,00 €" in late
    assert "au lieu de 1 200,00 € : vous économisez 60,00 € (5 %)" in late
    assert GENEROUS.discount
    early_policy = replace(GENEROUS, discount=replace(GENEROUS.discount, start=OfferStart.ISSUED))
    early = page_of(world("invoice F-1 2026-11-20 due 2026-12-20 1200.00", policy=early_policy), tmp_path)
    assert "Remise pour paiement anticipé 1 140,00 €" in early
    own = page_of("invoice F-1 2026-11-20 due 2026-12-20 1200.00 escompte=2/10", tmp_path)
    assert "Escompte de 2 % prévu sur votre facture 1 176,00 €" in own


def test_an_agreement_shows_what_is_paid_and_what_comes_next(tmp_path: Path) -> None:
    page = page_of(
        """
        invoice F-1 2026-06-05 due 2026-07-05 900.00
        agreement A-1 2026-09-10 F-1 2026-10-15:300.00 2026-11-15:300.00 2026-12-15:300.00
        payment 2026-10-14 300.00 F-1
        payment 2026-11-14 300.00 F-1
        """,
        tmp_path,
    )
    section = page.section("agreement-eur-1")
    assert "Convenu le 10 septembre." in section
    assert (
        "15 octobre réglée, merci 300,00 € 15 novembre réglée, merci 300,00 € 15 décembre la prochaine 300,00 €"
        in section
    )
    assert "Somme convenue 900,00 € Déjà réglé 600,00 € Reste à régler 300,00 €" in section
    assert "La prochaine, le 15 décembre Par un virement de 300,00 €, avec la référence ci-dessous." in section
    assert "Tout régler maintenant" not in section  # it is the last one
    assert "Dans notre échéancier" in page
    assert "l’échéance du 15 décembre de l’échéancier dont nous sommes convenus" in page


def test_a_late_instalment_is_what_is_asked(tmp_path: Path) -> None:
    page = page_of(
        """
        invoice F-1 2026-06-05 due 2026-07-05 900.00
        agreement A-1 2026-09-10 F-1 2026-11-18:300.00 2026-12-15:600.00
        """,
        tmp_path,
    )
    assert "il reste 300,00 € à régler à Atelier Lumen : l’échéance du 18 novembre" in page
    assert "300,00 €" in page.section("pay-eur")
    section = page.section("agreement-eur-1")
    assert "18 novembre à régler 300,00 €" in section
    assert "L’échéance du 18 novembre Par un virement de 300,00 €" in section
    assert "Tout régler maintenant Un virement de 900,00 €, avec la même référence, solde l’échéancier" in section
    assert section.source.count("<svg") == 1


@pytest.mark.parametrize(
    ("language", "one", "apart", "rest"),
    [
        (
            "fr",
            "Cette facture se règle par les échéances convenues ci-dessus.",
            "333,33 € restent en discussion entre nous",
            "solde tout ce que l’échéancier demande aujourd’hui, hors ce dont nous discutons encore",
        ),
        (
            "en",
            "This invoice is paid by the instalments agreed above.",
            "€333.33 is still under discussion between us",
            "settles all that the schedule asks today, apart from what we are still discussing",
        ),
    ],
)
def test_what_is_disputed_in_an_agreement_is_apart_and_not_forgotten(
    tmp_path: Path, language: str, one: str, apart: str, rest: str
) -> None:
    made = world(
        """
        invoice F-1 2026-08-10 due 2026-09-10 1200.00
        invoice F-2 2026-08-10 due 2026-09-10 333.33
        agreement A-1 2026-09-10 F-1,F-2 2026-12-15:400.00 2027-01-15:400.00 2027-02-15:733.33
        dispute F-2 2026-11-20
        """
    )
    page = page_of(made, tmp_path, "2026-11-23", language=language)
    section = page.section("agreement-eur-1").text.replace("\u202f", " ").replace("\u00a0", " ")
    assert apart in section
    assert rest in section
    assert one in page.text
    for forgotten in ("il ne vous en sera plus rien demandé", "nothing more of it will be asked"):
        assert forgotten not in section


def test_a_broken_agreement_is_said_without_blame(tmp_path: Path) -> None:
    page = page_of(
        """
        invoice F-1 2026-06-05 due 2026-07-05 900.00
        agreement A-1 2026-08-10 F-1 2026-09-01:300.00 2026-10-01:600.00
        sent 2026-09-04 instalment-late about=A-1@2026-09-01
        """,
        tmp_path,
    )
    assert "L’échéance du 1er septembre n’ayant pas été réglée, il a pris fin le 15 septembre" in page
    assert "les factures sont à nouveau demandées en entier. Si la situation a changé, parlons-en" in page
    assert "900,00 €" in page.section("pay-eur")


def test_the_transfer_can_be_copied_field_by_field(tmp_path: Path) -> None:
    section = page_of(OVERDUE, tmp_path).section("pay-eur")
    assert (
        "Montant 1 000,00 € Bénéficiaire Atelier Lumen IBAN FR14 2004 1010 0505 0001 3M02 606 BIC PSSTFRPPXXX Référence F-1"
        in section
    )
    copied = [known["data-copy"] for tag, known in section.elements if tag == "button"]
    assert copied == ["1000.00", "Atelier Lumen", "FR1420041010050500013M02606", "PSSTFRPPXXX", "F-1"]
    assert all("hidden" in known for tag, known in section.elements if tag == "button")


def test_two_currencies_stand_on_one_page_and_are_never_added(tmp_path: Path) -> None:
    page = page_of(
        """
        client hill
        invoice F-1 2026-09-01 due 2026-10-01 2400.00 currency=GBP
        invoice F-2 2026-10-05 due 2026-12-04 750.00
        """,
        tmp_path,
        language="en",
    )
    assert "£2,400.00 is left to pay to Atelier Lumen: invoice F-1, due since 1 October." in page
    assert "In euros, you are up to date. Next payment: €750.00, invoice F-2, due on 4 December." in page
    assert "Your account in British pounds" in page
    assert "3,150" not in page.text
    assert "<svg" not in page.section("pay-gbp").source
    assert "<svg" in page.section("pay-eur").source


def test_each_answer_is_a_prepared_email_with_the_reference(tmp_path: Path) -> None:
    there = world(OVERDUE)
    page = page_of(there, tmp_path)
    reference = clients_of(there)[0][0].reference
    assert len(page.mails) == 6
    for mail in page.mails:
        assert mail.startswith("mailto:compta@atelier-lumen.example?subject=")
        assert re.search(rf"Référence\s: {reference}\r\nFactures\s: F-1, F-2\r\n\r\nCordialement,", mail)
    assert "tel:0186950012" in page.links


def test_a_prepared_email_names_a_few_invoices_and_counts_the_others(tmp_path: Path) -> None:
    lines = [f"invoice F-{number} 2026-09-01 due 2026-10-01 10.00" for number in range(40)]
    mail = page_of("\n".join(lines), tmp_path).mails[0]
    assert "et 32 de plus" in mail
    assert len(mail) < 1000


def test_the_history_tells_dated_facts_latest_first(tmp_path: Path) -> None:
    page = page_of(OVERDUE + "payment 2026-11-08 -200.00 F-1", tmp_path)
    history = page.text.partition("Historique")[2]
    told = r"10/11/2026 Facture F-2.*08/11/2026 Règlement annulé.*200,00 € 05/11/2026 Règlement reçu, merci.*30/09/2026 Facture F-1"
    assert re.search(told, history)
    assert "-200" not in history


def test_who_is_writing_can_be_checked(tmp_path: Path) -> None:
    page = page_of(OVERDUE, tmp_path)
    assert "Atelier Lumen 12 rue des Tanneurs 69001 Lyon SIREN 732 829 320" in page
    assert "L’IBAN de cette page est celui qui figure sur nos factures." in page
    assert "Composez le numéro imprimé sur votre facture" in page


def test_without_an_iban_nothing_is_said_of_it(tmp_path: Path) -> None:
    page = read(clients_of(OVERDUE)[0], settings(tmp_path, owner=seller(iban="", bic="")))
    assert "IBAN" not in page.text
    assert "utilisez les coordonnées bancaires de votre facture" in page
    assert "Régler 1 000,00 €" in page


@pytest.mark.parametrize("kind", list(Kind))
def test_no_page_speaks_of_late_fees(kind: Kind, tmp_path: Path) -> None:
    page = page_of(with_plans(), tmp_path, kind=kind)
    assert not re.search(r"pénalit|intérêts|indemnité|40,00|mise en demeure|huissier", page.text, re.IGNORECASE)


def test_a_page_is_written_in_the_clients_language(tmp_path: Path) -> None:
    english = page_of(with_plans(), tmp_path, language="en-GB")
    assert '<html lang="en">' in english.source
    assert (
        "As of 22 November 2026, €1,000.00 is left to pay to Atelier Lumen: invoice F-1, due since 30 October."
        in english
    )
    assert "Pay in instalments, at no extra cost" in english
    assert not re.search(r"[àéèêç]|facture", english.text, re.IGNORECASE)


def test_a_language_without_sentences_is_answered_in_english(tmp_path: Path) -> None:
    assert "is left to pay to" in page_of(with_plans(), tmp_path, language="nl")


def test_money_is_never_split_across_lines(tmp_path: Path) -> None:
    amounts = re.findall(r"1.000,00.€", page_of(with_plans(), tmp_path).source)
    assert amounts
    assert all(" " not in amount for amount in amounts)


def test_an_offer_carries_its_last_moment_and_the_words_for_when_it_is_over(tmp_path: Path) -> None:
    page = page_of(with_plans(), tmp_path)
    until = {known["data-until"] for _, known in page.elements if "data-until" in known}
    assert until == {"2026-12-02T23:59:59+01:00"}
    assert "Cette proposition a pris fin le 2 décembre. Écrivez-nous, nous trouverons une autre solution." in page
    hidden = [known for tag, known in page.elements if known.get("class") == "expired"]
    assert len(hidden) == 3
    assert all("hidden" in known for known in hidden)


@pytest.mark.parametrize(
    ("day", "timezone", "moment"),
    [
        ("2026-07-14", "Europe/Paris", "2026-07-14T23:59:59+02:00"),
        ("2026-10-25", "Europe/Paris", "2026-10-25T23:59:59+01:00"),  # the day on which the clocks go back
        ("2026-12-02", "America/Guadeloupe", "2026-12-02T23:59:59-04:00"),
    ],
)
def test_a_day_ends_where_the_seller_is(day: str, timezone: str, moment: str) -> None:
    assert last_moment(date.fromisoformat(day), timezone) == moment
