"""The whole of relance as one pure function: facts, policy, memory and a day in; accounts and events out.

Events are what must be remembered before anybody sees the accounts: keys that were made and offers that were made.
Deciding again from a memory that holds them gives the same accounts and no event.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from generator.domain.account import Account, Status
from generator.domain.account import Agreement as AgreementView
from generator.domain.agreement_view import agreement_view
from generator.domain.carried import known_claims, memories_of_gone
from generator.domain.claiming import Claiming, with_claims, with_fees_beside
from generator.domain.claims import real, spared_of
from generator.domain.correcting import Correcting
from generator.domain.credited import with_credits
from generator.domain.deadlines import notices_from
from generator.domain.due import Held, Reminders
from generator.domain.facts import Facts, addressee, facts_by_client, people_of
from generator.domain.following import Following
from generator.domain.holds import Holds
from generator.domain.lateness import measured
from generator.domain.ledger import Promise
from generator.domain.linkplan import with_links
from generator.domain.memory import ClientMemory, Event, KeyMade, Memory
from generator.domain.money import Money
from generator.domain.negotiation import OfferMaker, open_offers
from generator.domain.offer_policy import OfferRules, RuleBook, not_kept_since
from generator.domain.proposals import known_on, pending, talks_until
from generator.domain.references import account_reference
from generator.domain.reminders import Ladder, Told
from generator.domain.services import Services, remembered
from generator.domain.standing import Conduct, Standing, standing
from generator.domain.statement import Statement, draw_up
from generator.domain.thanks import punctual
from generator.domain.totals import full_offer, totals_of
from generator.domain.vouchers import known_vouchers, paid_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from generator.domain.claims import Counted, FeesClaimed, MissingRate
    from generator.domain.ledger import Client, Contact, Ledger
    from generator.domain.policy import Policy
    from generator.domain.proposals import Proposal
    from generator.domain.terms import BusinessCalendar

#: What is open with good reason is not held against who owes it.
_EXCUSED = frozenset({Status.DISPUTED, Status.IN_PLAN, Status.IN_FLIGHT})


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided: accounts by client in the ledger's order (one per currency), and what to remember."""

    accounts: tuple[Account, ...]
    events: tuple[Event, ...]
    missing: tuple[
        MissingRate, ...
    ] = ()  #: claims that fall due and cannot be counted: nothing of this decision may be kept

    def by_client(self) -> list[tuple[Account, ...]]:
        """The accounts of each client together."""
        found: dict[str, list[Account]] = {}
        for account in self.accounts:
            found.setdefault(account.client.id, []).append(account)
        return [tuple(accounts) for accounts in found.values()]


def decide(
    ledger: Ledger,
    policy: Policy,
    memory: Memory,
    today: date,
    *,
    business: BusinessCalendar | None,
    new_key: Callable[[], str],
) -> Decision:
    """Decides everything for one day. Facts dated after `today` are ignored; `new_key` makes an unguessable key.

    A client without any invoice has no account: there is nothing to show. Of one about whom something could not be read,
    nothing is said: their page, if there is one, tells that it is being checked.
    """
    accounts: list[Account] = []
    events: list[Event] = []
    missing: list[MissingRate] = []
    contacts = groupby(sorted(ledger.contacts, key=lambda contact: contact.client), key=lambda contact: contact.client)
    people = {client: tuple(found) for client, found in contacts}
    found = facts_by_client(ledger, today)
    told, gone = _told_to_others(ledger, memory), memories_of_gone(ledger, memory)
    book = RuleBook(policy)
    proposals: dict[str, list[Proposal]] = {}
    for proposal in known_on(ledger.proposals, today):
        proposals.setdefault(proposal.client, []).append(proposal)
    for client, own in ledger.clients.items():
        known = people.get(client, ())
        decider = _Decider(
            client=addressee(own, known),
            people=people_of(own, known),
            facts=found.get(client, ()),
            policy=policy,
            today=today,
            business=business,
            proposals=proposals.get(client, ()),
            told_others=told,
            book=book,
        )
        if client in ledger.unreadable:
            accounts += decider.nothing(memory.get(client))
        elif client in found:
            shown, new = decider.decide(known_claims(memory.get(client), gone, found[client], today), new_key, missing)
            accounts += shown
            events += new
    return Decision(tuple(accounts), tuple(events), tuple(missing))


def _told_to_others(ledger: Ledger, memory: Memory) -> frozenset[Told]:
    """The invoices about which clients were written to who are in the ledger no more."""
    return frozenset(
        (item.invoice, item.issued, item.total, item.currency)
        for client, known in memory.clients.items()
        if client not in ledger.clients
        for message in known.sent
        for item in message.items
    )


@dataclass(frozen=True, slots=True)
class _Now:
    """One client as seen from one memory: a statement for each currency, and what is about all of them."""

    statements: Sequence[Statement]
    agreements: Sequence[tuple[AgreementView, ...]]
    standing: Standing
    reminders: Reminders
    rules: OfferRules
    told: Sequence[Counted] = ()  #: late fees of which the client knows


