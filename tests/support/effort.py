"""How hard the random tests try: a seeded sample in the ordinary run, twenty times as much with `make soak`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

Case = TypeVar("Case")

SOAK = bool(os.environ.get("RELANCE_SOAK"))
_TIMES = 20


def examples(count: int) -> int:
    """`count` examples: every fourth of them in the ordinary run, which must stay short, and twenty times as many with `make soak`."""
    return count * _TIMES if SOAK else max(1, count // 4)


def one_in(count: int, cases: Sequence[Case]) -> Sequence[Case]:
    """Every `count`-th of the cases, the first among them; all of them with `make soak`."""
    return cases if SOAK else cases[::count]
