"""The facts of a ledger, as immutable records that remember where they were written.

A ledger is what a reader makes of the owner's files; nothing here knows a file format.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

    from generator.domain.money import Money
    from generator.domain.policy import FeeMode
    from generator.domain.proposals import Proposal


class SourceRef(NamedTuple):
    """Where a fact stands: file as the owner knows it, line from 1 (0: the file as a whole), column by its name."""

    file: str
    line: int = 0
    column: str = ""

    def __str__(self) -> str:
        """`ledger/invoices.csv:12, column due`."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}, column {self.column}" if self.column else place


class Severity(StrEnum):
    """An error stops everything, a warning is said, a notice tells what was left out on purpose."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: its code in the catalogue, the place, the text found and what to do about it."""

    code: str
    where: SourceRef
    message: str
    remedy: str
    severity: Severity = Severity.ERROR
    found: str = ""


class Kind(StrEnum):
    """What the law sees in a client. UNKNOWN is worded as for a consumer, and no late fee is mentioned."""

    BUSINESS = "business"
    CONSUMER = "consumer"
    PUBLIC = "public"
    UNKNOWN = ""


class Channel(StrEnum):
    """How a message travels."""

    EMAIL = "email"
    PHONE = "phone"
    LETTER = "letter"


class InvoiceStatus(StrEnum):
    """What the owner says of an invoice.

    Only OPEN ones are asked for; LITIGATION is shown as disputed; a FACTORED one is owed to someone else. PAID: settled, on a
    day that the ledger does not tell, so that nothing is asked and nothing is said about when.
    """

    DRAFT = "draft"
    OPEN = "open"
    PAID = "paid"
    VOID = "void"
    WRITTEN_OFF = "written_off"
    LITIGATION = "litigation"
    FACTORED = "factored"


@dataclass(frozen=True, slots=True)
class Client:
    """Someone who is invoiced. `payment_days` move due dates (contract); `pays_on` only delays reminders (habit).

    `ladder` names the ladder that they are reminded by, when it is not everybody's; `skip_steps` are steps they are spared.
    `late_fees` is what becomes of theirs, when it is not what becomes of everybody's.
    """

    id: str
    name: str
    email: str = ""
    contact: str = ""
    salutation: str = ""
    phone: str = ""
    language: str = "fr"
    kind: Kind = Kind.UNKNOWN
    group: str = ""
    channel: Channel | None = None
    siren: str = ""
    vat_number: str = ""
    address: str = ""
    terms: str = ""
    payment_days: tuple[int, ...] = ()
    pays_on: tuple[int, ...] = ()
    grace_days: int | None = None
    hold_until: date | None = None
    insolvent_since: date | None = None
    opt_out: bool = False
    ladder: str = ""
    skip_steps: tuple[str, ...] = ()
    late_fees: FeeMode | None = None
    notes: str = ""
    source: SourceRef = field(default=SourceRef("clients.csv"), compare=False)

    def insolvent_on(self, day: date) -> bool:
        """Whether insolvency proceedings are open that day: then nothing is asked, offered or reminded."""
        return self.insolvent_since is not None and self.insolvent_since <= day


@dataclass(frozen=True, slots=True)
class Contact:
    """A person at a client, with the part they play in a payment: `orders`, `approves` or `pays`."""

    client: str
    name: str
    role: str
    email: str = ""
    phone: str = ""
    channel: Channel | None = None
    language: str = ""
    source: SourceRef = field(default=SourceRef("contacts.csv"), compare=False)


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice, or one part of an invoice paid in parts (`part`). `due` is final: terms and payment days are applied.

    `paid_undated` is what came in on it on days that the ledger does not tell: it counts, and no day is ever named for it.
    """

    number: str
    client: str
    issued: date
    due: date
    total: Money
    subject: str = ""
    value: str = ""
    order: str = ""
    vat: tuple[tuple[Decimal, Decimal | None], ...] = ()
    document: str = ""
    part: str = ""
    received_on: date | None = None
    status: InvoiceStatus = InvoiceStatus.OPEN
    paid_undated: Money | None = None
    promised_on: date | None = None
    discount_percent: Decimal | None = None
    discount_days: int = 0
    disputed_on: date | None = None
    dispute_reason: str = ""
    dispute_closed_on: date | None = None
    fee_of: str = (
        ""  #: of late fees that were claimed: the item that they were claimed for; no such invoice is in any ledger
    )
    source: SourceRef = field(default=SourceRef("invoices.csv"), compare=False)

    @property
    def id(self) -> str:
        """The name of this item everywhere: the number, with its part when the invoice is paid in parts."""
        return f"{self.number}/{self.part}" if self.part else self.number


@dataclass(frozen=True, slots=True)
class CreditNote:
    """An avoir: `amount` is positive. With `invoice`, it goes to that invoice first."""

    number: str
    client: str
    issued: date
    amount: Money
    invoice: str = ""
    subject: str = ""
    source: SourceRef = field(default=SourceRef("invoices.csv"), compare=False)


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that came in; negative: a bounced cheque, a rejected debit or a refund. `invoices` are the numbers it names.

    `stripe` are the ids under which Stripe knows it, the payment's own first; `undoes` that of the payment it gives back;
    `link` the payment link that it came through. `bank` is the mark of the movement of a bank statement that it was booked from.
    """

    client: str
    date: date
    amount: Money
    invoices: tuple[str, ...] = ()
    method: str = ""
    reference: str = ""
    note: str = ""
    stripe: tuple[str, ...] = ()
    undoes: str = ""
    link: str = ""
    bank: str = ""
    source: SourceRef = field(default=SourceRef("payments.csv"), compare=False)


