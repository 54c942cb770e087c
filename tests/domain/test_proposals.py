"""What a client may propose, which of several proposals waits, and for how long; and how their lines survive their journey."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.calendars import calendar
from generator.delivery.own_words import all_of_html
from generator.domain.ledger import SourceRef
from generator.domain.money import Money
from generator.domain.proposals import (
    MOST_PARTS,
    Fault,
    Proposal,
    ProposalKind,
    ProposalStatus,
    decide_by,
    faults,
    kind_of,
    known_already,
    known_on,
    proposal_name,
    standing,
    talks_until,
    waiting,
)
from generator.domain.references import account_reference
from generator.readers.proposal_text import Reading, blocks, read_block
from generator.wording import long_date
from generator.wording import money as in_words
from tests.support.effort import examples

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.domain.proposals import Part

TODAY = date(2026, 11, 16)
OWED = Money(120000, "EUR")
PLAN, DATE, PAID = ProposalKind.PLAN, ProposalKind.DATE, ProposalKind.PAID
FRANCE = calendar("FR", "")


def part(days: int, euros: int | None) -> Part:
    return TODAY + timedelta(days=days), None if euros is None else Money(euros * 100, "EUR")


def said(kind: ProposalKind, *parts: Part, owed: Money | None = OWED) -> list[Fault]:
    return [wrong.fault for wrong in faults(kind, parts, owed, TODAY)]


def proposal(
    name: str = "P-1", *parts: Part, kind: ProposalKind = PLAN, on: date = TODAY, message: str = ""
) -> Proposal:
    return Proposal(name, "verdier", on, kind, "EUR", parts or (part(20, 600), part(50, 600)), message or name)


def test_what_can_be_meant_has_no_fault() -> None:
    assert said(PLAN, part(0, 400), part(30, 400), part(60, 400)) == []
    assert said(PLAN, part(10, 100), part(20, 100)) == []  # less than is owed is an offer all the same
    assert said(DATE, part(5, None)) == []
    assert said(PAID, part(-5, 5000)) == []
    assert said(DATE, part(5, 9000), owed=None) == []


@pytest.mark.parametrize(
    ("kind", "parts", "expected"),
    [
        (PLAN, [part(1, 600), part(2, 601)], [Fault.TOO_MUCH]),
        (PLAN, [part(1, 0), part(2, 600)], [Fault.NOT_POSITIVE]),
        (PLAN, [part(1, -600), part(2, 600)], [Fault.NOT_POSITIVE]),
        (PLAN, [part(-1, 600), part(2, 600)], [Fault.PAST]),
        (PLAN, [part(5, 600), part(5, 600)], [Fault.ORDER]),
        (PLAN, [part(9, 600), part(5, 600)], [Fault.ORDER]),
        (PLAN, [part(9, 600), part(4000, 600)], [Fault.TOO_FAR]),
        (DATE, [part(400, None)], [Fault.TOO_FAR]),
        (PAID, [part(1, None)], [Fault.TO_COME]),
        (PAID, [part(-1, 0)], [Fault.NOT_POSITIVE]),
    ],
)
def test_what_cannot_be_meant_says_why(kind: ProposalKind, parts: list[Part], expected: list[Fault]) -> None:
    assert said(kind, *parts) == expected


def test_so_many_payments_and_no_more() -> None:
    parts = [part(day, 1) for day in range(MOST_PARTS + 1)]
    assert said(PLAN, *parts[:-1]) == []
    assert said(PLAN, *parts) == [Fault.TOO_MANY]


def test_nothing_can_be_proposed_for_nothing() -> None:
    assert said(DATE, part(1, None), owed=Money(0, "EUR")) == [Fault.NOTHING_OWED]


def test_one_payment_is_a_day_and_several_are_a_plan_whichever_message_was_filled_in() -> None:
    assert kind_of(PLAN, [part(1, 5)]) is DATE
    assert kind_of(DATE, [part(1, 5), part(2, 5)]) is PLAN
    assert kind_of(PAID, [part(-1, 5), part(-2, 5)]) is PAID


def test_a_later_proposal_takes_the_place_of_one_that_waits() -> None:
    first, second = proposal("P-1"), proposal("P-2", part(9, 1200), kind=DATE)
    paid = proposal("P-3", part(-1, 5), kind=PAID)
    other = replace(proposal("P-4"), client="kite")
    found = standing([first, paid, second, other])
    assert [one.status for one in found] == ["replaced", "waiting", "waiting", "waiting"]
    assert [one.id for one in waiting([first, paid, second, other])] == ["P-4", "P-2", "P-3"]
    decided = replace(first, status=ProposalStatus.ACCEPTED, decided_on=TODAY)
    assert standing([decided, second])[0].status is ProposalStatus.ACCEPTED


def test_the_same_words_are_the_same_proposal_until_it_is_decided() -> None:
    waits = proposal("P-1", message="m1")
    again = proposal("", message="m2")
    assert known_already(again, [waits], quoted=False) == waits
    refused = replace(waits, status=ProposalStatus.REFUSED, decided_on=TODAY)
    assert known_already(again, [refused], quoted=False) is None
    assert known_already(again, [refused], quoted=True) == refused
    assert known_already(proposal("", message="m1"), [refused], quoted=False) == refused
    assert known_already(proposal("", part(3, 4), part(5, 6)), [waits], quoted=True) is None


def test_names_are_short_the_same_for_the_same_and_never_taken_twice() -> None:
    name = proposal_name(proposal(""), ())
    assert name == proposal_name(proposal(""), ())
    assert name.startswith("P261116-")
    assert proposal_name(proposal(""), {name.lower()}) != name


def test_an_answer_is_due_after_so_many_business_days() -> None:
    assert decide_by(date(2026, 11, 13), 3, FRANCE) == date(2026, 11, 18)  # a Friday: Monday, Tuesday, Wednesday
    assert decide_by(date(2026, 12, 24), 1, FRANCE) == date(2026, 12, 28)


def test_nobody_is_reminded_while_it_waits_and_for_as_long_after_a_no() -> None:
    waits = proposal()
    assert talks_until([waits], 3, FRANCE) is None
    for status in (ProposalStatus.REFUSED, ProposalStatus.COUNTERED):
        decided = replace(waits, status=status, decided_on=date(2026, 11, 18))
        assert talks_until([decided], 3, FRANCE) == date(2026, 11, 23)
    accepted = replace(waits, status=ProposalStatus.ACCEPTED, decided_on=TODAY)
    assert talks_until([accepted], 3, FRANCE) == date.min


def test_what_was_decided_later_still_waited_on_an_earlier_day() -> None:
    refused = replace(proposal(), status=ProposalStatus.REFUSED, decided_on=TODAY + timedelta(days=2), reason="non")
    assert list(known_on([refused], TODAY - timedelta(days=1))) == []
    assert list(known_on([refused], TODAY)) == [proposal()]
    assert list(known_on([refused], TODAY + timedelta(days=2))) == [refused]


# The journey of the lines through mail programs

REFERENCE = account_reference("verdier", "EUR")

DAYS: tuple[Callable[[date], str], ...] = (
    lambda day: day.isoformat(),
    lambda day: f"{day:%d/%m/%Y}",
    lambda day: f"{day:%d.%m.%y}",
    lambda day: long_date(day, "fr"),
    lambda day: long_date(day, "en"),
    lambda day: f"{day.day} {day:%B} {day.year}",
)
SUMS: tuple[Callable[[Money], str], ...] = (
    str,
    lambda amount: in_words(amount, "fr"),
    lambda amount: f"{amount} EUR".replace(".", ","),
    lambda amount: f"{amount} euros".replace(".", ","),
)


def quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.split("\n"))


def reflowed(text: str, width: int) -> str:
    """Broken at spaces once a line is longer than this, as `format=flowed` does, with the space kept."""
    lines = []
    for line in text.split("\n"):
        while len(line) > width and (cut := line.rfind(" ", 0, width)) > 0:
            lines.append(line[: cut + 1])
            line = line[cut + 1 :]  # noqa: PLW2901 - the rest of it
        lines.append(line)
    return "\n".join(lines)


def in_html(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\u00a0", "&nbsp;")
    return all_of_html("<html><body><div>" + "</div><div>".join(escaped.split("\n")) + "</div></body></html>")


JOURNEYS = st.lists(
    st.one_of(
        st.just(quoted),
        st.just(in_html),
        st.just(lambda text: " ".join(text.split(" "))),
        st.just(lambda text: text.replace(" ", "\u00a0")),
        st.just(lambda text: text.replace("\n", "\r\n")),
        st.just(lambda text: text.replace("\n", "\n\n")),
        st.just(lambda text: " ".join(text.split())),
        st.integers(24, 90).map(lambda width: lambda text: reflowed(text, width)),
    ),
    max_size=4,
)


@settings(max_examples=examples(90), deadline=None)
@given(
    amounts=st.lists(st.integers(1, 2_000_000), min_size=1, max_size=12),
    gaps=st.lists(st.integers(1, 90), min_size=12, max_size=12),
    style=st.tuples(st.integers(0, len(DAYS) - 1), st.integers(0, len(SUMS) - 1)),
    day_first=st.booleans(),
    journey=JOURNEYS,
)
def test_what_was_filled_in_comes_back_whatever_mail_programs_do(
    amounts: list[int],
    gaps: list[int],
    style: tuple[int, int],
    day_first: bool,  # noqa: FBT001
    journey: list[Callable[[str], str]],
) -> None:
    days = [TODAY + timedelta(days=sum(gaps[: number + 1])) for number in range(len(amounts))]
    parts = tuple((day, Money(minor, "EUR")) for day, minor in zip(days, amounts, strict=True))
    lines = []
    for number, (day, amount) in enumerate(parts, start=1):
        on, sum_ = DAYS[style[0]](day), SUMS[style[1]](amount)
        lines.append(
            f"({number}) le : {on} montant : {sum_}" if day_first else f"({number}) montant : {sum_} le : {on}"
        )
    text = (
        "Bonjour,\n\nVoici.\n[relance 1 plan "
        + REFERENCE
        + "]\n"
        + "\n".join(lines)
        + "\n[/relance]\n\nAnne 06 12 34 56 78"
    )
    for step in journey:
        text = step(text)
    (block,) = blocks(text)
    assert block.reference == REFERENCE
    assert read_block(block, Reading("EUR", "fr", TODAY, SourceRef("m.eml"))) == (PLAN, parts)


@settings(max_examples=examples(90), deadline=None)
@given(st.text(alphabet=st.sampled_from("[]/relance 1plan(2)RF18,.€-−/0359 \n>décembre%"), max_size=300))
def test_nothing_that_is_written_there_is_a_crash(text: str) -> None:
    reading = Reading("EUR", "fr", TODAY, SourceRef("m.eml"))
    for block in blocks(f"[relance 1 plan {REFERENCE}]\n{text}"):
        read = read_block(block, reading)
        if isinstance(read, tuple):
            assert all(amount is None or isinstance(amount, Money) for _, amount in read[1])
