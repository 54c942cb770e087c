"""What `relance agree` is asked to record, as typed → the invoices, the debt and the schedule; or why that cannot be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from generator.commands.agree_words import not_agreeable, sum_is_wrong
from generator.commands.said import NOTHING, accounts_of, item_named
from generator.domain.account import Status
from generator.domain.agreeing import LONGEST, MOST_PARTS, EqualParts, against_waiver, breaches, in_parts, surplus
from generator.domain.claims import real
from generator.domain.ledger import AgreementRecord, SourceRef
from generator.domain.memory import OfferKind
from generator.domain.money import Money, total
from generator.domain.offer_policy import rules_for
from generator.domain.policy import Interval, PlanPolicy
from generator.domain.references import compacted
from generator.domain.vat import as_paid
from generator.errors import UsageError
from generator.problems import Flaw, printable
from generator.readers.cells import amount, day, listed

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from datetime import date

    from generator.domain.account import Account, Agreement, Item
    from generator.domain.agreeing import Breach, Schedule
    from generator.domain.ledger import Client, Ledger
    from generator.domain.memory import OfferMade
    from generator.domain.policy import Policy
    from generator.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Draft:
    """An agreement before it is recorded. `name` is that of the offer it takes; `supersedes` the agreement whose place it takes.

    `waived` is what of the debt is no instalment, and is waived once all of them are paid; `dropped` what that other one was
    still to waive, where this one waives less.
    """

    client: str
    signed: date
    items: tuple[Item, ...]
    debt: Money
    schedule: Schedule
    breaches: tuple[Breach, ...] = ()
    supersedes: str = ""
    name: str = ""
    by_hand: bool = False
    waived: Money | None = None
    dropped: Money | None = None


@dataclass(frozen=True, slots=True)
class Talk:
    """What was typed, about whom, and when it was agreed."""

    workspace: Workspace
    client: Client
    today: date
    signed: date
    options: Namespace

    def accounts(self, ledger: Ledger, on: date) -> tuple[Account, ...]:
        """The client's accounts of that day, from this ledger."""
        alone = replace(ledger, clients={self.client.id: self.client})
        return accounts_of(replace(self.workspace, ledger=alone).decide(on), self.client.id)

    def accepted_offer(self) -> AgreementRecord | None:
        """The agreement that the offer became already, by the client's payment or by the owner's word."""
        wanted = compacted(self.options.offer)
        keys = [offer.key for offer in self.workspace.memory.get(self.client.id).offers if _is(offer, wanted)]
        for account in self.accounts(self.workspace.ledger, self.today):
            for found in account.agreements:
                if found.id in keys and not found.ended:
                    return as_record(found, self.client.id)
        return None


def as_record(agreement: Agreement, client: str) -> AgreementRecord:
    """An agreement as it would be written down, also one that was accepted on the page."""
    parts = tuple((part.due, part.amount) for part in agreement.instalments)
    return AgreementRecord(
        agreement.id, client, agreement.invoices, agreement.signed_on, parts, discount=agreement.saving
    )


def view_of(accounts: Sequence[Account], record: AgreementRecord) -> Agreement:
    """The agreement as the client's page shows it."""
    found = [agreement for account in accounts for agreement in account.agreements if agreement.id == record.id]
    return found[-1]


@dataclass(frozen=True, slots=True)
class Subject:
    """What it is about: invoices of one account, oldest due first, what is open of them in all, and the agreement that gives way."""

    account: Account
    items: tuple[Item, ...]
    debt: Money
    replaced: Agreement | None
    policy: Policy  #: as it is for this client

    @property
    def principal(self) -> Money:
        """What is open of the invoices themselves: of late fees nothing is taken off, they are waived apart."""
        return total([item.open for item in real(self.items)], self.account.currency)


def draw_up(talk: Talk, ledger: Ledger) -> Draft:
    """The agreement that was asked for. Raises UsageError for one that cannot be, whatever the policy."""
    if talk.options.offer is not None:
        return _offered(talk, _accounts(talk, ledger))
    subject = subject_of(talk, ledger)
    supersedes = _superseded(subject.account, subject.items, subject.replaced)
    waived = waived_of(talk, subject.principal)
    schedule, asked = schedule_of(talk, subject, waived), subject.debt - waived
    if talk.options.plan is None:
        asked = _agreed_debt(talk, ledger, subject.items, asked, schedule, waived)
    debt = asked + waived
    found = (
        *breaches(schedule, debt, talk.signed, subject.policy),
        *against_waiver(waived, _without(subject, debt), subject.policy),
    )
    return Draft(
        *(talk.client.id, talk.signed, subject.items, debt, schedule, found, supersedes),
        by_hand=talk.options.plan is None,
        waived=waived or None,
        dropped=_dropped(subject.account, supersedes, waived),
    )


