"""The rows of a sheet below its headers that may be invoices: not the headers again, not what is prepared or merely written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.checks import slug
from generator.domain.ledger import SourceRef
from generator.problems import sheets as problems
from generator.readers.sheet_columns import OF_CLIENTS
from generator.readers.table import TOTAL_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.domain.ledger import Problem
    from generator.readers.sheet_choice import Chosen

#: What formulas and boxes leave in a row that waits to be filled in.
_NOTHING = frozenset({"", "0", "-", "–", "non", "FAUX", "FALSE", "0,00", "0.00", "0,00 €", "0 €", "- €", "-   €"})
#: How the words of a sum begin: a number of an invoice hardly ever does, and is then not looked at closely.
_LIKE_A_SUM = re.compile(
    r"[^0-9]{0,3}(?:tota|grand|sous|sub|somme|cumul|solde|nombre|moyenne|average|sum|balance|[àa]?.?report)",
    re.IGNORECASE,
)


def invoice_rows(chosen: Chosen, at: Mapping[str, int], told: list[Problem]) -> Iterator[tuple[int, list[str], bool]]:
    """Each row with its line, its cells, and whether they need a closer look. What was left out is told at the end."""
    sheet, headers = chosen.sheet, chosen.headers
    number, issued, total = (at.get(column, -1) for column in ("number", "issued", "total"))
    people = frozenset(at[column] for column in ("first_name", *OF_CLIENTS) if column in at)
    unused: list[tuple[int, str]] = []
    for line, cells, wary in sheet.rows[chosen.index + 1 :]:
        for column, text in sheet.merged.get(line, {}).items():
            if column in people and not cells[column]:
                cells[column] = text
        if _NOTHING.issuperset(cells) or _is_header(cells, headers, (number, issued, total)):
            continue
        if label := _no_invoice(cells, number, issued, total):
            unused.append((line, label))
            continue
        yield line, cells, wary
    if unused:
        line, label = unused[0]
        count = f"this row and {len(unused) - 1} more" if len(unused) > 1 else "this row"
        told.append(problems.ROWS_UNUSED.at(SourceRef(sheet.file, line), label, count=count))


def _is_header(cells: list[str], headers: list[str], places: tuple[int, ...]) -> bool:
    """Whether a row is the headers once more, as on every printed page."""
    return all(0 <= place < len(cells) and cells[place] == headers[place] for place in places)


def _no_invoice(cells: list[str], number: int, issued: int, total: int) -> str:
    """What a row says that says nothing of an invoice: a heading between others, a number that waits to be used, a sum.

    A sum is one by its first word, whatever else its row repeats: a client, a date, an amount that is asked for already.
    """
    here = [cells[place] if 0 <= place < len(cells) else "" for place in (number, issued, total)]
    if _LIKE_A_SUM.match(here[0]) and not _NOTHING.intersection(here) and TOTAL_WORDS.fullmatch(slug(here[0])):
        return here[0]  # a sum with less in its row is seen for what it is when rows are read
    if min(number, issued, total) < 0 or here[1] not in _NOTHING or here[2] not in _NOTHING:
        return ""
    filled = [cell for cell in cells if cell not in _NOTHING]
    if here[0] in _NOTHING:
        return filled[0] if len(filled) == 1 else ""
    return here[0] if len(filled) == 1 else ""
