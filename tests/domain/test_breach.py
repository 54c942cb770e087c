"""Agreements that are followed: until when a missed instalment leaves one standing, how it ends, and what comes after.

It ends by itself only once a written reminder of the instalment has had its days; what the client was told is final.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.domain.account import Status
from generator.domain.due import Held, RecapKind
from generator.domain.memory import Reviewed
from generator.domain.policy import AgreementPolicy, Approval, Policy, ReminderPolicy
from generator.domain.standing import Measure
from tests.support.effort import examples
from tests.support.reading import BARE, due_now, due_step, item, plan, sent_between, still_open
from tests.support.world import GENEROUS, World, day, world

if TYPE_CHECKING:
    from generator.domain.account import Account, Agreement

ONE = "invoice F-1 2026-10-02 due 2026-11-02 1200.00"
TWO = "invoice F-2 2026-10-02 due 2026-12-31 600.00"
PARTS = "2026-11-24:400.00 2026-12-24:400.00 2027-01-25:400.00"
AGREED = f"agreement E-1 2026-11-05 F-1 {PARTS}"
#: The first instalment is missed, and written of on the third day after it.
TOLD = "sent 2026-11-27 instalment-late about=E-1@2026-11-24"
LAST_DAY = "2026-12-07"  # ten days after that
OVER = "sent 2026-12-11 agreement-over about=E-1@broken"


def missed(text: str = "", policy: Policy = BARE) -> World:
    """The first of three instalments is late, and the client was written to."""
    return world(f"{ONE}\n{AGREED}\n{TOLD}\n{text}", policy)


def agreement(account: Account) -> Agreement:
    (found,) = account.agreements
    return found


def stands(made: World, *days: str) -> list[bool]:
    return [agreement(made.on(on)).holds for on in days]


class TestUntilWhen:
    """The grace is over, and the written reminder had its days."""

    def test_the_last_day_is_the_tenth_after_the_reminder(self) -> None:
        assert stands(missed(), LAST_DAY, "2026-12-08") == [True, False]
        found = agreement(missed().on("2026-12-08"))
        assert (found.broken, found.broken_on, found.missed) == (True, day("2026-12-08"), day("2026-11-24"))

    def test_without_a_written_reminder_it_never_ends_by_itself(self) -> None:
        made = world(f"{ONE}\n{AGREED}", BARE)
        assert stands(made, "2026-12-08", "2027-06-30", "2030-01-01") == [True, True, True]

    def test_a_call_is_no_written_reminder(self) -> None:
        assert stands(world(f"{ONE}\n{AGREED}\n{TOLD} by=phone", BARE), "2027-06-30") == [True]

    def test_a_letter_is_one(self) -> None:
        assert stands(world(f"{ONE}\n{AGREED}\n{TOLD} by=letter", BARE), "2026-12-08") == [False]

    def test_one_about_another_instalment_or_another_agreement_says_nothing_of_this_one(self) -> None:
        for name in ("E-1@2026-12-24", "E-2@2026-11-24"):
            text = f"{ONE}\n{AGREED}\nsent 2026-11-27 instalment-late about={name}"
            assert stands(world(text, BARE), "2026-12-20") == [True]

    def test_the_second_reminder_gives_no_more_time_than_the_first_one_said(self) -> None:
        made = missed("sent 2026-12-04 instalment-last about=E-1@2026-11-24")
        assert stands(made, LAST_DAY, "2026-12-08") == [True, False]

    def test_a_message_that_did_not_leave_or_bounced_was_not_said(self) -> None:
        made = world(f"{ONE}\n{AGREED}", BARE)
        made.hand_over("2026-11-27", "a1", "refused", ("brun@client.example",))
        assert stands(made, "2027-06-30") == [True]

    def test_what_the_message_says_is_so(self) -> None:
        made = world(f"{ONE}\n{AGREED}", BARE)
        due = due_now(made.on("2026-11-30")).instalment
        assert due is not None
        assert due.ends_on == day("2026-12-10")
        assert made.send("2026-11-30") == "instalment-late"
        again = due_now(made.on("2026-12-07")).instalment
        assert again is not None
        assert again.ends_on == due.ends_on
        assert stands(made, "2026-12-10", "2026-12-11") == [True, False]

    @pytest.mark.parametrize(
        ("grace", "notice", "last"), [(10, 10, "2026-12-07"), (30, 10, "2026-12-24"), (0, 7, "2026-12-04")]
    )
    def test_the_policy_says_how_long(self, grace: int, notice: int, last: str) -> None:
        made = missed(policy=replace(BARE, agreements=AgreementPolicy(grace, notice)))
        after = (day(last) + timedelta(days=1)).isoformat()
        assert stands(made, last, after) == [True, False]

    def test_paid_on_the_last_day_it_stands(self) -> None:
        assert stands(missed(f"payment {LAST_DAY} 400.00 F-1"), "2026-12-08", "2026-12-24") == [True, True]

    def test_paid_in_part_it_does_not(self) -> None:
        assert stands(missed(f"payment {LAST_DAY} 399.99 F-1"), "2026-12-08") == [False]

    def test_nobody_is_judged_on_days_that_are_not_booked(self) -> None:
        booked = replace(BARE, payments_up_to=date(2026, 12, 6), stale_days=300)
        assert stands(missed(policy=booked), "2026-12-08", "2027-02-01") == [True, True]
        booked = replace(booked, payments_up_to=date(2026, 12, 7))
        assert stands(missed(policy=booked), "2026-12-08") == [False]

    def test_a_promise_that_was_made_in_time_gives_until_its_day(self) -> None:
        made = missed("promise 2026-12-01 2026-12-15 F-1")
        assert stands(made, "2026-12-15", "2026-12-16") == [True, False]

    def test_a_dispute_gives_its_days_and_the_notice_anew(self) -> None:
        made = missed("dispute F-1 2026-12-01 2026-12-20")
        assert stands(made, "2026-12-10", "2026-12-30", "2026-12-31") == [True, True, False]

    def test_a_client_who_is_not_to_be_written_to_is_told_nothing_and_nothing_ends(self) -> None:
        for word in ("opt_out=yes", "hold=2027-01-15"):
            made = world(f"client brun {word}\n{ONE}\n{AGREED}\n{TOLD}", BARE)
            assert stands(made, "2026-12-08", "2027-01-15") == [True, True]
        assert stands(made, "2027-01-16") == [False]

    def test_what_was_told_is_not_taken_back_by_a_hold(self) -> None:
        assert stands(world(f"client brun hold=2027-01-15\n{ONE}\n{AGREED}\n{TOLD}\n{OVER}", BARE), "2027-01-02") == [
            False
        ]

    def test_whoever_is_insolvent_has_nothing_become_due(self) -> None:
        assert stands(world(f"client brun insolvent=2026-12-01\n{ONE}\n{AGREED}\n{TOLD}", BARE), "2027-01-15") == [True]


class TestAsked:
    """A missed instalment counts as far as something is asked for."""

    def test_a_disputed_part_breaks_nothing(self) -> None:
        made = missed("dispute F-1 2026-12-01")
        assert stands(made, "2026-12-08", "2027-03-01") == [True, True]

    def test_the_rest_of_it_is_asked_for_and_may(self) -> None:
        """Of 1,800.00 in three, 1,200.00 are disputed: the first 600.00 are asked for."""
        parts = "agreement E-1 2026-11-05 F-1,F-2 2026-11-24:600.00 2026-12-24:600.00 2027-01-25:600.00"
        made = world(f"{ONE}\n{TWO}\n{parts}\ndispute F-1 2026-11-06\n{TOLD}", BARE)
        assert str(made.on("2026-11-30").totals.to_pay) == "600.00"
        assert stands(made, LAST_DAY, "2026-12-08") == [True, False]
        paid = world(f"{ONE}\n{TWO}\n{parts}\ndispute F-1 2026-11-06\n{TOLD}\npayment 2026-12-01 600.00 F-2", BARE)
        assert stands(paid, "2026-12-08", "2027-06-30") == [True, True]

    def test_a_credit_note_in_the_middle_pays_what_is_late_as_money_does(self) -> None:
        assert stands(missed("credit A-1 2026-12-01 400.00 F-1"), "2026-12-08") == [True]
        assert stands(missed("credit A-1 2026-12-01 100.00 F-1"), "2026-12-08") == [False]


class TestWhatIsDue:
    """The rest becomes due, each invoice on its own date at the earliest."""

    def test_all_that_is_left_of_what_is_late(self) -> None:
        account = missed("payment 2026-11-20 100.00 F-1").on("2026-12-08")
        assert item(account, "F-1").status is Status.OVERDUE
        assert (str(account.totals.to_pay), str(account.totals.in_plan)) == ("1100.00", "0.00")

    def test_an_invoice_that_is_not_due_keeps_its_date(self) -> None:
        parts = "agreement E-1 2026-11-05 F-1,F-2 2026-11-24:600.00 2026-12-24:600.00 2027-01-25:600.00"
        account = world(f"{ONE}\n{TWO}\n{parts}\n{TOLD}", BARE).on("2026-12-08")
        assert [found.status for found in account.items] == [Status.OVERDUE, Status.NOT_DUE]
        due = due_now(account)
        assert (due.step.name, [found.id for found in due.items]) == ("agreement-over", ["F-1"])
        assert [str(sum_) for sum_ in due.asked] == ["1200.00"]

    def test_a_later_payment_of_the_next_instalment_accepts_nothing_anew(self) -> None:
        """The plan's own reference stands on the old link and in the client's bank: it pays the debt, and revives no plan."""
        made = world(f"{ONE}\nsent 2026-11-09 reminder-1 F-1")
        made.send("2026-11-16")
        reference, key = plan(made.on("2026-11-16"), 3).reference, plan(made.on("2026-11-16"), 3).key
        made.add(f'payment 2026-11-16 400.00 ref="{reference}" link=plink_1')
        made.add(
            f"sent 2026-12-21 instalment-late about={key}@2026-12-16\nsent 2027-01-05 agreement-over about={key}@broken"
        )
        made.add(f'payment 2027-01-10 400.00 ref="{reference}" link=plink_2')
        account = made.on("2027-01-12")
        assert [(found.id, found.broken, found.told) for found in account.agreements] == [(key, True, True)]
        assert still_open(account) == {"F-1": "400.00"}


class TestFinal:
    """Until the client is told, paying what is late takes it up again; after that it is over."""

    def test_paid_before_we_wrote_it_goes_on(self) -> None:
        made = missed("payment 2026-12-10 400.00 F-1")
        assert stands(made, "2026-12-10") == [True]
        assert due_step(made.on("2026-12-10")) is None

    def test_an_instalment_without_a_word_is_known_by_its_amount(self) -> None:
        made = world(
            f"invoice F-0 2026-09-02 due 2026-10-02 900.00\n{ONE}\n{AGREED}\n{TOLD}\npayment 2026-12-10 400.00", BARE
        )
        assert still_open(made.on("2026-12-10")) == {"F-0": "900.00", "F-1": "800.00"}
        assert stands(made, "2026-12-10") == [True]

    def test_paid_on_the_day_of_our_message_too(self) -> None:
        assert stands(missed(f"{OVER}\npayment 2026-12-11 400.00 F-1"), "2026-12-12") == [True]

    def test_paid_after_it_the_rest_is_due_all_the_same(self) -> None:
        made = missed(f"{OVER}\npayment 2026-12-12 400.00 F-1")
        account = made.on("2026-12-12")
        assert (agreement(account).broken, str(account.totals.to_pay)) == (True, "800.00")
        assert due_step(account) is None, "and the next message is no harsher for it: it has the usual time"
        assert sent_between(made, "2026-12-12", "2026-12-31") == [
            ("2026-12-18", "reminder-1"),
            ("2026-12-28", "reminder-2"),
        ]

    def test_a_payment_of_before_that_is_booked_after_it_counts_by_its_day(self) -> None:
        made = missed(OVER, Policy())
        assert not agreement(made.on("2026-12-12")).holds
        made.add("payment 2026-12-05 400.00 F-1")
        account = made.on("2026-12-14")
        assert agreement(account).holds
        recap = due_now(account).recap
        assert recap is not None
        assert recap.kind is RecapKind.RESUMED, "we had said the contrary"

    def test_a_missed_one_of_an_agreement_that_was_told_over_and_stood_is_told_again(self) -> None:
        made = missed(f"{OVER}\npayment 2026-12-05 400.00 F-1\nsent 2026-12-28 instalment-late about=E-1@2026-12-24")
        found = agreement(made.on("2027-01-08"))
        assert (found.broken_on, found.missed, found.told) == (day("2027-01-08"), day("2026-12-24"), False)

    def test_nothing_flips_by_being_looked_at_again(self) -> None:
        made = missed(OVER)
        seen = [agreement(made.on(day("2026-11-20") + timedelta(days=n))).holds for n in range(120)]
        assert seen == sorted(seen, reverse=True)


@settings(max_examples=examples(12), deadline=None)
@given(data=st.data())
def test_in_any_history_each_day_says_for_good_what_it_said_when_it_came(data: st.DataObject) -> None:
    """Every third day is lived through; then all of them are looked at again, with all that was said and paid since in the journal."""
    first = date(2026, 11, 20)
    facts: dict[int, list[str]] = {}
    for after in data.draw(st.lists(st.integers(0, 30).map(lambda n: 3 * n), max_size=4)):
        on, amount = first + timedelta(days=after), data.draw(st.sampled_from(["400.00", "150.00", "1200.00", "0.01"]))
        words = (f"payment {on} {amount} F-1", f"payment {on} {amount}", f"credit A-{after} {on} {amount} F-1")
        facts.setdefault(after, []).append(data.draw(st.sampled_from(words)))
    made = world(f"{ONE}\n{AGREED}", BARE)
    seen: dict[date, tuple[bool, bool]] = {}
    for n in range(0, 100, 3):
        today = first + timedelta(days=n)
        made.add("\n".join(facts.get(n, ())))
        made.send(today)
        found = agreement(made.on(today))
        seen[today] = (found.holds, found.told)
        assert not (found.holds and found.told)
        assert sum(part.paid.minor + part.open.minor for part in found.instalments) == 120000
    told = [is_told for _, is_told in seen.values()]
    assert told == sorted(told), "what the client was told is not taken back"
    for today in list(seen)[::4]:
        found = agreement(made.on(today))
        assert (found.holds, found.told) == seen[today], (today, facts)


class TestSaid:
    """Its end is told once, in writing, with the owner's word."""

    def test_once_and_with_the_owners_word_whatever_the_policy(self) -> None:
        trusting = replace(BARE, reminders=replace(BARE.reminders, approve=Approval.NONE))
        account = missed(policy=trusting).on("2026-12-08")
        due = due_now(account)
        assert (due.step.name, due.waits, due.about) == ("agreement-over", True, ("E-1@broken",))
        assert due.recap is not None
        assert (due.recap.kind, str(due.channel)) == (RecapKind.BROKEN, "email")
        assert sent_between(missed(policy=trusting), "2026-12-08", "2026-12-14") == [("2026-12-08", "agreement-over")]

    def test_it_keeps_the_gap_to_the_last_follow_up(self) -> None:
        made = missed("sent 2026-12-04 instalment-last about=E-1@2026-11-24")
        assert (due_step(made.on("2026-12-10")), made.on("2026-12-10").reminders.held) == (None, Held.GAP)
        assert due_step(made.on("2026-12-11")) == "agreement-over"

    @pytest.mark.parametrize(
        ("row", "channel"), [("channel=letter", "letter"), ("channel=phone", "email"), ("email=", "letter")]
    )
    def test_on_paper_where_they_read_paper_or_no_email_arrives_and_never_by_telephone(
        self, row: str, channel: str
    ) -> None:
        made = world(f"client brun {row}\n{ONE}\n{AGREED}\n{TOLD} by=letter", BARE)
        due = due_now(made.on("2026-12-08"))
        assert (due.step.name, str(due.channel)) == ("agreement-over", channel)

    def test_the_dates_to_come_leave_the_calendar(self) -> None:
        made = world(f"{ONE}\n{AGREED}", Policy())
        assert made.send("2026-11-05") == "recap"
        made.add(TOLD)
        recap = due_now(made.on("2026-12-08")).recap
        assert recap is not None
        assert [(entry.number, entry.cancelled) for entry in recap.calendar] == [(2, True), (3, True)]
        assert made.send("2026-12-08") == "agreement-over"
        assert [step for _, step in sent_between(made, "2026-12-09", "2027-01-31") if step == "recap"] == []

    def test_it_waits_for_a_promise_and_for_payments_to_be_booked(self) -> None:
        stale = replace(BARE, payments_up_to=date(2026, 12, 7))
        assert missed(policy=stale).on("2026-12-15").reminders.held is Held.STALE
        late = missed("promise 2026-12-09 2026-12-20 F-1")
        assert late.on("2026-12-10").reminders.held is Held.PROMISED


