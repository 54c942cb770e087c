"""Offers that are taken: a discount earned leaves nothing open, a plan accepted is an agreement. Payments decide, by their date."""

from __future__ import annotations

from dataclasses import replace

import pytest

from generator.domain.account import HistoryKind, Status
from generator.domain.memory import OfferKind
from generator.domain.money import total
from tests.support.reading import (
    BARE,
    DISCOUNTING,
    discount,
    discounting,
    due_step,
    item,
    listed,
    opened,
    plan,
    still_open,
)
from tests.support.world import World, world

ESCOMPTE = "invoice F-1 2026-10-01 due 2026-10-31 1000.00 escompte=2/10"
LATE = "invoice F-1 2026-10-02 due 2026-11-02 1200.00"


def escompte() -> World:
    return world(ESCOMPTE, BARE)


def offered() -> World:
    """On 16 November, with the second reminder: 1,140.00 until the 26th instead of 1,200.00, or a plan."""
    made = world(f"{LATE}\nsent 2026-11-09 reminder-1 F-1", DISCOUNTING)
    made.build("2026-11-16")
    return made


class TestEscompteOfTheInvoice:
    def test_it_is_offered_without_any_policy_until_its_last_day(self) -> None:
        offer = discount(escompte().on("2026-10-11"))
        assert (str(offer.amount), str(offer.saving), str(offer.valid_until)) == ("980.00", "20.00", "2026-10-11")
        assert offer.own
        assert offer.before_due

    def test_it_is_gone_the_next_day(self) -> None:
        assert escompte().on("2026-10-12").offers_of(OfferKind.DISCOUNT) == ()

    def test_paying_it_on_the_last_day_leaves_nothing_open(self) -> None:
        made = escompte()
        made.add("payment 2026-10-11 980.00 F-1")
        found = item(made.on("2026-10-11"), "F-1")
        assert (str(found.paid), str(found.credited), str(found.open), found.status) == (
            "980.00",
            "20.00",
            "0.00",
            Status.PAID,
        )

    def test_paying_it_the_day_after_is_a_part_payment(self) -> None:
        made = escompte()
        made.add("payment 2026-10-12 980.00 F-1")
        assert still_open(made.on("2026-10-12")) == {"F-1": "20.00"}

    def test_a_payment_dated_in_time_but_booked_late_earns_it(self) -> None:
        made = escompte()
        assert still_open(made.on("2026-11-20")) == {"F-1": "1000.00"}
        made.add("payment 2026-10-11 980.00 F-1")
        assert still_open(made.on("2026-11-20")) == {}

    def test_a_transfer_with_its_reference_earns_it(self) -> None:
        made = escompte()
        reference = discount(made.on("2026-10-05")).reference
        made.add(f'payment 2026-10-06 980.00 ref="{reference}"')
        assert still_open(made.on("2026-10-06")) == {}

    def test_a_transfer_that_names_nothing_is_a_part_payment(self) -> None:
        made = escompte()
        made.add("payment 2026-10-06 980.00")
        assert still_open(made.on("2026-10-06")) == {"F-1": "20.00"}

    def test_half_a_cent_is_the_clients_to_pay(self) -> None:
        made = world("invoice F-1 2019-01-01 due 2019-01-31 1725.05 escompte=10/10", BARE)
        offer = discount(made.on("2019-01-01"))
        assert (str(offer.amount), str(offer.saving), str(offer.valid_until)) == ("1552.55", "172.50", "2019-01-11")

    def test_it_is_judged_invoice_by_invoice_inside_one_payment(self) -> None:
        made = world(
            """
            invoice F-1 2017-01-01 due 2019-01-31 1150.00 escompte=10/10
            invoice F-2 2019-01-01 due 2019-01-31 2000.00 escompte=10/10
            payment 2019-01-01 2950.00 F-1 F-2
            """,
            BARE,
        )
        assert still_open(made.on("2019-01-02")) == {}

    @pytest.mark.parametrize("today", ["2026-10-05", "2026-11-16", "2026-12-02"])
    def test_it_excludes_our_discount(self, today: str) -> None:
        made = world(f"{ESCOMPTE}\nsent 2026-11-09 reminder-1 F-1", DISCOUNTING)
        made.build(today)
        assert [offer.own for offer in made.on(today).offers_of(OfferKind.DISCOUNT)] in ([], [True])

    def test_it_is_a_line_of_the_history_on_the_day_of_the_payment(self) -> None:
        made = escompte()
        made.add("payment 2026-10-11 980.00 F-1")
        lines = [line for line in made.on("2026-10-20").history if line.kind is HistoryKind.DISCOUNT]
        assert [(line.on.isoformat(), str(line.amount), line.invoices) for line in lines] == [
            ("2026-10-11", "20.00", ("F-1",))
        ]


