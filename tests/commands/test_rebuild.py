"""A build keeps what it can of the last one. Whatever changed in between, it must make what a build without a past makes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from generator import template_cache
from generator.cli import main
from generator.site_render import Renderer
from tests.support.effort import one_in
from tests.support.owner import PORTAL, Owner

if TYPE_CHECKING:
    from pathlib import Path

GENERATED = ("output", "outbox", "report")
TODAY = "2026-11-16"

CLIENTS = """id;name;email;contact;salutation;kind;language;phone;channel;hold_until;address
verdier;Éditions Verdier-Roux;compta@verdier.example;Anne Verdier;Madame Verdier;business;fr;;;;
kite;Kite & Sons;accounts@kite.example;Tom Kite;;business;en;;;;
ardoise;Hôtel de l'Ardoise;;Luc Ardoise;Monsieur Ardoise;consumer;fr;02 99 00 12 34;letter;;2 rue du Puits, 35000 Rennes
"""
INVOICES = """numéro;client;date d'émission;échéance;objet;montant ttc;commande;discount_percent;discount_days;promised_on;disputed_on
F-2026-118;verdier;30/09/2026;30/10/2026;Refonte du site;1 200,00;BC-7;;;;
F-2026-120;kite;01/10/2026;31/10/2026;Oak shelves;800,00;;;;;
F-2026-121;verdier;10/11/2026;20/12/2026;Maintenance;150,00;;2;15;;
F-2026-122;ardoise;01/10/2026;31/10/2026;Lustre;640,00;;;;;
"""
PAYMENTS = """date;client;montant;facture;reference
02/11/2026;kite;300,00;F-2026-120;
03/11/2026;ardoise;40,00;;virement
"""
POLICY = '\n[ledger]\npayments_up_to = "2026-11-13"\n'

#: The file, what stands in it (nothing: at its end), and what the owner writes instead.
CHANGES = [
    ("ledger/clients.csv", "Éditions Verdier-Roux", "Éditions Verdier"),
    ("ledger/clients.csv", "compta@verdier.example", "anne@verdier.example"),
    ("ledger/clients.csv", "Madame Verdier", "chère Anne"),
    ("ledger/clients.csv", "business;fr", "consumer;fr"),
    ("ledger/clients.csv", "business;en", "business;fr"),
    ("ledger/clients.csv", "letter;;", "phone;;"),
    ("ledger/clients.csv", "id;name", "\nid;name"),
    ("ledger/invoices.csv", "1 200,00", "1 200,01"),
    ("ledger/invoices.csv", "Refonte du site", "Refonte du\xa0site & boutique"),
    ("ledger/invoices.csv", "30/10/2026", "29/10/2026"),
    ("ledger/invoices.csv", "BC-7", "BC-8"),
    ("ledger/invoices.csv", "BC-7;;;", "BC-7;;;20/11/2026"),
    ("ledger/invoices.csv", "Oak shelves;800,00;;;;;", "Oak shelves;800,00;;;;;03/11/2026"),
    ("ledger/invoices.csv", ";2;15;", ";2;4;"),
    ("ledger/invoices.csv", "F-2026-121;", "F-2026-131;"),
    ("ledger/invoices.csv", "", "F-2026-130;kite;12/11/2026;12/12/2026;Stool;90,00;;;;;\n"),
    ("ledger/invoices.csv", "F-2026-121;verdier;10/11/2026;20/12/2026;Maintenance;150,00;;2;15;;\n", ""),
    ("ledger/payments.csv", "F-2026-120", ""),
    ("ledger/payments.csv", "virement", "F-2026-122"),
    ("ledger/payments.csv", "", "13/11/2026;verdier;1 200,00;F-2026-118;\n"),
    ("ledger/contacts.csv", "", "client;name;role;email\nardoise;Zoé;pays;zoe@ardoise.example\n"),
    ("ledger/relance/promises.csv", "", "client;made_on;on\nkite;10/11/2026;18/11/2026\n"),
    ("portal.toml", "Nora Sable", "Nora Dune"),
    ("portal.toml", "FR7630006000011234567890189", "FR7699999000370001234567851"),
    ("portal.toml", "https://payer.atelier-sable.example", "https://regler.atelier-sable.example/ici"),
    ("portal.toml", 'minimum_debt = "300.00"', 'minimum_debt = "900.00"'),
    ("portal.toml", "2026-11-13", "2026-11-12"),
    ("portal.toml", "", '\n[late_fees]\nmode = "off"\n'),
    ("content/pages/aide.md", "", "Title: Aide\nLang: fr\nSlug: aide\n\nBonjour.\n"),
    ("portal_templates/pages/fr/history.html", "", '{% set title = "Avant" %}{% macro line(entry) %}{{ entry.on }}{% endmacro %}'),
    ("theme/templates/parts/menu.html", "", "{% set for_clients %}<p>menu</p>{% endset %}{% macro menu(root) %}{% endmacro %}"),
    ("portal_templates/emails/fr/reminder-1.md", "", "Subject: Bonjour\n\nBonjour, {{ client.name }}.\n"),
    ("portal_templates/emails/en/_signature.md", "", "Bye.\n"),
    ("theme/email/style.css", "", "p { color: #123456 }"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _each_build_is_a_run_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one run has compiled is on the disk for the next one, and not in its memory."""
    template_cache._known.cache_clear()
    monkeypatch.setattr(template_cache, "_MOST", 0)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that was built once, on a day on which an email in each language and a letter are due."""
    folder = tmp_path_factory.mktemp("built")
    files = {"portal.toml": PORTAL + POLICY, "ledger/clients.csv": CLIENTS}
    files |= {"ledger/invoices.csv": INVOICES, "ledger/payments.csv": PAYMENTS}
    (folder / "ledger").mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    assert main(["build", "--folder", str(folder), "--date", TODAY]) == 0
    assert {path.suffix for path in (folder / "outbox").iterdir()} == {".eml", ".html", ".json"}
    return folder


@pytest.fixture
def owner(built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    """Somebody with a copy of that folder, and all that was noted in it for the next build."""
    return Owner(shutil.copytree(built, tmp_path / "owner"), capsys)


def _made(owner: Owner) -> dict[str, bytes]:
    """What a client or the owner may read, without what a build notes for the next one."""
    found = owner.files().items()
    return {name: content for name, content in found if name.split("/")[0] in GENERATED and "/." not in name}


def _without_a_past(owner: Owner, date: str = TODAY, *, compiled: bool = False) -> dict[str, bytes]:
    """What the same folder gives when nothing generated is in it; `compiled` templates may stay, to save time."""
    templates, aside = owner.folder / "report" / ".templates", owner.folder / "templates"
    if compiled:
        templates.rename(aside)
    for name in GENERATED:
        shutil.rmtree(owner.folder / name)
    if compiled:
        templates.parent.mkdir()
        aside.rename(templates)
    assert owner.run("build", date=date) == 0, owner.complained
    return _made(owner)


@pytest.mark.parametrize(
    ("file", "old", "new"), [pytest.param(*change, id=f"{change[0]}:{change[2][:20]}") for change in one_in(4, CHANGES)]
)
def test_a_rebuild_after_any_change_is_a_build_from_nothing(owner: Owner, file: str, old: str, new: str) -> None:
    path = owner.folder / file
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    assert old in before
    owner.write(file, before.replace(old, new, 1) if old else before + new)
    assert owner.run("build") == 0, owner.complained
    rebuilt = _made(owner)
    assert rebuilt == _without_a_past(owner, compiled=path.suffix not in {".html", ".md", ".css"})


def test_another_day_is_a_build_from_nothing(owner: Owner) -> None:
    assert owner.run("build", date="2026-11-17") == 0
    rebuilt = _made(owner)
    assert rebuilt == _without_a_past(owner, "2026-11-17", compiled=True)


def test_what_was_sent_is_news(owner: Owner) -> None:
    assert owner.run("sent", "verdier") == 0, owner.complained
    assert owner.run("build") == 0
    rebuilt = _made(owner)
    assert rebuilt == _without_a_past(owner, compiled=True)


@pytest.mark.parametrize("harm", ["outbox", "output", "state", "templates"])
def test_what_somebody_spoilt_is_made_again(built: Path, owner: Owner, harm: str) -> None:
    spoilt = {
        "outbox": [*(owner.folder / "outbox").glob("*.eml"), *(owner.folder / "outbox").glob("*.html")],
        "output": list((owner.folder / "output" / "p").glob("*/index.html")),
        "state": [owner.folder / "report" / ".messages.json", owner.folder / "report" / ".build.json"],
        "templates": [path for path in (owner.folder / "report" / ".templates").rglob("*") if path.is_file()],
    }[harm]
    assert spoilt
    for path in spoilt:
        path.write_bytes(path.read_bytes()[:-20] + b"spoilt")
    assert owner.run("build") == 0, owner.complained
    assert _made(owner) == _made(Owner(built, owner.capsys))


@pytest.mark.parametrize(
    "state", ["", "[]", "{}", '{"version": 1, "messages": []}', '{"version": 1, "messages": {"kite": 1}}']
)
def test_a_state_that_says_nothing_only_costs_time(built: Path, owner: Owner, state: str) -> None:
    owner.write("report/.messages.json", state)
    assert owner.run("build") == 0, owner.complained
    assert _made(owner) == _made(Owner(built, owner.capsys))


def test_without_news_nothing_is_made_again(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("there is no news")

    monkeypatch.setattr("generator.message_store.compose", refused)
    monkeypatch.setattr(Renderer, "client", refused)
    owner.write("ledger/clients.csv", "\n\n" + CLIENTS)
    assert owner.run("build") == 0, owner.complained
    assert "3 unchanged" in owner.said


def test_with_news_nothing_is_compiled_again(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("it was compiled for the last build")

    monkeypatch.setattr("jinja2.Environment.compile", refused)
    owner.write("portal.toml", (PORTAL + POLICY).replace("Nora Sable", "Nora Dune"))
    assert owner.run("build") == 0, owner.complained
    assert "3 pages written" in owner.said
    assert "Nora Dune" in (owner.folder / "outbox" / f"{TODAY}-kite-reminder-1.eml").read_text(encoding="utf-8")


def test_only_the_owner_can_read_what_is_noted(owner: Owner) -> None:
    for name in (".messages.json", ".build.json"):
        assert (owner.folder / "report" / name).stat().st_mode & 0o077 == 0
