"""The bytes of an email say who answers what; whatever a stranger writes, reading it comes to an end."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from email.message import EmailMessage
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.delivery.mailbox import UNDATED, parse_reply
from generator.delivery.own_words import LONGEST
from generator.domain.replies import Failure, Reply, ReplyKind
from tests.support.imaphost import crlf

if TYPE_CHECKING:
    from collections.abc import Callable

OWN = "compta@atelier-lumen.example"
HEAD = """
From: Anne Roy <anne@verdier.example>
To: compta@atelier-lumen.example
Date: Fri, 20 Nov 2026 10:00:00 +0100
Message-ID: <r1@verdier.example>
"""


def read(raw: bytes | str, **more: object) -> Reply:
    reply = parse_reply(crlf(raw) if isinstance(raw, str) else raw, OWN, **more)  # type: ignore[arg-type]
    assert reply is not None
    return reply


def said(text: str) -> str:
    return read(f"{HEAD}Content-Type: text/plain; charset=utf-8\n\n{text}").text


def shown(html: str) -> str:
    return read(f"{HEAD}Content-Type: text/html; charset=utf-8\n\n{html}").text


# Headings


def test_an_answer() -> None:
    reply = read(
        HEAD
        + """Subject: =?utf-8?q?Re=3A_Facture_F-2026-118_=C3=A9chue?=
In-Reply-To: <a2@atelier-lumen.example>
References: <root@atelier-lumen.example> <a1@atelier-lumen.example>
 <a2@atelier-lumen.example>

