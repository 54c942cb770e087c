"""What an agreement comes to today: what was agreed, what came in of it, what is disputed, and what is left to pay.

`whole` + `lost` = `received` + `credited` + `in_flight` + `disputed` + `left`, to the cent, on every day of any agreement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.domain.money import Money, total

if TYPE_CHECKING:
    from generator.domain.account import Agreement


@dataclass(frozen=True, slots=True)
class Reckoning:
    """The sums of one agreement.

    `whole` are all its instalments, and `lost` what it would have waived and is asked for beside them now that it holds no more.
    `received` is money that came in, `credited` what credit notes took off since, `in_flight` what debits on their way cover;
    `disputed` is not asked for as long as the dispute goes on. `left` is what is still to be paid.
    """

    whole: Money
    lost: Money
    received: Money
    credited: Money
    in_flight: Money
    disputed: Money
    left: Money


def reckoning(agreement: Agreement) -> Reckoning:
    """The sums of this agreement, which has one instalment at least."""
    parts = agreement.instalments
    currency = parts[0].amount.currency
    nothing = Money(0, currency)
    lost = (
        agreement.saving if agreement.saving is not None and agreement.saving_lost and not agreement.holds else nothing
    )
    disputed = agreement.disputed or nothing
    return Reckoning(
        whole=total([part.amount for part in parts], currency),
        lost=lost,
        received=total([part.received for part in parts], currency),
        credited=total([part.credited or nothing for part in parts], currency),
        in_flight=total([part.in_flight or nothing for part in parts], currency),
        disputed=disputed,
        left=total([part.open for part in parts], currency) + lost - disputed,
    )
