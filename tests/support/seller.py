"""A seller in a simulated year: a run on most days, a mail server with moods, an owner who approves, calls and posts letters."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING

from generator.calendars import calendar
from generator.domain.decide import decide
from generator.domain.delivery import (
    Approved,
    Logged,
    Means,
    MessageSent,
    Outcome,
    Resend,
    SendIntended,
    SendResult,
)
from generator.domain.ledger import Channel
from generator.domain.reminders import message_prepared, message_sent
from tests.support.world import numbered_keys
from tests.support.year import Customer
from tests.support.year_rules import Letter, Rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.domain.account import Account
    from generator.domain.due import DueReminder
    from generator.domain.policy import Policy

MOODS = (Outcome.SENT,) * 85 + (Outcome.LATER,) * 5 + (Outcome.REFUSED,) * 3 + (Outcome.BOUNCED,) * 3 + (None,) * 4


@dataclass
class Seller:
    """One seller, their clients, and the days on which the machine that sends was away."""

    seed: int
    policy: Policy
    size: int
    region: str = ""
    first: date = date(2026, 1, 5)
    length: int = 365
    met: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)
        self.business = calendar("FR", self.region)
        self.rules = Rules(self.policy, self.business, self.met)
        self.customers = [Customer(number, Random(f"{self.seed}/{number}"), self.first) for number in range(self.size)]
        self.away = set(self._outages())
        self.unbooked = 0

    def _outages(self) -> Iterator[date]:
        for _ in range(7):
            begin = self.first + timedelta(days=self.chance.randrange(5, self.length))
            for number in range(self.chance.randrange(1, 11)):
                yield begin + timedelta(days=number)

    def year(self) -> None:
        """Every day of it."""
        for number in range(self.length):
            day = self.first + timedelta(days=number)
            for who in self.customers:
                who.live(day)
            if day in self.away:
                self.met["days away"] += 1
                continue
            self._book(day)
            sends = self.chance.random() >= 0.06
            self.met["days that only built"] += not sends
            for who in self.customers:
                self.run(who, day, sends=sends)
            if self.chance.random() < 0.1:
                self.met["days run twice"] += 1
                for who in self.customers:
                    self.run(who, day, sends=sends)
        for who in self.customers:
            self.met.update(who.happened)

    def _book(self, day: date) -> None:
        """How far payments are booked: until yesterday, unless the owner forgets for some days."""
        if self.policy.payments_up_to is None:
            return
        self.unbooked = self.unbooked - 1 if self.unbooked else (9 if self.chance.random() < 0.03 else 0)
        if not self.unbooked:
            self.policy = replace(self.policy, payments_up_to=day - timedelta(days=1))
            self.rules.policy = self.policy

    def decide(self, who: Customer, day: date) -> tuple[Account, ...]:
        """Builds for one client: what is decided is remembered."""
        memory = who.memory()
        decision = decide(who.ledger(), self.policy, memory, day, business=self.business, new_key=numbered_keys())
        who.events += decision.events
        prepared = message_prepared(decision.accounts[0], memory.get(who.id).deliveries)
        if prepared is not None:
            who.events.append(prepared)
        return decision.accounts

    def run(self, who: Customer, day: date, *, sends: bool) -> None:
        """One run for one client."""
        accounts = self.decide(who, day)
        self.rules.look(who, accounts, day)
        due = accounts[0].reminders.due_today
        if due is not None and due.waits and self.chance.random() < 0.6:
            items = tuple(item.id for item in due.items)
            who.events.append(Approved(who.id, due.step.name, day, items, due.principal, due.about))
            self.rules.files[who.id].words.add(self.rules.said(accounts[0], due))
            accounts = self.decide(who, day)
            due = accounts[0].reminders.due_today
            assert due is not None
            assert not due.waits, (who.id, day, "approved, and waits")
            self.met["approved"] += 1
        if due is not None and (due.channel is Channel.PHONE or due.call_first):
            self._call(who, accounts[0], due, day)
            if due.call_first:  # who is only ever called waits for the owner
                self.rules.waiting(who, due, day)
            return
        if due is None or due.waits or not sends:
            return
        if self._leaves(who, accounts[0], due, day):
            self.rules.waiting(who, due, day)

    def _call(self, who: Customer, account: Account, due: DueReminder, day: date) -> None:
        """A call sheet: the owner reaches somebody, nobody, or does not call."""
        for item, step in due.steps.items():
            if step == due.step.name:
                self.rules.files[who.id].sheets.setdefault((item, step), day)
        self.met["call sheets"] += 1
        fate = self.chance.random()
        if fate < 0.55:
            if fate < 0.15:
                who.events.append(Logged(who.id, f"{day}-{len(who.events)}", day, Means.CALL, "?", reached=False))
                self.met["calls that reached nobody"] += 1
            return
        who.events.append(Logged(who.id, f"{day}-{len(who.events)}", day, Means.CALL, "!"))
        message = self._message(account)
        who.events.append(replace(message, channel="phone"))
        self._heard(who, due, day, "phone")
        self.met["calls"] += 1

    def _message(self, account: Account) -> MessageSent:
        message = message_sent(account, self.policy.reminders.steps_for(account.client))
        assert message is not None
        return message

    def _heard(self, who: Customer, due: DueReminder, day: date, channel: str) -> Letter:
        letter = Letter(
            day, due.step.name, channel, {item: step for item, step in due.steps.items() if step}, due.about
        )
        self.rules.files[who.id].letters.append(letter)
        for item, step in letter.steps.items():
            who.debts[item].told.append((day, step))
        self.met[f"{channel}: {due.step.name}"] += 1
        if self.chance.random() < 0.07:
            who.later(day + timedelta(days=self.chance.randrange(1, 4)), who.answer)
        return letter

    def _unheard(self, who: Customer, letter: Letter) -> None:
        """It came back: nobody heard it."""
        letter.heard = False
        for item, step in letter.steps.items():
            who.debts[item].told.remove((letter.on, step))

    def _leaves(self, who: Customer, account: Account, due: DueReminder, day: date) -> bool:
        """A letter is posted; an email is handed to a server. Says whether it was taken, as far as anybody knows today."""
        message = self._message(account)
        if due.channel is Channel.LETTER:
            who.events.append(message)
            self._heard(who, due, day, "letter")
            return True
        assert account.client.email == who.address, (who.id, day, account.client.email)
        outcome, name = self.chance.choice(MOODS), f"{who.id}-a{len(who.events)}"
        who.events.append(self._intent(message, name, who.address))
        at = datetime.combine(day, time(9), UTC)
        self.met[f"attempt: {outcome}"] += 1
        if outcome is None:
            self._nobody_knows(who, due, name, day)
            return False
        if outcome is Outcome.BOUNCED:
            who.events.append(SendResult(who.id, name, Outcome.SENT, at))
            letter, address = self._heard(who, due, day, "email"), who.address
            who.later(day + timedelta(days=1), lambda on: self._bounce(who, letter, name, address, on))
            return True
        gone = (who.address,) if outcome is Outcome.REFUSED else ()
        who.events.append(SendResult(who.id, name, outcome, at, gone))
        if outcome is Outcome.REFUSED:
            self._gone(who, name, who.address, day)
        elif outcome is Outcome.SENT:
            self._heard(who, due, day, "email")
        return outcome is Outcome.SENT

    def _intent(self, message: MessageSent, name: str, to: str) -> SendIntended:
        at = datetime.combine(message.on, time(8), UTC)
        return SendIntended(
            message.client,
            name,
            message.step,
            message.channel,
            message.on,
            message.items,
            (to,),
            "…",
            at,
            message.about,
        )

    def _nobody_knows(self, who: Customer, due: DueReminder, name: str, day: date) -> None:
        """The answer was lost; days later it turns out that the message left, or the owner says that it did not arrive."""
        who.uncertain.add(name)

        def settle(on: date) -> None:
            who.uncertain.discard(name)
            if self.chance.random() < 0.5:
                self.met["uncertain, and had left"] += 1
                who.events.append(SendResult(who.id, name, Outcome.SENT, datetime.combine(on, time(7), UTC)))
                self._heard(who, due, day, "email")
            else:
                self.met["uncertain, made again"] += 1
                who.events.append(Resend(who.id, (name,), on))

        who.later(day + timedelta(days=self.chance.randrange(1, 9)), settle)

    def _bounce(self, who: Customer, letter: Letter, name: str, address: str, day: date) -> None:
        who.events.append(SendResult(who.id, name, Outcome.BOUNCED, datetime.combine(day, time(3), UTC), (address,)))
        self._unheard(who, letter)
        self._gone(who, name, address, day)

    def _gone(self, who: Customer, name: str, address: str, day: date) -> None:
        """The address takes no mail; some day the owner finds another one, or says to try again."""
        who.gone.add(address)

        def mend(on: date) -> None:
            if self.chance.random() < 0.5:
                who.move_away()
                self.met["another address"] += 1
            else:
                who.events.append(Resend(who.id, (name,), on))
                who.gone.discard(address)
                self.met["the address is tried again"] += 1

        who.later(day + timedelta(days=self.chance.randrange(1, 25)), mend)
