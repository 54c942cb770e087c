"""`relance links [--apply]`: the payment links that today's accounts call for, held against those at Stripe."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from generator.claim_rates import refuse_missing_rates
from generator.commands import DONE, Context, complain, plural, say, tell_problems
from generator.commands.cashier import open_cashier
from generator.commands.progress import Progress
from generator.domain.linkplan import Action, account_code, account_fingerprint, plan, wanted_links
from generator.domain.memory import LinksSeen
from generator.errors import OutsideError, UsageError
from generator.journal import append
from generator.link_sync import Maker, W_contra, apply
from generator.link_words import link_words
from generator.lock import exclusive

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Container, Iterable, Iterator
    from datetime import date

    from generator.domain.account import Account
    from generator.domain.decide import Decision
    from generator.domain.linkplan import LinkPlan, Seen, Step
    from generator.errors import RelanceError
    from generator.link_sync import Synced
    from generator.stripe_objects import Words
    from generator.workspace import Workspace

_MOST_LINES = 200
_OPEN = (Action.KEEP, Action.REACTIVATE, Action.DEACTIVATE)  #: of these links, checkouts may be open as yet
_VERBS = {
    Action.CREATE: "to create",
    Action.REACTIVATE: "to reactivate",
    Action.DEACTIVATE: "to take down",
    Action.KEEP: "to keep",
    Action.CONSUMED: "paid and not yet in the ledger",
}


class Till(Maker[W_contra], Protocol[W_contra]):
    """The links of one ledger at Stripe, as this command needs them."""

    live: bool
    foreign: int

    def links(self) -> Iterator[Seen]:
        """Every link of this ledger."""

    def close_checkouts(self, but: Container[str]) -> bool:
        """Ends the open checkouts of our links, `but` of some; False when one of them was paid meanwhile."""


@dataclass(frozen=True, slots=True)
class Synchronised:
    """What became of a plan: `errors` are those of the accounts that are not up to date, one for each."""

    plan: LinkPlan
    errors: tuple[RelanceError, ...] = ()


def run(context: Context, options: Namespace) -> int:
    """Prints the plan; with --apply, does it. Raises UsageError without Stripe, OutsideError when Stripe does not answer."""
    if not options.apply:
        workspace, today = context.open()
        with open_cashier(workspace) as cashier:
            decision = workspace.decide(today)
            todo = make_plan(workspace, decision, cashier, close=options.close, warn=True)
            tell(todo, workspace, decision, cashier)
        return DONE
    with exclusive(context.folder):
        workspace, today = context.open()
        context.refuse_past(today, workspace, "links --apply")
        with open_cashier(workspace) as cashier:
            done = synchronise(
                workspace, today, context.now, cashier, force=options.force, close=options.close, show=True
            )
    tell_problems(workspace.problems)
    if done.errors:
        raise OutsideError(
            f"{plural(len(done.errors), 'account')} could not be brought up to date: run the command again."
        )
    return DONE


def make_plan(
    workspace: Workspace, decision: Decision, cashier: Till[Words], *, close: bool = False, warn: bool = False
) -> LinkPlan:
    """What is to be done about the links, from one look at all of them; `close`: none is wanted any more."""
    wanted = [link for account in decision.accounts for link in account.wanted if not close]
    settled = {taking.payment.link for taking in workspace.ledger.takings}
    found = list(cashier.links())
    if warn:
        _tell_lost(workspace, {link.url for link in found}, live=cashier.live)
    return plan(wanted, found, settled)


def _tell_lost(workspace: Workspace, found: set[str], *, live: bool) -> None:
    """Links that the journal knows and this Stripe account does not: they cannot be taken down from here."""
    records = [seen for known in workspace.memory.clients.values() for seen in known.links if seen.live is live]
    lost = {url for seen in records for _, url in seen.links} - found
    if lost:
        complain(
            f"warning: {plural(len(lost), 'link')} of the journal cannot be found at Stripe under this ledger's mark, one is "
            f"{min(lost)}: either the key opens another account, or the metadata was edited by hand. Look at it in the Dashboard."
        )


def synchronise(
    workspace: Workspace,
    today: date,
    now: datetime,
    cashier: Till[Words],
    *,
    force: bool = False,
    close: bool = False,
    show: bool = False,
) -> Synchronised:
    """Does the plan of the day and remembers what was seen.

    `close` takes every link down. What the links promise (keys, offers) is in the journal before they are made; that the
    links of an account are about to change, before they do.
    """
    decision = workspace.decide(today)
    if not close:
        refuse_missing_rates(decision.missing)
    todo = make_plan(workspace, decision, cashier, close=close, warn=show)
    if show:
        tell(todo, workspace, decision, cashier)
    limit = workspace.settings.stripe.deactivate_at_most_percent if workspace.settings.stripe else 0
    if todo.takes_down_too_many(limit) and not force and not close:
        raise UsageError(
            f"{plural(len(todo.of(Action.DEACTIVATE)), 'link')} of {todo.active} would go, more than {limit} %: nothing was "
            "done. Is the ledger whole? If this is right: relance links --apply --force"
        )
    if not cashier.close_checkouts({step.seen.id for step in todo.of(*_OPEN) if step.seen}):
        todo = make_plan(workspace, decision, cashier, close=close)  # somebody has paid there just now
    workspace = replace(workspace, memory=workspace.memory.plus(decision.events))
    records = _Records(workspace, decision.accounts, now, live=cashier.live)
    append(workspace.folder / "journal", [*decision.events, *records.forget(todo.steps)], now)
    bar = Progress(len(todo.todo))
    errors: list[RelanceError] = []
    seen: list[LinksSeen] = []
    for synced in apply(todo, cashier, lambda wanted: link_words(wanted, workspace.settings), done=bar.step):
        seen += records.of(synced)
        if synced.error is not None:
            errors.append(synced.error)
    append(workspace.folder / "journal", seen, now)
    for reason, count in Counter(map(str, errors)).items():
        complain(f"relance: {plural(count, 'account')}: {reason}")
    return Synchronised(todo, tuple(errors))


class _Records:
    """What the journal must remember of the links of each account."""

    def __init__(self, workspace: Workspace, accounts: Iterable[Account], now: datetime, *, live: bool) -> None:
        self.accounts = {account_code(account.client.id, account.currency): account for account in accounts}
        self.known = {
            code: workspace.memory.get(account.client.id).links_in(account.currency)
            for code, account in self.accounts.items()
        }
        self.live = live
        latest = max((seen.at for seen in self.known.values() if seen), default=datetime.min.replace(tzinfo=UTC))
        self.at = max(now, latest + timedelta(microseconds=1))  # whatever a clock says, this run comes after the last

    def forget(self, steps: Iterable[Step]) -> list[LinksSeen]:
        """That the links of these accounts are about to change: until that is done, nobody shows any of them."""
        changing = dict.fromkeys(step.account for step in steps if step.action is not Action.KEEP)
        return [
            LinksSeen(self.accounts[code].client.id, self.accounts[code].currency, self.at, live=self.live)
            for code in changing
            if code in self.accounts and (known := self.known[code]) is not None and known.links
        ]

    def of(self, synced: Synced) -> list[LinksSeen]:
        """That exactly the wanted links of an account are active; nothing when they are not, or when that is known."""
        account = self.accounts.get(synced.account)
        if account is None or not synced.whole or synced.links.keys() != {link.key for link in account.wanted}:
            return []
        known = self.known[synced.account]
        seen = LinksSeen(
            client=account.client.id,
            currency=account.currency,
            at=self.at + timedelta(microseconds=1),
            fingerprint=account_fingerprint(account.wanted),
            links=tuple(sorted(synced.links.items())),
            live=self.live,
        )
        same = known is not None and synced.done == 0 and replace(known, at=seen.at) == seen
        return [] if same else [seen]


def tell(todo: LinkPlan, workspace: Workspace, decision: Decision, cashier: Till[Words]) -> None:
    """The plan, a line a link; what is kept only when there is room for it."""
    codes = {
        account_code(invoice.client, invoice.total.currency): invoice.client for invoice in workspace.ledger.invoices
    }
    shown = (
        todo.steps
        if len(todo.steps) <= _MOST_LINES
        else [step for step in todo.steps if step.action is not Action.KEEP]
    )
    for step in shown[:_MOST_LINES]:
        amount = f"{step.amount} {step.amount.currency}" if step.amount else "?"
        client = step.wanted.client if step.wanted else codes.get(step.account, "(no longer in the ledger)")
        kind = step.wanted.kind if step.wanted else step.seen.kind if step.seen else ""
        say(f"{step.action:<11}{amount:>16}  {client:<12} {kind:<11} {step.reason.replace('_', ' ')}".rstrip())
    if len(shown) > _MOST_LINES:
        say(f"… and {len(shown) - _MOST_LINES} more")
    counts = Counter(step.action for step in todo.steps)
    say(
        "; ".join(f"{counts[action]} {words}" for action, words in _VERBS.items() if counts[action])
        or "No link is wanted."
    )
    _tell_refused(workspace, decision)
    if cashier.foreign:
        say(
            f"{plural(cashier.foreign, 'link')} of the same Stripe account belong to something else and are left alone."
        )


def _tell_refused(workspace: Workspace, decision: Decision) -> None:
    """What can be paid by transfer only, and why."""
    policy = workspace.settings.policy.links
    for account in decision.accounts if policy is not None else ():
        for refused in wanted_links(account, policy)[1] if policy is not None else ():
            amount = f"{refused.amount} {refused.amount.currency}"
            say(f"{'no link':<11}{amount:>16}  {refused.client:<12} {'':<11} {refused.why.replace('_', ' ')}")
