"""`relance doctor`: can what is outside do what relance needs of it: the Stripe key and account, the mail server, the mailbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.commands import DONE, Context, say
from generator.commands.cashier import open_cashier
from generator.commands.doctor_mail import mail_to_do
from generator.errors import OutsideError
from generator.secrets_file import STRIPE_API

if TYPE_CHECKING:
    from argparse import Namespace

    from generator.stripe_links import Cashier
    from generator.workspace import Workspace

_DASHBOARD = "Dashboard, Developers, API keys, Restricted keys"


def run(context: Context, _options: Namespace) -> int:
    """Reads only. Raises UsageError without a usable key, OutsideError when something must be put right."""
    workspace, today = context.open()
    mail = workspace.settings.smtp is not None or workspace.settings.imap is not None
    wrong = mail_to_do(workspace, today)
    if workspace.settings.stripe is not None or not mail:
        with open_cashier(workspace) as cashier:
            _address(cashier)
            wrong += _key(cashier) + _account(workspace, cashier) + _permissions(cashier)
    for line in wrong:
        say(f"to do   {line}")
    if wrong:
        raise OutsideError("not everything is ready for relance yet: see the lines above.")
    say("ok      relance can work with what is set up.")
    return DONE


def _key(cashier: Cashier) -> list[str]:
    mode = "live: clients pay for real" if cashier.live else "test: no real money"
    say(f"ok      the key is {'restricted' if cashier.restricted else 'a secret key'}, {mode}")
    if not cashier.restricted:
        say(f"advice  a restricted key can do less harm when it is lost ({_DASHBOARD})")
    return []


def _address(cashier: Cashier) -> None:
    if cashier.base != STRIPE_API:
        say(f"advice  requests go to {cashier.base} (STRIPE_API_BASE), not to Stripe itself")


def _account(workspace: Workspace, cashier: Cashier) -> list[str]:
    seller = workspace.settings.seller
    owner = cashier.owner()
    if owner is None:
        say("advice  the key may not read the account: its currency was not checked")
        return []
    say(f"ok      the account is {owner.id} ({owner.country}, {owner.currency})")
    if owner.currency and owner.currency != seller.currency:
        say(
            f"advice  the account is kept in {owner.currency} and the ledger in {seller.currency}: Stripe converts what it "
            "pays out, for a fee; clients pay the amounts of the ledger all the same"
        )
    return []


def _permissions(cashier: Cashier) -> list[str]:
    missing = []
    for name, reason in cashier.permissions().items():
        if reason:
            missing.append(f"give the key the permission {name} ({_DASHBOARD}). {reason}")
        else:
            say(f"ok      {name}")
    return missing