class TestTheLadderAfter:
    def test_goes_on_from_where_it_was_and_skips_nothing(self) -> None:
        made = missed("sent 2026-11-03 reminder-1 F-1")
        assert sent_between(made, "2026-12-08", "2026-12-31")[:2] == [
            ("2026-12-08", "agreement-over"),
            ("2026-12-15", "reminder-2"),
        ]

    def test_follow_ups_are_no_reminders_towards_a_formal_notice(self) -> None:
        steps = [step for _, step in sent_between(missed(), "2026-12-08", "2027-03-31")]
        assert steps == ["agreement-over", "reminder-1", "reminder-2", "reminder-3", "formal-notice"]

    def test_the_first_word_is_never_a_formal_notice_and_there_is_time_to_answer(self) -> None:
        """Three reminders had gone before the agreement: what comes next is a formal notice."""
        late = "invoice F-1 2026-08-02 due 2026-09-02 1200.00"
        told = "sent 2026-09-09 reminder-1 F-1\nsent 2026-09-16 reminder-2 F-1\nsent 2026-10-02 reminder-3 F-1"
        made = world(f"{late}\n{AGREED}\n{TOLD}\n{told}", BARE)
        assert sent_between(made, "2026-12-01", "2026-12-31") == [
            ("2026-12-04", "instalment-last"),
            ("2026-12-11", "agreement-over"),
            ("2026-12-22", "formal-notice"),
        ]

    def test_nothing_else_goes_while_the_owner_has_not_given_their_word(self) -> None:
        made = missed()
        assert {due_step(made.on(on)) for on in ("2026-12-08", "2026-12-15", "2027-02-01")} == {"agreement-over"}


