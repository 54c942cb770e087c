"""Messages are handed over, and every answer says whether they may have been taken."""

from __future__ import annotations

import logging
import socket
import time
import traceback
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import pytest

from generator.config_delivery import Security
from generator.delivery.smtp import Post, Verdict
from generator.errors import OutsideError, UsageError
from tests.support.mailhost import HERE, PASSWORD, USER, Fault, Mailhost, Trouble, apart, mailhost, taken, trusting
from tests.support.mailscript import PAUSE, scripted
from tests.support.sandbox import LOOPBACK

if TYPE_CHECKING:
    from pathlib import Path

    from generator.delivery.smtp import Answer
    from tests.support.mailscript import Script

pytestmark = LOOPBACK

SELLER = "compta@atelier-lumen.example"
ANNA, BRUNO = "anna@studio-vert.example", "bruno@studio-vert.example"
MESSAGE = b"From: compta@atelier-lumen.example\r\nTo: anna@studio-vert.example\r\nSubject: Facture\r\n\r\nBonjour,\r\n"


def post(host: Mailhost | Script, password: str = "", **more: Any) -> Post:
    secure = isinstance(host, Mailhost) and host.security is not Security.NONE
    return Post(host.settings(**more), password, context=trusting() if secure else None)


def send(host: Mailhost | Script, *recipients: str, content: bytes = MESSAGE, **more: Any) -> Answer:
    """One message over a connection of its own."""
    with post(host, **more) as way:
        return way.send(SELLER, recipients or (ANNA,), content)


# What is taken


@pytest.mark.parametrize("security", list(Security))
@pytest.mark.parametrize("login", [False, True])
def test_a_message_arrives_as_it_is(tmp_path: Path, security: Security, login: bool) -> None:  # noqa: FBT001
    with mailhost(tmp_path, security=security, login=login) as host:
        with post(host, PASSWORD if login else "") as way:
            answer = way.send(SELLER, [ANNA, BRUNO], MESSAGE)
        assert (answer.verdict, answer.text) == (Verdict.SENT, "250 2.0.0 Queued as 0001")
        assert (answer.refused, answer.gone, answer.pause) == ((), (), False)
        (got,) = host.taken
        assert (got.sender, got.recipients, got.content) == (SELLER, [ANNA, BRUNO], MESSAGE)
        assert host.logins == ([(USER, PASSWORD)] if login else [])


def test_the_envelope_is_what_is_asked_for_whatever_the_headers_say(tmp_path: Path) -> None:
    content = MESSAGE.replace(b"To: ", b"Bcc: eve@elsewhere.example\r\nTo: ")
    with mailhost(tmp_path) as host:
        send(host, BRUNO, BRUNO, content=content)
        assert host.taken[0].recipients == [BRUNO]


@pytest.mark.parametrize(
    ("written", "arrives"),
    [
        (b"a\r\n.\r\nb\r\n", b"a\r\n.\r\nb\r\n"),
        (b".\r\n", b".\r\n"),
        (b"..\r\n...\r\n. a\r\n.a", b"..\r\n...\r\n. a\r\n.a\r\n"),
        (b"a\n.\nb\n", b"a\r\n.\r\nb\r\n"),
        (b"a\r.\rb\r", b"a\r\n.\r\nb\r\n"),
        (b"a\n\r\n.\r\r\nb", b"a\r\n\r\n.\r\n\r\nb\r\n"),
        (b"a\r\n\r\n\r\n", b"a\r\n\r\n\r\n"),
        (b"", b""),
        (b"x" * 998 + b"\r\n" + b"." + b"y" * 997, b"x" * 998 + b"\r\n" + b"." + b"y" * 997 + b"\r\n"),
        (b"A: b\r\n\r\n" + b"\xc3\x89" * 400, b"A: b\r\n\r\n" + b"\xc3\x89" * 400 + b"\r\n"),
    ],
    ids=["dot", "only a dot", "dots", "lf", "cr", "mixed", "empty lines", "empty", "long lines", "8 bits"],
)
def test_the_content_arrives_whole_and_ends_where_it_ends(tmp_path: Path, written: bytes, arrives: bytes) -> None:
    with mailhost(tmp_path) as host:
        assert send(host, content=written).verdict is Verdict.SENT
        assert [got.content for got in host.taken] == [arrives]