Je paie vendredi.
"""
    )
    assert reply == Reply(
        id="r1@verdier.example",
        kind=ReplyKind.ANSWER,
        sender="anne@verdier.example",
        subject="Re: Facture F-2026-118 échue",
        received_on=date(2026, 11, 20),
        answers=("a2@atelier-lumen.example", "a1@atelier-lumen.example", "root@atelier-lumen.example"),
        text="Je paie vendredi.",
    )


@pytest.mark.parametrize("sender", [OWN, "Compta@Atelier-Lumen.EXAMPLE", f"Nora <{OWN}>"])
def test_what_we_wrote_ourselves_is_nothing(sender: str) -> None:
    assert parse_reply(crlf(HEAD.replace("Anne Roy <anne@verdier.example>", sender)), OWN) is None


@pytest.mark.parametrize("raw", [b"", b"\r\n\r\n", b"\x00\xff", b"Subject: x\r\n\r\nBonjour", b"%PDF-1.7\n\x80"])
def test_what_is_from_nobody_is_nothing(raw: bytes) -> None:
    assert parse_reply(raw, OWN) is None


@pytest.mark.parametrize(
    ("sender", "address"),
    [
        ('"compta@atelier-lumen.example" <evil@elsewhere.example>', "evil@elsewhere.example"),
        ("Zoé <zoe@Société.example>", "zoe@xn--socit-esab.example"),
        ("=?utf-8?q?anne=40verdier=2Eexample?= <x@y.example>", "x@y.example"),
        ('"a, b; c" <x@y.example>', "x@y.example"),
        ("odd..address@y.example", "odd..address@y.example"),
    ],
)
def test_the_sender_is_the_address(sender: str, address: str) -> None:
    assert read(HEAD.replace("Anne Roy <anne@verdier.example>", sender)).sender == address


def test_an_answer_without_a_sender_is_one_if_it_answers() -> None:
    raw = "\nMessage-ID: <r@x.example>\nIn-Reply-To: <a1@atelier-lumen.example>\n\nBonjour\n"
    assert read(raw).sender == ""


def test_a_message_without_a_name_is_known_by_what_it_is() -> None:
    nameless = HEAD.replace("Message-ID: <r1@verdier.example>\n", "")
    assert read(nameless).id == read(nameless + "X-Spam: no\n\nBonjour").id
    assert read(nameless).id != read(nameless.replace("10:00", "10:01")).id
    for strange in ("x" * 300, "\x1b[2J", "a b"):
        assert read(nameless + f"Message-ID: <{strange}@x.example>\n").id == read(nameless).id, strange


@pytest.mark.parametrize(
    ("zone", "day"), [("Europe/Paris", date(2026, 11, 21)), ("America/Los_Angeles", date(2026, 11, 20))]
)
def test_the_day_is_the_sellers(zone: str, day: date) -> None:
    assert read(HEAD, received=datetime(2026, 11, 20, 23, 30, tzinfo=UTC), zone=ZoneInfo(zone)).received_on == day


def test_a_machine_knows_better_than_the_sender_when_it_came() -> None:
    received = "Received: from x by mx.example; Sat, 21 Nov 2026 08:00:00 +0000\n"
    assert read(HEAD.replace("20 Nov 2026", "20 Nov 1999")).received_on == date(1999, 11, 20)
    assert read(received + HEAD.lstrip()).received_on == date(2026, 11, 21)
    assert read(received.replace("21 Nov 2026", "yesterday") + HEAD.lstrip()).received_on == date(2026, 11, 20)


@pytest.mark.parametrize("text", ["", "soon", "Fri, 99 Nov 2026 10:00:00 +0100", "Fri, 31 Dec 9999 23:59:59 -2359"])
def test_a_message_without_a_day_says_so(text: str) -> None:
    raw = HEAD.replace("Fri, 20 Nov 2026 10:00:00 +0100", text)
    assert read(raw, zone=ZoneInfo("Pacific/Kiritimati")).received_on == UNDATED


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        ("=?utf-8?b?w6ljaMOpYW5jZQ==?= du =?iso-8859-1?q?5_ao=FBt?=", "échéance du 5 août"),
        ("échéance en clair", "échéance en clair"),
        ("=?utf-8?b?abcde?=", "=?utf-8?b?abcde?="),
        ("=?klingon?q?Q=61pla=27?=", "Qapla'"),
        ("a\n  b", "a b"),
        ("=?utf-8?q?a=0D=0ABcc=3A_x=40y?=", "a Bcc: x@y"),
        ("\u202eelpmaxe", "elpmaxe"),
        ("", ""),
    ],
)
def test_the_subject_is_one_line(header: str, subject: str) -> None:
    assert read(f"{HEAD}Subject: {header}\n\nBonjour").subject == subject


# Who wrote it


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Auto-Submitted: auto-replied", ReplyKind.AUTOMATIC),
        ("Auto-Submitted: auto-generated; owner-token=x", ReplyKind.AUTOMATIC),
        ("Auto-Submitted: no", ReplyKind.ANSWER),
        ("Precedence: bulk", ReplyKind.AUTOMATIC),
        ("Precedence: auto_reply", ReplyKind.AUTOMATIC),
        ("Precedence: list", ReplyKind.ANSWER),  # our own mailbox may be a list
        ("List-Id: <compta.atelier-lumen.example>", ReplyKind.ANSWER),
        ("X-Autoreply: yes", ReplyKind.AUTOMATIC),
        ("Return-Path: <>", ReplyKind.AUTOMATIC),
        ("Return-Path: <anne@verdier.example>", ReplyKind.ANSWER),
        ("Subject: Réponse automatique : Facture", ReplyKind.AUTOMATIC),
        ("Subject: Automatic reply: Facture", ReplyKind.AUTOMATIC),
        ("Subject: Re: Réponse automatique : Facture", ReplyKind.ANSWER),
        ("Subject: Re: Facture", ReplyKind.ANSWER),
        ('Content-Type: multipart/report; report-type=disposition-notification; boundary="b"', ReplyKind.AUTOMATIC),
    ],
)
def test_a_machine_or_a_person(line: str, kind: ReplyKind) -> None:
    assert read(f"{HEAD}{line}\n\nBonjour").kind is kind


def test_a_system_that_reports_in_words_only_is_a_machine() -> None:
    raw = HEAD.replace("Anne Roy <anne@verdier.example>", "Mail Delivery <MAILER-DAEMON@mx.example>")
    assert read(f"{raw}\nYour message could not be delivered.").kind is ReplyKind.AUTOMATIC


# What the author wrote


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Bonjour,\n\nJe paie.\n", "Bonjour,\n\nJe paie."),
        ("Je paie.\n\n> Bonjour,\n>> la facture\n", "Je paie."),
        ("Je paie.\n\nLe 5 nov. 2026 à 10:00, Nora a écrit :\n> Bonjour\n", "Je paie."),
        ("Je paie.\n\nLe jeu. 5 nov. 2026 à 10:00, Atelier Lumen\n<c@l.example> a écrit :\n\n> Bonjour\n", "Je paie."),
        ("I pay.\n\nOn Thu, 5 Nov 2026 at 10:00, Nora <c@l.example> wrote:\nHello,\nthe invoice", "I pay."),
        ("Le 5, Nora a écrit :\n> Quand ?\nVendredi.\n> Comment ?\nPar virement.", "Vendredi.\nPar virement."),
        ("Je paie.\n\n-----Message d'origine-----\nDe : Nora\nBonjour", "Je paie."),
        ("Je paie.\n\nDe : Nora <c@l.example>\nEnvoyé : jeudi\nÀ : Anne\nObjet : Facture\n\nBonjour", "Je paie."),
        ("I pay.\n\n________________________________\nFrom: Nora <c@l.example>\nSent: Thursday\n\nHello", "I pay."),
        ("De : Paris\nà Lyon en train", "De : Paris\nà Lyon en train"),
        ("Le contrat dit :\npaiement à 60 jours", "Le contrat dit :\npaiement à 60 jours"),
        ("> Bonjour,\n> la facture F-1\n", "> Bonjour,\n> la facture F-1"),  # nothing of their own: all of it
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("\u202etxet\u200b \x1b[31mrouge\x00", "txet [31mrouge"),
        ("", ""),
    ],
)
def test_what_is_quoted_is_left_out(text: str, own: str) -> None:
    assert said(text) == own


@pytest.mark.parametrize(
    ("html", "own"),
    [
        ("<p>Je paie&nbsp;demain.</p><p>Anne</p>", "Je paie demain.\n\nAnne"),
        ("<html><head><style>p{}</style><title>x</title></head><body>Je paie<br>Anne</body>", "Je paie\nAnne"),
        ("Je paie<script>alert('Bonjour')</script>", "Je paie"),
        ("<div>Je paie</div><blockquote>Bonjour <blockquote>non</blockquote> vous</blockquote>fin", "Je paie\nfin"),
        ('Je paie<div class="gmail_quote">Le 5, Nora a écrit :<div>Bonjour</div></div>', "Je paie"),
        ('Je paie<div id="divRplyFwdMsg" dir="ltr"><b>De :</b> Nora</div><div>Bonjour</div>', "Je paie"),
        ("Je paie<!-- [if mso]> non <![endif]--> demain", "Je paie demain"),
        ("1 &lt; 2 &amp; 3 < 4", "1 < 2 & 3 < 4"),
        ("<blockquote>Bonjour</blockquote>", "Bonjour"),
        ("<p>Je paie</p><p><b>De :</b> Nora<br><b>Envoyé :</b> jeudi<br></p>Bonjour", "Je paie"),
        (f"&#{'9' * 5000};", f"&#{'9' * 3998}"),
        (f"<head>{'<style>p{color:red}</style>' * 9000}</head><body>Je paie", "Je paie"),
    ],
)
def test_html_is_read_as_it_is_shown(html: str, own: str) -> None:
    assert shown(html) == own


def test_the_plain_text_of_two_forms_is_read_and_no_attachment() -> None:
    message = EmailMessage()
    message["From"] = "anne@verdier.example"
    message.set_content("En clair, à 10 €.", charset="iso-8859-15", cte="base64")
    message.add_alternative("<p>En HTML</p>", subtype="html")
    message.add_attachment("Une pièce", filename="lisez.txt")
    assert read(bytes(message)).text == "En clair, à 10 €."
    message.get_payload(0).get_payload(0).set_content("  \n")  # type: ignore[union-attr]
    assert read(bytes(message)).text == "En HTML"


@pytest.mark.parametrize(
    ("charset", "content", "text"),
    [
        ("utf-8", "reçu à 10 €".encode(), "reçu à 10 €"),
        ("iso-8859-1", "reçu à 10 €".encode("cp1252"), "reçu à 10 €"),  # what says so is Windows'
        ("us-ascii", "reçu".encode(), "reçu"),
        ("", "reçu".encode("cp1252"), "reçu"),
        ("klingon", "reçu".encode(), "reçu"),
        ("utf-8", "re\xe7u".encode("latin-1"), "re\ufffdu"),
        ("unicode_escape", rb"re\x41u \u12", rb"re\x41u \u12".decode()),
        ("hex", b"6162", "6162"),
    ],
)
def test_whatever_encoding_it_says(charset: str, content: bytes, text: str) -> None:
    head = crlf(f"{HEAD}Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n")
    assert read(head + content).text == text


def test_an_answer_is_kept_to_what_an_owner_reads_at_once() -> None:
    assert said("mot " * 5000) == ("mot " * (LONGEST // 4)).strip()


def test_a_message_cut_in_the_middle_is_read_as_far_as_it_goes() -> None:
    message = EmailMessage()
    message["From"] = "anne@verdier.example"
    message.set_content("Je paie vendredi. " * 20)
    message.add_attachment(b"x" * 5000, maintype="application", subtype="pdf", filename="f.pdf")
    assert read(bytes(message)[:900]).text.startswith("Je paie vendredi.")


# Reports of delivery


def report(
    recipients: str, *, kind: str = "delivery-status", part: str = "message/delivery-status", original: str = ""
) -> bytes:
    """A report as Postfix writes it."""
    returned = (
        original
        or "Content-Type: message/rfc822\n\nMessage-ID: <a1@atelier-lumen.example>\nSubject: Facture\n\nBonjour"
    )
    return crlf(f"""
Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.example>
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: <b1@mx.example>
Date: Fri, 20 Nov 2026 10:00:00 +0100
MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind}; boundary="=b"

