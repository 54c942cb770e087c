"""The recap of an agreement: what was agreed, by when, what is paid, what it means; and the same on paper, for two signatures."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from generator.domain.account import Status
from generator.domain.due import RecapKind, Receipt
from generator.domain.ledger import Kind
from generator.domain.policy import FeeMode
from generator.messages import MessageTemplates, compose
from tests.messages.reading import Office, flat, read, seen, sums
from tests.support.accounts import client, item, sent, settings
from tests.support.services import agreed, calendar, confirmed, euros, made, on_paper

if TYPE_CHECKING:
    from pathlib import Path

    from generator.domain.due import Recap

FOUR = agreed(
    (date(2026, 11, 23), "300.00", "300.00"),
    (date(2026, 12, 23), "300.00", "0"),
    (date(2027, 1, 25), "300.00", "0"),
    (date(2027, 2, 23), "300.00", "0"),
)
FRESH = agreed((date(2026, 11, 30), "400.00", "0"), (date(2026, 12, 30), "800.00", "0"))
PERSON = client(name="Paul Roux", contact="Paul Roux", salutation="", kind=Kind.CONSUMER, address="")
IBAN = "FR14 2004 1010 0505 0001 3M02 606"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The office of Atelier Lumen, without templates of its own."""
    return Office(settings(tmp_path_factory.mktemp("folder")))


def over(kind: RecapKind = RecapKind.OVER) -> Recap:
    known = replace(FOUR, holds=False, ended=True)
    return made(known, kind=kind, told_on=date(2026, 11, 20), calendar=calendar(FOUR, sequence=1, gone=True))


# What it says


def test_it_says_what_was_agreed_for_which_invoice_and_that_it_costs_nothing(office: Office) -> None:
    message = office.message(confirmed(made(FRESH)))

    assert message.subject == "Notre échéancier – facture F-2026-118"
    assert (
        "le 16 octobre 2026, nous sommes convenus d’un règlement de 1 200,00 € en 2 échéances, sans frais,"
        " pour la facture F-2026-118 (refonte du site)."
    ) in flat(message.text)
    assert [str(amount) for amount in message.amounts] == ["1200.00"]


def test_every_date_stands_in_it_with_what_is_paid(office: Office) -> None:
    text = office.message(confirmed(made(FOUR))).text

    assert [flat(line) for line in text.splitlines() if " · 300" in flat(line)] == [
        "- 23 novembre 2026 · réglée · 300,00 €",
        "- 23 décembre 2026 · à venir · 300,00 €",
        "- 25 janvier 2027 · à venir · 300,00 €",
        "- 23 février 2027 · à venir · 300,00 €",
    ]
    assert "Il reste 900,00 € à régler à ces dates (règlements enregistrés jusqu’au 20 novembre 2026)." in flat(text)


def test_nothing_is_said_to_be_left_while_nothing_is_paid(office: Office) -> None:
    assert "Il reste" not in office.text(confirmed(made(FRESH)))


def test_it_thanks_for_the_payment_that_took_the_plan(office: Office) -> None:
    card = Receipt(date(2026, 11, 20), euros("300.00"), ("F-2026-118",), "card")
    text = office.text(confirmed(made(FOUR), receipts=[card]))

    assert (
        "Votre règlement de 300,00 € par carte bancaire, daté du 20 novembre 2026, nous est bien parvenu. Merci."
        in text
    )
    both = office.text(confirmed(made(FOUR), receipts=[card, replace(card, amount=euros("50.00"))]))
    assert "Vos règlements de 300,00 € et 50,00 € nous sont bien parvenus. Merci." in both


def test_it_says_how_to_pay_each_of_them(office: Office) -> None:
    message = office.message(confirmed(made(FOUR)))

    for words in ("référence : RF45EC1", f"IBAN : {IBAN} (Atelier Lumen)", message.page):
        assert words in flat(message.text)


def test_it_says_what_happens_if_a_date_is_not_kept_and_what_to_do_before(office: Office) -> None:
    text = office.text(confirmed(made(FOUR)))

    assert "Une date devient difficile ? Dites-le-nous avant qu’elle n’arrive" in text
    assert (
        "Une échéance encore impayée 10 jours après un rappel écrit mettrait fin à l’échéancier :"
        " ce qui reste serait alors à régler en une fois, chaque facture au plus tôt à sa propre date."
    ) in text
    assert "Si un point vous paraît inexact, répondez à ce message" in text


