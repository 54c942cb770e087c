"""An agreement in writing: told once when it is made, again when it changes, and with the dates of a calendar that stay true."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from generator.domain.due import Held, RecapKind
from generator.domain.ledger import Ledger
from generator.domain.policy import Approval, Policy, ReminderPolicy
from generator.domain.recaps import names
from tests.support.reading import due_now, due_step, plan, sent_between
from tests.support.world import GENEROUS, World, day, world

if TYPE_CHECKING:
    from generator.domain.account import Account
    from generator.domain.due import DueReminder, Recap

#: As it comes: recaps, and nothing else that an owner has to ask for.
USUAL = Policy()
THANKING = Policy(reminders=ReminderPolicy(receipts=True))
ONE = "invoice F-1 2026-10-02 due 2026-11-02 1200.00"
TWO = "invoice F-2 2026-10-02 due 2026-12-20 80.00"
PARTS = "2026-11-24:400.00 2026-12-24:400.00 2027-01-25:400.00"
AGREED = f"agreement E-1 2026-11-05 F-1 {PARTS}"  # a Thursday
DATES = ("2026-11-24", "2026-12-24", "2027-01-25")


def told(text: str, policy: Policy = USUAL) -> World:
    return world(text, policy)


def recap_of(due: DueReminder) -> Recap:
    assert due.step.name == "recap"
    assert due.recap is not None
    return due.recap


def recap(account: Account) -> Recap:
    return recap_of(due_now(account))


def entries(found: Recap) -> list[tuple[str, int, str, str, int, str]]:
    """The calendar: agreement, place, day, amount, sequence, and whether it stands."""
    return [
        (
            entry.agreement,
            entry.number,
            entry.due.isoformat(),
            str(entry.amount),
            entry.sequence,
            "gone" if entry.cancelled else "stands",
        )
        for entry in found.calendar
    ]


def recaps_between(made: World, first: str, last: str) -> list[str]:
    return [on for on, step in sent_between(made, first, last) if step == "recap"]


def without(made: World) -> World:
    """The same, after the owner took the agreements out of the file."""
    return replace(made, ledger=replace(made.ledger, agreements=()))


def with_agreement(made: World, line: str, **changes: str) -> World:
    """The same journal, and another text of the agreement in the owner's file."""
    (row,) = world(f"{ONE}\n{line}").ledger.agreements
    return replace(made, ledger=replace(made.ledger, agreements=(replace(row, **changes),)))  # type: ignore[arg-type]


