"""The mailbox is read, never changed, never asked twice for the same thing, and never told a password in the open."""

from __future__ import annotations

import traceback
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from generator.config_delivery import ImapSettings, Security
from generator.delivery import mailbox
from generator.delivery.mailbox import MailRead, read_mailbox
from generator.errors import OutsideError
from tests.delivery.test_reading import GONE, report
from tests.support.imaphost import PASSWORD, USER, Imaphost, Kept, crlf, imaphost
from tests.support.mailhost import trusting
from tests.support.sandbox import LOOPBACK

if TYPE_CHECKING:
    from generator.domain.replies import Reply

pytestmark = LOOPBACK

OWN = "compta@atelier-lumen.example"
SINCE = date(2026, 11, 1)


def answer(number: int, text: str = "Je paie.", sender: str = "anne@verdier.example", more: str = "") -> bytes:
    return crlf(
        f"From: {sender}\nTo: {OWN}\nSubject: Re: Facture\nMessage-ID: <r{number}@verdier.example>\n{more}\n{text}\n"
    )


def look(host: Imaphost, password: str = PASSWORD, **more: Any) -> MailRead:
    settings = more.pop("settings", None) or host.settings()
    since = more.pop("since", SINCE)
    context = trusting() if host.security is not Security.NONE else None
    return read_mailbox(settings, password, since, own=OWN, context=context, **more)


def ids(found: MailRead) -> list[str]:
    return [reply.id for reply in found.replies]


def refused(host: Imaphost, **more: Any) -> str:
    """Why it cannot be read. Neither the reason nor anything that led to it tells the password."""
    with pytest.raises(OutsideError) as caught:
        look(host, **more)
    told = "".join(traceback.format_exception(caught.value))
    assert more.get("password", PASSWORD) not in told
    return str(caught.value)


# What is read


@pytest.mark.parametrize("security", list(Security))
def test_answers_are_read_as_they_came(security: Security) -> None:
    with imaphost([answer(1), answer(2, "Demain."), answer(3)], security=security) as host:
        found = look(host)
    assert ids(found) == ["r1@verdier.example", "r2@verdier.example", "r3@verdier.example"]
    assert [reply.text for reply in found.replies] == ["Je paie.", "Demain.", "Je paie."]
    assert (found.left_out, found.unreadable) == (0, 0)
    assert host.logins == [(USER, PASSWORD)]


def test_nothing_is_asked_that_could_change_anything() -> None:
    with imaphost([answer(1), report(GONE)]) as host:
        look(host)
    verbs = [line.partition(" ")[0] for line in host.asked]
    assert verbs == ["CAPABILITY", "AUTHENTICATE", "EXAMINE", "UID", "UID", "UID", "UID", "LOGOUT"]
    assert all("PEEK" in line for line in host.asked if "FETCH" in line)


def test_the_tests_would_notice_a_change() -> None:
    with pytest.raises(AssertionError, match="only ever read"), imaphost([answer(1)]) as host:
        host.changes.append("STORE 1 +FLAGS (\\Seen)")


def test_days_before_are_not_read() -> None:
    day = datetime(2026, 11, 10, 12, tzinfo=UTC)
    with imaphost(
        [Kept(answer(1), day.replace(day=8)), Kept(answer(2), day), Kept(answer(3), day.replace(day=30))]
    ) as host:
        found = look(host, since=date(2026, 11, 10))
    assert ids(found) == ["r2@verdier.example", "r3@verdier.example"]
    assert "UID SEARCH SINCE 9-Nov-2026" in host.asked, "a server may count days in another zone"


def test_the_server_knows_when_a_message_came() -> None:
    late = Kept(answer(1, more="Date: Sat, 01 Jan 2000 00:00:00 +0000\n"), datetime(2026, 11, 9, 23, 30, tzinfo=UTC))
    with imaphost([late]) as host:
        (reply,) = look(host, zone=ZoneInfo("Europe/Paris")).replies
    assert reply.received_on == date(2026, 11, 10)


