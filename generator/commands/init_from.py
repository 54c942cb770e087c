"""`relance init FOLDER --from FILE`: the ledger that is there already, how it is understood, and what only its owner can say."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from typing import TYPE_CHECKING

from generator.commands import DONE, counted, plural, say
from generator.commands.asking import answer, can_answer
from generator.commands.init import refuse_full, scaffold
from generator.config import load_settings
from generator.domain.ledger import InvoiceStatus, Problem, Severity
from generator.domain.money import total
from generator.errors import OutsideError, UsageError, UserError
from generator.problems import format_problem, quoted, stops
from generator.readers import FORMATS, read_ledger
from generator.readers.sheet_choice import choose, open_sheets
from generator.readers.sheet_columns import SHEET, propose

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from generator.domain.ledger import Invoice, Ledger
    from generator.readers.sheet_choice import Chosen

_SHOWN = 5  #: invoices, and problems, so many
_LOOKED_AT = 200  #: rows, to tell addresses from names
_TAKEN = {"clients.csv", "contacts.csv", "payments.csv"}  #: read beside the sheet, as something else
_MEANING = {
    "name": "the client's name",
    "number": "the number of the invoice",
    "issued": "the date of the invoice",
    "total": "what is to be paid, VAT included",
    "due": "the due date",
    "email": "the client's email address",
    "id": "your own id of the client",
    "paid_on": "the day it was paid",
    "paid": "whether it is paid",
    "paid_amount": "what was paid so far",
    "balance": "what is left to pay",
}
#: The names of the first columns of an accounting export (FEC), as bare words.
_ENTRIES = ("journalcode", "journallib", "ecriturenum", "ecrituredate", "comptenum")


def bring(folder: Path, source: Path, also: Callable[[Path], None] | None = None, *, yes: bool) -> int:
    """Raises UsageError for a full folder, and for what only the owner can say; UserError for a file that cannot be read.

    `also` writes what else is known of the owner.
    """
    refuse_full(folder)
    if not source.is_file():
        raise UsageError(f"{source} is not a file: nothing was written.")
    if not yes and not can_answer():
        raise UsageError(
            "init --from asks questions, and nobody can answer here: nothing was written. "
            "Run it in a terminal, or with --yes, which takes what is certain and refuses the rest."
        )
    name = f"factures{source.suffix}" if source.name.casefold() in _TAKEN else source.name
    if "fec" in FORMATS and _holds_entries(source):
        policy: Callable[[str], str] = lambda text: _policy(text, "fec", name, {})  # noqa: E731  (one of two, chosen here)
        say(f"{source.name} is an accounting export (FEC).")
    else:
        mapping = _mapping(source, yes=yes)
        policy = lambda text: _policy(text, "sheet", name, mapping)  # noqa: E731  (as above)

    def furnish(made: Path) -> None:
        if also is not None:
            also(made)
        _furnish(made, source, name, policy, yes=yes)

    scaffold(folder, furnish)
    there = shlex.quote(str(folder))
    say(f"Your folder is ready in {folder}, with {name} in {folder / 'ledger'}. Next:")
    say(
        f"  1. write your name, address and IBAN in {folder / 'portal.toml'}; what is understood of your columns stands there too"
    )
    say(f"  2. relance check --folder {there}   then   relance build --folder {there}")
    return DONE


def _holds_entries(source: Path) -> bool:
    """Whether a text file begins with the columns of an accounting export."""
    with source.open("rb") as stream:
        line = stream.readline(4096).decode("latin-1")
    words = [re.sub(r"[^a-z]", "", cell.casefold()) for cell in re.split(r"[|\t;]", line)]
    return sum(word in words for word in _ENTRIES) >= len(_ENTRIES) - 1


def _mapping(source: Path, *, yes: bool) -> dict[str, str]:
    """Our columns → those of the file, agreed on with the owner."""
    opened = open_sheets(source, source.name, {})
    if isinstance(opened, Problem):
        raise UserError([opened])
    chosen, told = choose(opened.sheets, (), {}, source.name)
    if not chosen:
        raise UserError(told)
    _say_sheets(source, chosen)
    first = chosen[0]
    rows = [cells for _, cells, _ in first.sheet.rows[first.index + 1 :][:_LOOKED_AT]]
    found = propose(first.headers, rows)
    if yes and (found.ambiguous or found.missing):
        raise UsageError(_refusal(found.ambiguous, found.missing))
    mapping = dict(found.placed)
    for column, theirs in found.ambiguous.items():
        mapping[column] = _ask(f"Which column is {_meaning(column)}?", theirs)
    for column in found.missing:
        free = [header for header in found.unplaced if header not in mapping.values()]
        mapping[column] = _ask(f"Which column is {_meaning(column)}?", free)
    say("How its columns are understood:")
    for column in SHEET.aliases:
        if column in mapping:
            say(f"  {mapping[column]:<24} {_meaning(column)}")
    if left := [header for header in found.unplaced if header not in mapping.values()]:
        say(f"Not read: {', '.join(left)}.")
    return mapping


def _say_sheets(source: Path, chosen: Sequence[Chosen]) -> None:
    names = ", ".join(one.sheet.name for one in chosen if one.sheet.name)
    named = f", {plural(len(chosen), 'sheet')} ({names})" if names else ""
    say(f"{source.name}{named}: the columns are named on line {chosen[0].line}.")


def _meaning(column: str) -> str:
    return _MEANING.get(column, column.replace("_", " "))


def _refusal(ambiguous: Mapping[str, Sequence[str]], missing: Sequence[str]) -> str:
    doubts = [f"{_meaning(column)} could be {' or '.join(map(quoted, theirs))}" for column, theirs in ambiguous.items()]
    doubts += [f"no column is surely {_meaning(column)}" for column in missing]
    return f"{'; '.join(doubts)}: nothing was written. Run it without --yes in a terminal, and say which."


def _ask(question: str, choices: Sequence[str]) -> str:
    """The owner's choice. Raises UsageError when no answer comes."""
    if not choices:
        raise UsageError(f"{question} None that is left could be: nothing was written. Add it to your file.")
    say(question)
    for number, choice in enumerate(choices, start=1):
        say(f"  {number}  {choice}")
    given = ""
    while not (given.isdecimal() and 1 <= int(given) <= len(choices)):
        given = answer(f"A number from 1 to {len(choices)}: ")
    return choices[int(given) - 1]


