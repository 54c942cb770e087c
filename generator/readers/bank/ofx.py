"""OFX: version 1 (SGML, in which most elements have no end) and version 2 (XML), by one reader.

Nothing in the text is ever expanded: tags and what stands between them are all that is looked at.
"""

from __future__ import annotations

import html
import re
from datetime import date
from typing import TYPE_CHECKING

from generator.domain.bank import BankStatement, Movement
from generator.domain.ledger import SourceRef
from generator.domain.money import Money, is_currency
from generator.problems import Flaw
from generator.readers import cells
from generator.readers.bank.labels import sender_of
from generator.readers.bank.xml import BrokenXmlError, Node

if TYPE_CHECKING:
    from collections.abc import Iterator

_TAG = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9._]*)\s*>(?P<text>(?:[^<]|<!\[CDATA\[.*?\]\]>)*)", re.DOTALL)
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_BEGINNING = re.compile(r"<OFX>", re.IGNORECASE)
_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_STATEMENTS = ("STMTRS", "CCSTMTRS")

Element = Node[None]


def is_ofx(text: str) -> bool:
    """Whether a text is an OFX file: by its heading, or by its first element."""
    start = text[:2000].lstrip("\ufeff \t\r\n").upper()
    return start.startswith(("OFXHEADER", "<OFX>")) or "<?OFX" in start or "<OFX>" in start


def read_ofx(text: str, file: str) -> list[BankStatement]:
    """The statements of one file. Raises BrokenXmlError for one that cannot be read whole."""
    if "<!DOCTYPE" in text[:5000].upper() or "<!ENTITY" in text[:5000].upper():
        raise BrokenXmlError("it declares a document type, which could make it expand without end or open other files")
    if "</OFX>" not in text[-2000:].upper():
        raise BrokenXmlError("it stops before its end", text.count("\n") + 1)
    top = _elements(text)
    statements = [_statement(node, file) for name in _STATEMENTS for node in _below(top, name)]
    if not statements:
        raise BrokenXmlError("it holds no statement of a bank account")
    return statements


def _elements(text: str) -> Element:
    """The elements, each in the one it stands in. One that is never closed, in the whole file, holds a text only."""
    beginning = _BEGINNING.search(text)
    if beginning is None:
        raise BrokenXmlError("its beginning is missing")
    body = text[beginning.start() :]
    line = text.count("\n", 0, beginning.start()) + 1
    closed = {name.upper() for name in re.findall(r"</([A-Za-z0-9._]+)\s*>", body)}
    top: Element = Node("")
    path = [top]
    place = 0
    for match in _TAG.finditer(body):
        line += body.count("\n", place, match.start())
        place = match.start()
        name = match["name"].upper()
        if match["end"]:
            depth = next((depth for depth in range(len(path) - 1, 0, -1) if path[depth].name == name), 0)
            if depth:
                del path[depth:]
            continue
        words = html.unescape(_CDATA.sub(lambda found: html.escape(found[1]), match["text"])).strip()
        node: Element = Node(name, words=[words] if words else [], line=line)
        path[-1].below.append(node)
        if not words and name in closed:
            path.append(node)
    return top


def _below(node: Element, name: str) -> Iterator[Element]:
    """Every element of that name, however deep; a file is some levels deep."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one.name == name:
            yield one
        else:
            waiting += reversed(one.below)


def _statement(node: Element, file: str) -> BankStatement:
    currency = node.text("CURDEF").upper()
    if not is_currency(currency):
        raise BrokenXmlError("it does not say its currency", node.line)
    account = node.at("BANKACCTFROM") or node.at("CCACCTFROM") or Node("")
    parts = [account.text(name) for name in ("BANKID", "BRANCHID", "ACCTID")]
    lists = node.all("BANKTRANLIST")  # most often one
    movements = tuple(_movement(one, currency, file) for listed in lists for one in listed.all("STMTTRN"))
    balance = node.at("LEDGERBAL")
    begins = min((day for listed in lists if (day := _day(listed.text("DTSTART")))), default=None)
    ends = max((day for listed in lists if (day := _day(listed.text("DTEND")))), default=None)
    closing = None
    if balance is not None and ends is not None and _day(balance.text("DTASOF")) == ends:
        closing = _money(balance.text("BALAMT"), currency)
    return BankStatement(
        file=file,
        form="ofx",
        account=" ".join(part.upper() for part in parts if part),
        currency=currency,
        begins=begins or min((movement.on for movement in movements), default=None),
        ends=ends or max((movement.on for movement in movements), default=None),
        movements=movements,
        closing=closing,
    )


def _movement(node: Element, currency: str, file: str) -> Movement:
    currency = node.text("CURRENCY", "CURSYM").upper() or currency
    on, amount = _day(node.text("DTPOSTED")), _money(node.text("TRNAMT"), currency)
    if on is None or amount is None:
        missing = "day" if on is None else "amount"
        raise BrokenXmlError(f"a transaction has no {missing} that can be read", node.line)
    name = node.text("NAME") or node.text("PAYEE", "NAME")
    texts = dict.fromkeys(filter(None, (name, node.text("MEMO"), node.text("CHECKNUM"))))
    return Movement(
        on=on,
        amount=amount,
        party=_sender(name, node.text("MEMO")),
        texts=tuple(texts),
        number=node.text("FITID"),
        source=SourceRef(file, node.line),
    )


def _sender(name: str, memo: str) -> str:
    """Who sent it: the name, unless the name is only what the bank calls the movement and the words say more."""
    told = sender_of(name)
    if not name or told != name:
        return told or sender_of(memo)
    further = sender_of(memo)
    return further if further != memo else name


def _money(text: str, currency: str) -> Money | None:
    """An amount: no sign parts its thousands, so the only mark in it is the decimal one."""
    if not is_currency(currency):
        return None
    found = cells.amount(text, currency, "," if "," in text else ".")
    return None if isinstance(found, Flaw) else found


def _day(text: str) -> date | None:
    """The day at the beginning of `20261103120000[+1:CET]`."""
    match = _DAY.match(text)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None
