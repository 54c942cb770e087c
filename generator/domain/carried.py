"""Whose claims are whose: a claim is about one debt, under whatever number and whatever name of its client.

Numbers are corrected and clients renamed or merged. What was told of a debt stays with it; whoever has its number or its client's
name afterwards, and is another debt, has nothing of it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generator.domain.claims import merged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from generator.domain.claims import FeesClaimed
    from generator.domain.delivery import MessageSent
    from generator.domain.facts import Facts
    from generator.domain.ledger import Ledger
    from generator.domain.memory import ClientMemory, Memory


def memories_of_gone(ledger: Ledger, memory: Memory) -> tuple[ClientMemory, ...]:
    """What was claimed from clients who are in the ledger no more: most often they have another id."""
    known = memory.clients.items()
    return tuple(found for client, found in known if found.claims and client not in ledger.clients)


def known_claims(
    memory: ClientMemory, gone: Iterable[ClientMemory], facts: Sequence[Facts], today: date
) -> ClientMemory:
    """The memory of a client with what was claimed for these very invoices from those who are gone, and what told them.

    A day that is decided again knows nothing of what was claimed after it.
    """
    mine = {(one.id, one.issued, one.total.minor, found.currency) for found in facts for one in found.invoices}
    claims, before = [*memory.claims], [*memory.before]
    for other in gone:
        if own := [one for one in other.claims if (one.invoice, one.issued, one.total, one.currency) in mine]:
            claims += own
            before += may_have_told(other)
    known = [one for one in claims if (one.corrected_on or one.on) <= today]
    if known == [*memory.claims]:
        return memory
    return replace(memory, claims=merged(known), before=tuple(before))


def may_have_told(memory: ClientMemory) -> tuple[MessageSent, ...]:
    """The messages that left, or that nobody knows not to have left."""
    return (*memory.before, *memory.sent, *(attempt.intent.as_sent for attempt in memory.deliveries.uncertain))


def owned(facts: Facts, memory: ClientMemory) -> Iterator[tuple[FeesClaimed, str]]:
    """The claims of this account, each with the item that it is about today: it may have been renumbered."""
    by_id = {invoice.id: invoice for invoice in (*facts.void, *facts.invoices)}
    for claim in memory.claims:
        if claim.currency != facts.currency:
            continue
        invoice = by_id.get(claim.invoice)
        if invoice is not None and is_same(claim, invoice.issued, invoice.total.minor):
            yield claim, claim.invoice
            continue
        same = [one.id for one in facts.invoices if (one.issued, one.total.minor) == (claim.issued, claim.total)]
        if len(same) == 1 and not _was_there(same[0], claim, memory):
            yield claim, same[0]


def is_same(claim: FeesClaimed, issued: date, total: int) -> bool:
    """Whether what has the claim's number is its debt: a day or a total is corrected, both are another invoice."""
    return issued == claim.issued or total == claim.total


def _was_there(item: str, claim: FeesClaimed, memory: ClientMemory) -> bool:
    """Whether an invoice had its own name already when the claim was made: then it is another one, alike by chance."""
    early = (message for message in (*memory.before, *memory.sent) if message.on <= claim.on)
    entries = (entry for message in early for entry in message.items if entry.invoice == item)
    return any((entry.issued, entry.total) == (claim.issued, claim.total) for entry in entries)