def subject_of(talk: Talk, ledger: Ledger) -> Subject:
    """The invoices that were named, else all that is late. Raises UsageError for what nothing can be agreed on."""
    accounts = _accounts(talk, ledger)
    replaced = _agreement_named(accounts, talk.options.replaces, talk.client.id)
    account = _account(talk, accounts, replaced)
    items = _items(talk, account, replaced)
    _refuse_settled(talk, ledger, items)
    policy = rules_for(talk.workspace.settings.policy, talk.client, account.standing.grade).policy
    items = tuple(as_paid(items, fees_first=policy.interest_first))
    return Subject(account, items, total([item.open for item in items], account.currency), replaced, policy)


def waived_of(talk: Talk, debt: Money) -> Money:
    """What is waived once all is paid as agreed; nothing, unless it was asked for. Raises UsageError."""
    text = talk.options.discount
    if text is None:
        return Money(0, debt.currency)
    found = read_amount("--discount", text, debt.currency)
    if not Money(0, debt.currency) < found < debt:
        raise UsageError(f"--discount {printable(text)}: a discount is a part of {debt} {debt.currency}. {NOTHING}")
    return found


def _without(subject: Subject, debt: Money) -> Money:
    """A debt without the late fees that are in it."""
    return debt - (subject.debt - subject.principal)


def schedule_of(talk: Talk, subject: Subject, waived: Money) -> Schedule:
    """The instalments as they were asked for: so many by rule, or each with its date and amount. Raises UsageError."""
    by_rule = talk.options.plan is not None
    return _by_rule(talk, subject.debt - waived, subject.policy) if by_rule else _by_hand(talk, subject.debt.currency)


def _accounts(talk: Talk, ledger: Ledger) -> tuple[Account, ...]:
    accounts = talk.accounts(ledger, talk.signed)
    name = talk.client.id
    if not accounts:
        raise UsageError(f"{name}: this client has no invoice by {talk.signed.isoformat()}. {NOTHING}")
    if talk.client.insolvent_on(talk.today):
        raise UsageError(
            f"{name}: insolvency proceedings are open, and debts from before may not be paid: declare them there. {NOTHING}"
        )
    return accounts


def _offered(talk: Talk, accounts: Sequence[Account]) -> Draft:
    """A plan that stands on the client's page that day, as it was offered."""
    wanted = compacted(talk.options.offer)
    made = [offer for offer in talk.workspace.memory.get(talk.client.id).offers if _is(offer, wanted)]
    for account in accounts:
        for offer in account.offers_of(OfferKind.PLAN):
            if offer.key in {known.key for known in made}:
                schedule = tuple((part.due, part.amount) for part in offer.instalments)
                supersedes = _superseded(account, offer.items, None)
                return Draft(
                    *(talk.client.id, talk.signed, offer.items, offer.amount + offer.saving, schedule, (), supersedes),
                    name=offer.key,
                    waived=offer.saving or None,
                    dropped=_dropped(account, supersedes, offer.saving),
                )
    shown = printable(talk.options.offer)
    if made:
        why = (
            f"the plan {shown} could be taken until {made[0].valid_until.isoformat()}, or nothing of it is left to pay"
        )
        raise UsageError(f"{talk.client.id}: {why}. Agree to the same with --plan {len(made[0].dates)}. {NOTHING}")
    standing = [offer.reference for account in accounts for offer in account.offers_of(OfferKind.PLAN)]
    known = f"On their page: {', '.join(standing)}." if standing else "No plan stands on their page."
    raise UsageError(f"{talk.client.id} was offered no plan of the reference {shown}. {known} {NOTHING}")


def _is(offer: OfferMade, wanted: str) -> bool:
    return offer.kind is OfferKind.PLAN and wanted in {offer.reference, offer.key}