class TestBefore:
    """Agreements of before written reminders were remembered as such, or that were made by hand."""

    def test_one_that_the_ladder_has_gone_on_from_after_a_notice_stays_over(self) -> None:
        made = missed("sent 2026-12-09 reminder-1 F-1\nsent 2026-12-16 reminder-2 F-1")
        found = agreement(made.on("2027-01-04"))
        assert (found.holds, found.told, found.broken_on) == (False, True, day("2026-12-05"))
        assert due_step(made.on("2027-01-04")) == "reminder-3", "and nobody is told of its end now"

    def test_a_reminder_that_left_before_any_notice_does_not_tell_of_its_end(self) -> None:
        """Signed by hand in October, and written down only after reminder-1 had left."""
        signed = "agreement E-1 2026-10-20 F-1 2026-10-21:400.00 2026-12-24:800.00"
        made = world(f"{ONE}\n{signed}\nsent 2026-11-09 reminder-1 F-1", BARE)
        found = agreement(made.on("2026-11-20"))
        assert (found.holds, found.told, found.broken_on) == (True, False, None)
        made.add("sent 2026-11-20 instalment-late about=E-1@2026-10-21")
        assert [due_step(made.on(on)) for on in ("2026-11-30", "2026-12-01")] == ["instalment-last", "agreement-over"]
        paid = world(f"{ONE}\n{signed}\nsent 2026-11-09 reminder-1 F-1\npayment 2026-11-12 400.00 F-1", BARE)
        assert agreement(paid.on("2026-11-20")).holds, "what was agreed is kept"

    def test_a_reminder_of_before_it_or_within_the_grace_is_none_of_that(self) -> None:
        made = world(f"{ONE}\n{AGREED}\nsent 2026-11-04 reminder-1 F-1\nsent 2026-12-04 reminder-2 F-1", BARE)
        assert stands(made, "2027-01-04") == [True]

    def test_one_that_is_late_and_nobody_wrote_of_is_written_of_first(self) -> None:
        made = world(f"{ONE}\n{AGREED}", BARE)
        assert sent_between(made, "2026-12-20", "2027-01-31")[0] == ("2026-12-21", "instalment-late")

    def test_one_that_was_missed_long_before_the_first_run_waits_for_the_owner(self) -> None:
        made = world(f"{ONE}\n{AGREED}", BARE)
        account = made.on("2027-02-01")
        assert (due_step(account), account.reminders.to_review) == (None, ("F-1",))
        made.build("2027-02-01")
        made.events.append(Reviewed("brun", day("2027-02-01"), ("F-1",)))
        assert due_step(made.on("2027-02-02")) == "instalment-late"


