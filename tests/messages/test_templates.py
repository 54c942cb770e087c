"""Owners write their own sentences; what they get wrong is told with file and line, before anything is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from generator.domain.ledger import Channel, Problem
from generator.domain.policy import Step
from generator.errors import UserError
from generator.message_trials import check_templates
from generator.messages import Message, MessageTemplates, compose
from generator.wording import days, on_days
from tests.support.accounts import accounts, client, item, settings

if TYPE_CHECKING:
    from pathlib import Path

    from generator.domain.account import Account


def write(folder: Path, name: str, text: str) -> None:
    """An own file of the owner."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def composed(folder: Path, due: tuple[Account, ...]) -> Message:
    """The message that is due, with the templates of that folder."""
    owner = settings(folder)
    found = compose(owner, due, MessageTemplates(owner))
    assert found is not None
    return found


def problem(folder: Path, due: tuple[Account, ...]) -> Problem:
    """The one problem that composing meets."""
    with pytest.raises(UserError) as caught:
        composed(folder, due)
    (found,) = caught.value.problems
    return found


def test_all_that_ships_is_right(tmp_path: Path) -> None:
    assert check_templates(settings(tmp_path), shipped=True) == []


def test_an_owners_template_comes_first(tmp_path: Path) -> None:
    own = "Subject: À propos de {{ one.number }}\n\nDu nouveau : {{ one.open | money }} ?\n"
    write(tmp_path, "portal_templates/emails/fr/reminder-1.md", own)
    message = composed(tmp_path, accounts("reminder-1", item()))

    assert message.subject == "À propos de F-2026-118"
    assert message.text == "Du nouveau\u00a0: 1\u202f200,00\u00a0€\u00a0?\n"
    assert composed(tmp_path, accounts("reminder-2", item())).subject.startswith("Facture")


def test_an_owners_part_comes_first_in_every_message(tmp_path: Path) -> None:
    write(tmp_path, "portal_templates/emails/fr/_signature.md", "À bientôt, **Claire**\n")

    for step in ("reminder-1", "reminder-3"):
        message = composed(tmp_path, accounts(step, item()))
        assert message.text.endswith("À bientôt, Claire\n")
        assert "<strong>Claire</strong>" in message.html


def test_a_look_of_ones_own(tmp_path: Path) -> None:
    write(tmp_path, "theme/email/style.css", ".column p { color: #123456; }")

    assert '<p style="color:#123456">' in composed(tmp_path, accounts("reminder-1", item())).html


def test_a_step_of_the_owners_own_name_takes_the_generic_words(tmp_path: Path) -> None:
    late = composed(tmp_path, accounts("relance-douce", item()))
    early = composed(tmp_path, accounts(Step("bientôt", -10), item(due=date(2026, 12, 2))))

    assert "il reste" in late.text
    assert "est à régler le" in early.text
    assert late.file_name == "2026-11-22-verdier-relance-douce.eml"


def test_a_language_of_the_owners_own(tmp_path: Path) -> None:
    own = "Subject: Rechnung {{ one.number }}\n\nOffen: {{ one.open | money }}, {{ one.due | date }}\n"
    write(tmp_path, "portal_templates/emails/de/reminder-1.md", own)
    due = accounts("reminder-1", item(), who=client(language="de"))

    assert composed(tmp_path, due).text == "Offen: 1.200,00\u00a0€, 30. Oktober 2026\n"
    assert composed(tmp_path, accounts("reminder-2", item(), who=client(language="de"))).language == "en"


def test_a_formal_notice_never_falls_back_to_a_reminder(tmp_path: Path) -> None:
    write(tmp_path, "portal_templates/letters/de/reminder.md", "Subject: x\n\nx\n")
    due = accounts("formal-notice", item(), who=client(language="de"))

    assert "formal notice to pay" in composed(tmp_path, due).text


@pytest.mark.parametrize(
    ("template", "line", "said"),
    [
        ("Subject: x\n\nHello\n\n{% if one %}\nnever closed\n", 5, "endif"),
        ("Subject: x\n\nHello\n{{ nobody }}\n", 4, "nobody"),
        ("Subject: x\n\n| a |\n|---|\n{% for line in lines %}\n| {{ line.colour }} |\n{% endfor %}\n", 6, "colour"),
        ("Subject: {{ one.nothing }}\n\nHello\n", 1, "nothing"),
        ("Preview: x\nSubject: {{ one.nothing }}\n\nHello\n", 2, "nothing"),
        ("Subject: x\n\n{{ one.number | shout }}\n", 3, "shout"),
        ("Subject: x\n\nHello\n\n{{ one.open + 1 }}\n", 5, "int"),
        ('Subject: x\n\n{% include "_gone.md" %}\n', 3, "_gone.md"),
        ('Subject: x\n\n{% include "../../../portal.toml" %}\n', 3, "portal.toml"),
        ("Hello\n", 1, "Subject"),
    ],
)
def test_a_mistake_is_told_with_its_file_and_line(tmp_path: Path, template: str, line: int, said: str) -> None:
    write(tmp_path, "portal_templates/emails/fr/reminder-1.md", template)
    found = problem(tmp_path, accounts("reminder-1", item()))

    assert found.code == "template-error"
    assert (found.where.file, found.where.line) == ("portal_templates/emails/fr/reminder-1.md", line)
    assert said in found.message


