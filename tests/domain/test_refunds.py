"""The owner gave money back at Stripe: what is open again waits for their word before anybody is reminded of it."""

from __future__ import annotations

import pytest

from generator.domain.account import Status
from generator.domain.due import Held
from generator.domain.memory import Memory
from tests.support.reading import BARE, DISCOUNTING, discount, due_step, item, listed, sent_between
from tests.support.world import World, day, world

#: Late on 3 November, reminded on the 9th, paid online on the 10th; 100 euros of it are given back on the 12th.
PAID = """
    client brun
    invoice F-1 2026-10-02 due 2026-11-02 1200.00
    sent 2026-11-09 reminder-1 F-1
    debit 2026-11-10 1200.00 F-1 state=paid
"""
REFUNDED = f"{PAID}refund 2026-11-12 100.00 of=pi_1"


def bare(text: str) -> World:
    return world(text, BARE)


def opened(made: World, today: str) -> dict[str, str]:
    """What a refund opened again, and when."""
    return {found.id: str(found.refunded_on) for found in made.on(today).items if found.refunded_on}


class TestWaiting:
    def test_what_was_given_back_is_open_and_nobody_is_reminded_of_it(self) -> None:
        account = bare(REFUNDED).on("2026-11-16")
        found = item(account, "F-1")
        assert (found.status, str(found.open), str(found.refunded_on)) == (Status.OVERDUE, "100.00", "2026-11-12")
        reminders = account.reminders
        assert (reminders.due_today, reminders.next, reminders.held) == (None, None, Held.REVIEW)
        assert reminders.to_review == ("F-1",)
        assert str(account.totals.to_pay) == "100.00"

    def test_it_waits_as_long_as_it_takes(self) -> None:
        assert sent_between(bare(REFUNDED), "2026-11-12", "2027-01-31") == []

    def test_the_word_of_the_owner_lets_the_ladder_go_on_where_it_stood(self) -> None:
        made = bare(REFUNDED)
        made.add("reviewed 2026-11-19 F-1")
        assert sent_between(made, "2026-11-12", "2026-11-30")[:1] == [("2026-11-16", "reminder-2")]
        assert made.on("2026-11-30").reminders.to_review == ()

    def test_a_word_of_the_same_day_counts_and_one_of_the_day_before_does_not(self) -> None:
        made = bare(REFUNDED)
        made.add("reviewed 2026-11-11 F-1")
        assert made.on("2026-11-16").reminders.to_review == ("F-1",)
        made.add("reviewed 2026-11-12 F-1")
        assert due_step(made.on("2026-11-16")) == "reminder-2"

    def test_a_word_about_another_invoice_is_not_about_this_one(self) -> None:
        made = bare(REFUNDED)
        made.add("reviewed 2026-11-12 F-2")
        assert made.on("2026-11-16").reminders.to_review == ("F-1",)

    def test_a_second_refund_asks_for_a_second_word(self) -> None:
        made = bare(f"{REFUNDED}\nrefund 2026-11-18 50.00 of=pi_1")
        made.add("reviewed 2026-11-13 F-1")
        assert due_step(made.on("2026-11-17")) == "reminder-2"
        assert made.on("2026-11-18").reminders.to_review == ("F-1",)
        assert opened(made, "2026-11-18") == {"F-1": "2026-11-18"}

    def test_the_last_word_counts_in_whatever_order_the_journal_is_read(self) -> None:
        made = bare(REFUNDED)
        made.add("reviewed 2026-11-13 F-1\nreviewed 2026-11-11 F-1")
        for events in (made.events, made.events[::-1]):
            assert Memory.of(events).get("brun").reviewed == {"F-1": day("2026-11-13")}
        first, last = made.events[-2:]
        assert Memory.of([last]).plus([first]) == Memory.of([first]).plus([last])

    def test_a_credit_note_for_the_gesture_ends_it(self) -> None:
        account = bare(f"{REFUNDED}\ncredit A-1 2026-11-13 100.00 F-1").on("2026-11-16")
        assert item(account, "F-1").status is Status.PAID
        assert (account.reminders.to_review, account.reminders.held) == ((), Held.PAID)

    def test_no_courtesy_goes_before_the_due_date_either(self) -> None:
        made = bare("""
            client brun
            invoice F-1 2026-10-02 due 2026-11-02 1200.00
            debit 2026-10-10 1200.00 F-1 state=paid
            refund 2026-10-12 100.00 of=pi_1
        """)
        assert sent_between(made, "2026-10-12", "2026-11-30") == []
        reminders = made.on("2026-10-30").reminders
        assert (reminders.held, reminders.to_review) == (Held.REVIEW, ("F-1",))
        made.add("reviewed 2026-10-20 F-1")
        assert due_step(made.on("2026-10-30")) == "courtesy"

    def test_what_else_is_late_is_asked_for_without_it(self) -> None:
        account = bare(f"{REFUNDED}\ninvoice F-2 2026-10-02 due 2026-11-03 300.00").on("2026-11-16")
        assert listed(account) == {"F-2": "reminder-1"}
        assert account.reminders.to_review == ("F-1",)

    def test_a_promise_is_waited_for_first(self) -> None:
        made = bare(f"{REFUNDED}\npromise 2026-11-13 2026-11-20 F-1")
        assert made.on("2026-11-16").reminders.held is Held.PROMISED
        assert made.on("2026-11-23").reminders.held is Held.REVIEW