class TestStanding:
    """A word that was not kept is remembered, whatever became of it since."""

    def broken(self, made: World, on: str) -> tuple[int, int]:
        figures = {figure.measure: (figure.value, figure.of) for figure in made.on(on).standing.figures}
        return figures.get(Measure.BROKEN, (0, 0))

    def test_from_the_day_on_which_it_was_broken(self) -> None:
        assert [self.broken(missed(), on) for on in (LAST_DAY, "2026-12-08")] == [(0, 0), (1, 1)]

    def test_also_once_it_is_paid_or_another_took_its_place(self) -> None:
        assert self.broken(missed(f"{OVER}\npayment 2026-12-20 1200.00 F-1"), "2026-12-31") == (1, 1)
        again = "agreement E-2 2026-12-15 F-1 2026-12-28:600.00 2027-01-28:600.00"
        assert self.broken(missed(f"{OVER}\n{again}"), "2026-12-20") == (1, 1)
        assert self.broken(missed(again), "2026-12-20") == (1, 1), "told or not"

    def test_one_that_was_kept_is_a_kept_word(self) -> None:
        paid = "".join(f"\npayment {on} 400.00 F-1" for on in ("2026-11-24", "2026-12-24", "2027-01-25"))
        assert self.broken(world(f"{ONE}\n{AGREED}{paid}", BARE), "2027-01-26") == (0, 1)

    def test_one_that_was_taken_up_again_is_neither(self) -> None:
        assert self.broken(missed("payment 2026-12-10 1200.00 F-1"), "2027-01-26") == (0, 0)


