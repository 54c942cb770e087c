"""Rows made of e-invoices: invoices whose number is in no row of the ledger, clients made of buyers, and what was paid before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.domain.ledger import SourceRef
from generator.problems import Flaw
from generator.problems import einvoices as problems
from generator.readers import cells
from generator.readers.columns import CLIENTS, INVOICES, PAYMENTS
from generator.readers.einvoices.buyers import made_clients
from generator.readers.einvoices.model import BUYER_NAMES, NAMES, PREPAID_NAMES
from generator.readers.row import SPOILT
from generator.readers.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from generator.domain.ledger import Problem
    from generator.readers.einvoices.known import Known
    from generator.readers.einvoices.model import EInvoice
    from generator.readers.einvoices.parties import Clients
    from generator.readers.row import Row

#: Bodies of the state and of local authorities are the only ones whose SIREN begins so.
_PUBLIC = ("1", "2")


class Made:
    """The tables that e-invoices add to those of the ledger, under the name of their folder."""

    def __init__(self, folder: str) -> None:
        """Without rows yet."""
        self.invoices = Table.of(INVOICES, folder, NAMES)
        self.clients = Table.of(CLIENTS, folder, BUYER_NAMES)
        self.payments = Table.of(PAYMENTS, folder, PREPAID_NAMES)

    def say(self, problem: Problem) -> None:
        """Lists what is no fault of one row."""
        self.invoices.problems.append(problem)

    def add_clients(self, invoices: Sequence[EInvoice], clients: Clients) -> dict[str, list[str]]:
        """Makes clients of buyers that are none yet: the file of each invoice with its client, or with those it could be of."""
        made, of = made_clients(invoices, clients)
        for client, own in made.items():
            latest = own[0].buyer
            values = {
                "name": latest.name,
                "kind": _kind(own),
                "siren": _latest(one.buyer.siren for one in own),
                "vat_number": _latest(one.buyer.vat_number for one in own),
                "email": _latest(one.buyer.email for one in own),
                "contact": _latest(one.buyer.contact for one in own),
                "phone": _latest(one.buyer.phone for one in own),
                "address": _latest(one.buyer.address for one in own),
            }
            self.clients.add(0, {"id": client, **values}, file=own[0].file)
            of.update({one.file: [client] for one in own})
        return of

    def add(self, invoice: EInvoice, client: str) -> Row:
        """One invoice as a row; without a client, it says why there is none."""
        row = self.invoices.add(
            0,
            {
                "number": invoice.number,
                "client": client,
                "issued": invoice.issued,
                "total": invoice.total,
                "currency": invoice.currency,
                "status": invoice.status,
                "subject": invoice.subject,
                "order": invoice.order,
                "vat": "" if invoice.is_credit else invoice.vat,
                **self._when_due(invoice),
            },
            file=invoice.file,
        )
        if len(invoice.due) > 1:
            self.say(problems.SEVERAL_DUE.at(row.ref("due"), invoice.last_due))
        return row

    def _when_due(self, invoice: EInvoice) -> dict[str, str]:
        if invoice.is_credit or invoice.due:
            return {"due": "" if invoice.is_credit else invoice.last_due}
        if not invoice.terms or not isinstance(cells.terms(invoice.terms), Flaw):
            return {"terms": invoice.terms}
        self.say(problems.TERMS_UNREAD.at(SourceRef(invoice.file, 0, NAMES["terms"]), invoice.terms))
        return {}

    def credit(self, row: Row, invoice: EInvoice, known: Known) -> None:
        """Which invoice a credit note is about, when it says one that the ledger has."""
        if not invoice.preceding:
            return
        found = [known.of(number) for number in invoice.preceding]
        if len(found) == 1 and found[0]:
            row.table.fill(row, "credit_of", found[0][0].text("number"))
            return
        reason = "several invoices" if len(found) > 1 else "which is not in the ledger"
        self.say(problems.CREDITED_UNKNOWN.at(row.ref("credit_of"), ", ".join(invoice.preceding), reason=reason))


def fail_without_client(row: Row, invoice: EInvoice, found: Sequence[str]) -> None:
    """Notes that no client, or not one alone, is the buyer; the cell is then left alone by everyone else."""
    buyer = invoice.buyer
    if found:
        row.fail(problems.BUYER_AMBIGUOUS.at(row.ref("client"), buyer.name, clients=" or ".join(found)))
    else:
        sign = f"SIREN {buyer.siren}" if buyer.siren else f"VAT number {buyer.vat_number}" if buyer.vat_number else ""
        hint = f", with the {sign}" if sign else ""
        row.fail(problems.BUYER_UNKNOWN.at(row.ref("client"), buyer.name, hint=hint))
    row.cells[row.table.at["client"]] = SPOILT


def _latest(texts: Iterable[str]) -> str:
    return next(filter(None, texts), "")


def _kind(invoices: Sequence[EInvoice]) -> str:
    """What a buyer is, where their numbers leave no doubt; without a kind, they are written to as a consumer would be."""
    siren = _latest(one.buyer.siren for one in invoices)
    if siren.startswith(_PUBLIC):
        return "public"
    return "business" if _latest(one.buyer.vat_number for one in invoices) else ""
