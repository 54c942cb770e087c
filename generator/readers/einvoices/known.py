"""The rows that the ledger has already, and what an e-invoice of the same number adds to them, or contradicts."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from generator.checks import Clean, clean, fold, slug
from generator.domain.ledger import InvoiceStatus
from generator.domain.money import Money, is_currency, total
from generator.problems import Flaw
from generator.problems import einvoices as problems
from generator.readers import cells
from generator.readers.einvoices.names import key
from generator.readers.row import SPOILT
from generator.readers.words import STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from generator.readers.einvoices.model import EInvoice
    from generator.readers.einvoices.parties import Clients
    from generator.readers.row import Row

_ASKED_FOR = frozenset({InvoiceStatus.OPEN, InvoiceStatus.LITIGATION})


class Known:
    """The invoices of the ledger by their numbers; `F-2026-1` and `F2026-1` are one where the ledger has one of them only."""

    def __init__(self, rows: Iterable[Row]) -> None:
        """From all rows of invoices, whatever their tables."""
        self.numbers: dict[str, str] = {}
        self._rows: dict[str, list[Row]] = {}
        self._alike: dict[tuple[str, ...], list[str]] = {}
        for row in rows:
            self.enter(row)

    def enter(self, row: Row) -> None:
        """One more row."""
        number = row.text("number")
        if not number or number == SPOILT:
            return
        folded = fold(number)
        if folded not in self.numbers:
            self.numbers[folded] = number
            self._alike.setdefault(key(number), []).append(folded)
        self._rows.setdefault(folded, []).append(row)

    def of(self, number: str) -> list[Row]:
        """The rows of an invoice: none, one, or one for each of its parts."""
        found = self._rows.get(fold(number))
        alike = self._alike.get(key(number), ()) if key(number) else ()
        return found or (self._rows[alike[0]] if len(alike) == 1 else [])


def fill(row: Row, column: str, text: str) -> None:
    """Fills in an empty cell with what is fit for a cell."""
    if text and not row.text(column) and isinstance(clean(text), Clean):
        row.table.fill(row, column, text)


def is_asked_for(row: Row) -> bool:
    """Whether the status of a row, as far as it can be read, leaves the invoice to be paid."""
    return not row.text("status") or STATUSES.get(slug(row.text("status"))) in _ASKED_FOR


def day(text: str) -> date | None:
    """A date; None for anything else, of which the row itself will tell."""
    found = cells.day(text) if text else None
    return found if isinstance(found, date) else None


def money(text: str, currency: str, mark: str = ".") -> Money | None:
    """An amount; None for anything else, of which the row itself will tell."""
    found = cells.amount(text, currency, mark) if text and is_currency(currency) else None
    return found if isinstance(found, Money) else None


def row_money(row: Row, column: str, currency: str) -> Money | None:
    """The amount of a row, read as the row itself will be; `currency` where it names none."""
    text = row.text(column)
    written = cells.amount_text(text)
    code = cells.currency_code(row.text("currency")) if row.text("currency") else (written and written.currency)
    if isinstance(code, Flaw):
        return None
    return money(text, code or currency, row.table.mark(column))


def complete(rows: Sequence[Row], invoice: EInvoice) -> None:
    """Fills in what the rows of an invoice do not say and the e-invoice does."""
    for row in rows:
        written = cells.amount_text(row.text("total"))
        if written and not written.currency and is_currency(invoice.currency):
            fill(row, "currency", invoice.currency)
        fill(row, "status", invoice.status)
        fill(row, "order", invoice.order)
        fill(row, "subject", invoice.subject)
        if invoice.is_credit:
            continue
        if len(rows) == 1:
            fill(row, "vat", invoice.vat)
        issued, due = day(row.text("issued")), day(invoice.last_due)
        if not row.text("terms") and issued and due and issued <= due:
            fill(row, "due", invoice.last_due)


def same_document(rows: Sequence[Row], invoice: EInvoice, currency: str) -> list[Row]:
    """Of the rows with the number of an e-invoice those that may be it: a credit note is no invoice, unless a sign is missing."""
    whole = money(invoice.total, invoice.currency or currency)
    another = key(invoice.number) in map(key, invoice.preceding)  # it credits an invoice of its own number

    def may_be(row: Row) -> bool:
        amount = row_money(row, "total", invoice.currency or currency)
        if amount is None or whole is None:
            return True
        if (amount.minor < 0) == invoice.is_credit:
            return True
        return not another and abs(amount.minor) == abs(whole.minor)

    return [row for row in rows if may_be(row)]


def compare(rows: Sequence[Row], invoice: EInvoice, clients: Clients, currency: str) -> bool:
    """Notes with the rows what cannot be true together with the e-invoice; both places are named.

    True when nothing contradicts the client of the row, and nothing says that the invoice is theirs either.
    """
    row = rows[0]
    _compare_totals(rows, invoice, currency)
    issued, written = day(row.text("issued")), day(invoice.issued)
    if issued and written and issued != written:
        _differ(row, "issued", "invoice date", written.isoformat(), invoice)
    client = clients.ids.get(fold(row.text("client")), "")
    like = clients.like(invoice.buyer)
    if client and (clients.contradicts(client, invoice.buyer) or (like and client not in like)):
        number = invoice.buyer.siren or invoice.buyer.vat_number
        _differ(row, "client", "client", f"{invoice.buyer.name} ({number})" if number else invoice.buyer.name, invoice)
    for part in rows if not invoice.is_credit else ():
        _compare_due(part, invoice, alone=len(rows) == 1)
    if not client or row.failed or not clients.is_stranger(client, invoice.buyer):
        return False
    buyer = invoice.buyer
    sign = f"SIREN {buyer.siren}" if buyer.siren else f"VAT number {buyer.vat_number}" if buyer.vat_number else "name"
    named = f"{client} ({clients.name(client)})"
    row.table.problems.append(
        problems.BUYER_DIFFERS.at(row.ref("client"), buyer.name, client=named, file=invoice.file, sign=sign)
    )
    return True


def _compare_totals(rows: Sequence[Row], invoice: EInvoice, currency: str) -> None:
    """Parts that are not all written yet may come to less; what remains after a prepayment is as good as the whole."""
    if any(not is_asked_for(row) for row in rows):
        return
    currency = invoice.currency or currency
    whole, prepaid = money(invoice.total, currency), money(invoice.prepaid or "0", currency)
    amounts = [row_money(row, "total", currency) for row in rows]
    known = [amount for amount in amounts if amount is not None]
    if whole is None or prepaid is None or len(known) < len(rows):
        return
    row = rows[0]
    if any(amount.currency != currency for amount in known):
        _differ(row, "total", "total", f"{invoice.total} {currency}", invoice)
        return
    have = total(known, currency)
    right = have <= whole if len(rows) > 1 else have in {whole, whole - prepaid}
    if not right:
        _differ(row, "total", "total", f"{invoice.total} {currency}", invoice)


def _compare_due(row: Row, invoice: EInvoice, *, alone: bool) -> None:
    """A client may have been given more time, never less; parts have days of their own."""
    due, written = day(row.text("due")), day(invoice.last_due)
    if not due or not written or due == written or not alone:
        return
    if due < written:
        _differ(row, "due", "due date", written.isoformat(), invoice)
    else:
        row.table.problems.append(
            problems.DUE_LATER.at(row.ref("due"), row.text("due"), written=written.isoformat(), file=invoice.file)
        )


def _differ(row: Row, column: str, what: str, written: str, invoice: EInvoice) -> None:
    row.fail(problems.DIFFERS.at(row.ref(column), row.text(column), what=what, written=written, file=invoice.file))


def fail_of_another(earlier: Row, row: Row, invoice: EInvoice) -> bool:
    """Notes with both rows that an invoice replaces one of another client: neither counts as it stands."""
    ours, theirs = row.text("client"), earlier.text("client")
    if fold(ours) == fold(theirs):
        return False
    number = earlier.text("number")
    for one in (row, earlier):
        said = {"number": invoice.number, "file": invoice.file, "client": ours, "other": theirs}
        one.fail(problems.CORRECTS_OTHER.at(one.ref("client"), number, **said))
    return True


def correct(rows: Sequence[Row], by: Sequence[Row], invoice: EInvoice) -> bool:
    """Makes the rows void that a corrected invoice replaces, unless they say that they are to be paid, or have been."""
    changed = False
    settled = any(_paid_column(row) or not is_asked_for(row) for row in by)
    for row in rows:
        if paid := _paid_column(row):
            if not settled:  # nobody knows what the money paid: the invoice asks for all of it again
                row.fail(
                    problems.CORRECTS_PAID.at(row.ref(paid), row.text(paid), number=invoice.number, file=invoice.file)
                )
        elif not row.text("status"):
            row.table.fill(row, "status", "void")
            changed = True
        elif is_asked_for(row):
            _differ(row, "status", "status", f"replaced by {invoice.number}", invoice)
    return changed


def _paid_column(row: Row) -> str:
    """Where a row says that it was paid."""
    if column := next((column for column in ("paid_on", "paid_amount") if row.text(column)), ""):
        return column
    return "status" if STATUSES.get(slug(row.text("status"))) is InvoiceStatus.PAID else ""
