"""A row that could not be read holds back its own client, where the owner's settings say so, instead of the whole run.

Of such a client nothing is known for certain: no amount is shown, nothing is asked, nothing is sent, until the row is right.
A row that no client can be named for stops the run all the same: it could be anybody's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generator.checks import fold
from generator.domain.ledger import Severity
from generator.readers.row import SPOILT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.domain.ledger import Problem, SourceRef
    from generator.readers.facts import Facts
    from generator.readers.row import Row

#: When more of the clients than one in so many are concerned, it is the file that is wrong, and not some rows of it.
_AT_MOST_ONE_IN = 2
_NAMES = ("number", "invoice", "invoices", "credit_of")


def hold_back(facts: Facts) -> None:
    """Makes a warning of every error that clients can be named for, and holds these clients back (`facts.unreadable`).

    Nothing changes when more than half of the clients are concerned.
    """
    errors = [
        problem
        for tables in facts.tables.values()
        for table in tables
        for problem in table.problems
        if problem.severity is Severity.ERROR
    ]
    if not errors:
        return
    rows = _rows(facts, {(problem.where.file, problem.where.line) for problem in errors})
    held = {id(problem): clients for problem in errors if (clients := _clients(facts, problem, rows))}
    unreadable: dict[str, list[SourceRef]] = {}
    for problem in errors:
        for client in held.get(id(problem), ()):
            unreadable.setdefault(client, []).append(problem.where)
    if len(unreadable) * _AT_MOST_ONE_IN > max(_AT_MOST_ONE_IN, len(facts.clients) + len(facts.spoilt)):
        return
    for tables in facts.tables.values():
        for table in tables:
            table.problems = [
                _warning(problem, held[id(problem)]) if id(problem) in held else problem for problem in table.problems
            ]
    facts.unreadable = {client: tuple(dict.fromkeys(places)) for client, places in unreadable.items()}


def _rows(facts: Facts, places: set[tuple[str, int]]) -> dict[tuple[str, int], list[tuple[str, Row]]]:
    """The rows of these places, with the kind of their tables; one line of a sheet may be several rows."""
    found: dict[tuple[str, int], list[tuple[str, Row]]] = {}
    for name in facts.tables:
        for row in facts.rows(name):
            if (row.file, row.line) in places:
                found.setdefault((row.file, row.line), []).append((name, row))
    return found


def _clients(facts: Facts, problem: Problem, rows: dict[tuple[str, int], list[tuple[str, Row]]]) -> tuple[str, ...]:
    """The clients whom a problem is about: those of its row, and of the invoices that the row names; none when one is not known."""
    found: list[str] = []
    for name, row in rows.get((problem.where.file, problem.where.line), ()):
        own = list(_own(facts, name, row))
        if not own:
            return ()
        found += own
    known = {*facts.clients, *facts.spoilt}
    return tuple(dict.fromkeys(found)) if found and known.issuperset(found) else ()


def _own(facts: Facts, name: str, row: Row) -> Iterator[str]:
    """The clients of one row; nobody's when its own client is not known."""
    if name == "relance-disputes":
        client = ""
    else:
        column = "id" if name == "clients" else "client"
        text = row.text(column) if column in row.table.at else ""  # a bank's statement is nobody's in particular
        client = facts.client_ids.get(fold(text), "") if text and text != SPOILT else ""
        if not client:
            return
        yield client
    for column in _NAMES:
        if column in row.table.at and row.text(column) not in {"", SPOILT}:
            names = facts.found_names(row.text(column))
            yield from (invoice.client for invoice in facts.named(names))
            yield from (facts.spoilt_invoices[one] for one in names if one in facts.spoilt_invoices)


def _warning(problem: Problem, clients: tuple[str, ...]) -> Problem:
    said = f"Until then nothing is shown or sent to {', '.join(clients)}."
    return replace(problem, severity=Severity.WARNING, remedy=f"{problem.remedy} {said}".strip())