--=b
Content-Description: Notification
Content-Type: text/plain; charset=utf-8

I'm sorry to have to inform you of F-2026-118.

--=b
Content-Description: Delivery report
Content-Type: {part}

Reporting-MTA: dns; mx.example
X-Postfix-Queue-ID: 417DD276524
Arrival-Date: Fri, 20 Nov 2026 09:59:00 +0100

{recipients.strip()}

--=b
{returned}

--=b--
""")


GONE = """
Final-Recipient: rfc822; anne@verdier.example
Original-Recipient: rfc822;anne@verdier.example
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.verdier.example
Diagnostic-Code: smtp; 550 5.1.1 <anne@verdier.example> User doesn't exist:
    anne@verdier.example
"""
WORDS = "550 5.1.1 <anne@verdier.example> User doesn't exist: anne@verdier.example"


def test_a_bounce() -> None:
    assert read(report(GONE)) == Reply(
        id="b1@mx.example",
        kind=ReplyKind.BOUNCE,
        sender="MAILER-DAEMON@mx.example",
        subject="Undelivered Mail Returned to Sender",
        received_on=date(2026, 11, 20),
        failed=(Failure("anne@verdier.example", "5.1.1", WORDS),),
        original_id="a1@atelier-lumen.example",
    )


@pytest.mark.parametrize(
    "original",
    [
        "Content-Type: text/rfc822-headers\n\nSubject: Facture\nMessage-ID: <a1@atelier-lumen.example>\n",
        "Content-Type: text/rfc822-headers\nContent-Transfer-Encoding: base64\n\nTWVzc2FnZS1JRDogPGExQGF0ZWxpZXItbHVtZW4uZXhhbXBsZT4K",
        "Content-Type: message/global\n\nMessage-ID: <a1@atelier-lumen.example>\n\nBonjour",
    ],
)
def test_the_message_that_came_back_whole_or_its_headers(original: str) -> None:
    assert read(report(GONE, original=original)).original_id == "a1@atelier-lumen.example"


def test_a_bounce_that_returns_nothing_is_about_no_message() -> None:
    assert read(report(GONE, original="Content-Type: text/plain\n\nMessage-ID: <a1@x.example>")).original_id == ""


def test_an_address_that_leads_on_is_told_with_where_it_leads() -> None:
    forwarded = GONE.replace("Final-Recipient: rfc822; anne@", "Final-Recipient: rfc822; <a.roy@")
    told = [failure.address for failure in read(report(forwarded)).failed]
    assert told == ["anne@verdier.example", "a.roy@verdier.example"]


def test_each_recipient_has_a_fate_of_its_own() -> None:
    late = GONE.replace("anne@", "late@").replace("5.1.1", "4.2.2")
    delayed = GONE.replace("anne@", "wait@").replace("failed", "delayed").replace("5.1.1", "4.4.1")
    found = read(report(f"{GONE}\n{late}\n{delayed}"))
    assert [failure.address for failure in found.failed] == ["anne@verdier.example"]


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_a_delivery_that_is_still_tried_or_done_says_nothing(action: str) -> None:
    assert parse_reply(report(GONE.replace("failed", action).replace("5.1.1", "4.4.1")), OWN) is None


def test_a_server_that_gave_up_says_nothing_of_the_address() -> None:
    gave_up = read(report(GONE.replace("5.1.1", "4.4.1")))
    assert (gave_up.kind, gave_up.failed) == (ReplyKind.AUTOMATIC, ())


@pytest.mark.parametrize(
    ("status", "diagnostic", "expected"),
    [
        ("Status: 5.2.1 (mailbox disabled)", "smtp; 550 no", "5.2.1"),
        ("Status: ", "smtp; 550 5.1.1 no", "5.0.0"),
        ("X: y", "X-Unix; 554", "5.0.0"),
        ("Status: none", "smtp; 450 later", ""),
        ("Status: 99", "nothing", ""),
    ],
)
def test_a_report_without_a_status_is_taken_at_the_servers_code(status: str, diagnostic: str, expected: str) -> None:
    text = f"Final-Recipient: rfc822; anne@verdier.example\nAction: failed\n{status}\nDiagnostic-Code: {diagnostic}\n"
    assert [failure.status for failure in read(report(text)).failed] == ([expected] if expected else [])


def test_the_newer_kind_of_report() -> None:
    found = read(report(GONE, part="message/global-delivery-status"))
    assert [failure.address for failure in found.failed] == ["anne@verdier.example"]


def test_a_bounce_that_a_person_forwards_is_an_answer() -> None:
    message = EmailMessage()
    message["From"] = "anne@verdier.example"
    message.set_content("Votre message est revenu, voyez ci-joint.")
    inner = EmailMessage()
    inner.set_content(report(GONE).decode())
    message.add_attachment(inner)
    found = read(bytes(message))
    assert (found.kind, found.failed) == (ReplyKind.ANSWER, ())


# Whatever comes


@given(st.binary(max_size=2000))
def test_no_bytes_are_too_strange(raw: bytes) -> None:
    parse_reply(raw, OWN)


_NAMES = st.sampled_from(
    [
        "From", "Sender", "To", "Subject", "Date", "Received", "Message-ID", "In-Reply-To", "References", "Return-Path",
        "Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "Auto-Submitted", "Precedence",
        "Final-Recipient", "Action", "Status", "Diagnostic-Code",
    ]
)  # fmt: skip
_VALUES = st.sampled_from(
    [
        "a@b.example", "<a@b.example>", '"x" <y@z.example>, <', "=?utf-8?b?4pyT?=", "=?x?q?=?=", "=?utf-8?q?" + "=" * 9,
        'multipart/report; report-type=delivery-status; boundary="b"', "multipart/mixed; boundary=b", "multipart/mixed",
        "message/delivery-status", "message/rfc822", "message/global-delivery-status", "text/rfc822-headers",
        "text/html; charset=utf-16", "text/plain; charset*0*=utf-8''a%FF; charset*1=b", 'text/plain; charset="\0"',
        "base64", "quoted-printable", "x-uuencode", "7bit", "attachment; filename*=x''%", "failed", "delayed", "5.1.1",
        "rfc822; <a@b.example>", "smtp; 550", "Fri, 99 Foo 20261 99:99:99 +9999", "; Mon, 1 Jan 0001 00:00:00 +2359",
        "\udcff\udce9", "",
    ]
)  # fmt: skip
_HEADER = st.builds(
    lambda name, value, more: f"{name}: {value}{more}\n", _NAMES, _VALUES, st.sampled_from(["", "\n x", ";"])
)
_BODY = st.one_of(
    st.sampled_from(["", "=", "=3", "begin 666 x\n#", "4pyT", "<a <!-- <b", "> x", "--b--\n"]), st.text(max_size=40)
)
_PIECE = st.one_of(_HEADER, st.just("\n"), st.just("--b\n"), _BODY)


@given(st.lists(_PIECE, max_size=40))
def test_no_message_is_too_strange(pieces: list[str]) -> None:
    raw = "".join(pieces).encode("utf-8", "surrogateescape")
    reply = parse_reply(raw, OWN)
    if reply is not None:
        shown = [reply.id, reply.sender, reply.subject, reply.text, reply.original_id, *reply.answers]
        shown += [part for failure in reply.failed for part in failure]
        "".join(shown).encode()  # can be written down
        assert all(text.isprintable() for text in (reply.sender, reply.subject))
        assert len(reply.id) <= 250
        assert len(reply.text) <= LONGEST


NESTED = "".join(f"Content-Type: multipart/mixed; boundary=b{depth}\n\n--b{depth}\n" for depth in range(490))


@pytest.mark.parametrize(
    "body",
    [
        lambda: "Content-Type: text/html\n\n<body>" + "<a " * 300_000,
        lambda: "Content-Type: text/html\n\n<body>" + "<!--" * 200_000,
        lambda: "Content-Type: text/html\n\n<body>" + "<a b='" * 150_000,
        lambda: "Content-Type: text/html\n\n<body>" + "<blockquote>" * 80_000,
        lambda: "Content-Type: multipart/mixed; boundary=b\n\n" + "--b\n\n" * 150_000,
        lambda: NESTED,
        lambda: "Subject: " + "=?a?q?" * 100_000,
        lambda: "References: " + "<a@b.example>" * 60_000,
        lambda: "\n" + "Le 5 nov. Nora a écrit :\n" * 40_000,
        lambda: "\n" + ("le " + "wrote " * 49 + "\n") * 3_000,
        lambda: "\n" + "x" * 3_000_000,
    ],
)
def test_a_hostile_message_costs_little(body: Callable[[], str]) -> None:
    raw = ("From: a@b.example\n" + body()).encode()
    began = time.process_time()
    assert read(raw).sender == "a@b.example"
    assert time.process_time() - began < 2
