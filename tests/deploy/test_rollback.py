"""An earlier build comes back, and nothing with it that must not: no page of an old key, none of a client who is gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from generator.cli import main
from generator.deploy import open_target
from generator.errors import OutsideError, UsageError
from tests.deploy.making import ADA, BEA, KEYS, build, files_of, pages_of, to_folder
from tests.support.owner import CLIENTS, INVOICES, PORTAL

if TYPE_CHECKING:
    from pathlib import Path

    from generator.deploy import Deployed, Target

NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)


class Site:
    """A site in a folder, published several times."""

    def __init__(self, place: Path, *, linked: bool) -> None:
        self.home, self.root = place / "maison", place / "www" / "payer"
        self.home.mkdir()
        self.root.parent.mkdir()
        if linked:
            self.root.symlink_to("nowhere")

    def target(self, keep: int = 3) -> Target:
        return open_target(to_folder(self.root, keep), self.home, {})

    def deploy(self, keep: int = 3, **pages: str) -> None:
        build(self.home / "output", **pages)
        self.target(keep).deploy(self.home / "output", lambda _: None)

    def rollback(self, number: int = 0, keys: frozenset[str] = KEYS) -> Deployed:
        return self.target().rollback(keys, lambda _: None, number)

    @property
    def kept(self) -> list[int]:
        return [one.number for one in self.target().earlier()]


@pytest.fixture(params=[False, True], ids=["folder", "link"])
def site(tmp_path: Path, request: pytest.FixtureRequest) -> Site:
    return Site(tmp_path, linked=request.param)


def test_the_build_before_comes_back_whole(site: Site) -> None:
    site.deploy(ada="100", bea="200")
    before = files_of(site.root)
    site.deploy(ada="111", bea="200")
    assert site.rollback().changed == 1
    assert files_of(site.root) == before


def test_going_back_again_goes_further_back_and_a_number_goes_anywhere(site: Site) -> None:
    for amount in ("1", "2", "3"):
        site.deploy(ada=amount)
    site.rollback()
    assert pages_of(site.root) == {"ada": "2"}
    site.rollback()
    assert pages_of(site.root) == {"ada": "1"}
    with pytest.raises(UsageError, match="no earlier build is kept"):
        site.rollback()
    site.rollback(3)
    assert pages_of(site.root) == {"ada": "3"}
    with pytest.raises(UsageError, match="no build 99 is kept"):
        site.rollback(99)


def test_the_next_publish_puts_the_present_state_back(site: Site) -> None:
    site.deploy(ada="1")
    site.deploy(ada="2")
    site.rollback()
    site.deploy(ada="2")
    assert pages_of(site.root) == {"ada": "2"}


def test_a_page_that_nobody_may_see_any_more_stays_away(site: Site) -> None:
    site.deploy(ada="1", bea="1")
    site.deploy(ada="2", bea="2")
    site.rollback(keys=KEYS - {BEA})
    assert pages_of(site.root) == {"ada": "1"}
    assert BEA not in "".join(path.as_posix() for path in site.root.resolve().rglob("*"))


def test_a_page_that_is_gone_is_gone_from_the_builds_that_are_kept(site: Site) -> None:
    site.deploy(ada="1", bea="1")
    site.deploy(ada="2")
    assert not [path for path in site.root.parent.rglob("*") if BEA in path.name]
    site.rollback()
    assert pages_of(site.root) == {"ada": "1"}


def test_a_client_who_came_later_keeps_the_page_that_messages_lead_to(site: Site) -> None:
    site.deploy(ada="1")
    site.deploy(ada="2", bea="2")
    site.rollback()
    assert pages_of(site.root) == {"ada": "1", "bea": "2"}


def test_so_many_earlier_builds_are_kept_and_no_more(site: Site) -> None:
    for amount in range(5):
        site.deploy(keep=2, ada=str(amount))
    assert site.kept == [4, 3]
    site.deploy(keep=0, ada="last")
    assert site.kept == []


def test_a_kept_build_that_was_changed_is_not_put_back(site: Site) -> None:
    site.deploy(ada="1")
    site.deploy(ada="2")
    kept = site.root.parent / ".payer.relance" / "builds" / "1" / "p" / ADA / "index.html"
    kept.write_text("another sum")
    with pytest.raises(OutsideError, match="build 1 is not what it was"):
        site.rollback()
    assert pages_of(site.root) == {"ada": "2"}


# The command


class House:
    """An owner's folder whose site stands in a folder."""

    def __init__(self, place: Path) -> None:
        self.folder, self.root = place / "maison", place / "www" / "payer"
        (self.folder / "ledger").mkdir(parents=True)
        self.root.parent.mkdir()
        self.write("portal.toml", f'{PORTAL}\n[deploy]\ntarget = "folder"\npath = "{self.root}"\n')
        self.write("ledger/clients.csv", CLIENTS)
        self.write("ledger/invoices.csv", INVOICES)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def run(self, *words: str, days: int = 0) -> int:
        return main([*words, "--folder", str(self.folder)], now=NOON + timedelta(days=days))

    def publish(self, days: int = 0) -> None:
        """Builds the site and puts it where it goes."""
        assert self.run("build", days=days) == 0
        open_target(to_folder(self.root), self.folder, {}).deploy(self.folder / "output", lambda _: None)

    @property
    def pages(self) -> set[str]:
        return {path.parent.name for path in self.root.glob("p/*/index.html")}


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_the_command_says_first_what_it_would_do_and_what_it_cannot_undo(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.publish()
    first = files_of(house.root)
    house.publish(days=1)
    second = files_of(house.root)
    capsys.readouterr()
    assert house.run("rollback") == 0
    said = capsys.readouterr().out
    assert "    1  20" in said
    assert "2 client pages" in said
    assert "Messages that left have left, and payment links stay as they are" in said
    assert "The next relance publish puts the present state there again" in said
    assert "Nothing was changed: add --yes" in said
    assert files_of(house.root) == second
    assert house.run("rollback", "--list") == 0
    assert "--yes" not in capsys.readouterr().out
    assert house.run("rollback", "--yes") == 0
    assert "put back, 0 taken away" in capsys.readouterr().out
    assert files_of(house.root) == first
    # and it leaves out old keys and clients who are gone
    before = house.pages
    assert len(before) == 2
    assert house.run("rotate", "verdier") == 0
    house.write("ledger/clients.csv", "\n".join(line for line in CLIENTS.splitlines() if "kite" not in line) + "\n")
    house.write("ledger/invoices.csv", "\n".join(line for line in INVOICES.splitlines() if "kite" not in line) + "\n")
    assert house.run("rollback", "--yes", "--to", "2") == 0
    assert not before & house.pages


def test_the_command_needs_a_place_and_an_earlier_build(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert house.run("rollback") == 2
    assert house.run("rollback", "--yes") == 2
    assert "no earlier build is kept there" in capsys.readouterr().err
    house.write("portal.toml", PORTAL)
    assert house.run("rollback") == 2
    assert "has no [deploy]" in capsys.readouterr().err


def test_on_github_pages_the_command_says_how_github_does_it(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    house.write("portal.toml", f'{PORTAL}\n[deploy]\ntarget = "github-pages"\n')
    for words in (["--list"], ["--yes"], []):
        assert house.run("rollback", *words) == 2
        said = capsys.readouterr().err
        assert "Re-run" in said
        assert "keys that were rotated" in said
