"""Which message is due, to whom, and why or why not: per item and per client, steps in order, never twice, never in a burst."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from generator.domain.due import Held
from generator.domain.ledger import Channel
from generator.domain.memory import Reviewed
from generator.domain.money import Money
from generator.domain.policy import DEFAULT_LADDER, Anchor, Policy, Step
from tests.support.reading import BARE, days, due_step, listed, reminding, sent_between
from tests.support.world import World, day, world

#: Due on a Monday; its steps fall on 30 October, 9 and 16 November, 2 and 17 December, all of them business days.
ONE = "invoice F-1 2026-10-02 due 2026-11-02 1200.00"
TWO_REMINDED_TWICE = f"""
{ONE}
invoice F-2 2026-10-02 due 2026-11-04 80.00
sent 2026-11-09 reminder-1 F-1
sent 2026-11-16 reminder-2 F-1
sent 2026-11-16 reminder-1 F-2
sent 2026-11-23 reminder-2 F-2
sent 2026-12-02 reminder-3 F-1
"""
LADDER = [
    ("2026-10-30", "courtesy"),
    ("2026-11-09", "reminder-1"),
    ("2026-11-16", "reminder-2"),
    ("2026-12-02", "reminder-3"),
    ("2026-12-17", "formal-notice"),
]
AFTER_ONE = f"{ONE}\nsent 2026-11-09 reminder-1 F-1"


def bare(text: str, policy: Policy = BARE) -> World:
    return world(text, policy)


class TestTheLadder:
    def test_each_step_in_its_turn_and_then_nothing_more(self) -> None:
        assert sent_between(bare(ONE), "2026-10-02", "2027-06-30") == LADDER

    def test_after_the_last_step_the_account_says_so(self) -> None:
        made = bare(ONE)
        sent_between(made, "2026-10-02", "2026-12-31")
        assert made.on("2027-01-04").reminders.held is Held.LADDER_DONE

    def test_the_first_contact_about_an_overdue_item_is_the_first_reminder_however_old_it_is(self) -> None:
        made = bare(ONE)
        assert sent_between(made, "2026-12-21", "2027-01-31") == [
            ("2026-12-21", "reminder-1"),
            ("2026-12-28", "reminder-2"),
            ("2027-01-04", "reminder-3"),
            ("2027-01-15", "formal-notice"),
        ]

    def test_a_courtesy_is_never_sent_once_the_item_is_overdue(self) -> None:
        assert sent_between(bare(ONE), "2026-11-03", "2026-11-09") == [("2026-11-09", "reminder-1")]

    def test_before_the_first_step_nothing_goes(self) -> None:
        account = bare(ONE).on("2026-11-06")
        assert due_step(account) is None
        assert account.reminders.next is not None
        assert (account.reminders.next.step, str(account.reminders.next.on)) == ("reminder-1", "2026-11-09")

    def test_issued_today_and_due_today_makes_no_past_due_notice_tomorrow(self) -> None:
        made = bare("invoice F-1 2026-11-16 due 2026-11-16 100.00")
        assert sent_between(made, "2026-11-16", "2026-11-27") == [("2026-11-23", "reminder-1")]

    def test_a_message_stays_due_until_it_was_sent(self) -> None:
        made = bare(ONE)
        for today in ("2026-11-09", "2026-11-10", "2026-11-20", "2026-12-04"):
            made.build(today)
            assert due_step(made.on(today)) == "reminder-1"

    def test_the_formal_notice_is_a_letter(self) -> None:
        made = bare(f"{AFTER_ONE}\nsent 2026-11-16 reminder-2 F-1\nsent 2026-12-02 reminder-3 F-1")
        due = made.on("2026-12-17").reminders.due_today
        assert due is not None
        assert (due.step.name, due.channel) == ("formal-notice", Channel.LETTER)

    def test_the_channel_of_the_client_comes_before_that_of_the_step(self) -> None:
        due = bare(f"client brun channel=phone\n{ONE}").on("2026-11-09").reminders.due_today
        assert due is not None
        assert due.channel is Channel.PHONE

    def test_a_formal_notice_is_a_letter_for_every_client(self) -> None:
        text = f"client brun channel=phone\n{AFTER_ONE}\nsent 2026-11-16 reminder-2 F-1\nsent 2026-12-02 reminder-3 F-1"
        due = bare(text).on("2026-12-17").reminders.due_today
        assert due is not None
        assert due.channel is Channel.LETTER

    def test_days_can_be_counted_from_the_step_before(self) -> None:
        policy = reminding(Step("reminder-1", 7), Step("reminder-2", 10, anchor=Anchor.PREVIOUS))
        made = bare(ONE, policy)
        assert sent_between(made, "2026-11-12", "2026-12-31") == [
            ("2026-11-12", "reminder-1"),
            ("2026-11-23", "reminder-2"),
        ]

    def test_days_can_be_counted_from_the_date_of_the_invoice(self) -> None:
        policy = reminding(Step("presentation", 0, anchor=Anchor.ISSUED), *DEFAULT_LADDER)
        assert sent_between(bare(ONE, policy), "2026-10-02", "2026-11-10") == [
            ("2026-10-02", "presentation"),
            *LADDER[:2],
        ]


class TestGapAndMissedDays:
    def test_seven_days_at_least_lie_between_two_messages(self) -> None:
        made = bare(ONE)
        assert sent_between(made, "2026-11-12", "2026-11-30") == [
            ("2026-11-12", "reminder-1"),
            ("2026-11-19", "reminder-2"),
        ]

    def test_while_the_gap_lasts_the_account_says_so(self) -> None:
        made = bare(f"{ONE}\nsent 2026-11-12 reminder-1 F-1")
        account = made.on("2026-11-18")
        assert (due_step(account), account.reminders.held) == (None, Held.GAP)
        assert account.reminders.next is not None
        assert (account.reminders.next.step, str(account.reminders.next.on)) == ("reminder-2", "2026-11-19")

    def test_missed_for_five_days_one_message_leaves_and_it_is_the_next_step(self) -> None:
        skipped = [str(found) for found in days("2026-11-16", "2026-11-20")]
        made = bare(ONE)
        assert sent_between(made, "2026-10-02", "2026-11-27", skipping=skipped) == [
            *LADDER[:2],
            ("2026-11-23", "reminder-2"),
        ]

    def test_missed_for_two_months_nothing_is_skipped_and_nothing_doubled(self) -> None:
        skipped = [str(found) for found in days("2026-11-10", "2027-01-10")]
        assert sent_between(bare(ONE), "2026-10-02", "2027-03-31", skipping=skipped) == [
            *LADDER[:2],
            ("2027-01-11", "reminder-2"),
            ("2027-01-18", "reminder-3"),
            ("2027-01-29", "formal-notice"),
        ]

    def test_the_same_day_run_a_hundred_times_sends_once(self) -> None:
        made = bare(ONE)
        assert [made.send("2026-11-09") for _ in range(100)] == ["reminder-1"] + [None] * 99

    def test_the_clock_set_back_a_day_sends_nothing_again(self) -> None:
        made = bare(ONE)
        assert made.send("2026-11-10") == "reminder-1"
        assert made.send("2026-11-09") is None
        assert made.send("2026-11-10") is None

    def test_the_gap_counts_messages_about_other_items_too(self) -> None:
        made = bare(f"{ONE}\ninvoice F-2 2026-10-02 due 2026-11-04 80.00")
        assert made.send("2026-11-09") == "reminder-1"
        assert made.send("2026-11-11") is None
        assert made.send("2026-11-12") is None


class TestOneMessageForAll:
    def test_it_takes_the_highest_step_and_each_item_records_its_own(self) -> None:
        made = bare(f"{ONE}\ninvoice F-2 2026-10-02 due 2026-11-09 80.00\nsent 2026-11-09 reminder-1 F-1")
        account = made.on("2026-11-16")
        assert due_step(account) == "reminder-2"
        assert listed(account) == {"F-1": "reminder-2", "F-2": "reminder-1"}

    def test_what_is_listed_before_its_own_day_has_had_its_word_too(self) -> None:
        made = bare(f"{ONE}\ninvoice F-2 2026-10-02 due 2026-11-12 80.00\nsent 2026-11-09 reminder-1 F-1")
        assert listed(made.on("2026-11-16")) == {"F-1": "reminder-2", "F-2": "reminder-1"}

    def test_what_is_listed_below_its_own_step_records_none(self) -> None:
        made = bare(
            f"{ONE}\ninvoice F-2 2026-10-02 due 2026-11-12 80.00\n"
            "sent 2026-11-09 reminder-1 F-1\nsent 2026-11-11 reminder-2 F-1"
        )
        assert listed(made.on("2026-11-19")) == {"F-1": "", "F-2": "reminder-1"}

    def test_two_invoices_a_few_days_apart_bring_four_letters_and_not_eight(self) -> None:
        made = bare(f"{ONE}\ninvoice F-2 2026-10-02 due 2026-11-04 80.00")
        assert [step for _, step in sent_between(made, "2026-11-05", "2027-03-31")] == [
            "reminder-1",
            "reminder-2",
            "reminder-3",
            "formal-notice",
        ]

    def test_it_does_not_list_what_is_not_due_yet(self) -> None:
        made = bare(f"{AFTER_ONE}\ninvoice F-2 2026-10-02 due 2026-11-16 80.00")
        assert listed(made.on("2026-11-16")) == {"F-1": "reminder-2"}

    def test_a_new_invoice_goes_through_all_the_steps_beside_an_old_one(self) -> None:
        made = bare(f"{ONE}\ninvoice F-2 2026-11-02 due 2026-12-01 80.00")
        found = []
        for today in days("2026-10-02", "2027-03-31"):
            made.build(today)
            own = listed(made.on(today)).get("F-2")
            if made.send(today) and own:
                found.append(own)
        assert found == ["courtesy", "reminder-1", "reminder-2", "reminder-3", "formal-notice"]

    def test_a_formal_notice_lists_only_what_was_reminded_twice(self) -> None:
        made = bare(
            f"""
            {ONE}
            invoice F-2 2026-10-02 due 2026-11-16 80.00
            sent 2026-11-09 reminder-1 F-1
            sent 2026-11-16 reminder-2 F-1
            sent 2026-12-02 reminder-3 F-1
            """
        )
        account = made.on("2026-12-17")
        assert due_step(account) == "formal-notice"
        assert listed(account) == {"F-1": "formal-notice"}

    def test_a_formal_notice_lists_what_was_reminded_twice_even_if_its_own_turn_comes_later(self) -> None:
        made = bare(TWO_REMINDED_TWICE)
        account = made.on("2026-12-17")
        assert due_step(account) == "formal-notice"
        assert sorted(listed(account)) == ["F-1", "F-2"]

    def test_a_formal_notice_lists_nothing_whose_day_to_answer_has_not_passed(self) -> None:
        """The reminder of 9 December asked for an answer by the 21st, a Monday."""
        made = bare(f"{TWO_REMINDED_TWICE}\nsent 2026-12-09 reminder-3 F-2")
        assert listed(made.on("2026-12-17")) == {"F-1": "formal-notice"}
        made.add("payment 2026-12-17 1200.00 F-1")
        assert [due_step(made.on(on)) for on in ("2026-12-21", "2026-12-22")] == [None, "formal-notice"]

    def test_what_a_formal_notice_leaves_out_is_reminded_after_it(self) -> None:
        made = bare(
            f"""
            {ONE}
            invoice F-2 2026-10-02 due 2026-11-16 80.00
            sent 2026-11-09 reminder-1 F-1
            sent 2026-11-16 reminder-2 F-1
            sent 2026-12-02 reminder-3 F-1
            """
        )
        assert sent_between(made, "2026-12-17", "2026-12-24") == [
            ("2026-12-17", "formal-notice"),
            ("2026-12-24", "reminder-1"),
        ]

    def test_two_clients_are_reminded_each_for_themselves(self) -> None:
        made = bare(
            f"""
            client brun
            client morel
            {ONE}
            invoice G-1 2026-10-02 due 2026-11-02 50.00 client=morel
            sent 2026-11-09 reminder-1 F-1
            """
        )
        steps = {account.client.id: due_step(account) for account in made.decide("2026-11-10").accounts}
        assert steps == {"brun": None, "morel": "reminder-1"}


class TestCourtesy:
    GOOD = """
        invoice P-1 2026-07-01 due 2026-07-31 100.00
        invoice P-2 2026-08-01 due 2026-08-31 100.00
        invoice P-3 2026-09-01 due 2026-09-30 100.00
        payment 2026-07-31 100.00 P-1
        payment 2026-08-31 100.00 P-2
        payment 2026-09-{paid} 100.00 P-3
        """

    def test_it_is_skipped_for_a_client_whose_last_three_invoices_were_paid_on_time(self) -> None:
        made = bare(self.GOOD.format(paid=30) + ONE)
        assert sent_between(made, "2026-10-02", "2026-11-10") == [("2026-11-09", "reminder-1")]

    def test_it_is_not_for_a_new_client(self) -> None:
        assert due_step(bare(ONE).on("2026-10-30")) == "courtesy"

    def test_it_is_not_for_one_who_paid_late(self) -> None:
        made = bare((self.GOOD.format(paid=30) + ONE).replace("payment 2026-08-31", "payment 2026-09-01"))
        assert due_step(made.on("2026-10-30")) == "courtesy"

    def test_on_a_saturday_it_waits_for_monday_if_the_invoice_is_not_due_before(self) -> None:
        made = bare("invoice F-1 2026-10-02 due 2026-11-03 1200.00")
        assert sent_between(made, "2026-10-02", "2026-11-06") == [("2026-11-02", "courtesy")]

    def test_a_disputed_invoice_gets_none(self) -> None:
        assert due_step(bare(f"{ONE}\ndispute F-1 2026-10-20").on("2026-10-30")) is None


class TestWhatHoldsAReminder:
    """None of these sends anything; each says why."""

    @pytest.mark.parametrize(
        ("text", "held"),
        [
            pytest.param(f"client brun hold=2026-11-30\n{ONE}", Held.HOLD, id="on hold"),
            pytest.param(f"client brun insolvent=2026-11-03\n{ONE}", Held.INSOLVENT, id="insolvent"),
            pytest.param(f"client brun opt_out=yes\n{ONE}", Held.OPTED_OUT, id="opted out"),
            pytest.param(f"{ONE}\ndispute F-1 2026-11-05", Held.DISPUTED, id="disputed"),
            pytest.param(f"{ONE} disputed=2026-11-05", Held.DISPUTED, id="disputed in the invoices"),
            pytest.param(f"{ONE} status=litigation", Held.DISPUTED, id="before the court"),
            pytest.param(f"{ONE}\npromise 2026-11-05 2026-11-20 F-1", Held.PROMISED, id="promised"),
            pytest.param(f"{ONE}\npromise 2026-11-05 2026-11-20", Held.PROMISED, id="promised, all of it"),
            pytest.param(f"{ONE} promised=2026-11-20", Held.PROMISED, id="promised in the invoices"),
            pytest.param(f"{ONE}\nagreement E-1 2026-11-05 F-1 2026-11-30:1200.00", Held.AGREEMENT, id="agreed"),
            pytest.param(f"{ONE}\npayment 2026-11-05 1200.00 F-1", Held.PAID, id="paid"),
            pytest.param(f"{ONE}\ncredit A-1 2026-11-05 1200.00 F-1", Held.CREDIT, id="credited"),
            pytest.param(f"{ONE}\ncredit A-1 2026-11-05 1500.00", Held.CREDIT, id="covered by a credit"),
            pytest.param(ONE.replace("1200.00", "4.99"), Held.MINIMUM, id="less than the minimum"),
        ],
    )
    def test_it_is_held_and_the_reason_is_said(self, text: str, held: Held) -> None:
        made = bare(text)
        made.build("2026-11-09")
        account = made.on("2026-11-09")
        assert (due_step(account), account.reminders.held) == (None, held)

    @pytest.mark.parametrize("status", ["draft", "void", "written_off", "factored"])
    def test_an_invoice_that_is_not_open_is_never_asked_for(self, status: str) -> None:
        made = bare(f"{ONE} status={status}\ninvoice F-2 2026-11-02 due 2027-03-01 10.00")
        assert sent_between(made, "2026-11-02", "2026-12-31") == []

    def test_exactly_the_minimum_is_enough(self) -> None:
        assert due_step(bare(ONE.replace("1200.00", "5.00")).on("2026-11-09")) == "reminder-1"

    def test_a_hold_ends_by_itself(self) -> None:
        made = bare(f"client brun hold=2026-11-18\n{ONE}")
        assert due_step(made.on("2026-11-17")) is None
        assert due_step(made.on("2026-11-19")) == "reminder-1"

    def test_a_promise_holds_through_its_day_and_not_longer(self) -> None:
        made = bare(f"{ONE}\npromise 2026-11-05 2026-11-19 F-1")
        assert due_step(made.on("2026-11-19")) is None
        assert sent_between(made, "2026-11-06", "2026-11-26") == [("2026-11-20", "reminder-1")]

    def test_a_promise_made_later_is_not_known_yet(self) -> None:
        assert due_step(bare(f"{ONE}\npromise 2026-11-10 2026-11-20 F-1").on("2026-11-09")) == "reminder-1"

    def test_a_promise_for_one_invoice_leaves_the_others(self) -> None:
        made = bare(f"{ONE}\ninvoice F-2 2026-10-02 due 2026-11-02 80.00\npromise 2026-11-05 2026-11-20 F-1")
        assert listed(made.on("2026-11-09")) == {"F-2": "reminder-1"}

    def test_a_promise_for_all_does_not_cover_what_becomes_overdue_later(self) -> None:
        made = bare(f"{ONE}\ninvoice F-2 2026-10-02 due 2026-11-09 80.00\npromise 2026-11-05 2026-11-30")
        assert listed(made.on("2026-11-16")) == {"F-2": "reminder-1"}

    def test_a_dispute_stops_that_invoice_only(self) -> None:
        made = bare(f"{ONE}\ninvoice F-2 2026-10-02 due 2026-11-02 80.00\ndispute F-1 2026-11-05")
        assert listed(made.on("2026-11-09")) == {"F-2": "reminder-1"}

    def test_a_closed_dispute_goes_on_where_it_stopped(self) -> None:
        made = bare(f"{AFTER_ONE}\ndispute F-1 2026-11-12 2026-12-10")
        assert sent_between(made, "2026-11-10", "2026-12-31") == [
            ("2026-12-10", "reminder-2"),
            ("2026-12-17", "reminder-3"),
            ("2026-12-29", "formal-notice"),
        ]

    def test_insolvency_counts_from_its_day(self) -> None:
        made = bare(f"client brun insolvent=2026-11-10\n{ONE}")
        assert due_step(made.on("2026-11-09")) == "reminder-1"
        assert due_step(made.on("2026-11-10")) is None

    def test_a_payment_between_two_runs_withholds_the_message(self) -> None:
        made = bare(ONE)
        made.build("2026-11-09")
        made.add("payment 2026-11-09 1200.00 F-1")
        assert made.send("2026-11-09") is None

    def test_a_payment_that_bounces_brings_reminders_back_where_they_were(self) -> None:
        made = bare(f"{AFTER_ONE}\npayment 2026-11-12 1200.00 F-1\npayment 2026-11-18 -1200.00 F-1")
        assert sent_between(made, "2026-11-10", "2026-11-30") == [("2026-11-18", "reminder-2")]

    def test_a_part_payment_does_not_stop_them(self) -> None:
        made = bare(f"{AFTER_ONE}\npayment 2026-11-12 700.00 F-1")
        due = made.on("2026-11-16").reminders.due_today
        assert due is not None
        assert [str(found.open) for found in due.items] == ["500.00"]

    def test_paying_the_oldest_invoice_starts_no_step_early_for_the_next(self) -> None:
        made = bare(f"{ONE}\ninvoice F-2 2026-10-02 due 2026-11-12 80.00\npayment 2026-11-10 1200.00 F-1")
        assert sent_between(made, "2026-11-10", "2026-11-25") == [
            ("2026-11-10", "courtesy"),
            ("2026-11-19", "reminder-1"),
        ]


class TestStaleLedger:
    """Payments are booked up to Wednesday 4 November; three business days later is Monday the 9th."""

    POLICY = replace(BARE, payments_up_to=date(2026, 11, 4))

    def test_three_business_days_are_recent_enough(self) -> None:
        assert due_step(bare(ONE, self.POLICY).on("2026-11-09")) == "reminder-1"

    def test_a_fourth_holds_every_reminder(self) -> None:
        account = bare(ONE, self.POLICY).on("2026-11-10")
        assert (due_step(account), account.reminders.held) == (None, Held.STALE)

    def test_left_out_it_holds_nothing(self) -> None:
        assert due_step(bare(ONE).on("2026-11-10")) == "reminder-1"

    def test_the_account_says_how_far_payments_are_booked(self) -> None:
        assert bare(ONE, self.POLICY).on("2026-11-10").payments_up_to == date(2026, 11, 4)


class TestManners:
    def test_no_reminder_before_the_grace_of_the_client_has_run_out(self) -> None:
        made = bare(f"client brun grace=10\n{ONE}")
        assert sent_between(made, "2026-11-03", "2026-11-12") == []
        assert len(sent_between(made, "2026-11-13", "2026-11-20")) == 1

    def test_the_grace_of_the_policy_is_for_everyone_who_has_none_of_their_own(self) -> None:
        policy = reminding(grace_days=10)
        assert due_step(bare(ONE, policy).on("2026-11-12")) is None
        assert due_step(bare(f"client brun grace=0\n{ONE}", policy).on("2026-11-09")) == "reminder-1"

    def test_the_habit_of_a_client_delays_a_reminder_and_moves_no_due_date(self) -> None:
        made = bare(f"client brun pays_on=15\n{ONE}")
        assert made.on("2026-11-09").items[0].days_overdue == 7
        assert sent_between(made, "2026-11-03", "2026-11-15") == []
        assert sent_between(made, "2026-11-16", "2026-11-20") == [("2026-11-16", "reminder-1")]

    def test_on_saturday_and_sunday_nothing_leaves(self) -> None:
        made = bare("invoice F-1 2026-10-02 due 2026-11-07 1200.00")
        assert sent_between(made, "2026-11-08", "2026-11-20") == [("2026-11-16", "reminder-1")]

    def test_a_message_that_waits_since_friday_says_why_it_does_not_leave_on_saturday(self) -> None:
        account = bare("invoice F-1 2026-10-02 due 2026-11-06 1200.00").on("2026-11-14")
        assert (due_step(account), account.reminders.held) == (None, Held.NOT_BUSINESS)

    def test_on_a_public_holiday_nothing_leaves(self) -> None:
        assert sent_between(bare("invoice F-1 2026-10-02 due 2026-11-04 1200.00"), "2026-11-05", "2026-11-13") == [
            ("2026-11-12", "reminder-1")
        ]

    def test_good_friday_is_a_holiday_in_alsace_moselle(self) -> None:
        text = "invoice F-1 2026-02-27 due 2026-03-27 1200.00"
        assert sent_between(bare(text), "2026-03-30", "2026-04-09") == [("2026-04-03", "reminder-1")]
        alsace = bare(text)
        alsace.region = "alsace-moselle"
        assert sent_between(alsace, "2026-03-30", "2026-04-09") == [("2026-04-07", "reminder-1")]

    def test_without_business_days_any_day_will_do(self) -> None:
        made = bare("invoice F-1 2026-10-02 due 2026-11-07 1200.00", reminding(business_days=False))
        assert due_step(made.on("2026-11-14")) == "reminder-1"

    def test_without_a_minimum_amount_a_cent_is_asked_for(self) -> None:
        made = bare(ONE.replace("1200.00", "0.01"), reminding(minimum_amount=None))
        assert due_step(made.on("2026-11-09")) == "reminder-1"

    def test_another_minimum_amount(self) -> None:
        made = bare(ONE.replace("1200.00", "49.99"), reminding(minimum_amount=Decimal(50)))
        assert due_step(made.on("2026-11-09")) is None


class TestOldDebts:
    """Debts that are already 60 days late at the first run wait for the owner."""

    def test_more_than_sixty_days_late_at_the_first_run_goes_to_review(self) -> None:
        made = bare("invoice F-1 2026-08-01 due 2026-09-09 1200.00")
        made.build("2026-11-09")
        reminders = made.on("2026-11-09").reminders
        assert (reminders.due_today, reminders.held, reminders.to_review) == (None, Held.REVIEW, ("F-1",))

    def test_fifty_nine_days_late_does_not(self) -> None:
        made = bare("invoice F-1 2026-08-01 due 2026-09-11 1200.00")
        made.build("2026-11-09")
        assert due_step(made.on("2026-11-09")) == "reminder-1"

    def test_it_waits_as_long_as_it_takes(self) -> None:
        made = bare("invoice F-1 2026-08-01 due 2026-09-01 1200.00")
        assert sent_between(made, "2026-11-09", "2027-01-31") == []

    def test_the_word_of_the_owner_begins_the_ladder_at_its_first_step(self) -> None:
        made = bare("invoice F-1 2025-08-01 due 2025-09-01 1200.00")
        made.build("2026-11-09")
        made.add("reviewed 2026-11-10 F-1")
        assert sent_between(made, "2026-11-10", "2026-11-30") == [
            ("2026-11-10", "reminder-1"),
            ("2026-11-17", "reminder-2"),
            ("2026-11-24", "reminder-3"),
        ]

    def test_a_debt_that_grew_old_under_our_eyes_is_not_one_of_them(self) -> None:
        skipped = [str(found) for found in days("2026-11-10", "2027-02-28")]
        made = bare(ONE)
        assert sent_between(made, "2026-10-02", "2027-03-05", skipping=skipped) == [
            *LADDER[:2],
            ("2027-03-01", "reminder-2"),
        ]

    def test_neither_is_one_that_was_on_hold_all_the_time_since(self) -> None:
        made = bare(f"client brun hold=2027-02-12\n{ONE}")
        assert sent_between(made, "2026-10-02", "2027-02-19") == [("2027-02-15", "reminder-1")]

    def test_neither_is_one_that_was_disputed_for_long(self) -> None:
        made = bare(f"{ONE}\ndispute F-1 2026-11-12 2027-01-14")
        assert sent_between(made, "2026-10-02", "2027-01-15") == [*LADDER[:2], ("2027-01-14", "reminder-2")]

    def test_a_ladder_may_have_a_step_after_ninety_days(self) -> None:
        made = bare(ONE, reminding(Step("reminder-1", 7), Step("reminder-2", 14), Step("reminder-3", 91)))
        assert sent_between(made, "2026-10-02", "2027-04-30") == [*LADDER[1:3], ("2027-02-01", "reminder-3")]

    def test_a_younger_debt_of_the_same_client_does_not_wait(self) -> None:
        made = bare(f"invoice F-0 2025-08-01 due 2025-09-01 300.00\n{ONE}")
        made.build("2026-11-09")
        account = made.on("2026-11-09")
        assert listed(account) == {"F-1": "reminder-1"}
        assert account.reminders.to_review == ("F-0",)


class TestChangesOfTheLedger:
    def moved(self, made: World, due: str) -> None:
        invoice = replace(made.ledger.invoices[0], due=day(due))
        made.ledger = replace(made.ledger, invoices=(invoice,))

    def test_a_due_date_moved_after_a_step_repeats_no_step(self) -> None:
        made = bare(ONE)
        assert sent_between(made, "2026-10-02", "2026-11-09") == LADDER[:2]
        self.moved(made, "2026-12-01")
        assert sent_between(made, "2026-11-10", "2027-02-28") == [
            ("2026-12-15", "reminder-2"),
            ("2026-12-31", "reminder-3"),
            ("2027-01-15", "formal-notice"),
        ]

    def test_an_invoice_that_is_renumbered_is_not_reminded_again(self) -> None:
        made = bare(ONE)
        assert sent_between(made, "2026-10-02", "2026-11-09") == LADDER[:2]
        renamed = replace(made.ledger.invoices[0], number="2026-0001")
        made.ledger = replace(made.ledger, invoices=(renamed,))
        assert sent_between(made, "2026-11-10", "2026-12-31") == LADDER[2:]

    def test_another_invoice_of_the_same_day_and_amount_is_not_taken_for_one_already_reminded(self) -> None:
        made = bare(ONE)
        assert sent_between(made, "2026-10-02", "2026-11-09") == LADDER[:2]
        made.add("invoice F-2 2026-10-02 due 2026-11-02 1200.00")
        assert listed(made.on("2026-11-16")) == {"F-1": "reminder-2", "F-2": "reminder-1"}

    def test_a_client_whose_name_changes_gets_no_second_message(self) -> None:
        made = bare(ONE)
        assert made.send("2026-11-09") == "reminder-1"
        client = replace(made.ledger.clients["brun"], name="Brun & Fils")
        made.ledger = replace(made.ledger, clients={"brun": client})
        assert made.send("2026-11-10") is None


class TestChangesOfThePolicy:
    OLD = """
        invoice F-1 2026-09-01 due 2026-10-05 100.00
        invoice F-2 2026-09-01 due 2026-10-05 200.00
        invoice F-5 2026-09-01 due 2026-10-05 500.00
        sent 2026-10-12 reminder-1 F-1 F-2 F-5
        sent 2026-10-19 reminder-2 F-1 F-2 F-5
        """

    def test_a_new_step_below_those_already_taken_is_not_sent_for_old_invoices(self) -> None:
        policy = reminding(Step("reminder-0", 2), *DEFAULT_LADDER)
        assert listed(bare(self.OLD, policy).on("2026-11-09")) == dict.fromkeys(["F-1", "F-2", "F-5"], "reminder-3")

    def test_a_new_step_between_two_that_were_taken_is_not_sent_either(self) -> None:
        courtesy, first, second, third, notice = DEFAULT_LADDER
        policy = reminding(courtesy, first, Step("call", 10, channel=Channel.PHONE), second, third, notice)
        steps = [step for _, step in sent_between(bare(self.OLD, policy), "2026-11-02", "2026-12-31")]
        assert "call" not in steps
        assert steps == ["reminder-3", "formal-notice"]

    def test_a_presentation_added_later_is_not_sent_for_invoices_of_the_past(self) -> None:
        policy = reminding(Step("presentation", 0, anchor=Anchor.ISSUED), *DEFAULT_LADDER)
        text = "\n".join(f"invoice F-{n} 2026-09-0{n} due 2026-12-0{n} 100.00" for n in (1, 2, 3))
        assert sent_between(bare(text, policy), "2026-11-09", "2026-11-20") == []

    def test_the_first_presentation_after_a_weekend_is_not_lost(self) -> None:
        policy = reminding(Step("presentation", 0, anchor=Anchor.ISSUED), *DEFAULT_LADDER)
        assert sent_between(
            bare("invoice F-1 2026-11-07 due 2026-12-07 100.00", policy), "2026-11-07", "2026-11-20"
        ) == [("2026-11-09", "presentation")]

    def test_a_step_that_was_taken_out_leaves_the_others_in_order(self) -> None:
        courtesy, first, _, third, notice = DEFAULT_LADDER
        made = bare(self.OLD, reminding(courtesy, first, third, notice))
        assert [step for _, step in sent_between(made, "2026-11-02", "2026-12-31")] == ["reminder-3", "formal-notice"]


class TestForecast:
    def test_the_next_reminder_is_the_one_that_goes(self) -> None:
        made = bare(ONE)
        for today in days("2026-10-02", "2026-12-20"):
            made.build(today)
            coming = made.on(today).reminders.next
            if coming is not None and due_step(made.on(today)) is None:
                assert coming.on > today
                rehearsal = rehearsed(made)
                first = next(found for found in days(str(today + timedelta(1)), "2027-03-01") if rehearsal.send(found))
                assert (first, rehearsal.on(first).reminders.sent[-1].step) == (coming.on, coming.step)
            made.send(today)

    def test_a_promise_delays_only_what_was_promised(self) -> None:
        made = bare(f"{ONE}\ninvoice F-2 2026-10-20 due 2026-11-12 80.00\npromise 2026-11-05 2026-11-20 F-1")
        made.build("2026-11-06")
        told = made.on("2026-11-06").reminders
        assert (told.held, told.until) == (Held.PROMISED, day("2026-11-20"))
        assert told.next is not None
        assert (told.next.step, told.next.on) == ("courtesy", day("2026-11-09"))
        assert due_step(made.on("2026-11-09")) == "courtesy"

    def test_what_was_sent_is_told(self) -> None:
        made = bare(AFTER_ONE)
        assert [(str(message.on), message.step) for message in made.on("2026-11-10").reminders.sent] == [
            ("2026-11-09", "reminder-1")
        ]


def rehearsed(made: World) -> World:
    """The same world, whose future can be tried out."""
    return World(made.ledger, made.policy, list(made.events), made.region)


class TestUnderAnotherId:
    """A client who was written to, and whose id is another one since, is not told the same again by itself."""

    TOLD = """
        client brun
        invoice F-1 2026-10-02 due 2026-11-02 1200.00
        sent 2026-11-09 reminder-1 F-1
    """

    def renamed(self) -> World:
        made = world(self.TOLD, Policy())
        ledger = made.ledger
        now = replace(ledger.clients["brun"], id="brun-sas")
        invoices = tuple(replace(invoice, client="brun-sas") for invoice in ledger.invoices)
        made.ledger = replace(ledger, clients={"brun-sas": now}, invoices=invoices)
        return made

    def test_it_waits_for_the_owners_word(self) -> None:
        reminders = self.renamed().on("2026-11-10").reminders
        assert (reminders.due_today, reminders.held, reminders.to_review) == (None, Held.REVIEW, ("F-1",))

    def test_the_word_lets_it_go(self) -> None:
        made = self.renamed()
        made.events.append(Reviewed("brun-sas", day("2026-11-10"), ("F-1",)))
        assert due_step(made.on("2026-11-16")) == "reminder-1"

    def test_another_invoice_of_the_same_number_is_another(self) -> None:
        made = self.renamed()
        other = replace(made.ledger.invoices[0], total=Money.of("900.00", "EUR"))
        made.ledger = replace(made.ledger, invoices=(other,))
        assert due_step(made.on("2026-11-16")) == "reminder-1"

    def test_while_the_client_is_still_there_it_is_nobody_elses(self) -> None:
        assert due_step(world(self.TOLD, Policy()).on("2026-11-16")) == "reminder-2"
