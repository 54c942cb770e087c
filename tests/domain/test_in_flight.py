"""A SEPA debit takes days to arrive: meanwhile nothing is asked again, and when it fails everything is as it was before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from generator.domain.account import HistoryKind, Status
from generator.domain.ledger import Progress
from generator.domain.memory import OfferKind
from generator.domain.money import Money
from generator.domain.policy import LinkPolicy
from tests.support.reading import DISCOUNTING, amounts, discount, due_step, item, plan
from tests.support.world import World, world

if TYPE_CHECKING:
    from generator.domain.account import Account

POLICY = replace(DISCOUNTING, links=LinkPolicy("sable", "https://payer.atelier-sable.example", "Nora Sable"))
LATE = """
    client brun
    invoice F-1 2026-10-02 due 2026-11-02 1000.00
    sent 2026-11-09 reminder-1 F-1
"""


def late(more: str = "") -> World:
    return world(LATE + more, POLICY)


def ends(made: World, progress: Progress) -> None:
    """The last debit arrives, or does not."""
    *others, last = made.ledger.takings
    made.ledger = replace(made.ledger, takings=(*others, replace(last, progress=progress)))
    if progress is Progress.PAID:
        made.ledger = replace(made.ledger, payments=(*made.ledger.payments, last.payment))


def wanted(account: Account) -> list[str]:
    return sorted(f"{link.kind} {link.amount}" for link in account.wanted)


class TestUnderWay:
    def test_what_it_pays_is_neither_paid_nor_asked_for(self) -> None:
        account = late("debit 2026-11-12 1000.00 F-1").on("2026-11-16")
        found = item(account, "F-1")
        assert found.status is Status.IN_FLIGHT
        assert (str(found.paid), str(found.in_flight), str(found.open)) == ("0.00", "1000.00", "0.00")
        assert str(account.totals.to_pay) == str(account.totals.overdue) == "0.00"
        assert str(account.totals.in_flight) == "1000.00"
        assert account.offers == ()
        assert account.wanted == ()

    def test_nobody_is_reminded_of_it(self) -> None:
        made = late("debit 2026-11-12 1000.00 F-1")
        assert due_step(late().on("2026-11-16")) == "reminder-2"
        assert [step for step in (made.send(f"2026-11-{day}") for day in range(13, 28)) if step] == []
        assert made.on("2026-11-16").reminders.held == "in_flight"

    def test_the_rest_is_asked_for_all_the_same(self) -> None:
        account = late("invoice F-2 2026-10-02 due 2026-11-03 200.00\ndebit 2026-11-12 1000.00 F-1").on("2026-11-16")
        assert str(account.totals.to_pay) == "200.00"
        assert wanted(account) == ["invoice 200.00"]
        assert due_step(account) == "reminder-1"
        due = account.reminders.due_today
        assert due is not None
        assert [found.id for found in due.items] == ["F-2"]

    def test_of_a_part_the_rest_is_asked_for(self) -> None:
        account = late("debit 2026-11-12 400.00 F-1").on("2026-11-16")
        found = item(account, "F-1")
        assert found.status is Status.OVERDUE
        assert (str(found.in_flight), str(found.open)) == ("400.00", "600.00")
        assert str(account.totals.to_pay) == "600.00"

    def test_it_is_shown_where_the_client_reads_what_happened(self) -> None:
        account = late("debit 2026-11-12 1000.00 F-1").on("2026-11-16")
        lines = [(line.kind, str(line.amount)) for line in account.history]
        assert (HistoryKind.IN_FLIGHT, "1000.00") in lines
        assert HistoryKind.PAYMENT not in {kind for kind, _ in lines}

    def test_it_is_no_payment_in_the_clients_standing(self) -> None:
        assert late("debit 2026-11-12 1000.00 F-1").on("2026-11-16").standing.paid_invoices == 0

    def test_one_ordered_after_today_is_not_known_today(self) -> None:
        made = late("debit 2026-11-12 1000.00 F-1")
        assert str(made.on("2026-11-11").totals.to_pay) == "1000.00"
        assert str(made.on("2026-11-12").totals.to_pay) == "0.00"

    def test_without_a_word_it_goes_where_a_transfer_would(self) -> None:
        account = late("invoice F-2 2026-10-02 due 2026-11-03 200.00\ndebit 2026-11-12 200.00").on("2026-11-16")
        assert item(account, "F-2").status is Status.IN_FLIGHT
        assert str(account.totals.to_pay) == "1000.00"

    def test_more_than_is_owed_is_no_credit_before_it_arrives(self) -> None:
        made = late("debit 2026-11-12 1000.00 F-1\npayment 2026-11-13 1000.00 F-1")
        assert str(made.on("2026-11-16").totals.credit) == "0.00"
        ends(made, Progress.PAID)
        assert str(made.on("2026-11-20").totals.credit) == "1000.00"


class TestArrived:
    def test_it_is_a_payment_on_the_day_it_was_ordered(self) -> None:
        made = late("debit 2026-11-12 1000.00 F-1")
        ends(made, Progress.PAID)
        account = made.on("2026-11-20")
        assert item(account, "F-1").status is Status.PAID
        (line,) = [line for line in account.history if line.kind is HistoryKind.PAYMENT]
        assert line.on.isoformat() == "2026-11-12"
        assert HistoryKind.IN_FLIGHT not in {line.kind for line in account.history}


class TestFailed:
    def test_everything_is_asked_for_again(self) -> None:
        made = late("debit 2026-11-12 1000.00 F-1")
        ends(made, Progress.FAILED)
        without = late()
        for today in ("2026-11-13", "2026-11-16", "2026-12-02"):
            account, before = made.on(today), without.on(today)
            assert account.items == before.items
            assert account.totals == before.totals
            assert due_step(account) == due_step(before)

    def test_reminders_go_on_where_they_stopped(self) -> None:
        made = late("debit 2026-11-12 1000.00 F-1")
        assert made.send("2026-11-16") is None
        ends(made, Progress.FAILED)
        assert made.send("2026-11-19") == "reminder-2"

    def test_one_that_was_cancelled_is_none_either(self) -> None:
        made = late("debit 2026-11-12 1000.00 F-1")
        ends(made, Progress.CANCELLED)
        assert str(made.on("2026-11-16").totals.to_pay) == "1000.00"


class TestOffersTakenByADebit:
    def offered(self) -> World:
        made = late()
        assert made.send("2026-11-16") == "reminder-2"
        return made

    def test_a_discount_is_taken_in_advance(self) -> None:
        made = self.offered()
        made.add(f'debit 2026-11-18 950.00 ref="{discount(made.on("2026-11-18")).reference}" link=plink_1')
        account = made.on("2026-11-20")
        assert item(account, "F-1").status is Status.IN_FLIGHT
        assert str(account.totals.to_pay) == "0.00"
        assert account.offers == ()
        assert made.send("2026-12-02") is None

    def test_it_is_earned_by_the_day_the_debit_was_ordered_even_if_it_arrives_after_the_offer(self) -> None:
        made = self.offered()
        made.add(f'debit 2026-11-26 950.00 ref="{discount(made.on("2026-11-26")).reference}" link=plink_1')
        ends(made, Progress.PAID)
        account = made.on("2026-12-10")
        assert (item(account, "F-1").status, str(item(account, "F-1").credited)) == (Status.PAID, "50.00")
        assert str(account.totals.open) == "0.00"

    def test_a_debit_that_fails_leaves_the_offer_open_until_its_last_day(self) -> None:
        made = self.offered()
        made.add(f'debit 2026-11-18 950.00 ref="{discount(made.on("2026-11-18")).reference}" link=plink_1')
        ends(made, Progress.FAILED)
        assert str(discount(made.on("2026-11-26")).amount) == "950.00"
        assert made.on("2026-11-27").offers_of(OfferKind.DISCOUNT) == ()
        assert str(made.on("2026-11-27").totals.to_pay) == "1000.00"

    def test_a_plan_is_accepted_in_advance_and_the_discount_goes(self) -> None:
        made = self.offered()
        four = plan(made.on("2026-11-18"), 4)
        assert amounts(four) == ["250.00"] * 4
        made.add(f'debit 2026-11-18 250.00 ref="{four.reference}" link=plink_1')
        account = made.on("2026-11-20")
        assert account.agreement is not None
        assert account.agreement.holds
        assert item(account, "F-1").status is Status.IN_PLAN
        assert (str(item(account, "F-1").in_flight), str(item(account, "F-1").open)) == ("250.00", "750.00")
        assert account.offers_of(OfferKind.DISCOUNT) == account.offers_of(OfferKind.PLAN) == ()
        assert wanted(account) == ["instalment 250.00", "rest 750.00"]  # the second one, or all that is left
        assert made.send("2026-12-02") is None

    def test_a_first_instalment_that_fails_ends_the_agreement_as_if_it_had_never_been(self) -> None:
        made = self.offered()
        before = made.on("2026-11-20")
        made.add(f'debit 2026-11-18 250.00 ref="{plan(made.on("2026-11-18"), 4).reference}" link=plink_1')
        ends(made, Progress.FAILED)
        account = made.on("2026-11-20")
        assert account.agreement is None
        assert account.offers == before.offers
        assert account.wanted == before.wanted

    def test_a_second_instalment_that_fails_is_due_again(self) -> None:
        made = self.offered()
        four = plan(made.on("2026-11-18"), 4)
        made.add(f'payment 2026-11-18 250.00 ref="{four.reference}"')
        made.add(f'debit 2026-12-15 250.00 ref="{four.reference}" link=plink_2')
        assert wanted(made.on("2026-12-17")) == ["instalment 250.00", "rest 500.00"]
        in_flight = made.on("2026-12-17").wanted[0]
        ends(made, Progress.FAILED)
        again = made.on("2026-12-17").wanted[0]
        assert (in_flight.part, again.part) == (3, 2)
        assert str(made.on("2026-12-17").totals.to_pay) == "250.00"

    def test_the_owners_own_payment_counts_and_not_the_debit_booked_beside_it(self) -> None:
        made = late("debit 2026-11-12 1000.00 F-1\npayment 2026-11-12 1000.00 F-1")
        made.ledger = replace(made.ledger, by_hand=frozenset({made.ledger.takings[0].id}))
        account = made.on("2026-11-16")
        assert item(account, "F-1").status is Status.PAID
        assert str(account.totals.in_flight) == "0.00"


@given(
    st.lists(st.tuples(st.integers(1, 2000), st.sampled_from(["", "F-1", "F-2", "F-1 F-2"])), max_size=3),
    st.integers(0, 40),
)
def test_what_is_shown_adds_up_and_is_never_asked_twice(debits: list[tuple[int, str]], days: int) -> None:
    made = late("invoice F-2 2026-10-10 due 2026-11-10 500.00")
    without = made.on("2026-12-20").totals
    for amount, named in debits:
        made.add(f"debit 2026-11-{12 + days % 18} {amount}.00 {named}")
    account = made.on("2026-12-20")
    nothing = Money(0, "EUR")
    for found in account.items:
        assert found.total == found.paid + found.credited + (found.in_flight or nothing) + found.open
        assert found.paid == nothing
    sent = min(sum(amount for amount, _ in debits) * 100, without.open.minor)
    assert account.totals.in_flight.minor == sent
    assert account.totals.open.minor == without.open.minor - sent
    assert account.totals.to_pay.minor <= account.totals.open.minor
