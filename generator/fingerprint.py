"""A short text that changes whenever a value does: how a build knows which pages and messages it can keep.

It is taken of the accounts themselves, by all of their fields: a field that is added to them tomorrow counts by itself,
and nobody has to remember to list it. Only the place in the ledger where a fact stands is left out, since one line more
at the top of a file must not make every page again.
"""

from __future__ import annotations

import marshal
import sys
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.domain.ledger import SourceRef

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    #: The records that were met, by their identity in memory: each has a number.
    Met = dict[int, tuple[int]]
    #: Makes texts, numbers and lists of them of a value.
    Writer = Callable[[Any, Met], object]

#: The form of `marshal` in which equal values are written alike, whether or not they are one and the same in memory.
_BY_VALUE = 2
_AS_THEY_ARE = frozenset({str, int, bool, type(None)})


#: The libraries that have a part in what a page or a message says.
_LIBRARIES = ("babel", "css-inline", "icalendar", "idna", "jinja2", "markdown", "markupsafe", "segno")


def stamp_of(known: object, folders: Iterable[Path]) -> str:
    """A text that changes with this program, its libraries, what is `known` to all, and any file of these folders."""
    stamp = blake2b(f"{_program()}{known!r}".encode(errors="surrogatepass"), digest_size=16)
    for folder in folders:
        stamp.update(b"\0folder\0")
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                _add(stamp, path, folder)
    return stamp.hexdigest()


@cache
def _program() -> str:
    stamp = blake2b(repr((sys.version, [version(library) for library in _LIBRARIES])).encode(), digest_size=16)
    home = Path(__file__).parent
    for path in sorted(home.rglob("*.py")):
        _add(stamp, path, home)
    return stamp.hexdigest()


def _add(stamp: blake2b, path: Path, folder: Path) -> None:
    content = path.read_bytes()
    stamp.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode(errors="surrogatepass") + content)


def fingerprint(stamp: str, value: object) -> str:
    """The fingerprint of records, texts and numbers; `stamp` stands for all that is the same for many values.

    Raises TypeError for a value that is none of these.
    """
    plain = _each((value,), {})
    try:
        written = marshal.dumps(plain, _BY_VALUE)
    except ValueError:  # something else than was declared: a word of a fixed list, say, is more than a text
        written = repr(plain).encode(errors="surrogatepass")
    return blake2b(stamp.encode() + written, digest_size=16).hexdigest()


class _Writers(dict[type, "Writer"]):
    """How each kind of value is written, worked out when the first one of it is met."""

    def __missing__(self, kind: type) -> Writer:
        self[kind] = found = _writer(kind)
        return found


_WRITERS = _Writers()


def _writer(kind: type) -> Writer:
    if is_dataclass(kind):
        return _record_writer(kind)
    if issubclass(kind, Enum):
        return lambda member, _: member._value_  # `value` is a property written in Python, ten times as slow
    if kind is Decimal or issubclass(kind, date):  # a day, or a moment with its zone
        return lambda value, _: (kind.__name__, str(value))
    known = _OTHERS.get(kind)
    if known is None:
        raise TypeError(f"no fingerprint can be taken of a {kind.__name__}")
    return known


def _each(values: Iterable[object], met: Met) -> list[object]:
    return [
        value if (kind := type(value)) in _AS_THEY_ARE else _WRITERS[kind](value, met)  # most are: no call for them
        for value in values
    ]


_OTHERS: dict[type, Writer] = {
    SourceRef: lambda _, __: None,
    tuple: _each,
    list: _each,
    frozenset: lambda values, met: sorted(map(repr, _each(values, met))),  # of words: they have no order of their own
    dict: lambda values, met: [_each(pair, met) for pair in values.items()],
}

#: Fields of these types are never empty, so that one stroke reads the parts of all of them.
_PARTS = {"Money": ("minor", "currency"), "date": ("year", "month", "day")}
#: What these fields hold is written as it is.
_PLAIN = frozenset({"str", "int", "bool", "int | None", "tuple[str, ...]", "tuple[int, ...]"})


def _record_writer(kind: type[Any]) -> Writer:
    """A record as its name and all of its fields; the second time, as the number under which it was met first.

    The items of an account stand in its offers and reminders again: that is the same everywhere, whoever built them.
    """
    at_once: list[str] = []
    one_by_one: list[str] = []
    for field in fields(kind):
        parts = _parts(kind, str(field.type))
        at_once += [f"{field.name}.{part}" if part else field.name for part in parts]
        one_by_one += [] if parts else [field.name]
    name, read, get = kind.__name__, _getter(at_once), _getter(one_by_one)

    def write(record: Any, met: Met) -> object:  # noqa: ANN401 - any record
        number = met.get(id(record))
        if number is not None:
            return number
        met[id(record)] = (len(met),)
        return (name, read(record), _each(get(record), met)) if one_by_one else (name, read(record))

    return write


def _parts(kind: type, declared: str) -> tuple[str, ...]:
    """What is read of a field that is declared like this; nothing when each value has to be looked at."""
    if declared in _PLAIN:
        return ("",)
    named = vars(sys.modules[kind.__module__]).get(declared)
    if isinstance(named, type) and issubclass(named, Enum):
        return ("_value_",)
    return _PARTS.get(declared, ())


def _getter(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Reads these attributes; the first one twice, since of a single one `attrgetter` gives the value and no tuple."""
    return attrgetter(*names, names[0]) if names else lambda _: ()
