"""The sandbox on a port of this machine, and of no other."""

from __future__ import annotations

import socket
import sys
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from generator.sandbox.wire import Request, Response

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.sandbox.service import Sandbox

HOST = "127.0.0.1"
#: Stripe's own requests are a few kilobytes.
_LARGEST = 1 << 20
_TOO_LARGE = 413


@dataclass(frozen=True, slots=True)
class Served:
    """A sandbox that is being served."""

    url: str
    server: ThreadingHTTPServer


@contextmanager
def serve(sandbox: Sandbox, port: int = 0) -> Iterator[Served]:
    """Serves on 127.0.0.1 until the block ends; port 0 is any free one. Raises OSError when the port is taken."""
    server = _Server((HOST, port), sandbox)
    url = f"http://{HOST}:{server.server_address[1]}"
    sandbox.served_at = url
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield Served(url, server)
    finally:
        server.shutdown()
        thread.join()
        server.hang_up()
        server.server_close()
        sandbox.flush()


class _Server(ThreadingHTTPServer):
    """Knows its open connections, so that stopping does not wait for clients that keep theirs."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(address, _Handler)

    def hang_up(self) -> None:
        """Ends all connections."""
        with self._guard:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def process_request(self, request, client_address) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - as the library has it
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - as the library has it
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is nobody's error; anything else is, and is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    """Between HTTP and the sandbox."""

    protocol_version = "HTTP/1.1"
    server_version = "relance-sandbox"
    sys_version = ""
    wbufsize = -1  # one packet an answer
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        """Reads."""
        self._answer(b"")

    def do_POST(self) -> None:
        """Changes."""
        length = self.headers.get("Content-Length", "0")
        size = int(length) if length.isdecimal() else _LARGEST + 1
        if size > _LARGEST:
            self.close_connection = True
            self._send(Response(_TOO_LARGE))
            return
        self._answer(self.rfile.read(size))

    def _answer(self, body: bytes) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        response = self.server.sandbox.handle(Request(self.command, self.path, headers, body))
        if response.dropped:
            self.close_connection = True
            return
        self._send(response)

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        self.wfile.write(response.body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name
        """Nothing: the log of the sandbox says more."""
