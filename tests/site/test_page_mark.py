"""A page's mark: by it, whoever sends reminders knows that the page online is the one that was built."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.site_render import Renderer
from tests.site.building import Owner, changed, clients_of, files_of
from tests.support.accounts import settings

if TYPE_CHECKING:
    from pathlib import Path

LEDGER = """
client ada
client bea
invoice A-1 2026-09-01 due 2026-10-01 100.00 client=ada
invoice B-1 2026-09-01 due 2026-10-01 200.00 client=bea
"""
_MARK = re.compile(rb'<meta name="relance-state" content="([0-9a-f]{16})">')


def mark(page: bytes) -> str:
    (found,) = _MARK.findall(page)
    return str(found.decode())


def test_every_clients_page_has_its_own(tmp_path: Path) -> None:
    owner = Owner(tmp_path)
    owner.build(clients_of(LEDGER))
    assert mark(owner.page("ada").read_bytes()) != mark(owner.page("bea").read_bytes())


def test_no_other_page_has_one(tmp_path: Path) -> None:
    owner = Owner(tmp_path)
    owner.build(clients_of(LEDGER), pelican=True)
    public = {name: content for name, content in files_of(owner.output).items() if not name.startswith("p/")}
    assert any(name.endswith("index.html") for name in public)
    assert not [name for name, content in public.items() if b"relance-state" in content]


def test_it_changes_with_what_the_page_says_and_only_there(tmp_path: Path) -> None:
    owner = Owner(tmp_path)
    owner.build(clients_of(LEDGER))
    before = {name: mark(owner.page(name).read_bytes()) for name in ("ada", "bea")}
    owner.build(clients_of(LEDGER + "payment 2026-11-20 50.00 B-1 client=bea"))

    assert mark(owner.page("ada").read_bytes()) == before["ada"]
    assert mark(owner.page("bea").read_bytes()) != before["bea"]


def test_it_is_the_same_wherever_and_whenever_the_same_page_is_made(tmp_path: Path) -> None:
    for name in ("here", "there"):
        Owner(tmp_path / name).build(clients_of(LEDGER))
    here, there = (Owner(tmp_path / name).page("ada").read_bytes() for name in ("here", "there"))
    assert mark(here) == mark(there)


def test_what_the_page_does_not_show_leaves_it_as_it_is(tmp_path: Path) -> None:
    ((account,), _) = clients_of(LEDGER)
    renderer = Renderer(settings(tmp_path))
    other = changed(account, client=changed(account.client, notes="Rappeler en mars"))

    assert renderer.fingerprint([other]) != renderer.fingerprint([account])
    assert renderer.client([other]) == renderer.client([account])


def test_a_client_cannot_take_its_place(tmp_path: Path) -> None:
    ((account,), _) = clients_of(LEDGER)
    named = changed(account, client=changed(account.client, name="the-state-of-this-page"))
    page = Renderer(settings(tmp_path)).client([named])

    assert mark(page)
    assert b"the-state-of-this-page" in page  # the name is where it belongs


def test_an_owners_own_template_may_leave_it_out(tmp_path: Path) -> None:
    own = tmp_path / "theme" / "templates"
    own.mkdir(parents=True)
    (own / "client.html").write_text("<!doctype html><title>x</title><p>{{ client.name }}", encoding="utf-8")
    ((account,), _) = clients_of(LEDGER)
    assert _MARK.search(Renderer(settings(tmp_path), tmp_path).client([account])) is None
