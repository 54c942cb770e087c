"""The site as Pelican builds it: public prose, our pages, and nothing that names a client to anyone else."""

from __future__ import annotations

import base64
import locale
import logging
import re
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from generator import site as plugin
from generator.errors import RelanceError, UserError
from generator.resources import NAMES, bundled
from generator.site import SiteInput, check_site_templates, pelican_settings
from tests.site.building import Owner, Page, clients_of, files_of, key_of
from tests.support.accounts import settings

if TYPE_CHECKING:
    from pathlib import Path

LEDGER = """
client vermeil
client boréal
invoice VER-2026-77 2026-09-01 due 2026-10-01 100.00 client=vermeil
invoice BOR-2026-88 2026-09-01 due 2026-10-01 200.00 client=boréal
"""
SECRETS = {
    "vermeil": ["Vermeil", "vermeil@client.example", "VER-2026-77", key_of("vermeil")],
    "boréal": ["Boréal", "BOR-2026-88", key_of("boréal")],
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Owner:
    owner = Owner(tmp_path_factory.mktemp("site"))
    owner.build(clients_of(LEDGER), pelican=True)
    return owner


def test_the_site_is_these_files_and_no_other(built: Owner) -> None:
    assert {re.sub(r"^p/[^/]+/", "p/KEY/", name) for name in files_of(built.output)} == {
        "_headers",
        "robots.txt",
        "index.html",
        "404.html",
        "theme/page.css",
        "theme/answer.js",
        "theme/page.js",
        "theme/icon.svg",
        "fr/regler/index.html",
        "fr/mentions-legales/index.html",
        "fr/confidentialite/index.html",
        "en/pay/index.html",
        "en/legal-notice/index.html",
        "en/privacy/index.html",
        "p/KEY/index.html",
    }


@pytest.mark.parametrize("client", list(SECRETS))
def test_what_belongs_to_a_client_stands_on_their_page_only(built: Owner, client: str) -> None:
    for name, content in files_of(built.output).items():
        own = name.startswith(f"p/{key_of(client)}/")
        text = content.decode()
        encoded = {base64.b64encode(secret.encode()).decode().rstrip("=") for secret in SECRETS[client]}
        found = {secret for secret in (*SECRETS[client], *encoded) if secret.casefold() in text.casefold()}
        assert own or not found, name
        assert not own or set(SECRETS[client][:1]) <= found


def test_no_public_page_links_below_the_private_folder(built: Owner) -> None:
    for name, content in files_of(built.output).items():
        if name.endswith(".html") and not name.startswith("p/"):
            assert not any(re.search(r"(^|/)p/", link) for link in Page(content.decode()).links)


def test_robots_may_come_and_are_told_nothing(built: Owner) -> None:
    assert (built.output / "robots.txt").read_text() == "User-agent: *\nDisallow:\n"
    headers = (built.output / "_headers").read_text()
    assert "X-Robots-Tag: noindex" in headers
    assert "X-Content-Type-Options: nosniff" in headers
    assert "Referrer-Policy: no-referrer" in headers
    assert "frame-ancestors 'none'" in headers
    assert "/p/*\n  Cache-Control: private, no-store" in headers


def test_every_page_is_strict_and_tells_nobody(built: Owner) -> None:
    for path in built.output.rglob("*.html"):
        page = Page(path.read_text())
        assert page.meta("Content-Security-Policy").startswith("default-src 'none'")
        assert page.meta("referrer") == "no-referrer"
        assert "noindex" in page.meta("robots")


def test_every_link_inside_the_site_leads_somewhere(built: Owner) -> None:
    for path in built.output.rglob("*.html"):
        page = Page(path.read_text())
        idents = {known["id"] for _, known in page.elements if "id" in known}
        for link in page.links + [known["href"] for tag, known in page.elements if tag == "link"]:
            if link.startswith("#"):
                assert link[1:] in idents
            elif not re.match(r"[a-z]+:", link):
                base = built.output if link.startswith("/") else path.parent
                target = (base / link.lstrip("/")).resolve()
                assert (target / "index.html").exists() or target.is_file(), (path, link)


def test_the_footer_leads_to_the_prose_in_the_language_of_the_page(built: Owner) -> None:
    page = Page(built.page("vermeil").read_text())
    assert [link for link in page.links if link.startswith("../../")] == [
        "../../fr/regler/",
        "../../fr/mentions-legales/",
        "../../fr/confidentialite/",
    ]


def test_the_front_page_names_the_seller_and_no_client(built: Owner) -> None:
    page = Page((built.output / "index.html").read_text())
    assert "Le lien vers la vôtre se trouve dans nos messages." in page
    assert "Atelier Lumen 12 rue des Tanneurs" in page


def test_a_wrong_address_below_a_folder_still_finds_its_style(built: Owner) -> None:
    page = Page((built.output / "404.html").read_text())
    assert "Cette adresse ne mène à aucune page." in page
    assert {known["href"] for tag, known in page.elements if tag == "link"} == {"/theme/icon.svg", "/theme/page.css"}


def test_the_legal_notice_says_who_publishes(built: Owner) -> None:
    page = Page((built.output / "fr" / "mentions-legales" / "index.html").read_text())
    assert "Qui publie ce site Atelier Lumen 12 rue des Tanneurs" in page
    assert '<html lang="en">' in (built.output / "en" / "legal-notice" / "index.html").read_text()


def test_the_build_leaves_the_process_as_it_was(tmp_path: Path) -> None:
    Owner(tmp_path / "first").build(clients_of(LEDGER), pelican=True)
    before = _process()
    Owner(tmp_path / "second").build(clients_of(LEDGER), pelican=True)
    assert _process() == before


def _process() -> list[object]:
    handlers = [list(logging.getLogger(name).handlers) for name in ("", "pelican")]
    return [list(sys.path), locale.setlocale(locale.LC_ALL), handlers]


def test_the_build_says_nothing_by_itself(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    Owner(tmp_path).build(clients_of(LEDGER), pelican=True)
    assert capfd.readouterr() == ("", "")


def test_two_builds_with_pelican_give_the_same_bytes(built: Owner, tmp_path: Path) -> None:
    owner = Owner(tmp_path)
    for _ in range(2):
        owner.build(clients_of(LEDGER), pelican=True)
        assert files_of(owner.output) == files_of(built.output)


def test_pelicans_own_templates_never_see_an_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, Any]] = []
    original = plugin.ClientPages.generate_context

    def noting(self: plugin.ClientPages) -> None:
        seen.append(dict(self.context))
        original(self)

    monkeypatch.setattr(plugin.ClientPages, "generate_context", noting)
    Owner(tmp_path).build(clients_of(LEDGER), pelican=True)
    (context,) = seen
    assert "RELANCE_SITE" not in context
    assert not any("VER-2026-77" in repr(value) for value in context.values())