class TestDiscountTaken:
    def test_naming_its_invoice_takes_it(self) -> None:
        made = offered()
        made.add("payment 2026-11-26 1140.00 F-1")
        found = item(made.on("2026-11-26"), "F-1")
        assert (str(found.paid), str(found.credited), str(found.open)) == ("1140.00", "60.00", "0.00")

    def test_its_reference_takes_it(self) -> None:
        made = offered()
        made.add(f'payment 2026-11-20 1140.00 ref="{discount(made.on("2026-11-16")).reference}"')
        assert still_open(made.on("2026-11-20")) == {}

    def test_its_reference_typed_in_groups_of_four_and_small_letters_takes_it(self) -> None:
        made = offered()
        reference = discount(made.on("2026-11-16")).reference.lower()
        typed = " ".join(reference[start : start + 4] for start in range(0, len(reference), 4))
        made.add(f'payment 2026-11-20 1140.00 ref="VIR {typed} MERCI"')
        assert still_open(made.on("2026-11-20")) == {}

    def test_without_a_word_it_is_a_part_payment(self) -> None:
        made = offered()
        made.add("payment 2026-11-20 1140.00")
        assert still_open(made.on("2026-11-20")) == {"F-1": "60.00"}

    def test_a_cent_less_is_a_part_payment(self) -> None:
        made = offered()
        made.add("payment 2026-11-20 1139.99 F-1")
        assert still_open(made.on("2026-11-20")) == {"F-1": "60.01"}

    def test_the_day_after_is_too_late(self) -> None:
        made = offered()
        made.add("payment 2026-11-27 1140.00 F-1")
        assert still_open(made.on("2026-11-27")) == {"F-1": "60.00"}

    def test_a_payment_from_before_the_offer_does_not_take_it(self) -> None:
        made = offered()
        made.add("payment 2026-11-13 1140.00 F-1")
        assert still_open(made.on("2026-11-20")) == {"F-1": "60.00"}

    def test_in_time_but_booked_a_month_later_takes_it(self) -> None:
        made = offered()
        made.build("2026-12-02")
        made.add("payment 2026-11-26 1140.00 F-1")
        account = made.on("2026-12-28")
        assert still_open(account) == {}
        assert due_step(account) is None

    def test_nobody_is_reminded_of_the_five_percent(self) -> None:
        made = offered()
        made.add("payment 2026-11-26 1140.00 F-1")
        assert due_step(made.on("2026-12-07")) is None

    def test_several_payments_take_it_together(self) -> None:
        made = offered()
        made.add("payment 2026-11-18 500.00 F-1\npayment 2026-11-24 640.00 F-1")
        assert still_open(made.on("2026-11-24")) == {}

    def test_after_a_part_payment_the_page_asks_for_just_what_takes_it(self) -> None:
        made = offered()
        made.add("payment 2026-11-18 500.00 F-1")
        rest = discount(made.on("2026-11-18")).amount
        made.add(f"payment 2026-11-24 {rest} F-1")
        assert still_open(made.on("2026-11-24")) == {}

    def test_less_was_owed_when_the_offer_was_made(self) -> None:
        made = world(f"{LATE}\npayment 2026-11-05 200.00 F-1\nsent 2026-11-09 reminder-1 F-1", DISCOUNTING)
        made.build("2026-11-16")
        assert (str(discount(made.on("2026-11-16")).amount)) == "950.00"
        made.add("payment 2026-11-20 950.00 F-1")
        assert still_open(made.on("2026-11-20")) == {}

    def test_a_credit_note_lowers_what_takes_it(self) -> None:
        made = offered()
        made.add("credit A-1 2026-11-17 200.00 F-1")
        assert str(discount(made.on("2026-11-17")).amount) == "950.00"
        made.add("payment 2026-11-20 950.00 F-1")
        assert still_open(made.on("2026-11-20")) == {}

    def test_paying_more_than_the_discounted_amount_settles_the_debt_and_loses_no_money(self) -> None:
        made = offered()
        made.add("payment 2026-11-20 1150.00 F-1")
        account = made.on("2026-11-20")
        found = item(account, "F-1")
        assert str(found.open) == "0.00"
        assert found.paid + account.totals.credit == replace(found.paid, minor=115000)

    def test_paying_the_whole_debt_settles_it_and_loses_no_money(self) -> None:
        made = offered()
        made.add("payment 2026-11-20 1200.00 F-1")
        account = made.on("2026-11-20")
        found = item(account, "F-1")
        assert str(found.open) == "0.00"
        assert found.paid + account.totals.credit == replace(found.paid, minor=120000)

    def test_a_payment_that_bounces_undoes_it(self) -> None:
        made = offered()
        made.add("payment 2026-11-20 1140.00 F-1\npayment 2026-11-24 -1140.00 F-1")
        found = item(made.on("2026-11-24"), "F-1")
        assert (str(found.open), str(found.credited)) == ("1200.00", "0.00")

    def test_a_payment_that_bounces_long_after_the_offer_undoes_it(self) -> None:
        made = offered()
        made.add("payment 2026-11-20 1140.00 F-1\npayment 2026-12-10 -1140.00 F-1")
        assert still_open(made.on("2026-12-09")) == {}
        assert still_open(made.on("2026-12-10")) == {"F-1": "1200.00"}

    def test_a_payment_by_reference_that_bounces_undoes_it(self) -> None:
        made = offered()
        reference = discount(made.on("2026-11-16")).reference
        made.add(f'payment 2026-11-20 1140.00 ref="{reference}"\npayment 2026-11-24 -1140.00 ref="{reference}"')
        assert still_open(made.on("2026-11-24")) == {"F-1": "1200.00"}

    def test_once_taken_no_offer_is_left(self) -> None:
        made = offered()
        made.add("payment 2026-11-20 1140.00 F-1")
        assert made.on("2026-11-20").offers == ()

    def test_an_offer_that_was_shown_but_never_built_cannot_be_taken(self) -> None:
        made = world(f"{LATE}\nsent 2026-11-09 reminder-1 F-1", DISCOUNTING)
        made.on("2026-11-16")
        made.add("payment 2026-11-17 1140.00 F-1")
        made.build("2026-11-18")
        assert still_open(made.on("2026-11-18")) == {"F-1": "60.00"}

    def test_a_payment_that_was_there_before_the_offer_could_be_made_does_not_take_it(self) -> None:
        made = world(f"{LATE}\nsent 2026-11-09 reminder-1 F-1\npayment 2026-11-16 1140.00 F-1", DISCOUNTING)
        made.build("2026-11-16")
        assert still_open(made.on("2026-11-16")) == {"F-1": "60.00"}


