"""Before anything is sent, the pages are looked at as clients would see them: over the network, and of the last build."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, NoReturn
from urllib.error import URLError
from urllib.request import HTTPSHandler, OpenerDirector

import pytest
import trustme

from generator.delivery.pages import LARGEST_PAGE, OLDER, check_pages, local_mark, mark_of
from generator.errors import OutsideError
from tests.site.building import Owner, clients_of
from tests.support.sandbox import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = LOOPBACK

KEY = "k7uyfz2mgn4qxa5tjb3hw9cdel"
MARK, ANOTHER = "6c1ff43c89e5182d", "0123456789abcdef"
SHORT = 0.4


def page(mark: str = MARK, more: str = "") -> bytes:
    return f'<!doctype html><head><meta name="relance-state" content="{mark}"></head><body>Relevé{more}</body>'.encode()


@dataclass
class Host:
    """A web host of which each test says how it answers; it remembers what it was asked."""

    answer: Callable[[BaseHTTPRequestHandler], None]
    port: int = 0
    scheme: str = "http"
    asked: list[BaseHTTPRequestHandler] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/p/{KEY}/"


def say(
    content: bytes = page(), status: int = 200, announced: int | None = None, **headers: str
) -> Callable[[BaseHTTPRequestHandler], None]:
    """An answer that is always the same."""

    def answer(asked: BaseHTTPRequestHandler) -> None:
        asked.send_response(status)
        asked.send_header("Content-Length", str(len(content) if announced is None else announced))
        for name, value in headers.items():
            asked.send_header(name.replace("_", "-"), value)
        asked.end_headers()
        asked.wfile.write(content)

    return answer


@contextmanager
def host(answer: Callable[[BaseHTTPRequestHandler], None], tls: ssl.SSLContext | None = None) -> Iterator[Host]:
    """A host while the block lasts."""
    found = Host(answer, scheme="https" if tls else "http")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self)
            found.answer(self)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A client that hangs up is no news."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    found.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def reason(there: Host, mark: str | None = MARK, timeout: float = 5, opener: OpenerDirector | None = None) -> str:
    """Why the page of this host is not as it should be; empty when it is."""
    return check_pages({there.url: mark}, timeout=timeout, opener=opener).get(there.url, "")


# What is well


def test_the_page_of_the_last_build_is_as_it_should_be() -> None:
    with host(say()) as there:
        assert check_pages({there.url: MARK}, timeout=5) == {}
        (asked,) = there.asked
    assert asked.path == f"/p/{KEY}/"
    assert asked.headers["Cache-Control"] == "no-cache"
    assert asked.headers["Accept-Encoding"] == "identity"


def test_without_a_mark_of_its_own_any_page_will_do() -> None:
    with host(say(b"<p>Bonjour")) as there:
        assert reason(there, None) == ""


def test_no_page_needs_no_question() -> None:
    assert check_pages({}) == {}


def test_another_path_of_the_same_host_is_followed() -> None:
    def answer(asked: BaseHTTPRequestHandler) -> None:
        say(b"", 301, Location=f"{asked.path}index.html")(asked) if asked.path.endswith("/") else say()(asked)

    with host(answer) as there:
        assert reason(there) == ""
        assert len(there.asked) == 2


def test_many_pages_are_asked_several_at_once_and_each_is_told_apart() -> None:
    together, most, lock = 0, 0, threading.Lock()

    def answer(asked: BaseHTTPRequestHandler) -> None:
        nonlocal together, most
        with lock:
            together += 1
            most = max(most, together)
        time.sleep(0.02)
        with lock:
            together -= 1
        say(status=404 if asked.path.startswith("/1") else 200)(asked)

    with host(answer) as there:
        urls = [f"http://127.0.0.1:{there.port}/{number}/" for number in range(20)]
        found = check_pages(dict.fromkeys(urls, MARK), timeout=5, at_once=4)
    assert list(found) == [urls[1], *urls[10:]]
    assert 1 < most <= 4


@pytest.mark.parametrize(
    "markup",
    [
        '<meta name="relance-state" content="6c1ff43c89e5182d">',
        "<meta name=relance-state content=6c1ff43c89e5182d>",
        "<META CONTENT='6c1ff43c89e5182d' NAME='relance-state'/>",
        '<meta\n  name = "relance-state"\n  content = " 6c1ff43c89e5182d "\n/>',
        '<meta charset=utf-8><meta name=robots content=noindex><meta data-x=1 name="Relance-State" content=6c1ff43c89e5182d>',
        '<meta name="relance-state" content="6c1ff43c89e5182&#100;">',
    ],
)
def test_a_host_that_rewrites_the_markup_does_not_hide_the_mark(markup: str) -> None:
    assert mark_of(f"<!doctype html><html><head>{markup}<body>é".encode()) == MARK
    with host(say(markup.encode())) as there:
        assert reason(there) == ""


@pytest.mark.parametrize("markup", ["", "<p>relance-state", "<meta name=robots content=x>", "<meta", "\x00<meta name>"])
def test_a_page_without_a_mark_has_none(markup: str) -> None:
    assert mark_of(markup.encode()) is None


# What is not


@pytest.mark.parametrize("status", [404, 410, 403, 500, 503, 204, 206, 401])
def test_another_status_is_told(status: int) -> None:
    with host(say(b"" if status == 204 else page(), status)) as there:
        assert reason(there) == f"it answers {status} instead of 200"


def test_a_page_of_an_earlier_build_is_not_the_one() -> None:
    with host(say(page(ANOTHER))) as there:
        assert reason(there) == OLDER == "the page online is an older build"


def test_a_cache_that_looks_again_when_it_is_asked_to_is_no_trouble() -> None:
    def cached(asked: BaseHTTPRequestHandler) -> None:
        say(page(MARK if asked.headers["Cache-Control"] == "no-cache" else ANOTHER))(asked)

    with host(cached) as there:
        assert reason(there) == ""


def test_a_cache_that_keeps_an_old_page_is_named() -> None:
    with host(say(page(ANOTHER), Age="3600")) as there:
        assert reason(there) == f"{OLDER}, kept by a cache for 3600 seconds"


def test_the_page_that_a_host_shows_for_every_address_is_not_the_one() -> None:
    with host(say(b"<!doctype html><title>Bienvenue</title>")) as there:
        assert reason(there) == "something else answers there: not a client's page"


def test_a_page_that_leads_to_another_host_is_not_followed() -> None:
    with host(say()) as other, host(say(b"", 302, Location=other.url)) as there:
        assert reason(there) == "it leads to another host: 127.0.0.1"
        assert other.asked == []


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("https://www.elsewhere.example/", "it leads to another host: www.elsewhere.example"),
        ("//elsewhere.example/", "it leads to another host: elsewhere.example"),
        ("ftp://elsewhere.example/x", "it leads to another host: elsewhere.example"),
        ("http://[", "it leads to what is no address"),
        ("http://127.0.0.1:99999999/", "it leads to another host: none"),
        ("file:///etc/hostname", "it answers 302 instead of 200"),
        ("", "it answers 302 instead of 200"),
    ],
)
def test_no_answer_leads_anywhere_else(location: str, said: str) -> None:
    with host(say(b"", 302, Location=location)) as there:
        assert reason(there) == said


def test_a_page_that_leads_to_itself_is_not_asked_for_ever() -> None:
    with host(say(b"", 302, Location=f"/p/{KEY}/")) as there:
        assert reason(there) == "it answers 302 instead of 200"
        assert len(there.asked) < 10


def test_a_host_that_says_nothing_is_not_waited_for() -> None:
    released = threading.Event()

    def silent(_: BaseHTTPRequestHandler) -> None:
        released.wait(10)

    with host(silent) as there:
        began = time.monotonic()
        assert reason(there, timeout=SHORT) == f"it did not answer within {SHORT} seconds"
        assert time.monotonic() - began < 5
        released.set()


def test_a_host_that_sends_a_byte_now_and_then_is_not_waited_for_either() -> None:
    released = threading.Event()

    def drip(asked: BaseHTTPRequestHandler) -> None:
        asked.send_response(200)
        asked.end_headers()
        while not released.wait(0.05):
            asked.wfile.write(b" ")
            asked.wfile.flush()

    with host(drip) as there:
        began = time.monotonic()
        assert reason(there, timeout=SHORT) == f"it did not answer within {SHORT} seconds"
        assert time.monotonic() - began < 5
        released.set()


def test_a_slow_host_that_answers_in_time_is_fine() -> None:
    def slow(asked: BaseHTTPRequestHandler) -> None:
        time.sleep(0.1)
        say()(asked)

    with host(slow) as there:
        assert reason(there) == ""


def test_what_is_far_too_large_is_no_page_and_is_not_read_to_its_end() -> None:
    def endless(asked: BaseHTTPRequestHandler) -> None:
        asked.send_response(200)
        asked.end_headers()
        while True:
            asked.wfile.write(b" " * 65536)

    with host(endless) as there:
        assert reason(there) == "what answers is larger than 2 MB: not a page of relance"


def test_the_largest_page_is_read() -> None:
    filled = page() + b" " * (LARGEST_PAGE - len(page()))
    with host(say(filled)) as there:
        assert reason(there) == ""


def test_half_a_page_is_none() -> None:
    with host(say(announced=len(page()) + 1)) as there:
        assert reason(there) in {"the answer broke off in the middle of the page", "the connection broke off"}


def test_a_connection_that_is_dropped_is_told() -> None:
    with host(lambda asked: asked.connection.close()) as there:
        assert reason(there) == "the connection broke off"


def test_what_is_not_http_is_told() -> None:
    def mail(asked: BaseHTTPRequestHandler) -> None:
        asked.wfile.write(b"220 mail.example ESMTP\r\n")

    with host(mail) as there:
        assert reason(there) == "the connection broke off"


def test_nobody_there() -> None:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/p/{KEY}/"
        assert check_pages({url: MARK}, timeout=5) == {url: "nothing answers at 127.0.0.1"}


class Failing(OpenerDirector):
    """A network on which every request ends like this."""

    def __init__(self, outcome: Exception) -> None:
        super().__init__()
        self.outcome = outcome

    def open(self, *_: object, **__: object) -> NoReturn:
        raise self.outcome


def test_a_host_that_nobody_knows() -> None:
    url = f"https://payer.atelier-lumen.example/p/{KEY}/"
    found = check_pages({url: MARK}, opener=Failing(URLError(socket.gaierror(-2, "Name or service not known"))))
    assert found == {url: "the host payer.atelier-lumen.example is not known"}


def test_a_network_that_is_down() -> None:
    url = f"https://payer.atelier-lumen.example/p/{KEY}/"
    found = check_pages({url: MARK}, opener=Failing(URLError(OSError(101, "Network is unreachable"))))
    assert found == {url: "payer.atelier-lumen.example cannot be reached: Network is unreachable"}


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://payer.atelier-lumen.example/p/x/", "its address does not begin with https"),
        ("http://127.0.0.1.evil.example/", "its address does not begin with https"),
        ("ftp://payer.atelier-lumen.example/", "its address is none that a browser opens"),
        ("file:///etc/hostname", "its address is none that a browser opens"),
        ("https:///p/x/", "its address is none that a browser opens"),
        ("https://user:word@payer.atelier-lumen.example/", "its address is none that a browser opens"),
        ("https://payer.atelier-lumen.example/ p/", "its address is none that a browser opens"),
        ("https://payer.example/\r\nHost: x", "its address is none that a browser opens"),
        ("https://payer.example:port/", "its address is none that a browser opens"),
        ("https://[payer/", "its address is none that a browser opens"),
        ("", "its address is none that a browser opens"),
    ],
)
def test_only_safe_addresses_are_asked(url: str, said: str) -> None:
    assert check_pages({url: MARK}, opener=Failing(AssertionError("asked"))) == {url: said}


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    monkeypatch.delenv("no_proxy", raising=False)
    with host(say()) as there:
        assert reason(there) == ""


# TLS


def certified(authority: trustme.CA, name: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def trusting(authority: trustme.CA) -> OpenerDirector:
    """An opener that trusts one authority, as ours trusts those of the system."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.configure_trust(context)
    opener = OpenerDirector()
    opener.add_handler(HTTPSHandler(context=context))
    return opener


