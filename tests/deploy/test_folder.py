"""A site that appears in a folder all at once: visitors find the old one or the new one, whatever happens meanwhile."""

from __future__ import annotations

import errno
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from generator.deploy import Deployed, open_target, shelf
from generator.errors import OutsideError, UsageError, UserError
from tests.deploy.making import ADA, BEA, KEYS, build, files_of, pages_of, to_folder
from tests.support.effort import SOAK, one_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from generator.deploy import Target


class Place:
    """An owner's folder, and a web root elsewhere: a folder, or a link that is switched."""

    def __init__(self, home: Path, *, linked: bool = False) -> None:
        self.home = home / "maison"
        self.output = self.home / "output"
        self.home.mkdir()
        self.web = home / "www"
        self.web.mkdir()
        self.root = self.web / "payer"
        if linked:
            self.root.symlink_to("nowhere")
        self.said: list[str] = []

    def target(self, keep: int = 3) -> Target:
        return open_target(to_folder(self.root, keep), self.home, {})

    def deploy(self, keep: int = 3, **pages: str) -> Deployed:
        build(self.output, **pages)
        return self.target(keep).deploy(self.output, self.said.append)

    def rollback(self, number: int = 0, keys: frozenset[str] = KEYS) -> Deployed:
        return self.target().rollback(keys, self.said.append, number)


@pytest.fixture(params=[False, True], ids=["folder", "link"])
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Place:
    return Place(tmp_path, linked=request.param)


# What is put there


def test_the_site_stands_there_as_it_was_built(place: Place) -> None:
    assert place.deploy(ada="100", bea="200") == Deployed(7, 0, 0, str(place.root))
    assert files_of(place.root) == files_of(place.output)
    assert {path.name for path in place.web.iterdir()} == {"payer", ".payer.relance"}


def test_only_what_changed_is_written_and_what_is_gone_is_gone(place: Place) -> None:
    place.deploy(ada="100", bea="200", cleo="300")
    same = (place.root / "p" / ADA / "index.html").stat().st_ino
    assert place.deploy(ada="100", bea="250") == Deployed(1, 1, 6, str(place.root))
    assert pages_of(place.root) == {"ada": "100", "bea": "250"}
    assert (place.root / "p" / ADA / "index.html").stat().st_ino == same


def test_the_same_build_again_changes_nothing(place: Place) -> None:
    place.deploy(ada="100")
    before = place.root.stat().st_ino
    assert place.deploy(ada="100") == Deployed(0, 0, 6, str(place.root))
    assert place.root.stat().st_ino == before
    assert place.target().earlier() == ()


def test_a_page_changed_by_hand_on_the_server_is_put_right(place: Place) -> None:
    place.deploy(ada="100", bea="200")
    (place.root / "p" / ADA / "index.html").write_text("999")
    assert place.deploy(ada="100", bea="200").changed == 1
    assert pages_of(place.root) == {"ada": "100", "bea": "200"}


def test_the_build_itself_is_never_linked_into_the_site(place: Place) -> None:
    place.deploy(ada="100")
    assert {path.stat().st_nlink for path in place.output.rglob("*") if path.is_file()} == {1}


def test_any_web_server_can_read_the_site_and_nobody_else_what_is_beside_it(place: Place) -> None:
    before = os.umask(0o077)
    try:
        place.deploy(ada="100")
        place.deploy(ada="200")
    finally:
        os.umask(before)
    modes = {path.stat().st_mode & 0o777 for path in place.root.resolve().rglob("*")}
    assert modes == {0o755, 0o644}
    assert place.root.stat().st_mode & 0o777 == 0o755
    beside = place.web / ".payer.relance"
    assert beside.stat().st_mode & 0o066 == 0
    assert (beside / "lists").stat().st_mode & 0o077 == 0
    assert (beside / ".htaccess").read_text() == "Require all denied\n"


