"""`relance promise CLIENT DATE`: the day on which a client said they would pay, into `ledger/relance/promises.csv`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from generator.commands import DONE, Context, say
from generator.commands.said import NOTHING, accounts_named, accounts_of, item_named, what_follows
from generator.domain.claims import real
from generator.domain.ledger import Promise, SourceRef
from generator.domain.money import Money, total
from generator.errors import UsageError
from generator.lock import exclusive
from generator.problems import Flaw
from generator.readers.cells import amount, amount_text, listed
from generator.readers.takings_file import append_promises

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from datetime import date

    from generator.domain.account import Account, Item

_LONGEST = timedelta(days=366)  # a slip of the year would keep a client from ever being reminded


def run(context: Context, options: Namespace) -> int:
    """Raises UsageError for a promise that cannot be; then nothing is recorded."""
    with exclusive(context.folder):
        workspace, today = context.open()
        context.refuse_future(today, workspace, "A promise that was made")
        accounts = accounts_named(workspace, today, options.client)
        promise = _promise(options, accounts, today)
        known = promise in workspace.ledger.promises
        if not known:
            append_promises(workspace.folder / workspace.settings.ledger.path / "relance" / "promises.csv", [promise])
        workspace, _ = context.open()
        reminders = accounts_of(workspace.decide(today), promise.client)[0].reminders
    _tell(promise, known=known)
    say(f"{promise.client}: {what_follows(reminders)}")
    return DONE


def _promise(options: Namespace, accounts: Sequence[Account], today: date) -> Promise:
    client, on = accounts[0].client.id, options.on
    if on < today:
        raise UsageError(f"{on.isoformat()} is past: a promise is for {today.isoformat()} or later. {NOTHING}")
    if on - today > _LONGEST:
        raise UsageError(f"{on.isoformat()} is more than a year away: is the year right? {NOTHING}")
    items = _named(options.invoices, accounts, client)
    owed = [item for account in accounts for item in real(account.items) if item.open]
    if not owed:
        raise UsageError(f"{client}: nothing is open, so there is nothing to promise. {NOTHING}")
    if not items and all(
        item.invoice.due > today for item in owed
    ):  # a row without invoices is about what is due by then
        items = [item for item in owed if listed(item.id) == (item.id,)]
    sum_ = None if options.amount is None else _amount(options.amount, items or owed, client)
    return Promise(client, today, on, tuple(item.id for item in items), sum_)


def _named(wanted: Sequence[str], accounts: Sequence[Account], client: str) -> list[Item]:
    """The invoices that the promise is about; none for all that is late."""
    every = [item for account in accounts for item in real(account.items)]
    ids = {item.id.casefold() for item in every}
    names = [name for text in wanted for name in ([text] if text.strip().casefold() in ids else listed(text) or [text])]
    items = list({item.id: item for item in (item_named(every, name, client) for name in names)}.values())
    for item in items:
        if not item.open:
            raise UsageError(f"{item.id}: nothing of this invoice is open. {NOTHING}")
        if len(items) > 1 and listed(item.id) != (item.id,):
            raise UsageError(
                f"{item.id}: note the promise for this invoice by itself, for its number holds a comma. {NOTHING}"
            )
    return items


def _amount(text: str, items: Sequence[Item], client: str) -> Money:
    """What they will pay of these items. Raises UsageError for more than is open."""
    written = amount_text(text)
    currencies = sorted({item.open.currency for item in items})
    currency = written.currency if written and written.currency else currencies[0]
    if len(currencies) > 1 and not (written and written.currency):
        raise UsageError(
            f"{client} owes in {' and '.join(currencies)}: write the currency too, like {text} {currency}. {NOTHING}"
        )
    found = amount(text, currency, "")
    if isinstance(found, Flaw):
        problem = found.at(SourceRef("amount"), text)
        raise UsageError(f"{problem.message} {problem.remedy} {NOTHING}")
    owed = total([item.open for item in items if item.open.currency == currency], currency)
    if not Money(0, currency) < found:
        raise UsageError(f"{text}: an amount that is promised is more than nothing. {NOTHING}")
    if owed < found:
        raise UsageError(f"{found} {currency} is more than what is open: {owed} {currency}. {NOTHING}")
    return found


def _tell(promise: Promise, *, known: bool) -> None:
    what = f"{promise.amount} {promise.amount.currency}" if promise.amount is not None else "payment"
    about = f" of {', '.join(promise.invoices)}" if promise.invoices else ""
    said = f"{promise.client}: {what}{about} promised for {promise.on.isoformat()}"
    say(f"{said} was noted already." if known else f"{said}, noted in ledger/relance/promises.csv.")