def _furnish(made: Path, source: Path, name: str, policy: Callable[[str], str], *, yes: bool) -> None:
    """The owner's ledger in the place of the sample; shown as it is understood, and thrown away when that is not right."""
    for sample in (made / "ledger").glob("*.csv"):
        sample.unlink()
    try:
        shutil.copyfile(source, made / "ledger" / name)
    except OSError as refused:
        raise OutsideError(f"{source} cannot be copied: {refused.strerror}. Nothing was written.") from refused
    file = made / "portal.toml"
    file.write_text(policy(file.read_text(encoding="utf-8")), encoding="utf-8")
    settings, problems = load_settings(made)
    if settings is None:
        raise UserError(problems)
    ledger, found = read_ledger(settings)
    _show(ledger)
    _say_problems([problem for problem in [*problems, *found] if problem.code != "column-unknown"])
    if not yes and answer("Is that right? (y/n) ").casefold() not in {"y", "yes", "o", "oui"}:
        raise UsageError(
            "Nothing was written. Rename the columns in your file as docs/how-to/one-sheet.md shows, and run it again."
        )


def _policy(text: str, form: str, name: str, mapping: Mapping[str, str]) -> str:
    """The scaffold's policy, with this ledger in it."""
    said = f"format = {_toml(form)}\nfile = {_toml(f'ledger/{name}')}"
    text, count = re.subn(r'^#format = "csv".*$', lambda _: said, text, count=1, flags=re.MULTILINE)
    columns = "\n".join(f"{column} = {_toml(mapping[column])}" for column in SHEET.aliases if column in mapping)
    if mapping:
        table = f"[ledger.columns.sheet]              # notre colonne = la vôtre\n{columns}"
        sample = r"^#\[ledger\.columns\.invoices\].*\n#total = .*$"
        text, more = re.subn(sample, lambda _: table, text, count=1, flags=re.MULTILINE)
        count = min(count, more)
    if not count:
        raise AssertionError("the scaffold has no place for the ledger")
    return text


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _show(ledger: Ledger) -> None:
    """The first invoices as they were understood."""
    say(f"{plural(len(ledger.invoices), 'invoice')} of {plural(len(ledger.clients), 'client')}. The first ones:")
    rows = [("client", "number", "issued", "due", "total", "paid")]
    for invoice in ledger.invoices[:_SHOWN]:
        client = ledger.clients.get(invoice.client)
        dates = (invoice.issued.isoformat(), invoice.due.isoformat())
        rows.append(
            (client.name if client else invoice.client, invoice.id, *dates, str(invoice.total), _paid(ledger, invoice))
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        say("  " + "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())


def _paid(ledger: Ledger, invoice: Invoice) -> str:
    if invoice.status is InvoiceStatus.PAID:
        return "all, day not known"
    if invoice.paid_undated:
        return f"{invoice.paid_undated}, day not known"
    payments = [payment for payment in ledger.payments if invoice.id in payment.invoices]
    if not payments:
        return "no"
    return (
        f"{total((payment.amount for payment in payments), invoice.total.currency)} on {payments[-1].date.isoformat()}"
    )


def _say_problems(problems: Sequence[Problem]) -> None:
    """The gravest problems first; those that are left are for `check`."""
    order = list(Severity)
    ordered = sorted(problems, key=lambda problem: order.index(problem.severity))
    for problem in ordered[:_SHOWN]:
        say(format_problem(problem))
    if ordered:
        say(f"{counted(problems)}: relance check lists {'them' if len(problems) > 1 else 'it'}.")
    if stops(problems):
        say("The errors must be corrected before anything is built: in your file, or in portal.toml.")