def test_a_second_message_cannot_be_smuggled_in(tmp_path: Path) -> None:
    for ending in (b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r\n"):
        evil = (
            b"Subject: a\r\n\r\nb" + ending + b"MAIL FROM:<eve@x.example>\r\nRCPT TO:<anna@x.example>\r\nDATA\r\nc\r\n"
        )
        with mailhost(tmp_path / ending.hex()) as host:
            send(host, content=evil)
            assert [(got.sender, got.recipients) for got in host.taken] == [(SELLER, [ANNA])]


def test_bytes_beyond_ascii_are_announced(tmp_path: Path) -> None:
    with mailhost(tmp_path) as host:
        send(host, content=MESSAGE + "Où ?".encode())
        assert [option for option in host.taken[0].options if "SIZE" not in option] == ["BODY=8BITMIME"]
    with scripted() as script:
        assert send(script, content=MESSAGE + "Où ?".encode()).verdict is Verdict.REFUSED
        assert not [line for line in script.heard if line.startswith(b"MAIL")]


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"a\0b", "NUL"), (b"x" * 999, "longer than 998"), (b"a\r\n" * 700, "takes 2000 at most")],
)
def test_a_message_that_no_server_would_carry_is_not_begun(tmp_path: Path, content: bytes, words: str) -> None:
    with mailhost(tmp_path, size=2_000) as host:
        answer = send(host, content=content)
        assert (answer.verdict, host.attempts) == (Verdict.REFUSED, 0)
        assert words in answer.text


def test_two_hundred_messages_travel_over_one_connection(tmp_path: Path) -> None:
    with mailhost(tmp_path, security=Security.TLS, login=True) as host:
        with post(host, PASSWORD) as way:
            for number in range(200):
                assert way.send(SELLER, [ANNA], MESSAGE + b"%d\r\n" % number).verdict is Verdict.SENT
        assert [got.content.split(b"\r\n")[-2] for got in host.taken] == [b"%d" % number for number in range(200)]
        assert (host.connections, len(host.logins)) == (1, 1)


def test_a_real_message_is_read_back_without_defects(tmp_path: Path) -> None:
    with mailhost(tmp_path) as host:
        send(host)
        read = message_from_bytes(host.taken[0].content, policy=policy.strict)
        assert read["Subject"] == "Facture"


# Addresses


@pytest.mark.parametrize(
    "address",
    [
        "anna@x.example\r\nRCPT TO:<eve@x.example>",
        "anna@x.example\nDATA",
        "anna@x.example\0",
        "anna @x.example",
        "anna@x.example ",
        "anna@x.example> SIZE=1",
        "<anna@x.example>",
        "anna@x.example\u2028",
        "anna@x.example\x7f",
        "anna@@x.example",
        "anna@b@x.example",
        "anna@",
        "@x.example",
        "anna",
        "",
        ".anna@x.example",
        "a..b@x.example",
        "a" * 65 + "@x.example",
        "anna@x_.example",
        "a\u202eb@x.example",
        "Anna <anna@x.example>",
        "anna@x.example,bruno@x.example",
    ],
)
def test_an_address_that_could_be_a_command_never_reaches_the_wire(tmp_path: Path, address: str) -> None:
    with mailhost(tmp_path) as host, post(host) as way:
        for sender, recipients in ((SELLER, [ANNA, address]), (address, [ANNA])):
            answer = way.send(sender, recipients, MESSAGE)
            assert answer.verdict is Verdict.REFUSED
            assert answer.text.isprintable()
        assert host.connections == 0


def test_a_message_to_nobody_is_not_sent(tmp_path: Path) -> None:
    with mailhost(tmp_path) as host, post(host) as way:
        assert way.send(SELLER, [], MESSAGE).verdict is Verdict.REFUSED
        assert host.connections == 0


