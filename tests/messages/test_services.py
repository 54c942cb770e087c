"""Messages that are no reminder of a late invoice: around an instalment, when money came in, to a new client."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from generator.domain.account import Account, Agreement, Instalment, Status
from generator.domain.due import Receipt
from generator.domain.ledger import Channel, Kind
from generator.domain.money import Money
from tests.messages.reading import Office, flat, read, seen, sums
from tests.support.accounts import accounts, client, item, sent, settings
from tests.support.links import linked
from tests.support.services import about_instalment, agreed, euros, thanked, welcomed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.domain.delivery import MessageSent

IBAN = "FR14 2004 1010 0505 0001 3M02 606"
SOON = agreed(
    (date(2026, 11, 16), "300.00", "300.00"),
    (date(2026, 11, 25), "300.00", "50.00"),
    (date(2027, 1, 18), "300.00", "0"),
    (date(2027, 2, 16), "300.00", "0"),
)
LATE = agreed((date(2026, 11, 18), "300.00", "0"), (date(2026, 12, 18), "900.00", "0"))
PAST = agreed((date(2026, 11, 10), "300.00", "0"), (date(2026, 12, 18), "900.00", "0"), holds=False)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The office of Atelier Lumen, without templates of its own."""
    return Office(settings(tmp_path_factory.mktemp("folder")))


# Instalments


def test_before_an_instalment_a_simple_reminder_and_nothing_to_do_when_it_has_left(office: Office) -> None:
    message = office.message(about_instalment("instalment", 2, SOON))
    text = flat(message.text)

    assert message.subject == "Échéance du 25 novembre 2026 (2 sur 4)"
    assert "la deuxième échéance sur 4 de notre échéancier est prévue le 25 novembre 2026, pour 250,00 €" in text
    assert "Si le paiement est déjà parti ou programmé, vous n’avez rien à faire" in text
    assert [str(amount) for amount in message.amounts] == ["250.00"]


def test_it_says_how_to_pay_exactly_this_instalment(office: Office) -> None:
    due = about_instalment("instalment", 2, SOON)
    text = office.text(due)

    assert "montant : 250,00 €" in text
    assert "référence : RF45EC1" in text
    assert f"IBAN : {IBAN} (Atelier Lumen)" in text
    (account,) = (linked(account) for account in due)
    (way,) = (link for link in account.wanted if link.kind == "instalment")
    assert f"payer 250,00 € ({account.links[way.key]})" in office.text((account,))


def test_a_link_for_another_instalment_is_not_named(office: Office) -> None:
    """Links are made for the next instalment that is open: two are late here, and the message is about the second."""
    both = agreed((date(2026, 11, 12), "300.00", "0"), (date(2026, 11, 18), "900.00", "0"))
    account = linked(about_instalment("instalment-late", 2, both)[0])

    assert account.links
    assert "https://buy" not in office.message((account,)).text


def test_it_shows_what_is_paid_of_the_schedule(office: Office) -> None:
    text = office.message(about_instalment("instalment", 2, SOON)).text

    assert [flat(line) for line in text.splitlines() if "2027 ·" in line or "2026 ·" in line] == [
        "- 16 novembre 2026 · réglée · 300,00 €",
        "- 25 novembre 2026 · reste 250,00 € · 300,00 €",
        "- 18 janvier 2027 · à venir · 300,00 €",
        "- 16 février 2027 · à venir · 300,00 €",
    ]


def test_a_missed_instalment_says_until_when_the_agreement_stands_and_asks(office: Office) -> None:
    text = office.text(about_instalment("instalment-late", 1, LATE))

    assert "la première échéance sur 2 de notre échéancier, prévue le 18 novembre 2026, n’est pas encore réglée" in text
    assert "règlements enregistrés jusqu’au 20 novembre 2026" in text
    assert "quelque chose fait-il obstacle ?" in text
    assert "nous pouvons convenir d’une autre date" in text
    assert "L’échéancier tient jusqu’au 28 novembre 2026 inclus" in text


