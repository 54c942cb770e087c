"""What an e-invoice says was paid before it, beside the payments that the owner and relance booked: the same money counts once.

A deposit may stand in the invoice, in the ledger, or in both. Where it cannot be told which, nothing is counted, and it is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from generator.checks import fold, slug
from generator.domain.ledger import Progress, SourceRef
from generator.domain.money import Money, total
from generator.problems import einvoices as problems
from generator.readers import cells
from generator.readers.einvoices.known import day, is_asked_for, money, row_money
from generator.readers.einvoices.model import PREPAID_NAMES
from generator.readers.words import PROGRESS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from generator.readers.einvoices.made import Made
    from generator.readers.einvoices.model import EInvoice
    from generator.readers.row import Row


class _Payment(NamedTuple):
    """A payment that names an invoice. `alone`: it names no other."""

    on: str
    amount: Money
    alone: bool
    row: Row


class Booked:
    """The payments that name invoices, with their days."""

    def __init__(self, rows: Iterable[Row], currency: str) -> None:
        """From the rows of all tables of payments; `currency` where a row names none."""
        self._of: dict[str, list[_Payment]] = {}
        stripe: set[str] = set()
        for row in rows:
            paid, on = row_money(row, "amount", currency), day(row.text("date"))
            if paid is None or on is None or not _has_come(row, stripe):
                continue
            whole = fold(row.text("invoice"))
            for name in dict.fromkeys(_names(row.text("invoice"))):
                self._of.setdefault(name, []).append(_Payment(on.isoformat(), paid, name == whole, row))

    def of(self, rows: Sequence[Row], currency: str) -> list[_Payment]:
        """Those of one invoice, whole or in parts, in its currency."""
        names = {fold(row.text("number")) for row in rows}
        names |= {fold(f"{row.text('number')}/{row.text('part')}") for row in rows if row.text("part")}
        found = {id(paid.row): paid for name in sorted(names) for paid in self._of.get(name, ())}
        return [paid for paid in found.values() if paid.amount.currency == currency]


def _names(text: str) -> Iterator[str]:
    """The invoices that a cell may name: all of it, its parts, and their words."""
    yield fold(text)
    for part in cells.listed(text):
        yield from map(fold, (part, *part.split()))


def _has_come(row: Row, seen: set[str]) -> bool:
    """Whether a row is of money that came; of several rows about one payment by Stripe, the first that says so."""
    if "stripe" not in row.table.at:
        return True
    status, known = row.text("status"), row.text("stripe")
    if (status and PROGRESS.get(slug(status)) is not Progress.PAID) or (known and known in seen):
        return False
    seen.add(known)
    return True


def prepay(made: Made, rows: Sequence[Row], invoice: EInvoice, booked: Booked, currency: str) -> None:
    """A payment of what the invoice says was paid before it, as far as no payment booked by its day says the same."""
    row = rows[0]
    currency = invoice.currency or currency
    prepaid, whole = money(invoice.prepaid, currency), money(invoice.total, currency)
    if prepaid is None or whole is None or any(_says_what_was_paid(part) for part in rows):
        return
    payments = booked.of(rows, currency)
    have = [row_money(part, "total", currency) for part in rows]
    remains = len(have) == 1 and have[0] == whole - prepaid  # the ledger asks for no more
    before = total((paid.amount for paid in payments if paid.alone and paid.on <= invoice.issued), currency)
    rest = prepaid - before
    doubted = _doubted(payments, invoice.issued, rest, whole - prepaid, remains=remains)
    if doubted is not None:
        made.say(
            problems.PREPAID_DOUBTFUL.at(
                doubted.row.ref("amount"),
                doubted.row.text("amount"),
                prepaid=f"{prepaid} {currency}",
                file=invoice.file,
                number=row.text("number"),
                issued=invoice.issued,
            )
        )
        return
    if remains or rest.minor <= 0:
        return
    values = {"date": invoice.issued, "client": row.text("client"), "invoice": row.text("number")}
    made.payments.add(0, {**values, "amount": str(rest), "currency": currency}, file=invoice.file)
    payable = whole - prepaid
    asked = f"no more than {payable} {currency} is asked" if payable.minor > 0 else "nothing more is asked for it"
    made.say(
        problems.PREPAID.at(
            SourceRef(invoice.file, 0, PREPAID_NAMES["amount"]),
            paid=f"{prepaid} {currency}",
            total=f"{whole} {currency}",
            asked=asked,
        )
    )


def _says_what_was_paid(row: Row) -> bool:
    return bool(row.text("paid_on") or row.text("paid_amount")) or not is_asked_for(row)


def _doubted(payments: Sequence[_Payment], issued: str, rest: Money, left: Money, *, remains: bool) -> _Payment | None:
    """A payment that may be a part of what was paid before, although its row does not say so.

    `rest` is that part without what was booked by the day of the invoice, `left` what the invoice asks for. A later payment is
    another for certain when it is more than `rest`, or when all of them come to `left`. `remains`: the ledger asks for `left` only.
    """
    came = [paid for paid in payments if paid.amount.minor > 0]
    later = [paid for paid in came if paid.on > issued]
    if remains:
        return next((paid for paid in came if paid.on <= issued), None)
    if rest.minor <= 0:
        return None
    if shared := next((paid for paid in came if not paid.alone), None):
        return shared
    if same := next((paid for paid in later if paid.amount == rest), None):
        return same
    paid_later = total((paid.amount for paid in later), left.currency)
    if later and left < paid_later:
        return later[-1]
    return None if paid_later == left else next((paid for paid in later if paid.amount < rest), None)