def test_domains_travel_in_the_letters_of_mail_servers(tmp_path: Path) -> None:
    with mailhost(tmp_path) as host:
        send(host, "anna@évènement.example")
        assert host.taken[0].recipients == ["anna@xn--vnement-2xah.example"]
        assert "SMTPUTF8" not in host.taken[0].options


def test_a_name_beyond_ascii_needs_a_server_that_says_so(tmp_path: Path) -> None:
    with mailhost(tmp_path / "can", smtputf8=True) as host:
        assert send(host, "zoé@évènement.example").verdict is Verdict.SENT
        (got,) = host.taken
        assert got.recipients == ["zoé@xn--vnement-2xah.example"]
        assert "SMTPUTF8" in got.options
    with mailhost(tmp_path / "cannot") as host:
        answer = send(host, ANNA, "zoé@x.example")
        assert (answer.verdict, host.attempts) == (Verdict.REFUSED, 0)
        assert "letters beyond ASCII" in answer.text
        assert not answer.address_gone


def test_headers_beyond_ascii_need_the_same_whoever_gets_them(tmp_path: Path) -> None:
    content = MESSAGE.replace(b"anna@", "zoé@".encode())
    with mailhost(tmp_path / "can", smtputf8=True) as host:
        assert send(host, "zoé@x.example", content=content, test_to=ANNA).verdict is Verdict.SENT
        assert {"SMTPUTF8", "BODY=8BITMIME"} < set(host.taken[0].options)
    with mailhost(tmp_path / "cannot") as host:
        assert send(host, content=content).verdict is Verdict.REFUSED


def test_in_a_trial_no_client_is_written_to(tmp_path: Path) -> None:
    with mailhost(tmp_path) as host:
        assert send(host, ANNA, BRUNO, test_to="moi@atelier-lumen.example").verdict is Verdict.SENT
        assert host.taken[0].recipients == ["moi@atelier-lumen.example"]


# What is refused, and for how long


@pytest.mark.parametrize(
    ("fault", "verdict", "gone", "pause"),
    [
        (Fault.GREY, Verdict.LATER, False, False),
        (Fault.FULL, Verdict.LATER, False, False),
        (Fault.BUSY, Verdict.LATER, False, False),
        (Fault.QUOTA, Verdict.LATER, False, True),
        (Fault.RATE, Verdict.LATER, False, True),
        (Fault.GONE, Verdict.REFUSED, True, False),
        (Fault.SPAM, Verdict.REFUSED, False, False),
    ],
)
def test_what_surely_was_not_taken(
    tmp_path: Path,
    fault: Fault,
    verdict: Verdict,
    gone: bool,  # noqa: FBT001
    pause: bool,  # noqa: FBT001
) -> None:
    with mailhost(tmp_path, Trouble(fault, attempt=1)) as host, post(host) as way:
        answer = way.send(SELLER, [ANNA], MESSAGE)
        assert (answer.verdict, answer.address_gone, answer.pause) == (verdict, gone, pause)
        assert host.taken == []
        assert way.send(SELLER, [BRUNO], MESSAGE).verdict is Verdict.SENT, "the next message goes"
        assert [got.recipients for got in host.taken] == [[BRUNO]]


@pytest.mark.parametrize(
    ("fault", "was_taken"),
    [(Fault.LOST, True), (Fault.STALL, True), (Fault.NONSENSE, True), (Fault.CUT_AFTER_DOT, False)],
)
def test_what_may_have_been_taken(tmp_path: Path, fault: Fault, was_taken: bool) -> None:  # noqa: FBT001
    with mailhost(tmp_path, Trouble(fault, attempt=1)) as host, post(host, timeout_seconds=0.2) as way:
        answer = way.send(SELLER, [ANNA], MESSAGE)
        assert answer.verdict is Verdict.UNCERTAIN
        assert answer.text.startswith("perhaps taken: ")
        assert len(host.taken) == was_taken
        assert way.send(SELLER, [BRUNO], MESSAGE).verdict is Verdict.SENT, "the next message goes"


