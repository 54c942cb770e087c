"""The sentences about a run of `relance publish` and about what waits for the owner's word, in the owner's language."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.sentences import Sentences

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(slots=True)
class PublishWords:
    """The sentences about a run: its own, and the names of steps from those of the report."""

    language: str
    home: Path | None = None
    say: Sentences = field(init=False)
    report: Sentences = field(init=False)

    def __post_init__(self) -> None:
        """Raises UserError for a mistake in the owner's own sentences."""
        self.say = Sentences("publish", self.language, self.home)
        self.report = Sentences("report", self.language, self.home)
