"""What a message must say for a client to check it and to answer: a template that leaves it out is told, and still works."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from generator.domain.ledger import Channel, Severity
from generator.domain.policy import Step
from generator.message_checks import AMOUNT, ANSWER, DUE, NUMBER, PAGE, incomplete_messages
from generator.message_trials import try_template
from generator.messages import MessageTemplates
from tests.support.accounts import seller, settings
from tests.support.trials import trials

if TYPE_CHECKING:
    from pathlib import Path

    from generator.config import Settings
    from generator.domain.ledger import Problem

WHOLE = """Subject: Rappel

Bonjour, il reste {{ sums | map("money") | listing }} à régler :

{% for line in lines %}
- {{ line.number }}, échue le {{ line.due | date }}
{% endfor %}

[Votre page]({{ page }})

{{ seller.contact or seller.name }}
"""


def told(
    folder: Path, text: str, channel: Channel = Channel.EMAIL, owner: Settings | None = None, name: str = "reminder-1"
) -> list[Problem]:
    """What is told of the first reminder, when one template is the owner's."""
    rooms = {Channel.EMAIL: "emails", Channel.LETTER: "letters", Channel.PHONE: "calls"}
    path = folder / "portal_templates" / rooms[channel] / "fr" / f"{name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    owner = owner or settings(folder)
    return incomplete_messages(try_template(owner, MessageTemplates(owner), channel, "fr", Step("reminder-1", 7)))


def test_a_message_that_says_all_is_not_spoken_of(tmp_path: Path) -> None:
    assert told(tmp_path, WHOLE) == []


@pytest.mark.parametrize(
    ("taken", "instead", "missing"),
    [
        ('{{ sums | map("money") | listing }}', "quelque chose", AMOUNT),
        ("{{ line.number }}, ", "", NUMBER),
        ("{{ line.due | date }}", "récemment", DUE),
        ("[Votre page]({{ page }})", "Votre page vous attend.", PAGE),
        ("{{ seller.contact or seller.name }}", "L’équipe", ANSWER),
    ],
)
def test_what_is_left_out_is_told_with_the_template(tmp_path: Path, taken: str, instead: str, missing: str) -> None:
    (found,) = told(tmp_path, WHOLE.replace(taken, instead))
    assert str(found.where) == "portal_templates/emails/fr/reminder-1.md"
    assert (found.code, found.severity, found.found) == ("message-incomplete", Severity.WARNING, "Rappel")
    assert found.message == f'the message "Rappel", tried on a client with 1 invoice, does not say {missing}.'


def test_all_that_is_left_out_is_told_at_once(tmp_path: Path) -> None:
    (found,) = told(tmp_path, "Subject: Bonjour\n\nBonjour, payez-nous.\n")
    assert found.message.endswith(f"does not say {AMOUNT}; {NUMBER}; {DUE}; {PAGE}; {ANSWER}.")


def test_what_only_some_messages_leave_out_is_told_of_the_first_of_them(tmp_path: Path) -> None:
    several = WHOLE.replace("{% for line in lines %}", "{% for line in lines[:1] %}")
    (found,) = told(tmp_path, several)
    assert found.message == f'the message "Rappel", tried on a client with 3 invoices, does not say {NUMBER}.'


def test_of_a_list_too_long_for_an_email_one_invoice_is_enough(tmp_path: Path) -> None:
    several = WHOLE.replace("{% for line in lines %}", "{% for line in (lines if count <= 20 else lines[:1]) %}")
    assert told(tmp_path, several) == []


@pytest.mark.parametrize(
    ("taken", "instead"),
    [
        ('{{ sums | map("money") | listing }}', '{{ lines | map(attribute="open") | map("money") | join(" + ") }}'),
        ('{{ sums | map("money") | listing }}', '{{ sums | join(" + ") }}'),
        ("{{ line.due | date }}", "{{ line.due | day }}"),
        ("{{ line.due | date }}", '{{ line.due.strftime("%d/%m/%Y") }}'),
        ("{{ line.due | date }}", "{{ line.due }}"),
        ("[Votre page]({{ page }})", "Votre page : {{ page }}"),
        ("{{ seller.contact or seller.name }}", "{{ seller.phone }}"),
        ("{{ seller.contact or seller.name }}", "[Écrivez-nous](mailto:{{ seller.email }})"),
    ],
)
def test_there_is_more_than_one_way_to_say_it(tmp_path: Path, taken: str, instead: str) -> None:
    assert told(tmp_path, WHOLE.replace(taken, instead)) == []


def test_the_subject_of_an_email_is_read_too_and_that_of_a_letter_is_not(tmp_path: Path) -> None:
    said = WHOLE.replace("Rappel", "Facture {{ numbers | listing }}", 1).replace("{{ line.number }}, ", "")
    assert told(tmp_path, said) == []
    (found,) = told(tmp_path, said, Channel.LETTER)
    assert str(found.where) == "portal_templates/letters/fr/reminder-1.md"
    assert found.message.endswith(f"{NUMBER}.")


def test_a_letter_has_its_ways_to_answer_at_its_head(tmp_path: Path) -> None:
    letter = WHOLE.replace("{{ seller.contact or seller.name }}", "Cordialement")
    assert told(tmp_path, letter, Channel.LETTER) == []
    (tmp_path / "theme" / "letter").mkdir(parents=True)
    (tmp_path / "theme" / "letter" / "frame.html").write_text("<html><body><!-- body --></body></html>")
    (found,) = told(tmp_path, letter, Channel.LETTER)
    assert found.message.endswith(f"does not say {ANSWER}.")


def test_a_seller_who_has_only_a_name_signs_with_it(tmp_path: Path) -> None:
    owner = settings(tmp_path, owner=seller(contact="", phone=""))
    assert told(tmp_path, WHOLE, owner=owner) == []


def test_what_a_shared_part_leaves_out_is_told_of_the_template_that_includes_it(tmp_path: Path) -> None:
    (found,) = told(tmp_path, "À bientôt\n", name="_signature")
    assert found.message.endswith(f"does not say {ANSWER}.")
    assert str(found.where) == "portal_templates/emails/fr/reminder-1.md (bundled)"


def test_call_sheets_and_broken_templates_are_not_asked(tmp_path: Path) -> None:
    assert told(tmp_path, "Subject: x\n\nAppeler\n", Channel.PHONE) == []
    assert told(tmp_path, "Subject: x\n\n{{ nobody }}\n") == []


def test_all_that_ships_says_all_whatever_the_seller_gave() -> None:
    assert trials()
    assert incomplete_messages(replace(trial, as_it_is=True) for trial in trials()) == []
