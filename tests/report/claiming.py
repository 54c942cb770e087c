"""Claims of late fees made by hand, for the tests of what is told of them: nothing here asks whether they would be made."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from generator.domain.claims import Claim, ClaimedPeriod, FeesClaimed, fee_id
from generator.domain.fee_history import FeePaid, FeeWaived
from generator.domain.fee_rules import FeePolicy
from generator.domain.ledger import Payment
from generator.domain.money import Money, total
from generator.domain.policy import FeeMode
from generator.rates import shipped_rates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.report.morning import Morning

EUR = "EUR"
_DAY = timedelta(days=1)


def day(text: str) -> date:
    return date.fromisoformat(text)


def euros(text: str) -> Money:
    return Money.of(text, EUR)


def made(invoice: str, on: str, interest: str, indemnity: str = "40.00", step: str = "formal-notice") -> FeesClaimed:
    """A claim of so much interest, counted to the day before: for an invoice of 1200.00, issued on 28 August."""
    until = day(on) - _DAY
    amount = euros(interest).minor
    period = ClaimedPeriod(
        until - 9 * _DAY, until, 120_000, Decimal("12.40"), 365, amount, "ecb + 10", "fr-business-interest"
    )
    article = "fr-business-indemnity"
    return FeesClaimed(
        "brun",
        EUR,
        invoice,
        day("2026-08-28"),
        120_000,
        step,
        day(on),
        until,
        euros(indemnity).minor,
        article,
        (period,),
    )


def waived(on: str, amount: str, reason: str = "") -> FeeWaived:
    return FeeWaived(day(on), euros(amount), reason)


def paid(on: str, amount: str, reference: str = "", method: str = "") -> FeePaid:
    payment = Payment("brun", day(on), euros(amount), ("F-090",), method=method, reference=reference)
    return FeePaid(day(on), euros(amount), payment)


def claim(
    *claims: FeesClaimed,
    waivings: Sequence[FeeWaived] = (),
    receipts: Sequence[FeePaid] = (),
    told: bool = True,
    corrections: Sequence[FeesClaimed] = (),
) -> Claim:
    """What became of these claims of one invoice, in their order; `told`: the message of the last has left."""
    last = [*claims, *corrections][-1]
    off, received = total((one.amount for one in waivings), EUR), total((one.amount for one in receipts), EUR)
    return Claim(
        last.invoice,
        fee_id(last.invoice),
        claims,
        claims[-1].on if told else None,
        off,
        received,
        Money(last.amount, EUR) - off - received,
        tuple(waivings),
        tuple(receipts),
        corrections=tuple(corrections),
    )


def with_claims(found: Morning, client: str, *claims: Claim) -> Morning:
    """The same morning, with these claims in the first account of a client."""
    clients = [
        (replace(accounts[0], claims=claims), *accounts[1:]) if accounts[0].client.id == client else accounts
        for accounts in found.clients
    ]
    return replace(found, clients=clients)


def counting(found: Morning, mode: FeeMode = FeeMode.CLAIM) -> Morning:
    """The same morning, by the rates that ship with relance."""
    policy = replace(found.settings.policy, late_fees=mode, fees=FeePolicy(rates=shipped_rates()))
    return replace(found, settings=replace(found.settings, policy=policy))