class TestAgain:
    """Another agreement: nothing of the first one is forgotten, and no cent."""

    def test_both_are_shown_and_what_was_paid_stays_paid(self) -> None:
        made = missed(
            f"payment 2026-11-20 100.00 F-1\n{OVER}\nagreement E-2 2026-12-15 F-1 2026-12-28:500.00 2027-01-28:600.00"
        )
        account = made.on("2026-12-16")
        first, second = account.agreements
        assert (first.broken_on, first.ended, second.holds) == (day("2026-12-08"), True, True)
        assert second.replaces == (first.signed_on,)
        assert [str(part.open) for part in second.instalments] == ["500.00", "600.00"]
        assert [line.on.isoformat() for line in account.history if line.kind == "agreement"] == [
            "2026-11-05",
            "2026-12-15",
        ]

    def test_before_anything_was_missed_too(self) -> None:
        made = world(
            f"{ONE}\n{AGREED}\npayment 2026-11-24 400.00 F-1\nagreement E-2 2026-12-01 F-1 2027-02-01:800.00", BARE
        )
        first, second = made.on("2026-12-02").agreements
        assert (first.ended, first.broken_on, second.replaces) == (True, None, (day("2026-11-05"),))

    def test_two_first_instalments_of_two_plans_are_one_agreement_and_a_payment_in_advance(self) -> None:
        made = world(f"{ONE}\nsent 2026-11-09 reminder-1 F-1")
        made.send("2026-11-16")
        two, four = (plan(made.on("2026-11-16"), count) for count in (2, 4))
        made.add(f'payment 2026-11-17 600.00 ref="{two.reference}"\npayment 2026-11-18 300.00 ref="{four.reference}"')
        account = made.on("2026-11-19")
        assert [found.id for found in account.agreements] == [two.key]
        assert [str(part.paid) for part in agreement(account).instalments] == ["600.00", "300.00"]

    def test_a_first_instalment_that_went_back_leaves_no_agreement_and_the_offers_as_they_were(self) -> None:
        made = world(f"{ONE}\nsent 2026-11-09 reminder-1 F-1")
        made.send("2026-11-16")
        before = {offer.key for offer in made.on("2026-11-18").offers}
        reference = plan(made.on("2026-11-16"), 2).reference
        made.add(f'payment 2026-11-17 600.00 ref="{reference}"')
        assert agreement(made.on("2026-11-18")).holds
        made.add("payment 2026-11-19 -600.00")
        account = made.on("2026-11-20")
        assert account.agreements == ()
        assert {offer.key for offer in account.offers} == before
        assert still_open(account) == {"F-1": "1200.00"}

    def test_after_their_last_day_the_offers_stay_over(self) -> None:
        made = world(
            f"{ONE}\nsent 2026-11-09 reminder-1 F-1", replace(GENEROUS, reminders=ReminderPolicy(recaps=False))
        )
        made.send("2026-11-16")
        made.add(
            f'payment 2026-11-17 600.00 ref="{plan(made.on("2026-11-16"), 2).reference}"\npayment 2026-12-19 -600.00'
        )
        account = made.on("2026-12-20")
        assert (account.agreements, [offer.kind for offer in account.offers]) == ((), ["full"])
