"""Which message is due for a client today, and why, or why not.

Steps are remembered per item and taken in order, none skipped: the first word about a late item is always the first
late step, however old the debt. One message a day at most, for all that is late, and never two within the minimum gap.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from generator.domain.account import Item, Status
from generator.domain.delivery import MessagePrepared, MessageSent, SentItem
from generator.domain.due import DueReminder, Held, NextReminder, Reminders
from generator.domain.facts import second_person
from generator.domain.holds import FREE, Holds, is_approved
from generator.domain.ledger import Channel, Client
from generator.domain.money import Money
from generator.domain.policy import NO_LADDER, REMINDERS_BEFORE_FORMAL, Anchor, Policy, Step
from generator.domain.rungs import Candidate, Record
from generator.domain.terms import BusinessCalendar, next_business_day, next_day_of_month, previous_business_day

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from generator.domain.account import Account
    from generator.domain.delivery import Deliveries
    from generator.domain.ledger import Contact
    from generator.domain.memory import ClientMemory
    from generator.domain.standing import Standing

#: What holds a reminder that is ready until a day comes, or payments are booked: it stays as it is and goes then.
_PASSING = frozenset({Held.STALE, Held.GAP, Held.CAP, Held.NOT_BUSINESS})
CATCH_UP_DAYS = 7  # a message from before the due date that was missed for longer lapses

#: What tells an invoice from all others, whoever it is asked of: its id, its day, its total in minor units, its currency.
Told = tuple[str, "date", int, str]


class Ladder:
    """The reminders of one client on one day."""

    def __init__(
        self,
        policy: Policy,
        client: Client,
        memory: ClientMemory,
        standing: Standing,
        today: date,
        business: BusinessCalendar | None,
        *,
        people: Sequence[Contact] = (),
        told_others: AbstractSet[Told] = frozenset(),
    ) -> None:
        """`business` is None when there is no calendar; `people` are the client's contacts.

        `told_others` are the invoices that clients were written to about who are in the ledger no more: one of these is
        most likely this client, under another id.
        """
        self.told_others = told_others
        self.formal_from: Mapping[str, date] = {}
        self.policy = policy.reminders
        self.whole = policy
        self.steps = policy.reminders.steps_for(client)
        self.client = client
        self.people = people
        self.memory = memory
        self.standing = standing
        self.today = today
        self.business = business if policy.reminders.business_days else None
        self.holds = Holds(policy, client, memory, today, business)
        self.index = {step.name: index for index, step in enumerate(self.steps)}

    def climb(
        self, items: Sequence[Item], known: Container[str], formal_from: Mapping[str, date] | None = None
    ) -> Reminders:
        """What goes today, what comes next, or what holds it.

        `items` are those of all the client's currencies; `known` the ids of every invoice in the ledger, shown or not; an item of
        `formal_from` has no formal notice before that day.
        """
        self.formal_from = formal_from or {}
        sent = self.memory.sent
        late = [item for item in items if item.status is Status.OVERDUE]
        if (reason := self.holds.silent()) is not None:
            return Reminders(sent=sent, held=reason)
        records = self._records(items, known)
        waiting = [item for item in late if not self.holds.promised(item)]
        early = [
            item for item in items if item.status in {Status.NOT_DUE, Status.DUE} and not self.holds.promised(item)
        ]
        review = [item for item in waiting if self._to_review(item, records[item.id])]
        review += [item for item in early if self.holds.given_back(item) or self._told_others(item)]
        asked = [item for item in waiting if item not in review]
        early = [item for item in early if item not in review]
        steps = [self._late_step(item, records[item.id]) for item in asked]
        steps += [self._early_step(item, records[item.id]) or self._late_step(item, records[item.id]) for item in early]
        candidates = [found for found in steps if found is not None]
        ready = [found for found in candidates if found.on <= self.today]
        if not self._enough(asked):
            ready = [found for found in ready if found.item.status is not Status.OVERDUE]
        held, until = self.holds.of_reminder() if ready else FREE
        message = self._message(ready, candidates, asked, records) if held is None or held in _PASSING else None
        due, kept = (message, None) if held is None else (None, message)
        if due is not None and (lost := self.holds.undelivered(due.channel)) != FREE:
            due, (held, until) = None, lost
        if due is None and held is None:
            held, until = self._idle(items, late, asked, review, candidates)
        following = None if due else self._next(candidates, until if held is not Held.PROMISED else None)
        return Reminders(sent, due, following, held, until, tuple(item.id for item in review), kept=kept)

    def _idle(
        self,
        items: Sequence[Item],
        late: Sequence[Item],
        asked: Sequence[Item],
        review: Sequence[Item],
        candidates: Sequence[Candidate],
    ) -> tuple[Held | None, date | None]:
        """Why nothing is ready; None when the next step simply has a later day."""
        if late and (reason := self.holds.standing()) != FREE:
            return reason
        if late and self.client.ladder == NO_LADDER:
            return Held.EXCLUDED, None
        if asked:
            if not self._enough(asked):
                return Held.MINIMUM, None
            return (None if any(found.item in asked for found in candidates) else Held.LADDER_DONE), None
        return (Held.REVIEW, None) if review else self._nothing_asked(items, late)

    def _nothing_asked(self, items: Sequence[Item], late: Sequence[Item]) -> tuple[Held, date | None]:
        """Why nothing that is open is asked for."""
        if promised := [item.promised_on for item in late if item.promised_on is not None]:
            return Held.PROMISED, max(self.today, min(promised))
        statuses = {item.status for item in items}
        if items and statuses == {Status.PAID}:
            by_credit = any(item.credited for item in items) and not any(item.paid for item in items)
            return (Held.CREDIT if by_credit else Held.PAID), None
        if Status.IN_FLIGHT in statuses:
            return Held.IN_FLIGHT, None
        if Status.IN_PLAN in statuses:
            return Held.AGREEMENT, None
        return (Held.DISPUTED if Status.DISPUTED in statuses else Held.NOTHING_OVERDUE), None

    def _enough(self, asked: Sequence[Item]) -> bool:
        """Whether what is late is worth a letter, in one of its currencies at least."""
        sums: dict[str, int] = {}
        for item in asked:
            sums[item.open.currency] = sums.get(item.open.currency, 0) + item.open.minor
        for currency, amount in sums.items():
            minimum = self.whole.amounts(currency).minimum_amount
            if minimum is None or Money(amount, currency).decimal >= minimum:
                return True
        return False

    def _to_review(self, item: Item, record: Record) -> bool:
        """A debt that was already old when relance first saw this client, and that nobody has written about since.

        And one that a refund opened again, or that somebody was written to about who is in the ledger no more.
        """
        if self.holds.given_back(item) or self._told_others(item):
            return True
        old = (self.holds.first_run - item.invoice.due).days >= self.policy.review_after_days
        return old and record.last < 0 and item.id not in self.memory.reviewed

    def _told_others(self, item: Item) -> bool:
        """Whether another client was written to about it, and is gone: this one may be the same, and would be told twice."""
        invoice = item.invoice
        mine = self.memory.reviewed.get(item.id)
        return (
            mine is None and (item.id, invoice.issued, invoice.total.minor, invoice.total.currency) in self.told_others
        )

    def _late_step(self, item: Item, record: Record) -> Candidate | None:
        """The item's next step once it is late, and the first day for it: grace, the client's payment run."""
        if record.finished:
            return None
        for index, step in enumerate(self.steps):
            if index <= record.last or self._early_on(step, item) is not None:
                continue
            grace = self.client.grace_days if self.client.grace_days is not None else self.policy.grace_days
            start = {Anchor.DUE: item.invoice.due, Anchor.ISSUED: item.invoice.issued}.get(step.anchor)
            if start is None:
                start = record.on or item.invoice.due
                grace = grace if record.on is None else 0
            first = max(start + timedelta(days=step.days + grace), item.invoice.due + timedelta(days=1))
            if self.client.pays_on:
                run = next_day_of_month(item.invoice.due, self.client.pays_on)
                first = max(first, run + timedelta(days=1))
            if step.formal:
                first = max(first, self.formal_from.get(item.id, first))
            return Candidate(item, index, step, first, record)
        return None

    def _early_step(self, item: Item, record: Record) -> Candidate | None:
        """The item's next step before it is due; one that was missed for a week, or whose time is over, has lapsed."""
        for index, step in enumerate(self.steps):
            first = self._early_on(step, item)
            if index <= record.last or first is None:
                continue
            if step.anchor is Anchor.DUE and self.standing.last_three_on_time:
                continue
            last = min(first + timedelta(days=CATCH_UP_DAYS), item.invoice.due - timedelta(days=1))
            if self.today <= last:
                return Candidate(item, index, step, first, record)
        return None

    def _early_on(self, step: Step, item: Item) -> date | None:
        """The day of a step that comes before the item is due; None when it is a step for late items."""
        if not step.before_due:
            return None
        if step.anchor is Anchor.ISSUED:
            first = item.invoice.issued + timedelta(days=step.days)
            return first if first < item.invoice.due else None
        first = item.invoice.due + timedelta(days=step.days)
        if next_business_day(first, self.business) >= item.invoice.due:  # a courtesy on the due date itself is none
            first = previous_business_day(first, self.business)
        return first

    def _is_early(self, step: Step, item: Item) -> bool:
        return self._early_on(step, item) is not None

    def _message(
        self,
        ready: Sequence[Candidate],
        candidates: Sequence[Candidate],
        asked: Sequence[Item],
        records: Mapping[str, Record],
    ) -> DueReminder | None:
        """The highest step that is due among the items; a late item goes before a courtesy.

        A late item that is listed before its own day has had its word too, unless its own step is above the message's:
        else two invoices a few days apart would bring two letters where one says it all.
        """
        late = [found for found in ready if found.item.status is Status.OVERDUE]
        formal = [found for found in late if found.step.formal and found.record.late >= REMINDERS_BEFORE_FORMAL]
        if formal:
            able = [item for item in asked if self.formal_from.get(item.id, self.today) <= self.today]
            told = [item for item in able if records[item.id].late >= REMINDERS_BEFORE_FORMAL]
            return self._due(formal[0].step, told, [found for found in candidates if found.item in told])
        late = [found for found in late if not found.step.formal]
        if late:
            top = max(late, key=lambda found: found.index)
            near = [found for found in candidates if found.item in asked and found.index <= top.index]
            return self._due(top.step, asked, near)
        early = [found for found in ready if found.item.status is not Status.OVERDUE]
        if early:
            top = max(early, key=lambda found: found.index)
            same = [found for found in early if found.index == top.index]
            return self._due(top.step, [found.item for found in same], same)
        return None

    def _due(self, step: Step, items: Sequence[Item], own: Sequence[Candidate]) -> DueReminder:
        calls = self._calls_first(step, own)
        channel = Channel.PHONE if calls else self._channel(step)
        due = DueReminder(
            step,
            channel,
            tuple(items),
            {found.item.id: found.step.name for found in own},
            call_first=calls,
            copy_to=self._reads_along() if step.copy and channel is Channel.EMAIL else (),
        )
        waits = self.policy.needs_word(step, channel) and not is_approved(due, self.memory.deliveries, self.today)
        return replace(due, waits=waits)

    def _reads_along(self) -> tuple[Contact, ...]:
        return second_person(self.client, self.people, self.memory.deliveries.unreachable)

    def _calls_first(self, step: Step, own: Sequence[Candidate]) -> bool:
        """Whether the owner is to telephone before the email of this step goes: on the day of its call sheet, not after."""
        if not step.call_first or self._channel(step) is not Channel.EMAIL or not self._has_telephone:
            return False
        mine = {found.item.id: found.record.on or date.min for found in own if found.step.name == step.name}
        sheets = [  # an item that a sheet listed at an earlier step of its own has its own call when its turn comes
            made.on
            for made in self.memory.deliveries.prepared
            if made.step == step.name and made.channel == Channel.PHONE
            if any(item in mine and mine[item] < made.on for item in made.items)
        ]
        return not sheets or self.today <= min(sheets)

    @property
    def _has_telephone(self) -> bool:
        return bool(self.client.phone) or any(person.phone for person in self.people)

    def _channel(self, step: Step) -> Channel:
        """A letter stays a letter; else the client's own channel, else the step's. Where no email arrives, the owner calls."""
        if step.channel is Channel.LETTER:
            return step.channel
        wanted = self.client.channel or step.channel
        lost = self.holds.undelivered(wanted) != FREE
        return Channel.PHONE if lost and self._has_telephone else wanted

    def _next(self, candidates: Sequence[Candidate], until: date | None) -> NextReminder | None:
        if not candidates:
            return None
        first = min(candidates, key=lambda found: (found.on, -found.index))
        on = max(first.on, self.today + timedelta(days=1))
        if until is not None:
            on = max(on, until + timedelta(days=1))
        on = max(on, self.holds.gap_ends())
        on = next_business_day(on, self.business)
        by_then = [found for found in candidates if found.on <= on]
        top = max(by_then, key=lambda found: (found.item.invoice.due < on, found.index))
        channel = Channel.PHONE if self._calls_first(top.step, [top]) else self._channel(top.step)
        return NextReminder(top.step.name, on, channel)

    def _records(self, items: Sequence[Item], known: Container[str]) -> dict[str, Record]:
        """What each item was told, also under a number that it had before it was renumbered."""
        told: dict[str, list[tuple[SentItem, date]]] = {}
        for message in self.memory.sent:
            for entry in message.items:
                if entry.step:
                    told.setdefault(entry.invoice, []).append((entry, message.on))
        if not told:
            return dict.fromkeys((item.id for item in items), Record())
        gone = [entry for number, found in told.items() if number not in known for entry in found]
        return {item.id: self._record(item, told.get(item.id) or _renumbered(item, gone)) for item in items}

    def _record(self, item: Item, entries: Sequence[tuple[SentItem, date]]) -> Record:
        known = [(self.index.get(entry.step, -1), on, entry.step) for entry, on in entries]
        last = max((index for index, _, _ in known), default=-1)
        finished = any(entry.final for entry, _ in entries)
        steps = self.steps
        late = sum(
            on > item.invoice.due if index < 0 else not self._is_early(steps[index], item) for index, on, _ in known
        )
        if last < 0 and late:  # steps of a ladder that was since rewritten: as many late ones count as done
            rungs = [index for index, step in enumerate(steps) if not self._is_early(step, item)]
            last = rungs[min(late, len(rungs)) - 1] if rungs else last
        return Record(last, max((on for _, on, _ in known), default=None), late, finished)


