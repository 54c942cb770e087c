"""`relance send`: what the owner read leaves, once, with the owner's word where it is wanted, and nothing else does."""

from __future__ import annotations

import json
import os
import signal
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest

from generator.commands.send import stopped_gently
from tests.support.imaphost import PASSWORD, Kept, crlf, imaphost
from tests.support.mailhost import Fault, Mailhost, Trouble, mailhost
from tests.support.owner import PORTAL, Owner, new_owner
from tests.support.sandbox import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = LOOPBACK
VERDIER, KITE = "compta@verdier.example", "accounts@kite.example"


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Mailhost]:
    with mailhost(tmp_path / "box") as server:
        yield server


@pytest.fixture
def owner(tmp_path: Path, host: Mailhost, capsys: pytest.CaptureFixture[str]) -> Owner:
    """Two clients late enough for a first reminder; the folder was built this morning."""
    made = new_owner(tmp_path / "folder", capsys)
    configure(made, host)
    assert made.run("build") == 0, made.complained
    return made


def configure(owner: Owner, host: Mailhost, reminders: str = 'approve = "none"', smtp: str = "") -> None:
    owner.write(
        "portal.toml",
        f"""{PORTAL}
[smtp]
host = "127.0.0.1"
port = {host.port}
security = "none"
retry_after_seconds = 0
per_minute = 6000
{smtp}
[reminders]
{reminders}
""",
    )


def send(owner: Owner, *options: str, date: str = "2026-11-16") -> int:
    return owner.run("send", "--offline-pages", *options, date=date)


def addressees(host: Mailhost) -> list[str]:
    return sorted(address for mail in host.taken for address in mail.recipients)


def test_each_message_leaves_once_however_often_it_is_asked_for(owner: Owner, host: Mailhost) -> None:
    assert send(owner) == 0, owner.complained
    assert addressees(host) == [KITE, VERDIER]
    assert "2 messages sent" in owner.said
    for _ in range(3):
        assert send(owner) == 0
    assert len(host.taken) == 2
    assert owner.run("build") == 0
    assert send(owner) == 0
    assert len(host.taken) == 2


def test_what_leaves_is_what_the_owner_read_and_no_draft_any_more(owner: Owner, host: Mailhost) -> None:
    drafts = {path.read_bytes() for path in (owner.folder / "outbox").glob("*.eml")}
    send(owner)
    for mail in host.taken:
        read = message_from_bytes(mail.content, policy=policy.strict)
        assert "X-Unsent" not in read
        assert read["Message-ID"]
        body = mail.content.partition(b"\r\n\r\n")[2]
        assert any(body in draft for draft in drafts)


def test_the_journal_knows_what_left_to_whom_and_keeps_the_bytes(owner: Owner, host: Mailhost) -> None:
    send(owner)
    lines = [
        json.loads(line) for path in owner.folder.glob("journal/*/*.jsonl") for line in path.read_text().splitlines()
    ]
    intents = [line for line in lines if line["event"] == "intent"]
    results = [line for line in lines if line["event"] == "result"]
    assert sorted(line["to"] for line in intents) == [[KITE], [VERDIER]]
    assert {line["attempt"] for line in intents} == {line["attempt"] for line in results}
    assert {line["outcome"] for line in results} == {"sent"}
    kept = {path.stem: path.read_bytes() for path in owner.folder.glob("journal/*/messages/*.eml")}
    assert sorted(kept[line["digest"]] for line in intents) == sorted(mail.content for mail in host.taken)
    assert owner.show("verdier")[0]["reminders"]["sent"][0]["step"] == "reminder-1"


def test_nothing_leaves_without_the_owners_word_unless_the_policy_says_so(owner: Owner, host: Mailhost) -> None:
    configure(owner, host, 'approve = "all"')
    owner.run("build")
    assert send(owner) == 0
    assert host.taken == []
    assert "relance send --approve verdier kite" in owner.said
    assert send(owner, "--approve", "verdier") == 0
    assert addressees(host) == [VERDIER]
    assert send(owner, "--approve", "all") == 0
    assert addressees(host) == [KITE, VERDIER]


def test_a_command_that_did_not_send_everything_can_be_repeated_as_it_was_typed(owner: Owner, host: Mailhost) -> None:
    configure(owner, host, 'approve = "all"')
    owner.run("build")
    host.troubles.append(Trouble(Fault.GREY, address=KITE))
    assert send(owner, "--approve", "verdier", "kite") == 3
    assert addressees(host) == [VERDIER]
    host.troubles.clear()
    owner.run("build")
    assert send(owner, "--approve", "verdier", "kite") == 0, owner.complained
    assert addressees(host) == [KITE, VERDIER]