class TestDiscountOnSeveralInvoices:
    def made(self) -> World:
        made = world(
            """
            invoice F-1 2026-10-02 due 2026-11-02 1200.00
            invoice F-2 2026-10-02 due 2026-11-03 800.00
            sent 2026-11-09 reminder-1 F-1 F-2
            """,
            DISCOUNTING,
        )
        made.build("2026-11-17")
        return made

    def test_it_covers_all_that_is_overdue(self) -> None:
        offer = discount(self.made().on("2026-11-17"))
        assert (str(offer.amount), str(offer.saving)) == ("1900.00", "100.00")
        assert [found.id for found in offer.items] == ["F-1", "F-2"]

    def test_naming_all_its_invoices_takes_it(self) -> None:
        made = self.made()
        made.add("payment 2026-11-20 1900.00 F-1 F-2")
        account = made.on("2026-11-20")
        assert still_open(account) == {}
        assert not account.totals.credit

    def test_a_payment_for_each_of_its_invoices_takes_it(self) -> None:
        made = self.made()
        made.add("payment 2026-11-20 1140.00 F-1\npayment 2026-11-23 760.00 F-2")
        assert still_open(made.on("2026-11-23")) == {}

    def test_naming_one_of_them_only_does_not(self) -> None:
        made = self.made()
        made.add("payment 2026-11-20 1140.00 F-1")
        assert still_open(made.on("2026-11-20")) == {"F-1": "60.00", "F-2": "800.00"}

    def test_the_saving_is_shared_out_over_the_invoices_to_the_cent(self) -> None:
        made = self.made()
        made.add("payment 2026-11-20 1900.00 F-1 F-2")
        account = made.on("2026-11-20")
        for found in account.items:
            assert found.paid + found.credited == found.total
        assert sum(found.credited.minor for found in account.items) == 10000


