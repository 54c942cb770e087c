"""What a message template may speak of: the facts of one reminder, cut to the items that it lists.

Everything comes from the accounts, so that a message says what the page says. No sentence is made here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.domain.claims import real
from generator.domain.deadlines import answer_by
from generator.domain.delivery import Means
from generator.domain.ledger import Channel, Kind
from generator.domain.money import Money, total
from generator.domain.policy import INSTALMENT_LATE, SERVICES, FeeMode
from generator.domain.thanks import nothing_late
from generator.message_fees import asked_with, claimed_fees, fees_left, fees_of_settled, fees_only, fees_told
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
    from generator.fee_lines import FeesTold
    from generator.message_recap import RecapFacts

#: An email past 102 KB is cut by the mail programs that most people use; the page lists everything.
SHOWN_IN_EMAIL = 20
SHOWN_IN_FORMAL_EMAIL = 60


#: What only messages to groups, what the owner adds a note to, and calendar entries have.
_ELSEWHERE: dict[str, object] = {"companies": (), "owner_note": "", "entry": None}


@dataclass(frozen=True, slots=True)
class Section:
    """What the message says in one currency. `more` lines are not shown; they add up to `more_sum`.

    Late fees that were claimed are a line of their own after that of their invoice, and in `sum` (and in `more_sum`, but in a formal
    notice, which lists the principal apart); `principal` is that without them. `fees` explains them, or what the
    law gives where nothing is claimed.
    """

    currency: str
    lines: tuple[Line, ...]
    sum: Money
    more: int
    more_sum: Money
    numbers: tuple[str, ...]
    discounts: tuple[Discount, ...]
    plans: tuple[Plan, ...]
    reference: str
    principal: Money
    fees: FeesTold | None = None

    @property
    def claimed(self) -> FeesTold | None:
        """The fees that are asked for."""
        return self.fees if self.fees and self.fees.claimed else None


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
        claims = [claim for account in self.accounts for claim in account.claims]
        return recap_of(self.due.recap, self.due, items, policy, computation, plain=plain, claims=claims)

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

    @property
    def spared(self) -> tuple[str, ...]:
        """The invoices of the message of which the owner waived all late fees, for good."""
        let_go = {item for account in self.accounts for item in account.spared}
        return tuple(item.id for item in real(self.due.items) if item.id in let_go)

    def _fees(self) -> dict[str, object]:
        """What templates may say of late fees: what was told of an invoice, or let go of, is not said of it again."""
        policy, client = self.settings.policy, self.accounts[0].client
        claimed = tuple(filter(None, (section.claimed for section in self.sections)))
        mentioned = policy.fee_mode(client) is not FeeMode.OFF and self.settings.seller.country == "FR"
        about = real(self.due.items)
        done = {*self.spared, *(claim.invoice for account in self.accounts for claim in account.claims)}
        said = client.kind is Kind.BUSINESS and mentioned and not claimed
        said = said and (not about or any(item.id not in done for item in about))
        return {
            "late_fees": said,
            "spared": self.spared if said else (),
            "fees": claimed,
            "fees_left": fees_left(self.accounts),
            "fees_only": fees_only(self.accounts),
            "fees_apart": fees_of_settled(self.accounts),
            "interest_first": policy.interest_first,
        }

    def _left(self) -> dict[str, object]:
        """What is left of everything between the two, due or not."""
        return {
            "following": following(self.accounts),
            "remaining": remaining(self.accounts),
            "waived_later": waived_later(self.accounts),
            "disputed": disputed(self.accounts),
            "credits": tuple(account.totals.credit for account in self.accounts if account.totals.credit),
        }

    def values(self) -> dict[str, object]:
        """The names that a template may use."""
        first, policy, step = self.accounts[0], self.settings.policy, self.due.step
        receipts = tuple(received(receipt, self.accounts) for receipt in self.due.receipts)
        lines = [line for section in self.sections for line in section.lines]
        lines += [line for receipt in receipts for line in receipt.lines]
        lines = [line for line in lines if not line.fee]
        listed = real(self.due.items)
        instalment, count = self.due.instalment, len(listed)
        promises = [line.promised_on for line in lines if line.promised_on and line.promised_on < first.as_of]
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
            "numbers": tuple(item.id for item in listed),
            "sums": self.due.asked,
            "discounts": tuple(way for section in self.sections for way in section.discounts),
            "plans": tuple(way for section in self.sections for way in section.plans),
            "online": Online.of(self.accounts, self.due),
            "earlier": self.earlier,
            "calls": self.calls,
            "promised_on": max(promises, default=None),
            "deadline": self.deadline,
            "first_due": min((item.invoice.due for item in listed), default=first.as_of),
            "notice_follows": not step.formal
            and any(other.formal for other in policy.reminders.steps_for(first.client)),
            "instalment": instalment_of(instalment, first.as_of) if instalment else None,
            "agreement": instalment.agreement if instalment else None,
            "recap": self._recap(),
            "ends_on": instalment.ends_on if instalment else None,
            "stands": instalment is not None and instalment.stands_on(first.as_of),
            "receipts": receipts,
            "vouchers": self._earned(),
            "brought": brought(self.due),
            "punctual": first.punctual,
            "prompt": bool(receipts) and self._prompt(lines),
            "proposal": proposed(self.due.proposal, self.accounts) if self.due.proposal else None,
            "people": spoken_to(first),
            "past": past_of(first),
            "broken": tuple(broken(self.accounts)),
            "call_first": self.due.call_first,
            **self._fees(),
            **self._left(),
            **_ELSEWHERE,
        }


def facts(settings: Settings, accounts: Sequence[Account], due: DueReminder) -> Facts:
    """The facts of the message that is due to one client."""
    accounts = tuple(account for account in accounts)
    return Facts(settings, accounts, due, tuple(_sections(settings, accounts, due)))


def _sections(settings: Settings, accounts: Sequence[Account], due: DueReminder) -> Iterable[Section]:
    listed = real(due.items)
    limit = len(listed)
    if due.channel is not Channel.LETTER:
        limit = SHOWN_IN_FORMAL_EMAIL if due.step.formal else SHOWN_IN_EMAIL
    for account in accounts:
        items = sorted((item for item in listed if item.open.currency == account.currency), key=_oldest_first)
        if not items:
            continue
        shown = items if len(items) <= limit else items[: limit - 1]
        asked, rest = asked_with(account, items), items[len(shown) :]
        claimed = claimed_fees(account, asked)
        yield Section(
            currency=account.currency,
            lines=tuple(line_of(item, claimed.get(item.fee_of)) for item in asked_with(account, shown)),
            sum=total((item.open for item in asked), account.currency),
            more=len(rest),
            more_sum=total(
                (item.open for item in (rest if due.step.formal else asked_with(account, rest))), account.currency
            ),
            numbers=tuple(item.id for item in items),
            discounts=tuple(discounts_of(account, items, due)),
            plans=tuple(plans_of(account, items, due)),
            reference=_reference(account, asked),
            principal=total((item.open for item in items), account.currency),
            fees=fees_told(settings, account, items, claimed, due),
        )


def _oldest_first(item: Item) -> tuple[date, str]:
    return item.invoice.due, item.id


def _reference(account: Account, items: Sequence[Item]) -> str:
    """What a transfer of the listed sum must carry: that of the `full` offer when it is for exactly these items."""
    full = account.full
    if full is not None and {item.id for item in full.items} == {item.id for item in items}:
        return full.reference
    return account.reference
