"""Checks of whom late fees are to be claimed from: never from consumers, from nobody whose kind is unknown, by no law unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.domain.ledger import Kind
from generator.domain.policy import FORMAL_NOTICE, NO_LADDER, FeeMode
from generator.problems import fees as problems
from generator.problems import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from generator.domain.ledger import Client, Problem
    from generator.readers.facts import Facts

_NAMED = 5  #: clients in one sentence


def claims_have_a_law(facts: Facts) -> Iterator[Problem]:
    """From a client by name, fees are claimed where the law of the seller's country is known. For everybody, portal.toml is told."""
    if facts.policy.fees.claimable:
        return
    for client in _named(facts):
        place, country = facts.place(client.source, "late_fees"), facts.seller.country
        yield problems.CLAIM_WITHOUT_LAW.at(place, client.name, whom=quoted(client.name), country=country)


def consumers_owe_no_fees(facts: Facts) -> Iterator[Problem]:
    """Nothing is claimed from a consumer, whatever their row says."""
    for client in _named(facts):
        if client.kind is Kind.CONSUMER:
            yield problems.CLAIM_FROM_CONSUMER.at(facts.place(client.source, "late_fees"), client.name)


def kinds_are_known(facts: Facts) -> Iterator[Problem]:
    """Whose kind is missing is asked for: at the client who is named, once for all others."""
    unknown = [client for client in _claimed(facts) if client.kind is Kind.UNKNOWN]
    others = [client for client in unknown if client.late_fees is None]
    for client in unknown:
        if client.late_fees is not None:
            yield problems.CLAIM_KIND_MISSING.at(facts.place(client.source, "kind"), client.name)
    if others:
        names = ", ".join(client.name for client in others[:_NAMED])
        more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
        yield problems.CLAIM_KIND_MISSING.at(facts.place(others[0].source, "kind"), f"{names}{more}")


def claims_are_reached(facts: Facts) -> Iterator[Problem]:
    """A client from whom fees are to be claimed is sent a message that claims them."""
    for client in _named(facts):
        if client.kind in {Kind.BUSINESS, Kind.PUBLIC} and (reason := _why_never(facts, client)):
            place = facts.place(client.source, "late_fees")
            yield problems.CLAIM_STEP_SPARED.at(place, client.name, reason=reason)


def _why_never(facts: Facts, client: Client) -> str:
    policy = facts.policy.reminders
    if client.opt_out or client.ladder == NO_LADDER:
        return "they are never reminded"
    names = [step.name for step in policy.ladders.get(client.ladder, policy.steps)]
    first = facts.policy.claim_from
    if first not in names:
        if FORMAL_NOTICE not in names:
            return f"their ladder has no {' and no '.join(dict.fromkeys((first, FORMAL_NOTICE)))}"
        first = FORMAL_NOTICE
    if set(names[names.index(first) :]) <= set(client.skip_steps):
        return f"they are spared {first} and all that follows it"
    return ""


def _named(facts: Facts) -> list[Client]:
    """Those whose own row says that fees are claimed from them."""
    return [client for client in facts.clients.values() if client.late_fees is FeeMode.CLAIM]


def _claimed(facts: Facts) -> list[Client]:
    """Those who are invoiced, and whose fees would be claimed."""
    invoiced = {invoice.client for invoice in facts.invoices}
    policy = facts.policy
    known = (client for client in facts.clients.values() if client.id in invoiced)
    return [client for client in known if policy.fees.claimable and policy.fee_mode(client) is FeeMode.CLAIM]


CLAIM_CHECKS: tuple[Callable[[Facts], Iterable[Problem]], ...] = (
    claims_have_a_law,
    consumers_owe_no_fees,
    kinds_are_known,
    claims_are_reached,
)
