"""What a message may say of one invoice, of an instalment of an agreement, and of money that came in.

No sentence is made here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.domain.asking import set_aside
from generator.domain.claims import real
from generator.domain.money import Money, total
from generator.domain.policy import Anchor, Tone
from generator.domain.thanks import on_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from generator.domain.account import Account, Agreement, Instalment, Item
    from generator.domain.due import DueReminder, InstalmentDue, Receipt
    from generator.fee_lines import InvoiceFees


@dataclass(frozen=True, slots=True)
class Line:
    """One invoice of the message. `settled`: nothing of it is left to pay, nor covered by a debit that has not arrived.

    `on_time`: the client paid it, all of it, by its due date. `fee`: it is no invoice, but the late fees claimed beside the one before.
    """

    number: str
    subject: str
    order: str
    issued: date
    due: date
    total: Money
    open: Money
    promised_on: date | None
    settled: bool
    on_time: bool = False
    fee: InvoiceFees | None = None

    @property
    def part_paid(self) -> bool:
        """Whether something of it was paid or credited, so that `open` needs `total` beside it."""
        return self.open != self.total


@dataclass(frozen=True, slots=True)
class Part:
    """One instalment of the agreed schedule, without what credit notes took off; `current`: the one that the message is about.

    `aside` is what is not asked of it as long as a part of its invoices is disputed.
    """

    number: int
    due: date
    amount: Money
    paid: Money
    open: Money
    in_flight: Money | None
    current: bool
    aside: Money | None = None


@dataclass(frozen=True, slots=True)
class InstalmentFacts:
    """The instalment that a message is about, the `number`-th of `count`, and the `schedule` that it is a part of.

    `reference` is what a transfer of it must carry. `late` are the instalments before it whose day has passed and that are still
    to be paid, and `late_sum` what they come to; `aside` what is not asked of the whole schedule as long as it is disputed.
    """

    number: int
    count: int
    due: date
    amount: Money
    paid: Money
    open: Money
    reference: str
    schedule: tuple[Part, ...]
    late: tuple[Part, ...] = ()
    late_sum: Money | None = None
    aside: Money | None = None

    @property
    def part_paid(self) -> bool:
        """Whether something of it is paid or on its way, so that `open` needs `amount` beside it."""
        return self.open != self.amount


@dataclass(frozen=True, slots=True)
class Received:
    """Money that came in, as the client is told. `lines` are the invoices that it named, as they stand now."""

    on: date
    amount: Money
    method: str
    numbers: tuple[str, ...]
    lines: tuple[Line, ...]


def line_of(item: Item, fee: InvoiceFees | None = None) -> Line:
    """One item as a line of a message; of late fees, with what explains them."""
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
        settled=not item.open and not item.in_flight,
        on_time=on_time(item),
        fee=fee,
    )


@dataclass(frozen=True, slots=True)
class Brought:
    """What the work of one invoice brought, in the owner's words."""

    number: str
    text: str


def brought(due: DueReminder) -> Brought | None:
    """What the work brought of which most is asked, the oldest of these: one line, to be said once.

    As the invoice is presented, and in a reminder that is neither the first, warm word nor firm. Never in a formal notice.
    """
    if due.step.formal or not (due.step.anchor is Anchor.ISSUED or due.step.tone is Tone.PLAIN):
        return None
    told = [item for item in due.items if item.invoice.value.split()]
    if not told:
        return None
    item = min(told, key=lambda one: (-one.open.decimal, one.invoice.due, one.id))
    return Brought(item.id, " ".join(item.invoice.value.split()))


def schedule_of(agreement: Agreement, current: int = 0) -> tuple[Part, ...]:
    """The instalments of an agreement, as they stand."""
    aside = set_aside(agreement)
    return tuple(
        Part(number, one.due, one.net, one.received, one.open, one.in_flight, number == current, aside.get(number))
        for number, one in enumerate(agreement.instalments, start=1)
    )


def instalment_of(due: InstalmentDue, today: date) -> InstalmentFacts:
    """The instalment that is due, in its schedule. What is asked of it may be less than was agreed, when a credit note came."""
    part, whole = due.instalment, schedule_of(due.agreement, due.number)
    asked = Part(due.number, part.due, part.net, part.received, part.open, part.in_flight, current=True)
    late = tuple(one for one in whole[: due.number - 1] if one.due < today and one.open and one.aside is None)
    return InstalmentFacts(
        due.number,
        due.count,
        part.due,
        part.net,
        part.received,
        part.open,
        due.agreement.reference,
        tuple(asked if one.number == due.number else one for one in whole),
        late,
        total((one.open for one in late), part.amount.currency) if late else None,
        due.agreement.disputed,
    )


def received(receipt: Receipt, accounts: Sequence[Account]) -> Received:
    """One payment, with the invoices that it named. A part of an invoice is found by the number of the whole."""
    named = [
        item
        for account in accounts
        for item in real(account.items)
        if account.currency == receipt.amount.currency and {item.id, item.invoice.number} & set(receipt.invoices)
    ]
    return Received(
        receipt.on, receipt.amount, receipt.method, receipt.invoices, tuple(line_of(item) for item in named)
    )


def remaining(accounts: Iterable[Account]) -> tuple[Money, ...]:
    """What is left to pay in all, due or not, in each currency; nothing of what is disputed. Empty when nothing is.

    What an agreement waives once it is kept is not asked for as long as it holds.
    """
    accounts = tuple(accounts)
    waived = {amount.currency: amount for amount in waived_later(accounts)}
    left = (
        account.totals.open - account.totals.disputed - waived.get(account.currency, Money(0, account.currency))
        for account in accounts
    )
    return tuple(amount for amount in left if amount.minor > 0)


def waived_later(accounts: Iterable[Account]) -> tuple[Money, ...]:
    """What agreements that hold will waive once they are kept, in each currency; empty when there is nothing of the kind."""
    found = (
        total((agreement.waiver for agreement in account.agreements if agreement.waiver), account.currency)
        for account in accounts
    )
    return tuple(amount for amount in found if amount)


def disputed(accounts: Iterable[Account]) -> tuple[Money, ...]:
    """What the client and the seller do not agree on, in each currency; empty when there is nothing of the kind."""
    return tuple(account.totals.disputed for account in accounts if account.totals.disputed)


def following(accounts: Iterable[Account]) -> Instalment | None:
    """The next instalment of an agreement that holds; None without any."""
    holding = (agreement for account in accounts for agreement in account.agreements if agreement.holds)
    return min((part for one in holding if (part := one.next)), key=lambda part: part.due, default=None)
