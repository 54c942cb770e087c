"""E-invoices and PDFs, joined to the tables of a ledger: rows completed, rows added, each PDF with the one invoice it belongs to."""

from __future__ import annotations

from filecmp import cmp
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from generator.checks import fold
from generator.config_ledger import DOCUMENTS
from generator.domain.ledger import Severity, SourceRef
from generator.problems import Flaw, quoted
from generator.problems import einvoices as problems
from generator.readers.assembly import learnt_tables
from generator.readers.documents import document
from generator.readers.einvoices.known import (
    Known,
    compare,
    complete,
    correct,
    fail_of_another,
    fill,
    same_document,
)
from generator.readers.einvoices.made import Made, fail_without_client
from generator.readers.einvoices.model import CORRECTED, Party
from generator.readers.einvoices.names import Numbers, is_exactly
from generator.readers.einvoices.parties import Clients, is_ours
from generator.readers.einvoices.prepaid import Booked, prepay
from generator.readers.einvoices.reading import read_folder
from generator.readers.einvoices.twins import Twins

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.config import Seller, Settings
    from generator.domain.ledger import Problem
    from generator.readers.assembly import Source
    from generator.readers.einvoices.model import EInvoice
    from generator.readers.einvoices.reading import Read
    from generator.readers.row import Row

_NAMED = 5


def join(settings: Settings, source: Source) -> None:
    """Reads the folder of invoices and joins what it holds to the source, which is changed."""
    read = read_folder(settings)
    made = Made(settings.ledger.documents)
    for problem in read.problems:
        made.say(problem)
    if any(problem.severity is Severity.ERROR for problem in read.problems):
        made.invoices.known = False
    tables = source.tables
    if all(table.known for name in ("clients", "invoices") for table in tables.get(name, ())):
        _Joining(settings, source, made, read).run()
    for kind, table in (("clients", made.clients), ("invoices", made.invoices), ("payments", made.payments)):
        tables[kind] = [*tables.get(kind, ()), table]


