"""The tone of templates: wording that threatens, presses, shames, jokes, claims what may not be so, or plays the court.

A doubt, never an error: words have more than one use, and the owner may have a reason. Looked at are the sentences that
clients read, in the files (so that the line can be told) and, for messages, as they read when they are filled in. What is
looked for, and why, is in the word lists (`words.py`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from generator.domain.ledger import SourceRef
from generator.domain.policy import Tone
from generator.problems.tone import TONE_DOUBTFUL
from generator.resources import bundled
from generator.tone.plain import readings
from generator.tone.words import Kind, Wording, WordList, listed_languages, read_list, word_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from generator.config import Settings
    from generator.domain.ledger import Problem
    from generator.tone.plain import Plain

__all__ = [
    "Finding",
    "Kind",
    "Spoken",
    "WordList",
    "Wording",
    "findings",
    "listed_languages",
    "read_list",
    "tone_problems",
    "word_list",
]

_ROOMS = ("emails", "letters", "pages", "links")  #: call sheets and the report are for the owner
_FRAMES = ("theme/email", "theme/letter", "theme/templates")
_FOR_THE_OWNER = "_owner"
_ENDINGS = {".md", ".html", ".jinja"}
_LAST_REMINDER = "last-reminder"
_LAST_OF_OURS = "reminder-3"
_CLAIMED = "claimed"  #: what is only said of late fees that were claimed, by law, from a business or a public body
_OF_FEES = frozenset({"_fees", "fees"})
_SHORTEST_SHOUT = 4

_VERDICTS: Mapping[Kind, str] = {
    Kind.THREAT: "threatens",
    Kind.PRESSURE: "presses",
    Kind.SHAME: "shames",
    Kind.JOKE: "jokes",
    Kind.FALSE_CLAIM: "claims what may not be so",
    Kind.COURT_LOOK: "sounds like a court or a bailiff",
}
_BRANCH = re.compile(r"\{%[-+]?\s*(if|elif|else|endif|for|endfor)\b(.*?)%\}", re.DOTALL)
_FIRM = re.compile(r"\btone\s*==\s*[\"']firm[\"']")
_TOLD = re.compile(r"\b(?:only_)?fee(?:s(?:_left|_only|_waived|_apart)?)?\b")
_NOT = re.compile(r"\bnot\s+[\w.]+")
_CHOICE = re.compile(r"\{\{((?:(?!\}\}).)*?)\bif\b((?:(?!\}\}).)*?)(?:\belse\b|\}\})", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+")
_NEXT_WORD = re.compile(r"[\s'’\-]+")


@dataclass(frozen=True, slots=True)
class Finding:
    """A doubtful wording, where it was met. `start` and `end` are places in the text that was looked at."""

    wording: Wording
    found: str
    line: int
    start: int
    end: int


class Spoken(NamedTuple):
    """A message as a client would read it, the template that it was made of, and whether its step speaks firmly.

    `claimed`: to a client from whom late fees are claimed, so that naming them is no threat.
    """

    where: SourceRef
    language: str
    template: str
    text: str
    firm: bool = False
    claimed: bool = False


def findings(source: str, words: WordList, template: str = "", roles: frozenset[str] = frozenset()) -> list[Finding]:
    """Every doubtful wording of a text, in the order of the text; of two phrases in the same words, the fuller one.

    `template` is the name of the file, `roles` what it is to the ladder: some words are right in a formal notice only.
    """
    wordings = [wording for wording in words.wordings if not wording.allowed_in & (roles | {template})]
    branches = {_LAST_REMINDER: _branches(source, _is_firm), _CLAIMED: _branches(source, _is_told)}
    met: dict[tuple[int, int, bool], Finding] = {}
    for plain in readings(source):
        excused = [
            span
            for allowed in words.allowed
            if allowed.holds_in(template)
            for span in allowed.phrase.spans(plain.folded)
        ]
        for wording in wordings:
            for start, end in _matches(plain, wording):
                span = plain.span(start, end)
                right = any(role in wording.allowed_in and _within(span, found) for role, found in branches.items())
                if not right and not _within((start, end), excused):
                    line = source.count("\n", 0, span[0]) + 1
                    finding = Finding(wording, plain.words(start, end), line, *span)
                    met.setdefault((*span, bool(wording.capitals)), finding)
    return [met[place] for place in sorted(met) if not any(_inside(place, other) for other in met)]


def _inside(place: tuple[int, int, bool], other: tuple[int, int, bool]) -> bool:
    """Whether a phrase is only a part of another. Capitals are no phrase: what they shout is told as well."""
    return place != other and place[2] == other[2] and other[0] <= place[0] and place[1] <= other[1]


def _within(span: tuple[int, int], others: Iterable[tuple[int, int]]) -> bool:
    return any(first <= span[0] and span[1] <= last for first, last in others)


def _branches(source: str, known: Callable[[str, str], bool]) -> list[tuple[int, int]]:
    """The stretches of a template that are read only on such a condition: `{% if tone == "firm" %}`, `{% if fees %}`."""
    branches: list[tuple[int, int]] = []
    opened: list[tuple[int, bool]] = []
    for tag in _BRANCH.finditer(source):
        word, condition = tag[1], tag[2]
        if word not in {"if", "for"} and opened:
            start, within = opened.pop()
            branches += [(start, tag.start())] if within else []
        if not word.startswith("end"):
            opened.append((tag.end(), known(word, condition)))
    branches += [choice.span(1) for choice in _CHOICE.finditer(source) if known("if", choice[2])]
    return branches


def _is_firm(word: str, condition: str) -> bool:
    return word != "for" and _FIRM.search(condition) is not None and not re.search(r"\bor\b", condition)


def _is_told(word: str, condition: str) -> bool:
    """Whether it is read of late fees that were claimed; the loop over them, too."""
    return word != "else" and _TOLD.search(_NOT.sub("", condition)) is not None and not re.search(r"\bor\b", condition)


def _matches(plain: Plain, wording: Wording) -> Iterator[tuple[int, int]]:
    for phrase in wording.phrases:
        yield from phrase.spans(plain.folded)
    if wording.capitals:
        yield from _shouts(plain, wording.capitals)


def _shouts(plain: Plain, least: int) -> Iterator[tuple[int, int]]:
    """Runs of words in capitals with at least `least` longer ones among them: abbreviations are short, or alone."""
    run: list[re.Match[str]] = []
    for word in [*_WORD.finditer(plain.text), None]:
        follows = bool(run) and word is not None and _NEXT_WORD.fullmatch(plain.text, run[-1].end(), word.start())
        if run and not (follows and word is not None and word[0].isupper()):
            if sum(len(one[0]) >= _SHORTEST_SHOUT for one in run) >= least:
                yield plain.seat.index(run[0].start()), len(plain.seat) - plain.seat[::-1].index(run[-1].end() - 1)
            run = []
        if word is not None and word[0].isupper():
            run.append(word)


def tone_problems(settings: Settings, spoken: Iterable[Spoken] = (), *, shipped: bool = False) -> list[Problem]:
    """What is doubtful in the owner's own templates, with file and line, and in messages made of them.

    `shipped` looks at ours too. A message is a second look, for what only comes together when it is filled in: it is told
    of the template, once.
    """
    lists: dict[str, WordList] = {}
    problems: dict[Problem, None] = {}

    def words(language: str) -> WordList:
        if language not in lists:
            lists[language], wrong = word_list(language, settings.folder)
            problems.update(dict.fromkeys(wrong))
        return lists[language]

    for path in sorted((settings.folder / "portal_templates" / "tone").glob("*.toml")):
        words(path.stem)  # so that a mistake in it is told, needed or not
    told: set[tuple[str, Wording]] = set()
    for path, shown, language in _files(settings, shipped=shipped):
        source = _read(path)
        for finding in findings(source, words(language), path.stem, _roles(settings, path.stem)):
            problems[_problem(finding, SourceRef(shown, finding.line), language)] = None
            told.add((language, finding.wording))
    for message in spoken:
        roles = _roles(settings, message.template) | ({_LAST_REMINDER} if message.firm else set())
        roles |= {_CLAIMED} if message.claimed else set()
        for finding in findings(message.text, words(message.language), message.template, roles):
            if (message.language, finding.wording) not in told:
                problems[_problem(finding, message.where, message.language)] = None
                told.add((message.language, finding.wording))
    return list(problems)


def _problem(finding: Finding, where: SourceRef, language: str) -> Problem:
    wording = finding.wording
    return TONE_DOUBTFUL.at(
        where,
        finding.found,
        verdict=_VERDICTS[wording.kind],
        reason=wording.reason,
        instead=wording.instead,
        language=language,
    )


def _roles(settings: Settings, template: str) -> frozenset[str]:
    """What a template is to the ladder: the last reminder is the one before the formal notice, or speaks as firmly."""
    policy = settings.policy.reminders
    ladders = (policy.steps, *policy.ladders.values())
    last = {before.template_name for steps in ladders for before, step in pairwise(steps) if step.formal}
    last |= {step.template_name for steps in ladders for step in steps if step.tone is Tone.FIRM} | {_LAST_OF_OURS}
    found = {_LAST_REMINDER} if template in last else set()
    return frozenset(found | ({_CLAIMED} if template in _OF_FEES else set()))


def _files(settings: Settings, *, shipped: bool) -> Iterator[tuple[Path, str, str]]:
    """Every file with sentences for clients, as it is shown, and its language."""
    homes = [(settings.folder, "")]
    if shipped:
        homes.append((bundled("portal_templates").parent, " (bundled)"))
    for home, suffix in homes:
        for room in _ROOMS:
            for path in sorted((home / "portal_templates" / room).glob("*/*")):
                if path.suffix in _ENDINGS and path.stem != _FOR_THE_OWNER:
                    yield path, path.relative_to(home).as_posix() + suffix, path.parent.name
        for frame in _FRAMES:
            for path in sorted((home / frame).rglob("*.html")):
                yield path, path.relative_to(home).as_posix() + suffix, settings.seller.language


def _read(path: Path) -> str:
    """The file as it is; what is not UTF-8 is a mistake of the template, and told as one where it is rendered."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""