def test_a_page_over_tls_is_as_it_should_be() -> None:
    authority = trustme.CA()
    with host(say(), certified(authority)) as there:
        assert reason(there, opener=trusting(authority)) == ""


def test_a_certificate_that_no_browser_trusts_is_told() -> None:
    with host(say(), certified(trustme.CA())) as there:
        assert reason(there).startswith("the certificate of 127.0.0.1 is not valid: ")
        assert there.asked == []


def test_a_certificate_of_somebody_else_is_told() -> None:
    authority = trustme.CA()
    with host(say(), certified(authority, "elsewhere.example")) as there:
        said = reason(there, opener=trusting(authority))
    assert said.startswith("the certificate of 127.0.0.1 is not valid: ")


def test_a_host_without_tls_is_told() -> None:
    with host(say()) as there:
        there.scheme = "https"
        assert reason(there).startswith("no safe connection to 127.0.0.1 is possible: ")


# What is said, and the pages of a real build


@pytest.mark.parametrize("status", [200, 302, 404])
def test_no_reason_holds_the_key_of_a_page(status: int) -> None:
    elsewhere = f"https://elsewhere.example/p/{KEY}/"
    with host(say(b"", status, Location=elsewhere)) as there:
        said = reason(there)
    assert said
    assert KEY not in said


LEDGER = "invoice F-1 2026-10-01 due 2026-10-31 400.00"


def test_the_page_of_a_build_carries_its_mark(tmp_path: Path) -> None:
    owner, clients = Owner(tmp_path), clients_of(LEDGER)
    owner.build(clients)
    built = owner.page(clients[0][0].client.id)
    mark = local_mark(built)

    assert mark
    with host(say(built.read_bytes())) as there:
        assert reason(there, mark) == ""
        assert reason(there, ANOTHER) == OLDER


def test_a_page_that_was_not_built_is_told_without_its_key(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="build the site") as caught:
        local_mark(tmp_path / "output" / "p" / KEY / "index.html")
    assert KEY not in str(caught.value)
