"""The payment links that the journal remembers, before anybody is sent to one: a journal can be edited by whoever can push."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from generator import checks
from generator.domain.ledger import SourceRef
from generator.problems import run as problems

if TYPE_CHECKING:
    from generator.config import Settings
    from generator.domain.ledger import Problem
    from generator.domain.memory import Memory

STRIPE_HOST = "buy.stripe.com"
_PATH = re.compile(r"(?:/[A-Za-z0-9_-]+)+")


def link_problems(memory: Memory, settings: Settings, *, published: bool) -> list[Problem]:
    """What is wrong with the latest links of each account. `published`: the pages are meant for clients, not for a demo."""
    if settings.stripe is None:  # then no page has a button
        return []
    found: list[Problem] = []
    testing: list[str] = []
    where = SourceRef("journal")
    for client, known in memory.clients.items():
        for seen in known.links:
            for _, url in seen.links:
                reason = unsafe(url, settings.stripe.pay_host, live=seen.live)
                if reason:
                    found.append(problems.JOURNAL_LINK_UNSAFE.at(where, url, reason=reason, client=client))
            if seen.links and not seen.live:
                testing.append(client)
    if testing and published and not checks.is_loopback(urlsplit(settings.site_url).hostname or ""):
        count = len(set(testing))
        found.append(problems.LINKS_IN_TEST_MODE.at(where, testing[0], others=_others(count - 1)))
    return found


def _others(count: int) -> str:
    return f" and {count} other {'client' if count == 1 else 'clients'}" if count else ""


def unsafe(url: str, pay_host: str, *, live: bool) -> str:
    """Why nobody should be sent to this address to pay; empty when it is one of Stripe's, or of a stand-in on this machine."""
    parts = checks.split_url(url)
    if isinstance(parts, str):
        return parts
    here = not live and checks.is_loopback(parts.hostname or "")
    reason = ""
    if "?" in url or "#" in url:
        reason = 'it holds "?" or "#"'
    elif not _PATH.fullmatch(parts.path):
        reason = "it names no payment link"
    elif parts.scheme != "https" and not here:
        reason = "it does not begin with https://"
    elif parts.netloc.lower() not in {STRIPE_HOST, pay_host or STRIPE_HOST} and not here:
        reason = f"it is not on {pay_host or STRIPE_HOST}"
    return reason
