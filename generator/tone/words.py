"""The word lists: what a message should not say, why, and what to say instead.

A list is a file of data, one for each language and `any.toml` for all of them: ours beside this module, the owner's own in
`portal_templates/tone/`. A new language is a new file.

    [[wording]]
    phrases = ["dernier* avertissement*"]      # words; * stands for any letters, … for up to five words
    signs = ["!!", ";-)", "😀…🙏"]              # or signs, as they are; a range of them with …
    capitals = 2                               # or so many words of four letters or more in capitals, in a row
    kind = "threat"                            # what it does: one of `Kind`
    reason = "One sentence: the law, or manners."
    instead = "What to write instead."
    except = ["formal-notice"]                 # templates in which it is right; "last-reminder": before the notice, or firm;
                                               # "claimed": where late fees that were claimed are told

    [[allow]]                                  # in the owner's own lists
    phrase = "notre service contentieux"
    reason = "We do have one: 2 rue du Port, Lyon."
    in = ["reminder-3"]                        # left out: in every template
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.domain.ledger import SourceRef
from generator.problems.tone import TONE_LIST_WRONG
from generator.tone.plain import BETWEEN, fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.domain.ledger import Problem

EVERY_LANGUAGE = "any"
_SHIPPED = Path(__file__).resolve().parent
_UP_TO_FIVE_WORDS = rf"(?:{BETWEEN}+\w+){{0,5}}"
_HEADER = re.compile(r"^\s*\[\[\s*(\w+)\s*\]\]")
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)")


class Kind(StrEnum):
    """What a wording does to its reader."""

    THREAT = "threat"
    PRESSURE = "pressure"
    SHAME = "shame"
    JOKE = "joke"
    FALSE_CLAIM = "false-claim"
    COURT_LOOK = "court-look"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words or signs to look for in folded text; `probe` is a piece of them that every place where they stand must hold."""

    probe: str
    expression: str

    def spans(self, folded: str) -> Iterator[tuple[int, int]]:
        """Every place where it stands. Most phrases stand nowhere: those are never compiled."""
        if self.probe in folded:
            yield from (found.span() for found in _compiled(self.expression).finditer(folded))


@dataclass(frozen=True, slots=True)
class Wording:
    """One entry of a list, ready to be looked for."""

    kind: Kind
    reason: str
    instead: str
    phrases: tuple[Phrase, ...]
    capitals: int = 0
    allowed_in: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Allowed:
    """A wording that the owner means; `templates` is empty when it may stand anywhere."""

    phrase: Phrase
    templates: frozenset[str] = frozenset()

    def holds_in(self, template: str) -> bool:
        """Whether it may stand in that template."""
        return not self.templates or template in self.templates


@dataclass(frozen=True, slots=True)
class WordList:
    """All that is looked for in one language."""

    wordings: tuple[Wording, ...] = ()
    allowed: tuple[Allowed, ...] = ()

    def __add__(self, other: WordList) -> WordList:
        return WordList(self.wordings + other.wordings, self.allowed + other.allowed)


class _WrongError(ValueError):
    """What is wrong with an entry."""


def listed_languages() -> tuple[str, ...]:
    """The languages of which a list ships."""
    return tuple(sorted(path.stem for path in _SHIPPED.glob("*.toml") if path.stem != EVERY_LANGUAGE))


def word_list(language: str, home: Path | None = None) -> tuple[WordList, list[Problem]]:
    """What is looked for in a language, ours and the owner's (`home` is their folder), with what is wrong in their files.

    A language of a country (`fr-CA`) adds to its base language.
    """
    found = WordList()
    problems: list[Problem] = []
    for name in dict.fromkeys((EVERY_LANGUAGE, language.split("-", maxsplit=1)[0], language)):
        shipped = _SHIPPED / f"{name}.toml"
        if shipped.is_file():
            more, wrong = read_list(shipped.read_text(encoding="utf-8"), shipped.name)
            found, problems = found + more, problems + wrong
        own = f"portal_templates/tone/{name}.toml"
        if home is not None and (home / own).is_file():
            more, wrong = _read_own(home / own, own)
            found, problems = found + more, problems + wrong
    return found, problems


def _read_own(path: Path, shown: str) -> tuple[WordList, list[Problem]]:
    try:
        return read_list(path.read_text(encoding="utf-8-sig"), shown)
    except (OSError, UnicodeDecodeError):
        return WordList(), [TONE_LIST_WRONG.at(SourceRef(shown), reason="it is not a file of UTF-8 text")]