class TestPlanAccepted:
    def accepted(self) -> World:
        made = offered()
        made.add(f'payment 2026-11-18 300.00 ref="{plan(made.on("2026-11-16"), 4).reference}"')
        return made

    def test_the_first_instalment_with_its_reference_accepts_it(self) -> None:
        account = self.accepted().on("2026-11-18")
        agreement = account.agreement
        assert agreement is not None
        assert agreement.holds
        assert [(part.due.isoformat(), str(part.amount), str(part.paid)) for part in agreement.instalments] == [
            ("2026-11-16", "300.00", "300.00"),
            ("2026-12-16", "300.00", "0.00"),
            ("2027-01-18", "300.00", "0.00"),
            ("2027-02-16", "300.00", "0.00"),
        ]
        assert item(account, "F-1").status is Status.IN_PLAN
        assert opened(account) == {"F-1": "900.00"}

    def test_it_suspends_reminders_as_long_as_it_holds(self) -> None:
        made = self.accepted()
        for today in ("2026-11-23", "2026-12-02", "2026-12-16"):
            made.build(today)
            assert due_step(made.on(today)) is None

    def test_nothing_else_is_proposed_for_its_invoices(self) -> None:
        account = self.accepted().on("2026-11-18")
        assert account.offers_of(OfferKind.PLAN) == ()
        assert account.offers_of(OfferKind.DISCOUNT) == ()

    def test_only_what_has_come_due_is_asked_for(self) -> None:
        made = self.accepted()
        assert str(made.on("2026-12-16").totals.to_pay) == "300.00"

    @pytest.mark.parametrize("words", ["", "F-1"])
    def test_without_its_reference_the_same_amount_is_a_part_payment(self, words: str) -> None:
        made = offered()
        made.add(f"payment 2026-11-18 300.00 {words}")
        account = made.on("2026-11-18")
        assert account.agreement is None
        assert (opened(account), item(account, "F-1").status) == ({"F-1": "900.00"}, Status.OVERDUE)

    def test_less_than_the_first_instalment_accepts_nothing(self) -> None:
        made = offered()
        made.add(f'payment 2026-11-18 299.99 ref="{plan(made.on("2026-11-16"), 4).reference}"')
        assert made.on("2026-11-18").agreement is None

    def test_the_reference_tells_which_plan(self) -> None:
        made = offered()
        made.add(f'payment 2026-11-18 400.00 ref="{plan(made.on("2026-11-16"), 3).reference}"')
        agreement = made.on("2026-11-18").agreement
        assert agreement is not None
        assert [str(part.amount) for part in agreement.instalments] == ["400.00"] * 3

    def test_the_day_after_the_proposal_is_over_it_is_a_part_payment(self) -> None:
        made = offered()
        offer = plan(made.on("2026-11-16"), 4)
        made.add(f'payment {offer.valid_until} 300.00 ref="{offer.reference}"')
        assert made.on("2026-12-01").agreement is not None
        late = offered()
        late.add(f'payment 2026-11-27 300.00 ref="{offer.reference}"')
        account = late.on("2026-12-01")
        assert account.agreement is None
        assert opened(account) == {"F-1": "900.00"}

    def test_a_first_instalment_that_bounces_undoes_it(self) -> None:
        made = self.accepted()
        reference = plan(offered().on("2026-11-16"), 4).reference
        made.add(f'payment 2026-11-20 -300.00 ref="{reference}"')
        account = made.on("2026-11-20")
        assert opened(account) == {"F-1": "1200.00"}
        assert item(account, "F-1").status is Status.OVERDUE

    def test_paying_every_instalment_settles_the_debt(self) -> None:
        made = self.accepted()
        reference = plan(offered().on("2026-11-16"), 4).reference
        for on in ("2026-12-15", "2027-01-18", "2027-02-16"):
            made.add(f'payment {on} 300.00 ref="{reference}"')
        account = made.on("2027-02-16")
        assert still_open(account) == {}
        assert item(account, "F-1").status is Status.PAID
        assert not account.totals.credit

    def test_instalments_paid_without_a_reference_count_too(self) -> None:
        made = self.accepted()
        made.add("payment 2026-12-15 300.00 F-1\npayment 2027-01-18 300.00")
        agreement = made.on("2027-01-18").agreement
        assert agreement is not None
        assert [str(part.paid) for part in agreement.instalments] == ["300.00", "300.00", "300.00", "0.00"]


