"""How much of an invoice is paid, as the columns of one sheet say it → what invoices.csv would say: a status, a day, an amount.

What two columns say must agree, and nothing is made up: a payment without a day stays without one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.checks import slug
from generator.domain.ledger import InvoiceStatus
from generator.domain.money import Money
from generator.problems import Flaw, quoted
from generator.problems import cells as flaws
from generator.problems import sheets as problems
from generator.readers import cells
from generator.readers.row import YES_OR_NO
from generator.readers.words import STATUSES

if TYPE_CHECKING:
    from generator.readers.row import Row
    from generator.readers.table import Table

_SAYING = ("status", "paid_on", "paid_amount", "paid", "balance")

_YES = {word for word, meaning in YES_OR_NO.items() if meaning == "yes"} | {
    word for word, status in STATUSES.items() if status is InvoiceStatus.PAID
}
_YES |= {"payes", "payees", "regles", "reglees", "acquitte", "ok", "fait", "v"}
_PARTLY = {"partiel", "partielle", "partiellement", "en_partie", "acompte", "partially_paid", "partiellement_payee"}
_NO = {word for word, meaning in YES_OR_NO.items() if meaning == "no"} | {
    word for word, status in STATUSES.items() if status is InvoiceStatus.OPEN and word not in _PARTLY
}
_NO |= {"impayes", "impayees", "non_paye", "non_payes", "non_regle", "non_reglee", "pas_paye", "pas_regle", "attente"}
_TICKED, _UNTICKED = re.compile(r"[✓✔☑☒✅]\ufe0f?"), re.compile(r"[-–—☐❌✗]")
_TICK = "1"
_BOXES = frozenset({"0", _TICK})
_OWED = frozenset({InvoiceStatus.OPEN, InvoiceStatus.LITIGATION, InvoiceStatus.PAID})


class Settling:
    """The payment columns of one sheet, with what is true of each as a whole."""

    def __init__(self, sheet: Table) -> None:
        """For the rows of one sheet."""
        amounts = (text for row in sheet.rows if (text := row.text("paid")) and cells.amount_text(text) is not None)
        self.sheet = sheet
        self.needed = sheet.has("paid") or sheet.has("balance")
        self.boxes = _BOXES.issuperset(amounts)
        self.infers = not sheet.has("paid_amount")
        self.balance_alone = sheet.has("balance") and not any(sheet.has(column) for column in _SAYING[:-1])

    def settle(self, said: Row, row: Row, currency: str) -> None:
        """Writes into the row of an invoice what its row of the sheet says of payment. What cannot be true fails it."""
        silent = not (said.text("paid") or said.text("balance") or said.text("paid_amount") or self.balance_alone)
        if self.needed and not silent and not said.failed:
            told = _Told(said, row, self)
            told.total = told.money("total", row.text("total"), currency, row.table)
            told.read(currency)


@dataclass(slots=True)
class _Told:
    """What one row says, each column held against those before."""

    said: Row
    row: Row
    settling: Settling
    total: Money | None = None
    paid: Money | None = None
    paid_on: str = ""
    status: InvoiceStatus = InvoiceStatus.OPEN
    wrong: bool = False

    def money(self, column: str, text: str, currency: str, table: Table) -> Money | None:
        """An amount; what is wrong with one of invoices.csv's own columns will be told by its reader."""
        if not text:
            return None
        found = cells.amount(text, currency, table.mark(column))
        if isinstance(found, Money):
            return found
        if column in {"paid", "balance"}:
            self.row.fail(found.at(self.said.ref(column), text))
        self.wrong = True
        return None

    def read(self, currency: str) -> None:
        """Every column in turn, then what all of them come to."""
        said, sheet = self.said, self.settling.sheet
        self.status = STATUSES.get(slug(said.text("status")), InvoiceStatus.OPEN)
        self.paid_on = said.text("paid_on")
        self.paid = self.money("paid_amount", said.text("paid_amount"), currency, sheet)
        self.hear(said.text("paid"), currency)
        balance = self.money("balance", said.text("balance"), currency, sheet)
        if self.wrong:
            return
        if balance is not None and self.total is not None and self.status in _OWED:
            self.check(balance, self.total)
        elif self.settling.balance_alone and not said.text("balance"):
            self.row.fail(flaws.CELL_MISSING.at(said.ref("balance"), file="this sheet"))
        self.write()

    def hear(self, text: str, currency: str) -> None:
        """The column that takes a word, a day or an amount: each cell says by itself which of them it holds."""
        if not text or _UNTICKED.fullmatch(text):
            return
        word = slug(text)
        if not isinstance(cells.day(text), Flaw):
            self.hear_day(text)
        elif text == _TICK and not self.settling.boxes and not self.is_all():
            self.row.fail(
                problems.PAID_UNREADABLE.at(self.said.ref("paid"), text)
            )  # a box, or one euro: not for us to say
            self.wrong = True
        elif cells.amount_text(text) is not None and not (self.settling.boxes and text in _BOXES):
            self.hear_amount(text, currency)
        elif word in _YES or _TICKED.fullmatch(text):
            self.hear_yes(text)
        elif word in _NO:
            if self.paid_on:
                self.contradict(text, "paid_on", self.paid_on)
            elif self.paid and self.paid == self.total:
                self.contradict(text, "paid_amount", self.said.text("paid_amount"))
        elif word not in _PARTLY or (self.paid is None and not self.said.text("balance")):
            self.row.fail(problems.PAID_UNREADABLE.at(self.said.ref("paid"), text))
            self.wrong = True

    def is_all(self) -> bool:
        """Whether one of the currency is the whole invoice."""
        return self.total is not None and str(self.total).rstrip("0").rstrip(".") == _TICK

    def hear_day(self, text: str) -> None:
        """A day: all of it was paid then, unless an amount says how much."""
        if self.paid_on and cells.day(self.paid_on) != cells.day(text):
            self.contradict(text, "paid_on", self.paid_on)
        self.paid_on = self.paid_on or text

    def hear_amount(self, text: str, currency: str) -> None:
        """An amount: so much was paid."""
        paid = self.money("paid", text, currency, self.settling.sheet)
        if self.paid is not None and paid is not None and paid != self.paid:
            self.contradict(text, "paid_amount", self.said.text("paid_amount"))
        self.paid = paid if self.paid is None else self.paid

    def hear_yes(self, text: str) -> None:
        """All of it was paid; a day may stand elsewhere."""
        if self.status not in _OWED:
            self.contradict(text, "status", self.said.text("status"))
        elif self.paid is not None and self.total is not None and self.paid != self.total:
            self.contradict(text, "paid_amount", self.said.text("paid_amount"))
        elif not self.paid_on:
            self.status = InvoiceStatus.PAID

    def contradict(self, text: str, column: str, other: str) -> None:
        """Two columns that cannot both be right."""
        beside = f"{self.said.table.header(column)} {quoted(other)}"
        self.row.fail(problems.PAID_CONTRADICTED.at(self.said.ref("paid"), text, other=beside))
        self.wrong = True

    def check(self, balance: Money, total: Money) -> None:
        """What is left is the total less what was paid; where nothing else says what was, it tells how much."""
        paid = self.paid
        if paid is None and (self.paid_on or self.status is InvoiceStatus.PAID):
            paid = total
        if (
            paid is None
            and self.settling.infers
            and 0 <= balance.minor * (1 if total.minor > 0 else -1) <= abs(total.minor)
        ):
            self.paid = total - balance
            return
        left = total - paid if paid is not None else total
        if balance != left:
            where, text = self.said.ref("balance"), self.said.text("balance")
            self.row.fail(problems.BALANCE_DIFFERS.at(where, text, left=f"{left} {left.currency}"))

    def write(self) -> None:
        """As invoices.csv says it."""
        row = self.row
        if self.status is InvoiceStatus.PAID and not self.paid_on:
            row.set("status", "paid")
        row.set("paid_on", self.paid_on)
        row.set("paid_amount", "" if self.paid is None else cells.unmistakable(str(self.paid)))
