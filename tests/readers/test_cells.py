"""What people write in a cell, and what it means."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import checks
from generator.checks import Clean
from generator.domain.money import Money, exponent
from generator.problems import Flaw
from generator.readers import cells


def outcome(found: object) -> object:
    return found.entry.code if isinstance(found, Flaw) else found


def amount(text: str, mark: str = "", currency: str = "EUR") -> object:
    found = cells.amount(text, currency, mark)
    return str(found) if isinstance(found, Money) else outcome(found)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1234.56", "1234.56"),
        ("1234,56", "1234.56"),
        ("1 234,56", "1234.56"),
        ("1\u00a0234,56", "1234.56"),
        ("1\u202f234,56\u00a0€", "1234.56"),
        ("1\u2009234,56", "1234.56"),
        ("1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1'234.50", "1234.50"),
        ("1.234.567,8", "1234567.80"),
        ("1 234 567", "1234567.00"),
        ("12,5", "12.50"),
        ("0,05", "0.05"),
        ("120", "120.00"),
        ("120 EUR", "120.00"),
        ("€ 120", "120.00"),
        ("120 euros", "120.00"),
        ("-12,00", "-12.00"),
        ("- 12,00", "-12.00"),
        ("−12,00", "-12.00"),
        ("12,00-", "-12.00"),
        ("(12,00)", "-12.00"),
        ("+12", "12.00"),
        ("-0", "0.00"),
        ("1200,0000", "1200.00"),
    ],
)
def test_an_amount_as_spreadsheets_write_it(written: str, meant: str) -> None:
    assert amount(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        "1e3",
        "NaN",
        "inf",
        "douze",
        "12,",
        ",50",
        "1 23,4",
        "1,23,4",
        "(-12)",
        "--1",
        "12 XYZ",
        "€ 12 EUR",
        "١٢",
        "1" * 16,
        "12,00 TTC",
        "0x1F",
        "1_000",
    ],
)
def test_what_is_no_amount_is_refused(written: str) -> None:
    assert amount(written) == "amount-unreadable"


def test_a_lone_group_of_three_is_decided_by_its_column_or_refused() -> None:
    assert amount("1,234") == "amount-ambiguous"
    assert amount("1.234") == "amount-ambiguous"
    assert amount("1,234", mark=".") == "1234.00"
    assert amount("1.234", mark=",") == "1234.00"
    assert amount("12,500", mark=",") == "amount-decimals", "twelve and a half with a thousandth is a slip, not 12.50"
    assert amount("1,234", mark=",", currency="TND") == "1.234"
    assert amount("1,000", mark=",", currency="JPY") == "amount-decimals"


def test_an_amount_has_no_more_decimals_than_its_currency() -> None:
    assert amount("12,345") == "amount-ambiguous"
    assert amount("0,125") == "amount-decimals"
    assert amount("12,3456") == "amount-decimals"
    assert amount("1200,50", currency="JPY") == "amount-decimals"
    assert amount("1200,00", currency="JPY") == "1200"
    assert amount("12,5", currency="TND") == "12.500"


def test_a_currency_beside_the_amount_must_be_the_rows() -> None:
    assert amount("12,00 CHF", currency="CHF") == "12.00"
    assert amount("12,00 €", currency="CHF") == "amount-currency"


@given(
    st.integers(-(10**11), 10**11),
    st.sampled_from(["EUR", "JPY", "TND"]),
    st.sampled_from([(" ", ","), ("\u202f", ","), (".", ","), (",", "."), ("", "."), ("", ",")]),
)
def test_any_amount_comes_back_from_the_way_it_is_printed(minor: int, currency: str, style: tuple[str, str]) -> None:
    group, mark = style
    digits = exponent(currency)
    whole, fraction = divmod(abs(minor), 10**digits)
    written = (
        ("-" if minor < 0 else "")
        + f"{whole:,}".replace(",", group)
        + (f"{mark}{fraction:0{digits}d}" if digits else "")
    )
    assert cells.amount(written, currency, mark) == Money(minor, currency)


@pytest.mark.parametrize(
    "written",
    [
        "31/12/2026",
        "31-12-2026",
        "31.12.2026",
        "31/12/26",
        "2026-12-31",
        "2026/12/31",
        "31/12/2026 00:00",
        "2026-12-31T00:00:00",
    ],
)
def test_a_date_is_day_first_or_iso(written: str) -> None:
    assert cells.day(written) == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("written", "example"),
    [
        ("31/02/2026", "28/02/2026 or 2026-02-28"),
        ("29/02/2027", "28/02/2027 or 2027-02-28"),
        ("31/04/2026", "30/04/2026 or 2026-04-30"),
        ("12/31/2026", "31/12/2026 or 2026-12-31"),
        ("2026-13-45", "31/12/2026 or 2026-12-31"),
        ("00/10/2026", "01/10/2026 or 2026-10-01"),
    ],
)
def test_an_impossible_date_comes_with_the_one_that_was_meant(written: str, example: str) -> None:
    found = cells.day(written)
    assert isinstance(found, Flaw)
    assert found.entry.code == "date-impossible"
    assert found.details["example"] == example


@pytest.mark.parametrize(
    "written", ["46000", "demain", "31/12", "31/12-2026", "2026-12-31 14:30", "décembre 2026", "20261231"]
)
def test_what_is_no_date_is_refused(written: str) -> None:
    assert outcome(cells.day(written)) == "date-unreadable"


@pytest.mark.parametrize("written", ["01/10/0206", "01/10/0026", "9999-12-31", "1900-01-01"])
def test_a_date_far_away_is_a_slip(written: str) -> None:
    assert outcome(cells.day(written)) == "date-unlikely"


def test_vat_is_one_rate_or_nets_by_rate() -> None:
    assert cells.vat("20") == ((Decimal(20), None),)
    assert cells.vat("5,5 %") == ((Decimal("5.5"), None),)
    by_rate = ((Decimal(20), Decimal("1000.00")), (Decimal(10), Decimal("50.00")))
    assert cells.vat("20:1000.00 10:50.00") == by_rate
    assert cells.vat("20 % : 1000,00; 10 % : 50,00") == by_rate
    for written in ("vingt", "20:", ":100", "120", "20:1e3", "20:100 et 10:50"):
        assert outcome(cells.vat(written)) == "vat-unreadable"


def test_days_of_the_month() -> None:
    assert cells.days_of_month("10") == (10,)
    assert cells.days_of_month("25, 10") == (10, 25)
    assert cells.days_of_month("le 10 et le 25") == (10, 25)
    assert cells.days_of_month("fin de mois") == (31,)
    for written in ("0", "32", "vendredi", "-1", "10.5", "et"):
        assert outcome(cells.days_of_month(written)) == "days-of-month-unreadable"


@pytest.mark.parametrize(
    "written", ["C-001", "411DUPONT", "L'Atelier", "Éloi & Cie", "dupont.sarl", "Duran (Lyon)", "CONSEIL", "7"]
)
def test_an_id_is_what_people_use(written: str) -> None:
    assert cells.client_id(written) is None


@pytest.mark.parametrize(
    "written",
    [
        "../x",
        "..",
        "a/b",
        "a\\b",
        "a%2fb",
        "CON",
        "con.txt",
        "nul",
        "COM1",
        "ＣＯＮ",
        "-x",
        ".a",
        "a.",
        "a..b",
        "a:b",
        "a*",
        "a\0b",
        "x" * 101,
    ],
)
def test_an_id_that_names_no_file_is_refused(written: str) -> None:
    assert outcome(cells.client_id(written)) == "id-refused"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("compta@verdier.example", "compta@verdier.example"),
        ("Marie.Verdier+factures@Verdier.Example", "Marie.Verdier+factures@verdier.example"),
        ("a@bücher.example", "a@xn--bcher-kva.example"),
        ("compta@verdier", "email-wrong"),
        ("compta", "email-wrong"),
        ("@verdier.example", "email-wrong"),
        ("a..b@verdier.example", "email-wrong"),
        ("a@-verdier.example", "email-wrong"),
        ("a@ver_dier.example", "email-wrong"),
        ("a@[127.0.0.1]", "email-wrong"),
        ("a@127.0.0.1", "email-wrong"),
        ("élise@verdier.example", "élise@verdier.example"),
        ("e\u0301lise@verdier.example", "élise@verdier.example"),
        ("éli\u200dse@verdier.example", "email-wrong"),
        ("éli\u00a0se@verdier.example", "email-wrong"),
        (f"{'é' * 33}@verdier.example", "email-wrong"),
        ('"Evil" <a@verdier.example>', "email-wrong"),
        ("équipe: a@verdier.example;", "email-wrong"),
        ('"a b"@verdier.example', "email-wrong"),
        ("a@verdier.example, b@verdier.example", "email-several"),
        ("a@verdier.example;b@verdier.example", "email-several"),
        ("a@verdier.example b@verdier.example", "email-several"),
        ("a@verdier.example@evil.example", "email-wrong"),
        (f"{'a' * 65}@verdier.example", "email-wrong"),
        (f"a@{'b' * 64}.example", "email-wrong"),
        (f"a@{'b.' * 130}example", "email-wrong"),
    ],
)
def test_an_email_address_is_one_mailbox(written: str, meant: str) -> None:
    assert outcome(checks.email(written)) == meant


def test_company_numbers_are_checked() -> None:
    assert checks.siren("303 265 045") == "303265045"
    assert checks.siren("303 265 045 00011") == "303265045"
    assert outcome(checks.siren("303 265 046")) == "siren-wrong"
    assert checks.vat_number("fr 40 303 265 045") == "FR40303265045"
    assert checks.vat_number("CHE107787577IVA") == "CHE107787577IVA"
    assert outcome(checks.vat_number("FR 41 303 265 045")) == "vat-number-wrong"
    assert outcome(checks.vat_number("40303265045")) == "vat-number-wrong"


@pytest.mark.parametrize("written", ["=1+1", '=HYPERLINK("x")', "@SUM(A1)", "+cmd|' /C calc'!A0", "-cmd|x"])
def test_a_formula_is_never_a_value(written: str) -> None:
    assert outcome(checks.clean(written)) == "formula"


@pytest.mark.parametrize(
    "written",
    [
        "<script>alert(1)</script>",
        '"><img onerror>',
        "{{7*7}}",
        "+33 6 12 34 56 78",
        "-12,00",
        "- un tiret",
        "@verdier",
        "L'Été & Cie",
    ],
)
def test_a_text_that_is_only_strange_is_kept_as_it_is(written: str) -> None:
    assert checks.clean(written) == Clean(written)


@pytest.mark.parametrize(
    "written",
    [
        "a\nb",
        "a\rb",
        "a\0b",
        "a\u2028b",
        "a\u2029b",
        "a\x85b",
        "=?utf-8?q?x?=",
        "x =?utf-8?b?eA==?= y",
        "a\tb",
        "a\x1b[31m",
    ],
)
def test_a_line_that_could_forge_a_header_is_refused(written: str) -> None:
    assert outcome(checks.clean(written)) == "header-unsafe"


def test_a_longer_text_may_have_lines_but_no_control_characters() -> None:
    assert checks.clean("a\r\nb\rc\td", lines=True) == Clean("a\nb\nc\td")
    assert outcome(checks.clean("a\0b", lines=True)) == "control-character"


@pytest.mark.parametrize("hidden", ["\u202e", "\u200b", "\u2066", "\ufeff", "\u00ad", "\u200f", "\U000e0041"])
def test_invisible_characters_are_taken_out_with_a_warning(hidden: str) -> None:
    found = checks.clean(f"Ver{hidden}dier")
    assert isinstance(found, Clean)
    assert found.text == "Verdier"
    assert found.flaw is not None
    assert found.flaw.entry.code == "character-invisible"
    assert checks.SUSPICIOUS.search(f"Ver{hidden}dier"), "the quick look at a whole file must not miss it"


@given(st.text(max_size=40))
def test_the_quick_look_misses_nothing_that_the_close_look_finds(text: str) -> None:
    if checks.SUSPICIOUS.search(text) is None and not any(mark in text for mark in "\n\r\t"):
        assert checks.clean(text) == Clean(text)
