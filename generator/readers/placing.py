"""Which of a file's columns is which of ours: by the owner's word, else by name, else by an alias. Never by a guess."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.checks import slug

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.readers.columns import FileColumns


@dataclass(frozen=True, slots=True)
class Placement:
    """Places are counted from 0. `at`: where each of our columns was found.

    `rivals`: all the places that could be one column of ours, where there are several (`at` has the first of them).
    `absent`: what the owner's word calls a column, and no header does. `left`: the places of what is not ours.
    """

    at: dict[str, int]
    rivals: dict[str, tuple[int, ...]]
    absent: dict[str, str]
    left: tuple[int, ...]


def place(columns: FileColumns, headers: Sequence[str], mapping: Mapping[str, str]) -> Placement:
    """Finds our columns among the headers of a file; `mapping` is the owner's word."""
    words = [slug(header) for header in headers]
    at: dict[str, int] = {}
    rivals: dict[str, tuple[int, ...]] = {}
    absent: dict[str, str] = {}
    taken: set[int] = set()

    def take(column: str, found: Sequence[int]) -> None:
        at[column] = found[0]
        taken.update(found)
        if len(found) > 1:
            rivals[column] = tuple(found)

    for column, header in mapping.items():
        if column in columns.aliases:
            exact = [index for index, known in enumerate(headers) if known == header]
            alike = [index for index, word in enumerate(words) if word and word == slug(header)]
            if exact or alike:
                take(column, exact or alike[:1])
            else:
                absent[column] = header
    for column, aliases in columns.aliases.items():
        if column in mapping:
            continue
        free = [index for index in range(len(words)) if index not in taken]
        named = [index for index in free if words[index] == column]
        others = [index for index in free if words[index] in aliases]
        if found := named or others if columns.own_name_first else sorted({*named, *others}):
            take(column, found)
    left = tuple(index for index, header in enumerate(headers) if header and index not in taken)
    return Placement(at, rivals, absent, left)
