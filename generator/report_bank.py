"""The table of doubtful movements of the bank account, which the owner ticks: what each may be, and why it is not certain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks import presentable
from generator.report_tables import figure, inert, table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.domain.matching import Match
    from generator.report_words import Words

RAPPROCHEMENT = "rapprochement.csv"


def rapprochement(
    doubts: Sequence[Match], headings: Sequence[str], ticked: Mapping[str, tuple[str, str, str]], words: Words
) -> bytes:
    """A line for each doubt. `ticked` is what the owner wrote already of some of them, by mark: yes or no, client, invoices."""
    return table(headings, (_row(doubt, ticked.get(doubt.movement.mark), words) for doubt in doubts))


def transfer_called(words: Words) -> str:
    """What a payment by transfer is called, where its client reads how it was paid."""
    return words.bank_method()


def _row(doubt: Match, ticked: tuple[str, str, str] | None, words: Words) -> list[str]:
    movement = doubt.movement
    client = doubt.clients[0] if len(doubt.clients) == 1 else ""
    decision, client, invoices = ticked or ("", client, ", ".join(doubt.invoices))
    place = f"{movement.source.file}:{movement.source.line}"
    payer = " ".join(filter(None, (movement.party, movement.iban)))
    return [
        *map(inert, (decision, client, invoices)),
        movement.on.isoformat(),
        figure(movement.amount, words.language),
        movement.amount.currency,
        *(inert(presentable(text)) for text in (payer, movement.text, words.bank_why(doubt), place)),
        movement.mark,
    ]
