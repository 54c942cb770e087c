"""The outbox holds exactly the messages of the day, whatever happened before."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from generator.errors import OutsideError
from generator.outbox import MANIFEST, Written, write_outbox

TODAY = date(2026, 11, 22)


@dataclass(frozen=True)
class Note:
    """A message as the outbox knows it."""

    client: str
    words: str = "Bonjour"

    @property
    def file_name(self) -> str:
        return f"2026-11-22-{self.client}-reminder-1.eml"

    def content(self) -> bytes:
        return self.words.encode()

    def beside(self) -> dict[str, bytes]:
        return {f"2026-11-22-{self.client}-reminder-1.md": b"# Appeler"} if self.words == "Appel" else {}

    def summary(self) -> dict[str, object]:
        return {"file": self.file_name, "client": self.client}


def write(folder: Path, *notes: Note) -> Written:
    """Builds the outbox."""
    return write_outbox(notes, folder, TODAY)


def names(folder: Path) -> list[str]:
    """The files there are."""
    return sorted(path.name for path in folder.iterdir())


def manifest(folder: Path) -> Any:
    """What the manifest says."""
    return json.loads((folder / MANIFEST).read_text(encoding="utf-8"))


def test_a_message_may_have_more_than_one_file_and_takes_them_all_with_it(tmp_path: Path) -> None:
    done = write(tmp_path, Note("a", "Appel"))

    assert done.new == ("2026-11-22-a-reminder-1.eml", "2026-11-22-a-reminder-1.md")
    assert manifest(tmp_path)["files"] == list(done.new)
    assert write(tmp_path).removed == done.new
    assert names(tmp_path) == [MANIFEST]


def test_it_holds_a_file_for_each_message_and_says_what_they_are(tmp_path: Path) -> None:
    done = write(tmp_path / "outbox", Note("a"), Note("b"))

    assert done.new == ("2026-11-22-a-reminder-1.eml", "2026-11-22-b-reminder-1.eml")
    assert names(tmp_path / "outbox") == [*done.new, MANIFEST]
    assert [entry["client"] for entry in manifest(tmp_path / "outbox")["messages"]] == ["a", "b"]
    assert manifest(tmp_path / "outbox")["complete"] is True


def test_a_second_build_touches_nothing(tmp_path: Path) -> None:
    write(tmp_path, Note("a"))
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    os.utime(tmp_path, (0, 0))
    done = write(tmp_path, Note("a"))

    assert done == Written(new=(), unchanged=("2026-11-22-a-reminder-1.eml",), removed=(), foreign=())
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
    assert tmp_path.stat().st_mtime == 0


def test_what_is_no_longer_due_goes_and_what_changed_is_replaced(tmp_path: Path) -> None:
    write(tmp_path, Note("a"), Note("b"))
    done = write(tmp_path, Note("b", "Rebonjour"), Note("c"))

    assert done.removed == ("2026-11-22-a-reminder-1.eml",)
    assert names(tmp_path) == ["2026-11-22-b-reminder-1.eml", "2026-11-22-c-reminder-1.eml", MANIFEST]
    assert (tmp_path / "2026-11-22-b-reminder-1.eml").read_text() == "Rebonjour"


def test_nothing_due_leaves_an_empty_outbox(tmp_path: Path) -> None:
    write(tmp_path, Note("a"))
    write(tmp_path)

    assert names(tmp_path) == [MANIFEST]
    assert manifest(tmp_path)["messages"] == []


def test_the_owners_files_stay_and_those_that_look_like_messages_are_told(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "2026-11-01-old-reminder-1.eml").write_text("mine too")
    write(tmp_path, Note("a"))
    done = write(tmp_path)

    assert names(tmp_path) == ["2026-11-01-old-reminder-1.eml", MANIFEST, "notes.txt"]
    assert done.foreign == ("2026-11-01-old-reminder-1.eml",)


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"files": ["../precious", "notes.txt", "/etc/passwd", 7]}', '{"files": 3}']
)
def test_a_manifest_that_was_tampered_with_removes_nothing(tmp_path: Path, content: str) -> None:
    folder = tmp_path / "outbox"
    folder.mkdir()
    for path in (tmp_path / "precious", folder / "notes.txt"):
        path.write_text("keep")
    (folder / MANIFEST).write_text(content)
    write(folder, Note("a"))

    assert (tmp_path / "precious").read_text() == (folder / "notes.txt").read_text() == "keep"


def test_an_interruption_at_any_point_is_mended_by_the_next_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = [Note("a"), Note("b")], [Note("b", "Rebonjour"), Note("c")]
    for step in range(40):
        folder = tmp_path / str(step)
        write(folder, *old)
        with monkeypatch.context() as patched:
            finished = _interrupted_at(patched, folder, step, new)
        known = {note.content() for note in [*old, *new]}
        assert all(path.read_bytes() in known for path in folder.glob("*.eml"))
        listed = manifest(folder)["files"]
        assert {path.name for path in folder.glob("*.eml")} <= set(listed)
        write(folder, *new)
        assert names(folder) == ["2026-11-22-b-reminder-1.eml", "2026-11-22-c-reminder-1.eml", MANIFEST]
        assert manifest(folder)["complete"] is True
        if finished:
            assert step > 5
            return
    pytest.fail("the build never came to its end")


class Killed(BaseException):
    """The process ends here."""


def _interrupted_at(patched: pytest.MonkeyPatch, folder: Path, step: int, notes: list[Note]) -> bool:
    """Builds, and dies before the change number `step`; True when there are fewer changes than that."""
    left = [step]

    def dying(change: Any) -> Any:
        def changed(*args: Any, **kwargs: Any) -> Any:
            if not left[0]:
                raise Killed
            left[0] -= 1
            return change(*args, **kwargs)

        return changed

    for name in ("write_bytes", "replace", "unlink"):
        patched.setattr(Path, name, dying(getattr(Path, name)))
    try:
        write(folder, *notes)
    except Killed:
        return False
    return True


def test_a_full_disk_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, Note("a"), Note("b"))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(path: Path, _: bytes) -> int:
        raise OSError(28, "No space left on device", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", full)
        with pytest.raises(OutsideError, match="No space left"):
            write(tmp_path, Note("c"))

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file")

    with pytest.raises(OutsideError, match="outbox/ cannot be written"):
        write(tmp_path / "outbox", Note("a"))


def test_a_link_is_replaced_never_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("Bonjour")
    folder = tmp_path / "outbox"
    folder.mkdir()
    (folder / "2026-11-22-a-reminder-1.eml").symlink_to(outside)
    write(folder, Note("a"))
    write(folder, Note("a", "Rebonjour"))

    assert outside.read_text() == "Bonjour"
    assert not (folder / "2026-11-22-a-reminder-1.eml").is_symlink()


def test_two_messages_never_share_a_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="two messages"):
        write(tmp_path, Note("a"), Note("a", "Rebonjour"))
    with pytest.raises(ValueError, match="not a name"):
        write(tmp_path, Note("../a"))
