"""CAMT, the statements of ISO 20022: camt.053 (statement), camt.052 (report) and camt.054 (advice), of any version.

An entry may gather several transactions: each is a movement when they add up to the entry; else the entry is one that
nobody can tell apart.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from generator.domain.bank import BankStatement, Movement
from generator.domain.ledger import SourceRef
from generator.domain.money import Money, is_currency
from generator.readers.bank.labels import sender_of
from generator.readers.bank.xml import BrokenXmlError, Node, parse

if TYPE_CHECKING:
    from datetime import tzinfo

_KINDS = {"BkToCstmrStmt": "Stmt", "BkToCstmrAcctRpt": "Rpt", "BkToCstmrDbtCdtNtfctn": "Ntfctn"}
_WHOLE = "Stmt"  #: a report of the day or the advice of a payment says nothing of what it does not hold
_NOT_GIVEN = frozenset({"", "NOTPROVIDED", "NOTAVAILABLE", "NONREF", "NONE"})
_BOOKED = "BOOK"
_TRUE = frozenset({"true", "1"})
_ONE_DAY = timedelta(days=1)
_LENGTH_OF_A_DAY = len("2026-11-30")


class _Entry(NamedTuple):
    """What one entry is: its movements, or nothing when the bank had not booked it yet."""

    movements: tuple[Movement, ...]


def read_camt(text: str, file: str, zone: tzinfo) -> list[BankStatement]:
    """The statements of one document. Raises BrokenXmlError for a document that is none, or cannot be read whole."""

    def entry(node: Node[_Entry], above: Node[_Entry], number: int) -> list[_Entry]:
        return [_entry(node, above, file, number, zone)]

    top = parse(text, "Ntry", entry)
    statements = [
        (node, kind) for message in _messages(top) for kind in (_KINDS[message.name],) for node in message.all(kind)
    ]
    if not statements:
        name = top.below[0].name if top.below else ""
        raise BrokenXmlError(f"it is an XML document of another kind ({name[:40]})")
    return [_statement(node, kind, file, zone) for node, kind in statements]


def _messages(top: Node[_Entry]) -> list[Node[_Entry]]:
    return [node for document in top.below for node in document.below if node.name in _KINDS]


def _statement(node: Node[_Entry], kind: str, file: str, zone: tzinfo) -> BankStatement:
    account = node.text("Acct", "Id", "IBAN") or node.text("Acct", "Id", "Othr", "Id")
    movements = tuple(movement for entry in node.kept for movement in entry.movements)
    opening, opened = _balance(node, ("OPBD", "PRCD"), zone)
    if _balance(node, ("OPBD",), zone)[0] is None and _balance(node, ("ITBD",), zone)[0] is not None:
        opening = None  # a further page: what the day began with is not what this page begins with
    closing, closed = _balance(node, ("CLBD",), zone)
    currency = node.text("Acct", "Ccy") or next((money.currency for money in (opening, closing) if money), "")
    currency = currency or next((movement.amount.currency for movement in movements), "")
    begins, ends = _period(node, zone)
    days = [movement.on for movement in movements]
    if begins is None and opened is not None:  # most often the day before, at its end
        begins = min([opened + _ONE_DAY if closed is not None and opened < closed else opened, *days])
    return BankStatement(
        file=file,
        form="camt",
        account="".join(account.split()).upper(),
        currency=currency,
        begins=begins or min(days, default=None),
        ends=ends or closed or max(days, default=None),
        movements=movements,
        opening=opening,
        closing=closing,
        whole=kind == _WHOLE,
        pending=sum(not entry.movements for entry in node.kept),
    )


def _period(node: Node[_Entry], zone: tzinfo) -> tuple[date | None, date | None]:
    begins = _moment(node.text("FrToDt", "FrDtTm"), zone)
    ends = _moment(node.text("FrToDt", "ToDtTm"), zone)
    first = begins.date() if begins is not None else None
    if ends is None or first is None:
        return first, ends.date() if ends is not None else None
    midnight = ends.date() > first and ends.time() == datetime.min.time()  # the day that begins then is not in it
    return first, ends.date() - _ONE_DAY if midnight else ends.date()


def _balance(node: Node[_Entry], codes: tuple[str, ...], zone: tzinfo) -> tuple[Money | None, date | None]:
    for balance in node.all("Bal"):
        if balance.text("Tp", "CdOrPrtry", "Cd") in codes:
            amount = _amount(balance)
            return amount, _day(balance.at("Dt"), zone)
    return None, None


def _entry(node: Node[_Entry], above: Node[_Entry], file: str, number: int, zone: tzinfo) -> _Entry:
    status = node.text("Sts", "Cd") or node.text("Sts")
    if status and status != _BOOKED:
        return _Entry(())
    amount = _amount(node, node.text("CdtDbtInd"))
    on = _day(node.at("BookgDt"), zone) or _day(node.at("ValDt"), zone) or _day(above.at("CreDtTm"), zone)
    if amount is None or on is None:
        missing = "amount" if amount is None else "day"
        raise BrokenXmlError(f"its entry {number} has no {missing} that can be read", node.line)
    entry = Movement(
        on=on,
        amount=amount,
        texts=_several(node.text("AddtlNtryInf")),
        number=_given(node.text("AcctSvcrRef")),
        returned=node.text("RvslInd") in _TRUE,
        source=SourceRef(file, node.line),
    )
    details = [one for group in node.all("NtryDtls") for one in group.all("TxDtls")]
    parts = [_part(one, entry) for one in details]
    if len(parts) == 1:
        return _Entry((replace(parts[0], amount=amount),))
    if parts and _adds_up(details, node.text("CdtDbtInd"), amount):
        return _Entry(tuple(parts))
    if parts:
        texts = tuple(dict.fromkeys(text for part in parts for text in (part.party, *part.texts) if text))
        return _Entry((replace(entry, texts=texts, several=True),))
    many = any(group.text("Btch", "NbOfTxs") not in {"", "1"} for group in node.all("NtryDtls"))
    return _Entry((replace(entry, party=sender_of(entry.text), several=many),))


def _part(node: Node[_Entry], entry: Movement) -> Movement:
    """One transaction of an entry: who sent it (or was sent it), and what it carries."""
    came = (_part_amount(node, "") or entry.amount).minor > 0 if node.text("CdtDbtInd") else entry.amount.minor > 0
    side = "Dbtr" if came else "Cdtr"
    parties = node.at("RltdPties")
    party = ultimate = iban = ""
    if parties is not None:
        party = parties.text(side, "Pty", "Nm") or parties.text(side, "Nm")
        ultimate = parties.text(f"Ultmt{side}", "Pty", "Nm") or parties.text(f"Ultmt{side}", "Nm")
        iban = parties.text(f"{side}Acct", "Id", "IBAN")
    remitted = node.at("RmtInf")
    texts: list[str] = []
    if remitted is not None:
        for structured in remitted.all("Strd"):
            texts.append(structured.text("CdtrRefInf", "Ref"))
            texts += [document.text("Nb") for document in structured.all("RfrdDocInf")]
            texts += ["".join(line.words) for line in structured.all("AddtlRmtInf")]
        texts.append(" ".join("".join(line.words) for line in remitted.all("Ustrd")))
    texts += [node.text("AddtlTxInf"), _given(node.text("Refs", "EndToEndId")), ultimate]
    texts = list(_several(*texts)) or list(entry.texts)
    number = _given(node.text("Refs", "AcctSvcrRef")) or _given(node.text("Refs", "UETR"))
    return replace(
        entry,
        amount=_part_amount(node, "CRDT" if came else "DBIT") or entry.amount,
        party=party or ultimate or sender_of(" ".join(texts)),
        iban=iban,
        texts=tuple(texts),
        number=number or entry.number,
        returned=entry.returned or node.at("RtrInf") is not None,
    )


def _part_amount(node: Node[_Entry], sign: str) -> Money | None:
    """What a transaction adds to its entry: its own amount, else that of its details."""
    own = node if node.at("Amt") is not None else node.at("AmtDtls", "TxAmt")
    return _amount(own, node.text("CdtDbtInd") or sign) if own is not None else None


def _adds_up(details: list[Node[_Entry]], sign: str, amount: Money) -> bool:
    """Whether the transactions of an entry are told one from the other: their amounts are those of the entry."""
    parts = [_part_amount(one, sign) for one in details]
    told = [part for part in parts if part is not None and part.currency == amount.currency]
    return len(told) == len(details) and sum(part.minor for part in told) == amount.minor


def _amount(node: Node[_Entry], sign: str = "") -> Money | None:
    """An amount with its sign; None for what is no amount."""
    found = node.at("Amt")
    currency = found.attributes.get("Ccy", "") if found is not None else ""
    if found is None or not is_currency(currency):
        return None
    try:
        amount = Money.of("".join(found.words).strip(), currency)
    except ValueError:
        return None
    return -amount if (sign or node.text("CdtDbtInd")) == "DBIT" else amount


def _day(node: Node[_Entry] | None, zone: tzinfo) -> date | None:
    """A day, written as one or as a moment."""
    if node is None:
        return None
    moment = _moment(node.text("Dt") or node.text("DtTm") or "".join(node.words).strip(), zone)
    return moment.date() if moment is not None else None


def _moment(text: str, zone: tzinfo) -> datetime | None:
    """A moment as the seller's clock shows it; a day may come with the place that it is meant for, which does not count."""
    try:
        moment = datetime.fromisoformat(text if "T" in text else text[:_LENGTH_OF_A_DAY])
    except ValueError:
        return None
    return moment.astimezone(zone) if moment.tzinfo is not None else moment


def _given(text: str) -> str:
    """A reference, unless it only says that there is none."""
    return "" if text.upper() in _NOT_GIVEN else text


def _several(*texts: str) -> tuple[str, ...]:
    """What is there of some texts, each once."""
    return tuple(dict.fromkeys(filter(None, (" ".join(text.split()) for text in texts))))