def test_the_last_word_names_what_was_written_and_leaves_a_way(office: Office) -> None:
    told = replace(sent("instalment-late", date(2026, 11, 13), []), about=("EC-1@2026-11-10",))
    text = office.text(about_instalment("instalment-last", 1, PAST, history=[told]))

    assert "Nous vous avons écrit le 13 novembre 2026 au sujet de la première échéance" in text
    assert "L’échéancier tenait jusqu’au 20 novembre 2026" in text
    assert "proposez-nous la date qui vous convient" in text
    assert "ne suspendra plus nos relances sur la facture F-2026-118" in text


def test_the_last_word_claims_nothing_that_was_not_written(office: Office) -> None:
    other = replace(sent("instalment-late", date(2026, 10, 13), []), about=("EC-1@2026-10-10",))
    text = office.text(about_instalment("instalment-last", 1, PAST, history=[other]))

    assert "avons écrit" not in text


def test_an_agreement_that_is_over_is_not_said_to_stand(office: Office) -> None:
    for step in ("instalment-late", "instalment-last"):
        text = office.text(about_instalment(step, 1, PAST))
        assert "tient jusqu" not in text
        assert "tenait jusqu’au 20 novembre 2026" in text


def test_an_agreement_that_broke_earlier_is_not_said_to_stand(office: Office) -> None:
    """An instalment before this one was never paid: the grace of this one changes nothing."""
    text = office.text(about_instalment("instalment-late", 1, replace(LATE, holds=False)))

    assert "tient jusqu" not in text


def test_on_its_last_day_an_agreement_still_stands(office: Office) -> None:
    today = agreed((date(2026, 11, 12), "300.00", "0"), (date(2026, 12, 18), "900.00", "0"))

    assert "L’échéancier tient jusqu’à aujourd’hui inclus" in office.text(about_instalment("instalment-last", 1, today))


def test_the_messages_of_an_instalment_are_one_conversation(office: Office) -> None:
    before = replace(
        sent("instalment", date(2026, 11, 13), []), about=("EC-1@2026-11-18",), message_id="a1@atelier-lumen.example"
    )
    message = office.message(about_instalment("instalment-late", 1, LATE, history=[before]))
    found = read(message)

    assert found["In-Reply-To"] == "<a1@atelier-lumen.example>"
    assert message.subject == office.message(about_instalment("instalment", 1, LATE)).subject


def test_a_debit_under_way_is_not_said_to_be_missing(office: Office) -> None:
    flying = Instalment(date(2026, 11, 16), euros("300.00"), euros("0"), euros("300.00"))
    plan = replace(SOON, instalments=(flying, *SOON.instalments[1:]))

    assert "prélèvement en cours · 300,00 €" in office.text(about_instalment("instalment", 2, plan))


@pytest.mark.parametrize("channel", [Channel.LETTER, Channel.PHONE])
@pytest.mark.parametrize(("step", "plan", "number"), [("instalment", SOON, 2), ("instalment-late", LATE, 1)])
def test_an_instalment_by_letter_or_telephone_says_the_same(
    office: Office, channel: Channel, step: str, plan: Agreement, number: int
) -> None:
    message = office.message(about_instalment(step, number, plan, channel=channel))
    page = seen(message.html)

    for words in (f"{plan.instalments[number - 1].open.decimal:.2f}".replace(".", ","), "2026", "RF45EC1"):
        assert words in page
    assert "buy.stripe" not in page
    assert "échue" not in page


# Receipts


def paid(amount: str = "300.00", *invoices: str, on: date = date(2026, 11, 20), method: str = "") -> Receipt:
    """Money that came in."""
    return Receipt(on, euros(amount), invoices, method)


def test_a_receipt_thanks_and_says_that_nothing_is_left(office: Office) -> None:
    message = office.message(thanked(paid("1200.00", "F-2026-118", method="card")))
    text = flat(message.text)

    assert message.subject.startswith("Règlement reçu")
    assert (
        "Votre règlement de 1 200,00 € par carte bancaire, daté du 20 novembre 2026, nous est bien parvenu"
        " pour la facture F-2026-118 (refonte du site). Merci."
    ) in text
    assert "Vous n’avez plus rien à régler." in text
    assert [str(amount) for amount in message.amounts] == ["1200.00"]


