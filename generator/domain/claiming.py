"""Claiming late fees: which claims the message of today makes, and which of those that were made count.

A claim is made with the message that tells of it, and frozen: while the message waits for the owner's word its amounts stay as
they are. It counts while the message is due, and for good once it has left, as far as it is still owed (`correcting`). A message that
is no longer due, because the client paid, disputes or is left in peace, claims nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from generator.domain.carried import is_same, may_have_told, owned
from generator.domain.claims import ClaimedPeriod, Counted, FeesClaimed, MissingRate, real
from generator.domain.claims_seen import seen_on_the_page
from generator.domain.correcting import PROFESSIONAL, Correcting, holding, without_outdated
from generator.domain.fee_rules import Basis
from generator.domain.fees import account_fees
from generator.domain.holds import is_approved
from generator.domain.late_fees import Nothing
from generator.domain.rates import following, half_year

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from generator.domain.account import Account, Item
    from generator.domain.delivery import SentItem
    from generator.domain.due import DueReminder, Reminders
    from generator.domain.facts import Facts
    from generator.domain.fee_rules import Rate
    from generator.domain.holds import Holds
    from generator.domain.late_fees import LateFees
    from generator.domain.ledger import Client
    from generator.domain.memory import ClientMemory
    from generator.domain.policy import Policy, Step

_ONE_DAY = timedelta(days=1)


@dataclass(slots=True)
class Claimed:
    """What today's message claims: the events that are `new`, all claims that wait with it, and the rates that are missing."""

    new: list[FeesClaimed] = field(default_factory=list)
    waiting: list[Counted] = field(default_factory=list)
    missing: list[MissingRate] = field(default_factory=list)


def with_claims(
    facts: Facts, policy: Policy, client: Client, memory: ClientMemory, waiting: Iterable[Counted] = ()
) -> Facts:
    """The facts of one account with the late fees that count: those that were told, and those that wait with today's message."""
    facts = replace(facts, interest_first=policy.interest_first)
    told, untold = _told_claims(facts, memory)
    facts = replace(facts, claims=_in_order(told))
    if client.kind not in PROFESSIONAL:  # what they were told falls to nothing, and nothing else is claimed
        return facts
    if untold:
        offers = [offer for offer in memory.offers if offer.currency == facts.currency]
        told += seen_on_the_page(facts, untold, offers)
    known = {(one.item, one.claim.step) for one in told}
    mine = (one for one in waiting if one.claim.currency == facts.currency)
    told += [one for one in mine if (one.item, one.claim.step) not in known]
    return replace(facts, claims=_in_order(told))


def _in_order(claims: Iterable[Counted]) -> tuple[Counted, ...]:
    order = sorted(claims, key=lambda one: (one.on, one.claim.on, one.item, one.claim.step))
    return tuple(without_outdated(order))


def _told_claims(facts: Facts, memory: ClientMemory) -> tuple[list[Counted], dict[str, list[FeesClaimed]]]:
    """The claims that their message told, or may have told; and of each item the last that was made, where that was not told.

    A correction of before that day is what was told; one of a later day counts since then. An untold claim comes with its own.
    What nobody knows to have left may have been read: until the owner says that it never arrived, nothing else is asked for than it says.
    """
    known = {invoice.id for invoice in facts.invoices}
    left = may_have_told(memory)
    found: list[Counted] = []
    last: dict[str, list[FeesClaimed]] = {}
    for claim, item in owned(facts, memory):  # in their order
        days = [
            message.on
            for message in left
            if message.step == claim.step and message.on >= claim.on
            if any(_is_about(entry, claim, item, known) for entry in message.items)
        ]
        if not days:
            same = [one for one in last.get(item, []) if (one.step, one.on) == (claim.step, claim.on)]
            last[item] = [*same, claim]
            continue
        last.pop(item, None)
        told_on = min(days)
        one = Counted(item, claim, max(told_on, claim.corrected_on or told_on), told_on)
        if claim.corrected_on is not None and not one.corrects:
            found.pop()
        found.append(one)
    return found, last