class TestMade:
    """An agreement begins."""

    def test_it_is_told_the_same_day_with_every_date(self) -> None:
        found = recap(told(f"{ONE}\n{AGREED}").on("2026-11-05"))
        assert found.kind is RecapKind.MADE
        assert entries(found) == [
            ("E-1", number, date, "400.00", 0, "stands") for number, date in enumerate(DATES, start=1)
        ]
        assert [str(amount) for amount in found.asked] == ["1200.00"]

    def test_and_never_again(self) -> None:
        text = f"{ONE}\n{AGREED}" + "".join(f"\npayment {on} 400.00 F-1" for on in DATES)
        unthanked = Policy(reminders=ReminderPolicy(thanks=False))
        assert recaps_between(told(text, unthanked), "2026-11-05", "2027-02-28") == ["2026-11-05"]

    def test_it_is_the_first_thing_that_is_said_and_the_reminder_of_another_invoice_waits_a_day(self) -> None:
        made = told(f"{ONE}\ninvoice F-0 2026-10-01 due 2026-10-29 90.00\n{AGREED}")
        assert sent_between(made, "2026-11-05", "2026-11-06") == [("2026-11-05", "recap"), ("2026-11-06", "reminder-1")]

    def test_it_counts_for_no_gap(self) -> None:
        made = told(f"{ONE}\ninvoice F-0 2026-10-01 due 2026-11-02 90.00\n{AGREED}")
        assert ("2026-11-09", "reminder-1") in sent_between(made, "2026-11-05", "2026-11-09")

    def test_a_plan_taken_on_the_page_is_told_with_the_payment_that_took_it(self) -> None:
        policy = replace(GENEROUS, reminders=ReminderPolicy(receipts=True))
        made = told(f"{ONE}\nsent 2026-11-09 reminder-1 F-1", policy)
        made.send("2026-11-16")
        four = plan(made.on("2026-11-16"), 4)
        made.add(f'payment 2026-11-17 300.00 ref="{four.reference}"')
        due = due_now(made.on("2026-11-17"))
        assert recap_of(due).kind is RecapKind.MADE
        assert [str(one.amount) for one in due.receipts] == ["300.00"]
        assert [number for _, number, *_ in entries(recap_of(due))] == [2, 3, 4]  # the first is paid: no date to keep
        assert sent_between(made, "2026-11-17", "2026-11-27") == [("2026-11-17", "recap")]  # no receipt after it

    def test_a_payment_that_comes_later_has_its_own_receipt(self) -> None:
        made = told(f"{ONE}\n{AGREED}", THANKING)
        made.build("2026-11-02")
        made.send("2026-11-05")
        made.add("payment 2026-11-24 400.00 F-1")
        assert due_step(made.on("2026-11-24")) == "receipt"

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param(f"{ONE}\n{AGREED}\ndispute F-1 2026-11-04", id="the invoice is disputed"),
            pytest.param(f"{ONE}\n{AGREED}\npayment 2026-11-05 1200.00 F-1", id="all of it is paid"),
            pytest.param(f"{ONE}\n{AGREED}\ncredit A-1 2026-11-05 1200.00 F-1", id="all of it is credited"),
            pytest.param(f"{ONE}\nagreement E-1 2026-10-30 F-1 2026-11-03:1200.00", id="its first date was missed"),
            pytest.param(f"client brun insolvent=2026-11-01\n{ONE}\n{AGREED}", id="insolvent"),
            pytest.param(f"client brun opt_out=yes\n{ONE}\n{AGREED}", id="opted out"),
            pytest.param(f"client brun hold=2026-12-31\n{ONE}\n{AGREED}", id="on hold"),
            pytest.param(f"client brun channel=letter\n{ONE}\n{AGREED}", id="by letter: the paper says it"),
            pytest.param(f"client brun channel=phone\n{ONE}\n{AGREED}", id="by telephone"),
            pytest.param(f"{ONE}\n{AGREED}\nanswer m1 2026-11-05", id="an answer to read"),
            pytest.param(f"{ONE}\n{AGREED}\nattempt a1 2026-11-04 reminder-1 F-1", id="a message may have left"),
            pytest.param(f"{ONE}\n{AGREED}\nsent 2026-11-05 onboarding", id="written to today already"),
        ],
    )
    def test_it_is_not_told(self, text: str) -> None:
        assert due_step(told(text).on("2026-11-05")) != "recap"

    def test_only_if_the_policy_wants_it(self) -> None:
        quiet = Policy(reminders=ReminderPolicy(recaps=False))
        assert recaps_between(told(f"{ONE}\n{AGREED}", quiet), "2026-11-05", "2026-11-30") == []

    def test_why_it_waits_is_said(self) -> None:
        reminders = told(f"client brun hold=2026-12-31\n{ONE}\n{AGREED}").on("2026-11-05").reminders
        assert (reminders.held, reminders.until) == (Held.HOLD, day("2026-12-31"))

    def test_it_waits_for_the_next_business_day(self) -> None:
        made = told(f"{ONE}\nagreement E-1 2026-11-07 F-1 {PARTS}")  # a Saturday
        assert recaps_between(made, "2026-11-07", "2026-11-30") == ["2026-11-09"]

    @pytest.mark.parametrize(("today", "step"), [("2026-11-19", "recap"), ("2026-11-20", "instalment")])
    def test_one_that_is_older_than_a_fortnight_is_not_told_at_the_first_run(self, today: str, step: str) -> None:
        assert due_step(told(f"{ONE}\n{AGREED}").on(today)) == step

    def test_an_excluded_client_is_told_all_the_same(self) -> None:
        assert due_step(told(f"client brun ladder=none\n{ONE}\n{AGREED}").on("2026-11-05")) == "recap"

    @pytest.mark.parametrize(
        ("approve", "waits"), [(Approval.ALL, True), (Approval.NOTICES, False), (Approval.NONE, False)]
    )
    def test_it_waits_for_the_owners_word_as_a_receipt_does(self, approve: Approval, waits: bool) -> None:  # noqa: FBT001
        policy = Policy(reminders=ReminderPolicy(approve=approve))
        assert due_now(told(f"{ONE}\n{AGREED}", policy).on("2026-11-05")).waits is waits

    def test_one_that_did_not_arrive_is_told_at_another_address(self) -> None:
        made = told(f"client brun email=old@brun.example\n{ONE}\n{AGREED}")
        made.hand_over("2026-11-05", "a1", "refused")
        assert made.on("2026-11-06").reminders.held is Held.UNREACHABLE
        (known,) = made.ledger.clients.values()
        moved = replace(made, ledger=replace(made.ledger, clients={"brun": replace(known, email="new@brun.example")}))
        assert recap(moved.on("2026-11-06")).kind is RecapKind.MADE


