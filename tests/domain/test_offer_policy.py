"""Who is offered what by the owner's rules: by grade, by kind, after a broken agreement, and which kind comes first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.domain.account import Agreement, Instalment
from generator.domain.ledger import Client, Kind
from generator.domain.memory import Memory, OfferKind
from generator.domain.money import Money, by_percents, split
from generator.domain.offer_policy import RuleBook, Why, Withheld, not_kept_since, rules_for
from generator.domain.policy import (
    DEFAULT_LADDER,
    DiscountPolicy,
    FirstOffer,
    GradeRules,
    Interval,
    OfferPolicy,
    OfferStart,
    PlanPolicy,
    Policy,
    ReminderPolicy,
    StandingPolicy,
)
from generator.domain.standing import Grade
from generator.journal_records import event_of, line_of
from tests.support.effort import examples
from tests.support.reading import amounts, dates, days, discount, plan
from tests.support.world import World, world

if TYPE_CHECKING:
    from generator.domain.account import Account
    from generator.domain.policy import Step

#: The second and the third reminder list both kinds.
LADDER = tuple(
    replace(step, offers=("plan", "discount"), call_first=False) if step.offers else step for step in DEFAULT_LADDER
)
BOTH = Policy(
    discount=DiscountPolicy(Decimal(5)),
    plans=PlanPolicy(),
    reminders=ReminderPolicy(steps=LADDER, recaps=False, thanks=False),
)
TOGETHER = replace(BOTH, offers=OfferPolicy(first=FirstOffer.TOGETHER))
#: What the second reminder is about, on 16 November.
LATE = "invoice F-9 2026-10-02 due 2026-11-02 1200.00\nsent 2026-11-09 reminder-1 F-9\n"
TODAY = "2026-11-16"
BRUN = Client("brun", "Brun", "brun@client.example", kind=Kind.BUSINESS)
#: How late each of four earlier invoices was paid, for each grade.
HABITS = {"A": (0, 0, 0, 0), "B": (0, 0, 0, 10), "C": (10, 10, 10, 10), "D": (60, 60, 60, 60)}


def history(grade: str) -> str:
    """A client who paid like this before, and owes 1,200 euros now."""
    lines = ["client brun"]
    for month, late in zip((6, 7, 8, 9), HABITS[grade], strict=True):
        due = date(2026, month, 10)
        lines.append(f"invoice O-{month} 2026-0{month}-01 due {due} 1200.00")
        lines.append(f"payment {date.fromordinal(due.toordinal() + late)} 1200.00 O-{month}")
    return "\n".join([*lines, LATE])


def built(text: str, policy: Policy = TOGETHER, today: str = TODAY) -> Account:
    """What a build of that day shows."""
    made = world(text, policy)
    made.build(today)
    return made.on(today)


def offered(account: Account) -> str:
    """Both kinds, one of them, or none."""
    kinds = [kind for kind in (OfferKind.PLAN, OfferKind.DISCOUNT) if account.offers_of(kind)]
    return " and ".join(kinds) or "nothing"


def ruled(policy: Policy = TOGETHER, **changes: object) -> Policy:
    """With other manners of offering."""
    return replace(policy, offers=replace(policy.offers, **changes))  # type: ignore[arg-type]


def planned(policy: Policy = TOGETHER, **changes: object) -> Policy:
    """With other plans."""
    assert policy.plans is not None
    return replace(policy, plans=replace(policy.plans, **changes))  # type: ignore[arg-type]


def rebated(policy: Policy = TOGETHER, **changes: object) -> Policy:
    """With another discount."""
    assert policy.discount is not None
    return replace(policy, discount=replace(policy.discount, **changes))  # type: ignore[arg-type]


def with_grade(grade: str, **rules: object) -> Policy:
    """With rules of their own for one grade."""
    return ruled(grades={grade: GradeRules(**rules)})  # type: ignore[arg-type]


class TestGrades:
    @pytest.mark.parametrize("grade", list(Grade))
    def test_the_histories_of_these_tests_are_what_they_say(self, grade: Grade) -> None:
        assert world(history(grade), BOTH).on(TODAY).standing.grade is grade

    @pytest.mark.parametrize(
        ("grade", "found"),
        [("A", "plan and discount"), ("B", "plan and discount"), ("C", "plan"), ("D", "plan")],
    )
    def test_a_discount_never_rewards_who_pays_late_by_habit(self, grade: str, found: str) -> None:
        assert offered(built(history(grade))) == found

    def test_who_is_new_is_offered_both(self) -> None:
        account = built(LATE)
        assert account.standing.grade is None
        assert offered(account) == "plan and discount"
        assert account.withheld == ()

    def test_the_owner_is_told_why_and_the_client_is_not(self) -> None:
        assert built(history("C")).withheld == (Withheld(OfferKind.DISCOUNT, Why.GRADE, Grade.C, Grade.B),)

    def test_the_lowest_grade_of_each_kind_is_the_owners(self) -> None:
        assert offered(built(history("D"), rebated(lowest_grade=Grade.D))) == "plan and discount"
        assert offered(built(history("B"), rebated(lowest_grade=Grade.A))) == "plan"
        assert offered(built(history("C"), planned(lowest_grade=Grade.B))) == "nothing"

    def test_an_escompte_printed_on_the_invoice_is_no_matter_of_grade(self) -> None:
        text = history("D") + "invoice F-10 2026-11-10 due 2026-12-10 500.00 escompte=2/10"
        own = discount(built(text))
        assert (own.own, str(own.saving)) == (True, "10.00")

    def test_an_offer_that_was_made_stands_whatever_becomes_of_the_grade(self) -> None:
        made = world(history("A"), TOGETHER)
        made.build(TODAY)
        before = made.on(TODAY)
        worse = "".join(
            f"invoice G-{n} 2026-08-0{n} due 2026-08-1{n} 5000.00\nsent 2026-08-20 reminder-1 G-{n}\n"
            for n in (1, 2, 3)
        )
        made.add(worse)
        after = made.on("2026-11-17")
        assert (before.standing.grade, after.standing.grade) == (Grade.A, Grade.D)
        assert after.withheld
        for offer in before.offers:
            if offer.kind is not OfferKind.FULL:
                (same,) = [found for found in after.offers if found.key == offer.key]
                assert (same.amount, same.valid_until, dates(same)) == (offer.amount, offer.valid_until, dates(offer))


class TestRulesOfAGrade:
    def test_the_best_may_be_offered_more(self) -> None:
        policy = with_grade("A", counts=(6,), discount_percent=Decimal(8), discount_days=20, first_after_days=10)
        account = built(history("A"), policy)
        assert [len(offer.instalments) for offer in account.offers_of(OfferKind.PLAN)] == [6]
        assert dates(plan(account, 6))[0] == "2026-11-26"
        assert (str(discount(account).saving), str(discount(account).valid_until)) == ("96.00", "2026-12-06")

    def test_and_the_others_are_not(self) -> None:
        policy = with_grade("A", counts=(6,), discount_percent=Decimal(8))
        account = built(history("B"), policy)
        assert [len(offer.instalments) for offer in account.offers_of(OfferKind.PLAN)] == [2, 3, 4]
        assert str(discount(account).saving) == "60.00"

    def test_a_down_payment_from_who_pays_late(self) -> None:
        account = built(history("D"), with_grade("D", down_payment_percent=Decimal(40), counts=(3,)))
        assert amounts(plan(account, 3)) == ["480.00", "360.00", "360.00"]

    def test_no_plan_or_no_discount_at_all(self) -> None:
        assert offered(built(history("D"), with_grade("D", plans=False))) == "nothing"
        account = built(history("A"), with_grade("A", discount=False))
        assert offered(account) == "plan"
        assert account.withheld == (Withheld(OfferKind.DISCOUNT, Why.GRADE, Grade.A),)

    def test_a_word_about_one_grade_is_worth_more_than_the_lowest_grade(self) -> None:
        assert offered(built(history("C"), with_grade("C", discount=True))) == "plan and discount"

    def test_a_percentage_for_one_grade_stands_in_the_place_of_a_fixed_sum(self) -> None:
        policy = rebated(with_grade("A", discount_percent=Decimal(8)), percent=Decimal(0), amount=Decimal(50))
        assert str(discount(built(history("A"), policy)).saving) == "96.00"
        assert str(discount(built(history("B"), policy)).saving) == "50.00"

    def test_what_a_plan_takes_off_at_its_end_is_a_discount_too(self) -> None:
        policy = planned(discount_percent=Decimal(3))
        taken = {}
        for grade in Grade:
            rules = rules_for(policy, BRUN, grade)
            taken[grade] = rules.plans and rules.plans.discount_percent
        assert taken == {"A": 3, "B": 3, "C": 0, "D": 0}

    def test_new_clients_have_rules_of_their_own_too(self) -> None:
        assert offered(built(LATE, with_grade("new", discount=False))) == "plan"
        assert offered(built(history("A"), with_grade("new", discount=False))) == "plan and discount"

    @pytest.mark.parametrize(("minimum", "found"), [("1200.01", "discount"), ("1200.00", "plan and discount")])
    def test_only_above_an_amount(self, minimum: str, found: str) -> None:
        assert offered(built(LATE, with_grade("new", minimum_debt=Decimal(minimum)))) == found

    def test_nothing_before_a_step(self) -> None:
        made = world(history("C"), rebated(with_grade("C", from_step="reminder-3"), lowest_grade=Grade.D))
        assert made.send(TODAY) == "reminder-2"
        account = made.on(TODAY)
        assert offered(account) == "nothing"
        assert {one.why for one in account.withheld} == {Why.STEP}
        assert made.send("2026-12-02") == "reminder-3"
        assert offered(made.on("2026-12-02")) == "plan and discount"

    def test_another_ladder_without_that_step_offers_what_it_lists(self) -> None:
        steps: tuple[Step, ...] = (replace(LADDER[2], name="word"),)
        policy = with_grade("new", from_step="reminder-3")
        policy = replace(policy, reminders=replace(policy.reminders, ladders={"loyal": steps}))
        assert offered(built(f"client brun ladder=loyal\n{LATE.splitlines()[0]}", policy)) == "plan and discount"


class TestPublicBodies:
    PUBLIC = f"client mairie kind=public\n{LATE}"

    def test_they_are_offered_neither(self) -> None:
        account = built(self.PUBLIC)
        assert offered(account) == "nothing"
        assert [(one.kind, one.why) for one in account.withheld] == [
            (OfferKind.DISCOUNT, Why.PUBLIC),
            (OfferKind.PLAN, Why.PUBLIC),
        ]

    def test_unless_the_owner_says_so(self) -> None:
        assert offered(built(self.PUBLIC, ruled(public_bodies=True))) == "plan and discount"

    def test_nor_by_a_date_of_the_invoice(self) -> None:
        assert offered(built(self.PUBLIC, planned(start=OfferStart.DUE))) == "nothing"


class TestAfterABrokenAgreement:
    #: Half of an older debt was agreed for August and did not come, nor after a written reminder.
    BROKEN = f"""
        client brun
        invoice F-1 2026-06-01 due 2026-07-01 600.00
        agreement EC-1 2026-07-20 F-1 2026-08-03:300.00 2026-09-03:300.00
        sent 2026-08-06 instalment-late about=EC-1@2026-08-03
        sent 2026-08-20 agreement-over about=EC-1@broken
        sent 2026-08-28 reminder-1 F-1
        {LATE}"""

    def test_no_new_plan_comes_by_itself(self) -> None:
        account = built(self.BROKEN)
        assert any(agreement.broken for agreement in account.agreements)
        assert offered(account) == "discount"
        (why,) = account.withheld
        assert (why.kind, why.why, why.since) == (OfferKind.PLAN, Why.BROKEN, account.agreements[0].broken_on)

    def test_nor_by_the_due_date(self) -> None:
        assert not built(self.BROKEN, planned(start=OfferStart.DUE)).offers_of(OfferKind.PLAN)

    def test_once_it_is_paid_all_the_same_plans_are_offered_again(self) -> None:
        account = built(f"{self.BROKEN}\npayment 2026-11-10 600.00 F-1")
        assert account.offers_of(OfferKind.PLAN)

    def test_unless_the_owner_says_so(self) -> None:
        assert built(self.BROKEN, planned(after_broken=True)).offers_of(OfferKind.PLAN)

    def test_one_that_another_took_the_place_of_is_forgiven(self) -> None:
        signed = agreement_of("2026-01-10", ended=True)
        assert not_kept_since([signed], StandingPolicy(), date(2026, 11, 16)) is None

    def test_what_the_standing_has_forgotten_is_forgotten_here_too(self) -> None:
        broken = agreement_of("2026-01-10")
        looking = [not_kept_since([broken], StandingPolicy(months=months), date(2026, 11, 16)) for months in (24, 6)]
        assert looking == [date(2026, 1, 10), None]


def agreement_of(broken_on: str, *, ended: bool = False) -> Agreement:
    """An agreement whose only instalment never came."""
    on, nothing = date.fromisoformat(broken_on), Money(0, "EUR")
    part = Instalment(on, Money(100, "EUR"), nothing)
    return Agreement("EC-1", "", on, ("F-1",), (part,), holds=False, ended=ended, broken_on=on)


class TestWhichComesFirst:
    def test_instalments_before_less_to_pay(self) -> None:
        made = world(LATE, BOTH)
        assert made.send(TODAY) == "reminder-2"
        assert offered(made.on(TODAY)) == "plan"
        assert made.send("2026-12-02") == "reminder-3"
        assert offered(made.on("2026-12-02")) == "plan and discount"

    def test_building_again_before_the_message_leaves_makes_nothing_more(self) -> None:
        made = world(LATE, BOTH)
        for day in days(TODAY, "2026-11-20"):
            made.build(day)
            assert offered(made.on(day)) == "plan"
            assert not [event for event in made.decide(day).events if "offer" in type(event).__name__.lower()]

    def test_or_the_discount_first(self) -> None:
        made = world(LATE, ruled(first=FirstOffer.DISCOUNT))
        made.send(TODAY)
        assert offered(made.on(TODAY)) == "discount"
        made.send("2026-12-02")
        assert offered(made.on("2026-12-02")) == "plan"

    def test_where_no_plan_can_be_made_the_discount_does_not_wait_for_one(self) -> None:
        assert offered(built(LATE, planned(BOTH, minimum_debt=Decimal(5000)))) == "discount"
        assert offered(built(LATE, planned(BOTH, minimum_instalment=Decimal(5000)))) == "discount"

    def test_nor_where_the_client_is_offered_none(self) -> None:
        policy = ruled(BOTH, grades={"new": GradeRules(plans=False)})
        assert offered(built(LATE, policy)) == "discount"

    def test_a_plan_nobody_heard_of_and_that_ended_holds_nothing_up(self) -> None:
        made = world(LATE, planned(BOTH, minimum_debt=Decimal(700)))
        made.build(TODAY)
        made.add("payment 2026-11-17 600.00 F-9")
        made.build("2026-11-27")
        assert offered(made.on("2026-11-27")) == "discount"

    def test_what_begins_by_its_own_date_waits_for_nothing(self) -> None:
        made = world(LATE.splitlines()[0], rebated(BOTH, start=OfferStart.ISSUED, days=60))
        made.build("2026-10-02")
        assert offered(made.on("2026-10-02")) == "discount"

    def test_what_is_proposed_first_stands_first(self) -> None:
        kinds = [offer.kind for offer in built(LATE).offers]
        assert kinds == [OfferKind.FULL, *[OfferKind.PLAN] * 3, OfferKind.DISCOUNT]


class TestPlansByPercentages:
    UNEVEN = planned(counts=(), percentages=((Decimal(40), Decimal(30), Decimal(30)),))

    def test_each_part_is_its_percentage(self) -> None:
        assert amounts(plan(built(LATE, self.UNEVEN), 3)) == ["480.00", "360.00", "360.00"]

    def test_they_stand_beside_equal_ones_of_as_many_parts(self) -> None:
        assert self.UNEVEN.plans is not None
        account = built(LATE, planned(percentages=self.UNEVEN.plans.percentages))
        found = [amounts(offer) for offer in account.offers_of(OfferKind.PLAN)]
        assert len(found) == 4
        assert ["400.00"] * 3 in found
        assert ["480.00", "360.00", "360.00"] in found

    def test_equal_percentages_make_the_same_plan_once(self) -> None:
        account = built(LATE, planned(counts=(2,), percentages=((Decimal(50), Decimal(50)),)))
        assert len(account.offers_of(OfferKind.PLAN)) == 1

    def test_two_of_as_many_parts_are_two_offers(self) -> None:
        shapes = (tuple(map(Decimal, (50, 30, 20))), tuple(map(Decimal, (20, 30, 50))))
        account = built(LATE, planned(counts=(), percentages=shapes))
        plans = account.offers_of(OfferKind.PLAN)
        assert [amounts(offer)[0] for offer in sorted(plans, key=lambda offer: offer.shares)] == ["240.00", "600.00"]
        assert len({offer.reference for offer in plans}) == 2

    def test_a_grade_has_those_of_the_lengths_that_it_may_have(self) -> None:
        policy = replace(self.UNEVEN, offers=with_grade("new", counts=(2,)).offers)
        assert [amounts(offer) for offer in built(LATE, policy).offers_of(OfferKind.PLAN)] == [["600.00", "600.00"]]

    def test_one_that_begins_below_the_down_payment_of_a_grade_is_none_for_it(self) -> None:
        policy = replace(self.UNEVEN, offers=with_grade("new", down_payment_percent=Decimal(50)).offers)
        assert offered(built(LATE, policy)) == "discount"

    def test_the_smallest_part_is_large_enough(self) -> None:
        tight = replace(self.UNEVEN, plans=replace(self.UNEVEN.plans or PlanPolicy(), minimum_instalment=Decimal(360)))
        assert offered(built(LATE, tight)) == "plan and discount"
        assert offered(built(LATE.replace("1200.00", "1199.90"), tight)) == "discount"

    def test_a_part_payment_lowers_every_part_and_moves_no_date(self) -> None:
        made = world(LATE, self.UNEVEN)
        made.build(TODAY)
        before = dates(plan(made.on(TODAY), 3))
        made.add("payment 2026-11-17 200.00 F-9")
        after = plan(made.on("2026-11-17"), 3)
        assert (amounts(after), dates(after)) == (["400.00", "300.00", "300.00"], before)

    def test_paying_the_first_part_accepts_it(self) -> None:
        made = world(LATE, self.UNEVEN)
        made.build(TODAY)
        reference = plan(made.on(TODAY), 3).reference
        made.add(f'payment 2026-11-17 480.00 ref="{reference}"')
        agreement = made.on("2026-11-18").agreement
        assert agreement is not None
        assert [str(part.amount) for part in agreement.instalments] == ["480.00", "360.00", "360.00"]
        assert [str(part.open) for part in agreement.instalments] == ["0.00", "360.00", "360.00"]

    def test_the_journal_keeps_its_shares(self) -> None:
        made = world(LATE, self.UNEVEN)
        made.build(TODAY)
        again = [event_of(line_of(event)) for event in made.events]
        assert again == made.events
        assert {offer.shares for offer in Memory.of(again).get("brun").offers if offer.kind is OfferKind.PLAN} == {
            (Decimal(40), Decimal(30), Decimal(30))
        }

    @pytest.mark.parametrize(
        "shares", ['["40","30"]', '["40","30","29"]', '["100","0","0"]', "[40,30,30]", '["NaN","1","99"]']
    )
    def test_shares_in_a_journal_that_cannot_be_are_refused(self, shares: str) -> None:
        made = world(LATE, self.UNEVEN)
        made.build(TODAY)
        (line,) = [line_of(event) for event in made.events if '"shares"' in line_of(event)]
        with pytest.raises((ValueError, TypeError, ArithmeticError)):
            event_of(line.replace('["40","30","30"]', shares))

    def test_lines_of_other_offers_are_what_they_were(self) -> None:
        made = world(LATE, planned())
        made.build(TODAY)
        assert not any('"shares"' in line_of(event) for event in made.events)

    @settings(max_examples=examples(60), deadline=None)
    @given(
        minor=st.integers(min_value=0, max_value=10**11),
        cuts=st.lists(st.integers(min_value=1, max_value=999_999), min_size=1, max_size=11, unique=True),
    )
    def test_percentages_share_an_amount_out_to_the_cent(self, minor: int, cuts: list[int]) -> None:
        edges = [0, *sorted(cuts), 1_000_000]
        percents = [Decimal(end - begin) / 10_000 for begin, end in pairwise(edges)]
        shares = by_percents(minor, percents)
        assert sum(shares) == minor
        assert all(abs(share * 100 - minor * percent) < 100 for share, percent in zip(shares, percents, strict=True))

    @pytest.mark.parametrize(("minor", "count"), [(10000, 2), (10001, 4), (7, 5), (0, 2)])
    def test_equal_percentages_are_equal_parts(self, minor: int, count: int) -> None:
        assert by_percents(minor, [Decimal(100) / count] * count) == split(minor, count)


class TestDates:
    def test_the_dates_of_a_plan_fall_on_the_days_that_the_client_pays_on(self) -> None:
        account = built(f"client brun pays_on=10\n{LATE}")
        assert dates(plan(account, 3)) == ["2026-12-10", "2027-01-11", "2027-02-10"]

    def test_it_can_be_taken_until_its_first_date(self) -> None:
        account = built(f"client brun pays_on=10\n{LATE}")
        assert str(plan(account, 3).valid_until) == "2026-12-10"

    def test_or_on_the_owners_days_of_the_month(self) -> None:
        account = built(LATE, planned(days_of_month=(5, 20)))
        assert dates(plan(account, 3)) == ["2026-11-20", "2026-12-21", "2027-01-20"]

    def test_the_clients_own_days_come_before_the_owners(self) -> None:
        account = built(f"client brun pays_on=10\n{LATE}", planned(days_of_month=(5, 20)))
        assert dates(plan(account, 2)) == ["2026-12-10", "2027-01-11"]

    def test_a_plan_that_these_days_bring_past_the_horizon_is_not_offered(self) -> None:
        month = planned(horizon_days=35, counts=(2,))
        assert built(LATE, month).offers_of(OfferKind.PLAN)
        assert not built(f"client brun pays_on=10\n{LATE}", month).offers_of(OfferKind.PLAN)

    def test_weekly_parts_wait_for_a_payment_day_each(self) -> None:
        account = built(f"client brun pays_on=1,15\n{LATE}", planned(interval=Interval.WEEK, counts=(3,)))
        assert dates(plan(account, 3)) == ["2026-12-01", "2026-12-15", "2027-01-04"]


class TestOtherAccounts:
    def test_only_what_is_overdue_and_not_disputed(self) -> None:
        text = f"""{LATE}
            invoice F-10 2026-11-02 due 2026-12-02 900.00
            invoice F-11 2026-10-02 due 2026-11-02 700.00
            dispute F-11 2026-11-10"""
        for offer in built(text).offers:
            assert [found.id for found in offer.items] == ["F-9"]

    def test_nothing_of_the_reasons_is_about_an_owner_who_offers_nothing(self) -> None:
        bare = replace(TOGETHER, discount=None, plans=None)
        assert built(f"client mairie kind=public\n{LATE}", bare).withheld == ()


PERCENTS = st.sampled_from([("50", "50"), ("40", "30", "30"), ("10", "20", "30", "40"), ("33.33", "33.33", "33.34")])


@settings(max_examples=examples(40), deadline=None)
@given(data=st.data())
def test_every_plan_offered_ends_within_the_horizon_sums_to_the_debt_and_has_no_part_too_small(
    data: st.DataObject,
) -> None:
    counts = data.draw(st.lists(st.integers(min_value=2, max_value=12), min_size=1, max_size=4, unique=True))
    shapes = tuple(tuple(map(Decimal, row)) for row in data.draw(st.lists(PERCENTS, max_size=3, unique=True)))
    plans = PlanPolicy(
        counts=tuple(counts),
        percentages=shapes,
        interval=data.draw(st.sampled_from(Interval)),
        first_after_days=data.draw(st.integers(min_value=0, max_value=40)),
        down_payment_percent=Decimal(data.draw(st.sampled_from(["0", "15", "50"]))),
        minimum_debt=Decimal(data.draw(st.sampled_from(["0", "300"]))),
        minimum_instalment=Decimal(data.draw(st.sampled_from(["0.01", "50"]))),
        horizon_days=data.draw(st.integers(min_value=10, max_value=400)),
        days_of_month=data.draw(st.sampled_from([(), (5,), (1, 15), (31,)])),
    )
    grade = GradeRules(
        counts=data.draw(st.sampled_from([None, (2,), (3, 5)])),
        down_payment_percent=data.draw(st.sampled_from([None, Decimal(30)])),
    )
    policy = replace(TOGETHER, plans=plans, offers=OfferPolicy(grades={"new": grade}, first=FirstOffer.TOGETHER))
    cents = data.draw(st.integers(min_value=500, max_value=500_000))
    pays_on = data.draw(st.sampled_from(["", " pays_on=10", " pays_on=1,15"]))
    text = LATE.replace("1200.00", str(Money(cents, "EUR")))
    made: World = world(f"client brun{pays_on}\n{text}", policy)
    made.build(TODAY)
    today = date.fromisoformat(TODAY)
    rules = rules_for(policy, BRUN, None)
    assert rules.plans is not None
    for offer in made.on(TODAY).offers_of(OfferKind.PLAN):
        shares = [part.amount for part in offer.instalments]
        when = [part.due for part in offer.instalments]
        assert sum(share.minor for share in shares) == cents
        assert min(shares).decimal >= (plans.minimum_instalment or 0)
        assert cents >= (plans.minimum_debt or 0) * 100
        assert (when[-1] - today).days <= plans.horizon_days
        assert when == sorted(set(when))
        assert when[0] >= today
        assert len(shares) in rules.plans.lengths


def test_clients_who_are_alike_share_their_rules_and_no_others_do() -> None:
    """Whatever else is known of a client, the book says what the rules say."""
    rules = {name: GradeRules(counts=(2,), from_step="reminder-3") for name in ("A", "new")}
    policy = replace(TOGETHER, offers=OfferPolicy(grades=rules))
    book, others = RuleBook(policy), [BRUN, replace(BRUN, id="noir", name="Noir", grace_days=5, email="")]
    others += [replace(BRUN, kind=Kind.PUBLIC), replace(BRUN, pays_on=(10,)), replace(BRUN, ladder="loyal")]
    for grade in (None, *Grade):
        for broken in (None, date(2026, 11, 1)):
            for client in others:
                assert book.of(client, grade, broken) == rules_for(policy, client, grade, broken)
            assert book.of(others[0], grade, broken) is book.of(others[1], grade, broken)
