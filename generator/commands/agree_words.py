"""What `relance agree` says: the schedule, what speaks against it, and what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.commands import say
from generator.domain.account import Status
from generator.domain.agreeing import Rule, paid_by_each
from generator.domain.claims import claimed_of, invoices_of
from generator.domain.money import total
from generator.domain.terms import next_business_day
from generator.report_parts import command, option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.commands.agree_terms import Draft
    from generator.domain.account import Agreement, Item
    from generator.domain.agreeing import Breach, Schedule
    from generator.domain.ledger import AgreementRecord
    from generator.domain.money import Money
    from generator.domain.policy import Policy
    from generator.domain.terms import BusinessCalendar

#: Each rule of the policy that was not kept, in words.
_RULES = {
    Rule.COUNT: "In {count}: your policy has plans in {counts} payments.",
    Rule.MINIMUM_DEBT: "{debt} is less than the debts that your policy has plans for: {amount} or more.",
    Rule.MINIMUM_INSTALMENT: "{part} is less than the smallest instalment of your policy: {amount}.",
    Rule.DOWN_PAYMENT: "{part} is less than the down payment of your policy: {amount}.",
    Rule.HORIZON: "{part} is too late: your policy has plans end by {day}.",
    Rule.PAST: "{part} is past: {begun} on {day}.",
    Rule.ORDER: "{part} does not come after the one before it, of {day}.",
    Rule.DISCOUNT: "That is more off than your policy gives: {amount} on {debt}.",
    Rule.COMBINED: "Your policy waives {amount} of {debt} when a plan is kept, and no more.",
    Rule.DISCOUNT_MINIMUM: "{debt} is less than the debts that your policy has discounts for: {amount} or more.",
}
_STATUSES = {
    Status.PAID: "{id} is paid: there is nothing left to agree on.",
    Status.IN_FLIGHT: "{id}: a debit for all of it is on its way. Wait until it has arrived, or has failed.",
    Status.DISPUTED: "{id} is disputed. When that is settled (relance dispute {client} {id} --close), it can be agreed on.",
}


def money(amount: Money) -> str:
    """An amount with its currency."""
    return f"{amount} {amount.currency}"


def not_agreeable(item: Item) -> str:
    """Why nothing can be agreed on an invoice; empty when something can."""
    return _STATUSES.get(item.status, "").format(id=item.id, client=item.invoice.client)


def sum_is_wrong(schedule: Schedule, debt: Money, over: Money, items: Sequence[Item]) -> str:
    """By how much the instalments are not the debt, and what to do about it."""
    added = money(debt + over)
    open_ = f"{money(debt)} {'is' if len(items) == 1 else 'are'} open on {', '.join(item.id for item in items)}"
    due, last = max(schedule, key=lambda part: part[0])
    right = last - over
    write = f"write {due.isoformat()}={right} for the last" if right.minor > 0 else "write less"
    if over.minor > 0:
        return f"The instalments add up to {added}, and {open_}: {money(over)} too much. Correct them ({write})."
    return f"The instalments add up to {added}, and {open_}: {money(-over)} is missing. Correct them ({write}). {_less(-over, items)}"


def _less(missing: Money, items: Sequence[Item]) -> str:
    """What comes first where less was agreed on: late fees are let go of, for an invoice there is a credit note."""
    fees = [item for item in items if item.fee_of]
    claimed = total((item.open for item in fees), missing.currency)
    if not claimed or claimed < missing:
        return f"If you have agreed on less, a credit note of {money(missing)} is due: enter it first."
    whole, names = claimed == missing, [item.fee_of for item in fees]
    if not whole and len(fees) > 1:
        return f"If you have agreed on less late fees, let go of {money(missing)} of them first: relance waive, with --amount."
    part = "" if whole else option("--amount", str(missing))
    waive = command("waive", items[0].invoice.client, *names, option=part)
    return f"If you have agreed without late fees, let go of {money(missing)} of them first: {waive}."


def tell_breaches(draft: Draft) -> str:
    """All that is not as the policy has it, and how to go past it."""
    told = each_breach(draft)
    if len(draft.schedule) == 1:
        told.append("One payment of all is a promise, which needs no agreement: relance promise.")
    return "\n".join([*told, 'If you agreed to it all the same: --override "the reason", which is kept with it.'])


def each_breach(draft: Draft, begun: str = "it was signed") -> list[str]:
    """What is not as the policy has it, a sentence for each rule."""
    return [_breach(breach, draft, begun) for breach in draft.breaches]


def _breach(breach: Breach, draft: Draft, begun: str) -> str:
    due, amount = breach.part or draft.schedule[0]
    return _RULES[breach.rule].format(
        part=f"{money(amount)} on {due.isoformat()}",
        begun=begun,
        amount=money(breach.amount) if breach.amount is not None else "",
        day=breach.day.isoformat() if breach.day else "",
        counts=", ".join(map(str, breach.counts)),
        count=len(draft.schedule),
        debt=money(draft.debt),
    )


def tell_schedule(draft: Draft, business: BusinessCalendar) -> None:
    """Each instalment, the invoices that it pays where there are several, and the days on which no bank works."""
    owed = [(item.id, item.open) for item in draft.items]
    numbers = ", ".join(number for number, _ in owed)
    asked = draft.debt if draft.waived is None else draft.debt - draft.waived
    say(f"{draft.client}: {money(asked)} of {numbers} in {len(draft.schedule)} payments")
    in_order = tuple(sorted(draft.schedule, key=lambda part: part[0]))
    several = len(owed) > 1 and sum(amount.minor for _, amount in owed) == draft.debt.minor and not draft.waived
    pays = paid_by_each(owed, in_order) if several else [[] for _ in in_order]
    width = max(len(str(amount)) for _, amount in in_order)
    for (due, amount), parts in zip(in_order, pays, strict=True):
        of = "   " + " + ".join(f"{part} of {number}" for number, part in parts) if parts else ""
        say(f"  {due.isoformat()}  {amount!s:>{width}} {amount.currency}{of}")
    for due, _ in in_order if draft.by_hand else ():
        worked = next_business_day(due, business)
        if worked != due:
            say(
                f"  {due.isoformat()} is no business day: money then arrives on {worked.isoformat()}. The date stands as given."
            )
    if draft.waived is not None:
        say(
            f"  {money(draft.debt)} {'is' if len(owed) == 1 else 'are'} owed: {money(draft.waived)} is waived once all is paid as agreed."
        )
        say("  If the agreement ends before, that is owed as well.")
    if draft.supersedes:
        say(f"  It takes the place of the agreement {draft.supersedes}.")
    if draft.dropped is not None:
        now = f", but for {money(draft.waived)}" if draft.waived else ""
        say(
            f"  That one waived {money(draft.dropped)} once it was kept: this is promised no more{now}, and is owed as well."
        )
        say(f"  To go on waiving it: --discount {draft.dropped}.")


def tell_existing(record: AgreementRecord, agreement: Agreement) -> None:
    """What was recorded before, by the same command or by the client's own payment."""
    say(f"{record.client}: agreement {record.id} of {record.signed_on.isoformat()} was recorded already.")
    for part in agreement.instalments:
        say(f"  {part.due.isoformat()}  {money(part.amount)} ({part.paid} paid)")
    say(f"  Reference for transfers: {agreement.reference}")


def tell_follows(record: AgreementRecord, agreement: Agreement, draft: Draft, policy: Policy) -> None:
    """What the client transfers with, what becomes of the page and the links, and of reminders."""
    if record.note:
        say(f"  Not as your policy has it, because: {record.note}" if draft.breaches else f"  Note: {record.note}")
    say(f"  Reference for transfers: {agreement.reference}")
    if draft.dropped is not None:
        say(
            f"  Should that stay waived all the same, agree again with --replaces {record.id} --discount {draft.dropped}."
        )
    say("  Next: relance build shows it on their page.")
    if policy.links is not None:
        say("  relance links --apply takes down the links of what was offered and makes that of the next instalment.")
    numbers = ", ".join(invoices_of(record.invoices)) + (
        " and late fees" if any(map(claimed_of, record.invoices)) else ""
    )
    terms, late = policy.agreements, agreement.next
    say(
        f"  While it holds, nobody is reminded of {numbers}: it does until an instalment is more than {terms.grace_days} days late"
    )
    say(f"  and still unpaid {terms.notice_days} days after a written reminder of it.")
    if late is not None and late.due < record.signed_on:
        say(f"  {money(late.open)} of {late.due.isoformat()} is late already: they will be written to about it first.")
