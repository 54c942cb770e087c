"""Agreements that end or were told to have ended: what was said holds, to the day and to the cent."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from generator.domain.account import Status
from generator.domain.following import Watch
from generator.domain.money import Money
from generator.domain.reckoning import reckoning
from tests.support.reading import BARE, item, still_open
from tests.support.world import World, day, world

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from generator.domain.account import Account, Agreement

ONE = "invoice F-1 2026-10-02 due 2026-11-02 1200.00"
AGREED = "agreement E-1 2026-11-05 F-1 2026-11-24:400.00 2026-12-24:400.00 2027-01-25:400.00"
TOLD = "sent 2026-11-27 instalment-late about=E-1@2026-11-24"
OVER = "sent 2026-12-11 agreement-over about=E-1@broken"

#: 1,164.00 in two parts, and 36.00 waived once they are paid.
WAIVING = "agreement E-1 2026-11-05 F-1 2026-11-24:600.00 2026-12-24:564.00"


def of(account: Account) -> Agreement:
    (found,) = account.agreements
    return found


def waiving(text: str = "", *, discount: int = 3600, agreed: str = WAIVING, invoices: str = ONE) -> World:
    made = world(f"{invoices}\n{agreed}\n{text}", BARE)
    records = tuple(replace(one, discount=Money(discount, "EUR")) for one in made.ledger.agreements)
    made.ledger = replace(made.ledger, agreements=records)
    return made


def reckoned(found: Agreement) -> list[str]:
    """What was agreed, what came in, what was credited, what is left; with the rest it adds up."""
    sums = reckoning(found)
    gone = sums.received + sums.credited + sums.in_flight + sums.disputed
    assert sums.whole + sums.lost == gone + sums.left
    return [str(amount) for amount in (sums.whole, sums.received, sums.credited, sums.left)]


class TestHeld:
    """What stood through a hold has not ended before its last day."""

    def test_it_ends_the_day_after_the_hold_and_not_before(self) -> None:
        made = world(f"client brun hold=2027-01-15\n{ONE}\n{AGREED}\n{TOLD}", BARE)
        said = of(made.on("2026-12-10")).instalments[0].ends_on
        assert said == day("2027-01-15")
        after = of(made.on("2027-01-16"))
        assert (after.holds, after.broken_on, after.missed) == (False, day("2027-01-16"), day("2026-11-24"))

    def test_told_after_it_too(self) -> None:
        over = "sent 2027-01-18 agreement-over about=E-1@broken"
        made = world(f"client brun hold=2027-01-15\n{ONE}\n{AGREED}\n{TOLD}\n{over}", BARE)
        assert of(made.on("2027-02-01")).broken_on == day("2027-01-16")

    def test_paid_in_that_time_it_goes_on(self) -> None:
        made = world(f"client brun hold=2027-01-15\n{ONE}\n{AGREED}\n{TOLD}\npayment 2027-01-15 800.00 F-1", BARE)
        assert of(made.on("2027-01-16")).holds

    def test_a_hold_of_long_ago_changes_nothing(self) -> None:
        made = world(f"client brun hold=2026-11-25\n{ONE}\n{AGREED}\n{TOLD}", BARE)
        assert of(made.on("2026-12-08")).broken_on == day("2026-12-08")

    def test_what_was_told_before_a_hold_stays_told_as_it_was(self) -> None:
        made = world(f"client brun hold=2027-01-15\n{ONE}\n{AGREED}\n{TOLD}\n{OVER}", BARE)
        assert [of(made.on(on)).broken_on for on in ("2026-12-20", "2027-02-01")] == [day("2026-12-08")] * 2


class TestWithoutTheDiscount:
    """Once the client was told that it has ended, a payment of that day takes it up again, without the discount."""

    @pytest.mark.parametrize("paid", ["2026-12-10", "2026-12-11"])
    def test_it_goes_on_and_asks_for_all(self, paid: str) -> None:
        made = waiving(f"{TOLD}\n{OVER}\npayment {paid} 600.00 F-1")
        found = of(made.on("2026-12-12"))
        assert (found.holds, found.saving_lost, found.saved_on) == (True, True, None)
        assert [str(part.amount) for part in found.instalments] == ["600.00", "600.00"]
        assert reckoned(found) == ["1200.00", "600.00", "0.00", "600.00"]

    def test_the_old_last_sum_does_not_settle_it(self) -> None:
        made = waiving(f"{TOLD}\n{OVER}\npayment 2026-12-11 600.00 F-1\npayment 2026-12-24 564.00 F-1")
        account = made.on("2026-12-24")
        assert (still_open(account), str(account.totals.to_pay)) == ({"F-1": "36.00"}, "36.00")
        made.add("payment 2026-12-28 36.00 F-1")
        account = made.on("2026-12-28")
        assert (still_open(account), str(item(account, "F-1").credited)) == ({}, "0.00")

    def test_all_of_it_paid_on_the_day_of_the_message_earns_nothing(self) -> None:
        made = waiving(f"{TOLD}\n{OVER}\npayment 2026-12-11 1164.00 F-1")
        assert still_open(made.on("2026-12-12")) == {"F-1": "36.00"}

    def test_what_was_paid_before_any_word_of_it_keeps_the_discount(self) -> None:
        made = waiving(f"{TOLD}\npayment 2026-12-10 600.00 F-1\npayment 2026-12-24 564.00 F-1")
        assert (still_open(made.on("2026-12-24")), of(made.on("2026-12-24")).saved_on) == ({}, day("2026-12-24"))


class TestLostWithIt:
    """On the day it ends, before the owner's word on the message as after it: nothing is waived, and the sums are those asked."""

    @pytest.mark.parametrize("told", ["", OVER])
    def test_what_is_left_of_it_is_what_is_asked(self, told: str) -> None:
        made = waiving(f"{TOLD}\npayment 2026-11-20 100.00 F-1\n{told}")
        account = made.on("2026-12-11")
        found = of(account)
        assert (found.holds, found.saving_lost) == (False, True)
        assert reckoned(found) == ["1164.00", "100.00", "0.00", "1100.00"]
        assert (str(reckoning(found).lost), str(account.totals.to_pay)) == ("36.00", "1100.00")

    def test_while_it_holds_it_is_not_lost(self) -> None:
        found = of(waiving(TOLD).on("2026-12-07"))
        assert (found.saving_lost, str(reckoning(found).lost)) == (False, "0.00")
        assert reckoned(found) == ["1164.00", "0.00", "0.00", "1164.00"]


