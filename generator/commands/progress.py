"""A bar for work that takes a while, on a terminal only; a log gets nothing it would have to scroll past."""

from __future__ import annotations

import sys
from dataclasses import dataclass

_WIDTH = 30
_WORTH_IT = 40


@dataclass(slots=True)
class Progress:
    """So many of so many done. Nothing is shown for little work, nor where nobody watches."""

    total: int
    done: int = 0

    def step(self, count: int = 1) -> None:
        """`count` more are done."""
        self.done += count
        if self.total < _WORTH_IT or not sys.stderr.isatty():
            return
        filled = _WIDTH * self.done // self.total
        end = "\n" if self.done >= self.total else ""
        sys.stderr.write(f"\r[{'#' * filled}{'.' * (_WIDTH - filled)}] {self.done}/{self.total}{end}")
        sys.stderr.flush()
