"""A page is private and inert: nothing in a ledger becomes markup, nothing of another client is on it."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import pytest

from generator.domain.ledger import Client, Invoice
from generator.site_render import Renderer
from tests.site.building import Page, changed, clients_of, page_of, read
from tests.support.accounts import settings

if TYPE_CHECKING:
    from pathlib import Path

LEDGER = """
client verdier
invoice F-1 2026-09-30 due 2026-10-30 1200.00
sent 2026-11-08 reminder-1 F-1
payment 2026-11-05 200.00 F-1
dispute F-2 2026-11-01
invoice F-2 2026-09-30 due 2026-10-30 70.00
"""
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{7*7}}{% raw %}",
    "</title></main><iframe src=//evil.example>",
    "&lt;b&gt;&#60;",
]
#: The only ones: files of the site's own, none in the page itself.
SCRIPTS = [{"src": f"../../theme/{name}.js", "defer": ""} for name in ("page", "answer")]
_TEXTS = {"str"}
_CLIENT_FIELDS = [
    known.name for known in fields(Client) if known.type in _TEXTS and known.name not in {"id", "language"}
]
_INVOICE_FIELDS = [known.name for known in fields(Invoice) if known.type in _TEXTS and known.name != "client"]


def _assert_inert(page: Page, calm: Page) -> None:
    assert [known for tag, known in page.elements if tag == "script"] == SCRIPTS
    assert {tag for tag, _ in page.elements} <= {tag for tag, _ in calm.elements} | {"p", "span", "br", "a"}
    assert not any(name.startswith("on") or name == "style" for _, known in page.elements for name in known)
    assert "49" not in re.findall(r"\{\{7\*7\}\}|\b49\b", page.text)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", _CLIENT_FIELDS)
def test_a_hostile_text_of_a_client_is_only_text(name: str, text: str, tmp_path: Path) -> None:
    _assert_inert(page_of(LEDGER, tmp_path, **{name: text}), page_of(LEDGER, tmp_path))


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", _INVOICE_FIELDS)
def test_a_hostile_text_of_an_invoice_is_only_text(name: str, text: str, tmp_path: Path) -> None:
    accounts = clients_of(LEDGER)[0]
    items = tuple(replace(item, invoice=changed(item.invoice, **{name: text})) for item in accounts[0].items)
    page = read([replace(accounts[0], items=items)], settings(tmp_path))
    _assert_inert(page, page_of(LEDGER, tmp_path))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_reason_or_label_is_only_text(text: str, tmp_path: Path) -> None:
    account = clients_of(LEDGER)[0][0]
    items = tuple(replace(item, dispute_reason=text) for item in account.items)
    history = tuple(replace(line, label=text) for line in account.history)
    page = read([replace(account, items=items, history=history)], settings(tmp_path))
    assert " ".join(text.split()) in page.text
    _assert_inert(page, page_of(LEDGER, tmp_path))


def test_a_hostile_number_cannot_leave_its_place_in_a_prepared_email(tmp_path: Path) -> None:
    accounts = clients_of(LEDGER)[0]
    evil = "F&cc=x@evil.example\r\nX: y?"
    items = tuple(replace(item, invoice=replace(item.invoice, number=evil)) for item in accounts[0].items)
    page = read([replace(accounts[0], items=items)], settings(tmp_path))
    links = [link for link in page.links if link.startswith("mailto:") and "?" in link]
    assert links
    assert all(link.count("&") == 1 and link.count("?") == 1 for link in links)
    assert not any("cc=" in link for link in links)


@pytest.mark.parametrize(
    "document",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example/f.pdf",
        "http://plain.example/f.pdf",
        "https://shop.example@evil.example/f.pdf",
        "https://x.example/a b",
        'https://x.example/"onload=',
        "https://x.example:8443/f.pdf",
        "https:///f.pdf",
        "../../etc/passwd",
        "/etc/passwd",
        "~/f.pdf",
    ],
)
def test_only_safe_addresses_are_linked(document: str, tmp_path: Path) -> None:
    account = clients_of(LEDGER)[0][0]
    items = tuple(replace(item, invoice=replace(item.invoice, document=document)) for item in account.items)
    page = read([replace(account, items=items)], settings(tmp_path))
    assert "Voir la facture" not in page
    assert not any("evil" in link or "passwd" in link for link in page.links)


def test_an_invoice_online_is_linked(tmp_path: Path) -> None:
    account = clients_of(LEDGER)[0][0]
    address = "https://factures.atelier-lumen.example/F-1.pdf?a=1&b=2"
    items = tuple(replace(item, invoice=replace(item.invoice, document=address)) for item in account.items)
    page = read([replace(account, items=items)], settings(tmp_path))
    assert address in page.links
    assert "Voir la facture" in page


def test_an_endless_name_is_cut_and_text_is_not_turned_around(tmp_path: Path) -> None:
    page = page_of(LEDGER, tmp_path, name="A" * 5000, salutation="Madame \u202e" + "B" * 5000)
    assert len(page.source) < 30_000
    assert "\u202e" not in page.source
    assert "A" * 100 in page.text


def test_a_page_tells_robots_browsers_and_other_sites_nothing(tmp_path: Path) -> None:
    page = page_of(LEDGER, tmp_path)
    assert "noindex" in page.meta("robots")
    assert page.meta("referrer") == "no-referrer"
    policy = dict(part.strip().split(" ", 1) for part in page.meta("Content-Security-Policy").split(";"))
    assert policy == {
        "default-src": "'none'",
        "style-src": "'self'",
        "script-src": "'self'",
        "img-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert not any(known.get("rel") == "canonical" for _, known in page.elements)


def test_a_page_loads_nothing_from_another_host(tmp_path: Path) -> None:
    for tag, known in page_of(LEDGER, tmp_path).elements:
        if tag in {"link", "script", "img", "iframe", "object"}:
            assert known.get("href", known.get("src", "")).startswith("../../theme/")


def test_what_is_written_goes_to_the_form_endpoint_and_nowhere_else(tmp_path: Path) -> None:
    known = replace(settings(tmp_path), form_endpoint="https://forms.example/f/k3xq?to=1")
    page = Page(Renderer(known).client(clients_of(LEDGER)[0]).decode())
    assert page.meta("Content-Security-Policy").endswith("; form-action https://forms.example")
    assert {known["action"] for tag, known in page.elements if tag == "form"} == {"https://forms.example/f/k3xq?to=1"}
    assert [known for tag, known in page.elements if tag == "script"] == SCRIPTS
    assert "avec la référence de votre compte, est transmise à forms.example, qui la remet à Atelier Lumen." in page


def test_a_page_is_of_one_client_only(tmp_path: Path) -> None:
    first, second = clients_of(
        """
        client ada
        client bea
        invoice A-1 2026-09-01 due 2026-10-01 1.00 client=ada
        invoice B-1 2026-09-01 due 2026-10-01 1.00 client=bea
        """
    )
    with pytest.raises(ValueError, match="one client"):
        read([*first, *second], settings(tmp_path))
