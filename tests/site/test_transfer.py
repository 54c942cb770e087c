"""The bank transfer and its QR code, read back by a decoder that shares no code with the one that drew it."""

from __future__ import annotations

import re

import pytest
import zxingcpp

from generator.domain.money import Money
from generator.domain.references import make_reference
from generator.transfer import QrCode, Transfer, draw, transfer_problems, transfer_to
from tests.support.accounts import seller

IBAN = "FR1420041010050500013M02606"
DOTS = 4  # pixels for each square


def transfer(
    amount: str = "1200.00", *, currency: str = "EUR", reference: str = "F-2026-118", holder: str = "Atelier Lumen"
) -> Transfer:
    return Transfer(holder, IBAN, "PSSTFRPPXXX", Money.of(amount, currency), reference)


def read_back(code: QrCode) -> str:
    """What an independent reader sees in the drawing."""
    width = code.size * DOTS
    image = bytearray(b"\xff" * width * width)
    column = row = 0
    for command, first, second in re.findall(r"([Mmh])(\d+)(?: (\d+))?", code.path):
        if command == "M":
            column, row = int(first), int(second)
            continue
        if command == "h":
            for line in range(row * DOTS, (row + 1) * DOTS):
                start = line * width + column * DOTS
                image[start : start + int(first) * DOTS] = bytes(int(first) * DOTS)
        column += int(first)
    found = zxingcpp.read_barcodes(memoryview(bytes(image)).cast("B", (width, width)))
    assert len(found) == 1
    return found[0].text


def drawn(asked: Transfer) -> str:
    assert asked.qr
    return read_back(asked.qr)


def test_the_code_says_what_is_printed_beside_it() -> None:
    assert drawn(transfer()).split("\n") == [
        "BCD",
        "002",
        "1",
        "SCT",
        "PSSTFRPPXXX",
        "Atelier Lumen",
        IBAN,
        "EUR1200.00",
        "",
        "",
        "F-2026-118",
    ]


def test_a_creditor_reference_stands_in_its_own_field() -> None:
    reference = make_reference("ABC123")
    assert drawn(transfer(reference=reference)).split("\n")[8:] == ["", reference]


def test_accents_survive() -> None:
    assert "Menuiserie Noël & Cie" in drawn(transfer(holder="Menuiserie Noël & Cie"))


@pytest.mark.parametrize("amount", ["0.01", "0.10", "300.00", "12450.50", "999999999.99"])
def test_every_amount_is_written_with_its_cents(amount: str) -> None:
    assert f"EUR{amount}" in drawn(transfer(amount))


def test_the_longest_fields_still_fit() -> None:
    assert "é" * 70 in drawn(transfer(holder="é" * 70, reference="F" * 140))


def test_another_currency_or_an_amount_beyond_the_standard_has_no_code() -> None:
    assert transfer(currency="GBP").qr is None
    assert transfer("1000000000.00").qr is None
    assert transfer("0.00").qr is None


@pytest.mark.parametrize("wrong", [{"holder": "A" * 71}, {"holder": " "}, {"reference": "F" * 141}, {"reference": ""}])
def test_a_field_that_no_transfer_can_carry_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="characters"):
        _ = transfer(**wrong).epc


def test_a_wrong_iban_is_refused() -> None:
    with pytest.raises(ValueError, match="IBAN"):
        _ = Transfer("Atelier", "FR1420041010050500013M02607", "", Money(100, "EUR"), "F-1").epc


def test_a_line_break_cannot_add_a_field() -> None:
    assert drawn(transfer(holder="Atelier\nLumen", reference="F-1\nEUR9.99")).count("\n") == 10


def test_identical_codes_are_drawn_once() -> None:
    assert draw("the same") is draw("the same")


def test_without_an_iban_there_is_no_transfer() -> None:
    assert transfer_to(seller(iban=""), Money(100, "EUR"), "F-1") is None


def test_a_seller_whose_name_is_too_long_is_told_so() -> None:
    assert transfer_problems(seller()) == []
    assert [problem.code for problem in transfer_problems(seller(name="A" * 71))] == ["holder-too-long"]
    assert transfer_problems(seller(name="A" * 71, iban="")) == []
