"""`relance show`: what there is to do and who owes what; of one client, all that waits and all that was said lately."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from generator.domain.delivery import Outcome, SendIntended, SendResult
from generator.journal import append
from tests.support.owner import CLIENTS, Owner, new_owner

if TYPE_CHECKING:
    from pathlib import Path

LADDER = '\n[[reminders.steps]]\nname = "reminder-1"\ndays = 7\ncall_first = true\ncopy = true\n'
SMTP = '\n[smtp]\nhost = "127.0.0.1"\nport = 1025\nsecurity = "none"\n'


@pytest.fixture
def owner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    """Verdier has a telephone and somebody who approves; Kite has neither."""
    made = new_owner(tmp_path / "sable", capsys)
    head, verdier, kite = CLIENTS.splitlines()
    made.write("ledger/clients.csv", f"{head};phone\n{verdier};04 00 00 00 00\n{kite};\n")
    made.write("ledger/contacts.csv", "client,name,role,email\nverdier,Ada Roux,approves,ada@verdier.example\n")
    made.write("portal.toml", (made.folder / "portal.toml").read_text(encoding="utf-8") + LADDER)
    return made


def lines(owner: Owner) -> list[str]:
    return [" ".join(line.split()) for line in owner.said.splitlines()]


def test_it_begins_with_what_there_is_to_do(owner: Owner) -> None:
    assert owner.run("show") == 0, owner.complained
    assert lines(owner)[:2] == [
        "1 message to read and send kite relance sent kite",
        '1 client to call verdier relance log verdier --call "…"',
    ]
    assert "Client To pay Overdue Since Today" in lines(owner)


def test_it_fits_a_narrow_terminal(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    owner.run("log", "kite", "--answer", "We shall pay as soon as the second delivery is here. " * 4)
    for command in (("show",), ("show", "kite")):
        assert owner.run(*command) == 0, owner.complained
        assert max(len(line) for line in owner.said.splitlines() if "  page " not in line) <= 80


def test_a_client_with_a_call_today_is_told_that_an_email_follows(owner: Owner) -> None:
    assert owner.run("show", "verdier") == 0, owner.complained
    assert "reminders reminder-1 is due today by phone" in lines(owner)
    assert "first a call; without one that is noted, the email goes on the next business day" in lines(owner)


def test_who_reads_along_is_named_once_it_is_an_email(owner: Owner) -> None:
    owner.run("build")
    assert owner.run("show", "verdier", date="2026-11-17") == 0, owner.complained
    assert "copy ada@verdier.example" in lines(owner)
    assert "asks €1,200.00" in lines(owner)


def test_with_a_mail_server_what_waits_for_a_word_says_how_to_give_it(owner: Owner) -> None:
    assert owner.run("show", "kite") == 0
    assert "for your word" not in owner.said
    owner.write("portal.toml", (owner.folder / "portal.toml").read_text(encoding="utf-8") + SMTP)
    assert owner.run("show", "kite") == 0, owner.complained
    assert "waits for your word: relance send --approve kite" in lines(owner)


def test_what_was_said_lately_stands_there_with_what_to_type(owner: Owner) -> None:
    owner.run("log", "verdier", "--note", "Nouvelle comptable", date="2026-11-12")
    owner.run("log", "verdier", "--call", "Messagerie", "--not-reached", date="2026-11-13")
    owner.run("log", "verdier", "--answer", "Le virement part lundi.")
    assert owner.run("show", "verdier") == 0, owner.complained
    said = lines(owner)
    answers = said.index("Answers to read:")
    assert said[answers + 1 : answers + 4] == [
        "2026-11-16 noted by you",
        "Le virement part lundi.",
        "once read: relance answered verdier",
    ]
    noted = said.index("Noted:")
    assert said[noted + 1 : noted + 5] == [
        "2026-11-13 call, nobody answered",
        "Messagerie",
        "2026-11-12 note",
        "Nouvelle comptable",
    ]


def test_a_message_that_may_have_left_and_an_address_that_refuses_are_asked_about(owner: Owner) -> None:
    def attempt(client: str, name: str) -> SendIntended:
        to = (f"{'compta' if client == 'verdier' else 'accounts'}@{client}.example",)
        at = datetime(2026, 11, 13, 6, 30, tzinfo=UTC)
        return SendIntended(client, name, "reminder-1", "email", at.date(), (), to, "Facture", at)

    events = [attempt("verdier", "a1"), attempt("kite", "a2")]
    refused = SendResult("kite", "a2", Outcome.REFUSED, datetime(2026, 11, 13, 6, 31, tzinfo=UTC))
    append(owner.folder / "journal", [*events, refused], datetime(2026, 11, 13, 6, 32, tzinfo=UTC))
    assert owner.run("show", "verdier") == 0, owner.complained
    left, lost = "relance sent verdier (it left)", "relance resend verdier (it did not)"
    assert f"2026-11-13 reminder-1 to compta@verdier.example: {left}, or {lost}" in lines(owner)
    assert owner.run("show", "kite") == 0, owner.complained
    assert "accounts@kite.example: correct it, or relance resend kite" in lines(owner)


def test_what_a_clients_lateness_comes_to_is_said_and_costs_only_what_the_owner_says(owner: Owner) -> None:
    assert owner.run("show", "verdier") == 0, owner.complained
    at = lines(owner).index("Lateness:")
    assert re.fullmatch(r"€[\d.,]+ overdue on a usual day, of the \d+ up to 2026-11-\d\d", lines(owner)[at + 1])
    assert "what that cost you" not in owner.said

    policy = (owner.folder / "portal.toml").read_text(encoding="utf-8")
    owner.write("portal.toml", f'{policy}\n[report]\nmoney_costs_percent = "8"\n')
    assert owner.run("show", "verdier") == 0, owner.complained
    assert re.search(r"€[\d.,]+ is what that cost you, at 8% a year", owner.said)


def test_a_discount_that_was_taken_waits_for_its_credit_note(owner: Owner) -> None:
    """Until the ledger has it, and then the client has it once all the same."""
    assert owner.run("show", "kite") == 0, owner.complained
    assert "Credit notes to issue:" not in lines(owner)

    head = "number,client,issued,due,total,vat,discount_percent,discount_days,credit_of\n"
    invoice = "F-2026-130,kite,2026-11-02,2026-12-02,1200.00,20,2,15,\n"
    owner.write("ledger/invoices.csv", head + invoice)
    owner.write("ledger/payments.csv", "client,date,amount,invoice\nkite,2026-11-10,1176.00,F-2026-130\n")
    assert owner.run("build") == 0, owner.complained
    assert owner.run("show", "kite") == 0, owner.complained
    at = lines(owner).index("Credit notes to issue:")
    assert re.fullmatch(r"F-2026-130 24\.00, a discount taken on 2026-11-10 \(RF\w+\)", lines(owner)[at + 1])
    told = (owner.folder / "report" / "avoirs-a-emettre.csv").read_text(encoding="utf-8-sig").splitlines()[1]
    assert ";20;20,00;4,00;24,00;EUR;avoir à émettre;" in told

    owner.write("ledger/invoices.csv", f"{head}{invoice}A-2026-007,kite,2026-11-12,,-24.00,20,,,F-2026-130\n")
    assert owner.run("build") == 0, owner.complained
    told = (owner.folder / "report" / "avoirs-a-emettre.csv").read_text(encoding="utf-8-sig").splitlines()[1]
    assert ";24,00;EUR;sans doute fait, au registre\u00a0: A-2026-007;" in told
    assert owner.run("show", "kite") == 0, owner.complained
    assert "Credit notes to issue:" not in lines(owner)
    assert not any(line.startswith("credit ") for line in lines(owner))
