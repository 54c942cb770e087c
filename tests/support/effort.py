"""How hard the random tests try: a seeded sample in the ordinary run, twenty times as much with `make soak`."""

from __future__ import annotations

import os

SOAK = bool(os.environ.get("RELANCE_SOAK"))
_TIMES = 20


def examples(count: int) -> int:
    """`count` examples in the ordinary run."""
    return count * _TIMES if SOAK else count
