"""The clients of a FEC: one for each auxiliary account, with what clients.csv says of them beside it, as far as it does."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from generator.checks import fold, slug
from generator.domain.ledger import Channel
from generator.problems import fec as problems
from generator.readers.assembly import read_file
from generator.readers.cells import client_id, listed
from generator.readers.columns import CLIENTS
from generator.readers.fec.entries import RETENTION
from generator.readers.row import SPOILT
from generator.readers.table import Table
from generator.readers.words import CHANNELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from generator.config import Settings
    from generator.domain.ledger import SourceRef
    from generator.readers.fec.entries import Line, Spoilt
    from generator.readers.row import Row

_LONGEST_ID = 60
_NAMED_LIKE_THIS = {"id": "CompAuxNum", "name": "CompAuxLib"}


@dataclass(slots=True)
class _Account:
    """An account of a client: what it is called in the accounts, and where it is first met."""

    called: str
    file: str
    number: int
    doubtful: bool
    name: str


@dataclass(slots=True)
class People:
    """Everybody with an account of their own. `ids` has the client's id by what tells them apart in the lines (`Line.who`)."""

    beside: Table
    table: Table
    ids: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    _rows: dict[str, Row] = field(default_factory=dict)
    _taken: dict[str, str] = field(default_factory=dict)
    _called: dict[str, list[str]] = field(default_factory=dict)

    @property
    def tables(self) -> list[Table]:
        """The clients of clients.csv, then the others."""
        return [self.beside, self.table]

    def text(self, client: str, column: str) -> str:
        """What clients.csv says of a client."""
        row = self._rows.get(fold(client))
        return "" if row is None else row.text(column).replace(SPOILT, "")

    def enter(self, lines: Iterable[Line], spoilt: Iterable[tuple[str, Spoilt]]) -> None:
        """Gives everybody their id and name, also those of whom nothing can be read; of several names the last one counts."""
        for row in self.beside.rows:
            self._rows.setdefault(fold(row.text("id")), row)
            self._taken.setdefault(fold(row.text("id")), "")
        by_account = {fold(name): row for row in self.beside.rows for name in listed(row.text("account"))}
        found: dict[str, _Account] = {}
        for line in lines:
            known = found.get(line.who)
            if known is None or (known.doubtful and not line.doubtful):
                called = line.aux or line.account
                known = found[line.who] = _Account(
                    called, line.file, line.number, line.doubtful, known.name if known else ""
                )
            known.name = line.names[0 if line.aux else 1] or known.name
        for file, broken in spoilt:
            texts = broken.cells
            called = texts.get("CompAuxNum", "") or texts["CompteNum"]
            name = texts.get("CompAuxLib" if texts.get("CompAuxNum") else "CompteLib", "")
            found.setdefault(broken.who, _Account(called, file, broken.number, doubtful=False, name=name))
        for who, account in found.items():
            self.accounts[who] = account.called
            beside = by_account.get(fold(account.called)) or self._rows.get(fold(account.called))
            self.ids[who] = beside.text("id") if beside is not None else self._new_id(account.called)
            if beside is not None:
                self._name(beside, account.name or account.called)
            else:
                values = {"id": self.ids[who], "name": account.name or account.called}
                self.table.add(account.number, values, account.file)
            self._call(self.ids[who], account.called, account.name)
        for row in self.beside.rows:
            self._call(row.text("id"), row.text("id"), row.text("name"), *listed(row.text("account")))
            self._name(row, row.text("id"))

    def named(self, *texts: str) -> list[str]:
        """The clients whose whole name, account or id one of these texts is; of several of one name all."""
        return list(dict.fromkeys(client for text in texts if text for client in self._called.get(fold(text), ())))

    def _call(self, client: str, *names: str) -> None:
        for name in filter(None, names):
            self._called.setdefault(fold(name), []).append(client)

    def _name(self, row: Row, name: str) -> None:
        if not row.text("name"):
            self.beside.fill(row, "name", name)

    def _new_id(self, account: str) -> str:
        """The account itself where it can be an id; else made from it, and the same in every export."""
        found = account
        if client_id(account) is not None or self._taken.get(fold(account), account) != account:
            mark = hashlib.sha256(account.encode()).hexdigest()[:6]
            found = f"{slug(account).replace('_', '-')[:_LONGEST_ID].strip('-') or 'client'}-{mark}"
        self._taken[fold(found)] = account
        return found

    def tell_unreached(self, lines: Sequence[Line], reachable: set[str], where: SourceRef) -> None:
        """Says once how many who owe something can be sent nothing."""
        owed: Counter[str] = Counter()
        for line in lines:
            owed[self.ids[line.who]] += line.amount
        unreached = [
            client
            for client, amount in owed.items()
            if amount > 0
            and not self.text(client, "email")
            and fold(client) not in reachable
            and CHANNELS.get(slug(self.text(client, "channel"))) in {None, Channel.EMAIL}
        ]
        if unreached:
            count = f"{len(unreached)} clients" if len(unreached) > 1 else "1 client"
            self.table.problems.append(problems.NO_ADDRESS.at(where, count=count))

    def tell_collective(self, lines: Iterable[Line], prefixes: Iterable[str], where: SourceRef) -> None:
        """Says which accounts gather several clients in one."""
        beginnings = {prefix for prefix in prefixes if prefix != RETENTION}
        counts = Counter(line.account for line in lines if not line.aux and line.account.rstrip("0") in beginnings)
        for account, count in counts.items():
            entries = f"{count} entries" if count > 1 else "1 entry"
            self.table.problems.append(problems.ACCOUNT_COLLECTIVE.at(where, account, count=entries))


def open_people(settings: Settings, file: str) -> People:
    """Nobody yet, and clients.csv beside the FEC: it may be missing, or not be written yet."""
    mapping = settings.ledger.columns.get(CLIENTS.name, {})
    columns = replace(CLIENTS, required=("id",), optional_file=True)
    path = settings.folder / settings.ledger.path / CLIENTS.file
    #: A shell makes the file empty before we write our list into it. A name may be too long for Path.is_file.
    unwritten = os.path.isfile(path) and not path.stat().st_size  # noqa: PTH113 - as said
    beside = Table(columns, CLIENTS.file) if unwritten else read_file(settings, columns, mapping)
    return People(beside, Table.of(CLIENTS, file, _NAMED_LIKE_THIS))
