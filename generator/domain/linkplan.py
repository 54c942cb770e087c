"""Payment links: those that today's accounts call for, held against those that exist.

A link is one-time and its amount never changes: another amount is another link. Stripe is the truth about links; what
the journal remembers of them is a cache. Nothing here knows how a link is made: `plan` only says what is to be done.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from generator.domain.account import Item, Offer, Status
from generator.domain.charges import NotPayable, methods_for, not_payable
from generator.domain.memory import OfferKind
from generator.domain.money import total
from generator.domain.references import code

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from generator.domain.account import Account, Agreement
    from generator.domain.memory import LinksSeen
    from generator.domain.money import Money
    from generator.domain.policy import LinkPolicy


class LinkKind(StrEnum):
    """What a link pays: all that is asked today, one invoice, a discounted amount, a plan's first instalment, an agreement's next one.

    REST: all that is left of an agreement, which can be paid at any time.
    """

    FULL = "full"
    INVOICE = "invoice"
    DISCOUNT = "discount"
    PLAN = "plan"
    INSTALMENT = "instalment"
    REST = "rest"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A link that an account calls for.

    `key` is the way to pay, the same whatever it amounts to; `account` stands for client and currency where no name may
    go; `reference` is what a transfer for the same would carry: the payment is booked with it, and so takes the offer.
    `part` of `parts` is which instalment it is, where it is one. `fingerprint` changes with
    everything that the client would see or be charged.
    """

    key: str
    kind: LinkKind
    client: str
    account: str
    language: str
    amount: Money
    invoices: tuple[str, ...]
    reference: str
    return_url: str
    methods: tuple[str, ...]
    fingerprint: str
    part: int = 0
    parts: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """A link of this ledger as Stripe has it. `used`: it was paid, or a debit for it is on its way; it takes no more.

    `amount` is None when its lines were edited into something that is no single amount; no `invoices`: not noted.
    """

    id: str
    url: str
    active: bool
    used: bool
    key: str
    fingerprint: str
    generation: int
    account: str
    amount: Money | None
    invoices: frozenset[str] = frozenset()
    kind: str = ""


class Action(StrEnum):
    """What is done about a link."""

    DEACTIVATE = "deactivate"
    REACTIVATE = "reactivate"
    CREATE = "create"
    KEEP = "keep"
    CONSUMED = "consumed"


class Reason(StrEnum):
    """Why."""

    NEW = "new"
    AGAIN = "again"
    SAME = "same"
    CHANGED = "changed"
    EDITED = "edited_by_hand"
    DOUBLE = "double"
    GONE = "no_longer_offered"
    PAID = "paid"
    CONFLICT = "same_debt_paid"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the plan. `wanted` is the link called for, `seen` the one that exists; `generation` numbers a new one."""

    action: Action
    reason: Reason
    account: str
    wanted: Wanted | None = None
    seen: Seen | None = None
    generation: int = 0

    @property
    def amount(self) -> Money | None:
        """What the link is for."""
        return self.wanted.amount if self.wanted else self.seen.amount if self.seen else None


@dataclass(frozen=True, slots=True)
class LinkPlan:
    """What is to be done, account by account; in each, what goes down goes first."""

    steps: tuple[Step, ...]
    active: int = field(default=0)

    def of(self, *actions: Action) -> tuple[Step, ...]:
        """The steps of these kinds."""
        return tuple(step for step in self.steps if step.action in actions)

    @property
    def todo(self) -> tuple[Step, ...]:
        """The steps that change something."""
        return self.of(Action.DEACTIVATE, Action.REACTIVATE, Action.CREATE)

    def takes_down_too_many(self, percent: int, always: int = 20) -> bool:
        """Whether more than `percent` of the links that are active now would go, and more than `always` of them."""
        gone = len(self.of(Action.DEACTIVATE))
        return gone > always and gone * 100 > percent * self.active


def account_code(client: str, currency: str) -> str:
    """What stands for an account in metadata, where no client is named."""
    return code("account", client, currency)


def invoice_key(client: str, invoice: str) -> str:
    """The key of the link that pays one invoice alone."""
    return code("invoice", client, invoice)


def instalment_key(agreement: Agreement) -> str:
    """The key of the link that pays the next instalment of an agreement."""
    paid = sum(not part.open for part in agreement.instalments)
    return code("instalment", agreement.id, str(paid + 1))


def rest_key(agreement: Agreement) -> str:
    """The key of the link that pays all that is left of an agreement."""
    return code("rest", agreement.id)


def offer_key(account: Account, offer: Offer) -> str:
    """The key of the link of an offer. To pay all that is asked is the link of an invoice when that is one invoice."""
    if offer.kind is not OfferKind.FULL:
        return offer.key
    if len(offer.items) == 1 and offer.amount == offer.items[0].open:
        return invoice_key(account.client.id, offer.items[0].id)
    for agreement in account.agreements:
        if (
            not offer.items
            and offer.reference == agreement.reference
            and _next_amount(account, agreement) == offer.amount
        ):
            return instalment_key(agreement)
    return offer.key


def _next_amount(account: Account, agreement: Agreement) -> Money | None:
    """What the next instalment of an agreement asks for; None when it asks for nothing."""
    if not agreement.holds or agreement.next is None:
        return None
    return min(agreement.next.open, _left(account, agreement)) or None


def _left(account: Account, agreement: Agreement) -> Money:
    """What is left of an agreement: never more than its invoices still owe."""
    owed = [item.open for item in account.with_status(Status.IN_PLAN) if item.id in agreement.invoices]
    parts = [part.open for part in agreement.instalments]
    return min(total(parts, account.currency), total(owed, account.currency))


@dataclass(frozen=True, slots=True)
class Refused:
    """A way to pay that gets no link, and why."""

    client: str
    key: str
    amount: Money
    why: NotPayable


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to pay, before anybody asks whether it can be charged."""

    kind: LinkKind
    amount: Money
    invoices: tuple[str, ...]
    reference: str
    part: int = 0
    parts: int = 0