@dataclass(frozen=True, slots=True)
class _Decider:
    """One client on one day. `told_others` are the invoices about which clients were written to who are gone."""

    client: Client
    people: tuple[Contact, ...]
    facts: Sequence[Facts]
    policy: Policy
    today: date
    business: BusinessCalendar | None
    book: RuleBook
    proposals: Sequence[Proposal] = ()
    told_others: frozenset[Told] = frozenset()

    def decide(
        self, memory: ClientMemory, new_key: Callable[[], str], missing: list[MissingRate]
    ) -> tuple[list[Account], list[Event]]:
        """This client's accounts, and what must be remembered before they are shown: a key, claims and offers that begin today.

        An offer of today is about the late fees that are claimed today, too. Rates that a claim needs go to `missing`.
        """
        events: list[Event] = [] if memory.keys else [KeyMade(self.client.id, new_key(), 1, self.today)]
        now = self._now(memory)
        while fallen := self._fallen(now):  # what that gives back pays other debts, so that others may fall too
            events += fallen
            memory = memory.plus(fallen)
            now = self._now(memory)
        claimed = Claiming(self.policy, self.client, memory, self.facts, self.today, now.told).by(
            now.reminders, lambda: self._accounts(memory.plus(events), now)
        )
        missing += claimed.missing
        if claimed.waiting:
            now = self._now(memory, claimed.waiting)
        offers = self._offers(memory, now)
        events += [*claimed.new, *offers]
        if events:
            memory = memory.plus(events)
        if offers:
            now = self._now(memory, claimed.waiting)
        return self._accounts(memory, now), events

    def _fallen(self, now: _Now) -> list[FeesClaimed]:
        """The claims that were told and come to less today."""
        found: list[FeesClaimed] = []
        for facts, statement in zip(self.facts, now.statements, strict=True) if now.told else ():
            items, courses = statement.items, statement.courses
            found += Correcting(self.client, self.policy.fees, facts, items, courses, self.today).fallen(now.told)
        return found

    def _accounts(self, memory: ClientMemory, now: _Now) -> list[Account]:
        return [
            self._account(memory, facts, statement, agreements, now)
            for facts, statement, agreements in zip(self.facts, now.statements, now.agreements, strict=True)
        ]

    def nothing(self, memory: ClientMemory) -> list[Account]:
        """An account that says nothing, in the place of those of a client who has a page and of whom not all could be read."""
        if not memory.current_keys:
            return []
        how = standing(Conduct(), self.policy.standing, self.today)
        holds = Holds(self.policy, self.client, memory, self.today, self.business)
        currency = self.policy.currency
        facts = Facts(self.client.id, currency)
        statement = draw_up(facts, [], self.today)
        held = remembered(Reminders(sent=memory.sent, held=Held.UNREADABLE), holds)
        now = _Now([statement], [()], how, held, OfferRules(self.policy))
        return [self._account(memory, facts, statement, (), now)]

    def _now(self, memory: ClientMemory, waiting: Sequence[Counted] = ()) -> _Now:
        """Statements, standing and reminders, from what is remembered, with the claims that wait with today's message."""
        following = Following.of(self.policy, self.client, memory.sent, self.today)
        every_fact = [replace(facts, following=following) for facts in self.facts]
        told: list[Counted] = []
        if memory.claims or waiting:
            every_fact = [with_claims(facts, self.policy, self.client, memory, waiting) for facts in every_fact]
            told = [one for facts in every_fact for one in facts.claims if one.told_on is not None]
        statements = [
            draw_up(facts, [offer for offer in memory.offers if offer.currency == facts.currency], self.today)
            for facts in every_fact
        ]
        agreements = [
            tuple(
                with_credits(
                    agreement_view(found, statement.arrived.get(found.id, 0), facts.currency, self.today),
                    statement.puts,
                )
                for found in statement.accepted
            )
            for statement, facts in zip(statements, self.facts, strict=True)
        ]
        every = [agreement for found in agreements for agreement in found]
        every_item = [item for statement in statements for item in statement.items]
        items = real(every_item)
        how = standing(self._conduct(statements, every), self.policy.standing, self.today)
        ladder = Ladder(
            self.policy,
            self.client,
            memory,
            how,
            self.today,
            self.business,
            people=self.people,
            told_others=self.told_others,
        )
        known = {invoice.id for facts in self.facts for invoice in facts.invoices}
        services = Services(
            ladder.holds,
            self.people,
            every_item,
            every,
            [payment for facts in self.facts for payment in facts.payments],
        )
        notices = notices_from(following.formal_from(every, self.today), memory.sent, memory.offers)
        climbed = ladder.climb(items, known, notices)
        reminders = remembered(services.over(climbed), ladder.holds)
        if self.proposals and (reminders.due_today or reminders.kept):
            ends = talks_until(self.proposals, self.policy.answer_days, self.business)
            # neither before they have our answer, nor before they could take it up
            talking = ends is None or self.today <= ends
            if talking and reminders.due_today is not None:
                reminders = replace(reminders, due_today=None, held=Held.ANSWERED, until=ends)
            if talking:
                reminders = replace(reminders, kept=None)
        if reminders.due_today is not None and len(items) < len(every_item):
            due = with_fees_beside(reminders.due_today, every_item, ladder.holds)
            reminders = replace(reminders, due_today=due)
        broken = not_kept_since(every, self.policy.standing, self.today)
        return _Now(statements, agreements, how, reminders, self.book.of(self.client, how.grade, broken), told)

    def _conduct(self, statements: Sequence[Statement], agreements: Sequence[AgreementView]) -> Conduct:
        """What the client did with our invoices and with their own word, in all currencies."""
        return Conduct(
            positions=[position for statement in statements for position in statement.positions],
            excused=frozenset(
                item.id for statement in statements for item in statement.items if item.status in _EXCUSED
            ),
            promises=list(dict.fromkeys(promise for facts in self.facts for promise in _promises(facts))),
            broken_agreements=[one.broken_on for one in agreements if one.broken_on],
            kept_agreements=[one.kept_on for one in agreements if one.kept_on],
            booked_by=self.policy.booked_by(self.today) or self.today,
        )

    def _offers(self, memory: ClientMemory, now: _Now) -> list[Event]:
        """The offers that begin today: by their own date, and with the step of today's message."""
        offers: list[Event] = []
        for statement, facts in zip(now.statements, self.facts, strict=True):
            offers += self._maker(memory, facts.currency, now.rules).by_date(statement.items)
        due = now.reminders.due_today
        if due is not None and (listed := now.rules.of_step(due.step)):
            for facts in self.facts:
                items = [item for item in (*due.items, *due.fees) if item.open.currency == facts.currency]
                offers += self._maker(memory.plus(offers), facts.currency, now.rules).by_step(listed, items)
        return offers

    def _maker(self, memory: ClientMemory, currency: str, rules: OfferRules) -> OfferMaker:
        made = [offer for offer in memory.offers if offer.currency == currency]
        return OfferMaker(rules, self.client.id, currency, made, self.today, self.business, sent=memory.sent)

    def _account(
        self,
        memory: ClientMemory,
        facts: Facts,
        statement: Statement,
        agreements: tuple[AgreementView, ...],
        now: _Now,
    ) -> Account:
        currency = facts.currency
        agreed = {found.id for found in statement.accepted}  # a plan that was taken is not there to be taken again
        ours = (offer for offer in memory.offers if offer.currency == currency and offer.key not in agreed)
        made = [*statement.own_offers, *ours]
        reference = account_reference(self.client.id, currency)
        totals, asked = totals_of(statement, agreements, currency)
        paid = paid_for(made, statement.items, statement.puts)
        offers = open_offers(made, statement.items, self.today, self.policy.offers.first, paid)
        if totals.to_pay:
            offers.insert(0, full_offer(totals.to_pay, asked, agreements, reference))
        insolvent = self.client.insolvent_on(self.today)
        if insolvent:
            offers = []  # debts from before insolvency proceedings may not be paid (C. com. L622-7): nothing is proposed
            totals = replace(totals, to_pay=Money(0, currency))
        account = Account(
            client=self.client,
            currency=currency,
            as_of=self.today,
            payments_up_to=self.policy.booked_by(self.today),
            keys=memory.current_keys,
            reference=reference,
            items=statement.items,
            totals=totals,
            offers=tuple(offers),
            agreements=agreements,
            history=statement.history,
            guesses=statement.guesses,
            courses=statement.courses,
            standing=now.standing,
            reminders=now.reminders,
            in_flight=tuple(facts.in_flight),
            people=self.people,
            proposals=pending(
                [one for one in self.proposals if one.currency == currency], self.policy.answer_days, self.business
            ),
            withheld=now.rules.withheld,
            vouchers=known_vouchers(statement.vouchers, facts.vouchers, real(statement.items), self.today),
            punctual=self._punctual(now),
            credits_due=statement.credits_due,
            claims=statement.claims,
            spared=spared_of(real(statement.items), facts.fee_waivers),
            lateness=measured(statement, currency, self.policy.booked_by(self.today) or self.today),
        )
        if self.policy.links is None or insolvent:
            return account
        return with_links(account, self.policy.links, memory.links_in(currency))

    def _punctual(self, now: _Now) -> int:
        """How many of the client's last invoices were paid on time, in all currencies; none where the owner thanks nobody for it."""
        items = real(item for statement in now.statements for item in statement.items)
        return punctual(items, self.today) if self.policy.reminders.thanks else 0


def _promises(facts: Facts) -> Iterator[Promise]:
    """What the client promised, in `promises.csv` or beside an invoice, which does not say when."""
    yield from facts.promises
    for invoice in facts.invoices:
        if invoice.promised_on:
            yield Promise(facts.client, invoice.issued, invoice.promised_on, (invoice.id,))
