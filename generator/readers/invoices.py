"""`invoices.csv`: invoices, credit notes, and the payments that `paid_on` stands for."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from generator.checks import fold
from generator.domain.claims import claimed_of
from generator.domain.ledger import CreditNote, Invoice, InvoiceStatus, Payment
from generator.domain.terms import Terms, due_date
from generator.problems import Flaw
from generator.problems import cells as flaws
from generator.problems import facts as problems
from generator.problems import fees as fee_problems
from generator.readers import cells
from generator.readers.documents import document as read_document
from generator.readers.row import SPOILT, place_of
from generator.readers.words import STATUSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from generator.domain.money import Money
    from generator.readers.facts import Facts
    from generator.readers.row import Row

_ASKED_FOR = frozenset({InvoiceStatus.OPEN, InvoiceStatus.LITIGATION})
_LONGEST_DISCOUNT = 365
_due = lru_cache(maxsize=65_536)(due_date)


def read_invoices(facts: Facts) -> None:
    """Every invoice and credit note. Their numbers first: a credit note may stand before its invoice."""
    _enter_numbers(facts, facts.rows("invoices"))
    for table in facts.tables["invoices"]:
        more = [(column, table.at[column], reader) for column, reader in _MORE.items() if table.has(column)]
        for row in table.rows:
            _read(facts, row, more)


def _brought(row: Row) -> str:
    """What the work brought, in words. A column of amounts or of days that goes by the same name is no sentence for a client."""
    text = _on_one_line(row.text("value"))
    if text == SPOILT:
        return ""
    if not any(character.isalpha() for character in text) or cells.amount_text(text) is not None:
        row.table.problems.append(flaws.VALUE_NO_WORDS.at(row.ref("value"), text))
        return ""
    return text


#: What a row may say besides, column by column; a column that the file lacks is never looked for, nor is an empty cell.
_MORE: dict[str, Callable[[Row], Any]] = {
    "subject": lambda row: _on_one_line(row.text("subject")),
    "value": _brought,
    "order": lambda row: row.text("order"),
    "part": lambda row: row.text("part"),
    "dispute_reason": lambda row: row.text("dispute_reason"),
    "vat": lambda row: row.read("vat", cells.vat) or (),
    "received_on": lambda row: row.day("received_on"),
    "promised_on": lambda row: row.day("promised_on"),
    "disputed_on": lambda row: row.day("disputed_on"),
    "dispute_closed_on": lambda row: row.day("dispute_closed_on"),
    "discount_percent": lambda row: row.read("discount_percent", cells.percent) or None,
    "discount_days": lambda row: row.read("discount_days", lambda text: cells.whole(text, 0, _LONGEST_DISCOUNT)) or 0,
}


def _enter_numbers(facts: Facts, rows: Iterable[Row]) -> None:
    """Enters every number, and every part's own name, so that the other files can find them; a name has one row."""
    first: dict[str, Row] = {}
    owners: dict[str, Row] = {}
    for row in rows:
        number, part = row.text("number"), row.text("part")
        if not number or SPOILT in (number, part):
            continue
        name = f"{number}/{part}" if part else number
        key = fold(number)
        owner = owners.setdefault(key, row)
        earlier = first.setdefault(fold(name) if part else key, row)
        if owner is not row and earlier is row and fold(owner.text("client")) != fold(row.text("client")):
            earlier = owner
        if earlier is not row:
            client = earlier.text("client")
            where = "the invoice" if fold(client) == fold(row.text("client")) else f"an invoice of {client}"
            row.fail(problems.INVOICE_DUPLICATE.at(row.ref("number"), name, place=f"{where} {place_of(earlier, row)}"))
        facts.invoice_names.setdefault(key, number)
        if part:
            facts.invoice_names.setdefault(fold(name), name)


def _read(facts: Facts, row: Row, columns: list[tuple[str, int, Callable[[Row], Any]]]) -> None:
    status = row.word("status", STATUSES, InvoiceStatus.OPEN, "status")
    if status is InvoiceStatus.DRAFT and not row.text("number"):
        return
    number = row.need("number")
    client = facts.client(row)
    issued = row.day("issued") if row.need("issued") else None
    total = row.money("total", row.currency(facts.seller.currency, beside="total"))
    paid_on = row.day("paid_on")
    if paid_on and status is InvoiceStatus.PAID:
        status = InvoiceStatus.OPEN  # the day is known: it is a payment like any other
    status, paid = _paid(row, status, total, paid_on)
    if total is not None and total.minor < 0:
        _credit_note(facts, row, client, issued, total, paid_on, counts=status in _ASKED_FOR)
        return
    if row.text("credit_of"):
        row.fail(problems.CREDIT_OF_INVOICE.at(row.ref("credit_of"), row.text("credit_of")))
    due = _due_day(facts, row, client, issued, asked=status in _ASKED_FOR)
    more = {column: reader(row) for column, index, reader in columns if row.cells[index]}
    document = _document(facts, row)
    _check_name(row, number)
    _check_discount(row)
    _check_dispute(row, more.get("disputed_on"), more.get("dispute_closed_on"))
    if row.failed or issued is None or due is None or total is None:
        facts.spoilt_invoices.setdefault(f"{number}/{row.text('part')}" if row.text("part") else number, client)
        return
    invoice = Invoice(
        number=number,
        client=client,
        issued=issued,
        due=due,
        total=total,
        status=status,
        paid_undated=None if paid_on else paid,
        document=document,
        source=row.source,
        **more,
    )
    facts.invoices.append(invoice)
    facts.by_name.setdefault(number, []).append(invoice)
    if invoice.part:
        facts.by_name.setdefault(invoice.id, []).append(invoice)
    if paid is not None:
        facts.paid_so_far[invoice.id] = row.source
    elif paid_on and total:
        facts.paid_on[invoice.id] = row.source
    if paid_on and (amount := paid or total):
        facts.stood_for.append(Payment(client, paid_on, amount, (invoice.id,), source=row.source))


