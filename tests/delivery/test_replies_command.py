"""`relance replies` and `relance answered`: an answer holds its client until the owner has read it, and nothing else does."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import pytest

from generator.cli import main
from generator.commands.replies import fetch_replies, sort_replies
from generator.delivery.mailbox import MailRead
from generator.domain.delivery import Attempt, Outcome, SendIntended, SendResult, State
from generator.domain.due import Held
from generator.domain.references import account_reference
from generator.domain.replies import Reply, ReplyKind
from generator.errors import OutsideError
from generator.journal import append
from generator.messages import MessageTemplates, compose
from generator.workspace import open_workspace
from tests.delivery.test_reading import report
from tests.support.imaphost import PASSWORD, Imaphost, Kept, crlf, imaphost
from tests.support.owner import INVOICES, Owner, new_owner
from tests.support.sandbox import LOOPBACK

if TYPE_CHECKING:
    from pathlib import Path

    from generator.domain.memory import Event

pytestmark = LOOPBACK

OWN = "compta@atelier-sable.example"
TODAY = date(2026, 11, 16)
NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)
SENT_ID = "f00d@atelier-sable.example"
TO = ("compta@verdier.example", "direction@verdier.example")
INTENT = SendIntended(
    "verdier", "t1", "reminder-1", "email", date(2026, 11, 9), (), TO, "Facture", NOW, message_id=SENT_ID
)


@pytest.fixture
def owner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    """A shop that has written to Verdier a week ago."""
    made = new_owner(tmp_path / "sable", capsys)
    remember(made, INTENT, SendResult("verdier", "t1", Outcome.SENT, NOW))
    return made


def remember(owner: Owner, *events: Event) -> None:
    append(owner.folder / "journal", list(events), NOW)


def eml(owner: Owner, name: str = "r1", text: str = "Je paie vendredi.", **headers: str) -> str:
    """An answer, saved as a file."""
    head = {
        "From": "Anne <compta@verdier.example>",
        "Subject": "Re: Facture",
        "Message-ID": f"<{name}@verdier.example>",
    }
    lines = [f"{key.replace('_', '-')}: {value}" for key, value in (head | headers).items()]
    path = owner.folder.parent / f"{name}.eml"
    path.write_bytes(crlf("\n".join([*lines, "Date: Fri, 13 Nov 2026 10:00:00 +0100", "", text])))
    return str(path)


def journal(owner: Owner, kind: str) -> list[dict[str, Any]]:
    paths = sorted(owner.folder.glob("journal/*/*.jsonl"))
    events = [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]
    return [event for event in events if event["event"] == kind]


def held(owner: Owner, client: str) -> Held | None:
    decision = open_workspace(owner.folder).decide(TODAY)
    (account,) = (account for account in decision.accounts if account.client.id == client)
    return account.reminders.held


# What is recorded


def test_an_answer_holds_its_client_and_nobody_else(owner: Owner) -> None:
    assert held(owner, "verdier") is not Held.ANSWERED
    assert owner.run("replies", eml(owner, In_Reply_To=f"<{SENT_ID}>")) == 0, owner.complained
    assert 'verdier: 2026-11-13, "Re: Facture" from compta@verdier.example, answers our message\n' in owner.said
    assert "1 answer recorded: nothing more is written to 1 client until you have read them" in owner.said
    assert held(owner, "verdier") is Held.ANSWERED
    assert held(owner, "kite") is not Held.ANSWERED
    (event,) = journal(owner, "answer")
    assert (event["client"], event["id"], event["on"]) == ("verdier", "r1@verdier.example", "2026-11-13")
    assert (event["how"], event["sender"], event["text"]) == ("message", "compta@verdier.example", "Je paie vendredi.")


def test_a_second_run_does_nothing(owner: Owner) -> None:
    files = [eml(owner, In_Reply_To=f"<{SENT_ID}>"), bounce(owner)]
    assert owner.run("replies", *files) == 0
    before = owner.files()
    assert owner.run("replies", *files) == 0
    assert owner.said == "No new answer.\n"
    assert owner.files() == before


def test_the_same_answer_twice_in_the_mailbox_is_one(owner: Owner) -> None:
    file = eml(owner)
    assert owner.run("replies", file, file) == 0
    assert len(journal(owner, "answer")) == 1


def test_a_colleague_at_another_address_names_the_invoice(owner: Owner) -> None:
    assert owner.run("replies", eml(owner, From="paul@verdier-groupe.example", Subject="Votre F-2026-118")) == 0
    assert "names an invoice or reference of theirs" in owner.said
    assert held(owner, "verdier") is Held.ANSWERED


def test_the_reference_of_the_account_tells_its_client(owner: Owner) -> None:
    reference = account_reference("kite", "EUR")
    assert owner.run("replies", eml(owner, From="bank@elsewhere.example", text=f"Paid with {reference}.")) == 0
    assert [event["client"] for event in journal(owner, "answer")] == ["kite"]


def test_a_contact_of_the_client_is_known(owner: Owner) -> None:
    owner.write("ledger/contacts.csv", "client;name;role;email\nkite;Sue;pays;sue@payables.example\n")
    assert owner.run("replies", eml(owner, From="Sue <Sue@Payables.example>")) == 0
    assert [event["client"] for event in journal(owner, "answer")] == ["kite"]
    assert "comes from an address of theirs" in owner.said


def test_an_answer_that_quotes_an_invoice_of_another_client_stays_with_its_sender(owner: Owner) -> None:
    assert owner.run("replies", eml(owner, text="Et votre F-2026-120 ?", In_Reply_To=f"<{SENT_ID}>")) == 0
    assert "answers our message (but something points to kite: look)" in owner.said
    assert owner.run("replies", eml(owner, "r2", text="Et votre F-2026-120 ?")) == 0
    assert "comes from an address of theirs (but something points to kite: look)" in owner.said
    assert {event["client"] for event in journal(owner, "answer")} == {"verdier"}


def test_companies_of_a_group_answer_together(owner: Owner) -> None:
    head, *rows = (owner.folder / "ledger/clients.csv").read_text("utf-8").splitlines()
    rows = [row.replace("compta@verdier", "siege@holding").replace("accounts@kite", "siege@holding") for row in rows]
    owner.write("ledger/clients.csv", "\n".join([f"{head};group", *(f"{row};holding" for row in rows)]))
    assert owner.run("replies", eml(owner, From="siege@holding.example")) == 0
    assert "verdier" in owner.said
    assert sorted(event["client"] for event in journal(owner, "answer")) == ["kite", "verdier"]
    assert held(owner, "kite") is Held.ANSWERED


def test_a_draft_that_was_sent_by_hand_is_answered_by_its_thread(owner: Owner) -> None:
    """The owner's mail program gives the draft a name of its own; the beginning of the thread is what it keeps."""
    workspace = open_workspace(owner.folder)
    accounts = next(found for found in workspace.decide(TODAY).by_client() if found[0].client.id == "verdier")
    draft = compose(workspace.settings, accounts, MessageTemplates(workspace.settings))
    assert draft is not None
    thread = message_from_bytes(draft.eml(), policy=policy.default)["References"]
    assert thread
    file = eml(owner, From="x@elsewhere.example", References=f"{thread} <of-the-program@atelier-sable.example>")
    assert owner.run("replies", file) == 0
    assert [(event["client"], event["how"]) for event in journal(owner, "answer")] == [("verdier", "message")]