class TestBesideInstalments:
    """The recap says every date: no reminder of one on the day after."""

    SOON = "agreement E-1 2026-11-05 F-1 2026-11-09:600.00 2026-12-09:600.00"

    def test_a_date_that_comes_within_days_has_no_word_of_its_own(self) -> None:
        made = told(f"{ONE}\n{self.SOON}\npayment 2026-11-09 600.00 F-1")
        assert sent_between(made, "2026-11-05", "2026-12-08") == [("2026-11-05", "recap"), ("2026-12-04", "instalment")]

    def test_a_date_that_comes_later_has_one(self) -> None:
        made = told(f"{ONE}\n{AGREED}")
        assert sent_between(made, "2026-11-05", "2026-11-23") == [("2026-11-05", "recap"), ("2026-11-20", "instalment")]

    def test_what_is_missed_of_another_agreement_is_said_first(self) -> None:
        text = f"{ONE}\n{TWO}\nagreement E-0 2026-10-12 F-2 2026-11-02:80.00\n{AGREED}"
        assert sent_between(told(text), "2026-11-05", "2026-11-06") == [
            ("2026-11-05", "instalment-late"),
            ("2026-11-06", "recap"),
        ]

    def test_a_word_that_can_go_tomorrow_waits_for_it(self) -> None:
        text = f"{ONE}\n{TWO}\nagreement E-0 2026-10-12 F-2 2026-11-09:80.00\n{AGREED}"
        assert sent_between(told(text), "2026-11-05", "2026-11-06") == [
            ("2026-11-05", "recap"),
            ("2026-11-06", "instalment"),
        ]


