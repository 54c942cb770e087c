"""What is agreed by phone or in writing: any schedule that is the debt, held against the policy, and kept to the last cent."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from generator.calendars import calendar
from generator.domain.account import Status
from generator.domain.agreeing import (
    EqualParts,
    Rule,
    Schedule,
    agreement_name,
    breaches,
    in_parts,
    paid_by_each,
    surplus,
)
from generator.domain.ledger import AgreementRecord
from generator.domain.memory import OfferKind
from generator.domain.money import Money, total
from generator.domain.policy import Interval, OfferStart, PlanPolicy, Policy
from tests.domain.test_pay_what_is_asked import lived
from tests.support.effort import examples
from tests.support.reading import BARE, amounts, dates, due_step, item, opened, plan, planning, still_open
from tests.support.world import GENEROUS, World, day, world

SIGNED = date(2026, 11, 16)
FRANCE = calendar("FR")
LATE = "invoice F-1 2026-10-02 due 2026-11-02 1200.00"


def euros(text: str) -> Money:
    return Money.of(text, "EUR")


def written(*parts: str) -> Schedule:
    """A schedule as an owner types it: `2026-12-05=300.00`."""
    return tuple((day(on), euros(amount)) for on, amount in (part.split("=") for part in parts))


def shown(schedule: Schedule) -> list[str]:
    return [f"{due.isoformat()}={amount}" for due, amount in schedule]


def by_rule(
    debt: str, count: int, policy: PlanPolicy | None = None, pays_on: tuple[int, ...] = (), **asked: object
) -> list[str]:
    wanted = replace(EqualParts(count), **asked)  # type: ignore[arg-type]
    return shown(in_parts(euros(debt), wanted, policy or PlanPolicy(), SIGNED, FRANCE, pays_on))


class TestEqualParts:
    def test_twelve_hundred_in_four_months_is_four_times_three_hundred(self) -> None:
        assert by_rule("1200.00", 4) == [
            "2026-11-16=300.00",
            "2026-12-16=300.00",
            "2027-01-18=300.00",
            "2027-02-16=300.00",
        ]

    def test_it_is_the_plan_that_the_page_would_offer_that_day(self) -> None:
        policy = planning(
            counts=(3,), down_payment_percent=Decimal(20), first_after_days=5, interval=Interval.FORTNIGHT
        )
        made = world(f"{LATE}\nsent 2026-11-09 reminder-1 F-1", policy)
        made.build("2026-11-16")
        offered = plan(made.on("2026-11-16"), 3)
        assert policy.plans is not None
        assert by_rule("1200.00", 3, policy.plans) == [
            f"{due}={amount}" for due, amount in zip(dates(offered), amounts(offered), strict=True)
        ]

    def test_the_first_date_the_interval_and_the_down_payment_can_be_others(self) -> None:
        first = date(2026, 12, 1)
        assert by_rule("1200.00", 3, first=first, down=euros("500.00"), interval=Interval.FORTNIGHT) == [
            "2026-12-01=500.00",
            "2026-12-15=350.00",
            "2026-12-29=350.00",
        ]

    def test_no_down_payment_at_all_can_be_agreed_where_the_policy_has_one(self) -> None:
        policy = PlanPolicy(down_payment_percent=Decimal(40))
        assert by_rule("1000.00", 2, policy) == ["2026-11-16=400.00", "2026-12-16=600.00"]
        assert by_rule("1000.00", 2, policy, down=euros("0")) == ["2026-11-16=500.00", "2026-12-16=500.00"]

    def test_dates_move_to_the_days_on_which_the_client_pays_and_then_to_business_days(self) -> None:
        assert by_rule("900.00", 3, pays_on=(10,)) == ["2026-12-10=300.00", "2027-01-11=300.00", "2027-02-10=300.00"]
        assert by_rule("900.00", 3, first=date(2026, 12, 5)) == [
            "2026-12-07=300.00",
            "2027-01-05=300.00",
            "2027-02-05=300.00",
        ]

    def test_payment_days_further_apart_than_the_interval_take_one_payment_each(self) -> None:
        found = by_rule("900.00", 3, pays_on=(10, 25), interval=Interval.WEEK)
        assert found == ["2026-11-25=300.00", "2026-12-10=300.00", "2026-12-28=300.00"]

    @settings(max_examples=examples(100), deadline=None)
    @given(
        minor=st.integers(1, 10**8),
        count=st.integers(2, 36),
        down=st.none() | st.integers(0, 10**8),
        interval=st.sampled_from(Interval),
        after=st.integers(0, 60),
        pays_on=st.lists(st.integers(1, 31), max_size=2).map(tuple),
    )
    def test_any_of_them_is_the_debt_to_the_cent_on_dates_that_go_up(
        self, minor: int, count: int, down: int | None, interval: Interval, after: int, pays_on: tuple[int, ...]
    ) -> None:
        assume(down is None or down < minor)
        debt = Money(minor, "EUR")
        wanted = EqualParts(
            count, SIGNED + timedelta(days=after), None if down is None else Money(down, "EUR"), interval
        )
        schedule = in_parts(debt, wanted, PlanPolicy(), SIGNED, FRANCE, pays_on)
        assert len(schedule) == count
        assert not surplus(schedule, debt)
        days = [due for due, _ in schedule]
        assert days == sorted(set(days))
        assert all(FRANCE.is_business_day(due) for due in days)
        rest = [amount.minor for _, amount in schedule][1 if down else 0 :]
        assert max(rest) - min(rest) <= 1
        assert not down or schedule[0][1].minor == down


class TestAgainstTheDebt:
    @pytest.mark.parametrize(
        ("parts", "over"),
        [
            (("2026-12-01=700.00", "2027-01-04=500.00"), "0.00"),
            (("2026-12-01=700.00", "2027-01-04=500.01"), "0.01"),
            (("2026-12-01=700.00", "2027-01-04=450.00"), "-50.00"),
        ],
    )
    def test_the_difference_is_told_to_the_cent(self, parts: tuple[str, ...], over: str) -> None:
        assert str(surplus(written(*parts), euros("1200.00"))) == over

    def test_each_instalment_pays_the_oldest_invoice_that_is_left(self) -> None:
        owed = [("F-1", euros("500.00")), ("F-2", euros("400.00")), ("F-3", euros("100.00"))]
        found = paid_by_each(owed, written("2026-12-01=300.00", "2027-01-04=650.00", "2027-02-01=50.00"))
        assert [[f"{number} {amount}" for number, amount in pays] for pays in found] == [
            ["F-1 300.00"],
            ["F-1 200.00", "F-2 400.00", "F-3 50.00"],
            ["F-3 50.00"],
        ]


POLICY = planning(
    counts=(2, 3, 4),
    minimum_debt=Decimal(300),
    minimum_instalment=Decimal(50),
    horizon_days=120,
    down_payment_percent=Decimal(10),
)


def broken(*parts: str, debt: str | None = None, policy: Policy = POLICY) -> list[Rule]:
    schedule = written(*parts)
    owed = euros(debt) if debt else total((amount for _, amount in schedule), "EUR")
    return [found.rule for found in breaches(schedule, owed, SIGNED, policy)]


class TestAgainstThePolicy:
    def test_uneven_amounts_and_dates_within_the_policy_are_as_good_as_any(self) -> None:
        assert broken("2026-11-16=150.00", "2026-12-05=700.00", "2027-01-31=350.00") == []

    def test_each_rule_is_told_by_itself(self) -> None:
        assert broken("2026-12-01=600.00") == [Rule.COUNT]
        assert broken(*(f"2026-12-{number:02}=100.00" for number in range(1, 6))) == [Rule.COUNT]
        assert broken("2026-12-01=150.00", "2026-12-15=149.99") == [Rule.MINIMUM_DEBT]
        assert broken("2026-12-01=550.01", "2026-12-15=49.99") == [Rule.MINIMUM_INSTALMENT]
        assert broken("2026-12-01=59.99", "2026-12-15=540.01") == [Rule.DOWN_PAYMENT]
        assert broken("2026-12-01=300.00", "2027-03-17=300.00") == [Rule.HORIZON]
        assert broken("2026-11-15=300.00", "2026-12-15=300.00") == [Rule.PAST]
        assert broken("2026-12-15=300.00", "2026-12-15=300.00") == [Rule.ORDER]

    def test_what_is_just_enough_is_enough(self) -> None:
        assert broken("2026-11-16=60.00", "2026-12-15=490.00", "2027-03-16=50.00") == []
        assert broken("2026-12-01=150.00", "2026-12-15=150.00") == []

    def test_all_that_is_wrong_is_told_at_once(self) -> None:
        assert set(
            broken("2026-12-01=1.00", "2026-11-01=10.00", "2028-01-01=5.00", "2028-01-01=5.00", "2028-01-01=5.00")
        ) == set(Rule) - {Rule.DISCOUNT, Rule.DISCOUNT_MINIMUM, Rule.COMBINED}  # which are about discounts

    def test_an_owner_who_offers_no_plans_has_said_nothing_of_counts_and_amounts(self) -> None:
        assert broken(*(f"2026-12-{number:02}=1.00" for number in range(1, 20)), policy=BARE) == []
        assert broken("2026-11-01=5.00", "2062-12-01=5.00", policy=BARE) == [Rule.PAST, Rule.HORIZON]

    def test_a_rule_without_its_amount_in_this_currency_does_not_apply(self) -> None:
        schedule = tuple(
            (due, Money(amount.minor, "GBP")) for due, amount in written("2026-12-01=5.00", "2026-12-15=5.00")
        )
        policy = replace(POLICY, plans=replace(POLICY.plans, down_payment_percent=Decimal(0)))  # type: ignore[type-var]
        assert breaches(schedule, Money(1000, "GBP"), SIGNED, policy) == ()

    @settings(max_examples=examples(100), deadline=None)
    @given(
        debt=st.integers(1, 200_000),
        count=st.integers(2, 40),
        horizon=st.integers(1, 1000),
        down=st.sampled_from([0, 30]),
    )
    def test_what_a_page_may_offer_can_be_agreed_by_phone(self, debt: int, count: int, horizon: int, down: int) -> None:
        policy = replace(
            planning(
                counts=(count,),
                minimum_debt=Decimal(300),
                minimum_instalment=Decimal(50),
                horizon_days=horizon,
                down_payment_percent=Decimal(down),
                start=OfferStart.DUE,
            ),
            reminders=BARE.reminders,
        )
        made = world(f"invoice F-1 2026-10-02 due 2026-11-02 {debt // 100}.{debt % 100:02}", policy)
        made.build(SIGNED)
        offered = made.on(SIGNED).offers_of(OfferKind.PLAN)
        assert policy.plans is not None
        schedule = in_parts(Money(debt, "EUR"), EqualParts(count), policy.plans, SIGNED, FRANCE)
        assert bool(offered) is (not breaches(schedule, Money(debt, "EUR"), SIGNED, policy))
        for offer in offered:
            assert tuple((part.due, part.amount) for part in offer.instalments) == schedule
            assert offer.instalments[-1].due <= SIGNED + timedelta(days=horizon)


class TestHorizon:
    def test_a_plan_that_would_end_later_is_not_offered_and_the_shorter_ones_are(self) -> None:
        made = world(f"{LATE}\nsent 2026-11-09 reminder-1 F-1", planning(horizon_days=63))
        made.build("2026-11-16")
        assert sorted(len(offer.instalments) for offer in made.on("2026-11-16").offers_of(OfferKind.PLAN)) == [2, 3]

    def test_a_plan_that_was_offered_before_stays_as_it_was(self) -> None:
        made = world(f"{LATE}\nsent 2026-11-09 reminder-1 F-1", planning())
        made.build("2026-11-16")
        before = made.on("2026-11-17").offers
        made.policy = planning(horizon_days=10)
        made.build("2026-11-17")
        assert made.on("2026-11-17").offers == before


class TestNames:
    def test_the_same_agreement_has_the_same_name_and_another_one_another(self) -> None:
        schedule = written("2026-12-01=600.00", "2027-01-04=600.00")
        name = agreement_name("brun", ("F-1",), SIGNED, schedule, ())
        assert name == agreement_name("brun", ("F-1",), SIGNED, schedule, ("A261116-2222",))
        others = {
            agreement_name("roux", ("F-1",), SIGNED, schedule, ()),
            agreement_name("brun", ("F-2",), SIGNED, schedule, ()),
            agreement_name("brun", ("F-1",), SIGNED, schedule[:1], ()),
            agreement_name("brun", ("F-1",), SIGNED, schedule, (name.lower(),)),
        }
        assert len(others | {name}) == 5
        assert all(len(other) == len("A261116-2222") for other in others)


def agree(
    made: World, today: date | str, invoices: tuple[str, ...], schedule: Schedule, supersedes: str = ""
) -> AgreementRecord:
    """Writes an agreement down, as the command does."""
    signed = day(today) if isinstance(today, str) else today
    taken = [known.id for known in made.ledger.agreements]
    name = agreement_name("brun", invoices, signed, schedule, taken)
    record = AgreementRecord(name, "brun", invoices, signed, schedule, supersedes=supersedes)
    made.ledger = replace(made.ledger, agreements=(*made.ledger.agreements, record))
    return record


def as_it_stands(made: World, today: date | str, record: AgreementRecord) -> list[str]:
    found = next(agreement for agreement in made.on(today).agreements if agreement.id == record.id)
    return [str(part.open) for part in found.instalments]


class TestInForce:
    def test_what_came_in_that_day_before_it_was_agreed_is_not_paid_on_it(self) -> None:
        made = world(f"{LATE}\npayment 2026-11-16 400.00 F-1")
        record = agree(made, SIGNED, ("F-1",), written("2026-11-16=400.00", "2026-12-16=400.00"))
        assert as_it_stands(made, SIGNED, record) == ["400.00", "400.00"]
        made.add("payment 2026-11-16 400.00 F-1")
        assert as_it_stands(made, SIGNED, record) == ["0.00", "400.00"]
        made.add("payment 2026-12-16 400.00")
        assert still_open(made.on("2026-12-16")) == {}

    def test_what_came_in_that_day_and_is_part_of_it_is_its_first_instalment(self) -> None:
        made = world(f"{LATE}\npayment 2026-11-16 400.00 F-1")
        record = agree(made, SIGNED, ("F-1",), written("2026-11-16=400.00", "2026-12-16=800.00"))
        assert as_it_stands(made, SIGNED, record) == ["0.00", "800.00"]

    def test_a_credit_that_covered_something_before_is_not_paid_on_it(self) -> None:
        made = world(f"{LATE}\ncredit A-1 2026-11-10 200.00")
        assert opened(made.on(SIGNED)) == {"F-1": "1000.00"}
        record = agree(made, SIGNED, ("F-1",), written("2026-12-01=500.00", "2027-01-04=500.00"))
        assert as_it_stands(made, SIGNED, record) == ["500.00", "500.00"]
        made.add("payment 2026-12-01 500.00\npayment 2027-01-04 500.00")
        account = made.on("2027-01-04")
        assert (still_open(account), str(account.totals.credit)) == ({}, "0.00")

    def test_a_credit_that_its_sum_counts_is_paid_on_it(self) -> None:
        made = world(f"{LATE}\ncredit A-1 2026-11-10 200.00")
        record = agree(made, SIGNED, ("F-1",), written("2026-12-01=600.00", "2027-01-04=600.00"))
        assert as_it_stands(made, SIGNED, record) == ["400.00", "600.00"]

    def test_one_about_a_part_of_its_invoices_takes_a_payment_of_its_first_day_by_its_reference(self) -> None:
        made = world(f"invoice F-0 2026-09-02 due 2026-10-02 700.00\n{LATE}")
        record = agree(made, SIGNED, ("F-1",), written("2026-11-16=300.00", "2026-12-16=300.00"))
        (agreement,) = made.on(SIGNED).agreements
        made.add(f'payment 2026-11-16 300.00 ref="{agreement.reference}"')
        assert opened(made.on(SIGNED)) == {"F-0": "700.00", "F-1": "900.00"}
        assert as_it_stands(made, SIGNED, record) == ["0.00", "300.00"]

    def test_a_credit_note_in_the_middle_lowers_what_is_asked_and_no_more_is_ever_asked_than_is_owed(self) -> None:
        made = world(LATE)
        record = agree(
            made,
            SIGNED,
            ("F-1",),
            written(*(f"2026-{month}=400.00" for month in ("11-16", "12-16")), "2027-01-18=400.00"),
        )
        made.add("payment 2026-11-16 400.00 F-1\ncredit A-1 2026-12-01 500.00 F-1")
        account = made.on("2026-12-16")
        assert as_it_stands(made, "2026-12-16", record) == ["0.00", "0.00", "300.00"]
        assert str(account.totals.to_pay) == "300.00"
        assert due_step(made.on("2027-01-15")) == "instalment"
        made.add("payment 2027-01-18 300.00")
        assert still_open(made.on("2027-01-18")) == {}

    def test_an_invoice_disputed_later_is_not_asked_for_and_the_other_one_is(self) -> None:
        made = world(f"{LATE}\ninvoice F-2 2026-10-02 due 2026-11-03 300.00")
        agree(made, SIGNED, ("F-1", "F-2"), written("2026-11-30=1000.00", "2026-12-30=500.00"))
        made.add("dispute F-1 2026-11-20")
        account = made.on("2026-11-30")
        assert item(account, "F-1").status is Status.DISPUTED
        assert str(account.totals.to_pay) == "300.00"

    def test_one_that_takes_the_place_of_another_keeps_what_was_paid_on_it(self) -> None:
        made = world(LATE)
        first = agree(made, SIGNED, ("F-1",), written("2026-11-16=600.00", "2026-12-16=600.00"))
        made.add("payment 2026-11-16 600.00 F-1")
        second = agree(made, "2026-12-10", ("F-1",), written("2027-01-04=100.00", "2027-02-01=500.00"), first.id)
        assert as_it_stands(made, "2026-12-10", second) == ["100.00", "500.00"]
        found = {agreement.id: (agreement.holds, agreement.ended) for agreement in made.on("2027-01-04").agreements}
        assert found == {first.id: (False, True), second.id: (True, False)}

    def test_an_offer_agreed_on_by_phone_keeps_its_reference_and_is_not_accepted_twice(self) -> None:
        made = world(f"{LATE}\nsent 2026-11-09 reminder-1 F-1")
        made.build(SIGNED)
        offered = plan(made.on(SIGNED), 3)
        schedule = tuple((part.due, part.amount) for part in offered.instalments)
        record = AgreementRecord(offered.key, "brun", ("F-1",), date(2026, 11, 17), schedule)
        made.ledger = replace(made.ledger, agreements=(record,))
        made.add(f'payment 2026-11-18 400.00 ref="{offered.reference}"')
        (agreement,) = made.on("2026-11-18").agreements
        assert (agreement.reference, agreement.holds) == (offered.reference, True)
        assert [str(part.paid) for part in agreement.instalments] == ["400.00", "0.00", "0.00"]

    def test_the_clients_first_payment_of_the_day_before_is_part_of_the_offer_agreed_on_by_phone(self) -> None:
        made = world(f"{LATE}\nsent 2026-11-09 reminder-1 F-1")
        made.build(SIGNED)
        offered = plan(made.on(SIGNED), 3)
        schedule = tuple((part.due, part.amount) for part in offered.instalments)
        record = AgreementRecord(offered.key, "brun", ("F-1",), date(2026, 11, 18), schedule)
        made.ledger = replace(made.ledger, agreements=(record,))
        made.add(f'payment 2026-11-17 400.00 ref="{offered.reference}"')
        (agreement,) = made.on("2026-11-18").agreements
        assert [str(part.paid) for part in agreement.instalments] == ["400.00", "0.00", "0.00"]

    @pytest.mark.parametrize("signed", ["2026-11-17", "2026-11-18"])
    def test_the_owner_can_replace_a_plan_that_was_accepted_on_the_page(self, signed: str) -> None:
        made = world(f"{LATE}\ninvoice F-2 2026-10-02 due 2026-11-03 300.00\nsent 2026-11-09 reminder-1 F-1 F-2")
        made.build(SIGNED)
        offered = plan(made.on(SIGNED), 3)
        made.add(f'payment 2026-11-17 500.00 ref="{offered.reference}"')
        left = Money(int(item(made.on(signed), "F-1").open.minor), "EUR")
        record = agree(made, signed, ("F-1",), ((date(2026, 12, 1), left),), offered.key)
        account = made.on("2026-11-18")
        assert [agreement.id for agreement in account.agreements if not agreement.ended] == [record.id]
        assert item(account, "F-2").status is Status.OVERDUE

    def test_one_that_is_called_off_protects_nothing_and_does_not_bring_back_what_it_replaced(self) -> None:
        made = world(LATE)
        first = agree(made, SIGNED, ("F-1",), written("2026-12-16=600.00", "2027-01-18=600.00"))
        second = agree(made, "2026-11-20", ("F-1",), written("2027-01-04=1200.00"), first.id)
        made.ledger = replace(made.ledger, agreements=(first, replace(second, status="cancelled")))
        account = made.on("2026-11-23")
        assert all(agreement.ended for agreement in account.agreements)
        assert item(account, "F-1").status is Status.OVERDUE

    def test_a_plan_of_the_page_that_is_called_off_is_not_accepted_again_by_its_own_payment(self) -> None:
        made = world(f"{LATE}\nsent 2026-11-09 reminder-1 F-1")
        made.build(SIGNED)
        offered = plan(made.on(SIGNED), 3)
        made.add(f'payment 2026-11-17 400.00 ref="{offered.reference}"')
        (found,) = made.on("2026-11-17").agreements
        parts = tuple((part.due, part.amount) for part in found.instalments)
        over = AgreementRecord(found.id, "brun", found.invoices, found.signed_on, parts, "cancelled")
        made.ledger = replace(made.ledger, agreements=(over,))
        account = made.on("2026-11-18")
        assert [agreement.ended for agreement in account.agreements] == [True]
        assert (opened(account), item(account, "F-1").status) == ({"F-1": "800.00"}, Status.OVERDUE)


def any_schedule(chance: random.Random, debt: int, today: date) -> Schedule:
    """Uneven parts of a debt, on dates of any kind."""
    cuts = sorted(chance.sample(range(1, debt), min(chance.randint(0, 5), debt - 1)))
    shares = [end - start for start, end in zip([0, *cuts], [*cuts, debt], strict=True)]
    days = sorted(chance.sample(range(90), len(shares)))
    return tuple((today + timedelta(days=on), Money(share, "EUR")) for on, share in zip(days, shares, strict=True))


@pytest.mark.parametrize("seed", range(examples(80)))
def test_agreeing_then_paying_every_instalment_leaves_exactly_nothing(seed: int) -> None:
    """In any ledger that has lived: payments by guess, bounced cheques, refunds, credits, disputes, offers open or not."""
    made, today = lived(seed)
    chance = random.Random(seed)
    made.ledger = replace(  # what comes later is another story: money may have been meant for it all the time
        made.ledger,
        invoices=tuple(found for found in made.ledger.invoices if found.issued <= today),
        payments=tuple(paid for paid in made.ledger.payments if paid.date <= today),
        credit_notes=tuple(note for note in made.ledger.credit_notes if note.issued <= today),
    )
    if not made.decide(today).accounts:
        return
    before = made.on(today)
    late = [found for found in before.overdue if found.open]
    if not late:
        return
    chosen = chance.sample(late, chance.randint(1, len(late)))
    debt = total([found.open for found in chosen], "EUR")
    numbers = tuple(found.id for found in late if found in chosen)
    record = agree(made, today, numbers, any_schedule(chance, debt.minor, today))
    after = made.on(today)
    assert opened(after) == opened(before), "an agreement moves no money"
    assert after.totals.credit == before.totals.credit
    assert total([euros(left) for left in as_it_stands(made, today, record)], "EUR") == debt
    reference = next(agreement.reference for agreement in after.agreements if agreement.id == record.id)
    for due, amount in record.instalments:
        made.add(f'payment {due} {amount} ref="{reference}"')
    last = made.on(record.instalments[-1][0])
    assert {number: left for number, left in opened(last).items() if number in numbers} == dict.fromkeys(
        numbers, "0.00"
    )
    assert last.totals.credit == before.totals.credit
    assert as_it_stands(made, last.as_of, record) == ["0.00"] * len(record.instalments)
    assert [line.on for line in last.history if line.kind == "agreement"]


@settings(max_examples=examples(60), deadline=None)
@given(
    parts=st.lists(st.integers(1, 50_000), min_size=1, max_size=6),
    totals=st.lists(st.integers(1, 99), min_size=1, max_size=4),
    data=st.data(),
)
def test_the_invoices_that_each_instalment_is_said_to_pay_are_those_that_it_pays(
    parts: list[int], totals: list[int], data: st.DataObject
) -> None:
    debt = sum(parts)
    weights = [max(1, debt * part // sum(totals)) for part in totals[:-1]]
    assume(sum(weights) < debt)
    owed = [*weights, debt - sum(weights)]
    lines = [
        f"invoice F-{number} 2026-09-01 due 2026-10-{number:02} {minor // 100}.{minor % 100:02}"
        for number, minor in enumerate(owed, start=1)
    ]
    made = world("\n".join(lines), GENEROUS)
    schedule = tuple((SIGNED + timedelta(days=7 * number), Money(part, "EUR")) for number, part in enumerate(parts))
    items = made.on(SIGNED).items
    record = agree(made, SIGNED, tuple(found.id for found in items), schedule)
    told = paid_by_each([(found.id, found.open) for found in items], schedule)
    reference = made.on(SIGNED).agreements[0].reference
    paid = {found.id: 0 for found in items}
    for (due, amount), pays in zip(record.instalments, told, strict=True):
        made.add(f'payment {due} {amount} ref="{data.draw(st.sampled_from([reference, f"VIR {reference}"]))}"')
        for number, part in pays:
            paid[number] += part.minor
        assert {found.id: found.paid.minor for found in made.on(due).items} == paid
