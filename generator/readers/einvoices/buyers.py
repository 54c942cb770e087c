"""Clients made of buyers, where no list says who they are: two buyers are one only when there is no doubt about it.

Whoever is taken for another reads that other's invoices. So a number makes one of two buyers, an address only with names that are
alike, and a name only with the same address, or with none on either.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from enum import Enum, auto
from itertools import combinations
from typing import TYPE_CHECKING

from generator.checks import fold, slug
from generator.readers import cells
from generator.readers.einvoices.parties import is_named_alike, made_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from generator.readers.einvoices.model import EInvoice, Party
    from generator.readers.einvoices.parties import Clients

_LONGEST_WORD = 60
_ANOTHER = "another of that name"


class _Are(Enum):
    """What two buyers are to each other, as far as their own signs tell."""

    ONE = auto()
    TWO = auto()
    STRANGERS = auto()
    DOUBTFUL = auto()


class _Buyer:
    """One buyer: the invoices that have one number, or one name and address. `unaddressed` are the names that stood without an address."""

    def __init__(self, invoices: Iterable[EInvoice]) -> None:
        self.invoices = _latest_first(invoices)
        parties = [one.buyer for one in self.invoices]
        self.numbered = bool(_number(parties[0]))
        self.emails = {fold(party.email) for party in parties if party.email}
        self.names = {name for party in parties for name in (party.name, party.trading_name) if name}
        self.keys = {_key(name) for name in self.names}
        self.unaddressed = {
            _key(name) for party in parties if not party.email for name in (party.name, party.trading_name) if name
        }

    @property
    def shown(self) -> str:
        """The buyer, with what tells them from others."""
        latest = self.invoices[0].buyer
        return f"{latest.name} ({_number(latest) or latest.email or 'without an address'})"

    def and_(self, other: _Buyer) -> _Are:
        """What this buyer and another are to each other."""
        if self.numbered and other.numbered:
            return _Are.TWO
        namesakes = bool(self.keys & other.keys)
        if self.emails & other.emails:
            return _Are.ONE if namesakes or is_named_alike(self.names, other.names) else _Are.TWO
        if self.unaddressed & other.unaddressed:
            return _Are.ONE
        if self.emails and other.emails:
            return _Are.TWO
        return _Are.DOUBTFUL if namesakes else _Are.STRANGERS


def made_clients(
    invoices: Sequence[EInvoice], clients: Clients
) -> tuple[dict[str, list[EInvoice]], dict[str, list[str]]]:
    """The clients made of buyers, each with their invoices, the latest first; and the files whose buyer could be others, with these.

    `clients` knows the clients from then on.
    """
    doubtful = {one.file: [*who, _ANOTHER] for one in invoices if (who := clients.namesakes(one.buyer))}
    groups, doubts = _grouped(_buyers(one for one in invoices if one.file not in doubtful))
    doubtful |= {one.file: who for buyer, who in doubts.items() for one in buyer.invoices}
    made: dict[str, list[EInvoice]] = {}
    for client, own in _with_ids(groups, clients):
        made[client] = own
        for invoice in own:
            buyer = invoice.buyer
            clients.enter(client, buyer.siren, buyer.vat_number, buyer.email, buyer.name)
    return made, doubtful


def _number(party: Party) -> str:
    return party.siren or party.vat_number


def _key(name: str) -> str:
    return slug(name) or " ".join(fold(name).split())


def _latest_first(invoices: Iterable[EInvoice]) -> list[EInvoice]:
    return sorted(invoices, key=lambda one: (one.issued, one.number), reverse=True)


def _buyers(invoices: Iterable[EInvoice]) -> list[_Buyer]:
    """Everybody who buys, and can be told from others at all."""
    found: dict[tuple[str, ...], list[EInvoice]] = defaultdict(list)
    for invoice in invoices:
        party = invoice.buyer
        number = _number(party)
        signs = (number,) if number else (fold(party.email), _key(party.name), _key(party.trading_name))
        if any(signs):
            found[signs].append(invoice)
    return [_Buyer(own) for own in found.values()]


class _Bonds:
    """Who is whom, of buyers who have a name or an address in common."""

    def __init__(self, buyers: Sequence[_Buyer]) -> None:
        self.ones: dict[_Buyer, set[_Buyer]] = {buyer: set() for buyer in buyers}
        self.doubts: list[tuple[_Buyer, _Buyer]] = []
        sharing: dict[str, list[_Buyer]] = defaultdict(list)
        for buyer in buyers:
            for sign in (*buyer.emails, *buyer.keys):
                sharing[sign].append(buyer)
        seen: set[frozenset[_Buyer]] = set()
        for some in sharing.values():
            for one, other in combinations(some, 2):
                if (pair := frozenset((one, other))) not in seen:
                    seen.add(pair)
                    self._enter(one, other)

    def _enter(self, one: _Buyer, other: _Buyer) -> None:
        bond = one.and_(other)
        if bond is _Are.ONE:
            self.ones[one].add(other)
            self.ones[other].add(one)
        elif bond is _Are.DOUBTFUL:
            self.doubts.append((one, other))

    def torn(self, some: Iterable[_Buyer]) -> bool:
        """Whether two of these are two people: neither one by their own signs, nor by a number that both are known under."""
        return any(
            one.and_(other) is _Are.TWO and not any(common.numbered for common in self.ones[one] & self.ones[other])
            for one, other in combinations(some, 2)
        )

    def groups(self, buyers: Iterable[_Buyer]) -> Iterator[list[_Buyer]]:
        """Those of some buyers who are one, directly or by others of them, together."""
        left = dict.fromkeys(buyers)
        while left:
            group = [left.popitem()[0]]
            for buyer in group:  # grows while it is gone through
                for other in self.ones[buyer] & left.keys():
                    del left[other]
                    group.append(other)
            yield group


def _grouped(buyers: Sequence[_Buyer]) -> tuple[list[list[_Buyer]], dict[_Buyer, list[str]]]:
    """Buyers who are one, together; and those of whom it cannot be told, with whom they could be."""
    bonds = _Bonds(buyers)
    doubtful: dict[_Buyer, list[str]] = {}
    for buyer in buyers:  # a buyer who is one with two people
        if not buyer.numbered and bonds.torn(bonds.ones[buyer]):
            doubtful[buyer] = sorted(one.shown for one in bonds.ones[buyer])
    for group in bonds.groups(buyer for buyer in buyers if buyer not in doubtful):
        if bonds.torn(group):
            unsure = [buyer for buyer in group if not buyer.numbered]
            doubtful |= {one: sorted(other.shown for other in group if other is not one) for one in unsure}
    groups = list(bonds.groups(buyer for buyer in buyers if buyer not in doubtful))
    place = {buyer: number for number, group in enumerate(groups) for buyer in group}
    for one, other in bonds.doubts:
        if one in place and other in place and place[one] != place[other]:
            doubted, likely = sorted((one, other), key=lambda buyer: (buyer.numbered, bool(buyer.emails)))
            doubtful.setdefault(doubted, [likely.shown, _ANOTHER])
    return [own for group in groups if (own := [buyer for buyer in group if buyer not in doubtful])], doubtful


def _with_ids(groups: Sequence[list[_Buyer]], clients: Clients) -> Iterator[tuple[str, list[EInvoice]]]:
    """Each client's id: what changes least of what is known of them; where two would have the same, the name says whose it is."""
    lots = [_latest_first(invoice for buyer in group for invoice in buyer.invoices) for group in groups]
    ids = [_first_id(own) for own in lots]
    count = Counter(map(fold, ids))
    for client, own in sorted(zip(ids, lots, strict=True), key=lambda pair: pair[0]):
        told_apart = client if count[fold(client)] == 1 and fold(client) not in clients.ids else _named_id(own)
        if told_apart and fold(told_apart) not in clients.ids:
            yield told_apart, own


def _first_id(own: Sequence[EInvoice]) -> str:
    parties = [one.buyer for one in own]
    best = min(
        parties, key=lambda party: [bool(party.siren), bool(party.vat_number), bool(party.email), True].index(True)
    )
    return made_id(best)


def _named_id(own: Sequence[EInvoice]) -> str:
    """An id of the name that the first invoice had and a mark of the address: it stays when more invoices come."""
    first = own[-1].buyer
    email = next((fold(one.buyer.email) for one in own if one.buyer.email), "")
    mark = hashlib.sha256(f"{_key(first.name)} {email}".encode()).hexdigest()[:8]
    found = f"{slug(first.name).replace('_', '-')[:_LONGEST_WORD].strip('-') or 'client'}-{mark}"
    return found if cells.client_id(found) is None else ""
