"""What the work brought, said once; thanks, only where they are true; what instalments bring to both sides."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from generator.domain.account import Item, Status
from generator.domain.due import Receipt
from generator.domain.ledger import Channel
from generator.domain.policy import FORMAL_NOTICE, Anchor, Step, Tone
from tests.messages.reading import Office
from tests.support.accounts import accounts, client, item, plans, settings
from tests.support.services import euros, thanked

if TYPE_CHECKING:
    from generator.domain.account import Account

VISITS = "le site a reçu 12 000 visites depuis"
SAID = "Nous espérons que ce travail vous est utile : le site a reçu 12 000 visites depuis."
PRESENTATION = Step("presentation", 0, Anchor.ISSUED)
FIRM = Step("reminder-3", 30, tone=Tone.FIRM)
WARM = Step("reminder-1", 7, tone=Tone.WARM)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The office of Atelier Lumen, without templates of its own."""
    return Office(settings(tmp_path_factory.mktemp("folder")))


def brought(found: Item, value: str = VISITS) -> Item:
    return replace(found, invoice=replace(found.invoice, value=value))


# What the work brought


def test_the_second_reminder_and_the_presentation_say_it_in_one_line(office: Office) -> None:
    for step in (Step("reminder-2", 14), PRESENTATION):
        assert office.text(accounts(step, brought(item()))).count(SAID) == 1


def test_in_english_too(office: Office) -> None:
    due = accounts(Step("reminder-2", 14), brought(item(), "12,000 visits since May!"), who=client(language="en"))
    text = office.text(due)
    assert "We hope that this work serves you well: 12,000 visits since May! A difficult month" in text


def test_a_letter_says_it_as_well(office: Office) -> None:
    due = accounts(Step("reminder-2", 14), brought(item()), channel=Channel.LETTER)
    assert SAID in office.text(due)


def test_who_calls_has_it_at_hand(office: Office) -> None:
    text = office.text(accounts(Step("reminder-2", 14), brought(item()), channel=Channel.PHONE))
    assert f"Ce que ce travail a apporté (F-2026-118) : {VISITS}" in text


@pytest.mark.parametrize("step", [WARM, FIRM, Step(FORMAL_NOTICE, 45), Step("courtesy", -3, tone=Tone.WARM)])
@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.LETTER])
def test_no_other_step_does_and_never_a_formal_notice(office: Office, step: Step, channel: Channel) -> None:
    assert "visites" not in office.text(accounts(step, brought(item()), channel=channel))


def test_of_several_invoices_only_the_largest_debt_is_named_and_the_oldest_of_equals(office: Office) -> None:
    small, large = brought(item("F-1", "100.00"), "petit"), brought(item("F-2", "900.00"), "grand")
    text = office.text(accounts(Step("reminder-2", 14), small, large, item("F-3", "5000.00")))
    assert "Nous espérons que le travail de la facture F-2 vous est utile : grand." in text
    assert "petit" not in text

    older = brought(item("F-9", "900.00", due=date(2026, 10, 2)), "ancien")
    assert "F-9 vous est utile : ancien." in office.text(accounts(Step("reminder-2", 14), large, older))


def test_a_long_one_is_cut_between_two_words_and_stays_on_one_line(office: Office) -> None:
    text = office.message(accounts(Step("reminder-2", 14), brought(item(), "mot\n" * 500))).text
    said = re.search(r"vous est utile\s:((?:\s+mot)+)…", text)
    assert said is not None
    assert 100 < len(said[1]) < 170


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "{{7*7}}", "[a](javascript:1)", '"><img src=x>', "**x**"]
)
def test_a_hostile_one_is_shown_as_it_is_and_does_nothing(office: Office, text: str) -> None:
    for channel in (Channel.EMAIL, Channel.LETTER):
        message = office.message(accounts(Step("reminder-2", 14), brought(item(), text), channel=channel))
        assert text in message.text
        assert "<script" not in message.html
        assert "<img src=x" not in message.html
        assert "javascript:1" not in re.findall(r'href="([^"]*)"', message.html)


