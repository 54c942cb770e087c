"""A call sheet: whom to call, about what, what was said before, what may be offered, and how to note the answer."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import markdown
import pytest

from generator.domain.delivery import Logged, Means
from generator.domain.ledger import Channel, Contact
from tests.messages.reading import Office, flat
from tests.support.accounts import accounts, client, item, plans, sent, settings
from tests.support.services import about_instalment, agreed

if TYPE_CHECKING:
    from generator.domain.account import Account

PEOPLE = (
    Contact("verdier", "Paul Roux", "pays", "compta@verdier.example", "04 72 00 11 33"),
    Contact("verdier", "Ada Klein", "approves", "ada@verdier.example", "04 72 00 11 44"),
    Contact("verdier", "Léo Brun", "orders", "leo@verdier.example"),
)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The office of Atelier Lumen, without templates of its own."""
    return Office(settings(tmp_path_factory.mktemp("folder")))


def to_call(*, first: bool = False, **changes: object) -> tuple[Account, ...]:
    """A client to be called about one late invoice that they had promised to pay."""
    one = item(promised_on=date(2026, 11, 12), order="BC-7")
    history = [sent("reminder-1", date(2026, 11, 6), [one])]
    found = accounts(
        "reminder-2",
        one,
        who=client(**changes),
        offers=plans([one]),
        history=history,
        channel=Channel.PHONE,
        people=PEOPLE,
    )
    noted = (
        Logged("verdier", "1", date(2026, 11, 9), Means.CALL, "rappeler\nlundi"),
        Logged("verdier", "2", date(2026, 11, 10), Means.CALL, "", reached=False),
        Logged("verdier", "3", date(2026, 11, 11), Means.NOTE, "en congé cette semaine"),
    )
    due = found[0].reminders.due_today
    assert due is not None
    reminders = replace(found[0].reminders, due_today=replace(due, call_first=first), logged=noted)
    return tuple(replace(account, reminders=reminders) for account in found)


def words(page: str) -> list[str]:
    """What a reader of a page sees, word by word."""
    body = re.sub(r"<head>.*?</head>|<!--.*?-->", "", page, flags=re.DOTALL)
    return re.findall(r"[\w€@.-]+", html.unescape(re.sub(r"<[^>]*>", " ", body)))


def test_it_says_whom_to_call_who_pays_first(office: Office) -> None:
    message = office.message(to_call())

    assert message.subject == "Appeler Paul Roux (Studio Verdier) au 04 72 00 11 33"
    assert message.to == "04 72 00 11 33"
    rows = [line.split(" | ")[:3] for line in message.markdown.splitlines() if line.endswith(".example |")]
    assert rows == [
        ["| **Paul Roux**", "règle les factures", "[04 72 00 11 33](tel:0472001133)"],
        ["| Jeanne Verdier", "contact principal", "[04 72 00 11 22](tel:0472001122)"],
        ["| Ada Klein", "valide les dépenses", "[04 72 00 11 44](tel:0472001144)"],
        ["| Léo Brun", "passe les commandes", "–"],
    ]


def test_it_says_what_is_owed_since_when_and_what_was_promised(office: Office) -> None:
    text = office.text(to_call())

    assert "F-2026-118, refonte du site, commande BC-7 · 30 octobre · 1 200,00 €" in text
    assert "F-2026-118 : règlement annoncé pour le 12 novembre 2026, non reçu." in text


def test_it_names_an_agreement_that_was_not_kept(office: Office) -> None:
    plan = agreed((date(2026, 11, 10), "300.00", "100.00"), (date(2026, 12, 18), "900.00", "0"), holds=False)
    due = tuple(replace(account, agreements=(plan,)) for account in to_call())

    said = (
        "Échéancier du 16 octobre 2026 (F-2026-118) : arrêté à l’échéance du 10 novembre 2026, dont il reste 200,00 €."
    )
    assert said in office.text(due)


def test_it_tells_what_was_written_and_said_before(office: Office) -> None:
    text = office.text(to_call())

    assert [flat(line) for line in re.findall(r"- \d+ novembre 2026 : [^-]*", text)] == [
        "- 6 novembre 2026 : courriel (première relance)",
        "- 9 novembre 2026 : appel : rappeler lundi",
        "- 10 novembre 2026 : appel resté sans réponse",
        "- 11 novembre 2026 : note : en congé cette semaine Ce que vous pouvez demander",
    ]


def test_a_first_call_says_that_it_is_the_first(office: Office) -> None:
    text = office.text(accounts("reminder-1", item(), channel=Channel.PHONE))

    assert "Rien encore : c’est le premier contact" in text