def test_an_empty_folder_is_welcome(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.root.mkdir()
    place.deploy(ada="100")
    assert pages_of(place.root) == {"ada": "100"}
    assert list((place.web / ".payer.relance" / "builds").iterdir()) == []


def test_a_link_stays_a_link_and_what_it_led_to_is_left_alone(tmp_path: Path) -> None:
    place = Place(tmp_path, linked=True)
    (place.web / "nowhere").mkdir()
    place.deploy(ada="100")
    assert place.root.is_symlink()
    assert str(place.root.readlink()) == ".payer.relance/builds/1"
    assert list((place.web / "nowhere").iterdir()) == []


def test_a_site_that_was_taken_away_comes_again(place: Place) -> None:
    place.deploy(ada="100")
    place.root.rename(place.web / "taken")
    place.deploy(ada="100")
    assert pages_of(place.root) == {"ada": "100"}


def test_without_exchange_the_system_renames_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "exchange", lambda *_: False)
    place = Place(tmp_path)
    place.root.mkdir()
    for amount in ("100", "200", "300"):
        place.deploy(ada=amount)
        assert pages_of(place.root) == {"ada": amount}
    assert [one.number for one in place.target().earlier()] == [2, 1]


def test_the_build_may_be_served_where_it_is(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.root = place.output
    assert place.deploy(ada="100") == Deployed(0, 0, 6, str(place.output))
    assert {path.name for path in place.home.iterdir()} == {"output"}
    with pytest.raises(UsageError, match="no earlier one is kept"):
        place.rollback()
    with pytest.raises(UsageError, match="no earlier one is kept"):
        place.target().earlier()


# What is refused


def test_files_of_somebody_else_are_never_replaced(place: Place) -> None:
    mine = place.web / "nowhere" if place.root.is_symlink() else place.root
    mine.mkdir()
    (mine / "thesis.txt").write_text("ten years")
    with pytest.raises(OutsideError, match="did not put there"):
        place.deploy(ada="100")
    assert files_of(place.root) == {"thesis.txt": b"ten years"}


def test_a_file_that_somebody_added_to_our_site_is_not_lost(place: Place) -> None:
    place.deploy(ada="100")
    (place.root / "p" / ADA / "note.txt").write_text("mine")
    with pytest.raises(OutsideError, match=r"did not put there \(p/…/note.txt\)") as caught:
        place.deploy(ada="200")
    assert ADA not in str(caught.value)
    assert pages_of(place.root)["ada"] in {"100", "mine"}


def test_a_file_in_the_place_of_the_site_is_refused(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.root.write_text("a file")
    with pytest.raises(OutsideError, match="did not put there"):
        place.deploy(ada="100")
    assert place.root.read_text() == "a file"


@pytest.mark.parametrize("path", [".", "ledger", "output/p", "../maison", "..", "public"])
def test_a_place_in_the_owners_folder_or_around_it_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "maison" / "output").mkdir(parents=True)
    with pytest.raises(UserError, match=r"deploy\.path cannot be"):
        open_target(to_folder(path), tmp_path / "maison", {})


def test_a_way_through_a_link_into_the_owners_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "maison").mkdir()
    (tmp_path / "elsewhere").symlink_to("maison")
    with pytest.raises(UserError):
        open_target(to_folder(tmp_path / "elsewhere" / "ledger"), tmp_path / "maison", {})


def test_what_is_no_build_is_not_published(place: Place) -> None:
    place.output.mkdir()
    with pytest.raises(OutsideError, match="run relance build first"):
        place.target().deploy(place.output, place.said.append)


def test_a_link_in_the_build_is_not_followed(place: Place) -> None:
    place.deploy(ada="100")
    (place.home / "clients.csv").write_text("secret")
    (place.output / "p" / ADA / "F-1.pdf").symlink_to(place.home / "clients.csv")
    with pytest.raises(OutsideError, match=r"output/p/…/F-1.pdf is a symbolic link"):
        place.target().deploy(place.output, place.said.append)
    assert pages_of(place.root) == {"ada": "100"}


def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(tmp_path)

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(place.web / ".payer.relance"))

    monkeypatch.setattr(shelf.Shelf, "open", refused)
    with pytest.raises(OutsideError, match=r"may not be written: .*www has to belong to who publishes"):
        place.deploy(ada="100")


