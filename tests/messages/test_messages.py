"""What each message says, and what it never says."""

from __future__ import annotations

import html as html_entities
import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from generator import wording
from generator.domain.account import Offer
from generator.domain.ledger import Channel, Kind
from generator.domain.memory import OfferKind
from generator.domain.money import Money
from generator.domain.policy import FeeMode, Step, Tone
from generator.errors import UserError
from generator.messages import compose, slug
from generator.resources import bundled
from tests.messages.reading import Office, flat, read, seen, sums
from tests.support.accounts import KEY, accounts, client, discount, item, plans, seller, sent, settings
from tests.support.links import all_linked, linked

if TYPE_CHECKING:
    from pathlib import Path

    from generator.domain.account import Account

EARLY = date(2026, 11, 25)
STEPS = ("presentation", "courtesy", "reminder-1", "reminder-2", "reminder-3", "formal-notice", "relance-douce")
PAGE = f"https://payer.atelier-lumen.example/p/{KEY}/"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The office of Atelier Lumen, without templates of its own."""
    return Office(settings(tmp_path_factory.mktemp("folder")))


def overdue(step: str, **changes: object) -> tuple[Account, ...]:
    """One late invoice of a business, with all that can be offered and two earlier messages."""
    one = item()
    history = [sent("reminder-1", date(2026, 11, 6), [one]), sent("reminder-2", date(2026, 11, 16), [one])]
    return accounts(step, one, who=client(**changes), offers=[discount([one]), *plans([one])], history=history)


def test_nothing_is_due_nothing_is_written(office: Office) -> None:
    due = overdue("reminder-1")[0]
    quiet = replace(due, reminders=replace(due.reminders, due_today=None))

    assert compose(office.settings, [quiet], office.templates) is None


def test_the_first_reminder_asks_for_a_date_and_offers_nothing(office: Office) -> None:
    text = office.text(overdue("reminder-1"))

    assert text.startswith(
        "Bonjour Madame Verdier, Sauf erreur de notre part, la facture F-2026-118 (refonte du site, 1 200,00 €)"
    )
    assert "échue le 30 octobre 2026" in text
    assert "règlements reçus jusqu’au 20 novembre 2026" in text
    assert "quelle date vous conviendrait ?" in text
    assert "1 140,00" not in text
    assert "fois" not in text


def test_the_second_offers_what_the_account_offers(office: Office) -> None:
    text = office.text(overdue("reminder-2"))

    assert (
        "régler 1 140,00 € au lieu de 1 200,00 €, au plus tard le 2 décembre 2026 : remise exceptionnelle de 5 %, soit 60,00 €"
        in text
    )
    assert "payer en 2, 3 ou 4 fois, sans frais, par exemple 4 versements de 300,00 €" in text
    bare = office.text(accounts("reminder-2", item()))
    assert "fois" not in bare
    assert "remise" not in bare


def test_the_third_names_what_was_sent_and_says_what_may_follow(office: Office) -> None:
    text = office.text(overdue("reminder-3"))

    assert "Nous vous avons écrit les 6 et 16 novembre 2026 au sujet de la facture F-2026-118" in text
    assert "au plus tard le 2 décembre 2026" in text
    assert "nous pourrons vous adresser une mise en demeure" in text


def test_what_was_not_done_is_never_claimed(office: Office) -> None:
    one, other = item(), item("F-2026-090", due=date(2026, 9, 1))
    silent = office.text(accounts("reminder-3", one))
    courtesy_only = office.text(accounts("reminder-3", one, history=[sent("courtesy", date(2026, 10, 27), [one])]))
    about_another = office.text(accounts("reminder-3", one, history=[sent("reminder-1", date(2026, 11, 6), [other])]))
    called = office.text(accounts("reminder-3", one, history=[sent("reminder-1", date(2026, 11, 6), [one], "phone")]))

    for text in (silent, courtesy_only, about_another):
        assert "avons écrit" not in text
        assert "avons appelé" not in text
    assert "Nous vous avons appelé le 6 novembre 2026" in called
    assert "écrit" not in called


def test_a_formal_notice_is_not_announced_when_the_ladder_has_none(office: Office) -> None:
    policy = office.settings.policy
    short = replace(policy, reminders=replace(policy.reminders, steps=policy.reminders.steps[:-1]))
    message = compose(replace(office.settings, policy=short), overdue("reminder-3"), office.templates)

    assert message is not None
    assert "mise en demeure" not in message.text


FEES = ("40 €", "€40", "pénalité", "indemnité", "indemnity", "interest", "BCE", "intérêt", "frais de recouvrement")


@pytest.mark.parametrize("kind", [Kind.CONSUMER, Kind.UNKNOWN, Kind.PUBLIC])
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("channel", list(Channel))
def test_only_a_business_ever_reads_of_late_fees(office: Office, kind: Kind, language: str, channel: Channel) -> None:
    for step in ("reminder-1", "reminder-2", "reminder-3", "formal-notice"):
        due = accounts(step, item(), who=client(kind=kind, language=language), channel=channel)
        message = office.message(due)
        assert not [word for word in FEES if word in flat(message.text) + seen(message.html)]


def test_late_fees_are_mentioned_from_the_third_reminder_without_being_claimed(office: Office) -> None:
    said = "une indemnité forfaitaire de 40 € par facture ; nous ne les réclamons pas à ce stade"

    assert said in office.text(overdue("reminder-3"))
    assert "indemnité" not in office.text(overdue("reminder-2"))
    assert "indemnité" not in office.text(overdue("reminder-3"), fees=FeeMode.OFF)
    assert "s’ajoutent de plein droit" in office.text(overdue("formal-notice"))


def test_a_formal_notice_is_a_dated_letter_for_registered_post(office: Office) -> None:
    one, two = item(order="BC-7"), item("F-2026-121", "450.00", paid="50.00")
    history = [
        sent("reminder-1", date(2026, 11, 6), [one, two]),
        sent("reminder-2", date(2026, 11, 16), [one], "phone"),
    ]
    message = office.message(accounts("formal-notice", one, two, history=history))
    read = seen(message.html)

    assert message.file_name == "2026-11-22-verdier-formal-notice.html"
    for words in (
        "Le 22 novembre 2026",
        "Lettre recommandée avec demande d’avis de réception",
        "mise en demeure de payer 1 600,00 €",
        "F-2026-118 refonte du site commande BC-7",
        "30 septembre 2026",
        "par écrit le 6 novembre 2026, et par téléphone le 16 novembre 2026",
        "en demeure de payer la somme de 1 600,00 €",
        "quinze jours",
        "FR14 2004 1010 0505 0001 3M02 606",
        "RF61VERDIEREUR",
        "8 quai Saint-Vincent",
        PAGE,
    ):
        assert words in read
    assert '<aside class="owner">' in message.html
    assert "datez du jour de l’envoi" not in message.text


def test_a_call_sheet_is_in_the_language_of_who_calls(office: Office) -> None:
    message = office.message(accounts("reminder-1", item(), who=client(language="en", channel=Channel.PHONE)))

    assert message.language == "fr"
    assert message.to == "04 72 00 11 22"
    assert "Sinon, quelle date vous conviendrait ?" in flat(message.text)


def test_before_the_due_date_nothing_is_late(office: Office) -> None:
    one = item(due=EARLY)
    for step in ("presentation", "courtesy"):
        text = office.text(accounts(step, one, offers=[discount([one])]))
        assert "échue" not in text
        assert "remise de 5 % pour paiement anticipé" in text
        assert "à régler le 25 novembre 2026" in text


def test_the_discount_printed_on_the_invoice_is_called_what_it_is(office: Office) -> None:
    one = item(due=EARLY)

    assert "escompte de 2 % prévu sur la facture" in office.text(
        accounts("presentation", one, offers=[discount([one], "2", own=True)])
    )


def test_each_currency_keeps_its_own_sum(office: Office) -> None:
    due = accounts(
        "reminder-2", item(), item("F-2", "50.00"), item("F-3", "300.00", currency="GBP"), who=client(language="en")
    )
    message = office.message(due)

    assert "€1,250.00 and £300.00" in flat(message.text)
    assert [str(amount) for amount in message.amounts] == ["1250.00", "300.00"]


def test_uneven_instalments_are_told_exactly(office: Office) -> None:
    one = item(amount="1000.00")

    assert "par exemple 1 versement de 333,34 €, puis 2 de 333,33 €" in office.text(
        accounts("reminder-2", one, offers=plans([one], [2, 3]))
    )


def test_the_only_plan_is_told_with_its_dates_and_is_no_example(office: Office) -> None:
    text = office.text(accounts("reminder-2", item(amount="1000.00"), offers=plans([item(amount="1000.00")], [3])))
    english = office.text(
        accounts(
            "reminder-2", item(amount="1000.00"), offers=plans([item(amount="1000.00")], [3]), who=client(language="en")
        )
    )

    assert "payer en 3 fois, sans frais, 333,34 € le " in text
    assert "2026, puis 333,33 € le " in text
    assert "par exemple" not in text
    assert "pay in 3 instalments, at no extra cost, €333.34 on " in english
    assert "2026, then €333.33 on " in english
    assert "for example" not in english


def test_an_offer_for_part_of_what_is_listed_says_for_which(office: Office) -> None:
    one, two = item(), item("F-2", "50.00")

    text = office.text(accounts("reminder-2", one, two, offers=[discount([one])]))

    assert "1 140,00 € au lieu de 1 200,00 € (facture F-2026-118)" in text
    other = item("F-3", "300.00", currency="GBP")
    text = office.text(accounts("reminder-2", one, two, other, offers=plans([one, two])))
    assert "payer en 2, 3 ou 4 fois (factures F-2026-118 et F-2), sans frais" in text


def test_a_broken_promise_is_recalled_gently(office: Office) -> None:
    late = item(promised_on=date(2026, 11, 12))

    assert "annoncé un règlement pour le 12 novembre 2026" in office.text(accounts("reminder-1", late))


@pytest.mark.parametrize(
    ("changes", "greeting"),
    [
        ({}, "Bonjour Madame Verdier,"),
        ({"salutation": "Chère Jeanne"}, "Chère Jeanne,"),
        ({"salutation": "Bonjour Jeanne,"}, "Bonjour Jeanne,"),
        ({"salutation": ""}, "Bonjour Jeanne Verdier,"),
        ({"salutation": "", "contact": ""}, "Bonjour,"),
        ({"salutation": "", "contact": "Service des finances"}, "Bonjour,"),
        ({"salutation": "", "contact": "Accounts Payable", "language": "en"}, "Hello,"),
        ({"salutation": "Madame la comptable", "contact": "Comptabilité"}, "Bonjour Madame la comptable,"),
        ({"salutation": "", "contact": "", "kind": Kind.CONSUMER, "name": "Paul Roux"}, "Bonjour Paul Roux,"),
        ({"salutation": "Ms Verdier", "language": "en"}, "Dear Ms Verdier,"),
        ({"salutation": "", "contact": "", "language": "en"}, "Hello,"),
        ({"language": "en-US"}, "Dear Madame Verdier,"),
        ({"language": "pt"}, "Dear Madame Verdier,"),
    ],
)
def test_everyone_is_greeted_by_name_when_there_is_one(
    office: Office, changes: dict[str, object], greeting: str
) -> None:
    assert office.message(overdue("reminder-1", **changes)).text.splitlines()[0] == greeting


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("step", STEPS)
def test_text_and_html_say_the_same(office: Office, step: str, language: str) -> None:
    early = step in {"presentation", "courtesy"}
    items = [
        item(due=EARLY) if early else item(),
        item("F-2", "450.00", paid="50.00", due=EARLY if early else date(2026, 9, 30)),
    ]
    offers = [discount(items[:1]), *([] if early else plans(items))]
    for listed in (items, items[:1], items[1:]):
        message = office.message(
            accounts(step, *listed, offers=offers, who=client(language=language), channel=Channel.EMAIL)
        )
        text, page = flat(message.text), seen(message.html)
        assert sums(text) == sums(page)
        assert sums(text)
        assert (
            set(re.findall(r"https://[^\s\"<]+", message.text))
            == set(re.findall(r'href="(https://[^"]+)"', message.html))
            == {PAGE}
        )
        assert flat(message.subject) in html_entities.unescape(message.html)
        assert not re.search(r"\{\{|\{%|\bNone\b|Undefined|[\ue000-\uf8ff]|<!--j\d", message.text + message.html)


def test_400_invoices_are_summed_up_in_an_email_that_nobody_cuts(office: Office) -> None:
    many = [item(f"F-{number}", "10.01", subject=f"intervention {number}") for number in range(400)]
    for step in ("reminder-1", "formal-notice"):
        message = office.message(accounts(step, *many, channel=Channel.EMAIL))
        assert len(message.html.encode()) <= 100 * 1024
        assert "4 004,00 €" in flat(message.text)
    assert "et 381 autres factures" in office.text(accounts("reminder-1", *many))
    letter = office.message(accounts("formal-notice", *many))
    assert all(f"<strong>F-{number}</strong>" in letter.html for number in range(400))


def test_the_email_is_the_same_whenever_it_is_built(office: Office) -> None:
    first, second = (office.message(overdue("reminder-2")).eml() for _ in range(2))
    other = Office(office.settings).message(overdue("reminder-2")).eml()

    assert first == second == other


def test_all_messages_of_a_client_are_one_conversation(office: Office) -> None:
    first, second = (read(office.message(overdue(step))) for step in ("reminder-1", "reminder-2"))

    assert first["References"] == second["References"]
    assert first["Subject"] == second["Subject"] == "Facture F-2026-118 – refonte du site"
    assert first["Message-ID"] != second["Message-ID"]
    assert read(office.message(overdue("reminder-1", id="other")))["References"] != first["References"]


def test_a_person_answers_and_no_absence_mail_comes_back(office: Office) -> None:
    found = read(office.message(overdue("reminder-1")))

    assert found["Reply-To"] == "Claire Lumen <compta@atelier-lumen.example>"
    assert found["Date"] == "Sun, 22 Nov 2026 09:00:00 +0100"
    assert found["Content-Language"] == "fr"
    assert found["Auto-Submitted"] == "auto-generated"
    assert not {"Precedence", "List-Unsubscribe"} & set(found.keys())


@pytest.mark.parametrize(
    "changes",
    [{"email": ""}, {"email": "nobody"}, {"contact": "a\r\nBcc: x@evil.example"}, {"contact": "=?utf-8?q?x?="}],
)
def test_what_no_email_can_carry_is_a_problem_of_the_ledger(office: Office, changes: dict[str, object]) -> None:
    with pytest.raises(UserError) as caught:
        office.message(overdue("reminder-1", **changes))

    assert [problem.code for problem in caught.value.problems] == ["unsendable-message"]


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=y>',
    "{{7*7}}",
    "</title>",
    "[a](javascript:1)",
    "**x**",
    "&amp;",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("channel", list(Channel))
def test_hostile_words_are_shown_as_they_are_and_do_nothing(office: Office, text: str, channel: Channel) -> None:
    who = client(name=text, contact=text, salutation=text, address=text, phone=text)
    message = office.message(accounts("reminder-2", item(text, subject=text, order=text), who=who, channel=channel))

    assert text in message.text
    assert "<script" not in message.html
    assert "<img" not in message.html
    assert "javascript:1" not in re.findall(r'href="([^"]*)"', message.html)
    assert message.html.count("</title>") == 1
    assert " 49 " not in message.text


def test_a_seller_who_gave_little_is_not_full_of_holes(tmp_path: Path) -> None:
    owner = settings(tmp_path, owner=seller(contact="", phone="", address="", siren="", iban="", bic=""))
    for step in ("reminder-1", "formal-notice"):
        message = Office(owner).message(
            accounts(step, item(), who=client(contact="", salutation="", address=""), booked=None)
        )
        assert not re.search(r" ,|,,|\( ?\)|SIREN|IBAN|jusqu’au", message.text)
        assert "Atelier Lumen" in message.text


@profile(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(min_size=1, max_size=60), st.text(min_size=1, max_size=60))
def test_two_clients_never_share_a_file(first: str, second: str) -> None:
    for name in (first, second):
        assert re.fullmatch(r"[a-z0-9-]{1,49}", slug(name))
    assert (slug(first) == slug(second)) == (first == second)


def test_file_names_are_readable_when_they_can_be() -> None:
    assert slug("atelier-brun-12") == "atelier-brun-12"
    assert slug("Atelier Brun").startswith("atelier-brun-")
    assert slug("../x") != slug("x")
    assert len({slug(name) for name in ("abc", "ABC", "Abc", "äbc")}) == 4


# Paying online


def payable(step: str, **changes: object) -> tuple[Account, ...]:
    """The same client with an active link for each way to pay."""
    return all_linked(
        replace(account, offers=(full_offer(account), *account.offers)) for account in overdue(step, **changes)
    )


def full_offer(account: Account) -> Offer:
    """The offer to pay all of it."""
    nothing = Money(0, account.currency)
    return Offer("FULL", OfferKind.FULL, account.totals.to_pay, nothing, account.items, account.reference)


@pytest.mark.parametrize(
    ("step", "ways"),
    [
        ("reminder-1", ["payer 1 200,00 €"]),
        ("formal-notice", ["payer 1 200,00 €"]),
        ("courtesy", ["payer 1 200,00 €", "payer 1 140,00 €, remise déduite"]),
        (
            "reminder-2",
            [
                "payer 1 200,00 €",
                "payer 1 140,00 €, remise déduite",
            ],
        ),
    ],
)
def test_an_email_offers_online_what_it_speaks_of_under_the_page(office: Office, step: str, ways: list[str]) -> None:
    due = payable(step, channel=Channel.EMAIL)
    message = office.message(due)
    text = flat(message.text)
    before, _, online = text.partition("Ou directement en ligne, par carte bancaire ou prélèvement SEPA,")
    assert PAGE in before
    assert "buy.stripe" not in before
    assert re.findall(r"- (payer [^(]*) \(https://buy", online) == ways
    assert "Bien à vous" in online
    links = set(due[0].links.values())
    for told in (message.text, message.html):
        assert len(found := re.findall(r"https://buy\.stripe\.example/[A-Z0-9]+", told)) == len(ways)
        assert set(found) <= links


def test_each_address_is_that_of_the_amount_beside_it(office: Office) -> None:
    due = payable("reminder-2")
    amounts = {due[0].links[link.key]: link.amount for link in due[0].wanted}
    for said, address in re.findall(r"payer ([\d ,]+ €)[^(]*\((https://buy[^)]*)\)", flat(office.message(due).text)):
        assert said == flat(wording.money(amounts[address], "fr"))


def test_an_english_email_offers_it_in_english(office: Office) -> None:
    text = office.text(payable("reminder-2", language="en"))
    assert "Or directly online, by card or SEPA direct debit, on Stripe’s secure payment page:" in text
    assert "- pay €1,140.00, discount taken off (https://buy" in text


@pytest.mark.parametrize("language", ["fr", "en"])
def test_without_links_the_email_is_the_same_to_the_byte(office: Office, tmp_path: Path, language: str) -> None:
    own = tmp_path / "portal_templates" / "emails" / language
    own.mkdir(parents=True)
    for path in (bundled("portal_templates") / "emails" / language).glob("*.md"):
        lines = path.read_text().splitlines(keepends=True)
        (own / path.name).write_text("".join(line for line in lines if "online" not in line))
    before = Office(settings(tmp_path))
    for step in STEPS:
        due = overdue(step, language=language, channel=Channel.EMAIL)
        assert office.message(due).content() == before.message(due).content(), step


def test_a_letter_is_on_paper_and_names_the_page_only(office: Office) -> None:
    message = office.message(payable("formal-notice", channel=Channel.LETTER))
    assert PAGE in message.text
    assert "buy.stripe" not in message.text + message.html


def test_what_no_single_link_pays_is_left_to_the_page(office: Office) -> None:
    whole = payable("reminder-1")[0]
    later = item("F-9", "50.00", due=EARLY)
    full = replace(whole.offers[0], items=(*whole.items, later), amount=Money(125000, "EUR"))
    more = linked(replace(whole, items=(*whole.items, later), offers=(full,)))
    assert "payer 1 200,00 €" in office.text((more,))
    assert "1 250,00" not in office.text((more,))


def test_a_debit_is_named_only_to_whom_it_exists_for(office: Office) -> None:
    pounds = accounts("reminder-1", item("F-7", "300.00", currency="GBP"))
    text = office.text(all_linked(pounds))
    assert "en ligne, par carte bancaire, sur la page" in text


# Steps of one's own


def test_the_generic_words_speak_in_the_tone_of_the_step(office: Office) -> None:
    one = item()
    history = [sent("a-moi", date(2026, 11, 6), [one])]
    warm, plain, firm = (
        office.text(accounts(Step("ma-relance", 20, tone=tone), one, history=history)) for tone in Tone
    )

    assert "Une réponse d’une ligne suffit." in warm
    assert "Merci de votre confiance. Bien à vous" in warm
    assert "dites-nous quelle date vous conviendrait" in plain
    assert "confiance" not in plain
    assert "Nous vous avons écrit le 6 novembre 2026." in firm
    assert "au plus tard le 2 décembre 2026" in firm
    assert "avons écrit" not in warm + plain


def test_a_step_may_borrow_the_template_of_another(office: Office) -> None:
    one = item()
    own = accounts(Step("deuxième", 14, template="reminder-2"), one)

    assert office.text(own) == office.text(accounts("reminder-2", one))
    assert office.message(own).step == "deuxième"


def test_a_formal_notice_says_what_the_sums_are_for_and_on_what_they_rest(office: Office) -> None:
    business = seen(office.message(accounts("formal-notice", item(), who=client(siren="123456782"))).html)
    person = seen(office.message(accounts("formal-notice", item(), who=client(kind=Kind.CONSUMER))).html)

    assert "Cette somme correspond à ce que nous avons fourni et facturé sous ce numéro" in business
    assert "articles L441-10, II, et D441-5 du code de commerce" in business
    assert "SIREN 123456782" in business
    assert "Cette somme correspond" in person
    assert "L441-10" not in person
    assert "code de commerce" not in person
