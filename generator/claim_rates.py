"""Late fees that are to be claimed and cannot be counted: no rate is guessed, so nothing is written until the owner adds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.domain.ledger import SourceRef
from generator.errors import UserError
from generator.problems.fees import RATE_MISSING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from generator.domain.claims import MissingRate
    from generator.domain.ledger import Problem

_NAMED = 5  #: invoices in one sentence


def missing_rates(missing: Sequence[MissingRate]) -> list[Problem]:
    """One for each half-year whose rates a claim of today needs, with the invoices."""
    needed: dict[date, list[str]] = {}
    for one in missing:
        needed.setdefault(one.since, []).append(one.invoice)
    return [
        RATE_MISSING.at(SourceRef("portal.toml"), _listed(invoices), half_year=since.isoformat())
        for since, invoices in sorted(needed.items())
    ]


def refuse_missing_rates(missing: Sequence[MissingRate]) -> None:
    """Raises UserError where a claim that falls due today cannot be counted."""
    if problems := missing_rates(missing):
        raise UserError(problems)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"