class TestAgreementOfTheLedger:
    TEXT = f"""
        {LATE}
        agreement E-1 2026-11-10 F-1 2026-11-16:400.00 2026-12-16:800.00
        """

    def test_it_is_an_agreement_like_any_other(self) -> None:
        account = world(self.TEXT).on("2026-11-12")
        assert account.agreement is not None
        assert [(part.due.isoformat(), str(part.amount)) for part in account.agreement.instalments] == [
            ("2026-11-16", "400.00"),
            ("2026-12-16", "800.00"),
        ]
        assert item(account, "F-1").status is Status.IN_PLAN

    def test_before_it_is_signed_there_is_none(self) -> None:
        account = world(self.TEXT).on("2026-11-09")
        assert account.agreement is None
        assert item(account, "F-1").status is Status.OVERDUE

    def test_an_instalment_is_in_time_on_its_day(self) -> None:
        account = world(self.TEXT).on("2026-11-16")
        assert account.agreement is not None
        assert account.agreement.holds
        assert due_step(account) is None

    def test_a_late_instalment_leaves_it_standing_until_the_client_was_told(self) -> None:
        account = world(self.TEXT).on("2026-12-15")
        assert account.agreement is not None
        assert account.agreement.holds
        assert str(account.totals.to_pay) == "400.00"
        assert due_step(account) == "instalment-late", "a courteous word about the instalment, and no reminder"

    def test_ten_days_after_that_it_is_broken_and_all_of_the_debt_is_asked_for(self) -> None:
        account = world(f"{self.TEXT}\nsent 2026-11-19 instalment-late about=E-1@2026-11-16").on("2026-11-30")
        assert account.agreement is not None
        assert not account.agreement.holds
        assert item(account, "F-1").status is Status.OVERDUE
        assert str(account.totals.to_pay) == "1200.00"

    def test_paid_late_but_within_the_grace_it_holds(self) -> None:
        made = world(self.TEXT)
        made.add("payment 2026-11-26 400.00 F-1")
        account = made.on("2026-12-16")
        assert account.agreement is not None
        assert account.agreement.holds

    def test_a_broken_one_is_reminded_again(self) -> None:
        made = world(self.TEXT)
        assert made.send("2026-11-19") == "instalment-late"
        assert made.send("2026-11-27") == "instalment-last"
        assert due_step(made.on("2026-12-03")) is None
        assert made.send("2026-12-04") == "agreement-over"
        assert due_step(made.on("2026-12-10")) is None
        assert due_step(made.on("2026-12-11")) == "reminder-1"

    def test_it_covers_the_invoices_it_lists_and_no_other(self) -> None:
        made = world(self.TEXT)
        made.add("invoice F-2 2026-10-02 due 2026-11-02 80.00")
        account = made.on("2026-11-12")
        assert item(account, "F-2").status is Status.OVERDUE
        assert listed(account) == {"F-2": "reminder-1"}

    def test_money_that_names_its_invoice_pays_its_instalments(self) -> None:
        made = world(self.TEXT)
        made.add("payment 2026-11-16 400.00 F-1")
        account = made.on("2026-11-30")
        assert account.agreement is not None
        assert account.agreement.holds
        assert [str(part.open) for part in account.agreement.instalments] == ["0.00", "800.00"]


