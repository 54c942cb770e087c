"""The list of doubtful movements as it comes back from its owner: what is to be booked, for whom, and what is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from generator.domain.matching import Decision
from generator.problems import bank as problems
from generator.readers import read_further
from generator.readers.columns import LEARNT_PAYMENTS, FileColumns
from generator.readers.row import YES_OR_NO
from generator.readers.table import Table, read_table

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from generator.config import Settings
    from generator.domain.bank import Movement
    from generator.domain.ledger import Problem
    from generator.readers.row import Row

#: The columns of the list, each with what it is called in French first; `mark` tells which movement a line is about.
TICKS = FileColumns(
    "rapprochement",
    required=("decision", "mark"),
    optional_file=False,
    aliases={
        "decision": ("oui_ou_non", "yes_or_no", "oui", "yes"),
        "client": ("code_client",),
        "invoice": ("facture", "factures", "invoices"),
        "date": ("date_operation",),
        "amount": ("montant",),
        "currency": ("devise",),
        "payer": ("payeur",),
        "text": ("libelle",),
        "why": ("pourquoi",),
        "statement": ("releve",),
        "mark": ("repere",),
    },
)

#: The columns of a payment, each with the column of the list that says it.
_ASKED = {name: name for name in ("date", "client", "amount", "currency", "invoice")} | {"bank": "mark"}


class Tick(NamedTuple):
    """What the owner wrote on a line, as it is written."""

    decision: str
    client: str
    invoice: str


def headings(language: str) -> list[str]:
    """The names of the columns as the owner reads them."""
    if language.startswith("fr"):
        names = {"decision": "oui ou non", "client": "client", "date": "date", "text": "libellé", "statement": "relevé"}
        names["mark"] = "repère"
        return [names.get(column, aliases[0]) for column, aliases in TICKS.aliases.items()]
    return ["yes or no" if column == "decision" else column for column in TICKS.aliases]


def read_ticks(path: Path, file: str) -> tuple[dict[str, Tick], list[Row], list[Problem]]:
    """Each line by the mark of its movement, the lines themselves, and what is wrong with the file as one."""
    table = read_table(path, file, TICKS, {})
    ticks: dict[str, Tick] = {}
    settled: dict[str, Row] = {}
    for row in table.rows:
        mark, decision = row.text("mark"), row.text("decision")
        if mark in settled and decision:
            row.fail(problems.TICK_TWICE.at(row.ref("mark"), mark, line=settled[mark].line))
        elif mark and mark not in settled:
            ticks[mark] = Tick(decision, row.text("client"), row.text("invoice"))
            settled |= {mark: row} if decision else {}
    return ticks, table.rows, table.problems


def read_decisions(
    rows: list[Row], movements: Mapping[str, Movement], settings: Settings, settled: Collection[str]
) -> tuple[dict[str, Decision], list[Problem]]:
    """What is decided of the movements by their marks; what cannot be is told, line by line.

    What is to be booked is read as the rows of a ledger are, beside the ledger as it is, so that it is judged like them.
    `settled` are the marks of movements that are booked or set aside: a line about one of these is passed over.
    """
    decisions: dict[str, Decision] = {}
    booked: dict[int, str] = {}
    problems_: list[Problem] = []
    names = {ours: rows[0].table.header(theirs) for ours, theirs in _ASKED.items()} if rows else {}
    table = Table.of(LEARNT_PAYMENTS, rows[0].table.file if rows else "", names)
    for row in rows:
        if not row.text("decision") or not row.need("mark") or row.text("mark") in settled:
            continue
        said, movement = row.word("decision", YES_OR_NO, "", "yes or no"), movements.get(row.text("mark"))
        if movement is None:
            row.fail(problems.TICK_UNKNOWN.at(row.ref("mark"), row.text("mark")))
        elif said == "no":
            decisions[movement.mark] = Decision()
        elif said == "yes" and not row.text("client"):
            row.fail(problems.TICK_UNSURE.at(row.ref("client"), row.text("client")))
        elif said == "yes":
            booked[row.line] = movement.mark
            table.add(row.line, _as_payment(row, movement))
    if booked:
        payments, problems_ = read_further(settings, table)
        decisions |= {booked[one.source.line]: Decision(one.client, one.invoices) for one in payments}
    return decisions, [*(rows[0].table.problems if rows else ()), *problems_]


def _as_payment(row: Row, movement: Movement) -> dict[str, str]:
    """The row of the ledger that a line stands for: the owner says whose and what for, the bank how much and when."""
    return {
        "date": movement.on.isoformat(),
        "client": row.text("client"),
        "amount": f"{movement.amount}0000" if "." in str(movement.amount) else str(movement.amount),  # never thousands
        "currency": movement.amount.currency,
        "invoice": row.text("invoice"),
        "bank": movement.mark,
    }