def test_a_line_cut_in_the_middle_of_the_content(tmp_path: Path) -> None:
    cut = Trouble(Fault.CUT_BEFORE_DOT, attempt=1)
    large = (b"x" * 900 + b"\r\n") * 10_000  # more than the network holds, so that the cut is felt before the dot
    with mailhost(tmp_path / "large", cut, size=10_000_000) as host, post(host) as way:
        assert way.send(SELLER, [ANNA], large).verdict is Verdict.LATER
        assert way.send(SELLER, [ANNA], large).verdict is Verdict.SENT
        assert [got.content for got in host.taken] == [large]
    with mailhost(tmp_path / "small", cut) as host:
        assert send(host).verdict in {Verdict.LATER, Verdict.UNCERTAIN}, (
            "the dot may be on its way when the line is cut"
        )
        assert host.taken == []


def test_one_of_two_refused(tmp_path: Path) -> None:
    with mailhost(tmp_path, Trouble(Fault.GONE, address=BRUNO)) as host:
        answer = send(host, ANNA, BRUNO)
        assert answer.verdict is Verdict.SENT
        assert answer.refused == ((BRUNO, "550 5.1.1 No such user here"),)
        assert answer.gone == (BRUNO,)
        assert [got.recipients for got in host.taken] == [[ANNA]]


def test_while_one_of_two_cannot_take_it_nobody_gets_it(tmp_path: Path) -> None:
    with mailhost(tmp_path, Trouble(Fault.GREY, first=1)) as host, post(host) as way:
        first = way.send(SELLER, [ANNA, BRUNO], MESSAGE)
        assert first.verdict is Verdict.LATER
        assert [address for address, _ in first.refused] == [ANNA, BRUNO]
        assert way.send(SELLER, [ANNA, BRUNO], MESSAGE).verdict is Verdict.SENT
        assert len(host.taken) == 1


@pytest.mark.parametrize(
    ("word", "line", "verdict", "gone"),
    [
        ("RCPT", "550 no such user", Verdict.REFUSED, True),
        ("RCPT", "551 moved", Verdict.REFUSED, True),
        ("RCPT", "553 no", Verdict.REFUSED, True),
        ("RCPT", "554 no", Verdict.REFUSED, False),
        ("RCPT", "550 5.1.10 null MX", Verdict.REFUSED, True),
        ("RCPT", "550 5.2.1 mailbox disabled", Verdict.REFUSED, True),
        ("RCPT", "552 5.2.2 over quota", Verdict.REFUSED, False),
        ("RCPT", "550 5.7.1 blocked", Verdict.REFUSED, False),
        ("RCPT", "550 5.1.1 <relay@x.example> unknown", Verdict.REFUSED, True),
        ("RCPT", "550 <relay@x.example> unknown", Verdict.REFUSED, True),
        ("RCPT", "554 5.7.1 <a@x.example>: Relay access denied", Verdict.LATER, False),
        ("RCPT", "553 5.7.1 <a@x.example>: Sender address rejected: not owned by user", Verdict.LATER, False),
        ("RCPT", "550 5.1.8 bad outbound sender", Verdict.LATER, False),
        ("RCPT", "550 Sending rate limit reached", Verdict.LATER, False),
        ("RCPT", "421 bye", Verdict.LATER, False),
        ("RCPT", "450 4.7.1 slow down", Verdict.LATER, False),
        ("RCPT", "251 forwarded", Verdict.SENT, False),
        ("RCPT", "252 perhaps", Verdict.SENT, False),
        ("RCPT", "354 go on", Verdict.LATER, False),
        ("DATA", "451 not now", Verdict.LATER, False),
        ("DATA", "554 no", Verdict.REFUSED, False),
        ("DATA", "250 fine", Verdict.LATER, False),
        (".", "421 4.3.2 bye", Verdict.LATER, False),
        (".", "452 4.2.2 full", Verdict.LATER, False),
        (".", "552 5.3.4 too large", Verdict.REFUSED, False),
        (".", "251 fine", Verdict.SENT, False),
        (".", "354 go on", Verdict.UNCERTAIN, False),
        (".", "200", Verdict.SENT, False),
        (".", "2500 fine", Verdict.UNCERTAIN, False),
        (".", "999 fine", Verdict.UNCERTAIN, False),
        (".", "", Verdict.UNCERTAIN, False),
        (".", "250-a\r\n550 b", Verdict.UNCERTAIN, False),
        ("MAIL", "451 4.3.0 not now", Verdict.LATER, False),
        ("MAIL", "552 too large", Verdict.REFUSED, False),
        ("MAIL", "550 5.4.5 daily sending quota", Verdict.LATER, False),
        ("MAIL", "354 go on", Verdict.LATER, False),
    ],
)
def test_what_each_answer_means(word: str, line: str, verdict: Verdict, gone: bool) -> None:  # noqa: FBT001
    with scripted({word: f"{line}\r\n".encode()}) as script:
        answer = send(script)
        assert (answer.verdict, answer.address_gone) == (verdict, gone), answer.text
        dots = [heard for heard in script.heard if heard == b".\r\n"]
        assert bool(dots) == (word == "." or verdict is Verdict.SENT), "a message that is not taken is not ended"


