"""The sentences of the report: complete in both languages, and the owner's to change, one at a time."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace

import pytest

from generator.domain.account import Ageing, How
from generator.domain.due import QUIET, Held, NextReminder, Reminders
from generator.domain.ledger import Channel, Severity
from generator.domain.money import Money
from generator.domain.policy import DEFAULT_LADDER, INSTALMENT_LATE, INSTALMENT_SOON, ONBOARDING, RECAP, RECEIPT
from generator.errors import UserError
from generator.report_gather import HELD_ORDER
from generator.report_messages import Way
from generator.report_words import Words
from generator.resources import bundled
from tests.report.morning import TODAY, morning

LANGUAGES = ("fr", "en")


def write(home: Path, path: str, text: str | bytes) -> None:
    file = home / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_step_channel_and_age_has_its_words(language: str) -> None:
    say = Words(language, TODAY)
    for reason in Held:
        assert say.held_name(reason)
        assert say.today_of(Reminders(held=reason))
        if reason not in QUIET:
            assert say.held_why(reason)
            assert reason in HELD_ORDER
    assert all(say.channel(channel) for channel in Channel)
    assert all(say.open_file(channel) for channel in Channel)
    assert all(say.severity(severity) for severity in Severity)
    assert all(say.age(age.name) for age in fields(Ageing))
    assert all(say.step(step.name) != step.name for step in DEFAULT_LADDER)
    assert all(say.step(name) != name for name in (INSTALMENT_SOON, *INSTALMENT_LATE, RECAP, RECEIPT, ONBOARDING))
    for way in Way:
        assert say.way(way)
        assert say.way_help(way)
        assert say.way_then(way)
        assert say.todo(way, 1) != say.todo(way, 2)
    for how in How:
        assert say.how(SimpleNamespace(how=how, invoice="F-1", amount=Money(1, "EUR")))


def test_both_languages_have_the_same_sentences() -> None:
    names = [
        re.findall(
            r"macro (\w+)\((.*?)\)", (bundled("portal_templates") / "report" / language / "words.jinja").read_text()
        )
        for language in LANGUAGES
    ]
    assert names[0] == names[1]
    assert len(names[0]) == len(set(names[0]))


def test_every_sentence_is_said_somewhere() -> None:
    theme, words = bundled("theme") / "report", bundled("portal_templates") / "report" / "fr" / "words.jinja"
    code = Path(__file__).parents[2] / "generator"
    said = "".join(
        path.read_text() for path in (*theme.glob("*.html"), words, *code.glob("report*.py"), code / "summary.py")
    )
    for name in re.findall(r"macro (\w+)\(", words.read_text()):
        assert re.search(rf"(say|words)\.{name}\(", said), name


def test_a_step_of_the_owners_own_is_called_by_its_name() -> None:
    assert Words("fr", TODAY).step("petit-mot") == "petit-mot"


def test_french_typography_needs_no_invisible_characters_in_the_file() -> None:
    assert Words("fr", TODAY).record_everything() == "Tout est parti\u00a0?"
    assert "«\u00a0À revoir\u00a0»" in Words("fr", TODAY).held_why(Held.REVIEW)
    assert not re.search("[\u00a0\u202f]", (bundled("portal_templates") / "report/fr/words.jinja").read_text())


def test_one_client_and_two_clients() -> None:
    assert [Words("fr", TODAY).clients(n) for n in (0, 1, 2, 5000)] == [
        "0 client",
        "1 client",
        "2 clients",
        "5\u202f000 clients",
    ]
    assert [Words("en", TODAY).clients(n) for n in (0, 1, 2, 5000)] == [
        "0 clients",
        "1 client",
        "2 clients",
        "5,000 clients",
    ]


def test_a_date_of_this_year_needs_no_year() -> None:
    say = Words("fr", TODAY)
    assert say.today_of(
        Reminders(next=NextReminder("reminder-1", TODAY.replace(month=12, day=1), Channel.EMAIL))
    ).endswith("1er décembre")
    assert say.booked(TODAY.replace(year=2025)).endswith("23 novembre 2025")


def test_the_owner_changes_one_sentence_and_keeps_the_others(tmp_path: Path) -> None:
    write(tmp_path, "portal_templates/report/fr/words.jinja", "{% macro title() %}Ce matin : à faire{% endmacro %}")
    page = morning(home=tmp_path).page()
    assert "<h1>Ce matin\u00a0: à faire</h1>" in page
    assert "5\u00a0messages à relire et à envoyer" in page


def test_a_step_that_the_owner_names_is_named_everywhere(tmp_path: Path) -> None:
    words = '{% macro step(name) %}{{ {"reminder-2": "petit coup de pouce"}.get(name, name) }}{% endmacro %}'
    write(tmp_path, "portal_templates/report/fr/words.jinja", words)
    page = morning(home=tmp_path).page()
    assert page.count("petit coup de pouce") > 2
    assert "deuxième relance" not in page


def test_the_owner_changes_the_look(tmp_path: Path) -> None:
    write(tmp_path, "theme/report/report.css", "body { color: teal }")
    page = morning(home=tmp_path).page()
    assert "body { color: teal }" in page
    assert "--paper" not in page


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("portal_templates/report/fr/words.jinja", "\n{% macro title() %}{{ nobody }}{% endmacro %}", 2),
        ("portal_templates/report/fr/words.jinja", "\n\n{% macro title( %}", 3),
        ("portal_templates/report/fr/words.jinja", b"caf\xe9", 0),
        ("theme/report/held.html", "<p>\n{{ say.nobody() }}", 2),
        ("theme/report/owed.html", "\n{% if %}", 2),
        ("theme/report/report.css", b"caf\xe9", 0),
    ],
)
def test_a_mistake_in_a_template_of_the_owners_is_said_with_its_place(
    tmp_path: Path, path: str, text: str | bytes, line: int
) -> None:
    write(tmp_path, path, text)
    with pytest.raises(UserError) as caught:
        morning(home=tmp_path).page()
    (problem,) = caught.value.problems
    assert (problem.code, problem.where.file, problem.where.line) == ("template-error", path, line)


def test_the_place_is_known_in_the_folder_one_works_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "theme/report/held.html", "{{ say.nobody() }}")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"^theme/report/held\.html:1: "):
        morning(home=Path()).page()


def test_a_sentence_that_nobody_wrote_is_an_error() -> None:
    with pytest.raises(AttributeError, match="nobody"):
        _ = Words("fr", TODAY).nobody
