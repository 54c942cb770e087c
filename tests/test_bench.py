"""The benchmark compares like with like: the same ledger every time, and a floor with the same pages and messages."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from bench.ledger import write_ledger

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


def test_the_quick_run_compares_like_with_like(tmp_path: Path) -> None:
    result = tmp_path / "result.json"
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "bench.run", "--quick", "--json", str(result)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    size = json.loads(result.read_text("utf-8"))["sizes"]["20"]
    assert size["pages"] == 20
    assert size["messages"] > 0
    assert size["same_pages"]
    assert size["same_messages"]
    assert size["rebuild_wrote"] == 1


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
