"""Offers: which are made, and what those that are open amount to today.

An offer is frozen when it is made: its invoices, percent, dates and reference. Its amount follows the open balance of
its invoices. While one is open for an invoice, no second one of its kind is made for it: what was promised stands.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from generator.domain.accepted import plan_parts
from generator.domain.account import Instalment, Item, Offer, Status
from generator.domain.claims import claimed_in, real
from generator.domain.discounts import gain, saved, to_settle, worth
from generator.domain.memory import OfferKind, OfferMade
from generator.domain.money import Money
from generator.domain.policy import FirstOffer, Interval, OfferStart
from generator.domain.references import code, make_reference
from generator.domain.terms import BusinessCalendar, add_months, next_business_day, next_day_of_month

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from generator.domain.delivery import MessageSent
    from generator.domain.offer_policy import OfferRules
    from generator.domain.policy import Amounts, DiscountPolicy, PlanPolicy

_ASKED = frozenset({Status.OVERDUE, Status.DUE, Status.NOT_DUE})


class OfferMaker:
    """Makes the offers of one account (one client and currency) on one day."""

    def __init__(
        self,
        rules: OfferRules,
        client: str,
        currency: str,
        made: Iterable[OfferMade],
        today: date,
        business: BusinessCalendar | None,
        *,
        sent: Sequence[MessageSent] = (),
    ) -> None:
        """`made` are the offers of this account that the journal knows, `sent` the messages that left."""
        self.rules = rules
        self.client = client
        self.currency = currency
        self.made = tuple(made)
        self.today = today
        self.business = business
        self.sent = sent

    @cached_property
    def amounts(self) -> Amounts:
        """The amounts of the rules; most clients get no new offer on most days, and need none."""
        return self.rules.policy.amounts(self.currency)

    def by_date(self, items: Sequence[Item]) -> list[OfferMade]:
        """Offers that begin by themselves: a discount from the invoice's date, plans from the invoice's or the due date."""
        offers: list[OfferMade] = []
        discount, plans = self.rules.discount, self.rules.plans
        if discount is not None and discount.start is OfferStart.ISSUED:
            for item in items:
                if item.status in {Status.NOT_DUE, Status.DUE}:
                    offers += self._discount(discount, [item], item.invoice.issued)
        if plans is not None and plans.start is OfferStart.ISSUED:
            offers += self._plans(plans, [item for item in items if item.status in _ASKED])
        if plans is not None and plans.start is OfferStart.DUE:
            offers += self._plans(plans, [item for item in items if item.status in {Status.OVERDUE, Status.DUE}])
        return offers

    def by_step(self, wanted: Iterable[str], items: Sequence[Item]) -> list[OfferMade]:
        """Offers of a step that falls due today, for the items that its message lists.

        Late items share one offer; before the due date each invoice has its own.
        """
        kinds = [kind for kind in (OfferKind.DISCOUNT, OfferKind.PLAN) if kind in wanted and self._made_by_steps(kind)]
        late = [item for item in items if item.status is Status.OVERDUE]
        offers = self._in_turn(kinds, late) if late else []
        for item in items:
            if item.status in {Status.NOT_DUE, Status.DUE}:
                offers += [offer for kind in kinds for offer in self._of(kind, [item])]
        return offers

    def _in_turn(self, kinds: Sequence[OfferKind], late: Sequence[Item]) -> list[OfferMade]:
        """Of two kinds, the owner's first one alone until a message has told of it; both where there is none of it."""
        made = {kind: self._of(kind, late) for kind in kinds}
        first = self.rules.policy.offers.first
        if len(kinds) > 1 and first is not FirstOffer.TOGETHER:
            leading = OfferKind(first)
            if not self._heard_of(leading, late) and (made[leading] or self._live(leading, late)):
                return made[leading]
        return [offer for kind in kinds for offer in made[kind]]

    def _made_by_steps(self, kind: OfferKind) -> bool:
        rule = self.rules.discount if kind is OfferKind.DISCOUNT else self.rules.plans
        return rule is not None and rule.start is OfferStart.REMINDER

    def _of(self, kind: OfferKind, items: Sequence[Item]) -> list[OfferMade]:
        discount, plans = self.rules.discount, self.rules.plans
        if kind is OfferKind.DISCOUNT:
            return self._discount(discount, items, self.today) if discount else []
        return self._plans(plans, items) if plans else []

    def _heard_of(self, kind: OfferKind, items: Sequence[Item]) -> bool:
        """Whether an offer of this kind was ever made for one of the items, and a message about it has left since."""
        numbers = {item.id for item in items}
        return any(
            offer.made_on <= message.on and any(item.invoice in offer.invoices for item in message.items)
            for offer in self.made
            if offer.kind is kind and numbers & set(offer.invoices)
            for message in self.sent
        )

    def _discount(self, policy: DiscountPolicy, items: Sequence[Item], made_on: date) -> list[OfferMade]:
        if self._live(OfferKind.DISCOUNT, items):
            return []
        before = {
            number
            for offer in self.made
            if offer.kind is OfferKind.DISCOUNT and not policy.repeat
            for number in offer.invoices
        }
        chosen = [item for item in real(items) if item.id not in before and item.invoice.discount_percent is None]
        valid_until, fixed = made_on + timedelta(days=policy.days), self.amounts.discount_amount
        if fixed is None or not self._worth(chosen, self.amounts.discount_minimum) or valid_until < self.today:
            return []
        offer = self._offer(OfferKind.DISCOUNT, chosen, made_on, valid_until, percent=policy.percent)
        offer = replace(offer, amount_off=Money.of(fixed, self.currency).minor, voucher_days=policy.voucher_days)
        return [offer] if gain(offer, offer.debt) else []  # a saving that rounds to nothing is no offer

    def _plans(self, policy: PlanPolicy, items: Sequence[Item]) -> list[OfferMade]:
        if not real(items) or self._live(OfferKind.PLAN, items):
            return []
        if not self._worth(real(items), self.amounts.plan_minimum_debt):
            return []
        debt = sum(item.open.minor for item in real(items))
        offers: dict[tuple[tuple[date, int], ...], OfferMade] = {}
        for count, shares in shapes(policy):
            dates = plan_dates(policy, count, self.today, self.business)
            if dates[-1] > policy.ends_by(self.today):
                continue
            offer = self._offer(
                OfferKind.PLAN,
                items,
                self.today,
                last_day(dates, self.today + timedelta(days=policy.days)),
                percent=Decimal(0) if shares else policy.down_payment_percent,
                dates=dates,
                interval=policy.interval,
                shares=shares,
            )
            offer = replace(offer, waived=policy.discount_percent)
            parts = plan_parts(offer, debt)
            if self._large_enough(min(amount for _, amount in parts)):  # late fees make no small debt large enough
                offers.setdefault(parts, offer)  # percentages that are equal make the same plan once
        return list(offers.values())

    def _live(self, kind: OfferKind, items: Sequence[Item]) -> bool:
        """Whether an offer of this kind is open for one of the items: what became late since waits for the next one."""
        numbers = {item.id for item in items}
        return any(
            offer.kind is kind and self.today <= offer.valid_until and numbers & set(offer.invoices)
            for offer in self.made
        )

    def _worth(self, items: Sequence[Item], minimum: Decimal | None) -> bool:
        """Whether there is a debt of `minimum` or more; a rule without its amount in this currency does not apply."""
        debt = Money(sum(item.open.minor for item in items), self.currency)
        return bool(debt) and minimum is not None and debt.decimal >= minimum

    def _large_enough(self, instalment: int) -> bool:
        minimum = self.amounts.plan_minimum_instalment
        return instalment > 0 and minimum is not None and Money(instalment, self.currency).decimal >= minimum

    def _offer(
        self,
        kind: OfferKind,
        items: Sequence[Item],
        made_on: date,
        valid_until: date,
        *,
        percent: Decimal,
        dates: tuple[date, ...] = (),
        interval: Interval = Interval.MONTH,
        shares: tuple[Decimal, ...] = (),
    ) -> OfferMade:
        numbers = tuple(item.id for item in items)
        shape = "+".join([str(len(dates)), *(f"{share.normalize():f}" for share in shares)])
        key = code(self.client, self.currency, kind, shape, made_on.isoformat(), *numbers)
        return OfferMade(
            key=key,
            kind=kind,
            client=self.client,
            currency=self.currency,
            reference=make_reference(key),
            invoices=numbers,
            made_on=made_on,
            valid_until=valid_until,
            percent=percent,
            dates=dates,
            interval=interval,
            shares=shares,
            debt=sum(item.open.minor for item in real(items)),
            fees=claimed_in(items),
        )


