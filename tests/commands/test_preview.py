"""The preview shows three folders to this machine, and nothing else to nobody else."""

from __future__ import annotations

import http.client
import threading
from functools import partial
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from generator.commands.serve import Preview
from tests.support.sandbox import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = LOOPBACK


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Callable[..., tuple[int, str]]]:
    """Asks for an address, under a name of the machine."""
    for name, text in (
        ("output/index.html", "a page, https://pay.example/x"),
        ("report/index.html", "the report"),
        ("report/.messages.json", "all messages"),
        ("outbox/one.eml", "a message"),
        ("ledger/clients.csv", "the clients"),
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    handler = partial(Preview, folder=tmp_path, led=("https://pay.example", "http://127.0.0.1:1"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()

        def get(path: str, host: str = "") -> tuple[int, str]:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path, headers={"Host": host or f"127.0.0.1:{port}"})
            answer = connection.getresponse()
            text = answer.read().decode()
            connection.close()
            return answer.status, text

        try:
            yield get
        finally:
            server.shutdown()
            thread.join()


def test_the_three_folders_are_shown_and_payment_links_are_led_to_the_sandbox(
    ask: Callable[..., tuple[int, str]],
) -> None:
    assert ask("/") == (200, "a page, http://127.0.0.1:1/x")
    assert ask("/_report/", host="localhost:8000") == (200, "the report")
    assert ask("/_outbox/one.eml") == (200, "a message")


@pytest.mark.parametrize(
    "path",
    [
        "/_report/.messages.json",
        "/_report/%2emessages.json",
        "/_report/../ledger/clients.csv",
        "/_report/%2e%2e/ledger/clients.csv",
        "/..%2fledger/clients.csv",
        "/ledger/clients.csv",
    ],
)
def test_nothing_else_is(ask: Callable[..., tuple[int, str]], path: str) -> None:
    assert ask(path)[0] == 404


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "x@evil.example"])
def test_a_site_that_gives_its_own_name_this_address_reads_nothing(
    ask: Callable[..., tuple[int, str]], host: str
) -> None:
    status, text = ask("/_report/", host=host)
    assert status == 421
    assert "report" not in text
