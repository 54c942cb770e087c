"""What must hold every day of a year, worked out a second time from what clients owe and were told.

Written from the rules as they are told to owners, and from nothing in `generator.domain`.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from generator.domain.due import Held
from generator.domain.ledger import Channel
from tests.support.year import NOTICE_OF_AGREEMENTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.calendars import Calendar
    from generator.domain.account import Account
    from generator.domain.due import DueReminder, Reminders
    from generator.domain.policy import Policy, Step
    from tests.support.year import Customer, Deal, Debt

NOT_COUNTED = {"instalment", "receipt", "onboarding", "recap"}  # they remind nobody of anything late
FOLLOW_UPS = ("instalment-late", "instalment-last")
THE_END = "agreement-over"  # with the owner's word, whatever the policy
ONE_DAY = timedelta(days=1)
FRIDAY = 4
LONGEST_ANSWER = timedelta(days=14)  # of what a reminder asks for in writing; ten days where no offer ends about then
#: The bound: on so many business days on which nothing stood in the way may an item go without its step: for a call sheet,
#: or for formal notices about the client's other items, which list nothing else. Each of these goes once, and so do words about
#: instalments, which go first and are not counted: nobody waits for ever. Without these it is the very day of the step.
LONGEST_WAIT = 4
OLD_AT_FIRST = 60
FIRST_TOLD = 14  # days after which an agreement is not told of any more


@dataclass
class Letter:
    """A message that left, or may have: what was heard of it changes when it comes back."""

    on: date
    step: str
    channel: str
    steps: dict[str, str]
    about: tuple[str, ...] = ()
    heard: bool = True


@dataclass
class File:
    """All that the seller did about one client, as the rules remember it."""

    letters: list[Letter] = field(default_factory=list)
    sheets: dict[tuple[str, str], date] = field(default_factory=dict)  # (item, step): the first call sheet about it
    words: set[tuple[object, ...]] = field(default_factory=set)  # what the owner said may leave
    first_run: date | None = None
    free: set[tuple[str, str]] = field(default_factory=set)  # items whose step could go at the last look
    waited: Counter[tuple[str, str]] = field(default_factory=Counter)

    def heard(self) -> list[Letter]:
        return [letter for letter in self.letters if letter.heard]

    def told(self, step: str, about: str) -> bool:
        return any(letter.step == step and about in letter.about for letter in self.heard())

    def note(self, who: Customer, deal: Deal, day: date, booked: date | None) -> None:
        """What was written of an agreement so far, and what gives its client time."""
        deal.noticed, deal.told = {}, []
        for letter in sorted(self.heard(), key=lambda letter: letter.on):
            for due, _ in deal.parts:
                if (
                    letter.step in FOLLOW_UPS
                    and letter.channel != "phone"
                    and f"{deal.id}@{due.isoformat()}" in letter.about
                ):
                    deal.noticed.setdefault(due, letter.on)
            if letter.step == THE_END and f"{deal.id}@broken" in letter.about:
                deal.told.append(letter.on)
        deal.chased = sorted({on for debt in deal.debts for on, _ in debt.told})
        ids = {debt.id for debt in deal.debts}
        notice = timedelta(days=NOTICE_OF_AGREEMENTS)
        deal.given = [(vow.made, vow.until) for vow in who.vows if vow.about & ids]
        deal.given += [
            (opened, closed + notice) for debt in deal.debts for opened, closed in debt.disputed if closed is not None
        ]
        held = who.row.hold_until if who.row.hold_until is not None and day <= who.row.hold_until else date.min
        deal.quiet_until = date.max if who.row.opt_out else held
        deal.insolvent = who.row.insolvent_since
        deal.booked = day if booked is None else min(booked, day)

    def recaps_of(self, deal: Deal) -> list[Letter]:
        """The recaps that spoke of an agreement, of its dates or of its end."""
        recaps = [letter for letter in self.heard() if letter.step in {"recap", THE_END}]
        return [letter for letter in recaps if any(name.startswith(f"{deal.id}@") for name in letter.about)]


@dataclass
class Rules:
    """The rules of one seller; `met` counts what they were tried on."""

    policy: Policy
    business: Calendar
    met: Counter[str] = field(default_factory=Counter)
    files: dict[str, File] = field(default_factory=lambda: defaultdict(File))

    # what stands in the way

    def stops(self, who: Customer, day: date) -> set[Held]:
        """Every reason for which nothing at all may be written to this client today."""
        found = {
            Held.INSOLVENT: who.row.insolvent_since is not None and who.row.insolvent_since <= day,
            Held.OPTED_OUT: who.row.opt_out,
            Held.HOLD: who.row.hold_until is not None and day <= who.row.hold_until,
            Held.ANSWERED: bool(who.unread),
            Held.UNCERTAIN: bool(who.uncertain),
            Held.NOT_BUSINESS: not self.business.is_business_day(day),
        }
        return {reason for reason, holds in found.items() if holds}

    def manners(self, who: Customer, day: date) -> set[Held]:
        """Every reason for which no reminder may go today, beside those."""
        counted = [letter.on for letter in self.files[who.id].heard() if letter.step not in NOT_COUNTED]
        gap = timedelta(days=self.policy.reminders.minimum_gap_days)
        found = {
            Held.STALE: self.stale(day),
            Held.GAP: any(day < on + gap for on in counted),
            Held.CAP: sum((on.year, on.month) == (day.year, day.month) for on in counted)
            >= self.policy.reminders.most_per_month,
        }
        return {reason for reason, holds in found.items() if holds}

    def stale(self, day: date) -> bool:
        booked, late = self.policy.payments_up_to, 0
        if booked is None:
            return False
        while booked < day:
            booked += ONE_DAY
            late += self.business.is_business_day(booked)
        return late > self.policy.stale_days

    def protects(self, who: Customer, debt: Debt, day: date) -> Held | None:
        """Why an item that is late is not asked for."""
        if debt.unpaid <= 0:
            return Held.PAID
        if debt.open <= 0:
            return Held.IN_FLIGHT
        if debt.disputed_on(day):
            return Held.DISPUTED
        booked = self.policy.payments_up_to
        if any(
            debt.id in vow.about
            and vow.made <= day
            and (day <= vow.until or (booked is not None and booked < vow.until))
            for vow in who.vows
        ):
            return Held.PROMISED
        if who.deal_of(debt, day):
            return Held.AGREEMENT
        return Held.REVIEW if self.waits_for_review(who, debt) else None

    def waits_for_review(self, who: Customer, debt: Debt) -> bool:
        if debt.given_back is not None and (debt.reviewed is None or debt.reviewed < debt.given_back):
            return True
        first = self.files[who.id].first_run
        old = first is not None and (first - debt.invoice.due).days > OLD_AT_FIRST
        return old and debt.reviewed is None and not debt.told

    # the ladder

    def late_steps(self, who: Customer) -> list[Step]:
        return [step for step in self.policy.reminders.steps_for(who.row) if not step.before_due]

    def late_told(self, who: Customer, debt: Debt) -> list[tuple[date, str]]:
        names = {step.name for step in self.late_steps(who)}
        return [(on, name) for on, name in debt.told if name in names]

    def next_step(self, who: Customer, debt: Debt) -> Step | None:
        """The first late step that it has not been told; None when its ladder is done, or waits for two reminders."""
        steps, told = self.late_steps(who), self.late_told(who, debt)
        if len(told) >= len(steps):
            return None
        step = steps[len(told)]
        return None if step.formal and len(told) < 2 else step

    def day_of(self, who: Customer, debt: Debt, step: Step) -> date:
        """The first day of an item's next step: grace, the client's own payment run."""
        own, told = who.row.grace_days, self.late_told(who, debt)
        grace = self.policy.reminders.grace_days if own is None else own
        day = debt.invoice.due + timedelta(days=grace + step.days)
        if step.anchor == "previous" and told:
            day = told[-1][0] + timedelta(days=step.days)
        run = debt.invoice.due
        while not any(run.day == min(on, monthrange(run.year, run.month)[1]) for on in who.row.pays_on or (run.day,)):
            run += ONE_DAY
        if step.formal and (written := self._written(who, debt)):
            asked = written + timedelta(days=10)
            day = max(
                day, asked + timedelta(days=max(0, 7 - asked.weekday()) if asked.weekday() > FRIDAY else 0) + ONE_DAY
            )
        return max(day, run + ONE_DAY)

    def _written(self, who: Customer, debt: Debt) -> date | None:
        """The last day on which it was reminded of in writing: that asked for an answer within ten days, or by the end of an offer."""
        letters = (letter for letter in self.files[who.id].heard() if letter.channel != "phone")
        return max((letter.on for letter in letters if debt.id in letter.steps), default=None)

    def ripe(self, who: Customer, day: date) -> list[tuple[Debt, Step]]:
        """The late items that nothing protects and whose next step has its day behind it."""
        found = []
        for debt in who.overdue(day):
            step = self.next_step(who, debt)
            if step is None or self.protects(who, debt, day) is not None:
                continue
            if self.day_of(who, debt, step) <= day and not (step.formal and self._may_wait(who, debt, day)):
                found.append((debt, step))
        return found

    def _may_wait(self, who: Customer, debt: Debt, day: date) -> bool:
        """Whether a formal notice about it may have to wait: for the end of an agreement, or of an offer that gave more than ten days."""
        written = self._written(who, debt)
        return self._just_ended(who, debt, day) or (written is not None and day <= written + LONGEST_ANSWER)

    def _just_ended(self, who: Customer, debt: Debt, day: date) -> bool:
        """Whether an agreement about it has ended and the client was not told so, or has not had the time to answer."""
        for deal in who.deals:
            if debt in deal.debts:
                if deal.told and day <= deal.told[-1] + timedelta(days=NOTICE_OF_AGREEMENTS):
                    return True
                if (
                    not deal.told
                    and not deal.ended
                    and deal.open_parts()
                    and not deal.holds_on(day)
                    and not deal.over_on(day)
                ):
                    return True
        return False

    def enough(self, who: Customer, day: date) -> bool:
        sums: Counter[str] = Counter()
        for debt in who.overdue(day):
            if self.protects(who, debt, day) is None:
                sums[debt.invoice.total.currency] += debt.open
        return any(amount >= 500 for amount in sums.values())

    # looking at a day

    def look(self, who: Customer, accounts: Sequence[Account], day: date) -> None:
        """Everything about what is due to a client today, or is not."""
        file = self.files[who.id]
        file.first_run = file.first_run or day
        for deal in who.deals:
            file.note(who, deal, day, self.policy.payments_up_to)
        for account in accounts:
            for item in account.items:
                assert item.open.minor == who.debts[item.id].open, (who.id, day, item.id, item.open)
        reminders = accounts[0].reminders
        due = reminders.due_today
        if due is None:
            self.met[f"held: {reminders.held}"] += reminders.held is not None
            self._reason(who, reminders, day)
        else:
            assert not self.stops(who, day), (who.id, day, due.step.name, self.stops(who, day))
            assert not any(letter.on == day for letter in file.heard()), (who.id, day, "a second message today")
            self._message(who, accounts[0], due, day)
        self._heard_from_us(who, due, day)
        self._instalments(who, due, day)
        self._recaps(who, due, day)

    def _reason(self, who: Customer, reminders: Reminders, day: date) -> None:
        """Where a reminder is ready but for a reason, the reason that is told is one that is true."""
        if not self.ripe(who, day) or not self.enough(who, day) or who.row.ladder == "none":
            return
        true = self.stops(who, day) | self.manners(who, day)
        if any(letter.on == day for letter in self.files[who.id].heard()):
            true.add(Held.GAP)  # one message a day
        if who.address in who.gone:
            true.add(Held.UNREACHABLE)
        assert reminders.held in true, (who.id, day, reminders.held, true)

    def _message(self, who: Customer, account: Account, due: DueReminder, day: date) -> None:
        self._channel(who, due, day)
        if due.instalment is not None:
            self._about_instalment(who, due, day)
        elif due.step.name == THE_END:
            self._about_the_end(who, account, due, day)
        elif due.recap is not None:
            self._about_agreement(who, due, day)
        elif due.receipts:
            self._receipt(who, due, day)
        elif due.step.name != "onboarding":
            self._reminder(who, due, day)
        if due.waits:
            self.met["waits"] += 1
        elif due.channel is not Channel.PHONE and due.step.formal and self.policy.reminders.approve != "none":
            assert self.said(account, due) in self.files[who.id].words, (who.id, day, "left without the owner's word")

    def said(self, account: Account, due: DueReminder) -> tuple[object, ...]:
        """What the owner's word is about."""
        return (account.client.id, due.step.name, tuple(item.id for item in due.items), due.principal, due.about)

    def _channel(self, who: Customer, due: DueReminder, day: date) -> None:
        if due.channel is Channel.EMAIL:
            assert who.address not in who.gone, (who.id, day, "to an address that takes no mail")
        file = self.files[who.id]
        sheet = {file.sheets.get((item, step)) for item, step in due.steps.items() if step == due.step.name}
        earlier = any(on is not None and on < day for on in sheet)
        if due.call_first:
            assert who.telephone, (who.id, day)
            assert not earlier, (who.id, day, "a second call sheet")
        elif due.step.call_first and due.channel is Channel.EMAIL and who.telephone:
            assert earlier, (who.id, day, "an email before the call")
            self.met["email after a call sheet"] += 1

    def _reminder(self, who: Customer, due: DueReminder, day: date) -> None:
        assert not self.manners(who, day), (who.id, day, due.step.name, self.manners(who, day))
        assert who.row.ladder != "none", (who.id, day)
        names = [step.name for step in self.policy.reminders.steps_for(who.row)]
        place = names.index(due.step.name)
        listed = {item.id for item in due.items}
        for item in due.items:
            debt = who.debts[item.id]
            why = self.protects(who, debt, day)
            assert why is None, (who.id, day, item.id, why)
            own = due.steps.get(item.id)
            if own:
                assert names.index(own) <= place, (who.id, day, item.id, own)
            if due.step.before_due:
                assert own == due.step.name, (who.id, day, item.id)
                assert debt.invoice.due >= day, (who.id, day, item.id, "a courtesy about what is late")
                assert not debt.told or names.index(debt.told[-1][1]) < names.index(own), (who.id, day, item.id, own)
                continue
            assert debt.invoice.due < day, (who.id, day, item.id, "not late")
            step = self.next_step(who, debt)
            assert not own or (step is not None and own == step.name), (who.id, day, item.id, own, debt.told)
            if due.step.formal:
                assert len(self.late_told(who, debt)) >= 2, (who.id, day, item.id, debt.told)
                written = self._written(who, debt)
                assert written is None or day > written + timedelta(days=10), (who.id, day, item.id, "asked to answer")
        if not due.step.before_due:
            self._late(who, due, day, listed)

    def _late(self, who: Customer, due: DueReminder, day: date, listed: set[str]) -> None:
        leading = [who.debts[item] for item, step in due.steps.items() if step == due.step.name]
        days = [self.day_of(who, debt, due.step) for debt in leading]
        assert min(days) <= day, (who.id, day, due.step.name, "before its day")
        assert self.enough(who, day), (who.id, day, "less than the minimum")
        if not due.step.formal:
            missing = {debt.id for debt, _ in self.ripe(who, day)} - {item for item, step in due.steps.items() if step}
            names = [step.name for step in self.policy.reminders.steps_for(who.row)]
            above = {
                debt.id for debt, step in self.ripe(who, day) if names.index(step.name) > names.index(due.step.name)
            }
            assert not missing, (who.id, day, due.step.name, missing, above)
            late = {debt.id for debt in who.overdue(day) if self.protects(who, debt, day) is None}
            assert late == listed, (who.id, day, late ^ listed)
        if {item.total.currency for item in due.items} == {"EUR", "GBP"}:
            self.met["two currencies in one message"] += 1

    def _heard_from_us(self, who: Customer, due: DueReminder | None, day: date) -> None:
        """Whoever has a step behind its day, and nothing in the way, has a message that very day."""
        ripe, file = self.ripe(who, day), self.files[who.id]
        file.free = set()
        if not ripe or self.stops(who, day) or self.manners(who, day) or not self.enough(who, day):
            return
        if who.row.ladder == "none" or (who.address in who.gone and not who.telephone and due is None):
            return  # where no email arrives, the owner calls whoever can be called
        file.free = {(debt.id, step.name) for debt, step in ripe}
        wrote = any(letter.on == day for letter in self.files[who.id].heard())
        assert due is not None or wrote, (who.id, day, [(debt.id, step.name) for debt, step in ripe])
        assert wrote or due is None or due.instalment or due.recap or due.steps, (who.id, day, due.step.name)

    def waiting(self, who: Customer, due: DueReminder, day: date) -> None:
        """After a run whose message left or was a call sheet: items whose step could go, and did not, wait a day longer."""
        if due.instalment is not None:
            return
        file = self.files[who.id]
        for item, step in file.free:
            if any(name == step for _, name in who.debts[item].told):
                continue
            file.waited[item, step] += 1
            longest = file.waited[item, step]
            assert longest <= LONGEST_WAIT, (who.id, day, item, step, longest)
            self.met["longest wait"] = max(self.met["longest wait"], longest)

    # agreements

    def parts(self, who: Customer, day: date) -> Iterator[tuple[Deal, date, str]]:
        """The instalments of agreements that hold and of which something is open."""
        for deal in who.deals:
            if deal.holds_on(day) and not any(debt.disputed_on(day) for debt in deal.debts):
                for due, _ in deal.open_parts():
                    yield deal, due, f"{deal.id}@{due.isoformat()}"

    def words_from(self, deal: Deal, due: date) -> date:
        """The day from which a word before an instalment goes: three days before, or the business day before that."""
        day = due - timedelta(days=self.policy.reminders.instalment_before_days)
        while not self.business.is_business_day(day):
            day -= ONE_DAY
        return max(day, deal.signed + ONE_DAY)

    def _instalments(self, who: Customer, due: DueReminder | None, day: date) -> None:
        """Before each instalment, and after each that was missed: on that very day unless something stands in the way."""
        file = self.files[who.id]
        if self.stops(who, day) or who.address in who.gone or any(letter.on == day for letter in file.heard()):
            return
        about_one = due is not None and due.instalment is not None
        for deal, on, name in self.parts(who, day):
            if self.words_from(deal, on) <= day < on and not file.told("instalment", name):
                said = self._announced(who, deal, on, day)
                assert about_one or said or self._recap_first(deal, on, due, day), (who.id, day, name, due)
            if self.manners(who, day) or (self.policy.payments_up_to or on) < on or self._given_word(who, deal, day):
                continue
            for step, after in zip(FOLLOW_UPS, self.policy.reminders.instalment_after_days, strict=True):
                if day >= on + timedelta(days=after) and not file.told(step, name):
                    assert about_one or (due and due.step.name == THE_END), (
                        who.id,
                        day,
                        name,
                        step,
                        due and due.step.name,
                    )

    def _announced(self, who: Customer, deal: Deal, on: date, day: date) -> bool:
        """Whether a recap said this date so lately that nobody says it again: on the business day before its word, or since."""
        first = on - timedelta(days=self.policy.reminders.instalment_before_days)
        first = self.business_day(self.business_day(first, -ONE_DAY) - ONE_DAY, -ONE_DAY)
        return any(first <= letter.on <= day for letter in self.files[who.id].recaps_of(deal))

    def _recap_first(self, deal: Deal, on: date, due: DueReminder | None, day: date) -> bool:
        """Whether a recap goes before the word about an instalment: it says that date too, or the word can go tomorrow."""
        if due is None or due.recap is None:
            return False
        return due.recap.id == deal.id or self.business_day(day + ONE_DAY, ONE_DAY) < on

    def business_day(self, day: date, way: timedelta) -> date:
        while not self.business.is_business_day(day):
            day += way
        return day

    def _recaps(self, who: Customer, due: DueReminder | None, day: date) -> None:
        """Every agreement is told in writing on its first day, unless something stands in the way."""
        file = self.files[who.id]
        if self.stops(who, day) or who.address in who.gone or any(letter.on == day for letter in file.heard()):
            return
        if who.row.channel not in {None, Channel.EMAIL}:
            return
        for deal in who.deals:
            asked = any(debt.open > 0 and not debt.disputed_on(day) for debt in deal.debts)
            missed = any(on < day for on, _ in deal.open_parts())
            fresh = (day - deal.signed).days <= FIRST_TOLD and not missed and not file.recaps_of(deal)
            if fresh and asked and deal.holds_on(day) and deal.open_parts():
                before = due is not None and due.instalment is not None and due.instalment.agreement.id != deal.id
                assert before or (due is not None and due.recap is not None), (who.id, day, deal.id, due)

    def _about_agreement(self, who: Customer, due: DueReminder, day: date) -> None:
        assert due.recap is not None
        recap, file = due.recap, self.files[who.id]
        deal = next(deal for deal in who.deals if deal.id == recap.id)
        assert who.row.channel in {None, Channel.EMAIL}, (who.id, day, recap)
        before = file.recaps_of(deal)
        open_ = {on for on, _ in deal.open_parts()}
        dates = {entry.due: entry for entry in recap.calendar if entry.agreement == deal.id}
        if recap.kind == "made":
            assert not before, (who.id, day, deal.id, "twice")
            assert deal.holds_on(day), (who.id, day, deal.id)
            assert (day - deal.signed).days <= FIRST_TOLD, (who.id, day, deal.id)
            assert min(open_) >= day, (who.id, day, deal.id, "a date of it was missed")
            assert [part.amount.minor for part in recap.agreement.instalments] == [amount for _, amount in deal.parts]  # type: ignore[union-attr]
            assert set(dates) == open_, (who.id, day, deal.id)
            assert not any(entry.cancelled for entry in dates.values()), (who.id, day, recap)
        else:
            assert recap.kind == ("over" if deal.open_parts() else "paid"), (who.id, day, recap.kind, deal.ended)
            assert deal.ended or not deal.open_parts(), (who.id, day, recap)
            assert before, (who.id, day, deal.id, "nothing was told")
            assert not file.told("recap", f"{deal.id}@over"), (who.id, day, deal.id, "twice")
            assert dates or recap.kind == "paid", (who.id, day, deal.id)  # thanks for one that was kept to its last day
            assert all(entry.cancelled and on >= day for on, entry in dates.items()), (who.id, day, recap)
        self.met[f"recap: {recap.kind}"] += 1
        for entry in recap.calendar:
            told = next(deal for deal in who.deals if deal.id == entry.agreement)
            assert entry.sequence == len(file.recaps_of(told)), (who.id, day, entry)
            assert not entry.cancelled or told.ended or not told.open_parts(), (who.id, day, entry)
        if due.receipts:
            self._receipt(who, due, day)

    def _about_the_end(self, who: Customer, account: Account, due: DueReminder, day: date) -> None:
        """An agreement that was not kept: said once, with the owner's word, after its last day, and of what is late now."""
        assert due.recap is not None
        deal = next(deal for deal in who.deals if deal.id == due.recap.id)
        assert due.about == (f"{deal.id}@broken",), (who.id, day, due.about)
        assert not deal.holds_on(day), (who.id, day, deal.id)
        assert not deal.ended, (who.id, day, deal.id)
        assert not deal.over_on(day), (who.id, day, deal.id, "told already")
        assert not self.manners(who, day), (who.id, day, deal.id, self.manners(who, day))
        assert due.channel is not Channel.PHONE, (who.id, day, deal.id)
        assert due.waits or self.said(account, due) in self.files[who.id].words, (
            who.id,
            day,
            "without the owner's word",
        )
        ids = {
            debt.id for debt in deal.debts if debt.open > 0 and debt.invoice.due <= day and not debt.disputed_on(day)
        }
        assert {item.id for item in due.items} == ids, (who.id, day, deal.id)
        assert not due.steps, (who.id, day, due.steps)
        assert all(entry.cancelled and entry.due >= day for entry in due.recap.calendar), (who.id, day, due.recap)

    def _given_word(self, who: Customer, deal: Deal, day: date) -> bool:
        return any(debt.open > 0 and self.protects(who, debt, day) is Held.PROMISED for debt in deal.debts)

    def _about_instalment(self, who: Customer, due: DueReminder, day: date) -> None:
        assert due.instalment is not None
        (name,) = due.about
        file, part = self.files[who.id], due.instalment
        assert not file.told(due.step.name, name), (who.id, day, name, "twice")
        deal = next(deal for deal in who.deals if deal.id == part.agreement.id)
        left = dict(deal.open_parts())
        assert not deal.ended, (who.id, day, name)
        assert left.get(part.instalment.due, 0) == part.instalment.open.minor, (who.id, day, name, left)
        if due.step.name == "instalment":
            assert day < part.instalment.due, (who.id, day, name)
            assert deal.holds_on(day), (who.id, day, name)
        else:
            assert day > part.instalment.due + timedelta(days=2), (who.id, day, name)
            assert not self.manners(who, day), (who.id, day, name, self.manners(who, day))
            assert not self._given_word(who, deal, day), (who.id, day, name, "promised")
            assert deal.holds_on(day), (who.id, day, name)
            lasts = [last for on, _ in deal.open_parts() if on < day if (last := deal.last_day(on)) is not None]
            asked = max(part.instalment.due, day) + timedelta(days=NOTICE_OF_AGREEMENTS)
            assert part.ends_on is None or part.ends_on <= max(lasts, default=asked) or part.ends_on == asked
            assert part.ends_on is None or part.ends_on >= day, (who.id, day, name, part.ends_on)
            if due.step.name == FOLLOW_UPS[1]:
                assert file.told(FOLLOW_UPS[0], name), (who.id, day, name)

    def _receipt(self, who: Customer, due: DueReminder, day: date) -> None:
        file = self.files[who.id]
        came = Counter((one.date, one.amount) for one in who.payments if one.amount.minor > 0)
        thanks = [letter for letter in file.heard() if letter.step in {"receipt", "recap"}]
        told = Counter((letter.on, word) for letter in thanks for word in letter.about if word.count("/") == 3)
        assert max(Counter(word for _, word in told.elements()).values(), default=1) == 1, (who.id, day, told)
        for one in due.receipts:
            assert came[(one.on, one.amount)] > 0, (who.id, day, one)
            assert (day - one.on).days <= 14, (who.id, day, one)
            assert file.first_run is not None
            assert one.on >= file.first_run, (who.id, day, one)
        before = {word for letter in thanks for word in letter.about}
        assert not before & set(due.about), (who.id, day, due.about)
