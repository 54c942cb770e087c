"""Offers that the owner makes to one client, after a call or a letter: what they are made of, and what the policy says of them.

They are frozen like any other offer, and stand on the client's page beside those of the policy. While one is open, the policy
makes no second one of its kind for the same invoices.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from generator.domain.agreeing import Breach, Rule
from generator.domain.claims import claimed_in, real
from generator.domain.discounts import gain
from generator.domain.memory import OfferKind, OfferMade
from generator.domain.money import Money
from generator.domain.negotiation import last_day
from generator.domain.policy import Interval
from generator.domain.references import code, make_reference

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from generator.domain.account import Account, Item
    from generator.domain.agreeing import Schedule
    from generator.domain.policy import Policy

LONGEST_OFFER_DAYS = 366
VOUCHER_DAYS = 365  #: how long a voucher can be used, where the policy does not say


def discount_for(
    account: Account,
    items: Sequence[Item],
    valid_until: date,
    *,
    percent: Decimal = Decimal(0),
    amount_off: int = 0,
    voucher_days: int = 0,
) -> OfferMade:
    """Less to pay until that day, for what these items owe: so many percent, or a fixed sum; with `voucher_days`, on their next invoice."""
    bare = _bare(OfferKind.DISCOUNT, account, items, valid_until)
    return _named(replace(bare, percent=percent, amount_off=amount_off, voucher_days=voucher_days))


def plan_for(
    account: Account, items: Sequence[Item], valid_until: date, schedule: Schedule, *, amount_off: int = 0
) -> OfferMade:
    """A plan of exactly these amounts, which waives `amount_off` once it is kept; `valid_until` as far as its dates let it be taken."""
    in_order = sorted(schedule, key=lambda part: part[0])
    dates, parts = tuple(due for due, _ in in_order), tuple(amount.minor for _, amount in in_order)
    bare = _bare(OfferKind.PLAN, account, items, last_day(dates, valid_until))
    return _named(replace(bare, dates=dates, parts=parts, amount_off=amount_off))


def equal_plan_for(
    account: Account,
    items: Sequence[Item],
    valid_until: date,
    dates: tuple[date, ...],
    *,
    down: Decimal,
    interval: Interval = Interval.MONTH,
    waived: Decimal = Decimal(0),
    amount_off: int = 0,
) -> OfferMade:
    """A plan in equal parts of whatever is open, after `down` percent of it where that is more than nothing.

    Once it is kept it waives `waived` percent of the debt, or a fixed sum.
    """
    bare = _bare(OfferKind.PLAN, account, items, last_day(dates, valid_until))
    return _named(replace(bare, dates=dates, interval=interval, percent=down, waived=waived, amount_off=amount_off))


def _bare(kind: OfferKind, account: Account, items: Sequence[Item], valid_until: date) -> OfferMade:
    """An offer of today to this client, before its terms are in it."""
    return OfferMade(
        key="",
        kind=kind,
        client=account.client.id,
        currency=account.currency,
        reference="",
        invoices=tuple(item.id for item in items),
        made_on=account.as_of,
        valid_until=valid_until,
        debt=sum(item.open.minor for item in real(items)),
        fees=claimed_in(items) if kind is OfferKind.PLAN else 0,
        personal=True,
    )


def _named(offer: OfferMade) -> OfferMade:
    """The same offer on the same day has the same name, however often it is made; the later last day holds."""
    key = code(
        "personal",
        *(offer.client, offer.currency, offer.kind, offer.made_on.isoformat()),
        *(f"{offer.percent.normalize():f}", f"{offer.waived.normalize():f}", str(offer.amount_off)),
        *(due.isoformat() for due in offer.dates),
        *map(str, offer.parts),
        *((f"voucher {offer.voucher_days}",) if offer.voucher_days else ()),
        *offer.invoices,
    )
    return replace(offer, key=key, reference=make_reference(key))


def against_discount(offer: OfferMade, policy: Policy) -> Iterator[Breach]:
    """What the policy of discounts says against one; an owner without `[offers.discount]` has said nothing."""
    rules, amounts = policy.discount, policy.amounts(offer.currency)
    if rules is None:
        return
    debt = Money(offer.debt, offer.currency)
    if amounts.discount_minimum is not None and debt.decimal < amounts.discount_minimum:
        yield Breach(Rule.DISCOUNT_MINIMUM, amount=Money.of(amounts.discount_minimum, offer.currency))
    fixed = Money.of(amounts.discount_amount or Decimal(0), offer.currency).minor
    usual = gain(replace(offer, percent=rules.percent, amount_off=fixed), offer.debt)
    if gain(offer, offer.debt) > usual:
        yield Breach(Rule.DISCOUNT, amount=Money(usual, offer.currency))