class TestNothingForNothing:
    """A discount that is no less than the debt is none, and none is earned before the agreement was signed."""

    @pytest.mark.parametrize("before", ["credit A-1 2026-11-04 950.00 F-1", "payment 2026-11-04 950.00 F-1"])
    def test_the_rest_stays_to_be_paid(self, before: str) -> None:
        agreed = "agreement E-1 2026-11-05 F-1 2026-12-01:450.00 2027-01-01:450.00"
        invoices = f"invoice F-1 2026-10-02 due 2026-11-02 1000.00\n{before}"
        made = waiving(discount=10000, agreed=agreed, invoices=invoices)
        account = made.on("2026-11-06")
        assert (still_open(account), of(account).saved_on, of(account).saving) == ({"F-1": "50.00"}, None, None)
        made.add("payment 2026-12-01 50.00 F-1")
        account = made.on("2026-12-02")
        assert (still_open(account), str(account.totals.credit)) == ({}, "0.00")

    def test_a_payment_of_before_it_does_not_date_it(self) -> None:
        invoices = f"{ONE}\npayment 2026-11-06 5.00 F-1\npayment 2026-11-01 636.00 F-1"
        agreed = "agreement E-1 2026-11-05 F-1 2026-11-24:264.00 2026-12-24:264.00"
        made = waiving(agreed=agreed, invoices=invoices)
        made.add("payment 2026-11-07 523.00 F-1")
        account = made.on("2026-11-08")
        assert (still_open(account), of(account).saved_on) == ({}, day("2026-11-07"))


