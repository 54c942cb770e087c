"""A file of the folder → the e-invoice that it is, or holds, or nothing but a name; all files of one invoice count once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.checks import fold
from generator.domain.ledger import Problem, SourceRef
from generator.problems import einvoices as problems
from generator.readers.einvoices.folder import Found, content, found_files
from generator.readers.einvoices.parsing import parse
from generator.readers.einvoices.parties import is_ours
from generator.readers.einvoices.pdf import embedded_xml

if TYPE_CHECKING:
    from generator.config import Seller, Settings
    from generator.readers.einvoices.model import EInvoice

_STILL_A_PDF = frozenset({problems.LOCKED.code, problems.NOT_AN_INVOICE.code})


@dataclass(slots=True)
class Read:
    """What a folder holds: our invoices, the PDF of each (by the file that it was read from), and PDFs that hold no invoice."""

    invoices: list[EInvoice] = field(default_factory=list)
    pdfs: dict[str, str] = field(default_factory=dict)
    plain: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_folder(settings: Settings) -> Read:
    """Every file of the folder of invoices, in the order of their names."""
    read = Read()
    first: dict[tuple[str, ...], EInvoice] = {}
    for found in found_files(settings.folder, settings.ledger.documents):
        if isinstance(found, Problem):
            read.problems.append(found)
            continue
        invoice = _one(found, read)
        if invoice is None or not _is_for_us(invoice, settings.seller, read):
            continue
        same = first.setdefault((fold(invoice.number), *invoice.facts), invoice)
        if same is invoice:
            read.invoices.append(invoice)
        if found.is_pdf:
            read.pdfs.setdefault(same.file, found.file)
    return read


def _one(found: Found, read: Read) -> EInvoice | None:
    data = content(found)
    xml = embedded_xml(data, found.file) if found.is_pdf and isinstance(data, bytes) else data
    invoice = parse(xml, found.file) if isinstance(xml, bytes) else xml
    if isinstance(invoice, Problem):
        read.problems.append(invoice)
        if found.is_pdf and invoice.code in _STILL_A_PDF:
            read.plain.append(found.file)
        return None
    if invoice is None:
        read.plain.append(found.file)
    return invoice


def _is_for_us(invoice: EInvoice, seller: Seller, read: Read) -> bool:
    """Whether the money is ours to ask for. Folders hold suppliers' invoices too: they are told, and left alone."""
    if is_ours(invoice.seller, seller):
        return True
    place, other = SourceRef(invoice.file), invoice.seller
    number = other.siren or other.vat_number
    who = f"{other.name} ({number})" if number else other.name
    if is_ours(invoice.buyer, seller):
        read.problems.append(problems.RECEIVED.at(place, who))
        return False
    known = "siren" if seller.siren or not other.siren else ""
    advice = (
        "Nothing to do if it is not your invoice; otherwise correct the name or the numbers in portal.toml, [seller]."
        if known
        else f'Nothing to do if it is not your invoice; otherwise write siren = "{other.siren}" in portal.toml, [seller].'
    )
    read.problems.append(problems.OTHER_SELLER.at(place, who, seller=seller.name, advice=advice))
    return False
