"""Credit notes inside an agreement: what they took off which of its instalments, so that nobody calls that a payment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generator.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.domain.account import Agreement
    from generator.domain.allocation import Put

#: From how much to how much of what came in a credit note stands for.
_Span = tuple[int, int]


def with_credits(agreement: Agreement, puts: Sequence[Put]) -> Agreement:
    """The agreement with the part of each instalment that credit notes took off since it was made.

    Money and credit notes fill the instalments in the order in which they came. One that was there when it was made lowered the
    debt before it.
    """
    puts = [put for put in puts if put.payment or put.number or not put.position.invoice.fee_of]  # no waivers
    if not any(put.payment is None and put.amount and put.on > agreement.signed_on for put in puts):
        return agreement
    spans = _spans(agreement, puts)
    parts, begin = [], 0
    for part in agreement.instalments:
        covered = begin + part.paid.minor
        off = sum(max(0, min(until, covered) - max(since, begin)) for since, until in spans)
        parts.append(replace(part, credited=Money(off, part.amount.currency)) if off else part)
        begin += part.amount.minor
    return replace(agreement, instalments=tuple(parts))


def _spans(agreement: Agreement, puts: Sequence[Put]) -> list[_Span]:
    """Where the credit notes stand in what came in, told from its end: the last money first."""
    left = sum(part.paid.minor for part in agreement.instalments)
    found: list[_Span] = []
    for put in reversed(puts):
        if left > 0 and put.amount and put.position.invoice.id in agreement.invoices:
            begin = max(0, left - put.amount)
            if put.payment is None and put.on > agreement.signed_on:
                found.append((begin, left))
            left = begin
    return found
