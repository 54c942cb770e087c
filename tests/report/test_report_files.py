"""The files of the report on the disk: whole or not at all, for their owner only, and left alone when nothing changed."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from generator.errors import OutsideError
from generator.report import write_report
from tests.report.morning import TODAY, Morning, morning

if TYPE_CHECKING:
    from pathlib import Path


def write(found: Morning, folder: Path) -> None:
    write_report(found.settings, found.clients, found.drafts, [], folder, TODAY)


FILES = [
    "avoirs-a-emettre.csv",
    "echeances-tva.csv",
    "index.html",
    "messages.csv",
    "penalites.csv",
    "pointage.csv",
]


def test_it_writes_a_page_and_its_tables_and_nothing_else(tmp_path: Path) -> None:
    write(morning(), tmp_path / "report")
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == FILES
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_a_second_run_says_the_same_and_writes_nothing(tmp_path: Path) -> None:
    write(morning(), tmp_path)
    before = {
        path.name: (path.read_bytes(), path.stat().st_ino, path.stat().st_mtime_ns) for path in tmp_path.iterdir()
    }
    write(morning(), tmp_path)
    after = {path.name: (path.read_bytes(), path.stat().st_ino, path.stat().st_mtime_ns) for path in tmp_path.iterdir()}
    assert after == before


def test_only_what_changed_is_written_again(tmp_path: Path) -> None:
    write(morning(), tmp_path)
    table = (tmp_path / "pointage.csv").stat().st_ino
    page = (tmp_path / "index.html").stat().st_ino
    write(morning("invoice F-1 2026-10-01 due 2026-10-31 10.00"), tmp_path)
    assert (tmp_path / "index.html").stat().st_ino != page
    write(morning("invoice F-2 2026-10-01 due 2026-10-31 10.00"), tmp_path)
    assert table != (again := (tmp_path / "pointage.csv").stat().st_ino)
    write(morning("invoice F-3 2026-10-01 due 2026-10-31 10.00"), tmp_path)
    assert (tmp_path / "pointage.csv").stat().st_ino == again


@pytest.mark.skipif(os.name != "posix", reason="Windows has other permissions")
def test_nobody_else_on_the_machine_can_read_it(tmp_path: Path) -> None:
    write(morning(), tmp_path)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_a_disk_that_refuses_ends_the_run_and_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "report").write_text("a file where the folder should be")
    with pytest.raises(OutsideError, match="report cannot be written"):
        write(morning(), tmp_path / "report")
    assert (tmp_path / "report").read_text() == "a file where the folder should be"


def test_a_crash_in_the_middle_leaves_the_old_page_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(morning(), tmp_path)
    before = (tmp_path / "index.html").read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutsideError, match="No space left"):
        write(morning("invoice F-1 2026-10-01 due 2026-10-31 10.00"), tmp_path)
    assert (tmp_path / "index.html").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == FILES


def test_a_link_in_its_place_is_replaced_not_followed(tmp_path: Path) -> None:
    page, elsewhere = tmp_path / "report" / "index.html", tmp_path / "elsewhere"
    write(morning(), tmp_path / "report")
    page.rename(elsewhere)
    page.symlink_to(elsewhere)
    write(morning(), tmp_path / "report")
    assert not page.is_symlink()
    page.unlink()
    page.symlink_to(elsewhere)
    before = elsewhere.read_bytes()
    write(morning("invoice F-1 2026-10-01 due 2026-10-31 10.00"), tmp_path / "report")
    assert elsewhere.read_bytes() == before
