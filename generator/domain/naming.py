"""Who and what the words of a bank transfer name: our references, the numbers of invoices, the names of clients.

Banks write in capitals, drop accents and signs, cut long texts off, and put their own words around a name. What is found
here is what is surely there; what to make of it is for `matching` to say.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from generator.domain.references import is_reference, spelt_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_TOKEN = re.compile(r"[^\W_]+")
_MOST_PARTS = 8  #: words that one number may be written in: F 2026 118
_TELLING_WITH_LETTERS = 4
_TELLING_DIGITS = 7
_SHORTEST_NAME = 4
_SHORTEST_CUT_NAME = 10

#: Words after which a number is the number of an invoice.
_NAMING = frozenset(
    "facture factures fact fac fct fc fa facts n no nos num numero ref refs reference invoice invoices inv number".split()  # noqa: SIM905 - a list of words
)
_LINKING = frozenset({"et", "and", "n", "no", "fact", "facture"})

#: What says of a name only which kind of company it is: SARL Durand and Durand SAS are told alike.
_LEGAL_FORMS = frozenset(
    """sarl sas sasu sa eurl sci scp scm snc scop scic selarl selas earl gaec gie eirl ei micro me association asso
    ste societe ets etablissements ltd limited llc llp plc inc corp co company gmbh ag kg ug ohg bv nv srl sprl
    spa sl oy ab as aps""".split()  # noqa: SIM905 - a list of words
)
_TITLES = frozenset("m mr mme mlle mm monsieur madame mademoiselle mrs ms miss dr me maitre".split())  # noqa: SIM905 - a list of words
_LINKS = frozenset({"et", "and", "und"})
#: What banks write before the name of who sent a transfer.
_TRANSFER = frozenset(
    """vir virt virement virements sepa inst instantane recu recus de du en votre faveur transfer received from credit
    payment vrt ref emetteur par bank giro""".split()  # noqa: SIM905 - a list of words
)


def words_of(text: str) -> list[str]:
    """The words of a text in small letters, without accents; any sign between them is a space."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return _TOKEN.findall("".join(letter for letter in plain if not unicodedata.combining(letter)))


def _name_of(words: Iterable[str]) -> tuple[str, ...]:
    """What tells a name apart: no legal form, no title, no "and"; the words themselves when nothing else is left."""
    every = tuple(word for word in words if word not in _LINKS)
    return tuple(word for word in every if word not in _LEGAL_FORMS and word not in _TITLES) or every


class Named(NamedTuple):
    """An invoice (or part of one, or all parts of one) that a text names: its client, what it is called, its currency.

    `sure`: the number can be nothing else wherever it stands. `cut`: it is the last thing in the text, and begins the number
    of another client's invoice: the bank may have cut it off.
    """

    client: str
    number: str
    currency: str
    sure: bool = True
    cut: bool = False


class Referred(NamedTuple):
    """One of our references that a text carries: whose account it is of, and in which currency."""

    client: str
    currency: str
    reference: str


class Mentions:
    """All references and numbers that we gave our clients, arranged so that a text finds them."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._references: dict[str, set[Referred]] = {}
        self._numbers: dict[str, set[Named]] = {}
        self._sorted: list[str] = []

    def learn_reference(self, reference: str, client: str, currency: str) -> None:
        """A creditor reference that stands for (a part of) what a client owes."""
        if is_reference(reference):
            self._references.setdefault(reference.casefold(), set()).add(Referred(client, currency, reference))

    def learn_number(self, number: str, client: str, currency: str) -> None:
        """The number of an invoice, or the name of one part of it."""
        key = "".join(words_of(number))
        if any(character.isdigit() for character in key):
            self._numbers.setdefault(key, set()).add(Named(client, number, currency, sure=_telling(key)))
            self._sorted = []

    def references(self, texts: Sequence[str]) -> set[Referred]:
        """The references of ours that stand in these texts, in one piece or in groups of four."""
        found: set[Referred] = set()
        for text in texts:
            words = words_of(text)
            for place, word in enumerate(words):
                if word.startswith("rf"):
                    found |= spelt_by(islice(words, place, None), self._references) or set()
        return found

    def numbers(self, texts: Sequence[str]) -> set[Named]:
        """The numbers of ours that stand in these texts as words of their own, however their signs are written.

        Of numbers that begin at one place the longest holds, but where a shorter one is another client's: then both do.
        """
        found: set[Named] = set()
        for text in texts:
            words = words_of(text)
            place, naming = 0, False
            while place < len(words):
                length, here = self._numbers_at(words, place, naming=naming)
                found |= here
                word = words[place]
                naming = word in _NAMING or (naming and (bool(here) or word in _LINKING))
                place += length or 1
        return found

    def _numbers_at(self, words: Sequence[str], place: int, *, naming: bool) -> tuple[int, set[Named]]:
        compact, found, length = "", set[Named](), 0
        for count, word in enumerate(words[place : place + _MOST_PARTS], start=1):
            compact += word
            known = {named for named in self._numbers.get(compact, ()) if named.sure or naming}
            if known:
                if place + count == len(words):
                    known = {named._replace(cut=self._is_cut(compact, named.client)) for named in known}
                others = {named for named in found if named.client not in {one.client for one in known}}
                found, length = known | others, count
        return length, found

    def _is_cut(self, key: str, client: str) -> bool:
        """Whether the number of another client's invoice goes on where this one ends."""
        if not self._sorted:
            self._sorted = sorted(self._numbers)
        for longer in self._sorted[_place_after(self._sorted, key) :]:
            if not longer.startswith(key):
                return False
            if any(named.client != client for named in self._numbers[longer]):
                return True
        return False