class TestTwoOffersPaid:
    def test_after_a_plan_is_accepted_paying_the_discount_prepays_it_and_the_rest_is_a_credit(self) -> None:
        made = offered()
        account = made.on("2026-11-16")
        made.add(f'payment 2026-11-18 300.00 ref="{plan(account, 4).reference}"')
        made.add(f'payment 2026-11-20 1140.00 ref="{discount(account).reference}"')
        after = made.on("2026-11-20")
        found = item(after, "F-1")
        assert (str(found.paid), str(found.credited), str(found.open)) == ("1200.00", "0.00", "0.00")
        assert str(after.totals.credit) == "240.00"

    def test_after_a_discount_is_taken_a_first_instalment_is_a_credit(self) -> None:
        made = offered()
        account = made.on("2026-11-16")
        made.add(f'payment 2026-11-18 1140.00 ref="{discount(account).reference}"')
        made.add(f'payment 2026-11-20 300.00 ref="{plan(account, 4).reference}"')
        after = made.on("2026-11-20")
        found = item(after, "F-1")
        assert (str(found.paid), str(found.credited), str(found.open)) == ("1140.00", "60.00", "0.00")
        assert str(after.totals.credit) == "300.00"
        assert after.agreement is None

    def test_of_two_plans_the_earliest_charge_decides(self) -> None:
        made = offered()
        account = made.on("2026-11-16")
        made.add(f'payment 2026-11-20 300.00 ref="{plan(account, 4).reference}"')
        made.add(f'payment 2026-11-18 600.00 ref="{plan(account, 2).reference}"')
        after = made.on("2026-11-20").agreement
        assert after is not None
        assert [str(part.amount) for part in after.instalments] == ["600.00", "600.00"]
        assert [str(part.paid) for part in after.instalments] == ["600.00", "300.00"]

    def test_a_later_invoice_never_joins(self) -> None:
        made = offered()
        assert made.send("2026-11-16") == "reminder-2"
        made.add("invoice F-2 2026-10-05 due 2026-11-17 500.00")
        made.build("2026-11-20")
        offer = discount(made.on("2026-11-20"))
        assert [found.id for found in offer.items] == ["F-1"]
        assert str(offer.amount) == "1140.00"
        made.add("payment 2026-11-20 1140.00 F-1")
        assert still_open(made.on("2026-11-20")) == {"F-2": "500.00"}

    def test_a_later_invoice_never_joins_an_agreement(self) -> None:
        made = offered()
        made.add(f'payment 2026-11-18 300.00 ref="{plan(made.on("2026-11-16"), 4).reference}"')
        made.add("invoice F-2 2026-10-05 due 2026-11-17 500.00")
        account = made.on("2026-11-20")
        assert account.agreement is not None
        assert account.agreement.invoices == ("F-1",)
        assert item(account, "F-2").status is Status.OVERDUE


