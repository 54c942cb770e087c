"""A stand-in for Stripe on this machine: for the demo, for trying a portal out, and for the tests. No real money.

It answers the requests that relance makes in Stripe's own wire format and remembers what happened. The `stripe` library is not
needed here and does not notice the difference.
"""

from __future__ import annotations

from generator.sandbox.money import CARD, DEBIT, NotPossibleError
from generator.sandbox.server import Served, serve
from generator.sandbox.service import EVERYTHING, Sandbox
from generator.sandbox.settings import AccountSettings
from generator.sandbox.wire import Exchange, Fault, Request, Response

__all__ = [
    "CARD",
    "DEBIT",
    "EVERYTHING",
    "AccountSettings",
    "Exchange",
    "Fault",
    "NotPossibleError",
    "Request",
    "Response",
    "Sandbox",
    "Served",
    "serve",
]
