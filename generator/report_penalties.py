"""Late fees for the owner's accountant: every claim, waiver and payment of them as a table, to the cent. None bears VAT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.domain.fee_history import Act, fee_moves
from generator.domain.money import Money
from generator.report_tables import figure, inert, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from generator.domain.account import Account
    from generator.domain.claims import Claim
    from generator.domain.fee_history import FeeMove
    from generator.report_words import Words


def penalties(accounts: Iterable[Account], words: Words) -> bytes:
    """A row for each move, those of one claim together in the order of days, with the sums of the claim so far.

    A claim that took the place of an earlier one has the difference, so that the rows of an invoice add up to its claim. One that
    fell stays on its day, with a row of less than nothing on the day on which it did: months that are closed stay as they were.
    """
    head = [
        words.client(),
        words.client_name(),
        words.invoice(),
        words.date_(),
        words.fees_event_(),
        words.step_(),
        words.fees_interest(),
        words.fees_indemnity(),
        words.fees_total_(),
        words.currency(),
        words.fees_claimed_so_far_(),
        words.fees_waived_so_far_(),
        words.fees_paid_so_far_(),
        words.fees_open(),
        words.fees_payment_(),
        words.fees_means_(),
        words.detail_(),
    ]
    return table(head, _rows(accounts, words))


def _rows(accounts: Iterable[Account], words: Words) -> Iterator[Sequence[str]]:
    for account in accounts:
        for claim in account.claims:
            so_far = dict.fromkeys((Act.CLAIMED, Act.WAIVED, Act.COLLECTED), Money(0, account.currency))
            for move in fee_moves(claim):
                so_far[Act.CLAIMED if move.act is Act.CORRECTED else move.act] += move.amount
                yield _row(account, claim, move, list(so_far.values()), words)


def _row(account: Account, claim: Claim, move: FeeMove, so_far: Sequence[Money], words: Words) -> list[str]:
    payment = move.payment
    return [
        inert(account.client.id),
        inert(account.client.name),
        inert(claim.invoice),
        move.on.isoformat(),
        inert(words.fees_event(move)),
        inert(words.step(move.step) if move.step else ""),
        *(figure(amount, words.language) for amount in (move.interest, move.indemnity, move.amount)),
        account.currency,
        *(figure(amount, words.language) for amount in (*so_far, move.open)),
        inert((payment.reference or next(iter(payment.stripe), "")) if payment else ""),
        inert(words.fees_means(payment.method) if payment else ""),
        inert(words.fees_detail(move)),
    ]