def test_a_consumer_is_told_plainly_that_it_costs_nothing_more(office: Office) -> None:
    said = "Cet échéancier ne vous coûte rien de plus : ni frais, ni intérêts."

    for kind in (Kind.CONSUMER, Kind.UNKNOWN):
        assert said in office.text(confirmed(made(FOUR), who=client(kind=kind)))
    assert said not in office.text(confirmed(made(FOUR)))


def test_one_that_takes_the_place_of_another_says_so(office: Office) -> None:
    text = office.text(confirmed(made(FRESH, told_on=date(2026, 11, 3))))

    assert "Cet échéancier remplace celui de notre message du 3 novembre 2026." in text


def test_one_that_changed_says_which_it_replaces_and_shows_the_new_dates(office: Office) -> None:
    text = office.text(confirmed(made(FRESH, kind=RecapKind.CHANGED, told_on=date(2026, 11, 3))))

    assert "a changé. Voici celui qui vaut désormais : 1 200,00 € en 2 échéances" in text
    assert "- 30 décembre 2026 · à venir · 800,00 €" in text


def test_in_one_payment_it_names_the_day(office: Office) -> None:
    once = agreed((date(2026, 12, 15), "1200.00", "0"))
    text = office.text(confirmed(made(once)))

    assert "d’un règlement de 1 200,00 € en une fois, le 15 décembre 2026, sans frais" in text
    assert "Cette date est aussi dans le fichier joint, pour votre agenda." in text


def test_one_that_is_over_asks_for_nothing_and_leaves_a_way(office: Office) -> None:
    message = office.message(confirmed(over()))
    text = flat(message.text)

    assert "L’échéancier que nous vous avions confirmé le 20 novembre 2026 pour la facture F-2026-118" in text
    assert "n’est plus en vigueur : ses dates à venir ne vous sont plus demandées" in text
    assert "Le fichier joint retire de votre agenda les dates qui restaient." in text
    assert "Répondez-nous : nous en parlerons" in text
    assert not sums(text)
    assert message.amounts == ()


def test_one_that_the_ledger_does_not_know_any_more_is_still_told_of(office: Office) -> None:
    text = office.text(confirmed(replace(over(), agreement=None)))

    assert "pour la facture F-2026-118 (refonte du site) n’est plus en vigueur" in text


def test_one_that_is_paid_early_is_thanked_for(office: Office) -> None:
    paid = agreed(*((part.due, "300.00", "300.00") for part in FOUR.instalments))
    recap = made(paid, kind=RecapKind.PAID, told_on=date(2026, 11, 3), calendar=calendar(FOUR, sequence=1, gone=True))
    text = office.text(confirmed(recap, items=[replace(item(paid="1200.00"), status=Status.PAID)]))

    assert (
        "est soldé, avant même sa dernière date : il ne vous en reste rien à régler. Merci de l’avoir mené à son terme."
        in text
    )


def test_its_subject_stays_the_same_and_it_goes_on_in_the_conversation(office: Office) -> None:
    (account,) = confirmed(over())
    before = replace(sent("recap", date(2026, 11, 20), [item()]), message_id="r1@atelier-lumen.example")
    message = office.message((replace(account, reminders=replace(account.reminders, sent=(before,))),))

    assert message.subject == office.message(confirmed(made(FOUR))).subject
    assert read(message)["In-Reply-To"] == "<r1@atelier-lumen.example>"


KINDS = {
    "made": made(FOUR),
    "changed": made(FRESH, kind=RecapKind.CHANGED, told_on=date(2026, 11, 3)),
    "paid": over(RecapKind.PAID),
    "over": over(),
}


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", list(KINDS))
def test_text_and_page_say_the_same_in_each_language(office: Office, kind: str, language: str) -> None:
    message = office.message(confirmed(KINDS[kind], who=client(language=language)))

    assert message.language == language
    assert sums(flat(message.text)) == sums(seen(message.html))
    assert len(message.html.encode()) < 100_000
    for words in ("None", "{{", "{%"):
        assert words not in message.text + message.html


def test_sixty_invoices_in_one_agreement_still_fit(office: Office) -> None:
    many = [replace(item(f"F-{number}", "20.00"), status=Status.IN_PLAN) for number in range(60)]
    plan = replace(FRESH, invoices=tuple(one.id for one in many))
    message = office.message(confirmed(made(plan), items=many))

    assert "pour 60 factures, que votre page détaille" in flat(message.text)
    assert message.subject == "Notre échéancier"


