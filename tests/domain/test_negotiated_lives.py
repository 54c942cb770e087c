"""What holds on every day of any life: no cent is lost or made, offers stand where they stood, nothing is asked that is not owed.

Clients accept, pay what is asked, a part or too much, miss, dispute and agree anew; owners give credit and end agreements; money
goes back. `tests/support/lives.py` draws them; here is what must be true whatever they do. A failure names the seed and the day.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from generator.calendars import Calendar, calendar
from generator.domain.account import HistoryKind, Status
from generator.domain.memory import OfferKind, OfferMade
from generator.domain.policy import INSTALMENT_LATE, INSTALMENT_SOON, SERVICES
from tests.support.effort import examples
from tests.support.lives import Life, euros

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.domain.account import Account, Item, Offer
    from generator.domain.policy import PlanPolicy

DAYS = 80
FEW_CENTS = 10  # for each instalment: of less, one may be of nothing, and then there is no such plan
ASKED = {Status.OVERDUE, Status.DUE, Status.NOT_DUE}


def cents(items: Iterable[Item]) -> int:
    return sum(item.open.minor for item in items)


@dataclass
class Witness:
    """Remembers what was shown, and holds each new day against it."""

    life: Life
    shown: dict[str, tuple[object, ...]] = field(default_factory=dict)
    before: tuple[int, int] | None = None

    @property
    def business(self) -> Calendar:
        return calendar("FR", self.life.made.region)

    def look(self, account: Account) -> None:
        self.each_item_adds_up(account)
        self.agreements_are_told_apart(account)
        self.all_money_is_somewhere(account)
        self.nothing_moves_by_itself(account)
        self.asked_is_what_is_due(account)
        self.the_message_asks_for_nothing_else(account)
        self.offers_stand(account)
        self.deciding_again_says_the_same(account)

    # cents

    def agreements_are_told_apart(self, account: Account) -> None:
        names = [agreement.id for agreement in account.agreements]
        assert len(set(names)) == len(names)
        references = [agreement.reference for agreement in account.agreements]
        assert len(set(references)) == len(references)

    def each_item_adds_up(self, account: Account) -> None:
        for item in account.items:
            flying = item.in_flight.minor if item.in_flight else 0
            parts = (item.paid.minor, item.credited.minor, flying, item.open.minor)
            assert sum(parts) == item.total.minor, item
            assert min(parts) >= 0, item
        totals = account.totals
        assert totals.open.minor == cents(account.items)
        assert totals.credit.minor >= 0

    def all_money_is_somewhere(self, account: Account) -> None:
        """What came in, was credited or earned, less what went back, is on an item or a credit: each cent once."""
        ledger = self.life.made.ledger
        paid = sum(one.amount.minor for one in ledger.payments if one.date <= account.as_of)
        notes = sum(one.amount.minor for one in ledger.credit_notes if one.issued <= account.as_of)
        discounts = {line for line in account.history if line.kind is HistoryKind.DISCOUNT}
        earned = sum(abs(line.amount.minor) for line in discounts)
        used = sum(item.paid.minor + item.credited.minor for item in account.items) + account.totals.credit.minor
        # a credit note of an invoice writes down the discount that was taken on it: it is the same money
        named = {note.invoice for note in ledger.credit_notes if note.issued <= account.as_of and note.invoice}
        twice = sum(abs(line.amount.minor) for line in discounts if named & set(line.invoices))
        if (
            account.in_flight
        ):  # what a debit on its way will earn, or take from another offer, is told when it has arrived
            twice = earned
        assert paid + notes + earned - twice <= used <= paid + notes + earned

    def nothing_moves_by_itself(self, account: Account) -> None:
        """On a day that brings nothing, what is owed less what is theirs is what it was."""
        facts, now = len(self.life.told), (account.totals.open.minor, account.totals.credit.minor)
        flying = sum(item.in_flight.minor for item in account.items if item.in_flight)
        balance = (now[0] + flying - now[1], facts)
        if self.before is not None and self.before[1] == facts:
            assert self.before[0] == balance[0]
        self.before = balance

    # what is asked

    def asked_is_what_is_due(self, account: Account) -> None:
        asked = self._asked(account)
        assert account.totals.to_pay.minor == asked
        assert (account.full.amount.minor if account.full else 0) == asked
        assert asked <= account.totals.open.minor - account.totals.disputed.minor
        if account.full is not None:
            assert {item.status for item in account.full.items} <= ASKED

    def _asked(self, account: Account) -> int:
        """Late items and instalments whose day has come; where there are none, whatever is due next."""
        today = account.as_of
        parts = [
            (item.invoice.due, item.status is Status.OVERDUE, item.open.minor) for item in account.with_status(*ASKED)
        ]
        for agreement in account.agreements:
            left = cents(item for item in account.with_status(Status.IN_PLAN) if item.id in agreement.invoices)
            for part in agreement.instalments if agreement.holds else ():
                amount = min(left, part.open.minor)
                left -= amount
                parts.append((part.due, part.due <= today, amount))
        come = sum(amount for _, has_come, amount in parts if has_come)
        first = min((due for due, _, amount in parts if amount), default=today)
        return come or sum(amount for due, _, amount in parts if due == first)

    def the_message_asks_for_nothing_else(self, account: Account) -> None:
        due = account.reminders.due_today
        if due is None or due.step.name in SERVICES - {INSTALMENT_SOON}:
            return
        current = {item.id: item for item in account.items}
        for item in due.items:
            assert current[item.id] == item
            assert item.open
            assert item.status is not Status.DISPUTED
        if due.step.name in {INSTALMENT_SOON, *INSTALMENT_LATE}:
            assert due.instalment is not None
            assert 0 < due.instalment.instalment.open.minor <= cents((*due.items, *due.fees))
            return
        bound = {
            number
            for agreement in account.agreements
            if agreement.holds and agreement.next
            for number in agreement.invoices
        }
        wanted = {Status.NOT_DUE, Status.DUE} if due.step.before_due else {Status.OVERDUE}
        assert {item.status for item in due.items} <= wanted
        assert not bound & {item.id for item in due.items}

    # offers

    def offers_stand(self, account: Account) -> None:
        open_ = {offer.key: offer for offer in account.offers if offer.kind is not OfferKind.FULL}
        for offer in open_.values():
            fixed = (
                offer.kind,
                offer.reference,
                offer.percent,
                offer.valid_until,
                [part.due for part in offer.instalments],
            )
            assert self.shown.setdefault(offer.key, fixed) == fixed
            self._amount_follows(offer, account)
        for made in self.life.made.events:
            if isinstance(made, OfferMade):
                self.still_there(made, open_, account)

    def debt_of(self, offer: Offer) -> int:
        """What an offer is about."""
        return cents(offer.items)

    def _amount_follows(self, offer: Offer, account: Account) -> None:
        debt = self.debt_of(offer)
        assert all(item in account.items and item.status in ASKED for item in offer.items)
        assert offer.valid_until is not None
        assert offer.valid_until >= account.as_of
        assert offer.amount.minor + offer.saving.minor == debt
        assert offer.amount.minor > 0
        if offer.kind is OfferKind.PLAN:
            assert sum(part.amount.minor for part in offer.instalments) == offer.amount.minor
            self._well_cut(offer)
        else:
            assert offer.saving.minor > 0
            assert not offer.instalments

    def _well_cut(self, offer: Offer) -> None:
        """Dates go up and are worked on; parts that the owner did not want otherwise are alike, to the cent."""
        dates, made = [part.due for part in offer.instalments], self.life.made
        assert all(earlier < later for earlier, later in pairwise(dates))
        assert all(self.business.is_business_day(day) for day in dates)
        parts = [part.amount.minor for part in offer.instalments]
        assert min(parts) > 0
        if offer.shares:
            exact = [offer.amount.minor * share / 100 for share in offer.shares]
            assert all(abs(part - share) < 1 for part, share in zip(parts, exact, strict=True))
            return
        if offer.percent:
            down, *parts = parts
            assert down == (Decimal(offer.amount.minor) * offer.percent / 100).quantize(Decimal(1), ROUND_HALF_UP)
        assert max(parts) - min(parts) <= 1
        assert parts == sorted(parts, reverse=True)
        policy = made.policy.plans
        if offer.new and policy is not None:
            self._as_the_owner_wants(offer, policy)

    def _as_the_owner_wants(self, offer: Offer, policy: PlanPolicy) -> None:
        """On the day it is made: how many, how much at least, from when, until when; once taken on time it is not late."""
        amounts = [part.amount.decimal for part in offer.instalments]
        today = self.life.today
        assert len(amounts) in policy.lengths
        assert min(amounts) >= max(policy.minimum_instalment or 0, Decimal("0.01"))
        assert offer.amount + offer.saving >= euros(str(policy.minimum_debt or 0))
        assert offer.instalments[0].due >= today + timedelta(days=policy.first_after_days)
        assert offer.instalments[-1].due <= today + timedelta(days=policy.horizon_days)
        assert offer.valid_until is not None
        assert offer.valid_until < offer.instalments[1].due

    def still_there(self, made: OfferMade, open_: dict[str, Offer], account: Account) -> None:
        """An offer that was made is shown as it was made, until it is over or nothing is left that it is about."""
        about = [item for item in account.items if item.id in made.invoices and item.status in ASKED]
        found = open_.get(made.key)
        if any(agreement.id == made.key for agreement in account.agreements):
            assert found is None, "it was taken"
        elif found is not None:
            assert (found.kind, found.reference, found.percent) == (made.kind, made.reference, made.percent)
            assert (found.valid_until, tuple(part.due for part in found.instalments)) == (made.valid_until, made.dates)
            assert list(found.items) == sorted(about, key=lambda item: made.invoices.index(item.id))
        elif made.holds_on(account.as_of) and about:
            alike = [one for one in open_.values() if one.kind is made.kind and set(one.items) == set(about)]
            owed = cents(about)
            nothing_off = not made.amount_off and owed * made.percent < 100
            if made.kind is OfferKind.PLAN:
                assert alike or owed < FEW_CENTS * len(made.dates), made
            else:
                assert alike or nothing_off or owed <= made.amount_off, made

    def deciding_again_says_the_same(self, account: Account) -> None:
        made = self.life.made
        again = made.decide(account.as_of)
        assert again.events == ()
        if account.as_of.day % 7 == 0:
            events = list(made.events)
            random.Random(account.as_of.toordinal()).shuffle(made.events)
            assert made.decide(account.as_of).accounts == again.accounts
            made.events = events


@pytest.mark.parametrize("seed", range(examples(18)))
def test_on_every_day_of_any_life(seed: int) -> None:
    life = Life(seed)
    witness = Witness(life)
    for _ in range(DAYS):
        account = life.day()
        if account is not None:
            witness.look(account)
