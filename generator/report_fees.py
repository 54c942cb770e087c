"""Late fees in the owner's report: what the law gives, what was claimed, waived and collected, and what to look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.domain.account import Status
from generator.domain.fees import account_fees
from generator.domain.ledger import Kind
from generator.domain.money import Money
from generator.domain.policy import FeeMode
from generator.domain.recount import fallen
from generator.report_messages import Way, way_of
from generator.report_parts import SHOWN_IN_GROUP, Bounded, Person, added, command, option, page_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from generator.config import Settings
    from generator.domain.account import Account
    from generator.domain.claims import Claim
    from generator.domain.ledger import Client
    from generator.domain.policy import Policy
    from generator.domain.recount import Fallen

SHOWN_CLIENTS = 40


@dataclass(frozen=True, slots=True)
class FeeSums:
    """What the law gives today, the part of it that is on invoices paid since, and what became of what was claimed."""

    interest: Money
    indemnity: Money
    settled: Money
    claimed: Money
    waived: Money
    paid: Money
    open: Money

    @property
    def law(self) -> Money:
        """All that the law gives."""
        return self.interest + self.indemnity

    @classmethod
    def of(cls, many: Iterable[FeeSums], currency: str) -> FeeSums:
        """All of these together."""
        every = list(many)
        return cls(*(Money(sum(getattr(one, name).minor for one in every), currency) for name in cls.__slots__))


@dataclass(frozen=True, slots=True)
class FeeRow:
    """One client in one currency."""

    client: Client
    page: str
    sums: FeeSums


@dataclass(frozen=True, slots=True)
class Fees:
    """One currency: its sums, and its clients, those who owe most of it first.

    `claims`: on how many invoices fees were claimed; `untold` is what of it waits with a message that has not left.
    """

    currency: str
    sums: FeeSums
    rows: Bounded[FeeRow]
    claims: int
    untold: Money


@dataclass(frozen=True, slots=True)
class FeeReport:
    """All currencies, each for itself, the seller's own first."""

    currencies: tuple[Fees, ...]

    @property
    def claimed(self) -> bool:
        """Whether anything was ever claimed."""
        return any(found.claims for found in self.currencies)


def fee_report(settings: Settings, clients: Collection[Sequence[Account]]) -> FeeReport | None:
    """What there is to tell of late fees; None where nothing was late and nothing claimed."""
    rows: dict[str, list[FeeRow]] = {}
    claims: dict[str, list[Claim]] = {}
    for account in (account for accounts in clients for account in accounts):
        sums = _sums(account, settings.policy)
        if sums.law or account.claims:
            rows.setdefault(account.currency, []).append(FeeRow(account.client, page_of(account), sums))
            claims.setdefault(account.currency, []).extend(account.claims)
    if not rows:
        return None
    first = settings.seller.currency
    return FeeReport(
        tuple(
            Fees(
                currency,
                FeeSums.of((row.sums for row in rows[currency]), currency),
                Bounded.of(sorted(rows[currency], key=_rank), SHOWN_CLIENTS),
                len(claims[currency]),
                Money(sum(claim.open.minor for claim in claims[currency] if claim.told_on is None), currency),
            )
            for currency in sorted(rows, key=lambda currency: (currency != first, currency))
        )
    )


def _sums(account: Account, policy: Policy) -> FeeSums:
    currency = account.currency
    interest = indemnity = settled = 0
    if account.courses and policy.fee_mode(account.client) is not FeeMode.OFF:  # what was paid on time bears nothing
        paid = {item.id for item in account.with_status(Status.PAID)}
        for item, fees in account_fees(account, policy.fees).items.items():
            interest += fees.interest.minor
            indemnity += fees.indemnity.minor
            settled += fees.total.minor if item in paid else 0
    return FeeSums(
        Money(interest, currency),
        Money(indemnity, currency),
        Money(settled, currency),
        *(
            Money(sum(getattr(claim, name).minor for claim in account.claims), currency)
            for name in ("total", "waived", "paid", "open")
        ),
    )


def _rank(row: FeeRow) -> tuple[object, ...]:
    sums = row.sums
    return -sums.open.minor, -sums.claimed.minor, -sums.law.minor, row.client.name, row.client.id