def test_a_folder_that_nobody_made_is_named(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.web.rmdir()
    with pytest.raises(OutsideError, match=r"www is not there: make that folder, and .*payer is made in it by itself"):
        place.deploy(ada="100")


def test_a_disk_of_its_own_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(tmp_path)

    def busy(*_: object) -> bool:
        raise OSError(errno.EBUSY, "Device or resource busy")

    place.root.mkdir()
    monkeypatch.setattr(shelf, "exchange", busy)
    with pytest.raises(OutsideError, match='name a folder in it, like "payer/site"'):
        place.deploy(ada="100")
    assert list(place.root.iterdir()) == []


# Who reads meanwhile


def test_a_visitor_during_the_switch_finds_the_old_site_or_the_new_one(place: Place) -> None:
    place.deploy(ada="0", bea="0")
    wrong: list[str] = []
    ended = threading.Event()

    def visit() -> None:
        while not ended.is_set():
            try:
                site = os.open(place.root, os.O_RDONLY)
                seen = set()
                for key in (ADA, BEA):
                    page = os.open(f"p/{key}/index.html", os.O_RDONLY, dir_fd=site)
                    seen.add(os.read(page, 10))
                    os.close(page)
                os.close(site)
            except OSError as error:
                wrong.append(str(error))
            else:
                wrong.extend(["a mixture"] if len(seen) > 1 else [])

    visitor = threading.Thread(target=visit)
    visitor.start()
    for round_ in range(1, 100 if SOAK else 9):
        place.deploy(keep=50, ada=str(round_), bea=str(round_))
    ended.set()
    visitor.join()
    assert wrong == []


# Accidents


class KilledError(BaseException):
    """The process is gone: nothing after this runs."""


class Accident:
    """Counts what is done to the files around the web root, and stops it at a chosen moment."""

    EVENTS = frozenset(
        {"open", "os.mkdir", "os.rename", "os.link", "os.remove", "os.rmdir", "os.symlink", "os.chmod", "ctypes.dlsym"}
    )

    def __init__(self) -> None:
        self.folder = ""
        self.count = 0
        self.at = 0
        self.error: BaseException | None = None

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.folder or event not in self.EVENTS:
            return
        places = [os.fsdecode(one) for one in arguments[:2] if isinstance(one, str | bytes | os.PathLike)]
        if event != "ctypes.dlsym" and not any(self.folder in one for one in places):
            return
        self.count += 1
        if self.error is not None and self.count == self.at:
            raise self.error


_accident = Accident()
sys.addaudithook(_accident)


@pytest.fixture
def accident(place: Place) -> Iterator[Accident]:
    _accident.folder, _accident.count, _accident.error = str(place.web), 0, None
    yield _accident
    _accident.folder, _accident.error = "", None


@pytest.mark.parametrize(
    "error", [KilledError(), OSError(errno.ENOSPC, "No space left on device")], ids=["killed", "full"]
)
@pytest.mark.parametrize(
    ("place", "exchanges"),
    [(False, True), (False, False), (True, True)],
    ids=["exchanged", "renamed", "link"],
    indirect=["place"],
)
def test_an_accident_at_any_moment_leaves_one_of_the_two_sites_and_the_next_run_clears_up(
    place: Place, accident: Accident, monkeypatch: pytest.MonkeyPatch, error: BaseException, *, exchanges: bool
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)  # the machine goes on, and the test is over sooner
    if not exchanges:
        monkeypatch.setattr(shelf, "exchange", lambda *_: False)
    old, new = {"ada": "100", "bea": "200"}, {"ada": "111", "cleo": "300"}
    place.deploy(keep=1, **old)
    place.deploy(keep=1, **new)
    place.deploy(keep=1, **old)
    accident.count = 0
    place.deploy(keep=1, **new)
    moments, stopped, gaps = accident.count, 0, 0
    for moment in one_in(7, range(1, moments + 1)):
        place.deploy(keep=1, **old)
        accident.count, accident.at, accident.error = 0, moment, error
        try:
            place.deploy(keep=1, **new)
        except (KilledError, OutsideError):
            stopped += 1
        accident.error = None
        if place.root.exists():
            assert pages_of(place.root) in (old, new)
        else:
            gaps += 1
            assert not exchanges
            place.target().earlier()
        place.deploy(keep=1, **new)
        assert pages_of(place.root) == new
        beside = place.web / ".payer.relance"
        assert {path.name for path in beside.iterdir()} <= {".htaccess", "state.json", "builds", "lists"}
        assert len(list((beside / "builds").iterdir())) <= 1 + place.root.is_symlink()
        assert len(list((beside / "lists").iterdir())) <= 2
    assert moments > 15
    assert stopped > (moments / 2 if SOAK else 0)
    assert gaps <= 1