@pytest.mark.parametrize("day", ["Sat, 01 Jan 2028 00:00:00 +0000", "whenever"])
def test_an_answer_from_the_future_is_of_today(owner: Owner, day: str) -> None:
    file = eml(owner)
    path = owner.folder.parent / "r1.eml"
    path.write_bytes(path.read_bytes().replace(b"Fri, 13 Nov 2026 10:00:00 +0100", day.encode()))
    assert owner.run("replies", file) == 0
    assert [event["on"] for event in journal(owner, "answer")] == ["2026-11-16"]


# What is told and changes nothing


def test_an_automatic_reply_holds_nothing(owner: Owner) -> None:
    file = eml(owner, In_Reply_To=f"<{SENT_ID}>", Auto_Submitted="auto-replied", Subject="Absente jusqu'au 30")
    assert owner.run("replies", file) == 0
    assert '"Absente jusqu\'au 30" from compta@verdier.example, an automatic reply: it holds nothing.' in owner.said
    assert journal(owner, "answer") == []
    assert held(owner, "verdier") is not Held.ANSWERED


def test_what_is_nobodys_is_listed(owner: Owner) -> None:
    unknown = eml(owner, From="jean@ailleurs.example", Subject="Bonjour \x1b[31m")
    both = eml(owner, "r2", From="x@y.example", Subject="F-2026-118 et F-2026-120")
    newsletter = eml(owner, "r3", From="news@y.example", Precedence="bulk")
    assert owner.run("replies", unknown, both, newsletter) == 0
    assert owner.said.splitlines() == [
        'nobody\'s: 2026-11-13, "F-2026-118 et F-2026-120" from x@y.example, perhaps of kite or verdier',
        'nobody\'s: 2026-11-13, "Bonjour [31m" from jean@ailleurs.example',
        'Nothing was recorded of these. If a client wrote one of them: relance log CLIENT --answer "…"',
        "No new answer.",
    ]
    assert journal(owner, "answer") == []


