"""A web server for a folder, as clients meet it: with a cache that keeps what it has shown, or an address that is wrong."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class Webhost:
    """A site on this machine. `stale` pages answer as they are there, so many times, before the folder's own do."""

    folder: Path
    url: str = ""
    stale: dict[str, bytes] = field(default_factory=dict)
    times: int = 0
    asked: list[str] = field(default_factory=list)
    down: bool = False

    def keep(self, times: int) -> None:
        """A cache on the way has seen every page as it is now, and gives it out so many times more."""
        pages = (path for path in self.folder.rglob("*.html"))
        self.stale = {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in pages}
        self.times = times

    def answer(self, place: str) -> bytes | None:
        """What a client sees there."""
        self.asked.append(place)
        name = place.strip("/")
        name = f"{name}/index.html" if name and "." not in name else name or "index.html"
        if self.down:
            return None
        if name in self.stale and self.times > 0:
            self.times -= 1
            return self.stale[name]
        path = self.folder / name
        return path.read_bytes() if path.is_file() else None


@contextmanager
def webhost(folder: Path) -> Iterator[Webhost]:
    """Serves a folder that need not be there yet."""
    host = Webhost(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = host.answer(self.path)
            self.send_response(200 if content is not None else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    host.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