def test_of_a_message_to_a_group_it_names_those_whose_word_is_missing(owner: Owner, host: Mailhost) -> None:
    configure(owner, host, 'approve = "all"')
    owner.write(
        "ledger/clients.csv",
        f"id;nom;email;groupe;langue\nverdier;Verdier;{VERDIER};V;fr\nkite;Kite;{VERDIER};V;fr\n",
    )
    owner.run("build")
    assert send(owner, "--approve", "kite") == 0, owner.complained
    assert host.taken == []
    assert "relance send --approve verdier\n" in owner.said
    assert send(owner, "--dry-run", "--approve", "verdier", "kite") == 0, owner.complained
    assert "would leave   verdier, kite" in owner.said
    assert send(owner, "--approve", "verdier", "kite") == 0, owner.complained
    assert addressees(host) == [VERDIER]


def test_the_owners_word_is_for_what_the_message_says_that_day_and_no_more(owner: Owner, host: Mailhost) -> None:
    configure(owner, host, 'approve = "all"')
    owner.run("build")
    host.troubles.append(Trouble(Fault.GREY, address=VERDIER))
    assert send(owner, "--approve", "verdier") == 3
    host.troubles.clear()
    owner.write("ledger/payments.csv", "date;client;montant;facture\n16/11/2026;verdier;200,00;F-2026-118\n")
    owner.run("build", date="2026-11-17")
    assert send(owner, date="2026-11-17") == 0
    assert host.taken == []
    assert "waits for you verdier" in owner.said


def test_the_owners_word_counts_for_nothing_that_the_outbox_did_not_show(owner: Owner, host: Mailhost) -> None:
    configure(owner, host, 'approve = "all"')
    owner.run("build")
    owner.write("ledger/payments.csv", "date;client;montant;facture\n02/11/2026;kite;200,00;F-2026-120\n")
    assert send(owner, "--approve", "kite") == 1
    assert "approved" not in owner.said
    owner.run("build")
    assert send(owner) == 0, owner.complained
    assert host.taken == []
    assert send(owner, "--approve", "kite") == 0, owner.complained
    assert addressees(host) == [KITE]


def test_answers_are_read_first_and_the_owner_hears_of_those_that_are_nobodys(
    owner: Owner, host: Mailhost, monkeypatch: pytest.MonkeyPatch
) -> None:
    came = [
        Kept(
            crlf(f"From: {sender}\nSubject: Bonjour\nMessage-ID: <{sender}>\n\nJe paie.\n"),
            datetime(2026, 11, 12, tzinfo=UTC),
        )
        for sender in (KITE, "anne@maison.example")
    ]
    monkeypatch.setenv("IMAP_PASSWORD", PASSWORD)
    with imaphost(came) as box:
        where = (
            f'[imap]\nhost = "127.0.0.1"\nport = {box.port}\nsecurity = "none"\nuser = "compta@atelier-lumen.example"\n'
        )
        configure(owner, host, smtp=where)
        owner.run("build")
        assert send(owner) == 0, owner.complained
    assert "kite: 2026-11-12" in owner.said
    assert "nobody's: 2026-11-12" in owner.said
    assert addressees(host) == [VERDIER]


def test_a_dry_run_says_everything_and_does_nothing(owner: Owner, host: Mailhost) -> None:
    before = owner.files()
    assert send(owner, "--dry-run") == 0
    assert "would leave   verdier: reminder-1 to compta@verdier.example, 1200.00 EUR" in owner.said
    assert owner.files() == before
    assert host.attempts == 0


def test_only_and_limit_choose_among_what_may_leave(owner: Owner, host: Mailhost) -> None:
    assert send(owner, "--only", "kite") == 0
    assert addressees(host) == [KITE]
    owner.write(
        "ledger/invoices.csv",
        "numéro;client;date d'émission;échéance;objet;montant ttc\n"
        "F-1;verdier;30/09/2026;30/10/2026;A;1 200,00\nF-2;kite;01/10/2026;31/10/2026;B;800,00\n",
    )
    assert send(owner, "--limit", "1", "--only", "verdier") == 1, "the outbox is older than the ledger"


