"""`relance agree CLIENT …`: a schedule that was agreed by phone or in writing, into `ledger/relance/agreements.csv`.

Rows of that file are only ever added by relance: an agreement that is called off is written again with that status, and those
rows hold.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generator.commands import DONE, Context, say
from generator.commands.agree_terms import Draft, Talk, as_record, draw_up, view_of
from generator.commands.agree_words import tell_breaches, tell_existing, tell_follows, tell_schedule
from generator.commands.said import (
    LONGEST_REASON,
    NOTHING,
    accounts_named,
    accounts_of,
    client_named,
    plain_words,
    refuse_unreadable,
    what_follows,
)
from generator.domain.agreeing import agreement_name
from generator.domain.ledger import AgreementRecord
from generator.errors import UsageError
from generator.lock import exclusive
from generator.readers.takings_file import append_agreement

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from datetime import date

    from generator.domain.account import Account, Agreement
    from generator.domain.ledger import Ledger
    from generator.workspace import Workspace

FILE = "ledger/relance/agreements.csv"


def run(context: Context, options: Namespace) -> int:
    """Raises UsageError for what cannot be agreed, or is not as the policy has it; then nothing is recorded."""
    _refuse_mixed(options)
    with exclusive(context.folder):
        workspace, today = context.open()
        context.refuse_future(today, workspace, "An agreement")
        client = client_named(workspace, options.client)
        refuse_unreadable(workspace, client.id)
        if options.end is not None:
            return _end(context, workspace, today, options)
        signed = options.signed or today
        if signed > today:
            raise UsageError(
                f"{signed.isoformat()} is to come: an agreement is signed by {today.isoformat()}. {NOTHING}"
            )
        talk = Talk(workspace, client, today, signed, options)
        known = _known(talk)
        if known is not None:
            tell_existing(known, view_of(accounts_of(workspace.decide(today), client.id), known))
            say(f"{client.id}: {what_follows(accounts_of(workspace.decide(today), client.id)[0].reminders)}")
            return DONE
        draft = draw_up(talk, workspace.ledger)
        if options.dry_run or not draft.breaches:
            tell_schedule(draft, workspace.business)
        if draft.breaches and options.override is None:
            raise UsageError(f"{tell_breaches(draft)}\n{NOTHING}")
        if options.dry_run:
            say(f"{NOTHING} Without --dry-run it is.")
            return DONE
        if draft.breaches:
            tell_schedule(draft, workspace.business)
        return _record(context, workspace, today, draft, options)


def _refuse_mixed(options: Namespace) -> None:
    """Options that say two things at once, or nothing."""
    of_plan = {"--first": options.first, "--down": options.down, "--every": options.every}
    of_debt = {"--invoices": options.invoices, "--currency": options.currency, "--replaces": options.replaces}
    of_debt["--discount"] = options.discount
    of_new = {"--signed": options.signed, "--override": options.override}
    wrong: list[str] = []
    if options.plan is None:
        wrong += [f"{name} goes with --plan." for name, value in of_plan.items() if value]
    if options.offer is not None:
        wrong += [f"{name} is settled by the offer: leave it out." for name, value in of_debt.items() if value]
    if options.end is not None:
        wrong += [
            f"{name} does not go with --end."
            for name, value in (of_new | of_debt).items()
            if value and name != "--invoices"
        ]
    if wrong:
        raise UsageError(" ".join([*wrong, NOTHING]))


def _known(talk: Talk) -> AgreementRecord | None:
    """The agreement that this very command recorded before, if it did."""
    if talk.options.offer is not None:
        return talk.accepted_offer()
    for record in talk.workspace.ledger.agreements:
        if (record.client, record.signed_on, record.status) != (talk.client.id, talk.signed, "active"):
            continue
        for ledger in _before(talk.workspace.ledger, record):
            try:
                draft = draw_up(talk, ledger)
            except UsageError:
                continue
            if _same(record, draft):
                return record
    return None


def _before(ledger: Ledger, record: AgreementRecord) -> Sequence[Ledger]:
    """The ledger as it may have been when an agreement was recorded: without it, and without what came in since on that day."""
    without = replace(ledger, agreements=tuple(other for other in ledger.agreements if other is not record))
    kept = tuple(
        payment for payment in ledger.payments if (payment.client, payment.date) != (record.client, record.signed_on)
    )
    return [without] if len(kept) == len(ledger.payments) else [without, replace(without, payments=kept)]


def _same(record: AgreementRecord, draft: Draft) -> bool:
    return (
        set(record.invoices) == {item.id for item in draft.items}
        and record.instalments == tuple(sorted(draft.schedule, key=lambda part: part[0]))
        and record.supersedes.casefold() == draft.supersedes.casefold()
        and record.discount == draft.waived
    )


def _record(context: Context, workspace: Workspace, today: date, draft: Draft, options: Namespace) -> int:
    invoices = tuple(item.id for item in draft.items)
    note = "" if options.override is None else plain_words(options.override, "the reason", LONGEST_REASON)
    taken = {record.id for record in workspace.ledger.agreements}
    taken |= {offer.key for known in workspace.memory.clients.values() for offer in known.offers}
    name = draft.name
    if not name or name in {record.id for record in workspace.ledger.agreements}:
        name = agreement_name(draft.client, invoices, draft.signed, draft.schedule, taken)
    record = AgreementRecord(
        id=name,
        client=draft.client,
        invoices=invoices,
        signed_on=draft.signed,
        instalments=tuple(sorted(draft.schedule, key=lambda part: part[0])),
        supersedes=draft.supersedes,
        note=note,
        discount=draft.waived,
    )
    append_agreement(workspace.folder / workspace.settings.ledger.path / "relance" / "agreements.csv", record)
    workspace, _ = context.open()
    accounts = accounts_of(workspace.decide(today), record.client)
    say(f"{record.client}: agreement {record.id}, noted in {FILE}.")
    tell_follows(record, view_of(accounts, record), draft, workspace.settings.policy)
    say(f"{record.client}: {what_follows(accounts[0].reminders)}")
    return DONE


def _end(context: Context, workspace: Workspace, today: date, options: Namespace) -> int:
    """An agreement is called off, by either side."""
    reason = plain_words(options.end, "the reason", LONGEST_REASON)
    accounts = accounts_named(workspace, today, options.client)
    client = accounts[0].client.id
    currency, agreement = _to_end(accounts, workspace.ledger, reason, options)
    if agreement is None:
        say(f"{client}: that was noted already.")
        return DONE
    known = next((record for record in workspace.ledger.agreements if record.id == agreement.id), None)
    ended = replace(known or as_record(agreement, client), status="cancelled", note=reason)
    if options.dry_run:
        say(f"{client}: the agreement {agreement.id} would be called off. {NOTHING}")
        return DONE
    append_agreement(workspace.folder / workspace.settings.ledger.path / "relance" / "agreements.csv", ended)
    workspace, _ = context.open()
    accounts = accounts_of(workspace.decide(today), client)
    numbers = ", ".join(agreement.invoices)
    say(f"{client}: the agreement {agreement.id} is off, noted in {FILE}. {numbers} counts as before it ({currency}).")
    say(f"{client}: {what_follows(accounts[0].reminders)}")
    return DONE


def _to_end(
    accounts: Sequence[Account], ledger: Ledger, reason: str, options: Namespace
) -> tuple[str, Agreement | None]:
    """The only agreement that can be meant; None when it was called off already, for this reason."""
    wanted = {name.casefold() for name in options.invoices}
    found = [
        (account.currency, agreement)
        for account in accounts
        for agreement in account.agreements
        if not agreement.ended
        and agreement.next is not None
        and (not wanted or wanted & {number.casefold() for number in agreement.invoices})
    ]
    if len(found) == 1:
        return found[0]
    client = accounts[0].client.id
    if found:
        names = "; ".join(f"{agreement.id} ({', '.join(agreement.invoices)})" for _, agreement in found)
        raise UsageError(f"{client} has several agreements: {names}. Say which with --invoices. {NOTHING}")
    over = (record for record in ledger.agreements if record.client == client and record.status == "cancelled")
    if any(reason in record.note.splitlines() for record in over):
        return accounts[0].currency, None
    about = f" about {', '.join(options.invoices)}" if wanted else ""
    raise UsageError(f"{client}: no agreement{about} is in force, so there is none to call off. {NOTHING}")
