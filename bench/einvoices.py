"""What reading a folder of e-invoices costs a file, beside the bare library reading the same files.

    python -m bench.einvoices                  300 files of each form
    python -m bench.einvoices --files 1000

`ours` is `read_ledger` of a ledger that is nothing but these files: found, opened, made safe, read, checked, their clients made.
`bare` is `parse_ubl_cii_xml` of the factur-x library (for a PDF, `get_facturx_xml_from_pdf` before it) without its schema check,
which alone takes over 100 ms a file. Milliseconds of the processor, one core, best of three.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # run as a file and not as a module
    sys.path.insert(0, str(ROOT))

from facturx import get_facturx_xml_from_pdf, parse_ubl_cii_xml  # noqa: E402

from generator.config import LedgerSettings, Seller, Settings  # noqa: E402
from generator.domain.policy import Policy  # noqa: E402
from generator.readers import read_ledger  # noqa: E402
from tests.readers.einvoice_maker import Bill, cii, facturx, ubl  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

_ROUNDS = 3
_FORMS: dict[str, tuple[str, Callable[[Bill], bytes]]] = {
    "UBL": ("xml", ubl),
    "CII": ("xml", cii),
    "Factur-X PDF": ("pdf", facturx),
}


def _make(folder: Path, suffix: str, form: Callable[[Bill], bytes], count: int) -> None:
    (folder / "factures").mkdir(parents=True)
    items = tuple(f"Prestation {number}" for number in range(10))
    for number in range(count):
        bill = Bill(f"F-{number:05d}", items=items, prepaid="100.00", payable="1100.00", order=f"BC-{number}")
        (folder / "factures" / f"F-{number:05d}.{suffix}").write_bytes(form(bill))


def _ours(folder: Path) -> int:
    seller = Seller("Atelier Lumen", "compta@atelier-lumen.example", siren="303265045", terms="30")
    ledger = LedgerSettings(format="documents", documents="factures")
    return len(
        read_ledger(Settings(folder, seller, "https://payer.example", ledger, Policy(currency="EUR")))[0].invoices
    )


def _bare(folder: Path) -> int:
    count = 0
    for path in sorted((folder / "factures").iterdir()):
        data = path.read_bytes()
        xml = get_facturx_xml_from_pdf(data, check_xsd=False)[1] if path.suffix == ".pdf" else data
        count += bool(parse_ubl_cii_xml(xml, check_xsd=False))
    return count


def _best(read: Callable[[Path], int], folder: Path, count: int) -> float:
    best = float("inf")
    for _ in range(_ROUNDS):
        before = time.process_time()
        found = read(folder)
        best = min(best, time.process_time() - before)
        if found != count:
            raise SystemExit(f"{found} of {count} invoices were read")
    return best / count * 1000


def main() -> None:
    """Prints one line for each form."""
    parser = argparse.ArgumentParser(description="What reading a folder of e-invoices costs a file.")
    parser.add_argument("--files", type=int, default=300)
    count = parser.parse_args().files
    print(f"{'form':14} {'ours':>8} {'bare':>8} {'ratio':>6}   ms a file, {count} files")
    for name, (suffix, form) in _FORMS.items():
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            _make(folder, suffix, form, count)
            ours, bare = _best(_ours, folder, count), _best(_bare, folder, count)
        print(f"{name:14} {ours:8.2f} {bare:8.2f} {ours / bare:6.2f}")


if __name__ == "__main__":
    main()