def test_a_client_who_paid_between_build_and_send_is_not_written_to(owner: Owner, host: Mailhost) -> None:
    owner.write(
        "ledger/payments.csv",
        "date;client;montant;facture\n16/11/2026;verdier;1 200,00;F-2026-118\n02/11/2026;kite;300,00;F-2026-120\n",
    )
    assert send(owner) == 0
    assert addressees(host) == [KITE]


def test_an_amount_that_changed_since_the_build_stops_everything(owner: Owner, host: Mailhost) -> None:
    owner.write(
        "ledger/payments.csv",
        "date;client;montant;facture\n16/11/2026;verdier;200,00;F-2026-118\n02/11/2026;kite;300,00;F-2026-120\n",
    )
    assert send(owner) == 1
    assert "1200.00 EUR" in owner.complained
    assert "1000.00 EUR" in owner.complained
    assert host.attempts == 0


@pytest.mark.parametrize("change", ["file", "template", "gone", "yesterday"])
def test_what_the_owner_read_is_what_leaves_or_nothing_does(owner: Owner, host: Mailhost, change: str) -> None:
    draft = next((owner.folder / "outbox").glob("*verdier*.eml"))
    date = "2026-11-16"
    if change == "file":
        draft.write_bytes(draft.read_bytes().replace(b"Bonjour", b"Salut"))
    elif change == "template":
        owner.write(
            "portal_templates/emails/fr/reminder-1.md",
            "Subject: Autre chose\n\nBonjour, {{ numbers | listing }}, {{ sums | map('money') | listing }}, {{ page }}\n",
        )
    elif change == "gone":
        draft.unlink()
    else:
        date = "2026-11-17"
    assert send(owner, date=date) == 1
    assert "relance build" in owner.complained
    assert host.attempts == 0


def test_no_message_leaves_before_its_page_is_online(owner: Owner, host: Mailhost) -> None:
    configure(owner, host)
    text = (
        (owner.folder / "portal.toml").read_text().replace("https://payer.atelier-sable.example", "http://127.0.0.1:9")
    )
    owner.write("portal.toml", text)
    owner.run("build")
    assert owner.run("send") == 3
    assert "kept back" in owner.said
    assert host.attempts == 0


def test_a_message_that_may_have_left_is_never_sent_again_by_itself(owner: Owner, host: Mailhost) -> None:
    host.troubles.append(Trouble(Fault.LOST, address=VERDIER, first=1))
    assert send(owner) == 3
    assert "uncertain     verdier" in owner.said
    assert len(host.taken) == 2
    for day in ("2026-11-16", "2026-11-17", "2026-11-24"):
        owner.run("build", date=day)
        send(owner, date=day)
        assert owner.show("verdier", date=day)[0]["reminders"]["held"] == "uncertain"
    assert addressees(host).count(VERDIER) == 1


def test_an_old_message_that_may_have_left_keeps_the_status_from_saying_that_all_is_done(
    owner: Owner, host: Mailhost
) -> None:
    host.troubles.append(Trouble(Fault.LOST, address=VERDIER, first=1))
    send(owner)
    owner.run("build", date="2026-11-17")
    assert send(owner, "--only", "kite", date="2026-11-17") == 0, "it is not about them"
    assert send(owner, "--dry-run", date="2026-11-17") == 0
    assert send(owner, date="2026-11-17") == 3
    assert "verdier: reminder-1 of 2026-11-16" in owner.said
    assert "nobody knows whether they left (verdier)" in owner.complained
    owner.run("sent", "verdier", date="2026-11-17")
    assert send(owner, date="2026-11-17") == 0


@pytest.mark.parametrize(("verb", "copies"), [("sent", 1), ("resend", 2)])
def test_the_owner_says_what_became_of_it(owner: Owner, host: Mailhost, verb: str, copies: int) -> None:
    host.troubles.append(Trouble(Fault.CUT_AFTER_DOT if verb == "resend" else Fault.LOST, address=VERDIER, first=1))
    send(owner)
    assert owner.run(verb, "verdier") == 0, owner.complained
    owner.run("build")
    assert send(owner) == 0
    assert addressees(host).count(VERDIER) == 1
    assert copies in {1, 2}


