"""Claims of which the client knows though their message has not left: they saw them on their page, and paid or agreed on them.

Who names fees that were never told has seen them: in a payment, in the reference of a plan that contains them, in an agreement.
So has who paid, or agreed on, exactly what the page asked for with them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from generator.domain.agreement_view import agreement_view
from generator.domain.claims import Counted, fee_id
from generator.domain.disputes import is_open, spans_of
from generator.domain.ledger import AgreementRecord
from generator.domain.references import compacted, mentioned
from generator.domain.statement import draw_up
from generator.domain.totals import totals_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from generator.domain.claims import FeesClaimed
    from generator.domain.disputes import Span
    from generator.domain.facts import Facts
    from generator.domain.ledger import Invoice, Payment
    from generator.domain.memory import OfferMade
    from generator.domain.statement import Statement


def seen_on_the_page(
    facts: Facts, untold: Mapping[str, Sequence[FeesClaimed]], offers: Sequence[OfferMade]
) -> list[Counted]:
    """Those of the untold claims (by item) that the client has seen, each from the day of the payment or the agreement that shows it.

    Each claim comes with its corrections, in order; those of a later day count since then. `offers` are those of this account. The
    facts hold the claims that were told.
    """
    first = min(claims[0].on for claims in untold.values())
    acts: list[tuple[date, Payment | AgreementRecord]] = [
        *((record.signed_on, record) for record in facts.agreements if record.signed_on >= first),
        *(
            (payment.date, payment)
            for payment in (*facts.payments, *facts.in_flight)
            if payment.date >= first and payment.amount.minor > 0
        ),
    ]
    if not acts:
        return []
    page, left, found = _Page.of(facts, untold, offers), dict(untold), list[Counted]()
    for on, act in sorted(acts, key=lambda entry: entry[0]):
        shown = {
            item: _as_of(claims, on) for item, claims in left.items() if claims[0].on <= on and item in page.closed
        }
        for item in page.seen_by(act, on, shown) if shown else ():
            later = [one for one in left.pop(item) if one.corrected_on is not None and one.corrected_on > on]
            seen = [
                Counted(item, shown[item], on, on),
                *(Counted(item, one, one.corrected_on or on, on) for one in later),
            ]
            found += seen
            page = replace(page, facts=replace(page.facts, claims=(*page.facts.claims, *seen)))
    return found


def _as_of(claims: Sequence[FeesClaimed], on: date) -> FeesClaimed:
    """A claim as it was that day."""
    return [one for one in claims if one.corrected_on is None or one.corrected_on <= on or one is claims[0]][-1]


@dataclass(frozen=True, slots=True)
class _Page:
    """What the page of one account showed. `closed` are the days on which its invoices were paid, after which it shows no claim."""

    facts: Facts
    offers: Sequence[OfferMade]
    invoices: Mapping[str, Invoice]
    closed: Mapping[str, date | None]
    disputed: Mapping[str, list[Span]]

    @classmethod
    def of(cls, facts: Facts, untold: Mapping[str, Sequence[FeesClaimed]], offers: Sequence[OfferMade]) -> _Page:
        """The page of these facts, of which all is known."""
        made = min(claims[0].on for claims in untold.values())
        last = max(payment.date for payment in facts.payments) if facts.payments else made
        positions = draw_up(facts, offers, last).positions
        closed = {pos.invoice.id: pos.closed_on for pos in positions if pos.invoice.id in untold}
        mine = {invoice.id: invoice for invoice in facts.invoices if invoice.id in untold}
        return cls(facts, offers, mine, closed, spans_of(facts.invoices, facts.disputes))

    def seen_by(self, act: Payment | AgreementRecord, on: date, shown: Mapping[str, FeesClaimed]) -> Collection[str]:
        """The items whose fees who did this has seen."""
        free = {item: claim for item, claim in shown.items() if self._shows(item, on)}
        if free and (not act.invoices or any(self._names(act, item) for item in free)):
            step = max(free.values(), key=lambda claim: claim.on).step
            of_last = {item: claim for item, claim in free.items() if claim.step == step}
            tries = [free] if of_last == free else [free, of_last]  # claims of another message may lie there, given up
            for likely in tries:
                if about := self._settled_by(act, on, likely):
                    return about
        told = {one.item for one in self.facts.claims}
        return [item for item in shown if item not in told and self._names_fees(act, on, fee_id(item))]

    def _shows(self, item: str, on: date) -> bool:
        """Whether the page may have asked for the fees of this item that day: it was not paid before, nor disputed."""
        closed = self.closed[item]
        if closed is not None and closed < on:
            return False
        return not any(is_open(opened, ended, on) for opened, ended in self.disputed.get(item, ()))

    def _names(self, act: Payment | AgreementRecord, item: str) -> bool:
        return not {item, self.invoices[item].number, fee_id(item)}.isdisjoint(act.invoices)

    def _names_fees(self, act: Payment | AgreementRecord, on: date, fees: str) -> bool:
        if fees in act.invoices:
            return True
        if isinstance(act, AgreementRecord):
            return False
        reference = compacted(act.reference)
        by_plan = any(
            fees in offer.invoices and offer.made_on <= on and offer.reference in reference for offer in self.offers
        )
        return by_plan or bool(mentioned(act.reference, (fees,)))

    def _settled_by(self, act: Payment | AgreementRecord, on: date, likely: Mapping[str, FeesClaimed]) -> set[str]:
        """Those of the items whose fees are in the sum that was paid or agreed on: empty when that is another one."""
        then = self.facts.until(on)
        then = replace(
            then,
            payments=[one for one in then.payments if one is not act],
            in_flight=[one for one in then.in_flight if one is not act and one.date <= on],
            agreements=[one for one in then.agreements if one is not act],
            claims=(*then.claims, *(Counted(item, claim, on) for item, claim in likely.items())),
        )
        offers = [offer for offer in self.offers if offer.made_on <= on]
        statement = draw_up(then, offers, on)
        if isinstance(act, AgreementRecord):
            owed, about = _owed_by_name(statement, act)
            wanted = sum(amount.minor for _, amount in act.instalments) + (act.discount.minor if act.discount else 0)
        else:
            owed, about = _asked(statement, then.currency, on)
            wanted = act.amount.minor
        return about & likely.keys() if owed == wanted else set()


def _asked(statement: Statement, currency: str, on: date) -> tuple[int, set[str]]:
    """What the page asked for in all, and the items whose fees are in it."""
    agreements = [
        agreement_view(found, statement.arrived.get(found.id, 0), currency, on) for found in statement.accepted
    ]
    totals, asked = totals_of(statement, agreements, currency)
    return totals.to_pay.minor, {item.fee_of for item in asked if item.fee_of}


def _owed_by_name(statement: Statement, record: AgreementRecord) -> tuple[int, set[str]]:
    """What was open of the invoices of an agreement and of their fees, and the items whose fees are in it."""
    names = set(record.invoices)
    mine = [
        item for item in statement.items if item.open and names & {item.id, item.fee_of or item.id, item.invoice.number}
    ]
    return sum(item.open.minor for item in mine), {item.fee_of for item in mine if item.fee_of}
