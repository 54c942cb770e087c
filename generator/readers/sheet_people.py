"""The clients of a ledger that is one sheet: named in every row, gathered here into one row of clients.csv each.

An id is made from the name, and stays the same as long as the name does. One name is one client, whatever its case, accents and
punctuation; two addresses under it are one client's when their domain says so, and a question to the owner when it does not: two
people of one name must never see each other's invoices.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.checks import fold, slug
from generator.problems import quoted
from generator.problems import sheets as problems
from generator.readers.cells import client_id
from generator.readers.row import SPOILT, Row
from generator.readers.sheet_columns import OF_CLIENTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.domain.ledger import Problem, SourceRef
    from generator.readers.table import Table

_LONGEST_ID = 60
#: Where anybody may have a mailbox: a common domain says nothing of two addresses.
_PUBLIC = frozenset(
    """gmail googlemail orange wanadoo free sfr neuf laposte hotmail outlook live msn yahoo ymail icloud me mac aol bbox
    numericable protonmail proton gmx skynet telenet bluewin videotron""".split()  # noqa: SIM905 - a list of words
)


@dataclass(slots=True, eq=False)
class Person:
    """One client: what their rows say of them, column by column, each with its place. `own_id`: an id that the owner wrote."""

    id: str
    own_id: bool
    row: Row
    cells: dict[str, tuple[str, SourceRef]] = field(default_factory=dict)
    settled: frozenset[str] = frozenset()  # columns that clients.csv has the last word on
    seen: tuple[str, ...] = ()
    differing: set[str] = field(default_factory=set)


class People:
    """Everybody who is named in the sheets, and in clients.csv beside them."""

    def __init__(self, beside: Table | None) -> None:
        """With the rows of clients.csv, where there is one."""
        self.problems: list[Problem] = []
        self._by_id: dict[str, Person] = {}
        self._by_name: dict[str, list[Person]] = {}
        self._everybody: list[Person] = []
        self._known: dict[tuple[str, ...], Person] = {}
        self._beside = beside
        for row in beside.rows if beside else ():
            self._enter_beside(row)

    def _enter_beside(self, row: Row) -> None:
        texts = {column: text for column in row.table.columns.aliases if (text := row.text(column))}
        known = texts.get("id", "")
        person = Person(known or self._new_id(texts.get("name", "")), own_id=bool(known), row=row)
        person.cells = {column: (text, row.ref(column)) for column, text in texts.items()}
        person.settled = frozenset(texts)
        self._enter(person, texts.get("name", ""))

    def _enter(self, person: Person, name: str) -> None:
        self._everybody.append(person)
        self._by_id.setdefault(fold(person.id), person)
        if key := _key(name):
            self._by_name.setdefault(key, []).append(person)

    def announce(self, row: Row, known: str, name: str) -> None:
        """A row that writes an id: whoever has it is known before the rows that give the name alone are asked about."""
        if known and SPOILT not in (known, name):
            self._find(row, known, name, "")

    def of(self, row: Row, told: tuple[str, ...], columns: tuple[str, ...]) -> Person | None:
        """The client whom a row of a sheet is about; None when it names nobody.

        `told` is what it says of them, in the order of `columns`.
        """
        person = self._known.get(told)
        if person is not None and person.seen == told:
            return person
        cells = dict(zip(columns, told, strict=True))
        name, known = cells.get("name", ""), cells.get("id", "")
        if SPOILT in (name, known):
            return None
        person = person or self._find(row, known, name, cells.get("email", ""))
        if person is not None:
            self._known[told] = person
            person.seen = told
            self._add(person, row, cells)
        return person

    def next_sheet(self) -> None:
        """The columns may be others from here on."""
        self._known.clear()
        for person in self._everybody:
            person.seen = ()

    def _find(self, row: Row, known: str, name: str, email: str) -> Person | None:
        if known:
            person = self._by_id.get(fold(known))
            if person is None:
                alike = [one for one in self._by_name.get(_key(name), ()) if not one.own_id] if name else []
                person = alike[0] if len(alike) == 1 and alike[0].settled else None
                if person is not None:
                    person.id, person.own_id = known, True
                    self._by_id[fold(known)] = person
            return person or self._make(row, known, name, own_id=True)
        if not name:
            return self._with_address(email)
        found = self._by_name.get(_key(name), [])
        if len(found) > 1:
            same = [one for one in found if email and fold(one.cells.get("email", ("",))[0]) == fold(email)]
            if len(same) != 1:
                ids = ", ".join(one.id for one in found)
                row.fail(problems.CLIENT_NAMED_TWICE.at(row.ref("name"), name, known=ids))
                return None
            return same[0]
        return found[0] if found else self._make(row, self._new_id(name), name, own_id=False)

    def _with_address(self, email: str) -> Person | None:
        """A row without a name is that of the only client with its address."""
        same = [one for one in self._everybody if email and fold(one.cells.get("email", ("",))[0]) == fold(email)]
        return same[0] if len(same) == 1 else None

    def _make(self, row: Row, identity: str, name: str, *, own_id: bool) -> Person:
        person = Person(identity, own_id, row)
        self._enter(person, name)
        return person

    def _new_id(self, name: str) -> str:
        """The name as a bare word; with a mark of its own where that word is taken, too long or not allowed."""
        word = slug(name).replace("_", "-")
        mark = hashlib.sha256(fold(name).encode()).hexdigest()[:6]
        if not word or client_id(word) is not None or len(word) > _LONGEST_ID:
            word = f"{word[:_LONGEST_ID].strip('-') or 'client'}-{mark}"
        return f"{word}-{mark}" if fold(word) in self._by_id else word

    def _add(self, person: Person, row: Row, cells: dict[str, str]) -> None:
        """What a row says of a client who is known; of two rows the later one counts, and clients.csv always."""
        for column, text in cells.items():
            if not text or text == SPOILT or column == "id" or column in person.settled:
                continue
            before, place = person.cells.get(column), row.ref(column)
            if before is not None:
                if _same(column, before[0], text):
                    continue  # as it was spelt first
                if column not in person.differing:
                    person.differing.add(column)
                    self._tell_difference(person, column, (text, place), before)
            person.cells[column] = (text, place)

    def _tell_difference(
        self, person: Person, column: str, now: tuple[str, SourceRef], before: tuple[str, SourceRef]
    ) -> None:
        (text, here), (other, there) = now, before
        told = {"other": quoted(other), "place": f"in {there}", "client": person.id}
        if column == "email" and not person.own_id and not _one_house(text, other):
            self.problems.append(problems.CLIENT_EMAILS_DIFFER.at(here, text, **told))
        elif column != "name":
            self.problems.append(problems.CLIENT_WORDS_DIFFER.at(here, text, **told))

    def table(self, empty: Table) -> Table:
        """The rows of clients.csv that all this comes to, in a table that has a place for every column."""
        for person in self._everybody:
            cells = [""] * (len(empty.headers) + 1)
            for column, (text, _) in person.cells.items():
                cells[empty.at[column]] = text
            cells[empty.at["id"]] = person.id
            row = Row(empty, person.row.line, cells, person.row.file)
            row.failed = person.row.failed and person.row.table is self._beside
            row.places = {column: place for column, (_, place) in person.cells.items()}
            empty.files.add(row.file)
            empty.rows.append(row)
        empty.problems += [*(self._beside.problems if self._beside else ()), *self.problems, *self._shared_addresses()]
        empty.known = self._beside is None or self._beside.known
        return empty

    def _shared_addresses(self) -> Iterable[Problem]:
        first: dict[str, Person] = {}
        for person in self._everybody:
            email, place = person.cells.get("email", ("", None))
            if not email or place is None:
                continue
            other = first.setdefault(fold(email), person)
            if other is not person and not (other.own_id and person.own_id):
                where = other.cells["email"][1]
                yield problems.CLIENT_EMAIL_SHARED.at(place, email, other=quoted(_name(other)), place=f"{where}")


def names_of_clients(sheets: Iterable[Table], beside: Table | None) -> dict[str, str]:
    """Every column that a client may have here, as the first file that has it calls it."""
    tables = [*([beside] if beside else []), *sheets]
    every = {
        column: next((table.header(column) for table in tables if table.has(column)), "")
        for column in (*OF_CLIENTS, *(["terms", "notes"] if beside else []))
    }
    found = {column: header for column, header in every.items() if header}
    return {"id": "id", "name": "name", "email": "email"} | found


def _name(person: Person) -> str:
    return person.cells.get("name", (person.id,))[0]


def _key(name: str) -> str:
    """What a name has in common with its other spellings."""
    return slug(name) or fold(name).strip()


def _same(column: str, text: str, other: str) -> bool:
    if text == other or column == "email":
        return fold(text) == fold(other)
    if column == "name":
        return _key(text) == _key(other)
    return slug(text).replace("_", "") == slug(other).replace("_", "") != ""


def _one_house(address: str, other: str) -> bool:
    """Whether two addresses are of one domain, which is that of a company."""
    host, other_host = fold(address).rpartition("@")[2], fold(other).rpartition("@")[2]
    return host == other_host and bool(host) and not _PUBLIC.intersection(host.split("."))
