"""The benchmark compares like with like: the same ledger every time, and a floor with the same pages and messages."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench import run
from bench.contenders import CONTENDERS
from bench.ledger import write_ledger
from bench.readers import FORMATS, measure, one, ours

ROOT = Path(__file__).resolve().parents[1]


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_a_ledger_is_the_same_every_time(tmp_path: Path) -> None:
    assert _files(write_ledger(tmp_path / "a", 30)) == _files(write_ledger(tmp_path / "b", 30))


def test_a_smaller_ledger_is_the_beginning_of_a_larger_one(tmp_path: Path) -> None:
    small, large = _files(write_ledger(tmp_path / "a", 10)), _files(write_ledger(tmp_path / "b", 30))
    for name in ("ledger/clients.csv", "ledger/invoices.csv", "ledger/payments.csv"):
        assert large[name].startswith(small[name])


def test_there_are_about_five_invoices_a_client(tmp_path: Path) -> None:
    lines = _files(write_ledger(tmp_path, 400))["ledger/invoices.csv"].count(b"\n") - 1
    assert 4.5 < lines / 400 < 5.5


def test_the_quick_run_compares_like_with_like(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever needs it has a process of its own, as all have in earnest; the others are measured here, which saves starting it."""
    result, alone = tmp_path / "result.json", run._run

    def measured(contender: str, folder: Path) -> dict[str, object]:
        if contender == "pelican":  # it would meet what our own build leaves in a process
            return alone(contender, folder)
        return {**CONTENDERS[contender](folder), "peak_mb": 1}

    monkeypatch.setattr(run, "_run", measured)
    monkeypatch.setattr(sys, "argv", ["bench.run", "--quick", "--json", str(result)])
    assert run.main() == 0
    size = json.loads(result.read_text("utf-8"))["sizes"]["20"]
    assert size["pages"] == 20
    assert size["messages"] > 0
    assert size["same_pages"]
    assert size["same_messages"]
    assert size["rebuild_wrote"] == 1
    assert size["peak_mb"]["pelican"] > 1


def test_the_quick_run_of_links_finds_nothing_wrong(tmp_path: Path) -> None:
    result = tmp_path / "result.json"
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "bench.links", "--quick", "--json", str(result)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for size in json.loads(result.read_text("utf-8"))["sizes"]:
        assert size["accounts_in_step"] == size["links"] // 2
        assert size["requests_with_nothing_to_do"] == size["list_pages"] == -(-size["links"] // 100) + 1


def test_the_quick_run_of_messages_compares_like_with_like(tmp_path: Path) -> None:
    result = tmp_path / "result.json"
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "bench.messages", "--quick", "--json", str(result)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(result.read_text("utf-8"))
    assert found["messages"] == 30
    assert found["same_words"]
    assert all(seconds > 0 for seconds in found["seconds"].values())


def test_the_bench_of_e_invoices_reads_every_form() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.einvoices", "--files", "2"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line.rsplit(maxsplit=3)[0] for line in done.stdout.splitlines()[1:]] == ["UBL", "CII", "Factur-X PDF"]


@pytest.mark.parametrize(("form", "beside"), [("csv", 0), ("sql", 0), ("sheet", 4)])
def test_every_format_of_a_ledger_is_read_whole(form: str, beside: int, tmp_path: Path) -> None:
    """`beside`: clients that are no rows of their own there."""
    found = FORMATS[form]
    found.make(write_ledger(tmp_path, 4))
    assert ours(tmp_path) == found.bare(tmp_path) + beside
    assert one(form, "bare", tmp_path)["rows"] == found.bare(tmp_path)


def test_a_fec_has_three_lines_for_an_invoice_and_two_for_a_payment(tmp_path: Path) -> None:
    folder = write_ledger(tmp_path, 4)
    invoices, payments = (
        sum(";EUR;" in line for line in (folder / "ledger" / f"{name}.csv").read_text("utf-8").splitlines())
        for name in ("invoices", "payments")
    )
    FORMATS["fec"].make(folder)
    assert FORMATS["fec"].bare(folder) == 3 * invoices + 2 * payments
    assert ours(folder) == 4 + invoices + payments


def test_each_format_is_measured_against_its_bare_library(tmp_path: Path) -> None:
    found = measure("csv", 100, 1, tmp_path)
    assert found["facts"] == found["rows"] == pytest.approx(100, abs=30)
    assert found["ours_over_bare"] > 1
