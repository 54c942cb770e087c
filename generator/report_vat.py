"""The VAT of each agreed instalment as a table for the owner's accountant: by invoice and rate, exact to the cent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.domain.claims import claimed_of
from generator.domain.discount_vat import agreed_by_rate
from generator.domain.money import Money
from generator.report_tables import figure, inert, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from decimal import Decimal

    from generator.domain.account import Account, Agreement
    from generator.domain.discount_vat import Computation
    from generator.domain.vat import PaidPart, VatPart
    from generator.report_words import Words


def instalments(
    accounts: Iterable[Account], computation: Computation, words: Words, *, fees_first: bool = False
) -> bytes:
    """Every instalment of the agreements that hold and are not paid to the end, a row for each invoice and rate.

    Where the VAT of an invoice is not known, the row has its amount and no rate: nothing is guessed, and nothing left out. Late
    fees that were claimed bear none, and say so.
    """
    head = [
        words.agreement_(),
        words.client(),
        words.client_name(),
        words.instalment_(),
        words.date_(),
        words.invoice(),
        words.rate_(),
        words.net_(),
        words.vat_(),
        words.gross_(),
        words.currency(),
    ]
    return table(head, _rows(accounts, computation, words, fees_first=fees_first))


def _rows(
    accounts: Iterable[Account], computation: Computation, words: Words, *, fees_first: bool
) -> Iterator[Sequence[str]]:
    for account in accounts:
        for agreement in account.agreements:
            if agreement.holds and agreement.next is not None:
                parts = agreed_by_rate(agreement, account.items, computation, fees_first=fees_first)
                yield from _of(account, agreement, words, parts)


def _of(account: Account, agreement: Agreement, words: Words, parts: Iterable[PaidPart]) -> Iterator[Sequence[str]]:
    client = account.client
    for part in parts:
        parent = claimed_of(part.invoice)
        before = [
            inert(agreement.id),
            inert(client.id),
            inert(client.name),
            str(part.number),
            part.due.isoformat(),
            inert(words.fees_of_invoice(parent) if parent else part.invoice),
        ]
        if parent:
            whole, none = figure(part.amount, words.language), figure(Money(0, account.currency), words.language)
            yield [*before, "", whole, none, whole, account.currency]
            continue
        for cut in part.rates or (None,):
            yield [*before, *amounts(cut, part.amount, words.language), account.currency]


def amounts(cut: VatPart | None, amount: Money, language: str) -> list[str]:
    """The cells of a rate with its net, VAT and gross; of an unknown one, the amount alone."""
    if cut is None:
        return ["", "", "", figure(amount, language)]
    return [_rate(cut.rate, language), *(figure(found, language) for found in (cut.net, cut.vat, cut.gross))]


def _rate(rate: Decimal, language: str) -> str:
    text = f"{rate.normalize():f}"
    return text.replace(".", ",") if language.startswith("fr") else text
