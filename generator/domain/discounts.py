"""What a discount is worth: the one place that says so, for what is shown, for what is paid, and for what a payment takes.

It is worked out on the debt of the day, and never leaves nothing to pay: an offer that would is gone, as one is whose saving
rounds to nothing. A discount on the next invoice leaves all of the debt to pay, and is worth a voucher.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from generator.domain.memory import OfferKind, OfferMade
from generator.domain.money import less_percent
from generator.domain.references import code, make_reference

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.domain.ledger import Invoice


def to_settle(offer: OfferMade, debt: int, before: int = 0, fees: int = 0) -> int:
    """What settles `debt` (minor units) by this offer; all of it where it saves nothing. `before`: see `gain`.

    What of the debt is late fees has no part in what is saved: a discount is of invoices, as the credit note is that follows it.
    """
    return debt - saved(offer, debt - fees, before)


def saved(offer: OfferMade, debt: int, before: int = 0) -> int:
    """What a discount takes off `debt` (minor units), or a plan once it is kept: nothing where it is for the next invoice."""
    return 0 if offer.voucher_days else gain(offer, debt, before)


def worth(offer: OfferMade, debt: int) -> int:
    """The voucher on the next invoice that paying `debt` (minor units) earns; nothing for an offer of less to pay.

    What became due since the offer was made earns no more than was promised that day.
    """
    return gain(offer, min(debt, offer.debt or debt)) if offer.voucher_days else 0


def gain(offer: OfferMade, debt: int, before: int = 0) -> int:
    """What an offer brings to who takes it for `debt` (minor units), now or on their next invoice; nothing once it would take all.

    A fixed sum is for the debt that it was offered for: of a part of that, when some of its invoices are disputed, credited or
    settled otherwise, it takes its share. What was paid of it `before`, while it stood, loses nothing of it.
    """
    if offer.amount_off:
        whole = max(offer.debt, debt + before)
        off = offer.amount_off * (debt + before) // whole if whole else 0
        return off if off < debt else 0
    left = less_percent(debt, offer.percent if offer.kind is OfferKind.DISCOUNT else offer.waived)
    return debt - left if left > 0 else 0


def own_discounts(invoices: Iterable[Invoice]) -> list[OfferMade]:
    """The escompte printed on invoices, counted from their date: offers that the ledger itself makes."""
    return [
        OfferMade(
            key=code("escompte", invoice.client, invoice.id),
            kind=OfferKind.DISCOUNT,
            client=invoice.client,
            currency=invoice.total.currency,
            reference=make_reference(code("escompte", invoice.client, invoice.id)),
            invoices=(invoice.id,),
            made_on=invoice.issued,
            valid_until=invoice.issued + timedelta(days=invoice.discount_days),
            percent=invoice.discount_percent,
            own=True,
        )
        for invoice in invoices
        if invoice.discount_percent
    ]