# Thanks


def settled(*, on: date | None, due: date = date(2026, 11, 30)) -> Item:
    paid, zero = euros("1200.00"), euros("0")
    return replace(item(due=due), status=Status.PAID, paid=paid, open=zero, days_overdue=0, closed_on=on)


PAID = Receipt(date(2026, 11, 20), euros("1200.00"), ("F-2026-118",), "virement")
PROMPT = "Et merci de votre ponctualité"


def test_a_receipt_thanks_for_what_came_on_time(office: Office) -> None:
    due = thanked(PAID, items=[settled(on=date(2026, 11, 20))])
    assert f"{PROMPT} : elle nous aide à bien travailler." in office.text(due)


@pytest.mark.parametrize(
    "items",
    [
        [settled(on=date(2026, 11, 20), due=date(2026, 11, 19))],  # a day late
        [settled(on=None)],  # nobody knows when
        [item(paid="200.00", due=date(2026, 11, 30))],  # not all of it
        [settled(on=date(2026, 11, 20)), item("F-2", due=date(2026, 10, 1))],  # something else is late
    ],
)
def test_but_for_nothing_that_was_late(office: Office, items: list[Item]) -> None:
    due = thanked(PAID, items=items)
    assert PROMPT not in office.text(due)


def test_nor_where_the_payment_named_no_invoice_or_the_owner_thanks_nobody(
    office: Office, tmp_path_factory: pytest.TempPathFactory
) -> None:
    items = [settled(on=date(2026, 11, 20))]
    assert PROMPT not in office.text(thanked(replace(PAID, invoices=()), items=items))

    owner = settings(tmp_path_factory.mktemp("quiet"))
    reminders = replace(owner.policy.reminders, thanks=False)
    quiet = Office(replace(owner, policy=replace(owner.policy, reminders=reminders)))
    assert PROMPT not in quiet.text(thanked(PAID, items=items))


def praised(step: Step, punctual: int, **changes: object) -> tuple[Account, ...]:
    return tuple(replace(account, punctual=punctual) for account in accounts(step, item(), who=client(**changes)))


def test_who_paid_the_last_three_on_time_is_thanked_when_an_invoice_is_presented(office: Office) -> None:
    said = "Merci de votre confiance et de la régularité de vos règlements."
    assert said in office.text(praised(PRESENTATION, 3))
    assert "régularité" not in office.text(praised(PRESENTATION, 2))
    english = office.text(praised(PRESENTATION, 3, language="en"))
    assert "Thank you for working with us, and for paying on time so regularly." in english


def test_no_message_tells_a_client_how_they_are_graded(office: Office) -> None:
    for step in (PRESENTATION, WARM, Step("reminder-2", 14), FIRM):
        text = office.text(praised(step, 3))
        assert not re.search(r"\b(?:note|grade|classé|score)\b", text, re.IGNORECASE)


# What both sides gain


GAIN = "Vous répartissez la dépense dans le temps, et nous savons sur quelles dates compter : chacun s’y retrouve."


def test_where_plans_are_offered_it_says_what_both_sides_gain(office: Office) -> None:
    one = item()
    for channel in (Channel.EMAIL, Channel.LETTER):
        offered = accounts(Step("reminder-2", 14), one, offers=plans([one]), channel=channel)
        assert office.text(offered).count(GAIN) == 1
        assert GAIN not in office.text(accounts(Step("reminder-2", 14), one, channel=channel))


def test_a_firm_reminder_does_not_plead(office: Office) -> None:
    one = item()
    assert GAIN not in office.text(accounts(FIRM, one, offers=plans([one])))
    generic = Step("third", 30, tone=Tone.FIRM)
    assert GAIN not in office.text(accounts(generic, one, offers=plans([one])))
