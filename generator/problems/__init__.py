"""The error catalogue: everything that relance may find wrong with an owner's files.

One room for each subject; a room is a list of entries. To add a kind of problem: one entry in its room (a new room is
imported below), one line in `docs/errors.md`, one folder `tests/errors/<code>/` that reproduces it.
"""

from generator.problems import (
    bank,
    cells,
    databases,
    einvoices,
    facts,
    fec,
    fees,
    files,
    policy,
    proposals,
    run,
    sheets,
    site,
    tone,
)
from generator.problems.entry import CATALOGUE, Entry, Flaw, format_problem, printable, problem, quoted, stops

__all__ = [
    "CATALOGUE",
    "Entry",
    "Flaw",
    "bank",
    "cells",
    "databases",
    "einvoices",
    "facts",
    "fec",
    "fees",
    "files",
    "format_problem",
    "policy",
    "printable",
    "problem",
    "proposals",
    "quoted",
    "run",
    "sheets",
    "site",
    "stops",
    "tone",
]
