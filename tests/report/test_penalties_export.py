"""`penalites.csv`: every claim of late fees, every waiver and every payment of them, for the owner's accountant."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.domain.fee_history import Act, FeePaid, FeeWaived, fee_moves
from generator.domain.fee_rules import FeePolicy
from generator.domain.money import Money
from generator.domain.policy import FeeMode
from generator.rates import shipped_rates
from generator.report_penalties import penalties
from generator.report_words import Words
from tests.report.claiming import claim, counting, day, euros, made, paid, waived, with_claims
from tests.report.morning import TODAY, Morning, morning
from tests.report.test_late_fees_report import LATE
from tests.support.effort import examples
from tests.support.world import GENEROUS, world

if TYPE_CHECKING:
    from generator.domain.claims import Claim
    from generator.domain.ledger import Client


def rows(found: Morning) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(found.files()["penalites.csv"].decode("utf-8-sig")), delimiter=";"))


def told(one: Claim) -> Morning:
    return with_claims(counting(morning(LATE)), "brun", one)


def figures(found: list[dict[str, str]]) -> list[tuple[str, ...]]:
    """Of each row: its day, what it is, interest, indemnity, and what is left after it."""
    return [tuple(row[name] for name in ("Date", "Événement", "Intérêts", "Indemnité", "Reste dû")) for row in found]


def test_a_claim_is_a_row_with_all_that_its_booking_needs() -> None:
    (row,) = rows(told(claim(made("F-090", "2026-11-16", "6.12"))))
    assert row == {
        "Client": "brun",
        "Nom": "Brun",
        "Facture": "F-090",
        "Date": "2026-11-16",
        "Événement": "réclamé",
        "Étape": "mise en demeure",
        "Intérêts": "6,12",
        "Indemnité": "40,00",
        "Ensemble": "46,12",
        "Devise": "EUR",
        "Cumul réclamé": "46,12",
        "Cumul remis": "0,00",
        "Cumul encaissé": "0,00",
        "Reste dû": "46,12",
        "Référence du règlement": "",
        "Moyen de paiement": "",
        "Détail": "intérêts jusqu’au 15 novembre 2026 inclus",
    }


def test_it_speaks_the_owners_language() -> None:
    found = with_claims(counting(morning(LATE, language="en")), "brun", claim(made("F-090", "2026-11-16", "6.12")))
    (row,) = rows(found)
    assert (row["Event"], row["Interest"], row["Indemnity"], row["Still open"]) == ("claimed", "6.12", "40.00", "46.12")


def test_what_comes_off_is_interest_first_and_then_the_indemnity() -> None:
    one = claim(
        made("F-090", "2026-11-16", "6.12"),
        waivings=[waived("2026-11-17", "5.00", "geste commercial")],
        receipts=[paid("2026-11-18", "20.00", "VIR 118", "virement"), paid("2026-11-19", "21.12", method="card")],
    )
    found = rows(told(one))
    assert figures(found) == [
        ("2026-11-16", "réclamé", "6,12", "40,00", "46,12"),
        ("2026-11-17", "remis", "5,00", "0,00", "41,12"),
        ("2026-11-18", "encaissé", "1,12", "18,88", "21,12"),
        ("2026-11-19", "encaissé", "0,00", "21,12", "0,00"),
    ]
    assert [row["Détail"] for row in found][1] == "geste commercial"
    assert [(row["Référence du règlement"], row["Moyen de paiement"]) for row in found][2:] == [
        ("VIR 118", "virement"),
        ("", "carte bancaire"),
    ]
    sums = [(row["Cumul réclamé"], row["Cumul remis"], row["Cumul encaissé"]) for row in found]
    assert sums[-1] == ("46,12", "5,00", "41,12")


def test_a_later_claim_is_the_difference_that_it_made() -> None:
    first = made("F-090", "2026-11-02", "2.00", step="reminder-3")
    one = claim(first, made("F-090", "2026-11-16", "6.12"), receipts=[paid("2026-11-10", "41.00")])
    assert figures(rows(told(one))) == [
        ("2026-11-02", "réclamé", "2,00", "40,00", "42,00"),
        ("2026-11-10", "encaissé", "2,00", "39,00", "1,00"),
        ("2026-11-16", "réclamé", "4,12", "0,00", "5,12"),
    ]


def test_a_later_claim_that_is_lower_says_so() -> None:
    first = made("F-090", "2026-11-02", "2.00", step="reminder-3")
    lower = rows(told(claim(first, made("F-090", "2026-11-16", "1.50"))))[1]
    assert (lower["Événement"], lower["Intérêts"], lower["Ensemble"]) == ("réclamé, revu à la baisse", "-0,50", "-0,50")


def test_a_claim_whose_message_has_not_left_is_not_said_to_be_claimed() -> None:
    first = made("F-090", "2026-11-02", "2.00", step="reminder-3")
    found = rows(told(claim(first, made("F-090", "2026-11-23", "8.00"), told=False)))
    assert [row["Événement"] for row in found] == ["réclamé", "à réclamer, message pas encore parti"]


def test_a_credit_of_theirs_that_was_there_before_covers_it_on_the_day_of_the_claim() -> None:
    credit = FeePaid(day("2026-10-05"), euros("46.12"))
    one = claim(made("F-090", "2026-11-16", "6.12"), receipts=[credit])
    found = rows(told(one))
    assert figures(found)[1] == ("2026-11-16", "encaissé", "6,12", "40,00", "0,00")
    assert found[1]["Détail"] == "par un avoir"


def test_without_a_claim_the_table_is_there_and_empty() -> None:
    assert rows(counting(morning(LATE))) == []


@pytest.mark.parametrize("name", ["=1+1", "@SUM(1)", "+33", "-2+3"])
def test_no_cell_becomes_a_formula(name: str) -> None:
    def renamed(client: Client) -> Client:
        return replace(client, name=name)

    one = claim(made("F-090", "2026-11-16", "6.12"), receipts=[paid("2026-11-20", "1.00", name)])
    found = rows(with_claims(counting(morning(LATE, client=renamed)), "brun", one))
    assert {row["Nom"] for row in found} == {f"'{name}"}
    assert found[1]["Référence du règlement"] == f"'{name}"


@st.composite
def lives(draw: st.DrawFn) -> Claim:
    """A claim, or two, and what came off it, in any order of days and never more than all of it."""
    cents = st.integers(0, 9_000)
    steps = [made("F-090", "2026-11-16", str(Money(draw(cents), "EUR")))]
    if draw(st.booleans()):
        steps.insert(0, made("F-090", "2026-11-02", str(Money(draw(cents), "EUR")), step="reminder-3"))
    left, off = steps[-1].amount, []
    for _ in range(draw(st.integers(0, 5))):
        part = draw(st.integers(0, left))
        left -= part
        off.append((day("2026-10-20") + timedelta(days=draw(st.integers(0, 40))), Money(part, "EUR")))
    cut = draw(st.integers(0, len(off)))
    return claim(
        *steps,
        waivings=[FeeWaived(*one) for one in off[:cut]],
        receipts=[FeePaid(*one) for one in off[cut:]],
        told=draw(st.booleans()),
    )


@given(one=lives())
def test_every_move_adds_up_to_the_claim_and_to_what_is_open_of_it(one: Claim) -> None:
    moves = fee_moves(one)
    sums = {
        act: sum(move.amount.minor for move in moves if move.act == act) for act in ("claimed", "waived", "collected")
    }
    assert sums == {"claimed": one.total.minor, "waived": one.waived.minor, "collected": one.paid.minor}
    assert moves[-1].open == one.open
    assert sum(move.indemnity.minor for move in moves if move.act == "claimed") == one.indemnity.minor
    off = [move for move in moves if move.act != "claimed"]
    assert 0 <= sum(move.indemnity.minor for move in off) <= one.indemnity.minor


BARE = counting(morning(LATE)).of("brun")
WORDS = Words("fr", TODAY)


@given(many=st.lists(lives(), min_size=1, max_size=4))
def test_the_file_adds_up_to_the_claims_of_the_accounts(many: list[Claim]) -> None:
    account = replace(BARE, claims=tuple(many))
    text = penalties([account], WORDS).decode("utf-8-sig")
    found = list(csv.DictReader(io.StringIO(text), delimiter=";"))

    def cents(row: dict[str, str], name: str) -> int:
        return Money.of(row[name].replace(",", "."), "EUR").minor

    def summed(*events: str) -> int:
        return sum(cents(row, "Ensemble") for row in found if row["Événement"].startswith(events))

    assert summed("réclamé", "à réclamer") == sum(one.total.minor for one in many)
    assert summed("remis") == sum(one.waived.minor for one in many)
    assert summed("encaissé") == sum(one.paid.minor for one in many)
    assert all(cents(row, "Intérêts") + cents(row, "Indemnité") == cents(row, "Ensemble") for row in found)
    assert all(
        cents(row, "Cumul réclamé") - cents(row, "Cumul remis") - cents(row, "Cumul encaissé") == cents(row, "Reste dû")
        for row in found
    )


CLAIMING = replace(GENEROUS, late_fees=FeeMode.CLAIM, fees=FeePolicy(rates=shipped_rates()))
TWICE = replace(CLAIMING, claim_from="reminder-3")
REMINDED = """
    invoice F-1 2026-08-01 due 2026-08-31 1200.00
    sent 2026-09-07 reminder-1 F-1
    sent 2026-09-14 reminder-2 F-1
