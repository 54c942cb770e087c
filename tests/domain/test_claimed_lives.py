"""What holds on every day of any life in which late fees are claimed: the same as in any other, and what is true of fees alone.

Claims begin with the first, the second or the third reminder, money goes to the invoice or to its fees first, and the owner lets
go of some. A failure names the seed and the day.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from generator.domain.account import Status
from generator.domain.claims import Claim, FeesClaimed, real
from generator.domain.delivery import MessageSent
from generator.domain.fee_history import Act, fee_moves
from generator.domain.fee_rules import FeePolicy
from generator.domain.ledger import FeeWaiver, Kind, Payment
from generator.domain.memory import OfferKind, OfferMade
from generator.domain.money import Money
from generator.domain.policy import FeeMode
from generator.rates import shipped_rates
from tests.domain.test_negotiated_lives import DAYS, Witness, cents
from tests.support.effort import examples
from tests.support.lives import Life, any_terms, with_fact
from tests.support.world import World

if TYPE_CHECKING:
    from generator.domain.account import Account, Offer


def claiming_life(seed: int) -> Life:
    """An owner who claims late fees, from one step or another."""
    chance = random.Random(f"claims {seed}")
    policy = replace(
        any_terms(random.Random(seed)),
        late_fees=FeeMode.CLAIM,
        fees=FeePolicy(rates=shipped_rates()),
        claim_from=chance.choice(["reminder-1", "reminder-1", "reminder-2", "reminder-3"]),
        interest_first=chance.random() < 0.3,
    )
    return Life(seed, policy)


@dataclass
class FeeWitness(Witness):
    """Holds each new day against what is true of claims, and of everything else."""

    steady: tuple[int, int] | None = None
    told: dict[str, Claim] = field(default_factory=dict)
    booked: dict[str, list[tuple[object, ...]]] = field(default_factory=dict)

    def look(self, account: Account) -> None:
        super().look(account)
        self.fees_are_their_claims(account)
        self.one_indemnity_an_invoice(account)
        self.nothing_counts_that_was_not_told(account)
        self.claims_stand_between_steps(account)
        self.fees_are_no_invoices(account)

    def debt_of(self, offer: Offer) -> int:
        """A plan is about no more fees than were claimed when it was made, less what was paid of those."""
        made = next((one for one in self.life.made.events if isinstance(one, OfferMade) and one.key == offer.key), None)
        if made is None or made.kind is not OfferKind.PLAN:
            return super().debt_of(offer)
        fees = [item for item in offer.items if item.fee_of]
        paid = sum(item.total.minor - item.open.minor for item in fees)
        least = max(0, made.fees - paid) if made.fees else cents(fees)
        return cents(real(offer.items)) + min(cents(fees), least)

    def still_there(self, made: OfferMade, open_: dict[str, Offer], account: Account) -> None:
        """A plan goes with its invoices: of the late fees alone there is none."""
        if any(item.open and item.id in made.invoices for item in real(account.items)):
            super().still_there(made, open_, account)

    def nothing_moves_by_itself(self, account: Account) -> None:
        """On a day that brings nothing, what is owed but for fees, less what is theirs, is what it was."""
        flying = sum(item.in_flight.minor for item in account.items if item.in_flight)
        fees = sum(item.total.minor for item in account.items if item.fee_of)
        balance = account.totals.open.minor + flying - account.totals.credit.minor - fees
        facts = len(self.life.told)
        if self.steady is not None and self.steady[1] == facts:
            assert self.steady[0] == balance
        self.steady = (balance, facts)

    def all_money_is_somewhere(self, account: Account) -> None:
        """What is waived while a debit is on its way may be less once it has arrived: then it is told again."""
        if not account.in_flight or not any(claim.waived for claim in account.claims):
            super().all_money_is_somewhere(account)

    def fees_are_their_claims(self, account: Account) -> None:
        items = {item.id: item for item in account.items if item.fee_of}
        for claim in account.claims:
            item = items.pop(claim.item, None)
            flying = item.in_flight.minor if item and item.in_flight else 0
            assert claim.total.minor == claim.waived.minor + claim.paid.minor + claim.open.minor + flying
            assert min(claim.waived.minor, claim.paid.minor, claim.open.minor) >= 0
            if item is None:
                assert not claim.open
            if not account.in_flight:  # a debit on its way may move other money too
                assert fee_moves(claim)[-1].open == claim.open
                paid = [move.amount.minor for move in fee_moves(claim) if move.act is Act.COLLECTED]
                assert sum(paid) == claim.paid.minor
        assert all(not item.open or item.status is Status.OVERDUE for item in items.values()) or not items
        assert not items
        fees = account.totals.fees
        assert (fees.minor if fees else 0) == sum(item.open.minor for item in account.items if item.fee_of)

    def one_indemnity_an_invoice(self, account: Account) -> None:
        numbers = {item.id: item.invoice.number for item in account.items}
        counted = Counter(
            numbers[claim.invoice] for claim in account.claims if claim.indemnity and claim.invoice in numbers
        )
        assert not counted or max(counted.values()) == 1
        assert all(claim.indemnity.minor in {0, 4000} for claim in account.claims)

    def nothing_counts_that_was_not_told(self, account: Account) -> None:
        due = account.reminders.due_today
        listed = {item.id for item in due.items} if due else set()
        told = {
            (entry.invoice, message.step)
            for message in self.life.made.events
            if isinstance(message, MessageSent)
            for entry in message.items
        }
        for claim in account.claims:
            last = (claim.current.invoice, claim.current.step)
            waits = claim.invoice in listed and due is not None and due.step.name == last[1]
            if last in told or claim.told_on is None:
                assert (claim.told_on is None) == (last not in told)
                assert last in told or waits
            else:  # the page told of them, and they paid
                ledger = self.life.made.ledger
                assert any(payment.date == claim.told_on for payment in (*ledger.payments, *ledger.in_flight))

    def claims_stand_between_steps(self, account: Account) -> None:
        """A claim that was told stays as it was told until another takes its place, or falls; and no row of it ever goes."""
        assert not self.life.made.decide(account.as_of).events
        for claim in account.claims:
            before = self.told.get(claim.invoice)
            if before is not None and before.current.step == claim.current.step and before.current != claim.current:
                assert claim.current.amount < before.current.amount
                assert claim.current.corrected_on == account.as_of
            if claim.told_on is not None:
                self.told[claim.invoice] = claim
            rows = [move for move in fee_moves(claim) if move.told and move.act in {Act.CLAIMED, Act.CORRECTED}]
            booked = [(move.on, move.act, move.interest, move.indemnity) for move in rows]
            known = self.booked.setdefault(claim.invoice, [])
            assert [row for row in booked if row[0] < account.as_of][: len(known)] == known
            known[:] = [row for row in booked if row[0] < account.as_of]
        assert {claim.invoice for claim in account.claims} >= {item for item, rows in self.booked.items() if rows}

    def fees_are_no_invoices(self, account: Account) -> None:
        assert not any(item.startswith("F-") and item.endswith("/fees") for item in account.courses)
        due = account.reminders.due_today
        if due is not None:
            assert not any(item.fee_of for item in due.items)
            agreed = due.instalment.agreement.invoices if due.instalment else ()
            assert all(fee.fee_of in {item.id for item in due.items} or fee.id in agreed for fee in due.fees)
        assert all(
            not line.invoices or not line.invoices[0].endswith("/fees")
            for line in account.history
            if line.kind == "payment"
        )


def lived(seed: int, days: int = DAYS) -> tuple[Life, int]:
    """A life with some waivers in it, and how many claims were ever made."""
    life = claiming_life(seed)
    witness, chance = FeeWitness(life), random.Random(f"waivers {seed}")
    for _ in range(days):
        account = life.day()
        if account is None:
            continue
        witness.look(account)
        open_ = [claim for claim in account.claims if claim.open]
        if open_ and chance.random() < 0.03:
            claim = chance.choice(open_)
            amount = chance.choice([None, None, Money(500, "EUR"), claim.open])
            life.learn(FeeWaiver("brun", claim.invoice, life.today, amount))
            life.build()
            witness.look(life.made.on(life.today))
    return life, sum(isinstance(event, FeesClaimed) for event in life.made.events)


def paid_in_full(life: Life, account: Account, *, by_link: bool) -> Account:
    """The same evening, had the client paid all that is asked: through its link, or by transfer with its reference."""
    assert account.full is not None
    link = "plink_1" if by_link else ""
    paid = Payment("brun", account.as_of, account.full.amount, reference=account.full.reference, link=link)
    made = World(with_fact(life.made.ledger, paid), life.made.policy, list(life.made.events), life.made.region)
    return made.on(account.as_of)


@pytest.mark.parametrize("seed", range(100, 100 + examples(6)))
def test_paying_all_that_is_asked_leaves_nothing_of_it(seed: int) -> None:
    """On any day, however it is paid; also while the message that claims fees waits, since the page asks for them already."""
    life = claiming_life(seed)
    for number in range(DAYS):
        account = life.day()
        if account is None or account.full is None or number % 4 or account.in_flight:
            continue
        if any(agreement.saving for agreement in account.agreements):
            continue  # what is waived once it is kept comes off too
        after = paid_in_full(life, account, by_link=number % 8 == 0)
        assert after.totals.open + account.full.amount == account.totals.open
        assert after.totals.credit == account.totals.credit


@pytest.mark.parametrize("seed", range(examples(8)))
def test_on_every_day_of_any_life_with_late_fees(seed: int) -> None:
    lived(seed)


def test_such_lives_are_about_something() -> None:
    assert lived(1, 60)[1] + lived(2, 60)[1] > 0


def test_from_a_consumer_no_life_ever_claims_anything() -> None:
    life = claiming_life(3)
    life.made.change(kind=Kind.CONSUMER)
    for _ in range(DAYS):
        account = life.day()
        assert account is None or not account.claims
    assert not any(isinstance(event, FeesClaimed) for event in life.made.events)