def test_a_language_of_the_owners_own_without_a_recap_gets_the_english_one(tmp_path: Path) -> None:
    folder = tmp_path / "portal_templates" / "emails" / "de"
    folder.mkdir(parents=True)
    (folder / "reminder.md").write_text("Subject: Rechnung\n\nBitte zahlen.\n", encoding="utf-8")
    owner = settings(tmp_path)
    message = compose(owner, confirmed(made(FOUR), who=client(language="de")), MessageTemplates(owner))
    assert message is not None
    assert message.subject.startswith("Our payment plan")


# The file that goes with it


def test_the_calendar_goes_with_the_email_and_stands_beside_the_draft(office: Office) -> None:
    message = office.message(confirmed(made(FOUR)))
    found = email.message_from_bytes(message.eml(), policy=email.policy.strict)

    assert found.get_content_type() == "multipart/mixed"
    words, file = found.iter_parts()
    assert words.get_content_type() == "multipart/alternative"
    assert (file.get_content_type(), file.get_param("method"), file.get_param("name")) == (
        "text/calendar",
        "PUBLISH",
        "echeances.ics",
    )
    assert file.get_filename() == "echeances.ics"
    (beside,) = message.beside().items()
    assert beside == (message.file_name.replace(".eml", ".ics"), file.get_payload(decode=True))


def test_where_no_date_is_left_there_is_no_file(office: Office) -> None:
    message = office.message(confirmed(made(FOUR, calendar=())))

    assert "agenda" not in message.text
    assert read(message).get_content_type() == "multipart/alternative"


def test_the_words_of_an_event_are_the_owners_to_change(tmp_path: Path) -> None:
    folder = tmp_path / "portal_templates" / "emails" / "fr"
    folder.mkdir(parents=True)
    own = "Subject: À payer : {{ entry.amount | money }}\nPreview: Mes dates\n\nMerci.\n"
    (folder / "_event.md").write_text(own, encoding="utf-8")
    message = Office(settings(tmp_path)).message(confirmed(made(FRESH)))

    (file,) = message.attachments
    assert file.name == "mes-dates.ics"
    assert "SUMMARY:À payer" in file.content.decode()


# On paper


def paper(office: Office, recap: Recap | None = None, *, fees: FeeMode = FeeMode.MENTION, **known: object) -> str:
    """The words of the agreement, without what is for the owner alone."""
    return flat(office.message(on_paper(recap or made(FOUR), **known), fees=fees).text)  # type: ignore[arg-type]


def test_the_agreement_names_both_parties_with_address_and_siren(office: Office) -> None:
    text = paper(office, who=client(siren="012300018"))

    assert "Atelier Lumen, 12 rue des Tanneurs, 69001 Lyon, SIREN 732 829 320" in text
    assert "Studio Verdier, 8 quai Saint-Vincent, 69001 Lyon, SIREN 012300018, ci-après « le client »" in text


def test_what_is_not_known_of_the_client_is_left_to_be_filled_in(office: Office) -> None:
    text = paper(office, who=client(address=""))

    assert "adresse : ......" in text
    assert "SIREN : ......" in text


def test_principal_interest_and_indemnity_stand_apart(office: Office) -> None:
    text = paper(office)

    assert "Principal, toutes taxes comprises : 1 200,00 €. Intérêts de retard compris dans cet accord : aucun." in text
    assert "Indemnité forfaitaire de recouvrement comprise : aucune." in text


def test_the_debt_is_acknowledged_and_the_dates_add_up_to_it(office: Office) -> None:
    text = paper(office)

    assert "le client reconnaît devoir à Atelier Lumen, pour cette facture, la somme de 1 200,00 €" in text
    assert "- 2 · 23 décembre 2026 · 300,00 €" in text
    assert "- Total · 1 200,00 €" in text


def test_what_was_left_of_an_invoice_that_day_is_told_where_it_adds_up(office: Office) -> None:
    part = replace(item(amount="1500.00", paid="300.00"), status=Status.IN_PLAN)
    owed = replace(FOUR, owed=(euros("1200.00"),))

    assert "1 500,00 €, dont restaient 1 200,00 €" in paper(office, made(owed), items=[part])
    assert "dont restaient" not in paper(office, made(replace(owed, owed=(euros("1500.00"),))), items=[part])