class TestDisputed:
    """What is disputed of an agreement is told apart: agreed = paid + credited + disputed + left."""

    TWO = f"{ONE}\ninvoice F-2 2026-10-02 due 2026-11-02 333.33"
    PARTS = "agreement E-1 2026-11-05 F-1,F-2 2026-11-24:383.34 2026-12-24:383.33 2027-01-25:383.33 2027-02-25:383.33"

    def test_the_sums_add_up(self) -> None:
        made = world(f"{self.TWO}\n{self.PARTS}\npayment 2026-11-24 383.34 F-1\ndispute F-2 2026-11-25", BARE)
        found = of(made.on("2026-11-26"))
        assert reckoned(found) == ["1533.33", "383.34", "0.00", "816.66"]
        assert found.disputed == Money(33333, "EUR")

    def test_what_it_waives_comes_off_the_disputed_part_last(self) -> None:
        agreed = "agreement E-1 2026-11-05 F-1,F-2 2026-11-24:750.00 2026-12-24:750.00"
        made = waiving("dispute F-2 2026-11-25", discount=3333, agreed=agreed, invoices=self.TWO)
        found = of(made.on("2026-11-26"))
        assert (reckoned(found), str(found.disputed)) == (["1500.00", "0.00", "0.00", "1200.00"], "300.00")

    def test_without_a_dispute_there_is_no_such_sum(self) -> None:
        assert of(world(f"{self.TWO}\n{self.PARTS}", BARE).on("2026-11-26")).disputed is None


class TestCredited:
    """A credit note covers an instalment as money does, and is not called money."""

    def parts(self, made: World, on: str) -> list[tuple[str, str, str]]:
        return [(str(part.received), str(part.credited or 0), str(part.open)) for part in of(made.on(on)).instalments]

    def test_in_the_order_in_which_they_came(self) -> None:
        made = world(f"{ONE}\n{AGREED}\npayment 2026-11-24 400.00 F-1\ncredit A-1 2026-12-01 100.00 F-1", BARE)
        assert self.parts(made, "2026-12-02") == [
            ("400.00", "0", "0.00"),
            ("0.00", "100.00", "300.00"),
            ("0.00", "0", "400.00"),
        ]
        made.add("payment 2026-12-24 500.00 F-1")
        assert self.parts(made, "2026-12-24") == [
            ("400.00", "0", "0.00"),
            ("300.00", "100.00", "0.00"),
            ("200.00", "0", "200.00"),
        ]
        found = of(made.on("2026-12-24"))
        assert reckoned(found) == ["1200.00", "900.00", "100.00", "200.00"]
        assert item(made.on("2026-12-24"), "F-1").status is Status.IN_PLAN

    def test_one_of_before_the_agreement_is_none_of_its_instalments(self) -> None:
        made = world(f"{ONE}\ncredit A-1 2026-11-03 200.00 F-1\nagreement E-1 2026-11-05 F-1 2026-11-24:1000.00", BARE)
        assert self.parts(made, "2026-11-06") == [("0.00", "0", "1000.00")]

    def test_what_is_waived_covers_no_instalment(self) -> None:
        made = waiving("payment 2026-11-24 600.00 F-1\npayment 2026-12-24 564.00 F-1")
        assert self.parts(made, "2026-12-24") == [("600.00", "0", "0.00"), ("564.00", "0", "0.00")]

    def test_one_that_covers_the_last_of_it_keeps_it(self) -> None:
        made = world(f"{ONE}\n{AGREED}\npayment 2026-11-24 800.00 F-1\ncredit A-1 2026-12-01 400.00 F-1", BARE)
        assert of(made.on("2026-12-02")).kept_on == day("2026-12-01")


def test_what_was_said_of_each_of_many_agreements_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """And not at every payment: a client of years has hundreds of agreements, reminders and payments."""
    lines: list[str] = []
    for number in range(20):
        lines.append(f"invoice F-{number} 2026-01-02 due 2026-02-02 300.00")
        lines.append(f"sent 2026-02-09 reminder-1 F-{number}")
        lines.append(f"agreement E-{number} 2026-02-{10 + number % 10} F-{number} 2026-03-02:100.00 2026-04-02:200.00")
        lines += [f"payment 2026-03-02 100.00 F-{number}", f"payment 2026-04-02 200.00 F-{number}"]
    made, asked, really = world("\n".join(lines), BARE), Counter[str](), Watch.told_over

    def told_over(watch: Watch, agreement: str, items: Collection[str], since: date) -> list[tuple[date, bool]]:
        asked[agreement] += 1
        return really(watch, agreement, items, since)

    monkeypatch.setattr(Watch, "told_over", told_over)
    account = made.on("2026-05-04")
    assert all(found.kept_on for found in account.agreements)
    assert (len(asked), set(asked.values())) == (20, {1})
