"""E-invoices made of a few Python words: UBL 2.1, CII, and Factur-X PDFs with the CII inside.

The XML is written here by hand, and not by the library that reads it back; one test holds what is written to the official schemas.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from facturx import generate_from_binary
from pypdf import PdfWriter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

OUR_IBAN = "FR7630006000011234567890189"
UBL = "urn:oasis:names:specification:ubl:schema:xsd"
CII = "urn:un:unece:uncefact:data:standard"


@dataclass(frozen=True)
class Someone:
    """A seller or a buyer."""

    name: str
    siren: str = ""
    vat_number: str = ""
    contact: str = ""
    email: str = ""
    town: str = "Lyon"


LUMEN = Someone("Atelier Lumen", "303265045", "FR40303265045", town="Lyon")
VERDIER = Someone("Studio Verdier", "732829320", "FR44732829320", "Anne Verdier", "compta@verdier.example")
BRUN = Someone("Atelier Brun", "552100554", contact="Jean Brun", email="compta@brun.example", town="Lille")


@dataclass(frozen=True)
class Bill:
    """What an invoice says. `vat` are rates with their net amounts; `total` and `payable` follow from them unless they are given."""

    number: str = "F-2026-001"
    issued: str = "2026-10-01"
    due: str | tuple[str, ...] = "2026-10-31"
    vat: tuple[tuple[str, int], ...] = (("20.00", 100_000),)
    seller: Someone = LUMEN
    buyer: Someone = VERDIER
    kind: str = "380"
    currency: str = "EUR"
    total: str = ""
    prepaid: str = ""
    payable: str = ""
    rounding: str = ""
    terms: str = ""
    order: str = ""
    reference: str = ""
    iban: str = OUR_IBAN
    payee: str = ""
    preceding: tuple[str, ...] = ()
    items: tuple[str, ...] = ("Refonte du site",)

    def but(self, **changes: object) -> Bill:
        """The same, with other words."""
        return replace(self, **changes)  # type: ignore[arg-type]

    @property
    def dues(self) -> tuple[str, ...]:
        """Its due dates."""
        return (self.due,) if isinstance(self.due, str) and self.due else tuple(self.due)

    @property
    def net(self) -> int:
        """The sum without tax, in cents."""
        return sum(net for _, net in self.vat)

    @property
    def tax(self) -> int:
        """The tax, in cents."""
        return sum(_tax(rate, net) for rate, net in self.vat)

    @property
    def grand(self) -> str:
        """The sum with tax."""
        return self.total or cents(self.net + self.tax)

    @property
    def asked(self) -> str:
        """What is due for payment."""
        return self.payable or self.grand


def cents(minor: int) -> str:
    """An amount in cents, as XML writes it."""
    sign, minor = ("-" if minor < 0 else ""), abs(minor)
    return f"{sign}{minor // 100}.{minor % 100:02d}"


def _tax(rate: str, net: int) -> int:
    return (net * round(float(rate) * 100) + 5000) // 10_000


def _tag(name: str, text: str, **attributes: str) -> str:
    marks = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{name}{marks}>{escape(text)}</{name}>" if text else ""


def _all(parts: Iterator[str] | Sequence[str]) -> str:
    return "".join(parts)


# UBL


def ubl(bill: Bill) -> bytes:
    """The invoice in UBL 2.1; a credit note, by its type, as a CreditNote."""
    root, line, quantity = (
        ("CreditNote", "CreditNoteLine", "CreditedQuantity")
        if bill.kind == "381"
        else ("Invoice", "InvoiceLine", "InvoicedQuantity")
    )
    money = {"currencyID": bill.currency}
    lines = _all(
        f"<cac:{line}><cbc:ID>{number}</cbc:ID><cbc:{quantity} unitCode='C62'>1</cbc:{quantity}>"
        + _tag("cbc:LineExtensionAmount", cents(bill.net if number == 1 else 0), **money)
        + f"<cac:Item>{_tag('cbc:Name', item)}</cac:Item>"
        + f"<cac:Price>{_tag('cbc:PriceAmount', '1', **money)}</cac:Price></cac:{line}>"
        for number, item in enumerate(bill.items, start=1)
    )
    subtotals = _all(
        "<cac:TaxSubtotal>"
        + _tag("cbc:TaxableAmount", cents(net), **money)
        + _tag("cbc:TaxAmount", cents(_tax(rate, net)), **money)
        + f"<cac:TaxCategory><cbc:ID>{'S' if float(rate) else 'E'}</cbc:ID>{_tag('cbc:Percent', rate)}"
        + "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal>"
        for rate, net in bill.vat
    )
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>"
        f"<{root} xmlns='{UBL}:{root}-2' xmlns:cac='{UBL}:CommonAggregateComponents-2'"
        f" xmlns:cbc='{UBL}:CommonBasicComponents-2'>"
        "<cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>"
        + _tag("cbc:ID", bill.number)
        + _tag("cbc:IssueDate", bill.issued)
        + (_tag("cbc:DueDate", bill.dues[0] if bill.dues else "") if root == "Invoice" else "")
        + _tag(f"cbc:{root}TypeCode", bill.kind)
        + "<cbc:Note>Merci de votre confiance.</cbc:Note>"
        + _tag("cbc:DocumentCurrencyCode", bill.currency)
        + _tag("cbc:BuyerReference", bill.reference)
        + (f"<cac:OrderReference>{_tag('cbc:ID', bill.order)}</cac:OrderReference>" if bill.order else "")
        + _all(
            f"<cac:BillingReference><cac:InvoiceDocumentReference>{_tag('cbc:ID', number)}"
            "</cac:InvoiceDocumentReference></cac:BillingReference>"
            for number in bill.preceding
        )
        + f"<cac:AccountingSupplierParty>{_ubl_party(bill.seller)}</cac:AccountingSupplierParty>"
        + f"<cac:AccountingCustomerParty>{_ubl_party(bill.buyer)}</cac:AccountingCustomerParty>"
        + (
            f"<cac:PayeeParty><cac:PartyName>{_tag('cbc:Name', bill.payee)}</cac:PartyName></cac:PayeeParty>"
            if bill.payee
            else ""
        )
        + (
            "<cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode><cac:PayeeFinancialAccount>"
            f"{_tag('cbc:ID', bill.iban)}</cac:PayeeFinancialAccount></cac:PaymentMeans>"
            if bill.iban
            else ""
        )
        + (f"<cac:PaymentTerms>{_tag('cbc:Note', bill.terms)}</cac:PaymentTerms>" if bill.terms else "")
        + f"<cac:TaxTotal>{_tag('cbc:TaxAmount', cents(bill.tax), **money)}{subtotals}</cac:TaxTotal>"
        + "<cac:LegalMonetaryTotal>"
        + _tag("cbc:LineExtensionAmount", cents(bill.net), **money)
        + _tag("cbc:TaxExclusiveAmount", cents(bill.net), **money)
        + _tag("cbc:TaxInclusiveAmount", bill.grand, **money)
        + _tag("cbc:PrepaidAmount", bill.prepaid, **money)
        + _tag("cbc:PayableRoundingAmount", bill.rounding, **money)
        + _tag("cbc:PayableAmount", bill.asked, **money)
        + f"</cac:LegalMonetaryTotal>{lines}</{root}>"
    ).encode()


def _ubl_party(someone: Someone) -> str:
    vat = (
        f"<cac:PartyTaxScheme>{_tag('cbc:CompanyID', someone.vat_number)}"
        "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>"
    )
    contact = _tag("cbc:Name", someone.contact) + _tag("cbc:ElectronicMail", someone.email)
    return (
        f"<cac:Party><cac:PostalAddress>{_tag('cbc:CityName', someone.town)}<cac:Country>"
        "<cbc:IdentificationCode>FR</cbc:IdentificationCode></cac:Country></cac:PostalAddress>"
        + (vat if someone.vat_number else "")
        + f"<cac:PartyLegalEntity>{_tag('cbc:RegistrationName', someone.name)}"
        + f"{_tag('cbc:CompanyID', someone.siren, schemeID='0002')}</cac:PartyLegalEntity>"
        + (f"<cac:Contact>{contact}</cac:Contact>" if contact else "")
        + "</cac:Party>"
    )


# CII


def cii(bill: Bill) -> bytes:
    """The invoice in CII, as Factur-X holds it (profile EN 16931)."""
    lines = _all(
        "<ram:IncludedSupplyChainTradeLineItem><ram:AssociatedDocumentLineDocument>"
        f"<ram:LineID>{number}</ram:LineID></ram:AssociatedDocumentLineDocument>"
        f"<ram:SpecifiedTradeProduct>{_tag('ram:Name', item)}</ram:SpecifiedTradeProduct>"
        "<ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice><ram:ChargeAmount>1</ram:ChargeAmount>"
        "</ram:NetPriceProductTradePrice></ram:SpecifiedLineTradeAgreement><ram:SpecifiedLineTradeDelivery>"
        "<ram:BilledQuantity unitCode='C62'>1</ram:BilledQuantity></ram:SpecifiedLineTradeDelivery>"
        "<ram:SpecifiedLineTradeSettlement><ram:ApplicableTradeTax><ram:TypeCode>VAT</ram:TypeCode>"
        "<ram:CategoryCode>S</ram:CategoryCode><ram:RateApplicablePercent>20.00</ram:RateApplicablePercent>"
        "</ram:ApplicableTradeTax><ram:SpecifiedTradeSettlementLineMonetarySummation>"
        f"{_tag('ram:LineTotalAmount', cents(bill.net if number == 1 else 0))}"
        "</ram:SpecifiedTradeSettlementLineMonetarySummation></ram:SpecifiedLineTradeSettlement>"
        "</ram:IncludedSupplyChainTradeLineItem>"
        for number, item in enumerate(bill.items, start=1)
    )
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>"
        f"<rsm:CrossIndustryInvoice xmlns:rsm='{CII}:CrossIndustryInvoice:100' xmlns:qdt='{CII}:QualifiedDataType:100'"
        f" xmlns:ram='{CII}:ReusableAggregateBusinessInformationEntity:100' xmlns:udt='{CII}:UnqualifiedDataType:100'>"
        "<rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter>"
        "<ram:ID>urn:cen.eu:en16931:2017</ram:ID></ram:GuidelineSpecifiedDocumentContextParameter>"
        f"</rsm:ExchangedDocumentContext><rsm:ExchangedDocument>{_tag('ram:ID', bill.number)}"
        f"{_tag('ram:TypeCode', bill.kind)}<ram:IssueDateTime>{_cii_day(bill.issued)}</ram:IssueDateTime>"
        "<ram:IncludedNote><ram:Content>Merci de votre confiance.</ram:Content></ram:IncludedNote>"
        f"</rsm:ExchangedDocument><rsm:SupplyChainTradeTransaction>{lines}"
        f"<ram:ApplicableHeaderTradeAgreement>{_tag('ram:BuyerReference', bill.reference)}"
        f"<ram:SellerTradeParty>{_cii_party(bill.seller)}</ram:SellerTradeParty>"
        f"<ram:BuyerTradeParty>{_cii_party(bill.buyer)}</ram:BuyerTradeParty>"
        + (
            f"<ram:BuyerOrderReferencedDocument>{_tag('ram:IssuerAssignedID', bill.order)}</ram:BuyerOrderReferencedDocument>"
            if bill.order
            else ""
        )
        + "</ram:ApplicableHeaderTradeAgreement><ram:ApplicableHeaderTradeDelivery/>"
        + f"<ram:ApplicableHeaderTradeSettlement>{_cii_settlement(bill)}</ram:ApplicableHeaderTradeSettlement>"
        + "</rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>"
    ).encode()


def _cii_day(text: str, kind: str = "udt") -> str:
    return _tag(f"{kind}:DateTimeString", text.replace("-", ""), format="102")


def _cii_party(someone: Someone) -> str:
    contact = _tag("ram:PersonName", someone.contact)
    if someone.email:
        mail = _tag("ram:URIID", someone.email)
        contact += f"<ram:EmailURIUniversalCommunication>{mail}</ram:EmailURIUniversalCommunication>"
    legal = _tag("ram:ID", someone.siren, schemeID="0002")
    vat = _tag("ram:ID", someone.vat_number, schemeID="VA")
    return (
        _tag("ram:Name", someone.name)
        + (f"<ram:SpecifiedLegalOrganization>{legal}</ram:SpecifiedLegalOrganization>" if legal else "")
        + (f"<ram:DefinedTradeContact>{contact}</ram:DefinedTradeContact>" if contact else "")
        + f"<ram:PostalTradeAddress>{_tag('ram:CityName', someone.town)}<ram:CountryID>FR</ram:CountryID></ram:PostalTradeAddress>"
        + (f"<ram:SpecifiedTaxRegistration>{vat}</ram:SpecifiedTaxRegistration>" if vat else "")
    )


def _cii_settlement(bill: Bill) -> str:
    taxes = _all(
        f"<ram:ApplicableTradeTax>{_tag('ram:CalculatedAmount', cents(_tax(rate, net)))}<ram:TypeCode>VAT</ram:TypeCode>"
        + ("" if float(rate) else "<ram:ExemptionReason>Franchise</ram:ExemptionReason>")
        + f"{_tag('ram:BasisAmount', cents(net))}<ram:CategoryCode>{'S' if float(rate) else 'E'}</ram:CategoryCode>"
        + f"{_tag('ram:RateApplicablePercent', rate)}</ram:ApplicableTradeTax>"
        for rate, net in bill.vat
    )
    terms = _all(
        f"<ram:SpecifiedTradePaymentTerms>{_tag('ram:Description', bill.terms)}"
        + (f"<ram:DueDateDateTime>{_cii_day(due)}</ram:DueDateDateTime>" if due else "")
        + "</ram:SpecifiedTradePaymentTerms>"
        for due in (bill.dues or (("",) if bill.terms else ()))
    )
    means = (
        "<ram:SpecifiedTradeSettlementPaymentMeans><ram:TypeCode>30</ram:TypeCode><ram:PayeePartyCreditorFinancialAccount>"
        f"{_tag('ram:IBANID', bill.iban)}</ram:PayeePartyCreditorFinancialAccount></ram:SpecifiedTradeSettlementPaymentMeans>"
    )
    return (
        _tag("ram:InvoiceCurrencyCode", bill.currency)
        + (f"<ram:PayeeTradeParty>{_tag('ram:Name', bill.payee)}</ram:PayeeTradeParty>" if bill.payee else "")
        + (means if bill.iban else "")
        + taxes
        + terms
        + "<ram:SpecifiedTradeSettlementHeaderMonetarySummation>"
        + _tag("ram:LineTotalAmount", cents(bill.net))
        + _tag("ram:TaxBasisTotalAmount", cents(bill.net))
        + _tag("ram:TaxTotalAmount", cents(bill.tax), currencyID=bill.currency)
        + _tag("ram:RoundingAmount", bill.rounding)
        + _tag("ram:GrandTotalAmount", bill.grand)
        + _tag("ram:TotalPrepaidAmount", bill.prepaid)
        + _tag("ram:DuePayableAmount", bill.asked)
        + "</ram:SpecifiedTradeSettlementHeaderMonetarySummation>"
        + _all(
            f"<ram:InvoiceReferencedDocument>{_tag('ram:IssuerAssignedID', number)}</ram:InvoiceReferencedDocument>"
            for number in bill.preceding
        )
    )


# PDF


@lru_cache(maxsize=1)
def blank_pdf() -> bytes:
    """A PDF for people, of one white page."""
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def facturx(bill: Bill) -> bytes:
    """A Factur-X PDF, put together by the library itself."""
    made: bytes = generate_from_binary(blank_pdf(), cii(bill), flavor="factur-x", level="en16931", check_xsd=False)
    return made


def pdf_with(
    name: str, content: bytes, password: str = "", *, encrypted: bool = False, compressed: bool = False
) -> bytes:
    """A PDF with any file attached."""
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    attached = writer.add_attachment(name, content)
    if compressed:
        place = attached.pdf_object["/EF"].raw_get("/F")  # type: ignore[attr-defined]
        writer._replace_object(place, place.get_object().flate_encode())
    if encrypted:
        writer.encrypt(password, "the owner's", algorithm="AES-256")
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def put(folder: Path, files: dict[str, bytes]) -> None:
    """Writes files into `factures/`."""
    for name, content in files.items():
        path = folder / "factures" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