def shapes(policy: PlanPolicy) -> list[tuple[int, tuple[Decimal, ...]]]:
    """Every plan of the policy: in how many payments, and the percents of each when they are not equal."""
    equal = [(count, ()) for count in sorted(set(policy.counts))]
    return [*equal, *((len(shares), shares) for shares in policy.percentages)]


def plan_dates(policy: PlanPolicy, count: int, made_on: date, business: BusinessCalendar | None) -> tuple[date, ...]:
    """The due dates of a plan of `count` payments, a down payment included, on the policy's days and on business days."""
    first = made_on + timedelta(days=policy.first_after_days)
    return dates_from(first, count, policy.interval, business, policy.days_of_month)


def last_day(dates: Sequence[date], wanted: date) -> date:
    """Until when a plan of these dates can be taken: on its first date still, and by nobody who would be late with its second payment."""
    return max(dates[0], min(wanted, dates[1] - timedelta(days=1)) if len(dates) > 1 else wanted)


def dates_from(
    first: date, count: int, interval: Interval, business: BusinessCalendar | None, pays_on: Sequence[int] = ()
) -> tuple[date, ...]:
    """`count` dates from the first one on, so far apart; each moves to the client's next payment day, then business day.

    Where payment days are further apart than the interval, no two dates meet: each waits for a payment day of its own.
    """
    dates: list[date] = []
    for index in range(count):
        day = _after(first, index, interval)
        if dates:
            day = max(day, dates[-1] + timedelta(days=1))
        dates.append(next_business_day(next_day_of_month(day, pays_on), business))
    return tuple(dates)