@dataclass(frozen=True, slots=True)
class FeeLeft:
    """Fees that are open still though their invoice is paid, and the command that lets them go."""

    client: Client
    page: str
    claim: Claim
    command: str


@dataclass(frozen=True, slots=True)
class FeeLower:
    """A claim that fell, since less was owed than it said: the page asks for less already, and something may be to be given back."""

    client: Client
    page: str
    found: Fallen


@dataclass(frozen=True, slots=True)
class FeeWaits:
    """A claim that counts for good once its message has left, and the command that lets it go, or says that it went."""

    client: Client
    page: str
    invoices: tuple[str, ...]
    amounts: tuple[Money, ...]
    command: str


@dataclass(frozen=True, slots=True)
class FeeReview:
    """What of late fees only the owner can decide. What waits for approval is counted with the messages."""

    left: Bounded[FeeLeft]
    lower: Bounded[FeeLower]
    unknown: Bounded[Person]
    waiting: Bounded[FeeWaits]

    @property
    def count(self) -> int:
        """How many there are."""
        return self.left.count + self.lower.count + self.unknown.count


@dataclass(slots=True)
class FeeFindings:
    """All of this, gathered client by client."""

    left: list[FeeLeft] = field(default_factory=list)
    lower: list[FeeLower] = field(default_factory=list)
    unknown: list[Person] = field(default_factory=list)
    waiting: list[FeeWaits] = field(default_factory=list)

    def gather(self, accounts: Sequence[Account], policy: Policy, *, sends: bool) -> None:
        """What one client brings to it; `sends`: relance has a mail server to hand messages to."""
        client, page = accounts[0].client, page_of(accounts[0])
        late = any(account.overdue for account in accounts)
        if late and client.kind is Kind.UNKNOWN and policy.fee_mode(client) is FeeMode.CLAIM:
            self.unknown.append(Person(client, page))
        for account in accounts:
            if account.claims:
                self._gather(account, page)
        self.waiting += _waiting(accounts, page, sends=sends)

    def _gather(self, account: Account, page: str) -> None:
        client = account.client
        self.lower += [FeeLower(client, page, found) for found in fallen(account)]
        paid = {item.id for item in account.with_status(Status.PAID)}
        resting = {
            item.id for item in account.items if item.fee_of and not item.is_asked
        }  # disputed, or in an agreement
        for claim in account.claims:
            if claim.open.minor > 0 and claim.invoice in paid and claim.item not in resting:
                self.left.append(FeeLeft(client, page, claim, command("waive", client.id, claim.invoice)))

    @property
    def review(self) -> FeeReview:
        """What the page shows of it."""
        return FeeReview(
            Bounded.of(sorted(self.left, key=lambda one: -one.claim.open.decimal), SHOWN_IN_GROUP),
            Bounded.of(
                sorted(self.lower, key=lambda one: (-one.found.to_return.decimal, -one.found.less.decimal)),
                SHOWN_IN_GROUP,
            ),
            Bounded.of(sorted(self.unknown, key=lambda one: (one.client.name, one.client.id)), SHOWN_IN_GROUP),
            Bounded.of(sorted(self.waiting, key=lambda one: (one.client.name, one.client.id)), SHOWN_IN_GROUP),
        )


def _waiting(accounts: Sequence[Account], page: str, *, sends: bool) -> Iterator[FeeWaits]:
    """The claims of today's message, while it waits for the owner's word or hand."""
    due, client = accounts[0].reminders.due_today, accounts[0].client
    if due is None or (way := way_of(due, sends=sends)) is Way.READY:
        return
    listed = {item.id for item in due.items}
    claims = [
        claim for account in accounts for claim in account.claims if claim.invoice in listed and claim.told_on is None
    ]
    if claims:
        then = command("sent", client.id)
        if way is Way.APPROVE:
            then = command("send", option=option("--approve", client.id))
        elif way is Way.CALL:
            then = command("log", client.id, option='--call "…"')
        amounts = added(claim.open for claim in claims)
        yield FeeWaits(client, page, tuple(claim.invoice for claim in claims), amounts, then)
