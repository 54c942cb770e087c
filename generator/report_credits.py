"""The credit notes that discounts call for, as a table for the owner and their accountant: by invoice and rate, to the cent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.domain.discount_vat import Computation, credits_by_rate
from generator.report_tables import inert, table
from generator.report_vat import amounts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from generator.domain.account import Account
    from generator.report_words import Words


def credit_notes(accounts: Iterable[Account], computation: Computation, words: Words) -> bytes:
    """Every discount that was taken, a row for each invoice and rate; those that the ledger has a credit note for say so.

    None is left out: what looks done is the owner's to judge. Where the VAT of an invoice is not known, the row has no rate.
    """
    head = [
        words.client(),
        words.client_name(),
        words.invoice(),
        words.date_(),
        words.reference_(),
        words.rate_(),
        words.net_(),
        words.vat_(),
        words.gross_(),
        words.currency(),
        words.state_(),
        words.sentence_(),
    ]
    return table(head, _rows(accounts, computation, words))


def waiting(accounts: Iterable[Account]) -> int | None:
    """How many discounts by invoice have no credit note yet; None when none was ever taken."""
    due = [one for account in accounts for one in account.credits_due]
    return sum(1 for one in due if one.left) if due else None


def _rows(accounts: Iterable[Account], computation: Computation, words: Words) -> Iterator[Sequence[str]]:
    vat_stays = computation is not Computation.INCLUDED
    for account in accounts:
        client = account.client
        for found in credits_by_rate(account.credits_due, account.items, computation):
            due = found.due
            before = [
                inert(client.id),
                inert(client.name),
                inert(due.invoice),
                due.on.isoformat(),
                inert(due.reference),
            ]
            sentence = words.credit_sentence(due, found.item.invoice, vat_stays)
            after = [account.currency, inert(words.credit_state(due)), inert(sentence)]
            for cut in found.rates or (None,):
                yield [*before, *amounts(cut, due.amount, words.language), *after]
