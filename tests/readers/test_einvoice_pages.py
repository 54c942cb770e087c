"""From a folder of e-invoices to pages: each client finds their own invoices, and nobody else's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.cli import main
from tests.readers.einvoice_maker import BRUN, OUR_IBAN, VERDIER, Bill, Someone, blank_pdf, facturx, put, ubl

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

PORTAL = f"""
[seller]
name = "Atelier Lumen"
email = "compta@atelier-lumen.example"
siren = "303265045"
iban = "{OUR_IBAN}"
terms = "30"

[site]
url = "https://payer.atelier-lumen.example"

[ledger]
format = "documents"
documents = "factures"
"""
TODAY = "2026-11-22"
SUPPLIER = Someone("Fournitures Dupin", "552081317")


def pages(folder: Path) -> dict[str, Path]:
    """The folder of each client's page, by the number of the invoice on it."""
    found = {}
    for page in (folder / "output" / "p").glob("*/index.html"):
        for number in re.findall(r"F-[0-9]+", page.read_text("utf-8")):
            found[number] = page.parent
    return found


def published(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.suffix in {".pdf", ".xml"}}


def test_each_pdf_is_published_on_the_page_of_its_own_client_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "portal.toml").write_text(PORTAL, encoding="utf-8")
    files = {
        "2026/F-1.pdf": facturx(Bill("F-1")),
        "F-2.pdf": facturx(Bill("F-2", buyer=BRUN)),
        "F-3.xml": ubl(Bill("F-3", buyer=BRUN)),
        "Facture F-3.pdf": blank_pdf(),
        "F-4.pdf": facturx(Bill("F-4", seller=SUPPLIER, buyer=VERDIER)),
        "achat.xml": ubl(Bill("F-5", seller=SUPPLIER, buyer=Someone("Atelier Lumen", "303265045"))),
        "conditions.pdf": blank_pdf(),
    }
    put(tmp_path, files)
    assert main(["build", "--folder", str(tmp_path), "--date", TODAY]) == 0, capsys.readouterr().err
    of = pages(tmp_path)
    assert set(of) == {"F-1", "F-2", "F-3"}
    assert of["F-2"] == of["F-3"] != of["F-1"]
    assert published(of["F-1"]) == {"F-1.pdf"}
    assert published(of["F-2"]) == {"F-2.pdf", "Facture-F-3.pdf"}
    assert published(tmp_path / "output") - {"F-1.pdf", "F-2.pdf", "Facture-F-3.pdf"} == set()
    (copy,) = of["F-1"].rglob("F-1.pdf")
    assert copy.read_bytes() == files["2026/F-1.pdf"]
    assert f"{copy.parent.name}/F-1.pdf" in (of["F-1"] / "index.html").read_text("utf-8")
    assert not any("Dupin" in path.read_text("utf-8") for path in (tmp_path / "output").rglob("*.html"))


def test_a_second_build_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "portal.toml").write_text(PORTAL, encoding="utf-8")
    put(
        tmp_path,
        {"F-1.pdf": facturx(Bill("F-1")), "F-2.xml": ubl(Bill("F-2", buyer=BRUN, prepaid="200.00", payable="1000.00"))},
    )

    def built() -> dict[str, bytes]:
        assert main(["build", "--folder", str(tmp_path), "--date", TODAY]) == 0, capsys.readouterr().err
        output = tmp_path / "output"
        return {path.relative_to(output).as_posix(): path.read_bytes() for path in output.rglob("*") if path.is_file()}

    assert built() == built()


def test_the_page_asks_for_what_is_due_and_no_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "portal.toml").write_text(PORTAL, encoding="utf-8")
    put(tmp_path, {"F-1.pdf": facturx(Bill("F-1", prepaid="300.00", payable="900.00"))})
    assert main(["show", "--folder", str(tmp_path), "--date", TODAY, "--json"]) == 0
    shown = capsys.readouterr().out
    assert '"open": "900.00"' in shown
    assert '"paid": "300.00"' in shown
    assert '"total": "1200.00"' in shown
