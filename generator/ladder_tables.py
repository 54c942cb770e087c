"""`[reminders]` of `portal.toml`: the ladders, and when we write → the reminder policy of the domain."""

from __future__ import annotations

import re
from datetime import time
from decimal import Decimal
from typing import TYPE_CHECKING

from generator.domain.ledger import Channel
from generator.domain.policy import (
    AGREEMENT,
    AGREEMENT_OVER,
    INSTALMENT_LATE,
    INSTALMENT_SOON,
    NO_LADDER,
    ONBOARDING,
    RECAP,
    RECEIPT,
    REMINDERS_BEFORE_FORMAL,
    AgreementPolicy,
    Anchor,
    Approval,
    ReminderPolicy,
    Step,
    Tone,
)
from generator.problems.policy import POLICY_WRONG_VALUE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.policy_file import Section

OFFER_TABLES = {"discount": "[offers.discount]", "plan": "[offers.plans]"}
LONGEST_DAYS = 3650
_LONGEST_BEFORE = 366
_MOST_PER_MONTH = 31
_LONGEST_NOTICE = 28  #: days before an instalment: less than the month between two of them
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_HOURS = re.compile(r"([0-9]{2}:[0-9]{2}) ?[-–] ?([0-9]{2}:[0-9]{2})")
#: Messages that are no step of a ladder: a step of that name would be taken for one of them.
_OTHER_MESSAGES = frozenset({INSTALMENT_SOON, *INSTALMENT_LATE, RECAP, AGREEMENT, AGREEMENT_OVER, RECEIPT, ONBOARDING})


def read_reminders(section: Section, decimals: int, agreements: AgreementPolicy) -> ReminderPolicy:
    """The ladders and their manners. `agreements` say until when an instalment may be spoken of."""
    defaults = ReminderPolicy()
    steps = section.sections("steps")
    before, after = _instalments(section.opened("instalments"), defaults, agreements)
    found = ReminderPolicy(
        steps=defaults.steps if steps is None else _ladder(steps),
        minimum_gap_days=section.number("minimum_gap_days", defaults.minimum_gap_days, 0, LONGEST_DAYS),
        review_after_days=section.number("review_after_days", defaults.review_after_days, 0, LONGEST_DAYS),
        grace_days=section.number("grace_days", defaults.grace_days, 0, LONGEST_DAYS),
        business_days=section.yes("business_days", default=defaults.business_days),
        minimum_amount=section.amount(
            "minimum_amount", decimals, Decimal("5.00").quantize(Decimal(1).scaleb(-decimals))
        ),
        approve=section.word("approve", Approval, defaults.approve),
        most_per_month=section.number("most_per_month", defaults.most_per_month, 1, _MOST_PER_MONTH),
        ladders=_ladders(section.opened("ladders")),
        instalment_before_days=before,
        instalment_after_days=after,
        recaps=section.yes("recaps", default=defaults.recaps),
        thanks=section.yes("thanks", default=defaults.thanks),
        receipts=section.yes("receipts", default=defaults.receipts),
        onboarding=section.yes("onboarding", default=defaults.onboarding),
        send_between=_hours(section),
    )
    section.finish()
    return found


def _instalments(
    section: Section, defaults: ReminderPolicy, agreements: AgreementPolicy
) -> tuple[int, tuple[int, ...]]:
    """When we write of an instalment: a courteous word before it, and at most twice once it is late."""
    before = section.number("before_days", defaults.instalment_before_days, 1, _LONGEST_NOTICE)
    after = section.items("after_days", int, defaults.instalment_after_days, "[3, 10]")
    last = max(agreements.grace_days, *(days + agreements.notice_days for days in after[:1]), 1)
    if (
        list(after) != sorted(set(after))
        or len(after) > len(INSTALMENT_LATE)
        or not all(1 <= days <= last for days in after[-1:])
        or not all(1 <= days <= _LONGEST_NOTICE for days in after[:1])
    ):
        section.wrong(
            "after_days",
            list(after),
            f"Write at most {len(INSTALMENT_LATE)} numbers of days in their order, like [3, 10]: the first "
            f"from 1 to {_LONGEST_NOTICE}, the second while a late instalment leaves its agreement standing (see [agreements]).",
        )
        after = defaults.instalment_after_days
    section.finish()
    return before, after


