"""What a client reads on Stripe's side of a payment link: the name of what they pay, and what a closed link says.

The sentences are in `portal_templates/links/<language>/words.jinja`. They hold what Stripe needs to show and nothing of
the client: no name, no address, and never the secret address of their page.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from generator.domain.claims import claimed_of, fee_id
from generator.domain.linkplan import LinkKind, Wanted
from generator.domain.money import Money
from generator.errors import UserError
from generator.sentences import WORDS, Sentences, blame

if TYPE_CHECKING:
    from pathlib import Path

    from generator.config import Seller, Settings
    from generator.domain.ledger import Problem

ROOM = "links"
LONGEST_TITLE, LONGEST_DESCRIPTION, LONGEST_NOTE, LONGEST_INACTIVE = 250, 500, 1200, 500
_LONGEST_NUMBER = 60
_FEWER = (24, 12, 6, 3, 1, 0)  #: how many invoices are named when not all of them fit


@dataclass(frozen=True, slots=True)
class LinkWords:
    """The texts of one link, none longer than Stripe takes.

    `title` and `description` are those of what is paid, `note` stands near the button, and `inactive_message` is what a
    closed link says.
    """

    title: str
    description: str
    note: str
    inactive_message: str


@dataclass(frozen=True, slots=True)
class LinkWay:
    """What a link pays, as its sentences may speak of it: `way` in the templates.

    `fees`: claimed late fees of these invoices are in the sum; `only_fees`: nothing else is.
    """

    kind: str
    amount: Money
    numbers: tuple[str, ...]
    more: int
    reference: str
    part: int
    parts: int
    by_debit: bool
    fees: bool = False
    only_fees: bool = False


def link_words(wanted: Wanted, settings: Settings) -> LinkWords:
    """The texts of a link in its client's language. Raises UserError for a mistake in the owner's own sentences."""
    home = settings.folder.resolve()
    try:
        say = _sentences(wanted.language, home, _last_change(home))
        seller, way = _on_one_line(settings.seller), _way(wanted)
        return LinkWords(
            title=_title(say, way, seller),
            description=_cut(say.description(way, seller), LONGEST_DESCRIPTION),
            note=_cut(say.note(way, seller), LONGEST_NOTE),
            inactive_message=_inactive(say, seller),
        )
    except Exception as error:
        raise blame(error, home) from error


def link_word_problems(settings: Settings) -> list[Problem]:
    """What is wrong with the owner's own sentences, each tried on every kind of link; nothing where they wrote none."""
    folder = settings.folder / "portal_templates" / ROOM
    languages = sorted(path.parent.name for path in folder.glob(f"*/{WORDS}"))
    found: dict[Problem, None] = {}
    for language in languages:
        for wanted in _specimens(language):
            for seller in (settings.seller, replace(settings.seller, contact="", phone="")):
                try:
                    link_words(wanted, replace(settings, seller=seller))
                except UserError as error:
                    found.update(dict.fromkeys(error.problems))
    return list(found)


@lru_cache(maxsize=16)
def _sentences(language: str, home: Path, _changed: tuple[int, ...]) -> Sentences:
    return Sentences(ROOM, language, home)


def _last_change(home: Path) -> tuple[int, ...]:
    """Changes with the owner's own sentences: a preview that runs all day reads them again."""
    files = sorted((home / "portal_templates" / ROOM).glob(f"*/{WORDS}"))
    return tuple(file.stat().st_mtime_ns for file in files)


def _way(wanted: Wanted) -> LinkWay:
    invoices = [number for number in wanted.invoices if not claimed_of(number)]
    fees = [parent for number in wanted.invoices if (parent := claimed_of(number))]
    return LinkWay(
        kind=str(wanted.kind),
        amount=wanted.amount,
        numbers=tuple(_cut(_line(number), _LONGEST_NUMBER) for number in invoices or fees),
        more=0,
        reference=claimed_of(wanted.reference) or wanted.reference,  # no client has an invoice of the other name
        part=wanted.part,
        parts=wanted.parts,
        by_debit="sepa_debit" in wanted.methods,
        fees=bool(fees),
        only_fees=bool(fees) and not invoices,
    )


def _title(say: Sentences, way: LinkWay, seller: Seller) -> str:
    """The title, which names as many invoices as it has room for, and counts the others."""
    title = say.title(way, seller)
    for count in _FEWER:
        if len(title) <= LONGEST_TITLE:
            break
        if count < len(way.numbers):
            fewer = replace(way, numbers=way.numbers[:count], more=len(way.numbers) - count if count else 0)
            title = say.title(fewer, seller)
    return _cut(title, LONGEST_TITLE)


def _inactive(say: Sentences, seller: Seller) -> str:
    """What a closed link says; where all of it does not fit, whom to write to still does."""
    text = say.inactive(seller)
    if len(text) <= LONGEST_INACTIVE:
        return text
    person = _cut(say.person(seller), LONGEST_INACTIVE // 2)
    return f"{_cut(text, LONGEST_INACTIVE - len(person) - 1)} {person}"


def _on_one_line(seller: Seller) -> Seller:
    return replace(seller, name=_line(seller.name), contact=_line(seller.contact), phone=_line(seller.phone))


def _line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _specimens(language: str) -> list[Wanted]:
    """One link of each kind, for one invoice, for many, and for none."""
    one = Wanted(
        key="specimen",
        kind=LinkKind.INVOICE,
        client="specimen",
        account="specimen",
        language=language,
        amount=Money(120_000, "EUR"),
        invoices=("F-1",),
        reference="RF18539007547034",
        return_url="https://portal.example/p/specimen/",
        methods=("card", "sepa_debit"),
        fingerprint="specimen",
        part=2,
        parts=4,
    )
    many = tuple(f"F-2026-{number}" for number in range(40))
    every = (("F-1",), many, (), ("F-1", fee_id("F-1")), (fee_id("F-1"),))
    wanted = [replace(one, kind=kind, invoices=numbers) for kind in LinkKind for numbers in every]
    return [*wanted, replace(one, methods=("card",))]
