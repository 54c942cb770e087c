"""A message as it goes to the mail server: to whom, in which thread, in which letters, and no longer a draft."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import datetime
from email.errors import NonASCIILocalPartDefect
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.mime import Envelope, Mailbox, UnsendableError, message, needs_smtputf8, server_address, token, wire
from tests.messages.test_mime import HEADERS, envelope

if TYPE_CHECKING:
    from email.message import EmailMessage

PARIS = ZoneInfo("Europe/Paris")
LEAVES = datetime(2026, 11, 22, 10, 4, 5, tzinfo=PARIS)
ROOT = f"<{token('b')}@atelier-lumen.example>"
ON_THE_WIRE = [name for name in HEADERS if name != "X-Unsent"]


def read(raw: bytes, headers: list[str]) -> EmailMessage:
    """A message with exactly these headers, as a strict reader of SMTP sees it, with UTF-8 in addresses or without."""
    assert b"\n" not in raw.replace(b"\r\n", b"")
    policy = email.policy.strict + (email.policy.SMTP if raw.isascii() else email.policy.SMTPUTF8)
    found = email.message_from_string(raw.decode(), policy=policy + email.policy.strict)
    assert found.keys() == headers
    for part in found.walk():
        assert not part.defects
        defects = [defect for value in part.values() for defect in getattr(value, "defects", ())]
        assert not [defect for defect in defects if raw.isascii() or not isinstance(defect, NonASCIILocalPartDefect)]
    return found


def after(name: str, *more: str) -> list[str]:
    """The headers of every message, with more of them after one."""
    at = HEADERS.index(name) + 1
    return [*HEADERS[:at], *more, *HEADERS[at:]]


def many(*addresses: str) -> tuple[Mailbox, ...]:
    return tuple(Mailbox("Jeanne", address) for address in addresses)


# To the mail server


def test_what_leaves_is_the_file_of_the_outbox_but_for_its_date_and_the_mark_of_a_draft() -> None:
    eml = message(envelope(), "Bonjour\n\nX-Unsent: 1\nDate: demain\n", "<p>Bonjour</p>")
    sent = wire(eml, date=LEAVES)

    read(sent, ON_THE_WIRE)
    before, after_ = eml.split(b"\r\n"), sent.split(b"\r\n")
    changed = [line for line in before if line not in after_] + [line for line in after_ if line not in before]
    assert changed == [
        b"Date: Sun, 22 Nov 2026 09:00:00 +0100",
        b"Date: Sun, 22 Nov 2026 10:04:05 +0100",
    ]
    assert len(after_) == len(before) - 1  # the other X-Unsent is in the text, and stays there
    assert b"X-Unsent: 1\r\nDate: demain" in sent.split(b"\r\n\r\n", 1)[1]


@given(st.text(max_size=80), st.text(max_size=200))
def test_nothing_else_changes_whatever_is_written(name: str, text: str) -> None:
    try:
        eml = message(envelope(name=name), text.encode("utf-8", "ignore").decode(), "<p>x</p>")
    except UnsendableError:
        return
    kept = [line for line in eml.split(b"\r\n\r\n", 1)[0].split(b"\r\n") if line != b"X-Unsent: 1"]
    assert wire(eml) == b"\r\n".join(kept) + b"\r\n\r\n" + eml.split(b"\r\n\r\n", 1)[1]
    assert wire(wire(eml)) == wire(eml)


def test_its_date_is_a_moment_with_a_zone() -> None:
    found = read(wire(message(envelope(), "x", "x"), date=LEAVES), ON_THE_WIRE)
    assert parsedate_to_datetime(str(found["Date"])) == LEAVES


def test_a_folded_header_goes_with_its_name() -> None:
    eml = message(envelope(), "x", "x").replace(b"X-Unsent: 1\r\n", b"X-Unsent:\r\n 1\r\nX-Unsent-By: me\r\n")
    assert wire(eml).count(b"nsent") == 1
    assert b"\r\nX-Unsent-By: me\r\n" in wire(eml)


@pytest.mark.parametrize(
    "eml", [b"", b"<!doctype html>", b"Date: today", b"Subject: x\r\n\r\nDate: x\r\n", b"Date: a\r\nDATE: b\r\n\r\nx"]
)
def test_what_is_no_prepared_message_is_refused(eml: bytes) -> None:
    with pytest.raises(ValueError, match="prepared message"):
        wire(eml, date=LEAVES)


# To whom


def test_a_copy_goes_to_a_second_contact() -> None:
    copied = replace(envelope(), cc=(Mailbox("Direction, Verdier & Fils", "direction@verdier.example"),))
    found = read(message(copied, "x", "x"), after("To", "Cc"))

    assert found["Cc"].addresses[0].display_name == "Direction, Verdier & Fils"
    assert copied.recipients == ("jeanne@verdier.example", "direction@verdier.example")


def test_nobody_gets_a_message_twice() -> None:
    twice = replace(
        envelope(), to=many("a@x.example", "A@X.example", "b@x.example"), cc=many("B@x.example", "a@x.example")
    )
    found = read(message(twice, "x", "x"), HEADERS)

    assert [one.addr_spec for one in found["To"].addresses] == ["a@x.example", "b@x.example"]
    assert twice.recipients == ("a@x.example", "b@x.example")


def test_a_message_to_nobody_is_refused() -> None:
    with pytest.raises(UnsendableError, match="no address"):
        message(replace(envelope(), to=(), cc=many("a@x.example")), "x", "x")


def test_a_person_can_answer_and_a_machine_is_told_not_to() -> None:
    found = read(message(envelope(), "x", "x"), HEADERS)
    assert found["Reply-To"] == "Claire Lumen <compta@atelier-lumen.example>"
    assert found["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("name", ["Verdier, Jeanne", 'Le "Petit" Verdier', "a; b", "🌻 Verdier", "éa" * 70])
def test_names_in_every_place_come_back_as_they_were(name: str) -> None:
    one = Mailbox(name, "a@x.example")
    whole = replace(envelope(), sender=one, to=(one,), cc=(replace(one, address="b@x.example"),), reply_to=one)
    found = read(message(whole, "x", "x"), after("To", "Cc"))

    for header in ("From", "To", "Cc", "Reply-To"):
        shown = found[header].addresses[0].display_name
        assert shown.replace(" ", "") == name.replace(" ", "")  # Python 3.11 puts spaces between encoded words


@pytest.mark.parametrize(
    "hostile",
    ["a\r\nBcc: x@evil.example", "a\x00b", "a\u2028b", "=?utf-8?q?x=0D=0ABcc=3A_x=40evil.example?=", "a\x85b"],
)
def test_a_hostile_name_is_refused_in_every_place(hostile: str) -> None:
    one = Mailbox(hostile, "a@x.example")
    good = envelope()
    for wrong in (
        replace(good, sender=one),
        replace(good, to=(one,)),
        replace(good, cc=(one,)),
        replace(good, reply_to=one),
    ):
        with pytest.raises(UnsendableError):
            message(wrong, "x", "x")


# The thread of a debt


def test_the_first_message_of_a_debt_answers_none() -> None:
    found = read(message(envelope(), "x", "x"), HEADERS)
    assert found["References"] == ROOT
    assert envelope().whole_id == found["Message-ID"].strip("<>")


def test_a_later_message_answers_the_last_and_names_those_before() -> None:
    later = replace(envelope(), in_reply_to="third@atelier-lumen.example", references=("first", "second@old.example"))
    found = read(message(later, "x", "x"), after("Message-ID", "In-Reply-To"))

    assert found["In-Reply-To"] == "<third@atelier-lumen.example>"
    assert found["References"].split() == [
        ROOT,
        "<first@atelier-lumen.example>",
        "<second@old.example>",
        "<third@atelier-lumen.example>",
    ]


def test_a_long_thread_keeps_its_root_and_its_last_ten() -> None:
    known = tuple(f"{number}@x.example" for number in range(30))
    found = read(
        message(replace(envelope(), in_reply_to=known[-1], references=known), "x", "x"),
        after("Message-ID", "In-Reply-To"),
    )
    assert found["References"].split() == [ROOT, *(f"<{one}>" for one in known[-10:])]


def test_the_message_that_is_answered_stands_last_and_once() -> None:
    known = ("<a@x.example>", "b@x.example", "b@x.example", token("b"))
    found = read(
        message(replace(envelope(), in_reply_to="a@x.example", references=known), "x", "x"),
        after("Message-ID", "In-Reply-To"),
    )
    assert found["References"].split() == [ROOT, "<b@x.example>", "<a@x.example>"]


def test_an_answer_to_the_root_itself_is_possible() -> None:
    found = read(message(replace(envelope(), in_reply_to=token("b")), "x", "x"), after("Message-ID", "In-Reply-To"))
    assert (found["In-Reply-To"], found["References"]) == (ROOT, ROOT)


@pytest.mark.parametrize(
    "ident",
    ["a b@x.example", "a@x.example>\r\nBcc: e@evil.example", "a\x00@x", "é@x.example", "a@x@y", "=?x?=@x", "a" * 251],
)
def test_what_is_no_message_id_is_refused(ident: str) -> None:
    for wrong in (replace(envelope(), in_reply_to=ident), replace(envelope(), references=(ident,))):
        with pytest.raises(UnsendableError, match="Message-ID"):
            message(wrong, "x", "x")


# Addresses of all countries


@pytest.mark.parametrize(
    ("written", "on_the_wire"),
    [
        ("Jürgen@müller.example", "Jürgen@xn--mller-kva.example"),
        ("Ju\u0308rgen@x.example", "Jürgen@x.example"),
        ("用户@例子.example", "用户@xn--fsqu00a.example"),
        ("élise.d'août+compta@x.example", "élise.d'août+compta@x.example"),
        ("संपर्क@x.example", "संपर्क@x.example"),
    ],
)
def test_letters_of_other_alphabets_before_the_at_need_a_server_that_takes_them(written: str, on_the_wire: str) -> None:
    one = envelope(address=written)
    found = read(message(one, "x", "x"), HEADERS)

    assert needs_smtputf8(one)
    assert found["To"].addresses[0].addr_spec == on_the_wire
    assert one.recipients == (on_the_wire,)
    assert server_address(written) == on_the_wire


def test_all_but_the_address_is_ascii_even_then() -> None:
    raw = message(envelope(name="Jürgen Müller", subject="Échéance", address="jürgen@x.example"), "é", "é")
    assert raw.replace("jürgen@x.example".encode(), b"").isascii()
    assert wire(raw, date=LEAVES).count("<jürgen@x.example>".encode()) == 1


def test_other_addresses_need_nothing_of_the_kind() -> None:
    for one in (envelope(address="a@müller.example"), envelope(name="Élise", subject="Échéance")):
        assert not needs_smtputf8(one)
        assert message(one, "é", "é").isascii()


@pytest.mark.parametrize("field", ["sender", "reply_to", "cc"])
def test_every_address_of_the_headers_counts(field: str) -> None:
    box = Mailbox("", "jürgen@x.example")
    values: dict[str, object] = {field: (box,) if field == "cc" else box}
    one: Envelope = replace(envelope(), **values)  # type: ignore[arg-type] # the field's name is only known here

    assert needs_smtputf8(one)
    read(message(one, "x", "x"), after("To", "Cc") if field == "cc" else HEADERS)
    assert one.whole_id.isascii()
