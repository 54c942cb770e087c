"""How agreements are followed: until when a missed instalment leaves its agreement standing, and what the client was told.

An agreement never ends by itself before a written reminder of the instalment has had its days: what the journal does not
know to have left has not been said. While a dispute, a promise or a hold gives time, its days count too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from generator.domain.claims import fee_id
from generator.domain.disputes import is_open, spans_of
from generator.domain.ledger import Channel
from generator.domain.memory import OfferKind
from generator.domain.policy import AGREEMENT_OVER, INSTALMENT_LATE, SERVICES, AgreementPolicy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from generator.domain.account import Agreement
    from generator.domain.delivery import MessageSent
    from generator.domain.disputes import Span
    from generator.domain.facts import Facts
    from generator.domain.ledger import Client
    from generator.domain.memory import OfferMade
    from generator.domain.policy import Policy

#: What stands in the name of a message that told of the end of an agreement: `EC-1@broken`.
BROKEN = "@broken"
#: Messages that are no reminder of an invoice, whatever they list.
_NOT_OF_LADDER = SERVICES | {*INSTALMENT_LATE, AGREEMENT_OVER}
_ONE_DAY = timedelta(days=1)

#: Time that is given: who is within it on its first day has until its last.
_Given = tuple[date, date]


def instalment_name(agreement: str, due: date) -> str:
    """What messages about an instalment are remembered by: `EC-1@2026-11-26`."""
    return f"{agreement}@{due.isoformat()}"


@dataclass(frozen=True, slots=True)
class Following:
    """What is known of one client beside the ledger: what they were told, and what gives them time.

    `notices` are the days of the first written reminder of each missed instalment, by its name; `over` those on which the
    client was told that an agreement had ended, by its id; `reminded` those of the reminders of the ladder, by invoice.
    Payments are known until `booked_by`. Until `patient_until` nobody writes to them, so that nothing ends, and what stood until
    then has not ended before; once they are `insolvent_since`, nothing becomes due any more.
    """

    terms: AgreementPolicy = field(default_factory=AgreementPolicy)
    notices: Mapping[str, date] = field(default_factory=dict)
    over: Mapping[str, tuple[date, ...]] = field(default_factory=dict)
    reminded: Mapping[str, Sequence[date]] = field(default_factory=dict)
    booked_by: date = date.max
    patient_until: date = date.min
    insolvent_since: date | None = None

    @classmethod
    def of(cls, policy: Policy, client: Client, sent: Sequence[MessageSent], today: date) -> Following:
        """What these messages, the policy and the client's own row say today."""
        notices: dict[str, date] = {}
        over: dict[str, tuple[date, ...]] = {}
        reminded: dict[str, list[date]] = {}
        for message in sent:  # in their order
            if message.step in INSTALMENT_LATE and message.channel != Channel.PHONE:
                for name in message.about:
                    notices.setdefault(name, message.on)
            elif message.step == AGREEMENT_OVER:
                for name in message.about:
                    if name.endswith(BROKEN):
                        agreement = name.removesuffix(BROKEN)
                        over[agreement] = (*over.get(agreement, ()), message.on)
            elif message.step not in _NOT_OF_LADDER:
                for entry in message.items:
                    if entry.step:
                        reminded.setdefault(entry.invoice, []).append(message.on)
        return cls(
            terms=policy.agreements,
            notices=notices,
            over=over,
            reminded=reminded,
            booked_by=policy.booked_by(today) or today,
            patient_until=date.max if client.opt_out else client.hold_until or date.min,
            insolvent_since=client.insolvent_since,
        )

    def formal_from(self, agreements: Iterable[Agreement], today: date) -> dict[str, date]:
        """The first day of a formal notice for the invoices of agreements that were not kept: after a word of it, and time to answer."""
        found: dict[str, date] = {}
        for agreement in agreements:
            told = self.over.get(agreement.id, ())
            if told:
                found |= dict.fromkeys(agreement.invoices, told[-1] + timedelta(days=self.terms.notice_days + 1))
            elif agreement.broken and not agreement.told:
                found |= dict.fromkeys(agreement.invoices, today + _ONE_DAY)
        return found


