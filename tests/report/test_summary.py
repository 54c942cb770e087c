"""The table in the terminal: it fits, its columns stand under each other, and nothing in a name can move the cursor."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from generator.domain.policy import Approval
from generator.summary import WIDTH, columns, printable, summary, summary_table, todo_list
from tests.report.morning import LEDGER, Morning, morning
from tests.support.world import GENEROUS

if TYPE_CHECKING:
    from generator.domain.ledger import Client


def table(found: Morning, language: str = "fr", rows: int = 40) -> list[str]:
    return summary_table(found.clients, language, rows=rows).splitlines()


def named(name: str) -> Morning:
    def rename(client: Client) -> Client:
        return replace(client, name=name) if client.id == "lumiere" else client

    return morning(client=rename)


def test_a_line_says_who_how_much_since_when_and_what_happens_today() -> None:
    line = next(line for line in table(morning()) if line.startswith("Lumiere"))
    assert line.split("  ")[0] == "Lumiere"
    assert [cell.strip() for cell in line.split("  ") if cell.strip()] == [
        "Lumiere",
        "1\u202f200,00\u00a0€",
        "1\u202f200,00\u00a0€",
        "30/10/2026",
        "deuxième relance",
    ]


@pytest.mark.parametrize(
    ("name", "today"),
    [
        ("Brun", "mise en demeure (courrier)"),
        ("Pont", "première relance (téléphone)"),
        ("Neuf", "mot avant l’échéance le 7 décembre"),
        ("Vieux", "à revoir"),
        ("Aubrac", "en attente jusqu’au 30 novembre"),
        ("Marchetti", "promesse jusqu’au 24 novembre"),
        ("Lys", "échéancier tenu"),
        ("Quai", "rappel d’échéance convenue"),
        ("Rive", "envoi incertain"),
        ("Sauvage", "prélèvement en cours"),
        ("Royer", "procédure collective"),
        ("Dumont", "rien"),
    ],
)
def test_each_client_has_a_step_or_a_reason(name: str, today: str) -> None:
    assert next(line for line in table(morning()) if line.startswith(name)).endswith(today)


def test_it_speaks_english_too() -> None:
    lines = table(morning(), "en")
    assert lines[0].split() == ["Client", "To", "pay", "Overdue", "Since", "Today"]
    assert any(line.startswith("Lumiere") and line.endswith("second reminder") for line in lines)


def test_currencies_stand_apart_each_with_its_total() -> None:
    lines = table(morning())
    assert [line.split()[:2] for line in lines[-2:]] == [["Total", "EUR"], ["Total", "GBP"]]
    assert "£GB" in lines[-1]
    assert "£GB" not in lines[-2]


def test_a_long_table_ends_with_how_many_there_are_besides() -> None:
    lines = table(morning(), rows=5)
    shown = lines[2 : lines.index(next(line for line in lines if line.startswith("… et")))]
    assert len(shown) == 5
    assert "… et 15 autres" in lines


def test_the_smallest_currency_is_seen_in_a_short_table() -> None:
    assert any("£GB" in line and line.startswith("Harrow") for line in table(morning(), rows=4))


@pytest.mark.parametrize(
    "name",
    ["日本貿易振興機構株式会社", "Éloïse E\u0301te\u0301", "👩\u200d💻 Studio ❤\ufe0f", "Ａｔｅｌｉｅｒ", "x" * 5000],
)
def test_columns_stand_under_each_other_and_fit_whatever_the_name(name: str) -> None:
    lines = table(named(name))
    assert max(columns(line) for line in lines) <= WIDTH
    ends = {columns(line[: line.index("/2026") - 5]) for line in lines if "/2026" in line}
    assert len(ends) == 1


@pytest.mark.parametrize(
    "name", ["\x1b[2J\x1b[31mBrun", "Brun\r\nFils", "Br\u202enur", "Br\u200bun\ufeff", "Br\ud800un", "Br\u2028un"]
)
def test_a_name_cannot_move_the_cursor_or_hide(name: str) -> None:
    text = summary_table(named(name).clients, "fr")
    assert all(char.isprintable() or char in "\n\u00a0\u202f" for char in text)
    assert len(text.splitlines()) == len(table(morning()))


@pytest.mark.parametrize(
    ("text", "width"), [("日本", 4), ("Ａ", 2), ("e\u0301t", 2), ("1\u202f200,00\u00a0€", 10), ("👩", 2)]
)
def test_a_wide_character_takes_two_columns_and_a_combining_accent_none(text: str, width: int) -> None:
    assert columns(text) == width


def test_a_plain_name_is_shown_as_it_is() -> None:
    assert printable("L’Atelier du Chêne & Cie") == "L’Atelier du Chêne & Cie"


def test_long_amounts_still_fit() -> None:
    lines = table(morning(LEDGER + "\ninvoice F-900 2026-09-30 due 2026-10-30 123456789012.00 client=lumiere"))
    assert max(columns(line) for line in lines) <= WIDTH


def test_without_accounts_there_is_no_table() -> None:
    assert summary_table([], "fr") == ""


def test_on_a_narrow_terminal_names_and_then_what_happens_give_way() -> None:
    lines = summary_table(named("Coopérative des ébénistes du Val").clients, "fr", width=80).splitlines()
    assert max(columns(line) for line in lines) <= 80
    assert any(line.startswith("Coopérative") and line.endswith("deuxième relance") for line in lines)


# What there is to do


def todo(found: Morning, language: str = "fr", *, sends: bool = False, width: int = WIDTH) -> list[list[str]]:
    """Each line as its cells."""
    lines = todo_list(found.clients, language, sends=sends, width=width).splitlines()
    assert all(columns(line) <= width for line in lines)
    return [[" ".join(cell.split()) for cell in line.split("  ") if cell.strip()] for line in lines]


def test_what_there_is_to_do_comes_first_what_cannot_wait_before_the_rest() -> None:
    assert todo(morning()) == [
        ["1 envoi incertain", "rive", "relance sent rive (or resend)"],
        ["1 réponse à lire", "dumont", "relance answered dumont"],
        ["1 adresse à corriger", "gare", "relance resend gare"],
        ["5 messages à relire et à envoyer", "lumiere, iles, quai, lemoine, …", "relance sent CLIENT"],
        ["1 client à appeler", "pont", 'relance log pont --call "…"'],
        ["1 lettre à poster", "brun", "relance sent brun"],
        ["1 client à revoir", "vieux", "relance review vieux"],
    ]


def test_with_a_mail_server_it_says_what_waits_and_what_is_ready() -> None:
    lines = todo(morning(), "en", sends=True)
    assert ["5 messages to approve", "lumiere, iles, quai, lemoine, harrow", "relance send --approve all"] in lines
    free = replace(GENEROUS.reminders, approve=Approval.NONE)
    lines = todo(morning(reminders=free), "en", sends=True)
    assert ["5 messages ready to leave", "lumiere, iles, quai, lemoine, harrow", "relance send"] in lines


def test_on_a_narrow_terminal_whom_gives_way() -> None:
    lines = todo(morning(), width=80)
    assert ["5 messages à relire et à envoyer", "lumiere, …", "relance sent CLIENT"] in lines


def test_with_nothing_to_do_nothing_is_said() -> None:
    quiet = morning("invoice F-1 2026-11-03 due 2026-12-31 90.00")
    assert todo_list(quiet.clients, "fr", sends=False) == ""
    assert summary(quiet.clients, "fr", sends=False) == summary_table(quiet.clients, "fr")
