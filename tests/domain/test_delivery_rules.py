"""Caps, calls first, the owner's word, stops, ladders of one's own, and what becomes of messages."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.domain.due import Held
from generator.domain.ledger import Channel
from generator.domain.memory import Memory
from generator.domain.policy import DEFAULT_LADDER, Anchor, Approval, Policy, Step
from tests.support.reading import BARE, days, due_now, due_step, listed, reminding, sent_between
from tests.support.world import World, world

#: Due on a Monday; its steps fall on 30 October, 9 and 16 November, 2 and 17 December, all of them business days.
ONE = "invoice F-1 2026-10-02 due 2026-11-02 1200.00"
TWO = "invoice F-2 2026-10-02 due 2026-11-04 80.00"
PHONE = "client brun phone=+33388000000"
CALLED_FOR = f"{PHONE}\n{ONE}\nsent 2026-11-09 reminder-1 F-1"
THREE_REMINDERS = (
    f"{ONE}\nsent 2026-11-09 reminder-1 F-1\nsent 2026-11-16 reminder-2 F-1\nsent 2026-12-02 reminder-3 F-1"
)
THREE_PARTS = "agreement E-1 2026-11-05 F-1 2026-11-24:400.00 2026-12-24:400.00 2027-01-25:400.00"


def bare(text: str, policy: Policy = BARE) -> World:
    return world(text, policy)


def held(made: World, today: str) -> tuple[str | None, Held | None]:
    made.build(today)
    account = made.on(today)
    return due_step(account), account.reminders.held


class TestTheCap:
    """Two a month, one day apart; the steps fall on Tuesday 3, Thursday 5, Monday 9 and Tuesday 10 November."""

    DENSE = tuple(Step(name, days) for name, days in (("one", 1), ("two", 3), ("three", 7), ("four", 8)))
    POLICY = reminding(*DENSE, minimum_gap_days=1, most_per_month=2)

    def test_the_third_reminder_of_a_month_waits_for_the_next_month(self) -> None:
        assert sent_between(bare(ONE, self.POLICY), "2026-11-02", "2027-01-31") == [
            ("2026-11-03", "one"),
            ("2026-11-05", "two"),
            ("2026-12-01", "three"),
            ("2026-12-02", "four"),
        ]

    def test_the_account_says_so_and_until_when(self) -> None:
        made = bare(ONE, self.POLICY)
        sent_between(made, "2026-11-02", "2026-11-08")
        reminders = made.on("2026-11-09").reminders
        assert (reminders.due_today, reminders.held, reminders.until) == (None, Held.CAP, date(2026, 11, 30))
        assert reminders.next is not None
        assert (reminders.next.step, reminders.next.on) == ("three", date(2026, 12, 1))

    def test_it_is_four_unless_said_otherwise(self) -> None:
        policy = reminding(*(Step(f"s-{n}", n) for n in range(1, 8)), minimum_gap_days=1)
        assert len(sent_between(bare(ONE, policy), "2026-11-02", "2026-11-30")) == 4

    def test_it_counts_what_was_sent_about_other_invoices_and_by_hand(self) -> None:
        text = f"{ONE}\ninvoice F-0 2026-10-01 due 2026-10-20 90.00\nsent 2026-11-02 one F-0\nsent 2026-11-04 two F-0 by=phone"
        assert held(bare(text, self.POLICY), "2026-11-05") == (None, Held.CAP)

    def test_it_counts_for_each_client_alone(self) -> None:
        made = bare(
            f"client brun\nclient morel\n{ONE}\ninvoice G-1 2026-10-02 due 2026-11-02 50.00 client=morel\n"
            "sent 2026-11-03 one F-1\nsent 2026-11-05 two F-1",
            self.POLICY,
        )
        steps = {account.client.id: due_step(account) for account in made.decide("2026-11-09").accounts}
        assert steps == {"brun": None, "morel": "one"}

    def test_what_surely_did_not_leave_does_not_count(self) -> None:
        text = f"{ONE}\nsent 2026-11-03 one F-1\nattempt a1 2026-11-05 two F-1 outcome=later"
        assert sent_between(bare(text, self.POLICY), "2026-11-06", "2026-11-20") == [("2026-11-06", "two")]

    def test_a_word_before_an_instalment_is_not_kept_back_by_it(self) -> None:
        text = (
            f"{ONE}\ninvoice F-0 2026-10-01 due 2026-10-20 90.00\n{THREE_PARTS}\n"
            "sent 2026-11-02 one F-0\nsent 2026-11-04 two F-0"
        )
        assert sent_between(bare(text, self.POLICY), "2026-11-17", "2026-11-23") == [("2026-11-20", "instalment")]


class TestCallFirst:
    """The second reminder is a call for whoever has a telephone: the sheet on its day, the email on the next business day."""

    def test_on_its_day_the_owner_is_given_a_call_sheet(self) -> None:
        due = due_now(bare(CALLED_FOR).on("2026-11-16"))
        assert (due.step.name, due.call_first) == ("reminder-2", True)

    def test_when_no_call_was_noted_the_email_goes_on_the_next_business_day(self) -> None:
        made = bare(CALLED_FOR)
        made.build("2026-11-16")
        due = due_now(made.on("2026-11-17"))
        assert (due.step.name, due.channel, due.call_first) == ("reminder-2", Channel.EMAIL, False)

    def test_a_second_build_of_the_day_gives_the_same_sheet(self) -> None:
        made = bare(CALLED_FOR)
        first = due_now(made.build("2026-11-16").accounts[0])
        assert made.build("2026-11-16").accounts[0].reminders.due_today == first

    def test_a_sheet_of_friday_is_followed_by_an_email_on_monday(self) -> None:
        made = bare(CALLED_FOR)
        made.build("2026-11-20")
        assert held(made, "2026-11-21") == (None, Held.NOT_BUSINESS)
        assert due_now(made.on("2026-11-23")).channel is Channel.EMAIL

    def test_a_call_counts_as_the_step(self) -> None:
        made = bare(
            f"{CALLED_FOR}\nprepared 2026-11-16 reminder-2 F-1 by=phone\nsent 2026-11-16 reminder-2 F-1 by=phone"
        )
        made.add('call 2026-11-16 "Virement lundi, dit Madame Roy"')
        assert sent_between(made, "2026-11-17", "2026-12-10") == [("2026-12-02", "reminder-3")]

    def test_a_call_that_reached_nobody_leaves_the_email_to_go(self) -> None:
        made = bare(CALLED_FOR)
        made.build("2026-11-16")
        made.add('call 2026-11-16 "repondeur" reached=no')
        due = due_now(made.on("2026-11-17"))
        assert (due.channel, due.call_first) == (Channel.EMAIL, False)

    def test_a_note_is_no_call(self) -> None:
        made = bare(CALLED_FOR)
        made.build("2026-11-16")
        made.add('note 2026-11-16 "nouvelle adresse"')
        assert due_now(made.on("2026-11-17")).channel is Channel.EMAIL

    def test_without_a_telephone_the_email_goes_at_once(self) -> None:
        due = due_now(bare(f"{ONE}\nsent 2026-11-09 reminder-1 F-1").on("2026-11-16"))
        assert (due.step.name, due.channel, due.call_first) == ("reminder-2", Channel.EMAIL, False)

    def test_the_telephone_of_a_contact_will_do(self) -> None:
        made = bare(f'{ONE}\nsent 2026-11-09 reminder-1 F-1\ncontact "Jeanne Roy" role=pays phone=+33388000001')
        assert due_now(made.on("2026-11-16")).call_first

    def test_a_sheet_that_was_missed_comes_on_the_first_run_and_the_email_after_it(self) -> None:
        made = bare(CALLED_FOR)
        seen = []
        for today in ("2026-11-18", "2026-11-19"):
            made.build(today)
            seen.append(due_now(made.on(today)).call_first)
        assert seen == [True, False]

    def test_the_email_that_was_missed_goes_on_the_first_run_after_the_sheet(self) -> None:
        made = bare(CALLED_FOR)
        made.build("2026-11-16")
        assert not due_now(made.on("2026-11-25")).call_first

    def test_an_invoice_that_joins_after_the_sheet_does_not_bring_a_second_one(self) -> None:
        made = bare(f"{CALLED_FOR}\ninvoice F-2 2026-10-02 due 2026-11-16 80.00")
        made.build("2026-11-16")
        due = due_now(made.on("2026-11-17"))
        assert (sorted(item.id for item in due.items), due.call_first) == (["F-1", "F-2"], False)

    def test_what_a_sheet_listed_at_an_earlier_step_has_its_own_when_its_turn_comes(self) -> None:
        text = f"{CALLED_FOR}\ninvoice F-2 2026-10-02 due 2026-11-09 80.00"
        made = bare(f"{text}\nprepared 2026-11-16 reminder-2 F-1 F-2 by=phone\nsent 2026-11-17 reminder-1 F-2")
        made.add("sent 2026-11-17 reminder-2 F-1")
        due = due_now(made.on("2026-11-24"))
        assert (due.steps["F-2"], due.call_first) == ("reminder-2", True)

    def test_that_second_sheet_is_remembered_too_though_it_lists_the_same_invoices(self) -> None:
        text = f"{CALLED_FOR}\ninvoice F-2 2026-10-02 due 2026-11-09 80.00"
        made = bare(f"{text}\nprepared 2026-11-16 reminder-2 F-1 F-2 by=phone\nsent 2026-11-17 reminder-1 F-2")
        made.add("sent 2026-11-17 reminder-2 F-1")
        made.build("2026-11-24")
        assert not due_now(made.on("2026-11-25")).call_first

    def test_an_invoice_that_is_paid_after_the_sheet_does_not_either(self) -> None:
        made = bare(f"{PHONE}\n{ONE}\n{TWO}\nsent 2026-11-09 reminder-1 F-1 F-2")
        made.build("2026-11-18")
        made.add("payment 2026-11-18 80.00 F-2")
        assert not due_now(made.on("2026-11-19")).call_first

    def test_the_next_invoice_months_later_has_its_own_call(self) -> None:
        made = bare(f"{CALLED_FOR}\npayment 2026-11-17 1200.00 F-1\ninvoice F-2 2027-01-04 due 2027-02-01 80.00")
        made.build("2026-11-16")
        made.add("sent 2027-02-08 reminder-1 F-2")
        assert due_now(made.on("2027-02-15")).call_first

    @pytest.mark.parametrize("channel", ["phone", "letter"])
    def test_who_wants_another_channel_has_it_at_once(self, channel: str) -> None:
        made = bare(CALLED_FOR.replace(PHONE, f"{PHONE} channel={channel}"))
        due = due_now(made.on("2026-11-16"))
        assert due.channel is Channel(channel)

    def test_a_sheet_that_nobody_acted_on_is_no_message_to_the_client(self) -> None:
        made = bare(CALLED_FOR)
        made.build("2026-11-16")
        assert [message.step for message in made.on("2026-11-17").reminders.sent] == ["reminder-1"]

    def test_only_the_second_reminder_of_the_usual_ladder_is_a_call_first(self) -> None:
        assert [step.name for step in DEFAULT_LADDER if step.call_first] == ["reminder-2"]


class TestTheOwnersWord:
    ALL = reminding(approve=Approval.ALL)

    def approved(self, text: str = f"{ONE}\n{TWO}", today: str = "2026-11-12") -> World:
        made = bare(text, self.ALL)
        made.build(today)
        made.approve(today)
        return made

    def test_without_it_a_message_waits(self) -> None:
        assert due_now(bare(ONE, self.ALL).on("2026-11-09")).waits

    def test_with_it_the_message_may_leave_that_day_and_the_next(self) -> None:
        made = self.approved(ONE, "2026-11-09")
        assert [due_now(made.on(today)).waits for today in ("2026-11-09", "2026-11-10")] == [False, False]

    @pytest.mark.parametrize(
        "change",
        [
            pytest.param("payment 2026-11-13 100.00 F-1", id="another principal"),
            pytest.param("payment 2026-11-13 80.00 F-2", id="an item less"),
            pytest.param("invoice F-3 2026-10-02 due 2026-11-05 50.00", id="an item more"),
            pytest.param("credit A-1 2026-11-13 0.01 F-1", id="a cent"),
            pytest.param("dispute F-2 2026-11-13", id="an item disputed"),
        ],
    )
    def test_any_change_takes_it_back(self, change: str) -> None:
        made = self.approved()
        assert not due_now(made.on("2026-11-13")).waits
        made.add(change)
        assert due_now(made.on("2026-11-13")).waits

    def test_it_is_not_for_the_next_step(self) -> None:
        made = self.approved(ONE, "2026-11-09")
        made.add("sent 2026-11-09 reminder-1 F-1")
        due = due_now(made.on("2026-11-16"))
        assert (due.step.name, due.waits) == ("reminder-2", True)

    def test_it_is_not_for_another_client(self) -> None:
        made = bare(
            f"client brun\nclient morel\n{ONE}\ninvoice G-1 2026-10-02 due 2026-11-02 1200.00 client=morel", self.ALL
        )
        made.build("2026-11-09")
        made.approve("2026-11-09")
        waits = {account.client.id: due_now(account).waits for account in made.decide("2026-11-09").accounts}
        assert waits == {"brun": False, "morel": True}

    def test_each_instalment_needs_its_own(self) -> None:
        made = bare(f"{ONE}\n{THREE_PARTS}", self.ALL)
        made.build("2026-11-20")
        made.approve("2026-11-20")
        assert not due_now(made.on("2026-11-20")).waits
        assert made.send("2026-11-20") == "instalment"
        made.add("payment 2026-11-24 400.00 F-1")
        assert due_now(made.on("2026-12-21")).waits

    @pytest.mark.parametrize(
        ("approve", "confirm", "waits"),
        [
            (Approval.ALL, None, True),
            (Approval.ALL, False, True),
            (Approval.NOTICES, None, False),
            (Approval.NOTICES, True, True),
            (Approval.NONE, None, False),
            (Approval.NONE, True, True),
        ],
    )
    def test_what_waits_is_the_policy_s_to_say(self, approve: Approval, confirm: bool | None, waits: bool) -> None:  # noqa: FBT001
        policy = reminding(Step("reminder-1", 7, confirm=confirm), approve=approve)
        assert due_now(bare(ONE, policy).on("2026-11-09")).waits is waits

    def test_a_formal_notice_waits_where_others_do_not(self) -> None:
        due = due_now(bare(THREE_REMINDERS, reminding(approve=Approval.NOTICES)).on("2026-12-17"))
        assert (due.step.name, due.channel, due.waits) == ("formal-notice", Channel.LETTER, True)

    def test_a_call_is_the_owners_own_doing(self) -> None:
        assert not due_now(bare(CALLED_FOR, self.ALL).on("2026-11-16")).waits

    def test_the_email_after_the_call_sheet_waits(self) -> None:
        made = bare(CALLED_FOR, self.ALL)
        made.build("2026-11-16")
        assert due_now(made.on("2026-11-17")).waits


class TestStops:
    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            pytest.param(f"{ONE}\nanswer m1 2026-11-06", Held.ANSWERED, id="answered"),
            pytest.param(f"{ONE}\nanswer m1 2026-11-06 how=noted", Held.ANSWERED, id="answered by telephone"),
            pytest.param(
                f"{ONE}\nanswer m1 2026-11-05\nanswer m2 2026-11-06\nread_answer 2026-11-06 m1",
                Held.ANSWERED,
                id="one of two read",
            ),
            pytest.param(f"{ONE}\nattempt a1 2026-11-09 reminder-1 F-1", Held.UNCERTAIN, id="uncertain"),
            pytest.param(
                f"{ONE}\nattempt a1 2026-11-09 reminder-1 F-1 outcome=refused", Held.UNREACHABLE, id="refused"
            ),
            pytest.param(
                f"{ONE}\nattempt a1 2026-11-09 reminder-1 F-1 outcome=bounced", Held.UNREACHABLE, id="bounced"
            ),
            pytest.param(f"client brun ladder=none\n{ONE}", Held.EXCLUDED, id="excluded"),
            pytest.param(f"{ONE}\ndebit 2026-11-06 1200.00 F-1", Held.IN_FLIGHT, id="a debit under way"),
        ],
    )
    def test_nothing_goes_and_the_reason_is_said(self, text: str, reason: Held) -> None:
        assert held(bare(text), "2026-11-10") == (None, reason)

    def test_an_answer_that_was_read_holds_nothing(self) -> None:
        made = bare(f"{ONE}\nanswer m1 2026-11-06\nread_answer 2026-11-09 m1")
        assert sent_between(made, "2026-11-09", "2026-11-13") == [("2026-11-09", "reminder-1")]

    def test_an_answer_that_was_read_before_it_was_found_again_holds_nothing(self) -> None:
        made = bare(f"{ONE}\nread_answer 2026-11-06 m1\nanswer m1 2026-11-08")
        assert due_step(made.on("2026-11-09")) == "reminder-1"

    def test_an_answer_of_one_client_leaves_the_others(self) -> None:
        made = bare(
            f"client brun\nclient morel\n{ONE}\ninvoice G-1 2026-10-02 due 2026-11-02 50.00 client=morel\nanswer m1 2026-11-06"
        )
        steps = {account.client.id: due_step(account) for account in made.decide("2026-11-09").accounts}
        assert steps == {"brun": None, "morel": "reminder-1"}

    def test_an_answer_between_two_runs_of_a_day_holds_the_message(self) -> None:
        made = bare(ONE)
        made.build("2026-11-09")
        made.add("answer m1 2026-11-09")
        assert made.send("2026-11-09") is None

    @pytest.mark.parametrize("stop", ["answer m1 2026-11-06", "attempt a1 2026-11-06 courtesy F-1"])
    def test_what_holds_a_reminder_also_holds_words_about_instalments_and_receipts(self, stop: str) -> None:
        text = f"{ONE}\n{THREE_PARTS}\npayment 2026-11-16 10.00 F-1\n{stop}"
        assert sent_between(bare(text, reminding(receipts=True)), "2026-11-09", "2027-02-20") == []

    @pytest.mark.parametrize("client", ["opt_out=yes", "insolvent=2026-11-06", "hold=2027-03-01"])
    def test_so_does_what_stands_in_the_clients_row(self, client: str) -> None:
        text = f"client brun {client}\n{ONE}\n{THREE_PARTS}\npayment 2026-11-16 10.00 F-1"
        assert sent_between(bare(text, reminding(receipts=True)), "2026-11-09", "2027-02-20") == []

    def test_the_ladder_goes_on_in_order_after_a_stop_and_without_a_burst(self) -> None:
        made = bare(f"{ONE}\nsent 2026-11-09 reminder-1 F-1\nanswer m1 2026-11-10\nread_answer 2027-01-04 m1")
        made.events.pop()
        assert sent_between(made, "2026-11-11", "2027-01-03") == []
        made.add("read_answer 2027-01-04 m1")
        assert sent_between(made, "2027-01-04", "2027-01-31") == [
            ("2027-01-04", "reminder-2"),
            ("2027-01-11", "reminder-3"),
            ("2027-01-22", "formal-notice"),
        ]


class TestWhatBecomesOfAMessage:
    TRIED = f"{ONE}\nattempt a1 2026-11-09 reminder-1 F-1"

    def test_what_was_sent_is_sent(self) -> None:
        made = bare(f"{self.TRIED} outcome=sent")
        assert sent_between(made, "2026-11-09", "2026-11-17") == [("2026-11-16", "reminder-2")]

    def test_what_a_server_will_take_later_is_due_the_same_day_and_the_next(self) -> None:
        made = bare(f"{self.TRIED} outcome=later")
        assert [due_step(made.on(today)) for today in ("2026-11-09", "2026-11-10")] == ["reminder-1"] * 2

    def test_an_uncertain_message_is_never_made_again_by_itself(self) -> None:
        assert sent_between(bare(self.TRIED), "2026-11-09", "2027-11-09") == []

    def test_an_uncertain_one_that_turns_out_to_have_left_counts_from_its_own_day(self) -> None:
        made = bare(f"{self.TRIED}\nresult a1 2026-11-13 sent")
        assert sent_between(made, "2026-11-13", "2026-11-20") == [("2026-11-16", "reminder-2")]

    @pytest.mark.parametrize("outcome", ["", " outcome=refused", " outcome=bounced"])
    def test_the_owner_may_say_that_it_did_not_arrive(self, outcome: str) -> None:
        made = bare(f"{self.TRIED}{outcome}\nresend 2026-11-12 a1")
        assert sent_between(made, "2026-11-12", "2026-11-20") == [
            ("2026-11-12", "reminder-1"),
            ("2026-11-19", "reminder-2"),
        ]

    def test_that_a_server_took_it_outweighs_the_owners_word(self) -> None:
        made = bare(f"{self.TRIED}\nresend 2026-11-12 a1\nresult a1 2026-11-13 sent")
        assert sent_between(made, "2026-11-13", "2026-11-18") == [("2026-11-16", "reminder-2")]

    def test_the_word_on_one_attempt_is_not_for_the_next(self) -> None:
        made = bare(f"{self.TRIED}\nresend 2026-11-12 a1\nattempt a2 2026-11-12 reminder-1 F-1")
        assert held(made, "2026-11-13") == (None, Held.UNCERTAIN)

    def test_a_refused_address_is_not_written_to_again(self) -> None:
        assert sent_between(bare(f"{self.TRIED} outcome=refused"), "2026-11-10", "2027-02-28") == []

    def test_another_address_is(self) -> None:
        made = bare(f"{self.TRIED} outcome=refused")
        made.change(email="nouvelle@client.example")
        assert sent_between(made, "2026-11-10", "2026-11-18") == [
            ("2026-11-10", "reminder-1"),
            ("2026-11-17", "reminder-2"),
        ]

    def test_an_address_is_the_same_in_capital_letters(self) -> None:
        made = bare(f"{self.TRIED} outcome=refused")
        made.change(email="BRUN@client.example")
        assert held(made, "2026-11-10") == (None, Held.UNREACHABLE)

    def test_one_of_two_addresses_is_enough(self) -> None:
        text = f"client brun email=a@client.example,b@client.example\n{self.TRIED} to=a@client.example,b@client.example"
        made = bare(f"{text} outcome=sent gone=a@client.example")
        assert sent_between(made, "2026-11-10", "2026-11-20") == [("2026-11-16", "reminder-2")]

    def test_a_letter_reaches_a_client_whose_address_takes_no_mail(self) -> None:
        made = bare(
            f"{THREE_REMINDERS}\nattempt a1 2026-12-02 reminder-3 F-1 outcome=sent\nresult a1 2026-12-03 bounced gone=brun@client.example"
        )
        assert due_now(made.on("2026-12-17")).channel is Channel.LETTER

    def test_so_does_a_call(self) -> None:
        made = bare(f"{self.TRIED} outcome=refused")
        made.change(channel=Channel.PHONE, phone="+33388000000")
        assert due_now(made.on("2026-11-10")).channel is Channel.PHONE

    def test_a_message_that_came_back_later_has_not_been_heard(self) -> None:
        made = bare(f"{self.TRIED} outcome=sent\nresult a1 2026-11-10 bounced gone=brun@client.example")
        made.change(email="nouvelle@client.example")
        assert due_step(made.on("2026-11-16")) == "reminder-1"

    def test_what_was_refused_does_not_start_the_gap(self) -> None:
        made = bare(f"{self.TRIED} outcome=refused")
        made.change(email="nouvelle@client.example")
        assert made.send("2026-11-10") == "reminder-1"


class TestLaddersOfTheirOwn:
    LOYAL = (Step("reminder-1", 20), Step("reminder-3", 45))
    POLICY = reminding(ladders={"loyal": LOYAL})

    def test_a_client_climbs_the_ladder_they_were_given(self) -> None:
        made = bare(f"client brun ladder=loyal\n{ONE}", self.POLICY)
        assert sent_between(made, "2026-10-02", "2027-03-31") == [
            ("2026-11-23", "reminder-1"),
            ("2026-12-17", "reminder-3"),
        ]
        assert made.on("2027-03-31").reminders.held is Held.LADDER_DONE

    def test_others_climb_the_usual_one(self) -> None:
        assert sent_between(bare(ONE, self.POLICY), "2026-11-03", "2026-11-17") == [
            ("2026-11-09", "reminder-1"),
            ("2026-11-16", "reminder-2"),
        ]

    def test_steps_they_are_spared_are_left_out_and_the_others_keep_their_days(self) -> None:
        made = bare(f"client brun skip=courtesy,reminder-2\n{ONE}")
        assert sent_between(made, "2026-10-02", "2027-03-31") == [
            ("2026-11-09", "reminder-1"),
            ("2026-12-02", "reminder-3"),
            ("2026-12-17", "formal-notice"),
        ]

    def test_a_step_counted_from_one_that_is_spared_is_counted_from_the_one_before(self) -> None:
        steps = (Step("one", 7), Step("two", 14), Step("three", 10, anchor=Anchor.PREVIOUS))
        made = bare(f"client brun skip=two\n{ONE}", reminding(*steps))
        assert sent_between(made, "2026-11-03", "2026-12-31") == [("2026-11-09", "one"), ("2026-11-19", "three")]

    def test_a_formal_notice_still_needs_two_reminders_when_steps_are_spared(self) -> None:
        made = bare(f"client brun skip=courtesy,reminder-1,reminder-2\n{ONE}")
        assert [step for _, step in sent_between(made, "2026-10-02", "2027-06-30")] == ["reminder-3"]

    def test_whoever_is_spared_every_step_hears_nothing(self) -> None:
        every = ",".join(step.name for step in DEFAULT_LADDER)
        assert sent_between(bare(f"client brun skip={every}\n{ONE}"), "2026-10-02", "2027-03-31") == []

    def test_no_ladder_is_no_reminder(self) -> None:
        assert sent_between(bare(f"client brun ladder=none\n{ONE}"), "2026-10-02", "2027-03-31") == []

    def test_changing_ladders_repeats_no_step(self) -> None:
        made = bare(f"{ONE}\nsent 2026-11-09 reminder-1 F-1", self.POLICY)
        made.change(ladder="loyal")
        assert sent_between(made, "2026-11-10", "2027-03-31") == [("2026-12-17", "reminder-3")]

    def test_leaving_the_list_of_excluded_brings_the_first_step_and_no_burst(self) -> None:
        made = bare(f"client brun ladder=none\n{ONE}")
        assert sent_between(made, "2026-10-02", "2026-12-20") == []
        made.change(ladder="")
        assert sent_between(made, "2026-12-21", "2026-12-29") == [
            ("2026-12-21", "reminder-1"),
            ("2026-12-28", "reminder-2"),
        ]


class TestSecondPersons:
    PEOPLE = 'contact "Jeanne Roy" role=pays email=jeanne@client.example\ncontact "Paul Roy" role=approves email=paul@client.example'
    BEFORE = f"{ONE}\n{PEOPLE}\nsent 2026-11-09 reminder-1 F-1\nsent 2026-11-16 reminder-2 F-1"

    def test_a_reminder_goes_to_who_pays(self) -> None:
        account = bare(f"{ONE}\n{self.PEOPLE}").on("2026-11-09")
        assert (account.client.email, due_now(account).copy_to) == ("jeanne@client.example", ())

    def test_the_third_is_read_by_a_second_person_too(self) -> None:
        assert [person.email for person in due_now(bare(self.BEFORE).on("2026-12-02")).copy_to] == [
            "paul@client.example"
        ]

    def test_what_a_consumer_owes_is_nobody_elses_business(self) -> None:
        assert due_now(bare(f"client brun kind=consumer\n{self.BEFORE}").on("2026-12-02")).copy_to == ()

    def test_a_letter_has_no_copy(self) -> None:
        assert due_now(bare(f"client brun channel=letter\n{self.BEFORE}").on("2026-12-02")).copy_to == ()


class TestReanchoring:
    def test_when_the_oldest_is_paid_what_remains_keeps_its_own_step_and_days(self) -> None:
        made = bare(
            f"{ONE}\ninvoice F-2 2026-10-02 due 2026-11-20 80.00\nsent 2026-11-09 reminder-1 F-1\nsent 2026-11-16 reminder-2 F-1"
        )
        made.add("payment 2026-11-25 1200.00 F-1")
        assert sent_between(made, "2026-11-17", "2027-02-28") == [
            ("2026-11-27", "reminder-1"),
            ("2026-12-04", "reminder-2"),
            ("2026-12-21", "reminder-3"),
            ("2027-01-04", "formal-notice"),
        ]

    def test_the_other_keeps_the_step_that_it_had_in_a_message_about_both(self) -> None:
        made = bare(f"{ONE}\n{TWO}\nsent 2026-11-09 reminder-1 F-1\npayment 2026-11-17 1200.00 F-1")
        assert made.send("2026-11-16") == "reminder-2"
        assert [step for _, step in sent_between(made, "2026-11-17", "2026-12-31")][:2] == ["reminder-2", "reminder-3"]

    def test_no_step_is_skipped_because_an_older_invoice_was_paid(self) -> None:
        made = bare(f"{ONE}\n{TWO}\npayment 2026-12-03 1200.00 F-1")
        found = []
        for today in days("2026-10-02", "2027-02-28"):
            made.build(today)
            own = listed(made.on(today)).get("F-2", "")
            if made.send(today) and own:
                found.append(own)
        late = [step for step in found if step != "courtesy"]
        assert late == ["reminder-1", "reminder-2", "reminder-3", "formal-notice"]


EVENTS = f"""
    client brun phone=+33388000000
    {ONE}
    {TWO}
    sent 2026-11-03 courtesy F-2
    prepared 2026-11-09 reminder-1 F-1 F-2
    attempt a1 2026-11-09 reminder-1 F-1 F-2
    result a1 2026-11-10 sent gone=brun@client.example
    result a1 2026-11-11 bounced gone=brun@client.example
    resend 2026-11-12 a1
    attempt a2 2026-11-12 reminder-1 F-1 F-2 outcome=later
    attempt a3 2026-11-13 reminder-1 F-1 F-2 outcome=refused gone=Brun@client.example
    resend 2026-11-14 a3
    attempt a4 2026-11-16 reminder-1 F-1 F-2 outcome=sent
    attempt a5 2026-11-23 reminder-2 F-1
    call 2026-11-23 "personne" reached=no
    note 2026-11-24 "rappeler lundi"
    answer m1 2026-11-24
    answer m2 2026-11-25
    read_answer 2026-11-26 m1
    reviewed 2026-11-26 F-1
    """


class TestTheJournalNeedsNoOrder:
    def journal(self) -> World:
        made = bare(EVENTS, reminding(approve=Approval.ALL, receipts=True))
        made.build("2026-11-09")
        first = bare(f"{ONE}\n{TWO}", reminding(approve=Approval.ALL))
        first.build("2026-11-12")
        first.approve("2026-11-12")
        made.events += first.events[1:]
        return made

    @given(st.randoms(use_true_random=False), st.data())
    def test_shuffled_and_doubled_it_means_the_same(self, chance: object, data: st.DataObject) -> None:
        made = self.journal()
        shuffled = data.draw(st.permutations(made.events + made.events[::3]), label=str(chance))
        assert Memory.of(shuffled) == Memory.of(made.events)

    @given(st.data())
    def test_in_two_halves_whichever_comes_first_too(self, data: st.DataObject) -> None:
        made = self.journal()
        shuffled = data.draw(st.permutations(made.events))
        cut = data.draw(st.integers(0, len(shuffled)))
        assert Memory.of(shuffled[:cut]).plus(shuffled[cut:]) == Memory.of(made.events)

    @pytest.mark.parametrize("cut", range(0, 24, 3))
    def test_the_same_is_due_whatever_the_order(self, cut: int) -> None:
        made = self.journal()
        turned = World(made.ledger, made.policy, made.events[cut:] + made.events[:cut])
        for today in ("2026-11-24", "2026-12-01"):
            assert turned.on(today).reminders == made.on(today).reminders

    def test_every_kind_of_event_about_delivery_is_in_it(self) -> None:
        from generator.domain.delivery import DELIVERY_EVENTS  # noqa: PLC0415 - said where it matters

        assert {type(event) for event in self.journal().events} >= set(DELIVERY_EVENTS)
