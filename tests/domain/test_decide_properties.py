"""What holds for every ledger, whatever is in it: nothing is lost, nothing moves by itself, nobody is reminded wrongly or twice."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from hypothesis import given, note, settings
from hypothesis import strategies as st

from generator.calendars import calendar
from generator.domain.account import Account, HistoryKind, Status
from generator.domain.decide import decide
from generator.domain.delivery import MessageSent, SentItem
from generator.domain.due import RecapKind
from generator.domain.memory import Memory, OfferKind
from generator.domain.money import total
from generator.domain.policy import INSTALMENT_SOON
from tests.support.effort import examples
from tests.support.reading import BARE, DISCOUNTING, due_step, opened
from tests.support.world import World, day, world

if TYPE_CHECKING:
    from generator.domain.due import DueReminder, Recap
    from generator.domain.money import Money

START = date(2026, 9, 1)
GAP = timedelta(days=7)
AMOUNTS = st.sampled_from(["50.00", "100.00", "100.01", "250.00", "300.00", "1200.00"]) | st.integers(1, 99_999).map(
    lambda cents: f"{cents // 100}.{cents % 100:02d}"
)
OFFSETS = st.integers(min_value=0, max_value=90)


def later(days: int) -> str:
    return (START + timedelta(days=days)).isoformat()


@st.composite
def ledgers(draw: st.DrawFn) -> str:
    """A small ledger as text; money that goes back is money that came in."""
    lines = []
    count = draw(st.integers(1, 4))
    for number in range(1, count + 1):
        issued = draw(st.integers(0, 60))
        escompte = draw(st.sampled_from(["", "", " escompte=2/10", " escompte=5/8"]))
        due = issued + draw(st.integers(0, 45))
        lines.append(f"invoice F-{number} {later(issued)} due {later(due)} {draw(AMOUNTS)}{escompte}")
    names = st.lists(st.sampled_from([f"F-{number}" for number in range(1, count + 1)]), max_size=2, unique=True)
    for _ in range(draw(st.integers(0, 4))):
        on, amount, named = draw(OFFSETS), draw(AMOUNTS), " ".join(draw(names))
        lines.append(f"payment {later(on)} {amount} {named}")
        if draw(st.integers(0, 3)) == 0:
            lines.append(f"payment {later(on + draw(st.integers(0, 20)))} -{amount} {named}")
    lines += [
        f"credit A-{number} {later(draw(OFFSETS))} {draw(AMOUNTS)} {' '.join(draw(names)[:1])}"
        for number in range(draw(st.integers(0, 2)))
    ]
    if draw(st.integers(0, 3)) == 0:
        lines.append(f"dispute F-1 {later(draw(OFFSETS))}")
    if draw(st.integers(0, 3)) == 0:
        lines.append(f"promise {later(draw(OFFSETS))} {later(draw(OFFSETS) + 30)} F-1")
    return "\n".join(lines)


def summed(amounts: list[Money]) -> int:
    return total(amounts, "EUR").minor


def accounts(text: str, today: date) -> tuple[World, tuple[Account, ...]]:
    note(text)
    note(f"today: {today}")
    made = world(text, DISCOUNTING)
    made.build(today - timedelta(days=6))
    return made, made.build(today).accounts


def _credited_back(account: Account) -> int:
    """Discounts of invoices that a credit note names: it may give them back with the rest, and then they count once."""
    named = {number for line in account.history if line.kind is HistoryKind.CREDIT_NOTE for number in line.invoices}
    lines = [line for line in account.history if line.kind is HistoryKind.DISCOUNT and named & set(line.invoices)]
    return sum(abs(line.amount.minor) for line in lines)


@settings(max_examples=examples(40), deadline=None)
@given(text=ledgers(), days=OFFSETS)
def test_no_money_appears_and_none_disappears(text: str, days: int) -> None:
    today = START + timedelta(days=days)
    made, found = accounts(text, today)
    for account in found:
        for item in account.items:
            assert item.paid + item.credited + item.open == item.total
            assert min(item.paid.minor, item.credited.minor, item.open.minor) >= 0
            assert (item.status is Status.PAID) == (not item.open)
        assert account.totals.credit.minor >= 0
        came_in = summed([paid.amount for paid in made.ledger.payments if paid.date <= today])
        came_in += summed([credit.amount for credit in made.ledger.credit_notes if credit.issued <= today])
        came_in += abs(summed([line.amount for line in account.history if line.kind is HistoryKind.DISCOUNT]))
        used = summed([item.paid + item.credited for item in account.items]) + account.totals.credit.minor
        assert came_in - _credited_back(account) <= used <= came_in


@settings(max_examples=examples(50), deadline=None)
@given(text=ledgers(), days=OFFSETS)
def test_the_totals_are_those_of_the_items_and_the_offers_those_of_the_totals(text: str, days: int) -> None:
    _, found = accounts(text, START + timedelta(days=days))
    for account in found:
        totals = account.totals

        def of(account: Account, *statuses: Status) -> int:
            return summed([item.open for item in account.with_status(*statuses)])

        assert totals.open.minor == summed([item.open for item in account.items])
        assert totals.overdue.minor == of(account, Status.OVERDUE)
        assert totals.upcoming.minor == of(account, Status.DUE, Status.NOT_DUE)
        assert totals.disputed.minor == of(account, Status.DISPUTED)
        assert totals.in_plan.minor == of(account, Status.IN_PLAN)
        ageing = totals.ageing
        assert ageing.up_to_30 + ageing.up_to_60 + ageing.up_to_90 + ageing.older == totals.overdue
        assert (account.full.amount if account.full else replace(totals.to_pay, minor=0)) == totals.to_pay


@settings(max_examples=examples(50), deadline=None)
@given(text=ledgers(), days=OFFSETS)
def test_offers_settle_exactly_what_they_cover(text: str, days: int) -> None:
    today = START + timedelta(days=days)
    _, found = accounts(text, today)
    for account in found:
        references = [offer.reference for offer in account.offers if offer.kind is not OfferKind.FULL]
        assert len(set(references)) == len(references)
        for offer in account.offers:
            debt = summed([item.open for item in offer.items])
            assert offer.amount.minor > 0
            assert offer.valid_until is None or offer.valid_until >= today
            if offer.kind is OfferKind.PLAN:
                assert summed([part.amount for part in offer.instalments]) == debt
                assert all(part.amount.minor > 0 for part in offer.instalments)
                assert [part.due for part in offer.instalments] == sorted({part.due for part in offer.instalments})
            elif offer.kind is OfferKind.DISCOUNT and not any(item.paid for item in offer.items):
                assert offer.amount.minor + offer.saving.minor == debt


@settings(max_examples=examples(100), deadline=None)
@given(text=ledgers(), days=OFFSETS, data=st.data())
def test_whatever_offer_is_shown_paying_it_with_its_reference_takes_it(
    text: str, days: int, data: st.DataObject
) -> None:
    today = START + timedelta(days=days)
    made, found = accounts(text, today)
    offers = [offer for account in found for offer in account.offers if offer.kind is not OfferKind.FULL]
    if not offers:
        return
    offer = data.draw(st.sampled_from(offers))
    note(f"{offer.kind} {offer.pay_now} {[item.id for item in offer.items]}")
    made.add(f'payment {today} {offer.pay_now} ref="{offer.reference}"')
    after = made.on(today)
    covered = {item.id for item in offer.items}
    if offer.kind is OfferKind.DISCOUNT:
        assert {number: left for number, left in opened(after).items() if number in covered} == dict.fromkeys(
            covered, "0.00"
        )
    else:
        assert any(covered <= set(agreement.invoices) and agreement.holds for agreement in after.agreements)


@settings(max_examples=examples(40), deadline=None)
@given(text=ledgers(), days=OFFSETS)
def test_deciding_again_changes_nothing_and_remembers_nothing(text: str, days: int) -> None:
    today = START + timedelta(days=days)
    made, found = accounts(text, today)
    again = made.decide(today)
    assert again.events == ()
    assert again.accounts == found


@settings(max_examples=examples(40), deadline=None)
@given(text=ledgers(), days=OFFSETS, data=st.data())
def test_the_order_of_the_journal_means_nothing(text: str, days: int, data: st.DataObject) -> None:
    today = START + timedelta(days=days)
    made, _ = accounts(text, today)
    before = made.decide(today)
    made.events = data.draw(st.permutations(made.events)) + made.events[:1]
    assert made.decide(today) == before


@settings(max_examples=examples(40), deadline=None)
@given(text=ledgers(), days=OFFSETS, data=st.data())
def test_the_order_of_rows_of_different_dates_means_nothing(text: str, days: int, data: st.DataObject) -> None:
    by_date: dict[tuple[str, str], str] = {}
    for line in text.splitlines():
        words = line.split()
        by_date.setdefault(
            (words[0], words[4] if words[0] == "invoice" else words[1 if words[0] == "payment" else 2]), line
        )
    lines = [line for line in by_date.values() if " -" not in line]
    today = START + timedelta(days=days)
    _, one = accounts("\n".join(lines), today)
    _, other = accounts("\n".join(data.draw(st.permutations(lines))), today)
    assert [(opened(account), account.totals) for account in one] == [
        (opened(account), account.totals) for account in other
    ]


@st.composite
def movements(draw: st.DrawFn) -> list[str]:
    """Money in, and money back of what came in before: of one invoice or of none in particular."""
    lines, balance = [], 0
    for on in sorted(draw(st.lists(OFFSETS, max_size=6, unique=True))):
        cents = draw(st.integers(-balance, 40_000).filter(bool))
        balance += cents
        sign = "-" if cents < 0 else ""
        named = draw(st.sampled_from(["", "F-1", "F-2", "F-1 F-2"]))
        lines.append(f"payment {later(on)} {sign}{abs(cents) // 100}.{abs(cents) % 100:02d} {named}")
    return lines


@settings(max_examples=examples(40), deadline=None)
@given(lines=movements())
def test_refunds_and_rejects_take_back_exactly_their_amount(lines: list[str]) -> None:
    head = "invoice F-1 2026-09-01 due 2026-10-01 100.00\ninvoice F-2 2026-09-01 due 2026-10-05 250.00\n"
    made, found = accounts(head + "\n".join(lines), date(2026, 12, 1))
    for account in found:
        for item in account.items:
            assert item.paid + item.credited + item.open == item.total
            assert item.open.minor >= 0
        paid = summed([payment.amount for payment in made.ledger.payments])
        assert account.totals.open.minor - account.totals.credit.minor == 35_000 - paid


def test_two_runs_that_each_sent_something_the_same_day_can_be_merged() -> None:
    made = world(
        """
        invoice F-1 2026-10-02 due 2026-11-02 1200.00
        invoice F-2 2026-10-02 due 2026-11-02 80.00
        sent 2026-11-09 reminder-1 F-1
        sent 2026-11-09 reminder-1 F-2
        """,
        BARE,
    )
    one, other = Memory.of(made.events), Memory.of(made.events[::-1])
    assert one == other
    assert len(one.get("brun").sent) == 2
    assert due_step(made.on("2026-11-10")) is None


@dataclass
class Season:
    """What happens over 120 days: facts by day, days on which nobody builds, days on which nothing is sent."""

    text: str
    facts: dict[int, str]
    taken: dict[int, int] = field(default_factory=dict)
    absent: frozenset[int] = frozenset()
    unsent: frozenset[int] = frozenset()


@st.composite
def seasons(draw: st.DrawFn) -> Season:
    facts = {}
    text = draw(ledgers())
    count = text.count("invoice F-")
    numbers = st.integers(1, count).map(lambda number: f"F-{number}")
    for _ in range(draw(st.integers(0, 5))):
        on = draw(st.integers(20, 119))
        kind = draw(st.sampled_from(["promise", "dispute", "payment", "bounce"]))
        number = draw(numbers)
        if kind == "promise":
            facts[on] = f"promise {later(on)} {later(on + draw(st.integers(0, 25)))} {number}"
        elif kind == "dispute":
            facts[on] = f"dispute {number} {later(on)} {later(on + draw(st.integers(1, 30)))}"
        else:
            amount = draw(AMOUNTS)
            facts[on] = f"payment {later(on - draw(st.integers(0, 3)))} {amount} {number}"
    taken = draw(st.dictionaries(st.integers(20, 119), st.integers(0, 3), max_size=3))
    idle = st.frozensets(st.integers(0, 119), max_size=12)
    return Season(text, facts, taken, draw(idle), draw(idle))


class Diary:
    """Checks every message of a season against the rules."""

    def __init__(self, made: World) -> None:
        self.made = made
        self.ladder = [step.name for step in made.policy.reminders.steps]
        self.last: date | None = None
        self.steps: dict[str, list[str]] = {}
        self.said: set[tuple[str, ...]] = set()
        self.calendar: dict[tuple[str, int], tuple[date, Money]] = {}  # what the client was told of agreements
        self.versions: dict[tuple[str, int], int] = {}

    def message(self, today: date, account: Account) -> None:
        due = account.reminders.due_today
        assert due is not None
        assert calendar("FR").is_business_day(today)
        if due.instalment is not None:
            self.instalment(today, due)
            return
        if due.recap is not None:
            self.recap(today, due.recap)
            return
        assert self.last is None or today - self.last >= GAP
        assert due.items
        current = {item.id: item for item in account.items}
        for item in due.items:
            assert current[item.id] == item
            self.item(today, item.id, due.step.name)
            assert item.open
            if due.step.before_due:
                assert today <= item.invoice.due
            else:
                assert item.status is Status.OVERDUE
        own = [due.steps.get(item.id, "") for item in due.items]
        assert due.step.name in own
        for item, step in zip(due.items, own, strict=True):
            if step:
                self.record(item.id, step)
        self.last = today

    def instalment(self, today: date, due: DueReminder) -> None:
        """A word about an instalment is said once, before its day or after it, and asks for no more than is owed."""
        part = due.instalment
        assert part is not None
        assert (due.step.name, *due.about) not in self.said
        self.said.add((due.step.name, *due.about))
        assert 0 < part.instalment.open.minor <= summed([item.open for item in due.items])
        assert (today < part.instalment.due) == (due.step.name == INSTALMENT_SOON)
        if due.step.name != INSTALMENT_SOON:
            assert self.last is None or today - self.last >= GAP
            self.last = today

    def recap(self, today: date, recap: Recap) -> None:
        """After it, the client's calendar holds what is still to be paid of the agreement, and nothing of one that is over."""
        before = dict(self.calendar)
        for entry in recap.calendar:
            name = entry.agreement, entry.number
            assert entry.sequence > self.versions.get(name, -1)
            self.versions[name] = entry.sequence
            if entry.cancelled:
                self.calendar.pop(name, None)
            else:
                self.calendar[name] = entry.due, entry.amount
        assert before != self.calendar
        held = [told for (name, _), told in sorted(self.calendar.items()) if name == recap.id and told[0] >= today]
        if recap.kind in {RecapKind.MADE, RecapKind.CHANGED}:
            assert recap.agreement is not None
            assert recap.agreement.holds
            ahead = [part for part in recap.agreement.instalments if part.due >= today]
            assert held == [(part.due, part.amount) for part in ahead if part.open]
            assert [summed(list(recap.asked))] == [summed([part.amount for part in recap.agreement.instalments])]
        else:
            assert held == []

    def item(self, today: date, number: str, step: str) -> None:
        for promise in self.made.ledger.promises:
            assert not (number in promise.invoices and promise.made_on <= today <= promise.on)
        for dispute in self.made.ledger.disputes:
            closed = dispute.closed_on
            assert not (dispute.invoice == number and dispute.opened_on <= today and (closed is None or today < closed))
        if step == "formal-notice":
            assert len([name for name in self.steps.get(number, []) if name != "courtesy"]) >= 2

    def record(self, number: str, step: str) -> None:
        before = self.steps.setdefault(number, [])
        asked = [name for name in [*before, step] if name != "courtesy"]
        assert asked == self.ladder[1 : len(asked) + 1]
        assert step != "courtesy" or not before
        before.append(step)


