"""What a page shows of an account, sorted out before any template sees it: templates choose words, not facts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, time
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from generator.domain.account import Status
from generator.domain.asking import set_aside
from generator.domain.claims import real
from generator.domain.due import Held
from generator.domain.linkplan import pay_url, rest_key
from generator.domain.memory import OfferKind
from generator.domain.money import exponent, total
from generator.domain.proposals import open_of
from generator.domain.reckoning import reckoning
from generator.fee_lines import agreed_fees, as_claimed, fees_apart
from generator.transfer import transfer_to

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from generator.config import Seller
    from generator.domain.account import Account, Agreement, HistoryLine, Instalment, Item, Offer
    from generator.domain.money import Money
    from generator.domain.policy import Policy
    from generator.domain.reckoning import Reckoning
    from generator.domain.vouchers import Voucher
    from generator.fee_lines import AgreedFees, InvoiceFees
    from generator.transfer import Transfer

_LAST_SECOND = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """What a plan binds both sides to once it is taken, as the owner's policy has it.

    `remind_days`: how long before each date we write a word, 0 for not at all. One that is missed is written of, and ends the
    plan when it is late by more than `grace_days` and still unpaid `notice_days` after that.
    """

    remind_days: int
    grace_days: int
    notice_days: int


def plan_terms(policy: Policy) -> PlanTerms:
    """The terms of every plan under this policy."""
    agreements = policy.agreements
    return PlanTerms(policy.reminders.instalment_before_days, agreements.grace_days, agreements.notice_days)


class Situation(StrEnum):
    """What the first sentence of a page is about."""

    OVERDUE = "overdue"  #: something is late and asked for
    INSTALMENT = "instalment"  #: nothing is late but a part of an agreement
    UPCOMING = "upcoming"  #: nothing is late, something comes due
    IN_FLIGHT = "in_flight"  #: nothing is asked for, a debit is on its way
    ON_HOLD = "on_hold"  #: something is open and nothing is asked for
    DISPUTED = "disputed"  #: all that is open is disputed
    SETTLED = "settled"  #: nothing is open
    CHECKED = "checked"  #: what is open is not known for certain: nothing is said of it


@dataclass(frozen=True, slots=True)
class Online:
    """Where something can be paid online now, and what is charged there."""

    url: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Way:
    """One offer, with the bank transfer that takes it (None: the seller has no IBAN) and the link that does (None: no link).

    `until` is the last moment of it, for a page that is read long after it was built; empty for an offer without an end.
    """

    offer: Offer
    transfer: Transfer | None
    online: Online | None = None
    until: str = ""


@dataclass(frozen=True, slots=True)
class Agreed:
    """An agreement with its `sums`: what of it was paid and is `left`; the transfer of what comes `next` and that of the `rest`.

    `aside` is what is not asked of an instalment as long as a dispute goes on, by its number; `fees` the claimed late fees that it
    comprises, `apart` those of its invoices that it does not. There is no transfer without an IBAN, for an agreement that holds no
    more, or where it would be that of the next instalment.
    """

    agreement: Agreement
    sums: Reckoning
    left: Money
    next: Transfer | None = None
    rest: Transfer | None = None
    aside: Mapping[int, Money] = field(default_factory=dict)
    fees: AgreedFees | None = None
    apart: Money | None = None


@dataclass(frozen=True, slots=True)
class Fee:
    """Late fees that were claimed for an invoice: what the account asks of them, what explains it, and whether that is `settled`."""

    item: Item
    told: InvoiceFees
    settled: bool


@dataclass(frozen=True, slots=True)
class AccountView:
    """One account of the page. `anchor` tells the parts of two accounts apart; `named_by` is the heading of one of several.

    Late fees stand in the lists of items beside their invoice (`fee`), and by themselves only where that stands elsewhere.
    """

    account: Account
    anchor: str
    named_by: str
    situation: Situation
    overdue: tuple[Item, ...]
    upcoming: tuple[Item, ...]
    disputed: tuple[Item, ...]
    in_plan: tuple[Item, ...]
    in_flight: tuple[Item, ...]
    full: Way | None
    discounts: tuple[Way, ...]
    plans: tuple[Way, ...]
    agreed: tuple[Agreed, ...]
    late_instalments: tuple[Instalment, ...]
    history: tuple[HistoryLine, ...]
    fees: Mapping[str, Fee] = field(default_factory=dict)  #: by invoice

    def fee(self, item: Item) -> Fee | None:
        """The late fees to be shown beside an invoice, or those that an item is by itself."""
        if item.fee_of:
            return self.fees.get(item.fee_of)
        found = self.fees.get(item.id)
        return found if found is not None and found.item.status is item.status else None

    def several(self, items: Sequence[Item]) -> bool:
        """Whether a list of items has more than one amount, so that their sum says something."""
        return len(items) > 1 or any(not item.fee_of and self.fee(item) for item in items)

    def fees_in(self, items: Sequence[Item]) -> Money | None:
        """What of these items is late fees; None when nothing is."""
        return total((item.open for item in items if item.fee_of), self.account.currency) or None

    @property
    def fees_in_plans(self) -> bool:
        """Whether a plan comprises late fees, so that nothing but what is added to the sum may be said to cost nothing."""
        return any(self.fees_in(way.offer.items) for way in self.plans)

    @property
    def late_fees(self) -> Money | None:
        """What of the sum that is asked is late fees; None when nothing is."""
        return self.fees_in(self.full.offer.items) if self.full else None

    @property
    def only_fees(self) -> tuple[Fee, ...]:
        """The late fees that are asked, when nothing else is."""
        asked = [self.fee(item) for item in (self.full.offer.items if self.full else ())]
        alone = self.full is not None and not real(self.full.offer.items) and not self.late_instalments
        return tuple(fee for fee in asked if fee) if alone else ()

    @property
    def vouchers(self) -> tuple[Voucher, ...]:
        """What is still to be taken off their next invoice."""
        return tuple(voucher for voucher in self.account.vouchers if voucher.open)

    @property
    def agreements(self) -> tuple[Agreement, ...]:
        """The agreements that still matter."""
        return tuple(one.agreement for one in self.agreed)

    @property
    def places(self) -> int:
        """How many decimals the currency has."""
        return exponent(self.account.currency)

    @property
    def most(self) -> Money:
        """The most that the client can propose to pay."""
        return open_of(self.account)

    @property
    def proposable(self) -> Money:
        """What a proposal is about unless it says otherwise: what is late, else what is in an agreement, else all that is open."""
        totals = self.account.totals
        return totals.overdue or totals.in_plan or self.most

    @property
    def asked(self) -> tuple[Item, ...]:
        """The items that the first sentence names: the invoices that are late, else what the `full` offer is about."""
        return tuple(real(self.overdue)) or tuple(real(self.full.offer.items if self.full else ()))

    @property
    def under_way(self) -> Money:
        """What the debits on their way will bring."""
        return total((payment.amount for payment in self.account.in_flight), self.account.currency)

    @property
    def methods(self) -> tuple[str, ...]:
        """How one can pay online; empty when one cannot."""
        links = self.account.links
        return next((wanted.methods for wanted in self.account.wanted if wanted.key in links), ())

    @property
    def covered(self) -> Money:
        """What debits on their way cover of the items that they cover to the end."""
        covered = (item.in_flight for item in self.account.with_status(Status.IN_FLIGHT))
        return total((amount for amount in covered if amount), self.account.currency)

    @property
    def by_debit(self) -> bool:
        """Whether what is paid online may take days to arrive."""
        return bool(self.account.in_flight) or any("sepa_debit" in link.methods for link in self.account.wanted)

    @property
    def returns(self) -> bool:
        """Whether somebody may come back to this page from paying."""
        return bool(self.account.wanted or self.account.in_flight)

    @property
    def plans_until(self) -> str:
        """The last moment of the last plan."""
        return max((way.until for way in self.plans), default="")

    def online(self, way: Offer | Item | Agreement) -> Online | None:
        """Where an offer, an item or the next instalment can be paid online now."""
        return _online(self.account, way)

    def online_rest(self, agreement: Agreement) -> Online | None:
        """Where all that is left of an agreement can be paid online now."""
        return _at(self.account, self.account.links.get(rest_key(agreement), ""))

    @property
    def next_instalment(self) -> Instalment | None:
        """The first unpaid part of the agreements that hold."""
        holding = (agreement.next for agreement in self.agreements if agreement.holds)
        return min((part for part in holding if part), key=lambda part: part.due, default=None)

    @property
    def plan_counts(self) -> tuple[int, ...]:
        """In how many instalments one can pay."""
        return tuple(sorted({len(way.offer.instalments) for way in self.plans}))

    @property
    def plan_groups(self) -> tuple[tuple[tuple[Item, ...], tuple[Way, ...]], ...]:
        """The plans by the debt that they are about, late fees apart: those are told beside them."""
        groups: dict[tuple[str, ...], list[Way]] = {}
        for way in self.plans:
            groups.setdefault(tuple(item.id for item in way.offer.items), []).append(way)
        return tuple((tuple(real(ways[0].offer.items)), tuple(ways)) for ways in groups.values())


def view_of(account: Account, seller: Seller, *, alone: bool = True) -> AccountView:
    """One account, sorted for its page: oldest debts first, latest facts first.

    A client in insolvency proceedings may not pay old debts: their page states them and asks for nothing.
    """
    insolvent = account.client.insolvent_on(account.as_of)
    ways = {
        kind: () if insolvent else tuple(_way(account, offer, seller) for offer in account.offers_of(kind))
        for kind in OfferKind
    }
    agreements = _agreements(account)
    parts = [part for agreement in agreements if agreement.holds for part in agreement.instalments]
    late = tuple(part for part in parts if part.open and part.due <= account.as_of)
    return AccountView(
        account=account,
        anchor=account.currency.lower(),
        named_by="" if alone else f"account-{account.currency.lower()} ",
        situation=_situation(account, asked=bool(ways[OfferKind.FULL]), late=bool(late)),
        overdue=_by_due(account.overdue),
        upcoming=_by_due(account.upcoming),
        disputed=_by_due(account.with_status(Status.DISPUTED)),
        in_plan=_by_due(account.with_status(Status.IN_PLAN)),
        in_flight=_by_due(account.with_status(Status.IN_FLIGHT)),
        full=next(iter(ways[OfferKind.FULL]), None),
        discounts=ways[OfferKind.DISCOUNT],
        plans=ways[OfferKind.PLAN],
        agreed=tuple(_agreed(account, agreement, seller) for agreement in agreements),
        late_instalments=late,
        history=tuple(sorted(account.history, key=lambda line: line.on, reverse=True)),
        fees=_fees(account),
    )


def _fees(account: Account) -> dict[str, Fee]:
    """What is open or on its way of the late fees that were claimed, by invoice."""
    claims = {claim.item: claim for claim in account.claims}
    shown = [item for item in account.items if item.id in claims and (item.open or item.in_flight)]
    owing = {item.id for item in real(account.items) if item.status is not Status.PAID}
    return {item.fee_of: Fee(item, as_claimed(claims[item.id]), item.fee_of not in owing) for item in shown}


def _agreements(account: Account) -> tuple[Agreement, ...]:
    """The agreements that still matter: those that hold, else the last one that was not kept, while something of it is asked.

    One that was called off is not shown: what it was about is asked like everything else.
    """
    holding = tuple(agreement for agreement in account.agreements if agreement.next and agreement.holds)
    asked = {item.id for item in account.overdue}
    broken = [
        agreement
        for agreement in account.agreements
        if (agreement.broken or agreement.broken_on) and not agreement.holds and not agreement.ended
        if not asked.isdisjoint(agreement.invoices)
    ]
    return holding or tuple(broken[-1:])


def _agreed(account: Account, agreement: Agreement, seller: Seller) -> Agreed:
    currency = account.currency
    open_parts = [part for part in agreement.instalments if part.open]
    owed = [item.open for item in account.with_status(Status.IN_PLAN) if item.id in agreement.invoices]
    sums = reckoning(agreement)
    aside = set_aside(agreement) if agreement.holds else {}
    fees, apart = agreed_fees(agreement, account.claims), fees_apart(agreement, account.items)
    found = Agreed(agreement, sums, sums.left, aside=aside, fees=fees, apart=apart)
    if not agreement.holds or not agreement.reference:
        return found
    left = min(sums.left, total(owed, currency))  # a credit note in the middle of it takes off what comes last
    coming = min(open_parts[0].open, left)
    return replace(
        found,
        left=left,
        next=transfer_to(seller, coming, agreement.reference) if coming else None,
        rest=transfer_to(seller, left, agreement.reference) if coming < left else None,
    )


def _way(account: Account, offer: Offer, seller: Seller) -> Way:
    return Way(
        offer,
        transfer_to(seller, offer.pay_now, offer.reference) if offer.pay_now.minor > 0 else None,
        _online(account, offer),
        last_moment(offer.valid_until, seller.timezone) if offer.valid_until else "",
    )


def _online(account: Account, way: Offer | Item | Agreement) -> Online | None:
    return _at(account, pay_url(account, way) if account.links else "")


def _at(account: Account, url: str) -> Online | None:
    if not url:
        return None
    charged = next((wanted.amount for wanted in account.wanted if account.links.get(wanted.key) == url), None)
    return Online(url, charged) if charged else None


@lru_cache(maxsize=1024)
def last_moment(day: date, timezone: str) -> str:
    """The last second of a day where the seller is, as browsers read it: `2026-12-02T23:59:59+01:00`."""
    return datetime.combine(day, _LAST_SECOND, ZoneInfo(timezone)).isoformat()


def _by_due(items: Sequence[Item]) -> tuple[Item, ...]:
    """Oldest first; late fees only where their invoice is not among them."""
    listed = {item.id for item in items}
    shown = [item for item in items if item.fee_of not in listed]
    return tuple(sorted(shown, key=lambda item: (item.invoice.due, item.invoice.issued, item.id)))


def _situation(account: Account, *, asked: bool, late: bool) -> Situation:
    if account.reminders.held is Held.UNREADABLE:
        return Situation.CHECKED
    if not any(item.open for item in account.items):
        return Situation.IN_FLIGHT if account.in_flight else Situation.SETTLED
    if not asked:
        disputed = all(item.status is Status.DISPUTED for item in account.items if item.open)
        return Situation.DISPUTED if disputed else Situation.ON_HOLD
    if account.overdue:
        return Situation.OVERDUE
    return Situation.INSTALMENT if late else Situation.UPCOMING
