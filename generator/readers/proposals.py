"""`ledger/relance/proposals.csv`: what clients proposed, a row for each payment, and below it what became of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generator.checks import fold
from generator.domain.proposals import Proposal, ProposalKind, ProposalStatus
from generator.problems import proposals as problems
from generator.readers.words import PROPOSAL_KINDS, PROPOSAL_STATUSES

if TYPE_CHECKING:
    from datetime import date

    from generator.domain.money import Money
    from generator.readers.facts import Facts
    from generator.readers.row import Row


def read_proposals(facts: Facts) -> None:
    """Every proposal, made of its rows. A row with another status than `waiting` says what became of it: the last one holds."""
    known: dict[str, Proposal] = {}
    for row in facts.rows("relance-proposals"):
        _read(facts, row, known)
    facts.proposals.extend(known.values())


def _read(facts: Facts, row: Row, known: dict[str, Proposal]) -> None:
    name, client = row.need("proposal"), facts.client(row)
    on = row.day("on") if row.need("on") else None
    status = row.word("status", PROPOSAL_STATUSES, ProposalStatus.WAITING, "status of a proposal")
    kind = row.word("kind", PROPOSAL_KINDS, ProposalKind.PLAN, "kind of a proposal")
    due = row.day("due")
    currency = row.currency(facts.seller.currency, beside="amount")
    amount = row.money("amount", currency) if row.text("amount") else None
    before = known.get(fold(name))
    if status is ProposalStatus.WAITING:
        row.need("due")
    elif before is None and not row.failed:
        row.fail(
            problems.INCONSISTENT.at(row.ref("proposal"), name, reason="is decided, and no row before says what it was")
        )
    if before is not None and not row.failed and before.client != client:
        row.fail(
            problems.INCONSISTENT.at(row.ref("client"), name, reason=f"is a proposal of {before.client} further up")
        )
    if row.failed or on is None:
        return
    if status is not ProposalStatus.WAITING:
        if before is not None:
            known[fold(name)] = _decided(before, status, on, row.text("note"), (due, amount))
    elif due is not None:
        first = before or Proposal(
            name, client, on, kind, currency, (), row.text("message"), row.text("sender"), source=row.source
        )
        known[fold(name)] = replace(first, parts=(*first.parts, (due, amount)))


def _decided(
    before: Proposal, status: ProposalStatus, on: date, note: str, counter: tuple[date | None, Money | None]
) -> Proposal:
    """The proposal with what became of it. Several rows of one decision are the payments that were proposed instead."""
    due, amount = counter
    more = before.counter if (before.status, before.decided_on) == (status, on) else ()
    said = more if due is None or amount is None else (*more, (due, amount))
    return replace(before, status=status, decided_on=on, reason=note, counter=said)