class _Joining:
    """One folder of invoices, joined to one ledger."""

    def __init__(self, settings: Settings, source: Source, made: Made, read: Read) -> None:
        self.settings = settings
        self.made = made
        self.read = read
        self.alone = settings.ledger.format == DOCUMENTS
        self.clients = Clients(_rows(source, "clients"), _rows(source, "contacts"), namesakes=self.alone)
        self.known = Known(_rows(source, "invoices"))
        self.twins = Twins(_rows(source, "invoices"), settings.seller.currency)
        self.payments = tuple(_rows(source, "payments"))
        self.strangers: set[str] = set()  #: files whose buyer may be another than the client of their row
        self.rows: dict[str, list[Row]] = {}  #: of each e-invoice, by its file

    def run(self) -> None:
        """Invoices that the ledger has, then those that it has not, then what is between them, then their PDFs."""
        new = [invoice for invoice in self.read.invoices if not self._is_known(invoice)]
        of = {invoice.file: self.clients.like(invoice.buyer) for invoice in new}
        if self.alone:
            of |= self.made.add_clients([invoice for invoice in new if not of[invoice.file]], self.clients)
        taken = {id(row) for rows in self.rows.values() for row in rows}
        for invoice in new:
            self._add(invoice, of[invoice.file])
            self._ask_about_twin(invoice, taken)
        for row in self.made.invoices.rows:
            self.known.enter(row)
        for invoice in self.read.invoices:
            self._relate(invoice)
        self._prepay()
        self._say_added(new)
        for problem in _other_accounts(self.read.invoices, self.settings.seller):
            self.made.say(problem)
        self._link()

    def _is_known(self, invoice: EInvoice) -> bool:
        rows = same_document(self.known.of(invoice.number), invoice, self.settings.seller.currency)
        if rows:
            self.rows[invoice.file] = rows
            if _is_sound(rows[0], invoice):
                complete(rows, invoice)
                if compare(rows, invoice, self.clients, self.settings.seller.currency):
                    self.strangers.add(invoice.file)
        return bool(rows)

    def _add(self, invoice: EInvoice, found: Sequence[str]) -> None:
        client = found[0] if len(found) == 1 else ""
        row = self.made.add(invoice, client)
        self.rows[invoice.file] = [row]
        _is_sound(row, invoice)
        if not client and (invoice.buyer.name or found):
            fail_without_client(row, invoice, found)

    def _ask_about_twin(self, invoice: EInvoice, taken: set[int]) -> None:
        """The ledger may have an invoice under a number of its own: counted twice, it would be asked for twice, paid or not."""
        row = self.rows[invoice.file][0]
        twin = self.twins.of(row.text("client"), invoice, taken)
        if twin is not None:
            other, place = twin.text("number"), twin.source
            row.fail(problems.TWIN.at(row.ref("number"), invoice.number, other=quoted(other), place=place))

    def _relate(self, invoice: EInvoice) -> None:
        """What an invoice does to another; nothing while it is not certain itself."""
        rows = self.rows[invoice.file]
        if any(row.failed for row in rows):
            return
        if invoice.is_credit:
            if not rows[0].text("credit_of"):
                self.made.credit(rows[0], invoice, self.known)
        elif invoice.kind == CORRECTED:
            replaced = [found for number in invoice.preceding if (found := self.known.of(number)) and found != rows]
            if not any(fail_of_another(earlier[0], rows[0], invoice) for earlier in replaced):
                for earlier in replaced:
                    if correct(earlier, rows, invoice):
                        number = earlier[0].text("number")
                        self.made.say(problems.CORRECTED.at(SourceRef(invoice.file), number))

    def _prepay(self) -> None:
        """What was paid before, where an invoice says so and counts."""
        asked = [invoice for invoice in self.read.invoices if invoice.prepaid and not invoice.is_credit]
        if not asked:
            return
        currency = self.settings.seller.currency
        learnt = learnt_tables(self.settings)["relance-payments"]
        booked = Booked((*self.payments, *(row for table in learnt for row in table.rows)), currency)
        for invoice in asked:
            rows = self.rows[invoice.file]
            if fold(rows[0].text("client")) in self.clients.ids and not any(row.failed for row in rows):
                prepay(self.made, rows, invoice, booked, currency)

    def _say_added(self, new: Sequence[EInvoice]) -> None:
        """A folder that holds more than the ledger may hold invoices paid long ago."""
        new = [
            invoice
            for invoice in new
            if not any(row.failed for row in self.rows[invoice.file]) and len(self.known.of(invoice.number)) == 1
        ]
        if self.alone or not new:
            return
        named = (f"{invoice.number} ({invoice.buyer.name}: {self._client(invoice)})" for invoice in new[:_NAMED])
        numbers = ", ".join(named) + (", …" if len(new) > _NAMED else "")
        count = f"{len(new)} e-invoice{' is' if len(new) == 1 else 's are'} in no row of the ledger and counted all the same"
        self.made.say(problems.ADDED.at(SourceRef(self.settings.ledger.documents), numbers, count=count))

    def _client(self, invoice: EInvoice) -> str:
        """Whose an invoice became."""
        return self.rows[invoice.file][0].text("client")

    def _link(self) -> None:
        """Gives every invoice its PDF: the one that holds it, else the one that is named like it."""
        for file, pdf in self.read.pdfs.items():
            failed = any(row.failed for row in self.rows[file])
            if not failed and file not in self.strangers:  # else nobody knows whose invoice it is
                self._give(self.rows[file], pdf)
        numbers = Numbers(self.known.numbers.values())
        named: dict[str, list[str]] = {}
        for pdf in self.read.plain:
            found = numbers.within(PurePosixPath(pdf).stem)
            if len(found) > 1:
                self.made.say(problems.PDF_AMBIGUOUS.at(SourceRef(pdf), _name(pdf), choice=" or ".join(found)))
            elif found:
                named.setdefault(found[0], []).append(pdf)
            else:
                self._leave(pdf, "no invoice of the ledger has its number")
        self._choose(named)

    def _choose(self, named: dict[str, list[str]]) -> None:
        """Of several PDFs with the number of one invoice, the one that is called like it and nothing besides."""
        for number, pdfs in named.items():
            exact = [pdf for pdf in pdfs if is_exactly(PurePosixPath(pdf).stem, number)]
            best = self._different(exact or pdfs)
            if len(best) > 1:
                for pdf in best:
                    choice = f"{number}, and so could {', '.join(other for other in best if other != pdf)}"
                    self.made.say(problems.PDF_AMBIGUOUS.at(SourceRef(pdf), _name(pdf), choice=choice))
                continue
            self._give(self.known.of(number), best[0])
            for pdf in pdfs:
                if pdf not in exact and pdf != best[0]:
                    self._leave(pdf, f"the PDF of {number} is {best[0]}")

    def _different(self, pdfs: Sequence[str]) -> list[str]:
        """These files without the copies of the first."""
        first, *others = pdfs
        home = self.settings.folder
        return [first, *(pdf for pdf in others if not cmp(home / first, home / pdf, shallow=False))]

    def _give(self, rows: Sequence[Row], pdf: str) -> None:
        flaw = document(pdf, self.settings.folder)
        if isinstance(flaw, Flaw):
            self._leave(pdf, str(flaw.details.get("reason", "it is gone")))
            return
        for row in rows:
            written = row.text("document")
            if not written:
                fill(row, "document", pdf)
            elif written != pdf:
                self._leave(pdf, f"the document of {row.text('number')} is {written}")
                return

    def _leave(self, pdf: str, reason: str) -> None:
        self.made.say(problems.PDF_NOT_LINKED.at(SourceRef(pdf), reason=reason))


def _rows(source: Source, kind: str) -> Iterator[Row]:
    return (row for table in source.tables.get(kind, ()) for row in table.rows)


def _is_sound(row: Row, invoice: EInvoice) -> bool:
    """Whether the totals of an e-invoice add up; else its row fails."""
    if invoice.unsound:
        row.fail(problems.TOTALS_WRONG.at(row.ref("total"), invoice.total, file=invoice.file, reason=invoice.unsound))
    return not invoice.unsound


def _name(pdf: str) -> str:
    return PurePosixPath(pdf).name


def _other_accounts(invoices: Sequence[EInvoice], seller: Seller) -> Iterator[Problem]:
    """Accounts that are not the seller's, each told once: what clients pay there does not arrive where the pages say."""
    others: dict[str, list[EInvoice]] = {}
    if seller.iban:
        for invoice in invoices:
            if invoice.ibans and seller.iban not in invoice.ibans and not invoice.is_credit and not invoice.status:
                others.setdefault(invoice.ibans[0], []).append(invoice)
    for iban, asking in others.items():
        first = asking[0]
        payee = next((one.payee for one in asking if one.payee and not is_ours(Party(name=one.payee), seller)), "")
        count = first.number if len(asking) == 1 else f"{first.number} and {len(asking) - 1} more"
        who = f" ({payee})" if payee else ""
        yield problems.OTHER_IBAN.at(
            SourceRef(first.file, 0, "BT-84 IBAN"), iban, count=count, payee=who, iban=seller.iban
        )
