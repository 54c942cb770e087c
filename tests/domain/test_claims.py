"""Late fees that are claimed: frozen at the step that claims them, told before they count, and part of all that is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from generator.domain.account import Account, Status
from generator.domain.claims import Claim, FeesClaimed, fee_id
from generator.domain.fee_rules import FeePolicy
from generator.domain.ledger import InvoiceStatus, Kind
from generator.domain.memory import Memory, OfferKind
from generator.domain.policy import DEFAULT_LADDER, Approval, FeeMode, Policy, ReminderPolicy
from generator.domain.rates import RateTable
from generator.rates import shipped_rates
from tests.support.reading import BARE, planning, still_open
from tests.support.world import World, world

CLAIMING = replace(BARE, late_fees=FeeMode.CLAIM, fees=FeePolicy(rates=shipped_rates()))
FROM_THE_THIRD = replace(CLAIMING, claim_from="reminder-3")

#: 1,000 € due on 31 August, reminded three times: the formal notice falls due on 15 October, 45 days late at 12.40 %.
LATE = """invoice F-1 2026-08-01 due 2026-08-31 1000.00
sent 2026-09-07 reminder-1 F-1
sent 2026-09-14 reminder-2 F-1
sent 2026-09-30 reminder-3 F-1
"""
NOTICE = "2026-10-15"
INTEREST, FEES = "15.29", "55.29"


def late(more: str = "", policy: Policy = CLAIMING) -> World:
    return world(LATE + more, policy)


def noticed(more: str = "", policy: Policy = CLAIMING) -> World:
    """The formal notice has left, on its day."""
    made = late(policy=policy)
    assert made.send(NOTICE) == "formal-notice"
    if more:
        made.add(more)
    return made


def claim(account: Account, item: str = "F-1") -> Claim:
    found = account.claim_of(item)
    assert found is not None
    return found


def claims_made(made: World) -> list[FeesClaimed]:
    return [event for event in made.events if isinstance(event, FeesClaimed)]


def asked(account: Account) -> str:
    return str(account.totals.to_pay)


# --- Made with the message, and frozen there


def test_the_day_before_the_formal_notice_nothing_is_claimed() -> None:
    account = late().on("2026-10-14")
    assert not account.claims
    assert account.totals.fees is None
    assert asked(account) == "1000.00"


def test_the_formal_notice_claims_interest_and_the_indemnity() -> None:
    account = late().on(NOTICE)
    found = claim(account)
    assert (str(found.interest), str(found.indemnity), str(found.total)) == (INTEREST, "40.00", FEES)
    (period,) = found.current.periods
    assert (period.begins, period.ends, period.days) == (date(2026, 9, 1), date(2026, 10, 15), 45)
    assert (period.base, str(period.percent), period.basis, period.year_days) == (100_000, "12.40", "ecb + 10", 365)
    assert (period.article, found.current.indemnity_article) == ("fr-business-interest", "fr-business-indemnity")


def test_it_is_asked_for_beside_its_invoice() -> None:
    account = late().on(NOTICE)
    assert still_open(account) == {"F-1": "1000.00", "F-1/fees": FEES}
    assert asked(account) == "1055.29"
    assert str(account.totals.fees) == FEES
    assert account.full is not None
    assert str(account.full.amount) == "1055.29"
    assert account.full.reference == "F-1"
    due = account.reminders.due_today
    assert due is not None
    assert [item.id for item in due.items] == ["F-1"]
    assert [item.id for item in due.fees] == ["F-1/fees"]
    assert [str(amount) for amount in due.asked] == ["1055.29"]


def test_a_second_build_decides_nothing() -> None:
    made = late()
    made.build(NOTICE)
    before = made.on(NOTICE)
    assert not made.decide(NOTICE).events
    assert made.on(NOTICE) == before


def test_while_the_message_waits_for_the_owners_word_its_amounts_stay() -> None:
    made = late()
    made.build(NOTICE)
    made.approve(NOTICE)
    for today in ("2026-10-16", "2026-10-19", "2026-10-22"):
        made.build(today)
        account = made.on(today)
        assert asked(account) == "1055.29"
        assert claim(account).told_on is None
        assert account.reminders.due_today is not None
        assert not account.reminders.due_today.waits
    assert len(claims_made(made)) == 1


def test_after_it_has_left_the_amounts_stay_until_the_next_step() -> None:
    made = noticed()
    for today in ("2026-10-16", "2026-11-30", "2027-03-01"):
        account = made.on(today)
        assert asked(account) == "1055.29"
        assert str(claim(account).told_on) == NOTICE


def test_while_nobody_knows_whether_it_left_the_amounts_stay_as_it_may_have_said_them() -> None:
    made = late()
    made.build(NOTICE)
    made.add(f"attempt 1 {NOTICE} formal-notice F-1")
    for today in (NOTICE, "2026-10-17"):
        assert asked(made.on(today)) == "1055.29"
    made.add("result 1 2026-10-17 later")
    assert asked(made.on("2026-10-16")) == "1055.29", "it falls due again, and waits"


def test_one_left_three_days_later_is_counted_to_the_day_on_which_it_was_made() -> None:
    made = late()
    made.build(NOTICE)
    assert made.send("2026-10-19") == "formal-notice"
    found = claim(made.on("2026-10-20"))
    assert (str(found.current.until), str(found.told_on), str(found.total)) == (NOTICE, "2026-10-19", FEES)


def test_the_order_of_the_journal_does_not_matter() -> None:
    made = noticed()
    account = made.on("2026-10-20")
    backwards = World(made.ledger, made.policy, [*made.events[::-1], *made.events])
    assert backwards.on("2026-10-20") == account


def test_of_two_claims_of_one_step_the_earliest_holds() -> None:
    made = noticed()
    (first,) = claims_made(made)
    made.events.append(replace(first, on=first.on + timedelta(days=1), until=first.on + timedelta(days=1), indemnity=0))
    assert Memory.of(made.events).get("brun").claims == (first,)


# --- Who owes it, and who does not


@pytest.mark.parametrize("kind", [Kind.CONSUMER, Kind.UNKNOWN])
def test_nothing_is_ever_claimed_from_a_consumer_or_who_may_be_one(kind: Kind) -> None:
    made = late()
    made.change(kind=kind)
    assert made.send(NOTICE) == "formal-notice"
    account = made.on("2026-12-01")
    assert not claims_made(made)
    assert asked(account) == "1000.00"


def test_a_client_who_turns_out_to_be_a_consumer_owes_no_fee() -> None:
    made = noticed()
    made.change(kind=Kind.CONSUMER)
    assert asked(made.on("2026-10-20")) == "1000.00"


def test_a_public_body_owes_its_own_rate() -> None:
    made = late()
    made.change(kind=Kind.PUBLIC)
    found = claim(made.on(NOTICE))
    assert [period.basis for period in found.current.periods] == ["ecb + 8"]
    assert found.current.indemnity_article == "fr-public-indemnity"


@pytest.mark.parametrize("mode", [FeeMode.OFF, FeeMode.MENTION])
def test_a_client_may_be_spared(mode: FeeMode) -> None:
    made = late()
    made.change(late_fees=mode)
    assert not made.on(NOTICE).claims


def test_one_client_may_be_claimed_from_alone() -> None:
    made = late(policy=replace(CLAIMING, late_fees=FeeMode.MENTION))
    assert not made.on(NOTICE).claims
    made.change(late_fees=FeeMode.CLAIM)
    assert asked(made.on(NOTICE)) == "1055.29"


@pytest.mark.parametrize(
    "happens",
    [
        "payment 2026-10-16 1000.00 F-1",
        "dispute F-1 2026-10-16",
        "promise 2026-10-16 2026-10-30 F-1",
        "payment 2026-10-15 1000.00 F-1",
    ],
)
def test_what_is_settled_before_the_message_left_owes_no_fee(happens: str) -> None:
    made = late()
    made.build(NOTICE)
    made.add(happens)
    account = made.on("2026-10-19")
    assert not account.claims
    assert not account.totals.fees
    assert {item.id for item in account.items} == {"F-1"}
    assert not account.totals.credit


def test_a_client_on_hold_owes_no_fee_that_was_not_told() -> None:
    made = late()
    made.build(NOTICE)
    made.change(hold_until=date(2026, 11, 30))
    assert asked(made.on("2026-10-16")) == "1000.00"


def test_who_pays_the_fee_through_the_link_of_the_page_knows_of_it() -> None:
    made = late()
    made.build(NOTICE)
    made.add("payment 2026-10-16 1055.29 F-1 F-1/fees")
    account = made.on("2026-10-19")
    assert not account.totals.to_pay
    assert not account.totals.credit
    assert str(claim(account).paid) == FEES


def test_what_came_in_before_the_claim_and_was_booked_after_it_lowers_what_was_not_told() -> None:
    made = late()
    made.build(NOTICE)
    made.add("payment 2026-09-30 500.00 F-1")
    made.build("2026-10-16")
    account = made.on("2026-10-16")
    assert str(claim(account).interest) == "12.74"  # 30 days on 1,000 and 15 on 500
    assert str(claim(account).current.until) == NOTICE
    assert not made.decide("2026-10-16").events


# --- Paid


def test_a_payment_of_the_invoice_pays_it_and_leaves_the_fee() -> None:
    account = noticed("payment 2026-10-20 1000.00 F-1").on("2026-10-21")
    assert still_open(account) == {"F-1/fees": FEES}
    assert asked(account) == FEES
    assert account.full is not None
    assert account.full.reference == "F-1"


def test_a_transfer_that_names_nothing_pays_the_invoice_first() -> None:
    account = noticed("payment 2026-10-20 1010.00").on("2026-10-21")
    assert still_open(account) == {"F-1/fees": "45.29"}


def test_a_part_goes_to_the_invoice() -> None:
    account = noticed("payment 2026-10-20 400.00 F-1").on("2026-10-21")
    assert still_open(account) == {"F-1": "600.00", "F-1/fees": FEES}


def test_a_transfer_of_exactly_two_invoices_pays_them_however_many_have_fees_beside_them() -> None:
    amounts = {f"F-{index}": 1000 + 8 * index * index for index in range(9)}  # with fees, more than are searched
    lines = [f"invoice {name} 2026-08-01 due 2026-08-31 {amount}.00" for name, amount in amounts.items()]
    steps = ("2026-09-07 reminder-1", "2026-09-14 reminder-2", "2026-09-30 reminder-3")
    made = world("\n".join([*lines, *(f"sent {step} {' '.join(amounts)}" for step in steps)]), CLAIMING)
    assert made.send(NOTICE) == "formal-notice"
    made.add(f"payment 2026-10-20 {amounts['F-5'] + amounts['F-8']}.00")
    assert set(amounts) - still_open(made.on("2026-10-21")).keys() == {"F-5", "F-8"}


@pytest.mark.parametrize("names", ["F-1", "F-1 F-1/fees", "", 'ref="facture F-1"'])
def test_all_that_is_asked_leaves_nothing(names: str) -> None:
    account = noticed(f"payment 2026-10-20 1055.29 {names}").on("2026-10-21")
    assert not still_open(account)
    assert not account.totals.credit
    assert str(claim(account).paid) == FEES


def test_the_amount_of_the_fee_alone_pays_the_fee() -> None:
    account = noticed(f"payment 2026-10-20 {FEES}").on("2026-10-21")
    assert still_open(account) == {"F-1": "1000.00"}


def test_no_reminder_is_for_a_fee_alone() -> None:
    account = noticed("payment 2026-10-20 1000.00 F-1").on("2026-12-01")
    assert account.reminders.due_today is None
    assert account.reminders.next is None
    assert account.totals.to_pay


def test_where_interest_comes_first_a_payment_covers_the_fee_before_its_invoice() -> None:
    policy = replace(CLAIMING, interest_first=True)
    assert still_open(noticed("payment 2026-10-20 400.00 F-1", policy).on("2026-10-21")) == {"F-1": "655.29"}
    assert still_open(noticed("payment 2026-10-20 1000.00", policy).on("2026-10-21")) == {"F-1": FEES}
    before = noticed("payment 2026-10-14 400.00 F-1", policy).on("2026-10-21")
    assert still_open(before) == {"F-1": "600.00", "F-1/fees": "55.15"}  # on its last day 600 was open, not 1,000


def test_a_credit_note_is_about_the_invoice() -> None:
    account = noticed("credit A-1 2026-10-20 300.00 F-1", replace(CLAIMING, interest_first=True)).on("2026-10-21")
    assert still_open(account) == {"F-1": "700.00", "F-1/fees": FEES}


def test_history_tells_the_claim_and_names_the_invoice_of_what_was_paid() -> None:
    account = noticed("payment 2026-10-20 1055.29 F-1").on("2026-10-21")
    assert [(line.kind.value, line.invoices, str(line.amount)) for line in account.history] == [
        ("invoice", ("F-1",), "1000.00"),
        ("fees", ("F-1",), FEES),
        ("payment", ("F-1",), "1055.29"),
    ]


# --- Let go


def test_a_waiver_lets_go_of_all_that_is_open_and_of_all_that_would_be_claimed() -> None:
    made = noticed("waive 2026-10-20 F-1")
    account = made.on("2026-10-21")
    assert still_open(account) == {"F-1": "1000.00"}
    assert str(claim(account).waived) == FEES
    assert not claim(account).open


def test_a_waiver_before_the_claim_prevents_it() -> None:
    assert not late("waive 2026-10-01 F-1").on(NOTICE).claims


def test_a_waiver_of_a_part_leaves_the_rest() -> None:
    account = noticed("waive 2026-10-20 F-1 40.00").on("2026-10-21")
    assert still_open(account) == {"F-1": "1000.00", "F-1/fees": INTEREST}


def test_what_was_paid_stays_paid_when_the_rest_is_waived() -> None:
    account = noticed("payment 2026-10-16 1010.00 F-1\nwaive 2026-10-20 F-1").on("2026-10-21")
    assert not still_open(account)
    assert not account.totals.credit
    assert (str(claim(account).paid), str(claim(account).waived)) == ("10.00", "45.29")


def test_a_part_waived_while_the_message_waits_is_waived_once_it_has_left() -> None:
    made = late("waive 2026-10-16 F-1 40.00")
    made.build(NOTICE)
    assert asked(made.on("2026-10-16")) == "1015.29"
    made.send("2026-10-19")
    assert asked(made.on("2026-10-20")) == "1015.29"


def test_an_invoice_that_is_credited_has_no_fees_and_what_was_paid_of_them_is_a_credit() -> None:
    account = noticed("credit A-1 2026-10-20 1000.00 F-1").on("2026-10-21")
    assert not still_open(account)
    paid = noticed(f"payment 2026-10-18 {FEES} F-1/fees\ncredit A-1 2026-10-20 1000.00 F-1").on("2026-10-21")
    assert not still_open(paid)
    assert str(paid.totals.credit) == FEES


@pytest.mark.parametrize("status", [InvoiceStatus.VOID, InvoiceStatus.WRITTEN_OFF, InvoiceStatus.FACTORED])
def test_an_invoice_that_is_not_asked_for_takes_its_fees_with_it(status: InvoiceStatus) -> None:
    made = noticed("invoice F-2 2026-10-01 due 2026-12-31 50.00")
    first, other = made.ledger.invoices
    made.ledger = replace(made.ledger, invoices=(replace(first, status=status), other))
    account = made.on("2026-10-21")
    assert still_open(account) == {"F-2": "50.00"}


def test_a_disputed_invoice_takes_its_fees_with_it_for_as_long() -> None:
    made = noticed("dispute F-1 2026-10-20 2026-11-20")
    disputed = made.on("2026-10-21")
    assert {item.status for item in disputed.items} == {Status.DISPUTED}
    assert not disputed.totals.to_pay
    assert asked(made.on("2026-11-20")) == "1055.29"


# --- From an earlier step on


def third(policy: Policy = FROM_THE_THIRD) -> World:
    made = world(
        """invoice F-1 2026-08-01 due 2026-08-31 1000.00
        sent 2026-09-07 reminder-1 F-1
        sent 2026-09-14 reminder-2 F-1""",
        policy,
    )
    assert made.send("2026-09-30") == "reminder-3"
    return made


def test_the_next_step_takes_the_place_of_the_one_before() -> None:
    made = third()
    assert asked(made.on("2026-10-14")) == "1050.19"  # 30 days
    made.send(NOTICE)
    account = made.on("2026-10-16")
    assert asked(account) == "1055.29"
    assert [one.step for one in claim(account).claimed] == ["reminder-3", "formal-notice"]
    assert [one.indemnity for one in claim(account).claimed] == [4000, 4000]


def test_a_payment_of_what_was_asked_the_day_before_still_fits() -> None:
    made = third()
    made.add("payment 2026-10-14 1050.19")
    assert not still_open(made.on(NOTICE))


def test_a_claim_that_is_lower_than_what_was_paid_gives_the_difference_back() -> None:
    made = third()
    made.add("payment 2026-10-01 50.19 F-1/fees")  # the fee; then it turns out that 900 had come in on 1 September
    made.add("payment 2026-09-01 900.00 F-1")
    made.send(NOTICE)
    account = made.on("2026-10-16")
    assert str(claim(account).interest) == "1.79"  # what is given back paid principal on the day on which it came
    assert str(claim(account).open) == "0.00"
    assert still_open(account) == {"F-1": "91.60"}  # 8.40 of the fees are theirs, and credits are always applied
    assert sum(item.paid.minor for item in account.items) == 95_019


def test_a_plan_that_is_offered_after_the_claim_contains_the_fee() -> None:
    policy = replace(
        planning(), late_fees=FeeMode.CLAIM, fees=FeePolicy(rates=shipped_rates()), claim_from="reminder-3"
    )
    made = third(policy)
    (offer, *_) = made.on("2026-09-30").offers_of(OfferKind.PLAN)
    assert str(offer.amount) == "1050.19"
    made.add(f"payment 2026-10-01 {offer.pay_now} ref={offer.reference}")
    account = made.on("2026-10-02")
    assert account.agreement is not None
    assert sum(part.amount.minor for part in account.agreement.instalments) == 105_019
    assert {item.status for item in account.items} == {Status.IN_PLAN}
    assert str(account.totals.open) == str(offer.amount - offer.pay_now)


def test_a_plan_that_was_offered_before_the_claim_stays_as_it_was() -> None:
    fees = FeePolicy(rates=shipped_rates())
    policy = replace(planning(days=40), late_fees=FeeMode.CLAIM, fees=fees, claim_from="reminder-3")
    made = world("invoice F-1 2026-08-01 due 2026-08-31 1000.00", policy)
    for today in ("2026-09-07", "2026-09-14", "2026-09-30"):
        made.send(today)
    account = made.on("2026-10-01")
    assert account.claims
    assert {str(offer.amount) for offer in account.offers_of(OfferKind.PLAN)} == {"1000.00"}
    offer = account.offers_of(OfferKind.PLAN)[0]
    made.add(f"payment 2026-10-01 {offer.pay_now} ref={offer.reference}")
    account = made.on("2026-10-02")
    assert account.agreement is not None
    assert [str(owed) for owed in account.agreement.owed] == ["1000.00"]
    assert {item.id: item.status for item in account.items} == {"F-1": Status.IN_PLAN, "F-1/fees": Status.OVERDUE}


# --- Agreements


AGREED = """agreement EC-1 2026-10-20 F-1 2026-11-01:527.65 2026-12-01:527.64
"""


def test_an_agreement_on_the_invoice_contains_the_fee() -> None:
    account = noticed(AGREED).on("2026-10-21")
    assert {item.status for item in account.items} == {Status.IN_PLAN}
    assert account.agreement is not None
    assert sum(owed.minor for owed in account.agreement.owed) == 105_529


def test_while_it_holds_nothing_more_is_claimed_and_its_instalments_pay_both() -> None:
    made = noticed(AGREED + "payment 2026-11-01 527.65 F-1\npayment 2026-12-01 527.64 F-1")
    account = made.on("2026-12-02")
    assert not still_open(account)
    assert account.agreement is not None
    assert account.agreement.paid
    assert len(claims_made(made)) == 1


def test_an_agreement_signed_before_the_claim_has_no_fee() -> None:
    made = world("invoice F-1 2026-08-01 due 2026-08-31 1000.00", FROM_THE_THIRD)
    made.add("agreement EC-1 2026-09-20 F-1 2026-11-01:500.00 2026-12-01:500.00")
    account = made.on("2026-10-20")
    assert account.agreement is not None
    assert [str(owed) for owed in account.agreement.owed] == ["1000.00"]
    assert not account.claims


def test_a_fee_waived_inside_an_agreement_is_no_part_of_what_is_left() -> None:
    made = noticed(AGREED + "waive 2026-10-25 F-1")
    assert str(made.on("2026-10-26").totals.open) == "1000.00"
    made.add("payment 2026-11-01 527.65 F-1\npayment 2026-12-01 472.35 F-1")
    account = made.on("2026-12-02")
    assert not still_open(account)
    assert account.agreement is not None
    assert account.agreement.paid


# --- Parts of one invoice


def test_the_indemnity_is_claimed_once_for_an_invoice_in_parts() -> None:
    made = world(
        """invoice F-1 2026-08-01 due 2026-08-31 1000.00 part=1
        invoice F-1 2026-08-01 due 2026-09-05 500.00 part=2
        sent 2026-09-14 reminder-1 F-1/1 F-1/2
        sent 2026-09-21 reminder-2 F-1/1 F-1/2
        sent 2026-10-05 reminder-3 F-1/1 F-1/2""",
        CLAIMING,
    )
    made.send("2026-10-19")
    account = made.on("2026-10-20")
    assert sum(one.indemnity.minor for one in account.claims) == 4000
    assert {one.item for one in account.claims} == {"F-1/1/fees", "F-1/2/fees"}
    made.add("payment 2026-10-20 1500.00 F-1")
    assert set(still_open(made.on("2026-10-21"))) == {"F-1/1/fees", "F-1/2/fees"}


def test_a_part_that_is_claimed_later_has_no_second_indemnity() -> None:
    made = world(
        """invoice F-1 2026-08-01 due 2026-08-31 1000.00 part=1 disputed=2026-09-01 closed=2026-11-01
        invoice F-1 2026-08-01 due 2026-08-31 500.00 part=2
        sent 2026-09-14 reminder-1 F-1/1 F-1/2
        sent 2026-09-21 reminder-2 F-1/1 F-1/2
        sent 2026-10-05 reminder-3 F-1/1 F-1/2""",
        CLAIMING,
    )
    made.send("2026-10-19")
    assert [one.invoice for one in made.on("2026-10-20").claims] == ["F-1/2"]
    made.send("2026-11-02")
    account = made.on("2026-11-03")
    assert {one.invoice: str(one.indemnity) for one in account.claims} == {"F-1/1": "0.00", "F-1/2": "40.00"}


# --- Rates


def test_a_missing_rate_is_not_guessed() -> None:
    table = shipped_rates()
    known = RateTable(tuple(row for row in table.rows if row.begins < date(2026, 7, 1)))
    decision = late(policy=replace(CLAIMING, fees=FeePolicy(rates=known))).decide(NOTICE)
    assert [(one.client, one.invoice, str(one.since)) for one in decision.missing] == [("brun", "F-1", "2026-07-01")]
    assert not any(isinstance(event, FeesClaimed) for event in decision.events)
    before = late(policy=replace(CLAIMING, fees=FeePolicy(rates=known))).decide("2026-10-14")
    assert not before.missing


# --- Around it


def test_standing_and_the_cost_of_lateness_are_about_invoices() -> None:
    claimed, plain = noticed(), noticed(policy=BARE)
    for made in (claimed, plain):
        made.add("payment 2026-10-20 1000.00 F-1")
    one, other = claimed.on("2026-11-20"), plain.on("2026-11-20")
    assert one.standing == other.standing
    assert one.lateness == other.lateness
    assert one.punctual == other.punctual


def test_no_interest_is_counted_on_a_fee() -> None:
    made = noticed()
    assert set(made.on("2026-12-01").courses) == {"F-1"}


def test_a_promise_is_about_the_invoice_alone() -> None:
    account = noticed("promise 2026-10-20 2026-10-30 F-1").on("2026-10-21")
    assert [item.promised_on is None for item in account.items] == [False, True]


def test_the_formal_notice_waits_with_what_it_asks() -> None:
    """The owner's word is for the invoice and the fee together: when either changes, it is asked for again."""
    policy = replace(CLAIMING, reminders=ReminderPolicy(steps=DEFAULT_LADDER, approve=Approval.ALL, recaps=False))
    made = late(policy=policy)
    made.build(NOTICE)
    made.approve(NOTICE)
    due = made.on("2026-10-16").reminders.due_today
    assert due is not None
    assert not due.waits
    made.add("waive 2026-10-16 F-1 5.00")
    due = made.on("2026-10-16").reminders.due_today
    assert due is not None
    assert due.waits


def test_fee_items_have_names_of_their_own() -> None:
    assert fee_id("F-1/2") == "F-1/2/fees"


def test_who_pays_exactly_what_the_page_asks_while_the_message_waits_has_been_told() -> None:
    made = late("invoice F-2 2026-10-01 due 2026-12-31 500.00")
    made.build(NOTICE)
    made.add("payment 2026-10-16 1055.29 F-1")
    account = made.on("2026-10-19")
    assert still_open(account) == {"F-2": "500.00"}
    assert str(claim(account).told_on) == "2026-10-16"
    made.add("invoice F-3 2026-10-25 due 2026-11-30 60.00")
    assert still_open(made.on("2026-12-01")) == {"F-2": "500.00", "F-3": "60.00"}