def _is_about(entry: SentItem, claim: FeesClaimed, item: str, known: set[str]) -> bool:
    if entry.invoice in {claim.invoice, item}:
        return is_same(claim, entry.issued, entry.total)
    same = (entry.issued, entry.total, entry.currency) == (claim.issued, claim.total, claim.currency)
    return same and entry.invoice not in known


def with_fees_beside(due: DueReminder, items: Sequence[Item], holds: Holds) -> DueReminder:
    """The message with the claimed fees of the invoices that it lists: it asks for them too, and the owner's word is on both."""
    listed = {item.id for item in due.items}
    agreed = due.instalment.agreement.invoices if due.instalment is not None else ()
    beside = (item for item in items if item.fee_of and item.open)
    fees = tuple(item for item in beside if (item.fee_of in listed and item.is_asked) or item.id in agreed)
    if not fees:
        return due
    due = replace(due, fees=fees)
    needs = holds.policy.reminders.needs_word(due.step, due.channel)
    return replace(due, waits=needs and not is_approved(due, holds.memory.deliveries, holds.today))


def claims_at(policy: Policy, client: Client, step: Step) -> bool:
    """Whether messages of this step claim fees: those from the step on that the owner says, in the client's own ladder."""
    return not step.before_due and step.name in _claiming(policy, client)


def _claiming(policy: Policy, client: Client) -> frozenset[str]:
    """The names of the steps at which fees are claimed from a client."""
    if not policy.claims_from(client):
        return frozenset()
    steps = policy.reminders.ladders.get(client.ladder, policy.reminders.steps)
    names = [step.name for step in steps]
    if policy.claim_from in names:
        return frozenset(names[names.index(policy.claim_from) :])
    return frozenset(step.name for step in steps if step.formal)