def test_a_long_list_is_cut_and_said_to_be(owner: Owner) -> None:
    files = [eml(owner, f"u{number}", From=f"u{number}@ailleurs.example") for number in range(25)]
    assert owner.run("replies", *files) == 0
    assert owner.said.count("nobody's: ") == 20
    assert "… and 5 more that concern no client" in owner.said


def test_our_own_words_are_passed_over(owner: Owner) -> None:
    assert owner.run("replies", eml(owner, From=f"Nora <{OWN}>", In_Reply_To=f"<{SENT_ID}>")) == 0
    assert "r1.eml: no email of somebody else's" in owner.complained
    assert journal(owner, "answer") == []


def test_a_file_that_is_not_there(owner: Owner) -> None:
    before = owner.files()
    assert owner.run("replies", eml(owner), str(owner.folder / "no.eml")) == 2
    assert "no.eml cannot be read: No such file or directory. Nothing was recorded." in owner.complained
    assert owner.files() == before


# What came back


def bounce(owner: Owner, *addresses: str, original: str = SENT_ID, name: str = "b1", status: str = "5.1.1") -> str:
    blocks = [
        f"Final-Recipient: rfc822; {address}\nAction: failed\nStatus: {status}\nDiagnostic-Code: smtp; 550 No such user\n"
        for address in addresses or ("Compta@VERDIER.example",)
    ]
    returned = f"Content-Type: text/rfc822-headers\n\nMessage-ID: <{original}>\n"
    path = owner.folder.parent / f"{name}.eml"
    path.write_bytes(
        report("\n".join(blocks), original=returned).replace(b"<b1@mx.example>", f"<{name}@mx.example>".encode())
    )
    return str(path)


def the_attempt(owner: Owner) -> Attempt:
    (attempt,) = open_workspace(owner.folder).memory.get("verdier").deliveries.attempts
    return attempt


def test_a_bounce_names_an_address_that_takes_no_mail(owner: Owner) -> None:
    assert owner.run("replies", bounce(owner)) == 0, owner.complained
    assert (
        owner.said
        == "verdier: compta@verdier.example takes no mail (5.1.1 550 No such user): correct it in the ledger.\n"
    )
    (event,) = (event for event in journal(owner, "result") if event["outcome"] == "bounced")
    assert (event["attempt"], event["refused"], event["detail"]) == ("t1", [TO[0]], "5.1.1 550 No such user")
    assert the_attempt(owner).state is State.SENT, "the other address has it"
    assert journal(owner, "answer") == []


def test_a_message_that_came_back_from_everybody_did_not_arrive(owner: Owner) -> None:
    assert owner.run("replies", bounce(owner, TO[0]), bounce(owner, TO[1], TO[0], name="b2")) == 0
    assert owner.said.count("takes no mail") == 2
    assert the_attempt(owner).state is State.REFUSED
    assert len(journal(owner, "result")) == 3


