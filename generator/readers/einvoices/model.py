"""What an e-invoice says, whichever form it has: texts under the names of our columns, and the parties as far as they can be known."""

from __future__ import annotations

from dataclasses import dataclass, field

#: What the fields are called in problems: their names in EN 16931, the standard that all forms share.
NAMES = {
    "number": "BT-1 number",
    "client": "BG-7 buyer",
    "issued": "BT-2 issue date",
    "total": "BT-112 total",
    "due": "BT-9 due date",
    "terms": "BT-20 terms",
    "currency": "BT-5 currency",
    "subject": "BT-153 item",
    "order": "BT-13 order",
    "vat": "BG-23 VAT",
    "document": "file",
    "status": "BT-3 type",
    "credit_of": "BT-25 preceding invoice",
}
BUYER_NAMES = {
    "id": "BG-7 buyer",
    "name": "BT-44 buyer",
    "email": "BT-58 email",
    "contact": "BT-56 contact",
    "phone": "BT-57 phone",
    "kind": "BG-7 kind",
    "siren": "BT-47 SIREN",
    "vat_number": "BT-48 VAT number",
    "address": "BG-8 address",
}
PREPAID_NAMES = {
    "date": "BT-2 issue date",
    "client": "BG-7 buyer",
    "amount": "BT-113 paid amount",
    "currency": "BT-5 currency",
    "invoice": "BT-1 number",
}

CORRECTED = "384"
FACTORED = frozenset({"393", "396"})


@dataclass(frozen=True, slots=True)
class Party:
    """A seller or a buyer. `siren` and `vat_number` are regular; what was written and is no such number is left out."""

    name: str = ""
    trading_name: str = ""
    siren: str = ""
    vat_number: str = ""
    contact: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class EInvoice:
    """One e-invoice. Amounts are decimal texts with a point, dates ISO texts where they are dates at all.

    `total` is what the invoice comes to, negative for a credit note; `prepaid` the part of it that it does not ask for.
    `preceding` are the invoices that a credit note credits, or a corrected invoice replaces. `unsound` is how its totals contradict
    each other, where they do.
    """

    file: str
    kind: str
    number: str
    issued: str
    currency: str
    total: str
    prepaid: str = ""
    due: tuple[str, ...] = ()
    terms: str = ""
    vat: str = ""
    order: str = ""
    subject: str = ""
    ibans: tuple[str, ...] = ()
    payee: str = ""
    preceding: tuple[str, ...] = ()
    unsound: str = ""
    is_credit: bool = False
    seller: Party = field(default_factory=Party)
    buyer: Party = field(default_factory=Party)

    @property
    def last_due(self) -> str:
        """The day from which it may be asked for: the last of its due dates."""
        return max(self.due, default="")

    @property
    def status(self) -> str:
        """Of an invoice that a factor collects, its status; nothing for all others."""
        return "factored" if self.kind in FACTORED else ""

    @property
    def facts(self) -> tuple[str, ...]:
        """What two files of one invoice have in common."""
        return (self.number, self.issued, self.currency, self.total, self.prepaid, self.last_due, self.buyer.name)
