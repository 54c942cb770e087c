"""What a message template may speak of: the facts of one reminder, cut to the items that it lists.

Everything comes from the accounts, so that a message says what the page says. No sentence is made here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.domain.deadlines import answer_by
from generator.domain.delivery import Means
from generator.domain.ledger import Channel, Kind
from generator.domain.money import Money, total
from generator.domain.policy import INSTALMENT_LATE, SERVICES, FeeMode
from generator.domain.thanks import nothing_late
from generator.message_payments import (
    Line,
    brought,
    disputed,
    following,
    instalment_of,
    line_of,
    received,
    remaining,
    waived_later,
)
from generator.message_people import broken, past_of, spoken_to
from generator.message_proposals import proposed
from generator.message_recap import recap_of
from generator.message_ways import Discount, Online, Plan, discounts_of, plans_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from generator.config import Settings
    from generator.domain.account import Account, Item
    from generator.domain.delivery import MessageSent
    from generator.domain.due import DueReminder
    from generator.domain.vouchers import Voucher
    from generator.message_recap import RecapFacts

#: An email past 102 KB is cut by the mail programs that most people use; the page lists everything.
SHOWN_IN_EMAIL = 20
SHOWN_IN_FORMAL_EMAIL = 60


#: What only messages to groups, what the owner adds a note to, and calendar entries have.
_ELSEWHERE: dict[str, object] = {"companies": (), "owner_note": "", "entry": None}


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
        """The days on which we wrote of the same after it was due: only what the journal knows was sent."""
        return tuple(sorted({message.on for message in self._said() if message.channel != Channel.PHONE}))

    @property
    def calls(self) -> tuple[date, ...]:
        """The days on which we called about the same after it was due, and somebody answered."""
        said = {message.on for message in self._said() if message.channel == Channel.PHONE}
        first = min((item.invoice.due for item in self.due.items), default=None)
        noted = {
            note.on
            for note in self.accounts[0].reminders.logged
            if note.means is Means.CALL and note.reached and first is not None and first < note.on
        }
        return tuple(sorted(said | noted))

    def _said(self) -> Iterable[MessageSent]:
        """The messages that left about these items, or about this instalment, once they were late."""
        due = {item.id: item.invoice.due for item in self.due.items}
        for message in self.accounts[0].reminders.sent:
            if self.due.instalment is not None:
                if message.step in INSTALMENT_LATE and set(message.about) & set(self.due.about):
                    yield message
            elif message.step not in SERVICES and any(
                entry.invoice in due and due[entry.invoice] < message.on for entry in message.items
            ):
                yield message

    @property
    def deadline(self) -> date:
        """Until when an answer is asked for; no formal notice leaves before that is over."""
        ends = {way.valid_until for section in self.sections for way in section.discounts}
        ends |= {way.valid_until for section in self.sections for way in section.plans}
        return answer_by(self.accounts[0].as_of, filter(None, ends))

    def _recap(self) -> RecapFacts | None:
        """The agreement that the message tells of; to whoever is no business it speaks plainly."""
        kind = self.accounts[0].client.kind
        plain = kind in {Kind.CONSUMER, Kind.UNKNOWN}
        items = [item for account in self.accounts for item in account.items]
        if self.due.recap is None:
            return None
        policy, computation = self.settings.policy, self.settings.report.discount_vat
        return recap_of(self.due.recap, self.due, items, policy, computation, plain=plain)

    def _prompt(self, lines: Sequence[Line]) -> bool:
        """Whether the client may be thanked for having paid these on time: all of them were, and nothing else is late."""
        today, items = self.accounts[0].as_of, [item for account in self.accounts for item in account.items]
        thanks = self.settings.policy.reminders.thanks and nothing_late(items, today)
        return thanks and bool(lines) and all(line.on_time for line in lines)

    def _earned(self) -> tuple[Voucher, ...]:
        """The vouchers that the payments which this message confirms have earned, still to be taken off."""
        days = {receipt.on for receipt in self.due.receipts}
        found = (voucher for account in self.accounts for voucher in account.vouchers)
        return tuple(voucher for voucher in found if voucher.open and voucher.paid and voucher.earned_on in days)

    def values(self) -> dict[str, object]:
        """The names that a template may use."""
        first, policy, step = self.accounts[0], self.settings.policy, self.due.step
        receipts = tuple(received(receipt, self.accounts) for receipt in self.due.receipts)
        lines = [line for section in self.sections for line in section.lines]
        lines += [line for receipt in receipts for line in receipt.lines]
        instalment, count = self.due.instalment, len(self.due.items)
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
            "tone": str(step.tone),
            "sections": self.sections,
            "lines": tuple(dict.fromkeys(lines)),
            "one": lines[0] if count == 1 else None,
            "count": count,
            "numbers": tuple(item.id for item in self.due.items),
            "sums": self.due.asked,
            "discounts": tuple(way for section in self.sections for way in section.discounts),
            "plans": tuple(way for section in self.sections for way in section.plans),
            "online": Online.of(self.accounts, self.due),
            "earlier": self.earlier,
            "calls": self.calls,
            "promised_on": max(promises, default=None),
            "deadline": self.deadline,
            "first_due": min((item.invoice.due for item in self.due.items), default=first.as_of),
            "late_fees": business and policy.late_fees is FeeMode.MENTION and self.settings.seller.country == "FR",
            "notice_follows": not step.formal
            and any(other.formal for other in policy.reminders.steps_for(first.client)),
            "instalment": instalment_of(instalment, first.as_of) if instalment else None,
            "agreement": instalment.agreement if instalment else None,
            "recap": self._recap(),
            "ends_on": instalment.ends_on if instalment else None,
            "stands": instalment is not None and instalment.stands_on(first.as_of),
            "following": following(self.accounts),
            "receipts": receipts,
            "vouchers": self._earned(),
            "brought": brought(self.due),
            "punctual": first.punctual,
            "prompt": bool(receipts) and self._prompt(lines),
            "proposal": proposed(self.due.proposal, self.accounts) if self.due.proposal else None,
            "remaining": remaining(self.accounts),
            "waived_later": waived_later(self.accounts),
            "disputed": disputed(self.accounts),
            "credits": tuple(account.totals.credit for account in self.accounts if account.totals.credit),
            "people": spoken_to(first),
            "past": past_of(first),
            "broken": tuple(broken(self.accounts)),
            "call_first": self.due.call_first,
            **_ELSEWHERE,
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
            lines=tuple(line_of(item) for item in shown),
            sum=total((item.open for item in items), account.currency),
            more=len(rest),
            more_sum=total((item.open for item in rest), account.currency),
            numbers=tuple(item.id for item in items),
            discounts=tuple(discounts_of(account, items, due)),
            plans=tuple(plans_of(account, items, due)),
            reference=_reference(account, items),
        )


def _oldest_first(item: Item) -> tuple[date, str]:
    return item.invoice.due, item.id


def _reference(account: Account, items: Sequence[Item]) -> str:
    """What a transfer of the listed sum must carry: that of the `full` offer when it is for exactly these items."""
    full = account.full
    if full is not None and {item.id for item in full.items} == {item.id for item in items}:
        return full.reference
    return account.reference
