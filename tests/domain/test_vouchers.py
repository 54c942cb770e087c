"""Vouchers: a discount on the next invoice. Who pays all in time earns it; it never moves what is owed."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from generator.domain.discounts import gain, saved, to_settle, worth
from generator.domain.memory import OfferKind, OfferMade
from generator.domain.policy import DiscountPolicy, OfferStart, Policy
from generator.journal_records import event_of, line_of
from tests.support.links import LINKS
from tests.support.reading import discount, discounting, still_open
from tests.support.world import World, day, world

if TYPE_CHECKING:
    from generator.domain.account import Account

LATE = "invoice F-1 2026-10-02 due 2026-11-02 1200.00"
#: 5 % off the next invoice within a year, for who pays within 10 days of the second reminder.
NEXT = discounting(voucher_days=365)


def offered(invoices: str = LATE, policy: Policy = NEXT) -> World:
    """On 16 November, with the second reminder: a voucher of 60.00 for paying 1,200.00 by the 26th."""
    numbers = " ".join(line.split()[1] for line in invoices.splitlines())
    made = world(f"{invoices}\nsent 2026-11-09 reminder-1 {numbers}", policy)
    made.build("2026-11-16")
    return made


def vouchers(account: Account) -> list[tuple[str, str, str, str]]:
    return [(str(one.amount), str(one.earned_on), str(one.valid_until), str(one.status)) for one in account.vouchers]


EARNED = ("60.00", "2026-11-20", "2027-11-20", "open")


class TestWhatItIsWorth:
    def offer(self, debt: int = 0, **changes: object) -> OfferMade:
        bare = OfferMade(
            *("k", OfferKind.DISCOUNT, "brun", "EUR", "RF", ("F-1",), day("2026-11-16"), day("2026-11-26")),
            percent=Decimal(5),
            debt=debt,
            voucher_days=365,
        )
        return replace(bare, **changes)  # type: ignore[arg-type]

    def test_all_of_the_debt_is_to_be_paid_and_nothing_is_saved_now(self) -> None:
        offer = self.offer()
        assert (to_settle(offer, 120000), saved(offer, 120000), worth(offer, 120000)) == (120000, 0, 6000)

    def test_an_offer_of_less_to_pay_is_worth_no_voucher(self) -> None:
        assert worth(self.offer(voucher_days=0), 120000) == 0
        assert saved(self.offer(voucher_days=0), 120000) == gain(self.offer(), 120000) == 6000

    def test_a_debt_that_grew_earns_no_more_than_was_promised(self) -> None:
        assert [worth(self.offer(120000), debt) for debt in (60000, 120000, 180000)] == [3000, 6000, 6000]

    def test_a_fixed_sum(self) -> None:
        assert worth(self.offer(percent=Decimal(0), amount_off=5000), 120000) == 5000

    def test_it_is_a_field_of_the_journal_only_where_there_is_one(self) -> None:
        offer = self.offer()
        assert '"voucher_days":365' in line_of(offer)
        assert event_of(line_of(offer)) == offer
        assert "voucher" not in line_of(replace(offer, voucher_days=0))

    @pytest.mark.parametrize("text", ["-1", "1.5", "true", '"365"'])
    def test_a_line_of_the_journal_with_something_else_is_not_read(self, text: str) -> None:
        line = line_of(self.offer()).replace('"voucher_days":365', f'"voucher_days":{text}')
        with pytest.raises((ValueError, TypeError)):
            event_of(line)


class TestOffered:
    def test_the_whole_debt_and_a_voucher(self) -> None:
        offer = discount(offered().on("2026-11-16"))
        assert (str(offer.amount), str(offer.saving), str(offer.voucher)) == ("1200.00", "0.00", "60.00")
        assert offer.valid_until == day("2026-11-26")

    def test_it_is_frozen_whatever_the_policy_says_later(self) -> None:
        later = offered()
        later.policy = discounting(percent=Decimal(10), voucher_days=0)
        assert str(discount(later.on("2026-11-20")).voucher) == "60.00"
        assert len(later.on("2026-11-20").offers_of(OfferKind.DISCOUNT)) == 1

    def test_from_the_day_of_the_invoice_too(self) -> None:
        policy = Policy(discount=DiscountPolicy(Decimal(5), start=OfferStart.ISSUED, voucher_days=90))
        fresh = world("invoice F-1 2026-11-14 due 2026-12-14 1000.00", policy)
        fresh.build("2026-11-16")
        assert (str(discount(fresh.on("2026-11-16")).voucher), discount(fresh.on("2026-11-16")).before_due) == (
            "50.00",
            True,
        )
        fresh.add("payment 2026-11-24 1000.00 F-1")
        assert vouchers(fresh.on("2026-11-25")) == [("50.00", "2026-11-24", "2027-02-22", "open")]

    def test_a_part_payment_counts_towards_it(self) -> None:
        part = offered()
        part.add("payment 2026-11-18 700.00 F-1")
        offer = discount(part.on("2026-11-19"))
        assert (str(offer.amount), str(offer.voucher)) == ("500.00", "60.00")

    def test_it_has_no_payment_link_of_its_own(self) -> None:
        account = offered(policy=replace(NEXT, links=LINKS)).on("2026-11-16")
        assert discount(account).voucher
        assert {str(link.kind) for link in account.wanted} == {"invoice", "plan"}


class TestEarned:
    @pytest.mark.parametrize("payment", ["1200.00 F-1", "1200.00", "1200.00 ref=whatever"])
    def test_by_any_payment_of_all_of_it_in_time(self, payment: str) -> None:
        paid = offered()
        paid.add(f"payment 2026-11-20 {payment}")
        account = paid.on("2026-11-21")
        assert vouchers(account) == [EARNED]
        assert account.vouchers[0].paid == ("F-1",)
        assert account.offers == ()

    def test_by_a_transfer_with_the_reference_of_the_offer(self) -> None:
        paid = offered()
        paid.add(f"payment 2026-11-20 1200.00 ref={discount(paid.on('2026-11-16')).reference}")
        assert vouchers(paid.on("2026-11-21")) == [EARNED]

    def test_on_the_day_of_the_last_payment_that_was_needed(self) -> None:
        paid = offered()
        paid.add("payment 2026-11-18 700.00 F-1\npayment 2026-11-20 500.00 F-1\npayment 2026-11-25 80.00")
        assert vouchers(paid.on("2026-11-19")) == []
        assert vouchers(paid.on("2026-11-26")) == [EARNED]

    def test_on_its_last_day_and_not_the_day_after(self) -> None:
        for date, count in (("2026-11-26", 1), ("2026-11-27", 0)):
            paid = offered()
            paid.add(f"payment {date} 1200.00 F-1")
            assert len(vouchers(paid.on("2026-12-05"))) == count

    def test_it_is_kept_however_late_the_payment_is_booked(self) -> None:
        late = offered()
        late.build("2026-12-10")
        late.add("payment 2026-11-20 1200.00 F-1")
        assert vouchers(late.on("2026-12-11")) == [EARNED]

    def test_a_cent_that_is_missing_earns_nothing(self) -> None:
        paid = offered()
        paid.add("payment 2026-11-20 1199.99 F-1\npayment 2026-11-27 0.01 F-1")
        assert vouchers(paid.on("2026-12-05")) == []

    def test_a_payment_that_goes_back_takes_it_away(self) -> None:
        paid = offered()
        paid.add("payment 2026-11-20 1200.00 F-1\npayment 2026-11-24 -1200.00 F-1")
        assert vouchers(paid.on("2026-11-23")) == [EARNED]
        assert vouchers(paid.on("2026-11-24")) == []

    def test_a_credit_note_is_no_payment(self) -> None:
        credited = offered()
        credited.add("credit A-1 2026-11-18 200.00 F-1\npayment 2026-11-20 1000.00 F-1")
        assert str(discount(credited.on("2026-11-19")).voucher) == "50.00"
        assert vouchers(credited.on("2026-11-21")) == [("50.00", "2026-11-20", "2027-11-20", "open")]
        whole = offered()
        whole.add("credit A-1 2026-11-18 1200.00 F-1")
        assert vouchers(whole.on("2026-11-21")) == []

    def test_a_credit_note_for_the_rest_completes_it_on_the_day_of_the_payment(self) -> None:
        credited = offered()
        credited.add("payment 2026-11-20 1000.00 F-1\ncredit A-1 2026-11-24 200.00 F-1")
        assert vouchers(credited.on("2026-11-25")) == [("50.00", "2026-11-20", "2027-11-20", "open")]

    def test_all_its_invoices_are_to_be_paid(self) -> None:
        two = offered(f"{LATE}\ninvoice F-2 2026-10-04 due 2026-11-04 300.00")
        two.add("payment 2026-11-20 1200.00 F-1")
        assert vouchers(two.on("2026-11-21")) == []
        two.add("payment 2026-11-22 300.00 F-2")
        assert vouchers(two.on("2026-11-23")) == [("75.00", "2026-11-22", "2027-11-22", "open")]

    def test_what_is_disputed_is_not_asked_for_it(self) -> None:
        two = offered(f"{LATE}\ninvoice F-2 2026-10-04 due 2026-11-04 300.00")
        two.add("dispute F-2 2026-11-18\npayment 2026-11-20 1200.00 F-1")
        assert str(discount(two.on("2026-11-19")).voucher) == "60.00"
        assert vouchers(two.on("2026-11-21")) == [EARNED]

    def test_a_dispute_of_what_was_paid_in_part_earns_nothing(self) -> None:
        part = offered()
        part.add("payment 2026-11-18 100.00 F-1\ndispute F-1 2026-11-19\npayment 2026-11-20 10.00")
        assert vouchers(part.on("2026-11-21")) == []

    def test_who_accepts_a_plan_has_chosen_it_instead(self) -> None:
        planned = offered()
        planned.add("agreement E-1 2026-11-18 F-1 2026-11-20:600.00 2026-11-25:600.00")
        assert planned.on("2026-11-18").offers_of(OfferKind.DISCOUNT) == ()
        planned.add("payment 2026-11-20 600.00 F-1\npayment 2026-11-25 600.00 F-1")
        assert vouchers(planned.on("2026-11-26")) == []

    def test_one_payment_earns_one_voucher_of_two_offers_the_better_one(self) -> None:
        twice = offered()
        first = next(event for event in twice.events if isinstance(event, OfferMade) and event.voucher_days)
        twice.events.append(replace(first, key="other", reference="RF11OTHER", percent=Decimal(8), personal=True))
        twice.add("payment 2026-11-20 1200.00 F-1")
        assert [str(one.amount) for one in twice.on("2026-11-21").vouchers] == ["96.00"]

    def test_none_beside_a_discount_that_was_taken(self) -> None:
        both = offered()
        first = next(event for event in both.events if isinstance(event, OfferMade) and event.voucher_days)
        both.events.append(replace(first, key="now", reference="RF11NOW", percent=Decimal(10), voucher_days=0))
        both.add("payment 2026-11-20 1080.00 F-1")
        assert (still_open(both.on("2026-11-21")), vouchers(both.on("2026-11-21"))) == ({}, [])

    def test_it_moves_nothing_of_what_is_owed(self) -> None:
        paid = offered()
        paid.add("payment 2026-11-20 1200.00 F-1\ninvoice F-2 2026-12-01 due 2026-12-31 500.00")
        account = paid.on("2026-12-02")
        assert still_open(account) == {"F-2": "500.00"}
        assert (str(account.totals.to_pay), str(account.totals.credit)) == ("500.00", "0.00")

    def test_whatever_is_paid_shown_and_earned_agree(self) -> None:
        """Random payments up to the end: what the page said the day before the last one is what was earned."""
        chance = random.Random(61)
        for _ in range(12):
            paid = offered(f"{LATE}\ninvoice F-2 2026-10-04 due 2026-11-04 333.33")
            left, on = 153333, 17
            while left and on < 26:
                amount = left if on == 25 else chance.randint(1, left)
                shown = discount(paid.on(f"2026-11-{on}")).voucher
                paid.add(f"payment 2026-11-{on} {amount // 100}.{amount % 100:02d}")
                left, on = left - amount, on + 1
            assert [one.amount for one in paid.on("2026-11-30").vouchers] == [shown]


class TestWhatBecomesOfIt:
    def earned(self) -> World:
        paid = offered()
        paid.add("payment 2026-11-20 1200.00 F-1")
        return paid

    def test_it_can_be_used_until_its_last_day(self) -> None:
        paid = self.earned()
        assert [str(paid.on(date).vouchers[0].status) for date in ("2027-11-20", "2027-11-21")] == ["open", "expired"]

    def test_the_first_invoice_after_it_is_named_and_keeps_it_open(self) -> None:
        paid = self.earned()
        paid.add("invoice F-3 2027-03-01 due 2027-03-31 90.00\ninvoice F-2 2026-12-01 due 2026-12-31 500.00")
        [voucher] = paid.on("2028-01-01").vouchers
        assert (voucher.following, str(voucher.status)) == ("F-2", "open")

    def test_an_invoice_after_its_last_day_does_not(self) -> None:
        paid = self.earned()
        paid.add("invoice F-2 2027-11-21 due 2027-12-21 500.00")
        assert str(paid.on("2027-11-21").vouchers[0].status) == "expired"

    def test_the_owners_word_holds_the_last_one(self) -> None:
        paid = self.earned()
        key = paid.on("2026-11-21").vouchers[0].id
        paid.add("invoice F-2 2026-12-01 due 2026-12-31 500.00")
        paid.add(f"voucher {key} 2026-11-20 60.00 cancelled\nvoucher {key.lower()} 2026-11-20 60.00 used invoice=F-2")
        [voucher] = paid.on("2026-12-02").vouchers
        assert (voucher.id, str(voucher.status), voucher.invoices, voucher.paid) == (key, "used", ("F-2",), ("F-1",))

    def test_the_owner_gives_one(self) -> None:
        given = world(f"{LATE}\nvoucher GESTE-1 2026-11-20 50.00 until=2027-01-31")
        assert vouchers(given.on("2026-11-19")) == []
        assert vouchers(given.on("2026-11-20")) == [("50.00", "2026-11-20", "2027-01-31", "open")]
        assert given.on("2026-11-20").vouchers[0].paid == ()

    def test_one_alone_makes_no_account(self) -> None:
        given = world(f"{LATE}\nvoucher G-1 2026-11-20 50.00 currency=GBP")
        assert [account.currency for account in given.decide("2026-11-21").accounts] == ["EUR"]
