"""`relance inbox`: what a client filled in on a prepared message becomes a proposal, whatever their mail program made of it."""

from __future__ import annotations

import io
import re
import sys
from datetime import date
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from generator.domain.references import account_reference, make_reference
from generator.readers.columns import PROPOSALS
from generator.site_render import render_client
from generator.workspace import open_workspace
from tests.support.owner import Owner, new_owner

if TYPE_CHECKING:
    from pathlib import Path

REFERENCE = account_reference("verdier", "EUR")
WROTE = "Sun, 15 Nov 2026 10:12:00 +0100"
LINES = "(1) montant : 600,00 € le : 5 décembre 2026\n(2) montant : 600,00 € le : 05/01/2027\n(3) montant : … le : …"


@pytest.fixture
def owner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    return new_owner(tmp_path / "sable", capsys)


def block(lines: str = LINES, kind: str = "plan", reference: str = REFERENCE) -> str:
    return f"[relance 1 {kind} {reference}]\n{lines}\n[/relance]"


def letter(lines: str = LINES, kind: str = "plan", reference: str = REFERENCE) -> str:
    return f"Bonjour,\n\nJe vous propose :\n{block(lines, kind, reference)}\n\nCordialement,\nAnne Verdier\n06 12 34 56 78\n"


def email(
    text: str, *, sender: str = "compta@verdier.example", ident: str = "m1@verdier.example", html: str = ""
) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Date"] = sender, "compta@atelier-sable.example", WROTE
    message["Message-ID"], message["Subject"] = f"<{ident}>", "Je propose un échéancier"
    if html:
        message.set_content(html, subtype="html")
    else:
        message.set_content(text)
    return message.as_bytes()


def take(owner: Owner, *contents: bytes, day: str = "2026-11-16") -> int:
    names = []
    for number, content in enumerate(contents):
        path = owner.folder / f"reponse-{number}.eml"
        path.write_bytes(content)
        names.append(str(path))
    return owner.run("inbox", *names, date=day)


def rows(owner: Owner) -> list[str]:
    path = owner.folder / "ledger/relance/proposals.csv"
    return path.read_text("utf-8-sig").splitlines()[1:] if path.exists() else []


def mails(owner: Owner, client: str) -> list[str]:
    """The prepared emails of a client's page, as their mail program opens them."""
    workspace = open_workspace(owner.folder)
    accounts = [account for account in workspace.decide(date(2026, 11, 16)).accounts if account.client.id == client]
    page = render_client(accounts, workspace.settings).decode()
    return [unquote(link.replace("&amp;", "&")) for link in re.findall(r'href="(mailto:[^"]+\?[^"]+)"', page)]


def prepared(owner: Owner, client: str, kind: str) -> str:
    (found,) = [mail.partition("body=")[2] for mail in mails(owner, client) if f"[relance 1 {kind} " in mail]
    return found


def test_a_proposal_becomes_a_row_for_each_payment_and_holds_the_reminders(owner: Owner) -> None:
    assert take(owner, email(letter())) == 0, owner.complained
    first, second = rows(owner)
    name = first.split(";")[0]
    assert re.fullmatch(r"P261115-[2-9A-Z]{4}", name)
    assert (
        first
        == f"{name};verdier;2026-11-15;plan;2026-12-05;600,00;EUR;waiting;;m1@verdier.example;compta@verdier.example"
    )
    assert second.split(";")[4:6] == ["2027-01-05", "600,00"]
    assert (
        f"proposes 2 payments: 600.00 EUR on 2026-12-05, 600.00 EUR on 2027-01-05 ({name}), answer by 2026-11-18"
        in owner.said
    )
    assert owner.show("verdier")[0]["reminders"]["held"] == "answered"
    assert owner.run("check") == 0, owner.complained


@pytest.mark.parametrize("client", ["verdier", "kite"])
def test_the_page_prepares_what_the_inbox_reads(owner: Owner, client: str) -> None:
    text = prepared(owner, client, "plan").replace("\r\n", "\n")
    for line in ("200,00 € 05/12/2026", "100 EUR le 5 janvier 2027", "200 on 5 February 2027"):
        text = re.sub(r"(\(\d\)) (?:montant : … le|amount: … on) ?: …", rf"\1 {line}", text, count=1)
    sender = "compta@verdier.example" if client == "verdier" else "accounts@kite.example"
    assert take(owner, email(text, sender=sender)) == 0
    assert [row.split(";")[4:6] for row in rows(owner)] == [
        ["2026-12-05", "200,00"],
        ["2027-01-05", "100,00"],
        ["2027-02-05", "200,00"],
    ], owner.complained


