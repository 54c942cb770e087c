"""An email's bytes, read back by the standard library at its strictest."""

from __future__ import annotations

import email
import email.policy
import re
from datetime import datetime
from email.header import decode_header, make_header
from email.utils import parseaddr
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.mime import Envelope, Mailbox, UnsendableError, addresses, message, token

if TYPE_CHECKING:
    from email.message import EmailMessage

HEADERS = [
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "References",
    "Content-Language",
    "Auto-Submitted",
    "X-Unsent",
    "MIME-Version",
    "Content-Type",
]


def envelope(
    name: str = "Jeanne Verdier", subject: str = "Facture F-1", address: str = "jeanne@verdier.example"
) -> Envelope:
    """An ordinary envelope, but for what is given."""
    return Envelope(
        sender=Mailbox("Atelier Lumen", "compta@atelier-lumen.example"),
        to=tuple(Mailbox(name, one) for one in addresses(address)),
        reply_to=Mailbox("Claire Lumen", "compta@atelier-lumen.example"),
        subject=subject,
        date=datetime(2026, 11, 22, 9, 0, tzinfo=ZoneInfo("Europe/Paris")),
        message_id=token("a"),
        thread=token("b"),
        language="fr",
    )


def read(raw: bytes) -> EmailMessage:
    """The message as a strict reader sees it; every defect is an error."""
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert all(len(line) <= 78 for line in raw.split(b"\r\n"))
    found = email.message_from_bytes(raw, policy=email.policy.strict)
    assert found.keys() == HEADERS
    for part in found.walk():
        assert not part.defects
        assert not [defect for value in part.values() for defect in getattr(value, "defects", ())]
    return found


def test_the_message_has_exactly_the_headers_that_were_written() -> None:
    found = read(message(envelope(), "Bonjour\n", "<p>Bonjour</p>"))

    assert found["From"] == "Atelier Lumen <compta@atelier-lumen.example>"
    assert found["To"] == "Jeanne Verdier <jeanne@verdier.example>"
    assert found["Date"] == "Sun, 22 Nov 2026 09:00:00 +0100"
    assert found["X-Unsent"] == "1"
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]


def test_ids_are_of_the_sellers_domain_and_tell_nothing() -> None:
    found = read(message(envelope(), "x", "x"))

    assert re.fullmatch(r"<[0-9a-f]{32}@atelier-lumen\.example>", found["Message-ID"])
    assert found["References"] != found["Message-ID"]
    assert "verdier" not in found["Message-ID"] + found["References"]


@given(st.text(max_size=300), st.text(max_size=300))
def test_both_parts_come_back_as_they_were(text: str, html: str) -> None:
    words = [part.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n" for part in _encodable(text, html)]
    raw = message(envelope(), *_encodable(text, html))
    found = email.message_from_bytes(raw, policy=email.policy.default)

    assert [part.get_content().replace("\r\n", "\n") for part in found.iter_parts()] == words
    body = raw.split(b"\r\n\r\n", 1)[1]
    assert max(len(line) for line in body.split(b"\r\n")) <= 76


def _encodable(*texts: str) -> list[str]:
    return [text.encode("utf-8", "ignore").decode() for text in texts]


@pytest.mark.parametrize(
    "name",
    [
        'Le "Petit" Atelier',
        "Verdier, Jeanne; SARL",
        "Élodie 🌻 D’Août",
        "Müller & Söhne <GmbH>",
        "a\\b",
        "x" * 120,
        "é" * 120,
        "O'Neil (SA)",
    ],
)
def test_names_come_back_as_they_were(name: str) -> None:
    raw = message(envelope(name=name), "x", "x")
    read(raw)
    field = email.message_from_bytes(raw)["To"]  # the newer parser of Python 3.11 puts spaces between encoded words
    shown, address = parseaddr(" ".join(field.split()))

    assert str(make_header(decode_header(shown))) == name
    assert address == "jeanne@verdier.example"


@given(st.text(alphabet=st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=150))
def test_a_subject_comes_back_as_it_was_or_is_refused(subject: str) -> None:
    try:
        raw = message(envelope(subject=subject), "x", "x")
    except UnsendableError:
        assert "=?" in subject or "?=" in subject
    else:
        assert email.message_from_bytes(raw, policy=email.policy.default)["Subject"] == subject


@pytest.mark.parametrize(
    "hostile",
    [
        "a\r\nBcc: x@evil.example",
        "a\nb",
        "a\x00b",
        "a\u2028b",
        "=?utf-8?q?x=0D=0ABcc=3A_x=40evil.example?=",
        "\u202egnp.exe",
        "\ud800",
    ],
)
def test_what_breaks_out_of_a_header_is_refused(hostile: str) -> None:
    for wrong in (envelope(name=hostile), envelope(subject=hostile)):
        with pytest.raises(UnsendableError):
            message(wrong, "x", "x")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "@x.example",
        "a b@",
        "x@-.example",
        "team:a@x.example",
        "team: a@x.example, b@x.example;",
        "a@x..example",
        "a@x.example.",
        '"a b"@x.example',
        "<a@x.example>",
        "a@[127.0.0.1]",
        "a.@x.example",
        ".a@x.example",
        "a@x.example\r\nBcc: b@evil.example",
        "a\x00@x.example",
        "a\u2028b@x.example",
        "é\u2028b@x.example",
        "é\u200bb@x.example",  # seen by nobody
        "é b@x.example",
        "é\u00a0b@x.example",
        "é<b@x.example",
        "é..b@x.example",
        "é＠x@x.example",  # the wide form of the @
        "\u202eé@x.example",
        "=?utf-8?q?x=0D=0ABcc=3A_x?=@x.example",
        "=?é@x.example",
        "a" * 65 + "@x.example",
        "é" * 33 + "@x.example",
        "a@" + "b" * 64 + ".example",
        "a" * 64 + "@" + ".".join(["b" * 60] * 4),
    ],
)
def test_an_address_that_no_server_takes_is_refused(address: str) -> None:
    with pytest.raises(UnsendableError):
        _ = Mailbox("", address).header


def test_an_international_domain_is_written_in_ascii() -> None:
    found = read(message(envelope(address="a@müller.example"), "x", "x"))
    assert found["To"].addresses[0].addr_spec == "a@xn--mller-kva.example"


def test_several_addresses_go_each_once() -> None:
    assert addresses(" a@x.example; B@x.example,b@X.example ;; ") == ("a@x.example", "B@x.example")
    found = read(message(envelope(address="a@x.example; b@x.example"), "x", "x"))
    assert [one.addr_spec for one in found["To"].addresses] == ["a@x.example", "b@x.example"]


def test_a_name_that_looks_like_an_address_is_left_out() -> None:
    found = read(message(envelope(name='"Evil" <x@y>'), "x", "x"))

    assert found["To"].addresses[0].display_name == ""