def wanted_links(account: Account, policy: LinkPolicy) -> tuple[tuple[Wanted, ...], tuple[Refused, ...]]:
    """The links that an account calls for today, each way to pay once; and those that it cannot have."""
    wanted, refused = [], []
    for key, way in _ways(account).items():
        why = not_payable(way.amount, policy.methods)
        if why is not None:
            refused.append(Refused(account.client.id, key, way.amount, why))
        else:
            wanted.append(_wanted(account, policy, key, way))
    return tuple(wanted), tuple(refused)


def _ways(account: Account) -> dict[str, _Way]:
    """Every invoice alone, the next instalment of each agreement and all that is left of it, and what is offered, by key."""
    found: dict[str, _Way] = {}
    for item in account.payable:
        key = invoice_key(account.client.id, item.id)
        found[key] = _Way(LinkKind.INVOICE, item.open, (item.id,), item.id)
    for agreement in account.agreements:
        amount = _next_amount(account, agreement)
        if amount is not None:
            key, parts = instalment_key(agreement), agreement.instalments
            part = sum(not one.open for one in parts) + 1
            found[key] = _Way(LinkKind.INSTALMENT, amount, agreement.invoices, agreement.reference, part, len(parts))
            if amount < (left := _left(account, agreement)):
                found[rest_key(agreement)] = _Way(LinkKind.REST, left, agreement.invoices, agreement.reference)
    for offer in (
        one for one in account.offers if one.voucher is None
    ):  # what is asked has its link, whose date counts
        numbers = tuple(item.id for item in offer.items)
        if offer.kind is OfferKind.FULL and offer.amount != total(
            (item.open for item in offer.items), account.currency
        ):
            numbers += _in_instalments(account)  # a part of these is in it: who pays it pays them
        count = len(offer.instalments)
        way = _Way(LinkKind(offer.kind), offer.pay_now, numbers, offer.reference, int(count > 0), count)
        found.setdefault(offer_key(account, offer), way)
    return found


def _in_instalments(account: Account) -> tuple[str, ...]:
    """The open invoices of the agreements whose next instalment is asked for."""
    asking = [agreement for agreement in account.agreements if _next_amount(account, agreement) is not None]
    agreed = {number for agreement in asking for number in agreement.invoices}
    return tuple(item.id for item in account.with_status(Status.IN_PLAN) if item.id in agreed)


def _wanted(account: Account, policy: LinkPolicy, key: str, way: _Way) -> Wanted:
    return_url = policy.return_url(account.keys[0])
    methods = methods_for(policy.methods, way.amount.currency)
    language = account.client.language
    amount = (str(way.amount.minor), way.amount.currency)
    what = (policy.ledger, key, way.kind, *amount, *way.invoices, "", way.reference)
    look = (return_url, language, policy.contact, *methods)
    return Wanted(
        key=key,
        kind=way.kind,
        client=account.client.id,
        account=account_code(account.client.id, account.currency),
        language=language,
        amount=way.amount,
        invoices=way.invoices,
        reference=way.reference,
        return_url=return_url,
        methods=methods,
        fingerprint=digest((*what, *look)),
        part=way.part,
        parts=way.parts,
    )


def with_links(account: Account, policy: LinkPolicy, seen: LinksSeen | None) -> Account:
    """The account with the links it calls for, and their addresses if exactly these were active when last looked at."""
    wanted, _ = wanted_links(account, policy)
    links = dict(seen.links) if seen is not None and wanted and seen.fingerprint == account_fingerprint(wanted) else {}
    return replace(account, wanted=wanted, links=links)