class TestChanged:
    """The owner's file says something else than the client was told."""

    def made(self) -> World:
        made = told(f"{ONE}\n{AGREED}")
        assert made.send("2026-11-05") == "recap"
        return made

    def test_a_day_that_moved_is_told_and_replaces_the_one_in_the_calendar(self) -> None:
        line = AGREED.replace("2026-12-24", "2026-12-29")
        found = recap(with_agreement(self.made(), line).on("2026-11-10"))
        assert (found.kind, found.told_on) == (RecapKind.CHANGED, day("2026-11-05"))
        assert entries(found) == [
            ("E-1", number, date, "400.00", 1, "stands")
            for number, date in enumerate(("2026-11-24", "2026-12-29", "2027-01-25"), start=1)
        ]

    def test_so_is_an_amount_and_a_date_that_fell_away(self) -> None:
        line = "agreement E-1 2026-11-05 F-1 2026-11-24:500.00 2026-12-24:700.00"
        assert entries(recap(with_agreement(self.made(), line).on("2026-11-10"))) == [
            ("E-1", 1, "2026-11-24", "500.00", 1, "stands"),
            ("E-1", 2, "2026-12-24", "700.00", 1, "stands"),
            ("E-1", 3, "2027-01-25", "400.00", 1, "gone"),
        ]

    def test_each_change_is_told_once_with_a_higher_sequence(self) -> None:
        made = self.made()
        for number, moved in enumerate(("2026-12-28", "2026-12-29", "2026-12-24"), start=1):
            made, today = with_agreement(made, AGREED.replace("2026-12-24", moved)), f"2026-11-{15 + number}"
            assert {entry.sequence for entry in recap(made.on(today)).calendar} == {number}
            assert made.send(today) == "recap"
            assert due_step(made.on(today)) is None

    def test_also_long_after_it_was_made(self) -> None:
        made = with_agreement(self.made(), AGREED.replace("2027-01-25", "2027-02-25"))
        made.add("payment 2026-11-24 400.00 F-1")
        found = recap(made.on("2026-12-10"))
        assert found.kind is RecapKind.CHANGED
        assert [(number, date) for _, number, date, *_ in entries(found)] == [(2, "2026-12-24"), (3, "2027-02-25")]

    def test_an_invoice_that_was_renumbered_is_no_change(self) -> None:
        made = self.made()
        (bill,) = made.ledger.invoices
        (row,) = made.ledger.agreements
        ledger = replace(
            made.ledger, invoices=(replace(bill, number="F-01"),), agreements=(replace(row, invoices=("F-01",)),)
        )
        assert due_step(replace(made, ledger=ledger).on("2026-11-10")) is None

    def test_money_is_no_change(self) -> None:
        made = self.made()
        made.add("payment 2026-11-09 150.00 F-1")
        assert due_step(made.on("2026-11-10")) is None

    def test_what_is_paid_before_its_day_leaves_the_calendar_with_the_next_recap(self) -> None:
        made = with_agreement(self.made(), AGREED.replace("2027-01-25", "2027-02-25"))
        made.add("payment 2026-11-09 400.00 F-1")
        assert entries(recap(made.on("2026-11-10"))) == [
            ("E-1", 2, "2026-12-24", "400.00", 1, "stands"),
            ("E-1", 3, "2027-02-25", "400.00", 1, "stands"),
            ("E-1", 1, "2026-11-24", "400.00", 1, "gone"),
        ]


class TestReplaced:
    """Another agreement takes its place: one message says the new dates and takes the old ones out."""

    def made(self) -> World:
        made = told(f"{ONE}\n{AGREED}")
        made.send("2026-11-05")
        made.add("payment 2026-11-24 400.00 F-1")
        made.add("agreement E-2 2026-12-01 F-1 2026-12-15:200.00 2027-01-15:600.00")
        return made

    def test_the_dates_to_come_of_the_old_one_go(self) -> None:
        found = recap(self.made().on("2026-12-01"))
        assert (found.kind, found.told_on) == (RecapKind.MADE, day("2026-11-05"))
        assert entries(found) == [
            ("E-2", 1, "2026-12-15", "200.00", 0, "stands"),
            ("E-2", 2, "2027-01-15", "600.00", 0, "stands"),
            ("E-1", 2, "2026-12-24", "400.00", 1, "gone"),
            ("E-1", 3, "2027-01-25", "400.00", 1, "gone"),
        ]

    def test_in_one_message(self) -> None:
        assert recaps_between(self.made(), "2026-12-01", "2027-02-28") == ["2026-12-01"]

    def test_one_about_another_invoice_takes_nothing_out(self) -> None:
        made = told(f"{ONE}\n{TWO}\n{AGREED}")
        made.send("2026-11-05")
        made.add("agreement E-2 2026-11-09 F-2 2026-12-15:80.00")
        assert {entry.agreement for entry in recap(made.on("2026-11-09")).calendar} == {"E-2"}


