"""The rows of a ledger as the entries that an accountant would make of them: a FEC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.exports import Row, Rows

COLUMNS = [
    *(
        "JournalCode",
        "JournalLib",
        "EcritureNum",
        "EcritureDate",
        "CompteNum",
        "CompteLib",
        "CompAuxNum",
        "CompAuxLib",
        "PieceRef",
    ),
    *("PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet", "ValidDate", "Montantdevise", "Idevise"),
]
_SALES, _BANK = ("VE", "Ventes"), ("BQ", "Banque")
_CLIENTS, _PRODUCT, _VAT, _MONEY = (
    ("411000", "Clients"),
    ("706000", "Prestations de services"),
    ("445710", "TVA collectée"),
    ("512000", "Banque"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its parts are an account, an amount (a credit is negative) and a letter."""

    journal: tuple[str, str]
    day: date
    piece: str
    text: str
    client: tuple[str, str]
    parts: tuple[tuple[tuple[str, str], Decimal, str], ...]

    def lines(self, number: int) -> Iterator[str]:
        """Its lines; the auxiliary account is the client's id."""
        written = f"{self.day:%Y%m%d}"
        for account, amount, letter in self.parts:
            auxiliary = self.client if account is _CLIENTS else ("", "")
            sides = (_french(amount), "0,00") if amount >= 0 else ("0,00", _french(-amount))
            piece = (*auxiliary, self.piece, written, self.text, *sides)
            lettered = (letter, written if letter else "", written, "", "")
            yield "\t".join([*self.journal, f"{number:06d}", written, *account, *piece, *lettered])


def write_fec(path: Path, rows: Rows) -> None:
    """Every invoice that counts and every payment, in euros; what a payment names is lettered with it."""
    clients = {str(row["id"]): (str(row["id"]), str(row["name"])) for row in rows["clients"]}
    bills = [row for row in rows["invoices"] if row.get("status") in {None, "open"} and row["currency"] == "EUR"]
    paid = [row for row in rows["payments"] if row["currency"] == "EUR"]
    letters = _letters(bills, paid)
    entries = [_sale(row, clients[str(row["client"])], letters) for row in bills]
    for index, row in enumerate(paid):
        amount, client = Decimal(str(row["amount"])), clients[str(row["client"])]
        piece = f"RGT{index + 1:04d}"
        parts = ((_MONEY, amount, ""), (_CLIENTS, -amount, letters.get(piece, "")))
        entries.append(
            Entry(_BANK, _day(row, "date"), piece, f"Reglement {row['invoice'] or client[1]}", client, parts)
        )
    lines = [line for number, entry in enumerate(entries, start=1) for line in entry.lines(number)]
    path.write_text("\r\n".join(["\t".join(COLUMNS), *lines, ""]), encoding="iso8859-15", errors="replace")


def _sale(row: Row, client: tuple[str, str], letters: dict[str, str]) -> Entry:
    total, number = Decimal(str(row["total"])), str(row["number"])
    net = (total / Decimal("1.2")).quantize(Decimal("0.01"))
    text = f"{'Avoir' if total < 0 else 'Facture'} {number} {client[1]}"
    parts = ((_CLIENTS, total, letters.get(number, "")), (_PRODUCT, -net, ""), (_VAT, net - total, ""))
    return Entry(_SALES, _day(row, "issued"), number, text, client, parts)


def _day(row: Row, column: str) -> date:
    found = row[column]
    assert isinstance(found, date)
    return found


def _french(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")


def _letters(bills: list[Row], paid: list[Row]) -> dict[str, str]:
    """One letter for each invoice and all that names it: payments, and credit notes."""
    groups: dict[str, str] = {}
    for index, row in enumerate(paid):
        for number in filter(None, str(row["invoice"]).split(", ")):
            letter = groups.setdefault(number, _letter(len(groups)))
            groups[f"RGT{index + 1:04d}"] = letter
    for row in bills:
        if of := str(row.get("credit_of") or ""):
            groups[str(row["number"])] = groups.setdefault(of, _letter(len(groups)))
    return groups


def _letter(number: int) -> str:
    return "".join(chr(65 + number // 26**place % 26) for place in (2, 1, 0))