def _agreement_named(accounts: Sequence[Account], wanted: str | None, client: str) -> Agreement | None:
    """The agreement of that id or reference, which has not ended."""
    if wanted is None:
        return None
    standing = [agreement for account in accounts for agreement in account.agreements if not agreement.ended]
    for agreement in standing:
        if wanted.strip().casefold() == agreement.id.casefold() or compacted(wanted) == agreement.reference:
            return agreement
    names = ", ".join(agreement.id for agreement in standing) or "none"
    raise UsageError(f"{printable(wanted)}: {client} has no such agreement; in force: {names}. {NOTHING}")


def _account(talk: Talk, accounts: Sequence[Account], replaced: Agreement | None) -> Account:
    """The account that it is about: one currency."""
    options, client = talk.options, talk.client.id
    if options.currency is not None:
        found = [account for account in accounts if account.currency == options.currency.strip().upper()]
    elif options.invoices:
        every = real(item for account in accounts for item in account.items)
        chosen = {item_named(every, name, client).open.currency for name in _names(options.invoices, every)}
        found = [account for account in accounts if account.currency in chosen]
    else:
        found = [account for account in accounts if account.overdue or (replaced and replaced in account.agreements)]
        found = found or list(accounts[:1])
    if len(found) == 1:
        return found[0]
    known = " and ".join(account.currency for account in accounts)
    raise UsageError(f"{client} owes in {known}, and an agreement is in one of them: say --currency. {NOTHING}")


def _names(wanted: Sequence[str], items: Sequence[Item]) -> list[str]:
    """The numbers that were typed, each by itself; one may hold a comma."""
    ids = {item.id.casefold() for item in items}
    return [name for text in wanted for name in ([text] if text.strip().casefold() in ids else listed(text) or [text])]


def _items(talk: Talk, account: Account, replaced: Agreement | None) -> tuple[Item, ...]:
    """What it is about, oldest due first: the invoices named, else all that is late, and what the replaced agreement was about."""
    client = talk.client.id
    if talk.options.invoices:
        every = real(account.items)
        chosen = {item_named(every, name, client).id for name in _names(talk.options.invoices, every)}
        chosen |= {item.id for item in account.items if item.fee_of in chosen and item.open}
    else:
        chosen = {item.id for item in account.overdue}
        if replaced is not None:
            asked = account.with_status(Status.IN_PLAN, Status.DUE, Status.NOT_DUE)
            chosen |= {item.id for item in asked if item.id in replaced.invoices}
    items = tuple(item for item in account.items if item.id in chosen)
    if not items:
        held = [agreement.id for agreement in account.agreements if agreement.holds and agreement.next]
        other = f" To put another agreement in the place of {held[0]}: --replaces {held[0]}." if held else ""
        raise UsageError(
            f"{client}: nothing is late that is not disputed. Name --invoices to agree on others.{other} {NOTHING}"
        )
    for item in items:
        if len(items) > 1 and listed(item.id) != (item.id,):
            raise UsageError(f"{item.id}: agree on this invoice by itself, for its number holds a comma. {NOTHING}")
    return items


def _refuse_settled(talk: Talk, ledger: Ledger, items: Sequence[Item]) -> None:
    """Raises UsageError for invoices that were paid or disputed, the day it was signed or since."""
    later = talk.accounts(ledger, talk.today) if talk.signed < talk.today else ()
    now = {item.id: item for account in later for item in account.items}
    told = [why for item in items if (why := not_agreeable(item) or not_agreeable(now.get(item.id, item)))]
    if told:
        raise UsageError("\n".join([*told, NOTHING]))


def _superseded(account: Account, items: Sequence[Item], replaced: Agreement | None) -> str:
    """The id of the agreement whose place it takes: the one named, else one about its invoices that was not kept."""
    numbers = {item.id for item in items}
    others = [
        agreement
        for agreement in account.agreements
        if not agreement.ended and numbers & set(agreement.invoices) and agreement is not replaced
    ]
    for agreement in others:
        if agreement.holds and agreement.next is not None:
            shared = ", ".join(number for number in agreement.invoices if number in numbers)
            raise UsageError(
                f"{shared}: in the agreement {agreement.id}, which holds. If this one takes its place: "
                f"--replaces {agreement.id}. {NOTHING}"
            )
    taken = [*([replaced] if replaced else []), *others]
    if len(taken) > 1:
        names = ", ".join(agreement.id for agreement in taken)
        raise UsageError(
            f"It would take the place of several agreements: {names}. Call off all but one with --end. {NOTHING}"
        )
    return taken[0].id if taken else ""


