"""What a discount is worth: the one place that says so, for what is shown, for what is paid, and for what a payment takes.

It is worked out on the debt of the day, and never leaves nothing to pay: an offer that would is gone, as one is whose saving
rounds to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.domain.memory import OfferKind
from generator.domain.money import less_percent

if TYPE_CHECKING:
    from generator.domain.memory import OfferMade


def to_settle(offer: OfferMade, debt: int) -> int:
    """What settles `debt` (minor units) by this offer; all of it where it saves nothing."""
    return debt - saved(offer, debt)


def saved(offer: OfferMade, debt: int) -> int:
    """What a discount takes off `debt` (minor units), or a plan once it is kept: nothing once it would take all."""
    percent = offer.percent if offer.kind is OfferKind.DISCOUNT else offer.waived
    left = debt - offer.amount_off if offer.amount_off else less_percent(debt, percent)
    return debt - left if left > 0 else 0
