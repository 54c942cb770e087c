"""Ledgers that once went wrong: each was found by trying to make relance ask for a wrong amount, or the wrong person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from generator.domain.account import Account, Status
from generator.domain.memory import Memory, OfferKind
from generator.domain.policy import DEFAULT_LADDER, Anchor, DiscountPolicy, Policy, ReminderPolicy, Step
from tests.support.world import GENEROUS, World, world

BOTH = tuple(
    replace(step, offers=("discount", "plan")) if step.name == "reminder-2" else step for step in DEFAULT_LADDER
)
POLICY = replace(GENEROUS, reminders=ReminderPolicy(steps=BOTH, recaps=False))


def still_open(account: Account) -> dict[str, str]:
    return {item.id: str(item.open) for item in account.items if item.open}


def offer(account: Account, kind: OfferKind, count: int = 0) -> tuple[str, str]:
    """The sum to transfer today and the reference of an offer."""
    found = next(one for one in account.offers_of(kind) if len(one.instalments) == count)
    return str(found.pay_now), found.reference


def reminded(text: str, numbers: str = "F-1") -> World:
    made = world(f"{text}\nsent 2026-11-09 reminder-1 {numbers}", POLICY)
    made.build("2026-11-16")
    return made


def test_money_of_a_written_off_invoice_pays_no_other() -> None:
    made = world(
        """
        invoice F-1 2026-08-01 due 2026-09-01 1000.00 status=written_off
        invoice F-2 2026-10-01 due 2026-10-31 600.00
        payment 2026-11-02 600.00 F-1
        """
    )
    assert still_open(made.on("2026-11-10")) == {"F-2": "600.00"}


def test_a_discount_is_taken_as_shown_beside_a_dispute() -> None:
    made = reminded(
        "invoice F-1 2026-10-01 due 2026-10-31 1000.00\ninvoice F-2 2026-10-01 due 2026-10-31 500.00", "F-1 F-2"
    )
    made.add("dispute F-2 2026-11-17")
    amount, reference = offer(made.on("2026-11-18"), OfferKind.DISCOUNT)
    assert amount == "950.00"
    made.add(f"payment 2026-11-18 {amount} ref={reference}")
    assert still_open(made.on("2026-11-18")) == {"F-2": "500.00"}


def test_a_plan_after_a_broken_agreement_can_be_accepted() -> None:
    made = reminded(
        "invoice F-1 2026-07-01 due 2026-07-31 1200.00\nagreement A-1 2026-08-05 F-1 2026-09-01:600.00 2026-10-01:600.00"
        "\nsent 2026-09-04 instalment-late about=A-1@2026-09-01"
    )
    assert made.policy.plans is not None
    made.policy = replace(made.policy, plans=replace(made.policy.plans, after_broken=True))
    made.add("reviewed 2026-11-16 F-1")
    made.build("2026-11-17")
    amount, reference = offer(made.on("2026-11-17"), OfferKind.PLAN, 4)
    made.add(f"payment 2026-11-18 {amount} ref={reference}")
    agreement = made.on("2026-11-18").agreement
    assert agreement is not None
    assert agreement.holds
    assert [str(part.amount) for part in agreement.instalments] == ["300.00"] * 4


def test_an_agreement_signed_after_a_plan_takes_its_place() -> None:
    made = reminded("invoice F-1 2026-10-01 due 2026-10-31 1200.00")
    amount, reference = offer(made.on("2026-11-16"), OfferKind.PLAN, 4)
    made.add(f"payment 2026-11-17 {amount} ref={reference}")
    made.add("agreement A-9 2026-12-10 F-1 2026-12-16:100.00 2027-01-18:800.00")
    account = made.on("2026-12-16")
    assert str(account.totals.to_pay) == "100.00"


def test_a_payment_that_fits_pushes_no_guess_out() -> None:
    made = reminded(
        """
        invoice F-1 2026-09-15 due 2026-10-15 500.00
        invoice F-3 2026-09-20 due 2026-10-20 700.00
        invoice F-2 2026-11-01 due 2026-12-31 800.00
        payment 2026-11-03 200.00
        """,
        "F-1 F-3",
    )
    amount, reference = offer(made.on("2026-11-16"), OfferKind.PLAN, 2)
    assert amount == "500.00"
    made.add(f"payment 2026-11-17 {amount} ref={reference}")
    agreement = made.on("2026-11-17").agreement
    assert agreement is not None
    assert str(agreement.instalments[0].paid) == "500.00"
    assert made.on("2026-11-27").reminders.due_today is None


def test_a_step_that_was_taken_out_skips_none_of_the_others() -> None:
    made = world("invoice F-1 2026-10-01 due 2026-10-31 1200.00\nsent 2026-10-28 courtesy F-1")
    made.policy = replace(GENEROUS, reminders=ReminderPolicy(steps=DEFAULT_LADDER[1:]))
    due = made.on("2026-11-09").reminders.due_today
    assert due is not None
    assert due.step.name == "reminder-1"


def test_a_ladder_counted_from_the_invoices_date_reaches_its_formal_notice() -> None:
    steps = tuple(
        Step(name, days, Anchor.ISSUED)
        for name, days in (("reminder-1", 37), ("reminder-2", 44), ("reminder-3", 60), ("formal-notice", 75))
    )
    made = world(
        "invoice F-1 2026-09-01 due 2026-10-01 1200.00", replace(GENEROUS, reminders=ReminderPolicy(steps=steps))
    )
    sent = [
        step for number in range(1, 120) if (step := made.send(date.fromordinal(date(2026, 9, 1).toordinal() + number)))
    ]
    assert sent == ["reminder-1", "reminder-2", "reminder-3", "formal-notice"]


def test_no_cent_vanishes_in_an_agreement_with_interest() -> None:
    made = world(
        """
        invoice F-1 2026-08-01 due 2026-08-31 1000.00
        agreement A-1 2026-09-01 F-1 2026-09-10:350.00 2026-10-10:350.00 2026-11-10:350.00
        payment 2026-09-10 350.00
        payment 2026-10-10 350.00
        payment 2026-11-10 350.00
        """
    )
    account = made.on("2026-11-30")
    assert still_open(account) == {}
    assert str(account.totals.credit) == "50.00"


def test_a_small_refund_takes_no_discount_back() -> None:
    made = reminded(
        "invoice F-1 2026-10-01 due 2026-10-31 1000.00\ninvoice F-0 2026-09-01 due 2026-10-01 700.00\npayment 2026-09-30 700.00 F-0"
    )
    made.add("payment 2026-11-17 950.00 F-1\ncredit A-1 2026-11-19 50.00 F-0\npayment 2026-11-20 -50.00")
    account = made.on("2026-11-21")
    assert still_open(account) == {}
    assert str(account.totals.credit) == "0.00"


def test_the_credit_note_of_a_discount_counts_once() -> None:
    made = reminded("invoice F-1 2026-10-01 due 2026-10-31 1000.00")
    made.add("payment 2026-11-17 950.00 F-1\ncredit A-1 2026-11-24 50.00 F-1")
    account = made.on("2026-11-25")
    assert (still_open(account), str(account.totals.credit)) == ({}, "0.00")
    assert str(account.items[0].credited) == "50.00"
    made.add("credit A-2 2026-11-24 80.00 F-1")
    assert str(made.on("2026-11-25").totals.credit) == "80.00"


def test_a_number_that_begins_like_another_is_not_that_other() -> None:
    made = world(
        """
        invoice 2026-1 2026-09-01 due 2026-10-01 500.00 disputed=2026-10-05
        invoice 2026-1-2 2026-09-01 due 2026-10-02 300.00
        payment 2026-11-03 300.00 ref="virement 2026-1-2"
        """
    )
    assert still_open(made.on("2026-11-04")) == {"2026-1": "500.00"}


def test_what_is_disputed_is_not_paid_by_a_transfer_without_a_word() -> None:
    made = world(
        """
        invoice F-1 2026-09-01 due 2026-10-01 500.00 disputed=2026-10-05
        invoice F-2 2026-09-01 due 2026-10-05 500.00
        payment 2026-11-03 500.00
        """
    )
    assert still_open(made.on("2026-11-04")) == {"F-1": "500.00"}


def test_even_without_a_gap_nobody_is_written_to_twice_on_one_day() -> None:
    made = world("invoice F-1 2026-07-01 due 2026-10-01 1200.00")
    made.policy = replace(GENEROUS, reminders=ReminderPolicy(minimum_gap_days=0))
    assert made.send("2026-11-16") == "reminder-1"
    assert made.send("2026-11-16") is None


def test_a_twin_that_was_written_off_lends_its_reminders_to_nobody() -> None:
    text = "invoice F-1 2026-10-01 due 2026-10-31 500.00{}\ninvoice F-2 2026-10-01 due 2026-10-31 500.00 disputed=2026-11-02{}"
    made = world(text.format("", "") + "\nsent 2026-11-09 reminder-1 F-1\nsent 2026-11-16 reminder-2 F-1", POLICY)
    made.ledger = world(text.format(" status=written_off", " closed=2026-12-01"), POLICY).ledger
    due = made.on("2026-12-07").reminders.due_today
    assert due is not None
    assert due.step.name == "reminder-1"


def test_an_agreement_wholly_paid_protects_nothing_more() -> None:
    made = world(
        """
        invoice F-1 2026-08-01 due 2026-08-31 1000.00
        agreement A-1 2026-09-01 F-1 2026-09-10:3.34 2026-10-12:333.33 2026-11-10:333.33
        payment 2026-09-10 3.34
        payment 2026-10-12 333.33
        payment 2026-11-10 333.33
        """
    )
    account = made.on("2026-11-30")
    assert [item.status for item in account.items] == [Status.OVERDUE]
    assert str(account.totals.to_pay) == "330.00"


def test_two_runs_that_made_the_same_offer_show_it_once() -> None:
    text = "invoice F-1 2026-10-01 due 2026-10-31 1200.00\nsent 2026-11-09 reminder-1 F-1"
    one, other = world(text, POLICY), world(text, POLICY)
    one.build("2026-11-16")
    other.build("2026-11-17")
    both = world(text, POLICY)
    both.events = [*one.events, *other.events]
    account = both.on("2026-11-18")
    assert [found.kind for found in account.offers] == [OfferKind.FULL, *[OfferKind.PLAN] * 3, OfferKind.DISCOUNT]
    assert {found.valid_until for found in account.offers_of(OfferKind.PLAN)} == {date(2026, 11, 27)}
    first = next(event for event in one.events if getattr(event, "kind", None) is OfferKind.DISCOUNT)
    assert Memory.of([*one.events, *other.events]) == Memory.of([*other.events, *one.events])
    both.add(f"payment 2026-11-18 1140.00 ref={getattr(first, 'reference', '')}")
    assert still_open(both.on("2026-11-18")) == {}


def test_a_discount_without_a_minimum_needs_no_amount_in_another_currency() -> None:
    policy = Policy(discount=DiscountPolicy(Decimal(5)), reminders=ReminderPolicy(steps=BOTH))
    made = world("invoice F-1 2026-10-01 due 2026-10-31 200.00 currency=GBP\nsent 2026-11-09 reminder-1 F-1", policy)
    made.build("2026-11-16")
    assert offer(made.on("2026-11-16", "GBP"), OfferKind.DISCOUNT)[0] == "190.00"