class TestWhatIsNoRefund:
    def test_a_bounced_cheque_is_asked_for_as_ever(self) -> None:
        account = bare(f"{PAID}payment 2026-11-12 -1200.00 F-1").on("2026-11-16")
        assert due_step(account) == "reminder-2"
        assert account.reminders.to_review == ()

    def test_what_a_bank_took_back_is_disputed_and_asked_for_once_that_is_over(self) -> None:
        made = bare(f"{PAID}refund 2026-11-12 1200.00 of=pi_1 why=dispute\ndispute F-1 2026-11-12 2026-11-20")
        assert made.on("2026-11-16").reminders.held is Held.DISPUTED
        assert due_step(made.on("2026-11-20")) == "reminder-2"

    def test_what_was_paid_twice_and_given_back_once_opens_nothing(self) -> None:
        made = bare(f"{PAID}debit 2026-11-11 1200.00 F-1 state=paid\nrefund 2026-11-12 1200.00 of=pi_2")
        account = made.on("2026-11-16")
        assert (opened(made, "2026-11-16"), account.totals.open.minor, account.totals.credit.minor) == ({}, 0, 0)

    def test_an_invoice_of_a_later_day_is_not_open_again(self) -> None:
        made = bare(
            f"{PAID}debit 2026-11-11 1200.00 F-1 state=paid\nrefund 2026-11-12 1200.00 of=pi_2\n"
            "invoice F-2 2026-11-13 due 2026-11-16 300.00"
        )
        assert opened(made, "2026-11-23") == {}
        assert due_step(made.on("2026-11-23")) == "reminder-1"

    def test_neither_is_one_that_was_paid_in_advance_and_invoiced_after_the_money_was_given_back(self) -> None:
        made = bare("""
            client brun
            invoice F-1 2026-10-02 due 2026-11-02 300.00
            debit 2026-09-20 300.00 F-1 state=paid
            refund 2026-09-25 300.00 of=pi_1
        """)
        assert opened(made, "2026-11-09") == {}
        assert due_step(made.on("2026-11-09")) == "reminder-1"


