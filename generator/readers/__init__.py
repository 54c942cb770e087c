"""Readers: one for each format in which a ledger may be kept; all give the same tables, and so the same facts and problems.

To add a format: a module with one function `Settings → Source`, and its line in `FORMATS`. A module that needs a library of
its own is imported when its format is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.at_rest import collector_at_rest
from generator.config_ledger import Unreadable
from generator.domain.ledger import Ledger, Problem, SourceRef
from generator.problems import policy
from generator.readers.assembly import Source, gather, learnt_tables
from generator.readers.csv_folder import read_csv_folder
from generator.readers.holding import hold_back

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.config import Settings

FORMATS: dict[str, Callable[[Settings], Source]] = {"csv": read_csv_folder}


def read_ledger(settings: Settings) -> tuple[Ledger, list[Problem]]:
    """The ledger that the settings point to, with every problem found in it, in the order of the files.

    Facts of any date are read; which of them count today is the domain's to say. With an error among the problems, the
    ledger lacks the facts concerned.
    """
    reader = FORMATS.get(settings.ledger.format)
    if reader is None:
        return Ledger({}), [policy.LEDGER_FORMAT_UNKNOWN.at(SourceRef("portal.toml"), settings.ledger.format)]
    with collector_at_rest():
        source = reader(settings)
        facts = gather(settings, {**source.tables, **learnt_tables(settings)})
        if settings.ledger.unreadable is Unreadable.HOLD:
            hold_back(facts)
    return facts.ledger(), [*source.before, *facts.problems(), *source.after]
