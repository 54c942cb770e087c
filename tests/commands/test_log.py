"""`relance log`: what was said is kept, and a call in which somebody was reached stands for the message of its day."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from generator.cli import main
from generator.lock import exclusive
from tests.support.owner import CLIENTS, Owner, new_owner

if TYPE_CHECKING:
    from pathlib import Path

CALL_FIRST = '\n[[reminders.steps]]\nname = "reminder-1"\ndays = 7\ncall_first = true\n'
CALL_FIRST += '[[reminders.steps]]\nname = "reminder-2"\ndays = 21\n'


@pytest.fixture
def owner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    """Ladder: an email that a call comes before, then one that none does. Verdier has a telephone, Kite has none."""
    made = new_owner(tmp_path / "sable", capsys)
    head, *rows = CLIENTS.splitlines()
    phones = ["04 00 00 00 00", ""]
    rows = [f"{row};{phone}" for row, phone in zip(rows, phones, strict=True)]
    made.write("ledger/clients.csv", "\n".join([f"{head};phone", *rows]))
    text = (made.folder / "portal.toml").read_text(encoding="utf-8")
    made.write("portal.toml", text + CALL_FIRST)
    return made


def journal(owner: Owner) -> list[dict[str, Any]]:
    lines = [
        line for path in sorted(owner.folder.glob("journal/*/*.jsonl")) for line in path.read_text("utf-8").splitlines()
    ]
    return [json.loads(line) for line in lines]


def kinds(owner: Owner) -> list[str]:
    return [event["event"] for event in journal(owner)]


def sent(owner: Owner, date: str = "2026-11-16") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = owner.show("verdier", date=date)[0]["reminders"]["sent"]
    return found


def test_a_call_that_reached_somebody_counts_as_the_step_of_the_day(owner: Owner) -> None:
    assert owner.run("log", "verdier", "--call", "Madame Verdier : la facture est au paiement") == 0, owner.complained
    assert "reminder-1 counts as done by telephone" in owner.said
    assert "next reminder-2 on 2026-11-23" in owner.said
    assert [(message["step"], message["channel"]) for message in sent(owner)] == [("reminder-1", "phone")]
    noted = next(event for event in journal(owner) if event["event"] == "log")
    assert (noted["means"], noted["reached"], noted["on"]) == ("call", True, "2026-11-16")
    assert noted["text"] == "Madame Verdier : la facture est au paiement"


def test_it_counts_also_the_day_after_the_call_sheet_when_the_email_is_ready(owner: Owner) -> None:
    assert owner.run("build") == 0, owner.complained
    assert owner.run("log", "verdier", "--call", "Rappelle demain", date="2026-11-17") == 0
    assert [message["channel"] for message in sent(owner, "2026-11-17")] == ["phone"]


def test_a_call_on_a_saturday_counts_too_so_that_no_email_follows_it_on_monday(owner: Owner) -> None:
    assert owner.run("build", date="2026-11-06") == 0, owner.complained
    assert owner.run("log", "verdier", "--call", "Paie mardi", date="2026-11-07") == 0, owner.complained
    assert "reminder-1 counts as done by telephone" in owner.said
    assert owner.show("verdier", date="2026-11-09")[0]["reminders"]["due_today"] is None


def test_a_call_that_reached_nobody_is_kept_and_counts_for_nothing(owner: Owner) -> None:
    assert owner.run("log", "verdier", "--call", "répondeur", "--not-reached") == 0, owner.complained
    assert "nobody reached" in owner.said
    assert "reminder-1 is due today" in owner.said
    assert sent(owner) == []
    assert [event["reached"] for event in journal(owner) if event["event"] == "log"] == [False]


def test_a_call_beside_a_message_that_no_call_comes_before_leaves_that_message_due(owner: Owner) -> None:
    owner.run("sent", "verdier")
    assert owner.run("log", "verdier", "--call", "Bonjour", date="2026-11-23") == 0, owner.complained
    assert "counts as done" not in owner.said
    assert "reminder-2 is due today by email" in owner.said
    assert len(sent(owner, "2026-11-23")) == 1


def test_who_is_called_by_choice_has_had_their_call(owner: Owner) -> None:
    path = owner.folder / "ledger/clients.csv"
    path.write_text(
        path.read_text("utf-8").replace(";phone", ";phone;channel", 1).replace("00 00 00 00", "00 00 00 00;phone"),
        "utf-8",
    )
    owner.run("sent", "verdier")
    assert owner.run("log", "verdier", "--call", "Elle paie vendredi", date="2026-11-23") == 0, owner.complained
    assert [message["step"] for message in sent(owner, "2026-11-23")] == ["reminder-1", "reminder-2"]


def test_the_offers_of_a_step_done_by_telephone_are_kept_like_those_of_a_message(owner: Owner) -> None:
    text = (owner.folder / "portal.toml").read_text("utf-8")
    owner.write("portal.toml", text.replace("call_first = true", 'call_first = true\noffers = ["plan"]'))
    assert owner.run("log", "verdier", "--call", "Demande à payer en trois fois") == 0, owner.complained
    assert kinds(owner) == ["key", "offer", "offer", "offer", "log", "sent"]


def test_an_answer_holds_everything_until_it_is_read(owner: Owner) -> None:
    assert owner.run("log", "verdier", "--answer", "Je regarde avec la comptabilité") == 0, owner.complained
    assert "relance answered verdier" in owner.said
    reminders = owner.show("verdier")[0]["reminders"]
    assert (reminders["due_today"], reminders["held"]) == (None, "answered")
    (event,) = journal(owner)
    assert (event["event"], event["how"], event["text"]) == ("answer", "noted", "Je regarde avec la comptabilité")


def test_a_note_changes_nothing_but_the_journal(owner: Owner) -> None:
    before = owner.show("verdier")[0]["reminders"]
    assert owner.run("log", "verdier", "--note", "Comptable en congé\njusqu'au 20") == 0, owner.complained
    assert owner.show("verdier")[0]["reminders"] == before
    assert kinds(owner) == ["log"]
    assert journal(owner)[0]["text"] == "Comptable en congé\njusqu'au 20"


def test_what_was_said_twice_is_kept_twice(owner: Owner) -> None:
    for _ in range(2):
        assert owner.run("log", "kite", "--note", "Same words") == 0
    assert len({event["id"] for event in journal(owner)}) == 2


def test_yesterdays_call_is_noted_with_its_day(owner: Owner, capsys: pytest.CaptureFixture[str]) -> None:
    assert owner.run("log", "verdier", "--note", "hier", "--date", "2026-11-13") == 0, capsys.readouterr()
    assert [event["on"] for event in journal(owner)] == ["2026-11-13"]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("nobody", "--note", "x"), "nobody: no such client"),
        (("Verdier", "--note", "x"), "Did you mean verdier?"),
        (("verdier", "--note", ""), "the note is empty"),
        (("verdier", "--call", "  \n "), "what was said is empty"),
        (("verdier", "--answer", "x" * 10_000), "10000 characters, of 4000 at most"),
        (("verdier", "--call", "a\x1b[2Jb"), "control"),
        (("verdier", "--call", "a\0b"), "NUL"),
        (("verdier", "--note", "\udcff"), "control"),
        (("verdier", "--note", "x", "--not-reached"), "--not-reached is about a call"),
        (("verdier", "--note", "x", "--date", "2026-11-17"), "cannot be of a day to come (2026-11-17)"),
        (("x\x1b[2J", "--note", "x"), "no such client"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_recorded(owner: Owner, arguments: tuple[str, ...], why: str) -> None:
    before = owner.files()
    assert owner.run("log", *arguments) == 2
    assert why in owner.complained
    assert "\x1b" not in owner.complained
    assert owner.files() == before


def test_one_of_call_note_and_answer_is_said(owner: Owner) -> None:
    for words in ((), ("--call", "x", "--note", "y")):
        with pytest.raises(SystemExit, match="2"):
            main(["log", "--folder", str(owner.folder), "verdier", *words])


def test_two_runs_at_once_do_not_write_beside_each_other(owner: Owner) -> None:
    with exclusive(owner.folder):
        assert owner.run("log", "verdier", "--note", "x") == 3
    assert "another run" in owner.complained
    assert not (owner.folder / "journal").exists()


def test_a_journal_that_cannot_be_written_is_told(owner: Owner) -> None:
    owner.write("journal", "no folder")
    assert owner.run("log", "verdier", "--call", "x") == 3
    assert "cannot be written" in owner.complained


def test_a_client_without_an_invoice_can_be_spoken_of(owner: Owner) -> None:
    path = owner.folder / "ledger/clients.csv"
    path.write_text(path.read_text("utf-8") + "\nneuf;Neuf;a@neuf.example;;;;;\n", "utf-8")
    assert owner.run("log", "neuf", "--call", "Première prise de contact") == 0, owner.complained
    assert kinds(owner) == ["log"]