def test_a_bounce_of_an_uncertain_message_says_that_it_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    owner = new_owner(tmp_path / "sable", capsys)
    remember(owner, INTENT)
    assert the_attempt(owner).state is State.UNCERTAIN
    assert owner.run("replies", bounce(owner)) == 0
    assert the_attempt(owner).state is State.SENT


def test_of_two_attempts_with_one_name_the_one_that_left_came_back(owner: Owner) -> None:
    earlier = SendIntended(**{name: getattr(INTENT, name) for name in INTENT.__slots__} | {"attempt": "t0"})
    remember(owner, earlier, SendResult("verdier", "t0", Outcome.LATER, NOW))
    assert owner.run("replies", bounce(owner)) == 0
    assert [event["attempt"] for event in journal(owner, "result") if event["outcome"] == "bounced"] == ["t1"]


@pytest.mark.parametrize(
    ("address", "original"),
    [("accounts@kite.example", SENT_ID), (TO[0], "made.up@atelier-sable.example"), (TO[0], "")],
)
def test_a_forged_bounce_changes_nothing(owner: Owner, address: str, original: str) -> None:
    before = owner.files()
    assert owner.run("replies", bounce(owner, address, original=original)) == 0
    assert f"from MAILER-DAEMON@mx.example, about {address}: not an address of a message of ours" in owner.said
    assert owner.files() == before


def test_a_delivery_that_failed_for_now_changes_nothing(owner: Owner) -> None:
    before = owner.files()
    assert owner.run("replies", bounce(owner, status="4.4.1")) == 0
    assert owner.files() == before


# The mailbox

IMAP = '\n[imap]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\nuser = "compta@atelier-lumen.example"\n'


def connect(owner: Owner, host: Imaphost, monkeypatch: pytest.MonkeyPatch, password: str = PASSWORD) -> None:
    text = (owner.folder / "portal.toml").read_text(encoding="utf-8")
    owner.write("portal.toml", text + IMAP.format(port=host.port))
    monkeypatch.setenv("IMAP_PASSWORD", password)


def message(number: int, sender: str = "compta@verdier.example", text: str = "Je paie.") -> Kept:
    raw = f"From: {sender}\nSubject: Re: Facture\nMessage-ID: <m{number}@verdier.example>\n\n{text}\n"
    return Kept(crlf(raw), datetime(2026, 11, 12, 9, tzinfo=UTC))