def test_a_refusal_for_everybody_asks_for_a_pause() -> None:
    for word, line in (("MAIL", b"451 4.3.0 no\r\n"), ("RCPT", b"421 bye\r\n"), (".", b"450 too many messages\r\n")):
        with scripted({word: line}) as script:
            assert send(script).pause, word
    with scripted({"RCPT": b"451 4.7.1 greylisted\r\n"}) as script:
        assert not send(script).pause


def test_a_pause_holds_the_next_message(tmp_path: Path) -> None:
    slept: list[float] = []
    with (
        mailhost(tmp_path) as host,
        Post(host.settings(per_minute=60), "", clock=lambda: 100.0, sleep=slept.append) as way,
    ):
        way.send(SELLER, [ANNA], MESSAGE)
        way.send(SELLER, [ANNA], MESSAGE)
        assert slept == [1.0]
        way.pause(60)
        way.send(SELLER, [ANNA], MESSAGE)
        assert slept == [1.0, 60.0]


# When the line itself fails


def test_a_connection_that_the_server_drops_is_opened_again(tmp_path: Path) -> None:
    with mailhost(tmp_path, Trouble(Fault.LEAVE)) as host, post(host) as way:
        assert [way.send(SELLER, [ANNA], MESSAGE).verdict for _ in range(5)] == [Verdict.SENT] * 5
        assert (len(host.taken), host.connections) == (5, 5)


def test_a_server_that_leaves_between_two_messages_is_asked_again() -> None:
    with scripted({".": b"250 Queued\r\n421 idle for too long\r\n"}) as script, post(script) as way:
        assert [way.send(SELLER, [ANNA], MESSAGE).verdict for _ in range(2)] == [Verdict.SENT] * 2
        assert [line for line in script.heard if line.startswith(b"EHLO")] == [f"EHLO [{HERE}]\r\n".encode()] * 2


def test_a_slow_server_is_waited_for(tmp_path: Path) -> None:
    with mailhost(tmp_path, Trouble(Fault.SLOW)) as host:
        assert send(host, timeout_seconds=0.5).verdict is Verdict.SENT


def test_the_answer_to_a_whole_message_may_take_longer() -> None:
    drops = [b"2", b"5", b"0", b" ", b"o", b"k", b"\r\n"]
    with scripted({".": drops}) as script:
        assert send(script, timeout_seconds=PAUSE * 3).verdict is Verdict.SENT
    with scripted({"MAIL": drops}) as script:
        assert send(script, timeout_seconds=PAUSE * 3).verdict is Verdict.LATER


