"""A year in the life of a seller's clients, by chance: what they buy, pay, promise, dispute, agree and answer.

Everything happens on its day and is booked then or a little later, as in life; nothing of the future stands in the ledger.
What a client owes and was told is kept a second time, in plain numbers, for the rules of `year_rules` to look at.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from generator.domain.delivery import Answered, AnswersRead
from generator.domain.ledger import (
    AgreementRecord,
    Channel,
    Client,
    Contact,
    CreditNote,
    Dispute,
    Invoice,
    Kind,
    Ledger,
    Payment,
    Progress,
    Promise,
    Taking,
)
from generator.domain.memory import Memory, Reviewed
from generator.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from generator.domain.memory import Event

GRACE_OF_AGREEMENTS = 10  # days that an instalment may be late
NOTICE_OF_AGREEMENTS = 10  # days that a written reminder of it gives
Said = tuple[date, str]
Given = tuple[date, date]


@dataclass
class Debt:
    """An invoice, and what moved it; amounts in minor units."""

    invoice: Invoice
    moves: list[tuple[date, int]] = field(default_factory=list)
    disputed: list[tuple[date, date | None]] = field(default_factory=list)
    flying: dict[str, int] = field(default_factory=dict)
    given_back: date | None = None
    reviewed: date | None = None
    told: list[Said] = field(default_factory=list)  # its own steps, as far as they were heard
    unbooked: int = 0  # payments that are made and not booked yet

    @property
    def id(self) -> str:
        return self.invoice.id

    @property
    def open(self) -> int:
        """What is neither paid nor on its way."""
        return self.unpaid - sum(self.flying.values())

    @property
    def unpaid(self) -> int:
        return self.invoice.total.minor - sum(amount for _, amount in self.moves)

    def disputed_on(self, day: date) -> bool:
        return any(opened <= day and (closed is None or day < closed) for opened, closed in self.disputed)


@dataclass
class Deal:
    """An agreement: its dated parts, and what its debts owed when it was signed.

    What was written of it so far is noted by the rules: the first reminder of each missed part (`noticed`), the days on which the
    client was told that it had ended (`told`) or was reminded of its debts (`chased`), the time that they were given (`given`: who
    is within it on its first day has until its last), until when nobody writes to them at all, and how far payments are booked.
    """

    id: str
    signed: date
    debts: list[Debt]
    parts: list[tuple[date, int]]
    ended: bool = False
    noticed: dict[date, date] = field(default_factory=dict)
    told: list[date] = field(default_factory=list)
    chased: list[date] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)
    quiet_until: date = date.min
    insolvent: date | None = None
    booked: date = date.max

    @property
    def paid(self) -> int:
        return self.paid_by(date.max)

    def paid_by(self, day: date) -> int:
        """What had come in on its debts at the end of a day."""
        still = sum(debt.invoice.total.minor - sum(sum_ for on, sum_ in debt.moves if on <= day) for debt in self.debts)
        return sum(amount for _, amount in self.parts) - still

    def over_on(self, day: date) -> bool:
        """Whether the client was told that it had ended, and a part was still missing on the evening of that day."""
        grace = timedelta(days=GRACE_OF_AGREEMENTS)
        return any(on <= day and self._ended_by(on, on, held=False) for on in self.told) or any(
            on <= day and any(due + grace < on for due, _ in self.open_parts(on))
            for on in self.chased
            if on > self.signed
        )

    def holds_on(self, day: date) -> bool:
        """A part that is missing ends it once its last day is over; what is paid before anybody said so takes it up again."""
        return not self.ended and not self.over_on(day) and not self._ended_by(day, date.max, held=True)

    def _ended_by(self, day: date, known: date, *, held: bool) -> bool:
        lasts = [self.last_day(due, held=held) for due, _ in self.open_parts(known) if due < day]
        return any(last is not None and last < day and last <= self.booked for last in lasts)

    def last_day(self, due: date, *, held: bool = True) -> date | None:
        """The last day on which a missing part leaves it standing; None where nobody wrote of it, or nobody ever will."""
        if due not in self.noticed:
            return None
        last = max(due + timedelta(days=GRACE_OF_AGREEMENTS), self.noticed[due] + timedelta(days=NOTICE_OF_AGREEMENTS))
        last = max(last, self.quiet_until if held else last)
        while later := [until for begin, until in self.given if begin <= last < until]:
            last = max(later)
        if last == date.max or (self.insolvent is not None and self.insolvent <= last):
            return None
        return last

    def open_parts(self, known: date = date.max) -> list[tuple[date, int]]:
        """What is left of each part: money fills them in their order."""
        left, found = self.paid_by(known), []
        for due, amount in self.parts:
            if left < amount:
                found.append((due, amount - max(0, left)))
            left = max(0, left - amount)
        return found


@dataclass
class Vow:
    """A promise: from its day until it is kept or broken, about these invoices."""

    made: date
    until: date
    about: frozenset[str]


class Customer:
    """A client with a temper of their own; `live` is one day of theirs."""

    def __init__(self, number: int, chance: Random, first: date) -> None:
        self.chance = chance
        self.id = f"c-{number}"
        self.first = first
        self.row = self._row(number)
        self.contacts = self._contacts()
        self.debts: dict[str, Debt] = {}
        self.deals: list[Deal] = []
        self.vows: list[Vow] = []
        self.unread: set[str] = set()
        self.uncertain: set[str] = set()
        self.gone: set[str] = set()
        self.events: list[Event] = []
        self.payments: list[Payment] = []
        self.credits: list[CreditNote] = []
        self.disputes: dict[str, Dispute] = {}
        self.promises: list[Promise] = []
        self.agreements: list[AgreementRecord] = []
        self.takings: dict[str, Taking] = {}  # by id: the last word on each
        self.happened: list[str] = []
        self._later: dict[date, list[Callable[[date], None]]] = {}
        self._count = 0
        self._memory, self._remembered = Memory(), 0
        #: how soon they pay, and how often they speak up
        self.speed = chance.choice((0.25, 0.06, 0.02, 0.004))
        self.voice = chance.choice((0.0, 0.01, 0.03))
        if number % 12 == 3:
            self.later(first + timedelta(days=chance.randrange(60, 300)), self._opt_out)
        if number % 12 == 7:
            self.later(first + timedelta(days=chance.randrange(60, 300)), self._fail)
        for _ in range(chance.randrange(1, 4)):
            self._buy(first - timedelta(days=chance.choice((5, 20, 40, 70, 150))), chance.choice((15, 30)))

    def _row(self, number: int) -> Client:
        chance = self.chance
        made = Client(self.id, self.id.title(), f"{self.id}@client.example", kind=chance.choice(list(Kind)))
        return replace(
            made,
            phone="+33388000000" if chance.random() < 0.6 else "",
            grace_days=chance.choice((None, None, None, 5, 12)),
            pays_on=chance.choice(((), (), (), (10,), (5, 20), (31,))),
            channel=chance.choice((*(None,) * 6, Channel.EMAIL, Channel.LETTER, Channel.PHONE)),
            ladder={2: "loyal", 5: "none"}.get(number % 9, ""),
            skip_steps={4: ("courtesy", "reminder-2"), 8: ("reminder-1", "reminder-2")}.get(number % 11, ()),
        )

    def _contacts(self) -> tuple[Contact, ...]:
        if self.chance.random() < 0.7:
            return ()
        phone = "+33388000001" if self.chance.random() < 0.5 else ""
        return (Contact(self.id, "Jeanne Roy", "pays", f"{self.id}-pays@client.example", phone),)

    def memory(self) -> Memory:
        """What is remembered of them, with what was added since it was last asked for."""
        new = self.events[self._remembered :]
        if new:
            self._memory = self._memory.plus(new)
            self._remembered = len(self.events)
        return self._memory

    def _opt_out(self, _: date) -> None:
        self.row = replace(self.row, opt_out=True)

    def _fail(self, day: date) -> None:
        self.row = replace(self.row, insolvent_since=day)

    # what the ledger says of them

    def ledger(self) -> Ledger:
        """The facts as they are booked today."""
        return Ledger(
            {self.id: self.row},
            tuple(debt.invoice for debt in self.debts.values()),
            tuple(self.credits),
            tuple(self.payments),
            self.contacts,
            tuple(self.promises),
            tuple(self.disputes.values()),
            tuple(self.agreements),
            tuple(self.takings.values()),
        )

    @property
    def address(self) -> str:
        """Where they are written to: at whoever pays."""
        return self.contacts[0].email if self.contacts else self.row.email

    @property
    def telephone(self) -> bool:
        return bool(self.row.phone or any(contact.phone for contact in self.contacts))

    def move_away(self) -> None:
        """They have another address from now on."""
        self._count += 1
        new = f"{self.id}-{self._count}@client.example"
        self.contacts = tuple(replace(contact, email=new) for contact in self.contacts)
        if not self.contacts:
            self.row = replace(self.row, email=new)

    def deal_of(self, debt: Debt, day: date) -> Deal | None:
        """The agreement that holds for a debt."""
        return next((deal for deal in self.deals if debt in deal.debts and deal.holds_on(day)), None)

    def in_a_deal(self, debt: Debt) -> bool:
        return any(debt in deal.debts for deal in self.deals)

    def overdue(self, day: date) -> list[Debt]:
        return [debt for debt in self.debts.values() if debt.invoice.due < day and debt.open > 0]

    # a day

    def later(self, day: date, what: Callable[[date], None]) -> None:
        """This happens on that day."""
        self._later.setdefault(day, []).append(what)

    def live(self, day: date) -> None:
        """What they do today."""
        chance = self.chance
        for what in self._later.pop(day, []):
            what(day)
        if chance.random() < 0.02:
            self._buy(day, chance.choice((0, 15, 30, 45)))
        for debt in list(self.debts.values()):
            if debt.open > 0 and not debt.flying and not self.in_a_deal(debt):
                self._about(debt, day)
        if chance.random() < 0.006 and (late := self._free(day)):
            self._agree(late, day)
        if chance.random() < 0.0015:
            self.row = replace(self.row, hold_until=day + timedelta(days=chance.randrange(3, 30)))
            self.happened.append("hold")

    def _free(self, day: date) -> list[Debt]:
        """What they may agree on: late, undisputed, and of one currency."""
        late = [debt for debt in self.overdue(day) if not debt.disputed_on(day) and not debt.flying]
        if any(self.deal_of(debt, day) for debt in late):
            late = [debt for debt in late if not self.in_a_deal(debt)]
        late = [debt for debt in late if debt.given_back is None and not debt.unbooked]
        late = [debt for debt in late if all(on < day for on, _ in debt.moves)]
        currencies = sorted({debt.invoice.total.currency for debt in late})
        return [debt for debt in late if debt.invoice.total.currency == currencies[0]]

    def _buy(self, day: date, terms: int) -> None:
        self._count += 1
        currency = "GBP" if self.chance.random() < 0.12 else "EUR"
        total = self.chance.choice((350, 4_990, 12_000, 80_000, 250_001)) + self.chance.randrange(0, 140)
        invoice = Invoice(f"{self.id}-{self._count}", self.id, day, day + timedelta(days=terms), Money(total, currency))
        self.debts[invoice.id] = Debt(invoice)

    def _about(self, debt: Debt, day: date) -> None:
        """What they do about one invoice today."""
        chance, late = self.chance, debt.invoice.due < day
        if chance.random() < (self.speed if debt.invoice.due <= day + timedelta(days=2) else 0.003):
            whole = chance.random() < 0.75
            amount = debt.open if whole else max(1, debt.open * chance.randrange(1, 9) // 10)
            self._pay((debt,), amount, day, bounces=chance.random() < 0.08)
        elif chance.random() < 0.0015:
            amount = chance.choice((debt.open, max(1, debt.open // 3)))
            self._count += 1
            self.credits.append(
                CreditNote(f"A-{self.id}-{self._count}", self.id, day, self._money(debt, amount), debt.id)
            )
            debt.moves.append((day, amount))
        elif chance.random() < self.voice / 3 and not debt.disputed_on(day):
            self._dispute(debt, day)
        elif late and chance.random() < self.voice:
            self._promise(debt, day)
        elif chance.random() < 0.0035 and not debt.disputed_on(day):
            self._debit(debt, day)

    def _money(self, debt: Debt, amount: int) -> Money:
        return Money(amount, debt.invoice.total.currency)

    # money

    def _pay(self, debts: tuple[Debt, ...], amount: int, day: date, *, bounces: bool = False) -> None:
        """They pay today; it is booked then, or some days later."""
        booked = day + timedelta(days=self.chance.choice((0, 0, 1, 3)))

        def book(_: date) -> None:
            for debt in debts:
                debt.unbooked -= 1
            paid = min(amount, sum(debt.open for debt in debts))
            if paid <= 0:
                return
            self.payments.append(
                Payment(self.id, day, self._money(debts[0], paid), tuple(debt.invoice.number for debt in debts))
            )
            left = paid
            for debt in debts:  # oldest first
                taken = min(left, debt.open)
                left -= taken
                if taken:
                    debt.moves.append((day, taken))
            if bounces and len(debts) == 1:
                self.later(
                    booked + timedelta(days=self.chance.randrange(1, 9)), lambda on: self._bounce(debts[0], paid, on)
                )

        for debt in debts:
            debt.unbooked += 1
        if booked == day:
            book(day)
        else:
            self.later(booked, book)

    def _bounce(self, debt: Debt, amount: int, day: date) -> None:
        if self.in_a_deal(debt):
            return
        self.payments.append(Payment(self.id, day, self._money(debt, -amount), (debt.invoice.number,)))
        debt.moves.append((day, -amount))
        self.happened.append("bounced payment")

    def _debit(self, debt: Debt, day: date) -> None:
        """A debit by SEPA: on its way for days, then there or not; now and then it is given back."""
        self._count += 1
        name, amount = f"pi_{self.id}_{self._count}", debt.open
        ordered = Payment(
            self.id, day, self._money(debt, amount), (debt.invoice.number,), method="sepa_debit", stripe=(name,)
        )
        self.takings[name] = Taking(Progress.IN_FLIGHT, ordered)
        debt.flying[name] = amount
        self.happened.append("debit")

        def end(on: date) -> None:
            del debt.flying[name]
            if self.chance.random() < 0.35:
                self.takings[name] = Taking(Progress.FAILED, ordered)
                return
            self.takings[name] = Taking(Progress.PAID, ordered)
            self.payments.append(ordered)
            debt.moves.append((day, amount))
            if self.chance.random() < 0.5:
                self.later(
                    on + timedelta(days=self.chance.randrange(1, 20)),
                    lambda then: self._refund(debt, name, amount, then),
                )

        self.later(day + timedelta(days=self.chance.randrange(2, 12)), end)

    def _refund(self, debt: Debt, name: str, amount: int, day: date) -> None:
        """Given back, which opens the debt again; the owner looks at it some day."""
        back = Payment(
            self.id, day, self._money(debt, -amount), method="refund", stripe=(name.replace("pi", "re"),), undoes=name
        )
        self.takings[back.stripe[0]] = Taking(Progress.PAID, back)
        self.payments.append(back)
        debt.moves.append((day, -amount))
        debt.given_back = day
        self.happened.append("refund")
        self.later(day + timedelta(days=self.chance.randrange(4, 60)), lambda on: self.review(debt, on))

    def review(self, debt: Debt, day: date) -> None:
        """The owner looked at a debt that waited for it."""
        self.events.append(Reviewed(self.id, day, (debt.id,)))
        debt.reviewed = day

    # words

    def _dispute(self, debt: Debt, day: date) -> None:
        self.disputes[debt.id] = Dispute(debt.invoice.number, day, None, "?")
        debt.disputed = [*debt.disputed, (day, None)]
        self.happened.append("dispute")

        def close(on: date) -> None:
            self.disputes[debt.id] = replace(self.disputes[debt.id], closed_on=on)
            debt.disputed[-1] = (day, on)
            if self.chance.random() < 0.4:
                self._pay((debt,), debt.open, on)

        if self.chance.random() < 0.8:
            self.later(day + timedelta(days=self.chance.randrange(2, 40)), close)

    def _promise(self, debt: Debt, day: date) -> None:
        """One invoice or all that is late; kept or not."""
        until = day + timedelta(days=self.chance.randrange(0, 25))
        late = [one for one in self.overdue(day) if not self.in_a_deal(one)]
        named = self.chance.random() < 0.5
        about = [debt] if named else late
        self.promises.append(Promise(self.id, day, until, (debt.invoice.number,) if named else ()))
        self.vows.append(
            Vow(
                day,
                until,
                frozenset(one.id for one in ([debt] if named else self.debts.values()) if one.invoice.due <= day),
            )
        )
        self.happened.append("promise")

        def keep(on: date) -> None:
            for one in about:
                if one.open > 0:
                    self._pay((one,), one.open, on)

        if self.chance.random() < 0.5:
            self.later(until, keep)

    def _agree(self, debts: list[Debt], day: date) -> None:
        """An agreement in equal parts: kept, kept late, or not at all."""
        debts = sorted(debts, key=lambda debt: (debt.invoice.due, debt.invoice.issued, debt.id))
        owed, count = sum(debt.open for debt in debts), self.chance.choice((1, 2, 3, 4))
        if owed < 100 * count:
            return
        each = [owed // count + (1 if number < owed % count else 0) for number in range(count)]
        every, first = self.chance.choice((7, 14, 30)), self.chance.randrange(2, 20)
        parts = [(day + timedelta(days=first + every * number), amount) for number, amount in enumerate(each)]
        self._count += 1
        name = f"E-{self.id}-{self._count}"
        for earlier in self.deals:
            earlier.ended = earlier.ended or any(debt.unpaid and debt in debts for debt in earlier.debts)
        deal = Deal(name, day, debts, parts)
        self.deals.append(deal)
        currency = debts[0].invoice.total.currency
        self.agreements.append(
            AgreementRecord(
                name,
                self.id,
                tuple(debt.invoice.number for debt in debts),
                day,
                tuple((due, Money(amount, currency)) for due, amount in parts),
            )
        )
        self.happened.append("agreement")
        manner = self.chance.choice(("kept", "late", "early", "broken", "broken"))
        stops = 0 if manner != "broken" else self.chance.randrange(count)
        for number, (due, amount) in enumerate(parts):
            if manner == "broken" and number >= stops:
                break
            on = due + timedelta(days={"late": self.chance.randrange(1, 10), "early": -5}.get(manner, -1))
            self.later(max(on, day + timedelta(days=1)), self._instalment(deal, amount))

    def _instalment(self, deal: Deal, amount: int) -> Callable[[date], None]:
        def pay(on: date) -> None:
            if not deal.ended:
                self._pay(tuple(deal.debts), amount, on)

        return pay

    def answer(self, day: date) -> None:
        """They write back; the owner reads it sooner or later."""
        self._count += 1
        name = f"{self.id}-m{self._count}"
        self.events.append(Answered(self.id, name, day, "message"))
        self.unread.add(name)

        def read(on: date) -> None:
            self.events.append(AnswersRead(self.id, on, (name,)))
            self.unread.discard(name)

        self.later(day + timedelta(days=self.chance.randrange(1, 12)), read)
