"""Opens the Stripe account of a folder for the commands that need it, or says what is missing."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from generator.commands.sandbox import ADDRESS, KEY, has_sandbox, sandbox_answers
from generator.errors import OutsideError, UsageError
from generator.secrets_file import stripe_environment

if TYPE_CHECKING:
    from generator.stripe_links import Cashier
    from generator.workspace import Workspace

SANDBOX_RATE = 1000
_KEY = re.compile(r"(sk|rk)_(test|live)_[A-Za-z0-9_]+")


def open_cashier(workspace: Workspace) -> Cashier:
    """The Stripe account that the environment's key opens.

    Raises UsageError when Stripe is not set up, or when the key is one that relance does not use; OutsideError for a demo
    whose sandbox is not running.
    """
    from generator.stripe_links import Cashier  # noqa: PLC0415 - a slow import, for those who need it

    settings = workspace.settings.stripe
    if settings is None:
        raise UsageError('portal.toml has no [stripe] table. Write one: [stripe] and ledger = "a-name-of-your-own".')
    if has_sandbox(workspace.folder):
        if not sandbox_answers():
            raise OutsideError(
                f"the payments of a demo go to its sandbox ({ADDRESS}), which runs as long as its preview does: "
                "start `relance serve` on it in another terminal."
            )
        return Cashier(KEY, settings.ledger, base=ADDRESS, rate=SANDBOX_RATE)
    access = stripe_environment(workspace.folder, os.environ)
    if not access.key:
        raise UsageError("STRIPE_API_KEY is not set: write it in the environment, or in .env beside portal.toml.")
    kind = _KEY.fullmatch(access.key)
    if kind is None:
        raise UsageError(
            "STRIPE_API_KEY is no secret or restricted key: those begin with rk_live_, rk_test_ or sk_test_."
        )
    if access.key.startswith("sk_live_") and not settings.live_secret_key:
        raise UsageError(
            "STRIPE_API_KEY is a live secret key, which may do everything. Make a restricted one (rk_live_) that may write "
            "Payment Links and Checkout Sessions and only read PaymentIntents, Charges and Refunds, Disputes and Balance "
            "transaction sources; or accept this one with [stripe] live_secret_key = true."
        )
    cashier = Cashier(access.key, settings.ledger, base=access.base)
    if not cashier.live and _has_live_links(workspace):
        raise UsageError(
            "This is a test key, and the journal knows live links that clients use: nothing was done. "
            "Use the live key here, and try things out in a copy of the folder without its journal."
        )
    return cashier


def _has_live_links(workspace: Workspace) -> bool:
    return any(seen.live and seen.links for known in workspace.memory.clients.values() for seen in known.links)