def send(made: World, account: Account, today: date) -> None:
    due = account.reminders.due_today
    assert due is not None
    items = tuple(
        SentItem(item.id, due.steps.get(item.id, ""), item.invoice.issued, item.total.minor, item.total.currency)
        for item in due.items
    )
    made.events.append(MessageSent(account.client.id, due.step.name, due.channel, today, items, due.about))


@settings(max_examples=examples(12), deadline=None)
@given(season=seasons())
def test_over_a_season_nobody_is_reminded_wrongly_or_twice_and_no_offer_moves(season: Season) -> None:
    note(season.text)
    note(f"{season}")
    made = world(season.text, replace(DISCOUNTING, reminders=replace(DISCOUNTING.reminders, recaps=True)))
    diary = Diary(made)
    frozen: dict[str, object] = {}
    for number in range(120):
        today = START + timedelta(days=number)
        if number in season.facts:
            made.add(season.facts[number])
        if number in season.absent:
            continue
        for account in made.build(today).accounts:
            offers = [offer for offer in account.offers if offer.kind is not OfferKind.FULL]
            for offer in offers:
                fixed = (offer.reference, offer.valid_until, offer.percent, [part.due for part in offer.instalments])
                assert frozen.setdefault(offer.key, fixed) == fixed
            if account.reminders.due_today is not None and number not in season.unsent:
                diary.message(today, account)
                send(made, account, today)
                assert made.on(today).reminders.due_today is None
            if offers and number in season.taken:
                offer = offers[season.taken[number] % len(offers)]
                made.add(f'payment {today} {offer.pay_now} ref="{offer.reference}"')


def test_deciding_needs_no_calendar() -> None:
    made = world("invoice F-1 2026-10-02 due 2026-11-07 1200.00", BARE)
    account = decide(
        made.ledger, made.policy, Memory.of(()), day("2026-11-14"), business=None, new_key=lambda: "k"
    ).accounts[0]
    assert due_step(account) == "reminder-1"