@pytest.mark.parametrize("word", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("line", [None, b"", b"\x00\xff\r\n", b"250-\r\n" * 200, b"2" * 9_000])
def test_whatever_breaks_before_the_dot_was_not_taken(word: str, line: bytes | None) -> None:
    with scripted({word: line}) as script:
        answer = send(script, timeout_seconds=0.15 if line is None else 2)
        assert answer.verdict is Verdict.LATER
        assert b".\r\n" not in script.heard


@pytest.mark.parametrize("line", [None, b"", b"\x00\xff\r\n", b"250-\r\n" * 200, b"2" * 9_000])
def test_whatever_breaks_after_the_dot_may_have_been_taken(line: bytes | None) -> None:
    with scripted({".": line}) as script:
        assert send(script, timeout_seconds=0.15 if line is None else 2).verdict is Verdict.UNCERTAIN


def test_an_answer_that_never_ends_is_not_listened_to_for_ever() -> None:
    with scripted({"MAIL": [b"250-still\r\n"] * 60}) as script:
        begun = time.monotonic()
        assert send(script, timeout_seconds=0.2).verdict is Verdict.LATER
        assert time.monotonic() - begun < 1


def test_an_answer_that_comes_before_its_question_is_not_taken_for_one() -> None:
    with scripted({"DATA": b"354 Go on\r\n250 Queued\r\n"}) as script:
        answer = send(script)
        assert answer.verdict is Verdict.LATER
        assert b".\r\n" not in script.heard
    with scripted({"RCPT": b"250 OK\r\n421 4.7.0 enough\r\n"}) as script:
        answer = send(script)
        assert (answer.verdict, answer.pause) == (Verdict.LATER, True)


# When the server cannot be used at all


def ends(way: Post, *words: str) -> OutsideError:
    """The run ends with words for the owner, in which the password does not stand; nor does it in the traceback."""
    with pytest.raises(OutsideError) as ended, way:
        way.send(SELLER, [ANNA], MESSAGE)
    told = "".join(traceback.format_exception(ended.value))
    for word in words:
        assert word in str(ended.value)
    assert PASSWORD not in told
    assert str(ended.value).isprintable()
    assert ended.value.__cause__ is None
    return ended.value


def test_a_server_that_is_not_there() -> None:
    with socket.create_server((HERE, 0)) as listener:
        port = listener.getsockname()[1]
    with scripted() as script:
        ends(post(script, port=port), "cannot be reached", f"{HERE}:{port}")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ({"": b"421 4.3.2 closed\r\n"}, "takes no messages now: 421 4.3.2 closed"),
        ({"": b"554 go away\r\n"}, "takes no messages now: 554 go away"),
        ({"": b"SSH-2.0-OpenSSH\r\n"}, "nonsense"),
        ({"": b""}, "closed the connection"),
        ({"": None}, "did not answer in time"),
        ({"EHLO": b"502 What?\r\n"}, "does not greet back"),
        ({"EHLO": b""}, "closed the connection"),
        ({"MAIL": b"550 5.7.1 not you\r\n"}, "no message from this sender"),
        ({"MAIL": b"530 5.7.0 log in\r\n"}, "wants a login"),
        ({"RCPT": b"530 5.7.0 log in\r\n"}, "wants a login"),
    ],
)
def test_a_server_that_cannot_be_used_ends_the_run(lines: dict[str, Any], words: str) -> None:
    with scripted(lines) as script:
        ends(post(script, timeout_seconds=0.2 if None in lines.values() else 2), words)
        assert b".\r\n" not in script.heard


def test_a_server_that_is_closed_is_asked_again_by_the_next_message(tmp_path: Path) -> None:
    with mailhost(tmp_path, Trouble(Fault.CLOSED, first=1)) as host, post(host) as way:
        with pytest.raises(OutsideError):
            way.send(SELLER, [ANNA], MESSAGE)
        assert way.send(SELLER, [ANNA], MESSAGE).verdict is Verdict.SENT


@pytest.mark.parametrize(
    ("fault", "security", "words"),
    [
        (Fault.NO_STARTTLS, Security.STARTTLS, "offers no encryption"),
        (Fault.BAD_CERTIFICATE, Security.STARTTLS, "certificate that cannot be trusted"),
        (Fault.BAD_CERTIFICATE, Security.TLS, "certificate that cannot be trusted"),
        (Fault.WRONG_HOST, Security.STARTTLS, "certificate that cannot be trusted"),
        (Fault.WRONG_HOST, Security.TLS, "certificate that cannot be trusted"),
    ],
)
def test_a_server_that_is_not_known_for_sure_is_told_nothing(
    tmp_path: Path, fault: Fault, security: Security, words: str
) -> None:
    with mailhost(tmp_path, Trouble(fault), security=security, login=True) as host:
        ends(post(host, PASSWORD), words, "no password")
        assert (host.logins, host.attempts) == ([], 0)


