"""What Stripe tells, brought into the ledger: each thing once, whenever and however often it is told."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.domain.account import Status
from generator.domain.ledger import Progress
from generator.domain.linkplan import account_code
from generator.domain.money import Money
from generator.domain.reconciliation import (
    OVERLAP,
    Receipt,
    Reconciliation,
    Returned,
    Why,
    accounts_of,
    read_since,
    reconcile,
)
from tests.support.booking import booked
from tests.support.reading import item
from tests.support.world import World, day, world

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

PARIS = ZoneInfo("Europe/Paris")
ACCOUNT = account_code("brun", "EUR")
DEBT = """
    client brun
    invoice F-1 2026-10-02 due 2026-11-02 1000.00
    invoice F-2 2026-10-02 due 2026-11-05 200.00
"""
NOON = datetime(2026, 11, 12, 12, tzinfo=UTC)


def receipt(number: int = 1, amount: str = "1000.00", progress: Progress = Progress.PAID, **changes: object) -> Receipt:
    made = Receipt(
        ids=(f"pi_{number}", f"ch_{number}", f"cs_{number}"),
        link=f"plink_{number}",
        account=ACCOUNT,
        reference="F-1",
        amount=Money.of(amount, "EUR"),
        progress=progress,
        at=NOON,
        begun=NOON - timedelta(minutes=2),
        method="card",
        fee="15.25 EUR",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def refund(number: int = 1, amount: str = "100.00", of: str = "pi_1", **changes: object) -> Returned:
    made = Returned(
        id=f"re_{number}", of=of, why=Why.REFUND, amount=Money.of(amount, "EUR"), progress=Progress.PAID,
        at=NOON + timedelta(days=1), invoices=("F-1",),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def contested(amount: str = "1000.00", progress: Progress = Progress.PAID, **changes: object) -> Returned:
    return replace(refund(1, amount), id="dp_1", why=Why.DISPUTE, progress=progress, **changes)  # type: ignore[arg-type]


@dataclass
class Till:
    """A ledger and what is brought into it."""

    world: World = field(default_factory=lambda: world(DEBT))
    last: Reconciliation = field(default_factory=lambda: Reconciliation(()))

    def read(self, *told: Receipt | Returned, today: str = "2026-11-20") -> Till:
        receipts = [each for each in told if isinstance(each, Receipt)]
        returned = [each for each in told if isinstance(each, Returned)]
        self.last = reconcile(receipts, returned, self.world.ledger, day(today), PARIS)
        self.world.ledger = booked(self.world.ledger, self.last)
        return self

    @property
    def rows(self) -> list[str]:
        """What was added at the last reading."""
        return [
            f"{taking.payment.date} {taking.id} {taking.progress} {taking.payment.amount}"
            for taking in self.last.takings
        ]

    def open(self, number: str = "F-1", today: str = "2026-11-20") -> str:
        return str(item(self.world.on(today), number).open)


class TestPaid:
    def test_a_payment_is_booked_as_a_transfer_that_never_forgets_its_reference(self) -> None:
        till = Till().read(receipt())
        (taking,) = till.last.takings
        assert till.rows == ["2026-11-12 pi_1 paid 1000.00"]
        assert (taking.payment.client, taking.payment.reference, taking.payment.link) == ("brun", "F-1", "plink_1")
        assert taking.payment.stripe == ("pi_1", "ch_1", "cs_1")
        assert (taking.payment.method, taking.fee) == ("card", "15.25 EUR")
        assert (till.open("F-1"), till.open("F-2")) == ("0.00", "200.00")

    def test_the_journal_hears_of_it_once(self) -> None:
        till = Till().read(receipt())
        (event,) = till.last.events
        assert (event.client, event.stripe, event.status, event.amount) == ("brun", "pi_1", "paid", 100_000)
        assert Till(till.world).read(receipt()).last.events == ()

    def test_told_again_nothing_is_added(self) -> None:
        till = Till().read(receipt(), receipt())
        assert len(till.last.takings) == 1
        assert till.read(receipt()).last == Reconciliation(())

    def test_the_day_is_the_sellers(self) -> None:
        late = datetime(2026, 11, 12, 23, 30, tzinfo=UTC)  # half past midnight in Paris
        assert Till().read(receipt(at=late)).rows == ["2026-11-13 pi_1 paid 1000.00"]

    def test_a_clock_that_is_behind_hides_no_payment(self) -> None:
        till = Till().read(receipt(), today="2026-11-11")
        assert till.rows == ["2026-11-11 pi_1 paid 1000.00"]
        assert till.last.ahead
        assert not Till().read(receipt(), today="2026-11-12").last.ahead

    def test_each_currency_finds_its_account(self) -> None:
        till = Till(world(f"{DEBT}\ninvoice F-9 2026-10-02 due 2026-11-02 90.00 currency=GBP"))
        codes = accounts_of(till.world.ledger)
        assert set(codes.values()) == {"brun"}
        assert len(codes) == 2
        till.read(receipt(account=account_code("brun", "GBP"), amount="1.00"), receipt(2))
        assert [taking.payment.client for taking in till.last.takings] == ["brun", "brun"]

    def test_two_payments_of_the_same_debt_are_both_booked_and_one_is_a_credit(self) -> None:
        till = Till(world("client brun\ninvoice F-1 2026-10-02 due 2026-11-02 1000.00")).read(receipt(), receipt(2))
        account = till.world.on("2026-11-20")
        assert str(account.totals.credit) == "1000.00"
        (guess,) = [guess for guess in account.guesses if not guess.invoice]
        assert (str(guess.amount), guess.stripe) == ("1000.00", "pi_2")  # the later one is the one to give back


class TestUnknownClient:
    def test_a_payment_that_belongs_to_nobody_is_said_and_not_booked(self) -> None:
        till = Till().read(receipt(account="SOMEBODY"))
        assert till.last.takings == ()
        assert [found.ids[0] for found in till.last.unknown] == ["pi_1"]

    def test_it_is_booked_when_the_client_is_back(self) -> None:
        stranger = receipt(account=account_code("lune", "EUR"))
        till = Till().read(stranger)
        till.world.add("client lune\ninvoice L-1 2026-10-02 due 2026-11-02 1000.00 client=lune")
        assert till.read(stranger).last.takings[0].payment.client == "lune"

    @pytest.mark.parametrize("name", ["pi_1", "ch_1", "cs_1"])
    def test_it_is_said_no_more_once_the_owner_booked_it_by_hand(self, name: str) -> None:
        till = Till()
        till.world.add(f'payment 2026-11-13 1000.00 F-1 ref="Stripe {name}"')
        assert till.read(receipt(account="SOMEBODY")).last == Reconciliation(())


class TestDebits:
    def test_one_under_way_is_booked_as_such_and_then_as_paid(self) -> None:
        till = Till().read(receipt(progress=Progress.IN_FLIGHT, fee=""))
        assert till.rows == ["2026-11-12 pi_1 in_flight 1000.00"]
        assert item(till.world.on("2026-11-20"), "F-1").status is Status.IN_FLIGHT
        assert till.read(receipt(progress=Progress.IN_FLIGHT)).rows == []
        assert till.read(receipt(progress=Progress.PAID)).rows == ["2026-11-12 pi_1 paid 1000.00"]
        assert item(till.world.on("2026-11-20"), "F-1").status is Status.PAID
        assert till.read(receipt(progress=Progress.IN_FLIGHT), receipt()).rows == []

    def test_one_that_fails_brings_the_debt_back(self) -> None:
        till = Till().read(receipt(progress=Progress.IN_FLIGHT)).read(receipt(progress=Progress.FAILED))
        assert till.rows == ["2026-11-12 pi_1 failed 1000.00"]
        assert till.open() == "1000.00"
        assert till.read(receipt(progress=Progress.FAILED)).rows == []

    def test_one_that_had_failed_before_it_was_first_seen_is_noted_and_changes_nothing(self) -> None:
        till = Till().read(receipt(progress=Progress.FAILED))
        assert till.rows == ["2026-11-12 pi_1 failed 1000.00"]
        assert till.open() == "1000.00"

    def test_one_that_failed_and_is_paid_at_a_second_attempt_is_paid(self) -> None:
        till = Till().read(receipt(progress=Progress.FAILED)).read(receipt())
        assert till.open() == "0.00"

    def test_whom_it_was_booked_for_stays_as_the_owner_corrected_it(self) -> None:
        till = Till().read(receipt(progress=Progress.IN_FLIGHT))
        (taking,) = till.world.ledger.takings
        corrected = replace(taking, payment=replace(taking.payment, reference="F-2", note="said on the phone"))
        till.world.ledger = replace(till.world.ledger, takings=(corrected,))
        till.read(receipt())
        assert till.last.takings[0].payment.reference == "F-2"
        assert till.last.takings[0].payment.note == "said on the phone"


class TestMoneyGivenBack:
    def test_a_part_opens_that_part_again(self) -> None:
        till = Till().read(receipt(), refund(1, "100.00"))
        assert till.rows == ["2026-11-12 pi_1 paid 1000.00", "2026-11-13 re_1 paid -100.00"]
        assert (till.open("F-1"), till.open("F-2")) == ("100.00", "200.00")
        assert till.read(receipt(), refund(1, "100.00")).rows == []

    def test_each_part_counts(self) -> None:
        till = Till().read(receipt(), refund(1, "100.00")).read(refund(1, "100.00"), refund(2, "50.00"))
        assert till.rows == ["2026-11-13 re_2 paid -50.00"]
        assert till.open() == "150.00"

    def test_all_of_it_opens_all_of_it(self) -> None:
        till = Till().read(receipt()).read(refund(1, "1000.00"))
        assert till.open() == "1000.00"

    def test_one_that_did_not_go_back_after_all_is_undone(self) -> None:
        back = refund(1, "100.00")
        till = Till().read(receipt(), back).read(replace(back, progress=Progress.CANCELLED))
        assert till.rows == ["2026-11-13 re_1 cancelled -100.00"]
        assert till.open() == "0.00"

    def test_one_that_never_went_is_nothing(self) -> None:
        assert Till().read(receipt(), refund(progress=Progress.CANCELLED)).rows == ["2026-11-12 pi_1 paid 1000.00"]

    def test_of_a_payment_that_nobody_knows_it_waits(self) -> None:
        till = Till().read(refund())
        assert till.rows == []
        assert till.read(receipt(), refund()).rows == ["2026-11-12 pi_1 paid 1000.00", "2026-11-13 re_1 paid -100.00"]

    def test_it_comes_off_the_payment_it_undoes_and_off_no_other(self) -> None:
        till = Till().read(
            receipt(), receipt(2, "200.00", reference="F-2"), refund(1, "200.00", of="pi_2", invoices=("F-2",))
        )
        assert (till.open("F-1"), till.open("F-2")) == ("0.00", "200.00")

    def test_of_a_payment_that_came_twice_the_credit_goes_and_the_debt_stays_paid(self) -> None:
        till = Till().read(receipt(), receipt(2), refund(1, "1000.00", of="pi_2"))
        account = till.world.on("2026-11-20")
        assert item(account, "F-1").status is Status.PAID
        assert str(account.totals.credit) == "0.00"
        assert str(item(account, "F-2").open) == "200.00"


class TestDisputedAtTheBank:
    def test_the_debt_is_open_again_and_disputed(self) -> None:
        till = Till().read(receipt(), contested())
        assert till.rows[-1] == "2026-11-13 dp_1 paid -1000.00"
        found = item(till.world.on("2026-11-20"), "F-1")
        assert found.status is Status.DISPUTED
        assert found.bank_dispute == "dp_1"
        assert item(till.world.on("2026-11-20"), "F-2").status is Status.OVERDUE

    def test_told_again_there_is_no_second_dispute(self) -> None:
        till = Till().read(receipt(), contested()).read(receipt(), contested())
        assert till.last == Reconciliation(())
        assert len(till.world.ledger.disputes) == 1

    def test_one_that_was_won_is_paid_again(self) -> None:
        till = Till().read(receipt(), contested()).read(contested(progress=Progress.CANCELLED))
        assert till.rows == ["2026-11-13 dp_1 cancelled -1000.00"]
        assert item(till.world.on("2026-11-20"), "F-1").status is Status.PAID

    def test_a_dispute_that_the_owner_closed_stays_closed(self) -> None:
        till = Till().read(receipt(), contested())
        (dispute,) = till.world.ledger.disputes
        till.world.ledger = replace(till.world.ledger, disputes=(replace(dispute, closed_on=day("2026-11-18")),))
        till.read(receipt(), contested())
        assert till.last.disputes == ()
        assert item(till.world.on("2026-11-20"), "F-1").status is Status.OVERDUE

    def test_invoices_of_nobody_here_are_not_disputed(self) -> None:
        till = Till().read(receipt(), contested(invoices=("F-1", "X-9")))
        assert [dispute.invoice for dispute in till.last.disputes] == ["F-1"]


class TestReadSince:
    def test_the_first_time_everything(self) -> None:
        assert read_since(None, world(DEBT).ledger, PARIS) is None

    def test_then_from_two_days_before_the_last_time(self) -> None:
        assert read_since(NOON, world(DEBT).ledger, PARIS) == NOON - OVERLAP
        assert timedelta(hours=48) <= OVERLAP

    def test_what_is_on_its_way_is_read_again_however_long_it_takes(self) -> None:
        made = Till().read(receipt(progress=Progress.IN_FLIGHT)).world
        since = read_since(NOON + timedelta(days=30), made.ledger, PARIS)
        assert since is not None
        assert since <= receipt().begun - timedelta(days=1)  # its checkout may have been opened the day before

    def test_also_when_the_owner_booked_it_by_hand_before_it_arrived(self) -> None:
        ledger = Till().read(receipt(progress=Progress.IN_FLIGHT)).world.ledger
        by_hand = replace(ledger, by_hand=frozenset({ledger.takings[0].id}))
        later = NOON + timedelta(days=30)
        assert read_since(later, by_hand, PARIS) == read_since(later, ledger, PARIS)

    def test_and_no_more_once_it_arrived(self) -> None:
        made = Till().read(receipt(progress=Progress.IN_FLIGHT)).read(receipt()).world
        later = NOON + timedelta(days=30)
        assert read_since(later, made.ledger, PARIS) == later - OVERLAP


@st.composite
def stories(draw: st.DrawFn) -> list[Receipt | Returned]:
    """Everything that Stripe will ever tell of a few payments, each state of each in its own order."""
    told: list[Receipt | Returned] = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        amount = draw(st.sampled_from(["1000.00", "200.00", "50.00", "1200.00"]))
        made = receipt(number, amount, reference=draw(st.sampled_from(["F-1", "F-2", "F-1 F-2", ""])))
        made = replace(made, at=NOON + timedelta(hours=draw(st.integers(0, 100))))
        end = draw(st.sampled_from([Progress.PAID, Progress.PAID, Progress.FAILED, Progress.IN_FLIGHT]))
        told += [replace(made, progress=step) for step in dict.fromkeys([Progress.IN_FLIGHT, end])]
        if end is Progress.PAID and draw(st.booleans()):
            back = refund(
                number, draw(st.sampled_from(["10.00", amount])), of=f"pi_{number}", at=made.at + timedelta(days=1)
            )
            told.append(back)
            if draw(st.booleans()):
                told.append(replace(back, progress=Progress.CANCELLED))
    return told


def final(told: Sequence[Receipt | Returned]) -> dict[str, tuple[Progress, int]]:
    """How each thing ended, by its id at Stripe."""
    ends: dict[str, tuple[Progress, int]] = {}
    for each in told:
        name, minor = (each.ids[0], each.amount.minor) if isinstance(each, Receipt) else (each.id, -each.amount.minor)
        if name not in ends or ends[name][0].rank < each.progress.rank:
            ends[name] = (each.progress, minor)
    return ends


class TestWheneverItIsTold:
    @given(stories(), st.randoms(use_true_random=False), st.integers(1, 4))
    def test_in_any_order_and_however_often_each_payment_is_booked_once(
        self, told: list[Receipt | Returned], chance: Random, times: int
    ) -> None:
        till = Till()
        for _ in range(times):
            some = [each for each in told if chance.random() < 0.6]
            chance.shuffle(some)
            till.read(*some)
        till.read(*told)
        till.read(*told)
        assert till.last == Reconciliation(())
        booked_rows = {
            taking.id: (taking.progress, taking.payment.amount.minor) for taking in till.world.ledger.takings
        }
        expected = final(told)
        never = {name for name, (end, _) in expected.items() if end is Progress.CANCELLED and name not in booked_rows}
        assert booked_rows == {name: end for name, end in expected.items() if name not in never}
        paid = [payment.stripe[0] for payment in till.world.ledger.payments]
        assert sorted(paid) == sorted(name for name, (end, _) in expected.items() if end is Progress.PAID)

    @given(stories())
    def test_no_row_is_ever_taken_back_by_what_is_told_again(self, told: list[Receipt | Returned]) -> None:
        till = Till()
        ranks: dict[str, int] = {}
        for each in [*told, *told]:
            till.read(each)
            for taking in till.last.takings:
                assert taking.progress.rank > ranks.get(taking.id, -1)
                ranks[taking.id] = taking.progress.rank

    @given(stories())
    def test_what_came_in_is_on_the_invoices_or_a_credit_to_the_cent(self, told: list[Receipt | Returned]) -> None:
        till = Till().read(*told)
        till.read(*told)
        account = till.world.on("2026-11-30")
        came = sum(minor for end, minor in final(told).values() if end is Progress.PAID)
        assert sum(found.paid.minor for found in account.items) + account.totals.credit.minor == came
