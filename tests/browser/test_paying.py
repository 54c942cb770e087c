"""Paying in the browser: the demo's own sandbox, from the discount on a page to the page and the outbox afterwards."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from generator.cli import main
from generator.commands.sandbox import HOST, PORT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

WITH_OFFERS = "C-002"  # second reminder: 2 880,00 €, a discount and three plans
PAY = re.compile("Payer")


@pytest.fixture
def shop(tmp_path: Path, keys: dict[str, str]) -> Iterator[tuple[Path, str]]:
    """A demo of this test's own, and the address of one client's page in its preview."""
    with socket.socket() as probe:
        if probe.connect_ex((HOST, PORT)) == 0:
            pytest.skip(f"something else answers on port {PORT} of this machine")
    folder = tmp_path / "demo"
    assert main(["demo", str(folder)]) == 0
    command = [sys.executable, "-m", "generator", "serve", "--folder", str(folder), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as served:  # noqa: S603 - our own program
        assert served.stdout is not None
        first, second = served.stdout.readline(), served.stdout.readline()
        found = re.search(r"Site: (\S+?)/ ", first)
        assert found, (first, second)
        yield folder, f"{found[1]}/p/{keys[WITH_OFFERS]}/"
        served.terminate()


def messages_to(folder: Path, client: str) -> list[dict[str, object]]:
    manifest = json.loads((folder / "outbox" / "manifest.json").read_text(encoding="utf-8"))
    return [message for message in manifest["messages"] if message["client"] == client]


def pay(page: Page, wanted: re.Pattern[str], means: str) -> None:
    """Follows a pay button, pays by this means, and comes back."""
    page.get_by_role("link", name=wanted).first.click()
    page.wait_for_url(re.compile(rf":{PORT}/c/pay/"))
    page.get_by_role("button", name=means).click()
    page.wait_for_url(re.compile("#paid$"))


def test_the_discount_is_paid_by_card(browser: Browser, shop: tuple[Path, str]) -> None:
    folder, address = shop
    assert messages_to(folder, WITH_OFFERS)
    page = browser.new_context(locale="fr-FR").new_page()
    page.goto(address)
    assert "2\u202f880,00\u00a0€" in page.locator("main").inner_text()
    pay(page, re.compile(r"Payer 2\s736,00\s€"), "Payer par carte")
    assert page.get_by_text("Merci").first.is_visible()
    page.goto(address)
    page.reload()
    text = page.locator("main").inner_text()
    assert page.get_by_role("link", name=PAY).count() == 0  # nothing is asked any more
    assert "2\u202f736,00\u00a0€" in text  # the payment, in the history
    assert [message["step"] for message in messages_to(folder, WITH_OFFERS)] == ["receipt"]  # it is thanked for
    assert ";paid;" in (folder / "ledger" / "relance" / "payments.csv").read_text(encoding="utf-8")
    page.context.close()


def test_a_debit_is_on_its_way_and_then_fails(browser: Browser, shop: tuple[Path, str]) -> None:
    folder, address = shop
    page = browser.new_context(locale="fr-FR").new_page()
    page.goto(address)
    pay(page, re.compile(r"Payer 2\s880,00\s€"), "Payer par prélèvement")
    page.goto(address)
    page.reload()
    assert "prélèvement" in page.locator("main").inner_text().lower()
    assert page.get_by_role("link", name=PAY).count() == 0
    assert messages_to(folder, WITH_OFFERS) == []
    page.goto(f"http://{HOST}:{PORT}/sandbox")
    page.get_by_role("button", name=re.compile("échoue")).first.click()
    page.wait_for_load_state()
    page.goto(address)
    page.reload()
    assert page.get_by_role("link", name=re.compile(r"Payer 2\s880,00\s€")).count() >= 1
    assert messages_to(folder, WITH_OFFERS)
    page.context.close()
