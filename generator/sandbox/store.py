"""The sandbox's memory: tables in order of arrival, identifiers, and a file to keep it all in."""

from __future__ import annotations

import json
import os
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from generator.sandbox.records import Balance, Charge, Dispute, Intent, Line, Link, Record, Refund, Saved, Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

T = TypeVar("T", bound=Record)

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_FORMAT = 1
#: Writing the state may take a twentieth of the time: a large state is written more rarely.
_PATIENCE = 20


class Table(Generic[T]):
    """Records of one kind, by identifier and in order of arrival. Nothing is ever deleted, so a place is for ever."""

    def __init__(self, kind: type[T], name: str) -> None:
        """`name` is what Stripe calls such an object."""
        self.kind = kind
        self.name = name
        self._rows: list[T] = []
        self._places: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, identifier: object) -> bool:
        return identifier in self._places

    def __iter__(self) -> Iterator[T]:
        return iter(self._rows)

    def add(self, record: T) -> T:
        """The record, remembered."""
        self._places[record.id] = len(self._rows)
        self._rows.append(record)
        return record

    def get(self, identifier: str) -> T | None:
        """The record of that identifier."""
        place = self._places.get(identifier)
        return None if place is None else self._rows[place]

    def __getitem__(self, identifier: str) -> T:
        return self._rows[self._places[identifier]]

    def older(self, than: str | None) -> Iterator[T]:
        """The newest first, from just before `than`."""
        start = len(self._rows) if than is None else self._places[than]
        return (self._rows[place] for place in range(start - 1, -1, -1))

    def newer(self, than: str) -> Iterator[T]:
        """The oldest first, from just after `than`."""
        return (self._rows[place] for place in range(self._places[than] + 1, len(self._rows)))


class Store:
    """Everything the sandbox knows."""

    def __init__(self) -> None:
        """Empty."""
        self.links = Table(Link, "payment_link")
        self.sessions = Table(Session, "checkout.session")
        self.intents = Table(Intent, "payment_intent")
        self.charges = Table(Charge, "charge")
        self.refunds = Table(Refund, "refund")
        self.disputes = Table(Dispute, "dispute")
        self.balances = Table(Balance, "balance_transaction")
        self.saved: dict[str, Saved] = {}
        self.counters: dict[str, int] = {}
        self.products: dict[str, tuple[Line, int]] = {}
        self._sessions_of: dict[str, list[Session]] = {}
        self._open: list[Session] = []
        self._kinds = {table.name: table for table in self.tables.values()}

    @property
    def tables(self) -> dict[str, Table[Any]]:
        """All tables, by the name that the state file gives them."""
        return {
            "links": self.links,
            "sessions": self.sessions,
            "intents": self.intents,
            "charges": self.charges,
            "refunds": self.refunds,
            "disputes": self.disputes,
            "balances": self.balances,
        }

    def table(self, kind: str) -> Table[Any]:
        """The table of what Stripe calls by that name."""
        return self._kinds[kind]

    def new_id(self, prefix: str, key: str | None = None) -> str:
        """An identifier that looks like Stripe's: the same for the same key, else for the same place in the sequence."""
        turn = self.counters[prefix] = self.counters.get(prefix, 0) + 1
        seed = f"{prefix}:{turn}" if key is None else f"{prefix}:key:{key}"
        return f"{prefix}_{_letters(seed)}"

    def link_id(self, key: str | None) -> str:
        """The identifier of a new link, which follows from its idempotency key alone as long as that is possible."""
        identifier = self.new_id("plink", key)
        while identifier in self.links:  # the key was used before and has been forgotten since
            identifier = self.new_id("plink")
        return identifier

    def add_link(self, link: Link) -> Link:
        """A link, whose products can be found."""
        self.products.update({line.product: (line, link.created) for line in link.lines})
        return self.links.add(link)

    def add_session(self, session: Session) -> Session:
        """A session, findable by its link."""
        self._sessions_of.setdefault(session.link, []).append(session)
        if session.status == "open":
            self._open.append(session)
        return self.sessions.add(session)

    def open_sessions(self, until: int) -> list[Session]:
        """The sessions that are open although their time is over at second `until`."""
        self._open = [session for session in self._open if session.status == "open"]
        return [session for session in self._open if session.expires_at <= until]

    def sessions_of(self, link: str) -> list[Session]:
        """The sessions of a link, oldest first."""
        return self._sessions_of.get(link, [])

    def dump(self) -> str:
        """All of it as JSON."""
        state: dict[str, Any] = {name: [asdict(record) for record in table] for name, table in self.tables.items()}
        state |= {
            "format": _FORMAT,
            "counters": self.counters,
            "saved": {key: asdict(saved) for key, saved in self.saved.items()},
        }
        return json.dumps(state, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def load(cls, text: str) -> Store:
        """What `dump` wrote. Raises ValueError for anything else."""
        try:
            state = json.loads(text)
            if state["format"] != _FORMAT:
                raise ValueError("another format")
            store = cls()
            for name, table in store.tables.items():
                for values in state[name]:
                    if name == "links":
                        values["lines"] = [Line(**line) for line in values["lines"]]
                    record = table.kind(**values)
                    if isinstance(record, Session):
                        store.add_session(record)
                    elif isinstance(record, Link):
                        store.add_link(record)
                    else:
                        table.add(record)
            store.counters = {str(name): int(turn) for name, turn in state["counters"].items()}
            store.saved = {key: Saved(**saved) for key, saved in state["saved"].items()}
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a state of the sandbox: {error}") from error
        return store


def _letters(seed: str, length: int = 24) -> str:
    number = int.from_bytes(blake2b(seed.encode(), digest_size=20).digest())
    letters = []
    for _ in range(length):
        number, index = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[index])
    return "".join(letters)


class Keeper:
    """Keeps a state in one file, written aside and renamed: at once while that is cheap, else a little later."""

    def __init__(self, path: Path, dump: Callable[[], str], lock: threading.RLock) -> None:
        """`dump` is called under `lock`."""
        self._path = path
        self._dump = dump
        self._lock = lock
        self._cost = 0.0
        self._written_at = 0.0
        self._timer: threading.Timer | None = None
        self._changed = False

    def changed(self) -> None:
        """Something changed: to be called under the lock."""
        self._changed = True
        if self._timer is not None:
            return
        wait = self._written_at + _PATIENCE * self._cost - time.monotonic()
        if wait <= 0:
            self.flush()
            return
        self._timer = threading.Timer(wait, self._later)
        self._timer.daemon = True
        self._timer.start()

    def flush(self) -> None:
        """Writes what is not written yet. Raises OSError when the disk refuses."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if not self._changed:
                return
            began = time.monotonic()
            self._write(self._dump())
            self._changed = False
            self._written_at = time.monotonic()
            self._cost = self._written_at - began

    def _later(self) -> None:
        """A full disk is told to whoever flushes next, not to a thread that nobody hears."""
        with suppress(OSError):
            self.flush()

    def _write(self, text: str) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        aside = self._path.with_name(f".{self._path.name}.{os.getpid()}.tmp")
        try:
            with aside.open("w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            aside.replace(self._path)
        except OSError:
            with suppress(OSError):
                aside.unlink(missing_ok=True)
            raise
