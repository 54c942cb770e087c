"""A ledger that is the accounts themselves: one FEC for each fiscal year, as every French accountant can export it.

Lines on the accounts of clients become invoices, credit notes and payments; clients.csv and contacts.csv say how to reach people.
"""

from __future__ import annotations

import os
import re
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from generator.checks import fold
from generator.domain.ledger import Problem, SourceRef
from generator.domain.money import Money
from generator.problems import fec as problems
from generator.readers.assembly import LEARNT_FILES, Source, mapping_problems, read_file, unread_files, unseen
from generator.readers.cells import day
from generator.readers.columns import BANK_STATEMENTS, CLIENTS, CONTACTS, INVOICES, PAYMENTS
from generator.readers.fec.entries import Year, read_year
from generator.readers.fec.people import People, open_people
from generator.readers.fec.receivables import Receivables, receivables
from generator.readers.fec.rows import Rows
from generator.readers.fec.text import FecText, open_fec
from generator.readers.fec.years import Books, join_years

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.config import Settings
    from generator.readers.fec.entries import Line

_PATTERN = re.compile(r"[*?\[]")
_BESIDE = (CLIENTS, CONTACTS)


def read_fec(settings: Settings) -> Source:
    """Invoices, payments and clients of all the files that `[ledger] file` names."""
    before = mapping_problems(settings.ledger.columns, _BESIDE)
    texts = [open_fec(settings.folder / name, name) for name in _files(settings)]
    if not texts:
        return unseen([*before, problems.MISSING.at(SourceRef(settings.ledger.file))])
    wrong = [text for text in texts if isinstance(text, Problem)]
    if wrong:
        return unseen([*before, *wrong])
    currency, policy = settings.seller.currency, settings.ledger.fec
    years = [read_year(text, policy, currency) for text in texts if isinstance(text, FecText)]
    years.sort(key=lambda year: (year.last, year.file))
    if overlap := _overlap(years):
        return unseen([*before, overlap])
    return _source(settings, years, before)


def _source(settings: Settings, years: Sequence[Year], before: list[Problem]) -> Source:
    books = join_years(years)
    latest, currency = years[-1], settings.seller.currency
    people = open_people(settings, latest.file)
    people.enter(books.lines, [(year.file, spoilt) for year in years for spoilt in year.spoilt])
    contacts = read_file(settings, CONTACTS, settings.ledger.columns.get(CONTACTS.name, {}))
    if (problem := _terms_missing(settings, people, latest.file)) is not None:
        return unseen([*before, *people.beside.problems, problem])
    found = receivables(books.lines, people.ids, currency, {year.file: year.last for year in years})
    rows = Rows(people, currency, latest.file, sides="Montant" not in latest.text.at)
    rows.book(found)
    for year in years:
        rows.tell_of(year, settings.ledger.fec)
    where = SourceRef(latest.file)
    reachable = {fold(row.text("client")) for row in contacts.rows if row.text("email")}
    people.tell_unreached(books.lines, reachable, where)
    people.tell_collective(books.lines, (*settings.ledger.fec.accounts, *settings.ledger.fec.doubtful), where)
    after = [
        *_told(settings, years, books, found, people),
        *unread_files(settings, (*_BESIDE, *LEARNT_FILES), _in_ledger(settings, years)),
    ]
    tables = {
        CLIENTS.name: people.tables,
        CONTACTS.name: [contacts],
        INVOICES.name: [rows.invoices],
        PAYMENTS.name: [rows.payments],
    }
    return Source(tables, before, after)


def _files(settings: Settings) -> list[str]:
    """The files, from the owner's folder."""
    named = settings.ledger.file
    if not _PATTERN.search(named):
        return [named] if os.path.lexists(settings.folder / named) else []
    found = [] if named.startswith(("/", "~")) else settings.folder.glob(named)
    return sorted(path.relative_to(settings.folder).as_posix() for path in found if path.is_file())


def _in_ledger(settings: Settings, years: Sequence[Year]) -> list[str]:
    """The paths of the files inside the ledger folder, as far as they are there."""
    home = settings.folder / settings.ledger.path
    return [os.path.relpath(settings.folder / year.file, home) for year in years]


def _overlap(years: Sequence[Year]) -> Problem | None:
    for earlier, later in pairwise(years):
        if later.first <= earlier.last:
            return problems.YEARS_OVERLAP.at(SourceRef(later.file), earlier.file, day=later.first.isoformat())
    return None


def _terms_missing(settings: Settings, people: People, file: str) -> Problem | None:
    if settings.seller.terms:
        return None
    count = len({client for client in people.ids.values() if not people.text(client, "terms")})
    clients = f"{count} clients" if count > 1 else "1 client"
    return problems.TERMS_MISSING.at(SourceRef(file), count=clients) if count else None


def _told(settings: Settings, years: Sequence[Year], books: Books, found: Receivables, people: People) -> list[Problem]:
    """What the owner should know of the whole, each thing once."""
    latest = years[-1]
    where = SourceRef(latest.file)
    told: list[Problem] = []
    if not books.lines and not any(year.spoilt for year in years):
        told.append(problems.NO_RECEIVABLES.at(where, ", ".join(settings.ledger.fec.accounts)))
    for file, clients in books.differing.items():
        named = people.accounts.get(clients[0], clients[0])
        told.append(problems.OPENING_DIFFERS.at(SourceRef(file), named, count=_count(clients, "client")))
    if found.doubtful:
        accounts = ", ".join(settings.ledger.fec.doubtful)
        told.append(problems.DOUBTFUL.at(_place(found.doubtful), accounts, count=_count(found.doubtful, "invoice")))
    if found.elsewhere:
        first = found.elsewhere[0]
        told.append(
            problems.LETTERED_ELSEWHERE.at(
                _place(found.elsewhere), first.piece, count=_count(found.elsewhere, "invoice")
            )
        )
    if found.guessed:
        clients = list({line.who for line in found.guessed})
        count = _count(found.guessed, "payment")
        told.append(problems.UNLETTERED.at(_place(found.guessed), count=count, clients=_count(clients, "client")))
    for account, amount in latest.retained.items():
        if amount > 0:
            sum_ = f"{Money(amount, settings.seller.currency)} {settings.seller.currency}"
            told.append(problems.RETENTION.at(where, account, count=sum_))
    told_already = settings.policy.payments_up_to is not None or _stated_until(settings) >= latest.last_money
    if not told_already and latest.last_money > latest.first:
        on = latest.last_money.isoformat()
        told.append(problems.BOOKED_UNTIL.at(where, on, found_day=on))
    return told


def _stated_until(settings: Settings) -> date:
    """The last day of the bank statements that were read: how far payments are booked is theirs to tell, where they go further."""
    statements = read_file(settings, BANK_STATEMENTS, {})
    days = (day(row.text("ends")) for row in statements.rows)
    return max((found for found in days if isinstance(found, date)), default=date.min)


def _place(lines: Sequence[Line]) -> SourceRef:
    return SourceRef(lines[0].file, lines[0].number)


def _count(things: Sequence[object], word: str) -> str:
    return f"{len(things)} {word}s" if len(things) > 1 else f"1 {word}"
