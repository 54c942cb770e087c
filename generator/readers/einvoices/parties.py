"""Who sells and who buys: whether an e-invoice is ours, and which of the clients its buyer is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator import checks
from generator.checks import fold, slug
from generator.readers import cells
from generator.readers.row import SPOILT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.config import Seller
    from generator.readers.einvoices.model import Party
    from generator.readers.row import Row

_SIREN, _VAT, _ID, _EMAIL, _NAME = range(5)


def is_ours(party: Party, seller: Seller) -> bool:
    """Whether this is the seller of portal.toml: by the strongest sign that both have."""
    siren = _siren(seller.siren, seller.vat_number)
    if party.siren and siren:
        return party.siren == siren
    if party.vat_number and seller.vat_number:
        return party.vat_number == seller.vat_number
    return bool(seller.name) and slug(seller.name) in {slug(party.name), slug(party.trading_name)}


def _siren(siren: str, vat_number: str) -> str:
    """The SIREN as written, else that within a French VAT number."""
    texts = (siren, vat_number.replace(" ", "")[4:] if vat_number.upper().startswith("FR") else "")
    return next((found for text in texts if text and isinstance(found := checks.siren(text), str)), "")


def _vat(text: str) -> str:
    found = checks.vat_number(text) if text and text != SPOILT else ""
    return found if isinstance(found, str) else ""


_SHORT_WORD = 2
_COMMON_WORDS = frozenset(
    ["sarl", "sas", "sasu", "eurl", "sci", "ltd", "gmbh", "inc", "the", "les", "des", "societe", "company", "and"]
)


class Clients:
    """The clients whom buyers are looked for among: those of the ledger, and those made of buyers before."""

    def __init__(self, rows: Iterable[Row], people: Iterable[Row], *, namesakes: bool = False) -> None:
        """From the rows of the clients, and of their contacts, for the addresses of these.

        `namesakes`: one name with two addresses is two people, as where clients are made of buyers.
        """
        self._namesakes = namesakes
        self.ids: dict[str, str] = {}
        self._known: dict[str, tuple[str, str]] = {}
        self._names: dict[str, str] = {}
        self._emails: dict[str, set[str]] = {}
        self._by_sign: dict[tuple[int, str], list[str]] = {}
        for row in rows:
            client = row.text("id")
            if client and client != SPOILT:
                vat = _vat(row.text("vat_number"))
                self.enter(client, _siren(row.text("siren"), vat), vat, row.text("email"), row.text("name"))
        for row in people:
            if owner := self.ids.get(fold(row.text("client"))):
                self._sign(_EMAIL, row.text("email"), owner)

    def enter(self, client: str, siren: str, vat_number: str, email: str, name: str) -> None:
        """One more client, or more of what is known of one."""
        self.ids.setdefault(fold(client), client)
        known = self._known.get(client, ("", ""))
        self._known[client] = (known[0] or siren, known[1] or vat_number)
        self._names.setdefault(client, name)
        for sign, text in ((_SIREN, siren), (_VAT, vat_number), (_ID, client), (_EMAIL, email), (_NAME, name)):
            self._sign(sign, text, client)

    def _sign(self, sign: int, text: str, client: str) -> None:
        if text and text != SPOILT:
            clients = self._by_sign.setdefault((sign, _plain(text)), [])
            if client not in clients:
                clients.append(client)
            if sign == _EMAIL:
                self._emails.setdefault(client, set()).add(_plain(text))

    def like(self, buyer: Party) -> list[str]:
        """The clients that a buyer may be: by SIREN, VAT number, email, then name, each sign choosing among those of the one before."""
        best: list[str] = []
        for sign, text in _signs(buyer):
            found = [
                client
                for client in self._by_sign.get((sign, _plain(text)), ())
                if not self.contradicts(client, buyer) and self._may_be(client, buyer, sign, text)
            ]
            best = [client for client in best if client in found] or best or found
            if len(best) == 1:
                break
        return best

    def contradicts(self, client: str, buyer: Party) -> bool:
        """Whether a client is another company than this buyer, by SIREN or VAT number."""
        siren, vat_number = self._known.get(client, ("", ""))
        if siren and buyer.siren:
            return siren != buyer.siren
        return bool(vat_number and buyer.vat_number and vat_number != buyer.vat_number)

    def is_stranger(self, client: str, buyer: Party) -> bool:
        """Whether nothing that is known of a client speaks for this buyer: no number, no address, no name."""
        if not buyer.name or client in self.like(buyer):
            return False
        return not (_plain(buyer.email) in self._emails.get(client, ()) or self._is_named_alike(client, buyer))

    def namesakes(self, buyer: Party) -> list[str]:
        """The clients of a buyer's name who have another address: one of them perhaps, or somebody else of that name."""
        names = {_plain(name) for name in (buyer.name, buyer.trading_name) if name}
        found = [client for name in sorted(names) for client in self._by_sign.get((_NAME, name), ())]
        return [client for client in dict.fromkeys(found) if not self.contradicts(client, buyer)]

    def name(self, client: str) -> str:
        """What a client is called."""
        return self._names.get(client, "")

    def _may_be(self, client: str, buyer: Party, sign: int, text: str) -> bool:
        """Whether a sign that two people may share is this client's, by what else is known of them."""
        if sign == _EMAIL or (sign == _ID and buyer.email and _plain(text) == _plain(buyer.email)):
            return self._is_named_alike(client, buyer)
        if sign == _NAME and self._namesakes and buyer.email:
            emails = self._emails.get(client)
            return not emails or _plain(buyer.email) in emails
        return True

    def _is_named_alike(self, client: str, buyer: Party) -> bool:
        return is_named_alike((self._names.get(client, ""),), (buyer.name, buyer.trading_name))


def is_named_alike(ours: Iterable[str], theirs: Iterable[str]) -> bool:
    """Whether one of two names says all that the other does: an accountant's address is that of several companies."""
    known = [words for words in map(_words, theirs) if words]
    return any(words <= other or other <= words for words in map(_words, ours) if words for other in known)


def _words(name: str) -> set[str]:
    """What tells a name from others: its words, without those that every other company has too."""
    return {word for word in slug(name).split("_") if len(word) > _SHORT_WORD and word not in _COMMON_WORDS}


def _plain(text: str) -> str:
    return " ".join(fold(text).split())


def _signs(buyer: Party) -> Iterator[tuple[int, str]]:
    signs = (
        (_SIREN, buyer.siren),
        (_VAT, buyer.vat_number),
        (_ID, buyer.siren or buyer.vat_number or made_id(buyer)),
        (_EMAIL, buyer.email),
        (_NAME, buyer.name),
        (_NAME, buyer.trading_name),
    )
    return ((sign, text) for sign, text in signs if text)


def made_id(buyer: Party) -> str:
    """The id of a client made of a buyer: what changes least of what is known of them."""
    for text in (buyer.siren, buyer.vat_number, fold(buyer.email)):
        if text and cells.client_id(text) is None:
            return text
    return slug(buyer.name).replace("_", "-")