def test_pelican_without_our_plugin_fails_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pelican import signals  # noqa: PLC0415 - only a build imports Pelican

    def without(site: SiteInput, output: Path) -> dict[str, Any]:
        return {**pelican_settings(site, output), "PLUGINS": []}

    signals.initialized.disconnect(plugin._take_input)
    signals.get_generators.disconnect(plugin._generators)
    signals.all_generators_finalized.disconnect(plugin._lend_templates)
    monkeypatch.setattr(plugin, "pelican_settings", without)
    owner = Owner(tmp_path)
    _prose(owner, "a.md", "Title: A\nStatus: skip\n\nText.")
    with pytest.raises(RelanceError, match="without our plugin"):
        owner.build(clients_of(LEDGER), pelican=True)
    assert not owner.output.exists()


def _prose(owner: Owner, name: str, text: str) -> None:
    place = owner.folder / "content" / "pages" / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")


def test_the_owners_prose_replaces_ours(tmp_path: Path) -> None:
    owner = Owner(tmp_path)
    _prose(owner, "a.md", "Title: Nos conditions <b>\nSlug: conditions\n\nBonjour **vous**.")
    owner.build(clients_of(LEDGER), pelican=True)
    assert "<strong>vous</strong>" in (owner.output / "fr" / "conditions" / "index.html").read_text()
    assert not (owner.output / "fr" / "regler").exists()
    assert "Nos conditions &lt;b&gt;" in owner.page("vermeil").read_text()


def test_prose_that_cannot_be_read_is_told_and_keeps_the_old_site(tmp_path: Path) -> None:
    owner = Owner(tmp_path)
    owner.build(clients_of(LEDGER), pelican=True)
    before = files_of(owner.output)
    _prose(owner, "a.md", "No title here.")
    _prose(owner, "b.md", "Title: Twice\nStatus: unheard-of\n\nText.")
    with pytest.raises(UserError) as caught:
        owner.build(clients_of(LEDGER), pelican=True)
    assert {problem.code for problem in caught.value.problems} == {"content-wrong"}
    assert len(caught.value.problems) == 2
    assert str(tmp_path) not in str(caught.value)
    assert files_of(owner.output) == before


