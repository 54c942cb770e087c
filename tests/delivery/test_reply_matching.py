"""A reply finds its client by the message it answers, else by a number in it, else by its sender, else nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import NamedTuple

import pytest

from generator.domain.references import account_reference
from generator.domain.replies import Correspondence, Failure, Known, Match, Reply, ReplyKind, Sent, Sign

TO_VERDIER, TO_KITE, TO_LUNE = "a1@atelier.example", "b2@atelier.example", "c3@atelier.example"
ROOT = "root@atelier.example"  # where the thread with Verdier begins
TO_GROUP = "g4@atelier.example"
RF_VERDIER = account_reference("verdier", "EUR")
RF_KITE = account_reference("kite", "EUR")
SENT = (
    Sent("verdier", ROOT),
    Sent("verdier", TO_VERDIER, ("compta@verdier.example", "Anne.Roy@verdier.example"), "t1"),
    Sent("kite", TO_KITE, ("pay@kite.example",), "t2"),
    Sent("lune", TO_LUNE, ("lune@cabinet.example",), "t3"),
    Sent("nord", TO_GROUP, ("siege@holding.example",), "t4"),
    Sent("sud", TO_GROUP, ("siege@holding.example",), "t5"),
)
KNOWN = (
    Known("verdier", ("compta@verdier.example", "Anne.Roy@verdier.example"), ("F-2026-118", "F-2026-119", RF_VERDIER)),
    Known("kite", ("pay@kite.example", "cabinet@comptables.example"), ("F-2026-120", "118", RF_KITE)),
    Known("lune", ("lune@cabinet.example", "cabinet@comptables.example"), ("FA 2026/7", "2026-0042", "2026-11", "A4")),
    Known("nord", ("siege@holding.example",), ("N-1001",), "holding"),
    Known("sud", ("siege@holding.example",), ("S-2002",), "holding"),
)
REPLY = Reply("r1@x.example", ReplyKind.ANSWER, "someone@elsewhere.example", "Bonjour", date(2026, 11, 20))


class Case(NamedTuple):
    """A reply, in what makes it differ, and whose it is."""

    of: str
    reply: dict[str, object]
    expected: Match


def found(clients: str, how: Sign, others: str = "") -> Match:
    return Match(tuple(clients.split()), how, tuple(others.split()))


NOBODY = Match()
CASES = (
    # The message it answers
    Case("an answer", {"answers": (TO_VERDIER,)}, found("verdier", Sign.MESSAGE)),
    Case(
        "an answer from another address of theirs, which nobody knows",
        {"answers": (TO_VERDIER,), "sender": "anne@perso.example"},
        found("verdier", Sign.MESSAGE),
    ),
    Case("the nearest message decides", {"answers": ("x@y", TO_KITE, TO_VERDIER)}, found("kite", Sign.MESSAGE)),
    Case("only the beginning of the thread is left", {"answers": (ROOT,)}, found("verdier", Sign.MESSAGE)),
    Case("a message to a group is answered for all of it", {"answers": (TO_GROUP,)}, found("nord sud", Sign.MESSAGE)),
    Case(
        "an answer that quotes an invoice of another client",
        {"answers": (TO_VERDIER,), "sender": "compta@verdier.example", "text": "Et la F-2026-120 ?"},
        found("verdier", Sign.MESSAGE, "kite"),
    ),
    Case(
        "an answer that another client writes",
        {"answers": (TO_VERDIER,), "sender": "pay@kite.example"},
        found("verdier", Sign.MESSAGE, "kite"),
    ),
    Case("an answer to nothing of ours", {"answers": ("x@y.example",)}, NOBODY),
    # A reference or a number
    Case("a colleague names the invoice", {"subject": "Facture F-2026-118"}, found("verdier", Sign.REFERENCE)),
    Case("in small letters", {"text": "je règle f-2026-118 demain"}, found("verdier", Sign.REFERENCE)),
    Case("at the end of a sentence", {"text": "Réglé : F-2026-118."}, found("verdier", Sign.REFERENCE)),
    Case("with dashes that do not break", {"text": "La F\u20112026\u2011118, merci"}, found("verdier", Sign.REFERENCE)),
    Case("two of the same client", {"text": "F-2026-118 et F-2026-119"}, found("verdier", Sign.REFERENCE)),
    Case("a number of two words", {"text": "votre FA\u00a02026/7"}, found("lune", Sign.REFERENCE)),
    Case("digits enough to be nothing else", {"text": "2026-0042"}, found("lune", Sign.REFERENCE)),
    Case("the reference of the account", {"text": f"virement {RF_VERDIER}"}, found("verdier", Sign.REFERENCE)),
    Case(
        "the reference as banks print it",
        {"text": " ".join(RF_VERDIER[place : place + 4] for place in range(0, len(RF_VERDIER), 4)).lower() + " merci"},
        found("verdier", Sign.REFERENCE),
    ),
    Case("a short number after the word for it", {"text": "Facture n° 118 payée"}, found("kite", Sign.REFERENCE)),
    Case("a short number with a sign", {"subject": "Re: #118"}, found("kite", Sign.REFERENCE)),
    Case("a short number in a list", {"text": "Les factures 117, 118 et 119"}, found("kite", Sign.REFERENCE)),
    Case("a short number of something else", {"text": "118 rue de la Paix, le 11, en 2026-11"}, NOBODY),
    Case("a short number with letters is a size of paper", {"text": "le document A4 ci-joint"}, NOBODY),
    Case("a number in a longer one", {"text": "F-2026-1180, XF-2026-118, F-2026-118-B"}, NOBODY),
    Case("a reference in a longer one", {"text": f"{RF_VERDIER}9"}, NOBODY),
    Case("invoices of two clients", {"text": "F-2026-118, F-2026-120"}, found("", Sign.NONE, "kite verdier")),
    Case("invoices of two companies of a group", {"text": "N-1001, S-2002"}, found("nord sud", Sign.REFERENCE)),
    # The sender
    Case("a new message from the client", {"sender": "compta@verdier.example"}, found("verdier", Sign.SENDER)),
    Case("in other letters", {"sender": "anne.roy@VERDIER.example"}, found("verdier", Sign.SENDER)),
    Case("from the seat of a group", {"sender": "siege@holding.example"}, found("nord sud", Sign.SENDER)),
    Case("from the accountant of two", {"sender": "cabinet@comptables.example"}, found("", Sign.NONE, "kite lune")),
    Case(
        "from the accountant of two, about one",
        {"sender": "cabinet@comptables.example", "subject": "F-2026-120"},
        found("kite", Sign.REFERENCE),
    ),
    Case(
        "from the seat of a group, about one company",
        {"sender": "siege@holding.example", "text": "N-1001"},
        found("nord", Sign.REFERENCE),
    ),
    Case(
        "from a client who quotes an invoice of another: a number is sooner copied wrongly",
        {"sender": "compta@verdier.example", "text": "votre F-2026-120"},
        found("verdier", Sign.SENDER, "kite"),
    ),
    Case(
        "from a client who names their own invoice and another's",
        {"sender": "compta@verdier.example", "text": "F-2026-118 ou F-2026-120"},
        found("verdier", Sign.REFERENCE, "kite"),
    ),
    Case("a newsletter", {}, NOBODY),
    Case("from nobody", {"sender": ""}, NOBODY),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.of)
def test_a_reply_finds_its_client(case: Case) -> None:
    reply = replace(REPLY, **case.reply)  # type: ignore[arg-type] # a case is written short
    match = Correspondence(SENT, KNOWN).match(reply)
    assert match == case.expected
    assert match.certain == (bool(case.expected.clients) and not case.expected.others)


def test_an_automatic_reply_finds_its_client_in_the_same_way() -> None:
    reply = replace(REPLY, kind=ReplyKind.AUTOMATIC, answers=(TO_KITE,))
    assert Correspondence(SENT, KNOWN).match(reply) == found("kite", Sign.MESSAGE)


def test_a_number_that_two_clients_have_is_nobodys() -> None:
    both = Correspondence((), (Known("a", (), ("F-2026-1",)), Known("b", (), ("F-2026-1",))))
    assert both.match(replace(REPLY, text="F-2026-1")) == found("", Sign.NONE, "a b")


def test_the_longest_number_is_meant() -> None:
    known = (Known("a", (), ("2026/1181", "FA-2026-7")), Known("b", (), ("FA 2026/1181", "FA-2026-7 bis")))
    for number in ("FA 2026/1181", "FA-2026-7 bis"):
        assert Correspondence((), known).match(replace(REPLY, text=f"la {number} ?")) == found("b", Sign.REFERENCE)


def test_nobody_is_known() -> None:
    assert Correspondence((), ()).match(replace(REPLY, text="F-2026-118", answers=(TO_KITE,))) == NOBODY


# What could not be delivered

BOUNCE = replace(REPLY, kind=ReplyKind.BOUNCE, sender="MAILER-DAEMON@mx.example", original_id=TO_VERDIER)
GONE = Failure("compta@verdier.example", "5.1.1", "550 No such user")


def test_a_bounce_is_about_a_message_of_ours_and_an_address_of_it() -> None:
    correspondence = Correspondence(SENT, KNOWN)
    reply = replace(BOUNCE, failed=(GONE,))
    assert correspondence.returned(reply) == [(SENT[1], (GONE,))]
    assert correspondence.match(reply) == found("verdier", Sign.MESSAGE)


def test_the_address_is_told_as_we_wrote_it() -> None:
    reply = replace(BOUNCE, failed=(replace_address("anne.roy@verdier.EXAMPLE"), GONE))
    (_, lost), *others = Correspondence(SENT, KNOWN).returned(reply)
    assert not others
    assert [failure.address for failure in lost] == ["compta@verdier.example", "Anne.Roy@verdier.example"]


def replace_address(address: str) -> Failure:
    return GONE._replace(address=address)


def test_a_bounce_of_a_message_to_a_group_is_about_each_company() -> None:
    reply = replace(BOUNCE, original_id=TO_GROUP, failed=(replace_address("siege@holding.example"),))
    assert Correspondence(SENT, KNOWN).match(reply) == found("nord sud", Sign.MESSAGE)


@pytest.mark.parametrize(
    ("original", "address"),
    [
        (TO_VERDIER, "pay@kite.example"),  # an address that this message did not go to
        ("made.up@atelier.example", "compta@verdier.example"),  # a message that we never sent
        ("", "compta@verdier.example"),
        (ROOT, "compta@verdier.example"),  # no message at all
    ],
)
def test_a_forged_bounce_is_about_nobody(original: str, address: str) -> None:
    reply = replace(
        BOUNCE, original_id=original, failed=(replace_address(address),), answers=(TO_VERDIER,), subject="F-2026-118"
    )
    assert Correspondence(SENT, KNOWN).returned(reply) == []
    assert Correspondence(SENT, KNOWN).match(reply) == NOBODY


def test_a_message_whose_name_nobody_noted_cannot_come_back() -> None:
    nameless = Correspondence((Sent("verdier", "", ("compta@verdier.example",), "t9"),), KNOWN)
    assert nameless.returned(replace(BOUNCE, original_id="", failed=(GONE,))) == []


def test_an_answer_is_never_a_bounce() -> None:
    reply = replace(BOUNCE, kind=ReplyKind.ANSWER, failed=(GONE,))
    assert Correspondence(SENT, KNOWN).returned(reply) == []


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (Failure("x", "5.1.1", "550 5.1.1 No such user"), "550 5.1.1 No such user"),
        (Failure("x", "5.1.1", "550 No such user"), "5.1.1 550 No such user"),
        (Failure("x", "5.1.1"), "5.1.1"),
        (Failure("x"), ""),
    ],
)
def test_why_an_address_takes_no_mail(failure: Failure, reason: str) -> None:
    assert failure.reason == reason
