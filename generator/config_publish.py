"""What `relance publish` tells the owner when it has ended: `[publish]` of `portal.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from generator import checks

if TYPE_CHECKING:
    from generator.policy_file import Section


class Reported(StrEnum):
    """After which runs the owner gets an email: each of them, those that bring something new, those that failed, or none."""

    ALWAYS = "always"
    NEWS = "news"
    FAILURES = "failures"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class PublishSettings:
    """The end of a run: `[publish]`. An empty `report_to` is the seller's own address."""

    report: Reported = Reported.NEWS
    report_to: str = ""


def read_publish(section: Section) -> PublishSettings:
    """The `[publish]` table."""
    defaults = PublishSettings()
    found = PublishSettings(
        section.word("report", Reported, defaults.report), section.checked("report_to", checks.email)
    )
    section.finish()
    return found