def test_a_receipt_says_what_remains_without_asking_for_it(office: Office) -> None:
    part = item(paid="300.00")
    later = replace(item("F-2", "80.00", due=date(2026, 12, 20)))
    text = office.text(thanked(paid("300.00", "F-2026-118"), items=[part, later]))

    assert "Sur la facture F-2026-118, il reste 900,00 € à régler." in text
    assert "En tout, il reste 980,00 € à régler" in text
    alone = office.text(thanked(paid("300.00", "F-2026-118"), items=[part]))
    assert "Il reste 900,00 € à régler sur cette facture." in alone
    assert "En tout" not in alone
    assert "Sauf erreur" not in text
    assert "échue" not in text


def test_a_receipt_says_when_the_next_instalment_is(office: Office) -> None:
    (account,) = thanked(paid("300.00", "F-2026-118"), items=[replace(item(paid="300.00"), status=Status.IN_PLAN)])
    text = office.text((replace(account, agreements=(SOON,)),))

    assert "La prochaine échéance de notre échéancier : 250,00 €, le 25 novembre 2026." in text
    assert "prochaine échéance" not in office.text((replace(account, agreements=(PAST,)),))


def test_a_receipt_does_not_count_what_is_disputed(office: Office) -> None:
    some = office.text(thanked(paid(), items=[item(), item("F-2", "80.00")], disputed="80.00"))
    nothing = office.text(thanked(paid(), items=[item("F-2", "80.00")], disputed="80.00"))

    assert "il reste 1 200,00 € à régler, sans compter ce dont nous discutons encore" in some
    assert "Hormis ce dont nous discutons encore, vous n’avez plus rien à régler." in nothing


def test_several_payments_are_one_receipt(office: Office) -> None:
    message = office.message(thanked(paid("300.00", "F-2026-118"), paid("900.00", on=date(2026, 11, 21))))

    assert "- 20 novembre 2026 · F-2026-118 · 300,00 €" in flat(message.text)
    assert "- 21 novembre 2026 · votre compte · 900,00 €" in flat(message.text)
    assert [str(amount) for amount in message.amounts] == ["1200.00"]


def test_a_receipt_answers_the_reminder_of_what_it_paid(office: Office) -> None:
    (account,) = thanked(paid("1200.00", "F-2026-118"))
    asked = replace(sent("reminder-1", date(2026, 11, 6), [item()]), message_id="r1@atelier-lumen.example")
    due = (replace(account, reminders=replace(account.reminders, sent=(asked,))),)

    assert read(office.message(due))["In-Reply-To"] == "<r1@atelier-lumen.example>"


# A first word


def test_a_new_client_is_asked_who_pays_and_nothing_else(office: Office) -> None:
    message = office.message(welcomed())
    text = flat(message.text)

    for words in ("Qui s’occupe du paiement", "Quel jour du mois", "Quelle référence", "numéro de commande"):
        assert words in text
    assert "rien ne vous est demandé d’autre" in text
    assert message.amounts == ()
    assert not sums(text)
    assert "https://payer" not in message.text
    assert "page de règlement" not in text


def test_a_public_client_is_asked_for_what_public_accounting_needs(office: Office) -> None:
    assert "numéro d’engagement, code service" in office.text(welcomed(client(kind=Kind.PUBLIC)))


# All of them


def everything(language: str) -> dict[str, Sequence[Account]]:
    who = client(language=language)
    return {
        "instalment": about_instalment("instalment", 2, SOON, who=who),
        "instalment-late": about_instalment("instalment-late", 1, LATE, who=who),
        "instalment-last": about_instalment("instalment-last", 1, PAST, who=who),
        "receipt": thanked(paid("300.00", "F-2026-118"), items=[item(paid="300.00")], who=who),
        "onboarding": welcomed(who),
    }


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("step", ["instalment", "instalment-late", "instalment-last", "receipt", "onboarding"])
def test_text_and_page_say_the_same_in_each_language(office: Office, step: str, language: str) -> None:
    message = office.message(tuple(everything(language)[step]))

    assert message.language == language
    assert sums(flat(message.text)) == sums(seen(message.html))
    assert message.file_name == f"2026-11-22-verdier-{step}.eml"
    for words in ("None", "{{", "{%"):
        assert words not in message.text + message.html


