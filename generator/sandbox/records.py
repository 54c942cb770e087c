"""What the sandbox remembers: one record an object, with what differs from one to the next.

The rest of an object, the same for all, is added when it is shown (see `shapes`). Records are plain so that a whole state is one
JSON file.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from generator.sandbox.wire import Json  # noqa: TC001 - the state file reads the types of the fields


@dataclass(slots=True)
class Line:
    """One thing that a link sells; `unit_amount` in minor units."""

    id: str
    price: str
    product: str
    name: str
    description: str | None
    currency: str
    unit_amount: int
    quantity: int
    product_metadata: dict[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """What the line comes to, in minor units."""
        return self.unit_amount * self.quantity


@dataclass(slots=True)
class Link:
    """A payment link."""

    id: str
    created: int
    currency: str
    lines: list[Line]
    active: bool = True
    methods: list[str] | None = None
    limit: int | None = None
    count: int = 0
    redirect: str | None = None
    confirmation: str | None = None
    inactive_message: str | None = None
    custom_text: dict[str, str] = field(default_factory=dict)
    submit_type: str = "auto"
    billing_address_collection: str = "auto"
    customer_creation: str = "if_required"
    metadata: dict[str, str] = field(default_factory=dict)
    intent_data: Json | None = None

    @property
    def total(self) -> int:
        """What the link asks for, in minor units."""
        return sum(line.total for line in self.lines)

    @property
    def used_up(self) -> bool:
        """Whether as many sessions were completed as may be."""
        return self.limit is not None and self.count >= self.limit


@dataclass(slots=True)
class Session:
    """A visit to the payment page of a link."""

    id: str
    link: str
    created: int
    expires_at: int
    amount: int
    currency: str
    methods: list[str]
    success_url: str | None
    metadata: dict[str, str]
    status: str = "open"
    payment_status: str = "unpaid"
    intent: str | None = None


@dataclass(slots=True)
class Intent:
    """The attempt to get paid for one session, over all its tries."""

    id: str
    session: str
    created: int
    amount: int
    currency: str
    methods: list[str]
    description: str | None
    metadata: dict[str, str]
    status: str = "requires_payment_method"
    method: str | None = None
    charge: str | None = None
    last_error: Json | None = None


@dataclass(slots=True)
class Charge:
    """One try to take the money: by card at once, by debit within days."""

    id: str
    intent: str
    created: int
    amount: int
    currency: str
    method: str
    kind: str
    description: str | None
    metadata: dict[str, str]
    status: str = "succeeded"
    refunded: int = 0
    disputed: bool = False
    failure_code: str | None = None
    failure_message: str | None = None
    balance: str | None = None


@dataclass(slots=True)
class Refund:
    """Money given back, a part or all of a charge."""

    id: str
    charge: str
    intent: str
    created: int
    amount: int
    currency: str
    reason: str | None = None
    status: str = "succeeded"
    balance: str | None = None


@dataclass(slots=True)
class Dispute:
    """A payment that the client's bank contests."""

    id: str
    charge: str
    intent: str
    created: int
    amount: int
    currency: str
    kind: str
    reason: str
    status: str = "needs_response"
    balances: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Balance:
    """A movement of the account: what came or went, the fee, and what is left of it."""

    id: str
    created: int
    available_on: int
    amount: int
    currency: str
    fee: int
    kind: str
    source: str
    category: str
    description: str | None = None

    @property
    def net(self) -> int:
        """What reaches the account."""
        return self.amount - self.fee


@dataclass(slots=True)
class Saved:
    """The answer that an idempotency key gets again."""

    at: int
    endpoint: str
    parameters: str
    request_id: str
    status: int
    body: str


Record = Link | Session | Intent | Charge | Refund | Dispute | Balance