def test_a_prepared_message_holds_no_key_and_no_secret(owner: Owner) -> None:
    assert owner.run("build") == 0
    key = owner.show("verdier")[0]["portal_url"].rstrip("/").rsplit("/", 1)[1]
    for mail in mails(owner, "verdier"):
        assert key not in mail
    for kind in ("paid", "date", "plan"):
        assert REFERENCE in prepared(owner, "verdier", kind)


@pytest.mark.parametrize(
    ("kind", "line", "expected"),
    [
        ("date", "montant : … le : 27/11/2026", ["date", "2026-11-27", ""]),
        ("date", "montant : 500,50 le : 27 nov.", ["date", "2026-11-27", "500,50"]),
        ("paid", "montant : 1 200 le : 12/11 par : virement", ["paid", "2026-11-12", "1200,00"]),
        ("plan", "(1) 1 200,00\u00a0€ le 1er décembre 2026", ["date", "2026-12-01", "1200,00"]),
    ],
)
def test_a_day_or_a_payment_is_read_too(owner: Owner, kind: str, line: str, expected: list[str]) -> None:
    assert take(owner, email(letter(line, kind))) == 0
    assert [row.split(";")[3:6] for row in rows(owner)] == [expected], owner.complained


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\n".join(f"> {line}" for line in letter().splitlines()), id="quoted"),
        pytest.param("\n".join(f"> > {line}" for line in letter().splitlines()), id="quoted twice"),
        pytest.param(" ".join(letter().split()), id="on one line"),
        pytest.param(re.sub(r" (le|montant)", r" \n\1", letter()), id="reflowed"),
        pytest.param(letter().replace(" ", "\u00a0"), id="no-break spaces"),
        pytest.param(letter().replace("\n", "\n\n"), id="a blank line between all"),
        pytest.param(letter().replace("(1)", "*(1)*"), id="stars"),
        pytest.param(letter().replace(REFERENCE, " ".join(re.findall(".{1,4}", REFERENCE))), id="grouped"),
        pytest.param(letter().replace("(1) ", "- ").replace("(2) ", "- ").replace("(3) ", "- "), id="bullets"),
        pytest.param(
            "Bonjour,\n" + block().replace("[/relance]", "") + "\n--\nAnne 06 12 34 56 78", id="no end, signed"
        ),
    ],
)
def test_what_mail_programs_do_to_it_changes_nothing(owner: Owner, text: str) -> None:
    assert take(owner, email(text)) == 0
    assert [row.split(";")[4:6] for row in rows(owner)] == [["2026-12-05", "600,00"], ["2027-01-05", "600,00"]], (
        owner.complained
    )


def test_a_mail_of_html_alone_is_read(owner: Owner) -> None:
    body = "".join(f"<p>{line.replace(' ', '&nbsp;')}</p>" for line in letter().splitlines())
    quoted = f"<div>Voici.</div><blockquote type='cite'>{body}</blockquote>"
    assert take(owner, email("", html=f"<html><body>{quoted}</body></html>")) == 0
    assert len(rows(owner)) == 2, owner.complained


def test_the_lines_that_are_quoted_below_an_answer_are_those_of_before(owner: Owner) -> None:
    assert take(owner, email(letter())) == 0
    thanks = "Merci, j’attends votre réponse.\n\n" + "\n".join(f"> {line}" for line in letter().splitlines())
    assert take(owner, email(thanks, ident="m2@verdier.example")) == 0
    assert len(rows(owner)) == 2
    assert "was noted already" in owner.said


def test_a_mailbox_in_a_file_and_copied_text_are_read(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    other = letter("montant : 500,00 le : 27/11/2026", "date", account_reference("kite", "EUR"))
    one, two = email(letter()), email(other, sender="tom@kite.example", ident="m2@kite.example")
    box = b"".join(b"From x@y Sun Nov 15 10:12:00 2026\n" + mail.replace(b"\r\n", b"\n") + b"\n" for mail in (one, two))
    owner.folder.joinpath("box.mbox").write_bytes(box)
    assert owner.run("inbox", str(owner.folder / "box.mbox")) == 0
    assert [row.split(";")[1] for row in rows(owner)] == ["verdier", "verdier", "kite"], owner.complained
    copied = letter("montant : … le : 20/11/2026", "date")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(copied.encode())))
    assert owner.run("inbox", "-") == 0
    assert rows(owner)[-1].split(";")[1:6] == ["verdier", "2026-11-16", "date", "2026-11-20", ""]
    assert owner.show("kite")[0]["reminders"]["held"] == "answered"


