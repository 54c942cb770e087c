"""Bank transfers: what the client types into their bank, and the same as a QR code (EPC069-12, "BCD" version 002).

The code is drawn only when everything in it can be right: euros, an IBAN, fields no longer than the standard allows.
The mask of the code is fixed: any of the eight makes a valid code, and trying all of them to find the prettiest takes
four times as long. Identical texts are drawn once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

import segno
from stdnum import iban as iban_numbers

from generator.domain.ledger import SourceRef
from generator.domain.references import is_reference
from generator.problems.site import HOLDER_TOO_LONG

if TYPE_CHECKING:
    from generator.config import Seller
    from generator.domain.ledger import Problem
    from generator.domain.money import Money

_MAX_HOLDER = 70
_MAX_TEXT = 140
_MAX_MINOR = 99_999_999_999
_MASK = 2
_BORDER = 4
_AS_BITS = b"01" + bytes(254)


@dataclass(frozen=True, slots=True)
class Transfer:
    """A bank transfer that we ask for: who gets it, how much, and the reference that tells what it pays."""

    holder: str
    iban: str
    bic: str
    amount: Money
    reference: str

    @property
    def epc(self) -> str | None:
        """The text of the QR code; None for a currency or an amount that the standard does not know.

        Raises ValueError when a field is too long or is not what it claims to be.
        """
        if self.amount.currency != "EUR" or not 0 < self.amount.minor <= _MAX_MINOR:
            return None
        holder, reference = _one_line(self.holder), _one_line(self.reference)
        structured = is_reference(reference)
        for name, text, limit in (("holder", holder, _MAX_HOLDER), ("reference", reference, _MAX_TEXT)):
            if not 0 < len(text) <= limit:
                raise ValueError(f"the {name} of a transfer has 1 to {limit} characters, this one {len(text)}")
        if not _is_iban(self.iban):
            raise ValueError("the IBAN of a transfer is not valid")
        lines = ["BCD", "002", "1", "SCT", self.bic, holder, self.iban, f"EUR{self.amount}", ""]
        return "\n".join([*lines, reference.replace(" ", "")] if structured else [*lines, "", reference])

    @property
    def qr(self) -> QrCode | None:
        """The QR code, ready to be drawn; None when there is none for this transfer."""
        text = self.epc
        return draw(text) if text else None


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code as the strokes of an SVG path, in a square of `size` units with its white border."""

    size: int
    path: str


def transfer_to(seller: Seller, amount: Money, reference: str) -> Transfer | None:
    """The transfer to the seller; None when the seller has given no IBAN."""
    if not seller.iban:
        return None
    return Transfer(holder=seller.name, iban=seller.iban, bic=seller.bic, amount=amount, reference=reference)


def transfer_problems(seller: Seller) -> list[Problem]:
    """What in the seller's own data no transfer could carry."""
    if seller.iban and len(_one_line(seller.name)) > _MAX_HOLDER:
        return [HOLDER_TOO_LONG.at(SourceRef("portal.toml", column="seller.name"), seller.name)]
    return []


def _one_line(text: str) -> str:
    return " ".join(text.split())


@lru_cache(maxsize=64)
def _is_iban(text: str) -> bool:
    return bool(iban_numbers.is_valid(text))


@lru_cache(maxsize=2048)
def draw(text: str) -> QrCode:
    """Draws `text` with the error correction that the standard asks for (M): a horizontal stroke for each run of dark squares."""
    code = segno.make_qr(text, error="m", mask=_MASK, encoding="utf-8", boost_error=False)
    width = (len(code.matrix) + 7) // 8
    rows = []
    for row, squares in enumerate(code.matrix, start=_BORDER):
        bits = squares.translate(_AS_BITS).decode().ljust(8 * width, "0")
        strokes = "".join([_STROKES[eight] for eight in int(bits, 2).to_bytes(width)])
        rows.append(f"M{_BORDER} {row}.5{strokes}")
    return QrCode(len(code.matrix) + 2 * _BORDER, "".join(rows))


def _strokes(eight: int) -> str:
    runs = ((value, len(list(run))) for value, run in groupby(f"{eight:08b}"))
    return "".join(f"h{length}" if value == "1" else f"m{length} 0" for value, length in runs)


_STROKES = tuple(_strokes(eight) for eight in range(256))  # eight squares at a time: ten times as fast
