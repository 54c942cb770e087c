"""Late fees as the public JSON shows them: of each item in `relance show --json`, and with their reasons in `relance fees --json`.

Amounts and percentages are texts, days are ISO 8601; keys are never removed or renamed, and always come in the same order.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from generator.rates import citation

if TYPE_CHECKING:
    from datetime import date

    from generator.domain.claims import Claim
    from generator.domain.late_fees import LateFees, Period

_HUNDREDTH = Decimal("0.01")


def fees_json(fees: LateFees, claim: Claim | None = None) -> dict[str, object]:
    """What the law gives for one item, line by line; `reason` says why there is nothing. `claim` is what was claimed of it."""
    return {
        "interest": str(fees.interest),
        "indemnity": str(fees.indemnity),
        "periods": [_period(period) for period in fees.periods],
        "reason": str(fees.reason) if fees.reason else None,
        "known_from": _day(fees.known_from),
        "known_until": _day(fees.known_until),
        "indemnity_article": citation(fees.indemnity_article) if fees.indemnity_article else None,
        "indemnity_at": fees.indemnity_at or None,
        "claimed": claim_json(claim) if claim else None,
    }


def claim_json(claim: Claim) -> dict[str, object]:
    """What is claimed for one item now, and what became of it."""
    current = claim.current
    return {
        "on": current.on.isoformat(),
        "until": current.until.isoformat(),
        "interest": str(claim.interest),
        "indemnity": str(claim.indemnity),
        "waived": str(claim.waived),
        "paid": str(claim.paid),
        "open": str(claim.open),
        "step": current.step,
        "told_on": _day(claim.told_on),
    }


def _period(period: Period) -> dict[str, object]:
    return {
        "from": period.begins.isoformat(),
        "to": period.ends.isoformat(),
        "days": period.days,
        "rate": percent(period.percent),
        "interest": str(period.interest),
        "base": str(period.base),
        "year_days": period.year_days,
        "half_year": period.known.begins.isoformat(),
        "basis": str(period.terms.basis),
        "floored": period.floored,
        "article": citation(period.article),
    }


def percent(value: Decimal) -> str:
    """`12.40`: two decimals, or as many as it has."""
    short = value.quantize(_HUNDREDTH)
    return f"{short if short == value else value.normalize():f}"


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
