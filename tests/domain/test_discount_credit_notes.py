"""The credit note that follows a discount: it is the same money, counts once, and is remembered as that discount's."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from generator.domain.account import HistoryKind
from generator.domain.memory import OfferKind
from tests.domain.test_conditional_discounts import DATES, accepted
from tests.support.effort import examples
from tests.support.reading import discounting, item, still_open
from tests.support.world import day, world

if TYPE_CHECKING:
    from generator.domain.account import Account
    from tests.support.world import World

ESCOMPTE = "invoice F-1 2026-10-01 due 2026-10-31 236.00 escompte=10/10"
PAID = f"{ESCOMPTE}\npayment 2026-10-08 212.40 F-1"
TWO = """
    invoice F-1 2026-10-01 due 2026-11-02 100.10
    invoice F-2 2026-10-01 due 2026-11-02 200.30
    sent 2026-11-09 reminder-1 F-1 F-2
"""


def due(account: Account) -> list[tuple[str, str, str, list[tuple[str, str, str]]]]:
    """Of each discount by invoice: the invoice, what it took off, what is not in writing yet, and the notes that it is in."""
    return [
        (
            one.invoice,
            str(one.amount),
            str(one.left),
            [(note.number, str(note.part), str(note.whole)) for note in one.notes],
        )
        for one in account.credits_due
    ]


def both(on: str = "2026-11-18") -> World:
    """Two invoices paid together less 5 %: 15.02 taken off 300.40, 5.00 and 10.02 of it."""
    made = world(TWO, discounting())
    made.build("2026-11-16")
    (offer,) = [one for one in made.on("2026-11-16").offers if one.saving]
    made.add(f'payment {on} {offer.amount} ref="{offer.reference}"')
    return made


class TestOwed:
    def test_until_there_is_one_it_is_due(self) -> None:
        account = world(PAID).on("2026-10-20")
        assert due(account) == [("F-1", "23.60", "23.60", [])]
        (one,) = account.credits_due
        assert (str(one.on), one.reference[:2]) == ("2026-10-08", "RF")

    def test_an_offer_that_nobody_took_owes_none(self) -> None:
        assert world(ESCOMPTE).on("2026-10-05").credits_due == ()
        assert world(f"{ESCOMPTE}\npayment 2026-10-20 212.40 F-1").on("2026-10-21").credits_due == ()

    def test_a_payment_that_goes_back_takes_it_along(self) -> None:
        assert world(f"{PAID}\npayment 2026-10-12 -212.40 F-1").on("2026-10-20").credits_due == ()

    def test_one_that_is_on_its_way_owes_none_yet(self) -> None:
        assert world(f"{ESCOMPTE}\ndebit 2026-10-08 212.40 F-1").on("2026-10-09").credits_due == ()

    def test_each_invoice_of_an_offer_has_its_share(self) -> None:
        assert due(both().on("2026-11-20")) == [("F-1", "5.00", "5.00", []), ("F-2", "10.02", "10.02", [])]

    def test_what_a_plan_waives_is_due_once_it_is_kept(self) -> None:
        made, reference = accepted()
        made.add("\n".join(f'payment {on} 291.00 ref="{reference}"' for on in DATES[1:3]))
        assert made.on("2027-02-01").credits_due == ()
        made.add(f'payment {DATES[3]} 291.00 ref="{reference}"')
        (one,) = made.on("2027-02-20").credits_due
        assert (one.invoice, str(one.amount), str(one.on), one.reference) == ("F-1", "36.00", DATES[3], reference)


class TestWritten:
    """However the owner writes it, the client has the discount once."""

    @pytest.mark.parametrize("on", ["2026-10-08", "2026-10-09", "2026-12-01"])
    def test_the_same_amount_is_the_discount(self, on: str) -> None:
        account = world(f"{PAID}\ncredit A-1 {on} 23.60 F-1").on("2026-12-05")
        assert due(account) == [("F-1", "23.60", "0.00", [("A-1", "23.60", "23.60")])]
        assert not account.totals.credit
        found = item(account, "F-1")
        assert (str(found.paid), str(found.credited), str(found.open)) == ("212.40", "23.60", "0.00")

    def test_less_writes_down_a_part_of_it(self) -> None:
        account = world(f"{PAID}\ncredit A-1 2026-10-09 20.00 F-1").on("2026-10-20")
        assert due(account) == [("F-1", "23.60", "3.60", [("A-1", "20.00", "20.00")])]
        assert not account.totals.credit

    def test_more_leaves_the_rest_to_the_client(self) -> None:
        account = world(f"{PAID}\ncredit A-1 2026-10-09 30.00 F-1").on("2026-10-20")
        assert due(account) == [("F-1", "23.60", "0.00", [("A-1", "23.60", "30.00")])]
        assert str(account.totals.credit) == "6.40"

    def test_one_of_before_is_a_credit_of_its_own(self) -> None:
        account = world(f"{ESCOMPTE}\ncredit A-1 2026-10-07 36.00 F-1\npayment 2026-10-08 180.00 F-1").on("2026-10-20")
        assert due(account) == [("F-1", "20.00", "20.00", [])]
        assert still_open(account) == {}
        assert not account.totals.credit

    def test_one_of_another_invoice_is_not_it(self) -> None:
        made = world(f"{PAID}\ninvoice F-9 2026-10-01 due 2026-10-31 50.00\ncredit A-1 2026-10-09 23.60 F-9")
        account = made.on("2026-10-20")
        assert due(account) == [("F-1", "23.60", "23.60", [])]
        assert still_open(account) == {"F-9": "26.40"}

    def test_a_free_one_is_not_it(self) -> None:
        account = world(f"{PAID}\ncredit A-1 2026-10-09 23.60").on("2026-10-20")
        assert due(account) == [("F-1", "23.60", "23.60", [])]
        assert str(account.totals.credit) == "23.60"

    def test_of_an_invoice_in_parts_it_leaves_the_other_part_alone(self) -> None:
        """Its amount says what it is, though something of the same invoice is open."""
        made = world(
            "invoice F-1 2026-10-01 due 2026-10-31 236.00 part=1 escompte=10/10\n"
            "invoice F-1 2026-10-01 due 2026-11-30 100.00 part=2\n"
            "payment 2026-10-08 212.40 F-1/1\ncredit A-1 2026-10-09 23.60 F-1"
        )
        account = made.on("2026-10-20")
        assert still_open(account) == {"F-1/2": "100.00"}
        assert due(account) == [("F-1/1", "23.60", "0.00", [("A-1", "23.60", "23.60")])]

    def test_another_amount_goes_to_what_is_open_first(self) -> None:
        made = world(
            "invoice F-1 2026-10-01 due 2026-10-31 236.00 part=1 escompte=10/10\n"
            "invoice F-1 2026-10-01 due 2026-11-30 100.00 part=2\n"
            "payment 2026-10-08 212.40 F-1/1\ncredit A-1 2026-10-09 40.00 F-1"
        )
        account = made.on("2026-10-20")
        assert still_open(account) == {"F-1/2": "60.00"}
        assert due(account) == [("F-1/1", "23.60", "23.60", [])]


class TestSeveralInvoices:
    @pytest.mark.parametrize(
        ("notes", "written"),
        [
            pytest.param(("5.00 F-1", "10.02 F-2"), ("A-1", "A-2"), id="as it was shared out"),
            pytest.param(("5.01 F-1", "10.01 F-2"), ("A-1", "A-2"), id="a cent apart"),
            pytest.param(("4.99 F-1", "10.03 F-2"), ("A-1", "A-2"), id="a cent apart the other way"),
            pytest.param(("15.02 F-1",), ("A-1", "A-1"), id="all of it on one of them"),
        ],
    )
    @pytest.mark.parametrize("on", ["2026-11-18", "2026-11-19"])
    def test_the_discount_is_one(self, notes: tuple[str, ...], written: tuple[str, ...], on: str) -> None:
        made = both()
        made.add("\n".join(f"credit A-{place} {on} {note}" for place, note in enumerate(notes, start=1)))
        account = made.on("2026-11-20")
        assert [str(one.left) for one in account.credits_due] == ["0.00", "0.00"]
        for one, number in zip(account.credits_due, written, strict=True):
            assert number in {note.number for note in one.notes}
        assert still_open(account) == {}
        assert not account.totals.credit

    def test_one_on_the_day_itself_and_the_other_after(self) -> None:
        made = both()
        made.add("credit A-1 2026-11-18 5.00 F-1\ncredit A-2 2026-11-19 10.02 F-2")
        account = made.on("2026-11-20")
        assert still_open(account) == {}
        assert not account.totals.credit

    def test_what_is_more_than_a_cent_is_about_something_else(self) -> None:
        made = both()
        made.add("credit A-1 2026-11-19 8.00 F-1")
        account = made.on("2026-11-20")
        assert due(account) == [("F-1", "5.00", "0.00", [("A-1", "5.00", "8.00")]), ("F-2", "10.02", "10.02", [])]
        assert str(account.totals.credit) == "3.00"


class TestOnTheVeryDay:
    def test_of_a_plan_that_was_kept_that_day(self) -> None:
        made, reference = accepted()
        made.add("\n".join(f'payment {on} 291.00 ref="{reference}"' for on in DATES[1:]))
        made.add(f"credit A-1 {DATES[3]} 36.00 F-1")
        account = made.on("2027-02-20")
        found = item(account, "F-1")
        assert (str(found.paid), str(found.credited), str(account.totals.credit)) == ("1164.00", "36.00", "0.00")
        assert due(account) == [("F-1", "36.00", "0.00", [("A-1", "36.00", "36.00")])]
        assert account.agreements[0].saved_on is not None

    def test_of_a_plan_another_amount_is_a_credit_of_its_own(self) -> None:
        made, reference = accepted()
        made.add("\n".join(f'payment {on} 291.00 ref="{reference}"' for on in DATES[1:]))
        made.add(f"credit A-1 {DATES[3]} 30.00 F-1")
        account = made.on("2027-02-20")
        assert due(account) == [("F-1", "36.00", "36.00", [])]
        assert str(account.totals.credit) == "30.00"

    def test_through_a_payment_link(self) -> None:
        made = world(f"{ESCOMPTE}\ncredit A-1 2026-10-08 23.60 F-1")
        (offer,) = [one for one in world(ESCOMPTE).on("2026-10-05").offers if one.saving]
        made.add(f'debit 2026-10-08 212.40 state=paid link=plink_1 ref="{offer.reference}"')
        account = made.on("2026-10-20")
        assert due(account) == [("F-1", "23.60", "0.00", [("A-1", "23.60", "23.60")])]
        assert not account.totals.credit

    def test_a_payment_that_does_not_reach_it_takes_nothing(self) -> None:
        made = world(f"{ESCOMPTE}\ncredit A-1 2026-10-08 23.60 F-1\npayment 2026-10-08 100.00 F-1")
        account = made.on("2026-10-20")
        assert account.credits_due == ()
        assert still_open(account) == {"F-1": "112.40"}

    def test_the_history_tells_both_as_on_any_other_day(self) -> None:
        account = world(f"{PAID}\ncredit A-1 2026-10-08 23.60 F-1").on("2026-10-20")
        kinds = [line.kind for line in account.history]
        assert kinds.count(HistoryKind.DISCOUNT) == kinds.count(HistoryKind.CREDIT_NOTE) == 1


# Whatever was taken, and however it was paid


def any_invoices(chance: random.Random) -> tuple[str, list[str]]:
    """Up to three, late ones with parts among them and some with an escompte; and the ids of those without."""
    lines, late = [], []
    for place in range(chance.randint(1, 3)):
        first, second = (f"{chance.randint(1_000, 90_000) / 100:.2f}" for _ in range(2))
        shape = chance.choice(["parts", "escompte", "late", "late"])
        if shape == "parts":
            due = chance.choice(["2026-11-02", "2026-12-30"])
            lines.append(f"invoice F-{place} 2026-10-01 due 2026-11-02 {first} part=1")
            lines.append(f"invoice F-{place} 2026-10-01 due {due} {second} part=2")
            late += [f"F-{place}/1", f"F-{place}/2"]
        elif shape == "escompte":
            lines.append(f"invoice F-{place} 2026-11-10 due 2026-12-10 {first} escompte={chance.randint(1, 9)}/15")
        else:
            lines.append(f"invoice F-{place} 2026-10-01 due 2026-11-02 {first}")
            late.append(f"F-{place}")
    return "\n".join(lines), late


def any_taking(chance: random.Random) -> World:
    """Some of the discounts of 18 November are taken: with a reference, by naming the invoices, or through a payment link."""
    text, late = any_invoices(chance)
    for number in late:
        if chance.random() < 0.2:
            text += f"\npayment 2026-11-{chance.randint(3, 17):02d} {chance.randint(100, 900) / 100:.2f} {number}"
    text += f"\nsent 2026-11-09 reminder-1 {' '.join(late)}" if late else ""
    made = world(text, discounting(percent=Decimal(chance.choice(["3", "5", "7.5"]))))
    made.build("2026-11-16")
    for offer in made.on("2026-11-18").offers_of(OfferKind.DISCOUNT):
        on, way = f"2026-11-{chance.choice([18, 18, 19])}", chance.choice(["reference", "names", "link", "not"])
        if way == "reference":
            made.add(f'payment {on} {offer.amount} ref="{offer.reference}"')
        elif way == "names":
            made.add(f"payment {on} {offer.amount} {' '.join(found.id for found in offer.items)}")
        elif way == "link":
            made.add(f'debit {on} {offer.amount} state=paid link=plink_1 ref="{offer.reference}"')
    return made


@pytest.mark.parametrize("seed", range(examples(40)))
def test_to_enter_what_is_due_changes_nothing(seed: int) -> None:
    """The table of credit notes, typed into the ledger row by row, on the day of the discount or later: not a cent moves."""
    chance = random.Random(seed)
    made, today = any_taking(chance), day("2026-11-24")
    before = made.on(today)
    for place, one in enumerate(before.credits_due):
        on = chance.choice([one.on, one.on + timedelta(days=1), today])
        made.add(f"credit A-{place} {on} {one.amount} {one.invoice.partition('/')[0]}")
    after = made.on(today)
    assert still_open(after) == still_open(before)
    assert after.totals.credit == before.totals.credit
    assert [(one.invoice, one.amount, one.left.minor) for one in after.credits_due] == [
        (one.invoice, one.amount, 0) for one in before.credits_due
    ]