def test_mistakes_are_told_even_where_another_program_has_silenced_the_loggers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = Owner(tmp_path)
    owner.build(clients_of(LEDGER), pelican=True)
    for name in list(logging.root.manager.loggerDict):
        if name.startswith("pelican"):
            monkeypatch.setattr(logging.getLogger(name), "disabled", True)
    _prose(owner, "a.md", "No title here.")
    with pytest.raises(UserError, match=r"a\.md"):
        owner.build(clients_of(LEDGER), pelican=True)


def test_drafts_and_feeds_are_not_written(tmp_path: Path) -> None:
    owner = Owner(tmp_path)
    _prose(owner, "a.md", "Title: Soon\nStatus: draft\n\nText.")
    _prose(owner, "b.md", "Title: Tagged\nTags: x, y\nCategory: z\nAuthor: Me\nDate: 2026-01-01\n\nText.")
    owner.build(clients_of(LEDGER), pelican=True)
    names = {name for name in files_of(owner.output) if not name.startswith(("p/", "theme/"))}
    assert names == {"_headers", "robots.txt", "index.html", "404.html", "fr/tagged/index.html"}


@pytest.mark.parametrize(
    "name", ["content/images/clients.csv", "content/images/.env", "theme/static/page.css.bak", "theme/static/notes.md"]
)
def test_a_stray_file_is_refused(tmp_path: Path, name: str) -> None:
    owner = Owner(tmp_path)
    _prose(owner, "a.md", "Title: A\n\nText.")
    (owner.folder / name).parent.mkdir(parents=True, exist_ok=True)
    (owner.folder / name).write_text("secret")
    if name.endswith(".env"):
        owner.build(clients_of(LEDGER), pelican=True)
        assert not any(".env" in found for found in files_of(owner.output))
        return
    with pytest.raises(UserError) as caught:
        owner.build(clients_of(LEDGER), pelican=True)
    assert {problem.code for problem in caught.value.problems} == {"stray-file"}
    assert not owner.output.exists()


def test_the_owners_style_is_copied_over_ours(tmp_path: Path) -> None:
    owner = Owner(tmp_path)
    (owner.folder / "theme" / "static").mkdir(parents=True)
    (owner.folder / "theme" / "static" / "page.css").write_text("body { color: teal }")
    owner.build(clients_of(LEDGER), pelican=True)
    assert (owner.output / "theme" / "page.css").read_text() == "body { color: teal }"
    assert (owner.output / "theme" / "page.js").exists()


def test_a_module_of_the_owners_is_never_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "generator.py").write_text("raise SystemExit('imported')")
    (tmp_path / "site.py").write_text("raise SystemExit('imported')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry not in {"", "."}])
    Owner(tmp_path / "folder").build(clients_of(LEDGER), pelican=True)
    assert "" not in sys.path


def test_templates_can_be_checked_without_writing(tmp_path: Path) -> None:
    clients = clients_of(LEDGER)
    assert check_site_templates(settings(tmp_path), clients) == []
    own = tmp_path / "portal_templates" / "pages" / "fr"
    own.mkdir(parents=True)
    (own / "trust.html").write_text("{{ nobody }}")
    (problem,) = check_site_templates(settings(tmp_path), clients)
    assert (problem.code, str(problem.where)) == ("template-error", "portal_templates/pages/fr/trust.html:1")
    assert [path.name for path in tmp_path.iterdir()] == ["portal_templates"]


def test_another_language_is_another_folder(tmp_path: Path) -> None:
    folder = tmp_path / "portal_templates" / "pages" / "nl"
    folder.mkdir(parents=True)
    for path in (bundled("portal_templates") / "pages" / "en").iterdir():
        (folder / path.name).write_text(path.read_text().replace("Hello", "Goedendag"))
    owner = Owner(tmp_path)
    clients = [
        [replace(one, client=replace(one.client, language="nl")) for one in found] for found in clients_of(LEDGER)
    ]
    owner.build(clients)
    page = owner.page("vermeil").read_text()
    assert '<html lang="nl">' in page
    assert "Goedendag Vermeil," in page
    assert "22 november 2026" in page


def test_everything_that_ships_is_found() -> None:
    assert {name: bundled(name).is_dir() for name in NAMES} == dict.fromkeys(NAMES, True)
    with pytest.raises(ValueError, match="secrets"):
        bundled("secrets")
