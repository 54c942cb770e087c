"""A workbook becomes rows of text: what is shown in it, with its real lines, and never a cent more or less."""

from __future__ import annotations

import io
import shutil
import time
import zipfile
from datetime import date, datetime
from datetime import time as clock
from decimal import Decimal
from pathlib import Path

import msoffcrypto.format.ooxml
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.styles import PatternFill

from generator.domain.ledger import Problem
from generator.domain.money import Money
from generator.readers.cells import amount
from generator.readers.workbook import Sheet, Workbook, number, read_workbook
from tests.support.workbooks import HEADERS, ROWS, write_ods, write_xlsx

OLD = Path(__file__).resolve().parent.parent / "errors" / "workbook-old" / "ledger" / "factures.xls"


def sheets(path: Path) -> list[Sheet]:
    found = read_workbook(path, f"ledger/{path.name}")
    assert isinstance(found, Workbook)
    return found.sheets


def cells(path: Path) -> list[list[str]]:
    return [row for _, row, _ in sheets(path)[0].rows]


def refused(path: Path) -> str:
    found = read_workbook(path, f"ledger/{path.name}")
    assert isinstance(found, Problem)
    return f"{found.code}: {found.message} {found.remedy}"


@pytest.mark.parametrize(("write", "name"), [(write_xlsx, "a.xlsx"), (write_ods, "a.ods")])
def test_what_is_shown_becomes_text(tmp_path: Path, write: object, name: str) -> None:
    row = ["Verdier ", 12, 1234.5, date(2026, 12, 31), True, False, None, "31-déc.-26"]
    path = write(tmp_path / name, {"2026": [row]})  # type: ignore[operator]
    assert cells(path)[0] == ["Verdier", "12", "1234.5", "2026-12-31", "oui", "non", "", "31-déc.-26"]


def test_a_moment_is_read_as_its_day(tmp_path: Path) -> None:
    assert cells(write_xlsx(tmp_path / "a.xlsx", {"a": [[datetime.combine(date(2026, 12, 31), clock(17, 30))]]})) == [
        ["2026-12-31"]
    ]


def test_rows_keep_their_lines_and_empty_or_coloured_ones_are_passed_over(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet["B3"], sheet["B7"] = "first", "last"
    sheet["B5"].fill = PatternFill("solid", fgColor="FFFF00")
    book.save(tmp_path / "a.xlsx")
    assert [(line, row) for line, row, _ in sheets(tmp_path / "a.xlsx")[0].rows] == [(3, ["first"]), (7, ["last"])]


def test_every_sheet_is_named_and_a_hidden_one_said_to_be(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "a.xlsx", {"2026": [["a"]], "2025": [["b"]], "leer": []})
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    book["2025"].sheet_state = "hidden"
    book.create_chartsheet("courbe")
    book.save(tmp_path / "a.xlsx")
    found = [(sheet.file, sheet.hidden, len(sheet.rows)) for sheet in sheets(tmp_path / "a.xlsx")]
    assert found == [
        ("ledger/a.xlsx [2026]", False, 1),
        ("ledger/a.xlsx [2025]", True, 1),
        ("ledger/a.xlsx [leer]", False, 0),
    ]


def test_a_cell_merged_downwards_says_so_of_the_rows_it_covers(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "a.xlsx", {"a": [["", "x"], ["", "Verdier", 1], ["", None, 2], ["", "Brun", 3]]})
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    book.worksheets[0].merge_cells("B2:B3")
    book.save(tmp_path / "a.xlsx")
    assert sheets(tmp_path / "a.xlsx")[0].merged == {
        3: {0: "Verdier"}
    }  # columns count from the first that holds something


# Numbers


@given(st.integers(-(10**13), 10**13))
def test_cents_are_never_changed(minor: int) -> None:
    shown = number(float(Decimal(minor).scaleb(-2)))
    assert amount(shown, "EUR", ".") == Money(minor, "EUR")


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_what_was_computed_is_read_as_it_is_shown(one: int, other: int) -> None:
    left = float(Decimal(one).scaleb(-2)) - float(Decimal(other).scaleb(-2))
    assert amount(number(left), "EUR", "") == Money(one - other, "EUR")


@given(st.integers(1, 10**6).filter(lambda thousandth: thousandth % 10))
def test_a_fraction_of_a_cent_is_told_and_not_rounded(thousandths: int) -> None:
    shown = number(float(Decimal(thousandths).scaleb(-3)))
    for mark in ("", ".", ","):
        found = amount(shown, "EUR", mark)
        assert not isinstance(found, Money), shown


@pytest.mark.parametrize(
    ("value", "shown"), [(-0.0, "0"), (1e-13, "0"), (-1e-13, "0"), (2026041.0, "2026041"), (0.055, "0.0550")]
)
def test_numbers_are_shown_plainly(value: float, shown: str) -> None:
    assert number(value) == shown


def test_one_column_has_one_decimal_mark_when_some_amounts_were_typed_as_text(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"a": [["1 234,50 €", "x"], [1234.5, 1.5], [12, "1.250,00"]]})
    assert [row[0] for row in cells(path)] == ["1 234,50 €", "1234,5", "12"]


# Bad input


def test_a_formula_that_failed_is_shown_as_such(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"a": [["x", "#REF!"], [1, "#N/A"]], "b": [["#DIV/0!"]]})
    assert [[row for _, row, _ in sheet.rows] for sheet in sheets(path)] == [
        [["x", "#REF!"], ["1", "#N/A"]],
        [["#DIV/0!"]],
    ]


