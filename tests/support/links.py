"""Accounts whose payment links are all active, as they are after a run of `relance links`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generator.domain.linkplan import with_links
from generator.domain.policy import LinkPolicy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.domain.account import Account

LINKS = LinkPolicy("atelier", "https://payer.atelier-lumen.example", "Claire Lumen", ("card", "sepa_debit"))
CARD_ONLY = replace(LINKS, methods=("card",))
CASHIER = "https://buy.stripe.example"


def linked(account: Account, policy: LinkPolicy = LINKS) -> Account:
    """The account, with an address for every link that it calls for."""
    calls_for = with_links(account, policy, None)
    return replace(calls_for, links={wanted.key: f"{CASHIER}/{wanted.key}" for wanted in calls_for.wanted})


def all_linked(accounts: Iterable[Account], policy: LinkPolicy = LINKS) -> tuple[Account, ...]:
    """The accounts of a client, each with all its links."""
    return tuple(linked(account, policy) for account in accounts)


def addresses(account: Account) -> Mapping[str, str]:
    """The address of each link by what it pays and how much: `{"full 1560.00": "https://…"}`."""
    return {f"{wanted.kind} {wanted.amount}": account.links[wanted.key] for wanted in account.wanted}