def message_prepared(account: Account, known: Deliveries) -> MessagePrepared | None:
    """What to remember once the message that is due today was put before the owner; None when that is known, or none is due."""
    due = account.reminders.due_today
    if due is None:
        return None
    items = tuple(item.id for item in due.items)
    said = (due.step.name, due.channel, items, due.about)
    alike = [made.on for made in known.prepared if (made.step, made.channel, made.items, made.about) == said]
    if account.as_of in alike or (alike and not due.call_first):  # a sheet like an old one begins another call
        return None
    return MessagePrepared(account.client.id, due.step.name, due.channel, account.as_of, items, due.about)


def message_sent(account: Account, ladder: Sequence[Step]) -> MessageSent | None:
    """What to remember once the message that is due today has left; None when none is due."""
    due = account.reminders.due_today
    if due is None:
        return None
    rungs = [step.name for step in ladder if not step.before_due] or [step.name for step in ladder]
    items = tuple(
        SentItem(
            invoice=item.id,
            step=due.steps.get(item.id, ""),
            issued=item.invoice.issued,
            total=item.total.minor,
            currency=item.total.currency,
            final=due.steps.get(item.id) in rungs[-1:],
        )
        for item in due.items
    )
    return MessageSent(account.client.id, due.step.name, due.channel, account.as_of, items, due.about)


def _renumbered(item: Item, gone: Sequence[tuple[SentItem, date]]) -> list[tuple[SentItem, date]]:
    """The records of an invoice that is no longer in the ledger but was the same one: same day, same total."""
    same = (item.invoice.issued, item.total.minor, item.total.currency)
    return [(entry, on) for entry, on in gone if (entry.issued, entry.total, entry.currency) == same]