def test_an_address_that_does_not_exist_is_never_written_to_again(owner: Owner, host: Mailhost) -> None:
    host.troubles.append(Trouble(Fault.GONE, address=VERDIER))
    assert send(owner) == 3
    assert "refused       verdier" in owner.said
    attempts = host.attempts
    assert owner.show("verdier")[0]["reminders"]["held"] == "unreachable"
    owner.run("build")
    assert send(owner) == 0
    assert host.attempts == attempts
    clients = (owner.folder / "ledger/clients.csv").read_text().replace(VERDIER, "bureau@verdier.example")
    owner.write("ledger/clients.csv", clients)
    owner.run("build")
    assert send(owner) == 0
    assert addressees(host) == [KITE, "bureau@verdier.example"] or addressees(host) == [
        "accounts@kite.example",
        "bureau@verdier.example",
    ]


def test_a_greylist_is_met_with_patience(owner: Owner, host: Mailhost) -> None:
    host.troubles.append(Trouble(Fault.GREY, first=1))
    assert send(owner) == 0, owner.said
    assert addressees(host) == [KITE, VERDIER]


def test_a_server_that_stays_busy_has_the_message_another_day(owner: Owner, host: Mailhost) -> None:
    host.troubles.append(Trouble(Fault.BUSY))
    assert send(owner) == 3
    assert "not yet" in owner.said
    host.troubles.clear()
    owner.run("build", date="2026-11-17")
    assert send(owner, date="2026-11-17") == 0
    assert addressees(host) == [KITE, VERDIER]


def test_a_test_mode_reaches_no_client_and_is_forgotten(owner: Owner, host: Mailhost) -> None:
    configure(owner, host, smtp='test_to = "nora@atelier-sable.example"')
    owner.run("build")
    assert send(owner) == 0
    assert addressees(host) == ["nora@atelier-sable.example"] * 2
    assert owner.show("verdier")[0]["reminders"]["sent"] == []


def test_mail_leaves_in_the_hours_that_the_owner_set(owner: Owner, host: Mailhost) -> None:
    configure(owner, host, 'approve = "none"\nsend_between = "14:00-18:00"')
    owner.run("build")
    assert send(owner) == 0
    assert "Nothing leaves now (13:00)" in owner.said
    assert host.taken == []


def test_without_a_server_it_says_what_to_do(owner: Owner) -> None:
    owner.write("portal.toml", PORTAL + '\n[reminders]\napprove = "none"\n')
    owner.run("build")
    assert send(owner) == 1
    assert "[smtp]" in owner.complained


def test_a_day_gone_by_or_to_come_sends_nothing(owner: Owner, host: Mailhost) -> None:
    from datetime import UTC, datetime  # noqa: PLC0415

    from generator.cli import main  # noqa: PLC0415

    for day in ("2026-11-13", "2026-11-18"):
        where = ["send", "--folder", str(owner.folder), "--date", day, "--offline-pages"]
        assert main(where, now=datetime(2026, 11, 16, 12, tzinfo=UTC)) == 2
    assert host.attempts == 0


def test_the_doctor_looks_at_the_mail_server_and_sends_nothing(owner: Owner, host: Mailhost) -> None:
    assert owner.run("doctor") == 0, owner.complained
    assert "lets us in" in owner.said
    assert host.attempts == 0
    configure(owner, host, smtp='user = "nora"')
    assert owner.run("doctor") == 3
    assert "SMTP_PASSWORD is not set" in owner.said


def test_a_run_that_is_told_to_stop_stops_as_with_ctrl_c() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), stopped_gently():
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before


def test_the_recap_of_an_agreement_leaves_once_with_its_calendar(owner: Owner, host: Mailhost) -> None:
    owner.write(
        "ledger/relance/agreements.csv",
        "agreement;client;invoices;signed_on;due;amount\n"
        "TEL-1;verdier;F-2026-118;13/11/2026;01/12/2026;600,00\nTEL-1;verdier;F-2026-118;13/11/2026;04/01/2027;600,00\n",
    )
    assert owner.run("build") == 0, owner.complained
    (beside,) = (owner.folder / "outbox").glob("*recap.ics")
    calendar = beside.read_bytes()
    for _ in range(2):
        assert send(owner, "--only", "verdier") == 0, owner.complained
    (mail,) = host.taken
    read = message_from_bytes(mail.content, policy=policy.strict)
    (file,) = [part for part in read.walk() if part.get_content_type() == "text/calendar"]
    assert file.get_payload(decode=True) == calendar
    (kept,) = owner.folder.glob("journal/*/messages/*.eml")
    assert kept.read_bytes() == mail.content
    assert owner.run("build") == 0
    assert not list((owner.folder / "outbox").glob("*recap*"))
