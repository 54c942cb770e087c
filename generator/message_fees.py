"""Late fees as a message tells of them: those that were claimed, or in a formal notice what the law gives. No sentence is made here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.domain.account import Status
from generator.domain.fees import account_fees
from generator.domain.ledger import Kind
from generator.domain.policy import FeeMode
from generator.fee_lines import as_claimed, by_law, told_of
from generator.message_payments import remaining

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from generator.config import Settings
    from generator.domain.account import Account, Item
    from generator.domain.due import DueReminder
    from generator.fee_lines import FeesTold, InvoiceFees

#: Whom the law of late payment between professionals is about; to anybody else its figures are never said.
_PROFESSIONAL = frozenset({Kind.BUSINESS, Kind.PUBLIC})


def asked_with(account: Account, items: Iterable[Item]) -> list[Item]:
    """These invoices, each with what is asked of the late fees that were claimed beside it."""
    asked = {item.fee_of: item for item in account.items if item.fee_of and item.is_asked and item.open}
    found = ((item, asked.get(item.id)) for item in items)
    return [one for both in found for one in both if one is not None]


def claimed_fees(account: Account, items: Iterable[Item]) -> dict[str, InvoiceFees]:
    """The late fees among these items explained, by invoice."""
    claims = (account.claim_of(item.id) for item in items if item.fee_of)
    return {claim.invoice: as_claimed(claim) for claim in claims if claim is not None}


def fees_left(accounts: Iterable[Account]) -> tuple[FeesTold, ...]:
    """All claimed late fees that are still to be paid, in each currency; empty when there are none."""
    found = (
        told_of(
            account.currency,
            claimed_fees(
                account, [item for item in account.items if item.fee_of and item.is_asked and item.open]
            ).values(),
            claimed=True,
        )
        for account in accounts
    )
    return tuple(told for told in found if told is not None)


def fees_of_settled(accounts: Iterable[Account]) -> tuple[FeesTold, ...]:
    """Those of them whose invoice is paid: the page asks for them, and no message lists that invoice any more."""
    found: list[FeesTold] = []
    for account in accounts:
        paid = {item.id for item in account.items if item.status is Status.PAID}
        fees = [item for item in account.items if item.fee_of in paid and item.is_asked and item.open]
        told = told_of(account.currency, claimed_fees(account, fees).values(), claimed=True)
        found += [told] if told is not None else []
    return tuple(found)


def fees_only(accounts: Iterable[Account]) -> bool:
    """Whether claimed late fees are all that is left to pay."""
    accounts = tuple(accounts)
    left = remaining(accounts)
    fees = {told.currency: told.left for told in fees_left(accounts)}
    return bool(left) and all(fees.get(amount.currency) == amount for amount in left)


def fees_told(
    settings: Settings, account: Account, items: Sequence[Item], claimed: Mapping[str, InvoiceFees], due: DueReminder
) -> FeesTold | None:
    """The late fees that a message with these invoices tells of in one currency.

    Those that are claimed beside them; else, in a formal notice to a business or a public body, what the law gives, where the
    policy mentions that and claims nothing; of invoices whose fees the owner waived for good, nothing.
    """
    if claimed:
        return told_of(account.currency, [claimed[item.id] for item in items if item.id in claimed], claimed=True)
    if not due.step.formal or not mentions_figures(settings, account):
        return None
    fees = account_fees(account, settings.policy.fees)
    owing = (item for item in items if item.id in fees.items and item.id not in account.spared)
    given = (by_law(item.id, fees.items[item.id], account.as_of) for item in owing)
    return told_of(account.currency, given, claimed=False)


def mentions_figures(settings: Settings, account: Account) -> bool:
    """Whether a formal notice says what the law gives: to whom it gives something, where the owner lets it be mentioned."""
    client = account.client
    mentioned = settings.policy.fee_mode(client) is FeeMode.MENTION and settings.seller.country == "FR"
    return mentioned and client.kind in _PROFESSIONAL
