"""The sandbox on its port."""

from __future__ import annotations

import json
import socket
from contextlib import closing
from http.client import HTTPConnection, RemoteDisconnected
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from generator.sandbox import Fault, Sandbox, serve
from tests.support.sandbox import KEY, LOOPBACK, Clock

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = LOOPBACK
OURS = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture
def at() -> Sandbox:
    return Sandbox(clock=Clock())


@pytest.fixture
def line(at: Sandbox) -> Iterator[HTTPConnection]:
    """One connection to it, kept."""
    with serve(at) as served, closing(HTTPConnection("127.0.0.1", urlsplit(served.url).port or 0, timeout=5)) as each:
        yield each


def get(line: HTTPConnection, target: str, method: str = "GET", body: bytes = b"", **headers: str) -> tuple[int, bytes]:
    line.request(method, target, body or None, {**OURS, **headers})
    answer = line.getresponse()
    return answer.status, answer.read()


def test_one_connection_carries_many_requests(line: HTTPConnection) -> None:
    get(line, "/v1/payment_links")
    kept = line.sock
    for _ in range(3):
        status, body = get(line, "/v1/payment_links")
        assert (status, json.loads(body)["object"]) == (200, "list")
    assert line.sock is kept


def test_a_dropped_connection_is_closed_without_a_word(at: Sandbox, line: HTTPConnection) -> None:
    at.faults = lambda _: Fault.DROP_BEFORE
    with pytest.raises(RemoteDisconnected):
        get(line, "/v1/payment_links")


def test_what_is_far_too_large_is_not_read(line: HTTPConnection) -> None:
    line.request("POST", "/v1/payment_links", headers={**OURS, "Content-Length": str(10**9)})
    assert line.getresponse().status == 413


def test_a_length_that_is_no_number(line: HTTPConnection) -> None:
    line.putrequest("POST", "/v1/payment_links")
    line.putheader("Content-Length", "lots")
    line.endheaders()
    assert line.getresponse().status == 413


def test_other_methods_are_not_understood(line: HTTPConnection) -> None:
    assert get(line, "/v1/payment_links", "DELETE")[0] == 501


def test_a_foreign_host_is_turned_away(line: HTTPConnection) -> None:
    assert get(line, "/sandbox", Host="evil.example")[0] == 421


def test_the_answer_names_no_software_versions(line: HTTPConnection) -> None:
    line.request("GET", "/sandbox")
    answer = line.getresponse()
    answer.read()
    assert answer.headers["Server"].strip() == "relance-sandbox"


def test_it_listens_on_this_machine_only(at: Sandbox) -> None:
    with serve(at) as served:
        assert served.server.server_address[0] == "127.0.0.1"


def test_a_port_that_is_taken_is_said(at: Sandbox) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"), serve(at, taken.getsockname()[1]):
            pass


def test_a_client_that_hangs_up_disturbs_nobody(at: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    with serve(at) as served:
        for _ in range(3):
            with closing(socket.create_connection(("127.0.0.1", urlsplit(served.url).port or 0))) as rude:
                rude.sendall(b"POST /v1/payment_links HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 50\r\n\r\nhalf")
        with closing(HTTPConnection("127.0.0.1", urlsplit(served.url).port or 0, timeout=5)) as polite:
            assert get(polite, "/v1/payment_links")[0] == 200
    assert capsys.readouterr().err == ""