class Progress(StrEnum):
    """How far money has come that was taken online. Of two rows about the same money, the one further down this list holds."""

    IN_FLIGHT = "in_flight"
    FAILED = "failed"
    PAID = "paid"
    CANCELLED = "cancelled"

    @property
    def rank(self) -> int:
        """The place in that order."""
        return list(Progress).index(self)


@dataclass(frozen=True, slots=True)
class Taking:
    """Money taken (or given back) online, and how far it has come: only what is PAID is a payment."""

    progress: Progress
    payment: Payment
    fee: str = ""

    @property
    def id(self) -> str:
        """The id of the payment, refund or dispute at Stripe."""
        return self.payment.stripe[0]


@dataclass(frozen=True, slots=True)
class Promise:
    """A day on which the client said they would pay, `on`, as said on `made_on`. No invoices: all that is overdue."""

    client: str
    made_on: date
    on: date
    invoices: tuple[str, ...] = ()
    amount: Money | None = None
    source: SourceRef = field(default=SourceRef("promises.csv"), compare=False)


@dataclass(frozen=True, slots=True)
class Dispute:
    """The client says that the invoice is wrong, from `opened_on` until `closed_on`."""

    invoice: str
    opened_on: date
    closed_on: date | None = None
    reason: str = ""
    source: SourceRef = field(default=SourceRef("disputes.csv"), compare=False)


@dataclass(frozen=True, slots=True)
class AgreementRecord:
    """A plan that was agreed outside the page: the invoices it covers and its instalments, in order.

    `note` is the owner's own: why it is not as the policy has it, or why it is over. `discount` is waived once it is kept: the
    instalments add up to so much less than the debt.
    """

    id: str
    client: str
    invoices: tuple[str, ...]
    signed_on: date
    instalments: tuple[tuple[date, Money], ...]
    status: str = "active"
    supersedes: str = ""
    note: str = ""
    discount: Money | None = None
    source: SourceRef = field(default=SourceRef("agreements.csv"), compare=False)


@dataclass(frozen=True, slots=True)
class VoucherRecord:
    """The owner's word on a voucher: one that they give, or what became of one that was earned. The last row of an id holds.

    `invoices` are those that it was taken off, one as a rule; without `valid_until` it has no last day.
    """

    id: str
    client: str
    amount: Money
    earned_on: date
    valid_until: date | None = None
    status: str = "open"
    invoices: tuple[str, ...] = ()
    note: str = ""
    source: SourceRef = field(default=SourceRef("vouchers.csv"), compare=False)


@dataclass(frozen=True, slots=True)
class FeeWaiver:
    """Late fees that the owner asks no more for: `amount` of those claimed on an invoice (or part), `invoice` being its id.

    Without an amount it is all of them, and none is ever claimed on that invoice again.
    """

    client: str
    invoice: str
    on: date
    amount: Money | None = None
    reason: str = ""
    source: SourceRef = field(default=SourceRef("fee_waivers.csv"), compare=False)


@dataclass(frozen=True, slots=True)
class BankPeriod:
    """Days of a bank account whose statement was read, the first and the last included.

    From `waits_from` on, something that came in may be a client's and waits for the owner's word. The balances are those
    before and after, where the statement told them. `account` is empty where it does not say which.
    """

    account: str
    begins: date
    ends: date
    waits_from: date | None = None
    opening: Money | None = None
    closing: Money | None = None
    file: str = ""
    source: SourceRef = field(default=SourceRef("bank-statements.csv"), compare=False)


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything that was read, in the order of the files.

    `set_aside` are the marks of movements of the bank account of which the owner said that they are not to be booked.

    `by_hand` are the ids of takings that the owner booked too, under one of their names at Stripe: the owner's payment counts.
    `unreadable` are the clients of whom something could not be read, each with the places: nothing that is known of them is whole.
    """

    clients: dict[str, Client]
    invoices: tuple[Invoice, ...] = ()
    credit_notes: tuple[CreditNote, ...] = ()
    payments: tuple[Payment, ...] = ()
    contacts: tuple[Contact, ...] = ()
    promises: tuple[Promise, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    agreements: tuple[AgreementRecord, ...] = ()
    takings: tuple[Taking, ...] = ()
    by_hand: frozenset[str] = frozenset()
    bank_periods: tuple[BankPeriod, ...] = ()
    set_aside: frozenset[str] = frozenset()
    proposals: tuple[Proposal, ...] = ()
    vouchers: tuple[VoucherRecord, ...] = ()
    fee_waivers: tuple[FeeWaiver, ...] = ()
    unreadable: Mapping[str, tuple[SourceRef, ...]] = field(default_factory=dict)

    @property
    def in_flight(self) -> tuple[Payment, ...]:
        """Debits that were ordered and have not arrived: no payments yet, and nothing that may be asked for again."""
        return tuple(
            taking.payment
            for taking in self.takings
            if taking.progress is Progress.IN_FLIGHT and taking.id not in self.by_hand
        )
