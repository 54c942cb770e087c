"""Readers: one for each format in which a ledger may be kept; all give the same facts and the same kind of problems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.domain.ledger import Ledger, Problem, SourceRef
from generator.problems import policy
from generator.readers.csv_folder import read_csv_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.config import Settings

FORMATS: dict[str, Callable[[Settings], tuple[Ledger, list[Problem]]]] = {"csv": read_csv_folder}


def read_ledger(settings: Settings) -> tuple[Ledger, list[Problem]]:
    """The ledger that the settings point to, with every problem found in it.

    Facts of any date are read; which of them count today is the domain's to say.
    """
    reader = FORMATS.get(settings.ledger.format)
    if reader is None:
        return Ledger({}), [policy.LEDGER_FORMAT_UNKNOWN.at(SourceRef("portal.toml"), settings.ledger.format)]
    return reader(settings)