def _place_after(keys: Sequence[str], key: str) -> int:
    low, high = 0, len(keys)
    while low < high:
        middle = (low + high) // 2
        if keys[middle] <= key:
            low = middle + 1
        else:
            high = middle
    return low


def _telling(key: str) -> bool:
    """Whether a number can be nothing else: letters and figures together, or many figures."""
    if any(character.isalpha() for character in key):
        return len(key) >= _TELLING_WITH_LETTERS
    return len(key) >= _TELLING_DIGITS


@dataclass(slots=True)
class Payers:
    """The names of our clients, arranged so that who sent a transfer finds theirs."""

    _names: dict[tuple[str, ...], set[str]] = field(default_factory=dict)
    _people: dict[tuple[str, ...], set[str]] = field(default_factory=dict)
    _by_first: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)

    def learn(self, name: str, client: str) -> None:
        """The name that a client is invoiced under."""
        if words := _name_of(words_of(name)):
            self._names.setdefault(tuple(sorted(words)), set()).add(client)
            self._see(words, client)

    def learn_person(self, name: str, client: str) -> None:
        """Somebody who works there: they may pay for themselves, or for somebody else."""
        if len(words := _name_of(words_of(name))) > 1:
            self._see(words, client)

    def _see(self, words: tuple[str, ...], client: str) -> None:
        if words not in self._people:
            self._people[words] = set()
            self._by_first.setdefault(words[0], []).append(words)
        self._people[words].add(client)

    def sure(self, party: str) -> set[str]:
        """The clients whose name is the whole name of who sent it; what a bank writes before a name does not count."""
        words = words_of(party)
        while words:
            found = self._names.get(tuple(sorted(_name_of(words))))
            if found:
                return set(found)
            if words[0] not in _TRANSFER:
                break
            words = words[1:]
        return set()

    def perhaps(self, party: str, texts: Sequence[str]) -> set[str]:
        """The clients whose name, or that of a person there, stands somewhere in what was sent, or begins like the sender's."""
        found: set[str] = set()
        for text in (party, *texts):
            for _, name in self._standing(text):
                found |= self._people[name]
        start = " ".join(_name_of(words_of(party)))
        if not found and len(start) >= _SHORTEST_CUT_NAME:
            for name, clients in self._people.items():
                if " ".join(name).startswith(start):
                    found |= clients
        return found

    def named(self, party: str, texts: Sequence[str], *, people: bool = False) -> list[set[str]]:
        """Whose each whole name is that stands in what was sent, those of `people` too. A name inside a longer one is not meant."""
        found: list[set[str]] = []
        for text in (party, *texts):
            standing = self._standing(text)
            for place, name in standing:
                inside = any(
                    len(longer) > len(name) and start <= place and place + len(name) <= start + len(longer)
                    for start, longer in standing
                )
                whose = self._people[name] if people else self._names.get(tuple(sorted(name)), set())
                if whose and not inside:
                    found.append(set(whose))
        return found

    def _standing(self, text: str) -> list[tuple[int, tuple[str, ...]]]:
        """Every name of a client, or of a person there, that stands in a text, with its place among the words."""
        words = [word for word in words_of(text) if word not in _LEGAL_FORMS and word not in _LINKS]
        return [
            (place, name)
            for place, word in enumerate(words)
            for name in self._by_first.get(word, ())
            if tuple(words[place : place + len(name)]) == name and len("".join(name)) >= _SHORTEST_NAME
        ]
