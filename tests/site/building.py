"""What the tests of the site share: clients decided from a small ledger, their pages read as a visitor reads them."""

from __future__ import annotations

import hashlib
import html
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from unittest import mock
from urllib.parse import unquote

from generator import site as plugin
from generator.site import SiteInput, build_site
from generator.site_render import Renderer
from tests.support.accounts import settings
from tests.support.world import day, world

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from generator.config import Settings
    from generator.domain.account import Account
    from generator.site_build import SiteResult
    from tests.support.world import World

TODAY = "2026-11-22"
_RENDERERS: dict[str, Renderer] = {}
_BLOCKS = frozenset({"dt", "dd", "li", "p", "h1", "h2", "h3", "h4", "div"})


def key_of(client: str, generation: int = 1) -> str:
    """A portal key as unguessable as a real one, and always the same."""
    return hashlib.sha256(f"{client}{generation}".encode()).hexdigest()[:26]


def clients_of(found: World | str, today: str = TODAY) -> list[tuple[Account, ...]]:
    """The accounts of each client that day, with one key each."""
    there = world(found) if isinstance(found, str) else found
    there.build(today)
    return [
        tuple(replace(account, keys=(key_of(account.client.id),)) for account in accounts)
        for accounts in there.decide(today).by_client()
    ]


def page_of(found: World | str, folder: Path, today: str = TODAY, **client: str) -> Page:
    """The page of the first client; `client` changes what is known of them."""
    accounts = [changed(account, client=changed(account.client, **client)) for account in clients_of(found, today)[0]]
    return read(accounts, settings(folder))


def changed(record: Any, **fields: Any) -> Any:
    """A record with other values in fields that only the test knows by name."""
    return replace(record, **fields)


def read(accounts: Sequence[Account], known: Settings) -> Page:
    """The page of these accounts, with templates compiled once for all tests: none of the owner's own."""
    renderer = _RENDERERS.setdefault(repr((known.seller, known.form_endpoint)), Renderer(known))
    return Page(renderer.client(accounts).decode())


class Owner:
    """An owner's folder with a site in it. Builds leave Pelican out unless asked: what it adds is tested on its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings: Settings = settings(folder)
        self.output = folder / "output"
        self.state = folder / "report" / ".build.json"

    def build(self, clients: Sequence[Sequence[Account]], today: str = TODAY, *, pelican: bool = False) -> SiteResult:
        """Builds the site of these clients."""
        runner = plugin._run_pelican if pelican else _only_our_pages
        with mock.patch.object(plugin, "_run_pelican", runner):
            return build_site(self.settings, clients, today=day(today), output=self.output, state=self.state)

    def page(self, client: str, generation: int = 1) -> Path:
        """Where the page of a client stands."""
        return self.output / "p" / key_of(client, generation) / "index.html"


def _only_our_pages(site: SiteInput, output: Path) -> list[object]:
    made = type("Pages", (plugin.ClientPages,), {"site": site})(context={"pages": []}, output_path=str(output))
    folder = site.settings.folder
    if not any((folder / name).exists() for name in ("theme", "portal_templates")):
        made.renderer = _RENDERERS.setdefault(
            repr((site.settings.seller, site.settings.form_endpoint)), made.renderer
        )  # compiled once for all tests
    made.generate_output(None)
    return []


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file of a folder with its bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


class Page(HTMLParser):
    """A page as its visitor meets it: its words in order, its links, and the elements it is made of."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.source = source
        self.links: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self._words: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        self.elements.append((tag, known))
        if tag in _BLOCKS:
            self._words.append(" ")
        if tag == "a":
            self.links.append(known.get("href", ""))

    def handle_data(self, data: str) -> None:
        self._words.append(data)

    @property
    def text(self) -> str:
        """All that can be read, with plain spaces."""
        return " ".join("".join(self._words).split())

    @property
    def mails(self) -> list[str]:
        """The prepared emails, decoded."""
        return [unquote(link) for link in self.links if link.startswith("mailto:") and "?" in link]

    def section(self, ident: str) -> Page:
        """What stands in one section."""
        found = re.search(rf'<section[^>]*id="{re.escape(ident)}".*?</section>', self.source, re.DOTALL)
        assert found, f"no section {ident}"
        return Page(found[0])

    def meta(self, name: str) -> str:
        """What a meta element says."""
        return next(known["content"] for tag, known in self.elements if tag == "meta" and name in known.values())

    def __contains__(self, words: str) -> bool:
        return " ".join(html.unescape(words).split()) in self.text