def test_so_is_one_of_libreoffice_that_says_nought(tmp_path: Path) -> None:
    path = write_ods(tmp_path / "a.ods", {"a": [["x", 5], ["y", 0]]})
    failed = b'office:value-type="float" calcext:value-type="error"'
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    content = parts["content.xml"].replace(
        b"<office:document-content ",
        b'<office:document-content xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" ',
        1,
    )
    before, value, after = content.rpartition(b'office:value-type="float"')
    assert value
    parts["content.xml"] = before + failed + after.replace(b">0</text:p>", b">#REF!</text:p>", 1)
    with zipfile.ZipFile(path, "w") as new:
        for name, data in parts.items():
            new.writestr(name, data)
    assert cells(path) == [["x", "5"], ["y", "#REF!"]]


def test_a_password_is_asked_for_by_nobody(tmp_path: Path) -> None:
    plain = write_xlsx(tmp_path / "plain.xlsx", {"2026": [HEADERS, *ROWS]})
    with (tmp_path / "a.xlsx").open("wb") as locked:
        msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(plain.read_bytes())).encrypt("secret", locked)
    assert refused(tmp_path / "a.xlsx").startswith("workbook-locked")


@pytest.mark.parametrize("name", ["a.xls", "a.xlsx", "a.ods"])
def test_what_a_workbook_is_its_content_says(tmp_path: Path, name: str) -> None:
    shutil.copy(OLD, tmp_path / name)
    assert cells(tmp_path / name)[1][3:] == ["2026-10-01", "120"]
    write_xlsx(tmp_path / "new.xlsx", {"a": [["x"]]}).rename(tmp_path / name)
    assert cells(tmp_path / name) == [["x"]]


def test_an_old_workbook_says_what_it_cannot_show() -> None:
    found = read_workbook(OLD, "ledger/factures.xls")
    assert isinstance(found, Workbook)
    assert [problem.code for problem in found.problems] == ["workbook-old"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it is empty"),
        (b"number;client\nF-1;verdier\n", "ends with .csv"),
        (b"\xef\xbb\xbf<html><table><tr><td>F-1</td></tr></table></html>", "a web page"),
        (b"%PDF-1.7 ...", "it is a PDF"),
        (b"PK\x03\x04junk", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "damaged"),
    ],
)
def test_what_is_no_workbook_is_told_apart(tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "a.xlsx").write_bytes(data)
    found = refused(tmp_path / "a.xlsx")
    assert found.startswith("workbook-unreadable")
    assert said in found


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_a_bomb_of_entities_does_not_go_off(tmp_path: Path, part: str) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"2026": [["a", "#REF!"]]})
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    bomb = f'<!DOCTYPE bomb [<!ENTITY l0 "ha">{laughs}<!ENTITY file SYSTEM "file:///etc/hostname">]>'.encode()
    parts[part] = bomb + parts[part].replace(b">2026<", b">&l11;&file;<").replace(b'"2026"', b'"&l11;"')
    with zipfile.ZipFile(path, "w") as new:
        for name, data in parts.items():
            new.writestr(name, data)
    start = time.process_time()
    found = read_workbook(path, "ledger/a.xlsx")
    assert time.process_time() - start < 2
    assert isinstance(found, Problem) or "ha" * 100 not in str(found)


def test_a_workbook_cut_short_is_damaged(tmp_path: Path) -> None:
    whole = write_xlsx(tmp_path / "a.xlsx", {"2026": [HEADERS, *ROWS]}).read_bytes()
    (tmp_path / "a.xlsx").write_bytes(whole[: len(whole) // 2])
    assert "damaged" in refused(tmp_path / "a.xlsx")


def test_a_cell_at_the_end_of_the_world_is_refused_before_room_is_made_for_it(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0]["A1"], book.worksheets[0]["XFD1048576"] = "a", " "
    book.save(tmp_path / "a.xlsx")
    assert refused(tmp_path / "a.xlsx").startswith("workbook-too-large")


def test_colours_up_to_the_end_of_the_world_are_nothing(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet["A1"] = "a"
    sheet["XFD1048576"].fill = PatternFill("solid", fgColor="FFFF00")
    book.save(tmp_path / "a.xlsx")
    assert cells(tmp_path / "a.xlsx") == [["a"]]


def test_a_sheet_of_many_empty_rows_costs_little(tmp_path: Path) -> None:
    """50,000 rows in 200,000, written by hand here: it takes a library longer to write them than us to read."""
    path = write_xlsx(tmp_path / "a.xlsx", {"2026": [["F-1", "Verdier", 120]]})
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    (name,) = (name for name in parts if name.startswith("xl/worksheets/sheet"))
    full = "".join(
        f'<row r="{row}"><c r="A{row}" t="inlineStr"><is><t>F-{row}</t></is></c><c r="B{row}"><v>{row}.25</v></c></row>'
        for row in range(1, 50_001)
    )
    empty = "".join(
        f'<row r="{row}"><c r="A{row}" s="0"/><c r="B{row}" s="0"/></row>' for row in range(50_001, 200_001)
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    body = f'<dimension ref="A1:B200000"/><sheetData>{full}{empty}</sheetData>'
    parts[name] = f'<worksheet xmlns="{main}">{body}</worksheet>'.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for part, data in parts.items():
            new.writestr(part, data)
    start = time.process_time()
    rows = cells(path)
    assert time.process_time() - start < 5
    assert (len(rows), rows[-1]) == (50_000, ["F-50000", "50000.25"])
