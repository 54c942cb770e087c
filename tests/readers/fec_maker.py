"""A FEC of our own making: entries as an accountant books them, written out in any of the ways that programs write them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

COLUMNS = (  # of the law, in its order
    *("JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum", "CompAuxLib"),
    *("PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet", "ValidDate"),
    *("Montantdevise", "Idevise"),
)
CASH_COLUMNS = ["DateRglt", "ModeRglt", "NatOp", "IdClient"]
JOURNALS = {"VE": "Ventes", "BQ": "Banque", "OD": "Opérations diverses", "AN": "A nouveaux"}
VAT = 6  #: one part in so many of an amount is its VAT


@dataclass(frozen=True)
class Dialect:
    """How a program writes its FEC. `sides`: the column Sens instead of debits and credits, with these two words."""

    separator: str = "\t"
    encoding: str = "utf-8"
    mark: str = ","
    sides: tuple[str, str] | None = None
    padding: str = ""
    trailing: bool = False
    trailing_header: bool = False
    sign_after: bool = False
    negative_credits: bool = False
    quotes: bool = False
    newline: str = "\r\n"
    order: tuple[int, ...] = ()
    more: int = 0  #: columns of the variants for cash accounts
    blank_lines: bool = False

    def amount(self, minor: int) -> str:
        sign, minor = ("-" if minor < 0 else ""), abs(minor)
        text = f"{minor // 100}{self.mark}{minor % 100:02d}"
        if self.padding:
            text = text.rjust(15, self.padding)
        return f"{text}{sign}" if self.sign_after else f"{sign}{text}"

    def columns(self) -> list[str]:
        names = [*COLUMNS, *CASH_COLUMNS[: self.more]]
        if self.sides:
            names[11:13] = ["Montant", "Sens"]
        return names

    def cells(self, line: dict[str, str], minor: int) -> list[str]:
        cells = dict(line)
        if self.sides:
            cells["Montant"] = self.amount(abs(minor))
            cells["Sens"] = self.sides[0] if minor >= 0 else self.sides[1]
        elif self.negative_credits:
            cells["Debit"], cells["Credit"] = self.amount(minor), self.amount(0)
        else:
            cells["Debit"], cells["Credit"] = self.amount(max(minor, 0)), self.amount(max(-minor, 0))
        return [cells.get(name, "") for name in self.columns()]

    def row(self, cells: list[str], *, header: bool = False) -> str:
        placed = [cells[index] for index in self.order] if self.order else cells
        if self.quotes:
            placed = ['"' + cell.replace('"', '""') + '"' for cell in placed]
        ends = self.trailing_header if header else self.trailing
        return self.separator.join(placed) + (self.separator if ends else "")


@dataclass
class Accounts:
    """One fiscal year while it is booked. Amounts are in cents; a line of a client is a debit above zero."""

    names: dict[str, str] = field(default_factory=dict)
    lines: list[tuple[dict[str, str], int]] = field(default_factory=list)
    number: int = 0

    def entry(
        self, journal: str, on: date, piece: str, label: str, *lines: tuple[str, str, int, str], **more: str
    ) -> int:
        """Books an entry of lines (account, auxiliary, amount, lettering); says on which line of the file it begins."""
        self.number += 1
        for account, aux, minor, letter in lines:
            text = {
                "JournalCode": journal,
                "JournalLib": JOURNALS[journal],
                "EcritureNum": str(self.number),
                "EcritureDate": f"{on:%Y%m%d}",
                "CompteNum": account,
                "CompteLib": "Clients" if account.startswith("41") else "Compte",
                "CompAuxNum": aux,
                "CompAuxLib": self.names.get(aux, aux.title()),
                "PieceRef": piece,
                "PieceDate": f"{on:%Y%m%d}",
                "EcritureLib": label,
                "EcritureLet": letter,
                "DateLet": f"{on:%Y%m%d}" if letter else "",
                "ValidDate": f"{on:%Y%m%d}",
            }
            self.lines.append((text | more if account.startswith("41") else text, minor))
        return len(self.lines) + 2 - len(lines)

    def invoice(self, aux: str, piece: str, on: date, minor: int, letter: str = "", **more: str) -> int:
        vat = minor // VAT
        sale = ("706000", "", vat - minor, ""), ("445710", "", -vat, "")
        return self.entry("VE", on, piece, f"Facture {piece}", ("411000", aux, minor, letter), *sale, **more)

    def credit_note(self, aux: str, piece: str, on: date, minor: int, letter: str = "", label: str = "") -> int:
        vat = minor // VAT
        sale = ("706000", "", minor - vat, ""), ("445710", "", vat, "")
        return self.entry("VE", on, piece, label or f"Avoir {piece}", ("411000", aux, -minor, letter), *sale)

    def payment(self, aux: str, on: date, minor: int, letter: str = "", label: str = "", **more: str) -> int:
        """Money that came in; below zero: that went back."""
        lines = ("512000", "", minor, ""), ("411000", aux, -minor, letter)
        return self.entry("BQ", on, "", label or f"VIR {aux}", *lines, **more)

    def opening(self, on: date, *balances: tuple[str, str, int, str]) -> int:
        """The balances that a year opens with: (auxiliary, piece, amount, lettering) each."""
        first = len(self.lines) + 2
        for aux, piece, minor, letter in balances:
            self.entry("AN", on, piece, "A nouveau", ("411000", aux, minor, letter), ("890000", "", -minor, ""))
        return first

    def write(self, dialect: Dialect | None = None) -> bytes:
        """The file."""
        dialect = dialect or Dialect()
        rows = [dialect.row(dialect.columns(), header=True)]
        for line, minor in self.lines:
            rows.append(dialect.row(dialect.cells(line, minor)))
            if dialect.blank_lines:
                rows.append("")
        return (dialect.newline.join(rows) + dialect.newline).encode(dialect.encoding)


def text_of(accounts: Accounts, *changes: tuple[str, str]) -> bytes:
    """The file in the way of the law, with texts in it replaced."""
    text = accounts.write(Dialect(separator="|")).decode()
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text.encode()


def days_after(on: date, days: int) -> date:
    return on + timedelta(days=days)


def shuffled(dialect: Dialect, order: list[int]) -> Dialect:
    return replace(dialect, order=tuple(order))
