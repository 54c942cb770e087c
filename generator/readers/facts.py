"""The ledger while it is being read: what is known so far, and how the names in one file are found in another."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

from generator.checks import fold
from generator.domain.claims import claimed_of, fee_id
from generator.domain.ledger import Ledger, SourceRef
from generator.domain.policy import Policy
from generator.problems import Entry
from generator.problems import facts as problems
from generator.readers.cells import listed
from generator.readers.row import SPOILT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from generator.config import Seller
    from generator.domain.ledger import (
        AgreementRecord,
        BankPeriod,
        Client,
        Contact,
        CreditNote,
        Dispute,
        FeeWaiver,
        Invoice,
        Payment,
        Problem,
        Promise,
        Taking,
        VoucherRecord,
    )
    from generator.domain.proposals import Proposal
    from generator.readers.row import Row
    from generator.readers.table import Table

_MOST_SUGGESTIONS = 20


@dataclass(slots=True)
class Facts:
    """Everything read so far. Names are found by their folded form; also those of rows that failed, so that one slip is told once.

    `tables` are those of each kind, by its name. `stood_for` are the payments that cells of an invoice stand for (`paid_on`,
    `paid_amount`); `payments` are all others. `spoilt` are clients whose own row is wrong somewhere, as far as it could be read
    (`spoilt_invoices`: such invoices, with whose they are);
    `unreadable` those who are held back for anything of theirs that could not be read. `addresses_later`: a client whose address
    nobody knows is no mistake, and nothing is sent to them.
    """

    folder: Path
    seller: Seller
    tables: dict[str, list[Table]]
    policy: Policy = field(default_factory=Policy)
    clients: dict[str, Client] = field(default_factory=dict)
    client_ids: dict[str, str] = field(default_factory=dict)
    client_rows: dict[str, Row] = field(default_factory=dict)
    invoice_names: dict[str, str] = field(default_factory=dict)
    invoices: list[Invoice] = field(default_factory=list)
    by_name: dict[str, list[Invoice]] = field(default_factory=dict)
    credit_notes: list[CreditNote] = field(default_factory=list)
    credit_numbers: set[str] = field(default_factory=set)
    payments: list[Payment] = field(default_factory=list)
    stood_for: list[Payment] = field(default_factory=list)
    paid_on: dict[str, SourceRef] = field(default_factory=dict)
    paid_so_far: dict[str, SourceRef] = field(default_factory=dict)
    contacts: list[Contact] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)
    agreements: list[AgreementRecord] = field(default_factory=list)
    takings: list[Taking] = field(default_factory=list)
    by_hand: set[str] = field(default_factory=set)
    bank_periods: list[BankPeriod] = field(default_factory=list)
    set_aside: set[str] = field(default_factory=set)
    proposals: list[Proposal] = field(default_factory=list)
    vouchers: list[VoucherRecord] = field(default_factory=list)
    fee_waivers: list[FeeWaiver] = field(default_factory=list)
    spoilt: dict[str, Client] = field(default_factory=dict)
    spoilt_invoices: dict[str, str] = field(default_factory=dict)
    unreadable: dict[str, tuple[SourceRef, ...]] = field(default_factory=dict)
    from_accounts: bool = False
    suggestions: int = 0

    def ledger(self) -> Ledger:
        """What was read, as the domain takes it."""
        return Ledger(
            clients={client: self.spoilt[client] for client in self.unreadable if client in self.spoilt} | self.clients,
            invoices=tuple(self.invoices),
            credit_notes=tuple(self.credit_notes),
            payments=(*self.stood_for, *self.payments),
            contacts=tuple(self.contacts),
            promises=tuple(self.promises),
            disputes=tuple(self.disputes),
            agreements=tuple(self.agreements),
            takings=tuple(self.takings),
            by_hand=frozenset(self.by_hand),
            bank_periods=tuple(self.bank_periods),
            set_aside=frozenset(self.set_aside),
            proposals=tuple(self.proposals),
            vouchers=tuple(self.vouchers),
            fee_waivers=tuple(self.fee_waivers),
            unreadable=self.unreadable,
        )

    def problems(self) -> list[Problem]:
        """Every problem of the files, file after file, from the first line to the last."""
        return [
            problem
            for tables in self.tables.values()
            for table in tables
            for problem in sorted(table.problems, key=lambda problem: problem.where.line)
        ]

    def rows(self, name: str) -> Iterator[Row]:
        """The rows of all the tables of one kind."""
        return (row for table in self.tables[name] for row in table.rows)

    def known(self, name: str) -> bool:
        """Whether all the rows of one kind could be seen."""
        return all(table.known for table in self.tables[name])

    def place(self, source: SourceRef, column: str) -> SourceRef:
        """A cell of the row that a fact came from."""
        holding = self._holding(source.file)
        table = next((table for table in holding if table.has(column)), holding[0])
        return SourceRef(source.file, source.line, table.header(column))

    def tell(self, problem: Problem) -> None:
        """Lists a problem with those of the file that it is in."""
        self._holding(problem.where.file)[0].problems.append(problem)

    def _holding(self, file: str) -> list[Table]:
        return [table for tables in self.tables.values() for table in tables if file in table.files]

    def client(self, row: Row) -> str:
        """The id of the client that a row is about, as clients.csv writes it."""
        text = row.need("client")
        if not text or text == SPOILT:
            return ""
        found = self.client_ids.get(fold(text))
        if found is None and self.known("clients"):
            row.fail(problems.CLIENT_UNKNOWN.at(row.ref("client"), text, advice=self._advice_on_client(text)))
        return found or text

    def names(self, row: Row, column: str, unknown: Entry) -> tuple[str, ...]:
        """The invoices that a cell names, as invoices.csv writes them: separated by commas, semicolons or spaces.

        What names the late fees of an invoice names the invoice.
        """
        return tuple(dict.fromkeys(claimed_of(name) or name for name in self.names_with_fees(row, column, unknown)))

    def names_with_fees(self, row: Row, column: str, unknown: Entry) -> tuple[str, ...]:
        """The same, late fees by their own name: F-2026-118/fees."""
        text = row.text(column)
        if not text or text == SPOILT:
            return ()
        whole = self._name(text)
        if whole is not None:
            return (whole,)
        found: list[str] = []
        for part in listed(text):
            name = self._name(part)
            words = [part] if name is not None else part.split()
            for word in words:
                known = name or self._name(word)
                if known is None and self.known("invoices"):
                    row.fail(unknown.at(row.ref(column), word, advice=self._advice_on_invoice(word)))
                found.append(known or word)
        return tuple(dict.fromkeys(found))

    def _name(self, text: str) -> str | None:
        """The name of an invoice, or of its late fees, as it is written in invoices.csv."""
        known = self.invoice_names.get(fold(text))
        if known is None and (invoice := claimed_of(text.strip().casefold())):
            known = self.invoice_names.get(fold(invoice))
            return known and fee_id(known)
        return known

    def found_names(self, text: str) -> tuple[str, ...]:
        """The invoices that a cell names, as far as they are known."""
        parts = [text, *listed(text), *text.split()]
        known = (self.invoice_names.get(fold(part)) for part in parts)
        return tuple(dict.fromkeys(name for name in known if name))

    def named(self, names: tuple[str, ...]) -> list[Invoice]:
        """The invoices of these names; every part of an invoice that is named as a whole."""
        return [invoice for name in names for invoice in self.by_name.get(name, ())]

    def _advice_on_client(self, text: str) -> str:
        key = fold(text)
        if namesake := next((client.id for client in self.clients.values() if fold(client.name) == key), ""):
            return f"It is the name of a client whose id is {namesake}: write {namesake}."
        close = self._close(key, self.client_ids)
        return f"Did you mean {close}?" if close else "Add them to clients.csv, or correct the id."

    def _advice_on_invoice(self, text: str) -> str:
        close = self._close(fold(text), self.invoice_names)
        return f"Did you mean {close}?" if close else "Correct the number, or add the invoice to invoices.csv."

    def _close(self, key: str, names: dict[str, str]) -> str:
        """A name that looks alike. Looking is slow, so it is done for the first slips only."""
        self.suggestions += 1
        if self.suggestions > _MOST_SUGGESTIONS:
            return ""
        figures = re.sub(r"[^0-9]", "", key)
        likely = [name for name in names if re.sub(r"[^0-9]", "", name) == figures] if figures else list(names)
        close = get_close_matches(key, likely[:5000], 1, cutoff=0.7)
        return names[close[0]] if close else ""
