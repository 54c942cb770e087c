"""What a message template may speak of: the facts of one reminder, cut to the items that it lists.

Everything comes from the accounts, so that a message says what the page says. No sentence is made here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from generator.domain.ledger import Channel, Kind
from generator.domain.linkplan import pay_url
from generator.domain.memory import OfferKind
from generator.domain.money import Money, total
from generator.domain.policy import FeeMode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from generator.config import Settings
    from generator.domain.account import Account, DueReminder, Item, Offer

#: An email past 102 KB is cut by the mail programs that most people use; the page lists everything.
SHOWN_IN_EMAIL = 20
SHOWN_IN_FORMAL_EMAIL = 60
_ANSWER_DAYS = 10
_SHORTEST_ANSWER, _LONGEST_ANSWER = 7, 14
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One invoice of the message."""

    number: str
    subject: str
    order: str
    issued: date
    due: date
    total: Money
    open: Money
    promised_on: date | None

    @property
    def part_paid(self) -> bool:
        """Whether something of it was paid or credited, so that `open` needs `total` beside it."""
        return self.open != self.total


@dataclass(frozen=True, slots=True)
class Discount:
    """Less to pay until a day. `numbers` only when it is not for all that the message lists."""

    percent: object
    amount: Money
    saving: Money
    instead_of: Money
    valid_until: date | None
    before_due: bool
    own: bool
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The instalment plans for the same invoices: how many parts one may choose, and the longest as an example.

    `example` holds runs of equal instalments: 33.34 once, then 33.33 twice.
    """

    counts: tuple[int, ...]
    example: tuple[tuple[int, Money], ...]
    valid_until: date | None
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OnlineWay:
    """One thing that can be paid online now. `count` is in how many instalments, of which this is the first; else 0.

    `numbers` only when it is not for all that the message lists.
    """

    kind: str
    amount: Money
    url: str
    count: int = 0
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Online:
    """What can be paid online now: all that the message asks for, the discounts, the first instalments of the plans."""

    full: tuple[OnlineWay, ...]
    discounts: tuple[OnlineWay, ...]
    plans: tuple[OnlineWay, ...]
    by_debit: bool

    @classmethod
    def of(cls, accounts: Sequence[Account], due: DueReminder) -> Online:
        """What the links of these accounts pay of what the message lists. A letter is on paper: it has none."""
        on_paper = due.channel is Channel.LETTER
        linked = [account for account in accounts if account.links and _listed(account, due) and not on_paper]
        return cls(
            full=tuple(way for account in linked for way in _online_full(account, due)),
            discounts=tuple(way for account in linked for way in _online_offers(account, due, OfferKind.DISCOUNT)),
            plans=tuple(way for account in linked for way in _online_offers(account, due, OfferKind.PLAN)),
            by_debit=any("sepa_debit" in link.methods for account in linked for link in account.wanted),
        )


@dataclass(frozen=True, slots=True)
class Section:
    """What the message says in one currency. `more` lines are not shown; they add up to `more_sum`."""

    currency: str
    lines: tuple[Line, ...]
    sum: Money
    more: int
    more_sum: Money
    numbers: tuple[str, ...]
    discounts: tuple[Discount, ...]
    plans: tuple[Plan, ...]
    reference: str


@dataclass(frozen=True, slots=True)
class Facts:
    """One reminder, ready to be put into words; the fields are the names that templates use."""

    settings: Settings
    accounts: tuple[Account, ...]
    due: DueReminder
    sections: tuple[Section, ...]

    @property
    def earlier(self) -> tuple[date, ...]:
        """The days on which we wrote of these items after they were due: only what the journal knows was sent."""
        return self._days(written=True)

    @property
    def calls(self) -> tuple[date, ...]:
        """The days on which we called about these items after they were due."""
        return self._days(written=False)

    def _days(self, *, written: bool) -> tuple[date, ...]:
        due = {item.id: item.invoice.due for item in self.due.items}
        return tuple(
            sorted(
                {
                    message.on
                    for message in self.accounts[0].reminders.sent
                    if (message.channel != Channel.PHONE) is written
                    and any(entry.invoice in due and due[entry.invoice] < message.on for entry in message.items)
                }
            )
        )

    @property
    def deadline(self) -> date:
        """Until when an answer is asked for: the last day of an offer that is about as long, else ten days, never a weekend."""
        today = self.accounts[0].as_of
        ends = {way.valid_until for section in self.sections for way in section.discounts}
        ends |= {way.valid_until for section in self.sections for way in section.plans}
        fitting = [end for end in ends if end and _SHORTEST_ANSWER <= (end - today).days <= _LONGEST_ANSWER]
        day = min(fitting, default=today + timedelta(days=_ANSWER_DAYS))
        return day if fitting else day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= _SATURDAY else 0)

    def values(self) -> dict[str, object]:
        """The names that a template may use."""
        first, policy, step = self.accounts[0], self.settings.policy, self.due.step
        lines = tuple(line for section in self.sections for line in section.lines)
        count = len(self.due.items)
        promises = [line.promised_on for line in lines if line.promised_on and line.promised_on < first.as_of]
        business = first.client.kind is Kind.BUSINESS
        return {
            "today": first.as_of,
            "client": first.client,
            "seller": self.settings.seller,
            "page": self.settings.portal_url(first.keys[0]),
            "payments_up_to": first.payments_up_to,
            "step": step.name,
            "channel": str(self.due.channel),
            "before_due": step.before_due,
            "formal": step.formal,
            "sections": self.sections,
            "lines": lines,
            "one": lines[0] if count == 1 else None,
            "count": count,
            "numbers": tuple(item.id for item in self.due.items),
            "sums": tuple(section.sum for section in self.sections),
            "discounts": tuple(way for section in self.sections for way in section.discounts),
            "plans": tuple(way for section in self.sections for way in section.plans),
            "online": Online.of(self.accounts, self.due),
            "earlier": self.earlier,
            "calls": self.calls,
            "promised_on": max(promises, default=None),
            "deadline": self.deadline,
            "first_due": min(item.invoice.due for item in self.due.items),
            "late_fees": business and policy.late_fees is FeeMode.MENTION and self.settings.seller.country == "FR",
            "notice_follows": not step.formal and any(other.formal for other in policy.reminders.steps),
            "owner_note": "",
        }


def facts(settings: Settings, accounts: Sequence[Account], due: DueReminder) -> Facts:
    """The facts of the message that is due to one client."""
    accounts = tuple(account for account in accounts)
    return Facts(settings, accounts, due, tuple(_sections(accounts, due)))


def _sections(accounts: Sequence[Account], due: DueReminder) -> Iterable[Section]:
    limit = len(due.items)
    if due.channel is not Channel.LETTER:
        limit = SHOWN_IN_FORMAL_EMAIL if due.step.formal else SHOWN_IN_EMAIL
    for account in accounts:
        items = sorted((item for item in due.items if item.open.currency == account.currency), key=_oldest_first)
        if not items:
            continue
        shown = items if len(items) <= limit else items[: limit - 1]
        rest = items[len(shown) :]
        yield Section(
            currency=account.currency,
            lines=tuple(_line(item) for item in shown),
            sum=total((item.open for item in items), account.currency),
            more=len(rest),
            more_sum=total((item.open for item in rest), account.currency),
            numbers=tuple(item.id for item in items),
            discounts=tuple(_discounts(account, items, due)),
            plans=tuple(_plans(account, items, due)),
            reference=_reference(account, items),
        )


def _oldest_first(item: Item) -> tuple[date, str]:
    return item.invoice.due, item.id


def _line(item: Item) -> Line:
    invoice = item.invoice
    return Line(
        number=item.id,
        subject=" ".join(invoice.subject.split()),
        order=" ".join(invoice.order.split()),
        issued=invoice.issued,
        due=invoice.due,
        total=item.total,
        open=item.open,
        promised_on=item.promised_on,
    )


def _about(account: Account, kind: OfferKind, items: Sequence[Item]) -> list[Offer]:
    """The open offers that concern what is listed."""
    listed = {item.id for item in items}
    return [offer for offer in account.offers_of(kind) if any(item.id in listed for item in offer.items)]


def _numbers(offer: Offer, due: DueReminder) -> tuple[str, ...]:
    """What the offer is for, when that is not all that the message lists."""
    covered = tuple(item.id for item in offer.items)
    return () if set(covered) == {item.id for item in due.items} else covered


def _discounts(account: Account, items: Sequence[Item], due: DueReminder) -> Iterable[Discount]:
    for offer in _about(account, OfferKind.DISCOUNT, items):
        yield Discount(
            percent=offer.percent,
            amount=offer.amount,
            saving=offer.saving,
            instead_of=offer.amount + offer.saving,
            valid_until=offer.valid_until,
            before_due=offer.before_due,
            own=offer.own,
            numbers=_numbers(offer, due),
        )


def _plans(account: Account, items: Sequence[Item], due: DueReminder) -> Iterable[Plan]:
    plans = sorted(_about(account, OfferKind.PLAN, items), key=_choice)
    for _, choice in groupby(plans, key=_choice):
        offers = list(choice)
        longest = max(offers, key=_count)
        yield Plan(
            counts=tuple(sorted({_count(offer) for offer in offers})),
            example=tuple(
                (len(list(run)), amount) for amount, run in groupby(part.amount for part in longest.instalments)
            ),
            valid_until=longest.valid_until,
            numbers=_numbers(longest, due),
        )


def _listed(account: Account, due: DueReminder) -> list[Item]:
    return [item for item in due.items if item.open.currency == account.currency]


def _online_full(account: Account, due: DueReminder) -> Iterable[OnlineWay]:
    """All that the message asks for in one currency, where one link pays exactly that."""
    items = _listed(account, due)
    asked, full = total((item.open for item in items), account.currency), account.full
    ways: list[Offer | Item] = list(items) if len(items) == 1 else []
    if full and {item.id for item in full.items} == {item.id for item in items} and full.amount == asked:
        ways.insert(0, full)
    url = next((found for way in ways if (found := pay_url(account, way))), "")
    if url:
        yield OnlineWay("full", asked, url)


def _online_offers(account: Account, due: DueReminder, kind: OfferKind) -> Iterable[OnlineWay]:
    """The offers that the message mentions and that a link takes, the plan of fewest instalments first."""
    for offer in sorted(_about(account, kind, _listed(account, due)), key=_count):
        url = pay_url(account, offer)
        if url:
            yield OnlineWay(str(kind), offer.pay_now, url, _count(offer), _numbers(offer, due))


def _choice(offer: Offer) -> tuple[tuple[str, ...], date]:
    """Plans for the same invoices that end on the same day are one choice of how many instalments."""
    return tuple(item.id for item in offer.items), offer.valid_until or date.max


def _count(offer: Offer) -> int:
    return len(offer.instalments)


def _reference(account: Account, items: Sequence[Item]) -> str:
    """What a transfer of the listed sum must carry: that of the `full` offer when it is for exactly these items."""
    full = account.full
    if full is not None and {item.id for item in full.items} == {item.id for item in items}:
        return full.reference
    return account.reference
