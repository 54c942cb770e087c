"""`[late_fees]` of `portal.toml` → what is said of late fees, and how they are counted."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from generator.domain.fee_rules import INDEMNITY, Basis, DayCount, FeePolicy, Rate, rules_for
from generator.domain.ledger import Channel, Kind
from generator.domain.policy import FORMAL_NOTICE, FeeMode
from generator.domain.rates import Fault, Figure, HalfYear, RateTable, faults
from generator.problems import fees as problems
from generator.problems import policy as policy_problems
from generator.rates import shipped_rates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.domain.policy import Policy, Step
    from generator.policy_file import Section

_STATUTORY = "statutory"
_PERCENT = r"[0-9]{1,3}(?:\.[0-9]{1,2})?"
_RATE = re.compile(rf"(?P<fixed>{_PERCENT})|ecb \+ (?P<ecb>{_PERCENT})|legal x (?P<legal>[1-9])")
_HIGHEST_RATE = Decimal(30)  # of a half-year: more is a slip of the pen
_USUAL_AT_MOST = Decimal(25)  # of a contract: a judge may reduce what is plainly too much
_FAULTS = {
    Fault.NOT_A_HALF_YEAR: problems.RATES_HALF_YEAR,
    Fault.OUT_OF_ORDER: problems.RATES_ORDER,
    Fault.TWICE: problems.RATES_TWICE,
    Fault.GAP: problems.RATES_GAP,
}


class LateFeeTable(NamedTuple):
    """What the table says: what becomes of fees, from which step they are claimed, what is paid first, and how they are counted."""

    mode: FeeMode
    claim_from: str
    interest_first: bool
    counting: FeePolicy


def read_fees(section: Section, country: str) -> LateFeeTable:
    """The table `[late_fees]`, whole. `country` is the seller's."""
    mode = section.word("mode", FeeMode, FeeMode.MENTION)
    claim_from = section.text("claim_from", FORMAL_NOTICE, example=f'"{FORMAL_NOTICE}"')
    interest_first = section.one_of("payments", ("principal", "interest")) == "interest"
    known = len(section.file.problems)
    rates = _rates(section)
    sound = len(section.file.problems) == known
    law = rules_for(country)
    found = FeePolicy(
        law=law,
        rate=_rate(section),
        indemnity=_indemnity(section),
        day_count=DayCount.ACTUAL if section.one_of("day_count", (365, "actual")) == "actual" else DayCount.FIXED,
        rates=rates,
    )
    section.finish()
    if mode is FeeMode.CLAIM and not found.claimable:
        section.note(problems.CLAIM_WITHOUT_LAW.at(section.where("mode"), mode, whom="clients", country=country))
    for key in ("rate", "indemnity", "day_count", "rates"):
        if law is None and section.has(key):
            advice = "The law of late payment is known to relance for France and the countries of the euro."
            where = section.where(key)
            section.note(policy_problems.POLICY_NOT_USED.at(where, section.name(key), advice=advice))
    if sound and law is not None:
        _check_rate(section, found)
    return LateFeeTable(mode, claim_from, interest_first, found)


def check_claims(section: Section, policy: Policy) -> None:
    """Where fees are claimed: from a message of the ladder that speaks of what is late."""
    claims = policy.late_fees is FeeMode.CLAIM
    if not claims and not section.has("claim_from"):
        return
    ladders = {"": policy.reminders.steps, **policy.reminders.ladders}
    steps = {name: [step for step in ladder if step.name == policy.claim_from] for name, ladder in ladders.items()}
    late = [step.name for step in policy.reminders.steps if _may_claim(step)]
    advice = f"Write a step whose message speaks of what is late: {', '.join(late)}."
    found = [step for same in steps.values() for step in same]
    if not found or not all(map(_may_claim, found)) or (claims and not steps[""]):
        section.wrong("claim_from", policy.claim_from, advice)
        return
    for name in [name for name, same in steps.items() if claims and not same and not _has_notice(ladders[name])]:
        reason = f"their ladder has no {' and no '.join(dict.fromkeys((policy.claim_from, FORMAL_NOTICE)))}"
        where = section.where("claim_from")
        section.note(problems.CLAIM_STEP_SPARED.at(where, f"clients of the ladder {name}", reason=reason))