"""


@given(data=st.data())
@settings(max_examples=examples(30))
def test_what_really_becomes_of_a_claim_adds_up_day_after_day(data: st.DataObject) -> None:
    known = world(REMINDED, policy=replace(TWICE, interest_first=data.draw(st.booleans())))
    assert known.send("2026-09-30") == "reminder-3"
    booked: list[tuple[str, int]] = []
    for on in ("2026-10-03", "2026-10-09", "2026-10-20", "2026-11-02"):
        amount = str(Money(data.draw(st.integers(1, 130_000)), "EUR"))
        fact = data.draw(st.sampled_from(["", f"payment {on} {amount} F-1", f"payment {on} {amount}", f"waive {on} F-1 5.00",
                                          f"waive {on} F-1", f"credit A-{on} {on} {amount} F-1",
                                          f"payment 2026-09-20 {amount} F-1"]))  # fmt: skip
        known.add(fact)
        known.send(on)
        account = known.on(on)
        for one in account.claims:
            moves = fee_moves(one)
            sums = {act: sum(move.amount.minor for move in moves if move.act == act) for act in Act}
            assert sums[Act.CLAIMED] + sums[Act.CORRECTED] == one.total.minor
            assert (sums[Act.WAIVED], sums[Act.COLLECTED]) == (one.waived.minor, one.paid.minor)
            assert moves[-1].open == one.open
            evenings = {move.on: move.open.minor for move in moves}  # what falls is given back on the same day
            assert min(evenings.values()) >= 0
            rows = [(str(move.on), move.amount.minor) for move in moves if move.act in {Act.CLAIMED, Act.CORRECTED}]
            assert rows[: len(booked)] == booked  # months that are closed stay as they were
            booked = rows