def test_a_mistake_in_a_part_is_told_where_it_is(tmp_path: Path) -> None:
    write(tmp_path, "portal_templates/emails/fr/_signature.md", "Bien à vous,\n\n{{ seller.nam }}\n")
    found = problem(tmp_path, accounts("reminder-1", item()))

    assert str(found.where) == "portal_templates/emails/fr/_signature.md:3"


def test_a_mistake_in_the_macros_is_told_where_it_is(tmp_path: Path) -> None:
    own = "{% macro greeting(client) %}\n{{ client.nam }}\n{% endmacro %}{% macro x( %}"
    write(tmp_path, "portal_templates/emails/fr/_phrases.jinja", own)

    assert str(problem(tmp_path, accounts("reminder-1", item())).where) == "portal_templates/emails/fr/_phrases.jinja:3"


def test_a_mistake_in_the_frame_is_told_where_it_is(tmp_path: Path) -> None:
    write(tmp_path, "theme/email/frame.html", "<html>\n{% if %}\n</html>")
    (found,) = check_templates(settings(tmp_path))

    assert str(found.where) == "theme/email/frame.html:2"


def test_a_file_that_is_not_text_is_a_problem(tmp_path: Path) -> None:
    write(tmp_path, "portal_templates/emails/fr/reminder-1.md", "")
    (tmp_path / "portal_templates/emails/fr/reminder-1.md").write_bytes(b"Subject: x\n\n\xe9t\xe9\n")
    found = problem(tmp_path, accounts("reminder-1", item()))

    assert str(found.where) == "portal_templates/emails/fr/reminder-1.md:3"
    assert "UTF-8" in found.message


def test_every_template_is_tried_and_every_mistake_told(tmp_path: Path) -> None:
    write(tmp_path, "portal_templates/emails/fr/reminder-2.md", "Subject: x\n\n{{ a }}\n")
    write(tmp_path, "portal_templates/emails/en/never-used.md", "Subject: x\n\n\n{% if calls %}{{ b }}{% endif %}\n")
    write(
        tmp_path,
        "portal_templates/letters/fr/_owner.md",
        "Subject: x\n\n{% if not client.address %}{{ c }}{% endif %}\n",
    )
    places = {str(found.where) for found in check_templates(settings(tmp_path))}

    assert places == {
        "portal_templates/emails/fr/reminder-2.md:3",
        "portal_templates/emails/en/never-used.md:4",
        "portal_templates/letters/fr/_owner.md:3",
    }


def test_a_missing_template_says_which_file_to_add(tmp_path: Path) -> None:
    from generator.templates import Frame, Room  # noqa: PLC0415  (a room without what ships)

    room = Room("emails", [tmp_path], Frame("<!-- body -->", "", ""), tmp_path)
    with pytest.raises(UserError) as caught:
        room.get("fr", "reminder-1")

    assert str(caught.value.problems[0].where) == "portal_templates/emails/fr/reminder-1.md"


def test_steps_of_the_ladder_are_tried_also_when_they_have_no_file(tmp_path: Path) -> None:
    owner = settings(tmp_path)
    ladder = replace(owner.policy.reminders, steps=(Step("relance-douce", 10, channel=Channel.LETTER),))
    write(tmp_path, "portal_templates/letters/fr/reminder.md", "Subject: x\n\n{{ a }}\n")
    found = check_templates(replace(owner, policy=replace(owner.policy, reminders=ladder)))

    assert [str(one.where) for one in found] == ["portal_templates/letters/fr/reminder.md:3"]


def test_days_share_their_month_and_year() -> None:
    dates = [date(2026, 11, 16), date(2026, 10, 30), date(2026, 11, 6), date(2025, 12, 1), date(2026, 11, 6)]

    assert on_days(dates, "fr") == "le 1er décembre 2025, le 30 octobre et les 6 et 16 novembre 2026"
    assert days(dates, "fr") == "1er décembre 2025, le 30 octobre et les 6 et 16 novembre 2026"
    assert on_days(dates[:1], "fr") == "le 16 novembre 2026"
    assert on_days(dates[:1], "en") == "on 16 November 2026"
    assert days(dates[:1], "en") == "16 November 2026"


def test_days_of_several_months_and_years_read_as_they_are_said() -> None:
    dates = [date(2026, 11, 23), date(2026, 11, 30), date(2026, 12, 21), date(2026, 12, 28), date(2027, 1, 4)]

    assert on_days(dates, "fr") == "les 23 et 30 novembre, les 21 et 28 décembre 2026 et le 4 janvier 2027"
    assert on_days(dates, "en") == "on 23 and 30 November, 21 and 28 December 2026 and 4 January 2027"