def test_it_says_what_may_be_offered_and_until_when(office: Office) -> None:
    text = office.text(to_call())

    assert "Payer en 2, 3 ou 4 fois, sans frais" in text
    assert "si c’est dit au plus tard le 2 décembre 2026" in text
    assert "Rien d’autre n’est proposé" not in text
    assert "Rien d’autre n’est proposé" in office.text(accounts("reminder-1", item(), channel=Channel.PHONE))


def test_it_leaves_room_for_the_answer_and_names_the_commands(office: Office) -> None:
    page = office.message(to_call(id="Studio Verdier")).html

    assert page.count('class="notes"') == 3
    assert [html.unescape(code) for code in re.findall(r"<code[^>]*>(.*?)</code>", page)] == [
        "relance log 'Studio Verdier' --call \"…\"",
        "relance log 'Studio Verdier' --call \"…\" --not-reached",
        "relance promise 'Studio Verdier' 2026-12-02 1200.00",
        "relance dispute 'Studio Verdier' F-2026-118 \"…\"",
    ]


def test_a_call_that_comes_first_says_that_the_email_follows(office: Office) -> None:
    assert "le courriel de cette étape partira le prochain jour ouvré" in office.text(to_call(first=True))
    assert "partira" not in office.text(to_call())


def test_without_a_telephone_number_it_says_so(office: Office) -> None:
    bare = accounts("reminder-1", item(), who=client(phone=""), channel=Channel.PHONE)
    message = office.message(bare)

    assert "Aucun téléphone n’est connu" in flat(message.text)
    assert message.to == ""


def test_it_is_markdown_too_and_says_the_same(office: Office) -> None:
    message = office.message(to_call(first=True))
    (name,) = message.beside()

    assert name == "2026-11-22-verdier-reminder-2.md"
    assert message.beside()[name].decode() == message.markdown
    assert message.markdown.startswith("# Appeler Paul Roux\n\n**Studio Verdier**, dossier verdier")
    assert (
        "| **Paul Roux** | règle les factures | [04 72 00 11 33](tel:0472001133) | compta@verdier.example |"
        in message.markdown
    )
    assert words(markdown.markdown(message.markdown, extensions=["tables"])) == words(message.html)
    assert "<p" not in message.markdown
    assert "{:" not in message.markdown
    assert "\n\n\n" not in message.markdown


HOSTILE = ["<script>x</script>", "[a](javascript:1)", "**x**", "`x`", "a|b", "\\<b>", "# x", "\ue010"]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_name_becomes_markdown(office: Office, text: str) -> None:
    people = (Contact("verdier", text, "pays", "compta@verdier.example", "04"),)
    due = accounts(
        "reminder-2", item(subject=text, order=text), who=client(name=text), channel=Channel.PHONE, people=people
    )
    page = markdown.markdown(office.message(due).markdown, extensions=["tables"])

    assert "<script" not in page
    assert "javascript" not in "".join(re.findall(r'href="[^"]*"', page))
    assert "<strong>x</strong>" not in page
    assert "<code>x</code>" not in page
    assert "<b>" not in page
    assert page.count("<table>") == 3
    rows = re.findall(r"<tr>\s*(.*?)\s*</tr>", page, re.DOTALL)
    assert {row.count("<t") for row in rows} <= {2, 3, 4}


def test_other_messages_have_one_file(office: Office) -> None:
    assert office.message(accounts("reminder-1", item())).beside() == {}
    assert office.message(accounts("formal-notice", item())).beside() == {}


def test_a_call_about_an_instalment_says_until_when_the_agreement_stands(office: Office) -> None:
    plan = agreed((date(2026, 11, 18), "300.00", "0"), (date(2026, 12, 18), "900.00", "0"))
    text = office.text(about_instalment("instalment-late", 1, plan, channel=Channel.PHONE))

    assert "Première échéance sur 2 de l’échéancier, prévue le 18 novembre 2026 : 300,00 €." in text
    assert "L’accord tient jusqu’au 28 novembre 2026 inclus." in text
    assert "échue" not in text.lower()


def test_a_call_sheet_of_an_english_owner_is_in_english(office: Office) -> None:
    owner = replace(office.settings.seller, language="en")
    message = Office(replace(office.settings, seller=owner)).message(to_call(first=True))

    assert message.subject == "Call Paul Roux (Studio Verdier) on 04 72 00 11 33"
    for words in ("A call first.", "What had been promised", "9 November 2026: call: rappeler lundi", "in French"):
        assert words in flat(message.text)
