"""Reading bank statements: CAMT of every version, OFX 1 and 2, CSV as banks export it; and what is no statement at all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.config import Seller
from generator.domain.bank import BankStatement, marked
from generator.domain.money import Money
from generator.readers.bank import read_statement
from tests.bank.makers import IBAN, Line, camt, entry, ofx, table, transaction
from tests.support.world import day

if TYPE_CHECKING:
    from pathlib import Path

    from generator.domain.ledger import Problem

SELLER = Seller("Atelier Sable", "compta@atelier-sable.example", iban=IBAN)
PAID = Line(
    "2026-11-03",
    "1200.00",
    "ÉDITIONS VERDIER & FILS",
    "Facture F-2026-118",
    number="N1",
    iban="FR1420041010050500013M02606",
)
RENT = Line("2026-11-04", "-35.90", "SCI DES DUNES", "LOYER", number="N2")


def read(
    folder: Path, text: str | bytes, name: str = "releve", seller: Seller = SELLER
) -> tuple[list[BankStatement], list[Problem]]:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_statement(path, name, seller)


def one(folder: Path, text: str | bytes, seller: Seller = SELLER) -> BankStatement:
    (statement,), problems = read(folder, text, seller=seller)
    assert problems == []
    return statement


def refused(folder: Path, text: str | bytes) -> str:
    statements, problems = read(folder, text)
    assert statements == []
    return " ".join(f"{problem.code} {problem.where.line}" for problem in problems)


# CAMT


@pytest.mark.parametrize("version", [2, 3, 4, 6, 8, 10, 13])
def test_every_version_of_camt_is_read_alike(tmp_path: Path, version: int) -> None:
    statement = one(tmp_path, camt(PAID, RENT, version=version))
    assert (statement.account, statement.currency, statement.begins, statement.ends) == (
        IBAN,
        "EUR",
        day("2026-11-01"),
        day("2026-11-15"),
    )
    first, second = statement.movements
    assert (first.on, first.amount, first.party) == (day("2026-11-03"), Money(120000, "EUR"), "ÉDITIONS VERDIER & FILS")
    assert (first.texts, first.iban, first.number) == (("Facture F-2026-118",), "FR1420041010050500013M02606", "N1")
    assert (second.amount, second.party) == (Money(-3590, "EUR"), "SCI DES DUNES")
    assert [one.source.line for one in statement.movements] == [3, 4]


def test_an_entry_of_several_transactions_is_as_many_movements(tmp_path: Path) -> None:
    whole = Line("2026-11-03", "350.00", number="N1")
    parts = [Line("", "100.00", "BRUN", "F-1"), Line("", "250.00", "VERDIER", "F-2", end_to_end="E2")]
    details = "".join(transaction(part, amount=True) for part in parts)
    statement = one(tmp_path, camt(entries=entry(whole, details=details)))
    assert [(one.amount.minor, one.party, one.texts, one.several) for one in statement.movements] == [
        (10000, "BRUN", ("F-1",), False),
        (25000, "VERDIER", ("F-2", "E2"), False),
    ]
    assert len({one.mark for one in marked(statement).movements}) == 2


def test_transactions_that_do_not_add_up_to_their_entry_are_one_sum(tmp_path: Path) -> None:
    whole = Line("2026-11-03", "350.00", number="N1")
    parts = [Line("", "100.00", "BRUN", "F-1"), Line("", "240.00", "VERDIER", "F-2")]
    for amount in (True, False):
        details = "".join(transaction(part, amount=amount) for part in parts)
        (movement,) = one(tmp_path, camt(entries=entry(whole, details=details))).movements
        assert (movement.amount.minor, movement.several, movement.party) == (35000, True, "")
        assert movement.texts == ("BRUN", "F-1", "VERDIER", "F-2")
    (bare,) = one(tmp_path, camt(entries=entry(whole, details="<Btch><NbOfTxs>3</NbOfTxs></Btch>"))).movements
    assert bare.several


def test_what_the_bank_has_not_booked_yet_is_left_out_and_counted(tmp_path: Path) -> None:
    for version in (2, 8):
        statement = one(tmp_path, camt(PAID, replace(RENT, status="PDNG"), version=version))
        assert (len(statement.movements), statement.pending) == (1, 1)


def test_the_period_is_that_of_the_balances_when_the_statement_names_none(tmp_path: Path) -> None:
    told = camt(PAID, begins="", opening=("2026-10-30", "10.00"), closing=("2026-11-03", "-1.00"))
    statement = one(tmp_path, told)
    assert (statement.begins, statement.ends) == (day("2026-10-31"), day("2026-11-03"))
    assert (statement.opening, statement.closing) == (Money(1000, "EUR"), Money(-100, "EUR"))
    bare = one(tmp_path, camt(PAID, RENT, begins=""))
    assert (bare.begins, bare.ends) == (day("2026-11-03"), day("2026-11-04"))


def test_a_further_page_does_not_begin_with_the_balance_of_the_first(tmp_path: Path) -> None:
    told = camt(PAID, opening=("2026-10-31", "10.00"), closing=("2026-11-15", "1210.00")).replace("OPBD", "PRCD")
    assert one(tmp_path, told).opening == Money(1000, "EUR")
    interim = told.split("<Bal>")[1].split("</Bal>")[0].replace("PRCD", "ITBD")
    assert one(tmp_path, told.replace("<Bal>", f"<Bal>{interim}</Bal><Bal>", 1)).opening is None


def test_balances_beside_the_movements_tell_those_before_and_after(tmp_path: Path) -> None:
    rows = [
        "03/11/2026;A;10,00;110,00",
        "04/11/2026;C;1,00;131,00",
        "04/11/2026;B;20,00;130,00",
        "05/11/2026;D;-1,00;130,00",
    ]
    for order in (rows, rows[::-1]):  # within a day either way round
        statement = one(tmp_path, "\n".join(["Date;Libellé;Montant;Solde", *order]) + "\n")
        assert (statement.opening, statement.closing) == (Money(10000, "EUR"), Money(13000, "EUR"))
    single = one(tmp_path, f"Date;Libellé;Montant;Solde\n{rows[0]}\n")
    assert (single.opening, single.closing) == (None, None)


def test_a_period_that_ends_at_midnight_ends_with_the_day_before(tmp_path: Path) -> None:
    text = camt(PAID).replace("2026-11-15T23:59:59", "2026-11-16T00:00:00")
    assert one(tmp_path, text).ends == day("2026-11-15")
    utc = camt(PAID).replace("2026-11-01T00:00:00", "2026-10-31T23:00:00Z")
    assert one(tmp_path, utc).begins == day("2026-11-01")


def test_only_a_statement_says_that_nothing_else_was_booked(tmp_path: Path) -> None:
    assert [one(tmp_path, camt(PAID, message=kind)).whole for kind in ("052", "053", "054")] == [False, True, False]


def test_a_statement_without_movements_speaks_for_its_days(tmp_path: Path) -> None:
    statement = one(tmp_path, camt())
    assert (statement.movements, statement.ends) == ((), day("2026-11-15"))


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE Document [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><Document><x>&c;</x></Document>'
)
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/hostname">]><Document>&x;</Document>'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (BOMB, "bank-statement-broken 0"),
        (OUTSIDE, "bank-statement-broken 0"),
        (f"<!DOCTYPE OFX SYSTEM 'x'>{ofx(PAID)}", "bank-statement-broken 0"),
        (camt(PAID, RENT)[:-40], "bank-statement-broken 4"),
        (camt(PAID).replace("</Ntry>", "</Nry>"), "bank-statement-broken 3"),
        (camt(PAID).replace(">1200.00<", ">1,200.00<"), "bank-statement-broken 3"),
        (camt(PAID).replace("2026-11-03", "2026-11-33").replace("2026-11-16T05", "x"), "bank-statement-broken 3"),
        ("<a>" * 100 + "</a>" * 100, "bank-statement-broken 1"),
        ("<Invoice><ID>1</ID></Invoice>", "bank-statement-broken 0"),
        (ofx(PAID)[:-40], "bank-statement-broken 30"),
        (ofx(PAID).replace("<CURDEF>EUR", ""), "bank-statement-broken 14"),
        (ofx(PAID).replace("<TRNAMT>1200.00", "<TRNAMT>mille"), "bank-statement-broken 22"),
        ("<OFX></OFX>", "bank-statement-broken 0"),
        ("OFXHEADER:100\nDATA:OFXSGML\n</OFX>", "bank-statement-broken 0"),
        ("", "bank-not-a-statement 0"),
        (b"PK\x03\x04" + bytes(50), "bank-not-a-statement 0"),
        (b"%PDF-1.7 ...", "bank-not-a-statement 0"),
        ("bonjour\n", "bank-columns-unclear 0"),
        ("Date;Solde\n03/11/2026;12,00\n", "bank-columns-unclear 0"),
        ("Date;Libellé;Montant\nhier;VIR;12,00\n", "date-unreadable 2"),
        ("Date;Libellé;Montant\n03/11/2026;VIR;douze\n", "amount-unreadable 2"),
        ("Date;Libellé;Montant\n03/11/2026;VIR;\n", "cell-missing 2"),
        ("Date;Libellé;Montant\n03/11/2026;VIR;1,234\n", "amount-ambiguous 2"),
        ("Date;Libellé;Débit;Crédit\n03/11/2026;VIR;1,00;2,00\n", "bank-amount-twice 2"),
        ('Date;Libellé;Montant\n03/11/2026;"VIR";1,00\n04/11/2026;"VIR;1,00\n', "quote-broken 3"),
        ("Date;Libellé;Montant\n03/11/2026;VIR;1;00\n", "cells-extra 2"),
    ],
    ids=lambda value: "" if isinstance(value, bytes) or len(value) > 40 else value,
)
def test_what_cannot_be_read_whole_is_refused(tmp_path: Path, text: str | bytes, expected: str) -> None:
    assert refused(tmp_path, text) == expected


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    _, (problem,) = read_statement(tmp_path / "absent.xml", "absent.xml", SELLER)
    assert problem.code == "file-unreadable"


def test_a_long_single_line_is_read(tmp_path: Path) -> None:
    text = camt(*[replace(PAID, text=f"F-{index}", number=f"N{index}") for index in range(3000)]).replace("\n", "")
    assert len(text) > 1_000_000
    assert len(one(tmp_path, text).movements) == 3000


# OFX


@pytest.mark.parametrize("version", [1, 2])
def test_both_versions_of_ofx_are_read_alike(tmp_path: Path, version: int) -> None:
    statement = one(tmp_path, ofx(PAID, RENT, version=version))
    assert statement.account == "30006 00001 12345678901"
    assert (statement.begins, statement.ends) == (day("2026-11-01"), day("2026-11-15"))
    first, second = statement.movements
    assert (first.on, first.amount, first.party) == (day("2026-11-03"), Money(120000, "EUR"), "ÉDITIONS VERDIER & FILS")
    assert (first.texts, first.number) == (("ÉDITIONS VERDIER & FILS", "Facture F-2026-118"), "N1")
    assert second.amount == Money(-3590, "EUR")


def test_ofx_as_banks_write_it(tmp_path: Path) -> None:
    text = ofx(PAID).replace("20261103\n", "20261103120000[+1:CET]\n").replace(">1200.00", ">+1200,00")
    text = text.replace("<NAME>", "<CHECKNUM>\n<NAME>").replace("Facture F", "<![CDATA[Facture <F]]>")
    (movement,) = one(tmp_path, text.encode("cp1252")).movements
    assert (movement.on, movement.amount) == (day("2026-11-03"), Money(120000, "EUR"))
    assert movement.texts == ("ÉDITIONS VERDIER & FILS", "Facture <F-2026-118")


def test_every_list_of_a_statement_is_read(tmp_path: Path) -> None:
    text = ofx(PAID).replace(
        "</BANKTRANLIST>", "</BANKTRANLIST>" + ofx(RENT).split("</BANKACCTFROM>")[1].split("</STMTRS>")[0]
    )
    assert [one.amount.minor for one in one(tmp_path, text).movements] == [120000, -3590]
    (nameless,) = one(tmp_path, ofx(PAID).replace("<NAME>ÉDITIONS VERDIER &amp; FILS\n", "")).movements
    assert nameless.party == "Facture F-2026-118"


def test_a_bank_that_gives_one_number_to_several_movements_loses_none(tmp_path: Path) -> None:
    lines = [replace(PAID, number="X"), replace(PAID, number="X", amount="10.00"), replace(PAID, number="X")]
    marks = [one.mark for one in marked(one(tmp_path, ofx(*lines))).movements]
    assert len(set(marks)) == 3
    assert marks == [one.mark for one in marked(one(tmp_path, ofx(*lines))).movements]


# CSV


def test_csv_as_french_banks_give_it(tmp_path: Path) -> None:
    head = f"Compte courant;{IBAN}\nOpérations du 01/11/2026 au 15/11/2026\n\n"
    text = table(PAID, RENT, preamble=head) + ";;Solde au 15/11/2026;4 321,00\n"
    for data in (text.encode("cp1252"), text.encode("utf-8-sig"), text.replace(";", "\t").encode()):
        statement = one(tmp_path, data)
        assert (statement.account, statement.begins, statement.ends) == (IBAN, day("2026-11-01"), day("2026-11-15"))
        first, second = statement.movements
        assert (first.on, first.amount, first.party) == (
            day("2026-11-03"),
            Money(120000, "EUR"),
            "ÉDITIONS VERDIER & FILS",
        )
        assert second.amount == Money(-3590, "EUR")
        assert (first.source.line, second.source.line) == (5, 6)


@pytest.mark.parametrize(
    "text",
    [
        table(PAID, RENT, two_columns=True),
        "Date;Libellé;Débit;Crédit\n03/11/2026;VIR X;;+1 200,00\n04/11/2026;LOYER;-35,90;\n",
        "Date;Libellé;Débit euros;Crédit euros\n03/11/2026;VIR X;0,00;1 200,00\n04/11/2026;LOYER;35,90;0,00\n",
        "Date;Libellé;Montant;Sens\n03/11/2026;VIR X;1 200,00;C\n04/11/2026;LOYER;35,90;D\n",
        "Booking date,Description,Amount\n2026-11-03,TRANSFER,1200.00\n2026-11-04,RENT,-35.90\n",
        "Settlement date (UTC);Counterparty name;Amount\n03-11-2026 10:22:01;X;1200,00\n04-11-2026 11:00:00;Y;-35,90\n",
        (
            'dateOp;dateVal;label;category;amount;accountNum\n2026-11-03;2026-11-03;"VIR X";"";"1 200,00";12345678901\n'
            '2026-11-04;2026-11-04;LOYER;"";"-35,90";12345678901\n'
        ),
        (
            'sep=;\n="0201900";01/11/2026;15/11/2026;\ndate_comptabilisation;libellé_complet_operation;montant_operation;devise;\n'
            "03/11/2026;VIR RECU 85S DE: X SAS MOTIF: F;1200,00;EUR;\n04/11/2026;LOYER;-35,90;EUR;\n"
        ),
    ],
)
def test_the_columns_of_many_banks_are_understood(tmp_path: Path, text: str) -> None:
    statement = one(tmp_path, text)
    assert [(one.on, one.amount.minor) for one in statement.movements] == [
        (day("2026-11-03"), 120000),
        (day("2026-11-04"), -3590),
    ]


def test_a_balance_line_is_no_movement_and_the_balance_of_an_invoice_is(tmp_path: Path) -> None:
    text = "Date;Libellé;Montant\n03/11/2026;Solde;1 200,00\n;Total;1 200,00\n30/11/2026;Nouveau solde;\n"
    (movement,) = one(tmp_path, text).movements
    assert movement.text == "Solde"


def test_a_file_of_several_accounts_is_as_many_statements(tmp_path: Path) -> None:
    rows = "03/11/2026;VIR;1,00;A111111\n04/11/2026;VIR;2,00;B222222\n"
    statements, problems = read(tmp_path, f"Date;Libellé;Montant;Compte\n{rows}", seller=replace(SELLER, iban=""))
    assert [(one.account, len(one.movements)) for one in statements] == [("A111111", 1), ("B222222", 1)]
    assert problems == []


def test_what_is_odd_about_a_statement_is_said(tmp_path: Path) -> None:
    statements, problems = read(tmp_path, camt(PAID, account="FR7612345678901234567890123"))
    assert len(statements) == 1
    assert [problem.code for problem in problems] == ["bank-account-other"]
    _, problems = read(tmp_path, camt(replace(PAID), currency="GBP"))
    assert [problem.code for problem in problems] == ["bank-currency-other"]


@given(st.binary(max_size=200), st.integers(0, 3000), st.sampled_from([camt, ofx, table]))
def test_a_damaged_file_is_read_or_refused_and_never_breaks(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, place: int, maker: object
) -> None:
    data = maker(PAID, RENT).encode()  # type: ignore[operator]
    place = min(place, len(data))
    statements, problems = read(tmp_path_factory.mktemp("r"), data[:place] + noise + data[place + len(noise) :])
    assert statements or problems