def test_encryption_where_there_is_none_and_none_where_there_is(tmp_path: Path) -> None:
    with mailhost(tmp_path / "a", login=True) as host:
        ends(Post(host.settings(security=Security.TLS, timeout_seconds=0.3), PASSWORD, context=trusting()))
        ends(Post(host.settings(security=Security.STARTTLS), PASSWORD, context=trusting()), "offers no encryption")
        assert host.logins == []
    with mailhost(tmp_path / "b", security=Security.TLS, login=True) as host:
        ends(Post(host.settings(security=Security.STARTTLS, timeout_seconds=0.3), PASSWORD, context=trusting()))
        assert host.logins == []


def test_without_encryption_only_this_machine_is_spoken_to() -> None:
    with scripted() as script, pytest.raises(ValueError, match="on this machine"):
        Post(script.settings(host="mail.example"), "").open()


def test_what_is_said_before_encryption_is_not_believed() -> None:
    lines = {
        "EHLO": b"250-mail.example\r\n250 STARTTLS\r\n",
        "STAR": b"220 Go\r\n250-mail.example\r\n250 AUTH PLAIN\r\n",
    }
    with scripted(lines) as script:
        ends(post(script, PASSWORD, security=Security.STARTTLS, user=USER), "spoke before it was asked")
        assert [line[:4] for line in script.heard] == [b"EHLO", b"STAR"]


def test_a_server_that_takes_back_its_encryption_is_left() -> None:
    lines = {"EHLO": b"250-mail.example\r\n250 STARTTLS\r\n", "STAR": b"454 not now\r\n"}
    with scripted(lines) as script:
        ends(post(script, PASSWORD, security=Security.STARTTLS, user=USER), "does not begin to encrypt", "no password")


def test_a_wrong_password_is_tried_once_and_shown_nowhere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    trouble = Trouble(Fault.WRONG_PASSWORD)
    with mailhost(tmp_path, trouble, security=Security.STARTTLS, login=True) as host, post(host, PASSWORD) as way:
        for _ in range(3):
            with pytest.raises(OutsideError, match="does not accept the password") as ended:
                way.send(SELLER, [ANNA], MESSAGE)
            assert PASSWORD not in "".join(traceback.format_exception(ended.value))
            assert "your password … is wrong" in str(ended.value)
        assert host.logins == [(USER, PASSWORD)]
        assert host.connections == 1
        assert PASSWORD not in repr(way)
    assert PASSWORD not in caplog.text


def test_a_login_that_fails_for_now_may_be_tried_again() -> None:
    with scripted({"AUTH": b"454 4.7.0 not now\r\n"}) as script, post(script, PASSWORD, user=USER) as way:
        for _ in range(2):
            with pytest.raises(OutsideError, match="lets nobody in at the moment"):
                way.open()
        assert len([line for line in script.heard if line.startswith(b"AUTH")]) == 2


def test_the_password_as_it_travels_is_struck_out_too() -> None:
    encoded = "AFXDqQBQ"
    with scripted({"AUTH": f"535 {encoded} is wrong\r\n".encode()}) as script:
        error = ends(post(script, "P", user="Ué"), "535")
        assert encoded not in str(error)


def test_a_login_without_a_password_asks_for_it() -> None:
    with scripted() as script, pytest.raises(UsageError, match="SMTP_PASSWORD"):
        post(script, user=USER).open()


@pytest.mark.parametrize(
    ("offer", "words"),
    [
        (b"250 AUTH XOAUTH2 CRAM-MD5\r\n", "it offers: XOAUTH2, CRAM-MD5"),
        (b"250 SIZE\r\n", "it offers: none"),
    ],
)
def test_a_login_needs_a_way_that_we_know(offer: bytes, words: str) -> None:
    with scripted({"EHLO": b"250-mail.example\r\n" + offer}) as script:
        ends(post(script, PASSWORD, user=USER), "no way to log in", words)