def read_list(text: str, file: str) -> tuple[WordList, list[Problem]]:
    """A list from the text of its file; an entry that cannot be meant is told and left out."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        at = _AT_LINE.search(said)
        where = SourceRef(file, int(at[1]) if at else 0)
        return WordList(), [TONE_LIST_WRONG.at(where, reason=_AT_LINE.sub("", said).rstrip("."))]
    wordings: list[Wording] = []
    allowed: list[Allowed] = []
    problems: list[Problem] = []
    for table, line, entry in _entries(data, text):
        try:
            meant = _entry(table, entry)
        except _WrongError as error:
            problems.append(TONE_LIST_WRONG.at(SourceRef(file, line), reason=error))
        else:
            if isinstance(meant, Wording):
                wordings.append(meant)
            else:
                allowed.append(meant)
    return WordList(tuple(wordings), tuple(allowed)), problems


def _entries(data: dict[str, Any], text: str) -> Iterator[tuple[str, int, dict[str, Any] | None]]:
    """Every entry with the line where it begins; None for a table that is no list of entries."""
    heads = [(found[1], number) for number, line in enumerate(text.split("\n"), 1) if (found := _HEADER.match(line))]
    for table, entries in data.items():
        lines = [number for name, number in heads if name == table]
        if isinstance(entries, list) and len(lines) == len(entries):
            yield from ((table, line, entry) for line, entry in zip(lines, entries, strict=True))
        else:
            yield table, 0, None


def _entry(table: str, entry: dict[str, Any] | None) -> Wording | Allowed:
    if table not in {"wording", "allow"}:
        raise _WrongError(f"{table} is neither [[wording]] nor [[allow]]")
    if entry is None:
        raise _WrongError(f"{table} is not written as entries, each under its own [[{table}]]")
    return _wording(entry) if table == "wording" else _allowed(entry)


def _wording(entry: dict[str, Any]) -> Wording:
    _known(entry, {"phrases", "signs", "capitals", "kind", "reason", "instead", "except"})
    phrases, signs, capitals = _texts(entry, "phrases"), _texts(entry, "signs"), entry.get("capitals", 0)
    if not isinstance(capitals, int) or isinstance(capitals, bool) or capitals < 0:
        raise _WrongError("capitals is not a number of words")
    if not (phrases or signs or capitals):
        raise _WrongError("the entry has no phrases, signs or capitals to look for")
    kind = _text(entry, "kind")
    if kind not in set(Kind):
        raise _WrongError(f"kind is none of {', '.join(Kind)}")
    return Wording(
        kind=Kind(kind),
        reason=_text(entry, "reason"),
        instead=_text(entry, "instead"),
        phrases=(*map(_phrase, phrases), *map(_sign, signs)),
        capitals=capitals,
        allowed_in=frozenset(_texts(entry, "except")),
    )


def _allowed(entry: dict[str, Any]) -> Allowed:
    _known(entry, {"phrase", "reason", "in"})
    phrase = _text(entry, "phrase")
    _text(entry, "reason")
    meant = _phrase(phrase) if re.search(r"\w", phrase) else _sign(phrase)
    return Allowed(meant, frozenset(_texts(entry, "in")))


def _known(entry: dict[str, Any], keys: set[str]) -> None:
    if strange := sorted(entry.keys() - keys):
        raise _WrongError(f"{strange[0]} is none of the keys of an entry: {', '.join(sorted(keys))}")


def _text(entry: dict[str, Any], key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        raise _WrongError(f"the entry has no {key}")
    return " ".join(value.split())


def _texts(entry: dict[str, Any], key: str) -> tuple[str, ...]:
    value = entry.get(key, [])
    if not isinstance(value, list) or not all(isinstance(text, str) and text.strip() for text in value):
        raise _WrongError(f"{key} is not a list of texts")
    return tuple(value)


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression)


def _phrase(phrase: str) -> Phrase:
    """Whole words, whatever spaces, hyphens and quotation marks stand between them."""
    words = re.findall(r"[\w*]+|…", fold(phrase).replace("...", "…"))
    if not words or words[0] == "…" or words[-1] == "…":
        raise _WrongError(f"{phrase!r} is not a phrase that can be looked for")
    expression, first = "", True
    for word in words:
        if word == "…":
            expression += _UP_TO_FIVE_WORDS
        else:
            expression += ("" if first else f"{BETWEEN}+") + re.escape(word).replace(r"\*", r"\w*")
        first = False
    probe = max((part for word in words for part in re.split(r"[*…]", word)), key=len)
    if not probe:
        raise _WrongError(f"{phrase!r} would be found everywhere")
    return Phrase(probe, rf"(?<!\w){expression}(?!\w)")


def _sign(sign: str) -> Phrase:
    """Signs as they are; `😀…🙏` is any of a range."""
    first, dots, last = sign.partition("…")
    if dots and len(first) == len(last) == 1 and first < last:
        return Phrase("", f"[{re.escape(first)}-{re.escape(last)}]")
    parts = fold(sign).split()
    if not parts:
        raise _WrongError(f"{sign!r} is not a sign that can be looked for")
    before, after = (r"(?<!\w)" if parts[0][0].isalnum() else ""), (r"(?!\w)" if parts[-1][-1].isalnum() else "")
    return Phrase(parts[0], before + r"\s+".join(map(re.escape, parts)) + after)
