"""The XML of an e-invoice → what it says, by the factur-x library: it knows where UBL 2.1 and CII keep each term of EN 16931."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from facturx import is_credit_note, parse_ubl_cii_xml

from generator import checks
from generator.domain.ledger import Problem, SourceRef
from generator.domain.money import exponent, is_currency
from generator.problems import Flaw
from generator.problems import einvoices as problems
from generator.readers import cells
from generator.readers.einvoices.forms import (
    CREDIT_NOTE,
    flavor_of,
    other_than_an_invoice,
    regular_dates,
    root_of,
    take_out_unused,
)
from generator.readers.einvoices.model import EInvoice, Party
from generator.readers.einvoices.totals import Totals

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,15}(?:\.[0-9]{0,15})?|\.[0-9]{1,15})")
_ASKS_FOR_NOTHING = {"325": "a pro forma invoice", "751": "an invoice for the accounts only"}
_SIREN_SCHEMES = frozenset({"0002", "0009", "0225"})
_MAILBOX = "EM"
_NOT_TAXED = frozenset({"Z", "E", "AE", "K", "G", "O"})


def parse(data: bytes, file: str) -> EInvoice | Problem:
    """The invoice that an XML text is, or why it is none."""
    root = root_of(data, file)
    if isinstance(root, Problem):
        return root
    flavor = flavor_of(root)
    if not flavor:
        return problems.NOT_AN_INVOICE.at(SourceRef(file), what=other_than_an_invoice(root))
    subject = take_out_unused(root)
    wrong_dates = regular_dates(root, flavor)
    try:
        found = parse_ubl_cii_xml(root, flavor=flavor, level="en16931", check_xsd=False)
    except Exception as error:  # noqa: BLE001  (whatever the library makes of a file is about the file)
        return problems.UNREADABLE.at(SourceRef(file), reason=str(error)[:100] or type(error).__name__)
    kind = _text(found.get("BT-3"))
    if kind in _ASKS_FOR_NOTHING:
        return problems.NOT_AN_INVOICE.at(SourceRef(file), what=_ASKS_FOR_NOTHING[kind])
    return _einvoice(found, file, kind, flavor, subject, wrong_dates)


def _einvoice(
    found: Mapping[str, Any], file: str, kind: str, flavor: str, subject: str, wrong: Mapping[str, list[str]]
) -> EInvoice:
    issued = _dates(found.get("BT-2")) or _first(wrong, "IssueDateTime", "IssueDate")
    due = (*_dates(found.get("BT-9")), *_first(wrong, "DueDateDateTime", "DueDate"))
    currency = _text(found.get("BT-5"))
    is_credit = flavor == CREDIT_NOTE or is_credit_note({"BT-3": kind or "380"})
    total, prepaid = _amounts(found, currency, is_credit=is_credit)
    return EInvoice(
        file=file,
        kind=kind,
        number=_text(found.get("BT-1")),
        issued=issued[0] if issued else "",
        currency=currency,
        total=total,
        prepaid=prepaid,
        due=tuple(dict.fromkeys(due)),
        terms=_text(found.get("BT-20")),
        vat=_vat(found.get("BG-23") or (), currency),
        order=_text(found.get("BT-13")) or _text(found.get("BT-10")),
        subject=" ".join(subject.split()),
        ibans=tuple(dict.fromkeys(text.replace(" ", "").upper() for text in _texts(found.get("BT-84")))),
        payee=_text((found.get("BG-10") or {}).get("name")),
        preceding=tuple(dict.fromkeys(filter(None, (_text(one.get("BT-25")) for one in found.get("BG-3") or ())))),
        unsound=_unsound(found, currency),
        is_credit=is_credit or total.startswith("-"),
        seller=_party(found.get("BG-4") or {}),
        buyer=_party(found.get("BG-7") or {}),
    )


def _texts(value: object) -> list[str]:
    """What the library found, on one line each: one text, or one for each place where it stands."""
    values = value if isinstance(value, list) else [] if value is None else [value]
    return [" ".join(text.split()) for text in values if isinstance(text, str) and text.strip()]


def _text(value: object) -> str:
    return next(iter(_texts(value)), "")


def _dates(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(day.isoformat() for day in values if isinstance(day, date))


def _first(wrong: Mapping[str, list[str]], *names: str) -> tuple[str, ...]:
    return tuple(text for name in names for text in wrong.get(name, ()))[:1]


def _amounts(found: Mapping[str, Any], currency: str, *, is_credit: bool) -> tuple[str, str]:
    """What the invoice comes to, and how much of it is not asked for: what is due for payment is never exceeded."""
    written = _text(found.get("BT-112"))
    grand = decimal(written)
    if grand is None:
        return written, ""
    rounding = decimal(_text(found.get("BT-114"))) or Decimal(0)
    if is_credit:
        return shown(-abs(grand + rounding), currency), ""
    whole = grand + rounding
    payable = decimal(_text(found.get("BT-115")))
    if payable is None:
        payable = whole - (decimal(_text(found.get("BT-113"))) or Decimal(0))
    prepaid = whole - payable
    return shown(whole, currency), shown(prepaid, currency) if prepaid > 0 and whole > 0 else ""


def _unsound(found: Mapping[str, Any], currency: str) -> str:
    """How its totals contradict each other; nothing for one that adds up, or that has no total to add up to."""
    gross = decimal(_text(found.get("BT-112")))
    if gross is None:
        return ""
    parts = list(found.get("BG-23") or ())
    taxes = [decimal(_text(part.get("BT-117"))) for part in parts]
    written = [tax for text in _texts(found.get("BT-110")) if (tax := decimal(text)) is not None]
    if taxes and None not in taxes:
        written.append(sum(filter(None, taxes), Decimal(0)))
    totals = Totals(
        net=decimal(_text(found.get("BT-109"))),
        vat=written,
        gross=gross,
        prepaid=decimal(_text(found.get("BT-113"))),
        rounding=decimal(_text(found.get("BT-114"))) or Decimal(0),
        payable=decimal(_text(found.get("BT-115"))),
        rates=len(parts),
        bare=_text(found.get("BT-24")).casefold().endswith("minimum"),
    )
    digits = exponent(currency) if is_currency(currency) else 2
    return "; ".join(totals.contradictions(Decimal(1).scaleb(-digits)))


def decimal(text: str) -> Decimal | None:
    """A decimal of XML; None for anything else."""
    return Decimal(text) if _DECIMAL.fullmatch(text) else None


def shown(value: Decimal, currency: str) -> str:
    """A decimal with the decimals of its currency; with more of them, four at least, so that it cannot be taken for thousands."""
    digits = exponent(currency) if is_currency(currency) else 2
    usual = f"{value:.{digits}f}"
    if Decimal(usual) == value:
        return usual if Decimal(usual) else usual.removeprefix("-")
    padded = f"{value:.4f}"
    return padded if Decimal(padded) == value else f"{value:f}"


def _vat(breakdown: Iterable[Mapping[str, Any]], currency: str) -> str:
    """Each rate with its net amount; nothing when one of them cannot be told."""
    nets: dict[Decimal, Decimal] = {}
    for part in breakdown:
        net = decimal(_text(part.get("BT-116")))
        rate = decimal(_text(part.get("BT-119")))
        if rate is None and _text(part.get("BT-118")) in _NOT_TAXED:
            rate = Decimal(0)
        if net is None or rate is None:
            return ""
        nets[rate] = nets.get(rate, Decimal(0)) + net
    text = " ".join(f"{rate.normalize():f}:{shown(net, currency)}" for rate, net in nets.items())
    return "" if not text or isinstance(cells.vat(text), Flaw) else text


def _party(found: Mapping[str, Any]) -> Party:
    people = found.get("contacts") or []
    person = next((one for one in people if one.get("email")), people[0] if people else {})
    electronic, scheme = _text(found.get("einvoicing_addr")), _text(found.get("einvoicing_addr_schemeid"))
    vat_number = _checked(checks.vat_number(_text(found.get("vat_identifier"))))
    return Party(
        name=_text(found.get("name")) or _text(found.get("biz_name")),
        trading_name=_text(found.get("biz_name")),
        siren=_siren(found, electronic if scheme in _SIREN_SCHEMES else "", vat_number),
        vat_number=vat_number,
        contact=_text(person.get("name")),
        email=_text(person.get("email")) or (electronic if scheme == _MAILBOX else ""),
        phone=_text(person.get("phone")),
        address=_address(found),
    )


def _siren(found: Mapping[str, Any], electronic: str, vat_number: str) -> str:
    """The SIREN where it is said to be one, else that within a French VAT number."""
    legal, scheme = _text(found.get("legal_identifier")), _text(found.get("legal_identifier_schemeid"))
    french = _text(found.get("country_code")) in {"", "FR"}
    said = [legal] if scheme in _SIREN_SCHEMES or (french and not scheme) else []
    said += [text for key, text in (found.get("identifiers") or {}).items() if key in _SIREN_SCHEMES]
    said += [electronic.partition("_")[0], vat_number[4:] if vat_number.startswith("FR") else ""]
    return next(filter(None, (_checked(checks.siren(text)) for text in said if text)), "")


def _checked(found: str | Flaw) -> str:
    return found if isinstance(found, str) else ""


def _address(found: Mapping[str, Any]) -> str:
    town = f"{_text(found.get('postcode'))} {_text(found.get('city'))}".strip()
    return "\n".join(filter(None, (*(_text(found.get(f"addr_l{line}")) for line in (1, 2, 3)), town)))
