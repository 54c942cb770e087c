"""Invoices of which clients were reminded and that the ledger no longer knows: a ledger that lost them is not published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.domain.claims import claimed_of
from generator.domain.ledger import SourceRef
from generator.domain.memory import GoneAccepted
from generator.problems.run import REMINDED_GONE, REMINDED_LEFT

if TYPE_CHECKING:
    from datetime import date

    from generator.domain.delivery import SentItem
    from generator.domain.ledger import Invoice, Problem
    from generator.domain.memory import ClientMemory
    from generator.workspace import Workspace

_MOST_LISTED = 10


def reminded_and_gone(workspace: Workspace) -> dict[str, tuple[str, ...]]:
    """By client, the invoices of messages that left, or may have, which are not in the ledger and were not said to be gone.

    One that has another number now is known by its day of issue and its total. Of a client who cannot be read whole
    nothing is said.
    """
    by_client: dict[str, list[Invoice]] = {}
    for invoice in workspace.ledger.invoices:
        by_client.setdefault(invoice.client, []).append(invoice)
    numbers = {
        name for invoice in workspace.ledger.invoices for name in (invoice.id, invoice.number)
    }  # of any client's
    found = {
        client: gone
        for client, known in workspace.memory.clients.items()
        if client not in workspace.ledger.unreadable and (gone := _gone(known, by_client.get(client, []), numbers))
    }
    return dict(sorted(found.items()))


def _gone(known: ClientMemory, invoices: list[Invoice], numbers: set[str]) -> tuple[str, ...]:
    alike = {(invoice.issued, invoice.total.minor, invoice.total.currency) for invoice in invoices}
    spoken_of: dict[str, SentItem] = {}
    for items in (
        *(message.items for message in known.sent),
        *(attempt.intent.items for attempt in known.deliveries.uncertain),
    ):
        spoken_of |= {item.invoice: item for item in items}
    return tuple(
        sorted(
            number
            for number, item in spoken_of.items()
            if number not in known.gone
            and number not in numbers
            and not claimed_of(number)
            and (item.issued, item.total, item.currency) not in alike
        )
    )


def gone_problems(gone: dict[str, tuple[str, ...]], *, settled: bool = False) -> list[Problem]:
    """One problem for each client; no more than a note where an invoice that leaves the ledger was `settled`."""
    kind = REMINDED_LEFT if settled else REMINDED_GONE
    return [
        kind.at(SourceRef("journal"), invoices[0], client=client, invoices=_listed(invoices))
        for client, invoices in gone.items()
    ]


def accepted(gone: dict[str, tuple[str, ...]], today: date) -> list[GoneAccepted]:
    """The owner's word that these are gone on purpose, so that it is asked for once."""
    return [GoneAccepted(client, today, invoices) for client, invoices in gone.items()]


def _listed(invoices: tuple[str, ...]) -> str:
    more = len(invoices) - _MOST_LISTED
    return ", ".join(invoices[:_MOST_LISTED]) + (f" and {more} more" if more > 0 else "")