def test_the_mailbox_is_read_and_its_answers_recorded_once(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    own = message(3, sender=OWN)
    with imaphost([message(1), message(2, "accounts@kite.example", "Soon."), own]) as host:
        connect(owner, host, monkeypatch)
        assert owner.run("replies") == 0, owner.complained
        assert "2 answers recorded: nothing more is written to 2 clients" in owner.said
        before = owner.files()
        host.asked.clear()
        assert owner.run("replies") == 0
        assert owner.said == "No new answer.\n"
        assert owner.files() == before
        assert not any("BODY.PEEK[]" in line for line in host.asked), "what is known is not fetched again"
    assert [(event["client"], event["on"]) for event in journal(owner, "answer")] == [
        ("verdier", "2026-11-12"),
        ("kite", "2026-11-12"),
    ]


def test_another_command_can_read_the_mailbox_first(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    with imaphost([message(1)]) as host:
        connect(owner, host, monkeypatch)
        workspace = open_workspace(owner.folder)
        found = fetch_replies(workspace, TODAY, NOW)
        assert [reply.id for reply, _ in found.answers] == ["m1@verdier.example"]
        assert open_workspace(owner.folder).memory.get("verdier") == workspace.memory.plus(found.events).get("verdier")


def test_a_wrong_password_ends_the_run_and_is_told_to_nobody(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    with imaphost([message(1)]) as host:
        connect(owner, host, monkeypatch, "S3same-ferme")
        before = owner.files()
        assert owner.run("replies") == OutsideError.exit_status
        assert len(host.logins) == 1
    assert "does not accept the password of compta@atelier-lumen.example" in owner.complained
    assert "S3same-ferme" not in owner.said + owner.complained
    assert owner.files() == before


def test_without_a_mailbox_the_other_ways_are_told(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    assert owner.run("replies") == 2
    assert "portal.toml has no [imap] table" in owner.complained
    assert "relance replies FILE…" in owner.complained
    with imaphost() as host:
        connect(owner, host, monkeypatch, "")
    assert owner.run("replies") == 2
    assert "IMAP_PASSWORD is not set" in owner.complained


def test_what_was_not_looked_at_is_told(owner: Owner) -> None:
    reply = Reply("x@y", ReplyKind.ANSWER, "compta@verdier.example", "Bonjour", TODAY)
    found = sort_replies(open_workspace(owner.folder), TODAY, NOW, MailRead((reply,), left_out=7, unreadable=1))
    assert (found.left_out, found.unreadable, len(found.answers)) == (7, 1, 1)


def test_a_day_gone_by_is_refused(owner: Owner) -> None:
    assert owner.run("replies", eml(owner), date="2026-11-16") == 0
    now = datetime(2026, 11, 17, 12, tzinfo=UTC)
    assert main(["replies", "--folder", str(owner.folder), "--date", "2026-11-16"], now=now) == 2


# The owner has read them


def test_once_read_the_messages_go_on(owner: Owner) -> None:
    owner.run("replies", eml(owner), eml(owner, "r2", Subject="Encore"))
    assert owner.run("answered") == 0
    assert owner.said == (
        'verdier: 2026-11-13, "Re: Facture" from compta@verdier.example\n'
        'verdier: 2026-11-13, "Encore" from compta@verdier.example\n'
        "Once you have read them: relance answered CLIENT…\n"
    )
    assert held(owner, "verdier") is Held.ANSWERED
    assert owner.run("answered", "verdier", "verdier") == 0, owner.complained
    assert owner.said.startswith("verdier: 2 answers read; messages: ")
    assert held(owner, "verdier") is not Held.ANSWERED
    assert owner.run("answered") == 0
    assert owner.said == "No answer waits to be read.\n"


def test_an_answer_that_was_read_does_not_come_back(owner: Owner) -> None:
    file = eml(owner)
    owner.run("replies", file)
    owner.run("answered", "verdier")
    assert owner.run("replies", file) == 0
    assert held(owner, "verdier") is not Held.ANSWERED
    owner.run("replies", eml(owner, "r2"))
    assert held(owner, "verdier") is Held.ANSWERED, "a new one holds again"


def test_an_answer_noted_by_hand_is_read_too(owner: Owner) -> None:
    assert owner.run("log", "kite", "--answer", "Tom will pay on Friday,\nhe says") == 0, owner.complained
    owner.run("answered")
    assert 'kite: 2026-11-16, "Tom will pay on Friday, he says"\n' in owner.said
    assert owner.run("answered", "kite") == 0


def test_who_has_not_answered_has_nothing_to_read(owner: Owner) -> None:
    owner.run("replies", eml(owner))
    before = owner.files()
    assert owner.run("answered", "verdier", "kite", "nobody\x1b") == 2
    assert owner.complained == (
        'relance: kite: no answer waits to be read. To note one: relance log kite --answer "…"\n'
        'nobody\\u001b: no answer waits to be read. To note one: relance log nobody\\u001b --answer "…"\n'
        "Nothing was recorded.\n"
    )
    assert owner.files() == before


def test_a_client_who_left_the_ledger_may_still_have_answered(owner: Owner) -> None:
    owner.run("replies", eml(owner))
    clients = (owner.folder / "ledger/clients.csv").read_text("utf-8").splitlines()
    owner.write("ledger/clients.csv", "\n".join(line for line in clients if not line.startswith("verdier")))
    owner.write("ledger/invoices.csv", "\n".join(line for line in INVOICES.splitlines() if "verdier" not in line))
    assert owner.run("answered", "verdier") == 0, owner.complained
    assert owner.said == "verdier: 1 answer read.\n"