def _after(first: date, index: int, interval: Interval) -> date:
    if interval is Interval.MONTH:
        return add_months(first, index)
    return first + timedelta(days=index * (7 if interval is Interval.WEEK else 14))


def open_offers(
    made: Iterable[OfferMade],
    items: Sequence[Item],
    today: date,
    first: FirstOffer = FirstOffer.PLAN,
    paid: Mapping[str, int] | None = None,
) -> list[Offer]:
    """The offers that can be taken today, with their amounts; an offer with nothing left open is gone.

    `paid` is what came in for an offer of a voucher or of a fixed sum already, by its key: it is for that too. Less to pay before
    the due date stands first, then the kind that is proposed first: plans, unless it is discounts.
    """
    by_id = {item.id: item for item in items}
    offers = []
    for offer in made:
        if not offer.holds_on(today):
            continue
        live = tuple(by_id[number] for number in offer.invoices if number in by_id and by_id[number].status in _ASKED)
        debt, fees = _sums(offer, live)
        before = (paid or {}).get(offer.key, 0)
        gained = saved(offer, debt, before) or worth(offer, debt + before)
        if debt and (gained if offer.kind is OfferKind.DISCOUNT else _is_plan(offer, debt, before, fees)):
            offers.append(_as_of_today(offer, live, today, before))
    offers = [offer for offer in offers if not any(_replaces(other, offer) for other in offers)]
    leading = OfferKind.DISCOUNT if first is FirstOffer.DISCOUNT else OfferKind.PLAN

    def order(offer: Offer) -> tuple[bool, bool, int, date, str]:
        early = offer.kind is OfferKind.DISCOUNT and offer.before_due
        return not early, offer.kind is not leading, len(offer.instalments), offer.valid_until or today, offer.key

    return sorted(offers, key=order)


def _sums(offer: OfferMade, items: Iterable[Item]) -> tuple[int, int]:
    """What is open of an offer's invoices, and of their late fees as far as they were claimed when it was made."""
    items = tuple(items)
    principal = sum(item.open.minor for item in real(items))
    fees = sum(item.open.minor for item in items) - principal
    return principal, max(0, fees - offer.fees_beside(claimed_in(items)))


def _is_plan(offer: OfferMade, debt: int, before: int, fees: int) -> bool:
    """Whether a plan has anything to say still: there may be fewer cents than instalments, or no more than one payment to make.

    That is all of the debt then, unless it waives something: so much less was promised until its last day.
    """
    parts = plan_parts(offer, debt + fees, before, fees)
    some = len(parts) > 1 or not offer.parts or saved(offer, debt, before)
    return bool(some) and all(amount > 0 for _, amount in parts)


def _replaces(other: Offer, offer: Offer) -> bool:
    """Whether `other` is the same offer made by another run: the later `valid_until` is shown, both can be taken."""
    alike = (other.kind, len(other.instalments), other.items) == (offer.kind, len(offer.instalments), offer.items)
    alike = alike and other.shares == offer.shares and bool(other.voucher) is bool(offer.voucher)
    if other.personal or offer.personal:  # what was offered to one client stands beside what everybody is offered
        alike = alike and (other.amount, other.instalments) == (offer.amount, offer.instalments)
    return alike and (other.valid_until, other.key) > (offer.valid_until, offer.key)


def _as_of_today(offer: OfferMade, live: tuple[Item, ...], today: date, before: int) -> Offer:
    """The offer with what it comes to. Late fees are in what a plan asks for, and nothing is taken off them."""
    nothing, (principal, fees) = Money(0, offer.currency), _sums(offer, live)
    debt = principal + fees
    pay, kind = to_settle(offer, debt, before, fees), offer.kind
    parts: tuple[Instalment, ...] = ()
    if offer.kind is OfferKind.PLAN:
        parts = tuple(
            Instalment(due, Money(amount, offer.currency), nothing)
            for due, amount in plan_parts(offer, debt, before, fees)
        )
    if len(parts) == 1 and pay < debt:  # one payment for less than is owed: whatever it was, it is a discount now
        kind, parts = OfferKind.DISCOUNT, ()
    return Offer(
        key=offer.key,
        kind=kind,
        amount=Money(pay, offer.currency),
        saving=Money(debt - pay, offer.currency),
        items=live,
        reference=offer.reference,
        valid_until=offer.valid_until,
        percent=offer.percent,
        instalments=parts,
        shares=offer.shares,
        before_due=all(item.status is not Status.OVERDUE for item in live),
        own=offer.own,
        personal=offer.personal,
        new=offer.made_on == today,
        voucher=Money(worth(offer, principal + before), offer.currency) if offer.voucher_days else None,
        voucher_days=offer.voucher_days,
    )
