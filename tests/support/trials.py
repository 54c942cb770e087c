"""Every template that ships, tried once on every invented client for all the tests that ask."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from generator.message_trials import try_templates
from tests.support.accounts import settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.message_trials import Trial

HOME = Path("a-folder-without-templates")


@cache
def trials() -> Sequence[Trial]:
    """The trials of Atelier Lumen, who has no templates of its own."""
    return try_templates(settings(HOME), shipped=True)