@dataclass(frozen=True, slots=True)
class Claiming:
    """The claims of one client on one day. `told` are those that count already, in all currencies."""

    policy: Policy
    client: Client
    memory: ClientMemory
    facts: Sequence[Facts]
    today: date
    told: Sequence[Counted] = ()

    def by(self, reminders: Reminders, accounts: Callable[[], Sequence[Account]]) -> Claimed:
        """What the message of today claims. `accounts` are drawn up only where it may claim something.

        One that is ready and only waits for its day claims nothing new; what it claimed stays on the page meanwhile. What it was to
        claim, and by today's policy claims no more, is taken back before it leaves.
        """
        found, due = Claimed(), reminders.kept or reminders.due_today
        if due is None:
            return found
        made = {item: claim for facts in self.facts for item, claim in self._made(facts, due.step.name).items()}
        mine = [item for item in _late(due) if self._claims(due, item)]
        told = {(one.item, one.claim.step) for one in self.told}
        given_up = {item.id for item in real(due.items)} - {item.id for item in mine}
        for item, claim in made.items():
            if item in given_up and claim.amount and (item, claim.step) not in told:
                nothing = replace(claim, periods=(), indemnity=0, indemnity_article="", corrected_on=self.today)
                found.new.append(nothing)
        if reminders.kept is not None:
            mine = [item for item in mine if item.id in made]
        for facts, account in zip(self.facts, accounts(), strict=True) if mine else ():
            if own := [item for item in mine if item.open.currency == facts.currency]:
                self._claim(found, due.step.name, facts, account, own)
        return found

    def _claims(self, due: DueReminder, item: Item) -> bool:
        """Whether a message claims fees for an item that it lists: one that has come to such a step itself, and is not spared.

        What merely stands in the message of another invoice, before its own turn, does not; a formal notice is of all that it lists.
        """
        own = due.step.name if due.step.formal else due.steps.get(item.id, "")
        claims = claims_at(self.policy, self.client, due.step) and own in _claiming(self.policy, self.client)
        return claims and not any(self._spared({item.id, item.invoice.number}, facts) for facts in self.facts)

    def _made(self, facts: Facts, step: str) -> dict[str, FeesClaimed]:
        """The claims of this step that were made, as low as they fell, by item."""
        return {item: claim for claim, item in owned(facts, self.memory) if claim.step == step}

    def _spared(self, names: set[str], facts: Facts) -> bool:
        """Whether the owner waived all fees of this invoice, for good."""
        return any(one.amount is None and one.invoice in names for one in facts.fee_waivers)

    def _claim(self, found: Claimed, step: str, facts: Facts, account: Account, items: Sequence[Item]) -> None:
        made = self._made(facts, step)
        known = {item.id: made[item.id] for item in items if item.id in made}
        by_law = account_fees(account, self.policy.fees)
        holders = self._holders(facts, known)
        correcting = Correcting(self.client, self.policy.fees, facts, account.items, account.courses, self.today)
        for item in items:
            fees = by_law.items[item.id]
            # the one indemnity stands at the first part that is claimed, not at the first that was late, unless it was waived there
            if fees.indemnity_at and not self._spared({fees.indemnity_at}, facts):
                fees = replace(fees, indemnity=by_law.items[fees.indemnity_at].indemnity)
            if item.id in known:
                claim = correcting.lowered(known[item.id], item.id)
            elif missing := _missing(self.client.id, item, fees):
                found.missing.append(missing)
                continue
            elif not fees.total or fees.reason is Nothing.AGREEMENT:
                continue
            else:
                claim = self._of(item, step, fees, holders)
            if claim != known.get(item.id):
                found.new.append(claim)
            if claim.indemnity:
                holders.setdefault(item.invoice.number, (item.id, claim.indemnity))
            if claim.amount:
                found.waiting.append(Counted(item.id, claim, self.today))

    def _holders(self, facts: Facts, known: Mapping[str, FeesClaimed]) -> dict[str, tuple[str, int]]:
        """The part of each invoice on which its one indemnity was claimed, and what that was."""
        numbers = {invoice.id: invoice.number for invoice in facts.invoices}
        told = holding(one for one in self.told if one.claim.currency == facts.currency)
        claims = [(one.item, one.claim) for one in told]
        found: dict[str, tuple[str, int]] = {}
        for item, claim in (*claims, *known.items()):
            if claim.indemnity and item in numbers:
                found.setdefault(numbers[item], (item, claim.indemnity))
        return found

    def _of(self, item: Item, step: str, fees: LateFees, holders: Mapping[str, tuple[str, int]]) -> FeesClaimed:
        holder, indemnity = holders.get(item.invoice.number, (item.id, fees.indemnity.minor))
        if holder != item.id:
            indemnity = 0
        return FeesClaimed(
            client=self.client.id,
            currency=item.open.currency,
            invoice=item.id,
            issued=item.invoice.issued,
            total=item.total.minor,
            step=step,
            on=self.today,
            until=self.today,
            indemnity=indemnity,
            indemnity_article=fees.indemnity_article if indemnity else "",
            periods=_periods(fees),
        )


def _late(due: DueReminder) -> list[Item]:
    return [item for item in real(due.items) if item.open and item.days_overdue]


def _missing(client: str, item: Item, fees: LateFees) -> MissingRate | None:
    """The half-year whose rate is needed and not known."""
    if fees.known_until is not None:
        return MissingRate(client, item.id, following(half_year(fees.known_until)))
    if fees.known_from is not None:
        return MissingRate(client, item.id, half_year(fees.known_from - _ONE_DAY))
    if fees.reason is Nothing.NO_RATE:
        return MissingRate(client, item.id, half_year(fees.late_from or item.invoice.due + _ONE_DAY))
    return None


def _periods(fees: LateFees) -> tuple[ClaimedPeriod, ...]:
    return tuple(
        ClaimedPeriod(
            period.begins,
            period.ends,
            period.base.minor,
            period.percent,
            period.year_days,
            period.interest.minor,
            basis_of(period.terms),
            period.article,
        )
        for period in fees.periods
    )


def basis_of(rate: Rate) -> str:
    """How a rate is counted, in a few letters: `ecb + 10`, `legal x 3`, `legal`; `fixed` for a contract's own."""
    if rate.basis is Basis.FIXED:
        return str(rate.basis)
    times = f" x {rate.times}" if rate.times > 1 else ""
    points = f" + {rate.points.normalize():f}" if rate.points else ""
    return f"{rate.basis}{times}{points}"