def test_a_login_in_two_steps() -> None:
    lines = {"EHLO": b"250-mail.example\r\n250-AUTH=LOGIN\r\n250 SIZE\r\n", "AUTH": b"334 VXNlcg==\r\n"}
    lines |= {"VQ==": b"334 UGFzcw==\r\n", "UA==": b"235 in\r\n"}  # U and P
    with scripted(lines) as script:
        with post(script, "P", user="U") as way:
            way.open()
        assert script.heard[1:4] == [b"AUTH LOGIN\r\n", b"VQ==\r\n", b"UA==\r\n"]


# What others hear of it


def test_the_words_of_a_server_cannot_hurt() -> None:
    words = b"554 5.7.1 \x1b[2J\x07red\xff\t\xe2\x80\xae " + b"a" * 3_000
    with scripted({".": words + b"\r\n"}) as script:
        text = send(script).text
        assert text.startswith("554 5.7.1 [2J red\ufffd aaa")
        assert text.isprintable()
        assert len(text) <= 240


def test_an_answer_in_several_lines_is_told_in_one() -> None:
    answer = b"550-5.1.1 The address does not exist.\r\n550-5.1.1 Look for typos\r\n550 5.1.1 x9\r\n"
    with scripted({"RCPT": answer}) as script:
        assert send(script).text == "550 5.1.1 The address does not exist. Look for typos x9"


def test_every_step_is_told_before_it_is_taken(tmp_path: Path) -> None:
    steps: list[str] = []
    with mailhost(tmp_path) as host, Post(host.settings(), "", on_step=steps.append) as way:
        way.send(SELLER, [ANNA, BRUNO], MESSAGE)
        way.send(SELLER, [ANNA], MESSAGE)
    first = ["connect", "mail", "rcpt", "rcpt", "data", "dot", "answer"]
    assert steps == [*first, "mail", "rcpt", "data", "dot", "answer", "quit"]


@pytest.mark.parametrize(("step", "kept"), [("mail", 0), ("rcpt", 0), ("data", 0), ("dot", 0), ("answer", 1)])
def test_until_the_dot_is_out_nothing_is_taken(tmp_path: Path, step: str, kept: int) -> None:
    class PowerCutError(Exception):
        pass

    def cut(at: str) -> None:
        if at == step:
            raise PowerCutError

    with mailhost(tmp_path) as host:
        with pytest.raises(PowerCutError), Post(host.settings(), "", on_step=cut) as way:
            way.send(SELLER, [ANNA], MESSAGE)
        end = time.monotonic() + 0.05
        while len(host.taken) == kept and time.monotonic() < end:
            time.sleep(0.005)
        assert len(host.taken) <= kept


def test_leaving_takes_no_time_when_nobody_listens() -> None:
    with scripted({"QUIT": None}) as script:
        begun = time.monotonic()
        assert send(script, timeout_seconds=0.1).verdict is Verdict.SENT
        assert time.monotonic() - begun < 1


def test_opening_says_early_what_is_wrong(tmp_path: Path) -> None:
    with mailhost(tmp_path, login=True) as host:
        with post(host, PASSWORD) as way:
            way.open()
            way.open()
            way.send(SELLER, [ANNA], MESSAGE)
        assert (host.connections, len(host.taken)) == (1, 1)


def test_a_server_in_a_process_of_its_own(tmp_path: Path) -> None:
    with apart(tmp_path, "--fault", "grey", "--first", "1", "--login") as port, scripted() as script:
        with post(script, PASSWORD, port=port, user=USER, timeout_seconds=5) as way:
            verdicts = [way.send(SELLER, [ANNA], MESSAGE).verdict for _ in range(2)]
        assert verdicts == [Verdict.LATER, Verdict.SENT]
    assert [got.recipients for got in taken(tmp_path)] == [[ANNA]]