def test_the_same_message_is_taken_once(owner: Owner) -> None:
    for _ in range(2):
        assert take(owner, email(letter()), email(letter())) == 0
    assert len(rows(owner)) == 2
    assert "was noted already: waiting" in owner.said
    assert "No new answer" in owner.said


def test_relance_replies_notes_proposals_too(owner: Owner) -> None:
    path = owner.folder / "m.eml"
    path.write_bytes(email(letter()))
    assert owner.run("replies", str(path)) == 0
    assert len(rows(owner)) == 2
    assert "relance proposals" in owner.said


OTHERS = account_reference("kite", "EUR")
EDITED = REFERENCE[:-1] + ("2" if REFERENCE[-1] != "2" else "3")


@pytest.mark.parametrize(
    ("lines", "kind", "reference", "code", "words"),
    [
        (LINES, "plan", EDITED, "proposal-reference", "check digits"),
        (LINES, "plan", make_reference("ABC123"), "proposal-reference", "no client"),
        (LINES, "plan", OTHERS, "proposal-reference", "kite"),
        ("(1) montant : … le : …", "plan", REFERENCE, "proposal-unfilled", "filled in"),
        ("(1) trois cents euros le 5/12/2026", "plan", REFERENCE, "proposal-unreadable", "amount in figures"),
        ("montant : 300k le : 5/12/2026", "date", REFERENCE, "proposal-unreadable", "amount in figures"),
        ("(1) 300 €", "plan", REFERENCE, "proposal-unreadable", "no day"),
        ("(1) 300 ou 400 le 5/12/2026", "plan", REFERENCE, "proposal-unreadable", "several numbers"),
        ("(1) 300 le 31/02/2027", "plan", REFERENCE, "proposal-unreadable", "no such day"),
        ("(1) 300 GBP le 5/12/2026", "plan", REFERENCE, "proposal-unreadable", "GBP"),
        ("(1) 0 € le 5/12/2026 (2) 1200 € le 5/1/2027", "plan", REFERENCE, "proposal-impossible", "more than nothing"),
        (
            "(1) -300 € le 5/12/2026 (2) 300 € le 5/1/2027",
            "plan",
            REFERENCE,
            "proposal-impossible",
            "more than nothing",
        ),
        ("(1) 800 € le 5/12/2026 (2) 800 € le 5/1/2027", "plan", REFERENCE, "proposal-impossible", "1350.00 EUR"),
        ("(1) 600 € le 5/10/2026 (2) 600 € le 5/1/2027", "plan", REFERENCE, "proposal-impossible", "was past"),
        (
            "(1) 600 € le 5/1/2027 (2) 600 € le 5/12/2026",
            "plan",
            REFERENCE,
            "proposal-impossible",
            "does not come after",
        ),
        ("montant : … le : 5/12/2029", "date", REFERENCE, "proposal-impossible", "too far away"),
        ("montant : … le : 5/12/2026", "paid", REFERENCE, "proposal-impossible", "to come"),
        (
            "\n".join(f"({n}) 6,00 € le {1 + n % 28:02}/{1 + n // 28:02}/2027" for n in range(200)),
            "plan",
            REFERENCE,
            "proposal-impossible",
            "36 payments",
        ),
    ],
)
def test_what_cannot_be_meant_is_told_and_still_an_answer_to_read(
    owner: Owner, lines: str, kind: str, reference: str, code: str, words: str
) -> None:
    owner.write(
        "ledger/invoices.csv",
        (owner.folder / "ledger/invoices.csv").read_text("utf-8").replace("20/11/2026", "10/11/2026"),
    )
    assert take(owner, email(letter(lines, kind, reference))) == 0
    assert rows(owner) == []
    assert f"[{code}]" in owner.complained
    assert words in owner.complained
    assert owner.show("verdier")[0]["reminders"]["held"] == "answered"


def test_a_file_that_is_not_there_stops_everything(owner: Owner) -> None:
    assert owner.run("inbox", "nowhere.eml") == 2
    assert "Nothing was recorded" in owner.complained


def test_nothing_hostile_in_a_message_reaches_the_terminal_or_the_columns(owner: Owner) -> None:
    evil = letter("(1) =cmd|' 600,00 € le : 5/12/2026\x1b[2J").replace("Anne", "\x1b]0;x\x07")
    assert take(owner, email(evil, sender='"=HYPERLINK(1)" <compta@verdier.example>')) == 0
    assert "\x1b" not in owner.said + owner.complained
    assert all(not cell.startswith(("=", "+", "@")) for row in rows(owner) for cell in row.split(";"))
    assert len(PROPOSALS.aliases) == len(rows(owner)[0].split(";"))