def pay_url(account: Account, way: Offer | Item | Agreement) -> str:
    """The address at which an offer, one item or the next instalment can be paid online now; empty when there is none."""
    if isinstance(way, Offer):
        key = offer_key(account, way)
    elif isinstance(way, Item):
        key = invoice_key(account.client.id, way.id)
    else:
        key = instalment_key(way)
    return account.links.get(key, "")


def digest(parts: Iterable[str]) -> str:
    """Sixteen hexadecimal digits that stand for these parts, in this order."""
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=8).hexdigest()


def account_fingerprint(wanted: Iterable[Wanted]) -> str:
    """What stands for exactly these links: a record of other ones says nothing about them."""
    return digest(sorted(f"{link.key}:{link.fingerprint}" for link in wanted))


def plan(wanted: Sequence[Wanted], seen: Sequence[Seen], settled: Container[str]) -> LinkPlan:
    """What must be done so that exactly the wanted links are active.

    `settled` are the ids of links whose payment is in the ledger, whatever became of it. A link that was paid and is not
    among them stops every way to pay the same debt, until its payment has been read.
    """
    by_key: defaultdict[str, list[Seen]] = defaultdict(list)
    unread: defaultdict[str, list[Seen]] = defaultdict(list)
    for link in sorted(seen, key=lambda link: (link.generation, link.id)):
        by_key[link.key].append(link)
        if link.used and link.id not in settled:
            unread[link.account].append(link)
    known = {want.account for want in wanted}
    lost = [link for account, links in unread.items() if account not in known for link in links if link.invoices]
    steps: list[Step] = []
    for want in wanted:
        found = by_key.pop(want.key, [])
        paid = next((link for link in unread[want.account] if _same_debt(want, link)), None)
        if paid is None:  # a client who was renamed since, or merged with another, has another account
            paid = next((link for link in lost if link.invoices & set(want.invoices)), None)
        steps += _stopped(want, found, paid) if paid else _one(want, found)
    for found in by_key.values():
        steps += [_down(link, Reason.GONE) for link in found if link.active and not link.used]
        steps += [
            Step(Action.CONSUMED, Reason.PAID, link.account, seen=link)
            for link in found
            if link.used and link.id not in settled
        ]
    order = list(Action)
    accounts = {account: place for place, account in enumerate(dict.fromkeys(step.account for step in steps))}
    steps.sort(key=lambda step: (accounts[step.account], order.index(step.action)))
    return LinkPlan(tuple(steps), sum(link.active and not link.used for link in seen))


def _same_debt(want: Wanted, paid: Seen) -> bool:
    """Whether a payment through `paid` may be for what `want` asks: an invoice in common, or not known."""
    return want.key == paid.key or not paid.invoices or not want.invoices or bool(paid.invoices & set(want.invoices))


def _stopped(want: Wanted, found: Sequence[Seen], paid: Seen) -> list[Step]:
    """The same debt was paid through a link, and the ledger does not know yet: nothing of it may be paid again."""
    steps = [_down(link, Reason.CONFLICT, want.account) for link in found if link.active and not link.used]
    return [*steps, Step(Action.CONSUMED, Reason.PAID, want.account, want, paid)]


def _one(want: Wanted, found: Sequence[Seen]) -> list[Step]:
    """One wanted link against the links of its key, those of the first generations first."""
    right = [link for link in found if link.fingerprint == want.fingerprint and link.amount == want.amount]
    usable = [link for link in right if not link.used]
    chosen = next((link for link in usable if link.active), None) or next(iter(usable), None)
    steps = [
        _down(link, _why(want, link), want.account)
        for link in found
        if link.active and not link.used and link is not chosen
    ]
    if chosen is None:
        same = [link.generation for link in found if link.fingerprint == want.fingerprint]
        reason = Reason.AGAIN if same else Reason.CHANGED if found else Reason.NEW
        steps.append(Step(Action.CREATE, reason, want.account, want, None, max(same, default=0) + 1))
    elif chosen.active:
        steps.append(Step(Action.KEEP, Reason.SAME, want.account, want, chosen))
    else:
        steps.append(Step(Action.REACTIVATE, Reason.AGAIN, want.account, want, chosen))
    return steps


def _why(want: Wanted, link: Seen) -> Reason:
    if link.fingerprint != want.fingerprint:
        return Reason.CHANGED
    return Reason.DOUBLE if link.amount == want.amount else Reason.EDITED


def _down(link: Seen, reason: Reason, account: str = "") -> Step:
    """`account` is the one whose links take its place, so that it goes before they come: the client may have been renamed."""
    return Step(Action.DEACTIVATE, reason, account or link.account, seen=link)
