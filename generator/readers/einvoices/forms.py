"""The XML of an e-invoice → its root, safely: nothing in it is expanded, fetched or opened, and nothing but an invoice goes on.

Also what makes an invoice regular before the library reads it: what no reminder needs (lines, deliveries, attachments) is
taken out, and dates are written in the one way that it knows.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from facturx import get_xml_namespaces
from lxml import etree

from generator.domain.ledger import SourceRef
from generator.problems import einvoices as problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.domain.ledger import Problem

CII, INVOICE, CREDIT_NOTE = "factur-x", "ubl-2.1-invoice", "ubl-2.1-creditnote"
_CII = get_xml_namespaces(CII)
_UBL = get_xml_namespaces(INVOICE)
_RAM, _CAC, _CBC = f"{{{_CII['ram']}}}", f"{{{_UBL['cac']}}}", f"{{{_UBL['cbc']}}}"
_ROOTS = {
    f"{{{_CII['rsm']}}}CrossIndustryInvoice": CII,
    f"{{{_UBL['default']}}}Invoice": INVOICE,
    f"{{{get_xml_namespaces(CREDIT_NOTE)['default']}}}CreditNote": CREDIT_NOTE,
}
_OTHERS = {
    "CrossIndustryDocument": "a ZUGFeRD 1 invoice, a form given up in 2019",
    "SCRDMCCBDACIOMessageStructure": "an order",
    "CrossIndustryInvoice": "a CII document of another namespace",
    "Invoice": "an Invoice of another namespace than UBL 2.1",
    "CreditNote": "a CreditNote of another namespace than UBL 2.1",
}
_DOCTYPE = re.compile(rb"<!DOCTYPE", re.IGNORECASE)
_LINES = (f"{_RAM}IncludedSupplyChainTradeLineItem", f"{_CAC}InvoiceLine", f"{_CAC}CreditNoteLine")
_ITEMS = (f"{_RAM}SpecifiedTradeProduct/{_RAM}Name", f"{_CAC}Item/{_CBC}Name")
_UNUSED = (
    f"{_RAM}AdditionalReferencedDocument",
    f"{_RAM}ApplicableHeaderTradeDelivery",
    f"{_RAM}SpecifiedTradeAllowanceCharge",
    f"{_RAM}IncludedNote",
    f"{_CAC}AdditionalDocumentReference",
    f"{_CAC}Delivery",
    f"{_CAC}AllowanceCharge",
    f"{_CBC}Note",
)
_CII_DATES = (f"{{{_CII['udt']}}}DateTimeString", f"{{{_CII['udt']}}}DateString", f"{{{_CII['qdt']}}}DateTimeString")
_DIGITS = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:[T ]?[0-9:]{4,8})?(?:Z|[+-][0-9]{2}:[0-9]{2})?")


def root_of(data: bytes, file: str) -> Any | Problem:  # noqa: ANN401  (lxml has no types of its own)
    """The root of an XML text, or why it is none that may be used."""
    if _DOCTYPE.search(data.replace(b"\0", b"")):  # before any parser sees it, in UTF-16 as well
        return problems.UNSAFE.at(SourceRef(file))
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as wrong:
        return problems.UNREADABLE.at(
            SourceRef(file), reason=_short(getattr(wrong, "msg", None) or str(wrong)) or "it is empty"
        )
    if root.getroottree().docinfo.doctype:  # in an encoding that the look above did not foresee
        return problems.UNSAFE.at(SourceRef(file))
    return root


def flavor_of(root: Any) -> str:  # noqa: ANN401 - the library's own tree
    """Which of the forms of an invoice this is; nothing for anything else."""
    return _ROOTS.get(root.tag, "")


def other_than_an_invoice(root: Any) -> str:  # noqa: ANN401 - the library's own tree
    """What an XML is that is no invoice, as far as its first element tells."""
    name = etree.QName(root).localname
    return _OTHERS.get(name, f"an XML file of another kind ({name[:40]})")


def take_out_unused(root: Any) -> str:  # noqa: ANN401 - the library's own tree
    """Takes out what nobody asks for; the name of the only thing that was sold comes back."""
    lines = list(root.iter(*_LINES))
    items = [line.findtext(path) for line in lines[:2] for path in _ITEMS if line.findtext(path)]
    for element in (*lines, *root.iter(*_UNUSED)):
        parent = element.getparent()
        if parent is not None and parent.tag != f"{_CAC}PaymentTerms":  # its note is the terms
            parent.remove(element)
    return items[0] if len(lines) == len(items) == 1 else ""


def regular_dates(root: Any, flavor: str) -> dict[str, list[str]]:  # noqa: ANN401 - the library's own tree
    """Writes every date as the library reads it. One that is no date is taken out, and comes back under the name of its element."""
    wrong: dict[str, list[str]] = {}
    for name, element in _dates(root, flavor):
        text = (element.text or "").strip()
        match = _DIGITS.fullmatch(text)
        shown = "-".join(match.groups()) if match else text
        if match and _is_day(shown):
            element.text = shown if flavor != CII else shown.replace("-", "")
        else:
            element.text = None
            wrong.setdefault(name, []).append(shown)
    return wrong


def _dates(root: Any, flavor: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - the library's own tree
    if flavor == CII:
        for element in root.iter(*_CII_DATES):
            yield etree.QName(element.getparent()).localname, element
        return
    for element in root.iter(f"{_CBC}*"):
        name = etree.QName(element).localname
        if name.endswith("Date"):
            own = element.getparent() is root or name == "PaymentDueDate"
            yield name if own else f"other {name}", element


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _short(text: str) -> str:
    first = " ".join(text.split())
    return first if len(first) <= 100 else f"{first[:100]}…"  # noqa: PLR2004 - as much as a line shows
