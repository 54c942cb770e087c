"""The late fees of an account: each item's, with what stops them, and one indemnity for each invoice whatever its parts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from generator.domain.late_fees import Debt, LateFees, Nothing, late_fees, no_fees
from generator.domain.ledger import Channel
from generator.domain.money import Money
from generator.domain.policy import FORMAL_NOTICE

if TYPE_CHECKING:
    from datetime import date

    from generator.domain.account import Account, Item
    from generator.domain.fee_rules import FeePolicy


@dataclass(frozen=True, slots=True)
class AccountFees:
    """The late fees of one account on its day, by item."""

    currency: str
    items: dict[str, LateFees]

    @property
    def interest(self) -> Money:
        """The interest of all items."""
        return Money(sum(fees.interest.minor for fees in self.items.values()), self.currency)

    @property
    def indemnity(self) -> Money:
        """The indemnities of all invoices."""
        return Money(sum(fees.indemnity.minor for fees in self.items.values()), self.currency)

    @property
    def total(self) -> Money:
        """Both together."""
        return self.interest + self.indemnity


def account_fees(account: Account, policy: FeePolicy) -> AccountFees:
    """What the law gives for each item of an account, paid late or still late, on the account's day."""
    found = {item.id: _item_fees(account, item, policy) for item in account.items if not item.fee_of}
    return AccountFees(account.currency, _one_indemnity_each(account, found))


def _item_fees(account: Account, item: Item, policy: FeePolicy) -> LateFees:
    course = account.courses.get(item.id)
    invoice = item.invoice
    noticed = _noticed_on(account, item) if course is not None else None  # of what was never late nobody asks
    debt = Debt(invoice.due, account.currency, course, invoice.received_on, noticed)
    fees = late_fees(debt, account.client.kind, policy, account.as_of)
    stopped = _stopped(account, item)
    if stopped is not None and (fees.reason is None or fees.total):
        return no_fees(account.currency, stopped)
    if fees.reason is Nothing.ON_TIME and invoice.paid_undated is not None:
        return no_fees(account.currency, Nothing.UNDATED)
    return fees


def _stopped(account: Account, item: Item) -> Nothing | None:
    """What stops late fees whatever they come to."""
    client = account.client
    if client.insolvent_on(account.as_of):
        return Nothing.INSOLVENT
    if client.hold_until is not None and account.as_of <= client.hold_until:
        return Nothing.HOLD
    if any(agreement.holds and item.id in agreement.invoices for agreement in account.agreements):
        return Nothing.AGREEMENT
    return None


def _noticed_on(account: Account, item: Item) -> date | None:
    """The day of the formal notice of an item, under the number that it had then: a letter, since an email is none."""
    known = {other.id for other in account.items}
    same = (item.invoice.issued, item.total.minor, item.total.currency)
    days = [
        message.on
        for message in account.reminders.sent
        if message.step == FORMAL_NOTICE and message.channel == Channel.LETTER
        for entry in message.items
        if entry.invoice == item.id
        or (entry.invoice not in known and (entry.issued, entry.total, entry.currency) == same)
    ]
    return min(days, default=None)


def _one_indemnity_each(account: Account, found: dict[str, LateFees]) -> dict[str, LateFees]:
    """The indemnity is the invoice's: it stands at the part that was late first, and at no other."""
    holders: dict[str, str] = {}
    parts = [item for item in account.items if item.id in found and found[item.id].indemnity]
    for item in sorted(parts, key=lambda item: (found[item.id].late_from or account.as_of, item.id)):
        holder = holders.setdefault(item.invoice.number, item.id)
        if holder != item.id:
            found[item.id] = replace(found[item.id], indemnity=Money(0, account.currency), indemnity_at=holder)
    return found