class TestWhatItOpened:
    @pytest.mark.parametrize("back", ["240.00", "540.00"])
    def test_of_several_invoices_paid_at_once_those_that_are_open_again(self, back: str) -> None:
        made = bare(f"""
            client brun
            invoice F-1 2026-10-02 due 2026-11-02 300.00
            invoice F-2 2026-10-02 due 2026-11-03 240.00
            invoice F-3 2026-10-02 due 2026-11-04 80.00
            debit 2026-11-10 540.00 state=paid
            refund 2026-11-12 {back} of=pi_1
        """)
        both = {"F-1": "2026-11-12", "F-2": "2026-11-12"}
        assert opened(made, "2026-11-16") == (both if back == "540.00" else {"F-2": "2026-11-12"})
        assert listed(made.on("2026-11-16")) == {"F-3": "reminder-1"}

    def test_what_the_next_payment_left_open_in_its_place(self) -> None:
        made = bare("""
            client brun
            invoice F-1 2026-10-02 due 2026-11-02 300.00
            invoice F-2 2026-10-02 due 2026-11-03 300.00
            debit 2026-11-05 300.00 state=paid
            payment 2026-11-06 300.00
            refund 2026-11-12 300.00 of=pi_1
        """)
        assert item(made.on("2026-11-16"), "F-1").status is Status.PAID
        assert opened(made, "2026-11-16") == {"F-2": "2026-11-12"}

    def test_what_was_paid_again_is_no_more_of_it_wherever_that_payment_might_have_gone(self) -> None:
        made = bare(f"{REFUNDED}\ninvoice F-2 2026-10-02 due 2026-11-01 300.00\npayment 2026-11-13 100.00")
        assert opened(made, "2026-11-16") == {}
        assert listed(made.on("2026-11-16")) == {"F-2": "reminder-1"}

    def test_a_discount_that_goes_with_the_payment_is_part_of_it(self) -> None:
        made = world(
            """
            client brun
            invoice F-1 2026-10-02 due 2026-11-02 1000.00 escompte=5/20
            debit 2026-10-10 950.00 F-1 state=paid
            refund 2026-11-12 100.00 of=pi_1
            """,
            DISCOUNTING,
        )
        assert str(item(made.on("2026-11-16"), "F-1").open) == "150.00"
        assert opened(made, "2026-11-16") == {"F-1": "2026-11-12"}

    def test_what_was_paid_by_the_reference_of_an_offer_is_what_the_offer_is_about(self) -> None:
        text = """
            client brun
            invoice F-1 2026-09-02 due 2026-10-02 400.00
            invoice F-2 2026-10-02 due 2026-11-02 1000.00 escompte=5/20
        """
        reference = discount(world(text, BARE).on("2026-10-10")).reference
        made = world(
            f'{text}\ndebit 2026-10-10 950.00 "ref={reference}" state=paid\nrefund 2026-11-12 950.00 of=pi_1', BARE
        )
        assert opened(made, "2026-11-16") == {"F-2": "2026-11-12"}

    def test_a_credit_note_of_a_later_day_changes_nothing_of_what_the_refund_opened(self) -> None:
        made = bare("""
            client brun
            invoice F-1 2026-10-02 due 2026-11-02 300.00
            invoice F-2 2026-10-02 due 2026-11-03 250.00
            debit 2026-11-10 300.00 state=paid
            refund 2026-11-12 100.00 of=pi_1
            credit A-1 2026-11-13 40.00 F-1
        """)
        assert opened(made, "2026-11-16") == {"F-1": "2026-11-12"}
        assert listed(made.on("2026-11-16")) == {"F-2": "reminder-1"}

    def test_a_debit_on_its_way_for_the_rest_leaves_nothing_to_review(self) -> None:
        made = bare(f"{REFUNDED}\ndebit 2026-11-13 100.00 F-1")
        account = made.on("2026-11-16")
        assert item(account, "F-1").status is Status.IN_FLIGHT
        assert (account.reminders.to_review, account.reminders.held) == ((), Held.IN_FLIGHT)

    def test_each_invoice_waits_for_its_own_refund(self) -> None:
        made = bare(f"""{REFUNDED}
            invoice F-2 2026-10-02 due 2026-11-03 300.00
            debit 2026-11-11 300.00 F-2 state=paid
            refund 2026-11-16 300.00 of=pi_3
        """)
        made.add("reviewed 2026-11-13 F-1")
        assert opened(made, "2026-11-16") == {"F-1": "2026-11-12", "F-2": "2026-11-16"}
        assert made.on("2026-11-16").reminders.to_review == ("F-2",)
        assert listed(made.on("2026-11-16")) == {"F-1": "reminder-2"}

    def test_an_invoice_refunded_and_paid_again_on_one_day_has_not_opened_the_others(self) -> None:
        made = bare("""
            client brun
            invoice F-1 2026-10-02 due 2026-11-02 300.00
            invoice F-2 2026-10-02 due 2026-11-03 250.00
            debit 2026-11-10 300.00 F-1 state=paid
            refund 2026-11-12 300.00 of=pi_1
            payment 2026-11-12 300.00
        """)
        assert item(made.on("2026-11-16"), "F-1").status is Status.PAID
        assert opened(made, "2026-11-16") == {}
        assert listed(made.on("2026-11-16")) == {"F-2": "reminder-1"}

    def test_one_paid_and_refunded_on_one_day_waits_all_the_same(self) -> None:
        made = bare("""
            client brun
            invoice F-1 2026-10-02 due 2026-11-02 300.00
            debit 2026-11-12 300.00 F-1 state=paid
            refund 2026-11-12 300.00 of=pi_1
        """)
        assert opened(made, "2026-11-16") == {"F-1": "2026-11-12"}

    def test_a_cheque_that_bounced_on_the_day_of_an_online_payment_does_not_take_what_is_refunded_later(self) -> None:
        made = bare("""
            client brun
            invoice F-1 2026-10-02 due 2026-11-02 120.00
            invoice F-2 2026-10-02 due 2026-11-03 50.00
            payment 2026-11-05 120.00 F-1
            debit 2026-11-12 120.00 F-1 state=paid
            payment 2026-11-12 -120.00 F-1
            payment 2026-11-13 50.00 F-2
            refund 2026-11-20 120.00 of=pi_1
        """)
        assert item(made.on("2026-11-19"), "F-1").status is Status.PAID
        after = made.on("2026-11-20")
        assert {found.id: str(found.open) for found in after.items} == {"F-1": "120.00", "F-2": "0.00"}
