"""What a client is told when an agreement was not kept: which date, what is due now, and what remains possible. No blame."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from generator.domain.decide import decide
from generator.domain.ledger import Channel
from generator.domain.memory import Memory
from generator.domain.policy import Policy
from tests.messages.reading import Office, flat, seen
from tests.support.accounts import settings
from tests.support.world import World, day, numbered_keys, world

if TYPE_CHECKING:
    from generator.config import Settings
    from generator.domain.account import Account

ONE = 'invoice F-1 2026-10-02 due 2026-11-02 1200.00 subject="Refonte du site"'
AGREED = "agreement E-1 2026-11-05 F-1 2026-11-24:400.00 2026-12-24:400.00 2027-01-25:400.00"
TOLD = "sent 2026-11-27 instalment-late about=E-1@2026-11-24"
TODAY = "2026-12-08"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The office of Atelier Lumen, without templates of its own."""
    return Office(settings(tmp_path_factory.mktemp("folder")))


def due(text: str = "", row: str = "", language: str = "fr") -> tuple[Account, ...]:
    """The client's account on the day on which they are told."""
    made = world(f"client brun {row}\n{ONE}\n{AGREED}\n{TOLD}\n{text}", Policy())
    made.ledger.clients["brun"] = replace(made.ledger.clients["brun"], language=language)
    account = made.on(TODAY)
    assert account.reminders.due_today is not None
    assert account.reminders.due_today.step.name == "agreement-over"
    return (account,)


def test_it_says_which_date_was_missed_that_we_had_written_and_what_is_due_now(office: Office) -> None:
    message = office.message(due("payment 2026-11-24 100.00 F-1"))
    text = flat(message.text)
    assert message.subject == "Notre échéancier – facture F-1"
    assert "Le 5 novembre 2026, nous étions convenus d’un échéancier" in text
    assert "300,00 € (sur 400,00 €) restent à régler de son échéance du 24 novembre 2026" in text
    assert (
        "nous vous l’avions rappelée par écrit le 27 novembre 2026. Comme il le prévoyait, l’échéancier a donc pris fin"
        in text
    )
    assert "à régler en une fois : 1 100,00 €" in text
    assert "Ce que vous avez déjà réglé, 100,00 €, reste acquis et est déduit." in text
    assert [str(amount) for amount in message.amounts] == ["1100.00"]


def test_it_says_what_remains_possible_and_that_a_payment_that_crossed_it_counts(office: Office) -> None:
    text = office.text(due())
    assert "reçu à la date d’aujourd’hui au plus tard, il maintient l’échéancier" in text
    assert "un nouvel accord reste possible" in text
    for word in ("déchéance", "exigible", "contraint", "poursuite", "tribunal", "malgré"):
        assert word not in text.lower()


def test_in_english_and_in_html_it_is_the_same(office: Office) -> None:
    message = office.message(due(language="en"))
    for words in (flat(message.text), seen(message.html)):
        assert "its instalment of 24 November 2026" in words
        assert "the plan has therefore ended" in words
        assert "a new agreement is possible" in words


def test_an_invoice_that_is_not_due_keeps_its_date(office: Office) -> None:
    parts = AGREED.replace("F-1", "F-1,F-2").replace("400.00", "600.00")
    made = world(f"{ONE}\ninvoice F-2 2026-10-02 due 2026-12-31 600.00\n{parts}\n{TOLD}", Policy())
    text = office.text((made.on(TODAY),))
    assert "à régler en une fois : 1 200,00 €" in text
    assert "600,00 € ne sont pas encore échus : cette part garde la date de sa facture" in text


def test_on_paper_it_says_the_same_and_how_to_pay(office: Office) -> None:
    message = office.message(due(row="channel=letter"))
    text = seen(message.html)
    assert message.channel is Channel.LETTER
    assert "Objet : fin de notre échéancier du 5 novembre 2026" in text
    assert "à régler en une fois : 1 200,00 €" in text
    assert "reçu à la date de cette lettre au plus tard, il maintient l’échéancier" in text
    assert "Par virement : titulaire Atelier Lumen" in text
    assert "relance sent brun" in text, "what the owner does once it is posted"


def test_the_dates_that_were_left_leave_the_calendar(office: Office) -> None:
    made = world(f"client brun\n{ONE}\n{AGREED}", Policy())
    assert made.send("2026-11-05") == "recap"
    made.add(TOLD)
    message = office.message((made.on(TODAY),))
    (calendar,) = message.attachments
    assert b"METHOD:CANCEL" in calendar.content
    assert calendar.content.count(b"STATUS:CANCELLED") == 2
    assert "retire de votre agenda les dates qui restaient" in flat(message.text)
    whole = email.message_from_bytes(message.eml(), policy=email.policy.default)
    assert "method=CANCEL" in whole.as_string()


def test_the_clause_says_the_owners_own_days(office: Office) -> None:
    policy = replace(
        office.settings.policy, agreements=replace(office.settings.policy.agreements, grace_days=30, notice_days=15)
    )
    strict: Settings = replace(office.settings, policy=policy)
    account = world(f"client brun\n{ONE}\n{AGREED}", Policy()).on("2026-11-05")
    text = Office(strict).text((account,))
    assert "encore impayée 15 jours après un rappel écrit, et plus de 30 jours après sa date" in text


def test_page_message_and_public_figures_agree(office: Office) -> None:
    made: World = world(f"client brun\n{ONE}\n{AGREED}\n{TOLD}\npayment 2026-11-24 100.00 F-1", Policy())
    decision = decide(
        made.ledger, made.policy, Memory.of(made.events), day(TODAY), business=None, new_key=numbered_keys()
    )
    (account,) = decision.accounts
    assert account.totals.to_pay == account.totals.overdue
    assert [str(amount) for amount in office.message((account,)).amounts] == [str(account.totals.to_pay)]
    assert account.agreements[0].broken_on == date(2026, 12, 8)