@dataclass(frozen=True, slots=True)
class Watch:
    """The same for one account, with what its ledger says gives time: disputes by item, promises with the items they are about.

    A dispute without an end is still open; a promise about no item in particular is about all.
    """

    following: Following = field(default_factory=Following)
    disputes: Mapping[str, Sequence[Span]] = field(default_factory=dict)
    promises: Sequence[tuple[date, date, frozenset[str]]] = ()

    @classmethod
    def of(cls, following: Following, facts: Facts, offers: Iterable[OfferMade]) -> Watch:
        """For one account with these offers. Nothing is looked up where there is no agreement and can be none."""
        if not facts.agreements and not any(offer.kind is OfferKind.PLAN for offer in offers):
            return cls(following)
        promises = [
            (invoice.issued, invoice.promised_on, frozenset({invoice.id}))
            for invoice in facts.invoices
            if invoice.promised_on is not None
        ]
        for promise in facts.promises:
            about = frozenset(
                invoice.id for invoice in facts.invoices if {invoice.id, invoice.number} & set(promise.invoices)
            )
            if about or not promise.invoices:
                promises.append((promise.made_on, promise.on, about))
        spans = spans_of(facts.invoices, facts.disputes)
        for one in facts.claims:  # late fees follow their invoice
            if one.item in spans:
                spans[fee_id(one.item)] = spans[one.item]
        return cls(following, spans, promises)

    def disputed(self, item: str, day: date) -> bool:
        """Whether an item is disputed that day."""
        return any(is_open(opened, closed, day) for opened, closed in self.disputes.get(item, ()))

    def noticed_on(self, agreement: str, due: date) -> date | None:
        """The day of the first written reminder of an instalment."""
        return self.following.notices.get(instalment_name(agreement, due))

    def last_day(
        self, agreement: str, due: date, items: Collection[str], *, notice: date | None = None, patient: bool = True
    ) -> date | None:
        """The last day on which a missed instalment leaves its agreement standing; None: it does without end, as things are.

        `notice` is when it is reminded of, if it was not; `patient`: a hold gives time too.
        """
        terms, known = self.following.terms, self.noticed_on(agreement, due) or notice
        if known is None:
            return None
        last = max(due + timedelta(days=terms.grace_days), known + timedelta(days=terms.notice_days))
        for begin, until in sorted(self._given(items, patient=patient)):
            if begin <= last:
                last = max(last, until)
        since = self.following.insolvent_since
        return None if last == date.max or (since is not None and since <= last) else last

    def ended_by(self, agreement: str, due: date, items: Collection[str], *, patient: bool = True) -> date | None:
        """The first day on which its being missed ends the agreement, if that is known; else None."""
        last = self.last_day(agreement, due, items, patient=patient)
        return last + _ONE_DAY if last is not None and last <= self.following.booked_by else None

    def _given(self, items: Collection[str], *, patient: bool) -> Iterator[_Given]:
        for item in items:
            for opened, closed in self.disputes.get(item, ()):
                if closed is not None:
                    yield opened, closed + timedelta(days=self.following.terms.notice_days)
        for made, on, about in self.promises:
            if not about or about & set(items):
                yield made, on
        if patient:
            yield date.min, self.following.patient_until

    def took_back(self, agreement: str, by: date) -> bool:
        """Whether the client was told by that day, in so many words, that it had ended: what depended on its being kept is lost."""
        return any(on <= by for on in self.following.over.get(agreement, ()))

    def told_over(self, agreement: str, items: Collection[str], since: date) -> list[tuple[date, bool]]:
        """The days on which the client was told that it had ended, in order; True where a reminder of the ladder said so.

        No reminder asks for what is in an agreement that stands: who had one after a word of what was missed was told.
        """
        found = [(on, False) for on in self.following.over.get(agreement, ())]
        days = {on for item in items for on in self.following.reminded.get(item, ()) if on > since}
        return sorted([*found, *((on, True) for on in days)])
