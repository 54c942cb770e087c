"""Messages that are no step of a ladder: around the instalments of an agreement, when money came in, to a new client."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.support.reading import BARE, due_now, due_step, reminding, sent_between
from tests.support.world import World, day, world

if TYPE_CHECKING:
    from generator.domain.policy import Policy

ONE = "invoice F-1 2026-10-02 due 2026-11-02 1200.00"
TWO = "invoice F-2 2026-10-02 due 2026-11-04 80.00"
THREE_PARTS = "agreement E-1 2026-11-05 F-1 2026-11-24:400.00 2026-12-24:400.00 2027-01-25:400.00"


def bare(text: str, policy: Policy = BARE) -> World:
    return world(text, policy)


def about(made: World, first: str, last: str, step: str | None = None) -> list[tuple[str, str, tuple[str, ...]]]:
    """What leaves and is no step of the ladder: the day, the message, what it is about."""
    sent_between(made, first, last)
    found = [(str(message.on), message.step, message.about) for message in made.on(last).reminders.sent]
    return [one for one in found if one[2] and step in {None, one[1]}]


class TestInstalments:
    """Three days before, three and ten days after; on business days."""

    def test_before_each_and_never_twice(self) -> None:
        text = f"{ONE}\n{THREE_PARTS}" + "".join(
            f"\npayment {on} 400.00 F-1" for on in ("2026-11-24", "2026-12-24", "2027-01-25")
        )
        assert about(bare(text), "2026-11-05", "2027-03-31") == [
            ("2026-11-20", "instalment", ("E-1@2026-11-24",)),
            ("2026-12-21", "instalment", ("E-1@2026-12-24",)),
            ("2027-01-22", "instalment", ("E-1@2027-01-25",)),
        ]

    @pytest.mark.parametrize(
        ("due", "on"),
        [
            ("2026-11-20", "2026-11-17"),  # a Friday
            ("2026-11-21", "2026-11-18"),  # a Saturday
            ("2026-11-22", "2026-11-19"),  # a Sunday
            ("2026-11-23", "2026-11-20"),  # a Monday
            ("2026-11-24", "2026-11-20"),  # a Tuesday: three days before is Saturday
            ("2026-11-25", "2026-11-20"),  # a Wednesday: three days before is Sunday
            ("2026-11-14", "2026-11-10"),  # three days before is Armistice Day
        ],
    )
    def test_the_word_before_it_is_never_pushed_past_a_weekend(self, due: str, on: str) -> None:
        made = bare(f"{ONE}\nagreement E-1 2026-11-02 F-1 {due}:1200.00")
        assert sent_between(made, "2026-11-02", due) == [(on, "instalment")]

    def test_it_speaks_of_the_instalment(self) -> None:
        due = due_now(bare(f"{ONE}\n{THREE_PARTS}").on("2026-11-20"))
        assert due.instalment is not None
        assert (due.instalment.number, due.instalment.count, str(due.instalment.instalment.open)) == (1, 3, "400.00")
        assert [str(sum_) for sum_ in due.asked] == ["400.00"]

    def test_after_a_missed_one_twice_and_the_agreement_stands(self) -> None:
        made = bare(f"{ONE}\n{THREE_PARTS}")
        assert about(made, "2026-11-05", "2026-12-04") == [
            ("2026-11-20", "instalment", ("E-1@2026-11-24",)),
            ("2026-11-27", "instalment-late", ("E-1@2026-11-24",)),
            ("2026-12-04", "instalment-last", ("E-1@2026-11-24",)),
        ]
        due = made.on("2026-12-04").agreements[0]
        assert due.holds

    @pytest.mark.parametrize("due", [f"2026-11-{n}" for n in range(16, 28)])
    def test_a_missed_one_is_followed_up_twice_whatever_the_weekday(self, due: str) -> None:
        made = bare(f"{ONE}\nagreement E-1 2026-11-02 F-1 {due}:1200.00")
        found = [
            ((day(on) - day(due)).days, step)
            for on, step in sent_between(made, due, "2026-12-31")
            if step.startswith("instalment")
        ]
        assert [step for _, step in found] == ["instalment-late", "instalment-last"]
        assert [wait - least <= 2 for (wait, _), least in zip(found, (3, 10), strict=True)] == [True, True]

    def test_paid_after_the_first_follow_up_there_is_no_second(self) -> None:
        made = bare(f"{ONE}\n{THREE_PARTS}\npayment 2026-11-30 400.00 F-1")
        assert about(made, "2026-11-26", "2026-12-10") == [("2026-11-27", "instalment-late", ("E-1@2026-11-24",))]

    def test_paid_early_there_is_nothing_to_say(self) -> None:
        made = bare(f"{ONE}\n{THREE_PARTS}\npayment 2026-11-10 800.00 F-1")
        assert about(made, "2026-11-11", "2027-01-24") == [("2027-01-22", "instalment", ("E-1@2027-01-25",))]

    def test_paid_in_part_it_asks_for_the_rest(self) -> None:
        due = due_now(bare(f"{ONE}\n{THREE_PARTS}\npayment 2026-11-10 150.00 F-1").on("2026-11-20"))
        assert [str(sum_) for sum_ in due.asked] == ["250.00"]

    def test_a_credit_note_that_came_since_pays_what_is_next_as_money_does(self) -> None:
        account = bare(f"{ONE}\n{THREE_PARTS}\ncredit A-1 2026-11-10 300.00 F-1").on("2026-11-20")
        assert [str(sum_) for sum_ in due_now(account).asked] == [str(account.totals.to_pay)] == ["100.00"]

    def test_one_of_before_the_agreement_that_is_booked_since_takes_from_the_last(self) -> None:
        text = f"{ONE}\n{THREE_PARTS}\ncredit A-1 2026-11-04 300.00 F-1" + "".join(
            f"\npayment {on} 400.00 F-1" for on in ("2026-11-24", "2026-12-24")
        )
        made = bare(text)
        asked = [str(sum_) for on in ("2026-11-20", "2026-12-21", "2027-01-22") for sum_ in due_now(made.on(on)).asked]
        assert asked == ["400.00", "400.00", "100.00"]

    def test_a_credit_note_for_all_of_it_silences_the_agreement(self) -> None:
        made = bare(f"{ONE}\n{THREE_PARTS}\ncredit A-1 2026-11-10 1200.00 F-1")
        assert sent_between(made, "2026-11-10", "2027-03-31") == []

    def test_two_agreements_each_have_their_word(self) -> None:
        text = f"{ONE}\n{TWO}\nagreement E-1 2026-11-05 F-1 2026-11-24:1200.00\nagreement E-2 2026-11-05 F-2 2026-11-27:80.00"
        assert about(bare(text), "2026-11-05", "2026-11-25") == [
            ("2026-11-20", "instalment", ("E-1@2026-11-24",)),
            ("2026-11-24", "instalment", ("E-2@2026-11-27",)),
        ]

    @pytest.mark.parametrize("due", ["2026-11-20", "2026-11-23", "2026-11-24", "2026-11-25"])
    def test_also_when_both_ask_for_the_same_day(self, due: str) -> None:
        text = f"{ONE}\n{TWO}\nagreement E-1 2026-11-05 F-1 {due}:1200.00\nagreement E-2 2026-11-05 F-2 {due}:80.00"
        found = about(bare(text), "2026-11-05", due, "instalment")
        assert sorted(name for _, _, names in found for name in names) == [f"E-1@{due}", f"E-2@{due}"]
        assert len({on for on, _, _ in found}) == 2

    def test_the_word_before_an_instalment_goes_while_a_follow_up_must_wait(self) -> None:
        """The first part is missed, a reminder about another invoice has just gone: only the follow-up waits for the gap."""
        text = f"{ONE}\n{TWO}\nagreement E-1 2026-11-05 F-1 2026-11-20:600.00 2026-11-27:600.00\nsent 2026-11-20 reminder-1 F-2"
        assert ("2026-11-24", "instalment", ("E-1@2026-11-27",)) in about(bare(text), "2026-11-21", "2026-11-27")

    def test_the_word_before_an_instalment_goes_while_payments_are_not_booked(self) -> None:
        policy = replace(BARE, payments_up_to=date(2026, 11, 10))
        text = f"{ONE}\nagreement E-1 2026-11-05 F-1 2026-11-20:600.00 2026-11-27:600.00"
        assert sent_between(bare(text, policy), "2026-11-21", "2026-11-30") == [("2026-11-24", "instalment")]

    def test_nobody_is_told_that_an_instalment_is_late_before_its_day_is_booked(self) -> None:
        policy = replace(BARE, payments_up_to=date(2026, 11, 23), stale_days=30)
        assert sent_between(bare(f"{ONE}\n{THREE_PARTS}", policy), "2026-11-25", "2026-12-04") == []

    def test_it_goes_before_a_reminder_and_the_reminder_on_the_next_day(self) -> None:
        text = f"{ONE}\ninvoice F-2 2026-10-02 due 2026-11-13 80.00\n{THREE_PARTS}"
        assert sent_between(bare(text), "2026-11-17", "2026-11-25") == [
            ("2026-11-20", "instalment"),
            ("2026-11-23", "reminder-1"),
        ]

    def test_when_the_agreement_is_over_that_is_said_once_and_the_ladder_speaks_alone(self) -> None:
        found = sent_between(bare(f"{ONE}\n{THREE_PARTS}"), "2026-11-05", "2027-06-30")
        assert [step for _, step in found] == [
            "instalment",
            "instalment-late",
            "instalment-last",
            "agreement-over",
            "reminder-1",
            "reminder-2",
            "reminder-3",
            "formal-notice",
        ]

    def test_nothing_ends_before_the_client_was_told_however_late_we_write(self) -> None:
        found = sent_between(bare(f"{ONE}\n{THREE_PARTS}"), "2026-12-14", "2026-12-31")
        assert found == [
            ("2026-12-14", "instalment-late"),
            ("2026-12-21", "instalment-last"),
            ("2026-12-22", "instalment"),
            ("2026-12-28", "agreement-over"),
        ]

    def test_an_agreement_that_took_the_place_of_another_is_the_only_one_that_is_followed_up(self) -> None:
        made = bare(f"{ONE}\n{THREE_PARTS}\nagreement E-2 2026-11-26 F-1 2026-12-10:1200.00")
        assert about(made, "2026-11-24", "2026-12-09") == [("2026-12-07", "instalment", ("E-2@2026-12-10",))]

    def test_no_word_before_one_when_a_missed_one_ends_the_agreement_first(self) -> None:
        agreed = "agreement E-1 2026-11-05 F-1 2026-11-24:600.00 2026-12-15:600.00"
        late = "sent 2026-11-27 instalment-late about=E-1@2026-11-24"
        made = bare(f"invoice F-1 2026-10-02 due 2026-11-02 1200.00\n{agreed}\n{late}")
        assert about(made, "2026-12-05", "2026-12-14", "instalment") == []

    def test_the_word_before_one_goes_while_a_missed_one_leaves_it_standing(self) -> None:
        agreed = "agreement E-1 2026-11-05 F-1 2026-11-24:600.00 2026-12-02:600.00"
        late = "sent 2026-11-27 instalment-late about=E-1@2026-11-24"
        made = bare(f"invoice F-1 2026-10-02 due 2026-11-02 1200.00\n{agreed}\n{late}")
        assert [on for on, *_ in about(made, "2026-11-28", "2026-12-01", "instalment")] == ["2026-11-30"]

    def test_a_disputed_invoice_is_not_asked_for_in_parts_either(self) -> None:
        made = bare(f"{ONE}\n{THREE_PARTS}\ndispute F-1 2026-11-10")
        assert sent_between(made, "2026-11-10", "2027-03-31") == []

    def test_whoever_promised_the_missed_part_is_not_followed_up_before_that_day(self) -> None:
        made = bare(f"{ONE}\n{THREE_PARTS}\npromise 2026-11-25 2026-11-30")
        followed = [(on, step) for on, step, _ in about(made, "2026-11-24", "2026-12-04") if step != "instalment"]
        assert followed == [("2026-12-01", "instalment-late")]

    def test_a_debit_under_way_pays_an_instalment(self) -> None:
        made = bare(f"{ONE}\n{THREE_PARTS}\ndebit 2026-11-18 400.00 F-1")
        assert sent_between(made, "2026-11-18", "2026-12-18") == []

    def test_an_excluded_client_hears_of_their_agreement_all_the_same(self) -> None:
        made = bare(f"client brun ladder=none\n{ONE}\n{THREE_PARTS}")
        assert sent_between(made, "2026-11-05", "2026-11-25") == [("2026-11-20", "instalment")]


class TestReceipts:
    POLICY = reminding(receipts=True)
    PAID = f"client brun grace=90\n{ONE}\npayment 2026-11-12 400.00 F-1"

    def test_money_that_came_in_is_confirmed_once(self) -> None:
        made = bare(self.PAID, self.POLICY)
        made.build("2026-11-10")
        assert sent_between(made, "2026-11-12", "2027-01-31") == [("2026-11-12", "receipt")]

    def test_only_if_the_policy_wants_it(self) -> None:
        assert sent_between(bare(self.PAID), "2026-11-10", "2026-11-30") == []

    def test_two_payments_that_are_alike_are_both_confirmed(self) -> None:
        made = bare(f"{self.PAID}\npayment 2026-11-12 400.00 F-1", self.POLICY)
        made.build("2026-11-10")
        assert [str(one.amount) for one in due_now(made.on("2026-11-12")).receipts] == ["400.00", "400.00"]

    def test_a_second_like_it_that_is_booked_later_has_its_own(self) -> None:
        made = bare(f"{self.PAID}", self.POLICY)
        made.build("2026-11-10")
        assert made.send("2026-11-12") == "receipt"
        made.add("payment 2026-11-12 400.00 F-1")
        assert [str(one.amount) for one in due_now(made.on("2026-11-13")).receipts] == ["400.00"]

    @pytest.mark.parametrize("back", ["payment 2026-11-13 -400.00 F-1", "payment 2026-11-12 -400.00 F-1"])
    def test_none_for_what_went_back(self, back: str) -> None:
        made = bare(f"{self.PAID}\n{back}", self.POLICY)
        made.build("2026-11-10")
        assert sent_between(made, "2026-11-13", "2026-11-30") == []

    def test_none_for_a_refund(self) -> None:
        text = f"client brun grace=90\n{ONE}\ndebit 2026-11-03 1200.00 F-1 state=paid\nrefund 2026-11-12 200.00 of=pi_1"
        made = bare(text, self.POLICY)
        made.build("2026-11-10")
        assert sent_between(made, "2026-11-12", "2026-11-30") == []

    def test_an_older_payment_of_the_same_amount_that_went_back_does_not_hide_a_new_one(self) -> None:
        text = f"client brun grace=90\n{ONE}\npayment 2026-10-05 400.00 F-1\npayment 2026-11-11 -400.00 F-1\npayment 2026-11-13 400.00 F-1"
        made = bare(text, self.POLICY)
        made.build("2026-10-02")
        assert [str(one.on) for one in due_now(made.on("2026-11-13")).receipts] == ["2026-11-13"]

    def test_neither_does_a_refund_in_another_currency(self) -> None:
        text = (
            f"{self.PAID}\ninvoice G-1 2026-10-02 due 2027-11-02 900.00 currency=GBP\n"
            "payment 2026-10-04 400.00 G-1 currency=GBP\npayment 2026-11-12 -400.00 G-1 currency=GBP"
        )
        made = bare(text, self.POLICY)
        made.build("2026-10-02")
        assert [str(one.amount) for one in due_now(made.on("2026-11-12")).receipts] == ["400.00"]

    def test_none_for_payments_before_the_first_run(self) -> None:
        made = bare(f"{self.PAID}", self.POLICY)
        assert sent_between(made, "2026-11-13", "2026-11-30") == []

    def test_none_for_a_debit_that_has_not_arrived(self) -> None:
        made = bare(f"{ONE}\ndebit 2026-11-12 1200.00 F-1", self.POLICY)
        made.build("2026-11-10")
        assert sent_between(made, "2026-11-12", "2026-11-30") == []

    def test_none_after_a_fortnight(self) -> None:
        made = bare(f"{self.PAID}", self.POLICY)
        made.build("2026-11-10")
        assert due_step(made.on("2026-11-26")) == "receipt"
        assert due_step(made.on("2026-11-27")) is None

    def test_not_beside_a_reminder_of_the_same_day_but_the_next(self) -> None:
        made = bare(f"{ONE}\npayment 2026-11-09 400.00 F-1", self.POLICY)
        made.build("2026-11-06")
        assert sent_between(made, "2026-11-09", "2026-11-13") == [
            ("2026-11-09", "reminder-1"),
            ("2026-11-10", "receipt"),
        ]

    def test_it_does_not_delay_the_next_reminder(self) -> None:
        made = bare(f"{ONE}\nsent 2026-11-09 reminder-1 F-1\npayment 2026-11-13 400.00 F-1", self.POLICY)
        made.build("2026-11-10")
        assert sent_between(made, "2026-11-13", "2026-11-17") == [
            ("2026-11-13", "receipt"),
            ("2026-11-16", "reminder-2"),
        ]

    def test_not_on_a_sunday(self) -> None:
        made = bare("invoice F-1 2026-10-02 due 2027-11-02 1200.00\npayment 2026-11-14 400.00 F-1", self.POLICY)
        made.build("2026-11-10")
        assert sent_between(made, "2026-11-14", "2026-11-20") == [("2026-11-16", "receipt")]


class TestOnboarding:
    POLICY = reminding(onboarding=True)
    NEW = "invoice F-1 2026-11-02 due 2026-12-02 100.00"

    def welcomed(self, text: str, first: str = "2026-11-03", policy: Policy = POLICY) -> list[tuple[str, str]]:
        return [one for one in sent_between(bare(text, policy), first, "2026-12-11") if one[1] == "onboarding"]

    def test_a_new_client_is_asked_once_who_pays(self) -> None:
        assert self.welcomed(self.NEW) == [("2026-11-03", "onboarding")]

    def test_not_unless_the_policy_wants_it(self) -> None:
        assert self.welcomed(self.NEW, policy=BARE) == []

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param(f'{NEW}\ncontact "Jeanne Roy" role=pays email=j@client.example', id="who pays is known"),
            pytest.param(f"client brun kind=consumer\n{NEW}", id="a consumer"),
            pytest.param(f"client brun opt_out=yes\n{NEW}", id="opted out"),
            pytest.param(f"{NEW}\ninvoice F-0 2026-10-30 due 2026-11-02 50.00", id="something is late"),
            pytest.param(f"{NEW}\ninvoice F-0 2026-09-01 due 2026-12-30 50.00", id="no new client"),
            pytest.param(f"{NEW}\nanswer m1 2026-11-02", id="an answer to read"),
        ],
    )
    def test_nobody_else_is(self, text: str) -> None:
        assert self.welcomed(text) == []