class TestOver:
    """It was called off, or paid before its last day: the dates that are left go out of the calendar."""

    def made(self, policy: Policy = USUAL) -> World:
        made = told(f"{ONE}\n{AGREED}", policy)
        made.send("2026-11-05")
        return made

    @pytest.mark.parametrize("status", ["cancelled", "broken", "superseded"])
    def test_the_owner_says_so(self, status: str) -> None:
        due = due_now(with_agreement(self.made(), AGREED, status=status).on("2026-11-30"))
        found = recap_of(due)
        assert (found.kind, found.told_on, found.asked) == (RecapKind.OVER, day("2026-11-05"), ())
        assert entries(found) == [
            ("E-1", 2, "2026-12-24", "400.00", 1, "gone"),
            ("E-1", 3, "2027-01-25", "400.00", 1, "gone"),
        ]
        assert [item.id for item in due.items] == ["F-1"]

    def test_once(self) -> None:
        made = with_agreement(self.made(), AGREED, status="cancelled")
        assert recaps_between(made, "2026-11-06", "2027-02-28") == ["2026-11-06"]

    def test_when_it_holds_again_that_is_told_too(self) -> None:
        made = with_agreement(self.made(), AGREED, status="cancelled")
        made.send("2026-11-06")
        found = recap(with_agreement(made, AGREED).on("2026-11-10"))
        assert found.kind is RecapKind.RESUMED
        assert {entry.sequence for entry in found.calendar} == {2}

    def test_the_payment_that_made_it_went_back(self) -> None:
        policy = replace(GENEROUS, reminders=ReminderPolicy(approve=Approval.NONE))
        made = told(f"{ONE}\nsent 2026-11-09 reminder-1 F-1", policy)
        made.send("2026-11-16")
        reference = plan(made.on("2026-11-16"), 2).reference
        made.add(f'payment 2026-11-17 600.00 F-1 ref="{reference}"')
        assert made.send("2026-11-17") == "recap"
        made.add("payment 2026-11-20 -600.00 F-1")
        due = due_now(made.on("2026-11-20"))
        found = recap_of(due)
        assert (found.kind, found.agreement, found.invoices) == (RecapKind.OVER, None, ("F-1",))
        assert [place for _, place, *_ in entries(found)] == [2]  # the day of the first has passed
        assert due.waits, "nothing in the ledger says why it is gone: the owner looks first, whatever the policy"

    def test_it_is_not_told_of_an_agreement_of_which_nothing_was_told(self) -> None:
        made = told(f"{ONE}\n{AGREED}")
        assert due_step(with_agreement(made, AGREED, status="cancelled").on("2026-11-06")) is None

    def test_nor_when_every_date_has_passed(self) -> None:
        assert due_step(without(self.made()).on("2027-02-01")) != "recap"

    def test_paid_before_its_last_day_it_is_a_word_of_thanks(self) -> None:
        made = self.made(THANKING)
        made.add("payment 2026-11-20 1200.00 F-1")
        due = due_now(made.on("2026-11-20"))
        found = recap_of(due)
        assert (found.kind, found.asked) == (RecapKind.PAID, ())
        assert [state for *_, state in entries(found)] == ["gone"] * 3
        assert [str(one.amount) for one in due.receipts] == ["1200.00"]
        assert sent_between(made, "2026-11-20", "2026-12-31") == [("2026-11-20", "recap")]

    def test_a_debit_that_has_not_arrived_is_not_thanked_for(self) -> None:
        made = self.made()
        made.add("debit 2026-11-20 1200.00 F-1")
        assert due_step(made.on("2026-11-20")) is None

    def kept(self, policy: Policy = USUAL, *days: str) -> World:
        made = self.made(policy)
        for on in days or DATES:
            made.add(f"payment {on} 400.00 F-1")
        return made

    def test_paid_on_its_last_day_it_is_thanked_for_once_with_nothing_for_the_calendar(self) -> None:
        made = self.kept(THANKING)
        due = due_now(made.on("2027-01-26"))
        found = recap_of(due)
        assert (found.kind, found.asked, found.calendar) == (RecapKind.PAID, (), ())
        assert [one.on.isoformat() for one in due.receipts] == ["2027-01-25"]
        assert recaps_between(made, "2027-01-26", "2027-03-31") == ["2027-01-26"]

    def test_a_few_days_late_it_was_kept_all_the_same(self) -> None:
        made = self.kept(USUAL, *DATES[:2], "2027-01-28")
        assert recaps_between(made, "2027-01-29", "2027-03-31") == ["2027-01-29"]

    def test_a_fortnight_later_nobody_is_thanked(self) -> None:
        made = self.kept()
        assert recap(made.on("2027-02-08")).kind is RecapKind.PAID
        assert due_step(made.on("2027-02-09")) is None

    def test_an_owner_may_leave_it_at_that(self) -> None:
        made = self.kept(Policy(reminders=ReminderPolicy(thanks=False)))
        assert recaps_between(made, "2027-01-26", "2027-03-31") == []

    def test_one_that_was_broken_and_paid_later_is_not_thanked_for(self) -> None:
        made = self.kept(USUAL, DATES[0], DATES[1])
        made.add("sent 2027-01-28 instalment-late F-1 about=E-1@2027-01-25")
        made.add("payment 2027-03-30 400.00 F-1")
        assert recaps_between(made, "2027-03-30", "2027-04-30") == []

    def test_broken_it_stays_in_the_calendar_and_the_ladder_speaks(self) -> None:
        found = sent_between(self.made(), "2026-11-06", "2027-03-31")
        assert "recap" not in [step for _, step in found]
        assert [step for _, step in found if step.startswith("reminder")] == ["reminder-1", "reminder-2", "reminder-3"]


