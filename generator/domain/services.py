"""Messages that are no step of a ladder: when an agreement is made, around its instalments, when money came in, to a new client.

Each is about something that happens once, and is remembered by the name of that (`about`), so that it is said once. One
that was missed for too long has lapsed: nobody wants to be thanked a month later.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from generator.domain.account import Status
from generator.domain.asking import asked_of
from generator.domain.claims import real
from generator.domain.due import QUIET, DueReminder, Held, InstalmentDue, NextReminder, Recap, Receipt, Reminders
from generator.domain.facts import PAYS
from generator.domain.following import instalment_name
from generator.domain.holds import FREE, is_approved
from generator.domain.ledger import Channel, Kind
from generator.domain.policy import (
    AGREEMENT_OVER,
    INSTALMENT_LATE,
    INSTALMENT_SOON,
    ONBOARDING,
    RECAP,
    RECEIPT,
    Step,
    Tone,
)
from generator.domain.recaps import announced, endings, names, recaps
from generator.domain.terms import next_business_day, previous_business_day

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.domain.account import Agreement, Item
    from generator.domain.holds import Holds
    from generator.domain.ledger import Contact, Payment
    from generator.domain.terms import BusinessCalendar

RECEIPT_DAYS = 14  # money that came in longer ago is not confirmed any more
NEW_CLIENT_DAYS = 30  # a client whose first invoice is older is not asked who pays


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A message, and the days from which and until which it may go."""

    message: DueReminder
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Services:
    """These messages for one client on one day, from what is shown of them in all currencies."""

    holds: Holds
    people: Sequence[Contact]
    items: Sequence[Item]
    agreements: Sequence[Agreement]
    payments: Sequence[Payment]

    def over(self, reminders: Reminders) -> Reminders:
        """The client's reminders with these: what is said of an agreement goes before a reminder, the rest after it.

        Nothing goes beside another message of the same day; what is pushed aside goes on the next.
        """
        if self.holds.silent() is not None:
            return reminders
        old = self._to_review()
        if old:
            reminders = replace(reminders, to_review=tuple(dict.fromkeys((*reminders.to_review, *old))))
        agreed = self._recaps()
        instalments = self._instalments({one.message.recap.id for one in agreed if one.message.recap}, frozenset(old))
        now, soon = ([one for one in instalments if self._can_wait(one) is waits] for waits in (False, True))
        later = (*self._receipts(), *self._onboarding()) if reminders.due_today is None else ()
        found = (*self._endings(), *now, *agreed, *soon, *later)
        ready = [one.message for one in found if one.first <= self.holds.today <= one.last]
        if not ready:
            return self._with_next(reminders, instalments)
        reasons = [(message, self._held(message)) for message in ready]
        chosen = next((message for message, reason in reasons if reason == FREE), None)
        if chosen is not None:  # what must wait keeps nothing else from going
            kept = reminders.due_today or reminders.kept
            return replace(reminders, due_today=self._waiting(chosen), next=None, held=None, until=None, kept=kept)
        if reminders.due_today is not None or reminders.held not in {None, Held.AGREEMENT, *QUIET}:
            return reminders
        _, (held, until) = reasons[0]
        return replace(reminders, held=held, until=until)

    def _held(self, message: DueReminder) -> tuple[Held | None, date | None]:
        if (reason := self.holds.undelivered(message.channel)) != FREE:
            return reason
        if message.step.name not in {AGREEMENT_OVER, *INSTALMENT_LATE}:
            return self.holds.of_service()
        reason = self.holds.of_reminder()
        days = [item.promised_on for item in message.items if item.promised_on and self.holds.promised(item)]
        if reason == FREE and days:
            return Held.PROMISED, max(self.holds.today, *days)
        if reason == FREE and self.holds.policy.payments_up_to is not None and message.instalment is not None:
            booked = self.holds.policy.payments_up_to
            return (Held.STALE, None) if booked < message.instalment.instalment.due else FREE
        return reason

    def _waiting(self, message: DueReminder) -> DueReminder:
        needs = self.holds.policy.reminders.needs_word(message.step, message.channel)
        return replace(
            message, waits=needs and not is_approved(message, self.holds.memory.deliveries, self.holds.today)
        )

    def _with_next(self, reminders: Reminders, candidates: Sequence[_Candidate]) -> Reminders:
        """What comes next, when a word about an instalment comes before the next reminder."""
        coming = [found for found in candidates if self.holds.today < found.first <= found.last]
        if reminders.due_today is not None or not coming:
            return reminders
        first = min(coming, key=lambda found: found.first)
        if reminders.next is not None and reminders.next.on <= first.first:
            return reminders
        return replace(reminders, next=NextReminder(first.message.step.name, first.first, first.message.channel))

    def _channel(self) -> Channel:
        return self.holds.client.channel or Channel.EMAIL

    def _told(self, about: str, *steps: str) -> bool:
        return any(message.step in steps and about in message.about for message in self.holds.memory.sent)

    def _recaps(self) -> list[_Candidate]:
        """Agreements that began or changed, in writing. The payments that came in are told with them."""
        if not self.holds.policy.reminders.recaps or self._channel() is not Channel.EMAIL:
            return []
        thanks = self.holds.policy.reminders.thanks
        found = recaps(self.agreements, self.items, self.holds.memory.sent, self.holds.today, thanks=thanks)
        return [self._recap(recap) for recap in found]

    def _recap(self, recap: Recap) -> _Candidate:
        """One of them. Where nothing in the ledger says why an agreement is gone, the owner looks first."""
        step = Step(RECAP, 0, tone=Tone.WARM, confirm=True if recap.agreement is None else None)
        listed, arrived = tuple(item for item in real(self.items) if item.id in recap.invoices), self._arrived()
        about, receipts = (*names(recap), *arrived), tuple(arrived.values())
        message = DueReminder(step, Channel.EMAIL, listed, {}, about, recap=recap, receipts=receipts)
        return _Candidate(message, self.holds.today, self.holds.today)

    def _endings(self) -> list[_Candidate]:
        """Agreements that were not kept: said in writing, and with the owner's word whatever the policy. Nobody is told by telephone."""
        by_letter = self._channel() is Channel.LETTER or self.holds.undelivered(Channel.EMAIL) != FREE
        channel, step = Channel.LETTER if by_letter else Channel.EMAIL, Step(AGREEMENT_OVER, 0, confirm=True)
        found: list[_Candidate] = []
        for recap in endings(self.agreements, self.holds.memory.sent, self.holds.today):
            late = {Status.OVERDUE, Status.DUE}
            listed = tuple(item for item in real(self.items) if item.id in recap.invoices and item.status in late)
            message = DueReminder(step, channel, listed, {}, names(recap), recap=recap)
            found.append(_Candidate(message, self.holds.today, self.holds.today))
        return found

    def _to_review(self) -> list[str]:
        """What is in an agreement and that the owner has to look at before anybody is written to.

        A date was missed long before the first run, and nobody wrote of it or looked at it since; or a refund opened it again.
        """
        oldest = self.holds.first_run - timedelta(days=self.holds.policy.reminders.review_after_days)
        return [
            item.id
            for agreement in self.agreements
            if agreement.holds and (missed := agreement.next)
            for item in real(self.items)
            if item.id in agreement.invoices and item.status is Status.IN_PLAN
            if self.holds.given_back(item)
            or (missed.due <= oldest and not missed.noticed_on and item.id not in self.holds.memory.reviewed)
        ]

    def _instalments(self, agreed: set[str], old: frozenset[str]) -> list[_Candidate]:
        """Before each instalment that is to come, and after each that was missed.

        Of an agreement that was not kept the ladder speaks, and of what is `old` the owner first. Of those `agreed` a recap is due,
        which says every date.
        """
        found: list[_Candidate] = []
        taken: Counter[date] = Counter()
        for agreement in (one for one in self.agreements if one.holds and old.isdisjoint(one.invoices)):
            for due in asked_of(agreement, self.items):
                found += self._late(due) or ([] if agreement.id in agreed else self._soon(due, taken))
        return sorted(found, key=lambda one: one.first)

    def _can_wait(self, one: _Candidate) -> bool:
        """Whether a word before an instalment can go tomorrow as well."""
        if one.message.step.name != INSTALMENT_SOON:
            return False
        return next_business_day(self.holds.today + timedelta(days=1), self._calendar) <= one.last

    @property
    def _calendar(self) -> BusinessCalendar | None:
        return self.holds.business if self.holds.policy.reminders.business_days else None

    def _soon(self, due: InstalmentDue, taken: Counter[date]) -> list[_Candidate]:
        """The word before an instalment. `taken` are the days of instalments that have one: a second word begins a day earlier.

        There is none where one before it, which is late, ends the agreement first: of that one it is time to speak.
        """
        ends_first = due.ends_on is not None and due.ends_on < due.instalment.due
        if ends_first or self._told(_name(due), INSTALMENT_SOON):
            return []
        first = due.instalment.due - timedelta(days=self.holds.policy.reminders.instalment_before_days)
        first = previous_business_day(first, self._calendar)
        for _ in range(taken[due.instalment.due]):
            first = previous_business_day(first - timedelta(days=1), self._calendar)
        day_before = previous_business_day(first - timedelta(days=1), self._calendar)
        if announced(self.holds.memory.sent, _name(due), day_before):
            return []
        taken[due.instalment.due] += 1
        first = max(first, due.agreement.signed_on + timedelta(days=1))
        message = self._about(INSTALMENT_SOON, Tone.WARM, due)
        return [_Candidate(message, first, due.instalment.due - timedelta(days=1))]

    def _late(self, due: InstalmentDue) -> list[_Candidate]:
        """The next follow-up of an instalment whose day has passed."""
        if due.instalment.due >= self.holds.today:
            return []
        for step, after in zip(INSTALMENT_LATE, self.holds.policy.reminders.instalment_after_days, strict=False):
            if self._told(_name(due), step):
                continue
            first = next_business_day(due.instalment.due + timedelta(days=max(1, after)), self._calendar)
            return [_Candidate(self._about(step, Tone.PLAIN, due), first, date.max)]
        return []

    def _about(self, step: str, tone: Tone, due: InstalmentDue) -> DueReminder:
        mine = (item for item in real(self.items) if item.id in due.agreement.invoices and item.open)
        listed = tuple(item for item in mine if item.status is not Status.DISPUTED)
        return DueReminder(Step(step, 0, tone=tone), self._channel(), listed, {}, about=(_name(due),), instalment=due)

    def _arrived(self) -> dict[str, Receipt]:
        """Money that came in lately, of which the client was not told, by name; what went back since is not confirmed."""
        if not self.holds.policy.reminders.receipts or self._channel() is not Channel.EMAIL:
            return {}
        oldest = max(self.holds.first_run, self.holds.today - timedelta(days=RECEIPT_DAYS))
        seen: Counter[str] = Counter()
        new: dict[str, Receipt] = {}
        for payment in _kept(self.payments):
            if payment.date < oldest:
                continue
            name = f"{payment.date.isoformat()}/{payment.amount.currency}/{payment.amount.minor}"
            seen[name] += 1
            if not self._told(f"{name}/{seen[name]}", RECEIPT, RECAP):
                new[f"{name}/{seen[name]}"] = Receipt(payment.date, payment.amount, payment.invoices, payment.method)
        return new

    def _receipts(self) -> Iterator[_Candidate]:
        if arrived := self._arrived():
            receipts = tuple(arrived.values())
            step = Step(RECEIPT, 0, tone=Tone.WARM)
            message = DueReminder(step, Channel.EMAIL, (), {}, tuple(arrived), receipts=receipts)
            yield _Candidate(message, self.holds.today, self.holds.today)

    def _onboarding(self) -> Iterator[_Candidate]:
        """A new client of whom nobody knows who pays: asked once, and never while something is late."""
        client, today = self.holds.client, self.holds.today
        if not self.holds.policy.reminders.onboarding or client.kind is Kind.CONSUMER or not self.items:
            return
        if self._channel() is not Channel.EMAIL or any(person.role == PAYS for person in self.people):
            return
        since = min(item.invoice.issued for item in self.items)
        late = any(item.status is Status.OVERDUE for item in self.items)
        if late or (today - since).days > NEW_CLIENT_DAYS or self._told(ONBOARDING, ONBOARDING):
            return
        message = DueReminder(Step(ONBOARDING, 0, tone=Tone.WARM), Channel.EMAIL, (), {}, about=(ONBOARDING,))
        yield _Candidate(message, today, today)


def remembered(reminders: Reminders, holds: Holds) -> Reminders:
    """The reminders with what was said on either side since: answers, calls, and what became of messages."""
    known = holds.memory.deliveries
    return replace(
        reminders,
        unread=known.unread,
        uncertain=tuple(attempt.intent for attempt in known.uncertain),
        unreachable=holds.unreachable,
        logged=known.logged,
    )


def _kept(payments: Sequence[Payment]) -> list[Payment]:
    """What came in and did not go back: a bounce takes the last payment of its amount before it, a refund its own."""
    kept: list[Payment] = []
    for payment in sorted(payments, key=lambda one: (one.date, one.amount.minor < 0)):
        if payment.amount.minor > 0:
            kept.append(payment)
            continue
        like = [one for one in kept if one.amount == -payment.amount]
        own = [one for one in like if payment.undoes and payment.undoes in one.stripe]
        if gone := own or like:
            kept.remove(gone[-1])
    return kept


def _name(due: InstalmentDue) -> str:
    return instalment_name(due.agreement.id, due.instalment.due)
