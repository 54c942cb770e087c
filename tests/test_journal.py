"""The journal: one file a run, whole or not at all, read in any order."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from generator.domain.delivery import (
    Answered,
    AnswersRead,
    Approved,
    Attempt,
    Logged,
    Means,
    MessagePrepared,
    MessageSent,
    Outcome,
    Resend,
    SendIntended,
    SendResult,
    SentItem,
    State,
)
from generator.domain.ledger import Severity
from generator.domain.memory import (
    Event,
    GoneAccepted,
    KeyMade,
    LinksSeen,
    Memory,
    MoneyMoved,
    OfferKind,
    OfferMade,
    Reconciled,
    Reviewed,
)
from generator.errors import OutsideError
from generator.journal import JournalRun, append, kept_message, read_journal

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 22, 6, 3, 12, tzinfo=UTC)
INTENT = SendIntended(
    client="brun",
    attempt="a1",
    step="reminder-1",
    channel="email",
    on=date(2026, 11, 22),
    items=(SentItem("F-1", "reminder-1", date(2026, 10, 1), 12000, "EUR"),),
    to=("compta@brun.example",),
    subject="Facture F-1",
    at=NOW,
    about=("plan@2026-12-01",),
    message_id="m1@atelier.example",
    digest="00ff",
)
DELIVERED = (
    INTENT,
    SendResult("brun", "a1", Outcome.BOUNCED, NOW, ("compta@brun.example",), "550 gone"),
    Resend("brun", ("a1",), date(2026, 11, 23)),
    MessagePrepared("brun", "reminder-2", "phone", date(2026, 11, 22), ("F-1",)),
    Approved("brun", "reminder-1", date(2026, 11, 22), ("F-1",), (("EUR", 12000),)),
    Logged("brun", "n1", date(2026, 11, 22), Means.CALL, "Rappeler jeudi", reached=False),
    Answered("brun", "x@brun.example", date(2026, 11, 22), "message", "compta@brun.example", "Re: Facture", "Demain"),
    AnswersRead("brun", date(2026, 11, 23), ("x@brun.example",)),
)
KEY = KeyMade("brun", "abcdefghijklmnopqrstuvwxyz", 1, date(2026, 11, 22))
OFFER = OfferMade(
    key="ABC",
    kind=OfferKind.PLAN,
    client="brun",
    currency="EUR",
    reference="RF18539007547034",
    invoices=("F-1", "F-2/2"),
    made_on=date(2026, 11, 22),
    valid_until=date(2026, 12, 2),
    percent=Decimal("12.5"),
    dates=(date(2026, 11, 22), date(2026, 12, 22)),
)
SENT = MessageSent(
    "brun",
    "reminder-1",
    "email",
    date(2026, 11, 22),
    (SentItem("F-1", "reminder-1", date(2026, 10, 1), 120000, "EUR"),),
)
LINKS = LinksSeen(
    "brun",
    "EUR",
    datetime(2026, 11, 22, 6, 3, 11, 250_000, tzinfo=UTC),
    "0123456789abcdef",
    (("ABC", "https://buy.stripe.com/test_1"), ("DEF", "https://buy.stripe.com/test_2")),
    live=True,
)
MONEY = MoneyMoved("brun", "pi_1", "paid", date(2026, 11, 20), -12000, "EUR", "1.65 EUR")
RECONCILED = Reconciled(datetime(2026, 11, 22, 6, 3, 10, 7, tzinfo=UTC))
EVENTS: list[Event] = [
    KEY,
    OFFER,
    SENT,
    Reviewed("brun", date(2026, 11, 22), ("F-9",)),
    GoneAccepted("brun", date(2026, 11, 22), ("F-7",)),
    LINKS,
    MONEY,
    RECONCILED,
    *DELIVERED,
]


def test_what_was_written_is_read_back_the_same(tmp_path: Path) -> None:
    append(tmp_path / "journal", EVENTS, NOW)
    memory, problems = read_journal(tmp_path / "journal")
    assert problems == []
    assert memory == Memory.of(EVENTS)
    assert memory.get("brun").offers == (OFFER,)
    assert memory.get("brun").reviewed == {"F-9": date(2026, 11, 22)}
    assert memory.get("brun").links_in("EUR") == LINKS
    assert memory.reconciled_up_to == RECONCILED.up_to


def test_what_stripe_had_is_one_line_of_plain_words(tmp_path: Path) -> None:
    path = append(tmp_path / "journal", [LINKS, MONEY, RECONCILED], NOW)
    assert path is not None
    assert [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] == [
        {
            "event": "links",
            "client": "brun",
            "currency": "EUR",
            "at": "2026-11-22T06:03:11.250000+00:00",
            "fingerprint": "0123456789abcdef",
            "links": [["ABC", "https://buy.stripe.com/test_1"], ["DEF", "https://buy.stripe.com/test_2"]],
            "live": True,
        },
        {
            "event": "money",
            "client": "brun",
            "stripe": "pi_1",
            "status": "paid",
            "on": "2026-11-20",
            "amount": -12000,
            "currency": "EUR",
            "fee": "1.65 EUR",
        },
        {"event": "reconciled", "up_to": "2026-11-22T06:03:10.000007+00:00"},
    ]


def test_a_moment_is_kept_in_utc_wherever_it_was_noted(tmp_path: Path) -> None:
    paris = replace(LINKS, at=LINKS.at.astimezone(ZoneInfo("Europe/Paris")))
    append(tmp_path / "journal", [paris], NOW)
    memory, problems = read_journal(tmp_path / "journal")
    assert problems == []
    assert memory.get("brun").links == (LINKS,)
    assert str(memory.get("brun").links[0].at.tzinfo) == "UTC"


def test_the_latest_record_of_an_accounts_links_holds() -> None:
    changing = replace(LINKS, at=LINKS.at + timedelta(microseconds=1), fingerprint="", links=())
    other = replace(LINKS, currency="GBP")
    for events in ([LINKS, changing, other], [other, changing, LINKS]):
        assert Memory.of(events).get("brun").links == (changing, other)


def test_a_run_has_one_file_named_by_its_moment(tmp_path: Path) -> None:
    path = append(tmp_path / "journal", EVENTS, NOW)
    assert path is not None
    assert path.parent.name == "2026-11"
    assert path.name.startswith("20261122T060312Z-")
    assert len(path.read_text(encoding="utf-8").splitlines()) == len(EVENTS)


def test_nothing_to_remember_writes_no_file(tmp_path: Path) -> None:
    assert append(tmp_path / "journal", [], NOW) is None
    assert not (tmp_path / "journal").exists()


def test_two_runs_at_the_same_moment_do_not_meet(tmp_path: Path) -> None:
    first = append(tmp_path / "journal", [KEY], NOW)
    second = append(tmp_path / "journal", [SENT], NOW)
    assert first != second
    assert read_journal(tmp_path / "journal")[0] == Memory.of([SENT, KEY])


def test_the_order_and_the_number_of_copies_mean_nothing() -> None:
    assert Memory.of(EVENTS) == Memory.of([*reversed(EVENTS), *EVENTS])


def test_of_two_offers_of_one_key_the_later_end_holds() -> None:
    longer = OfferMade(**{name: getattr(OFFER, name) for name in OFFER.__slots__} | {"valid_until": date(2026, 12, 9)})
    for events in ([OFFER, longer], [longer, OFFER]):
        assert Memory.of(events).get("brun").offers == (longer,)


def test_all_keys_of_the_current_generation_are_published_and_no_older_one() -> None:
    events = [KEY, KeyMade("brun", "b" * 26, 2, date(2026, 11, 23)), KeyMade("brun", "c" * 26, 2, date(2026, 11, 23))]
    assert Memory.of(events).get("brun").current_keys == ("b" * 26, "c" * 26)


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[]",
        '{"event":"key"}',
        '{"event":"key","client":"brun","key":"../x","generation":1,"on":"2026-11-22"}',
        '{"event":"key","client":"brun","key":"abc","generation":1,"on":"yesterday"}',
        '{"event":"sent","client":"brun","step":"r","channel":"email","on":"2026-11-22","items":[{}]}',
        '{"event":"sent","client":"a","step":"","channel":"","on":"2026-11-22","items":[{"invoice":"F","step":"","issued":"2026-11-22","total":1e999,"currency":""}]}',
        '{"event":"links","client":"brun","currency":"EUR"}',
        '{"event":"links","client":"brun","currency":"EUR","at":"2026-11-22T06:03:12"}',
        '{"event":"links","client":"brun","currency":"EUR","at":"2026-11-22T06:03:12+01:00"}',
        '{"event":"links","client":"brun","currency":"EUR","at":"2026-11-22"}',
        '{"event":"links","client":"brun","currency":"EUR","at":1700000000}',
        '{"event":"links","client":"brun","currency":"EUR","at":"2026-11-22T06:03:12Z","links":{"A":"B"}}',
        '{"event":"links","client":"brun","currency":"EUR","at":"2026-11-22T06:03:12Z","links":["AB"]}',
        '{"event":"links","client":"brun","currency":"EUR","at":"2026-11-22T06:03:12Z","links":[["A",null]]}',
        '{"event":"links","client":"brun","currency":"EUR","at":"2026-11-22T06:03:12Z","links":[["A","B","C"]]}',
        '{"event":"links","client":"brun","currency":"EUR","at":"2026-11-22T06:03:12Z","live":"yes"}',
        '{"event":"links","client":"brun","currency":"EUR","at":"2026-11-22T06:03:12Z","live":1}',
        '{"event":"links","client":"brun","currency":"EUR","at":"2026-11-22T06:03:12Z","fingerprint":null}',
        '{"event":"money","client":"brun","stripe":"pi_1","status":"paid","on":"2026-11-20","amount":"1","currency":"EUR"}',
        '{"event":"money","client":"brun","stripe":"pi_1","status":"paid","on":"2026-11-20","amount":true,"currency":"EUR"}',
        '{"event":"money","client":"brun","stripe":["pi_1"],"status":"paid","on":"2026-11-20","amount":1,"currency":"EUR"}',
        '{"event":"reconciled"}',
        '{"event":"reconciled","up_to":"2026-11-22"}',
        '{"event":"reconciled","up_to":"2026-11-22T06:03:12Z","client":"brun"}',
    ],
)
def test_a_line_that_is_no_event_is_a_problem_with_its_place(tmp_path: Path, line: str) -> None:
    path = append(tmp_path / "journal", [KEY], NOW)
    assert path is not None
    path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    _, problems = read_journal(tmp_path / "journal")
    assert [(problem.code, problem.where.line) for problem in problems] == [("journal-unreadable", 2)]
    assert str(problems[0].where) == f"journal/2026-11/{path.name}:2"


def test_a_file_that_is_no_text_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "journal" / "2026-11").mkdir(parents=True)
    (tmp_path / "journal" / "2026-11" / "x.jsonl").write_bytes(b"\xff\xfe\x00")
    _, problems = read_journal(tmp_path / "journal")
    assert [problem.code for problem in problems] == ["journal-unreadable"]


def test_a_disk_that_refuses_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutsideError, match="No space left"):
        append(tmp_path / "journal", EVENTS, NOW)
    assert list((tmp_path / "journal").rglob("*.*")) == []


@pytest.mark.parametrize(
    "line",
    [
        '{"event":"offer","client":"brun","colour":"blue"}',
        '{"event":"sorcery","client":"brun"}',
    ],
)
def test_a_line_of_a_later_version_is_said_to_be_one(tmp_path: Path, line: str) -> None:
    path = append(tmp_path / "journal", [KEY], NOW)
    assert path is not None
    path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    _, problems = read_journal(tmp_path / "journal")
    assert [(problem.code, problem.where.line, problem.severity) for problem in problems] == [
        ("journal-newer", 2, Severity.ERROR)
    ]


def test_a_last_line_that_is_cut_off_is_left_out_and_said(tmp_path: Path) -> None:
    path = append(tmp_path / "journal", [KEY], NOW)
    assert path is not None
    path.write_text(path.read_text(encoding="utf-8") + '{"event":"key","cli', encoding="utf-8")
    memory, problems = read_journal(tmp_path / "journal")
    assert [key.key for key in memory.get("brun").keys] == [KEY.key]
    assert [(problem.code, problem.severity) for problem in problems] == [("journal-torn", Severity.WARNING)]


def test_a_run_that_sends_has_each_line_on_disk_before_it_goes_on(tmp_path: Path) -> None:
    run = JournalRun(tmp_path / "journal", NOW)
    assert not (tmp_path / "journal").exists(), "a run that remembers nothing leaves no file"
    run.write([INTENT])
    assert [attempt.state for attempt in _attempts(tmp_path)] == [State.UNCERTAIN]
    run.write([SendResult("brun", "a1", Outcome.SENT, NOW)])
    assert [attempt.state for attempt in _attempts(tmp_path)] == [State.SENT]
    run.close()


def test_after_the_disk_refused_once_a_run_writes_nothing_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = JournalRun(tmp_path / "journal", NOW)
    run.write([KEY])

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OutsideError, match="No space left"):
            run.write([INTENT])
    with pytest.raises(OutsideError, match="nothing more is done"):
        run.write([INTENT])
    run.close()


def test_the_bytes_of_a_message_are_kept_beside_the_journal_by_their_digest(tmp_path: Path) -> None:
    run = JournalRun(tmp_path / "journal", NOW)
    digest = run.keep(b"From: a\r\n\r\nhello\r\n", ".eml")
    assert kept_message(tmp_path / "journal" / "2026-11", digest, ".eml").read_bytes() == b"From: a\r\n\r\nhello\r\n"
    assert run.keep(b"From: a\r\n\r\nhello\r\n", ".eml") == digest


def _attempts(folder: Path) -> tuple[Attempt, ...]:
    memory, problems = read_journal(folder / "journal")
    assert not problems
    return memory.get("brun").deliveries.attempts
