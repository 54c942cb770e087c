"""How hard the random tests try: a seeded sample in the ordinary run, twenty times as much with `make soak`."""

from __future__ import annotations

import os

SOAK = bool(os.environ.get("RELANCE_SOAK"))
_TIMES = 20


def examples(count: int) -> int:
    """`count` examples: two in three of them in the ordinary run, which must stay short, and twenty times as many with `make soak`."""
    return count * _TIMES if SOAK else max(1, count * 2 // 3)