def _hours(section: Section) -> tuple[time, time] | None:
    """The hours in which mail may leave; at any hour when the owner does not say."""
    text = section.text("send_between", example='"08:00-18:30"')
    if not text:
        return None
    try:
        match = _HOURS.fullmatch(text)
        first, last = map(time.fromisoformat, match.groups() if match else ())
    except ValueError:
        section.wrong("send_between", text, 'Write two times of a day, like "08:00-18:30".')
        return None
    if first >= last:
        section.wrong("send_between", text, "The first time comes before the second one, on the same day.")
    return first, last


def _ladders(section: Section) -> Mapping[str, tuple[Step, ...]]:
    """The other ladders by their names, which `clients.csv` uses."""
    found: dict[str, tuple[Step, ...]] = {}
    for name in section.table:
        table = section.section(name)
        if table is None:
            continue
        advice = ""
        if name == NO_LADDER:
            advice = f'In clients.csv, "{NO_LADDER}" stands for no reminder at all; choose another name.'
        elif not _NAME.fullmatch(name):
            advice = "Write small letters, digits and hyphens, like [reminders.ladders.loyal]."
        if advice:
            section.note(POLICY_WRONG_VALUE.at(table.where("steps"), name, key=section.name(name), advice=advice))
        steps = table.sections("steps")
        if steps is None or not steps:
            table.missing("steps", f"[[{table.path}.steps]] on a line of its own, once for each step.")
        found[name] = _ladder(steps or [])
        table.finish()
    return found


def _ladder(sections: list[Section]) -> tuple[Step, ...]:
    ladder = tuple(_step(section) for section in sections)
    _check_ladder(sections, ladder)
    return ladder


def _step(section: Section) -> Step:
    name = section.text("name", example='"reminder-1"')
    if not section.has("name"):
        section.missing("name", 'name = "reminder-1"')
    elif name in _OTHER_MESSAGES:
        section.wrong("name", name, "It is the name of a message that is no reminder; choose another one.")
    elif name and not _NAME.fullmatch(name):
        section.wrong(
            "name", name, "It is the name of a template too: write small letters, digits and hyphens, like reminder-1."
        )
    if not section.has("days"):
        section.missing("days", "days = 7")
    step = Step(
        name=name,
        days=section.number("days", 0, -_LONGEST_BEFORE, LONGEST_DAYS),
        anchor=section.word("from", Anchor, Anchor.DUE),
        channel=section.word("channel", Channel, Channel.EMAIL),
        offers=_offers(section),
        template=_template(section),
        tone=section.word("tone", Tone, Tone.PLAIN),
        confirm=section.said("confirm"),
        call_first=section.yes("call_first", default=False),
        copy=section.yes("copy", default=False),
    )
    if step.call_first and step.channel is not Channel.EMAIL:
        section.wrong(
            "call_first", "true", f"It is for a step by email, that a call may save; this one is by {step.channel}."
        )
    section.finish()
    return step


def _offers(section: Section) -> tuple[str, ...]:
    offers = section.items("offers", str, (), '["plan"]')
    for offer in offers:
        if offer not in OFFER_TABLES:
            section.wrong("offers", offer, f"The offers of a step are: {', '.join(OFFER_TABLES)}.")
    return tuple(dict.fromkeys(offers))


def _template(section: Section) -> str:
    name = section.text("template", example='"reminder-1"')
    if name and not _NAME.fullmatch(name):
        section.wrong("template", name, "Write the name of a template's file without its ending, like reminder-1.")
    return name


def _check_ladder(sections: list[Section], ladder: tuple[Step, ...]) -> None:
    """Steps have names of their own and come in the order of their days."""
    latest: dict[Anchor, Step] = {}
    names: set[str] = set()
    for section, step in zip(sections, ladder, strict=True):
        if step.name and step.name in names:
            section.wrong("name", step.name, "Another step has that name; give each its own.")
        names.add(step.name)
        if step.anchor is Anchor.PREVIOUS:
            if step is ladder[0]:
                section.wrong("from", "previous", 'The first step has none before it; write "due" or "issued".')
            elif step.days < 1:
                section.wrong("days", step.days, "A step comes one day after the previous one at least.")
        elif (before := latest.get(step.anchor)) and step.days <= before.days:
            section.wrong(
                "days",
                step.days,
                f"Steps stand in the order of their days, and {before.name} comes on day {before.days}.",
            )
        latest[step.anchor] = step
        late_before = [before for before in ladder[: ladder.index(step)] if not before.before_due]
        if step.formal and len(late_before) < REMINDERS_BEFORE_FORMAL:
            section.wrong(
                "name", step.name, "A formal notice lists only what was reminded twice; put two reminders before it."
            )
