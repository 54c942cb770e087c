"""What clients propose in the messages that came in → rows of `ledger/relance/proposals.csv`, or why not."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from generator.commands import say, tell_problems
from generator.domain.ledger import SourceRef
from generator.domain.proposals import (
    Proposal,
    ProposalKind,
    decide_by,
    faults,
    kind_of,
    known_already,
    open_of,
    proposal_name,
    standing,
)
from generator.domain.references import is_reference
from generator.problems import printable
from generator.problems import proposals as problems
from generator.readers.proposal_text import Reading, blocks, read_block, told, written
from generator.readers.takings_file import append_proposals

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from generator.domain.account import Account
    from generator.domain.ledger import Problem
    from generator.domain.replies import Match, Reply
    from generator.readers.proposal_text import Block
    from generator.workspace import Workspace

FILE = "ledger/relance/proposals.csv"


@dataclass(slots=True)
class Taken:
    """The proposals of the messages that came in: those that are new, those that were read before, and what was refused."""

    new: list[Proposal] = field(default_factory=list)
    known: list[Proposal] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def references(reply: Reply) -> tuple[str, ...]:
    """The references in the prepared lines of a message, also where they are quoted."""
    return tuple(block.reference for block in blocks(reply.whole) if is_reference(block.reference))


def take_proposals(
    workspace: Workspace, today: date, came: Iterable[tuple[Reply, Match]], places: Mapping[str, str]
) -> Taken:
    """What is proposed in these messages; writes nothing. `places` are the files of messages that stand in some, by their ids."""
    taken = Taken()
    accounts: dict[str, Account] = {}
    for reply, match in came:
        own = blocks(reply.text)
        quoted = not own
        found = own if own and all(block.closed for block in own) else blocks(reply.whole)
        if found and not accounts:
            accounts = {account.reference: account for account in workspace.decide(today).accounts}
        place = SourceRef(places.get(reply.id) or f"message of {reply.received_on.isoformat()}")
        fresh: list[Problem] = []
        for block in found:
            fresh += _take(taken, workspace, block, _Message(reply, match, place, quoted), accounts)
        filled = [one for one in fresh if one.code != problems.UNFILLED.code]
        taken.problems += filled if filled or len(fresh) < len(found) else fresh[:1]
    return taken


@dataclass(frozen=True, slots=True)
class _Message:
    reply: Reply
    match: Match
    place: SourceRef
    quoted: bool


def _take(
    taken: Taken, workspace: Workspace, block: Block, message: _Message, accounts: Mapping[str, Account]
) -> list[Problem]:
    """Adds what one block proposes; returns what is wrong with it instead."""
    reply, place = message.reply, message.place
    account = accounts.get(block.reference)
    why = _not_theirs(block, account, message.match)
    if account is None or why:
        return [problems.NOT_OURS.at(place, block.reference, reason=why)]
    client = account.client
    reading = Reading(account.currency, client.language, reply.received_on, place)
    found = read_block(block, reading)
    if isinstance(found, list):
        return found
    said, parts = found
    kind = kind_of(said, parts)
    owed = None if client.id in workspace.ledger.unreadable else open_of(account)
    if wrong := faults(kind, parts, owed, reply.received_on):
        return told(wrong, parts, owed, reading)
    proposal = Proposal("", client.id, reply.received_on, kind, account.currency, parts, reply.id, reply.sender or "")
    everything = [*standing(workspace.ledger.proposals), *taken.new]
    before = known_already(proposal, everything, quoted=message.quoted)
    if before is not None:
        taken.known += [before] if before not in (*taken.known, *taken.new) else []
        return []
    name = proposal_name(proposal, {other.id for other in everything})
    taken.new.append(replace(proposal, id=name))
    return []


def _not_theirs(block: Block, account: Account | None, match: Match) -> str:
    """Why a reference is not one that this message can speak for; empty when it is."""
    if not is_reference(block.reference):
        return "was changed: its check digits are wrong"
    if account is None:
        return "is that of no client's account"
    if account.client.id not in match.clients:
        whose = " or ".join(match.clients or match.others) or "nobody we know"
        return f"is that of {account.client.id}, and the message comes from {whose}"
    return ""


def record(workspace: Workspace, taken: Taken) -> None:
    """Writes the new ones down. Raises OutsideError when the disk refuses."""
    append_proposals(workspace.folder / workspace.settings.ledger.path / "relance" / "proposals.csv", taken.new)


def tell_taken(workspace: Workspace, taken: Taken) -> None:
    """Each proposal, and what can be done with it."""
    for proposal in taken.new:
        until = decide_by(proposal.received_on, workspace.settings.policy.answer_days, workspace.business)
        say(f"{proposal.client}: {proposed(proposal)} ({proposal.id}), answer by {until.isoformat()}")
    for proposal in taken.known:
        say(f"{proposal.client}: {proposed(proposal)} ({proposal.id}) was noted already: {proposal.status}.")
    tell_problems(taken.problems)
    if taken.new:
        count = len(taken.new)
        say(f"{count} proposal{'s' if count > 1 else ''} noted in {FILE}. Next: relance proposals")


def proposed(proposal: Proposal) -> str:
    """What a client says, in a few words."""
    words = printable(written(proposal.parts))
    if proposal.kind is ProposalKind.PAID:
        return f"says that they paid {words}"
    if proposal.kind is ProposalKind.DATE:
        return f"proposes to pay {words}"
    return f"proposes {len(proposal.parts)} payments: {words}"


def waits(proposals: Sequence[Proposal], wanted: str) -> list[Proposal]:
    """Those of a client's id, or the one of this id."""
    name = wanted.strip().casefold()
    return [one for one in proposals if name in {one.id.casefold(), one.client.casefold()}]