def test_it_says_how_to_pay_how_payments_are_allocated_and_what_ends_it(office: Office) -> None:
    text = paper(office)

    for words in (
        f"IBAN {IBAN}, BIC PSSTFRPPXXX",
        "RF45EC1",
        "Chaque paiement va aux échéances dans leur ordre et aux factures de la plus ancienne à la plus récente",
        "encore impayée 10 jours après un rappel écrit met fin à l’accord",
        "ce qui reste dû devient exigible en une fois, chaque facture au plus tôt à sa propre date",
        "payé jusqu’au jour de cet écrit, maintient l’accord",
        "il n’emporte pas novation",
        "Fait en deux exemplaires",
    ):
        assert words in text
    assert text.count("Signature :") == 2


def test_late_fees_are_named_to_businesses_only_and_where_the_policy_mentions_them(office: Office) -> None:
    said = "Les pénalités de retard et l’indemnité que la loi prévoit entre professionnels ne sont pas réclamées"

    assert said in paper(office)
    assert said not in paper(office, fees=FeeMode.OFF)
    for kind in (Kind.PUBLIC, Kind.CONSUMER, Kind.UNKNOWN):
        assert said not in paper(office, who=client(kind=kind))


def test_a_consumer_signs_plain_words_that_cost_nothing(office: Office) -> None:
    text = paper(office, who=PERSON)

    assert "Cet accord ne lui coûte rien de plus : ni frais, ni intérêts." in text
    assert "ne crée pas de nouvelle dette" in text
    for words in ("indemnité", "Intérêts de retard", "exigible", "novation", "SIREN :"):
        assert words not in text


def test_the_owner_is_told_what_to_do_with_it_and_not_to_note_it_as_sent(office: Office) -> None:
    page = office.message(on_paper(made(FOUR), who=client(address=""))).html
    note = seen(page[: page.index("<main")] + "</head>")

    assert "imprimez-le en deux exemplaires" in note
    assert "n’est pas dans le fichier des clients" in note
    assert "relance sent" not in note


@pytest.mark.parametrize("language", ["fr", "en"])
def test_it_has_no_sender_and_no_addressee_of_a_letter_and_stands_in_both_languages(
    office: Office, language: str
) -> None:
    message = office.message(on_paper(made(FOUR), who=client(language=language)))

    assert message.language == language
    assert "<address" not in message.html
    assert message.file_name.endswith("-agreement.html")


def test_it_does_not_say_how_far_it_has_come(office: Office) -> None:
    unpaid = agreed(*((part.due, "300.00", "0") for part in FOUR.instalments))

    assert paper(office, made(FOUR)) == paper(office, made(unpaid))


def test_one_that_goes_on_takes_back_the_message_of_its_end(office: Office) -> None:
    known = made(FRESH, kind=RecapKind.RESUMED, told_on=date(2026, 12, 7))
    text = office.text(confirmed(known))

    assert "est maintenu, aux mêmes dates : 1 200,00 € en 2 échéances" in text
    assert "Notre message du 7 décembre 2026, qui annonçait sa fin, ne vaut plus." in text
    assert "a changé" not in text
    english = office.text(confirmed(known, who=client(language="en")))
    assert "Our message of 7 December 2026, which said that it had ended, is taken back." in english


def test_without_its_discount_it_says_so_and_promises_none(office: Office) -> None:
    lost = replace(FRESH, saving=euros("36.00"), saving_lost=True)
    text = office.text(confirmed(made(lost, kind=RecapKind.RESUMED, told_on=date(2026, 12, 7))))

    assert "Seule la remise de 36,00 € n’est plus acquise : la dernière échéance la comprend." in text
    assert "nous vous en faisons grâce" not in text


def test_what_a_credit_note_took_off_is_said_and_no_payment(office: Office) -> None:
    first, second = FRESH.instalments
    less = replace(FRESH, instalments=(replace(first, paid=euros("100.00"), credited=euros("100.00")), second))
    message = office.message(confirmed(made(less, kind=RecapKind.CHANGED, told_on=date(2026, 11, 3))))
    text = flat(message.text)

    assert "Voici celui qui vaut désormais : 1 100,00 € en 2 échéances" in text
    assert "100,00 € d’avoirs en sont déduits" in text
    assert "- 30 novembre 2026 · à venir · 300,00 €" in text
    assert [str(amount) for amount in message.amounts] == ["1100.00"]


def test_what_is_disputed_is_apart_and_spoken_of_later(office: Office) -> None:
    text = office.text(confirmed(made(replace(FRESH, disputed=euros("200.00")))))

    assert "- 30 décembre 2026 · dont 200,00 € en discussion · 800,00 €" in text
    assert "Il reste 1 000,00 € à régler à ces dates" in text
    assert "sans compter 200,00 € dont nous discutons encore : nous en reparlerons avec vous" in text