def _paid(
    row: Row, status: InvoiceStatus, total: Money | None, paid_on: date | None
) -> tuple[InvoiceStatus, Money | None]:
    """The status, and what `paid_amount` says came in; nothing for what is paid in full, or not at all."""
    paid = row.money("paid_amount", total.currency) if total is not None and row.text("paid_amount") else None
    said = "paid_on" if paid_on else "paid_amount" if paid else ""
    if said and status not in _ASKED_FOR and (paid_on or status is not InvoiceStatus.PAID):
        owed = status.value.replace("_", " ")
        row.fail(problems.PAID_ON_NOT_OWED.at(row.ref(said), row.text(said), status=owed))
        return status, None
    settled = status is InvoiceStatus.PAID
    if total is None or paid is None or not (paid or paid_on or settled):
        return status, None
    if paid == total:
        return status if paid_on else InvoiceStatus.PAID, None
    reason = ""
    if total.minor < 0:
        reason = f"of a credit note of {total}: it is given back as a whole, or not at all"
    elif paid.minor <= 0:
        reason = "which is no amount that came in"
    elif settled:
        reason = f"of {total}, and its status says that all is"
    elif total < paid and not paid_on:
        reason = f"more than its total of {total}, and no day is written"
    if reason:
        row.fail(problems.PAID_AMOUNT_WRONG.at(row.ref("paid_amount"), row.text("paid_amount"), reason=reason))
    return status, None if reason else paid


def _credit_note(
    facts: Facts, row: Row, client: str, issued: date | None, total: Money, paid_on: date | None, *, counts: bool
) -> None:
    """A negative total. With `paid_on`, the money was given back that day. One that is a draft or void does not count."""
    number = row.text("number")
    facts.credit_numbers.add(number)
    if part := row.text("part"):
        row.fail(problems.PART_OF_CREDIT.at(row.ref("part"), part))
    of = facts.names(row, "credit_of", problems.INVOICE_UNKNOWN)
    if len(of) > 1:
        row.fail(problems.INVOICE_UNKNOWN.at(row.ref("credit_of"), row.text("credit_of"), advice="Name one invoice."))
    if row.failed or issued is None or not counts:
        return
    note = CreditNote(
        number, client, issued, -total, of[0] if of else "", _on_one_line(row.text("subject")), row.source
    )
    facts.credit_notes.append(note)
    if paid_on:
        facts.stood_for.append(Payment(client, paid_on, total, source=row.source))


def _due_day(facts: Facts, row: Row, client: str, issued: date | None, *, asked: bool) -> date | None:
    """The date as typed, else by the terms of the invoice, the client or the seller; only then do payment days move it."""
    terms = row.read("terms", cells.terms)
    if row.text("due"):
        due = row.day("due")
        if due and issued and due < issued:
            row.fail(problems.DUE_BEFORE_ISSUE.at(row.ref("due"), row.text("due"), issued=row.text("issued")))
        return due
    if issued is None or (row.text("terms") and terms is None):
        return None
    known = facts.clients.get(client)
    if terms is None:
        terms = _terms(known.terms if known else "") or _terms(facts.seller.terms)
    if terms is not None:
        return _due(issued, terms, known.payment_days if known else ())
    if not asked:
        return issued
    if known is not None:
        row.fail(problems.DUE_MISSING.at(row.ref("due")))
    return None


def _terms(text: str) -> Terms | None:
    found = cells.terms(text) if text else None
    return found if isinstance(found, Terms) else None


def _check_name(row: Row, number: str) -> None:
    """The late fees of an invoice have a name of their own, which no other invoice may have."""
    column = "part" if row.text("part") else "number"
    name = f"{number}/{row.text('part')}" if row.text("part") else number
    if invoice := claimed_of(name.casefold()):
        row.fail(fee_problems.PART_RESERVED.at(row.ref(column), name, invoice=name[: len(invoice)]))


def _check_discount(row: Row) -> None:
    percent, days = row.text("discount_percent"), row.text("discount_days")
    if bool(percent) != bool(days):
        present, absent = ("discount_percent", "discount_days") if percent else ("discount_days", "discount_percent")
        row.fail(problems.DISCOUNT_INCOMPLETE.at(row.ref(present), percent or days, present=present, absent=absent))


def _check_dispute(row: Row, opened: date | None, closed: date | None) -> None:
    if not row.text("disputed_on"):
        for column in ("dispute_reason", "dispute_closed_on"):
            if row.text(column):
                row.fail(problems.DISPUTE_UNDATED.at(row.ref(column), row.text(column)))
                return
    if opened and closed and closed < opened:
        place, typed = row.ref("dispute_closed_on"), row.text("dispute_closed_on")
        row.fail(problems.DISPUTE_CLOSED_EARLY.at(place, typed, opened=row.text("disputed_on")))


def _on_one_line(text: str) -> str:
    """A description as spreadsheets hold it, over several lines, as one that a sentence or a header can carry."""
    return " ".join(text.split())


def _document(facts: Facts, row: Row) -> str:
    text = row.text("document")
    if not text or text == SPOILT:
        return ""
    found = read_document(text, facts.folder)
    if isinstance(found, Flaw) and found.entry is flaws.DOCUMENT_MISSING:
        row.table.problems.append(found.at(row.ref("document"), text))
        return ""
    return row.value("document", text, found) or ""
