"""Statements as banks write them, made of a few movements: CAMT of any version, OFX 1 and 2, CSV."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from html import escape

IBAN = "FR7630006000011234567890189"


@dataclass(frozen=True)
class Line:
    """One movement as the bank has it: `amount` is signed, like `1200.00` or `-35.90`."""

    on: str
    amount: str
    payer: str = ""
    text: str = ""
    number: str = ""
    reference: str = ""
    end_to_end: str = ""
    iban: str = ""
    status: str = "BOOK"
    returned: bool = False

    @property
    def figures(self) -> str:
        return self.amount.lstrip("-")

    @property
    def came(self) -> bool:
        return not self.amount.startswith("-")


def camt(  # noqa: PLR0913 - by name
    *lines: Line,
    begins: str = "2026-11-01",
    ends: str = "2026-11-15",
    version: int = 8,
    message: str = "053",
    account: str = IBAN,
    opening: tuple[str, str] | None = None,
    closing: tuple[str, str] | None = None,
    currency: str = "EUR",
    entries: str = "",
) -> str:
    """A document with one statement; `entries` are further ones as XML. A balance is its day and its amount."""
    root, kind = {
        "052": ("BkToCstmrAcctRpt", "Rpt"),
        "053": ("BkToCstmrStmt", "Stmt"),
        "054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
    }[message]
    balances = [("OPBD", opening), ("CLBD", closing)]
    told = "".join(
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='{currency}'>{of[1].lstrip('-')}</Amt>"
        f"<CdtDbtInd>{'DBIT' if of[1].startswith('-') else 'CRDT'}</CdtDbtInd><Dt><Dt>{of[0]}</Dt></Dt></Bal>"
        for code, of in balances
        if of
    )
    period = f"<FrToDt><FrDtTm>{begins}T00:00:00</FrDtTm><ToDtTm>{ends}T23:59:59</ToDtTm></FrToDt>" if begins else ""
    return (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        f"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.{message}.001.{version:02d}'><{root}>"
        "<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-11-16T05:00:00</CreDtTm></GrpHdr>"
        f"<{kind}><Id>S1</Id><CreDtTm>2026-11-16T05:00:00</CreDtTm>{period}"
        f"<Acct><Id><IBAN>{account}</IBAN></Id><Ccy>{currency}</Ccy></Acct>{told}\n"
        + "\n".join(entry(line, version=version, currency=currency) for line in lines)
        + f"{entries}</{kind}></{root}></Document>\n"
    )


def entry(line: Line, *, version: int = 8, currency: str = "EUR", details: str = "") -> str:
    """One entry with its transaction; `details` are transactions that stand there instead."""
    status = f"<Cd>{line.status}</Cd>" if version >= 4 else line.status
    sign = "CRDT" if line.came else "DBIT"
    number = f"<AcctSvcrRef>{line.number}</AcctSvcrRef>" if line.number else ""
    return (
        f"<Ntry><Amt Ccy='{currency}'>{line.figures}</Amt><CdtDbtInd>{sign}</CdtDbtInd>"
        f"{'<RvslInd>true</RvslInd>' if line.returned else ''}<Sts>{status}</Sts>"
        f"<BookgDt><Dt>{line.on}</Dt></BookgDt>{number}"
        f"<NtryDtls>{details or transaction(line, version=version)}</NtryDtls></Ntry>"
    )


def transaction(line: Line, *, version: int = 8, amount: bool = False) -> str:
    """One transaction of an entry; with its own amount where an entry gathers several."""
    side, agent = ("Dbtr", "DbtrAcct") if line.came else ("Cdtr", "CdtrAcct")
    name = f"<Nm>{escape(line.payer)}</Nm>"
    party = f"<{side}>{f'<Pty>{name}</Pty>' if version >= 8 else name}</{side}>" if line.payer else ""
    iban = f"<{agent}><Id><IBAN>{line.iban}</IBAN></Id></{agent}>" if line.iban else ""
    structured = f"<Strd><CdtrRefInf><Ref>{line.reference}</Ref></CdtrRefInf></Strd>" if line.reference else ""
    words = f"<Ustrd>{escape(line.text)}</Ustrd>" if line.text else ""
    own = (
        f"<Amt Ccy='EUR'>{line.figures}</Amt><CdtDbtInd>{'CRDT' if line.came else 'DBIT'}</CdtDbtInd>" if amount else ""
    )
    return (
        f"<TxDtls><Refs><EndToEndId>{line.end_to_end or 'NOTPROVIDED'}</EndToEndId></Refs>{own}"
        f"<RltdPties>{party}{iban}</RltdPties><RmtInf>{words}{structured}</RmtInf></TxDtls>"
    )


def ofx(*lines: Line, version: int = 1, begins: str = "2026-11-01", ends: str = "2026-11-15", account: str = "") -> str:
    """A file of one account; `account` as bank, branch and number with spaces between."""
    bank, branch, number = (account or "30006 00001 12345678901").split()

    def element(name: str, text: str) -> str:
        return f"<{name}>{escape(text)}{f'</{name}>' if version == 2 else ''}\n" if text else ""

    def movement(line: Line) -> str:
        kind = "CREDIT" if line.came else "DEBIT"
        return (
            f"<STMTTRN>\n{element('TRNTYPE', kind)}{element('DTPOSTED', line.on.replace('-', ''))}"
            f"{element('TRNAMT', line.amount)}{element('FITID', line.number)}"
            f"{element('NAME', line.payer[:32])}{element('MEMO', line.text)}</STMTTRN>\n"
        )

    heading = (
        "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:USASCII\nCHARSET:1252\nCOMPRESSION:NONE\n"
        "OLDFILEUID:NONE\nNEWFILEUID:NONE\n\n"
        if version == 1
        else '<?xml version="1.0" encoding="UTF-8"?>\n<?OFX OFXHEADER="200" VERSION="211" SECURITY="NONE"?>\n'
    )
    return (
        f"{heading}<OFX>\n<BANKMSGSRSV1><STMTTRNRS>{element('TRNUID', '0')}<STATUS>{element('CODE', '0')}</STATUS>"
        f"<STMTRS>{element('CURDEF', 'EUR')}<BANKACCTFROM>{element('BANKID', bank)}{element('BRANCHID', branch)}"
        f"{element('ACCTID', number)}</BANKACCTFROM>\n<BANKTRANLIST>\n"
        f"{element('DTSTART', begins.replace('-', ''))}{element('DTEND', ends.replace('-', ''))}"
        + "".join(map(movement, lines))
        + "</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\n"
    )


def table(*lines: Line, preamble: str = "", two_columns: bool = False) -> str:
    """A CSV file as a French bank gives it: semicolons, day first, `1 200,00`."""
    head = "Date opération;Date valeur;Libellé;" + ("Débit;Crédit" if two_columns else "Montant") + "\n"
    rows = []
    for line in lines:
        day = date.fromisoformat(line.on).strftime("%d/%m/%Y")
        whole, _, cents = line.figures.partition(".")
        written = f"{int(whole):,}".replace(",", " ") + "," + (cents or "00")
        amount = (
            (f";{written}" if line.came else f"{written};") if two_columns else written if line.came else f"-{written}"
        )
        label = " ".join(filter(None, (f"VIR SEPA RECU /DE {line.payer} /MOTIF" if line.payer else "VIR", line.text)))
        if {'"', ";"} & {*label}:
            label = '"' + label.replace('"', '""') + '"'
        rows.append(f"{day};{day};{label};{amount}\n")
    return preamble + head + "".join(rows)