def test_agreements_in_two_currencies_are_told_one_after_the_other() -> None:
    text = f"{ONE}\ninvoice G-1 2026-10-02 due 2026-11-02 900.00 currency=GBP\n{AGREED}"
    made = told(text)
    (row,) = made.ledger.agreements
    pounds = replace(
        row,
        id="E-2",
        invoices=("G-1",),
        instalments=tuple((due, replace(amount, currency="GBP")) for due, amount in row.instalments[:2]),
    )
    made.ledger = replace(made.ledger, agreements=(row, pounds))
    assert isinstance(made.ledger, Ledger)
    assert recaps_between(made, "2026-11-05", "2026-11-30") == ["2026-11-05", "2026-11-06"]


def test_names_that_are_none_of_ours_are_passed_over() -> None:
    """A journal may hold anything; a date that is none makes no agreement."""
    text = f"{ONE}\nsent 2026-11-04 recap F-1 about=E-1@2026-13-45/EUR/40000,E-1@2026-11-24/XXZ/400,2026-11-02/EUR/4/1"
    assert recap(told(f"{text}\n{AGREED}").on("2026-11-05")).kind is RecapKind.MADE


class TestCalendarAndLedger:
    """What the calendar is given is what is still asked, and only what it was given is taken out of it."""

    def test_an_instalment_that_is_partly_paid_is_put_down_for_what_is_left_of_it(self) -> None:
        made = told(f"{ONE}\n{AGREED}\npayment 2026-11-05 500.00 F-1")
        found = recap(made.on("2026-11-05"))
        assert entries(found)[0] == ("E-1", 2, "2026-12-24", "300.00", 0, "stands")
        assert names(found)[:2] == ("E-1@2026-11-24/EUR/40000/paid", "E-1@2026-12-24/EUR/40000")

    def test_what_is_paid_since_makes_no_new_recap(self) -> None:
        made = told(f"{ONE}\n{AGREED}\npayment 2026-11-05 500.00 F-1")
        made.send("2026-11-05")
        made.add("payment 2026-11-10 100.00 F-1")
        assert recaps_between(made, "2026-11-10", "2026-11-20") == []

    def test_paid_early_only_the_dates_that_were_given_are_taken_out_as_paid(self) -> None:
        made = told(f"{ONE}\n{AGREED}\npayment 2026-11-05 400.00 F-1")
        made.send("2026-11-05")
        made.add("payment 2026-11-10 800.00 F-1")
        found = recap(made.on("2026-11-10"))
        assert found.kind is RecapKind.PAID
        assert [number for _, number, *_ in entries(found)] == [2, 3]
        assert all(entry.cancelled and entry.paid for entry in found.calendar)

    def test_a_journal_of_before_took_out_all_of_them(self) -> None:
        old = " ".join(f"E-1@{on}/EUR/40000" for on in DATES)
        made = told(f"{ONE}\n{AGREED}\nsent 2026-11-05 recap F-1 about={old.replace(' ', ',')}")
        assert recaps_between(made, "2026-11-06", "2026-11-12") == []