def _dropped(account: Account, superseded: str, waived: Money) -> Money | None:
    """What the agreement that gives way was still to waive, and the client believes it does, where the new one waives less."""
    for earlier in account.agreements:
        saving = earlier.waiver or (earlier.saving if earlier.broken and not earlier.told else None)
        if earlier.id == superseded and saving is not None and waived < saving:
            return saving
    return None


def _by_rule(talk: Talk, debt: Money, policy: Policy) -> Schedule:
    """Equal parts, dated as the policy has it for this client."""
    options, workspace = talk.options, talk.workspace
    if options.first is not None:
        _refuse_far(talk, options.first)
    down = None if options.down is None else read_amount("--down", options.down, debt.currency)
    if down is not None and (down < Money(0, debt.currency) or debt <= down):
        raise UsageError(f"--down {options.down}: a down payment is a part of {debt} {debt.currency}. {NOTHING}")
    interval = None if options.every is None else Interval(options.every)
    wanted = EqualParts(options.plan, options.first, down, interval)
    schedule = in_parts(
        debt, wanted, policy.plans or PlanPolicy(), talk.signed, workspace.business, talk.client.pays_on
    )
    if any(not amount for _, amount in schedule):
        raise UsageError(f"{debt} {debt.currency} cannot be paid in {options.plan} parts. {NOTHING}")
    return schedule


def _by_hand(talk: Talk, currency: str) -> Schedule:
    """The instalments as they were typed. Raises UsageError with all that is wrong with them."""
    texts = talk.options.instalment
    if len(texts) > MOST_PARTS:
        raise UsageError(f"{len(texts)} instalments: {MOST_PARTS} at most. {NOTHING}")
    schedule, told = [], []
    for text in texts:
        try:
            schedule.append(_part(talk, text, currency))
        except UsageError as wrong:
            told.append(str(wrong).removesuffix(f" {NOTHING}"))
    if told:
        raise UsageError("\n".join([*told, NOTHING]))
    return tuple(schedule)


def _part(talk: Talk, text: str, currency: str) -> tuple[date, Money]:
    on, mark, sum_ = text.partition("=")
    if not mark:
        raise UsageError(f"{printable(text)}: write a day and an amount, as 2026-12-05=300,00. {NOTHING}")
    due = day(on.strip())
    if isinstance(due, Flaw):
        problem = due.at(SourceRef("--instalment"), on, what="due date")
        raise UsageError(f"{problem.message} {problem.remedy} {NOTHING}")
    _refuse_far(talk, due)
    found = read_amount("--instalment", sum_.strip(), currency)
    if not Money(0, currency) < found:
        raise UsageError(f"{printable(text)}: an instalment is more than nothing. {NOTHING}")
    return due, found


def _refuse_far(talk: Talk, due: date) -> None:
    if due - talk.signed > LONGEST:
        raise UsageError(f"{due.isoformat()} is more than ten years away: is the year right? {NOTHING}")


def read_amount(option: str, text: str, currency: str) -> Money:
    """An amount as it was typed. Raises UsageError, with the option."""
    found = amount(text, currency, "")
    if isinstance(found, Flaw):
        problem = found.at(SourceRef(option), text)
        raise UsageError(f"{problem.message} {problem.remedy} {NOTHING}")
    return found


def _agreed_debt(
    talk: Talk, ledger: Ledger, items: Sequence[Item], debt: Money, schedule: Schedule, waived: Money
) -> Money:
    """The debt that the instalments add up to: what was open when the day of signature ended, or when it began.

    What came in on that day may be the first of them. Raises UsageError when it is neither.
    """
    over = surplus(schedule, debt)
    if not over:
        return debt
    before = replace(ledger, payments=tuple(payment for payment in ledger.payments if payment.date != talk.signed))
    numbers = {item.id for item in items}
    early = talk.accounts(before, talk.signed) if len(before.payments) < len(ledger.payments) else ()
    for account in early:
        owed = total([item.open for item in account.items if item.id in numbers], account.currency)
        if account.currency == debt.currency and not surplus(schedule, owed - waived):
            return owed - waived
    raise UsageError(f"{sum_is_wrong(schedule, debt, over, items)} {NOTHING}")
