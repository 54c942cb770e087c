"""The files that let a repository's own service run `relance publish`, filled from an owner's settings.

The first line of each carries a digest of the rest: what relance wrote and nobody changed may be brought up to date,
what an owner changed is theirs.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from generator.resources import bundled

if TYPE_CHECKING:
    from collections.abc import Mapping

    import jinja2

#: Not at a full hour, when everybody's schedules begin and many are late.
EARLIEST = time(7, 23)
_AFTER_THE_DOORS_OPEN, _DAY = 7, 24 * 60  #: minutes
_SHOWN = ("requirement", "target", "timezone", "branch", "python", "morning", "database", "private")
_TAG = "# relance init --ci"
_FIRST_LINE = re.compile(rf"{_TAG} \w+ · ([0-9a-f]{{64}})\n")


class Service(StrEnum):
    """Who runs it."""

    GITHUB = "github"
    GITLAB = "gitlab"


@dataclass(frozen=True, slots=True)
class Action:
    """A step that GitHub publishes, by the commit that its version is: a name could be moved, a commit cannot."""

    version: str
    hash: str


ACTIONS = {
    "checkout": Action("v7.0.1", "3d3c42e5aac5ba805825da76410c181273ba90b1"),
    "setup_python": Action("v7.0.0", "5fda3b95a4ea91299a34e894583c3862153e4b97"),
    "upload_artifact": Action("v7.0.0", "bbbca2ddaa5d8feaa63e36b76fdaad77386f024f"),
    "deploy_pages": Action("v5.0.0", "cd2ce8fcbc39b97be8ca5fce6e763baed58fa128"),
}
_PLACES = {
    Service.GITHUB: {
        "github.yml": ".github/workflows/relance.yml",
        "github-preview.yml": ".github/workflows/relance-preview.yml",
    },
    Service.GITLAB: {"gitlab.yml": ".gitlab-ci.yml"},
}


@dataclass(frozen=True, slots=True)
class CiPlan:
    """All that the files say of one owner. `requirement` is what pip installs, `packages` what the system needs besides.

    `database`: the ledger is in one, so that whatever reads it has to be told how.
    `opens` is the hour from which mail may leave, where the owner has one: the morning begins after it. `private`: everything
    refuses to run where everybody can read it.
    """

    requirement: str
    target: str
    language: str = "fr"
    timezone: str = "Europe/Paris"
    opens: time | None = None
    branch: str = "main"
    python: str = "3.12"
    packages: tuple[str, ...] = ()
    database: bool = False
    private: bool = True

    @property
    def morning(self) -> time:
        """When the run of each day begins, on the seller's clock."""
        if self.opens is None or self.opens < EARLIEST:
            return EARLIEST
        minutes = self.opens.hour * 60 + self.opens.minute + _AFTER_THE_DOORS_OPEN
        return time(minutes // 60, minutes % 60) if minutes < _DAY else self.opens


def ci_files(service: Service, plan: CiPlan) -> dict[str, str]:
    """The files of a service for one owner, by their places in the folder."""
    values = {name: getattr(plan, name) for name in _SHOWN}
    values |= {"fr": plan.language == "fr", "packages": " ".join(plan.packages), "actions": ACTIONS}
    return {place: _written(service, name, values) for name, place in _PLACES[service].items()}


def is_untouched(text: str) -> bool:
    """Whether a file is as relance wrote it, by this version or another."""
    found = _FIRST_LINE.match(text)
    return found is not None and found[1] == _digest(text[found.end() :])


def _written(service: Service, name: str, values: Mapping[str, object]) -> str:
    body = _templates().get_template(name).render(values)
    return f"{_TAG} {service.value} · {_digest(body)}\n{body}"


def _digest(body: str) -> str:
    return hashlib.sha256(body.replace("\r\n", "\n").encode()).hexdigest()


@cache
def _templates() -> jinja2.Environment:
    """With marks of their own: braces belong to the services, and the shell has the others."""
    import jinja2  # noqa: PLC0415  (a slow import, for those who need it)

    return jinja2.Environment(  # noqa: S701 - no markup: YAML, filled with values that are checked and our own words
        loader=jinja2.FileSystemLoader(bundled("portal_templates") / "scaffold" / "ci"),
        undefined=jinja2.StrictUndefined,
        variable_start_string="<{",
        variable_end_string="}>",
        block_start_string="<%",
        block_end_string="%>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