def test_only_what_is_new_is_fetched_whole() -> None:
    own = answer(4, sender=f"Nora <{OWN.upper()}>")
    with imaphost([answer(1), answer(2), own]) as host:
        assert ids(look(host, known={"r1@verdier.example"})) == ["r2@verdier.example"]
    assert [line for line in host.asked if "BODY.PEEK[]" in line] == [
        "UID FETCH 10 (UID INTERNALDATE BODY.PEEK[]<0.131072>)"
    ]
    with imaphost([answer(1)]) as host:
        assert look(host, known={"r1@verdier.example"}) == MailRead()


def test_a_large_message_is_read_in_its_first_part_and_a_report_to_its_end() -> None:
    returned = (
        "Content-Type: message/rfc822\n\nX: " + "y" * 300_000 + "\nMessage-ID: <a1@atelier-lumen.example>\n\nBonjour"
    )
    with imaphost([answer(1, "Je paie.\n" + "x" * 500_000), report(GONE, original=returned)]) as host:
        first, second = look(host).replies
    assert first.text.startswith("Je paie.\nxxx")
    assert second.original_id == "a1@atelier-lumen.example"


def test_a_mailbox_with_nothing_in_it() -> None:
    with imaphost() as host:
        assert look(host) == MailRead()


def test_the_newest_are_read_and_the_others_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "_MOST", 3)
    monkeypatch.setattr(mailbox, "_AT_ONCE", 2)
    with imaphost([answer(number) for number in range(1, 6)]) as host:
        found = look(host)
    assert ids(found) == ["r3@verdier.example", "r4@verdier.example", "r5@verdier.example"]
    assert found.left_out == 2


@pytest.mark.parametrize(
    ("folder", "spoken"),
    [
        ("INBOX", "INBOX"),
        ("Réponses clients", "R&AOk-ponses clients"),
        ("Relances & co", "Relances &- co"),
        ('a"b\\c', 'a\\"b\\\\c'),
        ("台北", "&U,BTFw-"),
        ("x\r\nA1 DELETE INBOX", "x&AA0ACg-A1 DELETE INBOX"),
    ],
)
def test_a_folder_has_the_name_that_its_owner_gave_it(folder: str, spoken: str) -> None:
    with imaphost([answer(1)], folder=spoken) as host:
        assert len(look(host, settings=host.settings(folder=folder)).replies) == 1


def test_a_server_without_the_better_way_to_log_in() -> None:
    with imaphost([answer(1)], plain=False) as host:
        text = refused(host)
    assert "no way to log in that relance knows" in text  # the password of these tests has an accent
    assert host.logins == []
    with imaphost([answer(1)], plain=False) as host:
        refused(host, password='a "quoted\\" one')  # noqa: S106
    assert host.logins == [(USER, 'a "quoted\\" one')]


# Messages that are no mail


def test_no_message_keeps_the_others_from_being_read(monkeypatch: pytest.MonkeyPatch) -> None:
    real = mailbox.parse_reply

    def stumbles(raw: bytes, own: str, **more: Any) -> Reply | None:
        if b"r2@" in raw:
            raise IndexError
        return real(raw, own, **more)

    monkeypatch.setattr(mailbox, "parse_reply", stumbles)
    with imaphost([answer(1), answer(2), answer(3)]) as host:
        found = look(host)
    assert ids(found) == ["r1@verdier.example", "r3@verdier.example"]
    assert found.unreadable == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\r\n", b"\xff\xfe\x00", b"From: x", b"From: \xff@y.example\r\n\r\n\xff", b"(UID 3 {5}\r\nx)\r\n",
        b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n" * 5000,
        b"Subject: " + b"x" * 90_000 + b"\r\nFrom: a@b.example\r\n\r\nBonjour",
    ],
)  # fmt: skip
def test_whatever_lies_in_the_mailbox(raw: bytes) -> None:
    with imaphost([raw, answer(1), raw]) as host:
        assert "r1@verdier.example" in ids(look(host))


# What goes wrong


def test_a_wrong_password_is_tried_once_and_told_to_nobody() -> None:
    with imaphost([answer(1)], security=Security.TLS) as host:
        text = refused(host, password="S3same fermé")  # noqa: S106
    assert "does not accept the password of compta@atelier-lumen.example: [AUTHENTICATIONFAILED]" in text
    assert "It was tried once" in text
    assert len(host.logins) == 1
    assert not any("EXAMINE" in line for line in host.asked)