def _has_notice(ladder: Sequence[Step]) -> bool:
    """Whether a ladder has a formal notice: without the step in `claim_from` that is where its clients' fees are claimed."""
    return any(step.formal for step in ladder)


def _may_claim(step: Step) -> bool:
    """Whether a step can tell a client what is claimed: in writing, and of something that is late."""
    return not step.before_due and step.channel is not Channel.PHONE


def _rate(section: Section) -> Rate | None:
    """The contract's rate; None for the law's."""
    text = section.text("rate", _STATUTORY, example='"12.00"')
    if text == _STATUTORY:
        return None
    found = _RATE.fullmatch(text)
    if found is None:
        advice = 'Write "statutory", or the rate of your terms of sale: "12.00", "ecb + 10" or "legal x 3".'
        section.wrong("rate", text, advice)
        return None
    if found["fixed"]:
        return Rate(Basis.FIXED, Decimal(found["fixed"]))
    if found["ecb"]:
        return Rate(Basis.ECB, Decimal(found["ecb"]))
    return Rate(Basis.LEGAL, times=int(found["legal"]))


def _indemnity(section: Section) -> Decimal:
    """The fixed indemnity, which the law sets: an owner may ask for less of it, and has to prove what is more."""
    amount = section.amount("indemnity", 2, INDEMNITY)
    if amount is None or amount > INDEMNITY:
        section.wrong(
            "indemnity", amount, f'The law fixes it: "{INDEMNITY}" at most; higher costs are to be proved one by one.'
        )
        return INDEMNITY
    return amount


def _rates(section: Section) -> RateTable:
    """The shipped half-years with those of the owner."""
    shipped = shipped_rates()
    written: list[tuple[Section, HalfYear]] = []
    for table in section.sections("rates") or ():
        begins = table.day("from")
        if not table.has("from"):
            table.missing("from", 'from = "2027-01-01"')
        ecb, legal = _figure(table, "ecb"), _figure(table, "legal")
        table.finish()
        if begins is not None and ecb is not None and legal is not None:
            written.append((table, HalfYear(begins, ecb, legal)))
    _check_rates(written, shipped)
    return shipped.extended(row for _, row in written)


def _figure(table: Section, key: str) -> Figure | None:
    percent = table.percent(key)
    if not table.has(key):
        table.missing(key, f'{key} = "2.40"')
    elif percent is not None and percent > _HIGHEST_RATE:
        table.wrong(key, percent, f"Write the rate in percent, like 2.40; it was never above {_HIGHEST_RATE}.")
        return None
    return None if percent is None else Figure(percent, "portal.toml")


def _check_rates(written: Sequence[tuple[Section, HalfYear]], shipped: RateTable) -> None:
    for index, fault, begins in faults([row for _, row in written], shipped):
        table, _ = written[index]
        table.note(_FAULTS[fault].at(table.where("from"), begins.isoformat()))
    for table, row in written:
        known = shipped.at(row.begins) if row.begins.day == 1 else None
        if known is not None and known.begins == row.begins:
            ours = (known.ecb.percent, known.legal.percent)
            if ours != (row.ecb.percent, row.legal.percent):
                where = table.where("from")
                table.note(problems.RATES_DIFFER.at(where, row.begins.isoformat(), ecb=ours[0], legal=ours[1]))


def _check_rate(section: Section, policy: FeePolicy) -> None:
    """The contract's rate against what the law allows, in the last half-year that is known."""
    if policy.rate is None or policy.law is None:
        return
    floor_rate = policy.law.rules[Kind.BUSINESS].interest.floor
    last, words = policy.rates.rows[-1], section.text("rate", _STATUTORY)
    percent = policy.rate.percent(last)
    floor = floor_rate.percent(last) if floor_rate else Decimal(0)
    where = section.where("rate")
    if percent < floor:
        half_year = last.begins.isoformat()
        found = problems.RATE_BELOW_FLOOR.at(where, words, percent=percent, half_year=half_year, floor=floor)
        section.note(found)
    elif percent > _USUAL_AT_MOST:
        section.note(problems.RATE_UNUSUAL.at(where, words, percent=percent))