class TestCreditNote:
    """A credit note in an agreement changes what is asked: that is told once, with the calendar."""

    NOTE = "credit A-1 2026-11-09 100.00 F-1"

    def told_then_credited(self) -> World:
        made = told(f"{ONE}\n{AGREED}")
        made.send("2026-11-05")
        made.add(self.NOTE)
        return made

    def test_it_changes_the_next_instalment(self) -> None:
        found = recap(self.told_then_credited().on("2026-11-09"))
        assert found.kind is RecapKind.CHANGED
        assert [amount for _, _, _, amount, sequence, _ in entries(found) if sequence == 1] == [
            "300.00",
            "400.00",
            "400.00",
        ]
        assert [str(amount) for amount in found.asked] == ["1100.00"]

    def test_and_is_told_once_whatever_is_paid_after_it(self) -> None:
        made = self.told_then_credited()
        assert recaps_between(made, "2026-11-09", "2026-11-23") == ["2026-11-09"]
        made.add("payment 2026-11-24 300.00 F-1")
        assert recaps_between(made, "2026-11-24", "2026-12-05") == []

    def test_booked_weeks_later_it_is_told_all_the_same_while_the_date_is_to_come(self) -> None:
        made = self.told_then_credited()
        assert recap(made.on("2026-11-23")).kind is RecapKind.CHANGED

    def test_once_that_date_is_paid_nothing_is_to_be_told_any_more(self) -> None:
        made = self.told_then_credited()
        made.add("payment 2026-11-20 300.00 F-1")
        assert recaps_between(made, "2026-11-20", "2026-12-05") == []

    def test_it_is_no_payment(self) -> None:
        made = self.told_then_credited()
        made.add("payment 2026-11-10 50.00 F-1")
        (agreement,) = made.on("2026-11-10").agreements
        first = agreement.instalments[0]
        assert [str(amount) for amount in (first.credited, first.received, first.net, first.open)] == [
            "100.00",
            "50.00",
            "300.00",
            "250.00",
        ]


class TestTakenUpAgain:
    """An agreement that was told to be over and goes on after all."""

    def test_its_recap_takes_that_back(self) -> None:
        late = "sent 2026-11-27 instalment-late about=E-1@2026-11-24"
        over = "sent 2026-12-11 agreement-over about=E-1@broken"
        parts = ",".join(f"E-1@{on}/EUR/40000" for on in DATES)
        made = told(
            f"{ONE}\n{AGREED}\nsent 2026-11-05 recap F-1 about={parts}\n{late}\n{over}\npayment 2026-12-11 400.00 F-1"
        )
        found = recap(made.on("2026-12-14"))
        assert (found.kind, found.told_on) == (RecapKind.RESUMED, day("2026-12-11"))
        assert [amount for *_, amount, _, _ in entries(found)] == ["400.00", "400.00"]