@pytest.mark.parametrize("password", ["line\r\nbreak", "\0"])
def test_a_password_that_cannot_be_one_is_not_tried(password: str) -> None:
    with imaphost() as host:
        assert "no password can have" in refused(host, password=password)
    assert host.logins == []


def test_without_encryption_no_password_is_told() -> None:
    with imaphost(security=Security.STARTTLS, starttls=False) as host:
        assert "offers no encryption (STARTTLS): no password was sent" in refused(host)
    assert host.logins == []


def test_a_server_that_lets_everybody_in_before_it_encrypts_is_left() -> None:
    with imaphost(security=Security.STARTTLS, greeting=b"* PREAUTH welcome") as host:
        assert "offers no encryption" in refused(host)
    assert not any("EXAMINE" in line for line in host.asked)


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
@pytest.mark.parametrize("wrong", [{"stranger": True}, {"certificate": "elsewhere.example"}])
def test_a_certificate_of_somebody_else(security: Security, wrong: dict[str, Any]) -> None:
    with imaphost(security=security, **wrong) as host:
        assert "certificate that cannot be trusted" in refused(host)
    assert host.logins == []


def test_a_server_that_encrypts_when_it_was_not_asked_to() -> None:
    with imaphost(security=Security.NONE) as host:
        text = refused(host, settings=host.settings(security=Security.TLS))
    assert "could not agree with us on encryption" in text


def test_only_this_machine_is_spoken_to_without_encryption() -> None:
    with pytest.raises(ValueError, match="without encryption"):
        read_mailbox(ImapSettings("imap.example", security=Security.NONE), PASSWORD, SINCE, own=OWN)


def test_a_folder_that_does_not_exist() -> None:
    with imaphost() as host:
        text = refused(host, settings=host.settings(folder="Réponses"))
    assert "has no folder Réponses that can be read: [NONEXISTENT] no such folder. Look at [imap] folder." in text


def test_nobody_listens() -> None:
    with imaphost() as host:
        settings = host.settings()
    assert "cannot be reached: Connection refused" in refused(host, settings=settings)


def test_a_server_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "_PATIENCE_IN_SECONDS", 0.2)
    with imaphost(security=Security.TLS) as host:  # it waits for us to begin encrypting
        assert "did not answer in time" in refused(host, settings=host.settings(security=Security.STARTTLS))


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        ("SEARCH", b"TAG NO [SERVERBUG] cannot"),
        ("SEARCH", b"TAG BAD what"),
        ("EXAMINE", b"* BYE good night"),
        ("FETCH", b"* 1 FETCH (UID 3 BODY[] {99999999}"),
        ("FETCH", b"TAG NO not today"),
        ("FETCH", b"\xff\xfe nonsense"),
        ("CAPABILITY", b"TAG BAD no"),
        ("AUTHENTICATE", b"* BYE"),
    ],
)
def test_a_server_that_talks_nonsense(verb: str, words: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "_PATIENCE_IN_SECONDS", 0.5)
    with imaphost([answer(1)], told={verb: words}) as host:
        assert refused(host).startswith("the mailbox at 127.0.0.1:")


@pytest.mark.parametrize(
    "words",
    [
        b"* 1 FETCH (UID 3 BODY[] NIL)\r\nTAG OK done",
        b'* 1 FETCH (UID 3 INTERNALDATE "99-Foo-2026 99:99:99 +9999" BODY[] {2}\r\nab)\r\nTAG OK done',
        b"* 1 FETCH (BODY[] {2}\r\nab)\r\nTAG OK done",
        b"* 1 FETCH (UID 4 BODY[] {2}\r\nab)\r\nTAG OK done",
        b"TAG OK done",
    ],
)
def test_an_answer_about_nothing_is_passed_over(words: bytes) -> None:
    with imaphost([answer(1)], told={"FETCH": words}) as host:
        assert look(host) == MailRead()


def test_a_server_cannot_make_us_read_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox._Bounded, "left", 100)
    with imaphost([answer(1)]) as host:
        assert "more than it was asked for" in refused(host)
