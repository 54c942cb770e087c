"""The VAT of each agreed instalment as a table for the owner's accountant: by invoice and rate, exact to the cent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.domain.discount_vat import agreed_by_rate
from generator.report_tables import figure, inert, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from decimal import Decimal

    from generator.domain.account import Account, Agreement
    from generator.domain.discount_vat import Computation
    from generator.domain.money import Money
    from generator.domain.vat import VatPart
    from generator.report_words import Words


def instalments(accounts: Iterable[Account], computation: Computation, words: Words) -> bytes:
    """Every instalment of the agreements that hold and are not paid to the end, a row for each invoice and rate.

    Where the VAT of an invoice is not known, the row has its amount and no rate: nothing is guessed, and nothing left out.
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
    return table(head, _rows(accounts, computation, words.language))


def _rows(accounts: Iterable[Account], computation: Computation, language: str) -> Iterator[Sequence[str]]:
    for account in accounts:
        for agreement in account.agreements:
            if agreement.holds and agreement.next is not None:
                yield from _of(account, agreement, computation, language)


def _of(account: Account, agreement: Agreement, computation: Computation, language: str) -> Iterator[Sequence[str]]:
    client = account.client
    for part in agreed_by_rate(agreement, account.items, computation):
        before = [
            inert(agreement.id),
            inert(client.id),
            inert(client.name),
            str(part.number),
            part.due.isoformat(),
            inert(part.invoice),
        ]
        for cut in part.rates or (None,):
            yield [*before, *amounts(cut, part.amount, language), account.currency]


def amounts(cut: VatPart | None, amount: Money, language: str) -> list[str]:
    """The cells of a rate with its net, VAT and gross; of an unknown one, the amount alone."""
    if cut is None:
        return ["", "", "", figure(amount, language)]
    return [_rate(cut.rate, language), *(figure(found, language) for found in (cut.net, cut.vat, cut.gross))]


def _rate(rate: Decimal, language: str) -> str:
    text = f"{rate.normalize():f}"
    return text.replace(".", ",") if language.startswith("fr") else text