@pytest.mark.parametrize("step", ["instalment", "instalment-late", "instalment-last", "receipt", "onboarding"])
def test_a_seller_who_gave_little_is_not_full_of_holes(office: Office, step: str) -> None:
    owner = replace(office.settings.seller, contact="", phone="", address="", siren="", iban="", bic="")
    bare = Office(replace(office.settings, seller=owner))
    text = bare.text(tuple(everything("fr")[step]))

    assert "IBAN" not in text
    assert " ," not in text


def test_a_department_is_greeted_without_a_name(office: Office) -> None:
    who = client(contact="Comptabilité", salutation="")

    assert office.text(welcomed(who)).startswith("Bonjour, Merci")
    assert office.text(welcomed(client(contact="Jeanne Verdier", salutation=""))).startswith("Bonjour Jeanne Verdier,")


def test_what_one_was_told_of_an_instalment_does_not_count_as_a_reminder_of_the_invoice(office: Office) -> None:
    """A service reminder before an instalment is not one of the letters that a formal notice names."""
    one = replace(item(), status=Status.OVERDUE, open=Money(120000, "EUR"))
    history: list[MessageSent] = [
        sent("reminder-1", date(2026, 11, 6), [one]),
        sent("instalment", date(2026, 11, 13), [one]),
    ]
    text = office.text(accounts("reminder-3", one, history=history))

    assert "Nous vous avons écrit le 6 novembre 2026" in text


def test_while_an_earlier_one_is_missing_the_word_before_says_so(office: Office) -> None:
    due = about_instalment(
        "instalment", 2, agreed((date(2026, 11, 18), "300.00", "0"), (date(2026, 11, 26), "900.00", "0"))
    )
    text = office.text(due)

    assert (
        "La précédente, prévue le 18 novembre 2026, n’est pas encore réglée, sauf erreur de notre part : 300,00 €."
        in text
    )
    assert "Réglée d’ici le 6 décembre 2026, elle ne change rien à ce dont nous sommes convenus." in text
    assert "vous n’avez rien à faire" not in text
    letter = office.text(about_instalment("instalment", 2, due[0].agreements[0], channel=Channel.LETTER))
    assert "n’est pas encore réglée, sauf erreur de notre part" in letter
    english = office.text(about_instalment("instalment", 2, due[0].agreements[0], who=client(language="en")))
    assert "The one before it, planned for 18 November 2026, has not been paid yet" in english
    assert "nothing for you to do" not in english


def test_what_of_the_schedule_is_disputed_is_said_to_be_apart(office: Office) -> None:
    text = office.text(about_instalment("instalment", 2, replace(SOON, disputed=euros("350.00"))))

    assert "- 18 janvier 2027 · dont 50,00 € en discussion · 300,00 €" in text
    assert "- 16 février 2027 · en discussion · 300,00 €" in text
    assert "350,00 € restent en discussion entre nous" in text


def test_a_receipt_leaves_out_what_will_be_waived_and_says_when(office: Office) -> None:
    one = replace(item(paid="600.00"), status=Status.IN_PLAN)
    (account,) = thanked(Receipt(date(2026, 11, 20), euros("600.00"), ("F-2026-118",), "card"), items=[one])
    waiving = replace(
        agreed((date(2026, 11, 20), "600.00", "600.00"), (date(2026, 12, 21), "564.00", "0")), saving=euros("36.00")
    )
    totals = replace(account.totals, open=one.open, in_plan=one.open)
    text = office.text((replace(account, agreements=(waiving,), totals=totals),))

    assert "En tout, il reste 564,00 € à régler" in text
    assert "36,00 € de plus vous seront remis une fois l’échéancier mené à son terme" in text
    assert "600,00 € à régler" not in text
