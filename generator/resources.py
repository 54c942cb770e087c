"""Finds what ships with relance beside the code: the theme, the sentences, the public prose, the examples."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_HERE = Path(__file__).resolve().parent
NAMES = ("theme", "portal_templates", "content", "examples")


@cache
def bundled(name: str) -> Path:
    """The folder `name` as it ships: at the root of a checkout, inside the package of an installed wheel.

    Raises ValueError for a name that does not ship, FileNotFoundError when the installation is incomplete.
    """
    if name not in NAMES:
        raise ValueError(f"{name!r} is not one of {', '.join(NAMES)}")
    for place in (_HERE / "bundled" / name, _HERE.parent / name):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"{name}: this installation of relance is incomplete; install it again")
