"""`relance check`: validates ledger, policy, journal and templates, and lists every problem."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from generator.claim_rates import missing_rates
from generator.commands import DONE, Context, counted, plural, say, tell_problems
from generator.commands.build import template_problems
from generator.commands.claimed import still_asked
from generator.domain.policy import FeeMode
from generator.errors import UserError
from generator.problems import stops
from generator.secrets_file import secret_problems

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Sequence
    from datetime import date

    from generator.domain.decide import Decision
    from generator.domain.ledger import Client, Ledger, Problem
    from generator.domain.policy import Policy
    from generator.workspace import Workspace


def _rates_end(policy: Policy, clients: Iterable[Client], today: date) -> date | None:
    """The last day whose rates are known, when it has passed and somebody may ask."""
    ends = policy.fees.rates.ends
    spoken_of = any(policy.fee_mode(client) is not FeeMode.OFF for client in clients)
    asked = spoken_of and policy.fees.law is not None
    return ends if asked and ends is not None and ends < today else None


def examine(workspace: Workspace, decision: Decision) -> list[Problem]:
    """Everything that is doubtful in ledger, policy, journal and templates. Raises UserError when something must be corrected."""
    problems = [*workspace.problems, *template_problems(workspace, decision), *missing_rates(decision.missing)]
    if workspace.settings.stripe is not None:
        problems += secret_problems(workspace.folder, os.environ)
    if stops(problems):
        raise UserError(problems)
    return problems


def in_order(ledger: Ledger, problems: Sequence[Problem]) -> str:
    """That the ledger is in order, and what it holds."""
    held = ledger.unreadable
    order = (
        f"is in order but for {plural(len(held), 'client')} held back ({', '.join(held)})" if held else "is in order"
    )
    return (
        f"The ledger {order}: {plural(len(ledger.clients), 'client')}, {plural(len(ledger.invoices), 'invoice')}, "
        f"{plural(len(ledger.credit_notes), 'credit note')}, {plural(len(ledger.payments), 'payment')}"
        f"{'; ' + counted(problems) if problems else ''}."
    )


def run(context: Context, _options: Namespace) -> int:
    """Raises UserError when something must be corrected; writes nothing."""
    workspace, today = context.open()
    decision = workspace.decide(today)
    problems = examine(workspace, decision)
    tell_problems(problems)
    say(in_order(workspace.ledger, problems))
    for line in still_asked(decision.accounts, workspace.settings.policy):
        say(line)
    ends = _rates_end(workspace.settings.policy, workspace.ledger.clients.values(), today)
    if ends is not None:
        say(
            f"No rate of late fees is known after {ends.isoformat()}, and none is guessed: what the law gives is counted until "
            "then. Add the half-year to portal.toml under [[late_fees.rates]]."
        )
    if workspace.settings.policy.payments_up_to is None:
        say("Say in portal.toml up to which day payments are booked ([ledger] payments_up_to): clients are told so.")
    return DONE