def test_a_discount_that_saves_nothing_is_not_offered() -> None:
    made = world("invoice F-1 2026-10-02 due 2026-11-02 0.09\nsent 2026-11-09 reminder-1 F-1", discounting())
    made.policy = replace(made.policy, reminders=replace(made.policy.reminders, minimum_amount=None))
    made.build("2026-11-16")
    assert made.on("2026-11-16").offers_of(OfferKind.DISCOUNT) == ()


class TestWhatThePageAsksForTakesTheOffer:
    """Whatever else lowered the debt: the amount shown, paid with the reference shown, takes the offer."""

    @pytest.mark.parametrize(
        "before",
        [
            pytest.param("credit A-1 2026-10-03 100.00", id="a free credit note"),
            pytest.param("credit A-1 2026-10-03 100.00 F-1", id="a credit note of the invoice"),
            pytest.param("payment 2026-10-03 100.00", id="a part payment by guess"),
            pytest.param("payment 2026-10-03 100.00 F-1", id="a part payment"),
            pytest.param(
                "invoice F-0 2026-09-01 due 2026-10-01 50.00\npayment 2026-09-30 150.00 F-0",
                id="an overpayment of before",
            ),
            pytest.param(
                "invoice F-0 2026-09-01 due 2026-10-01 50.00\npayment 2026-10-04 150.00 F-0", id="an overpayment"
            ),
        ],
    )
    def test_of_an_escompte(self, before: str) -> None:
        made = escompte()
        made.add(before)
        offer = discount(made.on("2026-10-05"))
        made.add(f'payment 2026-10-06 {offer.amount} ref="{offer.reference}"')
        account = made.on("2026-10-06")
        assert still_open(account) == {}
        assert not account.totals.credit

    @pytest.mark.parametrize("on", ["2026-11-10", "2026-11-16", "2026-11-18"])
    @pytest.mark.parametrize(
        "fact",
        [
            pytest.param("credit A-1 {on} 100.00", id="a free credit note"),
            pytest.param("credit A-1 {on} 100.00 F-1", id="a credit note of the invoice"),
            pytest.param("payment {on} 100.00", id="a part payment by guess"),
            pytest.param("payment {on} 100.00 F-1", id="a part payment"),
            pytest.param("invoice F-0 2026-09-01 due 2026-11-15 50.00\npayment {on} 150.00 F-0", id="an overpayment"),
        ],
    )
    def test_of_our_discount(self, fact: str, on: str) -> None:
        made = world(f"{LATE}\nsent 2026-11-09 reminder-1 F-1\n{fact.format(on=on)}", DISCOUNTING)
        made.build("2026-11-16")
        offer = discount(made.on("2026-11-18"))
        made.add(f'payment 2026-11-20 {offer.amount} ref="{offer.reference}"')
        account = made.on("2026-11-20")
        assert still_open(account) == {}
        assert not account.totals.credit

    @pytest.mark.parametrize(
        "fact",
        [
            pytest.param("credit A-1 2026-11-17 100.00", id="a free credit note"),
            pytest.param("credit A-1 2026-11-17 100.00 F-1", id="a credit note of the invoice"),
            pytest.param("payment 2026-11-17 100.00 F-1", id="a part payment"),
        ],
    )
    def test_of_a_plan(self, fact: str) -> None:
        made = offered()
        made.add(fact)
        offer = plan(made.on("2026-11-18"), 4)
        made.add(f'payment 2026-11-20 {offer.pay_now} ref="{offer.reference}"')
        account = made.on("2026-11-20")
        assert account.agreement is not None
        agreed = [(part.due, part.amount) for part in account.agreement.instalments]
        assert agreed == [(part.due, part.amount) for part in offer.instalments]
        assert str(account.agreement.instalments[0].open) == "0.00"
        assert account.totals.open == total((part.amount for part in account.agreement.instalments[1:]), "EUR")
