"""A real browser on the demo site. Where there is none these tests are skipped, and say so; in CI that is an error."""

from __future__ import annotations

import os
import shutil
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from generator.cli import main
from generator.resources import bundled
from generator.site_render import Renderer
from generator.workspace import demo_accounts
from tests.support.links import all_linked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def _missing(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing: the browser tests must run in CI")
    pytest.skip(f"{what} is missing: pip install 'relance[browser]' and a Chromium run these tests")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The Chromium of the system; none is ever downloaded."""
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - an extra that may not be installed
    except ImportError:
        _missing("playwright")
    if CHROMIUM is None:
        _missing("Chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield opened
        opened.close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name
        """Nothing."""


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, socket_enabled_for_session: None) -> Iterator[str]:
    """The demo site at an address on this machine."""
    assert socket_enabled_for_session is None
    folder: Path = tmp_path_factory.mktemp("demo") / "demo"
    assert main(["demo", str(folder)]) == 0
    with _served(folder / "output") as address:
        yield address


@pytest.fixture(scope="session")
def cashier(tmp_path_factory: pytest.TempPathFactory, socket_enabled_for_session: None) -> Iterator[str]:
    """The pages of the demo with an active link for every way to pay, each at `/p/<client>/`."""
    assert socket_enabled_for_session is None
    folder: Path = tmp_path_factory.mktemp("cashier")
    shutil.copytree(bundled("theme") / "static", folder / "theme")
    settings, clients = demo_accounts()
    renderer = Renderer(settings)
    for accounts in clients:
        place = folder / "p" / accounts[0].client.id
        place.mkdir(parents=True)
        (place / "index.html").write_bytes(renderer.client(all_linked(accounts)))
    with _served(folder) as address:
        yield address


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def socket_enabled_for_session() -> Iterator[None]:
    """The browser is driven over sockets of this machine; only these tests may open any."""
    import pytest_socket  # noqa: PLC0415 - a tool of the tests

    pytest_socket.enable_socket()
    yield
    pytest_socket.disable_socket(allow_unix_socket=True)


@pytest.fixture(scope="session")
def keys() -> dict[str, str]:
    """The portal key of each client of the demo."""
    _, clients = demo_accounts()
    return {accounts[0].client.id: accounts[0].keys[0] for accounts in clients}
